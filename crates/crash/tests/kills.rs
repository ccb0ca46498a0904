//! kill -9 under load: nothing acknowledged is lost, nothing was released without its entry, the log
//! verifies and has only grown, and no transaction is there in part. Each round goes on in the same
//! database. Half of `MORETUS_KILLS` rounds (20 when it is not set) on each engine.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test, which says what it has counted")]

mod support;

use store::Location;

use support::{Bench, kills, moment, seed};

async fn survives_kills(location: Option<Location>, rounds: u64, seed: u64) {
    let mut bench = Bench::new(location, seed).await;
    for round in 0..rounds {
        let said = bench.start(&[]).kill_after(moment(seed, round));
        bench.said.extend(said);
        let found = bench.audit().await;
        assert!(found.faults.is_empty(), "seed {seed}, round {round}: {:#?}", found.faults);
    }
    let said = &bench.said;
    eprintln!(
        "{rounds} kills: {} claims acknowledged, {} values released",
        said.claims.len(),
        said.released.len()
    );
    assert!(
        said.claims.len() as u64 > rounds && said.released.len() as u64 > rounds,
        "too little load to prove anything"
    );
}

mod sqlite {
    #[tokio::test(flavor = "multi_thread")]
    async fn kills_under_load_lose_nothing() {
        super::survives_kills(None, super::kills().div_ceil(2), super::seed()).await;
    }

    /// The audit bites: what was never taken in is missed, and so is an entry that was never written.
    #[tokio::test(flavor = "multi_thread")]
    async fn an_invented_claim_and_an_invented_release_are_missed() {
        let mut bench = super::Bench::new(None, super::seed()).await;
        let said = bench.start(&[]).kill_after(super::moment(super::seed(), 0));
        bench.said.extend(said);
        assert_eq!(bench.audit().await.faults, Vec::<String>::new());
        let (subject, _) = bench.said.claims[0];
        bench.said.claims.push((subject, domain::ClaimId::from_bytes([9; 16])));
        bench.said.released.push((subject, domain::RequestId::from_bytes([9; 16])));
        let faults = bench.audit().await.faults;
        assert_eq!(faults.len(), 2, "{faults:#?}");
        assert!(faults[0].starts_with("released without an entry"), "{faults:#?}");
        assert!(faults[1].starts_with("acknowledged and lost"), "{faults:#?}");
    }
}

mod postgres {
    use store::testing::Scratch;

    use crate::support::cluster::Cluster;

    #[tokio::test(flavor = "multi_thread")]
    async fn kills_under_load_lose_nothing() {
        let place = Scratch::postgres().await.unwrap();
        super::survives_kills(Some(place.location().clone()), super::kills().div_ceil(2), super::seed())
            .await;
    }

    /// The server itself is killed under load, and comes back while the program works on.
    #[tokio::test(flavor = "multi_thread")]
    async fn kills_of_the_server_lose_nothing() {
        let (seed, cluster) = (super::seed(), Cluster::start());
        let mut bench = super::Bench::new(Some(cluster.url().parse().unwrap()), seed).await;
        for round in 0..super::kills().div_ceil(8) {
            let running = bench.start(&[]);
            std::thread::sleep(super::moment(seed, round));
            cluster.kill();
            cluster.start_again();
            let said = running.kill_after(super::moment(seed, round + 1_000));
            bench.said.extend(said);
            let found = bench.audit().await;
            assert!(found.faults.is_empty(), "seed {seed}, round {round}: {:#?}", found.faults);
        }
        eprintln!(
            "{} claims acknowledged, {} values released",
            bench.said.claims.len(),
            bench.said.released.len()
        );
    }
}
