//! Asking under a clause: the people, the actor and the conditions that an ask is given, each of which a neighbour
//! changes, and what the record says that it was answered.

use std::future::Future;
use std::pin::Pin;

use domain::{
    ActorId, Category, CategorySet, Condition, Purpose, Recipient, SubjectId, SubjectKind, Timestamp, Views,
    WorkItemId,
};
use gate::{Actor, Asking, Entry, EntryOutcome, Gate, GateError, Outside, Refused, Target, assignment};
use store::condition::ConditionRow;
use store::subject::SubjectRow;

use super::cases::Case;
use crate::site::{PORTFOLIO, TestSite, item};

/// The smallest group of the shipped notice.
pub(crate) const GROUP: usize = 10;
/// The organisation whose relation to the person counts: a sponsor, a provider, a programme, an app.
const PARTY: [u8; 16] = [0x70; 16];

/// Everything that there is to see, of which these categories are needed.
struct Wants<const NEEDED: u64>;

impl<const NEEDED: u64> Views for Wants<NEEDED> {
    const NEEDED: CategorySet = CategorySet::from_bits(NEEDED);
    const WANTED: CategorySet = {
        let mut all = CategorySet::EMPTY;
        let mut rest = Category::ALL;
        while let [first, tail @ ..] = rest {
            all = all.with(*first);
            rest = tail;
        }
        all
    };
    fn names() -> String {
        "Everything".to_owned()
    }
}

type Answer<'a> = Pin<Box<dyn Future<Output = Result<(), GateError>> + 'a>>;
/// Asks for everything about one person, or for sums over several.
pub(crate) type Ask = for<'a> fn(&'a Gate, &'a Asking<'a>, &'a [Target]) -> Answer<'a>;

pub(crate) fn ask<'a, const NEEDED: u64>(
    gate: &'a Gate,
    asking: &'a Asking<'a>,
    targets: &'a [Target],
) -> Answer<'a> {
    Box::pin(async move {
        match targets {
            [one] => gate.ask::<Wants<NEEDED>>(asking, *one).await.map(drop),
            group => gate.total::<Wants<NEEDED>>(asking, group).await.map(drop),
        }
    })
}

/// What an ask is given.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    pub(crate) kind: SubjectKind,
    pub(crate) purpose: Purpose,
    pub(crate) recipient: Recipient,
    /// Who hands it over, where the recipient does not read it itself.
    pub(crate) by: Option<Recipient>,
    /// The conditions that are live for each of the people.
    pub(crate) held: Vec<Condition>,
    /// Whether the ask names the work item, and the organisation.
    pub(crate) item: bool,
    pub(crate) party: bool,
    /// How many people it is about.
    pub(crate) people: usize,
}

impl Given {
    /// All that a clause asks for.
    pub(crate) fn of(case: &Case, kind: SubjectKind, purpose: Purpose, recipient: Recipient) -> Self {
        let people = if case.when.contains(&Condition::MinimumGroup) { GROUP } else { 1 };
        let held = case.when.to_vec();
        Self { kind, purpose, recipient, by: None, held, item: true, party: true, people }
    }

    pub(crate) fn without(&self, condition: Condition) -> Self {
        let mut changed = self.clone();
        changed.held.retain(|held| *held != condition);
        if condition == Condition::MinimumGroup {
            changed.people = GROUP - 1;
        }
        changed
    }
}

/// What the record says of an ask.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) refused: Option<Refused>,
    /// The last entry of each of the people.
    pub(crate) entries: Vec<Entry>,
}

/// Asks under what is given, about people of whom nothing else is known.
pub(crate) async fn answer(site: &TestSite, case: &Case, given: &Given) -> Answered {
    let gate = &site.app.gate;
    let people: Vec<SubjectId> = (0..given.people).map(|_| SubjectId::from_bytes(gate.random_id())).collect();
    let actor = actor(site, given, people[0]).await;
    let kind = given.kind;
    let subjects: Vec<SubjectRow> = people
        .iter()
        .map(|subject| SubjectRow { subject: *subject, portfolio: PORTFOLIO, kind, notice: 1, version: 1 })
        .collect();
    let held =
        given.held.iter().filter_map(|condition| object(*condition, &actor).map(|of| (*condition, of)));
    let conditions: Vec<ConditionRow> = held
        .flat_map(|(condition, object)| people.iter().map(move |subject| row(*subject, condition, object)))
        .collect();
    site.write(move |unit| {
        store::subject::insert_many(unit, &subjects)?;
        store::condition::set_many(unit, &conditions)
    })
    .await;
    let mut asking = Asking::new(&actor, PORTFOLIO, given.purpose, gate.request());
    asking.party = given.party.then_some(PARTY);
    asking.outside = given.by.map(|_| outside(given.recipient));
    let item = given.item.then_some(item(1));
    let targets: Vec<Target> = people.iter().map(|subject| Target { subject: *subject, item }).collect();
    let refused = match (case.ask)(gate, &asking, &targets).await {
        Ok(()) => None,
        Err(GateError::Refused(refused)) => Some(refused),
        Err(other) => panic!("{}: {given:?}: {other}", case.clause),
    };
    let mut entries = Vec::new();
    for subject in people {
        entries.push(last_entry(site, subject).await);
    }
    Answered { refused, entries }
}

/// Whoever asks: the person itself, a job, or somebody with a token.
async fn actor(site: &TestSite, given: &Given, person: SubjectId) -> Actor {
    let asker = given.by.unwrap_or(given.recipient);
    if let Ok(job) = site.app.gate.job(asker) {
        return job;
    }
    let id = match given.held.contains(&Condition::OwnData) {
        true => *person.bytes(),
        false => site.app.gate.random_id(),
    };
    site.actor_with(ActorId::from_bytes(id), asker, PORTFOLIO).await
}

/// Someone outside, to whom data is handed over.
fn outside(recipient: Recipient) -> Outside {
    Outside { recipient, name: "Somebody".to_owned(), country: "BE".parse().unwrap() }
}

/// What a condition is about, when the store knows of it.
fn object(condition: Condition, actor: &Actor) -> Option<[u8; 16]> {
    let served: WorkItemId = item(1);
    match condition {
        Condition::OwnData | Condition::MinimumGroup => None,
        Condition::ConsentHealth | Condition::ConsentMarketing | Condition::ConsentResearch => {
            Some(*PORTFOLIO.bytes())
        }
        Condition::WorkItem => Some(assignment(served, actor.id())),
        Condition::OrderReviewed
        | Condition::OrderAgreement
        | Condition::DisputeReasoned
        | Condition::DutyCited => Some(*served.bytes()),
        _ => Some(PARTY),
    }
}

fn row(subject: SubjectId, condition: Condition, object: [u8; 16]) -> ConditionRow {
    ConditionRow { subject, condition, object, since: Timestamp::from_micros(0), until: None }
}

async fn last_entry(site: &TestSite, subject: SubjectId) -> Entry {
    let read = site.app.store().read(move |unit| store::log::pending_of(unit, subject)).await;
    let entries = read.map_err(|error: store::StoreError| error).unwrap();
    Entry::from_bytes(&entries.last().expect("every ask is on the record").body).expect("an entry")
}

impl Answered {
    /// Every entry says that it was granted, and exactly this was shown under this clause.
    pub(crate) fn shows(&self, case: &Case) -> bool {
        self.refused.is_none()
            && self.entries.iter().all(|entry| {
                entry.outcome == EntryOutcome::Granted
                    && entry.shown == case.data
                    && entry.clauses.iter().any(|id| id == case.clause)
            })
    }
}
