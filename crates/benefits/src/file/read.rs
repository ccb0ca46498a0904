//! Reads a file of claims, field by field, so that an error can say where it is without repeating
//! a value. Unknown fields are refused: a misspelt one would silently change the result.

use std::str::FromStr;

use domain::{
    CareSetting, ClaimId, ClaimLine, CoverageStatus, Currency, Date, Diagnosis, LineService, Money,
    ParseError, ProviderId, ServiceCode,
};
use serde_json::{Map, Value};

use super::FileError;
use crate::case::{Case, Cover};
use crate::plan::Plan;

/// The file: its claims in order, and the day of the decisions.
pub(super) struct File {
    pub(super) decided: Date,
    pub(super) claims: Vec<Claim>,
}

/// A claim as read. Labels are the file's own words for what elsewhere has an id.
pub(super) struct Claim {
    pub(super) label: String,
    pub(super) member: String,
    pub(super) currency: Currency,
    id: ClaimId,
    received: Date,
    provider: ProviderId,
    lines: Vec<ClaimLine>,
    services: Vec<LineService>,
    diagnoses: Vec<Diagnosis>,
    start: Date,
    end: Option<Date>,
    status: CoverageStatus,
    cover_currency: Currency,
    exclusions: Vec<Diagnosis>,
    birth_date: Option<Date>,
    death_date: Option<Date>,
    confirmed: bool,
}

impl Claim {
    pub(super) fn case(&self, decided: Date) -> Case<'_> {
        Case {
            claim: self.id,
            received: self.received,
            decided,
            provider: self.provider,
            currency: self.currency,
            lines: &self.lines,
            services: &self.services,
            diagnoses: &self.diagnoses,
            cover: Cover {
                start: self.start,
                end: self.end,
                status: self.status,
                currency: self.cover_currency,
                exclusions: &self.exclusions,
            },
            birth_date: self.birth_date,
            death_date: self.death_date,
            confirmed: self.confirmed,
        }
    }
}

pub(super) fn read(json: &str, plan: &Plan) -> Result<File, FileError> {
    let value: Value = serde_json::from_str(json)
        .map_err(|error| FileError::Json { line: error.line(), column: error.column() })?;
    let file = Object::new(String::new(), &value)?;
    file.only(&["decided", "claims"])?;
    let mut providers: Vec<String> = Vec::new();
    let mut claims = Vec::new();
    for object in file.objects("claims")? {
        claims.push(claim(&object, claims.len(), plan, &mut providers)?);
    }
    let mut labels: Vec<&str> = claims.iter().map(|claim| claim.label.as_str()).collect();
    labels.sort_unstable();
    if labels.array_windows().any(|[a, b]| a == b) {
        return Err(field("claims", "two claims have the same `claim`: give each its own"));
    }
    Ok(File { decided: file.parsed("decided")?, claims })
}

fn claim(
    object: &Object<'_>,
    index: usize,
    plan: &Plan,
    providers: &mut Vec<String>,
) -> Result<Claim, FileError> {
    object.only(&[
        "claim",
        "member",
        "provider",
        "received",
        "currency",
        "lines",
        "diagnoses",
        "cover",
        "birth_date",
        "death_date",
        "confirmed",
    ])?;
    let cover = object.object("cover")?;
    cover.only(&["start", "end", "status", "currency", "exclusions"])?;
    let currency = in_plan(object, plan)?;
    let label = object.text("provider")?;
    let provider = providers.iter().position(|known| known == label).unwrap_or_else(|| {
        providers.push(label.to_owned());
        providers.len() - 1
    });
    let mut lines = Vec::new();
    let mut services = Vec::new();
    for line in object.objects("lines")? {
        let (line, service) = read_line(&line, lines.len(), currency)?;
        lines.push(line);
        services.push(service);
    }
    Ok(Claim {
        label: object.text("claim")?.to_owned(),
        member: object.text("member")?.to_owned(),
        currency,
        id: ClaimId::from_bytes((index as u128).to_be_bytes()),
        received: object.parsed("received")?,
        provider: ProviderId::from_bytes((provider as u128).to_be_bytes()),
        lines,
        services,
        diagnoses: object.diagnoses("diagnoses")?,
        start: cover.parsed("start")?,
        end: cover.maybe("end")?,
        status: cover.maybe("status")?.unwrap_or(CoverageStatus::Active),
        cover_currency: in_plan(&cover, plan)?,
        exclusions: cover.diagnoses("exclusions")?,
        birth_date: object.maybe("birth_date")?,
        death_date: object.maybe("death_date")?,
        confirmed: object.flag("confirmed")?,
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

fn read_line(
    line: &Object<'_>,
    index: usize,
    currency: Currency,
) -> Result<(ClaimLine, LineService), FileError> {
    line.only(&["number", "service_start", "service_end", "units", "charge", "code", "setting"])?;
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
    Ok((charged, LineService { line: number, code, setting }))
}

/// A JSON object and where it stands in the file.
struct Object<'a> {
    path: String,
    map: &'a Map<String, Value>,
}

impl<'a> Object<'a> {
    fn new(path: String, value: &'a Value) -> Result<Self, FileError> {
        match value.as_object() {
            Some(map) => Ok(Self { path, map }),
            None => Err(field(&path, "write an object: { ... }")),
        }
    }

    fn at(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// Refuses a field that is none of these. Its name is not repeated: it may be anything.
    fn only(&self, names: &[&str]) -> Result<(), FileError> {
        match self.map.keys().all(|key| names.contains(&key.as_str())) {
            true => Ok(()),
            false => {
                Err(field(&self.path, &format!("an unknown field: the fields here are {}", names.join(", "))))
            }
        }
    }

    /// The value of a field; null is as good as absent.
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    fn needed(&self, name: &str) -> Result<&'a Value, FileError> {
        self.get(name).ok_or_else(|| field(&self.at(name), "missing: add it"))
    }

    fn text(&self, name: &str) -> Result<&'a str, FileError> {
        let text = self.needed(name)?.as_str().filter(|text| !text.is_empty());
        text.ok_or_else(|| field(&self.at(name), "write a text in quotes, not empty"))
    }

    fn maybe<T: FromStr<Err = ParseError>>(&self, name: &str) -> Result<Option<T>, FileError> {
        if self.get(name).is_none() {
            return Ok(None);
        }
        self.parsed(name).map(Some)
    }

    fn parsed<T: FromStr<Err = ParseError>>(&self, name: &str) -> Result<T, FileError> {
        self.text(name)?.parse().map_err(|error| match error {
            // The word itself is not repeated: a value may stand in the wrong field.
            ParseError::UnknownWord { expected, .. } => {
                field(&self.at(name), &format!("use one of {expected}"))
            }
            shape => field(&self.at(name), &shape.to_string()),
        })
    }

    /// A decimal, in quotes or bare; a bare number keeps the digits that it was written with.
    fn amount(&self, name: &str) -> Result<String, FileError> {
        match self.needed(name)? {
            Value::String(text) => Ok(text.clone()),
            Value::Number(number) => Ok(number.to_string()),
            _ => Err(field(&self.at(name), "write an amount like \"80.00\"")),
        }
    }

    fn count(&self, name: &str) -> Result<Option<u32>, FileError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let count = value.as_u64().and_then(|count| u32::try_from(count).ok()).filter(|count| *count > 0);
        count.map(Some).ok_or_else(|| field(&self.at(name), "write a whole number of at least 1"))
    }

    fn flag(&self, name: &str) -> Result<bool, FileError> {
        let Some(value) = self.get(name) else { return Ok(false) };
        value.as_bool().ok_or_else(|| field(&self.at(name), "write true or false"))
    }

    fn object(&self, name: &str) -> Result<Self, FileError> {
        Object::new(self.at(name), self.needed(name)?)
    }

    fn array(&self, name: &str) -> Result<&'a [Value], FileError> {
        let Some(value) = self.get(name) else { return Ok(&[]) };
        value.as_array().map(Vec::as_slice).ok_or_else(|| field(&self.at(name), "write a list: [ ... ]"))
    }

    fn objects(&self, name: &str) -> Result<Vec<Self>, FileError> {
        self.needed(name)?;
        let items = self.array(name)?.iter().enumerate();
        items.map(|(index, value)| Object::new(format!("{}[{index}]", self.at(name)), value)).collect()
    }

    fn diagnoses(&self, name: &str) -> Result<Vec<Diagnosis>, FileError> {
        let items = self.array(name)?.iter().enumerate();
        items
            .map(|(index, value)| {
                let path = format!("{}[{index}]", self.at(name));
                let text = value.as_str().ok_or_else(|| field(&path, "write a code in quotes"))?;
                Diagnosis::parse(text).map_err(|error| field(&path, &error.to_string()))
            })
            .collect()
    }
}

fn field(path: &str, problem: &str) -> FileError {
    let path = if path.is_empty() { "the top" } else { path };
    FileError::Field { path: path.to_owned(), problem: problem.to_owned() }
}
