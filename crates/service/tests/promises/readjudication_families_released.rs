//! What waits for people who count together with a family is released together: for all of them, or for none.

use domain::{
    AppealOutcome, ClaimState, Condition, Currency, Money, ProposalState, Recipient, ReleaseReason,
};
use gate::Actor;
use service::{ReleaseReport, ServiceError, ToRelease};
use store::StoreError;
use store::readjudication::RunRow;

use crate::on_both;
use crate::overrides::{appeal, decided_anew, overturn};
use crate::readjudication::{add_plan, decided, proposed, release_as, run};
use crate::readjudication_families::{
    BY_CARE, adds_up, adjudicated, claim, family, plan, proposal, proposals, with_a_late_claim,
};
use crate::site::{PORTFOLIO, TestSite, day};

on_both! {
    who_is_named_is_released_with_theirs,
    another_claim_of_the_family_outdates_what_is_proposed,
    where_one_may_not_be_read_nothing_is_proposed_or_released,
    the_authority_is_for_all_of_the_family,
    what_is_newly_refused_for_one_is_looked_at_with_the_others,
    a_claim_that_is_decided_while_it_is_released_is_counted_once,
    what_is_overturned_for_one_of_a_family_is_paid,
}

async fn staff(site: &TestSite) -> Actor {
    site.actor(Recipient::ClaimsStaff, PORTFOLIO).await
}

async fn release(
    site: &TestSite,
    actor: &Actor,
    run: &RunRow,
    only: domain::SubjectId,
) -> Result<ReleaseReport, ServiceError> {
    let what = ToRelease { run: run.run, only: [only].into(), reason: ReleaseReason::PlanCorrected };
    service::release(&site.app, actor, PORTFOLIO, what, site.app.gate.request(), |_| {}).await
}

async fn who_is_named_is_released_with_theirs(site: TestSite) {
    let ours = with_a_late_claim(&site).await;
    let theirs = family(&site, &["eve", "fay"]).await;
    let claims = [claim(&site, "eve", "2026-11-05", 60_000), claim(&site, "fay", "2026-11-02", 20_000)];
    adjudicated(&site, &claims).await;
    let found = run(&site).await;
    assert_eq!(proposals(&site, &found).await, [(ProposalState::Proposed, 4)]);
    for subject in ours.values() {
        let other = ours.values().find(|other| *other != subject).unwrap();
        assert_eq!(
            proposal(&site, &found, *subject).await.basis,
            proposal(&site, &found, *other).await.basis
        );
    }
    let one = staff(&site).await;
    // Whichever of them is named.
    let report = release(&site, &one, &found, *ours.values().max().unwrap()).await.unwrap();
    assert_eq!((report.released, report.claims, report.booked.balances()), (2, 3, true));
    assert_eq!(decided(&site, ours["ada"]).await.paid(), [10_000]);
    assert_eq!(decided(&site, theirs["eve"]).await.paid(), [10_000], "the others wait");
    for subject in ours.values() {
        let row = proposal(&site, &found, *subject).await;
        assert_eq!((row.state, row.release.unwrap().by), (ProposalState::Released, one.id()));
        let again = release(&site, &one, &found, *subject).await;
        assert!(matches!(again, Err(ServiceError::NotFound(_))), "once");
    }
    let report = release(&site, &one, &found, *theirs.values().min().unwrap()).await.unwrap();
    assert_eq!(report.released, 2);
    assert_eq!(decided(&site, theirs["eve"]).await.paid(), [30_000]);
    adds_up(&site, &theirs, "eve").await;
}

async fn another_claim_of_the_family_outdates_what_is_proposed(site: TestSite) {
    let ours = with_a_late_claim(&site).await;
    let found = run(&site).await;
    let before = decided(&site, ours["ben"]).await;
    adjudicated(&site, &[claim(&site, "ada", "2026-11-12", 1_000)]).await;
    let report = release_as(&site, &staff(&site).await, found.run).await.unwrap();
    assert_eq!((report.released, report.outdated, report.booked.postings()), (0, 2, 0));
    assert!(decided(&site, ours["ben"]).await == before);
    let anew = run(&site).await;
    assert_eq!(release_as(&site, &staff(&site).await, anew.run).await.unwrap().released, 2);
    assert_eq!(decided(&site, ours["ada"]).await.paid(), [10_000, 1_000]);
    adds_up(&site, &ours, "ada").await;

    // Also one of somebody who had none.
    let cleo = crate::scope::dependant(&site, "cleo", "ada").await;
    let cover =
        intake::CoverageDraft { plan: "limited".to_owned(), ..crate::site::cover_draft("cleo", "cleo") };
    site.cover(&[cover]).await;
    add_plan(&site, &plan("2", 400, BY_CARE)).await;
    let found = run(&site).await;
    assert!(found.differing > 0);
    adjudicated(&site, &[claim(&site, "cleo", "2026-11-13", 2_000)]).await;
    let report = release_as(&site, &staff(&site).await, found.run).await.unwrap();
    assert_eq!((report.released, report.outdated > 0), (0, true));
    assert_eq!(decided(&site, cleo).await.paid(), [2_000]);
}

async fn where_one_may_not_be_read_nothing_is_proposed_or_released(site: TestSite) {
    let ours = with_a_late_claim(&site).await;
    let found = run(&site).await;
    let ben = ours["ben"];
    // Who may not handle the file of one of them.
    let own = crate::own_file::closed_to(&site, Recipient::ClaimsStaff, &[ben]).await;
    let report = release_as(&site, &own, found.run).await.unwrap();
    assert_eq!((report.released, report.refused), (0, 2));
    // Ben alone cannot be read any more.
    let at = site.app.gate.now();
    site.write(move |unit| {
        store::condition::end(unit, ben, Condition::ConsentHealth, *PORTFOLIO.bytes(), at)
    })
    .await;
    let one = staff(&site).await;
    for only in [None, Some(ours["ada"])] {
        let report = match only {
            None => release_as(&site, &one, found.run).await.unwrap(),
            Some(ada) => release(&site, &one, &found, ada).await.unwrap(),
        };
        assert_eq!((report.released, report.refused), (0, 2));
    }
    assert_eq!(decided(&site, ours["ada"]).await.paid(), [0]);
    let found = run(&site).await;
    assert_eq!((found.people, found.refused, found.claims, found.waiting), (2, 1, 1, 1));
    assert_eq!(proposals(&site, &found).await, [(ProposalState::Left, 2)]);
}

async fn the_authority_is_for_all_of_the_family(site: TestSite) {
    let ours = with_a_late_claim(&site).await;
    let found = run(&site).await;
    let clerk = staff(&site).await;
    // Ada gets 100.00 more, Ben 100.00; the 200.00 that he loses on another claim take nothing off that.
    let told = proposed(&site, &clerk, found.run).await.unwrap();
    assert_eq!((told.people, told.more), (2, [(Currency::EUR, 20_000)].into()));
    let limit = |minor| Money::new(minor, Currency::EUR).unwrap();
    let set = |limit| service::limit_authority(&site.app, &site.keeper, PORTFOLIO, clerk.id(), limit);
    set(limit(19_999)).await.unwrap();
    for subject in ours.values() {
        let refused = release(&site, &clerk, &found, *subject).await.unwrap_err().to_string();
        assert!(refused.contains("than you may release alone"), "{refused}");
    }
    assert_eq!(proposals(&site, &found).await, [(ProposalState::Proposed, 2)]);
    set(limit(20_000)).await.unwrap();
    assert_eq!(release(&site, &clerk, &found, ours["ada"]).await.unwrap().released, 2);
}

async fn what_is_newly_refused_for_one_is_looked_at_with_the_others(site: TestSite) {
    let pend = |version: &str, more: &str| {
        format!("{}{more}", plan(version, 500, BY_CARE).replace("refusals = \"send\"\n", ""))
    };
    site.clinic().await;
    add_plan(&site, &pend("1", "")).await;
    let ours = family(&site, &["ada", "ben"]).await;
    let mut of_another = claim(&site, "ada", "2026-11-02", 40_000);
    of_another.services[0].code = domain::ServiceCode::parse("GP-HOME").unwrap();
    adjudicated(&site, &[of_another, claim(&site, "ben", "2026-11-03", 30_000)]).await;
    // What is refused of hers counts nothing: the deductible is his.
    add_plan(&site, &pend("2", "[[exclusion]]\nname = \"At home\"\ncodes = [\"GP-HOME\"]\n")).await;
    let found = run(&site).await;
    assert_eq!(found.differing, 2);
    let one = staff(&site).await;
    let report = release_as(&site, &one, found.run).await.unwrap();
    assert_eq!((report.released, report.refusals), (0, 2));
    // Who names another of them does not look at it.
    let report = release(&site, &one, &found, ours["ben"]).await.unwrap();
    assert_eq!((report.released, report.refusals, report.to_name), (0, 2, [ours["ada"]].into()));
    assert_eq!(decided(&site, ours["ben"]).await.paid(), [20_000]);
    assert_eq!(release(&site, &one, &found, ours["ada"]).await.unwrap().released, 2);
    assert_eq!(decided(&site, ours["ben"]).await.paid(), [0]);
    adds_up(&site, &ours, "ada").await;
}

/// At each reading of the clock while a release works, another server decides a claim of the family.
async fn a_claim_that_is_decided_while_it_is_released_is_counted_once(site: TestSite) {
    use crate::site::again::{Interrupted, meanwhile};
    let ours = with_a_late_claim(&site).await;
    let clock = Interrupted::new(&site);
    let app = site.open_by(clock.clone()).await;
    let one = staff(&site).await;
    let (mut stopped, mut went) = (0, 0);
    for reading in 0_usize.. {
        // One that comes before all others, so that the next run proposes something.
        let member = ["ada", "ben"][reading % 2];
        let on = day("2026-09-30").plus_days(-i32::try_from(reading).unwrap()).unwrap().to_string();
        adjudicated(&site, &[claim(&site, member, &on, 10_000)]).await;
        let found = run(&site).await;
        assert!(found.differing > 0 && found.waiting == 0);
        let other = ["ben", "ada"][reading % 2];
        let late = format!("2026-10-{:02}", 1 + reading % 31);
        site.submit(&[claim(&site, other, &late, 5_000 + i64::try_from(reading).unwrap())]).await;
        let (server, runtime) = (site.app.clone(), tokio::runtime::Handle::current());
        clock.at(reading, move || {
            meanwhile(&runtime, async {
                service::adjudicate_received(&server, 10, |_| {}).await.unwrap();
            });
        });
        let what = ToRelease { run: found.run, only: [].into(), reason: ReleaseReason::PlanCorrected };
        let report = service::release(&app, &one, PORTFOLIO, what, app.gate.request(), |_| {}).await;
        let happened = clock.happened();
        match report {
            Ok(report) => {
                assert_eq!((report.failed, report.refused), (0, 0));
                went += u64::from(report.released > 0);
                stopped += u64::from(report.outdated > 0);
            }
            Err(ServiceError::Readjudication(said)) => {
                assert!(said.contains("something changed"), "{said}");
                stopped += 1;
            }
            Err(other) => panic!("{other}"),
        }
        service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap();
        adds_up(&site, &ours, "ada").await;
        if !happened {
            break;
        }
        let anew = run(&site).await;
        release_as(&site, &one, anew.run).await.unwrap();
        adds_up(&site, &ours, "ada").await;
    }
    assert!(stopped > 0 && went > 0, "{stopped} and {went}");
}

async fn what_is_overturned_for_one_of_a_family_is_paid(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, &format!("{BY_CARE}\nfiling_months = 3"))).await;
    let ours = family(&site, &["ada", "ben"]).await;
    let claims = [claim(&site, "ada", "2026-11-05", 40_000), claim(&site, "ben", "2026-02-02", 60_000)];
    let claims = adjudicated(&site, &claims).await;
    assert_eq!(decided(&site, ours["ada"]).await.paid(), [0]);
    assert_eq!(decided_anew(&site).await, 0, "his came too late, and nothing has changed");
    let (ben, late) = (ours["ben"], claims[1]);
    let (handler, place) = appeal(&site, ben, late).await;
    overturn(&site, &handler, place, AppealOutcome::Overturned, &[]).await.unwrap();
    // The deductible is his, who had care first: she gets hers, by what was given to him.
    let found = run(&site).await;
    assert_eq!(proposals(&site, &found).await, [(ProposalState::Proposed, 2)]);
    for report in [
        release_as(&site, &handler, found.run).await.unwrap(),
        release(&site, &handler, &found, ours["ada"]).await.unwrap(),
    ] {
        assert_eq!((report.released, report.refused), (0, 2), "who gave it does not pay it");
    }
    assert_eq!(decided_anew(&site).await, 2);
    assert_eq!(decided(&site, ours["ada"]).await.paid(), [40_000]);
    assert_eq!(decided(&site, ben).await.paid(), [10_000]);
    adds_up(&site, &ours, "ada").await;
    service::decided_anew(&site.app, &handler, place, site.app.gate.request()).await.unwrap();
    let states = site.app.store().read(move |unit| store::claim::get(unit, ben, late)).await;
    let state = states.map_err(|error: StoreError| error).unwrap().unwrap().state;
    assert_eq!(state, ClaimState::Adjudicated);
    assert_eq!(decided_anew(&site).await, 0, "it comes out the same from then on");
}
