//! Rules about days on which the person could not have had the service, or had just become covered.

use domain::{Date, ScreenFlag, ScreenRule};

use super::{Screening, of_lines};

/// How soon after cover began a large claim is soon, in days; and what is large, in whole units of its currency.
const SOON_DAYS: i32 = 30;
const LARGE: i128 = 1_000;

/// A service after death.
pub(super) fn after_death(screening: &Screening<'_>) -> Option<ScreenFlag> {
    let death = screening.person.death_date?;
    of_lines(ScreenRule::AfterDeath, screening.claim.lines.iter().filter(|line| line.service_end > death))
}

/// A service before birth.
pub(super) fn before_birth(screening: &Screening<'_>) -> Option<ScreenFlag> {
    let birth = screening.person.birth_date;
    of_lines(ScreenRule::BeforeBirth, screening.claim.lines.iter().filter(|line| line.service_start < birth))
}

/// A service on a day of no span of cover.
pub(super) fn outside_cover(screening: &Screening<'_>) -> Option<ScreenFlag> {
    let is_covered = |day: Date| {
        let mut spans = screening.person.cover.iter();
        spans.any(|(start, end)| *start <= day && end.is_none_or(|end| day <= end))
    };
    let lines = screening.claim.lines.iter().filter(|line| !is_covered(line.service_start));
    of_lines(ScreenRule::OutsideCover, lines)
}

/// A large claim for care soon after the person's first cover began.
pub(super) fn soon_after_start(screening: &Screening<'_>) -> Option<ScreenFlag> {
    let claim = &screening.claim;
    let start = screening.person.cover.iter().map(|(start, _)| *start).min()?;
    if claim.charged() < claim.units(LARGE) {
        return None;
    }
    let is_soon = |day: Date| (0..SOON_DAYS).contains(&start.days_until(day));
    let lines = claim.lines.iter().filter(|line| is_soon(line.service_start));
    of_lines(ScreenRule::SoonAfterStart, lines)
}
