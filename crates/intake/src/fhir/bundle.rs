//! One JSON value of a file: a resource, or a Bundle of them, whose parts refer to one another.

use std::collections::HashMap;

use domain::{Date, Diagnosis, PersonName};
use serde_json::Value;

use super::node::{FieldError, Node};
use super::{Found, claim, people};
use crate::mapping::date_of;
use crate::{DraftKind, InputError, Mapping, Origin, Place, Problem, Refused, SourceId};

/// What the parts of a Bundle say for one another, by the last part of their references.
#[derive(Default)]
pub(super) struct Context {
    /// The ids of resources whose `fullUrl` ends otherwise.
    ids: HashMap<String, String>,
    /// First and last day of encounters: the days of service where a claim's item names none.
    pub(super) encounters: HashMap<String, (Date, Date)>,
    /// Codes of conditions that claims refer to.
    pub(super) conditions: HashMap<String, Diagnosis>,
    /// Names of patients, for the certificate of cover.
    pub(super) names: HashMap<String, PersonName>,
}

impl Context {
    /// The id that a reference means: of `Patient/7`, `urn:uuid:7` and `https://x/Patient/7/_history/2`, 7.
    pub(super) fn id_of(&self, reference: &Node<'_>) -> Result<SourceId, FieldError> {
        let text = reference.get("reference");
        if let Some(written) = text.text()? {
            if written.starts_with('#') {
                return Err(text.error(Problem::Rule("a contained resource: give it an id of its own")));
            }
            let key = last_part(written);
            let id = self.ids.get(key).map_or(key, String::as_str);
            return SourceId::parse(id).map_err(|error| text.error(error.into()));
        }
        let identifier = reference.get("identifier").get("value");
        identifier.optional(SourceId::parse)?.ok_or_else(|| text.error(Problem::Required))
    }

    pub(super) fn key_of(&self, reference: &Node<'_>) -> Result<String, FieldError> {
        self.id_of(reference).map(|id| id.reveal().to_owned())
    }

    /// Notes what the other resources of the Bundle may need of this one. What cannot be read is
    /// not there for them.
    fn learn(&mut self, full_url: Option<&str>, resource: &Node<'_>) {
        let Ok(Some(id)) = resource.get("id").text() else { return };
        if let Some(key) = full_url.map(last_part).filter(|key| *key != id) {
            self.ids.insert(key.to_owned(), id.to_owned());
        }
        match resource.get("resourceType").text() {
            Ok(Some("Encounter")) => {
                let period = resource.get("period");
                if let Ok(Some(start)) = period.get("start").optional(date_of) {
                    let end = period.get("end").optional(date_of).ok().flatten();
                    let end = end.filter(|end| *end >= start).unwrap_or(start);
                    self.encounters.insert(id.to_owned(), (start, end));
                }
            }
            Ok(Some("Condition")) => {
                let code = resource.get("code").code().and_then(|code| code.optional(Diagnosis::parse));
                if let Ok(Some(code)) = code {
                    self.conditions.insert(id.to_owned(), code);
                }
            }
            Ok(Some("Patient")) => {
                if let Ok(name) = people::name(resource) {
                    self.names.insert(id.to_owned(), name);
                }
            }
            _ => {}
        }
    }
}

fn last_part(reference: &str) -> &str {
    let reference = reference.split_once("/_history/").map_or(reference, |(reference, _)| reference);
    reference.rsplit(['/', ':']).next().unwrap_or(reference)
}

/// Everything that one JSON value gives.
///
/// Errors when it is no resource at all, or holds people's data that no clause covers.
pub(super) fn unpack(
    value: &Value,
    file: &str,
    number: u64,
    mapping: &Mapping,
) -> Result<Vec<Found>, InputError> {
    let place = Source { file, number, mapping };
    let fail = |error| place.error(error);
    let root = Node::root(value, "");
    let Some(kind) = root.get("resourceType").text().map_err(fail)? else {
        return Err(fail(root.get("resourceType").error(Problem::Required)));
    };
    if kind != "Bundle" {
        let resource = Node::root(value, if kind == "Claim" { "Claim" } else { "resource" });
        return Ok(vec![take(&resource, &Context::default(), &place)?]);
    }
    let entries = Node::root(value, "Bundle").get("entry").items().map_err(fail)?;
    let mut context = Context::default();
    for entry in &entries {
        context.learn(entry.get("fullUrl").text().map_err(fail)?, &entry.get("resource"));
    }
    entries.iter().map(|entry| take(&entry.get("resource"), &context, &place)).collect()
}

/// Where a resource stands, for errors, and how it is read.
pub(super) struct Source<'a> {
    file: &'a str,
    number: u64,
    pub(super) mapping: &'a Mapping,
}

impl Source<'_> {
    fn error(&self, FieldError { path, problem }: FieldError) -> InputError {
        let place = Place::Field { resource: self.number, path };
        InputError { file: self.file.to_owned(), place, problem }
    }

    /// Where the draft of a resource stands.
    fn origin(&self, resource: &Node<'_>) -> Origin {
        let place = Place::Field { resource: self.number, path: resource.get("id").path().to_owned() };
        Origin { file: self.file.to_owned(), place }
    }
}

/// What one resource gives: one that cannot be used is refused with its reason, not lost.
fn take(resource: &Node<'_>, context: &Context, source: &Source<'_>) -> Result<Found, InputError> {
    let kind = resource.get("resourceType");
    let kind = kind.required(|text| Ok(text.to_owned())).map_err(|error| source.error(error))?;
    let (kind, found) = match kind.as_str() {
        "Patient" => (DraftKind::Member, people::member(resource, source.mapping).map(Found::Member)),
        "Coverage" => {
            (DraftKind::Coverage, people::coverage(resource, context, source.mapping).map(Found::Coverage))
        }
        "Organization" | "Practitioner" => {
            (DraftKind::Provider, people::provider(resource).map(Found::Provider))
        }
        "Claim" => {
            let origin = source.origin(resource);
            (DraftKind::Claim, claim::claim(resource, context, source.mapping, origin).map(Found::Claim))
        }
        // In a file that is no FHIR the type may be anything: only a known one is repeated.
        other => {
            let known = KNOWN.contains(&other);
            return Ok(Found::LeftOut(if known { other } else { "another type" }.to_owned()));
        }
    };
    source.mapping.check_covered(source.file, kind)?;
    Ok(found.unwrap_or_else(|error| {
        let person = resource.get(if kind == DraftKind::Coverage { "beneficiary" } else { "patient" });
        Found::Refused(Refused {
            kind,
            source_id: resource.get("id").optional(SourceId::parse).ok().flatten(),
            member_source_id: context.id_of(&person).ok(),
            reason: source.error(error),
        })
    }))
}

/// Types that real Bundles of claims hold beside those that are taken in.
const KNOWN: &[&str] = &[
    "AllergyIntolerance",
    "CarePlan",
    "CareTeam",
    "Condition",
    "Device",
    "DiagnosticReport",
    "DocumentReference",
    "Encounter",
    "ExplanationOfBenefit",
    "ImagingStudy",
    "Immunization",
    "Location",
    "Media",
    "Medication",
    "MedicationAdministration",
    "MedicationRequest",
    "Observation",
    "PractitionerRole",
    "Procedure",
    "Provenance",
    "RelatedPerson",
    "SupplyDelivery",
];
