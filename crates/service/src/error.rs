//! What can go wrong in a use case. No message carries a personal value.

use domain::MatterId;
use gate::GateError;
use store::StoreError;

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The gate.
    #[error(transparent)]
    Gate(#[from] GateError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A plan file.
    #[error(transparent)]
    Plan(#[from] benefits::PlanError),
    /// A notice's files.
    #[error("the notice is not fit to publish: {0}")]
    Notice(String),
    /// An organisation, or something agreed with it, that the register does not take.
    #[error("the register of recipients: {0}")]
    Register(String),
    /// A legal matter that the register does not take, or that cannot be reviewed, opened or ended.
    #[error("the register of legal matters: {0}")]
    Matter(String),
    /// An actor whom the register does not take, or whose record cannot be changed so.
    #[error("the register of actors: {0}")]
    Actor(String),
    /// A case of the screen that cannot be decided so.
    #[error("cases of the screen: {0}")]
    Screen(&'static str),
    /// Claims that cannot be decided again so, or a proposal that cannot be released.
    #[error("deciding claims again: {0}")]
    Readjudication(&'static str),
    /// An access in an emergency that cannot be opened, read or reviewed so.
    #[error("emergency access: {0}")]
    Emergency(&'static str),
    /// A lien that cannot be asserted, received or released so.
    #[error("liens: {0}")]
    Lien(&'static str),
    /// An exclusion of a provider that cannot be entered, ended or taken out so.
    #[error("excluded providers: {0}")]
    Exclusion(&'static str),
    /// Exclusions, some of which cannot be entered: none of them was.
    #[error("{0}")]
    ExclusionRows(crate::exclusions::RowFaults),
    /// An appeal that cannot be taken in, handled or decided so.
    #[error("appeals: {0}")]
    Appeal(&'static str),
    /// A treatment of which nobody can say what it would cost.
    #[error("estimates: {0}")]
    Estimate(String),
    /// A claim that waits for a person, which cannot be taken, asked about or decided so.
    #[error("pended claims: {0}")]
    Pended(&'static str),
    /// What a person may not decide about a line of a claim so.
    #[error("{0}")]
    Override(#[from] benefits::OverrideError),
    /// An erasure of what legal matters hold. It names them: for whoever may know of them, and nobody else.
    #[error(
        "nothing was erased: a legal matter that is open about this person keeps all that is held of them (GDPR article 17(3)): {}. End it when it is over",
        named(.0)
    )]
    Held(Vec<MatterId>),
    /// An erasure on request by somebody who does not answer for the portfolio's data. It is the same whoever it is about.
    #[error(
        "what is erased on request is erased by the portfolio's data protection officer, who knows what must be kept"
    )]
    NotTheOfficer,
    /// A work item that cannot be assigned so.
    #[error("work items: {0}")]
    Work(&'static str),
    /// A case about the record of uses that cannot be opened, or a question to it that cannot be put.
    #[error("the record of uses: {0}")]
    Case(&'static str),
    /// One of several organisations that the register does not take: none of them was entered.
    #[error("recipient {place}: {problem}")]
    RegisterRow {
        /// Its place among those given, from 1.
        place: usize,
        /// What does not fit.
        problem: String,
    },
    /// What was told of a delivery does not fit: nothing of its part was written.
    #[error("delivery {place}: {problem}")]
    Delivery {
        /// Its place among those told, from 1.
        place: usize,
        /// What does not fit.
        problem: String,
    },
    /// What was sent cannot be used: a text with a payment card's number, for instance, which is kept nowhere.
    #[error(transparent)]
    Unusable(domain::ParseError),
    /// A name that nothing has.
    #[error("there is no {what} `{name}`: use one of {known}")]
    Unknown {
        /// The noun.
        what: &'static str,
        /// The name given; names of plans, sponsors and portfolios are no personal data.
        name: String,
        /// The names that would do.
        known: String,
    },
    /// A rate of exchange that is not taken.
    #[error(
        "the rate of {currency} on {day} is not taken: it is known with another value, which decisions rest on, or is no rate of at most ten decimals"
    )]
    OtherRate {
        /// Of which currency.
        currency: domain::Currency,
        /// Of which day.
        day: domain::Date,
    },
    /// A plan, none of whose versions applies on the first day of a cover.
    #[error(
        "plan `{plan}` does not apply yet on the first day of this cover: its first version applies from {from}"
    )]
    NotYetEffective {
        /// The plan's id.
        plan: String,
        /// The first day of its first version.
        from: domain::Date,
    },
    /// Another text under a known version of a plan.
    #[error(
        "plan `{label}` is known with another text, and a version never changes: give the new text a `version` of its own"
    )]
    OtherPlan {
        /// The plan's id and version.
        label: String,
    },
    /// There is no such record, or the asker may not know whether there is.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A member number that leads to somebody else.
    #[error("this member number is another member's: a number leads to one person")]
    NumberTaken,
    /// A consent given or taken back by somebody who may not, or for somebody who is not there.
    #[error(
        "nobody but a person of this portfolio whom the notice asks for it, or who is registered as their representative, can give or take back this consent"
    )]
    NotTheirs,
    /// Recording or taking back a consent by somebody who does not speak with people, a job for instance.
    #[error("consents are given to and taken back from staff who speak with people: this actor does not")]
    NotADesk,
    /// Ending a programme by somebody who does not answer for the portfolio's data.
    #[error("a programme is ended by the data protection officer of its portfolio, or by the operator")]
    NotInCharge,
    /// A consent to a text that was not shown like that.
    #[error("this consent cannot be recorded as sent: {0}")]
    NotAsShown(&'static str),
    /// Terms of a guarantee of payment that cannot be.
    #[error("this cannot be decided: {0}")]
    Guarantee(#[from] domain::GuaranteeError),
    /// Somebody who cannot decide on guarantees of payment: no clause lets them see what they would decide on.
    #[error(
        "guarantees of payment are decided by people whom a clause of the notice lets see them: this actor is not one"
    )]
    NotADecider,
    /// Somebody who cannot look at cases of the screen: no clause lets them.
    #[error(
        "cases of the screen are looked at by people whom a clause of the notice lets see them: this actor is not one"
    )]
    NotAReviewer,
    /// Something about who acts for a person that cannot be.
    #[error("this cannot be registered: {0}")]
    Representation(&'static str),
    /// Something about what payees owe back that cannot be, or not by this actor.
    #[error("this cannot be done: {0}")]
    Recovery(&'static str),
    /// What one run at a time does, while another does it.
    #[error("{0}")]
    UnderWay(&'static str),
    /// The same key was used for another request.
    #[error("this idempotency key was used for another request: use a new key")]
    OtherRequest,
    /// The clock is out of range.
    #[error("the clock is not between 1900 and 2199")]
    Clock,
    /// What was believed on a day that is still to come.
    #[error(
        "what is believed on a day that is still to come nobody knows: ask for today, or for an earlier day"
    )]
    StillToCome,
    /// No thread could be started to compute on.
    #[error("no thread could be started: the system has none left; try again")]
    Thread,
    /// The books do not balance: nothing was written.
    #[error("the books would not balance: {0}")]
    Unbalanced(&'static str),
}

fn named(matters: &[MatterId]) -> String {
    let matters: Vec<String> = matters.iter().map(MatterId::to_string).collect();
    matters.join(", ")
}
