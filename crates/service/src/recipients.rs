//! The register of recipients: the organisations that may get data from a portfolio, and what was agreed with
//! them. It is about organisations, so nothing here is personal data or needs a grant; who really gets
//! something, the gate decides by what stands here.

use domain::{
    Condition, ConditionSet, Country, Date, PortfolioId, Recipient, RecipientId, RecipientRole, Timestamp,
    TransferSafeguard, no_card_number,
};
use notice::Clause;
use store::recipient::{RecipientConditionRow, RecipientRow};
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
    /// The ids of the clauses that it is registered for.
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
/// Errors: one of this kind and name is there; a person or staff, no organisation; no name, or a text with a payment
/// card's number; a clause that
/// the notice in force does not have, or that does not name the kind; dates that end before they begin.
pub async fn enter_recipient(
    app: &App,
    new: &NewRecipient,
    agreed: &[Agreement],
) -> Result<RecipientId, ServiceError> {
    check(app, new)?;
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
    let id = row.recipient;
    let conditions = conditions(id, agreed)?;
    let enter = move |unit: &mut Unit<'_>| {
        if let Some(other) = row.acts_for
            && recipient::get(unit, other)?.row.is_none_or(|other| other.portfolio != row.portfolio)
        {
            return Err(StoreError::NotFound);
        }
        recipient::insert(unit, &row)?;
        recipient::set_conditions(unit, &conditions)
    };
    app.store().write(enter).await.map_err(|error| match error {
        StoreError::NotFound => ServiceError::NotFound("recipient in this portfolio's register to act for"),
        StoreError::Duplicate => ServiceError::Register(format!(
            "a {} `{}` is in the register already: change what was agreed with it instead",
            new.kind,
            new.name.trim()
        )),
        other => other.into(),
    })?;
    Ok(id)
}

/// Sets what was agreed with an organisation of the register, in place of what was agreed of the same kind.
pub async fn agree(
    app: &App,
    portfolio: PortfolioId,
    recipient: RecipientId,
    agreed: &[Agreement],
) -> Result<(), ServiceError> {
    let conditions = conditions(recipient, agreed)?;
    change(app, portfolio, recipient, move |unit| recipient::set_conditions(unit, &conditions)).await
}

/// Ends something agreed, now. When this returns, no ask that relied on it is granted any more, on any server.
///
/// Errors: there is no such organisation in the portfolio, or nothing of the kind holds.
pub async fn end_agreement(
    app: &App,
    portfolio: PortfolioId,
    recipient: RecipientId,
    condition: Condition,
) -> Result<(), ServiceError> {
    let now = app.gate.now();
    let end = move |unit: &mut Unit<'_>| recipient::end_condition(unit, recipient, condition, now);
    match change(app, portfolio, recipient, end).await? {
        true => Ok(()),
        false => Err(ServiceError::Register(format!("no {condition} holds that could end"))),
    }
}

/// Sets the safeguard under which the administrator's own staff may read a portfolio's data from outside the
/// European Economic Area.
pub async fn agree_for_staff(
    app: &App,
    portfolio: PortfolioId,
    agreed: &Agreement,
) -> Result<(), ServiceError> {
    agree(app, portfolio, gate::staff_of(portfolio), std::slice::from_ref(agreed)).await
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

/// Changes something of an organisation of this portfolio, or of its staff.
async fn change<T: Send + 'static>(
    app: &App,
    portfolio: PortfolioId,
    id: RecipientId,
    mut change: impl FnMut(&mut Unit<'_>) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, ServiceError> {
    let is_staff = id == gate::staff_of(portfolio);
    let changed = app.store().write(move |unit| {
        let row = recipient::get(unit, id)?.row;
        let is_own = is_staff || row.is_some_and(|row| row.portfolio == portfolio);
        is_own.then(|| change(unit)).transpose()
    });
    changed.await?.ok_or(ServiceError::NotFound("recipient in this portfolio's register"))
}

fn check(app: &App, new: &NewRecipient) -> Result<(), ServiceError> {
    let refuse = |problem: String| Err(ServiceError::Register(problem));
    if !new.kind.is_organisation() {
        let kinds: Vec<_> = Recipient::ALL.iter().filter(|kind| kind.is_organisation()).collect();
        let kinds = kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>().join(", ");
        return refuse(format!("`{}` is no organisation: the register takes {kinds}", new.kind));
    }
    for (what, text, most) in [("name", &new.name, 200), ("use", &new.uses, 2_000)] {
        if text.trim().is_empty() || text.chars().count() > most || text.chars().any(char::is_control) {
            return refuse(format!("the {what} is empty, too long or holds a control character"));
        }
        no_card_number(what, text).map_err(ServiceError::Unusable)?;
    }
    let (_, notice) = app.gate.notice(new.portfolio)?;
    let naming = |clause: &&Clause| clause.recipients.contains(&new.kind);
    for id in &new.clauses {
        if !notice.clauses().iter().filter(naming).any(|clause| clause.id == *id) {
            let known: Vec<&str> =
                notice.clauses().iter().filter(naming).map(|one| one.id.as_str()).collect();
            return refuse(match known.is_empty() {
                true => format!("no clause of the notice in force names `{}`", new.kind),
                false => format!(
                    "no clause `{id}` of the notice in force names `{}`: use one of {}",
                    new.kind,
                    known.join(", ")
                ),
            });
        }
    }
    Ok(())
}

/// One of a kind and name has one id in a portfolio; a sponsor has the one that cover names it by.
fn recipient_id(app: &App, new: &NewRecipient) -> RecipientId {
    let noun = match new.kind {
        Recipient::PlanSponsor => "sponsor".to_owned(),
        kind => format!("recipient/{kind}"),
    };
    RecipientId::from_bytes(app.gate.imported_id(&noun, &new.portfolio.to_string(), new.name.trim()))
}

fn conditions(
    recipient: RecipientId,
    agreed: &[Agreement],
) -> Result<Vec<RecipientConditionRow>, ServiceError> {
    let row = |one: &Agreement| {
        let condition = one.condition;
        if !AGREEMENTS.contains(condition) || (condition == Condition::Safeguard) != one.safeguard.is_some() {
            let problem = format!("`{condition}` is nothing that can be agreed so with an organisation");
            return Err(ServiceError::Register(problem));
        }
        if one.last.is_some_and(|last| last < one.first) {
            let problem = format!("the {condition} would end before it begins: give its first day first");
            return Err(ServiceError::Register(problem));
        }
        // To the end of its last day; without a next day there is no end.
        let until = one.last.and_then(|last| last.plus_days(1)).map(Timestamp::start_of);
        Ok(RecipientConditionRow {
            recipient,
            condition,
            safeguard: one.safeguard,
            since: Timestamp::start_of(one.first),
            until,
        })
    };
    agreed.iter().map(row).collect()
}
