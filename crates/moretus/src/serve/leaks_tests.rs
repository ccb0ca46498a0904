//! Ways in which other systems leak, tried on every route: whether there is somebody, what other systems' parameters
//! would bring along, and copies that are kept on the way. What the gate does is in the promises of `service`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod bodies;
mod searches;

use std::collections::BTreeMap;

use gate::{Bar, Entry};
use store::StoreError;

use self::bodies::{Sent, bodies};
use super::tests::support::{self, Answer, ask};
use super::tests::{Running, UNKNOWN, address};

const METHODS: [&str; 3] = ["GET", "POST", "DELETE"];

fn callers(server: &Running) -> [&str; 6] {
    let site = &server.site;
    [&site.staff, &site.other_staff, &site.intake, &site.enrolment, &site.payments, &site.clinical]
        .map(String::as_str)
}

fn ask_as(server: &Running, token: &str, method: &str, address: &str, query: &str) -> Answer {
    let empty = Sent { media_type: "application/json", body: "{}".to_owned() };
    send_as(server, token, method, (address, query), ("leaks", &empty))
}

fn send_as(
    server: &Running,
    token: &str,
    method: &str,
    (address, query): (&str, &str),
    (key, sent): (&str, &Sent),
) -> Answer {
    let site = &server.site;
    let url = format!(
        "{}{address}?portfolio={}&source={}&language=en&purpose=access-request{query}",
        server.base,
        site.portfolio,
        support::SOURCE
    );
    let bearer = format!("Bearer {token}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("idempotency-key", key),
        ("content-type", sent.media_type),
        ("if-match", "\"1\""),
    ];
    let Answer { status, mut headers, body } =
        ask(method, &url, &headers, (method == "POST").then_some(sent.body.as_str())).unwrap();
    // Whether the connection closes hangs on how much of the body had come, not on whom it is about.
    ["x-request-id", "date", "connection"].iter().for_each(|name| drop(headers.remove(*name)));
    Answer { status, headers, body }
}

/// An answer, and what was done for it: each statement, and how many entries were written.
type Told = (u16, BTreeMap<String, String>, String, Vec<String>);

/// What is told, and done, of what is sent about somebody. What the sealer does beside it, five times a second (in the
/// log, and in the site's marks), and that a token is looked up again once in a second, is left out.
fn told(server: &Running, (method, token): (&str, &str), address: &str, (key, sent): (&str, &Sent)) -> Told {
    drop(server.app.store().take_trace());
    let Answer { status, headers, body } = send_as(server, token, method, (address, ""), (key, sent));
    let mut steps = server.app.store().take_trace();
    let is_beside = |step: &String| step.contains("moretus_log") || step.contains("moretus.meta");
    steps.retain(|step| !is_beside(step) && step != "actor_of_token");
    (status, headers, body, steps)
}

/// What is refused about somebody is refused in the same words about nobody, whatever is wrong with what was sent, and the
/// same is done for it: status, body and headers, statements, and entries.
#[tokio::test(flavor = "multi_thread")]
async fn no_route_tells_whether_there_is_somebody() {
    let server = Running::start_alone().await;
    let (there, mut compared, mut written) = (server.site.subject.to_string(), 0, 0);
    let mut asked = 0_u32;
    for (path, _) in super::routes::routes().into_iter().filter(|(path, _)| path.contains("{subject}")) {
        let (of_somebody, of_nobody) =
            (address(&server.site, path, &there), address(&server.site, path, UNKNOWN));
        let pairs = bodies(&server, path, &there).into_iter().zip(bodies(&server, path, UNKNOWN));
        for (number, (about_somebody, about_nobody)) in pairs.enumerate() {
            // A body is what is posted alone.
            let methods = METHODS.into_iter().filter(|method| number == 0 || *method == "POST");
            for (method, token) in methods.flat_map(|method| callers(&server).map(|token| (method, token))) {
                asked += 1;
                let key = format!("leaks-{asked}");
                // What is kept of the notices is read once by each server.
                drop(told(&server, (method, token), &of_nobody, (&key, &about_nobody)));
                let somebody = told(&server, (method, token), &of_somebody, (&key, &about_somebody));
                if somebody.0 >= 400 {
                    let nobody = told(&server, (method, token), &of_nobody, (&key, &about_nobody));
                    assert_eq!(somebody, nobody, "{method} {path}: {}", about_somebody.body);
                    compared += 1;
                    written += usize::from(somebody.3.iter().any(|step| step.ends_with("1 written")));
                }
            }
        }
    }
    assert!(compared > 300 && written > 100, "{compared} answers were compared, {written} with an entry");
    server.stop().await;
}

/// What would expand, choose, sort, filter or count elsewhere changes nothing on any route that is read: a view lists what it
/// opens.
#[tokio::test(flavor = "multi_thread")]
async fn no_parameter_opens_filters_or_counts_by_what_is_withheld() {
    let server = Running::start().await;
    let cover = server.get_as(&server.site.staff, &server.site.cover_path());
    assert_eq!((cover.status, cover.json()["exclusions"]["withheld"].as_str()), (200, Some("health")));
    let subject = server.site.subject.to_string();
    let item = format!("&item={}", server.site.item);
    // What counts the requests themselves differs each time.
    let counts = ["/metrics", "/ready", "/health"];
    let mut answered = 0;
    for (path, _) in super::routes::routes().into_iter().filter(|(path, _)| !counts.contains(path)) {
        let address = address(&server.site, path, &subject);
        for token in [&server.site.staff, &server.site.payments, &server.site.enrolment] {
            let plain = ask_as(&server, token, "GET", &address, &item);
            if plain.status == 405 {
                continue;
            }
            answered += usize::from(plain.status == 200);
            for parameter in PARAMETERS {
                let answer = ask_as(&server, token, "GET", &address, &format!("{item}&{parameter}"));
                let told = (answer.status, &answer.headers, &answer.body);
                assert_eq!(told, (plain.status, &plain.headers, &plain.body), "{path} {parameter}");
            }
        }
    }
    assert!(answered > 10, "{answered} answers told something");
    server.stop().await;
}

/// Parameters of other systems, by names of what is withheld and of what is not.
const PARAMETERS: [&str; 17] = [
    "_include=*",
    "_revinclude=Claim:patient",
    "_elements=exclusions",
    "_summary=count",
    "_total=accurate",
    "_count=1",
    "_sort=exclusions",
    "exclusions=Z99",
    "exclusions:exact=Z99",
    "_filter=exclusions%20eq%20Z99",
    "_has:Claim:patient:diagnosis=Z99",
    "fields=exclusions",
    "$expand=claims",
    "$filter=exclusions%20eq%20'Z99'",
    "$count=true",
    "expand=exclusions",
    "limit=1",
];

/// Nothing of anybody stays in a cache on the way.
#[tokio::test(flavor = "multi_thread")]
async fn every_answer_of_the_api_is_kept_by_nobody() {
    let server = Running::start().await;
    let subject = server.site.subject.to_string();
    for (path, _) in super::routes::routes().into_iter().filter(|(path, _)| path.starts_with("/api/")) {
        for (method, token) in
            METHODS.into_iter().flat_map(|method| callers(&server).map(|token| (method, token)))
        {
            let item = format!("&item={}", server.site.item);
            let answer = ask_as(&server, token, method, &address(&server.site, path, &subject), &item);
            let kept = answer.headers.get("cache-control").map(String::as_str);
            assert_eq!(kept, Some("no-store"), "{method} {path}: {}", answer.status);
        }
    }
    server.stop().await;
}

/// On every route each caller, with a task and without one, gets what the clause shows of whom they ask about, and nothing else
/// of anybody: in bodies, in headers and in errors.
#[tokio::test(flavor = "multi_thread")]
async fn no_answer_tells_more_than_its_clause_shows() {
    let server = Running::start().await;
    let (subject, values) = (server.site.subject.to_string(), server.site.values());
    let mut told = std::collections::BTreeSet::new();
    for (path, _) in super::routes::routes() {
        let address = address(&server.site, path, &subject);
        let tasks = [format!("&item={}", server.site.item), String::new()];
        for (method, token) in
            METHODS.into_iter().flat_map(|method| callers(&server).map(|token| (method, token)))
        {
            for task in &tasks {
                let Answer { headers, body, .. } = ask_as(&server, token, method, &address, task);
                let answer = format!("{headers:?}{body}");
                for (what, is_asked, _) in values.iter().filter(|(_, _, value)| answer.contains(value)) {
                    // Families share a policy, so that its number is whoever's it was asked of.
                    assert!(*is_asked || *what == "policy number", "{method} {path}: the {what} of another");
                    told.insert((path, method, token == server.site.staff, !task.is_empty(), *what));
                }
            }
        }
    }
    // `CoverPage`, under the clause for customer service.
    let cover = "/api/v1/members/{subject}/coverage/{coverage}";
    let shown = ["name", "policy number"].map(|what| (cover, "GET", true, true, what));
    assert_eq!(told, shown.into_iter().collect());
    server.stop().await;
}

/// Who is turned away at the wall gets the answer of what is not there, and it is on the record.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_turned_away_by_a_route_is_on_the_record() {
    let server = Running::start().await;
    let chain = gate::portfolio_chain(server.site.portfolio);
    let turned_away = async || {
        let read = |unit: &mut store::Unit<'_>| store::log::entries_between(unit, 0, i64::MAX);
        let stored = server.app.store().read(read).await.map_err(|error: StoreError| error).unwrap();
        let of_chain = stored.iter().filter(|one| one.subject == chain);
        let entries = of_chain.filter_map(|one| Entry::from_bytes(&one.body));
        entries.filter(|entry| entry.bar == Some(Bar::StaffWall)).count()
    };
    let mut expected = 0;
    for (path, _) in super::routes::routes().into_iter().filter(|(path, _)| path.contains("{subject}")) {
        let address = address(&server.site, path, &server.site.subject.to_string());
        for method in METHODS {
            let answer = ask_as(&server, &server.site.other_staff, method, &address, "");
            if answer.status != 405 {
                assert_eq!(answer.status, 404, "{method} {path}");
                expected += 1;
            }
        }
    }
    assert_eq!(turned_away().await, expected);
    assert!(expected > 10, "{expected} routes");
    server.stop().await;
}
