//! A benefit plan as the adjudicator uses it: every rule resolved to a number, every amount a
//! column per currency. It is read from a file by [`Plan::parse`] and never changed; a plan in
//! force is superseded by a new version.

mod benefit;
mod check;
mod compile;
mod continues;
mod counter;
mod error;
mod family;
mod model;
mod module;
mod parts;
mod period;
mod premium;
mod raw;
mod rules;
mod shape;
mod subsidy;

use domain::{ClaimLine, Currency, Date, Step};

pub use continues::Continuing;
pub use error::PlanError;
pub use family::Sharing;
pub use period::Period;
pub use premium::{Enrolment, Premium, PremiumError, PremiumPart, Quote, pro_rata};
pub use subsidy::PremiumShares;

pub(crate) use model::*;
pub(crate) use period::Ages;
pub(crate) use premium::Fee;
pub(crate) use subsidy::{Share, Subsidy};

use crate::exact::Rounding;

/// A plan version. Currencies are parallel: an amount is fixed in each, never converted.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// `id@version`, as determinations cite it.
    pub(crate) label: String,
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) name: String,
    pub(crate) effective: Date,
    pub(crate) currencies: Vec<Currency>,
    pub(crate) refusals: Refusals,
    pub(crate) steps: Vec<Step>,
    pub(crate) filing: Option<Months>,
    pub(crate) near_duplicates: bool,
    pub(crate) sequence: Sequence,
    pub(crate) highest_copay_a_day: bool,
    /// How a line is rounded, under a rule.
    pub(crate) rounding: (u16, Rounding),
    pub(crate) area: Option<Area>,
    pub(crate) moratorium: Option<Months>,
    pub(crate) newborn: Option<Newborn>,
    pub(crate) exchange: Option<ExchangeRule>,
    pub(crate) coordination: Option<Coordination>,
    pub(crate) major_medical: Option<MajorMedical>,
    pub(crate) modules: Vec<Module>,
    pub(crate) continues: Vec<Continues>,
    pub(crate) exclusions: Vec<Exclusion>,
    pub(crate) bundles: Vec<Bundle>,
    pub(crate) levels: Vec<Levels>,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) deductibles: Vec<Deductible>,
    pub(crate) maxima: Vec<OutOfPocketMaximum>,
    pub(crate) limits: Vec<Limit>,
    pub(crate) price_lists: Vec<PriceList>,
    pub(crate) benefits: Vec<Benefit>,
    pub(crate) premium: Option<Premium>,
    pub(crate) rules: Vec<String>,
    /// Every counter of the plan by its number.
    pub(crate) counters: Vec<Named>,
}

/// What becomes of a claim with a refused line. A service before birth or after death goes to a person
/// in either case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusals {
    /// A person looks first.
    Pend,
    /// The refusal goes out, with a human review one step away.
    Send,
}

/// Which of two claims counts first: what meets a deductible or a limit depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sequence {
    /// The one that was received first.
    Receipt,
    /// The one whose care was given first, whenever it was received.
    ServiceDate,
}

impl Sequence {
    /// What claims are sorted by: the days, in the order in which they matter, then what was charged in all, in minor units. Ids
    /// are no part of it: they differ from site to site.
    #[must_use]
    pub fn key(self, received: Date, lines: &[ClaimLine]) -> (Option<Date>, Option<Date>, i128) {
        let care = lines.iter().map(|line| line.service_start).min();
        let charged = lines.iter().map(|line| i128::from(line.charge.minor())).sum();
        match self {
            Self::Receipt => (Some(received), care, charged),
            Self::ServiceDate => (care, Some(received), charged),
        }
    }
}

/// Rules that every plan has, with these numbers.
pub(crate) mod fixed_rule {
    pub(crate) const ELIGIBILITY: u16 = 0;
    pub(crate) const SUSPENDED: u16 = 1;
    pub(crate) const LIFE: u16 = 2;
    pub(crate) const CURRENCY: u16 = 3;
    pub(crate) const DUPLICATE: u16 = 4;
    pub(crate) const EXCLUSION: u16 = 5;
    pub(crate) const NO_BENEFIT: u16 = 6;
    pub(crate) const NO_SERVICE: u16 = 7;
    pub(crate) const ROUNDING: u16 = 8;
    pub(crate) const NEAR_DUPLICATE: u16 = 9;
    pub(crate) const UNKNOWN_COUNTRY: u16 = 10;
    pub(crate) const PROVIDER: u16 = 11;
    pub(crate) const MODULE: u16 = 12;
    pub(crate) const SALARY: u16 = 13;
    pub(crate) const NO_RATE: u16 = 14;
    pub(crate) const OTHER_UNKNOWN: u16 = 15;
    pub(crate) const OTHER_TOO_MUCH: u16 = 16;
    pub(crate) const NO_BASE: u16 = 17;
    pub(crate) const FAMILY: u16 = 18;
    pub(crate) const UNKNOWN_NETWORK: u16 = 19;
    pub(crate) const UNKNOWN_MODULES: u16 = 20;
    pub(crate) const UNKNOWN_AUTHORISATIONS: u16 = 21;
    pub(crate) const UNKNOWN_EMERGENCY: u16 = 22;
    pub(crate) const UNKNOWN_ACCIDENT: u16 = 23;
    pub(crate) const UNKNOWN_ROOM: u16 = 24;
    pub(crate) const UNKNOWN_DOCUMENTS: u16 = 25;
    pub(crate) const UNKNOWN_RATE_DAY: u16 = 26;
    pub(crate) const UNKNOWN_PERSON: u16 = 27;
    pub(crate) const REFUSED: u16 = 28;
    pub(crate) const LIFTED: u16 = 29;
    pub(crate) const UNKNOWN_TYPE: u16 = 30;
    /// Their words, in order of their numbers.
    pub(crate) const WORDS: [&str; 31] = [
        "the service falls within the cover",
        "the cover is suspended: a person looks before anything is paid",
        "the service falls between birth and death",
        "the claim is in the currency of the cover, which the plan has",
        "the same service by the same provider on the same day for the same amount counts once",
        "conditions that the cover excludes are not covered",
        "no benefit of the plan takes the service",
        "the line does not say what it was for",
        "rounded once, half up, to the minor unit of the currency",
        "nearly the same service by the same provider was claimed before: a person compares",
        "what is covered or allowed depends on where the care was given, and that is not known",
        "the provider is on a list of providers who are not paid: a person looks",
        "the member does not have the module of the benefit, or one that it requires",
        "the plan counts in reference salaries, and the member's is not known",
        "there is no exchange rate for the day",
        "another payer pays first, and what it paid is not known",
        "the other payer paid more than the charge: a person looks",
        "the plan pays by the base of the statutory scheme, and that is not known",
        "the plan counts for the family together, and what its other members counted is not known",
        "what is allowed depends on whether the provider is under contract, and that is not known",
        "the plan has modules, and which of them the member has is not known",
        "the care must be authorised before, and whether it was is not known",
        "an emergency would be treated otherwise, and whether it was one is not known",
        "an accident would be treated otherwise, and whether it was one is not known",
        "a better room is paid in part, and which room was used is not known",
        "the benefit asks for papers, and which of them came is not known",
        "the plan exchanges at the rate of the day of the invoice or of admission, and that day is not known",
        "the benefit is for an age or a sex, and the member's is not known",
        "a person looked at the line and refused it",
        "a person lifted what the line was refused for",
        "the benefit is for types of service, and the line's is not known",
    ];
}

impl Plan {
    /// Reads a plan file. `name` is what errors call the file.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line and column and what to write.
    pub fn parse(name: &str, text: &str) -> Result<Self, PlanError> {
        // INVARIANT: a file that is refused has at least one fault.
        let unknown = || PlanError::at(name, text, 0..0, "cannot be used");
        Self::read(name, text).map_err(|faults| faults.into_iter().next().unwrap_or_else(unknown))
    }

    /// Reads a plan file, to tell all that is wrong with it.
    ///
    /// # Errors
    /// Each thing that is wrong, in the order of the file, twenty at most. What follows from another fault is left
    /// out; a file that is no TOML, or whose tables have another shape, tells the first alone.
    pub fn read(name: &str, text: &str) -> Result<Self, Vec<PlanError>> {
        compile::compile(name, text)
    }

    /// The plan's id, the same in every version.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// `id@version`, as determinations cite it.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The name as printed.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first day that the version applies.
    #[must_use]
    pub const fn effective(&self) -> Date {
        self.effective
    }

    /// Whether it has rules of coordination with other payers.
    #[must_use]
    pub fn coordinates(&self) -> bool {
        self.coordination.is_some()
    }

    /// The currencies of its tables of amounts, in order of the columns.
    #[must_use]
    pub fn currencies(&self) -> &[Currency] {
        &self.currencies
    }

    /// What becomes of refusals.
    #[must_use]
    pub const fn refusals(&self) -> Refusals {
        self.refusals
    }

    /// In which order claims count.
    #[must_use]
    pub const fn sequence(&self) -> Sequence {
        self.sequence
    }

    /// The steps, in order.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// A benefit's name; `None` when the plan version has no such benefit.
    #[must_use]
    pub fn benefit_name(&self, benefit: u16) -> Option<&str> {
        self.benefits.get(usize::from(benefit)).map(|benefit| benefit.name.as_str())
    }

    /// The module that a benefit belongs to.
    #[must_use]
    pub fn benefit_module(&self, benefit: u16) -> Option<&str> {
        self.benefits.get(usize::from(benefit)).map(|benefit| benefit.module.as_str())
    }

    /// A rule in words, as a trace cites it.
    #[must_use]
    pub fn rule_text(&self, rule: u16) -> Option<&str> {
        self.rules.get(usize::from(rule)).map(String::as_str)
    }

    /// An accumulator's name.
    #[must_use]
    pub fn accumulator_name(&self, accumulator: u16) -> Option<&str> {
        self.named(accumulator).map(|named| named.name.as_str())
    }

    /// An accumulator's period.
    #[must_use]
    pub fn accumulator_period(&self, accumulator: u16) -> Option<Period> {
        self.named(accumulator).map(|named| named.period)
    }

    /// How far an accumulator counts in a currency: minor units, or a number of visits, days, units or
    /// claims. None where it has no fixed end (salary-based, a reserve).
    #[must_use]
    pub fn accumulator_limit(&self, accumulator: u16, currency: Currency) -> Option<i64> {
        let column = self.column(currency)?;
        self.named(accumulator).and_then(|named| named.amounts.fixed(column))
    }

    /// Whether an accumulator counts money; else visits, days, units or claims.
    #[must_use]
    pub fn accumulator_is_money(&self, accumulator: u16) -> bool {
        self.named(accumulator).is_none_or(|named| !matches!(named.amounts, Amounts::Count(_)))
    }

    /// Whether an accumulator's balance goes on to later claims as one sum: not one that ends with a claim or a visit,
    /// nor one for each day or each condition, event, pregnancy or admission.
    #[must_use]
    pub fn accumulator_is_kept(&self, accumulator: u16) -> bool {
        let found = self.all_counters().find(|counter| counter.accumulator == accumulator);
        found.is_some_and(|counter| counter.per == Per::Person && counter.period != Period::Day)
    }

    /// Whether an accumulator counts for a family together.
    #[must_use]
    pub fn accumulator_is_shared(&self, accumulator: u16) -> bool {
        self.all_counters().any(|counter| counter.family && counter.accumulator == accumulator)
    }

    /// The last day on which a claim may come in for care that ended on a day; none where the plan sets no limit.
    #[must_use]
    pub fn last_filing_day(&self, care_ended: Date) -> Option<Date> {
        care_ended.plus_months(self.filing.as_ref()?.months)
    }

    /// The first day on which somebody is covered whose cover begins on `start`: the day of birth of a newborn, where the
    /// plan lets cover that begins so soon after it count from there.
    #[must_use]
    pub fn covered_from(&self, birth: Option<Date>, start: Date) -> Date {
        let Some((birth, rule)) = birth.zip(self.newborn) else { return start };
        if birth.days_until(start) <= rule.days { birth.min(start) } else { start }
    }

    /// What membership costs, where the plan says so.
    #[must_use]
    pub const fn premium(&self) -> Option<&Premium> {
        self.premium.as_ref()
    }

    /// What is counted up to an amount: deductibles, maxima, limits and the second layer.
    pub(crate) fn all_counters(&self) -> impl Iterator<Item = &Counter> {
        let of_deductibles =
            self.deductibles.iter().flat_map(|rule| [Some(&rule.counter), rule.family.as_ref()]);
        let of_maxima = self.maxima.iter().flat_map(|rule| [Some(&rule.counter), rule.family.as_ref()]);
        let layer = self.major_medical.iter().map(|layer| &layer.counter);
        let counters = of_deductibles.chain(of_maxima).flatten();
        counters.chain(self.limits.iter().map(|rule| &rule.counter)).chain(layer)
    }

    /// The counter of an accumulator; the benefit reserve has one too.
    pub(crate) fn counter(&self, accumulator: u16) -> Option<&Counter> {
        let reserve = self.coordination.iter().filter_map(|rule| rule.reserve.as_ref());
        self.all_counters().chain(reserve).find(|counter| counter.accumulator == accumulator)
    }

    /// The column of a currency.
    pub(crate) fn column(&self, currency: Currency) -> Option<usize> {
        self.currencies.iter().position(|own| *own == currency)
    }

    fn named(&self, accumulator: u16) -> Option<&Named> {
        self.counters.iter().find(|named| named.accumulator == accumulator)
    }
}
