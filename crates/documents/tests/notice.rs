//! The published notice as a PDF, as its reader, a screen reader and an archive get it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

mod common;

use common::run;
use documents::{DocumentError, Renderer};
use domain::Language;
use notice::{Notice, SHIPPED};

const PUBLISHER: &str = "Fonds Méridien & Co";

const SMALL: &[(&str, &str)] = &[
    ("clauses.toml", include_str!("../../notice/tests/small/clauses.toml")),
    ("organisation.toml", include_str!("../../notice/tests/small/organisation.toml")),
    ("en.md", include_str!("../../notice/tests/small/en.md")),
    ("nl.md", include_str!("../../notice/tests/small/nl.md")),
    ("fr.md", include_str!("../../notice/tests/small/fr.md")),
    ("de.md", include_str!("../../notice/tests/small/de.md")),
];

fn small() -> Notice {
    Notice::read(SMALL).unwrap()
}

fn pdf(notice: &Notice, language: Language) -> Vec<u8> {
    Renderer::new().unwrap().notice(notice, PUBLISHER, language).unwrap()
}

fn read(program: &str, arguments: &[&str], pdf: &[u8]) -> String {
    let (read, text) = run(program, "poppler-utils", arguments, pdf);
    assert!(read, "{text}");
    text
}

/// The text in the order in which it stands on the page, without empty lines and the dots that lead to a
/// page's number.
fn text(pdf: &[u8]) -> String {
    let text = read("pdftotext", &["-layout", "-", "-"], pdf).replace('\u{2060}', "");
    let words =
        |line: &str| line.split_whitespace().filter(|word| *word != ".").collect::<Vec<_>>().join(" ");
    let lines = text.lines().map(words);
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The text on one line, words that were broken at a line's end whole again.
fn flowing(pdf: &[u8]) -> String {
    let text = read("pdftotext", &["-", "-"], pdf);
    let text = text.replace("-\n", "").replace("\u{ad}\n", "").replace('\u{ad}', "");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_notice_reads_as_agreed_in_every_language() {
    for language in Language::ALL {
        insta::assert_snapshot!(format!("notice-{language}"), text(&pdf(&small(), *language)));
    }
}

#[test]
fn it_is_tagged_and_says_which_standards_it_keeps_and_which_version_it_is() {
    for language in Language::ALL {
        let pdf = pdf(&small(), *language);
        let raw = String::from_utf8_lossy(&pdf);
        let lang = format!("/Lang({language})");
        for mark in [
            "<pdfuaid:part>1</pdfuaid:part>",
            "<pdfaid:part>2</pdfaid:part>",
            "<pdfaid:conformance>A</pdfaid:conformance>",
            "/Marked true",
            "/StructTreeRoot",
            "/DisplayDocTitle true",
            "<xmp:CreateDate>2026-11-01",
            lang.as_str(),
        ] {
            assert!(raw.contains(mark), "{language}: {mark} is missing");
        }
        let facts = read("pdfinfo", &["-"], &pdf);
        let title = small().text(*language).title;
        assert!(facts.lines().any(|line| line == format!("Title:           {title}")), "{facts}");
        let hash: String = small().hash().iter().map(|byte| format!("{byte:02x}")).collect();
        let text = flowing(&pdf).replace(' ', "");
        assert!(text.contains(&hash) && text.contains("small-1"), "{text}");
    }
}

#[test]
fn every_section_has_its_heading_and_is_found_by_its_anchor_in_every_language() {
    for language in Language::ALL {
        let pdf = pdf(&small(), *language);
        let structure = read("pdfinfo", &["-struct-text", "-"], &pdf);
        let sections = small().text(*language).sections;
        // Each section, and the contents.
        assert_eq!(
            structure.matches("H1 \"").count() + structure.matches("H1 (block)").count(),
            9,
            "{structure}"
        );
        assert_eq!(sections.len(), 8);
        let places = read("pdfinfo", &["-dests", "-"], &pdf);
        for section in sections {
            assert!(places.contains(&format!("\"{}\"", section.anchor)), "{}: {places}", section.anchor);
        }
    }
}

#[test]
fn every_section_of_the_shipped_notice_is_there() {
    let shipped = Notice::read(SHIPPED).unwrap();
    for language in shipped.languages() {
        let pdf = pdf(&shipped, *language);
        // What is broken at a line's end may have a hyphen of its own.
        let bare = |text: &str| text.split_whitespace().collect::<String>().replace(['-', '\u{ad}'], "");
        let printed = bare(&read("pdftotext", &["-", "-"], &pdf));
        let text = shipped.text(*language);
        for section in &text.sections {
            assert!(printed.contains(&bare(&section.title)), "{language}: {}", section.title);
        }
        let facts = read("pdfinfo", &["-"], &pdf);
        assert!(facts.contains("Tagged:          yes"), "{facts}");
    }
}

#[test]
fn long_words_are_broken_as_the_language_breaks_them() {
    let text = read("pdftotext", &["-layout", "-", "-"], &pdf(&small(), Language::German));
    let broken = text.lines().any(|line| line.trim_end().ends_with(['-', '\u{ad}']));
    assert!(broken, "no line ends in a broken word: {text}");
}

#[test]
fn the_same_notice_gives_the_same_bytes() {
    let renderer = Renderer::new().unwrap();
    let set = |language| renderer.notice(&small(), PUBLISHER, language).unwrap();
    let first = set(Language::Dutch);
    set(Language::French);
    assert!(first == set(Language::Dutch));
    assert!(first == pdf(&small(), Language::Dutch), "another renderer gives other bytes");
}

/// The small notice with something else in one of its files.
fn with(file: &str, from: &str, to: &str) -> Notice {
    let changed: Vec<(&str, String)> = SMALL
        .iter()
        .map(|(name, text)| {
            let text = if *name == file { text.replacen(from, to, 1) } else { (*text).to_owned() };
            (*name, text)
        })
        .collect();
    let files: Vec<(&str, &str)> = changed.iter().map(|(name, text)| (*name, text.as_str())).collect();
    assert!(files != SMALL, "`{from}` must stand in {file}");
    Notice::read(&files).unwrap()
}

#[test]
fn text_is_never_read_as_markup() {
    let hostile = "#panic() *a* $b$ @c = d {version} #read(x) // `e`";
    let notice = with("organisation.toml", "Rue de l'Étoile 1, 1000 Brussels", hostile);
    let text = flowing(&pdf(&notice, Language::English));
    assert!(text.contains(hostile), "{text}");
}

#[test]
fn what_the_font_lacks_is_refused_by_field() {
    let renderer = Renderer::new().unwrap();
    let refused =
        |notice: &Notice, publisher: &str| renderer.notice(notice, publisher, Language::English).unwrap_err();
    let unprintable = |field| DocumentError::Unprintable { field };
    assert_eq!(refused(&small(), "李"), unprintable("the publisher's name"));
    let text = with("en.md", "We count;", "我们 count;");
    assert_eq!(refused(&text, PUBLISHER), unprintable("the notice's text"));
    let lead = with("en.md", "This notice says", "我们 says");
    assert_eq!(refused(&lead, PUBLISHER), unprintable("the notice's text"));
}
