//! Rules that plans differ in, each by the section and step of `rules.md` that it comes from: a table of cases, with amounts
//! that can be worked out by hand. It knows nothing of how rules are carried out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use domain::{Accumulators, ClaimId};
use support::claim::Day;
use support::{
    BenefitSpec, ClaimSpec, CounterSpec, DeductibleSpec, LineSpec, MemberSpec, PlanSpec, WaitingSpec,
    benefit, first, gp, run, said_of, simple, with_case, yearly,
};

/// Section 2, step 1, newborn grace. Days of grace, birth, first day of cover, day of the service, and what is said.
const NEWBORN: &[(Option<i32>, Day, Day, Day, &str)] = &[
    (None, (2026, 3, 1), (2026, 3, 21), (2026, 3, 2), "pended: denied 0 ELIG"),
    (Some(31), (2026, 3, 1), (2026, 3, 21), (2026, 3, 2), "approved: approved 1000 "),
    // From the day of birth, and on none before.
    (Some(31), (2026, 3, 1), (2026, 3, 21), (2026, 3, 1), "approved: approved 1000 "),
    (Some(31), (2026, 3, 1), (2026, 3, 21), (2026, 2, 28), "pended: denied 0 PHANTOM"),
    // At most so many days after birth.
    (Some(20), (2026, 3, 1), (2026, 3, 21), (2026, 3, 2), "approved: approved 1000 "),
    (Some(19), (2026, 3, 1), (2026, 3, 21), (2026, 3, 2), "pended: denied 0 ELIG"),
    (Some(19), (2026, 3, 1), (2026, 3, 21), (2026, 3, 21), "approved: approved 1000 "),
    // Nobody else, and not who was covered before birth.
    (Some(31), (1990, 3, 1), (2026, 3, 21), (2026, 3, 2), "pended: denied 0 ELIG"),
    (Some(31), (2026, 3, 21), (2026, 3, 1), (2026, 3, 20), "pended: denied 0 PHANTOM"),
];

#[test]
fn a_newborn_is_covered_from_birth() {
    for (newborn, birth, start, service, says) in NEWBORN {
        let plan = PlanSpec { newborn: *newborn, ..simple() };
        let member = MemberSpec { birth: Some(*birth), cover_start: *start, ..MemberSpec::default() };
        let claim = ClaimSpec::new(1, vec![gp(1_000).on(*service)]);
        assert_eq!(said_of(&plan, &member, &claim), *says, "{newborn:?} {birth:?} {start:?} {service:?}");
    }
}

#[test]
fn what_a_newborn_had_before_the_cover_counts_in_its_first_year_and_waiting_runs_from_birth() {
    let plan = PlanSpec {
        send: true,
        newborn: Some(31),
        deductibles: vec![DeductibleSpec::from(yearly(1_500))],
        benefits: vec![BenefitSpec {
            waiting: vec![WaitingSpec { months: 1, ..WaitingSpec::default() }],
            ..benefit("GP")
        }],
        ..PlanSpec::default()
    };
    let member = MemberSpec { birth: Some((2026, 2, 1)), cover_start: (2026, 3, 3), ..MemberSpec::default() };
    let days = [(2026, 2, 28), (2026, 3, 1), (2026, 3, 3), (2027, 3, 2), (2027, 3, 3)];
    let claim =
        ClaimSpec { received: (2027, 4, 1), ..ClaimSpec::new(1, days.map(|day| gp(1_000).on(day)).to_vec()) };
    let result = first(&plan, &member, &claim);
    let lines: Vec<_> = result.lines.iter().map(|line| (line.not_covered, line.deductible)).collect();
    assert_eq!(lines, [(1_000, 0), (0, 1_000), (0, 500), (0, 0), (0, 1_000)]);
    let starts: Vec<_> = result.entries.iter().map(|entry| entry.period_start.to_string()).collect();
    assert_eq!(starts, ["2026-03-03", "2026-03-03", "2027-03-03"]);
    let told = |trace: &&domain::Trace| trace.step == domain::Step::Eligibility;
    let told: Vec<u32> = result.traces.iter().filter(told).map(|trace| trace.line).collect();
    assert_eq!(told, [1, 2], "why care before the cover is paid");
}

/// A word for rounding, and what of each charge the plan and the member bear.
type Rounded = (Option<&'static str>, [(i64, i64); 4]);
/// A room, papers, and what becomes of the line.
type Unsaid = (Option<&'static str>, Option<&'static [&'static str]>, &'static str);

/// Section 2, step 16. The word, and for charges of 0.01, 0.02, 0.03 and 1.01 of which half is co-insurance: what the plan pays
/// and the member bears.
const ROUNDING: &[Rounded] = &[
    (None, [(1, 0), (1, 1), (2, 1), (51, 50)]),
    (Some("half-up"), [(1, 0), (1, 1), (2, 1), (51, 50)]),
    (Some("down"), [(0, 1), (1, 1), (1, 2), (50, 51)]),
    (Some("up"), [(1, 0), (1, 1), (2, 1), (51, 50)]),
];

/// The same where a third is co-insurance, of 0.01, 0.02, 0.05 and 1.00.
const ROUNDING_THIRDS: &[Rounded] = &[
    (None, [(1, 0), (1, 1), (3, 2), (67, 33)]),
    (Some("down"), [(0, 1), (1, 1), (3, 2), (66, 34)]),
    (Some("up"), [(1, 0), (2, 0), (4, 1), (67, 33)]),
];

#[test]
fn a_line_is_rounded_once_as_the_plan_says() {
    let halves = ROUNDING.iter().map(|case| (500_000, [1, 2, 3, 101], case));
    let thirds = ROUNDING_THIRDS.iter().map(|case| (333_333, [1, 2, 5, 100], case));
    for (rate, charges, (rounding, parts)) in halves.chain(thirds) {
        let plan = PlanSpec {
            rounding: *rounding,
            benefits: vec![BenefitSpec { coinsurance: Some(rate), ..benefit("GP") }],
            ..PlanSpec::default()
        };
        let result = first(&plan, &MemberSpec::default(), &ClaimSpec::new(1, charges.map(gp).to_vec()));
        let found: Vec<_> = result.lines.iter().map(|line| (line.plan, line.coinsurance)).collect();
        assert_eq!(found, parts, "{rounding:?} {rate}");
        let mode = rounding.unwrap_or("half-up").replace('-', " ");
        let rule = result.traces.iter().find(|trace| trace.step == domain::Step::Rounding).unwrap().rule;
        let text = format!("rounded once, {mode}, to the minor unit of the currency");
        assert_eq!(plan.plan().rule_text(rule), Some(text.as_str()));
    }
}

/// Section 2, steps 13 to 16: a cap of 0.01 is kept however the halves of 0.01, 0.03 and 0.05 are rounded.
#[test]
fn no_cap_is_passed_by_rounding() {
    for rounding in ["half-up", "down", "up"] {
        let plan = PlanSpec {
            rounding: Some(rounding),
            maxima: vec![(yearly(1), false).into()],
            limits: vec![(yearly(1), true).into()],
            benefits: vec![BenefitSpec { coinsurance: Some(500_000), ..benefit("GP") }],
            ..PlanSpec::default()
        };
        let result = first(&plan, &MemberSpec::default(), &ClaimSpec::new(1, [1, 3, 5].map(gp).to_vec()));
        let sum = |part: fn(&domain::LineDetermination) -> i64| result.lines.iter().map(part).sum::<i64>();
        assert!(sum(|line| line.coinsurance) <= 1 && sum(|line| line.plan) <= 1, "{rounding}");
        assert_eq!(sum(domain::LineDetermination::parts), 9);
    }
}

/// A second claim, of which provider, day and code; and the copay that it takes after the first took 20.00 for `GP` of the
/// first provider on 10 March. `LAB` has a copay of 30.00.
type Second = (u8, Day, &'static str, i64);

/// Section 1, excess per visit, per-day copay and the same-day rule. Per what, whether only the highest of a day is taken.
const COPAYS: &[(&str, bool, Second)] = &[
    ("visit", false, (1, (2026, 3, 10), "GP", 0)),
    ("day", false, (1, (2026, 3, 10), "GP", 0)),
    // Another provider, another day, another benefit: another visit.
    ("visit", false, (2, (2026, 3, 10), "GP", 2_000)),
    ("visit", false, (1, (2026, 3, 11), "GP", 2_000)),
    ("visit", false, (1, (2026, 3, 10), "LAB", 3_000)),
    ("day", false, (1, (2026, 3, 10), "LAB", 3_000)),
    ("line", false, (1, (2026, 3, 10), "GP", 2_000)),
    ("unit", false, (1, (2026, 3, 10), "GP", 2_000)),
    ("claim", false, (1, (2026, 3, 10), "GP", 2_000)),
    // The highest of a provider and day, whatever it is for.
    ("visit", true, (1, (2026, 3, 10), "GP", 0)),
    ("line", true, (1, (2026, 3, 10), "LAB", 1_000)),
    ("visit", true, (2, (2026, 3, 10), "LAB", 3_000)),
    ("visit", true, (1, (2026, 3, 9), "LAB", 3_000)),
];

#[test]
fn a_copay_is_taken_once_a_visit_in_however_many_claims() {
    for case @ (per, highest_copay, (provider, day, code, takes)) in COPAYS {
        let plan = PlanSpec {
            highest_copay: *highest_copay,
            benefits: vec![
                BenefitSpec { copay: Some((2_000, per)), ..benefit("GP") },
                BenefitSpec { copay: Some((3_000, per)), ..benefit("LAB") },
            ],
            ..PlanSpec::default()
        };
        let (compiled, member) = (plan.plan(), MemberSpec::default());
        let mut counted = Accumulators::default();
        let former = ClaimSpec::new(1, vec![gp(9_000)]);
        let first = run(&compiled, &member, &former, &mut counted);
        assert_eq!(first.lines[0].copay, 2_000);
        let line = LineSpec::new(code, 9_100).on(*day);
        let later = ClaimSpec { provider: *provider, ..ClaimSpec::new(2, vec![line]) };
        let copay = |claim: &ClaimSpec, counted: &Accumulators| {
            run(&compiled, &member, claim, &mut counted.clone()).lines[0].copay
        };
        assert_eq!(copay(&later, &counted), *takes, "{case:?}");
        // What the claim replaces took nothing, nor did what was taken back.
        let alone = if *code == "GP" { 2_000 } else { 3_000 };
        assert_eq!(copay(&ClaimSpec { replaces: Some(1), ..later.clone() }, &counted), alone);
        benefits::reverse(&mut counted, ClaimId::from_bytes([1; 16]), &first).unwrap();
        assert_eq!(copay(&later, &counted), alone, "{case:?}");
    }
}

/// What is left of a copay after a first claim that was smaller than it.
#[test]
fn a_visit_in_several_claims_takes_no_more_than_its_copay() {
    let plan = PlanSpec {
        benefits: vec![BenefitSpec { copay: Some((2_000, "visit")), ..benefit("GP") }],
        ..PlanSpec::default()
    };
    let mut counted = Accumulators::default();
    let copays = [1_500, 400, 300, 5_000].iter().zip(1..).map(|(charge, id)| {
        let claim = ClaimSpec::new(id, vec![gp(*charge)]);
        run(&plan.plan(), &MemberSpec::default(), &claim, &mut counted).lines[0].copay
    });
    assert_eq!(copays.collect::<Vec<_>>(), [1_500, 400, 100, 0]);
}

/// What is said of the room and of the papers, and what comes of a line: a better room than semi-private is paid for three
/// quarters, and a prescription must have come. Section 1, hospital grade, and section 2, step 4.
const UNSAID: &[Unsaid] = &[
    (Some("ward"), Some(&["prescription"]), "approved: approved 1000 "),
    (Some("suite"), Some(&["prescription", "invoice"]), "approved: approved 750 ROOM"),
    (Some("ward"), Some(&["invoice"]), "pended: pended 0 INFO"),
    (Some("ward"), Some(&[]), "pended: pended 0 INFO"),
    (Some("ward"), None, "pended: pended 0 INFO"),
    (None, Some(&["prescription"]), "pended: pended 0 INFO"),
];

#[test]
fn an_unknown_room_and_unknown_papers_wait_where_the_plan_asks_for_them() {
    let asks = BenefitSpec {
        room: Some(("semi-private", 750_000)),
        documents: vec!["prescription"],
        ..benefit("GP")
    };
    let asks = PlanSpec { benefits: vec![asks], ..PlanSpec::default() };
    for (room, documents, says) in UNSAID {
        let documents = documents.map(<[&str]>::to_vec);
        let claim = ClaimSpec { room: *room, documents, ..ClaimSpec::new(1, vec![gp(1_000)]) };
        assert_eq!(said_of(&asks, &MemberSpec::default(), &claim), *says, "{room:?} {:?}", claim.documents);
        assert_eq!(said_of(&simple(), &MemberSpec::default(), &claim), "approved: approved 1000 ");
    }
    // A guarantee of care to come keeps the most free that the plan would pay.
    let limited = PlanSpec { limits: vec![(yearly(5_000), true).into()], ..asks };
    let claim = ClaimSpec::new(1, vec![gp(1_000)]);
    let kept = with_case(&MemberSpec::default(), &claim, |case| {
        benefits::reserve(&limited.plan(), case, &Accumulators::default(), 9_000, &[])
    });
    assert_eq!(kept.iter().map(|entry| entry.delta).collect::<Vec<_>>(), [1_000]);
}

/// A service with what is charged for it, in minor units.
type Charge = (&'static str, i64);

/// What is charged for care to come, line by line, and what is kept free of 50.00 a year: what the lines that pass would take of
/// it, whether another is refused, waits, or comes before them.
const KEPT: &[(&[Charge], &[i64])] = &[
    (&[("GP", 1_000)], &[1_000]),
    (&[("GP", 1_000), ("GP", 2_000)], &[3_000]),
    // No benefit takes it; of the papers that `LAB` asks for one did not come.
    (&[("GP", 1_000), ("DENT", 2_000)], &[1_000]),
    (&[("DENT", 2_000), ("GP", 1_000)], &[1_000]),
    (&[("LAB", 4_500), ("GP", 1_000)], &[1_000]),
    (&[("LAB", 4_500), ("GP", 6_000), ("DENT", 1)], &[5_000]),
    (&[("DENT", 2_000), ("LAB", 1_000)], &[]),
];

#[test]
fn what_passes_is_kept_free_whatever_becomes_of_the_other_lines() {
    let asks = BenefitSpec { documents: vec!["prescription"], ..benefit("LAB") };
    let limits = vec![(yearly(5_000), true).into()];
    let plan = PlanSpec { benefits: vec![benefit("GP"), asks], limits, ..PlanSpec::default() };
    let kept = |member: &MemberSpec, claim: &ClaimSpec| {
        let kept = with_case(member, claim, |case| {
            benefits::reserve(&plan.plan(), case, &Accumulators::default(), 9_000, &[])
        });
        kept.iter().map(|entry| entry.delta).collect::<Vec<_>>()
    };
    let member = MemberSpec::default();
    for (charged, keeps) in KEPT {
        let lines = charged.iter().map(|(code, charge)| LineSpec::new(code, *charge)).collect();
        let claim = ClaimSpec { documents: Some(vec![]), ..ClaimSpec::new(1, lines) };
        assert_eq!(kept(&member, &claim), *keeps, "{charged:?}");
    }
    // A line that is worked out and held takes nothing: cover that is suspended keeps nothing free.
    let held = ClaimSpec { suspended: true, ..ClaimSpec::new(1, vec![gp(1_000)]) };
    assert_eq!(kept(&member, &held), [0; 0]);
}

/// A dollar's rates: on the day of admission, of the service, of the invoice, of receipt and of the decision.
const RATES: &str = r#""rates": [
  { "currency": "USD", "date": "2026-03-05", "units": "1.25" }, { "currency": "USD", "date": "2026-03-10", "units": "1.6" },
  { "currency": "USD", "date": "2026-03-30", "units": "2" }, { "currency": "USD", "date": "2026-04-20", "units": "2.5" },
  { "currency": "USD", "date": "2026-05-02", "units": "4" }]"#;

/// Section 1, FX rule. The plan's day, the setting, what is said of invoice and admission; and what 100.00 dollars come to.
const EXCHANGE: &[(&str, &str, &str, &str)] = &[
    ("service", "inpatient", r#""invoiced": "2026-03-30", "admitted": "2026-03-05""#, "approved 62.50"),
    ("received", "inpatient", r#""invoiced": "2026-03-30", "admitted": "2026-03-05""#, "approved 40.00"),
    ("decided", "inpatient", r#""invoiced": "2026-03-30", "admitted": "2026-03-05""#, "approved 25.00"),
    ("invoiced", "inpatient", r#""invoiced": "2026-03-30""#, "approved 50.00"),
    ("invoiced", "outpatient", r#""invoiced": "2026-03-30""#, "approved 50.00"),
    ("admitted", "inpatient", r#""admitted": "2026-03-05""#, "approved 80.00"),
    ("admitted", "outpatient", r#""admitted": "2026-03-05""#, "approved 62.50"),
    ("admitted", "pharmacy", r#""admitted": null"#, "approved 62.50"),
    // A day that is not known is not guessed, nor whether care was in hospital.
    ("invoiced", "outpatient", r#""admitted": "2026-03-05""#, "pended 0.00 INFO not known"),
    ("admitted", "inpatient", r#""invoiced": "2026-03-30""#, "pended 0.00 INFO not known"),
    ("admitted", "unspecified", r#""admitted": "2026-03-05""#, "pended 0.00 INFO not known"),
    // A day without a rate, and none in the ten days before.
    ("invoiced", "outpatient", r#""invoiced": "2026-04-15""#, "pended 0.00 INFO no rate"),
];

#[test]
fn a_claim_is_exchanged_at_the_rate_of_the_day_that_the_plan_names() {
    for (day, setting, said, comes_to) in EXCHANGE {
        let plan = format!(
            "id = \"abroad\"\nversion = \"1\"\nname = \"Abroad\"\neffective = 2026-01-01\ncurrencies = [\"EUR\"]\n[exchange]\nday = \"{day}\"\n[[benefit]]\nid = \"all\"\nname = \"All\"\nmodule = \"core\"\ncodes = [\"A\"]\n"
        );
        let claims = format!(
            r#"{{ "decided": "2026-05-02", {RATES}, "claims": [{{ "claim": "1", "member": "M", "provider": "P", {said},
              "received": "2026-04-20", "currency": "USD", "cover": {{ "start": "2026-01-01", "currency": "EUR" }},
              "lines": [{{ "service_start": "2026-03-10", "code": "A1", "charge": "100.00", "setting": "{setting}" }}] }}] }}"#
        );
        let result = benefits::adjudicate_file("abroad.toml", &plan, &claims)
            .unwrap_or_else(|error| panic!("{error}"));
        let result: serde_json::Value = serde_json::from_str(&result).unwrap();
        let claim = &result["determinations"][0];
        let line = &claim["lines"][0];
        let mut found = format!("{} {}", claim["outcome"].as_str().unwrap(), line["plan"].as_str().unwrap());
        if let Some(reason) = line["reasons"][0].as_str() {
            let rule = line["trace"][0]["rule"].as_str().unwrap();
            let why = if rule == "there is no exchange rate for the day" { "no rate" } else { "not known" };
            found += &format!(" {reason} {why}");
        }
        assert_eq!(found, *comes_to, "{day} {setting} {said}");
    }
}

/// Section 1, excess per visit: what a provider gives on one day is one visit, in however many invoices it comes.
#[test]
fn a_deductible_for_each_visit_is_taken_once_a_visit_in_however_many_claims() {
    let counter = CounterSpec { amount: 5_000, period: "policy-year", per: Some("visit"), salary: None };
    let deductible = DeductibleSpec { counter, family: None, carry_over: None, whole_plan: true };
    let plan =
        PlanSpec { deductibles: vec![deductible], benefits: vec![benefit("GP")], ..PlanSpec::default() };
    let (compiled, member) = (plan.plan(), MemberSpec::default());
    let mut counted = Accumulators::default();
    let first = run(&compiled, &member, &ClaimSpec::new(1, vec![gp(3_000)]), &mut counted);
    assert_eq!(first.lines[0].deductible, 3_000);
    let deducted = |provider: u8, day: Day, counted: &Accumulators| {
        let line = LineSpec::new("GP", 9_100).on(day);
        let later = ClaimSpec { provider, ..ClaimSpec::new(2, vec![line]) };
        run(&compiled, &member, &later, &mut counted.clone()).lines[0].deductible
    };
    assert_eq!(deducted(1, (2026, 3, 10), &counted), 2_000, "what is left of it");
    assert_eq!(deducted(2, (2026, 3, 10), &counted), 5_000, "another provider's is another visit");
    assert_eq!(deducted(1, (2026, 3, 11), &counted), 5_000, "another day is another visit");
    benefits::reverse(&mut counted, ClaimId::from_bytes([1; 16]), &first).unwrap();
    assert_eq!(deducted(1, (2026, 3, 10), &counted), 5_000, "what was taken back counts no more");
}

/// What is left to the member is half, 20.00 at most, and 100.00 is paid at most, for each visit or each claim. Of two claims of one
/// visit, whatever the period: what each is paid.
#[test]
fn a_maximum_and_a_limit_for_each_visit_are_met_by_its_next_claim_and_those_for_each_claim_are_not() {
    for period in ["policy-year", "lifetime", "day", "6-months", "45-days"] {
        let plan = |per: &'static str| {
            let counter = |amount| CounterSpec { period, per: Some(per), ..yearly(amount) };
            PlanSpec {
                maxima: vec![(counter(2_000), false).into()],
                limits: vec![(counter(10_000), true).into()],
                benefits: vec![BenefitSpec { coinsurance: Some(500_000), ..benefit("GP") }],
                ..PlanSpec::default()
            }
            .plan()
        };
        let member = MemberSpec::default();
        for (per, second_is_paid) in [("visit", 6_000), ("claim", 5_100)] {
            let (plan, mut counted) = (plan(per), Accumulators::default());
            let claim = |id: u8, charge: i64| ClaimSpec::new(id, vec![gp(charge)]);
            let first = run(&plan, &member, &claim(1, 6_000), &mut counted);
            let before = counted.clone();
            let second = run(&plan, &member, &claim(2, 7_100), &mut counted);
            assert_eq!(
                [&first, &second].map(|one| one.lines[0].plan),
                [4_000, second_is_paid],
                "{per} {period}"
            );
            // A duplicate counts nothing, and a claim that is decided again meets nothing of its own.
            let known = counted.clone();
            let again = run(&plan, &member, &claim(3, 7_100), &mut counted);
            assert!(again.lines[0].plan == 0 && counted == known, "{per} {period}");
            benefits::reverse(&mut counted, ClaimId::from_bytes([2; 16]), &second).unwrap();
            assert!(counted == before && counted.balances.is_empty() == (per == "claim"), "{per} {period}");
            let anew = run(&plan, &member, &claim(2, 7_100), &mut counted);
            assert!(anew.lines == second.lines && anew.entries == second.entries, "{per} {period}");
        }
    }
}

/// A guarantee keeps a limit for each visit free at its own provider, on the days of its care.
#[test]
fn what_is_kept_free_of_a_limit_for_each_visit_is_its_own_visits() {
    let counter = CounterSpec { per: Some("visit"), ..yearly(10_000) };
    let plan = PlanSpec { limits: vec![(counter, true).into()], ..simple() }.plan();
    let member = MemberSpec::default();
    let care = ClaimSpec::new(9, vec![gp(7_000), gp(500).on((2026, 3, 11))]);
    let entries = with_case(&member, &care, |case| {
        benefits::reserve(&plan, case, &Accumulators::default(), 50_000, &[])
    });
    let paid = |provider: u8, day: Day| {
        let claim = ClaimSpec { provider, ..ClaimSpec::new(1, vec![gp(9_000).on(day)]) };
        with_case(&member, &claim, |case| {
            let kept = [benefits::KeptFree { entries: entries.clone(), own: vec![], not_of: vec![] }];
            let facts = benefits::Facts { kept_free: &kept, ..case.facts };
            let case = benefits::Case { facts, ..*case };
            benefits::adjudicate(&plan, &case, &Accumulators::default()).unwrap().lines[0].plan
        })
    };
    assert_eq!(paid(1, (2026, 3, 10)), 3_000);
    assert_eq!([paid(2, (2026, 3, 10)), paid(1, (2026, 3, 12))], [9_000, 9_000]);
    // An estimate names no provider: nobody has the id that stands for that.
    assert_eq!(paid(0, (2026, 3, 10)), 9_000);
}
