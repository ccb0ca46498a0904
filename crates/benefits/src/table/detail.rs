//! What a member seldom asks for and a comparison must not miss: codes, prices, the order of rules.

use domain::{CareSetting, ServiceType};

use super::words;
use super::{Section, Statement, Writer};
use crate::exact::Rounding;
use crate::plan::{Benefit, Exclusion, Price, PriceList, Sequence, Settings};

impl Writer<'_> {
    pub(super) fn excluded(&self, rule: &Exclusion) -> Statement {
        let mut text = self.say(&words::EXCLUDED, &[&rule.name]);
        if self.details {
            let codes = self.codes(&rule.codes, &rule.diagnoses).into_iter().map(|code| code.text);
            text = std::iter::once(text).chain(codes).collect::<Vec<_>>().join("; ");
        }
        Statement { about: "excluded".to_owned(), text }
    }

    /// Which services fall under a benefit.
    pub(super) fn takes(&self, benefit: &Benefit) -> Vec<Statement> {
        let takes = &benefit.takes;
        let mut says = self.codes(&takes.codes, &takes.diagnoses);
        if takes.settings != Settings::ALL {
            let settings = CareSetting::ALL.iter().filter(|setting| takes.settings.has(**setting));
            let settings: Vec<&str> = settings.map(|setting| setting.word()).collect();
            says.push(self.state("settings", &words::SETTINGS, &[&settings.join(", ")]));
        }
        if !takes.service_types.is_empty() {
            let types: Vec<&str> = takes.service_types.iter().map(ServiceType::word).collect();
            says.push(self.state("service-types", &words::SERVICE_TYPES, &[&types.join(", ")]));
        }
        says
    }

    fn codes(&self, codes: &[String], diagnoses: &[String]) -> Vec<Statement> {
        let mut says = Vec::new();
        if !codes.is_empty() {
            says.push(self.state("codes", &words::CODES, &[&codes.join(", ")]));
        }
        if !diagnoses.is_empty() {
            says.push(self.state("diagnoses", &words::DIAGNOSES, &[&diagnoses.join(", ")]));
        }
        says
    }

    pub(super) fn prices(&self, list: &PriceList) -> Section {
        let mut says = Vec::new();
        if !list.countries.is_empty() {
            let countries: Vec<&str> = list.countries.iter().map(|country| country.code()).collect();
            says.push(self.state("countries", &words::PRICES_IN, &[&countries.join(", ")]));
        }
        says.extend(list.prices.iter().map(|price| self.price(price)));
        let name = self.say(&words::PRICES, &[&list.id]);
        Section { id: format!("prices/{}", list.id), name, says }
    }

    fn price(&self, price: &Price) -> Statement {
        let code = price.code.reveal();
        let mut parts = vec![self.amounts(&price.amounts)];
        parts.extend(price.from.map(|date| self.say(&words::PRICE_FROM, &[&self.day(date)])));
        parts.extend(price.until.map(|date| self.say(&words::PRICE_UNTIL, &[&self.day(date)])));
        self.state(&format!("price/{code}"), &words::PRICE, &[code, &parts.join(" ")])
    }

    /// In which order rules and benefits apply, and what includes what.
    pub(super) fn order(&self) -> Vec<Statement> {
        let plan = self.plan;
        let mut says = Vec::new();
        for bundle in &plan.bundles {
            let (code, includes) = (bundle.code.reveal(), bundle.includes.join(", "));
            says.push(self.state(&format!("bundle/{code}"), &words::INCLUDES, &[code, &includes]));
        }
        let name = |place: &usize| plan.benefits.get(*place).map(|benefit| benefit.name.as_str());
        for kind in &plan.kinds {
            let benefits: Vec<&str> = kind.benefits.iter().filter_map(name).collect();
            let all = self.plain(&words::ALL_OTHERS);
            let benefits = if benefits.is_empty() { all } else { benefits.join(", ") };
            says.push(self.state(&format!("kind/{}", kind.id), &words::KIND, &[&kind.id, &benefits]));
        }
        if plan.near_duplicates {
            says.push(self.state("near-duplicates", &words::NEAR_DUPLICATES, &[]));
        }
        if plan.sequence == Sequence::ServiceDate {
            says.push(self.state("sequence", &words::BY_SERVICE_DATE, &[]));
        }
        says.extend(match plan.rounding.1 {
            Rounding::HalfUp => None,
            Rounding::Down => Some(self.state("rounding", &words::ROUNDED_DOWN, &[])),
            Rounding::Up => Some(self.state("rounding", &words::ROUNDED_UP, &[])),
        });
        let benefits: Vec<&str> = plan.benefits.iter().map(|benefit| benefit.name.as_str()).collect();
        says.push(self.state("benefit-order", &words::BENEFIT_ORDER, &[&benefits.join(", ")]));
        let steps: Vec<&str> = plan.steps.iter().map(|step| step.word()).collect();
        says.push(self.state("steps", &words::STEPS, &[&steps.join(", ")]));
        says
    }
}
