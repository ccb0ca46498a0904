//! Kinds of subject, and kinds of record held about them.

use crate::vocabulary::{vocabulary, vocabulary_set};

vocabulary! {
    /// What a subject is to the administrator.
    SubjectKind, "kind of subject" {
        /// Someone with cover of their own.
        Member = 0 "member",
        /// A dependant: covered, and no party to the contract.
        Beneficiary = 1 "beneficiary",
        /// A sponsor's or partner's contact person.
        ContactPerson = 2 "contact-person",
        /// A practitioner or facility that provides care.
        Practitioner = 3 "practitioner",
        /// An employee of the administrator.
        Employee = 4 "employee",
        /// Someone who asks for cover, or who holds a contract without being covered.
        Customer = 5 "customer",
    }
}

vocabulary_set! {
    /// A set of kinds of subject.
    SubjectKindSet of SubjectKind
}

vocabulary! {
    /// The kind of a sealed record: its stored number is bound into every sealed value.
    RecordKind, "kind of record" {
        /// [`crate::Person`].
        Person = 1 "person",
        /// [`crate::Coverage`].
        Coverage = 2 "coverage",
        /// [`crate::Claim`].
        Claim = 3 "claim",
        /// [`crate::Determination`].
        Determination = 4 "determination",
        /// [`crate::Accumulators`].
        Accumulators = 5 "accumulators",
        /// [`crate::Posting`].
        Posting = 6 "posting",
        /// [`crate::Payment`].
        Payment = 7 "payment",
        /// [`crate::Provider`].
        Provider = 8 "provider",
        /// [`crate::PaymentCard`].
        PaymentCard = 9 "payment-card",
        /// [`crate::Unclassified`].
        Unclassified = 10 "unclassified",
        /// [`crate::SuppliedIdentity`].
        SuppliedIdentity = 11 "supplied-identity",
        /// [`crate::SuppliedFinancial`].
        SuppliedFinancial = 12 "supplied-financial",
        /// [`crate::SuppliedHealth`].
        SuppliedHealth = 13 "supplied-health",
        /// [`crate::SuppliedClaims`].
        SuppliedClaims = 14 "supplied-claims",
        /// [`crate::SuppliedPlan`].
        SuppliedPlan = 15 "supplied-plan",
        /// [`crate::SuppliedEligibility`].
        SuppliedEligibility = 16 "supplied-eligibility",
        /// [`crate::SuppliedOther`].
        SuppliedOther = 17 "supplied-other",
        /// [`crate::Guarantee`].
        Guarantee = 18 "guarantee",
        /// [`crate::TravelQuestionnaire`].
        TravelQuestionnaire = 19 "travel-questionnaire",
        /// [`crate::Proposal`].
        Proposal = 20 "proposal",
        /// [`crate::FamilySums`].
        FamilySums = 22 "family-sums",
        /// [`crate::ScreenCase`].
        ScreenCase = 24 "screen-case",
        /// [`crate::ScreenCodes`].
        ScreenCodes = 25 "screen-codes",
        /// [`crate::Appeal`].
        Appeal = 26 "appeal",
        /// [`crate::ClaimQuestions`].
        ClaimQuestions = 27 "claim-questions",
        /// [`crate::ClaimConfirmation`].
        ClaimConfirmation = 28 "claim-confirmation",
        /// [`crate::OtherPayerAnswer`].
        OtherPayerAnswer = 29 "other-payer-answer",
        /// [`crate::Settlement`].
        Settlement = 30 "settlement",
        /// [`crate::Lien`].
        Lien = 31 "lien",
        /// [`crate::ClaimFacts`].
        ClaimFacts = 32 "claim-facts",
        /// [`crate::ClaimOverrides`].
        ClaimOverrides = 33 "claim-overrides",
        /// [`crate::ClaimClosings`].
        ClaimClosings = 34 "claim-closings",
        /// [`crate::Exclusions`].
        Exclusions = 35 "exclusions",
        /// Reserved for the tests of the derive macros and the gate.
        Specimen = 250 "specimen",
    }
}
