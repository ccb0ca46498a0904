//! Deliveries of versions of the notice.

use domain::{DeliveryState, SubjectId, Timestamp};

use super::{NOW, PORTFOLIO, on_both_engines, person, read, with_people, write};
use crate::StoreError;
use crate::delivery::{self, DeliveryRow};
use crate::testing::Scratch;

on_both_engines!(
    a_delivery_is_queued_once_and_changes_only_from_its_version,
    what_is_due_comes_in_order_until_it_is_done,
);

fn queued(who: u32) -> DeliveryRow {
    DeliveryRow {
        subject: person(who),
        portfolio: PORTFOLIO,
        notice: 2,
        state: DeliveryState::Queued,
        at: NOW,
        delivered: None,
        is_done: false,
        version: 1,
    }
}

async fn a_delivery_is_queued_once_and_changes_only_from_its_version(place: &Scratch) {
    let store = with_people(place, 5).await;
    let rows: Vec<DeliveryRow> = (0..3).map(queued).collect();
    let again: Vec<DeliveryRow> = (0..5).map(queued).collect();
    assert_eq!(write(&store, move |unit| delivery::insert_missing(unit, &rows)).await, Ok(3));
    assert_eq!(write(&store, move |unit| delivery::insert_missing(unit, &again)).await, Ok(2));
    let sent = DeliveryRow { state: DeliveryState::Sent, delivered: Some(NOW.plus_seconds(9)), ..queued(1) };
    write(&store, move |unit| delivery::replace(unit, &sent)).await.unwrap();
    let late = write(&store, move |unit| delivery::replace(unit, &sent)).await;
    assert_eq!(late, Err(StoreError::Changed), "of two changes from one version one holds");
    let asked: Vec<SubjectId> = [1, 4, 99].map(person).to_vec();
    let found = read(&store, move |unit| delivery::of_subjects(unit, 2, &asked)).await.unwrap();
    assert_eq!(found, [DeliveryRow { version: 2, ..sent }, queued(4)]);
    let counts = read(&store, |unit| delivery::count(unit, PORTFOLIO, 2)).await.unwrap();
    assert_eq!(counts, [(DeliveryState::Queued, 4, 0), (DeliveryState::Sent, 1, 0)]);
}

async fn what_is_due_comes_in_order_until_it_is_done(place: &Scratch) {
    let store = with_people(place, 6).await;
    let at = |seconds: i64| Some(NOW.plus_seconds(seconds));
    let rows: Vec<DeliveryRow> = (0..5)
        .map(|who| DeliveryRow {
            state: DeliveryState::Posted,
            delivered: at(50 - 10 * i64::from(who)),
            ..queued(who)
        })
        .chain([queued(5)])
        .collect();
    write(&store, move |unit| delivery::insert_missing(unit, &rows)).await.unwrap();
    let due = |until: Timestamp, limit| {
        let store = store.clone();
        async move {
            let rows =
                read(&store, move |unit| delivery::due(unit, PORTFOLIO, 2, until, limit)).await.unwrap();
            rows.into_iter().map(|row| row.subject).collect::<Vec<_>>()
        }
    };
    let undelivered = read(&store, |unit| delivery::undelivered(unit, PORTFOLIO, 2, None, 10)).await.unwrap();
    assert_eq!(undelivered, [queued(5)]);
    let after = Some(person(5));
    let rest = read(&store, move |unit| delivery::undelivered(unit, PORTFOLIO, 2, after, 10)).await.unwrap();
    assert_eq!(rest, []);
    assert_eq!(due(NOW, 10).await, []);
    assert_eq!(due(NOW.plus_seconds(30), 10).await, [4, 3, 2].map(person));
    assert_eq!(due(NOW.plus_seconds(1_000), 2).await, [4, 3].map(person));
    let done = DeliveryRow { state: DeliveryState::Posted, delivered: at(10), is_done: true, ..queued(4) };
    write(&store, move |unit| delivery::replace(unit, &done)).await.unwrap();
    assert_eq!(due(NOW.plus_seconds(1_000), 2).await, [3, 2].map(person));
}
