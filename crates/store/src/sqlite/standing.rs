//! What lately stood: bindings and live conditions that the writer has found, kept in its memory, so that the next
//! entry about the same subject need not look them up again; and, after opening, what it reads ahead while nobody
//! waits. It knows only what bears an entry; whatever it does not know is asked of the database, and every refusal
//! comes from there.
//!
//! Nothing is borne by what no longer holds. What a unit of this connection changes is told by the unit itself, which
//! sees every statement (see [`StandingChange`]); what another connection has committed shows in the file's
//! version, read when the transaction that appends has the lock; and a transaction that fails leaves nothing
//! behind. Triggers would tell it too, but cost a savepoint for each statement.

use std::collections::HashMap;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::{Condition, SubjectId, Timestamp};
use foldhash::fast::RandomState;
use rusqlite::Connection;

use crate::StoreError;
use crate::append::{Bound, ConditionTest, NewDisclosure};
use crate::standing_change::StandingChange;
use crate::unit::sqlite_query;
use crate::value::{Param, Row};

/// Subjects in one of two tables: as many as a hash table of 2^20 places takes before it grows. With 97 bytes a place, 204 MB
/// when both are full; they grow with those who are there: 13 MB for 100,000. For one who is not kept the writer, for whom all
/// others wait, asks the database twice.
const CAPACITY: usize = (1 << 20) / 8 * 7;
/// Conditions kept of a subject besides the newest; the oldest gives way.
const OLDER: usize = 3;

/// Subjects that are read ahead at a time: bounds how long a job that then comes must wait, to some 0.2 ms, but where a table
/// grows meanwhile, as it does a few times after opening: the largest moves half a million places.
const AHEAD_SUBJECTS: usize = 64;
/// Their conditions that are read at most; those left out are asked for when they are needed.
const AHEAD_CONDITIONS: i64 = 512;

/// $1 after which subject, $2 how many.
const SUBJECTS_AHEAD: &str = "SELECT portfolio, notice, kind, law, subject FROM moretus.subject
    WHERE subject > $1 ORDER BY subject LIMIT $2";

/// $1 after which subject, $2 up to which, $3 how many are looked at. Those that were ended stay in the table with a negative
/// end, many of who has claims, and would push out what is live.
const CONDITIONS_AHEAD: &str = "SELECT since, until, condition, object, subject FROM
    (SELECT since, until, condition, object, subject FROM moretus.condition
        WHERE subject > $1 AND subject <= $2 ORDER BY subject LIMIT $3)
    WHERE until > 0 ORDER BY subject";

/// Reads the version that changes when another connection has committed to the file.
const FILE_VERSION: &str = "PRAGMA moretus.data_version";

/// What a transaction of the writer may rely on.
pub(crate) struct Standings {
    /// Who was asked about lately.
    recent: Table,
    /// Who was before that. When the first is full and somebody new comes, it takes this one's place: so room is made without
    /// going through either, since everybody waits for the writer.
    former: Table,
    /// Of each of them.
    capacity: usize,
    file_version: i64,
    /// Up to which subject was read ahead since opening; none when that is done.
    ahead: Option<SubjectId>,
    /// Whether it is done and nothing was forgotten since, for whoever asks from elsewhere.
    read_ahead: Arc<AtomicBool>,
}

type Table = HashMap<SubjectId, Standing, RandomState>;

/// What stands for a subject. What is usual is in one place: the first look at it waits for memory once.
struct Standing {
    bound: Bound,
    /// The newest condition.
    newest: Option<Live>,
    /// Those before it, the oldest first; none of most subjects.
    older: Option<Box<[Option<Live>; OLDER]>>,
}

/// A condition from one instant until just before another.
#[derive(Clone, Copy)]
pub(crate) struct Live {
    condition: Condition,
    object: [u8; 16],
    since: Timestamp,
    until: Timestamp,
}

impl Live {
    /// From the row of [`crate::append::CONDITION_LIVE`].
    pub(crate) fn from_row(
        (condition, object): (Condition, [u8; 16]),
        row: &Row,
    ) -> Result<Self, StoreError> {
        Ok(Self { condition, object, since: row.at(0)?, until: row.at(1)? })
    }

    fn is_same(&self, other: &Self) -> bool {
        (self.condition, self.object) == (other.condition, other.object)
    }

    fn bears(&self, test: &ConditionTest, now: Timestamp) -> bool {
        test.is_met_by(self.condition, &self.object) && self.since <= now && now < self.until
    }
}

impl Standings {
    /// Nothing yet.
    pub(crate) fn new(connection: &Connection) -> Result<Self, StoreError> {
        Ok(Self {
            recent: Table::default(),
            former: Table::default(),
            capacity: CAPACITY,
            file_version: file_version(connection)?,
            ahead: Some(SubjectId::from_bytes([0; 16])),
            read_ahead: Arc::default(),
        })
    }

    /// True when nothing more is to be read ahead, until what was known is forgotten: it is not read ahead again.
    pub(crate) fn done_reading(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.read_ahead)
    }

    /// Reads the next few subjects with what stands for them; false if there was nothing to read. To be called
    /// outside of a transaction. What cannot be read will be asked for when it is needed, and says then why.
    pub(crate) fn read_ahead(&mut self, connection: &Connection) -> bool {
        let Some(last) = self.ahead.take() else { return false };
        if let Ok(found) = snapshot(connection, last) {
            let newest = found.subjects.last().map(|(subject, _)| *subject);
            self.learn_all(found);
            // Not so many that those who were read first had to go.
            let has_room = self.former.is_empty() || self.recent.len() + AHEAD_SUBJECTS <= self.capacity;
            self.ahead = newest.filter(|_| has_room);
        }
        self.read_ahead.store(self.ahead.is_none(), Ordering::Relaxed);
        true
    }

    fn learn_all(&mut self, found: Snapshot) {
        if mem::replace(&mut self.file_version, found.file_version) != found.file_version {
            self.forget();
        }
        let mut conditions = found.conditions.into_iter().peekable();
        for (subject, bound) in found.subjects {
            let mut live = Vec::new();
            while let Some((of, condition)) = conditions.next_if(|(of, _)| *of <= subject) {
                if of == subject {
                    live.push(condition);
                }
            }
            self.learn(subject, bound, &live);
        }
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
                    self.recent.remove(subject);
                    self.former.remove(subject);
                }
            }
            StandingChange::All => self.forget(),
        }
    }

    /// To be called when a transaction failed: what was found in it may never have been.
    pub(crate) fn forget(&mut self) {
        // Not cleared: that takes as long as they were large once, and another server may commit all the time.
        (self.recent, self.former) = (Table::default(), Table::default());
        self.read_ahead.store(false, Ordering::Relaxed);
    }

    /// Whether all that an entry rests on is known to stand for this person, whom it is about.
    pub(crate) fn bear(
        &mut self,
        person: SubjectId,
        entry: &NewDisclosure,
        tests: &[ConditionTest],
        now: Timestamp,
    ) -> bool {
        self.known(person).is_some_and(|standing| {
            let is_live = |test| standing.live().any(|live| live.bears(test, now));
            entry.fits(&standing.bound) && tests.iter().all(is_live)
        })
    }

    /// Remembers what the transaction found to stand for a subject.
    pub(crate) fn learn(&mut self, subject: SubjectId, bound: Bound, found: &[Live]) {
        if self.known(subject).is_none() {
            if self.is_full() {
                let empty = Table::with_capacity_and_hasher(self.capacity, RandomState::default());
                self.former = mem::replace(&mut self.recent, empty);
            }
            self.recent.insert(subject, Standing { bound, newest: None, older: None });
        }
        if let Some(standing) = self.known(subject) {
            standing.bound = bound;
            found.iter().for_each(|new| standing.keep(*new));
        }
    }

    /// Whether there is no room among those of lately. A place from which somebody was removed is not always free again: a
    /// table of its full size that has no free one left would double.
    fn is_full(&self) -> bool {
        let count = self.recent.len();
        count >= self.capacity || (count > self.capacity / 2 && count == self.recent.capacity())
    }

    /// What is known of somebody, who is one of those asked about lately from now on where there is room among them.
    fn known(&mut self, subject: SubjectId) -> Option<&mut Standing> {
        if self.recent.contains_key(&subject) {
            return self.recent.get_mut(&subject);
        }
        if self.is_full() {
            return self.former.get_mut(&subject);
        }
        let standing = self.former.remove(&subject)?;
        Some(self.recent.entry(subject).or_insert(standing))
    }
}

impl Standing {
    fn live(&self) -> impl Iterator<Item = &Live> {
        self.newest.iter().chain(self.older.iter().flat_map(|older| older.iter().flatten()))
    }

    fn keep(&mut self, new: Live) {
        let before = self.newest.replace(new).filter(|before| !before.is_same(&new));
        let Some(before) = before else { return };
        let older = self.older.get_or_insert_default();
        // It goes to those before it, in the place of what the new one was there, of none, or of the oldest.
        let same = |known: &Option<Live>| known.is_some_and(|known| known.is_same(&new));
        let place = older.iter().position(same).unwrap_or(0);
        if let Some(newer) = older.get_mut(place..) {
            newer.rotate_left(1);
        }
        if let Some(last) = older.last_mut() {
            *last = Some(before);
        }
    }
}

/// What one snapshot of the database says of the next subjects, in the order of their ids.
struct Snapshot {
    subjects: Vec<(SubjectId, Bound)>,
    conditions: Vec<(SubjectId, Live)>,
    file_version: i64,
}

fn snapshot(connection: &Connection, after: SubjectId) -> Result<Snapshot, StoreError> {
    // Dropped, it rolls back: it has only read.
    let snapshot = connection.unchecked_transaction()?;
    let subjects = sqlite_query(
        &snapshot,
        "subject",
        SUBJECTS_AHEAD,
        &[Param::id(&after), Param::count(AHEAD_SUBJECTS)],
    )?
    .iter()
    .map(|row| Ok((row.id(4)?, Bound::from_row(row)?)))
    .collect::<Result<Vec<(SubjectId, Bound)>, StoreError>>()?;
    let upto = subjects.last().map_or(after, |(subject, _)| *subject);
    let span = [Param::id(&after), Param::id(&upto), Param::Int(AHEAD_CONDITIONS)];
    let conditions = sqlite_query(&snapshot, "condition", CONDITIONS_AHEAD, &span)?
        .iter()
        .map(|row| {
            let of = (row.word(2, Condition::from_code)?, row.array(3)?);
            Ok((row.id(4)?, Live::from_row(of, row)?))
        })
        .collect::<Result<Vec<(SubjectId, Live)>, StoreError>>()?;
    Ok(Snapshot { subjects, conditions, file_version: file_version(&snapshot)? })
}

fn file_version(connection: &Connection) -> Result<i64, StoreError> {
    let rows = sqlite_query(connection, "moretus.db", FILE_VERSION, &[])?;
    rows.first().ok_or_else(|| StoreError::internal("no-row"))?.int(0)
}

#[cfg(test)]
mod tests;
