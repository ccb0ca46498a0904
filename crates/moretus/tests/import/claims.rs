//! The desk for pended claims from the command line: listed, taken, shown, asked about and let stand; and who has no clause for it,
//! or has not what is proposed before them, is refused.

use crate::screen::{asked, staff, text};
use crate::site::{Site, sample};

pub(crate) fn a_pended_claim_is_looked_at_and_let_stand(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    for kind in ["members", "coverage", "providers"] {
        site.import("officina", "sample", &[kind, &sample(&format!("{kind}.csv"))]).well();
    }
    let claims = site.file(
        "claims.csv",
        "claim_id,member_id,provider_id,received,payee,currency,invoice_number,diagnoses\n\
         D-1,M-1001,P-1,2026-03-10,member,EUR,2026/0200,J06.9\n",
    );
    let lines = site.file(
        "lines.csv",
        "claim_id,line,service_start,service_end,service_code,setting,units,charge\n\
         D-1,1,2026-03-04,,GP,outpatient,,2962.50\n\
         D-1,2,2025-12-30,,SPEC,outpatient,,20.00\n",
    );
    site.import("officina", "sample", &["claims", &claims, &lines, "--adjudicate"]).well();
    on_the_desk(&site);
}

fn on_the_desk(site: &Site) {
    let (clerk, analyst) = (staff(site, "claims-staff"), staff(site, "analyst"));
    let refused = asked(site, &analyst, &["claims", "list"], &[]).refused();
    assert!(refused.contains("in the service of a task"), "{refused}");
    let listed = asked(site, &clerk, &["claims", "list"], &["--json"]).json();
    let first = &listed["claims"][0];
    let told = (text(first, "state"), text(first, "why"), text(first, "due"));
    assert_eq!(told, ("free", "determination", "2026-04-09T00:00:00Z"));
    let taken = asked(site, &clerk, &["claims", "take"], &["--json"]).json();
    let one = ["--person", text(&taken, "person"), "--claim", text(&taken, "claim")];
    let none = asked(site, &clerk, &["claims", "take"], &["--json"]).json();
    assert!(none["claim"].is_null(), "{none}");
    let own = asked(site, &clerk, &["claims", "list"], &["--own"]).well().out;
    assert!(own.contains(one[3]) && own.contains("under-review"), "{own}");

    let shown = asked(site, &clerk, &["claims", "show"], &[&one[..], &["--json"]].concat()).json();
    assert_eq!(text(&shown["lines"][1], "code"), "SPEC");
    let refusal = &shown["proposed"][1];
    assert_eq!((text(refusal, "outcome"), &refusal["reasons"][0]), ("denied", &"ELIG".into()));
    let told = |category: &str, amount: &str, reasons: &[&str]| serde_json::json!({ "category": category, "amount": amount, "reasons": reasons });
    assert_eq!(
        refusal["adjudication"],
        serde_json::json!([
            told("submitted", "20.00 EUR", &[]),
            told("eligible", "0.00 EUR", &["ELIG"]),
            told("deductible", "0.00 EUR", &[]),
            told("copay", "0.00 EUR", &[]),
            told("eligpercent", "0.00 EUR", &[]),
            told("benefit", "0.00 EUR", &[]),
        ])
    );
    assert!(!refusal["steps"].as_array().unwrap().is_empty(), "{refusal}");
    // A step that found nothing is not told in the words of what it does: of a line that is paid none says that it is not covered.
    let steps = shown["proposed"][0]["steps"].as_array().unwrap();
    let said: Vec<&str> = steps.iter().filter_map(serde_json::Value::as_str).collect();
    assert_ne!(text(&shown["proposed"][0], "plan"), "0.00 EUR");
    for step in said {
        let (before, after) =
            step.rsplit_once(": ").and_then(|(_, amounts)| amounts.split_once(" to ")).unwrap();
        assert!(before != after, "{step}");
    }
    let said = asked(site, &clerk, &["claims", "show"], &one).well().out;
    assert!(said.contains("SPEC") && said.contains("--proposal 1"), "{said}");

    let step = |words: [&str; 2], more: &[&str]| {
        asked(site, &clerk, &words, &[&one[..], more, &["--json"]].concat()).json()
    };
    assert_eq!(text(&step(["claims", "ask"], &["--for", "papers"]), "state"), "waiting-for-member");
    let reason = site.file("reason.txt", "Given before\nthe cover began.");
    let confirm = [&one[..], &["--proposal", "1", "--reason-file", &reason]].concat();
    let refused = asked(site, &clerk, &["claims", "confirm"], &confirm).refused();
    assert!(refused.contains("let its clock go on first"), "{refused}");
    assert_eq!(text(&step(["claims", "answered"], &[]), "state"), "under-review");
    assert_eq!(text(&step(["claims", "work-out"], &[]), "why"), "determination");
    let refused = asked(site, &clerk, &["claims", "confirm"], &confirm).refused();
    assert!(refused.contains("not of the version that you saw"), "{refused}");
    asked(site, &clerk, &["claims", "return"], &one).well();
    assert!(!asked(site, &clerk, &["claims", "show"], &one).ok, "it is not before them any more");
    asked(site, &clerk, &["claims", "take"], &[]).well();
    let confirm = ["--proposal", "2", "--reason-file", &reason];
    assert_eq!(text(&step(["claims", "confirm"], &confirm), "state"), "adjudicated");
    let left = asked(site, &clerk, &["claims", "list"], &["--json"]).json();
    assert_eq!(left["claims"], serde_json::json!([]));
    site.run(&["ledger", "verify", "--data", "DATA"]).well();
}

pub(crate) fn another_payers_answer_is_entered_and_counts(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    for kind in ["members", "providers"] {
        site.import("officina", "sample", &[kind, &sample(&format!("{kind}.csv"))]).well();
    }
    let cover = site.file(
        "coverage.csv",
        "coverage_id,member_id,insured_name,policy_number,plan,plan_name,currency,start,other_payer,other_start,\
         through,other_through\n\
         V-9,M-1001,Somebody,POL-9,national-top-up,National top-up,EUR,2027-01-01,statutory,2010-01-01,\
         themselves,themselves\n",
    );
    site.import("officina", "sample", &["coverage", &cover]).well();
    let claims = site.file(
        "claims.csv",
        "claim_id,member_id,provider_id,received,currency\nD-1,M-1001,P-1,2027-03-10,EUR\n\
         D-2,M-1001,P-1,2027-03-11,EUR\n",
    );
    let lines = site.file(
        "lines.csv",
        "claim_id,line,service_start,service_code,charge,other_paid,other_allowed,other_contribution\n\
         D-1,1,2027-02-04,GP,60.00,,,\nD-2,1,2027-02-05,GP,50.00,19.00,30.00,2.00\n",
    );
    let told = site.import("officina", "sample", &["claims", &claims, &lines, "--adjudicate"]).well().out;
    assert!(told.contains("adjudicated") && told.contains("pended"), "{told}");
    let clerk = staff(&site, "claims-staff");
    let taken = asked(&site, &clerk, &["claims", "take"], &["--json"]).json();
    let one = ["--person", text(&taken, "person"), "--claim", text(&taken, "claim")];
    let answer = |amounts: &[&str]| {
        let words = [&one[..], amounts, &["--currency", "EUR"]].concat();
        asked(&site, &clerk, &["claims", "other-payer"], &words)
    };
    let refused = answer(&["--line", "1", "--paid", "60.01"]).refused();
    assert!(refused.contains("more was paid of the line than was charged"), "{refused}");
    assert!(answer(&["--line", "1", "--paid", "much"]).refused().contains("--paid"));
    let paid = ["--line", "1", "--paid", "19.00", "--allowed", "30.00", "--contribution", "2.00"];
    answer(&paid).well();
    let shown = asked(&site, &clerk, &["claims", "show"], &[&one[..], &["--json"]].concat()).json();
    assert_eq!(text(&shown["proposed"][0], "plan"), "24.00 EUR", "{shown}");
    let (number, reason) = (shown["proposal"].to_string(), site.file("reason.txt", "The scheme answered."));
    let confirm = [&one[..], &["--proposal", &number, "--reason-file", &reason, "--json"]].concat();
    assert_eq!(text(&asked(&site, &clerk, &["claims", "confirm"], &confirm).json(), "state"), "adjudicated");
    site.run(&["ledger", "verify", "--data", "DATA"]).well();
}

pub(crate) fn what_became_known_of_a_claim_is_entered_and_decides(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    for kind in ["members", "providers"] {
        site.import("officina", "sample", &[kind, &sample(&format!("{kind}.csv"))]).well();
    }
    let cover = site.file(
        "coverage.csv",
        "coverage_id,member_id,insured_name,policy_number,plan,plan_name,currency,start\n\
         V-9,M-1001,Somebody,POL-9,worldwide-excluding-usa,Worldwide,EUR,2027-01-01\n",
    );
    site.import("officina", "sample", &["coverage", &cover]).well();
    // More than a year after the care, and nobody says where it was given, in which room, or whether it was authorised.
    let claims = site.file(
        "claims.csv",
        "claim_id,member_id,provider_id,received,currency\nD-1,M-1001,P-1,2028-03-10,EUR\n",
    );
    let lines = site.file(
        "lines.csv",
        "claim_id,line,service_start,service_code,charge\nD-1,1,2027-02-04,HOSP,2000.00\n",
    );
    let told = site.import("officina", "sample", &["claims", &claims, &lines, "--adjudicate"]).well().out;
    assert!(told.contains("pended"), "{told}");
    known_at_the_desk(&site);
}

fn known_at_the_desk(site: &Site) {
    let (clerk, analyst) = (staff(site, "claims-staff"), staff(site, "analyst"));
    let taken = asked(site, &clerk, &["claims", "take"], &["--json"]).json();
    let one = ["--person", text(&taken, "person"), "--claim", text(&taken, "claim")];
    let enter = |token: &str, facts: &[&str]| {
        asked(site, token, &["claims", "facts"], &[&one[..], facts, &["--json"]].concat())
    };
    assert!(enter(&clerk, &[]).refused().contains("--document"), "at least one fact is entered");
    assert!(enter(&clerk, &["--authorised", "yes"]).refused().contains("a guarantee of payment"));
    assert!(enter(&clerk, &["--emergency", "perhaps"]).refused().contains("write yes or no"));
    let number = enter(&clerk, &["--document", "4111 1111 1111 1111"]).refused();
    assert!(number.contains("payment card") && !number.contains("1111"), "{number}");
    assert!(enter(&clerk, &["--away-since", "2027-02-05"]).refused().contains("after the care"));
    enter(&analyst, &["--country", "BE"]).refused();

    enter(&clerk, &["--country", "BE", "--emergency", "no", "--room", "private"]).well();
    let waived = site.file("waived.txt", "The hospital sent it to\nanother insurer first.");
    let known = enter(&clerk, &["--authorised", "no", "--filing-waived", &waived]).json();
    assert_eq!(text(&known, "why"), "determination");
    let shown = asked(site, &clerk, &["claims", "show"], &[&one[..], &["--json"]].concat()).json();
    let entered: Vec<(&str, &str)> = shown["entered"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fact| (text(fact, "fact"), text(fact, "value")))
        .collect();
    let reason = "The hospital sent it to another insurer first.";
    assert_eq!(
        entered,
        [
            ("emergency", "no"),
            ("country", "BE"),
            ("room", "private"),
            ("authorised", "no"),
            ("filing-waived", reason)
        ]
    );
    // The deductible of 500.00 and a fifth of the rest are the member's, and half of what is left is not paid without authorisation.
    assert_eq!(text(&shown["proposed"][0], "plan"), "600.00 EUR", "{shown}");
    let said = asked(site, &clerk, &["claims", "show"], &one).well().out;
    assert!(said.contains("entered, country: BE, by "), "{said}");
    let (number, reason) = (shown["proposal"].to_string(), site.file("reason.txt", "All is known."));
    let confirm = [&one[..], &["--proposal", &number, "--reason-file", &reason, "--json"]].concat();
    let refused = asked(site, &clerk, &["claims", "confirm"], &confirm).refused();
    assert!(refused.contains("you decided something of it by hand"), "who waived the limit: {refused}");
    asked(site, &clerk, &["claims", "return"], &one).well();
    let colleague = staff(site, "claims-staff");
    asked(site, &colleague, &["claims", "take"], &[]).well();
    assert_eq!(
        text(&asked(site, &colleague, &["claims", "confirm"], &confirm).json(), "state"),
        "adjudicated"
    );
    site.run(&["ledger", "verify", "--data", "DATA"]).well();
}
