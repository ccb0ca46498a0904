//! What is kept beside the entries of the log: chains, tiles and the runs of the index. What goes in comes out.

use domain::SubjectId;

use super::{number, on_both_engines, open, person, read, write};
use crate::log::chain::{self, ChainRow};
use crate::log::index::{self, RunRow};
use crate::log::tree::{self, TileRow};
use crate::testing::Scratch;
use crate::{StoreError, Unit, subject};

on_both_engines!(chains_tiles_and_runs_come_back_as_they_were, a_run_is_merged_in_parts_and_read_once,);

async fn chains_tiles_and_runs_come_back_as_they_were(place: &Scratch) {
    let store = open(place).await;
    let row = |number: u32, count: i64| {
        let mut token = [0; 32];
        token[..4].copy_from_slice(&number.wrapping_mul(2_654_435_761).to_be_bytes());
        ChainRow { subject: person(number), kind: 0, token, count, head: [count as u8; 32] }
    };
    for count in 1..3 {
        let rows: Vec<ChainRow> = (0..100).map(|number| row(number, count)).collect();
        write(&store, move |unit| chain::put_many(unit, &rows)).await.unwrap();
    }
    let asked: Vec<SubjectId> = (90..110).map(person).collect();
    let found = read(&store, move |unit| chain::get_many(unit, 0, &asked)).await.unwrap();
    assert_eq!(found.len(), 10);
    assert_eq!(found[&person(95)], row(95, 2));
    let first = read(&store, |unit| chain::page_by_token(unit, 0, None, 60)).await.unwrap();
    let after = first[59].token;
    let rest = read(&store, move |unit| chain::page_by_token(unit, 0, Some(after), 60)).await.unwrap();
    let tokens: Vec<[u8; 32]> = first.iter().chain(&rest).map(|chain| chain.token).collect();
    assert!(tokens.len() == 100 && tokens.is_sorted());
    write(&store, move |unit| chain::put_many(unit, &[ChainRow { kind: 1, token: [255; 32], ..row(59, 2) }]))
        .await
        .unwrap();
    let (mut all, mut after) = (Vec::new(), None);
    while let Some(next) = read(&store, move |unit| chain::page(unit, after, 1)).await.unwrap().first() {
        after = Some((next.subject, next.kind));
        all.extend(after);
    }
    assert!(all.len() == 101 && all.is_sorted() && all.contains(&(person(59), 1)));
    let tile = |fill: u8| TileRow { level: 0, tile: 3, hashes: vec![fill; 64], nodes: vec![fill; 32] };
    write(&store, move |unit| {
        [tile(1), tile(2)].iter().try_for_each(|tile| tree::put_tiles(unit, std::slice::from_ref(tile)))
    })
    .await
    .unwrap();
    assert_eq!(read(&store, |unit| tree::tile(unit, 0, 3)).await.unwrap(), Some(vec![2; 64]));
    let asked = read(&store, |unit| tree::tiles(unit, &[(0, 3), (9, 9)])).await.unwrap();
    assert_eq!(asked, [tile(2)]);
    let both =
        |unit: &mut Unit<'_>| index::insert_run(unit, 0, &[(person(1), vec![1]), (person(2), vec![2])]);
    assert_eq!(write(&store, both).await, Ok(1));
    assert_eq!(write(&store, |unit| index::insert_run(unit, 0, &[(person(2), vec![3])])).await, Ok(2));
    let of = read(&store, |unit| index::of_subject(unit, person(2))).await.unwrap();
    assert_eq!(of, [(1, vec![2]), (2, vec![3])]);
    assert!(read(&store, |unit| subject::get(unit, person(1))).await.unwrap().is_none());
}

async fn a_run_is_merged_in_parts_and_read_once(place: &Scratch) {
    let store = open(place).await;
    let of = async |who: u32| read(&store, move |unit| index::of_subject(unit, person(who))).await.unwrap();
    for run in [1_i64, 2] {
        let entries: Vec<_> = (0..10).map(|who| (person(who), vec![u8::try_from(run).unwrap()])).collect();
        assert_eq!(write(&store, move |unit| index::insert_run(unit, 0, &entries)).await, Ok(run));
    }
    assert_eq!(write(&store, index::begin_run).await, Ok(3));
    for part in [0..6, 6..10] {
        let entries: Vec<_> = part.map(|who| (person(who), vec![1, 2])).collect();
        write(&store, move |unit| index::extend_run(unit, 3, &entries)).await.unwrap();
        assert_eq!(of(4).await, [(1, vec![1]), (2, vec![2])], "what is not finished is not read");
    }
    write(&store, |unit| index::finish_run(unit, 3, 1, &[1, 2])).await.unwrap();
    assert_eq!(of(4).await, [(3, vec![1, 2])]);
    assert_eq!(read(&store, index::runs).await.unwrap(), [RunRow { run: 3, tier: 1, count: 10 }]);
    assert_eq!(read(&store, index::leaving).await.unwrap(), [1, 2]);
    let late = write(&store, |unit| index::extend_run(unit, 3, &[(person(77), vec![1])])).await;
    assert_eq!(late, Err(StoreError::Changed), "a finished run takes no more");

    assert_eq!(write(&store, index::begin_run).await, Ok(4));
    assert_eq!(write(&store, index::abandon_begun).await, Ok(1));
    let given_up = write(&store, |unit| index::finish_run(unit, 4, 2, &[3])).await;
    assert_eq!(given_up, Err(StoreError::Changed), "whoever comes back finds it given up");
    let mut left = vec![false];
    while left.last() == Some(&false) {
        left.push(write(&store, |unit| index::delete_some(unit, 1, 4)).await.unwrap());
    }
    assert_eq!(left, [false, false, false, true]);
    assert_eq!(read(&store, index::leaving).await.unwrap(), [2, 4]);
    while !write(&store, |unit| index::delete_some(unit, 4, 4)).await.unwrap() {}
    assert_eq!(
        write(&store, index::begin_run).await,
        Ok(5),
        "the number of a run that is gone is not taken again"
    );
    assert_eq!(number(&store, "SELECT count(*) FROM moretus_log.disclosure_index WHERE run = 1").await, 0);
}
