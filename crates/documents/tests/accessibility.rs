//! What leaves as a PDF passes a checker of PDF/UA-1 that somebody else wrote, and a document that is broken
//! does not. What only a person can judge (reading order, plain words) no checker says.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

mod common;

use std::process::Command;

use common::{guarantee, statement};
use documents::Renderer;
use domain::Language;
use notice::{Edition, Notice, SHIPPED, SHIPPED_RELATED, SHIPPED_TRAVEL};

/// The PDFs that the checker refuses, and what it says of all of them.
fn refused(pdfs: &[(String, Vec<u8>)]) -> (Vec<String>, String) {
    let checker = std::env::var("MORETUS_PDF_CHECKER").expect(
        "MORETUS_PDF_CHECKER is not set: it names the folder with the PDF checker; `cargo xtask test` fetches it and sets it",
    );
    let folder = tempfile::tempdir().unwrap();
    let mut python = Command::new("python3");
    python.args(["-m", "outloud.cli", "--no-info", "--json", "report.json"]).env("PYTHONPATH", checker);
    for (name, pdf) in pdfs {
        std::fs::write(folder.path().join(name), pdf).unwrap();
        python.arg(name);
    }
    let said = python.current_dir(folder.path()).output().expect("python3 starts");
    let said = String::from_utf8_lossy(&[said.stdout, said.stderr].concat()).into_owned();
    let report = std::fs::read_to_string(folder.path().join("report.json"));
    let report: serde_json::Value =
        serde_json::from_str(&report.unwrap_or_else(|_| panic!("{said}"))).unwrap();
    let results = report["results"].as_array().unwrap();
    assert_eq!(results.len(), pdfs.len(), "{said}");
    let failed = results.iter().filter(|result| result["counts"]["error"] != 0 || !result["error"].is_null());
    (failed.map(|result| result["path"].as_str().unwrap().to_owned()).collect(), said)
}

fn notices() -> Vec<(String, Vec<u8>)> {
    let (renderer, shipped) = (Renderer::new().unwrap(), Notice::read(SHIPPED).unwrap());
    let set = |language: &Language| {
        (format!("notice-{language}.pdf"), renderer.notice(&shipped, "Fund", *language).unwrap())
    };
    Language::ALL.iter().map(set).collect()
}

#[test]
fn the_shipped_notice_passes_in_every_language() {
    let (refused, said) = refused(&notices());
    assert!(refused.is_empty(), "{said}");
}

#[test]
fn the_documents_beside_the_notice_pass_in_every_language() {
    let renderer = Renderer::new().unwrap();
    let all = SHIPPED_RELATED.iter().chain(std::iter::once(&SHIPPED_TRAVEL));
    let pdfs: Vec<(String, Vec<u8>)> = all
        .flat_map(|files| {
            let document = Edition::read(files).unwrap();
            let set = |language: &Language| {
                let pdf = renderer.notice(&document, "Fund", *language).unwrap();
                (format!("{}-{language}.pdf", document.name()), pdf)
            };
            Language::ALL.iter().map(set).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(pdfs.len(), 12);
    let (refused, said) = refused(&pdfs);
    assert!(refused.is_empty(), "{said}");
}

#[test]
fn a_statement_of_benefits_passes_in_every_language() {
    let renderer = Renderer::new().unwrap();
    let set = |language: &Language| {
        (format!("statement-{language}.pdf"), renderer.statement(&statement(*language)).unwrap())
    };
    let (refused, said) = refused(&Language::ALL.iter().map(set).collect::<Vec<_>>());
    assert!(refused.is_empty(), "{said}");
}

#[test]
fn a_letter_of_guarantee_passes_in_every_language() {
    let renderer = Renderer::new().unwrap();
    let set = |language: &Language| {
        (format!("guarantee-{language}.pdf"), renderer.guarantee(&guarantee(*language)).unwrap())
    };
    let (refused, said) = refused(&Language::ALL.iter().map(set).collect::<Vec<_>>());
    assert!(refused.is_empty(), "{said}");
}

/// The document with every one of these bytes replaced by as many others, so that all stays in its place.
fn broken(pdf: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut broken = pdf.to_vec();
    let mut place = 0;
    let mut replaced = 0;
    while let Some(found) = broken[place..].windows(from.len()).position(|window| window == from) {
        broken[place + found..place + found + from.len()].copy_from_slice(to);
        place += found + from.len();
        replaced += 1;
    }
    assert!(replaced > 0, "`{}` does not stand in the document", String::from_utf8_lossy(from));
    broken
}

#[test]
fn the_checker_refuses_a_document_that_is_broken() {
    let plants: [(&str, &[u8], &[u8]); 6] = [
        ("untagged.pdf", b"/StructTreeRoot", b"/StructTreeRoof"),
        ("unmarked.pdf", b"/Marked true", b"/Marked null"),
        ("no-language.pdf", b"/Lang(", b"/Lanh("),
        ("no-title.pdf", b"/DisplayDocTitle true", b"/DisplayDocTitle null"),
        ("no-heading.pdf", b"/S/H1", b"/S/H9"),
        ("no-list.pdf", b"/S/LI", b"/S/XX"),
    ];
    let (_, sound) = notices().remove(0);
    let pdfs: Vec<(String, Vec<u8>)> =
        plants.iter().map(|(name, from, to)| ((*name).to_owned(), broken(&sound, from, to))).collect();
    let (refused, said) = refused(&pdfs);
    let names: Vec<&str> = plants.iter().map(|(name, ..)| *name).collect();
    assert_eq!(refused, names, "{said}");
}
