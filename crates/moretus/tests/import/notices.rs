//! `moretus notice`, as a person runs it on folders.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::site::{Run, repository};

const OWN: &str = "name = \"Example Fund\"\naddress = \"1 Street\"\nemail = \"fund@example.org\"\n\
    officer = \"the officer\"\nofficer-email = \"officer@example.org\"\nauthority = \"the authority\"\n\
    telephone = \"+32 2 000 00 00\"\nenterprise-number = \"0000.000.000\"\nregulator = \"the regulator\"\n\
    regulator-number = \"00000\"\nofficer-address = \"1 Street\"\naffiliates = \"https://example.org/affiliates\"\n";

fn moretus(words: &[&str]) -> Run {
    let output =
        Command::new(env!("CARGO_BIN_EXE_moretus")).env_clear().arg("notice").args(words).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { ok: output.status.success(), out: text(output.stdout), err: text(output.stderr) }
}

fn shipped() -> PathBuf {
    repository().join("notices/2026-11-01")
}

/// A copy of the shipped notice in the folder, with one text replaced.
fn copy(folder: &TempDir, name: &str, (file, from, to): (&str, &str, &str)) -> String {
    let copy = folder.path().join(name);
    std::fs::create_dir(&copy).unwrap();
    for entry in std::fs::read_dir(shipped()).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, copy.join(path.file_name().unwrap())).unwrap();
    }
    let text = std::fs::read_to_string(copy.join(file)).unwrap();
    assert!(text.contains(from), "`{from}` must stand in {file}");
    std::fs::write(copy.join(file), text.replacen(from, to, 1)).unwrap();
    copy.display().to_string()
}

fn words(path: &Path) -> String {
    path.display().to_string()
}

#[test]
fn the_shipped_notice_is_sound_and_not_yet_filled_in() {
    let folder = words(&shipped());
    let account = moretus(&["check", &folder]).well().out;
    let lines: Vec<&str> = account.lines().collect();
    assert_eq!(
        &lines[..4],
        [
            "the notice 2026-11-01 is sound:",
            "  in force from 2026-11-01, with 30 days of notice",
            "  93 clauses, 1 prohibition",
            "  languages: en, nl, fr, de",
        ]
    );
    assert!(lines[4].starts_with("  SHA-256 ") && lines[4].len() == 10 + 64, "{account}");
    assert_eq!(lines[5], "  before it can be published, 12 values must be filled in");

    let refused = moretus(&["check", &folder, "--for-publishing"]).refused();
    assert!(refused.starts_with("error: the notice in `") && refused.contains("12 faults\n"), "{refused}");
    assert!(
        refused.contains("2026-11-01/clauses.toml:16: `name` of the organisation is empty: "),
        "{refused}"
    );
    let own = TempDir::new().unwrap();
    let file = own.path().join("own.toml");
    std::fs::write(&file, OWN).unwrap();
    let filled = ["check", &folder, "--for-publishing", "--organisation", &words(&file)];
    let account = moretus(&filled).well().out;
    assert!(
        account.ends_with("  it can be published: the organisation's values are filled in\n"),
        "{account}"
    );
    std::fs::write(&file, "nam = \"x\"\n").unwrap();
    let refused = moretus(&filled).refused();
    let line = format!("{}:1: the organisation: unknown key `nam`: did you mean `name`? ", words(&file));
    assert!(refused.contains(&line), "{refused}");
}

#[test]
fn every_fault_is_printed_with_its_place() {
    let folder = TempDir::new().unwrap();
    let broken = copy(&folder, "broken", ("clauses.toml", "\"claims-staff\"]", "\"claim-staff\"]"));
    std::fs::remove_file(folder.path().join("broken/fr.md")).unwrap();
    let refused = moretus(&["check", &broken]).refused();
    let lines: Vec<&str> = refused.lines().collect();
    assert_eq!(lines[0], format!("error: the notice in `{broken}` is not sound: 2 faults"));
    let place = lines[1].strip_prefix(&format!("{broken}/clauses.toml:")).unwrap();
    assert!(
        place.contains("unknown recipient `claim-staff`: did you mean `claims-staff`? use one of"),
        "{place}"
    );
    assert!(lines[2].starts_with(&format!("{broken}/fr.md:1: there is no such file: ")), "{refused}");
    for command in [&["matrix", &broken][..], &["render", &broken, "--language", "en", "--format", "text"]] {
        assert!(moretus(command).refused().contains("is not sound"), "{command:?}");
    }
    let nowhere = moretus(&["check", "nowhere"]).refused();
    assert_eq!(nowhere, "error: cannot read `nowhere`: there is no such file or folder\n");
}

#[test]
fn the_matrix_is_the_reviewed_one() {
    let folder = words(&shipped());
    let table = moretus(&["matrix", &folder]).well().out;
    let json = moretus(&["matrix", &folder, "--json"]).json();
    let accesses = json["accesses"].as_array().unwrap();
    let snapshot = repository()
        .join("crates/notice/tests/snapshots/shipped__the_access_matrix_is_the_reviewed_one.snap");
    let reviewed = std::fs::read_to_string(snapshot).unwrap();
    let reviewed: Vec<&str> = reviewed.lines().skip(4).collect();
    assert_eq!((table.lines().count() - 1, accesses.len()), (reviewed.len(), reviewed.len()));
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let list = |value: &Value| value.as_array().unwrap().iter().map(word).collect::<Vec<_>>().join(", ");
    let heads =
        ["RECIPIENT", "PURPOSE", "CATEGORY", "SUBJECTS", "CLAUSE", "CONDITIONS", "LAW", "ABROAD UNDER"];
    let starts: Vec<usize> = heads.map(|head| table.lines().next().unwrap().find(head).unwrap()).to_vec();
    for ((line, access), reviewed) in table.lines().skip(1).zip(accesses).zip(reviewed) {
        let (conditions, clause) = (list(&access["conditions"]), word(&access["clause"]));
        let transfers = list(&access["transfers"]);
        // Three clauses have another basis under Irish and Dutch law; every other line holds under any.
        let law = match access["laws"].as_array().unwrap().len() {
            31 => None,
            2 => Some(list(&access["laws"])),
            _ => Some("all but IE, NL".to_owned()),
        };
        let cells = [
            word(&access["recipient"]),
            word(&access["purpose"]),
            word(&access["category"]),
            list(&access["subjects"]),
            clause,
            if conditions.is_empty() { "always".to_owned() } else { conditions.clone() },
            law.clone().unwrap_or_else(|| "any".to_owned()),
            if transfers.is_empty() { "-".to_owned() } else { transfers.clone() },
        ];
        for (cell, start) in cells.iter().zip(&starts) {
            assert!(line[*start..].starts_with(cell), "{cell} at {start} of {line}");
        }
        let reviewed: Vec<&str> = reviewed.split_whitespace().collect();
        assert_eq!(reviewed[..4], [&cells[0], &cells[1], &cells[2], &cells[4]], "{line}");
        let mut end = cells[3].clone();
        let law = law.unwrap_or_default();
        for (said, words) in [(" [", &conditions), (" law: ", &law), (" abroad: ", &transfers)] {
            if !words.is_empty() {
                end.push_str(&format!("{said}{words}{}", if said == " [" { "]" } else { "" }));
            }
        }
        assert_eq!(reviewed[4..].join(" "), end);
    }
}

#[test]
fn a_newer_version_says_who_newly_sees_what() {
    let folder = TempDir::new().unwrap();
    let was = "recipients = [\"bank\"]";
    let newer = copy(&folder, "newer", ("clauses.toml", was, "recipients = [\"payer\"]"));
    let (older, shipped) = (words(&shipped()), words(&shipped()));
    let run = moretus(&["diff", &older, &newer]).well();
    assert!(run.err.contains("both are called `2026-11-01`"), "{}", run.err);
    let out = run.out;
    assert!(
        out.starts_with(
            "from 2026-11-01 (in force from 2026-11-01) to 2026-11-01 (in force from 2026-11-01)\n\
             4 cells of the access matrix: 2 newly open and 2 closed.\n\nWho sees what\n"
        ),
        "{out}"
    );
    for expected in [
        " may now see identity and contact details, financial data about members, dependants and ",
        " may no longer see identity and contact details, financial data about members, ",
        "  Clause `disclose.payment.bank`: `recipients` is now payer; it was bank.\n",
        "  +  payer  payment  identity   member, beneficiary, practitioner  disclose.payment.bank  work-item\n",
        "  -  bank   payment  financial  member, beneficiary, practitioner  disclose.payment.bank  work-item\n",
    ] {
        assert!(out.contains(expected), "`{expected}` in\n{out}");
    }
    let json = moretus(&["diff", &older, &newer, "--json"]).json();
    assert_eq!(json["access"].as_array().unwrap().len(), 4);
    let lost: Vec<&Value> =
        json["access"].as_array().unwrap().iter().filter(|cell| cell["change"] == "lost").collect();
    assert_eq!((lost.len(), &lost[0]["recipient"]), (2, &"bank".into()));
    assert_eq!(lost[0]["before"][0]["conditions"][0], "work-item");
    assert_eq!(json["rules"][0]["name"], "disclose.payment.bank");
    assert_eq!(json["sentences"]["access"].as_array().unwrap().len(), 2);

    let same = moretus(&["diff", &older, &shipped]).well();
    assert!(same.out.ends_with("\nNothing changes.\n") && same.err.is_empty(), "{}{}", same.out, same.err);
    let worded =
        copy(&folder, "worded", ("en.md", "We must be able to prove", "We have to be able to prove"));
    let json = moretus(&["diff", &older, &worded, "--json"]).json();
    assert_eq!((&json["text_only"], &json["text"][0]["section"]), (&true.into(), &"use.audit.ledger".into()));
}

#[test]
fn conditions_that_change_stand_before_and_after() {
    let folder = TempDir::new().unwrap();
    let was = "basis = \"legitimate-interest\"\nwhen = [\"relation.sponsor\", \"undertaking\"]";
    let newer = copy(
        &folder,
        "newer",
        ("clauses.toml", was, "basis = \"legitimate-interest\"\nwhen = [\"relation.sponsor\"]"),
    );
    let out = moretus(&["diff", &words(&shipped()), &newer]).well().out;
    assert!(out.contains("3 cells of the access matrix: 3 on fewer conditions.\n"), "{out}");
    let cell =
        "plan-sponsor  plan-administration  plan         member, beneficiary  sponsor.plan-administration  ";
    assert!(out.contains(&format!("  ~ before  {cell}relation.sponsor, undertaking\n")), "{out}");
    assert!(out.contains(&format!("  ~ after   {cell}relation.sponsor\n")), "{out}");
}

#[test]
fn each_language_is_rendered_with_version_day_and_hash() {
    let folder = TempDir::new().unwrap();
    let own = folder.path().join("own.toml");
    std::fs::write(&own, OWN).unwrap();
    let (notice, own) = (words(&shipped()), words(&own));
    let check = moretus(&["check", &notice, "--organisation", &own]).well().out;
    let hash = check.split("SHA-256 ").nth(1).unwrap().lines().next().unwrap();
    for language in ["en", "nl", "fr", "de"] {
        let render = |format: &str| {
            let words =
                ["render", &notice, "--language", language, "--format", format, "--organisation", &own];
            moretus(&words).well().out
        };
        let text = render("text");
        assert!(text.contains("2026-11-01, ") && text.contains("Example Fund"), "{text}");
        assert!(text.ends_with(&format!("\nExample Fund\nSHA-256 {hash}\n")), "{text}");
        let html = render("html");
        assert!(html.starts_with("<!DOCTYPE html>") && html.ends_with("</html>\n"));
        assert!(html.contains(&format!("<html lang=\"{language}\">")));
        assert!(
            html.contains("<section id=\"use.claims.statutory-minimum\">"),
            "anchors are the clauses' ids"
        );
        assert!(html.contains("@media print") && !html.contains("<link") && !html.contains("<script"));
        assert!(html.contains("<time datetime=\"2026-11-01\">"));
        assert!(html.replace("</span><wbr><span>", "").contains(hash), "the hash stands on the page");
    }
    let unfilled = moretus(&["render", &notice, "--language", "en", "--format", "text"]).well().out;
    assert!(unfilled.contains("[name:\u{a0}to\u{a0}be\u{a0}filled\u{a0}in]"), "{unfilled}");
}

#[test]
fn a_rendering_goes_to_a_file_or_is_refused() {
    let folder = TempDir::new().unwrap();
    let notice = words(&shipped());
    let out = words(&folder.path().join("notice.txt"));
    let render = ["render", &notice, "--language", "nl", "--format", "text", "--out"];
    let to_file = moretus(&[&render[..], &[&out]].concat()).well();
    assert_eq!(to_file.out, "");
    let printed = moretus(&[&render[..], &["-"]].concat()).well().out;
    assert_eq!(std::fs::read_to_string(&out).unwrap(), printed);

    let (one, other) = (words(&folder.path().join("one.pdf")), words(&folder.path().join("other.pdf")));
    for out in [&one, &other] {
        moretus(&["render", &notice, "--language", "nl", "--format", "pdf", "--out", out]).well();
    }
    let pdf = std::fs::read(one).unwrap();
    assert!(pdf.starts_with(b"%PDF-1.7") && pdf == std::fs::read(other).unwrap(), "the same bytes each time");

    let two = copy(
        &folder,
        "two",
        ("clauses.toml", "[\"en\", \"nl\", \"fr\", \"de\"]", "[\"en\", \"nl\", \"de\"]"),
    );
    std::fs::remove_file(folder.path().join("two/fr.md")).unwrap();
    let refused = moretus(&["render", &two, "--language", "fr", "--format", "html"]).refused();
    assert!(refused.contains("is not written in `fr`: use one of en, nl, de"), "{refused}");
    let usage = moretus(&["render", &notice, "--language", "it", "--format", "html"]).refused();
    assert!(usage.contains("unknown language `it`: use one of en, nl, fr, de"), "{usage}");
}

#[test]
fn every_export_names_its_version_and_goes_where_it_is_wanted() {
    let folder = TempDir::new().unwrap();
    let own = folder.path().join("own.toml");
    std::fs::write(&own, OWN).unwrap();
    let (notice, own) = (words(&shipped()), words(&own));
    let check = moretus(&["check", &notice, "--organisation", &own]).well().out;
    let hash = check.split("SHA-256 ").nth(1).unwrap().lines().next().unwrap().to_owned();
    let export = |format: &str| {
        moretus(&["export", &notice, "--organisation", &own, "--language", "fr", "--format", format])
            .well()
            .out
    };
    for format in ["record-html", "dpv", "cedar", "cedar-schema"] {
        assert!(export(format).contains(&hash), "{format}");
    }
    let page = export("record-html");
    assert!(page.starts_with("<!DOCTYPE html><html lang=\"fr\">") && page.ends_with("</html>\n"), "{page}");
    assert!(page.contains("Example Fund") && page.contains("<section id=\"use.claims\">"), "{page}");
    assert!(!page.contains("<link") && !page.contains("<script"));
    let csv = export("record-csv");
    assert!(csv.starts_with("Responsable du traitement,") && csv.contains("\r\nExample Fund,"), "{csv}");
    let dpv: Value = serde_json::from_str(&export("dpv")).unwrap();
    assert_eq!(dpv["@graph"][0]["@type"], "dpv:PrivacyNotice");

    let out = words(&folder.path().join("notice.cedar"));
    let to_file = ["export", &notice, "--organisation", &own, "--format", "cedar", "--out", &out];
    assert_eq!(moretus(&to_file).well().out, "");
    assert_eq!(std::fs::read_to_string(&out).unwrap(), export("cedar"));
}
