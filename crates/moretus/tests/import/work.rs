//! Work items, from the command line: assigned to a team and to one of the staff, used, listed and ended.

use crate::site::{Site, TRAINED, sample};

pub(crate) fn work_is_assigned_to_a_team_listed_and_ended(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    site.import("officina", "sample", &["members", &sample("members.csv")]).well();
    let member = site.someone("officina");
    let token = |team: &str| {
        let words = ["token", "--data", "DATA", "--portfolio", "officina", "--role", "officer", "--json"];
        let officer = ["--recipient", "data-protection-officer", "--trained-until", &TRAINED];
        site.run(&[&words[..], &officer, &["--team", team]].concat()).json()
    };
    let (north, south) = (token("north"), token("south"));
    let actor = north["actor"].as_str().unwrap();
    let file = |made: &serde_json::Value, name: &str| site.file(name, made["token"].as_str().unwrap());
    let (north_file, south_file) = (file(&north, "north.token"), file(&south, "south.token"));
    let work = |words: &[&str]| {
        let (command, more) = words.split_first().unwrap();
        let place = ["work", command, "--data", "DATA", "--portfolio", "officina"];
        site.run(&[&place[..], more].concat())
    };
    let assign = |more: &[&str]| work(&[&["assign", "--subject", &member][..], more].concat());
    for (more, says) in [
        (&["--team", "east"][..], "staff in this team, whose record stands, in this portfolio"),
        (&["--team", "north", "--to", actor], "cannot be used with"),
        (&[], "required"),
        (&["--team", "north", "--days", "91"], "91"),
        (&["--to", "00000000-0000-0000-0000-000000000009"], "actor in this portfolio"),
    ] {
        let said = assign(more).refused();
        assert!(said.contains(says), "{said}");
    }
    let to_team = assign(&["--team", "north", "--days", "7"]).well().out.trim().to_owned();
    let to_actor = assign(&["--to", actor, "--json"]).json();
    assert_eq!((&to_actor["actor"], &to_actor["team"]), (&actor.into(), &serde_json::Value::Null));

    let received = |token: &str, item: &str| {
        let words = ["recipients", "received", "--data", "DATA", "--portfolio", "officina"];
        site.run(&[&words[..], &["--token-file", token, "--subject", &member, "--item", item]].concat())
    };
    received(&north_file, &to_team).well();
    assert!(received(&south_file, &to_team).refused().contains("work-item"));

    let listed = work(&["list", "--json"]).json();
    let rows = listed["work"].as_array().unwrap();
    let told = |row: &serde_json::Value| (row["item"].clone(), row["team"].clone(), row["person"].clone());
    assert_eq!(told(&rows[0]), (to_team.as_str().into(), "north".into(), 1.into()), "the first to end first");
    assert_eq!((rows.len(), &rows[1]["actor"], &rows[1]["person"]), (2, &actor.into(), &1.into()));
    let table = work(&["list"]).well().out;
    assert!(table.contains("team north") && table.contains(actor), "{table}");
    assert!(!table.contains(&member) && !listed.to_string().contains(&member), "whose it is, is not told");
    assert_eq!(work(&["list", "--subject", &member, "--json"]).json()["work"].as_array().unwrap().len(), 2);

    let ended = work(&["end", "--item", &to_team]).well().err;
    assert!(ended.contains(&format!("work item {to_team} is ended")), "{ended}");
    assert!(received(&north_file, &to_team).refused().contains("work-item"));
    assert_eq!(work(&["list", "--json"]).json()["work"].as_array().unwrap().len(), 1);
    let unknown = work(&["end", "--item", "00000000-0000-0000-0000-000000000009"]).refused();
    assert!(unknown.contains("work item"), "{unknown}");

    // Who moves to another team has its work.
    let second = assign(&["--team", "south", "--json"]).json();
    let second = second["item"].as_str().unwrap();
    let place = ["actors", "move", "--data", "DATA", "--portfolio", "officina", "--actor", actor];
    site.run(&[&place[..], &["--team", "south"]].concat()).well();
    received(&north_file, second).well();
    let changes = site.run(&["actors", "changes", "--data", "DATA", "--portfolio", "officina"]).well().out;
    assert!(changes.contains("(officer, north) moved to south"), "{changes}");
}
