//! Every way that the source of a notice can be wrong: the message, and the line that it names.
#![allow(clippy::expect_used, clippy::panic)]

mod prose;
mod rules;

use notice::Notice;

const RULES: &str = r#"version = "v1"
effective = "2026-11-01"
notice_period_days = 30
languages = ["en", "nl"]

[organisation]
name = ""

[[retention]]
class = "claims"
years = 10
after = "cover-end"

[[prohibition]]
id = "no.marketing"
purpose = "marketing"
unless = ["consent.marketing"]

[[clause]]
id = "use.claims"
subjects = ["member", "beneficiary"]
purposes = ["claims-processing"]
data = ["identity", "health"]
recipients = ["claims-staff"]
basis = { member = "contract", beneficiary = "legitimate-interest" }
health = "explicit-consent"
when = ["consent.health", "work-item"]
retention = "claims"
"#;

const PROSE: &str = "# Notice of {organisation.name}

Lead, version {version}.

## About us {#about.us}

We are here. See [claims](#use.claims).

## Claims {#use.claims}

Text.

- {data}
- {purposes}
- {recipients}
- {basis}
- {conditions}
- {retention}

## No marketing {#no.marketing}

No {purposes} unless {conditions}.
";

/// Edits of a file: (file, what stands there, what to put instead).
type Edit<'a> = (&'a str, &'a str, &'a str);

fn edited(edits: &[Edit<'_>]) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = [("clauses.toml", RULES), ("en.md", PROSE), ("nl.md", PROSE)]
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    for (file, from, to) in edits {
        let (_, text) = files.iter_mut().find(|(name, _)| name == file).expect("a file of the notice");
        assert_eq!(text.matches(from).count(), 1, "`{from}` must stand once in {file}");
        *text = text.replacen(from, to, 1);
    }
    files
}

fn read(files: &[(String, String)]) -> Vec<String> {
    let pairs: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    match Notice::read(&pairs) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

#[track_caller]
fn refuses(edits: &[Edit<'_>], expected: &[&str]) {
    assert_eq!(read(&edited(edits)), expected);
}

#[test]
fn the_unedited_notice_is_sound() {
    refuses(&[], &[]);
}

#[test]
fn toml_that_cannot_be_read() {
    let problems = read(&edited(&[("clauses.toml", "id = \"use.claims\"", "id = use.claims")]));
    assert!(
        problems.iter().all(|problem| problem.starts_with("clauses.toml:20: not valid TOML: ")),
        "{problems:?}"
    );
    assert_eq!(problems.len(), 1);
}

#[test]
fn files_missing_unknown_or_twice() {
    let mut files = edited(&[]);
    files.remove(2);
    assert_eq!(
        read(&files),
        [
            "nl.md:1: there is no such file: `languages` in clauses.toml names `nl`, so write it or remove the language"
        ]
    );
    files = edited(&[]);
    files.push(("fr.md".to_owned(), PROSE.to_owned()));
    files.push(("en.md".to_owned(), PROSE.to_owned()));
    assert_eq!(
        read(&files),
        [
            "en.md:1: this file is given twice: keep one",
            "fr.md:1: this file belongs to no version: remove it, or add its language to `languages` in clauses.toml",
        ]
    );
    assert_eq!(read(&[]), ["clauses.toml:1: there is no such file: it holds the rules of the version"]);
}

#[test]
fn the_organisations_own_values() {
    let mut files = edited(&[]);
    files.push(("organisation.toml".to_owned(), "nam = \"x\"\nname = \"a\\nb\"\n".to_owned()));
    assert_eq!(
        read(&files),
        [
            "organisation.toml:1: the organisation: unknown key `nam`: use one of name",
            "organisation.toml:2: the organisation: `name` has a line break or control character",
        ]
    );
}
