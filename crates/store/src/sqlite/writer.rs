//! The writer: one thread, one connection. What waits shares a commit; nobody is answered before it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rusqlite::Connection;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::{mpsc, oneshot};

use super::append::{AppendJob, Group};
use super::checkpoint::Checkpointer;
use super::standing::Standings;
use crate::StoreError;
use crate::unit::{Engine, Unit};

/// Jobs that share a commit at most: bounds how long the first of them waits.
const JOBS_A_COMMIT: usize = 512;

/// What the writer does for somebody.
pub(crate) enum Job {
    /// A unit of work, in a savepoint of its own.
    Unit(Box<dyn Work>),
    /// Entries of the record of disclosures.
    Append(AppendJob),
}

/// A unit of work with its caller.
pub(crate) trait Work: Send {
    /// Runs it; true when what it did is to stay.
    fn run(&mut self, unit: &mut Unit<'_>) -> bool;
    /// Tells the caller, once the group is committed or not.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

/// A unit of work as a closure.
pub(crate) struct UnitJob<T, E, F> {
    closure: F,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> UnitJob<T, E, F>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
    F: FnMut(&mut Unit<'_>) -> Result<T, E> + Send + 'static,
{
    /// The job, and where its answer will come.
    pub(crate) fn with_answer(closure: F) -> (Job, oneshot::Receiver<Result<T, E>>) {
        let (reply, answer) = oneshot::channel();
        (Job::Unit(Box::new(Self { closure, outcome: None, reply })), answer)
    }
}

impl<T, E, F> Work for UnitJob<T, E, F>
where
    T: Send,
    E: From<StoreError> + Send,
    F: FnMut(&mut Unit<'_>) -> Result<T, E> + Send,
{
    fn run(&mut self, unit: &mut Unit<'_>) -> bool {
        // A defect in one unit must not end the writer: it is undone and its caller is told.
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.closure)(unit)))
            .unwrap_or_else(|_| Err(StoreError::internal("panic").into()));
        self.outcome.insert(outcome).is_ok()
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let Self { outcome, reply, .. } = *self;
        let answer = match (outcome, committed) {
            (Some(Err(own)), _) => Err(own),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (_, Err(error)) => Err(error.into()),
            (None, Ok(())) => Err(StoreError::internal("unit-not-run").into()),
        };
        // A caller that went away loses only the answer.
        let _ = reply.send(answer);
    }
}

/// The thread's work: until every sender is gone and everything that waited is done.
pub(crate) fn run(
    connection: &Connection,
    mut standings: Standings,
    mut jobs: mpsc::Receiver<Job>,
    checkpointer: &Checkpointer,
) {
    while let Some(first) = next_job(connection, &mut standings, &mut jobs) {
        commit_group(connection, &mut standings, first, &mut jobs, checkpointer);
    }
}

/// The next job; while nobody waits, what stands for the next subjects is read ahead.
fn next_job(
    connection: &Connection,
    standings: &mut Standings,
    jobs: &mut mpsc::Receiver<Job>,
) -> Option<Job> {
    loop {
        match jobs.try_recv() {
            Ok(job) => return Some(job),
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) if standings.read_ahead(connection) => {}
            Err(TryRecvError::Empty) => return jobs.blocking_recv(),
        }
    }
}

fn commit_group(
    connection: &Connection,
    standings: &mut Standings,
    first: Job,
    jobs: &mut mpsc::Receiver<Job>,
    checkpointer: &Checkpointer,
) {
    let mut done = Vec::new();
    let mut group = Group::new(connection, standings);
    let mut erased = false;
    let mut committed = execute(connection, "BEGIN IMMEDIATE").and_then(|()| group.begin());
    let mut next = Some(first);
    while let Some(mut job) = next {
        if committed.is_ok() {
            committed = run_job(connection, &mut job, &mut group, &mut erased);
        }
        done.push(job);
        next = if committed.is_ok() && done.len() < JOBS_A_COMMIT { jobs.try_recv().ok() } else { None };
    }
    committed = committed.and_then(|()| group.finish()).and_then(|()| execute(connection, "COMMIT"));
    if committed.is_err() {
        group.forget();
        if !connection.is_autocommit() {
            // What cannot be rolled back ends with the connection; the next BEGIN then fails and says so.
            let _ = execute(connection, "ROLLBACK");
        }
    }
    metrics::histogram!("store_jobs_per_commit").record(done.len() as f64);
    if committed.is_ok() {
        if erased {
            checkpointer.scrub_keys(connection);
        }
        checkpointer.committed();
    }
    for job in done {
        match job {
            Job::Unit(work) => work.answer(committed.clone()),
            Job::Append(append) => append.answer(committed.clone()),
        }
    }
}

/// Runs one job. An error is the whole group's: the transaction is lost or must be given up.
fn run_job(
    connection: &Connection,
    job: &mut Job,
    group: &mut Group<'_>,
    erased: &mut bool,
) -> Result<(), StoreError> {
    let work = match job {
        Job::Append(append) => return append.run(group),
        Job::Unit(work) => work,
    };
    execute(connection, "SAVEPOINT unit")?;
    let mut unit = Unit::new(Engine::Sqlite(connection));
    let keep = work.run(&mut unit);
    group.forget_changed(&unit.standing);
    *erased |= keep && unit.erased;
    if connection.is_autocommit() {
        // A full disk or a failing one: SQLite has rolled everything back by itself.
        return Err(unit.fatal.take().unwrap_or(StoreError::Full));
    }
    if !keep {
        execute(connection, "ROLLBACK TO unit")?;
    }
    execute(connection, "RELEASE unit")
}

fn execute(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    connection.prepare_cached(sql)?.raw_execute()?;
    Ok(())
}
