//! What is registered on the site of the random asks: organisations in several countries, with and without what must be
//! agreed with them, and legal matters, one of which is sealed.

use domain::{
    Condition, MatterKind, Recipient, RecipientId, RecipientRole, SubjectId, TransferSafeguard, WorkItemId,
};
use service::{Agreement, Issuer, NewMatter, NewRecipient};

use super::model::{Agreed, Organisation, What, Whose, end_of, start_of};
use super::setup::Stage;
use super::staff::OFFICER;
use crate::deferred::new_deferral;
use crate::matters::{agreement, country, dispute, duty, matter, order_of};
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, day};

/// An organisation: kind, name, country, role, whom it acts for, what is agreed with it, and under which safeguard.
struct Row(
    Recipient,
    &'static str,
    &'static str,
    RecipientRole,
    Option<&'static str>,
    &'static [Condition],
    Option<TransferSafeguard>,
);

use Condition::{Contract, Mandate, Undertaking};
use RecipientRole::{Controller, Joint, Processor};
use TransferSafeguard::{Adequacy, BindingRules, Derogation, StandardClauses};

const ORGANISATIONS: &[Row] = &[
    Row(Recipient::PlanSponsor, "Mill", "BE", Controller, None, &[Undertaking], None),
    Row(Recipient::PlanSponsor, "Forge", "BE", Controller, None, &[], None),
    Row(
        Recipient::SponsorAgent,
        "Mill Agents",
        "BE",
        Controller,
        Some("Mill"),
        &[Undertaking, Mandate],
        None,
    ),
    Row(Recipient::SponsorAgent, "Forge Agents", "BE", Controller, Some("Forge"), &[Undertaking], None),
    Row(Recipient::Provider, "Clinic", "BE", Controller, None, &[], None),
    Row(Recipient::Provider, "Spa", "CH", Controller, None, &[], None),
    Row(Recipient::Provider, "Ashram", "IN", Controller, None, &[], Some(Derogation)),
    Row(Recipient::Provider, "Harbour Hospital", "IN", Controller, None, &[], Some(StandardClauses)),
    Row(Recipient::Partner, "Partner", "BE", Controller, None, &[Contract], None),
    Row(Recipient::Partner, "Far Partner", "IN", Joint, None, &[Contract], Some(StandardClauses)),
    Row(Recipient::Partner, "Certified Partner", "US", Controller, None, &[Contract], Some(Adequacy)),
    Row(Recipient::ServiceProvider, "Writers", "BE", Processor, None, &[Contract], None),
    Row(Recipient::ServiceProvider, "Printers", "IN", Processor, None, &[Contract], Some(BindingRules)),
    Row(Recipient::ServiceProvider, "Coders", "NL", Processor, None, &[], None),
    Row(Recipient::Affiliate, "Sister", "GB", Controller, None, &[Contract], None),
    Row(Recipient::Affiliate, "Cousin", "IN", Controller, None, &[Contract], Some(BindingRules)),
    Row(Recipient::Payer, "Payer", "BE", Controller, None, &[], None),
    Row(Recipient::Payer, "Bound Payer", "US", Joint, None, &[Contract], Some(Derogation)),
    // Without the contract that they need whatever a clause says; and one that acts for such a one.
    Row(Recipient::Payer, "Clearing House", "BE", Processor, None, &[], None),
    Row(Recipient::Payer, "Clearing Agents", "BE", Controller, Some("Clearing House"), &[Mandate], None),
    Row(Recipient::Provider, "Joint Clinic", "BE", Joint, None, &[], None),
    Row(Recipient::Bank, "Bank", "BE", Controller, None, &[], None),
    Row(Recipient::Authority, "Inspectorate", "BE", Controller, None, &[], None),
    Row(Recipient::Court, "Labour Court", "BE", Controller, None, &[], None),
    Row(Recipient::ForeignAuthority, "Bureau", "US", Controller, None, &[], Some(Derogation)),
    Row(Recipient::ForeignAuthority, "Office", "IN", Controller, None, &[], None),
    Row(Recipient::App, "Diary", "BE", Controller, None, &[], None),
    Row(Recipient::App, "Watch", "US", Controller, None, &[], Some(Derogation)),
];

impl Stage {
    /// Enters the organisations, each for every clause that names its kind; every third for the first of them alone.
    pub(crate) async fn enter_organisations(&mut self) {
        for (place, Row(kind, name, country, role, acts_for, agreed, safeguard)) in
            ORGANISATIONS.iter().enumerate()
        {
            let principal = acts_for.map(|name| ORGANISATIONS.iter().position(|row| row.1 == name).unwrap());
            let mut new = NewRecipient {
                country: country.parse().unwrap(),
                role: *role,
                acts_for: principal.map(|place| self.world.organisations[place].id),
                ..self.site.organisation(*kind, name)
            };
            if place % 3 == 1 {
                new.clauses.truncate(1);
            }
            let agreements: Vec<Agreement> = agreed.iter().map(|one| agreed_on(*one, None)).collect();
            let safeguard = safeguard.map(|one| agreed_on(Condition::Safeguard, Some(one)));
            let agreements: Vec<Agreement> = agreements.into_iter().chain(safeguard).collect();
            let id = self.site.enter_as(&new, &agreements).await.unwrap();
            self.world.organisations.push(Organisation {
                id,
                portfolio: PORTFOLIO,
                kind: *kind,
                country,
                role: *role,
                acts_for: principal,
                clauses: new.clauses,
                agreed: agreements.iter().map(modelled).collect(),
            });
        }
        let new = self.site.organisation_in(OTHER_PORTFOLIO, Recipient::Bank, "Elsewhere Bank");
        let id = self.site.enter_as(&new, &[]).await.unwrap();
        self.world.organisations.push(Organisation {
            id,
            portfolio: OTHER_PORTFOLIO,
            kind: Recipient::Bank,
            country: "BE",
            role: Controller,
            acts_for: None,
            clauses: new.clauses,
            agreed: Vec::new(),
        });
    }

    /// Agrees on something with an organisation from the first of the year on, in place of what was agreed before.
    pub(crate) async fn agree(
        &mut self,
        place: usize,
        condition: Condition,
        safeguard: Option<TransferSafeguard>,
    ) {
        let agreement = agreed_on(condition, safeguard);
        let one = &mut self.world.organisations[place];
        self.site.agree(one.id, &[agreement]).await.unwrap();
        one.agreed.retain(|agreed| agreed.condition != condition);
        one.agreed.push(modelled(&agreement));
    }

    /// Ends what was agreed and stands.
    pub(crate) async fn end_agreement(&mut self, place: usize, condition: Condition) {
        let one = &mut self.world.organisations[place];
        self.site.end(one.id, condition).await.unwrap();
        let now = self.site.app.gate.now().micros();
        let standing = one.agreed.iter_mut().filter(|agreed| agreed.condition == condition);
        standing.for_each(|agreed| agreed.until = Some(now));
    }

    /// Agrees on a safeguard for staff abroad, or ends it.
    pub(crate) async fn turn_staff_abroad(&mut self) {
        let staff = gate::staff_of(PORTFOLIO);
        if let Some(standing) = self.world.staff_abroad.iter_mut().find(|agreed| agreed.until.is_none()) {
            self.site.end(staff, Condition::Safeguard).await.unwrap();
            standing.until = Some(self.site.app.gate.now().micros());
            return;
        }
        let agreement = agreed_on(Condition::Safeguard, Some(StandardClauses));
        self.site.agree(staff, &[agreement]).await.unwrap();
        self.world.staff_abroad = vec![modelled(&agreement)];
    }

    /// Legal matters of every kind, each as the task of the place of one of the staff, about these places.
    pub(crate) async fn open_matters(&mut self, legal: &[usize]) {
        let of = |stage: &Self, kind| stage.world.organisations[stage.organisations(kind)[0]].id;
        let (court, authority) = (of(self, Recipient::Court), of(self, Recipient::Authority));
        let bureau = of(self, Recipient::ForeignAuthority);
        let everybody = self.covered();
        let order = |issuer, code| order_of(Issuer::Registered(issuer), code);
        self.open(order(court, "BE"), Some(court), legal[0], &[0, 3, 6]).await;
        self.open(order(authority, "BE"), Some(authority), legal[1], &[1, 8, 17]).await;
        let treaty = self.site.reviewed(&agreement()).await;
        let abroad = NewMatter { agreement: Some(treaty), ..order(bureau, "US") };
        let abroad = self.open(abroad, Some(bureau), legal[0], &[2, 5, 9]).await;
        for place in [2, 5, 9] {
            for to in [None, Some(bureau)] {
                self.note_matter(place, What::Filed(Condition::OrderAgreement, abroad, to));
            }
        }
        // Those whose agreement is not there, which no use case opens.
        for person in [3, 4, 7] {
            let bare = WorkItemId::from_bytes(self.site.app.gate.random_id());
            self.file(person, What::Task(bare, Whose::Asker(legal[0])), None).await;
            self.file(person, What::Filed(Condition::OrderReviewed, bare, Some(bureau)), None).await;
        }
        self.open(dispute(), None, legal[0], &[0, 4, 10, 17]).await;
        let watched = |issuer, code| NewMatter {
            issuer: Some(Issuer::Registered(issuer)),
            country: Some(country(code)),
            reference: format!("duty of {code}"),
            ..duty()
        };
        self.open(watched(authority, "BE"), Some(authority), legal[1], &everybody).await;
        self.open(watched(bureau, "US"), Some(bureau), legal[2], &[3, 7]).await;
        let sealed = NewMatter { reference: "sealed".to_owned(), ..order(court, "BE") };
        let id = self.site.reviewed(&sealed).await;
        let days = new_deferral(&self.site, id, 9);
        service::defer_matter(&self.site.app, &self.actors[OFFICER], &days).await.unwrap();
        self.world.deferred.insert(id.into());
        self.open_reviewed(&sealed, id, Some(court), legal[0], &[0, 1]).await;
    }

    async fn open(
        &mut self,
        new: NewMatter,
        issuer: Option<RecipientId>,
        asker: usize,
        people: &[usize],
    ) -> WorkItemId {
        let id = self.site.reviewed(&new).await;
        self.open_reviewed(&new, id, issuer, asker, people).await;
        id.into()
    }

    async fn open_reviewed(
        &mut self,
        new: &NewMatter,
        id: domain::MatterId,
        issuer: Option<RecipientId>,
        asker: usize,
        people: &[usize],
    ) {
        let ids: Vec<SubjectId> = people.iter().map(|place| self.world.people[*place].id).collect();
        self.site.open_for(id, &self.actors[asker], &ids).await.unwrap();
        let gives = match new.kind {
            MatterKind::Order => Condition::OrderReviewed,
            MatterKind::Dispute => Condition::DisputeReasoned,
            MatterKind::Duty => Condition::DutyCited,
            MatterKind::Agreement => unreachable!("it opens nothing by itself"),
        };
        for place in people {
            self.note_matter(*place, What::Task(id.into(), Whose::Asker(asker)));
            for to in [None].into_iter().chain(issuer.map(Some)) {
                self.note_matter(*place, What::Filed(gives, id.into(), to));
            }
        }
    }

    /// What a matter gives holds from its first day to its last.
    fn note_matter(&mut self, place: usize, what: What) {
        let window = matter(MatterKind::Order);
        self.world.note(place, what, start_of(window.first), window.last.map(end_of));
    }
}

fn agreed_on(condition: Condition, safeguard: Option<TransferSafeguard>) -> Agreement {
    Agreement { condition, safeguard, first: day("2026-01-01"), last: None }
}

fn modelled(agreement: &Agreement) -> Agreed {
    let Agreement { condition, safeguard, first, last } = *agreement;
    Agreed { condition, safeguard, from: start_of(first), until: last.map(end_of) }
}
