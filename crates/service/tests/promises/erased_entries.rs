//! Promise 4, ten years later: the bodies of entries that have lapsed are erased, and the log proves what it proved. Whoever
//! erases one that has not lapsed, or alters what is left of one, is found; and whoever reads the record meets an erased
//! entry without failing.

use std::time::Duration;

use domain::{Recipient, Timestamp};
use gate::{Entry, Gate, Lapsed, LogReport, Witness, check_list, is_erased};
use service::App;
use store::testing::Scratch;
use store::testing::rows::{Cell, Cells, log_rows, replace_row};
use store::{NewDisclosure, Store, StoreError};
use transparency::VerifierKey;

use crate::bulk;
use crate::deferred::Sealed;
use crate::log::{history, reads};
use crate::on_both;
use crate::other_reader;
use crate::site::{Member, PORTFOLIO, SystemRandomness, TestSite, day, item};
use crate::uses;

on_both! {
    entries_lapse_on_their_day_and_the_log_stays_provable,
    both_readers_check_a_list_with_erased_entries_and_refuse_it_altered,
    what_is_left_of_an_entry_is_watched_to_the_byte,
    a_young_entry_is_erased_by_nobody_unfound,
    nothing_goes_where_an_entry_was_altered,
    deferred_and_shared_entries_lapse_in_every_chain_that_they_stand_in,
    an_erasing_that_is_cut_goes_on,
    a_restored_site_erases_what_its_backup_still_had,
}

pub(crate) const DAY: i64 = 86_400;
/// From the day on which a test's site begins to ten years later.
pub(crate) const TEN_YEARS: i64 = 3_653 * DAY;

/// Ada's four entries and Eve's two, three of the portfolio's own chain, all rolled; then one of Ada's a year later.
pub(crate) struct Old {
    pub(crate) site: TestSite,
    pub(crate) ada: Member,
    eve: Member,
    folder: tempfile::TempDir,
}

impl Old {
    pub(crate) async fn new(site: TestSite) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (ada, eve) = (site.member("ada", true).await, site.member("eve", true).await);
        let old = Self { site, ada, eve, folder };
        reads(&old.site, &old.ada, 4).await;
        reads(&old.site, &old.eve, 2).await;
        old.roll().await;
        old.site.clock.advance(365 * DAY);
        reads(&old.site, &old.ada, 1).await;
        old.roll().await;
        old.site.clock.advance(TEN_YEARS - 365 * DAY);
        old
    }

    fn witness(&self) -> Witness {
        Witness::open(self.folder.path(), "test-witness", &SystemRandomness).unwrap()
    }

    pub(crate) async fn roll(&self) {
        let sealer = self.site.app.gate.sealer(Some(self.witness())).await.unwrap();
        sealer.roll().await.unwrap();
        sealer.finish().await.unwrap();
    }

    pub(crate) async fn sweep(&self) -> u64 {
        service::sweep(&self.site.app, PORTFOLIO).await.unwrap().entries
    }

    /// What has lapsed is erased.
    async fn erased(site: TestSite) -> Self {
        let old = Self::new(site).await;
        old.site.clock.advance(DAY);
        assert_eq!(old.sweep().await, 6);
        old
    }

    pub(crate) async fn verified(&self) -> LogReport {
        self.site.app.gate.verify_log(None).await.unwrap()
    }
}

async fn fault(site: &TestSite) -> String {
    let checked = site.app.gate.verify_log(None).await;
    checked.map_or_else(|error| error.to_string(), |_| String::new())
}

/// What verifying says while these rows of entries are others.
async fn with(site: &TestSite, rows: &[Cells], others: &[Cells]) -> String {
    replace(site, rows, others).await.unwrap();
    let found = fault(site).await;
    replace(site, others, rows).await.unwrap();
    found
}

async fn replace(site: &TestSite, rows: &[Cells], by: &[Cells]) -> Result<(), StoreError> {
    let (rows, by) = (rows.to_vec(), by.to_vec());
    let replace = move |unit: &mut store::Unit<'_>| {
        let tables = log_rows(unit)?;
        let (table, _) = tables.iter().find(|(table, _)| table.name == "disclosure").unwrap();
        rows.iter().try_for_each(|row| replace_row(unit, table, Some(row), None))?;
        by.iter().try_for_each(|row| replace_row(unit, table, None, Some(row)))
    };
    site.app.store().write(replace).await
}

/// The rows of entries, in order: each group is one entry in these tests, so that a row stands at its leaf.
pub(crate) async fn rows(site: &TestSite) -> Vec<Cells> {
    let tables = site.write(log_rows).await;
    tables.into_iter().find(|(table, _)| table.name == "disclosure").unwrap().1
}

fn body(row: &Cells) -> &[u8] {
    match &row[3] {
        Cell::Bytes(body) => body,
        other => panic!("{other:?} where a body stands"),
    }
}

async fn entries_lapse_on_their_day_and_the_log_stays_provable(site: TestSite) {
    let old = Old::new(site).await;
    let (site, began) = (&old.site, old.site.app.gate.now().plus_seconds(-TEN_YEARS));
    let before = rows(site).await;
    assert_eq!(old.sweep().await, 0, "on the day itself it has not lapsed");
    assert_eq!(rows(site).await, before);
    site.clock.advance(DAY);
    assert_eq!(old.sweep().await, 6);
    let after = rows(site).await;
    let erased: Vec<usize> = (0..after.len()).filter(|place| is_erased(body(&after[*place]))).collect();
    assert_eq!(erased, [0, 1, 2, 3, 4, 5], "and no roll, no declaration, nothing younger");
    let entry = Entry::from_bytes(body(&before[0])).unwrap();
    for left in [entry.actor.bytes().as_slice(), entry.view.as_bytes(), &entry.salt, entry.request.bytes()] {
        assert!(!body(&after[0]).windows(left.len()).any(|bytes| bytes == left));
    }
    let report = old.verified().await;
    let declared =
        after.iter().position(|row| Entry::from_bytes(body(row)).is_some_and(|one| one.lapse.is_some()));
    let lapsed = Lapsed {
        portfolio: PORTFOLIO,
        entries: 6,
        declared: declared.unwrap() as u64,
        before: Timestamp::start_of(day("2026-11-24")),
    };
    assert_eq!((report.erased, report.lapsed), (6, vec![lapsed]));
    assert_eq!(old.sweep().await, 0, "once");
    assert_eq!(rows(site).await.len(), after.len(), "and declared once");
    // Those who read the record are told of what is left: her own later entry, and this request.
    assert_eq!((history(site, &old.ada).await, history(site, &old.eve).await), (2, 1));
    let (officer, case) = uses::officer_with_a_case(site, &[old.ada.subject]).await;
    let told = uses::read(site, &officer, Some(case), uses::sought(uses::ALWAYS)).await.unwrap();
    assert!(told.iter().all(|one| one.at >= began.plus_seconds(364 * DAY)) && !told.is_empty());
    let of_ada = gate::Sought { subject: Some(old.ada.subject), ..uses::sought(uses::ALWAYS) };
    assert!(!uses::read(site, &officer, Some(case), of_ada).await.unwrap().is_empty());
    service::matter_changes(&site.app, PORTFOLIO).await.unwrap();
    // The record goes on, and a year later the next ones lapse, under a declaration of their own.
    site.clock.advance(366 * DAY);
    assert_eq!(old.sweep().await, 1);
    let report = old.verified().await;
    assert_eq!((report.erased, report.lapsed[0].entries), (7, 7));
    assert!(report.lapsed[0].declared > lapsed.declared);
}

async fn both_readers_check_a_list_with_erased_entries_and_refuse_it_altered(site: TestSite) {
    let old = Old::erased(site).await;
    let (text, [site_key, witness_key]) = bulk::proven(&old.site, &old.folder, &old.ada).await;
    let list = check_list(&text, &site_key, &witness_key).unwrap();
    assert_eq!((list.erased.as_slice(), list.lines.len()), ([0, 1, 2, 3].as_slice(), 2));
    assert_eq!(list.erased_before, Some(old.verified().await.lapsed[0].before));
    let other = |text: &str| other_reader::entries(text, &site_key.to_string(), &witness_key.to_string());
    let empty = other(&text).unwrap().iter().filter(|(_, body)| body.is_empty()).count();
    assert_eq!(empty, 4);
    let lines: Vec<&str> = text.lines().collect();
    let place = |kind: &str| lines.iter().position(|line| line.starts_with(kind)).unwrap();
    let refused = |altered: Vec<&str>| {
        let altered = altered.join("\n") + "\n";
        assert!(other(&altered).is_err(), "the other reader takes it");
        check_list(&altered, &site_key, &witness_key).unwrap_err().to_string()
    };
    let without = |kind: &str| {
        let mut lines = lines.clone();
        lines.remove(place(kind));
        refused(lines)
    };
    assert!(without("erased ").contains("entries were left out"));
    assert!(without("lapse ").contains("nothing in the log that is given here declares that it lapsed"));
    // Another's erased entry in the place of one of hers.
    let (of_eve, _) = bulk::proven(&old.site, &old.folder, &old.eve).await;
    let hers = of_eve.lines().find(|line| line.starts_with("erased ")).unwrap();
    let mut exchanged = lines.clone();
    exchanged[place("erased ")] = hers;
    assert!(!refused(exchanged).is_empty());
    // A young one passed off as erased.
    let young = lines[place("entry ")].split(' ').collect::<Vec<_>>();
    let commitment = {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        STANDARD.encode(transparency::commitment(&STANDARD.decode(young[2]).unwrap()))
    };
    let young = format!("erased {} {commitment} {}", young[1], young[3]);
    let mut passed_off = lines.clone();
    passed_off[place("entry ")] = &young;
    assert!(refused(passed_off).contains("declares that it lapsed"));
}

async fn what_is_left_of_an_entry_is_watched_to_the_byte(site: TestSite) {
    let old = Old::erased(site).await;
    let all = rows(&old.site).await;
    let row = &all[1];
    for (column, cell) in row.iter().enumerate() {
        for byte in 0..cell.width() {
            let mut by = row.clone();
            by[column] = cell.flipped(byte);
            // A row that is there already: the database itself refuses.
            let Ok(()) = replace(&old.site, std::slice::from_ref(row), std::slice::from_ref(&by)).await
            else {
                continue;
            };
            let found = fault(&old.site).await;
            replace(&old.site, &[by], std::slice::from_ref(row)).await.unwrap();
            assert!(
                found.contains("entry 1") || found.contains("the group of entries at leaf"),
                "{column}, {byte}: {found}"
            );
        }
    }
    let taken_away = with(&old.site, std::slice::from_ref(row), &[]).await;
    assert!(taken_away.contains("the group of entries at leaf 1 has 0 entries"), "{taken_away}");
    // What is left of two in each other's place; in another's chain; with somebody put beside it.
    let exchanged = |columns: std::ops::Range<usize>| {
        let (mut one, mut other) = (all[1].clone(), all[4].clone());
        one[columns.clone()].clone_from_slice(&all[4][columns.clone()]);
        other[columns.clone()].clone_from_slice(&all[1][columns]);
        [one, other]
    };
    let both = [all[1].clone(), all[4].clone()];
    for columns in [2..4, 2..3, 3..4] {
        let found = with(&old.site, &both, &exchanged(columns)).await;
        assert!(found.contains("entry 1"), "{found}");
    }
    let mut beside = row.clone();
    beside[4] = Cell::Bytes([*old.eve.subject.bytes(), [0; 16]].concat());
    let found = with(&old.site, std::slice::from_ref(row), &[beside]).await;
    assert!(found.contains("those beside whom it is stored, was altered"), "{found}");
    assert_eq!(fault(&old.site).await, "", "all was put back");
}

async fn a_young_entry_is_erased_by_nobody_unfound(site: TestSite) {
    let old = Old::new(site).await;
    let young = rows(&old.site).await;
    let place = 7;
    assert!(Entry::from_bytes(body(&young[place])).is_some(), "Ada's of a year later");
    let before = old.site.write(log_rows).await;
    // Deleted, or with what is left of another in its place.
    let taken_away = with(&old.site, std::slice::from_ref(&young[place]), &[]).await;
    assert!(taken_away.contains("the group of entries at leaf 7 has 0 entries"), "{taken_away}");
    old.site.clock.advance(366 * DAY);
    assert_eq!(old.sweep().await, 7);
    let erased = rows(&old.site).await;
    // By somebody with all keys of the site, and before it lapsed: the log as it was, but for what is left of that one.
    for ((table, now), (_, then)) in old.site.write(log_rows).await.into_iter().zip(&before) {
        let (now, then) = (now.clone(), then.clone());
        old.site
            .write(move |unit| {
                now.iter().try_for_each(|row| replace_row(unit, table, Some(row), None))?;
                then.iter().try_for_each(|row| replace_row(unit, table, None, Some(row)))
            })
            .await;
    }
    assert_eq!(fault(&old.site).await, "", "the log as it was");
    replace(&old.site, std::slice::from_ref(&young[place]), std::slice::from_ref(&erased[place]))
        .await
        .unwrap();
    let found = fault(&old.site).await;
    assert!(
        found.contains("entry 7 (counted from 0) was erased, and nothing in the log declares"),
        "{found}"
    );
    // Not even under a declaration that others of its portfolio lapsed.
    old.site.clock.advance(-365 * DAY);
    assert_eq!(old.sweep().await, 6);
    let found = fault(&old.site).await;
    assert!(
        found.contains("entry 7 (counted from 0) was erased, and nothing in the log declares"),
        "{found}"
    );
}

async fn nothing_goes_where_an_entry_was_altered(site: TestSite) {
    let old = Old::new(site).await;
    old.site.clock.advance(DAY);
    let all = rows(&old.site).await;
    let mut altered = all[3].clone();
    let entry = Entry::from_bytes(body(&all[3])).unwrap();
    altered[3] = Cell::Bytes(Entry { role: "somebody else".to_owned(), ..entry }.to_bytes());
    replace(&old.site, &all[3..4], std::slice::from_ref(&altered)).await.unwrap();
    service::sweep(&old.site.app, PORTFOLIO).await.unwrap_err();
    assert!(rows(&old.site).await.iter().all(|row| !is_erased(body(row))));
    assert!(fault(&old.site).await.contains("entry 3 was altered: the body"));
    replace(&old.site, &[altered], &all[3..4]).await.unwrap();
    assert_eq!(old.sweep().await, 6);
    old.verified().await;
}

/// Somebody's list with its proof as the officer hands it out, and the keys.
async fn by_officer(sealed: &Sealed, member: &Member) -> (String, [VerifierKey; 2]) {
    let site = &sealed.site;
    let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    site.assign(member.subject, item(201), &officer).await;
    let witness = Witness::open(sealed.folder.path(), "test-witness", &SystemRandomness).unwrap();
    let keys = [site.app.gate.log_head().await.unwrap().verifier, witness.verifier()];
    let (subject, item) = (member.subject, Some(item(201)));
    let proof =
        service::prove_disclosures(&site.app, &officer, PORTFOLIO, subject, item, Some(witness)).await;
    (proof.unwrap().to_string(), keys.map(|key| key.parse().unwrap()))
}

async fn deferred_and_shared_entries_lapse_in_every_chain_that_they_stand_in(site: TestSite) {
    let sealed = Sealed::new(site, 3).await;
    sealed.asked(2).await;
    let people = bulk::members(&sealed.site, 4).await;
    let (staff, targets) = bulk::staff(&sealed.site, &people).await;
    bulk::run(&sealed.site, &staff, &targets).await;
    sealed.roll().await;
    // Ten years later it is deferred still, since nobody rolled: it stays, whatever its age.
    sealed.site.clock.advance(TEN_YEARS + DAY);
    let swept = || service::sweep(&sealed.site.app, PORTFOLIO);
    let first = swept().await.unwrap().entries;
    assert!(first > 4, "{first}");
    assert_eq!(sealed.fault().await, None);
    let waiting = rows(&sealed.site).await;
    let waiting =
        waiting.iter().filter_map(|row| Entry::from_bytes(body(row))).filter(|one| one.deferred.is_some());
    assert_eq!(waiting.count(), 3, "opened, and asked twice");
    // The roll that declared it let them join; with the next entries that lapse, they go too.
    reads(&sealed.site, &sealed.ada, 1).await;
    sealed.roll().await;
    sealed.site.clock.advance(TEN_YEARS + DAY);
    assert!(swept().await.unwrap().entries >= 3);
    assert_eq!(sealed.fault().await, None);
    let left = rows(&sealed.site).await;
    let left: Vec<Entry> = left.iter().filter_map(|row| Entry::from_bytes(body(row))).collect();
    assert!(left.iter().all(|one| one.deferred.is_none() && one.many.is_none()), "they are erased");
    assert!(left.iter().any(|one| one.defers.is_some()), "what declares the deferral stays");
    // Ada's list computes still: what was deferred stands where it joined. So does that of one of many.
    for (member, erased) in [(&sealed.ada, 4), (&people[1], 1)] {
        let (text, [site_key, witness_key]) = by_officer(&sealed, member).await;
        let list = check_list(&text, &site_key, &witness_key).unwrap();
        assert_eq!((list.erased.len(), list.lines.len()), (erased, 1));
        other_reader::entries(&text, &site_key.to_string(), &witness_key.to_string()).unwrap();
    }
    assert_eq!(history(&sealed.site, &people[1]).await, 2, "this request, and the one before");
    let shared = bulk::shared(&sealed.site).await;
    assert!(
        shared.iter().all(|one| is_erased(&one.body) && one.people.iter().all(|about| about.item.is_none()))
    );
    // Dropped from what is left, somebody is missed.
    let all = rows(&sealed.site).await;
    let row = all.iter().find(|row| matches!(&row[4], Cell::Bytes(people) if !people.is_empty())).unwrap();
    for byte in 0..row[4].width() {
        let mut by = row.clone();
        by[4] = row[4].flipped(byte);
        let found = with(&sealed.site, std::slice::from_ref(row), &[by]).await;
        assert!(found.contains("those beside whom it is stored, was altered"), "{byte}: {found}");
    }
}

async fn an_erasing_that_is_cut_goes_on(site: TestSite) {
    const MANY: u32 = 12_000;
    let ada = site.member("ada", true).await;
    reads(&site, &ada, 1).await;
    let first = site.write(|unit| store::log::entries_between(unit, 0, i64::MAX)).await;
    let like = Entry::from_bytes(&first[0].body).unwrap();
    for part in 0..MANY / 1_000 {
        let entry = |number: u32| {
            let mut salt = [0; 16];
            salt[..4].copy_from_slice(&(part * 1_000 + number).to_be_bytes());
            NewDisclosure {
                subject: ada.subject,
                portfolio: PORTFOLIO,
                notice: 1,
                kinds: domain::SubjectKindSet::of(&[domain::SubjectKind::Member]),
                laws: domain::GoverningLawSet::ALL,
                tests: Vec::new(),
                recipient_tests: Vec::new(),
                register: None,
                body: Entry { salt, ..like.clone() }.to_bytes(),
                people: Vec::new(),
            }
        };
        let entries = (0..1_000).map(entry).collect();
        site.app.store().append(entries, site.app.gate.now()).await.unwrap();
    }
    let sealer = site.app.gate.sealer(None).await.unwrap();
    sealer.roll().await.unwrap();
    sealer.finish().await.unwrap();
    site.clock.advance(TEN_YEARS + DAY);
    let (mut limit, mut cut_between) = (Duration::from_millis(1), 0);
    while tokio::time::timeout(limit, site.app.gate.erase_entries(PORTFOLIO)).await.is_err() {
        limit += Duration::from_millis(20);
        // What was cut no longer has the right to seal.
        site.clock.advance(11);
        let erased = site.app.gate.verify_log(None).await.unwrap().erased;
        cut_between += usize::from((1..=u64::from(MANY)).contains(&erased));
    }
    assert!(cut_between > 0, "it was cut between two parts");
    assert_eq!(site.app.gate.verify_log(None).await.unwrap().erased, u64::from(MANY) + 1);
}

async fn a_restored_site_erases_what_its_backup_still_had(site: TestSite) {
    let old = Old::new(site).await;
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [data, keys] = &folders;
    old.site
        .app
        .store()
        .write(|unit| store::lease::meta(unit, "log-origin"))
        .await
        .map_err(|error: StoreError| error)
        .unwrap();
    old.site.app.store().backup(data.path(), keys.path()).await.unwrap();
    old.site.clock.advance(DAY);
    assert_eq!(old.sweep().await, 6);
    let place = Scratch::sqlite().unwrap();
    let (store, _) = Store::restore(place.location(), data.path(), keys.path()).await.unwrap();
    let (clock, country) = (old.site.clock.clone(), "BE".parse().unwrap());
    let gate = Gate::open(&old.site.root(), store, country, clock, std::sync::Arc::new(SystemRandomness))
        .await
        .unwrap();
    let app = App::open(gate).await.unwrap();
    app.gate.reopen_log(None, None).await.unwrap();
    assert_eq!(app.gate.verify_log(None).await.unwrap().erased, 0);
    assert_eq!(service::erase_lapsed_entries(&app).await.unwrap(), 6);
    let report = app.gate.verify_log(None).await.unwrap();
    assert_eq!((report.erased, report.former.len()), (6, 1));
    app.store().close().await.unwrap();
}
