//! Receiving one claim from a service, once: the same request again gets the same answer. The claim, its
//! job and the answer stand in one transaction, so what is acknowledged is there. It reads no format:
//! the face has made the draft.

use domain::{CategorySet, Claim, ClaimId, Personal, PortfolioId, Purpose, RequestId, SubjectKind};
use gate::{Actor, Asking};
use intake::{ClaimDraft, DraftKind};
use store::StoreError;
use store::idempotency::{Idempotency, IdempotencyRow};

use crate::covered::covered;
use crate::enrol::unless_erased;
use crate::submit::{Incoming, Known, insert, rows_of};
use crate::{App, ServiceError};

/// One claim of one source, as it was sent. Its Debug is redacted: the body says it all.
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

/// What became of a claim that was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// It is there, durably, and waits for adjudication; or it was there from the same request before.
    Taken(ClaimId),
    /// The source sent a claim with this id before, in another request. Nothing was changed.
    KnownClaim(ClaimId),
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
) -> Result<Receipt, ServiceError> {
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
    let answered = IdempotencyRow {
        subject: incoming.subject,
        client: actor.id(),
        key: keyed_hash(app, "idempotency-key", "", sent.key),
        request_hash: keyed_hash(app, "request", &format!("{}/{}", sent.portfolio, sent.source), sent.body),
        answer: incoming.claim.bytes().to_vec(),
        at: app.gate.now(),
    };
    let id = incoming.claim;
    let content = collection.content_hash(incoming.subject, incoming.claim, &claim, keys)?;
    let rows = [rows_of(app, sent.portfolio, &incoming, sealed, content)];
    let written = app
        .store()
        .write(move |unit| match store::idempotency::insert(unit, &answered)? {
            Idempotency::Answered(before) if before.request_hash == answered.request_hash => {
                let claim = ClaimId::try_from(before.answer.as_slice());
                claim.map_err(|_| StoreError::Corrupt { table: "idempotency" }.into())
            }
            Idempotency::Answered(_) => Err(ServiceError::OtherRequest),
            // The error undoes the answer's row too: nothing is acknowledged that was not taken in.
            Idempotency::New if insert(unit, &rows)?.new.is_empty() => Err(StoreError::Duplicate.into()),
            Idempotency::New => Ok(id),
        })
        .await;
    match written {
        Ok(claim) => Ok(Receipt::Taken(claim)),
        Err(ServiceError::Store(StoreError::Duplicate)) => Ok(Receipt::KnownClaim(id)),
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
