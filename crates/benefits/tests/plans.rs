//! The shipped plans: they parse, and every service that the demo and the imports know finds a benefit.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use benefits::{Plan, PremiumError, Refusals};
use domain::{Accumulators, CareSetting, Currency, Reason};
use support::{ClaimSpec, LineSpec, MemberSpec};

const CODES: [&str; 11] = ["GP", "SPEC", "LAB", "RX", "HOSP", "DENT", "OPT", "PHYS", "IMG", "MAT", "EMER"];

fn shipped() -> [Plan; 3] {
    [
        ("worldwide-plus.toml", include_str!("../../../plans/worldwide-plus.toml")),
        ("self-funded-basic.toml", include_str!("../../../plans/self-funded-basic.toml")),
        ("community.toml", include_str!("../../../plans/community.toml")),
    ]
    .map(|(name, text)| Plan::parse(name, text).unwrap())
}

/// A member of long standing, so that no waiting period runs.
fn member() -> MemberSpec {
    MemberSpec { cover_start: (2024, 1, 1), ..MemberSpec::default() }
}

#[test]
fn each_plan_has_its_currencies_and_looks_at_refusals() {
    let plans = shipped();
    let codes =
        |plan: &Plan| plan.currencies().iter().map(|currency| currency.code()).collect::<Vec<_>>().join(" ");
    assert_eq!(plans.each_ref().map(Plan::id), ["worldwide-plus", "self-funded-basic", "community"]);
    assert_eq!(plans.each_ref().map(codes), ["EUR USD GBP CHF", "EUR USD", "EUR USD"]);
    assert!(plans.iter().all(|plan| plan.refusals() == Refusals::Pend));
}

#[test]
fn every_plan_takes_every_code_of_its_own() {
    for plan in shipped() {
        for code in CODES {
            let claim = ClaimSpec::new(1, vec![LineSpec::new(code, 20_000)]);
            let result = support::run(&plan, &member(), &claim, &mut Accumulators::default());
            assert_eq!(result.outcome.word(), "approved", "{code} under {}", plan.id());
            assert!(plan.benefit_name(result.benefits[0].benefit).is_some());
        }
    }
}

#[test]
fn worldwide_plus_takes_foreign_codes_by_setting_and_the_others_do_not() {
    let [worldwide, basic, community] = shipped();
    for setting in CareSetting::ALL {
        let mut line = LineSpec::new("185345009", 20_000);
        line.setting = setting.word();
        let claim = ClaimSpec::new(1, vec![line]);
        let result = support::run(&worldwide, &member(), &claim, &mut Accumulators::default());
        assert_eq!(result.outcome.word(), "approved", "{setting}");
        for plan in [&basic, &community] {
            let result = support::run(plan, &member(), &claim, &mut Accumulators::default());
            assert_eq!(result.lines[0].reasons, [Reason::NotCovered]);
        }
    }
}

/// The plans that show the whole language, and what one line of 1,000.00 is paid under each.
const COMPLETE: [(&str, &str, &str, &str); 6] = [
    (
        "worldwide-modules.toml",
        include_str!("../../../plans/worldwide-modules.toml"),
        "PHYS",
        "approved: approved 100000 ",
    ),
    (
        "worldwide-excluding-usa.toml",
        include_str!("../../../plans/worldwide-excluding-usa.toml"),
        "LAB",
        "approved: approved 40000 DED+COINS",
    ),
    (
        "self-funded-stop-loss.toml",
        include_str!("../../../plans/self-funded-stop-loss.toml"),
        "GP",
        "approved: approved 12500 RNC+COPAY",
    ),
    (
        "international-organisation.toml",
        include_str!("../../../plans/international-organisation.toml"),
        "LAB",
        "approved: approved 80000 COINS",
    ),
    (
        "national-top-up.toml",
        include_str!("../../../plans/national-top-up.toml"),
        "LAB",
        "approved: approved 25000 RNC+COPAY+COB",
    ),
    (
        "village-scheme.toml",
        include_str!("../../../plans/village-scheme.toml"),
        "HOSP",
        "approved: approved 1980 FEE+COINS",
    ),
];

#[test]
fn the_complete_plans_say_what_they_pay() {
    let member = MemberSpec { salary: Some(12_000_000), ..member() };
    let other =
        support::OtherSpec { order: benefits::Order::Second, paid: vec![Some((44_800, Some(70_000), 200))] };
    for (name, text, code, says) in COMPLETE {
        let plan = Plan::parse(name, text).unwrap();
        let modules = ["core", "out-patient"].map(str::to_owned).to_vec();
        let modules = (name == "worldwide-modules.toml").then_some(modules);
        let member = MemberSpec { modules, ..member.clone() };
        let mut claim = ClaimSpec::new(1, vec![LineSpec::new(code, 100_000).on((2027, 3, 1))]);
        claim.received = (2027, 4, 1);
        claim.country = Some("BE");
        claim.other = (name == "national-top-up.toml").then(|| other.clone());
        let column = plan.currencies().first().unwrap();
        let result = support::with_case(&member, &claim, |case| {
            let lines: Vec<_> = case
                .lines
                .iter()
                .map(|line| domain::ClaimLine {
                    charge: domain::Money::new(line.charge.minor(), *column).unwrap(),
                    ..line.clone()
                })
                .collect();
            let cover = benefits::Cover { currency: *column, ..case.cover };
            let case = benefits::Case { currency: *column, lines: &lines, cover, ..*case };
            benefits::adjudicate(&plan, &case, &Accumulators::default()).unwrap()
        });
        assert_eq!(support::said(&result), says, "{name}");
    }
}

/// What a member has, the code of the care, and whether it is covered.
const MODULES: &[(&[&str], &str, bool)] = &[
    (&["core"], "HOSP", true),
    (&["core", "out-patient"], "PHYS", true),
    (&["core", "out-patient", "maternity"], "MAT", true),
    // The core is compulsory: without it nothing is covered.
    (&["out-patient"], "PHYS", false),
    (&["out-patient", "dental", "vision", "maternity", "check-ups", "repatriation"], "MAT", false),
    (&["dental"], "DENT", false),
    (&["vision"], "OPT", false),
    (&["check-ups"], "CHECK", false),
    (&["repatriation"], "EVAC", false),
    // One of two that are required, and another module than the care's.
    (&["core", "maternity"], "MAT", false),
    (&["core", "maternity"], "HOSP", true),
    (&["core", "dental"], "PHYS", false),
    (&[], "HOSP", false),
];

#[test]
fn a_module_counts_only_with_those_that_it_requires() {
    let (_, text, ..) = COMPLETE[0];
    let listed = "requires = [\"core\", \"out-patient\"]";
    assert!(text.contains(listed));
    // What a module requires by way of another counts as if it were listed.
    for text in [text, &text.replace(listed, "requires = [\"out-patient\"]")] {
        let plan = Plan::parse("worldwide-modules.toml", text).unwrap();
        for (modules, code, covered) in MODULES {
            let modules = Some(modules.iter().map(|id| (*id).to_owned()).collect());
            let member = MemberSpec { modules, sex: Some("female"), ..member() };
            let mut claim = ClaimSpec::new(1, vec![LineSpec::new(code, 20_000).on((2027, 3, 1))]);
            claim.received = (2027, 4, 1);
            let result = support::run(&plan, &member, &claim, &mut Accumulators::default());
            let refused = result.lines[0].reasons == [Reason::NotCovered];
            assert_eq!(refused, !covered, "{code} with {:?}: {}", member.modules, support::said(&result));
            let told = result.traces.iter().filter_map(|trace| plan.rule_text(trace.rule));
            let because = "the member does not have the module of the benefit, or one that it requires";
            assert_eq!(told.filter(|told| *told == because).count(), usize::from(!covered));
        }
    }
}

#[test]
fn a_household_joins_the_village_scheme_on_the_next_of_two_days() {
    let (_, text, _, _) = COMPLETE[5];
    let plan = Plan::parse("village-scheme.toml", text).unwrap();
    let day = |text: &str| text.parse::<domain::Date>().unwrap();
    let births = ["1980-05-05", "1982-01-01", "2010-01-01", "2015-01-01", "2024-01-01"].map(day);
    // Four for one sum, the youngest by age, and a card each.
    let enrolled = plan.enrol(&births, day("2027-02-02"), Currency::EUR).unwrap().unwrap();
    assert_eq!(
        (enrolled.start, enrolled.end, enrolled.amount),
        (day("2027-06-01"), day("2028-05-31"), 7_300)
    );
}

#[test]
fn who_earns_less_pays_less_of_the_organisations_premium() {
    let (_, text, _, _) = COMPLETE[3];
    let plan = Plan::parse("international-organisation.toml", text).unwrap();
    let usd: Currency = "USD".parse().unwrap();
    // Two adults and a child: 962.00 a month.
    let pays = |salary: i64| {
        let quote = plan.quote(&[44, 41, 9], Some(salary), usd).unwrap().unwrap();
        let shares = quote.shares.unwrap();
        assert_eq!((quote.premium, shares.member + shares.employer), (96_200, 96_200));
        shares.member
    };
    assert_eq!(pays(0), 19_240);
    assert_eq!(pays(5_999_999), 19_240);
    // A quarter, since 4.5 % of 5,000.00 is less than that.
    assert_eq!(pays(6_000_000), 24_050);
    assert_eq!(pays(8_400_000), 31_500);
    assert_eq!(pays(13_000_000), 48_100);
    let unknown = plan.quote(&[44], None, usd).unwrap().unwrap();
    assert_eq!((unknown.premium, unknown.shares), (41_200, Err(PremiumError::Salary)));
    assert_eq!(plan.quote(&[44], None, Currency::EUR), Err(PremiumError::Currency));
    assert_eq!(plan.quote(&[], None, usd), Err(PremiumError::Nobody));
}

#[test]
fn the_organisation_pays_a_doctor_by_the_country_of_care_and_guesses_none() {
    let (_, text, _, _) = COMPLETE[3];
    let plan = Plan::parse("international-organisation.toml", text).unwrap();
    let decided = |country| {
        let mut claim = ClaimSpec::new(1, vec![LineSpec::new("GP", 100_000).on((2027, 3, 1))]);
        (claim.received, claim.country) = ((2027, 4, 1), country);
        let member = MemberSpec { salary: Some(12_000_000), ..member() };
        support::with_case(&member, &claim, |case| {
            let usd: Currency = "USD".parse().unwrap();
            let charge = domain::Money::new(100_000, usd).unwrap();
            let lines = [domain::ClaimLine { charge, ..case.lines[0].clone() }];
            let cover = benefits::Cover { currency: usd, ..case.cover };
            let case = benefits::Case { currency: usd, lines: &lines, cover, ..*case };
            let result = benefits::adjudicate(&plan, &case, &Accumulators::default()).unwrap();
            let last = result.traces.last().and_then(|trace| plan.rule_text(trace.rule)).unwrap();
            (support::said(&result), last.to_owned())
        })
    };
    // Of 210.00 and 95.00 four fifths.
    assert_eq!(decided(Some("US")).0, "approved: approved 16800 RNC+COINS");
    assert_eq!(decided(Some("KE")).0, "approved: approved 7600 RNC+COINS");
    let (said, because) = decided(None);
    assert_eq!(said, "pended: pended 0 INFO");
    assert_eq!(
        because,
        "what is covered or allowed depends on where the care was given, and that is not known"
    );
}

#[test]
fn numbers_turn_into_words() {
    let [worldwide, ..] = shipped();
    assert_eq!(worldwide.label(), "worldwide-plus@2026-1");
    assert_eq!(worldwide.accumulator_name(1), Some("Annual deductible"));
    assert_eq!(worldwide.accumulator_limit(1, Currency::EUR), Some(25_000));
    assert_eq!(worldwide.accumulator_limit(1, "JPY".parse().unwrap()), None);
    assert_eq!(worldwide.accumulator_name(99), None);
    let claim = ClaimSpec::new(1, vec![LineSpec::new("GP", 60_000)]);
    let result = support::run(&worldwide, &member(), &claim, &mut Accumulators::default());
    let words: Vec<&str> =
        result.traces.iter().map(|trace| worldwide.rule_text(trace.rule).unwrap()).collect();
    assert_eq!(
        words,
        [
            "the service falls under `General practitioner`",
            "General practitioner: the charge is allowed",
            "deductible: `Annual deductible`, policy-year",
            "General practitioner: co-insurance 20 %",
            "out-of-pocket maximum without the deductible: `Out-of-pocket maximum`, policy-year",
            "limit: `Annual maximum`, policy-year",
        ]
    );
}
