//! Estimates over the API, as a service of whoever answers a member's question asks for one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::{Value, json};

use super::tests::support::{Answer, ask};
use super::tests::{Running, UNKNOWN};

fn post(server: &Running, token: &str, subject: &str, query: &str, body: &Value) -> Answer {
    let path = format!("/api/v1/members/{subject}/estimates?portfolio={}{query}", server.site.portfolio);
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    ask("POST", &format!("{}{path}", server.base), &headers, Some(&body.to_string())).unwrap()
}

/// The treatment of the documentation, on the day of the test.
fn treatment(server: &Running) -> Value {
    let text = include_str!("../../../../docs/examples/treatment.json");
    let mut treatment: Value = serde_json::from_str(text).unwrap();
    treatment["lines"][0]["from"] = json!(server.site.today);
    treatment["lines"][1]["from"] = json!(server.site.today);
    treatment
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_treatment_would_cost_is_told_with_a_task_alone() {
    let server = Running::start().await;
    let (staff, subject) = (&server.site.staff, server.site.subject.to_string());
    let (item, treatment) = (format!("&item={}", server.site.item), treatment(&server));
    let told = post(&server, staff, &subject, &format!("{item}&language=nl"), &treatment);
    assert_eq!(told.status, 200, "{}", told.body);
    let told = told.json();
    assert_eq!((&told["total"]["charged"], &told["language"]), (&json!("405.00"), &json!("nl")));
    assert_eq!(told["lines"].as_array().unwrap().len(), 2);
    assert!(told["text"].as_str().unwrap().contains("aangerekend"));
    // Asked again it is the same: nothing was counted.
    assert_eq!(post(&server, staff, &subject, &format!("{item}&language=nl"), &treatment).json(), told);
    for (token, subject, query) in [
        (staff, subject.as_str(), ""),
        (staff, UNKNOWN, item.as_str()),
        (&server.site.payments, subject.as_str(), item.as_str()),
    ] {
        assert_eq!(post(&server, token, subject, query, &treatment).status, 403);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_treatment_that_cannot_be_used_is_refused_by_its_field() {
    let server = Running::start().await;
    let (staff, subject) = (&server.site.staff, server.site.subject.to_string());
    let (item, good) = (format!("&item={}", server.site.item), treatment(&server));
    let mut typed = good.clone();
    typed["lines"][0]["serviceType"] = json!("secret");
    let mut backwards = good.clone();
    backwards["lines"][1]["to"] = json!("1930-01-01");
    let mut country = good.clone();
    country["country"] = json!("secret");
    let cases = [
        (json!({}), "the body is not a JSON object"),
        (country, "`country`: country: not an ISO 3166-1"),
        (typed, "`lines[1].serviceType`: unknown service type"),
        (backwards, "`lines[2].to`: earlier than the first day"),
    ];
    for (body, detail) in cases {
        let answer = post(&server, staff, &subject, &item, &body);
        assert_eq!(answer.status, 422, "{}", answer.body);
        assert!(answer.json()["detail"].as_str().unwrap().starts_with(detail), "{}", answer.body);
        assert!(!answer.body.contains("secret"), "{}", answer.body);
    }
    server.stop().await;
}
