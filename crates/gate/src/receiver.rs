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
    /// The version of the portfolio's register that this was read from; none where nothing was.
    pub(crate) register: Option<i64>,
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
    /// The ids of the clauses that it is registered for.
    pub(crate) clauses: Vec<String>,
    /// What that other must have agreed, for whom it acts, and what of it held.
    pub(crate) principal: Option<Principal>,
    /// Where it gets the data.
    pub(crate) handing: Crossing,
}

/// The organisation that another acts for: what may not go to it does not go to whoever acts for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Principal {
    pub(crate) id: RecipientId,
    pub(crate) demands: ConditionSet,
    pub(crate) live: ConditionSet,
}

impl Organisation {
    /// What whom it acts for must have agreed and has not, or no more.
    pub(crate) fn principal_lacks(&self) -> ConditionSet {
        self.principal.map_or(ConditionSet::EMPTY, |principal| principal.demands.minus(principal.live))
    }
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
        // Of several readings the first one's version counts: what is changed between them has another.
        let mut receiver = Receiver::default();
        if !(actor.country.is_in_eea() || is_outside || actor.recipient.is_the_person()) {
            let staff = staff_of(asking.portfolio);
            let kept = self.store.registered(asking.portfolio, staff).await?;
            receiver.register = Some(kept.version);
            receiver.reading = Crossing::to(&[actor.country], staff, &kept.conditions, now);
        }
        let Some(id) = asking.to.or(own) else { return Ok(receiver) };
        let Registered { version, row, conditions } = self.store.registered(asking.portfolio, id).await?;
        receiver.register.get_or_insert(version);
        let Some(row) = row.filter(|row| !is_outside || row.kind == actor.recipient) else {
            receiver.unregistered = Some(id);
            return Ok(receiver);
        };
        let countries = [row.country, if is_outside { actor.country } else { row.country }];
        let handing = Crossing::to(&countries, id, &conditions, now);
        let principal = match row.acts_for {
            Some(other) => Some(self.principal(asking.portfolio, other, now).await?),
            None => None,
        };
        receiver.organisation =
            Some(Organisation { principal, ..Organisation::of(row, &conditions, handing, now) });
        Ok(receiver)
    }

    /// Whom an organisation acts for; one that is not there lacks what nobody could agree.
    async fn principal(
        &self,
        portfolio: PortfolioId,
        id: RecipientId,
        now: Timestamp,
    ) -> Result<Principal, GateError> {
        let Registered { row, conditions, .. } = self.store.registered(portfolio, id).await?;
        let demands = row.map_or(AGREED, |row| demands(&row, &conditions));
        Ok(Principal { id, demands, live: live(&conditions, now) })
    }
}

/// What must hold of an organisation whatever a clause asks for: who ever had a contract gets nothing without one,
/// and whose relation counts for another acts under a mandate.
fn demands(row: &RecipientRow, conditions: &[RecipientConditionRow]) -> ConditionSet {
    let has_contract = conditions.iter().any(|one| one.condition == Condition::Contract);
    let contract = (has_contract || row.role.needs_contract()).then_some(Condition::Contract);
    let mandate = row.acts_for.map(|_| Condition::Mandate);
    contract.into_iter().chain(mandate).collect()
}

/// What of that which is agreed with an organisation holds.
fn live(conditions: &[RecipientConditionRow], now: Timestamp) -> ConditionSet {
    let live = conditions.iter().filter(|one| one.is_live(now));
    live.map(|one| one.condition).collect::<ConditionSet>().intersection(AGREED)
}

impl Organisation {
    fn of(
        row: RecipientRow,
        conditions: &[RecipientConditionRow],
        handing: Crossing,
        now: Timestamp,
    ) -> Self {
        Self {
            demands: demands(&row, conditions),
            live: live(conditions, now),
            principal: None,
            id: row.recipient,
            party: row.acts_for.unwrap_or(row.recipient),
            kind: row.kind,
            name: row.name,
            country: row.country,
            clauses: row.clauses,
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
        // Adequacy is a safeguard only where the Commission found it for some.
        let is_found = |kind: &TransferSafeguard| {
            *kind != TransferSafeguard::Adequacy || other.iter().all(|country| country.is_partly_adequate())
        };
        let safeguard = safeguard.filter(is_found);
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
        // What was found of one that is certified in one country is found in no other.
        let found = Some(TransferSafeguard::Adequacy);
        assert_eq!(crossing(&["US"], found).transfer, by_law);
        for countries in [&["IN"][..], &["US", "IN"], &["CH", "IN"]] {
            let crossing = crossing(countries, found);
            assert!(!crossing.is_safe && crossing.holder == Some(HOLDER), "{countries:?}");
        }
    }
}
