//! The register of legal matters: what it takes, from whom, and that each change is on the record before it is made.

use domain::{MatterId, Recipient, RecipientId, SubjectId};
use gate::{EntryOutcome, GateError};
use service::{Issuer, NewMatter, NewRecipient, ServiceError};

use crate::matters::{ORDER, agreement, ask, country, dispute, duty, order, order_of, problem};
use crate::on_both;
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, TestSite, day};

on_both! {
    each_change_of_the_matters_is_on_the_record,
    that_a_matter_was_opened_stands_in_the_persons_own_list,
    nobody_but_a_keeper_changes_the_matters,
    what_a_kind_of_matter_needs_and_has_no_place_for,
    who_issues_is_who_the_register_says,
    a_matter_is_opened_for_people_and_staff_that_are_there,
}

async fn each_change_of_the_matters_is_on_the_record(site: TestSite) {
    let (ada, staff) = site.ada_and_staff().await;
    let treaty = site.reviewed(&agreement()).await;
    let new = NewMatter { agreement: Some(treaty), ..order_of(Issuer::Named("A Court".to_owned()), "US") };
    let id = site.register(&new).await.unwrap();
    // What is refused leaves no word.
    problem(site.register(&new).await);
    problem(site.open_for(id, &staff, &[ada]).await);
    assert_eq!(site.entries(ada).await, 0);
    site.review(id).await.unwrap();
    problem(site.open_for(id, &staff, &[ada, SubjectId::from_bytes([9; 16])]).await);
    assert_eq!(site.entries(ada).await, 0);
    site.open_for(id, &staff, &[ada]).await.unwrap();
    site.end_of(treaty).await.unwrap();
    problem(site.end_of(treaty).await);
    let expected = [
        (treaty, "agreement `2026/17`, under Treaty on legal assistance, article 7 (US) registered"),
        (treaty, "agreement `2026/17`, under Treaty on legal assistance, article 7 (US) reviewed"),
        (id, "order `2026/17` of A Court (US) registered"),
        (id, "order `2026/17` of A Court (US) reviewed"),
        (
            id,
            "order `2026/17` of A Court (US), on the agreement `2026/17`, under Treaty on legal assistance, article 7 (US) opened for legal-staff (tester, tests)",
        ),
        (treaty, "agreement `2026/17`, under Treaty on legal assistance, article 7 (US) ended"),
        (id, "order `2026/17` of A Court (US) ended"),
    ];
    let expected: Vec<_> = expected.iter().map(|(id, words)| (*id, (*words).to_owned())).collect();
    let found = async || {
        let changes = service::matter_changes(&site.app, PORTFOLIO).await.unwrap();
        changes.into_iter().map(|line| (line.change.matter, line.change.change)).collect::<Vec<_>>()
    };
    assert_eq!(found().await, expected);
    // They are leaves like any other, and none of them is of the other register.
    site.app.gate.sealer(None).await.unwrap().finish().await.unwrap();
    assert_eq!(found().await, expected);
    assert!(service::recipient_changes(&site.app, PORTFOLIO).await.unwrap().is_empty());
    site.enter(Recipient::Court, "Labour Court", "BE", &[]).await;
    assert_eq!(found().await.len(), expected.len());
    assert_eq!(service::recipient_changes(&site.app, PORTFOLIO).await.unwrap().len(), 1);
    assert!(service::matter_changes(&site.app, OTHER_PORTFOLIO).await.unwrap().is_empty());
    assert!(service::matters(&site.app, OTHER_PORTFOLIO).await.unwrap().is_empty());
}

async fn that_a_matter_was_opened_stands_in_the_persons_own_list(site: TestSite) {
    let (ada, staff) = site.ada_and_staff().await;
    let bea = site.person("bea", true).await;
    // Also of somebody whom a later version of the notice binds.
    site.publish(
        PORTFOLIO,
        &crate::recipients::notice().iter().map(|(name, text)| (&**name, &**text)).collect::<Vec<_>>(),
    )
    .await;
    let cleo = site.person("cleo", true).await;
    let id = site.reviewed(&duty()).await;
    site.open_for(id, &staff, &[ada, cleo, ada]).await.unwrap();
    for (subject, listed) in [(ada, 1), (cleo, 1), (bea, 0)] {
        let member = site.actor_with_id(*subject.bytes(), Recipient::Subject).await;
        let answer =
            service::answer_access_request(&site.app, &member, PORTFOLIO, subject, None).await.unwrap();
        let lines: Vec<_> =
            answer.history.iter().filter(|line| line.outcome == EntryOutcome::Changed).collect();
        assert_eq!(lines.len(), listed);
        for line in lines {
            assert!(line.shown.is_empty() && line.clauses.is_empty(), "{line:?}");
            let told = line.change.as_deref().unwrap();
            assert!(
                told.contains("Act on health insurance, article 12 (BE) opened for legal-staff"),
                "{told}"
            );
        }
        assert!(answer.received().is_empty(), "nobody received anything");
    }
}

async fn nobody_but_a_keeper_changes_the_matters(site: TestSite) {
    let (ada, staff) = site.ada_and_staff().await;
    let court = site.enter(Recipient::Court, "Labour Court", "BE", &[]).await;
    let id = site.register(&order()).await.unwrap();
    let before = service::matter_changes(&site.app, PORTFOLIO).await.unwrap().len();
    for actor in [
        site.actor_of(court, Recipient::Court).await,
        site.actor(Recipient::ClaimsStaff, PORTFOLIO).await,
        site.actor(Recipient::LegalStaff, OTHER_PORTFOLIO).await,
        site.app.gate.job(Recipient::IntakeJob).unwrap(),
    ] {
        let app = &site.app;
        let other = NewMatter { reference: "other".to_owned(), ..order() };
        let refused = [
            service::register_matter(app, &actor, &other).await.map(drop),
            service::review_matter(app, &actor, PORTFOLIO, id, "Sound.").await,
            service::end_matter(app, &actor, PORTFOLIO, id).await,
        ];
        for refused in refused {
            assert!(
                matches!(refused, Err(ServiceError::Gate(GateError::NotTheKeeper))),
                "{actor:?}: {refused:?}"
            );
        }
    }
    assert_eq!(service::matter_changes(&site.app, PORTFOLIO).await.unwrap().len(), before);
    let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    service::review_matter(&site.app, &officer, PORTFOLIO, id, "Sound.").await.unwrap();
    let claims = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let refused = service::open_matter(&site.app, &claims, PORTFOLIO, id, staff.id(), &[ada]).await;
    assert!(matches!(refused, Err(ServiceError::Gate(GateError::NotTheKeeper))), "{refused:?}");
    assert!(ask(&site.app, &staff, ORDER, ada, id).await.is_err());
    // Of another portfolio there is no such matter.
    let elsewhere = service::end_matter(&site.app, &site.keeper, OTHER_PORTFOLIO, id).await;
    assert!(problem(elsewhere).contains("no such matter"));
}

async fn what_a_kind_of_matter_needs_and_has_no_place_for(site: TestSite) {
    let refused = async |new: NewMatter| problem(site.register(&new).await);
    for (new, needs) in [
        (NewMatter { issuer: None, ..order() }, "`order` needs who issued it"),
        (NewMatter { made: None, ..order() }, "`order` needs the day on which it was made"),
        (NewMatter { last: None, ..order() }, "`order` needs its last day"),
        (NewMatter { reasons: " ".to_owned(), ..dispute() }, "`dispute` needs the reasons"),
        (NewMatter { last: None, ..dispute() }, "`dispute` needs its last day"),
        (NewMatter { law: String::new(), ..duty() }, "`duty` needs the law or agreement"),
        (NewMatter { country: None, ..duty() }, "`duty` needs the country"),
        (NewMatter { law: String::new(), ..agreement() }, "`agreement` needs the law or agreement"),
        (NewMatter { law: "A law".to_owned(), ..dispute() }, "`dispute` has no place for the law"),
        (NewMatter { issuer: order().issuer, ..agreement() }, "`agreement` has no place for who issued it"),
        (
            NewMatter { agreement: Some(MatterId::from_bytes([1; 16])), ..duty() },
            "`duty` has no place for the agreement",
        ),
        (NewMatter { country: None, ..order() }, "needs its country"),
        (NewMatter { last: Some(day("2026-10-31")), ..order() }, "end before it begins"),
        (NewMatter { reference: " . ".to_owned(), ..order() }, "the reference is empty"),
        (NewMatter { reference: "20\u{200b}26".to_owned(), ..order() }, "signs that nobody sees"),
        (NewMatter { reasons: "x".repeat(2_001), ..dispute() }, "the reasons is empty, too long"),
    ] {
        let said = refused(new).await;
        assert!(said.contains(needs), "{said}");
    }
    let number = "4111 1111 1111 1111".to_owned();
    for new in [
        NewMatter { reference: number.clone(), ..order() },
        NewMatter { issuer: Some(Issuer::Named(number.clone())), ..order() },
        NewMatter { law: number.clone(), ..duty() },
        NewMatter { reasons: number.clone(), ..dispute() },
    ] {
        let said = refused(new).await;
        assert!(said.contains("payment card") && !said.contains("1111"), "{said}");
    }
    let id = site.register(&order()).await.unwrap();
    let note = service::review_matter(&site.app, &site.operator("A Reviewer"), PORTFOLIO, id, &number).await;
    assert!(problem(note).contains("payment card"));
    let again = NewMatter { reference: "2026 - 17".to_owned(), ..order() };
    assert!(refused(again.clone()).await.contains("is registered already"));
    site.end_of(id).await.unwrap();
    site.register(&again).await.unwrap();
    assert_eq!(service::matters(&site.app, PORTFOLIO).await.unwrap().len(), 2);
}

async fn who_issues_is_who_the_register_says(site: TestSite) {
    let refused = async |issuer, code: Option<&str>| {
        let new = order_of(Issuer::Registered(issuer), "BE");
        problem(site.register(&NewMatter { country: code.map(country), ..new }).await)
    };
    assert!(refused(site.bank().await, None).await.contains("is a bank"));
    assert!(refused(RecipientId::from_bytes([9; 16]), None).await.contains("no such recipient"));
    let elsewhere = site.organisation_in(OTHER_PORTFOLIO, Recipient::Court, "Elsewhere");
    let elsewhere = site.enter_as(&elsewhere, &[]).await.unwrap();
    assert!(refused(elsewhere, None).await.contains("no such recipient"));
    // Nobody makes an order from abroad one of here by saying so.
    let abroad = site.enter(Recipient::Court, "Court Abroad", "CH", &[]).await;
    assert!(refused(abroad, Some("BE")).await.contains("stands in the register as of `CH`"));
    let liaison = site.organisation(Recipient::ForeignAuthority, "Liaison Office");
    let liaison = NewRecipient { country: country("BE"), ..liaison };
    let liaison = site.enter_as(&liaison, &[]).await.unwrap();
    for code in [None, Some("BE"), Some("NO")] {
        assert!(refused(liaison, code).await.contains("name its own"));
    }
    for (issuer, code) in [(abroad, None), (liaison, Some("US"))] {
        let new = order_of(Issuer::Registered(issuer), "BE");
        let id = site.reviewed(&NewMatter { country: code.map(country), ..new }).await;
        let (ada, staff) = site.ada_and_staff().await;
        assert!(problem(site.open_for(id, &staff, &[ada]).await).contains("GDPR article 48"));
    }
}

async fn a_matter_is_opened_for_people_and_staff_that_are_there(site: TestSite) {
    let (ada, staff) = site.ada_and_staff().await;
    let id = site.reviewed(&order()).await;
    assert!(problem(site.open_for(id, &staff, &[]).await).contains("at least one person"));
    let many: Vec<SubjectId> =
        (0..=service::MATTER_PEOPLE).map(|_| SubjectId::from_bytes(site.app.gate.random_id())).collect();
    assert!(problem(site.open_for(id, &staff, &many).await).contains("at most 1000"));
    let chain = gate::portfolio_chain(PORTFOLIO);
    for nobody in [many[0], chain, gate::portfolio_chain(OTHER_PORTFOLIO)] {
        assert!(problem(site.open_for(id, &staff, &[ada, nobody]).await).contains("no such person"));
    }
    let court = site.enter(Recipient::Court, "Labour Court", "BE", &[]).await;
    for other in [
        site.actor(Recipient::ClaimsStaff, PORTFOLIO).await,
        site.actor_of(court, Recipient::Court).await,
        site.actor_with_id(*ada.bytes(), Recipient::Subject).await,
    ] {
        let said = problem(site.open_for(id, &other, &[ada]).await);
        assert!(said.contains("no clause of the notice in force lets staff"), "{said}");
    }
    let stranger = site.actor(Recipient::LegalStaff, OTHER_PORTFOLIO).await;
    assert!(problem(site.open_for(id, &stranger, &[ada]).await).contains("no such actor"));
    assert!(ask(&site.app, &staff, ORDER, ada, id).await.is_err(), "nothing of it was opened");
    site.open_for(id, &staff, &[ada]).await.unwrap();
    site.open_for(id, &staff, &[ada]).await.unwrap();
    ask(&site.app, &staff, ORDER, ada, id).await.unwrap();
    site.end_of(id).await.unwrap();
    assert!(ask(&site.app, &staff, ORDER, ada, id).await.is_err());
}
