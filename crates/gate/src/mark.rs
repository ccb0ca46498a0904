//! Marks: keyed codes of what claims of a portfolio may share, or have in common with a register. Equal ones have the same code, and nobody
//! finds the value from it. A computation makes them of what its grant covers; what is made of equal codes is the screen's.

use domain::{Date, Iban, InvoiceNumber, PersonName, ProviderId, name_search};

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
}

/// What is coded: its number is the mark's kind.
pub enum Mark<'a> {
    /// An invoice: whose, its number, its first day and what it charges, in minor units.
    Document(ProviderId, &'a InvoiceNumber, Date, i64),
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
    /// Care for which this account is paid.
    CareOfAccount(&'a Iban, Care),
}

/// A code, with the number of what it is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarkToken {
    /// Of what.
    pub kind: i64,
    /// The code.
    pub token: [u8; 32],
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
    /// The kind of a mark of care that is paid to an account.
    pub const CARE_OF_ACCOUNT: i64 = 7;
    /// The kind of a mark of a family of codes. No claim is stored with it, nor with the two that follow.
    pub const LEVELS: i64 = 8;
    /// The same, of a line at the high level.
    pub const HIGH_LEVELS: i64 = 9;
    /// The kind of a mark of a provider among those who claim a family of codes.
    pub const PROVIDER_LEVELS: i64 = 10;
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
        match mark {
            Mark::Document(provider, invoice, day, charged) => code(
                MarkToken::DOCUMENT,
                &[provider.bytes(), invoice.plain().as_bytes(), &number(day), &charged.to_be_bytes()],
            ),
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
                // By words, so that it does not matter in which order they are written.
                let name = name_search::sought(name.reveal()).into_iter().collect::<Vec<_>>().join(" ");
                let (born, first, charged) = (number(born), number(&care.first), care.charged.to_be_bytes());
                let care: [&[u8]; 3] = [care.provider.bytes(), &first, &charged];
                code(MarkToken::CARE_OF_PERSON, &[&[name.as_bytes(), &born], &care[..]].concat())
            }
            Mark::CareOfAccount(account, care) => {
                let (first, charged) = (number(&care.first), care.charged.to_be_bytes());
                code(
                    MarkToken::CARE_OF_ACCOUNT,
                    &[plain(account.reveal()).as_bytes(), care.provider.bytes(), &first, &charged],
                )
            }
            Mark::Excluded(provider) => code(MarkToken::EXCLUDED, &[provider.bytes()]),
        }
    }
}
