//! Files of a site: written whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::report::Error;

/// Writes a file so that it is there whole and durable, or not at all. A device or a pipe is written to as it
/// is: putting a file in its place would destroy it.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    put(path, bytes, None).map_err(|error| unwritten(path, &error))
}

/// As [`write`], readable to its owner alone.
pub(crate) fn write_secret(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    put(path, bytes, Some(0o600)).map_err(|error| unwritten(path, &error))
}

fn unwritten(path: &Path, error: &std::io::Error) -> Error {
    format!("cannot write `{}`: {}", path.display(), error.kind()).into()
}

fn put(path: &Path, bytes: &[u8], rights: Option<u32>) -> std::io::Result<()> {
    match std::fs::metadata(path) {
        Ok(found) if !found.is_file() => OpenOptions::new().write(true).open(path)?.write_all(bytes),
        // What a link leads to is replaced, not the link.
        Ok(_) => replace(&std::fs::canonicalize(path)?, bytes, rights),
        Err(_) => replace(path, bytes, rights),
    }
}

fn replace(path: &Path, bytes: &[u8], rights: Option<u32>) -> std::io::Result<()> {
    let unfinished = path.with_extension("unfinished");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, rights.unwrap_or(0o666));
    let mut file = options.open(&unfinished)?;
    if let Some(rights) = rights {
        // One that an interrupted run left may have other rights.
        set_rights(&unfinished, rights)?;
    }
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&unfinished, path)?;
    File::open(folder_of(path))?.sync_all()
}

/// Puts a file where there is none, whole and durable, readable to its owner alone; answers whether it did. What is there stays as
/// it is, and is durable under this name when this answers: an interrupted run may have left it.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<bool, Error> {
    put_new(path, bytes).map_err(|error| unwritten(path, &error))
}

fn put_new(path: &Path, bytes: &[u8]) -> std::io::Result<bool> {
    let unfinished = path.with_extension("unfinished");
    // One that an interrupted run left.
    match std::fs::remove_file(&unfinished) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    // Renaming would put it in the place of what is there; a second name is refused where there is one.
    let named = std::fs::hard_link(&unfinished, path);
    std::fs::remove_file(&unfinished)?;
    let is_new = match named {
        Ok(()) => true,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => false,
        Err(error) => return Err(error),
    };
    File::open(folder_of(path))?.sync_all()?;
    Ok(is_new)
}

/// Refuses a place for a file whose folder is not there, before anything is done for it.
pub(crate) fn must_have_folder(path: &Path) -> Result<(), Error> {
    let folder = folder_of(path);
    if folder.is_dir() {
        return Ok(());
    }
    Err(format!("there is no folder `{}` to write `{}` to: make it first", folder.display(), path.display())
        .into())
}

/// Sets who may do what with a file or folder, where the system has such rights.
pub(crate) fn set_rights(path: &Path, rights: u32) -> std::io::Result<()> {
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(rights))?;
    Ok(())
}

/// Whether anyone but the owner may do anything with a folder, where the system has such rights.
pub(crate) fn is_open_to_others(path: &Path) -> bool {
    #[cfg(unix)]
    let others = |found: std::fs::Metadata| std::os::unix::fs::MetadataExt::mode(&found) & 0o077 != 0;
    #[cfg(not(unix))]
    let others = |_: std::fs::Metadata| false;
    std::fs::metadata(path).is_ok_and(others)
}

/// Refuses a file that says what to run, or is run, and that somebody could have written who is neither the owner of
/// the data directory nor the administrator.
pub(crate) fn must_be_owned(path: &Path, data: &Path) -> Result<(), Error> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let read = |path: &Path| std::fs::metadata(path).map_err(|error| unreadable(path, &error));
        let (found, owner) = (read(path)?, read(data)?.uid());
        if found.mode() & 0o022 != 0 || (found.uid() != 0 && found.uid() != owner) {
            return Err(format!(
                "`{}` decides what is run, and others than the owner of `{}` can write it: have it belong to that owner or to root, with the rights of others taken away (`chmod go-w`)",
                path.display(),
                data.display()
            )
            .into());
        }
    }
    Ok(())
}

/// The folder that a file is in; a bare name is in the one where the program runs.
fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// Reads a text file that may be missing. Only a missing file is none: one that cannot be read is an error.
pub(crate) fn read_if_there(path: &Path) -> Result<Option<String>, Error> {
    match std::fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        read => read.map(Some).map_err(|error| unreadable(path, &error)),
    }
}

/// Reads a text file; `-` is standard input.
pub(crate) fn read_text(path: &Path) -> Result<String, Error> {
    let read = if is_standard(path) {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(path)
    };
    read.map_err(|error| unreadable(path, &error))
}

/// The error that a file or folder cannot be read.
pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    let problem = match error.kind() {
        ErrorKind::InvalidData => "it is no UTF-8 text: save it as UTF-8".to_owned(),
        ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        kind => kind.to_string(),
    };
    format!("cannot read `{}`: {problem}", name(path)).into()
}

/// What a file is called to people.
pub(crate) fn name(path: &Path) -> String {
    if is_standard(path) { "standard input".to_owned() } else { path.display().to_string() }
}

/// Whether standard input or output is meant.
pub(crate) fn is_standard(path: &Path) -> bool {
    path == Path::new("-")
}

/// The files of a folder with one of these endings, by name, with their text.
pub(crate) fn read_folder(folder: &Path, endings: &[&str]) -> Result<Vec<(String, String)>, Error> {
    let unreadable = |error: std::io::Error| unreadable(folder, &error);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let is_wanted = path.extension().is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted));
        if let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|_| is_wanted) {
            files.push((name.to_owned(), read_text(&path)?));
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_takes_the_place_of_nothing_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one.pdf");
        std::fs::write(path.with_extension("unfinished"), "half of").unwrap();
        assert!(write_new(&path, b"first").unwrap());
        assert!(!is_open_to_others(&path), "it is its owner's alone");
        assert!(!write_new(&path, b"second").unwrap());
        assert_eq!(std::fs::read(&path).unwrap(), b"first");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing unfinished is left");
        let gone = folder.path().join("gone/one.pdf");
        assert!(write_new(&gone, b"x").unwrap_err().to_string().contains("cannot write"));
        assert!(must_have_folder(&gone).unwrap_err().to_string().contains("make it first"));
        assert!(must_have_folder(Path::new("bare.pdf")).is_ok());
    }
}
