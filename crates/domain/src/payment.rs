//! A payment to a member or provider: what the bank is told, and nothing about why.

use crate::vocabulary::vocabulary;
use crate::{Bic, Country, Date, Iban, Money, PersonName, Personal, PostalAddress};

vocabulary! {
    /// Where a payment stands.
    PaymentState, "payment state" {
        /// In a batch, not yet in a file.
        Batched = 0 "batched",
        /// Written to a bank file.
        Exported = 1 "exported",
    }
}

/// A payment.
#[derive(Clone, PartialEq, Eq, Personal)]
#[personal(kind = Payment, retention = Accounting)]
pub struct Payment {
    /// Who is paid, as the bank knows them.
    #[category(Identity)]
    #[tag(1)]
    pub name: PersonName,
    /// Town, with its postal code: banks want a structured address.
    #[category(Identity)]
    #[tag(2)]
    pub town: Option<PostalAddress>,
    /// Country.
    #[category(Identity)]
    #[tag(3)]
    pub country: Option<Country>,
    /// The account.
    #[category(Financial)]
    #[tag(4)]
    pub account: Iban,
    /// Its bank.
    #[category(Financial)]
    #[tag(5)]
    pub bank: Option<Bic>,
    /// The amount.
    #[category(Financial)]
    #[tag(6)]
    pub amount: Money,
    /// The day it is to be carried out.
    #[category(Financial)]
    #[tag(7)]
    pub execution: Date,
}
