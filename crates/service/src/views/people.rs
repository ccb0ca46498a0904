//! The views of people for what they have a right to, and for programmes. Where one is only asked for, and nothing of it
//! opened, its name tells on the record what was done.

use domain::{
    Bic, Country, Date, EmailAddress, Iban, MemberNumber, Person, PersonName, PhoneNumber, PostalAddress,
    Sex, View,
};

/// Who somebody is, to correct it: all of it, since what is not corrected stays as it is.
#[derive(View)]
#[of(Person)]
pub struct PersonToCorrect {
    /// Name.
    #[category(Identity)]
    pub name: PersonName,
    /// Birth date.
    #[category(Identity)]
    pub birth_date: Date,
    /// Administrative sex.
    #[category(Identity)]
    pub sex: Sex,
    /// Street lines.
    #[category(Identity)]
    pub address: Option<PostalAddress>,
    /// Town.
    #[category(Identity)]
    pub town: Option<PostalAddress>,
    /// Country.
    #[category(Identity)]
    pub country: Option<Country>,
    /// E-mail address.
    #[category(Identity)]
    pub email: Option<EmailAddress>,
    /// Telephone number.
    #[category(Identity)]
    pub phone: Option<PhoneNumber>,
    /// Date of death.
    #[category(Identity)]
    pub death_date: Option<Date>,
    /// Number on the card.
    #[category(MemberId)]
    pub member_number: MemberNumber,
    /// Account.
    #[category(Financial)]
    pub account: Option<Iban>,
    /// Its bank.
    #[category(Financial)]
    pub bank: Option<Bic>,
}

impl PersonToCorrect {
    /// The record as it stands.
    #[must_use]
    pub fn into_person(self) -> Person {
        let Self { name, birth_date, sex, address, town, country, email, phone, death_date, .. } = self;
        let Self { member_number, account, bank, .. } = self;
        Person {
            name,
            birth_date,
            sex,
            address,
            town,
            country,
            email,
            phone,
            death_date,
            member_number,
            account,
            bank,
        }
    }
}

/// Whose data is erased on request: nothing of it opens.
#[derive(View)]
#[of(Person)]
pub struct PersonToErase {
    /// Name.
    #[category(Identity)]
    pub name: PersonName,
}

/// Of whom somebody looks up what was erased: nothing of it opens.
#[derive(View)]
#[of(Person)]
pub struct PersonWasErased {
    /// Name.
    #[category(Identity)]
    pub name: PersonName,
}

/// Somebody whom an incident concerns, as far as it takes to tell them.
#[derive(View)]
#[of(Person)]
pub struct PersonConcerned {
    /// Name.
    #[category(Identity)]
    pub name: PersonName,
    /// Street lines.
    #[category(Identity)]
    pub address: Option<PostalAddress>,
    /// Town.
    #[category(Identity)]
    pub town: Option<PostalAddress>,
    /// Country.
    #[category(Identity)]
    pub country: Option<Country>,
    /// E-mail address.
    #[category(Identity)]
    pub email: Option<EmailAddress>,
    /// Telephone number.
    #[category(Identity)]
    pub phone: Option<PhoneNumber>,
    /// Number on the card.
    #[category(MemberId)]
    pub member_number: MemberNumber,
}

/// Somebody who takes part in a programme, as those who run it reach them.
#[derive(View)]
#[of(Person)]
pub struct Participant {
    /// Name.
    #[category(Identity)]
    pub name: PersonName,
    /// Birth date.
    #[category(Identity)]
    pub birth_date: Date,
    /// E-mail address.
    #[category(Identity)]
    pub email: Option<EmailAddress>,
    /// Telephone number.
    #[category(Identity)]
    pub phone: Option<PhoneNumber>,
    /// Number on the card.
    #[category(MemberId)]
    pub member_number: MemberNumber,
}
