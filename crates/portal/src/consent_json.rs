//! The consents of a person as JSON, for whoever must prove them: a header, what was consented to and on which text,
//! and what happened when, in the sections that ISO/IEC TS 27560 gives a consent record. It looks nothing up.

use domain::{PortfolioId, SubjectId};
use serde_json::{Value, json};
use service::ConsentProof;

/// One record for each consent.
#[must_use]
pub fn consents_json(subject: SubjectId, portfolio: PortfolioId, proofs: &[ConsentProof]) -> String {
    let records: Vec<Value> = proofs.iter().map(record).collect();
    json!({ "pii_principal_id": subject.to_string(), "portfolio": portfolio.to_string(), "records": records })
        .to_string()
}

fn record(proof: &ConsentProof) -> Value {
    let row = &proof.row;
    let given = json!({
        "event_type": "given",
        "event_day": row.day.to_string(),
        "event_time": row.given.to_string(),
        "channel": row.channel.word(),
        "entity_id": row.giver.to_string(),
        "recorded_by": row.recorder.to_string(),
    });
    let withdrawn = row.withdrawn.map(|withdrawal| {
        json!({
            "event_type": "withdrawn",
            "event_time": withdrawal.at.to_string(),
            "channel": withdrawal.channel.word(),
            "entity_id": withdrawal.by.map(|by| by.to_string()),
            "recorded_by": withdrawal.recorder.to_string(),
            "consequences_sha256": withdrawal.shown.map(|shown| hex(&shown)),
        })
    });
    let events: Vec<Value> = std::iter::once(given).chain(withdrawn).collect();
    json!({
        "header": {
            "schema_version": "moretus/consent/1",
            "record_id": format!("{}/{}/{}", row.subject, row.condition, row.given.micros()),
            "pii_principal_id": row.subject.to_string(),
        },
        "processing": {
            "privacy_notice": proof.version,
            "language": row.text.map(|text| text.language.word()),
            "notice_sha256": row.text.map(|text| hex(&text.hash)),
            "consent": row.condition.word(),
            "lawful_basis": "consent",
        },
        "events": events,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
