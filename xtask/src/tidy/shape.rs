//! The shape of files: each says first what it is, and none is longer than a reader can hold.
//!
//! Lengths count every line, comments and tests too: they are read as well.

use super::tree::Tree;
use super::{Exception, Finding, excepted, stale};

/// Lines of a Rust source.
const FILE_LINES: usize = 450;
/// Lines of a function from its signature: about a screen.
const FUNCTION_LINES: usize = 70;

/// Longer files, until they are split. Take rows out; a new row needs a better reason than time.
const LONG_FILES: &[Exception] = &[];

/// Every Rust source begins with `//!`.
pub(super) fn opening_line(tree: &Tree, found: &mut Vec<Finding>) {
    let bare = tree.rust.iter().filter(|file| !file.first_line.starts_with("//! "));
    found.extend(bare.map(|file| {
        Finding::new(
            &file.path,
            1,
            "open with `//!`: what this file is, and what it deliberately does not do",
        )
    }));
}

/// No Rust source is too long.
pub(super) fn file_length(tree: &Tree, found: &mut Vec<Finding>) {
    stale(tree, LONG_FILES, found);
    for file in tree.rust.iter().filter(|file| file.lines > FILE_LINES && !excepted(LONG_FILES, &file.path)) {
        let problem = format!("{} lines, at most {FILE_LINES}: split it by meaning", file.lines);
        found.push(Finding::new(&file.path, file.lines, problem));
    }
}

/// No function is too long.
pub(super) fn function_length(tree: &Tree, found: &mut Vec<Finding>) {
    for file in &tree.rust {
        for (name, first, last) in &file.functions {
            let lines = last + 1 - first;
            if lines > FUNCTION_LINES {
                let problem =
                    format!("`{name}` has {lines} lines, at most {FUNCTION_LINES}: give its parts names");
                found.push(Finding::new(&file.path, *first, problem));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(rule: fn(&Tree, &mut Vec<Finding>), text: &str) -> Vec<Finding> {
        let mut found = Vec::new();
        rule(&Tree::planted(&[("crates/store/src/a.rs", text)]), &mut found);
        found
    }

    #[test]
    fn a_file_without_an_opening_line_is_found() {
        assert_eq!(findings(opening_line, "fn f() {}\n").len(), 1);
        assert_eq!(findings(opening_line, "// A comment.\n//! Too late.\n").len(), 1);
        assert_eq!(findings(opening_line, "//! A file.\nfn f() {}\n").len(), 0);
    }

    #[test]
    fn a_long_file_is_found() {
        assert_eq!(findings(file_length, &"//! x\n".repeat(FILE_LINES)).len(), 0);
        assert_eq!(findings(file_length, &"//! x\n".repeat(FILE_LINES + 1)).len(), 1);
    }

    #[test]
    fn a_long_function_is_found_wherever_it_stands() {
        let body = "    f();\n".repeat(FUNCTION_LINES - 2);
        assert_eq!(findings(function_length, &format!("fn a() {{\n{body}}}\n")).len(), 0);
        let body = body + "\n";
        assert_eq!(findings(function_length, &format!("fn a() {{\n{body}}}\n"))[0].line, 1);
        assert_eq!(findings(function_length, &format!("impl A {{\nfn a() {{\n{body}}}\n}}\n"))[0].line, 2);
        assert_eq!(findings(function_length, &format!("trait A {{\nfn a() {{\n{body}}}\n}}\n")).len(), 1);
        let documented = format!("/// Why.\n{}\nfn a() {{}}\n", "// More.\n".repeat(FUNCTION_LINES));
        assert_eq!(findings(function_length, &documented).len(), 0, "what stands above is not counted");
    }
}
