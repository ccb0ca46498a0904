//! The recipients of a person's data as JSON: those that received it, as the log has it, and those that the register
//! has. It looks nothing up, and shows nothing of the person but their id.

use domain::{Language, PortfolioId, SubjectId, Timestamp};
use serde_json::{Value, json};
use service::{Received, RecipientsAnswer, RegisteredRecipient};

/// Who received a person's data, and who may.
#[must_use]
pub fn recipients_value(
    subject: SubjectId,
    portfolio: PortfolioId,
    answer: &RecipientsAnswer,
    now: Timestamp,
) -> Value {
    let received: Vec<Value> = answer.received.iter().map(received_value).collect();
    let register: Vec<Value> = answer.register.iter().map(|one| recipient_value(one, now)).collect();
    json!({
        "subject": subject.to_string(),
        "portfolio": portfolio.to_string(),
        "received": received,
        "register": register,
        "deferral": deferral_value(),
    })
}

/// What is said to everybody of entries that join a person's list later, by language.
fn deferral_value() -> Value {
    let said = |language: &Language| (language.word().to_owned(), crate::words::deferral(*language).into());
    Value::Object(Language::ALL.iter().map(said).collect())
}

fn received_value(one: &Received) -> Value {
    json!({
        "recipient": one.to.map(|id| id.to_string()),
        "name": one.name,
        "kind": one.kind.word(),
        "countries": one.countries.iter().map(|country| country.code()).collect::<Vec<_>>(),
        "left_the_area_under":
            one.transfer.map(|under| under.iter().map(|safeguard| safeguard.word()).collect::<Vec<_>>()),
        "times": one.times,
        "first": one.first.to_string(),
        "last": one.last.to_string(),
        "categories": one.shown.iter().map(|category| category.word()).collect::<Vec<_>>(),
        "purposes": one.purposes.iter().map(|purpose| purpose.word()).collect::<Vec<_>>(),
        "clauses": one.clauses,
    })
}

/// An organisation of the register, with what was agreed and for what.
#[must_use]
pub fn recipient_value(one: &RegisteredRecipient, now: Timestamp) -> Value {
    let agreed: Vec<Value> = one
        .conditions
        .iter()
        .map(|condition| {
            json!({
                "what": condition.condition.word(),
                "safeguard": condition.safeguard.map(|safeguard| safeguard.word()),
                "since": condition.since.to_string(),
                "until": condition.until.map(|until| until.to_string()),
                "in_date": condition.is_live(now),
            })
        })
        .collect();
    json!({
        "recipient": one.row.recipient.to_string(),
        "kind": one.row.kind.word(),
        "name": one.row.name,
        "country": one.row.country.code(),
        "role": one.row.role.word(),
        "acts_for": one.row.acts_for.map(|other| other.to_string()),
        "for": one.row.uses,
        "clauses": one.row.clauses,
        "agreed": agreed,
    })
}
