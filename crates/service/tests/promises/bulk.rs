//! Promise 4 for what is done about many at once: those about whom the same was decided share an entry, which stands in
//! the list of each with its proof; nobody passes with the others who would not pass alone; and whoever is dropped from
//! such an entry, or put into it, is found.

use domain::{Purpose, Recipient, SubjectId, Timestamp};
use gate::{Actor, Asking, GateError, MAX_PART, Part, Sought, Target, Use, Witness, check_list};
use service::prove_disclosures;
use service::views::PersonForAccess;
use store::log::Entry as Stored;
use store::testing::rows::{Cell, Cells, log_rows, replace_row};
use transparency::VerifierKey;

use crate::log::{history, reads};
use crate::on_both;
use crate::other_reader;
use crate::site::{Member, PORTFOLIO, SystemRandomness, TestSite, item};

on_both! {
    those_about_whom_the_same_is_decided_share_an_entry,
    who_would_not_pass_alone_does_not_pass_with_others,
    each_proves_it_and_learns_of_nobody_else,
    whoever_is_dropped_or_put_in_is_found,
    what_was_altered_comes_into_no_chain,
    the_officer_is_told_of_each,
}

pub(crate) async fn members(site: &TestSite, count: usize) -> Vec<Member> {
    let mut members = Vec::new();
    for number in 0..count {
        members.push(site.member(&format!("member-{number}"), true).await);
    }
    members
}

/// Staff of whom these people are the task, each under a work item of their own.
pub(crate) async fn staff(site: &TestSite, people: &[Member]) -> (Actor, Vec<Target>) {
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let mut targets = Vec::new();
    for (number, member) in (1..).zip(people) {
        site.assign(member.subject, item(number), &staff).await;
        targets.push(Target::for_item(member.subject, item(number)));
    }
    (staff, targets)
}

pub(crate) async fn run(site: &TestSite, staff: &Actor, targets: &[Target]) -> Vec<Part<PersonForAccess>> {
    let asking = Asking::new(staff, PORTFOLIO, Purpose::PlanInformation, site.app.gate.request());
    let mut run = site.app.gate.run(asking, targets.to_vec(), MAX_PART).await.unwrap();
    let mut parts = Vec::new();
    while let Some(part) = run.next().await.unwrap() {
        parts.push(part);
    }
    parts
}

/// The entries about many.
pub(crate) async fn shared(site: &TestSite) -> Vec<Stored> {
    let entries = site.write(|unit| store::log::entries_between(unit, 0, i64::MAX)).await;
    entries.into_iter().filter(|entry| !entry.people.is_empty()).collect()
}

async fn those_about_whom_the_same_is_decided_share_an_entry(site: TestSite) {
    let people = members(&site, 12).await;
    let (staff, targets) = staff(&site, &people).await;
    // Somebody for two work items: twice in the entry, and once in their list.
    site.assign(people[0].subject, item(100), &staff).await;
    let twice = [targets.as_slice(), &[Target::for_item(people[0].subject, item(100))]].concat();
    let mut before = Vec::new();
    for member in &people {
        before.push(site.entries(member.subject).await);
    }
    let parts = run(&site, &staff, &twice).await;
    assert_eq!((parts.len(), parts[0].granted.len(), parts[0].refused.len()), (1, 13, 0));
    for sealed in site.app.gate.fetch_many::<PersonForAccess>(&[people[3].subject]).await.unwrap() {
        parts[0].grant.open(&sealed).unwrap();
    }
    let shared = shared(&site).await;
    assert_eq!(shared.iter().map(|entry| entry.people.len()).collect::<Vec<_>>(), [13]);
    let body = gate::Entry::from_bytes(&shared[0].body).unwrap();
    assert_eq!((body.many.is_some(), body.item), (true, None));
    let names = |subject: SubjectId| shared[0].body.windows(16).any(|bytes| bytes == subject.bytes());
    assert!(people.iter().all(|member| !names(member.subject)), "the body names nobody");
    for (member, before) in people.iter().zip(before) {
        assert_eq!(site.entries(member.subject).await, before + 1);
    }
    // Before a roll, at it, and after it everybody finds it, and the log verifies.
    let sealer = site.app.gate.sealer(None).await.unwrap();
    for round in 0..2 {
        for member in [&people[0], &people[11]] {
            let told = history(&site, member).await;
            assert_eq!(told, 2 + round, "the run, and each request for the list");
        }
        sealer.roll().await.unwrap();
        let report = site.app.gate.verify_log(None).await.unwrap();
        assert!(report.chains >= 12, "{report:?}");
    }
    // What is asked about one alone goes on as ever.
    reads(&site, &people[0], 1).await;
    assert_eq!(history(&site, &people[0]).await, 5);
}

async fn who_would_not_pass_alone_does_not_pass_with_others(site: TestSite) {
    let people = members(&site, 9).await;
    let (staff, mut targets) = staff(&site, &people).await;
    let nobody = SubjectId::from_bytes([0x77; 16]);
    // One is nobody's task here, one is not there at all, and one is somebody's task under another work item.
    targets[2] = Target::for_item(people[2].subject, item(200));
    targets[4] = Target::for_item(nobody, item(5));
    targets[7] = Target::of(people[7].subject);
    let parts = run(&site, &staff, &targets).await;
    let refused: Vec<Target> = parts[0].refused.iter().map(|(target, _)| *target).collect();
    assert_eq!((refused.len(), parts[0].granted.len()), (3, 6));
    assert!([2, 4, 7].iter().all(|place| refused.contains(&targets[*place])));
    let entries = shared(&site).await;
    let listed: Vec<SubjectId> = entries.iter().flat_map(|entry| entry.listed().skip(1)).collect();
    assert_eq!((entries.len(), listed.len()), (1, 6), "the others share one entry all the same");
    for place in [2, 7] {
        assert!(!listed.contains(&people[place].subject));
        let subject = people[place].subject;
        let of_them = site.write(move |unit| store::log::pending_of(unit, subject)).await;
        let outcome = gate::Entry::from_bytes(&of_them.last().unwrap().body).unwrap().outcome;
        assert_eq!(outcome, gate::EntryOutcome::Refused, "their refusal is on the record, alone");
        for sealed in site.app.gate.fetch_many::<PersonForAccess>(&[subject]).await.unwrap() {
            assert!(parts[0].grant.open(&sealed).is_err());
        }
    }
}

/// A site with a witness.
pub(crate) async fn proven(
    site: &TestSite,
    folder: &tempfile::TempDir,
    member: &Member,
) -> (String, [VerifierKey; 2]) {
    let witness = Witness::open(folder.path(), "test-witness", &SystemRandomness).unwrap();
    let keys = [site.app.gate.log_head().await.unwrap().verifier, witness.verifier()];
    let own = site.member_abroad(member.subject, "BE").await;
    let proof =
        prove_disclosures(&site.app, &own, PORTFOLIO, member.subject, None, Some(witness)).await.unwrap();
    (proof.to_string(), keys.map(|key| key.parse().unwrap()))
}

async fn each_proves_it_and_learns_of_nobody_else(site: TestSite) {
    let folder = tempfile::tempdir().unwrap();
    let people = members(&site, 5).await;
    let (staff, targets) = staff(&site, &people).await;
    run(&site, &staff, &targets[..4]).await;
    let mut texts = Vec::new();
    for member in &people {
        let (text, [site_key, witness_key]) = proven(&site, &folder, member).await;
        let list = check_list(&text, &site_key, &witness_key).unwrap();
        let others = other_reader::entries(&text, &site_key.to_string(), &witness_key.to_string()).unwrap();
        assert_eq!(others.len(), list.lines.len());
        texts.push((text, site_key, witness_key));
    }
    let many = |text: &str| text.lines().filter(|line| line.starts_with("many ")).count();
    assert_eq!(texts.iter().map(|(text, ..)| many(text)).collect::<Vec<_>>(), [1, 1, 1, 1, 0]);
    // The same entry, and another way to it for each; without it, or with another's way, the list does not hold.
    let (text, site_key, witness_key) = &texts[0];
    let line = |text: &str| text.lines().find(|line| line.starts_with("many ")).unwrap().to_owned();
    let (own, other) = (line(text), line(&texts[1].0));
    assert_ne!(own, other);
    for by in ["", other.as_str()] {
        let altered =
            text.replace(&format!("{own}\n"), &if by.is_empty() { String::new() } else { format!("{by}\n") });
        assert!(check_list(&altered, site_key, witness_key).is_err());
        assert!(other_reader::entries(&altered, &site_key.to_string(), &witness_key.to_string()).is_err());
    }
}

/// The row of the only entry about many with what follows when it is another; it is put back afterwards.
async fn with_row(site: &TestSite, alter: impl Fn(&mut Cells)) -> String {
    let rows = site.write(log_rows).await;
    let (table, rows) = rows.into_iter().find(|(table, _)| table.name == "disclosure").unwrap();
    let is_shared = |row: &&Cells| matches!(&row[4], Cell::Bytes(people) if !people.is_empty());
    let row = rows.iter().find(is_shared).unwrap().clone();
    let mut by = row.clone();
    alter(&mut by);
    let (first, second) = (row.clone(), by.clone());
    site.write(move |unit| replace_row(unit, table, Some(&first), Some(&second))).await;
    let said = site.app.gate.verify_log(None).await.map_or_else(|error| error.to_string(), |_| String::new());
    site.write(move |unit| replace_row(unit, table, Some(&by), Some(&row))).await;
    said
}

fn people_of(row: &mut Cells) -> &mut Vec<u8> {
    match &mut row[4] {
        Cell::Bytes(people) => people,
        other => panic!("{other:?} where people stand"),
    }
}

async fn whoever_is_dropped_or_put_in_is_found(site: TestSite) {
    let people = members(&site, 4).await;
    let (staff, targets) = staff(&site, &people).await;
    run(&site, &staff, &targets[..3]).await;
    let sealer = site.app.gate.sealer(None).await.unwrap();
    sealer.roll().await.unwrap();
    site.app.gate.verify_log(None).await.unwrap();
    let said = "somebody was dropped from it, or put into it";
    for place in 0..96 {
        let found = with_row(&site, |row| people_of(row)[place] ^= 1).await;
        assert!(found.contains(said), "byte {place}: {found}");
    }
    let dropped = with_row(&site, |row| drop(people_of(row).drain(32..64))).await;
    let emptied = with_row(&site, |row| people_of(row).clear()).await;
    let other = people[3].subject;
    let put_in = with_row(&site, |row| {
        let people = people_of(row);
        people.extend([*other.bytes(), [0; 16]].as_flattened());
    });
    let twice = with_row(&site, |row| {
        let first = people_of(row)[..32].to_vec();
        people_of(row).extend(first);
    });
    let in_another_order = with_row(&site, |row| people_of(row).rotate_left(32));
    for found in [dropped, emptied, put_in.await, twice.await, in_another_order.await] {
        assert!(found.contains(said), "{found}");
    }
    let cut = with_row(&site, |row| people_of(row).truncate(40)).await;
    assert!(cut.contains("disclosure"), "{cut}");
    site.app.gate.verify_log(None).await.unwrap();
    // Beside an entry about one alone nobody else is put.
    reads(&site, &people[3], 1).await;
    sealer.seal().await.unwrap();
    let rows = site.write(log_rows).await;
    let (table, rows) = rows.into_iter().find(|(table, _)| table.name == "disclosure").unwrap();
    let row = rows.last().unwrap().clone();
    let mut by = row.clone();
    people_of(&mut by).extend([*people[0].subject.bytes(), [0; 16]].as_flattened());
    site.write(move |unit| replace_row(unit, table, Some(&row), Some(&by))).await;
    let found = site.app.gate.verify_log(None).await.unwrap_err().to_string();
    assert!(found.contains(said), "{found}");
}

async fn what_was_altered_comes_into_no_chain(site: TestSite) {
    let people = members(&site, 4).await;
    let (staff, targets) = staff(&site, &people).await;
    let began = site.app.gate.now();
    run(&site, &staff, &targets[..3]).await;
    let sealer = site.app.gate.sealer(None).await.unwrap();
    sealer.seal().await.unwrap();
    let rows = site.write(log_rows).await;
    let (table, rows) = rows.into_iter().find(|(table, _)| table.name == "disclosure").unwrap();
    let row = rows.last().unwrap().clone();
    let mut by = row.clone();
    people_of(&mut by).drain(..32);
    let (first, second) = (row.clone(), by.clone());
    site.write(move |unit| replace_row(unit, table, Some(&first), Some(&second))).await;
    let refused = sealer.roll().await.unwrap_err().to_string();
    assert!(refused.contains("disclosure"), "{refused}");
    // Nor is anybody told of it: not the officer, not those who were left.
    let said = officers_uses(&site, &staff, began, None).await.unwrap_err().to_string();
    assert!(said.contains("it was altered"), "{said}");
    site.write(move |unit| replace_row(unit, table, Some(&by), Some(&row))).await;
    // What the index took in meanwhile leaves somebody out, and that is found too.
    sealer.roll().await.unwrap();
    let found = site.app.gate.verify_log(None).await.unwrap_err().to_string();
    assert!(found.contains("does not lead to each of their entries"), "{found}");
}

/// What the officer is told of somebody's uses since an instant.
async fn officers_uses(
    site: &TestSite,
    staff: &Actor,
    began: Timestamp,
    subject: Option<SubjectId>,
) -> Result<Vec<Use>, GateError> {
    let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    for subject in subject.into_iter().chain([gate::portfolio_chain(PORTFOLIO)]) {
        site.assign(subject, item(150), &officer).await;
    }
    let sought = Sought {
        from: began.plus_seconds(-1),
        to: Timestamp::from_micros(i64::MAX),
        actor: Some(staff.id()),
        clause: Some("use.plan-information".to_owned()),
        subject,
    };
    let mut uses = site.app.gate.uses(&officer, PORTFOLIO, Some(item(150)), sought);
    let mut all = Vec::new();
    while let Some(part) = uses.next().await? {
        all.extend(part.into_iter().filter(|one| !one.shown.is_empty()));
    }
    Ok(all)
}

async fn the_officer_is_told_of_each(site: TestSite) {
    let began = site.app.gate.now();
    let people = members(&site, 3).await;
    let (staff, targets) = staff(&site, &people).await;
    run(&site, &staff, &targets).await;
    let all = officers_uses(&site, &staff, began, None).await.unwrap();
    let of_people: Vec<_> = all.iter().filter(|one| one.person.is_some()).collect();
    assert_eq!(of_people.len(), 3);
    let mut items: Vec<_> = of_people.iter().filter_map(|one| one.item).collect();
    items.sort_unstable();
    assert_eq!(items, [item(1), item(2), item(3)]);
    let of_one = officers_uses(&site, &staff, began, Some(people[1].subject)).await.unwrap();
    assert_eq!(of_one.iter().map(|one| one.item).collect::<Vec<_>>(), [Some(item(2))]);
}
