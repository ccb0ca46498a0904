//! What goes wrong outside: too much at once, a full disk, a lost connection, files that are missing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use domain::{SubjectKind, SubjectKindSet};
use tokio::sync::mpsc;

use super::{NOW, PORTFOLIO, bytes, number, on_both_engines, person, read, with_people, write};
use crate::testing::Scratch;
use crate::value::Param;
use crate::{Appended, Location, NewDisclosure, Store, StoreError, Unit, log, subject};

on_both_engines!(
    a_full_queue_answers_busy_and_nothing_acknowledged_is_lost,
    an_answer_means_that_another_connection_sees_it,
    errors_repeat_no_value,
    a_place_without_a_database_says_what_to_do,
);

fn entry(who: u32) -> NewDisclosure {
    NewDisclosure {
        subject: person(who),
        portfolio: PORTFOLIO,
        notice: 1,
        kinds: SubjectKindSet::of(&[SubjectKind::Member]),
        laws: domain::GoverningLawSet::ALL,
        tests: Vec::new(),
        recipient_tests: Vec::new(),
        register: None,
        body: vec![1; 100],
        people: Vec::new(),
    }
}

async fn a_full_queue_answers_busy_and_nothing_acknowledged_is_lost(place: &Scratch) {
    let store = with_people(place, 10).await;
    let postgres = matches!(place.location(), Location::Postgres { .. });
    let (begin, mut begun) = mpsc::unbounded_channel();
    // Whatever fails below drops the sender, which ends the unit too.
    let (release, released) = std::sync::mpsc::channel::<()>();
    let stalling = store.clone();
    let stall = tokio::spawn(async move {
        write(&stalling, move |unit| {
            if postgres {
                // What a commit of disclosures waits for.
                let lock = "SELECT CAST(pg_advisory_xact_lock($1) AS TEXT)";
                unit.query("lock", lock, &[Param::Int(crate::postgres::LOG_LOCK)])?;
            }
            begin.send(()).unwrap();
            let _ = released.recv();
            Ok(())
        })
        .await
    });
    begun.recv().await.unwrap();
    let refused = Arc::new(AtomicUsize::new(0));
    let append = |number: u32| {
        let (store, refused) = (store.clone(), Arc::clone(&refused));
        tokio::spawn(async move {
            let answer = store.append(vec![entry(number % 10)], NOW).await;
            refused.fetch_add(usize::from(answer == Err(StoreError::Busy)), Ordering::SeqCst);
            answer
        })
    };
    let tasks: Vec<_> = (0..20_000).map(append).collect();
    // That many callers found it full. How much waits now is another matter: the engine takes some of it as soon
    // as its connections are there, which may be after the last caller has come.
    let full = async {
        while refused.load(Ordering::SeqCst) < 1_000 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), full).await.unwrap();
    drop(release);
    stall.await.unwrap().unwrap();
    let (mut written, mut busy) = (0, 0);
    for task in tasks {
        match task.await.unwrap() {
            Ok(answers) => written += i64::from(matches!(answers[0], Appended::At(_))),
            Err(error) => {
                assert_eq!(error, StoreError::Busy);
                busy += 1;
            }
        }
    }
    assert!(busy >= 1_000 && written >= 1_000, "{busy} busy, {written} written");
    assert_eq!(number(&store, "SELECT count(*) FROM moretus_log.disclosure").await, written);
    assert_eq!(read(&store, log::pending_count).await.unwrap(), written);
    assert_eq!(store.queue_depth(), 0);
}

/// Group commit answers only after the commit: whoever looks after an answer finds the row.
async fn an_answer_means_that_another_connection_sees_it(place: &Scratch) {
    let store = with_people(place, 10).await;
    let other = Store::open(place.location()).await.unwrap();
    let look = |who: u32| {
        let (store, other) = (store.clone(), other.clone());
        tokio::spawn(async move {
            for _ in 0..20 {
                let answers = store.append(vec![entry(who)], NOW).await.unwrap();
                let Appended::At(at) = answers[0] else { panic!("{answers:?}") };
                let found =
                    read(&other, move |unit| log::entries_at(unit, person(who), &[at])).await.unwrap();
                assert_eq!(found.len(), 1, "an answer came before its commit");
            }
        })
    };
    let tasks: Vec<_> = (0..10).map(look).collect();
    for task in tasks {
        task.await.unwrap();
    }
}

async fn errors_repeat_no_value(place: &Scratch) {
    let store = with_people(place, 1).await;
    // Statements that break a rule of the engine: its message would print the row.
    let broken = [
        "INSERT INTO moretus_log.log_state (name, value) SELECT 'secret-name', NULL FROM moretus.meta",
        "INSERT INTO moretus.meta (name, value) SELECT name, 'secret-name' FROM moretus.meta",
        "SELECT secret_name FROM moretus.meta",
    ];
    for sql in broken {
        let error = write(&store, move |unit| unit.execute(sql, &[])).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
    }
    let row = crate::condition::ConditionRow {
        subject: person(77),
        condition: domain::Condition::ConsentHealth,
        object: bytes(1),
        since: NOW,
        until: None,
    };
    let unknown = write(&store, move |unit| crate::condition::set_many(unit, &[row])).await;
    assert_eq!(unknown, Err(StoreError::NotFound));
}

async fn a_place_without_a_database_says_what_to_do(place: &Scratch) {
    let nowhere = match place.location() {
        Location::Sqlite { directory } => Location::Sqlite { directory: directory.join("none") },
        Location::Postgres { url } => Location::Postgres { url: format!("{url}_none") },
    };
    let error = Store::open(&nowhere).await.unwrap_err();
    assert!(matches!(error, StoreError::OlderDatabase { .. } | StoreError::Unavailable { .. }), "{error}");
}

mod sqlite_alone {
    use super::*;

    /// The name has `sqlite` in it: a full disk is made there by a limit on the file's pages.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_full_disk_changes_nothing_and_the_store_lives() {
        let place = Scratch::sqlite().unwrap();
        let store = with_people(&place, 10).await;
        let limit = |unit: &mut crate::Unit<'_>, pages: i64| {
            unit.query("limit", &format!("PRAGMA moretus_log.max_page_count = {pages}"), &[])?[0].int(0)
        };
        let pages = write(&store, move |unit| limit(unit, 1)).await.unwrap();
        let before = number(&store, "SELECT count(*) FROM moretus_log.disclosure").await;
        let large = NewDisclosure { body: vec![7; 100_000], ..entry(1) };
        assert_eq!(store.append(vec![large.clone()], NOW).await, Err(StoreError::Full));
        let row = large.body.clone();
        let unit = write(&store, move |unit| log::tree::set_state(unit, "large", &row)).await;
        assert_eq!(unit, Err(StoreError::Full));
        assert_eq!(number(&store, "SELECT count(*) FROM moretus_log.disclosure").await, before);
        write(&store, move |unit| limit(unit, pages + 100)).await.unwrap();
        assert!(matches!(store.append(vec![large], NOW).await.unwrap()[0], Appended::At(_)));
    }

    /// A group that fails takes back the consent that one of its units gave, and what another job found of it.
    #[tokio::test(flavor = "multi_thread")]
    async fn what_a_failed_group_found_bears_nothing() {
        let place = Scratch::sqlite().unwrap();
        let store = with_people(&place, 2).await;
        let test = crate::ConditionTest::of(domain::Condition::ConsentHealth, [0; 16]);
        let consented = || NewDisclosure { tests: vec![test], ..entry(1) };
        let (begin, mut begun) = mpsc::unbounded_channel();
        let (release, released) = std::sync::mpsc::channel::<()>();
        let (first, second, third, fourth) = (store.clone(), store.clone(), store.clone(), store.clone());
        let stalled = tokio::spawn(async move {
            write(&first, move |unit| {
                begin.send(()).unwrap();
                let _ = released.recv();
                unit.query("limit", "PRAGMA moretus_log.max_page_count = 1", &[]).map(drop)
            })
            .await
        });
        begun.recv().await.unwrap();
        // All three wait for the writer, in this order, before it goes on.
        let mut consent = std::pin::pin!(write(&second, move |unit| {
            let (condition, object) = (test.condition, test.object);
            let row = crate::condition::ConditionRow {
                subject: person(1),
                condition,
                object,
                since: NOW,
                until: None,
            };
            crate::condition::set_many(unit, &[row])
        }));
        let mut found = std::pin::pin!(third.append(vec![consented()], NOW));
        let large = NewDisclosure { body: vec![7; 100_000], ..entry(0) };
        let mut full = std::pin::pin!(fourth.append(vec![large], NOW));
        assert!(waits(consent.as_mut()).await);
        assert!(waits(found.as_mut()).await);
        assert!(waits(full.as_mut()).await);
        drop(release);
        assert_eq!(consent.await, Err(StoreError::Full));
        assert_eq!(found.await, Err(StoreError::Full));
        assert_eq!(full.await, Err(StoreError::Full));
        assert_eq!(stalled.await.unwrap(), Err(StoreError::Full));
        write(&store, |unit| {
            unit.query("limit", "PRAGMA moretus_log.max_page_count = 1000000", &[]).map(drop)
        })
        .await
        .unwrap();
        let answer = store.append(vec![consented()], NOW).await.unwrap().remove(0);
        assert_eq!(answer, Appended::NotLive(test.condition));
    }

    /// Begins a call; whether it waits for its answer.
    async fn waits(mut call: std::pin::Pin<&mut impl Future>) -> bool {
        std::future::poll_fn(|context| std::task::Poll::Ready(call.as_mut().poll(context).is_pending())).await
    }

    /// Somebody reads the key store (a backup) while a key is destroyed: it is still in the log that the reader
    /// sees. Nobody waits for the reader, and the key's bytes are in no file once it has ended.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_reader_in_the_way_of_a_destroyed_key_holds_up_nobody() {
        let place = Scratch::sqlite().unwrap();
        let store = with_people(&place, 2).await;
        let Location::Sqlite { directory } = place.location() else { panic!() };
        let (category, class) = (domain::Category::Health, domain::RetentionClass::Claims);
        let secret = crate::key::WrappedKey { subject: person(1), category, class, wrapped: vec![0xa7; 64] };
        write(&store, move |unit| crate::key::insert_many(unit, std::slice::from_ref(&secret)))
            .await
            .unwrap();
        let reader = rusqlite::Connection::open(directory.join("keys.db")).unwrap();
        reader.execute_batch("BEGIN; SELECT count(*) FROM data_key").unwrap();
        write(&store, move |unit| crate::key::erase(unit, person(1), category, class, NOW)).await.unwrap();
        assert!(matches!(store.append(vec![entry(1)], NOW).await.unwrap()[0], Appended::At(_)));
        assert!(is_in_a_file(directory), "the reader is not in the way: this proves nothing");
        drop(reader);
        let gone = async {
            while is_in_a_file(directory) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), gone).await.unwrap();
    }

    fn is_in_a_file(directory: &std::path::Path) -> bool {
        ["keys.db", "keys.db-wal"].iter().any(|file| {
            let bytes = std::fs::read(directory.join(file)).unwrap_or_default();
            bytes.windows(64).any(|window| window == [0xa7; 64])
        })
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_missing_key_file_is_noticed_and_nothing_is_made_in_its_place() {
        let place = Scratch::sqlite().unwrap();
        with_people(&place, 1).await.close().await.unwrap();
        let Location::Sqlite { directory } = place.location() else { panic!() };
        std::fs::remove_file(directory.join("keys.db")).unwrap();
        let error = Store::open(place.location()).await.unwrap_err();
        assert!(error.to_string().contains("`keys.db` is missing"), "{error}");
        assert!(!directory.join("keys.db").exists());
        std::fs::write(directory.join("keys.db"), [7; 8_192]).unwrap();
        assert_eq!(Store::open(place.location()).await.unwrap_err(), StoreError::Corrupt { table: "(any)" });
    }
}

mod postgres_alone {
    use super::*;

    /// Each erasure is answered after a vacuum that began once it was committed; those at once share them.
    #[tokio::test(flavor = "multi_thread")]
    async fn no_destroyed_key_stays_in_a_dead_row_and_erasures_at_once_share_a_vacuum() {
        let place = Scratch::postgres().await.unwrap();
        let store = with_people(&place, 33).await;
        let (category, class) = (domain::Category::Health, domain::RetentionClass::Claims);
        let key = move |who| crate::key::WrappedKey {
            subject: person(who),
            category,
            class,
            wrapped: vec![0xa7; 64],
        };
        write(&store, move |unit| crate::key::insert_many(unit, &(0..33).map(key).collect::<Vec<_>>()))
            .await
            .unwrap();
        let erase = |who| {
            let store = store.clone();
            let unit = move |unit: &mut Unit<'_>| crate::key::erase(unit, person(who), category, class, NOW);
            tokio::spawn(async move { write(&store, unit).await })
        };
        let vacuums = "SELECT vacuum_count FROM pg_stat_all_tables WHERE schemaname = 'moretus_keys' AND relname = 'data_key'";
        assert!(erase(0).await.unwrap().unwrap());
        assert_eq!(number(&store, vacuums).await, 1);
        let tasks: Vec<_> = (1..33).map(erase).collect();
        for task in tasks {
            assert!(task.await.unwrap().unwrap());
        }
        let shared = number(&store, vacuums).await - 1;
        assert!((1..32).contains(&shared), "{shared} vacuums");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn after_a_lost_connection_the_store_connects_again() {
        let place = Scratch::postgres().await.unwrap();
        let store = with_people(&place, 10).await;
        store.append(vec![entry(1)], NOW).await.unwrap();
        let kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        for _ in 0..3 {
            let killer = Store::open(place.location()).await.unwrap();
            number(&killer, kill).await;
            let (mut appended, mut read_back) = (false, false);
            for _ in 0..20 {
                match store.append(vec![entry(1)], NOW).await {
                    Ok(answers) => appended |= matches!(answers[0], Appended::At(_)),
                    Err(error) => assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}"),
                }
                match read(&store, |unit| subject::get(unit, person(1))).await {
                    Ok(row) => read_back |= row.is_some(),
                    Err(error) => assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}"),
                }
            }
            assert!(appended && read_back, "the store did not connect again");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_server_that_is_not_there_is_unavailable_and_its_password_is_not_printed() {
        let nowhere = Location::Postgres { url: "postgres://ann:secret@127.0.0.1:1/none".into() };
        let error = Store::open(&nowhere).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
        assert!(!format!("{error:?}{nowhere:?}").contains("secret"));
    }
}
