//! Sums over a group of people: the only thing that a clause with a smallest group opens. Whoever asks names the
//! whole group, and each person's entry is durable before anything opens. What each person adds is computed from their
//! own records alone, and the gate adds it up: what leaves is the sum, of at least as many people as the clause
//! says who add something to it. Two sums of one ask are over the same people or differ by as many; nothing here watches
//! what the sums of two asks tell together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use domain::{Includes, SubjectId, View, Views, WorkItemId};

use crate::asking::{Target, Wanting};
use crate::grant::{Grant, Granted};
use crate::run::MAX_PART;
use crate::sealed::Sealed;
use crate::{Asking, Gate, GateError, Refused, Totals};

/// The proof that sums over a group may be made now. It opens nobody.
pub struct Total<S> {
    grant: Grant<S>,
    smallest: usize,
    /// Who added something to each sum that left.
    told: Mutex<Vec<BTreeSet<SubjectId>>>,
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
        Ok(Total { grant, smallest, told: Mutex::default() })
    }
}

/// What is told of a group that is too small: what was told of somebody in it, where anybody was refused.
fn too_few(refused: Option<Refused>) -> GateError {
    refused.map_or(GateError::Compute(TOO_FEW), GateError::Refused)
}

const TOO_FEW: &str = "the sum is about fewer people than the notice's smallest group";
const TOO_ALIKE: &str =
    "with another sum of this ask it would tell of fewer people than the notice's smallest group";

impl<S: Views> Total<S> {
    /// The people that may be counted.
    pub fn subjects(&self) -> impl Iterator<Item = SubjectId> {
        self.grant.subjects()
    }

    /// Makes one sum. `each` is a plain function that captures nothing: it opens one input's person through the
    /// reader, nobody else, and says what this input adds. The sum leaves only when enough people added something, so
    /// that it is not one person's amount among nothings.
    pub fn sum<I>(
        &self,
        inputs: &[(SubjectId, I)],
        each: fn(&I, &PersonReader<'_, S>) -> Result<Totals, GateError>,
    ) -> Result<Totals, GateError> {
        let mut added: BTreeMap<SubjectId, Totals> = BTreeMap::new();
        for (subject, input) in inputs {
            let adds = each(input, &PersonReader { grant: &self.grant, subject: *subject })?;
            if adds.postings() > 0 {
                added.entry(*subject).or_default().merge(&adds);
            }
        }
        let mut sum = Totals::default();
        added.values().for_each(|adds| sum.merge(adds));
        self.may_leave(added.into_keys().collect())?;
        Ok(sum)
    }

    /// Whether a sum to which these people added may leave beside those that have left.
    fn may_leave(&self, people: BTreeSet<SubjectId>) -> Result<(), GateError> {
        if people.len() < self.smallest {
            return Err(GateError::Compute(TOO_FEW));
        }
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let is_few = |count: usize| count > 0 && count < self.smallest;
        let differ = |one: &BTreeSet<SubjectId>, other: &BTreeSet<SubjectId>| one.difference(other).count();
        if told.iter().any(|before| is_few(differ(before, &people)) || is_few(differ(&people, before))) {
            return Err(GateError::Compute(TOO_ALIKE));
        }
        told.push(people);
        Ok(())
    }
}

/// Opens the sealed values of one person inside a sum.
pub struct PersonReader<'a, S> {
    grant: &'a Grant<S>,
    subject: SubjectId,
}

impl<S: Views> PersonReader<'_, S> {
    /// As [`Grant::open`], of this person alone.
    pub fn open<V, P>(&self, sealed: &Sealed<V::Of>) -> Result<V, GateError>
    where
        V: View,
        S: Includes<V, P>,
    {
        if sealed.subject != self.subject {
            return Err(GateError::OtherSubject);
        }
        self.grant.open(sealed)
    }
}
