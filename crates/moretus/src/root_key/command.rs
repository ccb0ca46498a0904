//! A root key from a program of the operator's choice: one that asks a key management service or a hardware module.
//!
//! The program is started as it is, without a shell and without arguments; it gets a file on its standard input, if
//! one was named, and prints the root key's 64 digits. What it prints there is shown nowhere; its standard error is
//! ours.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

/// The most that is read of what it prints, and of the file that it gets.
const MOST_PRINTED: usize = 1_024;
const MOST_GIVEN: u64 = 64 * 1_024;
/// How often it is looked whether it has ended.
const LOOK: Duration = Duration::from_millis(10);

/// What the program prints. Errors say what is wrong and what to do, and nothing that it printed.
#[allow(
    clippy::disallowed_methods,
    reason = "the program is waited for in real time, and nothing else rests on it"
)]
pub(super) fn run(
    program: &Path,
    input: Option<&Path>,
    limit: Duration,
) -> Result<Zeroizing<String>, String> {
    let given = input.map(read).transpose()?;
    let mut child = Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("the program cannot be started: {}", error.kind()))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not want it closes its end: that is no fault. It may also wait before it reads.
        std::thread::spawn(move || given.map(|given| stdin.write_all(&given)));
    }
    let (told, printed) = mpsc::channel();
    if let Some(mut stdout) = child.stdout.take() {
        std::thread::spawn(move || {
            let _ = told.send(first_line(&mut stdout));
            // Whatever else it says is taken, so that it does not fail for want of a reader, and forgotten.
            let mut rest = Zeroizing::new([0; 256]);
            while stdout.read(rest.as_mut_slice()).is_ok_and(|count| count > 0) {}
        });
    }
    let begun = Instant::now();
    let printed = printed.recv_timeout(limit);
    let ended = printed.is_ok() && ends(&mut child, limit.saturating_sub(begun.elapsed()));
    if !ended {
        // It may have ended in this moment; then there is nothing to end.
        let _ = child.kill();
    }
    let status = child.wait().map_err(|error| error.kind().to_string())?;
    if !ended {
        return Err(format!("the program did not end within {} seconds, and was ended", limit.as_secs()));
    }
    if !status.success() {
        return Err(format!("the program ended with {status}: see what it said on standard error"));
    }
    let unreadable = || gate::NO_ROOT_KEY.to_owned();
    let printed = printed.map_err(|_| unreadable())?.map_err(|error| error.kind().to_string())?;
    if printed.len() >= MOST_PRINTED {
        return Err(unreadable());
    }
    std::str::from_utf8(&printed).map(|text| Zeroizing::new(text.to_owned())).map_err(|_| unreadable())
}

/// What it prints up to the end of the line: what it has started itself may hold the other end open for longer.
/// Byte by byte, so that no buffer keeps a key.
fn first_line(stdout: &mut impl Read) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let mut text = Zeroizing::new(Vec::with_capacity(MOST_PRINTED));
    let mut byte = Zeroizing::new([0]);
    while text.len() < MOST_PRINTED && stdout.read(byte.as_mut_slice())? == 1 && *byte != *b"\n" {
        text.extend_from_slice(byte.as_slice());
    }
    Ok(text)
}

/// Whether it ends by itself in time.
fn ends(child: &mut Child, limit: Duration) -> bool {
    let looks = limit.as_millis() / LOOK.as_millis().max(1);
    for _ in 0..=looks {
        if !matches!(child.try_wait(), Ok(None)) {
            return true;
        }
        std::thread::sleep(LOOK);
    }
    false
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    let unreadable = |error: std::io::Error| format!("cannot read `{}`: {}", path.display(), error.kind());
    let mut given = Zeroizing::new(Vec::new());
    std::fs::File::open(path)
        .and_then(|file| file.take(MOST_GIVEN).read_to_end(&mut given))
        .map_err(unreadable)?;
    Ok(given)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    fn script(folder: &Path, text: &str) -> std::path::PathBuf {
        let path = folder.join("program");
        std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
        path
    }

    fn ran(text: &str, input: Option<&str>) -> Result<String, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("wrapped");
        std::fs::write(&file, input.unwrap_or_default()).unwrap();
        let program = script(folder.path(), text);
        let printed = run(&program, input.map(|_| file.as_path()), Duration::from_secs(5))?;
        Ok((*printed).clone())
    }

    #[test]
    fn a_program_prints_the_key_or_unwraps_what_it_gets() {
        assert_eq!(ran(&format!("echo {KEY}"), None).unwrap().trim(), KEY);
        assert_eq!(ran("rev", Some(KEY)).unwrap().trim(), KEY.chars().rev().collect::<String>());
        assert_eq!(ran(&format!("exec <&-; echo {KEY}"), Some(&"x".repeat(60_000))).unwrap().trim(), KEY);
    }

    #[test]
    fn a_program_that_fails_says_so_and_nothing_of_what_it_printed() {
        let error = ran(&format!("echo {KEY}; exit 3"), None).unwrap_err();
        assert!(error.contains("exit status: 3") && !error.contains("0011"), "{error}");
        let folder = tempfile::tempdir().unwrap();
        let gone = run(&folder.path().join("gone"), None, Duration::from_secs(5)).unwrap_err();
        assert!(gone.contains("cannot be started"), "{gone}");
        let program = script(folder.path(), "echo x");
        let missing = run(&program, Some(&folder.path().join("gone")), Duration::from_secs(5)).unwrap_err();
        assert!(missing.contains("cannot read"), "{missing}");
        assert!(ran("exec head -c 100000 /dev/zero", None).is_err(), "no more is read than a key needs");
    }

    #[test]
    fn what_it_leaves_running_keeps_nobody_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let program = script(folder.path(), &format!("sleep 60 & echo {KEY}"));
        let printed = run(&program, None, Duration::from_secs(30)).unwrap();
        assert_eq!(*printed, KEY);
        assert_eq!(ran(&format!("echo {KEY}; sleep 0.2; echo done"), None).unwrap(), KEY);
    }

    #[test]
    fn a_program_that_hangs_is_ended() {
        let folder = tempfile::tempdir().unwrap();
        let printed = format!("echo {KEY}; exec sleep 60");
        for text in ["exec sleep 60", "exec >&-; exec sleep 60", &printed] {
            let program = script(folder.path(), text);
            let error = run(&program, None, Duration::from_millis(200)).unwrap_err();
            assert!(error.contains("was ended"), "{error}");
        }
    }
}
