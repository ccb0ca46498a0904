//! Promises 1, 2, 3 and 6: no clause, no data; need to know, to the field; on the record first;
//! withdrawal works now.

use domain::{
    Category, CategorySet, Condition, Field, Purpose, Recipient, RetentionClass, SubjectId, SubjectKind,
    WorkItemId,
};
use gate::{Asking, GateError, LookupKind, Target, Term};
use notice::Decision;
use service::ServiceError;
use service::views::{CoverPage, PersonForAccess, PersonToAdjudicate};

use crate::on_both;
use store::reference::NoticeRow;

use crate::site::{NOTICE, ORGANISATION, OTHER_PORTFOLIO, PORTFOLIO, SOURCE, TestSite, item};

on_both! {
    without_a_clause_nothing_opens_and_the_refusal_names_the_nearest,
    what_the_clause_does_not_name_is_withheld_and_never_decrypted,
    an_ask_needs_its_own_open_work_item,
    a_refusal_tells_the_same_of_everyone,
    a_token_that_ends_or_is_taken_away_works_no_longer,
    an_unreadable_version_of_the_notice_closes_its_portfolio,
    a_wall_stands_between_portfolios,
    a_preview_tells_what_an_ask_would_be_answered_and_writes_nothing,
    the_entry_is_durable_before_anything_opens,
    a_store_that_cannot_write_releases_nothing,
    a_refusal_is_on_the_record_too,
    withdrawn_consent_refuses_the_next_ask,
    a_newer_notice_narrows_at_once_and_widens_nothing,
    a_grant_ends_after_seconds_and_opens_no_one_else,
    a_search_is_two_entries_and_shows_only_what_a_clause_shows,
    a_search_needs_a_clause_for_what_it_would_write,
    an_erased_class_does_not_open_and_the_rest_does,
    a_record_moved_to_another_place_does_not_open,
}

async fn refused<S: domain::Views>(site: &TestSite, asking: &Asking<'_>, target: Target) -> gate::Refused {
    match site.app.gate.ask::<S>(asking, target).await {
        Err(GateError::Refused(refused)) => refused,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("this must be refused"),
    }
}

async fn without_a_clause_nothing_opens_and_the_refusal_names_the_nearest(site: TestSite) {
    let member = site.member("ada", true).await;
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let request = site.app.gate.request();
    let research = Asking::new(&staff, PORTFOLIO, Purpose::Research, request);
    let other = refused::<CoverPage>(&site, &research, Target::for_item(member.subject, item(1))).await;
    assert_eq!(other.nearest.as_deref(), Some("use.research"), "what there is for the purpose, for others");
    assert!(other.lacks.is_empty(), "no condition would help: {other}");
    let information = Asking::new(&staff, PORTFOLIO, Purpose::PlanInformation, request);
    let near = refused::<CoverPage>(&site, &information, Target::of(member.subject)).await;
    assert_eq!(near.nearest.as_deref(), Some("use.plan-information"));
    assert!(near.lacks.contains(Condition::WorkItem), "{near}");
}

async fn what_the_clause_does_not_name_is_withheld_and_never_decrypted(site: TestSite) {
    let member = site.member("ada", true).await;
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    site.assign(member.subject, item(1), &staff).await;
    // Without the key of the health data it could not be decrypted, even by mistake.
    let (subject, now) = (member.subject, site.app.gate.now());
    let erase = move |unit: &mut store::Unit<'_>| {
        store::key::erase(unit, subject, Category::Health, RetentionClass::Membership, now)
    };
    assert!(site.write(erase).await);
    let cover = service::read_cover(
        &site.app,
        &staff,
        PORTFOLIO,
        member.subject,
        member.coverage,
        Some(item(1)),
        site.app.gate.request(),
    )
    .await
    .unwrap();
    assert_eq!(cover.insured.reveal(), "ada");
    assert!(matches!(cover.exclusions, Field::Withheld(Category::Health)));
}

async fn an_ask_needs_its_own_open_work_item(site: TestSite) {
    let (ada, eve) = (site.member("ada", true).await, site.member("eve", true).await);
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let colleague = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    site.assign(ada.subject, item(1), &staff).await;
    let read = async |actor, subject, coverage, item: Option<WorkItemId>| {
        service::read_cover(&site.app, actor, PORTFOLIO, subject, coverage, item, site.app.gate.request())
            .await
            .is_ok()
    };
    assert!(read(&staff, ada.subject, ada.coverage, Some(item(1))).await);
    assert!(!read(&staff, ada.subject, ada.coverage, None).await, "no item");
    assert!(!read(&staff, ada.subject, ada.coverage, Some(item(2))).await, "another item");
    assert!(!read(&staff, eve.subject, eve.coverage, Some(item(1))).await, "another member's item");
    assert!(!read(&colleague, ada.subject, ada.coverage, Some(item(1))).await, "a colleague's item");
    let (subject, object) = (ada.subject, gate::assignment(item(1), staff.id()));
    let now = site.app.gate.now();
    site.write(move |unit| store::condition::end(unit, subject, Condition::WorkItem, object, now)).await;
    assert!(!read(&staff, ada.subject, ada.coverage, Some(item(1))).await, "closed");
}

async fn a_wall_stands_between_portfolios(site: TestSite) {
    let ada = site.member("ada", true).await;
    let outsider = site.actor(Recipient::CustomerService, OTHER_PORTFOLIO).await;
    site.assign(ada.subject, item(1), &outsider).await;
    let ask = async |portfolio, subject| {
        let asking = Asking::new(&outsider, portfolio, Purpose::PlanInformation, site.app.gate.request());
        refused::<CoverPage>(&site, &asking, Target::for_item(subject, item(1))).await
    };
    let nobody = domain::SubjectId::from_bytes([99; 16]);
    for portfolio in [PORTFOLIO, OTHER_PORTFOLIO] {
        assert_eq!(
            ask(portfolio, ada.subject).await,
            ask(portfolio, nobody).await,
            "nothing tells whether there is such a member"
        );
    }
    assert_eq!(site.entries(ada.subject).await, 0, "nothing was decided about her");
}

async fn a_preview_tells_what_an_ask_would_be_answered_and_writes_nothing(site: TestSite) {
    let ada = site.member("ada", true).await;
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let preview = async |portfolio, purpose, item: Option<WorkItemId>| {
        let asking = Asking::new(&staff, portfolio, purpose, site.app.gate.request());
        let target = Target { subject: ada.subject, item };
        site.app
            .gate
            .preview::<CoverPage>(&asking, target, SubjectKind::Member, domain::GoverningLaw::Belgium)
            .await
            .map(|weighed| weighed.decision)
    };
    let Decision::Granted(permission) =
        preview(PORTFOLIO, Purpose::PlanInformation, Some(item(1))).await.unwrap()
    else {
        panic!("with a work item a clause allows it")
    };
    assert!(permission.shown.contains(Category::Plan) && !permission.shown.contains(Category::Health));
    for (purpose, item) in [(Purpose::PlanInformation, None), (Purpose::Research, Some(item(1)))] {
        assert!(matches!(preview(PORTFOLIO, purpose, item).await, Ok(Decision::Refused(_))));
    }
    assert!(
        preview(OTHER_PORTFOLIO, Purpose::PlanInformation, Some(item(1))).await.is_err(),
        "the wall stands"
    );
    assert_eq!(site.entries(ada.subject).await, 0);
    // It assumes that the item is assigned; the ask itself finds that it is not.
    let asking = Asking::new(&staff, PORTFOLIO, Purpose::PlanInformation, site.app.gate.request());
    refused::<CoverPage>(&site, &asking, Target::for_item(ada.subject, item(1))).await;
}

async fn the_entry_is_durable_before_anything_opens(site: TestSite) {
    let ada = site.member("ada", true).await;
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    site.assign(ada.subject, item(1), &staff).await;
    assert_eq!(site.entries(ada.subject).await, 0);
    let asking = Asking::new(&staff, PORTFOLIO, Purpose::PlanInformation, site.app.gate.request());
    let grant =
        site.app.gate.ask::<CoverPage>(&asking, Target::for_item(ada.subject, item(1))).await.unwrap();
    assert_eq!(site.entries(ada.subject).await, 1, "it is there while nothing is open yet");
    let sealed = site.app.gate.fetch::<CoverPage>(ada.subject, ada.coverage).await.unwrap().unwrap();
    grant.open::<CoverPage, _>(&sealed).unwrap();
}

async fn a_store_that_cannot_write_releases_nothing(site: TestSite) {
    let ada = site.member("ada", true).await;
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    site.assign(ada.subject, item(1), &staff).await;
    site.app.store().close().await.unwrap();
    for _ in 0..100 {
        let read = service::read_cover(
            &site.app,
            &staff,
            PORTFOLIO,
            ada.subject,
            ada.coverage,
            Some(item(1)),
            site.app.gate.request(),
        )
        .await;
        assert!(matches!(read, Err(ServiceError::Gate(GateError::Store(_)))));
    }
}

async fn a_refusal_is_on_the_record_too(site: TestSite) {
    let ada = site.member("ada", true).await;
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let asking = Asking::new(&staff, PORTFOLIO, Purpose::PlanInformation, site.app.gate.request());
    refused::<CoverPage>(&site, &asking, Target::for_item(ada.subject, item(1))).await;
    assert_eq!(site.entries(ada.subject).await, 1);
}

async fn a_refusal_tells_the_same_of_everyone(site: TestSite) {
    let (consents, not) = (site.member("ada", true).await, site.member("eve", false).await);
    site.clinic().await;
    let noun = format!("provider/{PORTFOLIO}");
    let clinic = SubjectId::from_bytes(site.app.gate.imported_id(&noun, SOURCE, "clinic"));
    assert!(site.write(move |unit| store::subject::get(unit, clinic)).await.is_some());
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    site.assign(not.subject, item(1), &staff).await;
    let asking = Asking::new(&staff, PORTFOLIO, Purpose::ClaimsProcessing, site.app.gate.request());
    let mut told = std::collections::BTreeSet::new();
    let nobody = SubjectId::from_bytes([0x5a; 16]);
    for subject in [consents.subject, not.subject, clinic, nobody] {
        for target in [Target::of(subject), Target::for_item(subject, item(1))] {
            let refusal = refused::<service::views::AccumulatorsToAdjudicate>(&site, &asking, target).await;
            told.insert(refusal.to_string());
        }
    }
    let told: Vec<String> = told.into_iter().collect();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].contains("use.claims") && told[0].contains("consent.health"), "{told:#?}");
}

async fn a_token_that_ends_or_is_taken_away_works_no_longer(site: TestSite) {
    let gate = &site.app.gate;
    let new = async |seconds: i64| {
        let (token, hash) = gate.new_token();
        let row = store::reference::ActorRow {
            actor: domain::ActorId::from_bytes(gate.random_id()),
            recipient: Recipient::CustomerService,
            role: "tester".to_owned(),
            team: String::new(),
            country: "BE".parse().unwrap(),
            portfolio: PORTFOLIO,
            organisation: None,
            own_files: Vec::new(),
            sponsors: Vec::new(),
            trained_until: Some("2199-12-30".parse().unwrap()),
            name: String::new(),
            token_hash: Some(hash),
            expires: gate.now().plus_seconds(seconds),
            ended: None,
        };
        site.write(move |unit| store::reference::insert_actor(unit, &row)).await;
        token
    };
    let (ends, stays) = (new(1).await, new(1_000).await);
    gate.authenticate(&ends).await.unwrap();
    let actor = gate.authenticate(&stays).await.unwrap();
    assert_eq!(gate.authenticate(&stays).await.unwrap().id(), actor.id(), "from memory the same");
    site.tamper(store::testing::Tampering::NoActor).await;
    site.clock.advance(1);
    assert!(matches!(gate.authenticate(&ends).await, Err(GateError::NotAuthenticated)));
    assert!(
        matches!(gate.authenticate(&stays).await, Err(GateError::NotAuthenticated)),
        "for a second at most"
    );
    assert!(matches!(gate.authenticate("moretus_unknown").await, Err(GateError::NotAuthenticated)));
}

/// Published by a newer program, or damaged: what it says is not known, so it might forbid everything.
async fn an_unreadable_version_of_the_notice_closes_its_portfolio(site: TestSite) {
    let ada = site.member("ada", true).await;
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    site.assign(ada.subject, item(1), &staff).await;
    let asking = Asking::new(&staff, PORTFOLIO, Purpose::PlanInformation, site.app.gate.request());
    let target = Target::for_item(ada.subject, item(1));
    site.app.gate.ask::<CoverPage>(&asking, target).await.unwrap();
    site.write(|unit| {
        let first = store::reference::notice(unit, PORTFOLIO, 1)?.unwrap();
        let files = "{\"clauses.toml\": \"new words\"}".to_owned();
        store::reference::insert_notice(unit, &NoticeRow { number: 2, files, ..first })
    })
    .await;
    site.app.gate.refresh_notices().await.unwrap_err();
    let closed = site.app.gate.ask::<CoverPage>(&asking, target).await;
    assert!(matches!(closed, Err(GateError::NoNotice)), "{closed:?}");
    assert!(site.app.gate.notice(OTHER_PORTFOLIO).is_ok(), "the other portfolio works on");
}

async fn withdrawn_consent_refuses_the_next_ask(site: TestSite) {
    let ada = site.member("ada", true).await;
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    site.assign(ada.subject, item(1), &staff).await;
    let asking = Asking::new(&staff, PORTFOLIO, Purpose::ClaimsProcessing, site.app.gate.request());
    let target = Target::for_item(ada.subject, item(1));
    site.app.gate.ask::<service::views::AccumulatorsToAdjudicate>(&asking, target).await.unwrap();
    let (subject, now) = (ada.subject, site.app.gate.now());
    let object = *PORTFOLIO.bytes();
    site.write(move |unit| store::condition::end(unit, subject, Condition::ConsentHealth, object, now)).await;
    let refusal = refused::<service::views::AccumulatorsToAdjudicate>(&site, &asking, target).await;
    assert!(refusal.lacks.contains(Condition::ConsentHealth), "{refusal}");
    // A clause with a basis of its own stands: what is not health data still opens for the claim.
    site.app.gate.ask::<PersonToAdjudicate>(&asking, target).await.unwrap();
}

async fn a_newer_notice_narrows_at_once_and_widens_nothing(site: TestSite) {
    let ada = site.member("ada", true).await;
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    site.assign(ada.subject, item(1), &staff).await;
    let asking = Asking::new(&staff, PORTFOLIO, Purpose::PlanInformation, site.app.gate.request());
    let target = Target::for_item(ada.subject, item(1));

    let wide = rewritten(
        "2026-11-02",
        "data = [\"identity\", \"member-id\", \"plan\", \"eligibility\"]\nrecipients = [\"customer-service-staff\"]",
        "data = [\"identity\", \"member-id\", \"plan\", \"eligibility\", \"financial\"]\nrecipients = [\"customer-service-staff\"]",
    );
    publish(&site, &wide).await;
    let account = refused::<service::views::MemberToPay>(&site, &asking, target).await;
    assert!(account.missing.contains(Category::Financial), "a wider version binds nobody yet");
    site.app.gate.ask::<CoverPage>(&asking, target).await.unwrap();

    let narrow = rewritten(
        "2026-11-03",
        "data = [\"identity\", \"member-id\", \"plan\", \"eligibility\"]\nrecipients = [\"customer-service-staff\"]",
        "data = [\"identity\", \"member-id\", \"plan\"]\nrecipients = [\"customer-service-staff\"]",
    );
    publish(&site, &narrow).await;
    let cover = refused::<CoverPage>(&site, &asking, target).await;
    assert!(cover.missing.contains(Category::Eligibility), "a narrower version holds at once");
    site.app.gate.ask::<PersonForAccess>(&asking, target).await.unwrap();
}

fn rewritten(version: &str, from: &str, to: &str) -> String {
    let rules = NOTICE[0].1;
    assert!(rules.contains(from));
    rules
        .replace(from, to)
        .replace("version = \"2026-11-01\"", &format!("version = \"{version}\""))
        .replace("effective = \"2026-11-01\"", "effective = \"2026-11-23\"")
}

async fn publish(site: &TestSite, rules: &str) {
    let mut files = NOTICE.to_vec();
    files[0].1 = rules;
    assert_eq!(files[5].1, ORGANISATION);
    site.publish(PORTFOLIO, &files).await;
}

async fn a_grant_ends_after_seconds_and_opens_no_one_else(site: TestSite) {
    let (ada, eve) = (site.member("ada", true).await, site.member("eve", true).await);
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    site.assign(ada.subject, item(1), &staff).await;
    let asking = Asking::new(&staff, PORTFOLIO, Purpose::PlanInformation, site.app.gate.request());
    let grant =
        site.app.gate.ask::<CoverPage>(&asking, Target::for_item(ada.subject, item(1))).await.unwrap();
    let other = site.app.gate.fetch::<CoverPage>(eve.subject, eve.coverage).await.unwrap().unwrap();
    assert!(matches!(grant.open::<CoverPage, _>(&other), Err(GateError::OtherSubject)));
    let own = site.app.gate.fetch::<CoverPage>(ada.subject, ada.coverage).await.unwrap().unwrap();
    grant.open::<CoverPage, _>(&own).unwrap();
    site.clock.advance(11);
    assert!(matches!(grant.open::<CoverPage, _>(&own), Err(GateError::Expired)));
}

async fn a_search_is_two_entries_and_shows_only_what_a_clause_shows(site: TestSite) {
    let ada = site.member("Ada Müller", true).await;
    site.member("Eve Jones", true).await;
    let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    let asking = Asking::new(&officer, PORTFOLIO, Purpose::AccessRequest, site.app.gate.request());
    let terms = [Term::new(LookupKind::NamePart, "MULLER"), Term::new(LookupKind::BirthDate, "1980-05-17")];
    let chain = gate::portfolio_chain(PORTFOLIO);
    let before = site.entries(chain).await;
    let refused = site.app.gate.search::<PersonForAccess>(&asking, &terms, None).await.map(drop);
    let Err(GateError::Refused(refused)) = refused else { panic!("{refused:?}") };
    assert_eq!(refused.nearest.as_deref(), Some("right.access.officer"), "{refused}");
    assert_eq!(site.entries(chain).await, before + 1, "that it was refused is on the record");
    assert_eq!(site.entries(ada.subject).await, 0, "and the index was not read");
    site.assign(ada.subject, item(1), &officer).await;
    let hits = site.app.gate.search::<PersonForAccess>(&asking, &terms, Some(item(1))).await.unwrap();
    assert_eq!(hits.iter().map(|(subject, _)| *subject).collect::<Vec<_>>(), [ada.subject]);
    assert_eq!(site.entries(chain).await, before + 2, "the question is on the record");
    assert_eq!(site.entries(ada.subject).await, 1, "and so is the hit");
}

/// Found by the random asks.
async fn a_search_needs_a_clause_for_what_it_would_write(site: TestSite) {
    let ada = site.member("Ada Müller", true).await;
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    site.assign(ada.subject, item(1), &staff).await;
    for (writes, found) in [(Category::Eligibility, Some(1)), (Category::Financial, None)] {
        let asking = Asking {
            writes: CategorySet::of(&[writes]),
            ..Asking::new(&staff, PORTFOLIO, Purpose::PlanInformation, site.app.gate.request())
        };
        let terms = [Term::new(LookupKind::NamePart, "Ada")];
        let hits = site.app.gate.search::<PersonForAccess>(&asking, &terms, Some(item(1))).await;
        match hits {
            Ok(hits) => assert_eq!(Some(hits.len()), found, "{writes}"),
            Err(GateError::Refused(refused)) => assert!(found.is_none(), "{writes}: {refused}"),
            Err(other) => panic!("{other}"),
        }
    }
}

async fn an_erased_class_does_not_open_and_the_rest_does(site: TestSite) {
    let ada = site.member("ada", true).await;
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    site.assign(ada.subject, item(1), &staff).await;
    let sealed = site.app.gate.fetch::<CoverPage>(ada.subject, ada.coverage).await.unwrap().unwrap();
    assert!(service::erase_subject(&site.app, ada.subject, &[RetentionClass::Membership]).await.unwrap() > 0);
    let asking = Asking::new(&staff, PORTFOLIO, Purpose::PlanInformation, site.app.gate.request());
    let grant =
        site.app.gate.ask::<CoverPage>(&asking, Target::for_item(ada.subject, item(1))).await.unwrap();
    assert!(site.app.gate.fetch::<CoverPage>(ada.subject, ada.coverage).await.unwrap().is_none());
    // What was fetched before still holds its wrapped keys; a copy of the database does not.
    let app = site.reopen().await;
    assert!(app.gate.fetch::<CoverPage>(ada.subject, ada.coverage).await.unwrap().is_none());
    drop((sealed, grant));
}

async fn a_record_moved_to_another_place_does_not_open(site: TestSite) {
    let (ada, eve) = (site.member("ada", true).await, site.member("eve", true).await);
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    site.assign(eve.subject, item(1), &staff).await;
    site.write(move |unit| {
        let theirs =
            store::sealed::of_record(unit, ada.subject, domain::RecordKind::Coverage, ada.coverage.into())?;
        for row in theirs {
            let moved = store::sealed::SealedRow { subject: eve.subject, record: eve.coverage.into(), ..row };
            store::sealed::replace(unit, &moved, 1)?;
        }
        Ok(())
    })
    .await;
    let read = service::read_cover(
        &site.app,
        &staff,
        PORTFOLIO,
        eve.subject,
        eve.coverage,
        Some(item(1)),
        site.app.gate.request(),
    )
    .await;
    assert!(matches!(read, Err(ServiceError::Gate(GateError::Altered { .. }))));
}
