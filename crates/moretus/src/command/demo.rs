//! `moretus demo`: a believable site from a seed, run through the same services that a real site uses.

mod papers;
mod register;
mod summary;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use domain::{Currency, PortfolioId, Recipient, RecipientId};
use indicatif::ProgressBar;
use population::Population;
use service::{AdjudicationReport, Enrolled, NewPortfolio, Publication};
use store::reference::PortfolioRow;
use tokio::net::TcpListener;

use crate::output::say;
use crate::report::{Error, grouped, progress};
use crate::site::{Site, SiteArguments, make_folder};
use crate::surroundings::Stopwatch;

/// The marker that says that a data directory was made by the demo, and may be replaced by it.
const MARKER: &str = "made-by-the-demo";
/// The source that the demo's records come from.
const SOURCE: &str = "demo";
/// The most payments of one bank file.
const MAX_PAYMENTS: usize = 1_000_000;

/// Make a believable site and run a year of claims through it.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus demo\n  moretus demo --members 200 --no-serve --data /tmp/site\n  moretus demo --db postgres://moretus@localhost/moretus"
)]
pub(crate) struct Demo {
    /// The data directory to make. One that an earlier demo made is replaced; any other is left alone.
    #[arg(long, value_name = "DIR", default_value = "moretus-demo")]
    data: PathBuf,
    /// How many people, dependants included.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    members: u32,
    /// The seed: the same one gives the same people and the same amounts.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// An empty PostgreSQL database, `postgres://...`; without it, SQLite in the data directory.
    #[arg(long, value_name = "URL", env = "MORETUS_DB", hide_env_values = true)]
    db: Option<String>,
    /// Where to serve when the work is done.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// End when the work is done.
    #[arg(long)]
    no_serve: bool,
}

/// A portfolio of the demo.
pub(crate) struct DemoPortfolio {
    /// Its id.
    pub(crate) id: PortfolioId,
    /// The short name that drafts hold.
    pub(crate) short: &'static str,
    /// Its row: name, float account.
    pub(crate) row: PortfolioRow,
    /// The bank that pays, in its register.
    pub(crate) bank: RecipientId,
}

/// What the work came to.
#[derive(Default)]
pub(crate) struct Figures {
    pub(crate) providers: Enrolled,
    pub(crate) members: Enrolled,
    pub(crate) coverages: Enrolled,
    pub(crate) claims: u64,
    pub(crate) resubmitted: u64,
    pub(crate) lines: u64,
    pub(crate) charged: BTreeMap<Currency, i64>,
    pub(crate) adjudicated: AdjudicationReport,
    pub(crate) paid: u64,
    pub(crate) booked: gate::Totals,
    pub(crate) without_account: u64,
    pub(crate) held: u64,
    pub(crate) unpaid: u64,
    pub(crate) left_out: u64,
    pub(crate) bank_files: Vec<PathBuf>,
    pub(crate) statements: Vec<PathBuf>,
    pub(crate) seconds: BTreeMap<&'static str, f64>,
}

impl Demo {
    pub(crate) async fn run(self) -> Result<(), Error> {
        // What would spoil the end is found before the work, and before anything is replaced.
        let listener = match self.no_serve {
            true => None,
            false => Some(crate::serve::bind(self.listen).await?),
        };
        let address = listener.as_ref().map_or(Ok(self.listen), TcpListener::local_addr)?;
        let arguments = SiteArguments::new(self.data.clone(), self.db.clone());
        if self.db.is_some() {
            arguments.must_hold_no_site().await?;
        }
        prepare_folder(&self.data)?;
        let site = arguments.create().await?;
        make_folder(&site.witness_folder())?;
        let sealer = site.app.gate.sealer(site.witness()?).await?;
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let sealing = tokio::spawn(sealer.run(stopped));

        let mut figures = Figures::default();
        let portfolios = open_portfolios(&site).await?;
        let site = Site { app: service::App::open(site.app.gate.clone()).await?, ..site };
        self.enrol_and_submit(&site, &portfolios, &mut figures).await?;
        adjudicate(&site, &mut figures).await?;
        pay(&site, &portfolios, &mut figures).await?;
        let clock = Stopwatch::start();
        figures.statements = papers::write_statements(&site, &portfolios, address).await?;
        figures.seconds.insert("statements", clock.seconds());

        let _ = stop.send(true);
        sealing.await?;
        let sealer = site.app.gate.sealer(site.witness()?).await?;
        sealer.roll().await?;
        sealer.finish().await?;
        summary::print(&site, &portfolios, &figures).await?;
        let Some(listener) = listener else { return site.close().await };
        let stop = crate::serve::told_to_stop()?;
        say!("\nServing http://{} until Ctrl-C.", listener.local_addr()?);
        crate::serve::serve_on(site, None, listener, stop).await
    }

    async fn enrol_and_submit(
        &self,
        site: &Site,
        portfolios: &[DemoPortfolio],
        figures: &mut Figures,
    ) -> Result<(), Error> {
        let app = &site.app;
        let intake = app.gate.job(Recipient::IntakeJob)?;
        let population = Population::new(self.members, self.seed, population::demo_year_end()?)?;
        let clock = Stopwatch::start();
        for portfolio in portfolios {
            let enrolled =
                service::enrol_providers(app, &intake, portfolio.id, SOURCE, population.providers()).await?;
            figures.providers.add(enrolled);
        }
        let bar = progress("taking up members and claims", u64::from(self.members));
        for number in 0..population.chunks() {
            let chunk = population.chunk(number)?;
            let mut home = BTreeMap::new();
            for portfolio in portfolios {
                let members: Vec<_> = chunk
                    .members
                    .iter()
                    .filter(|member| member.portfolio.as_deref() == Some(portfolio.short))
                    .cloned()
                    .collect();
                home.extend(members.iter().map(|member| (member.source_id.clone(), portfolio.id)));
                let enrolled = service::enrol_members(app, &intake, portfolio.id, SOURCE, &members).await?;
                figures.members.add(enrolled);
            }
            for portfolio in portfolios {
                let is_here = |source_id| home.get(source_id) == Some(&portfolio.id);
                let covers: Vec<_> = chunk
                    .coverages
                    .iter()
                    .filter(|cover| is_here(&cover.member_source_id))
                    .cloned()
                    .collect();
                figures.coverages.add(
                    service::enrol_coverage(
                        app,
                        &intake,
                        portfolio.id,
                        SOURCE,
                        &covers,
                        &mut service::SaidOfCover::default(),
                    )
                    .await?,
                );
                let claims: Vec<_> =
                    chunk.claims.iter().filter(|claim| is_here(&claim.member_source_id)).cloned().collect();
                for claim in &claims {
                    figures.lines += claim.lines.len() as u64;
                    *figures.charged.entry(claim.currency).or_default() += claim.charged_minor();
                }
                let submitted = service::submit_claims(app, &intake, portfolio.id, SOURCE, &claims).await?;
                figures.claims += submitted.new.len() as u64;
                figures.resubmitted += submitted.known;
            }
            bar.inc(chunk.members.len() as u64);
        }
        bar.finish_and_clear();
        figures.seconds.insert("intake", clock.seconds());
        Ok(())
    }
}

/// A data directory of an earlier demo is replaced; anything else is left alone.
fn prepare_folder(data: &Path) -> Result<(), Error> {
    let is_empty = std::fs::read_dir(data).map_or(true, |mut entries| entries.next().is_none());
    if data.join(MARKER).exists() {
        std::fs::remove_dir_all(data)
            .map_err(|error| format!("cannot replace `{}`: {}", data.display(), error.kind()))?;
    } else if !is_empty {
        return Err(format!(
            "`{}` is not empty and was not made by the demo: choose another with --data",
            data.display()
        )
        .into());
    }
    make_folder(data)?;
    crate::files::write(&data.join(MARKER), b"The demo made this folder and may replace it.\n")
}

/// Publishes the shipped notice and loads the shipped plans for two portfolios.
async fn open_portfolios(site: &Site) -> Result<Vec<DemoPortfolio>, Error> {
    let app = &site.app;
    let keeper = app.gate.operator(&site.root, "demo")?;
    let mut portfolios = Vec::new();
    for (draft, account) in population::PORTFOLIOS.iter().zip(FLOAT_ACCOUNTS) {
        let id = PortfolioId::from_bytes(app.gate.imported_id("portfolio", SOURCE, draft.id));
        let new = NewPortfolio {
            portfolio: id,
            name: draft.name.to_owned(),
            currency: Currency::EUR,
            float_account: (*account).to_owned(),
            law: domain::GoverningLaw::Belgium,
        };
        service::create_portfolio(app.store(), &new).await?;
        publish(app, id).await?;
        let bank = register::fill(app, &keeper, id, draft.id).await?;
        let row = site.portfolio(&id.to_string()).await?;
        portfolios.push(DemoPortfolio { id, short: draft.id, row, bank });
    }
    for (name, text) in PLANS {
        app.plans.add(app.store(), name, text).await?;
    }
    Ok(portfolios)
}

async fn adjudicate(site: &Site, figures: &mut Figures) -> Result<(), Error> {
    let clock = Stopwatch::start();
    let bar = progress("adjudicating claims", figures.claims);
    figures.adjudicated =
        service::adjudicate_received(&site.app, usize::MAX, |done| bar.set_position(done)).await?;
    bar.finish_and_clear();
    figures.seconds.insert("adjudication", clock.seconds());
    Ok(())
}

async fn pay(site: &Site, portfolios: &[DemoPortfolio], figures: &mut Figures) -> Result<(), Error> {
    let clock = Stopwatch::start();
    let execution = site.app.today()?.plus_days(2).ok_or("the clock is at the end of its range")?;
    let bar: ProgressBar = progress("paying claims", figures.adjudicated.done());
    for portfolio in portfolios {
        let report = service::pay_claims(&site.app, portfolio.id, execution, MAX_PAYMENTS, |paid| {
            bar.set_position(paid)
        })
        .await?;
        figures.paid += report.paid;
        figures.booked.merge(&report.booked);
        figures.without_account += report.without_account;
        figures.held += report.held;
        figures.unpaid += report.refused + report.failed;
        let (written, export) = papers::write_bank_file(site, portfolio).await?;
        figures.bank_files.extend(written);
        figures.left_out += export.refused + export.unwritable + export.damaged + export.erased;
    }
    bar.finish_and_clear();
    figures.seconds.insert("payment", clock.seconds());
    Ok(())
}

/// How a number of seconds reads.
pub(crate) fn rate(count: u64, seconds: f64) -> String {
    if seconds <= 0.0 {
        return "-".to_owned();
    }
    // Rates are for people to read: whole numbers are enough.
    format!("{} a second", grouped((count as f64 / seconds) as u64))
}

const FLOAT_ACCOUNTS: &[&str] = &["BE68539007547034", "BE71096123456769"];

const ORGANISATION: &str = "\
name = \"Officina Plantiniana Demo Administrators\"
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
    ("worldwide-plus", include_str!("../../../../plans/worldwide-plus.toml")),
    ("self-funded-basic", include_str!("../../../../plans/self-funded-basic.toml")),
    ("community", include_str!("../../../../plans/community.toml")),
];

/// Publishes the notice that ships, the notices that it names before it, and the supplement that ships after it.
async fn publish(app: &service::App, portfolio: PortfolioId) -> Result<(), Error> {
    let (store, gate, now) = (app.store(), Some(&app.gate), app.gate.now());
    let publication = Publication::new("The demo", "Whoever ran it", "Made up: nobody looked at it.")?;
    let files = |shipped: &[(&str, &str)]| -> Vec<(String, String)> {
        let organisation = [("organisation.toml", ORGANISATION)];
        let all = shipped.iter().chain(&organisation);
        all.map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    };
    for related in notice::SHIPPED_RELATED {
        service::publish_document(store, gate, portfolio, &files(related), &publication, now).await?;
    }
    service::publish_notice(store, gate, portfolio, &files(notice::SHIPPED), &publication, now).await?;
    service::publish_document(store, gate, portfolio, &files(notice::SHIPPED_TRAVEL), &publication, now)
        .await?;
    Ok(())
}
