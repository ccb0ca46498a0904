//! The documents beside the notice as a client meets them: their pages, the list of cookies beside the cookies that
//! really come, and the travel questionnaire with its supplement.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use axum::Router;
use axum::http::header;
use axum::routing::get;
use notice::{Related, SHIPPED_RELATED, SetCookie};
use serde_json::{Value, json};

use super::tests::Running;
use super::tests::support::{Answer, ask};

/// The cookies that an answer sets.
pub(super) fn cookies(answer: &Answer) -> Vec<SetCookie> {
    let set = answer.headers.get("set-cookie");
    set.into_iter().flat_map(|all| all.lines()).filter_map(SetCookie::parse).collect()
}

/// How the cookie notice that ships differs from what was set.
pub(super) fn cookie_faults(set: &[SetCookie]) -> Vec<String> {
    let all = SHIPPED_RELATED.iter().map(|files| Related::read(files).unwrap());
    let notice = all.into_iter().find(|one| one.name() == "cookies").unwrap();
    notice.compare_cookies(set).iter().map(ToString::to_string).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_form_of_any_page_sets_a_cookie_that_the_notice_does_not_list() {
    let server = Running::start().await;
    let notice = format!("/notice/{}", server.site.portfolio);
    let mut set = Vec::new();
    for document in ["", "/online", "/cookies", "/travel"] {
        for form in ["", ".txt", ".html", ".pdf"] {
            let answer = server.get(&format!("{notice}{document}{form}?lang=nl"), &[("accept", "text/html")]);
            assert_eq!(answer.status, 200, "{document}{form}");
            set.extend(cookies(&answer));
        }
    }
    set.extend(cookies(&server.get("/nothing", &[("accept", "text/html")])));
    assert_eq!(cookie_faults(&set), Vec::<String>::new());
    server.stop().await;
}

/// The check bites: a page that sets two cookies, over the same client.
#[tokio::test(flavor = "multi_thread")]
async fn a_planted_cookie_is_found() {
    let planted = [(header::SET_COOKIE, "session=1; Path=/"), (header::SET_COOKIE, "seen=1; Max-Age=60")];
    let page = move || async move { (axum::response::AppendHeaders(planted), "here") };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let serving =
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/", get(page))).await });
    let answer = tokio::task::spawn_blocking(move || ask("GET", &url, &[], None).unwrap()).await.unwrap();
    serving.abort();
    let faults = cookie_faults(&cookies(&answer));
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].contains("cookie `session` is set and not listed"), "{faults:?}");
    assert!(faults[1].contains("cookie `seen` is set and not listed"), "{faults:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_beside_the_notice_are_read_printed_and_downloaded() {
    let server = Running::start().await;
    let notice = format!("/notice/{}", server.site.portfolio);
    let main = server.get(&format!("{notice}?lang=fr"), &[]).body;
    for name in ["online", "cookies"] {
        assert!(
            main.contains(&format!("<a href=\"{notice}/{name}?lang=fr\">")),
            "the notice leads to {name}"
        );
    }
    assert!(
        main.contains(&format!("href=\"{notice}/travel?lang=fr\"")),
        "what is published beside it is listed"
    );
    let page = server.get(&format!("{notice}/cookies?lang=fr"), &[]).body;
    assert!(page.contains("<title>Avis sur les cookies de Test Administrators"), "{page}");
    assert!(
        page.contains("Aucun : aucun cookie n\u{2019}est") || page.contains("Aucun : aucun cookie n'est"),
        "{page}"
    );
    assert!(
        page.contains(&format!("<a href=\"{notice}?lang=fr\">avis de protection des données</a>")),
        "{page}"
    );
    let text = server.get(&format!("{notice}/travel.txt?lang=de&download=1"), &[]);
    assert!(text.body.contains("Reisefragebogen") && text.body.contains("SHA-256 "), "{}", text.body);
    assert_eq!(text.headers["content-disposition"], "attachment; filename=\"travel-2026-11-01-de.txt\"");
    let file = server.get(&format!("{notice}/online.html?lang=en"), &[]).body;
    assert!(!file.contains("href=\"/") && !file.contains("related:"), "the file stands alone");
    let printed = server.get(&format!("{notice}/online.pdf?lang=en"), &[]);
    assert!(printed.body.starts_with("%PDF-1.7") && printed.body.contains("/Lang(en)"));
    let other = server.get(&format!("{notice}/cookies.pdf?lang=en"), &[]);
    assert!(other.body != printed.body, "each document is printed by itself");
    for lost in ["/cakes", "/cookies?version=1999-01-01", "/.pdf"] {
        assert_eq!(server.get(&format!("{notice}{lost}"), &[]).status, 404, "{lost}");
    }
    server.stop().await;
}

impl Running {
    fn post_answers(&self, token: &str, key: &str, answers: &Value) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("idempotency-key", key),
            ("content-type", "application/json"),
        ];
        let site = &self.site;
        let url = format!(
            "{}/api/v1/members/{}/travel-questionnaires?portfolio={}",
            self.base, site.subject, site.portfolio
        );
        ask("POST", &url, &headers, Some(&answers.to_string())).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_taken_in_under_the_supplement_that_was_shown_and_open_under_it_alone() {
    let server = Running::start().await;
    let site = &server.site;
    let shown = format!("/api/v1/portfolios/{}/supplements/travel?language=nl", site.portfolio);
    let shown = server.get_as(&site.enrolment, &shown).json();
    assert!(shown["text"].as_str().unwrap().contains("Reisvragenlijst"), "{shown}");
    let mut answers = json!({
        "supplement": shown["supplement"], "phone": "+32 470 00 00 00", "destination": "JP",
        "arrival": "2027-03-01", "departure": "2027-03-20",
    });
    let taken = server.post_answers(&site.enrolment, "trip-1", &answers);
    assert_eq!(taken.status, 201, "{}", taken.body);
    assert_eq!(server.post_answers(&site.enrolment, "trip-1", &answers).body, taken.body, "once");
    answers["destination"] = json!("KR");
    assert_eq!(server.post_answers(&site.enrolment, "trip-1", &answers).status, 409, "another under its key");
    let refused = server.post_answers(&site.staff, "trip-2", &answers);
    assert_eq!((refused.status, refused.json()["clause"].as_str()), (403, Some("travel.assist")));
    answers["supplement"] = json!("00000000-0000-4000-8000-000000000000");
    assert_eq!(server.post_answers(&site.enrolment, "trip-3", &answers).status, 404, "no such supplement");
    answers["phone"] = json!("");
    let unread = server.post_answers(&site.enrolment, "trip-4", &answers);
    assert!(unread.status == 422 && unread.body.contains("`phone`"), "{}", unread.body);

    let record = taken.json()["questionnaire"].as_str().unwrap().to_owned();
    let path = format!(
        "/api/v1/members/{}/travel-questionnaires/{record}?portfolio={}",
        site.subject, site.portfolio
    );
    let refused = server.get_as(&site.staff, &path);
    assert_eq!((refused.status, refused.json()["clause"].as_str()), (403, Some("travel.assist")));
    let read = server.get_as(&site.staff, &format!("{path}&item={}", site.item));
    assert_eq!(read.status, 200, "{}", read.body);
    assert_eq!(read.json()["destination"], "JP");
    assert_eq!(read.json()["phone"], "+32 470 00 00 00");
    // Customer service has a clause of the notice for this purpose, and the supplement lets nothing through for it.
    let otherwise =
        server.get_as(&site.staff, &format!("{path}&item={}&purpose=customer-service", site.item));
    assert_eq!(otherwise.status, 403, "{}", otherwise.body);
    server.stop().await;
}
