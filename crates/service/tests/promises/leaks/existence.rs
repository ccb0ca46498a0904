//! Whether there is somebody shows neither in what a refusal says nor in what was done for it: the same statements in the
//! same order, and the same number of entries. And every refusal is on the record.

use domain::{CategorySet, Claim, Personal, Purpose, Recipient, SubjectId, SubjectKind, Views};
use gate::{Asking, Bar, EntryOutcome, GateError, Target, portfolio_chain};
use service::views::{AccumulatorsToAdjudicate, CoverPage, PersonForAccess};

use super::{entries, trace};
use crate::on_both;
use crate::site::{NOTICE, OTHER_PORTFOLIO, PORTFOLIO, TestSite, item};

on_both! {
    a_refusal_takes_the_same_steps_whoever_it_is_about,
    who_is_not_there_is_on_the_record,
    who_is_turned_away_at_the_wall_is_on_the_record,
    what_is_not_taken_in_is_on_the_record,
}

/// People in every state that a refusal could tell of: usual; without any consent; with a task of somebody else's; bound
/// to an older notice; under another law; of another portfolio; and nobody.
async fn people(site: &TestSite) -> Vec<(&'static str, SubjectId)> {
    let usual = site.member("usual", true).await.subject;
    let bare = site.person("bare", false).await;
    let tasked = site.member("tasked", true).await.subject;
    let colleague = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    site.assign(tasked, item(1), &colleague).await;
    let abroad = site.person("abroad", true).await;
    site.write(move |unit| store::subject::set_law(unit, abroad, domain::GoverningLaw::Netherlands)).await;
    let intake = site.app.gate.job(Recipient::IntakeJob).unwrap();
    let drafts = [crate::site::member_draft("elsewhere", true)];
    service::enrol_members(&site.app, &intake, OTHER_PORTFOLIO, "others", &drafts).await.unwrap();
    let elsewhere = SubjectId::from_bytes(site.app.gate.imported_id("member", "others", "elsewhere"));
    // A newer version that says the same binds whoever comes after it, and nobody else yet.
    let newer = NOTICE[0].1.replace("\"2026-11-01\"", "\"2026-11-23\"");
    let mut files = NOTICE.to_vec();
    files[0].1 = &newer;
    site.publish(PORTFOLIO, &files).await;
    let late = site.person("late", true).await;
    let nobody = SubjectId::from_bytes([0x5a; 16]);
    vec![
        ("usual", usual),
        ("bare", bare),
        ("tasked", tasked),
        ("abroad", abroad),
        ("elsewhere", elsewhere),
        ("late", late),
        ("nobody", nobody),
    ]
}

async fn steps<S: Views>(site: &TestSite, asking: &Asking<'_>, target: Target) -> (String, Vec<String>) {
    // What is kept of the notices is read once by each server: the first ask is not compared.
    drop(site.app.gate.ask::<S>(asking, target).await);
    drop(trace(site));
    let refused = match site.app.gate.ask::<S>(asking, target).await {
        Err(GateError::Refused(refused)) => refused.to_string(),
        other => panic!("this must be refused: {:?}", other.map(drop)),
    };
    (refused, trace(site))
}

async fn a_refusal_takes_the_same_steps_whoever_it_is_about(site: TestSite) {
    let people = people(&site).await;
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let claims = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let gate = &site.app.gate;
    let asking = |actor, purpose| Asking::new(actor, PORTFOLIO, purpose, gate.request());
    for item in [None, Some(item(9))] {
        let mut of_each: Vec<Vec<(String, Vec<String>)>> = Vec::new();
        for (_, subject) in &people {
            let target = Target { subject: *subject, item };
            of_each.push(vec![
                steps::<CoverPage>(&site, &asking(&staff, Purpose::PlanInformation), target).await,
                steps::<PersonForAccess>(&site, &asking(&staff, Purpose::Marketing), target).await,
                steps::<PersonForAccess>(&site, &asking(&staff, Purpose::Research), target).await,
                steps::<AccumulatorsToAdjudicate>(&site, &asking(&claims, Purpose::ClaimsProcessing), target)
                    .await,
            ]);
        }
        for ((name, _), found) in people.iter().zip(&of_each) {
            assert_eq!(found, &of_each[0], "{name} and {}, serving {item:?}", people[0].0);
        }
        // The comparison bites: it sees statements, and one written entry.
        let (_, steps) = &of_each[0][0];
        assert!(steps.iter().any(|step| step.contains("moretus.condition")), "{steps:#?}");
        assert_eq!(steps.iter().filter(|step| step.ends_with("1 written")).count(), 1, "{steps:#?}");
    }
}

async fn who_is_not_there_is_on_the_record(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let chain = portfolio_chain(PORTFOLIO);
    let asking = Asking::new(&staff, PORTFOLIO, Purpose::PlanInformation, site.app.gate.request());
    let nobody = SubjectId::from_bytes([0x5a; 16]);
    for (subject, in_own, in_portfolio) in [(ada, 1, 0), (nobody, 0, 1)] {
        let (own, portfolio) = (entries(&site, subject).await.len(), entries(&site, chain).await.len());
        let answer = site.app.gate.ask::<CoverPage>(&asking, Target::for_item(subject, item(3))).await;
        assert!(matches!(answer.map(drop), Err(GateError::Refused(_))));
        let written =
            (entries(&site, subject).await.len() - own, entries(&site, chain).await.len() - portfolio);
        assert_eq!(written, (in_own, in_portfolio));
    }
    let entry = entries(&site, chain).await.pop().unwrap();
    assert_eq!((entry.outcome, entry.bar), (EntryOutcome::Refused, Some(Bar::NotThere)));
    assert_eq!((entry.actor, entry.item, entry.view.as_str()), (staff.id(), Some(item(3)), "CoverPage"));
    assert!(entry.shown.is_empty() && entry.subject == chain, "it does not say who was asked for");
}

async fn who_is_turned_away_at_the_wall_is_on_the_record(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    let outsider = site.actor(Recipient::CustomerService, OTHER_PORTFOLIO).await;
    let unknown = domain::PortfolioId::from_bytes([0x5b; 16]);
    let (theirs, own) = (portfolio_chain(PORTFOLIO), portfolio_chain(OTHER_PORTFOLIO));
    let mut steps_of_each = Vec::new();
    for (portfolio, subject) in
        [(PORTFOLIO, ada), (PORTFOLIO, SubjectId::from_bytes([0x5a; 16])), (unknown, ada)]
    {
        let before = (entries(&site, theirs).await.len(), entries(&site, own).await.len());
        drop(trace(&site));
        let asking = Asking::new(&outsider, portfolio, Purpose::PlanInformation, site.app.gate.request());
        let answer = site.app.gate.ask::<CoverPage>(&asking, Target::of(subject)).await;
        assert!(matches!(answer.map(drop), Err(GateError::Refused(refused)) if refused.nearest.is_none()));
        steps_of_each.push(trace(&site).len());
        let is_there = usize::from(portfolio == PORTFOLIO);
        let after = (entries(&site, theirs).await.len(), entries(&site, own).await.len());
        assert_eq!(after, (before.0 + is_there, before.1 + 1));
        let entry = entries(&site, own).await.pop().unwrap();
        assert_eq!((entry.portfolio, entry.bar), (portfolio, Some(Bar::StaffWall)));
    }
    assert_eq!(steps_of_each, [1, 1, 1]);
    assert!(entries(&site, ada).await.is_empty(), "nothing was decided about her");
    // An outsider who would hand on what it gets is refused behind its own wall.
    let sponsor = site.enter(Recipient::PlanSponsor, "Employer", "BE", &[]).await;
    let of_sponsor = site.actor_of(sponsor, Recipient::PlanSponsor).await;
    let asking = Asking {
        to: Some(sponsor),
        ..Asking::new(&of_sponsor, PORTFOLIO, Purpose::PlanAdministration, site.app.gate.request())
    };
    assert!(site.app.gate.ask::<CoverPage>(&asking, Target::of(ada)).await.is_err());
    assert_eq!(entries(&site, theirs).await.pop().unwrap().bar, Some(Bar::HandingOn));
}

async fn what_is_not_taken_in_is_on_the_record(site: TestSite) {
    let chain = portfolio_chain(PORTFOLIO);
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let outsider = site.actor(Recipient::EnrolmentStaff, OTHER_PORTFOLIO).await;
    for (actor, purpose, bar) in
        [(&staff, Purpose::ClaimsProcessing, Bar::TakingIn), (&outsider, Purpose::Enrolment, Bar::StaffWall)]
    {
        let before = entries(&site, chain).await.len();
        let asking = Asking::new(actor, PORTFOLIO, purpose, site.app.gate.request());
        let taken = site.app.gate.collect(&asking, SubjectKind::Member, Claim::CATEGORIES).await;
        assert!(taken.is_err());
        let entry = entries(&site, chain).await.pop().unwrap();
        assert_eq!(entries(&site, chain).await.len(), before + 1);
        assert_eq!((entry.bar, entry.outcome, entry.actor), (Some(bar), EntryOutcome::Refused, actor.id()));
        assert_eq!((entry.withheld, entry.shown), (Claim::CATEGORIES, CategorySet::EMPTY));
    }
}
