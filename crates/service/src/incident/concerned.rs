//! Whom an incident concerns, and how to reach them, so that they can be told (GDPR article 34). The officer who has the case
//! asks about each of them under a clause of its own, and each finds that in their list; so nobody is asked about of whom the law
//! keeps every one of these uses still. Nobody is told anything by this, and whether they must be, people judge.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    ActorId, Category, CategorySet, MatterId, PortfolioId, Purpose, SubjectId, Timestamp, WorkItemId,
};
use gate::{Actor, Asking, GateError, Refused, Sought, Target, Use};
use store::condition::ConditionRow;
use store::{StoreError, Unit};

use crate::adjudicate::LEASE_SECONDS;
use crate::views::PersonConcerned;
use crate::{App, ServiceError, work_item};

/// People who are looked up at a time.
const PART: usize = 256;

/// What stands on the record when those concerned are looked up.
const LOOKED_UP: &str = "people concerned by an incident looked up";

/// What was shown of somebody in the time of an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShownOf {
    /// What.
    pub categories: CategorySet,
    /// In how many uses.
    pub uses: u64,
    /// When first.
    pub first: Timestamp,
    /// When last.
    pub last: Timestamp,
    /// Until when the law keeps one of these uses from them, as it is declared now: before then they are not told of it.
    pub deferred: Option<Timestamp>,
}

/// Somebody whom an incident concerns.
pub struct Concerned {
    /// Who.
    pub subject: SubjectId,
    /// What of theirs was shown.
    pub shown: ShownOf,
    /// Who they are and how to reach them; none of whom every use is kept from for now, whose record was erased or does not
    /// open, or who has none of this kind.
    pub person: Option<PersonConcerned>,
}

/// How many there were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PeopleConcerned {
    /// Those who were told of.
    pub told: u64,
    /// Those about whom the officer is told nothing, not even an id: their own and their relatives' files, and those whom no
    /// clause lets them look up.
    pub refused: u64,
}

/// What was shown of somebody, and by which uses of those that were kept from them when they were made: under which matter, and
/// until when.
struct Seen {
    shown: ShownOf,
    kept: Vec<(Option<WorkItemId>, Timestamp)>,
}

/// Looks up those about whom an actor's uses between two instants showed something, for the officer who has the case, and
/// hands them to `tell` in parts, in order of their ids. Each who is looked up is on the record first.
///
/// Errors: as [`crate::incident`]; no clause lets the officer look anybody up.
pub async fn people_concerned(
    app: &App,
    officer: &Actor,
    portfolio: PortfolioId,
    case: WorkItemId,
    (actor, from, to): (ActorId, Timestamp, Timestamp),
    mut tell: impl FnMut(Vec<Concerned>),
) -> Result<PeopleConcerned, ServiceError> {
    let sought = Sought { from, to, actor: Some(actor), clause: None, subject: None };
    let mut uses = crate::uses(app, officer, portfolio, Some(case), sought)?;
    let mut seen: BTreeMap<SubjectId, Seen> = BTreeMap::new();
    while let Some(part) = uses.next_about().await? {
        for (subject, one) in part {
            let Some(subject) = subject.filter(|_| !one.shown.is_empty()) else { continue };
            let known = seen.entry(subject).or_insert_with(|| Seen::from(one.at));
            known.shown.add(&one);
            known.kept.extend(one.deferred.map(|until| (one.item, until)));
        }
    }
    app.gate.record_case(officer, portfolio, (case, actor), LOOKED_UP, &[]).await?;
    let mut people = still_kept(app, portfolio, seen).await?;
    let others: BTreeSet<SubjectId> = {
        let all: Vec<SubjectId> = people.iter().map(|one| one.subject).collect();
        app.gate.not_handled(officer, &all).await?.into_iter().collect()
    };
    let all = people.len();
    people.retain(|one| !others.contains(&one.subject));
    let mut counted = PeopleConcerned { told: 0, refused: (all - people.len()) as u64 };
    let mut first_refusal = None;
    for part in people.chunks(PART) {
        let (told, refused) = look_up(app, officer, portfolio, part).await?;
        counted.refused += refused.len() as u64;
        first_refusal = first_refusal.or_else(|| refused.into_iter().next());
        counted.told += told.len() as u64;
        if !told.is_empty() {
            tell(told);
        }
    }
    match first_refusal.filter(|_| counted.told == 0) {
        Some(refused) => Err(GateError::Refused(refused).into()),
        None => Ok(counted),
    }
}

/// One of those concerned, before anybody is asked about.
#[derive(Clone, Copy)]
struct ToLookUp {
    subject: SubjectId,
    shown: ShownOf,
    /// Every use is kept from them still: to be looked up would tell them.
    is_kept: bool,
}

/// Which uses are still kept from whom, by the newest declaration about each matter.
async fn still_kept(
    app: &App,
    portfolio: PortfolioId,
    seen: BTreeMap<SubjectId, Seen>,
) -> Result<Vec<ToLookUp>, ServiceError> {
    let kept = seen.values().flat_map(|one| &one.kept).filter_map(|(item, _)| *item);
    let items: BTreeSet<WorkItemId> = kept.collect();
    let newest = move |unit: &mut Unit<'_>| {
        let of = |item: WorkItemId| {
            let matter = MatterId::from_bytes(*item.bytes());
            let declared = store::deferral::newest(unit, portfolio, matter)?;
            Ok(declared.map(|row| (item, row.until)))
        };
        items.iter().copied().map(of).filter_map(Result::transpose).collect()
    };
    let newest: BTreeMap<WorkItemId, Timestamp> =
        app.store().read(newest).await.map_err(|error: StoreError| error)?;
    let now = app.gate.now();
    let to_look_up = |(subject, Seen { mut shown, kept }): (SubjectId, Seen)| {
        let until = |(item, written): (Option<WorkItemId>, Timestamp)| {
            item.and_then(|item| newest.get(&item).copied()).unwrap_or(written)
        };
        let still: Vec<Timestamp> = kept.into_iter().map(until).filter(|until| now < *until).collect();
        shown.deferred = still.iter().copied().max();
        ToLookUp { subject, shown, is_kept: still.len() as u64 == shown.uses }
    };
    Ok(seen.into_iter().map(to_look_up).collect())
}

impl Seen {
    /// Nothing so far, from an instant on.
    fn from(first: Timestamp) -> Self {
        let shown = ShownOf { categories: CategorySet::EMPTY, uses: 0, first, last: first, deferred: None };
        Self { shown, kept: Vec::new() }
    }
}

impl ShownOf {
    fn add(&mut self, one: &Use) {
        self.categories = self.categories.union(one.shown);
        self.uses += 1;
        (self.first, self.last) = (self.first.min(one.at), self.last.max(one.at));
    }

    /// What was shown, category by category.
    pub fn words(&self) -> impl Iterator<Item = &'static str> {
        self.categories.iter().map(Category::word)
    }
}

/// Asks about each of a part of whom something may be told, as a task of the officer's that lasts no longer than that. Answers
/// those who are told of, and the refusals about others.
async fn look_up(
    app: &App,
    officer: &Actor,
    portfolio: PortfolioId,
    part: &[ToLookUp],
) -> Result<(Vec<Concerned>, Vec<Refused>), ServiceError> {
    let all: Vec<SubjectId> = part.iter().filter(|one| !one.is_kept).map(|one| one.subject).collect();
    let rows = app.store().read(move |unit| store::many::subjects(unit, &all)).await;
    let rows = rows.map_err(|error: StoreError| error)?;
    let there: Vec<SubjectId> =
        rows.iter().filter(|row| row.portfolio == portfolio).map(|row| row.subject).collect();
    // Not the case itself: that may be open about one of them for longer, for their list.
    let task = WorkItemId::from_bytes(app.gate.random_id());
    let since = app.gate.now();
    let until = Some(since.plus_seconds(LEASE_SECONDS));
    let open = |subject| ConditionRow { until, ..work_item::open(subject, task, officer.id(), since) };
    let opened: Vec<ConditionRow> = there.iter().copied().map(open).collect();
    let open = app.store().write(move |unit| store::condition::set_many(unit, &opened)).await;
    open.map_err(|error: StoreError| error)?;
    let found = ask(app, officer, portfolio, task, &there).await;
    let (by, at) = (officer.id(), app.gate.now());
    let end = move |unit: &mut Unit<'_>| {
        there.iter().try_for_each(|subject| work_item::end(unit, *subject, task, by, at))
    };
    app.store().write(end).await.map_err(|error: StoreError| error)?;
    let (mut found, refused) = found?;
    let is_told = |one: &&ToLookUp| !refused.contains_key(&one.subject);
    let concerned = |one: &ToLookUp| Concerned {
        subject: one.subject,
        shown: one.shown,
        person: found.remove(&one.subject),
    };
    let told = part.iter().filter(is_told).map(concerned).collect();
    Ok((told, refused.into_values().collect()))
}

/// Those who were found, and those about whom no clause lets the officer ask.
type Asked = (BTreeMap<SubjectId, PersonConcerned>, BTreeMap<SubjectId, Refused>);

async fn ask(
    app: &App,
    officer: &Actor,
    portfolio: PortfolioId,
    task: WorkItemId,
    people: &[SubjectId],
) -> Result<Asked, ServiceError> {
    let asking = Asking::new(officer, portfolio, Purpose::BreachNotification, app.gate.request());
    let targets = people.iter().map(|subject| Target::for_item(*subject, task)).collect();
    let mut found = BTreeMap::new();
    let Some(asked) = app.gate.run::<PersonConcerned>(asking, targets, PART).await?.next().await? else {
        return Ok((found, BTreeMap::new()));
    };
    let granted: Vec<SubjectId> = asked.grant.subjects().collect();
    for sealed in app.gate.fetch_many::<PersonConcerned>(&granted).await? {
        let subject = sealed.subject();
        match asked.grant.open(&sealed) {
            Ok(person) => drop(found.insert(subject, person)),
            Err(GateError::Expired) => return Err(GateError::Expired.into()),
            // One record that does not open keeps nobody else from being told.
            Err(error) => tracing::warn!(%subject, %error, "somebody whom an incident concerns is not named"),
        }
    }
    let refused = asked.refused.into_iter().map(|(target, refused)| (target.subject, refused));
    Ok((found, refused.collect()))
}
