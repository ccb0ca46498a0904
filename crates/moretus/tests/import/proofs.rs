//! A person's proof, from the command line: written under an access request, checked without the site.

use crate::site::{Site, TRAINED, sample};

pub(crate) fn a_person_takes_a_proof_away_and_checks_it_without_the_site(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    site.import("officina", "sample", &["members", &sample("members.csv")]).well();
    std::fs::create_dir(site.path("data").join("witness")).unwrap();
    let officer =
        ["token", "--data", "DATA", "--recipient", "data-protection-officer", "--portfolio", "officina"];
    let made =
        site.run(&[&officer[..], &["--role", "officer", "--json", "--trained-until", &TRAINED]].concat());
    let made = made.json();
    let (token, member) =
        (site.file("officer.token", made["token"].as_str().unwrap()), site.someone("officina"));
    let request = ["work", "assign", "--data", "DATA", "--portfolio", "officina", "--subject", &member];
    let request = site.run(&[&request[..], &["--to", made["actor"].as_str().unwrap()]].concat()).well().out;
    let request = request.trim();
    let (first, second) = (site.file("first.txt", ""), site.file("second.txt", ""));
    let prove = |out: &str, more: &[&str]| {
        let words = ["log", "prove", "--data", "DATA", "--portfolio", "officina", "--token-file", &token];
        site.run(&[&words[..], &["--member", &member, "--out", out], more].concat())
    };
    assert!(prove(&first, &[]).refused().contains("needs work-item"));
    let said = prove(&first, &["--item", request]).well().err;
    // The refusal and the answer; a slow disk may make it ask once more.
    assert!(said.contains(" entries, complete up to the roll"), "{said}");
    prove(&second, &["--item", request]).well();

    let keys = site.run(&["log", "key", "--data", "DATA"]).well().out;
    let keys: Vec<&str> = keys.lines().collect();
    let (key, witness) = (site.file("site.key", keys[0]), site.file("witness.key", keys[1]));
    let check = |file: &str, more: &[&str]| {
        site.run(&[&["log", "check", file, "--key", &key, "--witness", &witness], more].concat())
    };
    let table = check(&second, &["--member", &member]).well().out;
    let json = check(&second, &["--json"]).json();
    let count = json["entries"].as_array().unwrap().len();
    assert!(count >= 3 && json["member"] == member.as_str(), "{json}");
    assert!(table.contains(&format!("{count} entries, every one up to the roll")), "{table}");
    assert_eq!(table.matches("access-request").count(), count - 1, "and that it was assigned: {table}");
    // A key may stand in the place of its file; the other's does not do.
    let words = ["log", "check", &second, "--key", keys[0], "--witness"];
    site.run(&[&words[..], &[keys[1]]].concat()).well();
    assert!(site.run(&[&words[..], &[keys[0]]].concat()).refused().contains("is not a witness's"));
    assert!(site.run(&[&words[..], &["nothing"]].concat()).refused().contains("is no file, and no key"));
    let other = check(&second, &["--member", request]).refused();
    assert!(other.contains("it is of another person's list"), "{other}");
    let text = std::fs::read_to_string(&second).unwrap();
    let last = text.lines().rfind(|line| line.starts_with("entry ")).unwrap();
    let cut = site.file("cut.txt", &text.replace(&format!("{last}\n"), ""));
    let said = check(&cut, &[]).refused();
    let expected = format!("commits {count} entries about the person and the list has {}", count - 1);
    assert!(said.contains(&expected) && said.contains("entries were left out"), "{said}");
    let (list, _) = text.split_once("\n\n").unwrap();
    let earlier = std::fs::read_to_string(&first).unwrap();
    let older = site.file("older.txt", &format!("{list}\n\n{}", earlier.split_once("\n\n").unwrap().1));
    assert!(check(&older, &[]).refused().contains("an older checkpoint was put in the place of theirs"));

    let kept = site.run(&["log", "checkpoint", "--data", "DATA"]).well().out;
    let kept = site.file("kept.txt", &kept);
    let verified = site.run(&["log", "verify", "--data", "DATA", "--checkpoint", &kept, "--json"]).json();
    assert_eq!((&verified["verifies"], &verified["rolls"]), (&true.into(), &2.into()));
}
