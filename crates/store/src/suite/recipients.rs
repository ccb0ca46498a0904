//! The register of recipients: what stands in it, and that nothing is written for an organisation whose contract
//! has ended, whichever server writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use domain::{
    Condition, PortfolioId, Recipient, RecipientId, RecipientRole, SubjectKind, SubjectKindSet, Timestamp,
    TransferSafeguard,
};

use super::{NOW, PORTFOLIO, number, on_both_engines, open, person, read, with_people, write};
use crate::recipient::{RecipientConditionRow, RecipientRow, RecipientTest, Registered};
use crate::testing::Scratch;
use crate::{Appended, NewDisclosure, Store, StoreError, recipient};

on_both_engines!(
    a_register_keeps_organisations_and_what_was_agreed,
    an_entry_goes_in_only_while_what_was_agreed_holds,
    nothing_is_written_after_a_contract_was_ended_by_another_server,
    an_entry_rests_on_the_register_as_it_was_read,
);

const BANK: RecipientId = RecipientId::from_bytes([0xba; 16]);

fn bank() -> RecipientRow {
    RecipientRow {
        recipient: BANK,
        portfolio: PORTFOLIO,
        kind: Recipient::Bank,
        name: "Bank of the Tests".to_owned(),
        country: "BE".parse().unwrap(),
        role: RecipientRole::Controller,
        acts_for: Some(RecipientId::from_bytes([2; 16])),
        uses: "payments".to_owned(),
        clauses: vec!["disclose.payment.bank".to_owned(), "other".to_owned()],
        entered: NOW,
    }
}

fn contract() -> RecipientConditionRow {
    RecipientConditionRow {
        recipient: BANK,
        condition: Condition::Contract,
        safeguard: None,
        since: NOW,
        until: Some(NOW.plus_seconds(100)),
    }
}

fn entry(tests: &[Condition]) -> NewDisclosure {
    NewDisclosure {
        subject: person(0),
        portfolio: PORTFOLIO,
        notice: 1,
        kinds: SubjectKindSet::of(&[SubjectKind::Member]),
        laws: domain::GoverningLawSet::ALL,
        tests: Vec::new(),
        recipient_tests: tests
            .iter()
            .map(|condition| RecipientTest { recipient: BANK, condition: *condition })
            .collect(),
        register: None,
        body: b"a body".to_vec(),
        people: Vec::new(),
    }
}

async fn set(store: &Store, rows: &[RecipientConditionRow]) {
    let rows = rows.to_vec();
    write(store, move |unit| recipient::set_conditions(unit, PORTFOLIO, &rows)).await.unwrap();
}

async fn end(store: &Store, at: Timestamp) -> bool {
    write(store, move |unit| recipient::end_condition(unit, PORTFOLIO, BANK, Condition::Contract, at))
        .await
        .unwrap()
}

async fn a_register_keeps_organisations_and_what_was_agreed(place: &Scratch) {
    let store = open(place).await;
    let nobody = store.registered(PORTFOLIO, BANK).await.unwrap();
    assert_eq!(nobody, Registered { version: 0, row: None, conditions: Vec::new() });
    write(&store, |unit| recipient::insert(unit, &bank())).await.unwrap();
    let namesake = RecipientRow { recipient: RecipientId::from_bytes([1; 16]), acts_for: None, ..bank() };
    let elsewhere = RecipientRow { portfolio: PortfolioId::from_bytes([8; 16]), ..namesake.clone() };
    let again = write(&store, move |unit| recipient::insert(unit, &namesake)).await;
    assert_eq!(again, Err(StoreError::Duplicate));
    write(&store, move |unit| recipient::insert(unit, &elsewhere)).await.unwrap();

    let safeguard = RecipientConditionRow {
        condition: Condition::Safeguard,
        safeguard: Some(TransferSafeguard::StandardClauses),
        until: None,
        ..contract()
    };
    set(&store, &[contract(), safeguard]).await;
    let found = store.registered(PORTFOLIO, BANK).await.unwrap();
    assert_eq!(found, Registered { version: 2, row: Some(bank()), conditions: vec![contract(), safeguard] });
    assert_eq!(read(&store, |unit| recipient::get(unit, PORTFOLIO, BANK)).await.unwrap(), found);
    let all = read(&store, |unit| recipient::of_portfolio(unit, PORTFOLIO)).await.unwrap();
    assert_eq!(all, [(bank(), vec![contract(), safeguard])]);

    let later = RecipientConditionRow { until: Some(NOW.plus_seconds(500)), ..contract() };
    set(&store, &[later]).await;
    assert_eq!(store.registered(PORTFOLIO, BANK).await.unwrap().conditions, [later, safeguard]);
    assert!(end(&store, NOW.plus_seconds(5)).await && !end(&store, NOW.plus_seconds(6)).await);
    let ended = store.registered(PORTFOLIO, BANK).await.unwrap().conditions[0];
    assert_eq!(ended.until, Some(NOW.plus_seconds(5)));
    assert!(later.is_live(NOW) && !ended.is_live(NOW.plus_seconds(5)));
}

async fn an_entry_goes_in_only_while_what_was_agreed_holds(place: &Scratch) {
    let store = with_people(place, 1).await;
    let append = async |tests: &[Condition], now| store.append(vec![entry(tests)], now).await.unwrap();
    let refused = |condition| vec![Appended::NotLive(condition)];
    assert_eq!(
        append(&[Condition::Contract], NOW).await,
        refused(Condition::Contract),
        "not in the register"
    );
    set(&store, &[contract()]).await;
    assert!(matches!(append(&[Condition::Contract], NOW).await[..], [Appended::At(_)]));
    assert!(matches!(append(&[], NOW).await[..], [Appended::At(_)]));
    let both = [Condition::Contract, Condition::Undertaking];
    assert_eq!(append(&both, NOW).await, refused(Condition::Undertaking));
    for now in [NOW.plus_seconds(-1), NOW.plus_seconds(100)] {
        assert_eq!(append(&[Condition::Contract], now).await, refused(Condition::Contract));
    }
    // One that is refused holds up no other of the same call.
    let answers = store.append(vec![entry(&both), entry(&[Condition::Contract])], NOW).await.unwrap();
    assert!(matches!(answers[..], [Appended::NotLive(Condition::Undertaking), Appended::At(_)]));
    assert_eq!(number(&store, "SELECT count(*) FROM moretus_log.disclosure").await, 3);
}

async fn nothing_is_written_after_a_contract_was_ended_by_another_server(place: &Scratch) {
    let store = with_people(place, 1).await;
    let other = Store::open(place.location()).await.unwrap();
    set(&store, &[contract()]).await;
    let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let tasks: Vec<_> = (0..32)
        .map(|_| {
            let (store, stop, answered) = (store.clone(), Arc::clone(&stop), Arc::clone(&answered));
            tokio::spawn(async move {
                while !stop.load(Ordering::SeqCst) {
                    // Its clock lags behind: what has ended is ended all the same.
                    store.append(vec![entry(&[Condition::Contract])], NOW).await.unwrap();
                    answered.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    let more = async || {
        let enough = answered.load(Ordering::SeqCst) + 128;
        let reached = async {
            while answered.load(Ordering::SeqCst) < enough {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(60), reached).await.unwrap();
    };
    more().await;
    assert!(end(&other, NOW.plus_seconds(1)).await);
    let at_answer = number(&store, "SELECT count(*) FROM moretus_log.disclosure").await;
    more().await;
    stop.store(true, Ordering::SeqCst);
    for task in tasks {
        task.await.unwrap();
    }
    let at_end = number(&store, "SELECT count(*) FROM moretus_log.disclosure").await;
    assert!(at_answer > 0 && at_answer == at_end, "{at_answer} written when it was answered, then {at_end}");
}

/// Whatever is changed of a portfolio's register: what was decided by an earlier one is not written.
async fn an_entry_rests_on_the_register_as_it_was_read(place: &Scratch) {
    let store = with_people(place, 1).await;
    let other = Store::open(place.location()).await.unwrap();
    let read = async || store.registered(PORTFOLIO, BANK).await.unwrap().version;
    let append = async |version| {
        let entries = vec![NewDisclosure { register: version, ..entry(&[]) }, entry(&[])];
        store.append(entries, NOW).await.unwrap()
    };
    let passes = async |version| {
        let answers = append(Some(version)).await;
        assert!(matches!(answers[1], Appended::At(_)), "it holds up no other");
        matches!(answers[0], Appended::At(_))
    };
    assert!(passes(0).await && !passes(1).await, "nothing was ever entered");
    let elsewhere = RecipientRow {
        recipient: RecipientId::from_bytes([1; 16]),
        portfolio: PortfolioId::from_bytes([8; 16]),
        ..bank()
    };
    write(&other, move |unit| recipient::insert(unit, &elsewhere)).await.unwrap();
    assert!(passes(read().await).await && read().await == 0, "another portfolio's register is another's");
    type Change = fn(&mut crate::Unit<'_>) -> Result<(), StoreError>;
    let changes: [Change; 4] = [
        |unit| recipient::insert(unit, &bank()),
        |unit| recipient::set_conditions(unit, PORTFOLIO, &[contract()]),
        |unit| recipient::set_clauses(unit, PORTFOLIO, BANK, &["disclose.other".to_owned()]),
        |unit| {
            let at = NOW.plus_seconds(1);
            recipient::end_condition(unit, PORTFOLIO, BANK, Condition::Contract, at).map(drop)
        },
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let before = read().await;
        assert!(passes(before).await, "{number}");
        write(&other, change).await.unwrap();
        assert_eq!(append(Some(before)).await[0], Appended::RegisterChanged, "{number}");
        assert!(passes(read().await).await, "{number}");
    }
    let found = store.registered(PORTFOLIO, BANK).await.unwrap().row.unwrap();
    assert_eq!(found.clauses, ["disclose.other"]);
    let stranger = PortfolioId::from_bytes([8; 16]);
    assert_eq!(store.registered(stranger, BANK).await.unwrap().row, None);
    let changed = write(&store, move |unit| recipient::set_clauses(unit, stranger, BANK, &[])).await;
    assert_eq!(changed, Err(StoreError::Changed));
}
