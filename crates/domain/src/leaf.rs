//! Leaf types: single personal values. Their Debug is redacted, they have no Display and no
//! Serialize; `reveal` is for faces alone (pages, documents, files that a grant covers).
//!
//! Each is a `text` that people write, which is refused when it holds a payment card's number
//! ([`crate::no_card_number`]), or an `identifier`, which is not searched. Personal fields have no other texts:
//! the derive refuses a `String`.

use std::fmt;

use minicbor::{Decode, Encode};

use crate::ParseError;

macro_rules! leaves {
    (@search text $what:literal $value:ident) => { crate::no_card_number($what, $value)?; };
    (@search identifier $what:literal $value:ident) => {};
    ($($(#[$meta:meta])* $name:ident: $search:ident, $what:literal, $max:literal $(, $check:expr)?;)+) => { $(
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
        #[cbor(transparent)]
        pub struct $name(#[n(0)] String);

        impl $name {
            /// Reads the value; white space around it goes. The error does not repeat it.
            pub fn parse(text: &str) -> Result<Self, ParseError> {
                let text = text.trim();
                let shape = |problem| ParseError::Shape { what: $what, problem };
                if text.is_empty() { return Err(shape("empty")); }
                if text.chars().count() > $max { return Err(shape(concat!("longer than ", $max, " characters"))); }
                if text.chars().any(char::is_control) { return Err(shape("contains a control character")); }
                leaves!(@search $search $what text);
                $( if let Err(problem) = ($check)(text) { return Err(shape(problem)); } )?
                Ok(Self(text.to_owned()))
            }

            /// The value itself: for faces, and for keyed look-up tokens in the gate.
            #[must_use]
            pub fn reveal(&self) -> &str { &self.0 }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }
    )+ };
}

leaves! {
    /// A person's name as printed, family name last.
    PersonName: text, "name", 200;
    /// The number on the member's card.
    MemberNumber: identifier, "member number", 40;
    /// The number of a policy.
    PolicyNumber: identifier, "policy number", 40;
    /// A telephone number in international form.
    PhoneNumber: identifier, "telephone number", 32;
    /// An e-mail address.
    EmailAddress: identifier, "e-mail address", 254, |text: &str| {
        let at = text.split_once('@').filter(|(user, host)| !user.is_empty() && host.contains('.'));
        at.map(|_| ()).ok_or("not an e-mail address")
    };
    /// The lines of a postal address, joined by line separators; town and country stand in fields.
    PostalAddress: text, "postal address", 300;
    /// A bank account number.
    Iban: identifier, "IBAN", 42, |text: &str| {
        text.parse::<iban::Iban>().map(|_| ()).map_err(|_| "not an IBAN: check its length and check digits")
    };
    /// A bank identifier.
    Bic: identifier, "BIC", 11, |text: &str| {
        let shape = matches!(text.len(), 8 | 11) && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        let country = text.as_bytes().get(4..6).is_some_and(|letters| letters.iter().all(u8::is_ascii_uppercase));
        (shape && country).then_some(()).ok_or("not a BIC: 8 or 11 capitals and digits, the fifth and sixth a country's letters")
    };
    /// A plan's name as printed.
    PlanName: text, "plan name", 200;
    /// A module of a plan that somebody has, as the plan names it.
    ModuleName: text, "module", 200;
    /// A paper that came with a claim, as a plan calls it: `prescription`.
    DocumentName: text, "document", 60;
    /// The number that a provider put on an invoice.
    InvoiceNumber: identifier, "invoice number", 60;
    /// The name of a payment provider: an organisation.
    PaymentProvider: text, "payment provider", 100;
    /// What a payment provider gives in place of a card's number. Searched as a text is: the number itself, typed
    /// here by mistake, is refused.
    CardToken: text, "payment provider's token", 200, |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_graphic()).then_some(()).ok_or("not a token: it has no blanks and only ASCII characters")
    };
    /// The last four digits of a payment card's number.
    LastDigits: identifier, "last digits", 4, |text: &str| {
        let four = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        four.then_some(()).ok_or("not the last four digits of a card")
    };
    /// Why somebody decided a case or an appeal as they did, or on which grounds somebody appeals.
    CaseReason: text, "reason", 2000;
    /// Which insurer or organisation is liable for what a claim was about, and how it calls the matter.
    LiableParty: text, "liable party", 300;
    /// By which list of whom a provider is excluded, as people call it.
    ExclusionList: text, "list of exclusions", 300;
    /// How a bank, or whoever paid, calls a payment that was received.
    ReceiptReference: identifier, "reference of a receipt", 140;
    /// A diagnosis code (ICD-10 or another list; opaque here).
    Diagnosis: identifier, "diagnosis code", 40;
    /// A code of a service or a product (opaque here; the plan says what matches).
    ServiceCode: identifier, "service code", 60;
}

impl InvoiceNumber {
    /// What it begins with, and the number that it ends in; none when it ends in no digit, or in more than 18.
    #[must_use]
    pub fn serial(&self) -> Option<(&str, u64)> {
        let prefix = self.0.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = self.0.get(prefix.len()..).filter(|digits| digits.len() <= 18)?;
        Some((prefix, digits.parse().ok()?))
    }

    /// Its letters and digits in capitals: how two that are written with other blanks and signs are compared.
    #[must_use]
    pub fn plain(&self) -> String {
        self.0.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_uppercase).collect()
    }
}

impl ModuleName {
    /// Whether it is the plan's module of this name.
    #[must_use]
    pub fn is(&self, module: &str) -> bool {
        self.0 == module
    }
}

impl DocumentName {
    /// Whether it is what a plan calls so.
    #[must_use]
    pub fn is(&self, document: &str) -> bool {
        self.0 == document
    }
}

impl ServiceCode {
    /// Whether the code begins with these characters: how a plan matches without seeing more. Most codes differ in the first,
    /// so that one after the other is quicker than all together.
    #[must_use]
    #[inline]
    pub fn starts_with(&self, prefix: &str) -> bool {
        let mut own = self.0.bytes();
        prefix.bytes().all(|byte| own.next() == Some(byte))
    }

    /// Whether this is the other service or a finer one: its code begins with the other's.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }
}

impl Diagnosis {
    /// Whether this is the other diagnosis or a finer one: codes are hierarchies of prefixes.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// Whether the code begins with these characters.
    #[must_use]
    pub fn starts_with(&self, prefix: &str) -> bool {
        self.0.starts_with(prefix)
    }

    /// The category of the code, its first three characters, as a number that is zero for no code.
    #[must_use]
    pub fn category(&self) -> u32 {
        self.0.bytes().take(3).fold(0, |number, byte| number << 8 | u32::from(byte))
    }

    /// How many digits come after the category, behind a point or not.
    #[must_use]
    pub fn digits_after_category(&self) -> usize {
        self.0.bytes().skip(3).filter(u8::is_ascii_digit).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaf_never_prints_its_value() {
        let name = PersonName::parse("  Ada Lovelace ").unwrap();
        assert_eq!(format!("{name:?}"), "PersonName(redacted)");
        assert_eq!(name.reveal(), "Ada Lovelace");
        let refused = Iban::parse("BE00 0000 0000 0001").unwrap_err().to_string();
        assert!(!refused.contains("0000"), "{refused}");
        assert!(Iban::parse("BE68539007547034").is_ok());
        assert!(EmailAddress::parse("nobody").is_err());
        assert!(Bic::parse("BNAGBEBB").is_ok());
        assert!(Bic::parse("12345678").is_err());
    }

    #[test]
    fn a_text_holds_no_card_number_and_an_identifier_is_not_searched() {
        let number = "4111 1111 1111 1111";
        for refused in [
            PersonName::parse(&format!("Ada Lovelace {number}")).map(drop),
            PostalAddress::parse(&format!("Rue Neuve 1, {number}")).map(drop),
            PlanName::parse(number).map(drop),
        ] {
            let message = refused.unwrap_err().to_string();
            assert!(message.contains("payment card") && !message.contains("11"), "{message}");
        }
        assert!(MemberNumber::parse(number).is_ok() && PolicyNumber::parse(number).is_ok());
        assert!(InvoiceNumber::parse(number).is_ok() && ServiceCode::parse("4006381333931").is_ok());
    }
}
