//! What persons decided about lines of a claim otherwise than the plan's rules: which refusals may be lifted at all and, of those
//! that may not, why; and what stands of a line's decisions. Who decided, and whether they may, is not known here.

use domain::{LineDecision, LineDetermination, Outcome, Reason, Step, Trace};

/// What a person decided about a line: of two about one line and reason the later one stands.
#[derive(Clone, Copy)]
pub struct Override {
    /// The line's number; a line that the claim does not have is nobody's.
    pub line: u32,
    /// What.
    pub decision: LineDecision,
}

/// A decision about a line that would change nothing, or that nobody may make. Lines are named by number, never by what they say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OverrideError {
    /// There is no such line.
    #[error("the claim has no line {line}: name one that it has")]
    NoLine {
        /// The number.
        line: u32,
    },
    /// The line is not refused, or paid less, for that.
    #[error(
        "line {line} is not refused for `{reason}`: nothing would be lifted, name the reason that is shown of it"
    )]
    NothingToLift {
        /// The line's number.
        line: u32,
        /// The reason.
        reason: Reason,
    },
    /// A person refused it before.
    #[error("line {line} was refused by a person already: nothing would change")]
    IsRefused {
        /// The line's number.
        line: u32,
    },
    /// Nobody lifts it.
    #[error("nobody lifts `{reason}` from line {line}: {why}")]
    NotLifted {
        /// The line's number.
        line: u32,
        /// The reason.
        reason: Reason,
        /// Why not, and what is done instead.
        why: &'static str,
    },
}

/// Why what has no terms is not lifted.
const NO_TERMS: &str = "no benefit, module or price takes the care, so there are no terms to pay it by: correct the cover or the plan";

/// Whether a person may lift a reason from a line.
///
/// # Errors
/// Why not, and what is done instead.
pub const fn may_lift(reason: Reason) -> Result<(), &'static str> {
    match reason {
        // A judgement of the case, to which a person may come otherwise.
        Reason::Duplicate
        | Reason::Late
        | Reason::Area
        | Reason::Waiting
        | Reason::Excluded
        | Reason::NoPreauthorisation
        | Reason::Bundled
        | Reason::Person
        // Of these the plan's exclusions alone: see `lifts`.
        | Reason::NotCovered => Ok(()),
        Reason::NotEligible => Err("cover is what the record says on the day of the service: correct the cover"),
        Reason::Phantom => {
            Err("nobody is treated before birth or after death: correct the person's record or the claim's days")
        }
        Reason::ServiceLimit | Reason::MoneyMaximum => {
            Err("a limit is what the plan promises everybody, and is never passed: correct what was counted")
        }
        Reason::Deductible | Reason::Copay | Reason::Coinsurance => {
            Err("it is the member's share by the plan, and no refusal: correct what was counted, or the plan")
        }
        Reason::Fee | Reason::ReasonableAndCustomary | Reason::RoomGrade => {
            Err("it is what the plan allows for the care, and no refusal: correct what the claim says, or the plan")
        }
        Reason::OtherPayer => {
            Err("what another payer paid is not paid twice: enter what it answered")
        }
        Reason::Information => Err("it cannot be worked out without what is missing: enter what became known"),
        Reason::Suspended | Reason::ProviderExcluded => {
            Err("the line is held and not refused: who confirms the claim lets it go")
        }
    }
}

/// Whether a lift of a reason is applied at a step. That no benefit takes the care, or no price, leaves nothing to work out.
const fn lifts(reason: Reason, step: Step) -> bool {
    may_lift(reason).is_ok() && (!matches!(reason, Reason::NotCovered) || matches!(step, Step::Exclusion))
}

/// Whether a person refused a line, and nobody lifted that since.
#[must_use]
pub fn is_refused(overrides: &[Override], line: u32) -> bool {
    let last = overrides.iter().rev().filter(|one| one.line == line).find_map(|one| match one.decision {
        LineDecision::Refuse(_) => Some(true),
        LineDecision::Lift(Reason::Person) => Some(false),
        LineDecision::Lift(_) => None,
    });
    last.unwrap_or(false)
}

/// Whether a reason that a step finds is not applied to a line.
pub(crate) fn is_lifted(overrides: &[Override], line: u32, reason: Reason, step: Step) -> bool {
    lifts(reason, step)
        && overrides.iter().any(|one| one.line == line && one.decision == LineDecision::Lift(reason))
}

/// Whether a reason may be lifted from a line that came out so.
///
/// # Errors
/// There is no such line; it was not refused, or paid less, for that; nobody lifts the reason.
pub fn can_lift(
    (lines, traces): (&[LineDetermination], &[Trace]),
    line: u32,
    reason: Reason,
) -> Result<(), OverrideError> {
    let found = lines.iter().find(|one| one.number == line).ok_or(OverrideError::NoLine { line })?;
    if !found.reasons.contains(&reason) {
        return Err(OverrideError::NothingToLift { line, reason });
    }
    may_lift(reason).map_err(|why| OverrideError::NotLifted { line, reason, why })?;
    // A line that is refused ends with the step that refuses it.
    let last = traces.iter().rev().find(|trace| trace.line == line).map(|trace| trace.step);
    match (found.outcome, last) {
        (Outcome::Denied, Some(step)) if !lifts(reason, step) => {
            Err(OverrideError::NotLifted { line, reason, why: NO_TERMS })
        }
        _ => Ok(()),
    }
}

/// Whether a person may refuse a line that came out so.
///
/// # Errors
/// There is no such line; a person refused it already.
pub fn can_refuse(lines: &[LineDetermination], line: u32) -> Result<(), OverrideError> {
    let found = lines.iter().find(|one| one.number == line).ok_or(OverrideError::NoLine { line })?;
    match found.reasons.contains(&Reason::Person) {
        true => Err(OverrideError::IsRefused { line }),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use domain::RefusalGround;

    use super::*;

    const REFUSE: LineDecision = LineDecision::Refuse(RefusalGround::NotNecessary);

    fn overrides(decisions: &[(u32, LineDecision)]) -> Vec<Override> {
        decisions.iter().map(|(line, decision)| Override { line: *line, decision: *decision }).collect()
    }

    #[test]
    fn of_two_decisions_about_a_line_the_later_one_stands() {
        let lift = LineDecision::Lift(Reason::Person);
        assert!(!is_refused(&[], 1));
        assert!(is_refused(&overrides(&[(1, REFUSE), (2, lift)]), 1));
        assert!(!is_refused(&overrides(&[(1, REFUSE), (1, lift)]), 1));
        assert!(is_refused(&overrides(&[(1, lift), (1, REFUSE), (1, LineDecision::Lift(Reason::Late))]), 1));
    }

    #[test]
    fn what_nobody_may_lift_is_lifted_by_no_record() {
        for reason in Reason::ALL {
            let all = overrides(&[(1, LineDecision::Lift(*reason))]);
            let is = |step| is_lifted(&all, 1, *reason, step);
            assert_eq!(is(Step::Exclusion), may_lift(*reason).is_ok(), "{reason}");
            assert!(!is_lifted(&all, 2, *reason, Step::Exclusion));
        }
        let all = overrides(&[(1, LineDecision::Lift(Reason::NotCovered))]);
        assert!(!is_lifted(&all, 1, Reason::NotCovered, Step::BenefitMatch));
        assert!(!is_lifted(&all, 1, Reason::NotCovered, Step::AllowedAmount));
    }
}
