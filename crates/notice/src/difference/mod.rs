//! What a newer version of the notice changes: which rules, who newly sees what and who no longer does, and
//! which prose. It compares what two versions say. What a newer one may already do for whom is not decided
//! here: until it was delivered and its notice period ran, the versions narrow each other.

mod access;
mod prose;
mod rules;
mod words;

pub use access::{AccessChange, AccessKind, Way};
pub use prose::{ProseChange, ProseKind};
pub use rules::{RuleChange, RuleKind, What};

use crate::Notice;

/// Everything that changes from one version to another, but their names and days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// In the order of the rules' file: the version itself, the organisation, retention, prohibitions, clauses.
    pub rules: Vec<RuleChange>,
    /// By recipient, purpose and category.
    pub access: Vec<AccessChange>,
    /// By language and place. The sections of rules that come or go are told by the rules.
    pub prose: Vec<ProseChange>,
}

impl Difference {
    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.access.is_empty() && self.prose.is_empty()
    }

    /// Whether something changes, and no rule and nobody's access does.
    #[must_use]
    pub fn is_prose_only(&self) -> bool {
        let texts = self.rules.iter().all(|change| change.kind == RuleKind::Organisation);
        texts && self.access.is_empty() && !self.is_empty()
    }
}

impl Notice {
    /// What changes from this version to a newer one.
    #[must_use]
    pub fn difference(&self, newer: &Notice) -> Difference {
        let rules = rules::changes(self.rules(), newer.rules());
        let access = access::changes(&self.compile(), &newer.compile());
        let prose = prose::changes(self, newer, &rules);
        Difference { rules, access, prose }
    }
}
