//! Promise 2: whoever works for some sponsors handles nobody whom others cover; and nobody handles the file of somebody
//! who is covered with them, without anyone having to say who that is.

use domain::{Purpose, Recipient, SponsorId, SubjectId, SubjectKind};
use gate::{Actor, Asking, Bar, GateError, LookupKind, Refused, Target, Term};
use intake::MemberDraft;
use service::views::{FoundPerson, PersonForAccess};
use service::{NewActor, ServiceError};

use crate::on_both;
use crate::site::{
    OTHER_PORTFOLIO, PORTFOLIO, SOURCE, TestSite, cover_draft, day, item, member_draft, source_id,
};

on_both! {
    who_works_for_a_sponsor_handles_its_people_alone,
    who_moves_to_another_sponsor_is_its_own,
    those_out_of_scope_are_refused_like_nobody,
    runs_searches_and_emergencies_leave_them_out,
    sponsors_are_of_the_portfolio_and_not_for_the_officer,
    a_queue_gives_those_of_other_sponsors_to_a_colleague,
    who_is_covered_together_are_relatives,
    a_child_that_is_taken_up_later_is_a_relative_within_a_second,
    cover_says_its_holder,
}

/// A member whom this employer covers, from this day on.
async fn covered(site: &TestSite, name: &str, sponsor: &str) -> SubjectId {
    let subject = site.person(name, true).await;
    spans(site, name, &[(sponsor, "2026-01-01", None)]).await;
    subject
}

async fn spans(site: &TestSite, name: &str, spans: &[(&str, &str, Option<&str>)]) {
    let drafts = spans.iter().enumerate().map(|(number, (sponsor, start, end))| {
        let mut draft = cover_draft(&format!("{name}-{number}"), name);
        draft.sponsor = Some((*sponsor).to_owned());
        draft.coverage.start = day(start);
        draft.coverage.end = end.map(day);
        draft
    });
    site.cover(&drafts.collect::<Vec<_>>()).await;
}

async fn sponsor(site: &TestSite, name: &str) -> SponsorId {
    let rows = site.write(store::reference::sponsors).await;
    rows.into_iter()
        .find(|row| row.name == name && row.portfolio == PORTFOLIO)
        .expect("it covers somebody")
        .sponsor
}

/// A sponsor, which covers this new member.
pub(crate) async fn covered_by(site: &TestSite, name: &str, employer: &str) -> SponsorId {
    covered(site, name, employer).await;
    sponsor(site, employer).await
}

fn account_staff(recipient: Recipient, sponsors: Vec<SponsorId>) -> NewActor {
    NewActor {
        recipient,
        portfolio: PORTFOLIO,
        role: "account".to_owned(),
        team: String::new(),
        country: "BE".parse().unwrap(),
        organisation: None,
        own_files: Vec::new(),
        sponsors,
        trained_until: Some(day("2027-11-01")),
        authority: Vec::new(),
        days: 90,
    }
}

/// Somebody of the staff who works for this sponsor alone.
pub(crate) async fn of_sponsor(site: &TestSite, recipient: Recipient, sponsor: SponsorId) -> Actor {
    entered(site, &account_staff(recipient, vec![sponsor])).await
}

async fn entered(site: &TestSite, new: &NewActor) -> Actor {
    let (_, token) = service::enter_actor(&site.app, &site.keeper, new).await.unwrap();
    site.app.gate.authenticate(&token).await.unwrap()
}

async fn asked(site: &TestSite, actor: &Actor, subject: SubjectId) -> Result<(), Refused> {
    if site.write(move |unit| store::subject::get(unit, subject)).await.is_some() {
        site.assign(subject, item(1), actor).await;
    }
    let asking = Asking::new(actor, PORTFOLIO, Purpose::PlanInformation, site.app.gate.request());
    match site.app.gate.ask::<PersonForAccess>(&asking, Target::for_item(subject, item(1))).await {
        Ok(_) => Ok(()),
        Err(GateError::Refused(refused)) => Err(refused),
        Err(error) => panic!("{error}"),
    }
}

#[track_caller]
fn is_barred(answer: Result<(), Refused>, bar: Bar) {
    let refused = answer.expect_err("it is barred");
    assert_eq!((refused.bar, refused.nearest.as_deref()), (Some(bar), None), "{refused}");
}

async fn who_works_for_a_sponsor_handles_its_people_alone(site: TestSite) {
    let (ada, eve) = (covered(&site, "ada", "Mill").await, covered(&site, "eve", "Forge").await);
    let kim = covered(&site, "kim", "Port").await;
    let alone = site.person("alone", true).await;
    let (mill, forge) = (sponsor(&site, "Mill").await, sponsor(&site, "Forge").await);
    let of_mill = entered(&site, &account_staff(Recipient::CustomerService, vec![mill])).await;
    let of_both = entered(&site, &account_staff(Recipient::CustomerService, vec![mill, forge])).await;
    let of_all = entered(&site, &account_staff(Recipient::CustomerService, Vec::new())).await;
    asked(&site, &of_mill, ada).await.unwrap();
    for (actor, subject) in [(&of_mill, eve), (&of_mill, kim), (&of_mill, alone), (&of_both, kim)] {
        let before = site.entries(subject).await;
        is_barred(asked(&site, actor, subject).await, Bar::OutOfScope);
        assert_eq!(site.entries(subject).await, before + 1, "on the record");
    }
    for subject in [ada, eve] {
        asked(&site, &of_both, subject).await.unwrap();
    }
    for subject in [ada, eve, kim, alone] {
        asked(&site, &of_all, subject).await.unwrap();
    }
    let changes = service::actor_changes(&site.app, PORTFOLIO).await.unwrap();
    assert!(changes.iter().any(|one| one.change.change.ends_with(", for Mill, Forge")), "{changes:?}");
}

async fn who_moves_to_another_sponsor_is_its_own(site: TestSite) {
    let ada = site.person("ada", true).await;
    let moves = [("Mill", "2025-01-01", Some("2026-10-31")), ("Forge", "2026-11-01", None)];
    spans(&site, "ada", &moves).await;
    let left = site.person("left", true).await;
    let ends = [("Forge", "2024-01-01", Some("2024-12-31")), ("Mill", "2025-01-01", Some("2026-10-31"))];
    spans(&site, "left", &ends).await;
    let (mill, forge) = (sponsor(&site, "Mill").await, sponsor(&site, "Forge").await);
    let of_mill = entered(&site, &account_staff(Recipient::CustomerService, vec![mill])).await;
    let of_forge = entered(&site, &account_staff(Recipient::CustomerService, vec![forge])).await;
    is_barred(asked(&site, &of_mill, ada).await, Bar::OutOfScope);
    asked(&site, &of_forge, ada).await.unwrap();
    // Whose cover is over is still of who covered them last: their claims come in for years.
    asked(&site, &of_mill, left).await.unwrap();
    is_barred(asked(&site, &of_forge, left).await, Bar::OutOfScope);
}

async fn those_out_of_scope_are_refused_like_nobody(site: TestSite) {
    let (ada, eve) = (covered(&site, "ada", "Mill").await, covered(&site, "eve", "Forge").await);
    let mill = sponsor(&site, "Mill").await;
    let actor = entered(&site, &account_staff(Recipient::CustomerService, vec![mill])).await;
    let nobody = SubjectId::from_bytes([77; 16]);
    assert_eq!(asked(&site, &actor, eve).await.unwrap_err(), asked(&site, &actor, nobody).await.unwrap_err());
    asked(&site, &actor, ada).await.unwrap();
}

async fn runs_searches_and_emergencies_leave_them_out(site: TestSite) {
    let (ada, eve) = (covered(&site, "Ada Own", "Mill").await, covered(&site, "Ada Other", "Forge").await);
    let mill = sponsor(&site, "Mill").await;
    let actor = entered(&site, &account_staff(Recipient::CustomerService, vec![mill])).await;
    for subject in [ada, eve] {
        site.assign(subject, item(1), &actor).await;
    }
    let gate = &site.app.gate;
    let asking = Asking::new(&actor, PORTFOLIO, Purpose::PlanInformation, gate.request());
    let targets = [ada, eve].map(|subject| Target::for_item(subject, item(1)));
    let mut run = gate.run::<PersonForAccess>(asking, targets.to_vec(), 10).await.unwrap();
    let part = run.next().await.unwrap().unwrap();
    assert_eq!((part.granted, part.refused[0].1.bar), (vec![targets[0]], Some(Bar::OutOfScope)));
    let asking = Asking::new(&actor, PORTFOLIO, Purpose::Marketing, gate.request());
    let (before, of_ada) = (site.entries(eve).await, site.entries(ada).await);
    let hits =
        gate.search::<FoundPerson>(&asking, &[Term::new(LookupKind::NamePart, "Ada")], None).await.unwrap();
    assert!(hits.iter().all(|(subject, _)| *subject != eve));
    assert_eq!(site.entries(ada).await, of_ada + 1, "a hit is on the record, shown or not");
    assert_eq!(site.entries(eve).await, before, "who is out of scope is no hit");
    let why = "A hospital calls about an accident and knows no number.";
    let broken = service::break_glass(&site.app, &actor, PORTFOLIO, eve, why, gate.request()).await;
    assert!(matches!(broken, Err(ServiceError::Gate(GateError::Refused(refused)))
        if refused.bar == Some(Bar::OutOfScope)));
}

async fn sponsors_are_of_the_portfolio_and_not_for_the_officer(site: TestSite) {
    covered(&site, "ada", "Mill").await;
    let mill = sponsor(&site, "Mill").await;
    let refused = async |new: NewActor| {
        service::enter_actor(&site.app, &site.keeper, &new).await.map(drop).unwrap_err().to_string()
    };
    let unknown = account_staff(Recipient::ClaimsStaff, vec![SponsorId::from_bytes([9; 16])]);
    assert!(refused(unknown).await.contains("no such sponsor"));
    let elsewhere =
        NewActor { portfolio: OTHER_PORTFOLIO, ..account_staff(Recipient::ClaimsStaff, vec![mill]) };
    assert!(refused(elsewhere).await.contains("no such sponsor"));
    let officer = account_staff(Recipient::DataProtectionOfficer, vec![mill]);
    assert!(refused(officer).await.contains("works for all sponsors"));
    let job = NewActor { trained_until: None, ..account_staff(Recipient::IntakeJob, vec![mill]) };
    assert!(refused(job).await.contains("works for all sponsors"));
}

async fn a_queue_gives_those_of_other_sponsors_to_a_colleague(site: TestSite) {
    covered(&site, "ada", "Mill").await;
    let mill = sponsor(&site, "Mill").await;
    let (_, nurse, place) = crate::guarantees::under_review(&site, "eve").await;
    let request = site.app.gate.request();
    service::return_guarantee(&site.app, &nurse, place, request).await.unwrap();
    let of_mill = entered(&site, &account_staff(Recipient::ClinicalStaff, vec![mill])).await;
    let take = |actor| service::take_guarantee(&site.app, actor, PORTFOLIO, request);
    assert_eq!(take(&of_mill).await.unwrap(), None, "nobody of the mill asks for any");
    assert_eq!(take(&nurse).await.unwrap(), Some(place));
}

/// Somebody who is covered under another's contract.
pub(crate) async fn dependant(site: &TestSite, name: &str, holder: &str) -> SubjectId {
    let draft = MemberDraft {
        kind: SubjectKind::Beneficiary,
        holder_source_id: Some(source_id(holder)),
        ..member_draft(name, true)
    };
    let intake = site.app.gate.job(Recipient::IntakeJob).unwrap();
    service::enrol_members(&site.app, &intake, PORTFOLIO, SOURCE, &[draft]).await.unwrap();
    SubjectId::from_bytes(site.app.gate.imported_id("member", SOURCE, name))
}

async fn who_is_covered_together_are_relatives(site: TestSite) {
    let (ada, eve) = (site.person("ada", true).await, site.person("eve", true).await);
    let (child, spouse) = (dependant(&site, "child", "ada").await, dependant(&site, "spouse", "ada").await);
    let other = dependant(&site, "other", "eve").await;
    // Whoever of the family it is.
    for own in [ada, child, spouse] {
        let staff = crate::own_file::closed_to(&site, Recipient::CustomerService, &[own]).await;
        for subject in [ada, child, spouse] {
            is_barred(asked(&site, &staff, subject).await, Bar::OwnFile);
        }
        for subject in [eve, other] {
            asked(&site, &staff, subject).await.unwrap();
        }
    }
}

async fn a_child_that_is_taken_up_later_is_a_relative_within_a_second(site: TestSite) {
    let ada = site.person("ada", true).await;
    let mut new = account_staff(Recipient::CustomerService, Vec::new());
    new.own_files = vec![ada];
    let (_, token) = service::enter_actor(&site.app, &site.keeper, &new).await.unwrap();
    site.app.gate.authenticate(&token).await.unwrap();
    let child = dependant(&site, "child", "ada").await;
    site.clock.advance(1);
    let staff = site.app.gate.authenticate(&token).await.unwrap();
    is_barred(asked(&site, &staff, child).await, Bar::OwnFile);
}

async fn cover_says_its_holder(site: TestSite) {
    let ada = site.person("ada", true).await;
    let child = dependant(&site, "child", "ada").await;
    site.cover(&[cover_draft("c1", "ada"), cover_draft("c2", "child")]).await;
    let spans = site.write(move |unit| store::coverage::of_holder(unit, ada)).await;
    let mut people: Vec<SubjectId> = spans.iter().map(|span| span.subject).collect();
    people.sort_unstable();
    let mut family = vec![ada, child];
    family.sort_unstable();
    assert_eq!(people, family);
    // A source that says it again, and otherwise, is believed.
    site.person("eve", true).await;
    dependant(&site, "child", "eve").await;
    let family = site.write(move |unit| store::family::of_subject(unit, ada)).await;
    assert_eq!(family.into_iter().collect::<Vec<_>>(), [ada]);
}
