//! An estimate as JSON: what a treatment would cost somebody, line by line, with the steps that lead there in words. It adds
//! nothing and works nothing out.

use benefits::{LineEstimate, Shares};
use domain::{Currency, Language, Money, SubjectId};
use serde_json::{Value, json};
use service::EstimateFor;

/// The estimate as a JSON object. Amounts are decimal numbers as text, in the currency beside them.
#[must_use]
pub fn estimate_json(subject: SubjectId, told: &EstimateFor, language: Language) -> String {
    let treatment = &told.estimate;
    let line = |line: &LineEstimate| self::line(line, treatment.currency);
    let left = treatment.left.iter();
    json!({
        "subject": subject.to_string(),
        "plan": told.plan,
        "planName": told.plan_name,
        "language": language.word(),
        "outcome": treatment.outcome.word(),
        "currency": treatment.currency.code(),
        "withoutFamily": treatment.is_without_family,
        "total": shares(treatment.total, treatment.currency),
        "lines": treatment.lines.iter().map(line).collect::<Vec<_>>(),
        "left": left
            .map(|left| json!({ "name": left.name, "left": left.left, "of": left.of }))
            .collect::<Vec<_>>(),
        "text": treatment.text(language),
    })
    .to_string()
}

fn line(line: &LineEstimate, currency: Currency) -> Value {
    let steps = line.steps.iter().map(|step| {
        json!({ "step": step.step.word(), "text": step.text, "change": decimal(step.change, currency) })
    });
    json!({
        "number": line.number,
        "day": line.day.to_string(),
        "benefit": line.benefit,
        "outcome": line.outcome.word(),
        "shares": shares(line.shares, currency),
        "steps": steps.collect::<Vec<_>>(),
    })
}

fn shares(shares: Shares, currency: Currency) -> Value {
    json!({
        "charged": decimal(shares.charged, currency),
        "plan": decimal(shares.plan, currency),
        "member": decimal(shares.member, currency),
        "otherPayer": decimal(shares.other_payer, currency),
        "writeOff": decimal(shares.write_off, currency),
    })
}

/// In minor units, and saying so, where it is beyond any amount.
fn decimal(minor: i64, currency: Currency) -> String {
    let money = Money::new(minor, currency);
    money.map_or_else(|_| format!("{minor} minor units"), |money| money.decimal().to_string())
}

#[cfg(test)]
mod tests {
    use benefits::TreatmentEstimate;
    use domain::Outcome;

    use super::*;

    #[test]
    fn amounts_have_their_currencys_decimals_and_what_is_assumed_is_said() {
        let shares = Shares { charged: 10_000, plan: 7_500, member: 2_500, other_payer: 0, write_off: 0 };
        let estimate = TreatmentEstimate {
            outcome: Outcome::Approved,
            currency: Currency::EUR,
            lines: Vec::new(),
            total: shares,
            is_without_family: true,
            left: Vec::new(),
        };
        let told = EstimateFor { plan: "one@1".to_owned(), plan_name: "One".to_owned(), estimate };
        let text = estimate_json(SubjectId::from_bytes([1; 16]), &told, Language::English);
        let json: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&json["total"]["plan"], &json["total"]["member"]), (&json!("75.00"), &json!("25.00")));
        assert_eq!((&json["withoutFamily"], &json["outcome"]), (&json!(true), &json!("approved")));
        assert!(json["text"].as_str().unwrap().contains("as if nobody of your family"));
    }
}
