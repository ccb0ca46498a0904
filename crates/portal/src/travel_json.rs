//! A supplement for the form that it comes with, and the answers to the travel questionnaire, as JSON for services:
//! what is published, and what the grant has shown. It adds nothing and looks nothing up.

use domain::{Field, Language, RecordId, SubjectId, SupplementId};
use notice::Supplement;
use serde_json::{Value, json};
use service::views::TravelAnswers;

/// A version of a supplement as a JSON object: its id, which the answers name, and its text in one language, to be
/// shown with the form before anybody answers.
#[must_use]
pub fn supplement_json(id: SupplementId, supplement: &Supplement, language: Language, href: &str) -> String {
    let text = supplement.text(language);
    json!({
        "supplement": id.to_string(),
        "name": supplement.name(),
        "version": supplement.version(),
        "effective": supplement.effective().to_string(),
        "hash": supplement.hash().iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
        "language": text.language.word(),
        "title": text.title,
        "text": supplement.render_text(language),
        "html": supplement.render_html(language),
        "href": href,
    })
    .to_string()
}

/// The answers as a JSON object. A withheld field is `{"withheld": "identity"}`.
#[must_use]
pub fn travel_json(subject: SubjectId, record: RecordId, answers: &TravelAnswers) -> String {
    let phone = match &answers.phone {
        Field::Shown(phone) => json!(phone.reveal()),
        Field::Withheld(category) => json!({ "withheld": category.word() }),
    };
    json!({
        "subject": subject.to_string(),
        "questionnaire": record.to_string(),
        "phone": phone,
        "destination": answers.destination.code(),
        "arrival": answers.arrival.to_string(),
        "departure": answers.departure.to_string(),
    })
    .to_string()
}

/// What was made of answers: the id under which they can be asked for.
#[must_use]
pub fn taken_json(subject: SubjectId, record: RecordId, supplement: SupplementId) -> String {
    let made: Value = json!({
        "subject": subject.to_string(),
        "questionnaire": record.to_string(),
        "supplement": supplement.to_string(),
    });
    made.to_string()
}
