//! A treatment as it is written for an estimate, over the API and in a file alike: JSON with the fields that docs/api.md lists.
//! What is wrong names the field, never what stands in it. It works nothing out.

use std::str::FromStr;

use domain::{
    CareSetting, ClaimLine, Currency, Date, Diagnosis, DocumentName, LineService, Money, ParseError,
    ProviderId, ServiceCode, ServiceType,
};
use intake::Circumstances;
use serde::Deserialize;
use service::Treatment;

/// The most lines of one treatment.
const MAX_LINES: usize = 100;
/// The most diagnoses.
const MAX_DIAGNOSES: usize = 100;

/// A treatment as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Written {
    currency: String,
    lines: Vec<WrittenLine>,
    #[serde(default)]
    diagnoses: Vec<String>,
    provider: Option<String>,
    country: Option<String>,
    emergency: Option<bool>,
    accident: Option<bool>,
    in_network: Option<bool>,
    away_since: Option<String>,
    room: Option<String>,
    admitted: Option<String>,
    documents: Option<Vec<String>>,
}

/// A line of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct WrittenLine {
    code: String,
    service_type: Option<String>,
    setting: Option<String>,
    from: String,
    to: Option<String>,
    units: Option<u32>,
    charge: String,
}

/// A field that cannot be used, and why.
#[derive(Debug)]
pub(crate) enum Unread {
    /// The whole of it.
    Shape,
    /// A field that cannot be read.
    Field(String, ParseError),
    /// A field that is read and breaks a rule.
    Rule(String, &'static str),
}

/// Reads a treatment.
pub(crate) fn read(text: &str) -> Result<Treatment, Unread> {
    let written: Written = serde_json::from_str(text).map_err(|_| Unread::Shape)?;
    let rule = |field: &str, problem| Err(Unread::Rule(field.to_owned(), problem));
    if written.lines.is_empty() || written.lines.len() > MAX_LINES {
        return rule("lines", "write from 1 to 100 lines");
    }
    if written.diagnoses.len() > MAX_DIAGNOSES {
        return rule("diagnoses", "write at most 100 codes");
    }
    let currency: Currency = parsed("currency", &written.currency)?;
    let (mut lines, mut services) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(&written.lines) {
        let (charged, service) = read_line(number, line, currency)?;
        lines.push(charged);
        services.push(service);
    }
    let diagnoses = written.diagnoses.iter().map(|code| with("diagnoses", Diagnosis::parse(code)));
    let documents = |names: &Vec<String>| -> Result<Vec<DocumentName>, Unread> {
        names.iter().map(|name| with("documents", DocumentName::parse(name))).collect()
    };
    let circumstances = Circumstances {
        country: maybe("country", written.country.as_ref())?,
        emergency: written.emergency,
        accident: written.accident,
        in_network: written.in_network,
        away_since: maybe("awaySince", written.away_since.as_ref())?,
        room: maybe("room", written.room.as_ref())?,
        admitted: maybe("admitted", written.admitted.as_ref())?,
        documents: written.documents.as_ref().map(documents).transpose()?,
        ..Circumstances::default()
    };
    Ok(Treatment {
        provider: maybe::<ProviderId>("provider", written.provider.as_ref())?,
        currency,
        lines,
        services,
        diagnoses: diagnoses.collect::<Result<_, _>>()?,
        circumstances,
    })
}

fn read_line(
    number: u32,
    line: &WrittenLine,
    currency: Currency,
) -> Result<(ClaimLine, LineService), Unread> {
    let field = |name: &str| format!("lines[{number}].{name}");
    let rule = |name: &str, problem| Err(Unread::Rule(field(name), problem));
    let first: Date = parsed(&field("from"), &line.from)?;
    let last: Date = maybe(&field("to"), line.to.as_ref())?.unwrap_or(first);
    let units = line.units.unwrap_or(1);
    let charge = with(&field("charge"), Money::parse(&line.charge, currency))?;
    if last < first {
        return rule("to", "earlier than the first day");
    }
    if !(1..=100_000).contains(&units) {
        return rule("units", "write a whole number from 1 to 100,000");
    }
    if charge.minor() < 0 {
        return rule("charge", "below zero");
    }
    let setting = maybe::<CareSetting>(&field("setting"), line.setting.as_ref())?;
    let service = LineService {
        line: number,
        code: with(&field("code"), ServiceCode::parse(&line.code))?,
        setting: setting.unwrap_or(CareSetting::Unspecified),
        service_type: maybe::<ServiceType>(&field("serviceType"), line.service_type.as_ref())?,
    };
    Ok((ClaimLine { number, service_start: first, service_end: last, units, charge }, service))
}

fn with<T>(field: &str, parsed: Result<T, ParseError>) -> Result<T, Unread> {
    parsed.map_err(|error| Unread::Field(field.to_owned(), error))
}

fn parsed<T: FromStr<Err = ParseError>>(field: &str, text: &str) -> Result<T, Unread> {
    with(field, text.parse())
}

fn maybe<T: FromStr<Err = ParseError>>(field: &str, text: Option<&String>) -> Result<Option<T>, Unread> {
    text.map(|text| parsed(field, text)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{ "currency": "EUR", "country": "BE", "emergency": false, "diagnoses": ["J06.9"],
        "lines": [{ "code": "GP", "serviceType": "consultation", "setting": "outpatient", "from": "2026-12-03", "charge": "60.00" },
                  { "code": "HOSP", "from": "2026-12-04", "to": "2026-12-06", "units": 2, "charge": "900" }] }"#;

    #[test]
    fn a_treatment_is_read_as_the_claim_that_would_come_of_it() {
        let treatment = read(GOOD).unwrap();
        let lines: Vec<(u32, i64, u32)> =
            treatment.lines.iter().map(|line| (line.number, line.charge.minor(), line.units)).collect();
        assert_eq!(lines, [(1, 6_000, 1), (2, 90_000, 2)]);
        assert_eq!(treatment.services[0].service_type, Some(ServiceType::Consultation));
        assert_eq!((treatment.services[1].setting, treatment.provider), (CareSetting::Unspecified, None));
        assert_eq!(treatment.circumstances.emergency, Some(false));
        assert_eq!(treatment.circumstances.accident, None);
    }

    #[test]
    fn what_is_wrong_names_the_field_and_not_what_stands_there() {
        let wrong = [
            ("\"EUR\"", "\"secret\"", "currency"),
            ("\"BE\"", "\"secret\"", "country"),
            ("\"consultation\"", "\"secret\"", "lines[1].serviceType"),
            ("\"2026-12-06\"", "\"2026-12-01\"", "lines[2].to"),
            ("\"60.00\"", "\"-1\"", "lines[1].charge"),
            ("\"units\": 2", "\"units\": 0", "lines[2].units"),
        ];
        for (from, to, field) in wrong {
            assert!(GOOD.contains(from));
            match read(&GOOD.replacen(from, to, 1)) {
                Err(Unread::Field(at, _) | Unread::Rule(at, _)) => assert_eq!(at, field),
                _ => panic!("{field} was read, or nothing was"),
            }
        }
        for shapeless in ["", "[]", "{}", r#"{ "currency": "EUR", "lines": [], "name": "Ada" }"#] {
            assert!(matches!(read(shapeless), Err(Unread::Shape)), "{shapeless}");
        }
        assert!(matches!(read(r#"{ "currency": "EUR", "lines": [] }"#), Err(Unread::Rule(_, _))));
    }
}
