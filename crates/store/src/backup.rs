//! Backing up a database while it works, and restoring a backup into an empty one. A backup is files in
//! the layout of the SQLite engine, whatever engine it was taken from, and restores to either.
//!
//! The keys are in a file of their own, so that they can be kept elsewhere and for a shorter time. What
//! was erased since, and which log the restored site writes, is not decided here: that is the gate's.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use crate::schema::{MIGRATIONS, SCHEMAS, Step};
use crate::sqlite::FILES;
use crate::tables::{TABLES, Table};
use crate::unit::{sqlite_execute, sqlite_query};
use crate::value::{Param, Row};
use crate::{Location, Store, StoreError, Unit};

/// The schema of the key store.
const KEYS: &str = "moretus_keys";
/// Rows that are read at once.
const PAGE: usize = 2_000;
/// Parameters of one statement that inserts many rows: well below the limit of both engines.
const PARAMETERS: usize = 800;
/// The name of the fact that says which log a database has.
pub const LOG: &str = "log-origin";
/// Under this name a restored database says of which log the backup was taken. It has no log of its own
/// until one is opened: continuing the old one would fork it.
pub const RESTORED_LOG: &str = "log-restored";

/// What was copied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Copied {
    /// Rows of everything but keys.
    pub rows: u64,
    /// Rows of the key store.
    pub key_rows: u64,
}

impl Copied {
    fn count(&mut self, schema: &str, rows: u64) {
        *(if schema == KEYS { &mut self.key_rows } else { &mut self.rows }) += rows;
    }
}

/// A backup's files: schema and path, the last to be durable first.
#[derive(Debug, Clone)]
struct Files(Vec<(&'static str, PathBuf)>);

impl Files {
    fn in_folders(data: &Path, keys: &Path) -> Self {
        let folder = |schema| if schema == KEYS { keys } else { data };
        Self(
            SCHEMAS
                .into_iter()
                .zip(FILES)
                .rev()
                .map(|(schema, file)| (schema, folder(schema).join(file)))
                .collect(),
        )
    }

    fn unfinished(&self) -> Self {
        Self(self.0.iter().map(|(schema, path)| (*schema, path.with_extension("unfinished"))).collect())
    }
}

impl Store {
    /// Copies the database as it is at one moment into files, `keys.db` in one folder and the others in
    /// another, while others read and write. Both folders must exist. The files appear whole and durable,
    /// `moretus.db` last; files that are there are not replaced ([`StoreError::Duplicate`]).
    ///
    /// On SQLite keys and disclosures are of a moment later: a key more than the data needs, never one less.
    pub async fn backup(&self, data: &Path, keys: &Path) -> Result<Copied, StoreError> {
        let files = Files::in_folders(data, keys);
        if files.0.iter().any(|(_, path)| path.exists()) {
            return Err(StoreError::Duplicate);
        }
        let unfinished = files.unfinished();
        let target = unfinished.clone();
        let copied = self.read(move |unit| copy_out(unit, &target)).await?;
        for ((_, from), (_, to)) in unfinished.0.iter().zip(&files.0).rev() {
            publish(from, to).map_err(|error| StoreError::backup(to, error.kind()))?;
        }
        Ok(copied)
    }

    /// Fills an empty place for a database with a backup, in one transaction. A place that holds rows
    /// already is refused ([`StoreError::Duplicate`]).
    ///
    /// Leases are left out: whoever held them is not here. The log's name goes under [`RESTORED_LOG`].
    pub async fn restore(
        location: &Location,
        data: &Path,
        keys: &Path,
    ) -> Result<(Self, Copied), StoreError> {
        let files = Files::in_folders(data, keys);
        check_version(&files)?;
        let store = Self::create(location).await?;
        let copied = store.write(move |unit| copy_in(unit, &files)).await?;
        Ok((store, copied))
    }
}

/// The root keys that a backup needs, by the first bytes of what they wrap: to see that they are there before
/// anything is restored. Two when it was made while one took the place of the other; the first one wraps the site's
/// own keys.
pub fn roots(keys: &Path) -> Result<Vec<[u8; 4]>, StoreError> {
    let files = Files::in_folders(keys, keys);
    let file =
        files.0.iter().find(|(schema, _)| *schema == KEYS).ok_or_else(|| StoreError::internal("no-file"))?;
    let connection = open_file(&file.1)?;
    let mut roots = Vec::new();
    for (table, sql) in [
        ("site_key", "SELECT DISTINCT substr(wrapped, 1, 4) FROM site_key"),
        ("data_key", "SELECT DISTINCT substr(wrapped, 1, 4) FROM data_key"),
    ] {
        for row in sqlite_query(&connection, table, sql, &[])? {
            let root = row.array(0)?;
            if !roots.contains(&root) {
                roots.push(root);
            }
        }
    }
    Ok(roots)
}

/// Makes a finished file appear under its name, durably.
fn publish(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::File::open(from)?.sync_all()?;
    std::fs::rename(from, to)?;
    to.parent().map_or(Ok(()), |folder| std::fs::File::open(folder)?.sync_all())
}

fn copy_out(unit: &mut Unit<'_>, files: &Files) -> Result<Copied, StoreError> {
    let mut copied = Copied::default();
    // On SQLite each file has a snapshot of its own, from its first read: the last to be committed first.
    for (schema, path) in &files.0 {
        let target = Target { connection: new_file(path, schema)?, path };
        for table in TABLES.iter().filter(|table| table.schema == *schema) {
            copied.count(schema, copy_table(unit, table, &target)?);
        }
        target.done(target.connection.execute_batch("COMMIT").map_err(StoreError::from))?;
    }
    Ok(copied)
}

/// A file of a backup that is being written.
struct Target<'a> {
    connection: Connection,
    path: &'a Path,
}

impl Target<'_> {
    fn done<T>(&self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        result.map_err(|error| of_file(self.path, error))
    }
}

/// What an engine's error means when it is about a backup's file: it would name the database otherwise.
fn of_file(path: &Path, error: StoreError) -> StoreError {
    match error {
        StoreError::Full => StoreError::backup(path, "no room"),
        StoreError::Unavailable { code } | StoreError::Internal { code } => StoreError::backup(path, code),
        StoreError::Corrupt { .. } => StoreError::backup(path, "damaged"),
        other => other,
    }
}

/// A new file with the tables of a schema, inside a transaction. It is made durable when it is whole.
fn new_file(path: &Path, schema: &str) -> Result<Connection, StoreError> {
    if let Err(error) = std::fs::remove_file(path)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        return Err(StoreError::backup(path, error.kind()));
    }
    fill(path, schema).map_err(|error| of_file(path, error))
}

fn fill(path: &Path, schema: &str) -> Result<Connection, StoreError> {
    let connection = Connection::open_in_memory()?;
    let text = path.to_str().ok_or_else(|| StoreError::Location { found: path.display().to_string() })?;
    connection.execute(&format!("ATTACH DATABASE ?1 AS {schema}"), [text])?;
    connection.execute_batch(&format!(
        "PRAGMA {schema}.journal_mode = OFF; PRAGMA {schema}.synchronous = OFF; BEGIN IMMEDIATE"
    ))?;
    let prefix = format!("{schema}.");
    for step in MIGRATIONS.iter().copied().flatten() {
        let own = match step {
            Step::Table(text) => text.starts_with(&prefix),
            Step::Index { table, .. } | Step::IndexWhere { table, .. } => table.starts_with(&prefix),
            Step::Sequence(_) => false,
        };
        if let Some(sql) = step.sqlite().filter(|_| own) {
            connection.execute_batch(&sql)?;
        }
    }
    Ok(connection)
}

/// Copies a table page by page in the order of its key.
fn copy_table(unit: &mut Unit<'_>, table: &Table, target: &Target<'_>) -> Result<u64, StoreError> {
    let statements = Statements::of(table);
    let mut copied = 0;
    let mut page = unit.query(table.name, &statements.first_page, &[Param::count(PAGE)])?;
    while let Some(last) = page.last() {
        let mut next: Vec<Param<'_>> =
            statements.key.iter().map(|column| last.cell(*column)).collect::<Result<_, _>>()?;
        next.push(Param::count(PAGE));
        let following = unit.query(table.name, &statements.next_page, &next)?;
        for row in &page {
            target.done(sqlite_execute(
                &target.connection,
                &statements.insert,
                &row.params(table.columns.len())?,
            ))?;
            copied += 1;
        }
        page = following;
    }
    Ok(copied)
}

/// The statements of one table.
struct Statements {
    first_page: String,
    next_page: String,
    insert: String,
    /// The positions of the key's columns.
    key: Vec<usize>,
}

impl Statements {
    fn of(table: &Table) -> Self {
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        let key =
            table.key.iter().filter_map(|name| columns.iter().position(|column| column == name)).collect();
        let (name, list, keys) = (full_name(table), columns.join(", "), table.key.join(", "));
        let end = table.key.len() + 1;
        Self {
            first_page: format!("SELECT {list} FROM {name} ORDER BY {keys} LIMIT $1"),
            next_page: format!(
                "SELECT {list} FROM {name} WHERE ({keys}) > ({}) ORDER BY {keys} LIMIT ${end}",
                places(1, table.key.len())
            ),
            insert: format!("INSERT INTO {name} ({list}) VALUES ({})", places(1, columns.len())),
            key,
        }
    }
}

fn full_name(table: &Table) -> String {
    format!("{}.{}", table.schema, table.name)
}

/// `$1, $2, $3`.
fn places(first: usize, count: usize) -> String {
    (first..first + count).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
}

/// Refuses a backup of another version: a program of that version restores it and then it is migrated.
fn check_version(files: &Files) -> Result<(), StoreError> {
    let main = files.0.first().ok_or_else(|| StoreError::internal("no-file"))?;
    let sql = "SELECT value FROM meta WHERE name = 'schema_version'";
    crate::migrate::check(crate::migrate::version_of(
        sqlite_query(&open_file(&main.1)?, "meta", sql, &[])?.first(),
    )?)
}

fn open_file(path: &Path) -> Result<Connection, StoreError> {
    if !path.exists() {
        return Err(StoreError::backup(path, "no such file"));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags).map_err(|error| of_file(path, error.into()))
}

fn copy_in(unit: &mut Unit<'_>, files: &Files) -> Result<Copied, StoreError> {
    let mut copied = Copied::default();
    for table in TABLES.iter().filter(|table| table.name != "meta") {
        let any = format!("SELECT {} FROM {} LIMIT 1", table.key.join(", "), full_name(table));
        if unit.query_first(table.name, &any, &[])?.is_some() {
            return Err(StoreError::Duplicate);
        }
    }
    for (schema, path) in &files.0 {
        let from = open_file(path)?;
        for table in TABLES.iter().filter(|table| table.schema == *schema) {
            let rows = match table.name {
                "lease" => 0,
                "meta" => insert_meta(unit, &from)?,
                _ => insert_table(unit, table, &from)?,
            };
            copied.count(schema, rows);
        }
    }
    // Numbers of groups of entries go on after the largest; SQLite's one writer counts for itself.
    unit.restart_log_numbers()?;
    Ok(copied)
}

/// Small facts of the site; those of the schema are the new database's own.
fn insert_meta(unit: &mut Unit<'_>, from: &Connection) -> Result<u64, StoreError> {
    let sql = "SELECT name, value FROM meta WHERE name NOT LIKE 'schema%' ORDER BY name";
    let facts = sqlite_query(from, "meta", sql, &[])?;
    let has_log = facts.iter().any(|fact| fact.text(0).is_ok_and(|name| name == LOG));
    for fact in &facts {
        let name = match fact.text(0)? {
            LOG => RESTORED_LOG,
            // Of an earlier restore, which ended when that site's own log began.
            RESTORED_LOG if has_log => continue,
            name => name,
        };
        crate::lease::set_meta(unit, name, fact.text(1)?)?;
    }
    Ok(facts.len() as u64)
}

/// Inserts a table's rows out of a backup's file, many to a statement.
fn insert_table(unit: &mut Unit<'_>, table: &Table, from: &Connection) -> Result<u64, StoreError> {
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    let sql = format!("SELECT {} FROM {} ORDER BY {}", columns.join(", "), table.name, table.key.join(", "));
    let mut statement = from.prepare(&sql)?;
    let mut found = statement.query([])?;
    let at_once = (PARAMETERS / columns.len()).max(1);
    let mut rows: Vec<Row> = Vec::with_capacity(at_once);
    let mut inserted = 0;
    while let Some(row) = found.next()? {
        rows.push(Row::of_sqlite(table.name, row).kept(columns.len())?);
        if rows.len() == at_once {
            inserted += insert_rows(unit, table, &columns, &rows)?;
            rows.clear();
        }
    }
    Ok(inserted + insert_rows(unit, table, &columns, &rows)?)
}

fn insert_rows(
    unit: &mut Unit<'_>,
    table: &Table,
    columns: &[&str],
    rows: &[Row],
) -> Result<u64, StoreError> {
    if rows.is_empty() {
        return Ok(0);
    }
    let width = columns.len();
    let tuples: Vec<String> =
        (0..rows.len()).map(|row| format!("({})", places(row * width + 1, width))).collect();
    let name = full_name(table);
    let sql = format!("INSERT INTO {name} ({}) VALUES {}", columns.join(", "), tuples.join(", "));
    let params: Vec<Vec<Param<'_>>> = rows.iter().map(|row| row.params(width)).collect::<Result<_, _>>()?;
    unit.execute(&sql, &params.concat())
}
