//! What the data protection officer is told of without asking. Whom it is about, who did it and why are no part of it: the
//! officer reads these on the record.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// What a message to the data protection officer is about.
    OfficerMessageKind, "kind of message" {
        /// One person's data was opened in an emergency.
        EmergencyOpened = 1 "emergency-opened",
    }
}
