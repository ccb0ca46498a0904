//! What a compiled plan is made of: counters, limits, benefits and the rules of each. Names are
//! resolved to indexes and every rule to a number; nothing here decides anything.

use domain::{CareSetting, Country, Date, Room, ServiceCode, ServiceTypes, Sex};

use super::period::{Ages, Period};
use crate::exact::Ratio;

/// How far a rule counts, or what it takes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Amounts {
    /// Minor units by column of the plan's currencies: fixed in parallel, never converted.
    Columns(Vec<i64>),
    /// So many yearly reference salaries.
    Salary(Ratio),
    /// A number of visits, days, units or claims.
    Count(i64),
    /// No end.
    Open,
}

impl Amounts {
    /// The amount in a column; none where it depends on a salary that is not known.
    ///
    /// INVARIANT: there are as many columns as the plan has currencies (made so when compiled).
    pub(crate) fn at(&self, column: usize, salary: Option<i64>) -> Option<i64> {
        match self {
            Self::Columns(columns) => Some(columns.get(column).copied().unwrap_or_default()),
            Self::Salary(salaries) => salary.map(|salary| salaries.of_amount(salary)),
            Self::Count(count) => Some(*count),
            Self::Open => Some(i64::MAX),
        }
    }

    /// The amount where it is the same for everyone.
    pub(crate) fn fixed(&self, column: usize) -> Option<i64> {
        match self {
            Self::Open => None,
            other => other.at(column, None),
        }
    }
}

/// What an accumulator counts apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Per {
    /// Everything together.
    Person,
    /// Each claim.
    Claim,
    /// What a provider gives on one day.
    Visit,
    /// Each line, with the amount for each of its units.
    Unit,
    /// Each condition.
    Condition,
    /// Each pregnancy.
    Pregnancy,
    /// Each event.
    Event,
    /// Each stay in hospital.
    Admission,
}

impl Per {
    /// Whether its balance is of no use once the claim, or the day of the visit, is over.
    pub(crate) const fn ends_with_claim(self) -> bool {
        matches!(self, Self::Claim | Self::Visit | Self::Unit)
    }
}

/// A rule that counts on an accumulator up to an amount.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Counter {
    /// Its place among all counters of the plan.
    pub(crate) index: usize,
    pub(crate) rule: u16,
    pub(crate) accumulator: u16,
    pub(crate) period: Period,
    pub(crate) per: Per,
    pub(crate) amounts: Amounts,
    /// Counts for the family together.
    pub(crate) family: bool,
}

/// A counter's words, for whoever reads a trace.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Named {
    pub(crate) accumulator: u16,
    pub(crate) name: String,
    pub(crate) period: Period,
    pub(crate) amounts: Amounts,
    /// Whether it counts for a family together.
    pub(crate) family: bool,
    pub(crate) per: Per,
}

/// Another plan, and the accumulators of it that go on under this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Continues {
    pub(crate) plan: String,
    /// Sorted.
    pub(crate) accumulators: Vec<u16>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Deductible {
    pub(crate) counter: Counter,
    /// Once the family has borne this together, nobody in it bears more.
    pub(crate) family: Option<Counter>,
    /// What falls into the last so many months of a period counts for the next one too.
    pub(crate) carry_over_months: Option<i32>,
    pub(crate) whole_plan: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OutOfPocketMaximum {
    pub(crate) counter: Counter,
    pub(crate) family: Option<Counter>,
    pub(crate) shares: MemberShares,
    pub(crate) whole_plan: bool,
}

/// Which of the member's shares a maximum caps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MemberShares {
    pub(crate) coinsurance: bool,
    pub(crate) copay: bool,
    pub(crate) deductible: bool,
}

/// What a limit limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// What the plan pays.
    Paid,
    /// What is eligible, before the member's share.
    Eligible,
    Visits,
    Days,
    Units,
    Claims,
}

impl Unit {
    pub(crate) const fn is_paid(self) -> bool {
        matches!(self, Self::Paid)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Limit {
    pub(crate) counter: Counter,
    pub(crate) unit: Unit,
    /// Only for claims of this kind.
    pub(crate) kind: Option<usize>,
    /// Only for people of such an age on the day of the service.
    pub(crate) ages: Ages,
    /// What passes it is paid all the same, and shown: a stop-loss insurer bears it.
    pub(crate) reported: bool,
    pub(crate) whole_plan: bool,
}

/// So many months, under a rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Months {
    pub(crate) rule: u16,
    pub(crate) months: i32,
}

/// A child whose cover begins at most so many days after birth is covered from birth, under a rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Newborn {
    pub(crate) rule: u16,
    pub(crate) days: i32,
}

/// A waiting period of a benefit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Waiting {
    pub(crate) rule: u16,
    pub(crate) months: i32,
    pub(crate) ages: Ages,
    /// Not after an accident.
    pub(crate) waived_for_accident: bool,
    /// Not in an emergency.
    pub(crate) waived_for_emergency: bool,
    /// Cover elsewhere until this one began counts as if it had been this one.
    pub(crate) prior_cover_counts: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Area {
    pub(crate) rule: u16,
    pub(crate) countries: Vec<Country>,
    /// The countries are those that it leaves out.
    pub(crate) except: bool,
    /// How many days of a stay outside it emergencies are covered.
    pub(crate) emergency_days: Option<i32>,
}

/// Whose day decides the rate of exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExchangeDay {
    Service,
    /// The day of admission of care in hospital; of other care the day of the service.
    Admitted,
    Invoiced,
    Received,
    Decided,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ExchangeRule {
    pub(crate) rule: u16,
    pub(crate) day: ExchangeDay,
}

/// How a plan pays after another payer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Standard,
    NonDuplication,
    Maintenance,
    MedicareSecondary,
    StatutoryTopUp,
}

/// Up to what two payers together may pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Allowable {
    Own,
    Higher,
    Charge,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Coordination {
    pub(crate) rule: u16,
    pub(crate) method: Method,
    pub(crate) allowable: Allowable,
    /// What was saved as second payer, to be drawn on in the same period.
    pub(crate) reserve: Option<Counter>,
}

/// A second layer over the first.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MajorMedical {
    pub(crate) counter: Counter,
    pub(crate) rate: Ratio,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Module {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Indexes of the modules that it names as needed.
    pub(crate) requires: Vec<usize>,
}

/// What the plan excludes for everyone.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Exclusion {
    pub(crate) rule: u16,
    pub(crate) name: String,
    pub(crate) codes: Vec<String>,
    pub(crate) diagnoses: Vec<String>,
}

/// A service that includes others on the same day.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bundle {
    pub(crate) rule: u16,
    pub(crate) code: ServiceCode,
    pub(crate) includes: Vec<String>,
}

/// Codes of one service by how much of it is given, the lowest first. Nothing is decided by it: the screen looks at how often a provider
/// claims the high ones.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Levels {
    /// What it is made of, as one text: two plans that say the same have one family.
    pub(crate) family: String,
    pub(crate) codes: Vec<ServiceCode>,
    /// How many of the last ones are the high level: at least one, and not all.
    pub(crate) high: usize,
}

/// A kind of claim, by the benefits of its lines. The first kind that fits is the claim's.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Kind {
    pub(crate) id: String,
    /// Indexes of benefits; a kind without any takes every claim.
    pub(crate) benefits: Vec<usize>,
}

/// A list of prices of units.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PriceList {
    pub(crate) id: String,
    /// Where it holds; everywhere when empty.
    pub(crate) countries: Vec<Country>,
    /// Sorted by code and first day.
    pub(crate) prices: Vec<Price>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Price {
    pub(crate) code: ServiceCode,
    pub(crate) from: Option<Date>,
    pub(crate) until: Option<Date>,
    pub(crate) amounts: Amounts,
}

impl PriceList {
    /// The price of a service on a day: of those that hold then, the one that began last.
    pub(crate) fn price(&self, code: &ServiceCode, day: Date) -> Option<&Amounts> {
        let end = self.prices.partition_point(|price| (&price.code, price.from) <= (code, Some(day)));
        let holds = self.prices.get(..end)?.iter().rev().take_while(|price| price.code == *code);
        let mut holds = holds.filter(|price| price.until.is_none_or(|until| day <= until));
        holds.next().map(|price| &price.amounts)
    }
}

/// What of the charge is allowed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Allowed {
    Charge,
    Percentage(Ratio),
    /// The price list with this index.
    PriceList(usize),
    /// So much of the base of the statutory scheme.
    Base(Ratio),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AllowedRule {
    pub(crate) rule: u16,
    pub(crate) allowed: Allowed,
    /// Only for providers under contract, or only for others.
    pub(crate) in_network: Option<bool>,
    /// Who bears what is above it: the provider, else the member.
    pub(crate) write_off: bool,
}

/// How often a copay is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CopayPer {
    Line,
    /// Once for the lines of one day under the benefit.
    Visit,
    /// The same, for each day of the service.
    Day,
    Unit,
    Claim,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Copay {
    pub(crate) rule: u16,
    pub(crate) per: CopayPer,
    pub(crate) amounts: Amounts,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Preauthorisation {
    pub(crate) rule: u16,
    /// Only for charges above this.
    pub(crate) above: Option<Amounts>,
    /// What the member bears without one; without a penalty, all.
    pub(crate) penalty: Option<Ratio>,
    /// Emergencies need none.
    pub(crate) not_in_emergency: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RoomRule {
    pub(crate) rule: u16,
    pub(crate) grade: Room,
    /// What of the cost of a better room is paid.
    pub(crate) rate: Ratio,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Benefit {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) module: String,
    /// Ids of the modules that a member must have: its own and all that this one requires, directly or by way of others. None
    /// where the plan lists no modules.
    pub(crate) needs: Vec<String>,
    pub(crate) match_rule: u16,
    pub(crate) takes: Takes,
    pub(crate) allowed: Vec<AllowedRule>,
    pub(crate) waiting: Vec<Waiting>,
    pub(crate) documents: Vec<(u16, String)>,
    pub(crate) preauthorisation: Option<Preauthorisation>,
    pub(crate) room: Option<RoomRule>,
    pub(crate) copay: Option<Copay>,
    pub(crate) coinsurance: Option<(u16, Ratio)>,
    pub(crate) major_medical: bool,
    /// Indexes: its own, then those of the whole plan.
    pub(crate) deductibles: Vec<usize>,
    pub(crate) maxima: Vec<usize>,
    pub(crate) limits: Vec<usize>,
}

/// Which services fall under a benefit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Takes {
    /// How codes begin; any when empty.
    pub(crate) codes: Vec<String>,
    /// How a diagnosis of the claim begins; any when empty.
    pub(crate) diagnoses: Vec<String>,
    pub(crate) settings: Settings,
    /// Its types of service; any, also an unknown one, when empty.
    pub(crate) service_types: ServiceTypes,
    pub(crate) ages: Ages,
    pub(crate) sex: Option<Sex>,
    pub(crate) from: Option<Date>,
    pub(crate) until: Option<Date>,
}

/// A set of care settings, as a bit mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Settings(u8);

impl Settings {
    pub(crate) const ALL: Self = Self(u8::MAX);

    pub(crate) fn of(settings: &[CareSetting]) -> Self {
        Self(settings.iter().fold(0, |mask, setting| mask | 1 << setting.code()))
    }

    pub(crate) fn has(self, setting: CareSetting) -> bool {
        self.0 & 1 << setting.code() != 0
    }

    pub(crate) fn has_all(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }
}
