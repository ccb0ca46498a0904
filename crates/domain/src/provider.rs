//! A provider of care. A practitioner is a person: even a hospital's row is kept as personal data.

use crate::{Bic, Country, Iban, PersonName, Personal, PostalAddress};

/// A hospital, practice or pharmacy.
#[derive(Clone, PartialEq, Eq, Personal)]
#[personal(kind = Provider, retention = Membership)]
pub struct Provider {
    /// Name.
    #[category(Identity)]
    #[tag(1)]
    pub name: PersonName,
    /// Street lines.
    #[category(Identity)]
    #[tag(2)]
    pub address: Option<PostalAddress>,
    /// Town, with its postal code.
    #[category(Identity)]
    #[tag(3)]
    pub town: Option<PostalAddress>,
    /// Country.
    #[category(Identity)]
    #[tag(4)]
    pub country: Option<Country>,
    /// Account that payments go to.
    #[category(Financial)]
    #[tag(5)]
    pub account: Option<Iban>,
    /// That account's bank.
    #[category(Financial)]
    #[tag(6)]
    pub bank: Option<Bic>,
}
