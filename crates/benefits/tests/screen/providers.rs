//! What is known of a claim's provider beside its claims: that it is excluded, and what it and others claim by level.

use benefits::Plan;
use benefits::screen::{Elsewhere, LevelCount, LevelsOfCodes, Peers, Screening, Shares, screen};
use domain::ScreenRule;

use crate::claims::{Owned, claim, day, person, stay};
use crate::plan;

#[test]
fn care_on_a_day_on_which_the_provider_is_excluded_is_noticed() {
    let (plan, person) = (plan(), person());
    let on = |owned: &Owned, spans: &[(&str, Option<&str>)]| {
        let excluded: Vec<_> = spans.iter().map(|(first, last)| (day(first), last.map(day))).collect();
        let screening = Screening {
            claim: owned.shown(false),
            before: &[],
            person: &person,
            elsewhere: Elsewhere::default(),
            excluded: &excluded,
            levels: &[],
            plans: &[&plan],
        };
        screen(&screening).into_iter().map(|flag| (flag.rule, flag.lines)).collect::<Vec<_>>()
    };
    let own = claim(9, "2026-11-03", "GP", 3_145).line(day("2026-11-05"), day("2026-11-05"), "LAB", 3_131);
    assert_eq!(on(&own, &[("2026-11-05", None)]), [(ScreenRule::ExcludedProvider, vec![2])]);
    assert_eq!(on(&own, &[("2025-01-01", Some("2026-11-03"))]), [(ScreenRule::ExcludedProvider, vec![1])]);
    assert_eq!(on(&own, &[("2026-11-06", None), ("2026-10-01", Some("2026-11-02"))]), []);
    assert_eq!(on(&own, &[("2026-11-04", Some("2026-11-04"))]), [], "between the two");
    let stay = stay(9, "2026-11-01", "2026-11-10");
    assert_eq!(on(&stay, &[("2026-11-04", Some("2026-11-05"))]).len(), 1, "within a stay");
}

#[test]
fn a_high_level_that_others_claim_seldom_is_noticed_by_its_line() {
    let text = include_str!("../../../../plans/worldwide-modules.toml");
    let levels = "\n[[levels]]\nname = \"Consultation\"\ncodes = [\"GP\", \"GP-LONG\"]\n";
    let plan = Plan::parse("plan.toml", &(text.to_owned() + levels)).unwrap();
    let of_codes = LevelsOfCodes::of([&plan, &plan]);
    let level = |code: &str| of_codes.of_code(&domain::ServiceCode::parse(code).unwrap()).collect::<Vec<_>>();
    assert_eq!(
        level("GP").iter().map(|(_, high)| *high).collect::<Vec<_>>(),
        [false],
        "one family, in two plans"
    );
    assert_eq!(level("GP-LONG").iter().map(|(_, high)| *high).collect::<Vec<_>>(), [true]);
    assert!(level("LAB").is_empty());
    let own =
        claim(9, "2026-11-03", "GP", 3_145).line(day("2026-11-03"), day("2026-11-03"), "GP-LONG", 6_130);
    let (who, count) = (person(), |lines, high| LevelCount { lines, high });
    let of = |own_count: LevelCount| {
        let peers = Peers { own: own_count, others: Shares::of([count(100, 10); 12]) };
        let screening = Screening {
            claim: own.shown(true),
            before: &[],
            person: &who,
            elsewhere: Elsewhere::default(),
            excluded: &[],
            levels: &[(2, peers)],
            plans: &[&plan],
        };
        screen(&screening).into_iter().map(|flag| (flag.rule, flag.lines)).collect::<Vec<_>>()
    };
    assert_eq!(of(count(100, 90)), [(ScreenRule::HighLevels, vec![2])]);
    assert_eq!(of(count(100, 15)), []);
}
