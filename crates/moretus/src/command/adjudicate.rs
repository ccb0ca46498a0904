//! `moretus adjudicate`: the pure engine on files. It opens no site and no database; a file with
//! anything wrong in it gives no determination at all.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::report::Error;

/// Adjudicate a file of claims under a plan.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus adjudicate --plan plans/worldwide-plus.toml --claims claims.json --out determinations.json\n  moretus adjudicate --plan plan.toml --claims - < claims.json\n\ndocs/adjudicate.md describes both files."
)]
pub(crate) struct Adjudicate {
    /// The plan.
    #[arg(long, value_name = "PLAN.toml")]
    plan: PathBuf,
    /// The claims with their coverage facts; `-` is standard input.
    #[arg(long, value_name = "CLAIMS.json")]
    claims: PathBuf,
    /// Where the determinations go; `-`, as without it, is standard output.
    #[arg(long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    out: PathBuf,
}

impl Adjudicate {
    pub(crate) fn run(self) -> Result<(), Error> {
        if is_standard(&self.plan) && is_standard(&self.claims) {
            return Err("standard input can be the plan or the claims, not both: name a file for one".into());
        }
        let plan = crate::files::read_text(&self.plan)?;
        let claims = crate::files::read_text(&self.claims)?;
        let determinations = benefits::adjudicate_file(&name(&self.plan), &plan, &claims)
            .map_err(|error| in_file(error, &self.claims))?;
        if is_standard(&self.out) {
            crate::output::print(format_args!("{determinations}"));
            return Ok(());
        }
        crate::files::write(&self.out, determinations.as_bytes())
    }
}

/// What is wrong with the claims begins with their file's name; the plan's own errors name the plan.
fn in_file(error: benefits::FileError, claims: &Path) -> Error {
    match error {
        plan @ benefits::FileError::Plan(_) => plan.into(),
        other => format!("{}: {other}", name(claims)).into(),
    }
}

fn name(path: &Path) -> String {
    if is_standard(path) { "standard input".to_owned() } else { path.display().to_string() }
}

fn is_standard(path: &Path) -> bool {
    path == Path::new("-")
}
