//! Statements of benefits: made once, under the cover that decided; those that wait are found, and end when they are written.

use domain::{ClaimId, CoverageStatus, PlanId, PolicyNumber, Recipient, RecordKind, SubjectId};
use gate::{assignment, job_actor_id};
use service::{ServiceError, StatementReport, WaitingStatement};
use store::condition::ConditionRow;

use crate::on_both;
use crate::pended::{adjudicate, confirm, take, waiting};
use crate::readjudication::{release_as, run};
use crate::site::again::meanwhile;
use crate::site::{OTHER_PORTFOLIO, PLAN, PORTFOLIO, SOURCE, TestSite, cover_draft, day};

on_both! {
    a_statement_names_the_cover_that_decided_and_is_made_once,
    a_statement_names_the_same_cover_whatever_was_enrolled_after,
    a_statement_says_whether_a_person_decided_and_how_each_line_came_about,
    what_waits_is_written_once_and_goes_on_where_writing_failed,
    a_record_that_does_not_open_holds_up_no_other_statement,
    a_claim_that_is_decided_again_while_its_statement_is_written_has_a_further_one,
    one_run_at_a_time_writes_statements,
}

async fn a_statement_names_the_cover_that_decided_and_is_made_once(site: TestSite) {
    site.clinic().await;
    let ada = site.member("ada", true).await;
    // Spans that were cancelled and hold the day of care too: they decide nothing.
    let ended = |number: u8| {
        let mut draft = cover_draft(&format!("ended {number}"), "ada");
        draft.coverage.policy_number = PolicyNumber::parse("P-ended").unwrap();
        draft.coverage.start = day("2026-06-01");
        draft.coverage.status = CoverageStatus::Ended;
        draft
    };
    site.cover(&(0..12).map(ended).collect::<Vec<_>>()).await;
    let claim = site.submit(&[site.claim("c1", "ada", "GP", 50_000)]).await.new[0];
    service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap();

    let claims = [(ada.subject, claim)];
    let statements = service::statements(&site.app, PORTFOLIO, &claims).await.unwrap();
    let named = statements[0].cover.as_ref().unwrap();
    assert_eq!(named.policy_number.reveal(), "P-1");
    // Until it is written it can be made again; then nothing lets the job read for it any more.
    let again = service::statements(&site.app, PORTFOLIO, &claims).await.unwrap();
    assert_eq!(again.len(), 1);
    service::end_statement(&site.app, &statements[0]).await.unwrap();
    assert!(service::statements(&site.app, PORTFOLIO, &claims).await.unwrap().is_empty());
}

async fn a_statement_names_the_same_cover_whatever_was_enrolled_after(site: TestSite) {
    site.clinic().await;
    let ada = site.member("ada", true).await;
    let claim = site.submit(&[site.claim("c1", "ada", "GP", 50_000)]).await.new[0];
    service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap();
    let claims = [(ada.subject, claim)];
    let decided = {
        let subject = ada.subject;
        site.write(move |unit| Ok::<_, store::StoreError>(store::coverage::of_subject(unit, subject)?[0]))
            .await
    };
    // Spans that hold the day of care too, before and after it: under a plan that this process has not read
    // yet, and under one that nobody can read.
    let other = site.reopen().await;
    let text = PLAN.replacen("id = \"self-funded-basic\"", "id = \"later\"", 1);
    other.plans.add(other.store(), "later", &text).await.unwrap();
    let intake = other.gate.job(Recipient::IntakeJob).unwrap();
    let later = ["2025-06-01", "2026-09-01"].map(|start| {
        let mut draft = cover_draft(&format!("from {start}"), "ada");
        draft.plan = "later".to_owned();
        draft.coverage.policy_number = PolicyNumber::parse("P-later").unwrap();
        draft.coverage.start = day(start);
        draft
    });
    let mut said = service::SaidOfCover::default();
    service::enrol_coverage(&other, &intake, PORTFOLIO, SOURCE, &later, &mut said).await.unwrap();
    let (subject, id) = (ada.subject, decided.coverage);
    site.write(move |unit| {
        let rows = store::coverage::of_subject(unit, subject)?;
        let plan = PlanId::from_bytes([9; 16]);
        let last = rows.into_iter().rfind(|row| row.coverage != id).unwrap();
        store::coverage::replace(unit, &store::coverage::CoverageRow { plan, ..last })
    })
    .await;
    let statements = service::statements(&site.app, PORTFOLIO, &claims).await.unwrap();
    assert_eq!(statements[0].determination.coverage, Some(decided.coverage));
    assert_eq!(statements[0].cover.as_ref().unwrap().policy_number.reveal(), "P-1");
}

async fn a_statement_says_whether_a_person_decided_and_how_each_line_came_about(site: TestSite) {
    let (ada, claim) = waiting(&site, "ada").await;
    let clerk = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let place = take(&site, &clerk).await.unwrap();
    confirm(&site, &clerk, place, 1).await.unwrap();
    let plain = site.submit(&[site.claim("plain", "ada", "GP", 5_000)]).await.new[0];
    adjudicate(&site).await;
    let told = async || {
        let all = service::statements(&site.app, PORTFOLIO, &[(ada, claim), (ada, plain)]).await.unwrap();
        let of = |claim| all.iter().find(|one| one.claim_id == claim).unwrap();
        for statement in [of(claim), of(plain)] {
            let traces = &statement.determination.traces;
            for line in &statement.determination.lines {
                let of_line = traces.iter().filter(|trace| trace.line == line.number);
                let end = of_line.fold(line.submitted, |stands, trace| {
                    assert_eq!(trace.input, stands, "each step begins where the one before ended");
                    trace.output
                });
                assert_eq!(end, line.plan);
            }
        }
        (of(claim).is_confirmed, of(plain).is_confirmed)
    };
    assert_eq!(told().await, (true, false));
    // What is worked out anew on a later day nobody has looked at line by line.
    site.clock.advance(86_400);
    let more = PLAN.replacen("\"2026-1\"", "\"2026-2\"", 1).replace("EUR = \"5\"", "EUR = \"10\"");
    site.app.plans.add(site.app.store(), "self-funded-basic", &more).await.unwrap();
    let found = run(&site).await;
    assert!(found.differing > 0);
    assert_eq!(release_as(&site, &clerk, found.run).await.unwrap().released, 1);
    assert_eq!(told().await, (false, false));
}

/// Three claims of two people, decided; and one that is not.
async fn decided(site: &TestSite) -> ([SubjectId; 2], Vec<ClaimId>) {
    site.clinic().await;
    let people = [site.member("ada", true).await.subject, site.member("bob", true).await.subject];
    let drafts = [("a1", "ada", 50_000), ("a2", "ada", 60_000), ("b1", "bob", 70_000)]
        .map(|(id, who, charge)| site.claim(id, who, "GP", charge));
    let claims = site.submit(&drafts).await.new;
    adjudicate(site).await;
    site.submit(&[site.claim("later", "ada", "GP", 80_000)]).await;
    (people, claims)
}

/// Which statements were delivered, and what the run answered, when the one at this place fails.
async fn written(
    site: &TestSite,
    fails_at: Option<usize>,
) -> (Vec<WaitingStatement>, Result<StatementReport, ServiceError>) {
    let mut delivered = Vec::new();
    let report = service::write_statements(&site.app, PORTFOLIO, |waiting, statement| {
        assert_eq!((waiting.subject, waiting.claim), (statement.subject, statement.claim_id));
        if fails_at == Some(delivered.len()) {
            return Err(ServiceError::NotFound("room on the disk"));
        }
        delivered.push(*waiting);
        Ok(true)
    });
    let report = report.await;
    (delivered, report)
}

async fn what_waits_is_written_once_and_goes_on_where_writing_failed(site: TestSite) {
    let ([ada, _], claims) = decided(&site).await;
    let elsewhere =
        service::write_statements(&site.app, OTHER_PORTFOLIO, |_, _| panic!("of another portfolio"));
    assert_eq!(elsewhere.await.map_err(|error: ServiceError| error).unwrap(), StatementReport::default());
    let (first, failed) = written(&site, Some(1)).await;
    assert!(matches!(failed, Err(ServiceError::NotFound(_))) && first.len() == 1);
    let (second, report) = written(&site, None).await;
    assert_eq!(report.unwrap(), StatementReport { written: 2, refused: 0, left: 0 });
    let mut all: Vec<ClaimId> = first.iter().chain(&second).map(|one| one.claim).collect();
    all.sort_unstable();
    let mut expected = claims.clone();
    expected.sort_unstable();
    assert_eq!(all, expected, "each once, and nothing that was not decided");
    let before = site.entries(ada).await;
    assert_eq!(written(&site, None).await.1.unwrap(), StatementReport::default());
    assert_eq!(site.entries(ada).await, before, "where none waits nothing is asked");
}

async fn a_record_that_does_not_open_holds_up_no_other_statement(site: TestSite) {
    let ([ada, _], claims) = decided(&site).await;
    let spoiled = claims[0];
    site.write(move |unit| {
        for row in store::sealed::of_record(unit, ada, RecordKind::Determination, spoiled.into())? {
            let blob = row.blob.iter().map(|byte| byte ^ 1).collect();
            store::sealed::replace(unit, &store::sealed::SealedRow { blob, ..row.clone() }, row.version)?;
        }
        Ok::<_, store::StoreError>(())
    })
    .await;
    for report in
        [StatementReport { written: 2, refused: 0, left: 1 }, StatementReport { left: 1, ..<_>::default() }]
    {
        let (delivered, found) = written(&site, None).await;
        assert!(delivered.iter().all(|one| one.claim != spoiled));
        assert_eq!(found.unwrap(), report, "it waits on");
    }
}

async fn a_claim_that_is_decided_again_while_its_statement_is_written_has_a_further_one(site: TestSite) {
    let (_, claims) = decided(&site).await;
    let runtime = tokio::runtime::Handle::current();
    let mut first = Vec::new();
    let report = service::write_statements(&site.app, PORTFOLIO, |waiting, _| {
        first.push(*waiting);
        if waiting.claim == claims[0] {
            // As a release opens it, when the paper is made already.
            let object = assignment(waiting.claim.into(), job_actor_id(Recipient::StatementJob));
            let condition = domain::Condition::WorkItem;
            let (subject, since) = (waiting.subject, waiting.since.plus_seconds(1));
            let row = ConditionRow { subject, condition, object, since, until: None };
            meanwhile(&runtime, site.write(move |unit| store::condition::set_many(unit, &[row])));
        }
        Ok::<_, ServiceError>(true)
    });
    assert_eq!(report.await.unwrap().written, 3);
    site.clock.advance(5);
    let (further, _) = written(&site, None).await;
    let before = first.iter().find(|one| one.claim == claims[0]).unwrap();
    assert_eq!(further, [WaitingStatement { since: before.since.plus_seconds(1), ..*before }]);
    assert_eq!(written(&site, None).await.1.unwrap(), StatementReport::default());
}

async fn one_run_at_a_time_writes_statements(site: TestSite) {
    decided(&site).await;
    let other = site.reopen().await;
    let runtime = tokio::runtime::Handle::current();
    let report = service::write_statements(&site.app, PORTFOLIO, |_, _| {
        let second = service::write_statements(&other, PORTFOLIO, |_, _| panic!("it is written twice"));
        let second: Result<StatementReport, ServiceError> = meanwhile(&runtime, second);
        assert!(matches!(second, Err(ServiceError::UnderWay(_))), "{second:?}");
        Ok::<_, ServiceError>(true)
    });
    assert_eq!(report.await.unwrap().written, 3);
}
