//! Consents over the API, as a service sends them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::{Value, json};

use super::tests::Running;
use super::tests::support::{Answer, ask};

fn post(server: &Running, path: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {}", server.site.enrolment);
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    ask("POST", &format!("{}{path}", server.base), &headers, Some(&body.to_string())).unwrap()
}

fn problem(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json()["type"].as_str().unwrap_or_default().replace("urn:moretus:problem:", ""))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_is_taken_back_once_its_consequences_were_shown() {
    let server = Running::start().await;
    let (subject, portfolio) = (server.site.subject, server.site.portfolio);
    let consents = format!("/api/v1/members/{subject}/consents");
    let shown = |language: &str| {
        let path =
            format!("{consents}/consent.health/consequences?portfolio={portfolio}&language={language}");
        server.get_as(&server.site.staff, &path).json()
    };
    let (french, english) = (shown("fr"), shown("en"));
    assert_eq!(french["closes"].as_array().unwrap().len(), english["closes"].as_array().unwrap().len());
    assert_ne!(french["closes"][0]["heading"], english["closes"][0]["heading"]);
    assert_eq!(french["closes"][0]["clause"], english["closes"][0]["clause"]);

    let withdraw = |language: &str, shown: &Value| {
        let path = format!("{consents}/withdrawals?portfolio={portfolio}");
        let body =
            json!({ "consent": "consent.health", "language": language, "channel": "letter", "shown": shown });
        post(&server, &path, &body)
    };
    let unseen = withdraw("en", &french["shown"]);
    assert_eq!(problem(&unseen), (409, "consequences-not-shown".to_owned()));
    let taken_back = withdraw("fr", &french["shown"]);
    assert_eq!(taken_back.status, 204, "{}", taken_back.body);
    assert_eq!(withdraw("fr", &french["shown"]).status, 204, "the same answer, whatever stood before");

    let give = |body: &Value| post(&server, &format!("{consents}?portfolio={portfolio}"), body);
    let today = &server.site.today;
    let body = json!({ "consent": "consent.health", "notice": "2026-11-01", "language": "nl", "day": today,
        "channel": "telephone" });
    assert_eq!(give(&body).status, 204);
    assert_eq!(give(&body).status, 204);
    let mut other = body.clone();
    other["giver"] = json!("00000000-0000-4000-8000-000000000000");
    assert_eq!(problem(&give(&other)), (403, "not-theirs".to_owned()));
    let unknown =
        format!("/api/v1/members/00000000-0000-4000-8000-000000000000/consents?portfolio={portfolio}");
    assert_eq!(problem(&post(&server, &unknown, &body)), (403, "not-theirs".to_owned()), "as above");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_consent_is_refused_by_its_field() {
    let server = Running::start().await;
    let (subject, portfolio) = (server.site.subject, server.site.portfolio);
    let path = format!("/api/v1/members/{subject}/consents?portfolio={portfolio}");
    let good = json!({ "consent": "consent.health", "notice": "2026-11-01", "language": "nl",
        "day": server.site.today, "channel": "letter" });
    let cases = [
        (
            "consent",
            json!("work-item"),
            "`consent`: no consent that can be given here; use one of consent.health",
        ),
        ("consent", json!("consent.wealth"), "`consent`: unknown condition"),
        ("notice", json!("wealth"), "this consent cannot be recorded as sent: this version is not published"),
        ("language", json!("xx"), "`language`: unknown language"),
        ("day", json!("2000-01-01"), "this consent cannot be recorded as sent: on that day"),
        ("channel", json!("pigeon"), "`channel`: unknown consent channel"),
        ("secret", json!(1), "the body is not a JSON object"),
    ];
    for (field, value, detail) in cases {
        let mut body = good.clone();
        body[field] = value;
        let answer = post(&server, &path, &body);
        assert_eq!(answer.status, 422, "{}", answer.body);
        assert!(answer.json()["detail"].as_str().unwrap().starts_with(detail), "{}", answer.body);
        assert!(!answer.body.contains("pigeon") && !answer.body.contains("wealth"), "{}", answer.body);
    }
    server.stop().await;
}
