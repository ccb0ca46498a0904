//! `cargo xtask tidy`: rules about the source that neither the compiler nor clippy checks. Each rule
//! has a test with a planted violation, so that a rule which no longer bites is noticed.
//!
//! Tidy reads and reports; it changes no file. Where a rule has exceptions, they stand in a table
//! beside it, each with its reason, and an exception for something that is gone is reported too.

mod dependencies;
mod disclosure;
mod purity;
mod roads;
mod rust_file;
mod shape;
mod tree;
mod words;

use std::fmt;

use crate::failure::Failure;
use crate::workspace::Workspace;

use tree::Tree;

/// One place that breaks a rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    /// From the root, with `/`.
    path: String,
    /// From 1.
    line: usize,
    /// What is wrong and what to do.
    problem: String,
}

impl Finding {
    fn new(path: &str, line: usize, problem: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, problem: problem.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.problem)
    }
}

/// An exception to a rule: a file, or a folder with its closing `/`, and the reason.
type Exception = (&'static str, &'static str);

/// The rules; each adds what it finds.
const RULES: &[fn(&Tree, &mut Vec<Finding>)] = &[
    shape::opening_line,
    shape::file_length,
    shape::function_length,
    disclosure::reveals,
    disclosure::prints,
    disclosure::derives,
    disclosure::ignored_tests,
    purity::pure_crates,
    roads::sql,
    roads::sealing,
    roads::implementations,
    dependencies::reserved,
    dependencies::directions,
    words::machine_names,
];

/// Checks the whole workspace and prints what it found.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    let tree = Tree::read(&workspace.root)?;
    let findings = check(&tree);
    for finding in &findings {
        println!("{finding}");
    }
    if findings.is_empty() {
        println!("tidy: {} files, {} rules, nothing found", tree.files.len(), RULES.len());
        return Ok(());
    }
    Err(Failure::Refused(format!("tidy found {} places, listed above", findings.len())))
}

fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.rust {
        findings.extend(file.unreadable.iter().map(|problem| Finding::new(&file.path, 1, problem)));
    }
    for rule in RULES {
        rule(tree, &mut findings);
    }
    findings.sort();
    findings
}

/// The exceptions of a rule that cover this path.
fn excepted(exceptions: &[Exception], path: &str) -> bool {
    exceptions.iter().any(|(place, _)| path == *place || (place.ends_with('/') && path.starts_with(place)))
}

/// Reports exceptions for what no longer exists, so that none lies in wait for a file of that name.
fn stale(tree: &Tree, exceptions: &[Exception], found: &mut Vec<Finding>) {
    for (place, _) in exceptions {
        if !tree.files.iter().any(|file| excepted(&[(place, "")], &file.path)) {
            found.push(Finding::new(
                place,
                1,
                "tidy has an exception for this, but it does not exist: remove the exception",
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_come_in_order_and_name_their_place() {
        let tree = Tree::planted(&[
            ("crates/store/src/b.rs", "fn b() {}\n"),
            ("crates/store/src/a.rs", "fn a( {}\n"),
        ]);
        let findings = check(&tree);
        let places = findings.iter().map(|finding| finding.path.as_str()).collect::<Vec<_>>();
        let first = places.iter().position(|path| path.ends_with("a.rs")).unwrap();
        assert!(first < places.iter().position(|path| path.ends_with("b.rs")).unwrap());
        assert!(findings.iter().any(|finding| {
            finding.to_string().starts_with("crates/store/src/a.rs:1: cannot be read as Rust")
        }));
    }

    #[test]
    fn an_exception_for_nothing_is_reported() {
        let tree = Tree::planted(&[("crates/portal/src/lib.rs", "//! Pages.\n")]);
        let mut found = Vec::new();
        stale(&tree, &[("crates/portal/", "a face"), ("crates/gone.rs", "was needed")], &mut found);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "crates/gone.rs");
    }
}
