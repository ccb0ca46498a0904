//! What the officer reads in the record of uses: under its clause, in the service of a case, on the record itself first,
//! about everybody by code alone; and what it counts of an incident.

use std::collections::BTreeSet;

use domain::{
    ActorId, Category, Condition, GoverningLaw, Purpose, Recipient, SubjectId, Timestamp, WorkItemId,
};
use gate::{Actor, Asking, Entry, EntryOutcome, GateError, Sought, Target, Use, portfolio_chain};
use service::views::{CoverPage, PersonForAccess, PostingToVerify};
use service::{CountBy, NewCase, ServiceError, Unusual, UnusualHour, UnusualHours, Usual};

use crate::on_both;
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, TestSite, item};

on_both! {
    uses_are_read_in_a_case_and_on_the_record_first,
    nobody_but_the_officer_reads_them_and_no_case_is_opened_by_its_own,
    they_are_found_by_time_actor_clause_and_person,
    what_waits_is_sealed_and_long_ago_is_found_all_the_same,
    an_altered_entry_is_not_passed_over,
    a_missing_entry_is_not_passed_over,
    what_people_do_with_their_own_data_is_not_told,
    counts_are_of_the_same_uses,
    unusual_hours_are_told_once,
    a_work_item_that_is_nobodys_task_is_no_task,
    a_long_time_is_read_in_parts_each_on_the_record,
    an_incident_is_counted_as_it_happened,
}

pub(crate) const ALWAYS: (i64, i64) = (0, i64::MAX);

pub(crate) fn sought((from, to): (i64, i64)) -> Sought {
    let (from, to) = (Timestamp::from_micros(from), Timestamp::from_micros(to));
    Sought { from, to, actor: None, clause: None, subject: None }
}

/// The officer of the portfolio, with a case that the keeper opened, for these people too.
pub(crate) async fn officer_with_a_case(site: &TestSite, people: &[SubjectId]) -> (Actor, WorkItemId) {
    let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    let new = NewCase { portfolio: PORTFOLIO, officer: officer.id(), people: people.to_vec(), days: 1 };
    let case = service::open_case(&site.app, &site.keeper, &new).await.unwrap();
    (officer, case)
}

pub(crate) async fn read(
    site: &TestSite,
    officer: &Actor,
    case: Option<WorkItemId>,
    sought: Sought,
) -> Result<Vec<Use>, ServiceError> {
    let mut uses = service::uses(&site.app, officer, PORTFOLIO, case, sought)?;
    let mut all = Vec::new();
    while let Some(part) = uses.next().await? {
        all.extend(part);
    }
    Ok(all)
}

/// Two of the staff read covers: the first one Ada's and Eve's, the second one Ada's; and the first is refused once.
pub(crate) struct Morning {
    pub(crate) first: Actor,
    second: Actor,
    pub(crate) ada: SubjectId,
    pub(crate) eve: SubjectId,
    pub(crate) began: i64,
    pub(crate) ended: i64,
}

pub(crate) async fn morning(site: &TestSite) -> Morning {
    let (ada, eve) = (site.member("ada", true).await.subject, site.member("eve", true).await.subject);
    let first = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let second = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    for (subject, actor) in [(ada, &first), (eve, &first), (ada, &second)] {
        site.assign(subject, item(1), actor).await;
    }
    let began = site.app.gate.now().micros();
    for (actor, subject) in [(&first, ada), (&first, eve), (&second, ada)] {
        let asking = Asking::new(actor, PORTFOLIO, Purpose::PlanInformation, site.app.gate.request());
        site.app.gate.ask::<CoverPage>(&asking, Target::for_item(subject, item(1))).await.unwrap();
    }
    let asking = Asking::new(&first, PORTFOLIO, Purpose::PlanInformation, site.app.gate.request());
    site.app.gate.ask::<CoverPage>(&asking, Target::of(ada)).await.unwrap_err();
    let ended = site.app.gate.now().micros();
    Morning { first, second, ada, eve, began, ended }
}

pub(crate) fn is_refused<T>(answer: Result<T, ServiceError>) -> gate::Refused {
    match answer.map(drop) {
        Err(ServiceError::Gate(GateError::Refused(refused))) => refused,
        other => panic!("{other:?}"),
    }
}

async fn last_entry(site: &TestSite, subject: SubjectId) -> Entry {
    let read = site.app.store().read(move |unit| store::log::pending_of(unit, subject)).await;
    let entries = read.map_err(|error: store::StoreError| error).unwrap();
    Entry::from_bytes(&entries.last().unwrap().body).unwrap()
}

async fn uses_are_read_in_a_case_and_on_the_record_first(site: TestSite) {
    let day = morning(&site).await;
    let (officer, case) = officer_with_a_case(&site, &[]).await;
    let opened = last_entry(&site, portfolio_chain(PORTFOLIO)).await;
    assert_eq!((opened.outcome, opened.item), (EntryOutcome::Changed, Some(case)));
    let span = sought((day.began, day.ended));
    let without = is_refused(read(&site, &officer, None, span.clone()).await);
    assert_eq!(without.nearest.as_deref(), Some("staff.monitoring"));
    assert!(without.lacks.contains(Condition::WorkItem), "{without}");
    let other = is_refused(read(&site, &officer, Some(item(9)), span.clone()).await);
    assert!(other.lacks.contains(Condition::WorkItem), "a case that nobody opened: {other}");
    assert_eq!(last_entry(&site, portfolio_chain(PORTFOLIO)).await.outcome, EntryOutcome::Refused);

    let found = read(&site, &officer, Some(case), span.clone()).await.unwrap();
    let entry = last_entry(&site, portfolio_chain(PORTFOLIO)).await;
    assert_eq!((entry.outcome, entry.item, entry.actor), (EntryOutcome::Granted, Some(case), officer.id()));
    assert_eq!(
        (entry.purpose, entry.clauses),
        (Purpose::StaffMonitoring, vec!["staff.monitoring".to_owned()])
    );
    assert_eq!(entry.filters, ["time"]);
    let outcomes: Vec<EntryOutcome> = found.iter().map(|one| one.outcome).collect();
    assert_eq!(outcomes, [[EntryOutcome::Granted; 3].as_slice(), &[EntryOutcome::Refused]].concat());
    let actors: Vec<ActorId> = found.iter().map(|one| one.actor).collect();
    assert_eq!(actors, [day.first.id(), day.first.id(), day.second.id(), day.first.id()]);
    // A person is a code: the same throughout an answer, and in no other.
    let people: Vec<u64> = found.iter().map(|one| one.person.unwrap()).collect();
    assert_eq!((people[0], people[0]), (people[2], people[3]));
    assert_ne!(people[0], people[1]);
    let again = read(&site, &officer, Some(case), span.clone()).await.unwrap();
    assert_ne!(again[0].person, found[0].person);
    // A case ends by itself.
    site.clock.advance(86_401);
    is_refused(read(&site, &officer, Some(case), span).await);
}

async fn nobody_but_the_officer_reads_them_and_no_case_is_opened_by_its_own(site: TestSite) {
    let day = morning(&site).await;
    let (officer, case) = officer_with_a_case(&site, &[]).await;
    for recipient in [Recipient::CustomerService, Recipient::Auditor, Recipient::LegalStaff] {
        let other = site.actor(recipient, PORTFOLIO).await;
        site.assign(portfolio_chain(PORTFOLIO), case, &other).await;
        is_refused(read(&site, &other, Some(case), sought(ALWAYS)).await);
    }
    is_refused(read(&site, &site.keeper, Some(case), sought(ALWAYS)).await);
    let elsewhere = site.actor(Recipient::DataProtectionOfficer, OTHER_PORTFOLIO).await;
    is_refused(read(&site, &elsewhere, Some(case), sought(ALWAYS)).await);
    let open = async |keeper: &Actor, officer: ActorId, days| {
        let new = NewCase { portfolio: PORTFOLIO, officer, people: Vec::new(), days };
        service::open_case(&site.app, keeper, &new).await
    };
    let refused = open(&officer, officer.id(), 1).await.unwrap_err();
    assert!(refused.to_string().contains("somebody else opens it"), "{refused}");
    for (officer, days) in [(day.first.id(), 1), (elsewhere.id(), 1), (officer.id(), 0), (officer.id(), 91)] {
        assert!(matches!(open(&site.keeper, officer, days).await, Err(ServiceError::Case(_))));
    }
    let staff = open(&day.first, officer.id(), 1).await;
    assert!(matches!(staff, Err(ServiceError::Gate(GateError::NotTheKeeper))), "{staff:?}");
    let late = service::uses(&site.app, &officer, PORTFOLIO, Some(case), sought((9, 9)));
    assert!(matches!(late.map(drop), Err(ServiceError::Case(_))));
}

async fn they_are_found_by_time_actor_clause_and_person(site: TestSite) {
    let day = morning(&site).await;
    let (officer, case) = officer_with_a_case(&site, &[day.ada]).await;
    let span = sought((day.began, day.ended));
    let count = async |sought: Sought| read(&site, &officer, Some(case), sought).await.unwrap().len();
    assert_eq!(count(span.clone()).await, 4);
    assert_eq!(
        count(sought((day.ended, i64::MAX))).await,
        3,
        "opening the case, twice, and the answer above"
    );
    assert_eq!(count(Sought { actor: Some(day.second.id()), ..span.clone() }).await, 1);
    let clause = Some("use.plan-information".to_owned());
    assert_eq!(count(Sought { clause: clause.clone(), ..span.clone() }).await, 4);
    assert_eq!(count(Sought { clause: Some("use.claims".to_owned()), ..span.clone() }).await, 0);
    assert_eq!(count(Sought { clause, actor: Some(day.first.id()), ..span.clone() }).await, 3);
    // About one person: their own list tells of it, and the case must be open for them.
    let before = site.entries(day.ada).await;
    assert_eq!(count(Sought { subject: Some(day.ada), ..span.clone() }).await, 3);
    assert_eq!(site.entries(day.ada).await, before + 1);
    let entry = last_entry(&site, day.ada).await;
    assert_eq!((entry.purpose, entry.actor), (Purpose::AccessRequest, officer.id()));
    let about_eve = read(&site, &officer, Some(case), Sought { subject: Some(day.eve), ..span }).await;
    assert!(is_refused(about_eve).lacks.contains(Condition::WorkItem));
}

async fn what_waits_is_sealed_and_long_ago_is_found_all_the_same(site: TestSite) {
    let day = morning(&site).await;
    let (officer, case) = officer_with_a_case(&site, &[]).await;
    let span = sought((day.began, day.ended));
    let sealer = site.app.gate.sealer(None).await.unwrap();
    for hours in [0, 1, 1, 3] {
        site.clock.advance(hours * 3_600);
        let found = read(&site, &officer, Some(case), span.clone()).await.unwrap();
        assert_eq!(found.len(), 4, "after {hours} hours more");
        sealer.roll().await.unwrap();
    }
    // Between rolls, and with rolls on both sides.
    let before = site.app.gate.now().micros();
    let asking = Asking::new(&day.second, PORTFOLIO, Purpose::PlanInformation, site.app.gate.request());
    site.app.gate.ask::<PersonForAccess>(&asking, Target::for_item(day.ada, item(1))).await.unwrap();
    let after = site.app.gate.now().micros();
    for _ in 0..3 {
        let found = read(&site, &officer, Some(case), sought((before, after))).await.unwrap();
        assert_eq!(found.len(), 1);
        site.clock.advance(3_600);
        sealer.roll().await.unwrap();
    }
}

async fn an_altered_entry_is_not_passed_over(site: TestSite) {
    let day = morning(&site).await;
    let (officer, case) = officer_with_a_case(&site, &[]).await;
    let (from, to) = (day.eve, day.ada);
    site.tamper(store::testing::Tampering::OtherSubject { from, to }).await;
    let read = read(&site, &officer, Some(case), sought((day.began, day.ended))).await;
    assert!(matches!(read, Err(ServiceError::Gate(GateError::Log { .. }))), "{read:?}");
}

async fn a_missing_entry_is_not_passed_over(site: TestSite) {
    let day = morning(&site).await;
    let (officer, case) = officer_with_a_case(&site, &[]).await;
    site.app.gate.sealer(None).await.unwrap().roll().await.unwrap();
    let span = sought((day.began, day.ended));
    assert_eq!(read(&site, &officer, Some(case), span.clone()).await.unwrap().len(), 4);
    site.tamper(store::testing::Tampering::NoEntries { of: day.eve }).await;
    let read = read(&site, &officer, Some(case), span).await;
    assert!(matches!(read, Err(ServiceError::Gate(GateError::Log { .. }))), "{read:?}");
}

/// Their actor is themself, by name as it were.
async fn what_people_do_with_their_own_data_is_not_told(site: TestSite) {
    let day = morning(&site).await;
    let member = site.actor_with_id(*day.ada.bytes(), Recipient::Subject).await;
    let asking = Asking::new(&member, PORTFOLIO, Purpose::AccessRequest, site.app.gate.request());
    site.app.gate.ask::<service::views::PersonForAccess>(&asking, Target::of(day.ada)).await.unwrap();
    let (officer, case) = officer_with_a_case(&site, &[]).await;
    let span = sought((day.began, site.app.gate.now().micros() + 1));
    let found = read(&site, &officer, Some(case), span.clone()).await.unwrap();
    assert!(found.iter().all(|one| one.actor.bytes() != day.ada.bytes()));
    let theirs = gate::Sought { actor: Some(member.id()), ..span };
    assert_eq!(read(&site, &officer, Some(case), theirs).await.unwrap(), []);
}

async fn counts_are_of_the_same_uses(site: TestSite) {
    let day = morning(&site).await;
    let (officer, case) = officer_with_a_case(&site, &[]).await;
    let begin =
        || service::uses(&site.app, &officer, PORTFOLIO, Some(case), sought((day.began, day.ended))).unwrap();
    let by_actor = service::count_uses(begin(), CountBy::Actor).await.unwrap();
    let first = &by_actor[&day.first.id().to_string()];
    assert_eq!((first.granted, first.refused, first.people.len()), (2, 1, 2));
    let second = &by_actor[&day.second.id().to_string()];
    assert_eq!((second.granted, second.refused, second.people.len()), (1, 0, 1));
    assert!(second.first == second.last && first.first < first.last);
    let by_clause = service::count_uses(begin(), CountBy::Clause).await.unwrap();
    assert_eq!(by_clause.keys().collect::<Vec<_>>(), ["use.plan-information"]);
    let count = &by_clause["use.plan-information"];
    assert_eq!((count.granted, count.refused, count.people.len()), (3, 1, 2));
    assert!(count.shown.contains(Category::Plan) && !count.shown.contains(Category::Health));
}

/// The hours of a span that are unusual where so many people an hour are usual, and any hour and country is.
async fn unusual(
    site: &TestSite,
    officer: &Actor,
    case: Option<WorkItemId>,
    (span, people_an_hour): ((i64, i64), usize),
) -> Result<Vec<UnusualHour>, ServiceError> {
    let uses = service::uses(&site.app, officer, PORTFOLIO, case, sought(span))?;
    let usual =
        Usual { people_an_hour, people_a_day: 99, hours: None, weekends: true, countries: BTreeSet::new() };
    let mut hours = UnusualHours::new(uses, usual);
    let mut all = Vec::new();
    while let Some(part) = hours.next().await? {
        all.extend(part);
    }
    Ok(all)
}

async fn unusual_hours_are_told_once(site: TestSite) {
    let day = morning(&site).await;
    let (officer, case) = officer_with_a_case(&site, &[]).await;
    let told = |people, case| unusual(&site, &officer, case, ((day.began, day.ended), people));
    let many = told(1, Some(case)).await.unwrap();
    assert_eq!(many.len(), 1);
    assert_eq!((many[0].actor, many[0].people, many[0].uses), (day.first.id(), 2, 2));
    assert!(told(2, Some(case)).await.unwrap().is_empty());
    is_refused(told(1, None).await);
}

/// The auditor's clause asks for no task: what it is said to be for is made up by whoever asks.
async fn a_work_item_that_is_nobodys_task_is_no_task(site: TestSite) {
    let (ada, eve) = (site.member("ada", true).await.subject, site.member("eve", true).await.subject);
    let auditor = site.actor(Recipient::Auditor, PORTFOLIO).await;
    let other = site.actor(Recipient::Auditor, PORTFOLIO).await;
    site.assign(ada, item(2), &auditor).await;
    site.assign(ada, item(3), &other).await;
    let (officer, case) = officer_with_a_case(&site, &[]).await;
    let gate = &site.app.gate;
    let ask = async |targets: &[Target]| {
        let began = gate.now().micros();
        for target in targets {
            let asking = Asking::new(&auditor, PORTFOLIO, Purpose::Audit, gate.request());
            gate.ask::<PostingToVerify>(&asking, *target).await.unwrap();
        }
        (began, gate.now().micros())
    };
    let without_task = async |span| {
        let hours = unusual(&site, &officer, Some(case), (span, 9)).await.unwrap();
        assert!(hours.iter().all(|hour| hour.what.contains(&Unusual::NoTask)));
        hours.iter().map(|hour| hour.without_task).sum::<u64>()
    };
    let task = Target::for_item(ada, item(2));
    let span = ask(&[task]).await;
    assert_eq!(without_task(span).await, 0);
    assert_eq!(last_entry(&site, ada).await.item, Some(item(2)));
    // Made up; of another; of another person.
    let others = [(ada, item(9)), (ada, item(3)), (eve, item(2))];
    let others = others.map(|(subject, item)| Target::for_item(subject, item));
    assert_eq!(without_task(ask(&others).await).await, 3);
    assert_eq!(last_entry(&site, ada).await.item, None);
    // Those of a run are in an entry about many, with what each was asked for beside it.
    let began = gate.now().micros();
    let asking = Asking::new(&auditor, PORTFOLIO, Purpose::Audit, gate.request());
    let targets = vec![Target::for_item(ada, item(9)), Target::for_item(eve, item(9)), task];
    let mut run = gate.run::<PostingToVerify>(asking, targets, gate::MAX_PART).await.unwrap();
    while run.next().await.unwrap().is_some() {}
    assert_eq!(without_task((began, gate.now().micros())).await, 2);
    // What was a task and is none any more.
    let (now, object) = (gate.now(), gate::assignment(item(2), auditor.id()));
    site.write(move |unit| store::condition::end(unit, ada, Condition::WorkItem, object, now)).await;
    assert_eq!(without_task(ask(&[task]).await).await, 1);
}

async fn a_long_time_is_read_in_parts_each_on_the_record(site: TestSite) {
    const MANY: usize = 21_000;
    let day = morning(&site).await;
    let asking = Asking::new(&day.first, PORTFOLIO, Purpose::PlanInformation, site.app.gate.request());
    // Each for a work item of its own: for the same one a person is in an entry about many once.
    let items = (1..=MANY as u128).map(|number| WorkItemId::from_bytes((number << 8).to_be_bytes()));
    let targets: Vec<Target> = items.map(|item| Target::for_item(day.ada, item)).collect();
    let (subject, actor) = (day.ada, day.first.id());
    let tasks: Vec<store::condition::ConditionRow> = targets
        .iter()
        .map(|target| store::condition::ConditionRow {
            subject,
            condition: Condition::WorkItem,
            object: gate::assignment(target.item.unwrap(), actor),
            since: Timestamp::from_micros(0),
            until: None,
        })
        .collect();
    site.write(move |unit| store::condition::set_many(unit, &tasks)).await;
    let mut run = site.app.gate.run::<PersonForAccess>(asking, targets, gate::MAX_PART).await.unwrap();
    while run.next().await.unwrap().is_some() {}
    site.app.gate.sealer(None).await.unwrap().seal().await.unwrap();
    let (officer, case) = officer_with_a_case(&site, &[]).await;
    let chain = portfolio_chain(PORTFOLIO);
    let before = site.entries(chain).await;
    let mut uses =
        service::uses(&site.app, &officer, PORTFOLIO, Some(case), sought((day.began, i64::MAX))).unwrap();
    let (mut parts, mut people, mut shown) = (0, BTreeSet::new(), 0);
    while let Some(part) = uses.next().await.unwrap() {
        parts += 1;
        people.extend(part.iter().filter_map(|one| one.person));
        shown += part.iter().filter(|one| !one.shown.is_empty()).count();
        assert_eq!(site.entries(chain).await, before + parts, "each part has its entry");
    }
    assert!(parts >= 2, "{parts}");
    assert_eq!((shown, people.len()), (MANY + 3, 2));
}

async fn an_incident_is_counted_as_it_happened(site: TestSite) {
    let day = morning(&site).await;
    let (officer, case) = officer_with_a_case(&site, &[]).await;
    let (from, to) = (Timestamp::from_micros(day.began), Timestamp::from_micros(day.ended));
    let which = (day.first.id(), from, to);
    is_refused(service::incident(&site.app, &officer, PORTFOLIO, None, which).await);
    let incident = service::incident(&site.app, &officer, PORTFOLIO, Some(case), which).await.unwrap();
    assert_eq!((incident.people(), incident.uses, incident.refused, incident.searches), (2, 2, 1, 0));
    assert_eq!(incident.people_by_law().collect::<Vec<_>>(), [(GoverningLaw::Belgium, 2)]);
    let categories: BTreeSet<(Category, usize)> = incident.people_by_category().collect();
    assert!(categories.contains(&(Category::Plan, 2)) && categories.iter().all(|(_, people)| *people == 2));
    assert_eq!(incident.clauses.iter().collect::<Vec<_>>(), [(&"use.plan-information".to_owned(), &2)]);
    let (first, last) = incident.span.unwrap();
    assert!(from < first && first < last && last < to);
    assert!(incident.recipients.is_empty() && incident.read_from.len() == 1);
    let nobody = (ActorId::from_bytes([0x5a; 16]), from, to);
    let nothing = service::incident(&site.app, &officer, PORTFOLIO, Some(case), nobody).await.unwrap();
    assert_eq!((nothing.people(), nothing.uses, nothing.span), (0, 0, None));
}
