//! Which root keys wrap the keys of a database, and so which of the sources that are given a site needs. What it finds is
//! what is so; what was written down about it beside the database is `root_key`'s.

use gate::{GateError, RootKeyId};
use store::{Store, StoreError};

use crate::report::Error;
use crate::root_key::{Source, Sources};

/// The root keys that a database's keys are wrapped by.
pub(crate) struct Wrapped {
    /// The one that wraps the site's own keys, and new ones; none before the site has any.
    pub(crate) site: Option<RootKeyId>,
    pub(crate) site_keys: u64,
    /// How many data keys each wraps.
    pub(crate) data_keys: Vec<(RootKeyId, u64)>,
}

impl Wrapped {
    /// Reads the whole table of keys.
    pub(crate) async fn read(store: &Store) -> Result<Self, Error> {
        let read: Result<_, StoreError> =
            store.read(|unit| Ok((store::key::site_keys(unit)?, store::key::count_by_root(unit)?))).await;
        let (site_keys, counts) = read?;
        Ok(Self {
            site: site_keys.first().and_then(|(_, wrapped)| RootKeyId::of(wrapped)),
            site_keys: site_keys.len() as u64,
            data_keys: counts.into_iter().map(|(id, count)| (RootKeyId::from_bytes(id), count)).collect(),
        })
    }

    /// The root keys without which something does not open.
    pub(crate) fn needed(&self) -> impl Iterator<Item = RootKeyId> {
        self.site.into_iter().chain(self.data_keys.iter().map(|(id, _)| *id))
    }

    /// Data keys that another root key wraps than the site's own keys: a rotation is under way as long as there are.
    pub(crate) fn left(&self) -> u64 {
        self.data_keys.iter().filter(|(id, _)| Some(*id) != self.site).map(|(_, count)| count).sum()
    }
}

/// Which of the sources that are given a site needs: that of the root key which wraps its own keys, and, while a
/// rotation is under way, the others after it. So two that are given are not taken for a rotation. `ids`: what
/// [`Sources::list`] gave, in its order.
pub(crate) async fn needed_sources(
    store: &Store,
    sources: &Sources,
    ids: &[RootKeyId],
) -> Result<Vec<Source>, Error> {
    let wrapped = Wrapped::read(store).await?;
    let list = sources.list()?;
    let mut needed: Vec<Source> = Vec::new();
    for id in wrapped.needed() {
        let found = list.iter().zip(ids).find(|(_, given)| **given == id).map(|(source, _)| source);
        if let Some(source) = found.filter(|source| !needed.contains(source)) {
            needed.push(source.clone());
        }
    }
    if needed.is_empty() { Err(GateError::WrongRootKey.into()) } else { Ok(needed) }
}
