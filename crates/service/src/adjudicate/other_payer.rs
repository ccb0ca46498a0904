//! Another payer beside the plan, as the rules ask of it: which of the two pays first, by what the cover says, and what the other
//! paid, by what came with the claim or was answered later. Nothing is guessed: what is not known, or contradicts the order, is
//! left out, and the lines wait.

use std::collections::BTreeMap;

use benefits::{Case, Order, OtherCover, OtherPayment, Plan, Side, Standing, Through, who_pays_first};
use domain::{
    ClaimLine, CoveredAs, CoveredThrough, Date, Includes, OtherCoverage, OtherPayerAmounts, OtherPayerAnswer,
    OtherPayerKind, ParentBirthdays, RecordId, ReferenceSalary, Views, WorkStatus,
};
use gate::{GateError, Reader, Sealed};

use super::facts::by_claim;
use crate::views::{ClaimToAdjudicate, CoverToAdjudicate, OtherPayerAnswerToCount};

/// What other payers answered about the claims of one person.
#[derive(Default)]
pub(crate) struct Answers(BTreeMap<RecordId, OtherPayerAnswerToCount>);

impl Answers {
    pub(crate) fn open<S, P>(
        sealed: &[Sealed<OtherPayerAnswer>],
        reader: &Reader<'_, S>,
    ) -> Result<Self, GateError>
    where
        S: Views + Includes<OtherPayerAnswerToCount, P>,
    {
        by_claim(sealed, reader).map(Self)
    }

    /// What is known of a claim's lines: the answer goes before what came with the claim.
    fn of<'a>(&'a self, record: RecordId, claim: &'a ClaimToAdjudicate) -> &'a [OtherPayerAmounts] {
        self.0.get(&record).map_or(&claim.other_payer, |answer| &answer.lines)
    }
}

/// When the plan pays beside another, and what that one paid of each line; nothing where no other is known.
pub(crate) struct Beside {
    order: Order,
    paid: Vec<OtherPayment>,
}

impl Beside {
    /// As the rules ask of it.
    pub(crate) fn fact(&self) -> OtherCover<'_> {
        OtherCover { order: self.order, paid: &self.paid }
    }

    /// What is known of another payer of a claim. Without a cover that is known, what was paid of it already was paid first.
    pub(crate) fn of(
        plan: &Plan,
        case: &Case<'_>,
        (record, claim): (RecordId, &ClaimToAdjudicate),
        cover: &CoverToAdjudicate,
        answers: &Answers,
    ) -> Option<Self> {
        let amounts = answers.of(record, claim);
        let mut paid = benefits::other_payments(plan, case, amounts);
        let covers = |other: &&OtherCoverage| claim.lines.iter().any(|line| other.covers(line.service_start));
        let Some(other) = cover.other.as_ref().filter(covers) else {
            return (!amounts.is_empty()).then_some(Self { order: Order::Second, paid });
        };
        let (own, there) = standings(plan, cover, other);
        let order = who_pays_first(&own, &there).0;
        if order == Order::First && paid.iter().any(|known| known.paid > 0) {
            // It paid what it owed only after the plan: a person finds out which of the two is wrong.
            return Some(Self { order: Order::Second, paid: Vec::new() });
        }
        if order == Order::Second {
            // On a day that it does not cover it pays nothing.
            let own_days = claim.lines.iter().filter(|line| !other.covers(line.service_start));
            let unsaid = own_days.filter(|line| amounts.iter().all(|known| known.line != line.number));
            paid.extend(unsaid.map(|line| OtherPayment {
                line: line.number,
                paid: 0,
                allowed: None,
                contribution: 0,
            }));
        }
        Some(Self { order, paid })
    }
}

/// What decides the order, of the plan's cover and of the other.
fn standings(plan: &Plan, cover: &CoverToAdjudicate, other: &OtherCoverage) -> (Standing, Standing) {
    let birthday = |of: fn(&ParentBirthdays) -> domain::Birthday| {
        // Compared only with another parent's, and then both are known.
        cover.parents.as_ref().map_or((1, 1), |parents| (of(parents).month, of(parents).day))
    };
    let standing = |as_covered: &CoveredAs, since: Date, birthday: (i8, i8)| Standing {
        coordinates: true,
        statutory: false,
        through: through(as_covered, birthday, since),
        former_work: as_covered.work == WorkStatus::Former,
        continuation: as_covered.work == WorkStatus::Continuation,
        since,
    };
    let own = standing(&other.own, cover.start, birthday(|parents| parents.own));
    let there = standing(&other.other, other.start, birthday(|parents| parents.other));
    (
        Standing { coordinates: plan.coordinates(), ..own },
        Standing {
            coordinates: other.payer != OtherPayerKind::NoClause,
            statutory: other.payer == OtherPayerKind::Statutory,
            ..there
        },
    )
}

fn through(as_covered: &CoveredAs, birthday: (i8, i8), since: Date) -> Through {
    match as_covered.through {
        CoveredThrough::Themselves => Through::Themselves,
        CoveredThrough::Partner => Through::Partner,
        CoveredThrough::Parent => {
            Through::Parent { birthday, parent_since: as_covered.parent_since.unwrap_or(since) }
        }
        CoveredThrough::DecreedParent => Through::Separated(Side::Decreed),
        CoveredThrough::CustodialParent => Through::Separated(Side::Custodial),
        CoveredThrough::CustodialParentsPartner => Through::Separated(Side::CustodialPartner),
        CoveredThrough::OtherParent => Through::Separated(Side::NonCustodial),
        CoveredThrough::OtherParentsPartner => Through::Separated(Side::NonCustodialPartner),
    }
}

/// The yearly reference salary on the days of care, in minor units of the currency of the cover; none where it is not known,
/// and where its lines are of days with different ones.
pub(crate) fn salary(lines: &[ClaimLine], cover: &CoverToAdjudicate) -> Option<i64> {
    let mut all = lines.iter().map(|line| ReferenceSalary::on(&cover.salaries, line.service_start));
    let first = all.next()??;
    all.all(|other| other == Some(first)).then_some(first.minor())
}
