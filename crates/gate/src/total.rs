//! Sums over a group of people: the only thing that a clause with a smallest group opens. Whoever asks names the
//! whole group, each person's entry is durable before anything opens, and what leaves is one plain result of one
//! computation over at least as many people as the clause says. Nothing here watches what two sums tell together.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use domain::{Includes, SubjectId, View, Views, WorkItemId};

use crate::ask::{Target, Wanting};
use crate::grant::{Grant, Granted};
use crate::run::MAX_PART;
use crate::sealed::Sealed;
use crate::{Asking, Gate, GateError, Plain, Refused};

/// The proof that sums over a group may be made now. It opens nobody.
pub struct Total<S> {
    grant: Grant<S>,
    smallest: usize,
}

impl Gate {
    /// Asks for sums of the views `S` over these people. From the moment this returns, every person's entry is
    /// durable. Who may not be counted is left out; when too few are left, everything is refused.
    pub async fn total<S: Views>(
        &self,
        asking: &Asking<'_>,
        targets: &[Target],
    ) -> Result<Total<S>, GateError> {
        let group: BTreeSet<SubjectId> = targets.iter().map(|target| target.subject).collect();
        // Where no clause opens sums, no group is large enough.
        let smallest =
            self.inner.notices.smallest_group(asking.portfolio).map_or(usize::MAX, |people| people as usize);
        let wanting = Wanting { total: group.len() >= smallest, ..Wanting::of::<S>(asking) };
        let run = WorkItemId::from_bytes(self.random_id());
        let (mut granted, mut refused) = (Vec::new(), None);
        for part in targets.chunks(MAX_PART) {
            let verdicts = self.inner.record(asking, wanting, part, Some(run)).await?;
            for (target, verdict) in part.iter().zip(verdicts) {
                match verdict {
                    Ok(shown) => granted.push(Granted { subject: target.subject, shown }),
                    Err(refusal) => refused = Some(refusal),
                }
            }
        }
        let grant = Grant::mint(Arc::clone(&self.inner), asking, crate::run::merge(granted));
        if grant.people() < smallest {
            return Err(too_few(refused));
        }
        Ok(Total { grant, smallest })
    }
}

/// What is told of a group that is too small: what was told of somebody in it, where anybody was refused.
fn too_few(refused: Option<Refused>) -> GateError {
    refused.map_or(GateError::Compute(TOO_FEW), GateError::Refused)
}

const TOO_FEW: &str = "the sum is about fewer people than the notice's smallest group";

impl<S: Views> Total<S> {
    /// The people that may be counted.
    pub fn subjects(&self) -> impl Iterator<Item = SubjectId> {
        self.grant.subjects()
    }

    /// Makes one sum: `sum` is a plain function that captures nothing and opens what it needs through the
    /// reader. Its result leaves only when it opened records of at least the smallest group.
    pub fn sum<I, R: Plain>(
        &self,
        inputs: &I,
        sum: fn(&I, &GroupReader<'_, S>) -> Result<R, GateError>,
    ) -> Result<R, GateError> {
        let reader = GroupReader { grant: &self.grant, opened: RefCell::new(BTreeSet::new()) };
        let result = sum(inputs, &reader)?;
        if reader.opened.borrow().len() < self.smallest {
            return Err(GateError::Compute(TOO_FEW));
        }
        Ok(result)
    }
}

/// Opens sealed values inside a sum, and counts whose.
pub struct GroupReader<'a, S> {
    grant: &'a Grant<S>,
    opened: RefCell<BTreeSet<SubjectId>>,
}

impl<S: Views> GroupReader<'_, S> {
    /// As [`Grant::open`].
    pub fn open<V, P>(&self, sealed: &Sealed<V::Of>) -> Result<V, GateError>
    where
        V: View,
        S: Includes<V, P>,
    {
        let view = self.grant.open(sealed)?;
        self.opened.borrow_mut().insert(sealed.subject);
        Ok(view)
    }
}
