//! Material that came without a category.

use domain::{ActorId, Category, QuarantineState, RecordId, RefusalReason, RequestId};

use super::{NOW, PORTFOLIO, bytes, on_both_engines, person, read, with_people, write};
use crate::StoreError;
use crate::quarantine::{self, Decided, QuarantineRow};
use crate::testing::Scratch;

on_both_engines!(what_waits_is_listed_by_age_and_decided_once,);

fn came(who: u32, seconds: i64) -> QuarantineRow {
    QuarantineRow {
        subject: person(who),
        material: RecordId::from_bytes(bytes(who)),
        portfolio: PORTFOLIO,
        state: QuarantineState::Waiting,
        arrived: NOW.plus_seconds(seconds),
        decided: None,
    }
}

async fn what_waits_is_listed_by_age_and_decided_once(place: &Scratch) {
    let store = with_people(place, 5).await;
    for (who, seconds) in [(0, 30), (1, 10), (2, 20), (3, 40)] {
        write(&store, move |unit| quarantine::insert(unit, &came(who, seconds))).await.unwrap();
    }
    let twice = write(&store, |unit| quarantine::insert(unit, &came(0, 50))).await;
    assert_eq!(twice, Err(StoreError::Duplicate));
    let waiting = QuarantineState::Waiting;
    let oldest = |limit| {
        let before = NOW.plus_seconds(40);
        read(&store, move |unit| quarantine::oldest(unit, PORTFOLIO, waiting, (before, None), limit))
    };
    assert_eq!(
        oldest(9).await.unwrap(),
        [came(1, 10), came(2, 20), came(0, 30)],
        "what came before an instant"
    );
    assert_eq!(oldest(2).await.unwrap(), [came(1, 10), came(2, 20)]);
    let (before, after) = (NOW.plus_seconds(40), came(1, 10));
    let next =
        read(&store, move |unit| quarantine::oldest(unit, PORTFOLIO, waiting, (before, Some(&after)), 9));
    assert_eq!(next.await.unwrap(), [came(2, 20), came(0, 30)]);

    let decided = |category, reason| Decided {
        at: NOW.plus_seconds(60),
        by: ActorId::from_bytes(bytes(7)),
        request: RequestId::from_bytes(bytes(8)),
        category,
        reason,
    };
    let filed = QuarantineRow {
        state: QuarantineState::Classified,
        decided: Some(decided(Some(Category::Identity), None)),
        ..came(1, 10)
    };
    let refused = QuarantineRow {
        state: QuarantineState::Refused,
        decided: Some(decided(None, Some(RefusalReason::Unreadable))),
        ..came(2, 20)
    };
    let taken_up = QuarantineRow { decided: Some(decided(None, None)), ..came(0, 30) };
    for row in [filed, refused, taken_up] {
        write(&store, move |unit| quarantine::decide(unit, &row, waiting)).await.unwrap();
        let found = read(&store, move |unit| quarantine::get(unit, row.subject, row.material)).await.unwrap();
        assert_eq!(found, Some(row));
    }
    let late = write(&store, move |unit| quarantine::decide(unit, &refused, waiting)).await;
    assert_eq!(late, Err(StoreError::Changed), "it waits no more");
    assert_eq!(oldest(9).await.unwrap(), [taken_up]);
    let gone = write(&store, |unit| quarantine::delete_of_subject(unit, person(1))).await;
    assert_eq!(gone, Ok(1));
    assert_eq!(read(&store, |unit| quarantine::of_subject(unit, person(1))).await.unwrap(), []);
}
