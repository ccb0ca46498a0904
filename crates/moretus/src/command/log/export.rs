//! `moretus log export`: writes the log's tree as files, as C2SP tlog-tiles lays them out, for a mirror or an auditor; and `moretus log
//! consistency`, which checks with them that the log of an earlier checkpoint is how the one of now begins. They hold hashes
//! alone, and nobody's entry: what an entry says is shown to whoever it is about, by `moretus log prove`. Entry bundles
//! are not written.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use store::log::tree::{TileRow, latest_checkpoint, tiles_from};
use store::{Store, StoreError};
use transparency::{
    Checkpoint, Hash, LEVELS, TILE_WIDTH, Tile, TileId, TileSource, consistency_proof, verify_consistency,
    verify_cosignature,
};

use super::check::public_key;
use crate::files;
use crate::output::{note, say};
use crate::report::{Error, grouped};
use crate::site::SiteArguments;

/// The newest checkpoint's file, which is written last.
const CHECKPOINT: &str = "checkpoint";
/// Tiles that are read at once, of 8 kB each.
const TILES_A_PART: usize = 256;

/// Write the tree.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus log export --data moretus-data --to /var/www/log\n\nWhat is there of an earlier export stays, and only what is new is written: `tile/LEVEL/NUMBER`, with `.p/WIDTH` where a tile is not full, and last\n`checkpoint`. The files may be published: they hold hashes, each over an entry with random bytes in it, and nobody's data."
)]
pub(super) struct Export {
    #[command(flatten)]
    site: SiteArguments,
    /// The folder to write to.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

impl Export {
    pub(super) async fn run(self) -> Result<(), Error> {
        let site = self.site.open().await?;
        let newest = site.app.store().read(latest_checkpoint).await.map_err(|error: StoreError| error)?;
        let newest = newest.ok_or("nothing is sealed yet: there is no checkpoint")?;
        if let Some(there) = files::read_if_there(&self.to.join(CHECKPOINT))?
            && there.lines().next() != newest.note.lines().next()
        {
            return Err(format!(
                "`{}` holds the tree of another log: export to an empty folder",
                self.to.display()
            )
            .into());
        }
        let size = u64::try_from(newest.size).map_err(|_| "the newest checkpoint does not read")?;
        let mut written = 0;
        for level in 0..LEVELS {
            written += export_level(site.app.store(), &self.to, level, size).await?;
        }
        // Last: who reads the files while they are written finds what their checkpoint covers.
        files::write(&self.to.join(CHECKPOINT), newest.note.as_bytes())?;
        note!("{} tiles written, under a checkpoint of {} entries", grouped(written), grouped(size));
        site.close().await
    }
}

/// Writes what is not there of a level's tiles; answers how many.
async fn export_level(store: &Store, folder: &Path, level: u8, size: u64) -> Result<u64, Error> {
    // Full tiles never change, and are written in order.
    let mut next = 0;
    while width(TileId { level, index: next }, size) == TILE_WIDTH
        && folder.join(TileId { level, index: next }.path(TILE_WIDTH)).is_file()
    {
        next += 1;
    }
    let mut written = 0;
    while width(TileId { level, index: next }, size) > 0 {
        let first = i64::try_from(next).map_err(|_| "the tree is too large")?;
        let read = move |unit: &mut store::Unit<'_>| tiles_from(unit, i64::from(level), first, TILES_A_PART);
        let rows: Vec<TileRow> = store.read(read).await.map_err(|error: StoreError| error)?;
        let missing = || {
            Error::from(format!("tile {level}/{first} is missing, or one after it: run `moretus log verify`"))
        };
        if rows.first().is_none_or(|row| row.tile != first) {
            return Err(missing());
        }
        for (row, expected) in rows.into_iter().zip(first..) {
            let id = TileId { level, index: next };
            let wide = width(id, size);
            if wide == 0 {
                break;
            }
            let bytes = row.hashes.get(..wide * 32).filter(|_| row.tile == expected);
            let path = folder.join(id.path(wide));
            let parent = path.parent().unwrap_or(folder);
            fs::create_dir_all(parent)
                .map_err(|error| format!("cannot make `{}`: {error}", parent.display()))?;
            files::write(&path, bytes.ok_or_else(missing)?)?;
            (next, written) = (next + 1, written + 1);
        }
    }
    Ok(written)
}

/// How many of a tile's hashes a tree of this size has.
fn width(id: TileId, size: u64) -> usize {
    let hashes = size.checked_shr(8 * u32::from(id.level)).unwrap_or(0);
    let before = id.index.saturating_mul(TILE_WIDTH as u64);
    usize::try_from(hashes.saturating_sub(before)).map_or(TILE_WIDTH, |width| width.min(TILE_WIDTH))
}

/// Check consistency.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus log consistency --tiles /mirror/log --from kept-elsewhere.txt --key site.key.txt --witness witness.key.txt\n\nIt opens no site and no database. Exit codes: 0 the log of the earlier checkpoint is how that of the newer begins; 1 it is not, or something does not read."
)]
pub(super) struct Consistency {
    /// The folder that `moretus log export` wrote, or a copy of it.
    #[arg(long, value_name = "DIR")]
    tiles: PathBuf,
    /// The earlier checkpoint; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// The site's public key, or a file that holds it.
    #[arg(long, value_name = "KEY")]
    key: String,
    /// The witness's public key, or a file that holds it: the newer checkpoint must have its signature.
    #[arg(long, value_name = "KEY")]
    witness: Option<String>,
    /// Print what was found as JSON.
    #[arg(long)]
    json: bool,
}

impl Consistency {
    pub(super) fn run(self) -> Result<(), Error> {
        let key = public_key(&self.key)?;
        let newest = files::read_text(&self.tiles.join(CHECKPOINT))?;
        let new = Checkpoint::parse_and_verify(&newest, &key)?;
        if let Some(witness) = &self.witness {
            verify_cosignature(&newest, &public_key(witness)?)?;
        }
        let old = Checkpoint::parse_and_verify(&files::read_text(&self.from)?, &key)?;
        let tiles = Mirror { folder: &self.tiles, size: new.size };
        let proof = consistency_proof(old.size, new.size, &tiles)?;
        verify_consistency(old.size, &old.root, new.size, &new.root, &proof)?;
        match self.json {
            true => say!(
                "{:#}",
                json!({ "consistent": true, "log": new.origin, "from": old.size, "to": new.size })
            ),
            false => say!(
                "the log {} of {} entries begins with those {}: nothing of them was altered or taken away",
                new.origin,
                grouped(new.size),
                grouped(old.size)
            ),
        }
        Ok(())
    }
}

/// The tiles of a folder, as far as a tree of this size has them.
struct Mirror<'a> {
    folder: &'a Path,
    size: u64,
}

impl TileSource for Mirror<'_> {
    fn tile(&self, id: TileId) -> Option<Cow<'_, [Hash]>> {
        let bytes = fs::read(self.folder.join(id.path(width(id, self.size)))).ok()?;
        Tile::hashes_from_bytes(id, &bytes).ok().map(Cow::Owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_is_as_wide_as_the_tree_reaches() {
        let wide = |level, index, size| width(TileId { level, index }, size);
        assert_eq!([wide(0, 0, 0), wide(0, 0, 1), wide(0, 0, 256), wide(0, 0, 257)], [0, 1, 256, 256]);
        assert_eq!([wide(0, 1, 256), wide(0, 1, 300), wide(1, 0, 255), wide(1, 0, 65_536)], [0, 44, 0, 256]);
        assert_eq!([wide(1, 0, 70_000), wide(1, 1, 70_000), wide(7, 0, u64::MAX)], [256, 17, 255]);
    }
}
