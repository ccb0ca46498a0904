//! The register of legal matters: orders, disputes, duties and the agreements that orders from abroad rest on, and for
//! whom each was opened. A matter names no person; whom it was opened for is a row of that person's. Whether it may be
//! registered, reviewed or opened is not decided here.
//!
//! A matter's facts never change, so that what was reviewed is what stands: it is reviewed once and ended once.

use domain::{ActorId, Country, Date, MatterId, MatterKind, PortfolioId, RecipientId, SubjectId, Timestamp};

use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A matter in the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatterRow {
    /// Which; also the work item that it is for whoever it is assigned to.
    pub matter: MatterId,
    /// In whose register.
    pub portfolio: PortfolioId,
    /// What kind.
    pub kind: MatterKind,
    /// Its reference or name: of the order, of the dispute.
    pub reference: String,
    /// Who issued it, in the register of recipients; none where it stands there not.
    pub issuer: Option<RecipientId>,
    /// The name of who issued it; empty for none.
    pub issuer_name: String,
    /// Whose order, law or agreement it is; none of a dispute.
    pub country: Option<Country>,
    /// The law or agreement that is cited, with its article; empty for none.
    pub law: String,
    /// The agreement that an order from abroad rests on.
    pub agreement: Option<MatterId>,
    /// Why data is needed, without the name of a person; empty for none.
    pub reasons: String,
    /// The day on which an order was made.
    pub made: Option<Date>,
    /// The first day on which it holds.
    pub first: Date,
    /// The last one; none while it is open.
    pub last: Option<Date>,
    /// When it was registered.
    pub registered: Timestamp,
    /// By whom.
    pub registrar: ActorId,
    /// Who reviewed it; none while nobody did.
    pub review: Option<Review>,
    /// When it was ended; none while it was not.
    pub ended: Option<Timestamp>,
}

/// A review of a matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: ActorId,
    /// What was found, without the name of a person.
    pub note: String,
}

impl MatterRow {
    /// From when on, and until just before when, it holds; no end while it is open.
    #[must_use]
    pub fn window(&self) -> (Timestamp, Option<Timestamp>) {
        // To the end of its last day; without a next day there is no end.
        let until = self.last.and_then(|last| last.plus_days(1)).map(Timestamp::start_of);
        (Timestamp::start_of(self.first), until)
    }

    /// Whether it was reviewed, was not ended, and its last day is not over.
    #[must_use]
    pub fn stands(&self, now: Timestamp) -> bool {
        self.review.is_some() && self.ended.is_none() && self.window().1.is_none_or(|until| now < until)
    }
}

/// A matter as somebody's task about one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MatterTask {
    /// About whom.
    pub subject: SubjectId,
    /// Which matter.
    pub matter: MatterId,
    /// To whom it is assigned.
    pub assignee: ActorId,
    /// When it was opened.
    pub opened: Timestamp,
}

const SELECT: &str = "SELECT matter, portfolio, kind, reference, issuer, issuer_name, country, law, agreement, reasons, made_day,
    first_day, last_day, registered, registrar, reviewed, reviewer, note, ended FROM moretus.matter";

/// Stored as the id of nobody and nothing, as the day of none, and as the instant of what did not happen.
const NOBODY: [u8; 16] = [0; 16];
const NONE: i64 = 0;

fn is_some(id: [u8; 16]) -> Option<[u8; 16]> {
    Some(id).filter(|id| *id != NOBODY)
}

impl MatterRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let day = |index| if row.int(index)? == NONE { Ok(None) } else { row.day(index).map(Some) };
        let at = |index| Ok::<_, StoreError>(Some(row.at(index)?).filter(|at| at.micros() != NONE));
        let country = match row.text(6)? {
            "" => None,
            code => Some(code.parse().map_err(|_| row.corrupt())?),
        };
        let (by, note) = (row.id(16)?, row.text(17)?.to_owned());
        Ok(Self {
            matter: row.id(0)?,
            portfolio: row.id(1)?,
            kind: row.word(2, MatterKind::from_code)?,
            reference: row.text(3)?.to_owned(),
            issuer: is_some(row.array(4)?).map(RecipientId::from_bytes),
            issuer_name: row.text(5)?.to_owned(),
            country,
            law: row.text(7)?.to_owned(),
            agreement: is_some(row.array(8)?).map(MatterId::from_bytes),
            reasons: row.text(9)?.to_owned(),
            made: day(10)?,
            first: row.day(11)?,
            last: day(12)?,
            registered: row.at(13)?,
            registrar: row.id(14)?,
            review: at(15)?.map(|at| Review { at, by, note }),
            ended: at(18)?,
        })
    }
}

fn day(day: Option<Date>) -> Param<'static> {
    day.map_or(Param::Int(NONE), Param::day)
}

/// Registers a matter that nobody has reviewed. Answers [`StoreError::Duplicate`] when its id is there.
pub fn insert(unit: &mut Unit<'_>, row: &MatterRow) -> Result<(), StoreError> {
    let sql = "INSERT INTO moretus.matter (matter, portfolio, kind, reference, issuer, issuer_name, country, law, agreement,
            reasons, made_day, first_day, last_day, registered, registrar, reviewed, reviewer, note, ended)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) ON CONFLICT DO NOTHING";
    let country = row.country.map(|country| country.to_string()).unwrap_or_default();
    let params = [
        Param::id(&row.matter),
        Param::id(&row.portfolio),
        Param::code(row.kind.code()),
        Param::Text(&row.reference),
        Param::Bytes(row.issuer.as_ref().map_or(&NOBODY, |id| id.bytes())),
        Param::Text(&row.issuer_name),
        Param::Text(&country),
        Param::Text(&row.law),
        Param::Bytes(row.agreement.as_ref().map_or(&NOBODY, |id| id.bytes())),
        Param::Text(&row.reasons),
        day(row.made),
        Param::day(row.first),
        day(row.last),
        Param::at(row.registered),
        Param::id(&row.registrar),
        Param::Int(NONE),
        Param::Bytes(&NOBODY),
        Param::Text(""),
        Param::Int(NONE),
    ];
    if unit.execute(sql, &params)? == 1 { Ok(()) } else { Err(StoreError::Duplicate) }
}

/// Writes the review of a matter. Answers [`StoreError::Changed`] when it was reviewed or ended, or is not there.
pub fn review(unit: &mut Unit<'_>, matter: MatterId, review: &Review) -> Result<(), StoreError> {
    unit.change_one(
        "UPDATE moretus.matter SET reviewed = $1, reviewer = $2, note = $3
            WHERE matter = $4 AND reviewed = 0 AND ended = 0",
        &[Param::at(review.at), Param::id(&review.by), Param::Text(&review.note), Param::id(&matter)],
    )
}

/// Ends a matter at an instant; answers whether it was not ended before. What it gave is ended apart.
pub fn end(unit: &mut Unit<'_>, matter: MatterId, at: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE moretus.matter SET ended = $1 WHERE matter = $2 AND ended = 0";
    let ended = unit.execute(sql, &[Param::at(at), Param::id(&matter)])? == 1;
    // Also when it had ended: whoever ended it may not have waited yet, and this answer must not come first.
    unit.narrowed = true;
    Ok(ended)
}

/// One matter of a portfolio.
pub fn get(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    matter: MatterId,
) -> Result<Option<MatterRow>, StoreError> {
    let sql = format!("{SELECT} WHERE matter = $1 AND portfolio = $2");
    let row = unit.query_first("matter", &sql, &[Param::id(&matter), Param::id(&portfolio)])?;
    row.map(|row| MatterRow::from_row(&row)).transpose()
}

/// The register of a portfolio, in the order in which its matters were registered.
pub fn of_portfolio(unit: &mut Unit<'_>, portfolio: PortfolioId) -> Result<Vec<MatterRow>, StoreError> {
    let sql = format!("{SELECT} WHERE portfolio = $1 ORDER BY registered, matter");
    unit.query("matter", &sql, &[Param::id(&portfolio)])?.iter().map(MatterRow::from_row).collect()
}

/// Lets no two units go on together that change for whom a matter is open, or destroy what is kept of them: one of them
/// comes after the other, and reads what that one wrote. Do it before reading.
pub fn one_at_a_time(unit: &mut Unit<'_>, subjects: &[SubjectId]) -> Result<(), StoreError> {
    // Nothing changes by it; PostgreSQL refuses the second of two that write the same row, and runs it again.
    let sql = "UPDATE moretus.subject SET version = version WHERE subject = $1";
    let rows: Vec<_> = subjects.iter().map(|subject| [Param::id(subject)]).collect();
    unit.about(subjects.iter().copied(), |unit| unit.execute_each(sql, &rows)).map(drop)
}

/// The matters that were opened about somebody and stand at an instant, in the order in which they were registered.
pub fn standing_about(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    now: Timestamp,
) -> Result<Vec<MatterRow>, StoreError> {
    let sql = format!(
        "{SELECT} WHERE matter IN (SELECT matter FROM moretus.matter_task WHERE subject = $1)
        ORDER BY registered, matter"
    );
    let rows = unit.query("matter", &sql, &[Param::id(&subject)])?;
    let mut matters: Vec<MatterRow> = rows.iter().map(MatterRow::from_row).collect::<Result<_, _>>()?;
    matters.retain(|matter| matter.stands(now));
    Ok(matters)
}

static INSERT_TASK: Bulk<4> = Bulk::new(
    "moretus.matter_task",
    [("subject", Type::Bytes), ("matter", Type::Bytes), ("assignee", Type::Bytes), ("opened", Type::Int)],
);

/// Writes tasks; those that are there stay as they are.
pub fn open(unit: &mut Unit<'_>, tasks: &[MatterTask]) -> Result<(), StoreError> {
    let params = |task: &MatterTask| {
        (*task.subject.bytes(), *task.matter.bytes(), *task.assignee.bytes(), task.opened)
    };
    let values: Vec<_> = tasks.iter().map(params).collect();
    let rows: Vec<[Param<'_>; 4]> = values
        .iter()
        .map(|(subject, matter, assignee, opened)| {
            [Param::Bytes(subject), Param::Bytes(matter), Param::Bytes(assignee), Param::at(*opened)]
        })
        .collect();
    unit.insert_rows(&INSERT_TASK, &rows).map(drop)
}

const TASK: &str = "SELECT subject, matter, assignee, opened FROM moretus.matter_task";

/// Everybody's task that a matter is or was.
pub fn tasks(unit: &mut Unit<'_>, matter: MatterId) -> Result<Vec<MatterTask>, StoreError> {
    let sql = format!("{TASK} WHERE matter = $1 ORDER BY subject, assignee");
    unit.query("matter_task", &sql, &[Param::id(&matter)])?.iter().map(task).collect()
}

/// The matters that are or were tasks of somebody.
pub fn tasks_of(unit: &mut Unit<'_>, assignee: ActorId) -> Result<Vec<MatterTask>, StoreError> {
    let sql = format!("{TASK} WHERE assignee = $1 ORDER BY matter, subject");
    unit.query("matter_task", &sql, &[Param::id(&assignee)])?.iter().map(task).collect()
}

fn task(row: &Row) -> Result<MatterTask, StoreError> {
    Ok(MatterTask { subject: row.id(0)?, matter: row.id(1)?, assignee: row.id(2)?, opened: row.at(3)? })
}
