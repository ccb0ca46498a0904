//! The naive checks: who, when, where, what, and what is missing.

use super::arithmetic::{after_days, age, later, tomorrow};
use super::{No, Question, Remarks};
use crate::support::{AllowedSpec, BenefitSpec, LineSpec};

impl Question<'_> {
    pub(super) fn check(&self, step: &str, index: usize, remarks: &mut Remarks) -> Result<(), No> {
        let line = &self.claim.lines[index];
        let refuse = |is: bool, reason: &'static str| if is { Err(No("denied", reason)) } else { Ok(()) };
        match step {
            "eligibility" => self.eligible(line, remarks),
            "duplicate" => self.duplicate(index, remarks),
            "timely-filing" => {
                let limit = self.plan.filing_months;
                refuse(limit.is_some_and(|months| self.claim.received > later(line.end, months)), "LATE")
            }
            "area-of-cover" => self.in_area(line, remarks),
            "benefit-match" => refuse(self.benefit(line).is_none(), "NOCOV"),
            "documents" => {
                let (_, benefit) = self.benefit(line).unwrap();
                let came = self.claim.documents.as_ref();
                let lacks =
                    came.is_some_and(|came| benefit.documents.iter().any(|paper| !came.contains(paper)));
                if lacks { Err(No("pended", "INFO")) } else { Ok(()) }
            }
            "waiting-period" => refuse(self.waits(line), "WAIT"),
            "exclusion" => self.excluded(line),
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
        if member.cover_end.is_some_and(|day| line.start > day) || line.start < member.cover_start {
            return Err(No("denied", "ELIG"));
        }
        if self.claim.suspended {
            remarks.held.get_or_insert("SUSP");
        }
        Ok(())
    }

    fn duplicate(&self, index: usize, remarks: &mut Remarks) -> Result<(), No> {
        let line = &self.claim.lines[index];
        let mut near = false;
        for (claim, good) in &self.history.counted {
            let mine = claim.id == self.claim.id || self.claim.replaces == Some(claim.id);
            if mine || claim.provider != self.claim.provider {
                continue;
            }
            for other in good.iter().map(|good| &claim.lines[*good]).filter(|other| other.code == line.code) {
                if other.start == line.start && other.charge == line.charge {
                    return Err(No("denied", "DUP"));
                }
                near |= other.start == line.start
                    || tomorrow(other.start) == line.start
                    || tomorrow(line.start) == other.start;
            }
        }
        let same = |other: &LineSpec| {
            (other.start, other.charge, &other.code) == (line.start, line.charge, &line.code)
        };
        if self.claim.lines[..index].iter().any(same) {
            return Err(No("denied", "DUP"));
        }
        if near && self.plan.near_duplicates {
            remarks.held.get_or_insert("DUP");
        }
        Ok(())
    }

    fn in_area(&self, line: &LineSpec, remarks: &mut Remarks) -> Result<(), No> {
        let Some((countries, except, days)) = &self.plan.area else { return Ok(()) };
        let Some(country) = self.claim.country else { return Err(No("pended", "INFO")) };
        if countries.contains(&country) != *except {
            return Ok(());
        }
        match (days, self.is_emergency(line), self.claim.away_since) {
            (Some(_), true, None) => {
                remarks.held.get_or_insert("AREA");
                Ok(())
            }
            (Some(days), true, Some(since)) if line.start < after_days(since, *days as u32) => Ok(()),
            _ => Err(No("denied", "AREA")),
        }
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
            && benefit.from_age.is_none_or(old)
            && benefit.below_age.is_none_or(young)
            && benefit.sex.is_none_or(|sex| self.member.sex == Some(sex))
            && benefit.from.is_none_or(|from| from <= line.start)
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
            let mut since = self.member.cover_start;
            if let Some(prior) = self.member.prior_cover.filter(|_| waived("prior-cover")) {
                since = since.min(prior);
            }
            line.start < later(since, rule.months)
        })
    }

    fn excluded(&self, line: &LineSpec) -> Result<(), No> {
        let found = |code: &str| self.claim.diagnoses.iter().any(|known| known.starts_with(code));
        if self.member.exclusions.iter().any(|code| found(code)) {
            return Err(No("denied", "PREEX"));
        }
        if let Some(months) = self.plan.moratorium {
            for (code, last) in &self.member.preexisting {
                let since = *last.max(&self.member.cover_start);
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
                place != index && other.start == line.start && other.code == *code
            };
            line.code.starts_with(includes)
                && line.code != *code
                && self.claim.lines.iter().enumerate().any(whole)
        })
    }

    /// The unit price of a service that day, if its list has one.
    pub(super) fn price(&self, benefit: &BenefitSpec, line: &LineSpec) -> Option<i64> {
        if benefit.code != line.code {
            return None;
        }
        match &benefit.allowed {
            AllowedSpec::Price(price) => Some(*price),
            AllowedSpec::Prices(prices) => {
                let began = prices.iter().filter(|(_, from)| *from <= line.start);
                began.max_by_key(|(_, from)| *from).map(|(price, _)| *price)
            }
            AllowedSpec::Network(contract, customary) => {
                self.claim.in_network.map(|known| if known { *contract } else { *customary })
            }
            _ => None,
        }
    }
}
