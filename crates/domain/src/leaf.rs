//! Leaf types: single personal values. Their Debug is redacted, they have no Display and no
//! Serialize; `reveal` is for faces alone (pages, documents, files that a grant covers).

use std::fmt;

use minicbor::{Decode, Encode};

use crate::ParseError;

macro_rules! leaves {
    ($($(#[$meta:meta])* $name:ident, $what:literal, $max:literal $(, $check:expr)?;)+) => { $(
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
    PersonName, "name", 200;
    /// The number on the member's card.
    MemberNumber, "member number", 40;
    /// The number of a policy.
    PolicyNumber, "policy number", 40;
    /// A telephone number in international form.
    PhoneNumber, "telephone number", 32;
    /// An e-mail address.
    EmailAddress, "e-mail address", 254, |text: &str| {
        let at = text.split_once('@').filter(|(user, host)| !user.is_empty() && host.contains('.'));
        at.map(|_| ()).ok_or("not an e-mail address")
    };
    /// The lines of a postal address, joined by line separators; town and country stand in fields.
    PostalAddress, "postal address", 300;
    /// A bank account number.
    Iban, "IBAN", 42, |text: &str| {
        text.parse::<iban::Iban>().map(|_| ()).map_err(|_| "not an IBAN: check its length and check digits")
    };
    /// A bank identifier.
    Bic, "BIC", 11, |text: &str| {
        let shape = matches!(text.len(), 8 | 11) && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        let country = text.as_bytes().get(4..6).is_some_and(|letters| letters.iter().all(u8::is_ascii_uppercase));
        (shape && country).then_some(()).ok_or("not a BIC: 8 or 11 capitals and digits, the fifth and sixth a country's letters")
    };
    /// The number that a provider put on an invoice.
    InvoiceNumber, "invoice number", 60;
    /// A diagnosis code (ICD-10 or another list; opaque here).
    Diagnosis, "diagnosis code", 40;
    /// A code of a service or a product (opaque here; the plan says what matches).
    ServiceCode, "service code", 60;
}

impl ServiceCode {
    /// Whether the code begins with these characters: how a plan matches without seeing more.
    #[must_use]
    pub fn starts_with(&self, prefix: &str) -> bool {
        self.0.starts_with(prefix)
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
}
