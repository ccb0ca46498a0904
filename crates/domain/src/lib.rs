//! The nouns of Moretus, and the words that the notice, the gate and the store share.
//!
//! Every personal field names its category ([`Personal`]), every use names the fields it needs
//! ([`View`]). This crate does no I/O, reads no clock and draws no random numbers; it never
//! encrypts, and it decides nothing: it only says what things are.

extern crate self as domain;

mod redacted;
mod region;
mod vocabulary;

mod accumulators;
mod adjudication_category;
mod appeal;
mod card_number;
mod category;
mod cbor;
mod claim;
mod claim_closings;
mod claim_facts;
mod claim_overrides;
mod condition;
mod consent;
mod country;
mod coverage;
mod date;
mod delivery;
mod determination;
mod emergency;
mod exclusion;
mod family;
pub mod figures;
mod governing_law;
mod guarantee;
mod id;
mod language;
mod leaf;
mod lien;
mod matter;
mod money;
pub mod name_search;
mod officer_message;
mod other_cover;
mod payment;
mod payment_card;
mod pended;
mod person;
mod personal;
mod posting;
mod provider;
mod purpose;
mod readjudication;
mod recipient;
mod representation;
mod retention;
mod screen;
mod service_type;
mod settlement;
pub mod spelling;
mod subject;
mod supplied;
mod transfer;
mod travel;
mod views;

pub use accumulators::{
    AccumulatorBalance, Accumulators, CountedDays, GuaranteeUse, PriorLine, TakenCopay, UsedUnits,
};
pub use adjudication_category::AdjudicationCategory;
pub use appeal::{APPEAL_LEVELS, Appeal, AppealDecision, AppealOutcome, AppealState, appeal_days};
pub use card_number::{holds_card_number, no_card_number};
pub use category::{Category, CategorySet};
pub use claim::{
    CareSetting, Claim, ClaimLine, ClaimState, ClaimStep, Episodes, LineService, OutcomeReason, Payee, Room,
};
pub use claim_closings::{ClaimClosing, ClaimClosings, ClaimReopening, ClosingGround, ReopeningGround};
pub use claim_facts::{ClaimFacts, Told};
pub use claim_overrides::{ClaimOverrides, LineDecision, LineOverride, RefusalGround};
pub use condition::{Condition, ConditionSet};
pub use consent::ConsentChannel;
pub use country::Country;
pub use coverage::{Coverage, CoverageStatus, Preexisting, ReferenceSalary};
pub use date::{Date, Timestamp};
pub use delivery::{CopyWay, DeliveryState};
pub use determination::{
    AccumulatorEntry, AccumulatorStep, Determination, LineBenefit, LineDetermination, LineExchange, Outcome,
    PlanLabel, Reason, Step, Trace,
};
pub use domain_derive::{Personal, View};
pub use emergency::EmergencyOutcome;
pub use exclusion::{Exclusion, Exclusions};
pub use family::FamilySums;
pub use governing_law::{GoverningLaw, GoverningLawSet};
pub use guarantee::{
    GUARANTEE_DAYS, Guarantee, GuaranteeDecision, GuaranteeError, GuaranteeOutcome, GuaranteeState,
    GuaranteeTerms,
};
pub use id::{
    ActorId, BatchId, ClaimId, CoverageId, GuaranteeId, Id, MatterId, PaymentId, PlanId, PortfolioId,
    ProviderId, RecipientId, RecordId, RequestId, SponsorId, SubjectId, SupplementId, WorkItemId,
};
pub use language::Language;
pub use leaf::{
    Bic, CardToken, CaseReason, Diagnosis, DocumentName, EmailAddress, ExclusionList, Iban, InvoiceNumber,
    LastDigits, LiableParty, MemberNumber, ModuleName, PaymentProvider, PersonName, PhoneNumber, PlanName,
    PolicyNumber, PostalAddress, ReceiptReference, ServiceCode,
};
pub use lien::{CostShare, Lien, LienReceipt, LienRelease, LienReleaseReason, LienState};
pub use matter::MatterKind;
pub use money::{Currency, Money};
pub use officer_message::OfficerMessageKind;
pub use other_cover::{
    Birthday, CoveredAs, CoveredThrough, OtherCoverage, OtherPayerAmounts, OtherPayerAnswer, OtherPayerKind,
    ParentBirthdays, WorkStatus,
};
pub use payment::{Payment, PaymentState};
pub use payment_card::PaymentCard;
pub use pended::{ClaimAsked, ClaimConfirmation, ClaimQuestion, ClaimQuestions, PENDED_DAYS, QuestionEnd};
pub use person::{Person, Sex};
pub use personal::{
    DecodeError, Field, FieldInfo, FieldReader, Opened, Personal, View, present_fields, unknown_fields,
};
pub use posting::{Account, Posting, PostingEntry};
pub use provider::Provider;
pub use purpose::Purpose;
pub use readjudication::{
    DecidedAmounts, ExplainedLine, Proposal, ProposalState, ProposedClaim, ProposedWorking, ReleaseReason,
};
pub use recipient::{Recipient, RecipientRole};
pub use representation::RepresentationGround;
pub use retention::RetentionClass;
pub use screen::{
    ScreenCase, ScreenCodes, ScreenDecision, ScreenFlag, ScreenOutcome, ScreenRule, ScreenState,
};
pub use service_type::{LineType, ServiceType, ServiceTypes};
pub use settlement::{
    Movement, MovementKind, Settlement, SettlementBalance, SettlementState, WriteOff, WriteOffReason,
    settled_currencies,
};
pub use subject::{RecordKind, SubjectKind, SubjectKindSet};
pub use supplied::{
    Material, QuarantineState, RefusalReason, SuppliedClaims, SuppliedEligibility, SuppliedFinancial,
    SuppliedHealth, SuppliedIdentity, SuppliedOther, SuppliedPlan, Unclassified,
};
pub use transfer::{TransferSafeguard, TransferSafeguardSet};
pub use travel::TravelQuestionnaire;
pub use views::{Includes, Itself, Place, Views};

/// What the derive macros' output needs; not for people.
#[doc(hidden)]
pub mod derive_support {
    pub use minicbor;
}

/// A word or a value that could not be read.
///
/// The message never repeats a personal value: only codes, words of the vocabularies and numbers
/// that name nobody are quoted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// A word outside a closed vocabulary.
    #[error("unknown {what} `{found}`: use one of {expected}")]
    UnknownWord {
        /// The vocabulary's noun.
        what: &'static str,
        /// The word found; vocabularies are closed, so it names no person.
        found: String,
        /// The words that would do.
        expected: String,
    },
    /// A value of the wrong shape; the value itself is not repeated.
    #[error("{what}: {problem}")]
    Shape {
        /// The noun.
        what: &'static str,
        /// What is wrong with it, and what would be right.
        problem: &'static str,
    },
}
