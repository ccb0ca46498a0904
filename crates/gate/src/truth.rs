//! What is so of whom an ask is about, looked up where what is usual does not allow it. A refusal takes the same steps
//! whoever it is about: what is supposed is tried where it would do, then what is so is read once, whatever there is of it,
//! and one entry is written: in the chain of the person, or in the portfolio's where there is none. So neither the
//! statements nor the writes tell whether there is somebody, which version binds them or which conditions hold.
//!
//! It decides nothing: `record.rs` does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::{ConditionSet, GoverningLaw, SubjectId, SubjectKind, WorkItemId};
use store::condition::ConditionRow;
use store::subject::SubjectRow;
use store::{Appended, NewDisclosure, StoreError};

use crate::asking::Case;
use crate::deferral::{Showing, showings};
use crate::entry::{Bar, Entry, EntryOutcome};
use crate::gate::Inner;
use crate::notices::InForce;
use crate::record::Decided;
use crate::run::in_chain;
use crate::weigh::{OF_ITEM, assumed, live};
use crate::{GateError, Refused, Target};

/// A target that has no verdict yet, with what is supposed or known of it.
pub(crate) struct Attempt {
    pub(crate) index: usize,
    pub(crate) target: Target,
    pub(crate) kind: SubjectKind,
    pub(crate) law: GoverningLaw,
    pub(crate) in_force: Arc<InForce>,
    pub(crate) held: ConditionSet,
    /// Conditions that the writing statement did not find, whatever was read.
    pub(crate) lost: ConditionSet,
    pub(crate) known: Known,
    pub(crate) showing: Showing,
    /// Whether the work item is or was this actor's task about the person, or its team's: what others ask under it hides nothing.
    pub(crate) is_task: bool,
    /// Whether its entry is about this target alone, also in a run.
    pub(crate) is_alone: bool,
}

/// How much is known of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// What is usual is supposed.
    Supposed,
    /// That was not so, or is not to be supposed: what is so is to be read.
    Otherwise,
    /// It was read.
    There,
    /// There is nobody of this id in the portfolio.
    NotThere,
}

impl Attempt {
    /// What is usual. Of whom a search finds nothing is supposed: what is so is read of all of them together, and their
    /// entries are one commit, whoever is shown.
    pub(crate) fn supposed(index: usize, target: Target, case: &Case<'_>, usual: &Arc<InForce>) -> Self {
        Self {
            index,
            target,
            kind: SubjectKind::Member,
            law: case.supposed_law(),
            in_force: Arc::clone(usual),
            held: assumed(case, target),
            lost: ConditionSet::EMPTY,
            known: if case.wanting.searched { Known::Otherwise } else { Known::Supposed },
            showing: Showing::Supposed,
            is_task: false,
            is_alone: false,
        }
    }

    /// Whether it is still to be looked up how what is asked under the work item is shown, and the statement would not
    /// tell: it finds out where conditions of the item are tested.
    fn is_showing_to_look_up(&self, disclosure: &NewDisclosure) -> bool {
        let finds_out = disclosure.tests.iter().any(|test| OF_ITEM.contains(test.condition));
        self.target.item.is_some() && self.showing == Showing::Supposed && !finds_out
    }

    /// What the statement taught; answers whether it is to be decided again.
    pub(crate) fn learn(&mut self, appended: Appended) -> bool {
        match appended {
            Appended::At(_) => return false,
            // By what is so those that pass come together; of whom something changed since, alone they are told apart.
            Appended::NotTogether => self.is_alone = self.known == Known::There,
            // Filed under the work item's other name it was not looked for yet.
            Appended::NotLive(condition)
                if OF_ITEM.contains(condition) && self.showing == Showing::Supposed => {}
            Appended::NotLive(condition) => self.lost = self.lost.with(condition),
            Appended::NotBound { .. } | Appended::RegisterChanged => {}
        }
        self.known = Known::Otherwise;
        true
    }
}

impl Inner {
    /// Decides about every attempt: about those that what is supposed does not allow, by what is so.
    pub(crate) async fn decide_all(
        &self,
        case: &Case<'_>,
        open: &mut [Attempt],
        run: Option<WorkItemId>,
    ) -> Result<Vec<Decided>, GateError> {
        let mut decided: Vec<Option<Decided>> = open
            .iter()
            .map(|attempt| {
                let by_supposition = attempt.known == Known::Supposed;
                by_supposition.then(|| self.decide(case, attempt, run)).filter(|decided| {
                    decided.verdict.is_ok() && !attempt.is_showing_to_look_up(&decided.rests_on)
                })
            })
            .collect();
        let mut unclear: Vec<&mut Attempt> = open
            .iter_mut()
            .zip(&decided)
            .filter_map(|(attempt, decision)| decision.is_none().then_some(attempt))
            .collect();
        if !unclear.is_empty() {
            self.look_up(case, &mut unclear).await?;
        }
        for (decision, attempt) in decided.iter_mut().zip(open) {
            if decision.is_none() {
                *decision = Some(match attempt.known {
                    Known::NotThere => self.refuse_absent(case, attempt, run),
                    _ => self.decide(case, attempt, run),
                });
            }
        }
        Ok(decided.into_iter().flatten().collect())
    }

    /// Reads what is so of these targets, whoever is there, and how what is asked under their work items is shown.
    async fn look_up(&self, case: &Case<'_>, unclear: &mut [&mut Attempt]) -> Result<(), GateError> {
        let subjects: BTreeSet<SubjectId> = unclear.iter().map(|attempt| attempt.target.subject).collect();
        let subjects: Vec<SubjectId> = subjects.into_iter().collect();
        let items: Vec<Option<WorkItemId>> = unclear.iter().map(|attempt| attempt.target.item).collect();
        let (asking, now) = (case.asking, self.clock.now());
        let portfolio = asking.portfolio;
        let (rows, conditions, shown): (Vec<SubjectRow>, Vec<ConditionRow>, Vec<Showing>) = self
            .store
            .read(move |unit| {
                let rows = store::many::subjects(unit, &subjects)?;
                let conditions = store::many::conditions(unit, &subjects)?;
                Ok::<_, StoreError>((rows, conditions, showings(unit, portfolio, &items)?))
            })
            .await?;
        let rows: BTreeMap<SubjectId, SubjectRow> = rows.into_iter().map(|row| (row.subject, row)).collect();
        let mut of_subject: BTreeMap<SubjectId, Vec<ConditionRow>> = BTreeMap::new();
        for row in conditions {
            of_subject.entry(row.subject).or_default().push(row);
        }
        for (attempt, showing) in unclear.iter_mut().zip(shown) {
            let target = attempt.target;
            attempt.showing = showing;
            let row = rows.get(&target.subject);
            let Some(row) = row.filter(|row| row.portfolio == asking.portfolio) else {
                attempt.known = Known::NotThere;
                continue;
            };
            attempt.in_force =
                self.notices.bound(&self.store, row.portfolio, row.notice, asking.supplement, now).await?;
            (attempt.kind, attempt.law, attempt.known) = (row.kind, row.law, Known::There);
            let filed = showing.filed(target);
            let task = filed.item.map(|item| asking.actor.task(item));
            let own = of_subject.get(&target.subject).map(Vec::as_slice).unwrap_or_default();
            attempt.is_task =
                task.is_some_and(|task| own.iter().any(|row| task.is_met_by(row.condition, &row.object)));
            attempt.held = live(case, filed, own.iter(), now).minus(attempt.lost);
        }
        Ok(())
    }

    /// The refusal about somebody who is not there. Its entry stands in the portfolio's own chain, and does not say who
    /// was asked for: the id may be somebody's elsewhere.
    fn refuse_absent(&self, case: &Case<'_>, attempt: &Attempt, run: Option<WorkItemId>) -> Decided {
        let entry = Entry {
            notice: attempt.in_force.version.clone(),
            item: attempt.target.item,
            withheld: case.wanting.wanted,
            outcome: EntryOutcome::Refused,
            run,
            bar: Some(Bar::NotThere),
            ..self.entry(case.asking, &case.receiver, (case.wanting.names)())
        };
        let bar = case.bar(attempt.target);
        let verdict = Err(Refused { bar, ..case.unknown() });
        let rests_on = in_chain(case.asking.portfolio, &entry);
        Decided { verdict, entry, rests_on }
    }
}
