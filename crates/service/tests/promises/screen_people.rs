//! Promise 9, beside `screen.rs`: somebody who seems to be in the portfolio twice is noticed where both have a claim of the same care, and
//! neither twins, nor namesakes, nor those who are covered together are. Nobody else's claim is opened for it.

use std::collections::BTreeSet;

use domain::{Iban, Money, Person, PersonName, Recipient, ScreenRule, SubjectId, SubjectKind};
use intake::{ClaimDraft, MemberDraft};

use crate::on_both;
use crate::screen::{adjudicate, read, rules, take};
use crate::site::{PORTFOLIO, SOURCE, TestSite, cover_draft, day, member_draft, source_id};

on_both! {
    the_same_person_under_two_ids_is_marked_by_the_same_care_alone,
    one_account_is_marked_by_the_same_care_and_a_second_sign_alone,
}

const ACCOUNTS: [&str; 4] =
    ["BE68539007547034", "BE71096123456769", "BE62510007547061", "DE89370400440532013000"];

/// Takes somebody up, with cover.
async fn enrol(
    site: &TestSite,
    id: &str,
    (name, born, account): (&str, &str, usize),
    holder: Option<&str>,
) -> SubjectId {
    let draft = member_draft(id, true);
    let person = Person {
        name: PersonName::parse(name).unwrap(),
        birth_date: day(born),
        account: Some(Iban::parse(ACCOUNTS[account]).unwrap()),
        ..draft.person
    };
    let kind = if holder.is_some() { SubjectKind::Beneficiary } else { SubjectKind::Member };
    let draft = MemberDraft { person, kind, holder_source_id: holder.map(source_id), ..draft };
    let intake = site.app.gate.job(Recipient::IntakeJob).unwrap();
    service::enrol_members(&site.app, &intake, PORTFOLIO, SOURCE, &[draft]).await.unwrap();
    site.cover(&[cover_draft(id, id)]).await;
    SubjectId::from_bytes(site.app.gate.imported_id("member", SOURCE, id))
}

/// Whom the rule flagged of all the claims that are marked.
async fn flagged(site: &TestSite) -> BTreeSet<SubjectId> {
    let legal = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    assert!(take(site, &legal, false).await.is_none(), "it holds no payment");
    let mut found = BTreeSet::new();
    while let Some(place) = take(site, &legal, true).await {
        let flags = read(site, &legal, place).await.unwrap().case.flags;
        for flag in flags.iter().filter(|flag| flag.rule == ScreenRule::SamePerson) {
            assert!(flag.count > Some(0) && flag.claims.is_empty(), "a number, and nobody's claim");
            found.insert(place.subject);
        }
        assert!(!rules(&flags).contains(&ScreenRule::DocumentOfOthers));
    }
    found
}

fn care(site: &TestSite, id: &str, received: &str, service: &str, minor: i64) -> ClaimDraft {
    let mut claim = ClaimDraft { received: day(received), ..site.claim(id, id, "GP", minor) };
    (claim.lines[0].service_start, claim.lines[0].service_end) = (day(service), day(service));
    claim
}

async fn the_same_person_under_two_ids_is_marked_by_the_same_care_alone(site: TestSite) {
    site.clinic().await;
    enrol(&site, "ada", ("Ada Müller-Byron", "1980-05-17", 0), None).await;
    let again = enrol(&site, "again", ("BYRON ADA MUELLER", "1980-05-17", 1), None).await;
    enrol(&site, "twin", ("Beda Müller-Byron", "1980-05-17", 2), None).await;
    enrol(&site, "namesake", ("Ada Müller-Byron", "1981-05-17", 3), None).await;
    let first = ["ada", "twin", "namesake"].map(|id| care(&site, id, "2026-11-19", "2026-11-02", 10_123));
    adjudicate(&site, &first).await;
    assert_eq!(flagged(&site).await, BTreeSet::new(), "a twin, a namesake");
    let others = [
        care(&site, "again", "2026-11-20", "2026-11-03", 10_123),
        ClaimDraft {
            source_id: source_id("dearer"),
            ..care(&site, "again", "2026-11-20", "2026-11-02", 10_124)
        },
    ];
    adjudicate(&site, &others).await;
    assert_eq!(flagged(&site).await, BTreeSet::new(), "the same person, with other care");
    let same = care(&site, "again", "2026-11-21", "2026-11-02", 10_123);
    adjudicate(&site, &[ClaimDraft { source_id: source_id("same"), ..same }]).await;
    assert_eq!(flagged(&site).await, BTreeSet::from([again]));
}

async fn one_account_is_marked_by_the_same_care_and_a_second_sign_alone(site: TestSite) {
    site.clinic().await;
    enrol(&site, "ada", ("Ada Byron", "1980-05-17", 0), None).await;
    enrol(&site, "child", ("Ada Byron", "2012-01-02", 0), Some("ada")).await;
    enrol(&site, "spouse", ("Dirk Somers", "1975-02-03", 0), None).await;
    enrol(&site, "apart", ("Emma Maes", "1980-05-17", 1), None).await;
    let all = [
        care(&site, "ada", "2026-11-18", "2026-11-02", 10_123),
        care(&site, "child", "2026-11-19", "2026-11-02", 10_123),
        care(&site, "spouse", "2026-11-19", "2026-11-02", 10_123),
        care(&site, "apart", "2026-11-20", "2026-11-02", 10_123),
    ];
    adjudicate(&site, &all).await;
    assert_eq!(flagged(&site).await, BTreeSet::new(), "one family, a couple, another account");
    let born = enrol(&site, "born", ("A. Lovelace", "1980-05-17", 0), None).await;
    let named = enrol(&site, "named", ("Byron Ada", "1980-07-15", 0), None).await;
    let others = [
        care(&site, "born", "2026-11-21", "2026-11-03", 10_123),
        care(&site, "named", "2026-11-21", "2026-11-02", 10_124),
    ];
    adjudicate(&site, &others).await;
    assert_eq!(flagged(&site).await, BTreeSet::new(), "other care");
    let again = |id: &str, member: &str| ClaimDraft {
        source_id: source_id(id),
        ..care(&site, member, "2026-11-22", "2026-11-02", 10_123)
    };
    let mut dollars = again("dollars", "born");
    dollars.currency = "USD".parse().unwrap();
    dollars.lines[0].charge = Money::new(10_123, dollars.currency).unwrap();
    adjudicate(&site, &[dollars]).await;
    assert_eq!(flagged(&site).await, BTreeSet::new(), "another amount, in another currency");
    adjudicate(&site, &[again("b", "born"), again("n", "named")]).await;
    assert_eq!(flagged(&site).await, BTreeSet::from([born, named]));
}
