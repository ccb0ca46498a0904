//! Promise 1 for the others: what cannot be read, a notice or a plan, closes its portfolio or plan, at the start of a
//! program too, and holds up nobody else.

use domain::{PlanId, Recipient};
use gate::GateError;
use service::ServiceError;
use store::reference::{NoticeRow, PlanRow};

use crate::on_both;
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, SOURCE, TestSite, cover_draft, member_draft};

on_both! {
    a_notice_that_cannot_be_read_closes_its_portfolio_at_opening,
    a_plan_that_cannot_be_read_is_unknown_at_opening,
    claims_of_a_closed_portfolio_hold_up_no_other,
}

/// Publishes a version of a portfolio's notice that says what no program here can read.
async fn close(site: &TestSite) {
    site.write(|unit| {
        let first = store::reference::notice(unit, PORTFOLIO, 1)?.ok_or(store::StoreError::NotFound)?;
        let files = "{\"clauses.toml\": \"new words\"}".to_owned();
        store::reference::insert_notice(unit, &NoticeRow { number: 2, files, ..first })
    })
    .await;
}

async fn a_notice_that_cannot_be_read_closes_its_portfolio_at_opening(site: TestSite) {
    close(&site).await;
    let app = site.reopen().await;
    let closed = app.gate.notice(PORTFOLIO).map(|(number, _)| number);
    assert!(matches!(closed, Err(GateError::NoNotice)), "{closed:?}");
    assert!(app.gate.notice(OTHER_PORTFOLIO).is_ok(), "the other portfolio works on");
}

async fn a_plan_that_cannot_be_read_is_unknown_at_opening(site: TestSite) {
    let unreadable = PlanId::from_bytes([9; 16]);
    let row = PlanRow {
        plan: unreadable,
        name: "newer".to_owned(),
        version: "1".to_owned(),
        text: "of a newer program".to_owned(),
    };
    site.write(move |unit| store::reference::insert_plan(unit, &row)).await;
    let app = site.reopen().await;
    assert!(app.plans.get(unreadable).is_none());
    assert_eq!(app.plans.all().len(), 1, "the others are known");
}

async fn claims_of_a_closed_portfolio_hold_up_no_other(site: TestSite) {
    site.clinic().await;
    site.member("ada", true).await;
    site.submit(&[site.claim("c1", "ada", "GP", 5_000)]).await;
    let (app, intake) = (&site.app, site.app.gate.job(Recipient::IntakeJob).unwrap());
    site.clinic_of(OTHER_PORTFOLIO).await;
    let zoe = [member_draft("zoe", true)];
    service::enrol_members(app, &intake, OTHER_PORTFOLIO, SOURCE, &zoe).await.unwrap();
    let cover = [cover_draft("zoe", "zoe")];
    service::enrol_coverage(
        app,
        &intake,
        OTHER_PORTFOLIO,
        SOURCE,
        &cover,
        &mut service::SaidOfCover::default(),
    )
    .await
    .unwrap();
    let claim = [site.claim("c2", "zoe", "GP", 5_000)];
    service::submit_claims(app, &intake, OTHER_PORTFOLIO, SOURCE, &claim).await.unwrap();
    close(&site).await;
    site.app.gate.refresh_notices().await.unwrap_err();

    let mut done = 0;
    let failed = service::adjudicate_received(app, 100, |so_far| done = so_far).await;
    assert!(matches!(failed, Err(ServiceError::Gate(GateError::NoNotice))), "{failed:?}");
    assert_eq!(done, 1, "hers was adjudicated first");
    let jobs = app.store().read(store::job::count).await;
    assert_eq!(jobs.map_err(|error: store::StoreError| error).unwrap(), [(1, 1)], "the other is tried again");
    // It was given back, and does not wait for its lease to run out.
    assert!(service::adjudicate_received(app, 100, |_| {}).await.is_ok(), "not at once, over and over");
    site.clock.advance(60);
    assert!(service::adjudicate_received(app, 100, |_| {}).await.is_err());
}
