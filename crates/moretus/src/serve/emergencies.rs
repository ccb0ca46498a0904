//! Access in an emergency over the API: opening one person's data with a reason, and reading it while that lasts. Who may,
//! the notice says; what is reviewed, the officer's command does.

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{ParseError, RequestId, WorkItemId};
use serde::Deserialize;
use serde_json::json;

use super::Shared;
use super::api::{BelowPerson, Pathed, Queried, asked, below, person, read_body};
use super::problem::Problem;

/// What is sent to open one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Opening {
    /// Why it cannot wait, in a sentence.
    reason: String,
}

/// `POST /api/v1/members/{subject}/emergencies?portfolio=ID`: opens a person's data to the caller for an hour, with a
/// reason that is sealed.
pub(super) async fn open(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: Pathed,
    query: Queried,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let (actor, subject, portfolio, _) = asked(&server, &headers, request, person(path), query).await?;
    let Opening { reason } = read_body(&headers, body).await?;
    let opened = service::break_glass(&server.app, &actor, portfolio, subject, &reason, request).await?;
    server.officer.notify_one();
    let body = json!({ "emergency": opened.emergency.to_string(), "until": opened.until.to_string() });
    Ok((StatusCode::CREATED, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response())
}

/// `GET /api/v1/members/{subject}/emergencies/{emergency}?portfolio=ID`: what opens of the person while it lasts.
pub(super) async fn read(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: BelowPerson,
    query: Queried,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (subject, emergency) = below(path);
    let (actor, subject, portfolio, _) = asked(&server, &headers, request, subject, query).await?;
    let emergency: WorkItemId = emergency.parse().map_err(|_: ParseError| Problem::not_found("emergency"))?;
    let file =
        service::read_in_emergency(&server.app, &actor, portfolio, subject, emergency, request).await?;
    let body = portal::emergency_json(subject, &file);
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}
