//! Who acts for a person, from the command line: registered, used, listed and ended.

use crate::site::{Site, sample};

pub(crate) fn somebody_acts_for_a_person_until_it_ends(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    site.import("officina", "sample", &["members", &sample("members.csv")]).well();
    let member = site.someone("officina");
    let words = ["token", "--data", "DATA", "--portfolio", "officina", "--recipient", "representative"];
    let made = site.run(&[&words[..], &["--role", "mother", "--json"]].concat()).json();
    let actor = made["actor"].as_str().unwrap();
    let token = site.file("mother.token", made["token"].as_str().unwrap());
    let representatives = |words: &[&str]| {
        let (command, more) = words.split_first().unwrap();
        let place = ["representatives", command, "--data", "DATA", "--portfolio", "officina"];
        site.run(&[&place[..], more].concat())
    };
    let pair = ["--subject", &member, "--actor", actor];
    let until = crate::site::days_from_today(100);
    let add = |until: &str, more: &[&str]| {
        let words = ["add", "--ground", "guardian", "--until", until];
        representatives(&[&words[..], &pair, more].concat())
    };
    let received = || {
        let words = ["recipients", "received", "--data", "DATA", "--portfolio", "officina"];
        site.run(&[&words[..], &["--token-file", &token, "--subject", &member]].concat())
    };
    assert!(received().refused().contains("relation.representative"));
    for until in [crate::site::days_from_today(-2), crate::site::days_from_today(400)] {
        assert!(add(&until, &[]).refused().contains("at most a year away"));
    }
    let row = add(&until, &["--json"]).json();
    assert_eq!((&row["actor"], &row["ground"]), (&actor.into(), &"guardian".into()));
    received().well();
    let listed = representatives(&["list", "--json"]).json();
    assert_eq!(listed["representatives"][0]["person"], 1);
    let table = representatives(&["list", "--subject", &member]).well().out;
    assert!(table.contains(actor) && table.contains("guardian"), "{table}");
    assert!(!table.contains(&member) && !listed.to_string().contains(&member), "whose it is, is not told");
    let ended = representatives(&[&["end"][..], &pair].concat()).well().err;
    assert!(ended.contains(&format!("{actor} acts for them no longer")), "{ended}");
    assert!(received().refused().contains("relation.representative"));
    assert!(representatives(&["list", "--json"]).json()["representatives"].as_array().unwrap().is_empty());
}
