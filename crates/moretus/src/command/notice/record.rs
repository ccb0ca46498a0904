//! `moretus notice record`: what became of deliveries of a version, as whoever sends or posts them reports it.

use std::io::Read;
use std::path::PathBuf;

use clap::Args;
use domain::{Date, DeliveryState, ParseError, SubjectId, Timestamp};
use serde_json::json;
use service::DeliveryEvent;

use super::count;
use crate::output::say;
use crate::report::{Error, grouped};
use crate::site::SiteArguments;

/// The columns of the file, in this order.
const COLUMNS: [&str; 3] = ["subject", "state", "day"];
/// Rows told at a time.
const PART: usize = 10_000;

/// Record what became of deliveries of a notice.
#[derive(Args)]
#[command(
    disable_version_flag = true,
    after_help = "Example:\n  moretus notice record posted.csv --data moretus-data --portfolio officina --version 2027-01-01\n\nThe file is CSV with the columns subject,state,day: a person's id, sent, read, failed or posted, and the day on\nwhich that was (YYYY-MM-DD). Up to 10,000 rows are told at a time, or none of them when one does not fit. Told again, nothing changes."
)]
pub(crate) struct Record {
    /// The CSV file; `-` is standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    site: SiteArguments,
    /// The portfolio, by its name or id.
    #[arg(long, value_name = "NAME")]
    portfolio: String,
    /// The version of the notice that was delivered.
    #[arg(long, value_name = "VERSION")]
    version: String,
    /// Print what was done as JSON.
    #[arg(long)]
    json: bool,
}

impl Record {
    pub(crate) async fn run(self) -> Result<(), Error> {
        let site = self.site.open().await?;
        let version = super::published(&site, &self.portfolio, &self.version).await?;
        let (mut rows, mut changed, mut part) = (Rows::open(&self.file)?, 0, Vec::with_capacity(PART));
        loop {
            part.clear();
            rows.read(&mut part)?;
            if part.is_empty() {
                break;
            }
            let events: Vec<DeliveryEvent> =
                part.iter().map(|(_, event)| not_before(version.published, event)).collect();
            changed +=
                service::record_deliveries(&site.app, &version, &events).await.map_err(
                    |error| match error {
                        service::ServiceError::Delivery { place, problem } => {
                            let line = part.get(place - 1).map_or(0, |(line, _)| *line);
                            rows.fault(line, &problem)
                        }
                        other => other.into(),
                    },
                )?;
        }
        if self.json {
            say!("{:#}", json!({ "version": version.version, "rows": rows.count, "changed": changed }));
        } else {
            let rows = count(usize::try_from(rows.count).unwrap_or(usize::MAX), "row");
            say!("version {}: {rows}, {} deliveries changed", version.version, grouped(changed));
        }
        site.close().await
    }
}

/// A delivery on the day of publication was made after it: the file knows days only.
fn not_before(published: Timestamp, event: &DeliveryEvent) -> DeliveryEvent {
    let same_day = event.at.date().ok() == published.date().ok();
    DeliveryEvent { at: if same_day { event.at.max(published) } else { event.at }, ..*event }
}

/// The rows of a file, with their lines.
struct Rows {
    name: String,
    reader: csv::Reader<Box<dyn Read>>,
    count: u64,
}

impl Rows {
    fn open(path: &PathBuf) -> Result<Self, Error> {
        let name = path.display().to_string();
        let reader: Box<dyn Read> = match name.as_str() {
            "-" => Box::new(std::io::stdin()),
            _ => {
                Box::new(std::fs::File::open(path).map_err(|error| format!("cannot read `{name}`: {error}"))?)
            }
        };
        let mut rows = Self { name, reader: csv::Reader::from_reader(reader), count: 0 };
        let header = rows.reader.headers().map_err(|error| rows_error(&rows.name, &error))?;
        if !header.iter().eq(COLUMNS) {
            return Err(rows.fault(1, &format!("the columns must be {}", COLUMNS.join(","))));
        }
        Ok(rows)
    }

    fn fault(&self, line: u64, problem: &str) -> Error {
        format!("{}:{line}: {problem}", self.name).into()
    }

    /// Reads up to [`PART`] rows.
    fn read(&mut self, part: &mut Vec<(u64, DeliveryEvent)>) -> Result<(), Error> {
        let mut record = csv::StringRecord::new();
        while part.len() < PART
            && self.reader.read_record(&mut record).map_err(|error| rows_error(&self.name, &error))?
        {
            let line = record.position().map_or(0, csv::Position::line);
            let event = event(&record).map_err(|problem| self.fault(line, &problem.to_string()))?;
            part.push((line, event));
            self.count += 1;
        }
        Ok(())
    }
}

/// The message of the CSV reader names line and field and repeats nothing.
fn rows_error(name: &str, error: &csv::Error) -> Error {
    format!("`{name}` is no CSV file: {error}").into()
}

fn event(record: &csv::StringRecord) -> Result<DeliveryEvent, Error> {
    let cell = |index| record.get(index).unwrap_or_default().trim();
    let subject = cell(0).parse::<SubjectId>()?;
    // The cell is not repeated: it may hold anything, a name for instance.
    let state = cell(1).parse::<DeliveryState>().map_err(|error| match error {
        ParseError::UnknownWord { what, expected, .. } => format!("unknown {what}: use one of {expected}"),
        other => other.to_string(),
    })?;
    Ok(DeliveryEvent { subject, state, at: Timestamp::start_of(cell(2).parse::<Date>()?) })
}
