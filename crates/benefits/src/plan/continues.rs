//! Reads which accumulators of other plans go on under a plan, for members who came from those. Which spans of cover somebody had,
//! and what was counted under them, is a fact of the claim, and not looked at here.

use std::collections::BTreeSet;

use toml::Spanned;

use super::compile::unique;
use super::parts::{Noted, Reader, every};
use super::raw::{RawContinues, RawPlan};
use super::{Continues, Plan};

/// What a plan counts on from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Continuing<'a> {
    /// It is the same plan, in whatever version: all goes on.
    All,
    /// These accumulators, sorted.
    These(&'a [u16]),
    /// Nothing: it counts afresh.
    Nothing,
}

impl Plan {
    /// What was counted under the plan with this id and goes on under this one.
    #[must_use]
    pub fn continues(&self, plan: &str) -> Continuing<'_> {
        if self.id == plan {
            return Continuing::All;
        }
        let known = self.continues.iter().find(|known| known.plan == plan);
        known.map_or(Continuing::Nothing, |known| Continuing::These(&known.accumulators))
    }
}

/// The tables. They are read after all counters.
pub(super) fn read(reader: &Reader<'_>, raw: &RawPlan) -> Result<Vec<Continues>, Noted> {
    let unique_plans = unique(reader, &raw.continues, |table| &table.plan);
    let tables = every(raw.continues.iter().map(|item| one(reader, raw, item)));
    unique_plans.and(tables)
}

fn one(reader: &Reader<'_>, raw: &RawPlan, item: &Spanned<RawContinues>) -> Result<Continues, Noted> {
    let RawContinues { plan, accumulators } = item.get_ref();
    if plan.get_ref() == raw.id.get_ref() {
        let problem =
            "under a plan's own spans all goes on by itself: remove this table, or name another plan";
        return Err(reader.error(plan.span(), problem));
    }
    if accumulators.get_ref().is_empty() {
        let problem = "nothing would go on: name accumulators, or remove this table";
        return Err(reader.error(accumulators.span(), problem));
    }
    let mut numbers = BTreeSet::new();
    every(accumulators.get_ref().iter().map(|number| {
        let (span, number) = (number.span(), *number.get_ref());
        let Some(counter) = reader.counters.iter().find(|known| known.accumulator == number) else {
            let problem = format!("no rule of this plan counts on accumulator {number}: write one that does");
            return Err(reader.error(span, problem));
        };
        if counter.family {
            let problem =
                format!("accumulator {number} counts for a family together, which cannot go on: remove it");
            return Err(reader.error(span, problem));
        }
        if !numbers.insert(number) {
            return Err(reader.error(span, format!("accumulator {number} stands twice: remove one")));
        }
        Ok(())
    }))?;
    Ok(Continues { plan: plan.get_ref().clone(), accumulators: numbers.into_iter().collect() })
}
