//! A site of a test's own: a fresh database, a clock that the test moves, and a small notice.

pub(crate) mod again;
mod register;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::{
    ActorId, ClaimLine, Condition, Coverage, CoverageId, CoverageStatus, Currency, Date, LineService, Money,
    Person, PlanName, PortfolioId, Recipient, RecipientId, SubjectId, SubjectKind, Timestamp, WorkItemId,
};
use gate::{Actor, Clock, Gate, Randomness, RootKey, assignment};
use intake::{ClaimDraft, CoverageDraft, MemberDraft, ProviderDraft, SourceId};
use service::{App, NewPortfolio, ServiceError};
use store::condition::ConditionRow;
use store::reference::ActorRow;
use store::testing::{Scratch, Tampering};
use store::{Store, StoreError};

pub(crate) const PORTFOLIO: PortfolioId = PortfolioId::from_bytes([7; 16]);
pub(crate) const OTHER_PORTFOLIO: PortfolioId = PortfolioId::from_bytes([8; 16]);
pub(crate) const SOURCE: &str = "tests";

/// A clock that stands until the test moves it.
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    pub(crate) fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.fetch_add(1, Ordering::SeqCst))
    }
}

pub(crate) struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).unwrap();
    }
}

pub(crate) struct TestSite {
    pub(crate) app: App,
    pub(crate) clock: Arc<TestClock>,
    /// Who keeps the register of recipients.
    pub(crate) keeper: Actor,
    folder: tempfile::TempDir,
    scratch: Scratch,
}

impl TestSite {
    pub(crate) async fn sqlite() -> Self {
        Self::open(Scratch::sqlite().unwrap()).await
    }

    pub(crate) async fn postgres() -> Self {
        Self::open(Scratch::postgres().await.unwrap()).await
    }

    async fn open(scratch: Scratch) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(scratch.location()).await.unwrap();
        let root = RootKey::create(&folder.path().join("root.key"), &SystemRandomness).unwrap();
        let start = Timestamp::start_of(day("2026-11-23"));
        let clock = Arc::new(TestClock(AtomicI64::new(start.micros())));
        let country = "BE".parse().unwrap();
        let gate =
            Gate::open(&root, store, country, clock.clone(), Arc::new(SystemRandomness)).await.unwrap();
        gate.sealer(None).await.unwrap();
        let keeper = gate.operator(&root, "tests").unwrap();
        let app = App::open(gate).await.unwrap();
        let site = Self { app, clock, keeper, folder, scratch };
        for (portfolio, name) in [(PORTFOLIO, "First Fund"), (OTHER_PORTFOLIO, "Second Fund")] {
            let new = NewPortfolio {
                portfolio,
                name: name.to_owned(),
                currency: Currency::EUR,
                float_account: "BE68539007547034".to_owned(),
                law: domain::GoverningLaw::Belgium,
            };
            service::create_portfolio(site.app.store(), &new).await.unwrap();
            site.publish(portfolio, NOTICE).await;
        }
        site.app.plans.add(site.app.store(), "self-funded-basic", PLAN).await.unwrap();
        site
    }

    /// The root key that it was made with.
    pub(crate) fn root(&self) -> RootKey {
        RootKey::read(&self.folder.path().join("root.key")).unwrap()
    }

    /// Closes the store and copies its database: what a backup of the disk would hold.
    pub(crate) async fn close_and_copy(&self) -> Scratch {
        self.app.store().close().await.unwrap();
        self.scratch.copy().await.unwrap()
    }

    /// Closes the store and puts an earlier copy in the place of its database.
    pub(crate) async fn close_and_put_back(&self, earlier: &Scratch) {
        self.app.store().close().await.unwrap();
        self.scratch.put_back(earlier).await.unwrap();
    }

    /// What somebody with the database and without keys could do.
    pub(crate) async fn tamper(&self, tampering: Tampering) {
        self.scratch.tamper(tampering).await.unwrap();
    }

    pub(crate) async fn publish(&self, portfolio: PortfolioId, files: &[(&str, &str)]) -> i64 {
        let files: Vec<(String, String)> =
            files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        let gate = &self.app.gate;
        let publication = service::Publication::new("An Author", "A Publisher", "Sound.").unwrap();
        // What it names comes first; again, nothing changes.
        for related in notice::SHIPPED_RELATED {
            self.publish_beside(portfolio, related).await.unwrap();
        }
        service::publish_notice(self.app.store(), Some(gate), portfolio, &files, &publication, gate.now())
            .await
            .unwrap()
    }

    /// Publishes a document beside the notice, with the organisation's values.
    pub(crate) async fn publish_beside(
        &self,
        portfolio: PortfolioId,
        files: &[(&str, &str)],
    ) -> Result<i64, ServiceError> {
        let all = files.iter().chain(&[("organisation.toml", ORGANISATION)]);
        let files: Vec<(String, String)> =
            all.map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        let (store, gate) = (self.app.store(), &self.app.gate);
        let publication = service::Publication::new("An Author", "A Publisher", "Sound.").unwrap();
        service::publish_document(store, Some(gate), portfolio, &files, &publication, gate.now()).await
    }

    /// A member with one span of cover, with or without live health consent.
    pub(crate) async fn member(&self, name: &str, consents: bool) -> Member {
        let subject = self.person(name, consents).await;
        self.cover(&[cover_draft(name, name)]).await;
        let coverage = CoverageId::from_bytes(self.app.gate.imported_id("coverage", SOURCE, name));
        Member { subject, coverage }
    }

    /// A member without cover.
    pub(crate) async fn person(&self, name: &str, consents: bool) -> SubjectId {
        self.row(name, consents).await;
        SubjectId::from_bytes(self.app.gate.imported_id("member", SOURCE, name))
    }

    /// A member's row comes in, as it does every night.
    pub(crate) async fn row(&self, name: &str, consents: bool) -> service::Enrolled {
        let intake = self.app.gate.job(Recipient::IntakeJob).unwrap();
        let drafts = [member_draft(name, consents)];
        service::enrol_members(&self.app, &intake, PORTFOLIO, SOURCE, &drafts).await.unwrap()
    }

    /// The same, and somebody said that the member comes back.
    pub(crate) async fn back(&self, name: &str, consents: bool) -> service::Enrolled {
        let intake = self.app.gate.job(Recipient::IntakeJob).unwrap();
        let drafts = [member_draft(name, consents)];
        service::enrol_members_anew(&self.app, &intake, PORTFOLIO, SOURCE, &drafts).await.unwrap()
    }

    /// Takes up spans of cover.
    pub(crate) async fn cover(&self, drafts: &[CoverageDraft]) -> service::Enrolled {
        let intake = self.app.gate.job(Recipient::IntakeJob).unwrap();
        service::enrol_coverage(
            &self.app,
            &intake,
            PORTFOLIO,
            SOURCE,
            drafts,
            &mut service::SaidOfCover::default(),
        )
        .await
        .unwrap()
    }

    /// A provider that claims can name, by the source id `clinic`.
    pub(crate) async fn clinic(&self) {
        self.clinic_of(PORTFOLIO).await;
    }

    /// The same in a portfolio.
    pub(crate) async fn clinic_of(&self, portfolio: PortfolioId) {
        let intake = self.app.gate.job(Recipient::IntakeJob).unwrap();
        let provider = domain::Provider {
            name: domain::PersonName::parse("Clinic of the Tests").unwrap(),
            address: None,
            town: None,
            country: Some("BE".parse().unwrap()),
            account: Some(domain::Iban::parse("BE71096123456769").unwrap()),
            bank: None,
        };
        let draft = ProviderDraft { source_id: source_id("clinic"), provider };
        service::enrol_providers(&self.app, &intake, portfolio, SOURCE, &[draft]).await.unwrap();
    }

    /// A claim of one line of the clinic.
    pub(crate) fn claim(&self, id: &str, member: &str, code: &str, charge_minor: i64) -> ClaimDraft {
        ClaimDraft {
            source_id: source_id(id),
            member_source_id: source_id(member),
            provider_source_id: source_id("clinic"),
            received: day("2026-11-20"),
            payee: domain::Payee::Member,
            currency: Currency::EUR,
            invoice_number: None,
            lines: vec![ClaimLine {
                number: 1,
                service_start: day("2026-11-02"),
                service_end: day("2026-11-02"),
                units: 1,
                charge: Money::new(charge_minor, Currency::EUR).unwrap(),
            }],
            services: vec![LineService {
                line: 1,
                code: domain::ServiceCode::parse(code).unwrap(),
                setting: domain::CareSetting::Outpatient,
                service_type: None,
            }],
            diagnoses: Vec::new(),
            circumstances: intake::Circumstances::default(),
            origin: intake::Origin::of("tests"),
        }
    }

    pub(crate) async fn submit(&self, claims: &[ClaimDraft]) -> service::Submitted {
        let intake = self.app.gate.job(Recipient::IntakeJob).unwrap();
        service::submit_claims(&self.app, &intake, PORTFOLIO, SOURCE, claims).await.unwrap()
    }

    /// A named holder of the root key.
    pub(crate) fn operator(&self, name: &str) -> Actor {
        let root = RootKey::read(&self.folder.path().join("root.key")).unwrap();
        self.app.gate.operator(&root, name).unwrap()
    }

    /// An authenticated actor of a kind, behind the wall of a portfolio.
    pub(crate) async fn actor(&self, recipient: Recipient, portfolio: PortfolioId) -> Actor {
        self.known(&self.token(recipient, portfolio).await).await
    }

    /// The token of such an actor.
    pub(crate) async fn token(&self, recipient: Recipient, portfolio: PortfolioId) -> String {
        self.token_with(self.app.gate.random_id(), recipient, portfolio, "BE", None).await
    }

    /// An actor as [`TestSite::actor`], working in a country.
    pub(crate) async fn actor_in(&self, country: &str, recipient: Recipient) -> Actor {
        let token = self.token_with(self.app.gate.random_id(), recipient, PORTFOLIO, country, None).await;
        self.known(&token).await
    }

    /// The same with an id.
    pub(crate) async fn actor_with_id(&self, id: [u8; 16], recipient: Recipient) -> Actor {
        self.known(&self.token_with(id, recipient, PORTFOLIO, "BE", None).await).await
    }

    /// A member who reads their own data in a country.
    pub(crate) async fn member_abroad(&self, subject: SubjectId, country: &str) -> Actor {
        let token = self.token_with(*subject.bytes(), Recipient::Subject, PORTFOLIO, country, None).await;
        self.known(&token).await
    }

    /// Somebody of an organisation of the register, asking as this kind.
    pub(crate) async fn actor_of(&self, organisation: RecipientId, recipient: Recipient) -> Actor {
        let id = self.app.gate.random_id();
        self.known(&self.token_with(id, recipient, PORTFOLIO, "BE", Some(organisation)).await).await
    }

    /// The same, working in a country.
    pub(crate) async fn actor_of_in(
        &self,
        organisation: RecipientId,
        recipient: Recipient,
        country: &str,
    ) -> Actor {
        let id = self.app.gate.random_id();
        self.known(&self.token_with(id, recipient, PORTFOLIO, country, Some(organisation)).await).await
    }

    async fn known(&self, token: &str) -> Actor {
        self.app.gate.authenticate(token).await.unwrap()
    }

    async fn token_with(
        &self,
        id: [u8; 16],
        recipient: Recipient,
        portfolio: PortfolioId,
        country: &str,
        organisation: Option<RecipientId>,
    ) -> String {
        let gate = &self.app.gate;
        let (token, hash) = gate.new_token();
        let row = ActorRow {
            actor: ActorId::from_bytes(id),
            recipient,
            role: "tester".to_owned(),
            team: "tests".to_owned(),
            country: country.parse().unwrap(),
            portfolio,
            organisation,
            own_files: Vec::new(),
            sponsors: Vec::new(),
            trained_until: Some("2199-12-30".parse().unwrap()),
            name: String::new(),
            token_hash: Some(hash),
            expires: gate.now().plus_seconds(100_000_000),
            ended: None,
        };
        // As far as anything here goes; a test of less writes that down in their place.
        let limits =
            if recipient.is_staff() { [Currency::EUR, "USD".parse().unwrap()].to_vec() } else { Vec::new() };
        self.write(move |unit| {
            store::reference::insert_actor(unit, &row)?;
            let most = |currency: &Currency| Money::new(1_000_000_000_000, *currency).unwrap();
            limits.iter().try_for_each(|currency| store::authority::set(unit, row.actor, most(currency)))
        })
        .await;
        token
    }

    /// Opens a work item for an actor.
    pub(crate) async fn assign(&self, subject: SubjectId, item: WorkItemId, actor: &Actor) {
        let row = ConditionRow {
            subject,
            condition: Condition::WorkItem,
            object: assignment(item, actor.id()),
            since: Timestamp::from_micros(0),
            until: None,
        };
        self.write(move |unit| store::condition::set_many(unit, std::slice::from_ref(&row))).await;
    }

    pub(crate) async fn write<T: Send + 'static>(
        &self,
        unit: impl FnMut(&mut store::Unit<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.app.store().write(unit).await.unwrap()
    }

    /// How many entries there are about a subject, whatever became of the asks.
    pub(crate) async fn entries(&self, subject: SubjectId) -> usize {
        let read = self.app.store().read(move |unit| store::log::pending_of(unit, subject)).await;
        read.map_err(|error: StoreError| error).unwrap().len()
    }
}

pub(crate) struct Member {
    pub(crate) subject: SubjectId,
    pub(crate) coverage: CoverageId,
}

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) fn source_id(text: &str) -> SourceId {
    SourceId::parse(text).unwrap()
}

pub(crate) fn item(byte: u8) -> WorkItemId {
    WorkItemId::from_bytes([byte; 16])
}

pub(crate) fn member_draft(name: &str, consents: bool) -> MemberDraft {
    MemberDraft {
        source_id: source_id(name),
        portfolio: None,
        person: person(name),
        kind: SubjectKind::Member,
        holder_source_id: None,
        governing_law: None,
        health_consent: consents.then(|| day("2026-01-01")),
    }
}

fn person(name: &str) -> Person {
    Person {
        name: domain::PersonName::parse(name).unwrap(),
        birth_date: day("1980-05-17"),
        sex: domain::Sex::Unknown,
        address: None,
        town: None,
        country: Some("BE".parse().unwrap()),
        email: None,
        phone: None,
        death_date: None,
        member_number: domain::MemberNumber::parse(&format!("M-{name}")).unwrap(),
        account: Some(domain::Iban::parse("BE68539007547034").unwrap()),
        bank: None,
    }
}

/// A span of cover of a member under the test plan, in EUR, open since the first of January.
pub(crate) fn cover_draft(id: &str, member: &str) -> CoverageDraft {
    CoverageDraft {
        source_id: source_id(id),
        member_source_id: source_id(member),
        plan: "self-funded-basic".to_owned(),
        sponsor: None,
        coverage: cover(member),
    }
}

fn cover(name: &str) -> Coverage {
    Coverage {
        insured: domain::PersonName::parse(name).unwrap(),
        policy_number: domain::PolicyNumber::parse("P-1").unwrap(),
        plan_name: PlanName::parse("Test Plan").unwrap(),
        currency: Currency::EUR,
        start: day("2026-01-01"),
        end: None,
        status: CoverageStatus::Active,
        exclusions: vec![domain::Diagnosis::parse("Z99").unwrap()],
        modules: None,
        salaries: Vec::new(),
        prior_cover: None,
        preexisting: Vec::new(),
        other: None,
        parents: None,
    }
}

/// The shipped notice with the organisation's values filled in.
pub(crate) const NOTICE: &[(&str, &str)] = &[
    ("clauses.toml", include_str!("../../../../notices/2026-11-01/clauses.toml")),
    ("en.md", include_str!("../../../../notices/2026-11-01/en.md")),
    ("nl.md", include_str!("../../../../notices/2026-11-01/nl.md")),
    ("fr.md", include_str!("../../../../notices/2026-11-01/fr.md")),
    ("de.md", include_str!("../../../../notices/2026-11-01/de.md")),
    ("organisation.toml", ORGANISATION),
];

pub(crate) const ORGANISATION: &str = "name = \"Tests\"\naddress = \"Here\"\nemail = \"a@example.org\"\nofficer = \"Officer\"\nofficer-email = \"o@example.org\"\nauthority = \"the authority\"\ntelephone = \"+32 2 000 00 00\"\nenterprise-number = \"0000.000.000\"\nregulator = \"the regulator\"\nregulator-number = \"00000\"\nofficer-address = \"1 Street\"\naffiliates = \"https://example.org/affiliates\"\n";

pub(crate) const PLAN: &str = include_str!("../../../../plans/self-funded-basic.toml");
