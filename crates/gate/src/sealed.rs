//! Sealed values: what the store holds of a record. A sealed value can be carried and stored; it
//! cannot be read, printed, compared or serialised. Opening takes a grant (`grant`).
//!
//! Stored form, final: format (1 byte, 1), nonce (12), AES-256-GCM-SIV of the category's map. The
//! associated data binds the place: subject, record, kind, category, class, version, supplement.

use std::marker::PhantomData;

use aes_gcm_siv::Nonce;
use aes_gcm_siv::aead::{Aead, Payload};
use domain::{
    Category, CategorySet, Opened, Personal, RecordId, RecordKind, SubjectId, SupplementId, View,
    present_fields, unknown_fields,
};
use sha2::{Digest, Sha256};
use store::key::WrappedKey;
use store::sealed::SealedRow;
use zeroize::Zeroizing;

use crate::root::cipher;
use crate::roots::Roots;
use crate::site_keys::keyed;
use crate::{GateError, Randomness, keys};

const FORMAT: u8 = 1;

/// Stored with what was collected under the notice alone.
pub(crate) const NO_SUPPLEMENT: SupplementId = SupplementId::from_bytes([0; 16]);

/// A sealed record: the aggregates that were fetched, and the subject's wrapped keys.
pub struct Sealed<P> {
    pub(crate) subject: SubjectId,
    pub(crate) record: RecordId,
    pub(crate) rows: Vec<SealedRow>,
    pub(crate) keys: std::sync::Arc<[WrappedKey]>,
    pub(crate) of: PhantomData<fn() -> P>,
}

impl<P: Personal> Sealed<P> {
    /// Whom it is about.
    #[must_use]
    pub fn subject(&self) -> SubjectId {
        self.subject
    }

    /// The record's id.
    #[must_use]
    pub fn record(&self) -> RecordId {
        self.record
    }

    /// Its version: what an update must name.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.rows.iter().map(|row| row.version).max().unwrap_or(0)
    }
}

impl<P: Personal> std::fmt::Debug for Sealed<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}(sealed)", P::KIND)
    }
}

/// The place that a sealed value is bound to.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) subject: SubjectId,
    pub(crate) record: RecordId,
    pub(crate) version: i64,
    pub(crate) supplement: SupplementId,
}

impl Place {
    fn associated_data(&self, kind: RecordKind, category: Category, class: u8) -> [u8; 76] {
        let mut data = [0; 76];
        let parts = b"moretus/sealed/1\n"
            .iter()
            .chain(self.subject.bytes())
            .chain(self.record.bytes())
            .chain(self.supplement.bytes())
            .copied()
            .chain(self.version.to_be_bytes())
            .chain([kind.code(), category.code(), class]);
        data.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
        data
    }
}

/// Seals a record that is new.
pub(crate) fn seal<P: Personal>(
    value: &P,
    place: Place,
    keys: &[WrappedKey],
    roots: &Roots,
    randomness: &dyn Randomness,
) -> Result<Vec<SealedRow>, GateError> {
    seal_over(value, place, &[], keys, roots, randomness)
}

/// Seals the next version of a record: fields of the version before that this program does not know
/// are kept as they were.
pub(crate) fn reseal<P: Personal>(
    before: &Sealed<P>,
    value: &P,
    roots: &Roots,
    randomness: &dyn Randomness,
) -> Result<Vec<SealedRow>, GateError> {
    let mut maps = Vec::with_capacity(before.rows.len());
    for row in &before.rows {
        maps.push((row.category, open_row(row, &before.keys, roots)?));
    }
    let supplement = before.rows.first().map_or(NO_SUPPLEMENT, |row| row.supplement);
    let place =
        Place { subject: before.subject, record: before.record, version: before.version() + 1, supplement };
    seal_over(value, place, &maps, &before.keys, roots, randomness)
}

/// Seals one blob per category, over the maps of the version before.
fn seal_over<P: Personal>(
    value: &P,
    place: Place,
    before: &[(Category, Zeroizing<Vec<u8>>)],
    keys: &[WrappedKey],
    roots: &Roots,
    randomness: &dyn Randomness,
) -> Result<Vec<SealedRow>, GateError> {
    let mut map = Zeroizing::new(Vec::with_capacity(512));
    P::CATEGORIES
        .iter()
        .map(|category| {
            map.clear();
            let known = before.iter().find(|(other, _)| *other == category);
            let unknown = known.map_or(Ok(Vec::new()), |(_, map)| unknown_fields::<P>(map))?;
            value.encode(category, &unknown, &mut map);
            let key = keys::open(keys, &place.subject, category, P::RETENTION, roots)?;
            let mut nonce = [0; 12];
            randomness.fill(&mut nonce);
            let aad = place.associated_data(P::KIND, category, P::RETENTION.code());
            let payload = Payload { msg: map.as_slice(), aad: &aad };
            let sealed =
                cipher(&key).encrypt(&Nonce::from(nonce), payload).map_err(|_| GateError::Sealing)?;
            let mut blob = Vec::with_capacity(13 + sealed.len());
            blob.push(FORMAT);
            blob.extend_from_slice(&nonce);
            blob.extend_from_slice(&sealed);
            Ok(SealedRow {
                subject: place.subject,
                kind: P::KIND,
                record: place.record,
                category,
                version: place.version,
                class: P::RETENTION,
                supplement: place.supplement,
                blob,
            })
        })
        .collect()
}

/// A hash of what a record says, under the keys that seal it: it tells the same content from another
/// without opening either, and once a key is destroyed nobody can try a guess on it.
pub(crate) fn content_hash<P: Personal>(
    value: &P,
    place: Place,
    keys: &[WrappedKey],
    roots: &Roots,
) -> Result<[u8; 32], GateError> {
    let mut map = Zeroizing::new(Vec::with_capacity(512));
    let mut hash = Sha256::new_with_prefix(b"moretus/content/1\n");
    for category in P::CATEGORIES.iter() {
        map.clear();
        value.encode(category, &[], &mut map);
        let key = keys::open(keys, &place.subject, category, P::RETENTION, roots)?;
        // Without the absent ones: a field that records get later changes no hash of those before it.
        let mut said = Zeroizing::new(Vec::with_capacity(map.len() * 2));
        for (tag, value) in present_fields::<P>(&map)? {
            said.extend_from_slice(&tag.to_be_bytes());
            said.extend_from_slice(value);
        }
        hash.update(keyed(&key, b"content", &[place.subject.bytes(), place.record.bytes(), &said]));
    }
    Ok(hash.finalize().into())
}

/// Opens the aggregates of a record that `shown` covers, and builds the view from them. The others
/// are not decrypted.
pub(crate) fn open<V: View>(
    sealed: &Sealed<V::Of>,
    shown: CategorySet,
    roots: &Roots,
) -> Result<V, GateError> {
    let wanted = shown.intersection(V::WANTED);
    let mut maps: Vec<(Category, Zeroizing<Vec<u8>>)> = Vec::with_capacity(sealed.rows.len());
    for row in &sealed.rows {
        if row.kind != <V::Of as Personal>::KIND {
            return Err(GateError::OtherKind { expected: <V::Of as Personal>::KIND });
        }
        if wanted.contains(row.category) {
            maps.push((row.category, open_row(row, &sealed.keys, roots)?));
        }
    }
    let mut opened = Opened::default();
    for (category, map) in &maps {
        opened.insert(*category, map);
    }
    Ok(V::build(&opened)?)
}

fn open_row(row: &SealedRow, keys: &[WrappedKey], roots: &Roots) -> Result<Zeroizing<Vec<u8>>, GateError> {
    let altered = GateError::Altered { kind: row.kind, category: row.category };
    let key = keys::open(keys, &row.subject, row.category, row.class, roots)?;
    let place =
        Place { subject: row.subject, record: row.record, version: row.version, supplement: row.supplement };
    let aad = place.associated_data(row.kind, row.category, row.class.code());
    let Some((&FORMAT, rest)) = row.blob.split_first() else { return Err(altered) };
    let Some((nonce, text)) = rest.split_first_chunk::<12>() else { return Err(altered) };
    cipher(&key)
        .decrypt(&Nonce::from(*nonce), Payload { msg: text, aad: &aad })
        .map(Zeroizing::new)
        .map_err(|_| altered)
}
