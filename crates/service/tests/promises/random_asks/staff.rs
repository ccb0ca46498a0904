//! Those who ask on the site of the random asks: staff of every kind, with teams, with the files of their own that they
//! keep from, for some sponsors, until their training is over or their token ends; jobs; people themselves, who
//! represents them, and those of organisations.

use std::sync::Arc;

use domain::{PortfolioId, Recipient, SponsorId};
use gate::Actor;
use service::NewActor;

use super::model::{Asker, DAY};
use super::setup::Stage;
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, TestSite, day};

/// One of the staff: what they are, where they work, their team, whom they named as near to them (by their places), for
/// whose people they work, the last day of their training, and for how many days their token is good.
struct Row(
    Recipient,
    &'static str,
    &'static str,
    &'static [usize],
    &'static [&'static str],
    &'static str,
    u16,
);

const LONG: &str = "2027-11-01";

/// The desk that hears people and the officer who reviews emergencies come first: they stay as they are.
const STAFF: &[Row] = &[
    Row(Recipient::EnrolmentStaff, "BE", "desk", &[], &[], LONG, 365),
    Row(Recipient::DataProtectionOfficer, "BE", "", &[], &[], LONG, 365),
    Row(Recipient::ClaimsStaff, "BE", "north", &[], &[], LONG, 365),
    Row(Recipient::ClaimsStaff, "BE", "south", &[1], &[], LONG, 365),
    Row(Recipient::ClaimsStaff, "NL", "north", &[], &["Mill"], LONG, 365),
    Row(Recipient::ClaimsStaff, "BE", "", &[], &[], "2026-11-27", 365),
    Row(Recipient::CustomerService, "BE", "north", &[], &[], LONG, 365),
    Row(Recipient::CustomerService, "BE", "south", &[12], &["Mill", "Forge"], LONG, 365),
    Row(Recipient::CustomerService, "IN", "north", &[], &[], LONG, 365),
    Row(Recipient::CustomerService, "CH", "south", &[], &[], "2026-12-02", 365),
    Row(Recipient::CustomerService, "BE", "", &[], &["Forge"], LONG, 4),
    Row(Recipient::EnrolmentStaff, "BE", "north", &[7], &[], LONG, 365),
    Row(Recipient::PaymentsStaff, "BE", "south", &[], &[], LONG, 365),
    Row(Recipient::PaymentsStaff, "BE", "south", &[], &["Forge"], "2026-11-30", 365),
    Row(Recipient::Auditor, "BE", "", &[], &[], LONG, 365),
    Row(Recipient::DataProtectionOfficer, "BE", "", &[3], &[], LONG, 365),
    Row(Recipient::Analyst, "BE", "", &[], &[], LONG, 365),
    Row(Recipient::Analyst, "IE", "", &[], &[], "2026-12-05", 365),
    Row(Recipient::ClinicalStaff, "BE", "north", &[], &[], LONG, 365),
    Row(Recipient::ClinicalStaff, "BE", "", &[], &["Mill"], LONG, 365),
    Row(Recipient::ClinicalStaff, "US", "south", &[], &[], LONG, 365),
    Row(Recipient::LegalStaff, "BE", "", &[], &[], LONG, 365),
    Row(Recipient::LegalStaff, "BE", "", &[4], &[], LONG, 365),
    Row(Recipient::LegalStaff, "BE", "north", &[], &[], "2026-12-03", 365),
];

/// Who takes in what people declare.
pub(crate) const DESK: usize = 0;
/// Who reviews emergencies.
pub(crate) const OFFICER: usize = 1;
/// From here on staff may leave, move and be trained anew.
pub(crate) const FIRST_THAT_CHANGES: usize = 2;
/// How many of the staff there are.
pub(crate) const STAFF_COUNT: usize = STAFF.len();

const JOBS: &[Recipient] = &[
    Recipient::IntakeJob,
    Recipient::AdjudicationJob,
    Recipient::StatementJob,
    Recipient::PaymentJob,
    Recipient::RetentionJob,
];

/// People who ask for their own data, by their places, and where they are.
const THEMSELVES: &[(usize, &str)] = &[(0, "BE"), (6, "IN"), (9, "DE"), (12, "BE")];

impl Stage {
    /// Enters everybody who asks. The organisations are in the register.
    pub(crate) async fn enter_askers(&mut self) {
        for Row(kind, country, team, own, sponsors, trained, days) in STAFF {
            let new = self.new_actor(*kind, country, PORTFOLIO);
            let new = NewActor {
                team: (*team).to_owned(),
                own_files: own.iter().map(|place| self.world.people[*place].id).collect(),
                sponsors: self.sponsors(sponsors).await,
                trained_until: Some(day(trained)),
                days: *days,
                ..new
            };
            let asker =
                Asker { own: own.to_vec(), sponsors: sponsors.to_vec(), ..asker(&new, country, team) };
            self.enter(&new, asker).await;
        }
        let elsewhere = NewActor {
            trained_until: Some(day(LONG)),
            ..self.new_actor(Recipient::CustomerService, "BE", OTHER_PORTFOLIO)
        };
        self.enter(&elsewhere, asker(&elsewhere, "BE", "")).await;
        for job in JOBS {
            let actor = self.site.app.gate.job(*job).unwrap();
            self.add(actor, None, outside(*job, None, "BE"));
        }
        let operator = self.site.operator("An Operator");
        self.add(operator, None, outside(Recipient::Operator, None, "BE"));
        for (place, country) in THEMSELVES {
            let actor = self.site.member_abroad(self.world.people[*place].id, country).await;
            let asker = Asker { is: Some(*place), ..outside(Recipient::Subject, Some(PORTFOLIO), country) };
            self.add(actor, None, asker);
        }
        for country in ["BE", "IN"] {
            let new = self.new_actor(Recipient::Representative, country, PORTFOLIO);
            self.enter(&new, asker(&new, country, "")).await;
        }
        self.enter_those_of_organisations().await;
    }

    /// One of each organisation, and one of the first few who reads from further away; and one who asks as what their
    /// organisation is not.
    async fn enter_those_of_organisations(&mut self) {
        for place in 0..self.world.organisations.len() {
            let one = &self.world.organisations[place];
            let (kind, country, id) = (one.kind, one.country, one.id);
            let mut those = vec![(kind, country)];
            if place % 4 == 0 {
                those.push((kind, "IN"));
            }
            if place == 0 {
                those.push((Recipient::Affiliate, country));
            }
            for (kind, country) in those {
                let new = NewActor { organisation: Some(id), ..self.new_actor(kind, country, PORTFOLIO) };
                self.enter(&new, Asker { organisation: Some(place), ..asker(&new, country, "") }).await;
            }
        }
    }

    fn new_actor(&self, recipient: Recipient, country: &str, portfolio: PortfolioId) -> NewActor {
        NewActor {
            recipient,
            portfolio,
            role: "tester".to_owned(),
            team: String::new(),
            country: country.parse().unwrap(),
            organisation: None,
            own_files: Vec::new(),
            sponsors: Vec::new(),
            trained_until: None,
            authority: Vec::new(),
            days: 365,
        }
    }

    async fn enter(&mut self, new: &NewActor, asker: Asker) {
        let (_, token) = service::enter_actor(&self.site.app, &self.site.keeper, new).await.unwrap();
        let now = self.site.app.gate.now().micros();
        let actor = self.site.app.gate.authenticate(&token).await.unwrap();
        self.add(actor, Some(token), Asker { ends: Some(now + i64::from(new.days) * DAY), ..asker });
    }

    fn add(&mut self, actor: Actor, token: Option<String>, asker: Asker) {
        self.world.askers.push(Asker { id: actor.id(), ..asker });
        self.actors.push(Arc::new(actor));
        self.tokens.push(token);
    }

    async fn sponsors(&self, names: &[&str]) -> Vec<SponsorId> {
        let rows = self.site.write(store::reference::sponsors).await;
        let named = |name: &&str| rows.iter().find(|row| row.name == *name).unwrap().sponsor;
        names.iter().map(named).collect()
    }

    /// Looks up anew everybody whose token is good: what changed of them counts from then on. Who left keeps what they had.
    pub(crate) async fn look_up_askers(&mut self) {
        for place in 0..self.actors.len() {
            let Some(token) =
                self.tokens[place].as_ref().filter(|_| self.world.works(&self.world.askers[place]))
            else {
                continue;
            };
            self.actors[place] = Arc::new(known(&self.site, token).await);
        }
    }
}

async fn known(site: &TestSite, token: &str) -> Actor {
    site.app.gate.authenticate(token).await.unwrap()
}

/// The model of somebody who is entered so.
fn asker(new: &NewActor, country: &'static str, team: &'static str) -> Asker {
    Asker { team, trained: new.trained_until, ..outside(new.recipient, Some(new.portfolio), country) }
}

fn outside(kind: Recipient, portfolio: Option<PortfolioId>, country: &'static str) -> Asker {
    Asker {
        id: domain::ActorId::from_bytes([0; 16]),
        kind,
        portfolio,
        country,
        team: "",
        organisation: None,
        own: Vec::new(),
        sponsors: Vec::new(),
        trained: None,
        is: None,
        ends: None,
    }
}
