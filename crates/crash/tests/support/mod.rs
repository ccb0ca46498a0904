//! What the tests share: starting a workload, killing it at a seeded moment, and auditing what is left.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stderr,
    dead_code,
    reason = "helpers of tests, not every one of which uses all of them"
)]

pub(crate) mod cluster;

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crash::{Audit, Consent, Found, Said, Site};
use store::Location;

/// Between two openings of a site its clock moves so far ahead that leases of the killed have run out.
pub(crate) const STEP_S: i64 = 150;
/// Rounds after which a new site is taken: an audit reads all that there is, and some rounds leave millions of
/// entries.
pub(crate) const ROUNDS_A_SITE: u64 = 25;
/// How long a workload may take to its first acknowledgement.
const FIRST_WORD: Duration = Duration::from_secs(120);

/// Kills over both databases: `MORETUS_KILLS`, 21 when it is not set.
fn kills() -> u64 {
    number("MORETUS_KILLS", 21)
}

/// Of all kills, those of the program on SQLite: five of seven.
pub(crate) fn kills_on_sqlite() -> u64 {
    (kills() * 5).div_ceil(7)
}

/// Those of the program on PostgreSQL, and as many again of the PostgreSQL server: one of seven each.
pub(crate) fn kills_on_postgres() -> u64 {
    kills().div_ceil(7)
}

/// Power cuts, on SQLite, beside the kills: a quarter as many as its kills.
pub(crate) fn power_cuts() -> u64 {
    kills_on_sqlite().div_ceil(4)
}

/// The seed: `MORETUS_SEED`, 1 when it is not set.
pub(crate) fn seed() -> u64 {
    number("MORETUS_SEED", 1)
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable)
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("`{variable}` is no number")))
}

/// The number of this round, mixed well: SplitMix64.
pub(crate) fn drawn(seed: u64, round: u64) -> u64 {
    let mut value = seed
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(round.wrapping_add(1).wrapping_mul(0xbf58_476d_1ce4_e5b9));
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// A site in a folder of its own, and what was said about it.
pub(crate) struct Bench {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) location: Location,
    pub(crate) seed: u64,
    /// How far the site's clock is ahead, in seconds.
    ahead_s: i64,
    pub(crate) said: Said,
    /// From each start of the program to its first acknowledgement, and of the server until it takes connections.
    pub(crate) ready: Vec<Duration>,
    audit: Audit,
    program: PathBuf,
}

impl Bench {
    /// A fresh site. Without a location, SQLite in its data directory.
    pub(crate) async fn new(location: Option<Location>, seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let location = location.unwrap_or_else(|| Location::Sqlite { directory: data.clone() });
        crash::prepare(&data, &location, seed).await.unwrap();
        let program = PathBuf::from(env!("CARGO_BIN_EXE_workload"));
        let (said, ready, audit) = (Said::default(), Vec::new(), Audit::default());
        Self { folder, location, seed, ahead_s: 0, said, ready, audit, program }
    }

    /// The site's data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Another program in place of the workload.
    pub(crate) fn run_instead(&mut self, program: PathBuf) {
        self.program = program;
    }

    /// Starts the workload and waits for its first word.
    pub(crate) fn start(&mut self, environment: &[(&str, &Path)]) -> Running {
        self.ahead_s += STEP_S;
        let mut command = Command::new(&self.program);
        command.arg("--data").arg(self.data()).args(["--seed", &self.seed.to_string()]);
        command.args(["--ahead-s", &self.ahead_s.to_string()]).envs(environment.iter().copied());
        if let Location::Postgres { url } = &self.location {
            command.args(["--db", url]);
        }
        let begun = Instant::now();
        let running = Running::new(command);
        self.ready.push(begun.elapsed());
        running
    }

    /// The site, open, with its clock ahead of all that was done on it.
    pub(crate) async fn site(&mut self) -> Site {
        self.ahead_s += STEP_S;
        Site::open(&self.data(), &self.location, self.seed, self.ahead_s).await.unwrap()
    }

    /// Plants something in the database while no program has it open.
    pub(crate) async fn past_the_program(
        &self,
        plant: impl FnMut(&mut store::Unit<'_>) -> Result<(), store::StoreError> + Send + 'static,
    ) {
        let store = store::Store::open(&self.location).await.unwrap();
        store.write(plant).await.unwrap();
        store.close().await.unwrap();
    }

    /// Holds the site to everything that was said so far.
    pub(crate) async fn audit(&mut self) -> Found {
        let site = self.site().await;
        let found = self.audit.audit(&site, &self.said).await.unwrap();
        site.app.store().close().await.unwrap();
        found
    }
}

/// A workload that runs, and whose words are being read.
pub(crate) struct Running {
    child: Child,
    reader: Option<std::thread::JoinHandle<String>>,
}

impl Running {
    fn new(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let (begun, first) = mpsc::channel();
        let reader = std::thread::spawn(move || {
            let mut text = String::new();
            // What is only begun is no acknowledgement.
            let mut line = String::new();
            let begins = |line: &str| line.starts_with("erases ") || line.ends_with(" wavers\n");
            while output.read_line(&mut line).unwrap() > 0 && begins(&line) {
                text.push_str(&std::mem::take(&mut line));
            }
            text.push_str(&line);
            let _ = begun.send(());
            output.read_to_string(&mut text).unwrap();
            text
        });
        if first.recv_timeout(FIRST_WORD).is_err() {
            let _ = child.kill();
            panic!("the workload acknowledged nothing in {} s", FIRST_WORD.as_secs());
        }
        Self { child, reader: Some(reader) }
    }

    /// Kills it (SIGKILL) after so long, and gives all that it has said.
    pub(crate) fn kill_after(mut self, pause: Duration) -> Said {
        std::thread::sleep(pause);
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        assert!(!status.success() && status.code().is_none(), "it ended before it was killed: {status}");
        Said::read(&self.reader.take().unwrap().join().unwrap()).unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A test that failed leaves nothing running; what is gone already cannot be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What all rounds came to, counted over the sites that they used.
#[derive(Debug, Default)]
pub(crate) struct Total {
    claims: usize,
    released: usize,
    withdrawn: usize,
    erased: usize,
    ready: Vec<Duration>,
}

impl Total {
    /// Adds what was said on this site.
    pub(crate) fn add(&mut self, bench: &Bench) {
        self.claims += bench.said.claims.len();
        self.released += bench.said.released.len();
        let withdrawn = |(_, consent): &&(_, Consent)| *consent == Consent::Withdrawn;
        self.withdrawn += bench.said.consents.iter().filter(withdrawn).count();
        self.erased += bench.said.erased.len();
        self.ready.extend(&bench.ready);
    }

    /// Whether there was enough load to prove anything: of what is done often more than the rounds, and some of what is not.
    pub(crate) fn proves(&self, rounds: u64) -> bool {
        self.claims.min(self.released) as u64 > rounds && self.withdrawn > 0
    }

    /// Whether an erasure was acknowledged. On PostgreSQL one overwrites where the keys were, which takes longer than most rounds.
    pub(crate) fn has_erased(&self) -> bool {
        self.erased > 0
    }

    /// Tells it: on standard error, and to the file `MORETUS_FIGURES`, if it is set.
    pub(crate) fn tell(mut self, what: &str) {
        self.ready.sort_unstable();
        let at = |part: usize| {
            let place = self.ready.len().saturating_sub(1) * part / 100;
            self.ready.get(place).copied().unwrap_or_default().as_secs_f64()
        };
        let line = format!(
            "{what}: {} claims acknowledged, {} values released, {} consents taken back, {} classes erased; ready after {:.2} s \
             (half), {:.2} s (99 of 100), {:.2} s (all)",
            self.claims,
            self.released,
            self.withdrawn,
            self.erased,
            at(50),
            at(99),
            at(100)
        );
        eprintln!("{line}");
        if let Some(path) = std::env::var_os("MORETUS_FIGURES") {
            let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
            writeln!(file, "{line}").unwrap();
        }
    }
}

/// 20 to 400 ms, from the seed.
pub(crate) fn moment(seed: u64, round: u64) -> Duration {
    Duration::from_millis(20 + drawn(seed, round) % 381)
}
