//! Correcting who somebody is: the right of rectification (GDPR article 16), under a clause for it and in the service of the
//! request. What was there before is not kept. It decides on no request, and leaves alone what other records say of a
//! person: the name printed on a span of cover, or on a payment that was made.

use domain::{Person, Personal, PortfolioId, Purpose, RequestId};
use gate::{Actor, Asking, GateError, LookupKind, Reader, Sealed, Target, Writer};
use store::lookup::LookupRow;
use store::{StoreError, Unit};

use crate::views::PersonToCorrect;
use crate::{App, ServiceError};

/// What a number that only one may have is looked up by.
pub(crate) const MEMBER_NUMBER: &[&str] = &[LookupKind::MemberNumber.field()];

/// Who somebody is, to correct it.
pub struct PersonFile {
    /// What is held.
    pub person: PersonToCorrect,
    /// The version that a correction must name.
    pub version: i64,
}

/// Reads who somebody is, to correct it.
pub async fn read_to_correct(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    target: Target,
    request: RequestId,
) -> Result<PersonFile, ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::Correction, request);
    let grant = app.gate.ask::<PersonToCorrect>(&asking, target).await?;
    let sealed = fetch(app, target).await?;
    Ok(PersonFile { person: grant.open(&sealed)?, version: sealed.version() })
}

/// Puts this in the place of what is held of who somebody is, if that still is of the version `version`; whom it is
/// searched by follows. Returns the new version. The entry is durable before anything is read or written.
///
/// Errors: [`StoreError::Changed`] for another version; [`ServiceError::NumberTaken`] for the member number of
/// somebody else: a number is looked for on the record, and as often in a minute as anybody searches; there is no such person, or who they are was erased.
pub async fn correct(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    target: Target,
    version: i64,
    person: &Person,
    request: RequestId,
) -> Result<i64, ServiceError> {
    let writes = Person::CATEGORIES;
    let asking = Asking { writes, ..Asking::new(actor, portfolio, Purpose::Correction, request) };
    let grant = app.gate.ask::<PersonToCorrect>(&asking, target).await?;
    let sealed = fetch(app, target).await?;
    if sealed.version() != version {
        return Err(StoreError::Changed.into());
    }
    let before: PersonToCorrect = grant.open(&sealed)?;
    let subject = target.subject;
    let gone = app.gate.lookup_rows(subject, &before.into_person());
    let new = app.gate.lookup_rows(subject, person);
    // Whether somebody else has the number is told by whether it is taken: that is a search by it.
    if new.iter().any(|row| row.unique && !gone.contains(row)) {
        let by_number = Asking { filters: MEMBER_NUMBER, ..asking };
        app.gate.look_for(&by_number, target.item).await?;
    }
    let computed = grant.compute(subject, &[], person, &sealed, put)?;
    let write = move |unit: &mut Unit<'_>| {
        store::sealed::put_many(unit, &computed.rows)?;
        follow(unit, &gone, &new)
    };
    app.store().write(write).await?;
    Ok(version + 1)
}

/// The record in the place of the one before. It captures nothing.
fn put(
    person: &Person,
    before: &Sealed<Person>,
    _: &Reader<'_, PersonToCorrect>,
    writer: &mut Writer<'_>,
) -> Result<(), GateError> {
    writer.replace(before, person)
}

/// Deletes the tokens that lead to somebody no longer, and inserts those that newly do.
fn follow(unit: &mut Unit<'_>, gone: &[LookupRow], new: &[LookupRow]) -> Result<(), ServiceError> {
    for row in gone.iter().filter(|row| !new.contains(row)) {
        store::lookup::delete(unit, row)?;
    }
    let added: Vec<LookupRow> = new.iter().filter(|row| !gone.contains(row)).copied().collect();
    for row in added.iter().filter(|row| row.unique) {
        if !store::lookup::find(unit, row.kind, &row.token, 1)?.is_empty() {
            return Err(ServiceError::NumberTaken);
        }
    }
    Ok(store::lookup::insert_many(unit, &added)?)
}

async fn fetch(app: &App, target: Target) -> Result<Sealed<Person>, ServiceError> {
    let sealed = app.gate.fetch::<PersonToCorrect>(target.subject, target.subject).await?;
    sealed.ok_or(ServiceError::NotFound("person"))
}
