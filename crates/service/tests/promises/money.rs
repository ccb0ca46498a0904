//! Promises 1, 3 and 7 where money goes out: payments are the payee's, one that cannot go holds up no
//! other, and what retention destroyed breaks nothing that is left.

use std::collections::BTreeMap;

use domain::{
    Category, ClaimId, ClaimState, Condition, ConsentChannel, Language, Payee, PaymentId, Purpose, Recipient,
    RecordKind, RetentionClass, SubjectId, Timestamp,
};
use gate::{Asking, GateError, Target, Totals};
use service::views::{CoverPage, PaymentForBank, ProviderToPay};
use service::{ClaimRequest, ConsentTo, ExportReport, LedgerFault, NewConsent, Receipt, ServiceError};

use crate::on_both;
use crate::site::{Member, PORTFOLIO, SOURCE, TestSite, cover_draft, day, item};

on_both! {
    a_provider_who_is_paid_directly_has_the_payment_and_the_banks_entry,
    erasing_the_member_leaves_the_providers_payment,
    a_computation_for_another_needs_both_grants_for_one_purpose,
    a_failed_export_can_run_again_at_once,
    a_payment_that_cannot_be_written_or_is_refused_holds_up_no_other,
    one_members_damaged_records_hold_up_no_other_payment,
    who_cannot_be_paid_uses_up_nothing_of_a_limit,
    a_sweep_leaves_the_ledger_provable_and_the_import_working,
    a_payment_that_was_erased_is_left_out_and_told,
    an_erasure_that_was_cut_off_is_no_fault_and_a_lost_key_is,
    who_returns_is_asked_for_consent_again,
}

fn clinic(site: &TestSite) -> SubjectId {
    let noun = format!("provider/{PORTFOLIO}");
    SubjectId::from_bytes(site.app.gate.imported_id(&noun, SOURCE, "clinic"))
}

/// A claim for each, adjudicated and paid; the first of `to_provider` members' claims are the clinic's.
async fn paid(site: &TestSite, members: &[&str], to_provider: &[&str]) -> service::PaymentReport {
    site.clinic().await;
    let mut claims = Vec::new();
    for name in members {
        site.member(name, true).await;
        let mut claim = site.claim(&format!("claim of {name}"), name, "GP", 10_000);
        if to_provider.contains(name) {
            claim.payee = Payee::Provider;
        }
        claims.push(claim);
    }
    site.submit(&claims).await;
    let report = service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap();
    assert_eq!(report.states, BTreeMap::from([(ClaimState::Adjudicated, members.len() as u64)]));
    service::pay_claims(&site.app, PORTFOLIO, day("2026-11-25"), 100, |_| {}).await.unwrap()
}

async fn export(site: &TestSite) -> (ExportReport, Vec<PaymentId>) {
    let mut handed = Vec::new();
    let deliver = |payments: &[(PaymentId, PaymentForBank)]| {
        handed.extend(payments.iter().map(|(id, _)| *id));
        Ok::<_, ServiceError>(Vec::new())
    };
    let report = service::export_payments(&site.app, PORTFOLIO, site.bank().await, deliver).await.unwrap();
    (report, handed)
}

fn handed(count: u64) -> ExportReport {
    ExportReport { handed: count, ..ExportReport::default() }
}

/// The entries about a subject that name the bank.
async fn told_to_bank(site: &TestSite, subject: SubjectId) -> usize {
    let bodies = site.app.store().read(move |unit| store::log::pending_of(unit, subject)).await;
    let bodies = bodies.map_err(|error: store::StoreError| error).unwrap();
    let entries = bodies.iter().map(|entry| gate::Entry::from_bytes(&entry.body).unwrap());
    entries.filter(|entry| entry.recipient_name.as_deref() == Some("Test Bank")).count()
}

async fn verified(site: &TestSite) -> Result<service::LedgerReport, LedgerFault> {
    let auditor = site.actor(Recipient::Auditor, PORTFOLIO).await;
    service::verify_ledger(&site.app, &auditor, |_| {}).await
}

async fn a_provider_who_is_paid_directly_has_the_payment_and_the_banks_entry(site: TestSite) {
    let report = paid(&site, &["ada", "eve"], &["ada"]).await;
    assert_eq!((report.paid, report.booked.postings()), (2, 2));
    assert_eq!(export(&site).await.0, handed(2));
    let (ada, eve) = (site.member("ada", true).await.subject, site.member("eve", true).await.subject);
    assert_eq!(told_to_bank(&site, clinic(&site)).await, 1);
    assert_eq!(told_to_bank(&site, ada).await, 0, "the bank learnt nothing about her");
    assert_eq!(told_to_bank(&site, eve).await, 1);
    let ledger = verified(&site).await.unwrap();
    assert_eq!((ledger.batches, ledger.postings), (2, 4));
}

async fn erasing_the_member_leaves_the_providers_payment(site: TestSite) {
    paid(&site, &["ada"], &["ada"]).await;
    let ada = site.member("ada", true).await.subject;
    service::erase_subject(&site.app, ada, RetentionClass::ALL).await.unwrap();
    assert_eq!(export(&site).await.0, handed(1));
    let ledger = verified(&site).await.unwrap();
    assert_eq!((ledger.postings, ledger.erased, ledger.unsummed), (1, 1, 1));
}

async fn a_computation_for_another_needs_both_grants_for_one_purpose(site: TestSite) {
    site.clinic().await;
    let ada = site.member("ada", true).await;
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    site.assign(ada.subject, item(1), &staff).await;
    let gate = &site.app.gate;
    let asking = Asking::new(&staff, PORTFOLIO, Purpose::PlanInformation, gate.request());
    let of_ada = gate.ask::<CoverPage>(&asking, Target::for_item(ada.subject, item(1))).await.unwrap();
    let job = gate.job(Recipient::PaymentJob).unwrap();
    site.assign(clinic(&site), item(2), &job).await;
    let asking = Asking::new(&job, PORTFOLIO, Purpose::Payment, gate.request());
    let target = Target::for_item(clinic(&site), item(2));
    let of_clinic = gate.ask::<ProviderToPay>(&asking, target).await.unwrap();
    let nothing =
        of_ada.compute_for(&[ada.subject], (&of_clinic, clinic(&site)), &[], &(), &(), |(), (), _, _, _| {
            Ok(Totals::default())
        });
    assert!(matches!(nothing, Err(GateError::Compute(_))), "two purposes");
    let nothing = of_clinic.compute_for(
        &[clinic(&site)],
        (&of_clinic, ada.subject),
        &[],
        &(),
        &(),
        |(), (), _, _, _| Ok(Totals::default()),
    );
    assert!(matches!(nothing, Err(GateError::OtherSubject)), "nobody asked about her for this");
    // Nor together.
    let (to, alone) = ((&of_clinic, clinic(&site)), [(ada.subject, &[][..])]);
    let nothing = of_ada.compute_together(&alone, to, &[], &(), &(), |(), (), _, _| Ok(()));
    assert!(matches!(nothing, Err(GateError::Compute(_))), "two purposes");
    let (to, alone) = ((&of_clinic, ada.subject), [(clinic(&site), &[][..])]);
    let nothing = of_clinic.compute_together(&alone, to, &[], &(), &(), |(), (), _, _| Ok(()));
    assert!(matches!(nothing, Err(GateError::OtherSubject)), "nobody asked about her for this");
    let to = (&of_clinic, clinic(&site));
    for members in [vec![], vec![(clinic(&site), &[][..]), (ada.subject, &[][..])]] {
        let nothing = of_clinic.compute_together(&members, to, &[], &(), &(), |(), (), _, _| Ok(()));
        assert!(
            matches!(nothing, Err(GateError::OtherSubject)),
            "one of them is not granted, or there is none"
        );
    }
}

async fn a_failed_export_can_run_again_at_once(site: TestSite) {
    paid(&site, &["ada"], &[]).await;
    let full = |_: &[(PaymentId, PaymentForBank)]| Err(ServiceError::NotFound("room on the disk"));
    let failed = service::export_payments(&site.app, PORTFOLIO, site.bank().await, full).await;
    assert!(matches!(failed, Err(ServiceError::NotFound(_))));
    assert_eq!(export(&site).await.0, handed(1));
    assert_eq!(export(&site).await.0, handed(0));
}

async fn a_payment_that_cannot_be_written_or_is_refused_holds_up_no_other(site: TestSite) {
    paid(&site, &["ada", "eve", "zoe"], &[]).await;
    let zoe = site.member("zoe", true).await.subject;
    // Somebody closed what the job serves for her: nothing lets the bank have it.
    let (now, job) = (site.app.gate.now(), site.app.gate.job(Recipient::PaymentJob).unwrap());
    site.write(move |unit| {
        for condition in store::condition::of_subject(unit, zoe)?.iter().filter(|row| row.is_live(now)) {
            store::condition::end(unit, zoe, condition.condition, condition.object, now)?;
        }
        Ok(())
    })
    .await;
    let mut left_out = None;
    let deliver = |payments: &[(PaymentId, PaymentForBank)]| {
        assert_eq!(payments.len(), 2);
        left_out = payments.iter().find(|(_, payment)| payment.name.reveal() == "eve").map(|(id, _)| *id);
        Ok::<_, ServiceError>(left_out.into_iter().collect())
    };
    let report = service::export_payments(&site.app, PORTFOLIO, site.bank().await, deliver).await.unwrap();
    assert_eq!(report, ExportReport { handed: 1, refused: 1, unwritable: 1, ..ExportReport::default() });
    // What was left out is tried again, and nothing is handed over twice.
    let (report, payments) = export(&site).await;
    assert_eq!(report, ExportReport { handed: 1, refused: 1, ..ExportReport::default() });
    assert_eq!(payments, left_out.into_iter().collect::<Vec<_>>());
    let rest = site.app.store().read(store::payment::batches).await;
    let batch = rest.map_err(|error: store::StoreError| error).unwrap().pop().unwrap().batch;
    let payments = site.app.store().read(move |unit| store::payment::of_batch(unit, batch, None, 10)).await;
    let of_zoe = payments.map_err(|error: store::StoreError| error).unwrap();
    let of_zoe = of_zoe.iter().find(|row| row.subject == zoe).unwrap().payment;
    site.assign(zoe, of_zoe.into(), &job).await;
    assert_eq!(export(&site).await.0, handed(1));
}

async fn one_members_damaged_records_hold_up_no_other_payment(site: TestSite) {
    site.clinic().await;
    let (ada, _) = (site.member("ada", true).await, site.member("eve", true).await);
    site.submit(&["ada", "eve"].map(|name| site.claim(name, name, "GP", 10_000))).await;
    service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap();
    let subject = ada.subject;
    // An altered record: its version is part of what it is sealed with.
    site.write(move |unit| {
        let mut rows = store::sealed::of_subject(unit, subject)?;
        rows.retain(|row| row.kind == RecordKind::Determination);
        for mut row in rows {
            row.version += 1;
            store::sealed::replace(unit, &row, row.version - 1)?;
        }
        Ok(())
    })
    .await;
    let report = service::pay_claims(&site.app, PORTFOLIO, day("2026-11-25"), 100, |_| {}).await.unwrap();
    assert_eq!((report.paid, report.failed, report.refused, report.without_account), (1, 1, 0, 0));
    let (job, now) = (gate::job_actor_id(Recipient::PaymentJob), site.app.gate.now());
    let claim = site.submit(&[site.claim("more", "ada", "GP", 20_000)]).await.new[0];
    service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap();
    let object = gate::assignment(claim.into(), job);
    let end = move |unit: &mut store::Unit<'_>| {
        store::condition::end(unit, subject, domain::Condition::WorkItem, object, now)
    };
    assert!(site.write(end).await);
    let report = service::pay_claims(&site.app, PORTFOLIO, day("2026-11-25"), 100, |_| {}).await.unwrap();
    assert_eq!((report.paid, report.refused), (0, 2), "a refused claim leaves its person out of the part");
}

/// Ends a member's cover, and lets so many years go by that retention has run.
async fn end_cover_and_wait(site: &TestSite, member: &Member) {
    let subject = member.subject;
    site.write(move |unit| {
        let cover = store::coverage::of_subject(unit, subject)?[0];
        store::coverage::end(unit, &cover, Some(day("2026-12-31")))
    })
    .await;
    site.clock.advance(13 * 366 * 86_400);
}

async fn who_cannot_be_paid_uses_up_nothing_of_a_limit(site: TestSite) {
    site.clinic().await;
    let names = ["ada", "eve", "ida", "pia", "una", "zoe"];
    for name in names {
        site.member(name, true).await;
    }
    site.submit(&names.map(|name| site.claim(name, name, "GP", 10_000))).await;
    service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap();
    // All but what comes last is altered.
    let altered = |unit: &mut store::Unit<'_>| {
        let page = store::claim::page_by_state(unit, PORTFOLIO, ClaimState::Adjudicated, None, 5)?;
        for claim in page {
            let mut rows = store::sealed::of_subject(unit, claim.subject)?;
            rows.retain(|row| row.kind == RecordKind::Determination);
            for mut row in rows {
                row.version += 1;
                store::sealed::replace(unit, &row, row.version - 1)?;
            }
        }
        Ok(())
    };
    site.write(altered).await;
    let report = service::pay_claims(&site.app, PORTFOLIO, day("2026-11-25"), 2, |_| {}).await.unwrap();
    assert_eq!((report.paid, report.failed), (1, 5));
    let report = service::pay_claims(&site.app, PORTFOLIO, day("2026-11-25"), 0, |_| {}).await.unwrap();
    assert_eq!((report.paid, report.failed), (0, 0));
}

async fn a_sweep_leaves_the_ledger_provable_and_the_import_working(site: TestSite) {
    paid(&site, &["ada", "eve"], &[]).await;
    export(&site).await;
    let ada = site.member("ada", true).await;
    end_cover_and_wait(&site, &ada).await;
    assert!(service::sweep(&site.app, PORTFOLIO).await.unwrap().keys > 0);
    let ledger = verified(&site).await.unwrap();
    assert_eq!((ledger.batches, ledger.postings, ledger.erased, ledger.unsummed), (0, 2, 2, 2));

    // The same files again: what is hers is refused and counted, and the others' goes in.
    let submitted =
        site.submit(&[site.claim("new", "ada", "GP", 5_000), site.claim("new", "eve", "GP", 5_000)]).await;
    assert_eq!((submitted.erased, submitted.new.len()), (1, 1));
    assert_eq!(receive(&site, "ada").await, Receipt::Erased);
    assert_eq!(site.cover(&[cover_draft("ada", "ada")]).await.erased, 1);

    // She comes back: taken up anew, with keys that are new, under the same id.
    assert_eq!(site.back("ada", true).await.returned, 1);
    assert_eq!(site.member("ada", true).await.subject, ada.subject);
    assert!(site.app.gate.fetch::<CoverPage>(ada.subject, ada.coverage).await.unwrap().is_some());
    let erasures = site.app.store().read(|unit| store::key::erasures_since(unit, Timestamp::from_micros(0)));
    let erasures = erasures.await.map_err(|error: store::StoreError| error).unwrap();
    assert_eq!(site.app.gate.replay_erasures(&erasures).await.unwrap(), 0, "a restore leaves her new keys");
    assert!(matches!(receive(&site, "ada").await, Receipt::Taken(_)));
    let report = service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap();
    assert_eq!(report.done(), 2);
    assert!(verified(&site).await.unwrap().postings >= 2);

    // What is missing and on no list is a fault as ever.
    let eve = site.member("eve", true).await.subject;
    site.write(move |unit| {
        let posting = store::sealed::of_subject(unit, eve)?;
        let posting = posting.iter().find(|row| row.kind == RecordKind::Posting).unwrap();
        store::sealed::delete_class(unit, eve, posting.category, posting.class)
    })
    .await;
    assert!(matches!(verified(&site).await.unwrap_err(), LedgerFault::Posting { .. }));
}

async fn receive(site: &TestSite, member: &str) -> Receipt<ClaimId> {
    let intake = site.app.gate.job(Recipient::IntakeJob).unwrap();
    let draft = site.claim("sent", member, "GP", 5_000);
    let sent = ClaimRequest {
        portfolio: PORTFOLIO,
        source: SOURCE,
        key: "key",
        body: "body",
        draft: &draft,
        request: site.app.gate.request(),
    };
    service::receive_claim(&site.app, &intake, &sent).await.unwrap()
}

async fn a_payment_that_was_erased_is_left_out_and_told(site: TestSite) {
    paid(&site, &["ada", "eve"], &[]).await;
    let ada = site.member("ada", true).await;
    end_cover_and_wait(&site, &ada).await;
    service::sweep(&site.app, PORTFOLIO).await.unwrap();
    let (report, _) = export(&site).await;
    assert_eq!(report, ExportReport { handed: 1, erased: 1, ..ExportReport::default() });
    assert_eq!(told_to_bank(&site, ada.subject).await, 0, "there was nothing to tell");
    assert_eq!(export(&site).await.0, handed(0));
}

async fn an_erasure_that_was_cut_off_is_no_fault_and_a_lost_key_is(site: TestSite) {
    paid(&site, &["ada", "eve"], &[]).await;
    let now = site.app.gate.now();
    let [ada, eve] = [site.member("ada", true).await.subject, site.member("eve", true).await.subject];
    let erase = move |unit: &mut store::Unit<'_>| {
        store::key::erase(unit, ada, Category::Financial, RetentionClass::Accounting, now)
    };
    assert!(site.write(erase).await, "its rows are there still");
    assert_eq!(verified(&site).await.unwrap().erased, 2);
    // A key that is on no list since the postings were made: an older erasure says nothing about them.
    site.write(move |unit| {
        let long_ago = Timestamp::from_micros(1);
        store::key::erase(unit, eve, Category::Financial, RetentionClass::Accounting, long_ago)
    })
    .await;
    assert!(matches!(verified(&site).await.unwrap_err(), LedgerFault::Posting { .. }));
}

async fn who_returns_is_asked_for_consent_again(site: TestSite) {
    site.clinic().await;
    let ada = site.member("ada", true).await.subject;
    service::erase_subject(&site.app, ada, RetentionClass::ALL).await.unwrap();
    site.back("ada", false).await;
    site.member("ada", false).await;
    site.submit(&[site.claim("c1", "ada", "GP", 10_000)]).await;
    let report = service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap();
    assert_eq!(report.states, BTreeMap::from([(ClaimState::Pended, 1)]));
    service::erase_subject(&site.app, ada, RetentionClass::ALL).await.unwrap();
    // What the source has may be what they took back before: it does not count.
    site.back("ada", true).await;
    site.member("ada", true).await;
    site.submit(&[site.claim("c2", "ada", "GP", 10_000)]).await;
    let report = service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap();
    assert_eq!(report.states, BTreeMap::from([(ClaimState::Pended, 1)]));
    let consent = NewConsent {
        subject: ada,
        to: ConsentTo::in_portfolio(Condition::ConsentHealth, PORTFOLIO).unwrap(),
        giver: ada,
        version: "2026-11-01".to_owned(),
        language: Language::English,
        day: "2026-11-23".parse().unwrap(),
        channel: ConsentChannel::Letter,
    };
    let (desk, request) = (site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await, site.app.gate.request());
    service::give_consent(&site.app, &desk, PORTFOLIO, &consent, request).await.unwrap();
    site.submit(&[site.claim("c3", "ada", "GP", 10_000)]).await;
    let report = service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap();
    assert_eq!(report.states, BTreeMap::from([(ClaimState::Adjudicated, 1)]));
}
