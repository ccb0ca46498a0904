//! The Cedar export and the compiled table agree on random asks: of the shipped notice, of the small one of the
//! tests, and of random sound notices. And a planted difference is found.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, reason = "the seed and the count come from the environment")]

mod asks;

use std::collections::BTreeSet;

use asks::{Random, question, random_notice};
use cedar_oracle::{Policies, difference};
use notice::{Decision, Notice, Question, SHIPPED, Table};

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

/// What was asked and granted: agreement about refusals alone would tell little.
#[derive(Debug, Default)]
struct Met {
    asks: u64,
    granted: u64,
    /// Granted where the data leaves, where something is demanded of whoever gets it, where they are in a register,
    /// and below a prohibition that was lifted.
    transfers: u64,
    demands: u64,
    registered: u64,
    lifted: u64,
    /// Refused, and granted to whoever needs no register.
    unregistered: u64,
    /// The clauses that permissions rested on.
    clauses: BTreeSet<String>,
}

impl Met {
    fn count(&mut self, notice: &Notice, table: &Table, question: &Question) {
        self.asks += 1;
        let Decision::Granted(permission) = table.decide(question) else {
            let free = table.decide(&Question { registered: None, ..*question });
            self.unregistered += u64::from(matches!(free, Decision::Granted(_)));
            return;
        };
        self.granted += 1;
        self.transfers += u64::from(question.transfer.is_some());
        self.demands += u64::from(!question.demands.is_empty());
        self.registered += u64::from(question.registered.is_some());
        let mut above = notice.prohibitions().iter();
        self.lifted += u64::from(above.any(|one| question.purpose.is_within(one.purpose)));
        let ids = permission.clauses.iter().filter_map(|index| table.clause_id(index));
        self.clauses.extend(ids.map(str::to_owned));
    }

    /// Fails when a kind of grant was met too rarely to tell anything.
    fn check(&self, share: u64) {
        let Self { asks, granted, .. } = *self;
        assert!(granted > asks / 10 && granted < asks * 9 / 10, "{self:?}: asks that tell little");
        for (what, met) in [
            ("transfers", self.transfers),
            ("demands", self.demands),
            ("registered", self.registered),
            ("unregistered", self.unregistered),
            ("lifted", self.lifted),
        ] {
            assert!(met > asks / share, "{what}: {self:?}");
        }
    }
}

/// Asks until something differs; gives what, and counts what was asked before.
fn first_difference(
    random: &mut Random,
    notice: &Notice,
    policies: &Policies,
    asks: u64,
    met: &mut Met,
) -> Option<String> {
    let table: Table = notice.compile();
    for _ in 0..asks {
        let question = question(random, notice);
        let found = difference(&table, policies, &question).unwrap();
        if found.is_some() {
            return found;
        }
        met.count(notice, &table, &question);
    }
    None
}

#[test]
fn the_shipped_notice_agrees_on_ten_thousand_asks() {
    let notice = Notice::read(SHIPPED).unwrap();
    let asks = number("MORETUS_CASES", 10_000).max(10_000);
    let mut met = Met::default();
    assert_eq!(first_difference(&mut random(), &notice, &policies(&notice), asks, &mut met), None);
    println!("{met:?}");
    met.check(500);
    let all: BTreeSet<String> = notice.clauses().iter().map(|clause| clause.id.clone()).collect();
    let never: Vec<_> = all.difference(&met.clauses).collect();
    assert!(never.is_empty(), "clauses under which nothing was granted: {never:?}");
}

#[test]
fn the_small_notice_agrees() {
    let (notice, mut met) = (small(), Met::default());
    assert_eq!(first_difference(&mut random(), &notice, &policies(&notice), 2_000, &mut met), None);
    println!("{met:?}");
    met.check(500);
}

#[test]
fn random_notices_agree() {
    let (mut random, mut met, mut rules) = (random(), Met::default(), 0);
    for _ in 0..60 {
        let notice = random_notice(&mut random);
        rules += notice.clauses().len() + notice.prohibitions().len();
        let found = first_difference(&mut random, &notice, &policies(&notice), 100, &mut met);
        assert_eq!(found, None, "{}", notice.cedar_policies());
    }
    println!("{rules} clauses and prohibitions, {met:?}");
    assert!(rules > 180, "{rules}: notices that tell little");
    met.check(500);
}

/// The policies of the small notice with one text replaced, asked beside its unaltered table.
fn planted(from: &str, to: &str) -> Option<String> {
    let notice = small();
    let text = notice.cedar_policies();
    assert!(text.contains(from), "`{from}` must stand in\n{text}");
    let altered = Policies::read(&text.replacen(from, to, 1), &notice.cedar_schema()).unwrap();
    first_difference(&mut random(), &notice, &altered, 5_000, &mut Met::default())
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
        // What somebody is registered for, forgotten, and another clause's.
        (
            " &&\n  (if context has registered then context.registered.contains(\"disclose.assistance\") else true)",
            "",
        ),
        (
            "context.registered.contains(\"disclose.assistance\")",
            "context.registered.contains(\"use.claims\")",
        ),
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
