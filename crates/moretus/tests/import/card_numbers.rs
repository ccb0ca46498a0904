//! A payment card's number in a text is refused whichever command brings it, with where and what to do, and no digit of
//! it is repeated. Each column and field of a file has its turn in `crates/intake/tests/card_numbers.rs`, each route in
//! `crates/moretus/src/serve/supplied_tests.rs`.

use crate::site::{Run, Site, TRAINED, repository, sample};

const NUMBER: &str = "4111 1111 1111 1111";

/// What a command says that was refused for a card's number.
fn refused(run: Run) -> String {
    let said = run.refused();
    assert!(said.contains("payment card"), "{said}");
    assert!(!said.contains("1111"), "a number is repeated: {said}");
    said
}

fn changed(site: &Site, name: &str, from: &str, to: &str) -> String {
    let text = std::fs::read_to_string(sample(name)).unwrap();
    assert!(text.contains(from), "{name} has no `{from}`");
    site.file(&format!("changed-{name}"), &text.replacen(from, to, 1))
}

pub(crate) fn no_command_brings_a_card_number_in(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    let import = |words: &[&str]| refused(site.import("officina", "sample", words));
    let file = changed(&site, "members.csv", "Vrijdagmarkt 22", &format!("Vrijdagmarkt 22 ({NUMBER})"));
    let said = import(&["members", &file]);
    assert!(said.contains("changed-members.csv line 2 column `address`: postal address: holds"), "{said}");
    let file = changed(&site, "providers.csv", "Dr. Hanne Willaert", NUMBER);
    assert!(import(&["providers", &file]).contains("changed-providers.csv line 2 column `name`"));
    site.import("officina", "sample", &["members", &sample("members.csv")]).well();
    for (from, column) in [("Drukkerij De Passer", "sponsor"), ("Worldwide Plus", "plan_name")] {
        let file = changed(&site, "coverage.csv", from, NUMBER);
        let said = import(&["coverage", &file]);
        assert!(said.contains(&format!("changed-coverage.csv line 2 column `{column}`")), "{said}");
    }

    let register = |name: &str, uses: &str| {
        let mut words =
            vec!["recipients", "add", "--data", "DATA", "--portfolio", "officina", "--kind", "bank"];
        words.extend([
            "--country",
            "BE",
            "--role",
            "controller",
            "--name",
            name,
            "--for",
            uses,
            "--clause",
            "disclose.payment.bank",
        ]);
        refused(site.run(&words))
    };
    assert!(register(NUMBER, "payments").contains("name: holds"));
    assert!(register("First Bank", &format!("payments from {NUMBER}")).contains("use: holds"));
    let token = |role: &str, team: &str| {
        let words = ["token", "--data", "DATA", "--portfolio", "officina", "--recipient", "auditor"];
        refused(
            site.run(&[&words[..], &["--role", role, "--team", team, "--trained-until", &TRAINED]].concat()),
        )
    };
    assert!(token(NUMBER, "").contains("role: holds") && token("r", NUMBER).contains("team: holds"));

    let notice = site.path("notice");
    assert!(refused(site.init(&format!("fund {NUMBER}"), &notice)).contains("portfolio's name: holds"));
    let plans = site.path("plans");
    std::fs::create_dir(&plans).unwrap();
    let plan = std::fs::read_to_string(repository().join("plans/community.toml")).unwrap();
    let plan = plan.replacen("version = \"", &format!("# paid by {NUMBER}\nversion = \"9"), 1);
    std::fs::write(plans.join("community.toml"), plan).unwrap();
    assert!(
        refused(site.init_with_plans("third", &notice, &plans)).contains("`community.toml`: plan: holds")
    );
    let numbered = site.notice(|rules| rules + &format!("\n# {NUMBER}\n"));
    assert!(refused(site.init("fourth", &numbered)).contains("this line: holds"));
}

pub(crate) fn an_opinion_with_a_card_number_is_not_filed(site: Site) {
    let site = site.with(&["officina"]);
    let opinion = site.file("numbered.txt", &format!("Sound. Paid by {NUMBER}."));
    let notice = site.path("notice").display().to_string();
    let words = ["notice", "publish", &notice, "--data", "DATA", "--portfolio", "officina"];
    let organisation = site.path("organisation.toml").display().to_string();
    let people = ["--organisation", &organisation, "--author", "An Author", "--publisher", "A Publisher"];
    let said = refused(site.run(&[&words[..], &people, &["--opinion", &opinion]].concat()));
    assert!(said.contains("data protection officer's opinion: holds"), "{said}");
}
