//! kill -9 under load: nothing acknowledged is lost, nothing was released without its entry, a consent that was taken back and what was
//! destroyed stay so, the log verifies and has only grown, and no transaction is there in part. Each round goes on in the database that the
//! ones before left, and after some rounds with a new one. Of `MORETUS_KILLS` rounds (21 when it is not set) five of
//! seven are on SQLite; on PostgreSQL as often the program is killed as the server.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test, which times what it starts")]

mod support;

use store::Location;

use support::cluster::Cluster;
use support::{Bench, ROUNDS_A_SITE, Total, kills_on_postgres, kills_on_sqlite, moment, seed};

/// Rounds on one site; `server` is killed in each before the program is.
async fn rounds_on_a_site(bench: &mut Bench, rounds: std::ops::Range<u64>, server: Option<&Cluster>) {
    let seed = bench.seed;
    for round in rounds {
        let running = bench.start(&[]);
        let said = match server {
            None => running.kill_after(moment(seed, round)),
            Some(server) => {
                std::thread::sleep(moment(seed, round));
                server.kill();
                let clock = std::time::Instant::now();
                server.start_again();
                bench.ready.push(clock.elapsed());
                running.kill_after(moment(seed, round + 1_000))
            }
        };
        bench.said.extend(said);
        let found = bench.audit().await;
        assert!(found.faults.is_empty(), "seed {seed}, round {round}: {:#?}", found.faults);
    }
}

/// The rounds, in parts of one site each.
fn parts(rounds: u64) -> impl Iterator<Item = std::ops::Range<u64>> {
    (0..rounds).step_by(ROUNDS_A_SITE as usize).map(move |from| from..rounds.min(from + ROUNDS_A_SITE))
}

fn told(total: Total, rounds: u64, what: &str) {
    assert!(total.proves(rounds), "too little load to prove anything: {total:?}");
    total.tell(&format!("{rounds} {what}"));
}

mod sqlite {
    use super::{Bench, Total, kills_on_sqlite, moment, parts, rounds_on_a_site, seed, told};

    /// Kills until something was acknowledged.
    const ROUNDS_AT_MOST: u64 = 20;

    #[tokio::test(flavor = "multi_thread")]
    async fn kills_under_load_lose_nothing() {
        let (rounds, mut total) = (kills_on_sqlite(), Total::default());
        for part in parts(rounds) {
            let mut bench = Bench::new(None, seed()).await;
            rounds_on_a_site(&mut bench, part, None).await;
            total.add(&bench);
        }
        assert!(total.has_erased(), "too little load to prove anything of erasures: {total:?}");
        told(total, rounds, "kills of the program on SQLite");
    }

    /// The audit bites: what was never taken in is missed, and so is an entry that was never written.
    #[tokio::test(flavor = "multi_thread")]
    async fn an_invented_claim_and_an_invented_release_are_missed() {
        let mut bench = Bench::new(None, seed()).await;
        // On a busy machine a kill may come before anything was acknowledged.
        for round in 0..ROUNDS_AT_MOST {
            let said = bench.start(&[]).kill_after(moment(seed(), round));
            bench.said.extend(said);
            if !bench.said.claims.is_empty() {
                break;
            }
        }
        assert_eq!(bench.audit().await.faults, Vec::<String>::new());
        let (subject, _) = bench.said.claims[0];
        bench.said.claims.push((subject, domain::ClaimId::from_bytes([9; 16])));
        bench.said.released.push((subject, domain::RequestId::from_bytes([9; 16])));
        let faults = bench.audit().await.faults;
        assert_eq!(faults.len(), 2, "{faults:#?}");
        assert!(faults[0].starts_with("released without an entry"), "{faults:#?}");
        assert!(faults[1].starts_with("acknowledged and lost"), "{faults:#?}");
    }

    /// The audit bites: a consent that stands is missed as a withdrawal, one that was lost as given; what is there as an erasure, and
    /// what was destroyed while nobody asked for it.
    #[tokio::test(flavor = "multi_thread")]
    async fn invented_withdrawals_and_erasures_and_lost_keys_are_found() {
        use crash::{Consent, PORTFOLIO};
        use domain::{Category, Condition, RequestId, RetentionClass};

        let mut bench = Bench::new(None, seed()).await;
        let site = bench.site().await;
        let subject = |number| site.subject(number);
        let (stays, last) = (site.people.staying().end - 1, site.people.leavers().end - 1);
        let (relied_on, lost) = (subject(stays), subject(stays - 1));
        let (is_there, destroyed) = (subject(last), subject(last - 1));
        bench.said.consents = vec![(relied_on, Consent::Given), (lost, Consent::Given)];
        site.app.store().close().await.unwrap();
        assert_eq!(bench.audit().await.faults, Vec::<String>::new());

        bench.said.consents.push((relied_on, Consent::Withdrawn));
        bench.said.erased.push((is_there, RetentionClass::Claims, RequestId::from_bytes([9; 16])));
        bench.said.erasing.push((is_there, RetentionClass::Claims));
        bench
            .past_the_program(move |unit| {
                let (at, to) = (domain::Timestamp::from_micros(1), *PORTFOLIO.bytes());
                store::condition::end(unit, lost, Condition::ConsentHealth, to, at)?;
                for category in Category::ALL {
                    store::key::erase(unit, destroyed, *category, RetentionClass::Membership, at)?;
                }
                Ok(())
            })
            .await;
        let faults = bench.audit().await.faults;
        let of = |what: &str, subject: domain::SubjectId| {
            let subject = subject.to_string();
            faults.iter().any(|fault| fault.starts_with(what) && fault.contains(&subject))
        };
        assert!(of("consent withdrawn and relied on", relied_on), "{faults:#?}");
        assert!(of("consent given and lost", lost), "{faults:#?}");
        for what in ["and still opens", "and still there", "and not on the list", "without an entry"] {
            assert!(of(&format!("erased {what}"), is_there), "{what}: {faults:#?}");
        }
        assert!(of("not erased and does not open", destroyed), "{faults:#?}");
    }
}

mod postgres {
    use store::testing::Scratch;

    use super::{Bench, Cluster, Location, Total, kills_on_postgres, parts, rounds_on_a_site, seed, told};

    #[tokio::test(flavor = "multi_thread")]
    async fn kills_under_load_lose_nothing() {
        let (rounds, mut total) = (kills_on_postgres(), Total::default());
        for part in parts(rounds) {
            let place = Scratch::postgres().await.unwrap();
            let mut bench = Bench::new(Some(place.location().clone()), seed()).await;
            rounds_on_a_site(&mut bench, part, None).await;
            total.add(&bench);
        }
        told(total, rounds, "kills of the program on PostgreSQL");
    }

    /// The server itself is killed under load, and comes back while the program works on.
    #[tokio::test(flavor = "multi_thread")]
    async fn kills_of_the_server_lose_nothing() {
        let (rounds, mut total) = (kills_on_postgres(), Total::default());
        for part in parts(rounds) {
            let cluster = Cluster::start();
            let location: Location = cluster.url().parse().unwrap();
            let mut bench = Bench::new(Some(location), seed()).await;
            rounds_on_a_site(&mut bench, part, Some(&cluster)).await;
            total.add(&bench);
        }
        told(total, rounds, "kills of the PostgreSQL server");
    }
}
