//! What lately stood: bindings and live conditions that the writer has found, kept in its memory, so that the next
//! entry about the same subject need not look them up again. It knows only what bears an entry; whatever it
//! does not know is asked of the database, and every refusal comes from there.
//!
//! Nothing is borne by what no longer holds. What a unit of this connection changes is told by the unit itself, which
//! sees every statement (see [`StandingChange`]); what another connection has committed shows in the file's
//! version, read when the transaction that appends has the lock; and a transaction that fails leaves nothing
//! behind. Triggers would tell it too, but cost a savepoint for each statement.

use std::collections::HashMap;
use std::mem;

use domain::{SubjectId, Timestamp};
use rusqlite::Connection;

use crate::append::{Bound, ConditionTest, NewDisclosure};
use crate::standing_change::StandingChange;
use crate::unit::sqlite_query;
use crate::{StoreError, value::Row};

/// Subjects of a generation. Two generations of some 200 to 300 bytes a subject are kept: 60 to 90 MB when full.
const GENERATION: usize = 131_072;
/// Conditions kept of a subject; the oldest gives way.
const CONDITIONS: usize = 4;

/// Reads the version that changes when another connection has committed to the file.
const FILE_VERSION: &str = "PRAGMA moretus.data_version";

/// What a transaction of the writer may rely on.
pub(crate) struct Standings {
    /// Those asked about lately.
    young: HashMap<SubjectId, Standing>,
    /// Those asked about before: each moves up when it is asked about, and the rest goes.
    old: HashMap<SubjectId, Standing>,
    generation: usize,
    file_version: i64,
}

/// What stands for a subject.
struct Standing {
    bound: Bound,
    live: Vec<Live>,
}

/// A condition from one instant until just before another.
#[derive(Clone, Copy)]
pub(crate) struct Live {
    test: ConditionTest,
    since: Timestamp,
    until: Timestamp,
}

impl Live {
    /// From the row of [`crate::append::CONDITION_LIVE`].
    pub(crate) fn from_row(test: ConditionTest, row: &Row) -> Result<Self, StoreError> {
        Ok(Self { test, since: row.at(0)?, until: row.at(1)? })
    }

    fn bears(&self, test: &ConditionTest, now: Timestamp) -> bool {
        self.test == *test && self.since <= now && now < self.until
    }
}

impl Standings {
    /// Nothing yet.
    pub(crate) fn new(connection: &Connection) -> Result<Self, StoreError> {
        Ok(Self {
            young: HashMap::new(),
            old: HashMap::new(),
            generation: GENERATION,
            file_version: file_version(connection)?,
        })
    }

    /// To be called when a transaction has the write lock: forgets everything if another connection has committed.
    pub(crate) fn begin(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let found = file_version(connection)?;
        if mem::replace(&mut self.file_version, found) != found {
            self.forget();
        }
        Ok(())
    }

    /// To be called after every unit of work, kept or undone: forgets what it changed.
    pub(crate) fn forget_changed(&mut self, change: &StandingChange) {
        match change {
            StandingChange::Of(subjects) => {
                for subject in subjects {
                    self.young.remove(subject);
                    self.old.remove(subject);
                }
            }
            StandingChange::All => self.forget(),
        }
    }

    /// To be called when a transaction failed: what was found in it may never have been.
    pub(crate) fn forget(&mut self) {
        self.young.clear();
        self.old.clear();
    }

    /// Whether all that an entry rests on is known to stand.
    pub(crate) fn bear(&mut self, entry: &NewDisclosure, now: Timestamp) -> bool {
        if !self.young.contains_key(&entry.subject)
            && let Some(standing) = self.old.remove(&entry.subject)
        {
            self.keep(entry.subject, standing);
        }
        self.young.get(&entry.subject).is_some_and(|Standing { bound, live }| {
            entry.fits(bound) && entry.tests.iter().all(|test| live.iter().any(|live| live.bears(test, now)))
        })
    }

    /// Remembers what the transaction found to stand for a subject.
    pub(crate) fn learn(&mut self, subject: SubjectId, bound: Bound, found: &[Live]) {
        let mut live = self.young.remove(&subject).map_or_else(Vec::new, |known| known.live);
        live.retain(|known| !found.iter().any(|new| new.test == known.test));
        live.extend_from_slice(found);
        live.drain(..live.len().saturating_sub(CONDITIONS));
        self.keep(subject, Standing { bound, live });
    }

    fn keep(&mut self, subject: SubjectId, standing: Standing) {
        if self.young.len() >= self.generation {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(subject, standing);
    }
}

fn file_version(connection: &Connection) -> Result<i64, StoreError> {
    let rows = sqlite_query(connection, "moretus.db", FILE_VERSION, &[])?;
    rows.first().ok_or_else(|| StoreError::internal("no-row"))?.int(0)
}

#[cfg(test)]
mod tests {
    use domain::{Condition, PortfolioId, SubjectKind, SubjectKindSet};

    use super::*;

    const PORTFOLIO: PortfolioId = PortfolioId::from_bytes([1; 16]);
    const BOUND: Bound = Bound { portfolio: PORTFOLIO, notice: 1, kind: SubjectKind::Member };
    const NOON: Timestamp = Timestamp::from_micros(1_000);

    fn subject(number: u8) -> SubjectId {
        SubjectId::from_bytes([number; 16])
    }

    fn work(number: u8) -> ConditionTest {
        ConditionTest { condition: Condition::WorkItem, object: [number; 16] }
    }

    fn live(number: u8) -> Live {
        Live { test: work(number), since: NOON, until: NOON.plus_seconds(1) }
    }

    fn entry(who: u8, tests: &[ConditionTest]) -> NewDisclosure {
        NewDisclosure {
            subject: subject(who),
            portfolio: PORTFOLIO,
            notice: 1,
            kinds: SubjectKindSet::of(&[SubjectKind::Member]),
            tests: tests.to_vec(),
            recipient_tests: Vec::new(),
            register: None,
            body: Vec::new(),
        }
    }

    fn standings(generation: usize) -> Standings {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("ATTACH ':memory:' AS moretus").unwrap();
        Standings { generation, ..Standings::new(&connection).unwrap() }
    }

    #[test]
    fn it_bears_what_was_found_and_only_that() {
        let mut standings = standings(10);
        assert!(!standings.bear(&entry(1, &[]), NOON));
        standings.learn(subject(1), BOUND, &[live(7)]);
        assert!(standings.bear(&entry(1, &[]), NOON));
        assert!(standings.bear(&entry(1, &[work(7)]), NOON));
        assert!(!standings.bear(&entry(1, &[work(7), work(8)]), NOON), "one of two is not enough");
        assert!(!standings.bear(&entry(2, &[work(7)]), NOON));
        assert!(!standings.bear(&entry(1, &[work(7)]), Timestamp::from_micros(999)), "not yet");
        assert!(!standings.bear(&entry(1, &[work(7)]), NOON.plus_seconds(1)), "no longer");
        assert!(!standings.bear(&NewDisclosure { notice: 2, ..entry(1, &[]) }, NOON));
        let other = PortfolioId::from_bytes([2; 16]);
        assert!(!standings.bear(&NewDisclosure { portfolio: other, ..entry(1, &[]) }, NOON));
        let kinds = SubjectKindSet::of(&[SubjectKind::Practitioner]);
        assert!(!standings.bear(&NewDisclosure { kinds, ..entry(1, &[]) }, NOON));
    }

    #[test]
    fn it_keeps_few_conditions_and_few_subjects() {
        let mut standings = standings(3);
        for number in 0..10 {
            standings.learn(subject(1), BOUND, &[live(number)]);
        }
        assert!(!standings.bear(&entry(1, &[work(5)]), NOON));
        assert!(standings.bear(&entry(1, &[work(6), work(9)]), NOON));
        for who in 2..50 {
            standings.learn(subject(who), BOUND, &[]);
            assert!(standings.bear(&entry(1, &[work(9)]), NOON), "who is asked about stays");
            assert!(standings.young.len() <= 3 && standings.old.len() <= 3);
        }
        assert!(!standings.bear(&entry(2, &[]), NOON), "who is not goes");
    }
}
