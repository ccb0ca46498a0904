//! The site's own keys: for look-up tokens, imported ids, API tokens, the log, and the ledger. Random, made once,
//! wrapped by the root key and kept in the key store, so that a new root key changes none of them.

use domain::PortfolioId;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use store::{Store, StoreError};
use zeroize::Zeroizing;

use crate::root::RootKeyId;
use crate::roots::Roots;
use crate::{GateError, Randomness};

const NAMES: [&str; 5] = ["lookup", "ids", "tokens", "log", "ledger"];
/// How often they are read again when the root key changes meanwhile.
const ATTEMPTS: u32 = 3;

/// The site's keys, opened for as long as the gate is.
pub(crate) struct SiteKeys {
    lookup: Zeroizing<[u8; 32]>,
    ids: Zeroizing<[u8; 32]>,
    tokens: Zeroizing<[u8; 32]>,
    log: Zeroizing<[u8; 32]>,
    /// Of the log's key: made once, since every ask needs it.
    bulk: Zeroizing<[u8; 32]>,
    ledger: Zeroizing<[u8; 32]>,
}

impl SiteKeys {
    /// Opens the site's keys, making those that are missing. Whichever root key wraps them wraps new keys from now on.
    pub(crate) async fn load(
        store: &Store,
        roots: &Roots,
        randomness: &dyn Randomness,
    ) -> Result<Self, GateError> {
        for _ in 0..ATTEMPTS {
            let stored: Result<_, StoreError> = store.read(store::key::site_keys).await;
            match Self::complete(store, stored?, roots, randomness).await {
                // Another program changed the root key between reading and making.
                Err(GateError::Store(StoreError::OtherRootKey)) => {}
                loaded => return loaded,
            }
        }
        Err(StoreError::Busy.into())
    }

    async fn complete(
        store: &Store,
        mut stored: Vec<(String, Vec<u8>)>,
        roots: &Roots,
        randomness: &dyn Randomness,
    ) -> Result<Self, GateError> {
        if let Some((_, wrapped)) = stored.first() {
            let root = RootKeyId::of(wrapped).ok_or(GateError::DamagedKey)?;
            if !roots.holds(root) {
                return Err(GateError::WrongRootKey);
            }
            roots.wrap_by(root)?;
        }
        let mut fresh = Vec::new();
        for name in NAMES.into_iter().filter(|name| !stored.iter().any(|(known, _)| known == name)) {
            let mut key = Zeroizing::new([0; 32]);
            randomness.fill(key.as_mut_slice());
            fresh.push((name.to_owned(), roots.wrap(&key, context(name).as_bytes(), randomness)?));
        }
        if !fresh.is_empty() {
            // What another program made first comes back in its place.
            let made = store
                .write(move |unit| {
                    let mut put = |(name, wrapped): &(String, Vec<u8>)| {
                        Ok((name.clone(), store::key::put_site_key(unit, name, wrapped)?))
                    };
                    fresh.iter().map(&mut put).collect::<Result<Vec<_>, StoreError>>()
                })
                .await?;
            stored.extend(made);
        }
        let open = |name: &str| {
            let wrapped = stored.iter().find(|(stored, _)| stored == name).ok_or(GateError::DamagedKey)?;
            roots.unwrap(&wrapped.1, context(name).as_bytes())
        };
        let log = open("log")?;
        Ok(Self {
            lookup: open("lookup")?,
            ids: open("ids")?,
            tokens: open("tokens")?,
            bulk: Zeroizing::new(keyed(&log, b"bulk", &[])),
            log,
            ledger: open("ledger")?,
        })
    }

    /// A keyed hash of parts as an id. Parts are length-prefixed, so that they cannot run together.
    pub(crate) fn keyed_id(&self, label: &[u8], parts: &[&[u8]]) -> [u8; 16] {
        truncate(&keyed(&self.ids, label, parts))
    }

    /// A look-up token.
    pub(crate) fn lookup_token(&self, kind: u8, normalised: &str) -> [u8; 32] {
        keyed(&self.lookup, &[kind], &[normalised.as_bytes()])
    }

    /// The code of what claims of a portfolio may share, by the kind of what it is.
    pub(crate) fn mark_token(&self, portfolio: PortfolioId, kind: i64, parts: &[&[u8]]) -> [u8; 16] {
        let kind = kind.to_be_bytes();
        let all: Vec<&[u8]> =
            [portfolio.bytes().as_slice(), &kind].into_iter().chain(parts.iter().copied()).collect();
        truncate(&keyed(&self.lookup, b"mark", &all))
    }

    /// The stored hash of an API token.
    pub(crate) fn token_hash(&self, token: &str) -> [u8; 32] {
        keyed(&self.tokens, b"api-token", &[token.as_bytes()])
    }

    /// The seed of the key that signs checkpoints of the log with this origin.
    pub(crate) fn log_seed(&self, origin: &str) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(keyed(&self.log, b"signer", &[origin.as_bytes()]))
    }

    /// The key of the tokens of deferred chains: the same under every name that the log has had.
    pub(crate) fn deferral_key(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(keyed(&self.log, b"deferral", &[]))
    }

    /// The key of the salts of entries about many: the same under every name that the log has had.
    pub(crate) fn bulk_key(&self) -> Zeroizing<[u8; 32]> {
        self.bulk.clone()
    }

    /// The control code of a batch of postings.
    pub(crate) fn control_code(&self, parts: &[&[u8]]) -> [u8; 32] {
        keyed(&self.ledger, b"control", parts)
    }
}

fn context(name: &str) -> String {
    format!("moretus/site-key/1/{name}")
}

/// The same key of the site, wrapped by this root key.
pub(crate) fn rewrap(
    (name, wrapped): (&str, &[u8]),
    to: RootKeyId,
    roots: &Roots,
    randomness: &dyn Randomness,
) -> Result<Vec<u8>, GateError> {
    let context = context(name);
    roots.wrap_under(to, &*roots.unwrap(wrapped, context.as_bytes())?, context.as_bytes(), randomness)
}

/// A keyed hash of parts under a label. Parts are length-prefixed, so that they cannot run together.
pub(crate) fn keyed(key: &[u8; 32], label: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // INVARIANT: HMAC takes a key of any length, so this cannot fail; were it to, the all-zero
    // result would find nothing and open nothing.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    for part in std::iter::once(&label).chain(parts) {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn truncate(bytes: &[u8; 32]) -> [u8; 16] {
    let mut short = [0; 16];
    short.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    short
}
