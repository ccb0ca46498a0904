//! Conditions of clauses as rows: consents, relations, open and assigned work items. A condition is live
//! from `since` until just before `until`.

use domain::{Condition, SubjectId, Timestamp};

use crate::append::CONDITION_LIVE;
use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{ConditionTest, StoreError, Unit};

/// A condition of one subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConditionRow {
    /// Whose.
    pub subject: SubjectId,
    /// Which.
    pub condition: Condition,
    /// Of what: a work item, a recipient; zeros where the condition is the subject's alone.
    pub object: [u8; 16],
    /// From when on.
    pub since: Timestamp,
    /// Until just before when; none while it is open.
    pub until: Option<Timestamp>,
}

impl ConditionRow {
    pub(crate) fn from_row(row: &Row) -> Result<Self, StoreError> {
        let until = row.at(4)?;
        Ok(Self {
            subject: row.id(0)?,
            condition: row.word(1, Condition::from_code)?,
            object: row.array(2)?,
            since: row.at(3)?,
            until: (until != OPEN).then_some(Timestamp::from_micros(until.micros().saturating_abs())),
        })
    }

    /// Whether it is live at this instant.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.since <= now && self.until.is_none_or(|until| now < until)
    }
}

/// Stored as the end of what has none.
pub(crate) const OPEN: Timestamp = Timestamp::from_micros(i64::MAX);

static SET: Bulk<5> = Bulk::or(
    "moretus.condition",
    [
        ("subject", Type::Bytes),
        ("condition", Type::Int),
        ("object", Type::Bytes),
        ("since", Type::Int),
        ("until", Type::Int),
    ],
    "(subject, condition, object) DO UPDATE SET since = excluded.since, until = excluded.until",
);

/// Sets conditions, in place of what was there for the same (subject, condition, object). The subjects must
/// exist ([`StoreError::NotFound`]); no two of the rows may be for the same.
pub fn set_many(unit: &mut Unit<'_>, rows: &[ConditionRow]) -> Result<(), StoreError> {
    let values: Vec<_> = rows.iter().map(params).collect();
    unit.about(rows.iter().map(|row| row.subject), |unit| unit.insert_rows(&SET, &values))?;
    // Setting may also shorten.
    unit.narrowed = true;
    Ok(())
}

fn params(row: &ConditionRow) -> [Param<'_>; 5] {
    [
        Param::id(&row.subject),
        Param::code(row.condition.code()),
        Param::Bytes(&row.object),
        Param::at(row.since),
        Param::at(row.until.unwrap_or(OPEN)),
    ]
}

/// Makes this the only condition of its kind that its subject has. When the unit is answered, no disclosure that relied on
/// another one is still under way, whatever any clock says.
pub fn set_alone(unit: &mut Unit<'_>, row: &ConditionRow) -> Result<(), StoreError> {
    let sql = "DELETE FROM moretus.condition WHERE subject = $1 AND condition = $2 AND object <> $3";
    let params = [Param::id(&row.subject), Param::code(row.condition.code()), Param::Bytes(&row.object)];
    unit.about([row.subject], |unit| unit.execute(sql, &params))?;
    set_many(unit, std::slice::from_ref(row))
}

/// Ends a condition at an instant; answers whether it was live until then. When the unit is answered, no
/// disclosure that relied on the condition is still under way.
pub fn end(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    condition: Condition,
    object: [u8; 16],
    at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(end_many(unit, &[(subject, condition, object)], at)? == 1)
}

/// The same of many, each named by its subject, condition and object; answers how many were live until then.
pub fn end_many(
    unit: &mut Unit<'_>,
    ended: &[(SubjectId, Condition, [u8; 16])],
    at: Timestamp,
) -> Result<u64, StoreError> {
    // Stored negative: dead for an asker whose clock, or whose wait in a queue, lags behind this one's.
    let ended_at = Param::Int(-at.micros().max(1));
    let sql = "UPDATE moretus.condition SET until = $1
        WHERE subject = $2 AND condition = $3 AND object = $4 AND until > $5";
    let rows: Vec<_> = ended
        .iter()
        .map(|(subject, condition, object)| {
            [ended_at, Param::id(subject), Param::code(condition.code()), Param::Bytes(object), Param::at(at)]
        })
        .collect();
    let ended =
        unit.about(ended.iter().map(|(subject, ..)| *subject), |unit| unit.execute_each(sql, &rows))?;
    // Also when it had ended: whoever ended it may not have waited yet, and this answer must not come first.
    unit.narrowed = true;
    Ok(ended)
}

/// Ends conditions at an instant, each if it is still the one that was read: one that was set anew since then stays open. Answers
/// how many ended. When the unit is answered, no disclosure that relied on one of them is still under way.
pub fn end_as_read(unit: &mut Unit<'_>, read: &[ConditionRow], at: Timestamp) -> Result<u64, StoreError> {
    let ended_at = Param::Int(-at.micros().max(1));
    let sql = "UPDATE moretus.condition SET until = $1
        WHERE subject = $2 AND condition = $3 AND object = $4 AND since = $5 AND until > $6";
    let rows: Vec<_> = read
        .iter()
        .map(params)
        .map(|[subject, condition, object, since, _]| {
            [ended_at, subject, condition, object, since, Param::at(at)]
        })
        .collect();
    let ended = unit.about(read.iter().map(|row| row.subject), |unit| unit.execute_each(sql, &rows))?;
    unit.narrowed = true;
    Ok(ended)
}

/// Which rows are work items without an end, in the words of the index over them: with parameters in the place of the numbers no
/// engine would know that it may use it.
pub(crate) const IS_OPEN_WORK: &str = "condition = 3 AND until = 9223372036854775807";

/// Up to `limit` work items without an end, of every portfolio, after (subject, object), in that order: what jobs have to do. They are
/// read by an index that holds no others.
pub fn open_work(
    unit: &mut Unit<'_>,
    after: Option<(SubjectId, [u8; 16])>,
    limit: usize,
) -> Result<Vec<ConditionRow>, StoreError> {
    let (subject, object) =
        after.map(|(subject, object)| (subject.bytes().to_vec(), object.to_vec())).unwrap_or_default();
    let params = [Param::Bytes(&subject), Param::Bytes(&object), Param::count(limit)];
    unit.query("condition", &open_work_sql(), &params)?.iter().map(ConditionRow::from_row).collect()
}

pub(crate) fn open_work_sql() -> String {
    format!(
        "SELECT subject, condition, object, since, until FROM moretus.condition
            WHERE {IS_OPEN_WORK} AND (subject, object) > ($1, $2) ORDER BY subject, object LIMIT $3"
    )
}

/// Whether a condition is live, of either object.
pub fn is_live(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    test: ConditionTest,
    now: Timestamp,
) -> Result<bool, StoreError> {
    for params in test.params(&subject, now) {
        if unit.query_first("condition", CONDITION_LIVE, &params)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Every condition of a subject, live or not.
pub fn of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<Vec<ConditionRow>, StoreError> {
    let rows = unit.query("condition", crate::fetch::SUBJECT_CONDITIONS, &[Param::id(&subject)])?;
    rows.iter().map(ConditionRow::from_row).collect()
}
