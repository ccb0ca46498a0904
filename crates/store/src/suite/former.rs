//! Former versions of sealed records: kept where another takes their place, and destroyed with their class.

use domain::{Category, CategorySet, RecordKind};

use super::nouns::{filled, row};
use super::{NOW, on_both_engines, person, read, write};
use crate::sealed::{self, SealedRow};
use crate::testing::Scratch;
use crate::{StoreError, former};

on_both_engines!(what_another_version_took_the_place_of_is_kept_until_its_class_is_destroyed,);

async fn what_another_version_took_the_place_of_is_kept_until_its_class_is_destroyed(place: &Scratch) {
    let store = filled(place).await;
    let first = row(1, RecordKind::Person, 9, Category::Identity);
    let at_version = |version: i64| SealedRow { version, blob: vec![version as u8; 40], ..first.clone() };
    let supersede = |version: i64, after: i64| {
        let (store, row, at) = (store.clone(), at_version(version), NOW.plus_seconds(after));
        async move { write(&store, move |unit| former::supersede(unit, std::slice::from_ref(&row), at)).await }
    };
    supersede(2, 10).await.unwrap();
    assert_eq!(supersede(2, 20).await, Err(StoreError::Changed));
    assert_eq!(supersede(4, 20).await, Err(StoreError::Changed));
    supersede(3, 30).await.unwrap();
    let former_of = |categories: &[Category]| {
        let (store, categories) = (store.clone(), CategorySet::of(categories));
        async move {
            let read =
                read(&store, move |unit| former::of_kind(unit, person(1), RecordKind::Person, categories));
            read.await.unwrap()
        }
    };
    let found = former_of(&[Category::Identity]).await;
    assert_eq!(found.iter().map(|one| &one.row).collect::<Vec<_>>(), [&first, &at_version(2)]);
    assert_eq!(found.iter().map(|one| one.until).collect::<Vec<_>>(), [10, 30].map(|s| NOW.plus_seconds(s)));
    assert_eq!(former_of(&[Category::Health]).await, []);
    let class = first.class;
    write(&store, move |unit| sealed::delete_class(unit, person(1), Category::Identity, class))
        .await
        .unwrap();
    assert_eq!(former_of(&[Category::Identity]).await, []);
}
