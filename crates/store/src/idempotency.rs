//! What was answered to a request, so that the same request again gets the same answer and changes nothing.

use domain::{ActorId, SubjectId, Timestamp};

use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A request that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyRow {
    /// Whom the request was about.
    pub subject: SubjectId,
    /// Who asked.
    pub client: ActorId,
    /// The client's key for the request, hashed.
    pub key: [u8; 32],
    /// A hash of the request: the same key with another request is an error of the client's.
    pub request_hash: [u8; 32],
    /// The answer's bytes: ids and states, nothing sealed.
    pub answer: Vec<u8>,
    /// When.
    pub at: Timestamp,
}

/// What became of an insert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Idempotency {
    /// The request is new: go on.
    New,
    /// It was answered before, as in this row; its `request_hash` tells whether it is the same request.
    Answered(IdempotencyRow),
}

static INSERT: Bulk<6> = Bulk::new(
    "moretus.idempotency",
    [
        ("subject", Type::Bytes),
        ("client", Type::Bytes),
        ("key", Type::Bytes),
        ("request_hash", Type::Bytes),
        ("answer", Type::Bytes),
        ("at", Type::Int),
    ],
);

impl IdempotencyRow {
    fn from_row(mut row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            subject: row.id(0)?,
            client: row.id(1)?,
            key: row.array(2)?,
            request_hash: row.array(3)?,
            answer: row.take_bytes(4)?,
            at: row.at(5)?,
        })
    }
}

/// Inserts the row, in the transaction of what it answers for; or answers what is there. Of two at once, one
/// is new and the other gets its answer.
pub fn insert(unit: &mut Unit<'_>, row: &IdempotencyRow) -> Result<Idempotency, StoreError> {
    let params = [
        Param::id(&row.subject),
        Param::id(&row.client),
        Param::Bytes(&row.key),
        Param::Bytes(&row.request_hash),
        Param::Bytes(&row.answer),
        Param::at(row.at),
    ];
    if unit.insert_rows(&INSERT, &[params])? == 1 {
        return Ok(Idempotency::New);
    }
    let found = get(unit, row.subject, row.client, &row.key)?;
    found.map(Idempotency::Answered).ok_or(StoreError::Corrupt { table: "idempotency" })
}

/// What was answered, if anything.
pub fn get(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    client: ActorId,
    key: &[u8; 32],
) -> Result<Option<IdempotencyRow>, StoreError> {
    let sql = "SELECT subject, client, key, request_hash, answer, at FROM moretus.idempotency
        WHERE subject = $1 AND client = $2 AND key = $3";
    let row =
        unit.query_first("idempotency", sql, &[Param::id(&subject), Param::id(&client), Param::Bytes(key)])?;
    row.map(IdempotencyRow::from_row).transpose()
}

/// Deletes what was answered about somebody who is erased.
pub fn delete_of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<u64, StoreError> {
    unit.execute("DELETE FROM moretus.idempotency WHERE subject = $1", &[Param::id(&subject)])
}
