//! The shipped notice: it is sound, it reads well in each language, and its access matrix is the
//! one that was reviewed.
#![allow(clippy::expect_used, clippy::panic)]

use std::sync::LazyLock;

use domain::{
    Category, CategorySet, Condition, ConditionSet, Language, Purpose, Recipient, RetentionClass, SubjectKind,
};
use notice::{Decision, Notice, Permission, Question, Refusal, SHIPPED, Table};

const OWN: &str = "name = \"Example *Fund* <b>\"\naddress = \"1 Main Street\"\nemail = \"info@fund.example\"\n\
    officer = \"the officer\"\nofficer-email = \"dpo@fund.example\"\nauthority = \"the authority\"\n\
    telephone = \"+32 2 000 00 00\"\nenterprise-number = \"0000.000.000\"\nregulator = \"the regulator\"\n\
    regulator-number = \"00000\"\nofficer-address = \"1 Street\"\naffiliates = \"https://example.org/affiliates\"\n";

/// Read once: reading checks all of it.
fn shipped() -> &'static Notice {
    static NOTICE: LazyLock<Notice> =
        LazyLock::new(|| Notice::read(SHIPPED).unwrap_or_else(|problems| panic!("{problems:#?}")));
    &NOTICE
}

fn filled() -> Notice {
    let mut files = SHIPPED.to_vec();
    files.push(("organisation.toml", OWN));
    Notice::read(&files).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn ask(purpose: Purpose, recipient: Recipient, wanted: &[Category], held: &[Condition]) -> Decision {
    static TABLE: LazyLock<Table> = LazyLock::new(|| shipped().compile());
    TABLE.decide(&Question {
        subject: SubjectKind::Member,
        law: domain::GoverningLaw::Belgium,
        purpose,
        recipient,
        needed: CategorySet::EMPTY,
        wanted: CategorySet::of(wanted),
        held: ConditionSet::of(held),
        demands: ConditionSet::EMPTY,
        transfer: None,
        registered: None,
    })
}

fn granted(decision: Decision) -> Permission {
    match decision {
        Decision::Granted(permission) => permission,
        Decision::Refused(refusal) => panic!("{refusal:?}"),
    }
}

fn refused(decision: Decision) -> Refusal {
    match decision {
        Decision::Refused(refusal) => refusal,
        Decision::Granted(permission) => panic!("{permission:?}"),
    }
}

#[test]
fn the_access_matrix_is_the_reviewed_one() {
    let notice = shipped();
    let table = notice.compile();
    let lines: Vec<String> = table.matrix().iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn the_english_text_is_the_reviewed_one() {
    insta::assert_snapshot!(shipped().render_text(Language::English));
}

/// What a clause needs under a law stands in its prose with that law, in every language.
#[test]
fn what_is_needed_under_a_law_is_said_with_it() {
    let notice = filled();
    let by_law = notice.clauses().iter().filter(|clause| !clause.health_by_law.is_empty());
    assert!(by_law.clone().all(|clause| clause.needs_otherwise().contains(Condition::ConsentHealth)));
    let said = [
        (Language::English, "where Irish law or Dutch law governs the cover, only: "),
        (Language::Dutch, "waar Iers recht of Nederlands recht de dekking beheerst, alleen: "),
        (
            Language::French,
            "lorsque le droit irlandais ou le droit néerlandais régit la couverture, seulement : ",
        ),
        (Language::German, "wo irisches Recht oder niederländisches Recht für die Deckung gilt, nur: "),
    ];
    for (language, words) in said {
        let text = notice.render_text(language);
        assert_eq!(text.matches(words).count(), by_law.clone().count(), "{language}");
    }
}

#[test]
fn every_class_has_a_period_and_every_language_a_text() {
    let notice = shipped();
    assert_eq!(notice.version(), "2026-11-01");
    assert_eq!(notice.effective().to_string(), "2026-11-01");
    assert_eq!(notice.notice_period_days(), 30);
    for class in RetentionClass::ALL {
        assert!(notice.retention(*class).is_some(), "{class}");
    }
    assert_eq!(notice.languages(), Language::ALL);
    for language in Language::ALL {
        let html = notice.render_html(*language);
        assert!(html.starts_with(&format!("<main lang=\"{language}\">")));
        for clause in notice.clauses() {
            assert!(html.contains(&format!("<section id=\"{}\">", clause.id)), "{}", clause.id);
        }
        assert!(html.contains("<section id=\"no.marketing\">"));
        assert!(!html.contains('{') && !notice.render_text(*language).contains('{'), "{language}");
    }
}

#[test]
fn claims_staff_see_health_data_only_with_consent_and_a_task() {
    let wanted = [Category::Identity, Category::Claims, Category::Health];
    let claims = |held: &[Condition]| ask(Purpose::ClaimsProcessing, Recipient::ClaimsStaff, &wanted, held);
    let table = shipped().compile();
    let full = granted(claims(&[Condition::WorkItem, Condition::ConsentHealth]));
    assert_eq!(full.shown, CategorySet::of(&wanted));
    // Identity and claims rest on the clause with fewer conditions; only health on consent.
    let ids: Vec<&str> = full.clauses.iter().filter_map(|index| table.clause_id(index)).collect();
    assert_eq!(ids, ["use.claims", "use.claims.statutory-minimum"]);
    let without = granted(claims(&[Condition::WorkItem]));
    assert_eq!(without.shown, CategorySet::of(&[Category::Identity, Category::Claims]));
    assert_eq!(without.conditions, ConditionSet::of(&[Condition::WorkItem]));
    let refusal = refused(claims(&[Condition::ConsentHealth]));
    assert_eq!(refusal.nearest.and_then(|index| table.clause_id(index)), Some("use.claims"));
    assert_eq!(refusal.lacks, ConditionSet::of(&[Condition::WorkItem]));
}

#[test]
fn a_bank_never_sees_claims_and_a_sponsor_never_health() {
    let all = Category::ALL;
    let every = Condition::ALL;
    let bank = granted(ask(Purpose::Payment, Recipient::Bank, all, every));
    assert_eq!(bank.shown, CategorySet::of(&[Category::Identity, Category::Financial]));
    let sponsor = granted(ask(Purpose::PlanAdministration, Recipient::PlanSponsor, all, every));
    assert_eq!(sponsor.shown, CategorySet::of(&[Category::Identity, Category::Plan, Category::Eligibility]));
    let refusal =
        refused(ask(Purpose::PlanAdministration, Recipient::PlanSponsor, all, &[Condition::RelationSponsor]));
    assert_eq!(refusal.lacks, ConditionSet::of(&[Condition::Undertaking]));
    for recipient in Recipient::ALL {
        refused(ask(Purpose::Retention, *recipient, all, every));
    }
}

/// Every condition but one holds.
fn all_but(missing: Condition) -> Vec<Condition> {
    Condition::ALL.iter().copied().filter(|condition| *condition != missing).collect()
}

#[test]
fn marketing_needs_its_authorisation_and_never_opens_claims_or_health() {
    let all = Category::ALL;
    let purposes = Purpose::ALL.iter().filter(|purpose| purpose.is_within(Purpose::Marketing));
    for purpose in purposes {
        for recipient in Recipient::ALL {
            refused(ask(*purpose, *recipient, all, &all_but(Condition::ConsentMarketing)));
            if let Decision::Granted(permission) = ask(*purpose, *recipient, all, Condition::ALL) {
                assert_eq!(*recipient, Recipient::CustomerService);
                assert_eq!(permission.shown, CategorySet::of(&[Category::Identity, Category::Plan]));
            }
        }
    }
}

#[test]
fn to_operate_and_expand_opens_nobody_alone() {
    let purposes = [
        Purpose::ProductDevelopment,
        Purpose::UsageTrends,
        Purpose::CampaignEffectiveness,
        Purpose::PlanMonitoring,
    ];
    for purpose in purposes {
        for recipient in Recipient::ALL {
            refused(ask(purpose, *recipient, Category::ALL, &all_but(Condition::MinimumGroup)));
        }
    }
}

#[test]
fn nobody_ever_sees_credentials() {
    let notice = shipped();
    let table = notice.compile();
    assert!(table.matrix().iter().all(|access| access.category != Category::Credentials));
}

#[test]
fn it_cannot_be_published_before_it_is_filled_in() {
    let problems = shipped().publishable().expect_err("nothing is filled in");
    assert_eq!(problems.len(), 12);
    assert_eq!(
        problems.first().map(ToString::to_string).as_deref(),
        Some(
            "clauses.toml:16: `name` of the organisation is empty: write name = \"...\" in organisation.toml"
        )
    );
    assert_eq!(filled().publishable(), Ok(()));
}

#[test]
fn the_organisations_values_are_shown_as_they_are() {
    let html = filled().render_html(Language::Dutch);
    assert!(html.contains("<h1>Privacyverklaring van Example *Fund* &lt;b&gt;</h1>"));
    assert!(html.contains("Example *Fund* &lt;b&gt;, 1 Main Street, beheert"));
    assert!(html.contains("<a href=\"mailto:dpo@fund.example\">dpo@fund.example</a>"));
    assert!(filled().render_text(Language::French).contains("Example *Fund* <b>, 1 Main Street, gère"));
}

#[test]
fn the_hash_covers_every_file_and_not_their_order() {
    let hash = shipped().hash();
    let mut reversed = SHIPPED.to_vec();
    reversed.reverse();
    assert_eq!(Notice::read(&reversed).expect("sound").hash(), hash);
    assert_ne!(filled().hash(), hash);
    for changed in 0..SHIPPED.len() {
        let longer = format!("{}\n", SHIPPED.get(changed).expect("in range").1);
        let files: Vec<(&str, &str)> = SHIPPED
            .iter()
            .enumerate()
            .map(|(index, (name, text))| (*name, if index == changed { longer.as_str() } else { *text }))
            .collect();
        assert_ne!(Notice::read(&files).expect("sound").hash(), hash, "file {changed}");
    }
}

#[test]
fn narrowing_by_itself_changes_nothing() {
    let notice = shipped();
    let table = notice.compile();
    assert_eq!(table.narrow(&table).matrix(), table.matrix());
}

/// A shorter version, for narrowing: claims staff no longer see financial data.
fn newer() -> Notice {
    let rules = SHIPPED.first().expect("the rules").1;
    let was = "data = [\"identity\", \"plan\", \"eligibility\", \"claims\", \"financial\"]\nrecipients = [\"adjudication-job\", \"claims-staff\"]";
    let is = "data = [\"identity\", \"claims\", \"other\"]\nrecipients = [\"adjudication-job\", \"claims-staff\", \"court\"]";
    assert!(rules.contains(was));
    let rules = rules.replace(was, is);
    let mut files = vec![("clauses.toml", rules.as_str())];
    files.extend(SHIPPED.iter().skip(1));
    Notice::read(&files).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

#[test]
fn a_newer_version_narrows_at_once_and_widens_nothing() {
    let bound = shipped().compile();
    let both = bound.narrow(&newer().compile());
    let question = Question {
        subject: SubjectKind::Member,
        law: domain::GoverningLaw::Belgium,
        purpose: Purpose::ClaimsProcessing,
        recipient: Recipient::ClaimsStaff,
        needed: CategorySet::EMPTY,
        wanted: Category::ALL.iter().copied().collect(),
        held: ConditionSet::of(&[Condition::WorkItem]),
        demands: ConditionSet::EMPTY,
        transfer: None,
        registered: None,
    };
    let permission = granted(both.decide(&question));
    assert_eq!(permission.shown, CategorySet::of(&[Category::Identity, Category::Claims]));
    let ids: Vec<&str> = permission.clauses.iter().filter_map(|index| both.clause_id(index)).collect();
    assert_eq!(ids, ["use.claims.statutory-minimum"]);
    assert_eq!(refused(both.decide(&Question { recipient: Recipient::Court, ..question })).nearest, None);
}
