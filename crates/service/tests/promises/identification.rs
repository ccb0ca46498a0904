//! Who is calling: customer service finds one person by that person's own details, in its own scope, and is shown who that is
//! and no more. Nobody else finds anybody so, what others share finds nobody, and all of it is on the record.

use std::collections::BTreeSet;

use domain::{CategorySet, Condition, ConditionSet, Purpose, Recipient, SponsorId, SubjectId};
use gate::{
    Actor, Asking, Bar, Entry, EntryOutcome, GateError, LookupKind, MAX_FOUND, MAX_HITS, Refused, Term,
    portfolio_chain,
};
use service::views::{CoverPage, PersonForAccess};
use service::{Found, ServiceError, Unusual, UnusualHours, Usual};

use crate::on_both;
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, SOURCE, TestSite, cover_draft, day, item, member_draft};
use crate::teams::last_entry;
use crate::uses::{ALWAYS, officer_with_a_case, sought};

on_both! {
    a_caller_is_found_by_their_own_details_and_in_no_other_way,
    what_is_shown_is_who_it_is_and_nothing_of_what_was_asked_by,
    nobody_but_customer_service_finds_a_caller,
    of_twenty_five_of_one_name_the_one_is_found_whom_the_searcher_handles,
    of_more_than_are_told_none_is,
    no_search_tells_whether_there_is_somebody,
    it_is_on_the_record_told_to_the_person_and_counted_as_without_a_task,
}

const CLAUSE: &str = "use.customer-service.identify";

/// Somebody with all that a caller could name, covered by this employer.
async fn person(site: &TestSite, id: &str, name: &str, employer: Option<&str>) -> SubjectId {
    let intake = site.app.gate.job(Recipient::IntakeJob).unwrap();
    let mut draft = member_draft(id, true);
    draft.person.name = domain::PersonName::parse(name).unwrap();
    draft.person.email = Some(domain::EmailAddress::parse("family@example.org").unwrap());
    service::enrol_members(&site.app, &intake, PORTFOLIO, SOURCE, &[draft]).await.unwrap();
    let mut cover = cover_draft(id, id);
    cover.sponsor = employer.map(str::to_owned);
    site.cover(&[cover]).await;
    SubjectId::from_bytes(site.app.gate.imported_id("member", SOURCE, id))
}

async fn find(site: &TestSite, actor: &Actor, terms: &[Term]) -> Result<Vec<Found>, ServiceError> {
    let (purpose, request) = (Purpose::Identification, site.app.gate.request());
    service::find_people(&site.app, actor, PORTFOLIO, purpose, None, terms, request).await
}

async fn found(site: &TestSite, actor: &Actor, terms: &[Term]) -> BTreeSet<SubjectId> {
    find(site, actor, terms).await.unwrap().into_iter().map(|one| one.subject).collect()
}

async fn refused(site: &TestSite, actor: &Actor, terms: &[Term]) -> Refused {
    match find(site, actor, terms).await {
        Err(ServiceError::Gate(GateError::Refused(refused))) => refused,
        other => panic!("this must be refused: {:?}", other.map(|found| found.len())),
    }
}

async fn entries(site: &TestSite, subject: SubjectId) -> Vec<Entry> {
    let read = site.app.store().read(move |unit| store::log::pending_of(unit, subject)).await;
    let stored = read.map_err(|error: store::StoreError| error).unwrap();
    stored.iter().map(|one| Entry::from_bytes(&one.body).expect("an entry")).collect()
}

/// What a caller named Ada says of herself, by kind.
fn said(kind: LookupKind) -> Vec<Term> {
    match kind {
        LookupKind::NamePart => Term::of_name("ADA van der BÉRG"),
        LookupKind::BirthDate => vec![gate::birth_date_term(day("1980-05-17"))],
        LookupKind::MemberNumber => vec![Term::new(kind, "m ada")],
        LookupKind::Iban => vec![Term::new(kind, "be68 5390 0754 7034")],
        LookupKind::Email => vec![Term::new(kind, "Family@Example.ORG")],
        LookupKind::PolicyNumber => vec![Term::new(kind, "p1")],
    }
}

async fn a_caller_is_found_by_their_own_details_and_in_no_other_way(site: TestSite) {
    use LookupKind::{BirthDate, Email, Iban, MemberNumber, NamePart, PolicyNumber};
    let ada = person(&site, "ada", "Ada Van der Berg", None).await;
    // Born on the same day, of the same household.
    let eve = person(&site, "eve", "Eve Van der Berg", None).await;
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let terms = |kinds: &[LookupKind]| -> Vec<Term> { kinds.iter().flat_map(|kind| said(*kind)).collect() };
    for kinds in [
        &[MemberNumber][..],
        &[NamePart, BirthDate],
        &[NamePart, PolicyNumber],
        &[NamePart, Iban],
        &[NamePart, Email],
        &[NamePart, BirthDate, MemberNumber, PolicyNumber, Email],
    ] {
        let before = entries(&site, eve).await.len();
        assert_eq!(found(&site, &staff, &terms(kinds)).await, [ada].into(), "{kinds:?}");
        assert_eq!(entries(&site, eve).await.len(), before, "{kinds:?}");
    }
    // What fits two of a household is neither's alone: nobody is told, and nobody has an entry that they were.
    for kinds in [&[BirthDate, PolicyNumber][..], &[BirthDate, Iban], &[BirthDate, Email]] {
        let before = (entries(&site, ada).await.len(), entries(&site, eve).await.len());
        assert!(found(&site, &staff, &terms(kinds)).await.is_empty(), "{kinds:?}");
        assert_eq!((entries(&site, ada).await.len(), entries(&site, eve).await.len()), before, "{kinds:?}");
    }
    let chain = portfolio_chain(PORTFOLIO);
    for kinds in
        [&[NamePart][..], &[BirthDate], &[Iban], &[Email], &[PolicyNumber], &[Iban, Email, PolicyNumber]]
    {
        site.clock.advance(60);
        let before = [ada, eve, chain].map(|chain| site.entries(chain));
        let [of_ada, of_eve, of_nobody] = before;
        let before = (of_ada.await, of_eve.await, of_nobody.await);
        drop(site.app.store().take_trace());
        let refused = refused(&site, &staff, &terms(kinds)).await;
        let steps = site.app.store().take_trace();
        assert_eq!(refused.nearest.as_deref(), Some(CLAUSE), "{kinds:?}: {refused}");
        assert_eq!(refused.lacks, ConditionSet::of(&[Condition::OwnDetails]), "{kinds:?}");
        assert!(!steps.iter().any(|step| step.contains("moretus.lookup")), "{kinds:?}: {steps:#?}");
        let after = (site.entries(ada).await, site.entries(eve).await, site.entries(chain).await);
        assert_eq!(after, (before.0, before.1, before.2 + 1), "{kinds:?}");
        let last = entries(&site, chain).await.pop().unwrap();
        assert_eq!((last.outcome, last.shown), (EntryOutcome::Refused, CategorySet::EMPTY));
        assert_eq!((last.clauses.as_slice(), last.subject), ([CLAUSE.to_owned()].as_slice(), chain));
        // The whole of the account number: four digits of it may stand in any random id.
        let text = format!("{last:?}").to_lowercase().replace(' ', "");
        assert!(
            !text.contains("berg") && !text.contains("539007547034") && !text.contains("example"),
            "{text}"
        );
    }
}

async fn what_is_shown_is_who_it_is_and_nothing_of_what_was_asked_by(site: TestSite) {
    let ada = person(&site, "ada", "Ada Van der Berg", None).await;
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let by = [said(LookupKind::NamePart), said(LookupKind::Iban)].into_iter().flatten().collect::<Vec<_>>();
    let one = find(&site, &staff, &by).await.unwrap().pop().unwrap();
    assert_eq!(
        one.person.name.shown().map(|name| name.reveal().to_owned()).as_deref(),
        Some("Ada Van der Berg")
    );
    assert_eq!(one.person.birth_date.shown(), Some(&day("1980-05-17")));
    assert_eq!(
        one.person.member_number.shown().map(|number| number.reveal().to_owned()).as_deref(),
        Some("M-ada")
    );
    let plan = one.plan.as_ref().and_then(|plan| plan.shown()).map(|plan| plan.reveal().to_owned());
    assert_eq!(plan.as_deref(), Some("Test Plan"));
    // Without a search there are no details, and a search for more than who it is opens nothing.
    let gate = &site.app.gate;
    let asking = Asking::new(&staff, PORTFOLIO, Purpose::Identification, gate.request());
    let asked = gate.ask::<PersonForAccess>(&asking, gate::Target::of(ada)).await.map(drop);
    assert!(
        matches!(asked, Err(GateError::Refused(refused)) if refused.lacks.contains(Condition::OwnDetails))
    );
    let by_number = said(LookupKind::MemberNumber);
    let more = gate.search::<(PersonForAccess, CoverPage)>(&asking, &by_number, None).await.map(drop);
    assert!(
        matches!(more, Err(GateError::Refused(refused)) if refused.lacks.contains(Condition::OwnDetails))
    );
}

async fn nobody_but_customer_service_finds_a_caller(site: TestSite) {
    let ada = person(&site, "ada", "Ada Van der Berg", None).await;
    let chain = portfolio_chain(PORTFOLIO);
    for recipient in [
        Recipient::Analyst,
        Recipient::ClaimsStaff,
        Recipient::EnrolmentStaff,
        Recipient::PaymentsStaff,
        Recipient::ClinicalStaff,
        Recipient::LegalStaff,
        Recipient::Auditor,
        Recipient::DataProtectionOfficer,
        Recipient::IntakeJob,
    ] {
        let actor = site.actor(recipient, PORTFOLIO).await;
        let before = site.entries(chain).await;
        let refused = refused(&site, &actor, &said(LookupKind::MemberNumber)).await;
        assert_eq!(refused.nearest.as_deref(), Some(CLAUSE), "{recipient}: {refused}");
        assert_eq!(site.entries(chain).await, before + 1, "{recipient}");
        assert_eq!(site.entries(ada).await, 0, "{recipient}");
    }
    // Ada herself asks for her own under her own clauses.
    let herself = site.actor_with_id(*ada.bytes(), Recipient::Subject).await;
    refused(&site, &herself, &said(LookupKind::MemberNumber)).await;
    let colleague = site.actor(Recipient::CustomerService, OTHER_PORTFOLIO).await;
    assert_eq!(refused(&site, &colleague, &said(LookupKind::MemberNumber)).await.nearest, None);
    assert_eq!(site.entries(ada).await, 0);
}

async fn sponsor(site: &TestSite, name: &str) -> SponsorId {
    let rows = site.write(store::reference::sponsors).await;
    rows.into_iter().find(|row| row.name == name && row.portfolio == PORTFOLIO).unwrap().sponsor
}

/// Under the cap as it was, whoever had the first ids took the places of those whom the searcher handles.
async fn of_twenty_five_of_one_name_the_one_is_found_whom_the_searcher_handles(site: TestSite) {
    let mut all: Vec<(SubjectId, &str)> = Vec::new();
    for number in 0..25 {
        let employer = if number == 24 { "Quill" } else { "Mill" };
        all.push((person(&site, &format!("maes-{number}"), "Jan Maes", Some(employer)).await, employer));
    }
    let alone = all.last().unwrap().0;
    all.sort_unstable();
    // Whoever comes last of all by their id, behind more than are ever told.
    let (last, _) = *all.last().unwrap();
    let terms =
        [Term::of_name("Jan Maes"), said(LookupKind::BirthDate)].into_iter().flatten().collect::<Vec<_>>();
    let (mill, quill) = (sponsor(&site, "Mill").await, sponsor(&site, "Quill").await);
    let for_quill = crate::scope::of_sponsor(&site, Recipient::CustomerService, quill).await;
    let before = site.entries(last).await;
    assert_eq!(found(&site, &for_quill, &terms).await, [alone].into());
    let for_mill = crate::scope::of_sponsor(&site, Recipient::CustomerService, mill).await;
    assert!(found(&site, &for_mill, &terms).await.is_empty());
    for (subject, _) in &all {
        let is_hit = usize::from(*subject == alone);
        assert_eq!(site.entries(*subject).await, before + is_hit, "who is not told of is no hit");
    }
    // For a task, the one whom it is about is found among all of them.
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    site.assign(last, item(4), &staff).await;
    let (purpose, request) = (Purpose::PlanInformation, site.app.gate.request());
    let hits = service::find_people(&site.app, &staff, PORTFOLIO, purpose, Some(item(4)), &terms, request);
    assert_eq!(hits.await.unwrap().iter().map(|one| one.subject).collect::<Vec<_>>(), [last]);
    assert!(found(&site, &staff, &terms).await.is_empty());
}

async fn of_more_than_are_told_none_is(site: TestSite) {
    let intake = site.app.gate.job(Recipient::IntakeJob).unwrap();
    let people = |from: usize, to: usize| {
        (from..to).map(|number| {
            let mut draft = member_draft(&format!("maes-{number}"), true);
            draft.person.name = domain::PersonName::parse("Jan Maes").unwrap();
            draft
        })
    };
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let terms =
        [Term::of_name("Jan Maes"), said(LookupKind::BirthDate)].into_iter().flatten().collect::<Vec<_>>();
    // One task about all of them.
    let enrol = async |from, to| {
        let drafts: Vec<_> = people(from, to).collect();
        service::enrol_members(&site.app, &intake, PORTFOLIO, SOURCE, &drafts).await.unwrap();
        for number in from..to {
            let id = site.app.gate.imported_id("member", SOURCE, &format!("maes-{number}"));
            site.assign(SubjectId::from_bytes(id), item(9), &staff).await;
        }
    };
    let look = async || {
        let (purpose, request) = (Purpose::PlanInformation, site.app.gate.request());
        let item = Some(item(9));
        let found = service::find_people(&site.app, &staff, PORTFOLIO, purpose, item, &terms, request);
        found.await.map(|found| found.len())
    };
    enrol(0, MAX_HITS).await;
    assert_eq!(look().await.unwrap(), MAX_HITS);
    let first = SubjectId::from_bytes(site.app.gate.imported_id("member", SOURCE, "maes-0"));
    let entry = last_entry(&site, first).await;
    assert_eq!((entry.outcome, entry.bar), (EntryOutcome::Granted, None));
    let mut before = site.entries(first).await;
    for (from, to) in [(MAX_HITS, MAX_HITS + 1), (MAX_HITS + 1, MAX_FOUND), (MAX_FOUND, MAX_FOUND + 1)] {
        enrol(from, to).await;
        let told = look().await;
        assert!(matches!(told, Err(ServiceError::Gate(GateError::TooManyFound))), "{to}: {told:?}");
        // Nobody's list says that they were shown who was not told: that they were not, and why, as far as they were looked at.
        let is_looked_at = to <= MAX_FOUND;
        assert_eq!(site.entries(first).await, before + usize::from(is_looked_at));
        before = site.entries(first).await;
        for number in if is_looked_at { 0..to } else { 0..0 } {
            let id = site.app.gate.imported_id("member", SOURCE, &format!("maes-{number}"));
            let entry = last_entry(&site, SubjectId::from_bytes(id)).await;
            assert_eq!((entry.outcome, entry.bar), (EntryOutcome::Refused, Some(Bar::TooManyFound)));
            assert!(entry.shown.is_empty() && entry.clauses.is_empty() && entry.item == Some(item(9)));
        }
    }
    // Another word, and there is one.
    let last = SubjectId::from_bytes(site.app.gate.imported_id("member", SOURCE, "maes-7"));
    let more = [said(LookupKind::BirthDate), vec![Term::new(LookupKind::MemberNumber, "M-maes-7")]]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>();
    assert_eq!(found(&site, &staff, &more).await, [last].into());
}

/// Nobody, somebody of another employer, and somebody of another portfolio: the same is answered, and the same was done.
async fn no_search_tells_whether_there_is_somebody(site: TestSite) {
    person(&site, "ada", "Ada Own", Some("Mill")).await;
    let eve = person(&site, "eve", "Eve Other", Some("Forge")).await;
    let intake = site.app.gate.job(Recipient::IntakeJob).unwrap();
    let elsewhere = [member_draft("elsewhere", true)];
    service::enrol_members(&site.app, &intake, OTHER_PORTFOLIO, "others", &elsewhere).await.unwrap();
    let mill = sponsor(&site, "Mill").await;
    let staff = crate::scope::of_sponsor(&site, Recipient::CustomerService, mill).await;
    let chain = portfolio_chain(PORTFOLIO);
    let mut told = Vec::new();
    for number in ["M-nobody", "M-nobody", "M-eve", "M-elsewhere"] {
        let terms = [Term::new(LookupKind::MemberNumber, number)];
        let before = (site.entries(chain).await, site.entries(eve).await);
        drop(site.app.store().take_trace());
        let found = found(&site, &staff, &terms).await;
        let steps = site.app.store().take_trace();
        let after = (site.entries(chain).await, site.entries(eve).await);
        told.push((found.len(), (after.0 - before.0, after.1 - before.1), steps));
    }
    // What is kept of the notices is read once by each server: the first search is not compared.
    for other in &told[2..] {
        assert_eq!(other, &told[1]);
    }
    assert_eq!((told[1].0, told[1].1), (0, (2, 0)), "the question, and that nobody is shown");
    // And with a wrong birth date of somebody who is there.
    let wrong = [said(LookupKind::MemberNumber), vec![gate::birth_date_term(day("1990-01-01"))]]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>();
    assert!(found(&site, &staff, &wrong).await.is_empty());
    assert_eq!(found(&site, &staff, &said(LookupKind::MemberNumber)).await.len(), 1);
}

async fn it_is_on_the_record_told_to_the_person_and_counted_as_without_a_task(site: TestSite) {
    let ada = person(&site, "ada", "Ada Van der Berg", None).await;
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let by = [said(LookupKind::BirthDate), said(LookupKind::Email), said(LookupKind::NamePart)]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>();
    assert_eq!(found(&site, &staff, &by).await, [ada].into());
    let herself = site.actor_with_id(*ada.bytes(), Recipient::Subject).await;
    let answer = service::answer_access_request(&site.app, &herself, PORTFOLIO, ada, None).await.unwrap();
    let told = answer.history.iter().filter(|line| line.purpose == Purpose::Identification);
    let told: Vec<_> = told.collect();
    let [line] = told.as_slice() else { panic!("{} lines", told.len()) };
    assert_eq!((line.outcome, line.recipient), (EntryOutcome::Granted, Recipient::CustomerService));
    assert_eq!(line.clauses, [CLAUSE]);
    let who = [domain::Category::Identity, domain::Category::MemberId, domain::Category::Plan];
    assert_eq!(line.shown, CategorySet::of(&who), "an account was not asked by");
    for _ in 0..2 {
        found(&site, &staff, &[Term::new(LookupKind::MemberNumber, "M-nobody")]).await;
    }
    let (officer, case) = officer_with_a_case(&site, &[]).await;
    let uses = service::uses(&site.app, &officer, PORTFOLIO, Some(case), sought(ALWAYS)).unwrap();
    let usual = Usual {
        people_an_hour: 2,
        people_a_day: 99,
        hours: None,
        weekends: true,
        countries: BTreeSet::new(),
    };
    let mut hours = UnusualHours::new(uses, usual);
    let mut unusual = Vec::new();
    while let Some(part) = hours.next().await.unwrap() {
        unusual.extend(part.into_iter().filter(|hour| hour.actor == staff.id()));
    }
    let [hour] = unusual.as_slice() else { panic!("{unusual:?}") };
    assert_eq!(hour.what, [Unusual::NoTask, Unusual::ManySearches].into());
    assert_eq!((hour.people, hour.uses, hour.without_task, hour.searches), (1, 1, 1, 3));
}
