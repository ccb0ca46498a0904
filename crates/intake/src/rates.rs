//! Exchange rates from a CSV file as the European Central Bank publishes them: a column of days, then one of each currency, in
//! units for one euro. It fetches nothing, and says nothing of which rate a claim is exchanged at.

use std::collections::BTreeSet;
use std::io::Read;

use csv::{ReaderBuilder, StringRecord};
use domain::{Currency, Date};
use rust_decimal::Decimal;

use crate::{InputError, Place, Problem};

/// The longest file, in bytes: some hundred years of days.
const MAX_BYTES: u64 = 32 * 1024 * 1024;
/// What stands for a rate where none was published.
const NONE: [&str; 2] = ["", "N/A"];

/// A rate that was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublishedRate {
    /// Of which currency.
    pub currency: Currency,
    /// On which day.
    pub day: Date,
    /// Units of it for one euro: more than 0.
    pub units: Decimal,
}

/// What a file of rates says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedRates {
    /// The rates, by currency and day.
    pub rates: Vec<PublishedRate>,
    /// Columns of currencies that are no longer, or not here, in use.
    pub left_out: Vec<String>,
}

/// Reads a file of rates. `file` is the name that errors show.
///
/// # Errors
/// It has no header of a `Date` and currencies, or a row that is not as the header says; a rate is no number above 0.
pub fn exchange_rates<R: Read>(file: &str, reader: R) -> Result<PublishedRates, InputError> {
    let fail = |line, problem| InputError { file: file.to_owned(), place: Place::Row { line }, problem };
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).from_reader(reader.take(MAX_BYTES));
    let (mut record, mut columns) = (StringRecord::new(), Vec::new());
    let mut published = PublishedRates { rates: Vec::new(), left_out: Vec::new() };
    let mut line = 1;
    while reader.read_record(&mut record).map_err(|error| fail(line, unreadable(&error)))? {
        line = record.position().map_or(line, csv::Position::line);
        if columns.is_empty() {
            columns = header(&record).map_err(|problem| fail(line, problem))?;
            published.left_out =
                columns.iter().filter_map(|column| column.as_ref().err()).flatten().cloned().collect();
            continue;
        }
        let read = row(&record, &columns, &mut published.rates);
        read.map_err(|problem| fail(line, problem))?;
    }
    if columns.is_empty() {
        return Err(fail(line, Problem::NoHeader("Date,USD,CHF".to_owned())));
    }
    if reader.into_inner().limit() == 0 {
        return Err(fail(line, Problem::Rule("the file is too long: give it in parts")));
    }
    published.rates.sort_unstable();
    let is_same = |two: &[PublishedRate]| matches!(two, [one, other] if (one.currency, one.day) == (other.currency, other.day));
    if published.rates.windows(2).any(is_same) {
        return Err(fail(line, Problem::Rule("a day stands twice: remove one row")));
    }
    Ok(published)
}

/// A currency, or the heading of a column that is left out; none where it has no heading.
type ColumnOf = Result<Currency, Option<String>>;

/// What stands in the columns after the days.
fn header(record: &StringRecord) -> Result<Vec<ColumnOf>, Problem> {
    let mut headings = record.iter().map(str::trim);
    let no_header = || Problem::NoHeader("Date,USD,CHF".to_owned());
    if headings.next() != Some("Date") {
        return Err(no_header());
    }
    let column = |heading: &str| match heading.parse::<Currency>() {
        Ok(currency) => Ok(Ok(currency)),
        Err(_) if heading.is_empty() => Ok(Err(None)),
        Err(_) if heading.len() == 3 && heading.bytes().all(|byte| byte.is_ascii_uppercase()) => {
            Ok(Err(Some(heading.to_owned())))
        }
        Err(_) => Err(no_header()),
    };
    let columns = headings.map(column).collect::<Result<Vec<_>, _>>()?;
    let named: Vec<Currency> = columns.iter().flatten().copied().collect();
    match named.iter().collect::<BTreeSet<_>>().len() == named.len() {
        true => Ok(columns),
        false => Err(Problem::Rule("a currency has two columns: remove one")),
    }
}

fn row(record: &StringRecord, columns: &[ColumnOf], rates: &mut Vec<PublishedRate>) -> Result<(), Problem> {
    if record.len() != columns.len() + 1 {
        let (found, expected) = (record.len() as u64, columns.len() as u64 + 1);
        return Err(Problem::CellCount { found, expected });
    }
    let mut cells = record.iter().map(str::trim);
    let day: Date = cells.next().unwrap_or_default().parse().map_err(Problem::from)?;
    for (cell, column) in cells.zip(columns) {
        let Ok(currency) = column else { continue };
        if NONE.contains(&cell) {
            continue;
        }
        let units = Decimal::from_str_exact(cell).ok().filter(|units| *units > Decimal::ZERO);
        let Some(units) = units else {
            return Err(Problem::Rule("not a rate: write units for one euro, like 1.0823, or N/A"));
        };
        rates.push(PublishedRate { currency: *currency, day, units: units.normalize() });
    }
    Ok(())
}

fn unreadable(error: &csv::Error) -> Problem {
    match error.kind() {
        csv::ErrorKind::Utf8 { .. } => Problem::NotUtf8,
        csv::ErrorKind::Io(error) => Problem::Read(error.kind()),
        _ => Problem::Read(std::io::ErrorKind::InvalidData),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<PublishedRates, String> {
        exchange_rates("rates.csv", text.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_the_bank_publishes_is_read_by_currency_and_day() {
        // Layout of the ECB's eurofxref-hist.csv.
        let text = "Date,USD,JPY,CYP,\n2026-10-30,1.1172,175.680,N/A,\n2026-10-29,1.113,N/A,0.5,\n";
        let published = read(text).unwrap();
        let told: Vec<String> = published
            .rates
            .iter()
            .map(|rate| format!("{} {} {}", rate.currency.code(), rate.day, rate.units))
            .collect();
        assert_eq!(told, ["JPY 2026-10-30 175.68", "USD 2026-10-29 1.113", "USD 2026-10-30 1.1172"]);
        assert_eq!(published.left_out, ["CYP"]);
    }

    #[test]
    fn what_is_no_file_of_rates_is_refused_by_line() {
        for (text, place) in [
            ("", "line 1"),
            ("Name,USD\n", "line 1"),
            ("Date,Grace Hopper\n", "line 1"),
            ("Date,USD,USD\n2026-10-30,1,1\n", "line 1"),
            ("Date,USD\n2026-10-30\n", "line 2"),
            ("Date,USD\n2026-10-30,1.1\n2026-13-30,1.1\n", "line 3"),
            ("Date,USD\n2026-10-30,1.1\n2026-10-30,1.1\n", "line 3"),
            ("Date,USD\n2026-10-30,0\n", "line 2"),
            ("Date,USD\n2026-10-30,-1.1\n", "line 2"),
            ("Date,USD\n2026-10-30,a lot\n", "line 2"),
        ] {
            let said = read(text).unwrap_err();
            assert!(said.contains(place) && !said.contains("Hopper") && !said.contains("a lot"), "{said}");
        }
    }
}
