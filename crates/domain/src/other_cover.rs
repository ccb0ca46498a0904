//! Another payer's cover of the same person: what decides which of the two pays first, and what it paid. Who the payer is, and
//! under which number, is not taken in: no rule asks. The order itself is worked out in `benefits`.

use minicbor::{Decode, Encode};

use crate::redacted::redacted;
use crate::vocabulary::vocabulary;
use crate::{ActorId, Date, Money, ParseError, Personal};

vocabulary! {
    /// What kind of payer another one is.
    OtherPayerKind, "other payer" {
        /// A statutory scheme: it pays before voluntary cover.
        Statutory = 0 "statutory",
        /// Voluntary cover with rules of coordination.
        Voluntary = 1 "voluntary",
        /// Cover without rules of coordination: it pays first.
        NoClause = 2 "no-clause",
    }
}

vocabulary! {
    /// Through whom a person is covered.
    CoveredThrough, "way of being covered" {
        /// Themselves: as employee, policyholder or pensioner.
        Themselves = 0 "themselves",
        /// A spouse or partner.
        Partner = 1 "partner",
        /// A parent who lives with the other parent.
        Parent = 2 "parent",
        /// Of parents who live apart, the one whom a court made responsible.
        DecreedParent = 3 "decreed-parent",
        /// The parent with whom the child lives.
        CustodialParent = 4 "custodial-parent",
        /// The partner of that parent.
        CustodialParentsPartner = 5 "custodial-parents-partner",
        /// The other parent.
        OtherParent = 6 "other-parent",
        /// The partner of the other parent.
        OtherParentsPartner = 7 "other-parents-partner",
    }
}

vocabulary! {
    /// Whether the work that cover came with goes on.
    WorkStatus, "work status" {
        /// It does, or cover did not come with work.
        Active = 0 "active",
        /// It has ended: laid off, retired.
        Former = 1 "former",
        /// Cover goes on after it would have ended, by right of continuation.
        Continuation = 2 "continuation",
    }
}

/// How a person is covered by one of two payers.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CoveredAs {
    /// Through whom.
    #[n(0)]
    pub through: CoveredThrough,
    /// Whether the work that it came with goes on.
    #[n(1)]
    pub work: WorkStatus,
    /// Since when the parent through whom it is has been covered.
    #[n(2)]
    pub parent_since: Option<Date>,
}

/// Another payer's cover beside a span of cover.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct OtherCoverage {
    /// What kind of payer.
    #[n(0)]
    pub payer: OtherPayerKind,
    /// Its first day.
    #[n(1)]
    pub start: Date,
    /// Its last day; none while it is open.
    #[n(2)]
    pub end: Option<Date>,
    /// How the person is covered here.
    #[n(3)]
    pub own: CoveredAs,
    /// How the person is covered there.
    #[n(4)]
    pub other: CoveredAs,
}

impl OtherCoverage {
    /// Whether it covers a day.
    #[must_use]
    pub fn covers(&self, day: Date) -> bool {
        self.start <= day && self.end.is_none_or(|end| day <= end)
    }
}

/// A day of the year, without the year.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(map)]
pub struct Birthday {
    /// From 1.
    #[n(0)]
    pub month: i8,
    /// From 1.
    #[n(1)]
    pub day: i8,
}

impl Birthday {
    /// Reads month and day, like `06-02`.
    ///
    /// # Errors
    /// When it is no day of any year.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let problem = "write month and day, like 06-02";
        let parts = text.split_once('-').filter(|(month, day)| month.len() == 2 && day.len() == 2);
        let read = parts.and_then(|(month, day)| Some((month.parse().ok()?, day.parse().ok()?)));
        // A leap year has every day.
        let read = read.filter(|(month, day)| Date::new(2024, *month, *day).is_ok());
        let (month, day) = read.ok_or(ParseError::Shape { what: "birthday", problem })?;
        Ok(Self { month, day })
    }
}

/// The birthdays of the parents through whom a child is covered.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ParentBirthdays {
    /// Of the parent through whom it is covered here.
    #[n(0)]
    pub own: Birthday,
    /// Of the parent through whom it is covered there.
    #[n(1)]
    pub other: Birthday,
}

/// What other payers made of one line of a claim, together, in the claim's currency.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct OtherPayerAmounts {
    /// The line's number.
    #[n(0)]
    pub line: u32,
    /// What was paid.
    #[n(1)]
    pub paid: Money,
    /// What was allowed; for a statutory scheme, its base of reimbursement.
    #[n(2)]
    pub allowed: Option<Money>,
    /// A flat contribution that stays with the member whatever other cover there is.
    #[n(3)]
    pub contribution: Option<Money>,
}

/// What another payer answered about a claim after it had come in. It has the claim's id, and goes before what came with the claim.
#[derive(Clone, PartialEq, Eq, Personal)]
#[personal(kind = OtherPayerAnswer, retention = Claims)]
pub struct OtherPayerAnswer {
    /// The day on which it was entered.
    #[category(Claims)]
    #[tag(1)]
    pub entered: Date,
    /// By whom.
    #[category(Claims)]
    #[tag(2)]
    pub by: ActorId,
    /// Line by line; of a line that is not here nothing is known.
    #[category(Claims)]
    #[tag(3)]
    pub lines: Vec<OtherPayerAmounts>,
}

redacted!(CoveredAs, OtherCoverage, Birthday, ParentBirthdays, OtherPayerAmounts);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_birthday_is_a_day_of_some_year() {
        assert!(Birthday::parse("02-29").is_ok());
        assert!(Birthday::parse("12-31").unwrap() > Birthday::parse("06-02").unwrap());
        for bad in ["", "6-2", "02-30", "13-01", "00-10", "1987-06-02", "-1-02"] {
            assert!(Birthday::parse(bad).is_err(), "{bad}");
        }
    }
}
