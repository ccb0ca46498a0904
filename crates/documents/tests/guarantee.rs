//! The letter of guarantee as its reader gets it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

mod common;

use common::{guarantee, run};
use documents::{DocumentError, GuaranteeLetter, Renderer};
use domain::{Language, PersonName};

/// The text in the order in which it stands on the page, one space between words, without empty lines.
fn text(letter: &GuaranteeLetter) -> String {
    let pdf = Renderer::new().unwrap().guarantee(letter).unwrap();
    let (read, text) = run("pdftotext", "poppler-utils", &["-layout", "-", "-"], &pdf);
    assert!(read, "{text}");
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_letter_reads_as_agreed_in_every_language() {
    for language in Language::ALL {
        insta::assert_snapshot!(format!("guarantee-{language}"), text(&guarantee(*language)));
    }
}

#[test]
fn one_that_is_taken_back_promises_nothing() {
    for language in Language::ALL {
        let letter = GuaranteeLetter { terms: None, ..guarantee(*language) };
        let text = text(&letter);
        assert!(!text.contains("4.500") && !text.contains("4,500") && !text.contains("500"), "{text}");
        insta::assert_snapshot!(format!("guarantee-withdrawn-{language}"), text);
    }
}

#[test]
fn the_same_letter_gives_the_same_bytes_and_an_unprintable_name_is_refused_without_it() {
    let renderer = Renderer::new().unwrap();
    let letter = guarantee(Language::English);
    assert_eq!(renderer.guarantee(&letter).unwrap(), renderer.guarantee(&letter).unwrap());
    let unprintable = GuaranteeLetter { patient: PersonName::parse("\u{1F600}").unwrap(), ..letter };
    let refused = renderer.guarantee(&unprintable).unwrap_err();
    assert!(matches!(refused, DocumentError::Unprintable { field: "the patient's name" }), "{refused:?}");
}
