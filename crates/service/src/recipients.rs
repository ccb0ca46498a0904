//! The register of recipients: the organisations that may get data from a portfolio, and what was agreed with
//! them. It is about organisations, so nothing here is personal data or needs a grant; who really gets
//! something, the gate decides by what stands here. Each change is on the record before it is made; what may be
//! entered stands in [`check`].

mod check;

use domain::{
    Condition, ConditionSet, Country, Date, PortfolioId, Recipient, RecipientId, RecipientRole, Timestamp,
    TransferSafeguard,
};
use gate::{Actor, Changed, RegisterChange};
use store::recipient::{RecipientConditionRow, RecipientRow, Registered};
use store::{StoreError, Unit, recipient};

use crate::{App, ServiceError};

/// An organisation to enter.
#[derive(Debug, Clone)]
pub struct NewRecipient {
    /// In whose register.
    pub portfolio: PortfolioId,
    /// What kind of recipient: an organisation.
    pub kind: Recipient,
    /// Its name: of an organisation, never of a person.
    pub name: String,
    /// Where it gets the data.
    pub country: Country,
    /// What it is for the data.
    pub role: RecipientRole,
    /// The organisation in the same register that it acts for, under a mandate: whose relation to a person then
    /// counts.
    pub acts_for: Option<RecipientId>,
    /// What it gets data for, in the portfolio's own words.
    pub uses: String,
    /// The ids of the clauses that it is registered for: at least one, and it gets nothing under any other.
    pub clauses: Vec<String>,
}

/// Something agreed with an organisation, for a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreement {
    /// A contract, an undertaking, a mandate, or a safeguard for transfers.
    pub condition: Condition,
    /// Which safeguard, where it is one.
    pub safeguard: Option<TransferSafeguard>,
    /// The first day on which it holds.
    pub first: Date,
    /// The last one; none while it is open.
    pub last: Option<Date>,
}

/// What can be agreed with an organisation.
pub const AGREEMENTS: ConditionSet = ConditionSet::of(&[
    Condition::Contract,
    Condition::Undertaking,
    Condition::Mandate,
    Condition::Safeguard,
]);

/// An organisation as it stands in the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredRecipient {
    /// Its row.
    pub row: RecipientRow,
    /// All that was agreed with it, live or not.
    pub conditions: Vec<RecipientConditionRow>,
}

impl RegisteredRecipient {
    /// What of it holds at this instant.
    #[must_use]
    pub fn live(&self, now: Timestamp) -> ConditionSet {
        self.conditions.iter().filter(|row| row.is_live(now)).map(|row| row.condition).collect()
    }
}

/// Enters an organisation with what was agreed. One of a kind and name has one id in a portfolio, which for a
/// plan sponsor is the id that cover names it by.
///
/// Errors: one of this kind and name, however spelt, is there; a person or staff, no organisation; no name; no clause, or
/// one that the notice in force does not have, or that does not name the kind; dates that end before they begin; adequacy
/// where none was found; the actor does not keep the register.
pub async fn enter_recipient(
    app: &App,
    actor: &Actor,
    new: &NewRecipient,
    agreed: &[Agreement],
) -> Result<RecipientId, ServiceError> {
    let entering = Entering::of(app, new, agreed)?;
    let id = entering.row.recipient;
    match enter(app, actor, new.portfolio, vec![entering]).await {
        Ok(0) => Err(check::taken(new.kind, new.name.trim())),
        Ok(_) => Ok(id),
        Err(AtPlace { error, .. }) => Err(error),
    }
}

/// Enters organisations of one portfolio, all of them or none, and answers how many are new: those that stand in the
/// register just so are left as they are, whatever was agreed with them since.
///
/// Errors: as for one, with its place among those given, from 1.
pub async fn enter_recipients(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    list: &[(NewRecipient, Vec<Agreement>)],
) -> Result<u64, ServiceError> {
    let of_place = |place: usize, error: ServiceError| match error {
        error @ (ServiceError::Register(_) | ServiceError::NotFound(_)) => {
            ServiceError::RegisterRow { place, problem: error.to_string() }
        }
        other => other,
    };
    let mut entering = Vec::with_capacity(list.len());
    for (place, (new, agreed)) in (1..).zip(list) {
        entering.push(Entering::of(app, new, agreed).map_err(|error| of_place(place, error))?);
    }
    enter(app, actor, portfolio, entering).await.map_err(|AtPlace { place, error }| of_place(place, error))
}

/// The id that an organisation has in the register, or would have.
#[must_use]
pub fn recipient_id(app: &App, new: &NewRecipient) -> RecipientId {
    // A sponsor has the one that cover names it by.
    let noun = match new.kind {
        Recipient::PlanSponsor => "sponsor".to_owned(),
        kind => format!("recipient/{kind}"),
    };
    RecipientId::from_bytes(app.gate.imported_id(&noun, &new.portfolio.to_string(), new.name.trim()))
}

/// An organisation that may be entered if there is a place for it.
#[derive(Clone)]
struct Entering {
    row: RecipientRow,
    conditions: Vec<RecipientConditionRow>,
    words: String,
}

impl Entering {
    fn of(app: &App, new: &NewRecipient, agreed: &[Agreement]) -> Result<Self, ServiceError> {
        check::organisation(new)?;
        check::clauses(app, new.portfolio, new.kind, &new.clauses)?;
        check::adequacy(agreed, Some(new.country))?;
        let row = RecipientRow {
            recipient: recipient_id(app, new),
            portfolio: new.portfolio,
            kind: new.kind,
            name: new.name.trim().to_owned(),
            country: new.country,
            role: new.role,
            acts_for: new.acts_for,
            uses: new.uses.trim().to_owned(),
            clauses: new.clauses.clone(),
            entered: app.gate.now(),
        };
        let conditions = check::conditions(row.recipient, agreed)?;
        let mut words = vec![format!("entered as {}", row.role), format!("for {}", row.clauses.join(" "))];
        words.extend(agreed.iter().map(agreement_words));
        Ok(Self { row, conditions, words: words.join("; ") })
    }

    fn change(&self) -> RegisterChange {
        RegisterChange {
            recipient: self.row.recipient,
            organisation: Some((self.row.kind, self.row.name.clone(), self.row.country)),
            change: self.words.clone(),
        }
    }
}

/// What was wrong with one of several, and its place among them, from 1; 0 for what is about none of them.
struct AtPlace {
    place: usize,
    error: ServiceError,
}

impl From<StoreError> for AtPlace {
    fn from(error: StoreError) -> Self {
        Self { place: 0, error: error.into() }
    }
}

/// Enters those that are not there just so, once each is on the record. What is refused leaves no word there: it is looked
/// at before, and again when it is written.
async fn enter(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    list: Vec<Entering>,
) -> Result<u64, AtPlace> {
    let all = list.clone();
    let new = app.store().read(move |unit| check::new_among(unit, portfolio, &all)).await?;
    let new: Vec<(usize, Entering)> = (1..).zip(list).filter(|(place, _)| new.contains(place)).collect();
    for (place, entering) in &new {
        let recorded = app.gate.record_change(actor, portfolio, entering.change()).await;
        recorded.map_err(|error| AtPlace { place: *place, error: error.into() })?;
    }
    let count = new.len() as u64;
    let write = move |unit: &mut Unit<'_>| {
        for (place, Entering { row, conditions, .. }) in &new {
            let standing = recipient::of_portfolio(unit, portfolio)?;
            check::place(row, standing.iter().map(|(row, _)| row))
                .map_err(|error| AtPlace { place: *place, error })?;
            recipient::insert(unit, row)?;
            recipient::set_conditions(unit, portfolio, conditions)?;
        }
        Ok::<_, AtPlace>(())
    };
    app.store().write(write).await?;
    Ok(count)
}

/// Sets the clauses that an organisation is registered for, in place of those before. When this returns, no ask under
/// another one is granted any more, on any server.
pub async fn register_for(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    recipient: RecipientId,
    clauses: &[String],
) -> Result<(), ServiceError> {
    let row = app.store().read(move |unit| recipient::get(unit, portfolio, recipient)).await;
    let row = row.map_err(|error: StoreError| error)?.row.ok_or(NOT_THERE)?;
    check::clauses(app, portfolio, row.kind, clauses)?;
    let words = format!("for {}", clauses.join(" "));
    let clauses = clauses.to_vec();
    let set = move |unit: &mut Unit<'_>, _: &Registered| {
        Ok(recipient::set_clauses(unit, portfolio, recipient, &clauses)?)
    };
    change(app, actor, (portfolio, recipient), words, |_| Ok(()), set).await
}

/// Sets what was agreed with an organisation of the register, in place of what was agreed of the same kind.
///
/// Errors: what holds now would be cut off by what begins later.
pub async fn agree(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    recipient: RecipientId,
    agreed: &[Agreement],
) -> Result<(), ServiceError> {
    let (rows, now) = (check::conditions(recipient, agreed)?, app.gate.now());
    let words = agreed.iter().map(agreement_words).collect::<Vec<_>>().join("; ");
    let agreed = agreed.to_vec();
    let may = move |standing: &Registered| {
        check::adequacy(&agreed, standing.row.as_ref().map(|row| row.country))?;
        check::nothing_cut_off(&agreed, &standing.conditions, now)
    };
    let set =
        move |unit: &mut Unit<'_>, _: &Registered| Ok(recipient::set_conditions(unit, portfolio, &rows)?);
    change(app, actor, (portfolio, recipient), words, may, set).await
}

/// Ends something agreed, now. When this returns, no ask that relied on it is granted any more, on any server.
///
/// Errors: there is no such organisation in the portfolio, or nothing of the kind holds.
pub async fn end_agreement(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    recipient: RecipientId,
    condition: Condition,
) -> Result<(), ServiceError> {
    let now = app.gate.now();
    let end = move |unit: &mut Unit<'_>, _: &Registered| {
        Ok(recipient::end_condition(unit, portfolio, recipient, condition, now)?)
    };
    let words = format!("{condition} ended");
    match change(app, actor, (portfolio, recipient), words, |_| Ok(()), end).await? {
        true => Ok(()),
        false => Err(ServiceError::Register(format!("no {condition} holds that could end"))),
    }
}

/// Sets the safeguard under which the administrator's own staff may read a portfolio's data from outside the
/// European Economic Area.
pub async fn agree_for_staff(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    agreed: &Agreement,
) -> Result<(), ServiceError> {
    agree(app, actor, portfolio, gate::staff_of(portfolio), std::slice::from_ref(agreed)).await
}

/// The register of a portfolio, or what is of one kind in it: by kind and name. This is also the list that anyone
/// may ask for.
pub async fn recipients(
    app: &App,
    portfolio: PortfolioId,
    kind: Option<Recipient>,
) -> Result<Vec<RegisteredRecipient>, ServiceError> {
    let rows = app.store().read(move |unit| recipient::of_portfolio(unit, portfolio)).await;
    let rows = rows.map_err(|error: StoreError| error)?;
    Ok(rows
        .into_iter()
        .filter(|(row, _)| kind.is_none_or(|kind| row.kind == kind))
        .map(|(row, conditions)| RegisteredRecipient { row, conditions })
        .collect())
}

/// The changes of a portfolio's register, from the log, the oldest first.
pub async fn recipient_changes(
    app: &App,
    portfolio: PortfolioId,
) -> Result<Vec<Changed<RegisterChange>>, ServiceError> {
    Ok(app.gate.register_changes(portfolio).await?)
}

const NOT_THERE: ServiceError = ServiceError::NotFound("recipient in this portfolio's register");

/// Changes something of an organisation of this portfolio, or of its staff, once it is on the record. `may` looks at
/// what stands before, and again when it is changed.
async fn change<T: Send + 'static>(
    app: &App,
    actor: &Actor,
    (portfolio, id): (PortfolioId, RecipientId),
    words: String,
    may: impl Fn(&Registered) -> Result<(), ServiceError> + Send + 'static,
    mut change: impl FnMut(&mut Unit<'_>, &Registered) -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, ServiceError> {
    let standing = app.store().read(move |unit| recipient::get(unit, portfolio, id)).await;
    let standing = standing.map_err(|error: StoreError| error)?;
    let is_staff = id == gate::staff_of(portfolio);
    if standing.row.is_none() && !is_staff {
        return Err(NOT_THERE);
    }
    may(&standing)?;
    let organisation = standing.row.map(|row| (row.kind, row.name, row.country));
    app.gate
        .record_change(actor, portfolio, RegisterChange { recipient: id, organisation, change: words })
        .await?;
    let write = move |unit: &mut Unit<'_>| {
        let standing = recipient::get(unit, portfolio, id)?;
        may(&standing)?;
        change(unit, &standing)
    };
    app.store().write(write).await
}

/// What was agreed, as the record of changes says it.
fn agreement_words(one: &Agreement) -> String {
    let safeguard = one.safeguard.map(|kind| format!(" {kind}")).unwrap_or_default();
    let last = one.last.map(|last| last.to_string()).unwrap_or_default();
    format!("{}{safeguard} {}..{last}", one.condition, one.first)
}
