//! Keys wrapped anew by another root key: all of them, in pages, and none behind what was done.

use std::sync::mpsc;
use std::time::Duration;

use domain::{Category, RetentionClass};

use super::{NOW, on_both_engines, open, person, read, write};
use crate::key::{self, WrappedKey};
use crate::testing::Scratch;
use crate::{StoreError, Unit};

on_both_engines!(
    every_key_is_met_once_and_a_destroyed_one_does_not_return,
    new_keys_are_wrapped_by_the_root_of_the_sites_own,
    no_key_of_the_former_root_comes_in_behind_a_rotation,
);

fn wrapped(who: u32, category: Category, root: u8) -> WrappedKey {
    WrappedKey { subject: person(who), category, class: RetentionClass::Claims, wrapped: vec![root; 64] }
}

fn all(unit: &mut Unit<'_>) -> Result<Vec<WrappedKey>, StoreError> {
    key::page(unit, None, 1_000)
}

async fn every_key_is_met_once_and_a_destroyed_one_does_not_return(place: &Scratch) {
    let store = open(place).await;
    let made: Vec<WrappedKey> = (0..30)
        .flat_map(|who| [Category::Claims, Category::Health].map(|category| wrapped(who, category, 1)))
        .collect();
    let given = made.clone();
    write(&store, move |unit| key::insert_many(unit, &given)).await.unwrap();
    let mut met: Vec<WrappedKey> = Vec::new();
    loop {
        let after = met.last().cloned();
        let page = read(&store, move |unit| key::page(unit, after.as_ref(), 7)).await.unwrap();
        if page.is_empty() {
            break;
        }
        met.extend(page);
    }
    let place = |key: &WrappedKey| (*key.subject.bytes(), key.category.code());
    assert!(met.is_sorted_by_key(place) && met.len() == made.len());

    let gone = met[10].clone();
    let (subject, category) = (gone.subject, gone.category);
    write(&store, move |unit| key::erase(unit, subject, category, RetentionClass::Claims, NOW))
        .await
        .unwrap();
    // Met before it was destroyed, and another one that was wrapped anew by somebody else meanwhile.
    let mut pairs: Vec<_> = met.iter().map(|key| (key.clone(), vec![2; 64])).collect();
    pairs[20].0.wrapped = vec![9; 64];
    let given = pairs.clone();
    let changed = write(&store, move |unit| {
        key::forget_former_wrappings(unit);
        key::rewrap_many(unit, &given)
    });
    assert_eq!(changed.await.unwrap(), 58);
    let left = read(&store, all).await.unwrap();
    assert!(left.len() == 59 && !left.iter().any(|key| place(key) == place(&gone)));
    let counts = read(&store, key::count_by_root).await.unwrap();
    assert_eq!(counts, [([1; 4], 1), ([2; 4], 58)]);
}

async fn new_keys_are_wrapped_by_the_root_of_the_sites_own(place: &Scratch) {
    let store = open(place).await;
    for name in ["lookup", "ids"] {
        write(&store, move |unit| key::put_site_key(unit, name, &[1; 64])).await.unwrap();
    }
    let insert = |who, root| {
        move |unit: &mut Unit<'_>| key::insert_many(unit, &[wrapped(who, Category::Claims, root)])
    };
    write(&store, insert(1, 1)).await.unwrap();
    assert_eq!(write(&store, insert(2, 2)).await, Err(StoreError::OtherRootKey));
    let other = write(&store, |unit| key::put_site_key(unit, "log", &[2; 64])).await;
    assert_eq!(other, Err(StoreError::OtherRootKey));
    let stale = write(&store, |unit| key::rewrap_site_key(unit, "ids", &[3; 64], &[2; 64])).await;
    assert_eq!(stale, Err(StoreError::Changed));
    let rewrap = |unit: &mut Unit<'_>| {
        for (name, wrapped) in key::site_keys(unit)? {
            key::rewrap_site_key(unit, &name, &wrapped, &[2; 64])?;
        }
        Ok(())
    };
    write(&store, rewrap).await.unwrap();
    assert_eq!(write(&store, insert(2, 1)).await, Err(StoreError::OtherRootKey));
    write(&store, insert(2, 2)).await.unwrap();
    assert_eq!(read(&store, all).await.unwrap().len(), 2);
}

/// A unit has inserted a key and not ended when the site's keys are wrapped anew and the keys are gone through. Then
/// it was seen there, or does not stand.
async fn no_key_of_the_former_root_comes_in_behind_a_rotation(place: &Scratch) {
    let store = open(place).await;
    write(&store, |unit| key::put_site_key(unit, "lookup", &[1; 64])).await.unwrap();
    let (inserted, is_inserted) = mpsc::channel();
    let (done, is_done) = mpsc::channel::<()>();
    let late = {
        let store = store.clone();
        tokio::spawn(async move {
            write(&store, move |unit| {
                key::insert_many(unit, &[wrapped(1, Category::Claims, 1)])?;
                let _ = inserted.send(());
                // On SQLite nobody else writes before this ends.
                let _ = is_done.recv_timeout(Duration::from_millis(300));
                Ok(())
            })
            .await
        })
    };
    tokio::task::spawn_blocking(move || is_inserted.recv()).await.unwrap().unwrap();
    write(&store, |unit| key::rewrap_site_key(unit, "lookup", &[1; 64], &[2; 64])).await.unwrap();
    let seen = write(&store, all).await.unwrap().len();
    drop(done);
    let late = late.await.unwrap();
    let stands = read(&store, all).await.unwrap().len();
    assert_eq!(seen, stands, "{late:?}");
    assert_eq!(late, if stands == 1 { Ok(()) } else { Err(StoreError::OtherRootKey) });
}
