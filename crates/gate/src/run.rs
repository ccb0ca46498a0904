//! A run: a batch use. It has an entry of its own in the portfolio's chain, and then asks in parts of
//! at most 1,000 targets, each with its own entry and its conditions tested again.

use std::marker::PhantomData;
use std::sync::Arc;

use domain::{SubjectId, Views, WorkItemId};
use store::{Appended, NewDisclosure};

use crate::asking::{Target, Wanting};
use crate::grant::{Grant, Granted};
use crate::{Asking, Gate, GateError, Refused};

/// The largest part of a run.
pub const MAX_PART: usize = 1_000;

/// A batch use that is under way.
pub struct Run<'a, S> {
    gate: Gate,
    asking: Asking<'a>,
    id: WorkItemId,
    targets: std::vec::IntoIter<Target>,
    part: usize,
    of: PhantomData<fn() -> S>,
}

/// One part of a run.
pub struct Part<S> {
    /// Opens what was granted.
    pub grant: Grant<S>,
    /// The targets that it is for.
    pub granted: Vec<Target>,
    /// The targets that no clause allows; each refusal is on the record.
    pub refused: Vec<(Target, Refused)>,
}

impl Gate {
    /// Begins a run over targets of one portfolio, in parts of `part` (1 to [`MAX_PART`]).
    pub async fn run<'a, S: Views>(
        &self,
        asking: Asking<'a>,
        targets: Vec<Target>,
        part: usize,
    ) -> Result<Run<'a, S>, GateError> {
        // Who works behind another wall writes nothing here.
        self.inner.check_actor(&asking, Wanting::of::<S>(&asking)).await?;
        let id = WorkItemId::from_bytes(self.random_id());
        let receiver = self.inner.receiver(&asking).await?;
        let mut entry = self.inner.entry(&asking, &receiver, S::names());
        entry.run = Some(id);
        entry.item = Some(id);
        self.record_in_portfolio(&asking, entry).await?;
        Ok(Run {
            gate: self.clone(),
            asking,
            id,
            targets: targets.into_iter(),
            part: part.clamp(1, MAX_PART),
            of: PhantomData,
        })
    }

    /// Writes an entry in the portfolio's own chain: a run, or a question to the index.
    pub(crate) async fn record_in_portfolio(
        &self,
        asking: &Asking<'_>,
        mut entry: crate::Entry,
    ) -> Result<(), GateError> {
        let in_force = self.inner.notices.in_force(asking.portfolio, None, self.now())?;
        entry.notice.clone_from(&in_force.version);
        let disclosure = in_chain(asking.portfolio, &entry);
        match self.inner.store.append(vec![disclosure], self.now()).await?.as_slice() {
            [Appended::At(_)] => Ok(()),
            _ => Err(GateError::NoNotice),
        }
    }
}

/// The subject whose chain takes what concerns a whole portfolio. Its row is bound to version 0.
#[must_use]
pub fn portfolio_chain(portfolio: domain::PortfolioId) -> SubjectId {
    SubjectId::from_bytes(*portfolio.bytes())
}

/// An entry for a portfolio's own chain, which rests on nothing.
pub(crate) fn in_chain(portfolio: domain::PortfolioId, entry: &crate::Entry) -> NewDisclosure {
    NewDisclosure {
        subject: portfolio_chain(portfolio),
        portfolio,
        notice: 0,
        kinds: domain::SubjectKindSet::of(&[domain::SubjectKind::Employee]),
        laws: domain::GoverningLawSet::ALL,
        tests: Vec::new(),
        recipient_tests: Vec::new(),
        register: None,
        body: entry.to_bytes(),
        people: Vec::new(),
    }
}

impl<S: Views> Run<'_, S> {
    /// The run's id.
    #[must_use]
    pub fn id(&self) -> WorkItemId {
        self.id
    }

    /// The next part; `None` at the end. A subject with a refused target is left out of the part's
    /// grant altogether, so that one target's permission never opens another's record.
    pub async fn next(&mut self) -> Result<Option<Part<S>>, GateError> {
        let targets: Vec<Target> = self.targets.by_ref().take(self.part).collect();
        if targets.is_empty() {
            return Ok(None);
        }
        let inner = &self.gate.inner;
        let verdicts =
            inner.record(&self.asking, Wanting::of::<S>(&self.asking), &targets, Some(self.id)).await?;
        let (mut granted, mut refused, mut shown) = (Vec::new(), Vec::new(), Vec::<Granted>::new());
        for (target, verdict) in targets.iter().zip(verdicts) {
            match verdict {
                Ok(categories) => {
                    granted.push(*target);
                    shown.push(Granted { subject: target.subject, shown: categories });
                }
                Err(refusal) => refused.push((*target, refusal)),
            }
        }
        let is_refused = |subject: SubjectId| refused.iter().any(|(target, _)| target.subject == subject);
        shown.retain(|granted| !is_refused(granted.subject));
        granted.retain(|target| !is_refused(target.subject));
        let grant = Grant::mint(Arc::clone(inner), &self.asking, merge(shown));
        Ok(Some(Part { grant, granted, refused }))
    }
}

/// One entry per subject, showing what all its targets show.
pub(crate) fn merge(mut shown: Vec<Granted>) -> Vec<Granted> {
    shown.sort_unstable_by_key(|granted| granted.subject);
    shown.dedup_by(|next, kept| {
        let same = next.subject == kept.subject;
        if same {
            kept.shown = kept.shown.intersection(next.shown);
        }
        same
    });
    shown
}
