//! A site on the network: its pages, its API, and the work that runs beside them (sealing, adjudication,
//! retention). It speaks plain HTTP: TLS, and who may reach `/metrics`, are the operator's proxy's.
//!
//! Stopping is orderly: no new connections, requests under way are finished, then the jobs' current part,
//! then a last seal, then the store is closed. A part of it that ends by itself ends all: a server that
//! adjudicates nothing must not look like one that works.

mod api;
mod around;
mod cards;
mod claims;
mod connections;
mod consents;
#[cfg(test)]
mod consents_tests;
#[cfg(test)]
mod documents_tests;
mod emergencies;
mod estimates;
#[cfg(test)]
mod estimates_tests;
mod facts;
mod guarantees;
#[cfg(test)]
mod guarantees_tests;
mod health;
mod language;
#[cfg(test)]
mod leaks_tests;
mod material;
mod pages;
mod press;
mod problem;
mod recipients;
mod routes;
mod searches;
#[cfg(test)]
mod supplied_tests;
#[cfg(test)]
mod tests;
mod travel;
mod work;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;
use service::App;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::mail::Mailer;
use crate::report::Error;
use crate::site::Site;

/// How long requests under way may take to finish once the server stops.
const GRACE_SECONDS: u64 = 20;

/// What every handler works with.
pub(crate) struct Server {
    app: App,
    facts: facts::Cache,
    press: press::Press,
    log: health::LogWatch,
    metrics: PrometheusHandle,
    /// Told when there is something to adjudicate.
    wake: Notify,
    /// Told when there is something to tell the officer.
    officer: Notify,
}

/// The server as handlers share it.
type Shared = Arc<Server>;

/// Listens on an address.
pub(crate) async fn bind(listen: SocketAddr) -> Result<TcpListener, Error> {
    let bound = TcpListener::bind(listen).await;
    bound.map_err(|error| {
        format!("cannot listen on {listen}: {}; choose another with --listen", error.kind()).into()
    })
}

/// Ends on Ctrl-C and on SIGTERM.
pub(crate) fn told_to_stop() -> Result<impl Future<Output = ()>, Error> {
    let mut terminated = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminated.recv() => {}
        }
    })
}

/// Serves a site until `stop` is there, then closes it. Without a mailer, messages to the officer wait.
///
/// Errors: the log's keys cannot be read; a part of the server ended by itself; the store cannot be closed.
pub(crate) async fn serve_on(
    site: Site,
    mailer: Option<Mailer>,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
) -> Result<(), Error> {
    let background = |server: &Shared, stopped: &watch::Receiver<bool>| {
        let mut work = background(server, stopped);
        if let Some(mailer) = mailer {
            work.spawn(work::tell_officers(Arc::clone(server), mailer, stopped.clone()));
        }
        work
    };
    serve_beside(site, listener, stop, background).await
}

/// The work that runs beside serving, each piece until told to stop.
fn background(server: &Shared, stopped: &watch::Receiver<bool>) -> JoinSet<()> {
    let mut work = JoinSet::new();
    work.spawn(work::adjudicate(Arc::clone(server), stopped.clone()));
    work.spawn(work::follow_notices(Arc::clone(server), stopped.clone()));
    work.spawn(work::daily(Arc::clone(server), stopped.clone()));
    work.spawn(health::watch_what_waits(Arc::clone(server), stopped.clone()));
    work
}

async fn serve_beside(
    site: Site,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
    background: impl FnOnce(&Shared, &watch::Receiver<bool>) -> JoinSet<()>,
) -> Result<(), Error> {
    let metrics = health::recorder()?;
    let sealer = site.app.gate.sealer(site.witness()?).await?;
    let (stop_sealing, sealing_stopped) = watch::channel(false);
    let mut sealing = tokio::spawn(sealer.run(sealing_stopped));

    let server = Arc::new(Server {
        app: site.app.clone(),
        facts: facts::Cache::default(),
        press: press::Press::default(),
        log: health::LogWatch::default(),
        metrics,
        wake: Notify::new(),
        officer: Notify::new(),
    });
    let (stop_work, stopped) = watch::channel(false);
    let mut work = background(&server, &stopped);
    let (router, limits) = (routes::router(&server), connections::Limits::USUAL);
    let mut serving =
        tokio::spawn(connections::serve(listener, router, limits, work::until(stopped.clone())));

    let ended_early = tokio::select! {
        () = stop => None,
        _ = &mut serving => Some("serving"),
        _ = work.join_next() => Some("the work beside it"),
        _ = &mut sealing => Some("sealing the log"),
    };
    let _ = stop_work.send(true);
    if !serving.is_finished()
        && tokio::time::timeout(Duration::from_secs(GRACE_SECONDS), &mut serving).await.is_err()
    {
        tracing::warn!("some requests did not finish in time and were cut");
        serving.abort();
    }
    while work.join_next().await.is_some() {}
    let _ = stop_sealing.send(true);
    if !sealing.is_finished() {
        sealing.await?;
    }
    site.close().await?;
    match ended_early {
        Some(part) => Err(format!("the server ended because {part} did: see what it said before").into()),
        None => Ok(()),
    }
}
