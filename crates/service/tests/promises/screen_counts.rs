//! Promise 9, beside `screen.rs`: what is counted of claims that share a provider, a provider's day or an account. The rules are the
//! engine's, and tested there: here it is that they are given the numbers and days that are true, across parts and in any order.

use std::collections::BTreeMap;

use domain::{ClaimId, Date, Iban, Recipient, ScreenFlag, ScreenRule, SubjectId};
use gate::Target;
use intake::ClaimDraft;

use crate::on_both;
use crate::screen::{adjudicate, read, take};
use crate::screen_providers::another;
use crate::site::{PORTFOLIO, SOURCE, TestSite, day, item, source_id};

on_both! {
    a_providers_day_is_counted_over_all_parts,
    claims_of_a_provider_are_counted_while_it_is_new,
    an_account_is_new_since_the_first_claim_that_it_was_known_with,
    people_who_are_paid_to_one_account_are_counted_once_each,
}

/// The flags of a rule of all cases that nobody has looked at, by claim.
async fn flags(site: &TestSite, rule: ScreenRule) -> BTreeMap<ClaimId, ScreenFlag> {
    let legal = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let mut found = BTreeMap::new();
    for marked in [false, true] {
        while let Some(place) = take(site, &legal, marked).await {
            let flags = read(site, &legal, place).await.unwrap().case.flags;
            found.extend(flags.into_iter().find(|flag| flag.rule == rule).map(|flag| (place.claim, flag)));
        }
    }
    found
}

/// The id of a claim of ada's.
fn claim_id(site: &TestSite, id: &str) -> ClaimId {
    let ada = SubjectId::from_bytes(site.app.gate.imported_id("member", SOURCE, "ada"));
    ClaimId::from_bytes(site.app.gate.imported_id(&format!("claim/{ada}"), SOURCE, id))
}

/// Claims of one line each, all of ada's, of different amounts.
fn claims(
    site: &TestSite,
    numbers: std::ops::Range<i64>,
    (provider, service, received): (&str, &str, &str),
) -> Vec<ClaimDraft> {
    let claim = |number: i64| {
        let mut claim = site.claim(&format!("{provider}-{number}"), "ada", "GP", 1_000 + number);
        (claim.lines[0].service_start, claim.lines[0].service_end) = (day(service), day(service));
        ClaimDraft { received: day(received), provider_source_id: source_id(provider), ..claim }
    };
    numbers.map(claim).collect()
}

async fn a_providers_day_is_counted_over_all_parts(site: TestSite) {
    site.clinic().await;
    another(&site, "practice").await;
    site.member("ada", true).await;
    for (provider, service) in
        [("clinic", "2026-11-02"), ("practice", "2026-11-02"), ("clinic", "2026-11-03")]
    {
        let one = claims(&site, 0..1, (provider, service, "2026-11-19"));
        let id = source_id(&format!("other-{provider}-{service}"));
        adjudicate(&site, &[ClaimDraft { source_id: id, ..one[0].clone() }]).await;
    }
    adjudicate(&site, &claims(&site, 1..59, ("clinic", "2026-11-02", "2026-11-19"))).await;
    assert!(
        flags(&site, ScreenRule::ProviderDay).await.is_empty(),
        "59 of one, one of another, one of another day"
    );
    adjudicate(&site, &claims(&site, 59..60, ("clinic", "2026-11-02", "2026-11-20"))).await;
    let found = flags(&site, ScreenRule::ProviderDay).await;
    let flag = found.get(&claim_id(&site, "clinic-59")).unwrap();
    assert_eq!((found.len(), flag.count, flag.days.as_slice()), (1, Some(60), &[day("2026-11-02")][..]));
}

async fn claims_of_a_provider_are_counted_while_it_is_new(site: TestSite) {
    site.clinic().await;
    another(&site, "practice").await;
    site.member("ada", true).await;
    // The clinic is known for 60 days; of the practice the first claim came in on the 10th.
    adjudicate(&site, &claims(&site, 0..1, ("clinic", "2026-08-31", "2026-09-21"))).await;
    adjudicate(&site, &claims(&site, 0..1, ("practice", "2026-11-02", "2026-11-10"))).await;
    for provider in ["clinic", "practice"] {
        adjudicate(&site, &claims(&site, 1..30, (provider, "2026-11-03", "2026-11-20"))).await;
        adjudicate(&site, &claims(&site, 30..49, (provider, "2026-11-04", "2026-11-20"))).await;
    }
    assert!(flags(&site, ScreenRule::NewProvider).await.is_empty(), "49 of each");
    for provider in ["clinic", "practice"] {
        adjudicate(&site, &claims(&site, 49..50, (provider, "2026-11-05", "2026-11-20"))).await;
    }
    let found = flags(&site, ScreenRule::NewProvider).await;
    let flag = found.get(&claim_id(&site, "practice-49")).unwrap();
    assert_eq!((found.len(), flag.count), (1, Some(50)));
    // An earlier claim that comes in late: it is known for longer than it seemed.
    adjudicate(&site, &claims(&site, 50..51, ("practice", "2026-08-31", "2026-09-20"))).await;
    adjudicate(&site, &claims(&site, 51..52, ("practice", "2026-11-05", "2026-11-20"))).await;
    assert!(flags(&site, ScreenRule::NewProvider).await.is_empty());
}

/// Puts another account in the place of somebody's.
async fn paid_to(site: &TestSite, subject: SubjectId, account: &str) {
    let staff = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    site.assign(subject, item(1), &staff).await;
    let target = Target::for_item(subject, item(1));
    let request = || site.app.gate.request();
    let file = service::read_to_correct(&site.app, &staff, PORTFOLIO, target, request()).await.unwrap();
    let mut person = file.person.into_person();
    person.account = Some(Iban::parse(account).unwrap());
    service::correct(&site.app, &staff, PORTFOLIO, target, file.version, &person, request()).await.unwrap();
}

async fn an_account_is_new_since_the_first_claim_that_it_was_known_with(site: TestSite) {
    site.clinic().await;
    let ada = site.member("ada", true).await.subject;
    let large = |id: &str, service: &str, received: &str| {
        let mut claim = site.claim(id, "ada", "GP", 200_000);
        (claim.lines[0].service_start, claim.lines[0].service_end) = (day(service), day(service));
        ClaimDraft { received: day(received), ..claim }
    };
    let first = [large("first", "2026-08-03", "2026-09-01"), large("second", "2026-08-04", "2026-09-02")];
    adjudicate(&site, &first).await;
    assert!(flags(&site, ScreenRule::NewAccount).await.is_empty(), "of one who had none it is not new");
    paid_to(&site, ada, "BE71096123456769").await;
    let new = [
        large("on-the-day", "2026-08-05", "2026-10-01"),
        large("13-days", "2026-08-06", "2026-10-14"),
        large("14-days", "2026-08-07", "2026-10-15"),
    ];
    adjudicate(&site, &new).await;
    let days = |found: BTreeMap<ClaimId, ScreenFlag>| -> BTreeMap<ClaimId, Vec<Date>> {
        found.into_iter().map(|(claim, flag)| (claim, flag.days)).collect()
    };
    let since = vec![day("2026-10-01")];
    let expected = [(claim_id(&site, "on-the-day"), Vec::new()), (claim_id(&site, "13-days"), since)];
    assert_eq!(days(flags(&site, ScreenRule::NewAccount).await), expected.into());
    // One that was received before comes in late: the account was known on that day.
    adjudicate(&site, &[large("late", "2026-08-08", "2026-09-25")]).await;
    assert_eq!(
        days(flags(&site, ScreenRule::NewAccount).await),
        [(claim_id(&site, "late"), Vec::new())].into()
    );
    adjudicate(&site, &[large("after", "2026-08-09", "2026-10-09")]).await;
    assert!(flags(&site, ScreenRule::NewAccount).await.is_empty(), "14 days after the one that came in late");
    // The first account is known for long.
    paid_to(&site, ada, "BE68539007547034").await;
    adjudicate(&site, &[large("back", "2026-08-10", "2026-10-20")]).await;
    assert!(flags(&site, ScreenRule::NewAccount).await.is_empty());
}

async fn people_who_are_paid_to_one_account_are_counted_once_each(site: TestSite) {
    site.clinic().await;
    let of = |member: &str, number: i64| {
        let claim = site.claim(&format!("{member}-{number}"), member, "GP", 1_000 + number);
        ClaimDraft { received: day("2026-11-19"), ..claim }
    };
    // The members of these tests are paid to one account.
    for name in ["ada", "bob", "cleo"] {
        site.member(name, true).await;
    }
    adjudicate(&site, &[of("ada", 1), of("ada", 2), of("ada", 3)]).await;
    assert!(flags(&site, ScreenRule::SharedAccount).await.is_empty(), "ada's own");
    adjudicate(&site, &[of("bob", 4), of("cleo", 5)]).await;
    let counts = |found: BTreeMap<ClaimId, ScreenFlag>| -> Vec<Option<u32>> {
        found.into_values().map(|flag| flag.count).collect()
    };
    assert_eq!(counts(flags(&site, ScreenRule::SharedAccount).await), [Some(2), Some(2)]);
    adjudicate(&site, &[of("ada", 6)]).await;
    assert_eq!(counts(flags(&site, ScreenRule::SharedAccount).await), [Some(2)]);
}
