//! The API for services that have a token: what its addresses begin with (who asks, about whom, in which portfolio),
//! and reading a span of cover. Other uses have files of their own. Addresses hold pseudonymous ids only.

use std::str::FromStr;

use axum::Extension;
use axum::body::Body;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use domain::{CoverageId, Language, ParseError, PortfolioId, Purpose, RequestId, SubjectId, WorkItemId};
use gate::{Actor, Asking, GateError};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Shared;
use super::claims::{check_type, text};
use super::problem::Problem;

/// The longest token that is looked up; ours are shorter.
const MAX_TOKEN: usize = 200;

/// Who asks: the actor that the request's bearer token belongs to.
pub(super) async fn actor(server: &Shared, headers: &HeaderMap) -> Result<Actor, Problem> {
    let written = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = written
        .and_then(|written| written.split_once(' '))
        .filter(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer") && token.len() <= MAX_TOKEN)
        .map(|(_, token)| token.trim())
        .ok_or_else(Problem::not_authenticated)?;
    Ok(server.app.gate.authenticate(token).await?)
}

/// Refuses an actor of another portfolio as if this one were not there. The refusal is on the record, as of whatever
/// is done in a portfolio: what was to be read, and why, is not looked at before.
pub(super) async fn within_wall(
    server: &Shared,
    actor: &Actor,
    portfolio: PortfolioId,
    request: RequestId,
) -> Result<(), Problem> {
    let asking = Asking::new(actor, portfolio, Purpose::Business, request);
    match server.app.gate.check_wall(&asking).await {
        Err(GateError::Refused(_)) => Err(Problem::not_found("portfolio")),
        other => Ok(other?),
    }
}

/// What a parameter or field says; its name stands in the answer when it cannot be read.
pub(super) fn parsed<T: FromStr<Err = ParseError>>(name: &str, text: &str) -> Result<T, Problem> {
    text.parse().map_err(|error| Problem::parameter(name, &error))
}

/// The query, when each of its parameters stands there once.
pub(super) fn query_of<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Problem> {
    let Query(query) =
        query.map_err(|_| Problem::invalid("the query cannot be read: send each parameter once"))?;
    Ok(query)
}

/// The query of an address below a person.
#[derive(Deserialize)]
pub(super) struct PersonQuery {
    portfolio: Option<String>,
    pub(super) item: Option<String>,
    pub(super) language: Option<String>,
    pub(super) purpose: Option<String>,
    pub(super) to: Option<String>,
}

/// An address' query, or why it cannot be read.
pub(super) type Queried = Result<Query<PersonQuery>, QueryRejection>;
/// An address with one parameter.
pub(super) type Pathed = Result<Path<String>, PathRejection>;
/// An address with a person and something of theirs.
pub(super) type BelowPerson = Result<Path<(String, String)>, PathRejection>;

/// What every address below a person begins with: who asks, about whom, in which portfolio, behind whose wall.
pub(super) async fn asked(
    server: &Shared,
    headers: &HeaderMap,
    request: RequestId,
    subject: Result<SubjectId, Problem>,
    query: Queried,
) -> Result<(Actor, SubjectId, PortfolioId, PersonQuery), Problem> {
    let actor = actor(server, headers).await?;
    let subject = subject?;
    let query = query_of(query)?;
    let portfolio = query.portfolio.as_deref();
    let portfolio = portfolio.ok_or_else(|| Problem::invalid("`portfolio` is missing: send its id"))?;
    let portfolio = parsed("portfolio", portfolio)?;
    within_wall(server, &actor, portfolio, request).await?;
    Ok((actor, subject, portfolio, query))
}

/// What every address below a portfolio begins with.
pub(super) async fn in_portfolio(
    server: &Shared,
    headers: &HeaderMap,
    request: RequestId,
    path: Pathed,
) -> Result<(Actor, PortfolioId), Problem> {
    let actor = actor(server, headers).await?;
    let Path(portfolio) = path.map_err(|_| Problem::not_found("portfolio"))?;
    let portfolio: PortfolioId = portfolio.parse().map_err(|_| Problem::not_found("portfolio"))?;
    within_wall(server, &actor, portfolio, request).await?;
    Ok((actor, portfolio))
}

/// The person that an address names.
pub(super) fn person(path: Pathed) -> Result<SubjectId, Problem> {
    let Path(subject) = path.map_err(|_| Problem::not_found("person"))?;
    subject.parse().map_err(|_| Problem::not_found("person"))
}

/// The person that an address names, and what of theirs, as written.
pub(super) fn below(path: BelowPerson) -> (Result<SubjectId, Problem>, String) {
    let record = path.as_ref().map(|Path((_, record))| record.clone()).unwrap_or_default();
    (person(path.map(|Path((subject, _))| Path(subject))), record)
}

/// The language that a query must name.
pub(super) fn language(language: Option<&str>) -> Result<Language, Problem> {
    let language =
        language.ok_or_else(|| Problem::invalid("`language` is missing: send en, nl, fr or de"))?;
    parsed("language", language)
}

/// The largest body of fields: forms are short.
const MAX_BODY_BYTES: usize = 4 * 1024;

/// A JSON body of a few fields.
pub(super) async fn read_body<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<T, Problem> {
    check_type(headers, &["application/json"])?;
    let body = text(body, MAX_BODY_BYTES).await?;
    serde_json::from_str(&body)
        .map_err(|_| Problem::invalid("the body is not a JSON object with the fields that docs/api.md lists"))
}

/// The query of reading cover.
#[derive(Deserialize)]
pub(super) struct CoverQuery {
    portfolio: Option<String>,
    item: Option<String>,
}

/// `GET /api/v1/members/{subject}/coverage/{coverage}?portfolio=ID&item=ID`: a span of cover, for the work
/// item that the caller serves. The entry is durable before anything is opened; its request id is the
/// request's.
pub(super) async fn read_cover(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: Result<Path<(String, String)>, PathRejection>,
    query: Result<Query<CoverQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let actor = actor(&server, &headers).await?;
    let Path((subject, coverage)) = path.map_err(|_| Problem::not_found("coverage"))?;
    let subject: SubjectId = subject.parse().map_err(|_| Problem::not_found("coverage"))?;
    let coverage: CoverageId = coverage.parse().map_err(|_| Problem::not_found("coverage"))?;
    let query = query_of(query)?;
    let portfolio = query.portfolio.ok_or_else(|| Problem::invalid("`portfolio` is missing: send its id"))?;
    let portfolio: PortfolioId = parsed("portfolio", &portfolio)?;
    let item: Option<WorkItemId> = query.item.map(|item| parsed("item", &item)).transpose()?;
    within_wall(&server, &actor, portfolio, request).await?;
    let cover = service::read_cover(&server.app, &actor, portfolio, subject, coverage, item, request).await?;
    let body = portal::cover_json(portfolio, subject, coverage, &cover);
    let body = body.map_err(|error| Problem::internal(&error))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}
