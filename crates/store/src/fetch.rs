//! What a read hands out: sealed rows and wrapped keys of a subject, and where the subject stands.

use domain::{CategorySet, SubjectId};

use crate::condition::ConditionRow;
use crate::key::WrappedKey;
use crate::sealed::SealedRow;
use crate::subject::SubjectRow;
use crate::value::Param;

/// The sealed rows of a subject, and the keys of the categories asked for.
#[derive(Debug, Clone, Default)]
pub struct Fetched {
    /// By kind, record and category.
    pub rows: Vec<SealedRow>,
    /// One for each (category, retention class) that exists; a row whose key is not here was erased.
    pub keys: Vec<WrappedKey>,
}

/// Where a subject stands: what decides about reads of their data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The subject's row.
    pub subject: SubjectRow,
    /// Every condition, live or not.
    pub conditions: Vec<ConditionRow>,
}

/// One subject's rows and keys out of many.
#[derive(Debug, Clone)]
pub struct FetchedSubject {
    /// Whose.
    pub subject: SubjectId,
    /// What.
    pub fetched: Fetched,
}

/// $1 subject, $2 kind, $3 mask of categories.
pub(crate) const SUBJECT_ROWS: &str = "SELECT kind, record, category, version, class, supplement, blob FROM moretus.sealed
    WHERE subject = $1 AND kind = $2 AND ((CAST($3 AS BIGINT) >> CAST(category AS INTEGER)) & 1) = 1 ORDER BY record, category";

/// $1 subject, $2 kind, $3 record, $4 mask of categories.
pub(crate) const RECORD_ROWS: &str = "SELECT kind, record, category, version, class, supplement, blob, subject FROM moretus.sealed
    WHERE subject = $1 AND kind = $2 AND record = $3 AND ((CAST($4 AS BIGINT) >> CAST(category AS INTEGER)) & 1) = 1 ORDER BY category";

/// The newest claims of a subject: $1 subject, $2 kind, $3 mask of categories, $4 the first day received, $5 the state that none of
/// them is in, $6 how many.
pub(crate) const NEWEST_CLAIMS: &str = "SELECT kind, record, category, version, class, supplement, blob, subject FROM moretus.sealed
    WHERE subject = $1 AND kind = $2 AND ((CAST($3 AS BIGINT) >> CAST(category AS INTEGER)) & 1) = 1 AND record IN
        (SELECT claim FROM moretus.claim WHERE subject = $1 AND received_day >= $4 AND state <> $5
            ORDER BY received_day DESC, claim LIMIT $6)
    ORDER BY record, category";

/// $1 subject, $2 mask of categories.
pub(crate) const SUBJECT_KEYS: &str = "SELECT subject, category, class, wrapped FROM moretus_keys.data_key
    WHERE subject = $1 AND ((CAST($2 AS BIGINT) >> CAST(category AS INTEGER)) & 1) = 1";

/// $1 subject.
pub(crate) const SUBJECT_CONDITIONS: &str =
    "SELECT subject, condition, object, since, until FROM moretus.condition WHERE subject = $1";

/// A set of categories as a parameter.
pub(crate) fn mask(categories: CategorySet) -> Param<'static> {
    // Categories have numbers below 63, so the mask fits.
    Param::Int(i64::try_from(categories.bits()).unwrap_or(i64::MAX))
}
