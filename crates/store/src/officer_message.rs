//! Messages to the data protection officer, written in the transaction of what they tell and sent later, at least once.
//! A row says what it is about by kind and id: no text, no address, nobody. What a message says and how it is sent is not
//! decided here.
//!
//! Whoever sends takes a message first, which puts its next try off: of several servers one has it, and one that died in
//! the middle leaves it to the next try.

use domain::{OfficerMessageKind, PortfolioId, Timestamp, WorkItemId};

use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfficerMessageRow {
    /// What it is about.
    pub kind: OfficerMessageKind,
    /// Which one of these. With the kind it is the message's id.
    pub item: WorkItemId,
    /// In which portfolio, whose officer is told.
    pub portfolio: PortfolioId,
    /// Since when it waits.
    pub at: Timestamp,
    /// How often it was taken to be sent.
    pub attempts: i64,
    /// From when it may be taken, while it was not sent.
    pub due: Timestamp,
    /// When a mail server took it over; none while none has.
    pub sent: Option<Timestamp>,
}

static INSERT: Bulk<7> = Bulk::new(
    "moretus.officer_message",
    [
        ("kind", Type::Int),
        ("item", Type::Bytes),
        ("portfolio", Type::Bytes),
        ("at", Type::Int),
        ("attempts", Type::Int),
        ("due", Type::Int),
        ("sent", Type::Int),
    ],
);

const SELECT: &str = "SELECT kind, item, portfolio, at, attempts, due, sent FROM moretus.officer_message";

/// Stored as the instant of what was not sent.
const NONE: i64 = 0;

impl OfficerMessageRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            kind: row.word(0, OfficerMessageKind::from_code)?,
            item: row.id(1)?,
            portfolio: row.id(2)?,
            at: row.at(3)?,
            attempts: row.int(4)?,
            due: row.at(5)?,
            sent: (row.int(6)? != NONE).then(|| row.at(6)).transpose()?,
        })
    }
}

/// Writes a message that waits from now on. Answers [`StoreError::Duplicate`] when it is there already.
pub fn insert(
    unit: &mut Unit<'_>,
    kind: OfficerMessageKind,
    item: WorkItemId,
    portfolio: PortfolioId,
    at: Timestamp,
) -> Result<(), StoreError> {
    let params = [
        Param::code(kind.code()),
        Param::id(&item),
        Param::id(&portfolio),
        Param::at(at),
        Param::Int(0),
        Param::at(at),
        Param::Int(NONE),
    ];
    unit.insert_new(&INSERT, &[params])
}

/// Those of a portfolio that were not sent and may be taken now, those due longest first: what is due by now, and what is due
/// later than anything is put off, which is the work of a clock that was ahead.
pub fn due(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    (now, latest): (Timestamp, Timestamp),
    limit: usize,
) -> Result<Vec<OfficerMessageRow>, StoreError> {
    let sql = format!(
        "{SELECT} WHERE portfolio = $1 AND sent = 0 AND (due <= $2 OR due > $3) ORDER BY due, item LIMIT $4"
    );
    let params = [Param::id(&portfolio), Param::at(now), Param::at(latest), Param::count(limit)];
    unit.query("officer_message", &sql, &params)?.iter().map(OfficerMessageRow::from_row).collect()
}

/// Those of a portfolio, the oldest first; without what was sent if it is not wanted.
pub fn of_portfolio(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    with_sent: bool,
) -> Result<Vec<OfficerMessageRow>, StoreError> {
    let unsent = if with_sent { "" } else { " AND sent = 0" };
    let sql = format!("{SELECT} WHERE portfolio = $1{unsent} ORDER BY at, item");
    let rows = unit.query("officer_message", &sql, &[Param::id(&portfolio)])?;
    rows.iter().map(OfficerMessageRow::from_row).collect()
}

/// Since when the one that has waited longest waits, in whichever portfolio; none when all were sent.
pub fn oldest_waiting(unit: &mut Unit<'_>) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT at FROM moretus.officer_message WHERE sent = 0 ORDER BY at LIMIT 1";
    unit.query("officer_message", sql, &[])?.first().map(|row| row.at(0)).transpose()
}

/// Takes a message to send it, and puts its next try off until then. Answers [`StoreError::Changed`] when somebody else took
/// it since it was read, or it was sent.
pub fn take(
    unit: &mut Unit<'_>,
    row: &OfficerMessageRow,
    until: Timestamp,
) -> Result<OfficerMessageRow, StoreError> {
    let taken = OfficerMessageRow { attempts: row.attempts + 1, due: until, ..*row };
    let params = [
        Param::Int(taken.attempts),
        Param::at(taken.due),
        Param::code(row.kind.code()),
        Param::id(&row.item),
        Param::Int(row.attempts),
    ];
    let sql = "UPDATE moretus.officer_message SET attempts = $1, due = $2
        WHERE kind = $3 AND item = $4 AND attempts = $5 AND sent = 0";
    unit.change_one(sql, &params)?;
    Ok(taken)
}

/// Gives a message back that could not be sent, to be tried from then on, if nobody took it meanwhile.
pub fn retry(unit: &mut Unit<'_>, row: &OfficerMessageRow, due: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE moretus.officer_message SET due = $1 WHERE kind = $2 AND item = $3 AND attempts = $4";
    let params =
        [Param::at(due), Param::code(row.kind.code()), Param::id(&row.item), Param::Int(row.attempts)];
    unit.change_one(sql, &params)
}

/// Writes down that a mail server took it over, whoever has it by now. What was sent before stays as it is.
pub fn sent(unit: &mut Unit<'_>, row: &OfficerMessageRow, at: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE moretus.officer_message SET sent = $1 WHERE kind = $2 AND item = $3 AND sent = 0";
    let params = [Param::at(at), Param::code(row.kind.code()), Param::id(&row.item)];
    unit.execute(sql, &params).map(drop)
}
