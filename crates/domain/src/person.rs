//! A person: member, dependant or contact. Credentials stand elsewhere; cover stands in `coverage`.

use crate::vocabulary::vocabulary;
use crate::{
    Bic, Country, Date, EmailAddress, Iban, MemberNumber, PersonName, Personal, PhoneNumber, PostalAddress,
};

vocabulary! {
    /// Administrative sex, as FHIR names it.
    Sex, "sex" {
        /// Female.
        Female = 0 "female",
        /// Male.
        Male = 1 "male",
        /// Other.
        Other = 2 "other",
        /// Not known.
        Unknown = 3 "unknown",
    }
}

/// Who someone is.
#[derive(Clone, PartialEq, Eq, Personal)]
#[personal(kind = Person, retention = Membership)]
pub struct Person {
    /// Name as printed.
    #[category(Identity)]
    #[tag(1)]
    pub name: PersonName,
    /// Birth date.
    #[category(Identity)]
    #[tag(2)]
    pub birth_date: Date,
    /// Administrative sex.
    #[category(Identity)]
    #[tag(3)]
    pub sex: Sex,
    /// Street lines of the postal address.
    #[category(Identity)]
    #[tag(4)]
    pub address: Option<PostalAddress>,
    /// Town, with its postal code.
    #[category(Identity)]
    #[tag(5)]
    pub town: Option<PostalAddress>,
    /// Country of residence.
    #[category(Identity)]
    #[tag(6)]
    pub country: Option<Country>,
    /// E-mail address.
    #[category(Identity)]
    #[tag(7)]
    pub email: Option<EmailAddress>,
    /// Telephone number.
    #[category(Identity)]
    #[tag(8)]
    pub phone: Option<PhoneNumber>,
    /// Date of death.
    #[category(Identity)]
    #[tag(9)]
    pub death_date: Option<Date>,
    /// Number on the card.
    #[category(MemberId)]
    #[tag(10)]
    pub member_number: MemberNumber,
    /// Account that reimbursements go to.
    #[category(Financial)]
    #[tag(11)]
    pub account: Option<Iban>,
    /// That account's bank.
    #[category(Financial)]
    #[tag(12)]
    pub bank: Option<Bic>,
}
