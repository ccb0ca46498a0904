//! `moretus log`: seal, roll and verify the disclosure log.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::output::{note, say};
use crate::report::{Error, grouped};
use crate::site::SiteArguments;

/// The disclosure log.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus log verify --data moretus-demo\n  moretus log roll --data moretus-data"
)]
pub(crate) struct Log {
    #[command(subcommand)]
    command: LogCommand,
}

#[derive(Subcommand)]
enum LogCommand {
    /// Verify every entry against the tree, the tree against the signed checkpoints, and those against
    /// one held outside the site.
    #[command(
        after_help = "Examples:\n  moretus log verify --data moretus-demo\n  moretus log verify --checkpoint kept-elsewhere.txt --json\n\nExit codes: 0 it verifies; 1 it does not: what, and where, is printed."
    )]
    Verify {
        #[command(flatten)]
        site: SiteArguments,
        /// A checkpoint held outside the site; without it, the one that the demo's witness remembers.
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<std::path::PathBuf>,
        /// Print the report as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Commit the end of every subject's chain to the log now, as every hour does.
    #[command(after_help = "Example:\n  moretus log roll --data moretus-data")]
    Roll {
        #[command(flatten)]
        site: SiteArguments,
    },
}

impl Log {
    pub(crate) async fn run(self) -> Result<(), Error> {
        match self.command {
            LogCommand::Verify { site, checkpoint, json } => verify(&site, checkpoint.as_deref(), json).await,
            LogCommand::Roll { site } => {
                let site = site.open().await?;
                let sealer = site.app.gate.sealer(site.witness()?).await?;
                sealer.roll().await?;
                sealer.finish().await?;
                say!("rolled: {} leaves", grouped(site.app.gate.log_head().await?.size));
                site.close().await
            }
        }
    }
}

async fn verify(
    arguments: &SiteArguments,
    checkpoint: Option<&std::path::Path>,
    json: bool,
) -> Result<(), Error> {
    let site = arguments.open().await?;
    let outside = match checkpoint {
        Some(path) => Some(crate::files::read_text(path)?),
        None => crate::files::read_if_there(&site.witness_folder().join("witness.checkpoint"))?,
    };
    let report = site.app.gate.verify_log(outside.as_deref()).await?;
    if outside.is_none() && site.witness_folder().is_dir() && report.entries > 0 {
        note!(
            "`{}` has no witness.checkpoint: what the witness remembered was taken away, and the log is compared with nothing outside",
            site.witness_folder().display()
        );
    }
    if json {
        say!("{:#}", to_json(&report, outside.is_some()));
        return site.close().await;
    }
    say!("log {} verifies:", report.origin);
    say!("  {} entries recomputed from their bodies", grouped(report.entries - report.erased));
    say!("  {} entries of which only the leaf is left", grouped(report.erased));
    say!("  {} committed entries not sealed yet", grouped(report.pending));
    for former in &report.former {
        say!(
            "  follows log {}, of which it holds {} entries; {}",
            former.former,
            grouped(former.size),
            missing(former)
        );
    }
    say!(
        "  {} checkpoints compared{}",
        report.checkpoints,
        if outside.is_some() { ", one of them held by a witness" } else { "" }
    );
    site.close().await
}

/// A log that verifies, as JSON.
fn to_json(report: &gate::LogReport, has_outside: bool) -> Value {
    let former = |former: &gate::Reopened| {
        let missing = former.outside_size.map(|_| former.missing());
        json!({ "log": former.former, "entries": former.size, "missing": missing })
    };
    json!({
        "verifies": true,
        "log": report.origin,
        "recomputed": report.entries - report.erased,
        "only_leaf_left": report.erased,
        "not_sealed_yet": report.pending,
        "former": report.former.iter().map(former).collect::<Vec<_>>(),
        "checkpoints": report.checkpoints,
        "held_outside": has_outside,
    })
}

/// What a restored site knows of the entries that its backup does not hold.
pub(crate) fn missing(former: &gate::Reopened) -> String {
    match former.outside_size {
        None => "how many more there were, no checkpoint held outside tells".to_owned(),
        Some(_) if former.missing() == 0 => "no entry that was seen signed outside is missing".to_owned(),
        Some(size) => format!(
            "{} more that were seen signed outside, up to {}, are missing",
            grouped(former.missing()),
            grouped(size)
        ),
    }
}
