//! What was before somebody who may not have it any more: it waits for a colleague again, and what they asked is asked no longer.

use domain::{ClaimAsked, ClaimId, Purpose, Recipient, RetentionClass};
use gate::{Asking, Bar, GateError, Target};
use service::views::QuestionsOnDesk;
use service::{PendedPlace, ServiceError};

use crate::on_both;
use crate::pended::{clerk, confirm, read, rows, take, waiting};
use crate::site::{PORTFOLIO, TestSite, day, item};

on_both! {
    a_leaver_and_an_erasure_leave_nothing_on_the_desk,
    who_may_not_handle_it_any_more_gives_it_back_and_opens_nothing,
}

const DAY: i64 = 86_400;

async fn a_leaver_and_an_erasure_leave_nothing_on_the_desk(site: TestSite) {
    let (ada, claim) = waiting(&site, "ada").await;
    let leaver = clerk(&site).await;
    let place = take(&site, &leaver).await.unwrap();
    let request = site.app.gate.request();
    service::ask_about_pended(&site.app, &leaver, place, ClaimAsked::Papers, request).await.unwrap();
    let left = service::end_actor(&site.app, &site.keeper, PORTFOLIO, leaver.id()).await.unwrap();
    assert_eq!((left.pended, left.others), (1, 0));
    let row = rows(&site, ada).await.1[0];
    assert_eq!((row.claim, row.owner, row.waiting), (claim, None, None));
    let colleague = clerk(&site).await;
    assert_eq!(take(&site, &colleague).await, Some(place));
    // What the leaver asked is waited for by nobody: the next step of a colleague says so.
    let open = &read(&site, &colleague, place).await.questions[0];
    assert!(open.by == leaver.id() && open.ended.is_none());
    service::ask_about_pended(&site.app, &colleague, place, ClaimAsked::Claim, request).await.unwrap();
    let questions = read(&site, &colleague, place).await.questions;
    assert_eq!(questions[0].ended.unwrap().by, colleague.id());
    assert!(questions[1].ended.is_none());
    service::erase_subject(&site.app, ada, RetentionClass::ALL).await.unwrap();
    assert!(rows(&site, ada).await.1.is_empty());
    assert!(service::read_pended(&site.app, &colleague, place, request).await.is_err());
    assert!(take(&site, &colleague).await.is_none());
}

async fn who_may_not_handle_it_any_more_gives_it_back_and_opens_nothing(site: TestSite) {
    let (ada, claim) = waiting(&site, "ada").await;
    let token = site.token(Recipient::ClaimsStaff, PORTFOLIO).await;
    let owner = site.app.gate.authenticate(&token).await.unwrap();
    let place = take(&site, &owner).await.unwrap();
    let request = site.app.gate.request();
    service::ask_about_pended(&site.app, &owner, place, ClaimAsked::Papers, request).await.unwrap();
    let (keeper, until) = (&site.keeper, day("2026-11-24"));
    service::train_actor(&site.app, keeper, PORTFOLIO, owner.id(), until).await.unwrap();
    site.clock.advance(2 * DAY);
    let owner = site.app.gate.authenticate(&token).await.unwrap();
    let is_untrained = |answer: Result<(), ServiceError>| match answer {
        Err(ServiceError::Gate(GateError::Refused(refused))) => assert_eq!(refused.bar, Some(Bar::Untrained)),
        other => panic!("{other:?}"),
    };
    is_untrained(service::read_pended(&site.app, &owner, place, request).await.map(drop));
    // Nobody gives back what they do not have, and who has it does.
    let nowhere = PendedPlace { claim: ClaimId::from_bytes([7; 16]), ..place };
    is_untrained(service::return_pended(&site.app, &owner, nowhere, request).await);
    let before = site.entries(ada).await;
    service::return_pended(&site.app, &owner, place, request).await.unwrap();
    let entry = crate::teams::last_entry(&site, ada).await;
    assert_eq!((site.entries(ada).await, entry.bar), (before + 1, Some(Bar::Untrained)));
    assert!(entry.shown.is_empty() && entry.item == Some(claim.into()));
    let row = rows(&site, ada).await.1[0];
    assert_eq!((row.owner, row.waiting), (None, None));
    is_untrained(service::return_pended(&site.app, &owner, place, request).await);
    // A colleague lets it stand; nothing of it is asked any more.
    let colleague = clerk(&site).await;
    assert_eq!(take(&site, &colleague).await, Some(place));
    confirm(&site, &colleague, place, 1).await.unwrap();
    site.assign(ada, item(4), &colleague).await;
    let asking = Asking::new(&colleague, PORTFOLIO, Purpose::ClaimsProcessing, request);
    let grant = site.app.gate.ask::<QuestionsOnDesk>(&asking, Target::for_item(ada, item(4))).await.unwrap();
    let sealed = site.app.gate.fetch::<QuestionsOnDesk>(ada, claim).await.unwrap().unwrap();
    let questions = grant.open::<QuestionsOnDesk, _>(&sealed).unwrap().questions;
    let ended = questions.iter().map(|one| one.ended.map(|end| end.by));
    assert_eq!(ended.collect::<Vec<_>>(), [Some(colleague.id())]);
}
