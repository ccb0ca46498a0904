//! What was decided, compared with what would be: whether a claim comes out as it did, whether a person had released it, and which
//! services a person compared with others, and let stand as nearly duplicates: whoever compared them did so once, whichever of the two comes
//! first when they are decided again. It decides nothing.

use benefits::standing;
use domain::{ClaimLine, Date, Determination, LineDetermination, Outcome, ProviderId, Reason, ServiceCode};

use super::compute::Earlier;
use crate::views::ClaimToAdjudicate;

/// A service that was paid as nearly a duplicate, since a person had compared it.
pub(super) struct Compared {
    provider: ProviderId,
    day: Date,
    code: ServiceCode,
}

/// Those of these claims.
pub(super) fn compared(earlier: &[Earlier]) -> Vec<Compared> {
    let of = |one: &Earlier| {
        let is_compared = |line: &u32| {
            let settled = one.determination.lines.iter().find(|settled| settled.number == *line);
            settled.is_some_and(|settled| {
                settled.outcome == Outcome::Approved && settled.reasons.contains(&Reason::Duplicate)
            })
        };
        services(&one.claim).into_iter().filter(|(line, _)| is_compared(line)).map(|(_, one)| one).collect()
    };
    earlier.iter().flat_map(|one| -> Vec<Compared> { of(one) }).collect()
}

/// The services of a claim, by their lines.
fn services(claim: &ClaimToAdjudicate) -> Vec<(u32, Compared)> {
    let of = |line: &ClaimLine| {
        let service = claim.services.iter().find(|service| service.line == line.number)?;
        let (provider, day, code) = (claim.provider, line.service_start, service.code.clone());
        Some((line.number, Compared { provider, day, code }))
    };
    claim.lines.iter().filter_map(of).collect()
}

/// Whether each line that waits does so as nearly a duplicate, of a service that was compared with such a one.
pub(super) fn was_compared(known: &[Compared], claim: &ClaimToAdjudicate, held: &Determination) -> bool {
    let services = services(claim);
    let mut waiting = held.lines.iter().filter(|line| line.outcome == Outcome::Pended);
    waiting.all(|line| {
        let own = services.iter().find(|(number, _)| *number == line.number).map(|(_, own)| own);
        let is_near = |own: &Compared, other: &Compared| {
            let near = (-1..=1).contains(&own.day.days_until(other.day));
            near && (own.provider, &own.code) == (other.provider, &other.code)
        };
        line.reasons.first() == Some(&Reason::Duplicate)
            && own.is_some_and(|own| known.iter().any(|other| is_near(own, other)))
    })
}

/// Whether a person released what was held of a claim: a line is paid that has the reason of a hold.
pub(super) fn was_released(before: &Determination) -> bool {
    let holds = [Reason::Suspended, Reason::Duplicate, Reason::Area];
    let is_held = |line: &LineDetermination| line.reasons.iter().any(|reason| holds.contains(reason));
    before.lines.iter().any(|line| line.outcome == Outcome::Approved && is_held(line))
}

/// Whether a claim comes out as it was decided: what becomes of it, each amount and reason, and what it counts.
pub(super) fn is_same(before: &Determination, after: &Determination) -> bool {
    (before.outcome, before.currency) == (after.outcome, after.currency)
        && before.lines == after.lines
        && standing(&before.entries) == after.entries
}
