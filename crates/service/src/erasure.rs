//! Erasing on request (GDPR article 17), and telling what was erased: under the clause for it, in the service of the
//! request, on the record first. Which classes go, the data protection officer who decides on the request says: the program
//! does not know what a law keeps, but for what a legal matter holds, which stays, and tells what is left and which rule keeps
//! it. What lapses by time is [`crate::sweep`]'s.

use std::collections::BTreeSet;

use domain::{Category, PortfolioId, Purpose, Recipient, RequestId, RetentionClass, SubjectId};
use gate::{Actor, Asking, Target};
use store::StoreError;
use store::key::Erasure;

use crate::periods::{self, Periods};
use crate::retention::there;
use crate::views::{PersonToErase, PersonWasErased};
use crate::{App, Kept, ServiceError, erase_subject};

/// What became of a request to erase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasedOnRequest {
    /// Keys destroyed.
    pub keys: u64,
    /// What is left of the person, with until when and by which rule each class of it is kept.
    pub kept: Vec<Kept>,
}

/// Destroys the keys and rows of these retention classes of a person.
///
/// Errors: a legal matter is open about them, which then keeps all of it. Only the portfolio's data protection officer, who
/// may know of every matter, erases: so nobody else learns from an answer whether there is one, and the person's list has the
/// same entry in either case.
pub async fn erase_on_request(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    target: Target,
    classes: &[RetentionClass],
    request: RequestId,
) -> Result<ErasedOnRequest, ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::Erasure, request);
    app.gate.ask::<PersonToErase>(&asking, target).await?;
    must_be_the_officer(actor, portfolio)?;
    let keys = erase_subject(app, target.subject, classes).await?;
    Ok(ErasedOnRequest { keys, kept: kept(app, portfolio, target.subject).await? })
}

/// What is held, and why, only who may know of every matter is told.
fn must_be_the_officer(actor: &Actor, portfolio: PortfolioId) -> Result<(), ServiceError> {
    let is_officers = actor.recipient() == Recipient::DataProtectionOfficer;
    if is_officers && actor.portfolio() == Some(portfolio) {
        Ok(())
    } else {
        Err(ServiceError::NotTheOfficer)
    }
}

/// What is left of a subject, with what keeps it.
async fn kept(app: &App, portfolio: PortfolioId, subject: SubjectId) -> Result<Vec<Kept>, ServiceError> {
    let periods = Periods::of(app, portfolio).await?;
    let read = app.store().read(move |unit| {
        let people = periods::held(unit, &[subject])?;
        let there = there(unit, subject)?;
        Ok(people.iter().flat_map(|held| periods.kept(held, &there)).collect())
    });
    Ok(read.await.map_err(|error: StoreError| error)?)
}

/// What was erased of a person, and what is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureRecord {
    /// The person's lines of the list of erasures.
    pub erased: Vec<Erasure>,
    /// What is held: places that have a key or a sealed row. Of what was erased, a row without its key does not open, and
    /// is reported all the same.
    pub held: BTreeSet<(Category, RetentionClass)>,
}

impl ErasureRecord {
    /// Whether something was erased and nothing is held.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        !self.erased.is_empty() && self.held.is_empty()
    }
}

/// Tells what was erased of a person and what is still held, from the list and from the rows: to answer them, or an
/// authority. Of somebody who is not there it is refused as of anybody.
pub async fn erasures(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    target: Target,
    request: RequestId,
) -> Result<ErasureRecord, ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::Erasure, request);
    app.gate.ask::<PersonWasErased>(&asking, target).await?;
    must_be_the_officer(actor, portfolio)?;
    let subject = target.subject;
    let read = app.store().read(move |unit| {
        let erased = store::key::erasures_of(unit, &[subject])?;
        let keys = store::key::of_subject(unit, subject)?.into_iter().map(|key| (key.category, key.class));
        let rows = store::sealed::places_of(unit, subject)?;
        Ok::<_, StoreError>(ErasureRecord { erased, held: keys.chain(rows).collect() })
    });
    Ok(read.await?)
}
