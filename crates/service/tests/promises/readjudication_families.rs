//! People who count together with a family are decided together when claims are decided again: in the sequence of their plan
//! across all of them, with what they counted taken back exactly; what is proposed for one tells nothing of another's care.

use std::collections::BTreeMap;

use domain::{ClaimId, ProposalState, Purpose, Recipient, SubjectId};
use gate::{Actor, Asking, Target};
use intake::{ClaimDraft, CoverageDraft};
use service::views::{DeterminationToReadjudicate, FamilySumsToCount, ProposalToShow};
use store::StoreError;
use store::readjudication::{ProposalRow, RunRow};

use crate::on_both;
use crate::readjudication::{add_plan, covered, decided, release_as, run, version_of};
use crate::reservations;
use crate::scope::dependant;
use crate::site::{PORTFOLIO, TestSite, cover_draft, day, item};

on_both! {
    a_late_claim_moves_the_deductible_from_one_of_a_family_to_another,
    decided_in_the_wrong_order_and_again_is_as_if_decided_in_the_right_one,
    a_family_for_which_nothing_changed_comes_out_the_same,
    a_corrected_plan_is_for_the_whole_family,
    what_a_version_counts_otherwise_together_waits,
    what_is_proposed_for_one_tells_nothing_of_another,
    a_run_that_was_killed_takes_each_family_once,
    a_family_of_more_people_than_a_part_takes_waits,
    whose_sums_are_elsewhere_waits_with_the_family,
    who_has_no_claim_of_the_days_keeps_what_was_counted,
}

/// The number under which the family's deductible is counted.
const TOGETHER: u16 = 2;
pub(crate) const BY_CARE: &str = "sequence = \"service-date\"";

/// All that a family bears in a year, and of each nearly as much as they claim.
pub(crate) fn plan(version: &str, together: u32, more: &str) -> String {
    format!(
        r#"id = "limited"
version = "{version}"
name = "A deductible"
effective = 2020-01-01
currencies = ["EUR"]
refusals = "send"
{more}
[[deductible]]
id = "yearly"
accumulator = 1
name = "Deductible"
period = "calendar-year"
amount = {{ EUR = "9000" }}
family = {{ accumulator = {TOGETHER}, name = "Deductible of the family", amount = {{ EUR = "{together}" }} }}
[[benefit]]
id = "doctor"
name = "Doctor"
module = "core"
codes = ["GP"]
"#
    )
}

/// A family under the plan, of whom the first holds the contract.
pub(crate) async fn family(site: &TestSite, names: &[&str]) -> BTreeMap<String, SubjectId> {
    let mut family = BTreeMap::from([(names[0].to_owned(), covered(site, names[0]).await)]);
    for name in &names[1..] {
        family.insert((*name).to_owned(), dependant(site, name, names[0]).await);
        let draft = CoverageDraft { plan: "limited".to_owned(), ..cover_draft(name, name) };
        assert_eq!(site.cover(&[draft]).await.new, 1);
    }
    family
}

pub(crate) fn claim(site: &TestSite, member: &str, on: &str, charge_minor: i64) -> ClaimDraft {
    let draft = reservations::claim(site, &format!("{member} {on} {charge_minor}"), on, charge_minor);
    ClaimDraft { member_source_id: crate::site::source_id(member), ..draft }
}

/// Takes them in and decides them, one after the other.
pub(crate) async fn adjudicated(site: &TestSite, drafts: &[ClaimDraft]) -> Vec<ClaimId> {
    let mut claims = Vec::new();
    for draft in drafts {
        claims.extend(site.submit(std::slice::from_ref(draft)).await.new);
        site.clock.advance(1);
        assert_eq!(service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap().done(), 1);
    }
    claims
}

/// The sums of whoever holds the contract, in minor units, by accumulator.
async fn sums(site: &TestSite, holder: SubjectId) -> Vec<(u16, i64)> {
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    site.assign(holder, item(8), &staff).await;
    let gate = &site.app.gate;
    let asking = Asking::new(&staff, PORTFOLIO, Purpose::ClaimsProcessing, gate.request());
    let grant = gate.ask::<FamilySumsToCount>(&asking, Target::for_item(holder, item(8))).await.unwrap();
    let sealed = gate.fetch_many::<FamilySumsToCount>(&[holder]).await.unwrap();
    let opened = sealed.iter().map(|one| grant.open::<FamilySumsToCount, _>(one).unwrap());
    opened.flat_map(|one| one.balances).map(|one| (one.accumulator, one.amount)).collect()
}

/// The sums are what the claims of all of them count, and none of it is left in anybody's own balances.
pub(crate) async fn adds_up(site: &TestSite, family: &BTreeMap<String, SubjectId>, holder: &str) {
    let mut counted = 0;
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    for subject in family.values() {
        site.assign(*subject, item(7), &staff).await;
        let gate = &site.app.gate;
        let asking = Asking::new(&staff, PORTFOLIO, Purpose::ClaimsProcessing, gate.request());
        let target = Target::for_item(*subject, item(7));
        let grant = gate.ask::<DeterminationToReadjudicate>(&asking, target).await.unwrap();
        for sealed in gate.fetch_many::<DeterminationToReadjudicate>(&[*subject]).await.unwrap() {
            let opened: DeterminationToReadjudicate = grant.open(&sealed).unwrap();
            let entries = benefits::standing(&opened.entries).into_iter();
            counted += entries.filter(|one| one.accumulator == TOGETHER).map(|one| one.delta).sum::<i64>();
        }
        assert!(decided(site, *subject).await.counts_alone(TOGETHER).is_none());
    }
    assert_eq!(sums(site, family[holder]).await, [(TOGETHER, counted)]);
}

pub(crate) async fn proposals(site: &TestSite, run: &RunRow) -> Vec<(ProposalState, i64)> {
    let run = run.run;
    let counted = site.app.store().read(move |unit| store::readjudication::count(unit, run)).await;
    counted.map_err(|error: StoreError| error).unwrap()
}

async fn released(site: &TestSite, people: u64) {
    let found = run(site).await;
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let report = release_as(site, &staff, found.run).await.unwrap();
    assert_eq!((report.released, report.outdated, report.failed, report.refused), (people, 0, 0, 0));
    assert!(report.booked.balances());
}

/// Nothing differs, and nothing waits.
async fn nothing_is_found(site: &TestSite, claims: i64) {
    let found = run(site).await;
    assert_eq!((found.claims, found.differing, found.waiting, found.failed), (claims, 0, 0, 0));
}

/// Ada and Ben have used the deductible of 500.00 when Ben's care of the day before comes in.
pub(crate) async fn with_a_late_claim(site: &TestSite) -> BTreeMap<String, SubjectId> {
    site.clinic().await;
    add_plan(site, &plan("1", 500, BY_CARE)).await;
    let family = family(site, &["ada", "ben"]).await;
    let claims = [
        claim(site, "ada", "2026-11-05", 40_000),
        claim(site, "ben", "2026-11-10", 30_000),
        claim(site, "ben", "2026-11-02", 20_000),
    ];
    adjudicated(site, &claims).await;
    assert_eq!(decided(site, family["ada"]).await.paid(), [0]);
    assert_eq!(decided(site, family["ben"]).await.paid(), [20_000, 20_000]);
    family
}

async fn a_late_claim_moves_the_deductible_from_one_of_a_family_to_another(site: TestSite) {
    let ours = with_a_late_claim(&site).await;
    adds_up(&site, &ours, "ada").await;
    let found = run(&site).await;
    assert_eq!((found.people, found.claims, found.differing, found.waiting), (2, 3, 3, 0));
    assert_eq!(proposals(&site, &found).await, [(ProposalState::Proposed, 2)]);
    assert_eq!(decided(&site, ours["ada"]).await.paid(), [0], "nothing changes before it is released");
    adds_up(&site, &ours, "ada").await;
    released(&site, 2).await;
    assert_eq!(decided(&site, ours["ada"]).await.paid(), [10_000]);
    assert_eq!(decided(&site, ours["ben"]).await.paid(), [30_000, 0]);
    adds_up(&site, &ours, "ada").await;
    nothing_is_found(&site, 3).await;

    // Another family, in the order of care.
    let theirs = family(&site, &["eve", "fay"]).await;
    let claims = [
        claim(&site, "fay", "2026-11-02", 20_000),
        claim(&site, "eve", "2026-11-05", 40_000),
        claim(&site, "fay", "2026-11-10", 30_000),
    ];
    adjudicated(&site, &claims).await;
    for (one, other) in [("ada", "eve"), ("ben", "fay")] {
        assert!(decided(&site, ours[one]).await == decided(&site, theirs[other]).await, "{one}");
    }
    assert_eq!(sums(&site, ours["ada"]).await, sums(&site, theirs["eve"]).await);
}

async fn decided_in_the_wrong_order_and_again_is_as_if_decided_in_the_right_one(site: TestSite) {
    const DAYS: usize = 9;
    site.clinic().await;
    add_plan(&site, &plan("1", 700, BY_CARE)).await;
    let mut state = 20_261_130_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut pairs = Vec::new();
    for number in 0..4 {
        let name = |side: &str, who: usize| format!("{side} {number} {who}");
        let names = |side: &str| (0..3).map(|who| name(side, who)).collect::<Vec<_>>();
        let history: Vec<(usize, String, i64)> = (0..DAYS)
            .map(|place| {
                let charge = i64::try_from(5_000 + 1_000 * next(20) + place).unwrap();
                (next(3), format!("2026-10-{:02}", 10 + place), charge)
            })
            .collect();
        let mut shuffled: Vec<usize> = (0..DAYS).collect();
        for place in (1..DAYS).rev() {
            shuffled.swap(place, next(place + 1));
        }
        for (side, order) in [("wrong", shuffled), ("right", (0..DAYS).collect())] {
            let all = names(side);
            let family = family(&site, &all.iter().map(String::as_str).collect::<Vec<_>>()).await;
            for place in order {
                let (who, on, charge) = &history[place];
                adjudicated(&site, &[claim(&site, &all[*who], on, *charge)]).await;
            }
            pairs.push((all, family));
        }
    }
    let found = run(&site).await;
    assert_eq!((found.claims, found.waiting, found.failed), (8 * i64::try_from(DAYS).unwrap(), 0, 0));
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let report = release_as(&site, &staff, found.run).await.unwrap();
    assert!(report.released > 0 && report.outdated == 0 && report.failed == 0, "{report:?}");
    for pair in pairs.chunks(2) {
        let [(wrong, ours), (right, theirs)] = pair else { panic!("pairs") };
        adds_up(&site, ours, &wrong[0]).await;
        assert_eq!(sums(&site, ours[&wrong[0]]).await, sums(&site, theirs[&right[0]]).await);
        for (one, other) in wrong.iter().zip(right) {
            let counted = site.app.gate.fetch_many::<DeterminationToReadjudicate>(&[ours[one]]).await;
            if !counted.unwrap().is_empty() {
                assert!(decided(&site, ours[one]).await == decided(&site, theirs[other]).await, "{one}");
            }
        }
    }
    nothing_is_found(&site, found.claims).await;
}

async fn a_family_for_which_nothing_changed_comes_out_the_same(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, "")).await;
    let ours = family(&site, &["ada", "ben", "cleo"]).await;
    // All of one day: whoever came first met what was left, also who comes last in the order of ids.
    let mut claims = Vec::new();
    for (place, member) in ["cleo", "ada", "ben", "ada", "cleo", "ben"].into_iter().enumerate() {
        let charge = 9_000 + 1_000 * i64::try_from(place).unwrap();
        let mut draft = claim(&site, member, "2026-11-02", charge);
        // Of one person no two are the same service.
        let on = if place < 3 { "2026-11-02" } else { "2026-11-03" };
        (draft.lines[0].service_start, draft.lines[0].service_end) = (day(on), day(on));
        claims.push(draft);
    }
    adjudicated(&site, &claims).await;
    nothing_is_found(&site, 6).await;
    // Nor in the order of care of a version that says so: they came in it.
    add_plan(&site, &plan("2", 500, BY_CARE)).await;
    nothing_is_found(&site, 6).await;
    adds_up(&site, &ours, "ada").await;
}

async fn a_corrected_plan_is_for_the_whole_family(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, "")).await;
    let ours = family(&site, &["ada", "ben", "cleo"]).await;
    let of = |one: &str, other: &str| {
        [claim(&site, one, "2026-11-02", 40_000), claim(&site, other, "2026-11-03", 30_000)]
    };
    adjudicated(&site, &of("ada", "ben")).await;
    add_plan(&site, &plan("2", 300, "")).await;
    released(&site, 2).await;
    assert_eq!(decided(&site, ours["ada"]).await.paid(), [10_000]);
    assert_eq!(decided(&site, ours["ben"]).await.paid(), [30_000]);
    assert_eq!(sums(&site, ours["ada"]).await, [(TOGETHER, 30_000)]);
    for subject in ours.values() {
        assert_eq!(version_of(&site, *subject).await, "2");
    }
    let theirs = family(&site, &["eve", "fay"]).await;
    adjudicated(&site, &of("eve", "fay")).await;
    for (one, other) in [("ada", "eve"), ("ben", "fay")] {
        assert!(decided(&site, ours[one]).await == decided(&site, theirs[other]).await, "{one}");
    }
    nothing_is_found(&site, 4).await;
}

async fn what_a_version_counts_otherwise_together_waits(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, "")).await;
    let ours = family(&site, &["ada", "ben"]).await;
    adjudicated(&site, &[claim(&site, "ada", "2026-11-02", 40_000)]).await;
    adjudicated(&site, &[claim(&site, "ben", "2026-11-03", 30_000)]).await;
    // Sums as before, under another number: what was counted would not be found.
    add_plan(&site, &plan("2", 300, "").replace("accumulator = 2", "accumulator = 3")).await;
    let found = run(&site).await;
    assert_eq!((found.claims, found.differing, found.waiting, found.failed), (2, 0, 2, 0));
    assert_eq!(proposals(&site, &found).await, [(ProposalState::Left, 2)]);
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    release_as(&site, &staff, found.run).await.unwrap();
    assert_eq!(version_of(&site, ours["ben"]).await, "1");
}

async fn what_is_proposed_for_one_tells_nothing_of_another(site: TestSite) {
    let ours = with_a_late_claim(&site).await;
    let mut before = BTreeMap::new();
    for (name, subject) in &ours {
        let own = site.actor_with_id(*subject.bytes(), Recipient::Subject).await;
        let looks = looked_at(&site, &own, *subject).await;
        before.insert(name.as_str(), (own, looks));
    }
    let found = run(&site).await;
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let record = domain::RecordId::from_bytes(*found.run.bytes());
    for (name, claims) in [("ada", 1), ("ben", 2)] {
        let subject = ours[name];
        site.assign(subject, item(6), &staff).await;
        let gate = &site.app.gate;
        let asking = Asking::new(&staff, PORTFOLIO, Purpose::ClaimsProcessing, gate.request());
        let grant = gate.ask::<ProposalToShow>(&asking, Target::for_item(subject, item(6))).await.unwrap();
        let sealed = gate.fetch_records::<ProposalToShow>(&[(subject, record)]).await.unwrap();
        let opened: ProposalToShow = grant.open(&sealed[0]).unwrap();
        let own = site.app.store().read(move |unit| store::claim::of_subject(unit, subject)).await;
        let own: Vec<_> = own.map_err(|error: StoreError| error).unwrap();
        assert_eq!(opened.claims.len(), claims, "{name}");
        assert!(opened.claims.iter().all(|one| own.iter().any(|row| row.claim == one.claim)), "{name}");
    }
    // The holder's list has the look at the sums; each has the one look at their own claims, for the run.
    for (name, looks) in [("ada", 1), ("ben", 0)] {
        let (own, (sums, decided)) = &before[name];
        let after = looked_at(&site, own, ours[name]).await;
        assert_eq!((after.0 - sums, after.1 - decided), (looks, 1), "{name}");
    }
}

/// How often the job looked at the sums of somebody, and at what was decided of their claims.
async fn looked_at(site: &TestSite, own: &Actor, subject: SubjectId) -> (usize, usize) {
    let answer = service::answer_access_request(&site.app, own, PORTFOLIO, subject, None).await.unwrap();
    let of_job = answer.history.iter().filter(|line| line.asker == Recipient::AdjudicationJob);
    let count = |view: &str| of_job.clone().filter(|line| line.view.contains(view)).count();
    (count("FamilySumsToCount"), count("DeterminationToReadjudicate"))
}

/// Families of three over more than one part, each of which a plan decides otherwise.
async fn a_run_that_was_killed_takes_each_family_once(site: TestSite) {
    const FAMILIES: usize = 24;
    site.clinic().await;
    add_plan(&site, &plan("1", 500, "")).await;
    let (mut drafts, mut all) = (Vec::new(), Vec::new());
    for number in 0..FAMILIES {
        let names: Vec<String> = (0..3).map(|who| format!("family {number} {who}")).collect();
        all.push(family(&site, &names.iter().map(String::as_str).collect::<Vec<_>>()).await);
        drafts.extend(names.iter().map(|name| claim(&site, name, "2026-11-02", 20_000)));
    }
    site.submit(&drafts).await;
    let done = service::adjudicate_received(&site.app, drafts.len(), |_| {}).await.unwrap().done();
    assert_eq!(done, drafts.len() as u64);
    add_plan(&site, &plan("2", 100, "")).await;
    let (app, operator) = (site.app.clone(), site.operator("operator"));
    let days = (day("2026-01-01"), day("2026-12-31"));
    let killed = tokio::spawn(async move {
        service::readjudicate(&app, &operator, PORTFOLIO, days, |_, _| panic!("killed")).await
    });
    assert!(killed.await.unwrap_err().is_panic());
    let stood = service::readjudications(&site.app, PORTFOLIO).await.unwrap();
    assert!(stood[0].finished.is_none() && stood[0].people > 0);
    let found = run(&site).await;
    let people = i64::try_from(3 * FAMILIES).unwrap();
    assert_eq!((found.run, found.people, found.claims), (stood[0].run, people, people));
    assert_eq!((found.differing, found.waiting, found.failed), (people, 0, 0));
    assert_eq!(proposals(&site, &found).await, [(ProposalState::Proposed, people)]);
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let report = release_as(&site, &staff, found.run).await.unwrap();
    assert_eq!((report.released, report.outdated, report.failed), (3 * FAMILIES as u64, 0, 0));
    for (number, family) in all.iter().enumerate() {
        adds_up(&site, family, &format!("family {number} 0")).await;
    }
    nothing_is_found(&site, people).await;
}

async fn a_family_of_more_people_than_a_part_takes_waits(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, "")).await;
    let names: Vec<String> = (0..65).map(|number| format!("member {number}")).collect();
    family(&site, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    covered(&site, "eve").await;
    let mut drafts: Vec<_> = names.iter().map(|name| claim(&site, name, "2026-11-02", 1_000)).collect();
    drafts.push(claim(&site, "eve", "2026-11-02", 20_000));
    site.submit(&drafts).await;
    assert_eq!(service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap().done(), 66);
    add_plan(&site, &plan("2", 100, "")).await;
    let found = run(&site).await;
    assert_eq!((found.people, found.failed, found.claims, found.differing), (66, 65, 1, 1));
    assert_eq!(proposals(&site, &found).await, [(ProposalState::Proposed, 1), (ProposalState::Left, 65)]);
}

async fn whose_sums_are_elsewhere_waits_with_the_family(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, "")).await;
    let ours = family(&site, &["ada", "ben", "dan"]).await;
    covered(&site, "cleo").await;
    let claims = ["ada", "ben", "dan", "cleo"].map(|name| claim(&site, name, "2026-11-02", 10_000));
    adjudicated(&site, &claims).await;
    // Dan goes from Ada's contract, under his own: what he counted stays with hers, and another claim is with his.
    site.row("dan", true).await;
    adjudicated(&site, &[claim(&site, "dan", "2026-11-03", 20_000)]).await;
    assert_eq!(sums(&site, ours["dan"]).await, [(TOGETHER, 20_000)]);
    add_plan(&site, &plan("2", 300, "")).await;
    let found = run(&site).await;
    assert_eq!((found.people, found.claims, found.waiting, found.failed), (4, 5, 2, 0));
    assert_eq!(proposals(&site, &found).await, [(ProposalState::Left, 1), (ProposalState::Unchanged, 2)]);
    // Cleo comes under it: what she counted is in sums of her own.
    dependant(&site, "cleo", "ada").await;
    let found = run(&site).await;
    assert_eq!((found.people, found.claims, found.waiting, found.failed), (4, 5, 5, 0));
    assert_eq!(proposals(&site, &found).await, [(ProposalState::Left, 4)]);
}

async fn who_has_no_claim_of_the_days_keeps_what_was_counted(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, "")).await;
    let ours = family(&site, &["ada", "ben"]).await;
    let mut early = claim(&site, "ada", "2026-03-02", 40_000);
    early.received = day("2026-03-05");
    adjudicated(&site, &[early, claim(&site, "ben", "2026-11-02", 30_000)]).await;
    assert_eq!(decided(&site, ours["ben"]).await.paid(), [20_000]);
    add_plan(&site, &plan("2", 600, "")).await;
    let (operator, days) = (site.operator("operator"), (day("2026-06-01"), day("2026-12-31")));
    let found = service::readjudicate(&site.app, &operator, PORTFOLIO, days, |_, _| {}).await.unwrap();
    assert_eq!((found.people, found.claims, found.differing, found.waiting), (1, 1, 1, 0));
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    assert_eq!(release_as(&site, &staff, found.run).await.unwrap().released, 1);
    assert_eq!(decided(&site, ours["ada"]).await.paid(), [0]);
    assert_eq!(decided(&site, ours["ben"]).await.paid(), [10_000], "200.00 were left of 600.00");
    adds_up(&site, &ours, "ada").await;
}

/// What a run proposes for somebody.
pub(crate) async fn proposal(site: &TestSite, run: &RunRow, subject: SubjectId) -> ProposalRow {
    let run = run.run;
    let row = site.app.store().read(move |unit| store::readjudication::proposal(unit, subject, run)).await;
    row.map_err(|error: StoreError| error).unwrap().unwrap()
}
