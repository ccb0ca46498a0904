//! Material that somebody supplies without saying what it is: a letter, a scan. Until a person has looked at it, it is
//! [`Unclassified`], which nobody but the person who classifies it may open; then it is a record of its category, or it
//! is destroyed. What is in it nobody here reads, and a scan is not searched.

use minicbor::{Decode, Encode};

use crate::redacted::redacted;
use crate::vocabulary::vocabulary;
use crate::{ParseError, Personal, no_card_number};

vocabulary! {
    /// Where material that came without a category stands.
    QuarantineState, "quarantine state" {
        /// It waits for somebody to classify it.
        Waiting = 0 "waiting",
        /// It is a record of its category now.
        Classified = 1 "classified",
        /// Somebody refused it, and it was destroyed.
        Refused = 2 "refused",
        /// Nobody classified it in time, and it was destroyed.
        Lapsed = 3 "lapsed",
    }
}

vocabulary! {
    /// Why material that came was not kept.
    RefusalReason, "reason" {
        /// It is about somebody else.
        OtherPerson = 1 "other-person",
        /// It cannot be read.
        Unreadable = 2 "unreadable",
        /// It is here already.
        Duplicate = 3 "duplicate",
        /// No use here needs it.
        NotNeeded = 4 "not-needed",
        /// It shows the full number of a payment card.
        CardNumber = 5 "card-number",
    }
}

/// A text or a file, as it came.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Material {
    /// What kind of file, as whoever sent it says: `text/plain`, `application/pdf`.
    #[n(0)]
    media_type: String,
    /// Its bytes.
    #[cbor(n(1), with = "minicbor::bytes")]
    content: Vec<u8>,
}

impl Material {
    /// The most that one may hold.
    pub const MAX_BYTES: usize = 1024 * 1024;

    /// Takes material as it came. Text is searched for a payment card's number; what is no text is not.
    ///
    /// # Errors
    /// Empty, too large, of a kind that is not written as one, or with a payment card's number.
    pub fn parse(media_type: &str, content: Vec<u8>) -> Result<Self, ParseError> {
        let refuse = |what, problem| Err(ParseError::Shape { what, problem });
        let is_part = |part: &str| {
            (1..=60).contains(&part.len())
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-+.".contains(&byte))
        };
        let Some((kind, sub_kind)) = media_type.split_once('/') else {
            return refuse("media type", "write a kind of file, for instance `text/plain`");
        };
        if !is_part(kind) || !is_part(sub_kind) {
            return refuse("media type", "write a kind of file, for instance `text/plain`");
        }
        if content.is_empty() {
            return refuse("material", "empty");
        }
        if content.len() > Self::MAX_BYTES {
            return refuse("material", "longer than 1 MiB: send it in parts");
        }
        if let Ok(text) = std::str::from_utf8(&content) {
            no_card_number("material", text)?;
        }
        Ok(Self { media_type: media_type.to_ascii_lowercase(), content })
    }

    /// What kind of file it is, as whoever sent it said.
    #[must_use]
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// Its bytes: for faces.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        &self.content
    }
}

redacted!(Material);

macro_rules! supplied {
    ($($(#[$meta:meta])* $name:ident of $category:ident;)+) => { $(
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Personal)]
        #[personal(kind = $name, retention = Communication)]
        pub struct $name {
            /// What was supplied, as it came.
            #[category($category)]
            #[tag(1)]
            pub material: Material,
        }
    )+ };
}

supplied! {
    /// Material that nobody has classified yet.
    Unclassified of Unclassified;
    /// Material that says who somebody is, or how to reach them.
    SuppliedIdentity of Identity;
    /// Material about accounts and amounts.
    SuppliedFinancial of Financial;
    /// Material about health.
    SuppliedHealth of Health;
    /// Material that belongs to a claim.
    SuppliedClaims of Claims;
    /// Material about a plan or its benefits.
    SuppliedPlan of Plan;
    /// Material about whether and when somebody is covered.
    SuppliedEligibility of Eligibility;
    /// Material that is none of these.
    SuppliedOther of Other;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn material_is_taken_as_it_came_or_refused_without_being_repeated() {
        let letter = Material::parse("text/Plain", b"My back hurts.".to_vec()).unwrap();
        assert_eq!((letter.media_type(), letter.reveal()), ("text/plain", b"My back hurts.".as_slice()));
        assert_eq!(format!("{letter:?}"), "Material(redacted)");
        let large = vec![b'x'; Material::MAX_BYTES + 1];
        let card = b"Charge 4111 1111 1111 1111, please.".to_vec();
        for (media_type, content, says) in [
            ("text", b"a".to_vec(), "media type: "),
            ("text/plain; charset=utf-8", b"a".to_vec(), "media type: "),
            ("/plain", b"a".to_vec(), "media type: "),
            ("text/plain", Vec::new(), "material: empty"),
            ("text/plain", large, "material: longer"),
            ("text/plain", card.clone(), "material: holds what looks like"),
            // Whatever it is said to be: text is text.
            ("application/pdf", card, "material: holds what looks like"),
        ] {
            let message = Material::parse(media_type, content).unwrap_err().to_string();
            assert!(message.starts_with(says) && !message.contains("1111"), "{message}");
        }
        // No text: bytes that are no UTF-8 are a scan's, and say nothing here.
        assert!(Material::parse("image/png", [&[0xff][..], b"4111111111111111"].concat()).is_ok());
    }
}
