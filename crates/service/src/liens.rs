//! Liens: somebody else is liable for what the plan paid for a claim, after an accident mostly. Staff write down who that is, what is
//! received, and when what is left is given up. A lien is never more than the claim comes to, less the share of the costs of
//! getting it, also when the claim is decided again. Nobody is asked for money here, and nobody outside is told anything.

use std::collections::BTreeSet;

use domain::{
    Account, BatchId, Category, CategorySet, ClaimId, CostShare, LiableParty, Lien, LienReceipt, LienRelease,
    LienReleaseReason, LienState, Money, PortfolioId, Purpose, RecordId, RequestId, SubjectId, WorkItemId,
};
use gate::{Actor, Asking, GateError, Grant, Reader, Sealed, Target, Totals, Writer};
use store::lien::LienRow;
use store::payment::PostingRow;
use store::{StoreError, Unit};

use crate::ledger::{BatchKind, batch_rows};
use crate::pay::settle::{book, money};
use crate::views::{DeterminationToPay, LienToHandle};
use crate::work_item::{ShortTask, is_for_staff};
use crate::{App, ServiceError, authority};

/// Which lien: there is one on a claim, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LienPlace {
    /// In which portfolio.
    pub portfolio: PortfolioId,
    /// Whose claim.
    pub subject: SubjectId,
    /// The claim.
    pub claim: ClaimId,
}

/// A lien to assert.
pub struct NewLien {
    /// Who is liable, and how the matter is called there.
    pub liable: LiableParty,
    /// What of it goes to those who recover it.
    pub costs: CostShare,
}

/// A lien, and what it comes to now.
pub struct LienFile {
    /// What was written down.
    pub lien: LienToHandle,
    /// What it comes to.
    pub standing: LienStanding,
}

/// What a lien comes to, as the claim was last decided.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LienStanding {
    /// What the plan pays for the claim.
    pub paid: Money,
    /// What of it the plan may get back: all but the share of the costs.
    pub recoverable: Money,
    /// What it got back.
    pub received: Money,
    /// What is left.
    pub outstanding: Money,
}

/// How many are listed at once.
pub const LIENS: usize = 1_000;

/// The views of one ask.
type ToHandle = (LienToHandle, DeterminationToPay);

fn asking(actor: &Actor, portfolio: PortfolioId, request: RequestId) -> Asking<'_> {
    let writes = CategorySet::of(&[Category::Claims, Category::Financial]);
    Asking { writes, ..Asking::new(actor, portfolio, Purpose::Subrogation, request) }
}

async fn must_be_staff(app: &App, asking: &Asking<'_>) -> Result<(), ServiceError> {
    match is_for_staff::<ToHandle>(app, asking).await? {
        true => Ok(()),
        false => Err(ServiceError::Lien("liens are handled by claims staff and payments staff")),
    }
}

/// The liens of a portfolio in a state, after (person, claim): ids and days. None when there are no more that the actor may
/// handle.
///
/// Errors: no clause lets the actor handle one.
pub async fn liens(
    app: &App,
    actor: &Actor,
    (portfolio, state): (PortfolioId, LienState),
    mut after: Option<(SubjectId, ClaimId)>,
    request: RequestId,
) -> Result<Vec<LienRow>, ServiceError> {
    must_be_staff(app, &asking(actor, portfolio, request)).await?;
    loop {
        let page = move |unit: &mut Unit<'_>| store::lien::in_state(unit, portfolio, state, after, LIENS);
        let mut page = app.store().read(page).await.map_err(|error: StoreError| error)?;
        let Some(last) = page.last() else { return Ok(page) };
        after = Some((last.subject, last.claim));
        let people: BTreeSet<SubjectId> = page.iter().map(|row| row.subject).collect();
        let others = app.gate.not_handled(actor, &people.into_iter().collect::<Vec<_>>()).await?;
        page.retain(|row| !others.contains(&row.subject));
        // A page of what is left to colleagues is not the end.
        if !page.is_empty() {
            return Ok(page);
        }
    }
}

/// Asserts a lien on a claim that was paid. Answers what it comes to.
///
/// Errors: nothing was paid for such a claim; there is a lien on it already.
pub async fn assert_lien(
    app: &App,
    actor: &Actor,
    place: LienPlace,
    new: &NewLien,
    request: RequestId,
) -> Result<LienStanding, ServiceError> {
    must_be_staff(app, &asking(actor, place.portfolio, request)).await?;
    let LienPlace { portfolio, subject, claim } = place;
    let known = move |unit: &mut Unit<'_>| {
        Ok::<_, StoreError>((
            store::claim::get(unit, subject, claim)?,
            store::lien::get(unit, subject, claim)?,
        ))
    };
    let (row, lien) = app.store().read(known).await?;
    if !row.is_some_and(|row| row.portfolio == portfolio && row.state.is_paid()) {
        return Err(ServiceError::Lien("nothing was paid for such a claim"));
    }
    if lien.is_some() {
        return Err(ServiceError::Lien("there is a lien on this claim already"));
    }
    let (liable, costs) = (new.liable.clone(), new.costs);
    let lien =
        Lien { liable, asserted: app.today()?, by: actor.id(), costs, receipts: Vec::new(), release: None };
    Step::Assert(lien).take(app, actor, place, request).await
}

/// Reads a lien.
pub async fn read_lien(
    app: &App,
    actor: &Actor,
    place: LienPlace,
    request: RequestId,
) -> Result<LienFile, ServiceError> {
    let task = open(app, actor, place, request).await?;
    let read = async {
        let found = Found::ask(app, actor, (place, task.item()), request).await?;
        let lien = found.lien()?;
        let standing = found.standing(lien.costs, &lien.receipts)?;
        Ok(LienFile { lien, standing })
    };
    let read = read.await;
    task.end(app).await?;
    read
}

/// Writes down that so much of a lien was received, and books it; with another share of the costs, where that is known better.
/// It is received in full when nothing is left.
///
/// Errors: it is more than is left, or nothing, or in another currency; it was released.
pub async fn receive_of_lien(
    app: &App,
    actor: &Actor,
    place: LienPlace,
    (amount, costs): (Money, Option<CostShare>),
    request: RequestId,
) -> Result<LienStanding, ServiceError> {
    Step::Receive { amount, costs }.take(app, actor, place, request).await
}

/// Gives up what is left of a lien, with a reason.
///
/// Errors: it was released, or nothing is left; it is more than the actor may release alone.
pub async fn release_lien(
    app: &App,
    actor: &Actor,
    place: LienPlace,
    reason: LienReleaseReason,
    request: RequestId,
) -> Result<LienStanding, ServiceError> {
    Step::Release(reason).take(app, actor, place, request).await
}

/// Makes the lien the task of whoever handles it, for as long as a step takes.
async fn open(
    app: &App,
    actor: &Actor,
    place: LienPlace,
    request: RequestId,
) -> Result<ShortTask, ServiceError> {
    must_be_staff(app, &asking(actor, place.portfolio, request)).await?;
    app.gate.may_handle(actor, place.subject, Purpose::Subrogation).await?;
    let item = WorkItemId::from_bytes(app.gate.random_id());
    ShortTask::open(app, place.subject, item, actor).await
}

/// What is done about a lien.
enum Step {
    Assert(Lien),
    Receive { amount: Money, costs: Option<CostShare> },
    Release(LienReleaseReason),
}

impl Step {
    async fn take(
        &self,
        app: &App,
        actor: &Actor,
        place: LienPlace,
        request: RequestId,
    ) -> Result<LienStanding, ServiceError> {
        let task = open(app, actor, place, request).await?;
        let taken = self.take_in(app, actor, (place, task.item()), request).await;
        task.end(app).await?;
        taken
    }

    async fn take_in(
        &self,
        app: &App,
        actor: &Actor,
        (place, item): (LienPlace, WorkItemId),
        request: RequestId,
    ) -> Result<LienStanding, ServiceError> {
        let LienPlace { portfolio, subject, claim } = place;
        let found = Found::ask(app, actor, (place, item), request).await?;
        let (lien, standing, received) = self.applied(app, actor, &found).await?;
        let state = match lien.release {
            Some(_) => LienState::Released,
            None if standing.outstanding.minor() == 0 => LienState::Recovered,
            None => LienState::Asserted,
        };
        let posting = RecordId::from_bytes(app.gate.random_id());
        let context = ToWrite { claim, lien, received: received.map(|amount| (posting, amount)) };
        let keys = app.keys_for::<Lien>(subject).await?;
        let computed = found.grant.compute(subject, &keys, &context, &found.lien, write_lien)?;
        let batch = BatchId::from_bytes(app.gate.random_id());
        let ledger = batch_rows(&app.gate, batch, BatchKind::Liens, portfolio, &computed.plain)?;
        let is_new = found.lien.is_none();
        let row = LienRow { subject, claim, portfolio, state, since: app.gate.now() };
        let postings: Vec<_> =
            received.map(|_| PostingRow { subject, posting, claim, batch }).into_iter().collect();
        let rows = computed.rows;
        let write = move |unit: &mut Unit<'_>| {
            if is_new {
                store::lien::insert(unit, &row)?
            } else {
                store::lien::set(unit, &row)?
            }
            store::sealed::put_many(unit, &rows)?;
            ledger.insert(unit)?;
            store::payment::insert_postings(unit, &postings)
        };
        app.store().write(write).await.map_err(|error: StoreError| error)?;
        Ok(standing)
    }

    /// The lien as it is after this step, what it comes to then, and what was received.
    async fn applied(
        &self,
        app: &App,
        actor: &Actor,
        found: &Found,
    ) -> Result<(Lien, LienStanding, Option<Money>), ServiceError> {
        if let Self::Assert(lien) = self {
            return Ok((lien.clone(), found.standing(lien.costs, &[])?, None));
        }
        let mut lien = found.lien()?.into_lien();
        if lien.release.is_some() {
            return Err(ServiceError::Lien("it was released"));
        }
        let (day, by) = (app.today()?, actor.id());
        if let Self::Receive { costs: Some(costs), .. } = self {
            lien.costs = *costs;
        }
        let left = found.standing(lien.costs, &lien.receipts)?.outstanding;
        match *self {
            Self::Receive { amount, .. } => {
                if amount.currency() != left.currency()
                    || amount.minor() <= 0
                    || amount.minor() > left.minor()
                {
                    return Err(ServiceError::Lien(
                        "what is received is no more than is left, in the currency of the claim",
                    ));
                }
                lien.receipts.push(LienReceipt { day, by, amount });
            }
            Self::Release(reason) => {
                if left.minor() == 0 {
                    return Err(ServiceError::Lien("nothing is left of it"));
                }
                if !authority::may_release(app, actor, &[left]).await? {
                    return Err(ServiceError::Lien(
                        "it is more than you may release alone: a colleague whose limit suffices does",
                    ));
                }
                lien.release = Some(LienRelease { day, by, reason });
            }
            Self::Assert(_) => {}
        }
        let standing = found.standing(lien.costs, &lien.receipts)?;
        let received = if let Self::Receive { amount, .. } = self { Some(*amount) } else { None };
        Ok((lien, standing, received))
    }
}

/// What was found about a lien, under the grant to open it.
struct Found {
    grant: Grant<ToHandle>,
    lien: Option<Sealed<Lien>>,
    determination: DeterminationToPay,
}

impl Found {
    async fn ask(
        app: &App,
        actor: &Actor,
        (place, item): (LienPlace, WorkItemId),
        request: RequestId,
    ) -> Result<Self, ServiceError> {
        let asking = asking(actor, place.portfolio, request);
        let grant = app.gate.ask::<ToHandle>(&asking, Target::for_item(place.subject, item)).await?;
        let lien = app.gate.fetch::<LienToHandle>(place.subject, place.claim).await?;
        let sealed = app.gate.fetch::<DeterminationToPay>(place.subject, place.claim).await?;
        let determination = grant.open(&sealed.ok_or(ServiceError::NotFound("determination"))?)?;
        Ok(Self { grant, lien, determination })
    }

    fn lien(&self) -> Result<LienToHandle, ServiceError> {
        let sealed = self.lien.as_ref().ok_or(ServiceError::Lien("there is no lien on this claim"))?;
        Ok(self.grant.open(sealed)?)
    }

    /// What the lien comes to, with such a share of the costs and such receipts. What was received in another currency, before
    /// the claim was decided again, counts for nothing.
    fn standing(&self, costs: CostShare, receipts: &[LienReceipt]) -> Result<LienStanding, GateError> {
        let currency = self.determination.currency;
        let paid: i128 = self.determination.lines.iter().map(|line| i128::from(line.plan)).sum();
        let paid = money(paid, currency)?;
        let recoverable = benefits::recovery(paid.minor(), costs.parts());
        let recoverable = recoverable.ok_or(GateError::Compute("what a lien comes to is out of range"))?;
        let received: i128 = receipts
            .iter()
            .filter(|receipt| receipt.amount.currency() == currency)
            .map(|receipt| i128::from(receipt.amount.minor()))
            .sum();
        Ok(LienStanding {
            paid,
            recoverable: money(recoverable.into(), currency)?,
            received: money(received, currency)?,
            outstanding: money((i128::from(recoverable) - received).max(0), currency)?,
        })
    }
}

/// What writing is given.
struct ToWrite {
    claim: ClaimId,
    lien: Lien,
    /// What was received, and the posting of it.
    received: Option<(RecordId, Money)>,
}

/// Seals the lien, and books what was received: the plan's claims cost so much less. It captures nothing.
fn write_lien(
    context: &ToWrite,
    before: &Option<Sealed<Lien>>,
    _: &Reader<'_, ToHandle>,
    writer: &mut Writer<'_>,
) -> Result<Totals, GateError> {
    let mut totals = Totals::default();
    match before {
        Some(sealed) => writer.replace(sealed, &context.lien)?,
        None => writer.put(context.claim, 1, &context.lien)?,
    }
    if let Some((posting, amount)) = context.received {
        let minor = i128::from(amount.minor());
        let day = context.lien.receipts.last().map_or(context.lien.asserted, |last| last.day);
        let entries = [(Account::Bank, minor), (Account::ClaimsCost, -minor)];
        book(posting, day, amount.currency(), &entries, writer, &mut totals)?;
    }
    Ok(totals)
}
