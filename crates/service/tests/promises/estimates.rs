//! What a treatment would cost somebody is what the claim for it comes to later, is told to whom a clause opens what it takes and
//! to nobody else, leaves nothing behind but its entry, and tells one of a family nothing of another's care.

use domain::{
    ClaimId, Language, Outcome, PortfolioId, Purpose, Recipient, ReferenceSalary, ServiceType, SubjectId,
};
use gate::{Actor, EntryOutcome, GateError, Target};
use intake::{ClaimDraft, CoverageDraft};
use service::{EstimateFor, ServiceError, Treatment};
use store::StoreError;

use crate::facts::{covered, plan};
use crate::last_of_a_limit::under_the_limit;
use crate::on_both;
use crate::scope::dependant;
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, SOURCE, TestSite, cover_draft, day, item};

on_both! {
    ones_own_estimate_is_what_the_claim_later_comes_to,
    what_is_not_known_waits_in_an_estimate_too,
    nobody_else_is_told_and_who_asked_is_on_the_record,
    staff_are_told_with_a_task_and_what_they_may_not_see_is_not_known,
    an_estimate_leaves_nothing_but_its_entry,
    one_of_a_family_learns_nothing_of_another,
}

/// A plan with a deductible, a share, and a limit on two visits.
const RULES: &str = r#"[[deductible]]
id = "yearly"
accumulator = 1
name = "Deductible"
period = "calendar-year"
amount = { EUR = "75" }
[[limit]]
id = "visits"
accumulator = 2
name = "Visits"
period = "calendar-year"
of = "visits"
count = 3
applies_to = "plan"
"#;

/// The treatment that a claim would be for.
fn treatment(draft: &ClaimDraft) -> Treatment {
    Treatment {
        provider: None,
        currency: draft.currency,
        lines: draft.lines.clone(),
        services: draft.services.clone(),
        diagnoses: draft.diagnoses.clone(),
        circumstances: draft.circumstances.clone(),
    }
}

/// A claim of a day.
fn claim(site: &TestSite, member: &str, number: u8, charge: i64) -> ClaimDraft {
    let mut draft = site.claim(&format!("{member} {number}"), member, "GP", charge);
    let served = day(&format!("2026-11-{number:02}"));
    (draft.lines[0].service_start, draft.lines[0].service_end) = (served, served);
    draft
}

/// Somebody, with a token of their own.
pub(crate) struct Own {
    subject: SubjectId,
    actor: Actor,
}

pub(crate) async fn own(site: &TestSite, subject: SubjectId) -> Own {
    Own { subject, actor: site.actor_with_id(*subject.bytes(), Recipient::Subject).await }
}

async fn asked(
    site: &TestSite,
    actor: &Actor,
    portfolio: PortfolioId,
    target: Target,
    draft: &ClaimDraft,
) -> Result<EstimateFor, ServiceError> {
    let (treatment, request) = (treatment(draft), site.app.gate.request());
    service::estimate_for(&site.app, actor, portfolio, target, &treatment, Language::English, request).await
}

/// What somebody is told of a treatment of their own.
pub(crate) async fn told(site: &TestSite, own: &Own, draft: &ClaimDraft) -> EstimateFor {
    asked(site, &own.actor, PORTFOLIO, Target::of(own.subject), draft).await.unwrap()
}

/// What the claim for it comes to.
async fn decided(site: &TestSite, own: &Own, draft: ClaimDraft) -> i64 {
    let claim: ClaimId = site.submit(&[draft]).await.new[0];
    service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap();
    let statements = service::statements(&site.app, PORTFOLIO, &[(own.subject, claim)]).await.unwrap();
    statements[0].determination.lines[0].plan
}

/// Ada, covered under a plan.
async fn ada_under(site: &TestSite, plan: &str) -> Own {
    covered(site, plan, "2026-01-01", None).await;
    own(site, SubjectId::from_bytes(site.app.gate.imported_id("member", SOURCE, "ada"))).await
}

async fn ada(site: &TestSite) -> Own {
    ada_under(site, &plan(RULES, "coinsurance = \"1/3\"")).await
}

async fn ones_own_estimate_is_what_the_claim_later_comes_to(site: TestSite) {
    let ada = ada(&site).await;
    let mut paid = Vec::new();
    for (number, charge) in [(2, 5_000), (3, 10_000), (4, 12_345), (5, 8_000)] {
        let draft = claim(&site, "ada", number, charge);
        let told = told(&site, &ada, &draft).await;
        assert_eq!((told.plan.as_str(), told.estimate.is_without_family), ("asking@1", false));
        let line = &told.estimate.lines[0];
        let changes: i64 = line.steps.iter().map(|step| step.change).sum();
        assert_eq!((line.shares.charged, line.shares.charged + changes), (charge, line.shares.plan));
        assert_eq!(decided(&site, &ada, draft).await, told.estimate.total.plan, "day {number}");
        paid.push(told.estimate.total.plan);
    }
    // Under the deductible, past it, and when all visits are used.
    assert_eq!(paid, [0, 5_000, 8_230, 0]);
    let left = told(&site, &ada, &claim(&site, "ada", 6, 1_000)).await;
    assert!(left.estimate.text(Language::English).contains("over the limit"));
}

async fn what_is_not_known_waits_in_an_estimate_too(site: TestSite) {
    let ada = ada_under(&site, &plan("", "service_types = [\"maternity\"]")).await;
    let mut draft = claim(&site, "ada", 2, 10_000);
    let waits = told(&site, &ada, &draft).await.estimate;
    assert_eq!((waits.outcome, waits.total.plan), (Outcome::Pended, 0));
    assert!(waits.lines[0].steps[0].text.contains("that of the line is not known"));
    draft.services[0].service_type = Some(ServiceType::Maternity);
    assert_eq!(told(&site, &ada, &draft).await.estimate.total.plan, 10_000);
    // A day without cover is told as the claim would be; who has none at all gets no answer.
    draft.lines[0].service_start = day("2025-12-31");
    draft.lines[0].service_end = day("2025-12-31");
    let early = told(&site, &ada, &draft).await.estimate;
    assert_eq!((early.outcome, early.total.plan), (Outcome::Denied, 0));
    let eve = own(&site, site.person("eve", true).await).await;
    let refused = asked(&site, &eve.actor, PORTFOLIO, Target::of(eve.subject), &draft).await.err().unwrap();
    assert_eq!(refused.to_string(), "estimates: the person has no cover");
}

async fn nobody_else_is_told_and_who_asked_is_on_the_record(site: TestSite) {
    let ada = ada(&site).await;
    let eve = site.person("eve", true).await;
    let draft = claim(&site, "ada", 2, 10_000);
    let others = [
        own(&site, eve).await.actor,
        site.actor(Recipient::CustomerService, PORTFOLIO).await,
        site.actor(Recipient::ClaimsStaff, PORTFOLIO).await,
        site.actor(Recipient::PaymentsStaff, PORTFOLIO).await,
        site.app.gate.job(Recipient::AdjudicationJob).unwrap(),
    ];
    for other in &others {
        let before = site.entries(ada.subject).await;
        let refused = asked(&site, other, PORTFOLIO, Target::of(ada.subject), &draft).await.err().unwrap();
        assert!(matches!(refused, ServiceError::Gate(GateError::Refused(_))), "{refused}");
        assert_eq!(site.entries(ada.subject).await, before + 1, "that it was refused is on the record");
    }
    let outsider = site.actor(Recipient::ClaimsStaff, OTHER_PORTFOLIO).await;
    assert!(asked(&site, &outsider, PORTFOLIO, Target::of(ada.subject), &draft).await.is_err());
    told(&site, &ada, &draft).await;
    let answer =
        service::answer_access_request(&site.app, &ada.actor, PORTFOLIO, ada.subject, None).await.unwrap();
    let of_estimates = |line: &&gate::HistoryLine| line.view.contains("CoverToEstimate");
    let looks: Vec<_> = answer.history.iter().filter(of_estimates).collect();
    let granted: Vec<_> = looks.iter().filter(|line| line.outcome == EntryOutcome::Granted).collect();
    assert_eq!((looks.len(), granted.len()), (others.len() + 1, 1));
    assert_eq!(granted[0].purpose, Purpose::AdministrativeCommunication);
}

async fn staff_are_told_with_a_task_and_what_they_may_not_see_is_not_known(site: TestSite) {
    let limit = "[[limit]]\nid = \"salaries\"\naccumulator = 3\nname = \"Salaries\"\nperiod = \"calendar-year\"\n\
                 amount = { salary = \"1/1000\" }\napplies_to = \"plan\"";
    site.clinic().await;
    let ada = site.person("ada", true).await;
    site.app.plans.add(site.app.store(), "asking", &plan(limit, "")).await.unwrap();
    let mut cover = CoverageDraft { plan: "asking".to_owned(), ..cover_draft("ada", "ada") };
    cover.coverage.salaries = vec![ReferenceSalary {
        from: day("2026-01-01"),
        yearly: domain::Money::new(5_000_000, domain::Currency::EUR).unwrap(),
    }];
    site.cover(&[cover]).await;
    let draft = claim(&site, "ada", 2, 10_000);
    let plan_pays = async |recipient, number| {
        let staff = site.actor(recipient, PORTFOLIO).await;
        site.assign(ada, item(number), &staff).await;
        let target = Target::for_item(ada, item(number));
        let told = asked(&site, &staff, PORTFOLIO, target, &draft).await.unwrap().estimate;
        (told.outcome, told.total.plan)
    };
    assert_eq!(plan_pays(Recipient::ClaimsStaff, 1).await, (Outcome::Approved, 5_000));
    // No clause shows customer service what somebody earns.
    assert_eq!(plan_pays(Recipient::CustomerService, 2).await, (Outcome::Pended, 0));
    assert_eq!(told(&site, &own(&site, ada).await, &draft).await.estimate.total.plan, 5_000);
    // Without consent staff are told nothing; somebody's own answer needs none.
    let eve = site.member("eve", false).await.subject;
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    site.assign(eve, item(3), &staff).await;
    let of_eve = claim(&site, "eve", 2, 10_000);
    assert!(asked(&site, &staff, PORTFOLIO, Target::for_item(eve, item(3)), &of_eve).await.is_err());
    told(&site, &own(&site, eve).await, &of_eve).await;
}

async fn an_estimate_leaves_nothing_but_its_entry(site: TestSite) {
    let ada = ada(&site).await;
    decided(&site, &ada, claim(&site, "ada", 2, 9_000)).await;
    let subject = ada.subject;
    let rows = async || {
        let read = site.app.store().read(move |unit| {
            Ok::<_, StoreError>((
                store::sealed::kinds_of(unit, subject)?,
                store::claim::count_by_state(unit)?,
                store::condition::of_subject(unit, subject)?.len(),
                store::coverage::of_subject(unit, subject)?,
            ))
        });
        read.await.unwrap()
    };
    let (before, entries) = (rows().await, site.entries(subject).await);
    let draft = claim(&site, "ada", 3, 10_000);
    let first = told(&site, &ada, &draft).await.estimate;
    assert_eq!(site.entries(subject).await, entries + 1);
    assert!(rows().await == before, "no row is another than it was");
    // What was asked counts for nothing: the same again is the same, and what the claim then comes to.
    assert_eq!(told(&site, &ada, &draft).await.estimate, first);
    assert_eq!(decided(&site, &ada, draft).await, first.total.plan);
}

async fn one_of_a_family_learns_nothing_of_another(site: TestSite) {
    site.clinic().await;
    let ada = own(&site, site.person("ada", true).await).await;
    under_the_limit(&site, "ada", true).await;
    let ben = own(&site, dependant(&site, "ben", "ada").await).await;
    under_the_limit(&site, "ben", true).await;
    let (of_ada, of_ben) = (claim(&site, "ada", 5, 20_000), claim(&site, "ben", 5, 20_000));
    let before = told(&site, &ben, &of_ben).await.estimate;
    assert_eq!((before.total.plan, before.is_without_family), (20_000, true));
    assert!(before.text(Language::English).contains("as if nobody of your family"));
    decided(&site, &ada, claim(&site, "ada", 2, 45_000)).await;
    let entries = site.entries(ada.subject).await;
    let after = told(&site, &ben, &of_ben).await.estimate;
    assert_eq!(after, before, "that she was treated changes nothing of what he is told");
    assert_eq!(site.entries(ada.subject).await, entries, "and nothing of hers is looked at for it");
    // The sums are the holder's record: what she is told is what her claim comes to, and names no balance.
    let hers = told(&site, &ada, &of_ada).await.estimate;
    assert_eq!((hers.total.plan, hers.is_without_family), (5_000, false));
    for told in [&after, &hers] {
        assert!(told.left.is_empty());
        let texts = told.lines.iter().flat_map(|line| &line.steps).map(|step| step.text.as_str());
        assert!(texts.into_iter().all(|text| !text.contains("500") && !text.contains("450")));
    }
    assert_eq!(decided(&site, &ada, of_ada).await, 5_000);
}
