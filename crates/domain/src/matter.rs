//! Legal matters: an order, a dispute, a duty, or an agreement between states, that a clause may ask for. It says
//! which kinds there are and what each gives; whether a matter is sound, two people judge, and not this program.

use crate::vocabulary::vocabulary;
use crate::{Condition, Country};

vocabulary! {
    /// A kind of legal matter.
    MatterKind, "kind of matter" {
        /// The order of a court, or the request of an authority.
        Order = 0 "order",
        /// One dispute, with the reasons why data is needed for it: terms, rights, remedies.
        Dispute = 1 "dispute",
        /// A law, cited with its article, that demands something.
        Duty = 2 "duty",
        /// An international agreement that orders from outside the European Economic Area rest on (GDPR article 48).
        Agreement = 3 "agreement",
    }
}

impl MatterKind {
    /// The condition of clauses that a matter of this kind gives while it is open; none of an agreement, which only
    /// bears orders.
    #[must_use]
    pub const fn gives(self) -> Option<Condition> {
        match self {
            Self::Order => Some(Condition::OrderReviewed),
            Self::Dispute => Some(Condition::DisputeReasoned),
            Self::Duty => Some(Condition::DutyCited),
            Self::Agreement => None,
        }
    }

    /// Whether a matter of this kind, of this country, opens nothing without an agreement between states: an order
    /// from outside the European Economic Area (GDPR article 48, which the EEA agreement takes over).
    #[must_use]
    pub fn needs_agreement(self, country: Option<Country>) -> bool {
        self == Self::Order && !country.is_some_and(|country| country.is_in_eea())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_from_abroad_needs_an_agreement() {
        let needs = |kind: MatterKind, code: &str| kind.needs_agreement(code.parse().ok());
        assert!(needs(MatterKind::Order, "US") && needs(MatterKind::Order, "CH"));
        assert!(!needs(MatterKind::Order, "BE") && !needs(MatterKind::Order, "NO"));
        // Of an order of nowhere in particular the more is asked.
        assert!(MatterKind::Order.needs_agreement(None));
        assert!(!needs(MatterKind::Duty, "US") && !needs(MatterKind::Dispute, "US"));
    }

    #[test]
    fn each_kind_gives_a_condition_of_its_own() {
        let given: Vec<_> = MatterKind::ALL.iter().filter_map(|kind| kind.gives()).collect();
        assert_eq!(given, [Condition::OrderReviewed, Condition::DisputeReasoned, Condition::DutyCited]);
    }
}
