//! Reads what another system decided on a line, beside what is claimed. It does not judge it.

use domain::{Currency, Reason};

use super::FileError;
use super::object::{Object, field};

/// The fields of a line that are read here.
pub(super) const OF_LINE: [&str; 2] = ["expected", "expected_reason"];

/// What another system decided on a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    /// What it paid, in minor units of the currency of the cover.
    pub(crate) plan: i64,
    /// Why not all, as far as it said so.
    pub(crate) reason: Option<Reason>,
}

/// What another system decided on a line, where the file says it; of a claim in flight it can say nothing.
pub(super) fn of_line(
    line: &Object<'_>,
    currency: Currency,
    in_flight: bool,
) -> Result<Option<Expected>, FileError> {
    let reason = line.maybe("expected_reason")?;
    let expected = match line.maybe_money("expected", currency)? {
        Some(plan) => Some(Expected { plan, reason }),
        None if reason.is_some() => {
            return Err(field(&line.at("expected"), "missing: a reason says why it is not more"));
        }
        None => None,
    };
    if expected.is_some() && in_flight {
        let problem = "a claim in flight is not decided yet: leave this out, or `in_flight`";
        return Err(field(&line.at("expected"), problem));
    }
    Ok(expected)
}
