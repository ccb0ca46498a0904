//! What the data protection officer reads in the record of uses: who of the staff used what, and counts of it. Each part is
//! on the record itself before it is read, in the service of a case that somebody else opened. Whom data was about is a
//! code here, never an id.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use domain::{ActorId, CategorySet, Condition, PortfolioId, Recipient, SubjectId, Timestamp, WorkItemId};
use gate::{Actor, EntryOutcome, Sought, Use, Uses, assignment, portfolio_chain};
use store::StoreError;
use store::condition::ConditionRow;

use crate::{App, ServiceError};

/// The longest that a case is open without being opened anew.
pub const CASE_DAYS: u16 = 90;
/// The most people whose own lists a case opens.
const CASE_PEOPLE: usize = 100;

/// A case to open.
#[derive(Debug, Clone)]
pub struct NewCase {
    /// In which portfolio.
    pub portfolio: PortfolioId,
    /// Whose task it is: an actor who asks as the data protection officer.
    pub officer: ActorId,
    /// The people whose own uses may be read in it, beside those by the staff.
    pub people: Vec<SubjectId>,
    /// How many days it is open, at most [`CASE_DAYS`].
    pub days: u16,
}

/// Opens a case about the uses of a portfolio's data, as a task of the officer. That it is opened is on the record first:
/// in the portfolio's chain, and in that of each of these people.
///
/// Errors: the officer is none, or works elsewhere, or is who opens it; somebody is not there; the actor does not keep the
/// registers.
pub async fn open_case(app: &App, keeper: &Actor, new: &NewCase) -> Result<WorkItemId, ServiceError> {
    let people: BTreeSet<SubjectId> = new.people.iter().copied().collect();
    if new.days == 0 || new.days > CASE_DAYS || people.len() > CASE_PEOPLE {
        return Err(ServiceError::Case(
            "it is open for 1 to 90 days, and opens the lists of at most 100 people",
        ));
    }
    if keeper.id() == new.officer {
        return Err(ServiceError::Case("somebody else opens it than whose task it is"));
    }
    let (portfolio, officer, now) = (new.portfolio, new.officer, app.gate.now());
    let row = app.store().read(move |unit| store::reference::actor(unit, officer)).await?;
    let is_officer = row.is_some_and(|row| {
        row.recipient == Recipient::DataProtectionOfficer && row.portfolio == portfolio && row.works(now)
    });
    if !is_officer {
        return Err(ServiceError::Case(
            "it is a task of the portfolio's data protection officer, whose record stands",
        ));
    }
    let people: Vec<SubjectId> = people.into_iter().collect();
    let item = WorkItemId::from_bytes(app.gate.random_id());
    let words = format!("case opened for {} days", new.days);
    app.gate.record_case(keeper, portfolio, (item, officer), &words, &people).await?;
    let until = now.plus_seconds(i64::from(new.days) * 86_400);
    let open = |subject| ConditionRow {
        subject,
        condition: Condition::WorkItem,
        object: assignment(item, officer),
        since: now,
        until: Some(until),
    };
    let rows: Vec<ConditionRow> = people.into_iter().chain([portfolio_chain(portfolio)]).map(open).collect();
    let write = app.store().write(move |unit| store::condition::set_many(unit, &rows)).await;
    write.map_err(|error: StoreError| error)?;
    Ok(item)
}

/// Begins to read the uses of a portfolio's data, oldest first, in parts. Nothing is asked or read yet.
///
/// Errors: the time ends before it begins.
pub fn uses<'a>(
    app: &App,
    actor: &'a Actor,
    portfolio: PortfolioId,
    item: Option<WorkItemId>,
    sought: Sought,
) -> Result<Uses<'a>, ServiceError> {
    // Up to now: the answer's own entries are not a part of it.
    let sought = Sought { to: sought.to.min(app.gate.now()), ..sought };
    if sought.to <= sought.from {
        return Err(ServiceError::Case("the time ends before it begins, or begins in the future"));
    }
    Ok(app.gate.uses(actor, portfolio, item, sought))
}

/// By what uses are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountBy {
    /// By who made them.
    Actor,
    /// By the clause that allowed them, or was nearest.
    Clause,
}

/// Counts of uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseCount {
    /// How many were granted.
    pub granted: u64,
    /// How many were refused.
    pub refused: u64,
    /// How many questions were put to the index, and registers changed.
    pub other: u64,
    /// About how many people something was shown.
    pub people: HashSet<u64>,
    /// What was shown.
    pub shown: CategorySet,
    /// The first time.
    pub first: Timestamp,
    /// The last time.
    pub last: Timestamp,
}

impl UseCount {
    fn of(one: &Use) -> Self {
        let (people, shown) = (HashSet::new(), CategorySet::EMPTY);
        Self { granted: 0, refused: 0, other: 0, people, shown, first: one.at, last: one.at }
    }

    pub(crate) fn add(&mut self, one: &Use) {
        match one.outcome {
            EntryOutcome::Granted => self.granted += 1,
            EntryOutcome::Refused => self.refused += 1,
            EntryOutcome::Searched | EntryOutcome::Changed => self.other += 1,
        }
        if !one.shown.is_empty() {
            self.people.extend(one.person);
        }
        self.shown = self.shown.union(one.shown);
        self.first = self.first.min(one.at);
        self.last = self.last.max(one.at);
    }
}

/// Counts uses. What is kept is a line for each actor or clause, and a code of eight bytes for each person in it.
pub async fn count_uses(mut uses: Uses<'_>, by: CountBy) -> Result<BTreeMap<String, UseCount>, ServiceError> {
    let mut counts: BTreeMap<String, UseCount> = BTreeMap::new();
    while let Some(part) = uses.next().await? {
        for one in &part {
            let keys = match by {
                CountBy::Actor => vec![one.actor.to_string()],
                CountBy::Clause if one.clauses.is_empty() => vec!["none".to_owned()],
                CountBy::Clause => one.clauses.clone(),
            };
            for key in keys {
                counts.entry(key).or_insert_with(|| UseCount::of(one)).add(one);
            }
        }
    }
    Ok(counts)
}
