//! Promise 9, beside `screen.rs`: care of a provider on a day on which it is excluded waits for a person, and care of the day before or
//! of another provider does not. Who is excluded and by which list is told to whoever keeps that, and to nobody else.

use std::collections::BTreeSet;

use domain::{
    ClaimState, Currency, ExclusionList, Money, Personal, ProviderId, Recipient, RetentionClass,
    ScreenOutcome, ScreenRule, SubjectId,
};
use gate::{Actor, Bar, Entry, EntryOutcome};
use intake::{ClaimDraft, ProviderDraft};
use service::{Entered, NewExclusion, RowFaults, ServiceError};
use store::StoreError;

use crate::on_both;
use crate::pended;
use crate::screen::{adjudicate, decide, pay, read, rules, take, twice};
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, SOURCE, TestSite, day, source_id};

on_both! {
    care_of_an_excluded_provider_waits_for_a_person,
    what_waits_while_its_provider_is_excluded_is_not_paid_before_a_person_looked,
    a_case_that_was_released_waits_again_once_its_provider_is_excluded,
    a_case_before_somebody_waits_again_once_its_provider_is_excluded,
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

async fn exclude(site: &TestSite, actor: &Actor, new: &[NewExclusion]) -> Result<Entered, ServiceError> {
    service::exclude_providers(&site.app, actor, PORTFOLIO, new, site.app.gate.request()).await
}

async fn care_of_an_excluded_provider_waits_for_a_person(site: TestSite) {
    site.clinic().await;
    another(&site, "practice").await;
    let legal = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let new = [excluded(&site, "clinic", "2026-11-02", Some("2026-11-10"))];
    assert_eq!(exclude(&site, &legal, &new).await.unwrap(), Entered { new: 1, changed: 0 });
    assert_eq!(exclude(&site, &legal, &new).await.unwrap(), Entered::default(), "just so already");

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

async fn what_waits_while_its_provider_is_excluded_is_not_paid_before_a_person_looked(site: TestSite) {
    let legal = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let clerk = pended::clerk(&site).await;
    another(&site, "practice").await;
    // Whom the portfolio excludes meanwhile: nobody, another provider, this one on other days, this one.
    let meanwhile = [
        ("ada", None),
        ("bob", Some(("practice", "2026-10-01", None))),
        ("cleo", Some(("clinic", "2026-09-01", Some("2026-09-30")))),
        ("dirk", Some(("clinic", "2026-10-01", None))),
    ];
    for (name, entered) in meanwhile {
        let (subject, claim) = pended::waiting(&site, name).await;
        if let Some((id, first, last)) = entered {
            exclude(&site, &legal, &[excluded(&site, id, first, last)]).await.unwrap();
        }
        let place = pended::take(&site, &clerk).await.unwrap();
        let version = pended::read(&site, &clerk, place).await.version;
        let told = pended::confirm(&site, &clerk, place, version).await.unwrap();
        assert_eq!(told, ClaimState::Adjudicated, "the clerk is told the same of each");
        assert_eq!(pended::state(&site, subject, claim).await, told);
        let waits = name == "dirk";
        assert_eq!(pay(&site).await, (u64::from(!waits), 0), "{name}");
        let taken = take(&site, &legal, false).await;
        assert_eq!(taken.map(|place| place.subject), waits.then_some(subject));
        let Some(place) = taken else { continue };
        let flags = read(&site, &legal, place).await.unwrap().case.flags;
        let flag = flags.iter().find(|flag| flag.rule == ScreenRule::ExcludedProvider).unwrap();
        assert_eq!(flag.lines, [1, 2]);
        decide(&site, &legal, place, ScreenOutcome::Cleared).await.unwrap();
        assert_eq!(pay(&site).await, (1, 0));
    }
}

async fn a_case_that_was_released_waits_again_once_its_provider_is_excluded(site: TestSite) {
    site.clinic().await;
    site.member("ada", true).await;
    let (legal, clerk) = (site.actor(Recipient::LegalStaff, PORTFOLIO).await, pended::clerk(&site).await);
    let [first, mut second] = twice(&site, "ada");
    second.services[0].code = domain::ServiceCode::parse("NO-SUCH").unwrap();
    second.circumstances.other_total = Some(Money::new(99_999, Currency::EUR).unwrap());
    adjudicate(&site, &[first, second]).await;
    let place = take(&site, &legal, false).await.unwrap();
    decide(&site, &legal, place, ScreenOutcome::Cleared).await.unwrap();
    exclude(&site, &legal, &[excluded(&site, "clinic", "2026-10-01", None)]).await.unwrap();
    let desk = pended::take(&site, &clerk).await.unwrap();
    assert_eq!(desk.claim, place.claim);
    let file = pended::read(&site, &clerk, desk).await;
    let total = file.claim.unwrap().other_total.map(|total| total.minor());
    assert_eq!(total, Some(99_999), "whoever has the claim sees with which total it came");
    pended::confirm(&site, &clerk, desk, file.version).await.unwrap();
    assert!(take(&site, &legal, false).await.is_none(), "not before who released it");
    let colleague = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let place = take(&site, &colleague, false).await.unwrap();
    let case = read(&site, &colleague, place).await.unwrap().case;
    let found = [ScreenRule::SameDocument, ScreenRule::OtherTotal, ScreenRule::ExcludedProvider];
    assert_eq!(rules(&case.flags), found);
    assert_eq!(case.decisions.len(), 1, "what was decided before stays");
}

async fn a_case_before_somebody_waits_again_once_its_provider_is_excluded(site: TestSite) {
    site.clinic().await;
    site.member("ada", true).await;
    let (legal, clerk) = (site.actor(Recipient::LegalStaff, PORTFOLIO).await, pended::clerk(&site).await);
    let [first, mut second] = twice(&site, "ada");
    second.services[0].code = domain::ServiceCode::parse("NO-SUCH").unwrap();
    adjudicate(&site, &[first, second]).await;
    let place = take(&site, &legal, false).await.unwrap();
    assert_eq!(rules(&read(&site, &legal, place).await.unwrap().case.flags), [ScreenRule::SameDocument]);
    exclude(&site, &legal, &[excluded(&site, "clinic", "2026-10-01", None)]).await.unwrap();
    let desk = pended::take(&site, &clerk).await.unwrap();
    let version = pended::read(&site, &clerk, desk).await.version;
    pended::confirm(&site, &clerk, desk, version).await.unwrap();
    assert!(
        decide(&site, &legal, place, ScreenOutcome::Cleared).await.is_err(),
        "they did not see what was added"
    );
    let again = take(&site, &legal, false).await.unwrap();
    assert_eq!(again.claim, place.claim);
    let flags = read(&site, &legal, again).await.unwrap().case.flags;
    assert!(rules(&flags).contains(&ScreenRule::ExcludedProvider));
    decide(&site, &legal, again, ScreenOutcome::Cleared).await.unwrap();
}

/// What stands in the portfolio's own chain since so many entries.
async fn in_chain(site: &TestSite, since: usize) -> Vec<Entry> {
    let chain = gate::portfolio_chain(PORTFOLIO);
    let read = site.app.store().read(move |unit| store::log::pending_of(unit, chain)).await;
    let stored = read.map_err(|error: StoreError| error).unwrap();
    stored.iter().skip(since).map(|one| Entry::from_bytes(&one.body).unwrap()).collect()
}

async fn who_is_excluded_is_kept_by_legal_staff_alone_and_sealed(site: TestSite) {
    site.clinic().await;
    let ada = site.member("ada", true).await.subject;
    let legal = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let new = [excluded(&site, "clinic", "2026-01-01", None)];
    let others = [
        (site.actor(Recipient::ClaimsStaff, PORTFOLIO).await, Bar::NotTheKeeper),
        (site.actor(Recipient::Analyst, PORTFOLIO).await, Bar::NotTheKeeper),
        (site.actor(Recipient::LegalStaff, OTHER_PORTFOLIO).await, Bar::NotTheKeeper),
        (site.member_abroad(ada, "BE").await, Bar::NotTheKeeper),
        (crate::actors::untrained(&site, Recipient::LegalStaff, None).await, Bar::Untrained),
    ];
    let request = site.app.gate.request();
    let place = (PORTFOLIO, provider(&site, "clinic"));
    exclude(&site, &legal, &new).await.unwrap();
    for (other, bar) in &others {
        let before = in_chain(&site, 0).await.len();
        assert!(exclude(&site, other, &new).await.is_err());
        assert!(service::exclusions(&site.app, other, PORTFOLIO, None, request).await.is_err());
        assert!(service::read_exclusions(&site.app, other, place, request).await.is_err());
        let days = (new[0].first, day("2026-02-01"));
        let ended = service::end_exclusion(&site.app, other, place, days, request).await;
        assert!(ended.is_err());
        assert!(service::remove_exclusion(&site.app, other, place, new[0].first, request).await.is_err());
        let written = in_chain(&site, before).await;
        let told = written.iter().map(|entry| (entry.outcome, entry.bar)).collect::<Vec<_>>();
        assert_eq!(told, [(EntryOutcome::Refused, Some(*bar)); 5], "each time, {:?}", other.recipient());
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
    let before = in_chain(&site, 0).await.len();
    let listed = service::exclusions(&site.app, &legal, PORTFOLIO, None, request).await.unwrap();
    assert_eq!(listed.len(), 1);
    let written = in_chain(&site, before).await;
    assert_eq!(written.len(), 1, "who looked at the register is on the record");
    assert_eq!((written[0].outcome, written[0].actor), (EntryOutcome::Searched, legal.id()));
    service::erase_subject(&site.app, clinic, &[RetentionClass::Claims]).await.unwrap();
    let listed = service::exclusions(&site.app, &legal, PORTFOLIO, None, request).await.unwrap();
    assert!(listed.is_empty());
    assert!(exclude(&site, &legal, &new).await.is_err(), "nothing is entered about who was erased");
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
    assert_eq!(exclude(&site, &legal, std::slice::from_ref(&good)).await.unwrap().new, 1);
    let place = (PORTFOLIO, good.provider);
    let end = async |first, last| {
        service::end_exclusion(&site.app, &legal, place, (day(first), day(last)), request).await
    };
    for [first, last] in [["2026-01-01", "2025-12-31"], ["2026-01-02", "2026-10-31"]] {
        assert!(end(first, last).await.is_err(), "{first}..{last}");
    }
    end("2026-01-01", "2026-10-31").await.unwrap();
    assert!(end("2026-01-01", "2026-11-01").await.is_err(), "one that ended is not made longer");
    assert!(exclude(&site, &legal, std::slice::from_ref(&good)).await.is_err(), "nor by a list");
    let shorter = excluded(&site, "practice", "2026-01-01", Some("2026-09-30"));
    assert_eq!(exclude(&site, &legal, &[shorter]).await.unwrap(), Entered { new: 0, changed: 1 });
    assert_eq!(listed().await, [(day("2026-01-01"), Some(day("2026-09-30")))]);
    let faults = [
        excluded(&site, "practice", "2026-09-30", None),
        excluded(&site, "clinic", "2026-02-01", Some("2026-01-31")),
    ];
    let told = exclude(&site, &legal, &faults).await.unwrap_err();
    assert!(
        matches!(told, ServiceError::ExclusionRows(RowFaults(rows)) if rows.iter().map(|(place, _)| *place).eq([1, 2]))
    );

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
