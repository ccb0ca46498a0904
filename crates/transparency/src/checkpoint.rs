//! Checkpoints (C2SP tlog-checkpoint): a log's name, its size and its root at that size, signed.
//! Lines after the third are refused: nothing that this programme checks would cover them.

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{
    hash::Hash,
    key::{KeyKind, SignerKey, VerifierKey},
    note::{Note, NoteError, require_kind},
};

/// What a log states about itself at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name, which is also its key's: `example.com/log`.
    pub origin: String,
    /// The leaves in the tree.
    pub size: u64,
    /// The root of the tree of that size.
    pub root: Hash,
}

impl Checkpoint {
    /// The signed note of this checkpoint, as text.
    ///
    /// # Errors
    /// The key is a witness's, or of another name than the origin.
    pub fn sign(&self, key: &SignerKey) -> Result<String, NoteError> {
        self.require_origin(key.verifier())?;
        let mut note = Note::unsigned(self.text());
        note.sign(key)?;
        Ok(note.to_string())
    }

    /// Reads a signed note and checks the log's signature.
    ///
    /// # Errors
    /// The text is no signed note, the log's key has not signed it, or its text is no checkpoint
    /// of that log.
    pub fn parse_and_verify(note: &str, key: &VerifierKey) -> Result<Checkpoint, NoteError> {
        Checkpoint::of_note(&note.parse()?, key)
    }

    /// Checks the log's signature on a note and reads its text.
    pub(crate) fn of_note(note: &Note, key: &VerifierKey) -> Result<Checkpoint, NoteError> {
        note.verify(key)?;
        let checkpoint = Checkpoint::from_text(note.text())?;
        checkpoint.require_origin(key)?;
        Ok(checkpoint)
    }

    /// The text that is signed: origin, size, and root in base64, one a line.
    fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }

    fn from_text(text: &str) -> Result<Checkpoint, NoteError> {
        let shape = |line, problem| NoteError::Shape { line, problem };
        let mut lines = text.lines();
        let origin = lines.next().filter(|origin| !origin.is_empty());
        let origin = origin.ok_or(shape(1, "the log's name is missing"))?;
        let size =
            lines.next().and_then(|line| line.parse::<u64>().ok().filter(|size| size.to_string() == line));
        let size = size.ok_or(shape(2, "the size is not a number without leading zeroes"))?;
        let root = lines.next().and_then(|line| STANDARD.decode(line).ok()?.try_into().ok());
        let root = root.ok_or(shape(3, "the root is not 32 bytes in base64"))?;
        if lines.next().is_some() {
            return Err(shape(4, "a checkpoint has three lines before its signatures"));
        }
        Ok(Checkpoint { origin: origin.to_owned(), size, root })
    }

    fn require_origin(&self, key: &VerifierKey) -> Result<(), NoteError> {
        require_kind(key, KeyKind::Log)?;
        if self.origin == key.name() {
            return Ok(());
        }
        Err(NoteError::OtherOrigin { found: self.origin.clone(), expected: key.name().to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "example.com/log";

    fn key(name: &str) -> SignerKey {
        SignerKey::new(name, KeyKind::Log, &[1; 32]).unwrap()
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint { origin: ORIGIN.to_owned(), size: 1_000, root: [7; 32] }
    }

    #[test]
    fn signed_and_read_back() {
        let note = checkpoint().sign(&key(ORIGIN)).unwrap();
        assert!(note.starts_with("example.com/log\n1000\nBwcH"));
        assert_eq!(Checkpoint::parse_and_verify(&note, key(ORIGIN).verifier()).unwrap(), checkpoint());
        let empty = Checkpoint { size: 0, root: crate::hash::empty_root(), ..checkpoint() };
        let note = empty.sign(&key(ORIGIN)).unwrap();
        assert_eq!(Checkpoint::parse_and_verify(&note, key(ORIGIN).verifier()).unwrap(), empty);
    }

    #[test]
    fn another_log_or_another_kind_of_key_is_refused() {
        let note = checkpoint().sign(&key(ORIGIN)).unwrap();
        let refused = Checkpoint::parse_and_verify(&note, key("example.com/other").verifier());
        assert!(matches!(refused, Err(NoteError::Unsigned { .. })));
        assert!(matches!(checkpoint().sign(&key("example.com/other")), Err(NoteError::OtherOrigin { .. })));
        let witness = SignerKey::new(ORIGIN, KeyKind::Witness, &[1; 32]).unwrap();
        assert!(matches!(checkpoint().sign(&witness), Err(NoteError::OtherKind { .. })));
        assert!(matches!(
            Checkpoint::parse_and_verify(&note, witness.verifier()),
            Err(NoteError::OtherKind { .. })
        ));
        // The other log's own key under this log's text.
        let mut foreign = Note::unsigned(checkpoint().text());
        foreign.sign(&key("example.com/other")).unwrap();
        assert!(matches!(
            Checkpoint::parse_and_verify(&foreign.to_string(), key("example.com/other").verifier()),
            Err(NoteError::OtherOrigin { .. })
        ));
    }

    #[test]
    fn signed_texts_that_are_no_checkpoints_name_the_line() {
        let root = STANDARD.encode([7u8; 32]);
        let texts = [
            ("\n".to_owned(), 1),
            (format!("{ORIGIN}\n"), 2),
            (format!("{ORIGIN}\n01\n{root}\n"), 2),
            (format!("{ORIGIN}\n+1\n{root}\n"), 2),
            (format!("{ORIGIN}\n18446744073709551616\n{root}\n"), 2),
            (format!("{ORIGIN}\n1\n"), 3),
            (format!("{ORIGIN}\n1\nAAAA\n"), 3),
            (format!("{ORIGIN}\n1\n{root}\nmore\n"), 4),
        ];
        for (text, expected) in texts {
            let mut note = Note::unsigned(text.clone());
            note.sign(&key(ORIGIN)).unwrap();
            match Checkpoint::parse_and_verify(&note.to_string(), key(ORIGIN).verifier()) {
                Err(NoteError::Shape { line, .. }) => assert_eq!(line, expected, "{text}"),
                other => panic!("{other:?}"),
            }
        }
    }
}
