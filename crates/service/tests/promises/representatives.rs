//! Who acts for a person sees for them what the clause about representatives names, while it is registered and no longer; it is on
//! the record, in the person's list, before it is so.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use domain::{Category, Field, Recipient, RepresentationGround, RetentionClass, SubjectId};
use gate::{Actor, EntryOutcome, GateError};
use service::views::CoverPage;
use service::{NewActor, NewRepresentation, ServiceError};

use crate::on_both;
use crate::site::{Member, OTHER_PORTFOLIO, PORTFOLIO, SOURCE, TestSite, day};

on_both! {
    who_acts_for_somebody_sees_what_the_clause_names,
    only_a_representative_acts_and_only_for_whom_is_there,
    a_parent_acts_for_a_minor_until_the_child_comes_of_age,
    an_ended_representation_refuses_the_very_next_ask,
    nobody_acts_for_whom_was_erased,
}

const GROUND: RepresentationGround = RepresentationGround::Guardian;

pub(crate) async fn representative(site: &TestSite, portfolio: domain::PortfolioId) -> Actor {
    let new = NewActor {
        recipient: Recipient::Representative,
        portfolio,
        role: "mother".to_owned(),
        team: String::new(),
        country: "BE".parse().unwrap(),
        organisation: None,
        own_files: Vec::new(),
        sponsors: Vec::new(),
        trained_until: None,
        authority: Vec::new(),
        days: 365,
    };
    let (_, token) = service::enter_actor(&site.app, &site.keeper, &new).await.unwrap();
    site.app.gate.authenticate(&token).await.unwrap()
}

fn new(subject: SubjectId, actor: &Actor, until: &str) -> NewRepresentation {
    let (actor, until) = (actor.id(), day(until));
    NewRepresentation { portfolio: PORTFOLIO, subject, actor, ground: GROUND, until, born: None }
}

async fn read(site: &TestSite, actor: &Actor, member: &Member) -> Result<CoverPage, ServiceError> {
    let request = site.app.gate.request();
    service::read_cover(&site.app, actor, PORTFOLIO, member.subject, member.coverage, None, request).await
}

fn refused<T>(read: Result<T, ServiceError>) -> bool {
    matches!(read, Err(ServiceError::Gate(GateError::Refused(_))))
}

async fn who_acts_for_somebody_sees_what_the_clause_names(site: TestSite) {
    let (child, other) = (site.member("ada", true).await, site.member("eve", true).await);
    let mother = representative(&site, PORTFOLIO).await;
    assert!(refused(read(&site, &mother, &child).await), "nothing is registered");

    let today = site.app.today().unwrap();
    let until = today.plus_days(10).unwrap();
    let before = site.entries(child.subject).await;
    let wanted = NewRepresentation { until, ..new(child.subject, &mother, "2027-01-01") };
    let row = service::represent(&site.app, &site.keeper, &wanted).await.unwrap();
    assert_eq!(site.entries(child.subject).await, before + 1, "it stands in the child's list");
    let entry = crate::teams::last_entry(&site, child.subject).await;
    assert_eq!((entry.outcome, entry.whom), (EntryOutcome::Changed, Some(mother.id())));
    let listed = service::representatives(&site.app, PORTFOLIO, None).await.unwrap();
    assert_eq!(listed, [row]);

    let page = read(&site, &mother, &child).await.unwrap();
    assert_eq!(page.insured.reveal(), "ada");
    assert!(matches!(page.exclusions, Field::Withheld(Category::Health)), "the clause names no health data");
    let told =
        service::answer_access_request(&site.app, &mother, PORTFOLIO, child.subject, None).await.unwrap();
    let (subject, asked) = (child.subject, mother.id());
    let entry = crate::teams::last_entry(&site, subject).await;
    assert_eq!((entry.actor, entry.outcome), (asked, EntryOutcome::Granted));
    assert!(
        entry.clauses.iter().any(|clause| clause == "right.access.representative"),
        "{:?}",
        entry.clauses
    );
    assert!(
        told.received().iter().any(|one| one.kind == Recipient::Representative),
        "who received it, says so"
    );
    assert!(refused(read(&site, &mother, &other).await), "another person's");
    let stranger = representative(&site, PORTFOLIO).await;
    assert!(refused(read(&site, &stranger, &child).await), "another representative");

    // The last day counts, and the one after does not.
    site.clock.advance(11 * 86_400 - 1);
    read(&site, &mother, &child).await.unwrap();
    site.clock.advance(1);
    assert!(refused(read(&site, &mother, &child).await));
    assert_eq!(service::representatives(&site.app, PORTFOLIO, None).await.unwrap(), []);
}

async fn only_a_representative_acts_and_only_for_whom_is_there(site: TestSite) {
    let child = site.member("ada", true).await.subject;
    let mother = representative(&site, PORTFOLIO).await;
    let represent = async |new: NewRepresentation| service::represent(&site.app, &site.keeper, &new).await;
    let wanted = |subject, actor: &Actor, days| {
        let until = site.app.today().unwrap().plus_days(days).unwrap();
        NewRepresentation { until, ..new(subject, actor, "2027-01-01") }
    };
    for days in [-1, service::REPRESENTATION_DAYS + 1] {
        assert!(matches!(
            represent(wanted(child, &mother, days)).await,
            Err(ServiceError::Representation(_))
        ));
    }
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let outsider = representative(&site, OTHER_PORTFOLIO).await;
    let gone = representative(&site, PORTFOLIO).await;
    service::end_actor(&site.app, &site.keeper, PORTFOLIO, gone.id()).await.unwrap();
    for actor in [&staff, &outsider, &gone] {
        let made = represent(wanted(child, actor, 10)).await;
        assert!(matches!(made, Err(ServiceError::Representation(_))), "{:?}", made.err());
    }
    let nobody = SubjectId::from_bytes([99; 16]);
    let made = represent(wanted(nobody, &mother, 10)).await;
    assert!(matches!(made, Err(ServiceError::Gate(GateError::NotInPortfolio))));
    let made = service::represent(&site.app, &staff, &wanted(child, &mother, 10)).await;
    assert!(matches!(made, Err(ServiceError::Gate(GateError::NotTheKeeper))));
    let before = site.entries(child).await;
    let never = service::end_representation(&site.app, &site.keeper, PORTFOLIO, (nobody, mother.id())).await;
    assert!(matches!(never, Err(ServiceError::NotFound(_))));
    assert_eq!(site.entries(child).await, before);
}

/// Born on 5 March 2009, so of age on 5 March 2027.
async fn a_parent_acts_for_a_minor_until_the_child_comes_of_age(site: TestSite) {
    let mut draft = crate::site::member_draft("kim", true);
    draft.person.birth_date = day("2009-03-05");
    let job = site.app.gate.job(Recipient::IntakeJob).unwrap();
    let made = service::enrol_members(&site.app, &job, PORTFOLIO, SOURCE, &[draft]).await.unwrap();
    assert_eq!(made.new, 1);
    let child = SubjectId::from_bytes(site.app.gate.imported_id("member", SOURCE, "kim"));
    let adult = site.member("ada", true).await.subject;
    let mother = representative(&site, PORTFOLIO).await;
    let of_parent = async |subject, born: Option<&str>, until| {
        let (ground, born) = (RepresentationGround::ParentOfMinor, born.map(day));
        let new = NewRepresentation { ground, born, ..new(subject, &mother, until) };
        service::represent(&site.app, &site.keeper, &new).await
    };
    let before = [site.entries(child).await, site.entries(adult).await];
    for (subject, born, until, why) in [
        (child, Some("2009-03-05"), "2027-02-27", "it would tell a birthday"),
        (child, Some("2009-03-05"), "2027-03-31", "of age in that month"),
        (child, None, "2027-02-28", "no birth date"),
        (adult, Some("1980-05-17"), "2027-02-28", "of age for long"),
    ] {
        let told = of_parent(subject, born, until).await;
        assert!(matches!(told, Err(ServiceError::Representation(_))), "{why}");
    }
    assert_eq!([site.entries(child).await, site.entries(adult).await], before, "nothing was compared");
    // Another day than the person's, said to be a minor's: it is on the record, and opens nothing.
    for (subject, born) in [(adult, "2009-03-05"), (child, "2009-03-06")] {
        let told = of_parent(subject, Some(born), "2027-02-28").await;
        assert!(matches!(told, Err(ServiceError::Representation(_))), "{born}");
        let entry = crate::teams::last_entry(&site, subject).await;
        let said = entry.change.unwrap();
        assert!(said.contains("another birth date") && !said.contains("2009"), "{said}");
        assert_eq!(entry.whom, Some(mother.id()));
    }
    assert_eq!([site.entries(child).await, site.entries(adult).await], before.map(|entries| entries + 1));
    assert_eq!(service::representatives(&site.app, PORTFOLIO, None).await.unwrap(), []);
    of_parent(child, Some("2009-03-05"), "2027-02-28").await.unwrap();
    let listed = service::representatives(&site.app, PORTFOLIO, Some(child)).await.unwrap();
    assert_eq!(listed[0].until, domain::Timestamp::start_of(day("2027-03-01")));
}

/// No read that began after the end was acknowledged rests on it.
async fn an_ended_representation_refuses_the_very_next_ask(site: TestSite) {
    let child = site.member("ada", true).await;
    let mother = Arc::new(representative(&site, PORTFOLIO).await);
    let until = site.app.today().unwrap().plus_days(10).unwrap();
    let wanted = NewRepresentation { until, ..new(child.subject, &mother, "2027-01-01") };
    service::represent(&site.app, &site.keeper, &wanted).await.unwrap();
    let (ended, reads) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let (site, child) = (Arc::new(site), Arc::new(child));
    let reader = || {
        let (site, mother, child) = (Arc::clone(&site), Arc::clone(&mother), Arc::clone(&child));
        let (ended, reads) = (Arc::clone(&ended), Arc::clone(&reads));
        tokio::spawn(async move {
            loop {
                let late = ended.load(Ordering::SeqCst);
                match read(&site, &mother, &child).await {
                    Ok(_) if late => return Err("a read that began after the end was granted"),
                    Ok(_) => drop(reads.fetch_add(1, Ordering::SeqCst)),
                    Err(ServiceError::Gate(GateError::Refused(_))) => return Ok(()),
                    Err(_) => return Err("something else than a refusal"),
                }
            }
        })
    };
    let readers: Vec<_> = (0..8).map(|_| reader()).collect();
    while reads.load(Ordering::SeqCst) < 20 {
        tokio::task::yield_now().await;
    }
    let pair = (child.subject, mother.id());
    let row = service::end_representation(&site.app, &site.keeper, PORTFOLIO, pair).await.unwrap();
    ended.store(true, Ordering::SeqCst);
    for reader in readers {
        assert_eq!(reader.await.unwrap(), Ok(()));
    }
    assert!(row.until <= site.app.gate.now());
    // Once more has no effect, and registering it anew has.
    service::end_representation(&site.app, &site.keeper, PORTFOLIO, pair).await.unwrap();
    assert!(refused(read(&site, &mother, &child).await));
    service::represent(&site.app, &site.keeper, &wanted).await.unwrap();
    read(&site, &mother, &child).await.unwrap();
}

async fn nobody_acts_for_whom_was_erased(site: TestSite) {
    let child = site.member("ada", true).await;
    let mother = representative(&site, PORTFOLIO).await;
    let until = site.app.today().unwrap().plus_days(10).unwrap();
    let wanted = NewRepresentation { until, ..new(child.subject, &mother, "2027-01-01") };
    service::represent(&site.app, &site.keeper, &wanted).await.unwrap();
    service::erase_subject(&site.app, child.subject, RetentionClass::ALL).await.unwrap();
    assert!(read(&site, &mother, &child).await.is_err());
    assert_eq!(service::representatives(&site.app, PORTFOLIO, Some(child.subject)).await.unwrap(), []);
    let again = service::represent(&site.app, &site.keeper, &wanted).await;
    assert!(matches!(again, Err(ServiceError::Gate(GateError::NotInPortfolio))));
}
