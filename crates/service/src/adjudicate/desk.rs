//! A claim that waits for a person, through the same computation as the job's: what it comes to today is either the very same
//! that the person saw and lets stand, and then it is decided, counted and booked; or it is written down as what is proposed,
//! for them to look at. Who may have one before them, and until when, stands in `pended`.

use domain::{
    Category, CategorySet, ClaimState, Currency, Determination, LineDetermination, Outcome, OutcomeReason,
    PENDED_DAYS, Purpose, RecordId, RequestId, Step, Timestamp, Trace,
};
use gate::{Actor, Asking, GateError, Sealed, Target, Totals, Writer};
use store::claim::ClaimRow;
use store::pended::PendedRow;
use store::sealed::SealedRow;

use super::family::Families;
use super::fetched::{AsRead, Fetched};
use super::{Standing, ToAdjudicate, pends};
use crate::{App, ServiceError};

/// What a person has before them of a claim.
pub(crate) struct OnDesk {
    /// What is proposed; none where nothing could be worked out before.
    pub(crate) proposal: Option<Sealed<Determination>>,
    /// What of it they saw and let stand; none where it is only worked out anew.
    pub(crate) seen: Option<Seen>,
}

/// What somebody saw of a proposal.
pub(crate) struct Seen {
    pub(crate) currency: Currency,
    pub(crate) lines: Vec<LineDetermination>,
    /// By which steps the amounts came about; none where a clause does not show them. What holds a second time what was held
    /// already changes no amount.
    pub(crate) traces: Option<Vec<Trace>>,
}

/// Lines, with the steps and rules that each took.
fn steps(traces: &[Trace]) -> impl Iterator<Item = (u32, Step, u16)> {
    traces.iter().map(|trace| (trace.line, trace.step, trace.rule))
}

impl OnDesk {
    /// Whether this is what the person saw and lets stand, and nothing of it waits for something that is not known.
    pub(super) fn lets_stand(&self, determination: &Determination) -> bool {
        determination.outcome != Outcome::Pended && self.saw(determination)
    }

    fn saw(&self, determination: &Determination) -> bool {
        let Some(Seen { currency, lines, traces }) = &self.seen else { return false };
        if traces.as_ref().is_some_and(|traces| !steps(traces).eq(steps(&determination.traces))) {
            return false;
        }
        *currency == determination.currency
            && lines.len() == determination.lines.len()
            && lines.iter().zip(&determination.lines).all(|(seen, line)| is_same(seen, line))
    }

    /// Writes down what is proposed from now on, where that is not what the person saw: nothing of it counts.
    pub(super) fn propose(
        &self,
        record: RecordId,
        determination: Determination,
        writer: &mut Writer<'_>,
    ) -> Result<(), GateError> {
        if self.saw(&determination) {
            return Ok(());
        }
        let proposed = Determination { outcome: Outcome::Pended, entries: Vec::new(), ..determination };
        match &self.proposal {
            Some(before) => writer.replace(before, &proposed),
            None => writer.put(record, 1, &proposed),
        }
    }
}

/// Whether a line comes to what was seen of it. One that was held, and that a person now releases, is no other line for that.
fn is_same(seen: &LineDetermination, line: &LineDetermination) -> bool {
    let released = seen.outcome == Outcome::Pended && line.outcome == Outcome::Approved;
    let outcome = if released { line.outcome } else { seen.outcome };
    LineDetermination { outcome, ..seen.clone() } == *line
}

/// A claim that waits for a person from now on.
pub(crate) fn waits(claim: &ClaimRow, now: Timestamp) -> PendedRow {
    let due = claim.received.plus_days(PENDED_DAYS).unwrap_or(claim.received);
    PendedRow {
        subject: claim.subject,
        claim: claim.claim,
        portfolio: claim.portfolio,
        owner: None,
        since: now,
        due: Timestamp::start_of(due),
        waiting: None,
        version: 1,
    }
}

/// What a claim before somebody comes to today.
pub(crate) struct WorkedOut {
    /// Where it stands by that.
    pub(crate) standing: Standing,
    /// The sealed results.
    pub(crate) rows: Vec<SealedRow>,
    /// What is booked.
    pub(crate) totals: Totals,
    /// What it was worked out on: it is written only while that stands.
    pub(crate) read: AsRead,
}

/// Works out what a claim that is before an actor comes to today.
pub(crate) async fn work_out(
    app: &App,
    actor: &Actor,
    claim: ClaimRow,
    desk: OnDesk,
    request: RequestId,
) -> Result<WorkedOut, ServiceError> {
    let families = Families::read(app, &[claim]).await?;
    families.open_items(app, &[claim], actor.id()).await?;
    let outcome = compute(app, (actor, request), claim, &families, desk).await;
    families.end_items(app, &[claim], actor.id()).await?;
    outcome
}

async fn compute(
    app: &App,
    (actor, request): (&Actor, RequestId),
    claim: ClaimRow,
    families: &Families,
    desk: OnDesk,
) -> Result<WorkedOut, ServiceError> {
    let writes = CategorySet::of(&[Category::Claims, Category::Health, Category::Financial]);
    let asking = Asking::new(actor, claim.portfolio, Purpose::ClaimsProcessing, request);
    let asking = Asking { writes, ..asking };
    let (subject, target) = (claim.subject, Target::for_item(claim.subject, claim.claim));
    let grant = app.gate.ask::<ToAdjudicate>(&asking, target).await?;
    let of_families = families.ask(app, (actor, request), claim.portfolio, &[claim]).await?;
    let mut fetched = Fetched::read(app, &[(subject, claim.claim.into())], families).await?;
    if !fetched.knows_plans(subject) {
        return Err(ServiceError::Pended("a plan of the cover cannot be read: the server's log says more"));
    }
    let inputs = fetched.inputs(subject, families.holder(subject));
    let Some(mut inputs) = inputs.filter(|inputs| !inputs.claims.is_empty()) else {
        let standing = pends(OutcomeReason::NoRecord);
        let read = fetched.into_read();
        return Ok(WorkedOut { standing, rows: Vec::new(), totals: Totals::default(), read });
    };
    inputs.desk = Some(desk);
    let holder = families.holder(subject).zip(of_families.as_ref().map(|part| &part.grant));
    let computed = fetched.compute(&grant, subject, holder, &inputs)?;
    let (standings, totals) = computed.plain;
    let standing = standings.first().copied().unwrap_or(pends(OutcomeReason::NotComputed));
    Ok(WorkedOut { standing, rows: computed.rows, totals, read: fetched.into_read() })
}

impl WorkedOut {
    /// Whether the claim is decided by it.
    pub(crate) fn is_decided(&self) -> bool {
        self.standing.0 != ClaimState::Pended
    }
}
