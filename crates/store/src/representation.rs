//! Who is registered as acting for a person, on which ground and until when. What lets them ask is the condition beside it, not
//! this; it is what a list is read from.

use domain::{ActorId, PortfolioId, RepresentationGround, SubjectId, Timestamp};

use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A representative of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepresentationRow {
    /// For whom they act.
    pub subject: SubjectId,
    /// Who.
    pub actor: ActorId,
    /// In which portfolio.
    pub portfolio: PortfolioId,
    /// Why they may.
    pub ground: RepresentationGround,
    /// From when.
    pub since: Timestamp,
    /// Until just before when: as it was registered, or ended.
    pub until: Timestamp,
}

static SET: Bulk<6> = Bulk::or(
    "moretus.representation",
    [
        ("subject", Type::Bytes),
        ("actor", Type::Bytes),
        ("portfolio", Type::Bytes),
        ("ground", Type::Int),
        ("since", Type::Int),
        ("until", Type::Int),
    ],
    "(subject, actor) DO UPDATE SET ground = excluded.ground, since = excluded.since, until = excluded.until",
);

const SELECT: &str = "SELECT subject, actor, portfolio, ground, since, until FROM moretus.representation";

impl RepresentationRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            subject: row.id(0)?,
            actor: row.id(1)?,
            portfolio: row.id(2)?,
            ground: row.word(3, RepresentationGround::from_code)?,
            since: row.at(4)?,
            until: row.at(5)?,
        })
    }
}

/// Writes down that somebody acts for a person, in place of what was there of the two.
pub fn set(unit: &mut Unit<'_>, row: &RepresentationRow) -> Result<(), StoreError> {
    let params = [
        Param::id(&row.subject),
        Param::id(&row.actor),
        Param::id(&row.portfolio),
        Param::code(row.ground.code()),
        Param::at(row.since),
        Param::at(row.until),
    ];
    unit.insert_rows(&SET, &[params]).map(drop)
}

/// Whether, and on what ground, somebody is or was registered as acting for a person.
pub fn get(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    actor: ActorId,
) -> Result<Option<RepresentationRow>, StoreError> {
    let sql = format!("{SELECT} WHERE subject = $1 AND actor = $2");
    let row = unit.query_first("representation", &sql, &[Param::id(&subject), Param::id(&actor)])?;
    row.map(|row| RepresentationRow::from_row(&row)).transpose()
}

/// Up to `limit` of a portfolio that stand at an instant, those that end first first, after one of them.
pub fn standing(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    now: Timestamp,
    after: Option<&RepresentationRow>,
    limit: usize,
) -> Result<Vec<RepresentationRow>, StoreError> {
    let sql = format!(
        "{SELECT} WHERE portfolio = $1 AND until > $2 AND (until, subject, actor) > ($3, $4, $5)
            ORDER BY until, subject, actor LIMIT $6"
    );
    let params = [
        Param::id(&portfolio),
        Param::at(now),
        after.map_or(Param::Int(i64::MIN), |row| Param::at(row.until)),
        after.map_or(Param::Bytes(&[]), |row| Param::id(&row.subject)),
        after.map_or(Param::Bytes(&[]), |row| Param::id(&row.actor)),
        Param::count(limit),
    ];
    unit.query("representation", &sql, &params)?.iter().map(RepresentationRow::from_row).collect()
}

/// All who are or were registered as acting for a person.
pub fn of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<Vec<RepresentationRow>, StoreError> {
    let sql = format!("{SELECT} WHERE subject = $1 ORDER BY until, actor");
    unit.query("representation", &sql, &[Param::id(&subject)])?
        .iter()
        .map(RepresentationRow::from_row)
        .collect()
}

/// Writes down that it ended at an instant, if it was to stand longer.
pub fn end(unit: &mut Unit<'_>, subject: SubjectId, actor: ActorId, at: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE moretus.representation SET until = $1 WHERE subject = $2 AND actor = $3 AND until > $1";
    unit.execute(sql, &[Param::at(at), Param::id(&subject), Param::id(&actor)]).map(drop)
}

/// Deletes who acts for somebody who is erased.
pub fn delete_of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<u64, StoreError> {
    unit.execute("DELETE FROM moretus.representation WHERE subject = $1", &[Param::id(&subject)])
}
