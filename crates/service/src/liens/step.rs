//! The steps of a lien: what each asks for, what it leaves, and how that is written down.

use domain::{
    Account, BatchId, ClaimId, Lien, LienReceipt, LienRelease, LienReleaseReason, LienState, Money, RecordId,
    RequestId, WorkItemId,
};
use gate::{Actor, GateError, Grant, Reader, Sealed, Target, Totals, Writer};
use store::lien::LienRow;
use store::payment::PostingRow;
use store::{StoreError, Unit};

use super::{LienPlace, LienStanding, NO_LIEN, NewLien, NewReceipt, ToHandle, asking, open};
use crate::ledger::{BatchKind, batch_rows};
use crate::pay::settle::{book, money};
use crate::views::{DeterminationToPay, LienToHandle};
use crate::{App, ServiceError, authority};

const ABOVE: ServiceError =
    ServiceError::Lien("it is more than you may release alone: a colleague whose limit suffices does");

/// What is done about a lien.
#[derive(Clone, Copy)]
pub(super) enum Step<'a> {
    Assert(&'a NewLien),
    Receive(&'a NewReceipt),
    Release(LienReleaseReason),
}

/// The lien after a step: what it comes to then, where it stands, and whether its last receipt is to be booked. None where the
/// step was taken before.
type Applied = Option<(Lien, LienState, Option<Money>)>;

impl Step<'_> {
    pub(super) async fn take(
        self,
        app: &App,
        actor: &Actor,
        place: LienPlace,
        request: RequestId,
    ) -> Result<LienStanding, ServiceError> {
        let task = open(app, actor, place, request).await?;
        let taken = async {
            let found = Found::ask(app, actor, (place, task.item()), request).await?;
            let before = found.lien()?.map(LienToHandle::into_lien);
            let applied = match self {
                Self::Assert(new) => asserted(app, actor, (new, before), &found).await?,
                Self::Receive(new) => received(app, actor, (new, before.ok_or(NO_LIEN)?), &found).await?,
                Self::Release(reason) => {
                    released(app, actor, (reason, before.ok_or(NO_LIEN)?), &found).await?
                }
            };
            found.write(app, place, applied).await
        };
        let taken = taken.await;
        task.end(app).await;
        taken
    }
}

async fn asserted(
    app: &App,
    actor: &Actor,
    (new, before): (&NewLien, Option<Lien>),
    found: &Found,
) -> Result<Applied, ServiceError> {
    // One that was asserted in error, or came to nothing, does not stand in the way of the right one.
    if before.is_some_and(|lien| lien.release.is_none() || !lien.receipts.is_empty()) {
        return Err(ServiceError::Lien("there is a lien on this claim already"));
    }
    let standing = LienStanding::of(found.paid()?, new.costs, &[])?;
    if standing.recoverable.minor() == 0 {
        return Err(ServiceError::Lien(
            "it comes to nothing: the plan pays nothing for the claim, or the costs take it all",
        ));
    }
    let to_others =
        money(i128::from(standing.paid.minor() - standing.recoverable.minor()), standing.paid.currency())?;
    if !authority::may_release(app, actor, &[to_others]).await? {
        return Err(ABOVE);
    }
    let (liable, costs) = (new.liable.clone(), new.costs);
    let lien =
        Lien { liable, asserted: app.today()?, by: actor.id(), costs, receipts: Vec::new(), release: None };
    Ok(Some((lien, LienState::Asserted, None)))
}

async fn received(
    app: &App,
    actor: &Actor,
    (new, mut lien): (&NewReceipt, Lien),
    found: &Found,
) -> Result<Applied, ServiceError> {
    let NewReceipt { amount, day, reference, costs } = new;
    if let Some(earlier) = lien.receipts.iter().find(|receipt| receipt.reference == *reference) {
        return match (earlier.amount, earlier.day) == (*amount, *day) {
            true => Ok(None),
            false => Err(ServiceError::Lien("another receipt of this lien has that reference")),
        };
    }
    if lien.release.is_some() {
        return Err(ServiceError::Lien("it was released"));
    }
    if *day > app.today()? {
        return Err(ServiceError::Lien("what is received is received today or before"));
    }
    let paid = found.paid()?;
    if lien.receipts.iter().any(|receipt| receipt.amount.currency() != paid.currency()) {
        return Err(ServiceError::Lien(
            "the claim was decided again in another currency since something was received: release it",
        ));
    }
    let before = LienStanding::of(paid, lien.costs, &lien.receipts)?;
    lien.costs = costs.unwrap_or(lien.costs);
    let left = LienStanding::of(paid, lien.costs, &lien.receipts)?;
    let less = i128::from(before.recoverable.minor()) - i128::from(left.recoverable.minor());
    if less > 0 && !authority::may_release(app, actor, &[money(less, paid.currency())?]).await? {
        return Err(ABOVE);
    }
    let minor = amount.minor();
    if amount.currency() != paid.currency() || minor <= 0 || minor > left.outstanding.minor() {
        return Err(ServiceError::Lien(
            "what is received is no more than is left, in the currency of the claim",
        ));
    }
    let (by, costs) = (actor.id(), lien.costs);
    lien.receipts.push(LienReceipt { day: *day, by, amount: *amount, reference: reference.clone(), costs });
    let is_all = minor == left.outstanding.minor();
    let state = if is_all { LienState::Recovered } else { LienState::Asserted };
    Ok(Some((lien, state, Some(*amount))))
}

async fn released(
    app: &App,
    actor: &Actor,
    (reason, mut lien): (LienReleaseReason, Lien),
    found: &Found,
) -> Result<Applied, ServiceError> {
    if lien.release.is_some() {
        return Err(ServiceError::Lien("it was released"));
    }
    let left = LienStanding::of(found.paid()?, lien.costs, &lien.receipts)?.outstanding;
    if !authority::may_release(app, actor, &[left]).await? {
        return Err(ABOVE);
    }
    lien.release = Some(LienRelease { day: app.today()?, by: actor.id(), reason });
    Ok(Some((lien, LienState::Released, None)))
}

/// What was found about a lien, under the grant to open it.
pub(super) struct Found {
    grant: Grant<ToHandle>,
    lien: Option<Sealed<Lien>>,
    determination: Option<DeterminationToPay>,
}

impl Found {
    pub(super) async fn ask(
        app: &App,
        actor: &Actor,
        (place, item): (LienPlace, WorkItemId),
        request: RequestId,
    ) -> Result<Self, ServiceError> {
        let LienPlace { portfolio, subject, claim } = place;
        let asking = asking(actor, portfolio, request);
        let grant = app.gate.ask::<ToHandle>(&asking, Target::for_item(subject, item)).await?;
        let row = app.store().read(move |unit| store::claim::get(unit, subject, claim)).await;
        let row = row.map_err(|error: StoreError| error)?;
        let lien = app.gate.fetch::<LienToHandle>(subject, claim).await?;
        let determination = match row.is_some_and(|row| row.portfolio == portfolio && row.state.is_paid()) {
            true => app.gate.fetch::<DeterminationToPay>(subject, claim).await?,
            false => None,
        };
        let determination = determination.map(|sealed| grant.open(&sealed)).transpose()?;
        Ok(Self { grant, lien, determination })
    }

    pub(super) fn lien(&self) -> Result<Option<LienToHandle>, GateError> {
        self.lien.as_ref().map(|sealed| self.grant.open(sealed)).transpose()
    }

    /// What the plan pays for the claim, as it was last decided.
    pub(super) fn paid(&self) -> Result<Money, ServiceError> {
        let determination = self.determination.as_ref();
        let determination = determination.ok_or(ServiceError::Lien("nothing was paid for such a claim"))?;
        let paid = determination.lines.iter().map(|line| i128::from(line.plan)).sum();
        Ok(money(paid, determination.currency)?)
    }

    /// Writes a step down, if it was not taken before. Answers what the lien comes to.
    async fn write(
        &self,
        app: &App,
        place: LienPlace,
        applied: Applied,
    ) -> Result<LienStanding, ServiceError> {
        let LienPlace { portfolio, subject, claim } = place;
        let Some((lien, state, received)) = applied else {
            let lien = self.lien()?.ok_or(NO_LIEN)?;
            return Ok(LienStanding::of(self.paid()?, lien.costs, &lien.receipts)?);
        };
        let standing = LienStanding::of(self.paid()?, lien.costs, &lien.receipts)?;
        let posting = RecordId::from_bytes(app.gate.random_id());
        let context = ToWrite { claim, lien, received: received.map(|amount| (posting, amount)) };
        let keys = app.keys_for::<Lien>(subject).await?;
        let computed = self.grant.compute(subject, &keys, &context, &self.lien, write_lien)?;
        let batch = BatchId::from_bytes(app.gate.random_id());
        let ledger = batch_rows(&app.gate, batch, BatchKind::Liens, portfolio, &computed.plain)?;
        let is_new = self.lien.is_none();
        let row = LienRow { subject, claim, portfolio, state, since: app.gate.now() };
        let posting = received.map(|_| PostingRow { subject, posting, claim, batch });
        let postings: Vec<_> = posting.into_iter().collect();
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
}

/// What writing is given.
struct ToWrite {
    claim: ClaimId,
    lien: Lien,
    /// What was received last, and the posting of it.
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
