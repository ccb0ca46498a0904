//! `moretus disclosures`: who of the staff used what, from the log, for the data protection officer. Each answer is on the
//! record itself first, in the service of a case that the holder of the root key opens. Whom data was about it does not tell.

mod count;
mod line;
mod list;
mod open;
mod report;
mod unusual;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::{ActorId, PortfolioId, SubjectId, Timestamp, WorkItemId};
use gate::{Actor, Sought};

use super::recipients::InPortfolio;
use crate::report::Error;
use crate::site::Site;

/// Who used what, from the log.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus disclosures open --data moretus-data --portfolio officina --officer 00000000-0000-0000-0000-000000000001\n  moretus disclosures list --data moretus-data --portfolio officina --token-file officer.token --case 00000000-0000-0000-0000-000000000002 \\\n    --from 2026-11-01 --to 2026-12-01 --clause use.customer-service --csv > uses.csv\n  moretus disclosures count --portfolio officina --token-file officer.token --case 00000000-0000-0000-0000-000000000002 \\\n    --from 2026-11-01 --to 2026-12-01 --by actor"
)]
pub(crate) struct Disclosures {
    #[command(subcommand)]
    command: DisclosuresCommand,
}

#[derive(Subcommand)]
enum DisclosuresCommand {
    /// Open a case as a task of the officer: it is what the others are asked in the service of.
    Open(open::Open),
    /// List uses, oldest first.
    List(list::List),
    /// Count uses by actor or by clause.
    Count(count::Count),
    /// Tell the hours in which somebody's uses were unusual: many people, out of hours, without a task.
    Unusual(unusual::Unusual),
    /// Report a month: by clause, purpose and recipient, what went outside, emergencies; no row about few people.
    Report(report::Report),
}

impl Disclosures {
    pub(crate) async fn run(self) -> Result<(), Error> {
        match self.command {
            DisclosuresCommand::Open(command) => command.run().await,
            DisclosuresCommand::List(command) => command.run().await,
            DisclosuresCommand::Count(command) => command.run().await,
            DisclosuresCommand::Unusual(command) => command.run().await,
            DisclosuresCommand::Report(command) => command.run().await,
        }
    }
}

/// Who asks, and in the service of what.
#[derive(Args)]
pub(super) struct AsOfficer {
    #[command(flatten)]
    place: InPortfolio,
    /// The file that holds the officer's token; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,
    /// The case, as `moretus disclosures open` printed it.
    #[arg(long, value_name = "ID")]
    case: Option<WorkItemId>,
}

impl AsOfficer {
    pub(super) async fn open(&self) -> Result<(Site, PortfolioId, Actor, Option<WorkItemId>), Error> {
        let (site, portfolio, officer) = self.place.open_with(&self.token_file).await?;
        Ok((site, portfolio, officer, self.case))
    }
}

/// Which uses.
#[derive(Args)]
struct Which {
    /// From when: a day, or an instant such as 2026-11-01T14:30:00Z.
    #[arg(long, value_name = "TIME")]
    from: Timestamp,
    /// Until when; that instant itself is not meant any more. At most until now.
    #[arg(long, value_name = "TIME")]
    to: Timestamp,
    /// Only those by this actor.
    #[arg(long, value_name = "ID")]
    actor: Option<ActorId>,
    /// Only those under this clause, or refused for want of it.
    #[arg(long, value_name = "ID")]
    clause: Option<String>,
    /// Only those about this person, for whom the case was opened as well.
    #[arg(long, value_name = "ID")]
    member: Option<SubjectId>,
}

impl Which {
    fn sought(&self) -> Sought {
        let (actor, clause, subject) = (self.actor, self.clause.clone(), self.member);
        Sought { from: self.from, to: self.to, actor, clause, subject }
    }
}
