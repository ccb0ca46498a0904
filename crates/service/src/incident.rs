//! What the record says of an incident: whom and what the uses of one actor in a time were about, as far as the notification
//! to an authority asks for it (GDPR article 33(3)). It says what was used, not what was done with it: how likely harm is,
//! and what is done against it, people judge.

mod concerned;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use domain::{
    ActorId, Category, Country, GoverningLaw, PortfolioId, Purpose, Recipient, Timestamp, WorkItemId,
};
use gate::{Actor, EntryOutcome, Sought, Use};

pub use self::concerned::{Concerned, PeopleConcerned, ShownOf, people_concerned};
use crate::{App, ServiceError};

/// The uses of an actor in a time, counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Who used it.
    pub actor: ActorId,
    /// In which portfolio.
    pub portfolio: PortfolioId,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// The actor's roles, as the entries have them.
    pub roles: BTreeSet<String>,
    /// The people about whom something was shown.
    people: HashSet<u64>,
    /// The same by the law that governs their cover.
    by_law: BTreeMap<GoverningLaw, HashSet<u64>>,
    /// The same by what was shown.
    by_category: BTreeMap<Category, HashSet<u64>>,
    /// How many uses showed something.
    pub uses: u64,
    /// How many were refused: nothing was shown.
    pub refused: u64,
    /// How many searches there were.
    pub searches: u64,
    /// How many uses rested on each clause.
    pub clauses: BTreeMap<String, u64>,
    /// Why.
    pub purposes: BTreeSet<Purpose>,
    /// Those outside to whom something was handed, and where they are.
    pub recipients: BTreeSet<(Recipient, String, Country)>,
    /// The countries from which it was read.
    pub read_from: BTreeSet<Country>,
    /// The first use that showed something, and the last one.
    pub span: Option<(Timestamp, Timestamp)>,
}

impl Incident {
    /// Of an actor's uses between two instants, none of which is counted yet.
    #[must_use]
    pub fn new(actor: ActorId, portfolio: PortfolioId, (from, to): (Timestamp, Timestamp)) -> Self {
        Self {
            actor,
            portfolio,
            from,
            to,
            roles: BTreeSet::new(),
            people: HashSet::new(),
            by_law: BTreeMap::new(),
            by_category: BTreeMap::new(),
            uses: 0,
            refused: 0,
            searches: 0,
            clauses: BTreeMap::new(),
            purposes: BTreeSet::new(),
            recipients: BTreeSet::new(),
            read_from: BTreeSet::new(),
            span: None,
        }
    }

    /// About how many people something was shown.
    #[must_use]
    pub fn people(&self) -> usize {
        self.people.len()
    }

    /// The same, by the law that governs their cover.
    pub fn people_by_law(&self) -> impl Iterator<Item = (GoverningLaw, usize)> {
        self.by_law.iter().map(|(law, people)| (*law, people.len()))
    }

    /// The same, by what was shown.
    pub fn people_by_category(&self) -> impl Iterator<Item = (Category, usize)> {
        self.by_category.iter().map(|(category, people)| (*category, people.len()))
    }

    /// Counts a use.
    pub fn add(&mut self, one: &Use) {
        self.roles.insert(one.role.clone());
        match one.outcome {
            EntryOutcome::Refused => self.refused += 1,
            EntryOutcome::Searched => self.searches += 1,
            EntryOutcome::Granted | EntryOutcome::Changed => {}
        }
        // A run's own entry shows nothing, and is about nobody.
        let Some(person) = one.person.filter(|_| !one.shown.is_empty()) else { return };
        self.uses += 1;
        self.people.insert(person);
        if let Some(law) = one.law {
            self.by_law.entry(law).or_default().insert(person);
        }
        for category in one.shown.iter() {
            self.by_category.entry(category).or_default().insert(person);
        }
        for clause in &one.clauses {
            *self.clauses.entry(clause.clone()).or_default() += 1;
        }
        self.purposes.insert(one.purpose);
        if let Some(name) = &one.recipient_name {
            self.recipients.insert((one.recipient, name.clone(), one.recipient_country));
        }
        self.read_from.insert(one.asker_country);
        let (first, last) = self.span.unwrap_or((one.at, one.at));
        self.span = Some((first.min(one.at), last.max(one.at)));
    }
}

/// What stands on the record when an incident was looked into.
pub(crate) const INCIDENT: &str = "incident looked into";

/// Counts the uses of an actor between two instants, for the officer who has the case.
///
/// That it was looked into is on the record.
///
/// Errors: as [`crate::uses`]; no clause allows it, or the case is not open.
pub async fn incident(
    app: &App,
    officer: &Actor,
    portfolio: PortfolioId,
    item: Option<WorkItemId>,
    (actor, from, to): (ActorId, Timestamp, Timestamp),
) -> Result<Incident, ServiceError> {
    let sought = Sought { from, to, actor: Some(actor), clause: None, subject: None };
    let mut incident = Incident::new(actor, portfolio, (from, to));
    let mut uses = crate::uses(app, officer, portfolio, item, sought)?;
    while let Some(part) = uses.next().await? {
        part.iter().for_each(|one| incident.add(one));
    }
    // A case was open, or nothing had been told.
    if let Some(case) = item {
        app.gate.record_case(officer, portfolio, (case, actor), INCIDENT, &[]).await?;
    }
    Ok(incident)
}
