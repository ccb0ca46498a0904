//! The mathematics of the disclosure log: what makes the record checkable by someone who does not
//! trust the site that keeps it.
//!
//! - [`hash`], [`tile`], [`tree`], [`proof`]: the RFC 6962 Merkle tree over the entries, stored as
//!   C2SP tlog-tiles, with inclusion and consistency proofs;
//! - [`chain`]: the running hash over one subject's entries, and [`map`]: the Merkle map from
//!   subject token to the end of its chain (with [`map_index`] for quick proofs and [`live_map`] to
//!   follow how it grew), which [`roll`] commits as an entry, so that a list can be shown to be complete;
//! - [`key`], [`note`], [`checkpoint`], [`cosignature`]: signed checkpoints and witnesses, as C2SP
//!   signed-note, tlog-checkpoint and tlog-cosignature describe them;
//! - [`many`]: how an entry about many owners stands in the list of each without naming one to another;
//! - [`list_proof`]: one owner's list, complete up to a roll, as a text that stands for itself;
//! - [`verify`]: the check of a whole log, which says where a fault is.
//!
//! There is no I/O, no clock and no randomness here: tiles are read by the caller, keys and times
//! are arguments. Nothing here encrypts, and nothing here knows what an entry says.

pub mod chain;
pub mod checkpoint;
pub mod cosignature;
pub mod fault;
pub mod hash;
pub mod key;
pub mod list_proof;
pub mod live_map;
pub mod many;
pub mod map;
pub mod map_index;
pub mod note;
pub mod proof;
pub mod roll;
mod span;
pub mod tile;
pub mod tree;
pub mod verify;

pub use chain::ChainState;
pub use checkpoint::Checkpoint;
pub use cosignature::{WitnessError, cosign, verify_cosignature, witness};
pub use fault::{Fault, Part};
pub use hash::{Hash, commitment, entry_leaf_hash, leaf_hash};
pub use key::{KeyError, KeyKind, SignerKey, VerifierKey};
pub use list_proof::{CheckedList, Content, ListFault, ListProof, ProvenEntry, Whose};
pub use live_map::LiveMap;
pub use many::{OneOfMany, root_of_many, salted_token};
pub use map::{MapEnd, MapError, MapProof, Subtree, Token, map_root, prove_token};
pub use map_index::{MapIndex, MapIndexBuilder};
pub use note::{Note, NoteError};
pub use proof::{
    ProofError, consistency_proof, inclusion_proof, inclusion_proofs, verify_consistency, verify_inclusion,
};
pub use roll::Roll;
pub use tile::{LEVELS, NODE_WIDTH, TILE_WIDTH, Tile, TileCache, TileError, TileId, TileSource};
pub use tree::{TreeError, TreeState, root_at};
pub use verify::{LeafRecord, LogVerifier, Verified, verify_log};
