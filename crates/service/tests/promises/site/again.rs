//! The site of a test, opened again: as another process on the same database, by another clock or with other root keys.

use std::sync::Arc;

use gate::{Clock, Gate, GateError, RootKey, RootKeyProvider};
use service::App;
use store::Store;

use super::{SystemRandomness, TestSite};

impl TestSite {
    /// The same site, opened again from its files.
    pub(crate) async fn reopen(&self) -> App {
        self.open_by(self.clock.clone()).await
    }

    /// The same, by another clock.
    pub(crate) async fn open_by(&self, clock: Arc<dyn Clock>) -> App {
        let store = Store::open(self.scratch.location()).await.unwrap();
        let (root, country) = (self.root(), "BE".parse().unwrap());
        let gate = Gate::open(&root, store, country, clock, Arc::new(SystemRandomness)).await.unwrap();
        App::open(gate).await.unwrap()
    }

    /// The same site as another server opens it, with these root keys and whom to ask for others.
    pub(crate) async fn open_with(
        &self,
        keys: &[RootKey],
        provider: Option<Arc<dyn RootKeyProvider>>,
    ) -> Result<App, GateError> {
        let store = Store::open(self.scratch.location()).await.unwrap();
        let (clock, country) = (self.clock.clone(), "BE".parse().unwrap());
        let gate = Gate::open_with(keys, provider, store, country, clock, Arc::new(SystemRandomness)).await?;
        Ok(App::open(gate).await.unwrap())
    }
}
