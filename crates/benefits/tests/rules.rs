//! Each rule of the plan language by itself, with amounts that can be worked out by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use benefits::Order;
use domain::{Accumulators, Determination};
use support::{
    AllowedSpec, AuthorisationSpec, BenefitSpec, ClaimSpec, CounterSpec, DeductibleSpec, LimitSpec, LineSpec,
    MaximumSpec, MemberSpec, OtherSpec, PlanSpec, WaitingSpec, benefit, first, gp, run, said, said_of,
    simple, yearly,
};

/// Adjudicates claims of one member in turn: what each line is paid.
fn paid(plan: &PlanSpec, member: &MemberSpec, claims: &[ClaimSpec]) -> Vec<Vec<i64>> {
    let results = results(plan, member, claims);
    results.iter().map(|result| result.lines.iter().map(|line| line.plan).collect()).collect()
}

fn results(plan: &PlanSpec, member: &MemberSpec, claims: &[ClaimSpec]) -> Vec<Determination> {
    let compiled = plan.plan();
    let mut accumulators = Accumulators::default();
    claims.iter().map(|claim| run(&compiled, member, claim, &mut accumulators)).collect()
}

fn one(id: u8, line: LineSpec) -> ClaimSpec {
    ClaimSpec::new(id, vec![line])
}

fn counts(of: &'static str, count: i64, period: &'static str) -> LimitSpec {
    LimitSpec { of, ..(CounterSpec { period, ..yearly(count) }, true).into() }
}

fn stay(start: (i16, i8, i8), end: (i16, i8, i8), charge: i64) -> LineSpec {
    LineSpec { end, ..gp(charge).on(start) }
}

#[test]
fn a_family_bears_its_deductible_together() {
    let rule = DeductibleSpec { family: Some(15_000), ..yearly(10_000).into() };
    let plan = PlanSpec { deductibles: vec![rule], ..simple() };
    let others = MemberSpec { family: vec![(1_001, (2026, 1, 1), 12_000)], ..MemberSpec::default() };
    // 120.00 of 150.00 are borne by the others, so 30.00 are left, and then nothing.
    assert_eq!(paid(&plan, &others, &[one(1, gp(5_000)), one(2, gp(5_100))]), [[2_000], [5_100]]);
    assert_eq!(paid(&plan, &MemberSpec::default(), &[one(1, gp(12_000))]), [[2_000]]);
}

#[test]
fn what_is_borne_in_the_last_months_carries_over() {
    let rule = DeductibleSpec {
        carry_over: Some(3),
        ..CounterSpec { period: "calendar-year", ..yearly(10_000) }.into()
    };
    let plan = PlanSpec { deductibles: vec![rule], ..simple() };
    let member = MemberSpec { cover_start: (2024, 1, 1), ..MemberSpec::default() };
    let claims = [
        one(1, gp(3_000).on((2025, 9, 30))),
        one(2, gp(4_000).on((2025, 10, 1))),
        one(3, gp(20_000).on((2026, 2, 1))),
    ];
    // Of 2026, 40.00 are borne already.
    assert_eq!(paid(&plan, &member, &claims), [[0], [0], [14_000]]);
}

#[test]
fn a_deductible_counts_for_each_condition_admission_claim_or_visit() {
    let with = |per| PlanSpec {
        deductibles: vec![CounterSpec { per: Some(per), ..yearly(1_000) }.into()],
        ..simple()
    };
    let member = MemberSpec::default();
    let claim = |id: u8, lines: Vec<LineSpec>| ClaimSpec {
        condition: Some(7),
        admission: Some(9),
        ..ClaimSpec::new(id, lines)
    };
    let monday = (2026, 3, 9);
    let two = || vec![gp(2_000).on(monday), gp(2_100).on(monday)];
    let claims = [claim(1, two()), claim(2, vec![gp(2_200)])];
    assert_eq!(paid(&with("condition"), &member, &claims), [vec![1_000, 2_100], vec![2_200]]);
    assert_eq!(paid(&with("admission"), &member, &claims), [vec![1_000, 2_100], vec![2_200]]);
    assert_eq!(paid(&with("claim"), &member, &claims), [vec![1_000, 2_100], vec![1_200]]);
    let days = [claim(1, vec![gp(2_000).on(monday), gp(2_100).on(monday), gp(2_200).on((2026, 3, 10))])];
    assert_eq!(paid(&with("visit"), &member, &days), [[1_000, 2_100, 1_200]]);
}

#[test]
fn a_copay_by_the_day_has_a_cap_of_its_own() {
    let cap = MaximumSpec { only: Some("copay"), ..(yearly(60_000), false).into() };
    let plan = PlanSpec {
        maxima: vec![cap],
        benefits: vec![BenefitSpec { copay: Some((20_000, "day")), ..benefit("GP") }],
        ..PlanSpec::default()
    };
    // 200.00 a day, 600.00 a year at most: two days, then four.
    let claims = [
        one(1, stay((2026, 3, 1), (2026, 3, 2), 100_000)),
        one(2, stay((2026, 4, 1), (2026, 4, 4), 200_000)),
    ];
    let copays: Vec<i64> =
        results(&plan, &MemberSpec::default(), &claims).iter().map(|r| r.lines[0].copay).collect();
    assert_eq!(copays, [40_000, 20_000]);
}

#[test]
fn of_several_copays_on_one_day_the_highest_is_taken() {
    let plan = PlanSpec {
        highest_copay: true,
        benefits: vec![
            BenefitSpec { copay: Some((2_000, "visit")), ..benefit("GP") },
            BenefitSpec { copay: Some((3_000, "visit")), ..benefit("LAB") },
        ],
        ..PlanSpec::default()
    };
    let claim = ClaimSpec::new(1, vec![gp(9_000), LineSpec::new("LAB", 9_000), gp(9_100)]);
    let result = first(&plan, &MemberSpec::default(), &claim);
    assert_eq!(result.lines.iter().map(|line| line.copay).collect::<Vec<_>>(), [2_000, 1_000, 0]);
}

#[test]
fn a_line_is_paid_for_the_part_that_is_within_a_limit() {
    let plan = PlanSpec {
        limits: vec![counts("days", 3, "policy-year")],
        benefits: vec![BenefitSpec { coinsurance: Some(200_000), ..benefit("GP") }],
        ..PlanSpec::default()
    };
    // Two days, then one of three: a third of 100.00, less 20 %, rounded once: 26.67 (26.666...).
    let claims = [
        one(1, stay((2026, 3, 1), (2026, 3, 2), 10_000)),
        one(2, stay((2026, 3, 5), (2026, 3, 7), 10_000)),
        one(3, gp(4_000)),
    ];
    let results = results(&plan, &MemberSpec::default(), &claims);
    let parts: Vec<_> =
        results.iter().map(|r| (r.lines[0].over_limit, r.lines[0].coinsurance, r.lines[0].plan)).collect();
    assert_eq!(parts, [(0, 2_000, 8_000), (6_666, 667, 2_667), (4_000, 0, 0)]);
    assert_eq!(said(&results[1]), "approved: approved 2667 LIM+COINS");
}

#[test]
fn a_day_or_visit_counts_once_and_also_when_another_paid() {
    let plan = PlanSpec {
        limits: vec![counts("visits", 2, "policy-year")],
        coordination: Some(("standard", None, None)),
        ..simple()
    };
    let monday = (2026, 3, 9);
    let by_other = |id, line: LineSpec, paid| ClaimSpec {
        other: Some(OtherSpec { order: Order::Second, paid: vec![Some((paid, None, 0))] }),
        ..one(id, line)
    };
    let claims = [
        one(1, gp(1_000).on(monday)),
        // The same visit, on another invoice.
        one(2, gp(1_100).on(monday)),
        // All paid by another, and counted.
        by_other(3, gp(1_200).on((2026, 3, 10)), 1_200),
        one(4, gp(1_300).on((2026, 3, 11))),
    ];
    assert_eq!(paid(&plan, &MemberSpec::default(), &claims), [[1_000], [1_100], [0], [0]]);
}

#[test]
fn no_span_of_a_rolling_period_passes_its_limit_in_whatever_order_claims_come() {
    let plan = PlanSpec { limits: vec![counts("visits", 1, "12-months")], ..simple() };
    let member = MemberSpec { cover_start: (2024, 1, 1), ..MemberSpec::default() };
    let claims = [
        one(1, gp(1_000).on((2025, 6, 10))),
        one(2, gp(1_100).on((2025, 6, 1))),
        one(3, gp(1_200).on((2026, 6, 9))),
        one(4, gp(1_300).on((2026, 6, 10))),
        one(5, gp(1_400).on((2024, 6, 9))),
    ];
    assert_eq!(paid(&plan, &member, &claims), [[1_000], [0], [0], [1_300], [1_400]]);
}

#[test]
fn amounts_may_be_salaries() {
    let limit = CounterSpec { salary: Some((1, 1_000)), ..yearly(0) };
    let plan = PlanSpec { limits: vec![(limit, true).into()], ..simple() };
    let with = |salary| MemberSpec { salary, ..MemberSpec::default() };
    assert_eq!(paid(&plan, &with(Some(6_000_050)), &[one(1, gp(9_000))]), [[6_000]]);
    assert_eq!(said_of(&plan, &with(None), &one(1, gp(9_000))), "pended: pended 0 INFO");
}

#[test]
fn a_limit_may_be_on_what_is_eligible_by_the_day_or_by_the_unit() {
    let sharing = || vec![BenefitSpec { coinsurance: Some(500_000), ..benefit("GP") }];
    let with =
        |limit: LimitSpec| PlanSpec { limits: vec![limit], benefits: sharing(), ..PlanSpec::default() };
    let eligible = LimitSpec { of: "eligible", ..(yearly(1_000), true).into() };
    assert_eq!(
        paid(&with(eligible), &MemberSpec::default(), &[one(1, gp(1_500)), one(2, gp(1_000))]),
        [[500], [0]]
    );
    let daily = LimitSpec { of: "eligible", ..(CounterSpec { period: "day", ..yearly(300) }, true).into() };
    let claims = [one(1, stay((2026, 3, 1), (2026, 3, 3), 2_000)), one(2, gp(2_100).on((2026, 3, 1)))];
    assert_eq!(paid(&with(daily), &MemberSpec::default(), &claims), [[450], [0]]);
    let each = CounterSpec { period: "day", per: Some("unit"), ..yearly(300) };
    let units = LineSpec { units: 2, ..gp(2_000) };
    assert_eq!(paid(&with((each, true).into()), &MemberSpec::default(), &[one(1, units)]), [[600]]);
}

#[test]
fn what_passes_a_stop_loss_is_paid_all_the_same() {
    let rule = LimitSpec { stop_loss: true, ..(yearly(1_000), true).into() };
    let plan = PlanSpec { limits: vec![rule], ..simple() };
    let result = first(&plan, &MemberSpec::default(), &one(1, gp(1_500)));
    assert_eq!(said(&result), "approved: approved 1500 ");
    assert_eq!(result.traces.last().unwrap().accumulator.unwrap().after, 1_500);
}

#[test]
fn care_outside_the_area_is_covered_in_an_emergency_of_the_first_days() {
    let plan = PlanSpec { area: Some((vec!["US"], true, Some(42))), ..simple() };
    let claim =
        |country, emergency, away_since| ClaimSpec { country, emergency, away_since, ..one(1, gp(1_000)) };
    let says =
        |country, emergency, away| said_of(&plan, &MemberSpec::default(), &claim(country, emergency, away));
    assert_eq!(says(Some("BE"), false, None), "approved: approved 1000 ");
    assert_eq!(says(Some("US"), false, None), "pended: denied 0 AREA");
    assert_eq!(says(Some("US"), true, Some((2026, 1, 28))), "approved: approved 1000 ");
    assert_eq!(says(Some("US"), true, Some((2026, 1, 27))), "pended: denied 0 AREA");
    assert_eq!(says(Some("US"), true, None), "pended: pended 1000 AREA");
    assert_eq!(says(None, false, None), "pended: pended 0 INFO");
}

#[test]
fn waiting_is_waived_and_a_moratorium_ends() {
    let rule = WaitingSpec { months: 10, from_age: None, waived: vec!["accident", "prior-cover"] };
    let plan = PlanSpec {
        moratorium: Some(24),
        benefits: vec![BenefitSpec { waiting: vec![rule], ..benefit("GP") }],
        ..PlanSpec::default()
    };
    let claim = one(1, gp(1_000));
    let says = |member: &MemberSpec, claim: &ClaimSpec| said_of(&plan, member, claim);
    assert_eq!(says(&MemberSpec::default(), &claim), "pended: denied 0 WAIT");
    let accident = ClaimSpec { accident: true, ..claim.clone() };
    assert_eq!(says(&MemberSpec::default(), &accident), "approved: approved 1000 ");
    let insured = MemberSpec { prior_cover: Some((2025, 5, 10)), ..MemberSpec::default() };
    assert_eq!(says(&insured, &claim), "approved: approved 1000 ");
    let ill = ClaimSpec { diagnoses: vec!["E11.9"], ..accident };
    let since = |last| MemberSpec {
        preexisting: vec![("E11", last)],
        cover_start: (2024, 1, 1),
        ..MemberSpec::default()
    };
    assert_eq!(says(&since((2024, 3, 11)), &ill), "pended: denied 0 PREEX");
    assert_eq!(says(&since((2024, 3, 10)), &ill), "approved: approved 1000 ");
}

#[test]
fn care_that_was_not_authorised_is_paid_less_or_not() {
    let with = |above, penalty| PlanSpec {
        benefits: vec![BenefitSpec {
            authorisation: Some((above, penalty)),
            coinsurance: Some(100_000),
            ..benefit("GP")
        }],
        ..PlanSpec::default()
    };
    let member = MemberSpec::default();
    let none = one(1, gp(10_000));
    assert_eq!(said_of(&with(None, Some(500_000)), &member, &none), "approved: approved 4500 COINS+AUTH");
    assert_eq!(said_of(&with(None, None), &member, &none), "pended: denied 0 AUTH");
    assert_eq!(said_of(&with(Some(10_000), None), &member, &none), "approved: approved 9000 COINS");
    let emergency = ClaimSpec { emergency: true, ..none.clone() };
    assert_eq!(said_of(&with(None, None), &member, &emergency), "approved: approved 9000 COINS");
    let known = AuthorisationSpec {
        code: "GP".to_owned(),
        from: (2026, 3, 1),
        until: (2026, 3, 31),
        units: Some(1),
        amount: None,
    };
    let unknown = ClaimSpec { authorisations: None, ..none.clone() };
    assert_eq!(said_of(&with(None, Some(500_000)), &member, &unknown), "pended: pended 0 INFO");
    assert_eq!(said_of(&with(Some(10_000), None), &member, &unknown), "approved: approved 9000 COINS");
    let two =
        ClaimSpec { authorisations: Some(vec![known]), ..ClaimSpec::new(1, vec![gp(10_000), gp(10_100)]) };
    assert_eq!(said_of(&with(None, None), &member, &two), "pended: approved 9000 COINS; denied 0 AUTH");
}

#[test]
fn a_better_room_is_paid_in_part() {
    let plan = PlanSpec {
        benefits: vec![BenefitSpec { room: Some(("semi-private", 750_000)), ..benefit("GP") }],
        ..PlanSpec::default()
    };
    let in_room =
        |room| said_of(&plan, &MemberSpec::default(), &ClaimSpec { room: Some(room), ..one(1, gp(1_000)) });
    assert_eq!(in_room("semi-private"), "approved: approved 1000 ");
    assert_eq!(in_room("private"), "approved: approved 750 ROOM");
}

#[test]
fn a_contract_is_written_off_and_what_is_customary_is_not() {
    let plan = PlanSpec {
        benefits: vec![BenefitSpec { allowed: AllowedSpec::Network(800, 900), ..benefit("GP") }],
        ..PlanSpec::default()
    };
    let says =
        |in_network| said_of(&plan, &MemberSpec::default(), &ClaimSpec { in_network, ..one(1, gp(1_000)) });
    assert_eq!(says(Some(true)), "approved: approved 800 FEE");
    assert_eq!(says(Some(false)), "approved: approved 900 RNC");
    assert_eq!(says(None), "pended: pended 0 INFO");
}

#[test]
fn what_another_line_includes_and_what_is_nearly_a_duplicate() {
    let plan = PlanSpec {
        near_duplicates: true,
        bundles: vec![("GP", "LAB")],
        benefits: vec![benefit("GP"), benefit("LAB")],
        ..PlanSpec::default()
    };
    let claim = ClaimSpec::new(
        1,
        vec![gp(1_000), LineSpec::new("LAB", 300), LineSpec::new("LAB", 300).on((2026, 3, 11))],
    );
    assert_eq!(
        said_of(&plan, &MemberSpec::default(), &claim),
        "pended: approved 1000 ; denied 0 BUND; approved 300 "
    );
    let again = [one(1, gp(1_000)), one(2, gp(1_001).on((2026, 3, 11))), one(3, gp(1_000).on((2026, 3, 12)))];
    let outcomes: Vec<String> = results(&plan, &MemberSpec::default(), &again).iter().map(said).collect();
    assert_eq!(outcomes, ["approved: approved 1000 ", "pended: pended 1001 DUP", "approved: approved 1000 "]);
    let replacing = ClaimSpec { replaces: Some(1), ..again[1].clone() };
    assert_eq!(
        said(&results(&plan, &MemberSpec::default(), &[again[0].clone(), replacing])[1]),
        "approved: approved 1001 "
    );
}

#[test]
fn a_second_layer_pays_part_of_what_the_first_leaves() {
    let plan = PlanSpec {
        major_medical: Some((yearly(20_000), 800_000)),
        benefits: vec![BenefitSpec { coinsurance: Some(200_000), ..benefit("GP") }],
        ..PlanSpec::default()
    };
    // 20 % of 1,500.00 are 300.00: 200.00 meet the deductible, and 80 % of the other 100.00 are paid.
    let claims = [one(1, gp(150_000)), one(2, gp(100_000).on((2026, 3, 11)))];
    assert_eq!(paid(&plan, &MemberSpec::default(), &claims), [[128_000], [96_000]]);
}

#[test]
fn what_was_saved_as_second_payer_is_drawn_on_later() {
    let plan = PlanSpec {
        coordination: Some(("standard", None, Some("policy-year"))),
        benefits: vec![BenefitSpec { coinsurance: Some(200_000), ..benefit("GP") }],
        ..PlanSpec::default()
    };
    let other = OtherSpec { order: Order::Second, paid: vec![Some((7_000, None, 0))] };
    // Alone it would have paid 80.00; after 70.00 it pays 30.00 and saves 50.00.
    let claims = [
        ClaimSpec { other: Some(other), ..one(1, gp(10_000)) },
        one(2, gp(20_000).on((2026, 3, 11))),
        one(3, gp(20_000).on((2026, 3, 12))),
    ];
    let results = results(&plan, &MemberSpec::default(), &claims);
    let parts: Vec<_> = results.iter().map(|r| (r.lines[0].plan, r.lines[0].member_owes())).collect();
    assert_eq!(parts, [(3_000, 0), (20_000, 0), (17_000, 3_000)]);
}

#[test]
fn two_payers_of_equal_standing_pay_half_and_too_much_waits() {
    let plan = PlanSpec { coordination: Some(("standard", None, None)), ..simple() };
    let with = |order, paid| ClaimSpec {
        other: Some(OtherSpec { order, paid: vec![Some((paid, None, 0))] }),
        ..one(1, gp(1_001))
    };
    let says = |claim: &ClaimSpec| said_of(&plan, &MemberSpec::default(), claim);
    assert_eq!(says(&with(Order::Split, 500)), "approved: approved 501 COB");
    assert_eq!(says(&with(Order::First, 0)), "approved: approved 1001 ");
    assert_eq!(says(&with(Order::Second, 1_002)), "pended: pended 0 COB");
}

#[test]
fn a_top_up_pays_above_the_base_and_never_the_contribution() {
    let plan = PlanSpec {
        coordination: Some(("statutory-top-up", None, None)),
        benefits: vec![BenefitSpec { allowed: AllowedSpec::Base(1_500_000), ..benefit("GP") }],
        ..PlanSpec::default()
    };
    // 40.00 charged on a base of 26.50: up to 39.75, of which 16.55 are paid and 2.00 stay.
    let other = OtherSpec { order: Order::Second, paid: vec![Some((1_655, Some(2_650), 200))] };
    let result = first(&plan, &MemberSpec::default(), &ClaimSpec { other: Some(other), ..one(1, gp(4_000)) });
    let line = &result.lines[0];
    assert_eq!((line.plan, line.copay, line.not_covered, line.other_payer), (2_120, 200, 25, 1_655));
    assert_eq!(said_of(&plan, &MemberSpec::default(), &one(1, gp(4_000))), "pended: pended 0 COB");
}

#[test]
fn a_charge_is_exchanged_at_the_rate_of_the_day_that_the_plan_names() {
    let plan = PlanSpec { exchange: Some("service"), ..simple() };
    let rates = Some(["1", "160", "3.3333"]);
    let claim = ClaimSpec { column: 1, rates, ..one(1, gp(1_000)) };
    let result = first(&plan, &MemberSpec::default(), &claim);
    assert_eq!((said(&result), result.currency.code()), ("approved: approved 625 ".to_owned(), "EUR"));
    assert_eq!(result.exchanges[0].rate, "160 / 1");
    let unknown = ClaimSpec { rates: None, ..claim };
    assert_eq!(said_of(&plan, &MemberSpec::default(), &unknown), "pended: pended 0 INFO");
}

#[test]
fn fractions_that_are_too_fine_are_an_error_and_no_amount() {
    let plan = PlanSpec {
        limits: vec![counts("units", 1, "policy-year")],
        major_medical: Some((yearly(0), 333_333)),
        benefits: vec![BenefitSpec {
            allowed: AllowedSpec::Percentage(999_999),
            coinsurance: Some(999_997),
            authorisation: Some((None, Some(999_983))),
            ..benefit("GP")
        }],
        ..PlanSpec::default()
    };
    let line = LineSpec { units: u32::MAX, ..gp(domain::Money::MAX_MINOR - 1) };
    let error = support::with_case(&MemberSpec::default(), &one(1, line), |case| {
        benefits::adjudicate(&plan.plan(), case, &Accumulators::default()).err()
    });
    assert_eq!(error, Some(benefits::AdjudicationError::TooFine { line: 1 }));
}
