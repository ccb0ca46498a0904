//! Consents over the API: recording one, what taking it back changes, taking it back, and the proof. Who may do
//! which, the notice says, and for taking back, who of the staff hears people; a withdrawal names what was shown
//! before it. Answers tell nothing of what stood before.

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{Condition, GoverningLawSet, PortfolioId, RequestId, WorkItemId};
use serde::Deserialize;
use serde_json::{Value, json};
use service::{ConsentTo, Consequences, Effect, NewConsent};

use super::Shared;
use super::api::{BelowPerson, Pathed, Queried, asked, below, language, parsed, person, read_body};
use super::problem::Problem;

/// What is sent to record a consent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    consent: String,
    notice: String,
    language: String,
    day: String,
    channel: String,
    giver: Option<String>,
}

/// What is sent to take one back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TakenBack {
    consent: String,
    language: String,
    channel: String,
    by: Option<String>,
    shown: String,
}

/// `POST /api/v1/members/{subject}/consents?portfolio=ID`: records a consent that somebody gave.
pub(super) async fn give(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: Pathed,
    query: Queried,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let (actor, subject, portfolio, _) = asked(&server, &headers, request, person(path), query).await?;
    let given: Given = read_body(&headers, body).await?;
    let giver = given.giver.as_deref().map(|giver| parsed("giver", giver)).transpose()?;
    let consent = NewConsent {
        subject,
        to: consent_to(&given.consent, portfolio)?,
        giver: giver.unwrap_or(subject),
        version: given.notice,
        language: parsed("language", &given.language)?,
        day: parsed("day", &given.day)?,
        channel: parsed("channel", &given.channel)?,
    };
    service::give_consent(&server.app, &actor, portfolio, &consent, request).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `GET /api/v1/members/{subject}/consents/{consent}/consequences?portfolio=ID&language=`: what taking it back
/// changes, to be shown first.
pub(super) async fn show_consequences(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: BelowPerson,
    query: Queried,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (subject, consent) = below(path);
    let (actor, subject, portfolio, query) = asked(&server, &headers, request, subject, query).await?;
    let language = language(query.language.as_deref())?;
    let to = consent_to(&consent, portfolio)?;
    let shown = service::consequences(&server.app, &actor, portfolio, subject, to, language, request).await?;
    let list = |effects: &[Effect]| -> Vec<Value> { effects.iter().map(effect).collect() };
    let body = json!({
        "consent": consent,
        "closes": list(&shown.closes),
        "stands": list(&shown.stands),
        "shown": digest(&shown),
    });
    Ok(([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response())
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
    let (actor, subject, portfolio, _) = asked(&server, &headers, request, person(path), query).await?;
    let sent: TakenBack = read_body(&headers, body).await?;
    let to = consent_to(&sent.consent, portfolio)?;
    let (language, channel) = (parsed("language", &sent.language)?, parsed("channel", &sent.channel)?);
    let by = sent.by.as_deref().map(|by| parsed("by", by)).transpose()?.unwrap_or(subject);
    let shown = service::consequences(&server.app, &actor, portfolio, subject, to, language, request).await?;
    if sent.shown != digest(&shown) {
        let detail =
            "`shown` is not that of the consequences as they are now: fetch them, show them, and send theirs";
        return Err(Problem::new(StatusCode::CONFLICT, "consequences-not-shown", detail));
    }
    service::withdraw_consent(&server.app, &actor, &shown, by, channel, request).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `GET /api/v1/members/{subject}/consents?portfolio=ID&item=ID`: every consent of a person, as proof.
pub(super) async fn list(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: Pathed,
    query: Queried,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (actor, subject, portfolio, query) = asked(&server, &headers, request, person(path), query).await?;
    let item: Option<WorkItemId> = query.item.as_deref().map(|item| parsed("item", item)).transpose()?;
    let proofs = service::consents(&server.app, &actor, portfolio, subject, item, request).await?;
    let body = portal::consents_json(subject, portfolio, &proofs);
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

fn consent_to(text: &str, portfolio: PortfolioId) -> Result<ConsentTo, Problem> {
    let condition: Condition = parsed("consent", text)?;
    let consents = || {
        let whole = |one: &&Condition| ConsentTo::in_portfolio(**one, portfolio).is_some();
        let all: Vec<&str> = Condition::ALL.iter().filter(whole).map(|one| one.word()).collect();
        Problem::invalid(format!(
            "`consent`: no consent that can be given here; use one of {}",
            all.join(", ")
        ))
    };
    ConsentTo::in_portfolio(condition, portfolio).ok_or_else(consents)
}

/// What becomes of a clause; under which laws, unless it is so under every one.
fn effect(effect: &Effect) -> Value {
    let mut said = json!({ "clause": effect.clause, "heading": effect.heading });
    if effect.laws != GoverningLawSet::ALL
        && let Some(said) = said.as_object_mut()
    {
        let laws: Vec<&str> = effect.laws.iter().map(|law| law.word()).collect();
        said.insert("laws".to_owned(), json!(laws));
    }
    said
}

fn digest(shown: &Consequences) -> String {
    shown.digest().iter().map(|byte| format!("{byte:02x}")).collect()
}
