//! What the register of recipients takes. Each refusal says what would do; nothing is written here.

use std::collections::BTreeSet;

use domain::spelling::{has_unseen, letters};
use domain::{Condition, Country, PortfolioId, Recipient, RecipientId, Timestamp, TransferSafeguard};
use notice::Clause;
use store::recipient::{RecipientConditionRow, RecipientRow};
use store::{Unit, recipient};

use super::{AGREEMENTS, Agreement, AtPlace, Entering, NewRecipient};
use crate::{App, ServiceError};

fn refuse<T>(problem: String) -> Result<T, ServiceError> {
    Err(ServiceError::Register(problem))
}

/// Whether it is an organisation with a name and a use.
pub(super) fn organisation(new: &NewRecipient) -> Result<(), ServiceError> {
    if !new.kind.is_organisation() {
        let kinds: Vec<_> = Recipient::ALL.iter().filter(|kind| kind.is_organisation()).collect();
        let kinds = kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>().join(", ");
        return refuse(format!("`{}` is no organisation: the register takes {kinds}", new.kind));
    }
    for (what, text, most) in [("name", &new.name, 200), ("use", &new.uses, 2_000)] {
        if letters(text).is_empty() || text.chars().count() > most || has_unseen(text) {
            return refuse(format!("the {what} is empty, too long or holds signs that nobody sees"));
        }
    }
    Ok(())
}

/// Whether there are clauses, and each is one of the notice in force and names this kind.
pub(super) fn clauses(
    app: &App,
    portfolio: PortfolioId,
    kind: Recipient,
    clauses: &[String],
) -> Result<(), ServiceError> {
    let (_, notice) = app.gate.notice(portfolio)?;
    let naming = |clause: &&Clause| clause.recipients.contains(&kind);
    let known: Vec<&str> = notice.clauses().iter().filter(naming).map(|one| one.id.as_str()).collect();
    if known.is_empty() {
        return refuse(format!("no clause of the notice in force names `{kind}`"));
    }
    if clauses.is_empty() {
        return refuse(format!(
            "an organisation that is registered for no clause gets nothing: name at least one of {}",
            known.join(", ")
        ));
    }
    match clauses.iter().find(|id| !known.contains(&id.as_str())) {
        Some(id) => refuse(format!(
            "no clause `{id}` of the notice in force names `{kind}`: use one of {}",
            known.join(", ")
        )),
        None => Ok(()),
    }
}

/// The places, from 1, of those that are not in the register just so; each of them has a place there, also beside those
/// before it.
pub(super) fn new_among(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    list: &[Entering],
) -> Result<BTreeSet<usize>, AtPlace> {
    let mut rows: Vec<RecipientRow> =
        recipient::of_portfolio(unit, portfolio)?.into_iter().map(|(row, _)| row).collect();
    let mut new = BTreeSet::new();
    for (number, Entering { row, .. }) in (1..).zip(list) {
        let is_same = |there: &RecipientRow| RecipientRow { entered: row.entered, ..there.clone() } == *row;
        if rows.iter().any(is_same) {
            continue;
        }
        place(row, rows.iter()).map_err(|error| AtPlace { place: number, error })?;
        rows.push(row.clone());
        new.insert(number);
    }
    Ok(new)
}

/// Whether there is a place for an organisation among these: none is of its kind and name, and whom it acts for is
/// there, and acts for itself.
pub(super) fn place<'a>(
    row: &RecipientRow,
    rows: impl Iterator<Item = &'a RecipientRow> + Clone,
) -> Result<(), ServiceError> {
    let name = letters(&row.name);
    let is_it = |other: &&RecipientRow| {
        other.recipient == row.recipient || (other.kind == row.kind && letters(&other.name) == name)
    };
    if let Some(other) = rows.clone().find(is_it) {
        return Err(taken(row.kind, &other.name));
    }
    let Some(principal) = row.acts_for else { return Ok(()) };
    let principal = rows.clone().find(|other| other.recipient == principal);
    let principal =
        principal.ok_or(ServiceError::NotFound("recipient in this portfolio's register to act for"))?;
    match principal.acts_for {
        Some(_) => refuse(format!("`{}` itself acts for another: name that one", principal.name)),
        None => Ok(()),
    }
}

/// One that is there already.
pub(super) fn taken(kind: Recipient, name: &str) -> ServiceError {
    ServiceError::Register(format!(
        "a {kind} `{name}` is in the register already: change what was agreed with it instead"
    ))
}

/// Whether adequacy is agreed only with one that a decision of the Commission may cover: in a country where one covers
/// some. Of the administrator's own staff (no country) nothing is found: where protection is adequate they need no more.
pub(super) fn adequacy(agreed: &[Agreement], country: Option<Country>) -> Result<(), ServiceError> {
    if !agreed.iter().any(|one| one.safeguard == Some(TransferSafeguard::Adequacy)) {
        return Ok(());
    }
    match country {
        Some(country) if country.is_partly_adequate() => Ok(()),
        Some(country) => refuse(format!(
            "no decision of the Commission finds some recipients in `{country}` adequate: agree on another safeguard, or on none where all of the country is"
        )),
        None => {
            refuse("adequacy is found of recipients and not of staff: agree on another safeguard".to_owned())
        }
    }
}

/// Whether what holds now goes on until what takes its place begins.
pub(super) fn nothing_cut_off(
    agreed: &[Agreement],
    standing: &[RecipientConditionRow],
    now: Timestamp,
) -> Result<(), ServiceError> {
    for one in agreed {
        let before = standing.iter().find(|row| row.condition == one.condition && row.is_live(now));
        if let Some(before) = before
            && Timestamp::start_of(one.first) > now
        {
            let until = before.until.map_or_else(|| "it is ended".to_owned(), |until| until.to_string());
            return refuse(format!(
                "the {} that is there holds until {until}, and one from {} would end it today: give its first day as before, or end it first",
                one.condition, one.first
            ));
        }
    }
    Ok(())
}

/// What was agreed, as rows.
pub(super) fn conditions(
    recipient: RecipientId,
    agreed: &[Agreement],
) -> Result<Vec<RecipientConditionRow>, ServiceError> {
    let mut kinds: BTreeSet<Condition> = BTreeSet::new();
    let row = |one: &Agreement| {
        let condition = one.condition;
        if !AGREEMENTS.contains(condition) || (condition == Condition::Safeguard) != one.safeguard.is_some() {
            return refuse(format!("`{condition}` is nothing that can be agreed so with an organisation"));
        }
        if !kinds.insert(condition) {
            return refuse(format!("the {condition} is given twice"));
        }
        if one.last.is_some_and(|last| last < one.first) {
            return refuse(format!("the {condition} would end before it begins: give its first day first"));
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
