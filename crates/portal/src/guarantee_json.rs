//! A guarantee of payment as JSON, for services of those who decide on it: what the grant has shown. It adds nothing
//! and looks nothing up.

use domain::{Diagnosis, GuaranteeDecision, GuaranteeOutcome, Money};
use serde_json::{Value, json};
use service::{GuaranteeFile, GuaranteePlace};

/// The guarantee as a JSON object. Amounts are decimal numbers as text beside their currency.
#[must_use]
pub fn guarantee_json(place: &GuaranteePlace, file: &GuaranteeFile) -> String {
    let GuaranteeFile { guarantee, person, .. } = file;
    json!({
        "portfolio": place.portfolio.to_string(),
        "subject": place.subject.to_string(),
        "guarantee": place.guarantee.to_string(),
        "person": {
            "name": person.name.reveal(),
            "birthDate": person.birth_date.to_string(),
            "memberNumber": person.member_number.reveal(),
        },
        "requested": guarantee.requested.to_string(),
        "provider": guarantee.provider.to_string(),
        "country": guarantee.country.map(|country| country.code().to_owned()),
        "lines": lines(file),
        "diagnoses": guarantee.diagnoses.iter().map(Diagnosis::reveal).collect::<Vec<_>>(),
        "decisions": guarantee.decisions.iter().map(decision).collect::<Vec<_>>(),
    })
    .to_string()
}

/// Each line with what it is for.
fn lines(file: &GuaranteeFile) -> Vec<Value> {
    let guarantee = &file.guarantee;
    let line = |line: &domain::ClaimLine| {
        let service = guarantee.services.iter().find(|service| service.line == line.number);
        json!({
            "number": line.number,
            "first": line.service_start.to_string(),
            "last": line.service_end.to_string(),
            "units": line.units,
            "estimate": amount(line.charge),
            "code": service.map(|service| service.code.reveal()),
            "setting": service.map(|service| service.setting.word()),
        })
    };
    guarantee.lines.iter().map(line).collect()
}

fn decision(decision: &GuaranteeDecision) -> Value {
    let mut written = json!({
        "outcome": decision.outcome.state().word(),
        "decided": decision.decided.to_string(),
        "by": decision.by.to_string(),
    });
    let more = match &decision.outcome {
        GuaranteeOutcome::Granted(terms) | GuaranteeOutcome::Proposed(terms) => json!({
            "to": terms.to.to_string(),
            "maximum": amount(terms.maximum),
            "memberShare": amount(terms.member_share),
            "first": terms.first.to_string(),
            "last": terms.last.to_string(),
        }),
        GuaranteeOutcome::Refused(reason) => json!({ "reason": reason.word() }),
        GuaranteeOutcome::Withdrawn => json!({}),
    };
    if let (Some(written), Value::Object(more)) = (written.as_object_mut(), more) {
        written.extend(more);
    }
    written
}

fn amount(money: Money) -> Value {
    json!({ "amount": money.decimal().to_string(), "currency": money.currency().code() })
}
