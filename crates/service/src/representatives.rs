//! The register of representatives: who acts for a person, as a parent of a minor, a guardian, or by a mandate that the person gave.
//! On the record before it is so, in the list of the person. What a representative may see for them, the clause says; whether
//! the papers are in order, whoever registers it sees. How old a child is, no clause lets them open: a minor's parent is registered
//! with the child's birth date from the papers, which is compared with the one that is known by the index of look-ups alone.

use domain::{
    ActorId, Condition, Date, PortfolioId, Recipient, RepresentationGround, SubjectId, Timestamp, WorkItemId,
};
use gate::{Actor, GateError};
use store::condition::ConditionRow;
use store::representation::{self, RepresentationRow};
use store::{StoreError, Unit, condition, lookup, reference};

use crate::{App, ServiceError};

/// The longest that somebody acts for a person before their papers are looked at again: nobody stays the parent of a minor
/// unseen.
pub const REPRESENTATION_DAYS: i32 = 366;
/// Representatives that are read at once.
const PAGE: usize = 500;
/// The age at which somebody is no minor any more, in years.
const MAJORITY_YEARS: i32 = 18;

/// Somebody who is to act for a person. It holds a birth date: no Debug.
#[derive(Clone, Copy)]
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
    /// When the child was born, where a minor's parent acts; otherwise it is not looked at.
    pub born: Option<Date>,
}

/// Registers that somebody acts for a person, in place of what was registered of the two. It is on the record first: in the
/// chain of the person and in the portfolio's.
///
/// Errors: the day is over or too far away, or after a child comes of age; a minor's birth date is not given or another one, which
/// is on the record too; the actor is no representative of the portfolio whose record stands, or the keeper; the
/// person is not in the portfolio, or it is the keeper's own file; the actor does not keep the registers.
pub async fn represent(
    app: &App,
    keeper: &Actor,
    new: &NewRepresentation,
) -> Result<RepresentationRow, ServiceError> {
    let NewRepresentation { portfolio, subject, actor, ground, until, .. } = *new;
    if !(0..=REPRESENTATION_DAYS).contains(&app.today()?.days_until(until)) {
        return Err(ServiceError::Representation("it ends on a day from today on, at most a year away"));
    }
    let born = match ground {
        RepresentationGround::ParentOfMinor => Some(born_before_majority(new)?),
        _ => None,
    };
    if keeper.id() == actor {
        return Err(ServiceError::Representation("somebody else registers it than who acts for the person"));
    }
    let until = until.plus_days(1).map(Timestamp::start_of).ok_or(ServiceError::Clock)?;
    let row =
        |app: &App| RepresentationRow { subject, actor, portfolio, ground, since: app.gate.now(), until };
    // Before it is on the record, and once more when it is written.
    let wanted = row(app);
    app.gate.must_keep(keeper, portfolio).await?;
    app.store().read(move |unit| can_be(unit, &wanted)).await?;
    if let Some(born) = born {
        must_be_born(app, keeper, &wanted, born).await?;
    }
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

/// When a child was born for whom a parent is to act, where that ends before they come of age.
fn born_before_majority(new: &NewRepresentation) -> Result<Date, ServiceError> {
    let is_last_of_month = new.until.plus_days(1).is_some_and(|next| next.month() != new.until.month());
    if !is_last_of_month {
        return Err(ServiceError::Representation(
            "a parent's ends on the last day of a month before that in which the child comes of age: another day would tell when",
        ));
    }
    let born = new.born.ok_or(ServiceError::Representation(
        "a parent acts for a minor: give the child's birth date from the papers",
    ))?;
    if born.plus_months(12 * MAJORITY_YEARS).is_none_or(|majority| majority <= new.until) {
        return Err(ServiceError::Representation(
            "by that birth date the child comes of age before it ends: a parent's ends in a month before that",
        ));
    }
    Ok(born)
}

/// Whether a birth date is the person's says the index of look-ups. That another one was given is on the record before it is
/// answered: nobody tries out days unseen.
async fn must_be_born(
    app: &App,
    keeper: &Actor,
    row: &RepresentationRow,
    born: Date,
) -> Result<(), ServiceError> {
    let wanted = app.gate.birth_date_rows(row.subject, born);
    let read = move |unit: &mut Unit<'_>| {
        wanted.iter().try_fold(false, |is_there, row| Ok(is_there || lookup::is_there(unit, row)?))
    };
    if app.store().read(read).await.map_err(|error: StoreError| error)? {
        return Ok(());
    }
    let words =
        format!("nobody was registered to act for the person: {}, with another birth date", row.ground);
    record(app, keeper, row, &words).await?;
    Err(ServiceError::Representation("the child was born on another day: look at the papers again"))
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
    app.gate.must_keep(keeper, portfolio).await?;
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
