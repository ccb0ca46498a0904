//! Another root key in place of the site's, while servers read and write: every read succeeds, what comes in opens
//! afterwards, nothing that is sealed is written again, and the former root key opens nothing in the end.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use domain::{CoverageId, Recipient, SubjectId};
use gate::{Actor, GateError, RootKey, RootKeyId, RootKeyProvider, Rotated};
use service::{App, ServiceError};
use store::sealed::SealedRow;
use store::{Store, StoreError};

use crate::on_both;
use crate::site::{PORTFOLIO, SOURCE, SystemRandomness, TestSite, cover_draft, item, member_draft};

on_both! {
    a_root_key_is_changed_under_load_and_nothing_sealed_is_written_again,
    a_rotation_that_is_cut_off_goes_on,
    a_server_without_the_new_root_key_refuses_and_says_so,
}

/// Members of these tests: their keys are of several parts.
const MEMBERS: usize = 90;

/// Has what was put into it, as a data directory has.
#[derive(Debug, Default)]
struct Safe(Mutex<Vec<String>>);

impl Safe {
    fn put(&self, key: &RootKey) {
        self.0.lock().unwrap().push((*key.to_hex()).clone());
    }
}

impl RootKeyProvider for Safe {
    fn root_keys(&self) -> Result<Vec<RootKey>, GateError> {
        Ok(self.0.lock().unwrap().iter().map(|digits| RootKey::from_hex(digits).unwrap()).collect())
    }
}

fn names(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{prefix}-{number}")).collect()
}

/// Takes up members with cover.
async fn take_up(app: &App, names: &[String]) -> Result<(), ServiceError> {
    let job = app.gate.job(Recipient::IntakeJob)?;
    let members: Vec<_> = names.iter().map(|name| member_draft(name, true)).collect();
    service::enrol_members(app, &job, PORTFOLIO, SOURCE, &members).await?;
    let covers: Vec<_> = names.iter().map(|name| cover_draft(name, name)).collect();
    service::enrol_coverage(app, &job, PORTFOLIO, SOURCE, &covers, &mut service::SaidOfCover::default())
        .await?;
    Ok(())
}

fn subject(app: &App, name: &str) -> SubjectId {
    SubjectId::from_bytes(app.gate.imported_id("member", SOURCE, name))
}

async fn read(app: &App, actor: &Actor, name: &str) -> Result<String, ServiceError> {
    let coverage = CoverageId::from_bytes(app.gate.imported_id("coverage", SOURCE, name));
    let request = app.gate.request();
    let cover =
        service::read_cover(app, actor, PORTFOLIO, subject(app, name), coverage, Some(item(1)), request)
            .await?;
    Ok(cover.insured.reveal().to_owned())
}

async fn staff(site: &TestSite, names: &[String]) -> Actor {
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    for name in names {
        site.assign(subject(&site.app, name), item(1), &staff).await;
    }
    staff
}

async fn counts(store: &Store) -> Vec<(RootKeyId, u64)> {
    let counts: Result<_, StoreError> = store.read(store::key::count_by_root).await;
    counts.unwrap().into_iter().map(|(id, count)| (RootKeyId::from_bytes(id), count)).collect()
}

async fn sealed(app: &App, names: &[String]) -> Vec<SealedRow> {
    let subjects: Vec<SubjectId> = names.iter().map(|name| subject(app, name)).collect();
    let rows: Result<Vec<Vec<SealedRow>>, StoreError> = app
        .store()
        .read(move |unit| subjects.iter().map(|one| store::sealed::of_subject(unit, *one)).collect())
        .await;
    rows.unwrap().into_iter().flatten().collect()
}

/// A site with its members, a server of it that gets root keys from a safe, and the new root key.
struct Changing {
    site: TestSite,
    names: Vec<String>,
    staff: Arc<Actor>,
    safe: Arc<Safe>,
    server: App,
    new: RootKey,
}

impl Changing {
    async fn of(site: TestSite) -> Self {
        let names = names("member", MEMBERS);
        take_up(&site.app, &names).await.unwrap();
        let (staff, safe) = (Arc::new(staff(&site, &names).await), Arc::new(Safe::default()));
        safe.put(&site.root());
        let server = site.open_with(&[site.root()], Some(safe.clone())).await.unwrap();
        Self { site, names, staff, safe, server, new: RootKey::generate(&SystemRandomness) }
    }

    /// The program that rotates: it holds both.
    async fn rotator(&self) -> App {
        let new = RootKey::from_hex(&self.new.to_hex()).unwrap();
        self.site.open_with(&[new, self.site.root()], None).await.unwrap()
    }

    async fn all_are_read_by(&self, app: &App) {
        for name in &self.names {
            assert_eq!(read(app, &self.staff, name).await.unwrap(), *name);
        }
    }

    async fn verifies(app: &App) {
        app.gate.sealer(None).await.unwrap().finish().await.unwrap();
        app.gate.verify_log(None).await.unwrap();
    }
}

async fn a_root_key_is_changed_under_load_and_nothing_sealed_is_written_again(site: TestSite) {
    let changing = Changing::of(site).await;
    let Changing { site, names, server, new, .. } = &changing;
    Changing::verifies(&site.app).await;
    let before = sealed(server, names).await;
    let stop = Arc::new(AtomicBool::new(false));
    let reads = Arc::new(AtomicUsize::new(0));
    let mut load = tokio::task::JoinSet::new();
    for reader in 0..3 {
        let (app, staff, names) = (server.clone(), Arc::clone(&changing.staff), names.clone());
        let (stop, reads) = (Arc::clone(&stop), Arc::clone(&reads));
        load.spawn(async move {
            for name in names.iter().cycle().skip(reader * 30) {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                assert_eq!(read(&app, &staff, name).await.unwrap(), *name);
                reads.fetch_add(1, Ordering::SeqCst);
            }
            Vec::new()
        });
    }
    for writer in 0..2 {
        let (app, stop) = (server.clone(), Arc::clone(&stop));
        load.spawn(async move {
            let mut came = Vec::new();
            while !stop.load(Ordering::SeqCst) || came.is_empty() {
                let new = names_of_round(writer, came.len());
                take_up(&app, &new).await.unwrap();
                came.extend(new);
            }
            came
        });
    }
    while reads.load(Ordering::SeqCst) < 20 {
        assert!(load.len() == 5, "the load stopped");
        tokio::task::yield_now().await;
    }
    // The new one is where servers find it before the first key is wrapped by it.
    changing.safe.put(new);
    let rotated = changing.rotator().await.gate.rotate_root_key(new, |_| {}).await.unwrap();
    let during = reads.load(Ordering::SeqCst);
    while reads.load(Ordering::SeqCst) < during + 20 {
        tokio::task::yield_now().await;
    }
    stop.store(true, Ordering::SeqCst);
    let came: Vec<String> = load.join_all().await.into_iter().flatten().collect();

    assert!(rotated.anew > 1_000 && !came.is_empty(), "{rotated:?}");
    assert!(during > 20, "nobody read while it rotated");
    assert_eq!(sealed(server, names).await, before, "nothing sealed is written again");
    let counts = counts(server.store()).await;
    assert_eq!(counts.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [new.id()]);
    changing.all_are_read_by(server).await;

    let former = site.open_with(&[site.root()], None).await;
    assert!(matches!(former, Err(GateError::WrongRootKey)), "the former one opens nothing");
    let fresh = site.open_with(std::slice::from_ref(new), None).await.unwrap();
    changing.all_are_read_by(&fresh).await;
    let staff = staff(site, &came).await;
    for name in &came {
        assert_eq!(read(&fresh, &staff, name).await.unwrap(), *name, "came in meanwhile");
    }
    Changing::verifies(&fresh).await;
}

fn names_of_round(writer: usize, round: usize) -> Vec<String> {
    names(&format!("new-{writer}-{round}"), 3)
}

async fn a_rotation_that_is_cut_off_goes_on(site: TestSite) {
    let changing = Changing::of(site).await;
    let Changing { server, new, .. } = &changing;
    changing.safe.put(new);
    let total: u64 = counts(server.store()).await.iter().map(|(_, count)| count).sum();
    let (cut, is_cut) = tokio::sync::oneshot::channel::<()>();
    let mut cut = Some(cut);
    let rotator = changing.rotator().await;
    tokio::select! {
        biased;
        _ = is_cut => {}
        done = rotator.gate.rotate_root_key(new, |_| drop(cut.take())) => panic!("it was not cut off: {done:?}"),
    }
    drop(rotator);
    let mixed = counts(server.store()).await;
    assert_eq!(mixed.len(), 2, "cut off in the middle: {mixed:?}");
    changing.all_are_read_by(server).await;
    take_up(server, &names("between", 2)).await.unwrap();

    let rotator = changing.rotator().await;
    let Rotated { anew, before } = rotator.gate.rotate_root_key(new, |_| {}).await.unwrap();
    assert!(anew > 0 && before > 0 && anew + before > total, "{anew} {before} {total}");
    assert_eq!(counts(server.store()).await, [(new.id(), anew + before)]);
    changing.all_are_read_by(server).await;
    let again = rotator.gate.rotate_root_key(new, |_| {}).await.unwrap();
    assert_eq!(again, Rotated { anew: 0, before: anew + before }, "done is done");
    Changing::verifies(&rotator).await;
}

async fn a_server_without_the_new_root_key_refuses_and_says_so(site: TestSite) {
    let changing = Changing::of(site).await;
    let Changing { site, names, new, .. } = &changing;
    changing.rotator().await.gate.rotate_root_key(new, |_| {}).await.unwrap();
    // The site's first server has nobody to ask.
    let refused = read(&site.app, &changing.staff, &names[0]).await.unwrap_err();
    assert!(
        matches!(refused, ServiceError::Gate(GateError::OtherRootKey { id }) if id == new.id()),
        "{refused}"
    );
    let said = refused.to_string();
    assert!(said.contains(&new.id().to_string()) && !said.contains(&**new.to_hex()), "{said}");
    let refused = take_up(&site.app, &self::names("late", 1)).await.unwrap_err();
    assert!(matches!(refused, ServiceError::Gate(GateError::OtherRootKey { .. })), "{refused}");
    // One that may ask, and finds nothing yet, goes on as soon as it is there.
    read(&changing.server, &changing.staff, &names[0]).await.unwrap_err();
    changing.safe.put(new);
    site.clock.advance(2);
    assert_eq!(read(&changing.server, &changing.staff, &names[0]).await.unwrap(), names[0]);
}
