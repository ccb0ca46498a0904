//! The naive exchange of a whole claim: units per euro, one multiplication, one rounding of each charge.

use domain::Money;

use super::arithmetic::{Day, fraction, half_up};
use crate::support::{ClaimSpec, LineSpec, PlanSpec};

/// Decimals of the columns of every test plan.
const DECIMALS: [u32; 3] = [2, 0, 3];

/// The claim in the currency of the cover; none where it is not exchanged, or cannot be.
pub(super) fn exchanged(plan: &PlanSpec, claim: &ClaimSpec) -> Option<ClaimSpec> {
    let (word, units) = (plan.exchange?, claim.rates?);
    if claim.column == claim.cover_column {
        return None;
    }
    // Every day has the same rate: it only has to be known which day counts.
    if !claim.lines.iter().all(|line| day(word, claim, line).is_some()) {
        return None;
    }
    let (from, to) = (claim.column, claim.cover_column);
    let convert = |line: &LineSpec| {
        let (over, places) = decimal(units[to]);
        let (under, of_places) = decimal(units[from]);
        let ten = |power: u32| 10_i128.pow(power);
        let amount = fraction(
            i128::from(line.charge) * over * ten(of_places + DECIMALS[to]),
            under * ten(places + DECIMALS[from]),
        );
        let charge = half_up(&amount);
        (charge <= Money::MAX_MINOR).then(|| LineSpec { charge, ..line.clone() })
    };
    let lines = claim.lines.iter().map(convert).collect::<Option<Vec<_>>>()?;
    Some(ClaimSpec { lines, column: to, ..claim.clone() })
}

fn day(word: &str, claim: &ClaimSpec, line: &LineSpec) -> Option<Day> {
    match word {
        "invoiced" => claim.invoiced,
        "admitted" if line.setting == "inpatient" => claim.admitted,
        "received" | "decided" => Some(claim.received),
        _ => Some(line.start),
    }
}

/// The digits of a decimal, and how many stand behind the point.
fn decimal(text: &str) -> (i128, u32) {
    let places = text.split_once('.').map_or(0, |(_, behind)| behind.len() as u32);
    (text.replace('.', "").parse().unwrap(), places)
}
