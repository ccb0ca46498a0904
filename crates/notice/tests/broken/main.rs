//! Broken notices: a sound one, each with one thing wrong, and every problem that it is refused with, by
//! file and line. The lists stand in the files beside this one; a new check brings its broken notice.
#![allow(clippy::expect_used, clippy::panic)]

mod files;
mod prose;
mod rules;
mod together;
mod words;

use std::collections::BTreeSet;

use notice::Notice;

/// The rules of the sound notice; the clause begins on line 20.
const RULES: &str = r#"version = "v1"
effective = "2026-11-01"
notice_period_days = 30
languages = ["en", "nl"]
closed = ["financial", "payment-card", "member-id", "credentials", "claims", "plan", "eligibility", "other", "unclassified"]

[organisation]
name = "Fund"

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

/// Its prose, in either language.
const PROSE: &str = "# Notice of {organisation.name}

Lead, version {version}. Nobody sees {closed}.

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

/// One way to break the sound notice.
struct Broken {
    /// What is wrong, in words.
    name: &'static str,
    edits: &'static [Edit],
    /// Every problem that it is refused with. One that ends in `...` goes on with a list of words.
    problems: &'static [&'static str],
}

/// A change of a file.
enum Edit {
    /// (file, what stands there once, what to put instead).
    Replace(&'static str, &'static str, &'static str),
    /// (file, what to put at its end).
    Append(&'static str, &'static str),
    /// (file, its text).
    Add(&'static str, &'static str),
    Remove(&'static str),
}

fn corpus() -> impl Iterator<Item = &'static Broken> {
    let lists = [files::BROKEN, words::BROKEN, rules::BROKEN, together::BROKEN, prose::BROKEN];
    lists.into_iter().flatten()
}

fn text_of<'a>(files: &'a mut [(&'static str, String)], file: &str) -> &'a mut String {
    let found = files.iter_mut().find(|(name, _)| *name == file);
    found.map(|(_, text)| text).unwrap_or_else(|| panic!("there is no {file}"))
}

fn edited(edits: &[Edit]) -> Vec<(&'static str, String)> {
    let mut files =
        vec![("clauses.toml", RULES.to_owned()), ("en.md", PROSE.to_owned()), ("nl.md", PROSE.to_owned())];
    for edit in edits {
        match edit {
            Edit::Replace(file, from, to) => {
                let text = text_of(&mut files, file);
                assert_eq!(text.matches(from).count(), 1, "`{from}` must stand once in {file}");
                *text = text.replacen(from, to, 1);
            }
            Edit::Append(file, more) => text_of(&mut files, file).push_str(more),
            Edit::Add(file, text) => files.push((file, (*text).to_owned())),
            Edit::Remove(file) => files.retain(|(name, _)| name != file),
        }
    }
    files
}

/// What the notice is refused with when somebody would publish it.
fn problems(edits: &[Edit]) -> Vec<String> {
    let files = edited(edits);
    let pairs: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let published = Notice::read(&pairs).and_then(|notice| notice.publishable());
    published.err().unwrap_or_default().iter().map(ToString::to_string).collect()
}

fn is_as_expected(found: &str, expected: &str) -> bool {
    match expected.strip_suffix("...") {
        Some(beginning) => found.starts_with(beginning),
        None => found == expected,
    }
}

#[test]
fn the_unbroken_notice_is_sound() {
    assert_eq!(problems(&[]), Vec::<String>::new());
}

#[test]
fn every_broken_notice_is_refused_with_its_own_message_at_its_line() {
    let mut wrong = Vec::new();
    for broken in corpus() {
        let found = problems(broken.edits);
        let same = found.len() == broken.problems.len()
            && found.iter().zip(broken.problems).all(|(found, expected)| is_as_expected(found, expected));
        if found.is_empty() || !same {
            wrong.push(format!("{}:\n  {}", broken.name, found.join("\n  ")));
        }
    }
    assert!(wrong.is_empty(), "these are refused otherwise:\n{}", wrong.join("\n"));
}

#[test]
fn there_are_forty_broken_notices_and_more_and_no_two_alike() {
    let names: BTreeSet<&str> = corpus().map(|broken| broken.name).collect();
    let messages: BTreeSet<&[&str]> = corpus().map(|broken| broken.problems).collect();
    assert_eq!(names.len(), corpus().count(), "each has a name of its own");
    assert_eq!(messages.len(), corpus().count(), "each has problems of its own");
    assert!(corpus().count() >= 40, "{}", corpus().count());
}
