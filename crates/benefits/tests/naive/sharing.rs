//! The naive sharing of a line, step by step.

use super::arithmetic::{all_days, fraction, is_less, minus, plus, rate, rounded_up, smaller, times, whole};
use super::counters::Left;
use super::{No, Note, Parts, Question, Remarks};
use crate::support::plan::{FAMILY, MAJOR_MEDICAL, deductible, limit, maximum};
use crate::support::{AllowedSpec, BenefitSpec, CounterSpec, LimitSpec};

const NO_SALARY: No = No("pended", "INFO");

impl Question<'_> {
    pub(super) fn share(
        &self,
        step: &str,
        index: usize,
        parts: &mut Parts,
        remarks: &mut Remarks,
    ) -> Result<(), No> {
        let line = &self.claim.lines[index];
        let Some((number, benefit)) = self.benefit(line) else { return Ok(()) };
        match step {
            "allowed-amount" => self.allow(index, benefit, parts, remarks),
            "service-limit" => self.limit_services(index, benefit, parts, remarks),
            "deductible" => self.deduct(index, benefit, parts, remarks),
            "copay" => {
                self.copay(index, number, benefit, parts);
                Ok(())
            }
            "coinsurance" => {
                let taken = rate(&parts.rest, benefit.coinsurance.unwrap_or(0));
                parts.coinsurance = plus(&parts.coinsurance, &taken);
                parts.rest = minus(&parts.rest, &taken);
                Ok(())
            }
            "pre-authorisation" => self.authorise(index, benefit, parts, remarks),
            "major-medical" if benefit.major_medical => self.second_layer(index, parts, remarks),
            "out-of-pocket-maximum" => self.cap(index, benefit, parts, remarks),
            "money-limit" => self.limit_money(index, benefit, parts, remarks),
            "coordination" => self.coordinate(index, parts, remarks),
            _ => Ok(()),
        }
    }

    fn allow(
        &self,
        index: usize,
        benefit: &BenefitSpec,
        parts: &mut Parts,
        remarks: &mut Remarks,
    ) -> Result<(), No> {
        let line = &self.claim.lines[index];
        let charge = whole(line.charge);
        let priced = |price: i64| {
            let all = fraction(i128::from(self.amount(price)) * i128::from(line.units), 1);
            smaller(&charge, &all)
        };
        let (allowed, write_off) = match &benefit.allowed {
            AllowedSpec::Charge => (charge.clone(), benefit.write_off),
            AllowedSpec::Percentage(millionths) => (rate(&charge, *millionths), benefit.write_off),
            AllowedSpec::Price(_) | AllowedSpec::Prices(_) => match self.price(benefit, line)? {
                Some((_, price)) => (priced(price), benefit.write_off),
                None => return Err(No("denied", "NOCOV")),
            },
            AllowedSpec::Network(..) if self.claim.in_network.is_none() => return Err(No("pended", "INFO")),
            AllowedSpec::Network(..) | AllowedSpec::Countries(_) => match self.price(benefit, line)? {
                Some((list, price)) => (priced(price), list == 0),
                None => (charge.clone(), false),
            },
            AllowedSpec::Base(millionths) => match self.payment(index).and_then(|(_, allowed, _)| allowed) {
                Some(base) => (smaller(&charge, &rate(&whole(base), *millionths)), benefit.write_off),
                None => return Err(No("pended", "COB")),
            },
        };
        let above = minus(&charge, &allowed);
        parts.rest = allowed.clone();
        parts.allowed = allowed;
        remarks.above = is_less(&whole(0), &above);
        if write_off {
            parts.write_off = above
        } else {
            parts.not_covered = above
        }
        remarks.write_off = write_off;
        if let Some((grade, paid)) = benefit.room {
            let room = self.claim.room.ok_or(No("pended", "INFO"))?;
            let rank = |room: &str| {
                ["ward", "semi-private", "private", "suite"].iter().position(|word| *word == room)
            };
            if rank(room) > rank(grade) {
                remarks.room = true;
                let kept = rate(&parts.rest, paid);
                parts.not_covered = plus(&parts.not_covered, &minus(&parts.rest, &kept));
                parts.rest = kept;
            }
        }
        self.take_other_first(index, parts)
    }

    fn limits<'b>(&'b self, benefit: &'b BenefitSpec) -> impl Iterator<Item = (u16, &'b LimitSpec)> {
        let all = &self.plan.limits;
        let whole_plan = (0..all.len()).filter(|index| all[*index].whole_plan);
        benefit.limits.iter().copied().chain(whole_plan).map(|index| (limit(index), &all[index]))
    }

    fn limit_services(
        &self,
        index: usize,
        benefit: &BenefitSpec,
        parts: &mut Parts,
        remarks: &mut Remarks,
    ) -> Result<(), No> {
        let line = &self.claim.lines[index];
        let provider = self.claim.provider;
        let mut asked = vec![];
        for (number, rule) in self.limits(benefit).filter(|(_, rule)| self.concerns(rule, line)) {
            let stay = all_days(line.start, line.end);
            let new_days: Vec<_> = match rule.of {
                "visits" => vec![line.start]
                    .into_iter()
                    .filter(|day| !self.is_counted(number, *day, Some(provider)))
                    .collect(),
                "days" => stay.iter().copied().filter(|day| !self.is_counted(number, *day, None)).collect(),
                _ => vec![],
            };
            let (all, new) = match rule.of {
                "visits" => (1, new_days.len() as i64),
                "days" => (stay.len() as i64, new_days.len() as i64),
                "claims" => (1, i64::from(!self.claim_counts(number))),
                "units" => (i64::from(line.units), i64::from(line.units)),
                _ => continue,
            };
            let left = self.left(number, &rule.counter, index, (true, rule.family)).ok_or(NO_SALARY)?;
            let within = new.min(left.left.max(0));
            asked.push((number, left, all, new, within, new_days));
        }
        // The smallest part that is within a limit is what is paid.
        let mut part = whole(1);
        for (_, _, all, new, within, _) in &asked {
            part = smaller(&part, &fraction(all - new + within, *all));
        }
        let kept = times(&parts.rest, &part);
        remarks.services = is_less(&part, &whole(1));
        parts.over = plus(&parts.over, &minus(&parts.rest, &kept));
        parts.rest = kept;
        for (number, left, _, new, within, new_days) in asked {
            let counted = within.min(rounded_up(&times(&whole(new), &part)));
            let days = new_days.into_iter().take(counted as usize).map(|day| (provider, day)).collect();
            self.note(remarks, number, &left, Note::Fixed(counted, days));
        }
        for (number, rule) in self.limits(benefit).filter(|(_, rule)| rule.of == "eligible") {
            if !self.concerns(rule, line) {
                continue;
            }
            let left = self.left(number, &rule.counter, index, (false, rule.family)).ok_or(NO_SALARY)?;
            self.cut(&left, parts, remarks);
            self.note(remarks, number, &left, Note::Fixed(self.whole(&parts.rest), vec![]));
        }
        Ok(())
    }

    fn cut(&self, left: &Left, parts: &mut Parts, remarks: &mut Remarks) {
        let paid = smaller(&parts.rest, &Self::room(left.left));
        remarks.money |= is_less(&paid, &parts.rest);
        parts.over = plus(&parts.over, &minus(&parts.rest, &paid));
        parts.rest = paid;
    }

    fn deduct(
        &self,
        index: usize,
        benefit: &BenefitSpec,
        parts: &mut Parts,
        remarks: &mut Remarks,
    ) -> Result<(), No> {
        let all = &self.plan.deductibles;
        let whole_plan = (0..all.len()).filter(|place| all[*place].whole_plan && benefit.deductible);
        for (order, place) in benefit.deductibles.iter().copied().chain(whole_plan).enumerate() {
            let rule = &all[place];
            let line = &self.claim.lines[index];
            let own = self.left(deductible(place), &rule.counter, index, (false, false)).ok_or(NO_SALARY)?;
            let mut room = own.left;
            let together = rule.family.map(|amount| {
                let spec = CounterSpec { amount, per: None, salary: None, ..rule.counter.clone() };
                self.left(FAMILY + deductible(place), &spec, index, (false, true)).map(|left| (spec, left))
            });
            let together = together.map(|together| together.ok_or(NO_SALARY)).transpose()?;
            if let Some((_, left)) = &together {
                room = room.min(left.left);
            }
            let taken = smaller(&parts.rest, &Self::room(room));
            let before = self.whole(&parts.deductible);
            parts.deductible = plus(&parts.deductible, &taken);
            parts.rest = minus(&parts.rest, &taken);
            let taken = self.whole(&parts.deductible) - before;
            self.note(remarks, deductible(place), &own, Note::Deductible(order, taken));
            if let Some(months) = rule.carry_over {
                self.carry_over(remarks, &rule.counter, months, line);
            }
            if let Some((spec, left)) = together {
                self.note(remarks, FAMILY + deductible(place), &left, Note::Deductible(order, taken));
                if let Some(months) = rule.carry_over {
                    self.carry_over(remarks, &spec, months, line);
                }
            }
        }
        Ok(())
    }

    fn copay(&self, index: usize, number: usize, benefit: &BenefitSpec, parts: &mut Parts) {
        let line = &self.claim.lines[index];
        let Some((amount, per)) = benefit.copay else { return };
        let amount = self.amount(amount).saturating_mul(match per {
            "day" => all_days(line.start, line.end).len() as i64,
            "unit" => i64::from(line.units),
            _ => 1,
        });
        let mut taken = 0;
        for (other, result, _) in &self.earlier {
            let other = &self.claim.lines[*other];
            let same_day = other.start == line.start;
            let same_benefit = self.benefit(other).map(|(known, _)| known) == Some(number);
            let counts = match per {
                _ if self.plan.highest_copay => same_day,
                "visit" | "day" => same_day && same_benefit,
                "claim" => same_benefit,
                _ => false,
            };
            if counts {
                taken += result.parts[3];
            }
        }
        for (claim, other, result) in self.others() {
            let then = Question { sent: claim, claim, earlier: vec![], ..*self };
            let same_benefit = then.benefit(other).map(|(known, _)| known) == Some(number);
            let once = self.plan.highest_copay || (matches!(per, "visit" | "day") && same_benefit);
            if once && other.start == line.start {
                taken += result.parts[3];
            }
        }
        let due = smaller(&parts.rest, &whole((amount - taken).max(0)));
        parts.copay = plus(&parts.copay, &due);
        parts.rest = minus(&parts.rest, &due);
    }

    fn authorise(
        &self,
        index: usize,
        benefit: &BenefitSpec,
        parts: &mut Parts,
        remarks: &mut Remarks,
    ) -> Result<(), No> {
        let line = &self.claim.lines[index];
        let Some((above, penalty)) = benefit.authorisation else { return Ok(()) };
        if above.is_some_and(|above| line.charge <= self.amount(above)) || self.is_emergency(line) {
            return Ok(());
        }
        let Some(known) = &self.claim.authorisations else { return Err(No("pended", "INFO")) };
        let good = known.iter().any(|known| {
            let falls = |other: &crate::support::LineSpec| {
                other.code.starts_with(&known.code) && known.from <= other.start && other.start <= known.until
            };
            // What was refused of the claim takes no room from what is paid.
            let earlier = self.earlier.iter().filter(|(_, result, _)| result.outcome != "denied");
            let upto = earlier.map(|(other, ..)| *other).chain([index]).map(|other| &self.claim.lines[other]);
            let upto: Vec<_> = upto.filter(|other| falls(other)).collect();
            let units: i128 = upto.iter().map(|other| i128::from(other.units)).sum();
            let amount: i128 = upto.iter().map(|other| i128::from(other.charge)).sum();
            falls(line)
                && known.units.is_none_or(|most| units <= i128::from(most))
                && known.amount.is_none_or(|most| amount <= i128::from(most))
        });
        if good || self.lifted(index, "AUTH") {
            return Ok(());
        }
        let Some(penalty) = penalty else { return Err(No("denied", "AUTH")) };
        let lost = rate(&parts.rest, penalty);
        parts.not_covered = plus(&parts.not_covered, &lost);
        parts.rest = minus(&parts.rest, &lost);
        remarks.authorisation = true;
        Ok(())
    }

    fn second_layer(&self, index: usize, parts: &mut Parts, remarks: &mut Remarks) -> Result<(), No> {
        let Some((spec, paid)) = &self.plan.major_medical else { return Ok(()) };
        let left = self.left(MAJOR_MEDICAL, spec, index, (false, false)).ok_or(NO_SALARY)?;
        let member = plus(&parts.coinsurance, &parts.copay);
        let met = smaller(&member, &Self::room(left.left));
        let relief = rate(&minus(&member, &met), *paid);
        let first = smaller(&relief, &parts.coinsurance);
        parts.coinsurance = minus(&parts.coinsurance, &first);
        parts.copay = minus(&parts.copay, &minus(&relief, &first));
        parts.rest = plus(&parts.rest, &relief);
        self.note(remarks, MAJOR_MEDICAL, &left, Note::Fixed(self.whole(&met), vec![]));
        Ok(())
    }

    fn cap(
        &self,
        index: usize,
        benefit: &BenefitSpec,
        parts: &mut Parts,
        remarks: &mut Remarks,
    ) -> Result<(), No> {
        let all = &self.plan.maxima;
        let whole_plan = (0..all.len()).filter(|place| all[*place].whole_plan && benefit.maximum);
        for place in benefit.maxima.iter().copied().chain(whole_plan) {
            let rule = &all[place];
            let mut counters = vec![(maximum(place), rule.counter.clone(), false)];
            if let Some(amount) = rule.family {
                let spec = CounterSpec { amount, per: None, salary: None, ..rule.counter.clone() };
                counters.push((FAMILY + maximum(place), spec, true));
            }
            let capped = [rule.includes, rule.only != Some("coinsurance"), rule.only != Some("copay")];
            for (number, spec, family) in counters {
                let left = self.left(number, &spec, index, (false, family)).ok_or(NO_SALARY)?;
                let mut room = Self::room(left.left);
                // What fits stays the member's: the deductible first, then copay, then co-insurance.
                let shares = [&mut parts.deductible, &mut parts.copay, &mut parts.coinsurance];
                for (share, is_capped) in shares.into_iter().zip(capped) {
                    if is_capped {
                        let kept = smaller(share, &room);
                        room = minus(&room, &kept);
                        parts.rest = plus(&parts.rest, &minus(share, &kept));
                        *share = kept;
                    }
                }
                let [deductible, copay, coinsurance] = capped;
                self.note(remarks, number, &left, Note::Shares { coinsurance, copay, deductible });
            }
        }
        Ok(())
    }

    fn limit_money(
        &self,
        index: usize,
        benefit: &BenefitSpec,
        parts: &mut Parts,
        remarks: &mut Remarks,
    ) -> Result<(), No> {
        let line = &self.claim.lines[index];
        for (number, rule) in self.limits(benefit).filter(|(_, rule)| rule.of == "paid") {
            if !self.concerns(rule, line) {
                continue;
            }
            let left = self.left(number, &rule.counter, index, (false, rule.family)).ok_or(NO_SALARY)?;
            if !rule.stop_loss {
                self.cut(&left, parts, remarks);
                remarks.left.push(Self::room(left.left));
            }
            self.note(remarks, number, &left, Note::Paid);
        }
        Ok(())
    }
}
