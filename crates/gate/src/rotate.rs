//! Another root key in place of the site's: every key is wrapped anew, and nothing that was sealed is written again.
//!
//! It keeps no account of how far it is. The site's own keys come first, all at once: from then on the store takes
//! no new key that another root key has wrapped, so one pass over the table leaves none behind, and a rotation that
//! was cut off begins its pass again and passes over what is done. Servers go on meanwhile; they need both root keys.
//! Where the root keys are kept, and which of them a site is told, is not decided here.

use std::sync::Arc;
use std::time::Duration;

use store::StoreError;
use store::key::WrappedKey;

use crate::root::RootKeyId;
use crate::{Gate, GateError, RootKey, keys, site_keys};

/// Keys wrapped anew in one transaction: some milliseconds for which the writer is held.
const KEYS_A_PART: usize = 500;
/// How often a part is tried again that found the store busy, and how long is waited before.
const BUSY_ATTEMPTS: u32 = 100;
const BUSY_PAUSE: Duration = Duration::from_millis(100);

/// What a rotation has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rotated {
    /// Data keys that were wrapped anew.
    pub anew: u64,
    /// Data keys that the new root key had wrapped already: new ones, and those of a rotation that was cut off.
    pub before: u64,
}

impl Gate {
    /// Wraps every key by this root key. When it returns, the former one opens nothing here any more. `tell` hears of
    /// each part. Cut off at any moment, it loses nothing: do it again with the same root key.
    ///
    /// # Errors
    /// A key is wrapped by a root key that this gate does not hold, or is damaged; the store's.
    pub async fn rotate_root_key(
        &self,
        to: &RootKey,
        mut tell: impl FnMut(&Rotated),
    ) -> Result<Rotated, GateError> {
        let id = to.id();
        self.inner.roots.hold(to);
        self.patiently(|| self.rotate_site_keys(id)).await?;
        self.inner.roots.wrap_by(id)?;
        let (mut rotated, mut after) = (Rotated::default(), None);
        loop {
            let part = self.patiently(|| self.rotate_part(id, after.clone())).await?;
            rotated.anew += part.rotated.anew;
            rotated.before += part.rotated.before;
            tell(&rotated);
            after = part.last;
            if after.is_none() {
                break;
            }
        }
        self.patiently(|| async {
            let forget = |unit: &mut store::Unit<'_>| {
                store::key::forget_former_wrappings(unit);
                Ok::<_, StoreError>(())
            };
            Ok(self.inner.store.write(forget).await?)
        })
        .await?;
        Ok(rotated)
    }

    async fn rotate_site_keys(&self, to: RootKeyId) -> Result<(), GateError> {
        let inner = Arc::clone(&self.inner);
        self.inner
            .store
            .write(move |unit| {
                for (name, wrapped) in store::key::site_keys(unit)? {
                    if RootKeyId::of(&wrapped) != Some(to) {
                        let key = (name.as_str(), wrapped.as_slice());
                        let anew = site_keys::rewrap(key, to, &inner.roots, inner.randomness.as_ref())?;
                        store::key::rewrap_site_key(unit, &name, &wrapped, &anew)?;
                    }
                }
                Ok(())
            })
            .await
    }

    /// The keys that follow on this one. What is destroyed meanwhile stays destroyed.
    async fn rotate_part(&self, to: RootKeyId, after: Option<WrappedKey>) -> Result<Part, GateError> {
        let inner = Arc::clone(&self.inner);
        self.inner
            .store
            .write(move |unit| {
                let page = store::key::page(unit, after.as_ref(), KEYS_A_PART)?;
                let last = page.last().cloned();
                let count = page.len() as u64;
                let former = page.into_iter().filter(|key| RootKeyId::of(&key.wrapped) != Some(to));
                let anew = |key: WrappedKey| {
                    let wrapped = keys::rewrap(&key, to, &inner.roots, inner.randomness.as_ref())?;
                    Ok((key, wrapped))
                };
                let pairs = former.map(anew).collect::<Result<Vec<_>, GateError>>()?;
                let before = count - pairs.len() as u64;
                let anew = store::key::rewrap_many(unit, &pairs)?;
                Ok(Part { rotated: Rotated { anew, before }, last })
            })
            .await
    }

    /// Does something again while the store is busy: the work of a site goes first.
    async fn patiently<T, F>(&self, work: impl Fn() -> F) -> Result<T, GateError>
    where
        F: Future<Output = Result<T, GateError>>,
    {
        for _ in 1..BUSY_ATTEMPTS {
            match work().await {
                Err(GateError::Store(StoreError::Busy)) => tokio::time::sleep(BUSY_PAUSE).await,
                done => return done,
            }
        }
        work().await
    }
}

/// What became of one part.
struct Part {
    rotated: Rotated,
    /// The last key that was looked at; none when there was none.
    last: Option<WrappedKey>,
}
