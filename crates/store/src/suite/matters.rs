//! The register of legal matters.

use domain::{ActorId, MatterId, MatterKind, PortfolioId, RecipientId};

use super::{NOW, PORTFOLIO, bytes, on_both_engines, person, read, with_people, write};
use crate::deferral::{self, DeferralRow};
use crate::log::deferred::{self, DeferredRow};
use crate::matter::{self, MatterRow, MatterTask, Review};
use crate::testing::Scratch;
use crate::{Store, StoreError};

on_both_engines!(
    a_matter_is_reviewed_once_and_ended_once,
    tasks_are_found_by_their_matter,
    what_stands_about_somebody_is_found_by_whose_it_is,
    declarations_are_added_and_the_newest_counts,
    deferred_entries_are_found_by_whose_and_by_whether_they_wait,
);

fn matter_id(number: u32) -> MatterId {
    MatterId::from_bytes(bytes(number))
}

fn order(number: u32) -> MatterRow {
    MatterRow {
        matter: matter_id(number),
        portfolio: PORTFOLIO,
        kind: MatterKind::Order,
        reference: format!("order {number}"),
        issuer: Some(RecipientId::from_bytes([5; 16])),
        issuer_name: "Labour Court".to_owned(),
        country: Some("BE".parse().unwrap()),
        law: "Judicial Code, article 877".to_owned(),
        agreement: Some(matter_id(99)),
        reasons: "What the court asks for.".to_owned(),
        made: Some("2026-09-01".parse().unwrap()),
        first: "2026-09-01".parse().unwrap(),
        last: Some("2026-12-31".parse().unwrap()),
        registered: NOW.plus_seconds(i64::from(number)),
        registrar: ActorId::from_bytes([1; 16]),
        review: None,
        ended: None,
    }
}

/// One with nothing that a matter may lack.
fn agreement() -> MatterRow {
    MatterRow {
        kind: MatterKind::Agreement,
        issuer: None,
        issuer_name: String::new(),
        country: None,
        law: String::new(),
        agreement: None,
        reasons: String::new(),
        made: None,
        last: None,
        ..order(7)
    }
}

async fn get(store: &Store, id: MatterId) -> Option<MatterRow> {
    read(store, move |unit| matter::get(unit, PORTFOLIO, id)).await.unwrap()
}

async fn a_matter_is_reviewed_once_and_ended_once(place: &Scratch) {
    let store = with_people(place, 1).await;
    for row in [order(2), agreement(), order(1)] {
        write(&store, move |unit| matter::insert(unit, &row)).await.unwrap();
    }
    let twice = write(&store, |unit| matter::insert(unit, &order(1))).await;
    assert_eq!(twice, Err(StoreError::Duplicate));
    let all = read(&store, |unit| matter::of_portfolio(unit, PORTFOLIO)).await.unwrap();
    assert_eq!(all, [order(1), order(2), agreement()], "in the order in which they were registered");
    let stranger = PortfolioId::from_bytes([8; 16]);
    assert!(read(&store, move |unit| matter::of_portfolio(unit, stranger)).await.unwrap().is_empty());
    assert_eq!(read(&store, move |unit| matter::get(unit, stranger, matter_id(1))).await.unwrap(), None);

    let review = |seconds: i64| Review {
        at: NOW.plus_seconds(seconds),
        by: ActorId::from_bytes([2; 16]),
        note: "Competent.".to_owned(),
    };
    let reviewed =
        async |id, seconds| write(&store, move |unit| matter::review(unit, id, &review(seconds))).await;
    reviewed(matter_id(1), 10).await.unwrap();
    assert_eq!(reviewed(matter_id(1), 20).await, Err(StoreError::Changed));
    let standing = MatterRow { review: Some(review(10)), ..order(1) };
    assert_eq!(get(&store, matter_id(1)).await, Some(standing.clone()));
    assert!(standing.stands(NOW) && !order(1).stands(NOW));
    let (_, until) = standing.window();
    assert!(!standing.stands(until.unwrap()) && standing.stands(until.unwrap().plus_seconds(-1)));

    let ended = async |id, seconds: i64| {
        write(&store, move |unit| matter::end(unit, id, NOW.plus_seconds(seconds))).await.unwrap()
    };
    assert!(ended(matter_id(1), 30).await && !ended(matter_id(1), 40).await);
    let over = MatterRow { ended: Some(NOW.plus_seconds(30)), ..standing };
    assert!(!over.stands(NOW));
    assert_eq!(get(&store, matter_id(1)).await, Some(over));
    assert!(ended(matter_id(2), 30).await);
    assert_eq!(reviewed(matter_id(2), 50).await, Err(StoreError::Changed), "what was ended is not reviewed");
}

async fn tasks_are_found_by_their_matter(place: &Scratch) {
    let store = with_people(place, 3).await;
    let task = |who: u32, number: u32| MatterTask {
        subject: person(who),
        matter: matter_id(number),
        assignee: ActorId::from_bytes([3; 16]),
        opened: NOW,
    };
    let later = MatterTask { opened: NOW.plus_seconds(9), ..task(0, 1) };
    let tasks = [task(0, 1), task(1, 1), task(2, 2), later];
    for task in tasks {
        write(&store, move |unit| matter::open(unit, &[task])).await.unwrap();
    }
    let both = [task(0, 2), task(1, 2)];
    write(&store, move |unit| matter::open(unit, &both)).await.unwrap();
    let of = async |number| {
        let mut found = read(&store, move |unit| matter::tasks(unit, matter_id(number))).await.unwrap();
        found.sort_by_key(|task| task.subject);
        found
    };
    let sorted = |mut tasks: Vec<MatterTask>| {
        tasks.sort_by_key(|task| task.subject);
        tasks
    };
    assert_eq!(of(1).await, sorted(vec![task(0, 1), task(1, 1)]), "one that is there stays as it is");
    assert_eq!(of(2).await, sorted(vec![task(0, 2), task(1, 2), task(2, 2)]));
    assert!(of(3).await.is_empty());
}

async fn what_stands_about_somebody_is_found_by_whose_it_is(place: &Scratch) {
    let store = with_people(place, 2).await;
    for number in [1, 2, 3, 4] {
        write(&store, move |unit| matter::insert(unit, &order(number))).await.unwrap();
    }
    let review = Review { at: NOW, by: ActorId::from_bytes([2; 16]), note: "Competent.".to_owned() };
    for number in [1, 2, 3] {
        let review = review.clone();
        write(&store, move |unit| matter::review(unit, matter_id(number), &review)).await.unwrap();
    }
    write(&store, |unit| matter::end(unit, matter_id(3), NOW)).await.unwrap();
    let task = |who: u32, number: u32, assignee: u8| MatterTask {
        subject: person(who),
        matter: matter_id(number),
        assignee: ActorId::from_bytes([assignee; 16]),
        opened: NOW,
    };
    let tasks = [task(0, 2, 1), task(0, 1, 1), task(0, 1, 2), task(0, 3, 1), task(0, 4, 1), task(1, 3, 1)];
    write(&store, move |unit| matter::open(unit, &tasks)).await.unwrap();
    let about = async |who, now| {
        let rows = read(&store, move |unit| matter::standing_about(unit, person(who), now)).await.unwrap();
        rows.iter().map(|row| row.matter).collect::<Vec<_>>()
    };
    assert_eq!(about(0, NOW).await, [matter_id(1), matter_id(2)], "not what was ended, or never reviewed");
    assert!(about(1, NOW).await.is_empty());
    let last = order(1).window().1.unwrap();
    assert_eq!(about(0, last.plus_seconds(-1)).await.len(), 2);
    assert!(about(0, last).await.is_empty(), "their last day is over");
}

async fn declarations_are_added_and_the_newest_counts(place: &Scratch) {
    let store = with_people(place, 1).await;
    let declared = |number: u32, seconds: i64, until: i64| DeferralRow {
        matter: matter_id(number),
        declared: NOW.plus_seconds(seconds),
        portfolio: PORTFOLIO,
        officer: ActorId::from_bytes([4; 16]),
        until: NOW.plus_seconds(until),
        law: "Code of criminal procedure, article 46".to_owned(),
        reasons: "Secret.".to_owned(),
    };
    let is_any = async || read(&store, |unit| deferral::is_any(unit, PORTFOLIO)).await.unwrap();
    assert!(!is_any().await);
    for row in [declared(2, 1, 50), declared(1, 5, 40), declared(1, 2, 90)] {
        write(&store, move |unit| deferral::insert(unit, &row)).await.unwrap();
    }
    let twice = write(&store, move |unit| deferral::insert(unit, &declared(1, 5, 99))).await;
    assert_eq!((twice, is_any().await), (Err(StoreError::Duplicate), true));
    let newest = async |portfolio, number| {
        read(&store, move |unit| deferral::newest(unit, portfolio, matter_id(number))).await.unwrap()
    };
    assert_eq!(newest(PORTFOLIO, 1).await, Some(declared(1, 5, 40)));
    assert_eq!(newest(PORTFOLIO, 3).await, None);
    assert_eq!(newest(PortfolioId::from_bytes([8; 16]), 1).await, None);
    let of = read(&store, |unit| deferral::of_matter(unit, matter_id(1))).await.unwrap();
    assert_eq!(of, [declared(1, 2, 90), declared(1, 5, 40)]);
    assert_eq!(read(&store, deferral::all).await.unwrap().len(), 3);
    let task = |number: u32, who: u32| MatterTask {
        subject: person(who),
        matter: matter_id(number),
        assignee: ActorId::from_bytes([5; 16]),
        opened: NOW,
    };
    let tasks = [task(1, 1), task(1, 3), task(2, 1), task(2, 2), task(3, 4)];
    write(&store, move |unit| matter::open(unit, &tasks)).await.unwrap();
    let people = async |seconds| {
        let at = NOW.plus_seconds(seconds);
        let people = read(&store, move |unit| deferral::people(unit, PORTFOLIO, at)).await.unwrap();
        people.into_iter().collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(people(39).await, [person(1), person(2), person(3)].into());
    assert_eq!(people(45).await, [person(1), person(2)].into(), "the newest counts");
    assert!(people(50).await.is_empty());
}

async fn deferred_entries_are_found_by_whose_and_by_whether_they_wait(place: &Scratch) {
    let store = with_people(place, 3).await;
    let entry = |who: u32, leaf: i64, joined: Option<i64>| DeferredRow {
        subject: person(who),
        leaf,
        item: matter_id(1).into(),
        commitment: [7; 32],
        joined,
    };
    let put = async |rows: Vec<DeferredRow>| {
        write(&store, move |unit| deferred::put_many(unit, &rows)).await.unwrap();
    };
    put(Vec::new()).await;
    put(vec![entry(0, 9, None), entry(0, 3, None), entry(1, 0, None)]).await;
    put(vec![entry(0, 3, Some(12)), entry(2, 5, None)]).await;
    let sorted = |mut rows: Vec<DeferredRow>| {
        rows.sort_by_key(|row| (row.subject, row.leaf));
        rows
    };
    let waiting = read(&store, deferred::waiting).await.unwrap();
    assert_eq!(waiting, sorted(vec![entry(0, 9, None), entry(1, 0, None), entry(2, 5, None)]));
    let of = read(&store, |unit| deferred::of_subject(unit, person(0))).await.unwrap();
    assert_eq!(of, [entry(0, 3, Some(12)), entry(0, 9, None)]);
    let (mut paged, mut after) = (Vec::new(), None);
    loop {
        let page = read(&store, move |unit| deferred::page(unit, after, 1)).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some((last.subject, last.leaf));
        paged.extend(page);
    }
    let all = [entry(0, 3, Some(12)), entry(0, 9, None), entry(1, 0, None), entry(2, 5, None)];
    assert_eq!(paged, sorted(all.to_vec()));
}
