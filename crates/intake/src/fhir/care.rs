//! What kind of care an item of a claim was, and where it was given, as far as FHIR says it in words that are known here. Whoever
//! writes something else says nothing by it: neither refuses a claim.

use domain::{Country, ParseError, ServiceType};

use super::node::Node;

/// FHIR's code system of benefit categories, and which of its codes name a type of service. Those of a whole cover (30, 55, F1)
/// say nothing of a line.
const CATEGORIES: &str = "http://terminology.hl7.org/CodeSystem/ex-benefitcategory";
const TYPES: [(&str, ServiceType); 26] = [
    ("1", ServiceType::MedicalCare),
    ("2", ServiceType::Surgery),
    ("3", ServiceType::Consultation),
    ("4", ServiceType::XRay),
    ("5", ServiceType::Laboratory),
    ("14", ServiceType::RenalSupplies),
    ("23", ServiceType::DentalDiagnosis),
    ("24", ServiceType::Periodontics),
    ("25", ServiceType::DentalRestoration),
    ("26", ServiceType::Endodontics),
    ("27", ServiceType::MaxillofacialProsthetics),
    ("28", ServiceType::DentalAdjunct),
    ("35", ServiceType::DentalCare),
    ("36", ServiceType::DentalCrowns),
    ("37", ServiceType::DentalAccident),
    ("49", ServiceType::RoomAndBoard),
    ("56", ServiceType::Transport),
    ("61", ServiceType::InVitroFertilisation),
    ("62", ServiceType::MriScan),
    ("63", ServiceType::DonorProcedures),
    ("69", ServiceType::Maternity),
    ("76", ServiceType::Dialysis),
    ("F3", ServiceType::DentalCare),
    ("F4", ServiceType::Hearing),
    ("F6", ServiceType::Vision),
    ("pharmacy", ServiceType::Pharmacy),
];

/// The type of service that an item's category names. A category of another shape, system or code says nothing of it: it
/// never refuses a claim.
pub(super) fn service_type(item: &Node<'_>) -> Option<ServiceType> {
    let codings = item.get("category").get("coding").items().ok()?;
    codings.iter().find_map(|coding| {
        let system = coding.get("system").text().ok()?;
        let code = coding.get("code").text().ok()??;
        let known = TYPES.iter().find(|(known, _)| *known == code && system == Some(CATEGORIES));
        known.map(|(_, service_type)| *service_type)
    })
}

/// Where the care was given: the country that all items name, by either of its codes. Where they differ, or one of them names
/// none that is known, nobody says it of the claim.
pub(super) fn country(items: &[Node<'_>]) -> Option<Country> {
    let of_item = |item: &Node<'_>| {
        let text = item.get("locationAddress").get("country").text().ok()??;
        country_of(text).ok()
    };
    let (first, rest) = items.split_first()?;
    let first = of_item(first)?;
    rest.iter().all(|item| of_item(item) == Some(first)).then_some(first)
}

/// A country by either of its codes: FHIR takes both.
pub(super) fn country_of(text: &str) -> Result<Country, ParseError> {
    Country::from_alpha3(text).map_or_else(|| text.parse(), Ok)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn type_of(category: Value) -> Option<ServiceType> {
        service_type(&Node::root(&json!({ "category": category }), "item"))
    }

    #[test]
    fn a_category_names_a_type_of_service_where_it_is_known() {
        let of = |code: &str| type_of(json!({ "coding": [{ "system": CATEGORIES, "code": code }] }));
        assert_eq!(of("69"), Some(ServiceType::Maternity));
        assert_eq!(of("F6"), Some(ServiceType::Vision));
        for cover in ["30", "55", "F1", "999", ""] {
            assert_eq!(of(cover), None, "{cover}");
        }
        let second = json!({ "coding": [{ "system": "urn:own", "code": "69" }, { "system": CATEGORIES, "code": "5" }] });
        assert_eq!(type_of(second), Some(ServiceType::Laboratory));
    }

    #[test]
    fn a_category_of_another_shape_or_system_says_nothing() {
        let others = [
            json!("69"),
            json!(69),
            json!(["69"]),
            json!({ "coding": "69" }),
            json!({ "coding": [69] }),
            json!({ "coding": [{ "code": "69" }] }),
            json!({ "coding": [{ "system": "https://example.org/types", "code": "69" }] }),
            json!({ "coding": [{ "system": CATEGORIES, "code": 69 }] }),
            json!({ "text": "maternity" }),
            Value::Null,
        ];
        for other in others {
            assert_eq!(type_of(other.clone()), None, "{other}");
        }
    }

    #[test]
    fn a_country_is_told_by_either_code_where_all_items_agree() {
        let of = |countries: &[Value]| {
            let items: Vec<Value> = countries
                .iter()
                .map(|country| json!({ "locationAddress": { "country": country } }))
                .collect();
            let nodes: Vec<Node<'_>> = items.iter().map(|item| Node::root(item, "item")).collect();
            country(&nodes).map(|country| country.to_string())
        };
        assert_eq!(of(&[json!("BEL"), json!("BE")]).as_deref(), Some("BE"));
        assert_eq!(of(&[json!("USA")]).as_deref(), Some("US"));
        for other in [
            &[json!("BE"), json!("FR")][..],
            &[json!("BE"), Value::Null],
            &[json!("Belgium")],
            &[json!(56)],
            &[json!("be")],
            &[],
        ] {
            assert_eq!(of(other), None);
        }
    }
}
