//! The table as a list that people can read and compare: who may see what, why, under which
//! clause. A changed clause shows as changed lines.

use std::fmt;

use domain::{
    Category, ConditionSet, GoverningLawSet, Purpose, Recipient, SubjectKind, TransferSafeguardSet,
};

use crate::Table;

/// One line of the access matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access<'a> {
    /// Who.
    pub recipient: Recipient,
    /// Why.
    pub purpose: Purpose,
    /// What.
    pub category: Category,
    /// About whom, in order.
    pub subjects: Vec<SubjectKind>,
    /// Under which clause.
    pub clause: &'a str,
    /// On which conditions.
    pub conditions: ConditionSet,
    /// Where one of these laws governs the cover.
    pub laws: GoverningLawSet,
    /// Under which safeguards it may leave the European Economic Area; empty: it may not.
    pub transfers: TransferSafeguardSet,
}

impl Access<'_> {
    /// The laws where it holds, in words; none where it holds under every law.
    #[must_use]
    pub fn governed_by(&self) -> Option<String> {
        (self.laws != GoverningLawSet::ALL).then(|| laws(self.laws))
    }
}

impl fmt::Display for Access<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subjects: Vec<_> = self.subjects.iter().map(|subject| subject.word()).collect();
        write!(
            f,
            "{:<24} {:<28} {:<12} {:<30} {}",
            self.recipient,
            self.purpose,
            self.category,
            self.clause,
            subjects.join(", ")
        )?;
        if !self.conditions.is_empty() {
            write!(f, " [{}]", self.conditions)?;
        }
        if let Some(laws) = self.governed_by() {
            write!(f, " law: {laws}")?;
        }
        if !self.transfers.is_empty() {
            write!(f, " abroad: {}", self.transfers)?;
        }
        Ok(())
    }
}

/// The laws, or all but those that are left out, whichever is shorter.
pub(crate) fn laws(laws: GoverningLawSet) -> String {
    let others = GoverningLawSet::ALL.minus(laws);
    if others.len() < laws.len() { format!("all but {others}") } else { laws.to_string() }
}

impl Table {
    /// Every access that this table can grant: by recipient, purpose and category, then as the
    /// table would use them.
    #[must_use]
    pub fn matrix(&self) -> Vec<Access<'_>> {
        let mut lines: Vec<Access<'_>> = Vec::new();
        for recipient in Recipient::ALL {
            for purpose in Purpose::ALL {
                for category in Category::ALL {
                    self.add_accesses(*recipient, *purpose, *category, &mut lines);
                }
            }
        }
        lines
    }

    fn add_accesses<'a>(
        &'a self,
        recipient: Recipient,
        purpose: Purpose,
        category: Category,
        lines: &mut Vec<Access<'a>>,
    ) {
        let first = lines.len();
        for subject in SubjectKind::ALL.iter().copied() {
            for row in
                self.rows(purpose, recipient, subject).iter().filter(|row| row.covers.contains(category))
            {
                let clause = self.clause_id(row.clause).unwrap_or_default();
                let same = lines.iter_mut().skip(first).find(|line| {
                    line.clause == clause
                        && line.conditions == row.needs
                        && line.laws == row.laws
                        && line.transfers == row.transfers
                });
                match same {
                    Some(line) => line.subjects.push(subject),
                    None => lines.push(Access {
                        recipient,
                        purpose,
                        category,
                        subjects: vec![subject],
                        clause,
                        conditions: row.needs,
                        laws: row.laws,
                        transfers: row.transfers,
                    }),
                }
            }
        }
    }
}
