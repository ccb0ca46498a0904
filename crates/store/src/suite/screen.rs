//! Cases of the screen, marks, excluded providers and appeals: found by their indexes, in order, and changed by their version.

use std::collections::BTreeSet;

use domain::{ActorId, AppealState, ClaimId, ScreenState, Timestamp, WorkItemId};

use super::{NOW, PORTFOLIO, bytes, on_both_engines, open, person, read, write};
use crate::appeal::AppealRow;
use crate::exclusion::ExclusionRow;
use crate::level_count::LevelCountRow;
use crate::mark::{AccountMark, CareMark, ProviderMark};
use crate::screen::ScreenRow;
use crate::testing::Scratch;
use crate::{StoreError, appeal, exclusion, level_count, mark, screen};

on_both_engines!(
    a_case_is_taken_once_and_holds_until_it_is_released,
    marks_of_care_are_found_by_each_of_their_codes_and_bounded,
    since_when_is_the_earliest_day_that_was_said,
    excluded_providers_are_found_by_their_code_and_listed_in_pages,
    levels_add_up_by_provider_and_are_read_bounded,
    appeals_come_in_the_order_in_which_they_are_due,
);

fn case(number: u32, state: ScreenState) -> ScreenRow {
    ScreenRow {
        subject: person(number),
        claim: ClaimId::from_bytes(bytes(number)),
        portfolio: PORTFOLIO,
        state,
        screened: format!("2026-11-{:02}", 28 - number).parse().unwrap(),
        assignee: None,
        decider: None,
        determination: 0,
        version: 1,
    }
}

async fn a_case_is_taken_once_and_holds_until_it_is_released(place: &Scratch) {
    let store = open(place).await;
    let rows = [case(1, ScreenState::Waiting), case(2, ScreenState::Waiting), case(3, ScreenState::Marked)];
    write(&store, move |unit| screen::insert_many(unit, &rows)).await.unwrap();
    let somebody = ActorId::from_bytes([7; 16]);
    let free = |taker: ActorId, after: Option<ScreenRow>| {
        let from = (PORTFOLIO, ScreenState::Waiting);
        read(&store, move |unit| screen::free(unit, from, taker, after.as_ref(), 1))
    };
    assert_eq!(free(somebody, None).await.unwrap(), [rows[1]], "the oldest");
    assert_eq!(free(somebody, Some(rows[1])).await.unwrap(), [rows[0]]);
    assert!(free(somebody, Some(rows[0])).await.unwrap().is_empty());
    let decider = ActorId::from_bytes([8; 16]);
    let again = ScreenRow { decider: Some(decider), determination: 3, ..rows[0] };
    write(&store, move |unit| screen::set(unit, &again)).await.unwrap();
    let again = ScreenRow { version: 2, ..again };
    assert!(free(decider, Some(rows[1])).await.unwrap().is_empty(), "it is a colleague's");
    assert_eq!(free(somebody, Some(rows[1])).await.unwrap(), [again]);
    let waiting =
        |limit| read(&store, move |unit| screen::in_state(unit, PORTFOLIO, ScreenState::Waiting, limit));
    assert_eq!(waiting(1).await.unwrap(), [rows[1]]);
    assert_eq!(waiting(9).await.unwrap(), [rows[1], again]);
    let taken = ScreenRow { state: ScreenState::UnderReview, assignee: Some(somebody), ..rows[1] };
    write(&store, move |unit| screen::set(unit, &taken)).await.unwrap();
    assert_eq!(write(&store, move |unit| screen::set(unit, &taken)).await, Err(StoreError::Changed));
    let before = read(&store, move |unit| screen::before(unit, PORTFOLIO, somebody)).await.unwrap();
    assert_eq!(before, [ScreenRow { version: 2, ..taken }]);
    let holding = || {
        let range = |byte: u8| (domain::SubjectId::from_bytes([byte; 16]), ClaimId::from_bytes([byte; 16]));
        read(&store, move |unit| screen::holding(unit, PORTFOLIO, (range(0), range(255))))
    };
    assert_eq!(holding().await.unwrap().len(), 2, "what is marked holds nothing");
    let released = ScreenRow { state: ScreenState::Released, version: 2, ..taken };
    write(&store, move |unit| screen::set(unit, &released)).await.unwrap();
    assert_eq!(holding().await.unwrap(), [rows[0].claim]);
    let narrow = (person(1), ClaimId::from_bytes([0; 16]));
    let none = read(&store, move |unit| screen::holding(unit, PORTFOLIO, (narrow, narrow))).await;
    assert!(none.unwrap().is_empty(), "beyond the range");
}

fn care_mark(number: u32) -> CareMark {
    CareMark {
        provider: [1; 16],
        day: [u8::try_from(number % 2).unwrap(); 16],
        care: [3; 16],
        subject: person(number % 3),
        claim: ClaimId::from_bytes(bytes(number)),
        received: format!("2026-11-{number:02}").parse().unwrap(),
        codes: vec![[7; 16]; usize::from(number == 9)],
    }
}

async fn marks_of_care_are_found_by_each_of_their_codes_and_bounded(place: &Scratch) {
    let store = open(place).await;
    let of_other = CareMark { provider: [2; 16], ..care_mark(9) };
    let rows: Vec<CareMark> = (1..10).map(care_mark).chain([of_other.clone()]).collect();
    for _ in 0..2 {
        let again = rows.clone();
        write(&store, move |unit| mark::put_care(unit, &again)).await.unwrap();
    }
    let ([one, other], [even, odd], care) = ([[1; 16], [2; 16]], [[0; 16], [1; 16]], [3; 16]);
    let cares = [(one, even, care), (other, odd, care), (other, even, care)];
    let found = read(&store, move |unit| mark::of_care(unit, &cares, 4)).await.unwrap();
    let mut of_one: Vec<CareMark> = [2, 4, 6, 8].map(care_mark).into();
    of_one.sort_by_key(|mark| (mark.subject, mark.claim));
    assert_eq!(found, [of_one, vec![of_other.clone()]].concat(), "by person, then claim");
    let bounded = read(&store, move |unit| mark::of_care(unit, &cares[..1], 3)).await.unwrap();
    assert_eq!(bounded, found[..3]);
    let days = [(one, even), (one, odd), (other, odd), (other, even)];
    let counted = |limit| read(&store, move |unit| mark::count_on_days(unit, &days, limit));
    assert_eq!(
        counted(9).await.unwrap(),
        [(even, 4), (odd, 5), (odd, 1)],
        "of a day that nobody has nothing"
    );
    assert_eq!(counted(2).await.unwrap(), [(even, 2), (odd, 2), (odd, 1)]);
    let received =
        read(&store, move |unit| mark::received_of_providers(unit, &[one, other], 3)).await.unwrap();
    assert_eq!(received.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [one, one, one, other]);
    assert_eq!(received[3].1, care_mark(9).received);
    // Marked again, a claim has what it has by now.
    let now = CareMark { codes: vec![[7; 16], [8; 16]], ..of_other };
    let again = [now.clone()];
    write(&store, move |unit| mark::put_care(unit, &again)).await.unwrap();
    assert_eq!(read(&store, move |unit| mark::of_care(unit, &cares[1..], 9)).await.unwrap(), [now]);
    assert_eq!(write(&store, |unit| mark::delete_of_subject(unit, person(1))).await, Ok(3));
}

async fn since_when_is_the_earliest_day_that_was_said(place: &Scratch) {
    let store = open(place).await;
    let account = |account: u8, number: u32, since: &str| AccountMark {
        account: [account; 16],
        subject: person(number),
        since: since.parse().unwrap(),
    };
    let provider = |since: &str| ProviderMark { provider: [5; 16], since: since.parse().unwrap() };
    for since in ["2026-11-03", "2026-11-02", "2026-11-04"] {
        let accounts = [account(1, 1, since), account(1, 2, "2026-11-09"), account(2, 1, "2026-11-01")];
        let providers = [provider(since)];
        write(&store, move |unit| {
            mark::put_accounts(unit, &accounts)?;
            mark::put_providers(unit, &providers)
        })
        .await
        .unwrap();
    }
    let known = read(&store, |unit| mark::since_of_providers(unit, &[[5; 16], [6; 16]])).await.unwrap();
    assert_eq!(known, [provider("2026-11-02")]);
    let with = read(&store, |unit| mark::with_accounts(unit, &[[1; 16], [3; 16]], 9)).await.unwrap();
    assert_eq!(with.iter().map(|row| row.subject).collect::<BTreeSet<_>>(), [person(1), person(2)].into());
    assert_eq!(read(&store, |unit| mark::with_accounts(unit, &[[1; 16]], 1)).await.unwrap().len(), 1);
    let of = |limit| read(&store, move |unit| mark::accounts_of(unit, &[person(1)], limit));
    assert_eq!(of(9).await.unwrap(), [account(2, 1, "2026-11-01"), account(1, 1, "2026-11-02")]);
    assert_eq!(of(1).await.unwrap(), [account(2, 1, "2026-11-01")], "the one that is known longest");
    assert_eq!(write(&store, |unit| mark::delete_of_subject(unit, person(1))).await, Ok(2));
    assert_eq!(of(9).await.unwrap(), []);
    let known = read(&store, |unit| mark::since_of_providers(unit, &[[5; 16]])).await.unwrap();
    assert_eq!(known, [provider("2026-11-02")], "it names nobody");
}

async fn excluded_providers_are_found_by_their_code_and_listed_in_pages(place: &Scratch) {
    let store = open(place).await;
    let row = |number: u32, first: &str, last: Option<&str>| ExclusionRow {
        token: [u8::try_from(number).unwrap(); 16],
        first: first.parse().unwrap(),
        last: last.map(|last| last.parse().unwrap()),
        subject: person(number),
        portfolio: PORTFOLIO,
    };
    let one = [row(1, "2026-01-01", Some("2026-03-31")), row(1, "2026-06-01", None)];
    let other = [row(2, "2026-02-01", None)];
    write(&store, move |unit| exclusion::set(unit, person(1), &one)).await.unwrap();
    write(&store, move |unit| exclusion::set(unit, person(2), &other)).await.unwrap();
    let found = read(&store, |unit| exclusion::of_tokens(unit, &[[1; 16], [9; 16]])).await.unwrap();
    assert_eq!(found, one);
    let page = |after| read(&store, move |unit| exclusion::of_portfolio(unit, PORTFOLIO, after, 2));
    let mut all = page(None).await.unwrap();
    assert_eq!(all.len(), 2);
    let last = all.last().map(|row| (row.subject, row.first));
    all.extend(page(last).await.unwrap());
    let mut expected: Vec<ExclusionRow> = one.iter().chain(&other).copied().collect();
    expected.sort_by_key(|row| (row.subject, row.first));
    assert_eq!(all, expected);
    write(&store, move |unit| exclusion::set(unit, person(1), &one[..1])).await.unwrap();
    assert_eq!(read(&store, |unit| exclusion::of_tokens(unit, &[[1; 16]])).await.unwrap(), one[..1]);
    assert_eq!(write(&store, |unit| exclusion::delete_of_subject(unit, person(2))).await, Ok(1));
}

async fn levels_add_up_by_provider_and_are_read_bounded(place: &Scratch) {
    let store = open(place).await;
    let row = |year: &str, provider: u8, lines, high| LevelCountRow {
        family: [1; 16],
        year: format!("{year}-01-01").parse().unwrap(),
        provider: [provider; 16],
        lines,
        high,
    };
    let rows = [row("2025", 1, 5, 5), row("2026", 1, 3, 1), row("2026", 2, 4, 0), row("2026", 3, 9, 9)];
    write(&store, move |unit| level_count::add_many(unit, &rows)).await.unwrap();
    write(&store, move |unit| level_count::add_many(unit, &rows[1..2])).await.unwrap();
    let of_year = ([1; 16], rows[1].year);
    let found = read(&store, move |unit| level_count::of_families(unit, &[of_year], 2)).await.unwrap();
    assert_eq!(found, [row("2026", 1, 6, 2), rows[2]]);
    let own = (of_year.0, of_year.1, [3; 16]);
    let found = read(&store, move |unit| level_count::of_providers(unit, &[own])).await.unwrap();
    assert_eq!(found, [rows[3]]);
    let gone = write(&store, move |unit| level_count::delete_before(unit, [1; 16], of_year.1)).await;
    assert_eq!(gone, Ok(1));
}

async fn appeals_come_in_the_order_in_which_they_are_due(place: &Scratch) {
    let store = open(place).await;
    let row = |number: u32| AppealRow {
        subject: person(number),
        appeal: WorkItemId::from_bytes(bytes(number)),
        portfolio: PORTFOLIO,
        claim: ClaimId::from_bytes(bytes(100 + number)),
        state: AppealState::Received,
        level: 1,
        received: NOW,
        due: NOW.plus_seconds(i64::from(10 - number)),
        waiting: None,
        assignee: None,
        determination: 0,
        version: 1,
    };
    for number in 1..4 {
        write(&store, move |unit| appeal::insert(unit, &row(number))).await.unwrap();
    }
    let twice = write(&store, move |unit| appeal::insert(unit, &row(1))).await;
    assert_eq!(twice, Err(StoreError::Duplicate));
    let in_state = |state| read(&store, move |unit| appeal::in_state(unit, PORTFOLIO, state));
    assert_eq!(in_state(AppealState::Received).await.unwrap(), [row(3), row(2), row(1)]);
    let waits = AppealRow {
        state: AppealState::WaitingForMember,
        waiting: Some(Timestamp::from_micros(5)),
        assignee: Some(ActorId::from_bytes([7; 16])),
        determination: 2,
        ..row(2)
    };
    write(&store, move |unit| appeal::set(unit, &waits)).await.unwrap();
    assert_eq!(write(&store, move |unit| appeal::set(unit, &waits)).await, Err(StoreError::Changed));
    let stored = read(&store, move |unit| appeal::get(unit, waits.subject, waits.appeal)).await.unwrap();
    assert_eq!(stored, Some(AppealRow { version: 2, ..waits }));
    assert_eq!(write(&store, |unit| appeal::delete_of_subject(unit, person(3))).await, Ok(1));
    assert!(read(&store, |unit| appeal::of_subject(unit, person(3))).await.unwrap().is_empty());
}
