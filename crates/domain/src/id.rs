//! An id type per noun: 16 bytes, written as a UUID. Ids are pseudonyms: random, or a keyed hash of
//! where an imported record came from; never a number that means something elsewhere.

use std::fmt;
use std::str::FromStr;

use crate::ParseError;

/// What all ids share.
pub trait Id: Copy + Eq + fmt::Display + FromStr<Err = ParseError> {
    /// The id with these bytes.
    fn from_bytes(bytes: [u8; 16]) -> Self;
    /// Its bytes.
    fn bytes(&self) -> &[u8; 16];
}

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident, $what:literal;)+) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// The id with these bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self { Self(bytes) }
            /// Its bytes.
            #[must_use]
            pub const fn bytes(&self) -> &[u8; 16] { &self.0 }
        }

        impl Id for $name {
            fn from_bytes(bytes: [u8; 16]) -> Self { Self(bytes) }
            fn bytes(&self) -> &[u8; 16] { &self.0 }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = ParseError;
            fn try_from(bytes: &[u8]) -> Result<Self, ParseError> {
                bytes.try_into().map(Self).map_err(|_| ParseError::Shape { what: $what, problem: "an id has 16 bytes" })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.pad(&text(&self.0)) }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), text(&self.0))
            }
        }

        impl FromStr for $name {
            type Err = ParseError;
            fn from_str(written: &str) -> Result<Self, ParseError> {
                parse(written).map(Self).ok_or(ParseError::Shape {
                    what: $what,
                    problem: "an id is written as 32 hexadecimal digits with hyphens, like 00000000-0000-0000-0000-000000000000",
                })
            }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self, e: &mut minicbor::Encoder<W>, _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.bytes(&self.0)?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                d.bytes()?.try_into().map(Self).map_err(|_| minicbor::decode::Error::message("an id has 16 bytes"))
            }
        }
    )+ };
}

ids! {
    /// The person the data is about.
    SubjectId, "subject id";
    /// The business of one principal.
    PortfolioId, "portfolio id";
    /// An employer or fund that sponsors a plan.
    SponsorId, "sponsor id";
    /// An organisation in a portfolio's register of recipients.
    RecipientId, "recipient id";
    /// Someone or something that asks: staff, a service, a job, a member.
    ActorId, "actor id";
    /// One request, from its first byte to its answer.
    RequestId, "request id";
    /// A version of a benefit plan.
    PlanId, "plan id";
    /// A span of cover.
    CoverageId, "coverage id";
    /// A claim.
    ClaimId, "claim id";
    /// A guarantee of payment.
    GuaranteeId, "guarantee id";
    /// A payment to a member or a provider.
    PaymentId, "payment id";
    /// A batch: of postings, of payments.
    BatchId, "batch id";
    /// A provider of care; also the subject that its personal data is about.
    ProviderId, "provider id";
    /// A sealed record of any kind: the id of its noun.
    RecordId, "record id";
    /// What staff or a job work on: a claim, a call, a case, a run.
    WorkItemId, "work item id";
    /// A legal matter in a portfolio's register of them.
    MatterId, "matter id";
    /// A just-in-time notice under which data was collected; all zeros for none.
    SupplementId, "supplement id";
}

macro_rules! same_bytes {
    ($($from:ident => $to:ident),+ $(,)?) => { $(
        impl From<$from> for $to {
            fn from(id: $from) -> Self { Self(id.0) }
        }
    )+ };
}

same_bytes! {
    SubjectId => RecordId, CoverageId => RecordId, ClaimId => RecordId, PaymentId => RecordId,
    ProviderId => RecordId, ProviderId => SubjectId, SubjectId => ProviderId,
    ClaimId => WorkItemId, BatchId => WorkItemId, RequestId => WorkItemId, PaymentId => WorkItemId,
    GuaranteeId => RecordId, GuaranteeId => WorkItemId, MatterId => WorkItemId,
}

/// As a UUID is written: hyphens before the bytes 4, 6, 8 and 10.
fn text(bytes: &[u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.extend(
            [byte >> 4, byte & 15].into_iter().filter_map(|digit| char::from_digit(u32::from(digit), 16)),
        );
    }
    text
}

/// Hyphens may stand anywhere, or nowhere.
fn parse(written: &str) -> Option<[u8; 16]> {
    let mut digits = written.bytes().filter(|byte| *byte != b'-').map(|byte| char::from(byte).to_digit(16));
    let mut bytes = [0; 16];
    for byte in &mut bytes {
        let (high, low) = (digits.next()??, digits.next()??);
        *byte = u8::try_from(high << 4 | low).ok()?;
    }
    digits.next().is_none().then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_written_as_a_uuid_and_read_back() {
        let id = SubjectId::from_bytes(*b"0123456789abcdef");
        assert_eq!(id.to_string(), "30313233-3435-3637-3839-616263646566");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!("30313233-3435".parse::<SubjectId>().is_err());
        assert!("+0313233343536373839616263646566".parse::<SubjectId>().is_err());
        assert!("30313233-3435-3637-3839-6162636465667".parse::<SubjectId>().is_err(), "a digit too many");
        assert!("é0313233343536373839616263646566".parse::<SubjectId>().is_err(), "no digit");
        assert_eq!("3031323334353637-38396162636465-66".parse(), Ok(id), "where hyphens stand says nothing");
        assert_eq!(
            "30313233-3435-3637-3839-61626364656F".parse(),
            Ok(SubjectId::from_bytes(*b"0123456789abcdeo"))
        );
    }
}
