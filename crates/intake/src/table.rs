//! Rows of a CSV file under a [`Layout`]: the header is checked, the limits hold, cells are read by
//! name. It knows nothing of what the cells mean.

use std::io::Read;

use csv::{ErrorKind, ReaderBuilder, StringRecord};
use domain::{CategorySet, ParseError};

use crate::guard::{Budget, Guard};
use crate::{Column, InputError, Layout, Need, Origin, Place, Problem};

/// The longest row, in bytes.
pub const MAX_ROW_BYTES: usize = 64 * 1024;

/// The longest cell, in bytes.
pub const MAX_FIELD_BYTES: usize = 4 * 1024;

/// Granted beyond the longest row, since the CSV reader fetches blocks of 8 KiB ahead.
const READ_AHEAD_BYTES: usize = 16 * 1024;

/// The rows of a file.
pub(crate) struct Rows<R> {
    file: String,
    layout: &'static Layout,
    positions: Vec<Option<usize>>,
    reader: csv::Reader<Guard<R>>,
    budget: Budget,
    record: StringRecord,
    /// The line on which the row at hand begins.
    line: u64,
    done: bool,
}

impl<R: Read> Rows<R> {
    /// Reads the header. Errors on a column that the layout does not know, that is of a category
    /// outside `covered`, that stands twice or that is missing.
    pub(crate) fn new(
        file: &str,
        reader: R,
        layout: &'static Layout,
        covered: CategorySet,
    ) -> Result<Self, InputError> {
        let (guard, budget) = Guard::new(reader, MAX_ROW_BYTES + READ_AHEAD_BYTES);
        let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(guard);
        let mut record = StringRecord::new();
        let found = reader.read_record(&mut record);
        let place = Place::Row { line: 1 };
        let fail = |problem| InputError { file: file.to_owned(), place: place.clone(), problem };
        match found {
            Ok(true) => {}
            Ok(false) => return Err(fail(Problem::NoHeader(layout.required_names()))),
            Err(error) => return Err(fail(read_problem(&error, &budget))),
        }
        let positions = header(layout, covered, &record).map_err(fail)?;
        Ok(Self { file: file.to_owned(), layout, positions, reader, budget, record, line: 1, done: false })
    }

    /// Reads the next row; `None` at the end, and after an error that leaves nothing to go on from.
    pub(crate) fn next<T>(
        &mut self,
        read: impl FnOnce(&Row<'_>) -> Result<T, InputError>,
    ) -> Option<Result<T, InputError>> {
        if self.done {
            return None;
        }
        self.budget.grant(MAX_ROW_BYTES + READ_AHEAD_BYTES);
        let before = self.reader.position().line();
        let found = self.reader.read_record(&mut self.record);
        let position = match &found {
            Ok(_) => self.record.position(),
            Err(error) => error.position(),
        };
        let line = position.map_or(before, csv::Position::line);
        self.line = line;
        let fail = |place, problem| Some(Err(InputError { file: self.file.clone(), place, problem }));
        match found {
            Ok(true) => {}
            Ok(false) => {
                self.done = true;
                return None;
            }
            Err(error) => {
                let problem = read_problem(&error, &self.budget);
                self.done = problem != Problem::NotUtf8;
                return fail(Place::Row { line }, problem);
            }
        }
        if self.record.as_slice().len() > MAX_ROW_BYTES {
            return fail(Place::Row { line }, Problem::TooLong(MAX_ROW_BYTES));
        }
        let expected = self.positions.len();
        if self.record.len() != expected {
            let problem = Problem::CellCount { found: self.record.len() as u64, expected: expected as u64 };
            return fail(Place::Row { line }, problem);
        }
        let row = Row {
            file: &self.file,
            layout: self.layout,
            positions: &self.positions,
            record: &self.record,
            line,
        };
        Some(row.check_lengths().and_then(|()| read(&row)))
    }
}

impl<R> Rows<R> {
    /// An error in a cell of the row that was read last.
    pub(crate) fn error(&self, column: &'static str, problem: Problem) -> InputError {
        InputError::cell(&self.file, self.line, column, problem)
    }
}

/// For each cell of a row, which column of the layout it is; `None` where it is dropped.
fn header(
    layout: &'static Layout,
    covered: CategorySet,
    names: &StringRecord,
) -> Result<Vec<Option<usize>>, Problem> {
    let index_of = |name: &str| layout.columns.iter().position(|column| column.name == name.trim());
    // A file without a header would have its first person quoted below: say so without quoting.
    if !names.iter().any(|name| index_of(name).is_some()) {
        return Err(Problem::NoHeader(layout.required_names()));
    }
    let mut positions = Vec::with_capacity(names.len());
    for name in names {
        let index = index_of(name).ok_or_else(|| unknown(layout, name.trim()))?;
        let column = layout.columns.get(index);
        if let Some((column, category)) = column.and_then(|column| Some((column, column.category()?)))
            && !covered.contains(category)
        {
            return Err(Problem::UncoveredColumn { column: column.name, category });
        }
        if positions.contains(&Some(index)) {
            return Err(Problem::RepeatedColumn(column.map_or("", |column| column.name)));
        }
        positions.push(Some(index));
    }
    let is_missing = |(index, column): &(usize, &Column)| {
        matches!(column.need, Need::Required(_)) && !positions.contains(&Some(*index))
    };
    if let Some((_, column)) = layout.columns.iter().enumerate().find(is_missing) {
        return Err(Problem::MissingColumn(column.name));
    }
    let is_dropped =
        |index: usize| layout.columns.get(index).is_some_and(|column| column.need == Need::Dropped);
    Ok(positions.into_iter().map(|position| position.filter(|index| !is_dropped(*index))).collect())
}

/// An unknown column is named, unless its name could be a value.
fn unknown(layout: &Layout, name: &str) -> Problem {
    let is_name_like = (1..=40).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
        && !domain::holds_card_number(name);
    if is_name_like {
        Problem::UnknownColumn(name.to_owned())
    } else {
        Problem::NoHeader(layout.required_names())
    }
}

fn read_problem(error: &csv::Error, budget: &Budget) -> Problem {
    match error.kind() {
        ErrorKind::Utf8 { .. } => Problem::NotUtf8,
        _ if budget.is_spent() => Problem::TooLong(MAX_ROW_BYTES),
        ErrorKind::Io(error) => Problem::Read(error.kind()),
        _ => Problem::Read(std::io::ErrorKind::InvalidData),
    }
}

/// One row.
pub(crate) struct Row<'a> {
    file: &'a str,
    layout: &'static Layout,
    positions: &'a [Option<usize>],
    record: &'a StringRecord,
    line: u64,
}

impl Row<'_> {
    /// The line on which the row begins.
    pub(crate) const fn line(&self) -> u64 {
        self.line
    }

    /// The cell's text without white space around it; `None` when it is empty or not there.
    pub(crate) fn text(&self, column: &'static str) -> Option<&str> {
        let index = self.layout.columns.iter().position(|known| known.name == column)?;
        let cell = self.positions.iter().position(|position| *position == Some(index))?;
        self.record.get(cell).map(str::trim).filter(|text| !text.is_empty())
    }

    /// The value of a cell that must be filled.
    pub(crate) fn required<T>(
        &self,
        column: &'static str,
        parse: impl FnOnce(&str) -> Result<T, ParseError>,
    ) -> Result<T, InputError> {
        let text = self.text(column).ok_or_else(|| self.error(column, Problem::Required))?;
        parse(text).map_err(|error| self.error(column, error.into()))
    }

    /// The value of a cell that may be empty.
    pub(crate) fn optional<T>(
        &self,
        column: &'static str,
        parse: impl FnOnce(&str) -> Result<T, ParseError>,
    ) -> Result<Option<T>, InputError> {
        self.text(column).map(parse).transpose().map_err(|error| self.error(column, error.into()))
    }

    /// The values of a cell that are separated by semicolons: at most 100, each kept once.
    pub(crate) fn list<T: PartialEq>(
        &self,
        column: &'static str,
        parse: impl Fn(&str) -> Result<T, ParseError>,
    ) -> Result<Vec<T>, InputError> {
        let mut values = Vec::new();
        for text in self.text(column).unwrap_or_default().split(';').filter(|text| !text.trim().is_empty()) {
            let value = parse(text).map_err(|error| self.error(column, error.into()))?;
            if !values.contains(&value) {
                values.push(value);
            }
            if values.len() > 100 {
                return Err(self.error(column, Problem::Rule("more than 100 codes: keep the first 100")));
            }
        }
        Ok(values)
    }

    /// An error in a cell of this row.
    pub(crate) fn error(&self, column: &'static str, problem: Problem) -> InputError {
        InputError::cell(self.file, self.line, column, problem)
    }

    /// Where a draft that is made of this row stands.
    pub(crate) fn origin(&self) -> Origin {
        Origin { file: self.file.to_owned(), place: Place::Row { line: self.line } }
    }

    fn check_lengths(&self) -> Result<(), InputError> {
        for (cell, position) in self.record.iter().zip(self.positions) {
            let column = position.and_then(|index| self.layout.columns.get(index));
            if let Some(column) = column.filter(|_| cell.len() > MAX_FIELD_BYTES) {
                return Err(self.error(column.name, Problem::TooLong(MAX_FIELD_BYTES)));
            }
        }
        Ok(())
    }
}
