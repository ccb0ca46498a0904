//! The last look at a claim that waited for a person, before what they let stand goes out: whether its provider was entered as
//! excluded meanwhile. One keyed code is looked up in the register; by no other rule is it screened again. What comes of it is what
//! comes of the screen: a case that holds the payment, for legal staff, and nothing that whoever decides the claim is told.

use domain::{
    ActorId, Category, CategorySet, ClaimId, ClaimLine, Date, Purpose, Recipient, ScreenCase, ScreenFlag,
    ScreenRule, ScreenState, Timestamp,
};
use gate::{Asking, GateError, Grant, Mark, MarkToken, Reader, Sealed, Target, Writer};
use store::claim::ClaimRow;
use store::screen::ScreenRow;
use store::sealed::SealedRow;
use store::{StoreError, Unit};

use super::compute::Span;
use super::{case, may_screen, or_unscreened};
use crate::views::{CaseToReview, ClaimToLookAgain};
use crate::work_item::{self, ShortTask};
use crate::{App, ServiceError};

/// The views of one ask.
type ToLookAgain = (ClaimToLookAgain, CaseToReview);

/// What the last look found, to be written with what is decided.
#[derive(Default)]
pub(crate) struct LookedAgain {
    rows: Vec<SealedRow>,
    /// The case as it stands from now on; of version 0 one that there was not.
    case: Option<ScreenRow>,
    /// Before whom it was: they have not seen what is added.
    was_before: Option<ActorId>,
}

impl LookedAgain {
    /// Writes it, if the case stands as it did.
    pub(crate) fn write(&self, unit: &mut Unit<'_>, at: Timestamp) -> Result<(), StoreError> {
        store::sealed::put_many(unit, &self.rows)?;
        if let (Some(case), Some(assignee)) = (self.case, self.was_before) {
            work_item::end(unit, case.subject, case.claim.into(), assignee, at)?;
        }
        match self.case {
            Some(new) if new.version == 0 => {
                store::screen::insert_many(unit, &[ScreenRow { version: 1, ..new }])
            }
            Some(case) => store::screen::set(unit, &case),
            None => Ok(()),
        }
    }
}

/// Looks at a claim that is about to leave the desk. It is the job's doing: on the record before anything is opened, as a task of the job
/// for that long. Nothing is asked where the portfolio excludes nobody, or has no clause for the screen; a claim that cannot be looked at
/// goes on, as it does in the job.
pub(crate) async fn look_again(app: &App, claim: ClaimRow) -> Result<LookedAgain, ServiceError> {
    let portfolio = claim.portfolio;
    let any = app.store().read(move |unit| store::exclusion::of_portfolio(unit, portfolio, None, 1)).await;
    if any.map_err(|error: StoreError| error)?.is_empty() {
        return Ok(LookedAgain::default());
    }
    let job = app.gate.job(Recipient::AdjudicationJob)?;
    let asking = Asking {
        writes: CategorySet::of(&[Category::Claims]),
        filters: &["provider"],
        ..Asking::new(&job, portfolio, Purpose::Fraud, app.gate.request())
    };
    if !may_screen::<ToLookAgain>(app, &asking).await? {
        return Ok(LookedAgain::default());
    }
    let task = ShortTask::open(app, claim.subject, claim.claim.into(), &job).await?;
    let target = Target::for_item(claim.subject, task.item());
    let found = match app.gate.ask::<ToLookAgain>(&asking, target).await {
        Ok(grant) => look(app, &grant, claim).await,
        Err(GateError::Refused(_)) => Ok(LookedAgain::default()),
        Err(error) => Err(error.into()),
    };
    task.end(app).await;
    found
}

async fn look(app: &App, grant: &Grant<ToLookAgain>, claim: ClaimRow) -> Result<LookedAgain, ServiceError> {
    let (subject, id) = (claim.subject, claim.claim);
    let Some(sealed) = app.gate.fetch::<ClaimToLookAgain>(subject, id).await? else {
        return Ok(LookedAgain::default());
    };
    let marked = or_unscreened(grant.compute(subject, &[], &(), &sealed, mark_provider), subject)?;
    let Some(MarkToken { token, .. }) = marked.map(|marked| marked.plain) else {
        return Ok(LookedAgain::default());
    };
    let read = move |unit: &mut Unit<'_>| {
        let spans = store::exclusion::of_tokens(unit, &[token])?;
        Ok::<_, StoreError>((spans, store::screen::get(unit, subject, id)?))
    };
    let (spans, before) = app.store().read(read).await?;
    if spans.is_empty() {
        return Ok(LookedAgain::default());
    }
    let excluded = spans.iter().map(|row| (row.first, row.last)).collect();
    let today = app.today()?;
    let inputs = Inputs { claim: sealed, case: app.gate.fetch::<CaseToReview>(subject, id).await? };
    let keys = app.keys_of(subject).await?;
    let computed = grant.compute(subject, &keys, &(id, excluded, today), &inputs, flag_provider);
    let Some(computed) = or_unscreened(computed, subject)?.filter(|computed| computed.plain.is_some()) else {
        return Ok(LookedAgain::default());
    };
    let case = match before {
        Some(before) => ScreenRow { state: held(&before), ..before },
        None => ScreenRow { version: 0, ..case(claim.portfolio, &claim, ScreenState::Waiting, today) },
    };
    // What waits is before nobody: of a case that was released, anybody but who released it may take it, and of one that is before
    // somebody, they too, who then see what was added.
    let waits = case.state == ScreenState::Waiting;
    let was_before = before.filter(|before| waits && before.state != ScreenState::Released);
    let assignee = case.assignee.filter(|_| !waits);
    Ok(LookedAgain {
        rows: computed.rows,
        case: Some(ScreenRow { assignee, ..case }),
        was_before: was_before.and_then(|before| before.assignee),
    })
}

/// Where a case stands once more was flagged, so that its payment waits.
fn held(case: &ScreenRow) -> ScreenState {
    match case.state {
        ScreenState::Held => ScreenState::Held,
        ScreenState::Marked
        | ScreenState::UnderReview
        | ScreenState::Released
        | ScreenState::Ended
        | ScreenState::Waiting => ScreenState::Waiting,
    }
}

/// What is fetched.
struct Inputs {
    claim: Sealed<domain::Claim>,
    case: Option<Sealed<ScreenCase>>,
}

/// The provider's code in the register. It captures nothing.
fn mark_provider(
    (): &(),
    sealed: &Sealed<domain::Claim>,
    reader: &Reader<'_, ToLookAgain>,
    writer: &mut Writer<'_>,
) -> Result<MarkToken, GateError> {
    let claim: ClaimToLookAgain = reader.open(sealed)?;
    Ok(writer.mark(&Mark::Excluded(claim.provider)))
}

/// Adds what the rule flags to what was flagged before, and says that there is something new: not where it was flagged just so. It
/// captures nothing.
fn flag_provider(
    (claim, excluded, today): &(ClaimId, Vec<Span>, Date),
    inputs: &Inputs,
    reader: &Reader<'_, ToLookAgain>,
    writer: &mut Writer<'_>,
) -> Result<Option<()>, GateError> {
    let opened: ClaimToLookAgain = reader.open(&inputs.claim)?;
    let lines: &[ClaimLine] = &opened.lines;
    let Some(flag) = benefits::screen::care_while_excluded(lines, excluded) else { return Ok(None) };
    let Some(sealed) = &inputs.case else {
        let flags = vec![flag];
        writer.put(*claim, 1, &ScreenCase { screened: *today, flags, decisions: Vec::new() })?;
        return Ok(Some(()));
    };
    let CaseToReview { screened, mut flags, decisions } = reader.open(sealed)?;
    if flags.contains(&flag) {
        return Ok(None);
    }
    flags.retain(|known: &ScreenFlag| known.rule != ScreenRule::ExcludedProvider);
    flags.push(flag);
    writer.replace(sealed, &ScreenCase { screened, flags, decisions })?;
    Ok(Some(()))
}
