//! Promise 9 at the desk: what waits for a person is taken by one, in the order in which it is due, looked at on the record, and
//! decided by them and by nobody else; and promises 7 and 8: what they let stand is what the engine says, and what is booked.

use std::collections::BTreeMap;

use domain::{
    Account, AppealState, CaseReason, ClaimAsked, ClaimId, ClaimState, Condition, CoverageStatus, Currency,
    Money, OutcomeReason, Recipient, SubjectId,
};
use gate::Actor;
use intake::{ClaimDraft, CoverageDraft};
use service::{NewConfirmation, PendedFile, PendedPlace, ServiceError};
use store::StoreError;
use store::claim::ClaimRow;
use store::condition::ConditionRow;
use store::pended::PendedRow;

use crate::on_both;
use crate::scope::dependant;
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, TestSite, cover_draft, day};

on_both! {
    each_claim_that_waits_is_on_the_desk_and_no_other,
    a_refusal_goes_out_once_a_person_let_it_stand,
    what_is_let_stand_is_booked_and_paid,
    the_clock_of_a_claim_stands_still_while_it_waits_for_the_person,
    above_the_limit_it_is_given_back_to_a_colleague_with_more,
    of_two_who_decide_one_does,
    what_comes_out_otherwise_is_looked_at_again,
    whoever_decided_does_not_handle_the_appeal,
    only_whoever_has_it_sees_it_and_lets_it_stand,
    without_consent_it_is_asked_for_and_worked_out_then,
    what_is_held_is_released_by_a_person,
    what_is_counted_for_a_family_is_so_at_the_desk,
}

const DAY: i64 = 86_400;

/// A claim of the care of these codes, with these charges.
fn lines(site: &TestSite, id: &str, member: &str, care: &[(&str, i64)]) -> ClaimDraft {
    let mut all = (1..).zip(care).map(|(number, (code, charge))| {
        let mut one = site.claim(id, member, code, *charge);
        (one.lines[0].number, one.services[0].line) = (number, number);
        one
    });
    let mut claim = all.next().unwrap();
    for one in all {
        claim.lines.extend(one.lines);
        claim.services.extend(one.services);
    }
    claim
}

/// A member with a claim of which one line would be paid (495.00 of 500.00) and one refused.
pub(crate) async fn waiting(site: &TestSite, name: &str) -> (SubjectId, ClaimId) {
    site.clinic().await;
    let subject = site.member(name, true).await.subject;
    let draft = lines(site, &format!("{name}-1"), name, &[("PHYS", 50_000), ("NO-SUCH", 4_000)]);
    let claim = site.submit(&[draft]).await.new[0];
    adjudicate(site).await;
    (subject, claim)
}

pub(crate) async fn adjudicate(site: &TestSite) {
    service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap();
}

pub(crate) async fn clerk(site: &TestSite) -> Actor {
    site.actor(Recipient::ClaimsStaff, PORTFOLIO).await
}

pub(crate) async fn take(site: &TestSite, actor: &Actor) -> Option<PendedPlace> {
    let taken = service::take_pended(&site.app, actor, PORTFOLIO, site.app.gate.request()).await.unwrap();
    taken.map(|row| PendedPlace { portfolio: PORTFOLIO, subject: row.subject, claim: row.claim, task: None })
}

pub(crate) async fn read(site: &TestSite, actor: &Actor, place: PendedPlace) -> PendedFile {
    service::read_pended(&site.app, actor, place, site.app.gate.request()).await.unwrap()
}

pub(crate) async fn confirm(
    site: &TestSite,
    actor: &Actor,
    place: PendedPlace,
    version: i64,
) -> Result<ClaimState, ServiceError> {
    let new = NewConfirmation { version, reason: CaseReason::parse("no such service in the plan").unwrap() };
    service::confirm_pended(&site.app, actor, place, &new, site.app.gate.request()).await
}

pub(crate) async fn rows(site: &TestSite, subject: SubjectId) -> (Vec<ClaimRow>, Vec<PendedRow>) {
    let read = site.app.store().read(move |unit| {
        Ok((store::claim::of_subject(unit, subject)?, store::pended::of_subject(unit, subject)?))
    });
    read.await.map_err(|error: StoreError| error).unwrap()
}

pub(crate) async fn state(site: &TestSite, subject: SubjectId, claim: ClaimId) -> ClaimState {
    let (claims, pended) = rows(site, subject).await;
    let row = claims.iter().find(|row| row.claim == claim).unwrap();
    let waits = pended.iter().any(|row| row.claim == claim);
    assert_eq!(waits, row.state == ClaimState::Pended, "a row for each that waits, and for no other");
    row.state
}

/// What was booked as the cost of claims, in cents.
pub(crate) async fn cost(site: &TestSite) -> i128 {
    let auditor = site.actor(Recipient::Auditor, PORTFOLIO).await;
    let ledger = service::verify_ledger(&site.app, &auditor, |_| {}).await.unwrap();
    ledger.debits.get(&(Account::ClaimsCost, Currency::EUR)).copied().unwrap_or(0)
}

pub(crate) fn says(refused: Result<ClaimState, ServiceError>, word: &str) {
    let told = refused.unwrap_err().to_string();
    assert!(told.contains(word), "{told}");
}

async fn each_claim_that_waits_is_on_the_desk_and_no_other(site: TestSite) {
    site.clinic().await;
    let (ada, eve) = (site.member("ada", true).await.subject, site.member("eve", false).await.subject);
    let bare = site.person("bare", true).await;
    let claim = |id, member, code| site.claim(id, member, code, 5_000);
    let drafts = [
        claim("paid", "ada", "GP"),
        claim("refused", "ada", "NO-SUCH"),
        claim("no consent", "eve", "GP"),
        claim("no cover", "bare", "GP"),
    ];
    site.submit(&drafts).await;
    adjudicate(&site).await;
    let mut reasons = BTreeMap::new();
    for (subject, waits) in [(ada, 1), (eve, 1), (bare, 1)] {
        let (claims, pended) = rows(&site, subject).await;
        assert_eq!(pended.len(), waits);
        for row in pended {
            assert_eq!((row.owner, row.waiting, row.version), (None, None, 1));
            assert_eq!(row.due, domain::Timestamp::start_of(day("2026-12-20")), "30 days from receipt");
        }
        for claim in claims {
            state(&site, subject, claim.claim).await;
            claim.outcome_reason.into_iter().for_each(|reason| *reasons.entry(reason).or_insert(0) += 1);
        }
    }
    let all = [OutcomeReason::NoClause, OutcomeReason::NoCover, OutcomeReason::Determination];
    assert_eq!(reasons, all.map(|reason| (reason, 1)).into());
    let clerk = clerk(&site).await;
    let request = site.app.gate.request();
    let listed = |own| service::pended(&site.app, &clerk, PORTFOLIO, own, request);
    assert_eq!((listed(false).await.unwrap().len(), listed(true).await.unwrap().len()), (3, 0));
}

async fn a_refusal_goes_out_once_a_person_let_it_stand(site: TestSite) {
    site.clinic().await;
    let ada = site.member("ada", true).await.subject;
    let claim = site.submit(&[site.claim("ada-1", "ada", "NO-SUCH", 5_000)]).await.new[0];
    adjudicate(&site).await;
    assert_eq!(state(&site, ada, claim).await, ClaimState::Pended);
    let told = service::statements(&site.app, PORTFOLIO, &[(ada, claim)]).await;
    assert!(!told.is_ok_and(|all| !all.is_empty()));
    let clerk = clerk(&site).await;
    let place = take(&site, &clerk).await.unwrap();
    assert_eq!((place.subject, place.claim), (ada, claim));
    let before = site.entries(ada).await;
    let file = read(&site, &clerk, place).await;
    assert_eq!(site.entries(ada).await, before + 1, "that somebody looked is in the person's list");
    let proposal = file.proposal.unwrap();
    assert_eq!((proposal.lines[0].outcome.word(), proposal.lines[0].plan), ("denied", 0));
    assert_eq!(proposal.lines[0].reasons[0].word(), "NOCOV");
    assert!(!proposal.traces.shown().unwrap().is_empty());
    assert_eq!(file.claim.unwrap().services.shown().unwrap()[0].code.reveal(), "NO-SUCH");
    says(confirm(&site, &clerk, place, file.version + 1).await, "not of the version");
    let before = site.entries(ada).await;
    assert_eq!(confirm(&site, &clerk, place, file.version).await.unwrap(), ClaimState::Settled);
    assert!(site.entries(ada).await > before, "that somebody decided is in the person's list");
    assert_eq!(state(&site, ada, claim).await, ClaimState::Settled);
    assert_eq!(service::statements(&site.app, PORTFOLIO, &[(ada, claim)]).await.unwrap().len(), 1);
    assert_eq!(cost(&site).await, 0);
    assert!(confirm(&site, &clerk, place, file.version + 1).await.is_err());
    assert!(service::read_pended(&site.app, &clerk, place, site.app.gate.request()).await.is_err());
    assert!(take(&site, &clerk).await.is_none());
}

async fn what_is_let_stand_is_booked_and_paid(site: TestSite) {
    let (ada, claim) = waiting(&site, "ada").await;
    assert_eq!(cost(&site).await, 0, "a proposal books nothing");
    let clerk = clerk(&site).await;
    let place = take(&site, &clerk).await.unwrap();
    let file = read(&site, &clerk, place).await;
    let proposed: Vec<i64> = file.proposal.unwrap().lines.iter().map(|line| line.plan).collect();
    assert_eq!(proposed, [49_500, 0]);
    assert_eq!(confirm(&site, &clerk, place, file.version).await.unwrap(), ClaimState::Adjudicated);
    assert_eq!(state(&site, ada, claim).await, ClaimState::Adjudicated);
    assert_eq!(cost(&site).await, 49_500);
    // What it counted is counted: 600.00 a year, of which 495.00 are gone.
    let next = site.submit(&[site.claim("ada-2", "ada", "PHYS", 30_000)]).await.new[0];
    adjudicate(&site).await;
    assert_eq!(cost(&site).await, 60_000);
    let paid = service::pay_claims(&site.app, PORTFOLIO, day("2026-12-15"), 10, |_| {}).await.unwrap();
    assert_eq!(paid.paid, 2, "{next}");
}

async fn the_clock_of_a_claim_stands_still_while_it_waits_for_the_person(site: TestSite) {
    let (ada, claim) = waiting(&site, "ada").await;
    let clerk = clerk(&site).await;
    let place = take(&site, &clerk).await.unwrap();
    let due = rows(&site, ada).await.1[0].due;
    let request = site.app.gate.request();
    let ask = |what| service::ask_about_pended(&site.app, &clerk, place, what, request);
    let answered = || service::pended_answered(&site.app, &clerk, place, request);
    assert!(answered().await.is_err());
    let before = site.entries(ada).await;
    assert!(ask(ClaimAsked::Papers).await.unwrap().waiting.is_some());
    assert_eq!(site.entries(ada).await, before + 1);
    assert!(ask(ClaimAsked::Claim).await.is_err(), "it waits already");
    says(confirm(&site, &clerk, place, 1).await, "it waits for whoever claims");
    site.clock.advance(5 * DAY);
    let runs = answered().await.unwrap();
    let later = runs.due.micros() - due.micros();
    assert!((5 * DAY * 1_000_000..5 * DAY * 1_000_000 + 1_000).contains(&later), "{later}");
    assert_eq!(runs.waiting, None);
    ask(ClaimAsked::OtherPayer).await.unwrap();
    // Given back, it waits for a colleague, and its clock runs.
    site.clock.advance(DAY);
    service::return_pended(&site.app, &clerk, place, request).await.unwrap();
    let row = rows(&site, ada).await.1[0];
    assert_eq!((row.owner, row.waiting), (None, None));
    assert!(row.due.micros() - due.micros() >= 6 * DAY * 1_000_000);
    let colleague = crate::pended::clerk(&site).await;
    let place = take(&site, &colleague).await.unwrap();
    let questions = read(&site, &colleague, place).await.questions;
    assert_eq!(questions.len(), 2);
    assert_eq!((questions[0].what, questions[0].by), (ClaimAsked::Papers, clerk.id()));
    assert_eq!(questions[0].ended.unwrap().by, clerk.id());
    let ended = questions[1].ended.expect("nobody waits for an answer to what was given back");
    assert!(ended.by == clerk.id() && ended.at > questions[1].asked);
    assert_eq!(state(&site, ada, claim).await, ClaimState::Pended);
}

async fn above_the_limit_it_is_given_back_to_a_colleague_with_more(site: TestSite) {
    let (_, claim) = waiting(&site, "ada").await;
    site.member("eve", true).await;
    let later = ClaimDraft { received: day("2026-11-22"), ..site.claim("eve-1", "eve", "NO-SUCH", 5_000) };
    let other = site.submit(&[later]).await.new[0];
    adjudicate(&site).await;
    let limited = |up_to: i64| {
        let site = &site;
        async move {
            let clerk = clerk(site).await;
            let up_to = Money::new(up_to, Currency::EUR).unwrap();
            service::limit_authority(&site.app, &site.keeper, PORTFOLIO, clerk.id(), up_to).await.unwrap();
            clerk
        }
    };
    let junior = limited(49_499).await;
    let place = take(&site, &junior).await.unwrap();
    assert_eq!(place.claim, claim, "it is due first");
    says(confirm(&site, &junior, place, 1).await, "a colleague whose limit suffices");
    assert_eq!(cost(&site).await, 0);
    let give_back = || service::return_pended(&site.app, &junior, place, site.app.gate.request());
    give_back().await.unwrap();
    // What somebody gave back comes to them after all else. A refusal pays nothing, and is within any limit.
    let next = take(&site, &junior).await.unwrap();
    assert_eq!(next.claim, other);
    assert_eq!(confirm(&site, &junior, next, 1).await.unwrap(), ClaimState::Settled);
    assert_eq!(take(&site, &junior).await, Some(place));
    give_back().await.unwrap();
    let senior = limited(49_500).await;
    assert_eq!(take(&site, &senior).await, Some(place));
    assert_eq!(confirm(&site, &senior, place, 1).await.unwrap(), ClaimState::Adjudicated);
}

async fn of_two_who_decide_one_does(site: TestSite) {
    let (ada, claim) = waiting(&site, "ada").await;
    let (first, second) = (clerk(&site).await, clerk(&site).await);
    let (one, other) = tokio::join!(take(&site, &first), take(&site, &second));
    assert!(one.is_some() != other.is_some(), "one of them has it");
    let (owner, colleague) = if one.is_some() { (&first, &second) } else { (&second, &first) };
    let place = one.or(other).unwrap();
    assert!(confirm(&site, colleague, place, 1).await.is_err());
    // The same person twice at once, from two servers.
    let (one, other) = tokio::join!(confirm(&site, owner, place, 1), confirm(&site, owner, place, 1));
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    assert_eq!(state(&site, ada, claim).await, ClaimState::Adjudicated);
    assert_eq!(cost(&site).await, 49_500, "booked once");
}

async fn what_comes_out_otherwise_is_looked_at_again(site: TestSite) {
    let (ada, claim) = waiting(&site, "ada").await;
    let clerk = clerk(&site).await;
    let place = take(&site, &clerk).await.unwrap();
    let seen = read(&site, &clerk, place).await;
    // Another claim of hers takes 295.00 of the 600.00 meanwhile.
    site.submit(&[site.claim("ada-2", "ada", "PHYS", 30_000)]).await;
    adjudicate(&site).await;
    says(confirm(&site, &clerk, place, seen.version).await, "it comes out otherwise");
    assert_eq!(state(&site, ada, claim).await, ClaimState::Pended);
    assert_eq!(cost(&site).await, 29_500, "nothing of it was booked");
    says(confirm(&site, &clerk, place, seen.version).await, "not of the version");
    let file = read(&site, &clerk, place).await;
    assert_eq!((file.version, file.proposal.unwrap().lines[0].plan), (seen.version + 1, 30_500));
    assert_eq!(confirm(&site, &clerk, place, file.version).await.unwrap(), ClaimState::Adjudicated);
    assert_eq!(cost(&site).await, 60_000);
}

async fn whoever_decided_does_not_handle_the_appeal(site: TestSite) {
    let (ada, claim) = waiting(&site, "ada").await;
    let decider = clerk(&site).await;
    let place = take(&site, &decider).await.unwrap();
    confirm(&site, &decider, place, 1).await.unwrap();
    let new = service::NewAppeal {
        portfolio: PORTFOLIO,
        subject: ada,
        representative: None,
        claim,
        lines: Vec::new(),
        grounds: CaseReason::parse("it was prescribed").unwrap(),
        days: None,
    };
    let desk = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let request = site.app.gate.request();
    let row = service::receive_appeal(&site.app, &desk, &new, request).await.unwrap();
    assert_eq!(row.state, AppealState::Received);
    assert!(service::take_appeal(&site.app, &decider, PORTFOLIO, request).await.unwrap().is_none());
    let other = clerk(&site).await;
    let taken = service::take_appeal(&site.app, &other, PORTFOLIO, request).await.unwrap().unwrap();
    let appeal = service::AppealPlace { portfolio: PORTFOLIO, subject: ada, appeal: taken.appeal };
    let file = service::read_appeal(&site.app, &other, appeal, request).await.unwrap();
    let confirmed = file.confirmation.unwrap();
    assert_eq!((confirmed.by, confirmed.outcome.word()), (decider.id(), "partially-approved"));
    assert_eq!(confirmed.reason.reveal(), "no such service in the plan");
}

async fn only_whoever_has_it_sees_it_and_lets_it_stand(site: TestSite) {
    let (ada, claim) = waiting(&site, "ada").await;
    let request = site.app.gate.request();
    let elsewhere = site.actor(Recipient::ClaimsStaff, OTHER_PORTFOLIO).await;
    let analyst = site.actor(Recipient::PaymentsStaff, PORTFOLIO).await;
    let job = site.app.gate.job(Recipient::AdjudicationJob).unwrap();
    for other in [&elsewhere, &analyst, &job] {
        assert!(service::take_pended(&site.app, other, PORTFOLIO, request).await.is_err());
        assert!(service::pended(&site.app, other, PORTFOLIO, false, request).await.is_err());
    }
    let (owner, colleague) = (clerk(&site).await, clerk(&site).await);
    let place = take(&site, &owner).await.unwrap();
    assert!(take(&site, &colleague).await.is_none());
    for other in [&elsewhere, &analyst, &job, &colleague] {
        assert!(service::read_pended(&site.app, other, place, request).await.is_err());
        assert!(confirm(&site, other, place, 1).await.is_err());
        let asked = service::ask_about_pended(&site.app, other, place, ClaimAsked::Papers, request).await;
        assert!(asked.is_err());
        assert!(service::work_out_pended(&site.app, other, place, request).await.is_err());
        assert!(service::return_pended(&site.app, other, place, request).await.is_err());
    }
    assert_eq!(state(&site, ada, claim).await, ClaimState::Pended);
}

async fn without_consent_it_is_asked_for_and_worked_out_then(site: TestSite) {
    site.clinic().await;
    let eve = site.member("eve", false).await.subject;
    let claim = site.submit(&[site.claim("eve-1", "eve", "GP", 5_000)]).await.new[0];
    adjudicate(&site).await;
    let clerk = clerk(&site).await;
    let place = take(&site, &clerk).await.unwrap();
    let file = read(&site, &clerk, place).await;
    assert!(file.proposal.is_none() && file.version == 0);
    assert!(file.claim.unwrap().services.shown().is_none(), "what the care was is nobody's to see");
    let request = site.app.gate.request();
    service::ask_about_pended(&site.app, &clerk, place, ClaimAsked::Consent, request).await.unwrap();
    let refused = service::work_out_pended(&site.app, &clerk, place, request).await.unwrap_err();
    assert!(matches!(refused, ServiceError::Gate(_)), "{refused}");
    let since = site.app.gate.now();
    let (condition, object) = (Condition::ConsentHealth, *PORTFOLIO.bytes());
    let consent = ConditionRow { subject: eve, condition, object, since, until: None };
    site.write(move |unit| store::condition::set_many(unit, std::slice::from_ref(&consent))).await;
    service::pended_answered(&site.app, &clerk, place, request).await.unwrap();
    let waits = service::work_out_pended(&site.app, &clerk, place, request).await.unwrap();
    assert_eq!(waits, Some(OutcomeReason::Determination), "whatever it comes to is a proposal");
    assert_eq!(cost(&site).await, 0);
    let file = read(&site, &clerk, place).await;
    assert_eq!((file.version, file.proposal.unwrap().lines[0].plan), (1, 4_000));
    assert_eq!(confirm(&site, &clerk, place, 1).await.unwrap(), ClaimState::Adjudicated);
    assert_eq!(state(&site, eve, claim).await, ClaimState::Adjudicated);
    assert_eq!(cost(&site).await, 4_000);
}

async fn what_is_held_is_released_by_a_person(site: TestSite) {
    site.clinic().await;
    let ada = site.person("ada", true).await;
    let mut draft = cover_draft("ada", "ada");
    draft.coverage.status = CoverageStatus::Suspended;
    site.cover(&[draft]).await;
    let claim = site.submit(&[site.claim("ada-1", "ada", "GP", 5_000)]).await.new[0];
    adjudicate(&site).await;
    let clerk = clerk(&site).await;
    let place = take(&site, &clerk).await.unwrap();
    let proposal = read(&site, &clerk, place).await.proposal.unwrap();
    let line = &proposal.lines[0];
    assert_eq!((line.outcome.word(), line.plan, line.reasons[0].word()), ("pended", 4_000, "SUSP"));
    assert_eq!(confirm(&site, &clerk, place, 1).await.unwrap(), ClaimState::Adjudicated);
    assert_eq!(state(&site, ada, claim).await, ClaimState::Adjudicated);
    assert_eq!(cost(&site).await, 4_000);
}

async fn what_is_counted_for_a_family_is_so_at_the_desk(site: TestSite) {
    site.clinic().await;
    let ada = crate::last_of_a_limit::covered(&site, "ada", true).await;
    let ben = dependant(&site, "ben", "ada").await;
    let mut draft = CoverageDraft { plan: "limited".to_owned(), ..cover_draft("ben", "ben") };
    draft.coverage.status = CoverageStatus::Suspended;
    site.cover(&[draft]).await;
    site.submit(&[site.claim("before", "ada", "GP", 40_000)]).await;
    adjudicate(&site).await;
    let claim = site.submit(&[site.claim("ben-1", "ben", "GP", 30_000)]).await.new[0];
    adjudicate(&site).await;
    assert_eq!(state(&site, ben, claim).await, ClaimState::Pended);
    let clerk = clerk(&site).await;
    let place = take(&site, &clerk).await.unwrap();
    let file = read(&site, &clerk, place).await;
    assert_eq!(file.proposal.unwrap().lines[0].plan, 10_000, "what is left of the family's 500.00");
    let before = site.entries(ada).await;
    assert_eq!(confirm(&site, &clerk, place, file.version).await.unwrap(), ClaimState::Adjudicated);
    assert_eq!(site.entries(ada).await, before + 1, "the look at the sums is in the holder's list");
    assert_eq!(cost(&site).await, 50_000);
    site.submit(&[site.claim("after", "ada", "GP", 7_000)]).await;
    adjudicate(&site).await;
    assert_eq!(cost(&site).await, 50_000, "nothing is left for anybody");
    // The holder's own, whose task is that of their claim.
    site.submit(&[lines(&site, "own", "ada", &[("GP", 2_000), ("NO-SUCH", 1_000)])]).await;
    adjudicate(&site).await;
    let place = take(&site, &clerk).await.unwrap();
    let version = read(&site, &clerk, place).await.version;
    assert_eq!(confirm(&site, &clerk, place, version).await.unwrap(), ClaimState::Settled);
}
