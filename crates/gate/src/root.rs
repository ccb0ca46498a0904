//! The site's root key, and the site keys that it wraps. It never encrypts personal data itself:
//! each (subject, category, retention class) has a key of its own (`keys`).

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::path::Path;

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{GateError, Randomness};

/// The key that wraps all others. Its holder is the site's operator.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct RootKey([u8; 32]);

impl RootKey {
    /// Makes a root key and writes it to a new file that only its owner can read (0600).
    pub fn create(path: &Path, randomness: &dyn Randomness) -> Result<Self, GateError> {
        let mut key = Self([0; 32]);
        randomness.fill(&mut key.0);
        let mut text = Zeroizing::new(String::with_capacity(65));
        for byte in key.0 {
            text.push_str(&format!("{byte:02x}"));
        }
        text.push('\n');
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let unreadable = |error: std::io::Error| GateError::RootKeyFile {
            path: path.display().to_string(),
            problem: error.kind().to_string(),
        };
        let mut file = options.open(path).map_err(unreadable)?;
        let durable = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
        durable.and_then(|()| sync_folder_of(path)).map_err(unreadable)?;
        Ok(key)
    }

    /// Reads a root key file: 64 hexadecimal digits, readable by nobody but its owner.
    pub fn read(path: &Path) -> Result<Self, GateError> {
        let refuse = |problem: &str| GateError::RootKeyFile {
            path: path.display().to_string(),
            problem: problem.to_owned(),
        };
        let mut file = std::fs::File::open(path).map_err(|error| refuse(&error.kind().to_string()))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode =
                file.metadata().map_err(|error| refuse(&error.kind().to_string()))?.permissions().mode();
            if mode & 0o077 != 0 {
                return Err(refuse("others can read it: run `chmod 600` on it"));
            }
        }
        let mut text = Zeroizing::new(String::new());
        Read::by_ref(&mut file)
            .take(1_024)
            .read_to_string(&mut text)
            .map_err(|_| refuse("not a text of hexadecimal digits"))?;
        let hex = text.trim();
        if hex.len() != 64 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(refuse("a root key is 64 hexadecimal digits"));
        }
        let mut key = Self([0; 32]);
        for (byte, index) in key.0.iter_mut().zip(0..) {
            let digits = hex.get(index * 2..index * 2 + 2).unwrap_or_default();
            *byte =
                u8::from_str_radix(digits, 16).map_err(|_| refuse("a root key is 64 hexadecimal digits"))?;
        }
        Ok(key)
    }

    /// Whether a stored key was wrapped by this root key: told by its first bytes, without opening it.
    #[must_use]
    pub fn has_wrapped(&self, wrapped: &[u8]) -> bool {
        wrapped.starts_with(&self.wrapper().id)
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
        Wrapper { cipher: cipher(&key), id }
    }
}

impl std::fmt::Debug for RootKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RootKey(redacted)")
    }
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
    id: [u8; 4],
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
        Ok([self.id.as_slice(), &nonce, &sealed].concat())
    }

    /// Unwraps a key. A wrong root key and a damaged key are told apart.
    pub(crate) fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<Zeroizing<[u8; 32]>, GateError> {
        let (id, rest) = wrapped.split_at_checked(4).ok_or(GateError::DamagedKey)?;
        if id != self.id {
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

    /// Whether the key was wrapped by the same root key.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.id == other.id
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
