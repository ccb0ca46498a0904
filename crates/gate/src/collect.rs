//! Collecting: personal data is taken in only under a clause, too. What a clause does not cover is
//! refused before anything is sealed.

use domain::{
    Category, CategorySet, Condition, ConditionSet, GoverningLaw, Personal, Purpose, Recipient, RecordId,
    SubjectId, SubjectKind, SupplementId,
};
use notice::{Decision, Question};
use store::key::WrappedKey;
use store::sealed::SealedRow;
use store::subject::SubjectRow;

use crate::sealed::{NO_SUPPLEMENT, Place, content_hash, seal};
use crate::{Asking, Bar, Gate, GateError, Refused, keys};

/// What holds while something is taken in: nothing opens. No ask holds it, so that a clause which asks for it lets
/// in, and shows nobody anything.
const TAKING_IN: ConditionSet = ConditionSet::of(&[Condition::TakingIn]);

/// Any law: what is taken in rests on the same everywhere, since no consent is held while something comes in.
const ANY_LAW: GoverningLaw = GoverningLaw::Elsewhere;

/// The proof that a clause covers the taking in of certain categories about a kind of subject.
pub struct Collection {
    gate: Gate,
    kind: SubjectKind,
    allowed: CategorySet,
    portfolio: domain::PortfolioId,
    notice: i64,
    /// The people whose files whoever takes it in does not handle, and why it was to come in.
    own_files: Vec<SubjectId>,
    purpose: Purpose,
    recipient: Recipient,
    /// The supplement that it obeys from now on; zeros for the notice alone.
    supplement: SupplementId,
}

impl std::fmt::Debug for Collection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Collection({}: {})", self.kind, self.allowed)
    }
}

impl Gate {
    /// Asks to take in these categories about a kind of subject, under the notice in force or, where the ask
    /// names one, under that supplement, which must be the version in force. What is sealed obeys it. A refusal is on the
    /// record.
    pub async fn collect(
        &self,
        asking: &Asking<'_>,
        kind: SubjectKind,
        categories: CategorySet,
    ) -> Result<Collection, GateError> {
        self.check_wall_of(asking, categories).await?;
        let notices = &self.inner.notices;
        self.inner.check_record(asking.actor).await?;
        if let Some(bar) = asking.actor.bar(self.now()) {
            self.inner.record_refused(asking, String::new(), categories, bar).await?;
            return Err(Refused::barred(asking.purpose, asking.actor.recipient, categories, bar).into());
        }
        let in_force = notices.in_force(asking.portfolio, asking.supplement, self.now())?;
        if let Some(supplement) = asking.supplement {
            notices.must_be_current(asking.portfolio, supplement, self.now())?;
        }
        let question = Question {
            subject: kind,
            law: ANY_LAW,
            purpose: asking.purpose,
            recipient: asking.actor.recipient,
            needed: categories,
            wanted: categories,
            held: TAKING_IN,
            demands: ConditionSet::EMPTY,
            // What is taken in comes from outside: nothing is read, and nothing leaves.
            transfer: None,
            registered: None,
        };
        match in_force.table.decide(&question) {
            Decision::Granted(permission) => Ok(Collection {
                gate: self.clone(),
                kind,
                allowed: permission.shown,
                portfolio: asking.portfolio,
                notice: in_force.number,
                own_files: asking.actor.own_files().to_vec(),
                purpose: asking.purpose,
                recipient: asking.actor.recipient,
                supplement: asking.supplement.unwrap_or(NO_SUPPLEMENT),
            }),
            Decision::Refused(refusal) => {
                self.inner.record_refused(asking, String::new(), categories, Bar::TakingIn).await?;
                Err(Refused {
                    purpose: asking.purpose,
                    recipient: asking.actor.recipient,
                    missing: refusal.missing,
                    nearest: refusal
                        .nearest
                        .and_then(|index| in_force.table.clause_id(index))
                        .map(ToOwned::to_owned),
                    lacks: refusal.lacks,
                    unregistered: None,
                    not_registered_for: false,
                    bar: None,
                }
                .into())
            }
        }
    }
}

impl Gate {
    /// Keys that a subject lacks for a record of a kind that few people have: they are made when such a record first
    /// comes in, not when the subject is taken up. Store them, and seal with those that the store then has.
    ///
    /// Errors: [`GateError::NoKey`] for somebody whose record of who they are was erased: nothing more comes in.
    pub fn missing_keys<P: Personal>(
        &self,
        subject: SubjectId,
        keys: &[WrappedKey],
    ) -> Result<Vec<WrappedKey>, GateError> {
        let inner = &self.inner;
        keys::make_missing::<P>(subject, keys, &inner.roots, inner.randomness.as_ref())
    }

    /// What may be taken in about a kind of subject for this purpose, under the notice in force. An
    /// import reads no column outside it; [`Gate::collect`] still decides for each record.
    pub async fn collectable(
        &self,
        asking: &Asking<'_>,
        kind: SubjectKind,
    ) -> Result<CategorySet, GateError> {
        self.check_wall_of(asking, CategorySet::EMPTY).await?;
        let in_force = self.inner.notices.in_force(asking.portfolio, asking.supplement, self.now())?;
        let question = Question {
            subject: kind,
            law: ANY_LAW,
            purpose: asking.purpose,
            recipient: asking.actor.recipient,
            needed: CategorySet::EMPTY,
            wanted: Category::ALL.iter().copied().collect(),
            held: TAKING_IN,
            demands: ConditionSet::EMPTY,
            // What is taken in comes from outside: nothing is read, and nothing leaves.
            transfer: None,
            registered: None,
        };
        Ok(match in_force.table.decide(&question) {
            Decision::Granted(permission) => permission.shown,
            Decision::Refused(_) => CategorySet::EMPTY,
        })
    }
}

impl Gate {
    /// Who works behind another portfolio's wall takes nothing in here.
    async fn check_wall_of(&self, asking: &Asking<'_>, categories: CategorySet) -> Result<(), GateError> {
        if asking.actor.portfolio.is_none_or(|portfolio| portfolio == asking.portfolio) {
            return Ok(());
        }
        self.inner.record_refused(asking, String::new(), categories, Bar::StaffWall).await?;
        Err(GateError::NotAuthenticated)
    }
}

impl Collection {
    /// A new subject, whose cover this law governs: its row, bound to the notice in force, and all its keys.
    pub fn new_subject(
        &self,
        subject: SubjectId,
        law: GoverningLaw,
    ) -> Result<(SubjectRow, Vec<WrappedKey>), GateError> {
        let inner = &self.gate.inner;
        let keys = keys::make(subject, self.kind, &inner.roots, inner.randomness.as_ref())?;
        let row = SubjectRow {
            subject,
            portfolio: self.portfolio,
            kind: self.kind,
            law,
            notice: self.notice,
            version: 1,
            taken_up: inner.clock.now(),
        };
        Ok((row, keys))
    }

    /// Seals a record that was taken in. Refused when a category of it is not covered, and when it belongs to the file
    /// of whoever takes it in, or of a relative of theirs.
    pub fn seal<P: Personal>(
        &self,
        subject: SubjectId,
        record: impl Into<RecordId>,
        version: i64,
        value: &P,
        keys: &[WrappedKey],
    ) -> Result<Vec<SealedRow>, GateError> {
        if self.own_files.contains(&subject) {
            return Err(Refused::barred(self.purpose, self.recipient, P::CATEGORIES, Bar::OwnFile).into());
        }
        if !self.allowed.contains_all(P::CATEGORIES) {
            return Err(GateError::Compute("no clause covers taking in a category of this record"));
        }
        let place = self.place(subject, record, version);
        seal(value, place, keys, &self.gate.inner.roots, self.gate.inner.randomness.as_ref())
    }

    /// A keyed hash of what a record says: it tells the same record, given again, from another under its id.
    pub fn content_hash<P: Personal>(
        &self,
        subject: SubjectId,
        record: impl Into<RecordId>,
        value: &P,
        keys: &[WrappedKey],
    ) -> Result<[u8; 32], GateError> {
        content_hash(value, self.place(subject, record, 1), keys, &self.gate.inner.roots)
    }

    fn place(&self, subject: SubjectId, record: impl Into<RecordId>, version: i64) -> Place {
        Place { subject, record: record.into(), version, supplement: self.supplement }
    }
}
