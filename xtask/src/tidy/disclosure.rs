//! Ways for a personal value to get out that types alone do not close: revealing a leaf, printing,
//! deriving a way to print or write a record. And tests that are passed over.
//!
//! Whether a value may be opened at all is the gate's matter and a question of types.

use super::rust_file::RustFile;
use super::tree::Tree;
use super::{Exception, Finding, excepted, stale};

/// Who may call `reveal()`, outside tests.
const REVEALERS: &[Exception] = &[
    ("crates/domain/", "defines it"),
    ("crates/documents/", "a face: prints what a grant has shown"),
    ("crates/portal/", "a face: shows what a grant has shown"),
    ("crates/moretus/src/command/", "a face: the terminal shows what a grant has shown"),
    ("crates/population/", "makes people up: nothing in it is anyone's"),
    ("xtask/bench/src/fill.rs", "ids of made-up people become keyed hashes"),
    (
        "xtask/bench/src/gdpr/product.rs",
        "what is opened of made-up people is compared with what the driver knows",
    ),
    ("crates/gate/src/lookup.rs", "keyed hashes of normalised values, which is how a person is found"),
    ("crates/gate/src/mark.rs", "keyed codes, which is how two claims are known to share something"),
    ("crates/service/src/enrol.rs", "a source's own ids become keyed hashes"),
    ("crates/service/src/enrol/cover.rs", "a source's own ids become keyed hashes"),
    ("crates/service/src/submit.rs", "a source's own ids become keyed hashes"),
    ("crates/benefits/src/table/detail.rs", "a plan's own codes: nobody's"),
    ("crates/intake/", "reads files: joins a source's own ids that it has just read as text"),
];

/// Who may print, outside tests.
const PRINTERS: &[Exception] =
    &[("crates/moretus/", "the program that people run"), ("xtask/", "a program for the terminal")];

/// A leaf's value is revealed in faces, and where a table says why.
pub(super) fn reveals(tree: &Tree, found: &mut Vec<Finding>) {
    stale(tree, REVEALERS, found);
    for file in product(tree, REVEALERS) {
        let calls = [".reveal", "::reveal"].iter().flat_map(|pattern| file.lines_with(pattern));
        found.extend(calls.filter(|line| !file.is_test(*line)).map(|line| {
            let problem = "`reveal` is for faces: pass the leaf on, or give tidy's table of revealers a row with the reason";
            Finding::new(&file.path, line, problem)
        }));
    }
}

/// Libraries never print.
pub(super) fn prints(tree: &Tree, found: &mut Vec<Finding>) {
    stale(tree, PRINTERS, found);
    for file in product(tree, PRINTERS).filter(|file| !file.path.ends_with("/build.rs")) {
        for word in ["println", "eprintln", "print", "eprint", "dbg"] {
            let calls = file.lines_with(&format!("{word}!")).into_iter().filter(|line| !file.is_test(*line));
            found.extend(calls.map(|line| {
                Finding::new(
                    &file.path,
                    line,
                    format!("`{word}!` in a library: return the value or record an event"),
                )
            }));
        }
    }
}

/// Traits that print or write a value.
pub(super) const TELLING: &[&str] = &["Debug", "Display", "Serialize", "ToString", "LowerExp"];

/// Whether a type with these derives holds personal data: a record, a view, or what the domain can seal, which is a part of a
/// record. What `redacted!` and the macros for ids and words write is looked at by their own tests.
pub(super) fn is_personal(file: &RustFile, name: &str, derived: &[String]) -> bool {
    let is = |wanted: &str| derived.iter().any(|one| one == wanted);
    let is_encoded = || is("Encode") || file.impls.iter().any(|(of, whom, _)| of == "Encode" && whom == name);
    is("Personal") || is("View") || file.path.starts_with("crates/domain/src/") && is_encoded()
}

/// Records, their parts and views have no way to be printed or written by accident.
pub(super) fn derives(tree: &Tree, found: &mut Vec<Finding>) {
    for file in &tree.rust {
        for (name, line, traits) in &file.derives {
            if !is_personal(file, name, traits) {
                continue;
            }
            for leak in TELLING.iter().filter(|leak| traits.iter().any(|derived| derived == *leak)) {
                let problem = format!("`{name}` holds personal data and derives `{leak}`: take that out");
                found.push(Finding::new(&file.path, *line, problem));
            }
        }
    }
}

/// A test runs or goes.
pub(super) fn ignored_tests(tree: &Tree, found: &mut Vec<Finding>) {
    for file in &tree.rust {
        found.extend(file.ignored.iter().map(|line| {
            Finding::new(
                &file.path,
                *line,
                "an ignored test shows nothing: let it run, with a small count if it is slow",
            )
        }));
    }
}

/// Sources without an exception.
fn product<'a>(tree: &'a Tree, exceptions: &'a [Exception]) -> impl Iterator<Item = &'a RustFile> {
    tree.rust.iter().filter(|file| !excepted(exceptions, &file.path))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines found in a file of this path, findings about the tables left aside.
    fn lines(rule: fn(&Tree, &mut Vec<Finding>), path: &str, text: &str) -> Vec<usize> {
        let mut found = Vec::new();
        rule(&Tree::planted(&[(path, text)]), &mut found);
        found.retain(|finding| finding.path == path);
        found.iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn revealing_outside_a_face_is_found() {
        let text = "fn f(name: &N) {\n    name.reveal();\n    names.map(N::reveal);\n    format!(\"{}\", name.reveal());\n}\n\
            #[cfg(test)]\nmod tests { fn t() { name.reveal(); } }\n";
        let mut found = lines(reveals, "crates/service/src/a.rs", text);
        found.sort_unstable();
        assert_eq!(found, [2, 3, 4]);
        assert!(lines(reveals, "crates/documents/src/a.rs", text).is_empty());
        assert!(lines(reveals, "crates/service/tests/a.rs", text).is_empty());
    }

    #[test]
    fn printing_in_a_library_is_found() {
        let text = "fn f() {\n    println!(\"x\");\n    dbg!(1);\n}\n#[cfg(test)]\nmod tests { fn t() { eprintln!(\"x\"); } }\n";
        assert_eq!(lines(prints, "crates/store/src/a.rs", text), [2, 3]);
        assert!(lines(prints, "crates/moretus/src/a.rs", text).is_empty());
        assert!(lines(prints, "crates/store/build.rs", text).is_empty());
    }

    #[test]
    fn a_record_that_can_be_printed_is_found() {
        let text = "#[derive(Debug, Clone)]\nstruct Plain;\n#[derive(Clone)]\n#[derive(Personal, Debug)]\nstruct Person;\n\
            #[derive(domain::View, serde::Serialize)]\nstruct Page;\n#[derive(View)]\nstruct Good;\n";
        assert_eq!(lines(derives, "crates/domain/src/a.rs", text), [5, 7]);
    }

    #[test]
    fn a_part_of_a_record_that_can_be_printed_is_found() {
        let text = "#[derive(Debug, Encode, Decode)]\nstruct Part;\n#[derive(Clone, Encode)]\nenum Silent {}\n\
            #[derive(serde::Serialize)]\nstruct ByHand;\nimpl<C> minicbor::Encode<C> for ByHand {}\n";
        assert_eq!(lines(derives, "crates/domain/src/a.rs", text), [2, 6]);
        assert!(
            lines(derives, "crates/gate/src/a.rs", text).is_empty(),
            "elsewhere nothing of a record is sealed"
        );
    }

    #[test]
    fn an_ignored_test_is_found() {
        let text = "#[test]\n#[ignore = \"slow\"]\nfn a() {}\n#[test]\n#[cfg_attr(debug_assertions, ignore)]\nfn b() {}\n";
        assert_eq!(lines(ignored_tests, "crates/store/tests/a.rs", text), [2, 5]);
    }
}
