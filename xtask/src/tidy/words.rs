//! Names that belong to one machine or one network and so have no place in the project: paths of a
//! home or work folder, and the hosts that packages come from, which the client's configuration says.
//!
//! It reads every text file but the lock file, which cargo writes.

use super::Finding;
use super::tree::Tree;

/// The names, in two parts each so that this file is not found by its own rule.
const NAMES: &[(&str, &str, &str)] = &[
    ("/wo", "rk/", "a path of one machine"),
    ("/ro", "ot/", "a path of one machine"),
    ("/ho", "me/", "a path of one machine"),
    ("/tmp", "/t-", "a path of one machine"),
    ("crates", ".io", "a registry's host"),
    ("py", "pi.org", "a registry's host"),
    ("python", "hosted.org", "a registry's host"),
    ("npm", "js.org", "a registry's host"),
    ("deb.", "debian.org", "a registry's host"),
    ("arti", "factory", "a registry's host"),
];

/// No file names a machine's own paths or a registry's host.
pub(super) fn machine_names(tree: &Tree, found: &mut Vec<Finding>) {
    for file in &tree.files {
        for (number, line) in file.text.lines().enumerate() {
            for (start, end, what) in NAMES {
                let name = format!("{start}{end}");
                if names(line, &name) {
                    found.push(Finding::new(
                        &file.path,
                        number + 1,
                        format!("`{name}` is {what}: leave it out"),
                    ));
                }
            }
        }
    }
}

/// Whether the line has this name, and not as the end of a longer one.
fn names(line: &str, name: &str) -> bool {
    let in_word = |place| line.get(..place).is_some_and(|before| before.ends_with(char::is_alphanumeric));
    line.match_indices(name).any(|(place, _)| !in_word(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_in_any_file() {
        for (start, end, _) in NAMES {
            let text = format!("fine\nsee {start}{end}x\n");
            let mut found = Vec::new();
            machine_names(&Tree::planted(&[("docs/a.md", &text)]), &mut found);
            assert_eq!(found.len(), 1, "{start}{end}");
            assert_eq!(found[0].line, 2);
        }
    }

    #[test]
    fn ordinary_paths_are_fine() {
        let mut found = Vec::new();
        machine_names(
            &Tree::planted(&[("docs/a.md", "run it in /tmp/demo, see docs/work.md; our/home/x\n")]),
            &mut found,
        );
        assert!(found.is_empty(), "{found:?}");
    }
}
