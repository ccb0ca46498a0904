//! Guarantees of payment in the computation: what they keep free of a limit until their claim comes, which claim is theirs, and
//! what it uses of them. What is kept free is worked out anew for each claim from the last decision, so that a longer one, one
//! that was taken back and one that is over need no entry that could be forgotten. Nothing is kept free of what a family shares
//! but for the person's own claims.

use std::collections::BTreeMap;

use benefits::{Authorisation, Case, Facts, KeptFree, Override, Plan};
use domain::{
    Accumulators, ClaimId, ClaimLine, Currency, Date, Determination, Episodes, Guarantee, GuaranteeDecision, GuaranteeId, GuaranteeOutcome, GuaranteeTerms, GuaranteeUse, Includes, Payee, PriorLine, RecordId, UsedUnits, Views,
};
use gate::{GateError, Reader, Sealed};

use super::compute::{Known, OpenCover, case};
use super::other_payer::salary;
use crate::views::{ClaimToAdjudicate, GuaranteeToCount};

/// A guarantee that stands, or stood until its last day.
struct Guaranteed {
    id: GuaranteeId,
    /// The day since which it stands, whatever was prolonged or changed since.
    since: Date,
    terms: GuaranteeTerms,
    /// The care, in the shape of the claim that is to come.
    expected: ClaimToAdjudicate,
}

/// The guarantees of one person.
#[derive(Default)]
pub(crate) struct Guarantees(Vec<Guaranteed>);

impl Guarantees {
    /// Opens them; those that were refused or taken back count nothing.
    pub(crate) fn open<S, G>(sealed: &[Sealed<Guarantee>], reader: &Reader<'_, S>) -> Result<Self, GateError>
    where
        S: Views + Includes<GuaranteeToCount, G>,
    {
        let open = |sealed: &Sealed<Guarantee>| Ok((sealed.record(), reader.open(sealed)?));
        sealed.iter().map(open).collect::<Result<_, _>>().map(Self::of)
    }

    /// Of guarantees that were opened.
    pub(crate) fn of(opened: Vec<(RecordId, GuaranteeToCount)>) -> Self {
        let mut all = Vec::new();
        for (record, opened) in opened {
            let last = GuaranteeDecision::that_holds(&opened.decisions).map(|decision| &decision.outcome);
            let Some(GuaranteeOutcome::Granted(terms)) = last else { continue };
            let since = GuaranteeDecision::granted_since(&opened.decisions).unwrap_or(terms.first);
            let expected = ClaimToAdjudicate {
                received: opened.lines.iter().map(|line| line.service_end).max().unwrap_or(terms.last),
                provider: opened.provider,
                payee: Payee::Provider,
                currency: opened.currency,
                lines: opened.lines,
                services: opened.services,
                diagnoses: opened.diagnoses,
                country: None,
                emergency: None,
                accident: None,
                in_network: None,
                away_since: None,
                room: None,
                documents: None,
                episodes: Episodes::default(),
                other_payer: Vec::new(),
                invoiced: None,
                admitted: None,
            };
            all.push(Guaranteed {
                id: GuaranteeId::from_bytes(*record.bytes()),
                since,
                terms: *terms,
                expected,
            });
        }
        // The earlier one goes before the later. By facts and not by ids, which differ from site to site.
        all.sort_by_key(|one| (one.since, one.terms.first, one.terms.last, one.terms.maximum.minor()));
        Self(all)
    }

    /// What a claim's own guarantees authorise, and how much of it is left, whatever its services. None where none is for
    /// any of its lines: whether it was authorised elsewhere is not known here. In another currency nothing is.
    pub(super) fn authorisations(
        &self,
        claim: &ClaimToAdjudicate,
        cover: &OpenCover<'_>,
    ) -> Option<Vec<Authorisation>> {
        let in_currency = |one: &&Guaranteed| one.expected.currency == cover.cover.currency;
        let own: Vec<&Guaranteed> =
            self.0.iter().filter(|one| one.is_of(claim)).filter(in_currency).collect();
        let of = |one: &&Guaranteed| Authorisation {
            codes: one.expected.services.iter().map(|service| service.code.clone()).collect(),
            from: one.terms.first,
            until: one.terms.last,
            units: None,
            amount: Some(one.left(&cover.accumulators)),
        };
        (!own.is_empty()).then(|| own.iter().map(of).collect())
    }

    /// Whether any keeps something free of the limits of a cover on a day.
    pub(crate) fn keep_free(&self, cover: &OpenCover<'_>, today: Date) -> bool {
        self.0.iter().any(|one| one.keeps_free(cover, today) && one.left(&cover.accumulators) > 0)
    }

    /// The guarantee that each line of a claim is for, by its place among them: the first that has room for it. `charged` is
    /// what was charged line by line in minor units of this currency, that of the cover; guarantees in another are for none. What a
    /// person refused is for none.
    fn of_lines(
        &self,
        (claim, overrides): (&ClaimToAdjudicate, &[Override]),
        (currency, charged): (Currency, &[i64]),
        accumulators: &Accumulators,
    ) -> BTreeMap<u32, usize> {
        let mut left: Vec<i64> = self.0.iter().map(|one| one.left(accumulators)).collect();
        let mut of_lines = BTreeMap::new();
        let lines = claim.lines.iter().zip(charged);
        for (line, charge) in lines.filter(|(line, _)| !benefits::is_refused(overrides, line.number)) {
            let is_for = |one: &Guaranteed| one.expected.currency == currency && one.is_for(claim, line);
            let all = || self.0.iter().zip(&left).enumerate().filter(|(_, (one, _))| is_for(one));
            let fits = all().find(|(_, (_, left))| *charge <= **left);
            let some = || all().find(|(_, (_, left))| **left > 0);
            let Some((place, _)) = fits.or_else(some).or_else(|| all().next()) else { continue };
            of_lines.insert(line.number, place);
            if let Some(left) = left.get_mut(place) {
                *left = left.saturating_sub(*charge).max(0);
            }
        }
        of_lines
    }

    /// What guarantees keep free of the limits of the cover for other lines than their own, and than those of guarantees
    /// that were given before them. `charged` is what was charged line by line in the currency of the cover; nothing where that
    /// is not known.
    pub(super) fn kept_free(
        &self,
        known: &Known<'_>,
        facts: Facts<'_>,
        (claim, charged): (&ClaimToAdjudicate, &[i64]),
        cover: &OpenCover<'_>,
    ) -> Result<Vec<KeptFree>, GateError> {
        let overflow = |_| GateError::Compute("an accumulator would overflow");
        let lines = (claim, facts.overrides);
        let of_lines = self.of_lines(lines, (cover.cover.currency, charged), &cover.accumulators);
        let (mut seen, mut all) = (cover.accumulators.clone(), Vec::new());
        for (place, one) in self.0.iter().enumerate() {
            if !one.keeps_free(cover, known.context.today) {
                continue;
            }
            let used = || one.uses(&cover.accumulators);
            let paid: i64 = used().map(|used| used.paid).sum();
            let left = one.terms.maximum.minor().saturating_sub(paid);
            let units: Vec<UsedUnits> = used().flat_map(|used| used.units.clone()).collect();
            let authorised = self.authorisations(&one.expected, cover);
            let expected =
                case(known.context, &known.person, one.id.into(), &one.expected, (cover.id, &cover.cover));
            let salary = salary(&one.expected, &cover.cover);
            // What was decided about lines of the claim is said of none of this care.
            let facts = Facts { authorisations: authorised.as_deref(), salary, overrides: &[], ..facts };
            let expected = Case { decided: one.expected.received, facts, ..expected };
            // What came of it already is no duplicate of it: it is taken off as used.
            let is_own = |line: &PriorLine| used().any(|used| used.claim == line.claim);
            let mut before = seen.clone();
            before.lines.retain(|line| !is_own(line));
            let entries = benefits::reserve(cover.plan, &expected, &before, left, &units);
            seen = benefits::with_reserved(&seen, &entries).map_err(overflow)?;
            let lines = |wanted: fn(usize, usize) -> bool| {
                of_lines.iter().filter(|(_, own)| wanted(**own, place)).map(|(line, _)| *line).collect()
            };
            let (own, not_of) = (lines(|own, place| own == place), lines(|own, place| own <= place));
            all.push(KeptFree { entries, own, not_of });
        }
        Ok(all)
    }

    /// Notes what a claim used of its guarantees.
    pub(super) fn used(
        &self,
        plan: &Plan,
        claim: (&ClaimToAdjudicate, &[Override]),
        (id, determination): (ClaimId, &Determination),
        accumulators: &mut Accumulators,
    ) {
        let charged: Vec<i64> = determination.lines.iter().map(|line| line.submitted).collect();
        let of_lines = self.of_lines(claim, (determination.currency, &charged), accumulators);
        for settled in &determination.lines {
            let Some(one) = of_lines.get(&settled.number).and_then(|place| self.0.get(*place)) else {
                continue;
            };
            let (charged, paid) = (settled.submitted, settled.plan);
            let units = benefits::used_units(plan, determination, settled.number);
            let mut known = accumulators.guarantees.iter_mut();
            match known.find(|used| (used.guarantee, used.claim) == (one.id, id)) {
                Some(used) => {
                    used.charged = used.charged.saturating_add(charged);
                    used.paid = used.paid.saturating_add(paid);
                    used.units.extend(units);
                }
                None => {
                    let used = GuaranteeUse { guarantee: one.id, claim: id, charged, paid, units };
                    accumulators.guarantees.push(used);
                }
            }
        }
    }
}

impl Guaranteed {
    /// Whether any of a claim's lines is care that it is for.
    fn is_of(&self, claim: &ClaimToAdjudicate) -> bool {
        claim.lines.iter().any(|line| self.is_for(claim, line))
    }

    /// The same provider, a day of care, and one of its services or a finer one.
    fn is_for(&self, claim: &ClaimToAdjudicate, line: &ClaimLine) -> bool {
        let dated = self.terms.first <= line.service_start && line.service_start <= self.terms.last;
        let service = claim.services.iter().find(|service| service.line == line.number);
        let named = service.is_some_and(|service| {
            self.expected.services.iter().any(|expected| service.code.is_within(&expected.code))
        });
        claim.provider == self.expected.provider && dated && named
    }

    /// While its claim may come: until the plan's last day for that, or else the last day of care. What is in another
    /// currency cannot be kept free.
    fn keeps_free(&self, cover: &OpenCover<'_>, today: Date) -> bool {
        let last = cover.plan.last_filing_day(self.terms.last).unwrap_or(self.terms.last);
        self.expected.currency == cover.cover.currency && today <= last
    }

    /// How much may still be charged for it, in minor units.
    fn left(&self, accumulators: &Accumulators) -> i64 {
        let charged: i64 = self.uses(accumulators).map(|used| used.charged).sum();
        let all = self.terms.maximum.minor().saturating_add(self.terms.member_share.minor());
        all.saturating_sub(charged).max(0)
    }

    fn uses<'a>(&'a self, accumulators: &'a Accumulators) -> impl Iterator<Item = &'a GuaranteeUse> {
        accumulators.guarantees.iter().filter(|used| used.guarantee == self.id)
    }
}
