//! Declarations that the showing of what is asked under a legal matter is deferred. They are added and never changed:
//! the newest of a matter counts, and one until the instant at which it was made ends the deferral. Who may declare what
//! is not decided here; what an entry's showing rests on is the same declaration in the log.

use domain::{ActorId, MatterId, PortfolioId, SubjectId, Timestamp};

use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeferralRow {
    /// About which matter.
    pub matter: MatterId,
    /// When.
    pub declared: Timestamp,
    /// In whose register.
    pub portfolio: PortfolioId,
    /// By whom.
    pub officer: ActorId,
    /// Until just before when the showing is deferred.
    pub until: Timestamp,
    /// The law that defers it, with its article; empty where it is ended.
    pub law: String,
    /// Why, without the name of a person.
    pub reasons: String,
}

impl DeferralRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            matter: row.id(0)?,
            declared: row.at(1)?,
            portfolio: row.id(2)?,
            officer: row.id(3)?,
            until: row.at(4)?,
            law: row.text(5)?.to_owned(),
            reasons: row.text(6)?.to_owned(),
        })
    }
}

const SELECT: &str = "SELECT matter, declared, portfolio, officer, until, law, reasons FROM moretus.deferral";

/// Adds a declaration. Answers [`StoreError::Duplicate`] when there is one of the same instant.
pub fn insert(unit: &mut Unit<'_>, row: &DeferralRow) -> Result<(), StoreError> {
    let sql = "INSERT INTO moretus.deferral (matter, declared, portfolio, officer, until, law, reasons)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    let params = [
        Param::id(&row.matter),
        Param::at(row.declared),
        Param::id(&row.portfolio),
        Param::id(&row.officer),
        Param::at(row.until),
        Param::Text(&row.law),
        Param::Text(&row.reasons),
    ];
    if unit.execute(sql, &params)? == 1 { Ok(()) } else { Err(StoreError::Duplicate) }
}

/// The newest declaration about a matter of a portfolio.
pub fn newest(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    matter: MatterId,
) -> Result<Option<DeferralRow>, StoreError> {
    let sql = format!("{SELECT} WHERE matter = $1 AND portfolio = $2 ORDER BY declared DESC LIMIT 1");
    let row = unit.query_first("deferral", &sql, &[Param::id(&matter), Param::id(&portfolio)])?;
    row.map(|row| DeferralRow::from_row(&row)).transpose()
}

/// Whether anything was ever declared in a portfolio: nearly always not.
pub fn is_any(unit: &mut Unit<'_>, portfolio: PortfolioId) -> Result<bool, StoreError> {
    let sql = "SELECT matter FROM moretus.deferral WHERE portfolio = $1 LIMIT 1";
    Ok(unit.query_first("deferral", sql, &[Param::id(&portfolio)])?.is_some())
}

/// The people about whom a matter of a portfolio was opened whose showing is deferred at an instant.
pub fn people(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    at: Timestamp,
) -> Result<Vec<SubjectId>, StoreError> {
    let sql = "SELECT DISTINCT task.subject FROM moretus.deferral AS newest
            JOIN moretus.matter_task AS task ON task.matter = newest.matter
        WHERE newest.portfolio = $1 AND newest.until > $2 AND NOT EXISTS
            (SELECT 1 FROM moretus.deferral AS later WHERE later.matter = newest.matter AND later.declared > newest.declared)";
    let params = [Param::id(&portfolio), Param::at(at)];
    unit.query("deferral", sql, &params)?.iter().map(|row| row.id(0)).collect()
}

/// Every declaration about a matter, the oldest first.
pub fn of_matter(unit: &mut Unit<'_>, matter: MatterId) -> Result<Vec<DeferralRow>, StoreError> {
    let sql = format!("{SELECT} WHERE matter = $1 ORDER BY declared");
    unit.query("deferral", &sql, &[Param::id(&matter)])?.iter().map(DeferralRow::from_row).collect()
}

/// Every declaration, in order.
pub fn all(unit: &mut Unit<'_>) -> Result<Vec<DeferralRow>, StoreError> {
    let sql = format!("{SELECT} ORDER BY matter, declared");
    unit.query("deferral", &sql, &[])?.iter().map(DeferralRow::from_row).collect()
}
