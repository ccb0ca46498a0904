//! Plans and claims for tests, written down as plain facts: a plan becomes a plan file, a claim
//! becomes a case. It knows nothing of how either is adjudicated.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fmt::Write;

use benefits::{Case, Cover, Plan, adjudicate, apply};
use domain::{
    Accumulators, ClaimId, ClaimLine, CoverageStatus, Currency, Date, Determination, Diagnosis, LineService,
    Money, ProviderId, ServiceCode,
};

/// The columns of every test plan: 2, 0 and 3 decimals. Column n has n + 1 times the amounts.
pub(crate) const CURRENCIES: [&str; 3] = ["EUR", "JPY", "TND"];

#[derive(Clone, Debug, Default)]
pub(crate) struct PlanSpec {
    pub(crate) send: bool,
    pub(crate) steps: Vec<String>,
    pub(crate) filing_months: Option<i32>,
    pub(crate) deductible: Option<CounterSpec>,
    pub(crate) maximum: Option<(CounterSpec, bool)>,
    pub(crate) limits: Vec<(CounterSpec, bool)>,
    pub(crate) benefits: Vec<BenefitSpec>,
}

/// An amount in minor units of the first column, and a period's word.
#[derive(Clone, Debug)]
pub(crate) struct CounterSpec {
    pub(crate) amount: i64,
    pub(crate) period: &'static str,
}

#[derive(Clone, Debug)]
pub(crate) struct BenefitSpec {
    pub(crate) code: String,
    pub(crate) settings: Vec<String>,
    pub(crate) allowed: AllowedSpec,
    pub(crate) write_off: bool,
    pub(crate) waiting_months: Option<i32>,
    pub(crate) deductible: bool,
    pub(crate) copay: Option<(i64, bool)>,
    /// Millionths.
    pub(crate) coinsurance: Option<u32>,
    pub(crate) maximum: bool,
    /// Indexes of limits.
    pub(crate) limits: Vec<usize>,
}

#[derive(Clone, Debug)]
pub(crate) enum AllowedSpec {
    Charge,
    /// Millionths.
    Percentage(u32),
    /// The price of a unit of exactly the benefit's code; other codes have none.
    Price(i64),
}

impl Default for BenefitSpec {
    fn default() -> Self {
        Self {
            code: String::new(),
            settings: Vec::new(),
            allowed: AllowedSpec::Charge,
            write_off: false,
            waiting_months: None,
            deductible: true,
            copay: None,
            coinsurance: None,
            maximum: true,
            limits: Vec::new(),
        }
    }
}

pub(crate) fn currency(column: usize) -> Currency {
    CURRENCIES[column].parse().unwrap()
}

fn amounts(minor: i64) -> String {
    let column = |(index, code): (usize, &&str)| {
        let amount = Money::new(minor * (index as i64 + 1), code.parse().unwrap()).unwrap();
        format!("{code} = \"{}\"", amount.decimal())
    };
    format!("{{ {} }}", CURRENCIES.iter().enumerate().map(column).collect::<Vec<_>>().join(", "))
}

fn millionths(rate: u32) -> String {
    format!("\"{}.{:06}\"", rate / 1_000_000, rate % 1_000_000)
}

impl PlanSpec {
    /// The plan file. Accumulators: 1 deductible, 2 maximum, 10 and on the limits.
    pub(crate) fn toml(&self) -> String {
        let mut text =
            String::from("id = \"test\"\nversion = \"1\"\nname = \"Test\"\neffective = 2020-01-01\n");
        writeln!(
            text,
            "currencies = {CURRENCIES:?}\nrefusals = {:?}",
            if self.send { "send" } else { "pend" }
        )
        .unwrap();
        if !self.steps.is_empty() {
            writeln!(text, "steps = {:?}", self.steps).unwrap();
        }
        if let Some(months) = self.filing_months {
            writeln!(text, "filing_months = {months}").unwrap();
        }
        let counter = |text: &mut String, number: usize, spec: &CounterSpec| {
            writeln!(text, "accumulator = {number}\nname = \"Counter {number}\"\nperiod = {:?}", spec.period)
                .unwrap();
            writeln!(text, "amount = {}", amounts(spec.amount)).unwrap();
        };
        if let Some(spec) = &self.deductible {
            text += "[deductible]\n";
            counter(&mut text, 1, spec);
        }
        if let Some((spec, includes)) = &self.maximum {
            text += "[out_of_pocket_maximum]\n";
            counter(&mut text, 2, spec);
            writeln!(text, "includes_deductible = {includes}").unwrap();
        }
        for (index, (spec, whole_plan)) in self.limits.iter().enumerate() {
            writeln!(text, "[[limit]]\nid = \"limit-{index}\"").unwrap();
            counter(&mut text, 10 + index, spec);
            writeln!(text, "applies_to = {:?}", if *whole_plan { "plan" } else { "benefits" }).unwrap();
        }
        for (index, benefit) in self.benefits.iter().enumerate() {
            benefit.write(&mut text, index);
        }
        text
    }

    pub(crate) fn plan(&self) -> Plan {
        let text = self.toml();
        Plan::parse("test.toml", &text).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }
}

impl BenefitSpec {
    fn write(&self, text: &mut String, index: usize) {
        if let AllowedSpec::Price(price) = self.allowed {
            writeln!(text, "[[price_list]]\nid = \"list-{index}\"").unwrap();
            writeln!(text, "price = [{{ code = {:?}, amount = {} }}]", self.code, amounts(price)).unwrap();
        }
        writeln!(
            text,
            "[[benefit]]\nid = \"benefit-{index}\"\nname = \"Benefit {index}\"\nmodule = \"core\""
        )
        .unwrap();
        if !self.code.is_empty() {
            writeln!(text, "codes = [{:?}]", self.code).unwrap();
        }
        if !self.settings.is_empty() {
            writeln!(text, "settings = {:?}", self.settings).unwrap();
        }
        match self.allowed {
            AllowedSpec::Charge => {}
            AllowedSpec::Percentage(rate) => {
                writeln!(text, "allowed_percentage = {}", millionths(rate)).unwrap()
            }
            AllowedSpec::Price(_) => writeln!(text, "price_list = \"list-{index}\"").unwrap(),
        }
        writeln!(text, "above_allowed = {:?}", if self.write_off { "write-off" } else { "member" }).unwrap();
        if let Some(months) = self.waiting_months {
            writeln!(text, "waiting_months = {months}").unwrap();
        }
        writeln!(text, "deductible = {}\nout_of_pocket_maximum = {}", self.deductible, self.maximum).unwrap();
        if let Some((amount, per_visit)) = self.copay {
            let per = if per_visit { "visit" } else { "line" };
            writeln!(text, "copay = {{ per = {per:?}, amount = {} }}", amounts(amount)).unwrap();
        }
        if let Some(rate) = self.coinsurance {
            writeln!(text, "coinsurance = {}", millionths(rate)).unwrap();
        }
        let limits: Vec<String> = self.limits.iter().map(|limit| format!("limit-{limit}")).collect();
        writeln!(text, "limits = {limits:?}").unwrap();
    }
}

/// A claim as plain facts. Dates are year, month, day.
#[derive(Clone, Debug)]
pub(crate) struct ClaimSpec {
    pub(crate) id: u8,
    pub(crate) provider: u8,
    pub(crate) received: (i16, i8, i8),
    pub(crate) column: usize,
    pub(crate) cover_column: usize,
    pub(crate) lines: Vec<LineSpec>,
    pub(crate) diagnoses: Vec<&'static str>,
    pub(crate) confirmed: bool,
    pub(crate) suspended: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct LineSpec {
    pub(crate) start: (i16, i8, i8),
    pub(crate) end: (i16, i8, i8),
    pub(crate) units: u32,
    pub(crate) charge: i64,
    pub(crate) code: String,
    pub(crate) setting: &'static str,
}

/// What holds for the member whatever the claim.
#[derive(Clone, Debug)]
pub(crate) struct MemberSpec {
    pub(crate) cover_start: (i16, i8, i8),
    pub(crate) cover_end: Option<(i16, i8, i8)>,
    pub(crate) birth: Option<(i16, i8, i8)>,
    pub(crate) death: Option<(i16, i8, i8)>,
    pub(crate) exclusions: Vec<&'static str>,
}

impl Default for MemberSpec {
    fn default() -> Self {
        Self {
            cover_start: (2026, 1, 1),
            cover_end: None,
            birth: Some((1972, 8, 9)),
            death: None,
            exclusions: vec![],
        }
    }
}

impl LineSpec {
    pub(crate) fn new(code: &str, charge: i64) -> Self {
        Self {
            start: (2026, 3, 10),
            end: (2026, 3, 10),
            units: 1,
            charge,
            code: code.to_owned(),
            setting: "outpatient",
        }
    }

    pub(crate) fn on(mut self, day: (i16, i8, i8)) -> Self {
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
        }
    }
}

pub(crate) fn date((year, month, day): (i16, i8, i8)) -> Date {
    Date::new(year, month, day).unwrap()
}

fn diagnoses(codes: &[&str]) -> Vec<Diagnosis> {
    codes.iter().map(|code| Diagnosis::parse(code).unwrap()).collect()
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
    });
    let (lines, services): (Vec<_>, Vec<_>) = (lines.collect(), services.collect());
    let (found, excluded) = (diagnoses(&claim.diagnoses), diagnoses(&member.exclusions));
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
            start: date(member.cover_start),
            end: member.cover_end.map(date),
            status: if claim.suspended { CoverageStatus::Suspended } else { CoverageStatus::Active },
            currency: currency(claim.cover_column),
            exclusions: &excluded,
        },
        birth_date: member.birth.map(date),
        death_date: member.death.map(date),
        confirmed: claim.confirmed,
    })
}

/// Adjudicates a claim, checks what holds for every determination, and counts it.
pub(crate) fn run(
    plan: &Plan,
    member: &MemberSpec,
    claim: &ClaimSpec,
    accumulators: &mut Accumulators,
) -> Determination {
    with_case(member, claim, |case| {
        let determination = adjudicate(plan, case, accumulators).unwrap();
        check_always(plan, case, &determination);
        apply(accumulators, case, &determination).unwrap();
        determination
    })
}

/// What holds for every determination: parts sum to the charge, none is negative, traces chain
/// from the charge to what the plan pays, and what is counted is what the traces say.
pub(crate) fn check_always(plan: &Plan, case: &Case<'_>, determination: &Determination) {
    use domain::Outcome;
    assert_eq!(determination.lines.len(), case.lines.len());
    for (line, charged) in determination.lines.iter().zip(case.lines) {
        assert_eq!(line.submitted, charged.charge.minor());
        assert_eq!(line.submitted, line.parts());
        let parts = [line.write_off, line.not_covered, line.deductible, line.copay, line.coinsurance];
        for part in parts.into_iter().chain([line.over_limit, line.other_payer, line.plan]) {
            assert!((0..=line.submitted).contains(&part));
        }
        let mut left = line.submitted;
        for trace in determination.traces.iter().filter(|trace| trace.line == line.number) {
            assert_eq!(trace.input, left, "the traces chain");
            assert!(plan.rule_text(trace.rule).is_some());
            left = trace.output;
        }
        assert_eq!(left, line.plan, "the last trace says what the plan pays");
        assert!(line.outcome == Outcome::Approved || !line.reasons.is_empty());
        assert!(line.outcome != Outcome::Denied || line.not_covered == line.submitted);
    }
    let counts = matches!(determination.outcome, Outcome::Approved | Outcome::PartiallyApproved);
    let steps = determination.traces.iter().filter_map(|trace| trace.accumulator);
    let traced: Vec<i64> = steps.map(|step| step.after - step.before).filter(|delta| *delta != 0).collect();
    let counted: Vec<i64> = determination.entries.iter().map(|entry| entry.delta).collect();
    assert_eq!(counted, if counts { traced } else { vec![] });
}

pub(crate) fn benefit(code: &str) -> BenefitSpec {
    BenefitSpec { code: code.to_owned(), ..BenefitSpec::default() }
}

pub(crate) fn yearly(amount: i64) -> CounterSpec {
    CounterSpec { amount, period: "policy-year" }
}

pub(crate) fn simple() -> PlanSpec {
    PlanSpec { benefits: vec![benefit("GP")], ..PlanSpec::default() }
}

pub(crate) fn first(plan: &PlanSpec, member: &MemberSpec, claim: &ClaimSpec) -> Determination {
    run(&plan.plan(), member, claim, &mut Accumulators::default())
}

/// The claim's outcome, then each line's: outcome, what the plan pays, reasons.
pub(crate) fn said(determination: &Determination) -> String {
    let line = |line: &domain::LineDetermination| {
        let reasons: Vec<&str> = line.reasons.iter().map(|reason| reason.word()).collect();
        format!("{} {} {}", line.outcome, line.plan, reasons.join("+"))
    };
    let lines: Vec<String> = determination.lines.iter().map(line).collect();
    format!("{}: {}", determination.outcome, lines.join("; "))
}

pub(crate) fn said_of(plan: &PlanSpec, member: &MemberSpec, claim: &ClaimSpec) -> String {
    said(&first(plan, member, claim))
}

pub(crate) fn gp(charge: i64) -> LineSpec {
    LineSpec::new("GP", charge)
}
