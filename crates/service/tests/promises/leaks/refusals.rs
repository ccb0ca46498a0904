//! What is refused before any clause is asked is on the record like any refusal: once each, in the portfolio's own chain,
//! and the same of somebody who is there and of nobody.

use domain::{
    Condition, ConsentChannel, CopyWay, Language, MatterId, PhoneNumber, ProviderId, Recipient, SubjectId,
    TravelQuestionnaire,
};
use gate::{Actor, Bar, EntryOutcome, MatterChange, portfolio_chain};
use service::{
    ConsentTo, CopyRequest, NewAppeal, NewConsent, NewWork, ServiceError, Supplied, TravelRequest,
};

use super::{entries, trace};
use crate::on_both;
use crate::own_file::closed_to;
use crate::site::{PORTFOLIO, TestSite, day};

on_both! {
    who_speaks_with_nobody_is_on_the_record,
    what_is_not_theirs_is_on_the_record,
    whose_file_is_closed_is_on_the_record,
    who_keeps_no_register_is_on_the_record,
}

const NOBODY: SubjectId = SubjectId::from_bytes([0x5a; 16]);

/// What a service that looks at somebody first answers about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Service {
    GiveConsent,
    WithdrawConsent,
    Consequences,
    CopyOfNotice,
    SupplyMaterial,
    ReceiveAppeal,
    TravelAnswers,
}

fn consent(subject: SubjectId, giver: SubjectId) -> NewConsent {
    NewConsent {
        subject,
        to: ConsentTo::in_portfolio(Condition::ConsentHealth, PORTFOLIO).unwrap(),
        giver,
        version: "2026-11-01".to_owned(),
        language: Language::Dutch,
        day: day("2026-11-23"),
        channel: ConsentChannel::Telephone,
    }
}

/// Asks a service about a person; `by` is in whose name it is done, and who works at the desk tells what taking back a
/// consent changes.
async fn call(
    site: &TestSite,
    service: Service,
    (actor, desk): (&Actor, &Actor),
    (subject, by): (SubjectId, SubjectId),
) -> Result<(), ServiceError> {
    let (app, request, consent) = (&site.app, site.app.gate.request(), consent(subject, by));
    match service {
        Service::GiveConsent => service::give_consent(app, actor, PORTFOLIO, &consent, request).await,
        Service::Consequences => {
            let (to, language) = (consent.to, consent.language);
            service::consequences(app, actor, PORTFOLIO, subject, to, language, request).await.map(drop)
        }
        Service::WithdrawConsent => {
            let (to, language) = (consent.to, consent.language);
            let shown = service::consequences(app, desk, PORTFOLIO, subject, to, language, request).await;
            service::withdraw_consent(app, actor, &shown?, by, ConsentChannel::Letter, request).await
        }
        Service::CopyOfNotice => {
            let (language, way) = (Language::Dutch, CopyWay::Handed);
            let asked = CopyRequest { portfolio: PORTFOLIO, subject, language, way };
            service::give_notice_copy(app, actor, &asked, request).await.map(drop)
        }
        Service::SupplyMaterial => {
            let (key, media_type, content) = ("k", "text/plain", b"a letter".as_slice());
            let sent = Supplied { portfolio: PORTFOLIO, subject, key, media_type, content, request };
            service::supply_material(app, actor, &sent).await.map(drop)
        }
        Service::ReceiveAppeal => {
            let new = NewAppeal {
                portfolio: PORTFOLIO,
                subject,
                representative: None,
                claim: domain::ClaimId::from_bytes([7; 16]),
                lines: Vec::new(),
                grounds: domain::CaseReason::parse("the visit was an emergency").unwrap(),
                days: None,
            };
            service::receive_appeal(app, actor, &new, request).await.map(drop)
        }
        Service::TravelAnswers => {
            let answers = TravelQuestionnaire {
                phone: PhoneNumber::parse("+32 470 00 00 00").unwrap(),
                destination: "JP".parse().unwrap(),
                arrival: day("2027-03-01"),
                departure: day("2027-03-20"),
            };
            let supplement = app.gate.supplement(PORTFOLIO, "travel")?.0;
            let (portfolio, key, body) = (PORTFOLIO, "k", "b");
            let answers = &answers;
            let sent = TravelRequest { portfolio, subject, supplement, key, body, answers, request };
            service::take_travel_answers(app, actor, &sent).await.map(drop)
        }
    }
}

/// That each of these people is refused with the same words, the same steps and one entry that says why and not whom.
async fn is_refused_alike(
    site: &TestSite,
    service: Service,
    actor: &Actor,
    (people, bar): (&[(SubjectId, SubjectId)], Bar),
) {
    let (chain, desk) = (portfolio_chain(PORTFOLIO), site.actor(Recipient::CustomerService, PORTFOLIO).await);
    let mut of_each = Vec::new();
    for person in people {
        // What is read once by each server is not compared.
        drop(call(site, service, (actor, &desk), *person).await);
        let (before, own) = (entries(site, chain).await.len(), entries(site, person.0).await.len());
        drop(trace(site));
        let refused = call(site, service, (actor, &desk), *person).await.expect_err("it is refused");
        let steps = trace(site);
        let written = entries(site, chain).await;
        assert_eq!(written.len(), before + 1, "{service:?}: {refused}");
        assert_eq!(entries(site, person.0).await.len(), own, "{service:?}");
        let entry = written.last().unwrap();
        let told = (entry.outcome, entry.bar, entry.actor);
        assert_eq!(told, (EntryOutcome::Refused, Some(bar), actor.id()), "{service:?}");
        assert!(entry.shown.is_empty() && entry.subject == chain && entry.item.is_none(), "it names nobody");
        of_each.push((refused.to_string(), steps));
    }
    assert!(of_each.iter().all(|one| one == &of_each[0]), "{service:?}: {of_each:#?}");
}

async fn who_speaks_with_nobody_is_on_the_record(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    let job = site.actor(Recipient::IntakeJob, PORTFOLIO).await;
    for service in
        [Service::GiveConsent, Service::Consequences, Service::WithdrawConsent, Service::CopyOfNotice]
    {
        is_refused_alike(&site, service, &job, (&[(ada, ada), (NOBODY, NOBODY)], Bar::NotADesk)).await;
    }
}

async fn what_is_not_theirs_is_on_the_record(site: TestSite) {
    let (ada, eve) = (site.member("ada", true).await.subject, site.member("eve", true).await.subject);
    let desk = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    for service in [Service::GiveConsent, Service::WithdrawConsent] {
        is_refused_alike(&site, service, &desk, (&[(ada, eve), (NOBODY, eve)], Bar::NotTheirs)).await;
    }
}

async fn whose_file_is_closed_is_on_the_record(site: TestSite) {
    let travel: Vec<(&str, &str)> = notice::SHIPPED_TRAVEL.to_vec();
    site.publish_beside(PORTFOLIO, &travel).await.unwrap();
    let ada = site.member("ada", true).await.subject;
    let mill = crate::scope::covered_by(&site, "mia", "Mill").await;
    let services = [
        (Service::GiveConsent, Recipient::EnrolmentStaff),
        (Service::SupplyMaterial, Recipient::CustomerService),
        (Service::TravelAnswers, Recipient::EnrolmentStaff),
        (Service::ReceiveAppeal, Recipient::CustomerService),
    ];
    for (service, recipient) in services {
        let own = closed_to(&site, recipient, &[ada, NOBODY]).await;
        let people = [(ada, ada), (NOBODY, NOBODY)];
        is_refused_alike(&site, service, &own, (&people, Bar::OwnFile)).await;
        let of_mill = crate::scope::of_sponsor(&site, recipient, mill).await;
        is_refused_alike(&site, service, &of_mill, (&people, Bar::OutOfScope)).await;
    }
    for service in [Service::Consequences, Service::WithdrawConsent, Service::CopyOfNotice] {
        let own = closed_to(&site, Recipient::EnrolmentStaff, &[ada, NOBODY]).await;
        is_refused_alike(&site, service, &own, (&[(ada, ada), (NOBODY, NOBODY)], Bar::OwnFile)).await;
    }
}

async fn who_keeps_no_register_is_on_the_record(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    let chain = portfolio_chain(PORTFOLIO);
    let clerk = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let colleague = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let matter = MatterId::from_bytes([3; 16]);
    let change = MatterChange { matter, assignee: None, change: "opened".to_owned() };
    // What is read once by each server is not compared.
    drop(site.app.gate.record_matter(&clerk, PORTFOLIO, &change, (&[ada], None)).await);
    let mut of_each = Vec::new();
    for subject in [ada, NOBODY] {
        let to = store::work_item::Assignee::Actor(colleague.id());
        let new = NewWork { portfolio: PORTFOLIO, subject, to, days: 1 };
        let before = entries(&site, chain).await.len();
        drop(trace(&site));
        let opened = site.app.gate.record_matter(&clerk, PORTFOLIO, &change, (&[subject], None)).await;
        let assigned = service::assign_work(&site.app, &clerk, &new).await.unwrap_err();
        let place = (PORTFOLIO, ProviderId::from_bytes(*subject.bytes()));
        let request = site.app.gate.request();
        let days = (day("2026-01-01"), day("2026-11-30"));
        let excluded = service::end_exclusion(&site.app, &clerk, place, days, request).await;
        let told = [assigned, excluded.unwrap_err()].map(|error| error.to_string());
        of_each.push((opened.unwrap_err().to_string(), told, trace(&site)));
        let written = entries(&site, chain).await;
        assert_eq!(written.len(), before + 3);
        let bars = written.iter().skip(before).map(|entry| entry.bar);
        assert!(bars.eq([Some(Bar::NotTheKeeper); 3]));
        assert!(entries(&site, subject).await.is_empty());
    }
    assert_eq!(of_each[0], of_each[1]);
    // Nor does somebody without training, whose refusal says that.
    let untrained = crate::actors::untrained(&site, Recipient::LegalStaff, None).await;
    let before = entries(&site, chain).await.len();
    site.app.gate.record_matter(&untrained, PORTFOLIO, &change, (&[], None)).await.unwrap_err();
    let written = entries(&site, chain).await;
    assert_eq!((written.len(), written.last().unwrap().bar), (before + 1, Some(Bar::Untrained)));
}
