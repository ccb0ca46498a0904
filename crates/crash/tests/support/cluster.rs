//! A PostgreSQL server of the test's own, to be killed: made in a temporary folder, on the loopback address,
//! with durability as shipped. It goes with its guard.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A server. Its programs refuse to run as root and then run as the user `postgres`.
pub(crate) struct Cluster {
    folder: tempfile::TempDir,
    binaries: PathBuf,
    port: u16,
}

impl Cluster {
    /// Makes a cluster and starts it.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        if is_root() {
            let id = |flag: &str| output(Command::new("id").args([flag, "postgres"])).trim().parse().unwrap();
            chown(folder.path(), Some(id("-u")), Some(id("-g"))).unwrap();
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let cluster = Self { folder, binaries: binaries(), port };
        output(cluster.program("initdb").args([
            "-D",
            "data",
            "-U",
            "postgres",
            "-A",
            "trust",
            "--no-sync",
            "--locale",
            "C",
            "--encoding",
            "UTF8",
        ]));
        cluster.start_again();
        cluster
    }

    /// Starts the server, which first recovers from what its log says, and waits until it answers.
    pub(crate) fn start_again(&self) {
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=on -c synchronous_commit=on -c timezone=UTC",
            self.port
        );
        output(
            self.program("pg_ctl")
                .args(["-D", "data", "-w", "-t", "60", "-l", "log", "-o", &options, "start"]),
        );
    }

    /// Kills the server's first process (SIGKILL); the others end when they find it gone. Then waits until
    /// they have, since the server does not start again beside them.
    pub(crate) fn kill(&self) {
        let lock = self.folder.path().join("data/postmaster.pid");
        let file = std::fs::read_to_string(&lock).unwrap();
        let process = file.lines().next().unwrap().trim().to_owned();
        let memory = file.lines().nth(6).and_then(|line| line.split_whitespace().nth(1)).unwrap().to_owned();
        output(Command::new("kill").args(["-KILL", &process]));
        for _ in 0..600 {
            if attached(&memory) == 0 {
                // Where nobody collects the ended process, its number looks alive for ever.
                std::fs::remove_file(&lock).unwrap();
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the processes of a killed server did not end in 30 s");
    }

    /// The address of its first database.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn program(&self, name: &str) -> Command {
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid", "postgres", "--regid", "postgres", "--init-groups"])
                .arg(self.binaries.join(name));
            command
        } else {
            Command::new(self.binaries.join(name))
        };
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // What does not stop is left to the end of the test's process; there is nobody to tell.
        let _ = self.program("pg_ctl").args(["-D", "data", "-m", "immediate", "stop"]).output();
    }
}

/// How many processes are attached to a segment of System V shared memory, which is how PostgreSQL itself
/// sees whether an earlier server's processes live.
fn attached(memory: &str) -> u64 {
    let segments = std::fs::read_to_string("/proc/sysvipc/shm").unwrap();
    let of = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        (words.get(1) == Some(&memory)).then(|| words.get(6)?.parse().ok()).flatten()
    };
    segments.lines().find_map(of).unwrap_or(0)
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

/// Where the server's programs are: the newest that Debian has installed, or what `pg_config` says.
fn binaries() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| {
            Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin")))
        })
        .filter(|(_, path)| path.join("initdb").is_file())
        .max();
    newest.map_or_else(
        || Path::new(output(Command::new("pg_config").arg("--bindir")).trim()).to_owned(),
        |(_, path)| path,
    )
}

/// What a command printed; it must end well. Output of what it leaves running goes nowhere.
fn output(command: &mut Command) -> String {
    let done = command.stderr(Stdio::null()).output().unwrap();
    assert!(done.status.success(), "{command:?}: {}", done.status);
    String::from_utf8(done.stdout).unwrap()
}
