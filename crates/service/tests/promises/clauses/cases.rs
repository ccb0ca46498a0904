//! Who sees what under each clause of the shipped notice, written down a second time, in the order of what a notice
//! promises. The tests ask for every row through the gate; a row that differs from its clause fails, and so does a
//! clause without a row.

use domain::{Category, CategorySet, Condition, Purpose, Recipient, SubjectKind};

use super::ask::{Ask, ask};

/// One clause, and what an ask under it must answer.
pub(crate) struct Case {
    pub(crate) clause: &'static str,
    pub(crate) recipients: &'static [Recipient],
    pub(crate) subjects: &'static [SubjectKind],
    pub(crate) purposes: &'static [Purpose],
    pub(crate) data: CategorySet,
    pub(crate) when: &'static [Condition],
    /// Asks for everything, and needs exactly this data.
    pub(crate) ask: Ask,
}

macro_rules! cases {
    ($($clause:literal: [$($recipient:ident)+] about [$($subject:ident)+] for [$($purpose:ident)+],
        sees [$($data:ident)+] when [$($condition:ident)*];)+) => {
        &[$(Case {
            clause: $clause,
            recipients: &[$(Recipient::$recipient),+],
            subjects: &[$(SubjectKind::$subject),+],
            purposes: &[$(Purpose::$purpose),+],
            data: CategorySet::of(&[$(Category::$data),+]),
            when: &[$(Condition::$condition),*],
            ask: ask::<{ CategorySet::of(&[$(Category::$data),+]).bits() }>,
        }),+]
    };
}

pub(crate) const CASES: &[Case] = cases! {
    // Who and what: members and what they claim.
    "collect.enrolment": [IntakeJob EnrolmentStaff] about [Member Beneficiary] for [Enrolment],
        sees [Identity Financial Health MemberId Plan Eligibility Other] when [TakingIn];
    "use.enrolment": [EnrolmentStaff] about [Member Beneficiary] for [Enrolment],
        sees [Identity Financial Health MemberId Plan Eligibility Other] when [WorkItem];
    "collect.claims": [IntakeJob] about [Member Beneficiary] for [ClaimsProcessing],
        sees [Claims Health] when [TakingIn];
    "collect.care-access": [IntakeJob] about [Member Beneficiary] for [CareAccess],
        sees [Claims Health Plan] when [TakingIn];
    // Who and what: providers, customers, partners.
    "collect.providers": [IntakeJob] about [Practitioner] for [Enrolment],
        sees [Identity Financial] when [TakingIn];
    "collect.contacts": [EnrolmentStaff] about [Customer ContactPerson] for [Enrolment],
        sees [Identity] when [TakingIn];
    "use.enrolment.contacts": [EnrolmentStaff] about [Customer ContactPerson] for [Enrolment],
        sees [Identity] when [WorkItem];
    // Who and what: what comes without saying what it is, and what it turns out to be.
    "collect.supplied": [IntakeJob CustomerService] about [Member Beneficiary] for [Classification],
        sees [Unclassified] when [TakingIn];
    "collect.classified": [EnrolmentStaff] about [Member Beneficiary] for [Classification],
        sees [Identity Financial Health Claims Plan Eligibility Other] when [TakingIn];
    "use.classification": [EnrolmentStaff] about [Member Beneficiary] for [Classification],
        sees [Unclassified] when [WorkItem];
    // Transactions: claims.
    "use.claims": [AdjudicationJob ClaimsStaff] about [Member Beneficiary] for [ClaimsProcessing],
        sees [Identity Plan Eligibility Claims Health Financial] when [ConsentHealth WorkItem];
    "use.claims.statutory-minimum": [AdjudicationJob ClaimsStaff] about [Member Beneficiary]
        for [ClaimsProcessing],
        sees [Identity Plan Eligibility Claims Financial] when [WorkItem];
    "use.statement": [StatementJob] about [Member Beneficiary] for [AdministrativeCommunication],
        sees [Identity MemberId Plan Eligibility Claims Health Financial] when [ConsentHealth WorkItem];
    "use.statement.practitioner": [StatementJob] about [Practitioner] for [AdministrativeCommunication],
        sees [Identity] when [WorkItem];
    "use.statement.own": [Subject] about [Member Beneficiary] for [AdministrativeCommunication],
        sees [Identity MemberId Plan Eligibility Claims Health Financial] when [OwnData];
    // Transactions: insurance payments.
    "use.payment": [PaymentJob PaymentsStaff] about [Member Beneficiary] for [Payment],
        sees [Identity Financial Claims] when [WorkItem];
    "use.payment.practitioner": [PaymentJob PaymentsStaff] about [Practitioner] for [Payment],
        sees [Identity Financial] when [WorkItem];
    "use.subrogation": [ClaimsStaff PaymentsStaff] about [Member Beneficiary] for [Subrogation],
        sees [Claims Financial] when [WorkItem];
    "use.premium": [PaymentsStaff] about [Member Beneficiary Customer] for [Premium],
        sees [Identity MemberId Plan Eligibility Financial PaymentCard] when [WorkItem];
    "use.coordination": [ClaimsStaff] about [Member Beneficiary] for [CoordinationOfBenefits],
        sees [Identity MemberId Plan Eligibility Claims] when [WorkItem];
    // Transactions: plan information.
    "use.plan-information": [CustomerService] about [Member Beneficiary] for [PlanInformation],
        sees [Identity MemberId Plan Eligibility] when [WorkItem];
    "use.plan-information.own": [Subject] about [Member Beneficiary] for [PlanInformation],
        sees [Identity MemberId Plan Eligibility Health] when [OwnData];
    // Transactions: provider search.
    "use.provider-search": [CustomerService] about [Member Beneficiary Practitioner] for [ProviderSearch],
        sees [Identity Plan] when [WorkItem];
    // Transactions: services and treatment.
    "use.care-access": [ClinicalStaff] about [Member Beneficiary] for [CareAccess],
        sees [Identity MemberId Plan Eligibility Claims Health] when [WorkItem];
    // Transactions: an emergency.
    "collect.emergency": [ClinicalStaff CustomerService] about [Member Beneficiary] for [EmergencyAccess],
        sees [Health] when [TakingIn];
    "use.emergency": [ClinicalStaff CustomerService] about [Member Beneficiary] for [EmergencyAccess],
        sees [Identity MemberId Plan Eligibility Health] when [EmergencyReasoned];
    "use.emergency.review": [DataProtectionOfficer] about [Member Beneficiary] for [EmergencyAccess],
        sees [Health] when [WorkItem];
    // Transactions: the ID card.
    "use.id-card.own": [Subject] about [Member Beneficiary] for [IdCard],
        sees [Identity MemberId Plan Eligibility] when [OwnData];
    // Communications: administrative messages.
    "use.messages": [CustomerService] about [Member Beneficiary] for [AdministrativeCommunication],
        sees [Identity MemberId Plan Eligibility] when [WorkItem];
    "use.messages.contacts": [CustomerService] about [Customer ContactPerson Practitioner]
        for [AdministrativeCommunication],
        sees [Identity] when [WorkItem];
    // Communications: quotes.
    "use.quote": [EnrolmentStaff] about [Member Beneficiary Customer] for [Quote],
        sees [Identity Plan Eligibility Other] when [WorkItem];
    // Communications: surveys.
    "use.survey": [CustomerService] about [Member Beneficiary] for [Survey],
        sees [Identity Plan] when [WorkItem];
    // Communications: no marketing without authorisation.
    "use.marketing": [CustomerService] about [Member Beneficiary Customer] for [Marketing],
        sees [Identity Plan] when [ConsentMarketing];
    // Communications: what needs no authorisation.
    "use.plan-renewal": [CustomerService] about [Member Beneficiary] for [PlanRenewal],
        sees [Identity Plan Eligibility] when [WorkItem];
    // Communication activities: in person, small gifts.
    "use.marketing.in-person": [CustomerService] about [Member Beneficiary Customer] for [InPersonOffer],
        sees [Identity Plan] when [ConsentMarketing WorkItem];
    // Customer service.
    "use.customer-service": [CustomerService] about [Member Beneficiary] for [CustomerService],
        sees [Identity MemberId Plan Eligibility Claims] when [WorkItem];
    "use.customer-service.health": [CustomerService] about [Member Beneficiary] for [CustomerService],
        sees [Identity MemberId Plan Eligibility Claims Health] when [ConsentHealth WorkItem];
    "use.customer-service.identify": [CustomerService] about [Member Beneficiary] for [Identification],
        sees [Identity MemberId Plan Financial] when [OwnDetails];
    // The business: audits.
    "use.audit.ledger": [Auditor Operator] about [Member Beneficiary Practitioner] for [Audit],
        sees [Financial] when [];
    "use.audit.claims": [Auditor] about [Member Beneficiary] for [Audit],
        sees [Identity Plan Eligibility Claims Financial] when [WorkItem];
    // The business: to operate and expand.
    "use.totals": [Analyst] about [Member Beneficiary]
        for [ProductDevelopment QualityImprovement PlanMonitoring],
        sees [Plan Eligibility Claims Financial] when [MinimumGroup];
    "use.trends": [Analyst] about [Member Beneficiary] for [UsageTrends],
        sees [Plan Eligibility Claims Health Financial] when [MinimumGroup];
    // The business: campaigns.
    "use.campaigns": [Analyst] about [Member Beneficiary] for [CampaignEffectiveness],
        sees [Plan Eligibility] when [ConsentMarketing MinimumGroup];
    // The business: clinical programmes.
    "use.clinical-programme": [ClinicalStaff] about [Member Beneficiary] for [ClinicalProgramme],
        sees [Identity MemberId Plan Eligibility Claims Health] when [ConsentProgramme RelationProgramme];
    // The business: managing one's health.
    "use.health-management": [ClinicalStaff] about [Member Beneficiary] for [HealthManagement],
        sees [Identity MemberId Plan Eligibility Claims Health] when [ConsentHealth WorkItem];
    // Research.
    "use.research": [Analyst] about [Member Beneficiary] for [Research],
        sees [Plan Eligibility Claims Health] when [ConsentResearch WorkItem];
    "use.research.totals": [Analyst] about [Member Beneficiary] for [Research],
        sees [Plan Eligibility Claims Health] when [MinimumGroup];
    // Law (a): fraud.
    "law.fraud": [LegalStaff] about [Member Beneficiary Practitioner] for [Fraud],
        sees [Identity MemberId Plan Eligibility Claims Financial] when [WorkItem];
    "law.fraud.screen": [AdjudicationJob] about [Member Beneficiary] for [Fraud],
        sees [Identity Plan Eligibility Claims Financial] when [WorkItem];
    "law.fraud.health": [AdjudicationJob LegalStaff] about [Member Beneficiary] for [Fraud],
        sees [Identity MemberId Plan Eligibility Claims Health Financial] when [ConsentHealth WorkItem];
    "law.fraud.totals": [Analyst] about [Member Beneficiary] for [Fraud],
        sees [Claims] when [MinimumGroup];
    // Law (b): applicable law.
    "law.obligation": [LegalStaff Authority] about [Member Beneficiary Practitioner] for [LegalObligation],
        sees [Identity Plan Eligibility Claims Financial] when [WorkItem DutyCited];
    "law.obligation.abroad": [ForeignAuthority] about [Member Beneficiary Practitioner] for [LegalObligation],
        sees [Identity Plan Eligibility Claims Financial] when [WorkItem DutyCited];
    "law.breach": [DataProtectionOfficer] about [Member Beneficiary ContactPerson Practitioner Employee Customer]
        for [BreachNotification],
        sees [Identity MemberId] when [WorkItem];
    // Law (c): proceedings.
    "law.proceedings": [LegalStaff Court] about [Member Beneficiary Practitioner] for [LegalProceedings],
        sees [Identity Plan Eligibility Claims Health Financial] when [WorkItem OrderReviewed];
    // Law (d): orders and requests.
    "law.orders": [LegalStaff Authority Court] about [Member Beneficiary Practitioner] for [OfficialRequest],
        sees [Identity Plan Eligibility Claims Financial] when [WorkItem OrderReviewed];
    "law.orders.foreign": [ForeignAuthority] about [Member Beneficiary Practitioner] for [OfficialRequest],
        sees [Identity Plan Eligibility Claims Financial] when [WorkItem OrderReviewed OrderAgreement];
    // Law (e): terms and notices.
    "law.terms": [LegalStaff] about [Member Beneficiary Practitioner] for [EnforcementOfTerms],
        sees [Identity Plan Eligibility Claims] when [WorkItem DisputeReasoned];
    // Law (f): rights and safety.
    "law.protection": [LegalStaff] about [Member Beneficiary Practitioner] for [ProtectionOfRights],
        sees [Identity Plan Eligibility Claims] when [WorkItem DisputeReasoned];
    // Law (g): remedies.
    "law.remedies": [LegalStaff] about [Member Beneficiary Practitioner] for [Remedies],
        sees [Identity Plan Eligibility Claims Financial] when [WorkItem DisputeReasoned];
    // Disclosures: health care operations.
    "use.operations": [ClaimsStaff ClinicalStaff] about [Member Beneficiary]
        for [HealthCareOperations CaseManagement CareCoordination QualityImprovement Payment],
        sees [Identity MemberId Plan Eligibility Claims] when [WorkItem];
    "use.operations.health": [ClinicalStaff] about [Member Beneficiary]
        for [HealthCareOperations CaseManagement CareCoordination],
        sees [Identity MemberId Plan Eligibility Claims Health] when [ConsentHealth WorkItem];
    "disclose.operations.partner": [Partner] about [Member Beneficiary] for [HealthCareOperations],
        sees [Identity MemberId Plan Eligibility] when [WorkItem Contract];
    "disclose.operations.payer": [Payer] about [Member Beneficiary] for [HealthCareOperations],
        sees [Identity MemberId Plan Eligibility] when [RelationPayer];
    "disclose.operations.provider": [Provider] about [Member Beneficiary] for [HealthCareOperations],
        sees [Identity MemberId Plan Eligibility Claims Health] when [ConsentHealth RelationProvider];
    // Disclosures: payment.
    "disclose.payment.bank": [Bank] about [Member Beneficiary Practitioner] for [Payment],
        sees [Identity Financial] when [WorkItem];
    "disclose.payment.provider": [Provider] about [Member Beneficiary] for [Payment],
        sees [Identity MemberId Plan Eligibility Claims] when [RelationProvider];
    "disclose.premium.sponsor": [PlanSponsor] about [Member Beneficiary] for [Premium],
        sees [Identity MemberId Plan Eligibility] when [RelationSponsor Undertaking];
    "disclose.coordination.payer": [Payer] about [Member Beneficiary] for [CoordinationOfBenefits],
        sees [Identity MemberId Plan Eligibility Claims] when [RelationPayer];
    "disclose.care-access.provider": [Provider] about [Member Beneficiary] for [CareAccess],
        sees [Identity MemberId Plan Eligibility Health] when [RelationProvider];
    // Disclosures: plan sponsor.
    "use.sponsor-reports": [EnrolmentStaff] about [Member Beneficiary] for [PlanAdministration],
        sees [Identity Plan Eligibility] when [WorkItem];
    "sponsor.plan-administration": [PlanSponsor] about [Member Beneficiary] for [PlanAdministration],
        sees [Identity Plan Eligibility] when [RelationSponsor Undertaking];
    "sponsor.agent": [SponsorAgent] about [Member Beneficiary] for [PlanAdministration],
        sees [Identity Plan Eligibility] when [RelationSponsor Undertaking Mandate];
    "sponsor.monitoring": [PlanSponsor] about [Member Beneficiary] for [PlanMonitoring],
        sees [Plan Eligibility Claims Financial] when [RelationSponsor Undertaking MinimumGroup];
    "sponsor.monitoring.agent": [SponsorAgent] about [Member Beneficiary] for [PlanMonitoring],
        sees [Plan Eligibility Claims Financial] when [RelationSponsor Undertaking Mandate MinimumGroup];
    // Disclosures: health oversight.
    "disclose.oversight.totals": [LegalStaff Authority] about [Member Beneficiary] for [Oversight],
        sees [Plan Eligibility Claims Health] when [DutyCited MinimumGroup];
    "disclose.oversight": [LegalStaff Authority] about [Member Beneficiary Practitioner] for [Oversight],
        sees [Identity Plan Eligibility Claims Health] when [WorkItem DutyCited];
    // Disclosures: service providers.
    "vendor.claims": [ServiceProvider] about [Member Beneficiary] for [ClaimsProcessing],
        sees [Identity MemberId Plan Eligibility Claims] when [WorkItem Contract];
    "vendor.claims.health": [ServiceProvider] about [Member Beneficiary] for [ClaimsProcessing],
        sees [Identity MemberId Plan Eligibility Claims Health] when [ConsentHealth WorkItem Contract];
    "vendor.messages": [ServiceProvider] about [Member Beneficiary] for [AdministrativeCommunication],
        sees [Identity MemberId Plan] when [WorkItem Contract];
    // Disclosures: affiliates.
    "affiliate.care": [Affiliate] about [Member Beneficiary] for [CaseManagement CareCoordination],
        sees [Identity MemberId Plan Eligibility Claims Health] when [ConsentHealth WorkItem Contract];
    "affiliate.quality": [Affiliate] about [Member Beneficiary] for [QualityImprovement],
        sees [Plan Eligibility Claims] when [WorkItem Contract];
    "affiliate.claims": [Affiliate] about [Member Beneficiary] for [ClaimsProcessing],
        sees [Identity MemberId Plan Eligibility Claims] when [WorkItem Contract];
    // Disclosures: apps.
    "disclose.app": [App] about [Member Beneficiary] for [AppAccess],
        sees [Identity MemberId Plan Eligibility Claims Health] when [ConsentApp];
    // Rights: access.
    "right.access": [Subject] about [Member Beneficiary ContactPerson Practitioner Employee Customer]
        for [AccessRequest],
        sees [Identity Financial Health PaymentCard MemberId Claims Plan Eligibility Other] when [OwnData];
    "right.access.officer": [DataProtectionOfficer] about [Member Beneficiary ContactPerson Practitioner Employee Customer]
        for [AccessRequest],
        sees [Identity Financial Health PaymentCard MemberId Claims Plan Eligibility Other] when [WorkItem];
    "right.access.representative": [Representative] about [Member Beneficiary]
        for [AccessRequest PlanInformation IdCard],
        sees [Identity MemberId Plan Eligibility Claims] when [RelationRepresentative];
    // Rights: portability.
    "right.portability": [Subject] about [Member Beneficiary Customer] for [Portability],
        sees [Identity Financial Health PaymentCard MemberId Claims Plan Eligibility Other] when [OwnData];
    // Rights: correction and the others.
    "right.appeal.collect": [CustomerService ClaimsStaff] about [Member Beneficiary] for [Appeal],
        sees [Claims Health] when [TakingIn];
    "right.appeal": [ClaimsStaff ClinicalStaff] about [Member Beneficiary] for [Appeal],
        sees [Claims Health] when [WorkItem];
    "right.correction": [EnrolmentStaff] about [Member Beneficiary ContactPerson Practitioner Employee Customer]
        for [Correction],
        sees [Identity Financial MemberId Claims Plan Eligibility Other] when [WorkItem];
    "right.requests": [DataProtectionOfficer] about [Member Beneficiary ContactPerson Practitioner Employee Customer]
        for [Correction Erasure Objection Portability],
        sees [Identity Financial Health PaymentCard MemberId Claims Plan Eligibility Other] when [WorkItem];
    // Protection: the log itself.
    "staff.monitoring": [DataProtectionOfficer] about [Employee] for [StaffMonitoring],
        sees [Identity] when [WorkItem];
};

const TASK: &[Condition] = &[Condition::WorkItem];
const TASK_AND_CONSENT: &[Condition] = &[Condition::WorkItem, Condition::ConsentHealth];

/// Who hands over what goes outside, and what the clause that they need for the same purpose asks of them.
pub(crate) const HANDED_OVER: &[(&str, Recipient, &[Condition])] = &[
    ("disclose.payment.bank", Recipient::PaymentJob, TASK),
    ("disclose.payment.provider", Recipient::ClaimsStaff, TASK),
    ("disclose.premium.sponsor", Recipient::PaymentsStaff, TASK),
    ("disclose.coordination.payer", Recipient::ClaimsStaff, TASK),
    ("disclose.care-access.provider", Recipient::ClinicalStaff, TASK),
    ("disclose.operations.partner", Recipient::ClaimsStaff, TASK),
    ("disclose.operations.payer", Recipient::ClaimsStaff, TASK),
    ("disclose.operations.provider", Recipient::ClinicalStaff, TASK_AND_CONSENT),
    ("disclose.oversight.totals", Recipient::LegalStaff, &[]),
    ("disclose.oversight", Recipient::LegalStaff, TASK),
    ("law.obligation", Recipient::LegalStaff, TASK),
    ("law.obligation.abroad", Recipient::LegalStaff, TASK),
    ("law.proceedings", Recipient::LegalStaff, TASK),
    ("law.orders", Recipient::LegalStaff, TASK),
    ("law.orders.foreign", Recipient::LegalStaff, TASK),
    ("sponsor.plan-administration", Recipient::EnrolmentStaff, TASK),
    ("sponsor.agent", Recipient::EnrolmentStaff, TASK),
    ("sponsor.monitoring", Recipient::Analyst, &[]),
    ("sponsor.monitoring.agent", Recipient::Analyst, &[]),
    ("vendor.messages", Recipient::CustomerService, TASK),
    ("affiliate.care", Recipient::ClinicalStaff, TASK_AND_CONSENT),
    ("affiliate.quality", Recipient::ClaimsStaff, TASK),
];

/// Who reads what goes outside by itself: its own queue, or what the person lets it see.
pub(crate) const READ_THEMSELVES: &[&str] = &[
    "vendor.claims",
    "vendor.claims.health",
    "affiliate.claims",
    "disclose.app",
    "right.access.representative",
];
