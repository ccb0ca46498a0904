//! `moretus notice check`.

use std::path::PathBuf;

use clap::Args;

use super::{NoticeSource, count, hash};
use crate::output::say;
use crate::report::Error;

/// Check the folder of a notice.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus notice check notices/2026-11-01\n  moretus notice check notices/2026-11-01 --organisation organisation.toml --for-publishing\n\nExit codes: 0 it is sound; 1 it is not: every fault is printed as FILE:LINE: what is wrong, and what to write instead."
)]
pub(crate) struct Check {
    /// The folder of the notice.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The organisation's values; without it, `organisation.toml` of the folder.
    #[arg(long, value_name = "FILE")]
    organisation: Option<PathBuf>,
    /// Refuse what the organisation has not filled in yet, too.
    #[arg(long)]
    for_publishing: bool,
}

impl Check {
    pub(crate) fn run(self) -> Result<(), Error> {
        let source = NoticeSource::load(&self.folder, self.organisation.as_deref())?;
        let notice = source.read()?;
        if self.for_publishing {
            source.must_be_publishable(&notice)?;
        }
        let languages: Vec<String> = notice.languages().iter().map(ToString::to_string).collect();
        let unfilled = notice.publishable().err().map_or(0, |problems| problems.len());
        say!("the notice {} is sound:", notice.version());
        say!("  in force from {}, with {} days of notice", notice.effective(), notice.notice_period_days());
        say!(
            "  {}, {}",
            count(notice.clauses().len(), "clause"),
            count(notice.prohibitions().len(), "prohibition")
        );
        say!("  languages: {}", languages.join(", "));
        say!("  SHA-256 {}", hash(&notice));
        match unfilled {
            0 => say!("  it can be published: the organisation's values are filled in"),
            some => say!("  before it can be published, {} must be filled in", count(some, "value")),
        }
        Ok(())
    }
}
