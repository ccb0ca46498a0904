//! Marks: keyed codes of what claims of a portfolio may share, or have in common with a register. Equal ones have the same code, and nobody
//! finds the value from it. What they are made of, names' words among it, is a format: ARCHITECTURE.md has it.
//! A computation makes them of what its grant covers; what is made of equal codes is the screen's.

use domain::{Currency, Date, Iban, InvoiceNumber, PersonName, ProviderId, name_search};

use crate::Writer;

/// Care as a claim tells it without saying what it was.
#[derive(Clone, Copy)]
pub struct Care {
    /// Who gave it.
    pub provider: ProviderId,
    /// Its first day.
    pub first: Date,
    /// What is charged, in minor units.
    pub charged: i64,
    /// In which currency.
    pub currency: Currency,
}

/// What is coded: its number is the mark's kind.
pub enum Mark<'a> {
    /// An invoice: its number, and for what it is.
    Document(&'a InvoiceNumber, Care),
    /// The account that somebody is paid to.
    Account(&'a Iban),
    /// A provider on a day.
    ProviderDay(ProviderId, Date),
    /// A provider.
    Provider(ProviderId),
    /// A provider in the register of those who are excluded.
    Excluded(ProviderId),
    /// A family of codes of levels, by what it is made of.
    Levels(&'a str),
    /// A provider among those who claim such codes: another code than that of the provider alone.
    ProviderLevels(&'a str, ProviderId),
    /// Care of whoever has this name, in whatever spelling that a search would find, and was born on this day.
    CareOfPerson(&'a PersonName, Date, Care),
    /// Care for which this account is paid, of whoever was born on this day.
    CareOfAccountBorn(&'a Iban, Date, Care),
    /// The same of whoever has this name, in whatever spelling.
    CareOfAccountNamed(&'a Iban, &'a PersonName, Care),
    /// Care of whomever.
    Care(Care),
}

/// A code, with the number of what it is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarkToken {
    /// Of what.
    pub kind: i64,
    /// The code.
    pub token: [u8; 16],
}

impl MarkToken {
    /// The kind of a mark of a document.
    pub const DOCUMENT: i64 = 1;
    /// The kind of a mark of an account.
    pub const ACCOUNT: i64 = 2;
    /// The kind of a mark of a provider on a day.
    pub const PROVIDER_DAY: i64 = 3;
    /// The kind of a mark of a provider.
    pub const PROVIDER: i64 = 4;
    /// The kind of a mark of an excluded provider: no claim is stored with it.
    pub const EXCLUDED: i64 = 5;
    /// The kind of a mark of care of somebody with a name and birth date.
    pub const CARE_OF_PERSON: i64 = 6;
    /// The kind of a mark of care that is paid to an account, of somebody with a birth date.
    pub const CARE_OF_ACCOUNT_BORN: i64 = 7;
    /// The kind of a mark of a family of codes. No claim is stored with it, nor with the two that follow.
    pub const LEVELS: i64 = 8;
    /// The same, of a line at the high level.
    pub const HIGH_LEVELS: i64 = 9;
    /// The kind of a mark of a provider among those who claim a family of codes.
    pub const PROVIDER_LEVELS: i64 = 10;
    /// The kind of a mark of care that is paid to an account, of somebody with a name.
    pub const CARE_OF_ACCOUNT_NAMED: i64 = 11;
    /// The kind of a mark of care.
    pub const CARE: i64 = 12;

    /// Whether it is of care of whoever two of name, birth date and account are the same of.
    #[must_use]
    pub const fn is_same_person(&self) -> bool {
        matches!(self.kind, Self::CARE_OF_PERSON | Self::CARE_OF_ACCOUNT_BORN | Self::CARE_OF_ACCOUNT_NAMED)
    }
}

impl Writer<'_> {
    /// The code of something, in the portfolio of the grant.
    #[must_use]
    pub fn mark(&self, mark: &Mark<'_>) -> MarkToken {
        // As it is written, apart from case and blanks.
        let plain = |text: &str| {
            text.chars()
                .filter(|letter| letter.is_alphanumeric())
                .flat_map(char::to_uppercase)
                .collect::<String>()
        };
        let code = |kind: i64, parts: &[&[u8]]| {
            let token = self.site_keys().mark_token(self.portfolio(), kind, parts);
            MarkToken { kind, token }
        };
        let number = |day: &Date| day.number().to_be_bytes();
        // By words, so that it does not matter in which order they are written.
        let words =
            |name: &PersonName| name_search::sought(name.reveal()).into_iter().collect::<Vec<_>>().join(" ");
        let of_care = |kind: i64, of: &[&[u8]], care: &Care| {
            let (first, charged) = (number(&care.first), care.charged.to_be_bytes());
            let currency = care.currency.number().to_be_bytes();
            let care: [&[u8]; 4] = [care.provider.bytes(), &first, &charged, &currency];
            code(kind, &[of, &care[..]].concat())
        };
        match mark {
            Mark::Document(invoice, care) => {
                of_care(MarkToken::DOCUMENT, &[invoice.plain().as_bytes()], care)
            }
            Mark::Account(account) => code(MarkToken::ACCOUNT, &[plain(account.reveal()).as_bytes()]),
            Mark::ProviderDay(provider, day) => {
                code(MarkToken::PROVIDER_DAY, &[provider.bytes(), &number(day)])
            }
            Mark::Provider(provider) => code(MarkToken::PROVIDER, &[provider.bytes()]),
            Mark::Levels(family) => code(MarkToken::LEVELS, &[family.as_bytes()]),
            Mark::ProviderLevels(family, provider) => {
                code(MarkToken::PROVIDER_LEVELS, &[family.as_bytes(), provider.bytes()])
            }
            Mark::CareOfPerson(name, born, care) => {
                of_care(MarkToken::CARE_OF_PERSON, &[words(name).as_bytes(), &number(born)], care)
            }
            Mark::CareOfAccountBorn(account, born, care) => {
                let account = plain(account.reveal());
                of_care(MarkToken::CARE_OF_ACCOUNT_BORN, &[account.as_bytes(), &number(born)], care)
            }
            Mark::CareOfAccountNamed(account, name, care) => {
                let of = (plain(account.reveal()), words(name));
                of_care(MarkToken::CARE_OF_ACCOUNT_NAMED, &[of.0.as_bytes(), of.1.as_bytes()], care)
            }
            Mark::Care(care) => of_care(MarkToken::CARE, &[], care),
            Mark::Excluded(provider) => code(MarkToken::EXCLUDED, &[provider.bytes()]),
        }
    }
}
