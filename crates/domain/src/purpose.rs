//! The tree of purposes: why personal data is used. A prohibition on a node wins over any
//! permission below it; that rule is applied by the notice, not here.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// Why data is used.
    Purpose, "purpose" {
        /// Root: everything done for the member's cover.
        Transactions = 0 "transactions",
        /// Taking in, adjudicating and explaining claims.
        ClaimsProcessing = 1 "claims-processing",
        /// Paying members and providers.
        Payment = 2 "payment",
        /// Telling someone about their plan and cover.
        PlanInformation = 3 "plan-information",
        /// Finding a provider.
        ProviderSearch = 4 "provider-search",
        /// Making sure that services and treatment are obtained.
        CareAccess = 5 "care-access",
        /// Viewing and printing the ID card.
        IdCard = 6 "id-card",
        /// Taking up members and their cover.
        Enrolment = 7 "enrolment",
        /// Agreeing with another insurer who pays what.
        CoordinationOfBenefits = 8 "coordination-of-benefits",
        /// Charging and collecting premiums.
        Premium = 9 "premium",
        /// Root: messages.
        Communications = 10 "communications",
        /// Changed terms, statements, notices.
        AdministrativeCommunication = 11 "administrative-communication",
        /// Offers of cover.
        Quote = 12 "quote",
        /// Surveys.
        Survey = 13 "survey",
        /// Marketing: prohibited without prior authorisation.
        Marketing = 14 "marketing",
        /// Chat, telephone, questions.
        CustomerService = 15 "customer-service",
        /// Renewing or changing the cover that someone has: no marketing, and all that needs no authorisation.
        PlanRenewal = 16 "plan-renewal",
        /// Marketing in person, or by a gift of small value.
        InPersonOffer = 17 "in-person-offer",
        /// Finding out what something is that was supplied without saying so: a transaction.
        Classification = 18 "classification",
        /// Helping somebody in an emergency, where no task about them is there and it cannot wait.
        EmergencyAccess = 19 "emergency-access",
        /// Root: conducting the business.
        Business = 20 "business",
        /// Audits, including the proof that ledgers balance.
        Audit = 21 "audit",
        /// New products.
        ProductDevelopment = 22 "product-development",
        /// Usage trends: totals only.
        UsageTrends = 23 "usage-trends",
        /// Clinical programmes.
        ClinicalProgramme = 24 "clinical-programme",
        /// Helping members to manage their health.
        HealthManagement = 25 "health-management",
        /// Effectiveness of campaigns.
        CampaignEffectiveness = 26 "campaign-effectiveness",
        /// Looking after the record of who used what.
        StaffMonitoring = 27 "staff-monitoring",
        /// Research.
        Research = 30 "research",
        /// Root: what those do who keep the care behind the plan going.
        HealthCareOperations = 31 "health-care-operations",
        /// Looking after one person's case.
        CaseManagement = 32 "case-management",
        /// Bringing together those who give care.
        CareCoordination = 33 "care-coordination",
        /// Improving the quality of care and service.
        QualityImprovement = 34 "quality-improvement",
        /// Root: law and legal process.
        Law = 40 "law",
        /// Fraud and other illegal activity.
        Fraud = 41 "fraud",
        /// A duty under applicable law.
        LegalObligation = 42 "legal-obligation",
        /// Judicial and administrative proceedings.
        LegalProceedings = 43 "legal-proceedings",
        /// Enforcing terms and notices.
        EnforcementOfTerms = 44 "enforcement-of-terms",
        /// Protecting rights, privacy, safety, property.
        ProtectionOfRights = 45 "protection-of-rights",
        /// Pursuing remedies and limiting damages.
        Remedies = 46 "remedies",
        /// Health oversight.
        Oversight = 47 "oversight",
        /// Destroying what may no longer be kept.
        Retention = 48 "retention",
        /// A court order, or the request of a public authority.
        OfficialRequest = 49 "official-request",
        /// Root: the rights of the person.
        Rights = 50 "rights",
        /// Access: what is held, and who saw it.
        AccessRequest = 51 "access-request",
        /// Correction.
        Correction = 52 "correction",
        /// Erasure.
        Erasure = 53 "erasure",
        /// Restricting a use, or objecting to it.
        Objection = 54 "objection",
        /// Handing over what someone supplied, for a computer to read.
        Portability = 55 "portability",
        /// Giving an app what the person lets it have.
        AppAccess = 56 "app-access",
        /// Root: what a plan sponsor does.
        Sponsorship = 60 "sponsorship",
        /// Administering the employee health plan: roster, premium.
        PlanAdministration = 61 "plan-administration",
        /// Watching over the employee health plan, and auditing it.
        PlanMonitoring = 62 "plan-monitoring",
        /// Helping someone while they travel: what a supplement discloses, and not the notice that ships.
        TravelAssistance = 63 "travel-assistance",
        /// Having what was decided on a claim looked at again, by somebody else.
        Appeal = 64 "appeal",
        /// Telling those concerned that their data was used wrongly, lost or seen (GDPR articles 33 and 34).
        BreachNotification = 65 "breach-notification",
        /// Getting back from whoever is liable what was paid for somebody.
        Subrogation = 66 "subrogation",
        /// Finding out with whom one speaks, by the details that they give.
        Identification = 67 "identification",
    }
}

impl Purpose {
    /// The purpose above this one; `None` at a root.
    #[must_use]
    pub const fn parent(self) -> Option<Self> {
        match self {
            Self::ClaimsProcessing
            | Self::Payment
            | Self::PlanInformation
            | Self::ProviderSearch
            | Self::CareAccess
            | Self::IdCard
            | Self::Enrolment
            | Self::CoordinationOfBenefits
            | Self::Premium
            | Self::Classification
            | Self::TravelAssistance
            | Self::Subrogation
            | Self::EmergencyAccess => Some(Self::Transactions),
            Self::AdministrativeCommunication
            | Self::Quote
            | Self::Survey
            | Self::Marketing
            | Self::CustomerService
            | Self::Identification
            | Self::PlanRenewal => Some(Self::Communications),
            Self::InPersonOffer => Some(Self::Marketing),
            Self::Audit
            | Self::ProductDevelopment
            | Self::UsageTrends
            | Self::ClinicalProgramme
            | Self::HealthManagement
            | Self::CampaignEffectiveness
            | Self::StaffMonitoring => Some(Self::Business),
            Self::CaseManagement | Self::CareCoordination | Self::QualityImprovement => {
                Some(Self::HealthCareOperations)
            }
            Self::Fraud
            | Self::LegalObligation
            | Self::LegalProceedings
            | Self::EnforcementOfTerms
            | Self::ProtectionOfRights
            | Self::Remedies
            | Self::Oversight
            | Self::Retention
            | Self::OfficialRequest
            | Self::BreachNotification => Some(Self::Law),
            Self::AccessRequest
            | Self::Correction
            | Self::Erasure
            | Self::Objection
            | Self::Portability
            | Self::AppAccess
            | Self::Appeal => Some(Self::Rights),
            Self::PlanAdministration | Self::PlanMonitoring => Some(Self::Sponsorship),
            Self::Transactions
            | Self::Communications
            | Self::Business
            | Self::Research
            | Self::HealthCareOperations
            | Self::Law
            | Self::Rights
            | Self::Sponsorship => None,
        }
    }

    /// Whether this purpose is the other one or stands below it in the tree.
    #[must_use]
    pub fn is_within(self, other: Self) -> bool {
        std::iter::successors(Some(self), |purpose| purpose.parent()).any(|purpose| purpose == other)
    }
}
