//! Every route, in one table: the router is built from it, and a test walks it against the golden file that
//! says which answer each kind of caller gets.

use axum::Router;
use axum::routing::{MethodRouter, delete, get, post};

use super::problem::Problem;
use super::{
    Shared, api, around, cards, claims, consents, emergencies, estimates, guarantees, health, material,
    pages, recipients, searches, travel,
};

/// Every route there is: its path, with parameters in braces, and its handlers. `GET` answers `HEAD` too.
pub(super) fn routes() -> Vec<(&'static str, MethodRouter<Shared>)> {
    vec![
        ("/", get(pages::home)),
        ("/notice/{document}", get(pages::notice)),
        ("/notice/{portfolio}/{name}", get(pages::document)),
        ("/style.css", get(pages::style)),
        ("/health", get(health::health)),
        ("/ready", get(health::ready)),
        ("/metrics", get(health::metrics)),
        ("/api/v1/members/{subject}/coverage/{coverage}", get(api::read_cover)),
        ("/api/v1/members/{subject}/recipients", get(recipients::list)),
        ("/api/v1/members/{subject}/consents", get(consents::list).post(consents::give)),
        ("/api/v1/members/{subject}/consents/withdrawals", post(consents::withdraw)),
        ("/api/v1/members/{subject}/consents/{consent}/consequences", get(consents::show_consequences)),
        ("/api/v1/members/{subject}/payment-cards", get(cards::list).post(cards::record)),
        ("/api/v1/members/{subject}/payment-cards/{card}", delete(cards::remove)),
        ("/api/v1/members/{subject}/material", post(material::supply)),
        ("/api/v1/members/{subject}/material/{material}", get(material::read)),
        ("/api/v1/members/{subject}/material/{material}/assignment", post(material::take_up)),
        ("/api/v1/members/{subject}/material/{material}/decision", post(material::decide)),
        ("/api/v1/members/{subject}/emergencies", post(emergencies::open)),
        ("/api/v1/members/{subject}/emergencies/{emergency}", get(emergencies::read)),
        ("/api/v1/members/{subject}/estimates", post(estimates::estimate)),
        ("/api/v1/members/{subject}/travel-questionnaires", post(travel::take)),
        ("/api/v1/members/{subject}/travel-questionnaires/{record}", get(travel::read)),
        ("/api/v1/portfolios/{portfolio}/supplements/{name}", get(travel::supplement)),
        ("/api/v1/portfolios/{portfolio}/searches", post(searches::identify)),
        ("/api/v1/portfolios/{portfolio}/claims", post(claims::receive)),
        ("/api/v1/portfolios/{portfolio}/material", get(material::waiting)),
        ("/api/v1/portfolios/{portfolio}/guarantees", post(guarantees::request)),
        ("/api/v1/portfolios/{portfolio}/guarantees/next", post(guarantees::take)),
        ("/api/v1/members/{subject}/guarantees/{guarantee}", get(guarantees::read)),
        ("/api/v1/members/{subject}/guarantees/{guarantee}/decisions", post(guarantees::decide)),
        ("/api/v1/members/{subject}/guarantees/{guarantee}/letter", get(guarantees::letter)),
        ("/api/v1/members/{subject}/guarantees/{guarantee}/return", post(guarantees::put_back)),
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
