//! The recipients of a person's data over the API, for the person and for the officer who answers for them: those that
//! received it, and those that the register has.

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use domain::{RequestId, WorkItemId};

use super::Shared;
use super::api::{Pathed, Queried, asked, parsed, person};
use super::problem::Problem;

/// `GET /api/v1/members/{subject}/recipients?portfolio=ID&item=ID`: who received a person's data, and who may. The
/// question is on the record before it is answered.
pub(super) async fn list(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: Pathed,
    query: Queried,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (actor, subject, portfolio, query) = asked(&server, &headers, request, person(path), query).await?;
    let item: Option<WorkItemId> = query.item.as_deref().map(|item| parsed("item", item)).transpose()?;
    let app = &server.app;
    let answer = service::answer_recipients(app, &actor, portfolio, subject, item, request).await?;
    let body = portal::recipients_value(subject, portfolio, &answer, app.gate.now()).to_string();
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}
