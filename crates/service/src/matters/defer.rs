//! Deferring the showing: where a law keeps it from people for a time that their data is asked for under a matter (a
//! sealed order, an inquiry into fraud), the data protection officer declares so, until when, under which law and why.
//! Entries asked under the matter then join people's lists when that is over. It lets nobody see anything.
//!
//! It is declared about a matter that two people stand for already, by a third who does not work under it, before it is
//! opened for anybody: what stands in somebody's list is not taken out of it again. Each declaration is on the record,
//! and defers for a limited time; a longer one is another declaration. What is over is over.

use domain::spelling::letters;
use domain::{ActorId, MatterId, PortfolioId, Recipient, Timestamp};
use gate::{Actor, MOST_DEFERRED_DAYS, MatterChange};
use store::deferral::DeferralRow;
use store::matter::MatterRow;
use store::{StoreError, Unit, deferral, matter, reference};

use super::{NOT_THERE, check, of_matter};
use crate::{App, ServiceError};

/// That the showing of what is asked under a matter is deferred. None of its texts names a person: the register lies open.
#[derive(Debug, Clone)]
pub struct NewDeferral {
    /// In whose register.
    pub portfolio: PortfolioId,
    /// About which matter.
    pub matter: MatterId,
    /// Until just before when.
    pub until: Timestamp,
    /// The law that defers it, with its article.
    pub law: String,
    /// Why.
    pub reasons: String,
}

/// Declares that what is asked under a matter is shown to the people concerned from an instant on only; also until later
/// or sooner than it was declared before.
///
/// Errors: the matter was not reviewed, or is over; it was opened already, or its deferral is over; the actor is not the
/// data protection officer, or has a part in the matter; the instant is past or too far away.
pub async fn defer_matter(app: &App, officer: &Actor, new: &NewDeferral) -> Result<(), ServiceError> {
    check::text("law", &new.law, 500)?;
    check::text("reasons", &new.reasons, 2_000)?;
    let now = app.gate.now();
    if new.until <= now || new.until > now.plus_seconds(MOST_DEFERRED_DAYS * 86_400) {
        return check::refuse(format!(
            "it is deferred until an instant to come, at most {MOST_DEFERRED_DAYS} days from now: declare it anew before it is over"
        ));
    }
    let (law, reasons) = (new.law.trim().to_owned(), new.reasons.trim().to_owned());
    let words = format!("showing deferred until {}, under {law}", new.until);
    let row = DeferralRow {
        matter: new.matter,
        declared: now,
        portfolio: new.portfolio,
        officer: officer.id(),
        until: new.until,
        law,
        reasons,
    };
    declare(app, officer, row, words, may_defer).await
}

/// Ends the deferral of what is asked under a matter, now: entries under it join the lists at the next roll.
///
/// Errors: it is not deferred; the actor is not the data protection officer.
pub async fn end_deferral(
    app: &App,
    officer: &Actor,
    portfolio: PortfolioId,
    id: MatterId,
    reasons: &str,
) -> Result<(), ServiceError> {
    check::text("reasons", reasons, 2_000)?;
    let now = app.gate.now();
    let (law, reasons) = (String::new(), reasons.trim().to_owned());
    let row =
        DeferralRow { matter: id, declared: now, portfolio, officer: officer.id(), until: now, law, reasons };
    declare(app, officer, row, "deferral of the showing ended".to_owned(), may_end).await
}

/// The newest declaration about each matter of a portfolio that has one.
pub async fn deferrals(app: &App, portfolio: PortfolioId) -> Result<Vec<DeferralRow>, ServiceError> {
    let all = app.store().read(deferral::all).await.map_err(|error: StoreError| error)?;
    let mut newest: Vec<DeferralRow> = Vec::new();
    for row in all.into_iter().filter(|row| row.portfolio == portfolio) {
        newest.pop_if(|last| last.matter == row.matter);
        newest.push(row);
    }
    Ok(newest)
}

/// Puts a declaration on the record and then into the register.
async fn declare(
    app: &App,
    officer: &Actor,
    row: DeferralRow,
    words: String,
    may: fn(&mut Unit<'_>, &DeferralRow, &MatterRow, ActorId) -> Result<(), ServiceError>,
) -> Result<(), ServiceError> {
    let is_officers = officer.recipient() == Recipient::DataProtectionOfficer;
    if !is_officers || officer.portfolio() != Some(row.portfolio) {
        return check::refuse(
            "the portfolio's data protection officer declares it, with a token of their own",
        );
    }
    // Who stands for the matter holds the root key under a name; the officer's token has one too.
    let id = row.officer;
    let named = app.store().read(move |unit| reference::actor(unit, id)).await;
    let name = named.map_err(|error: StoreError| error)?.map(|row| row.name).unwrap_or_default();
    let as_operator = app.gate.operator_id(&name);
    let declared = row.clone();
    let declarable = move |unit: &mut Unit<'_>| -> Result<MatterRow, ServiceError> {
        let found = matter::get(unit, declared.portfolio, declared.matter)?.ok_or(NOT_THERE)?;
        may(unit, &declared, &found, as_operator)?;
        Ok(found)
    };
    let found = app.store().read(declarable.clone()).await?;
    let change = MatterChange {
        matter: row.matter,
        assignee: None,
        change: format!("{}: {words}", of_matter(&found)),
    };
    app.gate.record_deferral(officer, row.portfolio, &change, row.until).await?;
    let write = move |unit: &mut Unit<'_>| {
        declarable(unit)?;
        Ok::<_, ServiceError>(deferral::insert(unit, &row)?)
    };
    app.store().write(write).await
}

fn may_defer(
    unit: &mut Unit<'_>,
    row: &DeferralRow,
    found: &MatterRow,
    as_operator: ActorId,
) -> Result<(), ServiceError> {
    let stood = [Some(found.registrar), found.review.as_ref().map(|review| review.by)];
    if stood.iter().flatten().any(|by| [row.officer, as_operator].contains(by)) {
        return check::refuse(
            "whoever registered or reviewed it cannot declare its showing deferred: somebody else must",
        );
    }
    let tasks = matter::tasks(unit, row.matter)?;
    match deferral::newest(unit, row.portfolio, row.matter)? {
        Some(before) if before.until <= row.declared => {
            check::refuse("its deferral is over: what was asked under it is in people's lists, or joins them")
        }
        Some(_) => {
            check::may_open(found, row.declared)?;
            let officer = reference::actor(unit, row.officer)?.ok_or(NOT_THERE)?;
            let is_own = |name: &str| !letters(name).is_empty() && letters(name) == letters(&officer.name);
            for task in &tasks {
                let assignee = reference::actor(unit, task.assignee)?;
                if task.assignee == row.officer || assignee.is_some_and(|assignee| is_own(&assignee.name)) {
                    return check::refuse(
                        "who declares its showing deferred and whose task it is must be two people",
                    );
                }
            }
            Ok(())
        }
        None if found.kind.gives().is_none() => {
            check::refuse("nothing is asked under an agreement: declare it about the order that rests on it")
        }
        None if !tasks.is_empty() => check::refuse(
            "it was opened already, which stands in people's lists: register another matter, and declare it before that is opened",
        ),
        None => check::may_open(found, row.declared),
    }
}

fn may_end(unit: &mut Unit<'_>, row: &DeferralRow, _: &MatterRow, _: ActorId) -> Result<(), ServiceError> {
    match deferral::newest(unit, row.portfolio, row.matter)? {
        Some(before) if before.until > row.declared => Ok(()),
        Some(_) => check::refuse("its deferral is over already"),
        None => check::refuse("its showing is not deferred"),
    }
}
