//! The store's face: open, write, read, append, fetch. It chooses the engine and nothing else.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use domain::{CategorySet, PortfolioId, RecipientId, RecordId, RecordKind, SubjectId, Timestamp};
use tokio::sync::oneshot;
use tokio_postgres::IsolationLevel;

use crate::fetch::{Fetched, FetchedSubject, Standing};
use crate::job::{self, JobRow};
use crate::recipient::Registered;
use crate::reference::ActorRow;
use crate::sqlite::{Job, Sqlite, UnitJob};
use crate::trace::Trace;
use crate::unit::{Engine, Unit};
use crate::{Appended, NewDisclosure, StoreError, postgres, sqlite};

/// Where a database is. Written `sqlite:DIRECTORY` or `postgres://USER@HOST/DATABASE`.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A directory with `moretus.db`, `log.db` and `keys.db`.
    Sqlite {
        /// The directory.
        directory: PathBuf,
    },
    /// A PostgreSQL database with the schemas `moretus`, `moretus_log` and `moretus_keys`.
    Postgres {
        /// The connection's URL; it may hold a password, so nothing prints it.
        url: String,
    },
}

impl FromStr for Location {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres { url: text.to_owned() });
        }
        match text.strip_prefix("sqlite:") {
            Some(directory) if !directory.is_empty() => Ok(Self::Sqlite { directory: directory.into() }),
            // Something else with a user part may hold a password: it is not repeated.
            _ => Err(StoreError::Location {
                found: text.split('@').next_back().unwrap_or_default().to_owned(),
            }),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite { directory } => write!(f, "sqlite:{}", directory.display()),
            Self::Postgres { url } => {
                let place = url.rsplit('@').next().unwrap_or_default();
                let place = place.rsplit("://").next().unwrap_or_default();
                write!(f, "postgres://{}", place.split('?').next().unwrap_or_default())
            }
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A database that is open. Cloning it is cheap; clones share everything.
#[derive(Clone)]
pub struct Store {
    engine: Arc<Kind>,
    trace: Trace,
}

enum Kind {
    Sqlite(Sqlite),
    Postgres(postgres::Postgres),
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self.engine {
            Kind::Sqlite(_) => "Store(sqlite)",
            Kind::Postgres(_) => "Store(postgres)",
        })
    }
}

impl Store {
    /// Opens a database of this program's version; an older or newer one is refused. Needs a tokio runtime.
    pub async fn open(location: &Location) -> Result<Self, StoreError> {
        let engine = match location {
            Location::Sqlite { directory } => Kind::Sqlite(Sqlite::open(directory)?),
            Location::Postgres { url } => Kind::Postgres(postgres::Postgres::open(url).await?),
        };
        Ok(Self { engine: Arc::new(engine), trace: Trace::default() })
    }

    /// Migrates, then opens.
    pub async fn create(location: &Location) -> Result<Self, StoreError> {
        Self::migrate(location).await?;
        Self::open(location).await
    }

    /// Runs a unit of work in one transaction that is durable when this returns `Ok`, and undone when the
    /// closure or the commit fails. The closure may run several times: a transaction that lost against
    /// another runs again. Units behave as if they ran one after the other.
    ///
    /// Errors: the closure's own; [`StoreError::Busy`] when too much waits; what the engine says.
    /// A caller that goes away before the answer does not stop the unit.
    pub async fn write<T, E, F>(&self, unit: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnMut(&mut Unit<'_>) -> Result<T, E> + Send + 'static,
    {
        let unit = self.traced("write", unit);
        match &*self.engine {
            Kind::Postgres(engine) => engine.write(IsolationLevel::Serializable, unit).await,
            Kind::Sqlite(engine) => {
                let (job, answer) = UnitJob::with_answer(unit);
                engine.send(job)?;
                answer.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
            }
        }
    }

    /// Runs reads on one snapshot; the closure may run several times. Writing in it is refused.
    pub async fn read<T, E, F>(&self, unit: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnMut(&mut Unit<'_>) -> Result<T, E> + Send + 'static,
    {
        let mut unit = self.traced("read", unit);
        match &*self.engine {
            Kind::Postgres(engine) => engine.read(unit).await,
            Kind::Sqlite(_) => {
                self.blocking(move |engine| {
                    engine.readers.with(|connection| Ok(unit(&mut Unit::new(Engine::Sqlite(connection)))))
                })
                .await?
            }
        }
    }

    /// Leases those of these jobs, as they were found waiting, that still are, until an instant, durably. Nobody else gets them
    /// before. Answers them by when they are due. A call of its own, since workers that lease at once must not make one another
    /// begin anew.
    pub async fn lease_jobs(
        &self,
        jobs: Vec<JobRow>,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<JobRow>, StoreError> {
        let lease = move |unit: &mut Unit<'_>| job::lease(unit, &jobs, now, until);
        match &*self.engine {
            Kind::Postgres(engine) => engine.write(IsolationLevel::ReadCommitted, lease).await,
            Kind::Sqlite(_) => self.write(lease).await,
        }
    }

    /// Appends entries to the record of disclosures, each tested on its own, all in one commit: what is
    /// answered [`Appended::At`] is durable. At most about 1,000 entries a call; answers are in their order.
    ///
    /// `now` is the instant at which conditions must be live.
    pub async fn append(
        &self,
        entries: Vec<NewDisclosure>,
        now: Timestamp,
    ) -> Result<Vec<Appended>, StoreError> {
        let (reply, answer) = oneshot::channel();
        let given = entries.len();
        match &*self.engine {
            Kind::Postgres(engine) => engine.append(entries, now, reply)?,
            Kind::Sqlite(engine) => {
                engine.send(Job::Append(sqlite::AppendJob { entries, now, outcome: Vec::new(), reply }))?;
            }
        }
        let appended = answer.await.unwrap_or(Err(StoreError::Closed))?;
        self.trace.note(|| {
            let written = appended.iter().filter(|one| matches!(one, Appended::At(_))).count();
            format!("append {given}: {written} written")
        });
        Ok(appended)
    }

    /// The sealed rows of a subject of these kinds (and records, if given), and the keys, within these
    /// categories. On SQLite it is done on the calling thread: some microseconds.
    pub async fn fetch(
        &self,
        subject: SubjectId,
        kinds: &[RecordKind],
        records: Option<&[RecordId]>,
        categories: CategorySet,
    ) -> Result<Fetched, StoreError> {
        self.trace.note(|| "fetch".to_owned());
        match &*self.engine {
            Kind::Postgres(engine) => engine.fetch(subject, kinds, records, categories).await,
            Kind::Sqlite(engine) => engine
                .readers
                .with(|connection| sqlite::reader::fetch(connection, subject, kinds, records, categories)),
        }
    }

    /// The same for many subjects, in their order; one that has nothing is there with nothing.
    pub async fn fetch_many(
        &self,
        subjects: Vec<SubjectId>,
        kinds: &[RecordKind],
        categories: CategorySet,
    ) -> Result<Vec<FetchedSubject>, StoreError> {
        self.trace.note(|| "fetch_many".to_owned());
        match &*self.engine {
            Kind::Postgres(engine) => engine.fetch_many(&subjects, kinds, categories).await,
            Kind::Sqlite(_) => {
                let kinds = kinds.to_vec();
                self.blocking(move |engine| {
                    engine.readers.with(|connection| {
                        let fetch = |subject| {
                            let fetched =
                                sqlite::reader::fetch(connection, subject, &kinds, None, categories)?;
                            Ok(FetchedSubject { subject, fetched })
                        };
                        subjects.into_iter().map(fetch).collect()
                    })
                })
                .await
            }
        }
    }

    /// Where a subject stands; none for an unknown one. On SQLite it is done on the calling thread.
    pub async fn standing(&self, subject: SubjectId) -> Result<Option<Standing>, StoreError> {
        self.trace.note(|| "standing".to_owned());
        match &*self.engine {
            Kind::Postgres(engine) => engine.standing(subject).await,
            Kind::Sqlite(engine) => {
                engine.readers.with(|connection| sqlite::reader::standing(connection, subject))
            }
        }
    }

    /// The actor with this hash of a token; none for an unknown one. On SQLite it is done on the calling thread.
    pub async fn actor_of_token(&self, hash: &[u8; 32]) -> Result<Option<ActorRow>, StoreError> {
        self.trace.note(|| "actor_of_token".to_owned());
        match &*self.engine {
            Kind::Postgres(engine) => engine.actor_of_token(hash).await,
            Kind::Sqlite(engine) => {
                engine.readers.with(|connection| sqlite::reader::actor_of_token(connection, hash))
            }
        }
    }

    /// An organisation of a portfolio's register with its conditions. On SQLite it is done on the calling thread.
    pub async fn registered(
        &self,
        portfolio: PortfolioId,
        recipient: RecipientId,
    ) -> Result<Registered, StoreError> {
        self.trace.note(|| "registered".to_owned());
        match &*self.engine {
            Kind::Postgres(engine) => engine.registered(portfolio, recipient).await,
            Kind::Sqlite(engine) => {
                engine.readers.with(|connection| sqlite::reader::registered(connection, portfolio, recipient))
            }
        }
    }

    /// What it was asked to do since the last time, for tests: statements and calls, without a parameter. Nothing is kept
    /// before the first time.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn take_trace(&self) -> Vec<String> {
        self.trace.take()
    }

    fn traced<T, E, F>(
        &self,
        name: &'static str,
        mut unit: F,
    ) -> impl FnMut(&mut Unit<'_>) -> Result<T, E> + Send + 'static
    where
        F: FnMut(&mut Unit<'_>) -> Result<T, E> + Send + 'static,
    {
        let trace = self.trace.clone();
        move |within| {
            trace.begin();
            let answer = unit(within);
            trace.end(name);
            answer
        }
    }

    /// How much waits to be written.
    #[must_use]
    pub fn queue_depth(&self) -> usize {
        match &*self.engine {
            Kind::Sqlite(engine) => engine.queue_depth(),
            Kind::Postgres(engine) => engine.queue_depth(),
        }
    }

    /// Whether what is read ahead after opening is in memory: from then on the next entry about a subject costs no
    /// look-up, for as many subjects as are kept. PostgreSQL reads nothing ahead.
    #[must_use]
    pub fn has_read_ahead(&self) -> bool {
        match &*self.engine {
            Kind::Sqlite(engine) => engine.has_read_ahead(),
            Kind::Postgres(_) => true,
        }
    }

    /// Finishes what waits and closes the database for every clone.
    pub async fn close(&self) -> Result<(), StoreError> {
        match &*self.engine {
            Kind::Postgres(engine) => engine.close().await,
            Kind::Sqlite(_) => self.blocking(Sqlite::close).await,
        }
    }

    /// Runs something that takes a while on SQLite, off the runtime's own threads.
    async fn blocking<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Sqlite) -> Result<T, StoreError> + Send + 'static,
    {
        let engine = Arc::clone(&self.engine);
        let done = tokio::task::spawn_blocking(move || match &*engine {
            Kind::Sqlite(sqlite) => work(sqlite),
            Kind::Postgres(_) => Err(StoreError::internal("engine")),
        });
        done.await.unwrap_or_else(|_| Err(StoreError::internal("panic")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_read_and_its_password_is_never_printed() {
        let postgres: Location = "postgres://ann:secret@db.example/moretus?x=secret".parse().unwrap();
        assert_eq!(postgres.to_string(), "postgres://db.example/moretus");
        assert!(matches!("sqlite:data".parse(), Ok(Location::Sqlite { .. })));
        let error = "mysql://ann:secret@db/x".parse::<Location>().unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
        assert!("sqlite:".parse::<Location>().is_err());
    }
}
