//! Retention classes: data that is kept, and destroyed, together. How long is the notice's to say.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// Data that is kept and destroyed together; each (subject, category, class) has a key of its own.
    RetentionClass, "retention class" {
        /// Who someone is and what cover they have.
        Membership = 0 "membership",
        /// Claims, determinations and what was counted for them.
        Claims = 1 "claims",
        /// Payments and postings, which accounting law keeps.
        Accounting = 2 "accounting",
        /// Messages, chats, surveys.
        Communication = 3 "communication",
        /// The record of disclosures.
        Disclosure = 4 "disclosure",
    }
}
