//! What changes on the site between asks, by the use cases that change it, and in the model with it: consents, tasks,
//! emergencies, relations, agreements, training, teams, leavers, and a newer version of the notice.

use domain::{
    Condition, ConsentChannel, EmergencyOutcome, Language, Recipient, RepresentationGround, WorkItemId,
};
use notice::Notice;
use service::{ConsentTo, NewConsent, NewRepresentation, NewWork};
use store::work_item::Assignee;

use super::model::{DAY, SECOND, What, Whose, start_of};
use super::random::Random;
use super::setup::{PROGRAMMES, Stage};
use super::staff::{DESK, FIRST_THAT_CHANGES, OFFICER, STAFF_COUNT};
use crate::site::{NOTICE, OTHER_PORTFOLIO, PORTFOLIO, day};

const WHY: &str = "Somebody was found unconscious, and their hospital calls.";
/// Most of the staff stay.
const MOST_LEAVERS: usize = 4;

impl Stage {
    /// What stands before the first ask.
    pub(crate) async fn begin(&mut self, random: &mut Random) {
        self.open_matters(&self.askers(Recipient::LegalStaff)).await;
        for place in 0..self.world.askers.len() {
            for _ in 0..3 {
                self.assign(place, random).await;
            }
        }
        for team in ["north", "south"] {
            for _ in 0..6 {
                let person = random.one(&self.covered());
                self.assign_to_team(team, person).await;
            }
        }
        for person in self.covered() {
            for _ in 0..6 {
                self.relate(person, random).await;
            }
            for _ in 0..4 {
                self.consent(person, random).await;
            }
        }
        for _ in 0..8 {
            self.represent(random).await;
            self.break_glass(random.one(&self.covered()), random).await;
        }
    }

    /// Something changes.
    pub(crate) async fn change(&mut self, random: &mut Random) {
        self.world.now = self.site.app.gate.now().micros();
        let person = random.one(&self.covered());
        match random.below(15) {
            0..=2 => self.consent(person, random).await,
            3 | 4 => self.withdraw(random).await,
            5 => self.assign(random.below(self.world.askers.len()), random).await,
            6 => self.assign_to_team(random.one(&["north", "south"]), person).await,
            7 => self.end_task(random).await,
            8 | 9 => self.break_glass(person, random).await,
            10 => self.review_emergency(random).await,
            11 => self.represent(random).await,
            12 => self.relate(person, random).await,
            13 => self.turn_agreement(random).await,
            _ => self.turn_staff(random).await,
        }
    }

    /// One more task for one who asks, about somebody: assigned by the keeper, where they are staff of the portfolio.
    async fn assign(&mut self, asker: usize, random: &mut Random) {
        let others = [16, 17, 18, 19, 20];
        let person = if random.percent(20) { random.one(&others) } else { random.one(&self.covered()) };
        let is_covered = self.covered().contains(&person);
        let to = &self.world.askers[asker];
        if super::judge::is_staff(to.kind) && is_covered && to.portfolio == Some(PORTFOLIO) {
            let days = u16::try_from(1 + random.below(40)).unwrap();
            let subject = self.world.people[person].id;
            let new = NewWork { portfolio: PORTFOLIO, subject, to: Assignee::Actor(to.id), days };
            // Who may not handle the file is given no task about it.
            let Ok(row) = service::assign_work(&self.site.app, &self.site.keeper, &new).await else { return };
            self.note_task(person, row.item, Whose::Asker(asker), days);
        } else if matches!(to.kind, Recipient::Subject | Recipient::Representative) {
            // Nobody has work to do about themself.
        } else {
            let item = WorkItemId::from_bytes(self.site.app.gate.random_id());
            self.file(person, What::Task(item, Whose::Asker(asker)), None).await;
        }
    }

    async fn assign_to_team(&mut self, team: &'static str, person: usize) {
        let subject = self.world.people[person].id;
        let new = NewWork { portfolio: PORTFOLIO, subject, to: Assignee::Team(team.to_owned()), days: 20 };
        // A team that everybody left has no tasks.
        let Ok(row) = service::assign_work(&self.site.app, &self.site.keeper, &new).await else { return };
        self.note_task(person, row.item, Whose::Team(team), 20);
    }

    fn note_task(&mut self, person: usize, item: WorkItemId, whose: Whose, days: u16) {
        let now = self.site.app.gate.now().micros();
        self.world.note(person, What::Task(item, whose), now, Some(now + i64::from(days) * DAY));
    }

    /// Ends a task: of the keeper's by the keeper.
    async fn end_task(&mut self, random: &mut Random) {
        let is_task =
            |what: &What| matches!(what, What::Task(item, _) if !self.world.deferred.contains(item));
        let Some((person, what)) = random.any(&self.world.standing(is_task)) else { return };
        let What::Task(item, _) = what else { return };
        let ended = service::end_work(&self.site.app, &self.site.keeper, PORTFOLIO, item).await;
        let now = self.site.app.gate.now().micros();
        match ended {
            Ok(_) => self.world.end(now, |other| *other == what),
            Err(_) => self.unfile(person, &what).await,
        }
    }

    /// Somebody consents to something, and the desk writes it down.
    async fn consent(&mut self, person: usize, random: &mut Random) {
        let app = &self.site.app;
        let diary = random.one(&self.organisations(Recipient::App));
        let diary = *self.world.organisations[diary].id.bytes();
        let programme = random.one(&PROGRAMMES);
        let (to, what) = match random.below(5) {
            0 => (
                ConsentTo::to_one(Condition::ConsentApp, diary),
                What::ConsentToOne(Condition::ConsentApp, diary),
            ),
            1 => (
                ConsentTo::to_one(Condition::ConsentProgramme, programme),
                What::ConsentToOne(Condition::ConsentProgramme, programme),
            ),
            place => {
                let all = [Condition::ConsentHealth, Condition::ConsentMarketing, Condition::ConsentResearch];
                let condition = all[place - 2];
                (ConsentTo::in_portfolio(condition, PORTFOLIO), What::Consent(condition))
            }
        };
        let subject = self.world.people[person].id;
        let consent = NewConsent {
            subject,
            to: to.unwrap(),
            giver: subject,
            version: self.world.versions.last().unwrap().version().to_owned(),
            language: Language::English,
            day: app.today().unwrap(),
            channel: ConsentChannel::Telephone,
        };
        let desk = &self.actors[DESK];
        service::give_consent(app, desk, PORTFOLIO, &consent, app.gate.request()).await.unwrap();
        let now = self.site.app.gate.now().micros();
        let facts = &self.world.people[person].facts;
        // Given while it stands, it is one more proof.
        if !facts.iter().any(|fact| fact.what == what && fact.until.is_none()) {
            self.world.note(person, what, now, None);
        }
    }

    /// Somebody takes a consent back.
    async fn withdraw(&mut self, random: &mut Random) {
        let is_consent = |what: &What| matches!(what, What::Consent(_) | What::ConsentToOne(..));
        let Some((person, what)) = random.any(&self.world.standing(is_consent)) else { return };
        let to = match &what {
            What::Consent(condition) => ConsentTo::in_portfolio(*condition, PORTFOLIO),
            What::ConsentToOne(condition, party) => ConsentTo::to_one(*condition, *party),
            _ => None,
        };
        let (app, desk, subject) = (&self.site.app, &self.actors[DESK], self.world.people[person].id);
        let (english, request) = (Language::English, app.gate.request());
        let shown = service::consequences(app, desk, PORTFOLIO, subject, to.unwrap(), english, request).await;
        let (shown, letter) = (shown.unwrap(), ConsentChannel::Letter);
        service::withdraw_consent(app, desk, &shown, subject, letter, request).await.unwrap();
        let now = app.gate.now().micros();
        let facts = &mut self.world.people[person].facts;
        facts.iter_mut().filter(|fact| fact.what == what).for_each(|fact| fact.until = Some(now));
    }

    /// Somebody of the staff opens one person's data for an hour, if a clause lets them.
    async fn break_glass(&mut self, person: usize, random: &mut Random) {
        let kinds = [Recipient::ClinicalStaff, Recipient::CustomerService];
        let askers = self.askers(random.one(&kinds));
        let asker = random.one(&askers);
        let (app, subject) = (&self.site.app, self.world.people[person].id);
        let from = app.gate.now().micros();
        let actor = &self.actors[asker];
        let opened = service::break_glass(app, actor, PORTFOLIO, subject, WHY, app.gate.request()).await;
        let Ok(opened) = opened else { return };
        let what = What::Emergency(opened.emergency, asker);
        self.world.note(person, what, from, Some(from + 3_600 * SECOND));
    }

    /// The officer finds an emergency not justified: it ends, if it was not over.
    async fn review_emergency(&mut self, random: &mut Random) {
        let is_emergency = |what: &What| matches!(what, What::Emergency(..));
        let Some((person, what)) = random.any(&self.world.standing(is_emergency)) else { return };
        let What::Emergency(item, _) = what else { return };
        let (app, officer) = (&self.site.app, &self.actors[OFFICER]);
        let request = app.gate.request();
        let now = app.gate.now().micros();
        if service::read_emergency(app, officer, PORTFOLIO, item, request).await.is_err() {
            return;
        }
        let task = What::Task(item, Whose::Asker(OFFICER));
        self.world.note(person, task.clone(), now, Some(now + DAY));
        if random.percent(50) {
            let found = EmergencyOutcome::NotJustified;
            service::review_emergency(app, officer, PORTFOLIO, item, found, request).await.unwrap();
            let now = app.gate.now().micros();
            self.world.end(now, |other| *other == what || *other == task);
        }
    }

    /// Somebody acts for somebody, or does so no more.
    async fn represent(&mut self, random: &mut Random) {
        let representatives = self.askers(Recipient::Representative);
        let place = random.one(&representatives);
        let actor = self.world.askers[place].id;
        let what = What::Relation(Condition::RelationRepresentative, *actor.bytes());
        let (app, keeper) = (&self.site.app, &self.site.keeper);
        let standing = self.world.standing(|other| *other == what);
        if let Some((person, _)) = random.any(&standing).filter(|_| random.percent(40)) {
            let subject = self.world.people[person].id;
            service::end_representation(app, keeper, PORTFOLIO, (subject, actor)).await.unwrap();
            let now = app.gate.now().micros();
            let facts = &mut self.world.people[person].facts;
            facts.iter_mut().filter(|fact| fact.what == what).for_each(|fact| fact.until = Some(now));
            return;
        }
        let person = random.one(&self.covered());
        let until = app.today().unwrap().plus_days(i32::try_from(1 + random.below(40)).unwrap()).unwrap();
        let new = NewRepresentation {
            portfolio: PORTFOLIO,
            subject: self.world.people[person].id,
            actor,
            ground: RepresentationGround::Guardian,
            until,
            born: None,
        };
        let from = app.gate.now().micros();
        service::represent(app, keeper, &new).await.unwrap();
        self.world.note(person, what, from, Some(start_of(until) + DAY));
    }

    /// Somebody comes into a relation with an organisation or a programme, or it ends.
    async fn relate(&mut self, person: usize, random: &mut Random) {
        let (condition, kind) = random.one(&[
            (Condition::RelationSponsor, Recipient::PlanSponsor),
            (Condition::RelationSponsor, Recipient::PlanSponsor),
            (Condition::RelationProvider, Recipient::Provider),
            (Condition::RelationPayer, Recipient::Payer),
            (Condition::RelationProgramme, Recipient::ClinicalStaff),
        ]);
        let party = match condition {
            Condition::RelationProgramme => random.one(&PROGRAMMES),
            _ => *self.world.organisations[random.one(&self.organisations(kind))].id.bytes(),
        };
        let what = What::Relation(condition, party);
        let stands = self.world.standing(|other| *other == what).iter().any(|(place, _)| *place == person);
        match stands && random.percent(30) {
            true => self.unfile(person, &what).await,
            false => self.file(person, what, None).await,
        }
    }

    /// Something agreed with an organisation, or for staff abroad, ends, or is agreed on anew.
    async fn turn_agreement(&mut self, random: &mut Random) {
        if random.percent(25) {
            return self.turn_staff_abroad().await;
        }
        let mut agreed = Vec::new();
        for (place, one) in self.world.organisations.iter().enumerate() {
            agreed.extend(one.agreed.iter().map(|agreed| (place, *agreed)));
        }
        let (place, one) = random.one(&agreed);
        match self.world.holds(&one) {
            true => self.end_agreement(place, one.condition).await,
            false => self.agree(place, one.condition, one.safeguard).await,
        }
    }

    /// Somebody of the staff leaves, moves to another team, or is trained anew.
    async fn turn_staff(&mut self, random: &mut Random) {
        let place = FIRST_THAT_CHANGES + random.below(STAFF_COUNT - FIRST_THAT_CHANGES);
        let (app, keeper) = (&self.site.app, &self.site.keeper);
        let gone = self.world.askers.iter().filter(|asker| !self.world.works(asker)).count();
        let asker = &self.world.askers[place];
        if !self.world.works(asker) {
            return;
        }
        let id = asker.id;
        match random.below(6) {
            0 if gone < MOST_LEAVERS && place % 2 == 1 => {
                service::end_actor(app, keeper, PORTFOLIO, id).await.unwrap();
                self.world.askers[place].ends = Some(app.gate.now().micros());
            }
            1 | 2 => {
                let until = app.today().unwrap().plus_days(i32::try_from(random.below(20)).unwrap()).unwrap();
                service::train_actor(app, keeper, PORTFOLIO, id, until).await.unwrap();
                self.world.askers[place].trained = Some(until);
            }
            3 => {
                let far = day("2027-06-30");
                service::train_actor(app, keeper, PORTFOLIO, id, far).await.unwrap();
                self.world.askers[place].trained = Some(far);
            }
            _ => {
                let team = random.one(&["north", "south", ""]);
                service::move_actor(app, keeper, PORTFOLIO, id, team).await.unwrap();
                self.world.askers[place].team = team;
            }
        }
    }

    /// A newer version of the notice, in force from today, which binds nobody who is here: it narrows what customer
    /// service sees of a plan and widens it, and forbids surveys.
    pub(crate) async fn publish_newer(&mut self) {
        let today = self.site.app.today().unwrap().to_string();
        let files: Vec<(&str, String)> = NOTICE
            .iter()
            .filter(|(name, _)| !["nl.md", "fr.md", "de.md"].contains(name))
            .map(|(name, text)| (*name, newer(name, text, &today)))
            .collect();
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        for portfolio in [PORTFOLIO, OTHER_PORTFOLIO] {
            self.site.publish(portfolio, &files).await;
        }
        self.world.versions.push(Notice::read(&files).unwrap_or_else(|problems| panic!("{problems:#?}")));
        self.take_up_late().await;
    }
}

const SHIPPED: &str = "data = [\"identity\", \"member-id\", \"plan\", \"eligibility\"]\nrecipients = [\"customer-service-staff\"]";
const NEWER: &str = "data = [\"identity\", \"plan\", \"eligibility\", \"financial\"]\nrecipients = [\"customer-service-staff\"]";
const NO_SURVEYS: &str =
    "\n[[prohibition]]\nid = \"no.surveys\"\npurpose = \"survey\"\nunless = [\"consent.marketing\"]\n";
const NO_SURVEYS_PROSE: &str = "\n## No surveys without your permission {#no.surveys}\n\n- **Forbidden:** {purposes}\n- **Unless:** {conditions}\n";

/// A file of the newer version.
fn newer(name: &str, text: &str, today: &str) -> String {
    let line = |line: &str| match line.split(" = ").next() {
        Some("version") => "version = \"newer\"".to_owned(),
        Some("effective") => format!("effective = \"{today}\""),
        Some("languages") => "languages = [\"en\"]".to_owned(),
        _ => line.to_owned(),
    };
    match name {
        "clauses.toml" => {
            assert!(text.contains(SHIPPED));
            let text = text.lines().map(line).collect::<Vec<_>>().join("\n");
            text.replace(SHIPPED, NEWER) + NO_SURVEYS
        }
        "en.md" => text.to_owned() + NO_SURVEYS_PROSE,
        _ => text.to_owned(),
    }
}
