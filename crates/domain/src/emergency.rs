//! What the officer finds of an access in an emergency. Why somebody opened the data is a record of the person's, not a
//! word of a list: it may say anything about them.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// What was found of an access in an emergency.
    EmergencyOutcome, "outcome" {
        /// It could not wait.
        Justified = 1 "justified",
        /// It could have waited, or was none: an incident.
        NotJustified = 2 "not-justified",
    }
}
