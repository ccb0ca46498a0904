//! Messages to the officer: written once, taken by one, put off, and sent once for all.

use domain::{OfficerMessageKind, PortfolioId, WorkItemId};

use super::{NOW, PORTFOLIO, bytes, on_both_engines, open, read, write};
use crate::officer_message::{self, OfficerMessageRow};
use crate::testing::Scratch;
use crate::{Store, StoreError};

on_both_engines!(
    a_message_waits_is_put_off_when_taken_and_is_over_when_sent,
    a_message_is_taken_by_one_of_eight,
    a_message_is_written_once,
    what_a_clock_that_was_ahead_put_off_may_be_taken,
    the_oldest_that_waits_is_found_over_all_portfolios,
);

const KIND: OfficerMessageKind = OfficerMessageKind::EmergencyOpened;

async fn with(place: &Scratch, count: u32) -> Store {
    let store = open(place).await;
    write(&store, move |unit| {
        (0..count).try_for_each(|one| {
            officer_message::insert(unit, KIND, WorkItemId::from_bytes(bytes(one)), PORTFOLIO, NOW)
        })
    })
    .await
    .unwrap();
    store
}

/// The furthest that anything is put off here.
const FURTHEST_SECONDS: i64 = 30;

async fn due(store: &Store, seconds: i64) -> Vec<OfficerMessageRow> {
    let (now, latest) = (NOW.plus_seconds(seconds), NOW.plus_seconds(seconds + FURTHEST_SECONDS));
    read(store, move |unit| officer_message::due(unit, PORTFOLIO, (now, latest), 10)).await.unwrap()
}

async fn a_message_waits_is_put_off_when_taken_and_is_over_when_sent(place: &Scratch) {
    let store = with(place, 1).await;
    assert!(due(&store, -1).await.is_empty());
    let row = due(&store, 0).await[0];
    assert_eq!((row.attempts, row.at, row.due, row.sent), (0, NOW, NOW, None));
    let taken =
        write(&store, move |unit| officer_message::take(unit, &row, NOW.plus_seconds(20))).await.unwrap();
    assert_eq!((taken.attempts, taken.due), (1, NOW.plus_seconds(20)));
    assert!(due(&store, 19).await.is_empty());
    assert_eq!(due(&store, 20).await, [taken]);
    // Whoever holds an older state of it changes nothing.
    for late in [
        write(&store, move |unit| officer_message::take(unit, &row, NOW).map(drop)).await,
        write(&store, move |unit| officer_message::retry(unit, &row, NOW)).await,
    ] {
        assert!(matches!(late, Err(StoreError::Changed)), "{late:?}");
    }
    write(&store, move |unit| officer_message::retry(unit, &taken, NOW.plus_seconds(5))).await.unwrap();
    assert_eq!(due(&store, 5).await.len(), 1);
    // But that it was sent is so, whoever says it.
    write(&store, move |unit| officer_message::sent(unit, &row, NOW.plus_seconds(6))).await.unwrap();
    write(&store, move |unit| officer_message::sent(unit, &row, NOW.plus_seconds(9))).await.unwrap();
    assert!(due(&store, 3_600).await.is_empty());
    let all = |with_sent| read(&store, move |unit| officer_message::of_portfolio(unit, PORTFOLIO, with_sent));
    assert!(all(false).await.unwrap().is_empty());
    assert_eq!(all(true).await.unwrap()[0].sent, Some(NOW.plus_seconds(6)));
    let elsewhere = PortfolioId::from_bytes(bytes(3));
    let others = read(&store, move |unit| officer_message::of_portfolio(unit, elsewhere, true)).await;
    assert!(others.unwrap().is_empty());
}

async fn a_message_is_taken_by_one_of_eight(place: &Scratch) {
    let store = with(place, 1).await;
    let row = due(&store, 0).await[0];
    let eight = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            write(&store, move |unit| officer_message::take(unit, &row, NOW.plus_seconds(20))).await.is_ok()
        })
    });
    let mut taken = 0;
    for one in eight.collect::<Vec<_>>() {
        taken += u32::from(one.await.unwrap());
    }
    assert_eq!(taken, 1);
}

async fn a_message_is_written_once(place: &Scratch) {
    let store = with(place, 2).await;
    assert_eq!(due(&store, 0).await.len(), 2);
    let item = WorkItemId::from_bytes(bytes(1));
    let again = write(&store, move |unit| officer_message::insert(unit, KIND, item, PORTFOLIO, NOW)).await;
    assert!(matches!(again, Err(StoreError::Duplicate)), "{again:?}");
}

async fn what_a_clock_that_was_ahead_put_off_may_be_taken(place: &Scratch) {
    let store = with(place, 2).await;
    let rows = due(&store, 0).await;
    let (first, second) = (rows[0], rows[1]);
    let until = |seconds| NOW.plus_seconds(seconds);
    write(&store, move |unit| officer_message::take(unit, &first, until(FURTHEST_SECONDS))).await.unwrap();
    let ahead = write(&store, move |unit| officer_message::take(unit, &second, until(FURTHEST_SECONDS + 1)));
    let ahead = ahead.await.unwrap();
    assert_eq!(due(&store, 0).await, [ahead], "what is put off as far as anything is waits until then");
    write(&store, move |unit| officer_message::take(unit, &ahead, until(FURTHEST_SECONDS))).await.unwrap();
    assert!(due(&store, 0).await.is_empty(), "who takes it puts it off by a clock that is right");
    // Written by that clock, it waits no longer than that.
    let item = WorkItemId::from_bytes(bytes(7));
    write(&store, move |unit| officer_message::insert(unit, KIND, item, PORTFOLIO, until(86_400)))
        .await
        .unwrap();
    assert_eq!(due(&store, 0).await.iter().map(|row| row.item).collect::<Vec<_>>(), [item]);
}

async fn the_oldest_that_waits_is_found_over_all_portfolios(place: &Scratch) {
    let store = with(place, 1).await;
    let elsewhere = PortfolioId::from_bytes(bytes(3));
    write(&store, move |unit| {
        let item = WorkItemId::from_bytes(bytes(9));
        officer_message::insert(unit, KIND, item, elsewhere, NOW.plus_seconds(-5))
    })
    .await
    .unwrap();
    for (portfolio, since) in [(elsewhere, -5), (PORTFOLIO, 0)] {
        let oldest = read(&store, officer_message::oldest_waiting).await.unwrap();
        assert_eq!(oldest, Some(NOW.plus_seconds(since)));
        write(&store, move |unit| {
            let rows = officer_message::of_portfolio(unit, portfolio, false)?;
            rows.iter().try_for_each(|row| officer_message::sent(unit, row, NOW))
        })
        .await
        .unwrap();
    }
    assert_eq!(read(&store, officer_message::oldest_waiting).await.unwrap(), None);
}
