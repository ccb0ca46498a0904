//! Draws asks: most of them begin as what a clause lets somebody do, with whom and what there is for it, and then one
//! thing or two may be changed; the others are of anything whatever. Which will be granted, nothing here knows.

use domain::{
    Category, CategorySet, Condition, PortfolioId, Purpose, Recipient, RecipientId, SubjectId, WorkItemId,
};
use gate::LookupKind;
use notice::Clause;

use super::asks::{About, Ask, To};
use super::judge::is_staff;
use super::model::{What, Whose};
use super::random::Random;
use super::setup::{PROGRAMMES, Stage};
use super::views::VIEWS;
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO};

impl Stage {
    pub(crate) fn draw(&self, random: &mut Random) -> Ask {
        let mut ask = match random.percent(92) {
            true => self.by_a_clause(random),
            false => self.anything(random),
        };
        if random.percent(30) {
            self.alter(&mut ask, random);
        }
        if random.percent(8) {
            self.alter(&mut ask, random);
        }
        // In the other portfolio no supplement is published, and nobody is searched for under one.
        ask.travel &= ask.portfolio == PORTFOLIO && !matches!(ask.about, About::Sought(_));
        ask
    }

    /// What a clause of some version, or of the supplement, is about.
    fn by_a_clause(&self, random: &mut Random) -> Ask {
        let travel = random.percent(3);
        let clause = self.clause(travel, random);
        let (purpose, kind) = (random.one(&clause.purposes), random.one(&clause.recipients));
        let (asker, to) = self.who(purpose, kind, random);
        let place = to.or(self.world.askers[asker].organisation);
        let party = match place {
            Some(place) => Some(*self.world.party(&self.world.organisations[place]).bytes()),
            None if kind == Recipient::Representative => Some(*self.world.askers[asker].id.bytes()),
            None => clause.when.contains(Condition::RelationProgramme).then(|| random.one(&PROGRAMMES)),
        };
        let (person, item) = self.whom(clause, (asker, place, party), random);
        // Mostly whoever's task it is, and not a colleague.
        let asker = self.whose(person, item, asker).filter(|_| random.percent(90)).unwrap_or(asker);
        let about = if clause.when.contains(Condition::MinimumGroup) || random.percent(2) {
            About::Group(self.group(random))
        } else if clause.when.contains(Condition::OwnDetails) || random.percent(7) {
            About::Sought(self.terms(person, random))
        } else {
            About::One(self.world.people[person].id)
        };
        // Every item has its purpose; a view, too: of what the clause shows, or of anything.
        let fitting: Vec<usize> =
            (0..VIEWS.len()).filter(|view| clause.data.contains_all(VIEWS[*view].needed)).collect();
        let view = if random.percent(75) { random.one(&fitting) } else { random.below(VIEWS.len()) };
        Ask {
            asker,
            portfolio: PORTFOLIO,
            purpose,
            to: to.map(To::Organisation),
            party: party.filter(|_| place.is_none()),
            item,
            writes: CategorySet::EMPTY,
            travel,
            view,
            about,
        }
    }

    /// A clause of any version, or of the supplement: not often one that only lets in, and more often one for a purpose
    /// that a prohibition of the newest version is on.
    fn clause(&self, travel: bool, random: &mut Random) -> &Clause {
        let version = &self.world.versions[random.below(self.world.versions.len())];
        let newest = self.world.versions.last().unwrap().prohibitions();
        let is_forbidden = |clause: &&Clause| newest.iter().any(|one| clause.purposes.contains(&one.purpose));
        let clauses = if travel { self.world.travel.1.clauses() } else { version.clauses() };
        let forbidden: Vec<&Clause> = clauses.iter().filter(is_forbidden).collect();
        let letting_in = random.percent(10);
        let is_drawn = |clause: &&Clause| letting_in || !clause.when.contains(Condition::TakingIn);
        let open: Vec<&Clause> = clauses.iter().filter(is_drawn).collect();
        // Few clauses ask for what is filed, or for what the ask itself says, and they ask for much at once: they are drawn more often,
        // too.
        let is_rare = |condition| FILED.contains(&condition) || condition == Condition::OwnDetails;
        let filed = open.iter().filter(|clause| clause.when.iter().any(is_rare));
        let filed: Vec<&Clause> = filed.copied().collect();
        let chosen = random.any(&forbidden).filter(|_| random.percent(4));
        let chosen = chosen.or_else(|| random.any(&filed).filter(|_| random.percent(8)));
        chosen.unwrap_or_else(|| random.one(&open))
    }

    /// Whose task a work item is, or who broke the glass, of the same kind as somebody who belongs to no organisation.
    fn whose(&self, person: usize, item: Option<WorkItemId>, asker: usize) -> Option<usize> {
        let facts = &self.world.people[person].facts;
        let whose = facts.iter().find_map(|fact| match fact.what {
            What::Task(of, Whose::Asker(place)) | What::Emergency(of, place) if Some(of) == item => {
                Some(place)
            }
            _ => None,
        });
        whose.filter(|place| self.is_alike(asker, *place))
    }

    fn is_alike(&self, asker: usize, other: usize) -> bool {
        let [one, other_one] = [asker, other].map(|place| &self.world.askers[place]);
        asker == other || one.organisation.is_none() && one.kind == other_one.kind
    }

    /// Who asks, and to which organisation it goes where somebody else hands it over.
    fn who(&self, purpose: Purpose, kind: Recipient, random: &mut Random) -> (usize, Option<usize>) {
        if !kind.is_organisation() {
            return (random.one(&self.askers(kind)), None);
        }
        if random.percent(35) {
            return (random.one(&self.askers(kind)), None);
        }
        let clauses = self.world.versions[0].clauses().iter().filter(|one| one.purposes.contains(&purpose));
        let may: Vec<Recipient> =
            clauses.flat_map(|one| one.recipients.clone()).filter(|one| !one.is_organisation()).collect();
        let by = random.any(&may).unwrap_or(Recipient::StatementJob);
        (random.one(&self.askers(by)), Some(random.one(&self.organisations(kind))))
    }

    /// About whom, and under which work item: somebody of whom something is noted that the clause asks for.
    fn whom(
        &self,
        clause: &Clause,
        (asker, to, party): (usize, Option<usize>, Option<[u8; 16]>),
        random: &mut Random,
    ) -> (usize, Option<WorkItemId>) {
        let me = &self.world.askers[asker];
        let to = to.map(|place| self.world.organisations[place].id);
        // Now and then a task alone, where more is to be filed; or what is filed for somebody else.
        let is_filed = clause.when.iter().any(|condition| FILED.contains(&condition)) && random.percent(75);
        let is_for_anybody = to.is_none() || random.percent(25);
        let fits = |what: &What| match what {
            What::Filed(condition, _, whose) => {
                is_filed && clause.when.contains(*condition) && (*whose == to || is_for_anybody)
            }
            What::Emergency(_, place) => {
                self.is_alike(asker, *place) && clause.when.contains(Condition::EmergencyReasoned)
            }
            What::Task(_, Whose::Asker(place)) => {
                !is_filed && self.is_alike(asker, *place) && clause.when.contains(Condition::WorkItem)
            }
            What::Task(_, Whose::Team(team)) => {
                !is_filed
                    && *team == me.team
                    && is_staff(me.kind)
                    && clause.when.contains(Condition::WorkItem)
            }
            What::Relation(condition, of) => clause.when.contains(*condition) && Some(*of) == party,
            What::ConsentToOne(condition, of) => clause.when.contains(*condition) && Some(*of) == party,
            What::Consent(condition) => {
                *condition == Condition::ConsentMarketing && clause.when.contains(*condition)
            }
        };
        // What ended is drawn as well.
        let noted = match random.percent(85) {
            true => self.world.standing(fits),
            false => self.world.facts(|fact| fits(&fact.what)),
        };
        let found = random.any(&noted);
        let person = match (&found, me.is) {
            (_, Some(own)) => own,
            (Some((person, _)), _) => *person,
            // By own details one of the two is sought whom the same ones fit, now and then.
            (None, None) if clause.when.contains(Condition::OwnDetails) && random.percent(20) => {
                random.one(&self.world.doubles())
            }
            (None, None) => random.below(self.world.people.len()),
        };
        let item = match found {
            Some((_, What::Task(item, _) | What::Filed(_, item, _) | What::Emergency(item, _))) => Some(item),
            // A relation says nothing of a task: one of the asker's about the same person, where there is any.
            _ => self.task_about(asker, person),
        };
        (person, item)
    }

    fn task_about(&self, asker: usize, person: usize) -> Option<WorkItemId> {
        let facts = self.world.people[person].facts.iter().filter(|fact| self.world.stands(fact));
        facts
            .filter_map(|fact| match &fact.what {
                What::Task(item, Whose::Asker(place)) if *place == asker => Some(*item),
                _ => None,
            })
            .next()
    }

    fn group(&self, random: &mut Random) -> Vec<SubjectId> {
        let mut places = self.covered();
        let size = if random.percent(75) { 10 + random.below(5) } else { 6 + random.below(4) };
        while places.len() > size {
            places.remove(random.below(places.len()));
        }
        let mut group: Vec<SubjectId> = places.iter().map(|place| self.world.people[*place].id).collect();
        if random.percent(10) {
            group[0] = SubjectId::from_bytes(random.id());
        }
        group
    }

    /// By what somebody is searched for, and perhaps others with them, or nobody.
    fn terms(&self, person: usize, random: &mut Random) -> Vec<(LookupKind, String)> {
        let Some(known) = &self.world.people[person].known else {
            return vec![(LookupKind::NamePart, "Berg".to_owned())];
        };
        if self.world.doubles().contains(&person) && random.percent(60) {
            let mut terms = vec![(LookupKind::BirthDate, known.born.to_string())];
            terms.extend(known.names.iter().map(|name| (LookupKind::NamePart, (*name).to_owned())));
            return terms;
        }
        let mut terms = match random.below(4) {
            0 => vec![(LookupKind::MemberNumber, known.number.clone())],
            1 => vec![(LookupKind::NamePart, known.names[0].to_owned())],
            2 => vec![(LookupKind::NamePart, known.names[1].to_owned())],
            _ => known.names.iter().map(|name| (LookupKind::NamePart, (*name).to_owned())).collect(),
        };
        if random.percent(25) {
            let born = if random.percent(70) { known.born.to_string() } else { "1901-01-01".to_owned() };
            terms.push((LookupKind::BirthDate, born));
        }
        terms
    }

    /// Anything.
    fn anything(&self, random: &mut Random) -> Ask {
        let organisations = self.world.organisations.len();
        let about = match random.below(12) {
            0 => About::Group(self.group(random)),
            1 => About::Sought(self.terms(random.below(self.world.people.len()), random)),
            _ => About::One(self.world.people[random.below(self.world.people.len())].id),
        };
        Ask {
            asker: random.below(self.world.askers.len()),
            portfolio: PORTFOLIO,
            purpose: random.one(Purpose::ALL),
            to: random.percent(20).then(|| To::Organisation(random.below(organisations))),
            party: None,
            item: self.any_item(random),
            writes: CategorySet::EMPTY,
            travel: random.percent(10),
            view: random.below(VIEWS.len()),
            about,
        }
    }

    fn any_item(&self, random: &mut Random) -> Option<WorkItemId> {
        match random.below(4) {
            0 => None,
            1 => Some(WorkItemId::from_bytes(random.id())),
            _ => {
                let items =
                    self.world.facts(|fact| matches!(fact.what, What::Task(..) | What::Emergency(..)));
                random.any(&items).and_then(|(_, what)| match what {
                    What::Task(item, _) | What::Emergency(item, _) => Some(item),
                    _ => None,
                })
            }
        }
    }

    /// Changes one thing.
    fn alter(&self, ask: &mut Ask, random: &mut Random) {
        let world = &self.world;
        match random.below(14) {
            0 => ask.asker = random.below(world.askers.len()),
            // A colleague of the same kind.
            1 => ask.asker = random.one(&self.askers(world.askers[ask.asker].kind)),
            2 => ask.about = About::One(world.people[random.below(world.people.len())].id),
            3 => ask.about = About::One(SubjectId::from_bytes(random.id())),
            4 => ask.item = self.any_item(random),
            5 => ask.item = self.other_item_about(ask, random).or(ask.item),
            6 => ask.purpose = random.one(Purpose::ALL),
            7 => ask.purpose = below(ask.purpose, random).unwrap_or(ask.purpose),
            8 => ask.portfolio = other(ask.portfolio),
            9 => ask.view = random.below(VIEWS.len()),
            // What a sealed matter is for.
            10 => ask.item = self.world.deferred.first().copied(),
            11 => ask.writes = CategorySet::of(&[random.one(Category::ALL)]),
            12 => {
                ask.to = match random.below(5) {
                    0 => None,
                    1 => Some(To::Nobody(RecipientId::from_bytes(random.id()))),
                    _ => Some(To::Organisation(random.below(world.organisations.len()))),
                }
            }
            _ => match random.percent(60) {
                true => ask.party = random.any(&PROGRAMMES),
                false => ask.travel = !ask.travel,
            },
        }
    }

    /// Something else that is somebody's task about the same person, whoever's.
    fn other_item_about(&self, ask: &Ask, random: &mut Random) -> Option<WorkItemId> {
        let About::One(subject) = ask.about else { return None };
        let (_, person) = self.world.person(subject)?;
        let items: Vec<WorkItemId> = person
            .facts
            .iter()
            .filter_map(|fact| match fact.what {
                What::Task(item, _) | What::Emergency(item, _) => Some(item),
                _ => None,
            })
            .collect();
        random.any(&items)
    }
}

/// What is filed with a work item beside that it is a task.
const FILED: &[Condition] =
    &[Condition::OrderReviewed, Condition::OrderAgreement, Condition::DisputeReasoned, Condition::DutyCited];

fn other(portfolio: PortfolioId) -> PortfolioId {
    if portfolio == PORTFOLIO { OTHER_PORTFOLIO } else { PORTFOLIO }
}

/// A purpose right below another.
fn below(purpose: Purpose, random: &mut Random) -> Option<Purpose> {
    let below: Vec<Purpose> =
        Purpose::ALL.iter().copied().filter(|one| one.parent() == Some(purpose)).collect();
    random.any(&below)
}
