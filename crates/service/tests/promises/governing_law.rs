//! What permits the use of health data is declared by the law that governs the cover: where it is not consent, no
//! consent is asked, and taking one back changes nothing there; everywhere else it is, whoever asks from wherever.

use std::collections::BTreeMap;

use domain::{
    ClaimState, Condition, GoverningLaw, GoverningLawSet, Language, OutcomeReason, Recipient, SubjectId,
};
use gate::{Actor, Asking, Entry, EntryOutcome, GateError, Target};
use service::views::AccumulatorsToAdjudicate;
use service::{ConsentTo, Consequences};

use crate::on_both;
use crate::site::{NOTICE, PORTFOLIO, SOURCE, TestSite, cover_draft, item, member_draft};

on_both! {
    a_claim_is_assessed_without_consent_where_the_law_permits_it,
    whichever_law_is_supposed_the_one_that_governs_decides,
    taking_back_changes_nothing_where_no_consent_is_asked,
    what_taking_back_changes_tells_no_law_and_nobody,
    a_newer_version_that_asks_for_consent_binds_at_once,
    a_refusal_names_what_any_law_asks_for,
    who_is_taken_up_anew_is_under_the_law_that_is_said_then,
    another_law_than_the_one_that_somebody_is_under_is_refused,
}

/// A member whose cover a law governs, without consent.
async fn under(site: &TestSite, name: &str, law: GoverningLaw) -> SubjectId {
    let intake = site.app.gate.job(Recipient::IntakeJob).unwrap();
    let mut draft = member_draft(name, false);
    draft.governing_law = Some(law);
    let enrolled = service::enrol_members(&site.app, &intake, PORTFOLIO, SOURCE, &[draft]).await.unwrap();
    assert_eq!(enrolled.new, 1);
    site.cover(&[cover_draft(name, name)]).await;
    SubjectId::from_bytes(site.app.gate.imported_id("member", SOURCE, name))
}

async fn a_claim_is_assessed_without_consent_where_the_law_permits_it(site: TestSite) {
    site.clinic().await;
    let laws = [
        ("dutch", GoverningLaw::Netherlands),
        ("irish", GoverningLaw::Ireland),
        ("french", GoverningLaw::France),
        ("other", GoverningLaw::Elsewhere),
    ];
    for (name, law) in laws {
        under(&site, name, law).await;
        site.submit(&[site.claim(name, name, "GP", 5_000)]).await;
    }
    // Nothing else was said of this one: the portfolio's law is Belgian.
    site.member("belgian", false).await;
    site.submit(&[site.claim("belgian", "belgian", "GP", 5_000)]).await;
    let report = service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap();
    assert_eq!(report.states, BTreeMap::from([(ClaimState::Adjudicated, 2), (ClaimState::Pended, 3)]));
    assert_eq!(report.reasons, BTreeMap::from([(OutcomeReason::NoClause, 3)]));
}

/// Whether claims staff may open what adjudication needs.
async fn opens(site: &TestSite, country: &str, subject: SubjectId) -> bool {
    let staff = site.actor_in(country, Recipient::ClaimsStaff).await;
    site.assign(subject, item(1), &staff).await;
    let asking = Asking::new(&staff, PORTFOLIO, domain::Purpose::ClaimsProcessing, site.app.gate.request());
    match site.app.gate.ask::<AccumulatorsToAdjudicate>(&asking, Target::for_item(subject, item(1))).await {
        Ok(_) => true,
        Err(GateError::Refused(_)) => false,
        Err(other) => panic!("{other}"),
    }
}

async fn a_refusal_names_what_any_law_asks_for(site: TestSite) {
    let french = under(&site, "french", GoverningLaw::France).await;
    for country in ["BE", "NL"] {
        let staff = site.actor_in(country, Recipient::ClaimsStaff).await;
        let asking =
            Asking::new(&staff, PORTFOLIO, domain::Purpose::ClaimsProcessing, site.app.gate.request());
        let target = Target::for_item(french, item(1));
        let Err(GateError::Refused(refused)) =
            site.app.gate.ask::<AccumulatorsToAdjudicate>(&asking, target).await.map(|_| ())
        else {
            panic!("{country}");
        };
        let told = [Condition::ConsentHealth, Condition::WorkItem];
        assert_eq!(refused.lacks, domain::ConditionSet::of(&told), "{country}: it would tell the law");
    }
}

async fn who_is_taken_up_anew_is_under_the_law_that_is_said_then(site: TestSite) {
    let subject = under(&site, "mover", GoverningLaw::Netherlands).await;
    assert!(opens(&site, "BE", subject).await);
    service::erase_subject(&site.app, subject, domain::RetentionClass::ALL).await.unwrap();
    let intake = site.app.gate.job(Recipient::IntakeJob).unwrap();
    let mut draft = member_draft("mover", false);
    draft.governing_law = Some(GoverningLaw::Belgium);
    let enrolled =
        service::enrol_members_anew(&site.app, &intake, PORTFOLIO, SOURCE, &[draft]).await.unwrap();
    assert_eq!(enrolled.returned, 1);
    assert!(!opens(&site, "NL", subject).await, "the former law opens nothing");
}

async fn another_law_than_the_one_that_somebody_is_under_is_refused(site: TestSite) {
    under(&site, "dutch", GoverningLaw::Netherlands).await;
    let intake = site.app.gate.job(Recipient::IntakeJob).unwrap();
    let mut draft = member_draft("dutch", false);
    let mut again = async |law| {
        draft.governing_law = law;
        let given = std::slice::from_ref(&draft);
        let enrolled = service::enrol_members(&site.app, &intake, PORTFOLIO, SOURCE, given).await.unwrap();
        (enrolled.known, enrolled.other_law)
    };
    assert_eq!(again(Some(GoverningLaw::Netherlands)).await, (1, 0));
    assert_eq!(again(None).await, (1, 0), "a file that says nothing says nothing else");
    assert_eq!(again(Some(GoverningLaw::Belgium)).await, (0, 1));
    // Of two rows of one file about somebody new, too.
    let both = [Some(GoverningLaw::Belgium), Some(GoverningLaw::Ireland)].map(|law| {
        let mut draft = member_draft("new", false);
        draft.governing_law = law;
        draft
    });
    let enrolled = service::enrol_members(&site.app, &intake, PORTFOLIO, SOURCE, &both).await.unwrap();
    assert_eq!((enrolled.new, enrolled.known, enrolled.other_law), (1, 0, 1));
}

/// The last entry about somebody: what became of it, and under which clauses.
async fn last(site: &TestSite, subject: SubjectId) -> (EntryOutcome, Vec<String>) {
    let pending = site.write(move |unit| store::log::pending_of(unit, subject)).await;
    let entry = Entry::from_bytes(&pending.last().unwrap().body).unwrap();
    (entry.outcome, entry.clauses)
}

async fn whichever_law_is_supposed_the_one_that_governs_decides(site: TestSite) {
    let dutch = under(&site, "dutch", GoverningLaw::Netherlands).await;
    let french = under(&site, "french", GoverningLaw::France).await;
    // The gate first supposes the law of where the actor is; what is so, the store says.
    for country in ["BE", "NL", "FR"] {
        assert!(opens(&site, country, dutch).await, "{country}");
        assert!(!opens(&site, country, french).await, "{country}");
    }
    assert_eq!(last(&site, french).await, (EntryOutcome::Refused, vec!["use.claims".to_owned()]));
    assert_eq!(last(&site, dutch).await, (EntryOutcome::Granted, vec!["use.claims".to_owned()]));
}

async fn taking_back_changes_nothing_where_no_consent_is_asked(site: TestSite) {
    let to = ConsentTo::in_portfolio(Condition::ConsentHealth, PORTFOLIO).unwrap();
    for (name, law, closes) in
        [("dutch", GoverningLaw::Netherlands, false), ("french", GoverningLaw::France, true)]
    {
        // They are told what holds for them.
        let subject = under(&site, name, law).await;
        let own = site.actor_with_id(*subject.bytes(), Recipient::Subject).await;
        let said = consequences(&site, &own, subject, to).await;
        assert_eq!(said.closes.iter().any(|one| one.clause == "use.claims"), closes, "{name}");
        assert!(!closes || said.stands.iter().all(|one| one.clause != "use.claims"), "{name}");
        // What rests on consent everywhere closes everywhere.
        assert!(said.closes.iter().any(|one| one.clause == "use.health-management"), "{name}");
        assert!(said.closes.iter().chain(&said.stands).all(|one| one.laws == GoverningLawSet::of(&[law])));
    }
}

async fn consequences(site: &TestSite, actor: &Actor, subject: SubjectId, to: ConsentTo) -> Consequences {
    let (language, request) = (Language::English, site.app.gate.request());
    service::consequences(&site.app, actor, PORTFOLIO, subject, to, language, request).await.unwrap()
}

/// What taking a consent back changes is the same of people under each law, bound to each version, and of nobody: the desk
/// is told under which laws what closes.
async fn what_taking_back_changes_tells_no_law_and_nobody(site: TestSite) {
    let desk = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let to = ConsentTo::in_portfolio(Condition::ConsentHealth, PORTFOLIO).unwrap();
    let mut people = Vec::new();
    for (name, law) in [
        ("dutch", GoverningLaw::Netherlands),
        ("irish", GoverningLaw::Ireland),
        ("belgian", GoverningLaw::Belgium),
    ] {
        people.push(under(&site, name, law).await);
    }
    let rules = NOTICE[0].1.replace("version = \"2026-11-01\"", "version = \"next\"");
    let rules = rules.replace("effective = \"2026-11-01\"", "effective = \"2026-11-23\"");
    let rules = rules.replace(", NL = \"health-care\"", "");
    let mut files = NOTICE.to_vec();
    files[0].1 = &rules;
    site.publish(PORTFOLIO, &files).await;
    people.extend([under(&site, "late", GoverningLaw::Netherlands).await, SubjectId::from_bytes([0x5a; 16])]);
    let chain = gate::portfolio_chain(PORTFOLIO);
    let mut of_each = Vec::new();
    // What is kept of the notices is read once by each server.
    drop(consequences(&site, &desk, people[0], to).await);
    for subject in &people {
        let entries = (site.entries(*subject).await, site.entries(chain).await);
        drop(site.app.store().take_trace());
        let said = consequences(&site, &desk, *subject, to).await;
        of_each.push((said.closes, said.stands, site.app.store().take_trace()));
        assert_eq!((site.entries(*subject).await, site.entries(chain).await), entries);
    }
    assert!(of_each.iter().all(|one| one == &of_each[0]), "{of_each:#?}");
    // By the newest version it closes under the Dutch law as well; the one before says otherwise, and binds some.
    let of_claims = of_each[0].0.iter().find(|one| one.clause == "use.claims").unwrap();
    assert!(
        of_claims.laws.contains(GoverningLaw::Netherlands) && of_claims.laws.contains(GoverningLaw::Belgium)
    );
    assert!(of_each[0].0.iter().any(|one| one.clause == "use.health-management"));
}

async fn a_newer_version_that_asks_for_consent_binds_at_once(site: TestSite) {
    let dutch = under(&site, "dutch", GoverningLaw::Netherlands).await;
    assert!(opens(&site, "BE", dutch).await);
    let rules = NOTICE[0].1.replace("version = \"2026-11-01\"", "version = \"next\"");
    let rules = rules.replace("effective = \"2026-11-01\"", "effective = \"2026-11-23\"");
    let rules = rules.replace(", NL = \"health-care\"", "");
    let mut files = NOTICE.to_vec();
    files[0].1 = &rules;
    site.publish(PORTFOLIO, &files).await;
    assert!(!opens(&site, "BE", dutch).await);
}
