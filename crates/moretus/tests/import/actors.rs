//! The register of actors, from the command line: who is entered, trained, tied to a sponsor, listed and ended.

use crate::site::{Site, TRAINED, sample};

pub(crate) fn an_actor_is_entered_trained_listed_and_ended(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    site.import("officina", "sample", &["members", &sample("members.csv")]).well();
    site.import("officina", "sample", &["coverage", &sample("coverage.csv")]).well();
    let token = |more: &[&str]| {
        let words = ["token", "--data", "DATA", "--portfolio", "officina", "--role", "desk"];
        site.run(&[&words[..], &["--recipient", "claims-staff"], more].concat())
    };
    assert!(token(&[]).refused().contains("needs the last day on which its holder's training"));
    assert!(token(&["--trained-until", "2199-01-01"]).refused().contains("at most 366 days"));
    let trained = ["--trained-until", TRAINED.as_str()];
    let unknown = token(&[&trained[..], &["--sponsor", "Nobody Ltd"]].concat()).refused();
    assert!(unknown.contains("there is no sponsor `Nobody Ltd`"), "{unknown}");
    let made = token(&[&trained[..], &["--json"]].concat()).json();
    let actor = made["actor"].as_str().unwrap().to_owned();

    let actors = |words: &[&str]| {
        let (command, more) = words.split_first().unwrap();
        let place = ["actors", command, "--data", "DATA", "--portfolio", "officina"];
        site.run(&[&place[..], more].concat())
    };
    let state = || {
        let list = actors(&["list", "--json"]).json();
        let rows = list["actors"].as_array().unwrap().clone();
        let row = rows.into_iter().find(|row| row["actor"] == actor.as_str()).unwrap();
        (row["state"].clone(), row["trained_until"].clone())
    };
    assert_eq!(state(), ("works".into(), TRAINED.as_str().into()));
    let far = actors(&["train", "--actor", &actor, "--until", "2199-01-01"]).refused();
    assert!(far.contains("at most 366 days"), "{far}");
    actors(&["train", "--actor", &actor, "--until", &TRAINED]).well();
    let left = actors(&["end", "--actor", &actor, "--json"]).json();
    assert_eq!((&left["guarantees"], &left["matters"]), (&0.into(), &serde_json::json!([])));
    assert_eq!(state().0, "ended");
    assert!(actors(&["list"]).well().out.contains("ended"));
    assert!(actors(&["train", "--actor", &actor, "--until", &TRAINED]).refused().contains("was ended"));
    let again = actors(&["end", "--actor", &actor]).well();
    assert!(again.out.contains("0 guarantees, 0 pieces of material"), "{}", again.out);
    let changes = actors(&["changes"]).well().out;
    for words in [
        "entered as claims-staff (desk), trained until",
        "claims-staff (desk) trained until",
        "ended: claims-staff",
    ] {
        assert!(changes.contains(words), "{changes}");
    }
    assert_eq!(actors(&["changes", "--json"]).json()["changes"].as_array().unwrap().len(), 4);
    let file = site.file("t", made["token"].as_str().unwrap());
    let place = ["--data", "DATA", "--portfolio", "officina", "--token-file", &file];
    let used = site.run(&[&["emergencies", "list"][..], &place].concat()).refused();
    assert!(used.contains("record was ended"), "{used}");
}
