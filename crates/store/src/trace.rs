//! What a store is asked to do, in order, so that tests can compare it: the text of each statement of a unit, and each
//! call that has its own way; never a parameter. In the product it does nothing and keeps nothing.

#[cfg(any(test, feature = "testing"))]
mod kept {
    use std::cell::RefCell;
    use std::sync::{Arc, Mutex, PoisonError};

    thread_local! {
        /// The statements of the unit that this thread runs.
        static STATEMENTS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }

    /// A store's trace; its clones share it. Nothing is kept before somebody has taken it for the first time.
    #[derive(Clone, Default)]
    pub(crate) struct Trace(Arc<Mutex<Option<Vec<String>>>>);

    impl Trace {
        /// Notes a call.
        pub(crate) fn note(&self, call: impl FnOnce() -> String) {
            if let Some(kept) = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
                kept.push(call());
            }
        }

        /// What was noted since the last time; from the first time on it is kept.
        pub(crate) fn take(&self) -> Vec<String> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(Vec::new()).unwrap_or_default()
        }

        /// Before a unit runs on this thread.
        pub(crate) fn begin(&self) {
            STATEMENTS.with_borrow_mut(Vec::clear);
        }

        /// After it has run.
        pub(crate) fn end(&self, unit: &str) {
            let statements = STATEMENTS.with_borrow_mut(std::mem::take);
            self.note(|| format!("{unit}: {}", statements.join("; ")));
        }
    }

    /// Notes a statement of the unit that this thread runs.
    pub(crate) fn statement(sql: &str) {
        STATEMENTS.with_borrow_mut(|all| all.push(sql.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
}

#[cfg(not(any(test, feature = "testing")))]
mod kept {
    /// Nothing.
    #[derive(Clone, Default)]
    pub(crate) struct Trace {}

    #[allow(clippy::unused_self, reason = "as where it is kept")]
    impl Trace {
        pub(crate) fn note(&self, _call: impl FnOnce() -> String) {}
        pub(crate) fn begin(&self) {}
        pub(crate) fn end(&self, _unit: &str) {}
    }

    pub(crate) fn statement(_sql: &str) {}
}

pub(crate) use kept::{Trace, statement};
