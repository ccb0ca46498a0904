//! A plan as a table of benefits that a member can read, in four languages, and what differs between two
//! plans by that table. It leaves out how rules work together; a trace shows that for a claim.

mod words;

use domain::{Language, Money};

use crate::plan::{
    Allowed, Amounts, Benefit, CopayPer, Counter, Deductible, Limit, OutOfPocketMaximum, Per, Period, Plan,
    Unit,
};
use words::Phrase;

/// A part of the table: the whole plan, or a benefit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The benefit's id; empty for the whole plan.
    pub id: String,
    /// Its name, or the words for the whole plan.
    pub name: String,
    /// What holds, in the order in which it applies.
    pub says: Vec<String>,
}

/// What differs between two tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The name of the section.
    pub name: String,
    /// What only the first says.
    pub before: Vec<String>,
    /// What only the second says.
    pub after: Vec<String>,
}

/// The table of a plan.
#[must_use]
pub fn table(plan: &Plan, language: Language) -> Vec<Section> {
    let writer = Writer { plan, language };
    let mut sections = vec![writer.whole_plan()];
    sections.extend(plan.benefits.iter().map(|benefit| writer.benefit(benefit)));
    sections
}

/// What a plan says otherwise than another, section by section. Benefits are the same by their id.
#[must_use]
pub fn differences(before: &Plan, after: &Plan, language: Language) -> Vec<Difference> {
    let (before, after) = (table(before, language), table(after, language));
    let gone = before.iter().filter(|section| !after.iter().any(|other| other.id == section.id));
    let mut found = Vec::new();
    for section in after.iter().chain(gone) {
        let says = |table: &[Section]| {
            let same = table.iter().find(|other| other.id == section.id);
            same.map(|same| same.says.clone()).unwrap_or_default()
        };
        let (old, new) = (says(&before), says(&after));
        let only = |these: &[String], those: &[String]| {
            these.iter().filter(|text| !those.contains(text)).cloned().collect::<Vec<_>>()
        };
        let (old, new) = (only(&old, &new), only(&new, &old));
        if !old.is_empty() || !new.is_empty() {
            found.push(Difference { name: section.name.clone(), before: old, after: new });
        }
    }
    found
}

struct Writer<'a> {
    plan: &'a Plan,
    language: Language,
}

impl Writer<'_> {
    fn say(&self, phrase: &Phrase, values: &[&str]) -> String {
        phrase.with(self.language, values)
    }

    fn whole_plan(&self) -> Section {
        let plan = self.plan;
        let codes: Vec<&str> = plan.currencies.iter().map(|currency| currency.code()).collect();
        let mut says = vec![
            self.say(&words::FROM, &[&plan.effective.to_string()]),
            self.say(&words::CURRENCIES, &[&codes.join(", ")]),
        ];
        if let Some(area) = &plan.area {
            let list = area.countries.iter().map(|country| country.code()).collect::<Vec<_>>().join(", ");
            says.push(self.say(if area.except { &words::AREA_EXCEPT } else { &words::AREA_IN }, &[&list]));
            let days = area.emergency_days.map(|days| days.to_string());
            says.extend(days.map(|days| self.say(&words::AREA_EMERGENCY, &[&days])));
        }
        says.extend(plan.deductibles.iter().filter(|rule| rule.whole_plan).map(|rule| self.deductible(rule)));
        if let Some(layer) = &plan.major_medical {
            let (rate, after) = (layer.rate.to_string(), self.counter(&layer.counter));
            says.push(self.say(&words::SECOND_LAYER, &[&rate, &after]));
        }
        says.extend(plan.maxima.iter().filter(|rule| rule.whole_plan).map(|rule| self.maximum(rule)));
        says.extend(
            plan.limits.iter().filter(|rule| rule.whole_plan && !rule.reported).map(|rule| self.limit(rule)),
        );
        if let Some(filing) = plan.filing {
            says.push(self.say(&words::FILING, &[&filing.months.to_string()]));
        }
        if let Some(moratorium) = plan.moratorium {
            says.push(self.say(&words::MORATORIUM, &[&moratorium.months.to_string()]));
        }
        says.extend(plan.exclusions.iter().map(|rule| self.say(&words::EXCLUDED, &[&rule.name])));
        says.extend(plan.coordination.as_ref().map(|_| words::OTHER_PAYER.plain(self.language)));
        Section { id: String::new(), name: words::WHOLE_PLAN.plain(self.language), says }
    }

    fn benefit(&self, benefit: &Benefit) -> Section {
        let mut says = self.for_whom(benefit);
        // Of several rules the one with a price is what a member should know.
        let priced = benefit.allowed.iter().find(|rule| matches!(rule.allowed, Allowed::PriceList(_)));
        says.extend(priced.or(benefit.allowed.first()).map(|rule| self.allowed(rule.allowed)));
        says.extend(self.shares(benefit));
        let named = |places: &[usize]| places.to_vec();
        for place in named(&benefit.maxima) {
            says.extend(
                self.plan.maxima.get(place).filter(|rule| !rule.whole_plan).map(|rule| self.maximum(rule)),
            );
        }
        for place in named(&benefit.limits) {
            says.extend(
                self.plan.limits.get(place).filter(|rule| !rule.whole_plan).map(|rule| self.limit(rule)),
            );
        }
        for rule in &benefit.waiting {
            says.push(match rule.months {
                1 => words::WAITING_ONE.plain(self.language),
                more => self.say(&words::WAITING, &[&more.to_string()]),
            });
        }
        if let Some(rule) = &benefit.preauthorisation {
            says.push(match &rule.above {
                Some(above) => self.say(&words::AUTHORISE_ABOVE, &[&self.amounts(above)]),
                None => words::AUTHORISE.plain(self.language),
            });
        }
        Section { id: benefit.id.clone(), name: benefit.name.clone(), says }
    }

    fn for_whom(&self, benefit: &Benefit) -> Vec<String> {
        let ages = benefit.takes.ages;
        let mut says = Vec::new();
        if ages.from > 0 {
            says.push(self.say(&words::AGE_FROM, &[&ages.from.to_string()]));
        }
        if ages.below < u8::MAX {
            says.push(self.say(&words::AGE_BELOW, &[&ages.below.to_string()]));
        }
        says
    }

    fn allowed(&self, allowed: Allowed) -> String {
        match allowed {
            Allowed::Charge => words::PAID_IN_FULL.plain(self.language),
            Allowed::Percentage(rate) => self.say(&words::PAID_PERCENT, &[&rate.to_string()]),
            Allowed::PriceList(_) => words::PAID_PRICE.plain(self.language),
            Allowed::Base(rate) => self.say(&words::PAID_BASE, &[&rate.to_string()]),
        }
    }

    /// What the member bears, without what the whole plan says already.
    fn shares(&self, benefit: &Benefit) -> Vec<String> {
        let mut says = Vec::new();
        let rules = benefit.deductibles.iter().filter_map(|place| self.plan.deductibles.get(*place));
        says.extend(rules.clone().filter(|rule| !rule.whole_plan).map(|rule| self.deductible(rule)));
        if rules.count() == 0 && !self.plan.deductibles.is_empty() {
            says.push(words::NO_DEDUCTIBLE.plain(self.language));
        }
        if let Some(copay) = &benefit.copay {
            let per = match copay.per {
                CopayPer::Line => &words::PER_LINE,
                CopayPer::Visit => &words::PER_VISIT,
                CopayPer::Day => &words::PER_DAY,
                CopayPer::Unit => &words::PER_UNIT,
                CopayPer::Claim => &words::PER_CLAIM,
            };
            says.push(self.say(&words::COPAY, &[&self.amounts(&copay.amounts), &per.plain(self.language)]));
        }
        says.extend(benefit.coinsurance.map(|(_, rate)| self.say(&words::COINSURANCE, &[&rate.to_string()])));
        says.extend(benefit.room.map(|rule| self.say(&words::ROOM, &[&rule.rate.to_string()])));
        says
    }

    fn deductible(&self, rule: &Deductible) -> String {
        let mut text = self.say(&words::DEDUCTIBLE, &[&self.counter(&rule.counter)]);
        if let Some(family) = &rule.family {
            text += &format!(", {}", self.say(&words::FAMILY, &[&self.amounts(&family.amounts)]));
        }
        if let Some(months) = rule.carry_over_months {
            text += &format!("; {}", self.say(&words::CARRY_OVER, &[&months.to_string()]));
        }
        text
    }

    fn maximum(&self, rule: &OutOfPocketMaximum) -> String {
        let deductible =
            if rule.shares.deductible { &words::WITH_DEDUCTIBLE } else { &words::WITHOUT_DEDUCTIBLE };
        let mut text = self.say(&words::MAXIMUM, &[&self.counter(&rule.counter)]);
        if let Some(family) = &rule.family {
            text += &format!(", {}", self.say(&words::FAMILY, &[&self.amounts(&family.amounts)]));
        }
        text + &format!(", {}", deductible.plain(self.language))
    }

    fn limit(&self, rule: &Limit) -> String {
        let how_much = self.amounts(&rule.counter.amounts);
        let counted = |one: &Phrase, more: &Phrase| match rule.counter.amounts {
            Amounts::Count(1) => one.plain(self.language),
            _ => self.say(more, &[&how_much]),
        };
        let how_much = match rule.unit {
            Unit::Paid | Unit::Eligible => how_much,
            Unit::Visits => counted(&words::ONE_VISIT, &words::VISITS),
            Unit::Days => counted(&words::ONE_DAY, &words::DAYS),
            Unit::Units => counted(&words::ONE_UNIT, &words::UNITS),
            Unit::Claims => counted(&words::ONE_CLAIM, &words::CLAIMS),
        };
        let name = self.plan.accumulator_name(rule.counter.accumulator).unwrap_or_default();
        format!("{name}: {} {}", self.say(&words::LIMIT, &[&how_much]), self.when(&rule.counter))
    }

    fn counter(&self, counter: &Counter) -> String {
        format!("{} {}", self.amounts(&counter.amounts), self.when(counter))
    }

    /// In which period, and for each what.
    fn when(&self, counter: &Counter) -> String {
        let period = match counter.period {
            Period::PolicyYear => words::POLICY_YEAR.plain(self.language),
            Period::CalendarYear => words::CALENDAR_YEAR.plain(self.language),
            Period::Lifetime => words::LIFETIME.plain(self.language),
            Period::Day => words::PER_DAY.plain(self.language),
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
        let each = each.plain(self.language);
        match counter.per {
            // What ends with the claim or the visit has no period of its own; nor has a lifetime of one thing.
            Per::Claim | Per::Visit | Per::Unit => each,
            _ if counter.period == Period::Lifetime => each,
            _ => format!("{each} {period}"),
        }
    }

    /// An amount in every currency, like `250.00 EUR / 275.00 USD`.
    fn amounts(&self, amounts: &Amounts) -> String {
        match amounts {
            Amounts::Columns(columns) => {
                let money = self.plan.currencies.iter().zip(columns);
                let money = money.filter_map(|(currency, minor)| Money::new(*minor, *currency).ok());
                money.map(|amount| amount.to_string()).collect::<Vec<_>>().join(" / ")
            }
            Amounts::Salary(salaries) => self.say(&words::SALARIES, &[&salaries.fraction()]),
            Amounts::Count(count) => count.to_string(),
            Amounts::Open => String::new(),
        }
    }
}
