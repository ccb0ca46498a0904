//! Marks: keyed codes of what claims share, so that it is told that two share something, and not what. A claim has one, of its care: the
//! provider, the provider's day, the care itself, each of which is found by those before it, and codes of what is looked for only among
//! claims of the same care. Since when a person is paid to an account, and a provider is known, are rows of their own, which few claims
//! change. The coding is the gate's, what follows the screen's.

use domain::{ClaimId, Date, SubjectId};

use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A keyed code.
pub type Code = [u8; 16];

/// A claim, by its care.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CareMark {
    /// The provider's code.
    pub provider: Code,
    /// That of the provider on the first day of the care.
    pub day: Code,
    /// That of the care.
    pub care: Code,
    /// Whose claim.
    pub subject: SubjectId,
    /// Which.
    pub claim: ClaimId,
    /// The day on which it was received.
    pub received: Date,
    /// Codes of what else it has that is looked for among claims of the same care alone.
    pub codes: Vec<Code>,
}

/// Since when somebody is paid to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountMark {
    /// The account's code.
    pub account: Code,
    /// Who.
    pub subject: SubjectId,
    /// The day on which the first claim with it was received.
    pub since: Date,
}

/// Since when a provider is known. It names nobody, and stays when a claim is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProviderMark {
    /// The provider's code.
    pub provider: Code,
    /// The day on which the first claim of theirs was received.
    pub since: Date,
}

static PUT_CARE: Bulk<7> = Bulk::or(
    "moretus.care_mark",
    [
        ("provider", Type::Bytes),
        ("day", Type::Bytes),
        ("care", Type::Bytes),
        ("subject", Type::Bytes),
        ("claim", Type::Bytes),
        ("received_day", Type::Int),
        ("codes", Type::Bytes),
    ],
    "(provider, day, care, subject, claim) DO UPDATE SET codes = excluded.codes",
);

static PUT_ACCOUNT: Bulk<3> = Bulk::or(
    "moretus.account_mark",
    [("account", Type::Bytes), ("subject", Type::Bytes), ("since_day", Type::Int)],
    "(account, subject) DO UPDATE SET since_day = excluded.since_day WHERE account_mark.since_day > excluded.since_day",
);

static PUT_PROVIDER: Bulk<2> = Bulk::or(
    "moretus.provider_mark",
    [("provider", Type::Bytes), ("since_day", Type::Int)],
    "(provider) DO UPDATE SET since_day = excluded.since_day WHERE provider_mark.since_day > excluded.since_day",
);

impl CareMark {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let (codes, rest) = row.bytes(6)?.as_chunks::<16>();
        if !rest.is_empty() {
            return Err(row.corrupt());
        }
        Ok(Self {
            provider: row.array(0)?,
            day: row.array(1)?,
            care: row.array(2)?,
            subject: row.id(3)?,
            claim: row.id(4)?,
            received: row.day(5)?,
            codes: codes.to_vec(),
        })
    }

    fn params(&self) -> [Param<'_>; 7] {
        [
            Param::Bytes(&self.provider),
            Param::Bytes(&self.day),
            Param::Bytes(&self.care),
            Param::id(&self.subject),
            Param::id(&self.claim),
            Param::day(self.received),
            Param::Bytes(self.codes.as_flattened()),
        ]
    }
}

impl AccountMark {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self { account: row.array(0)?, subject: row.id(1)?, since: row.day(2)? })
    }

    fn params(&self) -> [Param<'_>; 3] {
        [Param::Bytes(&self.account), Param::id(&self.subject), Param::day(self.since)]
    }
}

/// Writes marks of care; of a claim that has its mark already, the codes are these from now on.
pub fn put_care(unit: &mut Unit<'_>, rows: &[CareMark]) -> Result<(), StoreError> {
    let rows: Vec<_> = rows.iter().map(CareMark::params).collect();
    unit.insert_rows(&PUT_CARE, &rows).map(drop)
}

/// Says since when these people are paid to these accounts; an earlier day that is known stays. No two may be of one person and account,
/// and they are to be in the order of these: two that write at the same time then wait for each other, and not both.
pub fn put_accounts(unit: &mut Unit<'_>, rows: &[AccountMark]) -> Result<(), StoreError> {
    let rows: Vec<_> = rows.iter().map(AccountMark::params).collect();
    unit.insert_rows(&PUT_ACCOUNT, &rows).map(drop)
}

/// Says since when these providers are known; an earlier day that is known stays. Each may be there once, in their order.
pub fn put_providers(unit: &mut Unit<'_>, rows: &[ProviderMark]) -> Result<(), StoreError> {
    let rows: Vec<_> = rows.iter().map(|row| [Param::Bytes(&row.provider), Param::day(row.since)]).collect();
    unit.insert_rows(&PUT_PROVIDER, &rows).map(drop)
}

/// Of each care, by its provider, day and own code, up to `limit` claims.
pub fn of_care(
    unit: &mut Unit<'_>,
    cares: &[(Code, Code, Code)],
    limit: usize,
) -> Result<Vec<CareMark>, StoreError> {
    let asked: Vec<_> = cares
        .iter()
        .map(|(provider, day, care)| {
            [Param::Bytes(provider), Param::Bytes(day), Param::Bytes(care), Param::count(limit)]
        })
        .collect();
    let sql = "SELECT provider, day, care, subject, claim, received_day, codes FROM moretus.care_mark
               WHERE provider = $1 AND day = $2 AND care = $3 ORDER BY subject, claim LIMIT $4";
    unit.query_each("care_mark", sql, &asked, CareMark::from_row)
}

/// How many claims each provider has on a day, by the codes of both, counted up to `limit`: by the day's code.
pub fn count_on_days(
    unit: &mut Unit<'_>,
    days: &[(Code, Code)],
    limit: usize,
) -> Result<Vec<(Code, usize)>, StoreError> {
    let asked: Vec<_> = days
        .iter()
        .map(|(provider, day)| [Param::Bytes(provider), Param::Bytes(day), Param::count(limit)])
        .collect();
    let sql = "SELECT day, COUNT(*) FROM (SELECT day FROM moretus.care_mark WHERE provider = $1 AND day = $2 LIMIT $3) AS found
               GROUP BY day";
    let counted =
        |row: &Row<'_>| Ok((row.array(0)?, usize::try_from(row.int(1)?).map_err(|_| row.corrupt())?));
    unit.query_each("care_mark", sql, &asked, counted)
}

/// Of each provider the days on which up to `limit` claims were received: any of them.
pub fn received_of_providers(
    unit: &mut Unit<'_>,
    providers: &[Code],
    limit: usize,
) -> Result<Vec<(Code, Date)>, StoreError> {
    let asked: Vec<_> =
        providers.iter().map(|provider| [Param::Bytes(provider), Param::count(limit)]).collect();
    let sql = "SELECT provider, received_day FROM moretus.care_mark WHERE provider = $1 LIMIT $2";
    unit.query_each("care_mark", sql, &asked, |row| Ok((row.array(0)?, row.day(1)?)))
}

/// Since when providers are known: those that are.
pub fn since_of_providers(unit: &mut Unit<'_>, providers: &[Code]) -> Result<Vec<ProviderMark>, StoreError> {
    let asked: Vec<_> = providers.iter().map(|provider| [Param::Bytes(provider)]).collect();
    let sql = "SELECT provider, since_day FROM moretus.provider_mark WHERE provider = $1";
    unit.query_each("provider_mark", sql, &asked, |row| {
        Ok(ProviderMark { provider: row.array(0)?, since: row.day(1)? })
    })
}

/// Of each account up to `limit` people who are paid to it.
pub fn with_accounts(
    unit: &mut Unit<'_>,
    accounts: &[Code],
    limit: usize,
) -> Result<Vec<AccountMark>, StoreError> {
    let asked: Vec<_> = accounts.iter().map(|account| [Param::Bytes(account), Param::count(limit)]).collect();
    let sql = "SELECT account, subject, since_day FROM moretus.account_mark WHERE account = $1 ORDER BY subject LIMIT $2";
    unit.query_each("account_mark", sql, &asked, AccountMark::from_row)
}

/// Of each of these people up to `limit` accounts, the one that is known longest first.
pub fn accounts_of(
    unit: &mut Unit<'_>,
    subjects: &[SubjectId],
    limit: usize,
) -> Result<Vec<AccountMark>, StoreError> {
    let asked: Vec<_> = subjects.iter().map(|subject| [Param::id(subject), Param::count(limit)]).collect();
    let sql = "SELECT account, subject, since_day FROM moretus.account_mark WHERE subject = $1 ORDER BY since_day LIMIT $2";
    unit.query_each("account_mark", sql, &asked, AccountMark::from_row)
}

/// Deletes the marks of somebody whose claims are erased.
pub fn delete_of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<u64, StoreError> {
    let of_care = unit.execute("DELETE FROM moretus.care_mark WHERE subject = $1", &[Param::id(&subject)])?;
    let sql = "DELETE FROM moretus.account_mark WHERE subject = $1";
    Ok(of_care + unit.execute(sql, &[Param::id(&subject)])?)
}
