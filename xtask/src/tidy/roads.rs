//! Roads around the gate and the store: SQL, the building of sealed rows and keys, and a way to print or write a record
//! that is written out instead of derived.
//!
//! Which crates may use a cipher or a driver at all, the manifests say (`dependencies.rs`); what does not compile, the
//! compiler does.

use super::disclosure::{TELLING, is_personal};
use super::rust_file::RustFile;
use super::tree::Tree;
use super::{Exception, Finding, excepted, stale};

/// Where SQL may stand, outside tests.
const SPEAKERS: &[Exception] = &[
    ("crates/store/", "the store: no SQL leaves it"),
    ("xtask/bench/", "the floor program: the same SQL without the gate"),
    ("xtask/src/tidy/roads.rs", "looks for it"),
];

/// Where sealed rows and wrapped keys may be put together from bytes, outside tests.
const SEALERS: &[Exception] = &[
    ("crates/gate/", "the only place that seals and opens"),
    ("crates/store/", "carries the bytes: reads a row into its type"),
    ("xtask/bench/", "the floor program: opens without the gate, to compare"),
];

/// The store's types that hold sealed bytes, and the field that does.
const SEALED: &[(&str, &str)] = &[("SealedRow", "blob"), ("WrappedKey", "wrapped")];

/// How statements of SQL read, in small letters with single spaces: what all of a row's parts are in, in this order.
const STATEMENTS: &[&[&str]] = &[
    &["select ", " from "],
    &["insert into "],
    &["update ", " set ", "="],
    &["delete from "],
    &["create table "],
    &["create index "],
    &["alter table "],
    &["drop table "],
    &["pragma "],
    &["attach database "],
];

/// SQL stands in the store.
pub(super) fn sql(tree: &Tree, found: &mut Vec<Finding>) {
    stale(tree, SPEAKERS, found);
    for file in tree.rust.iter().filter(|file| !excepted(SPEAKERS, &file.path)) {
        let statements = file.literals.iter().filter(|(text, line)| is_sql(text) && !file.is_test(*line));
        found.extend(statements.map(|(_, line)| {
            Finding::new(
                &file.path,
                *line,
                "SQL outside the store: make it a typed function of one of its modules",
            )
        }));
    }
}

fn is_sql(literal: &str) -> bool {
    let text = literal.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let begins = text.trim_start_matches(['r', '#', '"', 'b', ' ']);
    let in_order = |parts: &&[&str]| {
        let mut rest = begins;
        parts.iter().enumerate().all(|(number, part)| match rest.find(part) {
            // A statement begins with its word; prose only has it in it.
            Some(place) if number > 0 || place == 0 => {
                rest = rest.get(place + part.len() - 1..).unwrap_or_default();
                true
            }
            _ => false,
        })
    };
    // The tables of the schemas are named in statements alone.
    let names_a_table =
        ["from moretus.", "from moretus_log.", "from moretus_keys.", "into moretus", "join moretus"];
    STATEMENTS.iter().any(in_order) || names_a_table.iter().any(|name| text.contains(name))
}

/// Sealed rows and keys come from the gate.
pub(super) fn sealing(tree: &Tree, found: &mut Vec<Finding>) {
    stale(tree, SEALERS, found);
    for file in tree.rust.iter().filter(|file| !excepted(SEALERS, &file.path)) {
        for (name, field) in SEALED {
            let built = file.lines_building(name).into_iter().chain(assigned(file, field));
            found.extend(built.filter(|line| !file.is_test(*line)).map(|line| {
                let problem =
                    format!("a `{name}` is put together outside the gate: only the gate seals and opens");
                Finding::new(&file.path, line, problem)
            }));
        }
    }
}

/// Lines where the bytes of a row are replaced.
fn assigned(file: &RustFile, field: &str) -> Vec<usize> {
    let compared = file.lines_with(&format!(".{field} =="));
    let mut lines = file.lines_with(&format!(".{field} ="));
    lines.retain(|line| !compared.contains(line));
    lines
}

/// No record, part of one or view implements by hand what it may not derive. Their names are those of the types that hold
/// personal data anywhere in the project.
pub(super) fn implementations(tree: &Tree, found: &mut Vec<Finding>) {
    let mut records = Vec::new();
    for file in &tree.rust {
        let product = file.derives.iter().filter(|(_, line, _)| !file.is_test(*line));
        records.extend(
            product.filter(|(name, _, traits)| is_personal(file, name, traits)).map(|(name, ..)| name),
        );
    }
    for file in &tree.rust {
        for (implemented, name, line) in &file.impls {
            if TELLING.contains(&implemented.as_str()) && records.contains(&name) && !file.is_test(*line) {
                let problem =
                    format!("`{name}` holds personal data and implements `{implemented}`: take that out");
                found.push(Finding::new(&file.path, *line, problem));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(rule: fn(&Tree, &mut Vec<Finding>), path: &str, text: &str) -> Vec<usize> {
        let mut found = Vec::new();
        rule(&Tree::planted(&[(path, text)]), &mut found);
        found.retain(|finding| finding.path == path);
        found.iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn sql_outside_the_store_is_found_however_it_is_written() {
        let text = "fn f() {\n    q(\"SELECT blob FROM moretus.sealed WHERE subject = $1\");\n    q(r#\"insert into t\n (a) values (1)\"#);\n\
            \n    q(format!(\"UPDATE {table} SET a = 1\"));\n    q(\"  delete\n  from x\");\n    q(\"WITH a AS (SELECT 1 FROM moretus_keys.data_key) x\");\n}\n\
            #[cfg(test)]\nmod tests { fn t() { q(\"DELETE FROM x\"); } }\n";
        assert_eq!(lines(sql, "crates/service/src/a.rs", text), [2, 3, 6, 7, 9]);
        assert!(lines(sql, "crates/store/src/a.rs", text).is_empty());
        assert!(lines(sql, "crates/service/tests/a.rs", text).is_empty());
    }

    #[test]
    fn words_that_are_no_statement_are_fine() {
        let text = "//! SELECT a FROM b\nfn f() {\n    q(\"select a plan from the list\".len());\n    q(\"choose or delete from there\");\n    q(\"update the notice\");\n}\n";
        assert_eq!(
            lines(sql, "crates/portal/src/a.rs", text),
            [3],
            "prose that reads as a statement is reworded"
        );
    }

    #[test]
    fn a_sealed_row_that_is_put_together_elsewhere_is_found() {
        let text = "fn f(row: &mut store::sealed::SealedRow) {\n    let other = SealedRow { blob: vec![1], ..row.clone() };\n    row.blob = vec![2];\n\
            \n    if row.blob == other.blob {}\n    let key = store::key::WrappedKey {\n        wrapped: vec![3],\n    };\n}\n";
        let mut found = lines(sealing, "crates/service/src/a.rs", text);
        found.sort_unstable();
        assert_eq!(found, [2, 3, 6]);
        assert!(lines(sealing, "crates/gate/src/a.rs", text).is_empty());
    }

    #[test]
    fn a_record_that_prints_itself_by_hand_is_found() {
        let text = "#[derive(Personal)]\nstruct Person;\n#[derive(Clone)]\nstruct Plain;\nimpl std::fmt::Debug for Person {}\n\
            impl serde::Serialize for Person {}\nimpl fmt::Display for Plain {}\nimpl<'a> From<&'a str> for Person {}\n";
        assert_eq!(lines(implementations, "crates/domain/src/a.rs", text), [5, 6]);
        let apart = Tree::planted(&[
            ("crates/domain/src/a.rs", "#[derive(View)]\nstruct Page;\n"),
            ("crates/portal/src/a.rs", "//! x\nimpl serde::Serialize for domain::Page {}\n"),
        ]);
        let mut found = Vec::new();
        implementations(&apart, &mut found);
        assert_eq!(
            found.iter().map(|one| (one.path.as_str(), one.line)).collect::<Vec<_>>(),
            [("crates/portal/src/a.rs", 2)]
        );
        let part = "#[derive(Clone, Encode)]\nstruct Part;\nimpl fmt::Display for Part {}\n";
        assert_eq!(lines(implementations, "crates/domain/src/a.rs", part), [3]);
    }
}
