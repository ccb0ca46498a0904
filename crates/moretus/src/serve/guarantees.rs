//! Guarantees of payment over the API: asking for one as a FHIR Claim (`use` = `preauthorization`), taking the next that
//! waits, reading it, deciding, and the letter to the provider. Who may do which, the notice says. It decides nothing.

use axum::Extension;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use documents::{GuaranteeLetter, Issuer, Renderer};
use domain::{Currency, GuaranteeId, Language, Money, ParseError, RecipientId, RequestId};
use gate::Actor;
use intake::ClaimUse;
use serde::Deserialize;
use serde_json::json;
use service::{ClaimRequest, GuaranteePlace, NewOutcome};

use super::Shared;
use super::api::{
    BelowPerson, Pathed, PersonQuery, Queried, asked, below, in_portfolio, language, parsed, read_body,
};
use super::claims::{self, ClaimQuery};
use super::problem::Problem;

/// What is sent to decide.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", tag = "outcome")]
enum Decided {
    #[serde(rename_all = "camelCase")]
    Granted {
        to: String,
        maximum: Amount,
        member_share: Amount,
        first: String,
        last: String,
    },
    Refused {
        reason: String,
    },
    Withdrawn,
}

/// An amount as it is sent: a decimal number as text, and its currency.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Amount {
    amount: String,
    currency: String,
}

/// `POST /api/v1/portfolios/{portfolio}/guarantees?source=NAME`: asks for a guarantee of payment.
pub(super) async fn request(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: Pathed,
    query: Result<Query<ClaimQuery>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let (actor, portfolio) = in_portfolio(&server, &headers, request, path).await?;
    let covered = service::guarantee_categories(&server.app, &actor, portfolio, request).await?;
    let sent = claims::sent(&server, portfolio, query, &headers, body, (covered, ClaimUse::Preauthorization))
        .await?;
    let claims::Sent { key, source, body, draft } = &sent;
    let sent = ClaimRequest { portfolio, source, key, body, draft, request };
    let receipt = service::request_guarantee(&server.app, &actor, &sent).await?;
    let guarantee = claims::taken(receipt, "guarantee")?;
    let state = domain::GuaranteeState::Requested.word();
    let body = json!({ "guarantee": guarantee.to_string(), "state": state }).to_string();
    Ok((StatusCode::ACCEPTED, [(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// `POST /api/v1/portfolios/{portfolio}/guarantees/next`: gives the caller the request that has waited longest; 204
/// when none waits.
pub(super) async fn take(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: Pathed,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (actor, portfolio) = in_portfolio(&server, &headers, request, path).await?;
    let taken = service::take_guarantee(&server.app, &actor, portfolio, request).await?;
    let Some(GuaranteePlace { subject, guarantee, .. }) = taken else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let body = json!({ "subject": subject.to_string(), "guarantee": guarantee.to_string() }).to_string();
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// `GET /api/v1/members/{subject}/guarantees/{guarantee}?portfolio=ID`: one that is before the caller. The `ETag` is
/// what a decision must send as `If-Match`.
pub(super) async fn read(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: BelowPerson,
    query: Queried,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (actor, place, _) = about(&server, request, path, query, &headers).await?;
    let file = service::read_guarantee(&server.app, &actor, place, request).await?;
    let body = portal::guarantee_json(&place, &file);
    let version = format!("\"{}\"", file.version);
    Ok(([(header::CONTENT_TYPE, "application/json"), (header::ETAG, &version)], body).into_response())
}

/// `POST /api/v1/members/{subject}/guarantees/{guarantee}/decisions?portfolio=ID`: writes down what the caller decided.
pub(super) async fn decide(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: BelowPerson,
    query: Queried,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let (actor, place, _) = about(&server, request, path, query, &headers).await?;
    let version = if_match(&headers)?;
    let new = outcome(read_body(&headers, body).await?)?;
    let state = service::decide_guarantee(&server.app, &actor, place, version, &new, request).await?;
    let body = json!({ "guarantee": place.guarantee.to_string(), "state": state.word() }).to_string();
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// `POST /api/v1/members/{subject}/guarantees/{guarantee}/return?portfolio=ID`: puts one back among those that wait.
pub(super) async fn put_back(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: BelowPerson,
    query: Queried,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (actor, place, _) = about(&server, request, path, query, &headers).await?;
    service::return_guarantee(&server.app, &actor, place, request).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `GET /api/v1/members/{subject}/guarantees/{guarantee}/letter?portfolio=ID&to=ID&language=`: what the provider of the
/// last decision is told, as a PDF. From the answer on it counts as told: the entry names the provider.
pub(super) async fn letter(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: BelowPerson,
    query: Queried,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (actor, place, query) = about(&server, request, path, query, &headers).await?;
    let to = query
        .to
        .ok_or_else(|| Problem::invalid("`to` is missing: send the provider's id in the register"))?;
    let to: RecipientId = parsed("to", &to)?;
    let language = language(query.language.as_deref())?;
    let told = service::guarantee_letter(&server.app, &actor, place, to, request).await?;
    let letter = paper(&server, place, told, language).await?;
    let set = tokio::task::spawn_blocking(move || Renderer::new()?.guarantee(&letter)).await;
    let pdf = set.map_err(|error| Problem::internal(&error))?.map_err(|error| Problem::internal(&error))?;
    let disposition = format!("attachment; filename=\"guarantee-{}.pdf\"", reference(place.guarantee));
    let head = [(header::CONTENT_TYPE, "application/pdf"), (header::CONTENT_DISPOSITION, &disposition)];
    Ok((head, pdf).into_response())
}

/// What the letter's paper says, from what the grant showed and what is public.
async fn paper(
    server: &Shared,
    place: GuaranteePlace,
    told: service::GuaranteeLetter,
    language: Language,
) -> Result<GuaranteeLetter, Problem> {
    let facts = server.facts.get(&server.app).await?;
    let portfolio = facts.portfolio(place.portfolio).ok_or_else(|| Problem::not_found("portfolio"))?;
    let (_, notice) = server.app.gate.notice(place.portfolio)?;
    let organisation = |key: &str| notice.organisation(key).unwrap_or_default().to_owned();
    let clause = "disclose.care-access.provider".to_owned();
    Ok(GuaranteeLetter {
        language,
        issuer: Issuer {
            name: organisation("name"),
            contact: ["address", "telephone", "email"].map(organisation).to_vec(),
        },
        portfolio: portfolio.name.clone(),
        recipient: told.recipient,
        reference: reference(place.guarantee),
        number: told.number,
        decided: told.decided,
        patient: told.person.name,
        birth_date: told.person.birth_date,
        member_number: told.person.member_number,
        services: told.guarantee.services.into_iter().map(|service| service.code).collect(),
        terms: told.terms,
        notice: (notice.version().to_owned(), clause),
    })
}

/// As both sides quote it.
fn reference(guarantee: GuaranteeId) -> String {
    guarantee.to_string().chars().take(13).collect()
}

/// Who asks about which guarantee.
async fn about(
    server: &Shared,
    request: RequestId,
    path: BelowPerson,
    query: Queried,
    headers: &HeaderMap,
) -> Result<(Actor, GuaranteePlace, PersonQuery), Problem> {
    let (subject, guarantee) = below(path);
    let (actor, subject, portfolio, query) = asked(server, headers, request, subject, query).await?;
    let guarantee = guarantee.parse().map_err(|_: ParseError| Problem::not_found("guarantee"))?;
    Ok((actor, GuaranteePlace { portfolio, subject, guarantee }, query))
}

fn if_match(headers: &HeaderMap) -> Result<i64, Problem> {
    let written = headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok());
    let version =
        written.and_then(|written| written.trim().strip_prefix('"')?.strip_suffix('"')?.parse().ok());
    version.ok_or_else(|| {
        let detail = "send `If-Match`: the `ETag` with which the guarantee was read";
        Problem::new(StatusCode::PRECONDITION_REQUIRED, "if-match-missing", detail)
    })
}

fn outcome(decided: Decided) -> Result<NewOutcome, Problem> {
    Ok(match decided {
        Decided::Granted { to, maximum, member_share, first, last } => NewOutcome::Granted {
            to: parsed("to", &to)?,
            maximum: money("maximum", &maximum)?,
            member_share: money("memberShare", &member_share)?,
            first: parsed("first", &first)?,
            last: parsed("last", &last)?,
        },
        Decided::Refused { reason } => NewOutcome::Refused(parsed("reason", &reason)?),
        Decided::Withdrawn => NewOutcome::Withdrawn,
    })
}

fn money(name: &str, sent: &Amount) -> Result<Money, Problem> {
    let currency: Currency = parsed(name, &sent.currency)?;
    Money::parse(&sent.amount, currency).map_err(|error| Problem::parameter(name, &error))
}
