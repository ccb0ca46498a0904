//! What a statement of benefits says: the input, already opened under a grant and put in words by
//! the caller where the words are the plan's. Totals are not asked for: they follow from the lines.

use domain::{
    Currency, Date, Iban, Language, LineDetermination, MemberNumber, Money, Payee, PersonName, PolicyNumber,
};
use rust_decimal::Decimal;

/// A statement of benefits for one claim, to the person who received the care.
#[derive(Clone)]
pub struct Statement {
    /// The language of all fixed words.
    pub language: Language,
    /// Who administers and writes.
    pub issuer: Issuer,
    /// The portfolio's name: on whose behalf.
    pub portfolio: String,
    /// The member.
    pub member: PersonName,
    /// Number on the member's card.
    pub member_number: MemberNumber,
    /// Number of the policy.
    pub policy_number: PolicyNumber,
    /// The plan's name as printed.
    pub plan_name: String,
    /// The claim's reference, as the member can quote it.
    pub claim_reference: String,
    /// The day the statement is made; also the PDF's creation date.
    pub statement_date: Date,
    /// The day the claim was received.
    pub received: Date,
    /// Who gave the care.
    pub provider: PersonName,
    /// Who is paid.
    pub payee: Payee,
    /// The currency of every amount but the payment's, which has its own.
    pub currency: Currency,
    /// How the charge was converted, when it was made in another currency.
    pub exchange: Option<Exchange>,
    /// Line by line.
    pub lines: Vec<StatementLine>,
    /// What the claim counted towards.
    pub accumulators: Vec<AccumulatorUse>,
    /// The last payment, once there is one.
    pub payment: Option<StatementPayment>,
    /// What was settled with the member on this claim so far, in order; nothing where a provider is paid. What is still to be
    /// paid, or owed back, follows from it.
    pub settlement: Vec<SettlementLine>,
    /// Whether a person decided.
    pub decided_by: DecidedBy,
    /// What the member can do about the decision.
    pub appeal: Appeal,
    /// Under which promise the data was used.
    pub notice: NoticeReference,
}

/// Who writes the statement.
#[derive(Clone)]
pub struct Issuer {
    /// The administrator's name.
    pub name: String,
    /// How to reach it: one line each (postal address, telephone, e-mail, web).
    pub contact: Vec<String>,
}

/// One line of the claim with what became of it.
#[derive(Clone)]
pub struct StatementLine {
    /// First day of the service.
    pub service_start: Date,
    /// Last day of the service.
    pub service_end: Date,
    /// The service in words.
    pub description: String,
    /// Amounts and reasons. Each reason is printed as a sentence beside its amount.
    pub amounts: LineDetermination,
    /// How what the plan pays comes out of what was charged, in order: the changes take the one to the other. Empty where that is
    /// not known, or nothing changed.
    pub steps: Vec<StatementStep>,
}

/// A step of how a line came about.
#[derive(Clone)]
pub struct StatementStep {
    /// What it does, in the statement's language; limits and deductibles by the plan's own names. Nothing of another person.
    pub text: String,
    /// What it adds to what the plan pays, in minor units of the statement's currency; mostly below zero.
    pub change: i64,
}

/// An accumulator of the plan before and after this claim.
#[derive(Clone)]
pub struct AccumulatorUse {
    /// Its name in the plan, in the statement's language.
    pub name: String,
    /// First day of the period.
    pub period_start: Date,
    /// Last day of the period; none for a lifetime.
    pub period_end: Option<Date>,
    /// Used before this claim, in minor units of the statement's currency.
    pub used_before: i64,
    /// Used after it.
    pub used_after: i64,
    /// The limit; none where the plan only counts.
    pub limit: Option<i64>,
}

/// A payment that was made or is on its way.
#[derive(Clone)]
pub struct StatementPayment {
    /// The amount.
    pub amount: Money,
    /// The account. Printed masked: the country and the last four characters.
    pub account: Iban,
    /// The day it is carried out.
    pub date: Date,
    /// The reference on the bank statement.
    pub reference: String,
}

/// A movement of what is settled with the member.
#[derive(Clone)]
pub struct SettlementLine {
    /// The day it counts for.
    pub day: Date,
    /// How much; below zero only where the plan owes less than it did.
    pub amount: Money,
    /// What it was.
    pub kind: SettlementKind,
}

/// What a movement was. Other claims are named as the member can quote them.
#[derive(Clone, PartialEq, Eq)]
pub enum SettlementKind {
    /// The plan owes so much for the claim, or so much more or less than it did.
    Owed,
    /// Paid to the member.
    Paid,
    /// Kept back from what was due for this claim, since the member had too much for another.
    KeptBack {
        /// The other claim.
        claim_reference: String,
    },
    /// Kept back from what was due for another claim, since the member had too much for this one.
    PaidBack {
        /// The other claim.
        claim_reference: String,
    },
    /// The member need not pay it back.
    GivenUp,
    /// It was given up, and the plan owes it after all.
    Reinstated,
}

impl SettlementLine {
    /// What it adds to what the member is still to have, in minor units; below zero what it takes from that.
    pub(crate) fn effect(&self) -> i64 {
        match self.kind {
            SettlementKind::Owed | SettlementKind::PaidBack { .. } | SettlementKind::GivenUp => {
                self.amount.minor()
            }
            SettlementKind::Paid | SettlementKind::KeptBack { .. } | SettlementKind::Reinstated => {
                -self.amount.minor()
            }
        }
    }
}

/// How an amount in the provider's currency was converted.
#[derive(Clone)]
pub struct Exchange {
    /// The currency of the invoice.
    pub charged_in: Currency,
    /// Units of the statement's currency for one unit of the invoice's.
    pub rate: Decimal,
    /// The rate's date.
    pub date: Date,
}

/// Who decided the claim.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum DecidedBy {
    /// The plan's arithmetic, without a person.
    PlanRules,
    /// A person.
    Person,
}

/// How to disagree.
#[derive(Clone)]
pub struct Appeal {
    /// The last day to ask for it, from the plan.
    pub until: Date,
    /// Where to ask: an address, a page.
    pub to: String,
    /// Who can be asked after that: an ombudsman or another body outside the house.
    pub outside_body: Option<String>,
}

/// The promise under which the data on the statement was used.
#[derive(Clone)]
pub struct NoticeReference {
    /// Version of the data protection notice.
    pub version: String,
    /// The clause's id.
    pub clause: String,
    /// Where it can be read, and where the member sees who used the data.
    pub address: String,
}
