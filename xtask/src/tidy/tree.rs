//! The checkout as tidy sees it: every text file, with Rust sources and manifests read.
//!
//! It reads the working folder rather than the last commit, and leaves out what is built, hidden
//! folders other than those of the project, and the lock file.

use std::fs;
use std::path::Path;

use crate::failure::Failure;

use super::rust_file::RustFile;

/// Hidden folders that are the project's own.
const HIDDEN: [&str; 3] = [".ci", ".cargo", ".github"];

/// Any text file.
pub(super) struct TextFile {
    /// From the root, with `/`.
    pub(super) path: String,
    /// Its content.
    pub(super) text: String,
}

/// A package's `Cargo.toml`.
pub(super) struct Manifest {
    /// From the root, with `/`.
    pub(super) path: String,
    /// The package's name.
    pub(super) package: String,
    /// The packages it depends on, however: (package, line, whether tests alone).
    pub(super) dependencies: Vec<Dependency>,
}

/// One dependency of a package.
pub(super) struct Dependency {
    /// The package's own name, whatever it is called here.
    pub(super) package: String,
    /// Where it is named.
    pub(super) line: usize,
    /// Whether only tests use it.
    pub(super) tests_only: bool,
}

/// Every file of the project.
pub(super) struct Tree {
    /// All of them.
    pub(super) files: Vec<TextFile>,
    /// Those in Rust.
    pub(super) rust: Vec<RustFile>,
    /// The packages.
    pub(super) manifests: Vec<Manifest>,
}

impl Tree {
    /// Reads the project in this folder.
    pub(super) fn read(root: &Path) -> Result<Self, Failure> {
        let mut files = Vec::new();
        walk(root, "", &mut files)?;
        Ok(Self::of(files))
    }

    fn of(mut files: Vec<TextFile>) -> Self {
        files.sort_by(|one, other| one.path.cmp(&other.path));
        let of_rust = files.iter().filter(|file| file.path.ends_with(".rs"));
        let rust = of_rust.map(|file| RustFile::read(&file.path, &file.text)).collect();
        let manifests = files.iter().filter_map(Manifest::read).collect();
        Self { files, rust, manifests }
    }

    /// A project with just these files.
    #[cfg(test)]
    pub(super) fn planted(files: &[(&str, &str)]) -> Self {
        let file =
            |(path, text): &(&str, &str)| TextFile { path: (*path).to_owned(), text: (*text).to_owned() };
        Self::of(files.iter().map(file).collect())
    }
}

fn walk(folder: &Path, prefix: &str, files: &mut Vec<TextFile>) -> Result<(), Failure> {
    for entry in fs::read_dir(folder).map_err(Failure::io("list", folder))? {
        let entry = entry.map_err(Failure::io("list", folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        let kind = entry.file_type().map_err(Failure::io("look at", &entry.path()))?;
        if kind.is_dir() {
            let left_out = name == "target" || (name.starts_with('.') && !HIDDEN.contains(&name.as_str()));
            if !left_out {
                walk(&entry.path(), &format!("{path}/"), files)?;
            }
        } else if kind.is_file() && name != "Cargo.lock" {
            let bytes = fs::read(entry.path()).map_err(Failure::io("read", &entry.path()))?;
            // What is not text (a picture, a font) has no lines to check.
            files.extend(String::from_utf8(bytes).ok().map(|text| TextFile { path, text }));
        }
    }
    Ok(())
}

impl Manifest {
    fn read(file: &TextFile) -> Option<Self> {
        if file.path.rsplit('/').next() != Some("Cargo.toml") {
            return None;
        }
        let manifest: toml::Table = file.text.parse().ok()?;
        let package = manifest.get("package")?.get("name")?.as_str()?.to_owned();
        let mut dependencies = Vec::new();
        collect(&manifest, &file.text, &mut dependencies);
        let targets = manifest.get("target").and_then(toml::Value::as_table);
        for target in targets.into_iter().flat_map(toml::Table::values).filter_map(toml::Value::as_table) {
            collect(target, &file.text, &mut dependencies);
        }
        Some(Self { path: file.path.clone(), package, dependencies })
    }
}

fn collect(table: &toml::Table, text: &str, dependencies: &mut Vec<Dependency>) {
    for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let named = table.get(kind).and_then(toml::Value::as_table).into_iter().flatten();
        for (name, value) in named {
            let package = value.get("package").and_then(toml::Value::as_str).unwrap_or(name).to_owned();
            let starts = |line: &str| line.trim_start().trim_start_matches('"').starts_with(name.as_str());
            let line = text.lines().position(starts).map_or(1, |place| place + 1);
            dependencies.push(Dependency { package, line, tests_only: kind == "dev-dependencies" });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_and_foreign_folders_are_left_out() {
        let root = tempfile::tempdir().unwrap();
        for path in ["target/debug", ".git", ".ci", "crates/store/src"] {
            fs::create_dir_all(root.path().join(path)).unwrap();
        }
        for path in ["target/debug/x.rs", ".git/config", ".ci/run", "crates/store/src/lib.rs", "Cargo.lock"] {
            fs::write(root.path().join(path), "//! x\n").unwrap();
        }
        fs::write(root.path().join("picture.png"), [0xff, 0xfe]).unwrap();
        let tree = Tree::read(root.path()).unwrap();
        let paths = tree.files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>();
        assert_eq!(paths, [".ci/run", "crates/store/src/lib.rs"]);
        assert_eq!(tree.rust.len(), 1);
    }

    #[test]
    fn dependencies_are_found_wherever_and_however_they_are_named() {
        let text = "[package]\nname = \"gate\"\n[dependencies]\nsql = { package = \"rusqlite\", version = \"1\" }\n\
            [dev-dependencies]\ntempfile = \"3\"\n[target.'cfg(unix)'.build-dependencies]\ncc = \"1\"\n";
        let tree =
            Tree::planted(&[("crates/gate/Cargo.toml", text), ("Cargo.toml", "[workspace]\nmembers = []\n")]);
        assert_eq!(tree.manifests.len(), 1, "the workspace itself is no package");
        let found = tree.manifests[0].dependencies.iter();
        let found = found.map(|it| (it.package.as_str(), it.line, it.tests_only)).collect::<Vec<_>>();
        assert_eq!(found, [("rusqlite", 4, false), ("tempfile", 6, true), ("cc", 8, false)]);
    }
}
