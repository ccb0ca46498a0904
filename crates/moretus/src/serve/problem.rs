//! What a caller is told when something does not go: problem details (RFC 9457). A problem holds codes,
//! clause ids and words of the vocabularies; never a personal value, nor anything that was sent.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::ParseError;
use gate::GateError;
use serde_json::{Value, json};
use service::ServiceError;
use store::StoreError;

/// A refusal or failure, as it is answered.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    /// The HTTP status.
    pub(super) status: StatusCode,
    /// The last part of the problem's type, `urn:moretus:problem:...`: what programs go by.
    code: &'static str,
    /// What is wrong and what to do, for people.
    detail: String,
    /// The clause of the notice that comes nearest to allowing what was asked.
    clause: Option<String>,
    /// After how many seconds it may go.
    retry_after_s: Option<u32>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), clause: None, retry_after_s: None }
    }

    /// There is no such thing, or the caller may not know whether there is: both answer the same.
    pub(super) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", format!("there is no such {what}"))
    }

    pub(super) fn wrong_method() -> Self {
        let detail = "this address does not take this method";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", detail)
    }

    pub(super) fn not_authenticated() -> Self {
        let detail = "send `Authorization: Bearer TOKEN` with a token that is known and has not expired";
        Self::new(StatusCode::UNAUTHORIZED, "not-authenticated", detail)
    }

    /// Something sent that cannot be used: where, and what would do.
    pub(super) fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail)
    }

    /// A parameter that cannot be read. The value sent is not repeated.
    pub(super) fn parameter(name: &str, error: &ParseError) -> Self {
        match error {
            ParseError::UnknownWord { what, expected, .. } => {
                Self::invalid(format!("`{name}`: unknown {what}; use one of {expected}"))
            }
            ParseError::Shape { .. } => Self::invalid(format!("`{name}`: {error}")),
        }
    }

    pub(super) fn unavailable(detail: impl Into<String>, retry_after_s: u32) -> Self {
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail);
        Self { retry_after_s: Some(retry_after_s), ..problem }
    }

    pub(super) fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "a request failed");
        let detail =
            "the server could not answer; its operator finds the cause in its log under the request id";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    fn body(&self) -> Value {
        let mut body = json!({
            "type": format!("urn:moretus:problem:{}", self.code),
            "title": self.status.canonical_reason().unwrap_or_default(),
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        if let (Some(object), Some(clause)) = (body.as_object_mut(), &self.clause) {
            object.insert("clause".to_owned(), json!(clause));
        }
        body
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::unavailable(error.to_string(), 1),
            StoreError::Unavailable { .. } | StoreError::Closed => {
                tracing::warn!(%error, "the database is away");
                Self::unavailable("the database cannot be reached just now; nothing was changed", 5)
            }
            StoreError::Full => {
                tracing::error!(%error, "the disk is full");
                Self::unavailable("there is no room to write; nothing was changed", 60)
            }
            StoreError::Changed => {
                Self::new(StatusCode::PRECONDITION_FAILED, "changed-meanwhile", error.to_string())
            }
            StoreError::Duplicate => Self::new(StatusCode::CONFLICT, "exists", error.to_string()),
            StoreError::NotFound => Self::not_found("record"),
            other => Self::internal(&other),
        }
    }
}

impl From<GateError> for Problem {
    fn from(error: GateError) -> Self {
        match error {
            GateError::Refused(refused) => Self {
                clause: refused.nearest.clone(),
                ..Self::new(
                    StatusCode::FORBIDDEN,
                    refused.bar.map_or("no-clause", gate::Bar::word),
                    refused.to_string(),
                )
            },
            GateError::NotAuthenticated => Self::not_authenticated(),
            // A portfolio without a notice has nothing that anyone may see; as if it were not there.
            GateError::NoNotice => Self::not_found("portfolio"),
            GateError::NoSupplement => Self::not_found("supplement"),
            GateError::SupplementReplaced => {
                Self::new(StatusCode::CONFLICT, "supplement-replaced", error.to_string())
            }
            GateError::OtherSupplement => {
                Self::new(StatusCode::FORBIDDEN, "collected-otherwise", error.to_string())
            }
            GateError::NoKey { .. } => Self::not_found("record: it was erased or never collected"),
            GateError::TooManySearches => Self {
                retry_after_s: Some(60),
                ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-searches", error.to_string())
            },
            GateError::TooManyFound => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "too-many-found", error.to_string())
            }
            GateError::Expired => Self::unavailable(error.to_string(), 1),
            // The gate has told the operator which one.
            GateError::OtherRootKey { .. } => Self::unavailable(
                "the keys of this site are being changed and this server does not have the new one yet; nothing was changed",
                5,
            ),
            GateError::Store(error) => error.into(),
            other => Self::internal(&other),
        }
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Gate(error) => error.into(),
            ServiceError::Store(error) => error.into(),
            ServiceError::OtherRequest => {
                Self::new(StatusCode::CONFLICT, "idempotency-key-reused", error.to_string())
            }
            ServiceError::NotFound(what) => Self::not_found(what),
            ServiceError::Emergency(_)
            | ServiceError::NotAsShown(_)
            | ServiceError::Unusable(_)
            | ServiceError::Estimate(_)
            | ServiceError::Guarantee(_) => Self::invalid(error.to_string()),
            ServiceError::NotADesk | ServiceError::NotADecider => {
                Self::new(StatusCode::FORBIDDEN, "no-clause", error.to_string())
            }
            ServiceError::NotTheirs => Self::new(StatusCode::FORBIDDEN, "not-theirs", error.to_string()),
            other => Self::internal(&other),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.body().to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"moretus\"");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        // So that a person who reads pages can be given one instead.
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use domain::{Category, CategorySet, Condition, ConditionSet, Purpose, Recipient};

    use super::*;

    #[test]
    fn a_refusal_names_the_nearest_clause_and_what_it_needs() {
        let refused = gate::Refused {
            purpose: Purpose::PlanInformation,
            recipient: Recipient::CustomerService,
            missing: CategorySet::of(&[Category::Plan]),
            nearest: Some("use.plan-information".to_owned()),
            lacks: ConditionSet::of(&[Condition::WorkItem]),
            unregistered: None,
            not_registered_for: false,
            bar: None,
        };
        let problem = Problem::from(GateError::from(refused));
        assert_eq!(problem.status, StatusCode::FORBIDDEN);
        let body = problem.body();
        assert_eq!(body["clause"], "use.plan-information");
        assert!(body["detail"].as_str().unwrap().contains("work-item"));
    }

    #[test]
    fn what_is_away_or_busy_says_when_to_come_back() {
        for (error, seconds) in [
            (StoreError::Busy, "1"),
            (StoreError::Unavailable { code: "connection".to_owned() }, "5"),
            (StoreError::Full, "60"),
        ] {
            let response = Problem::from(error).into_response();
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(response.headers()[header::RETRY_AFTER], seconds);
        }
        let changed = Problem::from(ServiceError::Store(StoreError::Changed));
        assert_eq!(changed.status, StatusCode::PRECONDITION_FAILED);
    }

    #[test]
    fn a_value_that_cannot_be_read_is_not_repeated() {
        let error = "Ada Lovelace".parse::<domain::Language>().unwrap_err();
        assert!(!Problem::parameter("lang", &error).body().to_string().contains("Ada"));
    }
}
