//! Whatever leaves by a command is looked through: what it prints, as text and as JSON, what it says of an error, and the
//! files and folders that it writes. Each run of the program by these tests goes through [`look_through`]; of the people of the
//! samples nothing may be in it but the categories that stand here for the command, which are those of the clause under
//! which it leaves. A command that stands in no list fails, and so does one that could be run and was not.

pub(crate) mod every;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use domain::Category;

use crate::site::sample;

/// What a command shows of people, each to whom a clause shows it and after its entry: no more, and no less.
const SHOWS: [(&str, &[Category]); 11] = [
    // `FoundPerson`, under the clause of the searcher's purpose.
    ("find", &[Category::Identity, Category::MemberId]),
    // `PersonConcerned`, to the officer who has the case.
    ("incident", &[Category::Identity, Category::MemberId]),
    // `ClaimOnDesk`, to claims staff with the task.
    ("claims show", &[Category::Claims, Category::Health]),
    // Why somebody decided something of it by hand.
    ("claims history", &[Category::Health]),
    // What was flagged and by what, to whoever looks at it: not what the care was.
    ("screen show", &[Category::Claims]),
    // The appeal, its grounds, and the claim that it is against.
    ("appeals show", &[Category::Claims, Category::Health]),
    // Who is liable, and what came of it.
    ("liens show", &[Category::Claims, Category::Financial]),
    // What it comes to then.
    ("liens receive", &[Category::Financial]),
    // `PaymentForBank`, to the bank: who is paid, and to which account.
    ("payments export", &[Category::Identity, Category::Financial]),
    // `StatementFor`, to the member: of the care what the plan calls it, and of the account its end.
    ("statements write", &[Category::Identity, Category::MemberId, Category::Plan]),
    // By which list a provider is excluded, to legal staff.
    ("exclusions show", &[Category::Claims]),
];

/// Those that read the files that they are given, and open no site.
const OF_FILES: [&str; 15] = [
    "adjudicate",
    "compare",
    "estimate",
    "keys pair",
    "log check",
    "log consistency",
    "notice check",
    "notice diff",
    "notice export",
    "notice matrix",
    "notice render",
    "plan check",
    "plan compare",
    "plan premium",
    "plan show",
];

/// Those that other tests run, which are looked through there: what makes a site or serves one, other people's formats, and
/// what changes a register, the notice or the keys and tells that it did.
const ELSEWHERE: [&str; 23] = [
    "actors authority",
    "actors end",
    "actors move",
    "actors train",
    "demo",
    "import pysynthea",
    "import synthea-csv",
    "keys import",
    "keys rotate",
    "matters add",
    "matters defer",
    "matters end",
    "matters end-deferral",
    "matters open",
    "matters review",
    "notice publish",
    "officer send",
    "rates import",
    "recipients add",
    "recipients agree",
    "recipients clauses",
    "recipients end",
    "serve",
];

/// What the program said or wrote, with the categories of what is told of somebody in it.
type Told = BTreeSet<(Category, String)>;

/// The values of the samples, and of [`claims`], in the category in which each is sealed.
static VALUES: LazyLock<Vec<(Category, String)>> = LazyLock::new(|| {
    let columns = [
        ("members.csv", "name", Category::Identity),
        ("members.csv", "birth_date", Category::Identity),
        ("members.csv", "address", Category::Identity),
        ("members.csv", "email", Category::Identity),
        ("members.csv", "phone", Category::Identity),
        ("members.csv", "member_number", Category::MemberId),
        ("members.csv", "iban", Category::Financial),
        ("coverage.csv", "insured_name", Category::Identity),
        ("coverage.csv", "policy_number", Category::Plan),
        ("coverage.csv", "exclusions", Category::Health),
        ("providers.csv", "name", Category::Identity),
        ("providers.csv", "address", Category::Identity),
        ("providers.csv", "iban", Category::Financial),
        ("claims.csv", "invoice_number", Category::Claims),
        ("claims.csv", "diagnoses", Category::Health),
    ];
    let mut values: Vec<(Category, String)> =
        OWN.map(|(category, value)| (category, value.to_owned())).into();
    for (file, column, category) in columns {
        let mut reader = csv::Reader::from_path(sample(file)).unwrap();
        let place = reader.headers().unwrap().iter().position(|name| name == column).unwrap();
        for row in reader.records() {
            let cell = row.unwrap()[place].to_owned();
            // The account of the site's own float is one of them; a code of three letters is in many words.
            let known = cell.split(';').filter(|value| value.len() > 3 && *value != "BE68539007547034");
            values.extend(known.map(|value| (category, value.to_owned())));
            if column == "name" && file == "members.csv" {
                let words = cell.split_whitespace().filter(|word| word.len() > 4);
                values.extend(words.map(|word| (category, word.to_owned())));
            }
        }
    }
    values
});

/// What the claims of [`claims`] say, and what is written down about them.
const OWN: [(Category, &str); 12] = [
    (Category::Claims, "QX/5581-77"),
    (Category::Health, "A neighbour wrote the quaestor."),
    (Category::Health, "Seen by the quaestor twice."),
    (Category::Health, "Kept to bed by the quaestor."),
    (Category::Health, "quaestor-report"),
    (Category::Health, "Q79.6"),
    (Category::Health, "RX-QUAESTOR"),
    (Category::Claims, "7313.17"),
    (Category::Claims, "6421.93"),
    (Category::Claims, "Quirinus Mutua, file 7/Q"),
    (Category::Financial, "617.93"),
    (Category::Claims, "Quaestor list, decision 7"),
];

/// What of somebody stands in a text, in whatever spacing and case.
fn told(text: &str) -> Told {
    let compact = |text: &str| -> String {
        let letters = text.chars().filter(|c| !c.is_whitespace());
        letters.flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
    };
    let text = compact(text);
    VALUES.iter().filter(|(_, value)| text.contains(&compact(value))).cloned().collect()
}

/// The command among the words of a run.
fn command(words: &[&str]) -> String {
    let leaves = leaves();
    let named = |name: &&String| {
        let mut left = words.iter();
        // Options of a group may stand before its command.
        name.split(' ').enumerate().all(|(place, part)| match place {
            0 => left.next() == Some(&part),
            _ => left.any(|word| *word == part),
        })
    };
    let found = leaves.iter().filter(named).max_by_key(|name| name.len());
    // What is no command is refused as such.
    found.cloned().unwrap_or_default()
}

/// Every command that has none below it.
fn leaves() -> Vec<String> {
    let help = include_str!("../help.golden");
    let named = help.lines().filter_map(|line| line.strip_prefix("$ moretus ")?.strip_suffix(" --help"));
    let named: Vec<&str> = named.collect();
    let is_leaf = |name: &&&str| !named.iter().any(|other| other.starts_with(&format!("{name} ")));
    named.iter().filter(is_leaf).map(|name| (*name).to_owned()).collect()
}

/// What is told beyond what the command may show.
fn beyond(command: &str, told: Told) -> Told {
    let shown = SHOWS.iter().find(|(name, _)| *name == command).map_or(&[][..], |(_, shown)| *shown);
    told.into_iter().filter(|(category, _)| !shown.contains(category)).collect()
}

/// The commands that a test has run on its site, with the categories that each told.
#[derive(Default)]
pub(crate) struct Ran(BTreeMap<String, BTreeSet<Category>>);

/// Looks through what a run gave. What is given to it in files comes back from those that read files alone.
pub(crate) fn look_through(ran: &mut Ran, words: &[&str], printed: [&str; 2]) {
    let command = command(words);
    if OF_FILES.contains(&command.as_str()) {
        return;
    }
    let mut found: Told = printed.into_iter().flat_map(told).collect();
    for written in words.windows(2).filter(|pair| WRITES.contains(&pair[0])) {
        found.extend(told_in(Path::new(written[1])));
    }
    ran.0.entry(command.clone()).or_default().extend(found.iter().map(|(category, _)| *category));
    let beyond = beyond(&command, found);
    assert!(beyond.is_empty(), "`moretus {command}` tells {beyond:?}:\n{}{}", printed[0], printed[1]);
}

/// Options that name what is written.
const WRITES: [&str; 4] = ["--out", "--to", "--keys-to", "--erasures-to"];

/// What of somebody is in a file, or in every file of a folder.
fn told_in(path: &Path) -> Told {
    files(path).iter().flat_map(|file| told(&read(file))).collect()
}

/// What is in a file, as text: of a PDF what a reader sees on it.
fn read(file: &Path) -> String {
    if file.extension().is_some_and(|ending| ending == "pdf") {
        let read = Command::new("pdftotext").arg(file).arg("-").output().unwrap();
        assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
        return String::from_utf8(read.stdout).unwrap();
    }
    String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned()
}

fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let Ok(entries) = std::fs::read_dir(path) else { return Vec::new() };
    entries.flat_map(|entry| files(&entry.unwrap().path())).collect()
}

/// The look bites: a value is found wherever it is written, in whatever spacing, and beside what a command may show.
#[test]
fn a_planted_value_is_found() {
    let planted =
        |words: &[&str], text: &str| beyond(&command(words), told(text)).into_iter().map(|(_, value)| value);
    for (category, value) in VALUES.iter() {
        let spaced: String = value.to_uppercase().chars().flat_map(|c| [c, ' ']).collect();
        assert!(planted(&["work", "list"], &format!("{{\"x\":\"{spaced}\"}}")).any(|found| found == *value));
        let is_identity = *category == Category::Identity;
        assert_eq!(
            planted(&["find", "--by", "-"], value).next().is_none(),
            is_identity || *category == Category::MemberId
        );
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("deep")).unwrap();
    std::fs::write(folder.path().join("deep/tile"), b"\x00\xffLukasz@Example.org\xfe").unwrap();
    assert_eq!(told_in(folder.path()).len(), 1);
    let kept = std::panic::catch_unwind(|| {
        let to = folder.path().display().to_string();
        look_through(&mut Ran::default(), &["backup", "--data", "DATA", "--to", &to], ["", ""]);
    });
    assert!(kept.is_err(), "what is written is looked through");
}

/// A command may say when: no value is one that a moment can hold by chance, as seconds and their hundredths would be.
#[test]
fn no_moment_is_taken_for_a_value() {
    let moments = (0..6000).map(|hundredths| {
        format!("2026-11-30T08:{:02}:{:02}.{:02}Z\n", hundredths % 60, hundredths / 100, hundredths % 100)
    });
    assert_eq!(told(&moments.collect::<String>()), Told::new());
}

#[test]
fn every_command_stands_in_one_list() {
    let leaves = leaves();
    assert!(leaves.len() > 90, "{}", leaves.len());
    let listed = OF_FILES.into_iter().chain(ELSEWHERE).chain(SHOWS.map(|(name, _)| name));
    for name in listed {
        assert!(leaves.iter().any(|leaf| leaf == name), "there is no command `{name}`");
    }
}
