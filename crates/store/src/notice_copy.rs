//! Copies of the notice that people asked for: which version, in which language, how it went, and who gave it. A
//! copy is no delivery: it changes nothing about what binds whom.

use domain::{ActorId, CopyWay, Language, PortfolioId, SubjectId, Timestamp};

use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A copy that was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoticeCopyRow {
    /// To whom.
    pub subject: SubjectId,
    /// When.
    pub at: Timestamp,
    /// The number of the version.
    pub notice: i64,
    /// Whose notice.
    pub portfolio: PortfolioId,
    /// In which language.
    pub language: Language,
    /// How it went.
    pub way: CopyWay,
    /// Who gave it.
    pub giver: ActorId,
}

impl NoticeCopyRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            subject: row.id(0)?,
            at: row.at(1)?,
            notice: row.int(2)?,
            portfolio: row.id(3)?,
            language: row.word(4, Language::from_code)?,
            way: row.word(5, CopyWay::from_code)?,
            giver: row.id(6)?,
        })
    }
}

/// Inserts a copy. Answers [`StoreError::Duplicate`] when one was given to them at this very instant.
pub fn insert(unit: &mut Unit<'_>, row: &NoticeCopyRow) -> Result<(), StoreError> {
    let sql = "INSERT INTO moretus.notice_copy (subject, at, notice, portfolio, language, way, giver)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    let params = [
        Param::id(&row.subject),
        Param::at(row.at),
        Param::Int(row.notice),
        Param::id(&row.portfolio),
        Param::code(row.language.code()),
        Param::code(row.way.code()),
        Param::id(&row.giver),
    ];
    if unit.execute(sql, &params)? == 1 { Ok(()) } else { Err(StoreError::Duplicate) }
}

/// The copies that a subject was given, the earliest first.
pub fn of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<Vec<NoticeCopyRow>, StoreError> {
    let sql = "SELECT subject, at, notice, portfolio, language, way, giver FROM moretus.notice_copy
        WHERE subject = $1 ORDER BY at";
    unit.query("notice_copy", sql, &[Param::id(&subject)])?.iter().map(NoticeCopyRow::from_row).collect()
}

/// Deletes what is known of a subject's copies.
pub fn delete_of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<u64, StoreError> {
    unit.execute("DELETE FROM moretus.notice_copy WHERE subject = $1", &[Param::id(&subject)])
}
