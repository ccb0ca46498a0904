//! On what it rests that somebody acts for a person: the words of the register of representatives. Who they are, and until when
//! they do, the register says.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// Why somebody may act for a person.
    RepresentationGround, "ground of representation" {
        /// They are a parent of a minor.
        ParentOfMinor = 0 "parent-of-minor",
        /// A court appointed them, or the law does.
        Guardian = 1 "guardian",
        /// The person gave them a mandate, in person.
        PowerOfAttorney = 2 "power-of-attorney",
    }
}
