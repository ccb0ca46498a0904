//! One owner's list of entries, with the proof that each is in the log and that the list is complete up to a
//! roll: a text that stands for itself and is checked with the public keys of the log and of a witness alone.
//!
//! It does not show what came after the roll, nor what was never entered. It does not know what an entry says,
//! except whose it is, which the caller reads from it. An entry about many owners comes with the proof that this one
//! is among them.

use std::{fmt, fmt::Write as _, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{
    chain::ChainState,
    checkpoint::Checkpoint,
    cosignature::verify_cosignature,
    hash::{Hash, commitment, leaf_hash},
    key::VerifierKey,
    many::OneOfMany,
    map::{MapEnd, MapProof, token},
    note::NoteError,
    proof::{ProofError, verify_inclusion},
    roll::Roll,
};

/// The first line.
const HEAD: &str = "moretus/list-proof/1";

/// An entry and the proof that it is in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenEntry {
    /// Its leaf.
    pub leaf: u64,
    /// Its body.
    pub body: Vec<u8>,
    /// The siblings' hashes, lowest first.
    pub proof: Vec<Hash>,
    /// Of an entry about many, that the owner is one of them.
    pub one_of_many: Option<OneOfMany>,
}

/// Whose an entry is, as its body says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// This owner's.
    One([u8; 16]),
    /// Of many, whose tokens have this root.
    Many(Hash),
}

/// A list with its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListProof {
    /// Whose list.
    pub owner: [u8; 16],
    /// The size of the tree that the proofs are of: the checkpoint's.
    pub size: u64,
    /// The roll up to which the list is complete.
    pub roll: ProvenEntry,
    /// What the roll's map says of the owner.
    pub map: MapProof,
    /// Every entry up to the roll, in the order of the chain.
    pub entries: Vec<ProvenEntry>,
    /// The signed checkpoint, with the witness's cosignature.
    pub checkpoint: String,
}

/// What a list was shown to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedList {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// When the witness saw it, in seconds since 1970.
    pub witnessed_s: u64,
    /// The roll up to which the list is complete.
    pub roll: Roll,
}

/// Why a text is no proof, or proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListFault {
    /// Not the shape of such a proof.
    #[error("line {line} of the proof: {problem}")]
    Shape {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The checkpoint is not the log's.
    #[error("the checkpoint: {0}")]
    Checkpoint(NoteError),
    /// The checkpoint is not the witness's.
    #[error("the witness's signature: {0}")]
    Witness(NoteError),
    /// The checkpoint is of another size than the proofs.
    #[error(
        "the checkpoint is of {found} entries and the proofs are of {expected}: {age} checkpoint was put in the place of theirs"
    )]
    OtherCheckpoint {
        /// The checkpoint's size.
        found: u64,
        /// The size that the proofs are of.
        expected: u64,
        /// `an older` or `a newer`.
        age: &'static str,
    },
    /// The roll is not in the log.
    #[error("the roll (entry {leaf}) is not in the log of the checkpoint: {reason}")]
    Roll {
        /// Its leaf.
        leaf: u64,
        /// Why the proof does not show it.
        reason: ProofError,
    },
    /// What is given as a roll is none.
    #[error("entry {leaf} is no roll: nothing shows up to when the list is complete")]
    NoRoll {
        /// Its leaf.
        leaf: u64,
    },
    /// An entry is somebody else's.
    #[error("entry {leaf} is not about the person whose list this is: it is of another's chain")]
    OtherOwner {
        /// Its leaf.
        leaf: u64,
    },
    /// An entry is not in the log.
    #[error(
        "entry {leaf} is not in the log as it stands here: the entry or its proof was altered ({reason})"
    )]
    Entry {
        /// Its leaf.
        leaf: u64,
        /// Why the proof does not show it.
        reason: ProofError,
    },
    /// The map says nothing of this owner.
    #[error("the roll does not say that this chain is the person's: it is another's, or was altered ({0})")]
    Map(ProofError),
    /// There are fewer or more entries than the roll commits.
    #[error("the roll commits {committed} entries about the person and the list has {found}: {what}")]
    Count {
        /// Entries by the roll.
        committed: u64,
        /// Entries in the list.
        found: u64,
        /// `entries were left out` or `entries were added`.
        what: &'static str,
    },
    /// As many entries, and not those.
    #[error(
        "the list has as many entries as the roll commits and they are not those, in their order: one was exchanged"
    )]
    Exchanged,
}

impl ListProof {
    /// Checks the proof with the public keys of the log and of a witness. `whose` reads from an entry's body
    /// whose it is.
    ///
    /// # Errors
    /// The first thing that the proof does not show.
    pub fn check(
        &self,
        log: &VerifierKey,
        witness: &VerifierKey,
        whose: impl Fn(&[u8]) -> Option<Whose>,
    ) -> Result<CheckedList, ListFault> {
        let checkpoint =
            Checkpoint::parse_and_verify(&self.checkpoint, log).map_err(ListFault::Checkpoint)?;
        let witnessed_s = verify_cosignature(&self.checkpoint, witness).map_err(ListFault::Witness)?;
        if checkpoint.size != self.size {
            let age = if checkpoint.size < self.size { "an older" } else { "a newer" };
            return Err(ListFault::OtherCheckpoint { found: checkpoint.size, expected: self.size, age });
        }
        let leaf = self.roll.leaf;
        self.roll.verify(&checkpoint).map_err(|reason| ListFault::Roll { leaf, reason })?;
        let roll = Roll::from_body(&self.roll.body).ok_or(ListFault::NoRoll { leaf })?;
        for entry in &self.entries {
            let leaf = entry.leaf;
            entry.verify(&checkpoint).map_err(|reason| ListFault::Entry { leaf, reason })?;
            if !whose(&entry.body).is_some_and(|whose| entry.is_about(&self.owner, whose)) {
                return Err(ListFault::OtherOwner { leaf });
            }
        }
        let committed = self.map.verify(&token(&self.owner), &roll.map_root).map_err(ListFault::Map)?;
        self.compare(committed.unwrap_or(ChainState::START))?;
        Ok(CheckedList { checkpoint, witnessed_s, roll })
    }

    /// Compares the entries with the end of the chain that the roll commits.
    fn compare(&self, committed: ChainState) -> Result<(), ListFault> {
        let commitments: Vec<(u64, Hash)> =
            self.entries.iter().map(|entry| (entry.leaf, commitment(&entry.body))).collect();
        let chain = ChainState::START.extend_all(commitments.iter().map(|(leaf, hash)| (*leaf, hash)));
        if chain.count != committed.count {
            let is_less = chain.count < committed.count;
            let what = if is_less { "entries were left out" } else { "entries were added" };
            return Err(ListFault::Count { committed: committed.count, found: chain.count, what });
        }
        if chain != committed {
            return Err(ListFault::Exchanged);
        }
        Ok(())
    }
}

impl ProvenEntry {
    fn verify(&self, checkpoint: &Checkpoint) -> Result<(), ProofError> {
        let hash = leaf_hash(&commitment(&self.body));
        verify_inclusion(&hash, self.leaf, checkpoint.size, &checkpoint.root, &self.proof)
    }

    /// Whether it is about this owner: theirs alone, or of many of whom they are one.
    fn is_about(&self, owner: &[u8; 16], whose: Whose) -> bool {
        match (whose, &self.one_of_many) {
            (Whose::One(one), None) => one == *owner,
            (Whose::Many(root), Some(proof)) => proof.shows(owner, &root),
            (Whose::One(_), Some(_)) | (Whose::Many(_), None) => false,
        }
    }

    fn write(&self, kind: &str, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (body, proof) = (STANDARD.encode(&self.body), STANDARD.encode(self.proof.as_flattened()));
        write!(formatter, "{kind} {} {body} {proof}", self.leaf)?;
        if let Some(OneOfMany { salt, siblings }) = &self.one_of_many {
            write!(formatter, " {} {}", STANDARD.encode(salt), STANDARD.encode(siblings.as_flattened()))?;
        }
        formatter.write_char('\n')
    }
}

impl fmt::Display for ListProof {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{HEAD}\nowner {}\nsize {}", STANDARD.encode(self.owner), self.size)?;
        self.roll.write("roll", formatter)?;
        writeln!(formatter, "map {}", STANDARD.encode(self.map.siblings.as_flattened()))?;
        match &self.map.end {
            MapEnd::Present(end) => writeln!(formatter, "chain {} {}", end.count, STANDARD.encode(end.head))?,
            MapEnd::Empty => writeln!(formatter, "nobody")?,
            MapEnd::Other { token, value_hash } => {
                writeln!(formatter, "other {} {}", STANDARD.encode(token), STANDARD.encode(value_hash))?;
            }
        }
        for entry in &self.entries {
            let kind = if entry.one_of_many.is_some() { "many" } else { "entry" };
            entry.write(kind, formatter)?;
        }
        formatter.write_char('\n')?;
        formatter.write_str(&self.checkpoint)
    }
}

impl FromStr for ListProof {
    type Err = ListFault;

    fn from_str(text: &str) -> Result<ListProof, ListFault> {
        let lines_of = |text: &str| 1 + text.lines().count();
        let no_checkpoint = ListFault::Shape {
            line: lines_of(text),
            problem: "there is no blank line with a checkpoint after it",
        };
        let (list, checkpoint) = text.split_once("\n\n").ok_or(no_checkpoint)?;
        let mut lines = Lines { lines: list.split('\n'), line: 0 };
        if lines.next_words(1)?.as_slice() != [HEAD] {
            return Err(lines.problem("this is no proof of a list: it begins with `moretus/list-proof/1`"));
        }
        let owner = lines.field("owner", 1)?;
        let owner = lines.array(owner.first())?;
        let size = lines.field("size", 1)?;
        let size = lines.number(size.first())?;
        let roll = lines.field("roll", 3)?;
        let roll = lines.entry(&roll)?;
        let siblings = lines.field("map", 1)?;
        let siblings = lines.hashes(siblings.first())?;
        let end = lines.next_words(3)?;
        let end = match end.as_slice() {
            ["chain", count, head] => MapEnd::Present(ChainState {
                count: lines.number(Some(count))?,
                head: lines.array(Some(head))?,
            }),
            ["nobody"] => MapEnd::Empty,
            ["other", token, value] => {
                MapEnd::Other { token: lines.array(Some(token))?, value_hash: lines.array(Some(value))? }
            }
            _ => return Err(lines.problem("here stands `chain`, `other` or `nobody`")),
        };
        let mut entries = Vec::new();
        while !lines.is_at_end() {
            entries.push(lines.listed()?);
        }
        let map = MapProof { siblings, end };
        Ok(ListProof { owner, size, roll, map, entries, checkpoint: checkpoint.to_owned() })
    }
}

/// The lines of a proof, and the number of the one read last.
struct Lines<'text> {
    lines: std::str::Split<'text, char>,
    line: usize,
}

impl<'text> Lines<'text> {
    fn problem(&self, problem: &'static str) -> ListFault {
        ListFault::Shape { line: self.line, problem }
    }

    fn is_at_end(&self) -> bool {
        self.lines.clone().next().is_none()
    }

    /// The words of the next line: at most so many.
    fn next_words(&mut self, most: usize) -> Result<Vec<&'text str>, ListFault> {
        self.line += 1;
        let line = self.lines.next().ok_or(self.problem("the proof ends here"))?;
        let words: Vec<&str> = line.split(' ').collect();
        if words.len() > most { Err(self.problem("there are too many words")) } else { Ok(words) }
    }

    /// The words after this first one.
    fn field(&mut self, first: &'static str, words: usize) -> Result<Vec<&'text str>, ListFault> {
        let found = self.next_words(words + 1)?;
        match found.split_first() {
            Some((word, rest)) if *word == first && rest.len() == words => Ok(rest.to_vec()),
            _ => Err(self.problem("a line of another kind belongs here")),
        }
    }

    fn number(&self, word: Option<&&str>) -> Result<u64, ListFault> {
        let number =
            word.and_then(|word| word.parse::<u64>().ok().filter(|number| number.to_string() == **word));
        number.ok_or(self.problem("this is not a number without leading zeroes"))
    }

    fn bytes(&self, word: Option<&&str>) -> Result<Vec<u8>, ListFault> {
        let bytes = word.and_then(|word| STANDARD.decode(word).ok());
        bytes.ok_or(self.problem("this is not base64"))
    }

    fn array<const N: usize>(&self, word: Option<&&str>) -> Result<[u8; N], ListFault> {
        let bytes = self.bytes(word)?;
        bytes.as_slice().try_into().map_err(|_| self.problem("this has another length than it must have"))
    }

    fn hashes(&self, word: Option<&&str>) -> Result<Vec<Hash>, ListFault> {
        let bytes = self.bytes(word)?;
        match bytes.as_chunks::<32>() {
            (hashes, []) => Ok(hashes.to_vec()),
            _ => Err(self.problem("these are not hashes of 32 bytes")),
        }
    }

    /// An entry of the list: `entry`, or `many` with what shows that the owner is one of them.
    fn listed(&mut self) -> Result<ProvenEntry, ListFault> {
        let words = self.next_words(6)?;
        match words.as_slice() {
            ["entry", words @ ..] if words.len() == 3 => self.entry(words),
            ["many", words @ .., salt, siblings] if words.len() == 3 => {
                let (salt, siblings) = (self.array(Some(salt))?, self.hashes(Some(siblings))?);
                Ok(ProvenEntry { one_of_many: Some(OneOfMany { salt, siblings }), ..self.entry(words)? })
            }
            _ => Err(self.problem("a line of another kind belongs here")),
        }
    }

    fn entry(&self, words: &[&str]) -> Result<ProvenEntry, ListFault> {
        Ok(ProvenEntry {
            one_of_many: None,
            leaf: self.number(words.first())?,
            body: self.bytes(words.get(1))?,
            proof: self.hashes(words.get(2))?,
        })
    }
}
