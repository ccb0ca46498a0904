//! Signed notes (C2SP signed-note): a text, a blank line, and one line for each signature.
//! What the text says is read by `checkpoint`; nothing of it counts before a signature was checked.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::key::{KeyKind, SignerKey, VerifierKey, name_is_valid};

/// The most signatures that are read; the specification asks for 16 at least.
const MOST_SIGNATURES: usize = 64;

/// Why a note cannot be believed, or cannot be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not the shape of a signed note.
    #[error("line {line} of the note: {problem}")]
    Shape {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The key asked for has not signed.
    #[error("the note is not signed by key `{key}`: it comes from elsewhere, or the key was changed")]
    Unsigned {
        /// The key's name.
        key: String,
    },
    /// The key's signature is not of this text.
    #[error("the signature of key `{key}` is not of this text: the note was altered")]
    BadSignature {
        /// The key's name.
        key: String,
    },
    /// A log's key where a witness's belongs, or the other way about.
    #[error("key `{key}` is not a {expected} key: give the {expected}'s own")]
    OtherKind {
        /// The key's name.
        key: String,
        /// `log` or `witness`.
        expected: &'static str,
    },
    /// A checkpoint of another log.
    #[error("the checkpoint is of log `{found}`, not of `{expected}`")]
    OtherOrigin {
        /// The origin found.
        found: String,
        /// The origin that the key stands for.
        expected: String,
    },
}

/// A text with its signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// One signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
struct NoteSignature {
    name: String,
    id: [u8; 4],
    bytes: Vec<u8>,
}

impl Note {
    /// A text without signatures yet: lines, each of which ends in a newline.
    pub(crate) fn unsigned(text: String) -> Note {
        Note { text, signatures: Vec::new() }
    }

    /// The text that the signatures are of, with its last newline.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The names and ids of the keys whose signatures it carries, unchecked.
    pub fn signers(&self) -> impl Iterator<Item = (&str, [u8; 4])> {
        self.signatures.iter().map(|signature| (signature.name.as_str(), signature.id))
    }

    /// Puts a signature of this key in, in place of an earlier one.
    pub(crate) fn put_signature(&mut self, key: &VerifierKey, bytes: Vec<u8>) {
        self.signatures.retain(|signature| !signature.is_of(key));
        self.signatures.push(NoteSignature { name: key.name().to_owned(), id: key.id(), bytes });
    }

    /// The bytes of this key's signatures, unchecked.
    pub(crate) fn signatures_of<'note>(
        &'note self,
        key: &'note VerifierKey,
    ) -> impl Iterator<Item = &'note [u8]> {
        self.signatures.iter().filter(|signature| signature.is_of(key)).map(|signature| &*signature.bytes)
    }

    /// Signs the text with a log's key.
    ///
    /// # Errors
    /// The key is a witness's.
    pub fn sign(&mut self, key: &SignerKey) -> Result<(), NoteError> {
        require_kind(key.verifier(), KeyKind::Log)?;
        let signature = key.sign(self.text.as_bytes());
        self.put_signature(key.verifier(), signature.to_vec());
        Ok(())
    }

    /// Checks that a log's key has signed the text.
    ///
    /// # Errors
    /// It has not, or one of its signatures is wrong, or the key is a witness's.
    pub fn verify(&self, key: &VerifierKey) -> Result<(), NoteError> {
        require_kind(key, KeyKind::Log)?;
        let mut signed = false;
        for bytes in self.signatures_of(key) {
            signed = bytes
                .try_into()
                .is_ok_and(|signature: &[u8; 64]| key.has_signed(self.text.as_bytes(), signature));
            if !signed {
                return Err(NoteError::BadSignature { key: key.name().to_owned() });
            }
        }
        if signed { Ok(()) } else { Err(NoteError::Unsigned { key: key.name().to_owned() }) }
    }
}

impl NoteSignature {
    fn is_of(&self, key: &VerifierKey) -> bool {
        self.name == key.name() && self.id == key.id()
    }

    /// Reads `— name base64`, without the newline.
    fn from_line(line: &str) -> Result<NoteSignature, &'static str> {
        let rest = line.strip_prefix("\u{2014} ").ok_or("a signature begins with `\u{2014} `")?;
        let (name, signature) =
            rest.split_once(' ').ok_or("a signature is a name, a space and base64 text")?;
        if !name_is_valid(name) {
            return Err("the name of the signature's key is empty or has a `+`");
        }
        let bytes = STANDARD.decode(signature).map_err(|_| "the signature is not base64")?;
        match bytes.split_first_chunk::<4>() {
            Some((id, bytes)) if !bytes.is_empty() => {
                Ok(NoteSignature { name: name.to_owned(), id: *id, bytes: bytes.to_vec() })
            }
            _ => Err("the signature is shorter than 5 bytes"),
        }
    }
}

/// Refuses a key of the other kind.
pub(crate) fn require_kind(key: &VerifierKey, kind: KeyKind) -> Result<(), NoteError> {
    if key.kind() == kind {
        return Ok(());
    }
    let expected = match kind {
        KeyKind::Log => "log",
        KeyKind::Witness => "witness",
    };
    Err(NoteError::OtherKind { key: key.name().to_owned(), expected })
}

impl fmt::Display for Note {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}", self.text)?;
        for signature in &self.signatures {
            let bytes = STANDARD.encode([&signature.id, signature.bytes.as_slice()].concat());
            writeln!(formatter, "\u{2014} {} {bytes}", signature.name)?;
        }
        Ok(())
    }
}

impl FromStr for Note {
    type Err = NoteError;

    fn from_str(note: &str) -> Result<Note, NoteError> {
        let line_of = |place: usize| 1 + note.bytes().take(place).filter(|byte| *byte == b'\n').count();
        if let Some(place) = note.find(|letter: char| letter < ' ' && letter != '\n') {
            return Err(NoteError::Shape { line: line_of(place), problem: "there is a control character" });
        }
        let unsigned = NoteError::Shape {
            line: line_of(note.len()),
            problem: "the note ends without a blank line and signatures",
        };
        let place = note.rfind("\n\n").ok_or_else(|| unsigned.clone())?;
        let (text, rest) = note.split_at_checked(place + 1).ok_or_else(|| unsigned.clone())?;
        let first = line_of(place) + 2;
        let lines = rest.strip_prefix('\n').and_then(|lines| lines.strip_suffix('\n')).ok_or(unsigned)?;
        let mut signatures = Vec::new();
        for (offset, line) in lines.split('\n').enumerate() {
            let shape = |problem| NoteError::Shape { line: first + offset, problem };
            if offset == MOST_SIGNATURES {
                return Err(shape("there are more than 64 signatures"));
            }
            signatures.push(NoteSignature::from_line(line).map_err(shape)?);
        }
        Ok(Note { text: text.to_owned(), signatures })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    fn published_key() -> VerifierKey {
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW".parse().unwrap()
    }

    #[test]
    fn the_published_note_verifies_and_writes_back() {
        // The example of the Go checksum database's note package.
        let note: Note = NOTE.parse().unwrap();
        note.verify(&published_key()).unwrap();
        assert_eq!(note.to_string(), NOTE);
        assert!(note.text().ends_with("problem is.\n"));
    }

    #[test]
    fn an_altered_letter_anywhere_fails() {
        let key = published_key();
        for place in 0..NOTE.len() {
            let mut altered = NOTE.as_bytes().to_vec();
            altered[place] ^= 1;
            let Ok(altered) = String::from_utf8(altered) else { continue };
            let outcome = altered.parse::<Note>().and_then(|note| note.verify(&key));
            assert!(outcome.is_err(), "byte {place}");
        }
    }

    #[test]
    fn a_wrong_signature_of_the_key_spoils_the_right_one() {
        let mut note: Note = NOTE.parse().unwrap();
        let mut wrong = note.signatures[0].clone();
        wrong.bytes[10] ^= 1;
        note.signatures.push(wrong);
        assert_eq!(
            note.verify(&published_key()),
            Err(NoteError::BadSignature { key: "PeterNeumann".to_owned() })
        );
    }

    #[test]
    fn others_signatures_are_ignored() {
        let mut note: Note = NOTE.parse().unwrap();
        let other = SignerKey::new("example.com/other", KeyKind::Log, &[5; 32]).unwrap();
        assert_eq!(
            note.verify(other.verifier()),
            Err(NoteError::Unsigned { key: "example.com/other".to_owned() })
        );
        note.sign(&other).unwrap();
        note.sign(&other).unwrap();
        let note: Note = note.to_string().parse().unwrap();
        assert_eq!(note.signatures.len(), 2);
        note.verify(&published_key()).unwrap();
        note.verify(other.verifier()).unwrap();
    }

    #[test]
    fn shapes_that_are_no_notes_name_the_line() {
        let line_of = |note: &str| match note.parse::<Note>() {
            Err(NoteError::Shape { line, .. }) => line,
            other => panic!("{other:?}"),
        };
        assert_eq!(line_of(""), 1);
        assert_eq!(line_of("text\n"), 2);
        assert_eq!(line_of("text\n\n"), 3);
        assert_eq!(line_of("text\n\nno signature\n"), 3);
        assert_eq!(line_of("a\nb\n\n\u{2014} name AAAAAAA=\n\u{2014} na+me AAAAAAA=\n"), 5);
        assert_eq!(line_of("a\nb\r\n\n\u{2014} name AAAAAAA=\n"), 2);
        assert_eq!(line_of("a\n\n\u{2014} name AAAAAAA="), 3);
        assert_eq!(line_of("a\n\n\u{2014} name AAAA\n"), 3);
        let many = format!("a\n\n{}", "\u{2014} name AAAAAAA=\n".repeat(65));
        assert_eq!(line_of(&many), 67);
    }
}
