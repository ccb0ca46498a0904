//! Receiving one claim from a service, once: the same request again gets the same answer. The claim, its
//! job and the answer stand in one transaction, so what is acknowledged is there. It reads no format:
//! the face has made the draft.

use domain::{
    CategorySet, Claim, ClaimId, Personal, PortfolioId, Purpose, RecordId, RequestId, SubjectId, SubjectKind,
};
use gate::{Actor, Asking};
use intake::{ClaimDraft, DraftKind};
use store::idempotency::{Idempotency, IdempotencyRow};
use store::{StoreError, Unit};

use crate::covered::covered;
use crate::enrol::unless_erased;
use crate::submit::{Incoming, Known, insert, rows_of};
use crate::{App, ServiceError};

/// One claim of one source, or one request for a guarantee of payment in the same words, as it was sent. Its Debug is redacted: the body says it all.
pub struct ClaimRequest<'a> {
    /// In which portfolio.
    pub portfolio: PortfolioId,
    /// The source whose ids the claim uses for the person and the provider.
    pub source: &'a str,
    /// The client's own key for this request.
    pub key: &'a str,
    /// The request's body as it was sent: what tells the same request from another.
    pub body: &'a str,
    /// What the body says.
    pub draft: &'a ClaimDraft,
    /// The request that this is part of.
    pub request: RequestId,
}

impl std::fmt::Debug for ClaimRequest<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClaimRequest(redacted)")
    }
}

/// What became of a claim, or of a request for a guarantee of payment, that was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt<I> {
    /// It is there, durably, and waits for its work; or it was there from the same request before.
    Taken(I),
    /// The source sent one with this id before, in another request. Nothing was changed.
    Known(I),
    /// The person is not taken up in this portfolio. Nothing was changed.
    UnknownMember,
    /// The provider is not taken up in this portfolio. Nothing was changed.
    UnknownProvider,
    /// The person's records were erased, and they were not taken up again. Nothing was changed.
    Erased,
}

/// The categories that this actor may take in with claims, or a refusal that names the nearest clause.
pub fn claim_categories(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    request: RequestId,
) -> Result<CategorySet, ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::ClaimsProcessing, request);
    app.gate.collect(&asking, SubjectKind::Member, Claim::CATEGORIES)?;
    Ok(covered(app, actor, portfolio)?.of(DraftKind::Claim))
}

/// Receives a claim. The same request with the same key again answers as before and changes nothing.
///
/// Errors: [`ServiceError::OtherRequest`] when the key was used for another request.
pub async fn receive_claim(
    app: &App,
    actor: &Actor,
    sent: &ClaimRequest<'_>,
) -> Result<Receipt<ClaimId>, ServiceError> {
    let asking = Asking::new(actor, sent.portfolio, Purpose::ClaimsProcessing, sent.request);
    let incoming = [Incoming::new(app, sent.portfolio, sent.source, sent.draft)];
    let known = Known::read(app, sent.portfolio, &incoming).await?;
    let [incoming] = incoming;
    let Some((kind, keys)) = known.members.get(&incoming.subject) else { return Ok(Receipt::UnknownMember) };
    if !known.providers.contains(&incoming.provider.into()) {
        return Ok(Receipt::UnknownProvider);
    }
    let collection = app.gate.collect(&asking, *kind, Claim::CATEGORIES)?;
    let claim = sent.draft.clone().into_claim(incoming.provider);
    let sealed = collection.seal(incoming.subject, incoming.claim, 1, &claim, keys);
    let Some(sealed) = unless_erased(sealed)? else { return Ok(Receipt::Erased) };
    let id = incoming.claim;
    let answered = answered(app, actor, sent, incoming.subject, id.into());
    let content = collection.content_hash(incoming.subject, incoming.claim, &claim, keys)?;
    let rows = [rows_of(app, sent.portfolio, &incoming, sealed, content)];
    let written = app
        .store()
        .write(move |unit| match before(unit, &answered)? {
            Some(record) => Ok(ClaimId::from_bytes(*record.bytes())),
            // The error undoes the answer's row too: nothing is acknowledged that was not taken in.
            None if insert(unit, &rows)?.new.is_empty() => Err(StoreError::Duplicate.into()),
            None => Ok(id),
        })
        .await;
    receipt(written, id)
}

/// The answer to what was sent, for whoever sends the same again.
pub(crate) fn answered(
    app: &App,
    actor: &Actor,
    sent: &ClaimRequest<'_>,
    subject: SubjectId,
    record: RecordId,
) -> IdempotencyRow {
    let place = format!("{}/{}", sent.portfolio, sent.source);
    IdempotencyRow {
        subject,
        client: actor.id(),
        key: keyed_hash(app, "idempotency-key", "", sent.key),
        request_hash: keyed_hash(app, "request", &place, sent.body),
        answer: record.bytes().to_vec(),
        at: app.gate.now(),
    }
}

/// The record that the same request was answered with before; none, and the answer is written, when it is new.
pub(crate) fn before(
    unit: &mut Unit<'_>,
    answered: &IdempotencyRow,
) -> Result<Option<RecordId>, ServiceError> {
    match store::idempotency::insert(unit, answered)? {
        Idempotency::New => Ok(None),
        Idempotency::Answered(before) if before.request_hash == answered.request_hash => {
            let record = RecordId::try_from(before.answer.as_slice());
            record.map(Some).map_err(|_| StoreError::Corrupt { table: "idempotency" }.into())
        }
        Idempotency::Answered(_) => Err(ServiceError::OtherRequest),
    }
}

/// What the sender is told.
pub(crate) fn receipt<I>(written: Result<I, ServiceError>, id: I) -> Result<Receipt<I>, ServiceError> {
    match written {
        Ok(record) => Ok(Receipt::Taken(record)),
        Err(ServiceError::Store(StoreError::Duplicate)) => Ok(Receipt::Known(id)),
        Err(error) => Err(error),
    }
}

/// A hash of 32 bytes under the site's key: a plain hash of a claim could be guessed from its few parts.
pub(crate) fn keyed_hash(app: &App, what: &str, place: &str, text: &str) -> [u8; 32] {
    let half = |half: u8| app.gate.imported_id(&format!("{what}/{half}"), place, text);
    let mut hash = [0; 32];
    hash.iter_mut().zip(half(1).into_iter().chain(half(2))).for_each(|(to, from)| *to = from);
    hash
}
