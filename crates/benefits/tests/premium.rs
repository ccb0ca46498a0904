//! Who pays a premium, under random subsidies: the two always sum to it, and neither pays less than nothing; whoever earns more
//! under the same subsidy never pays less.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use benefits::{Plan, PremiumShares};
use domain::Currency;
use proptest::prelude::*;

/// A plan with one premium for everybody and these subsidies: from which salary, the parts in millionths.
fn plan(premium: i64, months: i32, subsidies: &[(i64, Option<u32>, Option<u32>)]) -> Plan {
    let decimal = |minor: i64| format!("{}.{:02}", minor / 100, minor % 100);
    let mut text = format!(
        "id = \"one\"\nversion = \"1\"\nname = \"One\"\neffective = 2026-01-01\ncurrencies = [\"EUR\"]\n\
         [[benefit]]\nid = \"all\"\nname = \"All\"\nmodule = \"core\"\ncodes = [\"A\"]\n\
         [premium]\nmonths = {months}\nrate = [{{ from_age = 0, amount = {{ EUR = \"{}\" }} }}]\n",
        decimal(premium)
    );
    for (from, rate, salary_rate) in subsidies {
        text += &format!("[[premium.subsidy]]\nfrom_salary = {{ EUR = \"{}\" }}\n", decimal(*from));
        let mut write = |key: &str, rate: Option<u32>| {
            if let Some(rate) = rate {
                text += &format!("{key} = \"{}.{:06}\"\n", rate / 1_000_000, rate % 1_000_000);
            }
        };
        write("rate", *rate);
        write("member_salary_rate", *salary_rate);
    }
    Plan::parse("one.toml", &text).unwrap()
}

fn shares(plan: &Plan, salary: i64) -> (i64, PremiumShares) {
    let quote = plan.quote(&[40], Some(salary), Currency::EUR).unwrap().unwrap();
    (quote.premium, quote.shares.unwrap())
}

fn rates() -> impl Strategy<Value = (Option<u32>, Option<u32>)> {
    let rate = || 0..=1_000_000u32;
    prop_oneof![
        rate().prop_map(|rate| (Some(rate), None)),
        rate().prop_map(|salary| (None, Some(salary))),
        (rate(), rate()).prop_map(|(rate, salary)| (Some(rate), Some(salary))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_two_sum_to_the_premium_and_to_what_the_rule_says(
        premium in 0..10_000_000i64,
        months in 1..=12i32,
        bands in prop::collection::btree_map(1..30_000_000i64, rates(), 0..4),
        salary in 0..40_000_000i64,
    ) {
        let bands: Vec<_> = bands.into_iter().map(|(from, (rate, of_salary))| (from, rate, of_salary)).collect();
        let (whole, shares) = shares(&plan(premium, months, &bands), salary);
        prop_assert_eq!(whole, premium);
        prop_assert_eq!(shares.member + shares.employer, premium);
        prop_assert!(shares.member >= 0 && shares.employer >= 0);
        // The same in plain fractions of millionths, of which the member's is at most half a unit off.
        let holds = bands.iter().rfind(|(from, ..)| *from <= salary);
        let exact = match holds {
            None => i128::from(premium) * 12_000_000,
            Some((_, rate, of_salary)) => {
                let left = i128::from(1_000_000 - rate.unwrap_or(1_000_000)) * i128::from(premium) * 12;
                let of_salary = i128::from(salary) * i128::from(months) * i128::from(of_salary.unwrap_or(0));
                left.max(of_salary).min(i128::from(premium) * 12_000_000)
            }
        };
        let off = i128::from(shares.member) * 12_000_000 - exact;
        prop_assert!((-6_000_000 < off) && (off <= 6_000_000), "{off}");
    }

    #[test]
    fn who_earns_more_under_the_same_subsidy_pays_no_less(
        premium in 0..1_000_000i64,
        months in 1..=12i32,
        (rate, of_salary) in rates(),
        salary in 1..20_000_000i64,
        more in 0..20_000_000i64,
    ) {
        let plan = plan(premium, months, &[(1, rate, of_salary)]);
        prop_assert!(shares(&plan, salary).1.member <= shares(&plan, salary + more).1.member);
    }
}
