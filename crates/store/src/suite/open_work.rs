//! Work items without an end: found by an index over these alone, whatever has ended beside them, and ended as they were read.

use domain::{Condition, SubjectId, Timestamp};

use super::{NOW, Scratch, bytes, on_both_engines, person, read, with_people, write};
use crate::condition::{self, ConditionRow, IS_OPEN_WORK, OPEN, open_work_sql};
use crate::value::Param;
use crate::{Location, Store, StoreError};

on_both_engines!(
    they_come_in_order_and_nothing_else_does,
    one_that_was_opened_anew_since_it_was_read_stays_open,
    they_are_read_by_their_index,
);

fn item(of: u32, number: u32) -> ConditionRow {
    let (condition, object) = (Condition::WorkItem, bytes(number));
    ConditionRow { subject: person(of), condition, object, since: NOW, until: None }
}

/// A page's place: the last one's subject and object.
type After = Option<(SubjectId, [u8; 16])>;

async fn page(store: &Store, after: After, limit: usize) -> Vec<ConditionRow> {
    read(store, move |unit| condition::open_work(unit, after, limit)).await.unwrap()
}

async fn they_come_in_order_and_nothing_else_does(place: &Scratch) {
    let store = with_people(place, 4).await;
    let consent = ConditionRow { condition: Condition::ConsentHealth, ..item(1, 50) };
    let for_a_while = ConditionRow { until: Some(NOW.plus_seconds(60)), ..item(1, 51) };
    let mut open: Vec<ConditionRow> =
        (0..4).flat_map(|of| (0..3).map(move |number| item(of, number))).collect();
    let rows = [&open[..], &[consent, for_a_while, item(2, 52)]].concat();
    write(&store, move |unit| condition::set_many(unit, &rows)).await.unwrap();
    let ended = item(2, 52);
    write(&store, move |unit| condition::end(unit, ended.subject, ended.condition, ended.object, NOW))
        .await
        .unwrap();
    open.sort_unstable_by_key(|row| (row.subject, row.object));
    assert_eq!(page(&store, None, 100).await, open);
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let rows = page(&store, after, 5).await;
        let Some(last) = rows.last() else { break };
        after = Some((last.subject, last.object));
        found.extend(rows);
    }
    assert_eq!(found, open);
}

async fn one_that_was_opened_anew_since_it_was_read_stays_open(place: &Scratch) {
    let store = with_people(place, 2).await;
    let (anew, same) = (item(0, 1), item(1, 1));
    let again = ConditionRow { since: NOW.plus_seconds(1), ..anew };
    write(&store, move |unit| condition::set_many(unit, &[anew, same])).await.unwrap();
    write(&store, move |unit| condition::set_many(unit, &[again])).await.unwrap();
    let ended = write(&store, move |unit| {
        let ended = condition::end_as_read(unit, &[anew, same], NOW.plus_seconds(2))?;
        Ok((ended, condition::open_work(unit, None, 9)?))
    });
    let (ended, left) = ended.await.unwrap();
    assert_eq!((ended, left), (1, vec![again]));
}

/// The words of the query are those of the index, and each engine says that it reads by that.
async fn they_are_read_by_their_index(place: &Scratch) {
    let number = |row: ConditionRow| (i64::from(row.condition.code()), OPEN.micros());
    let (condition, open) = number(item(0, 0));
    assert_eq!(IS_OPEN_WORK, format!("condition = {condition} AND until = {open}"));
    let store = with_people(place, 1_000).await;
    let ended = ConditionRow { until: Some(Timestamp::from_micros(1)), ..item(0, 1) };
    let rows: Vec<_> = (0..1_000).map(|of| ConditionRow { subject: person(of), ..ended }).collect();
    write(&store, move |unit| condition::set_many(unit, &[&rows[..], &[item(7, 9)]].concat())).await.unwrap();
    let (explain, column) = match place.location() {
        Location::Sqlite { .. } => ("EXPLAIN QUERY PLAN", 3),
        Location::Postgres { .. } => ("EXPLAIN", 0),
    };
    if matches!(place.location(), Location::Postgres { .. }) {
        write(&store, |unit| unit.execute("ANALYZE moretus.condition", &[])).await.unwrap();
    }
    let plan = read(&store, move |unit| {
        let params = [Param::Bytes(&[]), Param::Bytes(&[]), Param::count(10)];
        let rows = unit.query("plan", &format!("{explain} {}", open_work_sql()), &params)?;
        rows.iter().map(|row| row.text(column).map(str::to_owned)).collect::<Result<Vec<_>, StoreError>>()
    });
    let plan = plan.await.unwrap().join("\n");
    assert!(plan.contains("condition_open_work") && !plan.contains("B-TREE"), "{plan}");
    assert!(!plan.contains("Seq Scan") && !plan.contains("Sort"), "{plan}");
}
