//! What payees owe back, before a person: who had too much for a claim, how it came about, and giving it up. What is owed back is
//! kept back from what is paid next by the payment job; nobody is asked for money here, and nothing is paid.

use domain::{
    Account, Category, CategorySet, ClaimId, Currency, Money, Movement, MovementKind, Payee, PortfolioId,
    Purpose, Recipient, RecordId, RequestId, Settlement, SettlementBalance, SettlementState, SubjectId,
    SubjectKind, WriteOff, WriteOffReason, settled_currencies,
};
use gate::{Actor, Asking, GateError, Grant, Reader, Sealed, Target, Totals, Writer};
use store::payment::PostingRow;
use store::settlement::SettlementRow;
use store::{StoreError, Unit};

use crate::ledger::{BatchKind, batch_rows};
use crate::pay::settle::{accounts, book, money, state};
use crate::views::SettlementToPay;
use crate::{App, ServiceError, authority, work_item};

/// What somebody owes back on a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecoveryPlace {
    /// In which portfolio.
    pub portfolio: PortfolioId,
    /// Who was paid: a member, or a provider.
    pub payee: SubjectId,
    /// For which claim.
    pub claim: ClaimId,
}

/// How it came about.
pub struct Recovery {
    /// What happened, in order.
    pub movements: Vec<Movement>,
    /// What is owed back, in each currency; empty for nothing.
    pub outstanding: Vec<Money>,
    /// What somebody proposes who may not give it up alone.
    pub proposed: Option<WriteOff>,
}

/// What became of giving it up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrittenOff {
    /// It is owed back no longer.
    Done,
    /// It is above what the actor may release alone: it waits for somebody who may.
    Proposed,
}

/// The claims of a portfolio for which somebody was paid too much, after (payee, claim): who and since when, and nothing of how
/// much. None when there are no more that the actor may handle.
///
/// Errors: the actor is no staff whom a clause lets see payments in the service of a task.
pub async fn recoveries(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    after: Option<(SubjectId, ClaimId)>,
    request: RequestId,
) -> Result<Vec<SettlementRow>, ServiceError> {
    must_be_staff(app, &asking(actor, portfolio, request)).await?;
    let page = move |unit: &mut Unit<'_>, after| {
        store::settlement::in_state(unit, portfolio, SettlementState::Overpaid, after, RECOVERIES)
    };
    // Also where a provider was paid it is about whoever was treated.
    let people = |row: &SettlementRow| vec![row.subject, row.claimant];
    work_item::next_handled(app, actor, after, page, |row| (row.subject, row.claim), people).await
}

/// How many are listed at once.
pub const RECOVERIES: usize = 1_000;

/// Reads what a payee owes back on a claim. Whoever may, makes it their task for as long as that takes.
pub async fn read_recovery(
    app: &App,
    actor: &Actor,
    place: RecoveryPlace,
    request: RequestId,
) -> Result<Recovery, ServiceError> {
    let task = Task::open(app, actor, place, request).await?;
    let read = async {
        let (grant, sealed) = task.ask(app, actor, request).await?;
        let opened: SettlementToPay = grant.open(&sealed)?;
        let outstanding = outstanding(&opened.movements)?;
        Ok(Recovery { movements: opened.movements, outstanding, proposed: opened.proposed })
    };
    let read = read.await;
    task.task.end(app).await;
    read
}

/// Gives up all that a payee owes back on a claim, with a reason. What is above the actor's own limit, with what they gave up on
/// the claim before, is proposed, and given up once somebody with more authority says the same.
///
/// Errors: nothing is owed back; the actor proposed it already; [`StoreError::Changed`] when it was settled meanwhile.
pub async fn write_off(
    app: &App,
    actor: &Actor,
    place: RecoveryPlace,
    reason: WriteOffReason,
    request: RequestId,
) -> Result<WrittenOff, ServiceError> {
    let task = Task::open(app, actor, place, request).await?;
    let outcome = task.write_off(app, actor, reason, request).await;
    task.task.end(app).await;
    outcome
}

/// Sets how much of what is due for a claim is kept back at most for what its payee owes back, in per cent of it.
///
/// Errors: it is set by the holder of the root key alone, from 0 to 100.
pub async fn set_off_share(
    app: &App,
    keeper: &Actor,
    portfolio: PortfolioId,
    percent: u8,
) -> Result<(), ServiceError> {
    if keeper.recipient() != Recipient::Operator {
        return Err(ServiceError::Recovery("the share is set by the holder of the root key"));
    }
    if percent > 100 {
        return Err(ServiceError::Recovery("the share is from 0 to 100 per cent of what is due"));
    }
    let set = move |unit: &mut Unit<'_>| store::settlement::set_set_off_percent(unit, portfolio, percent);
    Ok(app.store().write(set).await.map_err(|error: StoreError| error)?)
}

fn asking(actor: &Actor, portfolio: PortfolioId, request: RequestId) -> Asking<'_> {
    let writes = CategorySet::of(&[Category::Financial]);
    Asking { writes, ..Asking::new(actor, portfolio, Purpose::Payment, request) }
}

/// Whether an actor is one of the staff whom a clause lets see this in the service of a task.
async fn must_be_staff(app: &App, asking: &Asking<'_>) -> Result<(), ServiceError> {
    if work_item::is_for_staff::<SettlementToPay>(app, asking).await? {
        return Ok(());
    }
    Err(ServiceError::Recovery("what is owed back is looked at and written off by payments staff"))
}

const NOTHING_OWED: ServiceError = ServiceError::Recovery("nothing is owed back on this claim");

/// What is owed back on a claim, as somebody's task.
struct Task {
    place: RecoveryPlace,
    claimant: SubjectId,
    payee: Payee,
    task: work_item::ShortTask,
}

impl Task {
    async fn open(
        app: &App,
        actor: &Actor,
        place: RecoveryPlace,
        request: RequestId,
    ) -> Result<Self, ServiceError> {
        let asking = asking(actor, place.portfolio, request);
        must_be_staff(app, &asking).await?;
        let read = app.store().read(move |unit| {
            let kind = store::subject::get(unit, place.payee)?.map(|row| row.kind);
            Ok::<_, StoreError>((store::settlement::get(unit, place.payee, place.claim)?, kind))
        });
        let (known, kind) = read.await?;
        let known = known.filter(|known| known.portfolio == place.portfolio);
        let payee = if kind == Some(SubjectKind::Practitioner) { Payee::Provider } else { Payee::Member };
        // What a provider was paid is about whoever was treated as well. Whose file is closed to the actor is not told of by
        // whether anything is owed.
        let member = (payee == Payee::Member).then_some(place.payee);
        if let Some(claimant) = known.as_ref().map(|known| known.claimant).or(member) {
            app.gate.may_handle(&asking, claimant).await?;
        }
        let owed = known.filter(|known| known.state == SettlementState::Overpaid);
        let claimant = owed.ok_or(NOTHING_OWED)?.claimant;
        let task = work_item::ShortTask::open(app, place.payee, place.claim.into(), actor).await?;
        Ok(Self { place, claimant, payee, task })
    }

    async fn ask(
        &self,
        app: &App,
        actor: &Actor,
        request: RequestId,
    ) -> Result<(Grant<SettlementToPay>, Sealed<Settlement>), ServiceError> {
        let RecoveryPlace { portfolio, payee, claim } = self.place;
        let asking = asking(actor, portfolio, request);
        let grant = app.gate.ask::<SettlementToPay>(&asking, Target::for_item(payee, claim)).await?;
        let sealed = app.gate.fetch::<SettlementToPay>(payee, claim).await?;
        Ok((grant, sealed.ok_or(ServiceError::NotFound("settlement"))?))
    }

    async fn write_off(
        &self,
        app: &App,
        actor: &Actor,
        reason: WriteOffReason,
        request: RequestId,
    ) -> Result<WrittenOff, ServiceError> {
        let (grant, sealed) = self.ask(app, actor, request).await?;
        let opened: SettlementToPay = grant.open(&sealed)?;
        let mut amounts = outstanding(&opened.movements)?;
        if amounts.is_empty() {
            return Err(NOTHING_OWED);
        }
        let currencies: Vec<Currency> = amounts.iter().map(|amount| amount.currency()).collect();
        // With what the actor gave up on it before: several small ones are one large one.
        let by_actor =
            |one: &&Movement| matches!(one.kind, MovementKind::WrittenOff(off) if off.by == actor.id());
        amounts.extend(opened.movements.iter().filter(by_actor).map(|one| one.amount));
        let may = authority::may_release(app, actor, &amounts).await?;
        if !may && opened.proposed.is_some_and(|proposed| proposed.by == actor.id()) {
            return Err(ServiceError::Recovery(
                "it is above what you may write off alone, and proposed already: somebody else who may decides",
            ));
        }
        let write_off = WriteOff { day: app.today()?, by: actor.id(), reason };
        let id = |currency: &Currency| {
            let what = format!("{}/{}/{currency}", sealed.record(), sealed.version() + 1);
            (*currency, RecordId::from_bytes(app.gate.imported_id("posting", "written-off", &what)))
        };
        let ids = if may { currencies.iter().map(id).collect() } else { Vec::new() };
        let context = ToWriteOff { write_off, payee: self.payee, is_final: may, ids };
        let computed = grant.compute(
            self.place.payee,
            &app.keys_of(self.place.payee).await?,
            &context,
            &sealed,
            write_down,
        )?;
        let (state, totals) = computed.plain;
        let batch = domain::BatchId::from_bytes(app.gate.random_id());
        let ledger = batch_rows(&app.gate, batch, BatchKind::WriteOffs, self.place.portfolio, &totals)?;
        let RecoveryPlace { portfolio, payee, claim } = self.place;
        let since = app.gate.now();
        let row = SettlementRow { subject: payee, claim, claimant: self.claimant, portfolio, state, since };
        let posting = |(_, posting): &(Currency, RecordId)| PostingRow {
            subject: payee,
            posting: *posting,
            claim,
            batch,
        };
        let (postings, rows): (Vec<_>, _) = (context.ids.iter().map(posting).collect(), computed.rows);
        let write = move |unit: &mut Unit<'_>| {
            store::sealed::put_many(unit, &rows)?;
            ledger.insert(unit)?;
            store::payment::insert_postings(unit, &postings)?;
            if state == SettlementState::Even { store::settlement::set_many(unit, &[row]) } else { Ok(()) }
        };
        app.store().write(write).await.map_err(|error: StoreError| error)?;
        Ok(if may { WrittenOff::Done } else { WrittenOff::Proposed })
    }
}

fn outstanding(movements: &[Movement]) -> Result<Vec<Money>, GateError> {
    let owed = |currency| (currency, SettlementBalance::of(movements, currency).outstanding());
    let all = settled_currencies(movements).into_iter().map(owed).filter(|(_, amount)| *amount > 0);
    all.map(|(currency, amount)| money(amount, currency)).collect()
}

/// What writing off is given.
struct ToWriteOff {
    write_off: WriteOff,
    payee: Payee,
    /// Whether it is given up; else it is proposed.
    is_final: bool,
    /// The posting in each currency.
    ids: Vec<(Currency, RecordId)>,
}

/// The settlement with what is given up, or proposed to be. It captures nothing.
fn write_down(
    context: &ToWriteOff,
    sealed: &Sealed<Settlement>,
    reader: &Reader<'_, SettlementToPay>,
    writer: &mut Writer<'_>,
) -> Result<(SettlementState, Totals), GateError> {
    let opened: SettlementToPay = reader.open(sealed)?;
    let (mut settlement, mut totals) = (opened.into_settlement(), Totals::default());
    let ToWriteOff { write_off, payee, is_final, ids } = context;
    settlement.proposed = (!is_final).then_some(*write_off);
    let [_, owed_back] = accounts(*payee);
    for (currency, id) in ids {
        let amount = SettlementBalance::of(&settlement.movements, *currency).outstanding();
        let kind = MovementKind::WrittenOff(*write_off);
        settlement.movements.push(Movement { day: write_off.day, amount: money(amount, *currency)?, kind });
        let entries = [(Account::WrittenOff, amount), (owed_back, -amount)];
        book(*id, write_off.day, *currency, &entries, writer, &mut totals)?;
    }
    writer.replace(sealed, &settlement)?;
    Ok((state(&settlement), totals))
}
