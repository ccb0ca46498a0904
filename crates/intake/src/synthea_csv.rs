//! A mapping of Synthea's CSV export. Of its transactions the charges become lines; payments and
//! transfers are what another payer did about them: counted, by type, and not taken in.

use std::collections::{HashMap, HashSet};
use std::io::Read;

use domain::{
    CareSetting, ClaimLine, Coverage, CoverageStatus, Date, Diagnosis, LineService, MemberNumber, Money,
    ParseError, Payee, Person, PersonName, PlanName, PolicyNumber, PostalAddress, Provider, ServiceCode, Sex,
    SubjectKind,
};

mod layouts;

pub use layouts::LAYOUTS;
use layouts::{CLAIMS, DIAGNOSES, PATIENTS, PAYER_TRANSITIONS, PAYERS, PROVIDERS, TRANSACTIONS};

use crate::claims::charge_of;
use crate::mapping::{close_before_next, date_of, for_rows, town};
use crate::table::Row;
use crate::{
    ClaimDraft, CoverageDraft, DraftKind, InputError, MAX_LINES_PER_CLAIM, Mapping, MemberDraft, Parsed,
    Problem, ProviderDraft, Refused, SourceId,
};

/// The files, each with its reader.
pub struct Files<'a> {
    /// `patients.csv`.
    pub patients: Box<dyn Read + Send + 'a>,
    /// `providers.csv`; it repeats what is wanted of `organizations.csv`, which is not read.
    pub providers: Box<dyn Read + Send + 'a>,
    /// `payers.csv`.
    pub payers: Box<dyn Read + Send + 'a>,
    /// `payer_transitions.csv`.
    pub payer_transitions: Box<dyn Read + Send + 'a>,
    /// `claims.csv`.
    pub claims: Box<dyn Read + Send + 'a>,
    /// `claims_transactions.csv`.
    pub claims_transactions: Box<dyn Read + Send + 'a>,
}

/// The name that Synthea gives to having no payer.
const NO_INSURANCE: &str = "NO_INSURANCE";

/// Reads the files. All of it is held in memory: these are samples, not a site's feed.
///
/// # Errors
/// On a row that cannot be read, with nothing taken in. A readable claim that cannot become one is
/// among [`Parsed::refused`].
pub fn read(files: Files<'_>, mapping: &Mapping) -> Result<Parsed, InputError> {
    let mut parsed = Parsed::default();
    let mut names = HashMap::new();
    for_rows(files.patients, &PATIENTS, mapping, &mut parsed, |row, parsed| {
        let draft = patient(row, mapping)?;
        names.insert(draft.source_id.clone(), draft.person.name.clone());
        parsed.members.push(draft);
        Ok(())
    })?;
    for_rows(files.providers, &PROVIDERS, mapping, &mut parsed, |row, parsed| {
        parsed.providers.push(provider(row)?);
        Ok(())
    })?;
    let mut payers: HashMap<String, PlanName> = HashMap::new();
    for_rows(files.payers, &PAYERS, mapping, &mut parsed, |row, _| {
        let name = row.required("NAME", PlanName::parse)?;
        payers.insert(row.required("Id", |text| Ok(text.to_owned()))?, name);
        Ok(())
    })?;
    for_rows(files.payer_transitions, &PAYER_TRANSITIONS, mapping, &mut parsed, |row, parsed| {
        let payer = row.required("PAYER", |text| Ok(text.to_owned()))?;
        let unknown = || row.error("PAYER", Problem::Rule("payers.csv has no payer with this id"));
        let payer = payers.get(&payer).ok_or_else(unknown)?;
        if payer.reveal() == NO_INSURANCE {
            parsed.report.note("payer_transitions.csv: times without insurance, left out", 1);
        } else {
            parsed.coverages.push(cover(row, mapping, &names, payer)?);
        }
        Ok(())
    })?;
    let shortened = close_before_next(&mut parsed.coverages);
    parsed.report.note("payer_transitions.csv: spans ended the day before the next begins", shortened);
    claims(files.claims, files.claims_transactions, mapping, &mut parsed)?;
    Ok(parsed)
}

fn patient(row: &Row<'_>, mapping: &Mapping) -> Result<MemberDraft, InputError> {
    let last = row.required("LAST", |text| Ok(text.to_owned()))?;
    let person = Person {
        name: row.required("FIRST", |first| PersonName::parse(&format!("{first} {last}")))?,
        birth_date: row.required("BIRTHDATE", str::parse)?,
        sex: row.optional("GENDER", sex)?.unwrap_or(Sex::Unknown),
        address: row.optional("ADDRESS", PostalAddress::parse)?,
        town: town(row, "ZIP", "CITY")?,
        country: None,
        email: None,
        phone: None,
        death_date: row.optional("DEATHDATE", str::parse)?,
        member_number: row.required("Id", MemberNumber::parse)?,
        account: None,
        bank: None,
    };
    Ok(MemberDraft {
        source_id: row.required("Id", SourceId::parse)?,
        portfolio: mapping.portfolio.clone(),
        person,
        kind: SubjectKind::Member,
        holder_source_id: None,
        governing_law: None,
        health_consent: mapping.health_consent,
    })
}

fn sex(text: &str) -> Result<Sex, ParseError> {
    match text {
        "F" => Ok(Sex::Female),
        "M" => Ok(Sex::Male),
        _ => Err(ParseError::Shape { what: "sex", problem: "use one of F, M" }),
    }
}

fn provider(row: &Row<'_>) -> Result<ProviderDraft, InputError> {
    let provider = Provider {
        name: row.required("NAME", PersonName::parse)?,
        address: row.optional("ADDRESS", PostalAddress::parse)?,
        town: town(row, "ZIP", "CITY")?,
        country: None,
        account: None,
        bank: None,
    };
    Ok(ProviderDraft { source_id: row.required("Id", SourceId::parse)?, provider })
}

fn cover(
    row: &Row<'_>,
    mapping: &Mapping,
    names: &HashMap<SourceId, PersonName>,
    payer: &PlanName,
) -> Result<CoverageDraft, InputError> {
    let member_source_id = row.required("PATIENT", SourceId::parse)?;
    let unknown = || row.error("PATIENT", Problem::Rule("patients.csv has no patient with this id"));
    // MEMBERID is neither filled nor unique: a span is told by its patient and its first instant.
    let id = row
        .required("START_YEAR", |start| SourceId::parse(&format!("{}/{start}", member_source_id.reveal())))?;
    let coverage = Coverage {
        insured: names.get(&member_source_id).cloned().ok_or_else(unknown)?,
        policy_number: row.required("PATIENT", PolicyNumber::parse)?,
        plan_name: payer.clone(),
        currency: mapping.currency,
        start: row.required("START_YEAR", date_of)?,
        end: row.optional("END_YEAR", date_of)?,
        status: CoverageStatus::Active,
        exclusions: Vec::new(),
        modules: None,
        salaries: Vec::new(),
        prior_cover: None,
        preexisting: Vec::new(),
        other: None,
        parents: None,
    };
    crate::people::not_before(row, "END_YEAR", coverage.start, coverage.end)?;
    Ok(CoverageDraft { source_id: id, member_source_id, plan: mapping.plan.clone(), sponsor: None, coverage })
}

/// A charge: a line to be.
struct Charge {
    start: Date,
    end: Date,
    units: u32,
    amount: Money,
    code: ServiceCode,
}

fn claims<C: Read, T: Read>(
    claims: C,
    transactions: T,
    mapping: &Mapping,
    parsed: &mut Parsed,
) -> Result<(), InputError> {
    // By claim: the first line that names it, and its charges.
    let mut charges: HashMap<SourceId, (u64, Vec<Result<Charge, InputError>>)> = HashMap::new();
    for_rows(transactions, &TRANSACTIONS, mapping, parsed, |row, parsed| {
        let claim = row.required("CLAIMID", SourceId::parse)?;
        let kind = row.required("TYPE", transaction_type)?;
        parsed.report.read(kind.counted_as());
        let (_, of_claim) = charges.entry(claim).or_insert_with(|| (row.line(), Vec::new()));
        if kind == Transaction::Charge {
            of_claim.push(charge(row, mapping, parsed));
        }
        Ok(())
    })?;
    let mut seen = HashSet::new();
    for_rows(claims, &CLAIMS, mapping, parsed, |row, parsed| {
        let source_id = row.required("Id", SourceId::parse)?;
        let member_source_id = row.required("PATIENTID", SourceId::parse)?;
        let (_, lines) = charges.remove(&source_id).unwrap_or_default();
        let known = !seen.insert(source_id.clone());
        let repeated = || Err(row.error("Id", Problem::Rule("stands further up too: keep one row per id")));
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
    charges.into_values().map(|(at, _)| at).min().map_or(Ok(()), |at| {
        let problem = Problem::Rule("claims.csv has no claim with this id");
        Err(InputError::cell(TRANSACTIONS.name, at, "CLAIMID", problem))
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Transaction {
    Charge,
    Payment,
    TransferIn,
    TransferOut,
}

impl Transaction {
    const fn counted_as(self) -> &'static str {
        match self {
            Self::Charge => "claims_transactions.csv: CHARGE, taken in as a line",
            Self::Payment => "claims_transactions.csv: PAYMENT by another payer, not taken in",
            Self::TransferIn => "claims_transactions.csv: TRANSFERIN between payers, not taken in",
            Self::TransferOut => "claims_transactions.csv: TRANSFEROUT between payers, not taken in",
        }
    }
}

fn transaction_type(text: &str) -> Result<Transaction, ParseError> {
    match text {
        "CHARGE" => Ok(Transaction::Charge),
        "PAYMENT" => Ok(Transaction::Payment),
        "TRANSFERIN" => Ok(Transaction::TransferIn),
        "TRANSFEROUT" => Ok(Transaction::TransferOut),
        _ => Err(ParseError::Shape {
            what: "type",
            problem: "use one of CHARGE, PAYMENT, TRANSFERIN, TRANSFEROUT",
        }),
    }
}

fn charge(row: &Row<'_>, mapping: &Mapping, parsed: &mut Parsed) -> Result<Charge, InputError> {
    let start: Date = row.required("FROMDATE", date_of)?;
    let mut end = row.optional("TODATE", date_of)?.unwrap_or(start);
    if end < start {
        // The exporter writes the epoch where it knows no end.
        end = start;
        parsed
            .report
            .note("claims_transactions.csv: charges with an end before their start, one day assumed", 1);
    }
    let units = row.text("UNITS").map_or(Some(1), |text| text.parse().ok()).filter(|units| *units >= 1);
    let problem = Problem::Rule("not a whole number from 1");
    Ok(Charge {
        start,
        end,
        units: units.ok_or_else(|| row.error("UNITS", problem))?,
        amount: row.required("AMOUNT", |text| charge_of(text, mapping.currency))?,
        code: row.required("PROCEDURECODE", ServiceCode::parse)?,
    })
}

fn claim(
    row: &Row<'_>,
    mapping: &Mapping,
    charges: Vec<Result<Charge, InputError>>,
) -> Result<ClaimDraft, InputError> {
    let problem = match charges.len() {
        0 => Some("claims_transactions.csv has no charge of this claim"),
        1..=MAX_LINES_PER_CLAIM => None,
        _ => Some("more than 1,000 charges"),
    };
    if let Some(problem) = problem {
        return Err(row.error("Id", Problem::Rule(problem)));
    }
    let served: Date = row.required("SERVICEDATE", date_of)?;
    let billed: Option<Date> = row.optional("LASTBILLEDDATE1", date_of)?;
    let (mut lines, mut services) = (Vec::new(), Vec::new());
    for (number, charge) in (1_u32..).zip(charges) {
        let Charge { start, end, units, amount, code } = charge?;
        lines.push(ClaimLine { number, service_start: start, service_end: end, units, charge: amount });
        let setting = CareSetting::Unspecified;
        services.push(LineService { line: number, code, setting, service_type: None });
    }
    let mut diagnoses = Vec::new();
    for column in DIAGNOSES {
        let found = row.optional(column, Diagnosis::parse)?;
        diagnoses.extend(found.filter(|code| !diagnoses.contains(code)));
    }
    Ok(ClaimDraft {
        source_id: row.required("Id", SourceId::parse)?,
        member_source_id: row.required("PATIENTID", SourceId::parse)?,
        provider_source_id: row.required("PROVIDERID", SourceId::parse)?,
        received: billed.map_or(served, |billed| billed.max(served)),
        payee: Payee::Provider,
        currency: mapping.currency,
        invoice_number: None,
        lines,
        services,
        diagnoses,
        circumstances: crate::Circumstances::default(),
        origin: row.origin(),
    })
}
