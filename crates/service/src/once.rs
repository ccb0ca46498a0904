//! Requests that are carried out once: the same request with the same key again gets the answer that it got before. The
//! answer's row stands in the transaction of what it acknowledges, so neither is there without the other.

use domain::{RecordId, SubjectId};
use gate::Actor;
use store::idempotency::{Idempotency, IdempotencyRow};
use store::{StoreError, Unit};

use crate::{App, ServiceError};

/// A request, as far as it tells itself from another.
pub(crate) struct Sent<'a> {
    /// Whom it is about: a key counts for one person.
    pub(crate) subject: SubjectId,
    /// What kind of request it is, where a key counts for that kind alone; empty for claims and what is in their words.
    pub(crate) kind: &'a str,
    /// The client's own key for it.
    pub(crate) key: &'a str,
    /// Where to it was sent: the portfolio, and what else tells places apart.
    pub(crate) place: &'a str,
    /// What was sent.
    pub(crate) body: &'a str,
}

/// The answer to a request, for whoever sends the same again: the record that it made.
pub(crate) fn answer(app: &App, actor: &Actor, sent: &Sent<'_>, record: RecordId) -> IdempotencyRow {
    IdempotencyRow {
        subject: sent.subject,
        client: actor.id(),
        key: keyed_hash(app, "idempotency-key", sent.kind, sent.key),
        request_hash: keyed_hash(app, "request", sent.place, sent.body),
        answer: record.bytes().to_vec(),
        at: app.gate.now(),
    }
}

/// The record that the same request was answered with before; none, and the answer is written, when it is new.
///
/// Errors: [`ServiceError::OtherRequest`] when the key was used for another request.
pub(crate) fn before(unit: &mut Unit<'_>, answer: &IdempotencyRow) -> Result<Option<RecordId>, ServiceError> {
    match store::idempotency::insert(unit, answer)? {
        Idempotency::New => Ok(None),
        Idempotency::Answered(before) if before.request_hash == answer.request_hash => {
            let record = RecordId::try_from(before.answer.as_slice());
            record.map(Some).map_err(|_| StoreError::Corrupt { table: "idempotency" }.into())
        }
        Idempotency::Answered(_) => Err(ServiceError::OtherRequest),
    }
}

/// A hash of 32 bytes under the site's key: a plain hash of a claim could be guessed from its few parts.
fn keyed_hash(app: &App, what: &str, place: &str, text: &str) -> [u8; 32] {
    let half = |half: u8| app.gate.imported_id(&format!("{what}/{half}"), place, text);
    let mut hash = [0; 32];
    hash.iter_mut().zip(half(1).into_iter().chain(half(2))).for_each(|(to, from)| *to = from);
    hash
}
