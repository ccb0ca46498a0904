//! What was collected under a supplement opens for what that supplement discloses and, as far as it says so, for the
//! notice's purposes, and for nothing else; and nothing else opens under its clauses.

use domain::Personal as _;
use domain::{
    Condition, PhoneNumber, Purpose, Recipient, RecordId, SubjectId, SupplementId, TravelQuestionnaire,
};
use gate::{Actor, Asking, Entry, GateError, Target};
use notice::{SHIPPED_RELATED, SHIPPED_TRAVEL};
use service::views::{CoverPage, TravelAnswers};
use service::{ServiceError, TravelRequest, read_travel_answers, take_travel_answers};

use crate::on_both;
use crate::site::{NOTICE, OTHER_PORTFOLIO, PORTFOLIO, TestSite, day, item};

on_both!(
    answers_open_under_their_supplement_and_for_nothing_else,
    the_notices_purposes_open_them_as_far_as_the_supplement_says,
    nothing_else_opens_under_a_supplement,
    what_was_answered_stays_under_its_version,
    a_prohibition_of_a_newer_notice_holds_at_once,
    what_rests_on_a_consent_closes_with_it,
    a_supplement_goes_with_its_notice_or_is_not_published,
    a_notice_is_not_published_before_what_it_names,
);

fn travel_with(change: impl Fn(&str) -> String) -> Vec<(&'static str, String)> {
    let change = |(name, text): &(&'static str, &'static str)| match *name {
        "clauses.toml" => (*name, change(text)),
        _ => (*name, (*text).to_owned()),
    };
    SHIPPED_TRAVEL.iter().map(change).collect()
}

async fn publish(site: &TestSite, files: &[(&'static str, String)]) -> Result<SupplementId, ServiceError> {
    let pairs: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    site.publish_beside(PORTFOLIO, &pairs).await?;
    Ok(site.app.gate.supplement(PORTFOLIO, "travel")?.0)
}

async fn published(site: &TestSite) -> SupplementId {
    publish(site, &travel_with(str::to_owned)).await.unwrap()
}

fn answers(destination: &str) -> TravelQuestionnaire {
    TravelQuestionnaire {
        phone: PhoneNumber::parse("+32 470 00 00 00").unwrap(),
        destination: destination.parse().unwrap(),
        arrival: day("2027-03-01"),
        departure: day("2027-03-20"),
    }
}

async fn take(
    site: &TestSite,
    actor: &Actor,
    subject: SubjectId,
    supplement: SupplementId,
    destination: &str,
) -> Result<RecordId, ServiceError> {
    let sent = TravelRequest {
        portfolio: PORTFOLIO,
        subject,
        supplement,
        key: destination,
        body: destination,
        answers: &answers(destination),
        request: site.app.gate.request(),
    };
    take_travel_answers(&site.app, actor, &sent).await
}

/// Somebody's answers, and staff with an open work item for each of them.
struct Case {
    subject: SubjectId,
    record: RecordId,
    staff: Actor,
}

impl Case {
    async fn of(site: &TestSite, supplement: SupplementId) -> Self {
        let subject = site.person("ada", true).await;
        let desk = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
        let record = take(site, &desk, subject, supplement, "JP").await.unwrap();
        let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
        site.assign(subject, item(1), &staff).await;
        Self { subject, record, staff }
    }

    async fn read(
        &self,
        site: &TestSite,
        actor: &Actor,
        purpose: Purpose,
    ) -> Result<TravelAnswers, ServiceError> {
        site.assign(self.subject, item(2), actor).await;
        let (place, request) = ((self.subject, self.record), site.app.gate.request());
        read_travel_answers(&site.app, actor, PORTFOLIO, place, purpose, Some(item(2)), request).await
    }
}

fn is_refused<T>(result: &Result<T, ServiceError>) -> bool {
    matches!(result, Err(ServiceError::Gate(GateError::Refused(_))))
}

fn was_collected_otherwise<T>(result: &Result<T, GateError>) -> bool {
    matches!(result, Err(GateError::OtherSupplement))
}

async fn answers_open_under_their_supplement_and_for_nothing_else(site: TestSite) {
    let supplement = published(&site).await;
    let case = Case::of(&site, supplement).await;
    let read = case.read(&site, &case.staff, Purpose::TravelAssistance).await.unwrap();
    assert_eq!(read.destination.code(), "JP");
    assert!(read.phone.shown().is_some());
    // The entry names the supplement, and its clause.
    let subject = case.subject;
    let pending = site.app.store().read(move |unit| store::log::pending_of(unit, subject)).await;
    let pending = pending.map_err(|error: store::StoreError| error).unwrap();
    let last = Entry::from_bytes(&pending.last().unwrap().body).unwrap();
    assert_eq!(
        (last.supplement, last.clauses.as_slice()),
        (Some(supplement), ["travel.assist".to_owned()].as_slice())
    );

    // Neighbours: another recipient, no work item, another portfolio's staff.
    let claims = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    assert!(is_refused(&case.read(&site, &claims, Purpose::TravelAssistance).await));
    let without = read_travel_answers(
        &site.app,
        &case.staff,
        PORTFOLIO,
        (subject, case.record),
        Purpose::TravelAssistance,
        None,
        site.app.gate.request(),
    );
    assert!(is_refused(&without.await));
    let walled = site.actor(Recipient::CustomerService, OTHER_PORTFOLIO).await;
    assert!(is_refused(&case.read(&site, &walled, Purpose::TravelAssistance).await));
    // The form is no way around: whoever may not take in is refused, and tells nothing of who is there.
    let nobody = SubjectId::from_bytes([3; 16]);
    for whom in [subject, nobody] {
        assert!(is_refused(&take(&site, &claims, whom, supplement, "FR").await));
    }
}

async fn the_notices_purposes_open_them_as_far_as_the_supplement_says(site: TestSite) {
    let supplement = published(&site).await;
    let case = Case::of(&site, supplement).await;
    let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    let read = case.read(&site, &officer, Purpose::AccessRequest).await.unwrap();
    assert_eq!(read.destination.code(), "JP");
    // The notice has a clause that would show both categories for a quote; the supplement does not name it.
    let enrolment = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    let quote = case.read(&site, &enrolment, Purpose::Quote).await;
    assert!(matches!(quote, Err(ServiceError::Gate(GateError::OtherSupplement))), "{:?}", quote.err());
    // The same answers taken in under the notice alone open there.
    let asking = Asking::new(&enrolment, PORTFOLIO, Purpose::Enrolment, site.app.gate.request());
    let kind = domain::SubjectKind::Member;
    let collection = site.app.gate.collect(&asking, kind, TravelQuestionnaire::CATEGORIES).await.unwrap();
    let subject = case.subject;
    let keys = site.app.store().read(move |unit| store::key::of_subject(unit, subject)).await;
    let keys = keys.map_err(|error: store::StoreError| error).unwrap();
    let record = RecordId::from_bytes([9; 16]);
    let rows = collection.seal(subject, record, 1, &answers("FR"), &keys).unwrap();
    site.write(move |unit| store::sealed::insert_many(unit, &rows)).await;
    let plain = Case { record, subject, staff: enrolment };
    assert_eq!(plain.read(&site, &plain.staff, Purpose::Quote).await.unwrap().destination.code(), "FR");
}

async fn nothing_else_opens_under_a_supplement(site: TestSite) {
    let supplement = published(&site).await;
    // Its clause shows identity and more; the cover of the same person was not collected under it.
    let wide = travel_with(|rules| {
        rules
            .replace("version = \"2026-11-01\"", "version = \"wide\"")
            .replace("effective = \"2026-11-01\"", "effective = \"2026-11-23\"")
            .replace(
                "data = [\"identity\", \"other\"]",
                "data = [\"identity\", \"other\", \"plan\", \"eligibility\"]",
            )
    });
    let member = site.member("ada", true).await;
    let desk = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    let first = take(&site, &desk, member.subject, supplement, "JP").await.unwrap();
    let wide = publish(&site, &wide).await.unwrap();
    let second = take(&site, &desk, member.subject, wide, "KR").await.unwrap();
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    site.assign(member.subject, item(1), &staff).await;
    let asking = Asking {
        supplement: Some(wide),
        ..Asking::new(&staff, PORTFOLIO, Purpose::TravelAssistance, site.app.gate.request())
    };
    let gate = &site.app.gate;
    let target = Target::for_item(member.subject, item(1));
    let grant = gate.ask::<CoverPage>(&asking, target).await.unwrap();
    let cover = gate.fetch::<CoverPage>(member.subject, member.coverage).await.unwrap().unwrap();
    assert!(was_collected_otherwise(&grant.open(&cover)), "cover opens under no supplement");
    let grant = gate.ask::<TravelAnswers>(&asking, target).await.unwrap();
    let fetch = async |record| gate.fetch::<TravelAnswers>(member.subject, record).await.unwrap().unwrap();
    assert!(was_collected_otherwise(&grant.open(&fetch(first).await)), "another version's answers neither");
    assert_eq!(grant.open(&fetch(second).await).unwrap().destination.code(), "KR");
    // A supplement that is not published here opens nothing.
    let unknown = Asking {
        supplement: Some(SupplementId::from_bytes([1; 16])),
        ..Asking::new(&staff, PORTFOLIO, Purpose::TravelAssistance, gate.request())
    };
    let refused = gate.ask::<TravelAnswers>(&unknown, target).await.err();
    assert!(matches!(refused, Some(GateError::NoSupplement)), "{refused:?}");
}

async fn what_was_answered_stays_under_its_version(site: TestSite) {
    let first = published(&site).await;
    let case = Case::of(&site, first).await;
    // A later version discloses less: it lets nothing through for erasure, and nobody help.
    let later = travel_with(|rules| {
        rules
            .replace("version = \"2026-11-01\"", "version = \"later\"")
            .replace("effective = \"2026-11-01\"", "effective = \"2026-11-23\"")
            .replace("recipients = [\"customer-service-staff\"]", "recipients = [\"clinical-staff\"]")
    });
    let second = publish(&site, &later).await.unwrap();
    assert_ne!(first, second);
    assert!(
        case.read(&site, &case.staff, Purpose::TravelAssistance).await.is_ok(),
        "as it was disclosed then"
    );
    let desk = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    let old = take(&site, &desk, case.subject, first, "FR").await;
    assert!(matches!(old, Err(ServiceError::Gate(GateError::SupplementReplaced))), "{:?}", old.err());
    let record = take(&site, &desk, case.subject, second, "FR").await.unwrap();
    let newer = Case { record, ..case };
    assert!(is_refused(&newer.read(&site, &newer.staff, Purpose::TravelAssistance).await));
    let clinical = site.actor(Recipient::ClinicalStaff, PORTFOLIO).await;
    assert!(newer.read(&site, &clinical, Purpose::TravelAssistance).await.is_ok());
}

async fn a_prohibition_of_a_newer_notice_holds_at_once(site: TestSite) {
    let supplement = published(&site).await;
    let case = Case::of(&site, supplement).await;
    let rules = NOTICE[0]
        .1
        .replace("version = \"2026-11-01\"", "version = \"next\"")
        .replace("effective = \"2026-11-01\"", "effective = \"2026-11-23\"");
    let rules = format!(
        "{rules}\n[[prohibition]]\nid = \"no.travel\"\npurpose = \"travel-assistance\"\nunless = [\"consent.research\"]\n"
    );
    let proses: Vec<(&str, String)> = NOTICE
        .iter()
        .filter(|(name, _)| name.ends_with(".md"))
        .map(|(name, text)| (*name, format!("{text}\n## No {{#no.travel}}\n\n{{purposes}} {{conditions}}\n")))
        .collect();
    let mut files = vec![("clauses.toml", rules.as_str()), NOTICE[5]];
    files.extend(proses.iter().map(|(name, text)| (*name, text.as_str())));
    site.publish(PORTFOLIO, &files).await;
    let refused = case.read(&site, &case.staff, Purpose::TravelAssistance).await;
    let Err(ServiceError::Gate(GateError::Refused(refused))) = refused else { panic!("it opens") };
    assert!(refused.lacks.contains(Condition::ConsentResearch), "{refused}");
}

async fn what_rests_on_a_consent_closes_with_it(site: TestSite) {
    let resting = travel_with(|rules| {
        rules.replace("when = [\"work-item\"]", "when = [\"work-item\", \"consent.health\"]")
    });
    let supplement = publish(&site, &resting).await.unwrap();
    let case = Case::of(&site, supplement).await;
    assert!(case.read(&site, &case.staff, Purpose::TravelAssistance).await.is_ok());
    let to = service::ConsentTo::in_portfolio(Condition::ConsentHealth, PORTFOLIO).unwrap();
    let app = &site.app;
    let language = domain::Language::English;
    let shown = service::consequences(
        app,
        &case.staff,
        PORTFOLIO,
        case.subject,
        to,
        language,
        site.app.gate.request(),
    )
    .await
    .unwrap();
    assert!(shown.closes.iter().any(|one| one.clause == "travel.assist"), "{:?}", shown.closes);
    let channel = domain::ConsentChannel::Telephone;
    service::withdraw_consent(app, &case.staff, &shown, case.subject, channel, site.app.gate.request())
        .await
        .unwrap();
    assert!(is_refused(&case.read(&site, &case.staff, Purpose::TravelAssistance).await));
}

async fn a_supplement_goes_with_its_notice_or_is_not_published(site: TestSite) {
    let other = travel_with(|rules| rules.replace("years = 10", "years = 2"));
    let refused = publish(&site, &other).await.unwrap_err().to_string();
    assert!(refused.contains("is kept for years = 10"), "{refused}");
    published(&site).await;
    let changed = travel_with(|rules| rules.replace("\"correction\", ", ""));
    let refused = publish(&site, &changed).await.unwrap_err().to_string();
    assert!(refused.contains("was published with another text"), "{refused}");
    // Nor does the notice change under it: a newer one that forbids its purpose is refused.
    let rules = NOTICE[0]
        .1
        .replace("version = \"2026-11-01\"", "version = \"next\"")
        .replace("effective = \"2026-11-01\"", "effective = \"2026-11-23\"")
        .replace("class = \"membership\"\nyears = 10", "class = \"membership\"\nyears = 5");
    let mut files: Vec<(String, String)> =
        NOTICE.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    files[0].1 = rules;
    let publication = service::Publication::new("An Author", "A Publisher", "Sound.").unwrap();
    let (store, now) = (site.app.store(), site.app.gate.now());
    let refused = service::publish_notice(store, None, PORTFOLIO, &files, &publication, now).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("the supplement `travel` does not go with it"), "{refused}");
}

async fn a_notice_is_not_published_before_what_it_names(site: TestSite) {
    let portfolio = domain::PortfolioId::from_bytes([5; 16]);
    let new = service::NewPortfolio {
        portfolio,
        name: "Third Fund".to_owned(),
        currency: domain::Currency::EUR,
        float_account: "BE68539007547034".to_owned(),
        law: domain::GoverningLaw::Belgium,
    };
    service::create_portfolio(site.app.store(), &new).await.unwrap();
    let files: Vec<(String, String)> =
        NOTICE.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let publication = service::Publication::new("An Author", "A Publisher", "Sound.").unwrap();
    let publish = async || {
        let (store, now) = (site.app.store(), site.app.gate.now());
        service::publish_notice(store, None, portfolio, &files, &publication, now).await
    };
    let refused = publish().await.unwrap_err().to_string();
    assert!(refused.contains("the related notice `online`, which is not published"), "{refused}");
    let early = site.publish_beside(portfolio, SHIPPED_TRAVEL).await.unwrap_err().to_string();
    assert!(early.contains("stands beside a notice, and none is published"), "{early}");
    for related in SHIPPED_RELATED {
        site.publish_beside(portfolio, related).await.unwrap();
    }
    publish().await.unwrap();
}
