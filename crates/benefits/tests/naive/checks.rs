//! The naive checks: who, when, where, what, and what is missing.

use super::arithmetic::{Day, after_days, age, later, tomorrow};
use super::{No, Question, Remarks};
use crate::support::{AllowedSpec, BenefitSpec, LineSpec};

/// Each country that a list of the random plans may be for, and one that none is for.
const COUNTRIES: [&str; 3] = ["FR", "BE", "US"];

impl Question<'_> {
    /// What a check finds, but for what a person lifted. That nothing takes the care is not to be lifted.
    pub(super) fn check(&self, step: &str, index: usize, remarks: &mut Remarks) -> Result<(), No> {
        match self.found(step, index, remarks) {
            Err(No("denied", "NOCOV")) if step != "exclusion" => Err(No("denied", "NOCOV")),
            Err(No("denied", reason)) if self.lifted(index, reason) => Ok(()),
            found => found,
        }
    }

    fn found(&self, step: &str, index: usize, remarks: &mut Remarks) -> Result<(), No> {
        let line = &self.claim.lines[index];
        let refuse = |is: bool, reason: &'static str| if is { Err(No("denied", reason)) } else { Ok(()) };
        match step {
            "eligibility" => self.eligible(line, remarks),
            "duplicate" => self.duplicate(index, remarks),
            "timely-filing" => {
                let limit = self.plan.filing_months;
                let late = limit.is_some_and(|months| self.claim.received > later(line.end, months));
                refuse(late && !self.claim.filing_waived, "LATE")
            }
            "area-of-cover" => self.in_area(index, remarks),
            "benefit-match" => self.has(line),
            "documents" => {
                let (_, benefit) = self.benefit(line).unwrap();
                let came =
                    |paper: &&str| self.claim.documents.as_ref().is_some_and(|came| came.contains(paper));
                if benefit.documents.iter().all(came) { Ok(()) } else { Err(No("pended", "INFO")) }
            }
            "waiting-period" => refuse(self.waits(line), "WAIT"),
            "exclusion" => self.excluded(index),
            "bundling" => refuse(self.bundled(index), "BUND"),
            _ => Ok(()),
        }
    }

    fn eligible(&self, line: &LineSpec, remarks: &mut Remarks) -> Result<(), No> {
        let member = self.member;
        if member.birth.is_some_and(|day| line.start < day)
            || member.death.is_some_and(|day| line.start > day)
        {
            return Err(No("denied", "PHANTOM"));
        }
        if member.cover_end.is_some_and(|day| line.start > day) || line.start < self.first_day() {
            return Err(No("denied", "ELIG"));
        }
        let held = (self.claim.suspended, self.claim.provider_excluded);
        if let Some(reason) = match held {
            (true, _) => Some("SUSP"),
            (false, true) => Some("EXCL-PROV"),
            (false, false) => None,
        } {
            remarks.held.get_or_insert(reason);
        }
        Ok(())
    }

    /// A benefit takes the line, and the member has its module with all that goes with it.
    fn has(&self, line: &LineSpec) -> Result<(), No> {
        if self.benefit(line).is_none() && self.may_be_taken(line) {
            return Err(No("pended", "INFO"));
        }
        let (_, benefit) = self.benefit(line).ok_or(No("denied", "NOCOV"))?;
        match &self.member.modules {
            _ if self.plan.modules.is_empty() => Ok(()),
            None => Err(No("pended", "INFO")),
            Some(modules) if self.counts(benefit.module, modules) => Ok(()),
            Some(_) => Err(No("denied", "NOCOV")),
        }
    }

    /// Whether a member has a module, and each that it requires counts too.
    fn counts(&self, id: &str, has: &[String]) -> bool {
        let (_, requires) = self.plan.modules.iter().find(|(known, _)| *known == id).unwrap();
        has.iter().any(|module| module == id) && requires.iter().all(|other| self.counts(other, has))
    }

    /// From when on the member is covered: a newborn whose cover began soon enough, from birth.
    fn first_day(&self) -> Day {
        self.first_day_of(self.member.cover_start)
    }

    /// What the member waits from: the earliest first day of this cover, and of that which it goes on from.
    fn waits_from(&self) -> Day {
        let mut first_days = vec![self.first_day()];
        if let Some(before) = self.member.covered_since {
            first_days.push(self.first_day_of(before));
        }
        first_days.into_iter().min().unwrap()
    }

    fn first_day_of(&self, start: Day) -> Day {
        match (self.member.birth, self.plan.newborn) {
            (Some(birth), Some(days)) if birth < start && start <= after_days(birth, days as u32) => birth,
            _ => start,
        }
    }

    fn duplicate(&self, index: usize, remarks: &mut Remarks) -> Result<(), No> {
        // What was charged, before anything was exchanged.
        let line = &self.sent.lines[index];
        let mut near = false;
        for (_, other, _) in self.others().into_iter().filter(|(_, other, _)| other.code == line.code) {
            if other.start == line.start && other.charge == line.charge {
                return Err(No("denied", "DUP"));
            }
            near |= other.start == line.start
                || tomorrow(other.start) == line.start
                || tomorrow(line.start) == other.start;
        }
        let same = |other: &LineSpec| {
            (other.start, other.charge, &other.code) == (line.start, line.charge, &line.code)
        };
        if (0..index).any(|other| same(&self.sent.lines[other]) && !self.refused(other)) {
            return Err(No("denied", "DUP"));
        }
        if near && self.plan.near_duplicates && !self.lifted(index, "DUP") {
            remarks.held.get_or_insert("DUP");
        }
        Ok(())
    }

    fn in_area(&self, index: usize, remarks: &mut Remarks) -> Result<(), No> {
        let line = &self.claim.lines[index];
        let Some((countries, except, days)) = &self.plan.area else { return Ok(()) };
        let Some(country) = self.claim.country else { return Err(No("pended", "INFO")) };
        if countries.contains(&country) != *except {
            return Ok(());
        }
        match (days, self.is_emergency(line), self.claim.away_since) {
            (Some(_), true, None) if self.lifted(index, "AREA") => Ok(()),
            (Some(_), true, None) => {
                remarks.held.get_or_insert("AREA");
                Ok(())
            }
            (Some(days), true, Some(since)) if line.start < after_days(since, *days as u32) => Ok(()),
            _ => Err(No("denied", "AREA")),
        }
    }

    /// Whether a benefit would take the line if only the age, sex and type of service were right that are not known.
    pub(super) fn might_take(&self, benefit: &BenefitSpec, line: &LineSpec) -> bool {
        let known_birth = self.member.birth.is_some();
        let lenient = BenefitSpec {
            from_age: benefit.from_age.filter(|_| known_birth),
            below_age: benefit.below_age.filter(|_| known_birth),
            sex: benefit.sex.filter(|_| self.member.sex.is_some()),
            service_types: benefit
                .service_types
                .iter()
                .copied()
                .filter(|_| line.service_type.is_some())
                .collect(),
            ..benefit.clone()
        };
        self.takes(&lenient, line)
    }

    fn may_be_taken(&self, line: &LineSpec) -> bool {
        self.plan.benefits.iter().any(|benefit| self.might_take(benefit, line))
    }

    pub(super) fn takes(&self, benefit: &BenefitSpec, line: &LineSpec) -> bool {
        let years = self.member.birth.map(|birth| age(birth, line.start));
        let old = |from: u8| years.is_some_and(|years| years >= i32::from(from));
        let young = |below: u8| years.is_some_and(|years| years < i32::from(below));
        line.code.starts_with(&benefit.code)
            && (benefit.settings.is_empty() || benefit.settings.iter().any(|setting| setting == line.setting))
            && benefit
                .diagnosis
                .is_none_or(|code| self.claim.diagnoses.iter().any(|found| found.starts_with(code)))
            && (benefit.service_types.is_empty()
                || line.service_type.is_some_and(|known| benefit.service_types.contains(&known)))
            && benefit.from_age.is_none_or(old)
            && benefit.below_age.is_none_or(young)
            && benefit.sex.is_none_or(|sex| self.member.sex == Some(sex))
            && benefit.from.is_none_or(|from| from <= line.start)
            && benefit.until.is_none_or(|until| line.start <= until)
    }

    fn waits(&self, line: &LineSpec) -> bool {
        let (_, benefit) = self.benefit(line).unwrap();
        benefit.waiting.iter().any(|rule| {
            let waived = |word: &str| rule.waived.contains(&word);
            if waived("accident") && self.claim.accident || waived("emergency") && self.is_emergency(line) {
                return false;
            }
            let grown =
                |from: u8| self.member.birth.is_none_or(|birth| age(birth, line.start) >= i32::from(from));
            if !rule.from_age.is_none_or(grown) {
                return false;
            }
            let mut since = self.waits_from();
            if let Some(prior) = self.member.prior_cover.filter(|_| waived("prior-cover")) {
                since = since.min(prior);
            }
            line.start < later(since, rule.months)
        })
    }

    fn excluded(&self, index: usize) -> Result<(), No> {
        let line = &self.claim.lines[index];
        let found = |code: &str| self.claim.diagnoses.iter().any(|known| known.starts_with(code));
        let lifted = self.lifted(index, "PREEX");
        if self.member.exclusions.iter().any(|code| found(code)) && !lifted {
            return Err(No("denied", "PREEX"));
        }
        if let Some(months) = self.plan.moratorium.filter(|_| !lifted) {
            for (code, last) in &self.member.preexisting {
                let since = *last.max(&self.waits_from());
                if found(code) && line.start < later(since, months) {
                    return Err(No("denied", "PREEX"));
                }
            }
        }
        for (code, diagnosis) in &self.plan.exclusions {
            if code.is_some_and(|code| line.code.starts_with(code)) || diagnosis.is_some_and(found) {
                return Err(No("denied", "NOCOV"));
            }
        }
        Ok(())
    }

    fn bundled(&self, index: usize) -> bool {
        let line = &self.claim.lines[index];
        self.plan.bundles.iter().any(|(code, includes)| {
            let whole = |(place, other): (usize, &LineSpec)| {
                place != index && !self.refused(place) && other.start == line.start && other.code == *code
            };
            line.code.starts_with(includes)
                && line.code != *code
                && self.claim.lines.iter().enumerate().any(whole)
        })
    }

    /// The unit price of a service that day, with the place of the list that has it. Where nobody knows the country, all countries
    /// must come to the same list.
    pub(super) fn price(&self, benefit: &BenefitSpec, line: &LineSpec) -> Result<Option<(usize, i64)>, No> {
        if let Some(country) = self.claim.country {
            return Ok(self.price_in(benefit, line, country));
        }
        let [one, others @ ..] = COUNTRIES.map(|country| self.price_in(benefit, line, country));
        let list = |price: Option<(usize, i64)>| price.map(|(list, _)| list);
        if others.iter().all(|other| list(*other) == list(one)) { Ok(one) } else { Err(No("pended", "INFO")) }
    }

    fn price_in(&self, benefit: &BenefitSpec, line: &LineSpec, country: &str) -> Option<(usize, i64)> {
        if benefit.code != line.code {
            return None;
        }
        match &benefit.allowed {
            AllowedSpec::Price(price) => {
                let here = benefit.priced_in.contains(&country);
                (here || benefit.priced_in.is_empty()).then_some((0, *price))
            }
            AllowedSpec::Prices(prices) => {
                let began = prices.iter().filter(|(_, from)| *from <= line.start);
                began.max_by_key(|(_, from)| *from).map(|(price, _)| (0, *price))
            }
            AllowedSpec::Network(contract, customary) => {
                self.claim.in_network.map(|known| if known { (0, *contract) } else { (1, *customary) })
            }
            AllowedSpec::Countries(lists) => {
                let mut lists = lists.iter().enumerate();
                let found = lists.find(|(_, (there, _, from))| *there == country && *from <= line.start);
                found.map(|(place, (_, price, _))| (place, *price))
            }
            _ => None,
        }
    }
}
