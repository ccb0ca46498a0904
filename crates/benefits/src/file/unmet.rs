//! What stood before the first claim and counts for none: told, so that no balance is left out in silence. It looks at which
//! balances the claims of the file meet, and at no amount.

use std::collections::BTreeMap;

use super::before::{Opening, Whose};
use super::read::{Claim, File};
use crate::adjudicate::{period_start_of, scope_of};
use crate::case::Case;
use crate::plan::{Counter, Per, Period, Plan};

/// Why what stood before counts for no claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyUnmet {
    /// Nobody of whom it is has a claim in the file.
    NoClaim,
    /// No claim of theirs has care in its period, or the period does not begin on that day.
    NoPeriod,
    /// No claim of theirs is of its condition, event, pregnancy, admission or provider.
    NoScope,
}

impl WhyUnmet {
    /// It for people.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::NoClaim => "nobody of whom it is has a claim in the file",
            Self::NoPeriod => "no claim of theirs has care in a period that begins on that day",
            Self::NoScope => {
                "no claim of theirs is of its condition, event, pregnancy, admission or provider"
            }
        }
    }
}

/// Something that stood before the first claim and counts for none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// Where it stands in the file, like `opening[2]`.
    pub place: String,
    /// The accumulator's name, of a balance.
    pub accumulator: Option<String>,
    /// Why.
    pub why: WhyUnmet,
}

/// All of it, in the order of the file.
pub(super) fn unmet(plan: &Plan, file: &File) -> Vec<Unmet> {
    let mut members: BTreeMap<&str, Vec<&Claim>> = BTreeMap::new();
    let mut families: BTreeMap<&str, Vec<&Claim>> = BTreeMap::new();
    for claim in &file.claims {
        members.entry(&claim.member).or_default().push(claim);
        if let Some(family) = &claim.known.family {
            families.entry(family).or_default().push(claim);
        }
    }
    let openings = file.before.openings.iter().enumerate().filter_map(|(place, opening)| {
        let counter = plan.counter(opening.balance.accumulator)?;
        let by_family = opening.family.as_deref().and_then(|family| families.get(family));
        let by_member = match &opening.whose {
            Whose::Member(member) => members.get(member.as_str()),
            Whose::Family(_) => None,
        };
        let claims = by_family.or(by_member).map_or(&[][..], Vec::as_slice);
        let why = why(counter, opening, claims.iter().map(|claim| claim.case(&file.rates, None)))?;
        let accumulator = plan.accumulator_name(opening.balance.accumulator).map(str::to_owned);
        Some(Unmet { place: format!("opening[{place}]"), accumulator, why })
    });
    let settled = file.before.settled.iter().enumerate().filter_map(|(place, settled)| {
        let unmet = !members.contains_key(settled.member.as_str());
        let place = format!("prior[{place}]");
        unmet.then_some(Unmet { place, accumulator: None, why: WhyUnmet::NoClaim })
    });
    openings.chain(settled).collect()
}

/// Why none of the claims meets a balance; nothing where one does.
fn why<'a>(counter: &Counter, opening: &Opening, cases: impl Iterator<Item = Case<'a>>) -> Option<WhyUnmet> {
    let mut why = WhyUnmet::NoClaim;
    let start = opening.balance.period_start;
    for case in cases {
        for (index, line) in case.lines.iter().enumerate() {
            let (scope, kept) = scope_of(counter.per, &case, index);
            // A visit has a day, and no period.
            let period = if counter.per == Per::Visit { Period::Day } else { counter.period };
            let day = period_start_of(period, &case, line.service_start);
            let in_period = if period.is_rolling() {
                period.reaches(start.min(day), start.max(day))
            } else {
                start == day
            };
            match (in_period, kept && scope == opening.balance.scope) {
                (true, true) => return None,
                (true, false) => why = WhyUnmet::NoScope,
                (false, _) if why == WhyUnmet::NoClaim => why = WhyUnmet::NoPeriod,
                (false, _) => {}
            }
        }
    }
    Some(why)
}
