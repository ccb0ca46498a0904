//! Promise 9: a person decides otherwise than the plan's rules, with a reason, and never alone: who lifted a refusal or refused a line
//! confirms nothing of that claim; and an appeal that is overturned lifts what was refused, so that it is paid when it is decided anew.
//! Promise 7: what is then paid is what the plan pays, within its limits.

use domain::{
    AppealOutcome, AppealState, CaseReason, ClaimId, ClaimState, Condition, LineDecision, OutcomeReason,
    Reason, Recipient, RecordKind, RefusalGround, ReleaseReason, RetentionClass, SubjectId,
};
use gate::Actor;
use service::{
    AppealPlace, NewAppeal, NewAppealDecision, NewOverrides, PendedPlace, ServiceError, ToRelease,
};
use store::appeal::AppealRow;

use crate::facts::{covered, plan};
use crate::on_both;
use crate::pended::{adjudicate, clerk, confirm, cost, read, rows, says, state, take, waiting};
use crate::readjudication::{add_plan, release_as, run};
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, TestSite, day};

on_both! {
    a_lifted_refusal_is_paid_within_the_plan_once_a_colleague_lets_it_stand,
    a_line_that_a_person_refused_goes_out_once_a_colleague_let_it_stand,
    whoever_decided_by_hand_confirms_nothing_of_that_claim_however_long_ago,
    what_would_change_nothing_or_is_nobodys_to_lift_is_refused,
    only_whoever_has_the_claim_decides_otherwise,
    on_which_ground_it_was_refused_is_health_data,
    what_is_overturned_is_lifted_and_paid_when_it_is_decided_anew,
    what_a_person_refused_is_overturned_too,
    what_nobody_lifts_is_corrected_before_it_is_overturned,
    what_was_decided_by_hand_is_erased_with_the_claim,
}

const NEC: LineDecision = LineDecision::Refuse(RefusalGround::NotNecessary);
const LATE: LineDecision = LineDecision::Lift(Reason::Late);

fn text(text: &str) -> CaseReason {
    CaseReason::parse(text).unwrap()
}

/// Ada with a claim of 100.00 that came too late, before one of the staff, under a plan with a deductible of 30.00.
async fn late(site: &TestSite) -> (SubjectId, Actor, PendedPlace) {
    let deductible = "filing_months = 3\n[[deductible]]\nid = \"yearly\"\naccumulator = 3\nname = \"Deductible\"\n\
        period = \"calendar-year\"\namount = { EUR = \"30\" }";
    let text = plan(deductible, "").replace("\"send\"", "\"pend\"");
    covered(site, &text, "2026-01-01", None).await;
    let mut draft = site.claim("late", "ada", "GP", 10_000);
    (draft.lines[0].service_start, draft.lines[0].service_end) = (day("2026-02-02"), day("2026-02-02"));
    site.submit(&[draft]).await;
    adjudicate(site).await;
    let clerk = clerk(site).await;
    let place = take(site, &clerk).await.unwrap();
    (place.subject, clerk, place)
}

async fn decide(
    site: &TestSite,
    actor: &Actor,
    place: PendedPlace,
    lines: &[(u32, LineDecision)],
) -> Result<Option<OutcomeReason>, ServiceError> {
    let row = site.app.gate.fetch::<service::views::DeterminationOnDesk>(place.subject, place.claim).await;
    let version = row.unwrap().map_or(0, |sealed| sealed.version());
    let new = NewOverrides { version, lines: lines.to_vec(), reason: text("she was in a coma until May") };
    match service::override_pended(&site.app, actor, place, &new, site.app.gate.request()).await? {
        service::WrittenDown::Waits(why) => Ok(why),
        service::WrittenDown::ToDecideAnew => panic!("it waits"),
    }
}

/// What the plan would pay of each line, and for what reasons not all of it.
async fn proposed(site: &TestSite, actor: &Actor, place: PendedPlace) -> Vec<(i64, Vec<Reason>)> {
    let proposal = read(site, actor, place).await.proposal.unwrap();
    proposal.lines.into_iter().map(|line| (line.plan, line.reasons)).collect()
}

/// Lets what is proposed stand.
async fn stands(site: &TestSite, actor: &Actor, place: PendedPlace) -> Result<ClaimState, ServiceError> {
    let version = read(site, actor, place).await.version;
    confirm(site, actor, place, version).await
}

/// The claim, given back and taken by a colleague.
pub(crate) async fn handed_on(site: &TestSite, actor: &Actor, place: PendedPlace) -> Actor {
    service::return_pended(&site.app, actor, place, site.app.gate.request()).await.unwrap();
    let colleague = clerk(site).await;
    assert_eq!(take(site, &colleague).await, Some(place));
    colleague
}

async fn a_lifted_refusal_is_paid_within_the_plan_once_a_colleague_lets_it_stand(site: TestSite) {
    let (ada, clerk, place) = late(&site).await;
    assert_eq!(proposed(&site, &clerk, place).await, [(0, vec![Reason::Late])]);
    let before = site.entries(ada).await;
    assert_eq!(decide(&site, &clerk, place, &[(1, LATE)]).await.unwrap(), Some(OutcomeReason::Determination));
    assert!(site.entries(ada).await > before, "that somebody decided it stands in the person's list");
    assert_eq!(proposed(&site, &clerk, place).await, [(7_000, vec![Reason::Deductible])]);
    let file = read(&site, &clerk, place).await.overrides.unwrap();
    let one = &file.lines.shown().unwrap()[0];
    assert_eq!((one.line, one.by, one.appeal, one.decision == LATE), (1, clerk.id(), None, true));
    assert_eq!(one.reason.reveal(), "she was in a coma until May");
    assert_eq!(cost(&site).await, 0, "until a colleague lets it stand it is a proposal");
    says(stands(&site, &clerk, place).await, "you decided something of it by hand");
    let colleague = handed_on(&site, &clerk, place).await;
    assert_eq!(stands(&site, &colleague, place).await.unwrap(), ClaimState::Adjudicated);
    assert_eq!(cost(&site).await, 7_000);
    let paid = service::pay_claims(&site.app, PORTFOLIO, day("2026-12-15"), 10, |_| {}).await.unwrap();
    assert_eq!(paid.paid, 1);
    crate::other_payers::nothing_is_proposed(&site).await;
}

async fn a_line_that_a_person_refused_goes_out_once_a_colleague_let_it_stand(site: TestSite) {
    let (ada, claim) = waiting(&site, "ada").await;
    let one = clerk(&site).await;
    let place = take(&site, &one).await.unwrap();
    decide(&site, &one, place, &[(1, NEC)]).await.unwrap();
    let refused = [(0, vec![Reason::Person]), (0, vec![Reason::NotCovered])];
    assert_eq!(proposed(&site, &one, place).await, refused);
    says(stands(&site, &one, place).await, "you decided something of it by hand");
    let colleague = handed_on(&site, &one, place).await;
    assert_eq!(stands(&site, &colleague, place).await.unwrap(), ClaimState::Settled);
    assert_eq!((state(&site, ada, claim).await, cost(&site).await), (ClaimState::Settled, 0));
    assert_eq!(service::statements(&site.app, PORTFOLIO, &[(ada, claim)]).await.unwrap().len(), 1);
    // It counted nothing: what is claimed next has all of the limit.
    site.submit(&[site.claim("next", "ada", "PHYS", 50_000)]).await;
    adjudicate(&site).await;
    assert_eq!(cost(&site).await, 49_500);
    crate::other_payers::nothing_is_proposed(&site).await;
}

async fn whoever_decided_by_hand_confirms_nothing_of_that_claim_however_long_ago(site: TestSite) {
    let (_, first, place) = late(&site).await;
    decide(&site, &first, place, &[(1, LATE)]).await.unwrap();
    let second = handed_on(&site, &first, place).await;
    decide(&site, &second, place, &[(1, NEC)]).await.unwrap();
    let third = handed_on(&site, &second, place).await;
    decide(&site, &third, place, &[(1, LineDecision::Lift(Reason::Person))]).await.unwrap();
    assert_eq!(proposed(&site, &third, place).await, [(7_000, vec![Reason::Deductible])]);
    service::return_pended(&site.app, &third, place, site.app.gate.request()).await.unwrap();
    for decider in [&first, &second, &third] {
        assert_eq!(take(&site, decider).await, Some(place), "no other waits");
        says(stands(&site, decider, place).await, "you decided something of it by hand");
        service::return_pended(&site.app, decider, place, site.app.gate.request()).await.unwrap();
    }
    let fourth = clerk(&site).await;
    assert_eq!(take(&site, &fourth).await, Some(place));
    assert_eq!(stands(&site, &fourth, place).await.unwrap(), ClaimState::Adjudicated);
}

async fn what_would_change_nothing_or_is_nobodys_to_lift_is_refused(site: TestSite) {
    let (_, _) = waiting(&site, "ada").await;
    let clerk = clerk(&site).await;
    let place = take(&site, &clerk).await.unwrap();
    let lift = LineDecision::Lift;
    for (line, decision, word) in [
        (1, lift(Reason::Late), "line 1 is not refused for `LATE`"),
        (2, lift(Reason::NotCovered), "no terms to pay it by"),
        (1, lift(Reason::MoneyMaximum), "`MAX`"),
        (3, lift(Reason::Late), "no line 3"),
        (3, NEC, "no line 3"),
    ] {
        let refused = decide(&site, &clerk, place, &[(line, decision)]).await.unwrap_err();
        assert!(matches!(refused, ServiceError::Override(_)), "{refused}");
        assert!(refused.to_string().contains(word), "{refused}");
    }
    assert!(decide(&site, &clerk, place, &[]).await.is_err(), "nothing is decided");
    let version = read(&site, &clerk, place).await.version;
    let stale = NewOverrides { version: version + 1, lines: vec![(1, NEC)], reason: text("not needed") };
    let refused = service::override_pended(&site.app, &clerk, place, &stale, site.app.gate.request()).await;
    assert!(refused.unwrap_err().to_string().contains("not of the version"));
    assert!(read(&site, &clerk, place).await.overrides.is_none(), "nothing of it was written down");
    decide(&site, &clerk, place, &[(1, NEC)]).await.unwrap();
    let twice = decide(&site, &clerk, place, &[(1, NEC)]).await.unwrap_err().to_string();
    assert!(twice.contains("refused by a person already"), "{twice}");
}

async fn only_whoever_has_the_claim_decides_otherwise(site: TestSite) {
    let (ada, owner, place) = late(&site).await;
    let held = || async {
        let read = site.app.store().read(move |unit| store::sealed::kinds_of(unit, ada)).await;
        read.map_err(|error: store::StoreError| error).unwrap().contains(&RecordKind::ClaimOverrides)
    };
    let others = [
        clerk(&site).await,
        site.actor(Recipient::ClaimsStaff, OTHER_PORTFOLIO).await,
        site.actor(Recipient::PaymentsStaff, PORTFOLIO).await,
        site.app.gate.job(Recipient::AdjudicationJob).unwrap(),
    ];
    for other in &others {
        assert!(decide(&site, other, place, &[(1, LATE)]).await.is_err());
    }
    service::return_pended(&site.app, &owner, place, site.app.gate.request()).await.unwrap();
    assert!(decide(&site, &owner, place, &[(1, LATE)]).await.is_err(), "they gave it back");
    assert!(!held().await);
    assert_eq!(take(&site, &others[0]).await, Some(place));
    decide(&site, &others[0], place, &[(1, LATE)]).await.unwrap();
    assert!(held().await);
}

async fn on_which_ground_it_was_refused_is_health_data(site: TestSite) {
    let (ada, clerk, place) = late(&site).await;
    decide(&site, &clerk, place, &[(1, NEC)]).await.unwrap();
    let at = site.app.gate.now();
    site.write(move |unit| {
        store::condition::end(unit, ada, Condition::ConsentHealth, *PORTFOLIO.bytes(), at)
    })
    .await;
    let file = read(&site, &clerk, place).await;
    let overrides = file.overrides.unwrap();
    assert!(overrides.lines.shown().is_none(), "on which ground, and why");
    assert_eq!(overrides.deciders, [clerk.id()], "that somebody decided by hand is told");
    assert!(decide(&site, &clerk, place, &[(1, LineDecision::Lift(Reason::Person))]).await.is_err());
}

pub(crate) async fn appeal(site: &TestSite, subject: SubjectId, claim: ClaimId) -> (Actor, AppealPlace) {
    let desk = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let new = NewAppeal {
        portfolio: PORTFOLIO,
        subject,
        representative: None,
        claim,
        lines: Vec::new(),
        grounds: text("I was in a coma"),
        days: None,
    };
    service::receive_appeal(&site.app, &desk, &new, site.app.gate.request()).await.unwrap();
    let handler = clerk(site).await;
    let row = service::take_appeal(&site.app, &handler, PORTFOLIO, site.app.gate.request()).await.unwrap();
    let row = row.unwrap();
    (handler, AppealPlace { portfolio: PORTFOLIO, subject: row.subject, appeal: row.appeal })
}

pub(crate) async fn overturn(
    site: &TestSite,
    handler: &Actor,
    place: AppealPlace,
    outcome: AppealOutcome,
    lines: &[u32],
) -> Result<AppealRow, ServiceError> {
    let new = NewAppealDecision { outcome, lines: lines.to_vec(), reason: text("the hospital says so") };
    service::decide_appeal(&site.app, handler, place, &new, site.app.gate.request()).await
}

/// Decides the year anew, and releases what comes out otherwise. Answers how many people that was.
pub(crate) async fn decided_anew(site: &TestSite) -> u64 {
    let found = run(site).await;
    let what = ToRelease { run: found.run, only: [].into(), reason: ReleaseReason::Appeal };
    let releaser = clerk(site).await;
    let request = site.app.gate.request();
    service::release(&site.app, &releaser, PORTFOLIO, what, request, |_| {}).await.unwrap().released
}

async fn what_is_overturned_is_lifted_and_paid_when_it_is_decided_anew(site: TestSite) {
    let (ada, clerk, place) = late(&site).await;
    assert_eq!(stands(&site, &clerk, place).await.unwrap(), ClaimState::Settled);
    assert_eq!(decided_anew(&site).await, 0);
    let (handler, appeal) = appeal(&site, ada, place.claim).await;
    let row = overturn(&site, &handler, appeal, AppealOutcome::Overturned, &[]).await.unwrap();
    assert_eq!(row.state, AppealState::ToDecideAnew);
    let done = || service::decided_anew(&site.app, &handler, appeal, site.app.gate.request());
    assert!(matches!(done().await, Err(ServiceError::Appeal(_))), "what was lifted is not paid yet");
    assert_eq!(state(&site, ada, place.claim).await, ClaimState::Settled);
    let found = run(&site).await;
    let own = release_as(&site, &handler, found.run).await.unwrap();
    assert_eq!((own.released, own.refused), (0, 1), "who gave it does not pay it");
    assert_eq!(decided_anew(&site).await, 1);
    assert_eq!(state(&site, ada, place.claim).await, ClaimState::Adjudicated);
    assert_eq!(cost(&site).await, 7_000, "the deductible is the plan's still");
    done().await.unwrap();
    let paid = service::pay_claims(&site.app, PORTFOLIO, day("2026-12-15"), 10, |_| {}).await.unwrap();
    assert_eq!(paid.paid, 1);
    assert_eq!(decided_anew(&site).await, 0, "it comes out the same from then on");
    // Who handles an appeal against that sees who lifted it, for which appeal and why.
    let (next, second) = self::appeal(&site, ada, place.claim).await;
    let file = service::read_appeal(&site.app, &next, second, site.app.gate.request()).await.unwrap();
    let lifted = &file.overrides.unwrap().lines[0];
    assert_eq!((lifted.by, lifted.appeal), (handler.id(), Some(appeal.appeal)));
    assert_eq!(lifted.reason.reveal(), "the hospital says so");
}

async fn what_a_person_refused_is_overturned_too(site: TestSite) {
    let (ada, claim) = waiting(&site, "ada").await;
    let one = clerk(&site).await;
    let place = take(&site, &one).await.unwrap();
    decide(&site, &one, place, &[(1, NEC)]).await.unwrap();
    let colleague = handed_on(&site, &one, place).await;
    stands(&site, &colleague, place).await.unwrap();
    let (handler, appeal) = appeal(&site, ada, claim).await;
    for decider in [&one, &colleague] {
        assert_ne!(handler.id(), decider.id(), "neither of them was given it");
    }
    let all = overturn(&site, &handler, appeal, AppealOutcome::Overturned, &[]).await.unwrap_err();
    assert!(all.to_string().contains("no terms to pay it by"), "line 2 has no benefit: {all}");
    overturn(&site, &handler, appeal, AppealOutcome::PartlyOverturned, &[1]).await.unwrap();
    assert_eq!(decided_anew(&site).await, 1);
    assert_eq!((state(&site, ada, claim).await, cost(&site).await), (ClaimState::Adjudicated, 49_500));
}

async fn what_nobody_lifts_is_corrected_before_it_is_overturned(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &crate::readjudication::plan("1", 500, false).replace("[\"GP\"]", "[\"DENT\"]")).await;
    let ada = crate::readjudication::covered(&site, "ada").await;
    let claim = site.submit(&[site.claim("ada-1", "ada", "GP", 10_000)]).await.new[0];
    adjudicate(&site).await;
    let (handler, appeal) = appeal(&site, ada, claim).await;
    let refused = overturn(&site, &handler, appeal, AppealOutcome::Overturned, &[]).await.unwrap_err();
    assert!(matches!(refused, ServiceError::Override(_)), "{refused}");
    // The plan is corrected, and the claim decided by that: then it is overturned, and nothing of it hangs.
    add_plan(&site, &crate::readjudication::plan("2", 500, false)).await;
    let releaser = clerk(&site).await;
    assert_eq!(release_as(&site, &releaser, run(&site).await.run).await.unwrap().released, 1);
    assert_eq!((state(&site, ada, claim).await, cost(&site).await), (ClaimState::Adjudicated, 10_000));
    overturn(&site, &handler, appeal, AppealOutcome::Overturned, &[]).await.unwrap();
    service::decided_anew(&site.app, &handler, appeal, site.app.gate.request()).await.unwrap();
}

async fn what_was_decided_by_hand_is_erased_with_the_claim(site: TestSite) {
    let (ada, clerk, place) = late(&site).await;
    decide(&site, &clerk, place, &[(1, LATE)]).await.unwrap();
    let held = || async {
        let kind = RecordKind::ClaimOverrides;
        let read = site.app.store();
        let read = read.read(move |unit| store::sealed::of_record(unit, ada, kind, place.claim.into())).await;
        read.map_err(|error: store::StoreError| error).unwrap().len()
    };
    assert_eq!(held().await, 2, "a row for each of its categories");
    service::erase_subject(&site.app, ada, &[RetentionClass::Claims]).await.unwrap();
    assert_eq!(held().await, 0);
    assert!(decide(&site, &clerk, place, &[(1, NEC)]).await.is_err(), "nor is it written again");
    assert_eq!(held().await, 0);
    assert!(rows(&site, ada).await.1.is_empty());
}
