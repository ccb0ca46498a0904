//! Money's plain columns: postings and payments by batch, batches, and the control totals that prove the
//! sealed postings complete. Amounts of a person are sealed; totals are of a batch.

use domain::{
    Account, BatchId, ClaimId, Currency, PaymentId, PaymentState, PortfolioId, RecordId, SubjectId, Timestamp,
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
}

impl BatchRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            batch: row.id(0)?,
            kind: row.int(1)?,
            portfolio: row.id(2)?,
            state: row.int(3)?,
            created: row.at(4)?,
        })
    }
}

/// Inserts a batch. Answers [`StoreError::Duplicate`] when it is there already.
pub fn insert_batch(unit: &mut Unit<'_>, row: &BatchRow) -> Result<(), StoreError> {
    let sql = "INSERT INTO moretus.batch (batch, kind, portfolio, state, created) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT DO NOTHING";
    let params = [
        Param::id(&row.batch),
        Param::Int(row.kind),
        Param::id(&row.portfolio),
        Param::Int(row.state),
        Param::at(row.created),
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
    let sql = "SELECT batch, kind, portfolio, state, created FROM moretus.batch ORDER BY created, batch";
    unit.query("batch", sql, &[])?.iter().map(BatchRow::from_row).collect()
}

/// What a batch moved in one account and currency, in minor units; both sides are positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ControlTotal {
    /// The batch.
    pub batch: BatchId,
    /// The account.
    pub account: Account,
    /// The currency.
    pub currency: Currency,
    /// Sum of debits.
    pub debit: i64,
    /// Sum of credits.
    pub credit: i64,
}

static ADD: Bulk<5> = Bulk::or(
    "moretus.control_total",
    [
        ("batch", Type::Bytes),
        ("account", Type::Int),
        ("currency", Type::Int),
        ("debit", Type::Int),
        ("credit", Type::Int),
    ],
    "(batch, account, currency) DO UPDATE SET debit = control_total.debit + excluded.debit,
        credit = control_total.credit + excluded.credit",
);

/// Adds to the control totals. No two of the rows may be of the same batch, account and currency.
pub fn add_totals(unit: &mut Unit<'_>, totals: &[ControlTotal]) -> Result<(), StoreError> {
    let rows: Vec<_> = totals.iter().map(total_params).collect();
    unit.insert_rows(&ADD, &rows).map(drop)
}

fn total_params(total: &ControlTotal) -> [Param<'_>; 5] {
    [
        Param::id(&total.batch),
        Param::code(total.account.code()),
        Param::Int(i64::from(total.currency.number())),
        Param::Int(total.debit),
        Param::Int(total.credit),
    ]
}

/// Control totals: of one batch, or of all.
pub fn totals(unit: &mut Unit<'_>, batch: Option<BatchId>) -> Result<Vec<ControlTotal>, StoreError> {
    let total = |row: &Row| {
        Ok(ControlTotal {
            batch: row.id(0)?,
            account: row.word(1, Account::from_code)?,
            currency: currency(row, 2)?,
            debit: row.int(3)?,
            credit: row.int(4)?,
        })
    };
    let rows = match batch {
        Some(batch) => {
            let sql = "SELECT batch, account, currency, debit, credit FROM moretus.control_total
                WHERE batch = $1 ORDER BY account, currency";
            unit.query("control_total", sql, &[Param::id(&batch)])?
        }
        None => {
            let sql = "SELECT batch, account, currency, debit, credit FROM moretus.control_total
                ORDER BY batch, account, currency";
            unit.query("control_total", sql, &[])?
        }
    };
    rows.iter().map(total).collect()
}
