//! The register of legal matters, enforced: an order, a dispute or a duty opens what the notice says, for whom it was
//! opened, to whom it was assigned, while it holds, and only after a second person reviewed it.

use domain::{
    Condition, Country, MatterId, MatterKind, Purpose, Recipient, RecipientId, SubjectId, TransferSafeguard,
};
use gate::{Actor, Asking, GateError, Refused, Target};
use service::views::PersonToAdjudicate;
use service::{Agreement, App, Issuer, NewMatter, ServiceError};
use store::StoreError;

use crate::on_both;
use crate::recipients::newest;
use crate::site::{PORTFOLIO, TestSite, day};

on_both! {
    an_order_opens_once_another_person_has_reviewed_it,
    an_order_opens_for_whom_and_to_whom_it_was_given,
    an_order_goes_to_who_issued_it_and_to_no_other,
    a_matter_holds_from_its_first_day_to_its_last,
    a_matter_ended_by_one_server_refuses_the_next_ask_of_another,
    an_order_from_abroad_alone_opens_nothing,
    what_an_agreement_bore_ends_with_it,
    an_agreement_bears_an_order_only_while_it_holds,
    reasons_and_cited_laws_open_what_they_are_for,
}

pub(crate) fn country(code: &str) -> Country {
    code.parse().unwrap()
}

pub(crate) fn matter(kind: MatterKind) -> NewMatter {
    NewMatter {
        portfolio: PORTFOLIO,
        kind,
        reference: "2026/17".to_owned(),
        issuer: None,
        country: None,
        law: String::new(),
        agreement: None,
        reasons: String::new(),
        made: None,
        first: day("2026-11-01"),
        last: Some(day("2026-12-31")),
    }
}

pub(crate) fn order_of(issuer: Issuer, code: &str) -> NewMatter {
    NewMatter {
        issuer: Some(issuer),
        country: Some(country(code)),
        made: Some(day("2026-11-01")),
        ..matter(MatterKind::Order)
    }
}

pub(crate) fn order() -> NewMatter {
    order_of(Issuer::Named("Labour Court".to_owned()), "BE")
}

pub(crate) fn dispute() -> NewMatter {
    NewMatter { reasons: "Recovery of what was paid twice.".to_owned(), ..matter(MatterKind::Dispute) }
}

pub(crate) fn duty() -> NewMatter {
    let law = "Act on health insurance, article 12".to_owned();
    NewMatter { law, country: Some(country("BE")), ..matter(MatterKind::Duty) }
}

pub(crate) fn agreement() -> NewMatter {
    let law = "Treaty on legal assistance, article 7".to_owned();
    NewMatter { law, country: Some(country("US")), last: None, ..matter(MatterKind::Agreement) }
}

impl TestSite {
    pub(crate) async fn register(&self, new: &NewMatter) -> Result<MatterId, ServiceError> {
        service::register_matter(&self.app, &self.operator("An Author"), new).await
    }

    pub(crate) async fn review(&self, id: MatterId) -> Result<(), ServiceError> {
        let reviewer = self.operator("A Reviewer");
        service::review_matter(&self.app, &reviewer, PORTFOLIO, id, "Competent.").await
    }

    pub(crate) async fn open_for(
        &self,
        id: MatterId,
        staff: &Actor,
        people: &[SubjectId],
    ) -> Result<(), ServiceError> {
        let opener = self.operator("An Author");
        service::open_matter(&self.app, &opener, PORTFOLIO, id, staff.id(), people).await
    }

    pub(crate) async fn end_of(&self, id: MatterId) -> Result<(), ServiceError> {
        service::end_matter(&self.app, &self.operator("An Author"), PORTFOLIO, id).await
    }

    pub(crate) async fn reviewed(&self, new: &NewMatter) -> MatterId {
        let id = self.register(new).await.unwrap();
        self.review(id).await.unwrap();
        id
    }

    /// A matter that is open for a person, as the task of this actor.
    pub(crate) async fn opened(&self, new: &NewMatter, staff: &Actor, subject: SubjectId) -> MatterId {
        let id = self.reviewed(new).await;
        self.open_for(id, staff, &[subject]).await.unwrap();
        id
    }

    pub(crate) async fn ada_and_staff(&self) -> (SubjectId, Actor) {
        (self.person("ada", true).await, self.actor(Recipient::LegalStaff, PORTFOLIO).await)
    }

    /// An authority from abroad to which a derogation lets data go.
    pub(crate) async fn foreign_authority(&self, name: &str) -> RecipientId {
        let safeguard = Some(TransferSafeguard::Derogation);
        let first = day("2026-01-01");
        let agreed = Agreement { condition: Condition::Safeguard, safeguard, first, last: None };
        self.enter(Recipient::ForeignAuthority, name, "US", &[agreed]).await
    }
}

/// What of a person's conditions holds that a matter gives, or rests on.
async fn given(site: &TestSite, subject: SubjectId) -> usize {
    let now = site.app.gate.now();
    let rows = site.app.store().read(move |unit| store::condition::of_subject(unit, subject)).await;
    let rows = rows.map_err(|error: StoreError| error).unwrap();
    rows.iter().filter(|row| row.is_live(now) && !row.condition.is_consent()).count()
}

/// What the register of matters says of a refusal.
pub(crate) fn problem<T: std::fmt::Debug>(answer: Result<T, ServiceError>) -> String {
    match answer {
        Err(error @ (ServiceError::Matter(_) | ServiceError::NotFound(_) | ServiceError::Unusable(_))) => {
            error.to_string()
        }
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn ask(
    app: &App,
    staff: &Actor,
    (purpose, to): (Purpose, Option<RecipientId>),
    subject: SubjectId,
    id: MatterId,
) -> Result<(), Refused> {
    let asking = Asking { to, ..Asking::new(staff, PORTFOLIO, purpose, app.gate.request()) };
    match app.gate.ask::<PersonToAdjudicate>(&asking, Target::for_item(subject, id)).await {
        Ok(_) => Ok(()),
        Err(GateError::Refused(refused)) => Err(refused),
        Err(other) => panic!("{other}"),
    }
}

pub(crate) const ORDER: (Purpose, Option<RecipientId>) = (Purpose::OfficialRequest, None);

async fn an_order_opens_once_another_person_has_reviewed_it(site: TestSite) {
    let (ada, staff) = site.ada_and_staff().await;
    let id = site.register(&order()).await.unwrap();
    let not_yet = site.open_for(id, &staff, &[ada]).await;
    assert!(problem(not_yet).contains("was not reviewed"));
    let refused = ask(&site.app, &staff, ORDER, ada, id).await.unwrap_err();
    assert_eq!(refused.nearest.as_deref(), Some("law.orders"), "{refused}");
    // Another spelling of a name is no other person.
    for same in ["An Author", "an  author", "AN AUTHOR."] {
        let refused = service::review_matter(&site.app, &site.operator(same), PORTFOLIO, id, "Sound.").await;
        assert!(problem(refused).contains("somebody else must"), "{same}");
    }
    assert!(problem(site.open_for(id, &staff, &[ada]).await).contains("was not reviewed"));
    site.review(id).await.unwrap();
    assert!(problem(site.review(id).await).contains("reviewed already"));
    assert!(ask(&site.app, &staff, ORDER, ada, id).await.is_err(), "reviewed, and opened for nobody");
    site.open_for(id, &staff, &[ada]).await.unwrap();
    ask(&site.app, &staff, ORDER, ada, id).await.unwrap();
    let entry = newest(&site, ada).await;
    assert_eq!((entry.item, entry.clauses), (Some(id.into()), vec!["law.orders".to_owned()]));
}

async fn an_order_opens_for_whom_and_to_whom_it_was_given(site: TestSite) {
    let (ada, staff) = site.ada_and_staff().await;
    let bea = site.person("bea", true).await;
    let colleague = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let id = site.opened(&order(), &staff, ada).await;
    let other = site.opened(&NewMatter { reference: "2026/18".to_owned(), ..order() }, &colleague, bea).await;
    let open = async |actor: &Actor, subject, id| ask(&site.app, actor, ORDER, subject, id).await.is_ok();
    assert!(open(&staff, ada, id).await && open(&colleague, bea, other).await);
    assert!(!open(&staff, bea, id).await, "about somebody else");
    assert!(!open(&colleague, ada, id).await, "to somebody else");
    assert!(!open(&staff, ada, other).await && !open(&staff, bea, other).await, "under another order");
    // It may be given to a second one, about the same person.
    site.open_for(id, &colleague, &[ada]).await.unwrap();
    assert!(open(&staff, ada, id).await && open(&colleague, ada, id).await);
    // An order is an order: it opens no dispute, and nothing by itself.
    for purpose in [Purpose::EnforcementOfTerms, Purpose::LegalObligation, Purpose::Oversight] {
        assert!(ask(&site.app, &staff, (purpose, None), ada, id).await.is_err(), "{purpose}");
    }
}

async fn an_order_goes_to_who_issued_it_and_to_no_other(site: TestSite) {
    let (ada, staff) = site.ada_and_staff().await;
    let court = site.enter(Recipient::Court, "Labour Court", "BE", &[]).await;
    let other = site.enter(Recipient::Court, "Market Court", "BE", &[]).await;
    let authority = site.enter(Recipient::Authority, "Inspectorate", "BE", &[]).await;
    let new = NewMatter { country: None, ..order_of(Issuer::Registered(court), "BE") };
    let id = site.opened(&new, &staff, ada).await;
    let hand_over =
        async |to, id| ask(&site.app, &staff, (Purpose::OfficialRequest, Some(to)), ada, id).await;
    hand_over(court, id).await.unwrap();
    let entry = newest(&site, ada).await;
    assert_eq!((entry.to, entry.recipient_name.as_deref()), (Some(court), Some("Labour Court")));
    for stranger in [other, authority] {
        let refused = hand_over(stranger, id).await.unwrap_err();
        assert!(refused.lacks.contains(Condition::OrderReviewed), "{refused}");
    }
    // Who is only named gets nothing through the program, whoever bears the same name.
    let named = site.opened(&order_of(Issuer::Named("Market Court".to_owned()), "BE"), &staff, ada).await;
    ask(&site.app, &staff, ORDER, ada, named).await.unwrap();
    assert!(hand_over(other, named).await.is_err());
    // A duty goes to who watches over it.
    let law = NewMatter { issuer: Some(Issuer::Registered(authority)), ..duty() };
    let law = site.opened(&law, &staff, ada).await;
    let oversight = async |to| ask(&site.app, &staff, (Purpose::LegalObligation, to), ada, law).await;
    oversight(Some(authority)).await.unwrap();
    oversight(None).await.unwrap();
    site.end_of(law).await.unwrap();
    assert!(oversight(Some(authority)).await.is_err() && oversight(None).await.is_err());
}

async fn a_matter_holds_from_its_first_day_to_its_last(site: TestSite) {
    let (ada, staff) = site.ada_and_staff().await;
    let new = NewMatter { first: day("2026-11-25"), last: Some(day("2026-11-26")), ..order() };
    let id = site.opened(&new, &staff, ada).await;
    let opens = async || ask(&site.app, &staff, ORDER, ada, id).await.is_ok();
    assert!(!opens().await, "two days before");
    site.clock.advance(2 * 86_400);
    assert!(opens().await, "its first day");
    site.clock.advance(86_400);
    assert!(opens().await, "its last day");
    site.clock.advance(86_400);
    assert!(!opens().await, "the day after");
    assert_eq!(given(&site, ada).await, 0, "the task is over too");
    assert!(problem(site.open_for(id, &staff, &[ada]).await).contains("is over"));
    assert!(!opens().await);
}

async fn a_matter_ended_by_one_server_refuses_the_next_ask_of_another(site: TestSite) {
    let (ada, staff) = site.ada_and_staff().await;
    let bea = site.person("bea", true).await;
    let other = site.reopen().await;
    for (new, purpose) in [
        (order(), Purpose::OfficialRequest),
        (dispute(), Purpose::Remedies),
        (duty(), Purpose::LegalObligation),
    ] {
        let id = site.reviewed(&new).await;
        site.open_for(id, &staff, &[ada, bea]).await.unwrap();
        for subject in [ada, bea, ada] {
            ask(&site.app, &staff, (purpose, None), subject, id).await.unwrap();
        }
        let ender = site.operator("An Officer");
        // Whom the database tells that it is busy tries again.
        while let Err(error) = service::end_matter(&other, &ender, PORTFOLIO, id).await {
            let busy = matches!(
                error,
                ServiceError::Store(StoreError::Busy)
                    | ServiceError::Gate(GateError::Store(StoreError::Busy))
            );
            assert!(busy, "{error}");
        }
        for subject in [ada, bea] {
            let refused = ask(&site.app, &staff, (purpose, None), subject, id).await;
            assert!(refused.is_err(), "{}", new.kind);
        }
        assert!(problem(site.end_of(id).await).contains("ended already"));
        assert!(problem(site.open_for(id, &staff, &[ada]).await).contains("was ended"));
        // Nothing is left: not the task, which other clauses rest on, nor what is filed, by which sums are made.
        assert_eq!((given(&site, ada).await, given(&site, bea).await), (0, 0));
        assert!(ask(&site.app, &staff, (Purpose::Fraud, None), ada, id).await.is_err());
    }
    // One that nobody reviewed is ended instead.
    let id = site.register(&order()).await.unwrap();
    site.end_of(id).await.unwrap();
    assert!(problem(site.review(id).await).contains("was ended"));
}

async fn an_order_from_abroad_alone_opens_nothing(site: TestSite) {
    let (ada, staff) = site.ada_and_staff().await;
    let bureau = site.foreign_authority("Bureau").await;
    let hand_over = async |to, id| ask(&site.app, &staff, (Purpose::OfficialRequest, to), ada, id).await;
    for issuer in [Issuer::Registered(bureau), Issuer::Named("District Court".to_owned())] {
        let id = site.reviewed(&order_of(issuer, "US")).await;
        let refused = problem(site.open_for(id, &staff, &[ada]).await);
        assert!(refused.contains("GDPR article 48"), "{refused}");
        assert!(hand_over(Some(bureau), id).await.is_err() && hand_over(None, id).await.is_err());
        site.end_of(id).await.unwrap();
    }

    let treaty = site.register(&agreement()).await.unwrap();
    let new = NewMatter { agreement: Some(treaty), ..order_of(Issuer::Registered(bureau), "US") };
    let id = site.register(&new).await.unwrap();
    assert!(
        problem(site.open_for(id, &staff, &[ada]).await).contains("the order `2026/17` was not reviewed")
    );
    site.review(id).await.unwrap();
    let refused = problem(site.open_for(id, &staff, &[ada]).await);
    assert!(refused.contains("the agreement `2026/17` was not reviewed"), "{refused}");
    assert!(hand_over(Some(bureau), id).await.is_err());
    site.review(treaty).await.unwrap();
    assert!(problem(site.open_for(treaty, &staff, &[ada]).await).contains("opens nothing by itself"));
    site.open_for(id, &staff, &[ada]).await.unwrap();
    hand_over(Some(bureau), id).await.unwrap();
    let entry = newest(&site, ada).await;
    assert!(entry.clauses.iter().any(|clause| clause == "law.orders.foreign"), "{entry:?}");
    hand_over(None, id).await.unwrap();
    let second = site.foreign_authority("Second Bureau").await;
    assert!(hand_over(Some(second), id).await.is_err(), "what one ordered goes to no other");
    site.end_of(id).await.unwrap();
    assert!(hand_over(Some(bureau), id).await.is_err() && hand_over(None, id).await.is_err());
}

async fn what_an_agreement_bore_ends_with_it(site: TestSite) {
    let (ada, staff) = site.ada_and_staff().await;
    let other = site.reopen().await;
    let bureau = site.foreign_authority("Bureau").await;
    let treaty = site.reviewed(&agreement()).await;
    let abroad = NewMatter { agreement: Some(treaty), ..order_of(Issuer::Registered(bureau), "US") };
    let abroad = site.opened(&abroad, &staff, ada).await;
    let here = site.opened(&order(), &staff, ada).await;
    let hand_over = async |to, id| ask(&site.app, &staff, (Purpose::OfficialRequest, to), ada, id).await;
    hand_over(Some(bureau), abroad).await.unwrap();
    hand_over(None, abroad).await.unwrap();
    while let Err(error) = service::end_matter(&other, &site.operator("An Officer"), PORTFOLIO, treaty).await
    {
        assert!(error.to_string().contains("busy"), "{error}");
    }
    assert!(hand_over(Some(bureau), abroad).await.is_err() && hand_over(None, abroad).await.is_err());
    hand_over(None, here).await.unwrap();
    assert_eq!(given(&site, ada).await, 2, "the task and the order of here");
    let all = service::matters(&site.app, PORTFOLIO).await.unwrap();
    let ended: Vec<MatterId> = all.iter().filter(|row| row.ended.is_some()).map(|row| row.matter).collect();
    assert_eq!(ended, [treaty, abroad]);
    assert!(problem(site.open_for(abroad, &staff, &[ada]).await).contains("was ended"));
    let late = NewMatter {
        agreement: Some(treaty),
        reference: "18".to_owned(),
        ..order_of(Issuer::Registered(bureau), "US")
    };
    assert!(problem(site.register(&late).await).contains("was ended"));
}

async fn an_agreement_bears_an_order_only_while_it_holds(site: TestSite) {
    let (ada, staff) = site.ada_and_staff().await;
    let bureau = site.foreign_authority("Bureau").await;
    let short = NewMatter { first: day("2026-11-24"), last: Some(day("2026-11-24")), ..agreement() };
    let treaty = site.reviewed(&short).await;
    let new = NewMatter { agreement: Some(treaty), ..order_of(Issuer::Registered(bureau), "US") };
    let id = site.opened(&new, &staff, ada).await;
    let opens = async || {
        let outside = ask(&site.app, &staff, (Purpose::OfficialRequest, Some(bureau)), ada, id).await.is_ok();
        let staff_too = ask(&site.app, &staff, ORDER, ada, id).await.is_ok();
        assert_eq!(outside, staff_too);
        outside
    };
    assert!(!opens().await, "the agreement holds from tomorrow");
    site.clock.advance(86_400);
    assert!(opens().await);
    site.clock.advance(86_400);
    assert!(!opens().await, "the order goes on, the agreement does not");
    assert!(problem(site.open_for(id, &staff, &[ada]).await).contains("last day of the agreement"));

    let with = |treaty, code: &str| NewMatter {
        agreement: Some(treaty),
        reference: code.to_owned(),
        ..order_of(Issuer::Named("A Court".to_owned()), code)
    };
    let other = NewMatter { reference: "other".to_owned(), country: Some(country("CA")), ..agreement() };
    let other = site.reviewed(&other).await;
    assert!(problem(site.register(&with(other, "US")).await).contains("not one with the country"));
    assert!(problem(site.register(&with(other, "BE")).await).contains("rests on no agreement"));
    assert!(problem(site.register(&with(id, "US")).await).contains("no such agreement"), "an order is none");
    let nothing = MatterId::from_bytes([9; 16]);
    assert!(problem(site.register(&with(nothing, "US")).await).contains("no such agreement"));
    site.register(&with(other, "CA")).await.unwrap();
}

async fn reasons_and_cited_laws_open_what_they_are_for(site: TestSite) {
    let (ada, staff) = site.ada_and_staff().await;
    let dispute = site.opened(&dispute(), &staff, ada).await;
    let duty = site.opened(&duty(), &staff, ada).await;
    let opens = async |purpose, id| ask(&site.app, &staff, (purpose, None), ada, id).await.is_ok();
    for purpose in [Purpose::EnforcementOfTerms, Purpose::ProtectionOfRights, Purpose::Remedies] {
        assert!(opens(purpose, dispute).await && !opens(purpose, duty).await, "{purpose}");
    }
    for purpose in [Purpose::LegalObligation, Purpose::Oversight] {
        assert!(opens(purpose, duty).await && !opens(purpose, dispute).await, "{purpose}");
    }
    for id in [dispute, duty] {
        assert!(!opens(Purpose::OfficialRequest, id).await && !opens(Purpose::LegalProceedings, id).await);
        site.end_of(id).await.unwrap();
    }
    assert!(!opens(Purpose::Remedies, dispute).await && !opens(Purpose::Oversight, duty).await);
}
