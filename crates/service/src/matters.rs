//! The register of legal matters: orders, disputes, duties, and the agreements that orders from abroad rest on. One
//! person registers a matter and another reviews it; then it is opened for named people as somebody's task, which gives
//! the conditions that clauses ask for, until its last day or until it is ended. A matter names no person, so nothing
//! here opens data or needs a grant. Each change is on the record before it is made; what may be registered and opened
//! stands in [`check`], and that the showing of what is asked under a matter is deferred in [`defer`].

mod check;
mod defer;

use std::collections::BTreeSet;

use domain::{
    ActorId, Condition, Country, Date, MatterId, MatterKind, PortfolioId, RecipientId, SubjectId, Timestamp,
    WorkItemId,
};
use gate::{Actor, Changed, MatterChange, filed_for, portfolio_chain, under_deferral};
use store::condition::ConditionRow;
use store::deferral::DeferralRow;
use store::matter::{MatterRow, MatterTask, Review};
use store::reference::ActorRow;
use store::{StoreError, Unit, condition, deferral, matter};

pub use self::defer::{NewDeferral, defer_matter, deferrals, end_deferral};
use crate::{App, ServiceError, work_item};

/// The most people that a matter is opened for at once.
pub const MATTER_PEOPLE: usize = 1_000;

/// A matter to register. None of its texts names a person: the register lies open.
#[derive(Debug, Clone)]
pub struct NewMatter {
    /// In whose register.
    pub portfolio: PortfolioId,
    /// What kind.
    pub kind: MatterKind,
    /// Its reference or name.
    pub reference: String,
    /// Who issued an order, or watches over a duty.
    pub issuer: Option<Issuer>,
    /// Whose order, law or agreement it is; of an issuer in the register, the register says it.
    pub country: Option<Country>,
    /// The law or agreement that is cited, with its article; empty for none.
    pub law: String,
    /// The agreement in the register that an order from abroad rests on.
    pub agreement: Option<MatterId>,
    /// Why data is needed; empty for none.
    pub reasons: String,
    /// The day on which it was made.
    pub made: Option<Date>,
    /// The first day on which it holds.
    pub first: Date,
    /// The last one; only an agreement may be open.
    pub last: Option<Date>,
}

/// A court or an authority.
#[derive(Debug, Clone)]
pub enum Issuer {
    /// One in the register of recipients, to which data may then be handed under the matter.
    Registered(RecipientId),
    /// One that is not there, by its name: nothing is handed to it.
    Named(String),
}

/// Registers a matter, which nobody has reviewed.
///
/// Errors: it lacks what its kind needs, or has more; it is there already; who issued it or the agreement that it rests
/// on is not in the register; the actor does not keep the register.
pub async fn register_matter(app: &App, actor: &Actor, new: &NewMatter) -> Result<MatterId, ServiceError> {
    check::facts(new)?;
    let (id, at, by) = (MatterId::from_bytes(app.gate.random_id()), app.gate.now(), actor.id());
    let new = new.clone();
    let portfolio = new.portfolio;
    let row = move |unit: &mut Unit<'_>| -> Result<MatterRow, ServiceError> {
        let row = unreviewed(unit, &new, (id, at, by))?;
        check::agreement(unit, &row)?;
        check::is_new(unit, &row)?;
        Ok(row)
    };
    let standing = app.store().read(row.clone()).await?;
    let words = format!("{} registered", of_matter(&standing));
    record(app, actor, portfolio, (id, words)).await?;
    let write = move |unit: &mut Unit<'_>| {
        let row = row(unit)?;
        Ok::<_, ServiceError>(matter::insert(unit, &row)?)
    };
    app.store().write(write).await?;
    Ok(id)
}

/// The row of a matter that somebody registers.
fn unreviewed(
    unit: &mut Unit<'_>,
    new: &NewMatter,
    (matter, registered, registrar): (MatterId, Timestamp, ActorId),
) -> Result<MatterRow, ServiceError> {
    let check::Origin { issuer, name, country } = check::origin(unit, new)?;
    Ok(MatterRow {
        matter,
        portfolio: new.portfolio,
        kind: new.kind,
        reference: new.reference.trim().to_owned(),
        issuer,
        issuer_name: name,
        country,
        law: new.law.trim().to_owned(),
        agreement: new.agreement,
        reasons: new.reasons.trim().to_owned(),
        made: new.made,
        first: new.first,
        last: new.last,
        registered,
        registrar,
        review: None,
        ended: None,
    })
}

/// Reviews a matter: somebody else than who registered it stands for it too, with a note. Whoever finds it wanting ends
/// it instead.
pub async fn review_matter(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    id: MatterId,
    note: &str,
) -> Result<(), ServiceError> {
    let note = note.trim().to_owned();
    check::text("note", &note, 2_000)?;
    let (at, by) = (app.gate.now(), actor.id());
    let reviewable = move |unit: &mut Unit<'_>| -> Result<MatterRow, ServiceError> {
        let row = matter::get(unit, portfolio, id)?.ok_or(NOT_THERE)?;
        check::may_review(&row, by)?;
        Ok(row)
    };
    let row = app.store().read(reviewable).await?;
    record(app, actor, portfolio, (id, format!("{} reviewed", of_matter(&row)))).await?;
    let write = move |unit: &mut Unit<'_>| {
        reviewable(unit)?;
        Ok::<_, ServiceError>(matter::review(unit, id, &Review { at, by, note: note.clone() })?)
    };
    app.store().write(write).await
}

/// Opens a matter for these people as a task of somebody of the staff, who from then on may ask for their data under
/// the clauses that the matter's condition opens, in its service: the matter is the work item. An order from outside the
/// European Economic Area opens nothing unless the agreement that it rests on is reviewed and in force.
///
/// Errors: the matter was not reviewed, was ended, or its last day is over; nobody, too many, or somebody who is not in
/// the portfolio; an assignee whom no clause lets use it; the actor does not keep the register.
pub async fn open_matter(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    id: MatterId,
    assignee: ActorId,
    people: &[SubjectId],
) -> Result<(), ServiceError> {
    let people: BTreeSet<SubjectId> = people.iter().copied().collect();
    if people.is_empty() || people.len() > MATTER_PEOPLE {
        return check::refuse(format!("name at least one person and at most {MATTER_PEOPLE}"));
    }
    let people: Vec<SubjectId> = people.into_iter().collect();
    let (_, notice) = app.gate.notice(portfolio)?;
    let (now, about) = (app.gate.now(), people.clone());
    let opening = move |unit: &mut Unit<'_>| -> Result<Opening, ServiceError> {
        let opening = Opening::of(unit, portfolio, id, assignee, now)?;
        check::may_have(&opening.assignee, opening.gives, &notice, now)?;
        for subject in &about {
            let row = store::subject::get(unit, *subject)?;
            let is_there = row.is_some_and(|row| row.portfolio == portfolio);
            if !is_there || *subject == portfolio_chain(portfolio) {
                return Err(ServiceError::NotFound("person in this portfolio"));
            }
        }
        Ok(opening)
    };
    let recorded = app.store().read(opening.clone()).await?;
    let deferred = recorded.deferral.as_ref().map(|row| row.until).filter(|until| now < *until);
    let change = MatterChange { matter: id, assignee: Some(assignee), change: recorded.words() };
    app.gate.record_matter(actor, portfolio, &change, (&people, deferred)).await?;
    let write = move |unit: &mut Unit<'_>| {
        // Whoever destroys what is kept of them does so before, or finds the matter.
        matter::one_at_a_time(unit, &people)?;
        let opening = opening(unit)?;
        // What was written into people's lists meanwhile would tell of what is deferred.
        if opening.deferral != recorded.deferral {
            return Err(StoreError::Changed.into());
        }
        let rows: Vec<ConditionRow> =
            people.iter().flat_map(|subject| opening.conditions(*subject)).collect();
        let task = |subject: &SubjectId| MatterTask { subject: *subject, matter: id, assignee, opened: now };
        condition::set_many(unit, &rows)?;
        matter::open(unit, &people.iter().map(task).collect::<Vec<_>>())?;
        Ok::<_, ServiceError>(())
    };
    app.store().write(write).await
}

/// A matter that may be opened now, and for whom of the staff.
struct Opening {
    row: MatterRow,
    gives: Condition,
    agreement: Option<MatterRow>,
    assignee: ActorRow,
    /// Whether the showing of what is asked under it is deferred, or was: the newest declaration.
    deferral: Option<DeferralRow>,
}

impl Opening {
    fn of(
        unit: &mut Unit<'_>,
        portfolio: PortfolioId,
        id: MatterId,
        assignee: ActorId,
        now: Timestamp,
    ) -> Result<Self, ServiceError> {
        let row = matter::get(unit, portfolio, id)?.ok_or(NOT_THERE)?;
        check::may_open(&row, now)?;
        let Some(gives) = row.kind.gives() else {
            return check::refuse("an agreement opens nothing by itself: open the order that rests on it");
        };
        let agreement = match (row.kind.needs_agreement(row.country), row.agreement) {
            (false, _) => None,
            (true, None) => {
                return check::refuse(
                    "an order from outside the European Economic Area opens nothing by itself (GDPR article 48): register it with the agreement that it rests on",
                );
            }
            (true, Some(agreement)) => Some(matter::get(unit, portfolio, agreement)?.ok_or(NOT_THERE)?),
        };
        if let Some(agreement) = &agreement {
            check::may_open(agreement, now)?;
        }
        let assignee = store::reference::actor(unit, assignee)?.filter(|row| row.portfolio == portfolio);
        let assignee = assignee.ok_or(ServiceError::NotFound("actor in this portfolio"))?;
        let declared = deferral::of_matter(unit, id)?;
        for row in &declared {
            check::is_another(unit, &assignee, row.officer)?;
        }
        Ok(Self { row, gives, agreement, assignee, deferral: declared.into_iter().next_back() })
    }

    /// What the record says, in the person's list too: whose task it is, and what it rests on.
    fn words(&self) -> String {
        let team = if self.assignee.team.is_empty() { "" } else { ", " };
        let rests_on = self.agreement.as_ref().map(|one| format!(", on the {}", of_matter(one)));
        format!(
            "{}{} opened for {} ({}{team}{})",
            of_matter(&self.row),
            rests_on.unwrap_or_default(),
            self.assignee.recipient,
            self.assignee.role,
            self.assignee.team,
        )
    }

    /// The rows by which a person's data opens to the assignee under the matter: the task, and what is filed with it,
    /// for the staff's own use and for handing it to whoever issued the matter. They hold while the matter does, and the
    /// agreement that it rests on.
    fn conditions(&self, subject: SubjectId) -> Vec<ConditionRow> {
        let (mut since, mut until) = self.row.window();
        if let Some(agreement) = &self.agreement {
            let (first, last) = agreement.window();
            since = since.max(first);
            until = until.into_iter().chain(last).min();
        }
        let item = filed_as(&self.row, self.deferral.is_some());
        let task = work_item::open(subject, item, self.assignee.actor, since);
        let filed = conditions_of(self.gives, self.agreement.is_some());
        let filed = filed.flat_map(|condition| {
            objects(&self.row, item).map(move |object| ConditionRow {
                subject,
                condition,
                object,
                since,
                until,
            })
        });
        std::iter::once(ConditionRow { until, ..task }).chain(filed).collect()
    }
}

/// The conditions that a matter gives while it is open.
fn conditions_of(gives: Condition, rests_on_agreement: bool) -> impl Iterator<Item = Condition> {
    std::iter::once(gives).chain(rests_on_agreement.then_some(Condition::OrderAgreement))
}

/// Under which work item the conditions of a matter are filed.
fn filed_as(row: &MatterRow, is_deferred: bool) -> WorkItemId {
    let item = WorkItemId::from(row.matter);
    if is_deferred { under_deferral(item) } else { item }
}

/// What is filed with a matter, and for whom: the staff, and who issued it.
fn objects(row: &MatterRow, item: WorkItemId) -> impl Iterator<Item = [u8; 16]> + use<> {
    std::iter::once(*item.bytes()).chain(row.issuer.map(|issuer| filed_for(item, issuer)))
}

/// Ends a matter, now, and with an agreement every order that rests on it. When this returns, no ask that relied on it
/// is granted any more, on any server.
///
/// Errors: there is no such matter in the portfolio, or it was ended already.
pub async fn end_matter(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    id: MatterId,
) -> Result<(), ServiceError> {
    let now = app.gate.now();
    let ending = move |unit: &mut Unit<'_>| -> Result<Vec<MatterRow>, ServiceError> {
        let all = matter::of_portfolio(unit, portfolio)?;
        if all.iter().all(|row| row.matter != id) {
            return Err(NOT_THERE);
        }
        let goes = |row: &MatterRow| row.matter == id || row.agreement == Some(id);
        Ok(all.into_iter().filter(goes).collect())
    };
    for row in app.store().read(ending).await?.iter().filter(|row| row.ended.is_none()) {
        record(app, actor, portfolio, (row.matter, format!("{} ended", of_matter(row)))).await?;
    }
    let write = move |unit: &mut Unit<'_>| {
        let mut was_open = false;
        for row in ending(unit)? {
            was_open |= matter::end(unit, row.matter, now)? && row.matter == id;
            take_back(unit, &row, now)?;
        }
        Ok::<_, ServiceError>(was_open)
    };
    if app.store().write(write).await? { Ok(()) } else { check::refuse("it was ended already") }
}

/// Takes back all that a matter gave.
fn take_back(unit: &mut Unit<'_>, row: &MatterRow, at: Timestamp) -> Result<(), StoreError> {
    let Some(gives) = row.kind.gives() else { return Ok(()) };
    let is_deferred = deferral::newest(unit, row.portfolio, row.matter)?.is_some();
    let item = filed_as(row, is_deferred);
    for task in matter::tasks(unit, row.matter)? {
        work_item::end(unit, task.subject, item, task.assignee, at)?;
        for condition in conditions_of(gives, row.agreement.is_some()) {
            for object in objects(row, item) {
                condition::end(unit, task.subject, condition, object, at)?;
            }
        }
    }
    Ok(())
}

/// The register of a portfolio, in the order in which its matters were registered. It names no person, and not for
/// whom a matter was opened.
pub async fn matters(app: &App, portfolio: PortfolioId) -> Result<Vec<MatterRow>, ServiceError> {
    let rows = app.store().read(move |unit| matter::of_portfolio(unit, portfolio)).await;
    Ok(rows.map_err(|error: StoreError| error)?)
}

/// The changes of a portfolio's register of matters, from the log, the oldest first.
pub async fn matter_changes(
    app: &App,
    portfolio: PortfolioId,
) -> Result<Vec<Changed<MatterChange>>, ServiceError> {
    Ok(app.gate.matter_changes(portfolio).await?)
}

const NOT_THERE: ServiceError = ServiceError::NotFound("matter in this portfolio's register");

async fn record(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    (matter, change): (MatterId, String),
) -> Result<(), ServiceError> {
    let nobody = (&[] as &[SubjectId], None);
    let change = MatterChange { matter, assignee: None, change };
    Ok(app.gate.record_matter(actor, portfolio, &change, nobody).await?)
}

/// A matter as the record names it: what it is, of whom, and the law. Its reasons are longer, and written by hand: out of
/// the log nobody could take a name that should not be in them.
fn of_matter(row: &MatterRow) -> String {
    let mut words = format!("{} `{}`", row.kind, row.reference);
    if !row.issuer_name.is_empty() {
        words += &format!(" of {}", row.issuer_name);
    }
    if !row.law.is_empty() {
        words += &format!(", under {}", row.law);
    }
    if let Some(country) = row.country {
        words += &format!(" ({country})");
    }
    words
}
