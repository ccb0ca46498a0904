//! The samples in `docs/examples/import`, and `docs/import.md`: both say what the code does.
#![allow(
    clippy::disallowed_methods,
    reason = "tests are told by the environment where data is and whether to write"
)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs::File;
use std::path::{Path, PathBuf};

use domain::{Category, CategorySet, Currency};
use intake::{ErrorList, Layout, LineOrder, Mapping, Need, columns, fhir};

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

fn sample(name: &str) -> File {
    File::open(docs().join("examples/import").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn all() -> CategorySet {
    Category::ALL.iter().copied().collect()
}

fn kept<T>(stream: impl Iterator<Item = Result<T, intake::InputError>>) -> Vec<T> {
    let mut drafts = Vec::new();
    let errors = ErrorList::check(stream, |draft| drafts.push(draft));
    assert!(errors.is_empty(), "{errors}");
    drafts
}

#[test]
fn every_csv_sample_reads_and_its_references_hold() {
    let members = kept(intake::members("members.csv", sample("members.csv"), all()).unwrap());
    let coverage = kept(intake::coverage("coverage.csv", sample("coverage.csv"), all()).unwrap());
    let providers = kept(intake::providers("providers.csv", sample("providers.csv"), all()).unwrap());
    assert_eq!((members.len(), coverage.len(), providers.len()), (4, 5, 3));
    let is_member = |id| members.iter().any(|member| member.source_id == id);
    assert!(members.iter().filter_map(|member| member.holder_source_id.clone()).all(is_member));
    assert!(coverage.iter().all(|span| is_member(span.member_source_id.clone())));
    for order in [LineOrder::Any, LineOrder::ByClaim] {
        let files = (("claims.csv", sample("claims.csv")), ("claim_lines.csv", sample("claim_lines.csv")));
        let claims = kept(intake::claims(files.0, files.1, order, all()).unwrap());
        let totals: Vec<i64> = claims.iter().map(intake::ClaimDraft::charged_minor).collect();
        assert_eq!(totals, [8_140, 254_840, 14_500, 21_075]);
        assert!(claims.iter().all(|claim| is_member(claim.member_source_id.clone())));
    }
}

#[test]
fn the_fhir_samples_read_and_a_cancelled_claim_is_refused_with_a_reason() {
    let mapping = Mapping::new("worldwide-plus", Currency::EUR, all()).unwrap();
    let single = fhir::read("claim.json", sample("claim.json"), &mapping).unwrap();
    assert_eq!(single.claims[0].charged_minor(), 14_550);
    assert_eq!(single.claims[0].lines[0].units, 3);
    let many = fhir::read("claims.ndjson", sample("claims.ndjson"), &mapping).unwrap();
    let totals: Vec<i64> = many.claims.iter().map(intake::ClaimDraft::charged_minor).collect();
    assert_eq!(totals, [3_105, 8_000]);
    let reason = many.refused[0].reason.to_string();
    assert_eq!(
        reason,
        "claims.ndjson resource 3 field `Claim.status`: not `active`: only active claims are taken in"
    );
}

/// The tables of `docs/import.md`, made from the code's. `UPDATE_DOCS=1` writes them.
#[test]
fn the_documented_columns_are_the_columns() {
    let path = docs().join("import.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut made = text.clone();
    for layout in columns::LAYOUTS {
        made = replace(&made, layout.name, &table(layout));
    }
    for (set, layouts) in
        [("synthea", intake::synthea_csv::LAYOUTS), ("pysynthea", intake::pysynthea::LAYOUTS)]
    {
        made = replace(&made, set, &mapped(layouts));
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &made).unwrap();
    } else {
        assert!(made == text, "docs/import.md differs from the code: run this test with UPDATE_DOCS=1");
    }
}

#[test]
fn every_sample_has_every_column_in_the_order_of_the_table() {
    for layout in columns::LAYOUTS {
        let names: Vec<_> = layout.columns.iter().map(|column| column.name).collect();
        let file = docs().join("examples/import").join(format!("{}.csv", layout.name.replace('-', "_")));
        let text = std::fs::read_to_string(file).unwrap();
        assert_eq!(text.lines().next(), Some(names.join(",").as_str()));
    }
}

fn replace(text: &str, name: &str, table: &str) -> String {
    let (begin, end) = (format!("<!-- columns: {name} -->\n"), format!("<!-- end: {name} -->"));
    let (before, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("no mark for {name}"));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("no end mark for {name}"));
    format!("{before}{begin}{table}{end}{after}")
}

fn table(layout: &Layout) -> String {
    let mut text = String::from("| Column | | Category | Meaning |\n|---|---|---|---|\n");
    for column in layout.columns {
        let need = if matches!(column.need, Need::Required(_)) { "required" } else { "" };
        let category = column.category().map_or("", Category::word);
        text += &format!("| `{}` | {need} | {category} | {} |\n", column.name, column.meaning);
    }
    text
}

fn mapped(layouts: &[Layout]) -> String {
    let mut text = String::from("| File | Taken in | Left out, and why |\n|---|---|---|\n");
    for layout in layouts {
        let taken = layout.columns.iter().filter(|column| column.need != Need::Dropped);
        let taken = taken.map(|column| format!("`{}`: {}", column.name, column.meaning)).collect::<Vec<_>>();
        let mut dropped: Vec<(&str, Vec<String>)> = Vec::new();
        for column in layout.columns.iter().filter(|column| column.need == Need::Dropped) {
            let name = format!("`{}`", column.name);
            match dropped.iter_mut().find(|(why, _)| *why == column.meaning) {
                Some((_, names)) => names.push(name),
                None => dropped.push((column.meaning, vec![name])),
            }
        }
        let dropped = dropped.iter().map(|(why, names)| format!("{}: {why}", names.join(", ")));
        let dropped = dropped.collect::<Vec<_>>().join("<br>");
        text += &format!("| `{}` | {} | {dropped} |\n", layout.name, taken.join("<br>"));
    }
    text
}
