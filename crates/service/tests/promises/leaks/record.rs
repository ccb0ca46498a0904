//! The record itself: nothing is released while it cannot be written, whoever may not read it is on it all the same, reading
//! it is on it, and no value of anybody is in it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::{Purpose, Recipient};
use gate::{Asking, GateError, LookupKind, Target, Term, portfolio_chain};
use service::ServiceError;
use service::views::{CoverPage, PersonForAccess};

use super::entries;
use crate::on_both;
use crate::site::{PORTFOLIO, TestSite, item};
use crate::spoiled::Spoiled;

on_both! {
    ten_thousand_asks_release_nothing_while_the_log_cannot_be_written,
    who_may_not_read_the_record_is_on_it,
    reading_a_history_and_handing_over_in_bulk_are_on_the_record,
    the_record_holds_nobodys_values,
}

const ASKS: usize = 10_000;
const ASKERS: usize = 64;

async fn ten_thousand_asks_release_nothing_while_the_log_cannot_be_written(site: TestSite) {
    let ada = site.member("ada", true).await;
    let staff = Arc::new(site.actor(Recipient::CustomerService, PORTFOLIO).await);
    site.assign(ada.subject, item(1), &staff).await;
    let entries_table = Spoiled { schema: "moretus_log", table: "disclosure" };
    entries_table.spoil(&site).await;
    let (asked, released) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let askers = (0..ASKERS).map(|_| {
        let (app, staff) = (site.app.clone(), Arc::clone(&staff));
        let (asked, released) = (Arc::clone(&asked), Arc::clone(&released));
        tokio::spawn(async move {
            while asked.fetch_add(1, Ordering::SeqCst) < ASKS {
                let request = app.gate.request();
                let read = service::read_cover(
                    &app,
                    &staff,
                    PORTFOLIO,
                    ada.subject,
                    ada.coverage,
                    Some(item(1)),
                    request,
                );
                match read.await {
                    Err(ServiceError::Gate(gate::GateError::Store(_))) => {}
                    Err(other) => panic!("{other}"),
                    Ok(_) => drop(released.fetch_add(1, Ordering::SeqCst)),
                }
            }
        })
    });
    for asker in askers.collect::<Vec<_>>() {
        asker.await.unwrap();
    }
    assert!(asked.load(Ordering::SeqCst) >= ASKS);
    assert_eq!(released.load(Ordering::SeqCst), 0);
    assert!(entries(&site, ada.subject).await.is_empty());
    // Nor is anybody refused in silence.
    let stranger = Target::of(domain::SubjectId::from_bytes([0x5a; 16]));
    let asking = Asking::new(&staff, PORTFOLIO, Purpose::PlanInformation, site.app.gate.request());
    for target in [Target::of(ada.subject), stranger] {
        let answer = site.app.gate.ask::<CoverPage>(&asking, target).await;
        assert!(matches!(answer.map(drop), Err(gate::GateError::Store(_))));
    }
    entries_table.mend(&site).await;
    let request = site.app.gate.request();
    service::read_cover(&site.app, &staff, PORTFOLIO, ada.subject, ada.coverage, Some(item(1)), request)
        .await
        .unwrap();
    assert_eq!(entries(&site, ada.subject).await.len(), 1);
}

async fn who_may_not_read_the_record_is_on_it(site: TestSite) {
    let ada = site.member("ada", true).await;
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    site.assign(ada.subject, item(1), &staff).await;
    site.assign(portfolio_chain(PORTFOLIO), item(1), &staff).await;
    let request = site.app.gate.request();
    service::read_cover(&site.app, &staff, PORTFOLIO, ada.subject, ada.coverage, Some(item(1)), request)
        .await
        .unwrap();
    // Neither the list of what was disclosed about her, nor the record of uses, by no purpose.
    for purpose in domain::Purpose::ALL {
        let asking = Asking::new(&staff, PORTFOLIO, *purpose, site.app.gate.request());
        if let Ok(grant) =
            site.app.gate.ask::<PersonForAccess>(&asking, Target::for_item(ada.subject, item(1))).await
        {
            assert!(grant.history(ada.subject).await.is_err(), "{purpose}");
        }
    }
    let sought = gate::Sought {
        from: domain::Timestamp::from_micros(0),
        to: site.app.gate.now().plus_seconds(60),
        actor: Some(staff.id()),
        clause: None,
        subject: None,
    };
    let mut uses = site.app.gate.uses(&staff, PORTFOLIO, Some(item(1)), sought);
    assert!(matches!(uses.next().await.map(drop), Err(gate::GateError::Refused(_))));
    let mut of_request =
        entries(&site, ada.subject).await.into_iter().filter(|entry| entry.request == request);
    let entry = of_request.next_back().expect("the read is on the record");
    assert_eq!((entry.actor, entry.view.as_str()), (staff.id(), "CoverPage"));
}

async fn reading_a_history_and_handing_over_in_bulk_are_on_the_record(site: TestSite) {
    site.clinic().await;
    let ada = site.member("ada", true).await;
    site.submit(&[site.claim("c1", "ada", "GP", 5_000)]).await;
    service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap();
    service::pay_claims(&site.app, PORTFOLIO, crate::site::day("2026-11-25"), 100, |_| {}).await.unwrap();
    let bank = site.bank().await;
    for round in 1..=2 {
        let mut handed = 0;
        let exported = service::export_payments::<ServiceError>(&site.app, PORTFOLIO, bank, |payments| {
            handed = payments.len();
            // The bank's file is lost: it is handed over again, and on the record again.
            Err(ServiceError::NotFound("file"))
        })
        .await;
        assert!(exported.is_err() && handed == 1);
        let of_bank = entries(&site, ada.subject).await;
        let of_bank = of_bank.iter().filter(|entry| entry.recipient == Recipient::Bank).count();
        assert_eq!(of_bank, round, "an entry for each payment, each time");
    }
    let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    site.assign(ada.subject, item(2), &officer).await;
    let before = entries(&site, ada.subject).await.len();
    let asking = Asking::new(&officer, PORTFOLIO, Purpose::AccessRequest, site.app.gate.request());
    let grant =
        site.app.gate.ask::<PersonForAccess>(&asking, Target::for_item(ada.subject, item(2))).await.unwrap();
    let history = grant.history(ada.subject).await.unwrap();
    assert_eq!(history.len(), before + 1, "the list of who read it names who reads it");
    assert_eq!(history.last().unwrap().asker, Recipient::DataProtectionOfficer);
}

async fn the_record_holds_nobodys_values(site: TestSite) {
    let ada = site.member("Zebulon Quuxington", true).await;
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    site.assign(ada.subject, item(1), &staff).await;
    let asking = Asking::new(&staff, PORTFOLIO, Purpose::PlanInformation, site.app.gate.request());
    let terms = [
        Term::new(LookupKind::NamePart, "Quuxington"),
        Term::new(LookupKind::BirthDate, "1980-05-17"),
        Term::new(LookupKind::Iban, "BE68539007547034"),
    ];
    // With the account number, which no clause for this shows, it is refused before anybody is looked for.
    let refused = site.app.gate.search::<PersonForAccess>(&asking, &terms, Some(item(1))).await;
    assert!(matches!(refused, Err(GateError::Refused(_))));
    drop(site.app.gate.search::<PersonForAccess>(&asking, &terms[..2], Some(item(1))).await.unwrap());
    for item in [Some(item(1)), None] {
        let request = site.app.gate.request();
        let read =
            service::read_cover(&site.app, &staff, PORTFOLIO, ada.subject, ada.coverage, item, request);
        drop(read.await);
    }
    let read = site.app.store().read(|unit| store::log::pending(unit, 1_000)).await;
    let batches = read.map_err(|error: store::StoreError| error).unwrap();
    let bodies: Vec<Vec<u8>> =
        batches.into_iter().flat_map(|one| one.entries).map(|one| one.body.to_vec()).collect();
    assert!(bodies.len() >= 4);
    for body in &bodies {
        let text = String::from_utf8_lossy(body).to_lowercase();
        for value in ["quuxington", "zebulon", "1980", "5390", "z99", "test plan", "p-1"] {
            assert!(!text.contains(value), "an entry holds `{value}`");
        }
        assert!(text.contains("tester"), "it is looked at as it is written");
    }
}
