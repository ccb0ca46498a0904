//! Our own CSV files, read twice: a first time to find everything that is wrong, a second time to take
//! in. Memory does not grow with a file's length, save for the ids seen and unsorted claim lines.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use indicatif::ProgressBar;
use intake::{ClaimDrafts, DraftKind, Drafts, ErrorList, InputError, LineOrder, Problem};

use super::account::Account;
use super::taking::{PART, Taking};
use crate::report::{Error, progress};

type Reader = Box<dyn Read + Send>;

/// Takes in a file of members; `anew` says that those who were erased come back.
pub(crate) async fn members(
    taking: &Taking<'_>,
    file: &Path,
    anew: bool,
    account: &mut Account,
) -> Result<(), Error> {
    let name = name(file);
    let read = || Ok::<_, Error>(intake::members(&name, open(file)?, taking.covered.of(DraftKind::Member))?);
    let count = check(read()?, |draft| taking.wrong_member(draft))?;
    account.read(&name, count);
    account.will_take(count);
    let bar = progress("taking up members", count);
    in_parts(read()?, &bar, async |drafts| taking.members(drafts, anew, account).await).await
}

/// Takes in a file of cover.
pub(crate) async fn coverage(taking: &Taking<'_>, file: &Path, account: &mut Account) -> Result<(), Error> {
    let name = name(file);
    let read =
        || Ok::<_, Error>(intake::coverage(&name, open(file)?, taking.covered.of(DraftKind::Coverage))?);
    let count = check(read()?, |draft| taking.wrong_coverage(draft))?;
    account.read(&name, count);
    account.will_take(count);
    let bar = progress("taking up cover", count);
    in_parts(read()?, &bar, async |drafts| taking.coverages(&drafts, account).await).await
}

/// Takes in a file of providers.
pub(crate) async fn providers(taking: &Taking<'_>, file: &Path, account: &mut Account) -> Result<(), Error> {
    let name = name(file);
    let read =
        || Ok::<_, Error>(intake::providers(&name, open(file)?, taking.covered.of(DraftKind::Provider))?);
    let count = check(read()?, |_| None)?;
    account.read(&name, count);
    account.will_take(count);
    let bar = progress("taking up providers", count);
    in_parts(read()?, &bar, async |drafts| taking.providers(&drafts, account).await).await
}

/// Takes in a file of claims and the file of their lines.
pub(crate) async fn claims(
    taking: &Taking<'_>,
    claims: &Path,
    lines: &Path,
    order: LineOrder,
    account: &mut Account,
) -> Result<(), Error> {
    let (claims_name, lines_name) = (name(claims), name(lines));
    let read = || -> Result<ClaimDrafts<Reader, Reader>, Error> {
        let covered = taking.covered.of(DraftKind::Claim);
        Ok(intake::claims((&claims_name, open(claims)?), (&lines_name, open(lines)?), order, covered)?)
    };
    let (mut count, mut line_count) = (0, 0);
    let errors = ErrorList::check(read()?, |draft| {
        count += 1;
        line_count += draft.lines.len() as u64;
    });
    stop_at(&errors)?;
    account.read(&claims_name, count);
    account.will_take(count);
    account.read(&lines_name, line_count);
    let bar = progress("taking in claims", count);
    in_parts(read()?, &bar, async |drafts| taking.claims(&drafts, account).await).await
}

/// Opens a file, compressed or not.
pub(crate) fn open(file: &Path) -> Result<Reader, Error> {
    if file == Path::new("-") {
        return Err("standard input cannot be imported, because a file is read twice, the first time to check it: write it to a file and name that".into());
    }
    let unreadable = |error: std::io::Error| crate::files::unreadable(file, &error);
    intake::decompressed(File::open(file).map_err(unreadable)?).map_err(unreadable)
}

/// What errors call a file.
pub(crate) fn name(file: &Path) -> String {
    file.display().to_string()
}

/// Reads a stream to its end; `wrong` says what the site knows to be wrong with a draft. Returns how
/// many drafts there are, or the first errors and how many there were.
fn check<R: Read, T>(
    mut drafts: Drafts<R, T>,
    wrong: impl Fn(&T) -> Option<(&'static str, Problem)>,
) -> Result<u64, Error> {
    let (mut count, mut errors) = (0, ErrorList::default());
    while let Some(found) = drafts.next() {
        match found.map(|draft| wrong(&draft)) {
            Ok(None) => count += 1,
            Ok(Some((column, problem))) => errors.push(drafts.error(column, problem)),
            Err(error) => errors.push(error),
        }
    }
    stop_at(&errors)?;
    Ok(count)
}

/// Stops an import before it begins.
pub(crate) fn stop_at(errors: &ErrorList) -> Result<(), Error> {
    if errors.is_empty() {
        return Ok(());
    }
    let what = if errors.count == 1 { "1 error".to_owned() } else { format!("{} errors", errors.count) };
    Err(format!("nothing was imported: {what}\n{}", errors.to_string().trim_end()).into())
}

/// Gives a stream that was checked before to `take`, part by part.
async fn in_parts<T>(
    drafts: impl Iterator<Item = Result<T, InputError>>,
    bar: &ProgressBar,
    mut take: impl AsyncFnMut(Vec<T>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut part = Vec::with_capacity(PART);
    for draft in drafts {
        part.push(draft.map_err(|error| format!("the file changed while it was imported ({error})"))?);
        if part.len() == PART {
            take(std::mem::take(&mut part)).await?;
            bar.inc(PART as u64);
        }
    }
    take(part).await?;
    bar.finish_and_clear();
    Ok(())
}
