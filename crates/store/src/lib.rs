//! The store: SQLite and PostgreSQL behind one small interface. It carries sealed bytes and plain columns
//! and never sees a value; only it knows SQL. It decides nothing, reads no clock, and draws no random number.
//!
//! [`Store`] runs units of work; the modules named after nouns have the functions that work on a [`Unit`].

pub mod appeal;
pub mod authority;
pub mod backup;
pub mod claim;
pub mod claim_step;
pub mod condition;
pub mod consent;
pub mod coverage;
pub mod decide_anew;
pub mod deferral;
pub mod delivery;
pub mod emergency;
pub mod exchange_rate;
pub mod exclusion;
pub mod family;
pub mod former;
pub mod guarantee;
pub mod idempotency;
pub mod job;
pub mod key;
pub mod lease;
pub mod level_count;
pub mod lien;
pub mod log;
pub mod lookup;
pub mod many;
pub mod mark;
pub mod matter;
pub mod notice_copy;
pub mod officer_message;
pub mod payment;
pub mod pended;
pub mod plain;
pub mod quarantine;
pub mod readjudication;
pub mod recipient;
pub mod reference;
pub mod representation;
pub mod screen;
pub mod sealed;
pub mod settlement;
pub mod subject;
pub mod tables;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod work_item;

mod append;
mod error;
mod fetch;
mod migrate;
mod postgres;
mod schema;
mod sqlite;
mod standing_change;
mod store;
#[cfg(test)]
mod suite;
mod trace;
mod unit;
mod value;

pub use append::{About, Appended, Bound, ConditionTest, NewDisclosure, Position, TestedPerson};
pub use error::StoreError;
pub use fetch::{Fetched, FetchedSubject, Standing};
pub use migrate::MigrationReport;
pub use store::{Location, Store};
pub use unit::Unit;
