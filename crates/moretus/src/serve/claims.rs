//! Taking in claims: one FHIR R4 Claim a request, acknowledged (202) only when it is durable. The same
//! request with the same `Idempotency-Key` gets the same answer and changes nothing.

use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{CategorySet, ClaimId, Currency, PortfolioId, RequestId};
use intake::fhir::Found;
use intake::{ClaimDraft, Mapping};
use serde::Deserialize;
use serde_json::json;
use service::{ClaimRequest, Receipt};

use super::Shared;
use super::api::{actor, within_wall};
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
    path: Result<Path<String>, PathRejection>,
    query: Result<Query<ClaimQuery>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let actor = actor(&server, &headers).await?;
    let Path(portfolio) = path.map_err(|_| Problem::not_found("portfolio"))?;
    let portfolio: PortfolioId = portfolio.parse().map_err(|_| Problem::not_found("portfolio"))?;
    within_wall(&actor, portfolio)?;
    let currency = currency_of(&server, portfolio).await?;
    let covered = service::claim_categories(&server.app, &actor, portfolio, request)?;
    let key = key(&headers)?;
    let source = source(query)?;
    check_type(&headers, &["application/fhir+json", "application/json"])?;
    let body = text(body, MAX_BYTES).await?;
    let draft = read(&body, currency, covered)?;
    let sent = ClaimRequest { portfolio, source: &source, key, body: &body, draft: &draft, request };
    match service::receive_claim(&server.app, &actor, &sent).await? {
        Receipt::Taken(claim) => {
            server.wake.notify_one();
            Ok(accepted(claim))
        }
        Receipt::KnownClaim(_) => Err(Problem::new(
            StatusCode::CONFLICT,
            "known-claim",
            "this source sent a claim with this id before, in another request; nothing was changed: give another claim an id of its own",
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
        let detail = "send `Idempotency-Key`: 1 to 200 visible ASCII characters, another for each claim";
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
    let bytes = to_bytes(body, max_bytes).await.map_err(|error| {
        let too_large = std::error::Error::source(&error)
            .is_some_and(|cause| cause.is::<http_body_util::LengthLimitError>());
        if too_large {
            let detail = format!("a body here has at most {max_bytes} bytes");
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", detail)
        } else {
            Problem::new(StatusCode::BAD_REQUEST, "body-cut", "the body ended early: send it again")
        }
    })?;
    String::from_utf8(bytes.into()).map_err(|_| Problem::invalid("the body is not UTF-8 text"))
}

/// The one claim that the body holds. Reasons name fields, never what stands in them.
fn read(body: &str, currency: Currency, covered: CategorySet) -> Result<ClaimDraft, Problem> {
    let one = || Problem::invalid("the body is not one FHIR R4 resource of type `Claim`");
    // No cover comes in here, so the plan that it would get is never used.
    let mapping = Mapping::new("none", currency, covered).map_err(|_| one())?;
    let resources = intake::fhir::resources("body", body.as_bytes(), &mapping);
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
