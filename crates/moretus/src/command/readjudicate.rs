//! `moretus readjudicate`: decide the claims of some days again, look at what would change, release it. The holder of the root
//! key starts a run, which changes nothing; somebody of the claims staff releases what it proposes.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::{Currency, Date, ReleaseReason, Step, SubjectId, WorkItemId};
use serde_json::{Value, json};
use service::{Change, Proposed, ReleaseReport, ToRelease};
use store::readjudication::RunRow;

use super::notice::columns::aligned;
use super::recipients::InPortfolio;
use crate::output::{note, say};
use crate::report::{Error, amount, grouped, progress};

/// Decide claims again.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus readjudicate propose --data moretus-data --portfolio officina --from 2026-01-01 --to 2026-12-31\n  moretus readjudicate show --data moretus-data --portfolio officina --token-file claims.token --run 00000000-0000-0000-0000-000000000004\n  moretus readjudicate release --data moretus-data --portfolio officina --token-file claims.token \\\n    --run 00000000-0000-0000-0000-000000000004 --reason plan-corrected\n\nA run decides claims once more, with the plans, cover and facts of today, and changes nothing: somebody of the claims staff looks\nat what would change, and releases it."
)]
pub(crate) struct Readjudicate {
    #[command(subcommand)]
    command: ReadjudicateCommand,
}

#[derive(Subcommand)]
enum ReadjudicateCommand {
    /// Work out what would change.
    Propose(Propose),
    /// The runs, and how far each came.
    List(List),
    /// What would change, by the step that explains it.
    Show(Show),
    /// Carry it out.
    Release(ReleaseIt),
}

impl Readjudicate {
    pub(crate) async fn run(self) -> Result<(), Error> {
        match self.command {
            ReadjudicateCommand::Propose(command) => command.run().await,
            ReadjudicateCommand::List(command) => command.run().await,
            ReadjudicateCommand::Show(command) => command.run().await,
            ReadjudicateCommand::Release(command) => command.run().await,
        }
    }
}

/// Work out what would change if the claims of some days were decided again.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus readjudicate propose --data moretus-data --portfolio officina --from 2026-01-01 --to 2026-12-31\n  moretus readjudicate propose --data moretus-data --portfolio officina --changed\n\nIt takes every decided claim whose first service lies on these days. One that is stopped goes on where it stood when it is started\nagain over the same days. Claims that wait for a person are left alone."
)]
struct Propose {
    #[command(flatten)]
    place: InPortfolio,
    /// The first day.
    #[arg(long, value_name = "DATE", required_unless_present = "changed", requires = "to")]
    from: Option<Date>,
    /// The last day.
    #[arg(long, value_name = "DATE", requires = "from")]
    to: Option<Date>,
    /// Take only people of whom something changed since their claims were decided, whatever the day: their cover, what became
    /// known of a claim, what an appeal overturned. A server does so by itself once a day.
    #[arg(long, conflicts_with = "from")]
    changed: bool,
    /// Who starts it, the holder of the root key; the run keeps a keyed hash of the name.
    #[arg(long, value_name = "NAME", default_value = "operator")]
    operator: String,
    /// Print what it came to as JSON.
    #[arg(long)]
    json: bool,
}

impl Propose {
    async fn run(self) -> Result<(), Error> {
        let days = self.from.zip(self.to);
        if let Some((from, to)) = days.filter(|(from, to)| to < from) {
            return Err(format!("`--to {to}` is before `--from {from}`: give the last day").into());
        }
        let (site, portfolio, operator) = self.place.open_as(&self.operator).await?;
        let bar = progress("deciding claims again", 0);
        let tell = |done, all| {
            bar.set_length(all);
            bar.set_position(done);
        };
        let run = match days {
            Some(days) => service::readjudicate(&site.app, &operator, portfolio, days, tell).await?,
            None => service::readjudicate_changed(&site.app, &operator, portfolio, tell).await?,
        };
        bar.finish_and_clear();
        if self.json {
            say!("{:#}", run_value(&run));
            return site.close().await;
        }
        say!("run {}: {} people, {} claims", run.run, counted(run.people), counted(run.claims));
        say!("  would be decided otherwise: {}", counted(run.differing));
        say!("  wait for something to be known, and stand: {}", counted(run.waiting));
        say!("  people whom no clause lets it read: {}", counted(run.refused));
        say!("  people whose claims could not be worked out: {}", counted(run.failed));
        if run.differing > 0 {
            note!("nothing has changed: see `moretus readjudicate show --run {}`", run.run);
        }
        site.close().await
    }
}

fn counted(number: i64) -> String {
    grouped(u64::try_from(number).unwrap_or(0))
}

fn run_value(run: &RunRow) -> Value {
    json!({
        "run": run.run.to_string(),
        "from": run.first.to_string(),
        "to": run.last.to_string(),
        "changed": run.only_changed,
        "started": run.started.to_string(),
        "finished": run.finished.map(|at| at.to_string()),
        "people": run.people,
        "claims": run.claims,
        "differing": run.differing,
        "waiting": run.waiting,
        "refused": run.refused,
        "failed": run.failed,
    })
}

/// List the runs, the latest first.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus readjudicate list --data moretus-data --portfolio officina\n\nIt counts people and claims, and says nothing of what would change."
)]
struct List {
    #[command(flatten)]
    place: InPortfolio,
    /// Print the list as JSON.
    #[arg(long)]
    json: bool,
}

impl List {
    async fn run(self) -> Result<(), Error> {
        let (site, portfolio) = self.place.open().await?;
        let runs = service::readjudications(&site.app, portfolio).await?;
        if self.json {
            let all: Vec<Value> = runs.iter().map(run_value).collect();
            say!("{:#}", json!({ "portfolio": portfolio.to_string(), "runs": all }));
            return site.close().await;
        }
        let heads = ["RUN", "FROM", "TO", "PEOPLE", "CLAIMS", "OTHERWISE", "THROUGH"].map(str::to_owned);
        let line = |run: &RunRow| {
            let through = run.finished.map_or_else(|| "not yet".to_owned(), |at| at.to_string());
            let counts = [run.people, run.claims, run.differing].map(counted);
            let [people, claims, differing] = counts;
            let (from, to) = match run.only_changed {
                true => ("changed".to_owned(), "-".to_owned()),
                false => (run.first.to_string(), run.last.to_string()),
            };
            [run.run.to_string(), from, to, people, claims, differing, through]
        };
        for line in aligned(&std::iter::once(heads).chain(runs.iter().map(line)).collect::<Vec<_>>()) {
            say!("{line}");
        }
        site.close().await
    }
}

/// A run, and who of the claims staff looks at it.
#[derive(Args)]
struct OfRun {
    #[command(flatten)]
    place: InPortfolio,
    /// The file that holds the token of somebody of the claims staff; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,
    /// Which run, as `moretus readjudicate list` prints it.
    #[arg(long, value_name = "ID")]
    run: WorkItemId,
}

/// Add up what a run proposes and nobody has released.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus readjudicate show --data moretus-data --portfolio officina --token-file claims.token --run 00000000-0000-0000-0000-000000000004 --people\n\nThat it was looked at stands in the list of each person for whom something would change."
)]
struct Show {
    #[command(flatten)]
    of: OfRun,
    /// Tell for whom as well, by their ids.
    #[arg(long)]
    people: bool,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

impl Show {
    async fn run(self) -> Result<(), Error> {
        let (site, portfolio, actor) = self.of.place.open_with(&self.of.token_file).await?;
        let request = site.app.gate.request();
        let told = service::proposed(&site.app, &actor, portfolio, self.of.run, request).await?;
        if self.json {
            let mut value = proposed_value(&told);
            if let Some(object) = value.as_object_mut().filter(|_| self.people) {
                let ids: Vec<String> = told.subjects.iter().map(ToString::to_string).collect();
                object.insert("subjects".to_owned(), json!(ids));
            }
            say!("{value:#}");
            return site.close().await;
        }
        say!("{} claims of {} people would be decided otherwise", grouped(told.claims), grouped(told.people));
        say!("  the plan would pay less for {} of them", grouped(told.lowered));
        say!("  refused, in part or in whole, and were not: {}", grouped(told.denied));
        for (currency, more) in &told.more {
            say!("  a release lets go {} {currency}: what the plan would pay more", amount(*more, *currency));
        }
        if told.refused > 0 {
            say!("  left out: {} people whose files somebody else handles", grouped(told.refused));
        }
        let heads = ["EXPLAINED BY", "CURRENCY", "LINES", "BEFORE", "AFTER", "DIFFERENCE"].map(str::to_owned);
        let line = |((step, currency), change): (&(Step, Currency), &Change)| {
            let sums = [change.before, change.after, change.after - change.before];
            let [before, after, difference] = sums.map(|sum| amount(sum, *currency));
            [step.to_string(), currency.to_string(), grouped(change.lines), before, after, difference]
        };
        for line in aligned(&std::iter::once(heads).chain(told.changes.iter().map(line)).collect::<Vec<_>>())
        {
            say!("{line}");
        }
        for subject in told.subjects.iter().filter(|_| self.people) {
            say!("for {subject}");
        }
        site.close().await
    }
}

fn proposed_value(told: &Proposed) -> Value {
    let change = |((step, currency), change): (&(Step, Currency), &Change)| {
        json!({
            "explained_by": step.word(),
            "currency": currency.to_string(),
            "lines": change.lines,
            "before": amount(change.before, *currency),
            "after": amount(change.after, *currency),
        })
    };
    let changes: Vec<Value> = told.changes.iter().map(change).collect();
    let more = |(currency, more): (&Currency, &i128)| json!({ "currency": currency.to_string(), "amount": amount(*more, *currency) });
    json!({
        "people": told.people,
        "claims": told.claims,
        "lowered": told.lowered,
        "denied": told.denied,
        "refused": told.refused,
        "more": told.more.iter().map(more).collect::<Vec<_>>(),
        "changes": changes,
    })
}

/// Carry out what a run proposes.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus readjudicate release --data moretus-data --portfolio officina --token-file claims.token \\\n    --run 00000000-0000-0000-0000-000000000004 --reason plan-corrected\n  moretus readjudicate release --data moretus-data --portfolio officina --token-file claims.token \\\n    --run 00000000-0000-0000-0000-000000000004 --subject 00000000-0000-0000-0000-000000000005 --reason appeal\n\nWhat was counted is taken back exactly, the new is counted, the difference is booked. A proposal that rests on something that has\nchanged since, another claim that was decided for instance, is not released: propose again. Where the plan leaves refusals to a\nperson, one that newly refuses something is released only when everybody whom it refuses something is named with `--subject`;\nwho is to be named is printed. When everybody's is released, the\nportfolio's cover goes over to the plan versions that decided.\n\nExit codes: 0 all of it was released; 1 some were not, and why is printed."
)]
struct ReleaseIt {
    #[command(flatten)]
    of: OfRun,
    /// For this person, and those who count together with them; may be given several times.
    #[arg(long, value_name = "ID")]
    subject: Vec<SubjectId>,
    /// Why: plan-corrected, cover-corrected, facts-corrected, other-payer, appeal or order.
    #[arg(long)]
    reason: ReleaseReason,
    /// Print what became of it as JSON.
    #[arg(long)]
    json: bool,
}

impl ReleaseIt {
    async fn run(self) -> Result<(), Error> {
        let (site, portfolio, actor) = self.of.place.open_with(&self.of.token_file).await?;
        let request = site.app.gate.request();
        let only = self.subject.into_iter().collect();
        let what = ToRelease { run: self.of.run, only, reason: self.reason };
        let bar = progress("releasing", 0);
        let tell = |done| bar.set_position(done);
        let report = service::release(&site.app, &actor, portfolio, what, request, tell).await?;
        bar.finish_and_clear();
        site.close().await?;
        if self.json {
            say!("{:#}", report_value(&report));
        } else {
            say!("released for {} people: {} claims", grouped(report.released), grouped(report.claims));
            for (account, currency, debit, credit) in report.booked.iter() {
                let sums = [debit, credit].map(|sum| amount(sum, currency));
                let [debit, credit] = sums;
                say!("  {account}: debit {debit} {currency}, credit {credit} {currency}");
            }
        }
        for subject in report.to_name.iter().filter(|_| !self.json) {
            say!("to name: {subject}");
        }
        match (report.outdated, report.refusals, report.refused, report.failed) {
            (0, 0, 0, 0) => Ok(()),
            (outdated, refusals, refused, failed) => Err(format!(
                "not released for {outdated} people since something changed (propose again), for {refusals} to whom, or to one who counts together with whom, it newly refuses something (name each whom it refuses something with `--subject`), for {refused} whose files somebody else handles, for {failed} whose records are gone or altered"
            )
            .into()),
        }
    }
}

fn report_value(report: &ReleaseReport) -> Value {
    json!({
        "released": report.released,
        "claims": report.claims,
        "outdated": report.outdated,
        "refusals": report.refusals,
        "to_name": report.to_name.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "refused": report.refused,
        "failed": report.failed,
    })
}
