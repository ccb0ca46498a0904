//! What a guarantee of payment does to claims: until its own claim comes, what it guarantees is kept free of a limit; its own
//! claim is authorised, and uses it up.

use std::collections::BTreeMap;

use domain::{
    ClaimId, ClaimLine, ClaimState, Currency, LineService, Money, OutcomeReason, Recipient, RecipientId,
    SubjectId,
};
use gate::Actor;
use intake::{ClaimDraft, CoverageDraft};
use service::{ClaimRequest, GuaranteePlace, NewOutcome};

use crate::guarantees::decide;
use crate::last_of_a_limit::covered;
use crate::on_both;
use crate::site::{PORTFOLIO, SOURCE, TestSite, cover_draft, day};

on_both! {
    what_is_guaranteed_is_kept_free_for_its_own_claim,
    what_is_taken_back_or_over_is_free_again_and_what_is_prolonged_is_not,
    a_claim_uses_up_what_was_guaranteed_for_it,
    care_that_was_guaranteed_needs_no_other_authorisation,
    of_two_guarantees_the_earlier_goes_before_the_later,
    other_lines_of_a_guaranteed_claim_use_nothing_of_what_is_guaranteed,
    what_is_used_up_keeps_no_visit_free,
    several_services_share_one_guarantee,
    a_line_that_a_rule_refuses_uses_nothing_of_what_is_guaranteed,
    what_passes_of_a_guarantee_is_kept_free_though_another_line_does_not,
    what_came_of_several_services_is_no_duplicate_of_the_rest,
    a_charge_is_held_against_a_guarantee_in_the_currency_of_the_cover,
    a_guarantee_in_another_currency_stands_before_no_other,
    under_a_plan_that_asks_for_the_country_what_is_guaranteed_there_is_kept_free,
}

const DAY_SECONDS: i64 = 86_400;

/// A guarantee of up to 300.00 for the doctor, from the 24th to the 30th of November; the site's day is the 23rd.
pub(crate) struct Guaranteed {
    pub(crate) nurse: Actor,
    pub(crate) place: GuaranteePlace,
    clinic: RecipientId,
}

fn terms(to: RecipientId, last: &str) -> NewOutcome {
    let euros = |minor| Money::new(minor, Currency::EUR).unwrap();
    let (maximum, member_share) = (euros(30_000), euros(0));
    NewOutcome::Granted { to, maximum, member_share, first: day("2026-11-24"), last: day(last) }
}

/// A claim for the doctor's care on a day.
pub(crate) fn claim(site: &TestSite, id: &str, on: &str, charge_minor: i64) -> ClaimDraft {
    let mut draft = site.claim(id, "ada", "GP", charge_minor);
    (draft.lines[0].service_start, draft.lines[0].service_end) = (day(on), day(on));
    draft.received = day(on).max(draft.received);
    draft
}

async fn requested(site: &TestSite, nurse: &Actor, draft: &ClaimDraft) -> GuaranteePlace {
    let intake = site.app.gate.job(Recipient::IntakeJob).unwrap();
    let request = site.app.gate.request();
    let key = draft.source_id.reveal();
    let sent = ClaimRequest { portfolio: PORTFOLIO, source: SOURCE, key, body: key, draft, request };
    service::request_guarantee(&site.app, &intake, &sent).await.unwrap();
    service::take_guarantee(&site.app, nurse, PORTFOLIO, request).await.unwrap().unwrap()
}

pub(crate) async fn guaranteed(site: &TestSite) -> Guaranteed {
    let nurse = site.actor(Recipient::ClinicalStaff, PORTFOLIO).await;
    let place = requested(site, &nurse, &claim(site, "planned", "2026-11-25", 30_000)).await;
    let clinic = site.enter(Recipient::Provider, "Clinic of the Tests", "BE", &[]).await;
    decide(site, &nurse, place, 1, &terms(clinic, "2026-11-30")).await.unwrap();
    Guaranteed { nurse, place, clinic }
}

/// Ada, of whose 500.00 a year 300.00 are guaranteed.
async fn with_a_guarantee(site: &TestSite) -> (SubjectId, Guaranteed) {
    site.clinic().await;
    let ada = covered(site, "ada", false).await;
    (ada, guaranteed(site).await)
}

/// What the plan pays of a claim, in cents.
async fn paid(site: &TestSite, subject: SubjectId, draft: ClaimDraft) -> i64 {
    let claim: ClaimId = site.submit(&[draft]).await.new[0];
    assert_eq!(service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap().done(), 1);
    let statement = service::statements(&site.app, PORTFOLIO, &[(subject, claim)]).await.unwrap().remove(0);
    statement.determination.lines[0].plan
}

async fn what_is_guaranteed_is_kept_free_for_its_own_claim(site: TestSite) {
    let (ada, _) = with_a_guarantee(&site).await;
    assert_eq!(paid(&site, ada, claim(&site, "other", "2026-11-02", 40_000)).await, 20_000);
    site.clock.advance(5 * DAY_SECONDS);
    assert_eq!(paid(&site, ada, claim(&site, "own", "2026-11-25", 30_000)).await, 30_000);
    assert_eq!(paid(&site, ada, claim(&site, "last", "2026-11-03", 40_000)).await, 0);
}

async fn what_is_taken_back_or_over_is_free_again_and_what_is_prolonged_is_not(site: TestSite) {
    let (ada, Guaranteed { nurse, place, clinic }) = with_a_guarantee(&site).await;
    decide(&site, &nurse, place, 2, &terms(clinic, "2026-12-02")).await.unwrap();
    // On the first of December it is over, had it not been prolonged.
    site.clock.advance(8 * DAY_SECONDS);
    assert_eq!(paid(&site, ada, claim(&site, "first", "2026-11-02", 25_000)).await, 20_000);
    site.clock.advance(2 * DAY_SECONDS);
    assert_eq!(paid(&site, ada, claim(&site, "second", "2026-11-03", 10_000)).await, 10_000, "it is over");

    let eve = covered(&site, "eve", false).await;
    let of_eve = |draft: ClaimDraft| ClaimDraft { member_source_id: crate::site::source_id("eve"), ..draft };
    let intake = site.app.gate.job(Recipient::IntakeJob).unwrap();
    let draft = of_eve(claim(&site, "hers", "2026-12-04", 30_000));
    let request = site.app.gate.request();
    let sent =
        ClaimRequest { portfolio: PORTFOLIO, source: SOURCE, key: "e", body: "e", draft: &draft, request };
    service::request_guarantee(&site.app, &intake, &sent).await.unwrap();
    let place = service::take_guarantee(&site.app, &nurse, PORTFOLIO, request).await.unwrap().unwrap();
    decide(&site, &nurse, place, 1, &terms(clinic, "2026-12-10")).await.unwrap();
    assert_eq!(paid(&site, eve, of_eve(claim(&site, "e1", "2026-11-02", 25_000))).await, 20_000);
    decide(&site, &nurse, place, 2, &NewOutcome::Withdrawn).await.unwrap();
    assert_eq!(
        paid(&site, eve, of_eve(claim(&site, "e2", "2026-11-03", 10_000))).await,
        10_000,
        "taken back"
    );
}

async fn a_claim_uses_up_what_was_guaranteed_for_it(site: TestSite) {
    let (ada, _) = with_a_guarantee(&site).await;
    site.clock.advance(5 * DAY_SECONDS);
    // The first of two invoices: what is left of the guarantee stays free for the second.
    assert_eq!(paid(&site, ada, claim(&site, "own 1", "2026-11-25", 10_000)).await, 10_000);
    assert_eq!(paid(&site, ada, claim(&site, "other", "2026-11-02", 40_000)).await, 20_000);
    assert_eq!(paid(&site, ada, claim(&site, "own 2", "2026-11-26", 25_000)).await, 20_000, "the limit");
}

/// Without an authorisation half is paid.
const PENALTY: &str = r#"id = "authorised"
version = "1"
name = "Authorised care"
effective = 2020-01-01
currencies = ["EUR"]
[[benefit]]
id = "doctor"
name = "Doctor"
module = "core"
codes = ["GP"]
pre_authorisation = { penalty = "0.50" }
"#;

async fn care_that_was_guaranteed_needs_no_other_authorisation(site: TestSite) {
    let ada = under(&site, "authorised", PENALTY).await;
    guaranteed(&site).await;
    site.clock.advance(5 * DAY_SECONDS);
    assert_eq!(paid(&site, ada, claim(&site, "own", "2026-11-25", 20_000)).await, 20_000);
    // Of the 300.00 that were guaranteed 100.00 are left: more is not authorised.
    let mut more = claim(&site, "more", "2026-11-26", 15_000);
    more.circumstances.emergency = Some(false);
    assert_eq!(paid(&site, ada, more).await, 7_500);
    // On another day it may have been authorised elsewhere: nobody guesses.
    site.submit(&[claim(&site, "unknown", "2026-11-02", 10_000)]).await;
    let report = service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap();
    assert_eq!(report.states, BTreeMap::from([(ClaimState::Pended, 1)]));
    assert_eq!(report.reasons, BTreeMap::from([(OutcomeReason::Determination, 1)]));
}

async fn of_two_guarantees_the_earlier_goes_before_the_later(site: TestSite) {
    site.clinic().await;
    let ada = covered(&site, "ada", false).await;
    let nurse = site.actor(Recipient::ClinicalStaff, PORTFOLIO).await;
    let clinic = site.enter(Recipient::Provider, "Clinic of the Tests", "BE", &[]).await;
    let euros = |minor| Money::new(minor, Currency::EUR).unwrap();
    let terms = |minor, on: &str| {
        let (maximum, member_share, first, last) = (euros(minor), euros(0), day(on), day(on));
        NewOutcome::Granted { to: clinic, maximum, member_share, first, last }
    };
    let earlier = requested(&site, &nurse, &claim(&site, "g1", "2026-11-25", 40_000)).await;
    decide(&site, &nurse, earlier, 1, &terms(40_000, "2026-11-25")).await.unwrap();
    site.clock.advance(DAY_SECONDS);
    let later = requested(&site, &nurse, &claim(&site, "g2", "2026-11-26", 50_000)).await;
    decide(&site, &nurse, later, 1, &terms(50_000, "2026-11-26")).await.unwrap();
    // A change of its terms does not put it behind the other.
    site.clock.advance(DAY_SECONDS);
    decide(&site, &nurse, earlier, 2, &terms(39_000, "2026-11-25")).await.unwrap();
    assert_eq!(paid(&site, ada, claim(&site, "other", "2026-11-02", 10_000)).await, 0);
    assert_eq!(paid(&site, ada, claim(&site, "of g1", "2026-11-25", 39_000)).await, 39_000);
    site.clock.advance(DAY_SECONDS);
    assert_eq!(paid(&site, ada, claim(&site, "of g2", "2026-11-26", 50_000)).await, 11_000);
}

/// A claim of two lines: each a day, a charge and a service.
fn two_lines(site: &TestSite, id: &str, lines: [(&str, i64, &str); 2]) -> ClaimDraft {
    let mut draft = claim(site, id, "2026-11-25", 1);
    let (line, service) = (draft.lines.remove(0), draft.services.remove(0));
    for (number, (on, charge, code)) in (1..).zip(lines) {
        let (charge, on) = (Money::new(charge, Currency::EUR).unwrap(), day(on));
        draft.lines.push(ClaimLine { number, service_start: on, service_end: on, charge, ..line.clone() });
        let code = domain::ServiceCode::parse(code).unwrap();
        draft.services.push(LineService { line: number, code, ..service.clone() });
    }
    draft
}

async fn paid_by_line(site: &TestSite, subject: SubjectId, draft: ClaimDraft) -> Vec<i64> {
    let claim = site.submit(&[draft]).await.new[0];
    assert_eq!(service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap().done(), 1);
    let statement = service::statements(&site.app, PORTFOLIO, &[(subject, claim)]).await.unwrap().remove(0);
    statement.determination.lines.iter().map(|line| line.plan).collect()
}

async fn other_lines_of_a_guaranteed_claim_use_nothing_of_what_is_guaranteed(site: TestSite) {
    let (ada, _) = with_a_guarantee(&site).await;
    site.clock.advance(5 * DAY_SECONDS);
    let (other, own) = (("2026-11-02", 10_000, "GP"), ("2026-11-25", 10_000, "GP"));
    // Of the 500.00 the 300.00 stay free for the second line and what is to come, and then 200.00 of them.
    let both = two_lines(&site, "one", [("2026-11-02", 40_000, "GP"), own]);
    assert_eq!(paid_by_line(&site, ada, both).await, [20_000, 10_000]);
    let both = two_lines(&site, "two", [("2026-11-26", 20_000, "GP"), other]);
    assert_eq!(paid_by_line(&site, ada, both).await, [20_000, 0]);
}

/// Pays two visits a year.
const VISITS: &str = r#"id = "visits"
version = "1"
name = "Visits"
effective = 2020-01-01
currencies = ["EUR"]
[[limit]]
id = "two"
accumulator = 7
name = "In a year"
period = "calendar-year"
of = "visits"
count = 2
applies_to = "plan"
[[benefit]]
id = "doctor"
name = "Doctor"
module = "core"
codes = ["GP"]
"#;

async fn under(site: &TestSite, plan: &str, text: &str) -> SubjectId {
    site.clinic().await;
    let ada = site.person("ada", true).await;
    site.app.plans.add(site.app.store(), plan, text).await.unwrap();
    let draft = CoverageDraft { plan: plan.to_owned(), ..cover_draft("ada", "ada") };
    assert_eq!(site.cover(&[draft]).await.new, 1);
    ada
}

async fn what_is_used_up_keeps_no_visit_free(site: TestSite) {
    let ada = under(&site, "visits", VISITS).await;
    guaranteed(&site).await;
    site.clock.advance(5 * DAY_SECONDS);
    // The invoice is lower than was guaranteed: the money is not used up, the one visit is.
    assert_eq!(paid(&site, ada, claim(&site, "own", "2026-11-25", 25_000)).await, 25_000);
    assert_eq!(paid(&site, ada, claim(&site, "other", "2026-11-02", 10_000)).await, 10_000);
}

async fn several_services_share_one_guarantee(site: TestSite) {
    let ada = under(&site, "authorised", &PENALTY.replace(r#"["GP"]"#, r#"["GP", "LAB"]"#)).await;
    let nurse = site.actor(Recipient::ClinicalStaff, PORTFOLIO).await;
    let clinic = site.enter(Recipient::Provider, "Clinic of the Tests", "BE", &[]).await;
    let asked = [("2026-11-25", 15_000, "GP"), ("2026-11-25", 15_000, "LAB")];
    let place = requested(&site, &nurse, &two_lines(&site, "planned", asked)).await;
    decide(&site, &nurse, place, 1, &terms(clinic, "2026-11-30")).await.unwrap();
    site.clock.advance(5 * DAY_SECONDS);
    let charged = [("2026-11-25", 20_000, "GP"), ("2026-11-25", 20_000, "LAB")];
    let mut own = two_lines(&site, "own", charged);
    own.circumstances.emergency = Some(false);
    assert_eq!(paid_by_line(&site, ada, own).await, [20_000, 10_000]);
}

async fn a_line_that_a_rule_refuses_uses_nothing_of_what_is_guaranteed(site: TestSite) {
    // The plan knows no dentist, and says so by itself.
    let plan = PENALTY.replace("currencies", "refusals = \"send\"\ncurrencies");
    let ada = under(&site, "authorised", &plan).await;
    let asked = [("2026-11-25", 20_000, "DENT"), ("2026-11-25", 30_000, "GP")];
    guaranteed_for(&site, &two_lines(&site, "planned", asked), euros(30_000), DAYS).await;
    site.clock.advance(5 * DAY_SECONDS);
    let own = two_lines(&site, "own", [("2026-11-25", 20_000, "DENT"), ("2026-11-25", 20_000, "GP")]);
    assert_eq!(paid_by_line(&site, ada, own).await, [0, 20_000]);
    // Of the 300.00 that were guaranteed 100.00 are left.
    let mut rest = claim(&site, "rest", "2026-11-26", 10_000);
    rest.circumstances.emergency = Some(false);
    assert_eq!(paid(&site, ada, rest).await, 10_000);
}

/// A guarantee of up to this, for this care, on these days.
async fn guaranteed_for(site: &TestSite, draft: &ClaimDraft, most: Money, (first, last): (&str, &str)) {
    let nurse = site.actor(Recipient::ClinicalStaff, PORTFOLIO).await;
    let place = requested(site, &nurse, draft).await;
    let clinic = site.organisation(Recipient::Provider, "Clinic of the Tests");
    let to = service::recipient_id(&site.app, &clinic);
    service::enter_recipients(&site.app, &site.keeper, PORTFOLIO, &[(clinic, Vec::new())]).await.unwrap();
    let (first, last, member_share) = (day(first), day(last), Money::new(0, most.currency()).unwrap());
    let new = NewOutcome::Granted { to, maximum: most, member_share, first, last };
    decide(site, &nurse, place, 1, &new).await.unwrap();
}

fn euros(minor: i64) -> Money {
    Money::new(minor, Currency::EUR).unwrap()
}

const DAYS: (&str, &str) = ("2026-11-24", "2026-11-30");

async fn what_passes_of_a_guarantee_is_kept_free_though_another_line_does_not(site: TestSite) {
    site.clinic().await;
    let ada = covered(&site, "ada", false).await;
    // The plan knows no dentist.
    let asked = [("2026-11-25", 20_000, "DENT"), ("2026-11-25", 30_000, "GP")];
    guaranteed_for(&site, &two_lines(&site, "planned", asked), euros(50_000), DAYS).await;
    assert_eq!(paid(&site, ada, claim(&site, "other", "2026-11-02", 40_000)).await, 20_000);
}

async fn what_came_of_several_services_is_no_duplicate_of_the_rest(site: TestSite) {
    let ada = under(&site, "visits", &VISITS.replace("count = 2", "count = 3")).await;
    let asked = [("2026-11-25", 10_000, "GP"), ("2026-11-26", 10_000, "GP")];
    guaranteed_for(&site, &two_lines(&site, "planned", asked), euros(20_000), DAYS).await;
    site.clock.advance(5 * DAY_SECONDS);
    // The first of the two, as it was expected: of three visits one was used, and one stays free for the second.
    assert_eq!(paid(&site, ada, claim(&site, "own", "2026-11-25", 10_000)).await, 10_000);
    assert_eq!(paid(&site, ada, claim(&site, "other", "2026-11-02", 5_000)).await, 5_000);
    assert_eq!(paid(&site, ada, claim(&site, "none", "2026-11-03", 5_000)).await, 0);
}

/// Pays 500.00 a year, of what was charged in another currency at the rate of the day of the service.
fn abroad() -> String {
    let exchange = "[exchange]\nday = \"service\"\n[[limit]]";
    crate::last_of_a_limit::plan("abroad", false).replacen("[[limit]]", exchange, 1)
}

/// A claim or request in dollars.
fn in_dollars(mut draft: ClaimDraft) -> ClaimDraft {
    draft.currency = "USD".parse().unwrap();
    for line in &mut draft.lines {
        line.charge = Money::new(line.charge.minor(), draft.currency).unwrap();
    }
    draft
}

async fn a_charge_is_held_against_a_guarantee_in_the_currency_of_the_cover(site: TestSite) {
    let rates = intake::exchange_rates("tests", &b"Date,USD\n2026-11-24,1.25\n"[..]).unwrap().rates;
    site.app.rates.add(site.app.store(), &rates).await.unwrap();
    let ada = under(&site, "abroad", &abroad()).await;
    let planned = |id, minor| claim(&site, id, "2026-11-25", minor);
    guaranteed_for(&site, &planned("g1", 10_000), euros(10_000), ("2026-11-24", "2026-11-25")).await;
    guaranteed_for(&site, &planned("g2", 30_000), euros(30_000), DAYS).await;
    site.clock.advance(5 * DAY_SECONDS);
    // A hundred and twenty-five dollars are the hundred euros of the first, which is over: the second stays whole.
    let own = in_dollars(claim(&site, "own", "2026-11-25", 12_500));
    assert_eq!(paid(&site, ada, own).await, 10_000);
    assert_eq!(paid(&site, ada, claim(&site, "other", "2026-11-02", 40_000)).await, 10_000);
}

async fn a_guarantee_in_another_currency_stands_before_no_other(site: TestSite) {
    site.clinic().await;
    let ada = covered(&site, "ada", false).await;
    let dollars = Money::new(30_000, "USD".parse().unwrap()).unwrap();
    let planned = in_dollars(claim(&site, "g1", "2026-11-25", 30_000));
    guaranteed_for(&site, &planned, dollars, ("2026-11-24", "2026-11-29")).await;
    guaranteed_for(&site, &claim(&site, "g2", "2026-11-25", 30_000), euros(30_000), DAYS).await;
    site.clock.advance(5 * DAY_SECONDS);
    assert_eq!(paid(&site, ada, claim(&site, "own", "2026-11-25", 30_000)).await, 30_000);
    assert_eq!(paid(&site, ada, claim(&site, "other", "2026-11-02", 40_000)).await, 20_000, "it is used up");
}

async fn under_a_plan_that_asks_for_the_country_what_is_guaranteed_there_is_kept_free(site: TestSite) {
    site.clinic().await;
    let area = "[area]\nexcept = [\"US\"]\n[[limit]]";
    let text = crate::last_of_a_limit::plan("limited", false).replacen("[[limit]]", area, 1);
    site.app.plans.add(site.app.store(), "limited", &text).await.unwrap();
    let of = |country: &str, draft: ClaimDraft| ClaimDraft {
        circumstances: intake::Circumstances {
            country: Some(country.parse().unwrap()),
            emergency: Some(false),
            ..draft.circumstances.clone()
        },
        ..draft
    };
    let mut paid_of = Vec::new();
    for (name, country) in [("ada", "BE"), ("eve", "US")] {
        let subject = site.person(name, true).await;
        let cover = CoverageDraft { plan: "limited".to_owned(), ..cover_draft(name, name) };
        site.cover(&[cover]).await;
        let theirs =
            |draft: ClaimDraft| ClaimDraft { member_source_id: crate::site::source_id(name), ..draft };
        let nurse = site.actor(Recipient::ClinicalStaff, PORTFOLIO).await;
        let planned = theirs(of(country, claim(&site, &format!("planned {name}"), "2026-11-25", 30_000)));
        let place = requested(&site, &nurse, &planned).await;
        let request = site.app.gate.request();
        let file = service::read_guarantee(&site.app, &nurse, place, request).await.unwrap();
        assert_eq!(file.guarantee.country, Some(country.parse().unwrap()));
        let clinic = site.enter(Recipient::Provider, &format!("Clinic of {name}"), "BE", &[]).await;
        decide(&site, &nurse, place, 1, &terms(clinic, "2026-11-30")).await.unwrap();
        let other = theirs(of("BE", claim(&site, &format!("other {name}"), "2026-11-02", 40_000)));
        paid_of.push(paid(&site, subject, other).await);
    }
    // Of hers nothing is kept free: the plan would refuse what was guaranteed in the United States.
    assert_eq!(paid_of, [20_000, 40_000]);
}
