//! Every route, in one table: the router is built from it, and a test walks it against the golden file that
//! says which answer each kind of caller gets.

use axum::Router;
use axum::routing::{MethodRouter, get, post};

use super::problem::Problem;
use super::{Shared, api, around, claims, consents, health, pages, recipients};

/// Every route there is: its path, with parameters in braces, and its handlers. `GET` answers `HEAD` too.
pub(super) fn routes() -> Vec<(&'static str, MethodRouter<Shared>)> {
    vec![
        ("/", get(pages::home)),
        ("/notice/{document}", get(pages::notice)),
        ("/style.css", get(pages::style)),
        ("/health", get(health::health)),
        ("/ready", get(health::ready)),
        ("/metrics", get(health::metrics)),
        ("/api/v1/members/{subject}/coverage/{coverage}", get(api::read_cover)),
        ("/api/v1/members/{subject}/recipients", get(recipients::list)),
        ("/api/v1/members/{subject}/consents", get(consents::list).post(consents::give)),
        ("/api/v1/members/{subject}/consents/withdrawals", post(consents::withdraw)),
        ("/api/v1/members/{subject}/consents/{consent}/consequences", get(consents::show_consequences)),
        ("/api/v1/portfolios/{portfolio}/claims", post(claims::receive)),
    ]
}

/// The router, with what stands around every route.
pub(super) fn router(server: &Shared) -> Router {
    let router =
        routes().into_iter().fold(Router::new(), |router, (path, handler)| router.route(path, handler));
    router
        .fallback(async || Problem::not_found("page"))
        .method_not_allowed_fallback(async || Problem::wrong_method())
        .layer(axum::middleware::from_fn_with_state(Shared::clone(server), around::around))
        .with_state(Shared::clone(server))
}
