//! What the files say of another payer: its cover, in a row of the cover file, and what it paid of a line of a claim; with the
//! salaries and earlier conditions of a span. Whatever decides who pays first must be said: nothing of it is guessed.

use domain::{
    Birthday, CoveredAs, CoveredThrough, Currency, Diagnosis, Money, OtherCoverage, OtherPayerAmounts,
    ParentBirthdays, ParseError, Preexisting, ReferenceSalary, WorkStatus,
};

use crate::claims::charge_of;
use crate::people::not_before;
use crate::table::Row;
use crate::{InputError, Problem};

/// What belongs to another payer.
const OF_OTHER: [&str; 10] = [
    "other_start",
    "other_end",
    "through",
    "other_through",
    "work",
    "other_work",
    "parent_birthday",
    "other_parent_birthday",
    "parent_since",
    "other_parent_since",
];

const WITHOUT_PAYER: Problem =
    Problem::Rule("it says something of another payer: fill `other_payer`, or empty it");

/// A salary from a day on: `2026-01-01=84000.00`.
pub(crate) fn salary(text: &str, currency: Currency) -> Result<ReferenceSalary, ParseError> {
    let shape = |problem| ParseError::Shape { what: "salary", problem };
    let (from, yearly) =
        text.split_once('=').ok_or(shape("write a day and an amount: 2026-01-01=84000.00"))?;
    let salary = ReferenceSalary { from: from.trim().parse()?, yearly: Money::parse(yearly, currency)? };
    if salary.yearly.minor() < 0 { Err(shape("below zero")) } else { Ok(salary) }
}

/// A condition with its last day: `M51=2025-03-14`.
pub(crate) fn preexisting(text: &str) -> Result<Preexisting, ParseError> {
    let problem = "write a code and the last day of symptoms or treatment: M51=2025-03-14";
    let shape = ParseError::Shape { what: "condition", problem };
    let (diagnosis, day) = text.split_once('=').ok_or(shape)?;
    Ok(Preexisting { diagnosis: Diagnosis::parse(diagnosis)?, last_treated: day.trim().parse()? })
}

/// Another payer's cover.
pub(crate) fn other(row: &Row<'_>) -> Result<Option<OtherCoverage>, InputError> {
    let Some(payer) = row.optional("other_payer", str::parse)? else {
        return match OF_OTHER.into_iter().find(|column| row.text(column).is_some()) {
            Some(column) => Err(row.error(column, WITHOUT_PAYER)),
            None => Ok(None),
        };
    };
    let as_covered = |through, work, since| -> Result<CoveredAs, InputError> {
        Ok(CoveredAs {
            through: row.required(through, str::parse)?,
            work: row.optional(work, str::parse)?.unwrap_or(WorkStatus::Active),
            parent_since: row.optional(since, str::parse)?,
        })
    };
    let other = OtherCoverage {
        payer,
        start: row.required("other_start", str::parse)?,
        end: row.optional("other_end", str::parse)?,
        own: as_covered("through", "work", "parent_since")?,
        other: as_covered("other_through", "other_work", "other_parent_since")?,
    };
    not_before(row, "other_end", other.start, other.end)?;
    Ok(Some(other))
}

/// The birthdays that decide between two parents: needed where both covers come through one.
pub(crate) fn parents(
    row: &Row<'_>,
    other: Option<&OtherCoverage>,
) -> Result<Option<ParentBirthdays>, InputError> {
    let through_parents = |other: &OtherCoverage| {
        [&other.own, &other.other].into_iter().all(|one| one.through == CoveredThrough::Parent)
    };
    if !other.is_some_and(through_parents) {
        return Ok(None);
    }
    for column in ["parent_since", "other_parent_since"] {
        row.text(column).ok_or_else(|| row.error(column, Problem::Required))?;
    }
    Ok(Some(ParentBirthdays {
        own: row.required("parent_birthday", Birthday::parse)?,
        other: row.required("other_parent_birthday", Birthday::parse)?,
    }))
}

/// What others paid of a line, allowed, and left with the member.
pub(crate) const OTHER_AMOUNTS: [&str; 3] = ["other_paid", "other_allowed", "other_contribution"];

/// What other payers made of a line; none where what they paid is not known.
pub(crate) fn other_amounts(
    line: u32,
    texts: &[Option<String>; 3],
    currency: Currency,
) -> Result<Option<OtherPayerAmounts>, (&'static str, Problem)> {
    let read = |column, text: &Option<String>| {
        let amount = text.as_deref().map(|text| charge_of(text, currency)).transpose();
        amount.map_err(|error| (column, error.into()))
    };
    let [paid, allowed, contribution] = OTHER_AMOUNTS;
    let [paid_text, allowed_text, contribution_text] = texts;
    let (allowed_amount, contribution) =
        (read(allowed, allowed_text)?, read(contribution, contribution_text)?);
    match read(paid, paid_text)? {
        Some(paid) => Ok(Some(OtherPayerAmounts { line, paid, allowed: allowed_amount, contribution })),
        None if allowed_amount.is_none() && contribution.is_none() => Ok(None),
        None => Err((
            paid,
            Problem::Rule("it says what the other payer allowed or left: say what it paid, 0 if nothing"),
        )),
    }
}
