//! Finding out over the API with whom one speaks, by the details that they give. The details stand in the body: addresses are
//! kept by what stands on the way. It searches for no other purpose; for a task the command does.

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use domain::{Date, Purpose, RequestId};
use gate::{LookupKind, MAX_TERMS, Term, birth_date_term};
use serde::Deserialize;

use super::Shared;
use super::api::{Pathed, in_portfolio, parsed, read_body};
use super::problem::Problem;

/// What the caller says of themself.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Details {
    name: Option<String>,
    birth_date: Option<String>,
    member_number: Option<String>,
    policy_number: Option<String>,
    iban: Option<String>,
    email: Option<String>,
}

impl Details {
    /// What is searched by. No answer repeats any of it.
    fn terms(&self) -> Result<Vec<Term>, Problem> {
        let mut terms = self.name.as_deref().map(Term::of_name).unwrap_or_default();
        if let Some(day) = &self.birth_date {
            terms.push(birth_date_term(parsed::<Date>("birthDate", day)?));
        }
        let others = [
            (LookupKind::MemberNumber, &self.member_number),
            (LookupKind::PolicyNumber, &self.policy_number),
            (LookupKind::Iban, &self.iban),
            (LookupKind::Email, &self.email),
        ];
        terms.extend(others.iter().filter_map(|(kind, text)| Some(Term::new(*kind, text.as_deref()?))));
        if terms.is_empty() || terms.len() > MAX_TERMS {
            return Err(Problem::invalid(
                "a search is by one to eight terms, and each word of a name is one: send what the caller says of themself",
            ));
        }
        Ok(terms)
    }
}

/// `POST /api/v1/portfolios/{portfolio}/searches`: whoever these details are of. Nobody, and somebody whom the caller does not
/// handle, are answered alike.
pub(super) async fn identify(
    State(server): State<Shared>,
    Extension(request): Extension<RequestId>,
    path: Pathed,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let (actor, portfolio) = in_portfolio(&server, &headers, request, path).await?;
    let terms = read_body::<Details>(&headers, body).await?.terms()?;
    let purpose = Purpose::Identification;
    let found = service::find_people(&server.app, &actor, portfolio, purpose, None, &terms, request).await?;
    let body = portal::found_json(portfolio, &found);
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}
