//! What opens of a person in an emergency, as JSON for whoever helps them; and why it was opened, as text for whoever
//! reviews it. It looks nothing up.

use domain::{Diagnosis, Field, Material, SubjectId};
use serde_json::{Value, json};
use service::EmergencyFile;
use service::views::CoverInEmergency;

/// The person and their cover. A withheld field is `{"withheld": "health"}`.
#[must_use]
pub fn emergency_json(subject: SubjectId, file: &EmergencyFile) -> String {
    let person = &file.person;
    json!({
        "subject": subject.to_string(),
        "name": person.name.reveal(),
        "birthDate": person.birth_date.to_string(),
        "sex": person.sex.word(),
        "country": person.country.map(|country| country.to_string()),
        "phone": person.phone.as_ref().map(|phone| phone.reveal()),
        "memberNumber": person.member_number.reveal(),
        "cover": file.cover.iter().map(cover).collect::<Vec<_>>(),
    })
    .to_string()
}

fn cover(cover: &CoverInEmergency) -> Value {
    let codes = |codes: &Vec<Diagnosis>| codes.iter().map(|code| json!(code.reveal())).collect::<Vec<_>>();
    json!({
        "planName": cover.plan_name.reveal(),
        "start": cover.start.to_string(),
        "end": cover.end.map(|end| end.to_string()),
        "status": cover.status.word(),
        "exclusions": match &cover.exclusions {
            Field::Shown(excluded) => json!(codes(excluded)),
            Field::Withheld(category) => json!({ "withheld": category.word() }),
        },
    })
}

/// Why somebody's data was opened, as it was written down.
#[must_use]
pub fn emergency_reason(reason: &Material) -> String {
    String::from_utf8_lossy(reason.reveal()).into_owned()
}
