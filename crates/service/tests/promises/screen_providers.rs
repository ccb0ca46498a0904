//! Promise 9, beside `screen.rs`: care of a provider on a day on which it is excluded waits for a person, and care of the day before or
//! of another provider does not. Who is excluded and by which list is told to whoever keeps that, and to nobody else.

use std::collections::BTreeSet;

use domain::{ExclusionList, Personal, ProviderId, Recipient, RetentionClass, ScreenRule, SubjectId};
use gate::Actor;
use intake::{ClaimDraft, ProviderDraft};
use service::{NewExclusion, ServiceError};
use store::StoreError;

use crate::on_both;
use crate::screen::{adjudicate, pay, read, rules, take};
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, SOURCE, TestSite, day, source_id};

on_both! {
    care_of_an_excluded_provider_waits_for_a_person,
    who_is_excluded_is_kept_by_legal_staff_alone_and_sealed,
    exclusions_are_entered_all_or_none_ended_and_taken_out,
}

pub(crate) fn provider(site: &TestSite, id: &str) -> ProviderId {
    service::provider_of_source(&site.app, PORTFOLIO, SOURCE, id)
}

/// Takes up one more provider, by this source id.
pub(crate) async fn another(site: &TestSite, id: &str) {
    let provider = domain::Provider {
        name: domain::PersonName::parse(&format!("Practice {id}")).unwrap(),
        address: None,
        town: None,
        country: None,
        account: None,
        bank: None,
    };
    let intake = site.app.gate.job(Recipient::IntakeJob).unwrap();
    let draft = ProviderDraft { source_id: source_id(id), provider };
    service::enrol_providers(&site.app, &intake, PORTFOLIO, SOURCE, &[draft]).await.unwrap();
}

fn excluded(site: &TestSite, id: &str, first: &str, last: Option<&str>) -> NewExclusion {
    NewExclusion {
        provider: provider(site, id),
        first: day(first),
        last: last.map(day),
        list: ExclusionList::parse("Decision 2026/4 of the Commission").unwrap(),
    }
}

async fn exclude(site: &TestSite, actor: &Actor, new: &[NewExclusion]) -> Result<u64, ServiceError> {
    service::exclude_providers(&site.app, actor, PORTFOLIO, new, site.app.gate.request()).await
}

async fn care_of_an_excluded_provider_waits_for_a_person(site: TestSite) {
    site.clinic().await;
    another(&site, "practice").await;
    let legal = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let new = [excluded(&site, "clinic", "2026-11-02", Some("2026-11-10"))];
    assert_eq!(exclude(&site, &legal, &new).await.unwrap(), 1);
    assert_eq!(exclude(&site, &legal, &new).await.unwrap(), 0, "just so already");

    let of = |member: &str, clinic: &str, service: &str, minor: i64| {
        let mut claim = site.claim(member, member, "GP", minor);
        (claim.lines[0].service_start, claim.lines[0].service_end) = (day(service), day(service));
        ClaimDraft { provider_source_id: source_id(clinic), ..claim }
    };
    let mut people = Vec::new();
    for name in ["ada", "bob", "cleo", "dirk", "emma"] {
        people.push(site.member(name, true).await.subject);
    }
    let claims = [
        of("ada", "clinic", "2026-11-02", 10_111),
        of("bob", "clinic", "2026-11-01", 10_222),
        of("cleo", "clinic", "2026-11-11", 10_333),
        of("dirk", "practice", "2026-11-02", 10_444),
        of("emma", "clinic", "2026-11-10", 10_555),
    ];
    adjudicate(&site, &claims).await;
    let mut found = BTreeSet::new();
    while let Some(place) = take(&site, &legal, false).await {
        let flags = read(&site, &legal, place).await.unwrap().case.flags;
        let flag = flags.iter().find(|flag| flag.rule == ScreenRule::ExcludedProvider).unwrap();
        assert_eq!((flag.lines.as_slice(), flag.days.len()), (&[1][..], 1));
        found.insert(place.subject);
    }
    assert_eq!(found, BTreeSet::from([people[0], people[4]]), "on its first day and on its last");
    while let Some(place) = take(&site, &legal, true).await {
        let flags = read(&site, &legal, place).await.unwrap().case.flags;
        assert!(!rules(&flags).contains(&ScreenRule::ExcludedProvider), "the neighbours are not flagged");
    }
    assert_eq!(pay(&site).await.0, 3, "what was decided of the two is not paid yet");
}

async fn who_is_excluded_is_kept_by_legal_staff_alone_and_sealed(site: TestSite) {
    site.clinic().await;
    let ada = site.member("ada", true).await.subject;
    let legal = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let new = [excluded(&site, "clinic", "2026-01-01", None)];
    let others = [
        site.actor(Recipient::ClaimsStaff, PORTFOLIO).await,
        site.actor(Recipient::Analyst, PORTFOLIO).await,
        site.actor(Recipient::LegalStaff, OTHER_PORTFOLIO).await,
        site.member_abroad(ada, "BE").await,
    ];
    let request = site.app.gate.request();
    let place = (PORTFOLIO, provider(&site, "clinic"));
    exclude(&site, &legal, &new).await.unwrap();
    for other in &others {
        assert!(exclude(&site, other, &new).await.is_err());
        assert!(service::exclusions(&site.app, other, PORTFOLIO, None, request).await.is_err());
        assert!(service::read_exclusions(&site.app, other, place, request).await.is_err());
        let ended = service::end_exclusion(&site.app, other, place, day("2026-02-01"), request).await;
        assert!(ended.is_err());
        assert!(service::remove_exclusion(&site.app, other, place, new[0].first, request).await.is_err());
    }
    // Of nobody else's file a record is made: a member is no provider.
    let of_member = NewExclusion { provider: ProviderId::from_bytes(*ada.bytes()), ..new[0].clone() };
    assert!(exclude(&site, &legal, &[of_member]).await.is_err());
    let read = service::read_exclusions(&site.app, &legal, place, request).await.unwrap();
    assert_eq!((read.len(), read[0].list.reveal()), (1, new[0].list.reveal()));

    // Where it is stored nothing says who or by which list; the list is sealed, and goes with the provider's claims data.
    let clinic = SubjectId::from(place.1);
    let sealed = site.app.store().read(move |unit| store::sealed::of_subject(unit, clinic)).await;
    let sealed = sealed.map_err(|error: StoreError| error).unwrap();
    let of_kind = |kind| sealed.iter().filter(move |row| row.kind == kind).count();
    assert_eq!(of_kind(domain::Exclusions::KIND), 1);
    let listed = service::exclusions(&site.app, &legal, PORTFOLIO, None, request).await.unwrap();
    assert_eq!(listed.len(), 1);
    service::erase_subject(&site.app, clinic, &[RetentionClass::Claims]).await.unwrap();
    let listed = service::exclusions(&site.app, &legal, PORTFOLIO, None, request).await.unwrap();
    assert!(listed.is_empty());
}

async fn exclusions_are_entered_all_or_none_ended_and_taken_out(site: TestSite) {
    site.clinic().await;
    another(&site, "practice").await;
    let legal = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let request = site.app.gate.request();
    let listed = async || {
        let rows = service::exclusions(&site.app, &legal, PORTFOLIO, None, request).await.unwrap();
        rows.into_iter().map(|row| (row.first, row.last)).collect::<Vec<_>>()
    };
    let good = excluded(&site, "practice", "2026-01-01", None);
    for wrong in [
        excluded(&site, "clinic", "2026-02-01", Some("2026-01-31")),
        excluded(&site, "nobody", "2026-02-01", None),
        excluded(&site, "practice", "2026-02-01", None),
    ] {
        assert!(exclude(&site, &legal, &[good.clone(), wrong]).await.is_err());
        assert!(listed().await.is_empty(), "all or none");
    }
    assert_eq!(exclude(&site, &legal, std::slice::from_ref(&good)).await.unwrap(), 1);
    let place = (PORTFOLIO, good.provider);
    let end = async |last| service::end_exclusion(&site.app, &legal, place, day(last), request).await;
    assert!(end("2025-12-31").await.is_err());
    end("2026-10-31").await.unwrap();
    assert_eq!(listed().await, [(day("2026-01-01"), Some(day("2026-10-31")))]);

    // What ended is no more; what was entered in error is not there.
    site.member("ada", true).await;
    let of_practice = |id: &str| ClaimDraft {
        provider_source_id: source_id("practice"),
        ..site.claim(id, "ada", "GP", 10_000)
    };
    adjudicate(&site, &[of_practice("1")]).await;
    assert!(take(&site, &legal, false).await.is_none());
    let remove = async |first| service::remove_exclusion(&site.app, &legal, place, day(first), request).await;
    assert!(remove("2026-01-02").await.is_err());
    remove("2026-01-01").await.unwrap();
    assert!(listed().await.is_empty());
    assert!(service::read_exclusions(&site.app, &legal, place, request).await.unwrap().is_empty());
}
