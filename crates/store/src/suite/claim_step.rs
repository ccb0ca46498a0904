//! Claims are moved on together, each with a step of its history; not where a state may not follow, nor of whom nothing is kept.

use domain::{ActorId, BatchId, ClaimId, ClaimState, ClaimStep};

use super::{NOW, PORTFOLIO, bytes, nouns, on_both_engines, person, read, write};
use crate::claim::{self, ClaimMove, ClaimRow};
use crate::claim_step::{self, StepRow};
use crate::testing::Scratch;
use crate::{Store, StoreError};

on_both_engines!(
    what_is_moved_on_leaves_a_step_of_those_alone_whose_claims_are_kept,
    a_state_that_may_not_follow_moves_nothing,
);

const SOMEBODY: ActorId = ActorId::from_bytes([7; 16]);

fn row(who: u32) -> ClaimRow {
    ClaimRow {
        subject: person(who),
        claim: ClaimId::from_bytes(bytes(100 + who)),
        portfolio: PORTFOLIO,
        state: ClaimState::Received,
        received: "2026-11-23".parse().unwrap(),
        outcome_reason: None,
        content: [0; 32],
        batch: BatchId::from_bytes([0; 16]),
        version: 1,
    }
}

/// Two people with a claim each, of whom the first alone has keys for claims.
async fn with_claims(place: &Scratch) -> Store {
    let store = nouns::filled(place).await;
    write(&store, |unit| claim::insert_many(unit, &[row(1), row(2)])).await.unwrap();
    store
}

async fn moved(store: &Store, moves: Vec<ClaimMove>) -> Result<(), StoreError> {
    let by = (ClaimStep::Adjudicated, SOMEBODY, NOW);
    write(store, move |unit| claim::move_many(unit, &moves, by)).await
}

async fn steps(store: &Store, who: u32) -> Vec<StepRow> {
    read(store, move |unit| claim_step::of_claim(unit, person(who), row(who).claim)).await.unwrap()
}

async fn what_is_moved_on_leaves_a_step_of_those_alone_whose_claims_are_kept(place: &Scratch) {
    let store = with_claims(place).await;
    let to = |who, state| ClaimMove::to(row(who), state);
    moved(&store, vec![to(1, ClaimState::Pended), to(2, ClaimState::Settled)]).await.unwrap();
    let first = StepRow {
        subject: person(1),
        claim: row(1).claim,
        number: 2,
        step: ClaimStep::Adjudicated,
        state: ClaimState::Pended,
        actor: SOMEBODY,
        at: NOW,
    };
    assert_eq!(steps(&store, 1).await, [first]);
    assert!(steps(&store, 2).await.is_empty(), "nothing is kept of their claims");
    let stored = read(&store, |unit| claim::get(unit, person(2), row(2).claim)).await.unwrap().unwrap();
    assert_eq!((stored.state, stored.version), (ClaimState::Settled, 2), "but it is moved on");
    let waits = ClaimRow { state: ClaimState::Pended, version: 2, ..row(1) };
    moved(&store, vec![ClaimMove::to(waits, ClaimState::Withdrawn)]).await.unwrap();
    let second = StepRow { number: 3, state: ClaimState::Withdrawn, ..first };
    assert_eq!(steps(&store, 1).await, [first, second]);
    assert_eq!(moved(&store, vec![to(1, ClaimState::Pended)]).await, Err(StoreError::Changed));
    assert_eq!(steps(&store, 1).await.len(), 2);
    assert_eq!(write(&store, |unit| claim_step::delete_of_subject(unit, person(1))).await, Ok(2));
}

async fn a_state_that_may_not_follow_moves_nothing(place: &Scratch) {
    let store = with_claims(place).await;
    let both = [ClaimState::Settled, ClaimState::Withdrawn];
    let moves = both.iter().zip(1..).map(|(state, who)| ClaimMove::to(row(who), *state)).collect();
    assert!(matches!(moved(&store, moves).await, Err(StoreError::Internal { .. })));
    for who in [1, 2] {
        let stored = read(&store, move |unit| claim::get(unit, person(who), row(who).claim)).await;
        assert_eq!(stored.unwrap(), Some(row(who)));
        assert!(steps(&store, who).await.is_empty());
    }
}
