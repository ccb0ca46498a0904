//! A newer version of the notice: to whom it is issued, and from when it binds whom.

use domain::{DeliveryState, PortfolioId, Purpose, Recipient, SubjectId};
use gate::{Asking, Target};
use service::views::{CoverPage, MemberToPay};
use service::{DeliveryEvent, IssueReport, ServiceError};
use store::reference::NoticeRow;

use crate::on_both;
use crate::site::{NOTICE, OTHER_PORTFOLIO, PORTFOLIO, TestSite, cover_draft, item};

on_both!(
    a_widening_binds_after_delivery_and_notice_period,
    a_narrowing_holds_at_once,
    everybody_enrolled_gets_it_once,
    a_report_about_another_portfolio_changes_nothing,
    a_report_that_comes_again_revives_nothing,
    what_comes_back_late_binds_no_longer,
    what_came_back_was_not_delivered,
    what_came_back_binds_nobody_when_a_newer_one_comes_back_too,
    a_delivery_that_does_not_fit_is_named_and_nothing_of_its_part_is_written,
    the_newest_of_two_versions_binds,
    a_version_that_would_be_in_force_before_it_is_published_is_refused,
);

const DAY_SECONDS: i64 = 86_400;
const SHIPPED: &str = "data = [\"identity\", \"member-id\", \"plan\", \"eligibility\"]\nrecipients = [\"customer-service-staff\"]";
const WIDER: &str = "data = [\"identity\", \"member-id\", \"plan\", \"eligibility\", \"financial\"]\nrecipients = [\"customer-service-staff\"]";
const NARROWER: &str =
    "data = [\"identity\", \"member-id\", \"plan\"]\nrecipients = [\"customer-service-staff\"]";

/// Publishes the shipped notice as another version, in force from a day, with its clause on plan information as
/// given.
async fn publish(site: &TestSite, version: &str, day: &str, clause: &str) -> NoticeRow {
    let rules = NOTICE[0].1;
    assert!(rules.contains(SHIPPED));
    let rules = rules
        .replace(SHIPPED, clause)
        .replace("version = \"2026-11-01\"", &format!("version = \"{version}\""))
        .replace("effective = \"2026-11-01\"", &format!("effective = \"{day}\""));
    let mut files = NOTICE.to_vec();
    files[0].1 = &rules;
    site.publish(PORTFOLIO, &files).await;
    let versions = service::published_notices(site.app.store(), PORTFOLIO).await.unwrap();
    versions.last().unwrap().clone()
}

async fn issue(site: &TestSite) -> [u64; 2] {
    let IssueReport { queued, bound } = service::issue_notices(&site.app, PORTFOLIO).await.unwrap();
    [queued, bound]
}

async fn tell(
    site: &TestSite,
    version: &NoticeRow,
    subject: SubjectId,
    state: DeliveryState,
) -> Result<u64, ServiceError> {
    let event = DeliveryEvent { subject, state, at: site.app.gate.now() };
    service::record_deliveries(&site.app, version, &[event]).await
}

/// Somebody of the customer service, and an ask about a member's account and about their cover.
struct Desk<'a> {
    site: &'a TestSite,
    staff: gate::Actor,
}

impl<'a> Desk<'a> {
    async fn of(site: &'a TestSite) -> Self {
        Self { site, staff: site.actor(Recipient::CustomerService, PORTFOLIO).await }
    }

    async fn sees<V: domain::Views>(&self, subject: SubjectId) -> bool {
        let gate = &self.site.app.gate;
        self.site.assign(subject, item(1), &self.staff).await;
        let asking = Asking::new(&self.staff, PORTFOLIO, Purpose::PlanInformation, gate.request());
        gate.ask::<V>(&asking, Target::for_item(subject, item(1))).await.is_ok()
    }
}

async fn a_widening_binds_after_delivery_and_notice_period(site: TestSite) {
    let (ada, eve) = (site.member("ada", true).await.subject, site.member("eve", true).await.subject);
    let desk = Desk::of(&site).await;
    let wide = publish(&site, "wide", "2026-11-25", WIDER).await;
    assert_eq!(issue(&site).await, [2, 0]);
    site.clock.advance(40 * DAY_SECONDS);
    assert_eq!(issue(&site).await, [0, 0], "in force, and delivered to nobody");
    assert!(!desk.sees::<MemberToPay>(ada).await);
    tell(&site, &wide, ada, DeliveryState::Sent).await.unwrap();
    assert!(!desk.sees::<MemberToPay>(ada).await, "delivered, and its notice period runs");
    site.clock.advance(30 * DAY_SECONDS);
    assert_eq!(issue(&site).await, [0, 0], "thirty whole days after the day of delivery");
    assert!(!desk.sees::<MemberToPay>(ada).await);
    site.clock.advance(DAY_SECONDS);
    assert_eq!(issue(&site).await, [0, 1]);
    assert!(desk.sees::<MemberToPay>(ada).await);
    assert!(!desk.sees::<MemberToPay>(eve).await, "to her it was not delivered");
    assert!(desk.sees::<CoverPage>(eve).await);
    assert_eq!(issue(&site).await, [0, 0]);
}

async fn a_narrowing_holds_at_once(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    let desk = Desk::of(&site).await;
    assert!(desk.sees::<CoverPage>(ada).await);
    publish(&site, "narrow", "2026-11-25", NARROWER).await;
    assert!(desk.sees::<CoverPage>(ada).await, "it is not in force yet");
    site.clock.advance(2 * DAY_SECONDS);
    assert!(!desk.sees::<CoverPage>(ada).await, "delivered to nobody, and it holds");
}

async fn everybody_enrolled_gets_it_once(site: TestSite) {
    site.member("ada", true).await;
    site.clinic().await;
    let left = site.person("left", true).await;
    let mut cover = cover_draft("left", "left");
    cover.coverage.end = Some("2026-10-31".parse().unwrap());
    site.cover(&[cover]).await;
    let nobody = site.person("nobody", true).await;
    let wide = publish(&site, "wide", "2026-12-01", WIDER).await;
    assert_eq!(issue(&site).await, [2, 0], "the member and the provider of care");
    assert_eq!(issue(&site).await, [0, 0]);
    for subject in [left, nobody] {
        let told = tell(&site, &wide, subject, DeliveryState::Posted).await;
        assert!(told.unwrap_err().to_string().contains("not issued to this person"));
    }
    // Enrolled before it is in force, and so bound to the older one.
    site.member("eve", true).await;
    assert_eq!(issue(&site).await, [1, 0]);
    site.clock.advance(10 * DAY_SECONDS);
    site.member("new", true).await;
    assert_eq!(issue(&site).await, [0, 0], "who joins under it is bound to it already");
}

async fn what_came_back_was_not_delivered(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    let wide = publish(&site, "wide", "2026-11-25", WIDER).await;
    issue(&site).await;
    assert_eq!(tell(&site, &wide, ada, DeliveryState::Sent).await.unwrap(), 1);
    assert_eq!(tell(&site, &wide, ada, DeliveryState::Sent).await.unwrap(), 0, "told again");
    assert_eq!(tell(&site, &wide, ada, DeliveryState::Failed).await.unwrap(), 1);
    site.clock.advance(40 * DAY_SECONDS);
    assert_eq!(issue(&site).await, [0, 0]);
    assert_eq!(tell(&site, &wide, ada, DeliveryState::Posted).await.unwrap(), 1);
    site.clock.advance(20 * DAY_SECONDS);
    // Reading it begins no new period: it was in the post before.
    assert_eq!(tell(&site, &wide, ada, DeliveryState::Read).await.unwrap(), 1);
    site.clock.advance(11 * DAY_SECONDS);
    assert_eq!(issue(&site).await, [0, 1]);
}

async fn a_report_about_another_portfolio_changes_nothing(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    let wide = publish(&site, "wide", "2026-11-25", WIDER).await;
    issue(&site).await;
    // The other portfolio has a version of the same number.
    let other = NoticeRow { portfolio: OTHER_PORTFOLIO, ..wide.clone() };
    let told = tell(&site, &other, ada, DeliveryState::Sent).await;
    assert!(told.unwrap_err().to_string().contains("not issued to this person"));
    assert_eq!(tell(&site, &wide, ada, DeliveryState::Sent).await.unwrap(), 1);
}

async fn a_report_that_comes_again_revives_nothing(site: TestSite) {
    let (ada, eve) = (site.member("ada", true).await.subject, site.member("eve", true).await.subject);
    let wide = publish(&site, "wide", "2026-11-25", WIDER).await;
    issue(&site).await;
    let begun = site.app.gate.now();
    let at = |seconds: i64| begun.plus_seconds(seconds);
    site.clock.advance(1_000);
    let event = |state, at| DeliveryEvent { subject: ada, state, at };
    let sent = [event(DeliveryState::Sent, at(1)), event(DeliveryState::Read, at(1))];
    let record = |events: Vec<DeliveryEvent>| {
        let (app, wide) = (site.app.clone(), wide.clone());
        async move { service::record_deliveries(&app, &wide, &events).await.unwrap() }
    };
    assert_eq!(record(sent.to_vec()).await, 2);
    assert_eq!(record(sent.to_vec()).await, 0, "the whole file again");
    let event = |state, at| DeliveryEvent { subject: eve, state, at };
    let (sent, failed) = (event(DeliveryState::Sent, at(3)), event(DeliveryState::Failed, at(5)));
    assert_eq!(record(vec![sent, failed]).await, 2);
    assert_eq!(record(vec![sent]).await, 0, "it came back since");
    assert_eq!(record(vec![event(DeliveryState::Posted, at(50))]).await, 1, "sent again later");
}

/// It was taken for delivered, its notice period ran, and then it came back.
async fn what_comes_back_late_binds_no_longer(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    let desk = Desk::of(&site).await;
    let wide = publish(&site, "wide", "2026-11-25", WIDER).await;
    issue(&site).await;
    tell(&site, &wide, ada, DeliveryState::Sent).await.unwrap();
    site.clock.advance(40 * DAY_SECONDS);
    assert_eq!(issue(&site).await, [0, 1]);
    assert!(desk.sees::<MemberToPay>(ada).await);
    tell(&site, &wide, ada, DeliveryState::Failed).await.unwrap();
    assert!(!desk.sees::<MemberToPay>(ada).await);
    let open = site.write(move |unit| store::delivery::undelivered(unit, PORTFOLIO, 2, None, 10)).await;
    assert_eq!(open.iter().map(|row| row.subject).collect::<Vec<_>>(), [ada], "it is to be delivered again");
    site.clock.advance(DAY_SECONDS);
    tell(&site, &wide, ada, DeliveryState::Posted).await.unwrap();
    site.clock.advance(31 * DAY_SECONDS);
    assert_eq!(issue(&site).await, [0, 1]);
}

async fn a_delivery_that_does_not_fit_is_named_and_nothing_of_its_part_is_written(site: TestSite) {
    let (ada, eve) = (site.member("ada", true).await.subject, site.member("eve", true).await.subject);
    let wide = publish(&site, "wide", "2026-11-25", WIDER).await;
    issue(&site).await;
    let event = |subject, state, at| DeliveryEvent { subject, state, at };
    let (now, sent) = (site.app.gate.now(), DeliveryState::Sent);
    let cases = [
        (
            event(SubjectId::from_bytes([9; 16]), sent, now),
            "delivery 2: this version was not issued to this person",
        ),
        (
            event(eve, DeliveryState::Read, now),
            "delivery 2: a delivery that is `queued` cannot become `read`",
        ),
        (event(eve, sent, wide.published.plus_seconds(-1)), "delivery 2: its day is before"),
        (event(eve, sent, now.plus_seconds(60)), "delivery 2: its day is before"),
    ];
    for (bad, message) in cases {
        let told = service::record_deliveries(&site.app, &wide, &[event(ada, sent, now), bad]).await;
        let error = told.unwrap_err().to_string();
        assert!(error.starts_with(message), "{error}");
    }
    assert_eq!(tell(&site, &wide, ada, sent).await.unwrap(), 1, "hers was undone with the other");
}

async fn the_newest_of_two_versions_binds(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    let desk = Desk::of(&site).await;
    let second = publish(&site, "second", "2026-11-25", SHIPPED).await;
    issue(&site).await;
    tell(&site, &second, ada, DeliveryState::Sent).await.unwrap();
    site.clock.advance(5 * DAY_SECONDS);
    let third = publish(&site, "third", "2026-12-01", WIDER).await;
    assert_eq!(issue(&site).await, [1, 0]);
    tell(&site, &third, ada, DeliveryState::Sent).await.unwrap();
    site.clock.advance(60 * DAY_SECONDS);
    assert_eq!(issue(&site).await, [0, 1], "once, to the newest");
    assert!(desk.sees::<MemberToPay>(ada).await);
    let bound = site.write(move |unit| store::subject::get(unit, ada)).await.unwrap().notice;
    assert_eq!(bound, third.number);
}

async fn a_version_that_would_be_in_force_before_it_is_published_is_refused(site: TestSite) {
    let second = |day: &str| {
        let rules = NOTICE[0].1.replace("2026-11-01", day);
        let files = NOTICE.iter().map(|(name, text)| {
            let text = if *name == "clauses.toml" { &rules } else { *text };
            ((*name).to_owned(), text.to_owned())
        });
        files.collect::<Vec<_>>()
    };
    let publication = service::Publication::new("An Author", "A Publisher", "Sound.").unwrap();
    let (store, now) = (site.app.store(), site.app.gate.now());
    let publish = |portfolio: PortfolioId, day: &str| {
        let (files, publication) = (second(day), publication.clone());
        async move { service::publish_notice(store, None, portfolio, &files, &publication, now).await }
    };
    let error = publish(PORTFOLIO, "2026-11-22").await.unwrap_err().to_string();
    assert!(error.contains("in force from 2026-11-22") && error.contains("before 2026-11-23"), "{error}");
    assert_eq!(publish(PORTFOLIO, "2026-12-01").await.unwrap(), 2);
    let error = publish(PORTFOLIO, "2026-11-30").await.unwrap_err().to_string();
    assert!(error.contains("before 2026-12-01"), "{error}");
}

/// Two versions were taken for delivered and bound; both come back, the older one first.
async fn what_came_back_binds_nobody_when_a_newer_one_comes_back_too(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    let desk = Desk::of(&site).await;
    let second = publish(&site, "second", "2026-11-25", WIDER).await;
    issue(&site).await;
    tell(&site, &second, ada, DeliveryState::Sent).await.unwrap();
    site.clock.advance(40 * DAY_SECONDS);
    assert_eq!(issue(&site).await, [0, 1]);
    let third = publish(&site, "third", "2027-01-10", WIDER).await;
    issue(&site).await;
    tell(&site, &third, ada, DeliveryState::Sent).await.unwrap();
    site.clock.advance(40 * DAY_SECONDS);
    assert_eq!(issue(&site).await, [0, 1]);
    tell(&site, &second, ada, DeliveryState::Failed).await.unwrap();
    assert!(desk.sees::<MemberToPay>(ada).await, "the third was delivered");
    tell(&site, &third, ada, DeliveryState::Failed).await.unwrap();
    assert!(!desk.sees::<MemberToPay>(ada).await, "neither was");
    let bound = site.write(move |unit| store::subject::get(unit, ada)).await.unwrap();
    assert_eq!(bound.notice, 1);
}
