//! The promises, each as tests over both databases: through the real gate, a real store, and a notice
//! of the tests' own. ARCHITECTURE.md names the test of each promise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod actors;
mod altered;
mod appeals;
mod asks;
mod authority;
mod believed;
mod bulk;
mod claim_facts;
mod claims;
mod clauses;
mod closings;
mod computed_together;
mod concerned;
mod consents;
mod copies;
mod corrections;
mod deferred;
mod emergencies;
mod erased_entries;
mod erased_when;
mod estimates;
mod facts;
mod families;
mod governing_law;
mod guarantees;
mod histories;
mod holds;
mod identification;
mod lapses;
mod last_of_a_limit;
mod leaks;
mod leftovers;
mod liens;
mod log;
mod matter_register;
mod matters;
mod money;
mod other_payers;
mod other_reader;
mod outcomes;
mod overrides;
mod own_file;
mod pended;
mod pended_changes;
mod pended_left;
mod plans;
mod proofs;
mod put_right;
mod random_asks;
mod rates;
mod readjudication;
mod readjudication_changed;
mod readjudication_days;
mod readjudication_families;
mod readjudication_families_changed;
mod readjudication_families_released;
mod readjudication_waits;
mod recipients;
mod recoveries;
mod register;
mod report;
mod representatives;
mod reservations;
mod returning;
mod rolls;
mod root_keys;
mod scope;
mod screen;
mod screen_counts;
mod screen_gaps;
mod screen_levels;
mod screen_people;
mod screen_providers;
mod settlements;
mod site;
mod spans;
mod spoiled;
mod statements;
mod supplements;
mod supplied;
mod tampering;
mod teams;
mod transfers;
mod unreadable;
mod uses;
mod versions;

/// Runs each named async test on SQLite and on PostgreSQL, on a site of its own.
macro_rules! on_both {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        mod sqlite {
            $( #[tokio::test(flavor = "multi_thread")] async fn $name() {
                super::$name(crate::site::TestSite::sqlite().await).await;
            } )+
        }
        mod postgres {
            $( #[tokio::test(flavor = "multi_thread")] async fn $name() {
                super::$name(crate::site::TestSite::postgres().await).await;
            } )+
        }
    };
}

pub(crate) use on_both;
