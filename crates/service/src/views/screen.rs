//! The views of the screen: what its job needs of a claim, what whoever has a case sees, and what is counted.

use domain::{
    Claim, ClaimLine, Country, Coverage, Currency, Date, Diagnosis, Field, Iban, InvoiceNumber, LineService,
    Money, Payee, Person, PersonName, ProviderId, ScreenCase, ScreenCodes, ScreenDecision, ScreenFlag, Sex,
    View,
};

/// A claim, as the screen looks at it.
#[derive(View)]
#[of(Claim)]
pub struct ClaimToScreen {
    /// The day it was received.
    #[category(Claims)]
    pub received: Date,
    /// Who gave the care.
    #[category(Claims)]
    pub provider: ProviderId,
    /// Who is paid.
    #[category(Claims)]
    pub payee: Payee,
    /// The currency of every charge.
    #[category(Claims)]
    pub currency: Currency,
    /// The provider's invoice number.
    #[category(Claims)]
    pub invoice_number: Option<InvoiceNumber>,
    /// Where the care was given.
    #[category(Claims)]
    pub country: Option<Country>,
    /// The total that it came with, where that is not the sum of the charges.
    #[category(Claims)]
    pub other_total: Option<Money>,
    /// What was charged.
    #[category(Claims)]
    pub lines: Vec<ClaimLine>,
    /// What each line was for.
    #[category(Health)]
    pub services: Field<Vec<LineService>>,
    /// Diagnoses.
    #[category(Health)]
    pub diagnoses: Field<Vec<Diagnosis>>,
}

/// A claim before what a person let stand of it goes out: was its provider excluded meanwhile?
#[derive(View)]
#[of(Claim)]
pub struct ClaimToLookAgain {
    /// Who gave the care.
    #[category(Claims)]
    pub provider: ProviderId,
    /// What was charged: on which days.
    #[category(Claims)]
    pub lines: Vec<ClaimLine>,
}

/// A person, as the screen looks at them: could they have had this service, and to which account are they paid?
#[derive(View)]
#[of(Person)]
pub struct PersonToScreen {
    /// Name: whether somebody else has it, too.
    #[category(Identity)]
    pub name: PersonName,
    /// Birth date.
    #[category(Identity)]
    pub birth_date: Date,
    /// Administrative sex.
    #[category(Identity)]
    pub sex: Sex,
    /// Date of death.
    #[category(Identity)]
    pub death_date: Option<Date>,
    /// Account that reimbursements go to.
    #[category(Financial)]
    pub account: Option<Iban>,
}

/// Cover, as the screen looks at it.
#[derive(View)]
#[of(Coverage)]
pub struct CoverToScreen {
    /// First day.
    #[category(Eligibility)]
    pub start: Date,
    /// Last day.
    #[category(Eligibility)]
    pub end: Option<Date>,
}

/// What was flagged of a claim, and decided.
#[derive(View)]
#[of(ScreenCase)]
pub struct CaseToReview {
    /// The day on which it was screened.
    #[category(Claims)]
    pub screened: Date,
    /// What was flagged.
    #[category(Claims)]
    pub flags: Vec<ScreenFlag>,
    /// What was decided before.
    #[category(Claims)]
    pub decisions: Vec<ScreenDecision>,
}

/// What was flagged of a claim by rules that look at what the care was.
#[derive(View)]
#[of(ScreenCodes)]
pub struct CodesToReview {
    /// What was flagged.
    #[category(Health)]
    pub flags: Field<Vec<ScreenFlag>>,
}

/// The claim of a case, as whoever has it sees it.
#[derive(View)]
#[of(Claim)]
pub struct ClaimToReview {
    /// The day it was received.
    #[category(Claims)]
    pub received: Date,
    /// Who gave the care.
    #[category(Claims)]
    pub provider: ProviderId,
    /// The currency of every charge.
    #[category(Claims)]
    pub currency: Currency,
    /// The provider's invoice number.
    #[category(Claims)]
    pub invoice_number: Option<InvoiceNumber>,
    /// The total that it came with, where that is not the sum of the charges.
    #[category(Claims)]
    pub other_total: Option<Money>,
    /// What was charged.
    #[category(Claims)]
    pub lines: Vec<ClaimLine>,
    /// What each line was for.
    #[category(Health)]
    pub services: Field<Vec<LineService>>,
}

/// What was flagged and decided, to be counted.
#[derive(View)]
#[of(ScreenCase)]
pub struct CaseToCount {
    /// What was flagged.
    #[category(Claims)]
    pub flags: Vec<ScreenFlag>,
    /// What was decided.
    #[category(Claims)]
    pub decisions: Vec<ScreenDecision>,
}
