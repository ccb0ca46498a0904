//! Deliveries of versions of the notice: to whom each was issued, where that stands, and whether it binds them
//! by now. What a version says, and when it may bind, is not decided here.

use domain::{DeliveryState, PortfolioId, SubjectId, Timestamp};

use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// The delivery of a version of the notice to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliveryRow {
    /// To whom.
    pub subject: SubjectId,
    /// Whose notice.
    pub portfolio: PortfolioId,
    /// The number of the version.
    pub notice: i64,
    /// Where it stands.
    pub state: DeliveryState,
    /// Since when it stands there.
    pub at: Timestamp,
    /// When it was first delivered, and did not come back; none while it is not.
    pub delivered: Option<Timestamp>,
    /// Whether nothing is left to do: the version, or a newer one, binds them.
    pub is_done: bool,
    /// The number of the version that bound them before it was done; 0 while it is not.
    pub former: i64,
    /// The row's version; 1 at first.
    pub version: i64,
}

static INSERT: Bulk<9> = Bulk::new(
    "moretus.delivery",
    [
        ("subject", Type::Bytes),
        ("notice", Type::Int),
        ("portfolio", Type::Bytes),
        ("state", Type::Int),
        ("at", Type::Int),
        ("delivered", Type::Int),
        ("done", Type::Int),
        ("former", Type::Int),
        ("version", Type::Int),
    ],
);

const SELECT: &str =
    "SELECT subject, notice, portfolio, state, at, delivered, done, former, version FROM moretus.delivery";

impl DeliveryRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let delivered = row.int(5)?;
        Ok(Self {
            subject: row.id(0)?,
            notice: row.int(1)?,
            portfolio: row.id(2)?,
            state: row.word(3, DeliveryState::from_code)?,
            at: row.at(4)?,
            delivered: (delivered != NOT).then_some(Timestamp::from_micros(delivered)),
            is_done: row.int(6)? != 0,
            former: row.int(7)?,
            version: row.int(8)?,
        })
    }
}

/// Stored as the instant of what was not delivered.
const NOT: i64 = 0;

fn instant(delivered: Option<Timestamp>) -> Param<'static> {
    Param::Int(delivered.map_or(NOT, Timestamp::micros))
}

/// Inserts those deliveries that are not there yet; answers how many.
pub fn insert_missing(unit: &mut Unit<'_>, rows: &[DeliveryRow]) -> Result<u64, StoreError> {
    let rows: Vec<_> = rows.iter().map(params).collect();
    unit.insert_rows(&INSERT, &rows)
}

fn params(row: &DeliveryRow) -> [Param<'_>; 9] {
    [
        Param::id(&row.subject),
        Param::Int(row.notice),
        Param::id(&row.portfolio),
        Param::code(row.state.code()),
        Param::at(row.at),
        instant(row.delivered),
        Param::Int(i64::from(row.is_done)),
        Param::Int(row.former),
        Param::Int(row.version),
    ]
}

/// The deliveries of a version to these subjects, those that are there.
pub fn of_subjects(
    unit: &mut Unit<'_>,
    notice: i64,
    subjects: &[SubjectId],
) -> Result<Vec<DeliveryRow>, StoreError> {
    let sql = format!("{SELECT} WHERE subject = $1 AND notice = $2");
    let asked: Vec<_> = subjects.iter().map(|subject| [Param::id(subject), Param::Int(notice)]).collect();
    unit.query_each("delivery", &sql, &asked, DeliveryRow::from_row)
}

/// Deletes what was delivered to a subject.
pub fn delete_of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<u64, StoreError> {
    unit.execute("DELETE FROM moretus.delivery WHERE subject = $1", &[Param::id(&subject)])
}

/// Writes where a delivery stands, if the stored one is still of the row's version; the version goes up by one.
pub fn replace(unit: &mut Unit<'_>, row: &DeliveryRow) -> Result<(), StoreError> {
    unit.change_one(
        "UPDATE moretus.delivery SET state = $1, at = $2, delivered = $3, done = $4, former = $5,
                version = version + 1
            WHERE subject = $6 AND notice = $7 AND version = $8",
        &[
            Param::code(row.state.code()),
            Param::at(row.at),
            instant(row.delivered),
            Param::Int(i64::from(row.is_done)),
            Param::Int(row.former),
            Param::id(&row.subject),
            Param::Int(row.notice),
            Param::Int(row.version),
        ],
    )
}

/// Where a newer version bound somebody in place of `from`, that which bound them before it was `to`, as it turns out.
pub fn set_former(unit: &mut Unit<'_>, subject: SubjectId, from: i64, to: i64) -> Result<u64, StoreError> {
    let sql =
        "UPDATE moretus.delivery SET former = $1, version = version + 1 WHERE subject = $2 AND former = $3";
    unit.execute(sql, &[Param::Int(to), Param::id(&subject), Param::Int(from)])
}

/// Up to `limit` deliveries of a version that were made at an instant or before and are not done, the earliest
/// first.
pub fn due(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    notice: i64,
    delivered_until: Timestamp,
    limit: usize,
) -> Result<Vec<DeliveryRow>, StoreError> {
    let sql = format!(
        "{SELECT} WHERE portfolio = $1 AND notice = $2 AND done = 0 AND delivered > 0 AND delivered <= $3
            ORDER BY delivered, subject LIMIT $4"
    );
    let params = [Param::id(&portfolio), Param::Int(notice), Param::at(delivered_until), Param::count(limit)];
    unit.query("delivery", &sql, &params)?.iter().map(DeliveryRow::from_row).collect()
}

/// Up to `limit` deliveries of a version that are still to be made, after a subject, in order of subjects.
pub fn undelivered(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    notice: i64,
    after: Option<SubjectId>,
    limit: usize,
) -> Result<Vec<DeliveryRow>, StoreError> {
    let after = after.map(|subject| subject.bytes().to_vec()).unwrap_or_default();
    let sql = format!(
        "{SELECT} WHERE portfolio = $1 AND notice = $2 AND done = 0 AND delivered = 0 AND subject > $3
            ORDER BY subject LIMIT $4"
    );
    let params = [Param::id(&portfolio), Param::Int(notice), Param::Bytes(&after), Param::count(limit)];
    unit.query("delivery", &sql, &params)?.iter().map(DeliveryRow::from_row).collect()
}

/// How many deliveries of a version stand where, and how many are done.
pub fn count(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    notice: i64,
) -> Result<Vec<(DeliveryState, i64, i64)>, StoreError> {
    let sql = "SELECT state, count(*), CAST(sum(done) AS BIGINT) FROM moretus.delivery
        WHERE portfolio = $1 AND notice = $2 GROUP BY state ORDER BY state";
    let count = |row: &Row| Ok((row.word(0, DeliveryState::from_code)?, row.int(1)?, row.int(2)?));
    unit.query("delivery", sql, &[Param::id(&portfolio), Param::Int(notice)])?.iter().map(count).collect()
}
