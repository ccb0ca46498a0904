//! The use cases: one file each. A service asks the gate, computes, and writes rows; it knows no SQL,
//! opens nothing without a grant, and knows no terminal, no page and no file format.

mod access;
mod actors;
mod adjudicate;
mod app;
mod appeal;
mod assign;
mod authority;
mod consent;
mod correct;
mod cover;
mod covered;
mod emergency;
mod enrol;
mod erasure;
mod error;
mod estimate;
mod exchange_rates;
mod exclusions;
mod export;
mod find;
mod guarantee;
mod hold;
mod incident;
mod issue;
mod ledger;
mod liens;
mod matters;
mod notice_copy;
mod officer_message;
mod once;
mod overrides;
mod pay;
mod payment_card;
mod pended;
mod periods;
mod plans;
mod portfolio;
mod programme;
mod publish;
mod quarantine;
mod readjudicate;
mod receive;
mod recipients;
mod recoveries;
mod report;
mod representatives;
mod retention;
mod screen;
mod sole;
mod span;
mod statement;
mod submit;
mod taking_in;
mod travel;
mod unusual;
mod uses;
pub mod views;
mod work_item;

pub use access::{
    AccessAnswer, Received, RecipientsAnswer, answer_access_request, answer_recipients, prove_disclosures,
};
pub use actors::{
    LeftBehind, NewActor, TRAINING_DAYS, actor_changes, actors, end_actor, enter_actor, move_actor,
    train_actor,
};
pub use adjudicate::{AdjudicationReport, adjudicate_received};
pub use app::App;
pub use appeal::{
    AppealFile, AppealPlace, NewAppeal, NewAppealDecision, appeals, ask_member, decide_appeal, decided_anew,
    member_answered, read_appeal, receive_appeal, return_appeal, take_appeal, withdraw_appeal,
};
pub use assign::{NewWork, WORK_DAYS, assign_work, end_work, open_work};
pub use authority::limit_authority;
pub use consent::{
    ConsentProof, ConsentTo, Consequences, Effect, NewConsent, consents, consequences, give_consent,
    withdraw_consent,
};
pub use correct::{PersonFile, correct, read_to_correct};
pub use cover::{Eligibility, eligibility, read_cover};
pub use covered::{Covered, covered};
pub use emergency::{
    EMERGENCY_MINUTES, Emergency, EmergencyFile, EmergencyToReview, break_glass, read_emergency,
    read_in_emergency, review_emergency, unreviewed_emergencies,
};
pub use enrol::{Enrolled, SaidOfCover, enrol_coverage, enrol_members, enrol_members_anew, enrol_providers};
pub use erasure::{ErasedOnRequest, ErasureRecord, erase_on_request, erasures};
pub use error::ServiceError;
pub use estimate::{EstimateFor, Treatment, estimate_for};
pub use exchange_rates::{AddedRates, RateBook};
pub use exclusions::{
    EXCLUDED_AT_ONCE, EXCLUSIONS, Entered, NewExclusion, RowFaults, end_exclusion, exclude_providers,
    exclusions, known_providers, provider_of_source, read_exclusions, remove_exclusion,
};
pub use export::{ExportReport, export_payments, payments_ready};
pub use find::{Found, find_people};
pub use guarantee::{
    GuaranteeFile, GuaranteeLetter, GuaranteePlace, NewOutcome, decide_guarantee, guarantee_categories,
    guarantee_letter, read_guarantee, request_guarantee, return_guarantee, take_guarantee,
};
pub use incident::{Concerned, Incident, PeopleConcerned, ShownOf, incident, people_concerned};
pub use issue::{DeliveryEvent, IssueReport, issue_notices, record_deliveries};
pub use ledger::{LedgerFault, LedgerReport, verify_ledger};
pub use liens::{
    LIENS, LienFile, LienPlace, LienStanding, NewLien, NewReceipt, assert_lien, liens, read_lien,
    receive_of_lien, release_lien,
};
pub use matters::{
    Issuer, MATTER_PEOPLE, NewDeferral, NewMatter, defer_matter, deferrals, end_deferral, end_matter,
    matter_changes, matters, open_matter, register_matter, review_matter,
};
pub use notice_copy::{CopyRequest, give_notice_copy};
pub use officer_message::{
    OfficerMessage, SENDING_SECONDS, longest_wait_seconds, message_not_sent, message_sent, officer_messages,
    take_message,
};
pub use pay::{PaymentReport, pay_claims};
pub use payment_card::{read_cards, record_card, remove_card};
pub use pended::{
    ClaimHistory, NewConfirmation, NewFacts, NewOverrides, PendedFile, PendedPlace, WrittenDown,
    ask_about_pended, claim_history, close_pended, confirm_pended, other_payer_answered, override_pended,
    pended, pended_answered, read_pended, reopen_claim, return_pended, take_pended, tell_facts,
    work_out_pended,
};
pub use periods::{Kept, KeptOf, Rule};
pub use plans::PlanBook;
pub use portfolio::{NewPortfolio, create_portfolio};
pub use programme::{end_programme, read_programme};
pub use publish::{Publication, publish_document, publish_notice, published_documents, published_notices};
pub use quarantine::{
    CLASSES, Piece, Supplied, WaitingMaterial, classify_material, may_supply_material, read_material,
    refuse_material, supply_material, take_up_material, waiting_material,
};
pub use readjudicate::{
    Change, Proposed, ReleaseReport, ToRelease, proposed, readjudicate, readjudicate_by_itself,
    readjudicate_changed, readjudications, release,
};
pub use receive::{ClaimRequest, Receipt, claim_categories, receive_claim};
pub use recipients::{
    AGREEMENTS, Agreement, NewRecipient, RegisteredRecipient, agree, agree_for_staff, end_agreement,
    enter_recipient, enter_recipients, recipient_changes, recipient_id, recipients, register_for,
};
pub use recoveries::{
    RECOVERIES, Recovery, RecoveryPlace, WrittenOff, read_recovery, recoveries, set_off_share, write_off,
};
pub use report::{EmergencyCount, MonthlyReport, OTHERS, REPORT_PEOPLE, ReportOf, ReportRow, monthly_report};
pub use representatives::{
    NewRepresentation, REPRESENTATION_DAYS, end_representation, represent, representatives,
};
pub use retention::{SweepReport, erase_lapsed_entries, erase_subject, sweep};
pub use screen::{
    CaseDecided, CaseFile, NewDecision, RuleCount, ScreenPlace, decide_case, held_cases, own_cases,
    read_case, reopen_case, return_case, screen_report, take_case,
};
pub use statement::{
    StatementFor, StatementReport, WaitingStatement, end_statement, statements, write_statements,
};
pub use submit::{Submitted, submit_claims};
pub use travel::{TRAVEL, TravelRequest, read_travel_answers, take_travel_answers};
pub use unusual::{Unusual, UnusualHour, UnusualHours, Usual};
pub use uses::{CASE_DAYS, CountBy, NewCase, UseCount, count_uses, open_case, uses};
