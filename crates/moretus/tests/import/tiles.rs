//! The log's tree as files: an auditor keeps a mirror of it, and an earlier checkpoint, and checks both without the site, with our
//! program and with other people's.

use std::path::{Path, PathBuf};

use tlog_tiles::{Hash, TileHashReader, TileReader, check_tree, prove_tree};

use crate::site::Site;

/// A mirror as their reader, which checks each tile against the root.
struct Mirror(PathBuf);

impl TileReader for Mirror {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, wanted: &[tlog_tiles::Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let path = |tile: &tlog_tiles::Tile| self.0.join(tile.path().replacen("tile/8/", "tile/", 1));
        Ok(wanted.iter().map(|tile| std::fs::read(path(tile)).unwrap()).collect())
    }

    fn save_tiles(&self, _tiles: &[tlog_tiles::Tile], _data: &[Vec<u8>]) {}
}

pub(crate) fn an_auditor_checks_a_mirror_of_the_tree(site: Site) {
    let site = site.with(&["officina"]);
    std::fs::create_dir(site.path("data").join("witness")).unwrap();
    let log = |words: &[&str]| site.run(&[&["log"][..], words].concat());
    let mirror = site.path("mirror");
    let to = mirror.display().to_string();
    let export = || log(&["export", "--data", "DATA", "--to", &to]);
    assert!(export().refused().contains("nothing is sealed yet"));

    log(&["roll", "--data", "DATA"]).well();
    let early = site.file("early.txt", &log(&["checkpoint", "--data", "DATA"]).well().out);
    assert!(export().well().err.contains("1 tiles written"));
    // More entries than a tile has, so that one is full and another level begins.
    let heads =
        "kind,name,country,role,acts_for,for,clauses,contract,undertaking,mandate,transfer_safeguard\n";
    let bank = |number: u16| {
        format!("bank,Bank {number},BE,controller,,paying,disclose.payment.bank,2026-01-01..,,,\n")
    };
    let banks = site.file("banks.csv", &(heads.to_owned() + &(0..300).map(bank).collect::<String>()));
    site.run(&["recipients", "import", &banks, "--data", "DATA", "--portfolio", "officina"]).well();
    log(&["roll", "--data", "DATA"]).well();
    let keys = log(&["key", "--data", "DATA"]).well().out;
    let (key, witness) = keys.trim().split_once('\n').unwrap();
    export().well();
    assert!(mirror.join("tile/0/000").is_file() && mirror.join("tile/1/000.p/1").is_file());
    let again = export().well().err;
    assert!(again.contains("2 tiles written"), "what is full is not written once more: {again}");

    let consistency = |from: &str, key: &str, more: &[&str]| {
        log(&[&["consistency", "--tiles", &to, "--from", from, "--key", key][..], more].concat())
    };
    let found = consistency(&early, key, &["--witness", witness, "--json"]).json();
    let (old, new) = (found["from"].as_u64().unwrap(), found["to"].as_u64().unwrap());
    assert!(found["consistent"] == true && old < new && new > 256, "{found}");
    assert!(consistency(&early, key, &[]).well().out.contains("nothing of them was altered"));
    assert!(consistency(&early, witness, &[]).refused().contains("key"));
    theirs(&mirror, &early);

    // One altered hash.
    let path = mirror.join("tile/0/000");
    let whole = std::fs::read(&path).unwrap();
    let mut altered = whole.clone();
    altered[200 * 32] ^= 1;
    std::fs::write(&path, altered).unwrap();
    assert!(!consistency(&early, key, &[]).ok);
    std::fs::write(&path, whole).unwrap();
    consistency(&early, key, &[]).well();
    std::fs::remove_file(path).unwrap();
    assert!(!consistency(&early, key, &[]).ok);
}

/// The roots of two checkpoints, by the lines that C2SP gives them.
fn checkpoint(path: &Path) -> (u64, Hash) {
    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    (lines[1].parse().unwrap(), Hash::parse_hash(lines[2]).unwrap())
}

/// The same check with a library of others.
fn theirs(mirror: &Path, early: &str) {
    let ((old, old_root), (new, new_root)) =
        (checkpoint(Path::new(early)), checkpoint(&mirror.join("checkpoint")));
    let tiles = Mirror(mirror.to_owned());
    let reader = TileHashReader::new(new, new_root, &tiles);
    let proof = prove_tree(new, old, &reader).unwrap();
    check_tree(&proof, new, new_root, old, old_root).unwrap();
    assert!(check_tree(&proof, new, new_root, old, new_root).is_err());
}
