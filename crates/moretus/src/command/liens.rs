//! `moretus liens`: claims for which somebody else is liable: asserted, listed, shown, received and released by claims and payments
//! staff. Nobody is asked for money here, and nobody outside is told anything.

mod step;

use clap::{Args, Subcommand};
use domain::{ClaimId, CostShare, LiableParty, LienReceipt, LienState, SubjectId};
use gate::Actor;
use serde_json::{Value, json};
use service::{LienFile, LienPlace, LienStanding};
use store::lien::LienRow;

use super::notice::columns::aligned;
use super::recipients::AsStaff;
use super::recoveries::amount_value;
use crate::output::{note, say};
use crate::report::Error;
use crate::site::Site;

/// Liens on what somebody else is liable for.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus liens assert --data moretus-data --portfolio officina --token-file claims.token \\\n    --person 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002 --liable-file liable.txt\n  moretus liens list --data moretus-data --portfolio officina --token-file claims.token\n  moretus liens receive --data moretus-data --portfolio officina --token-file payments.token \\\n    --person 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002 \\\n    --amount 8000.00 --currency EUR --reference 2026-117\n\nA lien is what the plan pays for a claim, less the share of the costs of getting it back; never more, also when the claim is\ndecided again. What is received is booked, and lowers the cost of claims."
)]
pub(crate) struct Liens {
    #[command(subcommand)]
    command: LiensCommand,
}

#[derive(Subcommand)]
enum LiensCommand {
    /// Write down that somebody else is liable for what was paid for a claim.
    Assert(Assert),
    /// List liens in a state.
    List(List),
    /// Show a lien: who is liable, what came of it, and what is left.
    Show(Show),
    /// Write down that money was received.
    Receive(step::Receive),
    /// Give up what is left, with a reason.
    Release(step::Release),
}

impl Liens {
    pub(crate) async fn run(self) -> Result<(), Error> {
        match self.command {
            LiensCommand::Assert(command) => command.run().await,
            LiensCommand::List(command) => command.run().await,
            LiensCommand::Show(command) => command.run().await,
            LiensCommand::Receive(command) => command.run().await,
            LiensCommand::Release(command) => command.run().await,
        }
    }
}

/// The lien on one claim.
#[derive(Args)]
struct One {
    #[command(flatten)]
    staff: AsStaff,
    /// Whose claim.
    #[arg(long, value_name = "ID")]
    person: SubjectId,
    /// The claim.
    #[arg(long, value_name = "ID")]
    claim: ClaimId,
}

impl One {
    async fn open(&self) -> Result<(Site, LienPlace, Actor), Error> {
        let (site, portfolio, actor) = self.staff.open().await?;
        Ok((site, LienPlace { portfolio, subject: self.person, claim: self.claim }, actor))
    }
}

/// Write down that somebody else is liable for what was paid for a claim.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus liens assert --data moretus-data --portfolio officina --token-file claims.token \\\n    --person 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002 --liable-file liable.txt --costs 1/3\n\nThe file says which insurer or organisation is liable, and how it calls the matter: `Assurantia, file 123`. It is sealed with the\nperson's data, and payments staff see it: write no person's name there, and nothing of what happened or of the care. The claim was\npaid, or is in payment. What of it is the others' share is no more than `moretus actors authority` lets you release alone."
)]
struct Assert {
    #[command(flatten)]
    one: One,
    /// The file that says which insurer or organisation is liable, and how it calls the matter; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    liable_file: std::path::PathBuf,
    /// The share of what is recovered that goes to those who recover it.
    #[arg(long, value_name = "SHARE", default_value = "0/1")]
    costs: CostShare,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

impl Assert {
    async fn run(self) -> Result<(), Error> {
        let text = crate::files::read_text(&self.liable_file)?;
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let liable = LiableParty::parse(&line).map_err(|error| error.to_string())?;
        let (site, place, actor) = self.one.open().await?;
        let new = service::NewLien { liable, costs: self.costs };
        let request = site.app.gate.request();
        told(&service::assert_lien(&site.app, &actor, place, &new, request).await?, self.json);
        site.close().await
    }
}

/// List liens in a state.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus liens list --data moretus-data --portfolio officina --token-file claims.token\n  moretus liens list --portfolio officina --token-file claims.token --state released --json\n\nStates: asserted, recovered, released; as of the last step, also where the claim was decided again since. It says nothing of who is liable, or of how much."
)]
struct List {
    #[command(flatten)]
    staff: AsStaff,
    /// In which state.
    #[arg(long, default_value = "asserted")]
    state: LienState,
    /// Print the list as JSON.
    #[arg(long)]
    json: bool,
}

impl List {
    async fn run(self) -> Result<(), Error> {
        let (site, portfolio, actor) = self.staff.open().await?;
        let request = site.app.gate.request();
        let (mut rows, mut after) = (Vec::new(), None);
        loop {
            let page = service::liens(&site.app, &actor, (portfolio, self.state), after, request).await?;
            let Some(last) = page.last() else { break };
            after = Some((last.subject, last.claim));
            rows.extend(page);
        }
        if self.json {
            say!("{:#}", json!({ "liens": rows.iter().map(row_value).collect::<Vec<_>>() }));
            return site.close().await;
        }
        let heads = ["PERSON", "CLAIM", "SINCE"].map(str::to_owned);
        let line = |row: &LienRow| [row.subject.to_string(), row.claim.to_string(), row.since.to_string()];
        for line in aligned(&std::iter::once(heads).chain(rows.iter().map(line)).collect::<Vec<_>>()) {
            say!("{line}");
        }
        site.close().await
    }
}

fn row_value(row: &LienRow) -> Value {
    json!({
        "person": row.subject.to_string(),
        "claim": row.claim.to_string(),
        "state": row.state.word(),
        "since": row.since.to_string(),
    })
}

/// Show a lien.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus liens show --data moretus-data --portfolio officina --token-file claims.token \\\n    --person 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002\n\nIt shows who is liable and the amounts, and nothing of what the care was. Who looks is on the person's record."
)]
struct Show {
    #[command(flatten)]
    one: One,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

impl Show {
    async fn run(self) -> Result<(), Error> {
        let (site, place, actor) = self.one.open().await?;
        let file = service::read_lien(&site.app, &actor, place, site.app.gate.request()).await?;
        if self.json {
            say!("{:#}", file_value(&file));
            return site.close().await;
        }
        say!("liable: {}", file.lien.liable.reveal());
        say!("asserted on {} by actor {}", file.lien.asserted, file.lien.by);
        say!("costs: {}", share(file.lien.costs));
        for receipt in &file.lien.receipts {
            let LienReceipt { day, by, amount, reference, .. } = receipt;
            say!("received on {day}: {amount}, {}, by actor {by}", reference.reveal());
        }
        if let Some(release) = &file.lien.release {
            say!("released on {} by actor {}: {}", release.day, release.by, release.reason);
        }
        told(&file.standing, false);
        site.close().await
    }
}

fn share(costs: CostShare) -> String {
    let (over, under) = costs.parts();
    format!("{over}/{under}")
}

/// What a lien comes to.
fn told(standing: &LienStanding, json: bool) {
    if json {
        say!("{:#}", standing_value(standing));
        return;
    }
    let LienStanding { paid, recoverable, received, outstanding } = *standing;
    say!("left: {outstanding}");
    note!("the plan pays {paid}, recoverable {recoverable}, received {received}");
}

fn standing_value(standing: &LienStanding) -> Value {
    json!({
        "paid": amount_value(standing.paid),
        "recoverable": amount_value(standing.recoverable),
        "received": amount_value(standing.received),
        "left": amount_value(standing.outstanding),
    })
}

fn file_value(file: &LienFile) -> Value {
    let LienFile { lien, standing } = file;
    let receipt = |one: &LienReceipt| {
        json!({
            "day": one.day.to_string(),
            "by": one.by.to_string(),
            "received": amount_value(one.amount),
            "reference": one.reference.reveal(),
            "costs": share(one.costs),
        })
    };
    let release = lien.release.map(
        |one| json!({ "day": one.day.to_string(), "by": one.by.to_string(), "reason": one.reason.word() }),
    );
    json!({
        "liable": lien.liable.reveal(),
        "asserted": lien.asserted.to_string(),
        "by": lien.by.to_string(),
        "costs": share(lien.costs),
        "receipts": lien.receipts.iter().map(receipt).collect::<Vec<_>>(),
        "released": release,
        "standing": standing_value(standing),
    })
}
