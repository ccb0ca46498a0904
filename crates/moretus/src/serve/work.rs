//! The work that runs beside serving: adjudicating what came in, and the daily sweep. Each may run on every
//! server of a site at once: jobs are leased, and one sweeps a day.

use std::time::Duration;

use domain::{ActorId, Date};
use service::ServiceError;
use store::StoreError;
use tokio::sync::watch;

use super::Shared;

/// Claims of one pass; between passes the worker looks whether it should stop.
const A_PASS: usize = 1_000;
/// How often the worker looks for claims that nobody told it of.
const LOOK_SECONDS: u64 = 5;
/// How often it is looked whether today was swept.
const SWEEP_LOOK_SECONDS: u64 = 3_600;
/// How long the right to sweep is held: longer than a sweep takes.
const SWEEP_LEASE_SECONDS: i64 = 6 * 3_600;

/// How often the published notices are read again.
const NOTICES_SECONDS: u64 = 2;

/// Ends when the server stops.
pub(super) async fn until(mut stop: watch::Receiver<bool>) {
    // A sender that is gone means the same as one that says stop.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Adjudicates claims as they come in, until stopped; a pass that has begun is finished.
pub(super) async fn adjudicate(server: Shared, stop: watch::Receiver<bool>) {
    let mut tick = tokio::time::interval(Duration::from_secs(LOOK_SECONDS));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = until(stop.clone()) => return,
            () = server.wake.notified() => {}
            _ = tick.tick() => {}
        }
        while !*stop.borrow() {
            match service::adjudicate_received(&server.app, A_PASS, |_| {}).await {
                Ok(report) => {
                    for (state, count) in &report.states {
                        metrics::counter!("moretus_claims_adjudicated_total", "state" => state.word())
                            .increment(*count);
                    }
                    if report.done() == 0 {
                        break;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "claims could not be adjudicated; trying again");
                    break;
                }
            }
        }
    }
}

/// Reads again what is published: another process may have published a notice that narrows, which holds at
/// once.
pub(super) async fn follow_notices(server: Shared, stop: watch::Receiver<bool>) {
    let mut tick = tokio::time::interval(Duration::from_secs(NOTICES_SECONDS));
    let stopped = until(stop);
    tokio::pin!(stopped);
    loop {
        tokio::select! {
            () = &mut stopped => return,
            _ = tick.tick() => {}
        }
        if let Err(error) = server.app.gate.refresh_notices().await {
            tracing::warn!(%error, "the published notices could not be read again; trying again");
        }
    }
}

/// Applies the notices' retention once a day, until stopped.
pub(super) async fn sweep_daily(server: Shared, stop: watch::Receiver<bool>) {
    let holder = ActorId::from_bytes(server.app.gate.random_id());
    let mut tick = tokio::time::interval(Duration::from_secs(SWEEP_LOOK_SECONDS));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = until(stop.clone()) => return,
            _ = tick.tick() => {}
        }
        // A sweep goes in parts, each in one transaction, so that it can be left anywhere.
        let swept = tokio::select! {
            () = until(stop.clone()) => return,
            swept = sweep(&server, holder) => swept,
        };
        if let Err(error) = swept {
            tracing::warn!(%error, "retention could not be applied; trying again within the hour");
        }
    }
}

/// Sweeps every portfolio, unless today was swept or someone else is at it.
async fn sweep(server: &Shared, holder: ActorId) -> Result<(), ServiceError> {
    let (app, today) = (&server.app, server.app.today()?);
    let now = app.gate.now();
    let begun: Option<Vec<_>> = app
        .store()
        .write(move |unit| {
            let is_swept =
                store::lease::meta(unit, "swept")?.and_then(|day| day.parse::<Date>().ok()) >= Some(today);
            let until = now.plus_seconds(SWEEP_LEASE_SECONDS);
            if is_swept || !store::lease::acquire(unit, "sweeper", holder, now, until)? {
                return Ok::<_, StoreError>(None);
            }
            store::reference::portfolios(unit).map(Some)
        })
        .await?;
    let Some(portfolios) = begun else { return Ok(()) };
    for portfolio in portfolios {
        let report = match service::sweep(app, portfolio.portfolio).await {
            // A portfolio whose notice is not published yet has no rules to apply.
            Err(ServiceError::Gate(gate::GateError::NoNotice)) => continue,
            report => report?,
        };
        metrics::counter!("moretus_keys_destroyed_total").increment(report.keys);
    }
    app.store()
        .write(move |unit| {
            store::lease::set_meta(unit, "swept", &today.to_string())?;
            store::lease::release(unit, "sweeper", holder).map(drop)
        })
        .await
        .map_err(|error: StoreError| error.into())
}
