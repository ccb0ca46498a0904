//! The consents of a person as JSON, for whoever must prove them: a header, what was consented to and on which text,
//! and what happened when, in the sections that ISO/IEC TS 27560 gives a consent record. It looks nothing up.

use domain::{ConsentChannel, PortfolioId, SubjectId, Timestamp};
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
    let given = event("given", row.given, row.channel, &row.giver.to_string(), &row.recorder.to_string());
    let withdrawn = row.withdrawn.map(|(at, channel, recorder)| {
        event("withdrawn", at, channel, &row.subject.to_string(), &recorder.to_string())
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
            "text_sha256": row.text.map(|text| hex(&text.hash)),
            "consent": row.condition.word(),
            "lawful_basis": "consent",
        },
        "events": events,
    })
}

fn event(state: &str, at: Timestamp, channel: ConsentChannel, entity: &str, recorder: &str) -> Value {
    json!({
        "event_type": state,
        "event_time": at.to_string(),
        "channel": channel.word(),
        "entity_id": entity,
        "recorded_by": recorder,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
