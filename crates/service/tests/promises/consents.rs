//! Consents: who gives them, what proves them, and that taking one back holds from the answer on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use domain::{
    Condition, ConsentChannel, Language, Purpose, Recipient, RequestId, RetentionClass, SubjectId, Timestamp,
};
use gate::{Actor, Asking, Target};
use service::views::{AccumulatorsToAdjudicate, PersonToAdjudicate};
use service::{App, ConsentTo, Consequences, Effect, NewConsent, ServiceError};
use store::condition::ConditionRow;

use crate::guarantees;
use crate::on_both;
use crate::site::{NOTICE, OTHER_PORTFOLIO, PORTFOLIO, TestSite, item};

on_both!(
    a_consent_is_given_and_proved,
    a_text_that_was_not_shown_is_no_proof,
    who_returns_after_an_erasure_is_asked_anew,
    nobody_gives_the_consent_of_another_adult,
    only_who_takes_in_declarations_records_them,
    what_taking_it_back_changes_is_said_first,
    taken_back_elsewhere_it_refuses_the_very_next_ask,
    each_programme_has_a_consent_of_its_own,
    what_was_given_before_it_was_taken_back_revives_nothing,
);

const READERS: usize = 32;

fn to(condition: Condition) -> ConsentTo {
    ConsentTo::in_portfolio(condition, PORTFOLIO).unwrap()
}

fn consent(subject: SubjectId, giver: SubjectId) -> NewConsent {
    NewConsent {
        subject,
        to: to(Condition::ConsentHealth),
        giver,
        version: "2026-11-01".to_owned(),
        language: Language::Dutch,
        day: "2026-11-23".parse().unwrap(),
        channel: ConsentChannel::Telephone,
    }
}

fn request() -> RequestId {
    RequestId::from_bytes([4; 16])
}

async fn give(app: &App, actor: &Actor, consent: &NewConsent) -> Result<(), ServiceError> {
    service::give_consent(app, actor, PORTFOLIO, consent, request()).await
}

/// Whether a claims handler may open what rests on health consent.
async fn opens(app: &App, staff: &Actor, subject: SubjectId) -> bool {
    let asking = Asking::new(staff, PORTFOLIO, Purpose::ClaimsProcessing, app.gate.request());
    app.gate.ask::<AccumulatorsToAdjudicate>(&asking, Target::for_item(subject, item(1))).await.is_ok()
}

async fn shown(app: &App, actor: &Actor, subject: SubjectId, condition: Condition) -> Consequences {
    service::consequences(app, actor, PORTFOLIO, subject, to(condition), Language::English, request())
        .await
        .unwrap()
}

async fn withdraw(app: &App, actor: &Actor, subject: SubjectId) {
    let shown = shown(app, actor, subject, Condition::ConsentHealth).await;
    service::withdraw_consent(app, actor, &shown, subject, ConsentChannel::Letter, request()).await.unwrap();
}

async fn a_consent_is_given_and_proved(site: TestSite) {
    let ada = site.member("ada", false).await.subject;
    let desk = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    site.assign(ada, item(1), &staff).await;
    assert!(!opens(&site.app, &staff, ada).await);
    give(&site.app, &desk, &consent(ada, ada)).await.unwrap();
    assert!(opens(&site.app, &staff, ada).await);
    give(&site.app, &desk, &consent(ada, ada)).await.unwrap();
    withdraw(&site.app, &desk, ada).await;
    withdraw(&site.app, &desk, ada).await;
    let said = shown(&site.app, &desk, ada, Condition::ConsentHealth).await;
    let source =
        service::withdraw_consent(&site.app, &desk, &said, ada, ConsentChannel::Source, request()).await;
    assert!(matches!(source, Err(ServiceError::NotAsShown(_))), "{source:?}");
    assert!(!opens(&site.app, &staff, ada).await);
    give(&site.app, &desk, &consent(ada, ada)).await.unwrap();

    let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    site.assign(ada, item(2), &officer).await;
    let listed =
        service::consents(&site.app, &officer, PORTFOLIO, ada, Some(item(2)), request()).await.unwrap();
    assert_eq!(listed[0].version.as_deref(), Some("2026-11-01"));
    let listed: Vec<_> = listed.into_iter().map(|proof| proof.row).collect();
    assert_eq!(listed.len(), 3, "given while it stood is one more proof");
    let text = listed[0].text.unwrap();
    let (number, notice) = site.app.gate.notice(PORTFOLIO).unwrap();
    assert_eq!((text.notice, text.language, text.hash), (number, Language::Dutch, notice.hash()));
    assert_eq!((listed[0].giver, listed[0].recorder), (ada, desk.id()));
    let withdrawal = listed[0].withdrawn.unwrap();
    assert!(withdrawal.at > listed[1].given && withdrawal.at < listed[2].given);
    assert_eq!((withdrawal.channel, withdrawal.by), (ConsentChannel::Letter, Some(ada)));
    let said = shown(&site.app, &desk, ada, Condition::ConsentHealth).await;
    assert_eq!(withdrawal.shown, Some(said.digest()));
    assert_eq!((listed[1].withdrawn, listed[2].withdrawn), (Some(withdrawal), None));
    let nosy = service::consents(&site.app, &staff, PORTFOLIO, ada, Some(item(1)), request()).await;
    assert!(matches!(nosy, Err(ServiceError::Gate(_))), "proof is for the person and the officer");

    // What a source says is proof of less: the text is not known.
    let eve = site.member("eve", true).await.subject;
    site.assign(eve, item(2), &officer).await;
    let listed =
        service::consents(&site.app, &officer, PORTFOLIO, eve, Some(item(2)), request()).await.unwrap();
    assert_eq!((listed[0].row.channel, listed[0].row.text), (ConsentChannel::Source, None));
    // A form that is signed later is kept, although the consent stood.
    give(&site.app, &desk, &consent(eve, eve)).await.unwrap();
    let listed =
        service::consents(&site.app, &officer, PORTFOLIO, eve, Some(item(2)), request()).await.unwrap();
    assert_eq!(listed.len(), 2);
}

async fn a_text_that_was_not_shown_is_no_proof(site: TestSite) {
    let ada = site.member("ada", false).await.subject;
    let desk = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    let day = |day: &str| day.parse().unwrap();
    let cases = [
        (NewConsent { version: "2027-01-01".to_owned(), ..consent(ada, ada) }, "not published"),
        (NewConsent { day: day("2026-11-22"), ..consent(ada, ada) }, "not published yet"),
        (NewConsent { day: day("2026-11-24"), ..consent(ada, ada) }, "to come"),
        (NewConsent { channel: ConsentChannel::Source, ..consent(ada, ada) }, "what a source had"),
    ];
    for (consent, message) in cases {
        let refused = give(&site.app, &desk, &consent).await.unwrap_err().to_string();
        assert!(refused.contains(message), "{refused}");
    }
}

async fn nobody_gives_the_consent_of_another_adult(site: TestSite) {
    let (ada, eve) = (site.member("ada", false).await.subject, site.member("eve", false).await.subject);
    let desk = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    let refused = give(&site.app, &desk, &consent(ada, eve)).await;
    assert!(matches!(refused, Err(ServiceError::NotTheirs)), "{refused:?}");
    let represents = ConditionRow {
        subject: ada,
        condition: Condition::RelationRepresentative,
        object: *eve.bytes(),
        since: Timestamp::from_micros(0),
        until: None,
    };
    site.write(move |unit| store::condition::set_many(unit, &[represents])).await;
    give(&site.app, &desk, &consent(ada, eve)).await.unwrap();
    // Nor takes it back.
    let zoe = site.member("zoe", false).await.subject;
    let said = shown(&site.app, &desk, ada, Condition::ConsentHealth).await;
    let refused =
        service::withdraw_consent(&site.app, &desk, &said, zoe, ConsentChannel::Letter, request()).await;
    assert!(matches!(refused, Err(ServiceError::NotTheirs)), "{refused:?}");
    service::withdraw_consent(&site.app, &desk, &said, eve, ConsentChannel::Letter, request()).await.unwrap();
}

async fn only_who_takes_in_declarations_records_them(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    let service_desk = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let refused = give(&site.app, &service_desk, &consent(ada, ada)).await.unwrap_err();
    assert!(refused.to_string().contains("no clause allows enrolment"), "{refused}");
    let elsewhere = site.actor(Recipient::EnrolmentStaff, OTHER_PORTFOLIO).await;
    give(&site.app, &elsewhere, &consent(ada, ada)).await.unwrap_err();
    let desk = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    let nobody = SubjectId::from_bytes([9; 16]);
    let unknown = give(&site.app, &desk, &consent(nobody, nobody)).await;
    assert!(matches!(unknown, Err(ServiceError::NotTheirs)), "as for somebody who may not: {unknown:?}");
    // A job would open what it asks for.
    let job = site.actor(Recipient::IntakeJob, PORTFOLIO).await;
    assert!(matches!(give(&site.app, &job, &consent(ada, ada)).await, Err(ServiceError::NotADesk)));
    let hears = service::consequences(
        &site.app,
        &job,
        PORTFOLIO,
        ada,
        to(Condition::ConsentHealth),
        Language::English,
        request(),
    );
    assert!(matches!(hears.await, Err(ServiceError::NotADesk)));
    // Taking back is heard by any desk.
    withdraw(&site.app, &service_desk, ada).await;
}

async fn what_taking_it_back_changes_is_said_first(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    let desk = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    let said = shown(&site.app, &desk, ada, Condition::ConsentHealth).await;
    let ids = |effects: &[Effect]| effects.iter().map(|one| one.clause.clone()).collect::<Vec<_>>();
    assert!(ids(&said.closes).contains(&"use.claims".to_owned()), "{said:?}");
    assert!(ids(&said.stands).contains(&"use.claims.statutory-minimum".to_owned()), "{said:?}");
    assert!(said.closes.iter().all(|one| !one.heading.is_empty()));
    let dutch = service::consequences(
        &site.app,
        &desk,
        PORTFOLIO,
        ada,
        to(Condition::ConsentHealth),
        Language::Dutch,
        request(),
    );
    let dutch = dutch.await.unwrap();
    assert!(ids(&dutch.closes) == ids(&said.closes) && dutch.closes != said.closes);
    assert_ne!(said.digest(), dutch.digest());
    // A newer version in force is among them, and what was shown before it is not what is shown now.
    let rules = NOTICE[0].1.replace("version = \"2026-11-01\"", "version = \"next\"");
    let rules = rules.replace("effective = \"2026-11-01\"", "effective = \"2026-11-23\"");
    let mut files = NOTICE.to_vec();
    files[0].1 = &rules;
    site.publish(PORTFOLIO, &files).await;
    assert_ne!(shown(&site.app, &desk, ada, Condition::ConsentHealth).await.digest(), said.digest());
    assert_eq!(ConsentTo::in_portfolio(Condition::WorkItem, PORTFOLIO), None);
}

/// What they took back before the erasure is not live again because a source still has it.
async fn who_returns_after_an_erasure_is_asked_anew(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    let desk = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    site.assign(ada, item(1), &staff).await;
    withdraw(&site.app, &desk, ada).await;
    service::erase_subject(&site.app, ada, RetentionClass::ALL).await.unwrap();
    let proof = site.write(move |unit| store::consent::of_subject(unit, ada)).await;
    assert_eq!(proof, [], "it went with who they were");
    assert_eq!(site.back("ada", true).await.returned, 1);
    assert!(!opens(&site.app, &staff, ada).await);
    give(&site.app, &desk, &consent(ada, ada)).await.unwrap();
    assert!(opens(&site.app, &staff, ada).await);
}

async fn taken_back_elsewhere_it_refuses_the_very_next_ask(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    // A guarantee of payment that stands.
    let (_, nurse, guarantee) = guarantees::under_review(&site, "ada").await;
    let hospital = site.enter(Recipient::Provider, "Hospital", "BE", &[]).await;
    guarantees::decide(&site, &nurse, guarantee, 1, &guarantees::granted(hospital)).await.unwrap();
    let nurse = Arc::new(nurse);
    let staff = Arc::new(site.actor(Recipient::ClaimsStaff, PORTFOLIO).await);
    site.assign(ada, item(1), &staff).await;
    let desk_token = site.token(Recipient::EnrolmentStaff, PORTFOLIO).await;
    // Another process, with a gate and a store of its own.
    let other = site.reopen().await;
    let desk = other.gate.authenticate(&desk_token).await.unwrap();

    let taken_back = Arc::new(AtomicBool::new(false));
    let (opened, refused) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let readers: Vec<_> = (0..READERS)
        .map(|_| {
            let (app, staff, nurse) = (site.app.clone(), Arc::clone(&staff), Arc::clone(&nurse));
            let (taken_back, opened, refused) =
                (Arc::clone(&taken_back), Arc::clone(&opened), Arc::clone(&refused));
            tokio::spawn(async move {
                for after in 0.. {
                    let asked_after = taken_back.load(Ordering::SeqCst);
                    let is_open = opens(&app, &staff, ada).await;
                    assert!(!(asked_after && is_open), "opened after it was taken back");
                    let file = service::read_guarantee(&app, &nurse, guarantee, app.gate.request()).await;
                    assert!(file.is_ok(), "a guarantee that stands opens, before and after");
                    (if is_open { &opened } else { &refused }).fetch_add(1, Ordering::SeqCst);
                    if asked_after && after % 4 == 0 {
                        break;
                    }
                }
            })
        })
        .collect();
    let reading = async {
        while opened.load(Ordering::SeqCst) < 2 * READERS {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), reading).await.unwrap();
    withdraw(&other, &desk, ada).await;
    taken_back.store(true, Ordering::SeqCst);
    for reader in readers {
        reader.await.unwrap();
    }
    assert!(refused.load(Ordering::SeqCst) >= READERS);
    // What has a basis of its own stands.
    let asking = Asking::new(&staff, PORTFOLIO, Purpose::ClaimsProcessing, request());
    site.app.gate.ask::<PersonToAdjudicate>(&asking, Target::for_item(ada, item(1))).await.unwrap();
    other.store().close().await.unwrap();
}

async fn each_programme_has_a_consent_of_its_own(site: TestSite) {
    let ada = site.member("ada", false).await.subject;
    let desk = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    let nurse = site.actor(Recipient::ClinicalStaff, PORTFOLIO).await;
    let programmes = [[0xA1; 16], [0xA2; 16]];
    let takes_part = programmes.map(|programme| ConditionRow {
        subject: ada,
        condition: Condition::RelationProgramme,
        object: programme,
        since: Timestamp::from_micros(0),
        until: None,
    });
    site.write(move |unit| store::condition::set_many(unit, &takes_part)).await;
    let opens = async |programme| {
        let mut asking = Asking::new(&nurse, PORTFOLIO, Purpose::ClinicalProgramme, site.app.gate.request());
        asking.party = Some(programme);
        site.app.gate.ask::<AccumulatorsToAdjudicate>(&asking, Target::of(ada)).await.is_ok()
    };
    assert_eq!(ConsentTo::in_portfolio(Condition::ConsentProgramme, PORTFOLIO), None);
    assert_eq!(ConsentTo::to_one(Condition::ConsentHealth, programmes[0]), None);
    let to = ConsentTo::to_one(Condition::ConsentProgramme, programmes[0]).unwrap();
    assert!(!opens(programmes[0]).await);
    give(&site.app, &desk, &NewConsent { to, ..consent(ada, ada) }).await.unwrap();
    assert!(opens(programmes[0]).await && !opens(programmes[1]).await, "to this programme and no other");
    let shown = service::consequences(&site.app, &desk, PORTFOLIO, ada, to, Language::English, request())
        .await
        .unwrap();
    assert!(shown.closes.iter().all(|one| one.clause == "use.clinical-programme"), "{shown:?}");
    service::withdraw_consent(&site.app, &desk, &shown, ada, ConsentChannel::Letter, request())
        .await
        .unwrap();
    assert!(!opens(programmes[0]).await, "taken back");
}

/// The letter was written, then its writer called and took it back, and only then was it written down.
async fn what_was_given_before_it_was_taken_back_revives_nothing(site: TestSite) {
    const DAY_SECONDS: i64 = 86_400;
    let desk = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    site.clock.advance(DAY_SECONDS);
    for (name, stood) in [("ada", true), ("eve", false)] {
        let subject = site.member(name, stood).await.subject;
        site.assign(subject, item(1), &staff).await;
        site.assign(subject, item(2), &officer).await;
        withdraw(&site.app, &desk, subject).await;
        let before = NewConsent { channel: ConsentChannel::Letter, ..consent(subject, subject) };
        give(&site.app, &desk, &before).await.unwrap();
        assert!(!opens(&site.app, &staff, subject).await, "{name}: it was taken back after that day");
        // It is kept as what it is: given, and taken back.
        let listed =
            service::consents(&site.app, &officer, PORTFOLIO, subject, Some(item(2)), request()).await;
        let listed = listed.unwrap();
        let late = listed.iter().find(|proof| proof.row.channel == ConsentChannel::Letter).unwrap();
        let by = late.row.withdrawn.map(|withdrawal| withdrawal.by);
        assert_eq!(by, Some(stood.then_some(subject)), "{name}");
        // Given anew, it stands.
        let anew = NewConsent { day: site.app.today().unwrap(), ..consent(subject, subject) };
        give(&site.app, &desk, &anew).await.unwrap();
        assert!(opens(&site.app, &staff, subject).await, "{name}");
    }
}
