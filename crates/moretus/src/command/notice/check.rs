//! `moretus notice check`.

use std::path::PathBuf;

use clap::Args;
use notice::Edition;

use super::{NoticeSource, count, hash};
use crate::output::say;
use crate::report::Error;

/// Check the folder of a notice, or of a document that stands beside it.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus notice check notices/2026-11-01\n  moretus notice check notices/2026-11-01 --organisation organisation.toml --for-publishing\n  moretus notice check notices/cookies/2026-11-01\n  moretus notice check notices/travel/2026-11-01 --beside notices/2026-11-01\n\nExit codes: 0 it is sound; 1 it is not: every fault is printed as FILE:LINE: what is wrong, and what to write instead."
)]
pub(crate) struct Check {
    /// The folder of the notice.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The organisation's values; without it, `organisation.toml` of the folder.
    #[arg(long, value_name = "FILE")]
    organisation: Option<PathBuf>,
    /// The folder of the notice that a supplement is to stand beside: refuse what does not go with it, too.
    #[arg(long, value_name = "DIR")]
    beside: Option<PathBuf>,
    /// Refuse what the organisation has not filled in yet, too.
    #[arg(long)]
    for_publishing: bool,
}

impl Check {
    pub(crate) fn run(self) -> Result<(), Error> {
        let source = NoticeSource::load(&self.folder, self.organisation.as_deref())?;
        let edition = source.read_edition()?;
        if let Some(folder) = &self.beside {
            source.must_go_with(&edition, &NoticeSource::load(folder, None)?.read()?)?;
        }
        if self.for_publishing {
            source.must_be_publishable(&edition)?;
        }
        let languages: Vec<String> = edition.languages().iter().map(ToString::to_string).collect();
        let unfilled = edition.publishable().err().map_or(0, |problems| problems.len());
        say!("{} {} is sound:", called(&edition), edition.version());
        for line in own_lines(&edition) {
            say!("  {line}");
        }
        say!("  languages: {}", languages.join(", "));
        say!("  SHA-256 {}", hash(&edition));
        match unfilled {
            0 => say!("  it can be published: the organisation's values are filled in"),
            some => say!("  before it can be published, {} must be filled in", count(some, "value")),
        }
        Ok(())
    }
}

fn called(edition: &Edition) -> String {
    match edition {
        Edition::Notice(_) => "the notice".to_owned(),
        Edition::Related(related) => format!("the related notice `{}`", related.name()),
        Edition::Supplement(supplement) => format!("the supplement `{}`", supplement.name()),
    }
}

/// What is told of one kind of document alone.
fn own_lines(edition: &Edition) -> Vec<String> {
    let clauses = count(edition.clauses().len(), "clause");
    let from = format!("in force from {}", edition.effective());
    match edition {
        Edition::Notice(notice) => vec![
            format!("{from}, with {} days of notice", notice.notice_period_days()),
            format!("{clauses}, {}", count(notice.prohibitions().len(), "prohibition")),
        ],
        Edition::Related(related) => vec![from, count(related.cookies().len(), "cookie")],
        Edition::Supplement(supplement) => {
            let purposes: Vec<&str> = supplement.notice_purposes().iter().map(|one| one.word()).collect();
            vec![from, clauses, format!("under the notice also for: {}", purposes.join(", "))]
        }
    }
}
