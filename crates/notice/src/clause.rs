//! What one promise of the notice says, as read from `clauses.toml`. These are plain facts; what
//! they permit together is the table's to say.

use domain::{CategorySet, ConditionSet, Purpose, Recipient, RetentionClass, SubjectKind, TransferSafeguard};

use crate::{HealthBasis, LegalBasis, RetentionStart};

/// One promise: these recipients may use these categories about these subjects for these purposes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// Its id, also the anchor of its prose: lower-case words with dots and hyphens.
    pub id: String,
    /// Whom the data is about, each with the basis that the controller declared (GDPR art. 6).
    pub bases: Vec<(SubjectKind, LegalBasis)>,
    /// Why. A clause on a node of the purpose tree covers that node only, not those below it.
    pub purposes: Vec<Purpose>,
    /// What may be shown.
    pub data: CategorySet,
    /// To whom.
    pub recipients: Vec<Recipient>,
    /// What permits the use of health data, as declared (GDPR art. 9); present exactly when `data`
    /// has health data.
    pub health: Option<HealthBasis>,
    /// What must also hold. All of it.
    pub when: ConditionSet,
    /// What the data is kept and destroyed with.
    pub retention: RetentionClass,
    /// The safeguard, where data may leave the European Economic Area.
    pub transfers: Option<TransferSafeguard>,
    /// The smallest number of people that a total may be about, at least 2. A decision about one
    /// subject cannot test it; whoever releases totals must.
    pub minimum_group: Option<u32>,
}

impl Clause {
    /// Whether it is about this kind of subject.
    #[must_use]
    pub fn is_about(&self, subject: SubjectKind) -> bool {
        self.bases.iter().any(|(kind, _)| *kind == subject)
    }
}

/// A prohibition: on its purpose and every purpose below it, whatever a clause permits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prohibition {
    /// Its id, also the anchor of its prose.
    pub id: String,
    /// The node of the purpose tree.
    pub purpose: Purpose,
    /// What lifts it: all of these must hold. Empty: nothing does.
    pub unless: ConditionSet,
}

/// How long a class of data is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// The class.
    pub class: RetentionClass,
    /// Years, 1 to 150.
    pub years: u32,
    /// What the years run from.
    pub after: RetentionStart,
}
