//! What the sealer and the readers of the record of disclosures need: committed groups that are not yet
//! numbered, and the bodies by position. Appending is [`crate::Store::append`]; hashing is the gate's.

pub mod chain;
pub mod deferred;
pub mod index;
pub mod tree;

use std::collections::HashSet;

use bytes::{Bytes, BytesMut};
use domain::SubjectId;

use crate::unit::{BorrowedRow, Bulk, Type};
use crate::value::{Param, Row};
use crate::{About, Position, StoreError, Unit};

/// Bytes of bodies that are allocated at once.
const BUFFER: usize = 32 * 1024;

const CORRUPT: StoreError = StoreError::Corrupt { table: "disclosure" };

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it is.
    pub position: Position,
    /// Whose data.
    pub subject: SubjectId,
    /// The bytes that were appended, or what the gate has put in their place when their retention had run out.
    pub body: Bytes,
    /// Whom it is about, where that is many; none where it is about the subject alone.
    pub people: Vec<About>,
}

impl Entry {
    fn from_row(mut row: Row) -> Result<Self, StoreError> {
        let position = Position { batch: row.int(0)?, offset: row.int(1)? };
        let (subject, body) = (row.id(2)?, row.take_bytes(3)?.into());
        Ok(Self { position, subject, body, people: people(row.bytes(4)?)? })
    }

    /// In whose lists it stands, each once: of its subject, and of everyone whom it is about, whose work items follow one
    /// another.
    pub fn listed(&self) -> impl Iterator<Item = SubjectId> {
        let mut last = None;
        let people = self.people.iter().map(|one| one.subject);
        std::iter::once(self.subject).chain(people.filter(move |one| last.replace(*one) != Some(*one)))
    }

    /// Whether it stands in somebody's list.
    #[must_use]
    pub fn is_listed(&self, subject: SubjectId) -> bool {
        self.subject == subject || self.people.iter().any(|one| one.subject == subject)
    }
}

/// Whom an entry is about, as that is stored.
fn people(bytes: &[u8]) -> Result<Vec<About>, StoreError> {
    let (people, rest) = bytes.as_chunks::<32>();
    let is_whole = rest.is_empty();
    is_whole.then(|| people.iter().map(About::from_bytes).collect()).ok_or(CORRUPT)
}

/// A committed group with its entries, in order of their offsets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingBatch {
    /// Its number.
    pub batch: i64,
    /// What was appended in it.
    pub entries: Vec<Entry>,
}

/// A group that got its place in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedBatch {
    /// The leaf of its first entry.
    pub first_leaf: i64,
    /// Its number.
    pub batch: i64,
    /// How many entries it has.
    pub count: i64,
}

/// Up to `limit` committed groups without a place in the tree, by number, with their entries. A group whose
/// entries are not as many as were committed is [`StoreError::Corrupt`].
pub fn pending(unit: &mut Unit<'_>, limit: usize) -> Result<Vec<PendingBatch>, StoreError> {
    let sql = "SELECT batch, count FROM moretus_log.log_pending ORDER BY batch LIMIT $1";
    let rows = unit.query("log_pending", sql, &[Param::count(limit)])?;
    let counts: Vec<(i64, i64)> =
        rows.iter().map(|row| Ok((row.int(0)?, row.int(1)?))).collect::<Result<_, StoreError>>()?;
    let (Some((first, _)), Some((last, _))) = (counts.first(), counts.last()) else { return Ok(Vec::new()) };
    let mut entries = entries_between(unit, *first, *last)?.into_iter().peekable();
    let mut batches = Vec::with_capacity(counts.len());
    for (batch, count) in counts {
        // Numbers between two pending ones may have a place already, or belong to a commit under way.
        while entries.next_if(|entry| entry.position.batch < batch).is_some() {}
        let mut own = Vec::new();
        while let Some(entry) = entries.next_if(|entry| entry.position.batch == batch) {
            own.push(entry);
        }
        if i64::try_from(own.len()) != Ok(count) {
            return Err(StoreError::Corrupt { table: "disclosure" });
        }
        batches.push(PendingBatch { batch, entries: own });
    }
    Ok(batches)
}

/// How many entries wait for a place in the tree.
pub fn pending_count(unit: &mut Unit<'_>) -> Result<i64, StoreError> {
    let sql = "SELECT CAST(coalesce(sum(count), 0) AS BIGINT) FROM moretus_log.log_pending";
    unit.query_first("log_pending", sql, &[])?.ok_or_else(|| StoreError::internal("no-row"))?.int(0)
}

/// How many uses wait for a place in the tree: entries, those about many counted for each.
pub fn pending_uses(unit: &mut Unit<'_>) -> Result<i64, StoreError> {
    let sql = "SELECT CAST(coalesce(sum(CASE WHEN length(d.people) = 0 THEN 1 ELSE length(d.people) / 32 END), 0) AS BIGINT)
        FROM moretus_log.log_pending p JOIN moretus_log.disclosure d ON d.batch = p.batch";
    unit.query_first("log_pending", sql, &[])?.ok_or_else(|| StoreError::internal("no-row"))?.int(0)
}

/// How many entries there are, sealed or not.
pub fn entry_count(unit: &mut Unit<'_>) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM moretus_log.disclosure";
    unit.query_first("disclosure", sql, &[])?.ok_or_else(|| StoreError::internal("no-row"))?.int(0)
}

/// A pending group whose entries are not as many as were committed: its number, how many there are, how many
/// were committed.
pub fn broken_pending(unit: &mut Unit<'_>) -> Result<Option<(i64, i64, i64)>, StoreError> {
    let sql = "SELECT p.batch, (SELECT count(*) FROM moretus_log.disclosure d WHERE d.batch = p.batch) AS found, p.count
        FROM moretus_log.log_pending p
        WHERE p.count <> (SELECT count(*) FROM moretus_log.disclosure d WHERE d.batch = p.batch) ORDER BY p.batch LIMIT 1";
    let row = unit.query_first("log_pending", sql, &[])?;
    row.map(|row| Ok((row.int(0)?, row.int(1)?, row.int(2)?))).transpose()
}

/// An entry of a group that is neither pending nor has a place in the tree. Looks at every entry: only for when
/// [`entry_count`] shows that there is one.
pub fn stray_entry(unit: &mut Unit<'_>) -> Result<Option<Position>, StoreError> {
    let sql = "SELECT d.batch, d.position FROM moretus_log.disclosure d
        WHERE NOT EXISTS (SELECT 1 FROM moretus_log.log_sealed s WHERE s.batch = d.batch)
        AND NOT EXISTS (SELECT 1 FROM moretus_log.log_pending p WHERE p.batch = d.batch) LIMIT 1";
    let row = unit.query_first("disclosure", sql, &[])?;
    row.map(|row| Ok(Position { batch: row.int(0)?, offset: row.int(1)? })).transpose()
}

/// The entries of the groups from one number to another, both included, in order. Their bodies share buffers.
pub fn entries_between(unit: &mut Unit<'_>, first: i64, last: i64) -> Result<Vec<Entry>, StoreError> {
    let sql =
        "SELECT batch, position, subject, body, people FROM moretus_log.disclosure WHERE batch >= $1 AND batch <= $2
        ORDER BY batch, position";
    let mut buffer = BytesMut::with_capacity(BUFFER);
    let mut entry = |row: &BorrowedRow<'_>| {
        let position = Position { batch: row.int(0)?, offset: row.int(1)? };
        let subject = row.id(2)?;
        buffer.extend_from_slice(row.bytes(3)?);
        Ok(Entry { position, subject, body: buffer.split().freeze(), people: people(row.bytes(4)?)? })
    };
    unit.query_borrowed("disclosure", sql, &[Param::Int(first), Param::Int(last)], &mut entry)
}

/// Entries in a subject's list at these positions, in order; one that is gone, or is not in it, is left out. Of
/// whom one about many is about, the subject alone is told.
pub fn entries_at(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    at: &[Position],
) -> Result<Vec<Entry>, StoreError> {
    let sql = "SELECT batch, position, subject, body, people FROM moretus_log.disclosure
        WHERE batch = $1 AND position = $2 AND (subject = $3 OR length(people) > 0)";
    let mut entries = Vec::with_capacity(at.len());
    for position in at {
        let params = [Param::Int(position.batch), Param::Int(position.offset), Param::id(&subject)];
        for row in unit.query("disclosure", sql, &params)? {
            let mut entry = Entry::from_row(row)?;
            entry.people.retain(|one| one.subject == subject);
            entries.push(entry);
        }
    }
    entries.retain(|entry| entry.is_listed(subject));
    Ok(entries)
}

/// The entry at a position, with all whom it is about.
pub fn entry_at(unit: &mut Unit<'_>, position: Position) -> Result<Option<Entry>, StoreError> {
    let sql = "SELECT batch, position, subject, body, people FROM moretus_log.disclosure WHERE batch = $1 AND position = $2";
    let params = [Param::Int(position.batch), Param::Int(position.offset)];
    unit.query_first("disclosure", sql, &params)?.map(Entry::from_row).transpose()
}

/// Entries in a subject's list that have no place in the tree yet: together with the index, the list is complete.
pub fn pending_of(unit: &mut Unit<'_>, subject: SubjectId) -> Result<Vec<Entry>, StoreError> {
    let sql = "SELECT d.batch, d.position, d.subject, d.body, d.people FROM moretus_log.log_pending p
        JOIN moretus_log.disclosure d ON d.batch = p.batch WHERE (d.subject = $1 OR length(d.people) > 0)
        ORDER BY d.batch, d.position";
    listed(unit, sql, &[Param::id(&subject)], subject)
}

/// Sealed entries in a subject's list whose groups begin at this leaf or later. It reads through all of those, so it is
/// for the few that no index leads to yet. A group that is not as large as was committed is [`StoreError::Corrupt`]: less
/// would be told as if it were all.
pub fn sealed_of_since(unit: &mut Unit<'_>, subject: SubjectId, leaf: i64) -> Result<Vec<Entry>, StoreError> {
    let broken = "SELECT s.batch FROM moretus_log.log_sealed s WHERE s.first_leaf >= $1
        AND (s.count < 1 OR s.count <> (SELECT count(*) FROM moretus_log.disclosure d WHERE d.batch = s.batch)) LIMIT 1";
    if unit.query_first("log_sealed", broken, &[Param::Int(leaf)])?.is_some() {
        return Err(StoreError::Corrupt { table: "disclosure" });
    }
    let sql = "SELECT d.batch, d.position, d.subject, d.body, d.people FROM moretus_log.log_sealed s
        JOIN moretus_log.disclosure d ON d.batch = s.batch
        WHERE s.first_leaf >= $1 AND (d.subject = $2 OR length(d.people) > 0) ORDER BY d.batch, d.position";
    listed(unit, sql, &[Param::Int(leaf), Param::id(&subject)], subject)
}

/// The entries that a statement finds, without those about many of whom the subject is none.
fn listed(
    unit: &mut Unit<'_>,
    sql: &'static str,
    params: &[Param<'_>],
    subject: SubjectId,
) -> Result<Vec<Entry>, StoreError> {
    let rows = unit.query("disclosure", sql, params)?;
    let entries = rows.into_iter().map(Entry::from_row).collect::<Result<Vec<_>, _>>()?;
    Ok(entries.into_iter().filter(|entry| entry.is_listed(subject)).collect())
}

/// Puts what is left of an erased entry in the place of its body, with those in whose lists it stands besides.
/// [`StoreError::Changed`] when there is no such entry.
pub fn replace_body(unit: &mut Unit<'_>, left: &Entry) -> Result<(), StoreError> {
    let people: Vec<u8> = left.people.iter().flat_map(|one| one.to_bytes()).collect();
    let sql = "UPDATE moretus_log.disclosure SET body = $1, people = $2
        WHERE batch = $3 AND position = $4 AND subject = $5";
    let (batch, offset) = (Param::Int(left.position.batch), Param::Int(left.position.offset));
    let params = [Param::Bytes(&left.body), Param::Bytes(&people), batch, offset, Param::id(&left.subject)];
    unit.change_one(sql, &params)
}

static SEAL: Bulk<3> = Bulk::new(
    "moretus_log.log_sealed",
    [("first_leaf", Type::Int), ("batch", Type::Int), ("count", Type::Int)],
);

/// Gives pending groups their places in the tree. [`StoreError::Changed`] when one is not pending any more
/// or the place is taken: another sealer was at work.
pub fn record_sealed(unit: &mut Unit<'_>, batches: &[SealedBatch]) -> Result<(), StoreError> {
    let rows: Vec<_> = batches
        .iter()
        .map(|sealed| [Param::Int(sealed.first_leaf), Param::Int(sealed.batch), Param::Int(sealed.count)])
        .collect();
    if unit.insert_rows(&SEAL, &rows)? != rows.len() as u64 {
        return Err(StoreError::Changed);
    }
    let numbers: HashSet<i64> = batches.iter().map(|sealed| sealed.batch).collect();
    let (Some(first), Some(last)) = (numbers.iter().min(), numbers.iter().max()) else { return Ok(()) };
    // One statement where the groups follow one another without a gap, which is nearly always.
    let whole = *last - *first + 1 == i64::try_from(numbers.len()).unwrap_or(0);
    let deleted = if whole {
        let sql = "DELETE FROM moretus_log.log_pending WHERE batch >= $1 AND batch <= $2";
        unit.execute(sql, &[Param::Int(*first), Param::Int(*last)])?
    } else {
        let sql = "DELETE FROM moretus_log.log_pending WHERE batch = $1";
        numbers
            .iter()
            .try_fold(0, |sum, batch| Ok::<_, StoreError>(sum + unit.execute(sql, &[Param::Int(*batch)])?))?
    };
    if deleted == rows.len() as u64 { Ok(()) } else { Err(StoreError::Changed) }
}

fn sealed_batch(row: &Row) -> Result<SealedBatch, StoreError> {
    Ok(SealedBatch { first_leaf: row.int(0)?, batch: row.int(1)?, count: row.int(2)? })
}

/// The group that a leaf belongs to.
pub fn sealed_at(unit: &mut Unit<'_>, leaf: i64) -> Result<Option<SealedBatch>, StoreError> {
    let sql = "SELECT first_leaf, batch, count FROM moretus_log.log_sealed WHERE first_leaf <= $1
        ORDER BY first_leaf DESC LIMIT 1";
    unit.query_first("log_sealed", sql, &[Param::Int(leaf)])?.map(|row| sealed_batch(&row)).transpose()
}

/// The place of a group.
pub fn sealed_of(unit: &mut Unit<'_>, batch: i64) -> Result<Option<SealedBatch>, StoreError> {
    let sql = "SELECT first_leaf, batch, count FROM moretus_log.log_sealed WHERE batch = $1";
    unit.query_first("log_sealed", sql, &[Param::Int(batch)])?.map(|row| sealed_batch(&row)).transpose()
}

/// Up to `limit` groups that begin at this leaf or later, in order of leaves.
pub fn sealed_from(unit: &mut Unit<'_>, leaf: i64, limit: usize) -> Result<Vec<SealedBatch>, StoreError> {
    let sql = "SELECT first_leaf, batch, count FROM moretus_log.log_sealed WHERE first_leaf >= $1
        ORDER BY first_leaf LIMIT $2";
    unit.query("log_sealed", sql, &[Param::Int(leaf), Param::count(limit)])?
        .iter()
        .map(sealed_batch)
        .collect()
}
