//! What commands refuse before they change anything, and where they look.

use std::os::unix::fs::PermissionsExt;

use crate::site::{Site, TRAINED};

pub(crate) fn a_portfolio_keeps_its_currency_and_account(site: Site) {
    let site = site.with(&["officina"]);
    let notice = site.path("notice");
    let error = site.init_with("officina", &notice, "USD", "BE68539007547034").refused();
    assert!(error.contains("its books are in EUR"), "{error}");
    let error = site.init_with("officina", &notice, "EUR", "BE71096123456769").refused();
    assert!(error.contains("pays from another account") && !error.contains("BE68"), "{error}");
    site.init_with("second", &notice, "USD", "BE71096123456769").well();
    site.init("officina", &notice).well();
}

pub(crate) fn a_token_is_for_a_portfolio_that_is_there(site: Site) {
    let site = site.with(&["officina"]);
    let token = |portfolio: &str| {
        site.run(&[
            "token",
            "--data",
            "DATA",
            "--recipient",
            "auditor",
            "--role",
            "r",
            "--trained-until",
            &TRAINED,
            "--portfolio",
            portfolio,
        ])
    };
    let made = token("officina").well().out;
    assert!(made.starts_with("moretus_"), "{made}");
    for unknown in ["00000000-0000-0000-0000-000000000000", "oficina"] {
        let error = token(unknown).refused();
        assert!(error.contains("use one of `officina`"), "{error}");
    }
}

pub(crate) fn migrating_makes_no_database(site: Site) {
    let place = site.path("typo").display().to_string();
    let mut words = vec!["migrate", "--data", place.as_str()];
    let db = site.url();
    words.extend(db.iter().flat_map(|url| ["--db", url.as_str()]));
    let error = site.run(&words).refused();
    assert!(error.contains("no site there to migrate"), "{error}");
    assert!(!site.path("typo").exists(), "nothing was made");
    let site = site.with(&["officina"]);
    site.run(&["migrate", "--data", "DATA"]).well();
}

pub(crate) fn a_database_that_holds_a_site_is_left_alone(site: Site) {
    let site = site.with(&["officina"]);
    let before = site.run(&["log", "verify", "--data", "DATA"]).well().out;
    if let Some(url) = site.url() {
        let other = site.path("other").display().to_string();
        let demo = ["demo", "--members", "5", "--no-serve", "--data", &other, "--db", &url];
        let error = site.run(&demo).refused();
        assert!(error.contains("holds a site already"), "{error}");
        assert!(!site.path("other").exists(), "nothing was made");
        let mode = std::fs::metadata(site.path("data/database")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "it may hold a password");
    }
    let key = site.path("data/root.key");
    std::fs::rename(&key, site.path("kept.key")).unwrap();
    let error = site.init("second", &site.path("notice")).refused();
    assert!(error.contains("root.key"), "{error}");
    assert!(!key.exists(), "no other root key was made");
    std::fs::rename(site.path("kept.key"), key).unwrap();
    assert_eq!(site.run(&["log", "verify", "--data", "DATA"]).well().out, before);
}

pub(crate) fn a_checkpoint_that_cannot_be_read_is_not_taken_for_none(site: Site) {
    let site = site.with(&["officina"]);
    let verify = || site.run(&["log", "verify", "--data", "DATA"]);
    assert!(!verify().well().err.contains("witness.checkpoint"));
    let checkpoint = site.path("data/witness/witness.checkpoint");
    std::fs::create_dir_all(&checkpoint).unwrap();
    let error = verify().refused();
    assert!(error.contains("cannot be read") && error.contains("witness.checkpoint"), "{error}");
    std::fs::remove_dir(&checkpoint).unwrap();
    site.run(&["log", "roll", "--data", "DATA"]).well();
    std::fs::remove_file(&checkpoint).unwrap();
    assert!(verify().well().err.contains("has no witness.checkpoint"), "its absence is remarked on");
}

pub(crate) fn results_can_be_read_by_programs(site: Site) {
    let site = site.with(&["officina"]);
    let run = |words: &[&str]| site.run(&[words, &["--data", "DATA", "--json"]].concat()).json();
    let log = run(&["log", "verify"]);
    assert_eq!((&log["verifies"], &log["held_outside"]), (&true.into(), &false.into()), "{log}");
    let ledger = run(&["ledger", "verify"]);
    assert_eq!((&ledger["balances"], &ledger["postings"]), (&true.into(), &0.into()), "{ledger}");
    assert_eq!(run(&["sweep"])["portfolios"][0]["name"], "officina");
    let token = ["token", "--recipient", "auditor", "--portfolio", "officina", "--role", "r"];
    let made = run(&[&token[..], &["--trained-until", &TRAINED]].concat());
    assert!(made["token"].as_str().unwrap().starts_with("moretus_"));
    assert!(made["expires"].as_str().unwrap().ends_with('Z'), "{}", made["expires"]);
    let init = site.init_json("second").json();
    assert_eq!((&init["name"], &init["notice"]["in_force"]), (&"second".into(), &true.into()), "{init}");
    assert_eq!(init["plans"].as_array().unwrap().len(), 9, "{init}");
}

pub(crate) fn a_sweep_leaves_out_only_what_is_closed(site: Site) {
    let site = site.with(&["officina", "second"]);
    site.publish_unreadable("officina");
    let run = site.run(&["sweep", "--data", "DATA"]);
    assert!(!run.ok && run.out.starts_with("second: ") && run.out.lines().count() == 1, "{}", run.out);
    assert!(run.err.contains("not every portfolio was swept: officina: "), "{}", run.err);
}

pub(crate) fn who_was_erased_is_taken_up_only_on_request(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    let members = crate::site::sample("members.csv");
    site.import("officina", "sample", &["members", &members]).well();
    site.erase_everyone("officina");
    let counts = |words: &[&str]| {
        let account = site.import("officina", "sample", words).json();
        let counts = &account["taken_in"]["member"];
        ["new", "returned", "known"].map(|what| counts[what].as_u64().unwrap())
    };
    let all = site.import("officina", "sample", &["members", &members]).json();
    let reason = all["refused"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("--take-up-erased"), "{all}");
    assert_eq!(counts(&["members", &members]), [0, 0, 0]);
    let [new, returned, known] = counts(&["members", &members, "--take-up-erased"]);
    assert!(new == 0 && returned > 0 && known == 0, "{returned} returned");
    assert_eq!(counts(&["members", &members, "--take-up-erased"]), [0, 0, returned]);
}

pub(crate) fn standard_input_is_refused_with_the_reason(site: Site) {
    let site = site.with(&["officina"]);
    let error = site.import("officina", "sample", &["members", "-"]).refused();
    assert!(error.contains("read twice"), "{error}");
}
