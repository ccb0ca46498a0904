//! Statements that wait to be written: the claims with an open work item for the statement job, found among the open work alone. A
//! face writes each; only when it says that a statement is durable does its work item end. What a statement says, and how it looks,
//! are others' to know.

use std::collections::{BTreeMap, BTreeSet};

use domain::{ClaimId, PortfolioId, Recipient, SubjectId, Timestamp};
use gate::{assignment, job_actor_id};
use store::condition::ConditionRow;
use store::{StoreError, Unit};

use super::{StatementFor, opened};
use crate::sole::Sole;
use crate::{App, ServiceError, work_item};

/// A statement that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitingStatement {
    /// Whose.
    pub subject: SubjectId,
    /// Of which claim.
    pub claim: ClaimId,
    /// Since when. With the claim it names the statement: of a claim that is decided again a further one waits, since later.
    pub since: Timestamp,
}

impl WaitingStatement {
    /// Its work item, as it was read.
    fn work_item(&self) -> ConditionRow {
        let job = job_actor_id(Recipient::StatementJob);
        work_item::open(self.subject, self.claim.into(), job, self.since)
    }
}

/// What became of the statements that waited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StatementReport {
    /// Written.
    pub written: u64,
    /// Not written: no clause lets the job read the claim.
    pub refused: u64,
    /// Not written: a record that it needs is gone or does not open.
    pub left: u64,
}

/// Has every statement of a portfolio that waits written by `deliver`, which answers whether it is durable, or that it cannot be put
/// on paper; then its work item ends. It goes through them in parts, so that however many wait few are held at once. What could not
/// be written waits for the next run. Run again after a failure it delivers again what was delivered and not ended, under the same
/// [`WaitingStatement`]: by that whoever writes finds what is there.
///
/// Errors: [`ServiceError::UnderWay`] while another run writes the portfolio's statements. What was delivered before an error is
/// ended all the same.
pub async fn write_statements<E: From<ServiceError>>(
    app: &App,
    portfolio: PortfolioId,
    deliver: impl FnMut(&WaitingStatement, &StatementFor) -> Result<bool, E>,
) -> Result<StatementReport, E> {
    let sole = Sole::begin(app, format!("statements {portfolio}"), PART_SECONDS, UNDER_WAY).await?;
    let written = write(app, portfolio, &sole, deliver).await;
    // Given back however it went; the run's own error is told first.
    let ended = sole.end(app).await;
    let report = written?;
    ended?;
    Ok(report)
}

const UNDER_WAY: &str = "another run writes statements of this portfolio: wait until it has ended; one that was cut off gives way after two minutes";

/// How long one part may take: far longer than it does, and no longer than whoever runs it again after a kill may wait.
const PART_SECONDS: i64 = 120;
/// Open work that is looked at at once; those of it that are statements are opened and written together.
const PART: usize = 100;

async fn write<E: From<ServiceError>>(
    app: &App,
    portfolio: PortfolioId,
    sole: &Sole,
    mut deliver: impl FnMut(&WaitingStatement, &StatementFor) -> Result<bool, E>,
) -> Result<StatementReport, E> {
    let (mut report, mut after) = (StatementReport::default(), None);
    while let Some((last, waiting)) = next(app, portfolio, after).await? {
        after = Some(last);
        if waiting.is_empty() {
            continue;
        }
        sole.prolong(app).await?;
        let claims: Vec<_> = waiting.values().map(|one| (one.subject, one.claim)).collect();
        let (statements, refused) = opened(app, portfolio, &claims).await?;
        let (mut durable, mut failed) = (Vec::new(), None);
        for statement in &statements {
            let Some(one) = waiting.get(&statement.claim_id) else { continue };
            match deliver(one, statement) {
                Ok(true) => durable.push(one.work_item()),
                Ok(false) => {}
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        let written = durable.len() as u64;
        end(app, durable).await?;
        if let Some(error) = failed {
            return Err(error);
        }
        report.written += written;
        report.refused += refused;
        report.left += (claims.len() as u64).saturating_sub(refused + written);
    }
    Ok(report)
}

/// Where a part of the open work ends.
type Place = (SubjectId, [u8; 16]);

/// The statements among the next part of the open work, by claim; none when there is no more of it.
async fn next(
    app: &App,
    portfolio: PortfolioId,
    after: Option<Place>,
) -> Result<Option<(Place, BTreeMap<ClaimId, WaitingStatement>)>, ServiceError> {
    let read = move |unit: &mut Unit<'_>| {
        let items = store::condition::open_work(unit, after, PART)?;
        let people: BTreeSet<SubjectId> = items.iter().map(|item| item.subject).collect();
        let people: Vec<SubjectId> = people.into_iter().collect();
        Ok((items, store::many::claims_of(unit, &people)?))
    };
    let (items, claims) = app.store().read(read).await.map_err(|error: StoreError| error)?;
    let Some(last) = items.last().map(|item| (item.subject, item.object)) else { return Ok(None) };
    // A work item is a hash of what it is about and whose it is: of each claim the one for its statement is known.
    let job = job_actor_id(Recipient::StatementJob);
    let of_claim = |claim: ClaimId| assignment(claim.into(), job);
    let claims = claims.iter().filter(|claim| claim.portfolio == portfolio);
    let by_item: BTreeMap<Place, ClaimId> =
        claims.map(|row| ((row.subject, of_claim(row.claim)), row.claim)).collect();
    let waiting = items.iter().filter_map(|item| {
        let claim = *by_item.get(&(item.subject, item.object))?;
        Some((claim, WaitingStatement { subject: item.subject, claim, since: item.since }))
    });
    Ok(Some((last, waiting.collect())))
}

/// Ends work items as they were read: a claim that was decided again meanwhile keeps the one that was opened for that.
async fn end(app: &App, durable: Vec<ConditionRow>) -> Result<(), ServiceError> {
    let at = app.gate.now();
    app.store().write(move |unit| store::condition::end_as_read(unit, &durable, at)).await?;
    Ok(())
}
