//! Exclusions of providers of care: from which day until which one a provider may not give care that is paid for, and who says so. It is
//! entered by hand or from a list; nothing is fetched, and no claim is refused by it.

use minicbor::{Decode, Encode};

use crate::redacted::redacted;
use crate::{ActorId, Date, ExclusionList, Personal};

/// That a provider is excluded for a time.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Exclusion {
    /// The first day.
    #[n(0)]
    pub first: Date,
    /// The last day; none while it is open.
    #[n(1)]
    pub last: Option<Date>,
    /// By which list.
    #[n(2)]
    pub list: ExclusionList,
    /// The day on which it was entered or changed last.
    #[n(3)]
    pub entered: Date,
    /// By whom.
    #[n(4)]
    pub by: ActorId,
}

impl Exclusion {
    /// Whether a day is one of both.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.last.is_none_or(|last| other.first <= last) && other.last.is_none_or(|last| self.first <= last)
    }
}

/// The exclusions of a provider. It has the provider's id.
#[derive(Clone, Default, PartialEq, Eq, Personal)]
#[personal(kind = Exclusions, retention = Claims)]
pub struct Exclusions {
    /// Each, by its first day; no two overlap.
    #[category(Claims)]
    #[tag(1)]
    pub spans: Vec<Exclusion>,
}

redacted!(Exclusion);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_in_common_are_found_also_of_what_has_no_end() {
        let from_to = |first: &str, last: Option<&str>| Exclusion {
            first: first.parse().unwrap(),
            last: last.map(|last| last.parse().unwrap()),
            list: ExclusionList::parse("List 1").unwrap(),
            entered: "2026-11-01".parse().unwrap(),
            by: ActorId::from_bytes([1; 16]),
        };
        let (early, late) = (from_to("2026-01-01", Some("2026-03-31")), from_to("2026-04-01", None));
        assert!(!early.overlaps(&late) && !late.overlaps(&early));
        let between = from_to("2026-03-31", Some("2026-04-01"));
        assert!(early.overlaps(&between) && between.overlaps(&late));
        assert!(late.overlaps(&from_to("2030-01-01", None)));
    }
}
