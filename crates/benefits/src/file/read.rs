//! Reads a file of claims, field by field, so that an error can say where it is without repeating
//! a value. Unknown fields are refused: a misspelt one would silently change the result.

use std::collections::BTreeMap;

use domain::{
    AccumulatorBalance, CareSetting, ClaimId, ClaimLine, CoverageStatus, Currency, Date, Diagnosis,
    LineService, Money, ProviderId, ServiceCode,
};
use serde_json::Value;

use super::FileError;
use super::before::{self, Before};
use super::expected::{self, Expected};
use super::facts::{self, AllLabels, Known, OF_CLAIM, OF_COVER, rates};
use super::object::{Object, field};
use crate::case::{Case, Cover};
use crate::exchange::ExchangeRates;
use crate::plan::{Plan, Sequence};

/// The file: its claims in order.
pub(crate) struct File {
    pub(crate) claims: Vec<Claim>,
    pub(super) rates: ExchangeRates,
    /// What stood before the first claim.
    pub(super) before: Before,
}

/// A claim as read. Labels are the file's own words for what elsewhere has an id.
pub(crate) struct Claim {
    pub(crate) label: String,
    pub(crate) member: String,
    pub(crate) currency: Currency,
    /// Another system has it, and has not decided it.
    pub(crate) in_flight: bool,
    /// The day of the decision.
    pub(super) decided: Date,
    id: ClaimId,
    pub(super) received: Date,
    provider: ProviderId,
    pub(crate) lines: Vec<ClaimLine>,
    /// What another system decided, line by line.
    pub(crate) expected: Vec<Option<Expected>>,
    services: Vec<LineService>,
    diagnoses: Vec<Diagnosis>,
    start: Date,
    end: Option<Date>,
    status: CoverageStatus,
    pub(crate) cover_currency: Currency,
    exclusions: Vec<Diagnosis>,
    birth_date: Option<Date>,
    death_date: Option<Date>,
    pub(super) known: Known,
    replaces: Option<ClaimId>,
}

impl Claim {
    pub(super) fn case<'a>(
        &'a self,
        rates: &'a ExchangeRates,
        family: Option<&'a [AccumulatorBalance]>,
    ) -> Case<'a> {
        Case {
            claim: self.id,
            received: self.received,
            decided: self.decided,
            provider: self.provider,
            currency: self.currency,
            lines: &self.lines,
            services: &self.services,
            diagnoses: &self.diagnoses,
            cover: Cover {
                id: None,
                start: self.start,
                end: self.end,
                status: self.status,
                currency: self.cover_currency,
                exclusions: &self.exclusions,
            },
            birth_date: self.birth_date,
            death_date: self.death_date,
            confirmed: self.known.confirmed,
            facts: self.known.facts(rates, family, self.replaces),
        }
    }
}

pub(super) fn read(json: &str, plan: &Plan) -> Result<File, FileError> {
    let value: Value = serde_json::from_str(json)
        .map_err(|error| FileError::Json { line: error.line(), column: error.column() })?;
    let file = Object::new(String::new(), &value)?;
    file.only(&[&["decided", "claims", "rates"][..], &before::OF_FILE].concat())?;
    let mut labels = AllLabels::default();
    let mut before = Before::read(&file, plan, &mut labels)?;
    let decided = file.parsed("decided")?;
    let mut claims: Vec<Claim> = Vec::new();
    let mut known: BTreeMap<String, ClaimId> = BTreeMap::new();
    for object in file.objects("claims")? {
        let mut claim = claim(&object, (claims.len(), decided), plan, &mut labels)?;
        if let Some(label) = &claim.known.replaces {
            let earlier = known.get(label).copied().or_else(|| before.claim(label));
            let problem = "no earlier claim has this label: write the `claim` of one before it";
            claim.replaces = Some(earlier.ok_or_else(|| field(&object.at("replaces"), problem))?);
        }
        if known.insert(claim.label.clone(), claim.id).is_some() || before.claim(&claim.label).is_some() {
            return Err(field("claims", "two claims have the same `claim`: give each its own"));
        }
        claims.push(claim);
    }
    before.read_openings(&file, plan, &claims, &mut labels)?;
    Ok(File { claims, rates: rates(&file)?, before })
}

impl File {
    /// The places of the claims in the order in which they count: that of the file where receipt is what counts, for they stand
    /// in it as they were decided, and those in flight after them, as they came in; else that of care.
    pub(super) fn order(&self, plan: &Plan) -> Vec<usize> {
        let sequence = plan.sequence();
        let mut order: Vec<usize> = (0..self.claims.len()).collect();
        order.sort_by_cached_key(|place| {
            let claim = self.claims.get(*place)?;
            let key = sequence.key(claim.received, &claim.lines);
            let by_key = claim.in_flight || sequence == Sequence::ServiceDate;
            Some((claim.in_flight && sequence == Sequence::Receipt, by_key.then_some(key)))
        });
        order
    }
}

fn claim(
    object: &Object<'_>,
    (index, decided): (usize, Date),
    plan: &Plan,
    labels: &mut AllLabels,
) -> Result<Claim, FileError> {
    let own = ["claim", "member", "provider", "received", "currency", "lines", "diagnoses", "cover"];
    let more = ["birth_date", "death_date", "decided", "in_flight"];
    object.only(&[&own[..], &more, &OF_CLAIM].concat())?;
    let in_flight = object.flag("in_flight")?;
    let cover = object.object("cover")?;
    cover.only(&[&["start", "end", "status", "currency", "exclusions"][..], &OF_COVER].concat())?;
    let cover_currency = in_plan(&cover, plan)?;
    let currency = if plan.exchange.is_some() { object.parsed("currency")? } else { in_plan(object, plan)? };
    let provider = labels.provider(object.text("provider")?);
    let mut lines = Vec::new();
    let (mut services, mut expected) = (Vec::new(), Vec::new());
    for line in object.objects("lines")? {
        line.only(&[&OF_LINE[..], &facts::OF_LINE, &expected::OF_LINE].concat())?;
        expected.push(expected::of_line(&line, cover_currency, in_flight)?);
        let (line, service) = read_line(&line, lines.len(), currency)?;
        lines.push(line);
        services.push(service);
    }
    Ok(Claim {
        label: object.text("claim")?.to_owned(),
        member: object.text("member")?.to_owned(),
        currency,
        in_flight,
        decided: object.maybe("decided")?.unwrap_or(decided),
        id: ClaimId::from_bytes((index as u128).to_be_bytes()),
        received: object.parsed("received")?,
        provider,
        lines,
        expected,
        services,
        diagnoses: object.diagnoses("diagnoses")?,
        start: cover.parsed("start")?,
        end: cover.maybe("end")?,
        status: cover.maybe("status")?.unwrap_or(CoverageStatus::Active),
        cover_currency,
        exclusions: cover.diagnoses("exclusions")?,
        birth_date: object.maybe("birth_date")?,
        death_date: object.maybe("death_date")?,
        known: Known::read(object, &cover, cover_currency, labels)?,
        replaces: None,
    })
}

/// A currency that the plan has an amount in.
fn in_plan(object: &Object<'_>, plan: &Plan) -> Result<Currency, FileError> {
    let currency: Currency = object.parsed("currency")?;
    if !plan.currencies().contains(&currency) {
        let known: Vec<&str> = plan.currencies().iter().map(|known| known.code()).collect();
        let problem = format!("the plan has no amounts in `{currency}`: use one of {}", known.join(", "));
        return Err(field(&object.at("currency"), &problem));
    }
    Ok(currency)
}

/// The fields of any line.
pub(super) const OF_LINE: [&str; 7] =
    ["number", "service_start", "service_end", "units", "charge", "code", "setting"];

/// A line and what it is for, whatever else stands in it.
pub(super) fn read_line(
    line: &Object<'_>,
    index: usize,
    currency: Currency,
) -> Result<(ClaimLine, LineService), FileError> {
    let number = match line.count("number")? {
        Some(number) => number,
        None => u32::try_from(index + 1).map_err(|_| field(&line.at("number"), "too many lines"))?,
    };
    let service_start = line.parsed("service_start")?;
    let charge = Money::parse(&line.amount("charge")?, currency)
        .map_err(|error| field(&line.at("charge"), &error.to_string()))?;
    let charged = ClaimLine {
        number,
        service_start,
        service_end: line.maybe("service_end")?.unwrap_or(service_start),
        units: line.count("units")?.unwrap_or(1),
        charge,
    };
    let code = ServiceCode::parse(line.text("code")?)
        .map_err(|error| field(&line.at("code"), &error.to_string()))?;
    let setting = line.maybe("setting")?.unwrap_or(CareSetting::Unspecified);
    let service_type = line.maybe("service_type")?;
    Ok((charged, LineService { line: number, code, setting, service_type }))
}
