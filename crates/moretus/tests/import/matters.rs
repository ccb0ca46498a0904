//! The register of legal matters, kept from the command line.

use serde_json::Value;

use crate::site::{Run, Site, TRAINED};

impl Site {
    fn matters(&self, words: &[&str]) -> Run {
        let mut all = vec!["matters", words[0], "--data", "DATA", "--portfolio", "officina"];
        all.extend(&words[1..]);
        self.run(&all)
    }

    /// The same, changed by somebody of this name.
    fn matters_by(&self, operator: &str, words: &[&str]) -> Run {
        self.matters(&[words, &["--operator", operator]].concat())
    }

    /// The register, as JSON.
    fn matters_listed(&self, words: &[&str]) -> Vec<Value> {
        let list = self.matters(&[&["list", "--json"], words].concat()).json();
        list["matters"].as_array().unwrap().clone()
    }

    /// A member's id, which no command tells yet.
    pub(crate) fn a_member(&self) -> String {
        let found = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
        let told = std::sync::Arc::clone(&found);
        self.past_the_program(move |unit| {
            let rows = store::reference::portfolios(unit)?;
            let officina = rows.iter().find(|row| row.name == "officina").unwrap().portfolio;
            let people = store::subject::page(unit, officina, None, 10)?;
            let person = people.iter().find(|row| row.kind == domain::SubjectKind::Member).unwrap();
            *told.lock().unwrap() = person.subject.to_string();
            Ok(())
        });
        found.lock().unwrap().clone()
    }
}

const ORDER: &[&str] = &[
    "add",
    "--kind",
    "order",
    "--reference",
    "2026/AR/17",
    "--issued-by",
    "Labour Court",
    "--country",
    "BE",
    "--made",
    "2026-01-01",
    "--days",
    "2026-01-01..2199-12-30",
];

pub(crate) fn a_matter_is_registered_reviewed_opened_and_ended(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    site.import("officina", "sample", &["members", &crate::site::sample("members.csv")]).well();
    let member = site.a_member();
    let token = ["token", "--data", "DATA", "--portfolio", "officina", "--recipient", "legal-staff"];
    let token = site
        .run(&[&token[..], &["--role", "counsel", "--trained-until", &TRAINED, "--json"]].concat())
        .json();
    let staff = token["actor"].as_str().unwrap();

    assert!(site.matters(ORDER).refused().contains("--operator"), "who registers is always said");
    let order = site.matters_by("An Author", ORDER).well().out.trim().to_owned();
    let order = order.as_str();
    let again = site.matters_by("A Reviewer", ORDER).refused();
    assert!(again.contains("`2026/AR/17` is registered already"), "{again}");
    let open = || {
        site.matters_by("An Author", &["open", "--matter", order, "--assignee", staff, "--subject", &member])
    };
    assert!(open().refused().contains("was not reviewed"));
    let review = |name: &str| site.matters_by(name, &["review", "--matter", order, "--note", "Competent."]);
    assert!(review("an author").refused().contains("somebody else must"));
    review("A Reviewer").well();
    open().well();
    let listed = site.matters_listed(&[]);
    assert_eq!(
        (listed.len(), &listed[0]["state"], &listed[0]["matter"]),
        (1, &"reviewed".into(), &order.into())
    );
    assert!(!site.matters(&["list", "--json"]).well().out.contains(&member), "for whom is not told");
    let table = site.matters(&["list"]).well().out;
    assert!(
        table.starts_with("KIND") && table.contains("Labour Court") && !table.contains(&member),
        "{table}"
    );

    site.matters_by("An Officer", &["end", "--matter", order]).well();
    assert!(site.matters_by("An Officer", &["end", "--matter", order]).refused().contains("ended already"));
    assert_eq!(site.matters_listed(&["--kind", "order"])[0]["state"], "ended");
    assert_eq!(site.matters_listed(&["--kind", "duty"]), Vec::<Value>::new());
    let changes = site.matters(&["changes", "--json"]).json();
    let changes: Vec<&str> =
        changes["changes"].as_array().unwrap().iter().map(|one| one["change"].as_str().unwrap()).collect();
    let name = "order `2026/AR/17` of Labour Court (BE)";
    let expected = ["registered", "reviewed", "opened for legal-staff (counsel)", "ended"];
    assert_eq!(changes, expected.map(|what| format!("{name} {what}")));
    let table = site.matters(&["changes"]).well().out;
    assert!(table.starts_with("WHEN") && table.contains(order) && !table.contains("Author"), "{table}");
}

pub(crate) fn a_sweep_leaves_whom_a_matter_holds_and_names_it(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    for what in ["members", "coverage"] {
        site.import("officina", "sample", &[what, &crate::site::sample(&format!("{what}.csv"))]).well();
    }
    let member = site.a_member();
    let subject: domain::SubjectId = member.parse().unwrap();
    // Twenty years ago nothing was kept of anybody else.
    site.past_the_program(move |unit| {
        for cover in store::coverage::of_subject(unit, subject)? {
            store::coverage::end(unit, &cover, "2006-12-31".parse().ok())?;
        }
        Ok(())
    });
    let token = ["token", "--data", "DATA", "--portfolio", "officina", "--recipient", "legal-staff"];
    let token = site
        .run(&[&token[..], &["--role", "counsel", "--trained-until", &TRAINED, "--json"]].concat())
        .json();
    let staff = token["actor"].as_str().unwrap();
    let order = site.matters_by("An Author", ORDER).well().out.trim().to_owned();
    site.matters_by("A Reviewer", &["review", "--matter", &order, "--note", "Competent."]).well();
    site.matters_by("An Author", &["open", "--matter", &order, "--assignee", staff, "--subject", &member])
        .well();
    let sweep = || {
        let swept = site.run(&["sweep", "--data", "DATA", "--json"]).json();
        swept["portfolios"].as_array().unwrap().iter().find(|one| one["name"] == "officina").unwrap().clone()
    };
    let held = sweep();
    assert_eq!((&held["keys_destroyed"], &held["held"]), (&0.into(), &1.into()), "{held}");
    assert_eq!(held["matters"], serde_json::json!([{ "matter": order, "subjects": 1 }]));
    let told = site.run(&["sweep", "--data", "DATA"]).well().out;
    assert!(told.contains(&format!("officina: 1 left alone, held by legal matters: {order} (1)")), "{told}");
    assert!(!told.contains(&member) && !held.to_string().contains(&member), "who is held is not told");
    site.matters_by("An Officer", &["end", "--matter", &order]).well();
    let swept = sweep();
    assert!(swept["keys_destroyed"].as_u64().unwrap() > 0 && swept["held"] == 0, "{swept}");
}

pub(crate) fn an_order_from_abroad_needs_its_agreement(site: Site) {
    let site = site.with(&["officina"]);
    let member = "00000000-0000-0000-0000-000000000002";
    let treaty = ["add", "--kind", "agreement", "--reference", "Treaty", "--country", "US"];
    let law = ["--law", "Treaty of 28 January 1988, article 7", "--days", "2000-01-01..", "--json"];
    let treaty = site.matters_by("An Author", &[&treaty[..], &law].concat()).json();
    let treaty = treaty["matter"].as_str().unwrap().to_owned();
    let register = |more: &[&str]| {
        let words = ["add", "--kind", "order", "--reference", "17-cv-42", "--made", "2026-01-01"];
        site.matters_by("An Author", &[&words[..], &["--days", "2026-01-01..2199-12-30"], more].concat())
    };
    let abroad = ["--issued-by", "District Court", "--country", "US"];
    let alone = register(&abroad).well().out.trim().to_owned();
    site.matters_by("A Reviewer", &["review", "--matter", &alone, "--note", "Real."]).well();
    let open = ["open", "--matter", &alone, "--assignee", member, "--subject", member];
    assert!(site.matters_by("An Author", &open).refused().contains("GDPR article 48"));
    site.matters_by("An Author", &["end", "--matter", &alone]).well();
    let resting = register(&[&abroad[..], &["--agreement", &treaty]].concat()).well().out;
    site.matters_by("An Author", &["end", "--matter", &treaty]).well();
    let listed = site.matters_listed(&["--kind", "order"]);
    assert_eq!(listed[1]["matter"], resting.trim());
    assert_eq!(listed[1]["state"], "ended", "with the agreement that it rests on");

    // An issuer of the register is found there, and its kind counts.
    let bank = [
        "recipients",
        "add",
        "--data",
        "DATA",
        "--portfolio",
        "officina",
        "--kind",
        "bank",
        "--name",
        "Bank",
    ];
    let rest = ["--country", "BE", "--role", "controller", "--for", "x", "--clause", "disclose.payment.bank"];
    site.run(&[&bank[..], &rest].concat()).well();
    assert!(register(&["--issuer", "Bank"]).refused().contains("is a bank"));
    assert!(register(&["--issuer", "Nobody"]).refused().contains("the register has no `Nobody`"));
    assert!(register(&["--issued-by", "A Court"]).refused().contains("--country"));
    assert!(register(&[]).refused().contains("`order` needs who issued it"));
    let number = "4111 1111 1111 1111";
    let said = register(&["--issued-by", number, "--country", "BE"]).refused();
    assert!(said.contains("issuer: holds") && !said.contains("1111"), "{said}");
}

pub(crate) fn the_officer_defers_the_showing_of_an_order(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    site.import("officina", "sample", &["members", &crate::site::sample("members.csv")]).well();
    let member = site.a_member();
    let token = |recipient: &str| {
        let words = ["token", "--data", "DATA", "--portfolio", "officina", "--recipient", recipient];
        site.run(&[&words[..], &["--role", recipient, "--trained-until", &TRAINED, "--json"]].concat()).json()
    };
    let officer = site.file("officer.token", token("data-protection-officer")["token"].as_str().unwrap());
    let counsel = token("legal-staff");
    let of_counsel = site.file("counsel.token", counsel["token"].as_str().unwrap());
    let order = site.matters_by("An Author", ORDER).well().out.trim().to_owned();
    let order = order.as_str();
    let why = ["--law", "Code of criminal procedure, article 46", "--reasons", "The court has ordered it."];
    let defer = |token: &str, until: &str| {
        let words = ["defer", "--matter", order, "--token-file", token, "--until", until];
        site.matters(&[&words[..], &why].concat())
    };
    let now: domain::Timestamp = site.matters_listed(&[])[0]["registered"].as_str().unwrap().parse().unwrap();
    let until = now.plus_seconds(30 * 86_400).to_string();
    assert!(defer(&officer, &until).refused().contains("was not reviewed"));
    site.matters_by("A Reviewer", &["review", "--matter", order, "--note", "Competent."]).well();
    assert!(defer(&of_counsel, &until).refused().contains("data protection officer declares it"));
    assert!(defer(&officer, "2199-01-01").refused().contains("at most 180 days"));
    defer(&officer, &until).well();
    let assignee = counsel["actor"].as_str().unwrap();
    let open = ["open", "--matter", order, "--assignee", assignee, "--subject", &member];
    site.matters_by("An Author", &open).well();
    let listed = &site.matters_listed(&[])[0]["deferral"];
    assert_eq!((&listed["until"], &listed["is_over"]), (&until.clone().into(), &false.into()));
    let table = site.matters(&["list"]).well().out;
    assert!(table.contains("DEFERRED UNTIL") && table.contains(&until), "{table}");
    let end = ["end-deferral", "--matter", order, "--token-file", &officer, "--reasons", "Lifted."];
    site.matters(&end).well();
    assert!(site.matters(&end).refused().contains("over already"));
    assert!(defer(&officer, &until).refused().contains("its deferral is over"));
    let changes = site.matters(&["changes"]).well().out;
    assert!(changes.contains("showing deferred until") && changes.contains("deferral of the showing ended"));
    assert!(!changes.contains("ordered it"), "the reasons are not in the log");
    site.run(&["log", "roll", "--data", "DATA"]).well();
    site.run(&["log", "verify", "--data", "DATA"]).well();
}
