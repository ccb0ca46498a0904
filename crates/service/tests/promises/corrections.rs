//! Rights and their bounds: what is corrected takes the place of what was there, whom it is searched by follows, and what was
//! erased on request is told; a programme's end takes back every consent to it. Each is on the record first.

use std::collections::BTreeSet;

use domain::{
    Condition, ConsentChannel, EmailAddress, Iban, Language, PersonName, Purpose, Recipient, RecordKind,
    RetentionClass, SubjectId,
};
use gate::{Actor, Entry, EntryOutcome, GateError, LookupKind, Target};
use service::{ConsentTo, NewConsent, ServiceError};
use store::StoreError;
use store::condition::ConditionRow;
use store::lookup::LookupRow;

use crate::on_both;
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, TestSite, cover_draft, day, item};

on_both! {
    what_is_corrected_takes_the_place_of_what_was_there,
    of_two_corrections_of_one_version_one_is_refused,
    a_number_leads_to_one_person,
    whether_a_number_is_taken_is_a_search,
    nobody_without_a_clause_corrects_or_erases,
    who_was_erased_is_not_corrected_and_the_erasure_is_told,
    a_programme_is_read_and_its_end_takes_back_every_consent,
    a_sweep_finds_whose_cover_ended_and_nobody_else,
}

pub(crate) async fn entries(site: &TestSite, subject: SubjectId) -> Vec<Entry> {
    let read = site.app.store().read(move |unit| store::log::pending_of(unit, subject)).await;
    let entries = read.map_err(|error: StoreError| error).unwrap();
    entries.iter().map(|entry| Entry::from_bytes(&entry.body).unwrap()).collect()
}

async fn file(site: &TestSite, actor: &Actor, subject: SubjectId) -> (domain::Person, i64) {
    let target = Target::for_item(subject, item(1));
    let read = service::read_to_correct(&site.app, actor, PORTFOLIO, target, site.app.gate.request()).await;
    let file = read.unwrap();
    (file.person.into_person(), file.version)
}

async fn correct(
    site: &TestSite,
    actor: &Actor,
    subject: SubjectId,
    version: i64,
    person: &domain::Person,
) -> Result<i64, ServiceError> {
    let (target, request) = (Target::for_item(subject, item(1)), site.app.gate.request());
    service::correct(&site.app, actor, PORTFOLIO, target, version, person, request).await
}

/// The tokens that lead to a person, as the index has them.
async fn tokens(site: &TestSite, rows: Vec<LookupRow>) -> Vec<(i64, bool)> {
    site.write(move |unit| {
        rows.iter()
            .map(|row| {
                let found = store::lookup::find(unit, row.kind, &row.token, 10)?;
                Ok((row.kind, found.contains(&row.subject)))
            })
            .collect()
    })
    .await
}

async fn what_is_corrected_takes_the_place_of_what_was_there(site: TestSite) {
    let ada = site.person("Ada Muller", true).await;
    for recipient in [Recipient::EnrolmentStaff, Recipient::DataProtectionOfficer] {
        let staff = site.actor(recipient, PORTFOLIO).await;
        site.assign(ada, item(1), &staff).await;
        let (before, version) = file(&site, &staff, ada).await;
        let mut person = before.clone();
        person.name = PersonName::parse(&format!("Ada {}", recipient.word().replace('-', ""))).unwrap();
        person.email = Some(EmailAddress::parse(&format!("ada@{recipient}.example.org")).unwrap());
        let other = if version == 1 { "BE71096123456769" } else { "BE68539007547034" };
        person.account = Some(Iban::parse(other).unwrap());
        assert_eq!(correct(&site, &staff, ada, version, &person).await.unwrap(), version + 1);
        assert!(file(&site, &staff, ada).await == (person.clone(), version + 1));

        let (gone, new) = (site.app.gate.lookup_rows(ada, &before), site.app.gate.lookup_rows(ada, &person));
        let new_tokens = tokens(&site, new.clone()).await;
        assert!(new_tokens.iter().all(|(_, leads)| *leads), "{new_tokens:?}");
        let old: Vec<LookupRow> = gone.into_iter().filter(|row| !new.contains(row)).collect();
        for kind in [LookupKind::NamePart, LookupKind::Iban] {
            assert!(old.iter().any(|row| row.kind == kind as i64), "{kind:?}");
        }
        let old_tokens = tokens(&site, old).await;
        assert!(old_tokens.iter().all(|(_, leads)| !leads), "{old_tokens:?}");

        let entry = entries(&site, ada).await.pop().unwrap();
        assert_eq!((entry.purpose, entry.outcome), (Purpose::Correction, EntryOutcome::Granted));
        assert!(entry.clauses.iter().all(|clause| clause.starts_with("right.")), "{:?}", entry.clauses);
    }
    // One version of the record is kept, and no other.
    let rows = site.write(move |unit| store::sealed::of_record(unit, ada, RecordKind::Person, ada.into()));
    let versions: Vec<i64> = rows.await.iter().map(|row| row.version).collect();
    assert_eq!(versions, [3, 3, 3]);
}

async fn of_two_corrections_of_one_version_one_is_refused(site: TestSite) {
    let ada = site.person("ada", true).await;
    let staff = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    site.assign(ada, item(1), &staff).await;
    let (before, version) = file(&site, &staff, ada).await;
    let mut person = before.clone();
    person.phone = Some(domain::PhoneNumber::parse("+32 2 000 00 01").unwrap());
    let (one, other) = tokio::join!(
        correct(&site, &staff, ada, version, &person),
        correct(&site, &staff, ada, version, &person)
    );
    let answers = [one, other];
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    let changed =
        |answer: &&Result<i64, ServiceError>| matches!(answer, Err(ServiceError::Store(StoreError::Changed)));
    assert_eq!(answers.iter().filter(changed).count(), 1, "{answers:?}");
    assert!(file(&site, &staff, ada).await == (person, version + 1));
}

async fn a_number_leads_to_one_person(site: TestSite) {
    let (ada, eve) = (site.person("ada", true).await, site.person("eve", true).await);
    let staff = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    for subject in [ada, eve] {
        site.assign(subject, item(1), &staff).await;
    }
    let (mut person, version) = file(&site, &staff, ada).await;
    let before = person.clone();
    person.member_number = domain::MemberNumber::parse("M-eve").unwrap();
    person.email = Some(EmailAddress::parse("ada@example.org").unwrap());
    let taken = correct(&site, &staff, ada, version, &person).await;
    assert!(matches!(taken, Err(ServiceError::NumberTaken)), "{taken:?}");
    assert!(file(&site, &staff, ada).await == (before, version), "nothing was changed");
    person.member_number = domain::MemberNumber::parse("M-new").unwrap();
    correct(&site, &staff, ada, version, &person).await.unwrap();
}

/// Whether a number is taken is told to who may correct somebody, and to who imports: as a search, on the record before, and as
/// often as anybody searches.
async fn whether_a_number_is_taken_is_a_search(site: TestSite) {
    let (ada, eve) = (site.person("ada", true).await, site.person("eve", true).await);
    let staff = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    for subject in [ada, eve] {
        site.assign(subject, item(1), &staff).await;
    }
    let chain = gate::portfolio_chain(PORTFOLIO);
    let searched = async || {
        let all = entries(&site, chain).await.into_iter();
        all.filter(|entry| entry.outcome == EntryOutcome::Searched).collect::<Vec<_>>()
    };
    let (mut person, mut version) = file(&site, &staff, ada).await;
    person.phone = Some(domain::PhoneNumber::parse("+32 2 000 00 01").unwrap());
    version = correct(&site, &staff, ada, version, &person).await.unwrap();
    assert!(searched().await.is_empty(), "the number stays");
    for (number, is_taken) in [("M-eve", true), ("M-new", false)] {
        let before = searched().await.len();
        person.member_number = domain::MemberNumber::parse(number).unwrap();
        let answer = correct(&site, &staff, ada, version, &person).await;
        assert_eq!(matches!(answer, Err(ServiceError::NumberTaken)), is_taken, "{answer:?}");
        let entry = searched().await.pop().unwrap();
        assert_eq!(searched().await.len(), before + 1, "{number}");
        assert_eq!((entry.actor, entry.item), (staff.id(), Some(item(1))));
        assert_eq!((entry.filters, entry.purpose), (vec!["member number".to_owned()], Purpose::Correction));
    }
    // As often as anybody searches: the rest of the minute it is refused before the index is read.
    version += 1;
    let mut tried = 2;
    person.member_number = domain::MemberNumber::parse("M-eve").unwrap();
    while matches!(correct(&site, &staff, ada, version, &person).await, Err(ServiceError::NumberTaken)) {
        tried += 1;
    }
    assert_eq!(tried, gate::MAX_SEARCHES_A_MINUTE);
    let refused = entries(&site, chain).await.pop().unwrap();
    assert_eq!((refused.outcome, refused.bar), (EntryOutcome::Refused, Some(gate::Bar::TooManySearches)));
    // An import tells it of each of its rows, and says of how many.
    let before = searched().await.len();
    let intake = site.app.gate.job(Recipient::IntakeJob).unwrap();
    let drafts = ["zoe", "kim", "nia"].map(|name| {
        let mut draft = crate::site::member_draft(name, true);
        if name != "nia" {
            draft.person.member_number = domain::MemberNumber::parse("M-eve").unwrap();
        }
        draft
    });
    let enrolled = service::enrol_members(&site.app, &intake, PORTFOLIO, "other", &drafts).await.unwrap();
    assert_eq!((enrolled.new, enrolled.refused), (1, 2));
    let told = searched().await;
    assert_eq!(told.len(), before + 1);
    let entry = told.last().unwrap();
    assert_eq!(
        (entry.actor, entry.filters.as_slice()),
        (intake.id(), ["member number".to_owned()].as_slice())
    );
    assert!(entry.change.as_ref().unwrap().starts_with("2 rows"), "{:?}", entry.change);
}

async fn nobody_without_a_clause_corrects_or_erases(site: TestSite) {
    let ada = site.person("ada", true).await;
    let desk = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    site.assign(ada, item(1), &desk).await;
    let (person, version) = file(&site, &desk, ada).await;
    let stranger = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    let service_desk = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    site.assign(ada, item(1), &service_desk).await;
    let elsewhere = site.actor(Recipient::EnrolmentStaff, OTHER_PORTFOLIO).await;
    let own = site.actor_with_id(*ada.bytes(), Recipient::Subject).await;
    for actor in [&stranger, &service_desk, &elsewhere, &own] {
        let refused = correct(&site, actor, ada, version, &person).await;
        assert!(matches!(refused, Err(ServiceError::Gate(GateError::Refused(_)))), "{refused:?}");
    }
    let (target, request) = (Target::for_item(ada, item(1)), site.app.gate.request());
    for actor in [&desk, &service_desk, &own] {
        let erase =
            service::erase_on_request(&site.app, actor, PORTFOLIO, target, RetentionClass::ALL, request);
        assert!(matches!(erase.await, Err(ServiceError::Gate(GateError::Refused(_)))));
        let told = service::erasures(&site.app, actor, PORTFOLIO, target, request).await;
        assert!(matches!(told, Err(ServiceError::Gate(GateError::Refused(_)))));
    }
    assert!(file(&site, &desk, ada).await == (person, version));
}

async fn who_was_erased_is_not_corrected_and_the_erasure_is_told(site: TestSite) {
    let ada = site.member("ada", true).await;
    let subject = ada.subject;
    let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    site.assign(subject, item(1), &officer).await;
    let (target, request) = (Target::for_item(subject, item(1)), site.app.gate.request());
    let (person, version) = file(&site, &officer, subject).await;
    let told = || service::erasures(&site.app, &officer, PORTFOLIO, target, request);
    let before = told().await.unwrap();
    assert!(before.erased.is_empty() && !before.held.is_empty() && !before.is_complete());

    let membership = [RetentionClass::Membership];
    let erased = service::erase_on_request(&site.app, &officer, PORTFOLIO, target, &membership, request)
        .await
        .unwrap();
    assert!(erased.keys > 0);
    let part = told().await.unwrap();
    assert_eq!(part.erased.len() as u64, erased.keys);
    let left: BTreeSet<RetentionClass> = part.held.iter().map(|(_, class)| *class).collect();
    assert!(
        erased.kept.iter().map(|kept| kept.rule.class).eq(left),
        "what is left is said, and why: {erased:?}"
    );
    assert!(erased.kept.iter().all(|kept| kept.rule.version == "2026-11-01" && kept.rule.years >= 5));
    assert!(!part.is_complete(), "keys of other classes stand");
    assert!(part.held.iter().all(|(_, class)| *class != RetentionClass::Membership), "{part:?}");
    service::erase_on_request(&site.app, &officer, PORTFOLIO, target, RetentionClass::ALL, request)
        .await
        .unwrap();
    assert!(told().await.unwrap().is_complete());

    let gone = correct(&site, &officer, subject, version, &person).await;
    assert!(matches!(gone, Err(ServiceError::NotFound("person"))), "{gone:?}");
    let purposes: Vec<Purpose> = entries(&site, subject).await.iter().map(|entry| entry.purpose).collect();
    assert_eq!(purposes.iter().filter(|purpose| **purpose == Purpose::Erasure).count(), 5);
}

const PROGRAMME: [u8; 16] = [5; 16];

async fn joins(site: &TestSite, desk: &Actor, subject: SubjectId, programme: [u8; 16]) {
    let consent = NewConsent {
        subject,
        to: ConsentTo::to_one(Condition::ConsentProgramme, programme).unwrap(),
        giver: subject,
        version: "2026-11-01".to_owned(),
        language: Language::Dutch,
        day: day("2026-11-23"),
        channel: ConsentChannel::Letter,
    };
    service::give_consent(&site.app, desk, PORTFOLIO, &consent, site.app.gate.request()).await.unwrap();
    let (condition, since) = (Condition::RelationProgramme, site.app.gate.now());
    let relation = ConditionRow { subject, condition, object: programme, since, until: None };
    site.write(move |unit| store::condition::set_many(unit, std::slice::from_ref(&relation))).await;
}

async fn a_programme_is_read_and_its_end_takes_back_every_consent(site: TestSite) {
    let people = [site.person("ada", true).await, site.person("eve", true).await];
    let other = site.person("bob", true).await;
    let desk = site.actor(Recipient::EnrolmentStaff, PORTFOLIO).await;
    for subject in people {
        // Given twice it is one participation.
        joins(&site, &desk, subject, PROGRAMME).await;
        joins(&site, &desk, subject, PROGRAMME).await;
    }
    joins(&site, &desk, other, [6; 16]).await;
    let clinic = site.actor(Recipient::ClinicalStaff, PORTFOLIO).await;
    let request = site.app.gate.request();
    let read = |actor, programme| service::read_programme(&site.app, actor, PORTFOLIO, programme, request);
    let mut found: Vec<SubjectId> =
        read(&clinic, PROGRAMME).await.unwrap().into_iter().map(|(subject, _)| subject).collect();
    found.sort_unstable();
    let mut expected = people.to_vec();
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(entries(&site, people[0]).await.len(), 1);
    assert_eq!(entries(&site, other).await.len(), 0);
    assert!(read(&desk, PROGRAMME).await.unwrap().is_empty(), "no clause shows them to enrolment staff");

    let end = |actor, programme| service::end_programme(&site.app, actor, PORTFOLIO, programme);
    let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    let elsewhere = site.actor(Recipient::DataProtectionOfficer, OTHER_PORTFOLIO).await;
    for actor in [&clinic, &desk, &elsewhere] {
        let refused = end(actor, PROGRAMME).await;
        assert!(matches!(refused, Err(ServiceError::NotInCharge)), "{refused:?}");
    }
    service::end_programme(&site.app, &site.keeper, OTHER_PORTFOLIO, PROGRAMME).await.unwrap();
    assert_eq!(read(&clinic, PROGRAMME).await.unwrap().len(), 2, "of another portfolio nobody's was ended");
    let chain = gate::portfolio_chain(PORTFOLIO);
    let before = entries(&site, chain).await.len();
    end(&officer, PROGRAMME).await.unwrap();
    assert_eq!(entries(&site, chain).await.len(), before + 1, "its end is on the record");
    assert!(read(&clinic, PROGRAMME).await.unwrap().is_empty());
    end(&officer, PROGRAMME).await.unwrap();
    assert_eq!(read(&clinic, [6; 16]).await.unwrap().len(), 1, "another programme goes on");
}

async fn a_sweep_finds_whose_cover_ended_and_nobody_else(site: TestSite) {
    let (gone, back, stays) =
        (site.member("gone", true).await, site.member("back", true).await, site.member("stays", true).await);
    for member in [&gone, &back] {
        let subject = member.subject;
        site.write(move |unit| {
            let cover = store::coverage::of_subject(unit, subject)?[0];
            store::coverage::end(unit, &cover, Some(day("2026-12-31")))
        })
        .await;
    }
    let mut second = cover_draft("back-2", "back");
    second.coverage.start = day("2028-01-01");
    site.cover(&[second]).await;
    assert_eq!(
        service::sweep(&site.app, PORTFOLIO).await.unwrap().subjects,
        0,
        "nobody's cover ended so long ago"
    );
    site.clock.advance(13 * 366 * 86_400);
    let report = service::sweep(&site.app, PORTFOLIO).await.unwrap();
    assert_eq!(report.subjects, 2, "the other is not even looked at");
    assert!(report.keys > 0);
    let held = |subject| site.write(move |unit| Ok(store::key::of_subject(unit, subject)?.len()));
    assert_eq!(held(gone.subject).await, 0);
    assert!(held(back.subject).await > 0 && held(stays.subject).await > 0);
    assert_eq!(service::sweep(&site.app, PORTFOLIO).await.unwrap().keys, 0, "once");
}
