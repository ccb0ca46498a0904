//! Claims that wait for a person: found by their indexes in the order in which they are due, and changed by their version.

use domain::{ActorId, ClaimId, PortfolioId, Timestamp};

use super::{NOW, PORTFOLIO, bytes, on_both_engines, open, person, read, write};
use crate::pended::{self, PendedRow};
use crate::testing::Scratch;
use crate::{Store, StoreError};

on_both_engines!(
    they_come_in_the_order_in_which_they_are_due,
    of_two_who_change_one_the_second_finds_it_changed,
);

const SOMEBODY: ActorId = ActorId::from_bytes([7; 16]);

fn row(number: u32) -> PendedRow {
    PendedRow {
        subject: person(number),
        claim: ClaimId::from_bytes(bytes(100 + number)),
        portfolio: PORTFOLIO,
        owner: None,
        since: NOW,
        due: NOW.plus_seconds(i64::from(10 - number)),
        waiting: None,
        version: 1,
    }
}

async fn with_rows(place: &Scratch) -> Store {
    let store = open(place).await;
    let elsewhere = PendedRow { portfolio: PortfolioId::from_bytes([3; 16]), ..row(4) };
    let rows = [row(1), row(2), row(3), elsewhere];
    write(&store, move |unit| pended::insert_many(unit, &rows)).await.unwrap();
    store
}

async fn they_come_in_the_order_in_which_they_are_due(place: &Scratch) {
    let store = with_rows(place).await;
    let list = |after: Option<PendedRow>, limit| {
        read(&store, move |unit| pended::list(unit, PORTFOLIO, after.as_ref(), limit))
    };
    assert_eq!(list(None, 2).await.unwrap(), [row(3), row(2)]);
    assert_eq!(list(Some(row(2)), 2).await.unwrap(), [row(1)]);
    let taken = PendedRow { owner: Some(SOMEBODY), waiting: Some(Timestamp::from_micros(5)), ..row(2) };
    write(&store, move |unit| pended::set(unit, &taken)).await.unwrap();
    let taken = PendedRow { version: 2, ..taken };
    assert_eq!(list(None, 9).await.unwrap(), [row(3), taken, row(1)], "whoever has them");
    let before = |owner| read(&store, move |unit| pended::before(unit, (PORTFOLIO, owner), None, 9));
    assert_eq!(before(None).await.unwrap(), [row(3), row(1)]);
    assert_eq!(before(Some(SOMEBODY)).await.unwrap(), [taken]);
    let stored = read(&store, move |unit| pended::get(unit, taken.subject, taken.claim)).await.unwrap();
    assert_eq!(stored, Some(taken));
    assert_eq!(write(&store, |unit| pended::delete_of_subject(unit, person(2))).await, Ok(1));
    assert!(read(&store, |unit| pended::of_subject(unit, person(2))).await.unwrap().is_empty());
    assert_eq!(read(&store, |unit| pended::of_subject(unit, person(3))).await.unwrap(), [row(3)]);
}

async fn of_two_who_change_one_the_second_finds_it_changed(place: &Scratch) {
    let store = with_rows(place).await;
    let twice = write(&store, |unit| pended::insert_many(unit, &[row(1)])).await;
    assert_eq!(twice, Err(StoreError::Duplicate));
    let taken = PendedRow { owner: Some(SOMEBODY), ..row(1) };
    write(&store, move |unit| pended::set(unit, &taken)).await.unwrap();
    assert_eq!(write(&store, move |unit| pended::set(unit, &taken)).await, Err(StoreError::Changed));
    assert_eq!(write(&store, move |unit| pended::leave(unit, &taken)).await, Err(StoreError::Changed));
    let taken = PendedRow { version: 2, ..taken };
    write(&store, move |unit| pended::leave(unit, &taken)).await.unwrap();
    assert_eq!(write(&store, move |unit| pended::leave(unit, &taken)).await, Err(StoreError::Changed));
    assert_eq!(read(&store, |unit| pended::get(unit, person(1), row(1).claim)).await.unwrap(), None);
    // It may wait again.
    write(&store, |unit| pended::insert_many(unit, &[row(1)])).await.unwrap();
}
