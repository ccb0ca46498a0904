//! Asking the index for people. A search is two entries: the question, before the index is read; and one for each hit,
//! before any count or row returns. Where nobody is found the same is done as for somebody who may not be shown: an
//! entry, in the portfolio's own chain. It is capped, and an actor asks a number of times in a minute, on all servers
//! together.
//!
//! It looks among those alone whom the actor handles: of the portfolio, of the sponsors that it works for, and of the task
//! that the search serves. The index is walked past everybody else, so that who is out of scope is no hit, takes nobody's
//! place under the cap, and changes no answer. What no clause of the notice in force could show of anybody is refused
//! before the index is read.
//!
//! However many are found, what is done is the same number of statements and commits; a commit of more entries takes
//! longer, so that answers leave on a beat alone, which is longer than the most hits take. It does not hide what a search
//! is to the machine: who watches its disk, or how far the log has grown, sees more of more hits.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use domain::{
    Category, CategorySet, Condition, ConditionSet, GoverningLaw, SubjectId, SubjectKind, Views, WorkItemId,
};
use notice::Decision;
use store::lookup::Scope;

use crate::ask::Verdict;
use crate::asking::{Case, Wanting};
use crate::deferral::Showing;
use crate::entry::{Bar, Entry, EntryOutcome};
use crate::gate::Inner;
use crate::grant::Granted;
use crate::lookup::{Term, are_one_persons};
use crate::receiver::Receiver;
use crate::record::Decided;
use crate::truth::Attempt;
use crate::weigh::{Supposed, assumed, filed_under, of_recipient, weigh};
use crate::{Asking, Gate, GateError, Grant, Target};

/// The most people that a search tells of. Where a clause shows more, none is told, and the searcher says more of whom they
/// look for.
pub const MAX_HITS: usize = 20;
/// The most people in the actor's scope that a search looks at, to find out whom a clause shows. Where it leads to more,
/// that is told, whether or not a clause would show any of them: it is about so many that it is about nobody.
pub const MAX_FOUND: usize = 100;
/// The most terms of one search.
pub const MAX_TERMS: usize = 8;
/// The most searches of one actor in a minute of the clock.
pub const MAX_SEARCHES_A_MINUTE: i64 = 30;

/// Searches are answered so long after they came in, or twice as long, or a whole number of times: how long the answer
/// took tells nothing of how many there were of whom it does not tell.
pub const ANSWER_EVERY: Duration = Duration::from_millis(250);

/// Nobody: for a search that finds nobody. No id is this one.
const NOBODY: SubjectId = SubjectId::from_bytes([0; 16]);

/// What is shown of somebody who is found by details of one person alone: who they are, and no more.
const WHO: CategorySet = CategorySet::of(&[Category::Identity, Category::MemberId, Category::Plan]);

impl Gate {
    /// Finds the subjects that match every term, and asks for the views `S` of each, serving this work item. Only those
    /// that a clause shows come back; nothing tells how many others there were (up to [`MAX_FOUND`]), nor does when it is
    /// answered: after [`ANSWER_EVERY`], or a multiple.
    ///
    /// # Errors
    /// No term or too many; the actor has searched too often; no clause shows anybody for this, or not by these terms; a
    /// clause shows more than [`MAX_HITS`]; the record cannot be written.
    pub async fn search<S: Views>(
        &self,
        asking: &Asking<'_>,
        terms: &[Term],
        item: Option<WorkItemId>,
    ) -> Result<Vec<(SubjectId, Grant<S>)>, GateError> {
        on_the_beat(self.search_at_once(asking, terms, item)).await
    }

    async fn search_at_once<S: Views>(
        &self,
        asking: &Asking<'_>,
        terms: &[Term],
        item: Option<WorkItemId>,
    ) -> Result<Vec<(SubjectId, Grant<S>)>, GateError> {
        let fields: Vec<&'static str> = terms.iter().map(|term| term.kind.field()).collect();
        let categories: CategorySet = terms.iter().map(|term| term.kind.category()).collect();
        let asking = Asking {
            actor: asking.actor,
            portfolio: asking.portfolio,
            purpose: asking.purpose,
            to: asking.to,
            party: asking.party,
            filters: &fields,
            writes: asking.writes,
            supplement: asking.supplement,
            request: asking.request,
        };
        // Searching by a field is reading it: the searched categories are needed of every hit.
        let asked = Wanting::of::<S>(&asking);
        let wanting = Wanting {
            searched: true,
            own_details: are_one_persons(terms) && WHO.contains_all(S::WANTED),
            needed: asked.needed.union(categories),
            wanted: asked.wanted.union(categories),
            ..asked
        };
        // Who works behind another wall, or is barred, asks the index nothing.
        let case = self.inner.case(&asking, wanting).await?;
        if let Some(bar) = case.barred {
            self.inner.record_refused(&asking, S::names(), wanting.wanted, bar).await?;
            return Err(case.unknown().into());
        }
        self.may_search(&asking, wanting, terms).await?;
        let one_alone = self.must_be_answerable(&case, item).await?;
        let mut question = self.inner.entry(&asking, &case.receiver, S::names());
        (question.outcome, question.item) = (EntryOutcome::Searched, item);
        self.record_in_portfolio(&asking, question).await?;

        let mut tokens = terms.iter().map(|term| (term.kind as i64, self.token(term))).collect::<Vec<_>>();
        tokens.sort_unstable();
        // Details that fit several are no one person's own: then nobody is looked at.
        let most = if one_alone { 1 } else { MAX_FOUND };
        let mut hits = self.find(self.scope(&case, item)?, tokens, most + 1).await?;
        let is_too_many = hits.len() > most;
        if hits.is_empty() || is_too_many {
            hits = vec![NOBODY];
        }
        let targets: Vec<Target> = hits.into_iter().map(|subject| Target { subject, item }).collect();
        let verdicts = self.inner.record(&asking, wanting, &targets, None).await?;
        let shows_too_many = verdicts.iter().any(is_too_many_shown);
        let granted = targets.into_iter().zip(verdicts).filter_map(|(target, verdict)| {
            let granted = Granted { subject: target.subject, shown: verdict.ok()? };
            Some((target.subject, Grant::mint(Arc::clone(&self.inner), &asking, vec![granted])))
        });
        let granted: Vec<_> = granted.collect();
        // That details fit more than one person is not said: it would tell of somebody whom no clause may show.
        let tells_too_many = is_too_many && !one_alone || shows_too_many && granted.is_empty();
        if tells_too_many { Err(GateError::TooManyFound) } else { Ok(granted) }
    }

    /// Refuses what no clause of the notice in force shows of anybody, whatever their kind, their law and their consents:
    /// what the ask itself lacks. Who is bound to an older version is shown no more than that. The refusal is on the
    /// record, in the portfolio's own chain, and the index is not read.
    ///
    /// Answers whether it is only by details of one person alone that a clause shows somebody.
    async fn must_be_answerable(&self, case: &Case<'_>, item: Option<WorkItemId>) -> Result<bool, GateError> {
        let asking = case.asking;
        let usual = self.inner.notices.in_force(asking.portfolio, asking.supplement, self.now())?;
        // Whoever asks may be one of those who are found.
        let target = Target { subject: asking.actor.subject.unwrap_or(NOBODY), item };
        let held = assumed(case, target);
        let shows = |held: ConditionSet, kind: SubjectKind, law: GoverningLaw| {
            let supposed = Supposed { kind, law, held, showing: Showing::AtOnce };
            matches!(weigh(case, target, supposed, &usual.table).decision, Decision::Granted(_))
        };
        let shows_anybody = |held: ConditionSet| {
            let mut kinds = SubjectKind::ALL.iter();
            kinds.any(|kind| GoverningLaw::ALL.iter().any(|law| shows(held, *kind, *law)))
        };
        if shows_anybody(held.minus(ConditionSet::of(&[Condition::OwnDetails]))) {
            return Ok(false);
        }
        if shows_anybody(held) {
            return Ok(true);
        }
        let refused = self.inner.refusal(case, of_recipient(case), &usual);
        let entry = Entry {
            clauses: refused.nearest.iter().cloned().collect(),
            item,
            withheld: case.wanting.wanted,
            outcome: EntryOutcome::Refused,
            ..self.inner.entry(asking, &case.receiver, (case.wanting.names)())
        };
        self.record_in_portfolio(asking, entry).await?;
        Err(refused.into())
    }

    /// Among whom the actor searches.
    fn scope(&self, case: &Case<'_>, item: Option<WorkItemId>) -> Result<Scope, GateError> {
        let now = self.now();
        Ok(Scope {
            portfolio: case.asking.portfolio,
            sponsors: case.asking.actor.sponsors.clone(),
            today: now.date().map_err(|_| GateError::NotAuthenticated)?,
            task: item.map_or_else(Vec::new, |item| filed_under(case, item)),
            now,
        })
    }

    /// That somebody is looked for in the index otherwise than by [`Gate::search`]: what is to be written tells, by being
    /// refused, whether a number that only one may have is somebody's. It is counted like a search, and on the record, by the
    /// fields that the ask filters by, before the index is read.
    ///
    /// # Errors
    /// The actor has searched too often; the record cannot be written.
    pub async fn look_for(&self, asking: &Asking<'_>, item: Option<WorkItemId>) -> Result<(), GateError> {
        self.count_search(asking, String::new(), asking.writes).await?;
        self.record_search(asking, item, None).await
    }

    /// Puts a question to the index on the record, in the portfolio's own chain; `words` say how much of it there was, where
    /// it came in bulk.
    ///
    /// # Errors
    /// The record cannot be written.
    pub async fn record_search(
        &self,
        asking: &Asking<'_>,
        item: Option<WorkItemId>,
        words: Option<String>,
    ) -> Result<(), GateError> {
        let mut question = self.inner.entry(asking, &Receiver::default(), String::new());
        (question.outcome, question.item, question.change) = (EntryOutcome::Searched, item, words);
        self.record_in_portfolio(asking, question).await
    }

    /// The subjects in the scope that every token leads to, so many at most: one statement, however many there are.
    async fn find(
        &self,
        scope: Scope,
        tokens: Vec<(i64, [u8; 32])>,
        limit: usize,
    ) -> Result<Vec<SubjectId>, GateError> {
        let found = move |unit: &mut store::Unit<'_>| store::lookup::find_all(unit, &scope, &tokens, limit);
        Ok(self.inner.store.read(found).await?)
    }

    /// Whether this actor may put these terms to the index at all.
    async fn may_search(
        &self,
        asking: &Asking<'_>,
        wanting: Wanting,
        terms: &[Term],
    ) -> Result<(), GateError> {
        // The index leads to people by what the notice covers: nothing in it was collected under a supplement.
        if asking.supplement.is_some() {
            return Err(GateError::Compute(
                "nobody is searched for by what was collected under a supplement",
            ));
        }
        if terms.is_empty() || terms.len() > MAX_TERMS {
            return Err(GateError::Compute("a search is by one to eight terms"));
        }
        self.count_search(asking, (wanting.names)(), wanting.wanted).await
    }

    /// Counts one more search of the actor in this minute, and refuses one too many.
    async fn count_search(
        &self,
        asking: &Asking<'_>,
        view: String,
        categories: CategorySet,
    ) -> Result<(), GateError> {
        let (actor, minute) = (asking.actor.id, self.now().micros().div_euclid(60_000_000));
        let searches =
            self.inner.store.write(move |unit| store::lookup::count_search(unit, actor, minute)).await?;
        if searches > MAX_SEARCHES_A_MINUTE {
            self.inner.record_refused(asking, view, categories, Bar::TooManySearches).await?;
            return Err(GateError::TooManySearches);
        }
        Ok(())
    }
}

/// Whether somebody would have been shown with too many others.
fn is_too_many_shown(verdict: &Verdict) -> bool {
    matches!(verdict, Err(refused) if refused.bar == Some(Bar::TooManyFound))
}

impl Inner {
    /// What was decided about those whom a search found, where it tells of no more than it may; else all whom a clause shows are
    /// refused before anything is written, so that nobody's list says that they were shown who was not told. `verdicts`: those
    /// of before. Who was granted in a round before this one stands on the record as shown, and is told: what became of the others
    /// since then takes nothing from it.
    pub(crate) fn unless_too_many(
        &self,
        case: &mut Case<'_>,
        open: &[Attempt],
        mut decided: Vec<Decided>,
        verdicts: &[Option<Verdict>],
    ) -> Vec<Decided> {
        let told = verdicts.iter().flatten().filter(|verdict| verdict.is_ok()).count();
        let shown = decided.iter().filter(|one| one.verdict.is_ok()).count();
        if !case.wanting.searched || told + shown <= MAX_HITS {
            return decided;
        }
        for (attempt, decided) in open.iter().zip(&mut decided).filter(|(_, one)| one.verdict.is_ok()) {
            case.of_targets.insert(attempt.target.subject, Bar::TooManyFound);
            *decided = self.decide(case, attempt, None);
        }
        decided
    }
}

/// Does the work at once and answers on the next beat after it is done.
async fn on_the_beat<T>(work: impl Future<Output = T>) -> T {
    let mut beat = tokio::time::interval(ANSWER_EVERY);
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    beat.tick().await; // The first is the start.
    let mut work = pin!(work);
    let mut answer = None;
    loop {
        tokio::select! {
            biased;
            _ = beat.tick() => if let Some(answer) = answer.take() {
                return answer;
            },
            done = &mut work, if answer.is_none() => answer = Some(done),
        }
    }
}
