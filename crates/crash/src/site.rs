//! The site that a workload works on: one portfolio with the shipped notice, a plan, and some hundred made-up
//! people. Opened with the system's randomness and its clock, moved ahead by a fixed time.

#![allow(clippy::disallowed_methods, reason = "a program of its own: it owns its clock")]

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use domain::{Country, CoverageId, Currency, Date, PortfolioId, Recipient, SubjectId, Timestamp};
use gate::{Clock, Gate, Randomness, RootKey};
use intake::{ClaimDraft, CoverageDraft, MemberDraft, SourceId};
use population::Population;
use service::{App, NewPortfolio};
use store::{Location, Store};

/// The portfolio.
pub const PORTFOLIO: PortfolioId = PortfolioId::from_bytes([5; 16]);
/// The source that everyone comes from.
pub(crate) const SOURCE: &str = "crash";
/// Made-up people, of whom those of the first portfolio are taken up.
const PEOPLE: u32 = 400;
/// The last day of the year that the population's claims are of.
const LAST_DAY: &str = "2026-11-20";

/// Anything that keeps a workload or an audit from its work.
pub type SiteError = Box<dyn std::error::Error + Send + Sync>;

/// The machine's clock, moved ahead.
struct AheadClock {
    seconds: i64,
}

impl Clock for AheadClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
            .plus_seconds(self.seconds)
    }
}

struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        // Without randomness nothing may be sealed: end here rather than go on with bytes that can be guessed.
        if getrandom::fill(bytes).is_err() {
            std::process::abort();
        }
    }
}

/// An open site.
pub struct Site {
    /// The use cases' application.
    pub app: App,
    /// Its root key.
    pub root: RootKey,
    /// Its people, and claims to begin with.
    pub people: People,
}

/// The people of a site: the same seed, the same people.
pub struct People {
    pub(crate) members: Vec<MemberDraft>,
    pub(crate) coverages: Vec<CoverageDraft>,
    /// Claims as a source would send them, to be given ids of their own.
    pub(crate) claims: Vec<ClaimDraft>,
    population: Population,
}

impl People {
    fn new(seed: u64) -> Result<Self, SiteError> {
        let last_day: Date = LAST_DAY.parse()?;
        let population = Population::new(PEOPLE, seed, last_day)?;
        let home = population::PORTFOLIOS.first().map(|portfolio| portfolio.id);
        let mut people = Self { members: Vec::new(), coverages: Vec::new(), claims: Vec::new(), population };
        for number in 0..people.population.chunks() {
            let chunk = people.population.chunk(number)?;
            for (member, cover) in chunk.members.into_iter().zip(chunk.coverages) {
                if member.portfolio.as_deref() == home {
                    // Under ids that are known here, with consent, so that every claim can be adjudicated.
                    let id = member_source_id(people.members.len())?;
                    people.coverages.push(CoverageDraft {
                        source_id: id.clone(),
                        member_source_id: id.clone(),
                        ..cover
                    });
                    let consent = Some(last_day);
                    people.members.push(MemberDraft {
                        source_id: id,
                        holder_source_id: None,
                        governing_law: None,
                        health_consent: consent,
                        ..member
                    });
                }
            }
            people.claims.extend(chunk.claims);
        }
        Ok(people)
    }

    /// The numbers of those who stay.
    #[must_use]
    pub fn staying(&self) -> Range<usize> {
        0..self.members.len() - self.members.len() / 4
    }

    /// The numbers of those, among who stay, who take their consent back and give it again.
    #[must_use]
    pub fn waverers(&self) -> Range<usize> {
        0..self.members.len() / 8
    }

    /// The numbers of those who leave, and of whom what is kept is destroyed.
    #[must_use]
    pub fn leavers(&self) -> Range<usize> {
        self.staying().end..self.members.len()
    }
}

fn member_source_id(number: usize) -> Result<SourceId, SiteError> {
    Ok(SourceId::parse(&format!("M{number}"))?)
}

impl Site {
    /// Opens a site that was prepared with this seed, its clock ahead by so many seconds: leases of workers
    /// that were killed before have then run out.
    pub async fn open(data: &Path, location: &Location, seed: u64, ahead_s: i64) -> Result<Self, SiteError> {
        let root = RootKey::read(&data.join("root.key"))?;
        let store = Store::open(location).await?;
        let country: Country = "BE".parse()?;
        let clock = Arc::new(AheadClock { seconds: ahead_s });
        let gate = Gate::open(&root, store, country, clock, Arc::new(SystemRandomness)).await?;
        Ok(Self { app: App::open(gate).await?, root, people: People::new(seed)? })
    }

    /// Whom a member's number stands for.
    #[must_use]
    pub fn subject(&self, number: usize) -> SubjectId {
        SubjectId::from_bytes(self.app.gate.imported_id("member", SOURCE, &format!("M{number}")))
    }

    /// Their cover.
    #[must_use]
    pub fn coverage(&self, number: usize) -> CoverageId {
        CoverageId::from_bytes(self.app.gate.imported_id("coverage", SOURCE, &format!("M{number}")))
    }

    /// A claim of this member under an id of its own, with what the population's claims are like.
    pub fn claim(&self, number: usize, id: &str, like: usize) -> Result<ClaimDraft, SiteError> {
        let template = self.people.claims.get(like % self.people.claims.len().max(1)).ok_or("no claims")?;
        let (source_id, member_source_id) = (SourceId::parse(id)?, member_source_id(number)?);
        Ok(ClaimDraft { source_id, member_source_id, ..template.clone() })
    }
}

/// Makes a site in an empty data directory and an empty place for a database.
pub async fn prepare(data: &Path, location: &Location, seed: u64) -> Result<(), SiteError> {
    let store = Store::create(location).await?;
    store.close().await?;
    drop(RootKey::create(&data.join("root.key"), &SystemRandomness)?);
    let site = Site::open(data, location, seed, 0).await?;
    let (app, people) = (&site.app, &site.people);
    let new = NewPortfolio {
        portfolio: PORTFOLIO,
        name: "A fund that is killed often".to_owned(),
        currency: Currency::EUR,
        float_account: "BE68539007547034".to_owned(),
        law: domain::GoverningLaw::Belgium,
    };
    service::create_portfolio(app.store(), &new).await?;
    let files = |shipped: &[(&str, &str)]| -> Vec<(String, String)> {
        let all = shipped.iter().chain(&[("organisation.toml", ORGANISATION)]);
        all.map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    };
    let publication = service::Publication::new("An Author", "A Publisher", "Sound.")?;
    let (store, gate, now) = (app.store(), Some(&app.gate), app.gate.now());
    for related in notice::SHIPPED_RELATED {
        service::publish_document(store, gate, PORTFOLIO, &files(related), &publication, now).await?;
    }
    service::publish_notice(store, gate, PORTFOLIO, &files(notice::SHIPPED), &publication, now).await?;
    for (name, text) in PLANS {
        app.plans.add(app.store(), name, text).await?;
    }
    let intake = app.gate.job(Recipient::IntakeJob)?;
    service::enrol_providers(app, &intake, PORTFOLIO, SOURCE, people.population.providers()).await?;
    service::enrol_members(app, &intake, PORTFOLIO, SOURCE, &people.members).await?;
    service::enrol_coverage(
        app,
        &intake,
        PORTFOLIO,
        SOURCE,
        &people.coverages,
        &mut service::SaidOfCover::default(),
    )
    .await?;
    // Of who leaves something was decided before: no job is on it when it is destroyed.
    let claims = people.leavers().map(|number| site.claim(number, &format!("before {number}"), number));
    let claims = claims.collect::<Result<Vec<_>, _>>()?;
    service::submit_claims(app, &intake, PORTFOLIO, SOURCE, &claims).await?;
    while service::adjudicate_received(app, claims.len(), |_| {}).await?.done() > 0 {}
    app.store().close().await?;
    Ok(())
}

const ORGANISATION: &str = "\
name = \"Administrators of the Tests\"
address = \"Vrijdagmarkt 22, 2000 Antwerp, Belgium\"
email = \"service@example.org\"
officer = \"The data protection officer\"
officer-email = \"privacy@example.org\"
telephone = \"+32 3 000 00 00\"
enterprise-number = \"0000.000.000\"
regulator = \"The supervisor of insurance brokers\"
regulator-number = \"00000\"
officer-address = \"Vrijdagmarkt 22, 2000 Antwerp, Belgium\"
affiliates = \"https://example.org/affiliates\"
authority = \"the data protection authority of the country where you live\"
";

const PLANS: &[(&str, &str)] = &[
    ("worldwide-plus", include_str!("../../../plans/worldwide-plus.toml")),
    ("self-funded-basic", include_str!("../../../plans/self-funded-basic.toml")),
    ("community", include_str!("../../../plans/community.toml")),
];
