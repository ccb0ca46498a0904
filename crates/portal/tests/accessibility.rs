//! The pages in a browser under axe-core, which somebody else wrote: no violation, and a page with a planted one
//! is found. What only a person can judge no checker says; contrast in the dark scheme `pages.rs` computes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

use std::process::Command;

use domain::{ClaimState, Language};
use notice::{Document, Edition, Notice, SHIPPED, SHIPPED_RELATED, SHIPPED_TRAVEL};
use portal::{Contact, Home, NoticePage, NoticeVersion, PortfolioCounts, STYLE, Shell, Trouble, record_page};

/// What axe-core finds in a page: a line for each violation, its rule first.
fn violations(page: &str) -> Vec<String> {
    let axe = std::env::var("MORETUS_AXE")
        .expect("MORETUS_AXE is not set: it names axe.min.js; `cargo xtask test` fetches it and sets it");
    let axe = std::fs::read_to_string(axe).unwrap();
    let run = "axe.run(document).then(found => {
        const lines = document.createElement('pre');
        lines.id = 'found';
        lines.textContent = found.violations
            .flatMap(rule => rule.nodes.map(node => rule.id + ' ' + node.html.replaceAll('\\n', ' '))).join('\\n');
        document.documentElement.appendChild(lines);
    });";
    // The page as the server gives it, with its style in it and the checker at its end.
    let page =
        page.replace("<link rel=\"stylesheet\" href=\"/style.css\">", &format!("<style>{STYLE}</style>"));
    let checked = format!("<script>{axe}</script><script>{run}</script></body>");
    let end = page.rfind("</body>").expect("the page ends");
    let page = format!("{}{checked}{}", &page[..end], &page[end + "</body>".len()..]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    std::fs::write(&file, page).unwrap();
    let mut browser = Command::new("chromium");
    browser.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]);
    browser.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
    browser.arg(format!("--user-data-dir={}", folder.path().join("profile").display()));
    // The clock runs ahead whenever nothing happens, so that nobody waits.
    browser.args(["--virtual-time-budget=60000", "--dump-dom"]).arg(format!("file://{}", file.display()));
    let output = browser.output().expect("chromium is needed: install the Debian package chromium");
    let dom = String::from_utf8_lossy(&output.stdout);
    let (_, found) = dom.split_once("<pre id=\"found\">").unwrap_or_else(|| {
        panic!("axe-core said nothing: {}", String::from_utf8_lossy(&output.stderr));
    });
    let (found, _) = found.split_once("</pre>").unwrap();
    found.lines().map(str::to_owned).collect()
}

const LANGUAGES: [(Language, &str); 4] = [
    (Language::English, "/?lang=en"),
    (Language::Dutch, "/?lang=nl"),
    (Language::French, "/?lang=fr"),
    (Language::German, "/?lang=de"),
];

fn shell(language: Language) -> Shell<'static> {
    Shell {
        site: "Plantin Benefits",
        language,
        languages: &LANGUAGES,
        home_href: "/",
        notice_href: "/notice",
        contact: Contact { text: "+32 3 555 01 00", href: "tel:+3235550100" },
    }
}

fn notice() -> Notice {
    Notice::read(SHIPPED).unwrap()
}

fn hash(notice: &Document) -> String {
    notice.hash().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The shipped notice as the site shows it, and as it is taken away.
fn notice_pages(language: Language) -> [String; 2] {
    pages_of(&notice(), None, language)
}

/// The documents that ship beside it, in the same forms.
fn pages_beside(language: Language) -> Vec<String> {
    let all = SHIPPED_RELATED.iter().chain(std::iter::once(&SHIPPED_TRAVEL));
    all.flat_map(|files| {
        let document = Edition::read(files).unwrap();
        let title = document.text(language).title;
        pages_of(&document, Some(&title), language)
    })
    .collect()
}

fn pages_of(notice: &Document, title: Option<&str>, language: Language) -> [String; 2] {
    let beside = [("Cookie notice", "/notice/1/cookies"), ("Travel questionnaire", "/notice/1/travel")];
    let versions =
        ["2026-11-01", "2025-06-01"].map(|version| (version, format!("/notice/1?version={version}")));
    let versions: Vec<NoticeVersion<'_>> = versions
        .iter()
        .map(|(version, href)| NoticeVersion { version, effective: version.parse().unwrap(), href })
        .collect();
    let page = NoticePage {
        title,
        portfolio: "Fonds Meridian",
        version: notice.version(),
        effective: notice.effective(),
        hash: &hash(notice),
        is_cited: !notice.clauses().is_empty(),
        language,
        text: &notice.render_html_among(language, &|name| Some(format!("/notice/1/{name}"))),
        text_href: "/notice/1.txt",
        html_href: "/notice/1.html",
        pdf_href: "/notice/1.pdf",
        versions: &versions,
        beside: if title.is_none() { &beside } else { &[] },
    };
    [page.render(&shell(language)).into_string(), page.standalone().into_string()]
}

fn home(language: Language) -> String {
    let claims: Vec<(ClaimState, u64)> = ClaimState::ALL.iter().map(|state| (*state, 20_123)).collect();
    let portfolios = [
        PortfolioCounts { name: "Meridian", notice_href: Some("/notice/1"), members: 2_000, claims: &claims },
        PortfolioCounts { name: "Small", notice_href: None, members: 3, claims: &[] },
    ];
    Home { portfolios: &portfolios }.render(&shell(language)).into_string()
}

#[test]
fn the_shipped_notice_has_no_violation_in_any_language() {
    for language in Language::ALL {
        for page in notice_pages(*language) {
            assert_eq!(violations(&page), Vec::<String>::new(), "{language}");
        }
    }
}

#[test]
fn the_documents_beside_it_have_no_violation_in_any_language() {
    for language in Language::ALL {
        for page in pages_beside(*language) {
            assert_eq!(violations(&page), Vec::<String>::new(), "{language}");
        }
    }
}

#[test]
fn the_other_pages_have_no_violation() {
    let notice = notice();
    let record = record_page(&notice.record(Language::French), &hash(&notice));
    let trouble = Trouble::NotFound.render(&shell(Language::Dutch));
    for page in [home(Language::German), trouble.into_string(), record.into_string()] {
        assert_eq!(violations(&page), Vec::<String>::new(), "{page}");
    }
}

#[test]
fn a_planted_violation_is_found() {
    let [page, _] = notice_pages(Language::English);
    let plants = [
        ("html-has-lang", "<html lang=\"en\">", "<html>"),
        ("document-title", "<title>", "<title></title><title hidden>"),
        ("image-alt", "<h1>", "<img src=\"data:,\"><h1>"),
        ("color-contrast", "<h1>", "<h1 style=\"color:#999;background:#aaa\">"),
        ("link-name", "<h1>", "<a href=\"/\"></a><h1>"),
        ("landmark-one-main", "<main ", "<div "),
        ("heading-order", "<h2>1. ", "<h4>1. "),
    ];
    let planted = |(rule, from, to): &(&str, &str, &str)| {
        assert!(page.contains(from), "`{from}` must stand on the page");
        let found = violations(&page.replacen(from, to, 1));
        assert!(found.iter().any(|line| line.starts_with(&format!("{rule} "))), "{rule}: {found:?}");
    };
    plants.iter().for_each(planted);
}
