//! Rolls by several servers: one whose lease ran out on the way leaves nothing in the log that verification calls a fault.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::{Recipient, Timestamp};
use gate::{Clock, GateError, LogCheck};
use service::NewMatter;
use store::StoreError;

use crate::deferred::new_deferral;
use crate::matters::{ORDER, ask, order};
use crate::on_both;
use crate::site::{PORTFOLIO, TestClock, TestSite, day};

on_both! {
    another_sealer_at_any_moment_of_a_roll_leaves_no_fault,
}

const DAY_SECONDS: i64 = 86_400;

/// The site's clock, which at one of its readings does something else first.
struct Interrupted {
    clock: Arc<TestClock>,
    readings: AtomicUsize,
    at: usize,
    then: Box<dyn Fn() + Send + Sync>,
}

impl Clock for Interrupted {
    fn now(&self) -> Timestamp {
        if self.readings.fetch_add(1, Ordering::SeqCst) == self.at {
            (self.then)();
        }
        self.clock.now()
    }
}

/// Rolls the site's log, with the lease of whoever rolls there run out, as another server does.
fn roll_elsewhere(site: &Arc<TestSite>) {
    let site = Arc::clone(site);
    let work = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            site.clock.advance(60);
            let app = site.reopen().await;
            app.gate.sealer(None).await.unwrap().roll().await.unwrap();
            app.store().close().await.unwrap();
        });
    };
    std::thread::spawn(work).join().unwrap();
}

async fn another_sealer_at_any_moment_of_a_roll_leaves_no_fault(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    let staff = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    let site = Arc::new(site);
    let mut was_late = 0;
    for at in 0.. {
        let new = NewMatter { reference: format!("2026/{at}"), last: Some(day("2027-10-31")), ..order() };
        let id = site.reviewed(&new).await;
        service::defer_matter(&site.app, &officer, &new_deferral(&site, id, 1)).await.unwrap();
        site.open_for(id, &staff, &[ada]).await.unwrap();
        ask(&site.app, &staff, ORDER, ada, id).await.unwrap();
        site.clock.advance(2 * DAY_SECONDS);
        let (elsewhere, clock) = (Arc::clone(&site), Arc::clone(&site.clock));
        let then = Box::new(move || roll_elsewhere(&elsewhere));
        let clock = Arc::new(Interrupted { clock, readings: AtomicUsize::new(0), at, then });
        let app = site.open_by(clock.clone()).await;
        let sealer = app.gate.sealer(None).await.unwrap();
        match sealer.roll().await {
            Ok(()) => {}
            Err(GateError::SealedElsewhere | GateError::Store(StoreError::Changed)) => was_late += 1,
            Err(other) => panic!("{other}"),
        }
        sealer.finish().await.unwrap();
        app.store().close().await.unwrap();
        assert_eq!(site.app.gate.check_log(LogCheck::default()).await.err().map(|one| one.to_string()), None);
        if clock.readings.load(Ordering::SeqCst) <= at {
            break;
        }
    }
    assert!(was_late > 0, "another came between at least once");
}
