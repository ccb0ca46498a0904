//! Material that comes without a category, and payment cards: sealed apart, opened by whom the notice names, under a
//! task, on the record; and what cannot be kept is not.

use std::collections::BTreeSet;

use domain::{
    CardToken, Category, LastDigits, PaymentCard, PaymentProvider, Purpose, QuarantineState, Recipient,
    RecordId, RecordKind, RefusalReason, SubjectId, WorkItemId,
};
use gate::{Actor, Entry, EntryOutcome, GateError, Target};
use service::{Piece, ServiceError, Supplied};
use store::StoreError;
use store::quarantine::QuarantineRow;

use crate::on_both;
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, TestSite, day, item};

on_both! {
    material_waits_for_who_classifies_and_opens_to_nobody_else,
    what_was_classified_is_a_record_of_its_category,
    what_is_refused_is_destroyed_and_why_stays,
    material_is_taken_in_once_and_only_by_whom_a_clause_names,
    of_two_decisions_one_holds,
    material_lapses_when_its_years_have_run,
    a_card_is_recorded_and_read_under_its_clause,
    a_card_number_is_refused_in_place_of_the_token,
}

const LETTER: &[u8] = "Dear Sir, my knee again. Dr. Vésale".as_bytes();

pub(crate) async fn sent(
    site: &TestSite,
    subject: SubjectId,
    key: &str,
    content: &[u8],
) -> Result<Piece, ServiceError> {
    let intake = site.app.gate.job(Recipient::IntakeJob).unwrap();
    let request = site.app.gate.request();
    let sent = Supplied { portfolio: PORTFOLIO, subject, key, media_type: "text/plain", content, request };
    let material = service::supply_material(&site.app, &intake, &sent).await?;
    Ok(Piece { subject, material })
}

pub(crate) async fn take_up(site: &TestSite, actor: &Actor, piece: Piece) -> Result<(), ServiceError> {
    service::take_up_material(&site.app, actor, PORTFOLIO, piece, site.app.gate.request()).await
}

async fn look(site: &TestSite, actor: &Actor, piece: Piece) -> Result<Vec<u8>, ServiceError> {
    read(site, actor, piece, Purpose::Classification, None).await
}

async fn read(
    site: &TestSite,
    actor: &Actor,
    piece: Piece,
    purpose: Purpose,
    item: Option<WorkItemId>,
) -> Result<Vec<u8>, ServiceError> {
    let request = site.app.gate.request();
    let why = (purpose, item);
    let material = service::read_material(&site.app, actor, PORTFOLIO, piece, why, request).await?;
    Ok(material.reveal().to_vec())
}

async fn row(site: &TestSite, piece: Piece) -> QuarantineRow {
    site.write(move |unit| store::quarantine::get(unit, piece.subject, piece.material)).await.unwrap()
}

/// The kinds of sealed record of a piece, and whether the key of what waits is there.
async fn held(site: &TestSite, piece: Piece) -> (Vec<RecordKind>, bool) {
    site.write(move |unit| {
        let rows = store::sealed::of_subject(unit, piece.subject)?;
        let rows = rows.into_iter().filter(|row| row.record == piece.material);
        let keys = store::key::of_subject(unit, piece.subject)?;
        let waits = keys.iter().any(|key| key.category == Category::Unclassified);
        Ok((rows.map(|row| row.kind).collect(), waits))
    })
    .await
}

/// The entries about a person, the oldest first.
async fn entries(site: &TestSite, subject: SubjectId) -> Vec<Entry> {
    let stored = site.write(move |unit| store::log::pending_of(unit, subject)).await;
    stored.iter().map(|one| Entry::from_bytes(&one.body).unwrap()).collect()
}

fn is_refused<T: std::fmt::Debug>(answer: Result<T, ServiceError>) -> bool {
    matches!(answer, Err(ServiceError::Gate(GateError::Refused(_))))
}

async fn material_waits_for_who_classifies_and_opens_to_nobody_else(site: TestSite) {
    let subject = site.person("ada", true).await;
    let piece = sent(&site, subject, "k", LETTER).await.unwrap();
    assert_eq!(held(&site, piece).await, (vec![RecordKind::Unclassified], true));
    let clerk = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    let waiting = async |actor: &Actor| {
        service::waiting_material(&site.app, actor, PORTFOLIO, site.app.gate.request()).await
    };
    assert_eq!(waiting(&clerk).await.unwrap().iter().map(|one| one.piece).collect::<Vec<_>>(), [piece]);

    // Not even who classifies, before it is their task; and nobody else, with a task or without, whatever for.
    assert!(is_refused(look(&site, &clerk, piece).await));
    let task = WorkItemId::from_bytes(*piece.material.bytes());
    let (_, notice) = site.app.gate.notice(PORTFOLIO).unwrap();
    for recipient in Recipient::ALL.iter().copied().filter(|one| *one != Recipient::EnrolmentStaff) {
        if recipient.is_organisation() {
            continue;
        }
        let other = match site.app.gate.job(recipient) {
            Ok(job) => job,
            Err(_) if recipient == Recipient::Subject => {
                site.actor_with_id(*subject.bytes(), recipient).await
            }
            Err(_) => site.actor(recipient, PORTFOLIO).await,
        };
        site.assign(subject, task, &other).await;
        assert!(is_refused(look(&site, &other, piece).await), "{recipient}");
        assert!(is_refused(take_up(&site, &other, piece).await), "{recipient}");
        assert!(is_refused(waiting(&other).await), "{recipient}");
        let named = notice.clauses().iter().filter(|clause| clause.recipients.contains(&recipient));
        let purposes: BTreeSet<Purpose> = named.flat_map(|clause| clause.purposes.iter().copied()).collect();
        for purpose in purposes.into_iter().filter(|one| *one != Purpose::Classification) {
            // What waits has no category yet, so that nothing is there to open under any other clause.
            assert!(read(&site, &other, piece, purpose, Some(task)).await.is_err(), "{recipient} {purpose}");
        }
    }

    take_up(&site, &clerk, piece).await.unwrap();
    assert!(waiting(&clerk).await.unwrap()[0].taken_up.is_some());
    assert_eq!(look(&site, &clerk, piece).await.unwrap(), LETTER);
    let last = entries(&site, subject).await.pop().unwrap();
    assert_eq!((last.view.as_str(), last.outcome), ("MaterialToClassify", EntryOutcome::Granted));
    assert_eq!((last.clauses, last.item), (vec!["use.classification".to_owned()], Some(task)));

    // A colleague who takes it over has it alone.
    let colleague = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    take_up(&site, &colleague, piece).await.unwrap();
    assert!(is_refused(look(&site, &clerk, piece).await));
    assert_eq!(look(&site, &colleague, piece).await.unwrap(), LETTER);
}

async fn what_was_classified_is_a_record_of_its_category(site: TestSite) {
    let (subject, guarded) = (site.person("ada", true).await, site.person("bob", false).await);
    let clerk = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    let claims = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let file = async |piece: Piece, category| {
        take_up(&site, &clerk, piece).await.unwrap();
        let request = site.app.gate.request();
        service::classify_material(&site.app, &clerk, PORTFOLIO, piece, category, request).await.unwrap();
    };
    for (category, kind) in [
        (Category::Health, RecordKind::SuppliedHealth),
        (Category::Identity, RecordKind::SuppliedIdentity),
        (Category::Financial, RecordKind::SuppliedFinancial),
        (Category::Claims, RecordKind::SuppliedClaims),
        (Category::Plan, RecordKind::SuppliedPlan),
        (Category::Eligibility, RecordKind::SuppliedEligibility),
        (Category::Other, RecordKind::SuppliedOther),
    ] {
        let piece = sent(&site, subject, category.word(), LETTER).await.unwrap();
        file(piece, category).await;
        assert_eq!(
            held(&site, piece).await,
            (vec![kind], false),
            "{category}: the key of what waited is gone"
        );
        let row = row(&site, piece).await;
        let decided = row.decided.unwrap();
        assert_eq!((row.state, decided.category), (QuarantineState::Classified, Some(category)));
        // The decision is on the log, under the request that the row names.
        let entries = entries(&site, subject).await;
        let entry = entries.iter().find(|entry| entry.request == decided.request).unwrap();
        let named = format!("MaterialFiledAs{}", capital(category.word()));
        assert_eq!((entry.view.as_str(), entry.actor), (named.as_str(), decided.by));
        assert!(matches!(look(&site, &clerk, piece).await, Err(ServiceError::Gate(_))), "its task has ended");
    }

    // From then on the clauses that name the category hold: health data with consent and a task.
    let letter = sent(&site, subject, "letter", LETTER).await.unwrap();
    file(letter, Category::Health).await;
    assert!(is_refused(read(&site, &claims, letter, Purpose::ClaimsProcessing, None).await));
    site.assign(subject, item(1), &claims).await;
    let opened = read(&site, &claims, letter, Purpose::ClaimsProcessing, Some(item(1))).await;
    assert_eq!(opened.unwrap(), LETTER);
    let of_guarded = sent(&site, guarded, "letter", LETTER).await.unwrap();
    file(of_guarded, Category::Health).await;
    site.assign(guarded, item(2), &claims).await;
    assert!(is_refused(read(&site, &claims, of_guarded, Purpose::ClaimsProcessing, Some(item(2))).await));
    let own = site.actor_with_id(*guarded.bytes(), Recipient::Subject).await;
    assert_eq!(read(&site, &own, of_guarded, Purpose::AccessRequest, None).await.unwrap(), LETTER);
    // Who classified it does not open it by that.
    assert!(is_refused(read(&site, &clerk, letter, Purpose::ClaimsProcessing, None).await));
}

fn capital(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

async fn what_is_refused_is_destroyed_and_why_stays(site: TestSite) {
    let subject = site.person("ada", true).await;
    let clerk = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    let (first, second) =
        (sent(&site, subject, "1", LETTER).await.unwrap(), sent(&site, subject, "2", LETTER).await.unwrap());
    let refuse = async |piece: Piece| {
        take_up(&site, &clerk, piece).await.unwrap();
        let (request, reason) = (site.app.gate.request(), RefusalReason::OtherPerson);
        service::refuse_material(&site.app, &clerk, PORTFOLIO, piece, reason, request).await.unwrap();
    };
    refuse(first).await;
    assert_eq!(held(&site, first).await, (Vec::new(), true), "the other one waits, under the same key");
    refuse(second).await;
    assert_eq!(held(&site, second).await, (Vec::new(), false), "nothing waits: the key is destroyed");
    let row = row(&site, second).await;
    let decided = row.decided.unwrap();
    assert_eq!((row.state, decided.reason), (QuarantineState::Refused, Some(RefusalReason::OtherPerson)));
    let entry = entries(&site, subject).await.pop().unwrap();
    assert_eq!((entry.view.as_str(), entry.request), ("MaterialToRefuse", decided.request));
    // What comes next has a key of its own.
    let third = sent(&site, subject, "3", LETTER).await.unwrap();
    take_up(&site, &clerk, third).await.unwrap();
    assert_eq!(look(&site, &clerk, third).await.unwrap(), LETTER);
}

async fn material_is_taken_in_once_and_only_by_whom_a_clause_names(site: TestSite) {
    let subject = site.person("ada", true).await;
    let piece = sent(&site, subject, "once", LETTER).await.unwrap();
    assert_eq!(sent(&site, subject, "once", LETTER).await.unwrap(), piece, "the same answer again");
    let other = sent(&site, subject, "once", b"another letter").await;
    assert!(matches!(other, Err(ServiceError::OtherRequest)), "{other:?}");
    let nobody = SubjectId::from_bytes([99; 16]);
    assert!(matches!(sent(&site, nobody, "n", LETTER).await, Err(ServiceError::NotFound(_))));
    let with_card =
        sent(&site, subject, "card", b"Use my card 4111 1111 1111 1111.").await.unwrap_err().to_string();
    assert!(with_card.contains("payment card") && !with_card.contains("11"), "{with_card}");
    let claims = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let request = site.app.gate.request();
    let sent_by_claims = Supplied {
        portfolio: PORTFOLIO,
        subject,
        key: "c",
        media_type: "text/plain",
        content: LETTER,
        request,
    };
    assert!(is_refused(service::supply_material(&site.app, &claims, &sent_by_claims).await));
    // Behind another wall there is no such person, and no such piece.
    let walled = site.actor(Recipient::EnrolmentStaff, OTHER_PORTFOLIO).await;
    let taken = service::take_up_material(&site.app, &walled, OTHER_PORTFOLIO, piece, request).await;
    assert!(matches!(taken, Err(ServiceError::NotFound(_))), "{taken:?}");
    assert!(service::take_up_material(&site.app, &walled, PORTFOLIO, piece, request).await.is_err());
    let rows = site.write(move |unit| store::quarantine::of_subject(unit, subject)).await;
    assert_eq!(rows.len(), 1, "nothing came in but once");
}

async fn of_two_decisions_one_holds(site: TestSite) {
    let subject = site.person("ada", true).await;
    let clerk = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    let piece = sent(&site, subject, "k", LETTER).await.unwrap();
    take_up(&site, &clerk, piece).await.unwrap();
    let (app, gate) = (&site.app, &site.app.gate);
    let (filed, refused) = tokio::join!(
        service::classify_material(app, &clerk, PORTFOLIO, piece, Category::Plan, gate.request()),
        service::refuse_material(app, &clerk, PORTFOLIO, piece, RefusalReason::NotNeeded, gate.request()),
    );
    assert!(filed.is_ok() != refused.is_ok(), "{filed:?} {refused:?}");
    let kinds = held(&site, piece).await.0;
    let state = row(&site, piece).await.state;
    match filed {
        Ok(()) => assert_eq!((kinds, state), (vec![RecordKind::SuppliedPlan], QuarantineState::Classified)),
        Err(_) => assert_eq!((kinds, state), (Vec::new(), QuarantineState::Refused)),
    }
    // Decided, it is nobody's task any more.
    let again =
        service::classify_material(app, &clerk, PORTFOLIO, piece, Category::Plan, gate.request()).await;
    assert!(is_refused(again));
    assert!(matches!(take_up(&site, &clerk, piece).await, Err(ServiceError::Store(StoreError::Changed))));
}

async fn material_lapses_when_its_years_have_run(site: TestSite) {
    let subject = site.person("ada", true).await;
    let clerk = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    let (waits, filed) =
        (sent(&site, subject, "1", LETTER).await.unwrap(), sent(&site, subject, "2", LETTER).await.unwrap());
    take_up(&site, &clerk, filed).await.unwrap();
    let request = site.app.gate.request();
    service::classify_material(&site.app, &clerk, PORTFOLIO, filed, Category::Health, request).await.unwrap();
    // The shipped notice keeps it five years from the day it came, 23 November 2026.
    let until = |text: &str| domain::Timestamp::start_of(day(text)).micros() - site.app.gate.now().micros();
    site.clock.advance(until("2031-11-22") / 1_000_000);
    assert_eq!(service::sweep(&site.app, PORTFOLIO).await.unwrap().material, 0);
    assert_eq!(held(&site, waits).await, (vec![RecordKind::Unclassified], true));
    site.clock.advance(until("2031-11-24") / 1_000_000);
    assert_eq!(service::sweep(&site.app, PORTFOLIO).await.unwrap().material, 2);
    assert_eq!(held(&site, waits).await, (Vec::new(), false));
    assert_eq!(held(&site, filed).await.0, Vec::new());
    let keys = site.write(move |unit| store::key::of_subject(unit, subject)).await;
    let class = domain::RetentionClass::Communication;
    assert!(keys.iter().all(|key| key.class != class), "an older copy of the rows opens with no key of now");
    assert_eq!(row(&site, filed).await.state, QuarantineState::Lapsed);
    assert_eq!(service::sweep(&site.app, PORTFOLIO).await.unwrap().material, 0, "once");
    // Of somebody whose record of who they are was erased nothing more comes in.
    service::erase_subject(&site.app, subject, domain::RetentionClass::ALL).await.unwrap();
    let erased = sent(&site, subject, "3", LETTER).await.unwrap_err();
    let nobody = sent(&site, SubjectId::from_bytes([0x5a; 16]), "3", LETTER).await.unwrap_err();
    assert!(matches!(erased, ServiceError::NotFound(_)), "{erased}");
    assert_eq!(erased.to_string(), nobody.to_string(), "as of who never was there");
    let left = site.write(move |unit| store::quarantine::of_subject(unit, subject)).await;
    assert!(left.is_empty());
}

fn card(token: &str) -> Result<PaymentCard, domain::ParseError> {
    Ok(PaymentCard {
        provider: PaymentProvider::parse("Payments House")?,
        token: CardToken::parse(token)?,
        last_digits: LastDigits::parse("4242")?,
    })
}

async fn a_card_is_recorded_and_read_under_its_clause(site: TestSite) {
    let subject = site.person("ada", true).await;
    let payments = site.actor(Recipient::PaymentsStaff, PORTFOLIO).await;
    let (app, gate) = (&site.app, &site.app.gate);
    let card = card("tok_1NvZzQ2eKxYf").unwrap();
    let task = Target::for_item(subject, item(1));
    assert!(is_refused(service::record_card(app, &payments, PORTFOLIO, task, &card, gate.request()).await));
    site.assign(subject, item(1), &payments).await;
    let id = service::record_card(app, &payments, PORTFOLIO, task, &card, gate.request()).await.unwrap();
    let second = service::record_card(app, &payments, PORTFOLIO, task, &card, gate.request()).await.unwrap();
    let cards = service::read_cards(app, &payments, PORTFOLIO, task, gate.request()).await.unwrap();
    let ids: Vec<RecordId> = cards.iter().map(|(id, _)| *id).collect();
    assert!(ids.len() == 2 && ids.contains(&id) && ids.contains(&second));
    assert_eq!(cards[0].1.token.reveal(), "tok_1NvZzQ2eKxYf");
    let last = entries(&site, subject).await.pop().unwrap();
    assert_eq!((last.view.as_str(), last.clauses), ("CardToCharge", vec!["use.premium".to_owned()]));
    assert_eq!(last.shown, domain::CategorySet::of(&[Category::PaymentCard]));

    // It is sealed by itself: under the key of its own category, and a bank never sees it.
    let sealed =
        site.write(move |unit| store::sealed::of_record(unit, subject, RecordKind::PaymentCard, id)).await;
    assert_eq!(sealed.iter().map(|row| row.category).collect::<Vec<_>>(), [Category::PaymentCard]);
    for other in [Recipient::CustomerService, Recipient::ClaimsStaff, Recipient::EnrolmentStaff] {
        let other = site.actor(other, PORTFOLIO).await;
        site.assign(subject, item(1), &other).await;
        assert!(is_refused(service::read_cards(app, &other, PORTFOLIO, task, gate.request()).await));
        assert!(is_refused(service::record_card(app, &other, PORTFOLIO, task, &card, gate.request()).await));
    }
    service::remove_card(app, &payments, PORTFOLIO, task, id, gate.request()).await.unwrap();
    let again = service::remove_card(app, &payments, PORTFOLIO, task, id, gate.request()).await;
    assert!(matches!(again, Err(ServiceError::NotFound(_))));
    assert_eq!(service::read_cards(app, &payments, PORTFOLIO, task, gate.request()).await.unwrap().len(), 1);
    // Members and dependants alone have cards here, and only people who are there.
    let nobody = Target::for_item(SubjectId::from_bytes([99; 16]), item(1));
    assert!(is_refused(service::record_card(app, &payments, PORTFOLIO, nobody, &card, gate.request()).await));
}

async fn a_card_number_is_refused_in_place_of_the_token(site: TestSite) {
    drop(site);
    for number in ["4111111111111111", "4111-1111-1111-1111", "378282246310005", "6703444444444449"] {
        let message = card(number).unwrap_err().to_string();
        assert!(message.contains("payment card") && !message.contains("11"), "{message}");
    }
    for bad in ["424", "42424", "4 42", "١٢٣٤"] {
        assert!(LastDigits::parse(bad).is_err(), "{bad}");
    }
}
