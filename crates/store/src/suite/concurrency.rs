//! Units of work against one another: versions, leases, idempotency, snapshots, a full queue.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use domain::{ActorId, BatchId, ClaimId, ClaimState, RecordId};

use super::{NOW, PORTFOLIO, bytes, number, on_both_engines, open, person, read, with_people, write};
use crate::claim::{self, ClaimRow};
use crate::idempotency::{self, Idempotency, IdempotencyRow};
use crate::job::{self, JobRow};
use crate::testing::Scratch;
use crate::{Store, StoreError, lease};

on_both_engines!(
    of_two_changes_from_one_version_one_wins,
    units_behave_as_if_one_after_the_other,
    a_unit_that_fails_leaves_nothing,
    a_panic_in_a_unit_leaves_nothing_and_the_store_lives,
    a_job_is_leased_once_by_eight_workers,
    of_two_equal_requests_one_is_new,
    a_read_sees_one_snapshot_and_cannot_write,
    a_lease_is_had_by_one,
    what_is_answered_survives_closing_and_a_closed_store_says_so,
);

fn claim_row(number: u32) -> ClaimRow {
    ClaimRow {
        subject: person(number),
        claim: ClaimId::from_bytes(bytes(number)),
        portfolio: PORTFOLIO,
        state: ClaimState::Received,
        received: "2026-11-23".parse().unwrap(),
        outcome_reason: None,
        content: [0; 32],
        batch: BatchId::from_bytes([0; 16]),
        version: 1,
    }
}

async fn of_two_changes_from_one_version_one_wins(place: &Scratch) {
    let store = with_people(place, 1).await;
    write(&store, |unit| claim::insert_many(unit, &[claim_row(0)])).await.unwrap();
    let duplicate = write(&store, |unit| claim::insert_many(unit, &[claim_row(0)])).await;
    assert_eq!(duplicate, Err(StoreError::Duplicate));
    let change = |state| {
        let (store, row) = (
            store.clone(),
            ClaimRow { state, outcome_reason: Some(domain::OutcomeReason::NoCover), ..claim_row(0) },
        );
        tokio::spawn(async move { write(&store, move |unit| claim::set_states(unit, &[row])).await })
    };
    let outcomes = [change(ClaimState::Adjudicated), change(ClaimState::Pended), change(ClaimState::Refused)];
    let mut wins = 0;
    for outcome in outcomes {
        match outcome.await.unwrap() {
            Ok(()) => wins += 1,
            Err(error) => assert_eq!(error, StoreError::Changed),
        }
    }
    assert_eq!(wins, 1);
    let row = read(&store, |unit| claim::get(unit, person(0), claim_row(0).claim)).await.unwrap().unwrap();
    assert_eq!((row.version, row.outcome_reason), (2, Some(domain::OutcomeReason::NoCover)));
}

/// Each unit reads a sum and writes a row that depends on it: only if they run as if one after the other
/// do the rows count up.
async fn units_behave_as_if_one_after_the_other(place: &Scratch) {
    let store = open(place).await;
    let add = || {
        let store = store.clone();
        tokio::spawn(async move {
            let unit = |unit: &mut crate::Unit<'_>| {
                let count =
                    unit.query("meta", "SELECT count(*) FROM moretus_log.log_state", &[])?[0].int(0)?;
                crate::log::tree::set_state(unit, &format!("row {count}"), &[])
            };
            loop {
                match write(&store, unit).await {
                    Err(StoreError::Busy) => tokio::task::yield_now().await,
                    outcome => return outcome.unwrap(),
                }
            }
        })
    };
    let tasks: Vec<_> = (0..20).map(|_| add()).collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(number(&store, "SELECT count(*) FROM moretus_log.log_state").await, 20);
}

async fn a_unit_that_fails_leaves_nothing(place: &Scratch) {
    let store = with_people(place, 4).await;
    let failed = write(&store, |unit| {
        claim::insert_many(unit, &[claim_row(1), claim_row(2)])?;
        claim::insert_many(unit, &[claim_row(3), claim_row(1)])
    });
    assert_eq!(failed.await, Err(StoreError::Duplicate));
    // One that handles the error goes on with what it did before, on both engines alike.
    let handled = write(&store, |unit| {
        claim::insert_many(unit, &[claim_row(1)])?;
        assert_eq!(claim::insert_many(unit, &[claim_row(1)]), Err(StoreError::Duplicate));
        claim::insert_many(unit, &[claim_row(2)])
    });
    assert_eq!(handled.await, Ok(()));
    assert_eq!(number(&store, "SELECT count(*) FROM moretus.claim").await, 2);
}

async fn a_panic_in_a_unit_leaves_nothing_and_the_store_lives(place: &Scratch) {
    let store = with_people(place, 2).await;
    let failed = write(&store, |unit| {
        claim::insert_many(unit, &[claim_row(1)])?;
        let nothing: Vec<u8> = Vec::new();
        Ok(nothing[unit.narrowed as usize])
    });
    assert_eq!(failed.await, Err(StoreError::internal("panic")));
    assert_eq!(number(&store, "SELECT count(*) FROM moretus.claim").await, 0);
    write(&store, |unit| claim::insert_many(unit, &[claim_row(1)])).await.unwrap();
}

async fn a_job_is_leased_once_by_eight_workers(place: &Scratch) {
    let store = open(place).await;
    let row = |number| JobRow {
        subject: person(number),
        job: RecordId::from_bytes(bytes(number)),
        kind: 1,
        due: NOW.plus_seconds(-i64::from(number)),
        attempts: 0,
    };
    let rows: Vec<JobRow> = (0..200).map(row).collect();
    write(&store, move |unit| job::insert_many(unit, &rows)).await.unwrap();
    let worker = || {
        let store = store.clone();
        tokio::spawn(async move {
            let mut mine: Vec<JobRow> = Vec::new();
            loop {
                let waiting = store.read(|unit| job::waiting(unit, 1, 10, NOW)).await;
                let waiting = waiting.map_err(|error: StoreError| error).unwrap();
                if waiting.is_empty() {
                    return mine;
                }
                match store.lease_jobs(waiting, NOW, NOW.plus_seconds(60)).await {
                    Err(StoreError::Busy) => continue,
                    Ok(leased) => mine.extend(leased),
                    Err(error) => panic!("{error}"),
                }
            }
        })
    };
    let workers: Vec<_> = (0..8).map(|_| worker()).collect();
    let mut seen = HashSet::new();
    for worker in workers {
        for job in worker.await.unwrap() {
            assert!(seen.insert(job.job), "leased twice");
            assert_eq!(job.attempts, 1);
        }
    }
    assert_eq!(seen.len(), 200);
    // When the lease has run out, others get it, and the first worker's end of it no longer counts.
    let later = NOW.plus_seconds(61);
    let waiting: Result<_, StoreError> = store.read(move |unit| job::waiting(unit, 1, 1, later)).await;
    let again = store.lease_jobs(waiting.unwrap(), later, later.plus_seconds(60)).await.unwrap()[0];
    assert_eq!((again.attempts, again.job), (2, row(199).job), "the longest due comes first");
    let late = JobRow { attempts: 1, ..again };
    assert_eq!(write(&store, move |unit| job::done(unit, &[late])).await, Err(StoreError::Changed));
    write(&store, move |unit| job::retry(unit, &again, later.plus_seconds(5))).await.unwrap();
    assert_eq!(write(&store, job::count).await.unwrap(), [(1, 200)]);
}

async fn of_two_equal_requests_one_is_new(place: &Scratch) {
    let store = open(place).await;
    let row = |answer: u8| IdempotencyRow {
        subject: person(1),
        client: ActorId::from_bytes([3; 16]),
        key: [4; 32],
        request_hash: [5; 32],
        answer: vec![answer],
        at: NOW,
    };
    let request = |answer| {
        let (store, row) = (store.clone(), row(answer));
        tokio::spawn(async move { write(&store, move |unit| idempotency::insert(unit, &row)).await.unwrap() })
    };
    let tasks: Vec<_> = (0..16).map(request).collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Idempotency::New).count(), 1);
    let winner = outcomes.iter().position(|outcome| *outcome == Idempotency::New).unwrap() as u8;
    let others = outcomes.iter().filter(|outcome| **outcome == Idempotency::Answered(row(winner))).count();
    assert_eq!(others, 15, "the others get the answer of the one that was new");
}

async fn a_read_sees_one_snapshot_and_cannot_write(place: &Scratch) {
    let store = with_people(place, 2).await;
    let (reading, go_on) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let (seen, wait) = (Arc::clone(&reading), Arc::clone(&go_on));
    let reader = store.clone();
    let counts = tokio::spawn(async move {
        read(&reader, move |unit| {
            let mut count = || unit.query("claim", "SELECT count(*) FROM moretus.claim", &[])?[0].int(0);
            let first = count()?;
            seen.store(1, Ordering::SeqCst);
            while wait.load(Ordering::SeqCst) == 0 {
                std::thread::yield_now();
            }
            Ok((first, count()?))
        })
        .await
        .unwrap()
    });
    while reading.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    write(&store, |unit| claim::insert_many(unit, &[claim_row(1)])).await.unwrap();
    go_on.store(1, Ordering::SeqCst);
    assert_eq!(counts.await.unwrap(), (0, 0));
    assert!(read(&store, |unit| claim::insert_many(unit, &[claim_row(0)])).await.is_err());
    assert_eq!(number(&store, "SELECT count(*) FROM moretus.claim").await, 1);
}

async fn a_lease_is_had_by_one(place: &Scratch) {
    let store = open(place).await;
    let take = |who: u8, seconds: i64| {
        let (store, now) = (store.clone(), NOW.plus_seconds(seconds));
        async move {
            let holder = ActorId::from_bytes([who; 16]);
            write(&store, move |unit| lease::acquire(unit, "sealer", holder, now, now.plus_seconds(10)))
                .await
                .unwrap()
        }
    };
    assert!(take(1, 0).await);
    assert!(!take(2, 5).await);
    assert!(take(1, 5).await, "the holder prolongs it");
    assert!(!take(2, 14).await);
    assert!(take(2, 15).await, "it ran out");
    assert!(!take(1, 16).await);
}

async fn what_is_answered_survives_closing_and_a_closed_store_says_so(place: &Scratch) {
    let store = with_people(place, 300).await;
    let insert = |number| {
        let store = store.clone();
        tokio::spawn(async move {
            write(&store, move |unit| claim::insert_many(unit, &[claim_row(number)])).await
        })
    };
    let first = insert(0);
    let tasks: Vec<_> = (1..300).map(insert).collect();
    first.await.unwrap().unwrap();
    store.close().await.unwrap();
    let mut acknowledged = 1;
    for task in tasks {
        match task.await.unwrap() {
            Ok(()) => acknowledged += 1,
            Err(error) => assert_eq!(error, StoreError::Closed),
        }
    }
    assert_eq!(
        write(&store, |unit| claim::insert_many(unit, &[claim_row(0)])).await,
        Err(StoreError::Closed)
    );
    let store = Store::open(place.location()).await.unwrap();
    assert_eq!(number(&store, "SELECT count(*) FROM moretus.claim").await, acknowledged);
}

mod sqlite_alone {
    use super::*;

    /// A commit to a file has its readers let go of the mapping: what is prolonged every few seconds is in another file than
    /// people's records.
    #[tokio::test(flavor = "multi_thread")]
    async fn taking_a_lease_leaves_the_file_of_records_as_it_was() {
        let place = Scratch::sqlite().unwrap();
        let (store, beside) = (open(&place).await, open(&place).await);
        let version = async || {
            let versions = |unit: &mut crate::Unit<'_>| {
                unit.query("version", "PRAGMA moretus.data_version", &[])?[0].int(0)
            };
            read(&beside, versions).await.unwrap()
        };
        let before = version().await;
        let holder = ActorId::from_bytes([1; 16]);
        let take = move |unit: &mut crate::Unit<'_>| {
            lease::acquire(unit, "sealer", holder, NOW, NOW.plus_seconds(10))
        };
        assert!(write(&store, take).await.unwrap());
        assert_eq!(version().await, before);
        write(&store, |unit| lease::set_meta(unit, "origin", "a")).await.unwrap();
        assert_ne!(version().await, before, "a fact about the site is in it");
    }
}
