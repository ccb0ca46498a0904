//! Consents over the API, as a service sends them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::{Value, json};

use super::tests::Running;
use super::tests::support::{Answer, ask};

fn post(server: &Running, path: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {}", server.site.intake);
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    ask("POST", &format!("{}{path}", server.base), &headers, Some(&body.to_string())).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_is_taken_back_once_its_consequences_were_shown() {
    let server = Running::start().await;
    let (subject, portfolio) = (server.site.subject, server.site.portfolio);
    let consents = format!("/api/v1/members/{subject}/consents");
    let shown = |language: &str| {
        let path = format!(
            "/api/v1/portfolios/{portfolio}/consents/consent.health/consequences?language={language}"
        );
        server.get_as(&server.site.intake, &path).json()
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
    assert_eq!(
        (unseen.status, unseen.json()["type"].as_str()),
        (409, Some("urn:moretus:problem:consequences-not-shown"))
    );
    let taken_back = withdraw("fr", &french["shown"]);
    assert_eq!(
        (taken_back.status, &taken_back.json()["wasLive"]),
        (200, &json!(true)),
        "{}",
        taken_back.body
    );
    assert_eq!(withdraw("fr", &french["shown"]).json()["wasLive"], json!(false));

    let give = |body: Value| post(&server, &format!("{consents}?portfolio={portfolio}"), &body);
    let body = json!({ "consent": "consent.health", "language": "nl", "channel": "telephone" });
    assert_eq!(give(body.clone()).status, 201);
    assert_eq!(give(body).status, 200, "it stands already");
    let other = json!({ "consent": "consent.health", "language": "nl", "channel": "telephone",
        "giver": "00000000-0000-4000-8000-000000000000" });
    assert_eq!(
        (give(other.clone()).status, give(other).json()["type"].as_str().map(str::to_owned)),
        (403, Some("urn:moretus:problem:not-theirs".to_owned()))
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_consent_is_refused_by_its_field() {
    let server = Running::start().await;
    let (subject, portfolio) = (server.site.subject, server.site.portfolio);
    let path = format!("/api/v1/members/{subject}/consents?portfolio={portfolio}");
    let cases = [
        (
            json!({ "consent": "work-item", "language": "nl", "channel": "letter" }),
            "`consent`: no consent; use one of consent.health",
        ),
        (
            json!({ "consent": "consent.wealth", "language": "nl", "channel": "letter" }),
            "`consent`: unknown condition",
        ),
        (
            json!({ "consent": "consent.health", "language": "xx", "channel": "letter" }),
            "`language`: unknown language",
        ),
        (
            json!({ "consent": "consent.health", "language": "nl", "channel": "pigeon" }),
            "`channel`: unknown consent channel",
        ),
        (
            json!({ "consent": "consent.health", "language": "nl", "channel": "letter", "secret": 1 }),
            "the body is not a JSON object",
        ),
        (json!([]), "the body is not a JSON object"),
    ];
    for (body, detail) in cases {
        let answer = post(&server, &path, &body);
        assert_eq!(answer.status, 422, "{}", answer.body);
        assert!(answer.json()["detail"].as_str().unwrap().starts_with(detail), "{}", answer.body);
        assert!(!answer.body.contains("pigeon") && !answer.body.contains("wealth"), "{}", answer.body);
    }
    let unknown =
        format!("/api/v1/members/00000000-0000-4000-8000-000000000000/consents?portfolio={portfolio}");
    let good = json!({ "consent": "consent.health", "language": "nl", "channel": "letter" });
    assert_eq!(post(&server, &unknown, &good).status, 404);
    server.stop().await;
}
