//! Rolls by several servers: one whose lease ran out on the way leaves nothing in the log that verification calls a fault.

use std::sync::Arc;

use domain::Recipient;
use gate::{GateError, LogCheck};
use service::NewMatter;
use store::StoreError;
use tokio::runtime::Handle;

use crate::deferred::new_deferral;
use crate::matters::{ORDER, ask, order};
use crate::on_both;
use crate::site::again::{Interrupted, meanwhile};
use crate::site::{PORTFOLIO, TestSite, day};

on_both! {
    another_sealer_at_any_moment_of_a_roll_leaves_no_fault,
}

const DAY_SECONDS: i64 = 86_400;

async fn another_sealer_at_any_moment_of_a_roll_leaves_no_fault(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    let staff = Arc::new(site.actor(Recipient::LegalStaff, PORTFOLIO).await);
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
        let (clock, other, runtime) = (Interrupted::new(&site), Arc::clone(&site), Handle::current());
        let app = site.open_by(clock.clone()).await;
        // Another server rolls, the lease of whoever rolls here having run out.
        let asker = Arc::clone(&staff);
        clock.at(at, move || {
            meanwhile(&runtime, async {
                other.clock.advance(60);
                ask(&other.app, &asker, ORDER, ada, id).await.unwrap();
                let app = other.reopen().await;
                app.gate.sealer(None).await.unwrap().roll().await.unwrap();
                app.store().close().await.unwrap();
            });
        });
        let sealer = app.gate.sealer(None).await.unwrap();
        match sealer.roll().await {
            Ok(()) => {}
            Err(GateError::SealedElsewhere | GateError::Store(StoreError::Changed)) => was_late += 1,
            Err(other) => panic!("{other}"),
        }
        sealer.finish().await.unwrap();
        app.store().close().await.unwrap();
        assert_eq!(site.app.gate.check_log(LogCheck::default()).await.err().map(|one| one.to_string()), None);
        if !clock.happened() {
            break;
        }
    }
    assert!(was_late > 0, "another came between at least once");
}
