//! A payment card, as a payment provider keeps it for us: a token in place of the number, and the last four digits, by
//! which the person knows it again. The number itself is taken in nowhere.

use crate::{CardToken, LastDigits, PaymentProvider, Personal};

/// A payment card that premiums may be collected from.
#[derive(Clone, PartialEq, Eq, Personal)]
#[personal(kind = PaymentCard, retention = Accounting)]
pub struct PaymentCard {
    /// The payment provider that keeps the card.
    #[category(PaymentCard)]
    #[tag(1)]
    pub provider: PaymentProvider,
    /// What the provider gives in place of the number: of use to nobody but us, and to us only there.
    #[category(PaymentCard)]
    #[tag(2)]
    pub token: CardToken,
    /// The last four digits of the number.
    #[category(PaymentCard)]
    #[tag(3)]
    pub last_digits: LastDigits,
}
