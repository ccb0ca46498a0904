//! What changes from the shipped notice to an edited one: rules, accesses, prose, and the sentences that say
//! it.
#![allow(clippy::expect_used, clippy::panic)]

use domain::{Category, Condition, ConditionSet, Language, Purpose, Recipient, SubjectKind};
use notice::{AccessKind, Difference, Notice, ProseKind, RuleChange, RuleKind, SHIPPED, What};

/// (file, what stands there, what to put instead); `*.md` is each language.
type Edit<'a> = (&'a str, &'a str, &'a str);

const LISTS: &str =
    "- **Data:** {data}\n- **Why:** {purposes}\n- **Who:** {recipients}\n- **Basis:** {basis}\n";

fn edited(edits: &[Edit<'_>]) -> Notice {
    let mut files: Vec<(&str, String)> =
        SHIPPED.iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
    for (file, from, to) in edits {
        let wanted = |name: &str| name == *file || (*file == "*.md" && name != "clauses.toml");
        for (name, text) in files.iter_mut().filter(|(name, _)| wanted(name)) {
            assert!(text.contains(from), "`{from}` must stand in {name}");
            *text = text.replacen(from, to, 1);
        }
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    Notice::read(&files).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn difference(edits: &[Edit<'_>]) -> Difference {
    edited(&[]).difference(&edited(edits))
}

fn changed(kind: RuleKind, name: &str, key: &'static str, before: &str, after: &str) -> RuleChange {
    let value = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let what = What::Changed { key, before: value(before), after: value(after) };
    RuleChange { kind, name: name.to_owned(), what }
}

/// The kinds and categories of the accesses that change.
fn cells(difference: &Difference) -> Vec<(AccessKind, Recipient, Category)> {
    difference.access.iter().map(|change| (change.kind, change.recipient, change.category)).collect()
}

#[test]
fn nothing_changes_between_a_version_and_itself() {
    let none = difference(&[]);
    assert!(none.is_empty() && !none.is_prose_only());
    assert_eq!(none.summary(), "Nothing changes.");
    // The order of a list is no change of what it says.
    let turned =
        [("clauses.toml", "[\"payment-job\", \"payments-staff\"]", "[\"payments-staff\", \"payment-job\"]")];
    assert!(difference(&turned).is_empty());
}

#[test]
fn an_added_clause() {
    let clause = "[[clause]]\nid = \"use.survey.joining\"\nsubjects = [\"member\"]\npurposes = [\"survey\"]\ndata = [\"identity\", \"plan\"]\nrecipients = [\"enrolment-staff\"]\nbasis = \"legitimate-interest\"\nwhen = [\"work-item\"]\nretention = \"communication\"\n\n[[clause]]\nid = \"use.audit.ledger\"";
    let section = format!(
        "## Surveys {{#use.survey.joining}}\n\n{LISTS}- {{conditions}} {{retention}}\n\n## What changes {{#about.x}}\n\nText.\n\n"
    );
    let lead = "{#about.us}";
    let heading = format!("{{#about.y}}\n\nText.\n\n{section}## Us {{#about.us}}");
    let found = difference(&[
        ("clauses.toml", "[[clause]]\nid = \"use.audit.ledger\"", clause),
        ("*.md", lead, &heading),
    ]);
    let added =
        RuleChange { kind: RuleKind::Clause, name: "use.survey.joining".to_owned(), what: What::Added(None) };
    assert_eq!(found.rules, [added]);
    let gained = |category| (AccessKind::Gained, Recipient::EnrolmentStaff, category);
    assert_eq!(cells(&found), [gained(Category::Identity), gained(Category::Plan)]);
    assert_eq!(found.rule_sentences(), ["Clause `use.survey.joining` is new."]);
    assert_eq!(
        found.access_sentences(),
        [
            "Our enrolment staff may now see identity and contact details, plan and benefits about members, for surveys: under `use.survey.joining`, if a task about you is open and assigned to whoever uses the data."
        ]
    );
    assert_eq!(found.summary(), "2 cells of the access matrix: 2 newly open.");
    // Its section is told by the rule; what has no rule is told by itself.
    let anchors: Vec<_> = found.prose.iter().filter_map(|change| change.anchor.as_deref()).collect();
    assert!(anchors.contains(&"about.x") && !anchors.contains(&"use.survey.joining"), "{anchors:?}");

    let back = edited(&[
        ("clauses.toml", "[[clause]]\nid = \"use.audit.ledger\"", clause),
        ("*.md", lead, &heading),
    ])
    .difference(&edited(&[]));
    assert_eq!(back.rule_sentences(), ["Clause `use.survey.joining` is gone."]);
    assert_eq!(back.summary(), "2 cells of the access matrix: 2 closed.");
    assert!(back.access_sentences().iter().all(|sentence| {
        sentence.starts_with("Our enrolment staff may no longer see identity and contact details, plan and ")
            && sentence.contains("; it was under `use.survey.joining`, if a task")
    }));
}

#[test]
fn widened_data() {
    let found = difference(&[(
        "clauses.toml",
        "data = [\"identity\", \"financial\", \"claims\"]\nrecipients = [\"payment-job\"",
        "data = [\"identity\", \"financial\", \"claims\", \"plan\"]\nrecipients = [\"payment-job\"",
    )]);
    assert_eq!(
        found.rules,
        [changed(
            RuleKind::Clause,
            "use.payment",
            "data",
            "identity, financial, claims",
            "identity, financial, claims, plan"
        )]
    );
    let gained = |recipient| (AccessKind::Gained, recipient, Category::Plan);
    assert_eq!(cells(&found), [gained(Recipient::PaymentsStaff), gained(Recipient::PaymentJob)]);
    let change = found.access.first().expect("one");
    assert_eq!(change.subjects, [SubjectKind::Member, SubjectKind::Beneficiary]);
    assert_eq!(change.purpose, Purpose::Payment);
    assert!(change.before.is_empty());
    assert_eq!(
        change.after.first().map(|way| way.conditions),
        Some(ConditionSet::of(&[Condition::WorkItem]))
    );
    assert!(found.prose.is_empty(), "the prose renders it by itself");
}

#[test]
fn a_new_recipient() {
    let found =
        difference(&[("clauses.toml", "recipients = [\"bank\"]", "recipients = [\"bank\", \"payer\"]")]);
    assert_eq!(
        found.rule_sentences(),
        ["Clause `disclose.payment.bank`: `recipients` is now payer, bank; it was bank."]
    );
    let gained = |category| (AccessKind::Gained, Recipient::Payer, category);
    assert_eq!(cells(&found), [gained(Category::Identity), gained(Category::Financial)]);
    assert_eq!(found.access_sentences().len(), 1, "one sentence for both categories");
}

#[test]
fn a_condition_dropped_or_added() {
    let was = "basis = \"legitimate-interest\"\nwhen = [\"relation.sponsor\", \"undertaking\"]";
    let is = "basis = \"legitimate-interest\"\nwhen = [\"relation.sponsor\"]";
    let eased = difference(&[("clauses.toml", was, is)]);
    assert!(eased.access.iter().all(|change| change.kind == AccessKind::Eased));
    assert_eq!(
        eased.rule_sentences(),
        [
            "Clause `sponsor.plan-administration`: `when` is now relation.sponsor; it was relation.sponsor, undertaking."
        ]
    );
    assert_eq!(
        eased.access_sentences(),
        [
            "The employer or fund that sponsors your plan may see identity and contact details, plan and benefits, eligibility for cover about members and dependants, for administering the employee health plan, on fewer conditions: under `sponsor.plan-administration`, if the recipient or whoever it acts for sponsors your plan; it was under `sponsor.plan-administration`, if the recipient or whoever it acts for sponsors your plan; and the recipient has signed an undertaking that is in force."
        ]
    );
    let tightened = edited(&[("clauses.toml", was, is)]).difference(&edited(&[]));
    assert!(tightened.access.iter().all(|change| change.kind == AccessKind::Tightened));
    assert_eq!(tightened.summary(), "3 cells of the access matrix: 3 on more conditions.");
    let other = "basis = \"legitimate-interest\"\nwhen = [\"relation.sponsor\", \"work-item\"]";
    let altered = difference(&[("clauses.toml", was, other)]);
    assert!(altered.access.iter().all(|change| change.kind == AccessKind::Altered));
}

#[test]
fn a_second_way_in_is_an_easing_and_a_stricter_one_is_nothing() {
    // Claims staff saw plan data without consent; now only with it.
    let was = "data = [\"identity\", \"plan\", \"eligibility\", \"claims\", \"financial\"]";
    let is = "data = [\"identity\", \"eligibility\", \"claims\", \"financial\"]";
    let tightened = difference(&[("clauses.toml", was, is)]);
    let plan = |recipient| (AccessKind::Tightened, recipient, Category::Plan);
    assert_eq!(cells(&tightened), [plan(Recipient::ClaimsStaff), plan(Recipient::AdjudicationJob)]);
    // The clause with consent loses what the one without shows anyway: nobody notices.
    let was = "data = [\"identity\", \"plan\", \"eligibility\", \"claims\", \"health\", \"financial\"]\nrecipients = [\"adjudication-job\"";
    let is = "data = [\"identity\", \"plan\", \"eligibility\", \"claims\", \"health\"]\nrecipients = [\"adjudication-job\"";
    let unnoticed = difference(&[("clauses.toml", was, is)]);
    assert!(unnoticed.access.is_empty());
    assert_eq!(unnoticed.rules.len(), 1);
    assert_eq!(unnoticed.summary(), "Rules change, and nobody sees more or less.");
}

#[test]
fn an_added_prohibition() {
    let more = "[[prohibition]]\nid = \"no.sponsorship\"\npurpose = \"sponsorship\"\nunless = [\"consent.marketing\"]\n\n[[clause]]\nid = \"collect.enrolment\"";
    let found = difference(&[
        ("clauses.toml", "[[clause]]\nid = \"collect.enrolment\"", more),
        ("*.md", "{#about.us}", "{#about.us}\n\nText.\n\n## No {#no.sponsorship}\n\n{purposes} {conditions}"),
    ]);
    assert_eq!(
        found.rule_sentences(),
        [
            "Prohibition `no.sponsorship` is new: it forbids sponsorship and every purpose below it, unless consent.marketing."
        ]
    );
    assert!(found.access.iter().all(|change| {
        change.kind == AccessKind::Tightened
            && change.purpose.is_within(Purpose::Sponsorship)
            && change.after.iter().all(|way| way.conditions.contains(Condition::ConsentMarketing))
    }));
    let sponsor = found.access.iter().filter(|change| change.recipient == Recipient::PlanSponsor);
    assert_eq!(sponsor.count(), 7, "three categories of the list and four of the sums");
}

#[test]
fn retention_changed() {
    let period = "class = \"claims\"\nyears = 10";
    let found = difference(&[("clauses.toml", period, "class = \"claims\"\nyears = 7")]);
    let before = "10 years after cover-end";
    assert_eq!(
        found.rules,
        [changed(RuleKind::Retention, "claims", "period", before, "7 years after cover-end")]
    );
    assert_eq!(found.summary(), "Rules change, and nobody sees more or less.");
    let found = difference(&[("clauses.toml", "retention = \"accounting\"", "retention = \"claims\"")]);
    assert_eq!(found.rules, [changed(RuleKind::Clause, "use.payment", "retention", "accounting", "claims")]);
}

#[test]
fn prose_only() {
    let found = difference(&[
        ("fr.md", "# ", "# Nouveau : "),
        ("nl.md", "{#about.contact}", "{#about.contact}\n\nBel ons."),
        ("en.md", "We must be able to prove", "We have to be able to prove"),
        ("de.md", "{#use.audit.ledger}\n", "{#use.audit.ledger}\n\nNeu.\n"),
    ]);
    assert!(found.is_prose_only());
    assert_eq!(found.summary(), "Only the text changes: no rule does, and nobody sees more or less.");
    assert_eq!(
        found.prose_sentences(),
        [
            "Section `use.audit.ledger` reads otherwise in en and de.",
            "Section `about.contact` reads otherwise in nl.",
            "The title or what follows it reads otherwise in fr.",
        ]
    );
    let change = found.prose.first().expect("one");
    assert_eq!((change.language, change.kind), (Language::English, ProseKind::Changed));
}

#[test]
fn the_organisations_values_are_named_and_never_repeated() {
    let found = difference(&[("clauses.toml", "officer = \"\"", "officer = \"A. Nonymous\"")]);
    assert_eq!(found.rule_sentences(), ["The organisation's `officer` reads otherwise."]);
    assert!(found.is_prose_only(), "it is text, not a rule");
    assert!(!format!("{found:?}").contains("Nonymous"));
}

#[test]
fn the_version_as_a_whole() {
    let found = difference(&[
        ("clauses.toml", "notice_period_days = 30", "notice_period_days = 60"),
        ("clauses.toml", "basis = \"legal-obligation\"\nretention", "basis = \"public-task\"\nretention"),
    ]);
    assert_eq!(
        found.rule_sentences(),
        [
            "The version: `notice_period_days` is now 60; it was 30.",
            "Clause `use.audit.ledger`: `basis` is now member: public-task, beneficiary: public-task, practitioner: public-task; it was member: legal-obligation, beneficiary: legal-obligation, practitioner: legal-obligation.",
        ]
    );
}

#[test]
fn the_same_under_another_clause() {
    let found = difference(&[
        ("clauses.toml", "id = \"use.audit.ledger\"", "id = \"use.audit.books\""),
        ("*.md", "{#use.audit.ledger}", "{#use.audit.books}"),
    ]);
    assert_eq!(
        found.rule_sentences(),
        ["Clause `use.audit.ledger` is gone.", "Clause `use.audit.books` is new."]
    );
    assert_eq!(found.summary(), "2 cells of the access matrix: 2 under another clause.");
    assert!(found.prose.is_empty());
}
