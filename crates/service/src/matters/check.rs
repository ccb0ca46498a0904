//! What the register of legal matters takes, and what may be opened. Each refusal says what would do; nothing is
//! written here. Whether an order binds, or reasons weigh enough, whoever reviews a matter judges.

use domain::spelling::{has_unseen, letters};
use domain::{ActorId, Condition, Country, MatterKind, Recipient, Timestamp, no_card_number};
use notice::Notice;
use store::matter::MatterRow;
use store::reference::ActorRow;
use store::{Unit, matter, recipient};

use super::{Issuer, NewMatter};
use crate::ServiceError;

pub(super) fn refuse<T>(problem: impl Into<String>) -> Result<T, ServiceError> {
    Err(ServiceError::Matter(problem.into()))
}

/// Whether a text says something that everybody can see, and no card's number.
pub(super) fn text(what: &'static str, text: &str, most: usize) -> Result<(), ServiceError> {
    if letters(text).is_empty() || text.chars().count() > most || has_unseen(text) {
        return refuse(format!("the {what} is empty, too long or holds signs that nobody sees"));
    }
    no_card_number(what, text).map_err(ServiceError::Unusable)
}

/// Whether a matter says what its kind needs, no more, in texts that can be read.
pub(super) fn facts(new: &NewMatter) -> Result<(), ServiceError> {
    let kind = new.kind;
    let (order, dispute, agreement) =
        (kind == MatterKind::Order, kind == MatterKind::Dispute, kind == MatterKind::Agreement);
    let cites = agreement || kind == MatterKind::Duty;
    // What, whether it is given, whether the kind needs it, whether it may have it.
    let table = [
        ("who issued it", new.issuer.is_some(), order, order || kind == MatterKind::Duty),
        ("the country", new.country.is_some(), cites, !dispute),
        ("the law or agreement, with its article", !new.law.trim().is_empty(), cites, !dispute),
        ("the agreement that it rests on", new.agreement.is_some(), false, order),
        ("the reasons", !new.reasons.trim().is_empty(), dispute, true),
        ("the day on which it was made", new.made.is_some(), order, order || agreement),
        ("its last day", new.last.is_some(), !agreement, true),
    ];
    for (what, given, needed, allowed) in table {
        match (given, needed, allowed) {
            (false, true, _) => return refuse(format!("a matter of the kind `{kind}` needs {what}")),
            (true, _, false) => {
                return refuse(format!("a matter of the kind `{kind}` has no place for {what}"));
            }
            _ => {}
        }
    }
    text("reference", &new.reference, 200)?;
    if let Some(Issuer::Named(name)) = &new.issuer {
        text("issuer", name, 200)?;
    }
    for (what, said, most) in [("law", &new.law, 500), ("reasons", &new.reasons, 2_000)] {
        if !said.trim().is_empty() {
            text(what, said, most)?;
        }
    }
    match new.last {
        Some(last) if last < new.first => refuse("it would end before it begins: give its first day first"),
        _ => Ok(()),
    }
}

/// Who issued a matter as the register of recipients has it, its name, and whose order or law it is.
pub(super) struct Origin {
    pub(super) issuer: Option<domain::RecipientId>,
    pub(super) name: String,
    pub(super) country: Option<Country>,
}

/// Looks up who issued a matter. Who stands in the register is one who orders, and where it says.
pub(super) fn origin(unit: &mut Unit<'_>, new: &NewMatter) -> Result<Origin, ServiceError> {
    let id = match &new.issuer {
        None => return Ok(Origin { issuer: None, name: String::new(), country: new.country }),
        Some(Issuer::Named(name)) if new.country.is_some() => {
            return Ok(Origin { issuer: None, name: name.trim().to_owned(), country: new.country });
        }
        Some(Issuer::Named(_)) => {
            return refuse("one that is not in the register of recipients needs its country");
        }
        Some(Issuer::Registered(id)) => *id,
    };
    let row = recipient::get(unit, new.portfolio, id)?.row;
    let row = row.ok_or(ServiceError::NotFound("recipient in this portfolio's register"))?;
    let is_abroad = row.kind == Recipient::ForeignAuthority;
    if !is_abroad && !matches!(row.kind, Recipient::Authority | Recipient::Court) {
        return refuse(format!("`{}` is a {}: a court or an authority orders", row.name, row.kind));
    }
    // A law is its own country's, whoever watches over it. An authority from abroad may have an office here: whose it
    // is counts.
    let country = new.country.unwrap_or(row.country);
    if new.kind == MatterKind::Order && !is_abroad && country != row.country {
        return refuse(format!("`{}` stands in the register as of `{}`", row.name, row.country));
    }
    if new.kind == MatterKind::Order && is_abroad && country.is_in_eea() {
        return refuse(format!(
            "`{}` is of no country of the European Economic Area: name its own",
            row.name
        ));
    }
    Ok(Origin { issuer: Some(row.recipient), name: row.name, country: Some(country) })
}

/// Whether the agreement that an order names is one of its country's that stands in the register.
pub(super) fn agreement(unit: &mut Unit<'_>, row: &MatterRow) -> Result<(), ServiceError> {
    let Some(id) = row.agreement else { return Ok(()) };
    if !row.kind.needs_agreement(row.country) {
        return refuse("an order from within the European Economic Area rests on no agreement: leave it out");
    }
    let found = matter::get(unit, row.portfolio, id)?.filter(|one| one.kind == MatterKind::Agreement);
    let found = found.ok_or(ServiceError::NotFound("agreement in this portfolio's register"))?;
    if found.country != row.country {
        return refuse(format!(
            "the agreement `{}` is not one with the country of the order",
            found.reference
        ));
    }
    if found.ended.is_some() {
        refuse(format!("the agreement `{}` was ended", found.reference))
    } else {
        Ok(())
    }
}

/// Whether nothing stands in the register that is the same, however spelt.
pub(super) fn is_new(unit: &mut Unit<'_>, row: &MatterRow) -> Result<(), ServiceError> {
    let same = |other: &MatterRow| {
        other.kind == row.kind
            && other.ended.is_none()
            && other.country == row.country
            && letters(&other.reference) == letters(&row.reference)
            && letters(&other.issuer_name) == letters(&row.issuer_name)
    };
    match matter::of_portfolio(unit, row.portfolio)?.iter().find(|other| same(other)) {
        Some(other) => refuse(format!(
            "a matter of this kind `{}` is registered already as {}: end that one first",
            other.reference, other.matter
        )),
        None => Ok(()),
    }
}

/// Whether somebody may review a matter: nobody reviews what they registered.
pub(super) fn may_review(row: &MatterRow, by: ActorId) -> Result<(), ServiceError> {
    if row.ended.is_some() {
        return refuse("it was ended");
    }
    if row.review.is_some() {
        return refuse("it was reviewed already");
    }
    if row.registrar == by {
        return refuse("whoever registered it cannot review it: somebody else must");
    }
    Ok(())
}

/// Whether a matter may be opened now, or an order rest on it if it is an agreement.
pub(super) fn may_open(row: &MatterRow, now: Timestamp) -> Result<(), ServiceError> {
    let what = format!("the {} `{}`", row.kind, row.reference);
    if row.ended.is_some() {
        return refuse(format!("{what} was ended"));
    }
    if row.review.is_none() {
        return refuse(format!("{what} was not reviewed: somebody else than who registered it must"));
    }
    if !row.stands(now) {
        return refuse(format!("the last day of {what} is over"));
    }
    Ok(())
}

/// Whether an actor is somebody else than the officer who defers what they ask: nobody defers their own.
pub(super) fn is_another(
    unit: &mut Unit<'_>,
    assignee: &ActorRow,
    officer: ActorId,
) -> Result<(), ServiceError> {
    let name = store::reference::actor(unit, officer)?.map(|row| letters(&row.name)).unwrap_or_default();
    if assignee.actor == officer || (!name.is_empty() && letters(&assignee.name) == name) {
        return refuse("who declares its showing deferred and whose task it is must be two people");
    }
    Ok(())
}

/// Whether somebody may have a matter as a task: staff, whom a clause lets see data under it. Data goes to others
/// when staff hand it over.
pub(super) fn may_have(
    assignee: &ActorRow,
    condition: Condition,
    notice: &Notice,
    now: Timestamp,
) -> Result<(), ServiceError> {
    let kind = assignee.recipient;
    let mut clauses = notice.clauses().iter().filter(|clause| clause.when.contains(condition));
    let is_staff = !kind.is_organisation() && !kind.is_the_person() && !kind.is_job();
    if !is_staff || !clauses.any(|clause| clause.recipients.contains(&kind)) {
        return refuse(format!(
            "no clause of the notice in force lets staff of the kind `{kind}` use {condition}"
        ));
    }
    if assignee.works(now) {
        Ok(())
    } else {
        refuse("the token of whom it is assigned to has expired, or their record was ended")
    }
}
