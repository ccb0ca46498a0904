//! The register of actors: who may ask, as what, until when their training is current, and when their record ended. Each
//! change is on the record before it is made. What somebody had before them when their record ends goes back to where
//! others find it. What an actor may see is not decided here: clauses and work items say it.

use std::collections::BTreeMap;

use domain::{
    ActorId, AppealState, Condition, Country, Date, GuaranteeState, MatterId, Money, PortfolioId,
    QuarantineState, Recipient, RecipientId, SponsorId, SubjectId, Timestamp, WorkItemId,
};
use gate::{Actor, ActorChange, Changed, assignment, portfolio_chain, under_deferral};
use store::guarantee::GuaranteeRow;
use store::quarantine::QuarantineRow;
use store::reference::ActorRow;
use store::{ConditionTest, StoreError, Unit, condition, deferral, guarantee, matter, quarantine, reference};

use crate::{App, ServiceError, authority, work_item};

/// The most days for which training is written down as current: it is taken anew every year.
pub const TRAINING_DAYS: i32 = 366;

/// An actor to enter.
#[derive(Debug, Clone)]
pub struct NewActor {
    /// As which kind of recipient it asks.
    pub recipient: Recipient,
    /// The portfolio behind whose wall it works.
    pub portfolio: PortfolioId,
    /// The role, as the log shows it.
    pub role: String,
    /// The team, as the log shows it; empty for none.
    pub team: String,
    /// From which country it works.
    pub country: Country,
    /// The organisation of the register that it belongs to.
    pub organisation: Option<RecipientId>,
    /// The people whose files it handles never.
    pub own_files: Vec<SubjectId>,
    /// The sponsors whose people it works for; none for those of every one.
    pub sponsors: Vec<SponsorId>,
    /// The last day on which its training is current; of staff.
    pub trained_until: Option<Date>,
    /// How much it may release alone, one limit for each currency; nothing in others.
    pub authority: Vec<Money>,
    /// How many days its token lives.
    pub days: u16,
}

/// Enters an actor; answers its row and its token, which is shown once and never stored.
///
/// Errors: such an actor has no token, or lacks what its kind needs; somebody whose file it never handles is not there;
/// the keeper does not keep the registers.
pub async fn enter_actor(
    app: &App,
    keeper: &Actor,
    new: &NewActor,
) -> Result<(ActorRow, String), ServiceError> {
    check(new)?;
    new.trained_until.map_or(Ok(()), |until| check_training(app, until))?;
    check_people(app, new).await?;
    let sponsors = check_sponsors(app, new).await?;
    let (token, hash) = app.gate.new_token();
    let row = ActorRow {
        actor: ActorId::from_bytes(app.gate.random_id()),
        recipient: new.recipient,
        role: new.role.clone(),
        team: new.team.clone(),
        country: new.country,
        portfolio: new.portfolio,
        organisation: new.organisation,
        own_files: new.own_files.clone(),
        sponsors: new.sponsors.clone(),
        trained_until: new.trained_until,
        name: String::new(),
        token_hash: Some(hash),
        expires: app.gate.now().plus_seconds(i64::from(new.days) * 86_400),
        ended: None,
    };
    let authority = match new.authority.is_empty() {
        true => String::new(),
        false => format!(", {}", authority::words(&new.authority)),
    };
    let training = training(row.trained_until);
    let words = format!("entered as {}{training}{sponsors}{authority}", of_actor(&row));
    record(app, keeper, row.portfolio, row.actor, words).await?;
    let (entered, limits) = (row.clone(), new.authority.clone());
    let write = app.store().write(move |unit| {
        reference::insert_actor(unit, &entered)?;
        limits.iter().try_for_each(|limit| store::authority::set(unit, entered.actor, *limit))
    });
    let write = write.await;
    write.map_err(|error: StoreError| error)?;
    Ok((row, token))
}

/// An actor as the record names it: what it is, its role and team.
pub(crate) fn of_actor(row: &ActorRow) -> String {
    let team = if row.team.is_empty() { "" } else { ", " };
    format!("{} ({}{team}{})", row.recipient, row.role, row.team)
}

fn training(until: Option<Date>) -> String {
    until.map(|until| format!(", trained until {until}")).unwrap_or_default()
}

pub(crate) fn refuse<T>(problem: impl Into<String>) -> Result<T, ServiceError> {
    Err(ServiceError::Actor(problem.into()))
}

/// Whether such an actor has a token, and all that its kind needs.
fn check(new: &NewActor) -> Result<(), ServiceError> {
    domain::no_card_number("role", &new.role).map_err(ServiceError::Unusable)?;
    domain::no_card_number("team", &new.team).map_err(ServiceError::Unusable)?;
    authority::check(&new.authority)?;
    let kind = new.recipient;
    if !kind.is_staff() && !new.authority.is_empty() {
        return refuse(format!("`{kind}` is not staff, and releases nothing"));
    }
    let is_organisation = kind.is_organisation();
    let is_alone = matches!(kind, Recipient::IntakeJob | Recipient::Representative);
    if !kind.is_staff() && !is_organisation && !is_alone {
        return refuse(format!(
            "`{kind}` gets no token: staff, services that hand in claims (intake-job), organisations of the register and whoever acts for \
             somebody (representative) do"
        ));
    }
    if is_organisation != new.organisation.is_some() {
        let needs = if is_organisation { "needs an" } else { "has no" };
        return refuse(format!(
            "a token for `{kind}` {needs} organisation, which says who of the register its holder belongs to"
        ));
    }
    match (kind.is_staff(), new.trained_until) {
        (true, None) => refuse(format!(
            "a token for `{kind}` needs the last day on which its holder's training in data protection is current"
        )),
        (false, Some(_)) => refuse(format!("`{kind}` is not staff, and has no training to be current")),
        _ => Ok(()),
    }
}

/// Whether a day until which training holds can be: it is not over, and not further away than training holds.
fn check_training(app: &App, until: Date) -> Result<(), ServiceError> {
    let days = app.today()?.days_until(until);
    if (0..=TRAINING_DAYS).contains(&days) {
        return Ok(());
    }
    refuse(format!("training is current until a day from today on, and for at most {TRAINING_DAYS} days"))
}

/// Whether these people are there: a slip of the pen would let the actor handle the file that it was to keep from them.
async fn check_people(app: &App, new: &NewActor) -> Result<(), ServiceError> {
    let asked = new.own_files.clone();
    let there = app.store().read(move |unit| store::many::subjects(unit, &asked)).await;
    let there = there.map_err(|error: StoreError| error)?;
    let is_there =
        |id: &SubjectId| there.iter().any(|row| row.subject == *id && row.portfolio == new.portfolio);
    match new.own_files.iter().find(|id| !is_there(id)) {
        Some(id) => refuse(format!("own file: there is no person `{id}` in this portfolio")),
        None => Ok(()),
    }
}

/// Whether the sponsors are there, and such an actor can be tied to any; answers them as the record names them.
async fn check_sponsors(app: &App, new: &NewActor) -> Result<String, ServiceError> {
    if new.sponsors.is_empty() {
        return Ok(String::new());
    }
    if !new.recipient.is_staff() || new.recipient == Recipient::DataProtectionOfficer {
        return refuse(format!("`{}` works for all sponsors of its portfolio", new.recipient));
    }
    let all = app.store().read(reference::sponsors).await.map_err(|error: StoreError| error)?;
    let named = |id: &SponsorId| {
        let found = all.iter().find(|row| row.sponsor == *id && row.portfolio == new.portfolio);
        found.map(|row| row.name.as_str()).ok_or(ServiceError::NotFound("sponsor in this portfolio"))
    };
    let names = new.sponsors.iter().map(named).collect::<Result<Vec<_>, _>>()?;
    Ok(format!(", for {}", names.join(", ")))
}

pub(crate) async fn record(
    app: &App,
    keeper: &Actor,
    portfolio: PortfolioId,
    actor: ActorId,
    change: String,
) -> Result<(), ServiceError> {
    if keeper.id() == actor {
        return refuse("somebody else changes it than whose record it is");
    }
    Ok(app.gate.record_actor(keeper, portfolio, ActorChange { actor, change }).await?)
}

/// An actor of this portfolio.
pub(crate) async fn find(
    app: &App,
    portfolio: PortfolioId,
    actor: ActorId,
) -> Result<ActorRow, ServiceError> {
    let row = app.store().read(move |unit| reference::actor(unit, actor)).await;
    let row = row.map_err(|error: StoreError| error)?.filter(|row| row.portfolio == portfolio);
    row.ok_or(ServiceError::NotFound("actor in this portfolio"))
}

/// Writes down until when somebody's training is current, in place of what was written before.
///
/// Errors: they are not staff; their record was ended; the day is over or too far away; it is the keeper's own record.
pub async fn train_actor(
    app: &App,
    keeper: &Actor,
    portfolio: PortfolioId,
    actor: ActorId,
    until: Date,
) -> Result<(), ServiceError> {
    let row = find(app, portfolio, actor).await?;
    if !row.recipient.is_staff() {
        return refuse(format!("`{}` is not staff, and has no training to be current", row.recipient));
    }
    if row.ended.is_some() {
        return refuse("this record was ended: enter the actor anew with `moretus token`");
    }
    check_training(app, until)?;
    record(app, keeper, portfolio, actor, format!("{} trained until {until}", of_actor(&row))).await?;
    let write = app.store().write(move |unit| reference::train_actor(unit, actor, until)).await;
    Ok(write.map_err(|error: StoreError| error)?)
}

/// Writes down in which team somebody is, in place of the one before; an empty name for none. From two seconds after this
/// their team's work is that of the new one alone, whatever they were in the middle of.
///
/// Errors: they are not staff; their record was ended; it is the keeper's own record.
pub async fn move_actor(
    app: &App,
    keeper: &Actor,
    portfolio: PortfolioId,
    actor: ActorId,
    team: &str,
) -> Result<(), ServiceError> {
    domain::no_card_number("team", team).map_err(ServiceError::Unusable)?;
    let row = find(app, portfolio, actor).await?;
    if !row.recipient.is_staff() || row.ended.is_some() {
        return refuse("staff are in teams, and those whose record stands");
    }
    let to = if team.is_empty() { "no team" } else { team };
    record(app, keeper, portfolio, actor, format!("{} moved to {to}", of_actor(&row))).await?;
    let team = team.to_owned();
    let write = app.store().write(move |unit| reference::move_actor(unit, actor, &team)).await;
    Ok(write.map_err(|error: StoreError| error)?)
}

/// What somebody whose record ended had before them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftBehind {
    /// Guarantees of payment that were under review: they wait for a colleague again.
    pub guarantees: usize,
    /// Material that was taken up: it waits to be classified by a colleague.
    pub material: usize,
    /// Cases of the screen: they wait for a colleague again, or are marked as before.
    pub cases: usize,
    /// Appeals: they wait for a colleague again.
    pub appeals: usize,
    /// Claims that wait for a person: they wait for a colleague again.
    pub pended: usize,
    /// Legal matters that still stand, and for how many people each was the actor's task: somebody opens them for a
    /// colleague.
    pub matters: BTreeMap<MatterId, usize>,
    /// Other tasks that ended: cases of the officer, work items that were assigned, guarantees that were decided and could
    /// still be read.
    pub others: usize,
}

/// Ends an actor's record, now. From the second after this its token works on no server, whatever it was in the middle
/// of; what it had before it goes back to where others find it. Once more, for one whose record was ended, it gives back
/// what is left.
///
/// Errors: there is no such actor in the portfolio; it is the keeper's own record.
pub async fn end_actor(
    app: &App,
    keeper: &Actor,
    portfolio: PortfolioId,
    actor: ActorId,
) -> Result<LeftBehind, ServiceError> {
    let row = find(app, portfolio, actor).await?;
    let words = if row.ended.is_some() { "tasks taken back from" } else { "ended:" };
    record(app, keeper, portfolio, actor, format!("{words} {}", of_actor(&row))).await?;
    let cases = app.gate.cases_of(portfolio, actor).await?;
    let now = app.gate.now();
    let write = move |unit: &mut Unit<'_>| {
        reference::end_actor(unit, actor, now)?;
        let mut left = LeftBehind::default();
        let leaver = Leaver { portfolio, actor, now };
        leaver.give_back_guarantees(unit, &mut left)?;
        for row in quarantine::taken_up_by(unit, portfolio, actor)? {
            let row = QuarantineRow { decided: None, ..row };
            quarantine::decide(unit, &row, QuarantineState::Waiting)?;
            let item = WorkItemId::from_bytes(*row.material.bytes());
            work_item::end(unit, row.subject, item, actor, now)?;
            left.material += 1;
        }
        leaver.give_back_cases(unit, &mut left)?;
        leaver.give_back_pended(unit, &mut left)?;
        leaver.give_back_matters(unit, &mut left)?;
        for case in &cases {
            left.others += usize::from(leaver.end(unit, portfolio_chain(portfolio), *case)?);
        }
        leaver.end_work(unit, &mut left)?;
        Ok::<_, StoreError>(left)
    };
    Ok(app.store().write(write).await?)
}

/// Somebody whose record ends.
#[derive(Clone, Copy)]
struct Leaver {
    portfolio: PortfolioId,
    actor: ActorId,
    now: Timestamp,
}

impl Leaver {
    /// Ends a task about a person, if it is this actor's and open; answers whether it was.
    fn end(self, unit: &mut Unit<'_>, subject: SubjectId, item: WorkItemId) -> Result<bool, StoreError> {
        let object = assignment(item, self.actor);
        let test = ConditionTest::of(Condition::WorkItem, object);
        if !condition::is_live(unit, subject, test, self.now)? {
            return Ok(false);
        }
        condition::end(unit, subject, Condition::WorkItem, object, self.now)
    }

    /// What the keeper of the registers assigned to this actor; a team's stays the team's.
    fn end_work(self, unit: &mut Unit<'_>, left: &mut LeftBehind) -> Result<(), StoreError> {
        for row in store::work_item::open_of(unit, self.portfolio, self.actor, self.now)? {
            crate::assign::end(unit, &row, self.now)?;
            left.others += 1;
        }
        Ok(())
    }

    fn give_back_guarantees(self, unit: &mut Unit<'_>, left: &mut LeftBehind) -> Result<(), StoreError> {
        for row in guarantee::in_state(unit, self.portfolio, GuaranteeState::UnderReview)? {
            if self.end(unit, row.subject, row.guarantee.into())? {
                guarantee::set_state(unit, &GuaranteeRow { state: GuaranteeState::Requested, ..row })?;
                left.guarantees += 1;
            }
        }
        for row in guarantee::in_state(unit, self.portfolio, GuaranteeState::Granted)? {
            left.others += usize::from(self.end(unit, row.subject, row.guarantee.into())?);
        }
        Ok(())
    }

    fn give_back_cases(self, unit: &mut Unit<'_>, left: &mut LeftBehind) -> Result<(), StoreError> {
        for row in store::screen::before(unit, self.portfolio, self.actor)? {
            self.end(unit, row.subject, row.claim.into())?;
            store::screen::set(unit, &crate::screen::given_back(row))?;
            left.cases += 1;
        }
        for state in [AppealState::UnderReview, AppealState::WaitingForMember] {
            let rows = store::appeal::in_state(unit, self.portfolio, state)?;
            for row in rows.into_iter().filter(|row| row.assignee == Some(self.actor)) {
                self.end(unit, row.subject, row.appeal)?;
                store::appeal::set(unit, &crate::appeal::given_back(row, self.now))?;
                left.appeals += 1;
            }
        }
        Ok(())
    }

    fn give_back_pended(self, unit: &mut Unit<'_>, left: &mut LeftBehind) -> Result<(), StoreError> {
        let owner = (self.portfolio, Some(self.actor));
        for row in store::pended::before(unit, owner, None, usize::MAX)? {
            self.end(unit, row.subject, row.claim.into())?;
            store::pended::set(unit, &crate::pended::given_back(row, self.now))?;
            left.pended += 1;
        }
        Ok(())
    }

    fn give_back_matters(self, unit: &mut Unit<'_>, left: &mut LeftBehind) -> Result<(), StoreError> {
        for task in matter::tasks_of(unit, self.actor)? {
            let (matter, portfolio) = (task.matter, self.portfolio);
            let is_deferred = deferral::newest(unit, portfolio, matter)?.is_some();
            let item = if is_deferred { under_deferral(matter.into()) } else { matter.into() };
            if self.end(unit, task.subject, item)? {
                *left.matters.entry(task.matter).or_default() += 1;
            }
        }
        Ok(())
    }
}

/// The register of a portfolio: everybody who may or might ask there, by role. It names no person.
pub async fn actors(app: &App, portfolio: PortfolioId) -> Result<Vec<ActorRow>, ServiceError> {
    let rows = app.store().read(move |unit| reference::actors_of(unit, portfolio)).await;
    Ok(rows.map_err(|error: StoreError| error)?)
}

/// The changes of a portfolio's register of actors, from the log, the oldest first.
pub async fn actor_changes(
    app: &App,
    portfolio: PortfolioId,
) -> Result<Vec<Changed<ActorChange>>, ServiceError> {
    Ok(app.gate.actor_changes(portfolio).await?)
}
