//! The demo's promise that a seed gives the same amounts on any day.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use domain::Timestamp;
use gate::{Clock, Gate, RootKey};
use store::{Location, Store};

use super::*;
use crate::surroundings::SystemRandomness;

struct Day(Timestamp);

impl Clock for Day {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// What a demo comes to that runs on this day: its claims, what became of them, and the ledger's sums.
async fn amounts_on(day: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_path_buf();
    let root = RootKey::create(&data.join("root.key"), &SystemRandomness).unwrap();
    let store = Store::create(&Location::Sqlite { directory: data.clone() }).await.unwrap();
    let midnight = Timestamp::start_of(day.parse().unwrap());
    let clock = Arc::new(Day(midnight));
    let gate =
        Gate::open(&root, store, "BE".parse().unwrap(), clock, Arc::new(SystemRandomness)).await.unwrap();
    let site = Site { data: data.clone(), root, app: service::App::open(gate).await.unwrap() };
    let portfolios = open_portfolios(&site).await.unwrap();
    let site = Site { app: service::App::open(site.app.gate.clone()).await.unwrap(), ..site };
    let demo =
        Demo { data, members: 60, seed: 7, db: None, listen: "127.0.0.1:0".parse().unwrap(), no_serve: true };
    let mut figures = Figures::default();
    demo.enrol_and_submit(&site, &portfolios, &mut figures).await.unwrap();
    adjudicate(&site, &mut figures).await.unwrap();
    pay(&site, &portfolios, &mut figures).await.unwrap();
    let mut amounts =
        vec![format!("{} {:?}", figures.claims, figures.charged), format!("{:?}", figures.adjudicated)];
    let mut booked = figures.adjudicated.booked.clone();
    booked.merge(&figures.booked);
    amounts.extend(booked.iter().map(|sums| format!("{sums:?}")));
    site.app.store().close().await.unwrap();
    amounts
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_gives_the_same_amounts_on_any_day() {
    let first = amounts_on("2026-11-24").await;
    assert!(first.len() > 3, "{first:?}");
    for day in ["2027-03-01", "2028-12-31"] {
        assert_eq!(amounts_on(day).await, first, "{day}");
    }
}
