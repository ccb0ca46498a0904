//! A claim that lacks something is not left on the desk for ever: whoever has it enters what became known, on the record, and it
//! is decided by that. What nobody says is still not guessed, and nobody else says it.

use domain::{
    CaseReason, ClaimState, DocumentName, LineType, Reason, Recipient, RecordKind, RetentionClass, Room,
    ServiceType, Step, SubjectId,
};
use gate::Actor;
use intake::{Circumstances, ClaimDraft};
use service::{NewFacts, PendedPlace, ServiceError};

use crate::facts::{covered, plan};
use crate::on_both;
use crate::other_payers::nothing_is_proposed;
use crate::overrides::handed_on;
use crate::pended::{adjudicate, clerk, confirm, cost, read, rows, says, state, take};
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, TestSite, day};

on_both! {
    a_claim_without_its_papers_is_decided_once_they_came,
    where_nothing_was_authorised_the_penalty_applies,
    a_late_claim_is_paid_where_the_limit_is_waived,
    where_and_how_the_care_was_given_is_entered_later,
    what_is_entered_goes_before_what_came_and_is_entered_anew,
    a_type_of_service_that_nobody_said_is_entered_for_its_line,
    only_whoever_has_the_claim_enters_what_became_known,
    what_was_entered_is_erased_with_the_claim,
}

/// Ada with a claim of 100.00 under a plan with this before and in its one benefit, before one of the staff.
async fn before_somebody(
    site: &TestSite,
    (before, benefit): (&str, &str),
    circumstances: Circumstances,
) -> (SubjectId, Actor, PendedPlace) {
    covered(site, &plan(before, benefit), "2026-01-01", None).await;
    let draft = ClaimDraft { circumstances, ..site.claim("c1", "ada", "GP", 10_000) };
    site.submit(&[draft]).await;
    adjudicate(site).await;
    let clerk = clerk(site).await;
    let place = take(site, &clerk).await.unwrap();
    (place.subject, clerk, place)
}

async fn tell(site: &TestSite, actor: &Actor, place: PendedPlace, new: NewFacts) -> Result<(), ServiceError> {
    service::tell_facts(&site.app, actor, place, new, site.app.gate.request()).await.map(drop)
}

fn papers(names: &[&str]) -> Vec<DocumentName> {
    names.iter().map(|name| DocumentName::parse(name).unwrap()).collect()
}

/// What the plan would pay, by what is proposed now.
async fn proposed(site: &TestSite, actor: &Actor, place: PendedPlace) -> (i64, Vec<Reason>) {
    let line = read(site, actor, place).await.proposal.unwrap().lines.remove(0);
    (line.plan, line.reasons)
}

/// Lets what is proposed stand.
async fn stands(site: &TestSite, actor: &Actor, place: PendedPlace) -> Result<ClaimState, ServiceError> {
    let version = read(site, actor, place).await.version;
    confirm(site, actor, place, version).await
}

async fn a_claim_without_its_papers_is_decided_once_they_came(site: TestSite) {
    let came = Circumstances { documents: Some(papers(&["invoice"])), ..Circumstances::default() };
    let asks = ("", "documents = [\"invoice\", \"prescription\"]");
    let (ada, clerk, place) = before_somebody(&site, asks, came).await;
    says(stands(&site, &clerk, place).await, "waits for something that is not known");
    assert_eq!(proposed(&site, &clerk, place).await.1, [Reason::Information]);
    let before = site.entries(ada).await;
    let new = NewFacts { documents: papers(&["prescription"]), ..NewFacts::default() };
    tell(&site, &clerk, place, new).await.unwrap();
    assert!(site.entries(ada).await > before, "that somebody entered it stands in the person's list");
    let file = read(&site, &clerk, place).await;
    let told = file.told.unwrap();
    let told = told.documents.shown().unwrap().as_ref().unwrap();
    assert_eq!(
        told.value,
        papers(&["invoice", "prescription"]),
        "those that came with the claim are there still"
    );
    assert_eq!((told.by, told.at.date().unwrap()), (clerk.id(), site.app.today().unwrap()));
    assert_eq!(cost(&site).await, 0, "until somebody lets it stand it is a proposal");
    assert_eq!(stands(&site, &clerk, place).await.unwrap(), ClaimState::Adjudicated);
    assert_eq!(cost(&site).await, 10_000);
    let paid = service::pay_claims(&site.app, PORTFOLIO, day("2026-12-15"), 10, |_| {}).await.unwrap();
    assert_eq!(paid.paid, 1);
    nothing_is_proposed(&site).await;
}

async fn where_nothing_was_authorised_the_penalty_applies(site: TestSite) {
    let asks = ("", "pre_authorisation = { penalty = \"0.50\" }");
    let (_, clerk, place) = before_somebody(&site, asks, Circumstances::default()).await;
    let new = NewFacts { nothing_authorised: true, ..NewFacts::default() };
    tell(&site, &clerk, place, new).await.unwrap();
    says(stands(&site, &clerk, place).await, "waits for something that is not known");
    let new = NewFacts { emergency: Some(false), ..NewFacts::default() };
    tell(&site, &clerk, place, new).await.unwrap();
    let file = read(&site, &clerk, place).await;
    assert!(file.told.unwrap().nothing_authorised.is_some(), "what was entered before is still known");
    let proposal = file.proposal.unwrap();
    assert_eq!(
        (proposal.lines[0].plan, &proposal.lines[0].reasons[..]),
        (5_000, &[Reason::NoPreauthorisation][..])
    );
    let mut traces = proposal.traces.shown().unwrap().iter();
    let penalty = traces.find(|trace| trace.step == Step::Preauthorisation).unwrap();
    assert_eq!((penalty.input, penalty.output), (10_000, 5_000));
    assert_eq!(stands(&site, &clerk, place).await.unwrap(), ClaimState::Adjudicated);
    assert_eq!(cost(&site).await, 5_000);
    nothing_is_proposed(&site).await;
}

async fn a_late_claim_is_paid_where_the_limit_is_waived(site: TestSite) {
    let text = plan("filing_months = 3", "").replace("\"send\"", "\"pend\"");
    covered(&site, &text, "2026-01-01", None).await;
    let mut draft = site.claim("late", "ada", "GP", 10_000);
    (draft.lines[0].service_start, draft.lines[0].service_end) = (day("2026-02-02"), day("2026-02-02"));
    site.submit(&[draft]).await;
    adjudicate(&site).await;
    let clerk = clerk(&site).await;
    let place = take(&site, &clerk).await.unwrap();
    assert_eq!(proposed(&site, &clerk, place).await, (0, vec![Reason::Late]));
    let reason = CaseReason::parse("She was in a coma until May.").unwrap();
    let new = NewFacts { filing_waived: Some(reason.clone()), ..NewFacts::default() };
    tell(&site, &clerk, place, new).await.unwrap();
    let told = read(&site, &clerk, place).await.told.unwrap();
    let told = told.filing_waived.shown().unwrap().as_ref().unwrap();
    assert_eq!((&told.value, told.by), (&reason, clerk.id()));
    says(stands(&site, &clerk, place).await, "you decided something of it by hand");
    // Nor does who waived it first, once a colleague said so anew.
    let colleague = handed_on(&site, &clerk, place).await;
    let again = NewFacts { filing_waived: Some(reason), ..NewFacts::default() };
    tell(&site, &colleague, place, again).await.unwrap();
    service::return_pended(&site.app, &colleague, place, site.app.gate.request()).await.unwrap();
    for decider in [&clerk, &colleague] {
        assert_eq!(take(&site, decider).await, Some(place), "no other waits");
        says(stands(&site, decider, place).await, "you decided something of it by hand");
        service::return_pended(&site.app, decider, place, site.app.gate.request()).await.unwrap();
    }
    assert_eq!(cost(&site).await, 0);
    let third = crate::pended::clerk(&site).await;
    assert_eq!(take(&site, &third).await, Some(place));
    assert_eq!(stands(&site, &third, place).await.unwrap(), ClaimState::Adjudicated);
    assert_eq!(cost(&site).await, 10_000);
    nothing_is_proposed(&site).await;
}

async fn where_and_how_the_care_was_given_is_entered_later(site: TestSite) {
    let asks = "room = { grade = \"ward\", rate = \"0.60\" }
waiting = [{ months = 12, waived = [\"accident\"] }]
allowed = [{ provider = \"in-network\", charge = true, above = \"write-off\" },
    { provider = \"out-of-network\", percentage = \"0.50\", above = \"member\" }]";
    let (_, clerk, place) = before_somebody(
        &site,
        ("[area]\nexcept = [\"US\"]\nemergency_days = 42", asks),
        Circumstances::default(),
    )
    .await;
    let all = NewFacts {
        country: Some("US".parse().unwrap()),
        emergency: Some(true),
        accident: Some(true),
        in_network: Some(false),
        away_since: Some(day("2026-10-30")),
        room: Some(Room::Ward),
        ..NewFacts::default()
    };
    let later = NewFacts { away_since: Some(day("2026-11-03")), ..all.clone() };
    let refused = tell(&site, &clerk, place, later).await.unwrap_err().to_string();
    assert!(refused.contains("after the care"), "{refused}");
    let some = NewFacts { in_network: Some(false), accident: Some(true), ..NewFacts::default() };
    tell(&site, &clerk, place, some).await.unwrap();
    says(stands(&site, &clerk, place).await, "waits for something that is not known");
    tell(&site, &clerk, place, NewFacts { country: all.country, ..NewFacts::default() }).await.unwrap();
    says(stands(&site, &clerk, place).await, "waits for something that is not known");
    tell(&site, &clerk, place, all).await.unwrap();
    assert_eq!(proposed(&site, &clerk, place).await.0, 5_000);
    assert_eq!(stands(&site, &clerk, place).await.unwrap(), ClaimState::Adjudicated);
    nothing_is_proposed(&site).await;
}

async fn what_is_entered_goes_before_what_came_and_is_entered_anew(site: TestSite) {
    let came = Circumstances { country: Some("US".parse().unwrap()), ..Circumstances::default() };
    let (_, clerk, place) =
        before_somebody(&site, ("[area]\nexcept = [\"US\"]\nemergency_days = 42", ""), came).await;
    let country = |code: &str| NewFacts { country: Some(code.parse().unwrap()), ..NewFacts::default() };
    tell(&site, &clerk, place, country("FR")).await.unwrap();
    assert_eq!(proposed(&site, &clerk, place).await.0, 10_000);
    tell(&site, &clerk, place, country("US")).await.unwrap();
    assert_eq!(proposed(&site, &clerk, place).await.1, [Reason::Information]);
    let seen = read(&site, &clerk, place).await.version;
    tell(&site, &clerk, place, country("BE")).await.unwrap();
    says(confirm(&site, &clerk, place, seen).await, "not of the version that you saw");
    assert!(tell(&site, &clerk, place, NewFacts::default()).await.is_err(), "nothing was told");
    assert_eq!(stands(&site, &clerk, place).await.unwrap(), ClaimState::Adjudicated);
    // Once it is decided nobody enters anything.
    assert!(tell(&site, &clerk, place, country("US")).await.is_err());
}

async fn a_type_of_service_that_nobody_said_is_entered_for_its_line(site: TestSite) {
    let asks = ("", "service_types = [\"maternity\"]");
    let (_, clerk, place) = before_somebody(&site, asks, Circumstances::default()).await;
    assert_eq!(proposed(&site, &clerk, place).await.1, [Reason::Information]);
    let of = |lines: &[u32]| NewFacts {
        service_types: lines
            .iter()
            .map(|line| LineType { line: *line, service_type: ServiceType::Maternity })
            .collect(),
        ..NewFacts::default()
    };
    for (wrong, says) in [(of(&[2]), "no line of such a number"), (of(&[1, 1]), "two types of service")] {
        let refused = tell(&site, &clerk, place, wrong).await.unwrap_err().to_string();
        assert!(refused.contains(says), "{refused}");
    }
    tell(&site, &clerk, place, of(&[1])).await.unwrap();
    let told = read(&site, &clerk, place).await.told.unwrap();
    assert_eq!(told.service_types.shown().unwrap().as_ref().unwrap().by, clerk.id());
    assert_eq!(stands(&site, &clerk, place).await.unwrap(), ClaimState::Adjudicated);
    assert_eq!(cost(&site).await, 10_000);
    nothing_is_proposed(&site).await;
}

async fn only_whoever_has_the_claim_enters_what_became_known(site: TestSite) {
    let (ada, owner, place) =
        before_somebody(&site, ("", "pre_authorisation = {}"), Circumstances::default()).await;
    let new = || NewFacts { nothing_authorised: true, emergency: Some(false), ..NewFacts::default() };
    let held = || async {
        let read = site.app.store().read(move |unit| store::sealed::kinds_of(unit, ada)).await;
        read.map_err(|error: store::StoreError| error).unwrap().contains(&RecordKind::ClaimFacts)
    };
    let others = [
        clerk(&site).await,
        site.actor(Recipient::ClaimsStaff, OTHER_PORTFOLIO).await,
        site.actor(Recipient::PaymentsStaff, PORTFOLIO).await,
        site.app.gate.job(Recipient::AdjudicationJob).unwrap(),
    ];
    for other in &others {
        assert!(tell(&site, other, place, new()).await.is_err());
    }
    service::return_pended(&site.app, &owner, place, site.app.gate.request()).await.unwrap();
    assert!(tell(&site, &owner, place, new()).await.is_err(), "they gave it back");
    assert!(!held().await);
    assert_eq!(rows(&site, ada).await.1[0].owner, None);
    let place = take(&site, &others[0]).await.unwrap();
    tell(&site, &others[0], place, new()).await.unwrap();
    assert!(held().await);
    assert_eq!(stands(&site, &others[0], place).await.unwrap(), ClaimState::Settled);
    assert_eq!(state(&site, ada, place.claim).await, ClaimState::Settled);
}

async fn what_was_entered_is_erased_with_the_claim(site: TestSite) {
    let (ada, clerk, place) =
        before_somebody(&site, ("", "pre_authorisation = {}"), Circumstances::default()).await;
    tell(&site, &clerk, place, NewFacts { nothing_authorised: true, ..NewFacts::default() }).await.unwrap();
    let held = || async {
        let kind = RecordKind::ClaimFacts;
        let read = site.app.store();
        let read = read.read(move |unit| store::sealed::of_record(unit, ada, kind, place.claim.into())).await;
        read.map_err(|error: store::StoreError| error).unwrap().len()
    };
    assert_eq!(held().await, 2, "a row for each of its categories");
    service::erase_subject(&site.app, ada, &[RetentionClass::Claims]).await.unwrap();
    assert_eq!(held().await, 0);
}
