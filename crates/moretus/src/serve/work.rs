//! The work that runs beside serving: adjudicating what came in, telling the officer, and once a day applying retention and issuing
//! notices. Each may run on every server of a site at once: jobs are leased, and one does the daily work.

use std::time::Duration;

use domain::{ActorId, Date, PortfolioId};
use service::{App, Rule, ServiceError, SweepReport};
use store::StoreError;
use tokio::sync::watch;

use super::Shared;
use crate::mail::Mailer;

/// Claims of one pass; between passes the worker looks whether it should stop.
const A_PASS: usize = 4_000;
/// How often it is looked for claims, and for messages to the officer, that nobody told this server of.
const LOOK_SECONDS: u64 = 5;
/// How often it is looked whether today's work is done.
const DAILY_LOOK_SECONDS: u64 = 3_600;
/// How long the right to do it is held: longer than it takes.
const DAILY_LEASE_SECONDS: i64 = 6 * 3_600;

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

/// Sends the officers what waits for them, as soon as this server has written it and a few seconds after another process
/// has, until stopped. Any number of servers may do so at once: each message is taken by one.
pub(super) async fn tell_officers(server: Shared, mailer: Mailer, stop: watch::Receiver<bool>) {
    let mut tick = tokio::time::interval(Duration::from_secs(LOOK_SECONDS));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = until(stop.clone()) => return,
            () = server.officer.notified() => {}
            _ = tick.tick() => {}
        }
        match mailer.send_due(&server.app, &stop).await {
            Ok(done) => {
                for (outcome, count) in [("sent", done.sent), ("failed", done.failed)] {
                    metrics::counter!("moretus_officer_messages_total", "outcome" => outcome)
                        .increment(count);
                }
            }
            Err(error) => {
                tracing::warn!(%error, "what waits for the data protection officer cannot be read; trying again");
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

/// Applies the notices' retention, issues them to whom they are new, and works out what would become of claims since whose decision
/// something changed, once a day, until stopped.
pub(super) async fn daily(server: Shared, stop: watch::Receiver<bool>) {
    let holder = ActorId::from_bytes(server.app.gate.random_id());
    let mut tick = tokio::time::interval(Duration::from_secs(DAILY_LOOK_SECONDS));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = until(stop.clone()) => return,
            _ = tick.tick() => {}
        }
        // The work goes in parts, each in one transaction, so that it can be left anywhere.
        let done = tokio::select! {
            () = until(stop.clone()) => return,
            done = today(&server.app, holder) => done,
        };
        if let Err(error) = done {
            tracing::warn!(%error, "the daily work is not all done; trying again within the hour");
        }
    }
}

/// Does the day's work for every portfolio, unless it is done or someone else is at it. A portfolio for which it
/// cannot be done holds up no other, and the day is not over.
pub(super) async fn today(app: &App, holder: ActorId) -> Result<(), ServiceError> {
    let (today, now) = (app.today()?, app.gate.now());
    let begun: Option<Vec<_>> = app
        .store()
        .write(move |unit| {
            let is_done =
                store::lease::meta(unit, "swept")?.and_then(|day| day.parse::<Date>().ok()) >= Some(today);
            let until = now.plus_seconds(DAILY_LEASE_SECONDS);
            if is_done || !store::lease::acquire(unit, "sweeper", holder, now, until)? {
                return Ok::<_, StoreError>(None);
            }
            store::reference::portfolios(unit).map(Some)
        })
        .await?;
    let Some(portfolios) = begun else { return Ok(()) };
    let mut failed = None;
    for portfolio in portfolios {
        if let Err(error) = of_portfolio(app, portfolio.portfolio).await {
            tracing::warn!(%error, portfolio = %portfolio.portfolio, "the daily work of a portfolio failed");
            failed = Some(error);
        }
    }
    let is_done = failed.is_none();
    app.store()
        .write(move |unit| {
            if is_done {
                store::lease::set_meta(unit, "swept", &today.to_string())?;
            }
            store::lease::release(unit, "sweeper", holder).map(drop)
        })
        .await
        .map_err(|error: StoreError| ServiceError::from(error))?;
    failed.map_or(Ok(()), Err)
}

async fn of_portfolio(app: &App, portfolio: PortfolioId) -> Result<(), ServiceError> {
    let today = app.today()?;
    let published = service::published_notices(app.store(), portfolio).await?;
    if published.iter().all(|version| version.effective > today) {
        // Without a notice in force there are no rules to apply, and nobody is enrolled.
        return Ok(());
    }
    let swept = service::sweep(app, portfolio).await;
    let issued = service::issue_notices(app, portfolio).await?;
    metrics::counter!("moretus_notice_deliveries_queued_total").increment(issued.queued);
    metrics::counter!("moretus_notice_bindings_total").increment(issued.bound);
    let swept = swept?;
    metrics::counter!("moretus_keys_destroyed_total").increment(swept.keys);
    metrics::counter!("moretus_log_entries_erased_total").increment(swept.entries);
    say_what_is_kept(portfolio, &swept);
    // Last: what cannot be decided anew today holds up nothing that is due.
    let anew = service::readjudicate_by_itself(app, portfolio).await?;
    if let Some(run) = anew.filter(|run| run.differing > 0) {
        tracing::info!(%portfolio, run = %run.run, claims = run.differing, "claims would be decided otherwise: somebody of the claims staff looks, and releases it");
    }
    Ok(())
}

/// Says in the server's log what is kept for longer, by which rule. Which matters hold something is for who asks with `moretus sweep`:
/// a log goes further, and the showing of one may be deferred.
fn say_what_is_kept(portfolio: PortfolioId, swept: &SweepReport) {
    if swept.held > 0 {
        tracing::info!(%portfolio, people = swept.held, "kept beyond its years: legal matters hold it");
    }
    for (Rule { class, version, clause, years, after }, of) in &swept.kept {
        let (clause, last) = (clause.as_deref(), of.last.map(tracing::field::display));
        tracing::info!(%portfolio, %class, version, clause, years, %after, people = of.people, last, "kept for longer than other classes");
    }
}

#[cfg(test)]
mod tests {
    use domain::SubjectId;
    use store::reference::NoticeRow;
    use store::{Location, Store};

    use super::super::tests::support;
    use super::*;
    use crate::site::SiteArguments;

    async fn is_over(app: &App) -> bool {
        let day = app.store().read(|unit| store::lease::meta(unit, "swept")).await;
        day.map_err(|error: StoreError| error).unwrap() == Some(app.today().unwrap().to_string())
    }

    /// Adds a version to a portfolio, past the program.
    async fn add(store: &Store, portfolio: PortfolioId, change: fn(&mut NoticeRow)) {
        store
            .write(move |unit| {
                let first = store::reference::notice(unit, portfolio, 1)?.ok_or(StoreError::NotFound)?;
                let mut next = NoticeRow { number: 2, version: "next".to_owned(), ..first };
                change(&mut next);
                store::reference::insert_notice(unit, &next)
            })
            .await
            .unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_portfolio_whose_work_fails_holds_up_no_other_and_the_day_is_not_over() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_path_buf();
        let made = support::make(&data, &Location::Sqlite { directory: data.clone() }).await;
        let store = Store::open(&Location::Sqlite { directory: data.clone() }).await.unwrap();
        // Of two portfolios the one with the members gets a newer version, the other one that cannot be read.
        add(&store, made.portfolio, |_| {}).await;
        add(&store, made.other_portfolio, |next| next.files = "{}".to_owned()).await;
        store.close().await.unwrap();
        let site = SiteArguments::new(data, None).open().await.unwrap();
        let holder = ActorId::from_bytes([1; 16]);
        today(&site.app, holder).await.unwrap_err();
        assert!(!is_over(&site.app).await);
        let portfolio = made.portfolio;
        let counts = site.app.store().read(move |unit| store::delivery::count(unit, portfolio, 2)).await;
        let counts = counts.map_err(|error: StoreError| error).unwrap();
        assert!(counts.iter().any(|(_, count, _)| *count > 10), "{counts:?}");
        // It is tried again, by whichever server comes first.
        today(&site.app, ActorId::from_bytes([2; 16])).await.unwrap_err();
        assert!(!is_over(&site.app).await);
        site.app.store().close().await.unwrap();
    }

    /// How many keys there are of somebody's.
    async fn keys(app: &App, subject: SubjectId) -> usize {
        let keys = app.store().read(move |unit| store::key::of_subject(unit, subject)).await;
        keys.map_err(|error: StoreError| error).unwrap().len()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_days_work_destroys_the_keys_of_whose_cover_ended_long_ago_and_nobody_elses() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_path_buf();
        let made = support::make(&data, &Location::Sqlite { directory: data.clone() }).await;
        let site = SiteArguments::new(data, None).open().await.unwrap();
        let long_ago = "2001-12-31".parse::<Date>().unwrap();
        let (gone, portfolio) = (made.subject, made.portfolio);
        let others = site.app.store().write(move |unit| {
            let mut covers = store::coverage::of_subject(unit, gone)?;
            let held = store::many::coverages_held(unit, &[gone])?;
            covers.extend(held.into_iter().filter(|cover| cover.subject != gone));
            for cover in &covers {
                store::coverage::end(unit, cover, Some(long_ago))?;
            }
            let ended: Vec<SubjectId> = covers.iter().map(|cover| cover.subject).collect();
            let all = store::subject::page(unit, portfolio, None, 100)?;
            let others = all.into_iter().map(|one| one.subject).filter(|one| !ended.contains(one));
            Ok::<_, StoreError>(others.collect::<Vec<_>>())
        });
        let others = others.await.unwrap();
        assert!(keys(&site.app, gone).await > 0 && !others.is_empty());
        let mut before = Vec::new();
        for other in &others {
            before.push(keys(&site.app, *other).await);
        }
        today(&site.app, ActorId::from_bytes([1; 16])).await.unwrap();
        assert_eq!(keys(&site.app, gone).await, 0);
        for (other, before) in others.iter().zip(before) {
            assert_eq!(keys(&site.app, *other).await, before);
        }
        site.app.store().close().await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn when_all_is_done_the_day_is_over_and_a_notice_of_tomorrow_does_not_prolong_it() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_path_buf();
        support::make(&data, &Location::Sqlite { directory: data.clone() }).await;
        let site = SiteArguments::new(data, None).open().await.unwrap();
        let portfolio = PortfolioId::from_bytes([5; 16]);
        let new = service::NewPortfolio {
            portfolio,
            name: "Tomorrow".to_owned(),
            currency: domain::Currency::EUR,
            float_account: "BE68539007547034".to_owned(),
            law: domain::GoverningLaw::Belgium,
        };
        service::create_portfolio(site.app.store(), &new).await.unwrap();
        let mut files = support::filled(notice::SHIPPED);
        for (_, text) in files.iter_mut().filter(|(name, _)| name == "clauses.toml") {
            *text = text.replace("effective = \"2026-11-01\"", "effective = \"2190-01-01\"");
        }
        let publication = service::Publication::new("An Author", "A Publisher", "Sound.").unwrap();
        let (gate, store) = (&site.app.gate, site.app.store());
        for related in notice::SHIPPED_RELATED {
            let (files, now) = (support::filled(related), gate.now());
            let published =
                service::publish_document(store, Some(gate), portfolio, &files, &publication, now);
            published.await.unwrap();
        }
        service::publish_notice(store, Some(gate), portfolio, &files, &publication, gate.now())
            .await
            .unwrap();
        today(&site.app, ActorId::from_bytes([1; 16])).await.unwrap();
        assert!(is_over(&site.app).await);
        site.app.store().close().await.unwrap();
    }
}
