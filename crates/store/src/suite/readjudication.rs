//! Runs that decide claims again, and their proposals: what goes in comes out, people come in turn, and each step is taken once.

use domain::{
    ActorId, ClaimId, ClaimState, PlanId, PortfolioId, ProposalState, ReleaseReason, SubjectId, Timestamp,
    WorkItemId,
};

use super::{NOW, PORTFOLIO, bytes, on_both_engines, person, read, with_people, write};
use crate::claim::{self, ClaimRow};
use crate::decide_anew;
use crate::family::{self, FamilyRow};
use crate::readjudication::{self, PlanChange, ProposalRow, Release, RunRow};
use crate::testing::Scratch;
use crate::{Location, StoreError};

on_both_engines!(
    a_run_goes_on_from_its_version_alone,
    claimants_come_in_turn,
    a_proposal_is_decided_once,
    the_next_people_are_found_where_the_last_ended,
    who_is_to_be_decided_anew_stands_on_a_list_until_it_was_done,
);

const NOBODY: SubjectId = SubjectId::from_bytes([0; 16]);

fn run_row(number: u32) -> RunRow {
    RunRow {
        run: WorkItemId::from_bytes(bytes(number)),
        portfolio: PORTFOLIO,
        first: "2026-01-01".parse().unwrap(),
        last: "2026-12-31".parse().unwrap(),
        starter: ActorId::from_bytes(bytes(5)),
        started: Timestamp::from_micros(NOW.micros() + i64::from(number)),
        reached: NOBODY,
        finished: None,
        people: 0,
        claims: 0,
        differing: 0,
        waiting: 0,
        refused: 0,
        failed: 0,
        only_changed: false,
        version: 1,
    }
}

async fn a_run_goes_on_from_its_version_alone(place: &Scratch) {
    let store = with_people(place, 1).await;
    let (row, later) = (run_row(1), run_row(2));
    write(&store, move |unit| readjudication::insert_run(unit, &row)).await.unwrap();
    write(&store, move |unit| readjudication::insert_run(unit, &later)).await.unwrap();
    let next = RunRow { reached: person(3), finished: Some(NOW), people: 1, claims: 2, differing: 3, ..row };
    let next = RunRow { waiting: 4, refused: 5, failed: 6, ..next };
    write(&store, move |unit| readjudication::advance(unit, &next)).await.unwrap();
    let again = write(&store, move |unit| readjudication::advance(unit, &next)).await;
    assert!(matches!(again, Err(StoreError::Changed)), "somebody was faster");
    let change = |old: u32, before: Option<&str>| PlanChange {
        old: PlanId::from_bytes(bytes(old)),
        new: PlanId::from_bytes(bytes(9)),
        from: row.first,
        before: before.map(|day| day.parse().unwrap()),
    };
    let changes = [change(7, None), change(8, Some("2026-07-01"))];
    write(&store, move |unit| readjudication::insert_changes(unit, row.run, &changes)).await.unwrap();
    assert_eq!(read(&store, move |unit| readjudication::changes(unit, row.run)).await.unwrap(), changes);
    let runs = read(&store, |unit| readjudication::runs(unit, PORTFOLIO)).await.unwrap();
    assert_eq!(runs, [later, RunRow { version: 2, ..next }]);
    let found = read(&store, move |unit| readjudication::run(unit, PORTFOLIO, row.run)).await.unwrap();
    assert_eq!(found, Some(runs[1]));
    let other = PortfolioId::from_bytes(bytes(99));
    assert_eq!(read(&store, move |unit| readjudication::run(unit, other, row.run)).await.unwrap(), None);
}

async fn claimants_come_in_turn(place: &Scratch) {
    let store = with_people(place, 6).await;
    let claim = |who: u32, number: u32| ClaimRow {
        subject: person(who),
        claim: ClaimId::from_bytes(bytes(number)),
        portfolio: PORTFOLIO,
        state: ClaimState::Settled,
        received: "2026-01-01".parse().unwrap(),
        outcome_reason: None,
        content: [0; 32],
        batch: domain::BatchId::from_bytes([0; 16]),
        version: 1,
    };
    let waits = ClaimRow { state: ClaimState::Pended, ..claim(3, 5) };
    let early = ClaimRow { received: "2025-12-31".parse().unwrap(), ..claim(4, 6) };
    let rows = [claim(1, 1), claim(2, 2), claim(2, 3), claim(5, 4), waits, early];
    write(&store, move |unit| claim::insert_many(unit, &rows)).await.unwrap();
    let mut all = [1, 2, 5].map(person);
    all.sort_unstable();
    let page = |after: SubjectId| {
        read(&store, move |unit| {
            let since = run_row(1).first;
            let people = readjudication::claimants(unit, PORTFOLIO, after, since, 2)?;
            Ok((people, readjudication::count_claimants(unit, PORTFOLIO, after, since)?))
        })
    };
    assert_eq!(page(NOBODY).await.unwrap(), (all[..2].to_vec(), 3));
    assert_eq!(page(all[1]).await.unwrap(), (all[2..].to_vec(), 1));
    assert_eq!(page(all[2]).await.unwrap(), (Vec::new(), 0));
    let asked: Vec<SubjectId> = (1..=5).map(person).collect();
    let among =
        read(&store, move |unit| readjudication::claimants_among(unit, PORTFOLIO, run_row(1).first, &asked));
    assert_eq!(among.await.unwrap(), all, "the same people by name");
    // Under the contract of somebody: no more than are asked for, and nobody who was under another before.
    let under = |subject: SubjectId, holder: SubjectId| {
        write(&store, move |unit| family::set_many(unit, &[FamilyRow { subject, holder }]))
    };
    for number in [1, 2, 3] {
        under(person(number), person(0)).await.unwrap();
    }
    under(person(5), person(4)).await.unwrap();
    under(person(5), person(0)).await.unwrap();
    let found = |limit| {
        let since = run_row(1).first;
        read(&store, move |unit| readjudication::claimants_under(unit, PORTFOLIO, since, &[person(0)], limit))
    };
    let of = |subject: SubjectId| FamilyRow { subject, holder: person(0) };
    let mut expected = [1, 2].map(person);
    expected.sort_unstable();
    assert_eq!(found(9).await.unwrap(), expected.map(of));
    assert_eq!(found(1).await.unwrap(), [of(expected[0])]);
}

async fn a_proposal_is_decided_once(place: &Scratch) {
    let store = with_people(place, 4).await;
    let run = WorkItemId::from_bytes(bytes(1));
    let row = |who: u32| ProposalRow {
        subject: person(who),
        run,
        state: ProposalState::Proposed,
        basis: [who.to_be_bytes()[3]; 32],
        release: None,
    };
    let mut rows = [row(1), row(2), row(3)];
    rows.sort_unstable_by_key(|row| row.subject);
    write(&store, move |unit| readjudication::insert_proposals(unit, &rows)).await.unwrap();
    let page = |state, after| read(&store, move |unit| readjudication::proposals(unit, run, state, after, 2));
    assert_eq!(page(ProposalState::Proposed, NOBODY).await.unwrap(), rows[..2]);
    assert_eq!(page(ProposalState::Proposed, rows[1].subject).await.unwrap(), rows[2..]);
    let reason = ReleaseReason::Appeal;
    let release = Some(Release { at: NOW, by: ActorId::from_bytes(bytes(5)), reason });
    let released = ProposalRow { state: ProposalState::Released, release, ..rows[0] };
    write(&store, move |unit| readjudication::decide(unit, &released)).await.unwrap();
    let again = write(&store, move |unit| readjudication::decide(unit, &released)).await;
    assert!(matches!(again, Err(StoreError::Changed)));
    let found = read(&store, move |unit| readjudication::proposal(unit, rows[0].subject, run)).await;
    assert_eq!(found.unwrap(), Some(released));
    assert_eq!(page(ProposalState::Released, NOBODY).await.unwrap(), [released]);
    let asked = [1, 2, 3, 4].map(person).into();
    let among = read(&store, move |unit| readjudication::proposals_among(unit, run, &asked)).await;
    assert_eq!(among.unwrap(), [released, rows[1], rows[2]]);
    let counted = read(&store, move |unit| readjudication::count(unit, run)).await.unwrap();
    assert_eq!(counted, [(ProposalState::Proposed, 2), (ProposalState::Released, 1)]);
}

/// A part of a run, and a page of a portfolio, are read where the one before ended: with an index that begins otherwise SQLite
/// read and sorted the whole portfolio for each.
async fn the_next_people_are_found_where_the_last_ended(place: &Scratch) {
    let store = with_people(place, 2_000).await;
    let page = read(&store, |unit| crate::subject::page(unit, PORTFOLIO, Some(person(7)), 64)).await.unwrap();
    let mut expected: Vec<_> = (0..2_000).map(person).filter(|one| *one > person(7)).collect();
    expected.sort_unstable();
    expected.truncate(64);
    assert_eq!(page.iter().map(|row| row.subject).collect::<Vec<_>>(), expected);
    if !matches!(place.location(), Location::Sqlite { .. }) {
        return;
    }
    for (sql, params) in [(readjudication::next_claimants(), 9), (crate::subject::PAGE.to_owned(), 3)] {
        let plan = read(&store, move |unit| {
            let nothing = vec![crate::value::Param::Int(0); params];
            let rows = unit.query("plan", &format!("EXPLAIN QUERY PLAN {sql}"), &nothing)?;
            rows.iter().map(|row| row.text(3).map(str::to_owned)).collect::<Result<Vec<_>, StoreError>>()
        });
        let plan = plan.await.unwrap();
        assert!(plan[0].contains("SEARCH moretus.subject") && plan[0].contains("subject>?"), "{plan:#?}");
        assert!(!plan.iter().any(|step| step.contains("SCAN") || step.contains("B-TREE")), "{plan:#?}");
    }
}

async fn who_is_to_be_decided_anew_stands_on_a_list_until_it_was_done(place: &Scratch) {
    let store = with_people(place, 4).await;
    let claim = |who: u32, state: ClaimState| ClaimRow {
        subject: person(who),
        claim: ClaimId::from_bytes(bytes(who)),
        portfolio: PORTFOLIO,
        state,
        received: "1990-01-01".parse().unwrap(),
        outcome_reason: None,
        content: [0; 32],
        batch: domain::BatchId::from_bytes([0; 16]),
        version: 1,
    };
    let rows = [claim(1, ClaimState::Paid), claim(2, ClaimState::Settled), claim(3, ClaimState::Pended)];
    write(&store, move |unit| claim::insert_many(unit, &rows)).await.unwrap();
    let at = |seconds| NOW.plus_seconds(seconds);
    let note = |seconds: i64, people: &[u32]| {
        let people: Vec<SubjectId> = people.iter().map(|who| person(*who)).collect();
        write(&store, move |unit| decide_anew::note(unit, PORTFOLIO, &people, at(seconds)))
    };
    let after = |subject: SubjectId| {
        read(&store, move |unit| {
            let people = decide_anew::after(unit, PORTFOLIO, subject, 9)?;
            Ok((people, decide_anew::count_after(unit, PORTFOLIO, subject)?))
        })
    };
    note(0, &[1, 2, 3, 4]).await.unwrap();
    let mut both = vec![person(1), person(2)];
    both.sort_unstable();
    assert_eq!(
        after(NOBODY).await.unwrap(),
        (both.clone(), 2),
        "who has nothing decided has nothing to decide anew"
    );
    assert_eq!(after(both[0]).await.unwrap(), (vec![both[1]], 1));
    let run = run_row(7).run;
    let is_any =
        |seconds| read(&store, move |unit| decide_anew::is_any_beside(unit, PORTFOLIO, (run, at(seconds))));
    assert!(is_any(-1).await.unwrap(), "it began before");
    assert!(is_any(60).await.unwrap(), "what was written down too late is not lost");
    assert!(!is_any(7_200).await.unwrap(), "what is older the run took");
    let left = both.clone().into_iter().map(|subject| ProposalRow {
        subject,
        run,
        state: ProposalState::Left,
        basis: [0; 32],
        release: None,
    });
    let left: Vec<ProposalRow> = left.collect();
    write(&store, move |unit| readjudication::insert_proposals(unit, &left)).await.unwrap();
    assert!(!is_any(60).await.unwrap() && is_any(-1).await.unwrap(), "whom it left, it took");
    // Of one something changes again while a run goes on that began before.
    note(2, &[1]).await.unwrap();
    let people = both.clone();
    write(&store, move |unit| decide_anew::done(unit, &people, at(1))).await.unwrap();
    assert_eq!(after(NOBODY).await.unwrap(), (vec![person(1)], 1));
    write(&store, |unit| decide_anew::delete_of_subject(unit, person(1))).await.unwrap();
    assert_eq!(after(NOBODY).await.unwrap().1, 0);
}
