//! Recording an ask: decide, write the entry, and only then let a grant be minted. The statement that writes the
//! entry tests, in the same transaction, that the subject is bound to the notice version that
//! decided and that every condition the permission rests on is live.
//!
//! The first round assumes what is usual (the subject is a member, or someone about whom the same is decided, bound to
//! the version in force, its consents live, the showing of nothing deferred). So a usual ask costs one durable write and
//! no read. Where that does not allow it, or is not so, what is so is looked up (`truth.rs`), and the next round uses
//! that: whom a refusal is about does not show in what was done for it. In a run those about whom the same is decided share
//! an entry (`bulk.rs`); one who does not pass costs the others of the part a look-up.

use std::sync::Arc;

use domain::{CategorySet, Condition, ConditionSet, GoverningLaw, SubjectId, SubjectKind, WorkItemId};
use notice::Decision;
use store::{Appended, NewDisclosure};

use crate::ask::Verdict;
use crate::asking::{Case, Wanting};
use crate::bulk::{Salts, Write, writes};
use crate::entry::{Bar, Entry, EntryOutcome};
use crate::gate::Inner;
use crate::notices::InForce;
use crate::receiver::Receiver;
use crate::truth::Attempt;
use crate::weigh::{OF_ITEM, Supposed, Weighed, of_recipient, weigh};
use crate::{Asking, GateError, Refused, Target};

/// Rounds before giving up: each round learns the binding or loses a condition, so this is ample.
const MAX_ROUNDS: usize = 16;

/// What was decided about a target: what is to be told, the entry that says so, and what that rests on.
pub(crate) struct Decided {
    pub(crate) verdict: Verdict,
    pub(crate) entry: Entry,
    /// Without the entry's bytes.
    pub(crate) rests_on: NewDisclosure,
}

impl Inner {
    /// Decides for each target and writes its entry. Errors write and grant nothing.
    pub(crate) async fn record(
        &self,
        asking: &Asking<'_>,
        wanting: Wanting,
        targets: &[Target],
        run: Option<WorkItemId>,
    ) -> Result<Vec<Verdict>, GateError> {
        let mut case = self.case(asking, wanting).await?;
        let people: Vec<SubjectId> = targets.iter().map(|target| target.subject).collect();
        let out_of_scope = self.out_of_scope(asking.actor, &people).await?;
        case.of_targets = out_of_scope.into_iter().map(|subject| (subject, Bar::OutOfScope)).collect();
        let usual = self.notices.in_force(asking.portfolio, asking.supplement, self.clock.now())?;
        let mut open: Vec<Attempt> = targets
            .iter()
            .enumerate()
            .map(|(index, target)| Attempt::supposed(index, *target, &case, &usual))
            .collect();
        let mut of_recipient = of_recipient(&case);
        let salts = Salts::of(&self.site);
        let mut verdicts: Vec<Option<Verdict>> = vec![None; targets.len()];
        for _ in 0..MAX_ROUNDS {
            if open.is_empty() {
                break;
            }
            let decided = self.decide_all(&case, &mut open, run).await?;
            let decided = self.unless_too_many(&mut case, &open, decided, &verdicts);
            let writes = writes(&salts, open.into_iter().zip(decided).collect());
            let (about, disclosures): (Vec<_>, Vec<_>) =
                writes.into_iter().map(|Write { about, disclosure }| (about, disclosure)).unzip();
            let appended = self.store.append(disclosures, self.clock.now()).await?;
            let each = about.into_iter().zip(appended);
            let each = each.flat_map(|(about, appended)| about.into_iter().map(move |one| (one, appended)));
            let mut again = Vec::new();
            let mut changed = false;
            for ((mut attempt, verdict), appended) in each {
                if let Appended::NotLive(ended) = appended {
                    of_recipient = of_recipient.minus(ConditionSet::of(&[ended]));
                }
                changed |= appended == Appended::RegisterChanged;
                if attempt.learn(appended) {
                    again.push(attempt);
                    continue;
                }
                let told = verdict.map_err(|refused| match refused.bar {
                    // It says nothing but what the actor knows of themself.
                    Some(_) => refused,
                    None => self.refusal(&case, of_recipient, &usual),
                });
                set(&mut verdicts, attempt.index, told);
            }
            open = again;
            if changed {
                // All that was decided by the register as it was is decided anew.
                case.receiver = self.receiver(asking).await?;
                of_recipient = crate::weigh::of_recipient(&case);
                open.iter_mut().for_each(|attempt| {
                    *attempt = Attempt::supposed(attempt.index, attempt.target, &case, &usual);
                });
            }
        }
        // A target without a verdict after all rounds is refused: errors refuse.
        Ok(verdicts.into_iter().map(|verdict| verdict.unwrap_or_else(|| Err(case.unknown()))).collect())
    }

    /// What is told of a refusal: the clause that comes nearest for somebody for whom no condition holds, and
    /// all that it needs, under whatever governing law, but what the recipient has agreed; where no clause is about the purpose and the recipient
    /// together, one that is about either. It depends on the ask and the register alone, so it
    /// tells neither whether there is such a subject, nor what it is, nor which of the conditions holds. The entry
    /// on the record says what was decided.
    pub(crate) fn refusal(
        &self,
        case: &Case<'_>,
        of_recipient: ConditionSet,
        usual: &Arc<InForce>,
    ) -> Refused {
        if case.barred.is_some() {
            return case.unknown();
        }
        let about = |kind, law| {
            let target = Target::of(SubjectId::from_bytes([0; 16]));
            let nobody =
                Attempt { kind, law, held: of_recipient, ..Attempt::supposed(0, target, case, usual) };
            self.decide(case, &nobody, None).verdict.err().filter(|refused| refused.nearest.is_some())
        };
        let told = |kind: &SubjectKind| {
            let refused = about(*kind, case.supposed_law())?;
            let (purpose, recipient) = (case.asking.purpose, case.recipient());
            let alike = usual.table.laws_alike(purpose, recipient, *kind, case.supposed_law());
            // Which law governs is the subject's: what the clause needs under any of them is told.
            let others = GoverningLaw::ALL.iter().filter(|law| !alike.contains(**law));
            let same =
                others.filter_map(|law| about(*kind, *law)).filter(|other| other.nearest == refused.nearest);
            let lacks = same.fold(refused.lacks, |lacks, other| lacks.union(other.lacks));
            Some(Refused { lacks, ..refused })
        };
        let elsewhere = || {
            let unknown = case.unknown();
            // An organisation that is not in the register gets nothing under any clause.
            if unknown.unregistered.is_some() {
                return unknown;
            }
            let nearest = usual.table.elsewhere(case.asking.purpose, case.recipient()).map(ToOwned::to_owned);
            Refused { nearest, ..unknown }
        };
        SubjectKind::ALL.iter().find_map(told).unwrap_or_else(elsewhere)
    }

    pub(crate) fn decide(&self, case: &Case<'_>, attempt: &Attempt, run: Option<WorkItemId>) -> Decided {
        let table = &attempt.in_force.table;
        let Attempt { kind, law, held, showing, .. } = *attempt;
        let supposed = Supposed { kind, law, held, showing };
        let Weighed { decision, kinds, laws, tests, recipient_tests, transfer } =
            weigh(case, attempt.target, supposed, table);
        let (verdict, clauses) = match decision {
            Decision::Granted(permission) => {
                let clauses = permission.clauses.iter().filter_map(|index| table.clause_id(index)).collect();
                (Ok(permission.shown), clauses)
            }
            Decision::Refused(refusal) => {
                let nearest = refusal.nearest.and_then(|index| table.clause_id(index));
                let refused = Refused {
                    missing: refusal.missing,
                    nearest: nearest.map(ToOwned::to_owned),
                    lacks: refusal.lacks,
                    not_registered_for: refusal.unregistered,
                    bar: case.bar(attempt.target),
                    ..case.unknown()
                };
                (Err(refused), nearest.into_iter().collect::<Vec<_>>())
            }
        };
        let shown = verdict.as_ref().copied().unwrap_or(CategorySet::EMPTY);
        let deferred = attempt.showing.deferred(self.clock.now()).filter(|_| attempt.is_task);
        // A grant is in the service of a work item only where something was found for it: what is made up on the way
        // would hide a use without a task. What was asked in vain is told as it was asked.
        let is_for_item = verdict.is_err()
            || deferred.is_some()
            || attempt.held.contains(Condition::WorkItem)
            || tests.iter().any(|test| OF_ITEM.contains(test.condition));
        let entry = Entry {
            clauses: clauses.into_iter().map(ToOwned::to_owned).collect(),
            notice: attempt.in_force.version.clone(),
            subject: attempt.target.subject,
            item: attempt.target.item.filter(|_| is_for_item),
            shown,
            withheld: case.wanting.wanted.minus(shown),
            outcome: if verdict.is_ok() { EntryOutcome::Granted } else { EntryOutcome::Refused },
            run,
            transfer,
            bar: case.bar(attempt.target),
            deferred,
            ..self.entry(case.asking, &case.receiver, (case.wanting.names)())
        };
        let rests_on = NewDisclosure {
            subject: attempt.target.subject,
            portfolio: case.asking.portfolio,
            notice: attempt.in_force.number,
            kinds,
            laws,
            tests,
            recipient_tests,
            register: case.receiver.register,
            body: Vec::new(),
            people: Vec::new(),
        };
        Decided { verdict, entry, rests_on }
    }

    /// An entry with what is the same for every subject of an ask.
    pub(crate) fn entry(&self, asking: &Asking<'_>, receiver: &Receiver, view: String) -> Entry {
        let mut salt = [0; 16];
        self.randomness.fill(&mut salt);
        let actor = asking.actor;
        let organisation = receiver.organisation.as_ref();
        Entry {
            salt,
            at: self.clock.now(),
            actor: actor.id,
            actor_recipient: actor.recipient,
            role: actor.role.clone(),
            team: actor.team.clone(),
            actor_country: actor.country,
            recipient: organisation.map_or(actor.recipient, |one| one.kind),
            recipient_name: organisation.map(|one| one.name.clone()),
            recipient_country: organisation.map_or(actor.country, |one| one.country),
            portfolio: asking.portfolio,
            purpose: asking.purpose,
            item: None,
            clauses: Vec::new(),
            notice: String::new(),
            subject: SubjectId::from_bytes(*asking.portfolio.bytes()),
            view,
            shown: CategorySet::EMPTY,
            withheld: CategorySet::EMPTY,
            filters: asking.filters.iter().map(|field| (*field).to_owned()).collect(),
            request: asking.request,
            outcome: EntryOutcome::Granted,
            run: None,
            to: organisation.map(|one| one.id).or(receiver.unregistered),
            supplement: asking.supplement,
            transfer: None,
            change: None,
            whom: None,
            bar: None,
            deferred: None,
            defers: None,
            lapse: None,
            many: None,
        }
    }
}

fn set(verdicts: &mut [Option<Verdict>], index: usize, verdict: Verdict) {
    if let Some(slot) = verdicts.get_mut(index) {
        *slot = Some(verdict);
    }
}
