//! What the check of a log can find wrong, and where. The check itself is in `verify`.

use std::fmt;

use crate::tile::TileId;

/// What of an entry differs from the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The body; a recorded commitment beside it is right.
    Body,
    /// The recorded commitment; a body beside it is right.
    Commitment,
    /// Both the body and the recorded commitment.
    Both,
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Part::Body => "the body",
            Part::Commitment => "the recorded commitment",
            Part::Both => "the body and the recorded commitment",
        })
    }
}

/// The first thing found wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// An entry that the stored tiles, or the entries after it, show to have existed.
    #[error("entry {index} is missing: it was removed, or was not read")]
    Missing {
        /// The entry's leaf index.
        index: u64,
    },
    /// An entry out of order.
    #[error(
        "entry {index} comes where entry {expected} belongs: its number was altered, or it is there twice"
    )]
    OutOfOrder {
        /// The leaf index found.
        index: u64,
        /// The leaf index expected.
        expected: u64,
    },
    /// An entry with neither body nor commitment.
    #[error("entry {index} has neither a body nor a commitment: an erased entry must keep its commitment")]
    Blank {
        /// The entry's leaf index.
        index: u64,
    },
    /// An entry that differs from the tree; the stored tree leads to a signed checkpoint, or the
    /// entry's other part agrees with it.
    #[error("entry {index} was altered: {part} is not what the log committed to")]
    Altered {
        /// The entry's leaf index.
        index: u64,
        /// What of it differs.
        part: Part,
    },
    /// Entries and the tiles right above them were altered together; the tiles higher up lead to a
    /// signed checkpoint.
    #[error(
        "entries {first} to {last} and their tiles were rewritten: they are not what the log committed to"
    )]
    Rewritten {
        /// The first leaf index of the run that holds the change.
        first: u64,
        /// The last leaf index of that run.
        last: u64,
    },
    /// A stored tile was altered; the entries lead to a signed checkpoint.
    #[error("tile {}/{} was altered at hash {position}, which is over the entries from {first_leaf}: the entries are right, rebuild the tile", id.level, id.index)]
    TileAltered {
        /// The tile.
        id: TileId,
        /// The hash's place in the tile, from 0.
        position: usize,
        /// The first leaf index under the hash.
        first_leaf: u64,
    },
    /// A node that a stored tile keeps beside its hashes was altered; the hashes are those of the entries.
    #[error("tile {}/{} was altered at the node over its 16 hashes from {position}, which are over the entries from {first_leaf}: hashes and entries agree, rebuild the tile", id.level, id.index)]
    NodeAltered {
        /// The tile.
        id: TileId,
        /// The place in the tile of the first hash under the node, from 0.
        position: usize,
        /// The first leaf index under the node.
        first_leaf: u64,
    },
    /// A stored tile is missing or ends too early.
    #[error("tile {}/{} ends before its hash {position}, which is over the entries from {first_leaf}: rebuild the tile", id.level, id.index)]
    TileMissing {
        /// The tile.
        id: TileId,
        /// The place in the tile of the first hash that is missing, from 0.
        position: usize,
        /// The first leaf index under that hash.
        first_leaf: u64,
    },
    /// Entries and tiles differ, and neither leads to a signed checkpoint.
    #[error("entries from {first} on and tile {}/{} at hash {position} differ, and neither is what the log committed to", id.level, id.index)]
    Undecided {
        /// The first leaf index under the hash.
        first: u64,
        /// The tile.
        id: TileId,
        /// The hash's place in the tile, from 0.
        position: usize,
    },
    /// Entries and tiles agree, but not with a checkpoint: the log was rewritten, tiles and all.
    #[error(
        "the log is not the one of the checkpoint at size {size}: of the entries from {first} up to {size} some were rewritten, together with their tiles"
    )]
    OtherRoot {
        /// The size of the latest checkpoint that still agrees; 0 when none does.
        first: u64,
        /// The size of the checkpoint that does not agree.
        size: u64,
    },
    /// A checkpoint is of a longer log.
    #[error(
        "the log ends after {entries} entries, a checkpoint holds {size}: entries from {entries} on were cut off, or an older copy was put in place"
    )]
    Truncated {
        /// The entries found.
        entries: u64,
        /// The size of the checkpoint.
        size: u64,
    },
}

impl Fault {
    /// The first leaf index that the fault concerns.
    #[must_use]
    pub fn first_leaf(&self) -> u64 {
        match self {
            Fault::Missing { index } | Fault::Blank { index } | Fault::Altered { index, .. } => *index,
            Fault::OutOfOrder { expected, .. } => *expected,
            Fault::Rewritten { first, .. }
            | Fault::Undecided { first, .. }
            | Fault::OtherRoot { first, .. } => *first,
            Fault::NodeAltered { first_leaf, .. }
            | Fault::TileAltered { first_leaf, .. }
            | Fault::TileMissing { first_leaf, .. } => *first_leaf,
            Fault::Truncated { entries, .. } => *entries,
        }
    }
}
