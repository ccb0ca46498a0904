//! Promise 2: in an emergency one person's data opens without a task, to who wrote down why, for an hour. It is in the
//! person's list and in the officer's queue first; the reason lies open nowhere; and somebody else reviews it.

use domain::{Condition, EmergencyOutcome, PortfolioId, Recipient, SubjectId, WorkItemId};
use gate::{Actor, Bar, Entry, EntryOutcome, GateError, Refused, portfolio_chain};
use service::{App, Emergency, NewCase, ServiceError};
use store::StoreError;
use store::emergency::EmergencyRow;
use store::officer_message::OfficerMessageRow;
use store::reference::PortfolioRow;

use crate::on_both;
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, TestSite, item};
use crate::spoiled::Spoiled;

on_both! {
    the_glass_breaks_for_one_person_to_one_of_the_staff_and_for_an_hour,
    it_is_on_the_record_and_in_the_queue_before_anything_opens,
    it_is_written_with_the_message_to_the_officer_or_not_at_all,
    the_officer_is_told_of_it_in_words_that_name_nobody,
    a_message_is_one_senders_for_as_long_as_sending_may_take,
    why_is_sealed_and_lies_open_nowhere,
    nobody_breaks_it_whom_no_clause_lets_and_that_is_on_the_record,
    a_reason_that_says_nothing_opens_nothing,
    somebody_else_reviews_it_and_the_person_sees_it,
    what_was_not_justified_ends_at_once_on_every_server,
}

const WHY: &str = "Her hospital calls: she is unconscious after a fall, and has no card with her.";

async fn breaks(site: &TestSite, actor: &Actor, subject: SubjectId) -> Result<Emergency, ServiceError> {
    let request = site.app.gate.request();
    service::break_glass(&site.app, actor, PORTFOLIO, subject, WHY, request).await
}

async fn reads(
    app: &App,
    actor: &Actor,
    subject: SubjectId,
    item: WorkItemId,
) -> Result<usize, ServiceError> {
    let file = service::read_in_emergency(app, actor, PORTFOLIO, subject, item, app.gate.request()).await?;
    assert!(!file.person.name.reveal().is_empty());
    Ok(file.cover.len())
}

#[track_caller]
fn refusal<T>(answer: Result<T, ServiceError>) -> Refused {
    match answer.map(drop) {
        Err(ServiceError::Gate(GateError::Refused(refused))) => refused,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn says<T>(answer: Result<T, ServiceError>, words: &str) {
    match answer.map(drop) {
        Err(error) => assert!(error.to_string().contains(words), "{error}"),
        Ok(()) => panic!("it went through"),
    }
}

async fn entries(site: &TestSite, subject: SubjectId) -> Vec<Entry> {
    let stored = site.write(move |unit| store::log::pending_of(unit, subject)).await;
    stored.iter().map(|one| Entry::from_bytes(&one.body).unwrap()).collect()
}

async fn queue(app: &App) -> Vec<EmergencyRow> {
    let read = app.store().read(|unit| store::emergency::unreviewed(unit, PORTFOLIO)).await;
    read.map_err(|error: StoreError| error).unwrap()
}

/// The officer, with a case.
async fn officer(site: &TestSite) -> (Actor, WorkItemId) {
    let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    let new = NewCase { portfolio: PORTFOLIO, officer: officer.id(), people: Vec::new(), days: 1 };
    let case = service::open_case(&site.app, &site.keeper, &new).await.unwrap();
    (officer, case)
}

async fn the_glass_breaks_for_one_person_to_one_of_the_staff_and_for_an_hour(site: TestSite) {
    // Without any consent, and without a task.
    let (ada, eve) = (site.member("ada", false).await.subject, site.member("eve", false).await.subject);
    for recipient in [Recipient::CustomerService, Recipient::ClinicalStaff] {
        let staff = site.actor(recipient, PORTFOLIO).await;
        let before = refusal(reads(&site.app, &staff, ada, item(1)).await);
        assert_eq!(before.nearest.as_deref(), Some("use.emergency"));
        assert!(before.lacks.contains(Condition::EmergencyReasoned), "{before}");
        let opened = breaks(&site, &staff, ada).await.unwrap();
        assert_eq!(reads(&site.app, &staff, ada, opened.emergency).await.unwrap(), 1);
        let entry = entries(&site, ada).await.pop().unwrap();
        assert_eq!((entry.outcome, entry.clauses), (EntryOutcome::Granted, vec!["use.emergency".to_owned()]));
        assert_eq!((entry.item, entry.actor), (Some(opened.emergency), staff.id()));
        refusal(reads(&site.app, &staff, eve, opened.emergency).await);
        let colleague = site.actor(recipient, PORTFOLIO).await;
        refusal(reads(&site.app, &colleague, ada, opened.emergency).await);
        site.clock.advance(59 * 60);
        reads(&site.app, &staff, ada, opened.emergency).await.unwrap();
        site.clock.advance(60);
        let over = refusal(reads(&site.app, &staff, ada, opened.emergency).await);
        assert!(over.lacks.contains(Condition::EmergencyReasoned), "an hour is over: {over}");
    }
}

async fn it_is_on_the_record_and_in_the_queue_before_anything_opens(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    let nurse = site.actor(Recipient::ClinicalStaff, PORTFOLIO).await;
    let opened = breaks(&site, &nurse, ada).await.unwrap();
    // Nothing was read yet.
    for chain in [ada, portfolio_chain(PORTFOLIO)] {
        let entry = entries(&site, chain).await.pop().unwrap();
        assert_eq!((entry.outcome, entry.item), (EntryOutcome::Changed, Some(opened.emergency)));
        assert_eq!(entry.change.as_deref(), Some("emergency access opened for 60 minutes"));
        assert_eq!((entry.actor, entry.purpose.word()), (nurse.id(), "emergency-access"));
    }
    let elsewhere = site.reopen().await;
    let rows = queue(&elsewhere).await;
    assert_eq!((rows.len(), rows[0].emergency, rows[0].actor), (1, opened.emergency, nurse.id()));
    assert_eq!((rows[0].subject, rows[0].until, rows[0].review), (ada, opened.until, None));
    reads(&elsewhere, &nurse, ada, opened.emergency).await.expect("on another server too");
}

async fn messages(app: &App, portfolio: PortfolioId) -> Vec<OfficerMessageRow> {
    service::officer_messages(app, portfolio, true).await.unwrap()
}

async fn portfolio_of(app: &App) -> PortfolioRow {
    let portfolios = app.store().read(store::reference::portfolios).await;
    let portfolios = portfolios.map_err(|error: StoreError| error).unwrap();
    portfolios.into_iter().find(|row| row.portfolio == PORTFOLIO).unwrap()
}

async fn it_is_written_with_the_message_to_the_officer_or_not_at_all(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    let nurse = site.actor(Recipient::ClinicalStaff, PORTFOLIO).await;
    // Whichever part of it cannot be written: the first, the message, or the last.
    for table in ["emergency", "officer_message", "condition"] {
        let spoiled = Spoiled { schema: "moretus", table };
        spoiled.spoil(&site).await;
        assert!(matches!(breaks(&site, &nurse, ada).await, Err(ServiceError::Store(_))), "{table}");
        spoiled.mend(&site).await;
        assert!(queue(&site.app).await.is_empty(), "{table}: an access without its message");
        assert!(messages(&site.app, PORTFOLIO).await.is_empty(), "{table}: a message of no access");
    }
    let opened = breaks(&site, &nurse, ada).await.unwrap();
    assert_eq!(queue(&site.app).await[0].emergency, opened.emergency);
    assert_eq!(messages(&site.app, PORTFOLIO).await[0].item, opened.emergency);
}

async fn a_message_is_one_senders_for_as_long_as_sending_may_take(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    let nurse = site.actor(Recipient::ClinicalStaff, PORTFOLIO).await;
    breaks(&site, &nurse, ada).await.unwrap();
    let (elsewhere, portfolio) = (site.reopen().await, portfolio_of(&site.app).await);
    service::take_message(&site.app, &portfolio).await.unwrap().unwrap();
    site.clock.advance(service::SENDING_SECONDS);
    assert!(service::take_message(&elsewhere, &portfolio).await.unwrap().is_none(), "it may be sent now");
    assert!(service::longest_wait_seconds(&elsewhere).await.unwrap() >= Some(service::SENDING_SECONDS));
    site.clock.advance(60);
    let again = service::take_message(&elsewhere, &portfolio).await.unwrap().unwrap();
    assert_eq!(again.row.attempts, 2);
    // A sender whose clock is ahead takes it, and dies: those whose clocks are right do not wait for that hour.
    site.clock.advance(7_200);
    service::take_message(&site.app, &portfolio).await.unwrap().unwrap();
    site.clock.advance(-3_600);
    service::take_message(&elsewhere, &portfolio).await.unwrap().unwrap();
    // One whose clock is ahead by less than sending may take has it to itself all the same.
    site.clock.advance(service::SENDING_SECONDS + 60 + 300);
    let again = service::take_message(&elsewhere, &portfolio).await.unwrap().unwrap();
    site.clock.advance(-300);
    assert!(service::take_message(&site.app, &portfolio).await.unwrap().is_none(), "two would send it");
    service::message_sent(&elsewhere, &again).await.unwrap();
    assert_eq!(service::longest_wait_seconds(&elsewhere).await.unwrap(), None);
}

async fn the_officer_is_told_of_it_in_words_that_name_nobody(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    let nurse = site.actor(Recipient::ClinicalStaff, PORTFOLIO).await;
    refusal(breaks(&site, &site.actor(Recipient::Auditor, PORTFOLIO).await, ada).await);
    assert!(messages(&site.app, PORTFOLIO).await.is_empty(), "nothing was opened");
    let opened = breaks(&site, &nurse, ada).await.unwrap();
    // It waits on whichever server sends, and in this portfolio alone.
    let elsewhere = site.reopen().await;
    assert!(messages(&elsewhere, OTHER_PORTFOLIO).await.is_empty());
    let rows = messages(&elsewhere, PORTFOLIO).await;
    assert_eq!((rows.len(), rows[0].item, rows[0].sent), (1, opened.emergency, None));
    let portfolio = &portfolio_of(&elsewhere).await;
    let message = service::take_message(&elsewhere, portfolio).await.unwrap().unwrap();
    assert!(service::take_message(&site.app, portfolio).await.unwrap().is_none(), "one has it");
    let told = format!("{}\n{}\n{}", message.id, message.subject, message.text).to_lowercase();
    for part in [opened.emergency.to_string(), opened.until.to_string().to_lowercase()] {
        assert!(told.contains(&part), "{part}: {told}");
    }
    let ids = [ada.to_string(), nurse.id().to_string()];
    let secrets = WHY.split(' ').filter(|word| word.len() > 4).map(str::to_lowercase).chain(ids);
    for secret in secrets {
        assert!(!told.contains(&secret), "{secret}: {told}");
    }
    // What could not be sent is tried again, under the same id; what was sent is not.
    let due = service::message_not_sent(&elsewhere, &message).await.unwrap();
    assert!(due > site.app.gate.now());
    site.clock.advance(10);
    let again = service::take_message(&site.app, portfolio).await.unwrap().unwrap();
    assert_eq!((&again.id, &again.text, again.row.attempts), (&message.id, &message.text, 2));
    service::message_sent(&site.app, &again).await.unwrap();
    site.clock.advance(86_400);
    assert!(service::take_message(&elsewhere, portfolio).await.unwrap().is_none());
}

async fn why_is_sealed_and_lies_open_nowhere(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    let nurse = site.actor(Recipient::ClinicalStaff, PORTFOLIO).await;
    let opened = breaks(&site, &nurse, ada).await.unwrap();
    for chain in [ada, portfolio_chain(PORTFOLIO)] {
        let stored = site.write(move |unit| store::log::pending_of(unit, chain)).await;
        let holds = |body: &[u8], word: &str| body.windows(word.len()).any(|part| part == word.as_bytes());
        assert!(stored.iter().all(|one| !holds(&one.body, "unconscious")));
        assert!(stored.iter().any(|one| holds(&one.body, "emergency access")), "what is looked for is found");
    }
    let rows = site.write(move |unit| store::sealed::of_subject(unit, ada)).await;
    let row = rows.iter().find(|row| row.record.bytes() == opened.emergency.bytes()).expect("it is sealed");
    assert_eq!(row.category, domain::Category::Health);
    // Nobody but the officer reads it, not even who wrote it and has the access.
    let request = site.app.gate.request();
    says(
        service::read_emergency(&site.app, &nurse, PORTFOLIO, opened.emergency, request).await,
        "reviewed by",
    );
    let (officer, _) = officer(&site).await;
    let read =
        service::read_emergency(&site.app, &officer, PORTFOLIO, opened.emergency, request).await.unwrap();
    assert_eq!(read.reason.reveal(), WHY.as_bytes());
    let entry = entries(&site, ada).await.pop().unwrap();
    assert_eq!((entry.clauses, entry.actor), (vec!["use.emergency.review".to_owned()], officer.id()));
}

async fn nobody_breaks_it_whom_no_clause_lets_and_that_is_on_the_record(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    let rest =
        [Recipient::ClaimsStaff, Recipient::LegalStaff, Recipient::DataProtectionOfficer, Recipient::Auditor];
    for recipient in rest {
        let staff = site.actor(recipient, PORTFOLIO).await;
        let before = site.entries(ada).await;
        refusal(breaks(&site, &staff, ada).await);
        assert_eq!(site.entries(ada).await, before + 1, "{recipient}");
        assert_eq!(entries(&site, ada).await.pop().unwrap().outcome, EntryOutcome::Refused);
    }
    let own = crate::own_file::closed_to(&site, Recipient::ClinicalStaff, &[ada]).await;
    assert_eq!(refusal(breaks(&site, &own, ada).await).bar, Some(Bar::OwnFile));
    assert_eq!(entries(&site, ada).await.pop().unwrap().bar, Some(Bar::OwnFile));
    let untrained = crate::actors::untrained(&site, Recipient::ClinicalStaff, None).await;
    assert_eq!(refusal(breaks(&site, &untrained, ada).await).bar, Some(Bar::Untrained));
    let walled = site.actor(Recipient::ClinicalStaff, OTHER_PORTFOLIO).await;
    refusal(breaks(&site, &walled, ada).await);
    let nurse = site.actor(Recipient::ClinicalStaff, PORTFOLIO).await;
    let chain = gate::portfolio_chain(PORTFOLIO);
    let before = entries(&site, chain).await.len();
    refusal(breaks(&site, &nurse, SubjectId::from_bytes([77; 16])).await);
    let told = entries(&site, chain).await;
    assert_eq!((told.len(), told.last().unwrap().bar), (before + 1, Some(Bar::NotThere)));
    assert!(queue(&site.app).await.is_empty());
}

async fn a_reason_that_says_nothing_opens_nothing(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    let nurse = site.actor(Recipient::ClinicalStaff, PORTFOLIO).await;
    let before = site.entries(ada).await;
    let card = "She reads me her card, 4111 1111 1111 1111, and the line breaks.";
    for (why, words) in [("", "in a sentence"), ("urgent!", "in a sentence"), (card, "payment card")] {
        let request = site.app.gate.request();
        says(service::break_glass(&site.app, &nurse, PORTFOLIO, ada, why, request).await, words);
    }
    assert_eq!(site.entries(ada).await, before);
    assert!(queue(&site.app).await.is_empty());
    let conditions = site.write(move |unit| store::condition::of_subject(unit, ada)).await;
    assert!(conditions.iter().all(|row| row.condition != Condition::EmergencyReasoned));
}

async fn somebody_else_reviews_it_and_the_person_sees_it(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    let nurse = site.actor(Recipient::ClinicalStaff, PORTFOLIO).await;
    let Emergency { emergency, .. } = breaks(&site, &nurse, ada).await.unwrap();
    let (officer, case) = officer(&site).await;
    let request = site.app.gate.request();
    let list = async |actor: &Actor, case| {
        service::unreviewed_emergencies(&site.app, actor, PORTFOLIO, case).await.map(|rows| rows.len())
    };
    assert_eq!(refusal(list(&officer, None).await).nearest.as_deref(), Some("staff.monitoring"));
    refusal(list(&nurse, Some(case)).await);
    assert_eq!(list(&officer, Some(case)).await.unwrap(), 1);
    let review = async |actor: &Actor| {
        let outcome = EmergencyOutcome::Justified;
        service::review_emergency(&site.app, actor, PORTFOLIO, emergency, outcome, request).await
    };
    says(review(&nurse).await, "by the data protection officer");
    says(review(&officer).await, "read first");
    let relative = crate::own_file::closed_to(&site, Recipient::DataProtectionOfficer, &[ada]).await;
    let own = service::read_emergency(&site.app, &relative, PORTFOLIO, emergency, request).await;
    assert_eq!(refusal(own).bar, Some(Bar::OwnFile));
    service::read_emergency(&site.app, &officer, PORTFOLIO, emergency, request).await.unwrap();
    let reviewed = review(&officer).await.unwrap().review.unwrap();
    assert_eq!((reviewed.by, reviewed.outcome), (officer.id(), EmergencyOutcome::Justified));
    for chain in [ada, portfolio_chain(PORTFOLIO)] {
        let entry = entries(&site, chain).await.pop().unwrap();
        assert_eq!(entry.change.as_deref(), Some("emergency access reviewed: justified"));
    }
    assert_eq!(list(&officer, Some(case)).await.unwrap(), 0);
    says(review(&officer).await, "reviewed already");
    says(
        service::read_emergency(&site.app, &officer, PORTFOLIO, emergency, request).await,
        "reviewed already",
    );
    reads(&site.app, &nurse, ada, emergency).await.expect("it was justified, and lasts");
}

async fn what_was_not_justified_ends_at_once_on_every_server(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    let desk = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let Emergency { emergency, .. } = breaks(&site, &desk, ada).await.unwrap();
    let elsewhere = site.reopen().await;
    reads(&elsewhere, &desk, ada, emergency).await.unwrap();
    let (officer, _) = officer(&site).await;
    let request = site.app.gate.request();
    service::read_emergency(&site.app, &officer, PORTFOLIO, emergency, request).await.unwrap();
    let outcome = EmergencyOutcome::NotJustified;
    service::review_emergency(&site.app, &officer, PORTFOLIO, emergency, outcome, request).await.unwrap();
    for app in [&site.app, &elsewhere] {
        refusal(reads(app, &desk, ada, emergency).await);
    }
}
