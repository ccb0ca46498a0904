//! `moretus notice publish`, `versions`, `record` and `issue`, as a person runs them.

use std::path::PathBuf;

use crate::site::{Run, Site, sample};

/// People of the test that is cut off; a soak has as many as a large administrator.
fn people() -> u64 {
    if std::env::var_os("MORETUS_SOAK").is_some() { 100_000 } else { 4_000 }
}

/// The shipped notice as a newer version, in force from a day.
fn newer(site: &Site, version: &str, day: &str) -> PathBuf {
    let notice = site.notice(|rules| {
        let lines = rules.lines().map(|line| match line {
            _ if line.starts_with("effective = ") => format!("effective = \"{day}\""),
            _ if line.starts_with("version = ") => format!("version = \"{version}\""),
            _ => line.to_owned(),
        });
        lines.collect::<Vec<_>>().join("\n")
    });
    let folder = site.path(version);
    std::fs::rename(notice, &folder).unwrap();
    folder
}

fn words(site: &Site, folder: &std::path::Path) -> Vec<String> {
    let path = |name: &str| site.path(name).display().to_string();
    let words =
        ["notice", "publish", &folder.display().to_string(), "--data", "DATA", "--portfolio", "officina"];
    let organisation = path("organisation.toml");
    let stands = ["--author", "An Author", "--publisher", "A Publisher", "--opinion", &path("opinion.txt")]
        .map(str::to_owned);
    let words = words.iter().map(|word| (*word).to_owned());
    words.chain(["--organisation".to_owned(), organisation]).chain(stands).collect()
}

fn run(site: &Site, words: &[String]) -> Run {
    site.run(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

pub(crate) fn a_newer_version_is_issued_and_what_became_of_it_recorded(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    site.import("officina", "sample", &["members", &sample("members.csv")]).well();
    site.import("officina", "sample", &["coverage", &sample("coverage.csv")]).well();
    let today =
        site.run(&["notice", "versions", "--data", "DATA", "--portfolio", "officina", "--json"]).json();
    let today = today["versions"][0]["published"].as_str().unwrap()[..10].to_owned();
    let publish = words(&site, &newer(&site, "next", "2100-01-01"));
    let account = run(&site, &publish).well().out;
    assert!(
        account.starts_with("version next, in force from 2100-01-01\n  deliveries queued: "),
        "{account}"
    );
    let again = run(&site, &[&publish[..], &["--json".to_owned()]].concat()).json();
    assert_eq!((again["queued"].as_u64(), again["notice_period_days"].as_u64()), (Some(0), Some(30)));

    let of_version = ["--data", "DATA", "--portfolio", "officina", "--version", "next"];
    let undelivered = || site.run(&[&["notice", "undelivered"][..], &of_version].concat()).well().out;
    let listed = undelivered();
    let subjects: Vec<&str> = listed.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    let (first, second, third) = (subjects[0], subjects[1], subjects[2]);
    assert!(listed.starts_with(&format!("subject,state,day\n{first},queued,{today}\n")), "{listed}");
    let file =
        site.file("sent.csv", &format!("subject,state,day\n{first},sent,{today}\n{second},posted,{today}\n"));
    let record = |file: &str| site.run(&[&["notice", "record", file][..], &of_version].concat());
    assert_eq!(record(&file).well().out, "version next: 2 rows, 2 deliveries changed\n");
    assert_eq!(record(&file).well().out, "version next: 2 rows, 0 deliveries changed\n");
    assert_eq!(undelivered().lines().count(), listed.lines().count() - 2);
    let bad = [
        (
            format!("subject,state,day\n{first},sent,{today}\n{third},read,{today}\n"),
            ":3: a delivery that is `queued` cannot become `read`",
        ),
        (
            format!("subject,state,day\n{first},lost,{today}\n"),
            ":2: unknown delivery state: use one of queued",
        ),
        (
            format!("subject,state,day\n{first},read,2000-01-01\n"),
            ":2: its day is before the version was published",
        ),
        ("subject,state\n".to_owned(), ":1: the columns must be subject,state,day"),
    ];
    for (text, message) in bad {
        let error = record(&site.file("bad.csv", &text)).refused();
        assert!(error.contains(message), "{error}");
    }
    let listed = site.run(&["notice", "versions", "--data", "DATA", "--portfolio", "officina"]).well().out;
    let lines: Vec<&str> = listed.lines().collect();
    assert!(lines[1].contains("An Author") && lines[1].ends_with("none"), "{listed}");
    assert!(lines[2].starts_with("notice    next") && lines[2].contains("1 sent, 1 posted"), "{listed}");
    let issued = site.run(&["notice", "issue", "--data", "DATA", "--portfolio", "officina", "--json"]).json();
    assert_eq!((issued["queued"].as_u64(), issued["bound"].as_u64()), (Some(0), Some(0)), "the period runs");
}

pub(crate) fn one_person_cannot_publish_what_they_wrote(site: Site) {
    let site = site.with(&["officina"]);
    let mut alone = words(&site, &newer(&site, "next", "2100-01-01"));
    let publisher = alone.iter().position(|word| word == "A Publisher").unwrap();
    alone[publisher] = "an author".to_owned();
    let error = run(&site, &alone).refused();
    assert!(error.contains("author and publisher are one person"), "{error}");
    let back_dated = words(&site, &newer(&site, "other", "2001-01-01"));
    let error = run(&site, &back_dated).refused();
    assert!(error.contains("no new version can be before"), "{error}");
}

/// Killed while it queues, at a moment when some have a delivery and others not; at the end everybody has one.
pub(crate) fn publishing_that_is_killed_goes_on(site: Site) {
    let site = site.with(&["officina"]);
    let (mut members, mut coverage) = (
        "member_id,member_number,name,birth_date\n".to_owned(),
        "coverage_id,member_id,insured_name,policy_number,plan,plan_name,currency,start\n".to_owned(),
    );
    for number in 0..people() {
        members.push_str(&format!("m{number},N-{number},Somebody,1980-01-01\n"));
        coverage.push_str(&format!(
            "c{number},m{number},Somebody,P-{number},community,Community,EUR,2020-01-01\n"
        ));
    }
    site.import("officina", "many", &["members", &site.file("members.csv", &members)]).well();
    site.import("officina", "many", &["coverage", &site.file("coverage.csv", &coverage)]).well();
    let mut was_cut = false;
    for round in 2..12_i64 {
        let publish = words(&site, &newer(&site, &format!("version-{round}"), "2100-01-01"));
        let publish: Vec<&str> = publish.iter().map(String::as_str).collect();
        let mut child = site.spawn(&publish);
        while site.deliveries("officina", round) == 0 && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        let _ = child.kill();
        child.wait().unwrap();
        let queued = site.deliveries("officina", round);
        was_cut |= 0 < queued && queued < people();
        let begun = std::time::Instant::now();
        let rest = run(&site, &publish.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        rest.well();
        println!(
            "{} people: after a kill at {queued} the rest was queued in {:.1} s",
            people(),
            begun.elapsed().as_secs_f64()
        );
        assert_eq!(site.deliveries("officina", round), people());
        if was_cut {
            break;
        }
    }
    assert!(was_cut, "no kill came while it queued: this proves nothing");
}

pub(crate) fn documents_beside_the_notice_are_published_and_a_copy_is_given(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    site.import("officina", "sample", &["members", &sample("members.csv")]).well();
    let shipped = crate::site::repository().join("notices/travel/2026-11-01");
    let publish = words(&site, &shipped);
    assert_eq!(run(&site, &publish).well().out, "travel: version 2026-11-01, in force from 2026-11-01\n");
    run(&site, &publish).well();
    let listed = ["notice", "versions", "--data", "DATA", "--portfolio", "officina", "--json"];
    let listed = site.run(&listed).json();
    let names: Vec<&str> =
        listed["versions"].as_array().unwrap().iter().map(|one| one["document"].as_str().unwrap()).collect();
    assert_eq!(names, ["notice", "cookies", "online", "travel"], "{listed}");

    // A newer version is published and binds nobody yet: the copy is of the one that does.
    run(&site, &words(&site, &newer(&site, "next", "2100-01-01"))).well();
    let subject = site.someone("officina");
    let out = site.path("copy.txt").display().to_string();
    let copy = ["notice", "copy", "--data", "DATA", "--portfolio", "officina", "--language", "nl"];
    let rest = ["--format", "text", "--way", "handed", "--out", &out, "--subject"];
    let copy = [&copy[..], &rest].concat();
    site.run(&[&copy[..], &[&subject]].concat()).well();
    let text = std::fs::read_to_string(&out).unwrap();
    assert!(text.starts_with("Privacyverklaring van Fund") && text.contains("versie 2026-11-01"), "{text}");
    let nobody = site.run(&[&copy[..], &["00000000-0000-0000-0000-000000000000"]].concat()).refused();
    assert!(nobody.contains("there is no such person"), "{nobody}");
}
