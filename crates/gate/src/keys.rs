//! Data keys: one per (subject, category, retention class), random, wrapped by the root key, kept in
//! a store of their own. Destroying a key is what erasure and retention do.

use domain::{
    Accumulators, Category, Claim, Coverage, Determination, Guarantee, Payment, Person, Personal, Posting,
    Proposal, Provider, RetentionClass, SubjectId, SubjectKind, TravelQuestionnaire,
};
use store::StoreError;
use store::key::WrappedKey;
use zeroize::Zeroizing;

use crate::root::RootKeyId;
use crate::roots::Roots;
use crate::{Gate, GateError, Randomness};

/// How often new keys are wrapped anew when the root key changes under them: it does so once in years.
const ATTEMPTS: u32 = 3;

/// A key opened for one use; erased from memory when dropped.
pub(crate) type DataKey = Zeroizing<[u8; 32]>;

/// The (category, class) pairs that records of a kind of subject use: their keys are made when the
/// subject is taken up, so that the paths of claims and payments never wait for a new key. Records that few people
/// have (a payment card, supplied material) get theirs when the first one comes in.
pub(crate) fn slots(kind: SubjectKind) -> Vec<(Category, RetentionClass)> {
    fn of<P: Personal>() -> impl Iterator<Item = (Category, RetentionClass)> {
        P::CATEGORIES.iter().map(|category| (category, P::RETENTION))
    }
    let mut slots: Vec<_> = match kind {
        SubjectKind::Practitioner => of::<Provider>().chain(of::<Posting>()).chain(of::<Payment>()).collect(),
        _ => of::<Person>()
            .chain(of::<Coverage>())
            .chain(of::<Claim>())
            .chain(of::<Determination>())
            .chain(of::<Accumulators>())
            .chain(of::<Posting>())
            .chain(of::<Payment>())
            .chain(of::<Guarantee>())
            .chain(of::<Proposal>())
            .chain(of::<TravelQuestionnaire>())
            .collect(),
    };
    slots.sort_unstable();
    slots.dedup();
    slots
}

/// What a wrapped data key is bound to.
fn context(subject: &SubjectId, category: Category, class: RetentionClass) -> [u8; 36] {
    let mut context = [0; 36];
    let parts =
        b"moretus/data-key/1".iter().chain(subject.bytes()).copied().chain([category.code(), class.code()]);
    context.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
    context
}

/// Makes the keys of a new subject.
pub(crate) fn make(
    subject: SubjectId,
    kind: SubjectKind,
    roots: &Roots,
    randomness: &dyn Randomness,
) -> Result<Vec<WrappedKey>, GateError> {
    slots(kind)
        .into_iter()
        .map(|(category, class)| new_key(subject, category, class, roots, randomness))
        .collect()
}

/// Makes the keys that a record of this type needs and a subject lacks. Not for somebody of whom who they are is gone.
pub(crate) fn make_missing<P: Personal>(
    subject: SubjectId,
    keys: &[WrappedKey],
    roots: &Roots,
    randomness: &dyn Randomness,
) -> Result<Vec<WrappedKey>, GateError> {
    let has = |category, class| keys.iter().any(|key| key.category == category && key.class == class);
    if !has(Category::Identity, RetentionClass::Membership) {
        return Err(GateError::NoKey { category: Category::Identity });
    }
    P::CATEGORIES
        .iter()
        .filter(|category| !has(*category, P::RETENTION))
        .map(|category| new_key(subject, category, P::RETENTION, roots, randomness))
        .collect()
}

/// A new random key, wrapped.
fn new_key(
    subject: SubjectId,
    category: Category,
    class: RetentionClass,
    roots: &Roots,
    randomness: &dyn Randomness,
) -> Result<WrappedKey, GateError> {
    let mut key = Zeroizing::new([0; 32]);
    randomness.fill(key.as_mut_slice());
    let wrapped = roots.wrap(&key, &context(&subject, category, class), randomness)?;
    Ok(WrappedKey { subject, category, class, wrapped })
}

/// Opens the key of one (category, class) among a subject's wrapped keys.
pub(crate) fn open(
    keys: &[WrappedKey],
    subject: &SubjectId,
    category: Category,
    class: RetentionClass,
    roots: &Roots,
) -> Result<DataKey, GateError> {
    let key = keys
        .iter()
        .find(|key| key.category == category && key.class == class && key.subject == *subject)
        .ok_or(GateError::NoKey { category })?;
    roots.unwrap(&key.wrapped, &context(subject, category, class))
}

/// The same key, wrapped by this root key.
pub(crate) fn rewrap(
    key: &WrappedKey,
    to: RootKeyId,
    roots: &Roots,
    randomness: &dyn Randomness,
) -> Result<Vec<u8>, GateError> {
    let context = context(&key.subject, key.category, key.class);
    roots.wrap_under(to, &*roots.unwrap(&key.wrapped, &context)?, &context, randomness)
}

impl Gate {
    /// Keeps new keys where there are none yet, and answers those that are there now, in the given order. Seal with
    /// the answer. When the site's root key was changed meanwhile, they are wrapped by the new one first.
    pub async fn keep_keys(&self, mut keys: Vec<WrappedKey>) -> Result<Vec<WrappedKey>, GateError> {
        let inner = &self.inner;
        for _ in 0..ATTEMPTS {
            let given = keys.clone();
            match inner.store.write(move |unit| store::key::insert_many(unit, &given)).await {
                Err(StoreError::OtherRootKey) => {}
                kept => return Ok(kept?),
            }
            let site_keys: Result<_, StoreError> = inner.store.read(store::key::site_keys).await;
            let (_, site_key) = site_keys?.into_iter().next().ok_or(GateError::DamagedKey)?;
            let root = RootKeyId::of(&site_key).ok_or(GateError::DamagedKey)?;
            inner.roots.wrap_by(root)?;
            for key in &mut keys {
                key.wrapped = rewrap(key, root, &inner.roots, inner.randomness.as_ref())?;
            }
        }
        Err(StoreError::Busy.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Counter;

    #[test]
    fn every_slot_of_a_member_gets_a_key_of_its_own() {
        let roots = Roots::for_tests([1; 32]);
        let subject = SubjectId::from_bytes([9; 16]);
        let keys = make(subject, SubjectKind::Member, &roots, &Counter::default()).unwrap();
        assert_eq!(keys.len(), slots(SubjectKind::Member).len());
        let health = open(&keys, &subject, Category::Health, RetentionClass::Claims, &roots).unwrap();
        let cover = open(&keys, &subject, Category::Health, RetentionClass::Membership, &roots).unwrap();
        assert_ne!(*health, *cover);
        let rare = make_missing::<domain::PaymentCard>(subject, &keys, &roots, &Counter::default()).unwrap();
        assert_eq!(rare.iter().map(|key| key.category).collect::<Vec<_>>(), [Category::PaymentCard]);
        assert!(make_missing::<Claim>(subject, &keys, &roots, &Counter::default()).unwrap().is_empty());
        assert!(
            make_missing::<Claim>(subject, &rare, &roots, &Counter::default()).is_err(),
            "nobody any more"
        );
        assert!(matches!(
            open(&keys, &subject, Category::Credentials, RetentionClass::Claims, &roots),
            Err(GateError::NoKey { category: Category::Credentials })
        ));
    }
}
