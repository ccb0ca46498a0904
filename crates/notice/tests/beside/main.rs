//! The documents that stand beside the notice: related notices and supplements, those that ship and broken ones.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod broken;

use domain::{
    CategorySet, Condition, ConditionSet, Language, Personal, Purpose, Recipient, SubjectKind,
    TravelQuestionnaire,
};
use notice::{
    Decision, Edition, Notice, Question, Related, SHIPPED, SHIPPED_RELATED, SHIPPED_TRAVEL, SetCookie,
    Supplement,
};

fn related(name: &str) -> Related {
    let mut all =
        SHIPPED_RELATED.iter().map(|files| Related::read(files).unwrap_or_else(|all| panic!("{all:#?}")));
    all.find(|one| one.name() == name).expect("it ships")
}

fn travel() -> Supplement {
    Supplement::read(SHIPPED_TRAVEL).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

#[test]
fn the_notice_names_the_related_notices_that_ship_and_they_name_it() {
    let notice = Notice::read(SHIPPED).unwrap();
    let named: Vec<&str> = notice.related().iter().map(|one| one.word()).collect();
    assert_eq!(named, ["online", "cookies"]);
    for name in named {
        let document = related(name);
        for language in Language::ALL {
            let address = |name: &str| Some(format!("/{name}"));
            assert!(notice.render_html_among(*language, &address).contains(&format!("<a href=\"/{name}\">")));
            assert!(document.render_html_among(*language, &address).contains("<a href=\"/notice\">"));
            // A file that stands alone has no address to lead to, and no dead link.
            assert!(!notice.render_html(*language).contains("related:"));
            assert!(!document.render_text(*language).contains("related:"));
        }
    }
}

#[test]
fn the_texts_are_the_reviewed_ones() {
    for name in ["online", "cookies"] {
        insta::assert_snapshot!(format!("the_{name}_notice"), related(name).render_text(Language::English));
    }
    insta::assert_snapshot!("the_travel_supplement", travel().render_text(Language::English));
}

#[test]
fn each_is_read_as_what_it_is_and_as_nothing_else() {
    assert!(matches!(Edition::read(SHIPPED), Ok(Edition::Notice(_))));
    assert!(matches!(Edition::read(SHIPPED_TRAVEL), Ok(Edition::Supplement(one)) if one.name() == "travel"));
    for files in SHIPPED_RELATED {
        assert!(matches!(Edition::read(files), Ok(Edition::Related(_))));
        let refused = Notice::read(files).unwrap_err();
        let message = refused.first().expect("one problem").to_string();
        assert!(message.contains("these are the rules of the related notice"), "{message}");
        assert!(Supplement::read(files).is_err());
    }
    assert!(Related::read(SHIPPED_TRAVEL).is_err() && Related::read(SHIPPED).is_err());
}

#[test]
fn the_cookie_notice_that_ships_lists_none_and_a_planted_one_is_found() {
    let notice = related("cookies");
    assert_eq!(notice.compare_cookies(&[]), []);
    let planted = SetCookie::parse("session=1; Path=/").expect("a cookie");
    let faults = notice.compare_cookies(&[planted]);
    let messages: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(messages, ["cookie `session` is set and not listed: add a [[cookie]], or set it no longer"]);
}

#[test]
fn a_listed_cookie_is_told_in_every_language_and_found_when_it_is_never_set() {
    let rules = format!("{}\n{}", rules_of("cookies"), broken::COOKIE);
    let mut files = files_of("cookies");
    files.retain(|(name, _)| *name != "clauses.toml");
    files.push(("clauses.toml", &rules));
    let notice = Related::read(&files).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let [english, french] =
        [Language::English, Language::French].map(|language| notice.render_html(language));
    assert!(
        english.contains("<li><strong>session</strong>: keeps you signed in; 30 days; set by us</li>"),
        "{english}"
    );
    assert!(
        french
            .contains("<li><strong>session</strong> : vous garde connecté ; 30 jours ; déposé par nous</li>"),
        "{french}"
    );
    let faults = notice.compare_cookies(&[]);
    assert_eq!(
        faults.first().map(ToString::to_string).as_deref(),
        Some("cookie `session` is listed and never set: remove its [[cookie]]")
    );
}

fn files_of(name: &str) -> Vec<(&'static str, &'static str)> {
    let is_it = |files: &&&[(&str, &str)]| Related::read(files).unwrap().name() == name;
    SHIPPED_RELATED.iter().find(is_it).expect("it ships").to_vec()
}

fn rules_of(name: &str) -> &'static str {
    files_of(name).iter().find(|(name, _)| *name == "clauses.toml").expect("rules").1
}

fn question(purpose: Purpose, recipient: Recipient, held: &[Condition]) -> Question {
    Question {
        subject: SubjectKind::Member,
        law: domain::GoverningLaw::Belgium,
        purpose,
        recipient,
        needed: TravelQuestionnaire::CATEGORIES,
        wanted: TravelQuestionnaire::CATEGORIES,
        held: ConditionSet::of(held),
        demands: ConditionSet::EMPTY,
        transfer: None,
        registered: None,
    }
}

#[test]
fn the_travel_supplement_stands_beside_the_notice_and_discloses_what_it_says() {
    let (notice, supplement) = (Notice::read(SHIPPED).unwrap(), travel());
    assert_eq!(supplement.check_beside(&notice), Ok(()));
    let (ours, of_notice) = (supplement.compile(&[&notice]), notice.compile());
    let granted =
        |table: &notice::Table, question: Question| matches!(table.decide(&question), Decision::Granted(_));
    let staff = Recipient::CustomerService;
    let assist = question(Purpose::TravelAssistance, staff, &[Condition::WorkItem]);
    assert!(granted(&ours, assist) && !granted(&of_notice, assist));
    assert!(granted(&ours, question(Purpose::TravelAssistance, Recipient::EnrolmentStaff, &[])));
    for neighbour in [
        question(Purpose::TravelAssistance, staff, &[]),
        question(Purpose::TravelAssistance, Recipient::ClaimsStaff, &[Condition::WorkItem]),
        question(Purpose::ClaimsProcessing, staff, &[Condition::WorkItem]),
        question(Purpose::PlanInformation, staff, &[Condition::WorkItem]),
        Question { subject: SubjectKind::Practitioner, ..assist },
        Question { needed: CategorySet::of(&[domain::Category::Health]), ..assist },
    ] {
        assert!(!granted(&ours, neighbour), "{neighbour:?}");
    }
}

#[test]
fn a_prohibition_of_the_notice_wins_over_a_supplement() {
    let supplement = travel();
    let rules = SHIPPED.first().expect("the rules").1;
    let forbidding = format!(
        "{rules}\n[[prohibition]]\nid = \"no.travel\"\npurpose = \"travel-assistance\"\nunless = [\"consent.marketing\"]\n"
    );
    let proses: Vec<(&str, String)> = SHIPPED
        .iter()
        .skip(1)
        .map(|(name, text)| (*name, format!("{text}\n## No {{#no.travel}}\n\n{{purposes}} {{conditions}}\n")))
        .collect();
    let mut files = vec![("clauses.toml", forbidding.as_str())];
    files.extend(proses.iter().map(|(name, text)| (*name, text.as_str())));
    let newer = Notice::read(&files).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let older = Notice::read(SHIPPED).unwrap();
    let ask = |held: &[Condition]| question(Purpose::TravelAssistance, Recipient::CustomerService, held);
    // Whoever is bound to the older version is held to the newer one's prohibition as well.
    let table = supplement.compile(&[&older, &newer]);
    let work = [Condition::WorkItem];
    let both = [Condition::WorkItem, Condition::ConsentMarketing];
    assert!(matches!(table.decide(&ask(&work)), Decision::Refused(_)));
    assert!(
        matches!(table.decide(&ask(&both)), Decision::Granted(one) if one.conditions == ConditionSet::of(&both))
    );
    assert!(matches!(supplement.compile(&[&older]).decide(&ask(&work)), Decision::Granted(_)));
}
