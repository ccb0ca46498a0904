//! How a consent came in, or its withdrawal.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// How a consent came in, or its withdrawal.
    ConsentChannel, "consent channel" {
        /// Taken over from a source that had it.
        Source = 0 "source",
        /// On a page of ours.
        Portal = 1 "portal",
        /// In a letter.
        Letter = 2 "letter",
        /// By e-mail.
        Email = 3 "email",
        /// By telephone.
        Telephone = 4 "telephone",
        /// In person.
        InPerson = 5 "in-person",
    }
}
