//! The pure crates do no I/O, read no clock, draw no random numbers and look at no environment:
//! what they need are arguments, so that the same inputs give the same result.
//!
//! Tests of theirs may read files.

use super::Finding;
use super::tree::Tree;

/// The pure crates.
pub(super) const PURE: [&str; 6] = ["domain", "notice", "benefits", "transparency", "intake", "population"];

/// What they do not name.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::time::SystemTime",
    "std::time::Instant",
    "SystemTime::now",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "getrandom",
];

/// No pure crate names what would make it impure, imported or in full.
pub(super) fn pure_crates(tree: &Tree, found: &mut Vec<Finding>) {
    let pure = tree
        .rust
        .iter()
        .filter(|file| file.crate_folder().strip_prefix("crates/").is_some_and(|name| PURE.contains(&name)));
    for file in pure {
        for name in IMPURE {
            let inside = format!("{name}::");
            let imports = file.imports.iter().filter(|(path, _)| path == name || path.starts_with(&inside));
            let mut lines = imports.map(|(_, line)| *line).chain(file.lines_with(name)).collect::<Vec<_>>();
            lines.sort_unstable();
            lines.dedup();
            found.extend(lines.into_iter().filter(|line| !file.is_test(*line)).map(|line| {
                Finding::new(
                    &file.path,
                    line,
                    format!("`{name}` in a pure crate: take what you need as an argument"),
                )
            }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        let mut found = Vec::new();
        pure_crates(&Tree::planted(&[(path, text)]), &mut found);
        found.sort();
        found.iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn a_clock_or_a_file_in_a_pure_crate_is_found() {
        let text = "use std::{fmt, fs::File};\nfn f() {\n    let now = jiff::Timestamp::now();\n    std::env::var(\"X\");\n}\n\
            #[cfg(test)]\nmod tests { use std::fs; }\n";
        assert_eq!(lines("crates/benefits/src/a.rs", text), [1, 3, 4]);
        assert!(lines("crates/store/src/a.rs", text).is_empty(), "the store is not pure");
        assert!(lines("crates/benefits/tests/a.rs", text).is_empty(), "tests may read files");
    }

    #[test]
    fn words_alone_are_no_finding() {
        let text = "//! Never std::fs.\nfn f(now: Timestamp) { let s = \"std::env\"; let now = now.plus_seconds(1); }\n";
        assert!(lines("crates/notice/src/a.rs", text).is_empty());
    }
}
