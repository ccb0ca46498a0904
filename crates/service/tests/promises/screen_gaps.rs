//! Promise 9, beside `screen.rs`: what the screen may not miss, count as looked at, hold too late without saying so, or tell. How
//! a case goes from hand to hand is there.

use std::collections::BTreeSet;

use domain::{CaseReason, ClaimId, ClaimState, Personal, Recipient, ScreenOutcome, ScreenState, SubjectId};
use intake::ClaimDraft;
use service::NewDecision;
use store::StoreError;
use store::screen::ScreenRow;

use crate::on_both;
use crate::screen::{adjudicate, claim, decide, pay, read, rules, take, twice};
use crate::site::{PORTFOLIO, TestSite, day, source_id};

on_both! {
    the_same_again_on_one_day_is_flagged_in_whichever_order_ids_sort,
    what_came_later_is_flagged_also_with_an_earlier_day_of_receipt,
    what_is_decided_meanwhile_came_before,
    what_was_paid_before_it_was_held_is_said_to_be,
    a_total_that_is_not_the_sum_waits_for_a_person,
    what_cannot_be_screened_is_counted,
    a_report_leaves_out_whom_it_would_tell_of_a_deferred_matter,
}

/// Those of somebody's claims whose payment waits.
async fn held(site: &TestSite, subject: SubjectId) -> Vec<ClaimId> {
    let cases = site.app.store().read(move |unit| store::screen::of_subjects(unit, &[subject])).await;
    let waits = |case: &&ScreenRow| case.state.holds_payment();
    let cases = cases.map_err(|error: StoreError| error).unwrap();
    cases.iter().filter(waits).map(|case| case.claim).collect()
}

async fn the_same_again_on_one_day_is_flagged_in_whichever_order_ids_sort(site: TestSite) {
    site.clinic().await;
    let mut orders = BTreeSet::new();
    for number in 0..64 {
        let [ada, bob] = [format!("ada {number}"), format!("bob {number}")];
        let own = site.member(&ada, true).await.subject;
        let other = site.member(&bob, true).await.subject;
        let invoice = format!("INV-{number}");
        let receipt = |id: &str, member: &str| claim(&site, id, member, 10_000 + number, &invoice);
        let mut ids = Vec::new();
        for one in [receipt(&ada, &ada), receipt(&bob, &bob), receipt(&format!("{ada} again"), &ada)] {
            let new = site.submit(&[one]).await.new;
            assert_eq!(service::adjudicate_received(&site.app, 9, |_| {}).await.unwrap().unscreened, 0);
            ids.extend(new);
        }
        assert!(held(&site, other).await.contains(&ids[1]), "of somebody else: {:?}", ids[0] < ids[1]);
        let own = held(&site, own).await;
        assert!(own.contains(&ids[2]) && !own.contains(&ids[0]), "their own: {:?}", ids[0] < ids[2]);
        orders.extend([(0, ids[0] < ids[1]), (1, ids[0] < ids[2])]);
        if orders.len() == 4 {
            return;
        }
    }
    panic!("ids that sort one way alone");
}

async fn what_came_later_is_flagged_also_with_an_earlier_day_of_receipt(site: TestSite) {
    site.clinic().await;
    let ada = site.member("ada", true).await.subject;
    let [first, second] = twice(&site, "ada");
    adjudicate(&site, &[second]).await;
    assert!(held(&site, ada).await.is_empty());
    adjudicate(&site, &[first]).await;
    assert_eq!(held(&site, ada).await.len(), 1);
}

async fn what_is_decided_meanwhile_came_before(site: TestSite) {
    site.clinic().await;
    let ada = site.member("ada", true).await.subject;
    let bob = site.member("bob", true).await.subject;
    // One part, and then another, which is asked for while the first is decided.
    let [first, again] = twice(&site, "ada");
    let mut part = vec![first];
    for number in 0..50 {
        let member = format!("member {number}");
        site.member(&member, true).await;
        let claims = (0..20).map(|n| site.claim(&format!("{number}/{n}"), &member, "GP", 1_000 + 25 * n));
        part.extend(claims);
    }
    part.truncate(gate::MAX_PART);
    assert_eq!(site.submit(&part).await.new.len(), gate::MAX_PART);
    site.clock.advance(1);
    let of_bob = ClaimDraft {
        member_source_id: source_id("bob"),
        source_id: source_id("bob-1"),
        ..part.swap_remove(0)
    };
    site.submit(&[again, of_bob]).await;
    let report = service::adjudicate_received(&site.app, 2_000, |_| {}).await.unwrap();
    assert_eq!((report.done(), report.unscreened), (1_002, 0));
    assert_eq!(held(&site, ada).await.len(), 1, "the same again");
    assert_eq!(held(&site, bob).await.len(), 1, "the same of somebody else");
}

async fn what_was_paid_before_it_was_held_is_said_to_be(site: TestSite) {
    site.clinic().await;
    site.member("ada", true).await;
    let near = |id, start| {
        let mut near = site.claim(id, "ada", "GP", 10_000);
        (near.lines[0].service_start, near.lines[0].service_end) = (day(start), day(start));
        near
    };
    adjudicate(&site, &[near("1", "2026-11-02"), near("2", "2026-11-03")]).await;
    let officer = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let place = take(&site, &officer, true).await.unwrap();
    assert!(pay(&site).await.0 > 0);
    let reason = CaseReason::parse("one visit, told twice").unwrap();
    let new = NewDecision { outcome: ScreenOutcome::Error, reason };
    let decided = service::decide_case(&site.app, &officer, place, &new, site.app.gate.request()).await;
    let row = site.app.store().read(move |unit| store::claim::get(unit, place.subject, place.claim)).await;
    let row = row.map_err(|error: StoreError| error).unwrap().unwrap();
    let is_paid = row.state == ClaimState::InPayment;
    assert_eq!(decided.unwrap(), service::CaseDecided { state: ScreenState::Held, is_paid });
    assert!(is_paid, "{:?}", row.state);
}

async fn a_total_that_is_not_the_sum_waits_for_a_person(site: TestSite) {
    site.clinic().await;
    let ada = site.member("ada", true).await.subject;
    let bob = site.member("bob", true).await.subject;
    let with = |member: &str, total: Option<i64>| {
        let other_total = total.map(|minor| domain::Money::new(minor, domain::Currency::EUR).unwrap());
        let circumstances = intake::Circumstances { other_total, ..intake::Circumstances::default() };
        ClaimDraft { circumstances, ..site.claim(member, member, "GP", 10_234) }
    };
    let (states, _) = adjudicate(&site, &[with("ada", Some(12_034)), with("bob", None)]).await;
    assert_eq!(states, std::collections::BTreeMap::from([(ClaimState::Adjudicated, 2)]));
    assert_eq!((held(&site, ada).await.len(), held(&site, bob).await.len()), (1, 0));
    let officer = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let place = take(&site, &officer, false).await.unwrap();
    let file = read(&site, &officer, place).await.unwrap();
    assert!(rules(&file.case.flags).contains(&domain::ScreenRule::OtherTotal));
    assert_eq!(file.claim.other_total.map(|total| total.minor()), Some(12_034), "whoever looks sees both");
    assert_eq!(file.claim.lines[0].charge.minor(), 10_234);
    assert_eq!(pay(&site).await.0, 1);
}

async fn what_cannot_be_screened_is_counted(site: TestSite) {
    site.clinic().await;
    let ada = site.member("ada", true).await.subject;
    adjudicate(&site, &[site.claim("1", "ada", "GP", 10_000)]).await;
    // The claim that the screen would look back at is altered: what the next one comes to does not rest on it.
    site.write(move |unit| {
        let rows = store::sealed::of_subject(unit, ada)?;
        for row in rows.into_iter().filter(|row| row.kind == domain::Claim::KIND) {
            let blob = row.blob.iter().map(|byte| byte ^ 1).collect();
            store::sealed::replace(unit, &store::sealed::SealedRow { blob, ..row.clone() }, row.version)?;
        }
        Ok::<_, StoreError>(())
    })
    .await;
    site.submit(&[site.claim("2", "ada", "GP", 10_000)]).await;
    let report = service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap();
    assert_eq!((report.done(), report.unscreened), (1, 1));
}

async fn a_report_leaves_out_whom_it_would_tell_of_a_deferred_matter(site: TestSite) {
    site.clinic().await;
    let staff = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    let analyst = site.actor(Recipient::Analyst, PORTFOLIO).await;
    let mut people = Vec::new();
    for number in 0..12 {
        let name = format!("m{number}");
        people.push(site.member(&name, true).await.subject);
        adjudicate(&site, &twice(&site, &name)).await;
        let place = take(&site, &staff, false).await.unwrap();
        decide(&site, &staff, place, ScreenOutcome::Cleared).await.unwrap();
    }
    let matter = site.reviewed(&crate::matters::order()).await;
    let until = site.app.gate.now().plus_seconds(30 * 86_400);
    let law = "Code of criminal procedure, article 46".to_owned();
    let new =
        service::NewDeferral { portfolio: PORTFOLIO, matter, until, law, reasons: "An inquiry.".to_owned() };
    service::defer_matter(&site.app, &officer, &new).await.unwrap();
    site.open_for(matter, &staff, &people[..1]).await.unwrap();
    let themselves = [site.member_abroad(people[0], "BE").await, site.member_abroad(people[1], "BE").await];
    let told = async |place: usize| {
        let (asker, subject) = (&themselves[place], people[place]);
        let answer = service::answer_access_request(&site.app, asker, PORTFOLIO, subject, None).await;
        let by_analyst = |line: &&gate::HistoryLine| line.recipient == Recipient::Analyst;
        answer.unwrap().history.iter().filter(by_analyst).count()
    };
    let report = async || {
        service::screen_report(&site.app, &analyst, PORTFOLIO, site.app.gate.request()).await.unwrap()
    };
    report().await;
    assert_eq!((told(0).await, told(1).await), (0, 1));
    // Once it may be known, they are counted like everybody.
    site.clock.advance(31 * 86_400);
    report().await;
    assert_eq!((told(0).await, told(1).await), (1, 2));
}
