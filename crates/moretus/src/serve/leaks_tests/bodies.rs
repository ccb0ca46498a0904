//! What is sent to each route that takes something in: of the shape that it reads, and of that shape with one value at a time
//! that it does not take. A route that is not among them is sent an empty object alone. It asks nothing.

use serde_json::{Value, json};

use super::super::tests::support::TestSite;
use super::super::tests::{Running, UNKNOWN};

/// A body, and what it says that it is.
pub(super) struct Sent {
    pub(super) media_type: &'static str,
    pub(super) body: String,
}

/// Bodies for a route, about this person. The first one says nothing.
pub(super) fn bodies(server: &Running, path: &str, subject: &str) -> Vec<Sent> {
    let site = &server.site;
    let json = |body: Value| Sent { media_type: "application/json", body: body.to_string() };
    let mut all = vec![json(json!({}))];
    let (_, below) = path.split_once("{subject}/").unwrap_or_default();
    let of_route: Vec<Sent> = match below {
        "consents" => consents(site).into_iter().map(json).collect(),
        "consents/withdrawals" => withdrawals(server, subject).into_iter().map(json).collect(),
        "payment-cards" => cards().into_iter().map(json).collect(),
        "material" => material(),
        "material/{material}/decision" => decisions().into_iter().map(json).collect(),
        "emergencies" => emergencies().into_iter().map(json).collect(),
        "estimates" => estimates().into_iter().map(json).collect(),
        "travel-questionnaires" => travel(server).into_iter().map(json).collect(),
        "guarantees/{guarantee}/decisions" => guarantees(site).into_iter().map(json).collect(),
        _ => Vec::new(),
    };
    all.extend(of_route);
    all
}

/// What fits, and with each of these values in the place of what fits.
fn each(good: &Value, bad: &[(&str, Value)]) -> Vec<Value> {
    let spoiled = bad.iter().map(|(field, value)| {
        let mut body = good.clone();
        body[*field] = value.clone();
        body
    });
    [good.clone()].into_iter().chain(spoiled).collect()
}

fn consents(site: &TestSite) -> Vec<Value> {
    let good = json!({ "consent": "consent.health", "notice": "2026-11-01", "language": "nl", "day": site.today,
        "channel": "letter" });
    each(
        &good,
        &[
            ("consent", json!("work-item")),
            ("consent", json!("consent.research")),
            ("notice", json!("1999-01-01")),
            ("language", json!("xx")),
            ("day", json!("2000-01-01")),
            ("day", json!("2190-01-01")),
            ("channel", json!("pigeon")),
            ("channel", json!("source")),
            ("giver", json!("00000000-0000-4000-8000-00000000000b")),
            ("giver", json!("nobody")),
        ],
    )
}

fn withdrawals(server: &Running, subject: &str) -> Vec<Value> {
    let site = &server.site;
    let path = format!(
        "/api/v1/members/{subject}/consents/consent.health/consequences?portfolio={}&language=nl",
        site.portfolio
    );
    let shown = server.get_as(&site.staff, &path).json()["shown"].clone();
    let good = json!({ "consent": "consent.health", "language": "nl", "channel": "letter", "shown": shown });
    each(
        &good,
        &[
            ("consent", json!("work-item")),
            ("language", json!("fr")),
            ("channel", json!("source")),
            ("shown", json!("00")),
            ("by", json!(site.item.to_string())),
        ],
    )
}

fn cards() -> Vec<Value> {
    let good = json!({ "provider": "Payments House", "token": "tok_1NvZzQ2e", "lastDigits": "4242" });
    each(
        &good,
        &[
            ("provider", json!("")),
            ("token", json!("4111 1111 1111 1111")),
            ("lastDigits", json!("x")),
            ("number", json!(1)),
        ],
    )
}

fn estimates() -> Vec<Value> {
    let line = |day: &str| json!([{ "code": "GP", "from": day, "charge": "60.00" }]);
    let good = json!({ "currency": "EUR", "country": "BE", "lines": line("2026-12-03") });
    each(
        &good,
        &[
            ("currency", json!("XXX")),
            ("country", json!("Belgium")),
            ("lines", json!([])),
            ("lines", line("1950-01-01")),
            ("lines", line("tomorrow")),
            ("provider", json!("nobody")),
            ("name", json!("Ada")),
        ],
    )
}

fn material() -> Vec<Sent> {
    let sent = |media_type, body: &str| Sent { media_type, body: body.to_owned() };
    vec![
        sent("text/plain", "Dear Sir, my knee again."),
        sent("text/plain", "My card is 4111 1111 1111 1111."),
        sent("text/plain", ""),
        sent("image/x-unknown", "Dear Sir, my knee again."),
        sent("no type", "Dear Sir, my knee again."),
    ]
}

fn decisions() -> Vec<Value> {
    vec![
        json!({ "category": "health" }),
        json!({ "refused": "not-needed" }),
        json!({ "category": "unclassified" }),
        json!({ "category": "nothing" }),
        json!({ "refused": "nothing" }),
        json!({ "category": "health", "refused": "not-needed" }),
    ]
}

fn emergencies() -> Vec<Value> {
    let good = json!({ "reason": "She was brought in unconscious, and nobody else is here." });
    let card = "She reads me her card, 4111 1111 1111 1111, and the line breaks.";
    each(&good, &[("reason", json!("urgent!")), ("reason", json!(card)), ("reason", json!(1))])
}

fn travel(server: &Running) -> Vec<Value> {
    let (supplement, _) = server.app.gate.supplement(server.site.portfolio, "travel").unwrap();
    let good = json!({ "supplement": supplement.to_string(), "phone": "+32 470 00 00 00", "destination": "JP",
        "arrival": "2027-03-01", "departure": "2027-03-20" });
    each(
        &good,
        &[
            ("supplement", json!(UNKNOWN)),
            ("supplement", json!("travel")),
            ("phone", json!("none")),
            ("destination", json!("Japan")),
            ("departure", json!("2027-02-01")),
        ],
    )
}

fn guarantees(site: &TestSite) -> Vec<Value> {
    let amount = |amount: &str| json!({ "amount": amount, "currency": "EUR" });
    let good = json!({ "outcome": "granted", "to": site.hospital.to_string(), "maximum": amount("100.00"),
        "memberShare": amount("10.00"), "first": "2027-03-01", "last": "2027-03-20" });
    let mut all = each(
        &good,
        &[
            ("to", json!(UNKNOWN)),
            ("maximum", amount("much")),
            ("memberShare", amount("200.00")),
            ("last", json!("2027-02-01")),
            ("outcome", json!("perhaps")),
        ],
    );
    all.extend([
        json!({ "outcome": "refused", "reason": "it is not covered" }),
        json!({ "outcome": "refused", "reason": "" }),
        json!({ "outcome": "withdrawn" }),
    ]);
    all
}
