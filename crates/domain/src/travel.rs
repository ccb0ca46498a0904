//! What somebody answers who travels: the example of a form with a notice of its own. It is taken in under a
//! supplement and obeys it; nothing here knows which.

use crate::{Country, Date, Personal, PhoneNumber};

/// The answers to a travel questionnaire.
#[derive(Clone, PartialEq, Eq, Personal)]
#[personal(kind = TravelQuestionnaire, retention = Membership)]
pub struct TravelQuestionnaire {
    /// Where they are reached on the way.
    #[category(Identity)]
    #[tag(1)]
    pub phone: PhoneNumber,
    /// Where they travel.
    #[category(Other)]
    #[tag(2)]
    pub destination: Country,
    /// The first day there.
    #[category(Other)]
    #[tag(3)]
    pub arrival: Date,
    /// The last day there.
    #[category(Other)]
    #[tag(4)]
    pub departure: Date,
}
