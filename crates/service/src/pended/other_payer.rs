//! The answer of another payer about a claim that is before somebody: what it paid of a line, entered under the clause on
//! coordination of benefits, and the claim worked out again with it. Nothing is decided here; the order between the two payers
//! is what the cover says.

use domain::{ActorId, ClaimId, Date, OtherPayerAmounts, OtherPayerAnswer, Personal, Purpose, RequestId};
use gate::{Actor, Asking, GateError, Reader, Sealed, Writer};

use super::PendedPlace;
use super::decided::{WrittenDown, before, know};
use crate::views::{ClaimToCoordinate, OtherPayerAnswerToCount};
use crate::{App, ServiceError};

/// The views of one ask.
type ToCoordinate = (ClaimToCoordinate, OtherPayerAnswerToCount);

/// Enters what other payers together made of a line of a claim that is before the actor, in place of what was known of that line,
/// and works out anew what one that waits comes to. Answers what follows.
///
/// Errors: the claim has no such line; it is in another currency; more was paid than charged; an amount is below zero.
pub async fn other_payer_answered(
    app: &App,
    actor: &Actor,
    place: PendedPlace,
    amounts: OtherPayerAmounts,
    request: RequestId,
) -> Result<WrittenDown, ServiceError> {
    let asking = Asking::new(actor, place.portfolio, Purpose::CoordinationOfBenefits, request);
    let asking = Asking { writes: OtherPayerAnswer::CATEGORIES, ..asking };
    let grant = app.gate.ask::<ToCoordinate>(&asking, place.target()).await?;
    let rows = before(app, actor, place).await?;
    let (gate, subject) = (&app.gate, place.subject);
    let claim = gate.fetch::<ClaimToCoordinate>(subject, place.claim).await?;
    let sealed = claim.ok_or(ServiceError::Pended("the claim was erased"))?;
    let claim: ClaimToCoordinate = grant.open(&sealed)?;
    if let Some(problem) = problem(&claim, &amounts) {
        return Err(ServiceError::Pended(problem));
    }
    let before = gate.fetch::<OtherPayerAnswerToCount>(subject, place.claim).await?;
    let keys = app.keys_of(subject).await?;
    let entry = Entry {
        claim: place.claim,
        known: claim.other_payer,
        amounts,
        entered: app.today()?,
        by: actor.id(),
    };
    let computed = grant.compute(subject, &keys, &entry, &before, write_answer)?;
    know(app, actor, place, rows, computed.rows, request).await
}

/// Why the claim cannot have come out so, where it cannot.
fn problem(claim: &ClaimToCoordinate, amounts: &OtherPayerAmounts) -> Option<&'static str> {
    let all = [Some(amounts.paid), amounts.allowed, amounts.contribution];
    let Some(line) = claim.lines.iter().find(|line| line.number == amounts.line) else {
        return Some("it has no line of this number");
    };
    if all.iter().flatten().any(|amount| amount.currency() != claim.currency) {
        return Some("its charges are in another currency: enter what was paid in that one");
    }
    if all.iter().flatten().any(|amount| amount.minor() < 0) {
        return Some("an amount is below zero");
    }
    (amounts.paid.minor() > line.charge.minor()).then_some("more was paid of the line than was charged")
}

/// What is entered, by whom, beside what came with the claim.
struct Entry {
    claim: ClaimId,
    known: Vec<OtherPayerAmounts>,
    amounts: OtherPayerAmounts,
    entered: Date,
    by: ActorId,
}

/// The answer, with what was known of the other lines. It captures nothing.
fn write_answer(
    entry: &Entry,
    before: &Option<Sealed<OtherPayerAnswer>>,
    reader: &Reader<'_, ToCoordinate>,
    writer: &mut Writer<'_>,
) -> Result<(), GateError> {
    let mut lines = match before {
        Some(sealed) => reader.open::<OtherPayerAnswerToCount, _>(sealed)?.lines,
        None => entry.known.clone(),
    };
    lines.retain(|known| known.line != entry.amounts.line);
    lines.push(entry.amounts.clone());
    lines.sort_by_key(|known| known.line);
    let answer = OtherPayerAnswer { entered: entry.entered, by: entry.by, lines };
    match before {
        Some(sealed) => writer.replace(sealed, &answer),
        None => writer.put(entry.claim, 1, &answer),
    }
}
