//! Members, cover and providers from our own CSV files: one row, one draft.

use std::collections::BTreeSet;
use std::io::Read;

use domain::{
    Bic, CategorySet, Coverage, CoverageStatus, Date, Diagnosis, EmailAddress, Iban, MemberNumber,
    ModuleName, ParseError, Person, PersonName, PhoneNumber, PlanName, PolicyNumber, PostalAddress, Provider,
    Sex, SubjectKind,
};

use crate::columns::{COVERAGE, MEMBERS, PROVIDERS};
use crate::drafts::Reading;
use crate::other_cover;
use crate::table::Row;
use crate::{CoverageDraft, Drafts, InputError, MemberDraft, Problem, ProviderDraft, SourceId};

/// Members and dependants from a CSV file with the columns [`MEMBERS`]. `file` is the name that
/// errors show; `covered` the categories that a clause of the notice lets in.
///
/// # Errors
/// When the header is not as it must be; each bad row is an error of its own in the stream.
pub fn members<R: Read>(
    file: &str,
    reader: R,
    covered: CategorySet,
) -> Result<Drafts<R, MemberDraft>, InputError> {
    let reading = Reading { read: member, id: |draft| &draft.source_id, id_column: "member_id" };
    Drafts::new(file, reader, &MEMBERS, covered, reading)
}

/// Spans of cover from a CSV file with the columns [`COVERAGE`]; as [`members`].
///
/// # Errors
/// As [`members`].
pub fn coverage<R: Read>(
    file: &str,
    reader: R,
    covered: CategorySet,
) -> Result<Drafts<R, CoverageDraft>, InputError> {
    let reading = Reading { read: cover, id: |draft| &draft.source_id, id_column: "coverage_id" };
    Drafts::new(file, reader, &COVERAGE, covered, reading)
}

/// Providers from a CSV file with the columns [`PROVIDERS`]; as [`members`].
///
/// # Errors
/// As [`members`].
pub fn providers<R: Read>(
    file: &str,
    reader: R,
    covered: CategorySet,
) -> Result<Drafts<R, ProviderDraft>, InputError> {
    let reading = Reading { read: provider, id: |draft| &draft.source_id, id_column: "provider_id" };
    Drafts::new(file, reader, &PROVIDERS, covered, reading)
}

fn member(row: &Row<'_>) -> Result<MemberDraft, InputError> {
    let person = Person {
        name: row.required("name", PersonName::parse)?,
        birth_date: row.required("birth_date", str::parse)?,
        sex: row.optional("sex", str::parse)?.unwrap_or(Sex::Unknown),
        address: row.optional("address", PostalAddress::parse)?,
        town: row.optional("town", PostalAddress::parse)?,
        country: row.optional("country", str::parse)?,
        email: row.optional("email", EmailAddress::parse)?,
        phone: row.optional("phone", PhoneNumber::parse)?,
        death_date: row.optional("death_date", str::parse)?,
        member_number: row.required("member_number", MemberNumber::parse)?,
        account: row.optional("iban", Iban::parse)?,
        bank: row.optional("bic", Bic::parse)?,
    };
    not_before(row, "death_date", person.birth_date, person.death_date)?;
    let kind = row.optional("kind", subject_kind)?.unwrap_or(SubjectKind::Member);
    let holder_source_id = row.optional("holder_id", SourceId::parse)?;
    let problem = match (kind, &holder_source_id) {
        (SubjectKind::Beneficiary, None) => Some("a beneficiary needs the `member_id` of the holder"),
        (SubjectKind::Member, Some(_)) => {
            Some("a member has no holder: empty the cell or write `beneficiary`")
        }
        _ => None,
    };
    if let Some(problem) = problem {
        return Err(row.error("holder_id", Problem::Rule(problem)));
    }
    Ok(MemberDraft {
        source_id: row.required("member_id", SourceId::parse)?,
        portfolio: row.optional("portfolio", |text| short_text("portfolio", text))?,
        person,
        kind,
        holder_source_id,
        governing_law: row.optional("governing_law", str::parse)?,
        health_consent: row.optional("health_consent", str::parse)?,
    })
}

fn subject_kind(text: &str) -> Result<SubjectKind, ParseError> {
    match text {
        "member" => Ok(SubjectKind::Member),
        "beneficiary" => Ok(SubjectKind::Beneficiary),
        _ => Err(ParseError::Shape { what: "kind", problem: "use one of member, beneficiary" }),
    }
}

fn cover(row: &Row<'_>) -> Result<CoverageDraft, InputError> {
    let mut coverage = Coverage {
        insured: row.required("insured_name", PersonName::parse)?,
        policy_number: row.required("policy_number", PolicyNumber::parse)?,
        plan_name: row.required("plan_name", PlanName::parse)?,
        currency: row.required("currency", str::parse)?,
        start: row.required("start", str::parse)?,
        end: row.optional("end", str::parse)?,
        status: row.optional("status", str::parse)?.unwrap_or(CoverageStatus::Active),
        exclusions: row.list("exclusions", Diagnosis::parse)?,
        modules: modules(row)?,
        salaries: Vec::new(),
        prior_cover: row.optional("prior_cover", str::parse)?,
        preexisting: row.list("preexisting", other_cover::preexisting)?,
        other: other_cover::other(row)?,
        parents: None,
    };
    coverage.salaries = row.list("salaries", |text| other_cover::salary(text, coverage.currency))?;
    let days: BTreeSet<Date> = coverage.salaries.iter().map(|salary| salary.from).collect();
    if days.len() < coverage.salaries.len() {
        return Err(row.error("salaries", Problem::Rule("two salaries begin on one day: keep one of them")));
    }
    coverage.parents = other_cover::parents(row, coverage.other.as_ref())?;
    not_before(row, "end", coverage.start, coverage.end)?;
    Ok(CoverageDraft {
        source_id: row.required("coverage_id", SourceId::parse)?,
        member_source_id: row.required("member_id", SourceId::parse)?,
        plan: row.required("plan", plan_id)?,
        sponsor: row.optional("sponsor", |text| short_text("sponsor", text))?,
        coverage,
    })
}

/// A plan's modules: `-` alone says that there are none.
fn modules(row: &Row<'_>) -> Result<Option<Vec<ModuleName>>, InputError> {
    if row.optional("modules", |text| Ok(text == "-"))? == Some(true) {
        return Ok(Some(Vec::new()));
    }
    let named = row.list("modules", ModuleName::parse)?;
    Ok((!named.is_empty()).then_some(named))
}

fn provider(row: &Row<'_>) -> Result<ProviderDraft, InputError> {
    let provider = Provider {
        name: row.required("name", PersonName::parse)?,
        address: row.optional("address", PostalAddress::parse)?,
        town: row.optional("town", PostalAddress::parse)?,
        country: row.optional("country", str::parse)?,
        account: row.optional("iban", Iban::parse)?,
        bank: row.optional("bic", Bic::parse)?,
    };
    Ok(ProviderDraft { source_id: row.required("provider_id", SourceId::parse)?, provider })
}

/// A plan's id: it becomes part of a file's name, so nothing but small letters, digits and hyphens.
pub(crate) fn plan_id(text: &str) -> Result<String, ParseError> {
    let is_id = text.len() <= 64
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let problem = "not an id: small letters, digits and hyphens, at most 64";
    is_id.then(|| text.to_owned()).ok_or(ParseError::Shape { what: "plan", problem })
}

/// A name that is nobody's: of a sponsor, a portfolio.
fn short_text(what: &'static str, text: &str) -> Result<String, ParseError> {
    if text.chars().count() > 200 {
        return Err(ParseError::Shape { what, problem: "longer than 200 characters" });
    }
    if text.chars().any(char::is_control) {
        return Err(ParseError::Shape { what, problem: "contains a control character" });
    }
    domain::no_card_number(what, text)?;
    Ok(text.to_owned())
}

/// A last day that is not before its first day.
pub(crate) fn not_before(
    row: &Row<'_>,
    column: &'static str,
    first: Date,
    last: Option<Date>,
) -> Result<(), InputError> {
    if last.is_some_and(|last| last < first) {
        return Err(row.error(column, Problem::Rule("earlier than the first date: swap them or correct one")));
    }
    Ok(())
}
