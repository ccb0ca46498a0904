//! Keys that sign checkpoints: a log's own (Ed25519, signature type 0x01 of C2SP signed-note) and a
//! witness's (timestamped Ed25519, type 0x04, C2SP tlog-cosignature). Where keys are kept, and who
//! may use them, is decided elsewhere; seeds are given, never drawn here.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use crate::hash::sha256;

/// What a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// A log's checkpoints: the note's text.
    Log,
    /// A witness's cosignatures: the note's text and the time at which it was seen.
    Witness,
}

impl KeyKind {
    /// The signature type of C2SP signed-note.
    fn code(self) -> u8 {
        match self {
            KeyKind::Log => 0x01,
            KeyKind::Witness => 0x04,
        }
    }
}

/// Why a text is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A name that notes cannot carry.
    #[error(
        "key name `{name}` will not do: use a name such as `example.com/log`, without spaces, `+` or control characters"
    )]
    Name {
        /// The name found.
        name: String,
    },
    /// Not the shape of a verifier key.
    #[error(
        "a verifier key is written `name+id+key`, with an id of 8 hexadecimal digits and a key in base64: {problem}"
    )]
    Shape {
        /// What is wrong.
        problem: &'static str,
    },
    /// A signature type that this programme does not know.
    #[error(
        "key `{name}` has signature type {code:#04x}: only 0x01 (log, Ed25519) and 0x04 (witness, Ed25519) are known"
    )]
    Kind {
        /// The key's name.
        name: String,
        /// The type found.
        code: u8,
    },
    /// The id does not follow from name and key: one of them was altered or mistyped.
    #[error(
        "the id of key `{name}` does not follow from its name and key: copy the whole verifier key again"
    )]
    Id {
        /// The key's name.
        name: String,
    },
}

/// The public half of a key: what checks signatures. Written `name+id+key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    kind: KeyKind,
    id: [u8; 4],
    key: VerifyingKey,
}

impl VerifierKey {
    fn new(name: &str, kind: KeyKind, key: VerifyingKey) -> Result<VerifierKey, KeyError> {
        if !name_is_valid(name) {
            return Err(KeyError::Name { name: name.to_owned() });
        }
        let [a, b, c, d, ..] = sha256(&[name.as_bytes(), b"\n", &[kind.code()], key.as_bytes()]);
        Ok(VerifierKey { name: name.to_owned(), kind, id: [a, b, c, d], key })
    }

    /// The key's name; a log's key is named as its origin.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the key signs.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The first four bytes of SHA-256 of name, newline, signature type and public key.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        self.id
    }

    /// Whether this is the key's signature of these bytes. Weak keys and malleable signatures fail.
    pub(crate) fn has_signed(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = STANDARD.encode([&[self.kind.code()], self.key.as_bytes().as_slice()].concat());
        write!(formatter, "{}+{:08x}+{key}", self.name, u32::from_be_bytes(self.id))
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<VerifierKey, KeyError> {
        let shape = |problem| KeyError::Shape { problem };
        let (name, rest) = text.split_once('+').ok_or(shape("there is no `+`"))?;
        let (id, key) = rest.split_once('+').ok_or(shape("there is one `+` only"))?;
        if id.len() != 8 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(shape("the id is not 8 hexadecimal digits"));
        }
        let id = u32::from_str_radix(id, 16).map_err(|_| shape("the id is not hexadecimal"))?;
        let bytes = STANDARD.decode(key).map_err(|_| shape("the key is not base64"))?;
        let (code, public) = bytes.split_first().ok_or(shape("the key is empty"))?;
        let kind = [KeyKind::Log, KeyKind::Witness]
            .into_iter()
            .find(|kind| kind.code() == *code)
            .ok_or(KeyError::Kind { name: name.to_owned(), code: *code })?;
        let public: &[u8; 32] = public.try_into().map_err(|_| shape("the key is not 32 bytes"))?;
        let public = VerifyingKey::from_bytes(public).ok().filter(|key| !key.is_weak());
        let key = VerifierKey::new(name, kind, public.ok_or(shape("the key is no usable Ed25519 key"))?)?;
        if key.id != id.to_be_bytes() {
            return Err(KeyError::Id { name: name.to_owned() });
        }
        Ok(key)
    }
}

/// A key that signs. The secret is wiped when it is dropped and never printed.
#[derive(Clone)]
pub struct SignerKey {
    secret: SigningKey,
    verifier: VerifierKey,
}

impl SignerKey {
    /// The key of this name, kind and 32-byte Ed25519 seed.
    ///
    /// A witness needs a seed of its own: its signed message does not name it.
    ///
    /// # Errors
    /// The name is empty or has a space, a `+` or a control character.
    pub fn new(name: &str, kind: KeyKind, seed: &[u8; 32]) -> Result<SignerKey, KeyError> {
        let secret = SigningKey::from_bytes(seed);
        let verifier = VerifierKey::new(name, kind, secret.verifying_key())?;
        Ok(SignerKey { secret, verifier })
    }

    /// The public half.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.secret.sign(message).to_bytes()
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SignerKey({})", self.verifier)
    }
}

/// Whether a note's signature line can carry the name.
pub(crate) fn name_is_valid(name: &str) -> bool {
    let forbidden = |letter: char| letter == '+' || letter.is_whitespace() || letter.is_control();
    !name.is_empty() && !name.chars().any(forbidden)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_published_key_reads_and_writes() {
        // The example key of the Go checksum database's note package.
        let text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let key: VerifierKey = text.parse().unwrap();
        assert_eq!(
            (key.name(), key.kind(), key.id()),
            ("PeterNeumann", KeyKind::Log, [0xc7, 0x4f, 0x20, 0xa3])
        );
        assert_eq!(key.to_string(), text);
    }

    #[test]
    fn one_seed_has_an_id_for_each_kind() {
        let log = SignerKey::new("example.com/log", KeyKind::Log, &[1; 32]).unwrap();
        let witness = SignerKey::new("example.com/log", KeyKind::Witness, &[1; 32]).unwrap();
        assert_ne!(log.verifier().id(), witness.verifier().id());
        for key in [log, witness] {
            let text = key.verifier().to_string();
            assert_eq!(text.parse::<VerifierKey>().unwrap(), *key.verifier());
        }
    }

    #[test]
    fn an_altered_key_is_refused() {
        let good = SignerKey::new("example.com/log", KeyKind::Log, &[1; 32]).unwrap().verifier().to_string();
        for place in 0..good.len() {
            let mut altered = good.clone().into_bytes();
            altered[place] = if altered[place] == b'7' { b'8' } else { b'7' };
            let altered = String::from_utf8(altered).unwrap();
            assert!(altered.parse::<VerifierKey>().is_err(), "{altered}");
        }
        assert!(matches!("no key".parse::<VerifierKey>(), Err(KeyError::Shape { .. })));
        assert!(matches!("a+00000000+".parse::<VerifierKey>(), Err(KeyError::Shape { .. })));
        let other_kind = format!("a+00000000+{}", STANDARD.encode([2u8; 33]));
        assert_eq!(other_kind.parse::<VerifierKey>(), Err(KeyError::Kind { name: "a".to_owned(), code: 2 }));
    }

    #[test]
    fn names_that_notes_cannot_carry_are_refused() {
        for name in ["", "a b", "a+b", "a\u{2003}b", "a\nb", "a\u{0}b"] {
            assert!(matches!(SignerKey::new(name, KeyKind::Log, &[1; 32]), Err(KeyError::Name { .. })));
        }
    }

    #[test]
    fn a_signer_does_not_print_its_secret() {
        let key = SignerKey::new("example.com/log", KeyKind::Log, &[0xAB; 32]).unwrap();
        let printed = format!("{key:?}").to_lowercase();
        assert!(!printed.contains("abab") && !printed.contains(&STANDARD.encode([0xAB; 32]).to_lowercase()));
    }
}
