//! The record of disclosures: what may go in, in which order, and what a withdrawal means.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use domain::{Condition, GoverningLaw, GoverningLawSet, SubjectKind, SubjectKindSet, WorkItemId};

use super::{NOW, PORTFOLIO, number, on_both_engines, person, read, with_people, write};
use crate::condition::ConditionRow;
use crate::log::{self, SealedBatch};
use crate::testing::Scratch;
use crate::{
    About, Appended, Bound, ConditionTest, NewDisclosure, Position, Store, StoreError, TestedPerson,
    condition, subject,
};

on_both_engines!(
    an_entry_goes_in_only_when_bound_and_live,
    an_entry_about_many_goes_in_only_when_all_of_them_are_bound_and_live,
    nothing_is_written_after_a_withdrawal_is_answered,
    nothing_is_written_under_a_former_notice_after_binding,
    what_another_server_changes_holds_at_once,
    what_is_changed_past_the_typed_functions_holds_at_once,
    what_was_undone_bears_nothing,
    groups_are_found_until_they_are_sealed,
    a_lost_entry_is_noticed,
    many_callers_get_their_own_answers,
);

pub(super) const CONSENT: ConditionTest = ConditionTest::of(Condition::ConsentHealth, [0; 16]);
pub(super) const WORK: ConditionTest = ConditionTest::of(Condition::WorkItem, [7; 16]);

pub(super) fn entry(who: u32, tests: &[ConditionTest]) -> NewDisclosure {
    NewDisclosure {
        subject: person(who),
        portfolio: PORTFOLIO,
        notice: 1,
        kinds: SubjectKindSet::of(&[SubjectKind::Member]),
        laws: GoverningLawSet::ALL,
        tests: tests.to_vec(),
        recipient_tests: Vec::new(),
        register: None,
        body: format!("body of {who}").into_bytes(),
        people: Vec::new(),
    }
}

pub(super) async fn consent(store: &Store, who: u32, test: ConditionTest) {
    let row = ConditionRow {
        subject: person(who),
        condition: test.condition,
        object: test.object,
        since: NOW,
        until: Some(NOW.plus_seconds(100)),
    };
    write(store, move |unit| condition::set_many(unit, &[row])).await.unwrap();
}

async fn an_entry_goes_in_only_when_bound_and_live(place: &Scratch) {
    let store = with_people(place, 3).await;
    consent(&store, 1, CONSENT).await;
    let other = NewDisclosure { notice: 2, ..entry(0, &[]) };
    let mistaken = NewDisclosure {
        kinds: SubjectKindSet::of(&[SubjectKind::Beneficiary, SubjectKind::Employee]),
        laws: GoverningLawSet::ALL,
        ..entry(0, &[])
    };
    let either = NewDisclosure {
        kinds: SubjectKindSet::of(&[SubjectKind::Beneficiary, SubjectKind::Member]),
        laws: GoverningLawSet::ALL,
        ..entry(0, &[])
    };
    let law = |law| NewDisclosure { laws: GoverningLawSet::of(&[law]), ..entry(0, &[]) };
    let (foreign, governed) = (law(GoverningLaw::Ireland), law(GoverningLaw::Belgium));
    let entries = vec![
        entry(0, &[]),
        other,
        entry(99, &[]),
        entry(1, &[CONSENT]),
        entry(1, &[CONSENT, WORK]),
        entry(2, &[CONSENT]),
        mistaken,
        either,
        foreign,
        governed,
    ];
    let answers = store.append(entries, NOW).await.unwrap();
    let bound = Some(Bound {
        portfolio: PORTFOLIO,
        notice: 1,
        kind: SubjectKind::Member,
        law: GoverningLaw::Belgium,
    });
    assert!(matches!(answers[0], Appended::At(_)) && matches!(answers[3], Appended::At(_)), "{answers:?}");
    assert_eq!(answers[1], Appended::NotBound { bound });
    assert_eq!(answers[2], Appended::NotBound { bound: None });
    assert_eq!(answers[6], Appended::NotBound { bound });
    assert!(matches!(answers[7], Appended::At(_)), "one of the kinds is enough: {answers:?}");
    assert_eq!(answers[8], Appended::NotBound { bound });
    assert!(matches!(answers[9], Appended::At(_)), "{answers:?}");
    assert_eq!(answers[4], Appended::NotLive(Condition::WorkItem));
    assert_eq!(answers[5], Appended::NotLive(Condition::ConsentHealth));
    // Not yet, and not any more.
    for now in [NOW.plus_seconds(-1), NOW.plus_seconds(100)] {
        let answers = store.append(vec![entry(1, &[CONSENT])], now).await.unwrap();
        assert_eq!(answers, [Appended::NotLive(Condition::ConsentHealth)]);
    }
    assert_eq!(number(&store, "SELECT count(*) FROM moretus_log.disclosure").await, 4);
    assert_eq!(read(&store, log::pending_count).await.unwrap(), 4);
    assert_eq!(store.append(Vec::new(), NOW).await.unwrap(), []);
}

/// Callers that append about one person as fast as they can, until told to stop.
struct Appenders {
    stop: Arc<AtomicBool>,
    written: Arc<AtomicUsize>,
    answered: Arc<AtomicUsize>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Appenders {
    fn start(store: &Store, count: usize, tests: &[ConditionTest]) -> Self {
        let mut all = Self {
            stop: Arc::default(),
            written: Arc::default(),
            answered: Arc::default(),
            tasks: Vec::new(),
        };
        for _ in 0..count {
            let (store, tests) = (store.clone(), tests.to_vec());
            let (stop, written, answered) =
                (Arc::clone(&all.stop), Arc::clone(&all.written), Arc::clone(&all.answered));
            all.tasks.push(tokio::spawn(async move {
                while !stop.load(Ordering::SeqCst) {
                    // Its clock lags behind that of the withdrawal: what has ended is ended all the same.
                    let answers = store.append(vec![entry(0, &tests)], NOW).await.unwrap();
                    written.fetch_add(usize::from(matches!(answers[0], Appended::At(_))), Ordering::SeqCst);
                    answered.fetch_add(1, Ordering::SeqCst);
                }
            }));
        }
        all
    }

    /// Waits until each has had some answers more.
    async fn go_on(&self) {
        let enough = self.answered.load(Ordering::SeqCst) + 4 * self.tasks.len();
        let more = async {
            while self.answered.load(Ordering::SeqCst) < enough {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(60), more).await.unwrap();
    }

    /// Stops them; how many entries they wrote.
    async fn stop(self) -> usize {
        self.stop.store(true, Ordering::SeqCst);
        for task in self.tasks {
            task.await.unwrap();
        }
        self.written.load(Ordering::SeqCst)
    }
}

async fn an_entry_about_many_goes_in_only_when_all_of_them_are_bound_and_live(place: &Scratch) {
    let store = with_people(place, 4).await;
    for who in [1, 2] {
        consent(&store, who, CONSENT).await;
    }
    let of = |who: u32| About {
        subject: person(who),
        item: (who == 2).then_some(WorkItemId::from_bytes([8; 16])),
    };
    let about = |people: &[u32], tests: &[ConditionTest]| NewDisclosure {
        people: people.iter().map(|who| TestedPerson { about: of(*who), tests: tests.to_vec() }).collect(),
        ..entry(0, &[])
    };
    let of_others =
        NewDisclosure { kinds: SubjectKindSet::of(&[SubjectKind::Employee]), ..about(&[1, 2], &[]) };
    let entries = vec![
        about(&[1, 2], &[CONSENT]),
        about(&[1, 2, 3], &[CONSENT]),
        about(&[1, 2, 99], &[]),
        about(&[1, 2, 3], &[]),
        of_others,
        entry(1, &[CONSENT]),
    ];
    for round in 0..2 {
        let appended = store.append(entries.clone(), NOW).await.unwrap();
        let is_in = appended.iter().map(|one| matches!(one, Appended::At(_))).collect::<Vec<_>>();
        assert_eq!(is_in, [true, false, false, true, false, true], "round {round}");
        for place in [1, 2, 4] {
            assert_eq!(appended[place], Appended::NotTogether);
        }
    }
    // It stands in the list of each of them, and of the subject whose chain has it.
    let listed = |who: u32| read(&store, move |unit| log::pending_of(unit, person(who)));
    let counts = [listed(0).await, listed(1).await, listed(2).await, listed(3).await, listed(99).await];
    assert_eq!(counts.map(|found| found.unwrap().len()), [4, 6, 4, 2, 0]);
    let first = listed(2).await.unwrap().remove(0);
    assert_eq!((first.subject, first.people.as_slice()), (person(0), &[of(1), of(2)][..]));
    assert_eq!(first.listed().collect::<Vec<_>>(), [person(0), person(1), person(2)]);
    let at = first.position;
    let found = |who: u32| read(&store, move |unit| log::entries_at(unit, person(who), &[at]));
    // Of the others nothing is read with a person's list, but where all of it is wanted.
    let own = log::Entry { people: vec![of(2)], ..first.clone() };
    assert_eq!(found(2).await.unwrap(), [own]);
    assert_eq!(read(&store, move |unit| log::entry_at(unit, at)).await.unwrap(), Some(first));
    assert_eq!(found(3).await.unwrap(), []);
    // A consent that ends is not relied on any more, whatever was remembered.
    write(&store, |unit| condition::end(unit, person(2), CONSENT.condition, CONSENT.object, NOW))
        .await
        .unwrap();
    let appended = store.append(vec![about(&[1, 2], &[CONSENT])], NOW).await.unwrap();
    assert_eq!(appended, [Appended::NotTogether]);
}

async fn nothing_is_written_after_a_withdrawal_is_answered(place: &Scratch) {
    let store = with_people(place, 1).await;
    for _ in 0..5 {
        consent(&store, 0, CONSENT).await;
        let before = number(&store, "SELECT count(*) FROM moretus_log.disclosure").await;
        let appenders = Appenders::start(&store, 32, &[CONSENT]);
        appenders.go_on().await;
        let end = |unit: &mut crate::Unit<'_>| {
            condition::end(unit, person(0), CONSENT.condition, CONSENT.object, NOW.plus_seconds(1))
        };
        assert!(write(&store, end).await.unwrap());
        let at_answer = number(&store, "SELECT count(*) FROM moretus_log.disclosure").await;
        appenders.go_on().await;
        let written = appenders.stop().await as i64;
        let at_end = number(&store, "SELECT count(*) FROM moretus_log.disclosure").await;
        assert_eq!(at_answer, at_end, "a disclosure was written after the withdrawal was answered");
        assert!(written > 0 && before + written == at_end, "{before} + {written} = {at_end}");
        assert!(!write(&store, end).await.unwrap(), "it has ended already");
    }
}

async fn nothing_is_written_under_a_former_notice_after_binding(place: &Scratch) {
    let store = with_people(place, 1).await;
    let appenders = Appenders::start(&store, 16, &[]);
    appenders.go_on().await;
    write(&store, |unit| subject::bind(unit, person(0), 1, 2)).await.unwrap();
    let at_answer = number(&store, "SELECT count(*) FROM moretus_log.disclosure").await;
    appenders.go_on().await;
    assert!(appenders.stop().await > 0);
    assert_eq!(at_answer, number(&store, "SELECT count(*) FROM moretus_log.disclosure").await);
    let again = write(&store, |unit| subject::bind(unit, person(0), 1, 3)).await;
    assert_eq!(again, Err(StoreError::Changed));
}

/// What an entry rests on may be remembered from an earlier one, so each is written once before it changes.
async fn what_another_server_changes_holds_at_once(place: &Scratch) {
    let store = with_people(place, 1).await;
    let other = Store::open(place.location()).await.unwrap();
    let append = |tests: &[ConditionTest], at| {
        let (store, entries) = (store.clone(), vec![entry(0, tests)]);
        async move { store.append(entries, at).await.unwrap().remove(0) }
    };
    let set = |until| {
        let other = other.clone();
        async move {
            let row = ConditionRow {
                subject: person(0),
                condition: CONSENT.condition,
                object: CONSENT.object,
                since: NOW,
                until: Some(until),
            };
            write(&other, move |unit| condition::set_many(unit, &[row])).await.unwrap();
        }
    };
    for _ in 0..3 {
        set(NOW.plus_seconds(100)).await;
        assert!(matches!(append(&[CONSENT], NOW.plus_seconds(50)).await, Appended::At(_)));
        set(NOW.plus_seconds(20)).await;
        assert_eq!(append(&[CONSENT], NOW.plus_seconds(50)).await, Appended::NotLive(CONSENT.condition));
        assert!(matches!(append(&[CONSENT], NOW.plus_seconds(10)).await, Appended::At(_)));
        let end = |unit: &mut crate::Unit<'_>| {
            condition::end(unit, person(0), CONSENT.condition, CONSENT.object, NOW.plus_seconds(1))
        };
        assert!(write(&other, end).await.unwrap());
        assert_eq!(append(&[CONSENT], NOW).await, Appended::NotLive(CONSENT.condition));
    }
    assert!(matches!(append(&[], NOW).await, Appended::At(_)));
    write(&other, |unit| subject::bind(unit, person(0), 1, 2)).await.unwrap();
    assert!(matches!(append(&[], NOW).await, Appended::NotBound { bound: Some(bound) } if bound.notice == 2));
}

async fn what_is_changed_past_the_typed_functions_holds_at_once(place: &Scratch) {
    let store = with_people(place, 1).await;
    let changes = [
        "DELETE FROM moretus.condition",
        "UPDATE moretus.condition SET until = 1",
        "UPDATE moretus.condition SET condition = 99",
        "UPDATE moretus.subject SET notice = 3",
    ];
    for change in changes {
        consent(&store, 0, CONSENT).await;
        assert!(matches!(store.append(vec![entry(0, &[CONSENT])], NOW).await.unwrap()[0], Appended::At(_)));
        assert_eq!(write(&store, move |unit| crate::testing::tamper(unit, change)).await.unwrap(), 1);
        let answer = store.append(vec![entry(0, &[CONSENT])], NOW).await.unwrap().remove(0);
        assert!(!matches!(answer, Appended::At(_)), "{change}: {answer:?}");
        write(&store, |unit| crate::testing::tamper(unit, "DELETE FROM moretus.condition")).await.unwrap();
    }
}

/// A consent that a unit gives and then gives up was never given, and one that it ends was never ended.
async fn what_was_undone_bears_nothing(place: &Scratch) {
    let store = with_people(place, 2).await;
    consent(&store, 1, CONSENT).await;
    let append = |who| {
        let store = store.clone();
        async move { store.append(vec![entry(who, &[CONSENT])], NOW).await.unwrap().remove(0) }
    };
    for _ in 0..20 {
        let undone = write(&store, |unit| {
            let row = ConditionRow {
                subject: person(0),
                condition: CONSENT.condition,
                object: CONSENT.object,
                since: NOW,
                until: None,
            };
            condition::set_many(unit, &[row])?;
            condition::end(unit, person(1), CONSENT.condition, CONSENT.object, NOW)?;
            Err::<(), StoreError>(StoreError::NotFound)
        });
        // In the same group as the unit, or after it.
        let (undone, never, always) = tokio::join!(undone, append(0), append(1));
        assert_eq!(undone, Err(StoreError::NotFound));
        assert_eq!(never, Appended::NotLive(CONSENT.condition));
        assert!(matches!(always, Appended::At(_)), "{always:?}");
    }
}

async fn groups_are_found_until_they_are_sealed(place: &Scratch) {
    let store = with_people(place, 50).await;
    for round in 0..5_u32 {
        let entries = (0..10).map(|who| entry(round * 10 + who, &[])).collect();
        store.append(entries, NOW).await.unwrap();
    }
    let pending = read(&store, |unit| log::pending(unit, 3)).await.unwrap();
    assert_eq!(pending.len(), 3);
    assert_eq!(pending[1].entries[4].subject, person(14));
    assert_eq!(pending[1].entries[4].body, b"body of 14".as_slice());
    let mut leaf = 0;
    let place_of = |batch: &log::PendingBatch| {
        let sealed = SealedBatch { first_leaf: leaf, batch: batch.batch, count: batch.entries.len() as i64 };
        leaf += sealed.count;
        sealed
    };
    let sealed: Vec<SealedBatch> = pending.iter().map(place_of).collect();
    let (again, expected) = (sealed.clone(), sealed.clone());
    write(&store, move |unit| log::record_sealed(unit, &sealed)).await.unwrap();
    let twice = write(&store, move |unit| log::record_sealed(unit, &again)).await;
    assert_eq!(twice, Err(StoreError::Changed), "a second sealer must notice");
    assert_eq!(read(&store, |unit| log::sealed_at(unit, 15)).await.unwrap(), Some(expected[1]));
    assert_eq!(read(&store, |unit| log::sealed_from(unit, 1, 10)).await.unwrap(), expected[1..]);
    assert_eq!(read(&store, log::pending_count).await.unwrap(), 20);
    // A subject's list: by position, and what waits.
    let position = pending[1].entries[4].position;
    let gone = Position { batch: position.batch, offset: 999 };
    let found = read(&store, move |unit| log::entries_at(unit, person(14), &[position, gone])).await.unwrap();
    assert_eq!(found, [pending[1].entries[4].clone()]);
    // What is left of it once its body is erased stands in the same place.
    let left = log::Entry { body: b"left".to_vec().into(), ..pending[1].entries[4].clone() };
    let (replaced, stray) = (left.clone(), log::Entry { position: gone, ..left.clone() });
    write(&store, move |unit| log::replace_body(unit, &replaced)).await.unwrap();
    assert_eq!(write(&store, move |unit| log::replace_body(unit, &stray)).await, Err(StoreError::Changed));
    let found = read(&store, move |unit| log::entries_at(unit, person(14), &[position])).await.unwrap();
    assert_eq!(found, [left]);
    assert_eq!(read(&store, |unit| log::pending_of(unit, person(14))).await.unwrap(), []);
    assert_eq!(read(&store, |unit| log::pending_of(unit, person(44))).await.unwrap().len(), 1);
    // A new process goes on counting after the last group, sealed or not.
    store.close().await.unwrap();
    let store = Store::open(place.location()).await.unwrap();
    let answers = store.append(vec![entry(0, &[])], NOW).await.unwrap();
    let last = read(&store, |unit| log::pending(unit, 100)).await.unwrap();
    assert!(
        matches!(answers[0], Appended::At(at) if at.batch > pending[2].batch && last[2].batch == at.batch)
    );
}

async fn a_lost_entry_is_noticed(place: &Scratch) {
    let store = with_people(place, 3).await;
    store.append((0..3).map(|who| entry(who, &[])).collect(), NOW).await.unwrap();
    write(&store, |unit| unit.execute("DELETE FROM moretus_log.disclosure WHERE position = 1", &[]))
        .await
        .unwrap();
    let pending = read(&store, |unit| log::pending(unit, 3)).await;
    assert_eq!(pending, Err(StoreError::Corrupt { table: "disclosure" }));
}

async fn many_callers_get_their_own_answers(place: &Scratch) {
    let store = with_people(place, 400).await;
    let append = |who: u32| {
        let store = store.clone();
        // Every third is not bound, so that answers of one group differ.
        let entries =
            vec![NewDisclosure { notice: i64::from(who % 3) + 1, ..entry(who, &[]) }, entry(who, &[])];
        tokio::spawn(async move { (who, store.append(entries, NOW).await.unwrap()) })
    };
    let tasks: Vec<_> = (0..400).map(append).collect();
    for task in tasks {
        let (who, answers) = task.await.unwrap();
        assert_eq!(matches!(answers[0], Appended::At(_)), who % 3 == 0);
        let Appended::At(at) = answers[1] else { panic!("{answers:?}") };
        let found = read(&store, move |unit| log::entries_at(unit, person(who), &[at])).await.unwrap();
        assert_eq!(found[0].body, format!("body of {who}").into_bytes());
    }
    let batches = read(&store, |unit| log::pending(unit, 1_000)).await.unwrap();
    assert_eq!(batches.iter().map(|batch| batch.entries.len()).sum::<usize>(), 400 + 134);
    assert!(batches.len() < 400, "callers share commits: {}", batches.len());
}

mod postgres_alone {
    use super::*;

    /// However long the record is, appending to it looks only at the group's own rows.
    #[tokio::test(flavor = "multi_thread")]
    async fn appending_finds_its_rows_by_the_index() {
        let place = Scratch::postgres().await.unwrap();
        let store = with_people(&place, 1).await;
        let explain = format!("EXPLAIN {}", crate::postgres::PENDING);
        let plan = read(&store, move |unit| {
            unit.query("plan", &explain, &[])?.iter().map(|row| row.text(0).map(str::to_owned)).collect()
        });
        let plan: Vec<String> = plan.await.unwrap();
        assert!(plan.iter().any(|line| line.contains("Index Cond: (batch = ")), "{plan:#?}");
    }
}
