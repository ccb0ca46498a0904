//! The PostgreSQL engine: a pool for units and reads, and small ones of their own for the record of
//! disclosures and for what it lets open, so that none waits for another. Lost connections are made anew by the pools.

mod append;
mod fetch;
mod read;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use domain::Timestamp;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio_postgres::{Config, IsolationLevel, NoTls};

#[cfg(test)]
pub(crate) use append::PENDING;

use crate::schema::{MIGRATIONS, SCHEMAS, known_version};
use crate::unit::{Engine, Unit};
use crate::value::Row;
use crate::{Appended, NewDisclosure, StoreError};

/// Connections for units and reads.
const UNIT_CONNECTIONS: usize = 24;
/// Connections, and so commits under way, for the record of disclosures.
const APPEND_CONNECTIONS: usize = 3;
/// Callers that may wait for the record of disclosures, and for what it lets them open.
const APPEND_QUEUE: usize = 8_192;
const FETCH_QUEUE: usize = 8_192;
/// Connections, and so statements under way, for what is opened: with more of them fewer callers share a statement.
const FETCH_CONNECTIONS: usize = 2;
/// Units and reads that may wait for a connection.
const WAITING_UNITS: usize = 8_192;
/// How often a unit that loses against others runs again before its caller is told to.
const ATTEMPTS: u32 = 20;

/// Lets go of the dead rows of destroyed keys, and of what keys were wrapped by before.
const VACUUM: &str = "VACUUM moretus_keys.data_key, moretus_keys.site_key";

/// For statements with whole columns as parameters: the server would plan them anew each time that the columns are of another
/// length, for as long as some of them take.
const PLANNED_ONCE: &str = "-c plan_cache_mode=force_generic_plan";

/// The advisory lock between disclosures (shared) and what narrows them: see [`Postgres::barrier`].
pub(crate) const LOG_LOCK: i64 = 0x6d6f_7265_7475_7331;

/// The engine.
pub(crate) struct Postgres {
    units: Pool,
    log: Pool,
    appends: mpsc::Sender<append::Waiting>,
    opened: Pool,
    fetches: mpsc::Sender<fetch::Waiting>,
    vacuum: Arc<Vacuum>,
}

/// Letting go of dead rows. A vacuum serves everybody whose erasure was committed before it began: those who wait for one
/// under way share the next.
#[derive(Default)]
struct Vacuum {
    /// How many erasures were committed.
    erasures: AtomicU64,
    /// How many of them a vacuum served.
    served: Mutex<u64>,
}

impl Vacuum {
    /// Waits until a vacuum that began after this call has ended; runs it, unless somebody else does.
    async fn after_erasure(&self, client: &Object) -> Result<(), tokio_postgres::Error> {
        let own = self.erasures.fetch_add(1, Ordering::SeqCst) + 1;
        let mut served = self.served.lock().await;
        if *served < own {
            let committed = self.erasures.load(Ordering::SeqCst);
            client.batch_execute(VACUUM).await?;
            *served = committed;
        }
        Ok(())
    }
}

/// The pool's connections. Every statement here is meant to run by an index: a plan made while a table was
/// empty must not read it whole later. JIT costs more than any of these statements. A commit is durable when
/// it answers, whatever the role or the address says: data opens on it.
fn pool(url: &str, size: usize, options: &str) -> Result<Pool, StoreError> {
    let mut config: Config =
        url.parse().map_err(|_| StoreError::Location { found: "postgres://...".into() })?;
    let given = config.get_options().unwrap_or_default().to_owned();
    config.options(format!(
        "{given} -c search_path=moretus,moretus_log,moretus_keys -c enable_seqscan=off -c jit=off \
         -c synchronous_commit=on {options}"
    ));
    config.application_name("moretus");
    config.connect_timeout(Duration::from_secs(5));
    let manager =
        Manager::from_config(config, NoTls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
    Pool::builder(manager)
        .max_size(size)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(Duration::from_secs(10)))
        .create_timeout(Some(Duration::from_secs(10)))
        .build()
        .map_err(|_| StoreError::internal("postgres-pool"))
}

impl Postgres {
    pub(crate) async fn open(url: &str) -> Result<Self, StoreError> {
        let units = pool(url, UNIT_CONNECTIONS, "")?;
        crate::migrate::check(version(&units.get().await?).await?)?;
        let log = pool(url, APPEND_CONNECTIONS, PLANNED_ONCE)?;
        let (appends, waiting) = mpsc::channel(APPEND_QUEUE);
        tokio::spawn(append::run(log.clone(), waiting));
        let opened = pool(url, FETCH_CONNECTIONS, PLANNED_ONCE)?;
        let (fetches, waiting) = mpsc::channel(FETCH_QUEUE);
        tokio::spawn(fetch::run(opened.clone(), waiting));
        Ok(Self { units, log, appends, opened, fetches, vacuum: Arc::default() })
    }

    async fn connection(&self) -> Result<Object, StoreError> {
        if self.units.status().waiting > WAITING_UNITS {
            return Err(StoreError::Busy);
        }
        Ok(self.units.get().await?)
    }

    pub(crate) async fn write<T, E, F>(&self, level: IsolationLevel, mut unit: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnMut(&mut Unit<'_>) -> Result<T, E> + Send + 'static,
    {
        let mut client = self.connection().await?;
        let (runtime, vacuum) = (Handle::current(), Arc::clone(&self.vacuum));
        let work = move || {
            for attempt in 0..ATTEMPTS {
                match run(&mut client, &runtime, level, &vacuum, &mut unit)? {
                    Ran::Done(answer) => return answer,
                    Ran::Lost => runtime.block_on(tokio::time::sleep(pause(attempt))),
                }
            }
            Err(StoreError::Busy.into())
        };
        tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(StoreError::internal("panic").into()))
    }

    pub(crate) async fn read<T, E, F>(&self, mut unit: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnMut(&mut Unit<'_>) -> Result<T, E> + Send + 'static,
    {
        let mut client = self.connection().await?;
        let runtime = Handle::current();
        let work = move || {
            let builder =
                client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
            let transaction = runtime.block_on(builder.start()).map_err(StoreError::from)?;
            unit(&mut Unit::new(Engine::Postgres { transaction: &transaction, runtime: runtime.clone() }))
        };
        tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(StoreError::internal("panic").into()))
    }

    pub(crate) fn append(
        &self,
        entries: Vec<NewDisclosure>,
        now: Timestamp,
        reply: oneshot::Sender<Result<Vec<Appended>, StoreError>>,
    ) -> Result<(), StoreError> {
        self.appends.try_send(append::Waiting { entries, now, reply }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => StoreError::Busy,
            mpsc::error::TrySendError::Closed(_) => StoreError::Closed,
        })
    }

    pub(crate) fn queue_depth(&self) -> usize {
        let (appends, fetches) = (&self.appends, &self.fetches);
        let queued =
            appends.max_capacity() - appends.capacity() + fetches.max_capacity() - fetches.capacity();
        queued + self.units.status().waiting
    }

    pub(crate) async fn close(&self) -> Result<(), StoreError> {
        // The log's connections are had only when no commit is under way.
        let mut all = Vec::new();
        for _ in 0..APPEND_CONNECTIONS {
            all.push(self.log.get().await?);
        }
        self.log.close();
        self.opened.close();
        self.units.close();
        Ok(())
    }
}

/// How long a unit that lost waits before it runs again: 1, 2, 4 ... 64 ms.
fn pause(attempt: u32) -> Duration {
    Duration::from_millis(1 << attempt.min(6))
}

enum Ran<T, E> {
    Done(Result<T, E>),
    Lost,
}

/// Runs a unit once. On a blocking thread.
fn run<T, E: From<StoreError>>(
    client: &mut Object,
    runtime: &Handle,
    level: IsolationLevel,
    vacuum: &Vacuum,
    unit: &mut impl FnMut(&mut Unit<'_>) -> Result<T, E>,
) -> Result<Ran<T, E>, StoreError> {
    let transaction = runtime.block_on(client.build_transaction().isolation_level(level).start())?;
    let mut work = Unit::new(Engine::Postgres { transaction: &transaction, runtime: runtime.clone() });
    let outcome = unit(&mut work);
    let Unit { again, narrowed, erased, .. } = work;
    if again {
        runtime.block_on(transaction.rollback())?;
        return Ok(Ran::Lost);
    }
    if outcome.is_err() {
        runtime.block_on(transaction.rollback())?;
        return Ok(Ran::Done(outcome));
    }
    if let Err(error) = runtime.block_on(transaction.commit()) {
        return if crate::error::must_run_again(&error) { Ok(Ran::Lost) } else { Err(error.into()) };
    }
    if narrowed {
        runtime.block_on(barrier(client))?;
    }
    if erased && let Err(error) = runtime.block_on(vacuum.after_erasure(client)) {
        tracing::warn!(error = %StoreError::from(error), "destroyed keys stay in dead rows until the next vacuum");
    }
    Ok(Ran::Done(outcome))
}

/// Waits until every disclosure that may have been tested before the last commit is written or refused.
///
/// A commit of disclosures holds the lock shared from before its tests to its end. Having the lock
/// exclusively for a moment therefore means: whatever is tested from now on sees the withdrawal. It is had
/// after the commit and let go at once, so that no row lock is written for each disclosure, and it holds for
/// every server on this database.
async fn barrier(client: &Object) -> Result<(), StoreError> {
    let statement = client.prepare_cached("SELECT CAST(pg_advisory_xact_lock($1) AS TEXT)").await?;
    client.query(&statement, &[&LOG_LOCK]).await?;
    Ok(())
}

async fn version(client: &Object) -> Result<i64, StoreError> {
    let exists = client.query("SELECT 1::bigint WHERE to_regclass('moretus.meta') IS NOT NULL", &[]).await?;
    if exists.is_empty() {
        return Ok(0);
    }
    let rows = client.query(crate::migrate::READ_VERSION, &[]).await?;
    let row = rows.first().map(|row| Row::of_postgres("meta", row));
    crate::migrate::version_of(row.as_ref())
}

/// Brings the database to the known version, one transaction a version; two that do so at once take turns.
pub(crate) async fn migrate(url: &str) -> Result<i64, StoreError> {
    let pool = pool(url, 1, "")?;
    let mut client = pool.get().await?;
    client.query("SELECT CAST(pg_advisory_lock($1) AS TEXT)", &[&LOG_LOCK]).await?;
    let from = version(&client).await?;
    if from > known_version() {
        return Err(StoreError::NewerDatabase { found: from, known: known_version() });
    }
    for (number, steps) in (1_i64..).zip(MIGRATIONS).filter(|(number, _)| *number > from) {
        let transaction = client.transaction().await?;
        for schema in SCHEMAS {
            transaction.batch_execute(&format!("CREATE SCHEMA IF NOT EXISTS {schema}")).await?;
        }
        for step in *steps {
            transaction.batch_execute(&step.postgres()).await?;
        }
        transaction.execute(crate::migrate::WRITE_VERSION, &[&number.to_string()]).await?;
        transaction.commit().await?;
    }
    // The connection ends here, and the lock with it.
    Ok(from)
}
