//! A private PostgreSQL cluster for one run of the tests: made in a temporary folder, reachable on
//! the loopback address alone with a password of its own, gone when the guard is dropped.
//!
//! It touches no cluster that the machine already has. Durability settings stay as shipped
//! (`fsync` on), because the tests are about durability too.

use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::failure::Failure;
use crate::workspace::{self, check, ended, is_root, not_started, output};

const START_LIMIT: Duration = Duration::from_secs(60);
const STOP_LIMIT: Duration = Duration::from_secs(20);
/// Tests run in parallel, each with a database and pools of its own.
const CONNECTIONS: u32 = 400;
/// A free port may be taken between the look and the start; then another is tried.
const PORT_TRIES: u32 = 3;

/// The layer of a slower disk in a cluster's folder, where there is one.
const LAYER: &str = "slow_sync.so";

/// A running server. Dropping it stops the server and removes its files; should this program be
/// killed instead, the kernel sends the server the stop signal (`setpriv --pdeathsig`).
pub(crate) struct Cluster {
    server: Child,
    folder: TempDir,
    url: String,
}

impl Cluster {
    /// Makes a cluster and waits until it answers, at most a minute.
    pub(crate) fn start() -> Result<Self, Failure> {
        Self::start_in(folder()?)
    }

    /// The same over the layer of a slower disk, which is compiled from this source into the cluster's folder
    /// and idle until somebody makes the file `slow` there.
    pub(crate) fn start_over(layer: &Path) -> Result<Self, Failure> {
        let folder = folder()?;
        let mut compiler = Command::new("cc");
        compiler.args(["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o"]);
        check(compiler.arg(folder.path().join(LAYER)).arg(layer).arg("-ldl"))?;
        Self::start_in(folder)
    }

    fn start_in(folder: TempDir) -> Result<Self, Failure> {
        let binaries =
            binaries().ok_or_else(|| Failure::Refused("PostgreSQL is not installed".to_owned()))?;
        let password = password()?;
        initialise(&binaries, folder.path(), &password)?;
        for _ in 1..PORT_TRIES {
            if let Ok((server, port)) = serve(&binaries, folder.path()) {
                return Ok(Self::new(server, folder, &password, port));
            }
        }
        let (server, port) = serve(&binaries, folder.path())?;
        Ok(Self::new(server, folder, &password, port))
    }

    fn new(server: Child, folder: TempDir, password: &str, port: u16) -> Self {
        let url = format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres");
        Self { server, folder, url }
    }

    /// Its folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// `postgres://` address of a database whose user may create databases.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        stop(&mut self.server);
    }
}

/// Interrupt means a fast shutdown to PostgreSQL: clients are cut, files are left clean.
fn stop(server: &mut Child) {
    let asked = Command::new("kill").args(["-INT", &server.id().to_string()]).status();
    let deadline = Instant::now() + STOP_LIMIT;
    while asked.as_ref().is_ok_and(|status| status.success()) && Instant::now() < deadline {
        if !matches!(server.try_wait(), Ok(None)) {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
    // Nothing better is left than the hard way, and a failure of it has nowhere to go.
    let _ = server.kill();
    let _ = server.wait();
}

/// The folder of `initdb` and `postgres`: the newest that Debian has installed, or the one on the path.
pub(crate) fn binaries() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| {
            entry.file_name().to_string_lossy().parse::<u32>().ok().map(|version| (version, entry.path()))
        })
        .map(|(version, path)| (version, path.join("bin")))
        .filter(|(_, path)| path.join("initdb").is_file())
        .max();
    if let Some((_, path)) = newest {
        return Some(path);
    }
    let asked =
        workspace::has_program("pg_config").then(|| output(Command::new("pg_config").arg("--bindir")).ok());
    asked.flatten().map(|path| PathBuf::from(path.trim())).filter(|path| path.join("initdb").is_file())
}

/// A folder that the server's user owns and nobody else reads.
fn folder() -> Result<TempDir, Failure> {
    let folder = tempfile::Builder::new()
        .prefix("moretus-postgres-")
        .tempdir()
        .map_err(Failure::io("make a folder in", &std::env::temp_dir()))?;
    if is_root() {
        let identity = |flag: &str| -> Result<u32, Failure> {
            let mut command = Command::new("id");
            let text = output(command.args([flag, "postgres"]))?;
            text.trim().parse().map_err(|_| ended(&command, "it gave no number"))
        };
        chown(folder.path(), Some(identity("-u")?), Some(identity("-g")?))
            .map_err(Failure::io("give user postgres", folder.path()))?;
    }
    Ok(folder)
}

fn password() -> Result<String, Failure> {
    let source = Path::new("/dev/urandom");
    let mut bytes = [0_u8; 16];
    fs::File::open(source)
        .and_then(|mut file| file.read_exact(&mut bytes))
        .map_err(Failure::io("read", source))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A program of PostgreSQL, which refuses to run as root: then it becomes user `postgres`.
fn program(binaries: &Path, name: &str, folder: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "INT"]);
    if is_root() {
        command.args(["--reuid", "postgres", "--regid", "postgres", "--init-groups"]);
    }
    command.arg(binaries.join(name)).current_dir(folder).stdin(Stdio::null());
    command
}

fn initialise(binaries: &Path, folder: &Path, password: &str) -> Result<(), Failure> {
    let secret = folder.join("password");
    fs::write(&secret, password).map_err(Failure::io("write", &secret))?;
    // The folder itself is closed to others, and only the server's user must read this once.
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o644)).map_err(Failure::io("open", &secret))?;
    let mut command = program(binaries, "initdb", folder);
    command.args(["-D", "data", "-U", "postgres", "-A", "scram-sha-256", "--pwfile", "password"]);
    command.args(["--encoding", "UTF8", "--locale", "C", "--no-sync"]);
    output(&mut command)?;
    fs::remove_file(&secret).map_err(Failure::io("remove", &secret))
}

fn serve(binaries: &Path, folder: &Path) -> Result<(Child, u16), Failure> {
    let port =
        free_port().map_err(|source| Failure::Io { what: "cannot find a free port".to_owned(), source })?;
    let log = folder.join("server.log");
    let file = fs::File::create(&log).map_err(Failure::io("write", &log))?;
    let mut command = program(binaries, "postgres", folder);
    let layer = folder.join(LAYER);
    if layer.is_file() {
        command.env("LD_PRELOAD", layer).env("SLOW_SYNC_SWITCH", folder.join("slow"));
    }
    command.args(["-D", "data", "-p", &port.to_string()]);
    for setting in ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=on", "timezone=UTC"] {
        command.args(["-c", setting]);
    }
    command.args(["-c", &format!("max_connections={CONNECTIONS}")]);
    command.stdout(Stdio::null()).stderr(file);
    let mut server = command.spawn().map_err(|source| not_started(&command, source))?;
    if wait_until_ready(binaries, port, &mut server) {
        return Ok((server, port));
    }
    stop(&mut server);
    let said = fs::read_to_string(&log).unwrap_or_default();
    let last =
        said.lines().rev().take(10).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n  ");
    Err(ended(&command, &format!("PostgreSQL did not start; its log says:\n  {last}")))
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn wait_until_ready(binaries: &Path, port: u16, server: &mut Child) -> bool {
    let deadline = Instant::now() + START_LIMIT;
    while Instant::now() < deadline && matches!(server.try_wait(), Ok(None)) {
        let mut ask = Command::new(binaries.join("pg_isready"));
        ask.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]);
        if ask.status().is_ok_and(|status| status.success()) {
            return true;
        }
        thread::sleep(Duration::from_millis(100));
    }
    false
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn the_server_answers_only_its_password_and_goes_with_its_guard() {
        let cluster = Cluster::start().unwrap();
        let binaries = binaries().unwrap();
        let ask = |url: &str| {
            let mut psql = Command::new(binaries.join("psql"));
            psql.args(["-w", "-At", url, "-c", "SHOW fsync"]).stderr(Stdio::null()).output().unwrap()
        };
        assert_eq!(ask(cluster.url()).stdout, b"on\n");
        let address = cluster.url().split_once('@').unwrap().1.to_owned();
        assert!(!ask(&format!("postgres://postgres:wrong@{address}")).status.success());

        let folder = cluster.folder().to_path_buf();
        drop(cluster);
        let port = address.split_once('/').unwrap().0;
        assert!(TcpStream::connect(port).is_err(), "the server still listens");
        assert!(!folder.exists());
    }
}
