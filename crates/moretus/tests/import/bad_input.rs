//! Bad input: refused with where and what to do, without a value, and nothing changes.

use crate::site::{Site, repository, sample};

/// A sample with a piece of its text replaced, as a file of the test.
fn changed(site: &Site, name: &str, from: &str, to: &str) -> String {
    let text = std::fs::read_to_string(sample(name)).unwrap();
    assert!(text.contains(from), "{name} has no `{from}`");
    site.file(&format!("changed-{name}"), &text.replacen(from, to, 1))
}

/// The portfolio holds nobody: every member of the sample would be new.
fn nobody_came_in(site: &Site) {
    let account = site.import("officina", "sample", &["members", &sample("members.csv")]).json();
    assert_eq!(account["taken_in"]["member"]["known"], 0, "{account}");
}

pub(crate) fn a_column_that_no_clause_covers_is_refused_by_name(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    let file = changed(&site, "members.csv", "member_id,", "ssn,member_id,");
    let error = site.import("officina", "sample", &["members", &file]).refused();
    assert!(error.contains("column `ssn`: no clause of the notice covers it; remove it"), "{error}");
    nobody_came_in(&site);

    // A notice that lets in no bank account and no consent.
    let narrow = site.notice(|rules| {
        let enrolment =
            r#"data = ["identity", "financial", "health", "member-id", "plan", "eligibility", "other"]"#;
        assert!(rules.contains(enrolment));
        rules.replace(enrolment, r#"data = ["identity", "health", "member-id", "plan", "eligibility"]"#)
    });
    site.init("narrow", &narrow).well();
    let error = site.import("narrow", "sample", &["members", &sample("members.csv")]).refused();
    assert!(
        error.contains("column `iban` holds financial data: no clause of the notice covers it"),
        "{error}"
    );
    let text = "member_id,member_number,name,birth_date,health_consent\n1,1,A B,1980-01-01,2020-01-01\n";
    let error = site.import("narrow", "sample", &["members", &site.file("m.csv", text)]).refused();
    assert!(error.contains("column `health_consent` holds other data"), "{error}");
    let mapped = ["fhir", &sample("claim.json"), "--currency", "EUR", "--health-consent", "2020-01-01"];
    let error = site.import("narrow", "sample", &mapped).refused();
    assert!(error.contains("`--health-consent` is data that no clause of the notice covers"), "{error}");
}

pub(crate) fn a_row_that_cannot_be_read_stops_the_whole_file(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    for (from, to, place) in [
        ("1971-11-30", "30/11/1971", "line 4 column `birth_date`"),
        ("M-1004,compasses", "M-1001,compasses", "line 5 column `member_id`"),
        ("officina,member,,WP-1003-00", "officina,member,,", "line 4"),
        ("BE68539007547034", "BE00539007547034", "line 2 column `iban`"),
        ("M-1001,officina", "M-1001,plantin", "line 2 column `portfolio`"),
    ] {
        let file = changed(&site, "members.csv", from, to);
        let error = site.import("officina", "sample", &["members", &file]).refused();
        assert!(error.contains(&format!("changed-members.csv {place}")), "{error}");
        assert!(error.contains("nothing was imported: 1 error") && !error.contains("plantin"), "{error}");
    }
    nobody_came_in(&site);
    let text = r#"{"resourceType":"Claim","id":"#;
    let file = site.file("broken.json", text);
    let error = site.import("officina", "sample", &["fhir", &file, "--currency", "EUR"]).refused();
    assert!(error.contains("broken.json: not JSON at line 1"), "{error}");
}

pub(crate) fn only_the_first_errors_are_shown(site: Site) {
    let site = site.with(&["officina"]);
    let rows: String = (0..50).map(|row| format!("{row},{row},A B,yesterday\n")).collect();
    let file = site.file("m.csv", &format!("member_id,member_number,name,birth_date\n{rows}"));
    let error = site.import("officina", "sample", &["members", &file]).refused();
    assert!(error.contains("nothing was imported: 50 errors") && error.contains("and 30 more"), "{error}");
    assert_eq!(error.matches("column `birth_date`").count(), 20, "{error}");
}

pub(crate) fn what_the_site_does_not_have_is_refused(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    site.import("officina", "sample", &["members", &sample("members.csv")]).well();
    site.import("officina", "sample", &["providers", &sample("providers.csv")]).well();
    for (from, to, place) in [
        (
            "worldwide-plus",
            "no-such-plan",
            "line 2 column `plan`: the site has no such plan: use one of community",
        ),
        (
            "Compass Instruments,USD",
            "Compass Instruments,JPY",
            "line 6 column `currency`: the plan has no amounts in this currency: use one of",
        ),
        ("Compass Instruments,USD", "Compass Instruments,EUX", "line 6 column `currency`"),
    ] {
        let file = changed(&site, "coverage.csv", from, to);
        let error = site.import("officina", "sample", &["coverage", &file]).refused();
        assert!(error.contains(place) && !error.contains(to.rsplit(',').next().unwrap()), "{error}");
    }
    let lines = sample("claim_lines.csv");
    let currency = changed(&site, "claims.csv", "member,EUR", "member,QQQ");
    let error = site.import("officina", "sample", &["claims", &currency, &lines]).refused();
    assert!(error.contains("line 2 column `currency`") && !error.contains("QQQ"), "{error}");
    let decimals = changed(&site, "claim_lines.csv", "62.50", "62.505");
    let error = site.import("officina", "sample", &["claims", &sample("claims.csv"), &decimals]).refused();
    let said = "line 2 column `charge`: amount: more decimals than the currency has";
    assert!(error.contains(said) && !error.contains("62.505"), "{error}");
    let account = site.import("officina", "sample", &["claims", &sample("claims.csv"), &lines]).json();
    assert_eq!(account["taken_in"]["claim"]["known"], 0, "nothing came in before");

    let error = site.import("nobody", "sample", &["claims", &sample("claims.csv"), &lines]).refused();
    assert!(error.contains("there is no portfolio `nobody`: use one of `compasses`, `officina`"), "{error}");
    let mapped = ["synthea-csv", "/no/such/folder", "--plan", "community", "--currency", "USD"];
    let error = site.import("officina", "sample", &mapped).refused();
    assert!(error.contains("cannot read `/no/such/folder/patients.csv"), "{error}");
}

pub(crate) fn another_claim_under_a_known_id_is_refused(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    for file in ["members", "providers"] {
        site.import("officina", "sample", &[file, &sample(&format!("{file}.csv"))]).well();
    }
    let lines = sample("claim_lines.csv");
    let import = |lines: &str| {
        site.import("officina", "sample", &["claims", &sample("claims.csv"), lines, "--sorted"]).json()
    };
    let claims = |account: &serde_json::Value| account["taken_in"]["claim"].clone();
    let first = import(&lines);
    let new = first["taken_in"]["claim"]["new"].as_u64().unwrap();
    assert_eq!(claims(&import(&lines))["known"], new, "the same again is known");
    let account = import(&changed(&site, "claim_lines.csv", "62.50", "62.51"));
    assert_eq!(claims(&account)["known"], new - 1, "{account}");
    let refused = account["refused"].as_array().unwrap();
    let other = refused.iter().find(|one| one["reason"].as_str().unwrap().contains("other content")).unwrap();
    assert_eq!(other["count"], 1);
    let first = other["first"].as_str().unwrap();
    assert!(first.ends_with("claims.csv line 2"), "{first}");

    // Two of one id in one file, and one more of it that says the same as the first.
    let claim = std::fs::read_to_string(sample("claim.json")).unwrap();
    let value: serde_json::Value = serde_json::from_str(&claim).unwrap();
    let mut later = value.clone();
    later["created"] = "2026-11-30".into();
    let file = site.file("twice.ndjson", &format!("{value}\n{later}\n{value}\n"));
    let account = site.import("officina", "sample", &["fhir", &file, "--currency", "EUR"]).json();
    let counts = claims(&account);
    assert_eq!((&counts["new"], &counts["known"], &counts["refused"]), (&1.into(), &1.into(), &1.into()));
    let first = account["refused"][0]["first"].as_str().unwrap();
    assert!(first.ends_with("twice.ndjson resource 2 field `Claim.id`"), "{first}");
}

pub(crate) fn a_plan_version_never_changes_and_applies_from_its_day(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    let (plans, notice) = (site.path("plans"), site.notice(|rules| rules));
    std::fs::create_dir(&plans).unwrap();
    let text = std::fs::read_to_string(repository().join("plans/worldwide-plus.toml")).unwrap();
    std::fs::write(plans.join("worldwide-plus.toml"), format!("{text}# more\n")).unwrap();
    let error = site.init_with_plans("third", &notice, &plans).refused();
    assert!(error.contains("plan `worldwide-plus@") && error.contains("a version never changes"), "{error}");
    let error = site.import("third", "sample", &["members", &sample("members.csv")]).refused();
    assert!(error.contains("there is no portfolio `third`"), "{error}");

    let later = text.replace("worldwide-plus", "later").replace("1900-01-01", "2026-02-01");
    std::fs::write(plans.join("worldwide-plus.toml"), later).unwrap();
    site.init_with_plans("officina", &notice, &plans).well();
    site.import("officina", "sample", &["members", &sample("members.csv")]).well();
    let file = changed(&site, "coverage.csv", "worldwide-plus", "later");
    let error = site.import("officina", "sample", &["coverage", &file]).refused();
    let said = "line 2 column `plan`: the plan does not apply yet on the first day of this cover: it applies from 2026-02-01";
    assert!(error.contains(said), "{error}");
}

pub(crate) fn a_number_that_another_member_has_is_refused(site: Site) {
    let site = site.with(&["officina"]);
    let row = |id: &str| format!("member_id,member_number,name,birth_date\n{id},WP-1,A B,1980-01-01\n");
    let (first, second) = (site.file("1.csv", &row("1")), site.file("2.csv", &row("2")));
    site.import("officina", "sample", &["members", &first]).well();
    let account = site.import("officina", "sample", &["members", &second]).json();
    assert_eq!(account["taken_in"]["member"]["refused"], 1);
    let reason = account["refused"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("belongs to another member"), "{reason}");
    let both = site.file("3.csv", &(row("3") + "4,WP-4,A B,1980-01-01\n5,WP-4,A B,1980-01-01\n"));
    let account = site.import("officina", "sample", &["members", &both]).json();
    let counts = &account["taken_in"]["member"];
    assert_eq!((&counts["new"], &counts["refused"]), (&1.into(), &2.into()), "{account}");
}

pub(crate) fn another_root_key_opens_nothing(site: Site) {
    let site = site.with(&["officina"]);
    let key = site.path("data/root.key");
    let own = std::fs::read_to_string(&key).unwrap();
    let members = ["members", &sample("members.csv")];
    std::fs::write(&key, "0f".repeat(32)).unwrap();
    let error = site.import("officina", "sample", &members).refused();
    assert!(error.contains("this root key does not belong to this database"), "{error}");
    std::fs::write(&key, "no key").unwrap();
    let error = site.import("officina", "sample", &members).refused();
    assert!(error.contains("a root key is 64 hexadecimal digits"), "{error}");
    std::fs::remove_file(&key).unwrap();
    let error = site.import("officina", "sample", &members).refused();
    assert!(error.contains("root.key") && error.contains("not found"), "{error}");
    let error = site.init("officina", &site.path("notice")).refused();
    assert!(error.contains("has no root.key"), "a lost key is not replaced: {error}");
    std::fs::write(&key, own).unwrap();
    make_private(&key);
    nobody_came_in_single(&site);
}

fn make_private(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// As [`nobody_came_in`], on a site whose only portfolio is this one.
fn nobody_came_in_single(site: &Site) {
    let text = "member_id,member_number,name,birth_date\nM-1001,WP-1,A B,1980-01-01\n";
    let account = site.import("officina", "sample", &["members", &site.file("m.csv", text)]).json();
    assert_eq!(account["taken_in"]["member"]["new"], 1, "{account}");
}

#[test]
fn a_site_is_made_whole_or_not_at_all() {
    let site = Site::sqlite();
    let notice = site.notice(|rules| rules.replace("identity", "identitty"));
    let error = site.init("officina", &notice).refused();
    assert!(error.contains("clauses.toml") && error.contains("identitty"), "{error}");
    assert!(!site.path("data").exists(), "nothing was made");
    let plans = repository().join("plans").display().to_string();
    let notice = site.notice(|rules| rules).display().to_string();
    let words =
        ["init", "--data", "DATA", "--portfolio", "officina", "--currency", "EUR", "--notice", &notice];
    let opinion = site.file("opinion.txt", "Sound.");
    let words = [&words[..], &["--author", "An Author", "--publisher", "A Publisher", "--opinion", &opinion]]
        .concat();
    let unfilled = [&words[..], &["--float-account", "BE68539007547034", "--plans", &plans]].concat();
    let error = site.run(&unfilled).refused();
    assert!(error.contains("of the organisation is empty"), "{error}");
    let organisation = repository().join("docs/examples/organisation.toml").display().to_string();
    let alone = [&unfilled[..], &["--organisation", &organisation]].concat();
    let error = site.run(&alone).refused();
    assert!(error.contains("the notice names the related notice `online`: give its folder"), "{error}");
    let account = [&words[..], &["--float-account", "BE00", "--plans", &plans]].concat();
    let error = site.run(&account).refused();
    assert!(error.contains("not an IBAN") && !error.contains("BE00"), "{error}");
    std::fs::create_dir(site.path("data")).unwrap();
    site.file("data/other.txt", "something else");
    let error = site.init("officina", std::path::Path::new(&notice)).refused();
    assert!(error.contains("is not empty and has no root.key"), "{error}");
}

#[test]
fn a_root_key_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let site = Site::sqlite().with(&["officina"]);
    let mode = |name: &str| std::fs::metadata(site.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("data"), mode("data/root.key")), (0o700, 0o600));
    let again = site.init("officina", &site.path("notice")).well();
    assert!(again.out.starts_with("portfolio officina: "), "the same again changes nothing");
}
