//! `moretus serve` as a process: it serves, stops in order when told to, outlives a lost database, takes a new root
//! key without a restart, is ready soon after it was killed, and tells the officer what was opened in an emergency.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, reason = "tests wait, and read the clock")]

#[path = "serve/killed.rs"]
mod killed;
#[path = "serve/officer.rs"]
mod officer;
mod support;
#[path = "serve/withdrawal.rs"]
mod withdrawal;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use store::Location;
use store::testing::Scratch;
use support::{Answer, TestSite, ask};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(60);

struct Process {
    child: Child,
    base: String,
}

impl Process {
    fn start(data: &Path, db: Option<&str>) -> Self {
        Self::start_logging(data, db, Stdio::inherit())
    }

    /// Starts it with its own log going there.
    fn start_logging(data: &Path, db: Option<&str>, log: Stdio) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_moretus"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data);
        if let Some(db) = db {
            command.args(["--db", db]);
        }
        command.env("RUST_LOG", "moretus=info").stderr(log);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let base = line
            .split_whitespace()
            .find(|word| word.starts_with("http://"))
            .expect("it says where")
            .to_owned();
        Self { child, base }
    }

    fn get(&self, path: &str, token: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        ask("GET", &format!("{}{path}", self.base), &[("authorization", &bearer)], None).unwrap()
    }

    fn post_claim(&self, site: &TestSite, id: &str) -> Answer {
        send_claim(&self.base, site, id).unwrap()
    }

    /// Asks it to end as an operator's system does, and waits.
    fn terminate(mut self) -> ExitStatus {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(asked.success());
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.child.kill().unwrap();
        panic!("it did not end");
    }
}

impl Drop for Process {
    /// What a test that failed leaves would hold up whoever waits for its output.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a claim to whatever listens there, if anything does.
fn send_claim(base: &str, site: &TestSite, id: &str) -> Result<Answer, ureq::Error> {
    let bearer = format!("Bearer {}", site.intake);
    let headers = [
        ("authorization", bearer.as_str()),
        ("idempotency-key", id),
        ("content-type", "application/fhir+json"),
    ];
    ask("POST", &format!("{base}{}", site.claims_path()), &headers, Some(&site.claim(id, "40.00")))
}

fn verify_log(data: &Path, db: Option<&str>) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moretus"));
    command.args(["log", "verify", "--data"]).arg(data);
    if let Some(db) = db {
        command.args(["--db", db]);
    }
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

/// Waits until the server answers a path with a status.
fn wait_for(process: &Process, path: &str, token: &str, status: u16) -> Answer {
    let begun = Instant::now();
    loop {
        let answer = process.get(path, token);
        if answer.status == status {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "{path} still answers {}: {}", answer.status, answer.body);
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Serves a site, reads and writes, ends it, and verifies what it left.
fn serves_and_ends_in_order(data: &Path, db: Option<&str>, site: &TestSite) {
    let process = Process::start(data, db);
    let cover = process.get(&site.cover_path(), &site.staff);
    assert_eq!(cover.status, 200, "{}", cover.body);
    for number in 0..5 {
        let answer = process.post_claim(site, &format!("order-{number}"));
        assert_eq!(answer.status, 202, "{}", answer.body);
    }
    assert!(process.terminate().success(), "an orderly end is no failure");
    let said = verify_log(data, db);
    assert!(said.contains("0 committed entries not sealed yet"), "the last seal was made: {said}");

    let again = Process::start(data, db);
    let answer = again.post_claim(site, "order-0");
    assert_eq!(answer.status, 202, "the same request gets its answer after a restart: {}", answer.body);
    assert!(again.terminate().success());
}

/// The root key is changed while a server reads and takes claims in: no request fails, and the server gets the new
/// one by itself.
fn takes_a_new_root_key_while_it_works(data: &Path, db: Option<&str>, site: &TestSite) {
    let process = Process::start(data, db);
    let mut rotate = Command::new(env!("CARGO_BIN_EXE_moretus"));
    rotate.args(["keys", "rotate", "--data"]).arg(data);
    if let Some(db) = db {
        std::fs::write(data.join("database"), db).unwrap();
    }
    let works = |number: usize| {
        let cover = process.get(&site.cover_path(), &site.staff);
        assert_eq!(cover.status, 200, "{}", cover.body);
        assert!(cover.body.contains(&site.name), "{}", cover.body);
        let claim = process.post_claim(site, &format!("rotated-{number}"));
        assert_eq!(claim.status, 202, "{}", claim.body);
    };
    works(0);
    let mut rotating = rotate.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    let mut during = 0;
    while rotating.try_wait().unwrap().is_none() {
        during += 1;
        works(during);
    }
    assert!(rotating.wait().unwrap().success() && during > 0);
    works(during + 1);
    let remembered = std::fs::read_to_string(data.join("root.sources")).unwrap();
    let new = remembered.trim().strip_prefix("file:").unwrap();
    assert!(new.starts_with("root-") && data.join(new).exists(), "one source, a new file: {remembered}");
    // The former one is put away.
    std::fs::remove_file(data.join("root.key")).unwrap();
    works(during + 2);
    assert!(process.terminate().success());
    verify_log(data, db);
    let again = Process::start(data, db);
    assert_eq!(again.get(&site.cover_path(), &site.staff).status, 200);
    assert!(again.terminate().success());
}

mod sqlite {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn the_officer_is_told_at_once_and_when_the_mail_server_is_back() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Sqlite { directory: folder.path().to_path_buf() };
        let site = support::make(folder.path(), &location).await;
        officer::is_told_at_once_and_when_the_mail_server_is_back(folder.path(), None, &site);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_officer_is_told_once_by_two_servers_and_again_by_the_same_id() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Sqlite { directory: folder.path().to_path_buf() };
        let site = support::make(folder.path(), &location).await;
        officer::is_told_once_by_two_servers_and_again_by_the_same_id(folder.path(), &location, &site).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_officer_is_told_over_tls_by_whom_the_authority_vouches_for() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Sqlite { directory: folder.path().to_path_buf() };
        let site = support::make(folder.path(), &location).await;
        officer::is_told_over_tls_by_whom_the_authority_vouches_for(folder.path(), &site).await;
        officer::has_one_address(folder.path(), &site);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_server_takes_a_new_root_key_while_it_works() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Sqlite { directory: folder.path().to_path_buf() };
        let site = support::make(folder.path(), &location).await;
        takes_a_new_root_key_while_it_works(folder.path(), None, &site);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_server_ends_in_order_and_leaves_a_log_that_verifies() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Sqlite { directory: folder.path().to_path_buf() };
        let site = support::make(folder.path(), &location).await;
        serves_and_ends_in_order(folder.path(), None, &site);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_server_that_was_killed_is_ready_again_and_lost_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Sqlite { directory: folder.path().to_path_buf() };
        let site = support::make(folder.path(), &location).await;
        killed::is_ready_again_and_lost_nothing(folder.path(), None, &site);
    }

    /// Two processes on one file: they take turns to write, and either sees at once what the other has committed.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_consent_taken_back_opens_nothing_on_either_of_two_servers() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Sqlite { directory: folder.path().to_path_buf() };
        let site = support::make_with(folder.path(), &location, withdrawal::with_consent).await;
        withdrawal::taken_back_it_opens_nothing_on_either(folder.path(), None, &site);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_log_that_goes_to_a_file_has_no_colours() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Sqlite { directory: folder.path().to_path_buf() };
        support::make(folder.path(), &location).await;
        let log = folder.path().join("log.txt");
        let process =
            Process::start_logging(folder.path(), None, std::fs::File::create(&log).unwrap().into());
        assert_eq!(process.get("/health", "none").status, 200);
        assert!(process.terminate().success());
        let text = std::fs::read_to_string(log).unwrap();
        assert!(text.contains("/health") && !text.contains('\u{1b}'), "{text}");
    }
}

mod postgres {
    use super::*;
    use crate::support::relay::Relay;

    async fn site(folder: &Path) -> (Scratch, String, TestSite) {
        let scratch = Scratch::postgres().await.unwrap();
        let Location::Postgres { url } = scratch.location().clone() else { panic!("not PostgreSQL") };
        let site = support::make(folder, scratch.location()).await;
        (scratch, url, site)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_officer_is_told_at_once_and_when_the_mail_server_is_back() {
        let folder = tempfile::tempdir().unwrap();
        let (_scratch, url, site) = site(folder.path()).await;
        officer::is_told_at_once_and_when_the_mail_server_is_back(folder.path(), Some(&url), &site);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_officer_is_told_once_by_two_servers_and_again_by_the_same_id() {
        let folder = tempfile::tempdir().unwrap();
        let (scratch, _, site) = site(folder.path()).await;
        let location = scratch.location();
        officer::is_told_once_by_two_servers_and_again_by_the_same_id(folder.path(), location, &site).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_server_ends_in_order_and_leaves_a_log_that_verifies() {
        let folder = tempfile::tempdir().unwrap();
        let (_scratch, url, site) = site(folder.path()).await;
        serves_and_ends_in_order(folder.path(), Some(&url), &site);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_server_takes_a_new_root_key_while_it_works() {
        let folder = tempfile::tempdir().unwrap();
        let (_scratch, url, site) = site(folder.path()).await;
        takes_a_new_root_key_while_it_works(folder.path(), Some(&url), &site);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_server_that_was_killed_is_ready_again_and_lost_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (_scratch, url, site) = site(folder.path()).await;
        killed::is_ready_again_and_lost_nothing(folder.path(), Some(&url), &site);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_consent_taken_back_opens_nothing_on_either_of_two_servers() {
        let folder = tempfile::tempdir().unwrap();
        let scratch = Scratch::postgres().await.unwrap();
        let Location::Postgres { url } = scratch.location().clone() else { panic!("not PostgreSQL") };
        let site = support::make_with(folder.path(), scratch.location(), withdrawal::with_consent).await;
        withdrawal::taken_back_it_opens_nothing_on_either(folder.path(), Some(&url), &site);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_server_outlives_its_database_and_finds_it_again() {
        let folder = tempfile::tempdir().unwrap();
        let (_scratch, url, site) = site(folder.path()).await;
        let relay = Relay::to(&url);
        let process = Process::start(folder.path(), Some(&relay.url));
        let (cover, token) = (site.cover_path(), site.staff.as_str());
        assert_eq!(process.get(&cover, token).status, 200);
        assert_eq!(process.get("/", token).status, 200);

        relay.cut();
        let away = wait_for(&process, &cover, token, 503);
        assert!(away.headers.contains_key("retry-after"), "it says when to come back");
        assert!(!away.body.contains("postgres"), "it says nothing of the inside: {}", away.body);
        assert_eq!(process.post_claim(&site, "while-away").status, 503, "nothing is acknowledged");
        assert_eq!(process.get("/ready", token).status, 503);
        assert_eq!(process.get("/health", token).status, 200);
        assert_eq!(process.get("/", token).status, 200, "pages stand on what was read before");

        relay.restore();
        wait_for(&process, &cover, token, 200);
        assert_eq!(process.post_claim(&site, "while-away").status, 202);
        wait_for(&process, "/ready", token, 200);
        assert!(process.terminate().success());
        verify_log(folder.path(), Some(&url));
    }
}
