//! A site on the network: its pages, its API, and the work that runs beside them (sealing, adjudication,
//! retention). It speaks plain HTTP: TLS, and who may reach `/metrics`, are the operator's proxy's.
//!
//! Stopping is orderly: no new connections, requests under way are finished, then the jobs' current part,
//! then a last seal, then the store is closed.

mod api;
mod around;
mod claims;
mod facts;
mod health;
mod language;
mod pages;
mod problem;
mod routes;
#[cfg(test)]
mod tests;
mod work;

use std::future::{Future, IntoFuture};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;
use service::App;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::report::Error;
use crate::site::Site;

/// How long requests under way may take to finish once the server stops.
const GRACE_SECONDS: u64 = 20;

/// What every handler works with.
pub(crate) struct Server {
    app: App,
    facts: facts::Cache,
    log: health::LogWatch,
    metrics: PrometheusHandle,
    /// Told when there is something to adjudicate.
    wake: Notify,
}

/// The server as handlers share it.
type Shared = Arc<Server>;

/// Serves a site until `stop` is there, then closes it.
///
/// Errors: the address cannot be listened on; the log's keys cannot be read; the store cannot be closed.
pub(crate) async fn serve(
    site: Site,
    listen: SocketAddr,
    stop: impl Future<Output = ()>,
) -> Result<(), Error> {
    let listener = bind(listen).await?;
    serve_on(site, listener, stop).await
}

/// Listens on an address.
pub(crate) async fn bind(listen: SocketAddr) -> Result<TcpListener, Error> {
    let bound = TcpListener::bind(listen).await;
    bound.map_err(|error| {
        format!("cannot listen on {listen}: {}; choose another with --listen", error.kind()).into()
    })
}

/// As [`serve`], on a listener that is there already.
pub(crate) async fn serve_on(
    site: Site,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
) -> Result<(), Error> {
    let metrics = health::recorder()?;
    let sealer = site.app.gate.sealer(site.witness()?).await?;
    let (stop_sealing, sealing_stopped) = watch::channel(false);
    let sealing = tokio::spawn(sealer.run(sealing_stopped));

    let server = Arc::new(Server {
        app: site.app.clone(),
        facts: facts::Cache::default(),
        log: health::LogWatch::default(),
        metrics,
        wake: Notify::new(),
    });
    let (stop_work, stopped) = watch::channel(false);
    let mut work = JoinSet::new();
    work.spawn(work::adjudicate(Arc::clone(&server), stopped.clone()));
    work.spawn(work::follow_notices(Arc::clone(&server), stopped.clone()));
    work.spawn(work::sweep_daily(Arc::clone(&server), stopped.clone()));
    work.spawn(health::watch_log(Arc::clone(&server), stopped.clone()));
    let router = routes::router(&server);
    let serving = axum::serve(listener, router).with_graceful_shutdown(work::until(stopped));
    let mut serving = tokio::spawn(serving.into_future());

    let ended_early = tokio::select! {
        () = stop => false,
        _ = &mut serving => true,
    };
    let _ = stop_work.send(true);
    if !ended_early && tokio::time::timeout(Duration::from_secs(GRACE_SECONDS), &mut serving).await.is_err() {
        tracing::warn!("some requests did not finish in time and were cut");
        serving.abort();
    }
    while work.join_next().await.is_some() {}
    let _ = stop_sealing.send(true);
    sealing.await?;
    site.close().await
}
