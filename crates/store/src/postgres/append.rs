//! Appending to the record of disclosures: what waits is written by one statement and one commit, some
//! commits under way at a time. Tests and insert are one statement; its snapshot is taken under the shared
//! lock that a withdrawal waits for (see [`super::barrier`]).

use deadpool_postgres::{Object, Pool};
use domain::Timestamp;
use futures_util::future::try_join5;
use tokio::sync::{mpsc, oneshot};
use tokio::task::yield_now;
use tokio_postgres::types::ToSql;

use super::LOG_LOCK;
use crate::append::{BOUND, Bound, CONDITION_LIVE};
use crate::value::{Param, Row};
use crate::{Appended, NewDisclosure, Position, StoreError, recipient};

/// Entries from which a commit takes no more callers, those about many counted for each.
const ENTRIES_A_COMMIT: usize = 1_000;
/// How often an entry is tried whose condition came to life between test and explanation.
const ATTEMPTS: usize = 3;

/// A caller who waits.
pub(crate) struct Waiting {
    pub(crate) entries: Vec<NewDisclosure>,
    pub(crate) now: Timestamp,
    pub(crate) reply: oneshot::Sender<Result<Vec<Appended>, StoreError>>,
}

impl Waiting {
    /// Of how many people something is tested for it.
    fn tested(&self) -> usize {
        self.entries.iter().map(|entry| entry.people.len().max(1)).sum()
    }
}

/// $1 lock.
const LOCK: &str = "SELECT CAST(pg_advisory_xact_lock_shared($1) AS TEXT), nextval('moretus_log.log_batch')";

/// $1 to $7: subject, portfolio, notice, mask of kinds, mask of laws, version of the register (-1 where it does not matter)
/// and body of each entry; $8 to $12: number of the entry, subject, condition, object and instant of each test, $20 the
/// object that will do as well, if any; $13 to $16: number of the entry, recipient, condition and instant of each test of a recipient; $17: whom each entry is about, where
/// that is many; $18 and $19: number of the entry and subject of each of those. The sub-selects that are compared
/// with 0 are looked up row by row in the primary key; a join could be planned as a scan of the whole table.
const INSERT: &str = "WITH failing AS (
        SELECT t.n FROM UNNEST($8::bigint[], $9::bytea[], $10::bigint[], $11::bytea[], $12::bigint[], $20::bytea[])
            AS t (n, subject, condition, object, now, other)
        WHERE (SELECT count(*) FROM moretus.condition c WHERE c.subject = t.subject AND c.condition = t.condition
            AND c.object = t.object AND c.since <= t.now AND c.until > t.now) = 0
        AND (t.other IS NULL OR (SELECT count(*) FROM moretus.condition c WHERE c.subject = t.subject
            AND c.condition = t.condition AND c.object = t.other AND c.since <= t.now AND c.until > t.now) = 0)
        UNION ALL
        SELECT t.n FROM UNNEST($13::bigint[], $14::bytea[], $15::bigint[], $16::bigint[]) AS t (n, recipient, condition, now)
        WHERE (SELECT count(*) FROM moretus.recipient_condition c WHERE c.recipient = t.recipient
            AND c.condition = t.condition AND c.since <= t.now AND c.until > t.now) = 0
        UNION ALL
        SELECT p.n FROM UNNEST($18::bigint[], $19::bytea[]) AS p (n, subject)
        WHERE (SELECT count(*) FROM moretus.subject s WHERE s.subject = p.subject AND s.portfolio = ($2::bytea[])[CAST(p.n AS INTEGER)]
            AND s.notice = ($3::bigint[])[CAST(p.n AS INTEGER)] AND (($4::bigint[])[CAST(p.n AS INTEGER)] >> CAST(s.kind AS INTEGER)) & 1 = 1
            AND (($5::bigint[])[CAST(p.n AS INTEGER)] >> CAST(s.law AS INTEGER)) & 1 = 1) = 0)
    INSERT INTO moretus_log.disclosure (batch, position, subject, body, people)
    SELECT currval('moretus_log.log_batch'), e.n - 1, e.subject, e.body, e.people
    FROM UNNEST($1::bytea[], $2::bytea[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bytea[], $17::bytea[])
        WITH ORDINALITY AS e (subject, portfolio, notice, kinds, laws, register, body, people, n)
    WHERE (octet_length(e.people) > 0 OR (SELECT count(*) FROM moretus.subject s WHERE s.subject = e.subject
            AND s.portfolio = e.portfolio AND s.notice = e.notice AND (e.kinds >> CAST(s.kind AS INTEGER)) & 1 = 1
            AND (e.laws >> CAST(s.law AS INTEGER)) & 1 = 1) = 1)
        AND (e.register < 0 OR e.register = (SELECT coalesce(max(r.version), 0) FROM moretus.register r
            WHERE r.portfolio = e.portfolio))
        AND e.n NOT IN (SELECT n FROM failing)
    RETURNING batch, position";

/// What the sealer finds; nothing for a group in which nothing was written. The number in a sub-select is asked
/// once and found by the index; beside the comparison it would be asked for every row of the table.
pub(crate) const PENDING: &str = "INSERT INTO moretus_log.log_pending (batch, count) SELECT batch, count(*)
    FROM moretus_log.disclosure WHERE batch = (SELECT currval('moretus_log.log_batch')) GROUP BY batch";

/// Takes what waits and hands it to a connection, until the store is closed.
pub(crate) async fn run(pool: Pool, mut queue: mpsc::Receiver<Waiting>) {
    while let Some(first) = queue.recv().await {
        // Without a free connection, more callers gather meanwhile and share its commit.
        let client = pool.get().await;
        // Who was answered at the same time asks again at the same time: they come in before this goes out.
        yield_now().await;
        let mut callers = vec![first];
        let mut count = callers.iter().map(Waiting::tested).sum::<usize>();
        while count < ENTRIES_A_COMMIT
            && let Ok(caller) = queue.try_recv()
        {
            count += caller.tested();
            callers.push(caller);
        }
        metrics::histogram!("store_disclosures_per_commit").record(count as f64);
        match client {
            Ok(client) => drop(tokio::spawn(commit(client, callers))),
            Err(error) => answer(callers, &Err(error.into())),
        }
    }
}

async fn commit(mut client: Object, callers: Vec<Waiting>) {
    let entries: Vec<(&NewDisclosure, Timestamp)> =
        callers.iter().flat_map(|caller| caller.entries.iter().map(|entry| (entry, caller.now))).collect();
    let mut outcome: Vec<Option<Appended>> = vec![None; entries.len()];
    let mut result = Ok(());
    for _ in 0..ATTEMPTS {
        let open: Vec<usize> =
            (0..).zip(&outcome).filter(|(_, done)| done.is_none()).map(|(index, _)| index).collect();
        if open.is_empty() || result.is_err() {
            break;
        }
        let chosen: Vec<_> = open.iter().filter_map(|index| entries.get(*index).copied()).collect();
        match write(&mut client, &chosen).await {
            Ok(answers) => {
                for (index, answer) in open.into_iter().zip(answers) {
                    if let Some(place) = outcome.get_mut(index) {
                        *place = answer;
                    }
                }
            }
            Err(error) => result = Err(error),
        }
    }
    let all: Option<Vec<Appended>> = outcome.into_iter().collect();
    // A commit that failed after an earlier one held: the callers repeat, and an entry stands twice. An entry
    // too many is a record of a use that did not happen; one too few would be the fault.
    answer(callers, &result.and_then(|()| all.ok_or(StoreError::Busy)));
}

fn answer(callers: Vec<Waiting>, outcome: &Result<Vec<Appended>, StoreError>) {
    let mut rest = outcome.as_deref().unwrap_or_default();
    for caller in callers {
        let answer = match outcome {
            Ok(_) => {
                let (own, others) = rest.split_at(caller.entries.len().min(rest.len()));
                rest = others;
                Ok(own.to_vec())
            }
            Err(error) => Err(error.clone()),
        };
        // A caller that went away loses only the answer.
        let _ = caller.reply.send(answer);
    }
}

/// Writes entries in one transaction. `None` for one that was refused and would pass now.
async fn write(
    client: &mut Object,
    entries: &[(&NewDisclosure, Timestamp)],
) -> Result<Vec<Option<Appended>>, StoreError> {
    let lock = client.prepare_cached(LOCK).await?;
    let insert = client.prepare_cached(INSERT).await?;
    let pending = client.prepare_cached(PENDING).await?;
    let columns = Columns::of(entries);
    // Five messages behind one another, one round trip. The transaction is READ COMMITTED: the insert's
    // snapshot is its own, taken when the lock is had. The server ends a transaction in which a statement failed
    // with a rollback, whatever it was told; that statement's answer is then an error, and so is this one.
    let lock_params: [&(dyn ToSql + Sync); 1] = [&LOG_LOCK];
    let insert_params = columns.params();
    let sent = try_join5(
        client.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED"),
        client.query(&lock, &lock_params),
        client.query(&insert, &insert_params),
        client.execute(&pending, &[]),
        client.batch_execute("COMMIT"),
    );
    match sent.await {
        Ok((_, numbers, inserted, ..)) => outcomes(client, entries, &numbers, &inserted).await,
        Err(error) => {
            // If this fails too, the connection is lost, and with it the transaction.
            let _ = client.batch_execute("ROLLBACK").await;
            Err(error.into())
        }
    }
}

/// What became of each entry: the place of those that were written, the reason of those that were not.
async fn outcomes(
    client: &Object,
    entries: &[(&NewDisclosure, Timestamp)],
    numbers: &[tokio_postgres::Row],
    inserted: &[tokio_postgres::Row],
) -> Result<Vec<Option<Appended>>, StoreError> {
    let batch: i64 = numbers.first().ok_or_else(|| StoreError::internal("no-row"))?.try_get(1)?;
    let mut outcome = vec![None; entries.len()];
    for row in inserted {
        let offset: i64 = row.try_get(1)?;
        let place = usize::try_from(offset).ok().and_then(|index| outcome.get_mut(index));
        *place.ok_or_else(|| StoreError::internal("position"))? =
            Some(Appended::At(Position { batch, offset }));
    }
    for (place, (entry, now)) in outcome.iter_mut().zip(entries) {
        if place.is_none() {
            *place = explain(client, entry, *now).await?;
        }
    }
    Ok(outcome)
}

/// Why an entry was refused; `None` when nothing speaks against it any more.
async fn explain(
    client: &Object,
    entry: &NewDisclosure,
    now: Timestamp,
) -> Result<Option<Appended>, StoreError> {
    if !entry.people.is_empty() {
        // Which of them it is shows when they are tried apart.
        return Ok(of_recipient(client, entry, now).await?.or(Some(Appended::NotTogether)));
    }
    let bound = client.prepare_cached(BOUND).await?;
    let subject: &[u8] = entry.subject.bytes();
    let rows = client.query(&bound, &[&subject]).await?;
    let bound = rows.first().map(|row| Bound::from_row(&Row::of_postgres("subject", row))).transpose()?;
    if !bound.is_some_and(|bound| entry.fits(&bound)) {
        return Ok(Some(Appended::NotBound { bound }));
    }
    let live = client.prepare_cached(CONDITION_LIVE).await?;
    for test in &entry.tests {
        let mut is_live = false;
        for params in test.params(&entry.subject, now) {
            let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(Param::postgres).collect();
            is_live = is_live || !client.query(&live, &params).await?.is_empty();
        }
        if !is_live {
            return Ok(Some(Appended::NotLive(test.condition)));
        }
    }
    of_recipient(client, entry, now).await
}

/// What speaks against an entry on the side of whoever gets the data.
async fn of_recipient(
    client: &Object,
    entry: &NewDisclosure,
    now: Timestamp,
) -> Result<Option<Appended>, StoreError> {
    if let Some(read) = entry.register {
        let version = client.prepare_cached(recipient::VERSION).await?;
        let portfolio: &[u8] = entry.portfolio.bytes();
        let rows = client.query(&version, &[&portfolio]).await?;
        if rows.first().map_or(Ok(0), |row| row.try_get::<_, i64>(0))? != read {
            return Ok(Some(Appended::RegisterChanged));
        }
    }
    let live = client.prepare_cached(recipient::LIVE).await?;
    for test in &entry.recipient_tests {
        let params = test.params(now);
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(Param::postgres).collect();
        if client.query(&live, &params).await?.is_empty() {
            return Ok(Some(Appended::NotLive(test.condition)));
        }
    }
    Ok(None)
}

/// The entries and their tests, by column.
#[derive(Default)]
struct Columns<'a> {
    subjects: Vec<&'a [u8]>,
    portfolios: Vec<&'a [u8]>,
    notices: Vec<i64>,
    kinds: Vec<i64>,
    laws: Vec<i64>,
    registers: Vec<i64>,
    bodies: Vec<&'a [u8]>,
    tests: Vec<i64>,
    test_subjects: Vec<&'a [u8]>,
    conditions: Vec<i64>,
    objects: Vec<&'a [u8]>,
    instants: Vec<i64>,
    recipient_tests: Vec<i64>,
    recipients: Vec<&'a [u8]>,
    recipient_conditions: Vec<i64>,
    recipient_instants: Vec<i64>,
    people: Vec<Vec<u8>>,
    numbers: Vec<i64>,
    persons: Vec<&'a [u8]>,
    others: Vec<Option<&'a [u8]>>,
}

impl<'a> Columns<'a> {
    fn of(entries: &[(&'a NewDisclosure, Timestamp)]) -> Self {
        let mut columns = Self::default();
        for (number, (entry, now)) in (1_i64..).zip(entries) {
            columns.subjects.push(entry.subject.bytes());
            columns.portfolios.push(entry.portfolio.bytes());
            columns.notices.push(entry.notice);
            columns.kinds.push(entry.kinds_mask());
            columns.laws.push(entry.laws_mask());
            columns.registers.push(entry.register.unwrap_or(-1));
            columns.bodies.push(&entry.body);
            columns.people.push(entry.people_bytes());
            for one in &entry.people {
                columns.numbers.push(number);
                columns.persons.push(one.about.subject.bytes());
            }
            for (person, tests) in entry.tested() {
                for test in tests {
                    columns.tests.push(number);
                    columns.test_subjects.push(person.bytes());
                    columns.conditions.push(i64::from(test.condition.code()));
                    columns.objects.push(&test.object);
                    columns.others.push(test.or.as_ref().map(<[u8; 16]>::as_slice));
                    columns.instants.push(now.micros());
                }
            }
            for test in &entry.recipient_tests {
                columns.recipient_tests.push(number);
                columns.recipients.push(test.recipient.bytes());
                columns.recipient_conditions.push(i64::from(test.condition.code()));
                columns.recipient_instants.push(now.micros());
            }
        }
        columns
    }

    fn params(&self) -> [&(dyn ToSql + Sync); 20] {
        [
            &self.subjects,
            &self.portfolios,
            &self.notices,
            &self.kinds,
            &self.laws,
            &self.registers,
            &self.bodies,
            &self.tests,
            &self.test_subjects,
            &self.conditions,
            &self.objects,
            &self.instants,
            &self.recipient_tests,
            &self.recipients,
            &self.recipient_conditions,
            &self.recipient_instants,
            &self.people,
            &self.numbers,
            &self.persons,
            &self.others,
        ]
    }
}
