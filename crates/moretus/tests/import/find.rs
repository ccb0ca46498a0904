//! Looking for somebody from the command line: as whoever a token belongs to, for a task, by what stands in a file.

use crate::site::{Site, TRAINED, sample};

/// What the samples say of people, as somebody who writes it otherwise knows it; the first four find one person each.
const KNOWN: [&str; 5] = [
    "name: ELISE vandenbroeck\nbirth-date: 1984-03-17\n",
    "member-number: wp 1001 01\n",
    "name: zeromski lukasz\n",
    "email: LUKASZ@example.org\n",
    "name: Zebulon Quux\n",
];

pub(crate) fn somebody_is_found_for_a_task_and_nobody_else(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    site.import("officina", "sample", &["members", &sample("members.csv")]).well();
    let member = site.a_member();
    let token = ["token", "--data", "DATA", "--portfolio", "officina", "--role", "officer", "--json"];
    let made = site
        .run(&[&token[..], &["--recipient", "data-protection-officer", "--trained-until", &TRAINED]].concat())
        .json();
    let (officer, file) = (made["actor"].as_str().unwrap(), site.file("t", made["token"].as_str().unwrap()));
    let open = ["disclosures", "open", "--data", "DATA", "--portfolio", "officina", "--member", &member];
    let case = site.run(&[&open[..], &["--officer", officer]].concat()).well().out.trim().to_owned();
    let find = |known: &str, more: &[&str]| {
        let by = site.file("known", known);
        let words = ["find", "--data", "DATA", "--portfolio", "officina", "--token-file", &file, "--by", &by];
        site.run(&[&words[..], &["--purpose", "access-request"], more].concat())
    };
    // Somebody of the samples is this member: only what is known of them finds them, and them alone.
    let mut times = 0;
    for known in
        KNOWN.into_iter().chain(["name: Élise\n", "birth-date: 2015-09-02\n", "birth-date: 1971-11-30\n"])
    {
        assert!(
            find(known, &[]).well().out.contains("nobody whom a clause shows"),
            "without a task nobody is found"
        );
        let found = find(known, &["--item", &case, "--json"]).json();
        let people = found["people"].as_array().unwrap().clone();
        assert!(
            people.iter().all(|one| one["subject"] == member.as_str() && one["name"].is_string()),
            "{found}"
        );
        times += people.len();
    }
    assert!(times > 0, "the samples have them");
    for (known, says) in
        [("Zebulon", "write a word"), ("surname: Zebulon", "use name"), ("", "one to eight terms")]
    {
        let refused = find(known, &["--item", &case]).refused();
        assert!(refused.contains(says) && !refused.contains("Zebulon"), "{refused}");
    }
    let list = ["disclosures", "list", "--data", "DATA", "--portfolio", "officina", "--token-file", &file];
    let always = ["--from", "2026-01-01", "--to", "2199-12-30", "--case", &case];
    let record = site.run(&[&list[..], &always].concat()).well().out;
    assert!(record.contains("searched") && record.contains("refused (not-there)"), "{record}");
    assert!(!record.contains("Broeck") && !record.to_lowercase().contains("lukasz"), "{record}");
}
