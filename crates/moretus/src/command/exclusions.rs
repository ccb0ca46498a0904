//! `moretus exclusions`: the register of excluded providers, kept by legal staff with tokens of their own. The screen for fraud and error
//! flags care on a day on which the provider is excluded; nothing is refused here, and no list is fetched.

mod import;

use clap::{Args, Subcommand};
use domain::{Date, Exclusion, ExclusionList, PortfolioId, ProviderId, RequestId, SubjectId};
use gate::Actor;
use serde_json::{Value, json};
use service::{Entered, NewExclusion, RowFaults, ServiceError};
use store::exclusion::ExclusionRow;

use super::notice::columns::aligned;
use super::recipients::AsStaff;
use crate::output::{note, say};
use crate::report::Error;
use crate::site::Site;

/// The register of excluded providers.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus exclusions add --data moretus-data --portfolio officina --token-file legal.token \\\n    --source register --provider-id P-3 --first 2026-02-01 --list 'Decision 2026/4 of the Commission'\n  moretus exclusions import exclusions.csv --data moretus-data --portfolio officina --token-file legal.token --source register\n  moretus exclusions list --data moretus-data --portfolio officina --token-file legal.token\n\nThe payment for care on a day on which the provider is excluded waits for a person once the claim is decided: what was\ndecided before stays as it is."
)]
pub(crate) struct Exclusions {
    #[command(subcommand)]
    command: ExclusionsCommand,
}

#[derive(Subcommand)]
enum ExclusionsCommand {
    /// Enter that a provider is excluded.
    Add(Add),
    /// Enter the excluded providers of a CSV file: all of them, or none.
    Import(import::Import),
    /// Set the last day of an exclusion.
    End(End),
    /// Take out an exclusion that was entered in error.
    Remove(Remove),
    /// Who is excluded, from when until when.
    List(List),
    /// Show the exclusions of one provider, and by which list.
    Show(Show),
}

impl Exclusions {
    pub(crate) async fn run(self) -> Result<(), Error> {
        match self.command {
            ExclusionsCommand::Add(command) => command.run().await,
            ExclusionsCommand::Import(command) => command.run().await,
            ExclusionsCommand::End(command) => command.run().await,
            ExclusionsCommand::Remove(command) => command.run().await,
            ExclusionsCommand::List(command) => command.run().await,
            ExclusionsCommand::Show(command) => command.run().await,
        }
    }
}

/// A provider, by its id here or by that of the source that it came in from.
#[derive(Args)]
#[group(required = true, multiple = true)]
struct Which {
    /// The provider, by its id here, as `moretus exclusions list` prints it.
    #[arg(long, value_name = "ID", conflicts_with_all = ["source", "provider_id"])]
    provider: Option<ProviderId>,
    /// The source that it came in from, as `moretus import` was told.
    #[arg(long, value_name = "NAME", requires = "provider_id")]
    source: Option<String>,
    /// Its id in that source: a `provider_id` of the providers file.
    #[arg(long, value_name = "ID", requires = "source")]
    provider_id: Option<String>,
}

/// The exclusions of one provider.
#[derive(Args)]
struct One {
    #[command(flatten)]
    staff: AsStaff,
    #[command(flatten)]
    which: Which,
}

/// A site, and of whom something is asked in it, by whom.
struct Asked {
    site: Site,
    place: (PortfolioId, ProviderId),
    actor: Actor,
    request: RequestId,
}

impl One {
    async fn open(&self) -> Result<Asked, Error> {
        let (site, portfolio, actor) = self.staff.open().await?;
        let Which { provider, source, provider_id } = &self.which;
        let of_source = source.as_deref().zip(provider_id.as_deref());
        let provider = match (provider, of_source) {
            (Some(provider), _) => *provider,
            (None, Some((source, id))) => service::provider_of_source(&site.app, portfolio, source, id),
            (None, None) => {
                return Err("which provider: give --provider, or --source and --provider-id".into());
            }
        };
        let request = site.app.gate.request();
        Ok(Asked { site, place: (portfolio, provider), actor, request })
    }
}

/// Enter that a provider is excluded.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus exclusions add --data moretus-data --portfolio officina --token-file legal.token \\\n    --source register --provider-id P-3 --first 2026-02-01 --list 'Decision 2026/4 of the Commission'\n\nBy which list is sealed with the provider's data: name whose list it is, and no person."
)]
struct Add {
    #[command(flatten)]
    one: One,
    /// The first day, YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    first: Date,
    /// The last day, YYYY-MM-DD; without it there is none yet.
    #[arg(long, value_name = "DATE")]
    last: Option<Date>,
    /// By which list, and whose.
    #[arg(long, value_name = "TEXT")]
    list: String,
    /// Print what was done as JSON.
    #[arg(long)]
    json: bool,
}

impl Add {
    async fn run(self) -> Result<(), Error> {
        let list = ExclusionList::parse(&self.list).map_err(|error| format!("--list: {error}"))?;
        let Asked { site, place: (portfolio, provider), actor, request } = self.one.open().await?;
        let new = [NewExclusion { provider, first: self.first, last: self.last, list }];
        let added = service::exclude_providers(&site.app, &actor, portfolio, &new, request).await;
        let added = added.map_err(|error| match error {
            // One was given.
            ServiceError::ExclusionRows(RowFaults(faults)) => {
                faults.first().map_or("", |(_, problem)| problem).into()
            }
            other => Error::from(other),
        })?;
        let Entered { new, changed } = added;
        match self.json {
            true => say!("{:#}", json!({ "provider": provider.to_string(), "new": new, "changed": changed })),
            false => say!("{provider}"),
        }
        match (new, changed) {
            (0, 0) => note!("it stands there just so"),
            (0, _) => note!("it stood there with another last day, and has this one now"),
            _ => {}
        }
        site.close().await
    }
}

/// Set the last day of an exclusion.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus exclusions end --data moretus-data --portfolio officina --token-file legal.token \\\n    --source register --provider-id P-3 --first 2026-02-01 --last 2026-10-31"
)]
struct End {
    #[command(flatten)]
    one: One,
    /// The first day of the one to end, YYYY-MM-DD, as `moretus exclusions show` prints it.
    #[arg(long, value_name = "DATE")]
    first: Date,
    /// The last day, YYYY-MM-DD: one on which the provider is excluded.
    #[arg(long, value_name = "DATE")]
    last: Date,
    /// Print what was done as JSON.
    #[arg(long)]
    json: bool,
}

impl End {
    async fn run(self) -> Result<(), Error> {
        let Self { one, first, last, json } = self;
        let Asked { site, place, actor, request } = one.open().await?;
        service::end_exclusion(&site.app, &actor, place, (first, last), request).await?;
        let provider = place.1;
        match json {
            true => {
                let days = (first.to_string(), last.to_string());
                say!("{:#}", json!({ "provider": provider.to_string(), "first": days.0, "last": days.1 }));
            }
            false => say!("{provider}: {first}..{last}"),
        }
        site.close().await
    }
}

/// Take out an exclusion that was entered in error.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus exclusions remove --data moretus-data --portfolio officina --token-file legal.token \\\n    --source register --provider-id P-3 --first 2026-02-01\n\nOne that is over is ended, and not taken out: claims for care of its days may still come. What was flagged by it stays a case,\nfor a person to clear."
)]
struct Remove {
    #[command(flatten)]
    one: One,
    /// The first day of the one to take out, YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    first: Date,
    /// Print what was done as JSON.
    #[arg(long)]
    json: bool,
}

impl Remove {
    async fn run(self) -> Result<(), Error> {
        let Asked { site, place, actor, request } = self.one.open().await?;
        service::remove_exclusion(&site.app, &actor, place, self.first, request).await?;
        if self.json {
            say!("{:#}", json!({ "provider": place.1.to_string(), "first": self.first.to_string() }));
        }
        site.close().await
    }
}

/// Who is excluded, from when until when.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus exclusions list --data moretus-data --portfolio officina --token-file legal.token\n  moretus exclusions list --portfolio officina --token-file legal.token --json\n\nProviders are listed by their ids here; `show` says by which list one is excluded."
)]
struct List {
    #[command(flatten)]
    staff: AsStaff,
    /// Print the list as JSON.
    #[arg(long)]
    json: bool,
}

impl List {
    async fn run(self) -> Result<(), Error> {
        let (site, portfolio, actor) = self.staff.open().await?;
        let request = site.app.gate.request();
        let (mut rows, mut after): (Vec<ExclusionRow>, Option<(SubjectId, Date)>) = (Vec::new(), None);
        loop {
            let page = service::exclusions(&site.app, &actor, portfolio, after, request).await?;
            let Some(last) = page.last() else { break };
            after = Some((last.subject, last.first));
            rows.extend(page);
        }
        if self.json {
            let value = |row: &ExclusionRow| {
                json!({
                    "provider": row.subject.to_string(),
                    "first": row.first.to_string(),
                    "last": row.last.map(|last| last.to_string()),
                })
            };
            say!("{:#}", json!({ "exclusions": rows.iter().map(value).collect::<Vec<_>>() }));
            return site.close().await;
        }
        let heads = ["PROVIDER", "FIRST", "LAST"].map(str::to_owned);
        let line = |row: &ExclusionRow| [row.subject.to_string(), row.first.to_string(), or_open(row.last)];
        for line in aligned(&std::iter::once(heads).chain(rows.iter().map(line)).collect::<Vec<_>>()) {
            say!("{line}");
        }
        site.close().await
    }
}

fn or_open(last: Option<Date>) -> String {
    last.map_or_else(|| "-".to_owned(), |last| last.to_string())
}

/// Show the exclusions of one provider.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus exclusions show --data moretus-data --portfolio officina --token-file legal.token --source register --provider-id P-3\n\nWho looks is on the provider's record."
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
        let Asked { site, place, actor, request } = self.one.open().await?;
        let spans = service::read_exclusions(&site.app, &actor, place, request).await?;
        if self.json {
            let spans: Vec<Value> = spans.iter().map(span_value).collect();
            say!("{:#}", json!({ "provider": place.1.to_string(), "exclusions": spans }));
            return site.close().await;
        }
        for Exclusion { first, last, list, entered, by } in &spans {
            say!("{first}..{}: {} (entered on {entered} by actor {by})", or_open(*last), list.reveal());
        }
        site.close().await
    }
}

fn span_value(span: &Exclusion) -> Value {
    json!({
        "first": span.first.to_string(),
        "last": span.last.map(|last| last.to_string()),
        "list": span.list.reveal(),
        "entered": span.entered.to_string(),
        "by": span.by.to_string(),
    })
}
