//! Whether the server lives, whether it can work, and its figures. Counts and timings only: `/metrics` and
//! `/ready` are for the operator, whose proxy passes neither on.

use std::sync::{OnceLock, PoisonError, RwLock};
use std::time::Duration;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::Timestamp;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use serde_json::json;
use store::{Store, StoreError};
use tokio::sync::watch;

use super::Shared;
use super::problem::Problem;
use crate::report::Error;

/// An entry that waits longer than this for its place in the log means that nobody seals.
const UNSEALED_LIMIT_SECONDS: f64 = 10.0;
/// How long the database may take to answer that it is there.
const REACH_SECONDS: u64 = 2;
/// How often it is looked what waits.
const WATCH_SECONDS: u64 = 1;
/// Upper bounds of the classes that request times fall in, in seconds.
const SECONDS: &[f64] = &[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0];

/// The recorder of this process: there is one, however many servers run in it.
///
/// Errors: another recorder was installed before.
pub(super) fn recorder() -> Result<PrometheusHandle, Error> {
    static RECORDER: OnceLock<Result<PrometheusHandle, String>> = OnceLock::new();
    let install = || {
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)
            .map_err(|error| error.to_string())?;
        builder.install_recorder().map_err(|error| error.to_string())
    };
    RECORDER.get_or_init(install).clone().map_err(Into::into)
}

/// `GET /health`: the process answers.
pub(super) async fn health() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], json!({ "status": "alive" }).to_string()).into_response()
}

/// `GET /ready`: the database answers, and what was disclosed gets its place in the log.
pub(super) async fn ready(State(server): State<Shared>) -> Result<Response, Problem> {
    let reach = tokio::time::timeout(Duration::from_secs(REACH_SECONDS), first_unsealed(server.app.store()));
    let first =
        reach.await.map_err(|_| Problem::unavailable("the database does not answer in time", 5))??;
    let unsealed_s = server.log.see(first, server.app.gate.now());
    if unsealed_s > UNSEALED_LIMIT_SECONDS {
        let detail =
            format!("an entry waits {unsealed_s:.0} seconds for its place in the log: does a sealer run?");
        return Err(Problem::unavailable(detail, 5));
    }
    let body = json!({ "status": "ready", "unsealedSeconds": unsealed_s }).to_string();
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// `GET /metrics`: the figures, in Prometheus' text format.
pub(super) async fn metrics(State(server): State<Shared>) -> Response {
    metrics::gauge!("moretus_store_queue_depth").set(server.app.store().queue_depth() as f64);
    metrics::gauge!("moretus_store_read_ahead").set(f64::from(server.app.store().has_read_ahead()));
    metrics::gauge!("moretus_log_unsealed_seconds").set(server.log.unsealed_s(server.app.gate.now()));
    let content = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (content, server.metrics.render()).into_response()
}

/// Looks every second at the log and at what is to be told to officers, so that how long each has waited is known when
/// someone asks.
pub(super) async fn watch_what_waits(server: Shared, mut stop: watch::Receiver<bool>) {
    let mut tick = tokio::time::interval(Duration::from_secs(WATCH_SECONDS));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            _ = tick.tick() => {}
        }
        // A database that is away says nothing about either; `ready` says that it is away.
        if let Ok(first) = first_unsealed(server.app.store()).await {
            server.log.see(first, server.app.gate.now());
        }
        if let Ok(waited) = service::longest_wait_seconds(&server.app).await {
            metrics::gauge!("moretus_officer_message_waiting_seconds").set(waited.unwrap_or(0) as f64);
        }
        server.metrics.run_upkeep();
    }
}

/// The number of the first committed group that has no place in the log yet.
async fn first_unsealed(store: &Store) -> Result<Option<i64>, StoreError> {
    let pending = store.read(|unit| store::log::pending(unit, 1)).await?;
    Ok(pending.first().map(|group| group.batch))
}

/// Since when the first group without a place in the log was seen waiting.
#[derive(Default)]
pub(super) struct LogWatch(RwLock<Option<(i64, Timestamp)>>);

impl LogWatch {
    /// Notes which group waits first, and answers for how long it has been seen to, in seconds.
    fn see(&self, first: Option<i64>, now: Timestamp) -> f64 {
        let mut seen = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *seen = match (*seen, first) {
            // Groups get their places in order, so the same first one means that none was placed.
            (Some((group, since)), Some(first)) if group == first => Some((group, since)),
            (_, first) => first.map(|first| (first, now)),
        };
        seconds(*seen, now)
    }

    fn unsealed_s(&self, now: Timestamp) -> f64 {
        seconds(*self.0.read().unwrap_or_else(PoisonError::into_inner), now)
    }
}

fn seconds(seen: Option<(i64, Timestamp)>, now: Timestamp) -> f64 {
    // Microseconds of some seconds: far from where a float loses any.
    seen.map_or(0.0, |(_, since)| (now.micros() - since.micros()).max(0) as f64 / 1_000_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_nobody_seals_is_seen_to_wait() {
        let at = |second: i64| Timestamp::from_micros(second * 1_000_000);
        let watch = LogWatch::default();
        assert!(watch.see(Some(7), at(0)) <= UNSEALED_LIMIT_SECONDS);
        assert!(watch.see(Some(7), at(11)) > UNSEALED_LIMIT_SECONDS, "the same group still waits");
        assert!(
            watch.see(Some(8), at(12)) <= UNSEALED_LIMIT_SECONDS,
            "another waits: the first has its place"
        );
        assert!(watch.see(None, at(30)) <= UNSEALED_LIMIT_SECONDS);
        assert!(watch.unsealed_s(at(99)) <= UNSEALED_LIMIT_SECONDS);
    }
}
