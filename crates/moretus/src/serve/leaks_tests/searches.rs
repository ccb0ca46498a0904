//! Whoever is calling, over HTTP: nothing tells whether there is somebody, and what is told is who it is and no more. What the
//! gate does is in the promises of `service`.

use domain::{Recipient, SponsorId};
use serde_json::{Value, json};
use store::StoreError;
use store::reference::ActorRow;

use super::super::tests::Running;
use super::{Sent, send_as, told};

const PATH: &str = "/api/v1/portfolios/{portfolio}/searches";

fn address(server: &Running) -> String {
    PATH.replace("{portfolio}", &server.site.portfolio.to_string())
}

fn sent(details: &Value) -> Sent {
    Sent { media_type: "application/json", body: details.to_string() }
}

/// Customer service for an employer that covers nobody of these people.
async fn of_another_employer(server: &Running) -> String {
    let (gate, portfolio) = (&server.app.gate, server.site.portfolio);
    let (token, hash) = gate.new_token();
    let row = ActorRow {
        actor: domain::ActorId::from_bytes(gate.random_id()),
        recipient: Recipient::CustomerService,
        role: "account".to_owned(),
        team: String::new(),
        country: "BE".parse().unwrap(),
        portfolio,
        organisation: None,
        own_files: Vec::new(),
        sponsors: vec![SponsorId::from_bytes([9; 16])],
        trained_until: Some(gate.now().plus_seconds(86_400).date().unwrap()),
        name: String::new(),
        token_hash: Some(hash),
        expires: gate.now().plus_seconds(3_600),
        ended: None,
    };
    let written = server.app.store().write(move |unit| store::reference::insert_actor(unit, &row)).await;
    written.map_err(|error: StoreError| error).unwrap();
    token
}

/// What the sample says of whom the tests ask about.
fn known(server: &Running, what: &str) -> String {
    let values = server.site.values();
    values.into_iter().find(|(of, is_asked, _)| *of == what && *is_asked).unwrap().2
}

#[tokio::test(flavor = "multi_thread")]
async fn no_search_tells_whether_there_is_somebody() {
    let server = Running::start_alone().await;
    let (number, policy) = (known(&server, "member number"), known(&server, "policy number"));
    let (name, born) = (known(&server, "name"), known(&server, "birth date"));
    let nobody = json!({ "memberNumber": "ZZ-0000-00" });
    let not_ours = of_another_employer(&server).await;
    let site = &server.site;
    let others = [&site.intake, &site.enrolment, &site.payments, &site.clinical, &site.other_staff];
    let mut asked = others.map(|token| (token, json!({ "memberNumber": number }), &nobody)).to_vec();
    let no_policy = json!({ "policyNumber": "ZZ-0000-00" });
    let wrong = json!({ "memberNumber": number, "birthDate": "1901-01-01" });
    let nobody_so = json!({ "memberNumber": "ZZ-0000-00", "birthDate": "1901-01-01" });
    let by_name = json!({ "name": name, "birthDate": born });
    // Of as many words: each is a term of the question.
    let no_name = json!({ "name": name, "birthDate": "1901-01-01" });
    asked.extend([
        (&not_ours, json!({ "memberNumber": number }), &nobody),
        (&not_ours, by_name, &no_name),
        (&site.staff, json!({ "policyNumber": policy }), &no_policy),
        (&site.staff, wrong, &nobody_so),
    ]);
    let address = address(&server);
    for (token, about_somebody, about_nobody) in &asked {
        let told = |details| told(&server, ("POST", token), &address, ("searches", &sent(details)));
        // What is kept of the notices is read once by each server.
        drop(told(about_nobody));
        let somebody = told(about_somebody);
        assert_eq!(somebody, told(about_nobody), "{about_somebody}");
        assert!(somebody.0 != 200 || somebody.2.contains("\"people\":[]"), "{}", somebody.2);
    }
    // Each of these is found by who may.
    for details in [json!({ "memberNumber": number }), json!({ "name": name, "birthDate": born })] {
        let answer = send_as(&server, &site.staff, "POST", (&address, ""), ("searches", &sent(&details)));
        let people = answer.json()["people"].as_array().unwrap().len();
        assert_eq!((answer.status, people), (200, 1), "{}", answer.body);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_is_who_it_is_and_what_is_wrong_is_not_repeated() {
    let server = Running::start().await;
    let details = json!({ "name": known(&server, "name"), "policyNumber": known(&server, "policy number") });
    let post = |details: &Value| {
        send_as(&server, &server.site.staff, "POST", (&address(&server), ""), ("searches", &sent(details)))
    };
    let answer = post(&details);
    let found = &answer.json()["people"][0];
    assert_eq!(found["subject"], server.site.subject.to_string(), "{}", answer.body);
    assert_eq!(found["name"], known(&server, "name"));
    assert_eq!(found["memberNumber"], known(&server, "member number"));
    assert!(found["planName"].is_string() && found.as_object().unwrap().len() == 5, "{}", answer.body);
    let may = ["name", "birth date", "member number"];
    for (what, is_asked, value) in server.site.values() {
        let is_told = answer.body.contains(&value);
        // Two of the samples may be born on one day.
        assert!(
            !is_told || (may.contains(&what) && (is_asked || what == "birth date")),
            "the {what} is told"
        );
    }
    for (bad, status) in [
        (json!({}), 422),
        (json!({ "name": "-" }), 422),
        (json!({ "name": "Zebulon Quux Bim Bam Bom Tick Tack Tock Pling" }), 422),
        (json!({ "birthDate": "Zebulon" }), 422),
        (json!({ "memberNumber": 7 }), 422),
        (json!({ "surname": "Zebulon" }), 422),
        (json!({ "name": "Zebulon" }), 403),
        (json!({ "policyNumber": "Zebulon", "email": "zebulon@example.org" }), 403),
    ] {
        let answer = post(&bad);
        assert_eq!(answer.status, status, "{bad}: {}", answer.body);
        assert!(!answer.body.to_lowercase().contains("zebulon"), "{}", answer.body);
        let clause = (status == 403).then_some("use.customer-service.identify");
        assert_eq!(answer.json()["clause"].as_str(), clause, "{bad}");
    }
    server.stop().await;
}
