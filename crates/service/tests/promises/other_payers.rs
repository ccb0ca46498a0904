//! What else the engine knows of a claim, said on a site: another payer, whom the order of the rules puts before or after, a
//! salary, earlier cover and conditions. What is known decides, to the cent; what is not waits, and an answer can be entered.

use domain::{
    Birthday, CaseReason, ClaimState, CoveredAs, CoveredThrough, Currency, Diagnosis, DocumentName, Episodes,
    Money, OtherCoverage, OtherPayerAmounts, OtherPayerKind, ParentBirthdays, Preexisting, Recipient,
    ReferenceSalary, Room, SubjectId, WorkStatus,
};
use gate::Actor;
use intake::{Circumstances, ClaimDraft, CoverageDraft};
use service::{NewConfirmation, PendedPlace, ServiceError};

use crate::on_both;
use crate::site::{PORTFOLIO, TestSite, cover_draft, day};

on_both! {
    the_national_top_up_pays_after_the_statutory_scheme,
    who_pays_first_is_worked_out_and_an_answer_is_waited_for,
    the_parents_birthdays_decide_and_nothing_is_paid_twice,
    what_another_payer_paid_is_exchanged_as_the_charge_is,
    the_salary_of_the_day_sets_the_ceilings,
    earlier_cover_and_earlier_conditions_decide,
    the_room_the_papers_and_the_pregnancy_decide,
}

const TOP_UP: &str = include_str!("../../../../plans/national-top-up.toml");
const ORGANISATION: &str = include_str!("../../../../plans/international-organisation.toml");

/// A cover draft under a shipped plan, which applies before its own first day.
async fn draft(site: &TestSite, plan: &str, text: &str) -> CoverageDraft {
    let text = text.replace("2027-01-01", "2020-01-01");
    site.app.plans.add(site.app.store(), plan, &text).await.unwrap();
    CoverageDraft { plan: plan.to_owned(), ..cover_draft("ada", "ada") }
}

async fn covered(site: &TestSite, draft: &CoverageDraft) -> SubjectId {
    site.clinic().await;
    let ada = site.person("ada", true).await;
    assert_eq!(site.cover(std::slice::from_ref(draft)).await.new, 1);
    ada
}

fn coverage(payer: OtherPayerKind, own: CoveredThrough, other: CoveredThrough) -> OtherCoverage {
    let as_covered =
        |through| CoveredAs { through, work: WorkStatus::Active, parent_since: Some(day("2010-01-01")) };
    let (own, other) = (as_covered(own), as_covered(other));
    OtherCoverage { payer, start: day("2020-01-01"), end: None, own, other }
}

fn paid(line: u32, paid: i64, allowed: Option<i64>, contribution: Option<i64>) -> OtherPayerAmounts {
    let money = |minor| Money::new(minor, Currency::EUR).unwrap();
    let (allowed, contribution) = (allowed.map(money), contribution.map(money));
    OtherPayerAmounts { line, paid: money(paid), allowed, contribution }
}

fn with(claim: ClaimDraft, other_payer: Vec<OtherPayerAmounts>) -> ClaimDraft {
    ClaimDraft { circumstances: Circumstances { other_payer, ..Circumstances::default() }, ..claim }
}

/// Submits and adjudicates: where each claim comes to stand.
async fn decided(site: &TestSite, ada: SubjectId, claims: &[ClaimDraft]) -> Vec<ClaimState> {
    let new = site.submit(claims).await.new;
    assert_eq!(new.len(), claims.len());
    service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap();
    let read = site.app.store().read(move |unit| store::claim::of_subject(unit, ada)).await;
    let rows = read.map_err(|error: store::StoreError| error).unwrap();
    new.iter().map(|claim| rows.iter().find(|row| row.claim == *claim).unwrap().state).collect()
}

/// What the plan and another payer pay of each decided claim by its statement, the larger charge first; each line makes up its
/// charge to the cent.
async fn stated(site: &TestSite, ada: SubjectId) -> Vec<(i64, i64, i64)> {
    let read = site.app.store().read(move |unit| store::claim::of_subject(unit, ada)).await;
    let rows = read.map_err(|error: store::StoreError| error).unwrap();
    let claims: Vec<_> =
        rows.iter().filter(|row| row.state == ClaimState::Adjudicated).map(|row| (ada, row.claim)).collect();
    let mut all = Vec::new();
    for statement in service::statements(&site.app, PORTFOLIO, &claims).await.unwrap() {
        for line in &statement.determination.lines {
            let parts = line.write_off + line.not_covered + line.deductible + line.copay + line.coinsurance;
            assert_eq!(line.submitted, parts + line.over_limit + line.other_payer + line.plan);
            all.push((line.submitted, line.other_payer, line.plan));
        }
    }
    all.sort_unstable_by(|a, b| b.cmp(a));
    all
}

/// Deciding everything again proposes nothing.
pub(crate) async fn nothing_is_proposed(site: &TestSite) {
    let holder = site.operator("An Operator");
    let days = (day("2026-01-01"), day("2026-12-31"));
    let run = service::readjudicate(&site.app, &holder, PORTFOLIO, days, |_, _| {}).await.unwrap();
    let clerk = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let request = site.app.gate.request();
    let proposed = service::proposed(&site.app, &clerk, PORTFOLIO, run.run, request).await.unwrap();
    assert_eq!((proposed.people, proposed.claims, run.refused), (0, 0, 0));
}

async fn take(site: &TestSite, clerk: &Actor) -> PendedPlace {
    let request = site.app.gate.request();
    let row = service::take_pended(&site.app, clerk, PORTFOLIO, request).await.unwrap().unwrap();
    PendedPlace { portfolio: PORTFOLIO, subject: row.subject, claim: row.claim, task: None }
}

async fn confirm(
    site: &TestSite,
    clerk: &Actor,
    place: PendedPlace,
    version: i64,
) -> Result<ClaimState, ServiceError> {
    let new = NewConfirmation { version, reason: CaseReason::parse("The scheme answered.").unwrap() };
    service::confirm_pended(&site.app, clerk, place, &new, site.app.gate.request()).await
}

async fn answer(
    site: &TestSite,
    clerk: &Actor,
    place: PendedPlace,
    amounts: OtherPayerAmounts,
) -> Result<(), ServiceError> {
    let request = site.app.gate.request();
    service::other_payer_answered(&site.app, clerk, place, amounts, request).await.map(drop)
}

async fn version(site: &TestSite, clerk: &Actor, place: PendedPlace) -> i64 {
    service::read_pended(&site.app, clerk, place, site.app.gate.request()).await.unwrap().version
}

async fn the_national_top_up_pays_after_the_statutory_scheme(site: TestSite) {
    let mut span = draft(&site, "national-top-up", TOP_UP).await;
    let themselves = CoveredThrough::Themselves;
    span.coverage.other = Some(coverage(OtherPayerKind::Statutory, themselves, themselves));
    let ada = covered(&site, &span).await;
    // The base is 30.00, of which the scheme pays 70 % less its contribution of 2.00. The plan covers up to 45.00.
    let told = with(site.claim("told", "ada", "GP", 6_000), vec![paid(1, 1_900, Some(3_000), Some(200))]);
    let untold = site.claim("untold", "ada", "GP", 5_000);
    let states = decided(&site, ada, &[told, untold]).await;
    assert_eq!(states, [ClaimState::Adjudicated, ClaimState::Pended]);
    assert_eq!(stated(&site, ada).await, [(6_000, 1_900, 2_400)]);

    let clerk = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let place = take(&site, &clerk).await;
    let before = version(&site, &clerk, place).await;
    for (wrong, why) in [
        (paid(2, 0, None, None), "no line of this number"),
        (paid(1, 5_001, None, None), "more was paid"),
        (paid(1, -1, None, None), "below zero"),
    ] {
        let refused = answer(&site, &clerk, place, wrong).await.unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
    answer(&site, &clerk, place, paid(1, 2_100, Some(3_000), None)).await.unwrap();
    assert!(confirm(&site, &clerk, place, before).await.is_err(), "it was seen before the answer came");
    let seen = version(&site, &clerk, place).await;
    assert_eq!(confirm(&site, &clerk, place, seen).await.unwrap(), ClaimState::Adjudicated);
    assert_eq!(stated(&site, ada).await, [(6_000, 1_900, 2_400), (5_000, 2_100, 2_400)]);
    // An answer is entered while the claim is before somebody, and by nobody else.
    assert!(answer(&site, &clerk, place, paid(1, 0, None, None)).await.is_err());
    nothing_is_proposed(&site).await;
}

/// A plan that pays four fifths, up to what both payers together may pay.
const SHARING: &str = r#"id = "sharing"
version = "1"
name = "A plan that coordinates"
effective = 2020-01-01
currencies = ["EUR"]
refusals = "send"
[exchange]
day = "service"
[coordination]
method = "standard"
[[benefit]]
id = "doctor"
name = "Doctor"
module = "core"
codes = ["GP"]
coinsurance = "0.20"
"#;

async fn who_pays_first_is_worked_out_and_an_answer_is_waited_for(site: TestSite) {
    let mut span = draft(&site, "sharing", SHARING).await;
    let (own, partner) = (CoveredThrough::Themselves, CoveredThrough::Partner);
    span.coverage.other = Some(coverage(OtherPayerKind::Voluntary, own, partner));
    let ada = covered(&site, &span).await;
    let (paid_now, waits) = (ClaimState::Adjudicated, ClaimState::Pended);
    // Cover of one's own goes before cover through a partner: the other is not asked, and what it paid already contradicts that.
    let first = site.claim("first", "ada", "GP", 10_000);
    let both = with(site.claim("both", "ada", "GP", 11_000), vec![paid(1, 2_000, None, None)]);
    assert_eq!(decided(&site, ada, &[first, both]).await, [paid_now, waits]);
    // The other way about, and before the other began.
    let mut other = coverage(OtherPayerKind::Voluntary, partner, own);
    other.start = day("2026-11-02");
    span.coverage.other = Some(other);
    assert_eq!(site.cover(std::slice::from_ref(&span)).await.changed, 1);
    let second = site.claim("second", "ada", "GP", 12_000);
    let mut earlier = site.claim("earlier", "ada", "GP", 13_000);
    (earlier.lines[0].service_start, earlier.lines[0].service_end) = (day("2026-11-01"), day("2026-11-01"));
    let told = with(site.claim("told", "ada", "GP", 14_000), vec![paid(1, 4_000, None, None)]);
    assert_eq!(decided(&site, ada, &[second, earlier, told]).await, [waits, paid_now, paid_now]);
    assert_eq!(stated(&site, ada).await, [(14_000, 4_000, 10_000), (13_000, 0, 10_400), (10_000, 0, 8_000)]);
}

async fn the_parents_birthdays_decide_and_nothing_is_paid_twice(site: TestSite) {
    let mut span = draft(&site, "sharing", SHARING).await;
    let parent = CoveredThrough::Parent;
    span.coverage.other = Some(coverage(OtherPayerKind::Voluntary, parent, parent));
    let birthday = |text| Birthday::parse(text).unwrap();
    let later = ParentBirthdays { own: birthday("11-30"), other: birthday("03-01") };
    span.coverage.parents = Some(later);
    let ada = covered(&site, &span).await;
    let all = with(site.claim("all", "ada", "GP", 10_000), vec![paid(1, 10_000, None, None)]);
    let most = with(site.claim("most", "ada", "GP", 9_000), vec![paid(1, 8_900, None, None)]);
    let states = decided(&site, ada, &[all, most]).await;
    assert_eq!(states, [ClaimState::Settled, ClaimState::Adjudicated]);
    assert_eq!(stated(&site, ada).await, [(9_000, 8_900, 100)]);
    span.coverage.parents = Some(ParentBirthdays { own: later.other, other: later.own });
    site.cover(std::slice::from_ref(&span)).await;
    assert_eq!(
        decided(&site, ada, &[site.claim("ours", "ada", "GP", 7_000)]).await,
        [ClaimState::Adjudicated]
    );
    assert_eq!(stated(&site, ada).await, [(9_000, 8_900, 100), (7_000, 0, 5_600)]);
}

async fn what_another_payer_paid_is_exchanged_as_the_charge_is(site: TestSite) {
    let span = draft(&site, "sharing", SHARING).await;
    let ada = covered(&site, &span).await;
    let rates = "Date,USD\n2026-11-02,1.25\n";
    let rates = intake::exchange_rates("tests", rates.as_bytes()).unwrap().rates;
    site.app.rates.add(site.app.store(), &rates).await.unwrap();
    let dollars = |minor| Money::new(minor, "USD".parse().unwrap()).unwrap();
    let amounts = OtherPayerAmounts { line: 1, paid: dollars(5_000), allowed: None, contribution: None };
    let mut claim = with(site.claim("dollars", "ada", "GP", 12_500), vec![amounts]);
    (claim.currency, claim.lines[0].charge) = ("USD".parse().unwrap(), dollars(12_500));
    assert_eq!(decided(&site, ada, &[claim]).await, [ClaimState::Adjudicated]);
    assert_eq!(stated(&site, ada).await, [(10_000, 4_000, 6_000)]);
}

async fn the_salary_of_the_day_sets_the_ceilings(site: TestSite) {
    let dollars = |minor| Money::new(minor, "USD".parse().unwrap()).unwrap();
    let mut span = draft(&site, "international-organisation", ORGANISATION).await;
    span.coverage.currency = "USD".parse().unwrap();
    let ada = covered(&site, &span).await;
    let claim = |id: &str, charge: i64| {
        let mut claim = site.claim(id, "ada", "LAB", charge);
        (claim.currency, claim.lines[0].charge) = ("USD".parse().unwrap(), dollars(charge));
        claim
    };
    assert_eq!(decided(&site, ada, &[claim("unknown", 4_900_000)]).await, [ClaimState::Pended]);
    let salary = |from: &str, yearly: i64| ReferenceSalary { from: day(from), yearly: dollars(yearly) };
    span.coverage.salaries = vec![salary("2026-11-03", 99_000_000), salary("2026-01-01", 7_200_000)];
    assert_eq!(site.cover(std::slice::from_ref(&span)).await.changed, 1);
    let claims = [claim("first", 5_000_000), claim("second", 5_000_100)];
    assert_eq!(decided(&site, ada, &claims).await, [ClaimState::Adjudicated; 2]);
    // Of the first the member bears 200.00 and a fifth of the rest of the fifth: 2,160.00. Of the second what is left of half a
    // monthly salary of 6,000.00.
    let stated = stated(&site, ada).await;
    assert_eq!(stated, [(5_000_100, 0, 4_916_100), (5_000_000, 0, 4_784_000)]);
    nothing_is_proposed(&site).await;
}

const ASKING: &str = r#"id = "asking"
version = "1"
name = "A plan that asks"
effective = 2020-01-01
currencies = ["EUR"]
refusals = "send"
"#;

fn benefit(code: &str, more: &str) -> String {
    format!(
        "[[benefit]]\nid = \"{0}\"\nname = \"{0}\"\nmodule = \"core\"\ncodes = [\"{code}\"]\n{more}\n",
        code.to_lowercase()
    )
}

async fn earlier_cover_and_earlier_conditions_decide(site: TestSite) {
    let waiting = benefit("GP", "waiting = [{ months = 6, waived = [\"prior-cover\"] }]");
    let moratorium = "moratorium_months = 24\n";
    let mut span = draft(&site, "asking", &format!("{ASKING}{moratorium}{waiting}")).await;
    span.coverage.start = day("2026-10-01");
    let ada = covered(&site, &span).await;
    let refused = decided(&site, ada, &[site.claim("new", "ada", "GP", 10_000)]).await;
    assert_eq!(refused, [ClaimState::Settled]);
    span.coverage.prior_cover = Some(day("2024-01-01"));
    let diagnosis = Diagnosis::parse("M51").unwrap();
    span.coverage.preexisting = vec![Preexisting { diagnosis, last_treated: day("2026-09-01") }];
    site.cover(std::slice::from_ref(&span)).await;
    let mut back = site.claim("back", "ada", "GP", 12_000);
    back.diagnoses = vec![Diagnosis::parse("M51.2").unwrap()];
    let states = decided(&site, ada, &[site.claim("prior", "ada", "GP", 11_000), back]).await;
    assert_eq!(states, [ClaimState::Adjudicated, ClaimState::Settled]);
}

async fn the_room_the_papers_and_the_pregnancy_decide(site: TestSite) {
    let limit = "[[limit]]\nid = \"birth\"\naccumulator = 7\nname = \"Each pregnancy\"\nperiod = \"lifetime\"\nper = \"pregnancy\"\namount = { EUR = \"100\" }\napplies_to = \"benefits\"\n";
    let benefits = [
        benefit("HOSP", "room = { grade = \"semi-private\", rate = \"0.60\" }"),
        benefit("RX", "documents = [\"prescription\"]"),
        benefit("MAT", "limits = [\"birth\"]"),
    ];
    let span = draft(&site, "asking", &format!("{ASKING}{limit}{}", benefits.concat())).await;
    let ada = covered(&site, &span).await;
    let said = |id: &str, code: &str, charge: i64, circumstances: Circumstances| {
        let claim = site.claim(id, "ada", code, charge);
        ClaimDraft { circumstances, ..claim }
    };
    let room = |room| Circumstances { room: Some(room), ..Circumstances::default() };
    let papers = |papers: &[&str]| Circumstances {
        documents: Some(papers.iter().map(|one| DocumentName::parse(one).unwrap()).collect()),
        ..Circumstances::default()
    };
    let pregnancy = |number| Circumstances {
        episodes: Episodes { pregnancy: Some(number), ..Episodes::default() },
        ..Circumstances::default()
    };
    let claims = [
        said("ward", "HOSP", 50_000, room(Room::Ward)),
        said("suite", "HOSP", 60_000, room(Room::Suite)),
        said("came", "RX", 3_000, papers(&["prescription"])),
        said("birth", "MAT", 20_000, pregnancy(1)),
        said("again", "MAT", 21_000, pregnancy(1)),
        said("other", "MAT", 22_000, pregnancy(2)),
        said("missing", "RX", 4_000, papers(&[])),
        said("uncounted", "RX", 5_000, Circumstances::default()),
        said("unknown", "HOSP", 70_000, Circumstances::default()),
    ];
    let states = decided(&site, ada, &claims).await;
    let (paid, refused, waits) = (ClaimState::Adjudicated, ClaimState::Settled, ClaimState::Pended);
    assert_eq!(states, [paid, paid, paid, paid, refused, paid, waits, waits, waits]);
    let plan: Vec<i64> = stated(&site, ada).await.iter().map(|line| line.2).collect();
    assert_eq!(plan, [36_000, 50_000, 10_000, 10_000, 3_000]);
    nothing_is_proposed(&site).await;
}
