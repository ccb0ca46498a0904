//! The site's root key, and the keys that it wraps. It never encrypts personal data itself: each (subject,
//! category, retention class) has a key of its own (`keys`). Which root keys a site holds at a time is `roots`;
//! where they come from, a [`RootKeyProvider`] says.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::path::Path;

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{GateError, Randomness};

/// Where the root keys of a site come from: a file, a program that asks a key management service, a safe of one's
/// own. The program has its providers beside its settings; whoever embeds the gate writes another.
pub trait RootKeyProvider: fmt::Debug + Send + Sync {
    /// The root keys that there are now: one, or two while one takes the place of the other. A gate asks again when it
    /// meets a key that none of those it holds has wrapped; it waits meanwhile, so do not ask a person then.
    ///
    /// # Errors
    /// None can be had. The error says where it was looked for, and nothing of a key.
    fn root_keys(&self) -> Result<Vec<RootKey>, GateError>;
}

/// What tells root keys apart: the first bytes of all that one has wrapped. It tells nothing of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RootKeyId([u8; 4]);

impl RootKeyId {
    /// From its bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(bytes)
    }

    /// Of the root key that wrapped this key; none when it is too short to have been wrapped.
    #[must_use]
    pub fn of(wrapped: &[u8]) -> Option<Self> {
        wrapped.first_chunk().copied().map(Self)
    }
}

impl fmt::Display for RootKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The key that wraps all others. Its holder is the site's operator.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct RootKey([u8; 32]);

impl RootKey {
    /// Draws a new root key. Nothing keeps it but whoever writes it down.
    #[must_use]
    pub fn generate(randomness: &dyn Randomness) -> Self {
        let mut key = Self([0; 32]);
        randomness.fill(&mut key.0);
        key
    }

    /// Makes a root key and writes it to a new file that only its owner can read (0600).
    pub fn create(path: &Path, randomness: &dyn Randomness) -> Result<Self, GateError> {
        let key = Self::generate(randomness);
        key.write_new(path)?;
        Ok(key)
    }

    /// Writes it to a new file that only its owner can read (0600), durably. A file that is there is never replaced.
    pub fn write_new(&self, path: &Path) -> Result<(), GateError> {
        let mut text = self.to_hex();
        text.push('\n');
        write_private(path, &text)
    }

    /// Reads a root key file: 64 hexadecimal digits, readable by nobody but its owner.
    pub fn read(path: &Path) -> Result<Self, GateError> {
        let mut file = std::fs::File::open(path).map_err(|error| of_file(path, error.kind()))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = file.metadata().map_err(|error| of_file(path, error.kind()))?.permissions().mode();
            if mode & 0o077 != 0 {
                return Err(of_file(path, "others can read it: run `chmod 600` on it"));
            }
        }
        let mut text = Zeroizing::new(String::with_capacity(1_024));
        Read::by_ref(&mut file)
            .take(1_024)
            .read_to_string(&mut text)
            .map_err(|_| of_file(path, "not a text of hexadecimal digits"))?;
        Self::from_hex(&text).ok_or_else(|| of_file(path, NO_ROOT_KEY))
    }

    /// Reads 64 hexadecimal digits; white space around them does not count. None for anything else.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.trim().as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let mut key = Self([0; 32]);
        for (byte, pair) in key.0.iter_mut().zip(digits.chunks_exact(2)) {
            let [high, low] = *pair else { return None };
            *byte = (digit(high)? << 4) | digit(low)?;
        }
        Some(key)
    }

    /// Its 64 hexadecimal digits, for a copy that is kept apart: for no log, no message and no screen.
    #[must_use]
    pub fn to_hex(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(65));
        let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or_default();
        for byte in self.0 {
            text.push(digit(byte >> 4));
            text.push(digit(byte & 0x0f));
        }
        text
    }

    /// What tells it from other root keys.
    #[must_use]
    pub fn id(&self) -> RootKeyId {
        self.wrapper().id
    }

    pub(crate) fn from_bytes(bytes: &Zeroizing<[u8; 32]>) -> Self {
        Self(**bytes)
    }

    /// Whether a stored key was wrapped by this root key: told by its first bytes, without opening it.
    #[must_use]
    pub fn has_wrapped(&self, wrapped: &[u8]) -> bool {
        RootKeyId::of(wrapped) == Some(self.id())
    }

    #[cfg(test)]
    pub(crate) fn for_tests(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes themselves, as the seed of a key of another kind.
    pub(crate) fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0)
    }

    /// The wrapper made from this key.
    pub(crate) fn wrapper(&self) -> Wrapper {
        let derive = |label: &[u8]| {
            let mut output = Zeroizing::new([0; 32]);
            // INVARIANT: 32 bytes are far below HKDF's limit of 255 blocks, so expansion cannot fail.
            let _ = Hkdf::<Sha256>::new(None, &self.0).expand(label, output.as_mut_slice());
            output
        };
        let key = derive(b"moretus/wrap/1");
        let digest = Sha256::digest(derive(b"moretus/root-key-id/1").as_slice());
        let mut id = [0; 4];
        id.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
        Wrapper { cipher: cipher(&key), id: RootKeyId(id) }
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RootKey(redacted)")
    }
}

/// What is said of something that should be a root key and is not.
pub const NO_ROOT_KEY: &str = "a root key is 64 hexadecimal digits";

/// Writes a new file that only its owner can read (0600), durably.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<(), GateError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let unwritten = |error: std::io::Error| of_file(path, error.kind());
    let mut file = options.open(path).map_err(unwritten)?;
    let durable = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    durable.and_then(|()| sync_folder_of(path)).map_err(unwritten)
}

fn of_file(path: &Path, problem: impl fmt::Display) -> GateError {
    GateError::RootKeySource { from: path.display().to_string(), problem: problem.to_string() }
}

/// Makes a file's name in its folder durable.
pub(crate) fn sync_folder_of(path: &Path) -> std::io::Result<()> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => std::fs::File::open(folder)?.sync_all(),
        None => std::fs::File::open(".")?.sync_all(),
    }
}

pub(crate) fn cipher(key: &[u8; 32]) -> Aes256GcmSiv {
    Aes256GcmSiv::new(key.into())
}

/// Wraps and unwraps keys of 32 bytes. Wrapped form, final: root key id (4), nonce (12), sealed key (48).
pub(crate) struct Wrapper {
    cipher: Aes256GcmSiv,
    pub(crate) id: RootKeyId,
}

impl Wrapper {
    /// Wraps a key for one place, which `context` names.
    pub(crate) fn wrap(
        &self,
        key: &[u8; 32],
        context: &[u8],
        randomness: &dyn Randomness,
    ) -> Result<Vec<u8>, GateError> {
        let mut nonce = [0; 12];
        randomness.fill(&mut nonce);
        let payload = Payload { msg: key, aad: context };
        let sealed = self.cipher.encrypt(&Nonce::from(nonce), payload).map_err(|_| GateError::Sealing)?;
        Ok([self.id.0.as_slice(), &nonce, &sealed].concat())
    }

    /// Unwraps a key. A wrong root key and a damaged key are told apart.
    pub(crate) fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<Zeroizing<[u8; 32]>, GateError> {
        let (id, rest) = wrapped.split_first_chunk().ok_or(GateError::DamagedKey)?;
        if *id != self.id.0 {
            return Err(GateError::WrongRootKey);
        }
        let (nonce, sealed) = rest.split_first_chunk::<12>().ok_or(GateError::DamagedKey)?;
        let payload = Payload { msg: sealed, aad: context };
        let opened = self
            .cipher
            .decrypt(&Nonce::from(*nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| GateError::DamagedKey)?;
        opened.as_slice().try_into().map(Zeroizing::new).map_err(|_| GateError::DamagedKey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Counter;

    #[test]
    fn a_wrapped_key_opens_only_in_its_place_and_under_its_root() {
        let random = Counter::default();
        let (mine, other) = (RootKey([7; 32]).wrapper(), RootKey([8; 32]).wrapper());
        let wrapped = mine.wrap(&[1; 32], b"here", &random).unwrap();
        assert_eq!(*mine.unwrap(&wrapped, b"here").unwrap(), [1; 32]);
        assert!(matches!(mine.unwrap(&wrapped, b"there"), Err(GateError::DamagedKey)));
        assert!(matches!(other.unwrap(&wrapped, b"here"), Err(GateError::WrongRootKey)));
        assert!(matches!(mine.unwrap(&wrapped[..20], b"here"), Err(GateError::DamagedKey)));
        assert!(RootKey([7; 32]).has_wrapped(&wrapped) && !RootKey([8; 32]).has_wrapped(&wrapped));
        assert_eq!(RootKeyId::of(&wrapped), Some(RootKey([7; 32]).id()));
        assert_eq!(
            (RootKeyId::of(&[1, 2]), RootKeyId([0, 10, 255, 1]).to_string().as_str()),
            (None, "000aff01")
        );
    }

    #[test]
    fn a_root_key_is_64_digits_and_shows_none() {
        fn ends_zeroed<T: ZeroizeOnDrop>(_: &T) {}
        let key = RootKey((0..32).collect::<Vec<u8>>().try_into().unwrap());
        ends_zeroed(&key);
        ends_zeroed(&aes::Aes256::new(&[0; 32].into()));
        // What keyed hashes are worked with is wiped too: `Hmac` is made of these.
        ends_zeroed(&Sha256::default());
        // And so are the keys that sign: checkpoints, by the site and by its witness.
        ends_zeroed(&ed25519_dalek::SigningKey::from_bytes(&[0; 32]));
        assert_eq!(RootKey::from_hex(&format!(" {}\n", key.to_hex().to_uppercase())).unwrap().0, key.0);
        for text in ["", "00", &"0".repeat(63), &"g".repeat(64), &"é".repeat(32), &"+f".repeat(32)] {
            assert!(RootKey::from_hex(text).is_none(), "{text}");
        }
        assert_eq!(format!("{key:?}"), "RootKey(redacted)");
    }

    #[test]
    fn a_root_key_file_is_private_and_exact() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root.key");
        let made = RootKey::create(&path, &Counter::default()).unwrap();
        assert_eq!(RootKey::read(&path).unwrap().0, made.0);
        assert!(RootKey::create(&path, &Counter::default()).is_err(), "an existing key is never overwritten");
        std::fs::write(&path, "12").unwrap();
        assert!(RootKey::read(&path).unwrap_err().to_string().contains("64 hexadecimal digits"));
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(RootKey::read(&path).unwrap_err().to_string().contains("chmod 600"));
    }
}
