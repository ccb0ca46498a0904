//! The site of the random asks, and the model of it: people of every kind under several laws, covered by two sponsors and
//! by nobody; and all that can be registered of them. What changes later stands in `changes`.

use std::sync::Arc;

use domain::{Condition, GoverningLaw, PortfolioId, SubjectId, SubjectKind, Timestamp};
use gate::{Actor, assignment, filed_for, team_assignment};
use intake::MemberDraft;
use notice::{Notice, SHIPPED_TRAVEL, Supplement};
use store::condition::ConditionRow;
use store::subject::SubjectRow;

use super::model::{Cover, Fact, Known, Organisation, Person, What, Whose, World};
use crate::site::{
    NOTICE, ORGANISATION, OTHER_PORTFOLIO, PORTFOLIO, SOURCE, TestSite, cover_draft, day, member_draft,
    source_id,
};

/// A site, with what the test knows of it.
pub(crate) struct Stage {
    pub(crate) site: TestSite,
    pub(crate) world: World,
    /// Those who ask, in the order of the model's.
    pub(crate) actors: Vec<Arc<Actor>>,
    /// The tokens of those who are looked up anew for each round.
    pub(crate) tokens: Vec<Option<String>>,
}

/// The programmes that staff run.
pub(crate) const PROGRAMMES: [[u8; 16]; 2] = [[0x70; 16], [0x71; 16]];

/// Who is taken up: name, family, law, whether they are covered under another's contract, and the sponsors that cover
/// them, one after the other.
type Row = (
    [&'static str; 2],
    usize,
    &'static str,
    bool,
    &'static [(&'static str, &'static str, Option<&'static str>)],
);

const MILL: &[(&str, &str, Option<&str>)] = &[("Mill", "2026-01-01", None)];
const FORGE: &[(&str, &str, Option<&str>)] = &[("Forge", "2026-01-01", None)];
const NONE: &[(&str, &str, Option<&str>)] = &[];
/// The sponsor changes while the test runs.
const MOVES: &[(&str, &str, Option<&str>)] =
    &[("Mill", "2026-01-01", Some("2026-11-27")), ("Forge", "2026-11-28", None)];
/// Cover that is over.
const OVER: &[(&str, &str, Option<&str>)] = &[("Mill", "2025-01-01", Some("2025-12-31"))];

const PEOPLE: &[Row] = &[
    (["Ada", "Berg"], 0, "BE", false, MILL),
    (["Ben", "Berg"], 0, "BE", true, MILL),
    (["Cleo", "Berg"], 0, "BE", true, MILL),
    (["Dan", "Maas"], 1, "NL", false, MILL),
    (["Eve", "Maas"], 1, "NL", true, MILL),
    (["Ada", "Maas"], 1, "NL", true, FORGE),
    (["Finn", "Boyle"], 2, "IE", false, FORGE),
    (["Gwen", "Boyle"], 2, "IE", true, FORGE),
    (["Hugo", "Lenz"], 3, "DE", false, FORGE),
    (["Ida", "Lenz"], 3, "DE", true, FORGE),
    (["Jan", "Peeters"], 4, "BE", false, MOVES),
    (["Kim", "Peeters"], 4, "BE", true, MOVES),
    (["Lea", "Smet"], 5, "BE", false, OVER),
    (["Max", "Claes"], 6, "BE", false, NONE),
    (["Nora", "Wouters"], 7, "BE", false, MILL),
    (["Otto", "Berg"], 8, "BE", false, FORGE),
    // Two of one name, who were born on one day: by that neither is found, but where one of them alone is in scope.
    (["Sam", "Adam"], 9, "BE", false, MILL),
    (["Sam", "Adam"], 10, "BE", false, FORGE),
];

/// Who comes later.
const LATE: &[Row] = &[(["Pia", "Berg"], 20, "BE", false, MILL), (["Rik", "Maas"], 21, "NL", false, FORGE)];

/// Somebody who is in nobody's index and has no record: only that there is such a person.
const OTHERS: &[SubjectKind] = &[
    SubjectKind::ContactPerson,
    SubjectKind::Practitioner,
    SubjectKind::Employee,
    SubjectKind::Customer,
    SubjectKind::Customer,
];

impl Stage {
    /// A site with everybody in it, and nobody who asks yet.
    pub(crate) async fn of(site: TestSite) -> Self {
        site.publish_beside(PORTFOLIO, SHIPPED_TRAVEL).await.unwrap();
        let (id, _) = site.app.gate.supplement(PORTFOLIO, "travel").unwrap();
        let with_organisation: Vec<(&str, &str)> =
            SHIPPED_TRAVEL.iter().copied().chain([("organisation.toml", ORGANISATION)]).collect();
        let world = World {
            now: 0,
            versions: vec![Notice::read(NOTICE).unwrap()],
            travel: (id, Supplement::read(&with_organisation).unwrap()),
            people: Vec::new(),
            askers: Vec::new(),
            organisations: Vec::new(),
            staff_abroad: Vec::new(),
            deferred: std::collections::BTreeSet::new(),
        };
        let mut stage = Self { site, world, actors: Vec::new(), tokens: Vec::new() };
        for (place, row) in PEOPLE.iter().enumerate() {
            stage.take_up(row, place % 3 != 2).await;
        }
        for kind in OTHERS {
            stage.insert(PORTFOLIO, *kind).await;
        }
        stage.insert(OTHER_PORTFOLIO, SubjectKind::Member).await;
        stage
    }

    /// Takes somebody up, as an import does, with or without their consent to the use of health data.
    async fn take_up(&mut self, (names, family, law, is_dependant, covers): &Row, consents: bool) {
        let number = self.world.people.len();
        let is_namesake = |known: &&Known| known.names == *names;
        let namesake = self.world.people.iter().filter_map(|one| one.known.as_ref()).find(is_namesake);
        let born = namesake.map_or_else(
            || day(&format!("19{}-0{}-17", 60 + number, 1 + number % 9)),
            |namesake| namesake.born,
        );
        // Under which the source has them.
        let name = if namesake.is_some() { format!("{} {number}", names.join(" ")) } else { names.join(" ") };
        let holder = PEOPLE.iter().find(|(_, other, ..)| *is_dependant && other == family);
        let law: GoverningLaw = law.parse().unwrap();
        let kind = if *is_dependant { SubjectKind::Beneficiary } else { SubjectKind::Member };
        let mut draft = MemberDraft {
            kind,
            holder_source_id: holder.map(|(names, ..)| source_id(&names.join(" "))),
            governing_law: Some(law),
            ..member_draft(&name, consents)
        };
        draft.person.name = domain::PersonName::parse(&names.join(" ")).unwrap();
        draft.person.birth_date = born;
        let intake = self.site.app.gate.job(domain::Recipient::IntakeJob).unwrap();
        let app = &self.site.app;
        service::enrol_members(app, &intake, PORTFOLIO, SOURCE, &[draft]).await.unwrap();
        let (mut drafts, mut spans) = (Vec::new(), Vec::new());
        for (number, (sponsor, first, last)) in covers.iter().enumerate() {
            let mut cover = cover_draft(&format!("{name} {number}"), &name);
            cover.sponsor = Some((*sponsor).to_owned());
            (cover.coverage.start, cover.coverage.end) = (day(first), last.map(day));
            drafts.push(cover);
            spans.push(Cover { sponsor: Some(sponsor), first: day(first), last: last.map(day) });
        }
        if !drafts.is_empty() {
            self.site.cover(&drafts).await;
        }
        let mut person = Person {
            id: SubjectId::from_bytes(self.site.app.gate.imported_id("member", SOURCE, &name)),
            portfolio: PORTFOLIO,
            kind,
            law,
            version: self.world.versions.len() - 1,
            family: Some(*family),
            known: Some(Known { names: *names, born, number: format!("M-{name}") }),
            covers: spans,
            facts: Vec::new(),
        };
        if consents {
            person.facts.push(Fact { what: What::Consent(Condition::ConsentHealth), from: 0, until: None });
        }
        self.world.people.push(person);
    }

    /// Two who come once a newer version of the notice is in force: it alone binds them.
    pub(crate) async fn take_up_late(&mut self) {
        for row in LATE {
            self.take_up(row, true).await;
        }
    }

    /// Somebody of whom nothing is kept but that there is such a person.
    async fn insert(&mut self, portfolio: PortfolioId, kind: SubjectKind) {
        let subject = SubjectId::from_bytes(self.site.app.gate.random_id());
        let law = GoverningLaw::Belgium;
        let taken_up = Timestamp::from_micros(0);
        let row = SubjectRow { subject, portfolio, kind, law, notice: 1, version: 1, taken_up };
        self.site.write(move |unit| store::subject::insert_many(unit, &[row])).await;
        self.world.people.push(Person {
            id: subject,
            portfolio,
            kind,
            law,
            version: 0,
            family: None,
            known: None,
            covers: Vec::new(),
            facts: Vec::new(),
        });
    }

    /// Writes down in the site and in the model that something is so from now on, where no use case writes it.
    pub(crate) async fn file(&mut self, person: usize, what: What, until: Option<i64>) {
        let from = self.site.app.gate.now().micros();
        let subject = self.world.people[person].id;
        let (condition, object) = self.stored(&what);
        let (since, ends) = (Timestamp::from_micros(from), until.map(Timestamp::from_micros));
        let row = ConditionRow { subject, condition, object, since, until: ends };
        self.site.write(move |unit| store::condition::set_many(unit, &[row])).await;
        self.world.note(person, what, from, until);
    }

    /// Ends in the site and in the model what [`Stage::file`] wrote.
    pub(crate) async fn unfile(&mut self, person: usize, what: &What) {
        let at = self.site.app.gate.now();
        let subject = self.world.people[person].id;
        let (condition, object) = self.stored(what);
        self.site.write(move |unit| store::condition::end(unit, subject, condition, object, at)).await;
        let now = at.micros();
        let facts = &mut self.world.people[person].facts;
        let standing =
            facts.iter_mut().filter(|fact| fact.what == *what && fact.until.is_none_or(|until| now < until));
        standing.for_each(|fact| fact.until = Some(now));
    }

    /// Under which condition and object the site keeps something.
    fn stored(&self, what: &What) -> (Condition, [u8; 16]) {
        match what {
            What::Consent(condition) => (*condition, *PORTFOLIO.bytes()),
            What::ConsentToOne(condition, party) | What::Relation(condition, party) => (*condition, *party),
            What::Task(item, Whose::Asker(place)) => {
                (Condition::WorkItem, assignment(*item, self.world.askers[*place].id))
            }
            What::Task(item, Whose::Team(team)) => {
                (Condition::WorkItem, team_assignment(*item, PORTFOLIO, team))
            }
            What::Filed(condition, item, Some(to)) => (*condition, filed_for(*item, *to)),
            What::Filed(condition, item, None) => (*condition, *item.bytes()),
            What::Emergency(item, place) => {
                (Condition::EmergencyReasoned, assignment(*item, self.world.askers[*place].id))
            }
        }
    }

    /// The places of those who are covered, or were.
    pub(crate) fn covered(&self) -> Vec<usize> {
        let is_covered =
            |person: &Person| matches!(person.kind, SubjectKind::Member | SubjectKind::Beneficiary);
        let own = |person: &Person| person.portfolio == PORTFOLIO && is_covered(person);
        (0..self.world.people.len()).filter(|place| own(&self.world.people[*place])).collect()
    }

    /// The places of the organisations of a kind.
    pub(crate) fn organisations(&self, kind: domain::Recipient) -> Vec<usize> {
        let is_of = |one: &Organisation| one.kind == kind;
        let all = &self.world.organisations;
        (0..all.len()).filter(|place| is_of(&all[*place])).collect()
    }

    /// The places of those who ask as this kind.
    pub(crate) fn askers(&self, kind: domain::Recipient) -> Vec<usize> {
        let all = &self.world.askers;
        (0..all.len()).filter(|place| all[*place].kind == kind).collect()
    }
}
