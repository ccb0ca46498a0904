//! Random members and histories of claims.

use benefits::Order;
use proptest::prelude::*;

use super::{CODES, amount};
use crate::support::{AuthorisationSpec, ClaimSpec, LineSpec, MemberSpec, OtherSpec, date};

fn day() -> impl Strategy<Value = (i16, i8, i8)> {
    prop_oneof![
        3 => (2024..2027i16, 1..=12i8, 1..=28i8),
        3 => (Just(2025i16), Just(3i8), 1..=4i8),
        1 => prop::sample::select(vec![(2024, 2, 29), (2025, 2, 28), (2025, 12, 31), (2026, 1, 1)]),
    ]
}

fn small() -> impl Strategy<Value = Option<u32>> {
    prop::option::weighted(0.5, 0..3u32)
}

prop_compose! {
    fn line()(
        start in day(), stay in 0..5i32, units in prop_oneof![4 => Just(1u32), 2 => 1..50u32, 1 => Just(u32::MAX)],
        charge in prop_oneof![6 => amount(), 1 => Just(2_500i64)],
        code in prop::sample::select(&CODES[..]),
        setting in prop::sample::select(vec!["outpatient", "outpatient", "inpatient", "emergency", "pharmacy"]),
        service_type in prop::sample::select(vec![Some("consultation"), Some("consultation"), Some("vision"), Some("maternity"), None]),
        told_since in prop::bool::weighted(0.2),
    ) -> LineSpec {
        let last = date(start).plus_days(stay).unwrap();
        LineSpec { start, end: (last.year(), last.month(), last.day()), units, charge, code: code.to_owned(), setting, service_type, told_since }
    }
}

/// What persons decided about some lines: what may be lifted, what may not, and refusals.
fn overrides() -> impl Strategy<Value = Vec<(u32, Option<&'static str>)>> {
    let lifted = prop::sample::select(vec![
        "DUP", "DUP", "LATE", "AREA", "WAIT", "PREEX", "AUTH", "BUND", "NOCOV", "PERSON", "ELIG", "PHANTOM",
        "LIM",
    ]);
    let one = (1..4u32, prop::option::weighted(0.7, lifted));
    prop_oneof![2 => Just(vec![]), 1 => prop::collection::vec(one, 1..6)]
}

fn authorisations() -> impl Strategy<Value = Vec<AuthorisationSpec>> {
    let one = (
        prop::sample::select(vec!["GP", "HOSP", "LAB"]),
        prop::option::of(1..60u32),
        prop::option::of(amount()),
    )
        .prop_map(|(code, units, amount)| AuthorisationSpec {
            code: code.to_owned(),
            from: (2025, 3, 2),
            until: (2026, 3, 1),
            units,
            amount,
        });
    prop::collection::vec(one, 0..2)
}

/// What another payer made of up to five lines: seldom more than the charge, sometimes nothing known.
pub(crate) fn other(charges: Vec<i64>) -> impl Strategy<Value = Option<OtherSpec>> {
    let payments: Vec<_> = charges
        .into_iter()
        .map(|charge| {
            let paid = prop_oneof![8 => 0..=charge, 1 => Just(charge + 1)];
            let contribution = prop_oneof![3 => Just(0i64), 1 => 0..300i64];
            let allowed = prop::option::weighted(0.8, prop_oneof![0..=charge, amount()]);
            prop::option::weighted(0.9, (paid, allowed, contribution)).boxed()
        })
        .collect();
    let order =
        prop::sample::select(vec![Order::Second, Order::Second, Order::Second, Order::Split, Order::First]);
    prop::option::weighted(0.5, (order, payments).prop_map(|(order, paid)| OtherSpec { order, paid }))
}

prop_compose! {
    fn claim(id: u8)(lines in prop::collection::vec(line().boxed(), 1..5))(
        provider in 1..3u8, received in day(), cover_column in 0..3usize,
        flags in (prop::bool::weighted(0.05), prop::bool::weighted(0.15), any::<bool>(), prop::bool::weighted(0.04), prop::bool::weighted(0.2), prop::bool::weighted(0.2), any::<bool>()),
        waived in (prop::bool::weighted(0.03), prop::bool::weighted(0.1)),
        of_stay in (prop::option::weighted(0.7, day()), prop::option::weighted(0.7, day())),
        rates in prop::option::weighted(0.9, prop::sample::select(vec![["1", "160", "0.1"], ["1", "158.73", "0.0973"]])),
        country in prop::sample::select(vec![Some("BE"), Some("BE"), Some("US"), Some("FR"), None]),
        away_since in prop::option::weighted(0.7, prop::sample::select(vec![(2025, 3, 1), (2025, 1, 10)])),
        room in prop::option::weighted(0.85, prop::sample::select(vec!["ward", "semi-private", "private", "suite"])),
        numbers in (small(), small(), small(), small()),
        documents in prop::option::weighted(0.8, prop::sample::subsequence(vec!["prescription"], 0..=1)),
        replaces in prop::option::weighted(0.1, Just(id.saturating_sub(1))),
        authorisations in authorisations(), overrides in overrides(),
        more in other(lines.iter().map(|line| line.charge).collect()),
        first in prop::sample::select(vec!["J06.9", "J06.9", "Z99.1", "M54"]),
        lines in Just(lines),
    ) -> ClaimSpec {
        let (other, ill, confirmed, suspended, emergency, accident, in_network) = flags;
        let column = if other { (cover_column + 1) % 3 } else { cover_column };
        let diagnoses = if ill { vec![first, "E11.9"] } else { vec![first] };
        let (condition, event, pregnancy, admission) = numbers;
        let ((provider_excluded, filing_waived), (invoiced, admitted)) = (waived, of_stay);
        // Who knows nothing of the place knows no contract; who kept no papers knows of no authorisation.
        let in_network = country.is_some().then_some(in_network);
        let authorisations = (documents.is_some() || room.is_none()).then_some(authorisations);
        ClaimSpec {
            provider, received, column, cover_column, diagnoses, confirmed, suspended, country, emergency, accident,
            away_since, in_network, room, condition, event, pregnancy, admission, documents, replaces, authorisations,
            other: more, overrides, provider_excluded, filing_waived, invoiced, admitted, rates,
            ..ClaimSpec::new(id, lines)
        }
    }
}

prop_compose! {
    pub(crate) fn member()(
        cover_start in prop_oneof![1 => Just((2024, 2, 29)), 1 => Just((2023, 7, 1)), 1 => Just((2025, 1, 1)), 2 => Just((2025, 3, 3))],
        cover_end in prop::option::weighted(0.3, Just((2026, 6, 30))),
        born in prop::sample::select(vec![Some((1980, 1, 1)), Some((1980, 1, 1)), Some((2008, 2, 29)), Some((2025, 3, 1)), Some((2025, 3, 2)), None]),
        dead in prop::bool::weighted(0.1), excluded in prop::bool::weighted(0.3),
        sex in prop::sample::select(vec![Some("female"), Some("male"), None]),
        salary in prop::option::weighted(0.8, 0..10_000_000i64),
        policy_start in prop::option::weighted(0.3, Just((2020, 4, 1))),
        (prior_cover, covered_since) in (prop::option::weighted(0.3, Just((2022, 1, 1))), prop::option::weighted(0.2, prop::sample::select(vec![(2022, 6, 30), (2024, 12, 31), (2025, 3, 2)]))),
        modules in prop::option::weighted(0.9, prop::sample::select(vec![vec!["core"], vec!["core", "dental"], vec!["core", "more", "dental"], vec!["core", "more", "dental"], vec!["more", "dental"]])),
        preexisting in prop::option::weighted(0.4, day()),
        family in prop::collection::vec((prop::sample::select(vec![1_001u16, 1_002, 10, 11]), prop::sample::select(vec![(2025, 1, 1), (2025, 4, 1), (2024, 4, 1)]), 0..3_000i64), 0..4),
    ) -> MemberSpec {
        MemberSpec {
            cover_start, cover_end, birth: born,
            death: dead.then_some((2026, 3, 1)),
            exclusions: if excluded { vec!["E11"] } else { vec![] },
            sex, salary, policy_start, covered_since, prior_cover,
            preexisting: preexisting.map(|last| ("J06", last)).into_iter().collect(),
            modules: modules.map(|ids| ids.into_iter().map(str::to_owned).collect()),
            family,
        }
    }
}

prop_compose! {
    /// A member's claims: one cover currency throughout, some claims sent a second time.
    pub(crate) fn history()(size in 1..6u8, column in 0..3usize, again in prop::collection::vec(prop::bool::weighted(0.2), 7))(
        mut claims in (0..size).map(|id| claim(id).boxed()).collect::<Vec<_>>(),
        column in Just(column), again in Just(again),
    ) -> Vec<ClaimSpec> {
        for index in 0..claims.len() {
            let odd = claims[index].column != claims[index].cover_column;
            claims[index].cover_column = column;
            claims[index].column = if odd { (column + 1) % 3 } else { column };
            if index > 0 && again[index] {
                claims[index] = ClaimSpec { id: claims[index].id, replaces: None, ..claims[index - 1].clone() };
            }
        }
        claims
    }
}
