//! Consents: who gives them, what proves them, and that taking one back holds from the answer on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use domain::{Condition, ConsentChannel, Language, Purpose, Recipient, RequestId, SubjectId, Timestamp};
use gate::{Actor, Asking, Target};
use service::views::{AccumulatorsToAdjudicate, PersonToAdjudicate};
use service::{App, ConsentTo, NewConsent, ServiceError};
use sha2::{Digest, Sha256};
use store::condition::ConditionRow;

use crate::on_both;
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, TestSite, item};

on_both!(
    a_consent_is_given_once_and_proved,
    nobody_gives_the_consent_of_another_adult,
    only_who_takes_in_declarations_records_them,
    what_taking_it_back_changes_is_said_first,
    taken_back_elsewhere_it_refuses_the_very_next_ask,
);

const READERS: usize = 32;

fn to(condition: Condition) -> ConsentTo {
    ConsentTo::in_portfolio(condition, PORTFOLIO).unwrap()
}

fn consent(subject: SubjectId, giver: SubjectId) -> NewConsent {
    let (to, language) = (to(Condition::ConsentHealth), Language::Dutch);
    NewConsent { subject, to, giver, language, channel: ConsentChannel::Telephone }
}

fn request() -> RequestId {
    RequestId::from_bytes([4; 16])
}

async fn give(app: &App, actor: &Actor, consent: &NewConsent) -> Result<bool, ServiceError> {
    service::give_consent(app, actor, PORTFOLIO, consent, request()).await
}

/// Whether a claims handler may open what rests on health consent.
async fn opens(app: &App, staff: &Actor, subject: SubjectId) -> bool {
    let asking = Asking::new(staff, PORTFOLIO, Purpose::ClaimsProcessing, app.gate.request());
    app.gate.ask::<AccumulatorsToAdjudicate>(&asking, Target::for_item(subject, item(1))).await.is_ok()
}

async fn withdraw(app: &App, actor: &Actor, subject: SubjectId) -> bool {
    let to = to(Condition::ConsentHealth);
    let shown = service::consequences(app, PORTFOLIO, to, Language::English).unwrap();
    let channel = ConsentChannel::Letter;
    service::withdraw_consent(app, actor, subject, to, &shown, channel, request()).await.unwrap()
}

async fn a_consent_is_given_once_and_proved(site: TestSite) {
    let ada = site.member("ada", false).await.subject;
    let desk = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    site.assign(ada, item(1), &staff).await;
    assert!(!opens(&site.app, &staff, ada).await);
    assert!(give(&site.app, &desk, &consent(ada, ada)).await.unwrap());
    assert!(opens(&site.app, &staff, ada).await);
    assert!(!give(&site.app, &desk, &consent(ada, ada)).await.unwrap(), "it stands already");
    assert!(withdraw(&site.app, &desk, ada).await);
    assert!(!withdraw(&site.app, &desk, ada).await, "it was taken back already");
    assert!(give(&site.app, &desk, &consent(ada, ada)).await.unwrap());

    let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    site.assign(ada, item(2), &officer).await;
    let listed =
        service::consents(&site.app, &officer, PORTFOLIO, ada, Some(item(2)), request()).await.unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0].version.as_deref(), Some("2026-11-01"));
    let listed: Vec<_> = listed.into_iter().map(|proof| proof.row).collect();
    let text = listed[0].text.unwrap();
    let (number, notice) = site.app.gate.notice(PORTFOLIO).unwrap();
    assert_eq!((text.notice, text.language), (number, Language::Dutch));
    assert_eq!(text.hash, Sha256::digest(notice.render_text(Language::Dutch)).as_slice());
    assert_eq!((listed[0].giver, listed[0].recorder), (ada, desk.id()));
    let (at, channel, recorder) = listed[0].withdrawn.unwrap();
    assert!(at > listed[0].given && at < listed[1].given);
    assert_eq!((channel, recorder), (ConsentChannel::Letter, desk.id()));
    assert_eq!(listed[1].withdrawn, None);
    let nosy = service::consents(&site.app, &staff, PORTFOLIO, ada, Some(item(1)), request()).await;
    assert!(matches!(nosy, Err(ServiceError::Gate(_))), "proof is for the person and the officer");

    // What a source says is proof of less: the text is not known.
    let eve = site.member("eve", true).await.subject;
    site.assign(eve, item(2), &officer).await;
    let listed =
        service::consents(&site.app, &officer, PORTFOLIO, eve, Some(item(2)), request()).await.unwrap();
    assert_eq!((listed[0].row.channel, listed[0].row.text), (ConsentChannel::Source, None));
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
    assert!(give(&site.app, &desk, &consent(ada, eve)).await.unwrap());
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
    assert!(matches!(unknown, Err(ServiceError::NotFound("person"))), "{unknown:?}");
}

async fn what_taking_it_back_changes_is_said_first(site: TestSite) {
    let to = to(Condition::ConsentHealth);
    let said = service::consequences(&site.app, PORTFOLIO, to, Language::English).unwrap();
    let ids = |clauses: &[(String, String)]| clauses.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>();
    assert!(ids(&said.closes).contains(&"use.claims".to_owned()), "{said:?}");
    assert!(ids(&said.stands).contains(&"use.claims.statutory-minimum".to_owned()), "{said:?}");
    assert!(said.closes.iter().all(|(_, heading)| !heading.is_empty()));
    let dutch = service::consequences(&site.app, PORTFOLIO, to, Language::Dutch).unwrap();
    assert!(ids(&dutch.closes) == ids(&said.closes) && dutch.closes != said.closes);
    assert_ne!(said.digest(), dutch.digest());
    // What was shown for one consent is not what was shown for another.
    let marketing = ConsentTo::in_portfolio(Condition::ConsentMarketing, PORTFOLIO).unwrap();
    let ada = site.member("ada", true).await.subject;
    let desk = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    let channel = ConsentChannel::Portal;
    let mixed = service::withdraw_consent(&site.app, &desk, ada, marketing, &said, channel, request()).await;
    assert!(matches!(mixed, Err(ServiceError::NotFound(_))), "{mixed:?}");
    assert_eq!(ConsentTo::in_portfolio(Condition::WorkItem, PORTFOLIO), None);
}

async fn taken_back_elsewhere_it_refuses_the_very_next_ask(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
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
            let (app, staff) = (site.app.clone(), Arc::clone(&staff));
            let (taken_back, opened, refused) =
                (Arc::clone(&taken_back), Arc::clone(&opened), Arc::clone(&refused));
            tokio::spawn(async move {
                for after in 0.. {
                    let asked_after = taken_back.load(Ordering::SeqCst);
                    let is_open = opens(&app, &staff, ada).await;
                    assert!(!(asked_after && is_open), "opened after it was taken back");
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
    assert!(withdraw(&other, &desk, ada).await);
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
