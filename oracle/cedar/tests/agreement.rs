//! The Cedar export and the compiled table agree on random asks: of the shipped notice, of the small one of the
//! tests, and of random sound notices. And a planted difference is found.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, reason = "the seed and the count come from the environment")]

mod asks;

use asks::{Random, question, random_notice};
use cedar_oracle::{Policies, difference};
use notice::{Notice, SHIPPED, Table};

fn small() -> Notice {
    let files = [
        ("clauses.toml", include_str!("../../../crates/notice/tests/small/clauses.toml")),
        ("organisation.toml", include_str!("../../../crates/notice/tests/small/organisation.toml")),
        ("en.md", include_str!("../../../crates/notice/tests/small/en.md")),
        ("nl.md", include_str!("../../../crates/notice/tests/small/nl.md")),
        ("fr.md", include_str!("../../../crates/notice/tests/small/fr.md")),
        ("de.md", include_str!("../../../crates/notice/tests/small/de.md")),
    ];
    Notice::read(&files).unwrap()
}

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().map_or(otherwise, |text| text.parse().expect("a number"))
}

fn random() -> Random {
    let seed = number("MORETUS_SEED", 20_261_101);
    println!("MORETUS_SEED={seed}");
    Random::of(seed)
}

fn policies(notice: &Notice) -> Policies {
    Policies::read(&notice.cedar_policies(), &notice.cedar_schema()).unwrap()
}

/// Asks until something differs; gives what, and how many asks were granted before.
fn first_difference(
    random: &mut Random,
    notice: &Notice,
    policies: &Policies,
    asks: u64,
) -> (Option<String>, u64) {
    let table: Table = notice.compile();
    let mut granted = 0;
    for _ in 0..asks {
        let question = question(random, notice);
        if let Some(found) = difference(&table, policies, &question).unwrap() {
            return (Some(found), granted);
        }
        granted += u64::from(matches!(table.decide(&question), notice::Decision::Granted(_)));
    }
    (None, granted)
}

#[test]
fn the_shipped_notice_agrees_on_ten_thousand_asks() {
    let notice = Notice::read(SHIPPED).unwrap();
    let asks = number("MORETUS_CASES", 10_000).max(10_000);
    let (found, granted) = first_difference(&mut random(), &notice, &policies(&notice), asks);
    assert_eq!(found, None);
    println!("{asks} asks, {granted} granted");
    assert!(granted > asks / 10 && granted < asks * 9 / 10, "{granted} of {asks}: asks that tell little");
}

#[test]
fn the_small_notice_agrees() {
    let notice = small();
    assert_eq!(first_difference(&mut random(), &notice, &policies(&notice), 2_000).0, None);
}

#[test]
fn random_notices_agree() {
    let mut random = random();
    let mut clauses = 0;
    for _ in 0..60 {
        let notice = random_notice(&mut random);
        clauses += notice.clauses().len() + notice.prohibitions().len();
        let (found, _) = first_difference(&mut random, &notice, &policies(&notice), 100);
        assert_eq!(found, None, "{}", notice.cedar_policies());
    }
    println!("{clauses} clauses and prohibitions");
    assert!(clauses > 180, "{clauses}: notices that tell little");
}

/// The policies of the small notice with one text replaced, asked beside its unaltered table.
fn planted(from: &str, to: &str) -> Option<String> {
    let notice = small();
    let text = notice.cedar_policies();
    assert!(text.contains(from), "`{from}` must stand in\n{text}");
    let altered = Policies::read(&text.replacen(from, to, 1), &notice.cedar_schema()).unwrap();
    first_difference(&mut random(), &notice, &altered, 5_000).0
}

#[test]
fn a_planted_difference_is_found() {
    assert_eq!(planted("use.claims", "use.claims"), None);
    let plants = [
        // A prohibition that is lifted by nothing any more, one that is gone, and one on another purpose.
        ("unless { context.holds.containsAll([Condition::\"consent.marketing\"]) }", ""),
        ("action in Action::\"marketing\"", "action == Action::\"quote\""),
        // A condition, a category, a recipient and a kind of subject too few or too many.
        ("[Condition::\"consent.health\", Condition::\"work-item\"]", "[Condition::\"work-item\"]"),
        ("Category::\"financial\", ", ""),
        ("[Recipient::\"partner\"]", "[Recipient::\"provider\"]"),
        (
            "[SubjectKind::\"member\"].contains",
            "[SubjectKind::\"member\", SubjectKind::\"employee\"].contains",
        ),
        // What is demanded and what a transfer needs, forgotten; another safeguard.
        ("unless { context.holds.containsAll(context.demands) }", "when { false }"),
        ("unless { context.holds.contains(Condition::\"transfer-safeguard\") }", "when { false }"),
        (" &&\n  !(context has transfer)", ""),
        ("[Safeguard::\"standard-clauses\"", "[Safeguard::\"binding-rules\""),
        // Another clause that shows the same.
        ("@id(\"use.claims\")", "@id(\"use.trends\")"),
    ];
    for (from, to) in plants {
        let found = planted(from, to);
        assert!(found.is_some(), "`{to}` for `{from}` was not found");
    }
}

#[test]
fn a_word_that_the_schema_lacks_is_refused() {
    let notice = small();
    let text = notice.cedar_policies().replacen("claims-staff", "claim-staff", 1);
    assert!(Policies::read(&text, &notice.cedar_schema()).is_err());
}
