//! The screen and appeals from the command line: a claim that was flagged is taken, shown and decided, another is appealed
//! against; and who has no clause for it is refused.

use serde_json::Value;

use crate::site::{Run, Site, TRAINED, sample};

/// The token of somebody of the staff, in a file.
pub(crate) fn staff(site: &Site, recipient: &str) -> String {
    let token = ["token", "--data", "DATA", "--portfolio", "officina", "--role", "desk", "--json"];
    let may = ["--trained-until", &TRAINED, "--up-to", "1000000.00", "--currency", "EUR"];
    let made = site.run(&[&token[..], &["--recipient", recipient], &may].concat());
    site.file(&format!("{recipient}.token"), made.json()["token"].as_str().unwrap())
}

/// A command as whoever a token belongs to.
pub(crate) fn asked(site: &Site, token: &str, words: &[&str], more: &[&str]) -> Run {
    let place = ["--data", "DATA", "--portfolio", "officina", "--token-file", token];
    site.run(&[words, &place, more].concat())
}

pub(crate) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("{key}: {value}"))
}

pub(crate) fn a_flagged_claim_is_looked_at_and_another_appealed_against(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    for kind in ["members", "coverage", "providers"] {
        site.import("officina", "sample", &[kind, &sample(&format!("{kind}.csv"))]).well();
    }
    let claims = site.file(
        "claims.csv",
        "claim_id,member_id,provider_id,received,payee,currency,invoice_number,diagnoses\n\
         D-1,M-1001,P-1,2026-03-10,member,EUR,2026/0200,J06.9\n\
         D-2,M-1001,P-1,2026-04-20,member,EUR,2026/0200,J06.9\n",
    );
    let lines = site.file(
        "lines.csv",
        "claim_id,line,service_start,service_end,service_code,setting,units,charge\n\
         D-1,1,2026-03-04,,GP,outpatient,,62.50\n\
         D-2,1,2026-04-15,,GP,outpatient,,71.30\n",
    );
    let report = site.import("officina", "sample", &["claims", &claims, &lines, "--adjudicate"]).json();
    assert!(!report.to_string().contains("same-document"), "nothing tells whoever imports: {report}");
    a_case(&site);
}

pub(crate) fn excluded_providers_are_entered_listed_ended_and_taken_out(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    site.import("officina", "sample", &["providers", &sample("providers.csv")]).well();
    let (legal, claims) = (staff(&site, "legal-staff"), staff(&site, "claims-staff"));
    let run = |token: &str, command: &str, more: &[&str]| asked(&site, token, &["exclusions", command], more);
    let file = sample("exclusions.csv");
    let import = [file.as_str(), "--source", "sample", "--json"];
    let refused = run(&claims, "import", &import).refused();
    assert!(refused.contains("kept by legal staff"), "{refused}");
    let entered = run(&legal, "import", &import).json();
    assert_eq!((&entered["rows"], &entered["new"]), (&2.into(), &2.into()));
    assert!(
        run(&legal, "import", &import[..3])
            .well()
            .out
            .starts_with("0 exclusions entered, 0 with another last day, 2 known")
    );

    let changed = |name: &str, from: &str, to: &str| {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{from}");
        site.file(name, &text.replacen(from, to, 1))
    };
    for (file, said) in [
        (changed("day.csv", "2025-03-01", "2025-13-01"), "day.csv line 2 column `first_day`"),
        (changed("order.csv", "2025-08-31", "2025-01-31"), "order.csv line 2 column `last_day`"),
        (changed("who.csv", "P-3", "P-99"), "who.csv line 2 column `provider_id`"),
        (changed("over.csv", "2025-03-01", "2025-03-02"), "over.csv line 2 column `first_day`: it overlaps"),
        (
            changed("on.csv", "2025-08-31", "2025-09-30"),
            "on.csv line 2 column `first_day`: the provider's by this",
        ),
    ] {
        let refused = run(&legal, "import", &[&file, "--source", "sample"]).refused();
        assert!(refused.contains(said) && !refused.contains("P-99"), "{refused}");
    }

    let ended = changed("ended.csv", "2025-08-31", "2025-07-31");
    let again = run(&legal, "import", &[&ended, "--source", "sample", "--json"]).json();
    assert_eq!([&again["new"], &again["changed"], &again["known"]], [0, 1, 1].map(Value::from).each_ref());
    let refused = run(&legal, "import", &import[..3]).refused();
    assert!(refused.contains("ended before that"), "what was ended is not opened again: {refused}");

    let one = ["--source", "sample", "--provider-id", "P-1"];
    let list = ["--first", "2026-01-01", "--list", "Decision 7", "--json"];
    let added = run(&legal, "add", &[&one[..], &list].concat()).json();
    let numbered = ["--first", "2026-01-01", "--list", "4111 1111 1111 1111"];
    let refused = run(&legal, "add", &[&one[..], &numbered].concat()).refused();
    assert!(refused.contains("payment card") && !refused.contains("1111"), "{refused}");
    let one = ["--provider", text(&added, "provider")];
    let listed = run(&legal, "list", &["--json"]).json();
    assert_eq!(listed["exclusions"].as_array().unwrap().len(), 3);
    assert!(run(&legal, "list", &[]).well().out.contains(one[1]));
    assert!(run(&claims, "list", &[]).refused().contains("kept by legal staff"));
    let end = ["--first", "2026-01-01", "--last", "2026-03-31"];
    let ended = run(&legal, "end", &[&one[..], &end].concat()).well().out;
    assert_eq!(ended.trim(), format!("{}: 2026-01-01..2026-03-31", one[1]));
    let shown = run(&legal, "show", &[&one[..], &["--json"]].concat()).json();
    let span = &shown["exclusions"][0];
    assert_eq!((text(span, "last"), text(span, "list")), ("2026-03-31", "Decision 7"));
    assert!(run(&legal, "show", &one).well().out.contains("2026-01-01..2026-03-31: Decision 7"));
    run(&legal, "remove", &[&one[..], &["--first", "2026-01-01"]].concat()).well();
    let empty = run(&legal, "show", &[&one[..], &["--json"]].concat()).json();
    assert_eq!(empty["exclusions"], serde_json::json!([]));
}

fn a_case(site: &Site) {
    let (legal, claims) = (staff(site, "legal-staff"), staff(site, "claims-staff"));
    let reason = site.file("reason.txt", "Two visits on one\nmonthly invoice.");
    let refused = asked(site, &claims, &["screen", "take"], &[]).refused();
    assert!(refused.contains("this actor is not one"), "{refused}");
    let taken = asked(site, &legal, &["screen", "take"], &["--json"]).json();
    let (person, claim) = (text(&taken["case"], "person"), text(&taken["case"], "claim"));
    let one = ["--person", person, "--claim", claim];
    let own = asked(site, &legal, &["screen", "list"], &["--json"]).json();
    assert_eq!((text(&own["cases"][0], "claim"), text(&own["cases"][0], "state")), (claim, "under-review"));
    let shown = asked(site, &legal, &["screen", "show"], &[&one[..], &["--json"]].concat()).json();
    assert_eq!(text(&shown["flags"][0], "rule"), "same-document");
    assert_eq!(text(&shown["lines"][0], "charge"), "71.30 EUR");
    let french = asked(site, &legal, &["screen", "show"], &[&one[..], &["--language", "fr"]].concat());
    assert!(french.well().out.contains("le même numéro de facture"));
    assert!(!asked(site, &claims, &["screen", "show"], &one).ok);
    let decide = ["--outcome", "cleared", "--reason-file", &reason, "--json"];
    let decided = asked(site, &legal, &["screen", "decide"], &[&one[..], &decide].concat()).json();
    assert_eq!((text(&decided, "state"), &decided["paid"]), ("released", &false.into()));
    let held = asked(site, &legal, &["screen", "list"], &["--held", "--json"]).json();
    assert_eq!(held["cases"], serde_json::json!([]));
    let empty = asked(site, &legal, &["screen", "take"], &["--json"]).json();
    assert!(empty["case"].is_null());
    let few = asked(site, &staff(site, "analyst"), &["screen", "report"], &[]).refused();
    assert!(!few.contains(person), "{few}");
    an_appeal(site, &one, (&claims, &reason));
}

fn an_appeal(site: &Site, claim: &[&str], (claims, reason): (&str, &str)) {
    let desk = staff(site, "customer-service-staff");
    let grounds = site.file("letter.txt", "It was an emergency.");
    let add = [claim, &["--grounds-file", &grounds, "--days", "14", "--json"]].concat();
    let added = asked(site, &desk, &["appeals", "add"], &add).json();
    assert_eq!((text(&added, "state"), &added["level"]), ("received", &1.into()));
    let again = asked(site, &desk, &["appeals", "add"], &add).refused();
    assert!(again.contains("one against this claim is open"), "{again}");
    let listed = asked(site, claims, &["appeals", "list"], &[]).well().out;
    assert!(listed.contains(text(&added, "appeal")), "{listed}");
    let taken = asked(site, claims, &["appeals", "take"], &["--json"]).json();
    let one = ["--person", text(&taken, "person"), "--appeal", text(&taken, "appeal")];
    let step = |words: [&str; 2]| asked(site, claims, &words, &[&one[..], &["--json"]].concat()).json();
    assert_eq!(text(&step(["appeals", "ask"]), "state"), "waiting-for-member");
    assert_eq!(text(&step(["appeals", "answered"]), "state"), "under-review");
    let shown = asked(site, claims, &["appeals", "show"], &one).well().out;
    assert!(shown.contains("It was an emergency.") && shown.contains("GP"), "{shown}");
    assert!(!asked(site, &desk, &["appeals", "show"], &one).ok);
    let decide = ["--outcome", "partly-overturned", "--line", "1", "--reason-file", reason, "--json"];
    let decided = asked(site, claims, &["appeals", "decide"], &[&one[..], &decide].concat()).json();
    assert_eq!(text(&decided, "state"), "to-decide-anew");
    let refused = asked(site, claims, &["appeals", "done"], &one).refused();
    assert!(refused.contains("decide it anew first"), "{refused}");
    let waiting = asked(site, claims, &["appeals", "list"], &["--state", "to-decide-anew"]).well().out;
    assert!(waiting.contains(text(&added, "appeal")), "{waiting}");
}
