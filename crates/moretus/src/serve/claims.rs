//! Taking in claims: one FHIR R4 Claim a request, acknowledged (202) only when it is durable. The same
//! request with the same `Idempotency-Key` gets the same answer and changes nothing.

use axum::Extension;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{CategorySet, ClaimId, Currency, PortfolioId, RequestId};
use intake::fhir::Found;
use intake::{ClaimDraft, ClaimUse, Mapping};
use serde::Deserialize;
use serde_json::json;
use service::{ClaimRequest, Receipt};

use super::Shared;
use super::api::{Pathed, in_portfolio};
use super::problem::Problem;

/// The largest body: a claim of a thousand lines is a third of it.
const MAX_BYTES: usize = 1024 * 1024;
/// The longest idempotency key.
const MAX_KEY: usize = 200;
/// The longest name of a source.
const MAX_SOURCE: usize = 60;

/// The query of sending a claim.
#[derive(Deserialize)]
pub(super) struct ClaimQuery {
    source: Option<String>,
}

/// `POST /api/v1/portfolios/{portfolio}/claims?source=NAME`: takes in a claim whose ids of the person and the
/// provider are those of a source from which they were taken up.
pub(super) async fn receive(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: Pathed,
    query: Result<Query<ClaimQuery>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let (actor, portfolio) = in_portfolio(&server, &headers, request, path).await?;
    let covered = service::claim_categories(&server.app, &actor, portfolio, request).await?;
    let sent = sent(&server, portfolio, query, &headers, body, (covered, ClaimUse::Claim)).await?;
    let Sent { key, source, body, draft } = &sent;
    let sent = ClaimRequest { portfolio, source, key, body, draft, request };
    let claim = taken(service::receive_claim(&server.app, &actor, &sent).await?, "claim")?;
    server.wake.notify_one();
    Ok(accepted(claim))
}

/// A FHIR Claim as it was sent, and as it was read.
pub(super) struct Sent {
    pub(super) key: String,
    pub(super) source: String,
    pub(super) body: String,
    pub(super) draft: ClaimDraft,
}

/// Reads what was sent, once the caller may send it: what a clause covers, and what the Claim is to be.
pub(super) async fn sent(
    server: &Shared,
    portfolio: PortfolioId,
    query: Result<Query<ClaimQuery>, QueryRejection>,
    headers: &HeaderMap,
    body: Body,
    (covered, claim_use): (CategorySet, ClaimUse),
) -> Result<Sent, Problem> {
    let currency = currency_of(server, portfolio).await?;
    let key = key(headers)?.to_owned();
    let source = source(query)?;
    check_type(headers, &["application/fhir+json", "application/json"])?;
    let body = text(body, MAX_BYTES).await?;
    // No cover comes in here, so the plan that it would get is never used.
    let mapping = Mapping::new("none", currency, covered).map_err(|error| Problem::internal(&error))?;
    let draft = read(&body, &Mapping { claim_use, ..mapping })?;
    Ok(Sent { key, source, body, draft })
}

/// The id of what was taken in, or why it was not.
pub(super) fn taken<I>(receipt: Receipt<I>, what: &str) -> Result<I, Problem> {
    match receipt {
        Receipt::Taken(id) => Ok(id),
        Receipt::Known(_) => Err(Problem::new(
            StatusCode::CONFLICT,
            "known-claim",
            format!(
                "this source sent a {what} with this id before, in another request; nothing was changed: give another {what} an id of its own"
            ),
        )),
        Receipt::UnknownMember => Err(Problem::invalid(
            "`Claim.patient`: nobody with this id of this source is taken up in the portfolio",
        )),
        Receipt::Erased => Err(Problem::invalid(
            "`Claim.patient`: this person's records were erased at the end of their retention: take the person up again first",
        )),
        Receipt::UnknownProvider => Err(Problem::invalid(
            "`Claim.provider`: no provider with this id of this source is taken up in the portfolio",
        )),
    }
}

/// The currency of amounts that name none; no portfolio, no claims.
async fn currency_of(server: &Shared, portfolio: PortfolioId) -> Result<Currency, Problem> {
    let facts = server.facts.get(&server.app).await?;
    let currency = facts.portfolio(portfolio).map(|portfolio| portfolio.currency);
    currency.ok_or_else(|| Problem::not_found("portfolio"))
}

pub(super) fn key(headers: &HeaderMap) -> Result<&str, Problem> {
    let problem = || {
        let detail = "send `Idempotency-Key`: 1 to 200 visible ASCII characters, another for each request";
        Problem::new(StatusCode::BAD_REQUEST, "idempotency-key-missing", detail)
    };
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok()).ok_or_else(problem)?;
    let fits = (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(key) } else { Err(problem()) }
}

fn source(query: Result<Query<ClaimQuery>, QueryRejection>) -> Result<String, Problem> {
    let problem = || Problem::invalid("`source` is missing or not 1 to 60 letters, digits, `-`, `_` and `.`");
    let Query(query) = query.map_err(|_| problem())?;
    let fits = |source: &String| {
        (1..=MAX_SOURCE).contains(&source.len())
            && source.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    query.source.filter(fits).ok_or_else(problem)
}

/// Refuses a body that says it is something else; the first type is the one to name.
pub(super) fn check_type(headers: &HeaderMap, types: &[&str]) -> Result<(), Problem> {
    let written = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = written.split(';').next().unwrap_or_default().trim();
    if types.iter().any(|known| media.eq_ignore_ascii_case(known)) {
        return Ok(());
    }
    let detail = format!("send `Content-Type: {}`", types.first().unwrap_or(&"application/json"));
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", detail))
}

/// The body, up to the limit; it is read only once the caller may send it.
pub(super) async fn text(body: Body, max_bytes: usize) -> Result<String, Problem> {
    let bytes = bytes(body, max_bytes).await?;
    String::from_utf8(bytes.into()).map_err(|_| Problem::invalid("the body is not UTF-8 text"))
}

/// The body as bytes, whatever they are.
pub(super) async fn bytes(body: Body, max_bytes: usize) -> Result<Bytes, Problem> {
    to_bytes(body, max_bytes).await.map_err(|error| {
        let too_large = std::error::Error::source(&error)
            .is_some_and(|cause| cause.is::<http_body_util::LengthLimitError>());
        if too_large {
            let detail = format!("a body here has at most {max_bytes} bytes");
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", detail)
        } else {
            Problem::new(StatusCode::BAD_REQUEST, "body-cut", "the body ended early: send it again")
        }
    })
}

/// The one claim that the body holds. Reasons name fields, never what stands in them.
fn read(body: &str, mapping: &Mapping) -> Result<ClaimDraft, Problem> {
    let one = || Problem::invalid("the body is not one FHIR R4 resource of type `Claim`");
    let resources = intake::fhir::resources("body", body.as_bytes(), mapping);
    let mut resources = resources.map_err(|error| Problem::invalid(error.to_string()))?;
    let first = resources.next().ok_or_else(one)?.map_err(|error| Problem::invalid(error.to_string()))?;
    if resources.next().is_some() {
        return Err(one());
    }
    match first {
        Found::Claim(draft) => Ok(draft),
        Found::Refused(refused) => Err(Problem::invalid(refused.reason.to_string())),
        _ => Err(one()),
    }
}

fn accepted(claim: ClaimId) -> Response {
    let body =
        json!({ "claim": claim.to_string(), "state": domain::ClaimState::Received.word() }).to_string();
    (StatusCode::ACCEPTED, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
