//! `moretus emergencies`: the queue of accesses in emergencies, which the data protection officer reviews. Staff open them
//! over the API. The list tells who of the staff opened one, and of nobody whose data it was; to read why is a use of that
//! person's data, and stands in their list.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::{EmergencyOutcome, WorkItemId};
use serde_json::{Value, json};
use store::emergency::EmergencyRow;

use super::disclosures::AsOfficer;
use super::notice::columns::aligned;
use super::recipients::InPortfolio;
use crate::output::{note, say};
use crate::report::Error;

/// Review accesses in emergencies.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus emergencies list --data moretus-data --portfolio officina --token-file officer.token --case 00000000-0000-0000-0000-000000000002\n  moretus emergencies review --data moretus-data --portfolio officina --token-file officer.token \\\n    --emergency 00000000-0000-0000-0000-000000000003 --outcome justified\n\nStaff open one over the API with a reason, for one person and an hour. The officer lists what nobody has reviewed, reads the\nreason and says what was found; who opened one never reviews it."
)]
pub(crate) struct Emergencies {
    #[command(subcommand)]
    command: EmergenciesCommand,
}

#[derive(Subcommand)]
enum EmergenciesCommand {
    /// What nobody has reviewed, the oldest first; in the service of a case.
    List(List),
    /// Take one up, and read why it was opened.
    Read(Read),
    /// Say what was found.
    Review(Review),
}

impl Emergencies {
    pub(crate) async fn run(self) -> Result<(), Error> {
        match self.command {
            EmergenciesCommand::List(command) => command.run().await,
            EmergenciesCommand::Read(command) => command.run().await,
            EmergenciesCommand::Review(command) => command.run().await,
        }
    }
}

/// List what nobody has reviewed.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus emergencies list --data moretus-data --portfolio officina --token-file officer.token --case 00000000-0000-0000-0000-000000000002\n\nThe case is opened by `moretus disclosures open`. It says nothing of whose data it was."
)]
struct List {
    #[command(flatten)]
    officer: AsOfficer,
    /// Print the list as JSON.
    #[arg(long)]
    json: bool,
}

impl List {
    async fn run(self) -> Result<(), Error> {
        let (site, portfolio, officer, case) = self.officer.open().await?;
        let rows = service::unreviewed_emergencies(&site.app, &officer, portfolio, case).await?;
        if self.json {
            let all: Vec<Value> = rows.iter().map(value).collect();
            say!("{:#}", json!({ "portfolio": portfolio.to_string(), "unreviewed": all }));
            return site.close().await;
        }
        let heads = ["EMERGENCY", "OPENED", "UNTIL", "BY"].map(str::to_owned);
        let line = |row: &EmergencyRow| {
            let EmergencyRow { emergency, opened, until, actor, .. } = row;
            [emergency.to_string(), opened.to_string(), until.to_string(), actor.to_string()]
        };
        for line in aligned(&std::iter::once(heads).chain(rows.iter().map(line)).collect::<Vec<_>>()) {
            say!("{line}");
        }
        site.close().await
    }
}

fn value(row: &EmergencyRow) -> Value {
    json!({
        "emergency": row.emergency.to_string(),
        "opened": row.opened.to_string(),
        "until": row.until.to_string(),
        "actor": row.actor.to_string(),
        "outcome": row.review.map(|review| review.outcome.word()),
    })
}

/// One access, and the officer who reviews it.
#[derive(Args)]
struct One {
    #[command(flatten)]
    place: InPortfolio,
    /// The file that holds the officer's token; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,
    /// Which, as `moretus emergencies list` printed it.
    #[arg(long, value_name = "ID")]
    emergency: WorkItemId,
}

/// Read why one was opened.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus emergencies read --data moretus-data --portfolio officina --token-file officer.token \\\n    --emergency 00000000-0000-0000-0000-000000000003\n\nIt becomes the officer's task, and that the reason was read stands in the list of the person whom it is about."
)]
struct Read {
    #[command(flatten)]
    one: One,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

impl Read {
    async fn run(self) -> Result<(), Error> {
        let (site, portfolio, officer) = self.one.place.open_with(&self.one.token_file).await?;
        let request = site.app.gate.request();
        let emergency = self.one.emergency;
        let read = service::read_emergency(&site.app, &officer, portfolio, emergency, request).await?;
        let reason = portal::emergency_reason(&read.reason);
        if self.json {
            let mut told = value(&read.row);
            if let Some(told) = told.as_object_mut() {
                told.insert("subject".to_owned(), json!(read.row.subject.to_string()));
                told.insert("reason".to_owned(), json!(reason));
            }
            say!("{told:#}");
        } else {
            let EmergencyRow { actor, opened, until, subject, .. } = read.row;
            say!("opened by actor {actor} about person {subject}, from {opened} until {until}:");
            say!("{reason}");
        }
        site.close().await
    }
}

/// Say what was found.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus emergencies review --data moretus-data --portfolio officina --token-file officer.token \\\n    --emergency 00000000-0000-0000-0000-000000000003 --outcome not-justified\n\nOne that was not justified ends at once, if it still lasts, and is looked into with `moretus incident`."
)]
struct Review {
    #[command(flatten)]
    one: One,
    /// What was found: justified or not-justified.
    #[arg(long)]
    outcome: EmergencyOutcome,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

impl Review {
    async fn run(self) -> Result<(), Error> {
        let (site, portfolio, officer) = self.one.place.open_with(&self.one.token_file).await?;
        let (emergency, request) = (self.one.emergency, site.app.gate.request());
        let app = &site.app;
        let row =
            service::review_emergency(app, &officer, portfolio, emergency, self.outcome, request).await?;
        match (self.json, self.outcome) {
            (true, _) => say!("{:#}", value(&row)),
            (false, EmergencyOutcome::Justified) => note!("emergency {emergency}: justified"),
            (false, EmergencyOutcome::NotJustified) => note!(
                "emergency {emergency}: not justified; what it was about: moretus incident --actor {} --from {} --to {}",
                row.actor,
                row.opened,
                row.until
            ),
        }
        site.close().await
    }
}
