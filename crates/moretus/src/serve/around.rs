//! What stands around every route: the request id, the time limit, the headers that keep pages safe, the
//! access log and the figures. The log names the route's pattern, never the address or its query.

use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use domain::RequestId;
use portal::Trouble;

use super::problem::Problem;
use super::{Shared, language, pages};
use crate::surroundings::Stopwatch;

/// How long a request may take, body included.
const LIMIT_SECONDS: u64 = 30;

/// The header that carries the request's id, a UUID.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// No page needs more than its own sheet; forms go nowhere else; nobody may frame one.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// Runs a request, with all that around it.
pub(super) async fn around(State(server): State<Shared>, mut request: Request, next: Next) -> Response {
    let id = request_id(request.headers()).unwrap_or_else(|| server.app.gate.request());
    request.extensions_mut().insert(id);
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("(none)".to_owned(), |path| path.as_str().to_owned());
    let reader = Reader::of(&request);
    let watch = Stopwatch::start();
    let ran = tokio::time::timeout(Duration::from_secs(LIMIT_SECONDS), next.run(request)).await;
    let mut response = ran
        .unwrap_or_else(|_| Problem::unavailable("this took too long and was given up", 5).into_response());
    if let Some(problem) = response.extensions_mut().remove::<Problem>()
        && let Some(reader) = reader
    {
        response = reader.page(&server, &problem, response).await;
    }
    protect(response.headers_mut());
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    record(&method, route, &response, id, watch.seconds());
    response
}

/// The request's own id, when it came with one. Anything but a UUID is as if there were none.
fn request_id(headers: &HeaderMap) -> Option<RequestId> {
    headers.get(REQUEST_ID)?.to_str().ok()?.parse().ok()
}

/// Headers that a response does not set itself.
fn protect(headers: &mut HeaderMap) {
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(value);
    }
}

fn record(method: &axum::http::Method, route: String, response: &Response, id: RequestId, seconds: f64) {
    let status = response.status();
    tracing::info!(%method, route, status = status.as_u16(), milliseconds = seconds * 1_000.0, request = %id, "request");
    // The method is the client's word: only known ones may become a label.
    let method = match method.as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "OPTIONS" | "PATCH") => known.to_owned(),
        _ => "other".to_owned(),
    };
    let labels = [("route", route.clone()), ("method", method), ("status", status.as_u16().to_string())];
    metrics::counter!("moretus_http_requests_total", &labels).increment(1);
    metrics::histogram!("moretus_http_request_seconds", "route" => route).record(seconds);
}

/// Someone who reads pages, and so gets one when something does not go.
struct Reader {
    language: domain::Language,
}

impl Reader {
    /// A browser on an address outside the API.
    fn of(request: &Request) -> Option<Self> {
        let accept = request.headers().get(header::ACCEPT)?.to_str().ok()?;
        let reads = accept.contains("text/html") && !request.uri().path().starts_with("/api/");
        let asked = language::in_query(request.uri().query());
        reads.then(|| Self { language: language::choose(asked, request.headers()) })
    }

    async fn page(&self, server: &Shared, problem: &Problem, instead_of: Response) -> Response {
        let trouble = match problem.status.as_u16() {
            404 => Trouble::NotFound,
            503 => Trouble::Unavailable,
            _ => Trouble::Other,
        };
        let page = pages::trouble(server, trouble, self.language).await;
        let mut response = (problem.status, Html(page)).into_response();
        for name in [header::RETRY_AFTER, header::CACHE_CONTROL] {
            if let Some(value) = instead_of.headers().get(&name) {
                response.headers_mut().insert(name, value.clone());
            }
        }
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept, accept-language"));
        response
    }
}
