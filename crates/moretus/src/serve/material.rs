//! Material without a category over the API: sending it, the list of what waits, taking a piece up, reading it, and
//! deciding about it. Who may do which, the notice says. What is read leaves as a file to save, never as a page.

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{Category, Material, ParseError, Purpose, RefusalReason, RequestId, SubjectId};
use serde::Deserialize;
use serde_json::json;
use service::{Piece, Supplied};

use super::Shared;
use super::api::{BelowPerson, Pathed, Queried, asked, below, in_portfolio, parsed, person, read_body};
use super::claims::{bytes, key};
use super::problem::Problem;

/// What is sent to decide about a piece: what it is, or why it is not kept.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    category: Option<String>,
    refused: Option<String>,
}

/// `POST /api/v1/members/{subject}/material?portfolio=ID`: takes in a text or a file of a person that says nothing of
/// what it is.
pub(super) async fn supply(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: Pathed,
    query: Queried,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let (actor, subject, portfolio, _) = asked(&server, &headers, request, person(path), query).await?;
    let key = key(&headers)?;
    let written = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = written.split(';').next().unwrap_or_default().trim();
    // The body is read only once the caller may send it.
    service::may_supply_material(&server.app, &actor, portfolio, request).await?;
    let content = bytes(body, Material::MAX_BYTES).await?;
    let sent = Supplied { portfolio, subject, key, media_type, content: &content, request };
    let material = service::supply_material(&server.app, &actor, &sent).await?;
    let body = json!({ "material": material.to_string(), "state": "waiting" }).to_string();
    Ok((StatusCode::ACCEPTED, [(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// `GET /api/v1/portfolios/{portfolio}/material`: what waits to be classified, the oldest first.
pub(super) async fn waiting(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: Pathed,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (actor, portfolio) = in_portfolio(&server, &headers, request, path).await?;
    let rows = service::waiting_material(&server.app, &actor, portfolio, request).await?;
    let body = portal::waiting_json(portfolio, &rows);
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// `POST /api/v1/members/{subject}/material/{material}/assignment?portfolio=ID`: takes a piece up as one's task.
pub(super) async fn take_up(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: BelowPerson,
    query: Queried,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (subject, material) = below(path);
    let (actor, subject, portfolio, _) = asked(&server, &headers, request, subject, query).await?;
    let piece = piece(subject, &material)?;
    service::take_up_material(&server.app, &actor, portfolio, piece, request).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `GET /api/v1/members/{subject}/material/{material}?portfolio=ID&purpose=&item=ID`: a piece, as it came.
pub(super) async fn read(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: BelowPerson,
    query: Queried,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (subject, material) = below(path);
    let (actor, subject, portfolio, query) = asked(&server, &headers, request, subject, query).await?;
    let piece = piece(subject, &material)?;
    let purpose = query.purpose.as_deref();
    let purpose =
        purpose.ok_or_else(|| Problem::invalid("`purpose` is missing: send what you read it for"))?;
    let purpose: Purpose = parsed("purpose", purpose)?;
    let item = query.item.as_deref().map(|item| parsed("item", item)).transpose()?;
    let material =
        service::read_material(&server.app, &actor, portfolio, piece, (purpose, item), request).await?;
    let kind = HeaderValue::from_str(material.media_type())
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let save = HeaderValue::from_static("attachment; filename=\"material\"");
    let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, save)];
    Ok((headers, portal::material_file(&material)).into_response())
}

/// `POST /api/v1/members/{subject}/material/{material}/decision?portfolio=ID`: files a piece as a category, or refuses
/// it with a reason.
pub(super) async fn decide(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: BelowPerson,
    query: Queried,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let (subject, material) = below(path);
    let (actor, subject, portfolio, _) = asked(&server, &headers, request, subject, query).await?;
    let piece = piece(subject, &material)?;
    let decision: Decision = read_body(&headers, body).await?;
    let app = &server.app;
    match (decision.category, decision.refused) {
        (Some(category), None) => {
            let category: Category = parsed("category", &category)?;
            if !service::CLASSES.contains(&category) {
                let classes: Vec<&str> = service::CLASSES.iter().map(|one| one.word()).collect();
                let detail = format!("`category`: material is filed as one of {}", classes.join(", "));
                return Err(Problem::invalid(detail));
            }
            service::classify_material(app, &actor, portfolio, piece, category, request).await?;
        }
        (None, Some(reason)) => {
            let reason: RefusalReason = parsed("refused", &reason)?;
            service::refuse_material(app, &actor, portfolio, piece, reason, request).await?;
        }
        _ => return Err(Problem::invalid("send either `category` or `refused`")),
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn piece(subject: SubjectId, material: &str) -> Result<Piece, Problem> {
    let material = material.parse().map_err(|_: ParseError| Problem::not_found("material"))?;
    Ok(Piece { subject, material })
}
