//! One suite, run on both engines: each case has a module `sqlite` and a module `postgres` beside it.

mod append;
mod backup;
mod beside_the_log;
mod claim_step;
mod concurrency;
mod delivery;
mod either;
mod failure;
mod family;
mod former;
mod lookup;
mod matters;
mod nouns;
mod officer_message;
mod open_work;
mod pended;
mod quarantine;
mod readjudication;
mod recipients;
mod rewrapping;
mod schema;
mod screen;
mod spoiled_row;

use domain::{CoverageId, PortfolioId, SubjectId, SubjectKind, Timestamp};

use crate::subject::SubjectRow;
use crate::testing::Scratch;
use crate::{Store, StoreError, Unit, subject};

/// Makes the tests of both engines from cases: `async fn case(place: &Scratch)`.
macro_rules! on_both_engines {
    ($($case:ident),+ $(,)?) => {
        mod sqlite { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                super::$case(&crate::testing::Scratch::sqlite().unwrap()).await;
            }
        )+ }
        mod postgres { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                super::$case(&crate::testing::Scratch::postgres().await.unwrap()).await;
            }
        )+ }
    };
}
pub(crate) use on_both_engines;

const PORTFOLIO: PortfolioId = PortfolioId::from_bytes([9; 16]);
const NOW: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);

fn bytes(number: u32) -> [u8; 16] {
    u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_0000_0000_0001).to_be_bytes()
}

fn person(number: u32) -> SubjectId {
    SubjectId::from_bytes(bytes(number))
}

fn cover(number: u32) -> CoverageId {
    CoverageId::from_bytes(bytes(number))
}

async fn open(place: &Scratch) -> Store {
    Store::create(place.location()).await.unwrap()
}

/// A database with this many subjects, bound to version 1.
async fn with_people(place: &Scratch, count: u32) -> Store {
    let store = open(place).await;
    let row = |number| SubjectRow {
        subject: person(number),
        portfolio: PORTFOLIO,
        kind: SubjectKind::Member,
        law: domain::GoverningLaw::Belgium,
        notice: 1,
        version: 1,
        taken_up: domain::Timestamp::from_micros(0),
    };
    let rows: Vec<SubjectRow> = (0..count).map(row).collect();
    write(&store, move |unit| subject::insert_many(unit, &rows)).await.unwrap();
    store
}

async fn write<T: Send + 'static>(
    store: &Store,
    unit: impl FnMut(&mut Unit<'_>) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    store.write(unit).await
}

async fn read<T: Send + 'static>(
    store: &Store,
    unit: impl FnMut(&mut Unit<'_>) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    store.read(unit).await
}

/// A number that a statement answers.
async fn number(store: &Store, sql: &'static str) -> i64 {
    read(store, move |unit| unit.query("test", sql, &[])?.first().unwrap().int(0)).await.unwrap()
}
