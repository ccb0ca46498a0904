//! What the tests need beside Rust: a few Debian packages, and the ISO 20022 schemas that bank
//! files are validated against.
//!
//! Packages are installed only as root on a system with `apt-get`; anyone else is told what to
//! install. Nothing is installed that is already there.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cluster;
use crate::failure::Failure;
use crate::workspace::{Workspace, check, has_program, is_root};

/// A Debian package, how to see that it is there, and what needs it.
struct Package {
    name: &'static str,
    present: fn() -> bool,
    reason: &'static str,
}

const PACKAGES: &[Package] = &[
    Package {
        name: "postgresql",
        present: || cluster::binaries().is_some(),
        reason: "the tests run on PostgreSQL too",
    },
    Package { name: "libxml2-utils", present: || has_program("xmllint"), reason: "bank files are validated" },
    Package {
        name: "poppler-utils",
        present: || has_program("pdftotext"),
        reason: "documents are read back",
    },
    Package {
        name: "python3-pip",
        present: || pip().is_some(),
        reason: "the schemas and the PDF checker are Python packages",
    },
    Package {
        name: "chromium",
        present: || has_program("chromium"),
        reason: "pages are looked at in a browser",
    },
    Package {
        name: "openssl",
        present: || has_program("openssl"),
        reason: "a mail server of the tests speaks TLS",
    },
    Package { name: "npm", present: || has_program("npm"), reason: "what looks at pages comes by npm" },
    Package {
        name: "util-linux",
        present: || has_program("setpriv"),
        reason: "PostgreSQL must not run as root",
    },
];

/// The Python package that carries the schemas, held to one content.
const SCHEMA_PACKAGE: &str =
    "sepaxml==2.7.0 --hash=sha256:6644f695c66c2bf8f49065d4d7b0814da42140d03292131ec08e09798ad07b5d\n";
const SCHEMA_WHEEL: &str = "sepaxml-2.7.0-py3-none-any.whl";
/// The schemas: SEPA credit transfer and direct debit, in the versions that banks take now.
const SCHEMAS: [&str; 2] = ["pain.001.001.09.xsd", "pain.008.001.08.xsd"];

/// Installs the packages that are missing or, where that is not ours to do, says which.
pub(crate) fn packages() -> Result<(), Failure> {
    let missing = missing(PACKAGES);
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.iter().map(|package| package.name).collect::<Vec<_>>();
    if !(is_root() && has_program("apt-get")) {
        return Err(Failure::Refused(advice(&missing)));
    }
    println!("installing {}", names.join(" "));
    let apt = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").arg("-q");
        command
    };
    check(apt().arg("update"))?;
    check(apt().args(["install", "-y", "--no-install-recommends"]).args(&names))?;
    let still = self::missing(PACKAGES);
    if still.is_empty() { Ok(()) } else { Err(Failure::Refused(advice(&still))) }
}

fn missing(packages: &[Package]) -> Vec<&Package> {
    packages.iter().filter(|package| !(package.present)()).collect()
}

fn advice(missing: &[&Package]) -> String {
    let names = missing.iter().map(|package| package.name).collect::<Vec<_>>().join(" ");
    let reasons =
        missing.iter().map(|package| format!("\n  {}: {}", package.name, package.reason)).collect::<String>();
    format!(
        "the tests need Debian packages that are not installed:{reasons}\ninstall them and run this again: apt-get install {names}"
    )
}

/// How to call pip here.
pub(crate) fn pip() -> Option<Command> {
    let python = || {
        let mut command = Command::new("python3");
        command.args(["-m", "pip"]);
        command
    };
    let works = python().arg("--version").output().is_ok_and(|output| output.status.success());
    works.then(python)
}

/// The folder of the schemas. Fetched once into the target folder; where they cannot be fetched,
/// taken from `$SHARED_DATA/xsd` if the caller has set that.
pub(crate) fn schemas(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let folder = workspace.target.join("schemas");
    if complete(&folder) {
        return Ok(folder);
    }
    let fetched = fetch_schemas(&folder);
    let Err(failure) = fetched else { return Ok(folder) };
    match env::var_os("SHARED_DATA").map(|shared| Path::new(&shared).join("xsd")) {
        Some(local) if complete(&local) => {
            println!("the schemas could not be fetched; using those in `{}`", local.display());
            Ok(local)
        }
        _ => Err(failure),
    }
}

fn complete(folder: &Path) -> bool {
    SCHEMAS.iter().all(|schema| folder.join(schema).is_file())
}

fn fetch_schemas(folder: &Path) -> Result<(), Failure> {
    println!("fetching the ISO 20022 schemas");
    let scratch = tempfile::tempdir().map_err(Failure::io("make a folder in", &env::temp_dir()))?;
    let requirements = scratch.path().join("requirements.txt");
    fs::write(&requirements, SCHEMA_PACKAGE).map_err(Failure::io("write", &requirements))?;
    let mut pip =
        pip().ok_or_else(|| Failure::Refused("python3 has no pip: install python3-pip".to_owned()))?;
    pip.args(["download", "--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes", "-d"]);
    check(pip.arg(scratch.path()).arg("-r").arg(&requirements))?;
    // A wheel is a zip archive.
    let mut unpack = Command::new("python3");
    check(unpack.args(["-m", "zipfile", "-e", SCHEMA_WHEEL, "unpacked"]).current_dir(scratch.path()))?;
    fs::create_dir_all(folder).map_err(Failure::io("make", folder))?;
    for schema in SCHEMAS {
        let from = scratch.path().join("unpacked/sepaxml/schemas").join(schema);
        fs::copy(&from, folder.join(schema)).map_err(Failure::io("copy", &from))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_its_reason() {
        let packages = [
            Package { name: "here", present: || true, reason: "nothing" },
            Package { name: "absent", present: || false, reason: "the tests read tea leaves" },
        ];
        let missing = missing(&packages);
        assert_eq!(missing.len(), 1);
        let advice = advice(&missing);
        assert!(advice.contains("absent: the tests read tea leaves"), "{advice}");
        assert!(advice.ends_with("apt-get install absent"), "{advice}");
    }

    #[test]
    fn a_folder_with_one_schema_is_not_complete() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(SCHEMAS[0]), "").unwrap();
        assert!(!complete(folder.path()));
        fs::write(folder.path().join(SCHEMAS[1]), "").unwrap();
        assert!(complete(folder.path()));
    }
}
