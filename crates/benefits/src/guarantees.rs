//! Guarantees of payment: what they keep free of a limit until their claim comes, which claim is theirs, and what it uses of them.
//! What is kept free is worked out anew for each claim, so that a longer guarantee, one that was taken back and one that is over
//! need no entry that could be forgotten. Nothing is kept free of what a family shares but for the person's own claims. Which
//! guarantees stand on a day is said by whoever adjudicates, and nothing is granted here.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Accumulators, ClaimId, ClaimLine, Country, Currency, Date, Determination, Diagnosis, GuaranteeId,
    GuaranteeUse, LineDetermination, LineService, Outcome, PriorLine, ProviderId, Room, UsedUnits,
};

use crate::adjudicate::charges_of_cover;
use crate::case::{AdjudicationError, Case};
use crate::facts::{Authorisation, Facts, KeptFree};
use crate::ledger::{reserve, used_units, with_reserved};
use crate::overrides::is_refused;
use crate::plan::Plan;

/// A guarantee that stands, with the care that it is for. Amounts are in minor units of its currency.
#[derive(Clone, Copy)]
pub struct Guaranteed<'a> {
    /// Which.
    pub id: GuaranteeId,
    /// The day since which it stands, whatever was prolonged or changed since.
    pub since: Date,
    /// First day of care.
    pub first: Date,
    /// Last day of care.
    pub last: Date,
    /// What the plan pays at most.
    pub maximum: i64,
    /// What the member pays to the provider.
    pub member_share: i64,
    /// Who is to give the care.
    pub provider: ProviderId,
    /// The currency of every amount.
    pub currency: Currency,
    /// What the care is expected to cost, and when.
    pub lines: &'a [ClaimLine],
    /// What each line is for.
    pub services: &'a [LineService],
    /// Diagnoses.
    pub diagnoses: &'a [Diagnosis],
    /// What else is said of the care.
    pub said: ExpectedCare,
}

/// What is said of care to come beside its lines. What is not said is not known.
#[derive(Clone, Copy, Default)]
pub struct ExpectedCare {
    /// Where it is to be given.
    pub country: Option<Country>,
    /// Whether it is an emergency.
    pub emergency: Option<bool>,
    /// Whether it follows from an accident.
    pub accident: Option<bool>,
    /// Whether the provider is under contract.
    pub in_network: Option<bool>,
    /// The first day of the stay outside the area of cover.
    pub away_since: Option<Date>,
    /// The room.
    pub room: Option<Room>,
}

/// The guarantees of one person that stand, in the order in which they go before one another.
#[derive(Clone, Default)]
pub struct Guarantees<'a>(Vec<Guaranteed<'a>>);

impl<'a> FromIterator<Guaranteed<'a>> for Guarantees<'a> {
    fn from_iter<T: IntoIterator<Item = Guaranteed<'a>>>(all: T) -> Self {
        let mut all: Vec<Guaranteed<'a>> = all.into_iter().collect();
        all.sort_by(Guaranteed::order);
        Self(all)
    }
}

impl Guarantees<'_> {
    /// What a claim's own guarantees authorise, and how much of it is left, whatever its services. None where none is for
    /// any of its lines: whether it was authorised elsewhere is not known here. In another currency than the cover's nothing is.
    #[must_use]
    pub fn authorisations(&self, case: &Case<'_>, accumulators: &Accumulators) -> Option<Vec<Authorisation>> {
        let own = self.0.iter().filter(|one| one.is_of(case) && one.currency == case.cover.currency);
        let of = |one: &Guaranteed<'_>| Authorisation {
            codes: one.services.iter().map(|service| service.code.clone()).collect(),
            from: one.first,
            until: one.last,
            units: None,
            amount: Some(one.left(accumulators)),
        };
        let all: Vec<Authorisation> = own.map(of).collect();
        (!all.is_empty()).then_some(all)
    }

    /// Without those that nothing was used of and whose claim can come no more on a day: until the plan's last day for that, or else
    /// the last day of care.
    #[must_use]
    pub fn still_promised(mut self, plan: &Plan, day: Date, is_used: impl Fn(GuaranteeId) -> bool) -> Self {
        self.0.retain(|one| is_used(one.id) || day <= one.last_filing_day(plan));
        self
    }

    /// What guarantees keep free of the limits of the cover on the day of the decision, for other lines than their own, and than
    /// those of guarantees that were given before them. `salary` answers the yearly reference salary on the days of such lines,
    /// in minor units of the currency of the cover.
    ///
    /// # Errors
    /// A balance overflows.
    pub fn kept_free(
        &self,
        plan: &Plan,
        case: &Case<'_>,
        accumulators: &Accumulators,
        salary: impl Fn(&[ClaimLine]) -> Option<i64>,
    ) -> Result<Vec<KeptFree>, AdjudicationError> {
        if self.0.is_empty() {
            return Ok(Vec::new());
        }
        let of_lines = self.of_lines(plan, case, accumulators, &BTreeSet::new());
        let (mut seen, mut all) = (accumulators.clone(), Vec::new());
        for (place, one) in self.0.iter().enumerate() {
            if !one.keeps_free(plan, case) {
                continue;
            }
            let paid = one.sum(accumulators, |used| used.paid);
            let left = one.maximum.saturating_sub(paid);
            let units: Vec<UsedUnits> = one.uses(accumulators).flat_map(|used| used.units.clone()).collect();
            let expected = one.expected(case);
            let authorised = self.authorisations(&expected, accumulators);
            let (authorisations, salary) = (authorised.as_deref(), salary(one.lines));
            let facts = Facts { authorisations, salary, ..expected.facts };
            // What came of it already is no duplicate of it: it is taken off as used.
            let is_own = |line: &PriorLine| one.uses(accumulators).any(|used| used.claim == line.claim);
            let mut before = seen.clone();
            before.lines.retain(|line| !is_own(line));
            let entries = reserve(plan, &Case { facts, ..expected }, &before, left, &units);
            seen = with_reserved(&seen, &entries)?;
            let lines = |wanted: fn(usize, usize) -> bool| {
                of_lines.iter().filter(|(_, own)| wanted(**own, place)).map(|(line, _)| *line).collect()
            };
            let (own, not_of) = (lines(|own, place| own == place), lines(|own, place| own <= place));
            all.push(KeptFree { entries, own, not_of });
        }
        Ok(all)
    }

    /// What a claim uses of its guarantees, after what was used of them before. A claim that is pended or denied uses nothing, and so
    /// does a line that is refused.
    #[must_use]
    pub fn used(
        &self,
        plan: &Plan,
        case: &Case<'_>,
        determination: &Determination,
        before: &Accumulators,
    ) -> Vec<GuaranteeUse> {
        let counts = matches!(determination.outcome, Outcome::Approved | Outcome::PartiallyApproved);
        let mut uses: Vec<GuaranteeUse> = Vec::new();
        if self.0.is_empty() || !counts {
            return uses;
        }
        // What is refused takes no room from the lines beside it either: the first guarantee is for what is paid.
        let (denied, settled): (Vec<&LineDetermination>, Vec<_>) =
            determination.lines.iter().partition(|line| line.outcome == Outcome::Denied);
        let denied = denied.iter().map(|line| line.number).collect();
        let of_lines = self.of_lines(plan, case, before, &denied);
        for settled in settled {
            let Some(one) = of_lines.get(&settled.number).and_then(|place| self.0.get(*place)) else {
                continue;
            };
            let (charged, paid) = (settled.submitted, settled.plan);
            let units = used_units(plan, determination, settled.number);
            match uses.iter_mut().find(|used| used.guarantee == one.id) {
                Some(used) => {
                    used.charged = used.charged.saturating_add(charged);
                    used.paid = used.paid.saturating_add(paid);
                    used.units.extend(units);
                }
                None => {
                    uses.push(GuaranteeUse { guarantee: one.id, claim: case.claim, charged, paid, units });
                }
            }
        }
        uses
    }

    /// The guarantee that each line of a claim is for, by its place among them: the first that has room for it. What is charged is
    /// compared in the currency of the cover: guarantees in another are for none, and where it is not known there is none. What a
    /// person refused is for none, nor are those lines that are `denied`.
    fn of_lines(
        &self,
        plan: &Plan,
        case: &Case<'_>,
        accumulators: &Accumulators,
        denied: &BTreeSet<u32>,
    ) -> BTreeMap<u32, usize> {
        let mut left: Vec<i64> = self.0.iter().map(|one| one.left(accumulators)).collect();
        let mut of_lines = BTreeMap::new();
        let charged = charges_of_cover(plan, case).unwrap_or_default();
        let is_paid = |line: &ClaimLine| {
            !denied.contains(&line.number) && !is_refused(case.facts.overrides, line.number)
        };
        let lines = case.lines.iter().enumerate().zip(charged);
        for ((index, line), charge) in lines.filter(|((_, line), _)| is_paid(line)) {
            let is_for =
                |one: &Guaranteed<'_>| one.currency == case.cover.currency && one.is_for(case, index, line);
            let all = || self.0.iter().zip(&left).enumerate().filter(|(_, (one, _))| is_for(one));
            let fits = all().find(|(_, (_, left))| charge <= **left);
            let some = || all().find(|(_, (_, left))| **left > 0);
            let Some((place, _)) = fits.or_else(some).or_else(|| all().next()) else { continue };
            of_lines.insert(line.number, place);
            if let Some(left) = left.get_mut(place) {
                *left = left.saturating_sub(charge).max(0);
            }
        }
        of_lines
    }
}

impl Guaranteed<'_> {
    /// Which goes before which: the one that was given earlier, and of one day by all that they say. By facts first, since ids
    /// differ from site to site: by them only where nothing else tells the two apart.
    fn order(&self, other: &Self) -> Ordering {
        let terms =
            |one: &Self| (one.since, one.first, one.last, one.maximum, one.member_share, one.currency.code());
        let line = |line: &ClaimLine| (line.service_start, line.service_end, line.units, line.charge.minor());
        let service = |service: &LineService| (service.code.clone(), service.setting, service.service_type);
        let ids = |one: &Self| (one.provider, one.id);
        terms(self)
            .cmp(&terms(other))
            .then_with(|| self.lines.iter().map(line).cmp(other.lines.iter().map(line)))
            .then_with(|| self.services.iter().map(service).cmp(other.services.iter().map(service)))
            .then_with(|| self.diagnoses.cmp(other.diagnoses))
            .then_with(|| ids(self).cmp(&ids(other)))
    }

    /// Whether any of a claim's lines is care that it is for.
    fn is_of(&self, case: &Case<'_>) -> bool {
        case.lines.iter().enumerate().any(|(index, line)| self.is_for(case, index, line))
    }

    /// The same provider, a day of care, and one of its services or a finer one.
    fn is_for(&self, case: &Case<'_>, index: usize, line: &ClaimLine) -> bool {
        let dated = self.first <= line.service_start && line.service_start <= self.last;
        let named = case.service(index, line.number).is_some_and(|service| {
            self.services.iter().any(|expected| service.code.is_within(&expected.code))
        });
        case.provider == self.provider && dated && named
    }

    /// While its claim may come: until the plan's last day for that, or else the last day of care. What is in another
    /// currency cannot be kept free.
    fn keeps_free(&self, plan: &Plan, case: &Case<'_>) -> bool {
        self.currency == case.cover.currency && case.decided <= self.last_filing_day(plan)
    }

    fn last_filing_day(&self, plan: &Plan) -> Date {
        plan.last_filing_day(self.last).unwrap_or(self.last)
    }

    /// How much may still be charged for it, in minor units.
    fn left(&self, accumulators: &Accumulators) -> i64 {
        let charged = self.sum(accumulators, |used| used.charged);
        self.maximum.saturating_add(self.member_share).saturating_sub(charged).max(0)
    }

    fn sum(&self, accumulators: &Accumulators, of: fn(&GuaranteeUse) -> i64) -> i64 {
        self.uses(accumulators).map(of).fold(0, i64::saturating_add)
    }

    fn uses<'u>(&'u self, accumulators: &'u Accumulators) -> impl Iterator<Item = &'u GuaranteeUse> {
        accumulators.guarantees.iter().filter(|used| used.guarantee == self.id)
    }

    /// The care in the shape of the claim that is to come, of the person and under the cover of a case. It comes once all of it
    /// was given.
    fn expected<'c>(&'c self, case: &Case<'c>) -> Case<'c> {
        let received = self.lines.iter().map(|line| line.service_end).max().unwrap_or(self.last);
        let ExpectedCare { country, emergency, accident, in_network, away_since, room } = self.said;
        Case {
            claim: ClaimId::from_bytes(*self.id.bytes()),
            received,
            decided: received,
            provider: self.provider,
            currency: self.currency,
            lines: self.lines,
            services: self.services,
            diagnoses: self.diagnoses,
            confirmed: false,
            facts: Facts {
                country,
                emergency,
                accident,
                in_network,
                away_since,
                room,
                ..case.facts.of_person()
            },
            ..*case
        }
    }
}
