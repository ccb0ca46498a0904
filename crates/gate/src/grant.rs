//! A grant: the short-lived proof that a clause allows a use and that its entry is durable. It has
//! no public constructor, is not Clone, and opens only the views it was asked for, only of its
//! subjects, only within the categories that the clause shows, and only what was collected under the notice or
//! supplement whose clause it is.

use std::marker::PhantomData;
use std::sync::Arc;

use domain::{
    CategorySet, Includes, Personal, PortfolioId, Purpose, RecordId, SubjectId, SupplementId, Timestamp,
    View, Views,
};
use store::key::WrappedKey;
use store::sealed::SealedRow;

use crate::gate::Inner;
use crate::sealed::{NO_SUPPLEMENT, Place, Sealed, open, reseal, seal};
use crate::{Asking, GateError, Plain};

/// How long a grant opens.
const GRANT_SECONDS: i64 = 10;

/// One subject of a grant, and what a clause shows of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Granted {
    pub(crate) subject: SubjectId,
    pub(crate) shown: CategorySet,
}

/// The proof that the views `S` of certain subjects may be opened now.
pub struct Grant<S> {
    inner: Arc<Inner>,
    purpose: Purpose,
    portfolio: PortfolioId,
    /// The supplement whose clause it is.
    supplement: Option<SupplementId>,
    /// Sorted by subject.
    granted: Vec<Granted>,
    expires: Timestamp,
    of: PhantomData<fn() -> S>,
}

impl<S> std::fmt::Debug for Grant<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Grant({}, {} subjects)", self.purpose, self.granted.len())
    }
}

impl<S: Views> Grant<S> {
    /// Mints a grant. Only after the entries of all its subjects are durable.
    pub(crate) fn mint(inner: Arc<Inner>, asking: &Asking<'_>, mut granted: Vec<Granted>) -> Self {
        granted.sort_unstable_by_key(|granted| granted.subject);
        let expires = inner.clock.now().plus_seconds(GRANT_SECONDS);
        let (purpose, portfolio, supplement) = (asking.purpose, asking.portfolio, asking.supplement);
        Self { inner, purpose, portfolio, supplement, granted, expires, of: PhantomData }
    }

    /// Why it was asked.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// The subjects that it opens.
    pub fn subjects(&self) -> impl Iterator<Item = SubjectId> {
        self.granted.iter().map(|granted| granted.subject)
    }

    /// Opens a view of a sealed record. Fields of categories that the clause does not show are
    /// withheld and not decrypted. Errors: expired, other subject, collected under something else, altered.
    pub fn open<V, P>(&self, sealed: &Sealed<V::Of>) -> Result<V, GateError>
    where
        V: View,
        S: Includes<V, P>,
    {
        self.must_cover(&sealed.rows)?;
        open(sealed, self.shown(sealed.subject)?, &self.inner.roots)
    }

    /// What was collected under a supplement opens under its own clauses, and under the notice's for the purposes
    /// that it lets through. What was not, opens under no supplement's.
    fn must_cover(&self, rows: &[SealedRow]) -> Result<(), GateError> {
        let lets = |row: &SealedRow| {
            self.supplement.is_none()
                && self.inner.notices.lets_through(self.portfolio, row.supplement, self.purpose)
        };
        if rows.iter().all(|row| row.supplement == self.own_supplement() || lets(row)) {
            return Ok(());
        }
        Err(GateError::OtherSupplement)
    }

    /// What is computed is of the same supplement as what it is computed from: it must obey it, too.
    fn must_be_of(&self, rows: &[SealedRow]) -> Result<(), GateError> {
        let same = rows.iter().all(|row| row.supplement == self.own_supplement());
        if same { Ok(()) } else { Err(GateError::OtherSupplement) }
    }

    fn own_supplement(&self) -> SupplementId {
        self.supplement.unwrap_or(NO_SUPPLEMENT)
    }

    /// Computes on sealed values without anyone seeing them: `compute` is a plain function that
    /// captures nothing, opens what the grant covers through the [`Reader`], and what it makes leaves
    /// sealed through the [`Writer`]. Only a [`Plain`] result (states, totals of a batch) comes out.
    pub fn compute<C, I, R: Plain>(
        &self,
        subject: SubjectId,
        keys: &[WrappedKey],
        context: &C,
        inputs: &I,
        compute: fn(&C, &I, &Reader<'_, S>, &mut Writer<'_>) -> Result<R, GateError>,
    ) -> Result<Computed<R>, GateError> {
        let shown = self.shown(subject)?;
        let reader = Reader { grant: self };
        let mut writer = Writer {
            inner: &self.inner,
            portfolio: self.portfolio,
            subject,
            keys,
            allowed: shown,
            supplement: self.own_supplement(),
            rows: Vec::new(),
        };
        let plain = compute(context, inputs, &reader, &mut writer)?;
        Ok(Computed { rows: writer.rows, plain })
    }

    /// Computes on the records of some subjects what is sealed for another, whom `to` covers: payments for
    /// the provider who gave them care. Both grants must be for the same purpose and live, and what is sealed
    /// must be of categories that both show of each. `keys` are the other's.
    pub fn compute_for<T: Views, C, I, R: Plain>(
        &self,
        subjects: &[SubjectId],
        to: (&Grant<T>, SubjectId),
        keys: &[WrappedKey],
        context: &C,
        inputs: &I,
        compute: ComputeFor<S, T, C, I, R>,
    ) -> Result<Computed<R>, GateError> {
        let (grant, other) = to;
        let mut allowed = grant.shown(other)?;
        for subject in subjects {
            allowed = allowed.intersection(self.shown_to(*subject, to)?);
        }
        let (reader, theirs) = (Reader { grant: self }, Reader { grant });
        let supplement = self.own_supplement();
        let mut writer = Writer {
            inner: &self.inner,
            portfolio: self.portfolio,
            subject: other,
            keys,
            allowed,
            supplement,
            rows: Vec::new(),
        };
        let plain = compute(context, inputs, &reader, &theirs, &mut writer)?;
        Ok(Computed { rows: writer.rows, plain })
    }

    /// As [`Grant::compute`] on the records of several of its subjects together, and of another whom `to` covers: a family and
    /// its sums. Each has a writer, in the order given, and the other has one. What is sealed for one of them may have come from
    /// all: each writer takes only categories that the grant shows of every one of them, and the other's only those of them
    /// that `to` shows too. Both grants must be for the same purpose and live. Each member comes with their keys; `keys` are the
    /// other's. Errors: nobody is named, or somebody whom the grant does not cover.
    pub fn compute_together<T: Views, C, I, R: Plain>(
        &self,
        members: &[(SubjectId, &[WrappedKey])],
        to: (&Grant<T>, SubjectId),
        keys: &[WrappedKey],
        context: &C,
        inputs: &I,
        compute: ComputeTogether<S, T, C, I, R>,
    ) -> Result<Computed<R>, GateError> {
        let (first, _) = members.first().ok_or(GateError::OtherSubject)?;
        let (mut allowed, mut shared) = (self.shown(*first)?, self.shown_to(*first, to)?);
        for (subject, _) in members {
            allowed = allowed.intersection(self.shown(*subject)?);
            shared = shared.intersection(self.shown_to(*subject, to)?);
        }
        let (inner, portfolio, supplement) = (&self.inner, self.portfolio, self.own_supplement());
        let writer = |subject, keys, allowed| {
            let rows = Vec::new();
            Writer { inner, portfolio, subject, keys, allowed, supplement, rows }
        };
        let mut writers: Vec<Writer<'_>> =
            members.iter().map(|(subject, keys)| writer(*subject, *keys, allowed)).collect();
        let mut other = writer(to.1, keys, shared);
        let (reader, theirs) = (Reader { grant: self }, Reader { grant: to.0 });
        let plain = compute(context, inputs, (&reader, &theirs), (&mut writers, &mut other))?;
        let rows = writers.into_iter().chain([other]).flat_map(|writer| writer.rows).collect();
        Ok(Computed { rows, plain })
    }

    /// What of a subject's may be sealed for another: what both grants show, which are for the same purpose.
    fn shown_to<T: Views>(
        &self,
        subject: SubjectId,
        (grant, other): (&Grant<T>, SubjectId),
    ) -> Result<CategorySet, GateError> {
        if grant.purpose != self.purpose {
            return Err(GateError::Compute("the two grants are for different purposes"));
        }
        if grant.supplement != self.supplement {
            return Err(GateError::OtherSupplement);
        }
        Ok(self.shown(subject)?.intersection(grant.shown(other)?))
    }

    pub(crate) fn shown(&self, subject: SubjectId) -> Result<CategorySet, GateError> {
        if self.inner.clock.now() > self.expires {
            return Err(GateError::Expired);
        }
        self.granted
            .binary_search_by_key(&subject, |granted| granted.subject)
            .ok()
            .and_then(|index| self.granted.get(index))
            .map(|granted| granted.shown)
            .ok_or(GateError::OtherSubject)
    }

    /// How many people it is about.
    pub(crate) fn people(&self) -> usize {
        self.granted.len()
    }

    pub(crate) fn inner(&self) -> &Arc<Inner> {
        &self.inner
    }
}

/// A computation over two grants: context, inputs, a reader for each, and the writer. It captures nothing.
pub type ComputeFor<S, T, C, I, R> =
    fn(&C, &I, &Reader<'_, S>, &Reader<'_, T>, &mut Writer<'_>) -> Result<R, GateError>;

/// A computation on several subjects of one grant and one of another: context, inputs, the readers, and the writers, one for each
/// subject in the order given, and the other's. It captures nothing.
pub type ComputeTogether<S, T, C, I, R> = for<'a> fn(
    &C,
    &I,
    (&Reader<'a, S>, &Reader<'a, T>),
    (&mut [Writer<'a>], &mut Writer<'a>),
) -> Result<R, GateError>;

/// Opens sealed values inside a computation.
pub struct Reader<'a, S> {
    grant: &'a Grant<S>,
}

impl<S: Views> Reader<'_, S> {
    /// As [`Grant::open`], of what was collected under the very supplement that the grant is for, or under none.
    pub fn open<V, P>(&self, sealed: &Sealed<V::Of>) -> Result<V, GateError>
    where
        V: View,
        S: Includes<V, P>,
    {
        self.grant.must_be_of(&sealed.rows)?;
        self.grant.open(sealed)
    }
}

/// Seals what a computation makes, for the one subject that it makes it for.
pub struct Writer<'a> {
    inner: &'a Inner,
    portfolio: PortfolioId,
    subject: SubjectId,
    keys: &'a [WrappedKey],
    allowed: CategorySet,
    /// What the results obey: what the grant is for.
    supplement: SupplementId,
    rows: Vec<SealedRow>,
}

impl Writer<'_> {
    pub(crate) fn site_keys(&self) -> &crate::site_keys::SiteKeys {
        &self.inner.site
    }

    pub(crate) fn portfolio(&self) -> PortfolioId {
        self.portfolio
    }

    /// Seals a record. Refused when a category of it is outside what the grant's clause names.
    pub fn put<P: Personal>(
        &mut self,
        record: impl Into<RecordId>,
        version: i64,
        value: &P,
    ) -> Result<(), GateError> {
        if !self.allowed.contains_all(P::CATEGORIES) {
            return Err(GateError::Compute("the result has a category that the clause does not name"));
        }
        let supplement = self.supplement;
        let place = Place { subject: self.subject, record: record.into(), version, supplement };
        self.rows.extend(seal(value, place, self.keys, &self.inner.roots, self.inner.randomness.as_ref())?);
        Ok(())
    }

    /// Seals the next version of a record that was fetched whole: what this program does not know of it is
    /// kept. Refused as [`Writer::put`] is, and when a category of it was not fetched.
    pub fn replace<P: Personal>(&mut self, before: &Sealed<P>, value: &P) -> Result<(), GateError> {
        let fetched: CategorySet = before.rows.iter().map(|row| row.category).collect();
        if !self.allowed.contains_all(P::CATEGORIES) || !fetched.contains_all(P::CATEGORIES) {
            return Err(GateError::Compute("the result has a category that the clause does not name"));
        }
        if before.rows.iter().any(|row| row.supplement != self.supplement) {
            return Err(GateError::OtherSupplement);
        }
        self.rows.extend(reseal(before, value, &self.inner.roots, self.inner.randomness.as_ref())?);
        Ok(())
    }
}

/// What a computation made: sealed rows for the store, and the plain result.
#[derive(Debug)]
pub struct Computed<R> {
    /// Sealed rows.
    pub rows: Vec<SealedRow>,
    /// States and totals of a batch.
    pub plain: R,
}
