//! `moretus officer`: the messages that tell the data protection officer of something without being asked: which wait,
//! and sending them where no server runs. They are about nobody; no address is printed.

use clap::{Args, Subcommand};
use domain::Timestamp;
use serde_json::{Value, json};
use store::officer_message::OfficerMessageRow;
use store::reference::PortfolioRow;
use tokio::sync::watch;

use super::notice::columns::aligned;
use crate::mail::MailArguments;
use crate::output::{note, say};
use crate::report::Error;
use crate::site::SiteArguments;

/// Messages to the data protection officer.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus officer messages --data moretus-data\n  moretus officer send --data moretus-data\n\nA server sends them by itself. Where they go, `mail.toml` in the data directory says: docs/operations.md shows one."
)]
pub(crate) struct Officer {
    #[command(subcommand)]
    command: OfficerCommand,
}

#[derive(Subcommand)]
enum OfficerCommand {
    /// List the messages that wait or could not be sent, the oldest first.
    Messages(Messages),
    /// Send now what waits, for a site with a timer instead of a server.
    Send(Send),
}

impl Officer {
    pub(crate) async fn run(self) -> Result<(), Error> {
        match self.command {
            OfficerCommand::Messages(command) => command.run().await,
            OfficerCommand::Send(command) => command.run().await,
        }
    }
}

/// List messages.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus officer messages --data moretus-data\n  moretus officer messages --data moretus-data --all --json\n\n`waiting`: nobody has tried to send it. `failed`: it could not be sent so far, or is being sent, and is tried again at NEXT.\n`sent`: a mail server took it over."
)]
struct Messages {
    #[command(flatten)]
    site: SiteArguments,
    /// Those that were sent, too.
    #[arg(long)]
    all: bool,
    /// Print the list as JSON.
    #[arg(long)]
    json: bool,
}

impl Messages {
    async fn run(self) -> Result<(), Error> {
        let site = self.site.open().await?;
        let mut found = Vec::new();
        for portfolio in site.app.store().read(store::reference::portfolios).await? {
            let rows = service::officer_messages(&site.app, portfolio.portfolio, self.all).await?;
            found.extend(rows.into_iter().map(|row| (portfolio.clone(), row)));
        }
        found.sort_by_key(|(_, row)| (row.at, row.item));
        if self.json {
            let all: Vec<Value> = found.iter().map(value).collect();
            say!("{:#}", json!({ "messages": all }));
            return site.close().await;
        }
        let heads =
            ["PORTFOLIO", "MESSAGE", "ABOUT", "SINCE", "STATE", "ATTEMPTS", "NEXT"].map(str::to_owned);
        let lines = std::iter::once(heads).chain(found.iter().map(line));
        for line in aligned(&lines.collect::<Vec<_>>()) {
            say!("{line}");
        }
        site.close().await
    }
}

/// What became of a message so far.
fn state(row: &OfficerMessageRow) -> &'static str {
    match row {
        OfficerMessageRow { sent: Some(_), .. } => "sent",
        OfficerMessageRow { attempts: 0, .. } => "waiting",
        _ => "failed",
    }
}

/// When it is tried next; none when it was sent.
fn next(row: &OfficerMessageRow) -> Option<Timestamp> {
    row.sent.is_none().then_some(row.due)
}

fn line((portfolio, row): &(PortfolioRow, OfficerMessageRow)) -> [String; 7] {
    [
        portfolio.name.clone(),
        row.kind.to_string(),
        row.item.to_string(),
        row.at.to_string(),
        state(row).to_owned(),
        row.attempts.to_string(),
        next(row).map_or_else(|| "-".to_owned(), |due| due.to_string()),
    ]
}

fn value((portfolio, row): &(PortfolioRow, OfficerMessageRow)) -> Value {
    json!({
        "portfolio": portfolio.portfolio.to_string(),
        "name": portfolio.name,
        "message": row.kind.word(),
        "about": row.item.to_string(),
        "since": row.at.to_string(),
        "state": state(row),
        "attempts": row.attempts,
        "next": next(row).map(|due| due.to_string()),
        "sent": row.sent.map(|sent| sent.to_string()),
    })
}

/// Send what waits.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus officer send --data moretus-data\n  moretus officer send --data moretus-data --mail /etc/moretus/mail.toml --json\n\nIt fails when a message could not be sent, when one waits for a portfolio without an address of its officer, or when no mail is set up. What was tried a moment ago is not tried again at once."
)]
struct Send {
    #[command(flatten)]
    site: SiteArguments,
    #[command(flatten)]
    mail: MailArguments,
    /// Print what was done as JSON.
    #[arg(long)]
    json: bool,
}

impl Send {
    async fn run(self) -> Result<(), Error> {
        let site = self.site.open().await?;
        let mailer = self.mail.mailer(&site).await?.ok_or(
            "no mail is set up, so nothing can be sent: write `mail.toml` in the data directory, or name one with --mail",
        )?;
        let (_go_on, stop) = watch::channel(false);
        let done = mailer.send_due(&site.app, &stop).await?;
        let mut unaddressed = 0;
        for portfolio in mailer.without_address(&site.app).await? {
            let waiting = service::officer_messages(&site.app, portfolio.portfolio, false).await?.len();
            unaddressed += waiting;
            if waiting > 0 {
                note!(
                    "portfolio {}: {waiting} waiting, and no address of its data protection officer is set up",
                    portfolio.name
                );
            }
        }
        match self.json {
            true => {
                say!("{:#}", json!({ "sent": done.sent, "failed": done.failed, "unaddressed": unaddressed }))
            }
            false => say!("{} sent, {} failed, {unaddressed} without an address", done.sent, done.failed),
        }
        site.close().await?;
        match (done.failed, unaddressed) {
            (0, 0) => Ok(()),
            _ => Err("not everything was sent: what is wrong stands above, and `moretus officer messages` says what waits".into()),
        }
    }
}
