//! The payment cards of a person over the API: a payment provider's token and the last four digits, for the staff who
//! collect premiums and have that as a task. A card's number is refused wherever it is typed.

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{CardToken, LastDigits, ParseError, PaymentCard, PaymentProvider, RecordId, RequestId};
use gate::Target;
use serde::Deserialize;
use serde_json::json;

use super::Shared;
use super::api::{BelowPerson, Pathed, Queried, asked, below, parsed, person, read_body};
use super::problem::Problem;

/// What is sent to record a card.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Sent {
    provider: String,
    token: String,
    last_digits: String,
}

/// `POST /api/v1/members/{subject}/payment-cards?portfolio=ID&item=ID`: records a card.
pub(super) async fn record(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: Pathed,
    query: Queried,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let (actor, subject, portfolio, query) = asked(&server, &headers, request, person(path), query).await?;
    let target = Target { subject, item: item(query.item.as_deref())? };
    let sent: Sent = read_body(&headers, body).await?;
    let named = |name: &'static str| move |error: ParseError| Problem::parameter(name, &error);
    let card = PaymentCard {
        provider: PaymentProvider::parse(&sent.provider).map_err(named("provider"))?,
        token: CardToken::parse(&sent.token).map_err(named("token"))?,
        last_digits: LastDigits::parse(&sent.last_digits).map_err(named("lastDigits"))?,
    };
    let id = service::record_card(&server.app, &actor, portfolio, target, &card, request).await?;
    let body = json!({ "card": id.to_string() }).to_string();
    Ok((StatusCode::CREATED, [(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// `GET /api/v1/members/{subject}/payment-cards?portfolio=ID&item=ID`: the cards, to collect a premium.
pub(super) async fn list(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: Pathed,
    query: Queried,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (actor, subject, portfolio, query) = asked(&server, &headers, request, person(path), query).await?;
    let target = Target { subject, item: item(query.item.as_deref())? };
    let cards = service::read_cards(&server.app, &actor, portfolio, target, request).await?;
    let body = portal::cards_json(subject, &cards);
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// `DELETE /api/v1/members/{subject}/payment-cards/{card}?portfolio=ID&item=ID`: takes a card off.
pub(super) async fn remove(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: BelowPerson,
    query: Queried,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (subject, card) = below(path);
    let (actor, subject, portfolio, query) = asked(&server, &headers, request, subject, query).await?;
    let card: RecordId = card.parse().map_err(|_| Problem::not_found("payment card"))?;
    let target = Target { subject, item: item(query.item.as_deref())? };
    service::remove_card(&server.app, &actor, portfolio, target, card, request).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn item(item: Option<&str>) -> Result<Option<domain::WorkItemId>, Problem> {
    item.map(|item| parsed("item", item)).transpose()
}
