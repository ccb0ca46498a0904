//! Each check of adjudication by itself, and what becomes of a claim when a line is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use benefits::{AdjudicationError, Case, Plan, adjudicate, apply, negatives, reverse};
use domain::{
    AccumulatorBalance, Accumulators, ClaimLine, CoverageStatus, Determination, LineService, Money,
};
use support::{
    BenefitSpec, ClaimSpec, LineSpec, MemberSpec, PlanSpec, WaitingSpec, benefit, currency, date, first, gp,
    run, said, said_of, simple, with_case, yearly,
};

#[test]
fn each_line_is_eligible_on_its_own_date() {
    let member =
        MemberSpec { cover_start: (2026, 3, 1), cover_end: Some((2026, 3, 31)), ..MemberSpec::default() };
    let days = [(2026, 2, 28), (2026, 3, 1), (2026, 3, 31), (2026, 4, 1)];
    let claim = ClaimSpec::new(1, days.map(|day| gp(1_000).on(day)).to_vec());
    assert_eq!(
        said_of(&simple(), &member, &claim),
        "pended: denied 0 ELIG; approved 1000 ; approved 1000 ; denied 0 ELIG"
    );
}

#[test]
fn suspended_cover_pends_with_a_proposal_and_no_confirmation_lifts_it() {
    let mut claim = ClaimSpec { suspended: true, ..ClaimSpec::new(1, vec![gp(1_000)]) };
    let plan = PlanSpec { send: true, deductibles: vec![yearly(300).into()], ..simple() };
    for confirmed in [false, true] {
        claim.confirmed = confirmed;
        let result = first(&plan, &MemberSpec::default(), &claim);
        assert_eq!(said(&result), "pended: pended 700 SUSP+DED");
        assert!(result.entries.is_empty());
    }
}

#[test]
fn what_is_held_is_paid_as_it_was_worked_out_once_a_person_releases_it() {
    let plan = PlanSpec { deductibles: vec![yearly(300).into()], ..simple() };
    let held = ClaimSpec { suspended: true, ..ClaimSpec::new(1, vec![gp(1_000)]) };
    let released = ClaimSpec { released: true, ..held.clone() };
    let result = first(&plan, &MemberSpec::default(), &released);
    assert_eq!(said(&result), "approved: approved 700 SUSP+DED");
    assert!(!result.entries.is_empty(), "it counts");
    // It lifts nothing that could not be worked out, and no refusal.
    let unknown = LineSpec::new("SPA", 500);
    let released = ClaimSpec { released: true, lines: vec![gp(1_000), unknown], ..held };
    assert_eq!(
        said(&first(&plan, &MemberSpec::default(), &released)),
        "pended: approved 700 SUSP+DED; denied 0 NOCOV"
    );
}

#[test]
fn ended_cover_without_a_last_day_covers_nothing() {
    with_case(&MemberSpec::default(), &ClaimSpec::new(1, vec![gp(1_000)]), |case| {
        let mut case = *case;
        case.cover.status = CoverageStatus::Ended;
        let result = adjudicate(&simple().plan(), &case, &Accumulators::default()).unwrap();
        assert_eq!(said(&result), "pended: denied 0 ELIG");
        case.cover.end = Some(date((2026, 12, 31)));
        let result = adjudicate(&simple().plan(), &case, &Accumulators::default()).unwrap();
        assert_eq!(said(&result), "approved: approved 1000 ");
    });
}

#[test]
fn a_service_before_birth_or_after_death_waits_for_a_person_even_where_refusals_go_out() {
    let plan = PlanSpec { send: true, ..simple() };
    let dead = MemberSpec { death: Some((2026, 3, 9)), ..MemberSpec::default() };
    let unborn = MemberSpec { birth: Some((2026, 3, 11)), ..MemberSpec::default() };
    let same_day =
        MemberSpec { birth: Some((2026, 3, 10)), death: Some((2026, 3, 10)), ..MemberSpec::default() };
    let mut claim = ClaimSpec::new(1, vec![gp(1_000)]);
    assert_eq!(said_of(&plan, &dead, &claim), "pended: denied 0 PHANTOM");
    assert_eq!(said_of(&plan, &unborn, &claim), "pended: denied 0 PHANTOM");
    assert_eq!(said_of(&plan, &same_day, &claim), "approved: approved 1000 ");
    claim.confirmed = true;
    assert_eq!(said_of(&plan, &dead, &claim), "denied: denied 0 PHANTOM");
}

#[test]
fn refusals_wait_for_a_person_or_go_out_as_the_plan_says() {
    let member = MemberSpec::default();
    let mixed = ClaimSpec::new(1, vec![gp(1_000), LineSpec::new("SPA", 500)]);
    let refused = ClaimSpec::new(1, vec![LineSpec::new("SPA", 500)]);
    let send = PlanSpec { send: true, ..simple() };
    assert_eq!(said_of(&simple(), &member, &mixed), "pended: approved 1000 ; denied 0 NOCOV");
    assert_eq!(said_of(&send, &member, &mixed), "partially-approved: approved 1000 ; denied 0 NOCOV");
    assert_eq!(said_of(&simple(), &member, &refused), "pended: denied 0 NOCOV");
    assert_eq!(said_of(&send, &member, &refused), "denied: denied 0 NOCOV");
    let confirmed = ClaimSpec { confirmed: true, ..mixed };
    assert_eq!(said_of(&simple(), &member, &confirmed), "partially-approved: approved 1000 ; denied 0 NOCOV");
}

#[test]
fn an_exact_duplicate_is_refused_and_a_near_one_is_not() {
    let (plan, member) = (simple().plan(), MemberSpec::default());
    let mut accumulators = Accumulators::default();
    run(&plan, &member, &ClaimSpec::new(1, vec![gp(1_000)]), &mut accumulators);
    let mut again = ClaimSpec::new(2, vec![gp(1_000)]);
    assert_eq!(said(&run(&plan, &member, &again, &mut accumulators.clone())), "pended: denied 0 DUP");
    for near in [gp(1_001), gp(1_000).on((2026, 3, 11)), LineSpec::new("GP2", 1_000)] {
        again.lines = vec![near];
        assert_eq!(run(&plan, &member, &again, &mut accumulators.clone()).outcome.word(), "approved");
    }
    let other_provider = ClaimSpec { provider: 2, ..ClaimSpec::new(2, vec![gp(1_000)]) };
    assert_eq!(run(&plan, &member, &other_provider, &mut accumulators.clone()).outcome.word(), "approved");
    // The same claim, adjudicated again, is no duplicate of itself.
    let same = ClaimSpec::new(1, vec![gp(1_000)]);
    assert_eq!(run(&plan, &member, &same, &mut accumulators).outcome.word(), "approved");
    // The same line twice in one claim is.
    let twice = ClaimSpec::new(3, vec![gp(70), gp(70)]);
    assert_eq!(said(&run(&plan, &member, &twice, &mut accumulators)), "pended: approved 70 ; denied 0 DUP");
}

#[test]
fn a_claim_is_late_after_so_many_months_from_the_last_day() {
    let plan = PlanSpec { filing_months: Some(3), ..simple() };
    let mut line = gp(1_000).on((2025, 11, 29));
    line.end = (2025, 11, 30);
    let member = MemberSpec { cover_start: (2025, 1, 1), ..MemberSpec::default() };
    let mut claim = ClaimSpec::new(1, vec![line]);
    claim.received = (2026, 2, 28);
    assert_eq!(said_of(&plan, &member, &claim), "approved: approved 1000 ");
    claim.received = (2026, 3, 1);
    assert_eq!(said_of(&plan, &member, &claim), "pended: denied 0 LATE");
}

#[test]
fn a_waiting_period_ends_on_the_day() {
    let plan = PlanSpec {
        benefits: vec![BenefitSpec {
            waiting: vec![WaitingSpec { months: 6, ..WaitingSpec::default() }],
            ..benefit("MAT")
        }],
        ..PlanSpec::default()
    };
    let at = |day| ClaimSpec {
        received: (2026, 9, 1),
        ..ClaimSpec::new(1, vec![LineSpec::new("MAT", 1_000).on(day)])
    };
    assert_eq!(said_of(&plan, &MemberSpec::default(), &at((2026, 6, 30))), "pended: denied 0 WAIT");
    assert_eq!(said_of(&plan, &MemberSpec::default(), &at((2026, 7, 1))), "approved: approved 1000 ");
}

#[test]
fn an_excluded_condition_excludes_its_finer_codes() {
    let member = MemberSpec { exclusions: vec!["E11"], ..MemberSpec::default() };
    let with = |diagnosis| ClaimSpec { diagnoses: vec![diagnosis], ..ClaimSpec::new(1, vec![gp(1_000)]) };
    assert_eq!(said_of(&simple(), &member, &with("E11.9")), "pended: denied 0 PREEX");
    assert_eq!(said_of(&simple(), &member, &with("E10")), "approved: approved 1000 ");
}

#[test]
fn the_first_benefit_that_takes_code_and_setting_wins() {
    let at = |code: &str, settings: &[&str], coinsurance| BenefitSpec {
        settings: settings.iter().map(|word| (*word).to_owned()).collect(),
        coinsurance: Some(coinsurance),
        ..benefit(code)
    };
    let plan = PlanSpec {
        benefits: vec![at("GP", &["emergency"], 0), at("GP", &[], 100_000), at("", &["outpatient"], 500_000)],
        ..PlanSpec::default()
    };
    let pays = |code: &str, setting| {
        let line = LineSpec { setting, ..LineSpec::new(code, 1_000) };
        let result = first(&plan, &MemberSpec::default(), &ClaimSpec::new(1, vec![line]));
        (result.lines[0].plan, result.benefits.first().map(|benefit| benefit.benefit))
    };
    assert_eq!(pays("GP1", "emergency"), (1_000, Some(0)));
    assert_eq!(pays("GP1", "outpatient"), (900, Some(1)));
    assert_eq!(pays("99213", "outpatient"), (500, Some(2)));
    assert_eq!(pays("99213", "emergency"), (0, None));
}

#[test]
fn a_benefit_takes_types_of_service_and_never_guesses_one() {
    let of = |code: &str, service_types: &[&'static str], coinsurance| BenefitSpec {
        service_types: service_types.to_vec(),
        coinsurance: Some(coinsurance),
        ..benefit(code)
    };
    let plan = PlanSpec {
        benefits: vec![
            of("GP", &["maternity", "consultation"], 0),
            of("", &["vision"], 100_000),
            BenefitSpec { settings: vec!["outpatient".to_owned()], ..of("", &[], 500_000) },
        ],
        ..PlanSpec::default()
    };
    let pays = |code: &str, service_type, told_since| {
        let line = LineSpec { service_type, told_since, ..LineSpec::new(code, 1_000) };
        said_of(&plan, &MemberSpec::default(), &ClaimSpec::new(1, vec![line]))
    };
    assert_eq!(pays("GP", Some("maternity"), false), "approved: approved 1000 ");
    assert_eq!(pays("GP", Some("vision"), false), "approved: approved 900 COINS");
    // What became known goes before what came.
    assert_eq!(pays("GP", Some("consultation"), true), "approved: approved 1000 ");
    assert_eq!(pays("LAB", Some("maternity"), false), "approved: approved 500 COINS");
    assert_eq!(pays("GP", None, false), "pended: pended 0 INFO");
    assert_eq!(pays("LAB", None, false), "pended: pended 0 INFO");
    let silent =
        PlanSpec { benefits: vec![of("GP", &["vision"], 0), of("LAB", &[], 0)], ..PlanSpec::default() };
    let claim = ClaimSpec::new(1, vec![LineSpec::new("LAB", 1_000)]);
    let said = said_of(&silent, &MemberSpec::default(), &claim);
    assert_eq!(
        said, "approved: approved 1000 ",
        "a benefit that its code leaves out anyway asks for no type"
    );
}

#[test]
fn another_currency_and_a_line_without_service_wait_for_information() {
    let claim = ClaimSpec { cover_column: 1, confirmed: true, ..ClaimSpec::new(1, vec![gp(1_000)]) };
    assert_eq!(said_of(&simple(), &MemberSpec::default(), &claim), "pended: pended 0 INFO");
    with_case(&MemberSpec::default(), &ClaimSpec::new(1, vec![gp(1_000)]), |case| {
        let mut foreign = *case;
        let dollars: Vec<ClaimLine> = case.lines.iter().cloned().map(in_dollars).collect();
        (foreign.currency, foreign.cover.currency) = ("USD".parse().unwrap(), "USD".parse().unwrap());
        foreign.lines = &dollars;
        let silent = Case { services: &[], ..*case };
        for case in [foreign, silent] {
            let result = adjudicate(&simple().plan(), &case, &Accumulators::default()).unwrap();
            assert_eq!(said(&result), "pended: pended 0 INFO");
        }
    });
}

fn in_dollars(mut line: ClaimLine) -> ClaimLine {
    line.charge = Money::new(line.charge.minor(), "USD".parse().unwrap()).unwrap();
    line
}

#[test]
fn services_may_stand_in_any_order() {
    let claim = ClaimSpec::new(1, vec![gp(1_000), LineSpec::new("SPA", 10)]);
    with_case(&MemberSpec::default(), &claim, |case| {
        let turned: Vec<LineService> = case.services.iter().rev().cloned().collect();
        let result =
            adjudicate(&simple().plan(), &Case { services: &turned, ..*case }, &Accumulators::default());
        assert_eq!(said(&result.unwrap()), "pended: approved 1000 ; denied 0 NOCOV");
    });
}

fn broken(change: impl Fn(&mut Vec<ClaimLine>)) -> String {
    with_case(&MemberSpec::default(), &ClaimSpec::new(1, vec![gp(1_000), gp(2_000)]), |case| {
        let mut lines = case.lines.to_vec();
        change(&mut lines);
        let result = adjudicate(&simple().plan(), &Case { lines: &lines, ..*case }, &Accumulators::default());
        result.err().map_or_else(|| "no error".to_owned(), |error| error.to_string())
    })
}

#[test]
fn what_is_no_claim_is_refused() {
    assert!(broken(Vec::clear).starts_with("the claim has no line"));
    assert!(
        broken(|lines| lines[1].charge = Money::new(-1, currency(0)).unwrap())
            .starts_with("line 2: a negative")
    );
    assert!(
        broken(|lines| lines[1].charge = Money::zero(currency(1))).starts_with("line 2: a charge in another")
    );
    assert!(
        broken(|lines| lines[0].service_end = date((2026, 3, 9))).starts_with("line 1: the service ends")
    );
    assert!(broken(|lines| lines[1].number = 1).starts_with("line 1: the number stands twice"));
    assert_eq!(broken(|lines| lines.swap(0, 1)), "no error");
}

fn full(plan: &Plan, accumulators: &mut Accumulators) -> Determination {
    let claim = ClaimSpec::new(7, vec![gp(50_000), gp(20_000).on((2027, 3, 1))]);
    run(plan, &MemberSpec::default(), &claim, accumulators)
}

#[test]
fn a_reversal_is_the_exact_negative_and_limits_return() {
    let plan = PlanSpec {
        deductibles: vec![yearly(30_000).into()],
        limits: vec![(yearly(1_000), true).into()],
        ..simple()
    }
    .plan();
    let mut accumulators = Accumulators::default();
    let result = full(&plan, &mut accumulators);
    assert_eq!(accumulators.balances.len(), 3);
    let sums = result
        .entries
        .iter()
        .zip(negatives(&result))
        .all(|(entry, negative)| entry.delta + negative.delta == 0);
    assert!(sums && result.entries.len() == 3);
    let claim = with_case(&MemberSpec::default(), &ClaimSpec::new(7, vec![gp(1)]), |case| case.claim);
    reverse(&mut accumulators, claim, &result).unwrap();
    assert!(accumulators == Accumulators::default());
    assert!(full(&plan, &mut accumulators) == result, "the same inputs give the same determination");
}

#[test]
fn an_overflow_is_an_error_and_changes_nothing() {
    let plan = PlanSpec { deductibles: vec![yearly(30_000).into()], ..simple() };
    let balance =
        AccumulatorBalance { accumulator: 1, period_start: date((2026, 1, 1)), amount: i64::MIN, scope: 0 };
    let mut accumulators = Accumulators { balances: vec![balance], ..Accumulators::default() };
    // The most negative balance leaves all of the deductible, and no more than the deductible.
    assert_eq!(
        run(&plan.plan(), &MemberSpec::default(), &ClaimSpec::new(1, vec![gp(9)]), &mut accumulators).lines
            [0]
        .deductible,
        9
    );

    let limits = vec![(yearly(1_000), true).into(), (yearly(2_000), true).into()];
    let limited = PlanSpec { limits, ..simple() }.plan();
    with_case(&MemberSpec::default(), &ClaimSpec::new(1, vec![gp(9)]), |case| {
        let result = adjudicate(&limited, case, &Accumulators::default()).unwrap();
        // What is counted before the one that is full is taken back.
        for accumulator in [10, 11] {
            let (period_start, amount) = (date((2026, 1, 1)), i64::MAX);
            let balance = AccumulatorBalance { accumulator, period_start, amount, scope: 0 };
            let mut accumulators = Accumulators { balances: vec![balance], ..Accumulators::default() };
            let before = accumulators.clone();
            let refused = apply(&mut accumulators, case, &result);
            assert_eq!(refused, Err(AdjudicationError::Overflow { accumulator }));
            assert!(accumulators == before);
        }
    });
}
