//! The pages as a browser gets them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use domain::{ClaimState, Date, Language};
use portal::{Contact, Home, NoticePage, NoticeVersion, PortfolioCounts, SMALLEST_GROUP, STYLE, Shell};

const LANGUAGES: [(Language, &str); 4] = [
    (Language::English, "/?lang=en"),
    (Language::Dutch, "/?lang=nl"),
    (Language::French, "/?lang=fr"),
    (Language::German, "/?lang=de"),
];

fn shell(language: Language) -> Shell<'static> {
    Shell {
        site: "Plantin <Benefits>",
        language,
        languages: &LANGUAGES,
        home_href: "/",
        notice_href: "/notice",
        contact: Contact { text: "+32 3 555 01 00", href: "tel:+3235550100" },
    }
}

fn notice(language: Language) -> String {
    let effective: Date = "2026-12-01".parse().unwrap();
    let page = NoticePage {
        title: None,
        portfolio: "Fonds Meridian & Co",
        version: "2026-12-01",
        effective,
        hash: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        is_cited: true,
        language: Language::English,
        text: "<main lang=\"en\">\n<h1>How we use your data</h1>\n<section id=\"use.claims\">\n<h2>1. Claims</h2>\n<p>Text.</p>\n</section>\n</main>\n",
        text_href: "/notice/2026-12-01/en.txt",
        html_href: "/notice/2026-12-01/en.html",
        pdf_href: "/notice/2026-12-01/en.pdf",
        versions: &[
            NoticeVersion { version: "2026-12-01", effective, href: "/notice/2026-12-01" },
            NoticeVersion {
                version: "2025-06-01",
                effective: "2025-06-01".parse().unwrap(),
                href: "/notice/2025-06-01",
            },
        ],
        beside: &[("Cookie notice", "/notice/2026-12-01/cookies")],
    };
    page.render(&shell(language)).into_string()
}

fn home(language: Language) -> String {
    let claims: Vec<(ClaimState, u64)> = ClaimState::ALL
        .iter()
        .zip([20_123, 10, 9, 1, 0, 1_000_000, 77])
        .map(|(state, count)| (*state, count))
        .collect();
    let portfolios = [
        PortfolioCounts { name: "Meridian", notice_href: Some("/notice/1"), members: 2_000, claims: &claims },
        PortfolioCounts { name: "Small", notice_href: None, members: SMALLEST_GROUP - 1, claims: &[] },
    ];
    Home { portfolios: &portfolios }.render(&shell(language)).into_string()
}

#[test]
fn every_page_has_a_language_a_title_one_main_a_skip_link_and_help() {
    for language in Language::ALL {
        for page in [home(*language), notice(*language)] {
            assert!(page.starts_with("<!DOCTYPE html><html lang=\""), "{page}");
            assert!(page.contains(&format!("<html lang=\"{language}\">")), "{page}");
            assert!(page.contains("Plantin &lt;Benefits&gt;</title>"), "{page}");
            for once in ["<main", "<h1", "id=\"content\"", "href=\"#content\"", "<footer>", "tel:+3235550100"]
            {
                assert_eq!(page.matches(once).count(), 1, "{once}: {page}");
            }
            assert!(
                !page.contains("<script") && !page.contains("style=\""),
                "the policy allows neither: {page}"
            );
            assert!(!page.contains('{') && !page.contains('}'), "a placeholder was left: {page}");
        }
    }
}

#[test]
fn the_languages_are_named_in_their_own_words_and_this_one_is_marked() {
    let page = home(Language::Dutch);
    assert!(page.contains("<a href=\"/?lang=fr\" lang=\"fr\" hreflang=\"fr\">Français</a>"), "{page}");
    assert!(
        page.contains(
            "<a href=\"/?lang=nl\" lang=\"nl\" hreflang=\"nl\" aria-current=\"page\">Nederlands</a>"
        )
    );
    let mut one = shell(Language::English);
    one.languages = &LANGUAGES[..1];
    assert!(!Home { portfolios: &[] }.render(&one).into_string().contains("class=\"languages\""));
}

#[test]
fn small_groups_are_not_counted_out() {
    let page = home(Language::English);
    let figures: Vec<&str> =
        page.split("<td class=\"figure\">").skip(1).map(|rest| rest.split_once('<').unwrap().0).collect();
    let few = "fewer than 10";
    assert_eq!(
        figures,
        ["2\u{202f}000", "20\u{202f}123", "10", few, few, few, "1\u{202f}000\u{202f}000", "77", few]
    );
    assert!(home(Language::German).contains("weniger als 10"));
}

#[test]
fn a_notice_shows_which_version_it_is_and_where_to_take_it() {
    let page = notice(Language::English);
    assert!(page.contains("<section id=\"use.claims\">"), "the text goes in as it is: {page}");
    assert!(page.contains("Fonds Meridian &amp; Co"));
    assert!(page.contains("<time datetime=\"2026-12-01\">2026-12-01</time>"));
    assert!(page.contains("<span>01234567</span><wbr><span>89abcdef</span>"));
    assert!(page.contains("href=\"/notice/2026-12-01/en.txt\" download"));
    assert!(page.contains("href=\"/notice/2026-12-01/en.html\" download"));
    assert!(page.contains("href=\"/notice/2026-12-01/en.pdf\" download"));
    assert!(page.contains("<a href=\"/notice/2025-06-01\">2025-06-01</a>"));
    assert!(page.contains("<a href=\"/notice/2026-12-01\" aria-current=\"page\">"));
}

/// Relative luminance of `#rrggbb` as WCAG defines it.
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

#[test]
fn colours_keep_the_contrast_that_the_sheet_promises() {
    let schemes: Vec<&str> =
        STYLE.split(":root {").skip(1).map(|rest| rest.split_once('}').unwrap().0).collect();
    assert_eq!(schemes.len(), 3, "light, dark, paper");
    for scheme in schemes {
        let colour = |name: &str| {
            let start = scheme.split_once(&format!("--{name}: ")).unwrap().1;
            luminance(&start[..7])
        };
        let contrast = |one: f64, other: f64| (one.max(other) + 0.05) / (one.min(other) + 0.05);
        for ground in ["ground", "raised"] {
            for text in ["ink", "quiet", "accent"] {
                let ratio = contrast(colour(text), colour(ground));
                assert!(ratio >= 7.0, "{text} on {ground}: {ratio:.2}");
            }
            if scheme.contains("--focus") {
                let ratio = contrast(colour("focus"), colour(ground));
                assert!(ratio >= 4.5, "focus on {ground}: {ratio:.2}");
            }
        }
    }
}

#[test]
fn the_style_loads_nothing_from_elsewhere() {
    for word in ["url(", "@import", "http:", "src:"] {
        assert!(!STYLE.contains(word), "{word}");
    }
}
