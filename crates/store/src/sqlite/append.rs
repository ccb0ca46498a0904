//! Appending to the record of disclosures inside the writer's group: test, then insert, in its transaction.

use domain::{SubjectId, Timestamp};
use rusqlite::{CachedStatement, Connection};
use tokio::sync::oneshot;

use super::standing::{Live, Standings};
use crate::append::{Appended, BOUND, Bound, CONDITION_LIVE, ConditionTest, NewDisclosure, Position};
use crate::standing_change::StandingChange;
use crate::unit::{sqlite_execute, sqlite_query};
use crate::value::{Param, Row};
use crate::{StoreError, recipient};

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
    standings: &'c mut Standings,
    batch: Option<i64>,
    count: i64,
    statements: Option<Statements<'c>>,
}

/// The statements that the entries of a group need: looked up once for all of them.
struct Statements<'c> {
    bound: CachedStatement<'c>,
    live: CachedStatement<'c>,
    insert: CachedStatement<'c>,
}

/// The largest number in use, wherever it still shows. Asked for each group: another process may have written.
const LAST_BATCH: &str = "SELECT max((SELECT coalesce(max(batch), 0) FROM moretus_log.disclosure),
    (SELECT coalesce(max(batch), 0) FROM moretus_log.log_pending), (SELECT coalesce(max(batch), 0) FROM moretus_log.log_sealed))";

const INSERT: &str =
    "INSERT INTO moretus_log.disclosure (batch, position, subject, body, people) VALUES ($1, $2, $3, $4, $5)";

impl<'c> Group<'c> {
    pub(crate) fn new(connection: &'c Connection, standings: &'c mut Standings) -> Self {
        Self { connection, standings, batch: None, count: 0, statements: None }
    }

    /// Before the first entry: the transaction has the lock.
    pub(crate) fn begin(&mut self) -> Result<(), StoreError> {
        self.standings.begin(self.connection)
    }

    /// After a unit of work of the same transaction.
    pub(crate) fn forget_changed(&mut self, change: &StandingChange) {
        self.standings.forget_changed(change);
    }

    /// After a transaction that failed.
    pub(crate) fn forget(&mut self) {
        self.standings.forget();
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
        if let Some(refused) = recipient_refusal(self.connection, entry, now)? {
            return Ok(refused);
        }
        for (person, tests) in entry.tested() {
            if !self.standings.bear(*person, entry, tests, now)
                && let Some(refused) = self.look_up(*person, entry, tests, now)?
            {
                return Ok(if entry.people.is_empty() { refused } else { Appended::NotTogether });
            }
        }
        let people = entry.people_bytes();
        let position = Position { batch: self.batch()?, offset: self.count };
        self.count += 1;
        let values = [
            Param::Int(position.batch),
            Param::Int(position.offset),
            Param::id(&entry.subject),
            Param::Bytes(&entry.body),
            Param::Bytes(&people),
        ];
        let insert = &mut statements(&mut self.statements, self.connection)?.insert;
        bind(insert, &values)?;
        insert.raw_execute()?;
        Ok(Appended::At(position))
    }

    /// Asks the database what of this person speaks against an entry; remembers what it rests on when nothing does.
    fn look_up(
        &mut self,
        person: SubjectId,
        entry: &NewDisclosure,
        tests: &[ConditionTest],
        now: Timestamp,
    ) -> Result<Option<Appended>, StoreError> {
        let statements = statements(&mut self.statements, self.connection)?;
        let bound = first(&mut statements.bound, "subject", &[Param::id(&person)], Bound::from_row)?;
        let Some(bound) = bound.filter(|bound| entry.fits(bound)) else {
            return Ok(Some(Appended::NotBound { bound }));
        };
        let mut found = Vec::with_capacity(tests.len());
        for test in tests {
            let mut live = None;
            for (object, params) in test.objects().zip(test.params(&person, now)) {
                if live.is_none() {
                    let row = |row: &Row<'_>| Live::from_row((test.condition, *object), row);
                    live = first(&mut statements.live, "condition", &params, row)?;
                }
            }
            match live {
                Some(live) => found.push(live),
                None => return Ok(Some(Appended::NotLive(test.condition))),
            }
        }
        self.standings.learn(person, bound, &found);
        Ok(None)
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

fn statements<'s, 'c>(
    held: &'s mut Option<Statements<'c>>,
    connection: &'c Connection,
) -> Result<&'s mut Statements<'c>, StoreError> {
    let statements = match held.take() {
        Some(statements) => statements,
        None => Statements {
            bound: connection.prepare_cached(BOUND)?,
            live: connection.prepare_cached(CONDITION_LIVE)?,
            insert: connection.prepare_cached(INSERT)?,
        },
    };
    Ok(held.insert(statements))
}

fn bind(statement: &mut CachedStatement<'_>, values: &[Param<'_>]) -> Result<(), StoreError> {
    for (index, value) in values.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, value)?;
    }
    Ok(())
}

/// What `take` makes of the first row, if there is any.
fn first<T>(
    statement: &mut CachedStatement<'_>,
    table: &'static str,
    values: &[Param<'_>],
    take: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    bind(statement, values)?;
    let mut rows = statement.raw_query();
    rows.next()?.map(|row| take(&Row::of_sqlite(table, row))).transpose()
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

/// What speaks against an entry on the side of whoever gets the data. Nothing of it is remembered: few entries
/// have such tests.
fn recipient_refusal(
    connection: &Connection,
    entry: &NewDisclosure,
    now: Timestamp,
) -> Result<Option<Appended>, StoreError> {
    if let Some(read) = entry.register {
        let rows = sqlite_query(connection, "register", recipient::VERSION, &[Param::id(&entry.portfolio)])?;
        if rows.first().map_or(Ok(0), |row| row.int(0))? != read {
            return Ok(Some(Appended::RegisterChanged));
        }
    }
    for test in &entry.recipient_tests {
        if sqlite_query(connection, "recipient_condition", recipient::LIVE, &test.params(now))?.is_empty() {
            return Ok(Some(Appended::NotLive(test.condition)));
        }
    }
    Ok(None)
}
