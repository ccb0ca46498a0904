//! The parallel run: every line is in one group, the groups sum to the whole difference, and each is put with the rule at
//! which the two systems first can differ.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use benefits::{Explanation, ParallelRun, parallel_run};
use domain::{Currency, Reason, Step};

const PLAN: &str = r#"id = "shared"
version = "1"
name = "Shared"
effective = 2020-01-01
currencies = ["EUR"]
[[deductible]]
id = "own-risk"
accumulator = 1
name = "Own risk"
period = "calendar-year"
amount = { EUR = "100" }
[[limit]]
id = "yearly"
accumulator = 7
name = "In a year"
period = "calendar-year"
amount = { EUR = "300" }
applies_to = "plan"
[[benefit]]
id = "doctor"
name = "Doctor"
module = "core"
codes = ["GP"]
coinsurance = "0.20"
"#;

/// A file of one member whose claims charge so much and were paid so, with the fields of `file` beside.
fn file(lines: &[(i64, Option<i64>, &str)], file: &str) -> String {
    let claims: Vec<String> = (1..)
        .zip(lines)
        .map(|(number, (charge, paid, more))| {
            let cents = |minor: &i64| format!("{}.{:02}", minor / 100, minor % 100);
            let paid = paid.as_ref().map_or_else(String::new, |paid| format!(r#", "expected": "{}""#, cents(paid)));
            format!(
                r#"{{ "claim": "C-{number}", "member": "M-1", "provider": "P-{number}", "received": "2026-03-20",
                "currency": "EUR", "cover": {{ "start": "2025-01-01", "currency": "EUR" }},
                "lines": [{{ "service_start": "2026-03-02", "charge": "{}", "code": "GP"{paid}{more} }}] }}"#,
                cents(charge)
            )
        })
        .collect();
    format!(r#"{{ "decided": "2026-04-15", "claims": [{}]{file} }}"#, claims.join(", "))
}

fn run(lines: &[(i64, Option<i64>, &str)], more: &str) -> ParallelRun {
    parallel_run("shared.toml", PLAN, &file(lines, more)).unwrap()
}

fn explained(run: &ParallelRun) -> Vec<(Explanation, i128)> {
    run.differing.iter().map(|((_, explanation), group)| (explanation.clone(), group.difference())).collect()
}

fn step(run: &ParallelRun) -> Option<Step> {
    match explained(run).as_slice() {
        [] => None,
        [(Explanation::Step { step, rule }, _)] if !rule.is_empty() => Some(*step),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_first_rule_at_which_both_can_differ_explains() {
    // 200.00: less 100.00, less a fifth: 80.00.
    let of = |paid| step(&run(&[(20_000, Some(paid), "")], ""));
    assert_eq!(of(8_000), None);
    assert_eq!(of(16_000), Some(Step::Deductible), "they took no deductible");
    assert_eq!(of(10_000), Some(Step::Coinsurance), "they took no share");
    assert_eq!(of(8_001), Some(Step::Coinsurance));
    let limit = run(&[(60_000, Some(40_000), "")], "");
    assert_eq!(step(&limit), Some(Step::MoneyLimit), "400.00, and 300.00 in a year");
    let less = |more| explained(&run(&[(20_000, Some(7_000), more)], ""));
    assert_eq!(less(""), [(Explanation::Unsaid, 1_000)]);
    assert_eq!(less(r#", "expected_reason": "DED""#), [(Explanation::Theirs(Reason::Deductible), 1_000)]);
    let more = run(&[(20_000, Some(20_001), "")], "");
    assert_eq!(explained(&more), [(Explanation::MoreThanCharged, -12_001)]);
}

#[test]
fn what_was_counted_before_counts() {
    let opening = r#", "opening": [{ "member": "M-1", "accumulator": 1, "period_start": "2026-01-01", "amount": "60.00", "currency": "EUR" }]"#;
    assert_eq!(step(&run(&[(20_000, Some(12_800), "")], opening)), None, "40.00 of the own risk is left");
    let unknown = opening.replace("\"accumulator\": 1", "\"accumulator\": 2");
    let error = parallel_run("shared.toml", PLAN, &file(&[], &unknown)).unwrap_err().to_string();
    assert!(error.contains("`opening[0].accumulator`: write the number of an accumulator"), "{error}");
    let alone = r#", "expected_reason": "DED""#;
    let error = parallel_run("shared.toml", PLAN, &file(&[(1, None, alone)], "")).unwrap_err().to_string();
    assert!(error.contains("`claims[0].lines[0].expected`: missing"), "{error}");
}

#[test]
fn the_groups_sum_to_the_whole_difference_to_the_cent() {
    // Numbers that follow each other from a seed: charges, and what was paid of them, or nothing said.
    let mut seed = 20_261_127_u64;
    let mut next = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((seed >> 33) % below).unwrap()
    };
    for _ in 0..300 {
        let count = 1 + next(8);
        let lines: Vec<(i64, Option<i64>, &str)> = (0..count)
            .map(|_| {
                let charge = next(30_000);
                let paid = (next(5) > 0).then(|| next(u64::try_from(charge).unwrap() + 300));
                let reason =
                    if paid.is_some() && next(2) == 0 { r#", "expected_reason": "LIM""# } else { "" };
                (charge, paid, reason)
            })
            .collect();
        let run = run(&lines, "");
        let compared = lines.iter().filter(|(_, paid, _)| paid.is_some());
        let theirs: i64 = compared.clone().filter_map(|(_, paid, _)| *paid).sum();
        let Some(all) = run.all.get(&Currency::EUR) else {
            assert_eq!(compared.count(), 0);
            continue;
        };
        assert_eq!((all.lines, all.expected), (compared.count() as u64, i128::from(theirs)));
        let groups = || run.differing.values().chain(run.same.values());
        assert_eq!(groups().map(|group| group.lines).sum::<u64>(), all.lines);
        assert_eq!(groups().map(benefits::Group::difference).sum::<i128>(), all.difference());
        assert!(run.same.values().all(|group| group.difference() == 0));
        assert_eq!(run.without + all.lines, lines.len() as u64);
        // Each difference has the sign of what explains it.
        for ((_, explanation), group) in &run.differing {
            let less = matches!(explanation, Explanation::Step { .. } | Explanation::MoreThanCharged);
            assert_eq!(less, group.difference() < 0, "{explanation:?}");
        }
    }
}
