//! What tests run that is not ours. The checkers of accessibility: axe-core, which looks at pages in a browser, and outloud,
//! which looks at PDFs by the machine checks of PDF/UA-1 (the Matterhorn protocol); in versions whose findings we have
//! read. And aiosmtpd, the mail server that tests send to. Fetched once into the target folder; nothing of them ships.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::Failure;
use crate::setup::pip;
use crate::workspace::{Workspace, check, output};

/// The package with the script, and its archive with the SHA-256 that it must have.
const AXE_PACKAGE: &str = "axe-core@4.14.1";
const AXE_ARCHIVE: &str = "axe-core-4.14.1.tgz";
const AXE_HASH: &str = "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745";

/// The PDF checker, held to one content.
const OUTLOUD: &str =
    "outloud==0.2.1 --hash=sha256:c10c46010bc68ad4c956d7525d7234b8f4ebb4473c312bd10f9cea6f97209db5\n";
/// What it needs, by version alone: these are other files on other machines.
const OUTLOUD_NEEDS: [&str; 8] = [
    "click==8.5.1",
    "fonttools==4.68.0",
    "lxml==6.1.3",
    "packaging==26.3",
    "pikepdf==10.18.0",
    "pillow==13.0.0",
    "pymupdf==1.26.7",
    "pyyaml==6.0.4",
];

/// The mail server, and what it needs, held to one content each.
const MAIL_SERVER: &str = "\
    aiosmtpd==1.4.6 --hash=sha256:72c99179ba5aa9ae0abbda6994668239b64a5ce054471955fe75f581d2592475
    atpublic==9.0.0 --hash=sha256:449c3c4f0c74df79749d6fe225ba55e2a2fce34b303f0329211e4d6989ed6f6e
    attrs==26.1.0 --hash=sha256:c647aa4a12dfbad9333ca4e71fe62ddc36f4e63b2d260a37a8b83d2f043ac309
";

/// The script of axe-core, to be put into a page.
pub(crate) fn axe(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let folder = workspace.target.join("axe");
    let script = folder.join("axe.min.js");
    if script.is_file() {
        return Ok(script);
    }
    println!("fetching {AXE_PACKAGE}");
    let scratch = scratch(workspace)?;
    let mut pack = Command::new("npm");
    check(pack.args(["pack", "--silent", AXE_PACKAGE]).current_dir(scratch.path()))?;
    held_to(&scratch.path().join(AXE_ARCHIVE), AXE_HASH)?;
    let mut unpack = Command::new("tar");
    check(unpack.args(["-xzf", AXE_ARCHIVE]).current_dir(scratch.path()))?;
    move_into(&scratch.path().join("package"), &folder)?;
    Ok(script)
}

/// The folder to name in `PYTHONPATH` for `python3 -m outloud.cli`.
pub(crate) fn outloud(workspace: &Workspace) -> Result<PathBuf, Failure> {
    python(workspace, "outloud", "outloud.cli", OUTLOUD, &OUTLOUD_NEEDS)
}

/// The folder to name in `PYTHONPATH` for a Python program that uses `aiosmtpd`.
pub(crate) fn mail_server(workspace: &Workspace) -> Result<PathBuf, Failure> {
    python(workspace, "aiosmtpd", "aiosmtpd.controller", MAIL_SERVER, &[])
}

/// Python packages in a folder of their own: those that are held to one content, and those held to a version.
fn python(
    workspace: &Workspace,
    name: &str,
    module: &str,
    held: &str,
    needs: &[&str],
) -> Result<PathBuf, Failure> {
    let folder = workspace.target.join(name);
    if imports(&folder, module) {
        return Ok(folder);
    }
    println!("fetching {name}");
    let scratch = scratch(workspace)?;
    let packages = scratch.path().join("packages");
    let requirements = scratch.path().join("requirements.txt");
    fs::write(&requirements, held).map_err(Failure::io("write", &requirements))?;
    let install = || -> Result<Command, Failure> {
        let mut pip =
            pip().ok_or_else(|| Failure::Refused("python3 has no pip: install python3-pip".to_owned()))?;
        pip.args(["install", "--quiet", "--no-deps", "--only-binary=:all:", "--root-user-action=ignore"]);
        pip.arg("--target").arg(&packages);
        Ok(pip)
    };
    check(install()?.arg("--require-hashes").arg("-r").arg(&requirements))?;
    if !needs.is_empty() {
        check(install()?.args(needs))?;
    }
    move_into(&packages, &folder)?;
    if imports(&folder, module) {
        return Ok(folder);
    }
    Err(Failure::Refused(format!("`{name}` was fetched, but python3 cannot start it")))
}

/// Asks for a module that must come from the folder that is named first, with nothing of the system's packages in the way.
const IMPORT: &str = "
import importlib, os, sys
folder = os.path.realpath(sys.argv[1])
sys.path.insert(0, folder)
module = importlib.import_module(sys.argv[2])
sys.exit(not os.path.realpath(module.__file__).startswith(folder + os.sep))
";

/// Whether this python3 has the module there, and all that it needs: parts of some are built for one version. What the system
/// has of it is held to no content, so it does not count.
fn imports(folder: &Path, module: &str) -> bool {
    let mut python = Command::new("python3");
    // Isolated: no variable and no `site-packages` adds a place to look in.
    python.args(["-I", "-S", "-c", IMPORT]).arg(folder).arg(module);
    python.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// In the target folder, so that what is in it can be moved there whole.
fn scratch(workspace: &Workspace) -> Result<tempfile::TempDir, Failure> {
    fs::create_dir_all(&workspace.target).map_err(Failure::io("make", &workspace.target))?;
    tempfile::tempdir_in(&workspace.target).map_err(Failure::io("make a folder in", &workspace.target))
}

fn move_into(from: &Path, folder: &Path) -> Result<(), Failure> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(Failure::io("remove", folder))?;
    }
    fs::rename(from, folder).map_err(Failure::io("move", from))
}

fn held_to(file: &Path, hash: &str) -> Result<(), Failure> {
    let found = output(Command::new("sha256sum").arg(file))?;
    if found.split_whitespace().next() == Some(hash) {
        return Ok(());
    }
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Err(Failure::Refused(format!(
        "`{name}` is not what it was when it was chosen: its SHA-256 is not {hash}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_has_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!imports(folder.path(), "json"), "it is python's own");
        fs::write(folder.path().join("fetched.py"), "import json").unwrap();
        assert!(imports(folder.path(), "fetched"));
        fs::write(folder.path().join("fetched.py"), "import what_nobody_fetched").unwrap();
        assert!(!imports(folder.path(), "fetched"), "what it needs is not there");
    }

    #[test]
    fn another_content_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.tgz");
        fs::write(&file, "").unwrap();
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert!(held_to(&file, empty).is_ok());
        fs::write(&file, "x").unwrap();
        let refused = held_to(&file, empty).unwrap_err().to_string();
        assert!(refused.starts_with("`a.tgz` is not what it was"), "{refused}");
    }
}
