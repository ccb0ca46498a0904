//! Whom an incident concerns, and how to reach them, so that they can be told (GDPR article 34). The officer who has the case
//! asks about each of them under a clause of its own, and each finds that in their list. Nobody is told anything by this, and
//! whether they must be, people judge.

use std::collections::BTreeMap;

use domain::{ActorId, Category, CategorySet, PortfolioId, Purpose, SubjectId, Timestamp, WorkItemId};
use gate::{Actor, Asking, Sought, Target, Use};
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
    /// Until when the law keeps one of these uses from them: before then they are not told of it.
    pub deferred: Option<Timestamp>,
}

/// Somebody whom an incident concerns.
pub struct Concerned {
    /// Who.
    pub subject: SubjectId,
    /// What of theirs was shown.
    pub shown: ShownOf,
    /// Who they are and how to reach them; none of whom the officer may not look up, whose record was erased, or who has none
    /// of this kind.
    pub person: Option<PersonConcerned>,
}

/// Looks up those about whom an actor's uses between two instants showed something, for the officer who has the case, and
/// hands them to `tell` in parts, in order of their ids. Each is on the record first. Answers how many there were.
///
/// Errors: as [`crate::incident`]; no clause lets the officer look anybody up.
pub async fn people_concerned(
    app: &App,
    officer: &Actor,
    portfolio: PortfolioId,
    case: WorkItemId,
    (actor, from, to): (ActorId, Timestamp, Timestamp),
    mut tell: impl FnMut(Vec<Concerned>),
) -> Result<u64, ServiceError> {
    let sought = Sought { from, to, actor: Some(actor), clause: None, subject: None };
    let mut uses = crate::uses(app, officer, portfolio, Some(case), sought)?;
    let mut people: BTreeMap<SubjectId, ShownOf> = BTreeMap::new();
    while let Some(part) = uses.next_about().await? {
        for (subject, one) in part {
            if let Some(subject) = subject.filter(|_| !one.shown.is_empty()) {
                people
                    .entry(subject)
                    .and_modify(|shown| shown.add(&one))
                    .or_insert_with(|| ShownOf::by(&one));
            }
        }
    }
    app.gate.record_case(officer, portfolio, (case, actor), LOOKED_UP, &[]).await?;
    let people: Vec<(SubjectId, ShownOf)> = people.into_iter().collect();
    for part in people.chunks(PART) {
        tell(look_up(app, officer, portfolio, part).await?);
    }
    Ok(people.len() as u64)
}

impl ShownOf {
    fn by(one: &Use) -> Self {
        Self { categories: one.shown, uses: 1, first: one.at, last: one.at, deferred: one.deferred }
    }

    fn add(&mut self, one: &Use) {
        self.categories = self.categories.union(one.shown);
        self.uses += 1;
        (self.first, self.last) = (self.first.min(one.at), self.last.max(one.at));
        self.deferred = self.deferred.max(one.deferred);
    }

    /// What was shown, category by category.
    pub fn words(&self) -> impl Iterator<Item = &'static str> {
        self.categories.iter().map(Category::word)
    }
}

/// Asks about each of a part, as a task of the officer's that lasts no longer than that.
async fn look_up(
    app: &App,
    officer: &Actor,
    portfolio: PortfolioId,
    part: &[(SubjectId, ShownOf)],
) -> Result<Vec<Concerned>, ServiceError> {
    let all: Vec<SubjectId> = part.iter().map(|(subject, _)| *subject).collect();
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
    let mut found = found?;
    let concerned = |(subject, shown): &(SubjectId, ShownOf)| Concerned {
        subject: *subject,
        shown: *shown,
        person: found.remove(subject),
    };
    Ok(part.iter().map(concerned).collect())
}

async fn ask(
    app: &App,
    officer: &Actor,
    portfolio: PortfolioId,
    task: WorkItemId,
    people: &[SubjectId],
) -> Result<BTreeMap<SubjectId, PersonConcerned>, ServiceError> {
    let asking = Asking::new(officer, portfolio, Purpose::BreachNotification, app.gate.request());
    let targets = people.iter().map(|subject| Target::for_item(*subject, task)).collect();
    let mut found = BTreeMap::new();
    let Some(asked) = app.gate.run::<PersonConcerned>(asking, targets, PART).await?.next().await? else {
        return Ok(found);
    };
    let granted: Vec<SubjectId> = asked.grant.subjects().collect();
    for sealed in app.gate.fetch_many::<PersonConcerned>(&granted).await? {
        found.insert(sealed.subject(), asked.grant.open(&sealed)?);
    }
    Ok(found)
}
