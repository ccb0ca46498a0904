//! What was counted under other spans of somebody's cover, beside what was under the one that a claim falls under: a limit of a
//! lifetime or of a calendar year goes on under the next span, and what was claimed once is a duplicate under any. Which spans there
//! are, and which of them a claim falls under, is said by whoever adjudicates; what a claim counts is counted under its own span.

use std::borrow::Cow;

use domain::{AccumulatorBalance, AccumulatorEntry, Accumulators, Currency, Date, PriorLine};

use crate::case::AdjudicationError;
use crate::ledger::count;
use crate::plan::{Continuing, Per, Period, Plan};

/// A span of cover with what was counted under it.
#[derive(Clone, Copy)]
pub struct CountedUnder<'a> {
    /// The id of its plan, whatever the version.
    pub plan: &'a str,
    /// The currency that it counts in.
    pub currency: Currency,
    /// What was counted.
    pub accumulators: &'a Accumulators,
}

impl Plan {
    /// What counts under a span of this plan whose policy years begin on an anniversary of `policy_start`: what was counted under it,
    /// and what goes on of the person's other spans. Amounts in another currency say nothing in this one, and are left out with
    /// all that is counted beside them. Nothing is copied where nothing was counted under another.
    ///
    /// # Errors
    /// A balance overflows.
    pub fn with_carried<'a>(
        &self,
        own: CountedUnder<'a>,
        policy_start: Date,
        others: &[CountedUnder<'_>],
    ) -> Result<Cow<'a, Accumulators>, AdjudicationError> {
        let nothing = Accumulators::default();
        let others: Vec<_> = others.iter().filter(|other| *other.accumulators != nothing).collect();
        if others.is_empty() {
            return Ok(Cow::Borrowed(own.accumulators));
        }
        let Accumulators { balances, lines, guarantees } = own.accumulators;
        let mut all = Accumulators {
            balances: Vec::with_capacity(balances.len()),
            lines: lines.clone(),
            guarantees: guarantees.clone(),
        };
        self.carry(&mut all.balances, balances, policy_start)?;
        for CountedUnder { plan, currency, accumulators } in others {
            let continuing = self.continues(plan);
            let goes_on = |accumulator: u16| match continuing {
                _ if *currency != own.currency => false,
                Continuing::All => true,
                Continuing::These(accumulators) => accumulators.binary_search(&accumulator).is_ok(),
                Continuing::Nothing => false,
            };
            let balances = accumulators.balances.iter().filter(|balance| goes_on(balance.accumulator));
            self.carry(&mut all.balances, balances, policy_start)?;
            let is_same = continuing == Continuing::All;
            all.lines.extend(accumulators.lines.iter().map(|line| PriorLine {
                counted: line.counted.iter().filter(|days| goes_on(days.accumulator)).copied().collect(),
                // A benefit of another plan is another.
                copay: line.copay.filter(|_| is_same && *currency == own.currency),
                ..line.clone()
            }));
            all.guarantees.extend(accumulators.guarantees.iter().cloned());
        }
        all.balances.retain(|balance| balance.amount != 0);
        // Of one day in the order given, which is that of the spans.
        all.lines.sort_by_key(|line| line.service_start);
        Ok(Cow::Owned(all))
    }

    /// What a family counted together, as it counts under policy years that begin on an anniversary of `policy_start`.
    ///
    /// # Errors
    /// A balance overflows.
    pub fn for_good<'a>(
        &self,
        balances: &'a [AccumulatorBalance],
        policy_start: Date,
    ) -> Result<Cow<'a, [AccumulatorBalance]>, AdjudicationError> {
        if balances.iter().all(|balance| self.place_of(balance, policy_start) == balance.period_start) {
            return Ok(Cow::Borrowed(balances));
        }
        let mut all = Vec::with_capacity(balances.len());
        self.carry(&mut all, balances, policy_start)?;
        Ok(Cow::Owned(all))
    }

    fn carry<'b>(
        &self,
        all: &mut Vec<AccumulatorBalance>,
        balances: impl IntoIterator<Item = &'b AccumulatorBalance>,
        policy_start: Date,
    ) -> Result<(), AdjudicationError> {
        balances.into_iter().try_for_each(|balance| {
            let entry = AccumulatorEntry {
                accumulator: balance.accumulator,
                period_start: self.place_of(balance, policy_start),
                line: 0,
                delta: balance.amount,
                scope: balance.scope,
                until: None,
            };
            count(all, &entry)
        })
    }

    /// The first day of the period that a balance counts in. A lifetime has one, however often somebody's cover begins.
    fn place_of(&self, balance: &AccumulatorBalance, policy_start: Date) -> Date {
        let mut counters = self.counters.iter();
        let is_for_good = counters.any(|known| {
            let is_it = known.accumulator == balance.accumulator;
            is_it && known.period == Period::Lifetime && known.per != Per::Visit
        });
        if is_for_good { policy_start } else { balance.period_start }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{ClaimId, CountedDays, GuaranteeId, GuaranteeUse, ProviderId, TakenCopay};

    const EUR: Currency = Currency::EUR;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    /// Accumulator 1 counts for a lifetime, 2 in policy years, 3 in calendar years; 2 and 3 go on from the plan `old`.
    fn plan() -> Plan {
        let limit = |number: u16, period: &str| {
            format!(
                "[[limit]]\nid = \"l{number}\"\naccumulator = {number}\nname = \"L\"\nperiod = \"{period}\"\n\
                 amount = {{ EUR = \"500\" }}\napplies_to = \"plan\"\n"
            )
        };
        let text = format!(
            "id = \"new\"\nversion = \"1\"\nname = \"P\"\neffective = 2020-01-01\ncurrencies = [\"EUR\"]\n\
             [[continues]]\nplan = \"old\"\naccumulators = [3, 2]\n{}{}{}\
             [[benefit]]\nid = \"doctor\"\nname = \"Doctor\"\nmodule = \"core\"\ncodes = [\"GP\"]\n",
            limit(1, "lifetime"),
            limit(2, "policy-year"),
            limit(3, "calendar-year"),
        );
        Plan::parse("p", &text).unwrap()
    }

    fn counted(balances: &[(u16, &str, i64)], lines: &[(u8, &str)]) -> Accumulators {
        let balance = |(accumulator, start, amount): &(u16, &str, i64)| AccumulatorBalance {
            accumulator: *accumulator,
            period_start: day(start),
            amount: *amount,
            scope: 0,
        };
        let line = |(claim, start): &(u8, &str)| PriorLine {
            claim: ClaimId::from_bytes([*claim; 16]),
            provider: ProviderId::from_bytes([9; 16]),
            service_start: day(start),
            code: domain::ServiceCode::parse("GP").unwrap(),
            charge: 100,
            counted: [1, 2].map(|accumulator| CountedDays { accumulator, until: day(start) }).to_vec(),
            copay: Some(TakenCopay { benefit: 0, amount: 5 }),
        };
        Accumulators {
            balances: balances.iter().map(balance).collect(),
            lines: lines.iter().map(line).collect(),
            guarantees: Vec::new(),
        }
    }

    fn balances(accumulators: &Accumulators) -> Vec<(u16, String, i64)> {
        let of = |one: &AccumulatorBalance| (one.accumulator, one.period_start.to_string(), one.amount);
        accumulators.balances.iter().map(of).collect()
    }

    fn under<'a>(plan: &'a str, accumulators: &'a Accumulators) -> CountedUnder<'a> {
        CountedUnder { plan, currency: EUR, accumulators }
    }

    #[test]
    fn under_the_same_plan_all_goes_on_and_a_lifetime_is_one() {
        let own = counted(
            &[(1, "2026-05-01", 30), (2, "2026-05-01", 7), (3, "2026-01-01", 5)],
            &[(1, "2026-06-02")],
        );
        let before = counted(
            &[(1, "2024-01-01", 400), (2, "2024-01-01", 90), (3, "2026-01-01", 11)],
            &[(2, "2024-03-01"), (3, "2026-06-02")],
        );
        let plan = plan();
        let all = plan.with_carried(under("new", &own), day("2026-05-01"), &[under("new", &before)]).unwrap();
        let of = |accumulator, start: &str, amount| (accumulator, start.to_owned(), amount);
        assert_eq!(
            balances(&all),
            [
                of(1, "2026-05-01", 430),
                of(2, "2024-01-01", 90),
                of(2, "2026-05-01", 7),
                of(3, "2026-01-01", 16)
            ]
        );
        let lines: Vec<u8> = all.lines.iter().map(|line| line.claim.bytes()[0]).collect();
        assert_eq!(lines, [2, 1, 3], "by day, and of one day the span's own first");
        assert!(all.lines.iter().all(|line| line.copay.is_some() && line.counted.len() == 2));
    }

    #[test]
    fn of_another_plan_goes_on_what_this_one_names_and_every_line_is_known() {
        let own = Accumulators::default();
        let before = counted(&[(1, "2024-01-01", 400), (3, "2026-01-01", 11)], &[(2, "2024-03-01")]);
        let plan = plan();
        let carried = |name: &str, currency: Currency| {
            let other = CountedUnder { plan: name, currency, accumulators: &before };
            let all = plan.with_carried(under("new", &own), day("2026-05-01"), &[other]).unwrap();
            let counts = all.lines.iter().map(|line| line.counted.len()).sum::<usize>();
            let copay = all.lines.iter().any(|line| line.copay.is_some());
            (all.balances.len(), all.lines.len(), counts, copay)
        };
        assert_eq!(carried("old", EUR), (1, 1, 1, false));
        assert_eq!(carried("older", EUR), (0, 1, 0, false), "it counts afresh");
        assert_eq!(carried("new", EUR), (2, 1, 2, true));
        assert_eq!(
            carried("new", "USD".parse().unwrap()),
            (0, 1, 0, false),
            "there is no rate between columns"
        );
    }

    #[test]
    fn what_other_spans_used_of_a_guarantee_is_used() {
        let own = Accumulators::default();
        let used = GuaranteeUse {
            guarantee: GuaranteeId::from_bytes([1; 16]),
            claim: ClaimId::from_bytes([2; 16]),
            charged: 10,
            paid: 8,
            units: Vec::new(),
        };
        let before = Accumulators { guarantees: vec![used], ..Accumulators::default() };
        let all = plan().with_carried(under("new", &own), day("2026-05-01"), &[under("older", &before)]);
        assert_eq!(all.unwrap().guarantees.len(), 1);
    }

    #[test]
    fn nothing_is_copied_for_nothing_and_too_much_is_refused() {
        let own = counted(&[(1, "2026-05-01", 30)], &[]);
        let nothing = Accumulators::default();
        let alone = |others: &[CountedUnder<'_>]| {
            matches!(plan().with_carried(under("new", &own), day("2026-05-01"), others), Ok(Cow::Borrowed(_)))
        };
        assert!(alone(&[]) && alone(&[under("new", &nothing)]));
        let most = counted(&[(1, "2024-01-01", i64::MAX)], &[]);
        let refused = plan().with_carried(under("new", &own), day("2026-05-01"), &[under("new", &most)]);
        assert!(refused.is_err());
    }

    #[test]
    fn sums_of_a_family_are_one_for_a_lifetime_too() {
        let sums = counted(&[(1, "2024-01-01", 400), (2, "2024-01-01", 90)], &[]).balances;
        let plan = plan();
        assert!(matches!(plan.for_good(&sums, day("2024-01-01")), Ok(Cow::Borrowed(_))));
        let moved = plan.for_good(&sums, day("2026-05-01")).unwrap();
        let starts: Vec<String> = moved.iter().map(|sum| sum.period_start.to_string()).collect();
        assert_eq!(starts, ["2026-05-01", "2024-01-01"]);
    }
}
