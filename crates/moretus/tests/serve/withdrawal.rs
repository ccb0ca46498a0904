//! A consent is taken back while 64 readers open what rests on it, on two servers of one site: no read that began after
//! the answer opens any of it, on either.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::json;

use super::*;

/// Half of them on each server.
const READERS: usize = 64;
/// What each reads before it is taken back, and after.
const READS: usize = 3;

/// The shipped rules, but that customer service sees health data with consent: the only address that opens cover.
pub(super) fn with_consent(rules: &str) -> String {
    let shipped = "data = [\"identity\", \"member-id\", \"plan\", \"eligibility\"]\nrecipients = [\"customer-service-staff\"]\nbasis = { member = \"contract\", beneficiary = \"legitimate-interest\" }\nwhen = [\"work-item\"]\nretention = \"membership\"";
    let changed = shipped
        .replace("\"eligibility\"]", "\"eligibility\", \"health\"]")
        .replace("when = [", "health = \"explicit-consent\"\nwhen = [\"consent.health\", ");
    assert_eq!(rules.matches(shipped).count(), 1, "the clause of plan information is as it was");
    rules.replace(shipped, &changed)
}

/// Reads on two servers, takes the consent back on the first, and reads on.
pub(super) fn taken_back_it_opens_nothing_on_either(data: &Path, db: Option<&str>, site: &TestSite) {
    let servers = [Process::start(data, db), Process::start(data, db)];
    let (taken_back, opened) = (AtomicBool::new(false), [AtomicUsize::new(0), AtomicUsize::new(0)]);
    let refused = AtomicUsize::new(0);
    let read = |number: usize| {
        let server = &servers[number % 2];
        let (mut before, mut after) = (0, 0);
        while after < READS {
            let began_after = taken_back.load(Ordering::SeqCst);
            let cover = server.get(&site.cover_path(), &site.staff);
            match cover.status {
                200 => {
                    assert!(!began_after, "reader {number} opened what was taken back before");
                    assert!(cover.json()["exclusions"].is_array(), "health data: {}", cover.body);
                    before += 1;
                    opened[number % 2].fetch_add(usize::from(before <= READS), Ordering::SeqCst);
                }
                403 => drop(refused.fetch_add(1, Ordering::SeqCst)),
                other => panic!("{other}: {}", cover.body),
            }
            after += usize::from(began_after);
        }
    };
    let take_back = || {
        let begun = Instant::now();
        while opened.iter().any(|opened| opened.load(Ordering::SeqCst) < READERS / 2 * READS) {
            assert!(begun.elapsed() < PATIENCE, "not every reader has read");
            std::thread::sleep(Duration::from_millis(5));
        }
        let consents = format!("/api/v1/members/{}/consents", site.subject);
        let query = format!("portfolio={}&language=en", site.portfolio);
        let shown =
            servers[0].get(&format!("{consents}/consent.health/consequences?{query}"), &site.enrolment);
        let body = json!({ "consent": "consent.health", "language": "en", "channel": "letter",
            "shown": shown.json()["shown"] });
        let bearer = format!("Bearer {}", site.enrolment);
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let url = format!("{}{consents}/withdrawals?{query}", servers[0].base);
        let answer = ask("POST", &url, &headers, Some(&body.to_string())).unwrap();
        taken_back.store(true, Ordering::SeqCst);
        assert_eq!(answer.status, 204, "{}", answer.body);
    };
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..READERS).map(|number| scope.spawn(move || read(number))).collect();
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(take_back));
        taken_back.store(true, Ordering::SeqCst);
        readers.into_iter().for_each(|reader| reader.join().unwrap());
        done.unwrap();
    });
    assert!(refused.load(Ordering::SeqCst) >= READERS * READS);
    for server in servers {
        assert!(server.terminate().success());
    }
    verify_log(data, db);
}
