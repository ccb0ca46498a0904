//! `moretus disclosures open`: a case about the uses of a portfolio's data, as a task of its officer.

use clap::Args;
use domain::{ActorId, SubjectId};
use serde_json::json;
use service::{CASE_DAYS, NewCase};

use super::InPortfolio;
use crate::output::say;
use crate::report::Error;

/// Open a case as a task of the officer.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus disclosures open --data moretus-data --portfolio officina --operator 'An Operator' \\\n    --officer 00000000-0000-0000-0000-000000000001 --member 00000000-0000-0000-0000-000000000002 --days 14\n\nIt prints the case's id. That it was opened is on the record, and in the list of each person who is named."
)]
pub(super) struct Open {
    #[command(flatten)]
    place: InPortfolio,
    /// Who opens it, the holder of the root key; the log keeps a keyed hash of the name.
    #[arg(long, value_name = "NAME", default_value = "operator")]
    operator: String,
    /// Whose task it is: the actor that `moretus token --recipient data-protection-officer` names.
    #[arg(long, value_name = "ID")]
    officer: ActorId,
    /// A person whose own uses may be listed in it, beside all those by the staff; may be given several times.
    #[arg(long = "member", value_name = "ID")]
    members: Vec<SubjectId>,
    /// Days that it is open.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=i64::from(CASE_DAYS)))]
    days: u16,
    /// Print its id as JSON.
    #[arg(long)]
    json: bool,
}

impl Open {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, portfolio, keeper) = self.place.open_as(&self.operator).await?;
        let new = NewCase { portfolio, officer: self.officer, people: self.members, days: self.days };
        let case = service::open_case(&site.app, &keeper, &new).await?;
        match self.json {
            true => say!("{:#}", json!({ "case": case.to_string() })),
            false => say!("{case}"),
        }
        site.close().await
    }
}
