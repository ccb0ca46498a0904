//! A small site for tests of the server, made through the same services as a real one: two portfolios,
//! twenty invented people, tokens for a member of staff and for a service. And a client.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
#![allow(clippy::disallowed_methods, reason = "tests read the clock")]

pub mod relay;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain::{
    ActorId, Condition, Country, CoverageId, Currency, Money, PortfolioId, Recipient, RecipientId,
    RecipientRole, SubjectId, Timestamp, WorkItemId,
};
use gate::{Actor, Clock, Gate, Randomness, RootKey, assignment};
use population::{PORTFOLIOS, Population};
use service::{App, NewPortfolio};
use store::condition::ConditionRow;
use store::reference::ActorRow;
use store::{Location, Store, StoreError};

/// The source that the people come from.
pub const SOURCE: &str = "demo";

struct System;

impl Clock for System {
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap())
    }
}

impl Randomness for System {
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).unwrap();
    }
}

/// What a test knows of the site.
pub struct TestSite {
    pub portfolio: PortfolioId,
    pub other_portfolio: PortfolioId,
    pub subject: SubjectId,
    pub coverage: CoverageId,
    /// Open, and assigned to the member of staff.
    pub item: WorkItemId,
    pub staff: String,
    /// Works behind the other portfolio's wall.
    pub other_staff: String,
    pub intake: String,
    /// Staff who write down what people declare.
    pub enrolment: String,
    /// Staff who collect premiums; the item is theirs too.
    pub payments: String,
    /// Clinical staff.
    pub clinical: String,
    /// A hospital in the portfolio's register.
    pub hospital: RecipientId,
    pub member_source_id: String,
    pub provider_source_id: String,
    /// The insured's name, which no answer but the cover may hold.
    pub name: String,
    pub today: String,
}

/// Makes a site in a data directory, on a database, and closes it.
pub async fn make(data: &Path, location: &Location) -> TestSite {
    make_with(data, location, str::to_owned).await
}

/// The same, with the rules of the notice changed.
pub async fn make_with(data: &Path, location: &Location, rules: fn(&str) -> String) -> TestSite {
    let root = RootKey::create(&data.join("root.key"), &System).unwrap();
    let store = Store::create(location).await.unwrap();
    let country: Country = "BE".parse().unwrap();
    let gate = Gate::open(&root, store, country, Arc::new(System), Arc::new(System)).await.unwrap();
    let app = App::open(gate).await.unwrap();
    let portfolios = open_portfolios(&app, rules).await;
    let keeper = app.gate.operator(&root, "keeper").unwrap();
    let site = enrol(&app, &keeper, &portfolios).await;
    app.store().close().await.unwrap();
    site
}

/// What fills in the shipped notice and the documents beside it.
pub const ORGANISATION: &str = "name = \"Test Administrators\"\naddress = \"1 Street\"\nemail = \"help@example.org\"\nofficer = \"The officer\"\nofficer-email = \"officer@example.org\"\nauthority = \"the authority\"\ntelephone = \"+32 2 000 00 00\"\nenterprise-number = \"0000.000.000\"\nregulator = \"the regulator\"\nregulator-number = \"00000\"\nofficer-address = \"1 Street\"\naffiliates = \"https://example.org/affiliates\"\n";

/// Publishes the notice that ships, what it names, and the supplement that ships.
async fn publish(app: &App, portfolio: PortfolioId, rules: fn(&str) -> String) {
    let (store, gate, now) = (app.store(), Some(&app.gate), app.gate.now());
    let publication = service::Publication::new("An Author", "A Publisher", "Sound.").unwrap();
    for related in notice::SHIPPED_RELATED {
        let files = filled(related);
        service::publish_document(store, gate, portfolio, &files, &publication, now).await.unwrap();
    }
    let mut files = filled(notice::SHIPPED);
    let named = files.iter_mut().find(|(name, _)| name == "clauses.toml");
    named.into_iter().for_each(|(_, text)| *text = rules(text));
    service::publish_notice(store, gate, portfolio, &files, &publication, now).await.unwrap();
    let files = filled(notice::SHIPPED_TRAVEL);
    service::publish_document(store, gate, portfolio, &files, &publication, now).await.unwrap();
}

/// Files with the organisation's values beside them.
pub fn filled(files: &[(&str, &str)]) -> Vec<(String, String)> {
    let all = files.iter().chain(&[("organisation.toml", ORGANISATION)]);
    all.map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

async fn open_portfolios(app: &App, rules: fn(&str) -> String) -> Vec<PortfolioId> {
    let plans = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plans");
    for name in ["worldwide-plus", "self-funded-basic", "community"] {
        let text = std::fs::read_to_string(plans.join(format!("{name}.toml"))).unwrap();
        app.plans.add(app.store(), name, &text).await.unwrap();
    }
    let mut ids = Vec::new();
    for draft in PORTFOLIOS {
        let portfolio = PortfolioId::from_bytes(app.gate.imported_id("portfolio", SOURCE, draft.id));
        let new = NewPortfolio {
            portfolio,
            name: draft.name.to_owned(),
            currency: Currency::EUR,
            float_account: "BE68539007547034".to_owned(),
            law: domain::GoverningLaw::Belgium,
        };
        service::create_portfolio(app.store(), &new).await.unwrap();
        publish(app, portfolio, rules).await;
        ids.push(portfolio);
    }
    ids
}

async fn enrol(app: &App, keeper: &Actor, portfolios: &[PortfolioId]) -> TestSite {
    let (portfolio, today) = (portfolios[0], app.today().unwrap());
    let population = Population::new(20, 1, today).unwrap();
    let chunk = population.chunk(0).unwrap();
    let job = app.gate.job(Recipient::IntakeJob).unwrap();
    service::enrol_providers(app, &job, portfolio, SOURCE, population.providers()).await.unwrap();
    service::enrol_members(app, &job, portfolio, SOURCE, &chunk.members).await.unwrap();
    service::enrol_coverage(
        app,
        &job,
        portfolio,
        SOURCE,
        &chunk.coverages,
        &mut service::SaidOfCover::default(),
    )
    .await
    .unwrap();

    let by_id: BTreeMap<&str, _> =
        chunk.members.iter().map(|member| (member.source_id.reveal(), member)).collect();
    let covered = |draft: &&intake::CoverageDraft| {
        draft.coverage.status == domain::CoverageStatus::Active
            && by_id[draft.member_source_id.reveal()].health_consent.is_some()
            && draft.coverage.start <= today
            && draft.coverage.end.is_none_or(|end| end >= today)
    };
    let cover = chunk.coverages.iter().find(covered).unwrap();
    let id = |noun: &str, source_id: &str| app.gate.imported_id(noun, SOURCE, source_id);
    let subject = SubjectId::from_bytes(id("member", cover.member_source_id.reveal()));
    let (staff, staff_id) = token(app, Recipient::CustomerService, portfolio).await;
    let (payments, payments_id) = token(app, Recipient::PaymentsStaff, portfolio).await;
    let item = WorkItemId::from_bytes(app.gate.random_id());
    let open = [staff_id, payments_id].map(|actor| ConditionRow {
        subject,
        condition: Condition::WorkItem,
        object: assignment(item, actor),
        since: app.gate.now(),
        until: None,
    });
    app.store()
        .write(move |unit| store::condition::set_many(unit, &open))
        .await
        .map_err(|error: StoreError| error)
        .unwrap();
    TestSite {
        portfolio,
        other_portfolio: portfolios[1],
        subject,
        coverage: CoverageId::from_bytes(id("coverage", cover.source_id.reveal())),
        item,
        staff,
        other_staff: token(app, Recipient::CustomerService, portfolios[1]).await.0,
        intake: token(app, Recipient::IntakeJob, portfolio).await.0,
        enrolment: token(app, Recipient::EnrolmentStaff, portfolio).await.0,
        payments,
        clinical: token(app, Recipient::ClinicalStaff, portfolio).await.0,
        hospital: hospital(app, keeper, portfolio).await,
        member_source_id: cover.member_source_id.reveal().to_owned(),
        provider_source_id: population.providers()[0].source_id.reveal().to_owned(),
        name: cover.coverage.insured.reveal().to_owned(),
        today: today.to_string(),
    }
}

async fn hospital(app: &App, keeper: &Actor, portfolio: PortfolioId) -> RecipientId {
    let new = service::NewRecipient {
        portfolio,
        kind: Recipient::Provider,
        name: "Hospital of the Tests".to_owned(),
        country: "BE".parse().unwrap(),
        role: RecipientRole::Controller,
        acts_for: None,
        uses: "care of members".to_owned(),
        clauses: vec!["disclose.care-access.provider".to_owned()],
    };
    service::enter_recipient(app, keeper, &new, &[]).await.unwrap()
}

async fn token(app: &App, recipient: Recipient, portfolio: PortfolioId) -> (String, ActorId) {
    let (token, hash) = app.gate.new_token();
    let actor = ActorId::from_bytes(app.gate.random_id());
    let row = ActorRow {
        actor,
        recipient,
        role: "first line".to_owned(),
        team: String::new(),
        country: "BE".parse().unwrap(),
        portfolio,
        organisation: None,
        own_files: Vec::new(),
        sponsors: Vec::new(),
        trained_until: Some(app.gate.now().plus_seconds(86_400).date().unwrap()),
        name: String::new(),
        token_hash: Some(hash),
        expires: app.gate.now().plus_seconds(3_600),
        ended: None,
    };
    let most = Money::new(100_000_000, Currency::EUR).unwrap();
    let write = move |unit: &mut store::Unit<'_>| {
        store::reference::insert_actor(unit, &row)?;
        match recipient.is_staff() {
            true => store::authority::set(unit, actor, most),
            false => Ok(()),
        }
    };
    app.store().write(write).await.map_err(|error: StoreError| error).unwrap();
    (token, actor)
}

impl TestSite {
    /// The address of the member's cover.
    pub fn cover_path(&self) -> String {
        format!(
            "/api/v1/members/{}/coverage/{}?portfolio={}&item={}",
            self.subject, self.coverage, self.portfolio, self.item
        )
    }

    /// What stands about its people, each value with what it is and whether it is the one's whom the tests ask about.
    pub fn values(&self) -> Vec<(&'static str, bool, String)> {
        let chunk = Population::new(20, 1, self.today.parse().unwrap()).unwrap().chunk(0).unwrap();
        let mut values = Vec::new();
        for member in &chunk.members {
            let (person, is_asked) = (&member.person, member.source_id.reveal() == self.member_source_id);
            let mut add = |what, value: Option<&str>| {
                values.extend(value.map(|value| (what, is_asked, value.to_owned())));
            };
            add("name", Some(person.name.reveal()));
            add("birth date", Some(&person.birth_date.to_string()));
            add("member number", Some(person.member_number.reveal()));
            add("e-mail", person.email.as_ref().map(|email| email.reveal()));
            add("telephone", person.phone.as_ref().map(|phone| phone.reveal()));
            add("account", person.account.as_ref().map(|account| account.reveal()));
        }
        for cover in &chunk.coverages {
            let is_asked = cover.member_source_id.reveal() == self.member_source_id;
            values.push(("policy number", is_asked, cover.coverage.policy_number.reveal().to_owned()));
            let exclusions = cover.coverage.exclusions.iter();
            values.extend(exclusions.map(|one| ("exclusion", is_asked, one.reveal().to_owned())));
        }
        values
    }

    /// The address that claims are sent to.
    pub fn claims_path(&self) -> String {
        format!("/api/v1/portfolios/{}/claims?source={SOURCE}", self.portfolio)
    }

    /// A FHIR Claim of the member with this id and amount.
    pub fn claim(&self, id: &str, amount: &str) -> String {
        format!(
            r#"{{"resourceType":"Claim","id":"{id}","status":"active","use":"claim",
            "patient":{{"reference":"Patient/{}"}},"provider":{{"reference":"Organization/{}"}},
            "created":"{today}","item":[{{"sequence":1,"productOrService":{{"coding":[{{"code":"GP"}}]}},
            "servicedDate":"{today}","net":{{"value":{amount},"currency":"EUR"}}}}]}}"#,
            self.member_source_id,
            self.provider_source_id,
            today = self.today,
        )
    }
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }
}

/// Asks the server; headers as pairs, a body for POST.
pub fn ask(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: Option<&str>,
) -> Result<Answer, ureq::Error> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(Duration::from_secs(40)))
        .build()
        .into();
    let mut request = ureq::http::Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut response = match body {
        Some(body) => agent.run(request.body(body.to_owned()).unwrap())?,
        None => agent.run(request.body(()).unwrap())?,
    };
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in response.headers() {
        let value = value.to_str().unwrap_or_default();
        // One that comes more than once is a line each.
        headers
            .entry(name.to_string())
            .and_modify(|all| all.push_str(&format!("\n{value}")))
            .or_insert_with(|| value.to_owned());
    }
    let status = response.status().as_u16();
    // A PDF has bytes that are no text: nobody reads them here.
    let body = String::from_utf8_lossy(&response.body_mut().read_to_vec()?).into_owned();
    Ok(Answer { status, headers, body })
}
