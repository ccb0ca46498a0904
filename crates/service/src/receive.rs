//! Receiving one claim from a service, once: the same request again gets the same answer. The claim, its
//! job and the answer stand in one transaction, so what is acknowledged is there. It reads no format:
//! the face has made the draft.

use domain::{
    CategorySet, Claim, ClaimId, ClaimState, Personal, PortfolioId, Purpose, RequestId, SubjectId,
    SubjectKind,
};
use gate::{Actor, Asking};
use intake::{ClaimDraft, DraftKind};
use store::StoreError;

use crate::covered::covered;
use crate::enrol::unless_erased;
use crate::once::{self, Sent};
use crate::submit::{Incoming, Known, insert, rows_of};
use crate::{App, ServiceError};

/// One claim of one source, or one request for a guarantee of payment in the same words, as it was sent. Its Debug is
/// redacted: the body says it all.
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

impl ClaimRequest<'_> {
    /// Where it was sent to: the same body of another source is another request.
    pub(crate) fn place(&self) -> String {
        format!("{}/{}", self.portfolio, self.source)
    }

    /// What tells it from another.
    pub(crate) fn once<'a>(&'a self, subject: SubjectId, place: &'a str) -> Sent<'a> {
        Sent { subject, kind: "", key: self.key, place, body: self.body }
    }
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
pub async fn claim_categories(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    request: RequestId,
) -> Result<CategorySet, ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::ClaimsProcessing, request);
    app.gate.collect(&asking, SubjectKind::Member, Claim::CATEGORIES).await?;
    Ok(covered(app, actor, portfolio).await?.of(DraftKind::Claim))
}

/// Receives a claim. The same request with the same key again answers as before and changes nothing. A claim that was withdrawn may be
/// sent again, in another request: it is another claim then, and the one before stays as it was.
///
/// Errors: [`ServiceError::OtherRequest`] when the key was used for another request.
pub async fn receive_claim(
    app: &App,
    actor: &Actor,
    sent: &ClaimRequest<'_>,
) -> Result<Receipt<ClaimId>, ServiceError> {
    let mut incoming = Incoming::new(app, sent.portfolio, sent.source, sent.draft);
    let mut again = 0;
    loop {
        let (subject, claim) = (incoming.subject, incoming.claim);
        let receipt = receive_as(app, actor, sent, incoming).await?;
        // Each of those before was closed by hand, so that there are few.
        if !matches!(receipt, Receipt::Known(_)) || !is_withdrawn(app, subject, claim).await? {
            return Ok(receipt);
        }
        again += 1;
        incoming = Incoming::again(app, sent.portfolio, sent.source, sent.draft, again);
    }
}

/// Whether a claim was closed before it was decided.
async fn is_withdrawn(app: &App, subject: SubjectId, claim: ClaimId) -> Result<bool, ServiceError> {
    let row = app.store().read(move |unit| store::claim::get(unit, subject, claim)).await;
    let row = row.map_err(|error: StoreError| error)?;
    Ok(row.is_some_and(|row| row.state == ClaimState::Withdrawn))
}

/// Receives a claim under one of its ids.
async fn receive_as(
    app: &App,
    actor: &Actor,
    sent: &ClaimRequest<'_>,
    incoming: Incoming<'_>,
) -> Result<Receipt<ClaimId>, ServiceError> {
    let asking = Asking::new(actor, sent.portfolio, Purpose::ClaimsProcessing, sent.request);
    let incoming = [incoming];
    let known = Known::read(app, sent.portfolio, &incoming).await?;
    let [incoming] = incoming;
    let Some((kind, keys)) = known.members.get(&incoming.subject) else { return Ok(Receipt::UnknownMember) };
    if !known.providers.contains(&incoming.provider.into()) {
        return Ok(Receipt::UnknownProvider);
    }
    let collection = app.gate.collect(&asking, *kind, Claim::CATEGORIES).await?;
    let claim = sent.draft.clone().into_claim(incoming.provider);
    let sealed = collection.seal(incoming.subject, incoming.claim, 1, &claim, keys);
    let Some(sealed) = unless_erased(sealed)? else { return Ok(Receipt::Erased) };
    let id = incoming.claim;
    let answer = once::answer(app, actor, &sent.once(incoming.subject, &sent.place()), id.into());
    let content = collection.content_hash(incoming.subject, incoming.claim, &claim, keys)?;
    let rows = [rows_of(app, sent.portfolio, &incoming, sealed, content)];
    let written = app
        .store()
        .write(move |unit| match once::before(unit, &answer)? {
            Some(record) => Ok(ClaimId::from_bytes(*record.bytes())),
            // The error undoes the answer's row too: nothing is acknowledged that was not taken in.
            None if insert(unit, &rows)?.new.is_empty() => Err(StoreError::Duplicate.into()),
            None => Ok(id),
        })
        .await;
    receipt(written, id)
}

/// What the sender is told.
pub(crate) fn receipt<I>(written: Result<I, ServiceError>, id: I) -> Result<Receipt<I>, ServiceError> {
    match written {
        Ok(record) => Ok(Receipt::Taken(record)),
        Err(ServiceError::Store(StoreError::Duplicate)) => Ok(Receipt::Known(id)),
        Err(error) => Err(error),
    }
}
