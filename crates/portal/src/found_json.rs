//! Who was searched for, as JSON. It looks nothing up.

use domain::{Field, PortfolioId};
use serde_json::{Value, json};
use service::Found;

/// Those who were found, each as far as the clause shows who they are. A withheld field is `{"withheld": "identity"}`.
#[must_use]
pub fn found_json(portfolio: PortfolioId, found: &[Found]) -> String {
    let people: Vec<Value> = found.iter().map(one).collect();
    json!({ "portfolio": portfolio.to_string(), "people": people }).to_string()
}

fn one(found: &Found) -> Value {
    let person = &found.person;
    json!({
        "subject": found.subject.to_string(),
        "name": field(&person.name, |name| name.reveal().to_owned()),
        "birthDate": field(&person.birth_date, ToString::to_string),
        "memberNumber": field(&person.member_number, |number| number.reveal().to_owned()),
        "planName": found.plan.as_ref().map(|plan| field(plan, |name| name.reveal().to_owned())),
    })
}

fn field<T>(field: &Field<T>, shown: fn(&T) -> String) -> Value {
    match field {
        Field::Shown(value) => json!(shown(value)),
        Field::Withheld(category) => json!({ "withheld": category.word() }),
    }
}
