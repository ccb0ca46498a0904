//! The floor of claims: the rows that the product left, found as the difference between two databases,
//! and inserted again as they are, with nothing computed, sealed, tested or looked up.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Instant;

use domain::RecordKind;
use rusqlite::Connection;
use rusqlite::types::{ToSqlOutput, ValueRef};
use store::tables::{TABLES, Type};
use tokio_postgres::NoTls;
use tokio_postgres::types::ToSql;

use crate::Failure;
use crate::database::Engine;

/// A value of a row.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Value {
    Null,
    Int(i64),
    Bytes(Vec<u8>),
    Text(String),
}

/// Of a sealed row: that it is a claim's.
const CLAIM: Value = Value::Int(RecordKind::Claim.code() as i64);

/// A table's rows.
pub(crate) struct Table {
    of: &'static store::tables::Table,
    rows: Vec<Vec<Value>>,
}

impl Table {
    /// How many rows.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Its name, with its schema's.
    pub(crate) fn name(&self) -> String {
        format!("{}.{}", self.of.schema, self.of.name)
    }

    fn columns(&self) -> Vec<&'static str> {
        self.of.columns.iter().map(|column| column.name).collect()
    }

    /// The rows of one of so many commits, in the order of their key, as a batch would sort them.
    fn part(&self, number: u64, commits: u64) -> Vec<&Vec<Value>> {
        let at = |number: u64| {
            usize::try_from(self.rows.len() as u64 * number / commits.max(1)).unwrap_or(usize::MAX)
        };
        let mut part: Vec<_> = self.rows.get(at(number)..at(number + 1)).unwrap_or_default().iter().collect();
        part.sort();
        part
    }
}

/// The rows of one site that another does not have.
pub(crate) async fn difference(engine: &Engine, before: &str, after: &str) -> Result<Vec<Table>, Failure> {
    let (before, mut after) = (read(engine, before).await?, read(engine, after).await?);
    for (before, after) in before.into_iter().zip(&mut after) {
        let known: HashSet<Vec<Value>> = before.rows.into_iter().collect();
        after.rows.retain(|row| !known.contains(row));
        // What is numbered comes in the order of its numbers. Claims come in no order of their subjects; then those of one are
        // decided together, which makes for fewer pages.
        if after.of.key.first() == Some(&"subject") {
            let columns = after.columns();
            let (subject, kind) = (place(&columns, "subject"), place(&columns, "kind"));
            let came_in = |row: &[Value]| match after.of.name {
                "claim" => true,
                "sealed" => kind.and_then(|kind| row.get(kind)) == Some(&CLAIM),
                _ => false,
            };
            after.rows.sort_by_cached_key(|row| {
                let (came_in, mut hasher) = (came_in(row), DefaultHasher::new());
                match subject.and_then(|subject| row.get(subject)).filter(|_| !came_in) {
                    Some(subject) => subject.hash(&mut hasher),
                    None => row.hash(&mut hasher),
                }
                (!came_in, hasher.finish())
            });
        } else {
            after.rows.sort();
        }
    }
    after.retain(|table| !table.rows.is_empty());
    Ok(after)
}

fn place(columns: &[&str], name: &str) -> Option<usize> {
    columns.iter().position(|column| *column == name)
}

async fn read(engine: &Engine, site: &str) -> Result<Vec<Table>, Failure> {
    let mut tables: Vec<Table> = TABLES.iter().map(|of| Table { of, rows: Vec::new() }).collect();
    match engine.url(site) {
        None => {
            let connection = connect(engine, site)?;
            for table in &mut tables {
                table.rows = read_sqlite(&connection, table)?;
            }
        }
        Some(url) => {
            let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
            let connection = tokio::spawn(connection);
            for table in &mut tables {
                let rows = client.query(&select(table), &[]).await?;
                table.rows = rows.iter().map(|row| values(row, table)).collect::<Result<_, _>>()?;
            }
            drop(client);
            connection.await??;
        }
    }
    Ok(tables)
}

fn select(table: &Table) -> String {
    format!("SELECT {} FROM {}", table.columns().join(", "), table.name())
}

fn read_sqlite(connection: &Connection, table: &Table) -> Result<Vec<Vec<Value>>, Failure> {
    let mut statement = connection.prepare(&select(table))?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let value = |index| match row.get_ref(index)? {
            ValueRef::Integer(value) => Ok(Value::Int(value)),
            ValueRef::Blob(bytes) => Ok(Value::Bytes(bytes.to_vec())),
            ValueRef::Text(text) => Ok(Value::Text(String::from_utf8_lossy(text).into_owned())),
            ValueRef::Null | ValueRef::Real(_) => Ok::<_, rusqlite::Error>(Value::Null),
        };
        found.push((0..table.of.columns.len()).map(value).collect::<Result<_, _>>()?);
    }
    Ok(found)
}

fn values(row: &tokio_postgres::Row, table: &Table) -> Result<Vec<Value>, Failure> {
    let value = |(index, column): (usize, &store::tables::Column)| -> Result<Value, Failure> {
        Ok(match column.kind {
            Type::Int => row.try_get::<_, Option<i64>>(index)?.map_or(Value::Null, Value::Int),
            Type::Bytes => row.try_get::<_, Option<Vec<u8>>>(index)?.map_or(Value::Null, Value::Bytes),
            Type::Text => row.try_get::<_, Option<String>>(index)?.map_or(Value::Null, Value::Text),
        })
    };
    table.of.columns.iter().enumerate().map(value).collect()
}

/// Inserts the rows in so many commits, one after the other; the seconds that it took.
pub(crate) async fn insert(
    engine: &Engine,
    site: &str,
    tables: &[Table],
    commits: u64,
) -> Result<f64, Failure> {
    match engine.url(site) {
        None => insert_sqlite(&connect(engine, site)?, tables, commits),
        Some(url) => {
            let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
            let connection = tokio::spawn(connection);
            let clock = Instant::now();
            for number in 0..commits {
                client.batch_execute("BEGIN").await?;
                for table in tables {
                    insert_postgres(&client, table, &table.part(number, commits)).await?;
                }
                client.batch_execute("COMMIT").await?;
            }
            let seconds = clock.elapsed().as_secs_f64();
            drop(client);
            connection.await??;
            Ok(seconds)
        }
    }
}

/// The files as the product has them, but nothing is ever folded into them: that is spared the floor.
fn connect(engine: &Engine, site: &str) -> Result<Connection, Failure> {
    let connection = Connection::open_in_memory()?;
    connection.set_prepared_statement_cache_capacity(128);
    let files = [("keys.db", "moretus_keys"), ("log.db", "moretus_log"), ("moretus.db", "moretus")];
    for (file, schema) in files {
        let path = engine.folder(site).join(file);
        connection.execute(
            &format!("ATTACH DATABASE ?1 AS {schema}"),
            [path.to_str().ok_or("a path that is no text")?],
        )?;
        connection.execute_batch(&format!(
            "PRAGMA {schema}.journal_mode = WAL; PRAGMA {schema}.synchronous = FULL;
             PRAGMA {schema}.cache_size = -32768; PRAGMA {schema}.mmap_size = 1073741824; PRAGMA wal_autocheckpoint = 0"
        ))?;
    }
    Ok(connection)
}

fn insert_sqlite(connection: &Connection, tables: &[Table], commits: u64) -> Result<f64, Failure> {
    let sql = |table: &Table| {
        let places = vec!["?"; table.of.columns.len()].join(", ");
        format!("INSERT OR REPLACE INTO {} ({}) VALUES ({places})", table.name(), table.columns().join(", "))
    };
    let statements: Vec<(String, &Table)> = tables.iter().map(|table| (sql(table), table)).collect();
    let clock = Instant::now();
    for number in 0..commits {
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        for (sql, table) in &statements {
            let mut statement = connection.prepare_cached(sql)?;
            for row in table.part(number, commits) {
                for (index, value) in (1..).zip(row) {
                    statement.raw_bind_parameter(index, bound(value))?;
                }
                statement.raw_execute()?;
            }
        }
        connection.prepare_cached("COMMIT")?.execute([])?;
    }
    Ok(clock.elapsed().as_secs_f64())
}

fn bound(value: &Value) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(match value {
        Value::Null => ValueRef::Null,
        Value::Int(value) => ValueRef::Integer(*value),
        Value::Bytes(bytes) => ValueRef::Blob(bytes),
        Value::Text(text) => ValueRef::Text(text.as_bytes()),
    })
}

async fn insert_postgres(
    client: &tokio_postgres::Client,
    table: &Table,
    part: &[&Vec<Value>],
) -> Result<(), Failure> {
    if part.is_empty() {
        return Ok(());
    }
    let columns: Vec<Box<dyn ToSql + Sync + Send>> = table
        .of
        .columns
        .iter()
        .enumerate()
        .map(|(index, column)| of_column(part, index, column.kind))
        .collect();
    let arrays = (1..).zip(table.of.columns).map(|(number, column)| match column.kind {
        Type::Int => format!("${number}::bigint[]"),
        Type::Bytes => format!("${number}::bytea[]"),
        Type::Text => format!("${number}::text[]"),
    });
    let key = table.of.key.join(", ");
    let rest: Vec<String> = table
        .columns()
        .into_iter()
        .filter(|column| !table.of.key.contains(column))
        .map(|column| format!("{column} = excluded.{column}"))
        .collect();
    let conflict =
        if rest.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {}", rest.join(", ")) };
    let sql = format!(
        "INSERT INTO {} ({}) SELECT * FROM UNNEST({}) ON CONFLICT ({key}) DO {conflict}",
        table.name(),
        table.columns().join(", "),
        arrays.collect::<Vec<_>>().join(", "),
    );
    let params: Vec<&(dyn ToSql + Sync)> =
        columns.iter().map(|column| column.as_ref() as &(dyn ToSql + Sync)).collect();
    client.execute(&sql, &params).await?;
    Ok(())
}

fn of_column(part: &[&Vec<Value>], index: usize, kind: Type) -> Box<dyn ToSql + Sync + Send> {
    let cells = part.iter().map(|row| row.get(index).unwrap_or(&Value::Null));
    match kind {
        Type::Int => Box::new(
            cells
                .map(|cell| if let Value::Int(value) = cell { Some(*value) } else { None })
                .collect::<Vec<_>>(),
        ),
        Type::Bytes => Box::new(
            cells
                .map(|cell| if let Value::Bytes(bytes) = cell { Some(bytes.clone()) } else { None })
                .collect::<Vec<_>>(),
        ),
        Type::Text => Box::new(
            cells
                .map(|cell| if let Value::Text(text) = cell { Some(text.clone()) } else { None })
                .collect::<Vec<_>>(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_all_commits_are_all_rows_once() {
        let rows: Vec<Vec<Value>> = (0..10).map(|number| vec![Value::Int(number)]).collect();
        let table = Table { of: &TABLES[0], rows: rows.clone() };
        for commits in [1, 3, 10, 25] {
            let mut parts: Vec<_> =
                (0..commits).flat_map(|number| table.part(number, commits)).cloned().collect();
            parts.sort();
            assert_eq!(parts.len(), 10, "{commits} commits");
            assert!(parts == rows, "{commits} commits");
        }
    }
}
