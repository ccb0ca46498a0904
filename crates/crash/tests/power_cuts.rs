//! Power cuts on SQLite: the workload runs over a layer that keeps, in a mirror, only what was synced; after
//! the kill the mirror is all that there is. A quarter as many cuts as there are kills on SQLite.
//!
//! The layer must find a store that does not sync. It is planted in a copy of the program, in which one word
//! of the pragma is overwritten: the product has no switch for it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test, which says what it has counted"
)]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::{Bench, ROUNDS_A_SITE, Total, moment, power_cuts, seed};

/// Power cuts after which a planted fault must have shown.
const ROUNDS_TO_FIND: u64 = 5;

/// Compiles the layer.
fn layer() -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("lost_writes.c");
    let library =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("lost_writes_{}.so", std::process::id()));
    let mut compiler = Command::new("cc");
    compiler
        .args(["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(&source);
    assert!(compiler.args(["-ldl", "-lpthread"]).status().unwrap().success(), "a C compiler is needed");
    library
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        assert!(entry.file_type().unwrap().is_file(), "a site's data directory holds files alone");
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// One run over the layer, a kill, and only what was synced is left.
fn cut_power(bench: &mut Bench, library: &Path, round: u64) {
    let (data, mirror) = (bench.data(), bench.folder.path().join("mirror"));
    copy_folder(&data, &mirror);
    let environment = [
        ("LD_PRELOAD", library),
        ("LOST_WRITES_FOLDER", data.as_path()),
        ("LOST_WRITES_MIRROR", mirror.as_path()),
    ];
    let said = bench.start(&environment).kill_after(moment(bench.seed, round));
    bench.said.extend(said);
    std::fs::remove_dir_all(&data).unwrap();
    std::fs::rename(&mirror, &data).unwrap();
}

/// The workload with another word for `FULL`, of the same length, in the pragma that makes commits durable.
fn planted(bench: &Bench, word: &[u8; 4]) -> PathBuf {
    let mut program = std::fs::read(env!("CARGO_BIN_EXE_workload")).unwrap();
    let pragma = b"synchronous = FULL;";
    let places: Vec<usize> = program
        .windows(pragma.len())
        .enumerate()
        .filter(|(_, text)| text == pragma)
        .map(|(at, _)| at)
        .collect();
    assert!(!places.is_empty(), "the pragma is not in the program: plant the fault in another way");
    for place in places {
        let at = place + b"synchronous = ".len();
        program[at..at + 4].copy_from_slice(word);
    }
    let path = bench.folder.path().join("planted");
    std::fs::write(&path, program).unwrap();
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    path
}

mod sqlite {
    use super::{Bench, ROUNDS_A_SITE, ROUNDS_TO_FIND, Total, cut_power, layer, planted, power_cuts, seed};

    #[tokio::test(flavor = "multi_thread")]
    async fn power_cuts_under_load_lose_nothing() {
        let (library, seed, rounds) = (layer(), seed(), power_cuts());
        let mut total = Total::default();
        for from in (0..rounds).step_by(ROUNDS_A_SITE as usize) {
            let mut bench = Bench::new(None, seed).await;
            for round in from..rounds.min(from + ROUNDS_A_SITE) {
                cut_power(&mut bench, &library, round);
                let found = bench.audit().await;
                assert!(found.faults.is_empty(), "seed {seed}, round {round}: {:#?}", found.faults);
            }
            total.add(&bench);
        }
        total.tell(&format!("{rounds} power cuts on SQLite"));
    }

    /// OFF never syncs; 1, which is NORMAL, does so at checkpoints and not at commits.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_store_that_does_not_sync_is_found() {
        let library = layer();
        for word in [b"OFF ", b"1   "] {
            let mut bench = Bench::new(None, seed()).await;
            let program = planted(&bench, word);
            bench.run_instead(program);
            let mut faults = Vec::new();
            for round in 0..ROUNDS_TO_FIND {
                cut_power(&mut bench, &library, round);
                faults = bench.audit().await.faults;
                if !faults.is_empty() {
                    break;
                }
            }
            let lost = |what: &str| faults.iter().filter(|fault| fault.starts_with(what)).count();
            let (claims, releases) = (lost("acknowledged and lost"), lost("released without an entry"));
            eprintln!(
                "synchronous = {}: {claims} claims lost, {releases} releases without an entry",
                String::from_utf8_lossy(word).trim()
            );
            assert!(claims > 0 || releases > 0, "{faults:#?}");
        }
    }
}
