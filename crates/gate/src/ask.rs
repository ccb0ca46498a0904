//! Asking: decide, write the entry, and only then mint the grant. The statement that writes the
//! entry tests, in the same transaction, that the subject is bound to the notice version that
//! decided and that every condition the permission rests on is live.
//!
//! The first round assumes what is usual (the subject is a member, or someone about whom the same is
//! decided, bound to the version in force, its consents live); the statement says what was wrong, and the next round uses the truth. So a
//! usual ask costs one durable write and no read.

use std::sync::Arc;

use domain::{
    CategorySet, ConditionSet, Country, PortfolioId, Purpose, Recipient, RequestId, SubjectId, SubjectKind,
    Views, WorkItemId,
};
use notice::Decision;
use store::{Appended, NewDisclosure};

use crate::entry::{Entry, EntryOutcome};
use crate::gate::Inner;
use crate::grant::{Grant, Granted};
use crate::notices::InForce;
use crate::weigh::{Weighed, assumed, weigh};
use crate::{Actor, Gate, GateError, Refused};

/// Someone outside, to whom data is handed over.
#[derive(Debug, Clone)]
pub struct Outside {
    /// What kind of recipient.
    pub recipient: Recipient,
    /// Its name in the register.
    pub name: String,
    /// Where it is.
    pub country: Country,
}

/// Who asks, why, in which portfolio, serving which work item, for whom.
#[derive(Debug)]
pub struct Asking<'a> {
    /// Who asks.
    pub actor: &'a Actor,
    /// The portfolio that the subjects must belong to.
    pub portfolio: PortfolioId,
    /// Why.
    pub purpose: Purpose,
    /// Who gets it, when that is not the actor.
    pub outside: Option<Outside>,
    /// The organisation whose relation to the subject counts: a sponsor, a provider, a payer.
    pub party: Option<[u8; 16]>,
    /// Fields searched, filtered, sorted or counted by.
    pub filters: &'a [&'static str],
    /// Categories that a computation will seal anew: the clause must name them too.
    pub writes: CategorySet,
    /// The request that this is part of.
    pub request: RequestId,
}

impl<'a> Asking<'a> {
    /// An actor's own use, with nothing handed on.
    #[must_use]
    pub fn new(actor: &'a Actor, portfolio: PortfolioId, purpose: Purpose, request: RequestId) -> Self {
        Self {
            actor,
            portfolio,
            purpose,
            outside: None,
            party: None,
            filters: &[],
            writes: CategorySet::EMPTY,
            request,
        }
    }

    pub(crate) fn recipient(&self) -> Recipient {
        self.outside.as_ref().map_or(self.actor.recipient, |outside| outside.recipient)
    }
}

/// One subject of an ask, and the work item that the actor serves for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// Whom the data is about.
    pub subject: SubjectId,
    /// The open work item, assigned to the actor, that this serves.
    pub item: Option<WorkItemId>,
}

impl Target {
    /// A subject, serving a work item.
    #[must_use]
    pub fn for_item(subject: SubjectId, item: impl Into<WorkItemId>) -> Self {
        Self { subject, item: Some(item.into()) }
    }

    /// A subject, serving none.
    #[must_use]
    pub fn of(subject: SubjectId) -> Self {
        Self { subject, item: None }
    }
}

/// What was asked for, beside by whom: the views' names and categories.
#[derive(Clone, Copy)]
pub(crate) struct Wanting {
    pub(crate) names: fn() -> String,
    pub(crate) needed: CategorySet,
    pub(crate) wanted: CategorySet,
}

impl Wanting {
    pub(crate) fn of<S: Views>(asking: &Asking<'_>) -> Self {
        Self {
            names: S::names,
            needed: S::NEEDED.union(asking.writes),
            wanted: S::WANTED.union(asking.writes),
        }
    }
}

/// What became of one target.
pub(crate) type Verdict = Result<CategorySet, Refused>;

/// Rounds before giving up: each round learns the binding or loses a condition, so this is ample.
const MAX_ROUNDS: usize = 16;

impl Gate {
    /// Asks for the views `S` of one subject. From the moment this returns, the entry is durable.
    pub async fn ask<S: Views>(&self, asking: &Asking<'_>, target: Target) -> Result<Grant<S>, GateError> {
        let verdicts = self.inner.record(asking, Wanting::of::<S>(asking), &[target], None).await?;
        let granted = verdicts
            .into_iter()
            .map(|verdict| verdict.map(|shown| Granted { subject: target.subject, shown }))
            .collect::<Result<Vec<_>, Refused>>()?;
        Ok(Grant::mint(Arc::clone(&self.inner), asking.purpose, granted))
    }
}

/// A target that has no verdict yet, with what is assumed or known of it.
struct Attempt {
    index: usize,
    target: Target,
    kind: SubjectKind,
    in_force: Arc<InForce>,
    held: ConditionSet,
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
        self.check_actor(asking, wanting)?;
        let usual = self.notices.in_force(asking.portfolio, self.clock.now())?;
        let mut open: Vec<Attempt> = targets
            .iter()
            .enumerate()
            .map(|(index, target)| Attempt {
                index,
                target: *target,
                kind: SubjectKind::Member,
                in_force: Arc::clone(&usual),
                held: assumed(asking, *target),
            })
            .collect();
        let mut verdicts: Vec<Option<Verdict>> = vec![None; targets.len()];
        for _ in 0..MAX_ROUNDS {
            if open.is_empty() {
                break;
            }
            let (decided, disclosures): (Vec<Verdict>, Vec<NewDisclosure>) =
                open.iter().map(|attempt| self.decide(asking, wanting, attempt, run)).unzip();
            let appended = self.store.append(disclosures, self.clock.now()).await?;
            let mut again = Vec::new();
            for ((attempt, verdict), appended) in open.into_iter().zip(decided).zip(appended) {
                match self.learn(asking, attempt, appended).await? {
                    Learned::Written(index) => {
                        let told = verdict.map_err(|_| self.refusal(asking, wanting, &usual));
                        set(&mut verdicts, index, told);
                    }
                    Learned::Unknown(index) => {
                        set(&mut verdicts, index, Err(self.refusal(asking, wanting, &usual)))
                    }
                    Learned::Again(attempt) => again.push(attempt),
                }
            }
            open = again;
        }
        // A target without a verdict after all rounds is refused: errors refuse.
        Ok(verdicts
            .into_iter()
            .map(|verdict| verdict.unwrap_or_else(|| Err(unknown(asking, wanting))))
            .collect())
    }

    /// What is told of a refusal: the clause that comes nearest for somebody for whom no condition holds, and
    /// all that it needs. It depends on the ask alone, so it tells neither whether there is such a subject, nor
    /// what it is, nor which of the conditions holds. The entry on the record says what was decided.
    fn refusal(&self, asking: &Asking<'_>, wanting: Wanting, usual: &Arc<InForce>) -> Refused {
        let told = |kind: &SubjectKind| {
            let nobody = Attempt {
                index: 0,
                target: Target::of(SubjectId::from_bytes([0; 16])),
                kind: *kind,
                in_force: Arc::clone(usual),
                held: ConditionSet::EMPTY,
            };
            self.decide(asking, wanting, &nobody, None).0.err().filter(|refused| refused.nearest.is_some())
        };
        SubjectKind::ALL.iter().find_map(told).unwrap_or_else(|| unknown(asking, wanting))
    }

    /// The staff wall, and who may hand data on.
    pub(crate) fn check_actor(&self, asking: &Asking<'_>, wanting: Wanting) -> Result<(), Refused> {
        let behind_wall = asking.actor.portfolio.is_none_or(|portfolio| portfolio == asking.portfolio);
        let may_hand_over = asking.outside.is_none() || asking.actor.may_hand_over();
        if behind_wall && may_hand_over { Ok(()) } else { Err(unknown(asking, wanting)) }
    }

    fn decide(
        &self,
        asking: &Asking<'_>,
        wanting: Wanting,
        attempt: &Attempt,
        run: Option<WorkItemId>,
    ) -> (Verdict, NewDisclosure) {
        let table = &attempt.in_force.table;
        let Weighed { decision, kinds, tests } =
            weigh(asking, wanting, attempt.target, attempt.kind, attempt.held, table);
        let (verdict, clauses) = match decision {
            Decision::Granted(permission) => {
                let clauses = permission.clauses.iter().filter_map(|index| table.clause_id(index)).collect();
                (Ok(permission.shown), clauses)
            }
            Decision::Refused(refusal) => {
                let nearest = refusal.nearest.and_then(|index| table.clause_id(index));
                let refused = Refused {
                    purpose: asking.purpose,
                    recipient: asking.recipient(),
                    missing: refusal.missing,
                    nearest: nearest.map(ToOwned::to_owned),
                    lacks: refusal.lacks,
                };
                (Err(refused), nearest.into_iter().collect::<Vec<_>>())
            }
        };
        let shown = verdict.as_ref().copied().unwrap_or(CategorySet::EMPTY);
        let entry = Entry {
            clauses: clauses.into_iter().map(ToOwned::to_owned).collect(),
            notice: attempt.in_force.version.clone(),
            subject: attempt.target.subject,
            item: attempt.target.item,
            shown,
            withheld: wanting.wanted.minus(shown),
            outcome: if verdict.is_ok() { EntryOutcome::Granted } else { EntryOutcome::Refused },
            run,
            ..self.entry(asking, (wanting.names)())
        };
        let disclosure = NewDisclosure {
            subject: attempt.target.subject,
            portfolio: asking.portfolio,
            notice: attempt.in_force.number,
            kinds,
            tests,
            recipient_tests: Vec::new(),
            body: entry.to_bytes(),
        };
        (verdict, disclosure)
    }

    /// An entry with what is the same for every subject of an ask.
    pub(crate) fn entry(&self, asking: &Asking<'_>, view: String) -> Entry {
        let mut salt = [0; 16];
        self.randomness.fill(&mut salt);
        let actor = asking.actor;
        Entry {
            salt,
            at: self.clock.now(),
            actor: actor.id,
            actor_recipient: actor.recipient,
            role: actor.role.clone(),
            team: actor.team.clone(),
            actor_country: actor.country,
            recipient: asking.recipient(),
            recipient_name: asking.outside.as_ref().map(|outside| outside.name.clone()),
            recipient_country: asking.outside.as_ref().map_or(actor.country, |outside| outside.country),
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
        }
    }

    /// What the statement taught about an attempt.
    async fn learn(
        &self,
        asking: &Asking<'_>,
        mut attempt: Attempt,
        appended: Appended,
    ) -> Result<Learned, GateError> {
        match appended {
            Appended::At(_) => Ok(Learned::Written(attempt.index)),
            Appended::NotLive(condition) => {
                attempt.held = attempt.held.minus(ConditionSet::of(&[condition]));
                Ok(Learned::Again(attempt))
            }
            Appended::NotBound { bound: Some(bound) } if bound.portfolio == asking.portfolio => {
                attempt.in_force =
                    self.notices.bound(&self.store, bound.portfolio, bound.notice, self.clock.now()).await?;
                attempt.kind = bound.kind;
                Ok(Learned::Again(attempt))
            }
            Appended::NotBound { .. } => Ok(Learned::Unknown(attempt.index)),
        }
    }
}

enum Learned {
    /// The entry is durable.
    Written(usize),
    /// No such subject in this portfolio.
    Unknown(usize),
    /// Decide again with what is now known.
    Again(Attempt),
}

fn set(verdicts: &mut [Option<Verdict>], index: usize, verdict: Verdict) {
    if let Some(slot) = verdicts.get_mut(index) {
        *slot = Some(verdict);
    }
}

/// The refusal that names no clause: beyond the staff wall, or where a clause would ask for no condition.
fn unknown(asking: &Asking<'_>, wanting: Wanting) -> Refused {
    Refused {
        purpose: asking.purpose,
        recipient: asking.recipient(),
        missing: wanting.needed.union(wanting.wanted),
        nearest: None,
        lacks: ConditionSet::EMPTY,
    }
}
