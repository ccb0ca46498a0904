//! Who gets what an ask opens, and whether it leaves the European Economic Area: kind, name and country come from
//! the register of recipients, never from the caller. Nothing is decided here; the notice decides by what stands
//! here, and the statement that writes the entry tests it again.

use domain::{
    Condition, ConditionSet, Country, PortfolioId, Recipient, RecipientId, Timestamp, TransferSafeguard,
    TransferSafeguardSet,
};
use store::recipient::{RecipientConditionRow, RecipientRow, Registered};

use crate::gate::Inner;
use crate::{Asking, GateError};

/// The place of a portfolio's own staff in its register: there stands the safeguard under which they may read
/// from outside the European Economic Area.
#[must_use]
pub fn staff_of(portfolio: PortfolioId) -> RecipientId {
    RecipientId::from_bytes(*portfolio.bytes())
}

/// What the register holds for a time of an organisation; the safeguard is looked at by itself, since it counts
/// where something leaves.
const AGREED: ConditionSet =
    ConditionSet::of(&[Condition::Contract, Condition::Undertaking, Condition::Mandate]);

/// Who gets what an ask opens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Receiver {
    /// The organisation that gets it; none where the actor itself does.
    pub(crate) organisation: Option<Organisation>,
    /// An organisation that should get it and is not in the register.
    pub(crate) unregistered: Option<RecipientId>,
    /// From where the actor reads.
    pub(crate) reading: Crossing,
}

/// An organisation of the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Organisation {
    pub(crate) id: RecipientId,
    pub(crate) kind: Recipient,
    pub(crate) name: String,
    pub(crate) country: Country,
    /// Whose relation to the subject counts: its own, or that of whom it acts for.
    pub(crate) party: RecipientId,
    /// What must hold whatever a clause asks for.
    pub(crate) demands: ConditionSet,
    /// What of it held when it was looked up.
    pub(crate) live: ConditionSet,
    /// Where it gets the data.
    pub(crate) handing: Crossing,
}

/// Whether data leaves the European Economic Area on its way to somebody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Crossing {
    /// Under which safeguards it leaves; none: it stays.
    pub(crate) transfer: Option<TransferSafeguardSet>,
    /// Whether there is a safeguard.
    pub(crate) is_safe: bool,
    /// Whose safeguard must be live; none where protection was found adequate.
    pub(crate) holder: Option<RecipientId>,
}

impl Inner {
    /// Looks up who gets it. An actor's own use within the European Economic Area asks the register nothing.
    pub(crate) async fn receiver(&self, asking: &Asking<'_>) -> Result<Receiver, GateError> {
        let (actor, now) = (asking.actor, self.clock.now());
        let is_outside = actor.recipient.is_organisation();
        // One that belongs to none is not in the register.
        let own = is_outside.then(|| actor.organisation.unwrap_or(RecipientId::from_bytes([0; 16])));
        let reading = match actor.country.is_in_eea() || is_outside || actor.recipient.is_the_person() {
            true => Crossing::default(),
            false => {
                let staff = staff_of(asking.portfolio);
                let kept = self.store.registered(staff).await?;
                Crossing::to(&[actor.country], staff, &kept.conditions, now)
            }
        };
        let Some(id) = asking.to.or(own) else { return Ok(Receiver { reading, ..Receiver::default() }) };
        let Registered { row, conditions } = self.store.registered(id).await?;
        let fits = |row: &RecipientRow| {
            row.portfolio == asking.portfolio && (!is_outside || row.kind == actor.recipient)
        };
        let Some(row) = row.filter(fits) else {
            return Ok(Receiver { unregistered: Some(id), reading, ..Receiver::default() });
        };
        let countries = [row.country, if is_outside { actor.country } else { row.country }];
        let handing = Crossing::to(&countries, id, &conditions, now);
        let organisation = Some(Organisation::of(row, &conditions, handing, now));
        Ok(Receiver { organisation, unregistered: None, reading })
    }
}

impl Organisation {
    fn of(
        row: RecipientRow,
        conditions: &[RecipientConditionRow],
        handing: Crossing,
        now: Timestamp,
    ) -> Self {
        // Who ever had a contract gets nothing without one.
        let has_contract = conditions.iter().any(|one| one.condition == Condition::Contract);
        let contract = (has_contract || row.role.needs_contract()).then_some(Condition::Contract);
        // Whose relation counts for another acts under a mandate.
        let mandate = row.acts_for.map(|_| Condition::Mandate);
        let live: ConditionSet =
            conditions.iter().filter(|one| one.is_live(now)).map(|one| one.condition).collect();
        Self {
            id: row.recipient,
            party: row.party(),
            kind: row.kind,
            name: row.name,
            country: row.country,
            demands: contract.into_iter().chain(mandate).collect(),
            live: live.intersection(AGREED),
            handing,
        }
    }
}

impl Crossing {
    /// Where data goes to these countries, under what `holder` has agreed.
    fn to(
        countries: &[Country],
        holder: RecipientId,
        conditions: &[RecipientConditionRow],
        now: Timestamp,
    ) -> Self {
        let is_adequate = |country: &&Country| now.date().is_ok_and(|today| country.is_adequate(today));
        let safeguard = conditions
            .iter()
            .find(|one| one.condition == Condition::Safeguard && one.is_live(now))
            .and_then(|one| one.safeguard);
        let (adequate, other): (Vec<&Country>, Vec<&Country>) =
            countries.iter().filter(|country| !country.is_in_eea()).partition(is_adequate);
        let leaves = !adequate.is_empty() || !other.is_empty();
        let by_law = (!adequate.is_empty()).then_some(TransferSafeguard::Adequacy);
        let agreed = safeguard.filter(|_| !other.is_empty());
        let needs_own = !other.is_empty() || !leaves;
        Self {
            transfer: leaves.then(|| by_law.into_iter().chain(agreed).collect()),
            is_safe: safeguard.is_some() || !needs_own,
            holder: needs_own.then_some(holder),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);
    const HOLDER: RecipientId = RecipientId::from_bytes([1; 16]);

    fn crossing(countries: &[&str], safeguard: Option<TransferSafeguard>) -> Crossing {
        let countries: Vec<Country> = countries.iter().map(|code| code.parse().unwrap()).collect();
        let row = safeguard.map(|_| RecipientConditionRow {
            recipient: HOLDER,
            condition: Condition::Safeguard,
            safeguard,
            since: NOW,
            until: None,
        });
        Crossing::to(&countries, HOLDER, row.as_slice(), NOW)
    }

    #[test]
    fn what_stays_leaves_and_is_adequate() {
        let set = |safeguards: &[TransferSafeguard]| Some(TransferSafeguardSet::of(safeguards));
        let standard = Some(TransferSafeguard::StandardClauses);
        let stays = crossing(&["BE", "NO"], None);
        assert_eq!((stays.transfer, stays.is_safe), (None, false));
        let adequate = crossing(&["CH"], None);
        let by_law = set(&[TransferSafeguard::Adequacy]);
        assert_eq!((adequate.transfer, adequate.is_safe, adequate.holder), (by_law, true, None));
        let bare = crossing(&["IN"], None);
        assert_eq!((bare.transfer, bare.is_safe, bare.holder), (set(&[]), false, Some(HOLDER)));
        let agreed = crossing(&["IN"], standard);
        let under = set(&[TransferSafeguard::StandardClauses]);
        assert_eq!((agreed.transfer, agreed.is_safe, agreed.holder), (under, true, Some(HOLDER)));
        let two = crossing(&["CH", "IN"], standard);
        let both = set(&[TransferSafeguard::Adequacy, TransferSafeguard::StandardClauses]);
        assert_eq!((two.transfer, two.is_safe, two.holder), (both, true, Some(HOLDER)));
    }
}
