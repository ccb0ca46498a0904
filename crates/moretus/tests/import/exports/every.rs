//! Every command that a site of the samples can be asked with, run by whom a clause shows something and by whom none does.
//! It looks at nothing itself: each run is looked through.

use std::collections::BTreeSet;
use std::path::Path;

use domain::Category;

use super::{ELSEWHERE, OF_FILES, SHOWS, files, leaves, told_in};
use crate::recoveries;
use crate::screen::{asked, staff, text};
use crate::site::{Site, TRAINED, sample};

pub(crate) fn what_leaves_by_a_command_is_what_its_clause_shows(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    std::fs::create_dir(site.path("data").join("witness")).unwrap();
    let organisations = sample("recipients.csv");
    site.run(&["recipients", "import", &organisations, "--data", "DATA", "--portfolio", "officina"]).well();
    for kind in ["members", "coverage", "providers"] {
        site.import("officina", "sample", &[kind, &sample(&format!("{kind}.csv"))]).well();
    }
    let shipped = ["claims", &sample("claims.csv"), &sample("claim_lines.csv"), "--adjudicate"];
    site.import("officina", "sample", &shipped).well();
    let fhir = ["fhir", &sample("claim.json"), &sample("claims.ndjson"), "--currency", "EUR"];
    site.import("officina", "sample", &fhir);
    let (claims, lines) = claims(&site);
    site.import("officina", "sample", &["claims", &claims, &lines, "--adjudicate"]).well();
    at_the_desks(&site);
    readjudicated(&site);
    by_the_officer(&site);
    of_registers(&site);
    of_the_whole_site(&site);
    let at_rest = told_in(&site.path("data"));
    assert!(at_rest.is_empty(), "it lies open in the data directory: {at_rest:?}");

    let ran = site.ran();
    let not_run = leaves().into_iter().filter(|name| {
        !ran.0.contains_key(name) && !OF_FILES.contains(&name.as_str()) && !ELSEWHERE.contains(&name.as_str())
    });
    let not_run: Vec<String> = not_run.collect();
    assert!(not_run.is_empty(), "these were not looked through: {not_run:?}");
    let shown: Vec<(&str, BTreeSet<Category>)> =
        SHOWS.map(|(command, _)| (command, ran.0[command].clone())).into_iter().collect();
    let expected: Vec<(&str, BTreeSet<Category>)> =
        SHOWS.map(|(command, shows)| (command, shows.iter().copied().collect())).into_iter().collect();
    assert_eq!(shown, expected, "what the lists say is what was shown");
}

/// Claims of what the samples do not say: one that waits for a person, and two of which the screen flags the second.
fn claims(site: &Site) -> (String, String) {
    let claims = site.file(
        "claims.csv",
        "claim_id,member_id,provider_id,received,payee,currency,invoice_number,diagnoses\n\
         Q-1,M-1001,P-1,2026-03-10,member,EUR,QX/5580-01,Q79.6\n\
         Q-2,M-1001,P-1,2026-03-11,member,EUR,QX/5581-77,Q79.6\n\
         Q-3,M-1001,P-1,2026-04-20,member,EUR,QX/5581-77,Q79.6\n",
    );
    let lines = site.file(
        "lines.csv",
        "claim_id,line,service_start,service_end,service_code,setting,units,charge\n\
         Q-1,1,2026-03-04,,RX-QUAESTOR,pharmacy,,7313.17\n\
         Q-1,2,2025-12-30,,SPEC,outpatient,,20.00\n\
         Q-2,1,2026-03-05,,GP,outpatient,,62.50\n\
         Q-3,1,2026-04-15,,RX-QUAESTOR,pharmacy,,6421.93\n",
    );
    (claims, lines)
}

/// Runs a command as text and as JSON, as whoever each of these tokens belongs to.
fn by_each(site: &Site, tokens: &[&str], words: &[&str], more: &[&str]) {
    for token in tokens {
        asked(site, token, words, more);
        asked(site, token, words, &[more, &["--json"]].concat());
    }
}

fn at_the_desks(site: &Site) {
    let (clerk, legal) = (staff(site, "claims-staff"), staff(site, "legal-staff"));
    let (desk, analyst) = (staff(site, "customer-service-staff"), staff(site, "analyst"));
    let all = [analyst.as_str(), &clerk];
    let reason = site.file("reason.txt", "Seen by the quaestor twice.");
    let taken = asked(site, &clerk, &["claims", "take"], &["--json"]).json();
    let claim = ["--person", text(&taken, "person"), "--claim", text(&taken, "claim")];
    by_each(site, &all, &["claims", "list"], &[]);
    by_each(site, &all, &["claims", "show"], &claim);
    by_each(site, &all, &["claims", "ask"], &[&claim[..], &["--for", "papers"]].concat());
    for step in ["answered", "work-out", "return", "take"] {
        let words = if step == "take" { &[][..] } else { &claim };
        by_each(site, &all, &["claims", step], words);
    }
    let paid = ["--line", "1", "--paid", "6421.93", "--currency", "EUR"];
    by_each(site, &all, &["claims", "other-payer"], &[&claim[..], &paid].concat());
    by_each(site, &all, &["claims", "facts"], &[&claim[..], &["--document", "quaestor-report"]].concat());
    by_each(site, &all, &["claims", "show"], &claim);
    let confirm = ["--proposal", "2", "--reason-file", &reason];
    by_each(site, &all, &["claims", "confirm"], &[&claim[..], &confirm].concat());

    let all = [analyst.as_str(), &legal];
    let taken = asked(site, &legal, &["screen", "take"], &["--json"]).json();
    let flagged = ["--person", text(&taken["case"], "person"), "--claim", text(&taken["case"], "claim")];
    by_each(site, &all, &["screen", "show"], &flagged);
    by_each(site, &all, &["screen", "list"], &[]);
    by_each(site, &all, &["screen", "return"], &flagged);
    by_each(site, &all, &["screen", "take"], &[]);
    let decide = ["--outcome", "cleared", "--reason-file", &reason];
    by_each(site, &all, &["screen", "decide"], &[&flagged[..], &decide].concat());
    by_each(site, &all, &["screen", "reopen"], &flagged);
    by_each(site, &all, &["screen", "report"], &[]);

    excluded(site, &all);

    let all = [analyst.as_str(), &desk, &clerk];
    let grounds = site.file("letter.txt", "A neighbour wrote the quaestor.");
    let add = [&flagged[..], &["--grounds-file", &grounds]].concat();
    by_each(site, &all, &["appeals", "add"], &add);
    by_each(site, &all, &["appeals", "list"], &[]);
    let taken = asked(site, &clerk, &["appeals", "take"], &["--json"]).json();
    let appeal = ["--person", text(&taken, "person"), "--appeal", text(&taken, "appeal")];
    for step in ["show", "ask", "answered", "return"] {
        by_each(site, &all, &["appeals", step], &appeal);
    }
    by_each(site, &all, &["appeals", "take"], &[]);
    let decide = ["--outcome", "partly-overturned", "--line", "1", "--reason-file", &reason];
    by_each(site, &all, &["appeals", "decide"], &[&appeal[..], &decide].concat());
    by_each(site, &all, &["appeals", "show"], &appeal);
    by_each(site, &all, &["appeals", "done"], &appeal);
    by_each(site, &all, &["appeals", "withdraw"], &appeal);
    by_each(site, &all, &["eligibility"], &["--subject", flagged[1], "--on", "2026-04-10"]);
    let cashier = staff(site, "payments-staff");
    owing(site, &[&analyst, &cashier], flagged[1]);
    liable(site, &[&analyst, &clerk, &cashier], &flagged);
    by_hand(site, &[&analyst, &staff(site, "claims-staff")], &reason);
}

/// What a colleague decides by hand of a claim that waits, who closes it and opens it again: it was before the cover.
fn by_hand(site: &Site, all: &[&str], reason: &str) {
    let claims = site.file(
        "waits.csv",
        "claim_id,member_id,provider_id,received,payee,currency,invoice_number,diagnoses\n\
         Q-4,M-1001,P-1,2026-03-12,member,EUR,,Q79.6\n",
    );
    let lines = site.file(
        "waits-lines.csv",
        "claim_id,line,service_start,service_end,service_code,setting,units,charge\n\
         Q-4,1,2025-12-29,,SPEC,outpatient,,20.00\n",
    );
    site.import("officina", "sample", &["claims", &claims, &lines, "--adjudicate"]).well();
    let taken = asked(site, all[1], &["claims", "take"], &["--json"]).json();
    let claim = ["--person", text(&taken, "person"), "--claim", text(&taken, "claim")];
    let refuse = ["--proposal", "1", "--refuse", "1=NEC", "--reason-file", reason];
    by_each(site, all, &["claims", "override"], &[&claim[..], &refuse].concat());
    let waived = site.file("waived.txt", "Kept to bed by the quaestor.");
    by_each(site, all, &["claims", "facts"], &[&claim[..], &["--filing-waived", &waived]].concat());
    by_each(site, all, &["claims", "show"], &claim);
    for [step, ground] in [["close", "taken-back"], ["reopen", "asked"]] {
        by_each(site, all, &["claims", step], &[&claim[..], &["--ground", ground]].concat());
    }
    by_each(site, all, &["claims", "history"], &claim);
}

/// Providers who are excluded: by which list one is, is sealed.
fn excluded(site: &Site, all: &[&str]) {
    let one = ["--source", "sample", "--provider-id", "P-2"];
    let file = site.file(
        "excluded.csv",
        "provider_id,first_day,last_day,list\nP-2,2024-01-01,2024-06-30,\"Quaestor list, decision 7\"\n",
    );
    by_each(site, all, &["exclusions", "import"], &[&file, "--source", "sample"]);
    let add = ["--first", "2025-01-01", "--list", "Quaestor list, decision 7"];
    by_each(site, all, &["exclusions", "add"], &[&one[..], &add].concat());
    by_each(site, all, &["exclusions", "list"], &[]);
    by_each(site, all, &["exclusions", "show"], &one);
    by_each(
        site,
        all,
        &["exclusions", "end"],
        &[&one[..], &["--first", "2025-01-01", "--last", "2025-06-30"]].concat(),
    );
    by_each(site, all, &["exclusions", "remove"], &[&one[..], &["--first", "2025-01-01"]].concat());
}

fn liable(site: &Site, all: &[&str], claim: &[&str]) {
    let liable = site.file("liable.txt", "Quirinus Mutua, file 7/Q");
    by_each(site, all, &["liens", "assert"], &[claim, &["--liable-file", &liable]].concat());
    by_each(site, all, &["liens", "list"], &[]);
    // Two, so that no sum of the ledger is what one person owed.
    for [reference, amount] in [["1", "617.93"], ["2", "3.11"]] {
        let received = ["--amount", amount, "--currency", "EUR", "--reference", reference];
        by_each(site, all, &["liens", "receive"], &[claim, &received].concat());
    }
    by_each(site, all, &["liens", "show"], claim);
    by_each(site, all, &["liens", "release"], &[claim, &["--reason", "compromise"]].concat());
}

/// What leaves to the bank and to members: files beside the data directory.
fn paid(site: &Site) {
    recoveries::pay(site);
    of_site(site, &["payments", "make"], &["--execution", &crate::site::days_from_today(2)]);
    let (file, folder) = (site.path("pain.001.xml"), site.path("statements"));
    of_site(site, &["payments", "export"], &["--out", &file.display().to_string()]);
    let to = folder.display().to_string();
    of_site(site, &["statements", "write"], &["--to", &to, "--address", "https://benefits.example.org"]);
    assert!(file.is_file() && !files(&folder).is_empty());
}

fn owing(site: &Site, all: &[&str], person: &str) {
    paid(site);
    by_each(site, all, &["recoveries", "list"], &[]);
    let owed = ["--payee", person, "--claim", person];
    by_each(site, all, &["recoveries", "show"], &owed);
    by_each(site, all, &["recoveries", "write-off"], &[&owed[..], &["--reason", "our-error"]].concat());
    of_site(site, &["recoveries", "share"], &["--percent", "50"]);
}

/// Runs a command of whoever holds the root key, as text and as JSON.
fn of_site(site: &Site, words: &[&str], more: &[&str]) {
    let all = [words, &["--data", "DATA", "--portfolio", "officina"], more].concat();
    site.run(&all);
    site.run(&[&all[..], &["--json"]].concat());
}

fn readjudicated(site: &Site) {
    let clerk = staff(site, "claims-staff");
    let year = ["--from", "2026-01-01", "--to", "2026-12-31"];
    of_site(site, &["readjudicate", "propose"], &year);
    of_site(site, &["readjudicate", "list"], &[]);
    let listed = ["readjudicate", "list", "--data", "DATA", "--portfolio", "officina", "--json"];
    let listed = site.run(&listed).json();
    let run = ["--run", text(&listed["runs"][0], "run")];
    by_each(site, &[&clerk], &["readjudicate", "show"], &run);
    by_each(site, &[&clerk], &["readjudicate", "show"], &[&run[..], &["--people"]].concat());
    let release = [&run[..], &["--reason", "plan-corrected"]].concat();
    by_each(site, &[&clerk], &["readjudicate", "release"], &release);
}

fn by_the_officer(site: &Site) {
    let member = site.someone("officina");
    let token = ["token", "--data", "DATA", "--portfolio", "officina", "--role", "officer", "--json"];
    let kind = ["--recipient", "data-protection-officer", "--trained-until", &TRAINED];
    let made = site.run(&[&token[..], &kind].concat()).json();
    let (officer, token) = (text(&made, "actor"), site.file("officer.token", text(&made, "token")));
    let open = ["disclosures", "open", "--data", "DATA", "--portfolio", "officina", "--member", &member];
    let case = site.run(&[&open[..], &["--officer", officer]].concat()).well().out.trim().to_owned();
    let desk = staff(site, "customer-service-staff");
    let both = [token.as_str(), &desk];
    let always = ["--from", "2026-01-01", "--to", "2199-12-30"];
    let in_case = |more: &[&str]| [&always[..], &["--case", &case], more].concat().join("\u{1f}");
    let with =
        |words: &[&str], more: &str| by_each(site, &both, words, &more.split('\u{1f}').collect::<Vec<_>>());
    with(&["disclosures", "list"], &in_case(&[]));
    with(&["disclosures", "list"], &in_case(&["--csv"]));
    for by in ["actor", "clause"] {
        with(&["disclosures", "count"], &in_case(&["--by", by]));
    }
    with(&["disclosures", "unusual"], &in_case(&["--people-an-hour", "0"]));
    with(&["disclosures", "report"], &["--case", &case, "--month", "2026-11"].join("\u{1f}"));
    let draft = site.path("draft.md").display().to_string();
    with(&["incident"], &in_case(&["--actor", officer]));
    asked(
        site,
        &token,
        &["incident"],
        &[&always[..], &["--case", &case, "--actor", officer, "--out", &draft]].concat(),
    );
    // Of everybody who used anything: some of them saw somebody.
    let listed = [&always[..], &["--case", &case, "--json"]].concat();
    let listed = asked(site, &token, &["disclosures", "list"], &listed).well().out;
    let uses = listed.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let actors: BTreeSet<String> = uses.map(|one| text(&one, "actor").to_owned()).collect();
    for actor in &actors {
        with(&["incident"], &in_case(&["--people", "--actor", actor]));
    }
    with(&["emergencies", "list"], &["--case", &case].join("\u{1f}"));
    for step in ["read", "review"] {
        let outcome = if step == "review" { &["--outcome", "justified"][..] } else { &[] };
        with(&["emergencies", step], &[&["--emergency", &member][..], outcome].concat().join("\u{1f}"));
    }
    with(&["recipients", "received"], &["--subject", &member, "--item", &case].join("\u{1f}"));
    site.run(&["log", "roll", "--data", "DATA"]).well();
    let proof = site.path("proof.txt").display().to_string();
    for token in both {
        asked(site, token, &["log", "prove"], &["--member", &member, "--item", &case, "--out", &proof]);
    }
    // The case is about one of the two.
    for name in ["broeck", "zeromski"] {
        let known = site.file("known", &format!("name: {name}\n"));
        let purpose = ["--purpose", "access-request", "--item", &case, "--by", &known];
        by_each(site, &both, &["find"], &purpose);
    }
}

fn of_registers(site: &Site) {
    let member = site.someone("officina");
    for words in [
        ["actors", "list"],
        ["actors", "changes"],
        ["recipients", "list"],
        ["recipients", "changes"],
        ["matters", "list"],
        ["matters", "changes"],
        ["work", "list"],
        ["representatives", "list"],
        ["notice", "versions"],
        ["notice", "issue"],
    ] {
        of_site(site, &words, &[]);
    }
    of_site(site, &["work", "list"], &["--subject", &member]);
    of_site(site, &["work", "assign"], &["--subject", &member, "--team", "north"]);
    of_site(site, &["work", "end"], &["--item", &member]);
    let until = crate::site::days_from_today(100);
    let pair = ["--subject", &member, "--actor", &member];
    let add = [&pair[..], &["--ground", "guardian", "--until", &until]].concat();
    of_site(site, &["representatives", "add"], &add);
    of_site(site, &["representatives", "end"], &pair);
    of_site(site, &["notice", "undelivered"], &["--version", "2026-11-01"]);
    let delivered = site.file("sent.csv", &format!("subject,state,day\n{member},sent,2026-11-02\n"));
    of_site(site, &["notice", "record", &delivered], &["--version", "2026-11-01"]);
    let copy = site.path("copy.txt").display().to_string();
    let copy =
        ["--subject", &member, "--language", "en", "--way", "handed", "--format", "text", "--out", &copy];
    of_site(site, &["notice", "copy"], &copy);
}

/// What is written of the site as a whole: its log, its keys, a backup.
fn of_the_whole_site(site: &Site) {
    let run = |words: &[&str]| site.run(&[words, &["--data", "DATA"]].concat());
    for words in [
        &["log", "verify"][..],
        &["log", "key"],
        &["log", "checkpoint"],
        &["ledger", "verify"],
        &["keys", "status"],
        &["officer", "messages"],
        &["sweep"],
        &["migrate"],
        &["rates", "show", "--currency", "USD", "--on", "2026-11-02"],
    ] {
        run(words);
        run(&[words, &["--json"]].concat());
    }
    let path = |name: &str| site.path(name).display().to_string();
    let tiles = path("tiles");
    run(&["log", "export", "--to", &tiles]).well();
    let pair = site.run(&["keys", "pair", "--out", &path("private.key")]).well().out;
    run(&["keys", "export", "--to", pair.trim(), "--out", &path("root.copy")]).well();
    let (to, keys, erasures) = (path("backup"), path("backup-keys"), path("erasures.txt"));
    run(&["backup", "--to", &to, "--keys-to", &keys, "--erasures-to", &erasures]).well();
    let place = path("restored");
    let root = site.path("data/root.key").display().to_string();
    let restore = ["restore", "--nothing-erased", "--from", &to, "--data", &place, "--root-key", &root];
    site.run(&restore);
    assert!(!files(Path::new(&to)).is_empty() && !files(Path::new(&keys)).is_empty());
    assert!(!files(Path::new(&tiles)).is_empty());
}
