//! The draft of a notification: what the log knows stands in it, in each language, and what only a person knows is a blank.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use domain::{
    ActorId, Category, CategorySet, GoverningLaw, Language, PortfolioId, Purpose, Recipient, Timestamp,
};
use gate::{EntryOutcome, Use};
use notice::Notice;
use portal::{incident_draft, incident_value};
use service::Incident;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn used(time: &str, person: u64, law: GoverningLaw, shown: &[Category], outcome: EntryOutcome) -> Use {
    Use {
        at: at(time),
        actor: ActorId::from_bytes([1; 16]),
        asker: Recipient::ClaimsStaff,
        role: "claims desk".to_owned(),
        team: None,
        asker_country: "BE".parse().unwrap(),
        recipient: Recipient::ClaimsStaff,
        recipient_name: None,
        recipient_country: "BE".parse().unwrap(),
        purpose: Purpose::ClaimsProcessing,
        clauses: vec!["use.claims".to_owned()],
        item: None,
        view: "Claim".to_owned(),
        filters: Vec::new(),
        shown: CategorySet::of(shown),
        outcome,
        bar: None,
        change: None,
        person: Some(person),
        law: Some(law),
        deferred: None,
    }
}

fn incident() -> Incident {
    let (from, to) = (at("2026-11-02"), at("2026-11-03"));
    let mut incident =
        Incident::new(ActorId::from_bytes([1; 16]), PortfolioId::from_bytes([2; 16]), (from, to));
    let (identity, health) = ([Category::Identity], [Category::Identity, Category::Health]);
    let (belgium, france) = (GoverningLaw::Belgium, GoverningLaw::France);
    for one in [
        used("2026-11-02T08:00:00Z", 1, belgium, &identity, EntryOutcome::Granted),
        used("2026-11-02T08:00:01Z", 1, belgium, &health, EntryOutcome::Granted),
        used("2026-11-02T09:30:00Z", 2, france, &identity, EntryOutcome::Granted),
        used("2026-11-02T10:00:00Z", 3, france, &[], EntryOutcome::Refused),
        used("2026-11-02T11:00:00Z", 4, france, &[], EntryOutcome::Searched),
    ] {
        incident.add(&one);
    }
    incident
}

#[test]
fn the_draft_says_what_the_log_knows_and_leaves_the_rest_blank() {
    let notice = Notice::read(notice::SHIPPED).unwrap();
    let draft = incident_draft(&incident(), &notice, Language::English);
    for line in [
        "- Approximate number of people: 2\n",
        "- Approximate number of records: uses that showed data: 3\n",
        "- First and last use that showed data: 2026-11-02T08:00:00Z – 2026-11-02T09:30:00Z\n",
        "- Attempts that were refused, which showed nothing: 1\n",
        "- Searches: 1\n",
        "`use.claims` 3\n",
        ": 1 (special category, article 9)\n",
        "## Likely consequences\n\n- [to fill in: ",
        "## Measures\n\n- [to fill in: ",
        // The shipped notice leaves the organisation to whoever publishes it.
        "- To: [to fill in: authority]\n",
    ] {
        assert!(draft.contains(line), "{line}: {draft}");
    }
}

#[test]
fn every_language_has_the_same_parts() {
    let notice = Notice::read(notice::SHIPPED).unwrap();
    let shape = |language| {
        let draft = incident_draft(&incident(), &notice, language);
        let lines = draft.lines().map(|line| (line.chars().take(2).collect::<String>(), line.contains('[')));
        lines.collect::<Vec<_>>()
    };
    let english = shape(Language::English);
    assert_eq!(english.iter().filter(|(_, is_blank)| *is_blank).count(), 11);
    for language in [Language::Dutch, Language::French, Language::German] {
        let strip = |shape: &[(String, bool)]| -> Vec<(bool, bool)> {
            shape.iter().map(|(start, blank)| (start.starts_with(['#', '-']), *blank)).collect()
        };
        assert_eq!(strip(&shape(language)), strip(&english), "{language:?}");
    }
}

#[test]
fn as_json_it_is_the_same_counts() {
    let value = incident_value(&incident());
    assert_eq!((&value["people"], &value["uses"], &value["refused"]), (&2.into(), &3.into(), &1.into()));
    assert_eq!(value["people_by_law"][0]["what"], "BE");
    assert_eq!(value["clauses"]["use.claims"], 3);
    assert_eq!(value["last"], "2026-11-02T09:30:00Z");
}
