//! Adjudicates a file of claims: JSON in, JSON out, described in `docs/adjudicate.md`. The caller
//! reads and writes the files; a file with anything wrong in it gives no determination at all.

mod before;
pub(crate) mod expected;
mod facts;
mod object;
pub(crate) mod read;
mod unmet;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use domain::{AccumulatorBalance, Accumulators, ClaimLine, Determination};

pub use self::unmet::{Unmet, WhyUnmet};

use crate::case::{AdjudicationError, Case};
use crate::facts::Facts;
use crate::guarantees::Guarantees;
use crate::plan::{Plan, PlanError};
use crate::{adjudicate, apply};

/// Why a file of claims was not adjudicated. It names the place and never repeats what stands there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// The plan file.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The claims file is not JSON.
    #[error("claims file, line {line}, column {column}: not JSON: check quotes, commas and brackets there")]
    Json {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// A field is missing, unknown or cannot be read.
    #[error("claims file, `{path}`: {problem}")]
    Field {
        /// Where, like `claims[0].lines[2].charge`.
        path: String,
        /// What is wrong, and what to write.
        problem: String,
    },
    /// A claim cannot be adjudicated.
    #[error("claims file, `claims[{index}]`: {error}")]
    Claim {
        /// Its place in the file, from 0.
        index: usize,
        /// Why.
        error: AdjudicationError,
    },
    /// The result could not be written as JSON.
    #[error("the determinations cannot be written as JSON: this is a fault of the program, report it")]
    Output,
}

/// A file of claims, adjudicated in order; claims of one member share what was counted.
pub(crate) struct Adjudicated {
    pub(crate) plan: Plan,
    pub(crate) file: read::File,
    /// One for each claim of the file, in its order.
    pub(crate) determinations: Vec<Determination>,
    /// What stood before and counts for none of them.
    pub(crate) unmet: Vec<Unmet>,
}

impl Adjudicated {
    /// Refuses what stood before and counts for no claim: it would be left out in silence.
    pub(crate) fn of(plan_name: &str, plan_text: &str, claims_json: &str) -> Result<Self, FileError> {
        let all = Self::decided(plan_name, plan_text, claims_json, false)?;
        match all.unmet.first() {
            Some(unmet) => {
                Err(object::field(&unmet.place, &format!("counts for no claim: {}", unmet.why.text())))
            }
            None => Ok(all),
        }
    }

    /// The same, and tells what counts for no claim; where another system has decided the claims, each refusal that is proposed
    /// stands, but for those in flight.
    pub(crate) fn decided(
        plan_name: &str,
        plan_text: &str,
        claims_json: &str,
        by_another: bool,
    ) -> Result<Self, FileError> {
        let plan = Plan::parse(plan_name, plan_text)?;
        let file = read::read(claims_json, &plan)?;
        let determinations = decide(&plan, &file, by_another)?;
        let unmet = unmet::unmet(&plan, &file);
        Ok(Self { plan, file, determinations, unmet })
    }
}

fn decide(plan: &Plan, file: &read::File, by_another: bool) -> Result<Vec<Determination>, FileError> {
    let (mut members, families) = file.before.counted()?;
    let of_family = file.before.families(&file.claims);
    let mut decided = BTreeMap::new();
    for index in file.order(plan) {
        let Some(claim) = file.claims.get(index) else { continue };
        let error = |error| FileError::Claim { index, error };
        let family = of_others(claim, &of_family, (&members, &families));
        let accumulators = members.entry(claim.member.clone()).or_default();
        let case = claim.case(&file.rates, Some(&family));
        let confirmed = case.confirmed || (by_another && !claim.in_flight);
        let live = file.before.guarantees.get(&claim.member).into_iter().flatten();
        let guarantees: Guarantees<'_> = live.filter_map(|live| live.on(case.decided)).collect();
        let salary = |_: &[ClaimLine]| case.facts.salary;
        let kept_free = guarantees.kept_free(plan, &case, accumulators, salary).map_err(error)?;
        let guaranteed = guarantees.authorisations(&case, accumulators);
        let authorisations = guaranteed.as_deref().or(case.facts.authorisations);
        let facts = Facts { authorisations, kept_free: &kept_free, ..case.facts };
        let case = Case { confirmed, facts, ..case };
        let determination = adjudicate(plan, &case, accumulators).map_err(error)?;
        let used = guarantees.used(plan, &case, &determination, accumulators);
        apply(accumulators, &case, &determination).map_err(error)?;
        accumulators.guarantees.extend(used);
        decided.insert(index, determination);
    }
    Ok(decided.into_values().collect())
}

/// What the claim's family counted so far but for the member's own.
fn of_others(
    claim: &read::Claim,
    of_family: &BTreeMap<&str, BTreeSet<&str>>,
    (members, families): (&before::Counted<Accumulators>, &before::Counted<Vec<AccumulatorBalance>>),
) -> Vec<AccumulatorBalance> {
    let Some(family) = claim.known.family.as_deref() else { return Vec::new() };
    let others = of_family.get(family).into_iter().flatten().filter(|other| **other != claim.member);
    let of_members = others.filter_map(|other| members.get(*other)).flat_map(|known| &known.balances);
    of_members.chain(families.get(family).into_iter().flatten()).cloned().collect()
}

/// Adjudicates every claim of a file in order; claims of one member share what was counted.
/// `plan_name` is what errors call the plan file. Returns the determinations as JSON, one line
/// break at the end.
///
/// # Errors
/// The first thing that is wrong in either file, and where.
pub fn adjudicate_file(plan_name: &str, plan_text: &str, claims_json: &str) -> Result<String, FileError> {
    let Adjudicated { plan, file, determinations, .. } = Adjudicated::of(plan_name, plan_text, claims_json)?;
    let claims = file.claims.iter().zip(&determinations);
    write::json(&plan, claims.map(|(claim, decided)| write::Claim::new(&plan, claim, decided)).collect())
}
