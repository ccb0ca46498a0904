//! One ask, by the places of the model's lists, and what a judge says of it. Neither asks nor judges.

use std::collections::BTreeSet;

use domain::{
    CategorySet, Condition, PortfolioId, Purpose, RecipientId, SubjectId, TransferSafeguard, WorkItemId,
};
use gate::{Bar, EntryOutcome, LookupKind};

use super::model::World;

/// Who asks what, about whom.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    /// The place of who asks.
    pub(crate) asker: usize,
    pub(crate) portfolio: PortfolioId,
    pub(crate) purpose: Purpose,
    pub(crate) to: Option<To>,
    pub(crate) party: Option<[u8; 16]>,
    pub(crate) item: Option<WorkItemId>,
    /// Categories that would be sealed anew.
    pub(crate) writes: CategorySet,
    /// Whether the clauses of the travel supplement are to decide.
    pub(crate) travel: bool,
    /// The place of the view.
    pub(crate) view: usize,
    pub(crate) about: About,
}

/// To whom it is to be handed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum To {
    /// To an organisation, by its place.
    Organisation(usize),
    /// To one that is in no register.
    Nobody(RecipientId),
}

/// About whom it is asked, and how.
#[derive(Debug, Clone)]
pub(crate) enum About {
    /// One person, or nobody.
    One(SubjectId),
    /// Sums over these.
    Group(Vec<SubjectId>),
    /// All whom these terms lead to.
    Sought(Vec<(LookupKind, String)>),
}

/// What is said of an ask: told to who asks, and on the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) told: Told,
    /// What stands on the record of it, and no more.
    pub(crate) lines: Vec<Line>,
}

/// What the asker is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    /// That nobody knows them.
    NotKnown,
    /// That nothing opens, and what bars it, where they may know.
    Refused(Option<Bar>),
    /// These people open.
    Granted(BTreeSet<SubjectId>),
}

/// One line of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// In whose list it stands.
    pub(crate) chain: SubjectId,
    pub(crate) outcome: Outcome,
    pub(crate) bar: Option<Bar>,
    pub(crate) shown: CategorySet,
    pub(crate) withheld: CategorySet,
    pub(crate) item: Option<WorkItemId>,
    pub(crate) to: Option<RecipientId>,
    pub(crate) transfer: Option<BTreeSet<TransferSafeguard>>,
    /// The version of the notice that decided.
    pub(crate) version: String,
    /// The clauses under which it may have been shown; each that is named shows something of it.
    pub(crate) clauses: BTreeSet<String>,
    /// Conditions of clauses that showed something, and those that were all that another lacked.
    pub(crate) weighed: Vec<(Condition, bool)>,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    Granted,
    Refused,
    Searched,
}

impl Outcome {
    /// As an entry says it; a change of a register is no answer to an ask.
    pub(crate) fn of(entry: EntryOutcome) -> Option<Self> {
        match entry {
            EntryOutcome::Granted => Some(Self::Granted),
            EntryOutcome::Refused => Some(Self::Refused),
            EntryOutcome::Searched => Some(Self::Searched),
            EntryOutcome::Changed => None,
        }
    }
}

impl Line {
    /// A line of a refusal, of which nothing more is to be said.
    pub(crate) fn refused(chain: SubjectId, bar: Option<Bar>, withheld: CategorySet) -> Self {
        Self {
            chain,
            outcome: Outcome::Refused,
            bar,
            shown: CategorySet::EMPTY,
            withheld,
            item: None,
            to: None,
            transfer: None,
            version: String::new(),
            clauses: BTreeSet::new(),
            weighed: Vec::new(),
        }
    }
}

impl Ask {
    /// An ask in words, for whoever looks why it was answered otherwise. The people of a test are made up.
    pub(crate) fn describe(&self, world: &World) -> String {
        let asker = &world.askers[self.asker];
        let about: Vec<String> = self.about.people().iter().map(|id| describe_person(world, *id)).collect();
        let sought = match &self.about {
            About::Sought(terms) => format!(" sought by {terms:?}"),
            _ => String::new(),
        };
        let to = match self.to {
            Some(To::Organisation(place)) => {
                let one = &world.organisations[place];
                format!(" for {} {} in {} with {:?}", one.kind, one.id, one.country, one.agreed)
            }
            Some(To::Nobody(id)) => format!(" for {id}, which is nobody"),
            None => String::new(),
        };
        format!(
            "{} (asker {}, of {:?}, in {}, team `{}`, organisation {:?}, own {:?}, sponsors {:?}, trained {:?}, ends {:?}) asks in {} for {}{to}, \
             item {:?}, party {:?}, writes {}, travel {}, view {}, at {}{sought}, about\n  {}",
            asker.kind,
            self.asker,
            asker.portfolio,
            asker.country,
            asker.team,
            asker.organisation,
            asker.own,
            asker.sponsors,
            asker.trained,
            asker.ends,
            self.portfolio,
            self.purpose,
            self.item,
            self.party,
            self.writes,
            self.travel,
            self.view,
            world.now,
            about.join("\n  "),
        )
    }
}

impl About {
    pub(crate) fn people(&self) -> Vec<SubjectId> {
        match self {
            Self::One(one) => vec![*one],
            Self::Group(group) => group.clone(),
            Self::Sought(_) => Vec::new(),
        }
    }
}

fn describe_person(world: &World, id: SubjectId) -> String {
    let Some((place, person)) = world.person(id) else { return format!("{id}, who is nobody") };
    let standing: Vec<_> =
        person.facts.iter().filter(|fact| world.stands(fact)).map(|fact| &fact.what).collect();
    format!(
        "{} {id} (person {place}, {}, of {}, version {}, family {:?}): {standing:?}",
        person.kind, person.law, person.portfolio, person.version, person.family
    )
}
