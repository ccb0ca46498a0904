//! Searching by several words: who is found, and that it costs no more than the rarest of them.

use domain::{Condition, Date, PortfolioId, SponsorId, SubjectId, Timestamp};

use super::{PORTFOLIO, Scratch, on_both_engines, person, read, with_people, write};
use crate::condition::{self, ConditionRow};
use crate::coverage::{self, CoverageRow};
use crate::lookup::{self, LookupRow, Scope, find_all, rarest_first, walk, walked};
use crate::{Location, Store, StoreError};

on_both_engines!(
    who_is_found_has_every_word,
    only_who_is_in_scope_is_found_and_counted,
    only_the_shortest_list_is_walked
);

type Word = (i64, [u8; 32]);

const OTHER: PortfolioId = PortfolioId::from_bytes([8; 16]);
const PEOPLE: u32 = 2_000;
const LIMIT: usize = 20;

/// A word that leads to everybody, one to every seventh, one to every hundredth, one to nobody, and a number that leads
/// to one person alone.
const ALL: Word = (1, [0xee; 32]);
const SEVENTH: Word = (1, [0xaa; 32]);
const HUNDREDTH: Word = (1, [0xcc; 32]);
const NOBODY: Word = (1, [0xbb; 32]);
const NUMBER: Word = (3, [0xdd; 32]);
const OF_NUMBER: u32 = 700;

/// Every third of the people is of another portfolio.
fn is_here(number: u32) -> bool {
    !number.is_multiple_of(3)
}

fn leads(word: Word, to: u32) -> bool {
    match word {
        ALL => true,
        SEVENTH => to.is_multiple_of(7),
        HUNDREDTH => to.is_multiple_of(100),
        NUMBER => to == OF_NUMBER,
        _ => false,
    }
}

fn today() -> Date {
    "2026-11-23".parse().unwrap()
}

/// The whole portfolio.
fn everybody() -> Scope {
    let now = Timestamp::start_of(today());
    Scope { portfolio: PORTFOLIO, sponsors: Vec::new(), today: today(), task: Vec::new(), now }
}

async fn site(place: &Scratch) -> Store {
    let store = with_people(place, PEOPLE).await;
    write(&store, |unit| {
        let mut rows = Vec::new();
        for number in 0..PEOPLE {
            let subject = person(number);
            if !is_here(number) {
                let other: &[u8] = OTHER.bytes();
                let params = [other, subject.bytes()].map(crate::value::Param::Bytes);
                unit.execute("UPDATE moretus.subject SET portfolio = $1 WHERE subject = $2", &params)?;
            }
            let words = [ALL, SEVENTH, HUNDREDTH, NUMBER].into_iter().filter(|word| leads(*word, number));
            rows.extend(words.map(|(kind, token)| LookupRow { token, kind, unique: kind == 3, subject }));
        }
        lookup::insert_many(unit, &rows)
    })
    .await
    .unwrap();
    store
}

async fn who_is_found_has_every_word(place: &Scratch) {
    let store = site(place).await;
    for words in [
        vec![],
        vec![ALL],
        vec![NOBODY],
        vec![NUMBER],
        vec![ALL, SEVENTH],
        vec![SEVENTH, HUNDREDTH, ALL],
        vec![HUNDREDTH, NOBODY, ALL],
        vec![ALL, NUMBER, SEVENTH],
        vec![HUNDREDTH, HUNDREDTH],
        vec![NUMBER, NUMBER],
    ] {
        let matching = |number: &u32| {
            is_here(*number) && !words.is_empty() && words.iter().all(|word| leads(*word, *number))
        };
        let mut expected: Vec<SubjectId> = (0..PEOPLE).filter(matching).map(person).collect();
        expected.sort_unstable();
        expected.truncate(LIMIT);
        let asked = words.clone();
        let found = read(&store, move |unit| find_all(unit, &everybody(), &asked, LIMIT)).await.unwrap();
        assert_eq!(found, expected, "{words:?}");
    }
}

const MILL: SponsorId = SponsorId::from_bytes([0x31; 16]);
const FORGE: SponsorId = SponsorId::from_bytes([0x32; 16]);
const PORT: SponsorId = SponsorId::from_bytes([0x33; 16]);

fn span(number: u32, place: u8, sponsor: SponsorId, days: (&str, Option<&str>)) -> CoverageRow {
    let mut coverage = *person(number).bytes();
    coverage[0] ^= place;
    CoverageRow {
        subject: person(number),
        coverage: domain::CoverageId::from_bytes(coverage),
        portfolio: PORTFOLIO,
        sponsor,
        plan: domain::PlanId::from_bytes([1; 16]),
        holder: person(number),
        start: days.0.parse().unwrap(),
        end: days.1.map(|end| end.parse().unwrap()),
        version: 1,
        currency: domain::Currency::EUR,
        recorded: Timestamp::from_micros(0),
        content: [0; 32],
    }
}

/// Who is not in scope takes nobody's place under the limit: of a hundred before whoever is meant, none.
async fn only_who_is_in_scope_is_found_and_counted(place: &Scratch) {
    let store = site(place).await;
    let here: Vec<u32> = (0..PEOPLE).filter(|number| is_here(*number)).collect();
    // Of the forge: the last of all by their ids, of whom one came from the mill, one left it and one is still to come.
    let mut by_id = here.clone();
    by_id.sort_unstable_by_key(|number| person(*number));
    let (others, last) = by_id.split_at(by_id.len() - 4);
    let [own, came, left, comes] = *last else { panic!("four people") };
    let mut spans: Vec<CoverageRow> =
        others.iter().map(|number| span(*number, 1, MILL, ("2026-01-01", None))).collect();
    spans.extend([
        span(own, 1, FORGE, ("2026-01-01", None)),
        span(came, 1, MILL, ("2025-01-01", Some("2026-06-30"))),
        span(came, 2, FORGE, ("2026-07-01", None)),
        span(left, 1, PORT, ("2024-01-01", Some("2024-12-31"))),
        span(left, 2, FORGE, ("2025-01-01", Some("2025-12-31"))),
        span(comes, 1, MILL, ("2026-01-01", None)),
        span(comes, 2, FORGE, ("2027-01-01", None)),
    ]);
    let task = |number, object, until: Option<Timestamp>| ConditionRow {
        subject: person(number),
        condition: Condition::WorkItem,
        object,
        since: Timestamp::from_micros(0),
        until,
    };
    let (ended, of_team) = (Some(Timestamp::from_micros(1)), [0x42; 16]);
    let tasks = [task(own, [0x41; 16], None), task(came, of_team, None), task(left, [0x41; 16], ended)];
    write(&store, move |unit| {
        coverage::insert_many(unit, &spans)?;
        condition::set_many(unit, &tasks)
    })
    .await
    .unwrap();
    let served = vec![[0x41; 16], of_team];
    for (sponsors, task, expected) in [
        (vec![FORGE], vec![], vec![own, came, left]),
        (vec![FORGE, PORT], vec![], vec![own, came, left]),
        (vec![PORT], vec![], vec![]),
        (vec![], served.clone(), vec![own, came]),
        (vec![MILL], served.clone(), vec![]),
        (vec![FORGE, MILL], vec![of_team], vec![came]),
    ] {
        for words in [vec![ALL], vec![ALL, ALL]] {
            let scope = Scope { sponsors: sponsors.clone(), task: task.clone(), ..everybody() };
            let found = read(&store, move |unit| find_all(unit, &scope, &words, 4)).await.unwrap();
            let mut expected: Vec<SubjectId> = expected.iter().map(|number| person(*number)).collect();
            expected.sort_unstable();
            assert_eq!(found, expected, "{sponsors:?} {task:?}");
        }
    }
}

/// What a walk read, as the engine itself says.
async fn plan(store: &Store, place: &Scratch, words: Vec<Word>, scope: Scope) -> Vec<String> {
    let (explain, column) = match place.location() {
        Location::Sqlite { .. } => ("EXPLAIN QUERY PLAN", 3),
        Location::Postgres { .. } => ("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF)", 0),
    };
    let plan = read(store, move |unit| {
        let sql = format!("{explain} {}", walk(words.len() - 1, &scope));
        let rows = unit.query("plan", &sql, &walked(&words, &scope, LIMIT))?;
        rows.iter().map(|row| row.text(column).map(str::to_owned)).collect::<Result<Vec<_>, StoreError>>()
    });
    plan.await.unwrap()
}

/// The rows that PostgreSQL read at the walked list: those that it let through, and those that it left out.
fn read_of_list(plan: &[String]) -> u64 {
    let number = |line: &String, after: &str| -> Option<u64> {
        let digits = line.split_once(after)?.1;
        digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    };
    let scan = plan.iter().position(|line| line.contains("on lookup rarest")).unwrap();
    let mut own = plan[scan..].iter().take_while(|line| !line.trim_start().starts_with("SubPlan"));
    let left_out = own.find_map(|line| number(line, "Rows Removed by Filter: "));
    number(&plan[scan], "rows=").unwrap() + left_out.unwrap_or(0)
}

async fn only_the_shortest_list_is_walked(place: &Scratch) {
    let store = site(place).await;
    let words = [ALL, SEVENTH, HUNDREDTH];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let asked = order.map(|place| words[place]);
        let found = read(&store, move |unit| rarest_first(unit, &asked)).await.unwrap();
        assert_eq!(found, [HUNDREDTH, SEVENTH, ALL]);
    }
    if matches!(place.location(), Location::Postgres { .. }) {
        write(&store, |unit| unit.execute("ANALYZE moretus.lookup", &[])).await.unwrap();
    }
    // Within a scope, too, what is asked of each is by their id.
    let narrow = Scope { sponsors: vec![MILL, FORGE], task: vec![[0x41; 16], [0x42; 16]], ..everybody() };
    for (words, at_most, scope) in [
        (vec![HUNDREDTH, SEVENTH, ALL], 20, everybody()),
        (vec![ALL], 100, everybody()),
        (vec![NUMBER, ALL], 1, everybody()),
        (vec![HUNDREDTH, ALL], 20, narrow.clone()),
        (vec![NUMBER, ALL], 1, narrow),
    ] {
        let plan = plan(&store, place, words, scope).await;
        match place.location() {
            Location::Sqlite { .. } => {
                assert!(plan[0].contains("SEARCH rarest USING"), "{plan:#?}");
                assert!(
                    !plan.iter().any(|step| step.contains("SCAN") || step.contains("B-TREE")),
                    "{plan:#?}"
                );
                let others = plan.iter().filter(|step| step.contains("SEARCH other"));
                assert!(
                    others.clone().all(|step| step.contains("token=? AND kind=? AND slot=?")),
                    "{plan:#?}"
                );
            }
            Location::Postgres { .. } => {
                assert!(read_of_list(&plan) <= at_most, "{plan:#?}");
                assert!(
                    !plan.iter().any(|step| step.contains("Join") || step.contains("Seq Scan")),
                    "{plan:#?}"
                );
            }
        }
    }
}
