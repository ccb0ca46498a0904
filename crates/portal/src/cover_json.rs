//! A span of cover as JSON, for services: what the grant has shown, and for each withheld field the
//! category that the clause does not show. It adds nothing and looks nothing up.

use domain::{CoverageId, Diagnosis, Field, PortfolioId, SubjectId};
use serde::Serialize;
use service::views::CoverPage;

/// The object. It is written as it stands, without a tree of values between: reads of cover are the most frequent of all.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Cover<'a> {
    portfolio: String,
    subject: String,
    coverage: String,
    insured: &'a str,
    policy_number: &'a str,
    plan_name: &'a str,
    currency: &'static str,
    start: String,
    end: Option<String>,
    status: &'static str,
    exclusions: Exclusions<'a>,
}

/// The exclusions, or of which category they are.
#[derive(Serialize)]
#[serde(untagged)]
enum Exclusions<'a> {
    Shown(Vec<&'a str>),
    Withheld { withheld: &'static str },
}

/// The cover as a JSON object. A withheld field is `{"withheld": "health"}`; an open end is `null`.
///
/// # Errors
/// What serde says; nothing in a cover brings it about.
pub fn cover_json(
    portfolio: PortfolioId,
    subject: SubjectId,
    coverage: CoverageId,
    cover: &CoverPage,
) -> Result<String, serde_json::Error> {
    serde_json::to_string(&Cover {
        portfolio: portfolio.to_string(),
        subject: subject.to_string(),
        coverage: coverage.to_string(),
        insured: cover.insured.reveal(),
        policy_number: cover.policy_number.reveal(),
        plan_name: cover.plan_name.reveal(),
        currency: cover.currency.code(),
        start: cover.start.to_string(),
        end: cover.end.map(|end| end.to_string()),
        status: cover.status.word(),
        exclusions: match &cover.exclusions {
            Field::Shown(codes) => Exclusions::Shown(codes.iter().map(Diagnosis::reveal).collect()),
            Field::Withheld(category) => Exclusions::Withheld { withheld: category.word() },
        },
    })
}

#[cfg(test)]
mod tests {
    use domain::{Category, CoverageStatus, Currency, PersonName, PlanName, PolicyNumber};
    use serde_json::{Value, json};

    use super::*;

    fn json_with(exclusions: Field<Vec<Diagnosis>>) -> Value {
        let cover = CoverPage {
            insured: PersonName::parse("Ada \"Quote\" Byron").unwrap(),
            policy_number: PolicyNumber::parse("P-1").unwrap(),
            plan_name: PlanName::parse("Worldwide Plus").unwrap(),
            currency: Currency::EUR,
            start: "2026-01-01".parse().unwrap(),
            end: None,
            status: CoverageStatus::Active,
            exclusions,
        };
        let id = [7; 16];
        let text = cover_json(
            PortfolioId::from_bytes(id),
            SubjectId::from_bytes(id),
            CoverageId::from_bytes(id),
            &cover,
        )
        .unwrap();
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn what_is_withheld_says_so_and_what_is_shown_is_there() {
        let withheld = json_with(Field::Withheld(Category::Health));
        assert_eq!(withheld["exclusions"], json!({ "withheld": "health" }));
        assert_eq!(withheld["insured"], "Ada \"Quote\" Byron");
        assert_eq!(withheld["end"], Value::Null);
        assert_eq!(withheld["status"], "active");
        let id = "07070707-0707-0707-0707-070707070707";
        let whole = json!({
            "portfolio": id, "subject": id, "coverage": id, "insured": "Ada \"Quote\" Byron", "policyNumber": "P-1",
            "planName": "Worldwide Plus", "currency": "EUR", "start": "2026-01-01", "end": null, "status": "active",
            "exclusions": { "withheld": "health" },
        });
        assert_eq!(withheld, whole);
        let shown = json_with(Field::Shown(vec![Diagnosis::parse("J45").unwrap()]));
        assert_eq!(shown["exclusions"], json!(["J45"]));
    }
}
