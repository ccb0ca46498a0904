//! The server is killed while it reads and takes claims in, and started again: what it acknowledged is there, its log verifies, and
//! how long it took to open data again is reported (aim: 2 s).

use std::io::Write as _;
use std::sync::Mutex;

use super::*;

/// Who asks at once.
const CLIENTS: usize = 8;
/// What was acknowledged before it is killed, at least.
const ANSWERS: usize = 40;

/// Kills it some times: as often as `MORETUS_KILLS` says to the 35th part, and at least twice.
pub(super) fn is_ready_again_and_lost_nothing(data: &Path, db: Option<&str>, site: &TestSite) {
    let kills = std::env::var("MORETUS_KILLS").ok().and_then(|kills| kills.parse::<usize>().ok());
    let (mut claims, mut ready) = (Vec::new(), Vec::new());
    let mut process = Process::start(data, db);
    for round in 0..(kills.unwrap_or(0) / 35).max(2) {
        claims.extend(killed_at_work(&mut process, site, round));
        let begun = Instant::now();
        process = Process::start(data, db);
        let cover = process.get(&site.cover_path(), &site.staff);
        assert_eq!(cover.status, 200, "{}", cover.body);
        ready.push(begun.elapsed());
        for (id, before) in &claims {
            let answer = process.post_claim(site, id);
            assert_eq!((answer.status, &answer.body), (202, before), "claim {id}, round {round}");
        }
    }
    assert!(process.terminate().success());
    verify_log(data, db);
    ready.sort_unstable();
    let (half, all) = (ready[ready.len() / 2].as_secs_f64(), ready[ready.len() - 1].as_secs_f64());
    let engine = if db.is_some() { "PostgreSQL" } else { "SQLite" };
    let line = format!(
        "{} kills of `moretus serve` on {engine}: {} claims acknowledged; data open again after {half:.2} s (half), {all:.2} s (all)",
        ready.len(),
        claims.len()
    );
    if let Some(path) = std::env::var_os("MORETUS_FIGURES") {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        writeln!(file, "{line}").unwrap();
    }
}

/// Clients read and send claims until the server is killed; answers the claims that it acknowledged, each with its answer.
fn killed_at_work(process: &mut Process, site: &TestSite, round: usize) -> Vec<(String, String)> {
    let (acknowledged, base) = (Mutex::new(Vec::new()), process.base.clone());
    let client = |number: usize| {
        for turn in 0.. {
            let id = format!("killed-{round}-{number}-{turn}");
            let Ok(answer) = send_claim(&base, site, &id) else { return };
            assert_eq!(answer.status, 202, "{}", answer.body);
            acknowledged.lock().unwrap().push((id, answer.body));
            let bearer = format!("Bearer {}", site.staff);
            let url = format!("{base}{}", site.cover_path());
            let Ok(cover) = ask("GET", &url, &[("authorization", &bearer)], None) else { return };
            assert_eq!(cover.status, 200, "{}", cover.body);
        }
    };
    let client = &client;
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|number| scope.spawn(move || client(number))).collect();
        while acknowledged.lock().unwrap().len() < ANSWERS {
            assert!(!clients.iter().any(std::thread::ScopedJoinHandle::is_finished), "a client failed");
            std::thread::yield_now();
        }
        process.child.kill().unwrap();
        process.child.wait().unwrap();
    });
    acknowledged.into_inner().unwrap()
}
