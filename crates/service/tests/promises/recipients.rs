//! The register of recipients, enforced: who is not in it, or with whom nothing is agreed any more, gets nothing,
//! and each refusal says what lacks and is on the record.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use domain::{Condition, ConditionSet, Purpose, Recipient, RecipientId, RecipientRole, SubjectId, Timestamp};
use gate::{Actor, Asking, Entry, GateError, Refused, Target};
use service::views::PersonToAdjudicate;
use service::{Agreement, App, NewRecipient, ServiceError};
use store::StoreError;
use store::condition::ConditionRow;

use crate::on_both;
use crate::site::{NOTICE, OTHER_PORTFOLIO, PORTFOLIO, TestSite, day, item};

on_both! {
    an_organisation_that_is_not_in_the_register_gets_nothing,
    each_thing_agreed_must_hold_and_the_refusal_names_it,
    a_processor_and_who_had_a_contract_get_nothing_without_one,
    a_contract_ended_by_one_server_refuses_the_next_ask_of_another,
    the_entry_names_who_got_it_by_the_register,
    the_tokens_of_an_organisation_are_tied_to_its_place_in_the_register,
    the_register_takes_organisations_and_clauses_that_are_there,
    a_person_learns_who_really_received_their_data,
}

/// The shipped notice in English, with clauses of the tests' own: everybody may see the identity of a member for
/// health management, each on other conditions.
pub(crate) fn notice() -> Vec<(String, String)> {
    let clause = |id: &str, recipients: &str, purpose: &str, when: &str, more: &str| {
        let when = if when.is_empty() { String::new() } else { format!("when = [{when}]") };
        format!(
            "\n[[clause]]\nid = \"test.{id}\"\nsubjects = [\"member\"]\npurposes = [\"{purpose}\"]\n\
             data = [\"identity\"]\nrecipients = [\"{recipients}\"]\nbasis = \"contract\"\n{when}\n\
             retention = \"membership\"\n{more}\n"
        )
    };
    let standard = "transfers = \"standard-clauses\"";
    let clauses = [
        clause("staff", "customer-service-staff", "health-management", "\"work-item\"", ""),
        clause("partner", "partner", "health-management", "\"contract\", \"undertaking\"", ""),
        clause("affiliate", "affiliate", "health-management", "", ""),
        clause("vendor", "service-provider", "health-management", "", standard),
        clause("sponsor", "plan-sponsor", "health-management", "\"relation.sponsor\", \"mandate\"", ""),
        clause("abroad", "customer-service-staff", "quote", "\"work-item\"", standard),
        clause("payer", "payer", "health-management", "", "").replace("\"identity\"", "\"plan\""),
    ];
    let prose = ["staff", "partner", "affiliate", "vendor", "sponsor", "abroad", "payer"].map(|id| {
        let transfers = if ["vendor", "abroad"].contains(&id) { "{transfers}" } else { "" };
        let conditions = if ["affiliate", "vendor", "payer"].contains(&id) { "" } else { "{conditions}" };
        format!(
            "\n## T {id} {{#test.{id}}}\n\n{{data}} {{purposes}} {{recipients}} {{basis}} {{retention}} {conditions} {transfers}\n"
        )
    });
    let file = |(name, text): &(&str, &str)| {
        let text = match *name {
            "clauses.toml" => {
                let line = |line: &str| match line.split(" = ").next() {
                    Some("version") => "version = \"2026-11-23\"".to_owned(),
                    Some("effective") => "effective = \"2026-11-23\"".to_owned(),
                    Some("languages") => "languages = [\"en\"]".to_owned(),
                    _ => line.to_owned(),
                };
                text.lines().map(line).collect::<Vec<_>>().join("\n") + &clauses.concat()
            }
            "en.md" => (*text).to_owned() + &prose.concat(),
            _ => (*text).to_owned(),
        };
        ((*name).to_owned(), text)
    };
    let kept = |(name, _): &&(&str, &str)| !["nl.md", "fr.md", "de.md"].contains(name);
    NOTICE.iter().filter(kept).map(file).collect()
}

/// A member bound to that notice, and staff who serve a work item about them.
pub(crate) async fn member_and_staff(site: &TestSite) -> (SubjectId, Actor) {
    let files = notice();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    site.publish(PORTFOLIO, &files).await;
    let subject = site.person("ada", true).await;
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    site.assign(subject, item(1), &staff).await;
    (subject, staff)
}

pub(crate) async fn hand_over(
    app: &App,
    staff: &Actor,
    to: RecipientId,
    subject: SubjectId,
) -> Result<(), Refused> {
    let asking = Asking {
        to: Some(to),
        ..Asking::new(staff, PORTFOLIO, Purpose::HealthManagement, app.gate.request())
    };
    match app.gate.ask::<PersonToAdjudicate>(&asking, Target::for_item(subject, item(1))).await {
        Ok(_) => Ok(()),
        Err(GateError::Refused(refused)) => Err(refused),
        Err(other) => panic!("{other}"),
    }
}

pub(crate) fn agreed(condition: Condition, first: &str, last: Option<&str>) -> Agreement {
    Agreement { condition, safeguard: None, first: day(first), last: last.map(day) }
}

fn open(condition: Condition) -> Agreement {
    agreed(condition, "2026-01-01", None)
}

/// The newest entry about a subject.
pub(crate) async fn newest(site: &TestSite, subject: SubjectId) -> Entry {
    let read = site.app.store().read(move |unit| store::log::pending_of(unit, subject)).await;
    let stored = read.map_err(|error: StoreError| error).unwrap();
    Entry::from_bytes(&stored.last().unwrap().body).unwrap()
}

async fn an_organisation_that_is_not_in_the_register_gets_nothing(site: TestSite) {
    let (ada, staff) = member_and_staff(&site).await;
    let nobody = RecipientId::from_bytes([9; 16]);
    let refused = hand_over(&site.app, &staff, nobody, ada).await.unwrap_err();
    assert_eq!((refused.unregistered, refused.nearest), (Some(nobody), None));
    assert!(hand_over(&site.app, &staff, nobody, SubjectId::from_bytes([5; 16])).await.is_err());
    let entry = newest(&site, ada).await;
    assert_eq!((entry.outcome, entry.to), (gate::EntryOutcome::Refused, Some(nobody)));
    assert_eq!((entry.recipient, entry.recipient_name), (Recipient::CustomerService, None));

    // Another portfolio's register is another register.
    let elsewhere = site.organisation_in(OTHER_PORTFOLIO, Recipient::Affiliate, "Elsewhere");
    let elsewhere = site.enter_as(&elsewhere, &[]).await.unwrap();
    let refused = hand_over(&site.app, &staff, elsewhere, ada).await.unwrap_err();
    assert_eq!(refused.unregistered, Some(elsewhere), "{refused}");

    // What kind it is, the register says; no clause names this one for this, so what is told is for others.
    let refused = hand_over(&site.app, &staff, site.bank().await, ada).await.unwrap_err();
    assert_eq!((refused.recipient, refused.unregistered), (Recipient::Bank, None));
    assert_eq!(
        (refused.nearest.as_deref(), refused.lacks),
        (Some("use.health-management"), ConditionSet::EMPTY)
    );
    let affiliate = site.enter(Recipient::Affiliate, "Sister", "BE", &[]).await;
    hand_over(&site.app, &staff, affiliate, ada).await.unwrap();
}

async fn each_thing_agreed_must_hold_and_the_refusal_names_it(site: TestSite) {
    let (ada, staff) = member_and_staff(&site).await;
    let app = &site.app;
    let lacks = async |id| hand_over(app, &staff, id, ada).await.map_err(|refused| refused.lacks);
    let of = |conditions: &[Condition]| Err(ConditionSet::of(conditions));
    let partner = site.enter(Recipient::Partner, "Partner", "BE", &[]).await;
    assert_eq!(lacks(partner).await, of(&[Condition::Undertaking, Condition::Contract]));
    let yet = agreed(Condition::Contract, "2026-12-01", None);
    let over = agreed(Condition::Undertaking, "2026-01-01", Some("2026-11-22"));
    site.agree(partner, &[yet, over]).await.unwrap();
    assert_eq!(lacks(partner).await, of(&[Condition::Undertaking, Condition::Contract]), "not yet, and over");
    let today = agreed(Condition::Undertaking, "2026-11-23", Some("2026-11-23"));
    site.agree(partner, &[open(Condition::Contract), today]).await.unwrap();
    assert_eq!(lacks(partner).await, Ok(()));
    site.end(partner, Condition::Contract).await.unwrap();
    let refused = hand_over(app, &staff, partner, ada).await.unwrap_err();
    assert_eq!(refused.lacks, ConditionSet::of(&[Condition::Contract]));
    assert_eq!(refused.nearest.as_deref(), Some("test.partner"));
    assert!(refused.to_string().ends_with("`test.partner`, which needs contract"), "{refused}");
    let entry = newest(&site, ada).await;
    assert_eq!((entry.outcome, entry.to), (gate::EntryOutcome::Refused, Some(partner)));
    assert_eq!(entry.recipient_name.as_deref(), Some("Partner"));

    // Who acts for a sponsor does so under a mandate; whose sponsor it is, is the person's.
    let sponsor = site.enter(Recipient::PlanSponsor, "Works", "BE", &[open(Condition::Mandate)]).await;
    assert_eq!(lacks(sponsor).await, of(&[Condition::RelationSponsor]));
    let row = ConditionRow {
        subject: ada,
        condition: Condition::RelationSponsor,
        object: *sponsor.bytes(),
        since: Timestamp::from_micros(0),
        until: None,
    };
    site.write(move |unit| store::condition::set_many(unit, std::slice::from_ref(&row))).await;
    assert_eq!(lacks(sponsor).await, Ok(()));
    // The relation of who acts for it is its own.
    let agent =
        NewRecipient { acts_for: Some(sponsor), ..site.organisation(Recipient::PlanSponsor, "Agent") };
    let agent = site.enter_as(&agent, &[open(Condition::Mandate)]).await.unwrap();
    assert_eq!(lacks(agent).await, Ok(()));
    site.end(sponsor, Condition::Mandate).await.unwrap();
    assert!(lacks(sponsor).await.unwrap_err().contains(Condition::Mandate));
    // The day is over.
    site.agree(partner, &[open(Condition::Contract)]).await.unwrap();
    site.clock.advance(86_400);
    assert_eq!(lacks(partner).await, of(&[Condition::Undertaking]));
}

async fn a_processor_and_who_had_a_contract_get_nothing_without_one(site: TestSite) {
    let (ada, staff) = member_and_staff(&site).await;
    let app = &site.app;
    let contract = Err(ConditionSet::of(&[Condition::Contract]));
    let lacks = async |id| hand_over(app, &staff, id, ada).await.map_err(|refused| refused.lacks);
    // The clause asks for none. An affiliate that decides for itself gets it, until it has a contract that ends.
    let sister = site.enter(Recipient::Affiliate, "Sister", "BE", &[]).await;
    assert_eq!(lacks(sister).await, Ok(()));
    site.agree(sister, &[open(Condition::Contract)]).await.unwrap();
    assert_eq!(lacks(sister).await, Ok(()));
    site.end(sister, Condition::Contract).await.unwrap();
    assert_eq!(lacks(sister).await, contract);
    // Nor does who acts for another without a mandate.
    let agent = NewRecipient {
        acts_for: Some(site.bank().await),
        ..site.organisation(Recipient::Affiliate, "Agent")
    };
    let agent = site.enter_as(&agent, &[]).await.unwrap();
    assert_eq!(lacks(agent).await, Err(ConditionSet::of(&[Condition::Mandate])));
    site.agree(agent, &[open(Condition::Mandate)]).await.unwrap();
    assert_eq!(lacks(agent).await, Ok(()));
    for role in [RecipientRole::Processor, RecipientRole::Joint] {
        let new = NewRecipient { role, ..site.organisation(Recipient::Affiliate, role.word()) };
        let id = site.enter_as(&new, &[]).await.unwrap();
        assert_eq!(lacks(id).await, contract, "{role}");
        site.agree(id, &[open(Condition::Contract)]).await.unwrap();
        assert_eq!(lacks(id).await, Ok(()), "{role}");
    }
}

async fn a_contract_ended_by_one_server_refuses_the_next_ask_of_another(site: TestSite) {
    let (ada, staff) = member_and_staff(&site).await;
    let other = site.reopen().await;
    let agreed = [open(Condition::Contract), open(Condition::Undertaking)];
    let partner = site.enter(Recipient::Partner, "Partner", "BE", &agreed).await;
    let (stop, answered, staff) =
        (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)), Arc::new(staff));
    let granted = Arc::new(AtomicUsize::new(0));
    let readers: Vec<_> = (0..32)
        .map(|_| {
            let (app, staff) = (site.app.clone(), Arc::clone(&staff));
            let (stop, answered, granted) = (Arc::clone(&stop), Arc::clone(&answered), Arc::clone(&granted));
            tokio::spawn(async move {
                while !stop.load(Ordering::SeqCst) {
                    let got = hand_over(&app, &staff, partner, ada).await.is_ok();
                    granted.fetch_add(usize::from(got), Ordering::SeqCst);
                    answered.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    let more = async || {
        let enough = answered.load(Ordering::SeqCst) + 100;
        let reached = async {
            while answered.load(Ordering::SeqCst) < enough {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(60), reached).await.unwrap();
    };
    more().await;
    // Whom the database tells that it is busy tries again.
    let busy = |error: &ServiceError| {
        matches!(
            error,
            ServiceError::Store(StoreError::Busy) | ServiceError::Gate(GateError::Store(StoreError::Busy))
        )
    };
    let end = || service::end_agreement(&other, &site.keeper, PORTFOLIO, partner, Condition::Contract);
    while let Err(error) = end().await {
        assert!(busy(&error), "{error}");
    }
    let written = async || {
        let read = site.app.store().read(move |unit| store::log::pending_of(unit, ada)).await;
        let stored = read.map_err(|error: StoreError| error).unwrap();
        let entries = stored.iter().map(|stored| Entry::from_bytes(&stored.body).unwrap());
        entries.filter(|entry| entry.outcome == gate::EntryOutcome::Granted).count()
    };
    let at_answer = written().await;
    let next = hand_over(&site.app, &staff, partner, ada).await.unwrap_err();
    assert_eq!(next.lacks, ConditionSet::of(&[Condition::Contract]));
    more().await;
    stop.store(true, Ordering::SeqCst);
    for reader in readers {
        reader.await.unwrap();
    }
    assert!(granted.load(Ordering::SeqCst) > 0, "nothing was handed over before");
    assert_eq!(at_answer, written().await, "handed over after the end was answered");
}

async fn the_entry_names_who_got_it_by_the_register(site: TestSite) {
    let (ada, staff) = member_and_staff(&site).await;
    let sister = site.enter(Recipient::Affiliate, "Sister", "NL", &[]).await;
    hand_over(&site.app, &staff, sister, ada).await.unwrap();
    let entry = newest(&site, ada).await;
    assert_eq!((entry.recipient, entry.to), (Recipient::Affiliate, Some(sister)));
    assert_eq!(entry.recipient_name.as_deref(), Some("Sister"));
    assert_eq!((entry.recipient_country.code(), entry.actor_country.code()), ("NL", "BE"));
    assert_eq!(entry.clauses, ["test.affiliate"]);
}

async fn the_tokens_of_an_organisation_are_tied_to_its_place_in_the_register(site: TestSite) {
    let (ada, _) = member_and_staff(&site).await;
    let sister = site.enter(Recipient::Affiliate, "Sister", "BE", &[]).await;
    let ask = async |actor: &Actor| {
        let asking = Asking::new(actor, PORTFOLIO, Purpose::HealthManagement, site.app.gate.request());
        site.app.gate.ask::<PersonToAdjudicate>(&asking, Target::of(ada)).await.map(drop)
    };
    for _ in 0..2 {
        // Each of its people has a token.
        ask(&site.actor_of(sister, Recipient::Affiliate).await).await.unwrap();
        assert_eq!(newest(&site, ada).await.to, Some(sister));
    }
    for stranger in [
        site.actor(Recipient::Affiliate, PORTFOLIO).await,
        site.actor_of(site.bank().await, Recipient::Affiliate).await,
        site.actor_of(RecipientId::from_bytes([9; 16]), Recipient::Affiliate).await,
    ] {
        let refused = ask(&stranger).await;
        assert!(
            matches!(&refused, Err(GateError::Refused(refused)) if refused.unregistered.is_some()),
            "{refused:?}"
        );
    }
    // Neither may hand it on, and what ends for the organisation ends for its people.
    let own = site.actor_of(sister, Recipient::Affiliate).await;
    assert!(hand_over(&site.app, &own, sister, ada).await.is_err());
    site.agree(sister, &[open(Condition::Contract)]).await.unwrap();
    ask(&own).await.unwrap();
    site.end(sister, Condition::Contract).await.unwrap();
    assert!(ask(&own).await.is_err());
}

async fn the_register_takes_organisations_and_clauses_that_are_there(site: TestSite) {
    site.bank().await;
    let refused = async |new: NewRecipient, agreed: &[Agreement]| match site.enter_as(&new, agreed).await {
        Err(ServiceError::Register(problem)) => problem,
        other => panic!("{other:?}"),
    };
    let bank = |clauses: &[&str]| NewRecipient {
        clauses: clauses.iter().map(|id| (*id).to_owned()).collect(),
        ..site.organisation(Recipient::Bank, "Second Bank")
    };
    for kind in [Recipient::Subject, Recipient::Representative, Recipient::ClaimsStaff, Recipient::PaymentJob]
    {
        assert!(refused(site.organisation(kind, "x"), &[]).await.contains("is no organisation"), "{kind}");
    }
    assert!(refused(site.organisation(Recipient::Bank, " "), &[]).await.contains("name is empty"));
    assert!(
        refused(site.organisation(Recipient::Bank, "Test Bank"), &[])
            .await
            .contains("is in the register already")
    );
    assert!(refused(bank(&["use.claims"]), &[]).await.contains("use one of disclose.payment.bank"));
    let backwards = agreed(Condition::Contract, "2026-02-01", Some("2026-01-31"));
    assert!(refused(bank(&[]), &[]).await.contains("name at least one of disclose.payment.bank"));
    let bank = || bank(&["disclose.payment.bank"]);
    assert!(refused(bank(), &[backwards]).await.contains("end before it begins"));
    assert!(refused(bank(), &[open(Condition::WorkItem)]).await.contains("nothing that can be agreed"));
    let id = site.enter_as(&bank(), &[]).await.unwrap();
    let (name, nobody) = ("Third Bank".to_owned(), Some(RecipientId::from_bytes([9; 16])));
    let stranger = NewRecipient { name, acts_for: nobody, ..bank() };
    let stranger = site.enter_as(&stranger, &[]).await;
    assert!(matches!(stranger, Err(ServiceError::NotFound(_))), "{stranger:?}");
    let end = site.end(id, Condition::Contract).await;
    assert!(matches!(end, Err(ServiceError::Register(_))), "{end:?}");
    let elsewhere =
        service::agree(&site.app, &site.keeper, OTHER_PORTFOLIO, id, &[open(Condition::Contract)]).await;
    assert!(matches!(elsewhere, Err(ServiceError::NotFound(_))), "{elsewhere:?}");
    let banks = service::recipients(&site.app, PORTFOLIO, Some(Recipient::Bank)).await.unwrap();
    assert_eq!(
        banks.iter().map(|one| one.row.name.as_str()).collect::<Vec<_>>(),
        ["Second Bank", "Test Bank"]
    );
    assert!(service::recipients(&site.app, PORTFOLIO, Some(Recipient::Court)).await.unwrap().is_empty());
}

async fn a_person_learns_who_really_received_their_data(site: TestSite) {
    let (ada, staff) = member_and_staff(&site).await;
    let app = &site.app;
    let sister = site.enter(Recipient::Affiliate, "Sister", "NL", &[]).await;
    let partner = site.enter(Recipient::Partner, "Partner", "BE", &[]).await;
    hand_over(app, &staff, sister, ada).await.unwrap();
    hand_over(app, &staff, sister, ada).await.unwrap();
    hand_over(app, &staff, partner, ada).await.unwrap_err();
    hand_over(app, &staff, RecipientId::from_bytes([9; 16]), ada).await.unwrap_err();
    let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    let member = site.actor_with_id(*ada.bytes(), Recipient::Subject).await;
    let before = site.entries(ada).await;
    assert!(service::answer_access_request(app, &officer, PORTFOLIO, ada, None).await.is_err(), "no request");
    site.assign(ada, item(2), &officer).await;
    for (actor, request) in [(&officer, Some(item(2))), (&member, None)] {
        let answer = service::answer_access_request(app, actor, PORTFOLIO, ada, request).await.unwrap();
        let received = answer.received();
        let [one] = received.as_slice() else { panic!("{received:?}") };
        assert_eq!((one.name.as_deref(), one.kind, one.times), (Some("Sister"), Recipient::Affiliate, 2));
        let countries: Vec<&str> = one.countries.iter().map(domain::Country::code).collect();
        assert_eq!((one.to, countries, one.transfer), (Some(sister), vec!["NL"], None));
        assert_eq!(one.shown, domain::CategorySet::of(&[domain::Category::Identity]));
        assert!(one.first < one.last && one.clauses.contains("test.affiliate"));
        assert!(one.purposes.contains(&Purpose::HealthManagement));
    }
    assert_eq!(site.entries(ada).await, before + 3, "each question is on the record");
}
