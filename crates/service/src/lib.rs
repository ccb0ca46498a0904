//! The use cases: one file each. A service asks the gate, computes, and writes rows; it knows no SQL,
//! opens nothing without a grant, and knows no terminal, no page and no file format.

mod access;
mod adjudicate;
mod app;
mod consent;
mod cover;
mod covered;
mod enrol;
mod error;
mod export;
mod issue;
mod ledger;
mod pay;
mod plans;
mod portfolio;
mod publish;
mod receive;
mod recipients;
mod retention;
mod span;
mod statement;
mod submit;
pub mod views;

pub use access::{AccessAnswer, Received, RecipientsAnswer, answer_access_request, answer_recipients};
pub use adjudicate::{AdjudicationReport, adjudicate_received};
pub use app::App;
pub use consent::{
    ConsentProof, ConsentTo, Consequences, NewConsent, consents, consequences, give_consent, withdraw_consent,
};
pub use cover::read_cover;
pub use covered::{Covered, covered};
pub use enrol::{Enrolled, enrol_coverage, enrol_members, enrol_members_anew, enrol_providers};
pub use error::ServiceError;
pub use export::{ExportReport, export_payments};
pub use issue::{DeliveryEvent, IssueReport, issue_notices, record_deliveries};
pub use ledger::{LedgerFault, LedgerReport, verify_ledger};
pub use pay::{PaymentReport, pay_claims};
pub use plans::PlanBook;
pub use portfolio::{NewPortfolio, create_portfolio};
pub use publish::{Publication, publish_notice, published_notices};
pub use receive::{ClaimRequest, Receipt, claim_categories, receive_claim};
pub use recipients::{
    AGREEMENTS, Agreement, NewRecipient, RegisteredRecipient, agree, agree_for_staff, end_agreement,
    enter_recipient, enter_recipients, recipient_changes, recipient_id, recipients, register_for,
};
pub use retention::{SweepReport, erase_subject, sweep};
pub use statement::{StatementFor, end_statement, statements};
pub use submit::{Submitted, submit_claims};
