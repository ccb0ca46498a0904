//! The payment cards that premiums are collected from: a payment provider's token and the last four digits, recorded
//! and read for premiums under a task of the payments staff. It charges nothing; that is the payment provider's.

use domain::{PaymentCard, Personal, PortfolioId, Purpose, RecordId, RequestId};
use gate::{Actor, Asking, GateError, Reader, Target, Writer};

use crate::views::{CardToCharge, CardToRecord, CardToRemove};
use crate::{App, ServiceError};

/// Records a card of a person. The entry is durable before anything is written.
pub async fn record_card(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    target: Target,
    card: &PaymentCard,
    request: RequestId,
) -> Result<RecordId, ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::Premium, request);
    let grant = app.gate.ask::<CardToRecord>(&asking, target).await?;
    let keys = app.keys_for::<PaymentCard>(target.subject).await?;
    let id = RecordId::from_bytes(app.gate.random_id());
    let sealed = grant.compute(target.subject, &keys, card, &id, put)?;
    app.store().write(move |unit| store::sealed::insert_many(unit, &sealed.rows)).await?;
    Ok(id)
}

fn put(
    card: &PaymentCard,
    id: &RecordId,
    _: &Reader<'_, CardToRecord>,
    writer: &mut Writer<'_>,
) -> Result<(), GateError> {
    writer.put(*id, 1, card)
}

/// The cards of a person.
pub async fn read_cards(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    target: Target,
    request: RequestId,
) -> Result<Vec<(RecordId, CardToCharge)>, ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::Premium, request);
    let grant = app.gate.ask::<CardToCharge>(&asking, target).await?;
    let sealed = app.gate.fetch_many::<CardToCharge>(&[target.subject]).await?;
    sealed.iter().map(|card| Ok((card.record(), grant.open(card)?))).collect()
}

/// Takes a card off: its record goes. Errors: there is no such card.
pub async fn remove_card(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    target: Target,
    card: RecordId,
    request: RequestId,
) -> Result<(), ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::Premium, request);
    app.gate.ask::<CardToRemove>(&asking, target).await?;
    let delete = move |unit: &mut store::Unit<'_>| {
        store::sealed::delete_record(unit, target.subject, PaymentCard::KIND, card)
    };
    match app.store().write(delete).await? {
        0 => Err(ServiceError::NotFound("payment card")),
        _ => Ok(()),
    }
}
