//! `moretus log`: seal, roll and verify the disclosure log; proofs that a person takes away.

mod check;
mod export;
mod prove;

use clap::{Args, Subcommand};
use gate::LogCheck;
use serde_json::{Value, json};
use transparency::VerifierKey;

use crate::output::{note, say};
use crate::report::{Error, grouped};
use crate::site::SiteArguments;

/// The disclosure log.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus log verify --data moretus-demo\n  moretus log roll --data moretus-data\n  moretus log check my-list.txt --key site.key.txt --witness witness.key.txt"
)]
pub(crate) struct Log {
    #[command(subcommand)]
    command: LogCommand,
}

#[derive(Subcommand)]
enum LogCommand {
    /// Verify the whole log: every entry against the tree, the tree against every signed checkpoint and one
    /// held outside the site, and every chain, roll and line of the index against the entries once more.
    #[command(
        after_help = "Examples:\n  moretus log verify --data moretus-demo\n  moretus log verify --checkpoint kept-elsewhere.txt --witness witness.key.txt --json\n\nExit codes: 0 it verifies; 1 it does not: what, and where, is printed."
    )]
    Verify {
        #[command(flatten)]
        site: SiteArguments,
        /// A checkpoint held outside the site; without it, the one that the demo's witness remembers.
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<std::path::PathBuf>,
        /// A witness's public key, or a file that holds it, to check its signatures by; may be given several
        /// times. Without it, that of the witness that runs beside the site.
        #[arg(long, value_name = "KEY")]
        witness: Vec<String>,
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
    /// Print the public keys by which proofs and checkpoints are checked: the site's, and that of the witness
    /// beside it.
    #[command(after_help = "Example:\n  moretus log key --data moretus-data")]
    Key {
        #[command(flatten)]
        site: SiteArguments,
    },
    /// Print the newest checkpoint, for somebody outside to keep.
    #[command(after_help = "Example:\n  moretus log checkpoint --data moretus-data > kept-elsewhere.txt")]
    Checkpoint {
        #[command(flatten)]
        site: SiteArguments,
    },
    /// Write the log's tree as files, for a mirror or an auditor: hashes alone.
    Export(export::Export),
    /// Check with such files that the log of an earlier checkpoint is how that of now begins.
    Consistency(export::Consistency),
    /// Write a person's list with the proof that it is in the log and complete up to a roll of now.
    Prove(prove::Prove),
    /// Check such a proof, with nothing but the public keys of the site and of the witness.
    Check(check::Check),
}

impl Log {
    pub(crate) async fn run(self) -> Result<(), Error> {
        match self.command {
            LogCommand::Verify { site, checkpoint, witness, json } => {
                let witnesses = witness.iter().map(|given| check::public_key(given));
                verify(&site, checkpoint.as_deref(), witnesses.collect::<Result<_, _>>()?, json).await
            }
            LogCommand::Export(command) => command.run().await,
            LogCommand::Consistency(command) => command.run(),
            LogCommand::Prove(command) => command.run().await,
            LogCommand::Check(command) => command.run(),
            LogCommand::Key { site } => {
                let site = site.open().await?;
                say!("{}", site.app.gate.log_head().await?.verifier);
                if let Some(witness) = site.witness()? {
                    say!("{}", witness.verifier());
                }
                site.close().await
            }
            LogCommand::Checkpoint { site } => {
                let site = site.open().await?;
                let checkpoint = site.app.gate.log_head().await?.checkpoint;
                let checkpoint = checkpoint.ok_or("nothing is sealed yet: there is no checkpoint")?;
                crate::output::print(format_args!("{checkpoint}"));
                site.close().await
            }
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
    mut witnesses: Vec<VerifierKey>,
    json: bool,
) -> Result<(), Error> {
    let site = arguments.open().await?;
    if let Some(witness) = site.witness()?.filter(|_| witnesses.is_empty()) {
        witnesses.push(witness.verifier().parse()?);
    }
    let outside = match checkpoint {
        Some(path) => Some(crate::files::read_text(path)?),
        None => crate::files::read_if_there(&site.witness_folder().join("witness.checkpoint"))?,
    };
    let check = LogCheck { outside: outside.clone(), witnesses, ..LogCheck::default() };
    let report = site.app.gate.check_log(check).await?;
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
    for lapsed in &report.lapsed {
        say!(
            "    {} of portfolio {}, made before {}: erased, as entry {} declares",
            grouped(lapsed.entries),
            lapsed.portfolio,
            lapsed.before,
            lapsed.declared
        );
    }
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
        "  {} chains and {} rolls computed again from the entries",
        grouped(report.chains),
        grouped(report.rolls)
    );
    say!(
        "  {} checkpoints compared{}",
        grouped(report.checkpoints + report.outside),
        if outside.is_some() { ", one of them held by a witness" } else { "" }
    );
    if report.unchecked_signatures > 0 {
        let number = grouped(report.unchecked_signatures);
        say!("  {number} signatures of witnesses not checked: give their keys with --witness");
    }
    site.close().await
}

/// A log that verifies, as JSON.
fn to_json(report: &gate::LogReport, has_outside: bool) -> Value {
    let former = |former: &gate::Reopened| {
        let missing = former.outside_size.map(|_| former.missing());
        json!({ "log": former.former, "entries": former.size, "missing": missing })
    };
    let lapsed = |lapsed: &gate::Lapsed| {
        json!({
            "portfolio": lapsed.portfolio.to_string(),
            "entries": lapsed.entries,
            "made_before": lapsed.before.to_string(),
            "declared_by_entry": lapsed.declared,
        })
    };
    json!({
        "verifies": true,
        "log": report.origin,
        "recomputed": report.entries - report.erased,
        "only_leaf_left": report.erased,
        "lapsed": report.lapsed.iter().map(lapsed).collect::<Vec<_>>(),
        "not_sealed_yet": report.pending,
        "former": report.former.iter().map(former).collect::<Vec<_>>(),
        "chains": report.chains,
        "rolls": report.rolls,
        "checkpoints": report.checkpoints + report.outside,
        "unchecked_signatures": report.unchecked_signatures,
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
