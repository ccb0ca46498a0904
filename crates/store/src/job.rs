//! Jobs: work to be done later, leased to one worker at a time. A worker that dies loses its lease to time. They lie in the order in which
//! they are due, so that a long queue grows at one end and is worked off at the other; that a job is there once is for who inserts it to see to.

use domain::{RecordId, SubjectId, Timestamp};

use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobRow {
    /// Whose data it works on.
    pub subject: SubjectId,
    /// What it works on: the id of a claim, for instance.
    pub job: RecordId,
    /// What is to be done; the numbers are the caller's.
    pub kind: i64,
    /// When it may begin.
    pub due: Timestamp,
    /// How often it was leased.
    pub attempts: i64,
}

static INSERT: Bulk<6> = Bulk::new(
    "moretus.job",
    [
        ("subject", Type::Bytes),
        ("job", Type::Bytes),
        ("kind", Type::Int),
        ("due", Type::Int),
        ("lease_until", Type::Int),
        ("attempts", Type::Int),
    ],
);

impl JobRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            subject: row.id(0)?,
            job: row.id(1)?,
            kind: row.int(2)?,
            due: row.at(3)?,
            attempts: row.int(4)?,
        })
    }

    fn params(&self) -> [Param<'_>; 6] {
        [
            Param::id(&self.subject),
            Param::id(&self.job),
            Param::Int(self.kind),
            Param::at(self.due),
            Param::Int(0),
            Param::Int(self.attempts),
        ]
    }

    /// The row as it was read or leased: kind, due, subject, job and attempts.
    fn as_leased(&self) -> [Param<'_>; 5] {
        [
            Param::Int(self.kind),
            Param::at(self.due),
            Param::id(&self.subject),
            Param::id(&self.job),
            Param::Int(self.attempts),
        ]
    }
}

/// Inserts jobs. Answers [`StoreError::Duplicate`] when one is there that is due at the same instant.
pub fn insert_many(unit: &mut Unit<'_>, rows: &[JobRow]) -> Result<(), StoreError> {
    let rows: Vec<_> = rows.iter().map(JobRow::params).collect();
    unit.insert_new(&INSERT, &rows)
}

/// Up to `limit` jobs of a kind that wait at an instant, the longest due first. To look at the queue takes none.
pub fn waiting(
    unit: &mut Unit<'_>,
    kind: i64,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<JobRow>, StoreError> {
    let sql = "SELECT subject, job, kind, due, attempts FROM moretus.job
        WHERE kind = $1 AND due <= $2 AND lease_until <= $2 ORDER BY due, subject, job LIMIT $3";
    let rows = unit.query("job", sql, &[Param::Int(kind), Param::at(now), Param::count(limit)])?;
    rows.iter().map(JobRow::from_row).collect()
}

/// See [`crate::Store::lease_jobs`].
pub(crate) fn lease(
    unit: &mut Unit<'_>,
    jobs: &[JobRow],
    now: Timestamp,
    until: Timestamp,
) -> Result<Vec<JobRow>, StoreError> {
    let sql = "UPDATE moretus.job SET lease_until = $1, attempts = attempts + 1
        WHERE kind = $2 AND due = $3 AND subject = $4 AND job = $5 AND attempts = $6 AND lease_until <= $7
        RETURNING subject, job, kind, due, attempts";
    // In one order, so that of two workers that lease the same ones one waits for the other, and not both.
    let mut jobs: Vec<&JobRow> = jobs.iter().collect();
    jobs.sort_unstable_by_key(|job| (job.due, job.subject, job.job));
    let mut rows = Vec::with_capacity(jobs.len());
    for job in jobs {
        let [kind, due, subject, id, attempts] = job.as_leased();
        rows.push([Param::at(until), kind, due, subject, id, attempts, Param::at(now)]);
    }
    unit.query_each("job", sql, &rows, JobRow::from_row)
}

/// Ends jobs that are done, if nobody leased one meanwhile: `attempts` as leased.
pub fn done(unit: &mut Unit<'_>, jobs: &[JobRow]) -> Result<(), StoreError> {
    let sql = "DELETE FROM moretus.job WHERE kind = $1 AND due = $2 AND subject = $3 AND job = $4 AND attempts = $5";
    let jobs: Vec<_> = jobs.iter().map(JobRow::as_leased).collect();
    unit.change_each(sql, &jobs)
}

/// Gives a job back, to be done at an instant, if nobody leased it meanwhile.
pub fn retry(unit: &mut Unit<'_>, job: &JobRow, due: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE moretus.job SET due = $1, lease_until = 0
        WHERE kind = $2 AND due = $3 AND subject = $4 AND job = $5 AND attempts = $6";
    let [kind, was_due, subject, id, attempts] = job.as_leased();
    unit.change_one(sql, &[Param::at(due), kind, was_due, subject, id, attempts])
}

/// The jobs of a subject, by id: to look at a queue, which is read whole for it.
pub fn of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<Vec<JobRow>, StoreError> {
    let sql = "SELECT subject, job, kind, due, attempts FROM moretus.job WHERE subject = $1 ORDER BY job";
    unit.query("job", sql, &[Param::id(&subject)])?.iter().map(JobRow::from_row).collect()
}

/// How many jobs there are, by kind.
pub fn count(unit: &mut Unit<'_>) -> Result<Vec<(i64, i64)>, StoreError> {
    let sql = "SELECT kind, count(*) FROM moretus.job GROUP BY kind ORDER BY kind";
    unit.query("job", sql, &[])?.iter().map(|row| Ok((row.int(0)?, row.int(1)?))).collect()
}
