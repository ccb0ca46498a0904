//! Patient, Coverage, Organization and Practitioner of a Bundle: the few elements that have a place
//! here. Identifiers of the state, race, ethnicity, photographs, contacts and the like are not read.

use domain::{
    Coverage, CoverageStatus, EmailAddress, MemberNumber, Person, PersonName, PhoneNumber, PlanName,
    PolicyNumber, PostalAddress, Provider, Sex, SubjectKind,
};

use super::bundle::Context;
use super::care::country_of;
use super::node::{FieldError, Node};
use crate::mapping::date_of;
use crate::{CoverageDraft, Mapping, MemberDraft, Problem, ProviderDraft, SourceId};

/// The official name of a person, else the first: given names, then the family name.
pub(super) fn name(person: &Node<'_>) -> Result<PersonName, FieldError> {
    let list = person.get("name");
    let mut chosen = list.first()?;
    for candidate in list.items()? {
        if candidate.get("use").text()? == Some("official") {
            chosen = candidate;
            break;
        }
    }
    let mut parts = Vec::new();
    for given in chosen.get("given").items()? {
        parts.extend(given.text()?);
    }
    parts.extend(chosen.get("family").text()?);
    if parts.is_empty() {
        return Err(chosen.error(Problem::Required));
    }
    PersonName::parse(&parts.join(" ")).map_err(|error| chosen.error(error.into()))
}

/// Street lines, and postal code with town.
fn address(node: &Node<'_>) -> Result<(Option<PostalAddress>, Option<PostalAddress>), FieldError> {
    let join = |parts: Vec<&str>, separator| {
        let joined = (!parts.is_empty()).then(|| PostalAddress::parse(&parts.join(separator)));
        joined.transpose().map_err(|error| node.error(error.into()))
    };
    let mut lines = Vec::new();
    for line in node.get("line").items()? {
        lines.extend(line.text()?);
    }
    let town = [node.get("postalCode").text()?, node.get("city").text()?].into_iter().flatten().collect();
    Ok((join(lines, ", ")?, join(town, " ")?))
}

pub(super) fn member(patient: &Node<'_>, mapping: &Mapping) -> Result<MemberDraft, FieldError> {
    let home = patient.get("address").first()?;
    let (address, town) = address(&home)?;
    let (mut email, mut phone) = (None, None);
    for telecom in patient.get("telecom").items()? {
        match telecom.get("system").text()? {
            Some("email") if email.is_none() => email = telecom.get("value").optional(EmailAddress::parse)?,
            Some("phone") if phone.is_none() => phone = telecom.get("value").optional(PhoneNumber::parse)?,
            _ => {}
        }
    }
    let person = Person {
        name: name(patient)?,
        birth_date: patient.get("birthDate").required(str::parse)?,
        sex: patient.get("gender").optional(str::parse)?.unwrap_or(Sex::Unknown),
        address,
        town,
        country: home.get("country").optional(country_of)?,
        email,
        phone,
        death_date: patient.get("deceasedDateTime").optional(date_of)?,
        member_number: patient.get("id").required(MemberNumber::parse)?,
        account: None,
        bank: None,
    };
    Ok(MemberDraft {
        source_id: patient.get("id").required(SourceId::parse)?,
        portfolio: mapping.portfolio.clone(),
        person,
        kind: SubjectKind::Member,
        holder_source_id: None,
        governing_law: None,
        health_consent: mapping.health_consent,
    })
}

pub(super) fn coverage(
    resource: &Node<'_>,
    context: &Context,
    mapping: &Mapping,
) -> Result<CoverageDraft, FieldError> {
    let beneficiary = resource.get("beneficiary");
    let member_source_id = context.id_of(&beneficiary)?;
    let unknown = || beneficiary.error(Problem::Rule("the Bundle holds no such Patient"));
    let status = resource.get("status");
    match status.text()? {
        Some("active" | "cancelled") => {}
        _ => return Err(status.error(Problem::Rule("neither active nor cancelled"))),
    }
    let class = resource.get("class").first()?.get("name");
    let period = resource.get("period");
    let start = period.get("start").required(date_of)?;
    let end = period.get("end");
    let last = end.optional(date_of)?;
    if last.is_some_and(|last| last < start) {
        return Err(end.error(Problem::Rule("earlier than the start")));
    }
    let coverage = Coverage {
        insured: context.names.get(member_source_id.reveal()).cloned().ok_or_else(unknown)?,
        policy_number: resource.get("id").required(PolicyNumber::parse)?,
        plan_name: match class.optional(PlanName::parse)? {
            Some(name) => name,
            None => PlanName::parse(&mapping.plan).map_err(|error| class.error(error.into()))?,
        },
        currency: mapping.currency,
        start,
        end: last,
        status: if status.text()? == Some("active") { CoverageStatus::Active } else { CoverageStatus::Ended },
        exclusions: Vec::new(),
        modules: None,
        salaries: Vec::new(),
        prior_cover: None,
        preexisting: Vec::new(),
        other: None,
        parents: None,
    };
    Ok(CoverageDraft {
        source_id: resource.get("id").required(SourceId::parse)?,
        member_source_id,
        plan: mapping.plan.clone(),
        sponsor: None,
        coverage,
    })
}

/// An Organization, whose name is a text, or a Practitioner, whose name is a person's.
pub(super) fn provider(resource: &Node<'_>) -> Result<ProviderDraft, FieldError> {
    let is_organization = resource.get("resourceType").text()? == Some("Organization");
    let home = resource.get("address").first()?;
    let (address, town) = address(&home)?;
    let provider = Provider {
        name: if is_organization {
            resource.get("name").required(PersonName::parse)?
        } else {
            name(resource)?
        },
        address,
        town,
        country: home.get("country").optional(country_of)?,
        account: None,
        bank: None,
    };
    Ok(ProviderDraft { source_id: resource.get("id").required(SourceId::parse)?, provider })
}
