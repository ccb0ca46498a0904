//! The screen: each rule flags what it is about and nothing beside it, whatever other rules there are; and no rule touches
//! what is decided.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod claims;
mod providers;

use benefits::screen::{Elsewhere, ScreenedPerson, Screening, screen};
use benefits::{Case, Cover, Facts, Plan, adjudicate};
use domain::{Accumulators, ClaimId, CoverageStatus, Currency, ProviderId, ScreenRule, Sex};
use proptest::prelude::*;

use self::claims::{Owned, claim, day, person, stay};

fn plan() -> Plan {
    Plan::parse("worldwide-modules.toml", include_str!("../../../../plans/worldwide-modules.toml")).unwrap()
}

fn flagged_with(
    claim: &Owned,
    before: &[Owned],
    person: &ScreenedPerson,
    elsewhere: Elsewhere,
    codes: bool,
) -> Vec<ScreenRule> {
    let plan = plan();
    let before: Vec<_> = before.iter().map(|one| one.shown(codes)).collect();
    let screening = Screening {
        claim: claim.shown(codes),
        before: &before,
        person,
        elsewhere,
        excluded: &[],
        levels: &[],
        plans: &[&plan],
    };
    screen(&screening).into_iter().map(|flag| flag.rule).collect()
}

fn flagged(claim: &Owned, before: &[Owned]) -> Vec<ScreenRule> {
    flagged_with(claim, before, &person(), Elsewhere::default(), true)
}

#[test]
fn an_ordinary_claim_is_not_flagged() {
    let before = [claim(1, "2026-09-02", "GP", 3_145), claim(2, "2026-10-20", "PHYSIO", 4_210).of(2)];
    assert_eq!(flagged(&claim(9, "2026-11-03", "GP", 3_145).invoice("2026/17"), &before), []);
}

#[test]
fn the_same_again_and_nearly_the_same_are_told_apart() {
    let before = [claim(1, "2026-11-03", "GP", 3_145)];
    assert_eq!(flagged(&claim(9, "2026-11-03", "GP", 3_145), &before), [ScreenRule::SameClaim]);
    assert_eq!(flagged(&claim(9, "2026-11-04", "GP", 3_145), &before), [ScreenRule::NearClaim]);
    for other in [
        claim(9, "2026-11-05", "GP", 3_145),
        claim(9, "2026-11-03", "GP", 3_146),
        claim(9, "2026-11-03", "LAB", 3_145),
        claim(9, "2026-11-03", "GP", 3_145).of(2),
    ] {
        assert_eq!(flagged(&other, &before), []);
    }
    // Where what it was for is not shown, the charge decides.
    let other = claim(9, "2026-11-03", "LAB", 3_145);
    assert_eq!(
        flagged_with(&other, &before, &person(), Elsewhere::default(), false),
        [ScreenRule::SameClaim]
    );
}

#[test]
fn documents_are_known_again_and_a_row_of_them_is_noticed() {
    let before = [claim(1, "2026-10-01", "GP", 3_145).invoice("A-7")];
    assert_eq!(
        flagged(&claim(9, "2026-11-03", "GP", 9_999).invoice("A-7"), &before),
        [ScreenRule::SameDocument]
    );
    assert_eq!(
        flagged(&claim(9, "2026-11-03", "GP", 9_999).invoice("a 7"), &before),
        [ScreenRule::SameDocument]
    );
    assert_eq!(flagged(&claim(9, "2026-11-03", "GP", 9_999).invoice("A-7").of(2), &before), []);
    let others = Elsewhere { same_document: 1, ..Elsewhere::default() };
    let own = claim(9, "2026-11-03", "GP", 9_999).invoice("A-7");
    assert_eq!(flagged_with(&own, &[], &person(), others, true), [ScreenRule::DocumentOfOthers]);

    let days = ["2026-10-01", "2026-10-09", "2026-10-20"];
    let row: Vec<Owned> = (1..)
        .zip(days)
        .map(|(id, service)| {
            claim(id, service, "GP", 3_000 + i64::from(id)).invoice(&format!("2026-{:03}", id + 6))
        })
        .collect();
    let next = |number: &str| flagged(&claim(9, "2026-11-03", "GP", 4_321).invoice(number), &row);
    assert_eq!(next("2026-010"), [ScreenRule::InvoiceSequence]);
    assert_eq!(next("2026-011"), []);
    assert_eq!(next("2025-010"), [], "a row of its own");
}

#[test]
fn nobody_is_in_two_hospitals_or_in_one_and_elsewhere() {
    let before = [stay(1, "2026-11-01", "2026-11-10")];
    assert_eq!(flagged(&stay(9, "2026-11-05", "2026-11-12").of(2), &before), [ScreenRule::OverlappingStays]);
    assert_eq!(flagged(&stay(9, "2026-11-10", "2026-11-12").of(2), &before), [], "moved on the last day");
    assert_eq!(flagged(&claim(9, "2026-11-05", "DENT", 8_000).of(2), &before), [ScreenRule::CareDuringStay]);
    assert_eq!(flagged(&claim(9, "2026-11-10", "DENT", 8_000).of(2), &before), []);
    let unseen = flagged_with(
        &stay(9, "2026-11-05", "2026-11-12").of(2),
        &before,
        &person(),
        Elsewhere::default(),
        false,
    );
    assert_eq!(unseen, [], "what it was for is not shown");
}

#[test]
fn nobody_is_in_two_far_countries_on_one_day() {
    let given =
        |id, service, country| claim(id, service, "GP", 3_000 + i64::from(id)).of(id).given_in(country);
    let before = [given(1, "2026-11-03", "US"), given(2, "2026-11-03", "NL"), given(3, "2026-11-02", "TH")];
    assert_eq!(flagged(&given(9, "2026-11-03", "BE"), &before), [ScreenRule::FarCountries]);
    assert_eq!(flagged(&given(9, "2026-11-04", "BE"), &before), [], "another day");
    assert_eq!(flagged(&given(9, "2026-11-03", "MX"), &before[..1]), [], "the neighbour");
    assert_eq!(flagged(&claim(9, "2026-11-03", "GP", 3_145).of(9), &before), [], "nobody said where");
    let home = stay(9, "2026-11-01", "2026-11-05").of(9).given_in("BE");
    assert_eq!(flagged(&home, &before[..1]), [], "somebody who is moved is in two countries");

    let plan = plan();
    let own = given(9, "2026-11-03", "BE").line(day("2026-11-02"), day("2026-11-02"), "GP", 3_131);
    let before: Vec<_> = before.iter().map(|one| one.shown(false)).collect();
    let person = person();
    let screening = Screening {
        claim: own.shown(false),
        before: &before,
        person: &person,
        elsewhere: Elsewhere::default(),
        excluded: &[],
        levels: &[],
        plans: &[&plan],
    };
    let flags = screen(&screening);
    let [flag] = flags.as_slice() else { panic!("one flag") };
    assert_eq!(flag.lines, [1, 2]);
    assert_eq!(flag.claims, [ClaimId::from_bytes([1; 16]), ClaimId::from_bytes([3; 16])]);
    assert_eq!(flag.days, [day("2026-11-02"), day("2026-11-03")]);
}

#[test]
fn days_that_cannot_be_are_noticed() {
    let of = |person: &ScreenedPerson, service: &str, minor: i64| {
        flagged_with(&claim(9, service, "GP", minor), &[], person, Elsewhere::default(), true)
    };
    let dead = ScreenedPerson { death_date: Some(day("2026-11-01")), ..person() };
    assert_eq!(of(&dead, "2026-11-02", 3_145), [ScreenRule::AfterDeath]);
    assert_eq!(of(&dead, "2026-11-01", 3_145), []);
    let unborn = ScreenedPerson { birth_date: day("2026-11-03"), ..person() };
    assert_eq!(of(&unborn, "2026-11-02", 3_145), [ScreenRule::BeforeBirth]);
    let covered = ScreenedPerson { cover: vec![(day("2026-11-02"), Some(day("2026-12-31")))], ..person() };
    assert_eq!(of(&covered, "2026-10-30", 3_145), [ScreenRule::OutsideCover]);
    assert_eq!(of(&covered, "2026-11-03", 123_456), [ScreenRule::SoonAfterStart]);
    assert_eq!(of(&covered, "2026-11-03", 3_145), []);
    assert_eq!(of(&covered, "2026-12-03", 123_456), []);
}

#[test]
fn a_diagnosis_of_another_sex_or_age_is_noticed_and_of_nobody_else() {
    let of = |person: &ScreenedPerson, code: &str| {
        flagged_with(
            &claim(9, "2026-11-03", "GP", 3_145).found(code),
            &[],
            person,
            Elsewhere::default(),
            true,
        )
    };
    let man = ScreenedPerson { sex: Sex::Male, ..person() };
    let unknown = ScreenedPerson { sex: Sex::Unknown, ..person() };
    let child = ScreenedPerson { birth_date: day("2020-05-17"), ..person() };
    assert_eq!(of(&man, "O80.1"), [ScreenRule::OtherSex]);
    assert_eq!(of(&person(), "C61"), [ScreenRule::OtherSex]);
    assert_eq!(of(&person(), "N40.0"), [ScreenRule::OtherSex]);
    assert_eq!(of(&child, "O80"), [ScreenRule::OtherAge]);
    assert_eq!(of(&person(), "P07.3"), [ScreenRule::OtherAge]);
    // What ICPC calls the same is another thing: dementia, and a finer code of the Dutch list.
    for icpc in ["P70", "P70.01", "N94", "D28"] {
        assert_eq!(of(&person(), icpc), [], "{icpc}");
        assert_eq!(of(&man, icpc), [], "{icpc}");
    }
    for (whoever, code) in
        [(&person(), "O80"), (&man, "N40.0"), (&unknown, "O80"), (&man, "J00"), (&child, "P07.3")]
    {
        assert_eq!(of(whoever, code), [], "{code}");
    }
}

#[test]
fn amounts_below_a_limit_are_noticed_alone_and_together() {
    // The plan asks for authorisation above 1,000.00 EUR.
    assert_eq!(flagged(&claim(9, "2026-11-03", "LAB", 98_765), &[]), [ScreenRule::JustUnderLimit]);
    assert_eq!(flagged(&claim(9, "2026-11-03", "LAB", 94_999), &[]), []);
    assert_eq!(flagged(&claim(9, "2026-11-03", "GP", 98_765), &[]), [], "its benefit asks for none");
    let unseen =
        flagged_with(&claim(9, "2026-11-03", "LAB", 98_765), &[], &person(), Elsewhere::default(), false);
    assert_eq!(unseen, [], "what it was for is not shown");
    assert_eq!(flagged(&claim(9, "2026-11-03", "LAB", 100_001), &[]), []);
    let before = [claim(1, "2026-11-01", "LAB", 60_123)];
    assert_eq!(flagged(&claim(9, "2026-11-03", "GP", 60_456), &before), [ScreenRule::SplitUnderLimit]);
    assert_eq!(flagged(&claim(9, "2026-11-09", "GP", 60_456), &before), []);
    assert_eq!(flagged(&claim(9, "2026-11-03", "GP", 60_456).of(2), &before), []);
    let round = claim(9, "2026-11-03", "GP", 5_000).line(day("2026-11-03"), day("2026-11-03"), "LAB", 10_000);
    assert_eq!(flagged(&round, &[]), []);
    let three = round.line(day("2026-11-03"), day("2026-11-03"), "XRAY", 15_000);
    assert_eq!(flagged(&three, &[]), [ScreenRule::RoundAmounts]);
    let today = day("2026-11-03");
    let nothing = claim(9, "2026-11-03", "GP", 0).line(today, today, "LAB", 0).line(today, today, "XRAY", 0);
    assert_eq!(flagged(&nothing, &[]), []);
}

#[test]
fn a_total_that_is_not_the_sum_is_noticed() {
    let own = || claim(9, "2026-11-03", "GP", 3_145).line(day("2026-11-03"), day("2026-11-03"), "LAB", 2_020);
    assert_eq!(flagged(&own().totalling(5_615), &[]), [ScreenRule::OtherTotal], "two digits changed places");
    assert_eq!(flagged(&own().totalling(5_165), &[]), []);
    assert_eq!(flagged(&own(), &[]), [], "nobody stated one");
}

#[test]
fn many_and_on_weekends_and_the_same_often_is_noticed() {
    let many: Vec<Owned> = (0..40)
        .map(|id| claim(id, "2026-11-03", &format!("S{id}"), 3_000 + i64::from(id) * 317).of(id))
        .collect();
    assert!(flagged(&claim(99, "2026-11-04", "GP", 9_876).of(99), &many).contains(&ScreenRule::ManyClaims));
    assert!(!flagged(&claim(99, "2026-12-24", "GP", 9_876).of(99), &many).contains(&ScreenRule::ManyClaims));

    let days = ["2026-09-05", "2026-09-13", "2026-09-26", "2026-10-03", "2026-10-18"];
    let weekends: Vec<Owned> = (1..)
        .zip(days)
        .map(|(id, service)| claim(id, service, "GP", 3_000 + i64::from(id) * 317).of(id))
        .collect();
    assert_eq!(flagged(&claim(99, "2026-11-07", "GP", 9_876).of(99), &weekends), [ScreenRule::Weekends]);
    assert_eq!(flagged(&claim(99, "2026-11-06", "GP", 9_876).of(99), &weekends), []);

    let often: Vec<Owned> =
        (0..20).map(|id| claim(id, "2026-10-20", "PHYSIO", 3_000 + i64::from(id))).collect();
    assert!(
        flagged(&claim(99, "2026-11-03", "PHYSIO", 9_876), &often).contains(&ScreenRule::SameServiceOften)
    );
    assert!(!flagged(&claim(99, "2026-11-03", "GP", 9_876), &often).contains(&ScreenRule::SameServiceOften));
    // Thirty days back, and none on.
    let of = |service| flagged(&claim(99, service, "PHYSIO", 9_876), &often);
    assert!(of("2026-11-18").contains(&ScreenRule::SameServiceOften));
    assert!(!of("2026-11-19").contains(&ScreenRule::SameServiceOften));
    assert!(!of("2026-10-19").contains(&ScreenRule::SameServiceOften));
}

#[test]
fn digits_that_are_not_those_of_invoices_are_noticed() {
    let nines: Vec<Owned> =
        (0..100).map(|id| claim(id, "2026-03-02", "GP", 9_001 + i64::from(id)).of(id)).collect();
    assert!(
        flagged(&claim(200, "2026-11-03", "GP", 9_876).of(200), &nines).contains(&ScreenRule::FirstDigits)
    );
    // 1.08 to the n is spread as Benford's law says.
    let growth = |n: u8| (0..n).fold(1_000_i64, |amount, _| amount * 108 / 100);
    let natural: Vec<Owned> = (0..119).map(|id| claim(id, "2026-03-02", "GP", growth(id)).of(id)).collect();
    assert!(
        !flagged(&claim(200, "2026-11-03", "GP", 9_876).of(200), &natural).contains(&ScreenRule::FirstDigits)
    );
}

#[test]
fn what_others_claim_is_told_as_counts() {
    let of = |elsewhere: Elsewhere, minor: i64| {
        flagged_with(&claim(9, "2026-11-03", "GP", minor), &[], &person(), elsewhere, true)
    };
    let quiet = Elsewhere {
        provider_day: 59,
        provider_since: Some(day("2026-10-01")),
        provider_claims: 49,
        any_account_since: Some(day("2025-01-01")),
        account_since: Some(day("2025-01-01")),
        ..Elsewhere::default()
    };
    assert_eq!(of(quiet, 234_567), []);
    assert_eq!(of(Elsewhere { provider_day: 60, ..quiet }, 3_145), [ScreenRule::ProviderDay]);
    assert_eq!(of(Elsewhere { provider_claims: 50, ..quiet }, 3_145), [ScreenRule::NewProvider]);
    let known = Elsewhere { provider_claims: 50, provider_since: Some(day("2026-01-01")), ..quiet };
    assert_eq!(of(known, 3_145), []);
    assert_eq!(of(Elsewhere { same_account: 1, ..quiet }, 3_145), [ScreenRule::SharedAccount]);
    assert_eq!(of(Elsewhere { same_person: 1, ..quiet }, 3_145), [ScreenRule::SamePerson]);
    assert_eq!(of(Elsewhere { account_since: None, ..quiet }, 234_567), [ScreenRule::NewAccount]);
    assert_eq!(
        of(Elsewhere { account_since: Some(day("2026-10-30")), ..quiet }, 234_567),
        [ScreenRule::NewAccount]
    );
    assert_eq!(of(Elsewhere { account_since: None, ..quiet }, 3_145), []);
    let first = Elsewhere { account_since: None, any_account_since: None, ..quiet };
    assert_eq!(of(first, 234_567), [], "nobody's first account is new");
}

#[test]
fn a_bundle_and_its_part_on_two_claims_are_noticed() {
    let text = include_str!("../../../../plans/worldwide-modules.toml");
    let bundle = text.split("[[bundle]]").nth(1).unwrap();
    let quoted: Vec<&str> = bundle.split('"').skip(1).step_by(2).take(2).collect();
    let (whole, part) = (quoted[0], quoted[1]);
    let before = [claim(1, "2026-11-03", whole, 20_123)];
    assert_eq!(flagged(&claim(9, "2026-11-03", part, 3_145), &before), [ScreenRule::ApartFromBundle]);
    assert_eq!(flagged(&claim(9, "2026-11-04", part, 3_145), &before), []);
    assert_eq!(flagged(&claim(9, "2026-11-03", part, 3_145).of(2), &before), []);
}

fn any_claim() -> impl Strategy<Value = Owned> {
    let line = (0..40_i32, 0..4_i32, 0..4_usize, 0..150_000_i64);
    (any::<u8>(), 1..4_u8, proptest::collection::vec(line, 1..5), 0..4_u8, 0..4_usize).prop_map(
        |(id, provider, lines, invoice, found)| {
            let codes = ["GP", "HOSP", "LAB", "PHYSIO"];
            let start = day("2026-10-01");
            let mut owned = claim(id, "2026-10-01", "GP", 1_000).of(provider);
            owned.lines.clear();
            owned.services.clear();
            for (first, days, code, minor) in lines {
                let first = start.plus_days(first).unwrap();
                owned = owned.line(first, first.plus_days(days).unwrap(), codes[code], minor);
            }
            let owned = owned.invoice(&format!("N{invoice}"));
            owned.found(["J00", "O80", "N40", "P07"][found])
        },
    )
}

fn decided(plan: &Plan, owned: &Owned) -> Result<domain::Determination, benefits::AdjudicationError> {
    let cover = Cover {
        id: None,
        start: day("2020-01-01"),
        end: None,
        status: CoverageStatus::Active,
        currency: Currency::EUR,
        exclusions: &[],
    };
    let case = Case {
        claim: ClaimId::from_bytes([owned.id; 16]),
        received: owned.received,
        decided: day("2026-11-27"),
        provider: ProviderId::from_bytes([owned.provider; 16]),
        currency: Currency::EUR,
        lines: &owned.lines,
        services: &owned.services,
        diagnoses: &owned.diagnoses,
        cover,
        birth_date: Some(person().birth_date),
        death_date: None,
        confirmed: false,
        facts: Facts::default(),
    };
    adjudicate(plan, &case, &Accumulators::default())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever is flagged, the same is decided: amounts, outcomes and reasons. And what a rule flags is the rule's own, and
    /// within the claim and its history.
    #[test]
    fn flags_change_nothing_that_is_decided(
        owned in any_claim(),
        before in proptest::collection::vec(any_claim(), 0..8),
        counts in (0..2_u32, 0..80_u32, 0..80_u32, 0..2_u32),
        codes in any::<bool>(),
    ) {
        let plan = plan();
        let without = decided(&plan, &owned);
        let elsewhere = Elsewhere {
            same_document: counts.0,
            provider_day: counts.1,
            provider_claims: counts.2,
            same_account: counts.3,
            ..Elsewhere::default()
        };
        let (who, history) = (person(), before.iter().map(|one| one.shown(codes)).collect::<Vec<_>>());
        let screening = Screening { claim: owned.shown(codes), before: &history, person: &who, elsewhere, excluded: &[], levels: &[], plans: &[&plan] };
        let flags = screen(&screening);
        prop_assert!(decided(&plan, &owned) == without);
        let rules: std::collections::BTreeSet<ScreenRule> = flags.iter().map(|flag| flag.rule).collect();
        prop_assert_eq!(rules.len(), flags.len());
        for flag in &flags {
            prop_assert!(codes || !flag.rule.rests_on_codes());
            prop_assert!(flag.lines.iter().all(|number| owned.lines.iter().any(|line| line.number == *number)));
            prop_assert!(flag.claims.iter().all(|id| history.iter().any(|claim| claim.claim == *id)));
        }
        prop_assert!(screen(&screening) == flags);
    }
}
