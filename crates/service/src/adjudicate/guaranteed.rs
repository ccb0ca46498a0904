//! Guarantees of payment in the computation: what they keep free of a limit until their claim comes, which claim is theirs, and
//! what it uses of them. What is kept free is worked out anew for each claim from the last decision, so that a longer one, one
//! that was taken back and one that is over need no entry that could be forgotten. Nothing is kept free of what a family shares
//! but for the person's own claims.

use benefits::{Authorisation, Case, Facts};
use domain::{
    AccumulatorEntry, Accumulators, ClaimLine, Date, Determination, Guarantee, GuaranteeDecision,
    GuaranteeId, GuaranteeOutcome, GuaranteeTerms, GuaranteeUse, Payee,
};
use gate::{GateError, Reader, Sealed};

use super::ToAdjudicate;
use super::compute::{Known, OpenCover, case};
use crate::views::{ClaimToAdjudicate, GuaranteeToCount};

/// A guarantee that stands, or stood until its last day.
struct Guaranteed {
    id: GuaranteeId,
    terms: GuaranteeTerms,
    /// The care, in the shape of the claim that is to come.
    expected: ClaimToAdjudicate,
}

/// The guarantees of one person.
#[derive(Default)]
pub(super) struct Guarantees(Vec<Guaranteed>);

impl Guarantees {
    /// Opens them; those that were refused or taken back count nothing.
    pub(super) fn open(
        sealed: &[Sealed<Guarantee>],
        reader: &Reader<'_, ToAdjudicate>,
    ) -> Result<Self, GateError> {
        let mut all = Vec::new();
        for sealed in sealed {
            let opened: GuaranteeToCount = reader.open(sealed)?;
            let last = GuaranteeDecision::that_holds(&opened.decisions).map(|decision| &decision.outcome);
            let Some(GuaranteeOutcome::Granted(terms)) = last else { continue };
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
            };
            all.push(Guaranteed {
                id: GuaranteeId::from_bytes(*sealed.record().bytes()),
                terms: *terms,
                expected,
            });
        }
        // By facts and not by ids, which differ from site to site.
        all.sort_by_key(|one| (one.terms.first, one.terms.last, one.terms.maximum.minor()));
        Ok(Self(all))
    }

    /// What a claim's own guarantees authorise, and how much of it is left. None where none is for any of its lines: whether
    /// it was authorised elsewhere is not known.
    pub(super) fn authorisations(
        &self,
        claim: &ClaimToAdjudicate,
        cover: &OpenCover<'_>,
    ) -> Option<Vec<Authorisation>> {
        let own: Vec<&Guaranteed> = self.0.iter().filter(|one| one.is_of(claim)).collect();
        let of = |one: &&Guaranteed| {
            let charged: i64 = one.uses(&cover.accumulators).map(|used| used.charged).sum();
            let all = one.terms.maximum.minor().saturating_add(one.terms.member_share.minor());
            let left = all.saturating_sub(charged).max(0);
            let amount = (one.expected.currency == cover.cover.currency).then_some(left);
            let codes = one.expected.services.iter().map(|service| service.code.clone());
            let (from, until) = (one.terms.first, one.terms.last);
            codes.map(|code| Authorisation { code, from, until, units: None, amount }).collect::<Vec<_>>()
        };
        (!own.is_empty()).then(|| own.iter().flat_map(of).collect())
    }

    /// What the guarantees of other claims keep free of the limits of the cover.
    pub(super) fn reserved(
        &self,
        known: &Known<'_>,
        facts: Facts<'_>,
        claim: &ClaimToAdjudicate,
        cover: &OpenCover<'_>,
    ) -> Result<Vec<AccumulatorEntry>, GateError> {
        let overflow = |_| GateError::Compute("an accumulator would overflow");
        let mut reserved = Vec::new();
        for one in self.0.iter().filter(|one| !one.is_of(claim) && one.keeps_free(cover, known.context.today))
        {
            let used: i64 = one.uses(&cover.accumulators).map(|used| used.paid).sum();
            let left = one.terms.maximum.minor().saturating_sub(used);
            let own = self.authorisations(&one.expected, cover);
            let record = one.id.into();
            let expected = case(known.context, &known.person, record, &one.expected, &cover.cover);
            let facts = Facts { authorisations: own.as_deref(), ..facts };
            let expected = Case { decided: one.expected.received, facts, ..expected };
            let seen = benefits::with_reserved(&cover.accumulators, &reserved).map_err(overflow)?;
            reserved.extend(benefits::reserve(cover.plan, &expected, &seen, left));
        }
        Ok(reserved)
    }

    /// Notes what a claim used of its guarantees, each line of the first that is for it.
    pub(super) fn used(
        &self,
        case: &Case<'_>,
        claim: &ClaimToAdjudicate,
        determination: &Determination,
        accumulators: &mut Accumulators,
    ) {
        for (line, settled) in case.lines.iter().zip(&determination.lines) {
            let Some(one) = self.0.iter().find(|one| one.is_for(claim, line)) else { continue };
            let known = accumulators.guarantees.iter_mut();
            let mut known = known.filter(|used| (used.guarantee, used.claim) == (one.id, case.claim));
            let (charged, paid) = (settled.submitted, settled.plan);
            match known.next() {
                Some(used) => {
                    used.charged = used.charged.saturating_add(charged);
                    used.paid = used.paid.saturating_add(paid);
                }
                None => accumulators.guarantees.push(GuaranteeUse {
                    guarantee: one.id,
                    claim: case.claim,
                    charged,
                    paid,
                }),
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

    fn uses<'a>(&'a self, accumulators: &'a Accumulators) -> impl Iterator<Item = &'a GuaranteeUse> {
        accumulators.guarantees.iter().filter(|used| used.guarantee == self.id)
    }
}
