//! A grant: the short-lived proof that a clause allows a use and that its entry is durable. It has
//! no public constructor, is not Clone, and opens only the views it was asked for, only of its
//! subjects, only within the categories that the clause shows.

use std::marker::PhantomData;
use std::sync::Arc;

use domain::{
    CategorySet, Includes, Personal, Purpose, RecordId, SubjectId, SupplementId, Timestamp, View, Views,
};
use store::key::WrappedKey;
use store::sealed::SealedRow;

use crate::gate::Inner;
use crate::sealed::{Place, Sealed, open, reseal, seal};
use crate::{GateError, Plain};

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
    pub(crate) fn mint(inner: Arc<Inner>, purpose: Purpose, mut granted: Vec<Granted>) -> Self {
        granted.sort_unstable_by_key(|granted| granted.subject);
        let expires = inner.clock.now().plus_seconds(GRANT_SECONDS);
        Self { inner, purpose, granted, expires, of: PhantomData }
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
    /// withheld and not decrypted. Errors: expired, other subject, altered.
    pub fn open<V, P>(&self, sealed: &Sealed<V::Of>) -> Result<V, GateError>
    where
        V: View,
        S: Includes<V, P>,
    {
        open(sealed, self.shown(sealed.subject)?, &self.inner.wrapper)
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
        let mut writer = Writer { inner: &self.inner, subject, keys, allowed: shown, rows: Vec::new() };
        let plain = compute(context, inputs, &reader, &mut writer)?;
        Ok(Computed { rows: writer.rows, plain })
    }

    /// Computes on the records of one subject what is sealed for another, whom `to` covers: a payment for
    /// the provider who gave the care. Both grants must be for the same purpose and live, and what is sealed
    /// must be of categories that both show. `keys` are the other's.
    pub fn compute_for<T: Views, C, I, R: Plain>(
        &self,
        subject: SubjectId,
        to: (&Grant<T>, SubjectId),
        keys: &[WrappedKey],
        context: &C,
        inputs: &I,
        compute: ComputeFor<S, T, C, I, R>,
    ) -> Result<Computed<R>, GateError> {
        let (grant, other) = to;
        if grant.purpose != self.purpose {
            return Err(GateError::Compute("the two grants are for different purposes"));
        }
        let allowed = self.shown(subject)?.intersection(grant.shown(other)?);
        let (reader, theirs) = (Reader { grant: self }, Reader { grant });
        let mut writer = Writer { inner: &self.inner, subject: other, keys, allowed, rows: Vec::new() };
        let plain = compute(context, inputs, &reader, &theirs, &mut writer)?;
        Ok(Computed { rows: writer.rows, plain })
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

/// Opens sealed values inside a computation.
pub struct Reader<'a, S> {
    grant: &'a Grant<S>,
}

impl<S: Views> Reader<'_, S> {
    /// As [`Grant::open`].
    pub fn open<V, P>(&self, sealed: &Sealed<V::Of>) -> Result<V, GateError>
    where
        V: View,
        S: Includes<V, P>,
    {
        self.grant.open(sealed)
    }
}

/// Seals what a computation makes, for the one subject that it makes it for.
pub struct Writer<'a> {
    inner: &'a Inner,
    subject: SubjectId,
    keys: &'a [WrappedKey],
    allowed: CategorySet,
    rows: Vec<SealedRow>,
}

impl Writer<'_> {
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
        let none = SupplementId::from_bytes([0; 16]);
        let place = Place { subject: self.subject, record: record.into(), version, supplement: none };
        self.rows.extend(seal(value, place, self.keys, &self.inner.wrapper, self.inner.randomness.as_ref())?);
        Ok(())
    }

    /// Seals the next version of a record that was fetched whole: what this program does not know of it is
    /// kept. Refused as [`Writer::put`] is, and when a category of it was not fetched.
    pub fn replace<P: Personal>(&mut self, before: &Sealed<P>, value: &P) -> Result<(), GateError> {
        let fetched: CategorySet = before.rows.iter().map(|row| row.category).collect();
        if !self.allowed.contains_all(P::CATEGORIES) || !fetched.contains_all(P::CATEGORIES) {
            return Err(GateError::Compute("the result has a category that the clause does not name"));
        }
        self.rows.extend(reseal(before, value, &self.inner.wrapper, self.inner.randomness.as_ref())?);
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
