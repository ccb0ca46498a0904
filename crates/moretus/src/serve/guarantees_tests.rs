//! Guarantees of payment over the API, from the request to the decision, as services of providers and staff send them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::{Value, json};

use super::tests::Running;
use super::tests::support::{Answer, SOURCE, ask};

impl Running {
    fn post(&self, token: &str, path: &str, more: &[(&str, &str)], body: Option<&str>) -> Answer {
        let bearer = format!("Bearer {token}");
        let mut headers = vec![("authorization", bearer.as_str()), ("content-type", "application/json")];
        headers.extend(more);
        ask("POST", &format!("{}{path}", self.base), &headers, body.or(Some(""))).unwrap()
    }

    fn request_guarantee(&self, key: &str, body: &str) -> Answer {
        let path = format!("/api/v1/portfolios/{}/guarantees?source={SOURCE}", self.site.portfolio);
        self.post(&self.site.intake, &path, &[("idempotency-key", key)], Some(body))
    }

    fn take(&self, token: &str) -> Answer {
        self.post(token, &format!("/api/v1/portfolios/{}/guarantees/next", self.site.portfolio), &[], None)
    }
}

fn preauthorization(server: &Running, id: &str) -> String {
    server.site.claim(id, "1200.00").replace("\"use\":\"claim\"", "\"use\":\"preauthorization\"")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guarantee_is_asked_for_taken_and_decided() {
    let server = Running::start().await;
    let (site, nurse) = (&server.site, server.site.clinical.as_str());
    assert_eq!(server.take(nurse).status, 204, "nothing waits");
    let asked = server.request_guarantee("key", &preauthorization(&server, "stay"));
    assert_eq!((asked.status, asked.json()["state"].as_str()), (202, Some("requested")), "{}", asked.body);
    assert_eq!(server.request_guarantee("key", &preauthorization(&server, "stay")).body, asked.body);
    let claim = server.request_guarantee("other", &site.claim("claim", "1.00"));
    assert_eq!(claim.status, 422, "a claim is no request: {}", claim.body);
    assert!(claim.json()["detail"].as_str().unwrap().contains("Claim.use"));

    let taken = server.take(nurse);
    assert_eq!((taken.status, &taken.json()["guarantee"]), (200, &asked.json()["guarantee"]));
    let address = format!(
        "/api/v1/members/{}/guarantees/{}",
        site.subject,
        taken.json()["guarantee"].as_str().unwrap()
    );
    let query = format!("portfolio={}", site.portfolio);
    let file = server.get_as(nurse, &format!("{address}?{query}"));
    assert_eq!(file.status, 200, "{}", file.body);
    assert_eq!(file.json()["person"]["name"], site.name.as_str());
    assert_eq!(file.json()["lines"][0]["estimate"], json!({ "amount": "1200.00", "currency": "EUR" }));
    for other in [&site.staff, &site.intake, &site.enrolment] {
        let refused = server.get_as(other, &format!("{address}?{query}"));
        assert_eq!(refused.status, 403, "{}", refused.body);
        assert!(!refused.body.contains(&site.name));
    }

    let decide = |version: &str, body: &Value| {
        let path = format!("{address}/decisions?{query}");
        server.post(nurse, &path, &[("if-match", version)], Some(&body.to_string()))
    };
    let terms = json!({ "outcome": "granted", "to": site.hospital.to_string(),
        "maximum": { "amount": "1000.00", "currency": "EUR" },
        "memberShare": { "amount": "200.00", "currency": "EUR" },
        "first": site.today, "last": site.today });
    let version = file.headers["etag"].clone();
    let path = format!("{address}/decisions?{query}");
    assert_eq!(server.post(nurse, &path, &[], Some(&terms.to_string())).status, 428, "without If-Match");
    assert_eq!(decide("\"99\"", &terms).status, 412);
    let mut dollars = terms.clone();
    dollars["maximum"]["currency"] = json!("USD");
    assert_eq!(decide(&version, &dollars).status, 422);
    let decided = decide(&version, &terms);
    assert_eq!(
        (decided.status, decided.json()["state"].as_str()),
        (200, Some("granted")),
        "{}",
        decided.body
    );
    let letter = |to: &str| server.get_as(nurse, &format!("{address}/letter?{query}&to={to}&language=nl"));
    let sent = letter(&site.hospital.to_string());
    assert_eq!(
        (sent.status, sent.headers["content-type"].as_str()),
        (200, "application/pdf"),
        "{}",
        sent.body
    );
    assert_eq!(letter("00000000-0000-4000-8000-000000000000").status, 403, "not in the register");
    let file = server.get_as(nurse, &format!("{address}?{query}"));
    assert_eq!(file.json()["decisions"][0]["maximum"]["amount"], "1000.00");
    assert_eq!(decide(&file.headers["etag"], &json!({ "outcome": "withdrawn" })).status, 200);
    assert_eq!(server.get_as(nurse, &format!("{address}?{query}")).status, 403, "closed");
    server.stop().await;
}
