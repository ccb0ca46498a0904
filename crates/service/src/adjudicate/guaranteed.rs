//! Guarantees of payment in the computation: opened, and told to the rules as they stood on a day. What they keep free, which
//! claim is theirs and what it uses of them is the engine's (`benefits::Guarantees`).

use benefits::{ExpectedCare, Guaranteed};
use domain::{Date, Guarantee, GuaranteeDecision, GuaranteeId, GuaranteeOutcome, Includes, RecordId, Views};
use gate::{GateError, Reader, Sealed};

use crate::views::GuaranteeToCount;

/// The guarantees that were asked for for one person, whatever was decided on them.
#[derive(Default)]
pub(crate) struct Guarantees(Vec<(GuaranteeId, GuaranteeToCount)>);

impl Guarantees {
    pub(crate) fn open<S, G>(sealed: &[Sealed<Guarantee>], reader: &Reader<'_, S>) -> Result<Self, GateError>
    where
        S: Views + Includes<GuaranteeToCount, G>,
    {
        let open = |sealed: &Sealed<Guarantee>| Ok((sealed.record(), reader.open(sealed)?));
        sealed.iter().map(open).collect::<Result<_, _>>().map(Self::of)
    }

    /// Of guarantees that were opened.
    pub(crate) fn of(opened: Vec<(RecordId, GuaranteeToCount)>) -> Self {
        let by_id = |(record, opened): (RecordId, _)| (GuaranteeId::from_bytes(*record.bytes()), opened);
        Self(opened.into_iter().map(by_id).collect())
    }

    /// Those that stand by what was decided until a day, that day included; those that were refused or taken back count nothing.
    pub(crate) fn on(&self, day: Date) -> benefits::Guarantees<'_> {
        self.0.iter().filter_map(|(id, opened)| standing(*id, opened, day)).collect()
    }
}

fn standing(id: GuaranteeId, opened: &GuaranteeToCount, day: Date) -> Option<Guaranteed<'_>> {
    let until = opened.decisions.iter().take_while(|decision| decision.decided <= day).count();
    let decisions = opened.decisions.get(..until)?;
    let last = GuaranteeDecision::that_holds(decisions).map(|decision| &decision.outcome);
    let Some(GuaranteeOutcome::Granted(terms)) = last else { return None };
    Some(Guaranteed {
        id,
        since: GuaranteeDecision::granted_since(decisions).unwrap_or(terms.first),
        first: terms.first,
        last: terms.last,
        maximum: terms.maximum.minor(),
        member_share: terms.member_share.minor(),
        provider: opened.provider,
        currency: opened.currency,
        lines: &opened.lines,
        services: &opened.services,
        diagnoses: &opened.diagnoses,
        said: ExpectedCare {
            country: opened.country,
            emergency: opened.emergency,
            accident: opened.accident,
            in_network: opened.in_network,
            away_since: opened.away_since,
            room: opened.room,
        },
    })
}
