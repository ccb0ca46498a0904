//! What the writer remembers bears what stands and nothing else, and stays bounded. What it does beside real commits stands in the suite.

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
    Live { condition: Condition::WorkItem, object: [number; 16], since: NOON, until: NOON.plus_seconds(1) }
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
    assert_eq!(size_of::<(SubjectId, Standing)>(), 96);
}

/// As many as both tables take, each with work item `number` live.
fn full() -> Standings {
    let mut standings = standings(56);
    for who in 1..=112 {
        standings.learn(subject(who), BOUND, &[live(who)]);
    }
    standings
}

#[test]
fn as_many_as_both_tables_take_stay_known_whoever_is_asked_about() {
    let mut standings = full();
    for _ in 0..3 {
        for who in 1..=112 {
            assert!(bear(&mut standings, &entry(who, &[work(who)]), NOON), "{who}");
        }
    }
    standings.learn(subject(113), BOUND, &[]);
    let kept = (1..=112).filter(|who| bear(&mut standings, &entry(*who, &[]), NOON)).count();
    assert_eq!(kept, 56, "one more costs one table");
}

#[test]
fn what_is_found_of_somebody_changes_what_is_known_in_either_table() {
    let mut standings = full();
    for who in [1, 112] {
        standings.learn(subject(who), Bound { notice: 2, ..BOUND }, &[live(7)]);
        assert!(!bear(&mut standings, &entry(who, &[]), NOON), "bound anew");
        let newer = NewDisclosure { notice: 2, ..entry(who, &[work(7), work(who)]) };
        assert!(bear(&mut standings, &newer, NOON));
        standings.forget_changed(&StandingChange::Of([subject(who)].into()));
        assert!(!bear(&mut standings, &newer, NOON), "{who} is forgotten");
    }
}

#[test]
fn what_changes_all_the_time_makes_no_table_larger() {
    let mut standings = standings(56);
    for round in 0..40_u8 {
        for who in 0..=255 {
            standings.learn(subject(who), BOUND, &[]);
            if (who ^ round) % 3 == 0 {
                standings.forget_changed(&StandingChange::Of([subject(who)].into()));
            }
            let sizes = (standings.recent.capacity(), standings.former.capacity());
            assert!(sizes.0 <= 56 && sizes.1 <= 56, "{sizes:?} in round {round}");
        }
    }
}

#[test]
fn what_was_ended_pushes_out_nothing_that_is_live() {
    let connection = filled(3);
    for object in 20..40 {
        hold(&connection, 2, object);
        let end = "UPDATE moretus.condition SET until = -until WHERE subject = ?1 AND object = ?2";
        connection.execute(end, ([2; 16], [object; 16])).unwrap();
    }
    let mut standings = read_all(&connection, 56);
    assert!(bear(&mut standings, &entry(2, &[work(2)]), NOON));
    assert!(!bear(&mut standings, &entry(2, &[work(39)]), NOON), "it was ended");
}

#[test]
fn what_is_forgotten_is_not_told_as_read_ahead() {
    let mut standings = read_all(&filled(10), 56);
    standings.forget();
    assert!(!standings.done_reading().load(Ordering::Relaxed));
    assert!(!bear(&mut standings, &entry(1, &[]), NOON));
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
        assert!(standings.recent.len() <= 3 && standings.former.len() <= 3);
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
    let mut standings = read_all(&filled(250), 56);
    assert!(standings.recent.len() <= 56 && standings.former.len() <= 56);
    assert!(bear(&mut standings, &entry(1, &[]), NOON), "who was read first stays");
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
