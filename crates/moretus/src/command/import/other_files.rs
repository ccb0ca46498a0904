//! Two public data sets, read through the documented mappings. What they do not say (plan, currency,
//! consent) the operator states. All of a data set is held in memory: these are samples.

use std::path::Path;

use domain::{Category, CategorySet, Currency, Date};
use intake::{DraftKind, ErrorList, InputError, Mapping, Parsed, Place, Problem, pysynthea, synthea_csv};

use super::account::Account;
use super::own_files::{open, stop_at};
use super::taking::{PART, Taking};
use crate::report::{Error, progress};

/// Makes the mapping of what the operator states.
pub(crate) fn mapping(
    taking: &Taking<'_>,
    plan: &str,
    currency: Currency,
    health_consent: Option<Date>,
) -> Result<Mapping, Error> {
    let kinds = [DraftKind::Member, DraftKind::Coverage, DraftKind::Provider, DraftKind::Claim];
    let covered = kinds.iter().fold(CategorySet::EMPTY, |all, kind| all.union(taking.covered.of(*kind)));
    if health_consent.is_some() && !taking.covered.of(DraftKind::Member).contains(Category::Other) {
        return Err("`--health-consent` is data that no clause of the notice covers: leave it out".into());
    }
    Ok(Mapping { health_consent, ..Mapping::new(plan, currency, covered)? })
}

/// Takes in Synthea's CSV files from a folder.
pub(crate) async fn synthea(
    taking: &Taking<'_>,
    folder: &Path,
    mapping: &Mapping,
    account: &mut Account,
) -> Result<(), Error> {
    let files = synthea_csv::Files {
        patients: in_folder(folder, "patients.csv")?,
        providers: in_folder(folder, "providers.csv")?,
        payers: in_folder(folder, "payers.csv")?,
        payer_transitions: in_folder(folder, "payer_transitions.csv")?,
        claims: in_folder(folder, "claims.csv")?,
        claims_transactions: in_folder(folder, "claims_transactions.csv")?,
    };
    take(taking, synthea_csv::read(files, mapping).map_err(nothing)?, account).await
}

/// Takes in the tables of tietai-synthea from a folder.
pub(crate) async fn pysynthea(
    taking: &Taking<'_>,
    folder: &Path,
    mapping: &Mapping,
    account: &mut Account,
) -> Result<(), Error> {
    let files = pysynthea::Files {
        members: in_folder(folder, "members.csv")?,
        coverages: in_folder(folder, "coverages.csv")?,
        providers: in_folder(folder, "providers.csv")?,
        claims: in_folder(folder, "claims.csv")?,
        claim_lines: in_folder(folder, "claim_lines.csv")?,
    };
    take(taking, pysynthea::read(files, mapping).map_err(nothing)?, account).await
}

/// A file of a folder, compressed (`.gz`) or not.
fn in_folder(folder: &Path, name: &str) -> Result<Box<dyn std::io::Read + Send>, Error> {
    let plain = folder.join(name);
    open(&if plain.exists() { plain } else { folder.join(format!("{name}.gz")) })
}

fn nothing(error: InputError) -> Error {
    format!("nothing was imported: {error}").into()
}

/// Takes in what a set of files gave, when clauses cover every kind of it.
async fn take(taking: &Taking<'_>, parsed: Parsed, account: &mut Account) -> Result<(), Error> {
    let Parsed { providers, members, coverages, mut claims, refused, report } = parsed;
    // In the order in which they came, so that the earlier one meets the deductible.
    claims.sort_by(|one, other| (one.received, &one.source_id).cmp(&(other.received, &other.source_id)));
    let kinds = [
        (DraftKind::Provider, providers.len()),
        (DraftKind::Member, members.len()),
        (DraftKind::Coverage, coverages.len()),
        (DraftKind::Claim, claims.len()),
    ];
    let mut errors = ErrorList::default();
    for (kind, _) in kinds.iter().filter(|(_, count)| *count > 0) {
        uncovered(taking, *kind).into_iter().for_each(|error| errors.push(error));
    }
    // Every span has the same plan and currency, those that the operator states: one error says it for all.
    let wrong = coverages.iter().find_map(|draft| taking.wrong_coverage(draft));
    wrong.into_iter().for_each(|(_, problem)| errors.push(of_import(problem)));
    stop_at(&errors)?;
    refused.iter().for_each(|refused| account.refused_by_file(refused));
    account.report = report;
    let count = kinds.iter().map(|(_, count)| *count as u64).sum();
    account.will_take(count);
    let bar = progress("taking in", count);
    for part in providers.chunks(PART) {
        taking.providers(part, account).await?;
        bar.inc(part.len() as u64);
    }
    for part in members.chunks(PART) {
        taking.members(part.to_vec(), false, account).await?;
        bar.inc(part.len() as u64);
    }
    for part in coverages.chunks(PART) {
        taking.coverages(part, account).await?;
        bar.inc(part.len() as u64);
    }
    for part in claims.chunks(PART) {
        taking.claims(part, account).await?;
        bar.inc(part.len() as u64);
    }
    bar.finish_and_clear();
    Ok(())
}

/// A kind of draft with a category that no clause covers.
pub(crate) fn uncovered(taking: &Taking<'_>, kind: DraftKind) -> Option<InputError> {
    taking.covered.lacks(kind).map(|category| of_import(Problem::UncoveredKind { kind, category }))
}

pub(crate) fn of_import(problem: Problem) -> InputError {
    InputError { file: "this import".to_owned(), place: Place::File, problem }
}
