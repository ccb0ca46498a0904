//! The register of representatives: who acts for a person, as a parent of a minor, a guardian, or by a mandate that the person gave.
//! On the record before it is so, in the list of the person. What a representative may see for them, the clause says; whether
//! the papers are in order, and how old a child is, whoever registers it sees: no clause lets them open it.

use domain::{
    ActorId, Condition, Date, PortfolioId, Recipient, RepresentationGround, SubjectId, Timestamp, WorkItemId,
};
use gate::{Actor, GateError};
use store::condition::ConditionRow;
use store::representation::{self, RepresentationRow};
use store::{StoreError, Unit, condition, reference};

use crate::{App, ServiceError};

/// The longest that somebody acts for a person before their papers are looked at again: nobody stays the parent of a minor
/// unseen.
pub const REPRESENTATION_DAYS: i32 = 366;
/// Representatives that are read at once.
const PAGE: usize = 500;

/// Somebody who is to act for a person.
#[derive(Debug, Clone, Copy)]
pub struct NewRepresentation {
    /// In which portfolio.
    pub portfolio: PortfolioId,
    /// For whom.
    pub subject: SubjectId,
    /// Who: an actor of the kind `representative`.
    pub actor: ActorId,
    /// Why they may.
    pub ground: RepresentationGround,
    /// The last day on which they do, at most [`REPRESENTATION_DAYS`] away; of a minor's parent, the last of a month before that
    /// in which the child comes of age: it stands in the clear, and any other day would tell a birthday.
    pub until: Date,
}

/// Registers that somebody acts for a person, in place of what was registered of the two. It is on the record first: in the
/// chain of the person and in the portfolio's.
///
/// Errors: the day is over or too far away; the actor is no representative of the portfolio whose record stands, or the keeper; the
/// person is not in the portfolio, or it is the keeper's own file; the actor does not keep the registers.
pub async fn represent(
    app: &App,
    keeper: &Actor,
    new: &NewRepresentation,
) -> Result<RepresentationRow, ServiceError> {
    let NewRepresentation { portfolio, subject, actor, ground, until } = *new;
    if !(0..=REPRESENTATION_DAYS).contains(&app.today()?.days_until(until)) {
        return Err(ServiceError::Representation("it ends on a day from today on, at most a year away"));
    }
    let is_last_of_month = until.plus_days(1).is_some_and(|next| next.month() != until.month());
    if ground == RepresentationGround::ParentOfMinor && !is_last_of_month {
        return Err(ServiceError::Representation(
            "a parent's ends on the last day of a month before that in which the child comes of age: another day would tell when",
        ));
    }
    if keeper.id() == actor {
        return Err(ServiceError::Representation("somebody else registers it than who acts for the person"));
    }
    let until = until.plus_days(1).map(Timestamp::start_of).ok_or(ServiceError::Clock)?;
    let row =
        |app: &App| RepresentationRow { subject, actor, portfolio, ground, since: app.gate.now(), until };
    // Before it is on the record, and once more when it is written.
    let wanted = row(app);
    app.store().read(move |unit| can_be(unit, &wanted)).await?;
    let words = format!("somebody acts for the person: {ground}");
    record(app, keeper, &wanted, &words).await?;
    let row = row(app);
    let write = move |unit: &mut Unit<'_>| {
        can_be(unit, &row)?;
        let (object, condition) = (*actor.bytes(), Condition::RelationRepresentative);
        let live = ConditionRow { subject, condition, object, since: row.since, until: Some(row.until) };
        condition::set_many(unit, std::slice::from_ref(&live))?;
        Ok::<_, ServiceError>(representation::set(unit, &row)?)
    };
    app.store().write(write).await?;
    Ok(row)
}

/// Who left represents nobody, and nobody represents whom was erased, also in the moment in which that happens. Who was erased
/// is answered as who never was in the portfolio.
fn can_be(unit: &mut Unit<'_>, row: &RepresentationRow) -> Result<(), ServiceError> {
    let actor = reference::actor(unit, row.actor)?.filter(|actor| actor.portfolio == row.portfolio);
    if !actor.is_some_and(|actor| actor.recipient == Recipient::Representative && actor.works(row.since)) {
        return Err(ServiceError::Representation(
            "who acts for somebody is entered as a `representative` of the portfolio, and their record stands: see `moretus token`",
        ));
    }
    if !crate::assign::is_there(unit, row.subject)? {
        return Err(GateError::NotInPortfolio.into());
    }
    Ok(())
}

async fn record(app: &App, keeper: &Actor, row: &RepresentationRow, words: &str) -> Result<(), ServiceError> {
    // What is registered is found again by the two whom it is about; the entry has a number of its own.
    let item = WorkItemId::from_bytes(app.gate.random_id());
    Ok(app.gate.record_representation(keeper, row.portfolio, (item, row.actor), words, row.subject).await?)
}

/// Ends that somebody acts for a person, now: once this is answered, nobody's use that rests on it is under way. Of what ended
/// before, too.
///
/// Errors: it was never registered in the portfolio; the actor does not keep the registers.
pub async fn end_representation(
    app: &App,
    keeper: &Actor,
    portfolio: PortfolioId,
    (subject, actor): (SubjectId, ActorId),
) -> Result<RepresentationRow, ServiceError> {
    let row = app.store().read(move |unit| representation::get(unit, subject, actor)).await;
    let row = row.map_err(|error: StoreError| error)?.filter(|row| row.portfolio == portfolio);
    let row = row.ok_or(ServiceError::NotFound("representative of this person"))?;
    record(app, keeper, &row, &format!("nobody acts for the person any more: {}", row.ground)).await?;
    let now = app.gate.now();
    let write = app.store().write(move |unit| {
        condition::end(unit, subject, Condition::RelationRepresentative, *actor.bytes(), now)?;
        representation::end(unit, subject, actor, now)
    });
    write.await.map_err(|error: StoreError| error)?;
    Ok(RepresentationRow { until: row.until.min(now), ..row })
}

/// Who acts for people of a portfolio, those whose time ends first first; for one person, where that is asked. It names ids and
/// grounds, and nobody.
pub async fn representatives(
    app: &App,
    portfolio: PortfolioId,
    of: Option<SubjectId>,
) -> Result<Vec<RepresentationRow>, ServiceError> {
    let now = app.gate.now();
    let read = move |unit: &mut Unit<'_>| {
        let mut rows: Vec<RepresentationRow> = Vec::new();
        if let Some(subject) = of {
            rows = representation::of_subject(unit, subject)?;
            rows.retain(|row| row.portfolio == portfolio && now < row.until);
            return Ok(rows);
        }
        loop {
            let page = representation::standing(unit, portfolio, now, rows.last(), PAGE)?;
            let is_last = page.len() < PAGE;
            rows.extend(page);
            if is_last {
                return Ok(rows);
            }
        }
    };
    Ok(app.store().read(read).await.map_err(|error: StoreError| error)?)
}
