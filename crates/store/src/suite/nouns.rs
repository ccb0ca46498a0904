//! The typed functions: what goes in comes out.

use domain::{
    Category, CategorySet, ClaimState, RecordId, RecordKind, RetentionClass, SubjectId, SupplementId,
};

use super::{NOW, PORTFOLIO, bytes, cover, number, on_both_engines, open, person, read, with_people, write};
use crate::coverage::{self, CoverageRow};
use crate::key::{self, WrappedKey};
use crate::lookup::{self, LookupRow};
use crate::payment::{self, BatchRow, PostingRow};
use crate::reference::{self, ActorRow, NoticeRow};
use crate::sealed::{self, SealedRow};
use crate::testing::Scratch;
use crate::{Store, StoreError, many};

on_both_engines!(
    only_the_categories_asked_for_are_fetched,
    many_subjects_are_fetched_in_their_order,
    many_rows_are_read_in_few_statements,
    a_sealed_row_is_replaced_only_from_its_version,
    a_key_made_twice_is_one_key,
    an_erased_key_is_gone_and_on_the_list,
    ten_thousand_rows_go_in_at_once,
    cover_is_found_by_day_sponsor_and_holder,
    claims_are_paged_by_state,
    a_unique_token_leads_to_one_subject,
    a_batch_comes_back_as_it_was_and_a_posting_without_one_is_found,
    actors_and_notices_come_back_as_they_were,
);

pub(super) fn row(who: u32, kind: RecordKind, record: u32, category: Category) -> SealedRow {
    SealedRow {
        subject: person(who),
        kind,
        record: RecordId::from_bytes(bytes(record)),
        category,
        version: 1,
        class: RetentionClass::Claims,
        supplement: SupplementId::from_bytes([0; 16]),
        blob: format!("{who} {record} {category}").into_bytes(),
    }
}

fn wrapped(who: u32, category: Category, fill: u8) -> WrappedKey {
    WrappedKey { subject: person(who), category, class: RetentionClass::Claims, wrapped: vec![fill; 60] }
}

pub(super) async fn filled(place: &Scratch) -> Store {
    let store = with_people(place, 5).await;
    let rows: Vec<SealedRow> = (0..5)
        .flat_map(|who| {
            [Category::Claims, Category::Health, Category::Financial].map(|category| (who, category))
        })
        .flat_map(|(who, category)| (1..4).map(move |record| row(who, RecordKind::Claim, record, category)))
        .chain([row(1, RecordKind::Person, 9, Category::Identity)])
        .collect();
    let keys: Vec<WrappedKey> =
        [Category::Claims, Category::Health].map(|category| wrapped(1, category, 1)).into();
    write(&store, move |unit| {
        sealed::insert_many(unit, &rows)?;
        key::insert_many(unit, &keys).map(drop)
    })
    .await
    .unwrap();
    store
}

async fn only_the_categories_asked_for_are_fetched(place: &Scratch) {
    let store = filled(place).await;
    let claims = CategorySet::of(&[Category::Claims, Category::Financial]);
    let found = store.fetch(person(1), &[RecordKind::Claim], None, claims).await.unwrap();
    assert_eq!(found.rows.len(), 6);
    assert!(found.rows.iter().all(|row| claims.contains(row.category)));
    assert_eq!(found.keys, [wrapped(1, Category::Claims, 1)]);
    let record = RecordId::from_bytes(bytes(2));
    let kinds = [RecordKind::Person, RecordKind::Claim];
    let found =
        store.fetch(person(1), &kinds, Some(&[record]), CategorySet::of(&[Category::Health])).await.unwrap();
    assert_eq!(found.rows, [row(1, RecordKind::Claim, 2, Category::Health)]);
    let nothing = store.fetch(person(77), &kinds, None, claims).await.unwrap();
    assert!(nothing.rows.is_empty() && nothing.keys.is_empty());
    let standing = store.standing(person(1)).await.unwrap().unwrap();
    assert_eq!((standing.subject.notice, standing.subject.portfolio), (1, PORTFOLIO));
    assert_eq!(store.standing(person(77)).await.unwrap(), None);
}

async fn many_subjects_are_fetched_in_their_order(place: &Scratch) {
    let store = filled(place).await;
    let asked = vec![person(4), person(77), person(1), person(4)];
    let all = CategorySet::of(Category::ALL);
    let found = store.fetch_many(asked.clone(), &[RecordKind::Claim], all).await.unwrap();
    assert_eq!(found.iter().map(|one| one.subject).collect::<Vec<SubjectId>>(), asked);
    assert_eq!(found.iter().map(|one| one.fetched.rows.len()).collect::<Vec<_>>(), [9, 0, 9, 9]);
    assert_eq!(found[2].fetched.keys.len(), 2);
    let alone = store.fetch(person(4), &[RecordKind::Claim], None, all).await.unwrap();
    assert_eq!(alone.rows, found[0].fetched.rows);
}

async fn many_rows_are_read_in_few_statements(place: &Scratch) {
    let store = filled(place).await;
    let asked: Vec<SubjectId> = [4, 77, 1].map(person).into();
    let subjects = asked.clone();
    let found = read(&store, move |unit| many::subjects(unit, &subjects)).await.unwrap();
    assert_eq!(found.iter().map(|row| row.subject).collect::<Vec<_>>(), [person(4), person(1)]);
    let keys = read(&store, move |unit| many::keys(unit, &asked)).await.unwrap();
    assert_eq!(keys.len(), 2);
    let record = RecordId::from_bytes(bytes(2));
    let records = read(&store, move |unit| {
        let records = [(person(1), record), (person(77), record)];
        many::records(unit, &records, RecordKind::Claim, CategorySet::of(&[Category::Health]))
    });
    let records = records.await.unwrap();
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].rows, [row(1, RecordKind::Claim, 2, Category::Health)]);
}

async fn a_sealed_row_is_replaced_only_from_its_version(place: &Scratch) {
    let store = filled(place).await;
    let newer = SealedRow {
        version: 2,
        blob: b"newer".to_vec(),
        ..row(1, RecordKind::Person, 9, Category::Identity)
    };
    let (first, second, record) = (newer.clone(), newer.clone(), newer.record);
    write(&store, move |unit| sealed::replace(unit, &first, 1)).await.unwrap();
    assert_eq!(write(&store, move |unit| sealed::replace(unit, &second, 1)).await, Err(StoreError::Changed));
    let found = read(&store, move |unit| sealed::of_record(unit, person(1), RecordKind::Person, record))
        .await
        .unwrap();
    assert_eq!(found, [newer]);
    let kinds = read(&store, |unit| sealed::kinds_of(unit, person(1))).await.unwrap();
    assert_eq!(kinds, [RecordKind::Person, RecordKind::Claim]);
    let delete = |unit: &mut crate::Unit<'_>| {
        sealed::delete_class(unit, person(1), Category::Health, RetentionClass::Claims)
    };
    assert_eq!(write(&store, delete).await.unwrap(), 3);
    assert_eq!(read(&store, |unit| sealed::of_subject(unit, person(1))).await.unwrap().len(), 7);
}

async fn a_key_made_twice_is_one_key(place: &Scratch) {
    let store = open(place).await;
    let make = |fill: u8| {
        let store = store.clone();
        let keys = vec![wrapped(1, Category::Claims, fill), wrapped(1, Category::Health, fill)];
        tokio::spawn(async move { write(&store, move |unit| key::insert_many(unit, &keys)).await.unwrap() })
    };
    let tasks: Vec<_> = (0..12).map(make).collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    assert!(answers.iter().all(|keys| *keys == answers[0]), "all must seal with the same keys");
    assert_eq!(read(&store, |unit| key::of_subject(unit, person(1))).await.unwrap().len(), 2);
    let site = write(&store, |unit| key::put_site_key(unit, "lookup", b"one")).await.unwrap();
    assert_eq!(site, b"one");
    assert_eq!(write(&store, |unit| key::put_site_key(unit, "lookup", b"two")).await.unwrap(), b"one");
}

async fn an_erased_key_is_gone_and_on_the_list(place: &Scratch) {
    let store = open(place).await;
    let keys = [wrapped(1, Category::Health, 0xa7)];
    write(&store, move |unit| key::insert_many(unit, &keys)).await.unwrap();
    let erase = |unit: &mut crate::Unit<'_>| {
        key::erase(unit, person(1), Category::Health, RetentionClass::Claims, NOW)
    };
    assert!(write(&store, erase).await.unwrap());
    assert!(!write(&store, erase).await.unwrap());
    let list = read(&store, |unit| key::erasures_since(unit, NOW)).await.unwrap();
    assert_eq!(list.len(), 1);
    assert!(read(&store, |unit| key::erasures_since(unit, NOW.plus_seconds(1))).await.unwrap().is_empty());
    if let crate::Location::Sqlite { directory } = place.location() {
        for file in ["keys.db", "keys.db-wal"] {
            let bytes = std::fs::read(directory.join(file)).unwrap_or_default();
            assert!(!bytes.windows(60).any(|window| window == [0xa7; 60]), "the key is still in {file}");
        }
    }
}

async fn ten_thousand_rows_go_in_at_once(place: &Scratch) {
    let store = with_people(place, 1).await;
    let rows: Vec<SealedRow> =
        (0..10_000).map(|record| row(0, RecordKind::Claim, record, Category::Claims)).collect();
    let again = vec![rows[9_999].clone(), row(0, RecordKind::Claim, 10_001, Category::Claims)];
    write(&store, move |unit| sealed::insert_many(unit, &rows)).await.unwrap();
    assert_eq!(number(&store, "SELECT count(*) FROM moretus.sealed").await, 10_000);
    assert_eq!(
        write(&store, move |unit| sealed::insert_many(unit, &again)).await,
        Err(StoreError::Duplicate)
    );
    assert_eq!(number(&store, "SELECT count(*) FROM moretus.sealed").await, 10_000);
}

async fn cover_is_found_by_day_sponsor_and_holder(place: &Scratch) {
    let store = with_people(place, 3).await;
    let span = |who: u32, start: &str, end: Option<&str>| CoverageRow {
        subject: person(who),
        coverage: cover(who * 10 + end.is_some() as u32),
        portfolio: PORTFOLIO,
        sponsor: domain::SponsorId::from_bytes([5; 16]),
        plan: domain::PlanId::from_bytes([6; 16]),
        holder: person(1),
        start: start.parse().unwrap(),
        end: end.map(|end| end.parse().unwrap()),
        version: 1,
        currency: domain::Currency::EUR,
        recorded: NOW,
        content: [who as u8; 32],
    };
    let rows = [
        span(1, "2025-01-01", Some("2025-12-31")),
        span(1, "2026-01-01", None),
        span(2, "2026-02-01", Some("2026-02-28")),
    ];
    write(&store, move |unit| coverage::insert_many(unit, &rows)).await.unwrap();
    let unknown = span(99, "2026-01-01", None);
    let refused = write(&store, move |unit| coverage::insert_many(unit, &[unknown])).await;
    assert_eq!(refused, Err(StoreError::NotFound), "cover belongs to a known subject");
    let on = |who: u32, day: &str| {
        let (store, day) = (store.clone(), day.parse().unwrap());
        async move { read(&store, move |unit| coverage::of_subject_on(unit, person(who), day)).await.unwrap() }
    };
    assert_eq!(on(1, "2025-12-31").await, [rows[0]]);
    assert_eq!(on(1, "2150-01-01").await, [rows[1]]);
    assert_eq!(on(2, "2026-03-01").await, []);
    assert_eq!(read(&store, |unit| coverage::of_holder(unit, person(1))).await.unwrap().len(), 3);
    let sponsor = rows[0].sponsor;
    let page = read(&store, move |unit| coverage::of_sponsor(unit, sponsor, None, 2)).await.unwrap();
    assert_eq!(page.len(), 2);
    let (row, day) = (rows[1], "2026-06-30".parse().unwrap());
    write(&store, move |unit| coverage::end(unit, &row, Some(day))).await.unwrap();
    assert_eq!(write(&store, move |unit| coverage::end(unit, &row, None)).await, Err(StoreError::Changed));
    assert_eq!(on(1, "2026-07-01").await, []);
}

async fn claims_are_paged_by_state(place: &Scratch) {
    let store = open(place).await;
    let rows: Vec<_> = (0..25)
        .map(|number| crate::claim::ClaimRow {
            subject: person(number % 4),
            claim: domain::ClaimId::from_bytes(bytes(number)),
            portfolio: PORTFOLIO,
            state: if number < 5 { ClaimState::Pended } else { ClaimState::Received },
            received: "2026-01-05".parse().unwrap(),
            outcome_reason: None,
            content: [0; 32],
            batch: domain::BatchId::from_bytes([0; 16]),
            version: 1,
        })
        .collect();
    write(&store, move |unit| crate::claim::insert_many(unit, &rows)).await.unwrap();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = move |unit: &mut crate::Unit<'_>| {
            crate::claim::page_by_state(unit, PORTFOLIO, ClaimState::Received, after, 7)
        };
        let rows = read(&store, page).await.unwrap();
        let Some(last) = rows.last() else { break };
        after = Some((last.subject, last.claim));
        seen.extend(rows.iter().map(|row| (row.subject, row.claim)));
    }
    assert!(seen.len() == 20 && seen.is_sorted(), "{seen:?}");
    let counts = read(&store, crate::claim::count_by_state).await.unwrap();
    assert_eq!(counts, [(PORTFOLIO, ClaimState::Received, 20), (PORTFOLIO, ClaimState::Pended, 5)]);
}

async fn a_unique_token_leads_to_one_subject(place: &Scratch) {
    let store = open(place).await;
    let row = |who: u32, unique| LookupRow { token: [1; 32], kind: 4, unique, subject: person(who) };
    let insert = |row: LookupRow| {
        let store = store.clone();
        async move { write(&store, move |unit| lookup::insert_many(unit, &[row])).await }
    };
    insert(row(1, true)).await.unwrap();
    assert_eq!(insert(row(2, true)).await, Err(StoreError::Duplicate));
    let name = move |who| LookupRow { token: [2; 32], ..row(who, false) };
    for who in 1..4 {
        insert(name(who)).await.unwrap();
    }
    let find = |token: u8, limit| {
        let store = store.clone();
        async move { read(&store, move |unit| lookup::find(unit, 4, &[token; 32], limit)).await.unwrap() }
    };
    assert_eq!(find(1, 10).await, [person(1)]);
    assert_eq!(find(2, 2).await.len(), 2);
    assert_eq!(find(3, 2).await, []);
    assert!(
        !write(&store, move |unit| lookup::delete(unit, &row(2, true))).await.unwrap(),
        "it is another's"
    );
    assert!(write(&store, move |unit| lookup::delete(unit, &name(2))).await.unwrap());
    assert_eq!(find(2, 10).await.len(), 2);
}

async fn a_batch_comes_back_as_it_was_and_a_posting_without_one_is_found(place: &Scratch) {
    let store = open(place).await;
    let batch = domain::BatchId::from_bytes([1; 16]);
    let row = BatchRow { batch, kind: 2, portfolio: PORTFOLIO, state: 0, created: NOW, control: [9; 32] };
    write(&store, move |unit| payment::insert_batch(unit, &row)).await.unwrap();
    assert_eq!(read(&store, payment::batches).await.unwrap(), [row]);
    let posting = |number: u32, batch| PostingRow {
        subject: person(1),
        posting: RecordId::from_bytes(bytes(number)),
        claim: domain::ClaimId::from_bytes(bytes(number)),
        batch,
    };
    write(&store, move |unit| payment::insert_postings(unit, &[posting(1, batch)])).await.unwrap();
    assert_eq!(read(&store, payment::posting_without_batch).await.unwrap(), None);
    let stray = posting(2, domain::BatchId::from_bytes([2; 16]));
    write(&store, move |unit| payment::insert_postings(unit, &[stray])).await.unwrap();
    assert_eq!(read(&store, payment::posting_without_batch).await.unwrap(), Some(stray));
}

async fn actors_and_notices_come_back_as_they_were(place: &Scratch) {
    let store = open(place).await;
    let actor = |number: u8, token_hash| ActorRow {
        actor: domain::ActorId::from_bytes([number; 16]),
        recipient: domain::Recipient::ALL[0],
        role: "claims handler".into(),
        team: "Ghent".into(),
        country: "BE".parse().unwrap(),
        portfolio: PORTFOLIO,
        organisation: None,
        own_files: vec![person(number.into()), person(200)],
        sponsors: vec![domain::SponsorId::from_bytes([number; 16])],
        trained_until: (number > 1).then(|| "2026-12-31".parse().unwrap()),
        name: "intake".into(),
        token_hash,
        expires: NOW,
        ended: (number > 2).then_some(NOW),
    };
    let with_token = actor(1, Some([8; 32]));
    for row in [with_token.clone(), actor(2, None), actor(3, None)] {
        write(&store, move |unit| reference::insert_actor(unit, &row)).await.unwrap();
    }
    let taken = actor(4, Some([8; 32]));
    let refused = write(&store, move |unit| reference::insert_actor(unit, &taken)).await;
    assert_eq!(refused, Err(StoreError::Duplicate), "a token is one actor's");
    let found = store.actor_of_token(&[8; 32]).await.unwrap();
    assert_eq!(found, Some(with_token));
    let id = actor(2, None).actor;
    assert_eq!(read(&store, move |unit| reference::actor(unit, id)).await.unwrap(), Some(actor(2, None)));
    let version = NoticeRow {
        portfolio: PORTFOLIO,
        number: 1,
        version: "2026-12-01".into(),
        effective: "2026-12-01".parse().unwrap(),
        published: NOW,
        hash: [1; 32],
        files: "{}".into(),
        author: "An Author".into(),
        publisher: "A Publisher".into(),
        opinion: "Sound.".into(),
        document: String::new(),
    };
    let row = version.clone();
    write(&store, move |unit| reference::insert_notice(unit, &row)).await.unwrap();
    let changed = NoticeRow { files: "{\"a\":1}".into(), ..version.clone() };
    let refused = write(&store, move |unit| reference::insert_notice(unit, &changed)).await;
    assert_eq!(refused, Err(StoreError::Duplicate), "a published version is not changed");
    let beside = NoticeRow { document: "cookies".into(), hash: [2; 32], ..version.clone() };
    let row = beside.clone();
    write(&store, move |unit| reference::insert_notice(unit, &row)).await.unwrap();
    assert_eq!(read(&store, reference::notices).await.unwrap(), [version]);
    assert_eq!(read(&store, reference::documents).await.unwrap(), vec![beside.clone()]);
    let own = read(&store, |unit| reference::versions_of(unit, PORTFOLIO, "cookies")).await.unwrap();
    assert_eq!(own, [beside], "each document counts its own versions");
}
