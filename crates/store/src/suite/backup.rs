//! Backup while others write, and restoring to either engine.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::{Category, RetentionClass, SubjectKind, SubjectKindSet};

use super::{NOW, PORTFOLIO, number, on_both_engines, open, person, read, with_people, write};
use crate::key::WrappedKey;
use crate::subject::SubjectRow;
use crate::tables::TABLES;
use crate::testing::Scratch;
use crate::{Appended, NewDisclosure, Store, StoreError, backup, key, lease, log, subject};

on_both_engines!(
    a_backup_under_load_is_of_one_moment_and_restores_to_both_engines,
    nothing_is_restored_over_rows_and_no_backup_is_replaced,
    every_row_of_every_table_comes_back,
    a_fault_of_a_backups_file_names_the_file,
);

/// The two folders of a backup.
fn folders() -> (Scratch, Scratch) {
    (Scratch::sqlite().unwrap(), Scratch::sqlite().unwrap())
}

fn path(folder: &Scratch) -> &std::path::Path {
    match folder.location() {
        crate::Location::Sqlite { directory } => directory,
        crate::Location::Postgres { .. } => panic!("a folder"),
    }
}

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
        body: vec![7; 50],
        people: Vec::new(),
    }
}

/// One more subject with its key, and an entry about it.
async fn add(store: &Store, who: u32) {
    let row = SubjectRow {
        subject: person(who),
        portfolio: PORTFOLIO,
        kind: SubjectKind::Member,
        law: domain::GoverningLaw::Belgium,
        notice: 1,
        version: 1,
        taken_up: domain::Timestamp::from_micros(0),
    };
    let key = WrappedKey {
        subject: person(who),
        category: Category::Health,
        class: RetentionClass::Claims,
        wrapped: vec![who.to_be_bytes()[3]; 64],
    };
    write(store, move |unit| key::insert_many(unit, std::slice::from_ref(&key)).map(drop)).await.unwrap();
    write(store, move |unit| subject::insert_many(unit, &[row])).await.unwrap();
    assert!(matches!(store.append(vec![entry(who)], NOW).await.unwrap()[..], [Appended::At(_)]));
}

const SUBJECTS: &str = "SELECT count(*) FROM moretus.subject";
const ENTRIES: &str = "SELECT count(*) FROM moretus_log.disclosure";
const PENDING: &str = "SELECT CAST(coalesce(sum(count), 0) AS BIGINT) FROM moretus_log.log_pending";
const WITHOUT_KEY: &str = "SELECT count(*) FROM moretus.subject s
    WHERE NOT EXISTS (SELECT 1 FROM moretus_keys.data_key k WHERE k.subject = s.subject)";

async fn a_backup_under_load_is_of_one_moment_and_restores_to_both_engines(place: &Scratch) {
    let store = open(place).await;
    for who in 0..50 {
        add(&store, who).await;
    }
    write(&store, |unit| lease::set_meta(unit, backup::LOG, "a log")).await.unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let (writing, stopped) = (store.clone(), Arc::clone(&stop));
    let load = tokio::spawn(async move {
        let mut who = 50;
        while !stopped.load(Ordering::SeqCst) {
            add(&writing, who).await;
            who += 1;
        }
        who
    });
    let (data, keys) = folders();
    let before = number(&store, SUBJECTS).await;
    let copied = store.backup(path(&data), path(&keys)).await.unwrap();
    stop.store(true, Ordering::SeqCst);
    assert!(copied.rows > 100 && copied.key_rows >= 50, "{copied:?}");
    let written = load.await.unwrap();

    for target in [Scratch::sqlite().unwrap(), Scratch::postgres().await.unwrap()] {
        let (restored, _) = Store::restore(target.location(), path(&data), path(&keys)).await.unwrap();
        let subjects = number(&restored, SUBJECTS).await;
        assert!(subjects >= before && subjects <= i64::from(written), "{before} {subjects} {written}");
        assert_eq!(number(&restored, WITHOUT_KEY).await, 0, "data without its key");
        assert_eq!(
            number(&restored, ENTRIES).await,
            number(&restored, PENDING).await,
            "entries of one moment"
        );
        let facts = |unit: &mut crate::Unit<'_>| {
            Ok((lease::meta(unit, backup::LOG)?, lease::meta(unit, backup::RESTORED_LOG)?))
        };
        assert_eq!(read(&restored, facts).await.unwrap(), (None, Some("a log".to_owned())));
        // It goes on: the next group has a number of its own.
        let count = number(&restored, ENTRIES).await;
        assert!(matches!(restored.append(vec![entry(1)], NOW).await.unwrap()[..], [Appended::At(_)]));
        assert_eq!(
            read(&restored, |unit| log::pending(unit, 1_000_000))
                .await
                .unwrap()
                .iter()
                .map(|batch| batch.entries.len())
                .sum::<usize>(),
            usize::try_from(count).unwrap() + 1
        );
        restored.close().await.unwrap();
    }
    store.close().await.unwrap();
}

async fn nothing_is_restored_over_rows_and_no_backup_is_replaced(place: &Scratch) {
    let store = with_people(place, 3).await;
    let (data, keys) = folders();
    store.backup(path(&data), path(&keys)).await.unwrap();
    assert_eq!(store.backup(path(&data), path(&keys)).await, Err(StoreError::Duplicate));
    store.close().await.unwrap();
    let refused = Store::restore(place.location(), path(&data), path(&keys)).await;
    assert_eq!(refused.unwrap_err(), StoreError::Duplicate);
    std::fs::remove_file(path(&keys).join("keys.db")).unwrap();
    let empty = Scratch::sqlite().unwrap();
    let refused = Store::restore(empty.location(), path(&data), path(&keys)).await;
    assert!(refused.unwrap_err().to_string().contains("keys.db"));
}

async fn every_row_of_every_table_comes_back(place: &Scratch) {
    let store = open(place).await;
    // A row in every table, with the types that the list of tables gives them.
    for table in TABLES.iter().filter(|table| table.name != "meta") {
        let value = |kind| match kind {
            crate::tables::Type::Int => "7",
            crate::tables::Type::Text => "'t'",
            crate::tables::Type::Bytes => "CAST('0123456789abcdef' AS BYTES)",
        };
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        let values: Vec<&str> = table.columns.iter().map(|column| value(column.kind)).collect();
        let bytes = if matches!(place.location(), crate::Location::Sqlite { .. }) { "BLOB" } else { "BYTEA" };
        let sql = format!(
            "INSERT INTO {}.{} ({}) VALUES ({})",
            table.schema,
            table.name,
            columns.join(", "),
            values.join(", ").replace("BYTES", bytes)
        );
        write(&store, move |unit| unit.execute(&sql, &[])).await.unwrap();
    }
    let (data, keys) = folders();
    store.backup(path(&data), path(&keys)).await.unwrap();
    let target = Scratch::sqlite().unwrap();
    let (restored, copied) = Store::restore(target.location(), path(&data), path(&keys)).await.unwrap();
    // All but the lease, and the site's facts, of which a new database has none.
    assert_eq!((copied.rows + copied.key_rows) as usize, TABLES.len() - 2);
    for table in TABLES.iter().filter(|table| !matches!(table.name, "meta" | "lease")) {
        let sql = format!("SELECT count(*) FROM {}.{}", table.schema, table.name);
        let count = read(&restored, move |unit| unit.query("test", &sql, &[])?[0].int(0)).await.unwrap();
        assert_eq!(count, 1, "{}", table.name);
    }
}

async fn a_fault_of_a_backups_file_names_the_file(place: &Scratch) {
    let store = open(place).await;
    let (data, keys) = folders();
    let missing = path(&data).join("missing");
    let named = |error: StoreError| match error {
        StoreError::Backup { path, .. } => path,
        other => panic!("{other}"),
    };
    let file = named(store.backup(&missing, path(&keys)).await.unwrap_err());
    assert!(file.starts_with(missing.to_str().unwrap()), "{file}");
    // A folder where a file must go: what is finished cannot be put in its place.
    std::fs::create_dir(path(&data).join("moretus.unfinished")).unwrap();
    let file = named(store.backup(path(&data), path(&keys)).await.unwrap_err());
    assert!(file.contains("moretus.unfinished"), "{file}");
    let elsewhere = Scratch::sqlite().unwrap();
    let restored = Store::restore(elsewhere.location(), &missing, path(&keys)).await;
    assert!(named(restored.unwrap_err()).ends_with("moretus.db"));
    store.close().await.unwrap();
}
