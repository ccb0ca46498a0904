//! The check of a whole log: the tree is built again from the entries, compared hash by hash with
//! the stored tiles, and its root with signed checkpoints. A fault says what is wrong and where.
//!
//! It checks that the record is unchanged since the checkpoints were signed. It does not check
//! signatures (`checkpoint` does, before), nor that an entry tells the truth. Entries and tiles
//! must be read from one snapshot of the store; otherwise a growing log looks torn.

use crate::{
    checkpoint::Checkpoint,
    fault::{Fault, Part},
    hash::{Hash, commitment, leaf_hash},
    proof::verify_inclusion_of_span,
    span::Span,
    tile::{LEVELS, NODE_WIDTH, TILE_WIDTH, TileId, TileSource},
    tree::TreeState,
};

/// One entry as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeafRecord<'body> {
    /// Its leaf index.
    pub index: u64,
    /// Its body; `None` once erased.
    pub body: Option<&'body [u8]>,
    /// Its commitment, where the store keeps one; needed once the body is erased.
    pub commitment: Option<Hash>,
}

/// What was found in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Entries in the log.
    pub entries: u64,
    /// Of these, entries of which only the commitment is left.
    pub erased: u64,
    /// Checkpoints compared.
    pub checkpoints: u64,
    /// The size of the largest checkpoint; entries after it are in the tiles but not yet signed.
    pub signed: u64,
    /// The root of all entries.
    pub root: Hash,
}

/// Checks a log given entry by entry, in order of leaf index, in memory for the right edge only.
pub struct LogVerifier<'tiles, S: TileSource + ?Sized> {
    tiles: &'tiles S,
    /// By rising size.
    checkpoints: Vec<Checkpoint>,
    /// How many of them were compared.
    compared: usize,
    tree: TreeState,
    /// The stored leaf tile that the next entry falls in.
    leaves: Option<Stored>,
    erased: u64,
    /// The first difference that the stored tiles could not decide; the next checkpoint does.
    suspect: Option<Suspect>,
    /// The last tile in which a difference was looked into: once a tile is enough.
    judged: Option<TileId>,
}

/// A place in a stored tile that differs from what the entries give.
#[derive(Clone, Copy)]
enum Suspect {
    /// A hash.
    Hash(TileId, usize),
    /// The node over 16 hashes from a place on; they are what the entries give.
    Node(TileId, usize),
}

/// A tile as it was read; no nodes where they are not those of so many hashes.
struct Stored {
    hashes: Vec<Hash>,
    nodes: Option<Vec<Hash>>,
}

impl Stored {
    fn read<S: TileSource + ?Sized>(tiles: &S, id: TileId) -> Option<Stored> {
        match tiles.tiles(&[id]).pop() {
            Some(tile) => Some(Stored { hashes: tile.hashes, nodes: Some(tile.nodes) }),
            None => Some(Stored { hashes: tiles.tile(id)?.into_owned(), nodes: None }),
        }
    }

    /// The place of the first hash under a node that is not this one; `None` when all are.
    fn other_node(&self, rebuilt: &[Hash]) -> Option<usize> {
        let nodes = self.nodes.as_deref().unwrap_or_default();
        let are_all = self.nodes.is_some() && nodes.len() == self.hashes.len() / NODE_WIDTH;
        let place = rebuilt.iter().zip(nodes).position(|(node, stored)| node != stored);
        let last = || nodes.len().min(rebuilt.len().saturating_sub(1));
        place.or_else(|| (!are_all).then(last)).map(|place| place * NODE_WIDTH)
    }
}

/// Checks a whole log: its entries in order of leaf index, its stored tiles, and checkpoints of it
/// whose signatures were verified, in any order. Those held outside the site find most: a site that
/// rewrites its log can sign it anew.
///
/// # Errors
/// The first fault found.
pub fn verify_log<'body, S: TileSource + ?Sized>(
    checkpoints: &[Checkpoint],
    tiles: &S,
    records: impl IntoIterator<Item = LeafRecord<'body>>,
) -> Result<Verified, Fault> {
    let mut verifier = LogVerifier::new(checkpoints, tiles)?;
    records.into_iter().try_for_each(|record| verifier.push(&record).map(drop))?;
    verifier.finish()
}

impl<'tiles, S: TileSource + ?Sized> LogVerifier<'tiles, S> {
    /// Begins a check against these checkpoints, whose signatures were verified.
    ///
    /// # Errors
    /// A checkpoint of size 0 has another root than the empty tree.
    pub fn new(checkpoints: &[Checkpoint], tiles: &'tiles S) -> Result<LogVerifier<'tiles, S>, Fault> {
        let mut checkpoints = checkpoints.to_vec();
        checkpoints.sort_by_key(|checkpoint| checkpoint.size);
        let mut verifier = LogVerifier {
            tiles,
            checkpoints,
            compared: 0,
            tree: TreeState::new(),
            leaves: None,
            erased: 0,
            suspect: None,
            judged: None,
        };
        verifier.compare_checkpoints()?;
        Ok(verifier)
    }

    /// The entries checked so far.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.tree.size()
    }

    /// The root of the entries checked so far: to compare with checkpoints that are read along.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.tree.root()
    }

    /// Checks the next entry. Answers its commitment.
    ///
    /// # Errors
    /// The first fault found; the check is over then.
    pub fn push(&mut self, record: &LeafRecord<'_>) -> Result<Hash, Fault> {
        let index = self.tree.size();
        if record.index != index {
            return Err(if record.index > index {
                Fault::Missing { index }
            } else {
                Fault::OutOfOrder { index: record.index, expected: index }
            });
        }
        let id = TileId { level: 0, index: index / TILE_WIDTH as u64 };
        let position = (index % TILE_WIDTH as u64) as usize;
        if position == 0 {
            self.leaves = Stored::read(self.tiles, id);
        }
        let stored = self.leaves.as_ref().and_then(|leaves| leaves.hashes.get(position)).copied();
        let stored = stored.ok_or(Fault::TileMissing { id, position, first_leaf: index })?;
        let (committed, rebuilt) = self.leaf_of(record, &stored)?;
        if stored != rebuilt {
            self.look_into(id, position, &stored, part_of(record))?;
        }
        self.tree.append(rebuilt);
        if self.tree.size().is_multiple_of(TILE_WIDTH as u64) {
            self.compare_changed_tiles()?;
        }
        self.compare_checkpoints()?;
        Ok(committed)
    }

    /// Ends the check: nothing may be left over in the tiles or the checkpoints.
    ///
    /// # Errors
    /// The first fault found.
    pub fn finish(mut self) -> Result<Verified, Fault> {
        let entries = self.tree.size();
        if let Some(longer) = self.checkpoints.last().filter(|last| last.size > entries) {
            return Err(Fault::Truncated { entries, size: longer.size });
        }
        for level in 0..LEVELS {
            let hashes = entries >> (8 * u32::from(level));
            let id = TileId { level, index: hashes / TILE_WIDTH as u64 };
            let width = (hashes % TILE_WIDTH as u64) as usize;
            // A hash too many is the trace of an entry that is gone.
            if self.tiles.tile(id).is_some_and(|stored| stored.len() > width) {
                return Err(Fault::Missing { index: entries });
            }
        }
        // The leaves of a tile that is not full.
        self.compare_changed_tiles()?;
        match self.suspect {
            Some(Suspect::Hash(id, position)) => return Err(undecided(id, position)),
            Some(Suspect::Node(id, position)) => return Err(node_altered(id, position)),
            None => {}
        }
        Ok(Verified {
            entries,
            erased: self.erased,
            checkpoints: self.compared as u64,
            signed: self.checkpoints.last().map_or(0, |last| last.size),
            root: self.tree.root(),
        })
    }

    /// The entry's commitment and leaf hash. Where body and commitment disagree, the tree says which is right.
    fn leaf_of(&mut self, record: &LeafRecord<'_>, stored: &Hash) -> Result<(Hash, Hash), Fault> {
        let index = record.index;
        let of_body = record.body.map(commitment);
        let committed = of_body.or(record.commitment).ok_or(Fault::Blank { index })?;
        let leaf = leaf_hash(&committed);
        if record.body.is_none() {
            self.erased += 1;
        }
        match record.commitment {
            Some(recorded) if recorded != committed && leaf == *stored => {
                Err(Fault::Altered { index, part: Part::Commitment })
            }
            Some(recorded) if recorded != committed && leaf_hash(&recorded) == *stored => {
                Err(Fault::Altered { index, part: Part::Body })
            }
            _ => Ok((committed, leaf)),
        }
    }

    /// Decides between a stored hash and what the entries give: does the stored one lead to a
    /// signed checkpoint? If not, the entries may, which the next checkpoint shows.
    fn look_into(&mut self, id: TileId, position: usize, stored: &Hash, part: Part) -> Result<(), Fault> {
        if self.judged == Some(id) {
            return Ok(());
        }
        self.judged = Some(id);
        let first = id.first_leaf(position);
        let span = Span { start: first, end: first + (1 << (8 * u32::from(id.level))) };
        let covering = self.checkpoints.iter().find(|checkpoint| checkpoint.size >= span.end);
        let stored_is_signed = covering.is_some_and(|checkpoint| {
            verify_inclusion_of_span(span, stored, checkpoint.size, &checkpoint.root, self.tiles)
        });
        match (stored_is_signed, id.level) {
            (true, 0) => Err(Fault::Altered { index: first, part }),
            (true, _) => Err(Fault::Rewritten { first, last: span.end - 1 }),
            (false, _) => {
                if !matches!(self.suspect, Some(Suspect::Hash(..))) {
                    self.suspect = Some(Suspect::Hash(id, position));
                }
                Ok(())
            }
        }
    }

    /// Compares the tiles that changed since the last comparison: those above the leaves change when a leaf tile
    /// is full, and only then. Of a leaf tile the hashes were compared with their entries, and its nodes are left.
    fn compare_changed_tiles(&mut self) -> Result<(), Fault> {
        for rebuilt in self.tree.take_changed() {
            let id = rebuilt.id;
            if id.level == 0 {
                let other = self.leaves.as_ref().and_then(|leaves| leaves.other_node(&rebuilt.nodes));
                self.look_at_node(id, other);
                continue;
            }
            let stored = Stored::read(self.tiles, id);
            for (position, hash) in rebuilt.hashes.iter().enumerate() {
                let first_leaf = id.first_leaf(position);
                let found = stored.as_ref().and_then(|stored| stored.hashes.get(position));
                let found = found.ok_or(Fault::TileMissing { id, position, first_leaf })?;
                if found != hash {
                    self.look_into(id, position, found, Part::Both)?;
                }
            }
            self.look_at_node(id, stored.and_then(|stored| stored.other_node(&rebuilt.nodes)));
        }
        Ok(())
    }

    /// Keeps in mind that a node beside the hashes of a tile is another, if one is. Whether the entries are right is
    /// not known yet: a tile above, or the next checkpoint, may show that they were rewritten.
    fn look_at_node(&mut self, id: TileId, position: Option<usize>) {
        if let Some(position) = position {
            self.suspect.get_or_insert(Suspect::Node(id, position));
        }
    }

    /// Compares the root with the checkpoints of the present size.
    fn compare_checkpoints(&mut self) -> Result<(), Fault> {
        let size = self.tree.size();
        while let Some(checkpoint) = self.checkpoints.get(self.compared).filter(|next| next.size == size) {
            let agrees = checkpoint.root == self.tree.root();
            match self.suspect {
                // The entries are proven right, so the tile is not.
                Some(Suspect::Hash(id, position)) if agrees => {
                    let first_leaf = id.first_leaf(position);
                    return Err(Fault::TileAltered { id, position, first_leaf });
                }
                Some(Suspect::Hash(id, position)) => return Err(undecided(id, position)),
                Some(Suspect::Node(id, position)) if agrees => return Err(node_altered(id, position)),
                _ if !agrees => {
                    let before = self.compared.checked_sub(1).and_then(|last| self.checkpoints.get(last));
                    return Err(Fault::OtherRoot { first: before.map_or(0, |last| last.size), size });
                }
                _ => self.compared += 1,
            }
        }
        Ok(())
    }
}

fn undecided(id: TileId, position: usize) -> Fault {
    Fault::Undecided { first: id.first_leaf(position), id, position }
}

fn node_altered(id: TileId, position: usize) -> Fault {
    Fault::NodeAltered { id, position, first_leaf: id.first_leaf(position) }
}

/// What of an entry is wrong when all that it has differs from the tree.
fn part_of(record: &LeafRecord<'_>) -> Part {
    match (record.body, record.commitment) {
        (Some(_), None) => Part::Body,
        (None, _) => Part::Commitment,
        (Some(_), Some(_)) => Part::Both,
    }
}
