//! Whose access changes: cell by cell of the two access matrices. A cell is compared by the conditions under
//! which it opens, so that a clause which only repeats another changes nobody's access.

use domain::{Category, ConditionSet, GoverningLawSet, Purpose, Recipient, SubjectKind};

use crate::Table;

/// What happens to an access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccessKind {
    /// There was none, and there is.
    Gained,
    /// There was one, and there is none.
    Lost,
    /// It opens whenever it did, and in more cases.
    Eased,
    /// It opens in fewer cases, and in no other.
    Tightened,
    /// It opens in cases in which it did not, and does not in some in which it did.
    Altered,
    /// It opens exactly as before, under another clause.
    Moved,
}

impl AccessKind {
    /// In one word, for programs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Gained => "gained",
            Self::Lost => "lost",
            Self::Eased => "eased",
            Self::Tightened => "tightened",
            Self::Altered => "altered",
            Self::Moved => "moved",
        }
    }
}

/// One way to open a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Under this clause.
    pub clause: String,
    /// While all of these hold.
    pub conditions: ConditionSet,
    /// Where one of these laws governs the cover.
    pub laws: GoverningLawSet,
}

/// One cell of the access matrix that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessChange {
    /// What happens to it.
    pub kind: AccessKind,
    /// Who.
    pub recipient: Recipient,
    /// Why.
    pub purpose: Purpose,
    /// What.
    pub category: Category,
    /// About whom, in order; never empty.
    pub subjects: Vec<SubjectKind>,
    /// The ways before; any of them is enough.
    pub before: Vec<Way>,
    /// The ways after.
    pub after: Vec<Way>,
}

/// Every cell that changes, by recipient, purpose and category.
pub(super) fn changes(older: &Table, newer: &Table) -> Vec<AccessChange> {
    let mut changes = Vec::new();
    for recipient in Recipient::ALL {
        for purpose in Purpose::ALL {
            for category in Category::ALL {
                add(older, newer, (*recipient, *purpose, *category), &mut changes);
            }
        }
    }
    changes
}

type Cell = (Recipient, Purpose, Category);

fn add(older: &Table, newer: &Table, cell: Cell, changes: &mut Vec<AccessChange>) {
    let first = changes.len();
    for subject in SubjectKind::ALL.iter().copied() {
        let (before, after) = (ways(older, cell, subject), ways(newer, cell, subject));
        let Some(kind) = kind(&before, &after) else { continue };
        let alike = changes.iter_mut().skip(first).find(|one| one.before == before && one.after == after);
        if let Some(change) = alike {
            change.subjects.push(subject);
            continue;
        }
        let (recipient, purpose, category) = cell;
        changes.push(AccessChange {
            kind,
            recipient,
            purpose,
            category,
            subjects: vec![subject],
            before,
            after,
        });
    }
}

/// The ways that count: none that needs all that another one needs. Rows come with fewest conditions first.
fn ways(table: &Table, (recipient, purpose, category): Cell, subject: SubjectKind) -> Vec<Way> {
    let mut ways: Vec<Way> = Vec::new();
    for row in table.rows(purpose, recipient, subject).iter().filter(|row| row.covers.contains(category)) {
        let is_more =
            |earlier: &Way| row.needs.contains_all(earlier.conditions) && earlier.laws.contains_all(row.laws);
        if !ways.iter().any(is_more) {
            ways.retain(|earlier| {
                !(earlier.conditions.contains_all(row.needs) && row.laws.contains_all(earlier.laws))
            });
            let clause = table.clause_id(row.clause).unwrap_or_default().to_owned();
            ways.push(Way { clause, conditions: row.needs, laws: row.laws });
        }
    }
    ways
}

fn kind(before: &[Way], after: &[Way]) -> Option<AccessKind> {
    match (before, after) {
        ([], []) => return None,
        ([], _) => return Some(AccessKind::Gained),
        (_, []) => return Some(AccessKind::Lost),
        _ => {}
    }
    match (opens_whenever(after, before), opens_whenever(before, after)) {
        (true, true) => {
            let same = before.iter().all(|way| after.contains(way));
            (!same).then_some(AccessKind::Moved)
        }
        (true, false) => Some(AccessKind::Eased),
        (false, true) => Some(AccessKind::Tightened),
        (false, false) => Some(AccessKind::Altered),
    }
}

/// Whether some way of the one is open in every case in which a way of the other is.
fn opens_whenever(one: &[Way], other: &[Way]) -> bool {
    other.iter().all(|theirs| {
        let ours = one.iter().filter(|ours| theirs.conditions.contains_all(ours.conditions));
        let laws = ours.fold(GoverningLawSet::EMPTY, |laws, ours| laws.union(ours.laws));
        laws.contains_all(theirs.laws)
    })
}
