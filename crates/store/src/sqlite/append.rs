//! Appending to the record of disclosures inside the writer's group: test, then insert, in its transaction.

use domain::Timestamp;
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::StoreError;
use crate::append::{Appended, CONDITION_LIVE, NewDisclosure, Position, refusal_of};
use crate::unit::{sqlite_execute, sqlite_exists, sqlite_query};
use crate::value::Param;

/// The entries of one caller.
pub(crate) struct AppendJob {
    pub(crate) entries: Vec<NewDisclosure>,
    pub(crate) now: Timestamp,
    pub(crate) outcome: Vec<Appended>,
    pub(crate) reply: oneshot::Sender<Result<Vec<Appended>, StoreError>>,
}

/// The numbered group that a commit adds to the record; none while nothing was appended.
#[derive(Default)]
pub(crate) struct Group {
    batch: Option<i64>,
    count: i64,
}

/// The largest number in use, wherever it still shows. Asked for each group: another process may have written.
const LAST_BATCH: &str = "SELECT max((SELECT coalesce(max(batch), 0) FROM moretus_log.disclosure),
    (SELECT coalesce(max(batch), 0) FROM moretus_log.log_pending), (SELECT coalesce(max(batch), 0) FROM moretus_log.log_sealed))";

impl Group {
    fn batch(&mut self, connection: &Connection) -> Result<i64, StoreError> {
        if let Some(batch) = self.batch {
            return Ok(batch);
        }
        let row = sqlite_query(connection, "disclosure", LAST_BATCH, &[])?;
        let batch = row.first().ok_or_else(|| StoreError::internal("no-row"))?.int(0)? + 1;
        self.batch = Some(batch);
        Ok(batch)
    }

    /// Before the commit: what the sealer finds.
    pub(crate) fn finish(&self, connection: &Connection) -> Result<(), StoreError> {
        let Some(batch) = self.batch else { return Ok(()) };
        metrics::histogram!("store_disclosures_per_commit").record(self.count as f64);
        sqlite_execute(
            connection,
            "INSERT INTO moretus_log.log_pending (batch, count) VALUES ($1, $2)",
            &[Param::Int(batch), Param::Int(self.count)],
        )?;
        Ok(())
    }
}

impl AppendJob {
    pub(crate) fn run(&mut self, connection: &Connection, group: &mut Group) -> Result<(), StoreError> {
        for entry in &self.entries {
            let appended = match refusal(connection, entry, self.now)? {
                Some(refused) => refused,
                None => {
                    let position = Position { batch: group.batch(connection)?, offset: group.count };
                    group.count += 1;
                    insert(connection, entry, position)?;
                    Appended::At(position)
                }
            };
            self.outcome.push(appended);
        }
        Ok(())
    }

    pub(crate) fn answer(self, committed: Result<(), StoreError>) {
        // A caller that went away loses only the answer.
        let _ = self.reply.send(committed.map(|()| self.outcome));
    }
}

fn insert(connection: &Connection, entry: &NewDisclosure, position: Position) -> Result<(), StoreError> {
    sqlite_execute(
        connection,
        "INSERT INTO moretus_log.disclosure (batch, position, subject, body) VALUES ($1, $2, $3, $4)",
        &[
            Param::Int(position.batch),
            Param::Int(position.offset),
            Param::id(&entry.subject),
            Param::Bytes(&entry.body),
        ],
    )?;
    Ok(())
}

/// $1 subject, $2 portfolio, $3 notice, $4 mask of kinds.
const STANDS: &str = "SELECT 1 FROM moretus.subject WHERE subject = $1 AND portfolio = $2 AND notice = $3 AND ($4 >> kind) & 1 = 1";

fn refusal(
    connection: &Connection,
    entry: &NewDisclosure,
    now: Timestamp,
) -> Result<Option<Appended>, StoreError> {
    let kinds = Param::Int(entry.kinds_mask());
    let expected = [Param::id(&entry.subject), Param::id(&entry.portfolio), Param::Int(entry.notice), kinds];
    if !sqlite_exists(connection, STANDS, &expected)? {
        let bound = sqlite_query(connection, "subject", crate::append::BOUND, &[Param::id(&entry.subject)])?;
        return refusal_of(entry, bound.first());
    }
    for test in &entry.tests {
        if !sqlite_exists(connection, CONDITION_LIVE, &test.params(&entry.subject, now))? {
            return Ok(Some(Appended::NotLive(test.condition)));
        }
    }
    Ok(None)
}
