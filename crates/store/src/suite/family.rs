//! Families: whose dependants somebody is, and that they were another's before.

use std::collections::{BTreeMap, BTreeSet};

use domain::SubjectId;

use super::{on_both_engines, person, read, with_people, write};
use crate::family::{self, FamilyRow};
use crate::testing::Scratch;

on_both_engines!(where_somebody_was_before_is_kept,);

async fn where_somebody_was_before_is_kept(place: &Scratch) {
    let store = with_people(place, 6).await;
    let (ada, ben, cleo, eve, fay) = (person(0), person(1), person(2), person(3), person(4));
    let set = |subject: SubjectId, holder: SubjectId| {
        write(&store, move |unit| family::set_many(unit, &[FamilyRow { subject, holder }]))
    };
    let leave = |subject: SubjectId| write(&store, move |unit| family::leave_many(unit, &[subject]));
    let all = [ada, ben, cleo, eve, fay];
    let dependants = |holder: SubjectId| {
        read(&store, move |unit| {
            let rows = family::holders_of(unit, &all)?.into_iter();
            let under = rows.filter(|(subject, of)| *of == holder && *subject != holder);
            Ok(under.map(|(subject, _)| subject).collect::<BTreeSet<_>>())
        })
    };
    for subject in [ben, cleo, fay] {
        set(subject, ada).await.unwrap();
    }
    // Every night, and of who has no row.
    set(ben, ada).await.unwrap();
    leave(eve).await.unwrap();
    assert_eq!(dependants(ada).await.unwrap(), [ben, cleo, fay].into());
    // Ben goes to another contract, Cleo has one of her own, and Fay had and comes back.
    set(ben, eve).await.unwrap();
    for _ in 0..2 {
        leave(cleo).await.unwrap();
    }
    leave(fay).await.unwrap();
    set(fay, ada).await.unwrap();
    set(fay, ada).await.unwrap();
    assert_eq!(dependants(ada).await.unwrap(), [fay].into());
    assert_eq!(dependants(eve).await.unwrap(), BTreeSet::new());
    let found = read(&store, move |unit| {
        Ok((family::holders_of(unit, &all)?, family::who_left(unit, &all)?, family::of_subject(unit, cleo)?))
    });
    let (holders, left, of_cleo) = found.await.unwrap();
    assert_eq!(holders, BTreeMap::from([(ada, ada), (cleo, cleo), (eve, eve), (fay, ada)]));
    assert_eq!(left, [cleo, fay].into());
    assert_eq!(of_cleo, [cleo].into());
}
