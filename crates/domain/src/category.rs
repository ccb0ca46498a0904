//! The categories of personal data that the notice names. Finer ones may be added; coarser never.

use crate::vocabulary::{vocabulary, vocabulary_set};

vocabulary! {
    /// A class of personal data, as the notice names it.
    Category, "category" {
        /// Name, postal and e-mail address, telephone, birth date, sex, language.
        Identity = 0 "identity",
        /// Bank account, reference salary, amounts owed and paid.
        Financial = 1 "financial",
        /// Diagnoses, services, treatment, exclusions for health reasons, what limits were used for.
        Health = 2 "health",
        /// A payment provider's token and the last four digits; never a full number.
        PaymentCard = 3 "payment-card",
        /// The number on the member's card.
        MemberId = 4 "member-id",
        /// Password and PIN hashes, authenticator seeds. Never shown to anyone.
        Credentials = 5 "credentials",
        /// Claims: dates, provider, amounts, status, reasons.
        Claims = 6 "claims",
        /// Plan, benefits and coverage.
        Plan = 7 "plan",
        /// Whether and when someone is covered, here and by another payer.
        Eligibility = 8 "eligibility",
        /// Anything else that was supplied.
        Other = 9 "other",
        /// What was supplied without saying what it is, until somebody has classified it.
        Unclassified = 10 "unclassified",
    }
}

vocabulary_set! {
    /// A set of categories.
    CategorySet of Category
}
