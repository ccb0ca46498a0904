//! What the officer reads in the log, from the command line: in a case that somebody opened, as text, JSON and CSV; and the
//! draft of a notification.

use serde_json::Value;

use crate::site::{Run, Site, TRAINED, sample};

/// Long ago, and long from now.
const ALWAYS: [&str; 4] = ["--from", "2026-01-01", "--to", "2199-12-30"];

pub(crate) fn the_officer_reads_who_used_what_and_drafts_a_notification(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    site.import("officina", "sample", &["members", &sample("members.csv")]).well();
    let member = site.a_member();
    let token = ["token", "--data", "DATA", "--portfolio", "officina", "--role", "officer", "--json"];
    let token =
        [&token[..], &["--recipient", "data-protection-officer", "--trained-until", &TRAINED]].concat();
    let stranger = site.run(&[&token[..], &["--own-file", "00000000-0000-0000-0000-000000000009"]].concat());
    assert!(stranger.refused().contains("there is no person `00000000"), "a slip of the pen closes nothing");
    let made = site.run(&token).json();
    let (officer, file) = (made["actor"].as_str().unwrap(), site.file("t", made["token"].as_str().unwrap()));
    let other = site.run(&[&token[..], &["--own-file", &member]].concat()).json();
    let other_file = site.file("other", other["token"].as_str().unwrap());

    let open = ["disclosures", "open", "--data", "DATA", "--portfolio", "officina", "--member", &member];
    let case =
        |officer: &str| site.run(&[&open[..], &["--officer", officer]].concat()).well().out.trim().to_owned();
    let (case, other_case) = (case(officer), case(other["actor"].as_str().unwrap()));
    let received = |file: &str, case: &str| {
        let words =
            ["recipients", "received", "--data", "DATA", "--portfolio", "officina", "--token-file", file];
        site.run(&[&words[..], &["--subject", &member, "--item", case]].concat())
    };
    received(&file, &case).well();
    let own = received(&other_file, &other_case).refused();
    assert!(own.contains("your own file or that of a relative"), "{own}");

    let asked = |words: &[&str], more: &[&str]| {
        let place = ["--data", "DATA", "--portfolio", "officina", "--token-file", &file];
        site.run(&[words, &place, more].concat())
    };
    let list = |more: &[&str]| asked(&["disclosures", "list"], &[&ALWAYS, more].concat());
    assert!(list(&[]).refused().contains("needs work-item"));
    let in_case = |more: &[&str]| list(&[&["--case", &case], more].concat());
    let text = in_case(&[]).well().out;
    assert!(text.contains("right.access.officer") && text.contains("refused (own-file)"), "{text}");
    assert!(!text.contains(&member), "nothing of whose data it was");
    let lines = in_case(&["--json", "--actor", officer]).well().out;
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().all(|line| line["actor"] == officer && line["role"] == "officer"));
    let of_the_person = lines.iter().filter(|line| line["purpose"] == "access-request").collect::<Vec<_>>();
    assert_eq!((of_the_person.len(), &of_the_person[0]["has_task"]), (1, &true.into()));
    for silent in ["person", "law", "task", "recipient_name"] {
        assert!(lines.iter().all(|line| line.get(silent).is_none()), "{silent}");
    }
    let csv = in_case(&["--csv", "--clause", "right.access.officer"]).well().out;
    assert!(csv.starts_with("at,outcome,actor,") && csv.lines().count() == 2, "{csv}");
    in_case(&["--member", &member]).well();
    counted(&asked, officer, &case);
    drafted(&site, &asked, officer, &case);
    reported(&asked, &case);
}

/// Runs a command of the officer's with more words.
type Asked<'a> = &'a dyn Fn(&[&str], &[&str]) -> Run;

fn counted(asked: Asked<'_>, officer: &str, case: &str) {
    let count = ["--case", case, "--by", "actor", "--json"];
    let counts = asked(&["disclosures", "count"], &[&ALWAYS[..], &count].concat()).json();
    let own = counts.as_array().unwrap().iter().find(|one| one["of"] == officer).unwrap();
    assert_eq!(own["people"], 1);
    let table = asked(&["disclosures", "count"], &[&ALWAYS[..], &count[..4]].concat()).well().out;
    assert!(table.starts_with("ACTOR") && table.contains(officer), "{table}");

    let unusual = ["--case", case, "--people-an-hour", "0", "--json"];
    let hour = asked(&["disclosures", "unusual"], &[&ALWAYS[..], &unusual].concat()).json();
    assert_eq!(
        (&hour["actor"], &hour["what"][0], &hour["people"]),
        (&officer.into(), &"many-people".into(), &1.into())
    );
    let a_day = ["--case", case, "--people-a-day", "0", "--json"];
    let hour = asked(&["disclosures", "unusual"], &[&ALWAYS[..], &a_day].concat()).json();
    assert_eq!((&hour["what"][0], &hour["people_that_day"]), (&"many-people-a-day".into(), &1.into()));
    let usual = asked(&["disclosures", "unusual"], &[&ALWAYS[..], &unusual[..2]].concat()).well().out;
    assert_eq!(usual, "");
}

fn reported(asked: Asked<'_>, case: &str) {
    let now = domain::Timestamp::from_micros(
        i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_micros()).unwrap(),
    );
    let month = now.date().unwrap().to_string();
    let report = |more: &[&str]| {
        asked(&["disclosures", "report"], &[&["--case", case, "--month", &month[..7]], more].concat())
    };
    let json = report(&["--json"]).json();
    assert_eq!((&json["uses"]["granted"], &json["smallest_group"]), (&Value::Null, &10.into()), "{json}");
    assert_eq!((&json["barred"]["own-file"], &json["incidents"]), (&1.into(), &2.into()), "{json}");
    assert_eq!(json["emergencies"]["opened"], 0);
    let text = report(&[]).well().out;
    for words in
        ["others  not told", "refused whatever a clause says: 1 (own-file 1)", "incidents looked into: 2"]
    {
        assert!(text.contains(words), "{text}");
    }
    assert!(!text.contains("access-request"), "not even the name is told: {text}");
    let wrong = asked(&["disclosures", "report"], &["--month", "November"]);
    assert!(wrong.refused().contains("such as 2026-11"));
    let list = asked(&["emergencies", "list"], &["--case", case, "--json"]).json();
    assert_eq!(list["unreviewed"].as_array().unwrap().len(), 0);
    let none = ["--emergency", "00000000-0000-0000-0000-000000000009"];
    assert!(asked(&["emergencies", "read"], &none).refused().contains("no such emergency"));
    let review = asked(&["emergencies", "review"], &[&none[..], &["--outcome", "justified"]].concat());
    assert!(review.refused().contains("no such emergency"));
}

fn drafted(site: &Site, asked: Asked<'_>, officer: &str, case: &str) {
    let incident =
        |more: &[&str]| asked(&["incident", "--actor", officer, "--case", case], &[&ALWAYS, more].concat());
    let json = incident(&["--json"]).json();
    assert_eq!((&json["people"], &json["people_by_law"][0]["what"]), (&1.into(), &"BE".into()));
    let people = incident(&["--people", "--json"]).json();
    // The register of recipients and the record were read about the member.
    let one = &people["concerned"][0];
    assert_eq!((&people["people"], &one["uses"]), (&1.into(), &2.into()), "{people}");
    assert_eq!(one["categories"], serde_json::json!(["identity", "member-id"]), "{people}");
    assert!(one["email"].as_str().is_some_and(|email| email.contains('@')), "{people}");
    let list = site.path("people.csv");
    incident(&["--people", "--out", &list.display().to_string()]).well();
    let list = std::fs::read_to_string(list).unwrap();
    let rows: Vec<&str> = list.lines().collect();
    assert!(rows.len() == 2 && rows[0].starts_with("subject,categories,uses,first,last,deferred,"), "{list}");
    assert!(rows[1].contains(",identity member-id,"), "{list}");
    let draft = site.path("draft.md");
    incident(&["--language", "nl", "--out", &draft.display().to_string()]).well();
    let draft = std::fs::read_to_string(draft).unwrap();
    assert!(
        draft.contains("Aantal personen, bij benadering: 1\n") && draft.contains("[in te vullen: "),
        "{draft}"
    );
    assert!(draft.contains("the officer, 1 Street, officer@example.org"), "{draft}");
    let when = ["incident", "--portfolio", "officina", "--token-file", "-", "--actor", officer];
    let yesterday = site.run(&[&when[..], &["--from", "yesterday", "--to", "2026-11-02"]].concat()).refused();
    assert!(yesterday.contains("2026-11-01T14:30:00Z"), "{yesterday}");
}
