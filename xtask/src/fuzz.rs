//! `cargo xtask fuzz`: lets coverage guide the checks of `fuzz`, and keeps what it found worth keeping.
//!
//! It needs what continuous integration does without: a nightly compiler and cargo-fuzz. There the tests of `fuzz`
//! replay what was kept. `fuzz/coverage` is a workspace of its own, so that nobody who builds the product builds
//! libFuzzer; format and dependencies take it in.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::Failure;
use crate::workspace::{Workspace, check};

/// The manifest of the programs, from the root.
pub(crate) const MANIFEST: &str = "fuzz/coverage/Cargo.toml";

const FOLDER: &str = "fuzz/coverage";
const CORPUS: &str = "fuzz/corpus";

/// How much of a corpus is kept, in bytes: the smallest inputs, which run fastest.
const KEPT_BYTES_MAX: u64 = 256 * 1024;

/// An input that takes longer has found a fault, in seconds.
const INPUT_SECONDS_MAX: u32 = 20;

/// What to run, and for how long.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The targets, by the names of their folders in `fuzz/corpus`; all when none is named
    targets: Vec<String>,
    /// How long each runs
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Put the smallest inputs that reach everything reached into `fuzz/corpus`, in place of those found before
    #[arg(long)]
    keep: bool,
}

/// Runs each target in turn; the first that finds a fault ends it, and libFuzzer says where the input is.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<(), Failure> {
    needs()?;
    let known = targets(workspace)?;
    if let Some(other) = arguments.targets.iter().find(|name| !known.contains(name)) {
        return Err(Failure::Refused(format!("no target `{other}`: use one of {}", known.join(", "))));
    }
    let chosen = if arguments.targets.is_empty() { &known } else { &arguments.targets };
    for target in chosen {
        let folders = Folders::of(workspace, target)?;
        println!("== {target}, {} s", arguments.seconds);
        let mut command = program(workspace, target);
        command.args([&folders.found, &folders.kept]);
        if target == "plan_file" {
            command.arg(workspace.root.join("plans"));
        }
        command.arg("--").arg(format!("-max_total_time={}", arguments.seconds));
        command.arg(format!("-timeout={INPUT_SECONDS_MAX}")).arg("-print_final_stats=1");
        check(&mut command)?;
        if arguments.keep {
            keep(workspace, target, &folders)?;
        }
    }
    Ok(())
}

/// What must be installed, or how to install it.
fn needs() -> Result<(), Failure> {
    let has = |words: &[&str]| {
        let mut command = Command::new("rustup");
        command.args(["run", "nightly"]).args(words).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if !has(&["rustc", "--version"]) {
        let problem =
            "coverage needs a nightly compiler: run `rustup toolchain install nightly --profile minimal`";
        return Err(Failure::Refused(problem.to_owned()));
    }
    if !has(&["cargo", "fuzz", "--version"]) {
        let problem = "coverage needs cargo-fuzz: run `cargo install cargo-fuzz --locked`";
        return Err(Failure::Refused(problem.to_owned()));
    }
    Ok(())
}

/// Every target has a corpus.
fn targets(workspace: &Workspace) -> Result<Vec<String>, Failure> {
    let folder = workspace.root.join(CORPUS);
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).map_err(Failure::io("list", &folder))? {
        let entry = entry.map_err(Failure::io("list", &folder))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Where the inputs of a target are.
struct Folders {
    /// Those that are part of the project.
    kept: PathBuf,
    /// Those that runs here have found.
    found: PathBuf,
    /// The fewest of both that reach as much.
    fewest: PathBuf,
}

impl Folders {
    fn of(workspace: &Workspace, target: &str) -> Result<Self, Failure> {
        let built = workspace.target.join("fuzz-corpus");
        let [found, fewest] = ["found", "fewest"].map(|name| built.join(name).join(target));
        for folder in [&found, &fewest] {
            fs::create_dir_all(folder).map_err(Failure::io("make", folder))?;
        }
        Ok(Self { kept: workspace.root.join(CORPUS).join(target), found, fewest })
    }
}

/// cargo-fuzz on a target. No sanitizer: no crate of ours has unsafe code, and overflow is checked without one.
fn program(workspace: &Workspace, target: &str) -> Command {
    let mut command = Command::new("rustup");
    command.current_dir(&workspace.root).stdin(Stdio::null()).env_remove("CARGO").env_remove("RUSTC");
    command.args(["run", "nightly", "cargo", "fuzz", "run", "--sanitizer", "none", "--fuzz-dir", FOLDER]);
    command.arg("--target-dir").arg(workspace.target.join("fuzz")).arg(target);
    command
}

/// Replaces what was found before in the kept corpus. What somebody wrote has a name of words and stays.
fn keep(workspace: &Workspace, target: &str, folders: &Folders) -> Result<(), Failure> {
    for path in files(&folders.fewest)? {
        fs::remove_file(&path).map_err(Failure::io("remove", &path))?;
    }
    let mut merge = program(workspace, target);
    merge.args([&folders.fewest, &folders.found, &folders.kept]);
    check(merge.args(["--", "-set_cover_merge=1", &format!("-timeout={INPUT_SECONDS_MAX}")]))?;
    for path in files(&folders.kept)?.iter().filter(|path| is_found(path)) {
        fs::remove_file(path).map_err(Failure::io("remove", path))?;
    }
    let size = |path: &PathBuf| fs::metadata(path).map_or(u64::MAX, |data| data.len());
    let mut fewest = files(&folders.fewest)?;
    fewest.sort_by_key(size);
    let (mut bytes, mut count) = (0, 0);
    for path in &fewest {
        bytes += size(path);
        if bytes > KEPT_BYTES_MAX {
            break;
        }
        let copy = folders.kept.join(path.file_name().unwrap_or_default());
        fs::copy(path, &copy).map_err(Failure::io("write", &copy))?;
        count += 1;
    }
    println!("{target}: kept {count} of {} inputs", fewest.len());
    Ok(())
}

/// Whether a file has the name that libFuzzer gives: a hash.
fn is_found(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.len() == 40 && name.chars().all(|letter| letter.is_ascii_hexdigit())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(folder).map_err(Failure::io("list", folder))?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(Failure::io("list", folder))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_a_program_and_a_corpus() {
        let workspace = Workspace::of_this_program();
        let names = targets(&workspace).unwrap();
        assert!(names.contains(&"plan_file".to_owned()), "{names:?}");
        let manifest = fs::read_to_string(workspace.root.join(MANIFEST)).unwrap();
        let manifest: toml::Table = manifest.parse().unwrap();
        let programs = manifest["bin"].as_array().unwrap().iter();
        let mut programs = programs.map(|program| program["name"].as_str().unwrap()).collect::<Vec<_>>();
        programs.sort_unstable();
        assert_eq!(programs, names);
    }

    #[test]
    fn what_somebody_wrote_is_told_from_what_was_found() {
        assert!(is_found(Path::new("x/0a4d55a8d778e5022fab701977c5d840bbc486d0")));
        assert!(!is_found(Path::new("x/every-rule")));
    }
}
