//! What was settled on a claim: what the plan owes its payee for it, what was paid, kept back, recovered and given up.
//! It only grows: what stands is the sum of its movements. It says nothing of why the plan owes what it owes.

use minicbor::{Decode, Encode};

use crate::redacted::redacted;
use crate::vocabulary::vocabulary;
use crate::{ActorId, ClaimId, Currency, Date, Money, PaymentId, Personal};

vocabulary! {
    /// Whether a payee has had more for a claim than it comes to. It says nothing of how much.
    SettlementState, "settlement state" {
        /// The payee has had what the claim comes to, or what was too much was recovered or given up.
        Even = 0 "even",
        /// The payee has had more than that, and owes it back.
        Overpaid = 1 "overpaid",
    }
}

vocabulary! {
    /// Why what a payee owes back is given up.
    WriteOffReason, "reason to write off" {
        /// The administrator's or the plan's own error, which the payee could not see.
        OurError = 0 "our-error",
        /// Whoever owes it cannot pay it back without hardship.
        Hardship = 1 "hardship",
        /// To recover it would cost more than it is.
        TooSmall = 2 "too-small",
        /// It cannot be recovered: nobody is there to pay it, or no court would say so.
        Uncollectable = 3 "uncollectable",
    }
}

/// What was settled on a claim. Its id is the claim's; whose it is, is whoever is paid for the claim.
#[derive(Clone, PartialEq, Eq, Default, Personal)]
#[personal(kind = Settlement, retention = Accounting)]
pub struct Settlement {
    /// What happened, in order.
    #[category(Financial)]
    #[tag(1)]
    pub movements: Vec<Movement>,
    /// Somebody proposes to write off what is owed back, and may not do so alone.
    #[category(Financial)]
    #[tag(2)]
    pub proposed: Option<WriteOff>,
}

/// One movement of a settlement.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Movement {
    /// The day it counts for.
    #[n(0)]
    pub day: Date,
    /// How much; below zero only where the plan owes less than it did.
    #[n(1)]
    pub amount: Money,
    /// What happened.
    #[n(2)]
    pub kind: MovementKind,
}

/// What a movement of a settlement is.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub enum MovementKind {
    /// The plan owes so much more for the claim than it did, or less.
    #[n(0)]
    Owed,
    /// So much went to the bank.
    #[n(1)]
    Paid(#[n(0)] PaymentId),
    /// So much was kept back from what was due, since it was owed back on another claim.
    #[n(2)]
    SetOff(#[n(0)] ClaimId),
    /// So much of what was owed back was kept back from what was due for another claim.
    #[n(3)]
    Recovered(#[n(0)] ClaimId),
    /// So much of what was owed back was given up.
    #[n(4)]
    WrittenOff(#[n(0)] WriteOff),
    /// So much was given up and is not owed back after all: the plan owes it for the claim.
    #[n(5)]
    Reinstated,
}

/// Who gives up what is owed back, when and why.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct WriteOff {
    /// The day.
    #[n(0)]
    pub day: Date,
    /// Who.
    #[n(1)]
    pub by: ActorId,
    /// Why.
    #[n(2)]
    pub reason: WriteOffReason,
}

redacted!(Movement, MovementKind, WriteOff);

/// What the movements of a settlement come to in one currency, in minor units.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct SettlementBalance {
    /// What the plan owes for the claim, as it was last settled.
    pub owed: i128,
    /// What the payee has had for the claim: paid, or kept back for another claim.
    pub had: i128,
    /// What the payee gave back of it.
    pub recovered: i128,
    /// What was given up of the rest.
    pub written_off: i128,
}

redacted!(SettlementBalance);

impl SettlementBalance {
    /// Of a settlement's movements in a currency.
    #[must_use]
    pub fn of(movements: &[Movement], currency: Currency) -> Self {
        let mut balance = Self::default();
        for movement in movements.iter().filter(|movement| movement.amount.currency() == currency) {
            let amount = i128::from(movement.amount.minor());
            match movement.kind {
                MovementKind::Owed => balance.owed += amount,
                MovementKind::Paid(_) | MovementKind::SetOff(_) => balance.had += amount,
                MovementKind::Recovered(_) => balance.recovered += amount,
                MovementKind::WrittenOff(_) => balance.written_off += amount,
                MovementKind::Reinstated => balance.written_off -= amount,
            }
        }
        balance
    }

    /// What the payee is still to have.
    #[must_use]
    pub fn due(&self) -> i128 {
        (self.owed - self.had + self.recovered).max(0)
    }

    /// What the payee has had too much, whether or not it was given up.
    #[must_use]
    pub fn overpaid(&self) -> i128 {
        (self.had - self.recovered - self.owed).max(0)
    }

    /// What the payee owes back.
    #[must_use]
    pub fn outstanding(&self) -> i128 {
        (self.overpaid() - self.written_off).max(0)
    }
}

/// The currencies of these movements, each once, in the order of their codes.
#[must_use]
pub fn settled_currencies(movements: &[Movement]) -> Vec<Currency> {
    let currencies: std::collections::BTreeSet<Currency> =
        movements.iter().map(|movement| movement.amount.currency()).collect();
    currencies.into_iter().collect()
}
