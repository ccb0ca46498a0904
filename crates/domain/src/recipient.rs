//! Who gets personal data: staff by role, named automated jobs, and everyone outside. Which
//! organisations there are, the register of a portfolio says, not this list.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// A kind of recipient, as the notice names it.
    Recipient, "recipient" {
        /// Staff who handle claims.
        ClaimsStaff = 0 "claims-staff",
        /// Staff who answer members.
        CustomerService = 1 "customer-service-staff",
        /// Staff who take up members and cover.
        EnrolmentStaff = 2 "enrolment-staff",
        /// Staff who release payments.
        PaymentsStaff = 3 "payments-staff",
        /// Auditors of the administrator.
        Auditor = 4 "auditor",
        /// The data protection officer.
        DataProtectionOfficer = 5 "data-protection-officer",
        /// The named holder of the root key, at the command line.
        Operator = 6 "operator",
        /// Staff who make statistics: totals over groups.
        Analyst = 7 "analyst",
        /// Nurses, doctors and case managers on the staff.
        ClinicalStaff = 8 "clinical-staff",
        /// Staff for law, compliance and the prevention of fraud.
        LegalStaff = 9 "legal-staff",
        /// The job that takes in files and messages.
        IntakeJob = 10 "intake-job",
        /// The job that adjudicates claims.
        AdjudicationJob = 11 "adjudication-job",
        /// The job that writes statements of benefits.
        StatementJob = 12 "statement-job",
        /// The job that prepares payment files.
        PaymentJob = 13 "payment-job",
        /// The job that destroys what may no longer be kept.
        RetentionJob = 14 "retention-job",
        /// The member, dependant or other person that the data is about.
        Subject = 20 "subject",
        /// Someone who acts for the subject.
        Representative = 21 "representative",
        /// An employer or fund that sponsors the plan.
        PlanSponsor = 22 "plan-sponsor",
        /// A hospital, practitioner or pharmacy.
        Provider = 23 "provider",
        /// A partner that supports benefits.
        Partner = 24 "partner",
        /// A service provider or vendor.
        ServiceProvider = 25 "service-provider",
        /// An affiliate.
        Affiliate = 26 "affiliate",
        /// Another payer, in coordination of benefits.
        Payer = 27 "payer",
        /// A bank that carries out payments.
        Bank = 28 "bank",
        /// A public authority.
        Authority = 29 "authority",
        /// A court.
        Court = 30 "court",
        /// A court or authority of a country outside the European Union.
        ForeignAuthority = 31 "foreign-authority",
        /// A company that acts for a sponsor.
        SponsorAgent = 32 "sponsor-agent",
        /// An app that the subject chose.
        App = 33 "app",
    }
}

impl Recipient {
    /// Whether it is an organisation, which gets data only as the register of recipients names it. Staff and
    /// jobs are the administrator's own; the subject and whoever represents them are persons.
    #[must_use]
    pub const fn is_organisation(self) -> bool {
        matches!(
            self,
            Self::PlanSponsor
                | Self::Provider
                | Self::Partner
                | Self::ServiceProvider
                | Self::Affiliate
                | Self::Payer
                | Self::Bank
                | Self::Authority
                | Self::Court
                | Self::ForeignAuthority
                | Self::SponsorAgent
                | Self::App
        )
    }

    /// Whether it is a job: a named automated recipient. No person is behind what it does.
    #[must_use]
    pub const fn is_job(self) -> bool {
        matches!(
            self,
            Self::IntakeJob
                | Self::AdjudicationJob
                | Self::StatementJob
                | Self::PaymentJob
                | Self::RetentionJob
        )
    }

    /// Whether it is staff: people who work for the administrator, each with a record of their own. The holder of the
    /// root key, at the command line, has none.
    #[must_use]
    pub const fn is_staff(self) -> bool {
        matches!(
            self,
            Self::ClaimsStaff
                | Self::CustomerService
                | Self::EnrolmentStaff
                | Self::PaymentsStaff
                | Self::Auditor
                | Self::DataProtectionOfficer
                | Self::Analyst
                | Self::ClinicalStaff
                | Self::LegalStaff
        )
    }

    /// Whether it is the person that the data is about, or acts in that person's place.
    #[must_use]
    pub const fn is_the_person(self) -> bool {
        matches!(self, Self::Subject | Self::Representative)
    }
}

vocabulary! {
    /// What an organisation in the register is for the data that it gets (GDPR articles 4, 26 and 28), as
    /// declared.
    RecipientRole, "role" {
        /// It decides by itself what it uses the data for.
        Controller = 0 "controller",
        /// It uses the data on the administrator's behalf, under a contract.
        Processor = 1 "processor",
        /// It decides together with the administrator, under an arrangement.
        Joint = 2 "joint",
    }
}

impl RecipientRole {
    /// Whether it gets data under a contract or arrangement only, whatever a clause asks for (GDPR articles
    /// 26(1) and 28(3)).
    #[must_use]
    pub const fn needs_contract(self) -> bool {
        matches!(self, Self::Processor | Self::Joint)
    }
}
