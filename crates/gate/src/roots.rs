//! The root keys that a gate holds: one, or two while one takes the place of the other. Every key is opened by the
//! root key that wrapped it, which its first bytes name, and new ones are wrapped by the root key that wraps the
//! site's own.
//!
//! A key that none of them has wrapped makes it ask its provider again, so that a server gets a new root key without
//! a restart where its provider can give one. It forgets none: what was read before a rotation opens after it. A
//! provider is asked on a thread of its own, by one at a time: a slow one holds nobody up for long.

use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock};
use std::time::Duration;

use domain::Timestamp;
use zeroize::Zeroizing;

use crate::root::{RootKey, RootKeyId, RootKeyProvider, Wrapper};
use crate::{Clock, GateError, Randomness};

/// How long a provider that has answered is left alone.
const ASK_AGAIN_S: i64 = 1;
/// How long whoever needs a root key waits for a provider that was just asked: a file is read by then. Later the
/// key is refused, until the provider has answered.
const WAIT: Duration = Duration::from_millis(250);

/// The root keys, for as long as the gate is open.
pub(crate) struct Roots {
    held: Arc<RwLock<Held>>,
    asking: Option<Arc<Asking>>,
}

struct Held {
    wrappers: Vec<Arc<Wrapper>>,
    /// Of the one that wraps new keys.
    wrapping: RootKeyId,
}

/// Whom to ask for root keys that are not held.
struct Asking {
    provider: Arc<dyn RootKeyProvider>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    answered: Condvar,
}

/// Whether the provider is being asked.
#[derive(Clone, Copy)]
enum State {
    Never,
    AskedAt(Timestamp),
    AnsweredAt(Timestamp),
}

impl Roots {
    /// With these root keys, of which the first wraps, and whoever may give others later.
    pub(crate) fn new(
        keys: &[RootKey],
        provider: Option<Arc<dyn RootKeyProvider>>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, GateError> {
        let wrappers: Vec<_> = keys.iter().map(|key| Arc::new(key.wrapper())).collect();
        let wrapping = wrappers.first().ok_or(GateError::WrongRootKey)?.id;
        let asking = |provider| {
            let (state, answered) = (Mutex::new(State::Never), Condvar::new());
            Arc::new(Asking { provider, clock: Arc::clone(clock), state, answered })
        };
        let held = Arc::new(RwLock::new(Held { wrappers, wrapping }));
        Ok(Self { held, asking: provider.map(asking) })
    }

    /// Holds one more.
    pub(crate) fn hold(&self, root: &RootKey) {
        hold(&self.held, root);
    }

    /// Whether it is one of them.
    pub(crate) fn holds(&self, id: RootKeyId) -> bool {
        self.find(id).is_some()
    }

    /// From now on wraps new keys by this one.
    pub(crate) fn wrap_by(&self, id: RootKeyId) -> Result<(), GateError> {
        self.get(id)?;
        self.held.write().unwrap_or_else(PoisonError::into_inner).wrapping = id;
        Ok(())
    }

    /// Wraps a key for one place, which `context` names.
    pub(crate) fn wrap(
        &self,
        key: &[u8; 32],
        context: &[u8],
        randomness: &dyn Randomness,
    ) -> Result<Vec<u8>, GateError> {
        let wrapping = self.held.read().unwrap_or_else(PoisonError::into_inner).wrapping;
        self.wrap_under(wrapping, key, context, randomness)
    }

    /// The same by this root key.
    pub(crate) fn wrap_under(
        &self,
        id: RootKeyId,
        key: &[u8; 32],
        context: &[u8],
        randomness: &dyn Randomness,
    ) -> Result<Vec<u8>, GateError> {
        self.get(id)?.wrap(key, context, randomness)
    }

    /// Opens a key. A root key that is not there and a damaged key are told apart.
    pub(crate) fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<Zeroizing<[u8; 32]>, GateError> {
        self.get(RootKeyId::of(wrapped).ok_or(GateError::DamagedKey)?)?.unwrap(wrapped, context)
    }

    #[cfg(test)]
    pub(crate) fn for_tests(root: [u8; 32]) -> Self {
        let wrapper = RootKey::for_tests(root).wrapper();
        let wrapping = wrapper.id;
        let held = Held { wrappers: vec![Arc::new(wrapper)], wrapping };
        Self { held: Arc::new(RwLock::new(held)), asking: None }
    }

    /// This root key, asked for if it is not held.
    fn get(&self, id: RootKeyId) -> Result<Arc<Wrapper>, GateError> {
        if let Some(wrapper) = self.find(id) {
            return Ok(wrapper);
        }
        self.ask_for(id);
        self.find(id).ok_or(GateError::OtherRootKey { id })
    }

    fn find(&self, id: RootKeyId) -> Option<Arc<Wrapper>> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).find(id)
    }

    /// Has the provider asked, unless it is being asked or has just answered, and waits for it a moment.
    fn ask_for(&self, id: RootKeyId) {
        let Some(asking) = &self.asking else { return };
        let now = asking.clock.now();
        let mut state = asking.state.lock().unwrap_or_else(PoisonError::into_inner);
        let begun = match *state {
            State::AskedAt(begun) => begun,
            State::AnsweredAt(at) if at <= now && now < at.plus_seconds(ASK_AGAIN_S) => return,
            State::Never | State::AnsweredAt(_) => {
                let (asks, held) = (Arc::clone(asking), Arc::clone(&self.held));
                let asks = std::thread::Builder::new().spawn(move || asks.ask(&held, id));
                if let Err(error) = asks {
                    tracing::warn!(%error, "no thread to ask for the root keys");
                    *state = State::AnsweredAt(now);
                    return;
                }
                *state = State::AskedAt(now);
                now
            }
        };
        let waited = u64::try_from(now.micros().saturating_sub(begun.micros())).unwrap_or(0);
        let left = WAIT.saturating_sub(Duration::from_micros(waited));
        let is_asked = |state: &mut State| matches!(state, State::AskedAt(_));
        // Whether it came in time, whoever asked sees by what is held.
        drop(asking.answered.wait_timeout_while(state, left, is_asked));
    }
}

impl Asking {
    /// Asks, holds what is given, and tells those who wait.
    fn ask(&self, held: &RwLock<Held>, id: RootKeyId) {
        // Told whatever happens: a provider that panics is asked again later.
        let _told = Told(self);
        match self.provider.root_keys() {
            Ok(keys) => keys.iter().for_each(|key| hold(held, key)),
            Err(error) => tracing::warn!(%error, "the root keys cannot be had again"),
        }
        if held.read().unwrap_or_else(PoisonError::into_inner).find(id).is_none() {
            tracing::error!(
                root_key = %id,
                "a key is wrapped by a root key that this program was not given: give it both while one takes the place of the other"
            );
        }
    }
}

/// Says on its end that the provider has answered.
struct Told<'a>(&'a Asking);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        let at = self.0.clock.now();
        *self.0.state.lock().unwrap_or_else(PoisonError::into_inner) = State::AnsweredAt(at);
        self.0.answered.notify_all();
    }
}

fn hold(held: &RwLock<Held>, root: &RootKey) {
    let wrapper = root.wrapper();
    let mut held = held.write().unwrap_or_else(PoisonError::into_inner);
    if held.find(wrapper.id).is_none() {
        held.wrappers.push(Arc::new(wrapper));
    }
}

impl Held {
    fn find(&self, id: RootKeyId) -> Option<Arc<Wrapper>> {
        self.wrappers.iter().find(|wrapper| wrapper.id == id).cloned()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

    use super::*;
    use crate::testing::Counter;

    fn keys(count: usize) -> Vec<RootKey> {
        [1, 2].into_iter().take(count).map(|fill| RootKey::for_tests([fill; 32])).collect()
    }

    /// Has a second root key from some moment on, and counts how often it was asked.
    #[derive(Debug, Default)]
    struct Safe {
        has_second: AtomicUsize,
        asked: AtomicUsize,
    }

    impl RootKeyProvider for Safe {
        fn root_keys(&self) -> Result<Vec<RootKey>, GateError> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            Ok(keys(1 + self.has_second.load(Ordering::SeqCst)))
        }
    }

    struct Standing(AtomicI64);

    impl Clock for Standing {
        fn now(&self) -> Timestamp {
            Timestamp::from_micros(self.0.load(Ordering::SeqCst))
        }
    }

    #[test]
    fn a_key_of_another_root_makes_it_ask_and_not_more_than_once_a_second() {
        let (safe, clock) = (Arc::new(Safe::default()), Arc::new(Standing(AtomicI64::new(0))));
        let shared: Arc<dyn Clock> = clock.clone();
        let roots = Roots::new(&keys(1), Some(safe.clone()), &shared).unwrap();
        let (random, second) = (Counter::default(), RootKey::for_tests([2; 32]));
        let mine = roots.wrap(&[7; 32], b"here", &random).unwrap();
        let other = second.wrapper().wrap(&[8; 32], b"here", &random).unwrap();
        assert_eq!(*roots.unwrap(&mine, b"here").unwrap(), [7; 32]);
        for _ in 0..3 {
            let refused = roots.unwrap(&other, b"here");
            assert!(matches!(refused, Err(GateError::OtherRootKey { id }) if id == second.id()));
        }
        let has_answered = || {
            let state = roots.asking.as_ref().unwrap().state.lock().unwrap();
            matches!(*state, State::AnsweredAt(_))
        };
        while !has_answered() {
            std::thread::yield_now();
        }
        assert_eq!(safe.asked.load(Ordering::SeqCst), 1);
        safe.has_second.store(1, Ordering::SeqCst);
        assert!(roots.unwrap(&other, b"here").is_err());
        clock.0.store(1_000_000, Ordering::SeqCst);
        // However long its thread takes to be run.
        while roots.unwrap(&other, b"here").is_err() {
            std::thread::yield_now();
        }
        assert_eq!(safe.asked.load(Ordering::SeqCst), 2);
        assert_eq!(*roots.unwrap(&other, b"here").unwrap(), [8; 32]);
        assert_eq!(*roots.unwrap(&mine, b"here").unwrap(), [7; 32], "the first one is held still");
        roots.wrap_by(second.id()).unwrap();
        assert!(second.has_wrapped(&roots.wrap(&[7; 32], b"here", &random).unwrap()));
        assert!(matches!(roots.unwrap(b"no", b"here"), Err(GateError::DamagedKey)));
    }

    /// Answers when it is told to.
    #[derive(Debug)]
    struct Slow(Mutex<std::sync::mpsc::Receiver<()>>, AtomicUsize);

    impl RootKeyProvider for Slow {
        fn root_keys(&self) -> Result<Vec<RootKey>, GateError> {
            self.1.fetch_add(1, Ordering::SeqCst);
            self.0.lock().unwrap().recv().unwrap();
            Ok(keys(2))
        }
    }

    #[test]
    fn a_provider_that_hangs_holds_nobody_up_and_is_asked_once() {
        let (answer, waiting) = std::sync::mpsc::channel();
        let slow = Arc::new(Slow(Mutex::new(waiting), AtomicUsize::new(0)));
        let clock = Arc::new(Standing(AtomicI64::new(0)));
        let shared: Arc<dyn Clock> = clock.clone();
        let roots = Roots::new(&keys(1), Some(slow.clone()), &shared).unwrap();
        let other =
            RootKey::for_tests([2; 32]).wrapper().wrap(&[8; 32], b"here", &Counter::default()).unwrap();
        let refused = || matches!(roots.unwrap(&other, b"here"), Err(GateError::OtherRootKey { .. }));
        assert!(refused());
        // An hour later it still has not answered: nobody waits, and nobody asks again.
        clock.0.store(3_600_000_000, Ordering::SeqCst);
        for _ in 0..1_000 {
            assert!(refused());
        }
        assert_eq!(slow.1.load(Ordering::SeqCst), 1);
        answer.send(()).unwrap();
        while refused() {
            std::thread::yield_now();
        }
        assert_eq!(*roots.unwrap(&other, b"here").unwrap(), [8; 32]);
        assert_eq!(slow.1.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn one_that_stands_alone_asks_nobody() {
        let roots = Roots::for_tests([1; 32]);
        let other = RootKey::for_tests([2; 32]).wrapper().wrap(&[8; 32], b"", &Counter::default()).unwrap();
        assert!(matches!(roots.unwrap(&other, b""), Err(GateError::OtherRootKey { .. })));
        assert!(roots.wrap_by(RootKeyId::from_bytes([9; 4])).is_err());
    }
}
