//! The key store: wrapped keys by (subject, category, retention class), the list of erasures, and the
//! site's own wrapped keys. A file (SQLite) or schema (PostgreSQL) of its own, with backups of its own.

use domain::{Category, RetentionClass, SubjectId, Timestamp};

use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A data key, wrapped by the site's root key.
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// Whose data it seals.
    pub subject: SubjectId,
    /// Of which category.
    pub category: Category,
    /// Of which retention class.
    pub class: RetentionClass,
    /// The wrapped bytes.
    pub wrapped: Vec<u8>,
}

impl std::fmt::Debug for WrappedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WrappedKey({}, {}, {})", self.subject, self.category, self.class)
    }
}

/// A key that was destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erasure {
    /// Whose.
    pub subject: SubjectId,
    /// Of which category.
    pub category: Category,
    /// Of which retention class.
    pub class: RetentionClass,
    /// When.
    pub at: Timestamp,
}

impl Erasure {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            subject: row.id(0)?,
            category: row.word(1, Category::from_code)?,
            class: row.word(2, RetentionClass::from_code)?,
            at: row.at(3)?,
        })
    }
}

static INSERT: Bulk<4> = Bulk::new(
    "moretus_keys.data_key",
    [("subject", Type::Bytes), ("category", Type::Int), ("class", Type::Int), ("wrapped", Type::Bytes)],
);

impl WrappedKey {
    /// From (subject, category, class, wrapped).
    pub(crate) fn from_row(mut row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            subject: row.id(0)?,
            category: row.word(1, Category::from_code)?,
            class: row.word(2, RetentionClass::from_code)?,
            wrapped: row.take_bytes(3)?,
        })
    }
}

/// Inserts keys where there is none yet, and answers the keys that are there now, in the given order: the
/// given ones, or those that another unit made first. Seal with the answer.
pub fn insert_many(unit: &mut Unit<'_>, keys: &[WrappedKey]) -> Result<Vec<WrappedKey>, StoreError> {
    let rows: Vec<_> = keys.iter().map(params).collect();
    if unit.insert_rows(&INSERT, &rows)? == rows.len() as u64 {
        return Ok(keys.to_vec());
    }
    keys.iter()
        .map(|key| {
            get(unit, key.subject, key.category, key.class)?.ok_or(StoreError::Corrupt { table: "data_key" })
        })
        .collect()
}

fn params(key: &WrappedKey) -> [Param<'_>; 4] {
    [
        Param::id(&key.subject),
        Param::code(key.category.code()),
        Param::code(key.class.code()),
        Param::Bytes(&key.wrapped),
    ]
}

/// One key.
pub fn get(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    category: Category,
    class: RetentionClass,
) -> Result<Option<WrappedKey>, StoreError> {
    let sql = "SELECT subject, category, class, wrapped FROM moretus_keys.data_key
        WHERE subject = $1 AND category = $2 AND class = $3";
    let params = [Param::id(&subject), Param::code(category.code()), Param::code(class.code())];
    unit.query_first("data_key", sql, &params)?.map(WrappedKey::from_row).transpose()
}

pub(crate) const OF_SUBJECT: &str =
    "SELECT subject, category, class, wrapped FROM moretus_keys.data_key WHERE subject = $1";

/// Every key of a subject.
pub fn of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<Vec<WrappedKey>, StoreError> {
    unit.query("data_key", OF_SUBJECT, &[Param::id(&subject)])?
        .into_iter()
        .map(WrappedKey::from_row)
        .collect()
}

/// Destroys a key and writes it on the list of erasures; answers whether there was one. The list gets its
/// entry in any case, so that an erasure can be replayed on a restored database.
pub fn erase(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    category: Category,
    class: RetentionClass,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let key = [Param::id(&subject), Param::code(category.code()), Param::code(class.code())];
    let sql = "DELETE FROM moretus_keys.data_key WHERE subject = $1 AND category = $2 AND class = $3";
    let erased = unit.execute(sql, &key)? == 1;
    let [subject, category, class] = key;
    unit.execute(
        "INSERT INTO moretus_keys.erasure (subject, category, class, at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (subject, category, class) DO UPDATE SET at = excluded.at",
        &[subject, category, class, Param::at(at)],
    )?;
    unit.erased |= erased;
    Ok(erased)
}

/// Erasures at or after an instant, by subject: what a restore replays.
pub fn erasures_since(unit: &mut Unit<'_>, since: Timestamp) -> Result<Vec<Erasure>, StoreError> {
    let sql = "SELECT subject, category, class, at FROM moretus_keys.erasure WHERE at >= $1
        ORDER BY subject, category, class";
    unit.query("erasure", sql, &[Param::at(since)])?.iter().map(Erasure::from_row).collect()
}

/// The erasures of these subjects.
pub fn erasures_of(unit: &mut Unit<'_>, subjects: &[SubjectId]) -> Result<Vec<Erasure>, StoreError> {
    let sql = "SELECT subject, category, class, at FROM moretus_keys.erasure WHERE subject = $1";
    let subjects: Vec<&[u8]> = subjects.iter().map(|subject| subject.bytes().as_slice()).collect();
    unit.query_each("erasure", sql, &subjects, &[])?.iter().map(Erasure::from_row).collect()
}

/// Keeps a wrapped key of the site under a name. Answers the one that is there now: the given one, or an
/// earlier one.
pub fn put_site_key(unit: &mut Unit<'_>, name: &str, wrapped: &[u8]) -> Result<Vec<u8>, StoreError> {
    let sql = "INSERT INTO moretus_keys.site_key (name, wrapped) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    unit.execute(sql, &[Param::Text(name), Param::Bytes(wrapped)])?;
    site_key(unit, name)?.ok_or(StoreError::Corrupt { table: "site_key" })
}

/// A wrapped key of the site.
pub fn site_key(unit: &mut Unit<'_>, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT wrapped FROM moretus_keys.site_key WHERE name = $1";
    unit.query_first("site_key", sql, &[Param::Text(name)])?.map(|mut row| row.take_bytes(0)).transpose()
}
