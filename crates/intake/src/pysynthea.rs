//! A mapping of the tables that `tietai-synthea` bundles flatten to: members, coverages, providers,
//! claims and claim lines. Each claim's only date is the day it was made; that is taken as the day
//! of service and of receipt. The explanations of benefit are another payer's results: not read.

use std::collections::{HashMap, HashSet};
use std::io::Read;

use domain::Category::{Claims, Eligibility, Health, Identity, MemberId, Plan};
use domain::{
    CareSetting, ClaimLine, Coverage, CoverageStatus, Date, LineService, MemberNumber, Payee, Person,
    PersonName, PlanName, PolicyNumber, Provider, ServiceCode, SubjectKind,
};

use crate::claims::charge_of;
use crate::columns::{dropped, optional, required};
use crate::mapping::{close_before_next, date_of, for_rows, town};
use crate::table::Row;
use crate::{
    ClaimDraft, Column, CoverageDraft, DraftKind, InputError, Layout, MAX_LINES_PER_CLAIM, Mapping,
    MemberDraft, Parsed, Problem, ProviderDraft, Refused, SourceId,
};

/// The files, each with its reader (see [`crate::decompressed`] for those that end in `.gz`).
pub struct Files<'a> {
    /// `members.csv`.
    pub members: Box<dyn Read + Send + 'a>,
    /// `coverages.csv`.
    pub coverages: Box<dyn Read + Send + 'a>,
    /// `providers.csv`.
    pub providers: Box<dyn Read + Send + 'a>,
    /// `claims.csv`.
    pub claims: Box<dyn Read + Send + 'a>,
    /// `claim_lines.csv`.
    pub claim_lines: Box<dyn Read + Send + 'a>,
}

/// The columns of each file.
pub const LAYOUTS: &[Layout] = &[MEMBERS, COVERAGES, PROVIDERS, CLAIMS, CLAIM_LINES];

const LOCALE: Column = dropped("locale", "the generator's setting; says nothing about a person");

const MEMBERS: Layout = Layout {
    name: "members.csv",
    columns: &[
        LOCALE,
        required("id", MemberId, "source id, and member number"),
        required("family", Identity, "family name"),
        required("given", Identity, "given names"),
        optional("gender", Identity, "as FHIR writes it"),
        required("birth_date", Identity, "birth date"),
        optional("death_date", Identity, "date of death"),
        optional("city", Identity, "town"),
        optional("postal_code", Identity, "postal code, written before the town"),
        optional("country", Identity, "country"),
    ],
};

const COVERAGES: Layout = Layout {
    name: "coverages.csv",
    columns: &[
        LOCALE,
        required("id", Plan, "source id, and policy number"),
        required("member_id", MemberId, "who is covered"),
        required("start", Eligibility, "first day"),
        optional("end", Eligibility, "last day, or the day on which the next span begins"),
        dropped("payer", "the previous payer's name; the plan is said by the mapping"),
        dropped("plan_code", "the previous payer's code; the plan is said by the mapping"),
        optional("plan_name", Plan, "plan's name as printed; a span without one is a time without cover"),
    ],
};

const PROVIDERS: Layout = Layout {
    name: "providers.csv",
    columns: &[
        LOCALE,
        required("id", Identity, "source id"),
        dropped("kind", "hospital or practitioner: no use made of it"),
        required("name", Identity, "name"),
        optional("city", Identity, "town"),
        optional("postal_code", Identity, "postal code, written before the town"),
    ],
};

const CLAIMS: Layout = Layout {
    name: "claims.csv",
    columns: &[
        LOCALE,
        required("id", Claims, "source id"),
        required("member_id", MemberId, "who was treated"),
        dropped("type", "always `institutional`: says nothing about the setting"),
        required("created", Claims, "day of receipt, and of every service"),
        required("provider_id", Claims, "who treated"),
        dropped("coverage_id", "cover is found by date"),
        required(
            "total",
            Claims,
            "compared with the sum of the lines; where it is another, the screen flags the claim",
        ),
        optional("currency", Claims, "currency of every charge; else the mapping's"),
    ],
};

const CLAIM_LINES: Layout = Layout {
    name: "claim_lines.csv",
    columns: &[
        LOCALE,
        required("claim_id", Claims, "the claim"),
        required("line", Claims, "line number"),
        required("code", Health, "service code"),
        dropped("description", "the code says it"),
        required("net", Claims, "charge"),
    ],
};

/// Reads the files. All of it is held in memory: these are samples, not a site's feed.
///
/// # Errors
/// On a row that cannot be read, with nothing taken in. A readable claim that cannot become one
/// (no lines, an amount that is none) is among [`Parsed::refused`].
pub fn read(files: Files<'_>, mapping: &Mapping) -> Result<Parsed, InputError> {
    let mut parsed = Parsed::default();
    let mut names = HashMap::new();
    for_rows(files.members, &MEMBERS, mapping, &mut parsed, |row, parsed| {
        let draft = member(row, mapping)?;
        names.insert(draft.source_id.clone(), draft.person.name.clone());
        parsed.members.push(draft);
        Ok(())
    })?;
    for_rows(files.providers, &PROVIDERS, mapping, &mut parsed, |row, parsed| {
        parsed.providers.push(provider(row)?);
        Ok(())
    })?;
    for_rows(files.coverages, &COVERAGES, mapping, &mut parsed, |row, parsed| {
        match cover(row, mapping, &names)? {
            Some(draft) => parsed.coverages.push(draft),
            None => {
                parsed.report.note("coverages.csv: spans without a plan, a time without cover, left out", 1)
            }
        }
        Ok(())
    })?;
    let shortened = close_before_next(&mut parsed.coverages);
    parsed.report.note("coverages.csv: spans ended the day before the next begins", shortened);
    claims(files.claims, files.claim_lines, mapping, &mut parsed)?;
    Ok(parsed)
}

fn member(row: &Row<'_>, mapping: &Mapping) -> Result<MemberDraft, InputError> {
    let family = row.required("family", |text| Ok(text.to_owned()))?;
    let person = Person {
        name: row.required("given", |given| PersonName::parse(&format!("{given} {family}")))?,
        birth_date: row.required("birth_date", str::parse)?,
        sex: row.optional("gender", str::parse)?.unwrap_or(domain::Sex::Unknown),
        address: None,
        town: town(row, "postal_code", "city")?,
        country: row.optional("country", str::parse)?,
        email: None,
        phone: None,
        death_date: row.optional("death_date", str::parse)?,
        member_number: row.required("id", MemberNumber::parse)?,
        account: None,
        bank: None,
    };
    Ok(MemberDraft {
        source_id: row.required("id", SourceId::parse)?,
        portfolio: mapping.portfolio.clone(),
        person,
        kind: SubjectKind::Member,
        holder_source_id: None,
        governing_law: None,
        health_consent: mapping.health_consent,
    })
}

fn provider(row: &Row<'_>) -> Result<ProviderDraft, InputError> {
    let provider = Provider {
        name: row.required("name", PersonName::parse)?,
        address: None,
        town: town(row, "postal_code", "city")?,
        country: None,
        account: None,
        bank: None,
    };
    Ok(ProviderDraft { source_id: row.required("id", SourceId::parse)?, provider })
}

fn cover(
    row: &Row<'_>,
    mapping: &Mapping,
    names: &HashMap<SourceId, PersonName>,
) -> Result<Option<CoverageDraft>, InputError> {
    let Some(plan_name) = row.optional("plan_name", PlanName::parse)? else {
        return Ok(None);
    };
    let member_source_id = row.required("member_id", SourceId::parse)?;
    let unknown = || row.error("member_id", Problem::Rule("members.csv has no member with this id"));
    let coverage = Coverage {
        insured: names.get(&member_source_id).cloned().ok_or_else(unknown)?,
        policy_number: row.required("id", PolicyNumber::parse)?,
        plan_name,
        currency: mapping.currency,
        start: row.required("start", str::parse)?,
        end: row.optional("end", str::parse)?,
        status: CoverageStatus::Active,
        exclusions: Vec::new(),
        modules: None,
        salaries: Vec::new(),
        prior_cover: None,
        preexisting: Vec::new(),
        other: None,
        parents: None,
    };
    crate::people::not_before(row, "end", coverage.start, coverage.end)?;
    Ok(Some(CoverageDraft {
        source_id: row.required("id", SourceId::parse)?,
        member_source_id,
        plan: mapping.plan.clone(),
        sponsor: None,
        coverage,
    }))
}

/// A line of a claim: its number, code and amount as written, and where it stands.
struct Line {
    number: u32,
    code: ServiceCode,
    net: String,
    at: u64,
}

fn claims<C: Read, L: Read>(
    claims: C,
    lines: L,
    mapping: &Mapping,
    parsed: &mut Parsed,
) -> Result<(), InputError> {
    let mut of_claim: HashMap<SourceId, (u64, Vec<Result<Line, InputError>>)> = HashMap::new();
    for_rows(lines, &CLAIM_LINES, mapping, parsed, |row, _| {
        let id = row.required("claim_id", SourceId::parse)?;
        of_claim.entry(id).or_insert_with(|| (row.line(), Vec::new())).1.push(line(row));
        Ok(())
    })?;
    let mut seen = HashSet::new();
    for_rows(claims, &CLAIMS, mapping, parsed, |row, parsed| {
        let source_id = row.required("id", SourceId::parse)?;
        let member_source_id = row.required("member_id", SourceId::parse)?;
        let (_, lines) = of_claim.remove(&source_id).unwrap_or_default();
        let known = !seen.insert(source_id.clone());
        let repeated = || Err(row.error("id", Problem::Rule("stands further up too: keep one row per id")));
        match if known { repeated() } else { claim(row, mapping, lines) } {
            Ok(draft) => parsed.claims.push(draft),
            Err(reason) => parsed.refused.push(Refused {
                kind: DraftKind::Claim,
                source_id: Some(source_id),
                member_source_id: Some(member_source_id),
                reason,
            }),
        }
        Ok(())
    })?;
    let orphan = of_claim.into_values().map(|(at, _)| at).min();
    orphan.map_or(Ok(()), |at| {
        let problem = Problem::Rule("claims.csv has no claim with this id");
        Err(InputError::cell(CLAIM_LINES.name, at, "claim_id", problem))
    })
}

fn line(row: &Row<'_>) -> Result<Line, InputError> {
    let problem = Problem::Rule("not a whole number from 1 to 1,000");
    let number = row.text("line").and_then(|text| text.parse().ok());
    let number = number.filter(|number| (1..=MAX_LINES_PER_CLAIM as u32).contains(number));
    Ok(Line {
        number: number.ok_or_else(|| row.error("line", problem))?,
        code: row.required("code", ServiceCode::parse)?,
        net: row.required("net", |text| Ok(text.to_owned()))?,
        at: row.line(),
    })
}

fn claim(
    row: &Row<'_>,
    mapping: &Mapping,
    found: Vec<Result<Line, InputError>>,
) -> Result<ClaimDraft, InputError> {
    let mut found = found.into_iter().collect::<Result<Vec<_>, _>>()?;
    let created: Date = row.required("created", date_of)?;
    let currency = row.optional("currency", str::parse)?.unwrap_or(mapping.currency);
    if found.is_empty() {
        return Err(row.error("id", Problem::Rule("claim_lines.csv has no line of this claim")));
    }
    found.sort_by_key(|line| line.number);
    let (mut lines, mut services) = (Vec::new(), Vec::new());
    for Line { number, code, net, at } in found {
        let charge =
            charge_of(&net, currency).map_err(|e| InputError::cell(CLAIM_LINES.name, at, "net", e.into()))?;
        if lines.last().is_some_and(|last: &ClaimLine| last.number == number) {
            let problem = Problem::Rule("the claim has this line number twice");
            return Err(InputError::cell(CLAIM_LINES.name, at, "line", problem));
        }
        lines.push(ClaimLine { number, service_start: created, service_end: created, units: 1, charge });
        let setting = CareSetting::Unspecified;
        services.push(LineService { line: number, code, setting, service_type: None });
    }
    let draft = ClaimDraft {
        source_id: row.required("id", SourceId::parse)?,
        member_source_id: row.required("member_id", SourceId::parse)?,
        provider_source_id: row.required("provider_id", SourceId::parse)?,
        received: created,
        payee: Payee::Provider,
        currency,
        invoice_number: None,
        lines,
        services,
        diagnoses: Vec::new(),
        circumstances: crate::Circumstances::default(),
        origin: row.origin(),
    };
    let total = row.required("total", |text| charge_of(text, currency))?;
    Ok(draft.with_total(Some(total)))
}
