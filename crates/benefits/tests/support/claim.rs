//! A claim and a member for tests as plain facts, and the case that says the same.

use benefits::{Authorisation, Case, Cover, ExchangeRates, Facts, Order, OtherCover, OtherPayment, Override};
use domain::{
    AccumulatorBalance, ClaimId, ClaimLine, CoverageStatus, Date, Diagnosis, DocumentName, LineDecision,
    LineService, LineType, ModuleName, Money, Preexisting, ProviderId, RefusalGround, Room, ServiceCode,
    ServiceType, Sex,
};

use super::plan::currency;

pub(crate) type Day = (i16, i8, i8);
/// Paid, allowed, flat contribution.
pub(crate) type PaidSpec = (i64, Option<i64>, i64);

/// A claim as plain facts. Dates are year, month, day.
#[derive(Clone, Debug)]
pub(crate) struct ClaimSpec {
    pub(crate) id: u8,
    pub(crate) provider: u8,
    pub(crate) received: Day,
    pub(crate) column: usize,
    pub(crate) cover_column: usize,
    pub(crate) lines: Vec<LineSpec>,
    pub(crate) diagnoses: Vec<&'static str>,
    pub(crate) confirmed: bool,
    pub(crate) suspended: bool,
    pub(crate) provider_excluded: bool,
    pub(crate) filing_waived: bool,
    pub(crate) released: bool,
    pub(crate) country: Option<&'static str>,
    pub(crate) emergency: bool,
    pub(crate) accident: bool,
    pub(crate) away_since: Option<Day>,
    pub(crate) invoiced: Option<Day>,
    pub(crate) admitted: Option<Day>,
    pub(crate) in_network: Option<bool>,
    pub(crate) room: Option<&'static str>,
    pub(crate) condition: Option<u32>,
    pub(crate) event: Option<u32>,
    pub(crate) pregnancy: Option<u32>,
    pub(crate) admission: Option<u32>,
    pub(crate) documents: Option<Vec<&'static str>>,
    pub(crate) replaces: Option<u8>,
    pub(crate) authorisations: Option<Vec<AuthorisationSpec>>,
    pub(crate) other: Option<OtherSpec>,
    /// What a person decided about a line, by its number: to lift a reason, or to refuse it where none is named.
    pub(crate) overrides: Vec<(u32, Option<&'static str>)>,
    /// Units per euro of each column, of every day.
    pub(crate) rates: Option<[&'static str; 3]>,
}

#[derive(Clone, Debug)]
pub(crate) struct AuthorisationSpec {
    pub(crate) code: String,
    pub(crate) from: Day,
    pub(crate) until: Day,
    pub(crate) units: Option<u32>,
    pub(crate) amount: Option<i64>,
}

/// Another cover: when it lets this one pay, and for each line what it paid, allowed and left as a flat
/// contribution, where that is known.
#[derive(Clone, Debug)]
pub(crate) struct OtherSpec {
    pub(crate) order: Order,
    pub(crate) paid: Vec<Option<PaidSpec>>,
}

#[derive(Clone, Debug)]
pub(crate) struct LineSpec {
    pub(crate) start: Day,
    pub(crate) end: Day,
    pub(crate) units: u32,
    pub(crate) charge: i64,
    pub(crate) code: String,
    pub(crate) setting: &'static str,
    pub(crate) service_type: Option<&'static str>,
    /// The type became known after the claim had come in.
    pub(crate) told_since: bool,
}

/// What holds for the member whatever the claim.
#[derive(Clone, Debug)]
pub(crate) struct MemberSpec {
    pub(crate) cover_start: Day,
    pub(crate) cover_end: Option<Day>,
    pub(crate) birth: Option<Day>,
    pub(crate) death: Option<Day>,
    pub(crate) exclusions: Vec<&'static str>,
    pub(crate) sex: Option<&'static str>,
    pub(crate) salary: Option<i64>,
    pub(crate) policy_start: Option<Day>,
    pub(crate) covered_since: Option<Day>,
    pub(crate) prior_cover: Option<Day>,
    pub(crate) preexisting: Vec<(&'static str, Day)>,
    pub(crate) modules: Option<Vec<String>>,
    /// What others of the family counted: accumulator, first day of the period, amount.
    pub(crate) family: Vec<(u16, Day, i64)>,
}

impl Default for MemberSpec {
    fn default() -> Self {
        Self {
            cover_start: (2026, 1, 1),
            cover_end: None,
            birth: Some((1972, 8, 9)),
            death: None,
            exclusions: vec![],
            sex: None,
            salary: None,
            policy_start: None,
            covered_since: None,
            prior_cover: None,
            preexisting: vec![],
            modules: None,
            family: vec![],
        }
    }
}

impl LineSpec {
    pub(crate) fn new(code: &str, charge: i64) -> Self {
        let day = (2026, 3, 10);
        Self {
            start: day,
            end: day,
            units: 1,
            charge,
            code: code.to_owned(),
            setting: "outpatient",
            service_type: None,
            told_since: false,
        }
    }

    pub(crate) fn on(mut self, day: Day) -> Self {
        self.start = day;
        self.end = day;
        self
    }
}

impl ClaimSpec {
    pub(crate) fn new(id: u8, lines: Vec<LineSpec>) -> Self {
        Self {
            id,
            provider: 1,
            received: (2026, 4, 1),
            column: 0,
            cover_column: 0,
            lines,
            diagnoses: vec![],
            confirmed: false,
            suspended: false,
            provider_excluded: false,
            filing_waived: false,
            released: false,
            country: None,
            emergency: false,
            accident: false,
            away_since: None,
            invoiced: None,
            admitted: None,
            in_network: Some(false),
            room: None,
            condition: None,
            event: None,
            pregnancy: None,
            admission: None,
            documents: None,
            replaces: None,
            authorisations: Some(vec![]),
            other: None,
            overrides: vec![],
            rates: None,
        }
    }
}

pub(crate) fn date((year, month, day): Day) -> Date {
    Date::new(year, month, day).unwrap()
}

fn diagnoses(codes: &[&str]) -> Vec<Diagnosis> {
    codes.iter().map(|code| Diagnosis::parse(code).unwrap()).collect()
}

fn room(word: &str) -> Room {
    match word {
        "ward" => Room::Ward,
        "semi-private" => Room::SemiPrivate,
        "private" => Room::Private,
        _ => Room::Suite,
    }
}

fn rates(units: &[&str; 3], claim: &ClaimSpec) -> ExchangeRates {
    let mut rates = ExchangeRates::default();
    let days = claim
        .lines
        .iter()
        .map(|line| line.start)
        .chain([claim.received])
        .chain(claim.invoiced)
        .chain(claim.admitted);
    for day in days.map(date) {
        for (column, units) in units.iter().enumerate() {
            rates.add(currency(column), day, units);
        }
    }
    rates
}

/// Facts that a case borrows.
struct Held {
    modules: Option<Vec<ModuleName>>,
    preexisting: Vec<Preexisting>,
    authorisations: Option<Vec<Authorisation>>,
    service_types: Vec<LineType>,
    documents: Option<Vec<DocumentName>>,
    family: Vec<AccumulatorBalance>,
    paid: Vec<OtherPayment>,
    overrides: Vec<Override>,
    rates: Option<ExchangeRates>,
}

impl Held {
    fn new(member: &MemberSpec, claim: &ClaimSpec) -> Self {
        let authorisation = |spec: &AuthorisationSpec| Authorisation {
            codes: vec![ServiceCode::parse(&spec.code).unwrap()],
            from: date(spec.from),
            until: date(spec.until),
            units: spec.units,
            amount: spec.amount,
        };
        let preexisting = |(code, last): &(&str, Day)| Preexisting {
            diagnosis: Diagnosis::parse(code).unwrap(),
            last_treated: date(*last),
        };
        let balance = |(accumulator, start, amount): &(u16, Day, i64)| AccumulatorBalance {
            accumulator: *accumulator,
            period_start: date(*start),
            amount: *amount,
            scope: 0,
        };
        let payment = |(index, known): (usize, &Option<PaidSpec>)| {
            let (paid, allowed, contribution) = (*known)?;
            Some(OtherPayment { line: index as u32 + 1, paid, allowed, contribution })
        };
        let decided = |(line, lifted): &(u32, Option<&'static str>)| {
            let refused = LineDecision::Refuse(RefusalGround::NotNecessary);
            let decision = lifted.map_or(refused, |word| LineDecision::Lift(word.parse().unwrap()));
            Override { line: *line, decision }
        };
        let told = |(index, line): (usize, &LineSpec)| {
            let word = line.service_type.filter(|_| line.told_since)?;
            Some(LineType { line: index as u32 + 1, service_type: word.parse().unwrap() })
        };
        let words = |words: &Vec<&str>| words.iter().map(|word| DocumentName::parse(word).unwrap()).collect();
        Self {
            modules: member
                .modules
                .as_ref()
                .map(|words| words.iter().map(|word| ModuleName::parse(word).unwrap()).collect()),
            preexisting: member.preexisting.iter().map(preexisting).collect(),
            authorisations: claim
                .authorisations
                .as_ref()
                .map(|known| known.iter().map(authorisation).collect()),
            service_types: claim.lines.iter().enumerate().filter_map(told).collect(),
            documents: claim.documents.as_ref().map(words),
            family: member.family.iter().map(balance).collect(),
            paid: claim
                .other
                .iter()
                .flat_map(|other| other.paid.iter().enumerate().filter_map(payment))
                .collect(),
            overrides: claim.overrides.iter().map(decided).collect(),
            rates: claim.rates.as_ref().map(|units| rates(units, claim)),
        }
    }

    fn facts<'a>(&'a self, member: &MemberSpec, claim: &ClaimSpec) -> Facts<'a> {
        let sex = |word: &str| if word == "female" { Sex::Female } else { Sex::Male };
        Facts {
            country: claim.country.map(|code| code.parse().unwrap()),
            emergency: Some(claim.emergency),
            accident: Some(claim.accident),
            away_since: claim.away_since.map(date),
            invoiced: claim.invoiced.map(date),
            admitted: claim.admitted.map(date),
            in_network: claim.in_network,
            provider_excluded: claim.provider_excluded,
            released: claim.released,
            modules: self.modules.as_deref(),
            sex: member.sex.map(sex),
            salary: member.salary,
            policy_start: member.policy_start.map(date),
            covered_since: member.covered_since.map(date),
            prior_cover: member.prior_cover.map(date),
            preexisting: &self.preexisting,
            authorisations: self.authorisations.as_deref(),
            condition: claim.condition,
            event: claim.event,
            pregnancy: claim.pregnancy,
            admission: claim.admission,
            room: claim.room.map(room),
            documents: self.documents.as_deref(),
            filing_waived: claim.filing_waived,
            service_types: &self.service_types,
            replaces: claim.replaces.map(|id| ClaimId::from_bytes([id; 16])),
            family: Some(&self.family),
            kept_free: &[],
            other: claim.other.as_ref().map(|other| OtherCover { order: other.order, paid: &self.paid }),
            overrides: &self.overrides,
            rates: self.rates.as_ref(),
        }
    }
}

/// Gives the case of a claim to `use_case`.
pub(crate) fn with_case<T>(
    member: &MemberSpec,
    claim: &ClaimSpec,
    use_case: impl FnOnce(&Case<'_>) -> T,
) -> T {
    let number = |index: usize| index as u32 + 1;
    let lines = claim.lines.iter().enumerate().map(|(index, line)| ClaimLine {
        number: number(index),
        service_start: date(line.start),
        service_end: date(line.end),
        units: line.units,
        charge: Money::new(line.charge, currency(claim.column)).unwrap(),
    });
    let services = claim.lines.iter().enumerate().map(|(index, line)| LineService {
        line: number(index),
        code: ServiceCode::parse(&line.code).unwrap(),
        setting: line.setting.parse().unwrap(),
        // What was told since goes before what came.
        service_type: line
            .service_type
            .map(|word| if line.told_since { ServiceType::Hearing } else { word.parse().unwrap() }),
    });
    let (lines, services): (Vec<_>, Vec<_>) = (lines.collect(), services.collect());
    let (found, excluded) = (diagnoses(&claim.diagnoses), diagnoses(&member.exclusions));
    let held = Held::new(member, claim);
    use_case(&Case {
        claim: ClaimId::from_bytes([claim.id; 16]),
        received: date(claim.received),
        decided: date(claim.received),
        provider: ProviderId::from_bytes([claim.provider; 16]),
        currency: currency(claim.column),
        lines: &lines,
        services: &services,
        diagnoses: &found,
        cover: Cover {
            id: None,
            start: date(member.cover_start),
            end: member.cover_end.map(date),
            status: if claim.suspended { CoverageStatus::Suspended } else { CoverageStatus::Active },
            currency: currency(claim.cover_column),
            exclusions: &excluded,
        },
        birth_date: member.birth.map(date),
        death_date: member.death.map(date),
        confirmed: claim.confirmed,
        facts: held.facts(member, claim),
    })
}
