//! `moretus adjudicate`: the pure engine on files. It opens no site and no database; a file with
//! anything wrong in it gives no determination at all.

use std::path::{Path, PathBuf};

use benefits::FileError;
use clap::Args;

use crate::files::{is_standard, name, read_text};
use crate::report::Error;

/// Adjudicate a file of claims under a plan.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus adjudicate --plan plans/worldwide-plus.toml --claims claims.json --out determinations.json\n  moretus adjudicate --plan plan.toml --claims - < claims.json\n\ndocs/adjudicate.md describes both files."
)]
pub(crate) struct Adjudicate {
    #[command(flatten)]
    files: Files,
    /// Where the determinations go; `-`, as without it, is standard output.
    #[arg(long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    out: PathBuf,
}

/// A plan, and claims under it.
#[derive(Args)]
pub(super) struct Files {
    /// The plan.
    #[arg(long, value_name = "PLAN.toml")]
    plan: PathBuf,
    /// The claims with their coverage facts; `-` is standard input.
    #[arg(long, value_name = "CLAIMS.json")]
    claims: PathBuf,
}

impl Files {
    /// Gives the name of the plan and both texts to the engine. What is wrong with the claims begins with their
    /// file's name; the plan's own errors name the plan.
    pub(super) fn read<T>(
        &self,
        engine: impl FnOnce(&str, &str, &str) -> Result<T, FileError>,
    ) -> Result<T, Error> {
        decided_by(&self.plan, &self.claims, engine)
    }
}

/// Gives a plan and claims to the engine, as [`Files::read`].
pub(super) fn decided_by<T>(
    plan_file: &Path,
    claims_file: &Path,
    engine: impl FnOnce(&str, &str, &str) -> Result<T, FileError>,
) -> Result<T, Error> {
    if is_standard(plan_file) && is_standard(claims_file) {
        return Err("standard input can be the plan or the claims, not both: name a file for one".into());
    }
    let plan = read_text(plan_file)?;
    let claims = read_text(claims_file)?;
    engine(&name(plan_file), &plan, &claims).map_err(|error| match error {
        plan @ FileError::Plan(_) => plan.into(),
        other => format!("{}: {other}", name(claims_file)).into(),
    })
}

impl Adjudicate {
    pub(crate) fn run(self) -> Result<(), Error> {
        let determinations = self.files.read(benefits::adjudicate_file)?;
        if is_standard(&self.out) {
            crate::output::print(format_args!("{determinations}"));
            return Ok(());
        }
        crate::files::write(&self.out, determinations.as_bytes())
    }
}
