//! Promise 9, beside `screen.rs`: somebody who seems to be in the portfolio twice is noticed where both have a claim of the same care, and
//! neither twins, nor namesakes, nor those who are covered together are. Nobody else's claim is opened for it.

use std::collections::BTreeSet;

use domain::{Iban, Person, PersonName, Recipient, ScreenRule, SubjectId, SubjectKind};
use intake::{ClaimDraft, MemberDraft};

use crate::on_both;
use crate::screen::{adjudicate, read, rules, take};
use crate::site::{PORTFOLIO, SOURCE, TestSite, cover_draft, day, member_draft, source_id};

on_both! {
    the_same_person_under_two_ids_is_marked_by_the_same_care_alone,
    one_account_is_marked_by_the_same_care_of_who_is_not_of_the_family,
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
            assert_eq!((flag.count, flag.claims.len()), (Some(1), 0), "a number, and nobody's claim");
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

async fn one_account_is_marked_by_the_same_care_of_who_is_not_of_the_family(site: TestSite) {
    site.clinic().await;
    enrol(&site, "ada", ("Ada Byron", "1980-05-17", 0), None).await;
    enrol(&site, "child", ("Carl Byron", "2012-01-02", 0), Some("ada")).await;
    let stranger = enrol(&site, "stranger", ("Dirk Somers", "1975-02-03", 0), None).await;
    enrol(&site, "apart", ("Emma Maes", "1990-02-03", 1), None).await;
    let all = [
        care(&site, "ada", "2026-11-18", "2026-11-02", 10_123),
        care(&site, "child", "2026-11-19", "2026-11-02", 10_123),
        care(&site, "apart", "2026-11-20", "2026-11-02", 10_123),
        care(&site, "stranger", "2026-11-20", "2026-11-03", 10_123),
    ];
    adjudicate(&site, &all).await;
    assert_eq!(flagged(&site).await, BTreeSet::new(), "one family, another account, another day");
    let alone = enrol(&site, "alone", ("Fien Claes", "1991-02-03", 2), None).await;
    let both = [
        ClaimDraft {
            source_id: source_id("s"),
            ..care(&site, "stranger", "2026-11-21", "2026-11-02", 10_124)
        },
        care(&site, "alone", "2026-11-21", "2026-11-02", 10_124),
    ];
    adjudicate(&site, &both).await;
    assert_eq!(flagged(&site).await, BTreeSet::new());
    let same = care(&site, "alone", "2026-11-22", "2026-11-02", 10_123);
    let mut later = care(&site, "stranger", "2026-11-22", "2026-11-05", 20_123);
    later.source_id = source_id("later");
    let of_ada =
        ClaimDraft { source_id: source_id("a2"), ..care(&site, "ada", "2026-11-21", "2026-11-05", 20_123) };
    adjudicate(&site, &[of_ada]).await;
    adjudicate(&site, &[later, ClaimDraft { source_id: source_id("alone-2"), ..same }]).await;
    let found = flagged(&site).await;
    assert_eq!(found, BTreeSet::from([stranger]));
    assert!(!found.contains(&alone));
}
