//! Promise 2: who asks is somebody whose record stands and whose training is current. Ended or lapsed, nothing opens to
//! them, on any server; what was before them goes back; and each change is on the record first.

use domain::{CategorySet, Date, GuaranteeState, Purpose, Recipient, SubjectId, SubjectKind};
use gate::{
    Actor, ActorChange, Asking, Bar, Entry, EntryOutcome, GateError, LookupKind, Target, Term,
    portfolio_chain,
};
use service::views::{PersonForAccess, PersonToAdjudicate};
use service::{NewActor, NewCase, ServiceError};
use store::reference::ActorRow;

use crate::on_both;
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, TestSite, day, item};

on_both! {
    a_record_that_ended_works_on_no_server,
    who_reads_for_minutes_is_stopped_too,
    what_was_before_a_leaver_goes_back,
    each_change_is_on_the_record_first,
    without_current_training_nothing_opens,
    without_training_nothing_is_searched_taken_in_or_changed,
    training_lapses_at_midnight_and_is_renewed,
    the_untrained_learn_nothing_of_who_is_there,
    there_is_no_way_around_training,
    who_is_not_staff_needs_none,
}

/// The site's clock begins here.
const TODAY: &str = "2026-11-23";

fn staff(recipient: Recipient, trained_until: &str) -> NewActor {
    NewActor {
        recipient,
        portfolio: PORTFOLIO,
        role: "desk".to_owned(),
        team: "Ghent".to_owned(),
        country: "BE".parse().unwrap(),
        organisation: None,
        own_files: Vec::new(),
        sponsors: Vec::new(),
        trained_until: Some(day(trained_until)),
        authority: Vec::new(),
        days: 90,
    }
}

/// Enters an actor through the register, and authenticates it.
async fn entered(site: &TestSite, recipient: Recipient, trained_until: &str) -> (Actor, String) {
    let new = staff(recipient, trained_until);
    let (row, token) = service::enter_actor(&site.app, &site.keeper, &new).await.unwrap();
    let actor = site.app.gate.authenticate(&token).await.unwrap();
    assert_eq!(actor.id(), row.actor);
    (actor, token)
}

/// An actor whose training was never written down, or is over: nobody can enter one, the days go by.
pub(crate) async fn untrained(site: &TestSite, recipient: Recipient, trained_until: Option<Date>) -> Actor {
    let gate = &site.app.gate;
    let (token, hash) = gate.new_token();
    let row = ActorRow {
        actor: domain::ActorId::from_bytes(gate.random_id()),
        recipient,
        role: "desk".to_owned(),
        team: String::new(),
        country: "BE".parse().unwrap(),
        portfolio: PORTFOLIO,
        organisation: None,
        own_files: Vec::new(),
        sponsors: Vec::new(),
        trained_until,
        name: String::new(),
        token_hash: Some(hash),
        expires: gate.now().plus_seconds(1_000),
        ended: None,
    };
    site.write(move |unit| store::reference::insert_actor(unit, &row)).await;
    gate.authenticate(&token).await.unwrap()
}

async fn ask(site: &TestSite, actor: &Actor, subject: SubjectId) -> Result<(), GateError> {
    let gate = &site.app.gate;
    let asking = Asking::new(actor, PORTFOLIO, Purpose::PlanInformation, gate.request());
    gate.ask::<PersonForAccess>(&asking, Target::for_item(subject, item(1))).await.map(drop)
}

async fn last_entry(site: &TestSite, subject: SubjectId) -> Entry {
    let read = site.app.store().read(move |unit| store::log::pending_of(unit, subject)).await;
    let entries = read.map_err(|error: store::StoreError| error).unwrap();
    Entry::from_bytes(&entries.last().expect("it is on the record").body).expect("an entry")
}

#[track_caller]
fn is_barred<T>(answer: Result<T, GateError>) {
    match answer.map(drop) {
        Err(GateError::Refused(refused)) => {
            assert_eq!(refused.bar, Some(Bar::Untrained), "{refused}");
            assert_eq!(refused.nearest, None, "no clause would help");
            assert!(refused.to_string().contains("training"), "{refused}");
        }
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn is_refused<T>(answer: Result<T, ServiceError>, with: &str) {
    match answer.map(drop) {
        Err(error) => assert!(error.to_string().contains(with), "{error}"),
        Ok(()) => panic!("it went through"),
    }
}

async fn a_record_that_ended_works_on_no_server(site: TestSite) {
    let (actor, token) = entered(&site, Recipient::CustomerService, "2027-11-01").await;
    let other = site.reopen().await;
    other.gate.authenticate(&token).await.expect("on the other server too");
    service::end_actor(&site.app, &site.keeper, PORTFOLIO, actor.id()).await.unwrap();
    site.clock.advance(1);
    for gate in [&site.app.gate, &other.gate] {
        assert!(matches!(gate.authenticate(&token).await, Err(GateError::NotAuthenticated)));
    }
    // Nobody revives it, and its token is nobody's again.
    let trained =
        service::train_actor(&site.app, &site.keeper, PORTFOLIO, actor.id(), day("2027-10-01")).await;
    is_refused(trained, "this record was ended");
    let rows = service::actors(&site.app, PORTFOLIO).await.unwrap();
    assert!(
        rows.iter().any(|row| row.actor == actor.id() && row.ended.is_some() && row.token_hash.is_some())
    );
}

/// A list that is read in parts is read by somebody who stays logged on.
async fn who_reads_for_minutes_is_stopped_too(site: TestSite) {
    let subject = site.person("ada", true).await;
    let (actor, _) = entered(&site, Recipient::CustomerService, "2027-11-01").await;
    site.assign(subject, item(1), &actor).await;
    let asking = Asking::new(&actor, PORTFOLIO, Purpose::PlanInformation, site.app.gate.request());
    let targets = vec![Target::for_item(subject, item(1)); 3];
    let mut run = site.app.gate.run::<PersonForAccess>(asking, targets, 1).await.unwrap();
    run.next().await.unwrap().unwrap();
    let elsewhere = site.reopen().await;
    let keeper = elsewhere.gate.operator(&site.root(), "tests").unwrap();
    service::end_actor(&elsewhere, &keeper, PORTFOLIO, actor.id()).await.unwrap();
    site.clock.advance(1);
    assert!(matches!(run.next().await, Err(GateError::NotAuthenticated)));
    assert!(matches!(ask(&site, &actor, subject).await, Err(GateError::NotAuthenticated)));
}

async fn what_was_before_a_leaver_goes_back(site: TestSite) {
    let request = || site.app.gate.request();
    // A guarantee under review, and one that was decided.
    let (ada, nurse, place) = crate::guarantees::under_review(&site, "ada").await;
    let left = service::end_actor(&site.app, &site.keeper, PORTFOLIO, nurse.id()).await.unwrap();
    assert_eq!((left.guarantees, left.material, left.others), (1, 0, 0));
    let (subject, guarantee) = (place.subject, place.guarantee);
    let row = site.write(move |unit| store::guarantee::get(unit, subject, guarantee)).await.unwrap();
    assert_eq!((row.state, row.subject), (GuaranteeState::Requested, ada));
    let colleague = site.actor(Recipient::ClinicalStaff, PORTFOLIO).await;
    let taken = service::take_guarantee(&site.app, &colleague, PORTFOLIO, request()).await.unwrap();
    assert_eq!(taken, Some(place), "a colleague finds it");
    // Material.
    let piece = crate::supplied::sent(&site, ada, "k", b"a letter").await.unwrap();
    let clerk = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    crate::supplied::take_up(&site, &clerk, piece).await.unwrap();
    let left = service::end_actor(&site.app, &site.keeper, PORTFOLIO, clerk.id()).await.unwrap();
    assert_eq!(left.material, 1);
    let clerk = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    let waiting = service::waiting_material(&site.app, &clerk, PORTFOLIO, request()).await.unwrap();
    assert_eq!((waiting[0].piece, waiting[0].taken_up), (piece, None));
    // A legal matter, and a case.
    let counsel = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let eve = site.person("eve", true).await;
    let matter = site.register(&crate::matters::order()).await.unwrap();
    site.review(matter).await.unwrap();
    site.open_for(matter, &counsel, &[ada, eve]).await.unwrap();
    let left = service::end_actor(&site.app, &site.keeper, PORTFOLIO, counsel.id()).await.unwrap();
    assert_eq!(left.matters.into_iter().collect::<Vec<_>>(), [(matter, 2)]);
    let successor = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    site.open_for(matter, &successor, &[ada, eve]).await.expect("it still stands");
    let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    let new = NewCase { portfolio: PORTFOLIO, officer: officer.id(), people: vec![ada], days: 9 };
    service::open_case(&site.app, &site.keeper, &new).await.unwrap();
    let left = service::end_actor(&site.app, &site.keeper, PORTFOLIO, officer.id()).await.unwrap();
    assert_eq!(left.others, 1);
    // Once more there is nothing left, and others keep theirs.
    let again = service::end_actor(&site.app, &site.keeper, PORTFOLIO, officer.id()).await.unwrap();
    assert_eq!(again, service::LeftBehind::default());
    let read = service::read_guarantee(&site.app, &colleague, place, request()).await;
    read.expect("the colleague's task stands");
}

async fn each_change_is_on_the_record_first(site: TestSite) {
    let (actor, _) = entered(&site, Recipient::ClaimsStaff, "2027-11-01").await;
    let id = actor.id();
    service::train_actor(&site.app, &site.keeper, PORTFOLIO, id, day("2027-11-20")).await.unwrap();
    service::end_actor(&site.app, &site.keeper, PORTFOLIO, id).await.unwrap();
    let changes = service::actor_changes(&site.app, PORTFOLIO).await.unwrap();
    let told: Vec<_> = changes.iter().map(|one| (one.role.as_str(), one.change.clone())).collect();
    let change = |change: &str| ("operator", ActorChange { actor: id, change: change.to_owned() });
    assert_eq!(
        told,
        [
            change("entered as claims-staff (desk, Ghent), trained until 2027-11-01"),
            change("claims-staff (desk, Ghent) trained until 2027-11-20"),
            change("ended: claims-staff (desk, Ghent)"),
        ]
    );
    let entry = last_entry(&site, portfolio_chain(PORTFOLIO)).await;
    assert_eq!((entry.outcome, entry.whom), (EntryOutcome::Changed, Some(id)));
    assert!(service::matter_changes(&site.app, PORTFOLIO).await.unwrap().is_empty());
    // Nobody but a keeper changes it, and nobody their own record or one behind another wall.
    let desk = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    let until = day("2027-11-20");
    is_refused(service::train_actor(&site.app, &desk, PORTFOLIO, officer.id(), until).await, "kept by");
    is_refused(
        service::train_actor(&site.app, &officer, PORTFOLIO, officer.id(), until).await,
        "somebody else",
    );
    is_refused(
        service::end_actor(&site.app, &site.keeper, OTHER_PORTFOLIO, desk.id()).await,
        "no such actor",
    );
}

async fn without_current_training_nothing_opens(site: TestSite) {
    let subject = site.member("ada", true).await.subject;
    for until in [None, Some(day("2026-11-22"))] {
        let actor = untrained(&site, Recipient::CustomerService, until).await;
        site.assign(subject, item(1), &actor).await;
        let before = site.entries(subject).await;
        is_barred(ask(&site, &actor, subject).await);
        assert_eq!(site.entries(subject).await, before + 1);
        let entry = last_entry(&site, subject).await;
        assert_eq!((entry.outcome, entry.bar), (EntryOutcome::Refused, Some(Bar::Untrained)));
        assert_eq!((entry.shown, entry.actor), (CategorySet::EMPTY, actor.id()));
        // Neither in a run, nor in a dry one.
        let asking = Asking::new(&actor, PORTFOLIO, Purpose::PlanInformation, site.app.gate.request());
        let target = Target::for_item(subject, item(1));
        let law = domain::GoverningLaw::Belgium;
        let preview =
            site.app.gate.preview::<PersonForAccess>(&asking, target, SubjectKind::Member, law).await;
        is_barred(preview);
        let mut run = site.app.gate.run::<PersonForAccess>(asking, vec![target], 10).await.unwrap();
        let part = run.next().await.unwrap().unwrap();
        assert_eq!((part.granted.len(), part.refused[0].1.bar), (0, Some(Bar::Untrained)));
    }
    for recipient in Recipient::ALL.iter().copied().filter(|kind| kind.is_staff()) {
        let actor = untrained(&site, recipient, None).await;
        is_barred(ask(&site, &actor, subject).await);
    }
}

async fn without_training_nothing_is_searched_taken_in_or_changed(site: TestSite) {
    let subject = site.person("Ada Lovelace", true).await;
    let gate = &site.app.gate;
    let desk = untrained(&site, Recipient::CustomerService, None).await;
    let asking = Asking::new(&desk, PORTFOLIO, Purpose::Marketing, gate.request());
    let before = site.entries(subject).await;
    is_barred(gate.search::<PersonForAccess>(&asking, &[Term::new(LookupKind::NamePart, "Ada")], None).await);
    assert_eq!(site.entries(subject).await, before, "the index was asked nothing");
    let entry = last_entry(&site, portfolio_chain(PORTFOLIO)).await;
    assert_eq!((entry.outcome, entry.bar), (EntryOutcome::Refused, Some(Bar::Untrained)));
    assert_eq!(entry.filters, ["name"]);

    let clerk = untrained(&site, Recipient::EnrolmentStaff, None).await;
    let asking = Asking::new(&clerk, PORTFOLIO, Purpose::Enrolment, gate.request());
    let identity = CategorySet::of(&[domain::Category::Identity]);
    is_barred(gate.collect(&asking, SubjectKind::Member, identity).await);
    let counsel = untrained(&site, Recipient::LegalStaff, None).await;
    let registered = service::register_matter(&site.app, &counsel, &crate::matters::order()).await;
    is_refused(registered, "training");
    let officer = untrained(&site, Recipient::DataProtectionOfficer, None).await;
    is_refused(service::end_actor(&site.app, &officer, PORTFOLIO, desk.id()).await, "training");
    let rows = service::actors(&site.app, PORTFOLIO).await.unwrap();
    assert!(rows.iter().all(|row| row.ended.is_none()), "nothing was changed");
}

async fn training_lapses_at_midnight_and_is_renewed(site: TestSite) {
    let subject = site.person("ada", true).await;
    let (actor, token) = entered(&site, Recipient::CustomerService, TODAY).await;
    site.assign(subject, item(1), &actor).await;
    ask(&site, &actor, subject).await.expect("today is a day of it");
    site.clock.advance(86_390);
    ask(&site, &actor, subject).await.expect("to its end");
    site.clock.advance(20);
    is_barred(ask(&site, &actor, subject).await);
    let until = day("2026-12-24");
    service::train_actor(&site.app, &site.keeper, PORTFOLIO, actor.id(), until).await.unwrap();
    site.clock.advance(1);
    let actor = site.app.gate.authenticate(&token).await.unwrap();
    ask(&site, &actor, subject).await.expect("renewed");
}

/// What is refused for want of training is refused of everybody alike.
async fn the_untrained_learn_nothing_of_who_is_there(site: TestSite) {
    let there = site.person("ada", false).await;
    let actor = untrained(&site, Recipient::ClaimsStaff, None).await;
    let told = async |subject, purpose| {
        let asking = Asking::new(&actor, PORTFOLIO, purpose, site.app.gate.request());
        let asked = site.app.gate.ask::<PersonToAdjudicate>(&asking, Target::of(subject)).await;
        match asked.map(drop) {
            Err(GateError::Refused(refused)) => refused,
            other => panic!("{other:?}"),
        }
    };
    for purpose in [Purpose::ClaimsProcessing, Purpose::Marketing] {
        let nobody = SubjectId::from_bytes([77; 16]);
        assert_eq!(told(there, purpose).await, told(nobody, purpose).await);
    }
}

async fn there_is_no_way_around_training(site: TestSite) {
    let enter = async |new: NewActor| service::enter_actor(&site.app, &site.keeper, &new).await.map(drop);
    let never = NewActor { trained_until: None, ..staff(Recipient::Auditor, TODAY) };
    is_refused(enter(never).await, "training in data protection is current");
    for until in ["2026-11-22", "2027-11-25", "2099-12-31"] {
        is_refused(enter(staff(Recipient::Auditor, until)).await, "at most 366 days");
    }
    enter(staff(Recipient::Auditor, "2027-11-24")).await.unwrap();
    is_refused(enter(staff(Recipient::IntakeJob, TODAY)).await, "is not staff");
    for kind in [Recipient::Operator, Recipient::Subject, Recipient::PaymentJob] {
        let new = NewActor { trained_until: None, ..staff(kind, TODAY) };
        is_refused(enter(new).await, "gets no token");
    }
    let (actor, _) = entered(&site, Recipient::Auditor, TODAY).await;
    for until in ["2026-11-22", "2027-11-25"] {
        let trained = service::train_actor(&site.app, &site.keeper, PORTFOLIO, actor.id(), day(until)).await;
        is_refused(trained, "at most 366 days");
    }
}

async fn who_is_not_staff_needs_none(site: TestSite) {
    let own = site.person("ada", true).await;
    let gate = &site.app.gate;
    let ada = site.actor_with_id(*own.bytes(), Recipient::Subject).await;
    let asking = Asking::new(&ada, PORTFOLIO, Purpose::AccessRequest, gate.request());
    gate.ask::<PersonForAccess>(&asking, Target::of(own)).await.expect("the person themself");
    site.member("eve", true).await;
    let new = NewActor { trained_until: None, ..staff(Recipient::IntakeJob, TODAY) };
    let (row, token) = service::enter_actor(&site.app, &site.keeper, &new).await.unwrap();
    let intake = gate.authenticate(&token).await.unwrap();
    let asking = Asking::new(&intake, PORTFOLIO, Purpose::Enrolment, gate.request());
    let identity = CategorySet::of(&[domain::Category::Identity]);
    gate.collect(&asking, SubjectKind::Member, identity).await.expect("a job");
    let trained = service::train_actor(&site.app, &site.keeper, PORTFOLIO, row.actor, day(TODAY)).await;
    is_refused(trained, "is not staff");
}
