//! Whom an incident concerns: told to the officer who has the case, under a clause of its own, with what of theirs was shown;
//! each finds it in their list, and nobody else is told anybody.

use domain::{Category, Personal as _, Purpose, Recipient, RetentionClass, SubjectId, Timestamp};
use gate::{Entry, EntryOutcome, Target};
use service::{Concerned, NewCase, PeopleConcerned};

use crate::deferred::{Sealed, new_deferral};
use crate::on_both;
use crate::site::{PORTFOLIO, TestSite, item};
use crate::uses::{Morning, is_refused, morning, officer_with_a_case};

on_both! {
    those_concerned_are_told_and_find_it_in_their_lists,
    nobody_else_is_told_anybody,
    who_was_erased_since_is_counted_and_not_named,
    of_whom_all_is_kept_from_them_nobody_is_asked_about,
    a_file_that_is_closed_to_the_officer_is_counted_and_no_more,
    without_a_clause_nobody_is_told_of,
    a_record_that_does_not_open_keeps_nobody_else_from_being_told,
}

async fn looked_up(site: &TestSite, day: &Morning, member: &[SubjectId]) -> Vec<Concerned> {
    let (officer, case) = officer_with_a_case(site, member).await;
    let (from, to) = (Timestamp::from_micros(day.began), Timestamp::from_micros(day.ended));
    let (mut all, which) = (Vec::new(), (day.first.id(), from, to));
    let tell = |part: Vec<Concerned>| all.extend(part);
    let found = service::people_concerned(&site.app, &officer, PORTFOLIO, case, which, tell).await.unwrap();
    assert_eq!(found, PeopleConcerned { told: all.len() as u64, refused: 0 });
    all
}

/// What is on record about somebody of being looked up.
async fn lookups(site: &TestSite, subject: SubjectId) -> Vec<Entry> {
    let read = |unit: &mut store::Unit<'_>| store::log::entries_between(unit, 0, i64::MAX);
    let entries = site.app.store().read(read).await.map_err(|error: store::StoreError| error).unwrap();
    let of_subject = entries.iter().filter(|entry| entry.is_listed(subject));
    let entries = of_subject.filter_map(|entry| Entry::from_bytes(&entry.body));
    entries.filter(|entry| entry.purpose == Purpose::BreachNotification).collect()
}

async fn those_concerned_are_told_and_find_it_in_their_lists(site: TestSite) {
    let day = morning(&site).await;
    let other = site.member("pia", true).await.subject;
    // For one of them the case is open by itself, and stays so.
    let told = looked_up(&site, &day, &[day.ada]).await;
    assert_eq!(told.len(), 2);
    for one in &told {
        let person = one.person.as_ref().unwrap();
        assert!(person.country.is_some() && person.email.is_none());
        assert!(
            one.shown.categories.contains(Category::Plan) && !one.shown.categories.contains(Category::Health)
        );
        assert!(one.shown.uses == 1 && one.shown.first == one.shown.last && one.shown.deferred.is_none());
        let entries = lookups(&site, one.subject).await;
        let [entry] = entries.as_slice() else { panic!("{entries:?}") };
        assert_eq!(
            (entry.outcome, entry.clauses.as_slice()),
            (EntryOutcome::Granted, &["law.breach".to_owned()][..])
        );
    }
    assert!(lookups(&site, other).await.is_empty(), "of whom nothing was shown, nothing is asked");
}

async fn nobody_else_is_told_anybody(site: TestSite) {
    let day = morning(&site).await;
    let (_, case) = officer_with_a_case(&site, &[]).await;
    let which = (day.first.id(), Timestamp::from_micros(day.began), Timestamp::from_micros(day.ended));
    for recipient in [Recipient::LegalStaff, Recipient::CustomerService, Recipient::DataProtectionOfficer] {
        let actor = site.actor(recipient, PORTFOLIO).await;
        site.assign(day.ada, item(9), &actor).await;
        for case in [case, item(9)] {
            let tell = |_| panic!("{recipient:?} is told somebody");
            is_refused(service::people_concerned(&site.app, &actor, PORTFOLIO, case, which, tell).await);
        }
    }
    assert!(lookups(&site, day.ada).await.is_empty());
}

async fn who_was_erased_since_is_counted_and_not_named(site: TestSite) {
    let day = morning(&site).await;
    let (officer, _) = officer_with_a_case(&site, &[]).await;
    site.assign(day.eve, item(7), &officer).await;
    let (target, request) = (Target::for_item(day.eve, item(7)), site.app.gate.request());
    service::erase_on_request(&site.app, &officer, PORTFOLIO, target, RetentionClass::ALL, request)
        .await
        .unwrap();
    let told = looked_up(&site, &day, &[]).await;
    let named: Vec<bool> = told.iter().map(|one| one.person.is_some()).collect();
    assert_eq!(named.iter().filter(|named| **named).count(), 1);
    assert!(told.iter().any(|one| one.subject == day.eve && one.person.is_none() && one.shown.uses == 1));
}

async fn of_whom_all_is_kept_from_them_nobody_is_asked_about(site: TestSite) {
    const DAY: i64 = 86_400;
    let order = Sealed::new(site, 30).await;
    order.asked(2).await;
    let (site, ada) = (&order.site, order.ada.subject);
    let told = async || {
        let (officer, case) = officer_with_a_case(site, &[]).await;
        let which = (order.staff.id(), Timestamp::from_micros(0), site.app.gate.now());
        let mut all = Vec::new();
        let tell = |part: Vec<Concerned>| all.extend(part);
        service::people_concerned(&site.app, &officer, PORTFOLIO, case, which, tell).await.unwrap();
        let [one] = <[Concerned; 1]>::try_from(all).ok().expect("ada");
        assert_eq!((one.subject, one.shown.uses), (ada, 2));
        (one.person.is_some(), one.shown.deferred)
    };
    let first = site.app.gate.now().plus_seconds(30 * DAY);
    let (is_named, until) = told().await;
    assert!(!is_named && until.is_some_and(|until| until <= first));
    // Declared anew meanwhile: the newest says until when.
    let longer = new_deferral(site, order.id, 60);
    service::defer_matter(&site.app, &order.officer, &longer).await.unwrap();
    assert_eq!(told().await, (false, Some(longer.until)));
    assert!(lookups(site, ada).await.is_empty(), "an entry in her list would tell her");
    site.clock.advance(61 * DAY);
    assert_eq!(told().await, (true, None));
    assert_eq!(lookups(site, ada).await.len(), 1);
}

async fn a_file_that_is_closed_to_the_officer_is_counted_and_no_more(site: TestSite) {
    let day = morning(&site).await;
    let officer = crate::own_file::closed_to(&site, Recipient::DataProtectionOfficer, &[day.ada]).await;
    let new = NewCase { portfolio: PORTFOLIO, officer: officer.id(), people: Vec::new(), days: 1 };
    let case = service::open_case(&site.app, &site.keeper, &new).await.unwrap();
    let which = (day.first.id(), Timestamp::from_micros(day.began), Timestamp::from_micros(day.ended));
    let mut all = Vec::new();
    let tell = |part: Vec<Concerned>| all.extend(part.iter().map(|one| one.subject));
    let found = service::people_concerned(&site.app, &officer, PORTFOLIO, case, which, tell).await.unwrap();
    assert_eq!((all, found), (vec![day.eve], PeopleConcerned { told: 1, refused: 1 }));
}

async fn a_record_that_does_not_open_keeps_nobody_else_from_being_told(site: TestSite) {
    let day = morning(&site).await;
    let ada = day.ada;
    site.write(move |unit| {
        let rows = store::sealed::of_subject(unit, ada)?;
        for row in rows.into_iter().filter(|row| row.kind == domain::Person::KIND) {
            let blob = row.blob.iter().map(|byte| byte ^ 1).collect();
            store::sealed::replace(unit, &store::sealed::SealedRow { blob, ..row.clone() }, row.version)?;
        }
        Ok::<_, store::StoreError>(())
    })
    .await;
    let told = looked_up(&site, &day, &[]).await;
    let named: Vec<SubjectId> =
        told.iter().filter(|one| one.person.is_some()).map(|one| one.subject).collect();
    assert_eq!((told.len(), named), (2, vec![day.eve]));
}

async fn without_a_clause_nobody_is_told_of(site: TestSite) {
    let (officers, others) = ("\"data-protection-officer\"", "\"legal-staff\"");
    crate::holds::publish(&site, "id = \"law.breach\"", officers, others).await;
    let day = morning(&site).await;
    let (officer, case) = officer_with_a_case(&site, &[]).await;
    let which = (day.first.id(), Timestamp::from_micros(day.began), Timestamp::from_micros(day.ended));
    let tell = |_| panic!("somebody is told of");
    let refused = service::people_concerned(&site.app, &officer, PORTFOLIO, case, which, tell).await;
    assert_eq!(is_refused(refused).purpose, Purpose::BreachNotification);
}
