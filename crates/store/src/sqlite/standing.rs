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

/// Subjects that are kept: as many as a hash table of 2^21 places takes before it grows. With 105 bytes a place, 220 MB when
/// full; it grows with those who are there, to 110 MB for 900,000 and 14 MB for 100,000. For one who is not kept the writer,
/// for whom all others wait, asks the tables twice.
const CAPACITY: usize = (1 << 21) / 8 * 7;
/// Conditions kept of a subject besides the newest; the oldest gives way.
const OLDER: usize = 3;

/// Subjects that are read ahead at a time: bounds how long a job that then comes must wait, to some 0.2 ms.
const AHEAD: i64 = 64;
/// Their conditions that are read at most; those left out are asked for when they are needed.
const AHEAD_CONDITIONS: i64 = 512;

/// $1 after which subject, $2 how many.
const SUBJECTS_AHEAD: &str = "SELECT portfolio, notice, kind, law, subject FROM moretus.subject
    WHERE subject > $1 ORDER BY subject LIMIT $2";

/// $1 after which subject, $2 up to which, $3 how many.
const CONDITIONS_AHEAD: &str = "SELECT since, until, condition, object, subject FROM moretus.condition
    WHERE subject > $1 AND subject <= $2 ORDER BY subject LIMIT $3";

/// Reads the version that changes when another connection has committed to the file.
const FILE_VERSION: &str = "PRAGMA moretus.data_version";

/// What a transaction of the writer may rely on.
pub(crate) struct Standings {
    known: HashMap<SubjectId, Standing, RandomState>,
    capacity: usize,
    file_version: i64,
    /// Up to which subject was read ahead since opening, and how many; none when that is done.
    ahead: Option<(SubjectId, usize)>,
    /// Whether it is done, for whoever asks from elsewhere.
    read_ahead: Arc<AtomicBool>,
}

/// What stands for a subject. What is usual is in one place: the first look at it waits for memory once.
struct Standing {
    /// Whether it was asked about since room was last made.
    is_used: bool,
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
            known: HashMap::default(),
            capacity: CAPACITY,
            file_version: file_version(connection)?,
            ahead: Some((SubjectId::from_bytes([0; 16]), 0)),
            read_ahead: Arc::default(),
        })
    }

    /// Becomes true when nothing more is to be read ahead.
    pub(crate) fn done_reading(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.read_ahead)
    }

    /// Reads the next few subjects with what stands for them; false if there was nothing to read. To be called
    /// outside of a transaction. What cannot be read will be asked for when it is needed, and says then why.
    pub(crate) fn read_ahead(&mut self, connection: &Connection) -> bool {
        let Some((last, count)) = self.ahead.take() else { return false };
        if let Ok(found) = snapshot(connection, last) {
            let count = count + found.subjects.len();
            let newest = found.subjects.last().map(|(subject, _)| *subject);
            self.ahead = newest.filter(|_| count < self.capacity).map(|newest| (newest, count));
            self.learn_all(found);
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
                    self.known.remove(subject);
                }
            }
            StandingChange::All => self.forget(),
        }
    }

    /// To be called when a transaction failed: what was found in it may never have been.
    pub(crate) fn forget(&mut self) {
        self.known.clear();
    }

    /// Whether all that an entry rests on is known to stand for this person, whom it is about.
    pub(crate) fn bear(
        &mut self,
        person: SubjectId,
        entry: &NewDisclosure,
        tests: &[ConditionTest],
        now: Timestamp,
    ) -> bool {
        self.known.get_mut(&person).is_some_and(|standing| {
            standing.is_used = true;
            let is_live = |test| standing.live().any(|live| live.bears(test, now));
            entry.fits(&standing.bound) && tests.iter().all(is_live)
        })
    }

    /// Remembers what the transaction found to stand for a subject.
    pub(crate) fn learn(&mut self, subject: SubjectId, bound: Bound, found: &[Live]) {
        if self.known.len() >= self.capacity && !self.known.contains_key(&subject) {
            self.make_room();
        }
        let nothing = Standing { is_used: false, bound, newest: None, older: None };
        let standing = self.known.entry(subject).or_insert(nothing);
        standing.bound = bound;
        for new in found {
            standing.keep(*new);
        }
    }

    /// Drops just over half of the subjects, those first that nobody asked about since this was last done; the table's
    /// order, in which it looks for them, is no order of theirs. With fewer left the table is put in order where it
    /// is; with more it would grow to twice the size.
    fn make_room(&mut self) {
        let mut enough = self.capacity / 2 + 1;
        while enough > 0 && !self.known.is_empty() {
            self.known.retain(|_, standing| {
                let stays = enough == 0 || mem::take(&mut standing.is_used);
                enough -= usize::from(!stays);
                stays
            });
        }
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
    let subjects =
        sqlite_query(&snapshot, "subject", SUBJECTS_AHEAD, &[Param::id(&after), Param::Int(AHEAD)])?
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
mod tests {
    use domain::{Condition, GoverningLaw, GoverningLawSet, PortfolioId, SubjectKind, SubjectKindSet};

    use super::*;
    use crate::schema::{MIGRATIONS, SCHEMAS, Step};

    const PORTFOLIO: PortfolioId = PortfolioId::from_bytes([1; 16]);
    const BOUND: Bound =
        Bound { portfolio: PORTFOLIO, notice: 1, kind: SubjectKind::Member, law: GoverningLaw::Belgium };
    const NOON: Timestamp = Timestamp::from_micros(1_000);

    fn subject(number: u8) -> SubjectId {
        SubjectId::from_bytes([number; 16])
    }

    fn work(number: u8) -> ConditionTest {
        ConditionTest::of(Condition::WorkItem, [number; 16])
    }

    fn live(number: u8) -> Live {
        Live {
            condition: Condition::WorkItem,
            object: [number; 16],
            since: NOON,
            until: NOON.plus_seconds(1),
        }
    }

    fn entry(who: u8, tests: &[ConditionTest]) -> NewDisclosure {
        NewDisclosure {
            subject: subject(who),
            portfolio: PORTFOLIO,
            notice: 1,
            kinds: SubjectKindSet::of(&[SubjectKind::Member]),
            laws: GoverningLawSet::of(&[GoverningLaw::Belgium]),
            tests: tests.to_vec(),
            recipient_tests: Vec::new(),
            register: None,
            body: Vec::new(),
            people: Vec::new(),
        }
    }

    fn bear(standings: &mut Standings, entry: &NewDisclosure, now: Timestamp) -> bool {
        standings.bear(entry.subject, entry, &entry.tests, now)
    }

    fn standings(capacity: usize) -> Standings {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("ATTACH ':memory:' AS moretus").unwrap();
        Standings { capacity, ..Standings::new(&connection).unwrap() }
    }

    #[test]
    fn it_bears_what_was_found_and_only_that() {
        let mut standings = standings(10);
        assert!(!bear(&mut standings, &entry(1, &[]), NOON));
        standings.learn(subject(1), BOUND, &[live(7)]);
        assert!(bear(&mut standings, &entry(1, &[]), NOON));
        assert!(bear(&mut standings, &entry(1, &[work(7)]), NOON));
        assert!(!bear(&mut standings, &entry(1, &[work(7), work(8)]), NOON), "one of two is not enough");
        let either = |one, other| ConditionTest { or: Some([other; 16]), ..work(one) };
        assert!(bear(&mut standings, &entry(1, &[either(8, 7)]), NOON), "either will do");
        assert!(!bear(&mut standings, &entry(1, &[either(8, 9)]), NOON));
        assert!(!bear(&mut standings, &entry(2, &[work(7)]), NOON));
        assert!(!bear(&mut standings, &entry(1, &[work(7)]), Timestamp::from_micros(999)), "not yet");
        assert!(!bear(&mut standings, &entry(1, &[work(7)]), NOON.plus_seconds(1)), "no longer");
        assert!(!bear(&mut standings, &NewDisclosure { notice: 2, ..entry(1, &[]) }, NOON));
        let other = PortfolioId::from_bytes([2; 16]);
        assert!(!bear(&mut standings, &NewDisclosure { portfolio: other, ..entry(1, &[]) }, NOON));
        let kinds = SubjectKindSet::of(&[SubjectKind::Practitioner]);
        assert!(!bear(&mut standings, &NewDisclosure { kinds, ..entry(1, &[]) }, NOON));
        let laws = GoverningLawSet::of(&[GoverningLaw::Ireland]);
        assert!(!bear(&mut standings, &NewDisclosure { laws, ..entry(1, &[]) }, NOON));
    }

    #[test]
    fn a_place_is_as_large_as_the_capacity_was_reckoned_with() {
        assert_eq!(size_of::<(SubjectId, Standing)>(), 104);
    }

    #[test]
    fn a_condition_found_again_is_the_newest_and_takes_no_others_place() {
        let mut standings = standings(10);
        standings.learn(subject(1), BOUND, &[live(1), live(2), live(3), live(4)]);
        standings.learn(subject(1), BOUND, &[live(4), live(1), live(2), live(1)]);
        assert!(bear(&mut standings, &entry(1, &[work(1), work(2), work(3), work(4)]), NOON), "all are kept");
        standings.learn(subject(1), BOUND, &[live(5)]);
        assert!(!bear(&mut standings, &entry(1, &[work(3)]), NOON), "the oldest gives way");
        assert!(bear(&mut standings, &entry(1, &[work(4), work(2), work(1), work(5)]), NOON));
    }

    #[test]
    fn it_keeps_few_conditions_and_few_subjects() {
        let mut standings = standings(3);
        for number in 0..10 {
            standings.learn(subject(1), BOUND, &[live(number)]);
        }
        assert!(!bear(&mut standings, &entry(1, &[work(5)]), NOON));
        assert!(bear(&mut standings, &entry(1, &[work(6), work(9)]), NOON));
        for who in 2..50 {
            standings.learn(subject(who), BOUND, &[]);
            assert!(bear(&mut standings, &entry(1, &[work(9)]), NOON), "who is asked about stays");
            assert!(standings.known.len() <= 3);
        }
        assert!(!bear(&mut standings, &entry(2, &[]), NOON), "who is not goes");
    }

    /// Subjects 1 to `count`, each with work item `number` live, in a database with the real tables.
    fn filled(count: u8) -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        for schema in SCHEMAS {
            connection.execute_batch(&format!("ATTACH ':memory:' AS {schema}")).unwrap();
        }
        for sql in MIGRATIONS.iter().copied().flatten().filter_map(Step::sqlite) {
            connection.execute_batch(&sql).unwrap();
        }
        for who in 1..=count {
            bind(&connection, who);
            hold(&connection, who, who);
        }
        connection
    }

    fn bind(connection: &Connection, who: u8) {
        let row = (*subject(who).bytes(), *PORTFOLIO.bytes(), SubjectKind::Member.code());
        let sql = "INSERT INTO moretus.subject (subject, portfolio, notice, kind, law, version, taken_up) VALUES (?1, ?2, 1, ?3, 2, 1, 0)";
        connection.execute(sql, row).unwrap();
    }

    fn hold(connection: &Connection, who: u8, object: u8) {
        let span = (NOON.micros(), NOON.plus_seconds(1).micros());
        let sql = "INSERT INTO moretus.condition (subject, condition, object, since, until) VALUES (?1, ?2, ?3, ?4, ?5)";
        let row = (*subject(who).bytes(), Condition::WorkItem.code(), [object; 16], span.0, span.1);
        connection.execute(sql, row).unwrap();
    }

    fn read_all(connection: &Connection, capacity: usize) -> Standings {
        let mut standings = Standings { capacity, ..Standings::new(connection).unwrap() };
        while standings.read_ahead(connection) {}
        assert!(standings.done_reading().load(Ordering::Relaxed));
        standings
    }

    #[test]
    fn what_stands_is_read_ahead_and_each_condition_is_its_own_subjects() {
        let connection = filled(200);
        // Of somebody who is not there any more, between two that are.
        connection.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        connection.execute("DELETE FROM moretus.subject WHERE subject = ?1", [[100; 16]]).unwrap();
        let mut standings = read_all(&connection, 1_000);
        for who in (1..=200).filter(|who| *who != 100) {
            assert!(bear(&mut standings, &entry(who, &[work(who)]), NOON), "{who}");
            assert!(!bear(&mut standings, &entry(who, &[work(who - 1)]), NOON), "{who}");
        }
        assert!(!bear(&mut standings, &entry(100, &[]), NOON));
    }

    #[test]
    fn no_more_is_read_ahead_than_is_kept() {
        let mut standings = read_all(&filled(250), 50);
        assert!(standings.known.len() <= 50);
        assert!(!bear(&mut standings, &entry(250, &[]), NOON), "it ended before");
    }

    #[test]
    fn one_with_very_many_conditions_costs_the_others_only_their_look_up() {
        let connection = filled(2);
        for object in 0..=255 {
            if object > 1 {
                hold(&connection, 1, object);
            }
        }
        let mut standings = read_all(&connection, 50);
        assert!(bear(&mut standings, &entry(1, &[work(255)]), NOON), "the last are kept");
        assert!(bear(&mut standings, &entry(2, &[]), NOON));
    }
}
