//! The site of a test, opened again: as another process on the same database, by another clock or with other root keys, also in
//! the middle of what the first is at.

use std::sync::{Arc, Mutex};

use domain::Timestamp;
use gate::{Clock, Gate, GateError, RootKey, RootKeyProvider};
use service::App;
use store::Store;

use super::{SystemRandomness, TestClock, TestSite};

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

/// The site's clock, which at one of its readings lets something else happen first.
pub(crate) struct Interrupted {
    clock: Arc<TestClock>,
    /// How many readings are left before it, and what happens then.
    then: Mutex<Option<(usize, Happening)>>,
}

/// What happens at a reading of the clock, once.
type Happening = Box<dyn FnOnce() + Send>;

impl Interrupted {
    pub(crate) fn new(site: &TestSite) -> Arc<Self> {
        Arc::new(Self { clock: Arc::clone(&site.clock), then: Mutex::new(None) })
    }

    /// Does this before the reading of that number from now on, which counts from zero.
    pub(crate) fn at(&self, reading: usize, then: impl FnOnce() + Send + 'static) {
        *self.then.lock().unwrap() = Some((reading, Box::new(then)));
    }

    /// Whether there were as many readings since, in which case nothing happens any more.
    pub(crate) fn happened(&self) -> bool {
        self.then.lock().unwrap().take().is_none()
    }
}

impl Clock for Interrupted {
    fn now(&self) -> Timestamp {
        let then = {
            let mut left = self.then.lock().unwrap();
            match left.take() {
                Some((0, then)) => Some(then),
                Some((more, then)) => {
                    *left = Some((more - 1, then));
                    None
                }
                None => None,
            }
        };
        if let Some(then) = then {
            then();
        }
        self.clock.now()
    }
}

/// Waits for something else in the middle of a reading of the clock. It is worked on by a thread of its own: waiting on this one would take
/// away what wakes whoever reads the clock, and they would wait for ever.
pub(crate) fn meanwhile<T: Send>(
    runtime: &tokio::runtime::Handle,
    work: impl Future<Output = T> + Send,
) -> T {
    let beside = move || runtime.block_on(work);
    tokio::task::block_in_place(|| std::thread::scope(|scope| scope.spawn(beside).join().unwrap()))
}
