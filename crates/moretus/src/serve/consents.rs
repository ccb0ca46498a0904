//! Consents over the API: recording one, what taking it back changes, taking it back, and the proof. Who may do
//! which, the notice says; a withdrawal names what was shown before it.

use axum::Extension;
use axum::body::Body;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{
    Condition, ConsentChannel, Language, ParseError, PortfolioId, RequestId, SubjectId, WorkItemId,
};
use serde::Deserialize;
use serde_json::{Value, json};
use service::{ConsentTo, Consequences, NewConsent};

use super::Shared;
use super::api::{actor, within_wall};
use super::claims::{check_type, text};
use super::problem::Problem;

/// The largest body.
const MAX_BYTES: usize = 4 * 1024;

/// The query of these addresses.
#[derive(Deserialize)]
pub(super) struct ConsentQuery {
    portfolio: Option<String>,
    item: Option<String>,
    language: Option<String>,
}

/// What is sent to record a consent, or to take one back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    consent: String,
    language: String,
    channel: String,
    giver: Option<String>,
    shown: Option<String>,
}

type Queried = Result<Query<ConsentQuery>, QueryRejection>;
type Pathed = Result<Path<String>, PathRejection>;

/// `POST /api/v1/members/{subject}/consents?portfolio=ID`: records a consent that somebody gave.
pub(super) async fn give(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: Pathed,
    query: Queried,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let actor = actor(&server, &headers).await?;
    let (subject, portfolio) = (person(path)?, query_portfolio(&read_query(query)?)?);
    within_wall(&actor, portfolio)?;
    service::may_record_consents(&server.app, &actor, portfolio, request)?;
    let sent = read_body(&headers, body).await?;
    let giver = sent.giver.as_deref().map(|giver| parsed("giver", giver)).transpose()?;
    let consent = NewConsent {
        subject,
        to: consent_to(&sent.consent, portfolio)?,
        giver: giver.unwrap_or(subject),
        language: parsed::<Language>("language", &sent.language)?,
        channel: parsed::<ConsentChannel>("channel", &sent.channel)?,
    };
    let is_new = service::give_consent(&server.app, &actor, portfolio, &consent, request).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(answer(status, &json!({ "consent": sent.consent, "new": is_new })))
}

/// `GET /api/v1/portfolios/{portfolio}/consents/{consent}/consequences?language=`: what taking it back changes, to
/// be shown first.
pub(super) async fn show_consequences(
    State(server): State<Shared>,
    path: Result<Path<(String, String)>, PathRejection>,
    query: Queried,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let actor = actor(&server, &headers).await?;
    let Path((portfolio, consent)) = path.map_err(|_| Problem::not_found("portfolio"))?;
    let portfolio: PortfolioId = portfolio.parse().map_err(|_| Problem::not_found("portfolio"))?;
    within_wall(&actor, portfolio)?;
    let language = read_query(query)?.language;
    let language =
        language.ok_or_else(|| Problem::invalid("`language` is missing: send en, nl, fr or de"))?;
    let to = consent_to(&consent, portfolio)?;
    let shown = service::consequences(&server.app, portfolio, to, parsed("language", &language)?)?;
    let list = |clauses: &[(String, String)]| -> Vec<Value> {
        clauses.iter().map(|(clause, heading)| json!({ "clause": clause, "heading": heading })).collect()
    };
    let body = json!({
        "consent": consent,
        "closes": list(&shown.closes),
        "stands": list(&shown.stands),
        "shown": digest(&shown),
    });
    Ok(answer(StatusCode::OK, &body))
}

/// `POST /api/v1/members/{subject}/consents/withdrawals?portfolio=ID`: takes a consent back. `shown` is that of the
/// consequences, as they are now in the language in which they were shown.
pub(super) async fn withdraw(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: Pathed,
    query: Queried,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let actor = actor(&server, &headers).await?;
    let (subject, portfolio) = (person(path)?, query_portfolio(&read_query(query)?)?);
    within_wall(&actor, portfolio)?;
    service::may_record_consents(&server.app, &actor, portfolio, request)?;
    let sent = read_body(&headers, body).await?;
    let to = consent_to(&sent.consent, portfolio)?;
    let (language, channel) = (parsed("language", &sent.language)?, parsed("channel", &sent.channel)?);
    let shown = service::consequences(&server.app, portfolio, to, language)?;
    if sent.shown.as_deref() != Some(digest(&shown).as_str()) {
        let detail =
            "`shown` is not that of the consequences as they are now: fetch them, show them, and send theirs";
        return Err(Problem::new(StatusCode::CONFLICT, "consequences-not-shown", detail));
    }
    let was_live =
        service::withdraw_consent(&server.app, &actor, subject, to, &shown, channel, request).await?;
    Ok(answer(StatusCode::OK, &json!({ "consent": sent.consent, "wasLive": was_live })))
}

/// `GET /api/v1/members/{subject}/consents?portfolio=ID&item=ID`: every consent of a person, as proof.
pub(super) async fn list(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: Pathed,
    query: Queried,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let actor = actor(&server, &headers).await?;
    let (subject, query) = (person(path)?, read_query(query)?);
    let portfolio = query_portfolio(&query)?;
    let item: Option<WorkItemId> = query.item.as_deref().map(|item| parsed("item", item)).transpose()?;
    within_wall(&actor, portfolio)?;
    let proofs = service::consents(&server.app, &actor, portfolio, subject, item, request).await?;
    let body = portal::consents_json(subject, portfolio, &proofs);
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

fn person(path: Pathed) -> Result<SubjectId, Problem> {
    let Path(subject) = path.map_err(|_| Problem::not_found("person"))?;
    subject.parse().map_err(|_| Problem::not_found("person"))
}

fn read_query(query: Queried) -> Result<ConsentQuery, Problem> {
    let Query(query) =
        query.map_err(|_| Problem::invalid("the query cannot be read: send each parameter once"))?;
    Ok(query)
}

fn query_portfolio(query: &ConsentQuery) -> Result<PortfolioId, Problem> {
    let portfolio = query.portfolio.as_deref();
    parsed("portfolio", portfolio.ok_or_else(|| Problem::invalid("`portfolio` is missing: send its id"))?)
}

fn parsed<T: std::str::FromStr<Err = ParseError>>(name: &str, text: &str) -> Result<T, Problem> {
    text.parse().map_err(|error| Problem::parameter(name, &error))
}

fn consent_to(text: &str, portfolio: PortfolioId) -> Result<ConsentTo, Problem> {
    let condition: Condition = parsed("consent", text)?;
    let consents = || {
        let all: Vec<&str> =
            Condition::ALL.iter().filter(|one| one.is_consent()).map(|one| one.word()).collect();
        Problem::invalid(format!("`consent`: no consent; use one of {}", all.join(", ")))
    };
    ConsentTo::in_portfolio(condition, portfolio).ok_or_else(consents)
}

async fn read_body(headers: &HeaderMap, body: Body) -> Result<Sent, Problem> {
    check_type(headers, &["application/json"])?;
    let body = text(body, MAX_BYTES).await?;
    serde_json::from_str(&body).map_err(|_| {
        Problem::invalid(
            "the body is not a JSON object with `consent`, `language`, `channel`, and `giver` or `shown` where they are needed",
        )
    })
}

fn digest(shown: &Consequences) -> String {
    shown.digest().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn answer(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
