//! Adjudicates a file of claims: JSON in, JSON out, described in `docs/adjudicate.md`. The caller
//! reads and writes the files; a file with anything wrong in it gives no determination at all.

pub(crate) mod expected;
mod facts;
mod object;
pub(crate) mod read;
mod write;

use std::collections::BTreeMap;

use domain::{AccumulatorBalance, Accumulators, Determination};

use crate::case::AdjudicationError;
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
    /// One for each claim of the file.
    pub(crate) determinations: Vec<Determination>,
}

impl Adjudicated {
    pub(crate) fn of(plan_name: &str, plan_text: &str, claims_json: &str) -> Result<Self, FileError> {
        Self::decided(plan_name, plan_text, claims_json, false)
    }

    /// The same; where another system has decided the claims, each refusal that is proposed stands.
    pub(crate) fn decided(
        plan_name: &str,
        plan_text: &str,
        claims_json: &str,
        all_confirmed: bool,
    ) -> Result<Self, FileError> {
        let plan = Plan::parse(plan_name, plan_text)?;
        let file = read::read(claims_json, &plan)?;
        let determinations = decide(&plan, &file, all_confirmed)?;
        Ok(Self { plan, file, determinations })
    }
}

fn decide(plan: &Plan, file: &read::File, all_confirmed: bool) -> Result<Vec<Determination>, FileError> {
    let opening = file.opening.iter();
    let mut members: BTreeMap<&str, Accumulators> =
        opening.map(|(member, counted)| (member.as_str(), counted.clone())).collect();
    let mut determinations = Vec::with_capacity(file.claims.len());
    for (index, claim) in file.claims.iter().enumerate() {
        let family = of_family(file, claim, &members);
        let accumulators = members.entry(&claim.member).or_default();
        let case = claim.case(file.decided, &file.rates, Some(&family));
        let case = crate::Case { confirmed: case.confirmed || all_confirmed, ..case };
        let error = |error| FileError::Claim { index, error };
        let determination = adjudicate(plan, &case, accumulators).map_err(error)?;
        apply(accumulators, &case, &determination).map_err(error)?;
        determinations.push(determination);
    }
    Ok(determinations)
}

/// Adjudicates every claim of a file in order; claims of one member share what was counted.
/// `plan_name` is what errors call the plan file. Returns the determinations as JSON, one line
/// break at the end.
///
/// # Errors
/// The first thing that is wrong in either file, and where.
pub fn adjudicate_file(plan_name: &str, plan_text: &str, claims_json: &str) -> Result<String, FileError> {
    let Adjudicated { plan, file, determinations } = Adjudicated::of(plan_name, plan_text, claims_json)?;
    let claims = file.claims.iter().zip(&determinations);
    write::json(&plan, claims.map(|(claim, decided)| write::Claim::new(&plan, claim, decided)).collect())
}

/// What the other members of the claim's family counted so far.
fn of_family(
    file: &read::File,
    claim: &read::Claim,
    members: &BTreeMap<&str, Accumulators>,
) -> Vec<AccumulatorBalance> {
    let Some(family) = &claim.known.family else { return Vec::new() };
    let of_it =
        |other: &&read::Claim| other.known.family.as_ref() == Some(family) && other.member != claim.member;
    let mut others: Vec<&str> = file.claims.iter().filter(of_it).map(|other| other.member.as_str()).collect();
    others.sort_unstable();
    others.dedup();
    others.iter().filter_map(|other| members.get(other)).flat_map(|known| known.balances.clone()).collect()
}
