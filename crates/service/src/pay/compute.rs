//! The computations that settle claims: plain functions that capture nothing. What they open stays inside; payments, postings
//! and settlements leave sealed, for whoever is paid. Of a provider all claims are settled at once, whoever was cared for, so
//! that nothing that is owed back is kept back twice.

use domain::{Claim, Currency, Determination, Payee, Person, Provider, RecordId, Settlement};
use gate::{GateError, Reader, Sealed, Totals, Writer};

use super::ToPay;
use super::settle::{Ids, PayeeAccount, Settled, Settling, Terms};
use crate::views::{DeterminationToPay, MemberToPay, ProviderToPay, SettlementToPay};

/// One claim, fetched.
pub(super) struct ToPayOne {
    pub(super) claim: Sealed<Claim>,
    pub(super) determination: Sealed<Determination>,
    pub(super) ids: Ids,
    /// Whether it was paid before: then what was settled must be there.
    pub(super) was_paid: bool,
}

/// A payee's claims, and what was settled with the payee on them and on those for which they had too much.
pub(super) struct ToPayAll {
    pub(super) claims: Vec<ToPayOne>,
    pub(super) settlements: Vec<Sealed<Settlement>>,
}

/// What leaves: what became of each claim, none where it could not be settled; where each settlement that changed stands; what was booked.
pub(super) type Paid = (Vec<Option<Settled>>, (Vec<domain::SettlementState>, Totals));

/// Settles a member's claims.
pub(super) fn pay_member(
    terms: &Terms,
    (person, all): &(Sealed<Person>, ToPayAll),
    reader: &Reader<'_, ToPay>,
    writer: &mut Writer<'_>,
) -> Result<Paid, GateError> {
    let MemberToPay { name, town, country, account, bank } = reader.open(person)?;
    let account = account.map(|account| PayeeAccount { name, town, country, account, bank });
    let mut settling = Settling::new(terms, Payee::Member, account, writer);
    open_settlements(&mut settling, all, |sealed| reader.open(sealed))?;
    settle(settling, &all.claims, reader)
}

/// Settles a provider's claims: what the plan owes is read under the members' grant, and all that is the provider's under their own.
pub(super) fn pay_provider(
    terms: &Terms,
    (provider, all): &(Sealed<Provider>, ToPayAll),
    reader: &Reader<'_, ToPay>,
    providers: &Reader<'_, (ProviderToPay, SettlementToPay)>,
    writer: &mut Writer<'_>,
) -> Result<Paid, GateError> {
    let ProviderToPay { name, town, country, account, bank } = providers.open(provider)?;
    let account = account.map(|account| PayeeAccount { name, town, country, account, bank });
    let mut settling = Settling::new(terms, Payee::Provider, account, writer);
    open_settlements(&mut settling, all, |sealed| providers.open(sealed))?;
    settle(settling, &all.claims, reader)
}

/// Opens what was settled before. One that does not open holds up its own claim and nothing else: what may be owed back on it
/// is not kept back, and stays on the list of what is.
fn open_settlements<'a>(
    settling: &mut Settling<'a, '_, '_>,
    all: &'a ToPayAll,
    open: impl Fn(&Sealed<Settlement>) -> Result<SettlementToPay, GateError>,
) -> Result<(), GateError> {
    for sealed in &all.settlements {
        match open(sealed) {
            Ok(opened) => settling.opened(sealed, opened.into_settlement()),
            Err(GateError::Expired) => return Err(GateError::Expired),
            Err(error) => {
                let claim = sealed.record();
                tracing::warn!(%claim, %error, "what was settled on a claim does not open: nothing is kept back for it");
            }
        }
    }
    Ok(())
}

/// Settles those first that are owed less than was had, so that it is kept back from what is due for the others.
fn settle(
    mut settling: Settling<'_, '_, '_>,
    claims: &[ToPayOne],
    reader: &Reader<'_, ToPay>,
) -> Result<Paid, GateError> {
    let mut owed = Vec::with_capacity(claims.len());
    for (place, one) in claims.iter().enumerate() {
        let Some(amount) = open_owed(&settling, one, reader)? else { continue };
        owed.push((settling.due(one.claim.record(), amount) > 0, place, one, amount));
    }
    owed.sort_by_key(|(is_due, place, ..)| (*is_due, *place));
    let mut settled = vec![None; claims.len()];
    for (_, place, one, amount) in owed {
        let outcome = settling.settle(one.claim.record(), one.ids, amount)?;
        if let Some(slot) = settled.get_mut(place) {
            *slot = Some(outcome);
        }
    }
    Ok((settled, settling.finish()?))
}

/// What the plan owes for a claim. One that does not open holds up no other of the payee's.
fn open_owed(
    settling: &Settling<'_, '_, '_>,
    one: &ToPayOne,
    reader: &Reader<'_, ToPay>,
) -> Result<Option<(Currency, i64)>, GateError> {
    let claim: RecordId = one.claim.record();
    if one.was_paid && !settling.knows(claim) {
        tracing::warn!(%claim, "a claim stays unsettled: what was settled on it is gone");
        return Ok(None);
    }
    let determination: DeterminationToPay = match reader.open(&one.determination) {
        Ok(determination) => determination,
        Err(GateError::Expired) => return Err(GateError::Expired),
        Err(error) => {
            tracing::warn!(%claim, %error, "a claim stays unpaid: its determination does not open");
            return Ok(None);
        }
    };
    let owed = determination.lines.iter().map(|line| line.plan).sum::<i64>();
    Ok(Some((determination.currency, owed)))
}
