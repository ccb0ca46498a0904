//! Looking for somebody from the command line: as whoever a token belongs to, for a task, by what stands in a file.

use domain::SubjectKind;

use crate::site::{Site, TRAINED, sample};

/// What the samples say of people, as somebody who writes it otherwise knows it, and how many it finds.
const KNOWN: [(&str, usize); 11] = [
    ("name: ELISE vandenbroeck\nbirth-date: 1984-03-17\n", 1),
    ("member-number: wp 1001 01\n", 1),
    ("name: zeromski lukasz\n", 1),
    ("email: LUKASZ@example.org\n", 1),
    ("iban: nl91 abna 0417 1643 00\n", 1),
    ("policy-number: pol 77 1001\n", 2),
    ("name: Van den Broeck\n", 2),
    ("name: Élise\n", 1),
    ("birth-date: 2015-09-02\n", 1),
    ("birth-date: 1984-03-17\nmember-number: WP-1003-00\n", 0),
    ("name: Zebulon Quux\n", 0),
];

pub(crate) fn somebody_is_found_for_a_task_and_nobody_else(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    site.import("officina", "sample", &["members", &sample("members.csv")]).well();
    site.import("officina", "sample", &["coverage", &sample("coverage.csv")]).well();
    let token = ["token", "--data", "DATA", "--portfolio", "officina", "--role", "officer", "--json"];
    let kind = ["--recipient", "data-protection-officer", "--trained-until", &TRAINED];
    let everyone = site.everyone("officina");
    let opened = |member: &str, officer: &str| {
        let open = ["disclosures", "open", "--data", "DATA", "--portfolio", "officina", "--member", member];
        site.run(&[&open[..], &["--officer", officer]].concat())
    };
    // Somebody for each of them, with a case that shows them and nobody else: nobody may search too often.
    let is_person = |kind| matches!(kind, SubjectKind::Member | SubjectKind::Beneficiary);
    let cases: Vec<(&String, String, String)> = everyone
        .iter()
        .filter(|(kind, _)| is_person(*kind))
        .map(|(_, member)| {
            let made = site.run(&[&token[..], &kind].concat()).json();
            let case = opened(member, made["actor"].as_str().unwrap()).well().out.trim().to_owned();
            (member, case, site.file(&format!("{member}.token"), made["token"].as_str().unwrap()))
        })
        .collect();
    let (_, case, file) = cases[0].clone();
    // The portfolio has a list of its own, and is nobody.
    let made = site.run(&[&token[..], &kind].concat()).json();
    let own = &everyone.iter().find(|(kind, _)| !is_person(*kind)).unwrap().1;
    assert!(opened(own, made["actor"].as_str().unwrap()).refused().contains("portfolio"));
    let find_as = |file: &str, known: &str, more: &[&str]| {
        let by = site.file("known", known);
        let words = ["find", "--data", "DATA", "--portfolio", "officina", "--token-file", file, "--by", &by];
        site.run(&[&words[..], &["--purpose", "access-request"], more].concat())
    };
    let find = |known: &str, more: &[&str]| find_as(&file, known, more);
    for (known, expected) in KNOWN {
        let alone = find(known, &[]).refused();
        assert!(alone.contains("right.access.officer"), "without a task nobody is looked for: {alone}");
        let mut times = 0;
        for (member, case, file) in &cases {
            let found = find_as(file, known, &["--item", case, "--json"]).json();
            let people = found["people"].as_array().unwrap().clone();
            let is_theirs =
                |one: &serde_json::Value| one["subject"] == member.as_str() && one["name"].is_string();
            assert!(people.iter().all(is_theirs), "{found}");
            times += people.len();
        }
        assert_eq!(times, expected, "{known}");
    }
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
    who_calls_is_found_by_their_own_details(&site);
}

/// Without a task, by customer service alone, and never by what a household shares.
fn who_calls_is_found_by_their_own_details(site: &Site) {
    let token = |recipient: &str| {
        let words = ["token", "--data", "DATA", "--portfolio", "officina", "--role", "desk", "--json"];
        let kind = ["--recipient", recipient, "--trained-until", &TRAINED];
        let made = site.run(&[&words[..], &kind].concat()).json();
        site.file(&format!("{recipient}.token"), made["token"].as_str().unwrap())
    };
    let (desk, analyst) = (token("customer-service-staff"), token("analyst"));
    let find = |file: &str, known: &str| {
        let by = site.file("known", known);
        let words = ["find", "--data", "DATA", "--portfolio", "officina", "--token-file", file, "--by", &by];
        site.run(&[&words[..], &["--purpose", "identification", "--json"]].concat())
    };
    for known in [
        "member-number: wp 1001 01\n",
        "name: ELISE vandenbroeck\nbirth-date: 1984-03-17\n",
        "name: Élise\npolicy-number: pol 77 1001\n",
    ] {
        let found = find(&desk, known).json();
        let people = found["people"].as_array().unwrap();
        assert!(people.len() == 1 && people[0]["plan"].is_string(), "{known}: {found}");
        let refused = find(&analyst, known).refused();
        assert!(refused.contains("use.customer-service.identify"), "{refused}");
    }
    assert_eq!(find(&desk, "member-number: WP-0\n").json()["people"].as_array().unwrap().len(), 0);
    for known in ["policy-number: pol 77 1001\n", "iban: nl91 abna 0417 1643 00\n", "name: Élise\n"] {
        let refused = find(&desk, known).refused();
        assert!(refused.contains("own-details") && !refused.contains("lise"), "{refused}");
    }
}
