//! What one promise of the notice says, as read from `clauses.toml`. These are plain facts; what
//! they permit together is the table's to say.

use domain::{
    CategorySet, Condition, ConditionSet, GoverningLaw, GoverningLawSet, Purpose, Recipient, RetentionClass,
    SubjectKind, TransferSafeguard,
};

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
    /// Where it is declared otherwise: the laws, each with the basis where that law governs the cover, none of them
    /// twice. Empty where `health` is declared for every law.
    pub health_by_law: Vec<(GoverningLaw, HealthBasis)>,
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

    /// What must hold where a law governs the cover: all of `when`; but where health data does not rest on
    /// consent while it does elsewhere, no consent to the use of health data is asked, which could not be free. A
    /// consent that says who somebody is, to an app or a programme, or what for, to research, stays.
    #[must_use]
    pub fn needs(&self, law: GoverningLaw) -> ConditionSet {
        let declared = self.health_by_law.iter().find(|(of, _)| *of == law).map(|(_, basis)| *basis);
        self.needs_on(declared.or(self.health))
    }

    /// What must hold where none of the laws that `health_by_law` names governs the cover.
    #[must_use]
    pub fn needs_otherwise(&self) -> ConditionSet {
        self.needs_on(self.health)
    }

    fn needs_on(&self, basis: Option<HealthBasis>) -> ConditionSet {
        if self.health_by_law.is_empty() || basis == Some(HealthBasis::ExplicitConsent) {
            return self.when;
        }
        self.when.minus(ConditionSet::of(&[Condition::ConsentHealth]))
    }

    /// What must hold, for each set of laws under which it is the same: together they are every law.
    pub(crate) fn needs_by_law(&self) -> Vec<(GoverningLawSet, ConditionSet)> {
        let mut found: Vec<(GoverningLawSet, ConditionSet)> = Vec::new();
        for law in GoverningLaw::ALL.iter().copied() {
            let needs = self.needs(law);
            match found.iter_mut().find(|(_, same)| *same == needs) {
                Some((laws, _)) => *laws = laws.with(law),
                None => found.push((GoverningLawSet::of(&[law]), needs)),
            }
        }
        found
    }
}

/// The consents that may cover health data: to market is none of them.
pub(crate) fn covers_health(condition: Condition) -> bool {
    condition.is_consent() && condition != Condition::ConsentMarketing
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
