//! What a plan asks beside the claim: a site that was told decides, and one that was not lets the line wait. It never takes
//! silence for a no.

use std::collections::BTreeMap;

use domain::{ClaimState, ModuleName, OutcomeReason, Recipient, Sex};
use intake::{Circumstances, ClaimDraft, CoverageDraft};

use crate::on_both;
use crate::site::{PORTFOLIO, SOURCE, TestSite, cover_draft, day, member_draft};

on_both! {
    where_the_care_was_given_decides_and_is_not_guessed,
    an_accident_waives_a_waiting_period_and_is_not_guessed,
    an_emergency_needs_no_authorisation_and_is_not_guessed,
    how_long_somebody_was_away_decides_about_an_emergency_there,
    whether_the_provider_is_under_contract_decides_and_is_not_guessed,
    the_modules_that_somebody_has_decide_and_are_not_guessed,
    the_sex_that_a_benefit_is_for_decides_and_is_not_guessed,
    a_newborn_is_covered_from_birth_where_cover_began_soon_enough,
}

/// A plan that sends its refusals, with this before and in its one benefit.
pub(crate) fn plan(before: &str, benefit: &str) -> String {
    format!(
        r#"id = "asking"
version = "1"
name = "A plan that asks"
effective = 2020-01-01
currencies = ["EUR"]
refusals = "send"
{before}
[[benefit]]
id = "doctor"
name = "Doctor"
module = "core"
codes = ["GP"]
{benefit}
"#
    )
}

/// Ada's cover under the plan, from this day, with what is said of her modules.
pub(crate) async fn covered(site: &TestSite, plan: &str, start: &str, modules: Option<&[&str]>) {
    site.clinic().await;
    site.person("ada", true).await;
    site.app.plans.add(site.app.store(), "asking", plan).await.unwrap();
    let mut draft = CoverageDraft { plan: "asking".to_owned(), ..cover_draft("ada", "ada") };
    draft.coverage.start = day(start);
    draft.coverage.modules =
        modules.map(|names| names.iter().map(|name| ModuleName::parse(name).unwrap()).collect());
    assert_eq!(site.cover(&[draft]).await.new, 1);
}

/// Where a claim of Ada's about which this is said comes to stand.
async fn state(site: &TestSite, number: i64, circumstances: Circumstances) -> ClaimState {
    state_of(site, "ada", number, circumstances).await
}

async fn state_of(site: &TestSite, name: &str, number: i64, circumstances: Circumstances) -> ClaimState {
    let draft = site.claim(&format!("c{number}"), name, "GP", 10_000 + 1_000 * number);
    site.submit(&[ClaimDraft { circumstances, ..draft }]).await;
    let report = service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap();
    assert_eq!(report.done(), 1);
    let (state, _) = report.states.first_key_value().unwrap();
    if *state == ClaimState::Pended {
        assert_eq!(report.reasons, BTreeMap::from([(OutcomeReason::Determination, 1)]));
    }
    *state
}

const PAID: ClaimState = ClaimState::Adjudicated;
const REFUSED: ClaimState = ClaimState::Settled;
const WAITS: ClaimState = ClaimState::Pended;

async fn where_the_care_was_given_decides_and_is_not_guessed(site: TestSite) {
    covered(&site, &plan("[area]\nexcept = [\"US\"]\nemergency_days = 42", ""), "2026-01-01", None).await;
    let said = |country: &str, emergency| Circumstances {
        country: Some(country.parse().unwrap()),
        emergency,
        ..Circumstances::default()
    };
    assert_eq!(state(&site, 1, Circumstances::default()).await, WAITS);
    assert_eq!(state(&site, 2, said("FR", None)).await, PAID, "whether it was an emergency is not asked");
    assert_eq!(state(&site, 3, said("US", Some(false))).await, REFUSED);
    assert_eq!(state(&site, 4, said("US", None)).await, WAITS);
}

async fn an_accident_waives_a_waiting_period_and_is_not_guessed(site: TestSite) {
    let waiting = "waiting = [{ months = 6, waived = [\"accident\"] }]";
    covered(&site, &plan("", waiting), "2026-10-01", None).await;
    let said = |accident| Circumstances { accident, ..Circumstances::default() };
    assert_eq!(state(&site, 1, said(Some(true))).await, PAID);
    assert_eq!(state(&site, 2, said(Some(false))).await, REFUSED);
    assert_eq!(state(&site, 3, said(None)).await, WAITS);
}

async fn an_emergency_needs_no_authorisation_and_is_not_guessed(site: TestSite) {
    covered(&site, &plan("", "pre_authorisation = { penalty = \"0.50\" }"), "2026-01-01", None).await;
    let said = |emergency| Circumstances { emergency, ..Circumstances::default() };
    assert_eq!(state(&site, 1, said(Some(true))).await, PAID);
    // Whether it was authorised elsewhere nobody knows.
    assert_eq!(state(&site, 2, said(Some(false))).await, WAITS);
    assert_eq!(state(&site, 3, said(None)).await, WAITS);
}

async fn how_long_somebody_was_away_decides_about_an_emergency_there(site: TestSite) {
    covered(&site, &plan("[area]\nexcept = [\"US\"]\nemergency_days = 42", ""), "2026-01-01", None).await;
    let said = |since: Option<&str>| Circumstances {
        country: Some("US".parse().unwrap()),
        emergency: Some(true),
        away_since: since.map(day),
        ..Circumstances::default()
    };
    // The service is on 2 November.
    assert_eq!(state(&site, 1, said(Some("2026-10-01"))).await, PAID);
    assert_eq!(state(&site, 2, said(Some("2026-08-01"))).await, REFUSED);
    assert_eq!(state(&site, 3, said(None)).await, WAITS);
}

async fn whether_the_provider_is_under_contract_decides_and_is_not_guessed(site: TestSite) {
    let contract = "allowed = [{ provider = \"in-network\", charge = true, above = \"write-off\" },
        { provider = \"out-of-network\", percentage = \"0.50\", above = \"member\" }]";
    covered(&site, &plan("", contract), "2026-01-01", None).await;
    let said = |in_network| Circumstances { in_network, ..Circumstances::default() };
    assert_eq!(state(&site, 1, said(Some(true))).await, PAID);
    assert_eq!(state(&site, 2, said(Some(false))).await, PAID);
    assert_eq!(state(&site, 3, said(None)).await, WAITS);
}

async fn the_modules_that_somebody_has_decide_and_are_not_guessed(site: TestSite) {
    let text = plan(
        "[[module]]\nid = \"core\"\nname = \"Core\"\n[[module]]\nid = \"dental\"\nname = \"Dental\"",
        "",
    );
    for (number, modules, becomes) in
        [(1, Some(&["core"][..]), PAID), (2, Some(&["dental"][..]), REFUSED), (3, None, WAITS)]
    {
        let mut draft = CoverageDraft { plan: "asking".to_owned(), ..cover_draft("ada", "ada") };
        draft.coverage.modules =
            modules.map(|names| names.iter().map(|name| ModuleName::parse(name).unwrap()).collect());
        if number == 1 {
            covered(&site, &text, "2026-01-01", modules).await;
        } else {
            // The same person with another span, which alone holds its day.
            let start = format!("2025-{number:02}-01");
            draft.source_id = crate::site::source_id(&start);
            draft.coverage.start = day(&start);
            draft.coverage.end = Some(day(&format!("2025-{number:02}-20")));
            assert_eq!(site.cover(&[draft]).await.new, 1);
        }
        let mut claim = site.claim(&format!("c{number}"), "ada", "GP", 10_000);
        if number > 1 {
            let on = day(&format!("2025-{number:02}-10"));
            (claim.lines[0].service_start, claim.lines[0].service_end) = (on, on);
        }
        site.submit(&[claim]).await;
        let report = service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap();
        assert_eq!(report.states, BTreeMap::from([(becomes, 1)]), "{number}");
    }
}

async fn the_sex_that_a_benefit_is_for_decides_and_is_not_guessed(site: TestSite) {
    site.clinic().await;
    site.app.plans.add(site.app.store(), "asking", &plan("", "sex = \"female\"")).await.unwrap();
    let intake = site.app.gate.job(Recipient::IntakeJob).unwrap();
    let people = [
        ("ada", Sex::Female, PAID),
        ("bob", Sex::Male, REFUSED),
        ("kim", Sex::Other, WAITS),
        ("lee", Sex::Unknown, WAITS),
    ];
    for (number, (name, sex, stands)) in (1..).zip(people) {
        let mut draft = member_draft(name, true);
        draft.person.sex = sex;
        service::enrol_members(&site.app, &intake, PORTFOLIO, SOURCE, &[draft]).await.unwrap();
        let cover = CoverageDraft { plan: "asking".to_owned(), ..cover_draft(name, name) };
        assert_eq!(site.cover(&[cover]).await.new, 1);
        assert_eq!(state_of(&site, name, number, Circumstances::default()).await, stands, "{name}");
    }
}

/// Rules.md, section 2, step 1: newborn grace. Born on 31 October, with care on 2 November.
async fn a_newborn_is_covered_from_birth_where_cover_began_soon_enough(site: TestSite) {
    site.clinic().await;
    let spans: [&[(&str, Option<&str>)]; 2] =
        [&[("2026-11-20", None)], &[("2026-11-10", Some("2026-11-19")), ("2026-11-20", None)]];
    let cases = [
        ("none", "", spans[0], REFUSED),
        ("month", "newborn_days = 31", spans[0], PAID),
        ("fortnight", "newborn_days = 15", spans[0], REFUSED),
        // The span that began soon enough, and not the latest.
        ("two", "newborn_days = 15", spans[1], PAID),
    ];
    let intake = site.app.gate.job(Recipient::IntakeJob).unwrap();
    for (name, newborn, spans, becomes) in cases {
        let text = plan(newborn, "").replace("asking", name);
        site.app.plans.add(site.app.store(), name, &text).await.unwrap();
        let mut child = member_draft(name, true);
        child.person.birth_date = day("2026-10-31");
        service::enrol_members(&site.app, &intake, PORTFOLIO, SOURCE, &[child]).await.unwrap();
        for (start, end) in spans {
            let id = format!("{name}-{start}");
            let mut draft = CoverageDraft { plan: name.to_owned(), ..cover_draft(&id, name) };
            (draft.coverage.start, draft.coverage.end) = (day(start), end.map(day));
            assert_eq!(site.cover(&[draft]).await.new, 1);
        }
        site.submit(&[site.claim(&format!("claim-{name}"), name, "GP", 10_000)]).await;
        let report = service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap();
        assert_eq!(report.states, BTreeMap::from([(becomes, 1)]), "{name}");
    }
}
