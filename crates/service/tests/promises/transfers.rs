//! Data that leaves the European Economic Area: only under a clause that says so, while the safeguard holds, whoever
//! reads it there.

use domain::{Condition, ConditionSet, Purpose, Recipient, TransferSafeguard};
use gate::{Actor, Asking, GateError, Target};
use service::Agreement;
use service::views::PersonToAdjudicate;

use crate::on_both;
use crate::recipients::{agreed, hand_over, member_and_staff, newest};
use crate::site::{PORTFOLIO, TestSite, item};

on_both! {
    what_leaves_needs_a_clause_that_says_so_and_a_safeguard_that_holds,
    who_reads_from_abroad_is_held_to_the_same,
}

pub(crate) fn safeguard(safeguard: TransferSafeguard) -> Agreement {
    Agreement { safeguard: Some(safeguard), ..agreed(Condition::Safeguard, "2026-01-01", Some("2026-11-23")) }
}

const SAFEGUARD: ConditionSet = ConditionSet::of(&[Condition::Safeguard]);

async fn what_leaves_needs_a_clause_that_says_so_and_a_safeguard_that_holds(site: TestSite) {
    let (ada, staff) = member_and_staff(&site).await;
    let app = &site.app;
    let lacks = async |id| hand_over(app, &staff, id, ada).await.map_err(|refused| refused.lacks);
    let standard = safeguard(TransferSafeguard::StandardClauses);
    let near = site.enter(Recipient::ServiceProvider, "Near", "NO", &[]).await;
    assert_eq!(lacks(near).await, Ok(()), "within the area nothing is asked for");
    let far = site.enter(Recipient::ServiceProvider, "Far", "IN", &[]).await;
    assert_eq!(lacks(far).await, Err(SAFEGUARD));
    site.agree(far, &[standard]).await.unwrap();
    assert_eq!(lacks(far).await, Ok(()));
    assert_eq!(newest(&site, ada).await.recipient_country.code(), "IN");
    let other = safeguard(TransferSafeguard::BindingRules);
    site.agree(far, &[other]).await.unwrap();
    assert_eq!(lacks(far).await, Err(SAFEGUARD), "not the safeguard that the clause names");
    site.agree(far, &[standard]).await.unwrap();
    site.end(far, Condition::Safeguard).await.unwrap();
    let refused = hand_over(app, &staff, far, ada).await.unwrap_err();
    assert_eq!((refused.nearest.as_deref(), refused.lacks), (Some("test.vendor"), SAFEGUARD));
    assert_eq!(newest(&site, ada).await.outcome, gate::EntryOutcome::Refused);

    // Where the Commission found protection adequate nothing needs to be agreed; a clause still must say it.
    let adequate = site.enter(Recipient::ServiceProvider, "Alpine", "CH", &[]).await;
    assert_eq!(lacks(adequate).await, Ok(()));
    for (country, own) in [("CH", vec![]), ("IN", vec![standard])] {
        let id = site.enter(Recipient::Affiliate, country, country, &own).await;
        assert_eq!(lacks(id).await, Err(SAFEGUARD), "the clause lets nothing go to {country}");
    }
    // Its last day is over.
    site.agree(far, &[standard]).await.unwrap();
    assert_eq!(lacks(far).await, Ok(()));
    site.clock.advance(86_400);
    assert_eq!(lacks(far).await, Err(SAFEGUARD));
}

async fn who_reads_from_abroad_is_held_to_the_same(site: TestSite) {
    let (ada, staff) = member_and_staff(&site).await;
    let app = &site.app;
    let ask = async |actor: &Actor, purpose| {
        let asking = Asking::new(actor, PORTFOLIO, purpose, app.gate.request());
        match app.gate.ask::<PersonToAdjudicate>(&asking, Target::for_item(ada, item(1))).await {
            Ok(_) => Ok(()),
            Err(GateError::Refused(refused)) => Err((refused.nearest.unwrap(), refused.lacks)),
            Err(other) => panic!("{other}"),
        }
    };
    let abroad = site.actor_in("IN", Recipient::CustomerService).await;
    site.assign(ada, item(1), &abroad).await;
    let lacks = |clause: &str| {
        Err((clause.to_owned(), ConditionSet::of(&[Condition::WorkItem, Condition::Safeguard])))
    };
    assert_eq!(ask(&staff, Purpose::HealthManagement).await, Ok(()));
    assert_eq!(ask(&abroad, Purpose::HealthManagement).await, lacks("test.staff"));
    assert_eq!(ask(&abroad, Purpose::Quote).await, lacks("test.abroad"));
    let standard = safeguard(TransferSafeguard::StandardClauses);
    site.agree(gate::staff_of(PORTFOLIO), &[standard]).await.unwrap();
    assert_eq!(ask(&abroad, Purpose::Quote).await, Ok(()));
    assert_eq!(
        ask(&abroad, Purpose::HealthManagement).await,
        lacks("test.staff"),
        "that clause lets nothing go"
    );
    // From abroad it is handed to nobody either, wherever they are.
    let near = site.enter(Recipient::ServiceProvider, "Near", "NO", &[]).await;
    assert!(hand_over(app, &abroad, near, ada).await.unwrap_err().lacks.contains(Condition::Safeguard));
    site.end(gate::staff_of(PORTFOLIO), Condition::Safeguard).await.unwrap();
    assert_eq!(ask(&abroad, Purpose::Quote).await, lacks("test.abroad"));

    // A person who reads their own data at home abroad is no transfer.
    let member = site.member_abroad(ada, "IN").await;
    assert_eq!(ask(&member, Purpose::AccessRequest).await, Ok(()));
}
