//! The row of claims: a year of claims taken in, adjudicated and sealed into the log by the product's
//! services, and then the very rows that this leaves, inserted raw in as many commits one after the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use domain::Recipient;
use intake::ClaimDraft;
use metrics::{Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use population::Population;

use crate::database::Engine;
use crate::measure::Row;
use crate::raw;
use crate::site::{SOURCE, Site};
use crate::{Failure, Run};

/// The sites: before the claims, after them, and for the raw inserts.
const BEFORE: &str = "claims_before";
const AFTER: &str = "claims_after";
const RAW: &str = "claims_raw";

/// What the product did in one round.
struct Done {
    seconds: f64,
    commits: u64,
    claims: u64,
}

/// Every engine's row.
pub(crate) async fn measure(run: &Run, engines: &[Engine]) -> Result<Vec<Row>, Failure> {
    let commits = Commits::install()?;
    let mut rows = Vec::new();
    // Units of work and appends, each of which is a commit when they come one after the other.
    let mut counted = 0;
    for engine in engines {
        let drafts = prepare(run, engine).await?;
        let lines: usize = drafts.iter().flatten().map(|draft| draft.lines.len()).sum();
        let (mut product, mut floor, mut left) = (Vec::new(), Vec::new(), None);
        let mut claims = 0;
        for round in 0..run.rounds {
            engine.copy(BEFORE, AFTER).await?;
            let done = product_round(engine, &drafts, &commits).await?;
            if engine.is_sqlite() {
                counted = done.commits;
            } else if counted == 0 {
                return Err(
                    "the claims of postgres take their number of commits from sqlite: measure both".into()
                );
            }
            let rows = match left.take() {
                Some(rows) => rows,
                None => {
                    let found = raw::difference(engine, BEFORE, AFTER).await?;
                    for table in &found {
                        eprintln!("{} rows of {}", table.len(), table.name());
                    }
                    found
                }
            };
            engine.copy(BEFORE, RAW).await?;
            let seconds = raw::insert(engine, RAW, &rows, counted).await?;
            product.push(done.claims as f64 / done.seconds);
            floor.push(done.claims as f64 / seconds);
            claims = done.claims;
            eprintln!("{} claims, round {round}: {:.1} s, floor {seconds:.1} s", engine.name(), done.seconds);
            left = Some(rows);
        }
        let inserted = left.iter().flatten().map(raw::Table::len).sum::<usize>();
        rows.push(Row {
            what: "claims taken in, adjudicated, disclosed and sealed".to_owned(),
            database: engine.name(),
            product,
            floor,
            unit: "claims/s",
            aim: if engine.is_sqlite() { ">= 0.5 of floor" } else { "reported" },
            remark: format!(
                "{claims} claims, {lines} lines; floor: the same {inserted} rows in {counted} commits"
            ),
        });
    }
    Ok(rows)
}

/// A site with its people and providers taken up; gives their claims, by chunk.
async fn prepare(run: &Run, engine: &Engine) -> Result<Vec<Vec<ClaimDraft>>, Failure> {
    let site = Site::make(engine, BEFORE).await?;
    let (app, portfolio) = (&site.app, site.portfolio);
    let job = app.gate.job(Recipient::IntakeJob)?;
    let population = Population::new(run.members, 1, app.today()?)?;
    service::enrol_providers(app, &job, portfolio, SOURCE, population.providers()).await?;
    let mut claims = Vec::new();
    for number in 0..population.chunks() {
        let chunk = population.chunk(number)?;
        service::enrol_members(app, &job, portfolio, SOURCE, &chunk.members).await?;
        service::enrol_coverage(
            app,
            &job,
            portfolio,
            SOURCE,
            &chunk.coverages,
            &mut service::SaidOfCover::default(),
        )
        .await?;
        claims.push(chunk.claims);
    }
    app.gate.sealer(None).await?.seal().await?;
    site.close().await?;
    Ok(claims)
}

async fn product_round(
    engine: &Engine,
    drafts: &[Vec<ClaimDraft>],
    commits: &Commits,
) -> Result<Done, Failure> {
    let site = Site::open(engine, AFTER).await?;
    let (app, portfolio) = (&site.app, site.portfolio);
    let sealer = app.gate.sealer(None).await?;
    let job = app.gate.job(Recipient::IntakeJob)?;
    let before = commits.count();
    let clock = Instant::now();
    let mut claims = 0;
    for chunk in drafts {
        let submitted = service::submit_claims(app, &job, portfolio, SOURCE, chunk).await?;
        claims += submitted.new.len() as u64;
    }
    let report = service::adjudicate_received(app, usize::MAX, |_| {}).await?;
    sealer.seal().await?;
    let seconds = clock.elapsed().as_secs_f64();
    let commits = commits.count() - before;
    if report.done() != claims {
        return Err(format!("{} of {claims} claims were adjudicated", report.done()).into());
    }
    site.close().await?;
    Ok(Done { seconds, commits, claims })
}

/// Counts the store's commits by the figure that it publishes of each.
#[derive(Clone, Default)]
struct Commits(Arc<AtomicU64>);

impl Commits {
    fn install() -> Result<Self, Failure> {
        let commits = Self::default();
        metrics::set_global_recorder(commits.clone()).map_err(|_| "figures are counted already")?;
        Ok(commits)
    }

    fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl HistogramFn for Commits {
    fn record(&self, _: f64) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Recorder for Commits {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        Counter::noop()
    }
    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }
    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        if key.name() == "store_jobs_per_commit" {
            Histogram::from_arc(Arc::new(self.clone()))
        } else {
            Histogram::noop()
        }
    }
}
