//! The officer's report of a month: read in a case, complete, and without a row that is about few people.

use domain::{EmergencyOutcome, Purpose, Recipient, TransferSafeguard, WorkItemId};
use gate::{Actor, Asking, Target};
use service::views::{CoverPage, PersonToAdjudicate};
use service::{EmergencyCount, MonthlyReport, NewCase, ReportOf, ReportRow, ServiceError, Unusual, Usual};

use crate::on_both;
use crate::recipients::{hand_over, member_and_staff};
use crate::site::{PORTFOLIO, TestSite, day, item};

on_both! {
    a_month_is_reported_in_a_case_and_tells_of_no_few,
    a_month_of_many_people_is_told_in_figures,
    what_was_not_reviewed_in_time_stands_in_it,
}

/// Five people an hour, from Belgium.
fn usual() -> Usual {
    let countries = ["BE".parse().unwrap()].into_iter().collect();
    Usual { people_an_hour: 5, people_a_day: 99, hours: None, weekends: true, countries }
}

async fn officer_with_a_case(site: &TestSite) -> (Actor, WorkItemId) {
    let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    let new = NewCase { portfolio: PORTFOLIO, officer: officer.id(), people: Vec::new(), days: 30 };
    let case = service::open_case(&site.app, &site.keeper, &new).await.unwrap();
    (officer, case)
}

async fn report(
    site: &TestSite,
    officer: &Actor,
    case: Option<WorkItemId>,
    month: &str,
) -> Result<MonthlyReport, ServiceError> {
    let of = ReportOf { month: day(month), usual: usual(), review_days: 7 };
    service::monthly_report(&site.app, officer, PORTFOLIO, case, of).await
}

fn row(rows: &[ReportRow], of: &str) -> Option<(Option<u64>, Option<u64>)> {
    rows.iter().find(|row| row.of == of).map(|row| (row.granted, row.refused))
}

async fn a_month_is_reported_in_a_case_and_tells_of_no_few(site: TestSite) {
    let desk = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let ask = async |subject, purpose, item| {
        let asking = Asking::new(&desk, PORTFOLIO, purpose, site.app.gate.request());
        site.app.gate.ask::<CoverPage>(&asking, Target { subject, item }).await.map(drop)
    };
    let mut people = Vec::new();
    for number in 0..12 {
        let subject = site.member(&format!("m{number}"), true).await.subject;
        site.assign(subject, item(1), &desk).await;
        for _ in 0..2 {
            ask(subject, Purpose::PlanInformation, Some(item(1))).await.unwrap();
        }
        ask(subject, Purpose::AdministrativeCommunication, None).await.unwrap_err();
        people.push(subject);
    }
    let untrained = crate::actors::untrained(&site, Recipient::Auditor, None).await;
    let asking = Asking::new(&untrained, PORTFOLIO, Purpose::PlanInformation, site.app.gate.request());
    site.app.gate.ask::<CoverPage>(&asking, Target::of(people[0])).await.unwrap_err();
    let (officer, case) = officer_with_a_case(&site).await;
    let request = site.app.gate.request();
    let why = "A hospital calls about an accident and knows no number.";
    let mut emergencies = Vec::new();
    for subject in &people[..2] {
        let opened = service::break_glass(&site.app, &desk, PORTFOLIO, *subject, why, request).await.unwrap();
        emergencies.push(opened.emergency);
    }
    let first = emergencies[0];
    service::read_emergency(&site.app, &officer, PORTFOLIO, first, request).await.unwrap();
    let outcome = EmergencyOutcome::NotJustified;
    service::review_emergency(&site.app, &officer, PORTFOLIO, first, outcome, request).await.unwrap();
    let (from, to) =
        (domain::Timestamp::start_of(day("2026-11-23")), domain::Timestamp::start_of(day("2026-12-01")));
    service::incident(&site.app, &officer, PORTFOLIO, Some(case), (desk.id(), from, to)).await.unwrap();

    assert!(report(&site, &officer, None, "2026-11-01").await.unwrap_err().to_string().contains("work-item"));
    assert!(report(&site, &desk, Some(case), "2026-11-01").await.is_err(), "nobody but the officer");
    let early = report(&site, &officer, Some(case), "2026-12-01").await;
    assert!(early.unwrap_err().to_string().contains("in the future"));

    let found = report(&site, &officer, Some(case), "2026-11-01").await.unwrap();
    // The accesses in emergencies are about two people: what everything else is would tell them.
    assert_eq!(row(&found.purposes, "plan-information"), None);
    assert_eq!(row(&found.purposes, "emergency-access"), None);
    assert_eq!(row(&found.purposes, "administrative-communication"), None);
    assert_eq!(row(&found.clauses, "use.plan-information"), None);
    assert_eq!(row(&found.clauses, service::OTHERS), Some((None, None)));
    assert_eq!((found.all.granted, found.all.refused), (Some(20), Some(10)), "25 and 13, in whole tens");
    assert_eq!(found.barred.into_iter().collect::<Vec<_>>(), [("untrained", 1)]);
    assert_eq!((found.incidents, found.searches), (1, 0));
    assert!(found.changes >= 5, "a case, two accesses, a review, an incident: {}", found.changes);
    assert_eq!(found.unusual.get(&Unusual::ManyPeople), Some(&(1, 1)));
    assert!(found.handed_over.is_empty() && found.outside_eea.is_empty());
    let counted = EmergencyCount { opened: 2, justified: 0, not_justified: 1, unreviewed: 1, overdue: 0 };
    assert_eq!(found.emergencies, counted);
}

async fn a_month_of_many_people_is_told_in_figures(site: TestSite) {
    let (ada, desk) = member_and_staff(&site).await;
    let standard = crate::transfers::safeguard(TransferSafeguard::StandardClauses);
    let far = site.enter(Recipient::ServiceProvider, "Far", "IN", &[standard]).await;
    site.agree(gate::staff_of(PORTFOLIO), &[standard]).await.unwrap();
    let abroad = site.actor_in("IN", Recipient::CustomerService).await;
    for number in 0..20 {
        let subject = if number == 0 { ada } else { site.person(&format!("m{number}"), true).await };
        site.assign(subject, item(1), &desk).await;
        site.assign(subject, item(2), &abroad).await;
        hand_over(&site.app, &desk, far, subject).await.unwrap();
        let asking = Asking::new(&abroad, PORTFOLIO, Purpose::Quote, site.app.gate.request());
        let target = Target::for_item(subject, item(2));
        site.app.gate.ask::<PersonToAdjudicate>(&asking, target).await.unwrap();
    }
    let (officer, case) = officer_with_a_case(&site).await;
    let found = report(&site, &officer, Some(case), "2026-11-01").await.unwrap();
    let told = |times| Some((Some(times), Some(0)));
    assert_eq!((found.all.granted, found.all.refused), (Some(40), Some(0)));
    assert_eq!(row(&found.handed_over, "service-provider (IN)"), told(20));
    assert_eq!(row(&found.outside_eea, "IN"), told(40), "handed over there, and read there");
    for (purpose, times) in [("health-management", 20), ("quote", 20)] {
        assert_eq!(row(&found.purposes, purpose), told(times));
    }
    for (recipient, times) in [("service-provider", 20), ("customer-service-staff", 20)] {
        assert_eq!(row(&found.recipients, recipient), told(times));
    }
    for (clause, times) in [("test.vendor", 20), ("test.abroad", 20)] {
        assert_eq!(row(&found.clauses, clause), told(times));
    }
    let hours = |what| found.unusual.get(&what).copied();
    assert_eq!(hours(Unusual::Country), Some((1, 1)), "of whoever works from there");
    assert_eq!(hours(Unusual::ManyPeople), Some((2, 2)));
}

async fn what_was_not_reviewed_in_time_stands_in_it(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    let nurse = site.actor(Recipient::ClinicalStaff, PORTFOLIO).await;
    let (officer, case) = officer_with_a_case(&site).await;
    let why = "A hospital calls about an accident and knows no number.";
    let request = site.app.gate.request();
    service::break_glass(&site.app, &nurse, PORTFOLIO, ada, why, request).await.unwrap();
    site.clock.advance(9 * 86_400);
    let found = report(&site, &officer, Some(case), "2026-12-01").await.unwrap();
    let counted = EmergencyCount { overdue: 1, ..EmergencyCount::default() };
    assert_eq!(found.emergencies, counted, "it was opened in November and waits");
    let found = report(&site, &officer, Some(case), "2026-11-01").await.unwrap();
    assert_eq!(
        (found.emergencies.opened, found.emergencies.unreviewed, found.emergencies.overdue),
        (1, 1, 1)
    );
}
