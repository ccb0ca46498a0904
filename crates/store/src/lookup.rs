//! Finding a person without knowing them: keyed hashes of names, birth dates, numbers, and whom they lead to.
//! The hashing is the gate's. It is also the only uniqueness that does not go by subject.

use domain::{ActorId, Date, PortfolioId, SponsorId, SubjectId, Timestamp};

use crate::unit::{Bulk, Type};
use crate::value::Param;
use crate::{StoreError, Unit};

/// A token that leads to a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookupRow {
    /// The keyed hash.
    pub token: [u8; 32],
    /// Of what; the numbers are the gate's.
    pub kind: i64,
    /// Whether only one subject may have it.
    pub unique: bool,
    /// Whom it leads to.
    pub subject: SubjectId,
}

/// In the place of the subject for a token that only one may have.
const ONE: [u8; 16] = [0; 16];

static INSERT: Bulk<4> = Bulk::new(
    "moretus.lookup",
    [("token", Type::Bytes), ("kind", Type::Int), ("slot", Type::Bytes), ("subject", Type::Bytes)],
);

fn slot(row: &LookupRow) -> &[u8] {
    if row.unique { &ONE } else { row.subject.bytes() }
}

fn params(row: &LookupRow) -> [Param<'_>; 4] {
    [Param::Bytes(&row.token), Param::Int(row.kind), Param::Bytes(slot(row)), Param::id(&row.subject)]
}

/// Inserts tokens. Answers [`StoreError::Duplicate`] when a subject has one already, or another subject has a
/// unique one.
pub fn insert_many(unit: &mut Unit<'_>, rows: &[LookupRow]) -> Result<(), StoreError> {
    let rows: Vec<_> = rows.iter().map(params).collect();
    unit.insert_new(&INSERT, &rows)
}

/// Up to `limit` subjects that a token leads to, in order of their ids.
pub fn find(
    unit: &mut Unit<'_>,
    kind: i64,
    token: &[u8; 32],
    limit: usize,
) -> Result<Vec<SubjectId>, StoreError> {
    let sql =
        "SELECT subject FROM moretus.lookup WHERE token = $1 AND kind = $2 ORDER BY slot, subject LIMIT $3";
    let rows = unit.query("lookup", sql, &[Param::Bytes(token), Param::Int(kind), Param::count(limit)])?;
    rows.iter().map(|row| row.id(0)).collect()
}

/// Whether a token leads to the row's subject.
pub fn is_there(unit: &mut Unit<'_>, row: &LookupRow) -> Result<bool, StoreError> {
    let sql =
        "SELECT subject FROM moretus.lookup WHERE token = $1 AND kind = $2 AND slot = $3 AND subject = $4";
    Ok(unit.query_first("lookup", sql, &params(row))?.is_some())
}

/// Inserts those tokens that are not there yet.
pub fn insert_missing(unit: &mut Unit<'_>, rows: &[LookupRow]) -> Result<u64, StoreError> {
    let rows: Vec<_> = rows.iter().map(params).collect();
    unit.insert_rows(&INSERT, &rows)
}

/// Among whom a search looks: nobody else is found, and nobody else counts in how many are.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The portfolio.
    pub portfolio: PortfolioId,
    /// The sponsors who cover them: on this day, or else last. Empty: whoever covers them, or nobody.
    pub sponsors: Vec<SponsorId>,
    /// The day on which they are covered.
    pub today: Date,
    /// Objects of conditions, one of which is live for each of them: the task that the search serves. Empty: it serves none.
    pub task: Vec<[u8; 16]>,
    /// The instant at which the conditions are live.
    pub now: Timestamp,
}

/// Up to `limit` subjects within a scope that all of these tokens lead to, in order of their ids. Without a token, none.
///
/// Only the shortest list is walked, in order and no further than the hits need, and of each in it the other tokens are
/// looked up by their key: what it costs is bounded by the rarest of the tokens, however many the others lead to.
pub fn find_all(
    unit: &mut Unit<'_>,
    scope: &Scope,
    tokens: &[(i64, [u8; 32])],
    limit: usize,
) -> Result<Vec<SubjectId>, StoreError> {
    let Some(others) = tokens.len().checked_sub(1) else { return Ok(Vec::new()) };
    let tokens = rarest_first(unit, tokens)?;
    let rows = unit.query("lookup", &walk(others, scope), &walked(&tokens, scope, limit))?;
    rows.iter().map(|row| row.id(0)).collect()
}

/// How far the list of a token is counted: those that are longer are alike.
const COUNTED: usize = 10_000;

/// The tokens in order of how many they lead to, as far as that is counted.
pub(crate) fn rarest_first(
    unit: &mut Unit<'_>,
    tokens: &[(i64, [u8; 32])],
) -> Result<Vec<(i64, [u8; 32])>, StoreError> {
    if tokens.len() < 2 {
        return Ok(tokens.to_vec());
    }
    let one = |place: usize| {
        let (token, kind, limit) = (3 * place + 1, 3 * place + 2, 3 * place + 3);
        format!(
            "(SELECT COUNT(*) FROM (SELECT 1 FROM moretus.lookup WHERE token = ${token} AND kind = ${kind} LIMIT ${limit}) listed)"
        )
    };
    let counts: Vec<String> = (0..tokens.len()).map(one).collect();
    let of_each = tokens
        .iter()
        .flat_map(|(kind, token)| [Param::Bytes(token), Param::Int(*kind), Param::count(COUNTED)]);
    let params: Vec<Param<'_>> = of_each.collect();
    let row = unit.query_first("lookup", &format!("SELECT {}", counts.join(", ")), &params)?;
    let row = row.ok_or(StoreError::Corrupt { table: "lookup" })?;
    let counted = |(place, token): (usize, &(i64, [u8; 32]))| Ok((row.int(place)?, *token));
    let counted: Result<Vec<_>, StoreError> = tokens.iter().enumerate().map(counted).collect();
    let mut counted = counted?;
    counted.sort_by_key(|(count, _)| *count);
    Ok(counted.into_iter().map(|(_, token)| token).collect())
}

/// Walks the list of one token in the order of its key, past so many others. What is asked of each subject in it is a
/// subquery that answers a value: neither engine makes a join of it, which could begin with a longer list.
pub(crate) fn walk(others: usize, scope: &Scope) -> String {
    let also = |place: usize| {
        let (one, token, kind) = (3 * place, 3 * place + 1, 3 * place + 2);
        format!(
            "(SELECT COUNT(*) FROM moretus.lookup other WHERE other.slot IN (rarest.subject, ${one})
                AND other.token = ${token} AND other.kind = ${kind} AND other.subject = rarest.subject) > 0 AND "
        )
    };
    let all: String = (1..=others).map(also).collect();
    let portfolio = 3 * others + 3;
    let (covered, next) = covered(scope.sponsors.len(), portfolio + 1);
    let (served, limit) = served(scope.task.len(), next);
    format!(
        "SELECT rarest.subject FROM moretus.lookup rarest WHERE rarest.token = $1 AND rarest.kind = $2 AND {all}
            (SELECT portfolio FROM moretus.subject WHERE subject = rarest.subject) = ${portfolio}{covered}{served}
            ORDER BY rarest.slot LIMIT ${limit}"
    )
}

/// So many placeholders from one on, as a list, and the number after them.
fn places(many: usize, first: usize) -> (String, usize) {
    let all: Vec<String> = (first..first + many).map(|place| format!("${place}")).collect();
    (all.join(", "), first + many)
}

/// That one of so many sponsors covers them: in a span that holds on the day; where none holds, in the last that began.
/// Answers the number of the next placeholder, too.
fn covered(sponsors: usize, first: usize) -> (String, usize) {
    if sponsors == 0 {
        return (String::new(), first);
    }
    let (sponsors, day) = places(sponsors, first);
    let sql = format!(
        " AND (SELECT COUNT(*) FROM moretus.coverage span WHERE span.subject = rarest.subject
                AND span.sponsor IN ({sponsors}) AND span.start_day <= ${day} AND (span.end_day >= ${day} OR (
                    (SELECT COUNT(*) FROM moretus.coverage held WHERE held.subject = rarest.subject
                        AND held.start_day <= ${day} AND held.end_day >= ${day}) = 0
                    AND span.start_day = (SELECT MAX(begun.start_day) FROM moretus.coverage begun
                        WHERE begun.subject = rarest.subject AND begun.start_day <= ${day})))) > 0"
    );
    (sql, day + 1)
}

/// That a condition of one of so many objects is live for them. Answers the number of the next placeholder, too.
fn served(objects: usize, first: usize) -> (String, usize) {
    if objects == 0 {
        return (String::new(), first);
    }
    let (objects, now) = places(objects, first);
    let sql = format!(
        " AND (SELECT COUNT(*) FROM moretus.condition task WHERE task.subject = rarest.subject
                AND task.object IN ({objects}) AND task.since <= ${now} AND task.until > ${now}) > 0"
    );
    (sql, now + 1)
}

/// The parameters of [`walk`].
pub(crate) fn walked<'a>(tokens: &'a [(i64, [u8; 32])], scope: &'a Scope, limit: usize) -> Vec<Param<'a>> {
    let terms =
        tokens.iter().flat_map(|(kind, token)| [Param::Bytes(&ONE), Param::Bytes(token), Param::Int(*kind)]);
    // The first needs no slot: its whole list is walked.
    let day = (!scope.sponsors.is_empty()).then(|| Param::day(scope.today));
    let now = (!scope.task.is_empty()).then(|| Param::at(scope.now));
    let covered = scope.sponsors.iter().map(Param::id).chain(day);
    let served = scope.task.iter().map(|object| Param::Bytes(object)).chain(now);
    let portfolio = [Param::id(&scope.portfolio)];
    terms.skip(1).chain(portfolio).chain(covered).chain(served).chain([Param::count(limit)]).collect()
}

/// Counts one more search of an actor in a minute, numbered from the epoch; answers the how manieth it is in it. What
/// was counted in an earlier one is forgotten.
pub fn count_search(unit: &mut Unit<'_>, actor: ActorId, minute: i64) -> Result<i64, StoreError> {
    let sql = "INSERT INTO moretus.search_count (actor, minute, count) VALUES ($1, $2, 1)
        ON CONFLICT (actor) DO UPDATE SET minute = excluded.minute,
            count = CASE WHEN search_count.minute = excluded.minute THEN search_count.count + 1 ELSE 1 END
        RETURNING count";
    let row = unit.query_first("search_count", sql, &[Param::id(&actor), Param::Int(minute)])?;
    row.ok_or(StoreError::Corrupt { table: "search_count" })?.int(0)
}

/// Deletes every token that leads to a subject; answers how many.
pub fn delete_of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<u64, StoreError> {
    unit.execute("DELETE FROM moretus.lookup WHERE subject = $1", &[Param::id(&subject)])
}

/// Deletes a token; answers whether it was there and led to the row's subject.
pub fn delete(unit: &mut Unit<'_>, row: &LookupRow) -> Result<bool, StoreError> {
    let sql = "DELETE FROM moretus.lookup WHERE token = $1 AND kind = $2 AND slot = $3 AND subject = $4";
    Ok(unit.execute(sql, &params(row))? == 1)
}
