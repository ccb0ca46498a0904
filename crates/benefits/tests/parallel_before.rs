//! What stood before a year that another system decided: sums by every scope, lines that were settled, live guarantees; the claims
//! in flight, and the order in which all of them count. Nothing of it is left out in silence.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use benefits::{ParallelRun, WhyUnmet, parallel_run};
use domain::{Outcome, Reason};
use serde_json::{Value, json};

/// A plan whose limits are these, each 100.00 unless they say otherwise, of all that it pays; doctors are paid in full.
fn plan(head: &str, limits: &[&str]) -> String {
    let limits: Vec<String> = (1..)
        .zip(limits)
        .map(|(number, more)| {
            let amount = if more.contains("count =") { "" } else { "amount = { EUR = \"100\" }\n" };
            let period = if more.contains("period =") { "" } else { "period = \"calendar-year\"\n" };
            format!(
                "[[limit]]\nid = \"l{number}\"\naccumulator = {number}\nname = \"Limit {number}\"\n{period}{amount}\
                 applies_to = \"plan\"\n{more}\n"
            )
        })
        .collect();
    format!(
        "id = \"p\"\nversion = \"1\"\nname = \"P\"\neffective = 2020-01-01\ncurrencies = [\"EUR\"]\nrefusals = \"send\"\n{head}\n{}\n\
         [[benefit]]\nid = \"doctor\"\nname = \"Doctor\"\nmodule = \"core\"\ncodes = [\"GP\"]\n",
        limits.concat()
    )
}

/// A claim of 80.00 on 2 March, and what another system paid of it.
fn claim(label: &str, expected: Option<&str>, more: Value) -> Value {
    let mut claim = json!({
        "claim": label, "member": "M-1", "provider": label, "received": "2026-03-20", "currency": "EUR",
        "cover": { "start": "2025-07-01", "currency": "EUR" },
        "lines": [{ "service_start": "2026-03-02", "charge": "80.00", "code": "GP" }],
    });
    if let Some(expected) = expected {
        claim["lines"][0]["expected"] = json!(expected);
    }
    for (name, value) in more.as_object().unwrap() {
        claim[name] = value.clone();
    }
    claim
}

fn on(day: &str, expected: Option<&str>) -> Value {
    let mut line = json!([{ "service_start": day, "charge": "80.00", "code": "GP" }]);
    if let Some(expected) = expected {
        line[0]["expected"] = json!(expected);
    }
    json!({ "lines": line })
}

fn with(mut value: Value, more: Value) -> Value {
    for (name, more) in more.as_object().unwrap() {
        value[name] = more.clone();
    }
    value
}

fn run(plan: &str, claims: &[Value], more: Value) -> ParallelRun {
    let file = with(json!({ "decided": "2026-04-15", "claims": claims }), more);
    parallel_run("p.toml", plan, &file.to_string()).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(plan: &str, claims: &[Value], more: Value) -> String {
    let file = with(json!({ "decided": "2026-04-15", "claims": claims }), more);
    parallel_run("p.toml", plan, &file.to_string()).unwrap_err().to_string()
}

/// Nothing differs, and all that stood before counts.
fn agrees(run: &ParallelRun) {
    assert!(run.differing.is_empty(), "{:?}", run.differing);
    assert!(run.unmet.is_empty(), "{:?}", run.unmet);
}

fn opening(more: Value) -> Value {
    let one = json!({ "member": "M-1", "accumulator": 1, "period_start": "2026-01-01", "amount": "70.00", "currency": "EUR" });
    json!({ "opening": [with(one, more)] })
}

#[test]
fn the_example_of_the_documentation_comes_out_as_it_should() {
    let plan = include_str!("../../../plans/worldwide-plus.toml");
    let file = include_str!("../../../docs/examples/expected.json");
    let run = parallel_run("worldwide-plus.toml", plan, file).unwrap();
    let groups: Vec<_> =
        run.differing.iter().map(|((_, why), group)| (why.word(), group.difference())).collect();
    assert_eq!(groups, [("eligibility", -7_500), ("coinsurance", -6_711), ("COINS", 400)]);
    assert_eq!(run.all.values().map(benefits::Group::difference).sum::<i128>(), -13_811);
    // 1,800.00 a year, less 900.00 that was counted before and 600.00 that is guaranteed.
    assert_eq!((run.in_flight[0].submitted, run.in_flight[0].plan), (48_000, 30_000));
    let unmet: Vec<_> = run.unmet.iter().map(|one| (one.place.as_str(), one.why)).collect();
    assert_eq!(unmet, [("opening[2]", WhyUnmet::NoClaim)]);
}

#[test]
fn a_sum_counts_in_its_period_and_scope_and_nowhere_else() {
    let of = |limit: &str, claimed: Value, opening_says: Value, left: &str| {
        let (plan, own) = (plan("", &[limit]), claim("C-1", Some(left), claimed));
        run(&plan, &[own], opening(opening_says))
    };
    let nothing = || json!({});
    agrees(&of("", nothing(), nothing(), "30.00"));
    agrees(&of("period = \"policy-year\"", nothing(), json!({ "period_start": "2025-07-01" }), "30.00"));
    agrees(&of("period = \"lifetime\"", nothing(), json!({ "period_start": "2025-07-01" }), "30.00"));
    agrees(&of("period = \"6-months\"", nothing(), json!({ "period_start": "2025-10-01" }), "30.00"));
    agrees(&of("period = \"90-days\"", nothing(), json!({ "period_start": "2026-05-01" }), "30.00"));
    agrees(&of("period = \"day\"", nothing(), json!({ "period_start": "2026-03-02" }), "30.00"));
    for (per, label) in
        [("condition", "knee"), ("event", "fall"), ("pregnancy", "first"), ("admission", "A-7")]
    {
        let limit = format!("per = \"{per}\"");
        agrees(&of(&limit, json!({ per: label }), json!({ per: label }), "30.00"));
        // Of another it counts for no claim, which is told.
        let run = of(&limit, json!({ per: label }), json!({ per: "another" }), "80.00");
        assert!(run.differing.is_empty());
        let unmet: Vec<_> = run.unmet.iter().map(|one| (one.place.as_str(), one.why)).collect();
        assert_eq!(unmet, [("opening[0]", WhyUnmet::NoScope)]);
        assert_eq!(run.unmet[0].accumulator.as_deref(), Some("Limit 1"));
    }
    let by_diagnosis = json!({ "diagnosis": "M17.0" });
    agrees(&of("per = \"condition\"", json!({ "diagnoses": ["M17.1"] }), by_diagnosis, "30.00"));
    agrees(&of("per = \"pregnancy\"", nothing(), nothing(), "30.00"));
    let visits = json!({ "amount": null, "currency": null, "count": 1 });
    agrees(&of("of = \"visits\"\ncount = 1", nothing(), visits, "0.00"));
}

#[test]
fn a_sum_that_no_claim_can_meet_is_told_or_refused() {
    let unmet = |limit: &str, says: Value| {
        let run = run(&plan("", &[limit]), &[claim("C-1", Some("80.00"), json!({}))], opening(says));
        assert!(run.differing.is_empty(), "it counts nowhere");
        run.unmet.iter().map(|one| one.why).collect::<Vec<_>>()
    };
    assert_eq!(unmet("", json!({ "member": "M-2" })), [WhyUnmet::NoClaim]);
    assert_eq!(unmet("", json!({ "period_start": "2025-01-01" })), [WhyUnmet::NoPeriod]);
    let year = "period = \"policy-year\"";
    assert_eq!(unmet(year, json!({ "period_start": "2026-01-01" })), [WhyUnmet::NoPeriod], "no first day");
    assert_eq!(unmet("period = \"lifetime\"", json!({ "period_start": "2025-07-02" })), [WhyUnmet::NoPeriod]);
    assert_eq!(unmet("period = \"6-months\"", json!({ "period_start": "2025-09-01" })), [WhyUnmet::NoPeriod]);
    let refuses = |limit: &str, says: Value| {
        refused(&plan("", &[limit]), &[claim("C-1", None, json!({}))], opening(says))
    };
    for (limit, says, problem) in [
        ("per = \"claim\"", json!({}), "`opening[0].accumulator`: what it counts ends with the claim"),
        (
            "period = \"day\"\nper = \"unit\"",
            json!({}),
            "`opening[0].accumulator`: what it counts ends with the",
        ),
        ("per = \"visit\"", json!({}), "`opening[0].provider`: missing: add it"),
        ("", json!({ "provider": "C-1" }), "`opening[0].provider`: this accumulator does not count apart"),
        (
            "",
            json!({ "period_start": "2026-02-01" }),
            "`opening[0].period_start`: this accumulator counts in calendar",
        ),
        ("", json!({ "event": "fall" }), "`opening[0].event`: this accumulator does not count apart"),
        ("per = \"event\"", json!({}), "`opening[0].event`: missing: this accumulator counts apart"),
        ("per = \"condition\"", json!({}), "`opening[0].condition`: missing"),
        ("", json!({ "family": "F-1" }), "`opening[0].family`: this accumulator counts for each member"),
        ("family = true", json!({}), "`opening[0].family`: missing: no claim says"),
        (
            "family = true",
            json!({ "member": null }),
            "`opening[0].family`: missing: this accumulator counts for a family",
        ),
        ("of = \"visits\"\ncount = 1", json!({}), "`opening[0].count`: missing"),
    ] {
        let error = refuses(limit, says);
        assert!(error.contains(problem), "{problem}\n{error}");
    }
    // Where nothing is compared, it is an error: nobody would read what is told.
    let file = with(
        json!({ "decided": "2026-04-15", "claims": [claim("C-1", None, json!({}))] }),
        opening(json!({ "member": "M-2" })),
    );
    let error =
        benefits::adjudicate_file("p.toml", &plan("", &[""]), &file.to_string()).unwrap_err().to_string();
    assert!(error.contains("`opening[0]`: counts for no claim: nobody of whom it is has a claim"), "{error}");
}

/// What one provider gives on one day, in however many claims, also those that were settled before.
#[test]
fn a_visit_is_of_one_provider_and_one_day() {
    for period in ["", "period = \"policy-year\"", "period = \"6-months\""] {
        let plan = plan("", &[&format!("per = \"visit\"\n{period}")]);
        let again = |label: &str, provider: &str, day: &str, expected: &str| {
            let line = json!({ "service_start": day, "charge": "79.00", "code": "GP", "expected": expected });
            claim(label, None, json!({ "provider": provider, "lines": [line] }))
        };
        let claims = [
            claim("C-1", Some("80.00"), json!({})),
            claim("C-2", Some("80.00"), json!({})),
            again("C-3", "C-1", "2026-03-02", "20.00"),
            again("C-4", "C-1", "2026-03-03", "79.00"),
        ];
        agrees(&run(&plan, &claims, json!({})));
        let before = |provider: &str, day: &str, left: &str| {
            let says = json!({ "provider": provider, "period_start": day });
            run(&plan, &[claim("C-1", Some(left), json!({}))], opening(says))
        };
        agrees(&before("C-1", "2026-03-02", "30.00"));
        for (run, why) in [
            (before("C-2", "2026-03-02", "80.00"), WhyUnmet::NoScope),
            (before("C-1", "2026-03-03", "80.00"), WhyUnmet::NoPeriod),
        ] {
            assert!(run.differing.is_empty(), "it counts nowhere");
            assert_eq!(run.unmet.iter().map(|one| one.why).collect::<Vec<_>>(), [why]);
        }
    }
}

#[test]
fn a_familys_sums_count_for_each_of_it() {
    let plan = plan("", &["family = true"]);
    let own = |expected: &str| [claim("C-1", Some(expected), json!({ "family": "F-1" }))];
    // Of a member without a claim; of the family, nobody says by whom; and of one who claims, by the claim.
    agrees(&run(&plan, &own("30.00"), opening(json!({ "member": "M-2", "family": "F-1" }))));
    agrees(&run(&plan, &own("30.00"), opening(json!({ "member": null, "family": "F-1" }))));
    agrees(&run(&plan, &own("30.00"), opening(json!({}))));
    let both = json!({ "opening": [
        { "member": "M-2", "family": "F-1", "accumulator": 1, "period_start": "2026-01-01", "amount": "20.00", "currency": "EUR" },
        { "family": "F-1", "accumulator": 1, "period_start": "2026-01-01", "amount": "25.00", "currency": "EUR" },
        { "member": "M-1", "accumulator": 1, "period_start": "2026-01-01", "amount": "30.00", "currency": "EUR" },
    ] });
    agrees(&run(&plan, &own("25.00"), both));
    // And not for another family.
    let other = run(&plan, &own("80.00"), opening(json!({ "member": "M-2", "family": "F-2" })));
    assert!(other.differing.is_empty());
    assert_eq!(other.unmet[0].why, WhyUnmet::NoClaim);
}

fn prior(more: Value) -> Value {
    let line = json!({
        "member": "M-1", "claim": "B-1", "provider": "C-1", "service_start": "2026-03-02", "code": "GP",
        "charge": "80.00", "currency": "EUR",
    });
    json!({ "prior": [with(line, more)] })
}

#[test]
fn lines_that_were_settled_before_count_for_duplicates_visits_and_copays() {
    let free = plan("", &[]);
    let one = |expected: &str, more: Value| [claim("C-1", Some(expected), more)];
    agrees(&run(&free, &one("0.00", json!({})), prior(json!({}))));
    agrees(&run(&free, &one("80.00", json!({})), prior(json!({ "charge": "79.99" }))));
    agrees(&run(&free, &one("80.00", json!({ "replaces": "B-1" })), prior(json!({}))));
    // A visit that was counted is not counted again: the sum says that it was.
    let visits = plan("", &["of = \"visits\"\ncount = 1"]);
    let counted = json!({ "charge": "20.00", "counted": [{ "accumulator": 1 }] });
    let sum = json!({ "amount": null, "currency": null, "count": 1 });
    let both = with(prior(counted), opening(sum));
    agrees(&run(&visits, &one("80.00", json!({})), both.clone()));
    let later = claim("C-1", Some("0.00"), on("2026-03-03", Some("0.00")));
    agrees(&run(&visits, &[later], both));
    let copay = format!("{free}copay = {{ amount = {{ EUR = \"10\" }}, per = \"visit\" }}\n");
    agrees(&run(&copay, &one("70.00", json!({})), json!({})));
    let taken =
        json!({ "charge": "20.00", "copay": { "benefit": "doctor", "amount": "10.00", "currency": "EUR" } });
    agrees(&run(&copay, &one("80.00", json!({})), prior(taken)));
    let other = run(&free, &one("80.00", json!({})), prior(json!({ "member": "M-2" })));
    assert_eq!((other.unmet[0].place.as_str(), other.unmet[0].why), ("prior[0]", WhyUnmet::NoClaim));
    let error = refused(&free, &one("80.00", json!({})), prior(json!({ "claim": "C-1" })));
    assert!(error.contains("two claims have the same `claim`"), "{error}");
    let money = refused(&plan("", &[""]), &[], prior(json!({ "counted": [{ "accumulator": 1 }] })));
    assert!(money.contains("`prior[0].counted[0].accumulator`: this accumulator counts money"), "{money}");
}

fn guarantee(more: Value) -> Value {
    let one = json!({
        "member": "M-1", "provider": "clinic", "currency": "EUR", "granted": "2026-02-01", "first": "2026-03-01",
        "last": "2026-05-31", "maximum": "60.00",
        "lines": [{ "service_start": "2026-05-04", "charge": "60.00", "code": "GP" }],
    });
    json!({ "guarantees": [with(one, more)] })
}

#[test]
fn a_live_guarantee_keeps_its_limit_free_until_its_claim_comes() {
    let plan = plan("", &[""]);
    let of_clinic =
        |label: &str, expected: &str| claim(label, Some(expected), json!({ "provider": "clinic" }));
    let first = |expected: &str| claim("C-1", Some(expected), json!({}));
    agrees(&run(&plan, &[first("40.00")], guarantee(json!({}))));
    // Its own claim uses it, and what is left afterwards is free.
    agrees(&run(&plan, &[first("40.00"), of_clinic("C-2", "60.00")], guarantee(json!({}))));
    agrees(&run(&plan, &[of_clinic("C-2", "80.00"), first("20.00")], guarantee(json!({}))));
    // What was used of it before is kept free no longer.
    let used = json!({ "used": { "charged": "60.00", "paid": "60.00" } });
    agrees(&run(&plan, &[first("80.00")], guarantee(used)));
    // Taken back before the decision, granted after it, or over: nothing is kept free.
    agrees(&run(&plan, &[first("80.00")], guarantee(json!({ "withdrawn": "2026-04-15" }))));
    agrees(&run(&plan, &[first("40.00")], guarantee(json!({ "withdrawn": "2026-04-16" }))));
    agrees(&run(&plan, &[first("80.00")], guarantee(json!({ "granted": "2026-04-16" }))));
    agrees(&run(&plan, &[first("80.00")], guarantee(json!({ "last": "2026-03-31" }))));
    let earlier = claim("C-1", Some("80.00"), json!({ "decided": "2026-01-31" }));
    agrees(&run(&plan, &[earlier], guarantee(json!({}))));
    let over = refused(&plan, &[], guarantee(json!({ "last": "2026-02-01" })));
    assert!(over.contains("`guarantees[0].last`: it is over before it begins"), "{over}");
    // It authorises its own claims.
    let authorised = plan.replace("codes = [\"GP\"]", "codes = [\"GP\"]\npre_authorisation = {}");
    let own = run(&authorised, &[of_clinic("C-2", "80.00")], guarantee(json!({ "maximum": "90.00" })));
    agrees(&own);
}

#[test]
fn a_line_that_is_refused_uses_nothing_of_a_guarantee() {
    let plan = plan("", &[""])
        .replace("codes = [\"GP\"]", "codes = [\"GP\"]\npre_authorisation = { penalty = \"0.50\" }");
    // Of 90.00 the first claim charges 10.00 for the doctor, and more than all of it for what the plan does not know.
    let line = |charge: &str, code: &str, expected: &str| {
        let day = "2026-03-03";
        json!({ "service_start": day, "charge": charge, "code": code, "expected": expected })
    };
    let lines = json!([line("95.00", "DENT", "0.00"), line("10.00", "GP", "10.00")]);
    let first = claim("C-1", None, json!({ "provider": "clinic", "lines": lines }));
    let second = claim("C-2", Some("80.00"), json!({ "provider": "clinic", "emergency": false }));
    let asked = json!([
        { "service_start": "2026-03-03", "charge": "80.00", "code": "DENT" },
        { "service_start": "2026-03-03", "charge": "90.00", "code": "GP" },
    ]);
    let of_both = guarantee(json!({ "maximum": "90.00", "lines": asked }));
    agrees(&run(&plan, &[first, second], of_both));
}

#[test]
fn a_line_that_is_refused_takes_no_room_of_the_guarantee_that_goes_first() {
    let plan = plan("", &[""]).replace("EUR = \"100\"", "EUR = \"200\"");
    let line = |charge: &str, code: &str, expected: &str| {
        let day = "2026-03-03";
        json!({ "service_start": day, "charge": charge, "code": code, "expected": expected })
    };
    let asked =
        |code: &str, charge: &str| json!({ "service_start": "2026-03-03", "charge": charge, "code": code });
    let of = |granted: &str, last: &str, lines: Value| {
        let terms = json!({ "granted": granted, "last": last, "maximum": "100.00", "lines": lines });
        guarantee(terms)["guarantees"][0].clone()
    };
    // The first is for the teeth too, and keeps nothing free any more; the plan knows of no teeth.
    let first = of("2026-02-01", "2026-03-31", json!([asked("DENT", "100.00"), asked("GP", "100.00")]));
    let second = of("2026-02-02", "2026-05-31", json!([asked("GP", "100.00")]));
    let lines = json!([line("100.00", "DENT", "0.00"), line("60.00", "GP", "60.00")]);
    let own = claim("C-1", None, json!({ "provider": "clinic", "lines": lines }));
    // Of 200.00 the claim took 60.00 under the first, and the second keeps its 100.00 free.
    let other = claim("C-2", Some("40.00"), json!({}));
    agrees(&run(&plan, &[own, other], json!({ "guarantees": [first, second] })));
}

#[test]
fn two_guarantees_of_one_day_and_size_go_by_what_they_are_for() {
    let plan = plan("", &[""]);
    let of = |provider: &str, day: &str| {
        let lines = json!([{ "service_start": day, "charge": "60.00", "code": "GP" }]);
        guarantee(json!({ "provider": provider, "lines": lines }))["guarantees"][0].clone()
    };
    let [one, other] = [of("clinic", "2026-05-04"), of("other", "2026-05-05")];
    let claim_of = |label: &str, provider: &str, expected: &str| {
        claim(label, Some(expected), json!({ "provider": provider }))
    };
    for both in [json!([one, other]), json!([other, one])] {
        let both = json!({ "guarantees": both });
        agrees(&run(&plan, &[claim_of("C-1", "other", "40.00")], both.clone()));
        agrees(&run(&plan, &[claim_of("C-1", "clinic", "80.00")], both));
    }
}

#[test]
fn what_used_a_guarantee_is_no_duplicate_of_the_rest_of_it() {
    let plan = plan("", &["of = \"visits\"\ncount = 2"]);
    let asked = json!([
        { "service_start": "2026-05-04", "charge": "80.00", "code": "GP" },
        { "service_start": "2026-05-05", "charge": "80.00", "code": "GP" },
    ]);
    let came =
        json!({ "provider": "clinic", "service_start": "2026-05-04", "counted": [{ "accumulator": 1 }] });
    let visit = json!({ "amount": null, "currency": null, "count": 1 });
    let file = |claims: Value| {
        let counted = json!([{ "accumulator": 1, "period_start": "2026-01-01", "count": 1 }]);
        let used = with(json!({ "charged": "80.00", "paid": "80.00", "counted": counted }), claims);
        let granted = guarantee(json!({ "maximum": "160.00", "lines": asked, "used": used }));
        with(with(granted, prior(came.clone())), opening(visit.clone()))
    };
    let one = |expected: &str| [claim("C-1", Some(expected), json!({}))];
    // Of two visits one was used, and the other stays free for what is still to come of it.
    agrees(&run(&plan, &one("0.00"), file(json!({ "claims": ["B-1"] }))));
    agrees(&run(&plan, &one("80.00"), file(json!({}))));
    for wrong in ["C-1", "B-2"] {
        let error = refused(&plan, &one("0.00"), file(json!({ "claims": [wrong] })));
        assert!(error.contains("`guarantees[0].used.claims[0]`: no line in `prior` is of this"), "{error}");
    }
}

#[test]
fn what_is_in_flight_is_told_apart_and_counts_in_its_turn() {
    let plan_text = plan("", &[""]);
    let flies = |label: &str, more: Value| claim(label, None, with(json!({ "in_flight": true }), more));
    let claims = [
        flies("C-2", json!({ "received": "2026-04-02" })),
        flies("C-3", json!({})),
        claim("C-1", Some("80.00"), json!({})),
    ];
    let run_of = run(&plan_text, &claims, json!({}));
    agrees(&run_of);
    let told: Vec<_> = run_of
        .in_flight
        .iter()
        .map(|one| (one.claim.as_str(), one.outcome, one.submitted, one.plan))
        .collect();
    // What was decided stands first; then by receipt.
    assert_eq!(told, [("C-2", Outcome::Approved, 8_000, 0), ("C-3", Outcome::Approved, 8_000, 2_000)]);
    assert_eq!(run_of.in_flight[0].reasons.iter().copied().collect::<Vec<_>>(), [Reason::MoneyMaximum]);
    assert_eq!((run_of.without, run_of.all.values().map(|all| all.lines).sum::<u64>()), (0, 1));
    // Nobody has sent its refusal yet: it waits for a person where the plan says so, and counts nothing.
    let pends = plan_text.replace("refusals = \"send\"", "refusals = \"pend\"");
    let late = flies(
        "C-2",
        json!({ "lines": [
        { "service_start": "2026-03-02", "charge": "50.00", "code": "GP" }, { "service_start": "2024-03-02", "charge": "50.00", "code": "GP" }] }),
    );
    let held = run(&pends, &[late, claim("C-1", Some("80.00"), json!({}))], json!({}));
    agrees(&held);
    assert_eq!(held.in_flight[0].outcome, Outcome::Pended);
    let error = refused(&plan_text, &[claim("C-1", Some("80.00"), json!({ "in_flight": true }))], json!({}));
    assert!(error.contains("`claims[0].lines[0].expected`: a claim in flight is not decided yet"), "{error}");
}

#[test]
fn a_plan_that_counts_by_the_day_of_care_takes_the_claims_in_that_order() {
    let claims = |first: &str, second: &str| {
        [
            claim("C-1", None, on("2026-03-20", Some(first))),
            claim("C-2", None, on("2026-03-02", Some(second))),
        ]
    };
    agrees(&run(&plan("", &[""]), &claims("80.00", "20.00"), json!({})));
    let by_care = plan("sequence = \"service-date\"", &[""]);
    agrees(&run(&by_care, &claims("20.00", "80.00"), json!({})));
    // What is in flight, too, takes its place by the day of its care.
    let early = claim("C-3", None, with(on("2026-03-01", None), json!({ "in_flight": true })));
    let all = [&claims("0.00", "20.00")[..], &[early]].concat();
    let run = run(&by_care, &all, json!({}));
    agrees(&run);
    assert_eq!(run.in_flight[0].plan, 8_000);
}
