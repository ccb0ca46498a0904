//! `moretus recipients import`: the organisations of a CSV file into the register, all of them or none. Its columns are
//! those of `docs/import.md`; what a row agrees is written as on the command line.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use domain::{ParseError, PortfolioId, RecipientId};
use serde_json::json;
use service::{Agreement, App, NewRecipient, ServiceError};

use super::Keeping;
use super::agreed::Agreed;
use crate::output::say;
use crate::report::{Error, grouped};

/// The columns of the file, in this order.
pub(crate) const COLUMNS: [&str; 11] = [
    "kind",
    "name",
    "country",
    "role",
    "acts_for",
    "for",
    "clauses",
    "contract",
    "undertaking",
    "mandate",
    "transfer_safeguard",
];

/// Enter the organisations of a file.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus recipients import recipients.csv --data moretus-data --portfolio officina\n\nThe columns are kind,name,country,role,acts_for,for,clauses,contract,undertaking,mandate,transfer_safeguard: clauses\nseparated by spaces; acts_for the name of one in the register or above in the file; the last four as `add` takes them, or\nempty. A row that stands in the register just so changes nothing. One row that does not fit, and none is entered."
)]
pub(super) struct Import {
    /// The CSV file; `-` is standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    place: Keeping,
    /// Print what was done as JSON.
    #[arg(long)]
    json: bool,
}

impl Import {
    pub(super) async fn run(self) -> Result<(), Error> {
        let text = crate::files::read_text(&self.file)?;
        let file = self.file.display().to_string();
        let (site, portfolio, keeper) = self.place.open().await?;
        let mut names: BTreeMap<String, Vec<RecipientId>> = BTreeMap::new();
        for one in service::recipients(&site.app, portfolio, None).await? {
            names.entry(one.row.name).or_default().push(one.row.recipient);
        }
        let rows = read(&site.app, portfolio, &file, &text, names)?;
        let (lines, list): (Vec<u64>, Vec<_>) = rows.into_iter().unzip();
        let entered = service::enter_recipients(&site.app, &keeper, portfolio, &list).await;
        let new = entered.map_err(|error| match error {
            ServiceError::RegisterRow { place, problem } => {
                fault(&file, lines.get(place.saturating_sub(1)).copied().unwrap_or(0), &problem)
            }
            other => other.into(),
        })?;
        let known = lines.len() as u64 - new;
        match self.json {
            true => say!("{:#}", json!({ "rows": lines.len(), "new": new, "known": known })),
            false => say!("{} recipients entered, {} known", grouped(new), grouped(known)),
        }
        site.close().await
    }
}

fn fault(file: &str, line: u64, problem: &str) -> Error {
    format!("{file}:{line}: {problem}").into()
}

type Row = (u64, (NewRecipient, Vec<Agreement>));

/// The rows with their lines. The whole file is read before anything is entered.
fn read(
    app: &App,
    portfolio: PortfolioId,
    file: &str,
    text: &str,
    mut names: BTreeMap<String, Vec<RecipientId>>,
) -> Result<Vec<Row>, Error> {
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let no_csv = |error: csv::Error| -> Error { format!("`{file}` is no CSV file: {error}").into() };
    if !reader.headers().map_err(no_csv)?.iter().eq(COLUMNS) {
        return Err(fault(file, 1, &format!("the columns must be {}", COLUMNS.join(","))));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(no_csv)?;
        let line = record.position().map_or(0, csv::Position::line);
        let (new, agreed) = row(portfolio, &record, &names).map_err(|problem| fault(file, line, &problem))?;
        let known = names.entry(new.name.clone()).or_default();
        let id = service::recipient_id(app, &new);
        if !known.contains(&id) {
            known.push(id);
        }
        rows.push((line, (new, agreed)));
    }
    Ok(rows)
}

fn row(
    portfolio: PortfolioId,
    record: &csv::StringRecord,
    names: &BTreeMap<String, Vec<RecipientId>>,
) -> Result<(NewRecipient, Vec<Agreement>), String> {
    let cell = |column: &str| {
        let index = COLUMNS.iter().position(|one| *one == column);
        index.and_then(|index| record.get(index)).unwrap_or_default().trim()
    };
    let acts_for = Some(cell("acts_for")).filter(|name| !name.is_empty());
    let acts_for = acts_for.map(|name| match names.get(name).map(Vec::as_slice) {
        Some([one]) => Ok(*one),
        Some([_, _, ..]) => Err(format!("`acts_for`: several are called `{name}`")),
        _ => Err(format!("`acts_for`: neither the register nor a row above has `{name}`")),
    });
    let agreed = Agreed {
        contract: parsed_if_any("contract", cell("contract"))?,
        undertaking: parsed_if_any("undertaking", cell("undertaking"))?,
        mandate: parsed_if_any("mandate", cell("mandate"))?,
        transfer_safeguard: parsed_if_any("transfer_safeguard", cell("transfer_safeguard"))?,
    };
    let new = NewRecipient {
        portfolio,
        kind: parsed("kind", cell("kind"))?,
        name: cell("name").to_owned(),
        country: parsed("country", cell("country"))?,
        role: parsed("role", cell("role"))?,
        acts_for: acts_for.transpose()?,
        uses: cell("for").to_owned(),
        clauses: cell("clauses").split_whitespace().map(str::to_owned).collect(),
    };
    Ok((new, agreed.agreements()))
}

/// The cell is not repeated when it is no word of the list: it may have slipped from anywhere.
fn parsed<T: FromStr<Err = ParseError>>(column: &str, cell: &str) -> Result<T, String> {
    cell.parse().map_err(|error| match error {
        ParseError::UnknownWord { what, expected, .. } => {
            format!("`{column}`: unknown {what}: use one of {expected}")
        }
        other => format!("`{column}`: {other}"),
    })
}

fn parsed_if_any<T: FromStr<Err = ParseError>>(column: &str, cell: &str) -> Result<Option<T>, String> {
    if cell.is_empty() { Ok(None) } else { parsed(column, cell).map(Some) }
}
