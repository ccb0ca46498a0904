//! The key store: wrapped keys by (subject, category, retention class), the list of erasures, and the
//! site's own wrapped keys. A file (SQLite) or schema (PostgreSQL) of its own, with backups of its own.
//!
//! It cannot open a key. Of a wrapped one it knows the first bytes, which tell the root keys apart: while one
//! takes the place of another, new keys are wrapped by the root key that wraps the site's own.

use std::collections::BTreeSet;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
    pub(crate) fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            subject: row.id(0)?,
            category: row.word(1, Category::from_code)?,
            class: row.word(2, RetentionClass::from_code)?,
            wrapped: row.bytes(3)?.to_vec(),
        })
    }
}

/// Inserts keys where there is none yet, and answers the keys that are there now, in the given order: the
/// given ones, or those that another unit made first. Seal with the answer.
///
/// Errors: [`StoreError::OtherRootKey`] when another root key wraps the site's own keys by now.
pub fn insert_many(unit: &mut Unit<'_>, keys: &[WrappedKey]) -> Result<Vec<WrappedKey>, StoreError> {
    must_be_of_the_site(unit, keys.iter().map(|key| key.wrapped.as_slice()))?;
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
    unit.query_first("data_key", sql, &params)?.map(|row| WrappedKey::from_row(&row)).transpose()
}

pub(crate) const OF_SUBJECT: &str =
    "SELECT subject, category, class, wrapped FROM moretus_keys.data_key WHERE subject = $1";

/// Whether a subject has a key of a class.
const HAS_CLASS: &str = "SELECT subject FROM moretus_keys.data_key WHERE subject = $1 AND class = $2 LIMIT 1";

/// Those of these subjects who have a key of a class: of the others what is of it was erased, or never was.
pub fn with_class(
    unit: &mut Unit<'_>,
    subjects: &BTreeSet<SubjectId>,
    class: RetentionClass,
) -> Result<BTreeSet<SubjectId>, StoreError> {
    let class = Param::code(class.code());
    let asked: Vec<_> = subjects.iter().map(|subject| [Param::id(subject), class]).collect();
    Ok(unit.query_each("data_key", HAS_CLASS, &asked, |row| row.id(0))?.into_iter().collect())
}

/// Every key of a subject.
pub fn of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<Vec<WrappedKey>, StoreError> {
    unit.query("data_key", OF_SUBJECT, &[Param::id(&subject)])?.iter().map(WrappedKey::from_row).collect()
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
    unit.query_each("erasure", sql, &crate::many::each(subjects), Erasure::from_row)
}

/// Keeps a wrapped key of the site under a name. Answers the one that is there now: the given one, or an
/// earlier one.
///
/// Errors: [`StoreError::OtherRootKey`] when another root key wraps the site's other keys.
pub fn put_site_key(unit: &mut Unit<'_>, name: &str, wrapped: &[u8]) -> Result<Vec<u8>, StoreError> {
    if let Some(earlier) = site_key(unit, name)? {
        return Ok(earlier);
    }
    must_be_of_the_site(unit, std::iter::once(wrapped))?;
    let sql = "INSERT INTO moretus_keys.site_key (name, wrapped) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    unit.execute(sql, &[Param::Text(name), Param::Bytes(wrapped)])?;
    site_key(unit, name)?.ok_or(StoreError::Corrupt { table: "site_key" })
}

/// A wrapped key of the site.
pub fn site_key(unit: &mut Unit<'_>, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT wrapped FROM moretus_keys.site_key WHERE name = $1";
    unit.query_first("site_key", sql, &[Param::Text(name)])?.map(|mut row| row.take_bytes(0)).transpose()
}

/// Every wrapped key of the site with its name. One root key wraps them all.
pub fn site_keys(unit: &mut Unit<'_>) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
    let sql = "SELECT name, wrapped FROM moretus_keys.site_key ORDER BY name";
    unit.query("site_key", sql, &[])?
        .into_iter()
        .map(|mut row| Ok((row.text(0)?.to_owned(), row.take_bytes(1)?)))
        .collect()
}

/// Replaces a wrapped key of the site by the same key, wrapped anew. [`StoreError::Changed`] when it is not the
/// given one any more. Do it to all of them in one unit.
pub fn rewrap_site_key(
    unit: &mut Unit<'_>,
    name: &str,
    former: &[u8],
    wrapped: &[u8],
) -> Result<(), StoreError> {
    let sql = "UPDATE moretus_keys.site_key SET wrapped = $1 WHERE name = $2 AND wrapped = $3";
    unit.change_one(sql, &[Param::Bytes(wrapped), Param::Text(name), Param::Bytes(former)])
}

/// What follows on this key in the order of the table's key, or what it begins with: at most so many keys.
pub fn page(
    unit: &mut Unit<'_>,
    after: Option<&WrappedKey>,
    limit: usize,
) -> Result<Vec<WrappedKey>, StoreError> {
    let rows = match after {
        None => {
            let sql = "SELECT subject, category, class, wrapped FROM moretus_keys.data_key
                ORDER BY subject, category, class LIMIT $1";
            unit.query("data_key", sql, &[Param::count(limit)])?
        }
        Some(key) => {
            let sql = "SELECT subject, category, class, wrapped FROM moretus_keys.data_key
                WHERE (subject, category, class) > ($1, $2, $3) ORDER BY subject, category, class LIMIT $4";
            let [subject, category, class, _] = params(key);
            unit.query("data_key", sql, &[subject, category, class, Param::count(limit)])?
        }
    };
    rows.iter().map(WrappedKey::from_row).collect()
}

/// Replaces keys by the same keys, wrapped anew: pairs of what stands there and what is to. One that was destroyed
/// or replaced meanwhile is left as it is. Answers how many were replaced.
pub fn rewrap_many(unit: &mut Unit<'_>, pairs: &[(WrappedKey, Vec<u8>)]) -> Result<u64, StoreError> {
    let sql = "UPDATE moretus_keys.data_key SET wrapped = $1
        WHERE subject = $2 AND category = $3 AND class = $4 AND wrapped = $5";
    let rows: Vec<_> = pairs
        .iter()
        .map(|(key, wrapped)| {
            let [subject, category, class, former] = params(key);
            [Param::Bytes(wrapped), subject, category, class, former]
        })
        .collect();
    unit.execute_each(sql, &rows)
}

/// Lets what the keys were wrapped by before be overwritten, where the engine can, once this unit is durable.
pub fn forget_former_wrappings(unit: &mut Unit<'_>) {
    unit.erased = true;
}

/// How many data keys each root key wraps, by the first bytes of what it wraps. Reads the whole table.
pub fn count_by_root(unit: &mut Unit<'_>) -> Result<Vec<([u8; 4], u64)>, StoreError> {
    let sql = "SELECT substr(wrapped, 1, 4), count(*) FROM moretus_keys.data_key GROUP BY 1 ORDER BY 1";
    unit.query("data_key", sql, &[])?
        .iter()
        .map(|row| Ok((row.array(0)?, u64::try_from(row.int(1)?).map_err(|_| row.corrupt())?)))
        .collect()
}

/// New keys are wrapped by the root key that wraps the site's own, which is read in the transaction that writes
/// them: so once those are wrapped anew, no key can come in any more that the former root key has wrapped, and one
/// pass over the table finds them all. A site without keys of its own is a new one.
fn must_be_of_the_site<'a>(
    unit: &mut Unit<'_>,
    mut wrapped: impl Iterator<Item = &'a [u8]>,
) -> Result<(), StoreError> {
    let sql = "SELECT wrapped FROM moretus_keys.site_key ORDER BY name LIMIT 1";
    let Some(row) = unit.query_first("site_key", sql, &[])? else { return Ok(()) };
    let root = row.bytes(0)?.get(..4);
    if wrapped.all(|wrapped| wrapped.get(..4) == root) { Ok(()) } else { Err(StoreError::OtherRootKey) }
}
