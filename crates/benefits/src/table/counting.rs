//! Rules that count, in words: deductibles, maxima, limits, and their amounts and periods.

use domain::{Currency, figures};

use super::words::{self, Phrase};
use super::{Statement, Writer};
use crate::plan::{Amounts, Counter, Deductible, Limit, OutOfPocketMaximum, Per, Period, Unit};

impl Writer<'_> {
    pub(super) fn deductible(&self, rule: &Deductible) -> Statement {
        let mut text = self.say(&words::DEDUCTIBLE, &[&self.counter(&rule.counter)]);
        if let Some(family) = &rule.family {
            text += &format!(", {}", self.say(&words::FAMILY, &[&self.amounts(&family.amounts)]));
        }
        if let Some(months) = rule.carry_over_months {
            text += &format!("; {}", self.say(&words::CARRY_OVER, &[&months.to_string()]));
        }
        Statement { about: format!("deductible/{}", rule.counter.accumulator), text }
    }

    pub(super) fn maximum(&self, rule: &OutOfPocketMaximum) -> Statement {
        let mut text = self.say(&words::MAXIMUM, &[&self.counter(&rule.counter)]);
        if let Some(family) = &rule.family {
            text += &format!(", {}", self.say(&words::FAMILY, &[&self.amounts(&family.amounts)]));
        }
        let shares = rule.shares;
        let with = if shares.deductible { &words::WITH_DEDUCTIBLE } else { &words::WITHOUT_DEDUCTIBLE };
        text += &format!(", {}", self.plain(with));
        let only = match (shares.copay, shares.coinsurance) {
            (true, false) => Some(&words::ONLY_COPAYS),
            (false, true) => Some(&words::ONLY_COINSURANCE),
            _ => None,
        };
        if let Some(only) = only {
            text += &format!(", {}", self.plain(only));
        }
        Statement { about: format!("maximum/{}", rule.counter.accumulator), text }
    }

    pub(super) fn limit(&self, rule: &Limit) -> Statement {
        let about = format!("limit/{}", rule.counter.accumulator);
        let name = self.plan.accumulator_name(rule.counter.accumulator).unwrap_or_default();
        let how_much = self.how_much(rule);
        let when = self.when(&rule.counter);
        if rule.reported {
            return self.state(&about, &words::STOP_LOSS, &[name, &how_much, &when]);
        }
        let mut parts = vec![format!("{} {when}", self.say(&words::LIMIT, &[&how_much]))];
        if rule.counter.family {
            parts.push(self.plain(&words::WHOLE_FAMILY));
        }
        if rule.unit == Unit::Eligible {
            parts.push(self.plain(&words::BEFORE_SHARE));
        }
        parts.extend(self.ages(rule.ages));
        let kind = rule.kind.and_then(|place| self.plan.kinds.get(place));
        parts.extend(kind.map(|kind| self.say(&words::OF_KIND, &[&kind.id])));
        Statement { about, text: self.say(&words::PRICE, &[name, &parts.join(", ")]) }
    }

    fn how_much(&self, rule: &Limit) -> String {
        let how_much = self.amounts(&rule.counter.amounts);
        let counted = |one: &Phrase, more: &Phrase| match rule.counter.amounts {
            Amounts::Count(1) => self.plain(one),
            _ => self.say(more, &[&how_much]),
        };
        match rule.unit {
            Unit::Visits => counted(&words::ONE_VISIT, &words::VISITS),
            Unit::Days => counted(&words::ONE_DAY, &words::DAYS),
            Unit::Units => counted(&words::ONE_UNIT, &words::UNITS),
            Unit::Claims => counted(&words::ONE_CLAIM, &words::CLAIMS),
            Unit::Paid | Unit::Eligible => how_much,
        }
    }

    pub(super) fn counter(&self, counter: &Counter) -> String {
        format!("{} {}", self.amounts(&counter.amounts), self.when(counter))
    }

    /// In which period, and for each what.
    pub(super) fn when(&self, counter: &Counter) -> String {
        let period = match counter.period {
            Period::PolicyYear => self.plain(&words::POLICY_YEAR),
            Period::CalendarYear => self.plain(&words::CALENDAR_YEAR),
            Period::Lifetime => self.plain(&words::LIFETIME),
            Period::Day => self.plain(&words::PER_DAY),
            Period::RollingMonths(months) => self.say(&words::IN_MONTHS, &[&months.to_string()]),
            Period::RollingDays(days) => self.say(&words::IN_DAYS, &[&days.to_string()]),
        };
        let each = match counter.per {
            Per::Person => return period,
            Per::Claim => &words::PER_CLAIM,
            Per::Visit => &words::PER_VISIT,
            Per::Unit => &words::PER_UNIT,
            Per::Condition => &words::PER_CONDITION,
            Per::Pregnancy => &words::PER_PREGNANCY,
            Per::Event => &words::PER_EVENT,
            Per::Admission => &words::PER_ADMISSION,
        };
        let each = self.plain(each);
        match counter.per {
            // What ends with the claim or the visit has no period of its own; nor has a lifetime of one thing.
            Per::Claim | Per::Visit | Per::Unit => each,
            _ if counter.period == Period::Lifetime => each,
            _ => format!("{each} {period}"),
        }
    }

    /// The columns of amounts that are wanted.
    pub(super) fn columns(&self) -> impl Iterator<Item = (usize, Currency)> + Clone {
        let own = self.currency.filter(|currency| self.plan.currencies.contains(currency));
        let all = self.plan.currencies.iter().copied().enumerate();
        all.filter(move |(_, currency)| own.is_none_or(|own| own == *currency))
    }

    /// An amount in every wanted currency, like `250 EUR / 275 USD`.
    pub(super) fn amounts(&self, amounts: &Amounts) -> String {
        match amounts {
            Amounts::Columns(columns) => {
                let amount = |(place, currency): (usize, Currency)| {
                    let minor = columns.get(place).copied().unwrap_or_default();
                    figures::short_amount(minor, currency, self.language)
                };
                self.columns().map(amount).collect::<Vec<_>>().join(" / ")
            }
            Amounts::Salary(salaries) => self.say(&words::SALARIES, &[&salaries.fraction()]),
            Amounts::Count(count) => count.to_string(),
            Amounts::Open => String::new(),
        }
    }
}
