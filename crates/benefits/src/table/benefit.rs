//! What holds for one benefit.

use domain::{Room, Sex};

use super::words;
use super::{Section, Statement, Writer};
use crate::plan::{Ages, Allowed, AllowedRule, Benefit, CopayPer, Preauthorisation, RoomRule, Waiting};

impl Writer<'_> {
    pub(super) fn benefit(&self, benefit: &Benefit) -> Section {
        let plan = self.plan;
        let mut says = self.for_whom(benefit);
        says.extend(self.allowed(&benefit.allowed));
        says.extend(self.shares(benefit));
        let maxima = benefit.maxima.iter().filter_map(|place| plan.maxima.get(*place));
        says.extend(maxima.filter(|rule| !rule.whole_plan).map(|rule| self.maximum(rule)));
        let limits = benefit.limits.iter().filter_map(|place| plan.limits.get(*place));
        says.extend(limits.filter(|rule| !rule.whole_plan).map(|rule| self.limit(rule)));
        says.extend(benefit.waiting.iter().map(|rule| self.waiting(rule)));
        says.extend(benefit.preauthorisation.as_ref().map(|rule| self.authorisation(rule)));
        if !benefit.documents.is_empty() {
            let papers: Vec<&str> = benefit.documents.iter().map(|(_, word)| word.as_str()).collect();
            says.push(self.state("documents", &words::DOCUMENTS, &[&papers.join(", ")]));
        }
        if self.details {
            says.extend(self.takes(benefit));
        }
        Section { id: format!("benefit/{}", benefit.id), name: benefit.name.clone(), says }
    }

    fn for_whom(&self, benefit: &Benefit) -> Vec<Statement> {
        let takes = &benefit.takes;
        let mut says = Vec::new();
        let module = self.plan.modules.iter().find(|module| module.id == benefit.module);
        says.extend(module.map(|module| self.state("module", &words::MODULE, &[&module.name])));
        let ages = self.ages(takes.ages);
        says.extend(ages.map(|text| Statement { about: "ages".to_owned(), text }));
        says.extend(match takes.sex {
            Some(Sex::Female) => Some(self.state("sex", &words::WOMEN, &[])),
            Some(Sex::Male) => Some(self.state("sex", &words::MEN, &[])),
            Some(Sex::Other | Sex::Unknown) | None => None,
        });
        let day = |about, phrase, date| self.state(about, phrase, &[&self.day(date)]);
        says.extend(takes.from.map(|date| day("services-from", &words::SERVICES_FROM, date)));
        says.extend(takes.until.map(|date| day("services-until", &words::SERVICES_UNTIL, date)));
        says
    }

    /// For people of which ages; nothing where for all.
    pub(super) fn ages(&self, ages: Ages) -> Option<String> {
        let from = (ages.from > 0).then(|| self.say(&words::AGE_FROM, &[&ages.from.to_string()]));
        let below = (ages.below < u8::MAX).then(|| self.say(&words::AGE_BELOW, &[&ages.below.to_string()]));
        let parts: Vec<String> = from.into_iter().chain(below).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// What of the charge counts: of the rules for everyone the first that has an answer decides.
    fn allowed(&self, rules: &[AllowedRule]) -> Vec<Statement> {
        let mut says: Vec<Statement> = Vec::new();
        let mut said = Vec::new();
        for rule in rules {
            let one = self.allowed_rule(rule);
            // Of two lists, each for some countries, a member need not know.
            let key = (rule.in_network, one.clone());
            if said.contains(&key) {
                continue;
            }
            let (about, text) = match rule.in_network {
                Some(true) => ("allowed/in-network", self.say(&words::IN_NETWORK, &[&one])),
                Some(false) => ("allowed/out-of-network", self.say(&words::OUT_OF_NETWORK, &[&one])),
                None if says.is_empty() => ("allowed", one),
                None => ("allowed", self.say(&words::OTHERWISE, &[&one])),
            };
            says.push(Statement { about: about.to_owned(), text });
            said.push(key);
        }
        says
    }

    fn allowed_rule(&self, rule: &AllowedRule) -> String {
        let text = match rule.allowed {
            Allowed::Charge => return self.plain(&words::PAID_IN_FULL),
            Allowed::Percentage(rate) => self.say(&words::PAID_PERCENT, &[&rate.to_string()]),
            Allowed::PriceList(_) => self.plain(&words::PAID_PRICE),
            Allowed::Base(rate) => self.say(&words::PAID_BASE, &[&rate.to_string()]),
        };
        self.say(if rule.write_off { &words::REST_PROVIDER } else { &words::REST_MEMBER }, &[&text])
    }

    /// What the member bears, without what the whole plan says already.
    fn shares(&self, benefit: &Benefit) -> Vec<Statement> {
        let plan = self.plan;
        let mut says = Vec::new();
        let rules = benefit.deductibles.iter().filter_map(|place| plan.deductibles.get(*place));
        says.extend(rules.clone().filter(|rule| !rule.whole_plan).map(|rule| self.deductible(rule)));
        if rules.count() == 0 && !plan.deductibles.is_empty() {
            says.push(self.state("no-deductible", &words::NO_DEDUCTIBLE, &[]));
        }
        if let Some(copay) = &benefit.copay {
            let per = match copay.per {
                CopayPer::Line => &words::PER_LINE,
                CopayPer::Visit => &words::PER_VISIT,
                CopayPer::Day => &words::PER_DAY,
                CopayPer::Unit => &words::PER_UNIT,
                CopayPer::Claim => &words::PER_CLAIM,
            };
            let amounts = self.amounts(&copay.amounts);
            says.push(self.state("copay", &words::COPAY, &[&amounts, &self.plain(per)]));
        }
        let percent =
            |rate: crate::exact::Ratio| self.state("coinsurance", &words::COINSURANCE, &[&rate.to_string()]);
        says.extend(benefit.coinsurance.map(|(_, rate)| percent(rate)));
        says.extend(benefit.room.map(|rule| self.room(rule)));
        if plan.maxima.iter().any(|rule| rule.whole_plan) && benefit.maxima.is_empty() {
            says.push(self.state("no-maximum", &words::NO_MAXIMUM, &[]));
        }
        if plan.major_medical.is_some() && !benefit.major_medical {
            says.push(self.state("no-second-layer", &words::NO_SECOND_LAYER, &[]));
        }
        says
    }

    fn room(&self, rule: RoomRule) -> Statement {
        let grade = match rule.grade {
            Room::Ward => &words::WARD,
            Room::SemiPrivate => &words::SEMI_PRIVATE,
            Room::Private => &words::PRIVATE,
            Room::Suite => &words::SUITE,
        };
        self.state("room", &words::ROOM, &[&self.plain(grade), &rule.rate.to_string()])
    }

    fn waiting(&self, rule: &Waiting) -> Statement {
        let mut parts = vec![match rule.months {
            1 => self.plain(&words::WAITING_ONE),
            more => self.say(&words::WAITING, &[&more.to_string()]),
        }];
        parts.extend(self.ages(rule.ages));
        let waivers = [
            (rule.waived_for_accident, &words::NOT_AFTER_ACCIDENT),
            (rule.waived_for_emergency, &words::NOT_IN_EMERGENCY),
            (rule.prior_cover_counts, &words::PRIOR_COVER),
        ];
        parts.extend(waivers.iter().filter(|(holds, _)| *holds).map(|(_, phrase)| self.plain(phrase)));
        Statement { about: "waiting".to_owned(), text: parts.join(", ") }
    }

    fn authorisation(&self, rule: &Preauthorisation) -> Statement {
        let mut parts = vec![match &rule.above {
            Some(above) => self.say(&words::AUTHORISE_ABOVE, &[&self.amounts(above)]),
            None => self.plain(&words::AUTHORISE),
        }];
        if rule.not_in_emergency {
            parts.push(self.plain(&words::NOT_IN_EMERGENCY));
        }
        parts.push(match rule.penalty {
            Some(rate) => self.say(&words::ELSE_LESS, &[&rate.to_string()]),
            None => self.plain(&words::ELSE_NOTHING),
        });
        Statement { about: "authorisation".to_owned(), text: parts.join("; ") }
    }
}
