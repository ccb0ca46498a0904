//! Legal holds: while a matter is open about somebody nothing of theirs is destroyed, by time or on request, at whatever moment
//! it was opened; it is named to whoever may know of it, and tells nobody else. And what keeps the rest is said.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::{MatterId, Recipient, RefusalReason, RetentionClass, SubjectId};
use gate::{Actor, Target};
use service::{ErasedOnRequest, KeptOf, NewMatter, Rule, ServiceError};
use store::StoreError;
use tokio::runtime::Handle;

use crate::corrections::entries;
use crate::deferred::new_deferral;
use crate::matters::{dispute, duty, order};
use crate::on_both;
use crate::site::again::{Interrupted, meanwhile};
use crate::site::{Member, NOTICE, PORTFOLIO, TestSite, day, item};
use crate::supplied::{sent, take_up};

on_both! {
    while_a_matter_is_open_nothing_of_theirs_is_destroyed,
    what_was_not_opened_about_somebody_holds_nothing_of_theirs,
    a_matter_holds_to_the_end_of_its_last_day,
    a_matter_opened_at_any_moment_of_a_sweep_holds_all_or_comes_too_late,
    what_is_refused_while_a_matter_is_open_stays_sealed,
    a_held_matter_whose_showing_is_deferred_tells_nobody_but_the_officer,
    each_is_swept_by_the_version_that_binds_them,
}

const YEAR: i64 = 366 * 86_400;

fn until_2060(new: NewMatter) -> NewMatter {
    NewMatter { last: Some(day("2060-12-31")), ..new }
}

/// A member whose cover ended with 2026.
async fn gone(site: &TestSite, name: &str) -> Member {
    let member = site.member(name, true).await;
    let subject = member.subject;
    site.write(move |unit| {
        let cover = store::coverage::of_subject(unit, subject)?[0];
        store::coverage::end(unit, &cover, Some(day("2026-12-31")))
    })
    .await;
    member
}

/// The same, and a letter of theirs came.
async fn gone_who_wrote(site: &TestSite, name: &str) -> Member {
    let member = gone(site, name).await;
    sent(site, member.subject, "1", b"A letter.").await.unwrap();
    member
}

/// What ends a unit that must leave nothing, with what it counted.
enum Counted {
    Tokens(u64),
    Failed(StoreError),
}

impl From<StoreError> for Counted {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

/// How many tokens lead to somebody.
async fn tokens(site: &TestSite, subject: SubjectId) -> u64 {
    let count = move |unit: &mut store::Unit<'_>| {
        Err::<(), _>(Counted::Tokens(store::lookup::delete_of_subject(unit, subject)?))
    };
    match site.app.store().write(count).await.unwrap_err() {
        Counted::Tokens(count) => count,
        Counted::Failed(error) => panic!("{error}"),
    }
}

/// The purposes in somebody's list, as they are told themselves.
async fn told(site: &TestSite, subject: SubjectId) -> Vec<&'static str> {
    let own = site.member_abroad(subject, "BE").await;
    let answer = service::answer_access_request(&site.app, &own, PORTFOLIO, subject, None).await;
    answer.unwrap().history.iter().map(|line| line.purpose.word()).collect()
}

/// How much of somebody there is: keys, sealed rows, pieces of material that wait, tokens that lead to them.
async fn there(site: &TestSite, subject: SubjectId) -> [u64; 4] {
    let [keys, rows, waiting] = site
        .write(move |unit| {
            let waiting = store::quarantine::of_subject(unit, subject)?;
            let waiting = waiting.iter().filter(|row| row.state == domain::QuarantineState::Waiting).count();
            let (keys, rows) =
                (store::key::of_subject(unit, subject)?, store::sealed::of_subject(unit, subject)?);
            Ok([keys.len(), rows.len(), waiting].map(|count| count as u64))
        })
        .await;
    [keys, rows, waiting, tokens(site, subject).await]
}

async fn erase(site: &TestSite, officer: &Actor, of: SubjectId) -> Result<ErasedOnRequest, ServiceError> {
    let (target, request) = (Target::for_item(of, item(1)), site.app.gate.request());
    service::erase_on_request(&site.app, officer, PORTFOLIO, target, RetentionClass::ALL, request).await
}

async fn while_a_matter_is_open_nothing_of_theirs_is_destroyed(site: TestSite) {
    let staff = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    let mut held: Vec<(Member, MatterId)> = Vec::new();
    for (name, matter) in [("ada", order()), ("bob", dispute()), ("cyd", duty())] {
        let member = gone_who_wrote(&site, name).await;
        site.assign(member.subject, item(1), &officer).await;
        let matter = site.opened(&until_2060(matter), &staff, member.subject).await;
        held.push((member, matter));
    }
    let eve = gone_who_wrote(&site, "eve").await;
    let mut before = Vec::new();
    for (member, matter) in &held {
        before.push(there(&site, member.subject).await);
        let refused = erase(&site, &officer, member.subject).await.unwrap_err();
        assert!(matches!(&refused, ServiceError::Held(by) if *by == [*matter]), "{refused:?}");
        assert!(refused.to_string().contains(&matter.to_string()));
        let refused = service::erase_subject(&site.app, member.subject, &[RetentionClass::Claims]).await;
        assert!(matches!(refused, Err(ServiceError::Held(_))));
    }
    site.clock.advance(13 * YEAR);
    // A second one about the first of them, and the staff member who had the matter leaves: it holds all the same.
    let second = NewMatter { reference: "2026/18".to_owned(), ..until_2060(order()) };
    let colleague = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let second = site.opened(&second, &colleague, held[0].0.subject).await;
    service::end_actor(&site.app, &site.keeper, PORTFOLIO, colleague.id()).await.unwrap();

    let report = service::sweep(&site.app, PORTFOLIO).await.unwrap();
    let expected: BTreeMap<MatterId, u64> =
        held.iter().map(|(_, matter)| (*matter, 1)).chain([(second, 1)]).collect();
    assert_eq!((report.held, &report.matters), (3, &expected));
    assert!(report.keys > 0 && report.material == 1, "hers whom nothing holds: {report:?}");
    assert_eq!(there(&site, eve.subject).await, [0, 0, 0, 0]);
    for ((member, _), before) in held.iter().zip(&before) {
        assert_eq!(there(&site, member.subject).await, *before);
    }
    for (_, matter) in &held {
        site.end_of(*matter).await.unwrap();
    }
    let report = service::sweep(&site.app, PORTFOLIO).await.unwrap();
    assert_eq!(report.matters, BTreeMap::from([(second, 1)]));
    assert_eq!(there(&site, held[0].0.subject).await, before[0], "one of two is open still");
    site.end_of(second).await.unwrap();
    let report = service::sweep(&site.app, PORTFOLIO).await.unwrap();
    assert_eq!((report.held, report.matters.len()), (0, 0));
    for (member, _) in &held {
        assert_eq!(there(&site, member.subject).await, [0, 0, 0, 0]);
    }
}

async fn what_was_not_opened_about_somebody_holds_nothing_of_theirs(site: TestSite) {
    let (ada, eve) = (gone(&site, "ada").await, gone(&site, "eve").await);
    let staff = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let unreviewed = site.register(&until_2060(dispute())).await.unwrap();
    assert!(site.open_for(unreviewed, &staff, &[ada.subject]).await.is_err());
    site.opened(&until_2060(order()), &staff, eve.subject).await;
    assert!(service::erase_subject(&site.app, ada.subject, RetentionClass::ALL).await.unwrap() > 0);
    assert!(service::erase_subject(&site.app, eve.subject, RetentionClass::ALL).await.is_err());
}

async fn a_matter_holds_to_the_end_of_its_last_day(site: TestSite) {
    let (ada, staff) = (gone(&site, "ada").await, site.actor(Recipient::LegalStaff, PORTFOLIO).await);
    site.opened(&order(), &staff, ada.subject).await;
    let last = domain::Timestamp::start_of(day("2027-01-01")).micros() - site.app.gate.now().micros();
    site.clock.advance(last / 1_000_000 - 2);
    assert!(service::erase_subject(&site.app, ada.subject, RetentionClass::ALL).await.is_err());
    site.clock.advance(3);
    assert!(service::erase_subject(&site.app, ada.subject, RetentionClass::ALL).await.unwrap() > 0);
}

async fn a_matter_opened_at_any_moment_of_a_sweep_holds_all_or_comes_too_late(site: TestSite) {
    let clock = Interrupted::new(&site);
    let (app, other) = (site.open_by(clock.clone()).await, Arc::new(site.reopen().await));
    let (mut held, mut too_late) = (0, 0);
    site.clock.advance(13 * YEAR);
    let staff = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    for at in 0.. {
        let ada = gone(&site, &format!("ada{at}")).await.subject;
        let reference = format!("2026/{at}");
        let id = site.reviewed(&NewMatter { reference, ..until_2060(order()) }).await;
        let before = there(&site, ada).await;
        let (other, runtime, opener) = (Arc::clone(&other), Handle::current(), site.operator("An Author"));
        let staff = staff.id();
        clock.at(at, move || {
            let people = [ada];
            let opened = service::open_matter(&other, &opener, PORTFOLIO, id, staff, &people);
            meanwhile(&runtime, opened).unwrap();
        });
        let report = service::sweep(&app, PORTFOLIO).await.unwrap();
        if !clock.happened() {
            break;
        }
        let after = there(&site, ada).await;
        if report.matters.contains_key(&id) {
            assert_eq!(after, before, "{at}");
            held += 1;
        } else {
            assert_eq!(after, [0, 0, 0, 0], "{at}");
            too_late += 1;
        }
        // Not in the way of the next.
        site.end_of(id).await.unwrap();
        service::sweep(&app, PORTFOLIO).await.unwrap();
    }
    assert!(held > 0 && too_late > 0, "{held} {too_late}");
}

async fn what_is_refused_while_a_matter_is_open_stays_sealed(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    let (staff, clerk) = (
        site.actor(Recipient::LegalStaff, PORTFOLIO).await,
        site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await,
    );
    let pieces = [
        sent(&site, ada, "1", b"A letter.").await.unwrap(),
        sent(&site, ada, "2", b"Another.").await.unwrap(),
    ];
    let id = site.opened(&until_2060(order()), &staff, ada).await;
    let before = there(&site, ada).await;
    for piece in pieces {
        take_up(&site, &clerk, piece).await.unwrap();
        let (request, reason) = (site.app.gate.request(), RefusalReason::OtherPerson);
        service::refuse_material(&site.app, &clerk, PORTFOLIO, piece, reason, request).await.unwrap();
        assert!(take_up(&site, &clerk, piece).await.is_err(), "it waits no more");
    }
    let [keys, rows, waiting, tokens] = before;
    assert_eq!((waiting, there(&site, ada).await), (2, [keys, rows, 0, tokens]));
    site.clock.advance(6 * YEAR);
    assert_eq!(service::sweep(&site.app, PORTFOLIO).await.unwrap().matters, BTreeMap::from([(id, 1)]));
    assert_eq!(there(&site, ada).await, [keys, rows, 0, tokens]);
    site.end_of(id).await.unwrap();
    assert_eq!(service::sweep(&site.app, PORTFOLIO).await.unwrap().material, 2);
    assert_eq!(there(&site, ada).await, [keys - 1, rows - 2, 0, tokens], "with the key of what waited");
    assert_eq!(service::sweep(&site.app, PORTFOLIO).await.unwrap().material, 0, "once");
}

/// Of units that overlap: what began before the matter was opened, and would destroy after, finds it. On SQLite no two do.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn postgres_what_began_before_a_matter_was_opened_finds_it() {
    let site = TestSite::postgres().await;
    let (ada, staff) = site.ada_and_staff().await;
    let id = site.reviewed(&order()).await;
    let (began, open) = std::sync::mpsc::channel();
    let (opened, go_on) = std::sync::mpsc::channel();
    let (store, now) = (site.app.store().clone(), site.app.gate.now());
    let mut is_first = true;
    let erasing = tokio::spawn(async move {
        let unit = move |unit: &mut store::Unit<'_>| {
            // What a unit sees is fixed by its first statement.
            store::subject::get(unit, ada)?;
            if std::mem::take(&mut is_first) {
                began.send(()).unwrap();
                go_on.recv().unwrap();
            }
            store::matter::one_at_a_time(unit, &[ada])?;
            store::matter::standing_about(unit, ada, now)
        };
        store.write(unit).await.map_err(|error: StoreError| error)
    });
    tokio::task::block_in_place(|| open.recv().unwrap());
    site.open_for(id, &staff, &[ada]).await.unwrap();
    opened.send(()).unwrap();
    let found = erasing.await.unwrap().unwrap();
    assert_eq!(found.iter().map(|row| row.matter).collect::<Vec<_>>(), [id]);
}

/// Publishes the notice with this text in the place of another one after an id, as another version in force from the next day,
/// and lets that day come. Answers its number.
pub(crate) async fn publish(site: &TestSite, id: &str, text: &str, by: &str) -> i64 {
    let (before, after) = NOTICE[0].1.split_at(NOTICE[0].1.find(id).unwrap());
    assert!(after.contains(text));
    let rules = format!("{before}{}", after.replacen(text, by, 1))
        .replace("version = \"2026-11-01\"", "version = \"next\"")
        .replace("effective = \"2026-11-01\"", "effective = \"2026-11-24\"");
    let mut files = NOTICE.to_vec();
    files[0].1 = rules.as_str();
    let number = site.publish(PORTFOLIO, &files).await;
    site.clock.advance(86_400);
    number
}

async fn a_held_matter_whose_showing_is_deferred_tells_nobody_but_the_officer(site: TestSite) {
    // A notice by which the desk may ask beside the officer.
    let officer = "recipients = [\"data-protection-officer\"]";
    let both = "recipients = [\"data-protection-officer\", \"customer-service-staff\"]";
    publish(&site, "id = \"right.requests\"", officer, both).await;
    let (ada, eve) = (gone(&site, "ada").await.subject, gone(&site, "eve").await.subject);
    let staff = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    let desk = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let id = site.reviewed(&until_2060(order())).await;
    service::defer_matter(&site.app, &officer, &new_deferral(&site, id, 90)).await.unwrap();
    site.open_for(id, &staff, &[ada]).await.unwrap();
    let before = [there(&site, ada).await, there(&site, eve).await];
    let mut said = Vec::new();
    for subject in [ada, eve] {
        for actor in [&desk, &officer] {
            site.assign(subject, item(1), actor).await;
        }
        // What is kept of the notices is read once: the first ask is not compared.
        erase(&site, &desk, subject).await.unwrap_err();
        drop(site.app.store().take_trace());
        let refused = erase(&site, &desk, subject).await.unwrap_err();
        let steps = site.app.store().take_trace();
        assert!(matches!(refused, ServiceError::NotTheOfficer), "{refused:?}");
        said.push((refused.to_string(), steps, told(&site, subject).await));
    }
    assert_eq!(said[0], said[1], "with a matter and without it is said, done and listed alike");
    assert_eq!([there(&site, ada).await, there(&site, eve).await], before);
    // Under a matter that is shown, the desk is told no more.
    let shown = NewMatter { reference: "2026/19".to_owned(), ..until_2060(order()) };
    site.opened(&shown, &staff, eve).await;
    assert_eq!(erase(&site, &desk, eve).await.unwrap_err().to_string(), said[0].0);
    // Whom the officer asks about, the officer is told; the person's list has the same line as when it is done.
    let refused = erase(&site, &officer, ada).await.unwrap_err();
    assert!(matches!(&refused, ServiceError::Held(by) if *by == [id]), "{refused:?}");
    let bob = gone(&site, "bob").await.subject;
    site.assign(bob, item(1), &officer).await;
    erase(&site, &officer, bob).await.unwrap();
    let last = async |subject| {
        let entry = entries(&site, subject).await.pop().unwrap();
        (entry.purpose, entry.outcome, entry.clauses, entry.shown, entry.deferred)
    };
    assert_eq!(last(ada).await, last(bob).await);
    site.app.gate.verify_log(None).await.unwrap();
}

async fn each_is_swept_by_the_version_that_binds_them(site: TestSite) {
    let (old, returns) = (gone(&site, "old").await.subject, gone(&site, "returns").await.subject);
    // All of them, since a clause of more years would keep claims.
    let years = |years| {
        let of = |class, after| format!("class = \"{class}\"\nyears = {years}\nafter = \"{after}\"");
        let all =
            [("membership", "relation-end"), ("claims", "cover-end"), ("accounting", "financial-year-end")];
        all.map(|(class, after)| of(class, after)).join("\n\n[[retention]]\n")
    };
    let number = publish(&site, "[[retention]]", &years(10), &years(4)).await;
    let new = gone(&site, "new").await.subject;
    let bound = async |subject| site.write(move |unit| store::subject::get(unit, subject)).await.unwrap();
    assert_eq!((bound(old).await.notice, bound(new).await.notice), (number - 1, number));
    let has_claims = async |subject| {
        let keys = site.write(move |unit| store::key::of_subject(unit, subject)).await;
        keys.iter().any(|key| key.class == RetentionClass::Claims)
    };
    assert!(has_claims(old).await && has_claims(new).await);
    // What the newer one says binds this one, who was told so.
    let row = bound(returns).await;
    site.write(move |unit| store::subject::bind(unit, returns, row.version, number)).await;
    site.clock.advance(5 * YEAR);
    let report = service::sweep(&site.app, PORTFOLIO).await.unwrap();
    assert!(has_claims(old).await && !has_claims(new).await && !has_claims(returns).await);
    assert!(report.keys > 0);
    let rule = Rule {
        class: RetentionClass::Accounting,
        version: "next".to_owned(),
        clause: None,
        years: 4,
        after: notice::RetentionStart::FinancialYearEnd,
    };
    let until = Some(day("2031-12-31"));
    assert_eq!(report.kept[&rule], KeptOf { people: 2, first: until, last: until });
    site.clock.advance(6 * YEAR);
    service::sweep(&site.app, PORTFOLIO).await.unwrap();
    assert!(!has_claims(old).await, "on its own day");
}
