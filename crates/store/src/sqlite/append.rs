//! Appending to the record of disclosures inside the writer's group: test, then insert, in its transaction.

use domain::Timestamp;
use rusqlite::{CachedStatement, Connection};
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
pub(crate) struct Group<'c> {
    connection: &'c Connection,
    batch: Option<i64>,
    count: i64,
    statements: Option<Statements<'c>>,
}

/// The statements that each entry of a group needs: looked up once for all of them.
struct Statements<'c> {
    stands: CachedStatement<'c>,
    stands_and_live: CachedStatement<'c>,
    insert: CachedStatement<'c>,
}

/// The largest number in use, wherever it still shows. Asked for each group: another process may have written.
const LAST_BATCH: &str = "SELECT max((SELECT coalesce(max(batch), 0) FROM moretus_log.disclosure),
    (SELECT coalesce(max(batch), 0) FROM moretus_log.log_pending), (SELECT coalesce(max(batch), 0) FROM moretus_log.log_sealed))";

/// $1 subject, $2 portfolio, $3 notice, $4 mask of kinds.
const STANDS: &str = "SELECT 1 FROM moretus.subject WHERE subject = $1 AND portfolio = $2 AND notice = $3 AND ($4 >> kind) & 1 = 1";

/// The same and, for $5 condition, $6 object, $7 now, that the condition is live: what nearly every entry asks.
const STANDS_AND_LIVE: &str = "SELECT 1 FROM moretus.subject s WHERE s.subject = $1 AND s.portfolio = $2 AND s.notice = $3 AND ($4 >> s.kind) & 1 = 1
    AND EXISTS (SELECT 1 FROM moretus.condition c WHERE c.subject = $1 AND c.condition = $5 AND c.object = $6 AND c.since <= $7 AND c.until > $7)";

const INSERT: &str =
    "INSERT INTO moretus_log.disclosure (batch, position, subject, body) VALUES ($1, $2, $3, $4)";

impl<'c> Group<'c> {
    pub(crate) fn new(connection: &'c Connection) -> Self {
        Self { connection, batch: None, count: 0, statements: None }
    }

    fn statements(&mut self) -> Result<&mut Statements<'c>, StoreError> {
        let statements = match self.statements.take() {
            Some(statements) => statements,
            None => Statements {
                stands: self.connection.prepare_cached(STANDS)?,
                stands_and_live: self.connection.prepare_cached(STANDS_AND_LIVE)?,
                insert: self.connection.prepare_cached(INSERT)?,
            },
        };
        Ok(self.statements.insert(statements))
    }

    fn batch(&mut self) -> Result<i64, StoreError> {
        if let Some(batch) = self.batch {
            return Ok(batch);
        }
        let row = sqlite_query(self.connection, "disclosure", LAST_BATCH, &[])?;
        let batch = row.first().ok_or_else(|| StoreError::internal("no-row"))?.int(0)? + 1;
        self.batch = Some(batch);
        Ok(batch)
    }

    /// Tests an entry and writes it, or says what speaks against it.
    fn append(&mut self, entry: &NewDisclosure, now: Timestamp) -> Result<Appended, StoreError> {
        if !self.passes(entry, now)?
            && let Some(refused) = refusal(self.connection, entry, now)?
        {
            return Ok(refused);
        }
        let position = Position { batch: self.batch()?, offset: self.count };
        self.count += 1;
        let insert = &mut self.statements()?.insert;
        let values = [
            Param::Int(position.batch),
            Param::Int(position.offset),
            Param::id(&entry.subject),
            Param::Bytes(&entry.body),
        ];
        bind(insert, &values)?;
        insert.raw_execute()?;
        Ok(Appended::At(position))
    }

    /// Whether an entry with at most one condition may go in. False for one with more, which are looked at one
    /// by one.
    fn passes(&mut self, entry: &NewDisclosure, now: Timestamp) -> Result<bool, StoreError> {
        let kinds = Param::Int(entry.kinds_mask());
        let [subject, portfolio] = [Param::id(&entry.subject), Param::id(&entry.portfolio)];
        let notice = Param::Int(entry.notice);
        let statements = self.statements()?;
        let statement = match entry.tests.as_slice() {
            [] => {
                bind(&mut statements.stands, &[subject, portfolio, notice, kinds])?;
                &mut statements.stands
            }
            [test] => {
                let [_, condition, object, now] = test.params(&entry.subject, now);
                let values = [subject, portfolio, notice, kinds, condition, object, now];
                bind(&mut statements.stands_and_live, &values)?;
                &mut statements.stands_and_live
            }
            _ => return Ok(false),
        };
        let found = statement.raw_query().next()?.is_some();
        Ok(found)
    }

    /// Before the commit: what the sealer finds.
    pub(crate) fn finish(&self) -> Result<(), StoreError> {
        let Some(batch) = self.batch else { return Ok(()) };
        metrics::histogram!("store_disclosures_per_commit").record(self.count as f64);
        sqlite_execute(
            self.connection,
            "INSERT INTO moretus_log.log_pending (batch, count) VALUES ($1, $2)",
            &[Param::Int(batch), Param::Int(self.count)],
        )?;
        Ok(())
    }
}

fn bind(statement: &mut CachedStatement<'_>, values: &[Param<'_>]) -> Result<(), StoreError> {
    for (index, value) in values.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, value)?;
    }
    Ok(())
}

impl AppendJob {
    pub(crate) fn run(&mut self, group: &mut Group<'_>) -> Result<(), StoreError> {
        for entry in &self.entries {
            self.outcome.push(group.append(entry, self.now)?);
        }
        Ok(())
    }

    pub(crate) fn answer(self, committed: Result<(), StoreError>) {
        // A caller that went away loses only the answer.
        let _ = self.reply.send(committed.map(|()| self.outcome));
    }
}

/// What speaks against an entry; nothing, if it may go in.
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
