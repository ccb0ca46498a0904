//! `moretus notice`: what can be said of a notice from its folder alone: whether it is sound, who may see what
//! under it, what a newer version changes, how it reads, what others get of it. It opens no site; publishing is `init`'s.

mod check;
mod columns;
mod diff;
mod export;
mod matrix;
mod render;
mod source;

use clap::{Args, Subcommand};

use crate::report::Error;

pub(crate) use source::NoticeSource;

/// Notices in folders.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus notice check notices/2026-11-01\n  moretus notice matrix notices/2026-11-01\n  moretus notice diff notices/2026-11-01 notices/2027-01-01\n  moretus notice render notices/2026-11-01 --language fr --format html --out notice-fr.html\n  moretus notice export notices/2026-11-01 --format record-csv --language fr --out record.csv\n\nnotices/README.md says how a notice is written."
)]
pub(crate) struct Notice {
    #[command(subcommand)]
    command: NoticeCommand,
}

#[derive(Subcommand)]
enum NoticeCommand {
    /// Whether rules and prose of a notice are sound and match: every fault with its file, its line and what
    /// to write instead.
    Check(check::Check),
    /// The access matrix of a notice: who may see what, why, about whom, under which clause and conditions.
    Matrix(matrix::Matrix),
    /// What a newer version changes: who newly sees what and who no longer does, which rules, which prose.
    Diff(diff::Diff),
    /// The text of a notice in one language: as a page, as plain text or as a PDF.
    Render(render::Render),
    /// The clauses of a notice for other readers: the record of processing activities, DPV, Cedar.
    Export(export::Export),
}

impl Notice {
    pub(crate) fn run(self) -> Result<(), Error> {
        match self.command {
            NoticeCommand::Check(command) => command.run(),
            NoticeCommand::Matrix(command) => command.run(),
            NoticeCommand::Diff(command) => command.run(),
            NoticeCommand::Render(command) => command.run(),
            NoticeCommand::Export(command) => command.run(),
        }
    }
}

/// The hash of a version in hexadecimal digits.
fn hash(notice: &notice::Notice) -> String {
    notice.hash().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// "1 clause", "2 clauses".
fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
