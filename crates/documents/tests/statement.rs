//! The statement of benefits as its reader, a screen reader and an archive get it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

mod common;

use common::{run, statement};
use documents::{DocumentError, Exchange, Renderer, SettlementKind, SettlementLine, Statement};
use domain::{Currency, Language, Money, Payee, PersonName, Reason};

fn pdf(statement: &Statement) -> Vec<u8> {
    Renderer::new().unwrap().statement(statement).unwrap()
}

/// The text in the order in which it stands on the page, one space between words, without empty lines.
fn text(pdf: &[u8]) -> String {
    let (read, text) = run("pdftotext", "poppler-utils", &["-layout", "-", "-"], pdf);
    assert!(read, "{text}");
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The text in reading order on one line, so that a sentence is found wherever it breaks.
fn flowing(pdf: &[u8]) -> String {
    let (read, text) = run("pdftotext", "poppler-utils", &["-", "-"], pdf);
    assert!(read, "{text}");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_statement_reads_as_agreed_in_every_language() {
    for language in Language::ALL {
        insta::assert_snapshot!(format!("statement-{language}"), text(&pdf(&statement(*language))));
    }
}

#[test]
fn the_account_is_masked_wherever_it_stands() {
    let text = flowing(&pdf(&statement(Language::English)));
    assert!(text.contains("BE•• •••• 7034"), "{text}");
    assert!(!text.replace(' ', "").contains("5390"), "{text}");
}

#[test]
fn it_is_tagged_and_says_which_standards_it_keeps() {
    for language in Language::ALL {
        let pdf = pdf(&statement(*language));
        let raw = String::from_utf8_lossy(&pdf);
        let lang = format!("/Lang({language})");
        for mark in [
            "<pdfuaid:part>1</pdfuaid:part>",
            "<pdfaid:part>2</pdfaid:part>",
            "<pdfaid:conformance>A</pdfaid:conformance>",
            "/Marked true",
            "/StructTreeRoot",
            "/DisplayDocTitle true",
            "CLM-2026-001842</rdf:li>",
            lang.as_str(),
        ] {
            assert!(raw.contains(mark), "{language}: {mark} is missing");
        }
    }
}

#[test]
fn a_screen_reader_finds_headings_and_the_heads_of_columns() {
    let (_, structure) =
        run("pdfinfo", "poppler-utils", &["-struct-text", "-"], &pdf(&statement(Language::English)));
    assert_eq!(structure.matches("H1 \"").count(), 7, "{structure}");
    assert_eq!(structure.matches("Table (block)").count(), 2);
    assert_eq!(structure.matches("/Scope /Column").count(), 10);
    assert!(structure.contains("H1 \"If you disagree\""));
}

#[test]
fn five_lines_take_two_pages_and_every_font_is_in_the_file() {
    for language in Language::ALL {
        let pdf = pdf(&statement(*language));
        let (_, facts) = run("pdfinfo", "poppler-utils", &["-"], &pdf);
        let pages = facts.lines().find(|line| line.starts_with("Pages:")).unwrap();
        assert_eq!(pages.split_whitespace().last(), Some("2"), "{language}");
        // Columns: name, type (of three words), encoding, embedded, subset, unicode, object.
        let (_, fonts) = run("pdffonts", "poppler-utils", &["-"], &pdf);
        let fonts: Vec<&str> = fonts.lines().skip(2).collect();
        assert!(!fonts.is_empty());
        assert!(fonts.iter().all(|font| font.contains(" yes yes yes ")), "{fonts:?}");
    }
}

#[test]
fn the_same_statement_gives_the_same_bytes() {
    let renderer = Renderer::new().unwrap();
    let first = renderer.statement(&statement(Language::Dutch)).unwrap();
    renderer.statement(&statement(Language::French)).unwrap();
    assert!(first == renderer.statement(&statement(Language::Dutch)).unwrap());
    assert!(first == pdf(&statement(Language::Dutch)), "another renderer gives other bytes");
}

#[test]
fn statements_can_be_set_at_the_same_time() {
    let renderer = Renderer::new().unwrap();
    let alone: Vec<Vec<u8>> =
        Language::ALL.iter().map(|l| renderer.statement(&statement(*l)).unwrap()).collect();
    std::thread::scope(|scope| {
        let set = |language: &Language| renderer.statement(&statement(*language)).unwrap();
        let together: Vec<_> =
            Language::ALL.iter().map(|language| scope.spawn(move || set(language))).collect();
        for (one, thread) in alone.iter().zip(together) {
            assert!(*one == thread.join().unwrap());
        }
    });
}

#[test]
fn text_is_never_read_as_markup() {
    let mut hostile = statement(Language::English);
    hostile.member = PersonName::parse("#panic(\"x\") *a* $b$ @c <d> {version}").unwrap();
    hostile.lines[0].description = "= #read(\"/etc/passwd\") \\ // `raw`".to_owned();
    hostile.notice.clause = "{address}".to_owned();
    let text = flowing(&pdf(&hostile));
    assert!(text.contains("#panic(\"x\") *a* $b$ @c <d> {version}"), "{text}");
    assert!(text.contains("= #read(\"/etc/passwd\") \\ // `raw`"), "{text}");
}

#[test]
fn a_line_that_does_not_add_up_is_not_printed() {
    let mut wrong = statement(Language::English);
    wrong.lines[2].amounts.plan += 1;
    let refused = Renderer::new().unwrap().statement(&wrong).unwrap_err();
    assert_eq!(refused, DocumentError::Unbalanced { line: 3 });
    let mut wrong = statement(Language::English);
    wrong.lines[1].steps[0].change += 1;
    let refused = Renderer::new().unwrap().statement(&wrong).unwrap_err();
    assert_eq!(refused, DocumentError::Unbalanced { line: 2 });
}

#[test]
fn how_a_line_came_about_adds_up_by_hand() {
    let said = flowing(&pdf(&statement(Language::English))).replace('\u{2212}', "-");
    assert!(
        said.contains(
            "Step by step: 500.00 - 25.00 (fixed amount that you pay) - 104.50 (percentage that you pay) + 9.50 (you have \
             borne the most that you bear, Out-of-pocket maximum) = 380.00"
        ),
        "{said}"
    );
    // Where it is not known how the line came about, no sum is said.
    let mut unknown = statement(Language::English);
    unknown.lines.iter_mut().for_each(|line| line.steps = Vec::new());
    assert!(!flowing(&pdf(&unknown)).contains("Step by step"));
}

#[test]
fn a_name_that_the_font_lacks_is_refused_without_repeating_it() {
    let mut unprintable = statement(Language::English);
    unprintable.member = PersonName::parse("李小龍").unwrap();
    let refused = Renderer::new().unwrap().statement(&unprintable).unwrap_err();
    assert_eq!(refused, DocumentError::Unprintable { field: "the member's name" });
    assert!(!refused.to_string().contains('李'));
}

#[test]
fn every_reason_has_its_sentence_beside_the_line() {
    let renderer = Renderer::new().unwrap();
    for language in Language::ALL {
        let mut all = statement(*language);
        let template = all.lines[4].clone();
        all.lines = Vec::new();
        for (index, reason) in Reason::ALL.iter().enumerate() {
            let mut line = template.clone();
            line.amounts = common::amounts(index as u32 + 1, [10, 20, 30, 40, 50, 60, 70, 80], &[*reason]);
            line.steps = Vec::new();
            all.lines.push(line);
        }
        let text = flowing(&renderer.statement(&all).unwrap());
        let words: toml::Table = words(*language).parse().unwrap();
        for reason in Reason::ALL {
            let sentence = words["reason"][reason.word()].as_str().unwrap();
            assert!(text.contains(sentence), "{language} {reason}: {sentence}");
        }
    }
}

#[test]
fn what_is_optional_may_be_absent_and_what_is_rare_is_shown() {
    let mut bare = statement(Language::English);
    bare.payee = Payee::Provider;
    bare.payment = None;
    bare.accumulators = Vec::new();
    bare.appeal.outside_body = None;
    bare.exchange = Some(Exchange {
        charged_in: "USD".parse().unwrap(),
        rate: "0.8632".parse().unwrap(),
        date: common::date("2026-11-02"),
    });
    let text = flowing(&pdf(&bare));
    assert!(text.contains("We pay what your plan covers to the provider directly."), "{text}");
    assert!(text.contains("1 USD = 0.8632 EUR on 2 Nov 2026"), "{text}");
    assert!(!text.contains("Where you stand"), "{text}");
    bare.payee = Payee::Member;
    assert!(flowing(&pdf(&bare)).contains("The payment has not been made yet."));
    // All of it was kept back for another claim.
    let other = || "9c41aa07".to_owned();
    let kept = SettlementKind::KeptBack { claim_reference: other() };
    bare.settlement =
        vec![settled("2026-11-24", 57_836, SettlementKind::Owed), settled("2026-11-24", 57_836, kept)];
    let said = flowing(&pdf(&bare));
    assert!(said.contains("all of it is kept back") && said.contains("9c41aa07"), "{said}");
    assert!(said.contains("Nothing is left to settle") && !said.contains("has not been made yet"), "{said}");
    bare.settlement = Vec::new();
    bare.payee = Payee::Provider;
    bare.lines.truncate(5);
    bare.lines.drain(..4);
    let text = flowing(&pdf(&bare));
    assert!(text.contains("Your plan pays nothing for this claim"), "{text}");
    bare.payment = statement(Language::English).payment;
    bare.payment.as_mut().unwrap().amount = Money::new(1_234_500, "JPY".parse().unwrap()).unwrap();
    assert!(flowing(&pdf(&bare)).contains("1,234,500 JPY to the provider's account"));
}

fn settled(day: &str, minor: i64, kind: SettlementKind) -> SettlementLine {
    SettlementLine { day: common::date(day), amount: Money::new(minor, Currency::EUR).unwrap(), kind }
}

/// Paid, decided again for less, paid back in part out of another claim, the rest given up but for thirty euros.
fn settled_again(language: Language) -> Statement {
    let paid_back = SettlementKind::PaidBack { claim_reference: "9c41aa07".to_owned() };
    let settlement = vec![
        settled("2026-11-24", 57_836, SettlementKind::Owed),
        settled("2026-11-24", 57_836, SettlementKind::Paid),
        settled("2026-12-03", -12_000, SettlementKind::Owed),
        settled("2026-12-10", 5_000, paid_back),
        settled("2027-01-07", 4_000, SettlementKind::GivenUp),
    ];
    Statement { settlement, ..statement(language) }
}

#[test]
fn what_was_settled_adds_up_by_hand() {
    let made = pdf(&settled_again(Language::English));
    let said = text(&made).replace('\u{2212}', "-");
    for row in [
        "24 Nov 2026 Your plan pays 578.36 EUR",
        "24 Nov 2026 Paid to your account -578.36 EUR",
        "3 Dec 2026 Decided again: the difference -120.00 EUR",
        "10 Dec 2026 Kept back from what we paid for claim 9c41aa07 50.00 EUR",
        "7 Jan 2027 Given up: you need not pay it back 40.00 EUR",
        "You owe us 30.00 EUR",
    ] {
        assert!(said.contains(row), "{row} in {said}");
    }
    assert!(flowing(&made).contains("We paid you 30.00 EUR too much"));
    // A second currency has an account of its own; a payment of all that the plan owes needs none.
    let mut both = settled_again(Language::English);
    let yen = Money::new(700, "JPY".parse().unwrap()).unwrap();
    both.settlement.push(SettlementLine { amount: yen, ..settled("2027-01-08", 0, SettlementKind::Owed) });
    let said = text(&pdf(&both));
    assert!(
        said.contains("Still to be paid to you 700 JPY") && said.contains("You owe us 30.00 EUR"),
        "{said}"
    );
    both.settlement.truncate(2);
    assert!(!flowing(&pdf(&both)).contains("What was settled"));
    both.settlement = vec![settled("2026-11-24", 100_000_000_000_000, SettlementKind::Owed); 100_000];
    assert!(Renderer::new().unwrap().statement(&both).is_err());
}

#[test]
fn what_was_settled_is_said_in_every_language() {
    for (language, words) in [
        (Language::Dutch, ["Kwijtgescholden", "U bent ons verschuldigd"]),
        (Language::French, ["Abandonné", "Vous nous devez"]),
        (Language::German, ["Erlassen", "Sie schulden uns"]),
    ] {
        let said = flowing(&pdf(&settled_again(language)));
        assert!(words.iter().all(|word| said.contains(word)), "{said}");
    }
}

fn words(language: Language) -> &'static str {
    match language {
        Language::English => include_str!("../templates/words/en.toml"),
        Language::Dutch => include_str!("../templates/words/nl.toml"),
        Language::French => include_str!("../templates/words/fr.toml"),
        Language::German => include_str!("../templates/words/de.toml"),
    }
}

/// Every key with the placeholders of its sentence.
fn keys(table: &toml::Table, above: &str, found: &mut Vec<String>) {
    for (key, value) in table {
        let name = format!("{above}.{key}");
        match value {
            toml::Value::Table(below) => keys(below, &name, found),
            sentence => {
                let sentence = sentence.as_str().unwrap();
                let mut holes: Vec<&str> =
                    sentence.split('{').skip(1).map(|rest| rest.split_once('}').unwrap().0).collect();
                holes.sort_unstable();
                found.push(format!("{name} {holes:?}"));
            }
        }
    }
}

#[test]
fn the_four_languages_say_the_same_things() {
    let of = |language| {
        let mut found = Vec::new();
        keys(&words(language).parse().unwrap(), "", &mut found);
        found.sort_unstable();
        found
    };
    let english = of(Language::English);
    for language in Language::ALL {
        assert_eq!(english, of(*language), "{language}");
    }
}
