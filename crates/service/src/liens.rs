//! Liens: somebody else is liable for what the plan paid for a claim, after an accident mostly. Staff write down who that is, what is
//! received, and when what is left is given up. A lien is never more than the claim comes to, less the share of the costs of
//! getting it, also when the claim is decided again. Nobody is asked for money here, and nobody outside is told anything.

mod step;

use domain::{
    Category, CategorySet, ClaimId, CostShare, Date, LiableParty, LienReceipt, LienReleaseReason, LienState,
    Money, PortfolioId, Purpose, ReceiptReference, RequestId, SubjectId, WorkItemId,
};
use gate::{Actor, Asking, GateError};
use store::Unit;
use store::lien::LienRow;

use self::step::{Found, Step};
use crate::pay::settle::money;
use crate::views::{DeterminationToPay, LienToHandle};
use crate::work_item::{ShortTask, is_for_staff, next_handled};
use crate::{App, ServiceError};

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
    /// Which insurer or organisation is liable, and how it calls the matter.
    pub liable: LiableParty,
    /// What of it goes to those who recover it.
    pub costs: CostShare,
}

/// What was received of a lien.
pub struct NewReceipt {
    /// How much.
    pub amount: Money,
    /// The day it counts for.
    pub day: Date,
    /// How the payment is called. What has the name of an earlier receipt is that one, told once more.
    pub reference: ReceiptReference,
    /// What of the lien goes to those who recover it, where that is known better than before.
    pub costs: Option<CostShare>,
}

/// A lien, and what it comes to now.
pub struct LienFile {
    /// What was written down.
    pub lien: LienToHandle,
    /// What it comes to.
    pub standing: LienStanding,
}

/// What a lien comes to, as its claim was last decided.
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
        false => Err(ServiceError::Lien(
            "liens are handled by claims staff and payments staff, under a notice that has a clause for it",
        )),
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
    after: Option<(SubjectId, ClaimId)>,
    request: RequestId,
) -> Result<Vec<LienRow>, ServiceError> {
    must_be_staff(app, &asking(actor, portfolio, request)).await?;
    let page = move |unit: &mut Unit<'_>, after| store::lien::in_state(unit, portfolio, state, after, LIENS);
    next_handled(app, actor, after, page, |row| (row.subject, row.claim), |row| vec![row.subject]).await
}

/// Asserts a lien on a claim that was paid. Answers what it comes to.
///
/// Errors: nothing was paid for such a claim; there is a lien on it, and not one that was released with nothing received; the
/// share of the costs is more than the actor may release alone, or all of it.
pub async fn assert_lien(
    app: &App,
    actor: &Actor,
    place: LienPlace,
    new: &NewLien,
    request: RequestId,
) -> Result<LienStanding, ServiceError> {
    Step::Assert(new).take(app, actor, place, request).await
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
        let lien = found.lien()?.ok_or(NO_LIEN)?;
        let standing = LienStanding::of(found.paid()?, lien.costs, &lien.receipts)?;
        Ok(LienFile { lien, standing })
    };
    let read = read.await;
    task.end(app).await;
    read
}

/// Writes down that something of a lien was received, and books it. The lien is recovered when nothing is left.
///
/// Errors: it is more than is left, or nothing, or in another currency; another receipt has its name; its day is still to come;
/// the lien was released; what goes to those who recover it is more than before by more than the actor may release alone.
pub async fn receive_of_lien(
    app: &App,
    actor: &Actor,
    place: LienPlace,
    new: &NewReceipt,
    request: RequestId,
) -> Result<LienStanding, ServiceError> {
    Step::Receive(new).take(app, actor, place, request).await
}

/// Gives up what is left of a lien, with a reason, or closes one of which nothing is left.
///
/// Errors: it was released; it is more than the actor may release alone.
pub async fn release_lien(
    app: &App,
    actor: &Actor,
    place: LienPlace,
    reason: LienReleaseReason,
    request: RequestId,
) -> Result<LienStanding, ServiceError> {
    Step::Release(reason).take(app, actor, place, request).await
}

const NO_LIEN: ServiceError = ServiceError::Lien("there is no lien on this claim");
/// Makes the lien on a claim the task of whoever handles it, for as long as a step takes. What there is about the claim is looked at
/// after.
async fn open(
    app: &App,
    actor: &Actor,
    place: LienPlace,
    request: RequestId,
) -> Result<ShortTask, ServiceError> {
    let asking = asking(actor, place.portfolio, request);
    must_be_staff(app, &asking).await?;
    app.gate.may_handle(&asking, place.subject).await?;
    let item = app.gate.imported_id("work-item", "lien", &place.claim.to_string());
    ShortTask::open(app, place.subject, WorkItemId::from_bytes(item), actor).await
}

impl LienStanding {
    /// What a lien comes to when the plan pays so much for the claim. What was received in another currency, before the claim was
    /// decided again, counts for nothing.
    fn of(paid: Money, costs: CostShare, receipts: &[LienReceipt]) -> Result<Self, GateError> {
        let currency = paid.currency();
        let recoverable = benefits::recovery(paid.minor(), costs.parts());
        let recoverable = recoverable.ok_or(GateError::Compute("what a lien comes to is out of range"))?;
        let received: i128 = receipts
            .iter()
            .filter(|receipt| receipt.amount.currency() == currency)
            .map(|receipt| i128::from(receipt.amount.minor()))
            .sum();
        Ok(Self {
            paid,
            recoverable: money(recoverable.into(), currency)?,
            received: money(received, currency)?,
            outstanding: money((i128::from(recoverable) - received).max(0), currency)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use domain::{ActorId, Currency};

    use super::*;

    #[test]
    fn what_came_in_another_currency_counts_for_nothing_and_nothing_is_less_than_nothing() {
        let of = |minor, currency| Money::new(minor, currency).unwrap();
        let (costs, by) = (CostShare::NONE, ActorId::from_bytes([1; 16]));
        let receipt = |amount| LienReceipt {
            day: "2026-11-28".parse().unwrap(),
            by,
            amount,
            reference: ReceiptReference::parse("77").unwrap(),
            costs,
        };
        let pounds = "GBP".parse().unwrap();
        let receipts = [receipt(of(300, Currency::EUR)), receipt(of(50, pounds))];
        let left = |paid| LienStanding::of(paid, costs, &receipts).unwrap().outstanding.minor();
        assert_eq!(
            [left(of(400, Currency::EUR)), left(of(200, Currency::EUR)), left(of(400, pounds))],
            [100, 0, 350]
        );
    }
}
