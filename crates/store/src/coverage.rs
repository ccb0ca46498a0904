//! Spans of cover: the plain columns beside the sealed aggregate. Who is covered under which plan, when.

use domain::{
    CoverageId, Currency, Date, PlanId, PortfolioId, ProposalState, SponsorId, SubjectId, Timestamp,
    WorkItemId,
};

use crate::readjudication::{NO_DAY, PlanChange};
use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A span of cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CoverageRow {
    /// Who is covered.
    pub subject: SubjectId,
    /// Which span.
    pub coverage: CoverageId,
    /// In which portfolio.
    pub portfolio: PortfolioId,
    /// Who sponsors it; zeros for nobody.
    pub sponsor: SponsorId,
    /// The plan version.
    pub plan: PlanId,
    /// The person whose contract it is; the subject for a member.
    pub holder: SubjectId,
    /// First day.
    pub start: Date,
    /// Last day; none while it is open.
    pub end: Option<Date>,
    /// The row's version; 1 at first.
    pub version: i64,
    /// The column of the plan's table of amounts that applies.
    pub currency: Currency,
    /// When it was first recorded.
    pub recorded: Timestamp,
    /// A keyed hash of what it says: it tells the same span, given again, from a changed one.
    pub content: [u8; 32],
}

/// Stored as the last day of what has none.
const OPEN: i64 = 99_991_231;

static INSERT: Bulk<12> = Bulk::new(
    "moretus.coverage",
    [
        ("subject", Type::Bytes),
        ("coverage", Type::Bytes),
        ("portfolio", Type::Bytes),
        ("sponsor", Type::Bytes),
        ("plan", Type::Bytes),
        ("holder", Type::Bytes),
        ("start_day", Type::Int),
        ("end_day", Type::Int),
        ("version", Type::Int),
        ("currency", Type::Int),
        ("recorded", Type::Int),
        ("content", Type::Bytes),
    ],
);

impl CoverageRow {
    pub(crate) fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            subject: row.id(0)?,
            coverage: row.id(1)?,
            portfolio: row.id(2)?,
            sponsor: row.id(3)?,
            plan: row.id(4)?,
            holder: row.id(5)?,
            start: row.day(6)?,
            end: if row.int(7)? == OPEN { None } else { Some(row.day(7)?) },
            version: row.int(8)?,
            currency: crate::payment::currency(row, 9)?,
            recorded: row.at(10)?,
            content: row.array(11)?,
        })
    }

    fn params(&self) -> [Param<'_>; 12] {
        [
            Param::id(&self.subject),
            Param::id(&self.coverage),
            Param::id(&self.portfolio),
            Param::id(&self.sponsor),
            Param::id(&self.plan),
            Param::id(&self.holder),
            Param::day(self.start),
            Param::Int(end_day(self.end)),
            Param::Int(self.version),
            Param::Int(i64::from(self.currency.number())),
            Param::at(self.recorded),
            Param::Bytes(&self.content),
        ]
    }
}

fn end_day(end: Option<Date>) -> i64 {
    end.map_or(OPEN, |end| i64::from(end.number()))
}

/// Inserts spans of subjects that exist. Answers [`StoreError::Duplicate`] when one is there already.
pub fn insert_many(unit: &mut Unit<'_>, rows: &[CoverageRow]) -> Result<(), StoreError> {
    let rows: Vec<_> = rows.iter().map(CoverageRow::params).collect();
    unit.insert_new(&INSERT, &rows)
}

/// Sets the last day of a span, if it is still of this version.
pub fn end(unit: &mut Unit<'_>, row: &CoverageRow, end: Option<Date>) -> Result<(), StoreError> {
    let sql = "UPDATE moretus.coverage SET end_day = $1, version = version + 1
        WHERE subject = $2 AND coverage = $3 AND version = $4";
    unit.change_one(
        sql,
        &[
            Param::Int(end_day(end)),
            Param::id(&row.subject),
            Param::id(&row.coverage),
            Param::Int(row.version),
        ],
    )
}

/// Writes what a span says anew, if the stored one is still of the row's version; the version goes up by one.
pub fn replace(unit: &mut Unit<'_>, row: &CoverageRow) -> Result<(), StoreError> {
    unit.change_one(
        "UPDATE moretus.coverage SET sponsor = $1, plan = $2, holder = $3, start_day = $4, end_day = $5,
            currency = $6, recorded = $7, content = $8, version = version + 1
         WHERE subject = $9 AND coverage = $10 AND version = $11",
        &[
            Param::id(&row.sponsor),
            Param::id(&row.plan),
            Param::id(&row.holder),
            Param::day(row.start),
            Param::Int(end_day(row.end)),
            Param::Int(i64::from(row.currency.number())),
            Param::at(row.recorded),
            Param::Bytes(&row.content),
            Param::id(&row.subject),
            Param::id(&row.coverage),
            Param::Int(row.version),
        ],
    )
}

/// Puts a plan version in the place of another, in a portfolio's spans that begin on its days, but for those of people whom
/// the run left, and of everybody under the contract of such: a family stays under one version. Answers in how many.
pub fn supersede(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    run: WorkItemId,
    change: &PlanChange,
) -> Result<u64, StoreError> {
    let holder =
        "coalesce((SELECT own.holder FROM moretus.family AS own WHERE own.subject = coverage.subject),
        coverage.subject)";
    let sql = format!(
        "UPDATE moretus.coverage SET plan = $1, version = version + 1
        WHERE portfolio = $2 AND plan = $3 AND start_day >= $4 AND start_day < $5
            AND NOT EXISTS (SELECT 1 FROM moretus.proposal WHERE proposal.run = $6 AND proposal.state = $7
                AND proposal.subject = {holder})
            AND NOT EXISTS (SELECT 1 FROM moretus.proposal WHERE proposal.run = $6 AND proposal.state = $7
                AND proposal.subject IN (SELECT under.subject FROM moretus.family AS under
                    WHERE under.holder = {holder}))"
    );
    let params = [
        Param::id(&change.new),
        Param::id(&portfolio),
        Param::id(&change.old),
        Param::day(change.from),
        change.before.map_or(Param::Int(NO_DAY), Param::day),
        Param::id(&run),
        Param::code(ProposalState::Left.code()),
    ];
    unit.execute(&sql, &params)
}

pub(crate) const OF_SUBJECT: &str =
    "SELECT subject, coverage, portfolio, sponsor, plan, holder, start_day, end_day, version, currency, recorded, content FROM moretus.coverage
        WHERE subject = $1 ORDER BY start_day, coverage";

/// Every span of a subject, the earliest first.
pub fn of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<Vec<CoverageRow>, StoreError> {
    unit.query("coverage", OF_SUBJECT, &[Param::id(&subject)])?.iter().map(CoverageRow::from_row).collect()
}

/// [`StoreError::Changed`] unless the spans of these people are those that were read of them: what is decided on cover is written
/// only while that cover stands.
pub fn must_stand(
    unit: &mut Unit<'_>,
    subjects: &[SubjectId],
    read: &[CoverageRow],
) -> Result<(), StoreError> {
    if crate::many::coverages(unit, subjects)? == read { Ok(()) } else { Err(StoreError::Changed) }
}

/// The spans of a subject that include a day.
pub fn of_subject_on(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    day: Date,
) -> Result<Vec<CoverageRow>, StoreError> {
    let sql = "SELECT subject, coverage, portfolio, sponsor, plan, holder, start_day, end_day, version, currency, recorded, content FROM moretus.coverage
        WHERE subject = $1 AND start_day <= $2 AND end_day >= $2 ORDER BY start_day, coverage";
    let rows = unit.query("coverage", sql, &[Param::id(&subject), Param::day(day)])?;
    rows.iter().map(CoverageRow::from_row).collect()
}

/// Up to `limit` spans that a sponsor sponsors, of subjects after one, in order of subjects.
pub fn of_sponsor(
    unit: &mut Unit<'_>,
    sponsor: SponsorId,
    after: Option<SubjectId>,
    limit: usize,
) -> Result<Vec<CoverageRow>, StoreError> {
    let after = after.map(|subject| subject.bytes().to_vec()).unwrap_or_default();
    let sql = "SELECT subject, coverage, portfolio, sponsor, plan, holder, start_day, end_day, version, currency, recorded, content FROM moretus.coverage
        WHERE sponsor = $1 AND subject > $2 ORDER BY subject, coverage LIMIT $3";
    let params = [Param::id(&sponsor), Param::Bytes(&after), Param::count(limit)];
    unit.query("coverage", sql, &params)?.iter().map(CoverageRow::from_row).collect()
}

/// Up to `limit` people of a portfolio with a span that ended by a day, each with the day, in order of both, after one such.
/// Somebody with several such spans comes several times.
pub fn ended(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    by: Date,
    after: Option<(Date, SubjectId)>,
    limit: usize,
) -> Result<Vec<(Date, SubjectId)>, StoreError> {
    let (day, subject) =
        after.map_or((0, Vec::new()), |(day, subject)| (i64::from(day.number()), subject.bytes().to_vec()));
    let sql = "SELECT end_day, subject FROM moretus.coverage
        WHERE portfolio = $1 AND end_day <= $2 AND end_day >= $3 AND (end_day > $3 OR subject > $4)
        ORDER BY end_day, subject LIMIT $5";
    let params =
        [Param::id(&portfolio), Param::day(by), Param::Int(day), Param::Bytes(&subject), Param::count(limit)];
    unit.query("coverage", sql, &params)?.iter().map(|row| Ok((row.day(0)?, row.id(1)?))).collect()
}

pub(crate) const OF_HOLDER: &str =
    "SELECT subject, coverage, portfolio, sponsor, plan, holder, start_day, end_day, version, currency, recorded, content FROM moretus.coverage
        WHERE holder = $1 ORDER BY subject, start_day, coverage";

/// The spans under a holder's contract: the holder's own and the dependants'.
pub fn of_holder(unit: &mut Unit<'_>, holder: SubjectId) -> Result<Vec<CoverageRow>, StoreError> {
    unit.query("coverage", OF_HOLDER, &[Param::id(&holder)])?.iter().map(CoverageRow::from_row).collect()
}
