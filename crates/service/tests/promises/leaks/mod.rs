//! Ways in which other systems leak, tried together: what is withheld found by searching for it, by what differs between
//! somebody who is there and somebody who is not, by reading the record, by a log that cannot be written or that the
//! reader may not read. The routes of the server are tried the same way in `crates/moretus/src/serve/leaks_tests.rs`.

mod existence;
mod record;
mod refusals;
mod searching;

use domain::SubjectId;
use gate::Entry;

use crate::site::TestSite;

/// The entries of somebody's chain, sealed or not.
async fn entries(site: &TestSite, subject: SubjectId) -> Vec<Entry> {
    let read = site.app.store().read(move |unit| store::log::pending_of(unit, subject)).await;
    let stored = read.map_err(|error: store::StoreError| error).unwrap();
    stored.iter().map(|one| Entry::from_bytes(&one.body).expect("an entry")).collect()
}

/// What the store was asked to do since the last time.
fn trace(site: &TestSite) -> Vec<String> {
    site.app.store().take_trace()
}
