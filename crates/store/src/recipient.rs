//! The register of recipients: the organisations that may get data from a portfolio, and until when their
//! contracts, undertakings, mandates and safeguards hold. Organisations only: no person's data stands here.
//!
//! Of an organisation's row only the clauses that it is registered for ever change; what holds of it for a time is a
//! condition, as a subject's is, and is tested in the statement that writes an entry. Each change gives the register
//! of its portfolio another version, which is tested there too: an entry rests on the register as it was read. For the administrator's own staff the portfolio itself stands
//! in the place of the recipient.

use std::collections::BTreeMap;

use domain::{
    Condition, Country, PortfolioId, Recipient, RecipientId, RecipientRole, Timestamp, TransferSafeguard,
};

use crate::condition::OPEN;
use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// An organisation in the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientRow {
    /// Which.
    pub recipient: RecipientId,
    /// In whose register.
    pub portfolio: PortfolioId,
    /// What kind of recipient, as the notice names it.
    pub kind: Recipient,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub country: Country,
    /// What it is for the data.
    pub role: RecipientRole,
    /// The organisation that it acts for, under a mandate.
    pub acts_for: Option<RecipientId>,
    /// What it gets data for, in the portfolio's own words.
    pub uses: String,
    /// The ids of the clauses that it is registered for: it gets nothing under any other.
    pub clauses: Vec<String>,
    /// When it was entered.
    pub entered: Timestamp,
}

/// Something that holds of an organisation for a time: a contract, an undertaking, a mandate, a safeguard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecipientConditionRow {
    /// Whose.
    pub recipient: RecipientId,
    /// Which.
    pub condition: Condition,
    /// Under which safeguard, where the condition is that.
    pub safeguard: Option<TransferSafeguard>,
    /// From when on.
    pub since: Timestamp,
    /// Until just before when; none while it is open.
    pub until: Option<Timestamp>,
}

impl RecipientConditionRow {
    /// Whether it is live at this instant.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.since <= now && self.until.is_none_or(|until| now < until)
    }
}

/// An organisation with all that was ever agreed with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// The version of the portfolio's register, read before the rest.
    pub version: i64,
    /// Its row; none where only conditions are kept, as of a portfolio's own staff.
    pub row: Option<RecipientRow>,
    /// At most one of each kind.
    pub conditions: Vec<RecipientConditionRow>,
}

/// A condition of an organisation that must be live for an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecipientTest {
    /// Whose.
    pub recipient: RecipientId,
    /// Which.
    pub condition: Condition,
}

/// $1 recipient, $2 condition, $3 now.
pub(crate) const LIVE: &str = "SELECT since FROM moretus.recipient_condition
    WHERE recipient = $1 AND condition = $2 AND since <= $3 AND until > $3";

impl RecipientTest {
    pub(crate) fn params(&self, now: Timestamp) -> [Param<'_>; 3] {
        [Param::id(&self.recipient), Param::code(self.condition.code()), Param::at(now)]
    }
}

/// $1 portfolio. No row: nothing was ever changed in it.
pub(crate) const VERSION: &str = "SELECT version FROM moretus.register WHERE portfolio = $1";

/// $1 recipient.
pub(crate) const ROW: &str =
    "SELECT recipient, portfolio, kind, name, country, role, uses, clauses, entered, acts_for
    FROM moretus.recipient WHERE recipient = $1";

/// $1 recipient.
pub(crate) const CONDITIONS: &str = "SELECT recipient, condition, safeguard, since, until
    FROM moretus.recipient_condition WHERE recipient = $1 ORDER BY condition";

impl RecipientRow {
    pub(crate) fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            recipient: row.id(0)?,
            portfolio: row.id(1)?,
            kind: row.word(2, Recipient::from_code)?,
            name: row.text(3)?.to_owned(),
            country: row.text(4)?.parse().map_err(|_| row.corrupt())?,
            role: row.word(5, RecipientRole::from_code)?,
            uses: row.text(6)?.to_owned(),
            clauses: row.text(7)?.split_whitespace().map(str::to_owned).collect(),
            entered: row.at(8)?,
            acts_for: Some(row.id(9)?).filter(|other| *other != NOBODY),
        })
    }
}

impl RecipientConditionRow {
    pub(crate) fn from_row(row: &Row) -> Result<Self, StoreError> {
        let until = row.at(4)?;
        let safeguard = match row.int(2)? {
            NO_SAFEGUARD => None,
            _ => Some(row.word(2, TransferSafeguard::from_code)?),
        };
        Ok(Self {
            recipient: row.id(0)?,
            condition: row.word(1, Condition::from_code)?,
            safeguard,
            since: row.at(3)?,
            until: (until != OPEN).then_some(Timestamp::from_micros(until.micros().saturating_abs())),
        })
    }
}

/// Stored for one that acts for itself.
const NOBODY: RecipientId = RecipientId::from_bytes([0; 16]);
/// Stored where the condition is no safeguard.
const NO_SAFEGUARD: i64 = -1;

/// Enters an organisation. Answers [`StoreError::Duplicate`] when the portfolio's register has one of its kind
/// and name, or one with its id.
pub fn insert(unit: &mut Unit<'_>, row: &RecipientRow) -> Result<(), StoreError> {
    let sql = "INSERT INTO moretus.recipient (recipient, portfolio, kind, name, country, role, uses, clauses, entered, acts_for)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING";
    let (country, clauses) = (row.country.to_string(), row.clauses.join(" "));
    let params = [
        Param::id(&row.recipient),
        Param::id(&row.portfolio),
        Param::code(row.kind.code()),
        Param::Text(&row.name),
        Param::Text(&country),
        Param::code(row.role.code()),
        Param::Text(&row.uses),
        Param::Text(&clauses),
        Param::at(row.entered),
        Param::id(row.acts_for.as_ref().unwrap_or(&NOBODY)),
    ];
    match unit.execute(sql, &params)? {
        1 => changed(unit, row.portfolio),
        _ => Err(StoreError::Duplicate),
    }
}

/// Sets the clauses that an organisation is registered for, in place of those before.
pub fn set_clauses(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    recipient: RecipientId,
    clauses: &[String],
) -> Result<(), StoreError> {
    let clauses = clauses.join(" ");
    let params = [Param::Text(&clauses), Param::id(&recipient), Param::id(&portfolio)];
    unit.change_one(
        "UPDATE moretus.recipient SET clauses = $1 WHERE recipient = $2 AND portfolio = $3",
        &params,
    )?;
    changed(unit, portfolio)
}

/// Gives a portfolio's register its next version. When the unit is answered, no disclosure that relied on an
/// earlier one is still under way.
fn changed(unit: &mut Unit<'_>, portfolio: PortfolioId) -> Result<(), StoreError> {
    let portfolio = [Param::id(&portfolio)];
    unit.execute(
        "INSERT INTO moretus.register (portfolio, version) VALUES ($1, 0) ON CONFLICT DO NOTHING",
        &portfolio,
    )?;
    unit.change_one("UPDATE moretus.register SET version = version + 1 WHERE portfolio = $1", &portfolio)?;
    unit.narrowed = true;
    Ok(())
}

static SET: Bulk<5> = Bulk::or(
    "moretus.recipient_condition",
    [
        ("recipient", Type::Bytes),
        ("condition", Type::Int),
        ("safeguard", Type::Int),
        ("since", Type::Int),
        ("until", Type::Int),
    ],
    "(recipient, condition) DO UPDATE SET safeguard = excluded.safeguard, since = excluded.since, until = excluded.until",
);

/// Sets conditions of recipients of a portfolio, in place of what was there for the same recipient and condition; no
/// two may be for the same.
pub fn set_conditions(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    rows: &[RecipientConditionRow],
) -> Result<(), StoreError> {
    let params = |row: &RecipientConditionRow| {
        let safeguard = row.safeguard.map_or(NO_SAFEGUARD, |safeguard| i64::from(safeguard.code()));
        let (recipient, until) = (*row.recipient.bytes(), row.until.unwrap_or(OPEN));
        (recipient, row.condition.code(), safeguard, row.since, until)
    };
    let values: Vec<_> = rows.iter().map(params).collect();
    let rows: Vec<[Param<'_>; 5]> = values
        .iter()
        .map(|(recipient, condition, safeguard, since, until)| {
            let recipient = Param::Bytes(recipient);
            [recipient, Param::code(*condition), Param::Int(*safeguard), Param::at(*since), Param::at(*until)]
        })
        .collect();
    unit.insert_rows(&SET, &rows)?;
    changed(unit, portfolio)
}

/// Ends a condition at an instant; answers whether it was live until then. When the unit is answered, no
/// disclosure that relied on it is still under way.
pub fn end_condition(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    recipient: RecipientId,
    condition: Condition,
    at: Timestamp,
) -> Result<bool, StoreError> {
    // Stored negative: dead for an asker whose clock, or whose wait in a queue, lags behind this one's.
    let ended_at = Param::Int(-at.micros().max(1));
    let sql = "UPDATE moretus.recipient_condition SET until = $1
        WHERE recipient = $2 AND condition = $3 AND until > $4";
    let params = [ended_at, Param::id(&recipient), Param::code(condition.code()), Param::at(at)];
    let ended = unit.execute(sql, &params)? == 1;
    // Also when it had ended: whoever ended it may not have waited yet, and this answer must not come first.
    changed(unit, portfolio)?;
    Ok(ended)
}

/// One organisation of a portfolio's register with its conditions.
pub fn get(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    recipient: RecipientId,
) -> Result<Registered, StoreError> {
    let version = unit.query_first("register", VERSION, &[Param::id(&portfolio)])?;
    let row = unit.query_first("recipient", ROW, &[Param::id(&recipient)])?;
    let conditions = unit.query("recipient_condition", CONDITIONS, &[Param::id(&recipient)])?;
    registered(portfolio, version.as_ref(), row.as_ref(), &conditions)
}

/// Somebody of another portfolio's register is nobody of this one's.
pub(crate) fn registered(
    portfolio: PortfolioId,
    version: Option<&Row>,
    row: Option<&Row>,
    conditions: &[Row],
) -> Result<Registered, StoreError> {
    let row = row.map(RecipientRow::from_row).transpose()?;
    Ok(Registered {
        version: version.map_or(Ok(0), |version| version.int(0))?,
        row: row.filter(|row| row.portfolio == portfolio),
        conditions: conditions.iter().map(RecipientConditionRow::from_row).collect::<Result<_, _>>()?,
    })
}

/// The register of a portfolio, by kind and name.
pub fn of_portfolio(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
) -> Result<Vec<(RecipientRow, Vec<RecipientConditionRow>)>, StoreError> {
    let sql = "SELECT recipient, portfolio, kind, name, country, role, uses, clauses, entered, acts_for
        FROM moretus.recipient WHERE portfolio = $1 ORDER BY kind, name";
    let rows = unit.query("recipient", sql, &[Param::id(&portfolio)])?;
    let sql = "SELECT c.recipient, c.condition, c.safeguard, c.since, c.until FROM moretus.recipient_condition c
        JOIN moretus.recipient r ON r.recipient = c.recipient WHERE r.portfolio = $1 ORDER BY c.recipient, c.condition";
    let mut conditions: BTreeMap<RecipientId, Vec<RecipientConditionRow>> = BTreeMap::new();
    for row in unit.query("recipient_condition", sql, &[Param::id(&portfolio)])? {
        let condition = RecipientConditionRow::from_row(&row)?;
        conditions.entry(condition.recipient).or_default().push(condition);
    }
    rows.iter()
        .map(|row| {
            let row = RecipientRow::from_row(row)?;
            let own = conditions.remove(&row.recipient).unwrap_or_default();
            Ok((row, own))
        })
        .collect()
}
