//! The server as a client meets it: started on a free port, over a site of its own in a temporary folder.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../../tests/support/mod.rs"]
pub(super) mod support;

use std::time::Duration;

use gate::Entry;
use serde_json::json;
use service::App;
use store::{Location, StoreError};
use tokio::sync::{oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};

use self::support::{Answer, TestSite, ask};
use super::Shared;
use super::documents_tests::{cookie_faults, cookies};
use crate::report::Error;
use crate::site::SiteArguments;

pub(super) const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";

pub(super) struct Running {
    pub(super) base: String,
    pub(super) site: TestSite,
    pub(super) app: App,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), Error>>,
    folder: tempfile::TempDir,
}

impl Running {
    pub(super) async fn start() -> Self {
        Self::start_beside(super::background).await
    }

    /// Without the work that runs beside serving: nothing but what is asked of it, and sealing, reaches the store.
    pub(super) async fn start_alone() -> Self {
        Self::start_beside(|_, stopped| {
            let mut work = JoinSet::new();
            work.spawn(super::work::until(stopped.clone()));
            work
        })
        .await
    }

    async fn start_beside(background: fn(&Shared, &watch::Receiver<bool>) -> JoinSet<()>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_path_buf();
        let site = support::make(&data, &Location::Sqlite { directory: data.clone() }).await;
        let opened = SiteArguments::new(data, None).open().await.unwrap();
        let app = opened.app.clone();
        let listener = super::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let stop_when = async {
            let _ = stopped.await;
        };
        let serving = tokio::spawn(super::serve_beside(opened, listener, stop_when, background));
        Self { base, site, app, stop, serving, folder }
    }

    /// The holder of the root key.
    pub(super) fn keeper(&self) -> gate::Actor {
        let root = gate::RootKey::read(&self.folder.path().join("root.key")).unwrap();
        self.app.gate.operator(&root, "keeper").unwrap()
    }

    pub(super) fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        ask("GET", &format!("{}{path}", self.base), headers, None).unwrap()
    }

    pub(super) fn get_as(&self, token: &str, path: &str) -> Answer {
        self.get(path, &[("authorization", &format!("Bearer {token}"))])
    }

    fn post_claim(&self, key: &str, body: &str) -> Answer {
        let bearer = format!("Bearer {}", self.site.intake);
        let headers = [
            ("authorization", bearer.as_str()),
            ("idempotency-key", key),
            ("content-type", "application/fhir+json"),
        ];
        ask("POST", &format!("{}{}", self.base, self.site.claims_path()), &headers, Some(body)).unwrap()
    }

    pub(super) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.serving.await.unwrap().unwrap();
    }
}

/// The address of a route, about this person.
pub(super) fn address(site: &TestSite, path: &str, subject: &str) -> String {
    let address = path
        .replace("{document}", &site.portfolio.to_string())
        .replace("{subject}", subject)
        .replace("{coverage}", &site.coverage.to_string())
        .replace("{consent}", "consent.health")
        .replace("{card}", UNKNOWN)
        .replace("{material}", UNKNOWN)
        .replace("{guarantee}", UNKNOWN)
        .replace("{emergency}", UNKNOWN)
        .replace("{record}", UNKNOWN)
        .replace("{name}", "travel")
        .replace("{portfolio}", &site.portfolio.to_string());
    assert!(!address.contains('{'), "the test does not know a parameter of {path}");
    address
}

/// The golden file: for every route and both methods, the status that each kind of caller gets.
#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_each_caller_as_the_golden_file_says() {
    let server = Running::start().await;
    let site = &server.site;
    let callers = [None, Some("moretus_wrong"), Some(site.staff.as_str()), Some(site.intake.as_str())];
    let mut set = Vec::new();
    let mut found = String::from("# method path: no token, wrong token, customer service, intake\n");
    for (path, _) in super::routes::routes() {
        let address = address(site, path, &site.subject.to_string());
        let url = format!(
            "{}{address}?portfolio={}&item={}&source={}&language=en&purpose=classification",
            server.base,
            site.portfolio,
            site.item,
            support::SOURCE
        );
        for method in ["GET", "POST"] {
            let statuses: Vec<String> = callers
                .iter()
                .map(|token| {
                    let bearer = token.map(|token| format!("Bearer {token}"));
                    let mut headers =
                        vec![("idempotency-key", "golden"), ("content-type", "application/json")];
                    headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
                    let body = (method == "POST").then(|| site.claim("golden", "10.00"));
                    let answer = ask(method, &url, &headers, body.as_deref()).unwrap();
                    set.extend(cookies(&answer));
                    answer.status.to_string()
                })
                .collect();
            found.push_str(&format!("{method} {path}: {}\n", statuses.join(" ")));
        }
    }
    assert_eq!(cookie_faults(&set), Vec::<String>::new(), "the cookie notice lists what the pages set");
    assert_eq!(
        found,
        include_str!("../../tests/routes.golden"),
        "tests/routes.golden differs; found:\n{found}"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cover_is_shown_under_its_clause_with_the_request_on_the_record() {
    let server = Running::start().await;
    let (site, id) = (&server.site, "7d9f3c1e-0a54-4f5e-9b1b-3f7f9d1c2a10");
    let bearer = format!("Bearer {}", site.staff);
    let answer = server.get(&site.cover_path(), &[("authorization", &bearer), ("x-request-id", id)]);
    assert_eq!((answer.status, answer.headers["x-request-id"].as_str()), (200, id));
    assert_eq!(answer.headers["cache-control"], "no-store");
    let cover = answer.json();
    assert_eq!(cover["insured"], site.name.as_str());
    assert_eq!(cover["exclusions"], json!({ "withheld": "health" }));

    let subject = site.subject;
    let bodies = server
        .app
        .store()
        .read(move |unit| {
            let pending = store::log::pending_of(unit, subject)?;
            let sealed = store::log::entries_between(unit, 0, i64::MAX)?;
            Ok::<_, StoreError>(
                pending
                    .into_iter()
                    .chain(sealed)
                    .filter(|entry| entry.subject == subject)
                    .collect::<Vec<_>>(),
            )
        })
        .await
        .unwrap();
    let entries: Vec<Entry> = bodies.iter().filter_map(|stored| Entry::from_bytes(&stored.body)).collect();
    let entry =
        entries.iter().find(|entry| entry.request.to_string() == id).expect("the read is on the record");
    assert_eq!(
        (entry.clauses.as_slice(), entry.view.as_str()),
        (["use.plan-information".to_owned()].as_slice(), "CoverPage")
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_the_clause_and_never_tells_whether_there_is_someone() {
    let server = Running::start().await;
    let site = &server.site;
    let path = |subject: &str, coverage: &str| {
        format!("/api/v1/members/{subject}/coverage/{coverage}?portfolio={}", site.portfolio)
    };
    let (subject, coverage) = (site.subject.to_string(), site.coverage.to_string());
    let known = server.get_as(&site.staff, &path(&subject, &coverage));
    assert_eq!((known.status, known.headers["content-type"].as_str()), (403, "application/problem+json"));
    assert_eq!(known.json()["clause"], "use.plan-information");
    let unknown = server.get_as(&site.staff, &path(UNKNOWN, &coverage));
    assert_eq!((unknown.status, &unknown.body), (known.status, &known.body));

    // An item that is open for someone else is no item; with one's own, an unknown cover may be said.
    let with_item = |item: &str| format!("{}&item={item}", path(&subject, UNKNOWN));
    assert_eq!(server.get_as(&site.staff, &with_item(UNKNOWN)).status, 403);
    assert_eq!(server.get_as(&site.staff, &with_item(&site.item.to_string())).status, 404);

    // Behind another wall, a portfolio answers as one that is not there.
    let walled = server.get_as(&site.other_staff, &site.cover_path());
    let absent =
        server.get_as(&site.other_staff, &site.cover_path().replace(&site.portfolio.to_string(), UNKNOWN));
    assert_eq!((walled.status, &walled.body), (404, &absent.body));

    for answer in [&known, &walled] {
        assert!(!answer.body.contains(&site.name), "a name leaks: {}", answer.body);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_is_taken_once_and_adjudicated() {
    let server = Running::start().await;
    let (site, body) = (&server.site, server.site.claim("once", "120.00"));
    let first = server.post_claim("key-1", &body);
    assert_eq!(first.status, 202, "{}", first.body);
    assert_eq!(server.post_claim("key-1", &body).body, first.body, "the same request, the same answer");
    let other = server.post_claim("key-1", &site.claim("other", "120.00"));
    assert_eq!(
        (other.status, other.json()["type"].as_str()),
        (409, Some("urn:moretus:problem:idempotency-key-reused"))
    );
    let again = server.post_claim("key-2", &body);
    assert_eq!((again.status, again.json()["type"].as_str()), (409, Some("urn:moretus:problem:known-claim")));
    // The key that was refused took nothing: it can be used for a claim that is new.
    assert_eq!(server.post_claim("key-2", &site.claim("new", "5.00")).status, 202);

    let subject = site.subject;
    for round in 0.. {
        let claims = server.app.store().read(move |unit| store::claim::of_subject(unit, subject)).await;
        let claims = claims.map_err(|error: StoreError| error).unwrap();
        assert_eq!(claims.len(), 2, "two claims were acknowledged");
        if claims.iter().all(|claim| claim.state != domain::ClaimState::Received) {
            break;
        }
        assert!(round < 200, "nobody adjudicates");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_used_is_refused_with_its_field_and_without_its_value() {
    let server = Running::start().await;
    let site = &server.site;
    let good = site.claim("bad", "10.00");
    let secret = "Zebulon Quux";
    let cases = [
        (good.replace("\"active\"", &format!("\"{secret}\"")), "Claim.status"),
        (good.replace("10.00", "10.005"), "Claim.item[0].net"),
        (good.replace("\"EUR\"", &format!("\"{secret}\"")), "currency"),
        (good.replace(&site.member_source_id, secret), "Claim.patient"),
        (good.replace(&site.provider_source_id, secret), "Claim.provider"),
        (format!("{good}{good}"), "one FHIR R4 resource"),
        (format!("{{\"resourceType\":\"Patient\",\"id\":\"1\",\"name\":\"{secret}\"}}"), ""),
        (format!("{{\"{secret}"), "not JSON"),
        (String::new(), "one FHIR R4 resource"),
    ];
    for (number, (body, says)) in cases.iter().enumerate() {
        let answer = server.post_claim(&format!("bad-{number}"), body);
        assert_eq!(answer.status, 422, "{number}: {}", answer.body);
        assert!(answer.body.contains(says), "{number}: {}", answer.body);
        assert!(!answer.body.contains(secret), "{number} repeats a value: {}", answer.body);
    }
    assert_eq!(server.post_claim("", &good).status, 400, "a key is required");
    assert_eq!(server.post_claim("large", &" ".repeat(1_100_000)).status, 413);
    let bearer = format!("Bearer {}", site.intake);
    let headers =
        [("authorization", bearer.as_str()), ("idempotency-key", "k"), ("content-type", "text/plain")];
    let url = format!("{}{}", server.base, site.claims_path());
    assert_eq!(ask("POST", &url, &headers, Some(&good)).unwrap().status, 415);
    let subject = site.subject;
    let claims = server.app.store().read(move |unit| store::claim::of_subject(unit, subject)).await;
    assert!(claims.map_err(|error: StoreError| error).unwrap().is_empty(), "nothing was taken in");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_come_in_the_readers_language_and_keep_their_policy() {
    let server = Running::start().await;
    let home = server.get("/", &[("accept-language", "nl-BE,nl;q=0.9,en;q=0.5")]);
    assert!(home.body.contains("<html lang=\"nl\">") && home.body.contains("minder dan 10"), "{}", home.body);
    assert!(server.get("/?lang=de", &[("accept-language", "nl")]).body.contains("<html lang=\"de\">"));
    let policy = &home.headers["content-security-policy"];
    assert!(
        policy.starts_with("default-src 'none'") && !policy.contains("script") && !policy.contains("unsafe")
    );
    assert_eq!(home.headers["x-content-type-options"], "nosniff");
    assert_eq!(home.headers["referrer-policy"], "no-referrer");
    assert_eq!(home.headers["x-frame-options"], "DENY");
    assert!(!home.headers.contains_key("set-cookie"));
    assert!(home.headers["x-request-id"].len() == 36, "an id is made where none came");
    assert!(home.body.contains("Test Administrators") && home.body.contains("mailto:help@example.org"));
    assert!(!home.body.contains(&server.site.name));

    let notice = format!("/notice/{}", server.site.portfolio);
    let page = server.get(&format!("{notice}?lang=fr"), &[]);
    assert!(page.body.contains("<main lang=\"fr\">") && page.body.contains("<html lang=\"fr\">"));
    let hash: String = page
        .body
        .split("<code>")
        .nth(1)
        .unwrap()
        .split("</code>")
        .next()
        .unwrap()
        .chars()
        .filter(char::is_ascii_hexdigit)
        .collect();
    let text = server.get(&format!("{notice}.txt?lang=fr"), &[]);
    assert_eq!(text.headers["content-type"], "text/plain; charset=utf-8");
    let proof =
        text.body.lines().find_map(|line| line.strip_prefix("SHA-256 ")).expect("the hash is in the text");
    assert!(
        proof.len() == 64 && hash.contains(proof.get(..8).unwrap()),
        "page and text prove the same version"
    );
    let file = server.get(&format!("{notice}.html?download=1&lang=fr"), &[]);
    assert!(file.headers["content-disposition"].starts_with("attachment; filename=\"notice-"));
    assert!(file.body.contains("@media print") && !file.body.contains("href=\"/"), "the file stands alone");
    let printed = server.get(&format!("{notice}.pdf?download=1&lang=fr"), &[]);
    assert_eq!(printed.headers["content-type"], "application/pdf");
    assert!(printed.headers["content-disposition"].ends_with("-fr.pdf\""), "{:?}", printed.headers);
    assert!(printed.body.starts_with("%PDF-1.7") && printed.body.contains("/Lang(fr)"));
    let again = server.get(&format!("{notice}.pdf?lang=fr"), &[]);
    assert!(again.body == printed.body && !again.headers.contains_key("content-disposition"));
    assert_eq!(server.get(&format!("{notice}?version=1999-01-01"), &[]).status, 404);

    // A reader gets a page when something is not there; a program gets a problem.
    let lost = server.get("/nothing?lang=nl", &[("accept", "text/html")]);
    assert!(lost.status == 404 && lost.body.contains("Deze bladzijde bestaat niet"), "{}", lost.body);
    assert_eq!(server.get("/nothing", &[]).headers["content-type"], "application/problem+json");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_figures_count_routes_and_nobody() {
    let server = Running::start().await;
    server.get_as(&server.site.staff, &server.site.cover_path());
    let figures = server.get("/metrics", &[]).body;
    let line = "moretus_http_requests_total{route=\"/api/v1/members/{subject}/coverage/{coverage}\",method=\"GET\",status=\"200\"}";
    assert!(figures.contains(line), "{figures}");
    assert!(figures.contains("moretus_log_unsealed_seconds"), "{figures}");
    assert!(!figures.contains(&server.site.subject.to_string()), "an id is in the figures");
    assert_eq!(server.get("/ready", &[]).json()["status"], "ready");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_its_work_ends_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_path_buf();
    support::make(&data, &Location::Sqlite { directory: data.clone() }).await;
    let site = SiteArguments::new(data, None).open().await.unwrap();
    let listener = super::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let ended = super::serve_beside(site, listener, std::future::pending(), |server, stopped| {
        let mut work = super::background(server, stopped);
        work.spawn(async { panic!("as if the adjudicator had a fault") });
        work
    });
    assert!(ended.await.unwrap_err().to_string().contains("the work beside it"));
}
