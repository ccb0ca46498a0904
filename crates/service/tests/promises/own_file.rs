//! Promise 2: nobody on the staff handles their own file, nor a relative's. What whose file is, is declared with the
//! token; the gate refuses, whatever the notice and the work items say.

use domain::{
    Category, CategorySet, Condition, ConsentChannel, Language, Material, Purpose, Recipient, SubjectId,
    SuppliedOther,
};
use gate::{Actor, Asking, Bar, Entry, EntryOutcome, GateError, LookupKind, MatterChange, Target, Term};
use service::views::{FoundPerson, PersonForAccess};
use service::{ConsentTo, NewConsent, ServiceError};
use store::reference::ActorRow;

use crate::on_both;
use crate::site::{PORTFOLIO, TestSite, item};

on_both! {
    nobody_opens_their_own_file_or_a_relatives,
    the_refusal_is_the_same_whatever_the_ask,
    a_run_and_a_search_leave_it_out,
    nobody_hands_it_over_takes_it_in_or_opens_a_matter_for_it,
    nobody_writes_down_or_takes_back_their_consent,
    a_queue_gives_it_to_a_colleague,
    the_person_themself_is_not_at_work,
}

/// An actor to whom these files are closed.
pub(crate) async fn closed_to(site: &TestSite, recipient: Recipient, own_files: &[SubjectId]) -> Actor {
    let gate = &site.app.gate;
    let id = match recipient {
        Recipient::Subject => *own_files[0].bytes(),
        _ => gate.random_id(),
    };
    let (token, hash) = gate.new_token();
    let row = ActorRow {
        actor: domain::ActorId::from_bytes(id),
        recipient,
        role: "tester".to_owned(),
        team: "tests".to_owned(),
        country: "BE".parse().unwrap(),
        portfolio: PORTFOLIO,
        organisation: None,
        own_files: own_files.to_vec(),
        sponsors: Vec::new(),
        trained_until: Some("2199-12-30".parse().unwrap()),
        name: String::new(),
        token_hash: Some(hash),
        expires: gate.now().plus_seconds(1_000),
        ended: None,
    };
    site.write(move |unit| store::reference::insert_actor(unit, &row)).await;
    gate.authenticate(&token).await.unwrap();
    gate.authenticate(&token).await.expect("from memory, too")
}

async fn last_entry(site: &TestSite, subject: SubjectId) -> Entry {
    let read = site.app.store().read(move |unit| store::log::pending_of(unit, subject)).await;
    let entries = read.map_err(|error: store::StoreError| error).unwrap();
    Entry::from_bytes(&entries.last().expect("it is on the record").body).expect("an entry")
}

fn barred(answer: Result<impl Sized, GateError>) {
    match answer.map(drop) {
        Err(GateError::Refused(refused)) => {
            assert_eq!(refused.bar, Some(Bar::OwnFile), "{refused}");
            assert_eq!((refused.nearest, refused.lacks.is_empty()), (None, true), "no clause would help");
        }
        other => panic!("{other:?}"),
    }
}

async fn nobody_opens_their_own_file_or_a_relatives(site: TestSite) {
    let (own, relative, other) =
        (site.person("own", true).await, site.person("child", true).await, site.person("other", true).await);
    let staff = closed_to(&site, Recipient::CustomerService, &[own, relative]).await;
    let colleague = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let ask = |actor, subject| {
        let asking = Asking::new(actor, PORTFOLIO, Purpose::PlanInformation, site.app.gate.request());
        let gate = &site.app.gate;
        async move { gate.ask::<PersonForAccess>(&asking, Target::for_item(subject, item(1))).await }
    };
    for subject in [own, relative, other] {
        site.assign(subject, item(1), &staff).await;
        site.assign(subject, item(1), &colleague).await;
    }
    for subject in [own, relative] {
        let before = site.entries(subject).await;
        barred(ask(&staff, subject).await);
        let entry = last_entry(&site, subject).await;
        assert_eq!(site.entries(subject).await, before + 1);
        assert_eq!((entry.outcome, entry.bar), (EntryOutcome::Refused, Some(Bar::OwnFile)));
        assert_eq!((entry.shown, entry.actor), (CategorySet::EMPTY, staff.id()));
        assert!(entry.withheld.contains(Category::Identity) && entry.clauses.is_empty());
        ask(&colleague, subject).await.expect("a colleague may");
    }
    ask(&staff, other).await.expect("and somebody else's opens");
    assert_eq!(last_entry(&site, other).await.bar, None);
}

/// Also where another clause, or none, would be told: the bar says nothing of the person.
async fn the_refusal_is_the_same_whatever_the_ask(site: TestSite) {
    let own = site.person("own", false).await;
    for recipient in [Recipient::ClaimsStaff, Recipient::DataProtectionOfficer, Recipient::Auditor] {
        let staff = closed_to(&site, recipient, &[own]).await;
        for purpose in [Purpose::ClaimsProcessing, Purpose::AccessRequest, Purpose::Audit, Purpose::Marketing]
        {
            let asking = Asking::new(&staff, PORTFOLIO, purpose, site.app.gate.request());
            barred(site.app.gate.ask::<PersonForAccess>(&asking, Target::of(own)).await);
            barred(site.app.gate.ask::<PersonForAccess>(&asking, Target::for_item(own, item(9))).await);
        }
    }
    let staff = closed_to(&site, Recipient::ClaimsStaff, &[own]).await;
    let elsewhere = crate::site::OTHER_PORTFOLIO;
    let asking = Asking::new(&staff, elsewhere, Purpose::ClaimsProcessing, site.app.gate.request());
    let walled = site.app.gate.ask::<PersonForAccess>(&asking, Target::of(own)).await;
    assert!(
        matches!(walled, Err(GateError::Refused(refused)) if refused.bar.is_none()),
        "the wall comes first"
    );
}

async fn a_run_and_a_search_leave_it_out(site: TestSite) {
    let (own, other) = (site.person("Ada Own", true).await, site.person("Ada Other", true).await);
    let staff = closed_to(&site, Recipient::CustomerService, &[own]).await;
    for subject in [own, other] {
        site.assign(subject, item(1), &staff).await;
    }
    let asking = Asking::new(&staff, PORTFOLIO, Purpose::PlanInformation, site.app.gate.request());
    let targets = [own, other].map(|subject| Target::for_item(subject, item(1)));
    let mut run = site.app.gate.run::<PersonForAccess>(asking, targets.to_vec(), 10).await.unwrap();
    let part = run.next().await.unwrap().unwrap();
    assert_eq!(part.granted, [targets[1]]);
    assert_eq!(part.refused[0].0, targets[0]);
    assert_eq!(part.refused[0].1.bar, Some(Bar::OwnFile));
    // A clause that needs no work item lets search; the own file is no hit, and on the record.
    let (before, other_before) = (site.entries(own).await, site.entries(other).await);
    let asking = Asking::new(&staff, PORTFOLIO, Purpose::Marketing, site.app.gate.request());
    let terms = [Term::new(LookupKind::NamePart, "Ada")];
    let hits = site.app.gate.search::<FoundPerson>(&asking, &terms, None).await.unwrap();
    assert!(hits.iter().all(|(subject, _)| *subject != own));
    assert_eq!((site.entries(own).await, site.entries(other).await), (before + 1, other_before + 1));
    assert_eq!(last_entry(&site, own).await.bar, Some(Bar::OwnFile));
}

async fn nobody_hands_it_over_takes_it_in_or_opens_a_matter_for_it(site: TestSite) {
    let (own, other) = (site.person("own", true).await, site.person("other", true).await);
    let clerk = closed_to(&site, Recipient::EnrolmentStaff, &[own]).await;
    let asking = Asking::new(&clerk, PORTFOLIO, Purpose::Classification, site.app.gate.request());
    let categories = CategorySet::of(&[Category::Other]);
    let collection = site.app.gate.collect(&asking, domain::SubjectKind::Member, categories).await.unwrap();
    let keys = site.app.store().read(move |unit| store::many::keys(unit, &[own, other])).await;
    let keys = keys.map_err(|error: store::StoreError| error).unwrap();
    let material = |subject: SubjectId| {
        let keys: Vec<_> = keys.iter().filter(|key| key.subject == subject).cloned().collect();
        let missing = site.app.gate.missing_keys::<SuppliedOther>(subject, &keys).unwrap();
        let keys = [keys, missing].concat();
        let material = Material::parse("text/plain", b"a letter".to_vec()).unwrap();
        collection.seal(subject, subject, 1, &SuppliedOther { material }, &keys).map(drop)
    };
    barred(material(own));
    material(other).unwrap();
    let counsel = closed_to(&site, Recipient::LegalStaff, &[own]).await;
    let matter = domain::MatterId::from_bytes([3; 16]);
    let change = MatterChange { matter, assignee: None, change: "opened".to_owned() };
    let before = site.entries(own).await;
    barred(site.app.gate.record_matter(&counsel, PORTFOLIO, &change, (&[other, own], None)).await);
    assert_eq!(site.entries(own).await, before, "nothing is opened for anybody");
    site.app.gate.record_matter(&counsel, PORTFOLIO, &change, (&[other], None)).await.unwrap();
}

fn barred_by_service(answer: Result<impl Sized, ServiceError>) {
    match answer {
        Err(ServiceError::Gate(error)) => barred(Err::<(), _>(error)),
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it went through"),
    }
}

async fn nobody_writes_down_or_takes_back_their_consent(site: TestSite) {
    let own = site.person("own", true).await;
    let desk = closed_to(&site, Recipient::EnrolmentStaff, &[own]).await;
    let to = ConsentTo::in_portfolio(Condition::ConsentHealth, PORTFOLIO).unwrap();
    let consent = NewConsent {
        subject: own,
        to,
        giver: own,
        version: "2026-11-01".to_owned(),
        language: Language::Dutch,
        day: "2026-11-23".parse().unwrap(),
        channel: ConsentChannel::Telephone,
    };
    let (app, request) = (&site.app, site.app.gate.request());
    barred_by_service(service::give_consent(app, &desk, PORTFOLIO, &consent, request).await);
    barred_by_service(service::consequences(app, &desk, PORTFOLIO, own, to, Language::Dutch, request).await);
    let colleague = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    let shown =
        service::consequences(app, &colleague, PORTFOLIO, own, to, Language::Dutch, request).await.unwrap();
    barred_by_service(
        service::withdraw_consent(app, &desk, &shown, own, ConsentChannel::Letter, request).await,
    );
    service::give_consent(app, &colleague, PORTFOLIO, &consent, request).await.unwrap();
    service::withdraw_consent(app, &colleague, &shown, own, ConsentChannel::Letter, request).await.unwrap();
}

async fn a_queue_gives_it_to_a_colleague(site: TestSite) {
    let (own, nurse, place) = crate::guarantees::under_review(&site, "own").await;
    let request = site.app.gate.request();
    service::return_guarantee(&site.app, &nurse, place, request).await.unwrap();
    let relative = closed_to(&site, Recipient::ClinicalStaff, &[own]).await;
    let take = |actor| service::take_guarantee(&site.app, actor, PORTFOLIO, request);
    assert_eq!(take(&relative).await.unwrap(), None, "it is left to somebody else");
    assert_eq!(take(&nurse).await.unwrap(), Some(place));
}

/// A member who works here reads their own data as a member, with a token of their own.
async fn the_person_themself_is_not_at_work(site: TestSite) {
    let own = site.person("own", true).await;
    let member = closed_to(&site, Recipient::Subject, &[own]).await;
    let asking = Asking::new(&member, PORTFOLIO, Purpose::AccessRequest, site.app.gate.request());
    site.app.gate.ask::<PersonForAccess>(&asking, Target::of(own)).await.unwrap();
}
