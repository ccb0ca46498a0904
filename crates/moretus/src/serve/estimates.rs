//! What a treatment would cost somebody, over the API. It is asked with POST, since what the care is stands in no address; nothing
//! is made by it, and asking again asks again.

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use domain::{Language, RequestId};
use gate::Target;

use super::Shared;
use super::api::{Pathed, Queried, asked, parsed, person};
use super::claims::{check_type, text};
use super::problem::Problem;
use crate::treatment::{self, Unread};

/// The largest body: a hundred lines are a third of it.
const MAX_BYTES: usize = 64 * 1024;

/// `POST /api/v1/members/{subject}/estimates?portfolio=ID&item=ID&language=`: what the treatment would cost, and why.
pub(super) async fn estimate(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: Pathed,
    query: Queried,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let (actor, subject, portfolio, query) = asked(&server, &headers, request, person(path), query).await?;
    let item = query.item.as_deref().map(|item| parsed("item", item)).transpose()?;
    let language = query.language.as_deref().map(|language| parsed("language", language)).transpose()?;
    let language = language.unwrap_or(Language::English);
    check_type(&headers, &["application/json"])?;
    let treatment = treatment::read(&text(body, MAX_BYTES).await?).map_err(problem)?;
    let target = Target { subject, item };
    let told = service::estimate_for(&server.app, &actor, portfolio, target, &treatment, language, request);
    let body = portal::estimate_json(subject, &told.await?, language);
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

fn problem(unread: Unread) -> Problem {
    match unread {
        Unread::Shape => {
            Problem::invalid("the body is not a JSON object with the fields that docs/api.md lists")
        }
        Unread::Field(field, error) => Problem::parameter(&field, &error),
        Unread::Rule(field, problem) => Problem::invalid(format!("`{field}`: {problem}")),
    }
}
