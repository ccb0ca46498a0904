//! The register of recipients, read by somebody hostile: ways to get data that the register does not give, each
//! refused.

use domain::{
    Category, CategorySet, Condition, ConditionSet, Purpose, Recipient, TransferSafeguard,
    TransferSafeguardSet, Views,
};
use gate::{Actor, Asking, GateError, Target};
use service::views::PersonToAdjudicate;
use service::{Agreement, NewRecipient, ServiceError};

use crate::on_both;
use crate::recipients::{agreed, hand_over, member_and_staff, newest};
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, TestSite, item};

on_both! {
    what_an_organisation_is_not_registered_for_is_refused,
    adequacy_is_agreed_only_where_the_commission_found_some,
    who_acts_for_another_gets_nothing_once_that_other_may_not,
    nothing_is_granted_where_nothing_would_be_shown,
    a_renewal_in_advance_cuts_nothing_off,
    a_name_is_what_it_looks_like,
    what_is_registered_for_changes_at_once,
    under_what_it_left_is_on_the_record_and_told,
    each_change_of_the_register_is_on_the_record,
    nobody_agrees_with_themselves,
    a_list_is_entered_whole_or_not_at_all,
    from_beyond_the_wall_a_refusal_is_all_that_is_written,
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

async fn what_is_registered_for_changes_at_once(site: TestSite) {
    let (ada, staff) = member_and_staff(&site).await;
    let other = site.reopen().await;
    let sister = site.organisation(Recipient::Affiliate, "Sister");
    let id = site.enter_as(&sister, &[]).await.unwrap();
    hand_over(&site.app, &staff, id, ada).await.unwrap();
    let others: Vec<String> = sister.clauses.iter().filter(|id| *id != "test.affiliate").cloned().collect();
    service::register_for(&other, &site.keeper, PORTFOLIO, id, &others).await.unwrap();
    let refused = hand_over(&site.app, &staff, id, ada).await.unwrap_err();
    assert!(refused.not_registered_for && refused.lacks.is_empty(), "{refused}");
    assert!(
        refused.to_string().contains("`test.affiliate`, for which the recipient is not registered"),
        "{refused}"
    );
    service::register_for(&other, &site.keeper, PORTFOLIO, id, &sister.clauses).await.unwrap();
    hand_over(&site.app, &staff, id, ada).await.unwrap();
    for (clauses, problem) in
        [(vec![], "name at least one"), (vec!["use.claims".to_owned()], "names `affiliate`")]
    {
        let refused = service::register_for(&other, &site.keeper, PORTFOLIO, id, &clauses).await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains(problem), "{refused}");
    }
}

async fn under_what_it_left_is_on_the_record_and_told(site: TestSite) {
    let (ada, staff) = member_and_staff(&site).await;
    let (app, gate) = (&site.app, &site.app.gate);
    let standard = TransferSafeguardSet::of(&[TransferSafeguard::StandardClauses]);
    let by_law = TransferSafeguardSet::of(&[TransferSafeguard::Adequacy]);
    let agreed =
        Agreement { safeguard: Some(TransferSafeguard::StandardClauses), ..open(Condition::Safeguard) };
    let near = site.enter(Recipient::ServiceProvider, "Near", "NO", &[agreed]).await;
    let far = site.enter(Recipient::ServiceProvider, "Far", "IN", &[agreed]).await;
    let alpine = site.enter(Recipient::ServiceProvider, "Alpine", "CH", &[]).await;
    for (to, under) in [(near, None), (far, Some(standard)), (alpine, Some(by_law))] {
        hand_over(app, &staff, to, ada).await.unwrap();
        assert_eq!(newest(&site, ada).await.transfer, under);
    }
    // What is refused goes nowhere.
    site.end(far, Condition::Safeguard).await.unwrap();
    hand_over(app, &staff, far, ada).await.unwrap_err();
    assert_eq!(newest(&site, ada).await.transfer, None);
    // Its people read it elsewhere than where it is.
    let abroad = site.actor_of_in(near, Recipient::ServiceProvider, "IN").await;
    let asking = Asking::new(&abroad, PORTFOLIO, Purpose::HealthManagement, gate.request());
    gate.ask::<PersonToAdjudicate>(&asking, Target::of(ada)).await.unwrap();
    assert_eq!(newest(&site, ada).await.transfer, Some(standard));

    let member = site.actor_with_id(*ada.bytes(), Recipient::Subject).await;
    let answer =
        service::answer_recipients(app, &member, PORTFOLIO, ada, None, gate.request()).await.unwrap();
    let told: Vec<_> = answer
        .received
        .iter()
        .map(|one| {
            let countries: Vec<&str> = one.countries.iter().map(domain::Country::code).collect();
            (one.name.as_deref().unwrap(), countries.join(" "), one.transfer)
        })
        .collect();
    let expected = [
        ("Alpine", "CH".to_owned(), Some(by_law)),
        ("Far", "IN".to_owned(), Some(standard)),
        ("Near", "IN NO".to_owned(), Some(standard)),
    ];
    assert_eq!(told, expected);
    let register: Vec<&str> = answer.register.iter().map(|one| one.row.name.as_str()).collect();
    assert_eq!(register, ["Alpine", "Far", "Near"], "those that may, beside those that did");
    let stranger = site.actor_with_id([5; 16], Recipient::Subject).await;
    assert!(service::answer_recipients(app, &stranger, PORTFOLIO, ada, None, gate.request()).await.is_err());
}

async fn each_change_of_the_register_is_on_the_record(site: TestSite) {
    let app = &site.app;
    let words = async || {
        let changes = service::recipient_changes(app, PORTFOLIO).await.unwrap();
        changes.into_iter().map(|line| (line.change.recipient, line.change.change)).collect::<Vec<_>>()
    };
    let before = words().await.len();
    let new = NewRecipient {
        clauses: vec!["affiliate.care".to_owned()],
        ..site.organisation(Recipient::Affiliate, "Sister")
    };
    let contract = agreed(Condition::Contract, "2026-01-01", Some("2026-12-31"));
    let id = site.enter_as(&new, &[contract]).await.unwrap();
    // What is refused leaves no word.
    site.enter_as(&new, &[]).await.unwrap_err();
    let later = agreed(Condition::Contract, "2027-01-01", None);
    site.agree(id, &[later]).await.unwrap_err();
    site.agree(id, &[open(Condition::Undertaking)]).await.unwrap();
    let clauses = ["affiliate.care".to_owned(), "affiliate.claims".to_owned()];
    service::register_for(app, &site.keeper, PORTFOLIO, id, &clauses).await.unwrap();
    site.end(id, Condition::Contract).await.unwrap();
    let standard =
        Agreement { safeguard: Some(TransferSafeguard::StandardClauses), ..open(Condition::Safeguard) };
    let staff = gate::staff_of(PORTFOLIO);
    site.agree(staff, &[standard]).await.unwrap();
    let expected = [
        (id, "entered as controller; for affiliate.care; contract 2026-01-01..2026-12-31"),
        (id, "undertaking 2026-01-01.."),
        (id, "for affiliate.care affiliate.claims"),
        (id, "contract ended"),
        (staff, "transfer-safeguard standard-clauses 2026-01-01.."),
    ];
    let expected: Vec<_> = expected.iter().map(|(id, words)| (*id, (*words).to_owned())).collect();
    assert_eq!(words().await[before..], expected);
    // They are leaves like any other, and still there when the log is sealed.
    app.gate.sealer(None).await.unwrap().finish().await.unwrap();
    assert_eq!(words().await[before..], expected);
    let last = service::recipient_changes(app, PORTFOLIO).await.unwrap();
    let last = &last[last.len() - 2];
    assert_eq!(last.role, "operator");
    let organisation = last.change.organisation.as_ref().unwrap();
    assert_eq!((organisation.0, organisation.1.as_str()), (Recipient::Affiliate, "Sister"));
    // What ends must end also where no notice can be read.
    let log = service::recipient_changes(app, OTHER_PORTFOLIO).await.unwrap();
    assert!(log.is_empty(), "another portfolio's register is another's");
}

async fn nobody_agrees_with_themselves(site: TestSite) {
    let sister = site.enter(Recipient::Affiliate, "Sister", "BE", &[]).await;
    let undertaking = [open(Condition::Undertaking)];
    let before = service::recipient_changes(&site.app, PORTFOLIO).await.unwrap().len();
    for actor in [
        site.actor_of(sister, Recipient::Affiliate).await,
        site.actor(Recipient::ClaimsStaff, PORTFOLIO).await,
        site.actor(Recipient::LegalStaff, OTHER_PORTFOLIO).await,
        site.app.gate.job(Recipient::IntakeJob).unwrap(),
    ] {
        let refused = service::agree(&site.app, &actor, PORTFOLIO, sister, &undertaking).await;
        assert!(
            matches!(refused, Err(ServiceError::Gate(GateError::NotTheKeeper))),
            "{actor:?}: {refused:?}"
        );
    }
    let register = service::recipients(&site.app, PORTFOLIO, Some(Recipient::Affiliate)).await.unwrap();
    assert!(register[0].conditions.is_empty());
    assert_eq!(service::recipient_changes(&site.app, PORTFOLIO).await.unwrap().len(), before);
    let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    service::agree(&site.app, &officer, PORTFOLIO, sister, &undertaking).await.unwrap();
}

async fn a_list_is_entered_whole_or_not_at_all(site: TestSite) {
    let app = &site.app;
    let new = |kind, name: &str| (site.organisation(kind, name), Vec::<Agreement>::new());
    let sister = new(Recipient::Affiliate, "Sister");
    let (mut agent, mandate) = (new(Recipient::Affiliate, "Agent").0, vec![open(Condition::Mandate)]);
    agent.acts_for = Some(service::recipient_id(app, &sister.0));
    let enter = async |list: &[(NewRecipient, Vec<Agreement>)]| {
        service::enter_recipients(app, &site.keeper, PORTFOLIO, list).await
    };
    let twin = new(Recipient::Affiliate, "sister");
    let before = service::recipient_changes(app, PORTFOLIO).await.unwrap().len();
    let refused = enter(&[sister.clone(), (agent.clone(), mandate.clone()), twin]).await;
    assert!(matches!(refused, Err(ServiceError::RegisterRow { place: 3, .. })), "{refused:?}");
    let refused = enter(&[(agent.clone(), mandate.clone()), sister.clone()]).await;
    assert!(matches!(refused, Err(ServiceError::RegisterRow { place: 1, .. })), "{refused:?}");
    let affiliates = async || service::recipients(app, PORTFOLIO, Some(Recipient::Affiliate)).await.unwrap();
    assert!(affiliates().await.is_empty());
    assert_eq!(service::recipient_changes(app, PORTFOLIO).await.unwrap().len(), before);
    let list = [sister, (agent, mandate)];
    assert_eq!(enter(&list).await.unwrap(), 2);
    assert_eq!(enter(&list).await.unwrap(), 0, "the same file again");
    assert_eq!(affiliates().await.len(), 2);
    assert_eq!(service::recipient_changes(app, PORTFOLIO).await.unwrap().len(), before + 2);
}

/// Neither a run nor a search leaves more in the chain of a portfolio that is not the actor's than that it was refused.
async fn from_beyond_the_wall_a_refusal_is_all_that_is_written(site: TestSite) {
    let stranger = site.actor(Recipient::CustomerService, OTHER_PORTFOLIO).await;
    let gate = &site.app.gate;
    let asking = || Asking::new(&stranger, PORTFOLIO, Purpose::CustomerService, gate.request());
    let run = gate.run::<PersonToAdjudicate>(asking(), Vec::new(), 10).await;
    assert!(matches!(run.map(drop), Err(GateError::Refused(_))));
    let terms = [gate::Term::new(gate::LookupKind::NamePart, "ada")];
    let found = gate.search::<PersonToAdjudicate>(&asking(), &terms, None).await;
    assert!(matches!(found.map(drop), Err(GateError::Refused(_))));
    let chain = gate::portfolio_chain(PORTFOLIO);
    let read = site.app.store().read(move |unit| store::log::pending_of(unit, chain)).await;
    let stored = read.map_err(|error: store::StoreError| error).unwrap();
    let entries = stored.iter().map(|one| gate::Entry::from_bytes(&one.body).unwrap());
    let written: Vec<_> = entries.map(|entry| (entry.outcome, entry.bar)).collect();
    assert_eq!(written, [(gate::EntryOutcome::Refused, Some(gate::Bar::StaffWall)); 2]);
}
