//! Asking under a clause: the people, the actor and the conditions that an ask is given, each of which a neighbour
//! changes, and what the record says that it was answered.

use std::future::Future;
use std::pin::Pin;

use domain::{
    Category, CategorySet, Condition, GoverningLaw, Purpose, Recipient, RecipientId, SubjectId, SubjectKind,
    Timestamp, TransferSafeguard, Views, WorkItemId,
};
use gate::{
    Actor, Asking, Entry, EntryOutcome, Gate, GateError, LookupKind, Refused, Target, Term, assignment,
    filed_for,
};
use service::{AGREEMENTS, Agreement, NewRecipient};
use store::condition::ConditionRow;
use store::subject::SubjectRow;

use super::cases::Case;
use crate::site::{PORTFOLIO, TestSite, day, item, member_draft};

/// The smallest group of the shipped notice.
pub(crate) const GROUP: usize = 10;
/// Whose relation to the person counts where no organisation gets the data: a programme that staff run.
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

/// Who somebody is: what a search by their own details shows at most.
struct Who;

impl Views for Who {
    const NEEDED: CategorySet = CategorySet::of(&[Category::Identity]);
    const WANTED: CategorySet = CategorySet::of(&[Category::Identity, Category::MemberId, Category::Plan]);
    fn names() -> String {
        "Who".to_owned()
    }
}

/// Puts somebody into the index, and searches by all that is known of them: who was found, refused or granted.
async fn search(site: &TestSite, asking: &Asking<'_>, subject: SubjectId) -> Result<(), GateError> {
    let gate = &site.app.gate;
    let mut person = member_draft("Ada", true).person;
    let number: String = subject.bytes().iter().map(|byte| char::from(b'A' + byte % 26)).collect();
    person.member_number = domain::MemberNumber::parse(&number).unwrap();
    let policy = domain::PolicyNumber::parse("P-1").unwrap();
    let rows = [gate.lookup_rows(subject, &person), gate.policy_rows(subject, &policy)].concat();
    site.write(move |unit| store::lookup::insert_many(unit, &rows)).await;
    let account = person.account.as_ref().unwrap().reveal();
    let terms = [
        Term::new(LookupKind::MemberNumber, &number),
        Term::new(LookupKind::PolicyNumber, policy.reveal()),
        Term::new(LookupKind::Iban, account),
    ];
    gate.search::<Who>(asking, &terms, None).await.map(drop)
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
    /// What governs their cover.
    pub(crate) law: GoverningLaw,
    pub(crate) purpose: Purpose,
    pub(crate) recipient: Recipient,
    /// Who hands it over, where the recipient does not read it itself.
    pub(crate) by: Option<Recipient>,
    /// The conditions that are live for each of the people.
    pub(crate) held: Vec<Condition>,
    /// Whether the ask names the work item, and the programme.
    pub(crate) item: bool,
    pub(crate) party: bool,
    /// Where the organisation that gets it is, or whoever reads it; and the safeguard agreed with it.
    pub(crate) country: &'static str,
    pub(crate) safeguard: Option<TransferSafeguard>,
    /// How many people it is about.
    pub(crate) people: usize,
}

impl Given {
    /// All that a clause asks for.
    pub(crate) fn of(case: &Case, kind: SubjectKind, purpose: Purpose, recipient: Recipient) -> Self {
        let people = if case.when.contains(&Condition::MinimumGroup) { GROUP } else { 1 };
        let held = case.when.to_vec();
        let (item, party, country, safeguard) = (true, true, "BE", None);
        let law = GoverningLaw::Belgium;
        Self { kind, law, purpose, recipient, by: None, held, item, party, country, safeguard, people }
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
    let cast = cast(site, given, people[0]).await;
    let (kind, law) = (given.kind, given.law);
    let subjects: Vec<SubjectRow> = people
        .iter()
        .map(|subject| SubjectRow {
            subject: *subject,
            portfolio: PORTFOLIO,
            kind,
            law,
            notice: 1,
            version: 1,
            taken_up: domain::Timestamp::from_micros(0),
        })
        .collect();
    let held = given.held.iter().filter_map(|condition| object(*condition, &cast).map(|of| (*condition, of)));
    let conditions: Vec<ConditionRow> = held
        .flat_map(|(condition, object)| people.iter().map(move |subject| row(*subject, condition, object)))
        .collect();
    site.write(move |unit| {
        store::subject::insert_many(unit, &subjects)?;
        store::condition::set_many(unit, &conditions)
    })
    .await;
    let mut asking = Asking::new(&cast.actor, PORTFOLIO, given.purpose, gate.request());
    asking.party = given.party.then_some(PARTY);
    asking.to = cast.to;
    let item = given.item.then_some(item(1));
    let targets: Vec<Target> = people.iter().map(|subject| Target { subject: *subject, item }).collect();
    let by_details = given.held.contains(&Condition::OwnDetails);
    let asked = match by_details {
        true => search(site, &asking, people[0]).await,
        false => (case.ask)(gate, &asking, &targets).await,
    };
    let refused = match asked {
        Ok(()) => None,
        Err(GateError::Refused(refused)) => Some(refused),
        Err(other) => panic!("{}: {given:?}: {other}", case.clause),
    };
    let mut entries = Vec::new();
    for subject in people {
        // Nobody is looked for in the index where no clause would show them.
        let is_asked_of_nobody = by_details && refused.is_some();
        let chain = if is_asked_of_nobody { gate::portfolio_chain(PORTFOLIO) } else { subject };
        entries.push(last_entry(site, chain).await);
    }
    Answered { refused, entries }
}

/// Who asks, to whom it goes, and whose relation to the person counts.
struct Cast {
    actor: Actor,
    to: Option<RecipientId>,
    party: [u8; 16],
    /// The organisation that gets it, handed over or by itself.
    organisation: Option<RecipientId>,
}

/// The person itself, a job, staff, somebody of an organisation, or staff who hand it to one.
async fn cast(site: &TestSite, given: &Given, person: SubjectId) -> Cast {
    let own = given.held.contains(&Condition::OwnData);
    if !given.recipient.is_organisation() {
        let actor = match site.app.gate.job(given.recipient) {
            Ok(job) => job,
            Err(_) if own => site.actor_with_id(*person.bytes(), given.recipient).await,
            Err(_) => site.actor_in(given.country, given.recipient).await,
        };
        let represents = given.recipient == Recipient::Representative;
        let party = if represents { *actor.id().bytes() } else { PARTY };
        return Cast { actor, to: None, party, organisation: None };
    }
    let acts_for = match given.recipient {
        Recipient::SponsorAgent => Some(enter(site, given, Recipient::PlanSponsor, None).await),
        _ => None,
    };
    let organisation = enter(site, given, given.recipient, acts_for).await;
    let party = *acts_for.unwrap_or(organisation).bytes();
    let (actor, to) = match given.by {
        None => (site.actor_of(organisation, given.recipient).await, None),
        Some(by) => {
            let job = site.app.gate.job(by);
            let actor = if let Ok(job) = job { job } else { site.actor(by, PORTFOLIO).await };
            (actor, Some(organisation))
        }
    };
    Cast { actor, to, party, organisation: Some(organisation) }
}

/// An organisation of its own in the register, with what is given of its agreements.
async fn enter(
    site: &TestSite,
    given: &Given,
    kind: Recipient,
    acts_for: Option<RecipientId>,
) -> RecipientId {
    let agreement =
        |condition, safeguard| Agreement { condition, safeguard, first: day("2026-01-01"), last: None };
    let agreed = given.held.iter().filter(|condition| AGREEMENTS.contains(**condition));
    let mut agreed: Vec<Agreement> = agreed.map(|condition| agreement(*condition, None)).collect();
    agreed.extend(given.safeguard.map(|_| agreement(Condition::Safeguard, given.safeguard)));
    // In letters alone: the digits of an id may look like those of a payment card.
    let letter = |byte: &u8| [byte >> 4, byte & 15].map(|half| char::from(b'a' + half));
    let id = site.app.gate.random_id();
    let name: String = "Organisation ".chars().chain(id.iter().flat_map(letter)).collect();
    let new =
        NewRecipient { country: given.country.parse().unwrap(), acts_for, ..site.organisation(kind, &name) };
    site.enter_as(&new, &agreed).await.unwrap()
}

/// What a condition is about, when it is one of the person.
fn object(condition: Condition, cast: &Cast) -> Option<[u8; 16]> {
    let served: WorkItemId = item(1);
    match condition {
        Condition::OwnData | Condition::MinimumGroup | Condition::OwnDetails => None,
        agreed if AGREEMENTS.contains(agreed) => None,
        Condition::ConsentHealth | Condition::ConsentMarketing | Condition::ConsentResearch => {
            Some(*PORTFOLIO.bytes())
        }
        Condition::WorkItem | Condition::EmergencyReasoned => Some(assignment(served, cast.actor.id())),
        Condition::OrderReviewed
        | Condition::OrderAgreement
        | Condition::DisputeReasoned
        | Condition::DutyCited => {
            Some(cast.organisation.map_or(*served.bytes(), |one| filed_for(served, one)))
        }
        _ => Some(cast.party),
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
