//! A root key that is made of a passphrase, anew each time, by Argon2id (RFC 9106): what is kept is how, and never
//! the passphrase or the key. Asking for the passphrase is not done here.

use std::fmt;
use std::str::FromStr;

use argon2::{Algorithm, Argon2, Params, Version};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::root::{RootKey, RootKeyId};
use crate::{GateError, Randomness};

/// RFC 9106, section 4, the second recommended choice: 64 MiB, three passes, four lanes.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;
/// The most that is taken from a file that somebody may have altered: 4 GiB, a hundred passes, 64 lanes.
const MOST: [u32; 3] = [4 * 1024 * 1024, 100, 64];
/// Characters of a passphrase at least: NIST SP 800-63B asks for 15 where it stands alone.
const SHORTEST: usize = 15;
/// And at most.
const LONGEST: usize = 1_024;

/// How a root key is made of a passphrase: the salt, what it costs, and the id of the key that must come out.
/// Written `argon2id,m=65536,t=3,p=4,salt=HEX,id=HEX`, without white space. It is no secret, and without it the
/// passphrase gives nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassphraseKey {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: [u8; 16],
    id: RootKeyId,
}

impl PassphraseKey {
    /// Makes a root key of a passphrase, with a new salt. Takes some tenths of a second and 64 MiB of memory.
    ///
    /// # Errors
    /// The passphrase is too short or too long.
    pub fn create(passphrase: &str, randomness: &dyn Randomness) -> Result<(Self, RootKey), GateError> {
        if !(SHORTEST..=LONGEST).contains(&passphrase.chars().count()) {
            return Err(problem(format!("choose one of {SHORTEST} to {LONGEST} characters")));
        }
        let mut salt = [0; 16];
        randomness.fill(&mut salt);
        let mut made = Self {
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            lanes: LANES,
            salt,
            id: RootKeyId::from_bytes([0; 4]),
        };
        let key = made.derive(passphrase)?;
        made.id = key.id();
        Ok((made, key))
    }

    /// Makes the root key again.
    ///
    /// # Errors
    /// It is another passphrase.
    pub fn open(&self, passphrase: &str) -> Result<RootKey, GateError> {
        let key = self.derive(passphrase)?;
        if key.id() == self.id {
            return Ok(key);
        }
        Err(problem(format!("wrong passphrase: it does not give root key `{}`", self.id)))
    }

    /// The id of the root key that comes out.
    #[must_use]
    pub fn id(&self) -> RootKeyId {
        self.id
    }

    fn derive(&self, passphrase: &str) -> Result<RootKey, GateError> {
        // The same passphrase, however the keyboard composes its letters.
        let mut normal = Zeroizing::new(String::with_capacity(passphrase.len() * 4));
        normal.extend(passphrase.nfkc());
        let refuse = |_| problem("its parameters cannot be used".to_owned());
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(32)).map_err(refuse)?;
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(normal.as_bytes(), &self.salt, key.as_mut_slice())
            .map_err(refuse)?;
        Ok(RootKey::from_bytes(&key))
    }
}

fn problem(problem: String) -> GateError {
    GateError::RootKeySource { from: "passphrase".to_owned(), problem }
}

impl fmt::Display for PassphraseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { memory_kib, passes, lanes, salt, id } = self;
        write!(f, "argon2id,m={memory_kib},t={passes},p={lanes},salt=")?;
        salt.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        write!(f, ",id={id}")
    }
}

impl FromStr for PassphraseKey {
    type Err = GateError;

    fn from_str(text: &str) -> Result<Self, GateError> {
        read(text).ok_or_else(|| {
            problem(
                "how it is made does not read as `argon2id,m=KIB,t=PASSES,p=LANES,salt=HEX,id=HEX`: put the line back as it was".to_owned(),
            )
        })
    }
}

fn read(text: &str) -> Option<PassphraseKey> {
    let mut parts = text.split(',');
    if parts.next()? != "argon2id" {
        return None;
    }
    let mut part = |name: &str| parts.next()?.strip_prefix(name)?.strip_prefix('=');
    let mut number =
        |name: &str, most: u32| part(name)?.parse().ok().filter(|number: &u32| (1..=most).contains(number));
    let [most_memory, most_passes, most_lanes] = MOST;
    let (memory_kib, passes) = (number("m", most_memory)?, number("t", most_passes)?);
    let lanes = number("p", most_lanes)?;
    let (salt, id) = (hex(part("salt")?)?, hex(part("id")?)?);
    let read = PassphraseKey { memory_kib, passes, lanes, salt, id: RootKeyId::from_bytes(id) };
    parts.next().is_none().then_some(read)
}

/// As many bytes as these hexadecimal digits are.
pub(crate) fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; N];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Counter;

    #[test]
    fn a_passphrase_gives_its_key_again_and_another_one_is_named() {
        let (how, key) = PassphraseKey::create("zes aardige ezels lopen", &Counter::default()).unwrap();
        let kept: PassphraseKey = how.to_string().parse().unwrap();
        assert_eq!((&kept, kept.id()), (&how, key.id()));
        assert_eq!(*kept.open("zes aardige ezels lopen").unwrap().to_hex(), *key.to_hex());
        let wrong = kept.open("zes aardige ezels liepen").unwrap_err().to_string();
        assert!(wrong.contains("wrong passphrase") && !wrong.contains("ezels"), "{wrong}");
        let short = PassphraseKey::create("kort", &Counter::default()).unwrap_err().to_string();
        assert!(short.contains("15 to 1024") && !short.contains("kort"), "{short}");
    }

    /// The key was made with the reference implementation (argon2-cffi): `Type.ID`, version 0x13.
    #[test]
    fn another_implementation_gives_the_same_key_and_letters_are_composed() {
        let how: PassphraseKey =
            "argon2id,m=64,t=1,p=1,salt=000102030405060708090a0b0c0d0e0f,id=00000000".parse().unwrap();
        let key = |passphrase: &str| how.derive(passphrase).unwrap().to_hex();
        let theirs = "2e510ecc76471c28f22d43c75f951c6a0dda92bc3b6965c2173b935616eb2513";
        assert_eq!(*key("caf\u{e9} caf\u{e9} caf\u{e9}"), theirs);
        assert_eq!(theirs, *key("cafe\u{301} cafe\u{301} cafe\u{301}"));
        assert_ne!(*key("cafe cafe cafe cafe"), *key("caf\u{e9} caf\u{e9} caf\u{e9} caf\u{e9}"));
    }

    #[test]
    fn what_was_altered_is_not_read() {
        let good = "argon2id,m=64,t=1,p=1,salt=000102030405060708090a0b0c0d0e0f,id=00000000";
        assert!(good.parse::<PassphraseKey>().is_ok());
        for (from, to) in [
            ("argon2id", "argon2i"),
            ("m=64", "m=99999999"),
            ("t=1", "t=0"),
            ("p=1", "p=65"),
            ("salt=00", "salt="),
            ("salt=00", "salt=+1"),
            ("id=00000000", "id=00000000,x=1"),
            (",id=00000000", ""),
        ] {
            assert!(good.replace(from, to).parse::<PassphraseKey>().is_err(), "{to}");
        }
    }
}
