//! A plan for tests as plain facts, and the plan file that says the same. It knows nothing of how plans
//! are read.

use std::fmt::Write;

use benefits::Plan;
use domain::{Currency, Money};

/// The columns of every test plan: 2, 0 and 3 decimals. Column n has n + 1 times the amounts.
pub(crate) const CURRENCIES: [&str; 3] = ["EUR", "JPY", "TND"];

#[derive(Clone, Debug, Default)]
pub(crate) struct PlanSpec {
    pub(crate) send: bool,
    pub(crate) steps: Vec<String>,
    pub(crate) filing_months: Option<i32>,
    pub(crate) near_duplicates: bool,
    pub(crate) highest_copay: bool,
    pub(crate) rounding: Option<&'static str>,
    pub(crate) moratorium: Option<i32>,
    pub(crate) newborn: Option<i32>,
    /// Countries, whether they are those left out, days of emergencies.
    pub(crate) area: Option<(Vec<&'static str>, bool, Option<i32>)>,
    pub(crate) exchange: Option<&'static str>,
    /// Ids of modules, with those that each requires; none lets everybody have everything.
    pub(crate) modules: Vec<(&'static str, Vec<&'static str>)>,
    /// Method, allowable, period of the benefit reserve.
    pub(crate) coordination: Option<(&'static str, Option<&'static str>, Option<&'static str>)>,
    /// Deductible and millionths.
    pub(crate) major_medical: Option<(CounterSpec, u32)>,
    /// How codes and how diagnoses begin.
    pub(crate) exclusions: Vec<(Option<&'static str>, Option<&'static str>)>,
    pub(crate) bundles: Vec<(&'static str, &'static str)>,
    /// Indexes of benefits; none takes every claim.
    pub(crate) kinds: Vec<Vec<usize>>,
    pub(crate) deductibles: Vec<DeductibleSpec>,
    pub(crate) maxima: Vec<MaximumSpec>,
    pub(crate) limits: Vec<LimitSpec>,
    pub(crate) benefits: Vec<BenefitSpec>,
    /// Further lines of the file.
    pub(crate) more: String,
}

/// An amount in minor units of the first column (or a count), a period's word, and for each what.
#[derive(Clone, Debug)]
pub(crate) struct CounterSpec {
    pub(crate) amount: i64,
    pub(crate) period: &'static str,
    pub(crate) per: Option<&'static str>,
    /// So many parts of so many of a yearly salary, instead of the amount.
    pub(crate) salary: Option<(u32, u32)>,
}

#[derive(Clone, Debug)]
pub(crate) struct DeductibleSpec {
    pub(crate) counter: CounterSpec,
    pub(crate) family: Option<i64>,
    pub(crate) carry_over: Option<i32>,
    pub(crate) whole_plan: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct MaximumSpec {
    pub(crate) counter: CounterSpec,
    pub(crate) includes: bool,
    pub(crate) only: Option<&'static str>,
    pub(crate) family: Option<i64>,
    pub(crate) whole_plan: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct LimitSpec {
    pub(crate) counter: CounterSpec,
    pub(crate) of: &'static str,
    pub(crate) kind: Option<usize>,
    pub(crate) below_age: Option<u8>,
    pub(crate) from_age: Option<u8>,
    pub(crate) family: bool,
    pub(crate) stop_loss: bool,
    pub(crate) whole_plan: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct BenefitSpec {
    pub(crate) code: String,
    pub(crate) settings: Vec<String>,
    pub(crate) service_types: Vec<&'static str>,
    pub(crate) diagnosis: Option<&'static str>,
    pub(crate) from_age: Option<u8>,
    pub(crate) below_age: Option<u8>,
    pub(crate) sex: Option<&'static str>,
    pub(crate) from: Option<(i16, i8, i8)>,
    pub(crate) until: Option<(i16, i8, i8)>,
    pub(crate) module: &'static str,
    /// Where its list of one price holds; everywhere when empty.
    pub(crate) priced_in: Vec<&'static str>,
    pub(crate) allowed: AllowedSpec,
    pub(crate) write_off: bool,
    pub(crate) waiting: Vec<WaitingSpec>,
    pub(crate) documents: Vec<&'static str>,
    /// Above, penalty in millionths.
    pub(crate) authorisation: Option<(Option<i64>, Option<u32>)>,
    /// Grade and millionths that are paid of a better room.
    pub(crate) room: Option<(&'static str, u32)>,
    pub(crate) deductible: bool,
    pub(crate) deductibles: Vec<usize>,
    /// Amount, and per what.
    pub(crate) copay: Option<(i64, &'static str)>,
    /// Millionths.
    pub(crate) coinsurance: Option<u32>,
    pub(crate) major_medical: bool,
    pub(crate) maximum: bool,
    pub(crate) maxima: Vec<usize>,
    /// Indexes of limits.
    pub(crate) limits: Vec<usize>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct WaitingSpec {
    pub(crate) months: i32,
    pub(crate) from_age: Option<u8>,
    pub(crate) waived: Vec<&'static str>,
}

#[derive(Clone, Debug)]
pub(crate) enum AllowedSpec {
    Charge,
    /// Millionths.
    Percentage(u32),
    /// The price of a unit of exactly the benefit's code; other codes have none.
    Price(i64),
    /// Prices of the benefit's code from a day on.
    Prices(Vec<(i64, (i16, i8, i8))>),
    /// In network the first price, written off; else the second, the member bearing the rest; without a price
    /// the charge.
    Network(i64, i64),
    /// The price of the first list whose country it is: country, price of the benefit's code, from a day on. Of the first list
    /// it is written off, else the member bears the rest; without a price the charge.
    Countries(Vec<(&'static str, i64, (i16, i8, i8))>),
    /// Millionths of the statutory base.
    Base(u32),
}

impl Default for BenefitSpec {
    fn default() -> Self {
        Self {
            code: String::new(),
            settings: vec![],
            service_types: vec![],
            diagnosis: None,
            from_age: None,
            below_age: None,
            sex: None,
            from: None,
            until: None,
            module: "core",
            priced_in: vec![],
            allowed: AllowedSpec::Charge,
            write_off: false,
            waiting: vec![],
            documents: vec![],
            authorisation: None,
            room: None,
            deductible: true,
            deductibles: vec![],
            copay: None,
            coinsurance: None,
            major_medical: true,
            maximum: true,
            maxima: vec![],
            limits: vec![],
        }
    }
}

impl From<CounterSpec> for DeductibleSpec {
    fn from(counter: CounterSpec) -> Self {
        Self { counter, family: None, carry_over: None, whole_plan: true }
    }
}

impl From<(CounterSpec, bool)> for MaximumSpec {
    fn from((counter, includes): (CounterSpec, bool)) -> Self {
        Self { counter, includes, only: None, family: None, whole_plan: true }
    }
}

impl From<(CounterSpec, bool)> for LimitSpec {
    fn from((counter, whole_plan): (CounterSpec, bool)) -> Self {
        let (kind, below_age, from_age) = (None, None, None);
        Self { counter, of: "paid", kind, below_age, from_age, family: false, stop_loss: false, whole_plan }
    }
}

/// Numbers of the accumulators of the rules with an index.
pub(crate) fn deductible(index: usize) -> u16 {
    if index == 0 { 1 } else { 100 + index as u16 }
}

pub(crate) fn maximum(index: usize) -> u16 {
    if index == 0 { 2 } else { 200 + index as u16 }
}

pub(crate) fn limit(index: usize) -> u16 {
    10 + index as u16
}

pub(crate) const FAMILY: u16 = 1_000;
pub(crate) const RESERVE: u16 = 300;
pub(crate) const MAJOR_MEDICAL: u16 = 301;

pub(crate) fn currency(column: usize) -> Currency {
    CURRENCIES[column].parse().unwrap()
}

pub(super) fn amounts(minor: i64) -> String {
    let column = |(index, code): (usize, &&str)| {
        let amount = Money::new(minor * (index as i64 + 1), code.parse().unwrap()).unwrap();
        format!("{code} = \"{}\"", amount.decimal())
    };
    format!("{{ {} }}", CURRENCIES.iter().enumerate().map(column).collect::<Vec<_>>().join(", "))
}

pub(crate) fn millionths(rate: u32) -> String {
    format!("\"{}.{:06}\"", rate / 1_000_000, rate % 1_000_000)
}

/// Writes `name = value` where there is one.
pub(super) fn maybe(text: &mut String, name: &str, value: Option<impl std::fmt::Debug>) {
    if let Some(value) = value {
        writeln!(text, "{name} = {value:?}").unwrap();
    }
}

pub(super) fn day((year, month, day): (i16, i8, i8)) -> String {
    format!("{year:04}-{month:02}-{day:02}")
}

impl CounterSpec {
    fn write(&self, text: &mut String, number: u16, of: &str) {
        writeln!(text, "accumulator = {number}\nname = \"Counter {number}\"\nperiod = {:?}", self.period)
            .unwrap();
        maybe(text, "per", self.per);
        match (self.salary, of) {
            (Some((over, under)), _) => writeln!(text, "amount = {{ salary = \"{over}/{under}\" }}").unwrap(),
            (None, "paid" | "eligible") => writeln!(text, "amount = {}", amounts(self.amount)).unwrap(),
            (None, _) => writeln!(text, "count = {}", self.amount).unwrap(),
        }
    }
}

fn family(text: &mut String, number: u16, amount: Option<i64>) {
    if let Some(amount) = amount {
        let (number, amounts) = (FAMILY + number, amounts(amount));
        writeln!(
            text,
            "family = {{ accumulator = {number}, name = \"Family {number}\", amount = {amounts} }}"
        )
        .unwrap();
    }
}

fn applies(whole_plan: bool) -> &'static str {
    if whole_plan { "plan" } else { "benefits" }
}

impl PlanSpec {
    /// The plan file.
    pub(crate) fn toml(&self) -> String {
        let mut text =
            String::from("id = \"test\"\nversion = \"1\"\nname = \"Test\"\neffective = 2020-01-01\n");
        let refusals = if self.send { "send" } else { "pend" };
        writeln!(text, "currencies = {CURRENCIES:?}\nrefusals = {refusals:?}").unwrap();
        if !self.steps.is_empty() {
            writeln!(text, "steps = {:?}", self.steps).unwrap();
        }
        maybe(&mut text, "filing_months", self.filing_months);
        maybe(&mut text, "moratorium_months", self.moratorium);
        maybe(&mut text, "newborn_days", self.newborn);
        maybe(&mut text, "near_duplicates", self.near_duplicates.then_some("pend"));
        maybe(&mut text, "copay_same_day", self.highest_copay.then_some("highest"));
        maybe(&mut text, "rounding", self.rounding);
        text += &self.more;
        self.write_tables(&mut text);
        self.write_counters(&mut text);
        for (index, benefit) in self.benefits.iter().enumerate() {
            benefit.write(&mut text, index);
        }
        text
    }

    fn write_tables(&self, text: &mut String) {
        if let Some((countries, except, days)) = &self.area {
            let key = if *except { "except" } else { "countries" };
            writeln!(text, "[area]\n{key} = {countries:?}").unwrap();
            maybe(text, "emergency_days", *days);
        }
        if let Some(day) = self.exchange {
            writeln!(text, "[exchange]\nday = {day:?}").unwrap();
        }
        for (id, requires) in &self.modules {
            writeln!(text, "[[module]]\nid = {id:?}\nname = \"Module\"\nrequires = {requires:?}").unwrap();
        }
        if let Some((method, allowable, reserve)) = self.coordination {
            writeln!(text, "[coordination]\nmethod = {method:?}").unwrap();
            maybe(text, "allowable", allowable);
            if let Some(period) = reserve {
                writeln!(
                    text,
                    "benefit_reserve = {{ accumulator = {RESERVE}, name = \"Reserve\", period = {period:?} }}"
                )
                .unwrap();
            }
        }
        if let Some((counter, rate)) = &self.major_medical {
            text.push_str("[major_medical]\n");
            counter.write(text, MAJOR_MEDICAL, "paid");
            writeln!(text, "rate = {}", millionths(*rate)).unwrap();
        }
        for (code, diagnosis) in &self.exclusions {
            text.push_str("[[exclusion]]\nname = \"Left out\"\n");
            maybe(text, "codes", code.map(|code| [code]));
            maybe(text, "diagnoses", diagnosis.map(|code| [code]));
        }
        for (code, includes) in &self.bundles {
            writeln!(text, "[[bundle]]\ncode = {code:?}\nincludes = [{includes:?}]").unwrap();
        }
        for (index, benefits) in self.kinds.iter().enumerate() {
            writeln!(text, "[[kind]]\nid = \"kind-{index}\"").unwrap();
            let names: Vec<String> = benefits.iter().map(|benefit| format!("benefit-{benefit}")).collect();
            maybe(text, "benefits", (!names.is_empty()).then_some(names));
        }
    }

    fn write_counters(&self, text: &mut String) {
        for (index, rule) in self.deductibles.iter().enumerate() {
            writeln!(text, "[[deductible]]\nid = \"deductible-{index}\"").unwrap();
            writeln!(text, "applies_to = {:?}", applies(rule.whole_plan)).unwrap();
            rule.counter.write(text, deductible(index), "paid");
            maybe(text, "carry_over_months", rule.carry_over);
            family(text, deductible(index), rule.family);
        }
        for (index, rule) in self.maxima.iter().enumerate() {
            writeln!(text, "[[out_of_pocket_maximum]]\nid = \"maximum-{index}\"").unwrap();
            writeln!(text, "applies_to = {:?}", applies(rule.whole_plan)).unwrap();
            rule.counter.write(text, maximum(index), "paid");
            writeln!(text, "includes_deductible = {}", rule.includes).unwrap();
            maybe(text, "only", rule.only);
            family(text, maximum(index), rule.family);
        }
        for (index, rule) in self.limits.iter().enumerate() {
            writeln!(text, "[[limit]]\nid = \"limit-{index}\"\nof = {:?}", rule.of).unwrap();
            writeln!(text, "applies_to = {:?}\nfamily = {}", applies(rule.whole_plan), rule.family).unwrap();
            rule.counter.write(text, limit(index), rule.of);
            maybe(text, "kind", rule.kind.map(|kind| format!("kind-{kind}")));
            maybe(text, "below_age", rule.below_age);
            maybe(text, "from_age", rule.from_age);
            maybe(text, "over", rule.stop_loss.then_some("stop-loss"));
        }
    }

    pub(crate) fn plan(&self) -> Plan {
        let text = self.toml();
        Plan::parse("test.toml", &text).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }
}
