//! The languages that fixed words (documents, pages, notices) are written in.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// A language, by its ISO 639-1 code.
    Language, "language" {
        /// English.
        English = 0 "en",
        /// Dutch.
        Dutch = 1 "nl",
        /// French.
        French = 2 "fr",
        /// German.
        German = 3 "de",
    }
}
