//! What holds for the whole plan, and what membership costs.

use super::words::{self, Phrase};
use super::{Section, Statement, Writer};
use crate::plan::{
    Continues, Coordination, ExchangeDay, Fee, Method, Module, Named, Premium, Refusals, Share, Subsidy,
};

impl Writer<'_> {
    pub(super) fn whole_plan(&self) -> Section {
        let plan = self.plan;
        let mut says = vec![self.state("from", &words::FROM, &[&self.day(plan.effective)])];
        if self.columns().count() > 1 {
            let codes: Vec<&str> = self.columns().map(|(_, currency)| currency.code()).collect();
            says.push(self.state("currencies", &words::CURRENCIES, &[&codes.join(", ")]));
        }
        if !plan.modules.is_empty() {
            let modules: Vec<String> = plan.modules.iter().map(|module| self.module(module)).collect();
            says.push(self.state("modules", &words::MODULES, &[&modules.join("; ")]));
        }
        says.extend(plan.continues.iter().map(|known| self.continued(known)));
        says.extend(self.area());
        says.extend(plan.deductibles.iter().filter(|rule| rule.whole_plan).map(|rule| self.deductible(rule)));
        if let Some(layer) = &plan.major_medical {
            let (rate, after) = (layer.rate.to_string(), self.counter(&layer.counter));
            says.push(self.state("second-layer", &words::SECOND_LAYER, &[&rate, &after]));
        }
        says.extend(plan.maxima.iter().filter(|rule| rule.whole_plan).map(|rule| self.maximum(rule)));
        says.extend(
            plan.limits
                .iter()
                .filter(|rule| rule.whole_plan && (self.details || !rule.reported))
                .map(|rule| self.limit(rule)),
        );
        if plan.highest_copay_a_day {
            says.push(self.state("highest-copay", &words::HIGHEST_COPAY, &[]));
        }
        if let Some(filing) = plan.filing {
            says.push(self.state("filing", &words::FILING, &[&filing.months.to_string()]));
        }
        if let Some(moratorium) = plan.moratorium {
            says.push(self.state("moratorium", &words::MORATORIUM, &[&moratorium.months.to_string()]));
        }
        says.extend(
            plan.newborn.map(|rule| self.state("newborn", &words::NEWBORN, &[&rule.days.to_string()])),
        );
        says.extend(plan.exclusions.iter().map(|rule| self.excluded(rule)));
        says.extend(plan.coordination.iter().flat_map(|rule| self.other_payer(rule)));
        says.extend(plan.exchange.map(|rule| {
            let phrase = match rule.day {
                ExchangeDay::Service => &words::RATE_OF_SERVICE,
                ExchangeDay::Admitted => &words::RATE_OF_ADMISSION,
                ExchangeDay::Invoiced => &words::RATE_OF_INVOICE,
                ExchangeDay::Received => &words::RATE_OF_RECEIPT,
                ExchangeDay::Decided => &words::RATE_OF_DECISION,
            };
            self.state("exchange", phrase, &[])
        }));
        says.push(match plan.refusals {
            Refusals::Pend => self.state("refusals", &words::A_PERSON_LOOKS, &[]),
            Refusals::Send => self.state("refusals", &words::REFUSED_AT_ONCE, &[]),
        });
        if self.details {
            says.extend(self.order());
        }
        Section { id: "plan".to_owned(), name: self.plain(&words::WHOLE_PLAN), says }
    }

    fn module(&self, module: &Module) -> String {
        let needs = module.requires.iter().filter_map(|place| self.plan.modules.get(*place));
        let needs: Vec<&str> = needs.map(|needed| needed.name.as_str()).collect();
        if needs.is_empty() {
            return module.name.clone();
        }
        self.say(&words::MODULE_NEEDS, &[&module.name, &needs.join(", ")])
    }

    /// What was counted under another plan and counts here too.
    fn continued(&self, known: &Continues) -> Statement {
        let is_named = |counter: &&Named| known.accumulators.contains(&counter.accumulator);
        let names: Vec<&str> =
            self.plan.counters.iter().filter(is_named).map(|counter| counter.name.as_str()).collect();
        let about = format!("continues/{}", known.plan);
        self.state(&about, &words::CONTINUES, &[&known.plan, &names.join(", ")])
    }

    fn area(&self) -> Vec<Statement> {
        let Some(area) = &self.plan.area else { return Vec::new() };
        let list = area.countries.iter().map(|country| country.code()).collect::<Vec<_>>().join(", ");
        let phrase = if area.except { &words::AREA_EXCEPT } else { &words::AREA_IN };
        let emergency = area
            .emergency_days
            .map(|days| self.state("emergencies-elsewhere", &words::AREA_EMERGENCY, &[&days.to_string()]));
        std::iter::once(self.state("area", phrase, &[&list])).chain(emergency).collect()
    }

    fn other_payer(&self, rule: &Coordination) -> Vec<Statement> {
        let phrase = match rule.method {
            Method::Standard | Method::MedicareSecondary => &words::AFTER_OTHER,
            Method::NonDuplication => &words::AFTER_OTHER_TOP,
            Method::Maintenance => &words::AFTER_OTHER_REST,
            Method::StatutoryTopUp => &words::AFTER_STATUTORY,
        };
        let mut says = vec![self.state("other-payer", phrase, &[])];
        says.extend(
            rule.reserve
                .as_ref()
                .map(|reserve| self.state("reserve", &words::RESERVE, &[&self.when(reserve)])),
        );
        says
    }

    pub(super) fn premium(&self, premium: &Premium) -> Section {
        let mut says = vec![match premium.months() {
            1 => self.state("months", &words::PREMIUM_MONTH, &[]),
            months => self.state("months", &words::PREMIUM_MONTHS, &[&months.to_string()]),
        }];
        if let Some((covers, amounts)) = premium.lump_sum() {
            let covers = covers.to_string();
            says.push(self.state("lump-sum", &words::PREMIUM_SUM, &[&covers, &self.amounts(amounts)]));
        }
        for (age, amounts) in premium.rates() {
            let (about, age) = (format!("age/{age}"), age.to_string());
            says.push(self.state(&about, &words::PREMIUM_AGE, &[&age, &self.amounts(amounts)]));
        }
        for (fee, amounts) in premium.fees() {
            let phrase: &Phrase = match fee {
                Fee::Person => &words::FEE_PERSON,
                Fee::Policy => &words::FEE_POLICY,
            };
            says.push(self.state("fee", phrase, &[&self.amounts(amounts)]));
        }
        says.extend((1..).zip(premium.subsidies()).map(|(place, subsidy)| self.subsidy(place, subsidy)));
        Section { id: "premium".to_owned(), name: self.plain(&words::PREMIUM), says }
    }

    /// Bands move with salaries from version to version: they are the same by their order.
    fn subsidy(&self, place: u32, subsidy: &Subsidy) -> Statement {
        let shared = match subsidy.share {
            Share::OfPremium(rate) => self.say(&words::EMPLOYER_PAYS, &[&rate.to_string()]),
            Share::OfSalary { member, employer_most } if employer_most.is_one() => {
                self.say(&words::SALARY_PAYS, &[&member.to_string()])
            }
            Share::OfSalary { member, employer_most } => {
                self.say(&words::SALARY_PAYS_MOST, &[&member.to_string(), &employer_most.to_string()])
            }
        };
        let text = match &subsidy.from_salary {
            Some(from) => self.say(&words::FROM_SALARY, &[&self.amounts(from), &shared]),
            None => shared,
        };
        Statement { about: format!("subsidy/{place}"), text }
    }
}
