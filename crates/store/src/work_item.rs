//! Work items that the keeper of the registers assigned: whose task each is, an actor's or a team's, and until when. What lets
//! somebody ask is the condition beside it, not this; it is what a list is read from. Nothing is deleted while it can be read.

use domain::{ActorId, PortfolioId, SubjectId, Timestamp, WorkItemId};

use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A work item that was assigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkItemRow {
    /// Whom it is about.
    pub subject: SubjectId,
    /// Which.
    pub item: WorkItemId,
    /// In which portfolio.
    pub portfolio: PortfolioId,
    /// Whose task it is.
    pub to: Assignee,
    /// From when.
    pub since: Timestamp,
    /// Until just before when: as it was assigned, or ended.
    pub until: Timestamp,
}

/// Whose task a work item is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assignee {
    /// One actor's.
    Actor(ActorId),
    /// That of whoever is in this team of the portfolio.
    Team(String),
}

impl Assignee {
    fn params(&self) -> [Param<'_>; 2] {
        match self {
            Self::Actor(actor) => [Param::id(actor), Param::Text("")],
            Self::Team(team) => [Param::Bytes(&NOBODY), Param::Text(team)],
        }
    }
}

/// Stored as the actor of what is a team's.
const NOBODY: [u8; 16] = [0; 16];

static INSERT: Bulk<7> = Bulk::new(
    "moretus.work_item",
    [
        ("subject", Type::Bytes),
        ("item", Type::Bytes),
        ("portfolio", Type::Bytes),
        ("assignee", Type::Bytes),
        ("team", Type::Text),
        ("since", Type::Int),
        ("until", Type::Int),
    ],
);

const SELECT: &str = "SELECT subject, item, portfolio, assignee, team, since, until FROM moretus.work_item";

impl WorkItemRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let actor: [u8; 16] = row.array(3)?;
        let to = match actor {
            NOBODY => Assignee::Team(row.text(4)?.to_owned()),
            _ => Assignee::Actor(ActorId::from_bytes(actor)),
        };
        Ok(Self {
            subject: row.id(0)?,
            item: row.id(1)?,
            portfolio: row.id(2)?,
            to,
            since: row.at(5)?,
            until: row.at(6)?,
        })
    }
}

/// Writes a work item. Answers [`StoreError::Duplicate`] when it is there already.
pub fn insert(unit: &mut Unit<'_>, row: &WorkItemRow) -> Result<(), StoreError> {
    let [assignee, team] = row.to.params();
    let params = [
        Param::id(&row.subject),
        Param::id(&row.item),
        Param::id(&row.portfolio),
        assignee,
        team,
        Param::at(row.since),
        Param::at(row.until),
    ];
    unit.insert_new(&INSERT, &[params])
}

/// A work item of a portfolio, open or not.
pub fn get(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    item: WorkItemId,
) -> Result<Option<WorkItemRow>, StoreError> {
    let sql = format!("{SELECT} WHERE portfolio = $1 AND item = $2");
    let row = unit.query_first("work_item", &sql, &[Param::id(&portfolio), Param::id(&item)])?;
    row.map(|row| WorkItemRow::from_row(&row)).transpose()
}

/// Up to `limit` work items of a portfolio that are open at an instant, those that end first first, after one of them.
pub fn open(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    now: Timestamp,
    after: Option<&WorkItemRow>,
    limit: usize,
) -> Result<Vec<WorkItemRow>, StoreError> {
    let sql = format!(
        "{SELECT} WHERE portfolio = $1 AND until > $2 AND (until, subject, item) > ($3, $4, $5)
            ORDER BY until, subject, item LIMIT $6"
    );
    let params = [
        Param::id(&portfolio),
        Param::at(now),
        after.map_or(Param::Int(i64::MIN), |row| Param::at(row.until)),
        after.map_or(Param::Bytes(&[]), |row| Param::id(&row.subject)),
        after.map_or(Param::Bytes(&[]), |row| Param::id(&row.item)),
        Param::count(limit),
    ];
    unit.query("work_item", &sql, &params)?.iter().map(WorkItemRow::from_row).collect()
}

/// Every work item of one actor in a portfolio that is open at an instant, those that end first first.
pub fn open_of(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    actor: ActorId,
    now: Timestamp,
) -> Result<Vec<WorkItemRow>, StoreError> {
    let sql = format!(
        "{SELECT} WHERE portfolio = $1 AND assignee = $2 AND until > $3 ORDER BY until, subject, item"
    );
    let params = [Param::id(&portfolio), Param::id(&actor), Param::at(now)];
    unit.query("work_item", &sql, &params)?.iter().map(WorkItemRow::from_row).collect()
}

/// Every work item about a person, open or not.
pub fn of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<Vec<WorkItemRow>, StoreError> {
    let sql = format!("{SELECT} WHERE subject = $1 ORDER BY until, item");
    unit.query("work_item", &sql, &[Param::id(&subject)])?.iter().map(WorkItemRow::from_row).collect()
}

/// Writes down that a work item ended at an instant, if it was to be open longer.
pub fn end(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    item: WorkItemId,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE moretus.work_item SET until = $1 WHERE subject = $2 AND item = $3 AND until > $1";
    unit.execute(sql, &[Param::at(at), Param::id(&subject), Param::id(&item)]).map(drop)
}

/// Deletes the work items about somebody who is erased.
pub fn delete_of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<u64, StoreError> {
    unit.execute("DELETE FROM moretus.work_item WHERE subject = $1", &[Param::id(&subject)])
}
