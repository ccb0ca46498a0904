//! A copy of the root key, sealed to somebody's public key by HPKE (RFC 9180), so that it can lie anywhere and any
//! program that speaks HPKE opens it. Who keeps it, and where, is not decided here.

use std::convert::Infallible;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::rand_core::{TryCryptoRng, TryRng};
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use zeroize::Zeroizing;

use crate::passphrase::hex;
use crate::root::{RootKey, write_private};
use crate::{GateError, Randomness};

/// What a sealed copy, a public key and a private key begin with.
const COPY: &str = "moretus-root-key-copy-1:";
const PUBLIC: &str = "moretus-copy-public-1:";
const PRIVATE: &str = "moretus-copy-private-1:";
/// What a copy is bound to: HPKE's `info`.
const INFO: &[u8] = b"moretus/root-key-copy/1";

/// The public key of whoever keeps a copy. Written `moretus-copy-public-1:` and 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyRecipient([u8; 32]);

/// The private key of whoever keeps a copy. Wiped from memory when dropped.
pub struct CopyIdentity(Zeroizing<[u8; 32]>);

impl fmt::Debug for CopyIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CopyIdentity(redacted)")
    }
}

impl fmt::Display for CopyRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PUBLIC)?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for CopyRecipient {
    type Err = GateError;

    /// What was given is not repeated: it may be a private key.
    fn from_str(text: &str) -> Result<Self, GateError> {
        let refuse = || {
            problem(
                "recipient",
                format!("a public key is `{PUBLIC}` and 64 hexadecimal digits, as `keys pair` prints it"),
            )
        };
        text.trim().strip_prefix(PUBLIC).and_then(hex).map(Self).ok_or_else(refuse)
    }
}

impl CopyIdentity {
    /// Makes a pair and writes the private key to a new file that only its owner can read.
    pub fn create(path: &Path, randomness: &dyn Randomness) -> Result<Self, GateError> {
        let digits = RootKey::generate(randomness).to_hex();
        let text = Zeroizing::new([PRIVATE, digits.as_str(), "\n"].concat());
        write_private(path, &text)?;
        Self::parse(&text)
    }

    /// Reads a private key as [`CopyIdentity::create`] writes it.
    pub fn parse(text: &str) -> Result<Self, GateError> {
        let digits = text.trim().strip_prefix(PRIVATE).and_then(hex);
        digits.map(Zeroizing::new).map(Self).ok_or_else(|| {
            problem("identity", format!("a private key is `{PRIVATE}` and 64 hexadecimal digits"))
        })
    }

    /// The public key that belongs to it.
    pub fn recipient(&self) -> Result<CopyRecipient, GateError> {
        let public = X25519HkdfSha256::sk_to_pk(&self.key()?).to_bytes();
        let bytes = public.as_slice().try_into().map_err(|_| GateError::Sealing)?;
        Ok(CopyRecipient(bytes))
    }

    fn key(&self) -> Result<<X25519HkdfSha256 as Kem>::PrivateKey, GateError> {
        Deserializable::from_bytes(self.0.as_slice()).map_err(|_| GateError::Sealing)
    }
}

impl RootKey {
    /// A copy of it that nobody but the recipient opens, as one line of text.
    pub fn seal_copy(&self, to: &CopyRecipient, randomness: &dyn Randomness) -> Result<String, GateError> {
        let public = Deserializable::from_bytes(&to.0).map_err(|_| GateError::Sealing)?;
        let sealed = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &public,
            INFO,
            self.seed().as_slice(),
            &[],
            &mut Drawn(randomness),
        );
        // A public key of low order, which nobody has the private key of.
        let (encapsulated, sealed) = sealed
            .map_err(|_| problem("recipient", "nothing can be sealed to this public key".to_owned()))?;
        let bytes = [encapsulated.to_bytes().as_slice(), &sealed].concat();
        Ok(bytes.iter().fold(String::from(COPY), |text, byte| text + &format!("{byte:02x}")) + "\n")
    }

    /// Opens a sealed copy.
    pub fn open_copy(text: &str, by: &CopyIdentity) -> Result<Self, GateError> {
        let refuse = |why: &str| problem("sealed copy", why.to_owned());
        let bytes: [u8; 80] =
            text.trim().strip_prefix(COPY).and_then(hex).ok_or_else(|| {
                refuse("it does not read as one: it is one line, as `keys export` wrote it")
            })?;
        let (encapsulated, sealed) = bytes.split_at(32);
        let closed = |_| refuse("it does not open: it was sealed to another public key, or altered");
        let encapsulated = Deserializable::from_bytes(encapsulated).map_err(closed)?;
        let opened = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &by.key()?,
            &encapsulated,
            INFO,
            sealed,
            &[],
        );
        let opened = Zeroizing::new(opened.map_err(closed)?);
        let bytes = opened.as_slice().try_into().map(Zeroizing::new).map_err(|_| GateError::DamagedKey)?;
        Ok(Self::from_bytes(&bytes))
    }
}

fn problem(from: &str, problem: String) -> GateError {
    GateError::RootKeySource { from: from.to_owned(), problem }
}

/// The gate's randomness as HPKE takes it.
struct Drawn<'a>(&'a dyn Randomness);

impl TryRng for Drawn<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        Ok(u32::from_be_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        Ok(u64::from_be_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Drawn<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Counter;

    #[test]
    fn a_copy_opens_by_its_private_key_alone_and_shows_nothing() {
        let (folder, random) = (tempfile::tempdir().unwrap(), Counter::default());
        let file = folder.path().join("private.key");
        let mine = CopyIdentity::create(&file, &random).unwrap();
        assert!(CopyIdentity::create(&file, &random).is_err(), "one that is there is never replaced");
        let other = CopyIdentity::create(&folder.path().join("other"), &random).unwrap();
        let recipient: CopyRecipient = mine.recipient().unwrap().to_string().parse().unwrap();
        let key = RootKey::for_tests([7; 32]);
        let copy = key.seal_copy(&recipient, &random).unwrap();
        assert!(!copy.contains(key.to_hex().as_str()));
        assert_ne!(copy, key.seal_copy(&recipient, &random).unwrap(), "no two copies are alike");
        let read = CopyIdentity::parse(&std::fs::read_to_string(&file).unwrap()).unwrap();
        assert_eq!(*RootKey::open_copy(&copy, &read).unwrap().to_hex(), *key.to_hex());
        assert!(RootKey::open_copy(&copy, &other).unwrap_err().to_string().contains("does not open"));
        for place in [COPY.len() + 3, COPY.len() + 70, copy.len() - 3] {
            let mut altered = copy.clone().into_bytes();
            altered[place] = if altered[place] == b'0' { b'1' } else { b'0' };
            assert!(RootKey::open_copy(&String::from_utf8(altered).unwrap(), &mine).is_err(), "{place}");
        }
        let private = std::fs::read_to_string(&file).unwrap();
        let refused = private.parse::<CopyRecipient>().unwrap_err().to_string();
        assert!(!refused.contains(&private[PRIVATE.len()..]) && format!("{mine:?}").contains("redacted"));
        assert!(
            format!("{PUBLIC}{}", "0".repeat(64))
                .parse()
                .is_ok_and(|nobody| key.seal_copy(&nobody, &random).is_err())
        );
    }
}
