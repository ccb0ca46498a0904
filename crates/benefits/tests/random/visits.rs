//! Random visits: plans that count for each visit, and the care of a few days at two providers, which passes and comes in several
//! claims. In the histories at large a second invoice of a visit that counts is rare.

use proptest::prelude::*;

use crate::random::claims::other;
use crate::random::{CODES, amount, plan};
use crate::support::{ClaimSpec, CounterSpec, LineSpec, MemberSpec, PlanSpec, yearly};

/// A plan of which the first rule of each sort counts for each visit, and of which little keeps care from counting.
pub(crate) fn plan_of_visits() -> impl Strategy<Value = PlanSpec> {
    (plan(), 1..200_000i64).prop_map(|(mut plan, amount)| {
        let per_visit = |counter: &mut CounterSpec| counter.per = Some("visit");
        if plan.deductibles.is_empty() {
            plan.deductibles.push(yearly(amount).into());
        }
        if let Some(rule) = plan.deductibles.first_mut() {
            per_visit(&mut rule.counter);
            rule.carry_over = None;
        }
        plan.maxima.iter_mut().take(1).for_each(|rule| per_visit(&mut rule.counter));
        for rule in plan.limits.iter_mut().take(1) {
            per_visit(&mut rule.counter);
            rule.family = false;
        }
        for benefit in &mut plan.benefits {
            (benefit.diagnosis, benefit.from_age, benefit.sex) = (None, None, None);
            (benefit.from, benefit.until, benefit.authorisation) = (None, None, None);
            benefit.settings.clear();
            benefit.service_types.clear();
            benefit.waiting.clear();
            if benefit.code.is_empty() {
                benefit.settings = vec!["outpatient".to_owned()];
            }
        }
        PlanSpec {
            modules: vec![],
            area: None,
            moratorium: None,
            filing_months: None,
            exclusions: vec![],
            near_duplicates: false,
            ..plan
        }
    })
}

prop_compose! {
    fn line()(
        day in 3..5i8, stay in prop_oneof![3 => Just(0i8), 1 => 1..3i8], units in prop_oneof![4 => Just(1u32), 1 => 2..9u32],
        charge in amount(), code in prop::sample::select(&CODES[..]),
    ) -> LineSpec {
        LineSpec { end: (2025, 3, day + stay), units, ..LineSpec::new(code, charge).on((2025, 3, day)) }
    }
}

prop_compose! {
    fn claim(id: u8)(lines in prop::collection::vec(line(), 1..4))(
        provider in 1..3u8,
        replaces in prop::option::weighted(0.1, Just(id.saturating_sub(1))),
        in_network in any::<bool>(),
        paid in prop::option::weighted(0.2, other(lines.iter().map(|line| line.charge).collect())),
        lines in Just(lines),
    ) -> ClaimSpec {
        ClaimSpec {
            provider, replaces,
            received: (2025, 4, 1),
            confirmed: true,
            diagnoses: vec!["J06.9"],
            country: Some("BE"),
            in_network: Some(in_network),
            room: Some("ward"),
            documents: Some(vec!["prescription"]),
            other: paid.flatten(),
            ..ClaimSpec::new(id, lines)
        }
    }
}

pub(crate) fn claims_of_visits() -> impl Strategy<Value = Vec<ClaimSpec>> {
    (2..6u8).prop_flat_map(|size| (0..size).map(|id| claim(id).boxed()).collect::<Vec<_>>())
}

/// Somebody whose cover began on the day of some of the care or before, with policy years of their own or not.
pub(crate) fn member_of_visits() -> impl Strategy<Value = MemberSpec> {
    let start = prop_oneof![3 => Just((2025, 1, 1)), 1 => Just((2025, 3, 4))];
    let policy_start = prop::option::weighted(0.3, Just((2020, 4, 1)));
    (start, policy_start).prop_map(|(cover_start, policy_start)| MemberSpec {
        cover_start,
        policy_start,
        salary: Some(3_000_000),
        ..MemberSpec::default()
    })
}
