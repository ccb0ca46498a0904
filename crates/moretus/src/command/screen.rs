//! `moretus screen`: the cases of the screen for fraud and error, for the legal staff before whom they are, and how often its
//! rules are right. The rules run where claims are adjudicated; here persons look and decide, with tokens of their own.

mod case;
mod report;

use clap::{Args, Subcommand};
use domain::{CaseReason, ClaimId, MatterId, SubjectId};
use gate::Actor;
use service::ScreenPlace;

use super::recipients::AsStaff;
use crate::report::Error;
use crate::site::Site;

/// Cases of the screen for fraud and error.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus screen take --data moretus-data --portfolio officina --token-file legal.token\n  moretus screen show --data moretus-data --portfolio officina --token-file legal.token \\\n    --person 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002\n  moretus screen report --data moretus-data --portfolio officina --token-file analyst.token\n\nEach claim is screened when it is adjudicated. A flag changes no amount and refuses nothing: at most the payment waits until\na person has decided."
)]
pub(crate) struct Screen {
    #[command(subcommand)]
    command: ScreenCommand,
}

#[derive(Subcommand)]
enum ScreenCommand {
    /// Take the case that has waited longest: nobody chooses whose.
    Take(case::Take),
    /// List the cases that are before whoever asks.
    List(case::List),
    /// Show a case: what was flagged and why, and the claim.
    Show(case::Show),
    /// Say what was found, with a reason. Cleared, the payment goes on.
    Decide(case::Decide),
    /// Give a case back.
    Return(case::Return),
    /// Open a case again whose payment waits: the claim was decided anew.
    Reopen(case::Reopen),
    /// Count what was found by each rule: confirmed, an error, or flagged falsely; no figure about few people.
    Report(report::Report),
}

impl Screen {
    pub(crate) async fn run(self) -> Result<(), Error> {
        match self.command {
            ScreenCommand::Take(command) => command.run().await,
            ScreenCommand::List(command) => command.run().await,
            ScreenCommand::Show(command) => command.run().await,
            ScreenCommand::Decide(command) => command.run().await,
            ScreenCommand::Return(command) => command.run().await,
            ScreenCommand::Reopen(command) => command.run().await,
            ScreenCommand::Report(command) => command.run().await,
        }
    }
}

/// A case, and before whom it is.
#[derive(Args)]
struct One {
    #[command(flatten)]
    staff: AsStaff,
    /// Whose claim, as `moretus screen take` printed it.
    #[arg(long, value_name = "ID")]
    person: SubjectId,
    /// The claim.
    #[arg(long, value_name = "ID")]
    claim: ClaimId,
    /// The legal matter under which it is read, where a law defers showing the person that somebody looked.
    #[arg(long, value_name = "ID")]
    matter: Option<MatterId>,
}

impl One {
    async fn open(&self) -> Result<(Site, ScreenPlace, Actor), Error> {
        let (site, portfolio, actor) = self.staff.open().await?;
        let place = ScreenPlace { portfolio, subject: self.person, claim: self.claim, under: self.matter };
        Ok((site, place, actor))
    }
}

/// A reason that stands in a file: it may say anything about somebody, and a command line is seen by others.
pub(super) fn reason(file: &std::path::Path) -> Result<CaseReason, Error> {
    let text = crate::files::read_text(file)?;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    CaseReason::parse(&line).map_err(|error| error.to_string().into())
}
