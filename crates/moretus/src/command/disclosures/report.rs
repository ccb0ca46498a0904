//! `moretus disclosures report`: the officer's report of a month, to be passed on. It tells no row that is about few people.

use clap::Args;
use domain::Date;
use serde_json::{Value, json};
use service::{MonthlyReport, REPORT_PEOPLE, ReportOf, ReportRow};

use super::AsOfficer;
use crate::command::notice::columns::aligned;
use crate::output::say;
use crate::report::Error;

/// Report a month.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus disclosures report --data moretus-data --portfolio officina --token-file officer.token --case 00000000-0000-0000-0000-000000000002 \\\n    --month 2026-11 --hours 6..18\n\nUses are told in whole tens, rounded down; what is about fewer than ten people is not told, nor what that would follow from. Emergencies, refusals that something barred and\nunusual hours are about the staff, and are told as they are."
)]
pub(super) struct Report {
    #[command(flatten)]
    officer: AsOfficer,
    /// The month, in UTC; one that is not over is reported until now.
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
    month: Date,
    #[command(flatten)]
    usual: super::unusual::UsualArguments,
    /// Days within which an access in an emergency is to be reviewed.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=90))]
    review_days: u16,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
}

/// The first day of a month.
fn month(text: &str) -> Result<Date, String> {
    format!("{text}-01").parse().map_err(|_| "write a year and a month, such as 2026-11".to_owned())
}

impl Report {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, portfolio, officer, case) = self.officer.open().await?;
        let of = ReportOf { month: self.month, usual: self.usual.into(), review_days: self.review_days };
        let report = service::monthly_report(&site.app, &officer, portfolio, case, of).await?;
        match self.json {
            true => say!("{:#}", value(&report)),
            false => print(&report, self.review_days),
        }
        site.close().await
    }
}

/// The tables of a report, each with its head.
fn tables(report: &MonthlyReport) -> [(&'static str, &[ReportRow]); 5] {
    [
        ("CLAUSE", &report.clauses),
        ("PURPOSE", &report.purposes),
        ("RECIPIENT", &report.recipients),
        ("HANDED OVER TO", &report.handed_over),
        ("OUTSIDE THE EEA", &report.outside_eea),
    ]
}

fn print(report: &MonthlyReport, review_days: u16) {
    say!("{} to {}", report.from, report.to);
    print_table("USES", std::slice::from_ref(&report.all));
    tables(report).into_iter().for_each(|(head, rows)| print_table(head, rows));
    say!("");
    let barred: u64 = report.barred.values().sum();
    let reasons: Vec<String> = report.barred.iter().map(|(bar, count)| format!("{bar} {count}")).collect();
    say!("refused whatever a clause says: {barred}{}", in_brackets(&reasons));
    say!(
        "searches: {}; changes of registers, and what was opened or reviewed: {}",
        report.searches,
        report.changes
    );
    for (what, (hours, actors)) in &report.unusual {
        say!("unusual ({}): {hours} hours of {actors} of the staff", what.word());
    }
    let emergencies = report.emergencies;
    say!(
        "emergencies: {} opened, {} justified, {} not justified, {} not reviewed; {} wait for more than {review_days} days",
        emergencies.opened,
        emergencies.justified,
        emergencies.not_justified,
        emergencies.unreviewed,
        emergencies.overdue
    );
    say!("incidents looked into: {}", report.incidents);
}

fn in_brackets(words: &[String]) -> String {
    if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) }
}

fn print_table(head: &str, rows: &[ReportRow]) {
    if rows.is_empty() {
        return;
    }
    say!("");
    let heads = [head, "GRANTED", "REFUSED"].map(str::to_owned);
    let figure = |uses: Option<u64>| uses.map_or_else(|| "not told".to_owned(), |uses| uses.to_string());
    let line = |row: &ReportRow| [row.of.clone(), figure(row.granted), figure(row.refused)];
    for line in aligned(&std::iter::once(heads).chain(rows.iter().map(line)).collect::<Vec<_>>()) {
        say!("{line}");
    }
}

fn row(row: &ReportRow) -> Value {
    json!({
        "of": row.of,
        "granted": row.granted,
        "refused": row.refused,
    })
}

fn value(report: &MonthlyReport) -> Value {
    let rows = |rows: &[ReportRow]| rows.iter().map(row).collect::<Vec<_>>();
    let unusual = report
        .unusual
        .iter()
        .map(|(what, (hours, actors))| json!({ "what": what.word(), "hours": hours, "actors": actors }));
    let emergencies = report.emergencies;
    json!({
        "from": report.from.to_string(),
        "to": report.to.to_string(),
        "smallest_group": REPORT_PEOPLE,
        "uses": row(&report.all),
        "clauses": rows(&report.clauses),
        "purposes": rows(&report.purposes),
        "recipients": rows(&report.recipients),
        "handed_over": rows(&report.handed_over),
        "outside_eea": rows(&report.outside_eea),
        "barred": report.barred,
        "searches": report.searches,
        "changes": report.changes,
        "unusual": unusual.collect::<Vec<_>>(),
        "emergencies": {
            "opened": emergencies.opened,
            "justified": emergencies.justified,
            "not_justified": emergencies.not_justified,
            "unreviewed": emergencies.unreviewed,
            "overdue": emergencies.overdue,
        },
        "incidents": report.incidents,
    })
}
