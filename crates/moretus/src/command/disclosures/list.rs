//! `moretus disclosures list`: uses, oldest first, as they are read. Nothing is held but one part.

use clap::Args;

use super::{AsOfficer, Which, line};
use crate::output::say;
use crate::report::Error;

/// List uses.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus disclosures list --data moretus-data --portfolio officina --token-file officer.token --case 00000000-0000-0000-0000-000000000002 \\\n    --from 2026-11-01T08:00:00Z --to 2026-11-01T18:00:00Z --actor 00000000-0000-0000-0000-000000000003\n  moretus disclosures list --portfolio officina --token-file officer.token --case 00000000-0000-0000-0000-000000000002 \\\n    --from 2026-01-01 --to 2026-12-01 --member 00000000-0000-0000-0000-000000000004 --json\n\nIt says nothing of whose data it was, nor of who got it by name. --json prints an object a line."
)]
pub(super) struct List {
    #[command(flatten)]
    officer: AsOfficer,
    #[command(flatten)]
    which: Which,
    /// Print a JSON object a line.
    #[arg(long)]
    json: bool,
    /// Print rows of CSV.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

impl List {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, portfolio, officer, case) = self.officer.open().await?;
        let mut uses = service::uses(&site.app, &officer, portfolio, case, self.which.sought())?;
        let mut is_first = true;
        while let Some(part) = uses.next().await? {
            if self.csv && is_first {
                say!("{}", line::heads());
            }
            is_first = false;
            for one in &part {
                match (self.json, self.csv) {
                    (true, _) => say!("{}", line::value(one)),
                    (_, true) => say!("{}", line::row(one)),
                    _ => say!("{}", line::text(one)),
                }
            }
        }
        site.close().await
    }
}
