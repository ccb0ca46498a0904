//! Backup under load and restore elsewhere: everything that was acknowledged before the backup began is
//! there, the log has a new name and names the former one with the gap, and what was erased after the backup
//! does not open: by the list of what was erased, or because the backups of the keys have lapsed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test and its helpers")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use crash::{Audit, Said, Site, Speaker};
use domain::{RetentionClass, SubjectId};
use store::Location;
use store::testing::Scratch;

const SEED: u64 = 11;

fn moretus(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_moretus")).args(arguments).output().unwrap()
}

/// Runs a command that must succeed, and gives what it printed.
fn succeeds(arguments: &[&str]) -> String {
    let output = moretus(arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "moretus {}: {said}", arguments.join(" "));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command that must fail, and gives its error.
fn fails(arguments: &[&str]) -> String {
    let output = moretus(arguments);
    assert!(!output.status.success(), "moretus {} succeeded", arguments.join(" "));
    String::from_utf8(output.stderr).unwrap()
}

/// The folders and files of a run.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// What was said until now; a line that is being written is left for later.
    fn said(&self) -> Said {
        let text = std::fs::read_to_string(self.path("said")).unwrap();
        Said::read(text.rsplit_once('\n').map_or("", |(whole, _)| whole)).unwrap()
    }
}

/// What the former site leaves behind.
struct Former {
    /// Said before the backup began.
    said: Said,
    /// A checkpoint of before the backup, and the last one.
    early: String,
    log: String,
    /// Erased after the backup.
    erased: SubjectId,
}

/// A site under load, backed up by the program while it works; then somebody is erased.
async fn back_up(desk: &Desk, location: &Location) -> Former {
    let data = desk.path("data");
    std::fs::create_dir(&data).unwrap();
    crash::prepare(&data, location, SEED).await.unwrap();
    if let Location::Postgres { url } = location {
        std::fs::write(data.join("database"), url).unwrap();
    }
    let site = Site::open(&data, location, SEED, 0).await.unwrap();
    let app = site.app.clone();
    let speaker = Speaker::into_file(std::fs::File::create(desk.path("said")).unwrap());
    let load = tokio::spawn(crash::work(site, speaker));
    while desk.said().claims.len() < 100 || app.gate.log_head().await.unwrap().size < 200 {
        assert!(!load.is_finished(), "{:?}", load.await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let early = app.gate.log_head().await.unwrap().checkpoint.unwrap();
    let mut said = desk.said();
    let arguments = [
        "backup",
        "--data",
        &desk.text("data"),
        "--to",
        &desk.text("backup"),
        "--keys-to",
        &desk.text("keys"),
    ]
    .map(str::to_owned);
    let printed = tokio::task::spawn_blocking(move || succeeds(&arguments.each_ref().map(String::as_str)));
    assert!(printed.await.unwrap().contains("database, "));
    let backed_up = app.gate.log_head().await.unwrap().size;
    while app.gate.log_head().await.unwrap().size < backed_up + 200 {
        assert!(!load.is_finished(), "{:?}", load.await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    load.abort();
    let _ = load.await;
    // Consents that changed since may be so in the backup, and whose erasure was begun since may be gone.
    let later = desk.said();
    let changed = &later.consents[said.consents.len()..];
    said.consents.retain(|(subject, _)| changed.iter().all(|(other, _)| other != subject));
    said.erasing = later.erasing;

    let erased = said.claims[0].0;
    let keys = service::erase_subject(&app, erased, &[RetentionClass::Claims]).await.unwrap();
    assert!(keys > 0);
    let head = app.gate.log_head().await.unwrap();
    std::fs::write(desk.path("checkpoint"), head.checkpoint.unwrap()).unwrap();
    app.store().close().await.unwrap();
    succeeds(&["backup", "--data", &desk.text("data"), "--erasures-to", &desk.text("erasures")]);
    Former { said, early, log: head.origin, erased }
}

/// Restores to a new place, and holds it to what was promised.
async fn restore(desk: &Desk, former: &Former, name: &str, location: &Location) {
    let (data, place) = (desk.text(name), url(location));
    let mut arguments = vec![
        "restore".to_owned(),
        "--from".into(),
        desk.text("backup"),
        "--keys-from".into(),
        desk.text("keys"),
        "--data".into(),
        data.clone(),
        "--root-key".into(),
        desk.path("data").join("root.key").to_str().unwrap().into(),
        "--erasures".into(),
        desk.text("erasures"),
        "--checkpoint".into(),
        desk.text("checkpoint"),
    ];
    arguments.extend(place.iter().flat_map(|url| ["--db".to_owned(), url.clone()]));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let printed = succeeds(&arguments);
    assert!(printed.contains(&format!("follows log {}", former.log)), "{printed}");
    assert!(printed.contains("that were seen signed outside"), "the gap is not named: {printed}");
    assert!(!printed.contains(&format!("new log {}", former.log)), "{printed}");

    let verified = succeeds(&["log", "verify", "--data", &data, "--checkpoint", &desk.text("checkpoint")]);
    assert!(verified.contains(&format!("follows log {}", former.log)), "{verified}");
    succeeds(&["ledger", "verify", "--data", &data]);
    assert!(fails(&arguments).contains("holds a site already"));

    // The clock of another day: leases of the former site have run out.
    let site = Site::open(Path::new(&data), location, SEED, 86_400).await.unwrap();
    opens_but_what_was_erased(&site, former).await;
    // A member's older checkpoint still proves the entries that it covers.
    let report = site.app.gate.verify_log(Some(&former.early)).await.unwrap();
    assert_ne!(report.origin, former.log);
    assert_eq!(report.former.len(), 1);
    assert!(report.former[0].missing() > 0, "{:?}", report.former[0]);
    site.app.store().close().await.unwrap();
    restore_again(desk, &data, name);
}

/// What was acknowledged is there and opens, but for the claims of who was erased.
async fn opens_but_what_was_erased(site: &Site, former: &Former) {
    let found = Audit::default().audit(site, &former.said).await.unwrap();
    let erased = former.erased;
    let its_claims = site.app.store().read(move |unit| store::claim::of_subject(unit, erased)).await;
    let its_claims: Vec<String> = its_claims
        .map_err(|error: store::StoreError| error)
        .unwrap()
        .iter()
        .map(|row| row.claim.to_string())
        .collect();
    let (expected, others): (Vec<_>, Vec<_>) =
        found.faults.iter().partition(|fault| its_claims.iter().any(|claim| fault.contains(claim)));
    assert!(others.is_empty(), "{others:#?}");
    assert!(
        expected.iter().any(|fault| fault.contains("did not open")),
        "what was erased opens: {expected:#?}"
    );
}

/// The database of before, with keys of a backup of after: once the keys' own backups of before are gone, nothing of it opens
/// what was erased, also where nobody has a list of what that was.
async fn restore_with_later_keys(desk: &Desk, former: &Former) {
    let (backup, keys, data) = (desk.text("backup"), desk.text("keys-later"), desk.text("lapsed"));
    let later = desk.text("backup-later");
    succeeds(&["backup", "--data", &desk.text("data"), "--to", &later, "--keys-to", &keys]);
    let root_key = desk.path("data").join("root.key");
    let from = ["restore", "--from", &backup, "--keys-from", &keys, "--data", &data, "--nothing-erased"];
    succeeds(&[&from[..], &["--root-key", root_key.to_str().unwrap()]].concat());
    let location = Location::Sqlite { directory: desk.path("lapsed") };
    let site = Site::open(Path::new(&data), &location, SEED, 86_400).await.unwrap();
    opens_but_what_was_erased(&site, former).await;
    site.app.store().close().await.unwrap();
}

/// A site that was restored once is backed up and restored like any other.
fn restore_again(desk: &Desk, data: &str, name: &str) {
    let path = |what: &str| desk.text(&format!("{name}-{what}"));
    let (backup, keys, again) = (path("backup"), path("keys"), path("again"));
    succeeds(&["backup", "--data", data, "--to", &backup, "--keys-to", &keys]);
    let root_key = desk.path("data").join("root.key");
    let from = ["restore", "--from", &backup, "--keys-from", &keys, "--data", &again, "--nothing-erased"];
    let root_key = ["--root-key", root_key.to_str().unwrap()];
    assert!(succeeds(&[&from[..], &root_key[..]].concat()).contains("follows log"));
    let verified = succeeds(&["log", "verify", "--data", &again]);
    assert_eq!(verified.matches("follows log").count(), 2, "{verified}");
}

fn url(location: &Location) -> Option<String> {
    match location {
        Location::Postgres { url } => Some(url.clone()),
        Location::Sqlite { .. } => None,
    }
}

/// A backup of one engine, restored to both; and restores that are refused before they write anything.
async fn backup_and_restore(location: Option<Location>) {
    let desk = Desk { folder: tempfile::tempdir().unwrap() };
    let location = location.unwrap_or_else(|| Location::Sqlite { directory: desk.path("data") });
    let former = back_up(&desk, &location).await;

    let other_key = desk.text("other.key");
    std::fs::write(&other_key, format!("{}\n", "ab".repeat(32))).unwrap();
    std::fs::set_permissions(&other_key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let (backup, keys, nowhere) = (desk.text("backup"), desk.text("keys"), desk.text("nowhere"));
    let from =
        ["restore", "--from", &backup, "--keys-from", &keys, "--data", &nowhere, "--root-key", &other_key];
    assert!(fails(&from).contains("--nothing-erased"), "the list of erasures is asked for");
    assert!(fails(&[&from[..], &["--nothing-erased"]].concat()).contains("does not belong to this database"));
    assert!(!desk.path("nowhere").exists());
    assert!(fails(&["backup", "--data", &desk.text("data"), "--to", &backup]).contains("already"));

    restore_with_later_keys(&desk, &former).await;
    restore(&desk, &former, "restored", &Location::Sqlite { directory: desk.path("restored") }).await;
    let scratch = Scratch::postgres().await.unwrap();
    restore(&desk, &former, "restored-elsewhere", scratch.location()).await;
}

mod sqlite {
    #[tokio::test(flavor = "multi_thread")]
    async fn backup_under_load_and_restore_elsewhere() {
        super::backup_and_restore(None).await;
    }
}

mod postgres {
    #[tokio::test(flavor = "multi_thread")]
    async fn backup_under_load_and_restore_elsewhere() {
        let scratch = store::testing::Scratch::postgres().await.unwrap();
        super::backup_and_restore(Some(scratch.location().clone())).await;
    }
}
