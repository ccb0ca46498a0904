//! Data keys: one per (subject, category, retention class), random, wrapped by the root key, kept in
//! a store of their own. Destroying a key is what erasure and retention do.

use domain::{
    Accumulators, Category, Claim, Coverage, Determination, Guarantee, Payment, Person, Personal, Posting,
    Provider, RetentionClass, SubjectId, SubjectKind, TravelQuestionnaire,
};
use store::key::WrappedKey;
use zeroize::Zeroizing;

use crate::root::Wrapper;
use crate::{GateError, Randomness};

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
    wrapper: &Wrapper,
    randomness: &dyn Randomness,
) -> Result<Vec<WrappedKey>, GateError> {
    slots(kind)
        .into_iter()
        .map(|(category, class)| new_key(subject, category, class, wrapper, randomness))
        .collect()
}

/// Makes the keys that a record of this type needs and a subject lacks. Not for somebody of whom who they are is gone.
pub(crate) fn make_missing<P: Personal>(
    subject: SubjectId,
    keys: &[WrappedKey],
    wrapper: &Wrapper,
    randomness: &dyn Randomness,
) -> Result<Vec<WrappedKey>, GateError> {
    let has = |category, class| keys.iter().any(|key| key.category == category && key.class == class);
    if !has(Category::Identity, RetentionClass::Membership) {
        return Err(GateError::NoKey { category: Category::Identity });
    }
    P::CATEGORIES
        .iter()
        .filter(|category| !has(*category, P::RETENTION))
        .map(|category| new_key(subject, category, P::RETENTION, wrapper, randomness))
        .collect()
}

/// A new random key, wrapped.
fn new_key(
    subject: SubjectId,
    category: Category,
    class: RetentionClass,
    wrapper: &Wrapper,
    randomness: &dyn Randomness,
) -> Result<WrappedKey, GateError> {
    let mut key = Zeroizing::new([0; 32]);
    randomness.fill(key.as_mut_slice());
    let wrapped = wrapper.wrap(&key, &context(&subject, category, class), randomness)?;
    Ok(WrappedKey { subject, category, class, wrapped })
}

/// Opens the key of one (category, class) among a subject's wrapped keys.
pub(crate) fn open(
    keys: &[WrappedKey],
    subject: &SubjectId,
    category: Category,
    class: RetentionClass,
    wrapper: &Wrapper,
) -> Result<DataKey, GateError> {
    let key = keys
        .iter()
        .find(|key| key.category == category && key.class == class && key.subject == *subject)
        .ok_or(GateError::NoKey { category })?;
    wrapper.unwrap(&key.wrapped, &context(subject, category, class))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::root::RootKey;
    use crate::testing::Counter;

    #[test]
    fn every_slot_of_a_member_gets_a_key_of_its_own() {
        let wrapper = RootKey::for_tests([1; 32]).wrapper();
        let subject = SubjectId::from_bytes([9; 16]);
        let keys = make(subject, SubjectKind::Member, &wrapper, &Counter::default()).unwrap();
        assert_eq!(keys.len(), slots(SubjectKind::Member).len());
        let health = open(&keys, &subject, Category::Health, RetentionClass::Claims, &wrapper).unwrap();
        let cover = open(&keys, &subject, Category::Health, RetentionClass::Membership, &wrapper).unwrap();
        assert_ne!(*health, *cover);
        let rare =
            make_missing::<domain::PaymentCard>(subject, &keys, &wrapper, &Counter::default()).unwrap();
        assert_eq!(rare.iter().map(|key| key.category).collect::<Vec<_>>(), [Category::PaymentCard]);
        assert!(make_missing::<Claim>(subject, &keys, &wrapper, &Counter::default()).unwrap().is_empty());
        assert!(
            make_missing::<Claim>(subject, &rare, &wrapper, &Counter::default()).is_err(),
            "nobody any more"
        );
        assert!(matches!(
            open(&keys, &subject, Category::Credentials, RetentionClass::Claims, &wrapper),
            Err(GateError::NoKey { category: Category::Credentials })
        ));
    }
}
