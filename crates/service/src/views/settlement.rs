//! The views of settlements: to settle and recover, and for the payee's statement.

use domain::{Movement, MovementKind, PaymentId, Settlement, View, WriteOff};

/// A settlement, whole: to settle what is next, or to decide on what is owed back.
#[derive(View)]
#[of(Settlement)]
pub struct SettlementToPay {
    /// What happened, in order.
    #[category(Financial)]
    pub movements: Vec<Movement>,
    /// What somebody proposes to write off.
    #[category(Financial)]
    pub proposed: Option<WriteOff>,
}

impl SettlementToPay {
    pub(crate) fn into_settlement(self) -> Settlement {
        Settlement { movements: self.movements, proposed: self.proposed }
    }
}

/// A settlement, for the statement of the member who is paid.
#[derive(View)]
#[of(Settlement)]
pub struct SettlementForStatement {
    /// What happened, in order.
    #[category(Financial)]
    pub movements: Vec<Movement>,
}

impl SettlementForStatement {
    /// The last payment.
    #[must_use]
    pub fn last_payment(&self) -> Option<PaymentId> {
        self.movements.iter().rev().find_map(|movement| match movement.kind {
            MovementKind::Paid(payment) => Some(payment),
            _ => None,
        })
    }
}
