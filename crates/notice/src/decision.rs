//! What is asked of the table and what it answers. Only shapes: deciding is `table`'s.

use domain::{
    CategorySet, Condition, ConditionSet, GoverningLaw, Purpose, Recipient, SubjectKind, TransferSafeguardSet,
};

/// May this recipient see these categories about such a subject, for this purpose?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// What the subject is.
    pub subject: SubjectKind,
    /// The law that governs the subject's cover.
    pub law: GoverningLaw,
    /// Why.
    pub purpose: Purpose,
    /// Who asks.
    pub recipient: Recipient,
    /// Without these the answer is a refusal.
    pub needed: CategorySet,
    /// Everything that would be used if it may be shown; holds `needed`.
    pub wanted: CategorySet,
    /// The conditions that hold, for this subject and asker, now.
    pub held: ConditionSet,
    /// Conditions that must hold whatever a clause asks for, such as the contract of whoever works on
    /// the administrator's behalf.
    pub demands: ConditionSet,
    /// Whether the data leaves the European Economic Area, and under which safeguards: these must hold
    /// (`transfer-safeguard`), and only a clause that lets data go under all of them counts.
    pub transfer: Option<TransferSafeguardSet>,
    /// The clauses that whoever gets the data is registered for, where that is an organisation: no other counts.
    pub registered: Option<ClauseSet>,
}

impl Question {
    /// What must hold whatever a clause asks for.
    pub(crate) fn demanded(&self) -> ConditionSet {
        if self.transfer.is_some() { self.demands.with(Condition::Safeguard) } else { self.demands }
    }

    /// Whether whoever gets the data is registered for a clause, or needs no register.
    pub(crate) fn is_registered_for(&self, clause: u16) -> bool {
        self.registered.is_none_or(|registered| registered.contains(clause))
    }
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Something may be shown, and everything needed.
    Granted(Permission),
    /// Something needed may not be shown, or nothing at all may.
    Refused(Refusal),
}

/// What may be shown, and on what it rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission {
    /// Part of what was wanted, with all that was needed; never empty.
    pub shown: CategorySet,
    /// What the clauses used rest on. Exactly these are tested again by the statement that writes
    /// the disclosure.
    pub conditions: ConditionSet,
    /// The clauses used; never empty.
    pub clauses: ClauseSet,
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// What was needed and may not be shown; all that was wanted, when nothing was needed.
    pub missing: CategorySet,
    /// The clause for this subject, purpose and recipient that comes nearest to showing `missing`;
    /// `None` when the notice has no clause for the three together, or forbids the purpose.
    pub nearest: Option<u16>,
    /// The conditions that the nearest clause would still need, and `transfer-safeguard` where that
    /// clause does not let the data leave under the safeguards asked about. When it is empty, no
    /// condition would help: the clause does not name what is missing.
    pub lacks: ConditionSet,
    /// Whether whoever would get the data is not registered for the nearest clause.
    pub unregistered: bool,
}

/// A set of clauses of one version, by their index, 0 to 255.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ClauseSet([u64; 4]);

impl ClauseSet {
    /// The most clauses that a version may have.
    pub const CAPACITY: u16 = 256;

    /// The empty set.
    pub const EMPTY: Self = Self([0; 4]);

    /// This set with one more clause; an index out of range adds nothing.
    #[must_use]
    pub fn with(mut self, index: u16) -> Self {
        if let Some(word) = self.0.get_mut(usize::from(index / 64)) {
            *word |= 1 << (index % 64);
        }
        self
    }

    /// Whether the clause is in it.
    #[must_use]
    pub fn contains(self, index: u16) -> bool {
        self.0.get(usize::from(index / 64)).is_some_and(|word| word & (1 << (index % 64)) != 0)
    }

    /// Whether nothing is in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        let [a, b, c, d] = self.0;
        a | b | c | d == 0
    }

    /// How many clauses.
    #[must_use]
    pub fn len(self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// The indexes, in order.
    pub fn iter(self) -> impl Iterator<Item = u16> {
        (0..Self::CAPACITY).filter(move |index| self.contains(*index))
    }
}

impl std::fmt::Debug for ClauseSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clause_set_holds_every_index_and_no_other() {
        let set = ClauseSet::EMPTY.with(0).with(63).with(64).with(255).with(256);
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 63, 64, 255]);
        assert_eq!(set.len(), 4);
        assert!(!set.is_empty() && ClauseSet::EMPTY.is_empty());
        assert!(!set.contains(256) && !set.contains(1));
    }
}
