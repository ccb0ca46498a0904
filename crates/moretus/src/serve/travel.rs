//! The travel questionnaire over the API: its supplement, to be shown before anybody answers; the answers, which name
//! the version that was shown; and reading them. What may be done with them, the supplement says.

use axum::Extension;
use axum::body::Body;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{PhoneNumber, PortfolioId, Purpose, RecordId, RequestId, TravelQuestionnaire, WorkItemId};
use serde::Deserialize;
use service::TravelRequest;

use super::Shared;
use super::api::{
    BelowPerson, Pathed, Queried, actor, asked, below, language, parsed, person, query_of, within_wall,
};
use super::claims::{check_type, key, text};
use super::problem::Problem;

/// The largest body.
const MAX_BYTES: usize = 4 * 1024;

/// What is sent: the answers, and the version of the supplement that was shown.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answers {
    supplement: String,
    phone: String,
    destination: String,
    arrival: String,
    departure: String,
}

/// The query of the supplement.
#[derive(Deserialize)]
pub(super) struct SupplementQuery {
    language: Option<String>,
}

/// `GET /api/v1/portfolios/{portfolio}/supplements/{name}?language=`: the version in force, to be shown with its form.
pub(super) async fn supplement(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: Result<Path<(String, String)>, PathRejection>,
    query: Result<Query<SupplementQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let actor = actor(&server, &headers).await?;
    let Path((portfolio, name)) = path.map_err(|_| Problem::not_found("supplement"))?;
    let portfolio: PortfolioId = portfolio.parse().map_err(|_| Problem::not_found("supplement"))?;
    within_wall(&server, &actor, portfolio, request).await?;
    let language = language(query_of(query)?.language.as_deref())?;
    let (id, supplement) = server.app.gate.supplement(portfolio, &name)?;
    let href = format!("/notice/{portfolio}/{name}?version={}&lang={language}", supplement.version());
    Ok(json(portal::supplement_json(id, &supplement, language, &href)))
}

/// `POST /api/v1/members/{subject}/travel-questionnaires?portfolio=ID`: takes in answers, once for each key.
pub(super) async fn take(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: Pathed,
    query: Queried,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let (actor, subject, portfolio, _) = asked(&server, &headers, request, person(path), query).await?;
    let key = key(&headers)?;
    check_type(&headers, &["application/json"])?;
    let body = text(body, MAX_BYTES).await?;
    let sent: Answers = serde_json::from_str(&body).map_err(|_| {
        Problem::invalid("the body is not a JSON object with the fields that docs/api.md lists")
    })?;
    let supplement = parsed("supplement", &sent.supplement)?;
    let sent = TravelRequest {
        portfolio,
        subject,
        supplement,
        key,
        body: &body,
        answers: &answers(&sent)?,
        request,
    };
    let record = service::take_travel_answers(&server.app, &actor, &sent).await?;
    let body = portal::taken_json(subject, record, supplement);
    Ok((StatusCode::CREATED, [(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// `GET /api/v1/members/{subject}/travel-questionnaires/{record}?portfolio=ID&item=ID`: the answers, for help while
/// somebody travels; with `purpose`, for a purpose of the notice that the supplement lets through.
pub(super) async fn read(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: BelowPerson,
    query: Queried,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (subject, record) = below(path);
    let (actor, subject, portfolio, query) = asked(&server, &headers, request, subject, query).await?;
    let record: RecordId = record.parse().map_err(|_| Problem::not_found("travel questionnaire"))?;
    let item: Option<WorkItemId> = query.item.as_deref().map(|item| parsed("item", item)).transpose()?;
    let purpose = query.purpose.as_deref().map(|purpose| parsed("purpose", purpose)).transpose()?;
    let purpose = purpose.unwrap_or(Purpose::TravelAssistance);
    let place = (subject, record);
    let answers =
        service::read_travel_answers(&server.app, &actor, portfolio, place, purpose, item, request).await?;
    Ok(json(portal::travel_json(subject, record, &answers)))
}

/// The answers, each of its shape. Reasons name the field, never what stands in it.
fn answers(sent: &Answers) -> Result<TravelQuestionnaire, Problem> {
    let unread = |field: &str| {
        Problem::invalid(format!("`{field}` cannot be read: docs/api.md says how it is written"))
    };
    let answers = TravelQuestionnaire {
        phone: PhoneNumber::parse(&sent.phone).map_err(|_| unread("phone"))?,
        destination: sent.destination.parse().map_err(|_| unread("destination"))?,
        arrival: sent.arrival.parse().map_err(|_| unread("arrival"))?,
        departure: sent.departure.parse().map_err(|_| unread("departure"))?,
    };
    if answers.departure < answers.arrival {
        return Err(Problem::invalid("`departure` is before `arrival`: send them the other way round"));
    }
    Ok(answers)
}

fn json(body: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}
