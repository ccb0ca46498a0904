//! One owner's list of entries, with the proof that each is in the log and that the list is complete up to a
//! roll: a text that stands for itself and is checked with the public keys of the log and of a witness alone.
//!
//! It does not show what came after the roll, nor what was never entered. It does not know what an entry says,
//! except whose it is, which the caller reads from it. An entry about many owners comes with the proof that this one
//! is among them. An entry whose body was erased stands there with its commitment, so that the chain computes still, and
//! beside it a declaration of the log that entries of its age lapsed.

mod read;

use std::{fmt, fmt::Write as _};

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
const HEAD: &str = "moretus/list-proof/2";

/// An entry and the proof that it is in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenEntry {
    /// Its leaf.
    pub leaf: u64,
    /// What of it is there.
    pub content: Content,
    /// The siblings' hashes, lowest first.
    pub proof: Vec<Hash>,
    /// Of an entry about many, that the owner is one of them.
    pub one_of_many: Option<OneOfMany>,
}

/// What of an entry is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Its body.
    Body(Vec<u8>),
    /// Its commitment alone, since its body was erased.
    Erased(Hash),
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
    /// Declarations that entries lapsed, where some of the list are erased.
    pub lapses: Vec<ProvenEntry>,
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
    /// What is given as a declaration that entries lapsed is none.
    #[error("entry {leaf} does not declare that entries before it lapsed")]
    NoLapse {
        /// Its leaf.
        leaf: u64,
    },
    /// An entry is erased, and nothing declares that it lapsed.
    #[error(
        "entry {leaf} stands here as erased, and nothing in the log that is given here declares that it lapsed"
    )]
    NotLapsed {
        /// Its leaf.
        leaf: u64,
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
    /// whose it is, `lapsed` before which leaf it declares that entries lapsed.
    ///
    /// # Errors
    /// The first thing that the proof does not show.
    pub fn check(
        &self,
        log: &VerifierKey,
        witness: &VerifierKey,
        whose: impl Fn(&[u8]) -> Option<Whose>,
        lapsed: impl Fn(&[u8]) -> Option<u64>,
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
        let roll = self.roll.body().and_then(Roll::from_body).ok_or(ListFault::NoRoll { leaf })?;
        let lapsed = self.lapsed_to(&checkpoint, lapsed)?;
        for entry in &self.entries {
            let leaf = entry.leaf;
            entry.verify(&checkpoint).map_err(|reason| ListFault::Entry { leaf, reason })?;
            match entry.body() {
                // The chain shows whose it is.
                None if leaf < lapsed => {}
                None => return Err(ListFault::NotLapsed { leaf }),
                Some(body) if whose(body).is_some_and(|whose| entry.is_about(&self.owner, whose)) => {}
                Some(_) => return Err(ListFault::OtherOwner { leaf }),
            }
        }
        let committed = self.map.verify(&token(&self.owner), &roll.map_root).map_err(ListFault::Map)?;
        self.compare(committed.unwrap_or(ChainState::START))?;
        Ok(CheckedList { checkpoint, witnessed_s, roll })
    }

    /// The leaf before which entries may be erased: as the furthest of the declarations says.
    fn lapsed_to(
        &self,
        checkpoint: &Checkpoint,
        lapsed: impl Fn(&[u8]) -> Option<u64>,
    ) -> Result<u64, ListFault> {
        self.lapses.iter().try_fold(0, |furthest, entry| {
            let leaf = entry.leaf;
            entry.verify(checkpoint).map_err(|reason| ListFault::Entry { leaf, reason })?;
            // It declares nothing of what comes after itself.
            let declared = entry.body().and_then(&lapsed).filter(|end| *end <= leaf);
            Ok(declared.ok_or(ListFault::NoLapse { leaf })?.max(furthest))
        })
    }

    /// Compares the entries with the end of the chain that the roll commits.
    fn compare(&self, committed: ChainState) -> Result<(), ListFault> {
        let commitments: Vec<(u64, Hash)> =
            self.entries.iter().map(|entry| (entry.leaf, entry.content.commitment())).collect();
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

impl Content {
    /// The entry's commitment.
    #[must_use]
    pub fn commitment(&self) -> Hash {
        match self {
            Self::Body(body) => commitment(body),
            Self::Erased(commitment) => *commitment,
        }
    }
}

impl ProvenEntry {
    /// Its body; none once that is erased.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        match &self.content {
            Content::Body(body) => Some(body),
            Content::Erased(_) => None,
        }
    }

    /// Checks that it is in the tree of this checkpoint, whose signature was verified.
    ///
    /// # Errors
    /// Its proof does not show it.
    pub fn verify(&self, checkpoint: &Checkpoint) -> Result<(), ProofError> {
        let hash = leaf_hash(&self.content.commitment());
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
        let content = match &self.content {
            Content::Body(body) => STANDARD.encode(body),
            Content::Erased(commitment) => STANDARD.encode(commitment),
        };
        write!(formatter, "{kind} {} {content} {}", self.leaf, STANDARD.encode(self.proof.as_flattened()))?;
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
        self.lapses.iter().try_for_each(|entry| entry.write("lapse", formatter))?;
        for entry in &self.entries {
            let kind = match (&entry.content, &entry.one_of_many) {
                (Content::Erased(_), _) => "erased",
                (Content::Body(_), Some(_)) => "many",
                (Content::Body(_), None) => "entry",
            };
            entry.write(kind, formatter)?;
        }
        formatter.write_char('\n')?;
        formatter.write_str(&self.checkpoint)
    }
}
