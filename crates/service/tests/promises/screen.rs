//! Promise 9: a person decides. The screen flags what it may not decide: amounts stay, nothing is refused, a payment waits, and
//! only whoever has the case sees why.

use std::collections::BTreeMap;

use domain::{
    CaseReason, ClaimState, InvoiceNumber, Recipient, RetentionClass, ScreenFlag, ScreenOutcome, ScreenRule,
    ScreenState, SubjectId,
};
use gate::{Actor, Totals};
use intake::{Circumstances, ClaimDraft};
use service::{CaseFile, NewDecision, ScreenPlace, ServiceError};
use store::StoreError;

use crate::on_both;
use crate::readjudication::{add_plan, covered, plan, release_as, run};
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, TestSite, day};

on_both! {
    what_is_flagged_is_decided_all_the_same_and_its_payment_waits_for_a_person,
    what_is_confirmed_is_refused_by_nobody_and_stays_unpaid,
    only_whoever_has_the_case_sees_it,
    what_is_only_marked_waits_for_nothing,
    care_in_two_far_countries_on_one_day_is_marked,
    a_receipt_of_somebody_else_is_known_again_without_opening_it,
    what_the_care_was_is_looked_at_with_consent_alone,
    rules_are_counted_and_few_people_are_not_told,
    with_the_claims_goes_what_was_flagged,
    of_a_long_history_the_newest_claims_are_looked_at,
    a_case_under_a_matter_whose_showing_is_deferred_shows_nothing_meanwhile,
}

/// A claim with an invoice number.
pub(crate) fn claim(site: &TestSite, id: &str, member: &str, minor: i64, invoice: &str) -> ClaimDraft {
    let invoice_number = Some(InvoiceNumber::parse(invoice).unwrap());
    ClaimDraft { invoice_number, ..site.claim(id, member, "GP", minor) }
}

/// Two claims of a member with one invoice: the second is flagged.
pub(crate) fn twice(site: &TestSite, member: &str) -> [ClaimDraft; 2] {
    let first = claim(site, &format!("{member}-1"), member, 10_000, &format!("INV-{member}"));
    let second = claim(site, &format!("{member}-2"), member, 12_345, &format!("INV-{member}"));
    [ClaimDraft { received: day("2026-11-19"), ..first }, second]
}

pub(crate) async fn adjudicate(
    site: &TestSite,
    claims: &[ClaimDraft],
) -> (BTreeMap<ClaimState, u64>, Totals) {
    assert_eq!(site.submit(claims).await.new.len(), claims.len());
    let report = service::adjudicate_received(&site.app, 1_000, |_| {}).await.unwrap();
    (report.states, report.booked)
}

pub(crate) async fn pay(site: &TestSite) -> (u64, u64) {
    let paid = service::pay_claims(&site.app, PORTFOLIO, day("2026-11-25"), 1_000, |_| {}).await.unwrap();
    (paid.paid, paid.refused)
}

pub(crate) async fn take(site: &TestSite, actor: &Actor, marked: bool) -> Option<ScreenPlace> {
    service::take_case(&site.app, actor, PORTFOLIO, marked, site.app.gate.request()).await.unwrap()
}

pub(crate) async fn read(
    site: &TestSite,
    actor: &Actor,
    place: ScreenPlace,
) -> Result<CaseFile, ServiceError> {
    service::read_case(&site.app, actor, place, site.app.gate.request()).await
}

pub(crate) async fn decide(
    site: &TestSite,
    actor: &Actor,
    place: ScreenPlace,
    outcome: ScreenOutcome,
) -> Result<ScreenState, ServiceError> {
    let new = NewDecision { outcome, reason: CaseReason::parse("looked at both invoices").unwrap() };
    Ok(service::decide_case(&site.app, actor, place, &new, site.app.gate.request()).await?.state)
}

pub(crate) fn rules(flags: &[ScreenFlag]) -> Vec<ScreenRule> {
    flags.iter().map(|flag| flag.rule).collect()
}

async fn what_is_flagged_is_decided_all_the_same_and_its_payment_waits_for_a_person(site: TestSite) {
    site.clinic().await;
    site.member("ada", true).await;
    site.member("bob", true).await;
    let flagged = adjudicate(&site, &twice(&site, "ada")).await;
    let [first, second] = twice(&site, "bob");
    let other = InvoiceNumber::parse("INV-other").unwrap();
    let alike = [first, ClaimDraft { invoice_number: Some(other), ..second }];
    let plain = adjudicate(&site, &alike).await;
    assert_eq!(flagged.0, BTreeMap::from([(ClaimState::Adjudicated, 2)]));
    assert!(flagged == plain, "the same states and amounts, flagged or not");

    // Three of four: of the one that waits nothing is even asked, and no refusal tells that it waits.
    assert_eq!(pay(&site).await, (3, 0));
    assert_eq!(pay(&site).await, (0, 0));
    let report = service::pay_claims(&site.app, PORTFOLIO, day("2026-11-25"), 10, |_| {}).await.unwrap();
    assert_eq!((report.paid, report.held), (0, 1), "how many wait is told, and not which");
    let officer = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let place = take(&site, &officer, false).await.unwrap();
    let file = read(&site, &officer, place).await.unwrap();
    assert_eq!(rules(&file.case.flags), [ScreenRule::SameDocument]);
    assert_eq!(file.case.flags[0].claims.len(), 1);
    assert_eq!(file.claim.lines[0].charge.minor(), 12_345);
    assert_eq!(file.state, ScreenState::UnderReview);
    assert_eq!(decide(&site, &officer, place, ScreenOutcome::Cleared).await.unwrap(), ScreenState::Released);
    assert_eq!(pay(&site).await, (1, 0));
    assert!(take(&site, &officer, false).await.is_none());
}

async fn what_is_confirmed_is_refused_by_nobody_and_stays_unpaid(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, false)).await;
    covered(&site, "ada").await;
    adjudicate(&site, &twice(&site, "ada")).await;
    let officer = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let place = take(&site, &officer, false).await.unwrap();
    assert_eq!(decide(&site, &officer, place, ScreenOutcome::Confirmed).await.unwrap(), ScreenState::Held);
    assert_eq!(pay(&site).await, (1, 0));
    let rows = site.app.store().read(move |unit| store::claim::of_subject(unit, place.subject)).await;
    let rows = rows.map_err(|error: StoreError| error).unwrap();
    let states: Vec<ClaimState> = rows.iter().map(|row| row.state).collect();
    assert!(!states.contains(&ClaimState::Refused), "{states:?}");
    // It is decided, and before nobody, until the claim is decided anew. Until then nobody is told which are held, but by the list.
    assert!(decide(&site, &officer, place, ScreenOutcome::Cleared).await.is_err());
    assert!(read(&site, &officer, place).await.is_err());
    let handler = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let colleague = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let request = site.app.gate.request();
    let held = async |actor| service::held_cases(&site.app, actor, PORTFOLIO, request).await;
    assert_eq!(held(&colleague).await.unwrap().len(), 1);
    assert!(held(&handler).await.is_err());
    let reopen = async |actor, place| service::reopen_case(&site.app, actor, place, request).await;
    let other = rows.iter().find(|row| row.claim != place.claim).unwrap().claim;
    let stands = reopen(&colleague, place).await.unwrap_err().to_string();
    let unflagged = reopen(&colleague, ScreenPlace { claim: other, ..place }).await.unwrap_err().to_string();
    assert_eq!(stands, unflagged);

    add_plan(&site, &plan("2", 500, true)).await;
    let found = run(&site).await;
    assert_eq!(release_as(&site, &handler, found.run).await.unwrap().released, 1);
    assert!(reopen(&handler, place).await.is_err());
    let before = site.entries(place.subject).await;
    reopen(&officer, place).await.unwrap();
    assert!(reopen(&officer, place).await.is_err());
    assert_eq!(
        site.entries(place.subject).await,
        before + 1,
        "that it waits again stands in the person's list"
    );
    assert!(held(&colleague).await.unwrap().is_empty());
    // Who decided it does not look at their own decision.
    assert_eq!(take(&site, &officer, false).await, None);
    assert_eq!(take(&site, &colleague, false).await, Some(place));
    // Whoever leaves leaves it to colleagues.
    let left = service::end_actor(&site.app, &site.keeper, PORTFOLIO, colleague.id()).await.unwrap();
    assert_eq!((left.cases, left.appeals), (1, 0));
    let third = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    assert_eq!(take(&site, &third, false).await, Some(place));
    let file = read(&site, &third, place).await.unwrap();
    assert_eq!(file.case.decisions.len(), 1);
    assert_eq!(decide(&site, &third, place, ScreenOutcome::Cleared).await.unwrap(), ScreenState::Released);
    assert_eq!(pay(&site).await, (1, 0));
}

async fn only_whoever_has_the_case_sees_it(site: TestSite) {
    site.clinic().await;
    let ada = site.member("ada", true).await.subject;
    adjudicate(&site, &twice(&site, "ada")).await;
    let officer = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let colleague = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let handler = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let elsewhere = site.actor(Recipient::LegalStaff, OTHER_PORTFOLIO).await;
    let herself = site.member_abroad(ada, "BE").await;
    for other in [&handler, &elsewhere, &herself] {
        let request = site.app.gate.request();
        let taken = service::take_case(&site.app, other, PORTFOLIO, false, request).await;
        assert!(taken.is_err(), "{taken:?}");
        assert!(service::own_cases(&site.app, other, PORTFOLIO, request).await.is_err());
    }
    let place = take(&site, &officer, false).await.unwrap();
    let unflagged = site.app.store().read(move |unit| store::claim::of_subject(unit, ada)).await;
    let unflagged = unflagged.map_err(|error: StoreError| error).unwrap();
    let unflagged = unflagged.iter().find(|row| row.claim != place.claim).unwrap();
    let flagged = unflagged.batch;
    assert_ne!(flagged.bytes(), &[0; 16]);
    // Whoever does not have it is told the same of what is flagged, of what is not, and of nobody.
    for other in [&colleague, &handler, &elsewhere, &herself] {
        let mut told = Vec::new();
        for asked in [
            place,
            ScreenPlace { claim: unflagged.claim, ..place },
            ScreenPlace { subject: SubjectId::from_bytes([9; 16]), ..place },
        ] {
            told.push(read(&site, other, asked).await.err().unwrap().to_string());
            assert!(decide(&site, other, asked, ScreenOutcome::Cleared).await.is_err());
            let request = site.app.gate.request();
            assert!(service::return_case(&site.app, other, asked, request).await.is_err());
        }
        assert!(told.iter().all(|one| *one == told[0]), "{told:?}");
    }
    let own = service::own_cases(&site.app, &officer, PORTFOLIO, site.app.gate.request()).await.unwrap();
    assert_eq!(own.iter().map(|row| row.claim).collect::<Vec<_>>(), [place.claim]);
    // Given back, it is the colleague's to take, and no longer the officer's.
    service::return_case(&site.app, &officer, place, site.app.gate.request()).await.unwrap();
    assert!(read(&site, &officer, place).await.is_err());
    assert_eq!(take(&site, &colleague, false).await, Some(place));
    assert!(read(&site, &colleague, place).await.is_ok());
}

async fn what_is_only_marked_waits_for_nothing(site: TestSite) {
    site.clinic().await;
    site.member("ada", true).await;
    let near = |id, start| {
        let mut near = site.claim(id, "ada", "GP", 10_000);
        (near.lines[0].service_start, near.lines[0].service_end) = (day(start), day(start));
        near
    };
    let first = ClaimDraft { received: day("2026-11-19"), ..near("1", "2026-11-02") };
    adjudicate(&site, &[first, near("2", "2026-11-03")]).await;
    let officer = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    assert!(take(&site, &officer, false).await.is_none());
    let place = take(&site, &officer, true).await.unwrap();
    let file = read(&site, &officer, place).await.unwrap();
    assert_eq!(rules(&file.case.flags), [ScreenRule::NearClaim]);
    assert_eq!(file.state, ScreenState::Marked);
    let states = service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap().states;
    assert!(states.is_empty());
    // The plan may look at such claims too: what it lets through is paid.
    let rows = site.app.store().read(move |unit| store::claim::of_subject(unit, place.subject)).await;
    let rows = rows.map_err(|error: StoreError| error).unwrap();
    let adjudicated = rows.iter().filter(|row| row.state == ClaimState::Adjudicated).count();
    assert_eq!(pay(&site).await.0, adjudicated as u64);
    assert_eq!(decide(&site, &officer, place, ScreenOutcome::Error).await.unwrap(), ScreenState::Held);
}

async fn care_in_two_far_countries_on_one_day_is_marked(site: TestSite) {
    site.clinic().await;
    site.member("ada", true).await;
    let given = |id, received, minor, country: &str| {
        let circumstances =
            Circumstances { country: Some(country.parse().unwrap()), ..Circumstances::default() };
        ClaimDraft { received: day(received), circumstances, ..site.claim(id, "ada", "GP", minor) }
    };
    let claims = [
        given("1", "2026-11-18", 10_000, "BE"),
        given("2", "2026-11-19", 12_345, "NL"),
        given("3", "2026-11-20", 13_579, "TH"),
    ];
    adjudicate(&site, &claims).await;
    let officer = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let place = take(&site, &officer, true).await.unwrap();
    let file = read(&site, &officer, place).await.unwrap();
    assert_eq!(rules(&file.case.flags), [ScreenRule::FarCountries]);
    assert_eq!((file.case.flags[0].claims.len(), file.claim.lines.len()), (2, 1), "far from both");
    assert!(take(&site, &officer, true).await.is_none(), "the neighbour is not far");
}

async fn a_receipt_of_somebody_else_is_known_again_without_opening_it(site: TestSite) {
    site.clinic().await;
    site.member("ada", true).await;
    let bob = site.member("bob", true).await.subject;
    let of_ada = claim(&site, "a", "ada", 10_000, "INV-1");
    let later = ClaimDraft { received: day("2026-11-21"), ..claim(&site, "b", "bob", 10_000, "inv 1") };
    adjudicate(&site, &[of_ada, later]).await;
    let officer = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let place = take(&site, &officer, false).await.unwrap();
    assert_eq!(place.subject, bob, "whoever came second");
    let flags = read(&site, &officer, place).await.unwrap().case.flags;
    assert_eq!(rules(&flags)[0], ScreenRule::DocumentOfOthers);
    assert_eq!((flags[0].count, flags[0].claims.len()), (Some(1), 0), "a number, and nobody's claim");
    // The people of these tests are paid to one account.
    assert_eq!(rules(&flags)[1..], [ScreenRule::SharedAccount, ScreenRule::SamePerson]);
    assert!(take(&site, &officer, false).await.is_none());
}

async fn what_the_care_was_is_looked_at_with_consent_alone(site: TestSite) {
    site.clinic().await;
    let ada = site.member("ada", true).await.subject;
    let [first, second] = twice(&site, "ada");
    let diagnoses = vec![domain::Diagnosis::parse("P07.3").unwrap()];
    adjudicate(&site, &[first, ClaimDraft { diagnoses, ..second }]).await;
    let officer = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let place = take(&site, &officer, false).await.unwrap();
    let file = read(&site, &officer, place).await.unwrap();
    assert_eq!(rules(&file.case.flags), [ScreenRule::SameDocument]);
    assert_eq!(rules(file.codes.shown().unwrap()), [ScreenRule::OtherAge]);
    let at = site.app.gate.now();
    site.write(move |unit| {
        store::condition::end(unit, ada, domain::Condition::ConsentHealth, *PORTFOLIO.bytes(), at)
    })
    .await;
    let file = read(&site, &officer, place).await.unwrap();
    assert_eq!(rules(&file.case.flags), [ScreenRule::SameDocument]);
    assert!(file.codes.shown().is_none() && file.claim.services.shown().is_none());
    assert!(decide(&site, &officer, place, ScreenOutcome::Cleared).await.is_ok());
}

async fn rules_are_counted_and_few_people_are_not_told(site: TestSite) {
    site.clinic().await;
    let officer = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let analyst = site.actor(Recipient::Analyst, PORTFOLIO).await;
    let report = |actor| service::screen_report(&site.app, actor, PORTFOLIO, site.app.gate.request());
    for number in 0..12 {
        let name = format!("m{number}");
        site.member(&name, true).await;
        adjudicate(&site, &twice(&site, &name)).await;
        let place = take(&site, &officer, false).await.unwrap();
        let outcome = if number < 2 { ScreenOutcome::Confirmed } else { ScreenOutcome::Cleared };
        if number == 9 {
            let few = report(&analyst).await;
            assert!(few.is_err(), "nine people: {few:?}");
        }
        decide(&site, &officer, place, outcome).await.unwrap();
    }
    let counts = report(&analyst).await.unwrap();
    let of = |rule| *counts.iter().find(|count| count.rule == rule).unwrap();
    let document = of(ScreenRule::SameDocument);
    assert_eq!((document.cleared, document.error, document.confirmed), (Some(10), None, None));
    assert_eq!(of(ScreenRule::AfterDeath).cleared, None);
    for other in [&officer, &site.actor(Recipient::ClaimsStaff, PORTFOLIO).await] {
        assert!(report(other).await.is_err());
    }
}

async fn with_the_claims_goes_what_was_flagged(site: TestSite) {
    site.clinic().await;
    let ada = site.member("ada", true).await.subject;
    adjudicate(&site, &twice(&site, "ada")).await;
    let officer = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let place = take(&site, &officer, false).await.unwrap();
    let handler = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let appeal = crate::appeals::taken(&site, ada, place.claim, &handler).await;
    let paid_to = site.write(move |unit| store::mark::accounts_of(unit, &[ada], 9)).await;
    assert_eq!(paid_to.len(), 1);
    service::erase_subject(&site.app, ada, &[RetentionClass::Claims]).await.unwrap();
    let left = site.app.store().write(move |unit| {
        let cases = store::screen::of_subjects(unit, &[ada])?.len() as u64;
        Ok::<_, StoreError>(cases + store::mark::delete_of_subject(unit, ada)?)
    });
    assert_eq!(left.await.unwrap(), 0);
    let conditions = site.app.store().read(move |unit| store::condition::of_subject(unit, ada)).await;
    let conditions = conditions.map_err(|error: StoreError| error).unwrap();
    let tasks = [gate::assignment(place.claim.into(), officer.id()), gate::assignment(appeal, handler.id())];
    let tasks: Vec<_> = conditions.iter().filter(|row| tasks.contains(&row.object)).collect();
    assert_eq!(tasks.len(), 2);
    assert!(tasks.iter().all(|row| !row.is_live(site.app.gate.now())), "nobody has anything left to do");
}

async fn of_a_long_history_the_newest_claims_are_looked_at(site: TestSite) {
    site.clinic().await;
    site.member("ada", true).await;
    let on = |received: &str, claim: ClaimDraft| ClaimDraft { received: day(received), ..claim };
    let oldest = on("2026-10-01", claim(&site, "oldest", "ada", 900, "INV-OLD"));
    let many = (0..110).map(|n| site.claim(&format!("c{n}"), "ada", "GP", 1_000 + n));
    let newer = on("2026-11-21", claim(&site, "newer", "ada", 2_000, "INV-NEW"));
    let history: Vec<ClaimDraft> = [oldest].into_iter().chain(many).chain([newer]).collect();
    adjudicate(&site, &history).await;
    let officer = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    adjudicate(&site, &[on("2026-11-22", claim(&site, "again-old", "ada", 3_000, "INV-OLD"))]).await;
    assert!(take(&site, &officer, false).await.is_none(), "beyond what is looked at");
    adjudicate(&site, &[on("2026-11-23", claim(&site, "again-new", "ada", 4_000, "INV-NEW"))]).await;
    let place = take(&site, &officer, false).await.unwrap();
    let flags = read(&site, &officer, place).await.unwrap().case.flags;
    assert!(rules(&flags).contains(&ScreenRule::SameDocument), "{:?}", rules(&flags));
    let many = flags.iter().find(|flag| flag.rule == ScreenRule::ManyClaims).unwrap();
    assert_eq!(many.count, Some(100), "it is one of the hundred");
}

async fn a_case_under_a_matter_whose_showing_is_deferred_shows_nothing_meanwhile(site: TestSite) {
    site.clinic().await;
    let ada = site.member("ada", true).await.subject;
    adjudicate(&site, &twice(&site, "ada")).await;
    let staff = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    let herself = site.member_abroad(ada, "BE").await;
    let matter = site.reviewed(&crate::matters::order()).await;
    let new = service::NewDeferral {
        portfolio: PORTFOLIO,
        matter,
        until: site.app.gate.now().plus_seconds(30 * 86_400),
        law: "Code of criminal procedure, article 46".to_owned(),
        reasons: "An inquiry.".to_owned(),
    };
    service::defer_matter(&site.app, &officer, &new).await.unwrap();
    site.open_for(matter, &staff, &[ada]).await.unwrap();
    let told = async || {
        let answer = service::answer_access_request(&site.app, &herself, PORTFOLIO, ada, None).await;
        let history = answer.unwrap().history;
        history.iter().filter(|line| line.purpose == domain::Purpose::Fraud).count()
    };
    let before = told().await;
    let place = take(&site, &staff, false).await.unwrap();
    let deferred = ScreenPlace { under: Some(matter), ..place };
    read(&site, &staff, deferred).await.unwrap();
    assert_eq!(told().await, before, "that somebody looked joins her list later");
    read(&site, &staff, place).await.unwrap();
    assert_eq!(told().await, before + 1, "without the matter at once");
    decide(&site, &staff, deferred, ScreenOutcome::Cleared).await.unwrap();
    assert_eq!(told().await, before + 1);
}
