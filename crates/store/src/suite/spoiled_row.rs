//! A row that cannot be read: it is refused to whoever asks for it, and to nobody who asks at the same time for others.

use domain::{Category, CategorySet, RecordKind};

use super::nouns::{filled, row};
use super::{on_both_engines, person, write};
use crate::StoreError;
use crate::sealed::{self, SealedRow};
use crate::testing::{Scratch, tamper};

on_both_engines!(a_row_that_cannot_be_read_is_refused_to_who_asks_for_it_alone,);

async fn a_row_that_cannot_be_read_is_refused_to_who_asks_for_it_alone(place: &Scratch) {
    let store = filled(place).await;
    let (kind, category) = (RecordKind::Person, Category::Identity);
    let spoiled = SealedRow { version: 77, ..row(2, kind, 7, category) };
    write(&store, move |unit| {
        sealed::insert_many(unit, std::slice::from_ref(&spoiled))?;
        tamper(unit, "UPDATE moretus.sealed SET class = 999 WHERE version = 77")
    })
    .await
    .unwrap();
    // More at once than there are connections, so that some share their statements.
    let asked: Vec<_> = (0..64)
        .map(|number| {
            let (store, subject) = (store.clone(), person(1 + number % 2));
            tokio::spawn(
                async move { store.fetch(subject, &[kind], None, CategorySet::of(&[category])).await },
            )
        })
        .collect();
    for (number, task) in asked.into_iter().enumerate() {
        match (number % 2, task.await.unwrap()) {
            (0, Ok(fetched)) => assert_eq!(fetched.rows.len(), 1),
            (1, Err(StoreError::Corrupt { .. })) => {}
            (_, other) => panic!("{number}: {other:?}"),
        }
    }
}
