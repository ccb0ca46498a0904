//! The clauses as a table that decides: dense over (purpose, recipient, kind of subject), each
//! cell a few rows. Deciding is pure and total, and allocates nothing.
//!
//! The rule, which `oracle` states a second time straight from the clauses:
//!
//! - A clause counts when its purposes, recipients and subjects name what is asked. A purpose is
//!   matched exactly: a clause on a node of the tree says nothing about the nodes below it.
//! - A prohibition counts on its purpose and on every purpose below. It wins: without an `unless`
//!   the clause does not count at all; with one, its conditions are needed too.
//! - A clause may need less where one law governs the cover than where another does.
//! - What leaves the European Economic Area does so only under a clause with `transfers`, while its
//!   safeguard holds, and this is the one that the clause names or adequacy.
//! - An organisation gets data only under a clause that it is registered for.
//! - What the question demands must hold for every clause, and a permission rests on it.
//! - Of the clauses whose conditions all hold, those with fewer conditions come first, then those
//!   earlier in the file. A clause is used only if it adds something wanted that those before it
//!   do not show, so that a permission rests on as little as possible.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::{
    CategorySet, Condition, ConditionSet, GoverningLaw, GoverningLawSet, Purpose, Recipient, SubjectKind,
    SubjectKindSet, TransferSafeguard, TransferSafeguardSet,
};

use crate::{Clause, ClauseSet, Decision, Permission, Prohibition, Question, Refusal};

/// One more than the highest number of a vocabulary: were it less, two cells would share a place.
macro_rules! span {
    ($vocabulary:ty) => {{
        let mut span = 0;
        let mut rest = <$vocabulary>::ALL;
        while let [first, tail @ ..] = rest {
            if first.code() as usize >= span {
                span = first.code() as usize + 1;
            }
            rest = tail;
        }
        span
    }};
}

const PURPOSES: usize = span!(Purpose);
const RECIPIENTS: usize = span!(Recipient);
const SUBJECTS: usize = span!(SubjectKind);
const CELLS: usize = PURPOSES * RECIPIENTS * SUBJECTS;

/// One way to show something: what, on which conditions, under which clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) covers: CategorySet,
    pub(crate) needs: ConditionSet,
    /// Where it counts: while one of these laws governs the cover.
    pub(crate) laws: GoverningLawSet,
    /// Under which safeguards it may leave the European Economic Area; empty: it may not.
    pub(crate) transfers: TransferSafeguardSet,
    pub(crate) clause: u16,
}

impl Row {
    /// Whether it lets the data go where the question says.
    fn lets_go(&self, question: &Question) -> bool {
        question.transfer.is_none_or(|under| !self.transfers.is_empty() && self.transfers.contains_all(under))
    }

    /// What it would still need to answer the question.
    fn lacks(&self, question: &Question) -> ConditionSet {
        let lacks = self.needs.union(question.demanded()).minus(question.held);
        if self.lets_go(question) { lacks } else { lacks.with(Condition::Safeguard) }
    }

    /// Whether it shows all that the other shows, wherever and on no more than what that needs. `apart`: only where it
    /// is of the same clause, since somebody may be registered for the other's alone.
    fn makes_idle(&self, other: &Self, apart: bool) -> bool {
        (!apart || self.clause == other.clause)
            && self.covers.contains_all(other.covers)
            && other.needs.contains_all(self.needs)
            && self.laws.contains_all(other.laws)
            && self.transfers.contains_all(other.transfers)
    }
}

/// A compiled version of the notice, or what two versions allow together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Rows of all cells, one after the other, each cell's by number of conditions.
    rows: Vec<Row>,
    /// Where each cell's rows start; one more than there are cells.
    starts: Vec<u32>,
    ids: Arc<[String]>,
}

impl Table {
    /// Compiles clauses under prohibitions. Clauses beyond [`ClauseSet::CAPACITY`] permit nothing;
    /// [`crate::Notice::read`] refuses such a notice.
    pub(crate) fn compile(clauses: &[Clause], prohibitions: &[Prohibition]) -> Self {
        let mut cells: BTreeMap<usize, Vec<Row>> = BTreeMap::new();
        for (index, clause) in (0..ClauseSet::CAPACITY).zip(clauses) {
            for purpose in clause.purposes.iter().copied() {
                let Some(unless) = exceptions(purpose, prohibitions) else { continue };
                let rows = clause.needs_by_law().into_iter().map(|(laws, needs)| Row {
                    covers: clause.data,
                    needs: needs.union(unless),
                    laws,
                    transfers: transfers(clause),
                    clause: index,
                });
                let rows: Vec<Row> = rows.collect();
                for recipient in clause.recipients.iter().copied() {
                    for (subject, _) in &clause.bases {
                        cells.entry(cell(purpose, recipient, *subject)).or_default().extend(&rows);
                    }
                }
            }
        }
        Self::build(clauses.iter().map(|clause| clause.id.clone()).collect(), cells)
    }

    /// A table from the rows of each cell. Rows are ordered by their number of conditions; those
    /// of equal number stay as they are given.
    pub(crate) fn build(ids: Arc<[String]>, cells: BTreeMap<usize, Vec<Row>>) -> Self {
        let mut rows: Vec<Row> = Vec::new();
        let mut starts = Vec::with_capacity(CELLS + 1);
        for (cell, mut own) in cells {
            starts.resize(cell + 1, position(&rows));
            own.sort_by_key(|row| row.needs.len());
            rows.extend(without_idle_rows(own, is_organisation(cell)));
        }
        starts.resize(CELLS + 1, position(&rows));
        Self { rows, starts, ids }
    }

    /// The rows for one kind of use, those with fewest conditions first.
    pub(crate) fn rows(&self, purpose: Purpose, recipient: Recipient, subject: SubjectKind) -> &[Row] {
        self.rows_at(cell(purpose, recipient, subject))
    }

    /// The rows of a cell.
    pub(crate) fn rows_at(&self, cell: usize) -> &[Row] {
        match self.starts.get(cell..cell + 2) {
            Some(&[start, end]) => self.rows.get(start as usize..end as usize).unwrap_or_default(),
            _ => &[],
        }
    }

    /// Answers a question. Pure: the same table and question give the same answer.
    #[must_use]
    pub fn decide(&self, question: &Question) -> Decision {
        let rows = self.rows(question.purpose, question.recipient, question.subject);
        let mut permission = Permission {
            shown: CategorySet::EMPTY,
            conditions: question.demanded(),
            clauses: ClauseSet::EMPTY,
        };
        let counts = |row: &&Row| {
            row.laws.contains(question.law)
                && question.is_registered_for(row.clause)
                && row.lacks(question).is_empty()
        };
        for row in rows.iter().filter(counts) {
            let added = row.covers.intersection(question.wanted).minus(permission.shown);
            if !added.is_empty() {
                permission.shown = permission.shown.union(added);
                permission.conditions = permission.conditions.union(row.needs);
                permission.clauses = permission.clauses.with(row.clause);
            }
        }
        if permission.shown.is_empty() || !permission.shown.contains_all(question.needed) {
            Decision::Refused(refusal(rows, question, permission.shown))
        } else {
            Decision::Granted(permission)
        }
    }

    /// The kinds of subject about which a question finds the same rows as about this one, so that its answer is the
    /// same: at least this kind.
    #[must_use]
    pub fn kinds_alike(&self, purpose: Purpose, recipient: Recipient, kind: SubjectKind) -> SubjectKindSet {
        let rows = self.rows(purpose, recipient, kind);
        let alike = |other: &SubjectKind| self.rows(purpose, recipient, *other) == rows;
        SubjectKind::ALL.iter().copied().filter(alike).collect()
    }

    /// The laws under which a question about these finds the same rows as under this one, so that its answer is the
    /// same: at least this law.
    #[must_use]
    pub fn laws_alike(
        &self,
        purpose: Purpose,
        recipient: Recipient,
        subject: SubjectKind,
        law: GoverningLaw,
    ) -> GoverningLawSet {
        self.rows(purpose, recipient, subject).iter().fold(GoverningLawSet::ALL, |alike, row| {
            if row.laws.contains(law) { alike.intersection(row.laws) } else { alike.minus(row.laws) }
        })
    }

    /// The id of a clause that a decision of this table named.
    #[must_use]
    pub fn clause_id(&self, index: u16) -> Option<&str> {
        self.ids.get(usize::from(index)).map(String::as_str)
    }

    /// The clauses of this version among those with these ids.
    #[must_use]
    pub fn clauses_among(&self, ids: &[String]) -> ClauseSet {
        let indexes = (0..ClauseSet::CAPACITY).zip(self.ids.iter());
        let among = indexes.filter(|(_, id)| ids.contains(id));
        among.fold(ClauseSet::EMPTY, |set, (index, _)| set.with(index))
    }

    /// Where to look when no clause is about a purpose and a recipient together: the first clause for this
    /// purpose, whoever gets the data, or else the first for this recipient, whatever it is for. It says what
    /// the notice has nearby, and no more: no condition would make it apply.
    #[must_use]
    pub fn elsewhere(&self, purpose: Purpose, recipient: Recipient) -> Option<&str> {
        let first = |rows: &mut dyn Iterator<Item = &Row>| rows.map(|row| row.clause).min();
        let of = |purpose, recipient| {
            SubjectKind::ALL.iter().flat_map(move |subject| self.rows(purpose, recipient, *subject))
        };
        first(&mut Recipient::ALL.iter().flat_map(|other| of(purpose, *other)))
            .or_else(|| first(&mut Purpose::ALL.iter().flat_map(|other| of(*other, recipient))))
            .and_then(|clause| self.clause_id(clause))
    }

    pub(crate) fn ids(&self) -> Arc<[String]> {
        Arc::clone(&self.ids)
    }

    /// The cells that have rows, in order.
    pub(crate) fn used_cells(&self) -> impl Iterator<Item = usize> {
        let ends = self.starts.iter().skip(1);
        self.starts.iter().zip(ends).enumerate().filter(|(_, (start, end))| start < end).map(|(cell, _)| cell)
    }
}

fn cell(purpose: Purpose, recipient: Recipient, subject: SubjectKind) -> usize {
    (usize::from(purpose.code()) * RECIPIENTS + usize::from(recipient.code())) * SUBJECTS
        + usize::from(subject.code())
}

/// Whether a cell is about what an organisation gets.
fn is_organisation(cell: usize) -> bool {
    let recipient = u8::try_from(cell / SUBJECTS % RECIPIENTS).ok().and_then(Recipient::from_code);
    recipient.is_some_and(Recipient::is_organisation)
}

fn position(rows: &[Row]) -> u32 {
    u32::try_from(rows.len()).unwrap_or(u32::MAX)
}

/// Under which safeguards a clause lets data leave. Where it names one, what the Commission found adequate is
/// as good.
fn transfers(clause: &Clause) -> TransferSafeguardSet {
    clause.transfers.map_or(TransferSafeguardSet::EMPTY, |safeguard| {
        TransferSafeguardSet::of(&[safeguard, TransferSafeguard::Adequacy])
    })
}

/// What the prohibitions on a purpose ask beside a clause's own conditions; `None` when one of
/// them has no exception.
fn exceptions(purpose: Purpose, prohibitions: &[Prohibition]) -> Option<ConditionSet> {
    let mut above = prohibitions.iter().filter(|one| purpose.is_within(one.purpose));
    above.try_fold(ConditionSet::EMPTY, |all, one| (!one.unless.is_empty()).then(|| all.union(one.unless)))
}

/// Drops rows that can never add anything: an earlier one, of the same clause where rows count apart, shows as much on
/// no more conditions; or the next one is of the same clause and shows more on the same. No decision changes by it: a
/// row that others stand between is looked at before them, and what is looked at first is what a permission rests on.
fn without_idle_rows(rows: Vec<Row>, apart: bool) -> Vec<Row> {
    let mut kept: Vec<Row> = Vec::with_capacity(rows.len());
    for row in rows {
        if !kept.iter().any(|earlier| earlier.makes_idle(&row, apart)) {
            let is_next = |last: &mut Row| last.clause == row.clause && row.makes_idle(last, apart);
            while kept.pop_if(is_next).is_some() {}
            kept.push(row);
        }
    }
    kept
}

fn refusal(rows: &[Row], question: &Question, shown: CategorySet) -> Refusal {
    let sought = if question.needed.is_empty() { question.wanted } else { question.needed };
    let missing = sought.minus(shown);
    // Most of what is missing; then one that the recipient is registered for; then fewest conditions to meet; then
    // the first.
    let is_unregistered = |row: &&Row| !question.is_registered_for(row.clause);
    let governed = rows.iter().filter(|row| row.laws.contains(question.law));
    let nearest = governed.min_by_key(|row| {
        let left = missing.minus(row.covers).len();
        (left, is_unregistered(row), row.lacks(question).len())
    });
    let lacks = nearest.filter(|row| !row.covers.intersection(missing).is_empty());
    Refusal {
        missing,
        nearest: nearest.map(|row| row.clause),
        unregistered: lacks.as_ref().is_some_and(is_unregistered),
        lacks: lacks.map_or(ConditionSet::EMPTY, |row| row.lacks(question)),
    }
}
