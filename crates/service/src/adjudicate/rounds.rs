//! What is before the job next: claims are leased, put into rounds, asked for, and looked up for the screen under the clause for
//! that. It decides nothing, and writes nothing but what the screen counts by.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use domain::{
    Category, CategorySet, ClaimId, ClaimState, PortfolioId, Purpose, Recipient, RecordId, SubjectId,
};
use gate::{Asking, MAX_PART, Part, Target};
use store::claim::ClaimRow;
use store::job::JobRow;

use super::family::Families;
use super::{LEASE_SECONDS, Leased, ToAdjudicate};
use crate::screen::{LookedUp, look_up};
use crate::submit::JOB_ADJUDICATE;
use crate::{App, ServiceError};

/// How many parts are leased together.
const LEASED_PARTS: usize = 4;

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

/// A round with what may be seen of it, and what the screen looks at.
pub(super) struct Asked {
    pub(super) round: Round,
    pub(super) asked: Result<(Part<ToAdjudicate>, LookedUp), ServiceError>,
}

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

    /// The next round, asked for and looked up; none when nothing waits. `under_way` is decided meanwhile.
    pub(super) async fn next(&mut self, under_way: &[Leased]) -> Result<Option<Asked>, ServiceError> {
        while self.leased.is_empty() && self.limit > 0 {
            let part = self.limit.min(LEASED_PARTS * MAX_PART);
            let now = self.app.gate.now();
            let until = now.plus_seconds(LEASE_SECONDS);
            let jobs = self.app.store().lease_jobs(JOB_ADJUDICATE, part, now, until).await?;
            if jobs.is_empty() {
                return Ok(None);
            }
            self.limit -= jobs.len();
            for (portfolio, claims) in by_portfolio(self.app, &jobs).await? {
                let families = Arc::new(Families::read(self.app, &super::rows_of(&claims)).await?);
                for claims in families.rounds(claims) {
                    let parts = claims.chunks(MAX_PART).map(<[Leased]>::to_vec);
                    let round = |claims| Round { portfolio, families: Arc::clone(&families), claims };
                    self.leased.extend(parts.map(round));
                }
            }
        }
        let Some(round) = self.leased.pop_front() else { return Ok(None) };
        let asked = ask(self.app, &round, under_way).await;
        Ok(Some(Asked { round, asked }))
    }
}

/// Asks for the claims of a round (an entry about each, its conditions tested), and looks up for the screen those that are granted.
async fn ask(
    app: &App,
    round: &Round,
    under_way: &[Leased],
) -> Result<(Part<ToAdjudicate>, LookedUp), ServiceError> {
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
    let looked_up = look_up(app, &job, round.portfolio, (granted, &super::rows_of(under_way))).await?;
    Ok((part, looked_up))
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
