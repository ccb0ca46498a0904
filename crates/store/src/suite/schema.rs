//! The live schema is the one that `tables.rs` lists, and can be spread as it says.

use std::collections::{BTreeMap, BTreeSet};

use super::{on_both_engines, open, read, write};
use crate::schema::known_version;
use crate::tables::{Holds, Spread, TABLES, Type};
use crate::testing::Scratch;
use crate::{Location, Store, StoreError, Unit};

on_both_engines!(
    the_tables_are_those_listed,
    a_column_or_table_that_nobody_listed_is_found,
    unique_columns_include_what_a_table_is_spread_by,
    an_empty_place_must_be_migrated_and_migrating_twice_is_nothing,
    a_newer_database_is_refused,
    a_half_done_migration_goes_on,
    opening_twice_at_once_works,
);

/// Name, type and place in the primary key (0: not in it), in order.
type Columns = Vec<(String, Type, i64)>;

/// The columns of each table.
fn live_columns(unit: &mut Unit<'_>, sqlite: bool) -> Result<BTreeMap<String, Columns>, StoreError> {
    let sql = if sqlite {
        "SELECT s.schema || '.' || s.name, c.name, lower(c.type), c.pk FROM pragma_table_list s
         JOIN pragma_table_info(s.name, s.schema) c WHERE s.schema LIKE 'moretus%' AND s.name NOT LIKE 'sqlite%' ORDER BY s.name, c.cid"
    } else {
        "SELECT CAST(c.table_schema || '.' || c.table_name AS TEXT), CAST(c.column_name AS TEXT), CAST(c.data_type AS TEXT),
            coalesce((SELECT CAST(k.ordinal_position AS BIGINT) FROM information_schema.key_column_usage k
                JOIN information_schema.table_constraints t USING (constraint_schema, constraint_name)
                WHERE t.constraint_type = 'PRIMARY KEY' AND k.table_schema = c.table_schema
                    AND k.table_name = c.table_name AND k.column_name = c.column_name), 0::bigint)
         FROM information_schema.columns c WHERE c.table_schema LIKE 'moretus%' ORDER BY c.table_name, c.ordinal_position"
    };
    let mut tables = BTreeMap::new();
    for row in unit.query("schema", sql, &[])? {
        let kind = match row.text(2)? {
            "bigint" => Type::Int,
            "blob" | "bytea" => Type::Bytes,
            "text" => Type::Text,
            other => panic!("a column of type {other}"),
        };
        let column = (row.text(1)?.to_owned(), kind, row.int(3)?);
        tables.entry(row.text(0)?.to_owned()).or_insert_with(Vec::new).push(column);
    }
    Ok(tables)
}

/// What `tables.rs` lists.
fn listed_columns() -> BTreeMap<String, Columns> {
    TABLES
        .iter()
        .map(|table| {
            let place =
                |name| table.key.iter().position(|key| *key == name).map_or(0, |place| place as i64 + 1);
            let column =
                |column: &crate::tables::Column| (column.name.to_owned(), column.kind, place(column.name));
            (format!("{}.{}", table.schema, table.name), table.columns.iter().map(column).collect::<Vec<_>>())
        })
        .collect()
}

/// A column says that it is sealed, or why it may lie open; one of which nobody has said either is in no list.
async fn a_column_or_table_that_nobody_listed_is_found(place: &Scratch) {
    let sqlite = matches!(place.location(), Location::Sqlite { .. });
    let store = open(place).await;
    let unlisted = async || {
        let live = read(&store, move |unit| live_columns(unit, sqlite)).await.unwrap();
        let listed = listed_columns();
        let of = |name: &String| listed.get(name).cloned().unwrap_or_default();
        let mut found: Vec<String> = live
            .iter()
            .flat_map(|(name, columns)| {
                columns
                    .iter()
                    .filter(|one| !of(name).contains(one))
                    .map(move |one| format!("{name}.{}", one.0))
            })
            .collect();
        found.sort();
        found
    };
    assert_eq!(unlisted().await, Vec::<String>::new());
    let text = if sqlite { ["TEXT", "BLOB"] } else { ["TEXT", "BYTEA"] };
    for sql in [
        format!("ALTER TABLE moretus.claim ADD COLUMN diagnosis {}", text[0]),
        format!("ALTER TABLE moretus_keys.data_key ADD COLUMN plain {}", text[1]),
        "ALTER TABLE moretus_log.disclosure ADD COLUMN amount BIGINT".to_owned(),
        "CREATE TABLE moretus.notes (subject BIGINT NOT NULL, PRIMARY KEY (subject))".to_owned(),
    ] {
        write(&store, move |unit| unit.execute(&sql, &[])).await.unwrap();
    }
    let planted = [
        "moretus.claim.diagnosis",
        "moretus.notes.subject",
        "moretus_keys.data_key.plain",
        "moretus_log.disclosure.amount",
    ];
    assert_eq!(unlisted().await, planted);
}

async fn the_tables_are_those_listed(place: &Scratch) {
    let sqlite = matches!(place.location(), Location::Sqlite { .. });
    let live = read(&open(place).await, move |unit| live_columns(unit, sqlite)).await.unwrap();
    assert_eq!(live, listed_columns());
    for table in TABLES {
        for column in table.columns.iter().filter(|column| column.holds == Holds::Sealed) {
            assert_eq!(column.kind, Type::Bytes, "{}.{}", table.name, column.name);
        }
        if let Spread::By(column) = table.spread {
            assert!(
                table.key.contains(&column),
                "{} is spread by {column}, which is not in its key",
                table.name
            );
        }
    }
}

/// Table and columns of every unique index and foreign key.
fn unique_sets(unit: &mut Unit<'_>, sqlite: bool) -> Result<BTreeSet<(String, String)>, StoreError> {
    let sql = if sqlite {
        "SELECT t.name, group_concat(c.name, ',') FROM pragma_table_list t JOIN pragma_index_list(t.name, t.schema) i
            JOIN pragma_index_info(i.name, t.schema) c WHERE t.schema LIKE 'moretus%' AND i.\"unique\" = 1 GROUP BY t.name, i.name
         UNION ALL SELECT t.name, group_concat(f.\"from\", ',') FROM pragma_table_list t
            JOIN pragma_foreign_key_list(t.name, t.schema) f WHERE t.schema LIKE 'moretus%' GROUP BY t.name, f.id"
    } else {
        "SELECT CAST(r.relname AS TEXT), CAST(string_agg(a.attname, ',') AS TEXT) FROM pg_index i JOIN pg_class r ON r.oid = i.indrelid
            JOIN pg_namespace n ON n.oid = r.relnamespace JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = ANY(i.indkey)
            WHERE n.nspname LIKE 'moretus%' AND i.indisunique GROUP BY r.relname, i.indexrelid
         UNION ALL SELECT CAST(r.relname AS TEXT), CAST(string_agg(a.attname, ',') AS TEXT) FROM pg_constraint c
            JOIN pg_class r ON r.oid = c.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace
            JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = ANY(c.conkey)
            WHERE n.nspname LIKE 'moretus%' AND c.contype = 'f' GROUP BY r.relname, c.oid"
    };
    unit.query("schema", sql, &[])?
        .iter()
        .map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned())))
        .collect()
}

fn not_spreadable(sets: &BTreeSet<(String, String)>) -> Vec<&(String, String)> {
    let spread = |name: &str| TABLES.iter().find(|table| table.name == name).map(|table| table.spread);
    let fits = |(table, columns): &&(String, String)| match spread(table) {
        Some(Spread::By(column)) => columns.split(',').any(|name| name == column),
        Some(Spread::Reference | Spread::Local) => true,
        None => false,
    };
    sets.iter().filter(|set| !fits(set)).collect()
}

async fn unique_columns_include_what_a_table_is_spread_by(place: &Scratch) {
    let sqlite = matches!(place.location(), Location::Sqlite { .. });
    let store = open(place).await;
    let sets = read(&store, move |unit| unique_sets(unit, sqlite)).await.unwrap();
    assert!(sets.len() >= TABLES.len(), "{sets:?}");
    assert_eq!(not_spreadable(&sets), Vec::<&(String, String)>::new());
    // The check bites: a unique index without the subject is found.
    let planted = if sqlite {
        "CREATE UNIQUE INDEX moretus.planted ON payment (payment)"
    } else {
        "CREATE UNIQUE INDEX planted ON moretus.payment (payment)"
    };
    write(&store, move |unit| unit.execute(planted, &[])).await.unwrap();
    let sets = read(&store, move |unit| unique_sets(unit, sqlite)).await.unwrap();
    assert_eq!(not_spreadable(&sets), [&("payment".to_owned(), "payment".to_owned())]);
}

async fn an_empty_place_must_be_migrated_and_migrating_twice_is_nothing(place: &Scratch) {
    let known = known_version();
    assert_eq!(
        Store::open(place.location()).await.unwrap_err(),
        StoreError::OlderDatabase { found: 0, known }
    );
    let report = Store::migrate(place.location()).await.unwrap();
    assert_eq!((report.from, report.to), (0, known));
    let report = Store::migrate(place.location()).await.unwrap();
    assert_eq!((report.from, report.to), (known, known));
    Store::open(place.location()).await.unwrap();
}

async fn a_newer_database_is_refused(place: &Scratch) {
    let store = open(place).await;
    let newer = "UPDATE moretus.meta SET value = '999' WHERE name = 'schema_version'";
    write(&store, move |unit| unit.execute(newer, &[])).await.unwrap();
    store.close().await.unwrap();
    let refused = StoreError::NewerDatabase { found: 999, known: known_version() };
    assert_eq!(Store::open(place.location()).await.unwrap_err(), refused);
    assert_eq!(Store::migrate(place.location()).await.unwrap_err(), refused);
    assert!(refused.to_string().contains("use a newer program"));
}

async fn a_half_done_migration_goes_on(place: &Scratch) {
    let store = open(place).await;
    // As if the program had stopped after the key store was made and before the version was written.
    let undo = ["DROP TABLE moretus.payment", "DELETE FROM moretus.meta WHERE name = 'schema_version'"];
    write(&store, move |unit| undo.iter().try_for_each(|sql| unit.execute(sql, &[]).map(drop)))
        .await
        .unwrap();
    store.close().await.unwrap();
    assert!(matches!(Store::open(place.location()).await, Err(StoreError::OlderDatabase { found: 0, .. })));
    Store::create(place.location()).await.unwrap();
}

async fn opening_twice_at_once_works(place: &Scratch) {
    let (first, second) = tokio::join!(Store::create(place.location()), Store::create(place.location()));
    let (first, second) = (first.unwrap(), second.unwrap());
    write(&first, |unit| crate::lease::set_meta(unit, "origin", "a")).await.unwrap();
    assert_eq!(read(&second, |unit| crate::lease::meta(unit, "origin")).await.unwrap().as_deref(), Some("a"));
    let own = write(&first, |unit| crate::lease::set_meta(unit, "schema_version", "5")).await;
    assert!(own.is_err(), "the schema's version is the store's own");
}
