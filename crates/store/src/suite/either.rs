//! Entries that rest on one of two objects of a condition: a work item that is an actor's task, or its team's.

use domain::Condition;

use super::append::{CONSENT, WORK, consent, entry};
use super::{NOW, on_both_engines, person, with_people, write};
use crate::testing::Scratch;
use crate::{Appended, ConditionTest, condition};

on_both_engines!(either_of_two_objects_will_do);

/// A task that may be an actor's or a team's: whichever is live bears the entry, and what ends it holds at once.
async fn either_of_two_objects_will_do(place: &Scratch) {
    let store = with_people(place, 1).await;
    let either = ConditionTest { or: Some([8; 16]), ..WORK };
    let other = ConditionTest::of(Condition::WorkItem, [8; 16]);
    let append = async |test| store.append(vec![entry(0, &[test])], NOW).await.unwrap().remove(0);
    let end = async |test: ConditionTest| {
        let end = move |unit: &mut crate::Unit<'_>| {
            condition::end(unit, person(0), test.condition, test.object, NOW.plus_seconds(1))
        };
        assert!(write(&store, end).await.unwrap());
    };
    assert_eq!(append(either).await, Appended::NotLive(Condition::WorkItem));
    for _ in 0..2 {
        consent(&store, 0, other).await;
        assert!(matches!(append(either).await, Appended::At(_)));
        assert_eq!(append(WORK).await, Appended::NotLive(Condition::WorkItem), "it is not the actor's");
        consent(&store, 0, WORK).await;
        end(other).await;
        assert!(matches!(append(either).await, Appended::At(_)));
        assert_eq!(append(other).await, Appended::NotLive(Condition::WorkItem));
        end(WORK).await;
        assert_eq!(append(either).await, Appended::NotLive(Condition::WorkItem));
    }
    // Of two tests one with two objects does not bear the other.
    consent(&store, 0, other).await;
    let both = store.append(vec![entry(0, &[either, CONSENT])], NOW).await.unwrap();
    assert_eq!(both, [Appended::NotLive(CONSENT.condition)]);
}
