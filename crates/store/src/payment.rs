//! Money's plain columns: postings and payments by batch, and batches, each with the control code that
//! proves its sealed postings complete. No amount is plain.

use domain::{
    BatchId, ClaimId, Currency, PaymentId, PaymentState, PortfolioId, RecordId, SubjectId, Timestamp,
};

use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A posting's plain columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PostingRow {
    /// Whose.
    pub subject: SubjectId,
    /// Which posting.
    pub posting: RecordId,
    /// For which claim; zeros for none.
    pub claim: ClaimId,
    /// In which batch.
    pub batch: BatchId,
}

static INSERT_POSTING: Bulk<4> = Bulk::new(
    "moretus.posting",
    [("subject", Type::Bytes), ("posting", Type::Bytes), ("claim", Type::Bytes), ("batch", Type::Bytes)],
);

impl PostingRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self { subject: row.id(0)?, posting: row.id(1)?, claim: row.id(2)?, batch: row.id(3)? })
    }

    fn params(&self) -> [Param<'_>; 4] {
        [Param::id(&self.subject), Param::id(&self.posting), Param::id(&self.claim), Param::id(&self.batch)]
    }
}

/// Inserts postings. Answers [`StoreError::Duplicate`] when one is there already.
pub fn insert_postings(unit: &mut Unit<'_>, rows: &[PostingRow]) -> Result<(), StoreError> {
    let rows: Vec<_> = rows.iter().map(PostingRow::params).collect();
    unit.insert_new(&INSERT_POSTING, &rows)
}

/// Up to `limit` postings of a batch after (subject, posting), in that order.
pub fn postings_of_batch(
    unit: &mut Unit<'_>,
    batch: BatchId,
    after: Option<(SubjectId, RecordId)>,
    limit: usize,
) -> Result<Vec<PostingRow>, StoreError> {
    let (subject, posting) = after.map(|(s, p)| (s.bytes().to_vec(), p.bytes().to_vec())).unwrap_or_default();
    let sql = "SELECT subject, posting, claim, batch FROM moretus.posting
        WHERE batch = $1 AND (subject, posting) > ($2, $3) ORDER BY subject, posting LIMIT $4";
    let params = [Param::id(&batch), Param::Bytes(&subject), Param::Bytes(&posting), Param::count(limit)];
    unit.query("posting", sql, &params)?.iter().map(PostingRow::from_row).collect()
}

/// The postings of a subject.
pub fn postings_of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<Vec<PostingRow>, StoreError> {
    let sql =
        "SELECT subject, posting, claim, batch FROM moretus.posting WHERE subject = $1 ORDER BY posting";
    unit.query("posting", sql, &[Param::id(&subject)])?.iter().map(PostingRow::from_row).collect()
}

/// A posting whose batch has no row of its own, if there is one: it would belong to nothing that is proven.
pub fn posting_without_batch(unit: &mut Unit<'_>) -> Result<Option<PostingRow>, StoreError> {
    let sql = "SELECT subject, posting, claim, batch FROM moretus.posting
        WHERE NOT EXISTS (SELECT 1 FROM moretus.batch WHERE batch.batch = posting.batch) LIMIT 1";
    unit.query_first("posting", sql, &[])?.map(|row| PostingRow::from_row(&row)).transpose()
}

/// A payment's plain columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaymentRow {
    /// Who is paid: a member, or a provider.
    pub subject: SubjectId,
    /// Which payment.
    pub payment: PaymentId,
    /// In which batch.
    pub batch: BatchId,
    /// Where it stands.
    pub state: PaymentState,
    /// In which currency.
    pub currency: Currency,
    /// The row's version; 1 at first.
    pub version: i64,
}

static INSERT_PAYMENT: Bulk<6> = Bulk::new(
    "moretus.payment",
    [
        ("subject", Type::Bytes),
        ("payment", Type::Bytes),
        ("batch", Type::Bytes),
        ("state", Type::Int),
        ("currency", Type::Int),
        ("version", Type::Int),
    ],
);

impl PaymentRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            subject: row.id(0)?,
            payment: row.id(1)?,
            batch: row.id(2)?,
            state: row.word(3, PaymentState::from_code)?,
            currency: currency(row, 4)?,
            version: row.int(5)?,
        })
    }

    fn params(&self) -> [Param<'_>; 6] {
        [
            Param::id(&self.subject),
            Param::id(&self.payment),
            Param::id(&self.batch),
            Param::code(self.state.code()),
            Param::Int(i64::from(self.currency.number())),
            Param::Int(self.version),
        ]
    }
}

pub(crate) fn currency(row: &Row, index: usize) -> Result<Currency, StoreError> {
    u16::try_from(row.int(index)?).ok().and_then(Currency::from_number).ok_or_else(|| row.corrupt())
}

/// Inserts payments. Answers [`StoreError::Duplicate`] when one is there already.
pub fn insert_many(unit: &mut Unit<'_>, rows: &[PaymentRow]) -> Result<(), StoreError> {
    let rows: Vec<_> = rows.iter().map(PaymentRow::params).collect();
    unit.insert_new(&INSERT_PAYMENT, &rows)
}

/// Up to `limit` payments of a batch after (subject, payment), in that order.
pub fn of_batch(
    unit: &mut Unit<'_>,
    batch: BatchId,
    after: Option<(SubjectId, PaymentId)>,
    limit: usize,
) -> Result<Vec<PaymentRow>, StoreError> {
    let (subject, payment) = after.map(|(s, p)| (s.bytes().to_vec(), p.bytes().to_vec())).unwrap_or_default();
    let sql = "SELECT subject, payment, batch, state, currency, version FROM moretus.payment
        WHERE batch = $1 AND (subject, payment) > ($2, $3) ORDER BY subject, payment LIMIT $4";
    let params = [Param::id(&batch), Param::Bytes(&subject), Param::Bytes(&payment), Param::count(limit)];
    unit.query("payment", sql, &params)?.iter().map(PaymentRow::from_row).collect()
}

/// Writes the row's state, if the stored row is still of the row's version; the version goes up by one.
pub fn set_state(unit: &mut Unit<'_>, row: &PaymentRow) -> Result<(), StoreError> {
    let sql = "UPDATE moretus.payment SET state = $1, version = version + 1
        WHERE subject = $2 AND payment = $3 AND version = $4";
    let params = [
        Param::code(row.state.code()),
        Param::id(&row.subject),
        Param::id(&row.payment),
        Param::Int(row.version),
    ];
    unit.change_one(sql, &params)
}

/// A batch of postings or payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchRow {
    /// Which.
    pub batch: BatchId,
    /// Of what; the numbers are the caller's.
    pub kind: i64,
    /// Of which portfolio.
    pub portfolio: PortfolioId,
    /// Where it stands; the numbers are the caller's.
    pub state: i64,
    /// When it was made.
    pub created: Timestamp,
    /// The caller's code over its postings' totals.
    pub control: [u8; 32],
}

impl BatchRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            batch: row.id(0)?,
            kind: row.int(1)?,
            portfolio: row.id(2)?,
            state: row.int(3)?,
            created: row.at(4)?,
            control: row.array(5)?,
        })
    }
}

/// Inserts a batch. Answers [`StoreError::Duplicate`] when it is there already.
pub fn insert_batch(unit: &mut Unit<'_>, row: &BatchRow) -> Result<(), StoreError> {
    let sql = "INSERT INTO moretus.batch (batch, kind, portfolio, state, created, control)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
    let params = [
        Param::id(&row.batch),
        Param::Int(row.kind),
        Param::id(&row.portfolio),
        Param::Int(row.state),
        Param::at(row.created),
        Param::Bytes(&row.control),
    ];
    if unit.execute(sql, &params)? == 1 { Ok(()) } else { Err(StoreError::Duplicate) }
}

/// Moves a batch from one state to another, or answers [`StoreError::Changed`].
pub fn set_batch_state(unit: &mut Unit<'_>, batch: BatchId, from: i64, to: i64) -> Result<(), StoreError> {
    let sql = "UPDATE moretus.batch SET state = $1 WHERE batch = $2 AND state = $3";
    unit.change_one(sql, &[Param::Int(to), Param::id(&batch), Param::Int(from)])
}

/// Every batch, in the order they were made.
pub fn batches(unit: &mut Unit<'_>) -> Result<Vec<BatchRow>, StoreError> {
    let sql =
        "SELECT batch, kind, portfolio, state, created, control FROM moretus.batch ORDER BY created, batch";
    unit.query("batch", sql, &[])?.iter().map(BatchRow::from_row).collect()
}
