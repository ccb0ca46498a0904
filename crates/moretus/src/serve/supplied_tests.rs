//! Payment cards, supplied material, and card numbers in every text over the API, as a service sends them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use domain::Recipient;
use serde_json::{Value, json};
use store::work_item::Assignee;

use super::tests::Running;
use super::tests::support::{Answer, ask};

const NUMBER: &str = "4111 1111 1111 1111";

fn send(server: &Running, method: &str, token: &str, path: &str, kind: &str, body: Option<&str>) -> Answer {
    let bearer = format!("Bearer {token}");
    let key = format!("{method} {path} {}", body.unwrap_or_default().len()).replace(' ', "-");
    let headers = [("authorization", bearer.as_str()), ("content-type", kind), ("idempotency-key", &key)];
    ask(method, &format!("{}{path}", server.base), &headers, body).unwrap()
}

fn post(server: &Running, token: &str, path: &str, body: &Value) -> Answer {
    send(server, "POST", token, path, "application/json", Some(&body.to_string()))
}

fn detail(answer: &Answer) -> String {
    assert!(!answer.body.contains("1111"), "a number is repeated: {}", answer.body);
    answer.json()["detail"].as_str().unwrap_or_default().to_owned()
}

/// A team's task: whoever of the payments staff is in the team handles the cards, and a colleague of another does not.
#[tokio::test(flavor = "multi_thread")]
async fn a_team_that_has_the_task_handles_the_cards() {
    let server = Running::start().await;
    let (site, app, keeper) = (&server.site, &server.app, server.keeper());
    let colleague = async |team: &str| {
        let new = service::NewActor {
            recipient: Recipient::PaymentsStaff,
            portfolio: site.portfolio,
            role: "premiums".to_owned(),
            team: team.to_owned(),
            country: "BE".parse().unwrap(),
            organisation: None,
            own_files: Vec::new(),
            sponsors: Vec::new(),
            trained_until: Some(app.today().unwrap()),
            authority: Vec::new(),
            days: 1,
        };
        service::enter_actor(app, &keeper, &new).await.unwrap().1
    };
    let (north, also_north, south) =
        (colleague("north").await, colleague("north").await, colleague("south").await);
    let to = Assignee::Team("north".to_owned());
    let new = service::NewWork { portfolio: site.portfolio, subject: site.subject, to, days: 1 };
    let given = service::assign_work(app, &keeper, &new).await.unwrap();
    let cards = format!(
        "/api/v1/members/{}/payment-cards?portfolio={}&item={}",
        site.subject, site.portfolio, given.item
    );
    let card = json!({ "provider": "Payments House", "token": "tok_1NvZzQ2e", "lastDigits": "4242" });
    assert_eq!(post(&server, &north, &cards, &card).status, 201);
    let listed = server.get_as(&also_north, &cards);
    assert_eq!(listed.json()["cards"][0]["lastDigits"], "4242", "{}", listed.body);
    for token in [&south, &site.payments] {
        let refused = server.get_as(token, &cards);
        assert_eq!(
            (refused.status, &refused.json()["clause"]),
            (403, &json!("use.premium")),
            "{}",
            refused.body
        );
    }
    service::end_work(app, &keeper, site.portfolio, given.item).await.unwrap();
    assert_eq!(server.get_as(&north, &cards).status, 403);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_kept_as_token_and_last_digits() {
    let server = Running::start().await;
    let site = &server.site;
    let query = format!("portfolio={}&item={}", site.portfolio, site.item);
    let cards = format!("/api/v1/members/{}/payment-cards", site.subject);
    let good = json!({ "provider": "Payments House", "token": "tok_1NvZzQ2e", "lastDigits": "4242" });
    let made = post(&server, &site.payments, &format!("{cards}?{query}"), &good);
    assert_eq!(made.status, 201, "{}", made.body);
    let listed = server.get_as(&site.payments, &format!("{cards}?{query}"));
    assert_eq!(listed.json()["cards"][0]["token"], "tok_1NvZzQ2e");
    assert_eq!(listed.json()["cards"][0]["lastDigits"], "4242");
    assert_eq!(server.get_as(&site.staff, &format!("{cards}?{query}")).json()["clause"], "use.premium");

    for (field, value, says) in [
        ("token", NUMBER.replace(' ', ""), "`token`: payment provider's token: holds what looks like"),
        ("provider", format!("House {NUMBER}"), "`provider`: payment provider: holds what looks like"),
        ("lastDigits", NUMBER.to_owned(), "`lastDigits`: last digits: longer than 4"),
        ("number", NUMBER.to_owned(), "the body is not a JSON object with the fields"),
    ] {
        let mut bad = good.clone();
        bad[field] = json!(value);
        let answer = post(&server, &site.payments, &format!("{cards}?{query}"), &bad);
        assert_eq!(answer.status, 422, "{}", answer.body);
        assert!(detail(&answer).starts_with(says), "{}", answer.body);
    }
    let one = format!("{cards}/{}?{query}", made.json()["card"].as_str().unwrap());
    assert_eq!(send(&server, "DELETE", &site.payments, &one, "", None).status, 204);
    assert_eq!(send(&server, "DELETE", &site.payments, &one, "", None).status, 404);
    assert_eq!(server.get_as(&site.payments, &format!("{cards}?{query}")).json()["cards"], json!([]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn material_waits_is_looked_at_and_filed_or_refused() {
    let server = Running::start().await;
    let site = &server.site;
    let (portfolio, subject) = (site.portfolio, site.subject);
    let material = format!("/api/v1/members/{subject}/material");
    let supply = |token: &str, kind: &str, body: &str| {
        send(&server, "POST", token, &format!("{material}?portfolio={portfolio}"), kind, Some(body))
    };
    let letter = supply(&site.intake, "text/plain; charset=utf-8", "My knee, again.");
    assert_eq!((letter.status, letter.json()["state"].as_str()), (202, Some("waiting")), "{}", letter.body);
    let again = supply(&site.intake, "text/plain", "My knee, again.");
    assert_eq!(again.body, letter.body, "the same request, the same answer");
    let scan = supply(&site.staff, "image/png", "not really a picture");
    assert_eq!(scan.status, 202, "{}", scan.body);
    let by_another = supply(&site.payments, "text/plain", "x");
    assert_eq!(
        (by_another.status, by_another.json()["type"].as_str()),
        (403, Some("urn:moretus:problem:no-clause"))
    );
    let card = supply(&site.intake, "text/plain", &format!("My card is {NUMBER}."));
    assert!(
        card.status == 422 && detail(&card).starts_with("material: holds what looks like"),
        "{}",
        card.body
    );
    assert_eq!(supply(&site.intake, "", "x").status, 422);
    assert_eq!(supply(&site.intake, "text/plain", &"x".repeat(1_100_000)).status, 413);

    let list = format!("/api/v1/portfolios/{portfolio}/material");
    assert_eq!(server.get_as(&site.staff, &list).status, 403);
    let waiting = server.get_as(&site.enrolment, &list).json();
    assert_eq!(waiting["waiting"].as_array().unwrap().len(), 2, "{waiting}");
    assert_eq!(waiting["waiting"][0]["material"], letter.json()["material"]);

    let of = |answer: &Answer, rest: &str| {
        format!("{material}/{}{rest}?portfolio={portfolio}", answer.json()["material"].as_str().unwrap())
    };
    let look = format!("{}&purpose=classification", of(&letter, ""));
    assert_eq!(server.get_as(&site.enrolment, &look).json()["clause"], "use.classification");
    for piece in [&letter, &scan] {
        let taken = post(&server, &site.enrolment, &of(piece, "/assignment"), &json!({}));
        assert_eq!(taken.status, 204, "{}", taken.body);
    }
    let read = server.get_as(&site.enrolment, &look);
    assert_eq!((read.status, read.body.as_str()), (200, "My knee, again."));
    assert_eq!(read.headers["content-type"], "text/plain");
    assert_eq!(read.headers["content-disposition"], "attachment; filename=\"material\"");

    let decide = |piece: &Answer, body: &Value| post(&server, &site.enrolment, &of(piece, "/decision"), body);
    for (bad, says) in [
        (json!({}), "send either"),
        (json!({ "category": "health", "refused": "duplicate" }), "send either"),
        (json!({ "category": "payment-card" }), "`category`: material is filed as one of identity, "),
        (json!({ "category": NUMBER }), "`category`: unknown category"),
        (json!({ "refused": NUMBER }), "`refused`: unknown reason; use one of other-person, "),
    ] {
        let answer = decide(&letter, &bad);
        assert!(answer.status == 422 && detail(&answer).starts_with(says), "{}", answer.body);
    }
    assert_eq!(decide(&letter, &json!({ "category": "health" })).status, 204);
    assert_eq!(decide(&scan, &json!({ "refused": "card-number" })).status, 204);
    assert_eq!(decide(&scan, &json!({ "refused": "card-number" })).status, 403, "nobody's task any more");
    assert_eq!(server.get_as(&site.enrolment, &list).json()["waiting"], json!([]));
    let as_health = format!("{}&purpose=claims-processing&item={}", of(&letter, ""), site.item);
    assert_eq!(server.get_as(&site.staff, &as_health).status, 403, "no clause names customer service for it");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_text_of_a_claim_or_consent_brings_a_card_number_in() {
    let server = Running::start().await;
    let site = &server.site;
    // A claim's codes and identifiers are kept, and no text beside them: put the number into a note, and none is kept.
    let claim: Value = serde_json::from_str(&site.claim("noted", "10.00")).unwrap();
    let mut noted = claim.clone();
    noted["supportingInfo"] = json!([{ "sequence": 1, "valueString": NUMBER }]);
    noted["item"][0]["productOrService"]["text"] = json!(NUMBER);
    let claims = site.claims_path();
    assert_eq!(post(&server, &site.intake, &claims, &noted).status, 202);
    let subject = site.subject;
    let path = format!("/api/v1/members/{subject}/consents?portfolio={}", site.portfolio);
    let good = json!({ "consent": "consent.health", "notice": "2026-11-01", "language": "nl",
        "day": site.today, "channel": "letter" });
    for field in ["consent", "notice", "language", "day", "channel", "giver", "note"] {
        let mut bad = good.clone();
        bad[field] = json!(NUMBER);
        let answer = post(&server, &site.enrolment, &path, &bad);
        assert_eq!(answer.status, 422, "{field}: {}", answer.body);
        detail(&answer);
    }
    server.stop().await;
}
