//! Nobody is found by what is withheld, and each thing that is known of somebody finds them in its spellings, where a
//! clause shows it.

#![allow(clippy::disallowed_methods, reason = "that an answer waits is what is measured")]

use std::time::Instant;

use domain::{Condition, Purpose, Recipient, SubjectId, Timestamp};
use gate::{
    ANSWER_EVERY, Asking, Bar, EntryOutcome, GateError, LookupKind, MAX_HITS, MAX_SEARCHES_A_MINUTE, Term,
    portfolio_chain,
};
use service::views::{FoundPerson, PersonForAccess, PostingToVerify};
use store::condition::ConditionRow;

use super::{entries, trace};
use crate::on_both;
use crate::site::{PORTFOLIO, TestSite, cover_draft, item, member_draft};

on_both! {
    a_withheld_field_finds_nobody_and_leaves_the_same_steps,
    the_question_comes_first_and_each_hit_is_an_entry,
    however_many_are_withheld_the_steps_are_the_same_and_the_answer_on_the_beat,
    each_thing_that_is_known_finds_its_person,
    a_search_is_counted_on_all_servers_together,
}

fn term(kind: LookupKind, text: &str) -> Term {
    Term::new(kind, text)
}

/// A member with everything that can be searched by.
async fn member(site: &TestSite, name: &str) -> SubjectId {
    let intake = site.app.gate.job(Recipient::IntakeJob).unwrap();
    let mut draft = member_draft(name, true);
    draft.person.email = Some(domain::EmailAddress::parse("Zoe.Muller@Example.org").unwrap());
    service::enrol_members(&site.app, &intake, PORTFOLIO, crate::site::SOURCE, &[draft]).await.unwrap();
    site.cover(&[cover_draft(name, name)]).await;
    SubjectId::from_bytes(site.app.gate.imported_id("member", crate::site::SOURCE, name))
}

/// The auditor's clause shows money and nothing else, of everybody.
async fn a_withheld_field_finds_nobody_and_leaves_the_same_steps(site: TestSite) {
    let ada = member(&site, "Ada Müller").await;
    let auditor = site.actor(Recipient::Auditor, PORTFOLIO).await;
    let asking = || Asking::new(&auditor, PORTFOLIO, Purpose::Audit, site.app.gate.request());
    let chain = portfolio_chain(PORTFOLIO);
    let (by_iban, first) = ([term(LookupKind::Iban, "BE68 5390 0754 7034")], asking());
    let shown = site.app.gate.search::<PostingToVerify>(&first, &by_iban, None).await.unwrap();
    assert_eq!(shown.len(), 1, "what the clause shows can be searched by");
    for (kind, theirs, nobodys) in [
        (LookupKind::NamePart, "Ada", "Zebulon"),
        (LookupKind::BirthDate, "1980-05-17", "1980-05-18"),
        (LookupKind::MemberNumber, "M-Ada Müller", "M-0"),
        (LookupKind::Email, "zoe.muller@example.org", "x@example.org"),
        (LookupKind::PolicyNumber, "P-1", "P-0"),
    ] {
        let mut found = Vec::new();
        for text in [theirs, nobodys] {
            let before = (entries(&site, ada).await.len(), entries(&site, chain).await.len());
            drop(trace(&site));
            let refused = refused(&site, &asking(), &[term(kind, text)]).await;
            let steps = trace(&site);
            let after = (entries(&site, ada).await.len(), entries(&site, chain).await.len());
            found.push((refused, (after.0 - before.0, after.1 - before.1), steps));
        }
        assert_eq!(found[0], found[1], "{kind:?}");
        assert_eq!(found[0].1, (0, 1), "the refusal, about nobody: {kind:?}");
        assert!(!found[0].2.iter().any(|step| step.contains("moretus.lookup")), "the index is not read");
        // With what is shown beside it, as well.
        let both = [term(LookupKind::Iban, "BE68539007547034"), term(kind, theirs)];
        refused(&site, &asking(), &both).await;
    }
    let last = entries(&site, chain).await.pop().unwrap();
    assert_eq!(
        (last.outcome, last.filters.as_slice()),
        (EntryOutcome::Refused, ["IBAN".to_owned(), "policy number".to_owned()].as_slice())
    );
}

/// What is told of a search that no clause could answer.
async fn refused(site: &TestSite, asking: &Asking<'_>, terms: &[Term]) -> String {
    match site.app.gate.search::<PostingToVerify>(asking, terms, None).await {
        Err(GateError::Refused(refused)) => refused.to_string(),
        other => panic!("this must be refused: {:?}", other.map(drop)),
    }
}

async fn the_question_comes_first_and_each_hit_is_an_entry(site: TestSite) {
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let mut people = Vec::new();
    for name in ["Ada One", "Ada Two", "Ada Three"] {
        let subject = member(&site, name).await;
        site.assign(subject, item(4), &staff).await;
        people.push(subject);
    }
    let other = member(&site, "Ada Other").await;
    let asking = Asking::new(&staff, PORTFOLIO, Purpose::PlanInformation, site.app.gate.request());
    drop(trace(&site));
    let hits = site
        .app
        .gate
        .search::<PersonForAccess>(&asking, &[term(LookupKind::NamePart, "ada")], Some(item(4)))
        .await
        .unwrap();
    people.sort_unstable();
    assert_eq!(hits.iter().map(|(subject, _)| *subject).collect::<Vec<_>>(), people);
    for subject in &people {
        assert_eq!(entries(&site, *subject).await.len(), 1, "found is on the record");
    }
    assert!(entries(&site, other).await.is_empty(), "whom the task is not about is no hit");
    let steps = trace(&site);
    let place = |part: &str| steps.iter().position(|step| step.contains(part)).unwrap();
    assert!(place("append 1: 1 written") < place("moretus.lookup"), "{steps:#?}");
    assert!(steps.iter().any(|step| step == "append 3: 3 written"), "all hits at once: {steps:#?}");
}

/// How many are found shows neither in what is done nor in when it is answered: nobody, one, three and more than are ever told
/// of, all withheld for want of their consent; and one who is shown alone, or among others who are not.
async fn however_many_are_withheld_the_steps_are_the_same_and_the_answer_on_the_beat(site: TestSite) {
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let mut shown = Vec::new();
    for (word, people) in [("One", 1), ("Three", 3), ("Crowd", MAX_HITS + 1), ("Alone", 1), ("Among", 4)] {
        for number in 0..people {
            let subject = member(&site, &format!("{word} {number}")).await;
            if number == 0 && ["Alone", "Among"].contains(&word) {
                let consent = ConditionRow {
                    subject,
                    condition: Condition::ConsentMarketing,
                    object: *PORTFOLIO.bytes(),
                    since: Timestamp::from_micros(0),
                    until: None,
                };
                site.write(move |unit| store::condition::set_many(unit, &[consent])).await;
                shown.push(subject);
            }
        }
    }
    let mut of_each = Vec::new();
    for (word, found) in [("Nobody", 0), ("One", 0), ("Three", 0), ("Crowd", 0), ("Alone", 1), ("Among", 1)] {
        let asking = Asking::new(&staff, PORTFOLIO, Purpose::Marketing, site.app.gate.request());
        let terms = [term(LookupKind::NamePart, word), term(LookupKind::BirthDate, "1980-05-17")];
        drop(trace(&site));
        let begun = Instant::now();
        let hits = site.app.gate.search::<FoundPerson>(&asking, &terms, None).await.unwrap();
        assert!(begun.elapsed() >= ANSWER_EVERY, "{word}: answered before the beat");
        assert!(hits.len() == found && hits.iter().all(|(subject, _)| shown.contains(subject)), "{word}");
        let steps = trace(&site).into_iter().map(|step| match step.strip_prefix("append ") {
            // How many entries a commit has is what the beat hides.
            Some(appended) => {
                let (given, written) = appended.split_once(": ").unwrap();
                format!("append: all written is {}", written == format!("{given} written"))
            }
            None => step,
        });
        of_each.push((word, steps.collect::<Vec<_>>()));
    }
    let (_, steps) = &of_each[0];
    let commits = |part: &str| steps.iter().filter(|step| step.starts_with(part)).count();
    assert_eq!((commits("append: all written is true"), commits("append")), (2, 2), "{steps:#?}");
    for (word, found) in &of_each {
        assert_eq!(found, steps, "{word}");
    }
}

async fn each_thing_that_is_known_finds_its_person(site: TestSite) {
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let auditor = site.actor(Recipient::Auditor, PORTFOLIO).await;
    let zoe = member(&site, "Zoë van der Müller-O'Brien").await;
    let other = member(&site, "Łukasz Ångström").await;
    for subject in [zoe, other] {
        site.assign(subject, item(4), &staff).await;
    }
    let claims = Asking::new(&staff, PORTFOLIO, Purpose::CaseManagement, site.app.gate.request());
    let audit = Asking::new(&auditor, PORTFOLIO, Purpose::Audit, site.app.gate.request());
    for (terms, whom) in [
        (Term::of_name("zoe"), vec![zoe]),
        (Term::of_name("VANDERMULLER"), vec![zoe]),
        (Term::of_name("Mueller Zoë"), vec![zoe]),
        (Term::of_name("O Brien"), vec![zoe]),
        (Term::of_name("lukasz angstroem"), vec![other]),
        (Term::of_name("zoe angstrom"), vec![]),
        (vec![term(LookupKind::BirthDate, "1980-05-17")], vec![zoe, other]),
        (vec![term(LookupKind::MemberNumber, "m zoë van der müller-o'brien")], vec![zoe]),
        (vec![term(LookupKind::Email, " ZOE.MULLER@example.ORG")], vec![zoe, other]),
        (vec![term(LookupKind::PolicyNumber, "p 1")], vec![zoe, other]),
    ] {
        let hits = site.app.gate.search::<PersonForAccess>(&claims, &terms, Some(item(4))).await.unwrap();
        let mut found: Vec<SubjectId> = hits.into_iter().map(|(subject, _)| subject).collect();
        let mut whom = whom;
        found.sort_unstable();
        whom.sort_unstable();
        assert_eq!(found, whom);
    }
    let by_iban = [term(LookupKind::Iban, "be68-5390-0754-7034")];
    assert_eq!(site.app.gate.search::<PostingToVerify>(&audit, &by_iban, None).await.unwrap().len(), 2);
}

async fn a_search_is_counted_on_all_servers_together(site: TestSite) {
    let auditor_token = site.token(Recipient::Auditor, PORTFOLIO).await;
    let other = site.reopen().await;
    let servers = [&site.app, &other];
    let terms = [term(LookupKind::Iban, "BE71096123456769")];
    let search = async |server: &service::App| {
        let auditor = server.gate.authenticate(&auditor_token).await.unwrap();
        let asking = Asking::new(&auditor, PORTFOLIO, Purpose::Audit, server.gate.request());
        server.gate.search::<PostingToVerify>(&asking, &terms, None).await.map(drop)
    };
    for number in 0..MAX_SEARCHES_A_MINUTE {
        search(servers[usize::try_from(number % 2).unwrap()]).await.unwrap();
    }
    let chain = portfolio_chain(PORTFOLIO);
    for server in servers {
        let before = entries(&site, chain).await.len();
        assert!(matches!(search(server).await, Err(GateError::TooManySearches)));
        let last = entries(&site, chain).await.pop().unwrap();
        assert_eq!((last.outcome, last.bar), (EntryOutcome::Refused, Some(Bar::TooManySearches)));
        assert_eq!(entries(&site, chain).await.len(), before + 1);
    }
    // Another actor is counted apart, and the next minute begins anew.
    let colleague = site.actor(Recipient::Auditor, PORTFOLIO).await;
    let asking = Asking::new(&colleague, PORTFOLIO, Purpose::Audit, site.app.gate.request());
    site.app.gate.search::<PostingToVerify>(&asking, &terms, None).await.unwrap();
    site.clock.advance(60);
    search(&other).await.unwrap();
    let empty = site.app.gate.search::<PostingToVerify>(&asking, &[], None).await;
    assert!(matches!(empty.map(drop), Err(GateError::Compute(_))));
}
