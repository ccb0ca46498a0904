//! What must also hold, beside the clause, for data to open. A condition is live or not at one moment,
//! of one subject, or of the organisation that gets the data; whether it is, the statement that writes
//! the disclosure tests.

use crate::vocabulary::{vocabulary, vocabulary_set};

vocabulary! {
    /// A condition of a clause.
    Condition, "condition" {
        /// The subject's explicit consent to the use of health data is live.
        ConsentHealth = 0 "consent.health",
        /// The subject authorised marketing.
        ConsentMarketing = 1 "consent.marketing",
        /// The subject agreed to research.
        ConsentResearch = 2 "consent.research",
        /// A work item is open and assigned to the actor.
        WorkItem = 3 "work-item",
        /// The asker is the subject.
        OwnData = 4 "own-data",
        /// The recipient, or whoever it acts for, sponsors the subject's plan.
        RelationSponsor = 5 "relation.sponsor",
        /// The recipient treats or treated the subject.
        RelationProvider = 6 "relation.provider",
        /// The recipient acts for the subject under a live mandate.
        RelationRepresentative = 7 "relation.representative",
        /// The recipient insures the subject too.
        RelationPayer = 8 "relation.payer",
        /// The subject takes part in the programme.
        RelationProgramme = 9 "relation.programme",
        /// The recipient signed an undertaking that is in date.
        Undertaking = 10 "undertaking",
        /// An order is registered and reviewed.
        OrderReviewed = 11 "order.reviewed",
        /// The recipient's contract is in date.
        Contract = 12 "contract",
        /// The recipient's mandate to act for another organisation is in date.
        Mandate = 13 "mandate",
        /// The recipient's safeguard for what leaves the European Economic Area is in date.
        Safeguard = 14 "transfer-safeguard",
        /// Only sums leave, over at least as many people as the clause's smallest group.
        MinimumGroup = 15 "minimum-group",
        /// The subject agreed to take part in the programme.
        ConsentProgramme = 16 "consent.programme",
        /// The subject authorised the app.
        ConsentApp = 17 "consent.app",
        /// The agreement between states that a foreign order rests on is registered.
        OrderAgreement = 18 "order.agreement",
        /// The reasons are written down and filed with the one dispute that the task is.
        DisputeReasoned = 19 "dispute.reasoned",
        /// The law that demands it is cited and filed with the task.
        DutyCited = 20 "duty.cited",
        /// The data comes in: it is sealed as it came, and nothing opens. No ask meets it.
        TakingIn = 21 "taking-in",
        /// The actor wrote down why it cannot wait, for this one person and for an hour.
        EmergencyReasoned = 22 "emergency.reasoned",
        /// The search names enough of one person that it is their own details, and not those of a household or a group.
        OwnDetails = 23 "own-details",
    }
}

impl Condition {
    /// Whether it is a consent or an authorisation, which the person may take back.
    #[must_use]
    pub const fn is_consent(self) -> bool {
        matches!(self, Self::ConsentHealth | Self::ConsentMarketing | Self::ConsentResearch)
            || self.is_consent_to_one()
    }

    /// Whether it is a consent to one programme or app, each apart.
    #[must_use]
    pub const fn is_consent_to_one(self) -> bool {
        matches!(self, Self::ConsentProgramme | Self::ConsentApp)
    }
}

vocabulary_set! {
    /// A set of conditions.
    ConditionSet of Condition
}
