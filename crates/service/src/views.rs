//! The views: for each use, exactly the fields that it needs. A use cannot get more than it names.

mod adjudicate;
mod appeal;
mod counting;
mod emergency;
mod estimate;
mod exclusion;
mod guarantee;
mod lien;
mod pended;
mod people;
mod readjudication;
mod screen;
mod settlement;
mod supplied;

use domain::{
    Bic, Claim, ClaimConfirmation, ClaimLine, Country, Coverage, CoverageId, CoverageStatus, Currency, Date,
    Determination, Diagnosis, Field, Iban, LineBenefit, LineDetermination, LineExchange, LineService,
    MemberNumber, Money, Payee, Payment, Person, PersonName, PhoneNumber, PlanLabel, PlanName, PolicyNumber,
    PostalAddress, Posting, PostingEntry, Provider, ProviderId, Trace, TravelQuestionnaire, View,
};

pub use adjudicate::{
    AccumulatorsToAdjudicate, ClaimToAdjudicate, CoverToAdjudicate, FactsToCount, OtherPayerAnswerToCount,
    OverridesToCount, PersonToAdjudicate,
};
pub use appeal::{AppealToHandle, ClaimUnderAppeal, ConfirmationUnderAppeal, DeterminationUnderAppeal};
pub use counting::{FamilySumsToCount, GuaranteeToCount};
pub use emergency::{CoverInEmergency, EmergencyReasons, PersonInEmergency};
pub use estimate::CoverToEstimate;
pub use exclusion::ExclusionsToKeep;
pub use guarantee::{GuaranteeForProvider, GuaranteeToDecide, GuaranteeToSum, PersonForProvider};
pub use lien::LienToHandle;
pub use pended::{
    ClaimOnDesk, ClaimToCoordinate, ClaimToTell, ClosingsOfClaim, ConfirmationInHistory, DeterminationOnDesk,
    DeterminationToOverride, FactsOnDesk, OverridesOfClaim, OverridesOnDesk, QuestionsOnDesk,
};
pub use people::{Participant, PersonConcerned, PersonToCorrect, PersonToErase, PersonWasErased};
pub use readjudication::{DeterminationToReadjudicate, ProposalToRelease, ProposalToShow};
pub use screen::{
    CaseToCount, CaseToReview, ClaimToLookAgain, ClaimToReview, ClaimToScreen, CodesToReview, CoverToScreen,
    PersonToScreen,
};
pub use settlement::{SettlementForStatement, SettlementToPay};
pub use supplied::{
    CardToCharge, CardToRecord, CardToRemove, ClaimsMaterial, EligibilityMaterial, FinancialMaterial,
    HealthMaterial, IdentityMaterial, MaterialFiledAsClaims, MaterialFiledAsEligibility,
    MaterialFiledAsFinancial, MaterialFiledAsHealth, MaterialFiledAsIdentity, MaterialFiledAsOther,
    MaterialFiledAsPlan, MaterialToClassify, MaterialToRefuse, OtherMaterial, PlanMaterial,
};

/// What the payment job needs of a claim.
#[derive(View)]
#[of(Claim)]
pub struct ClaimToPay {
    /// Who gave the care.
    #[category(Claims)]
    pub provider: ProviderId,
    /// Who is paid.
    #[category(Claims)]
    pub payee: Payee,
}

/// What the payment job, and whoever lets a payment go, needs of a determination: amounts, not what for.
#[derive(View)]
#[of(Determination)]
pub struct DeterminationToPay {
    /// The currency.
    #[category(Claims)]
    pub currency: Currency,
    /// Line by line.
    #[category(Claims)]
    pub lines: Vec<LineDetermination>,
}

/// The member, as payee.
#[derive(View)]
#[of(Person)]
pub struct MemberToPay {
    /// Name.
    #[category(Identity)]
    pub name: PersonName,
    /// Town.
    #[category(Identity)]
    pub town: Option<PostalAddress>,
    /// Country.
    #[category(Identity)]
    pub country: Option<Country>,
    /// Account.
    #[category(Financial)]
    pub account: Option<Iban>,
    /// Its bank.
    #[category(Financial)]
    pub bank: Option<Bic>,
}

/// The provider, as payee.
#[derive(View)]
#[of(Provider)]
pub struct ProviderToPay {
    /// Name.
    #[category(Identity)]
    pub name: PersonName,
    /// Town.
    #[category(Identity)]
    pub town: Option<PostalAddress>,
    /// Country.
    #[category(Identity)]
    pub country: Option<Country>,
    /// Account.
    #[category(Financial)]
    pub account: Option<Iban>,
    /// Its bank.
    #[category(Financial)]
    pub bank: Option<Bic>,
}

/// What the bank is told.
#[derive(View)]
#[of(Payment)]
pub struct PaymentForBank {
    /// Who is paid.
    #[category(Identity)]
    pub name: PersonName,
    /// Town.
    #[category(Identity)]
    pub town: Option<PostalAddress>,
    /// Country.
    #[category(Identity)]
    pub country: Option<Country>,
    /// The account.
    #[category(Financial)]
    pub account: Iban,
    /// Its bank.
    #[category(Financial)]
    pub bank: Option<Bic>,
    /// The amount.
    #[category(Financial)]
    pub amount: Money,
    /// The day it is to be carried out.
    #[category(Financial)]
    pub execution: Date,
}

/// The claim, for its statement of benefits.
#[derive(View)]
#[of(Claim)]
pub struct ClaimForStatement {
    /// The day it was received.
    #[category(Claims)]
    pub received: Date,
    /// Who gave the care.
    #[category(Claims)]
    pub provider: ProviderId,
    /// Who is paid.
    #[category(Claims)]
    pub payee: Payee,
    /// What was charged.
    #[category(Claims)]
    pub lines: Vec<ClaimLine>,
    /// What each line was for.
    #[category(Health)]
    pub services: Vec<LineService>,
}

/// The determination, for its statement of benefits.
#[derive(View)]
#[of(Determination)]
pub struct DeterminationForStatement {
    /// The day it was first decided.
    #[category(Claims)]
    pub decided: Date,
    /// The day on which it was released in the place of the one before.
    #[category(Claims)]
    pub released: Option<Date>,
    /// The currency.
    #[category(Claims)]
    pub currency: Currency,
    /// Line by line.
    #[category(Claims)]
    pub lines: Vec<LineDetermination>,
    /// Which benefit each line fell under.
    #[category(Health)]
    pub benefits: Vec<LineBenefit>,
    /// How each amount came about.
    #[category(Health)]
    pub traces: Vec<Trace>,
    /// The plan version that the numbers belong to.
    #[category(Health)]
    pub plan_version: PlanLabel,
    /// What was exchanged.
    #[category(Claims)]
    pub exchanges: Vec<LineExchange>,
    /// Under which span of cover.
    #[category(Claims)]
    pub coverage: Option<CoverageId>,
}

/// Whether a person let the claim stand as it was proposed, for its statement of benefits: when, and not why.
#[derive(View)]
#[of(ClaimConfirmation)]
pub struct ConfirmationForStatement {
    /// The day of the decision.
    #[category(Claims)]
    pub decided: Date,
}

/// The payment, for a statement of benefits.
#[derive(View)]
#[of(Payment)]
pub struct PaymentForStatement {
    /// The account that it goes to, printed masked.
    #[category(Financial)]
    pub account: Iban,
    /// The amount.
    #[category(Financial)]
    pub amount: Money,
    /// The day it is to be carried out.
    #[category(Financial)]
    pub execution: Date,
}

/// The person, for a statement of benefits.
#[derive(View)]
#[of(Person)]
pub struct PersonForStatement {
    /// Name.
    #[category(Identity)]
    pub name: PersonName,
    /// Number on the card.
    #[category(MemberId)]
    pub member_number: MemberNumber,
    /// Account that is paid to, printed masked.
    #[category(Financial)]
    pub account: Option<Iban>,
}

/// The cover, for a statement of benefits.
#[derive(View)]
#[of(Coverage)]
pub struct CoverForStatement {
    /// The policy's number.
    #[category(Plan)]
    pub policy_number: PolicyNumber,
    /// The plan's name.
    #[category(Plan)]
    pub plan_name: PlanName,
    /// First day.
    #[category(Eligibility)]
    pub start: Date,
    /// Last day.
    #[category(Eligibility)]
    pub end: Option<Date>,
}

/// Cover on a day: whether somebody is covered, and under which plan.
#[derive(View)]
#[of(Coverage)]
pub struct CoverOnDay {
    /// The plan's name.
    #[category(Plan)]
    pub plan_name: PlanName,
    /// First day.
    #[category(Eligibility)]
    pub start: Date,
    /// Last day.
    #[category(Eligibility)]
    pub end: Option<Date>,
    /// Whether it is in force.
    #[category(Eligibility)]
    pub status: CoverageStatus,
}

/// A member's cover, as customer service and the member see it.
#[derive(View)]
#[of(Coverage)]
pub struct CoverPage {
    /// The insured's name.
    #[category(Identity)]
    pub insured: PersonName,
    /// The policy's number.
    #[category(Plan)]
    pub policy_number: PolicyNumber,
    /// The plan's name.
    #[category(Plan)]
    pub plan_name: PlanName,
    /// The column of amounts.
    #[category(Plan)]
    pub currency: Currency,
    /// First day.
    #[category(Eligibility)]
    pub start: Date,
    /// Last day.
    #[category(Eligibility)]
    pub end: Option<Date>,
    /// Whether it is in force.
    #[category(Eligibility)]
    pub status: CoverageStatus,
    /// Excluded conditions: health data, withheld unless the clause shows it.
    #[category(Health)]
    pub exclusions: Field<Vec<Diagnosis>>,
}

/// The person who asks who saw their data.
#[derive(View)]
#[of(Person)]
pub struct PersonForAccess {
    /// Name.
    #[category(Identity)]
    pub name: PersonName,
    /// Number on the card.
    #[category(MemberId)]
    pub member_number: MemberNumber,
}

/// Somebody who was searched for, as far as a clause shows who they are.
#[derive(View)]
#[of(Person)]
pub struct FoundPerson {
    /// Name.
    #[category(Identity)]
    pub name: Field<PersonName>,
    /// Birth date.
    #[category(Identity)]
    pub birth_date: Field<Date>,
    /// Number on the card.
    #[category(MemberId)]
    pub member_number: Field<MemberNumber>,
}

/// Under which plan somebody is who was searched for.
#[derive(View)]
#[of(Coverage)]
pub struct FoundCover {
    /// The plan's name.
    #[category(Plan)]
    pub plan_name: Field<PlanName>,
}

/// A posting, for the proof that the ledger balances.
#[derive(View)]
#[of(Posting)]
pub struct PostingToVerify {
    /// The day it counts for.
    #[category(Financial)]
    pub booked: Date,
    /// The currency.
    #[category(Financial)]
    pub currency: Currency,
    /// Entries.
    #[category(Financial)]
    pub entries: Vec<PostingEntry>,
}

/// What somebody answered who travels, as whoever helps them needs it.
#[derive(View)]
#[of(TravelQuestionnaire)]
pub struct TravelAnswers {
    /// Where they are reached.
    #[category(Identity)]
    pub phone: Field<PhoneNumber>,
    /// Where they travel.
    #[category(Other)]
    pub destination: Country,
    /// The first day there.
    #[category(Other)]
    pub arrival: Date,
    /// The last day there.
    #[category(Other)]
    pub departure: Date,
}
