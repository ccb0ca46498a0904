//! What is before the job next: claims are leased, put into rounds, and asked for, to decide and to screen them. It decides nothing:
//! beside the leases it writes the entries of what it asks.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use domain::{
    Category, CategorySet, ClaimId, ClaimState, PortfolioId, Purpose, Recipient, RecordId, SubjectId,
    Timestamp,
};
use gate::{Asking, MAX_PART, Part, Target};
use store::claim::ClaimRow;
use store::job::JobRow;

use super::family::Families;
use super::{LEASE_SECONDS, Leased, ToAdjudicate};
use crate::screen::Marked;
use crate::submit::JOB_ADJUDICATE;
use crate::{App, ServiceError};

/// Claims of a portfolio that are decided together: of each family those of one person.
pub(super) struct Round {
    pub(super) portfolio: PortfolioId,
    pub(super) families: Arc<Families>,
    /// At most [`MAX_PART`].
    pub(super) claims: Vec<Leased>,
}

impl Round {
    pub(super) fn jobs(&self) -> Vec<JobRow> {
        self.claims.iter().map(|leased| leased.job).collect()
    }
}

/// A round that was asked for.
pub(super) struct Asked {
    pub(super) round: Round,
    /// When.
    pub(super) at: Timestamp,
    pub(super) asked: Result<MayDecide, ServiceError>,
}

/// What may be seen of a round to decide it, and to screen it.
pub(super) type MayDecide = (Part<ToAdjudicate>, Marked);

/// The rounds of the claims that wait.
pub(super) struct Rounds<'a> {
    app: &'a App,
    /// How many more claims are leased.
    limit: usize,
    leased: VecDeque<Round>,
}

impl<'a> Rounds<'a> {
    /// Those of at most `limit` claims.
    pub(super) fn new(app: &'a App, limit: usize) -> Self {
        Self { app, limit, leased: VecDeque::new() }
    }

    /// The next round, asked for; none when nothing waits.
    pub(super) async fn next(&mut self) -> Result<Option<Asked>, ServiceError> {
        while self.leased.is_empty() && self.limit > 0 {
            let part = self.limit.min(MAX_PART);
            let now = self.app.gate.now();
            let until = now.plus_seconds(LEASE_SECONDS);
            let jobs = self.app.store().lease_jobs(JOB_ADJUDICATE, part, now, until).await?;
            if jobs.is_empty() {
                return Ok(None);
            }
            self.limit -= jobs.len();
            if let Err(error) = self.put_into_rounds(&jobs).await {
                self.leased.clear();
                super::give_back(self.app, jobs).await?;
                return Err(error);
            }
        }
        let Some(round) = self.leased.pop_front() else { return Ok(None) };
        let (at, asked) = (self.app.gate.now(), ask(self.app, &round).await);
        Ok(Some(Asked { round, at, asked }))
    }

    async fn put_into_rounds(&mut self, jobs: &[JobRow]) -> Result<(), ServiceError> {
        for (portfolio, claims) in by_portfolio(self.app, jobs).await? {
            let families = Arc::new(Families::read(self.app, &super::rows_of(&claims)).await?);
            let round = |claims| Round { portfolio, families: Arc::clone(&families), claims };
            self.leased.extend(families.rounds(claims).into_iter().map(round));
        }
        Ok(())
    }
}

/// Asks for the claims of a round, to decide them (an entry about each, its conditions tested), and for those that are granted to
/// screen them.
pub(super) async fn ask(app: &App, round: &Round) -> Result<MayDecide, ServiceError> {
    let job = app.gate.job(Recipient::AdjudicationJob)?;
    let asking = Asking {
        writes: CategorySet::of(&[Category::Financial]),
        ..Asking::new(&job, round.portfolio, Purpose::ClaimsProcessing, app.gate.request())
    };
    let claims = || round.claims.iter().map(|leased| leased.claim);
    let rows: BTreeMap<RecordId, ClaimRow> = claims().map(|claim| (claim.claim.into(), claim)).collect();
    let targets = claims().map(|claim| Target::for_item(claim.subject, claim.claim)).collect();
    // INVARIANT: a round has a claim, and no more of them than one part takes.
    let part = app.gate.run::<ToAdjudicate>(asking, targets, MAX_PART).await?.next().await?;
    let part = part.ok_or(gate::GateError::Compute("a round of no claims"))?;
    let row_of = |target: &Target| rows.get(&RecordId::from_bytes(*target.item?.bytes())).copied();
    let granted = part.granted.iter().filter_map(row_of).collect();
    let marked = crate::screen::ask(app, &job, round.portfolio, granted).await?;
    Ok((part, marked))
}

/// The claims of leased jobs, by portfolio.
async fn by_portfolio(
    app: &App,
    jobs: &[JobRow],
) -> Result<BTreeMap<PortfolioId, Vec<Leased>>, ServiceError> {
    let pairs: Vec<(SubjectId, ClaimId)> =
        jobs.iter().map(|job| (job.subject, ClaimId::from_bytes(*job.job.bytes()))).collect();
    let rows = app.store().read(move |unit| store::many::claims(unit, &pairs)).await?;
    let jobs: BTreeMap<RecordId, &JobRow> = jobs.iter().map(|job| (job.job, job)).collect();
    let mut portfolios: BTreeMap<PortfolioId, Vec<Leased>> = BTreeMap::new();
    for claim in rows.into_iter().filter(|row| row.state == ClaimState::Received) {
        let Some(job) = jobs.get(&claim.claim.into()) else { continue };
        portfolios.entry(claim.portfolio).or_default().push(Leased { claim, job: *(*job) });
    }
    Ok(portfolios)
}
