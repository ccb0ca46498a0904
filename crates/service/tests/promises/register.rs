//! The register of recipients, read by somebody hostile: ways to get data that the register does not give, each
//! refused.

use domain::{
    Category, CategorySet, Condition, ConditionSet, Purpose, Recipient, SubjectId, TransferSafeguard, Views,
};
use gate::{Actor, Asking, GateError, Target};
use service::views::PersonToAdjudicate;
use service::{Agreement, NewRecipient};

use crate::on_both;
use crate::recipients::{agreed, hand_over, member_and_staff, newest};
use crate::site::{PORTFOLIO, TestSite, item};

on_both! {
    what_an_organisation_is_not_registered_for_is_refused,
    adequacy_is_agreed_only_where_the_commission_found_some,
    who_acts_for_another_gets_nothing_once_that_other_may_not,
    nothing_is_granted_where_nothing_would_be_shown,
    a_renewal_in_advance_cuts_nothing_off,
    a_name_is_what_it_looks_like,
}

fn open(condition: Condition) -> Agreement {
    agreed(condition, "2026-01-01", None)
}

fn adequacy() -> Agreement {
    Agreement { safeguard: Some(TransferSafeguard::Adequacy), ..open(Condition::Safeguard) }
}

async fn what_an_organisation_is_not_registered_for_is_refused(site: TestSite) {
    let (ada, staff) = member_and_staff(&site).await;
    let all = site.organisation(Recipient::Affiliate, "Sister");
    let others = all.clauses.iter().filter(|id| *id != "test.affiliate").cloned().collect();
    let sister = site.enter_as(&NewRecipient { clauses: others, ..all.clone() }, &[]).await.unwrap();
    let refused = hand_over(&site.app, &staff, sister, ada).await.unwrap_err();
    assert_eq!(refused.nearest.as_deref(), Some("test.affiliate"), "{refused}");
    assert_eq!(newest(&site, ada).await.outcome, gate::EntryOutcome::Refused);
    let brother = site.enter_as(&NewRecipient { name: "Brother".to_owned(), ..all }, &[]).await.unwrap();
    hand_over(&site.app, &staff, brother, ada).await.unwrap();
}

async fn adequacy_is_agreed_only_where_the_commission_found_some(site: TestSite) {
    let (ada, staff) = member_and_staff(&site).await;
    let vendor = |country: &str| NewRecipient {
        country: country.parse().unwrap(),
        ..site.organisation(Recipient::ServiceProvider, country)
    };
    let refused = site.enter_as(&vendor("IN"), &[adequacy()]).await.unwrap_err().to_string();
    assert!(refused.contains("no decision"), "{refused}");
    let certified = site.enter_as(&vendor("US"), &[adequacy()]).await.unwrap();
    hand_over(&site.app, &staff, certified, ada).await.unwrap();
    assert!(
        site.agree(gate::staff_of(PORTFOLIO), &[adequacy()]).await.is_err(),
        "of staff nothing was found"
    );

    // What was found of it does not go along to wherever its people read.
    let ask = async |actor: &Actor| {
        let asking = Asking::new(actor, PORTFOLIO, Purpose::HealthManagement, site.app.gate.request());
        site.app.gate.ask::<PersonToAdjudicate>(&asking, Target::of(ada)).await.map(drop)
    };
    ask(&site.actor_of_in(certified, Recipient::ServiceProvider, "US").await).await.unwrap();
    let elsewhere = ask(&site.actor_of_in(certified, Recipient::ServiceProvider, "IN").await).await;
    assert!(
        matches!(&elsewhere, Err(GateError::Refused(refused)) if refused.lacks.contains(Condition::Safeguard)),
        "{elsewhere:?}"
    );
}

async fn who_acts_for_another_gets_nothing_once_that_other_may_not(site: TestSite) {
    let (ada, staff) = member_and_staff(&site).await;
    let lacks = async |id| hand_over(&site.app, &staff, id, ada).await.map_err(|refused| refused.lacks);
    let sister = site.enter(Recipient::Affiliate, "Sister", "BE", &[open(Condition::Contract)]).await;
    let agent = NewRecipient { acts_for: Some(sister), ..site.organisation(Recipient::Affiliate, "Agent") };
    let agent = site.enter_as(&agent, &[open(Condition::Mandate)]).await.unwrap();
    assert_eq!(lacks(agent).await, Ok(()));
    site.end(sister, Condition::Contract).await.unwrap();
    assert_eq!(lacks(sister).await, Err(ConditionSet::of(&[Condition::Contract])));
    assert_eq!(lacks(agent).await, Err(ConditionSet::of(&[Condition::Contract])));
    // Nor does anybody act for one that itself acts for another: whose relation would count?
    let third = NewRecipient { acts_for: Some(agent), ..site.organisation(Recipient::Affiliate, "Third") };
    let refused = site.enter_as(&third, &[open(Condition::Mandate)]).await.unwrap_err().to_string();
    assert!(refused.contains("acts for another"), "{refused}");
}

/// Name and plan, of which nothing is needed.
struct IdentityOrPlan;

impl Views for IdentityOrPlan {
    const NEEDED: CategorySet = CategorySet::EMPTY;
    const WANTED: CategorySet = CategorySet::of(&[Category::Identity, Category::Plan]);
    fn names() -> String {
        "IdentityOrPlan".to_owned()
    }
}

/// The one may see the plan, and who hands it over the name: together nothing.
async fn nothing_is_granted_where_nothing_would_be_shown(site: TestSite) {
    let (ada, staff) = member_and_staff(&site).await;
    let payer = site.enter(Recipient::Payer, "Payer", "BE", &[]).await;
    let gate = &site.app.gate;
    let asking = Asking {
        to: Some(payer),
        ..Asking::new(&staff, PORTFOLIO, Purpose::HealthManagement, gate.request())
    };
    let granted = gate.ask::<IdentityOrPlan>(&asking, Target::for_item(ada, item(1))).await;
    assert!(matches!(granted, Err(GateError::Refused(_))), "{granted:?}");
    let entry = newest(&site, ada).await;
    assert_eq!((entry.outcome, entry.shown), (gate::EntryOutcome::Refused, CategorySet::EMPTY));
}

async fn a_renewal_in_advance_cuts_nothing_off(site: TestSite) {
    let (ada, staff) = member_and_staff(&site).await;
    let now = agreed(Condition::Contract, "2026-01-01", Some("2026-12-31"));
    let sister = site.enter(Recipient::Affiliate, "Sister", "BE", &[now]).await;
    let next = agreed(Condition::Contract, "2027-01-01", Some("2027-12-31"));
    let refused = site.agree(sister, &[next]).await.unwrap_err().to_string();
    assert!(refused.contains("holds until"), "{refused}");
    hand_over(&site.app, &staff, sister, ada).await.unwrap();
    let longer = agreed(Condition::Contract, "2026-01-01", Some("2027-12-31"));
    site.agree(sister, &[longer]).await.unwrap();
    hand_over(&site.app, &staff, sister, ada).await.unwrap();
    // One that has ended is renewed from any day.
    site.end(sister, Condition::Contract).await.unwrap();
    site.agree(sister, &[next]).await.unwrap();
    assert!(hand_over(&site.app, &staff, sister, ada).await.is_err());
    let _: SubjectId = ada;
}

async fn a_name_is_what_it_looks_like(site: TestSite) {
    for name in ["Sis\u{200b}ter", "\u{202e}retsiS", "Sister\u{feff}", "Si\u{ad}ster"] {
        let new = NewRecipient { name: name.to_owned(), ..site.organisation(Recipient::Affiliate, "x") };
        let refused = site.enter_as(&new, &[]).await.unwrap_err().to_string();
        assert!(refused.contains("the name"), "{refused}");
    }
    site.enter(Recipient::Affiliate, "Sister  House", "BE", &[]).await;
    for name in ["Sister House", "sister\u{a0}house", " SISTER HOUSE "] {
        let new = NewRecipient { name: name.to_owned(), ..site.organisation(Recipient::Affiliate, "x") };
        let refused = site.enter_as(&new, &[]).await.unwrap_err().to_string();
        assert!(refused.contains("in the register already"), "{name}: {refused}");
    }
}
