//! Who is decided together: those whose plan counts for all under one contract, and everybody else alone. A run takes a family
//! whole, when the turn comes of the one of it who leads; a release takes what waits for a family when the turn comes of the
//! first for whom something does. Nothing is opened here.

use std::collections::{BTreeMap, BTreeSet};

use domain::{ClaimId, ProposalState, RecordId, SubjectId, Timestamp, WorkItemId};
use store::readjudication::{ProposalRow, RunRow};
use store::{StoreError, Unit};

use super::PART;
use crate::adjudicate::family::Families;
use crate::{App, ServiceError};

/// People whose claims are decided together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Family {
    /// Whose contract it is, whose sums they count on; none of somebody who counts alone.
    pub(super) holder: Option<SubjectId>,
    /// In order of their ids: all under the contract who have claims that the run decides again.
    pub(super) members: Vec<SubjectId>,
}

impl Family {
    /// More than a part of a run takes: its claims wait.
    pub(super) fn is_too_large(&self) -> bool {
        self.members.len() > PART
    }
}

/// The families of some people.
pub(super) struct Together {
    families: Vec<Family>,
    of: BTreeMap<SubjectId, usize>,
    /// What each counts on with the rest of the family.
    pub(super) shared: Families,
    /// Those of whom some is counted for another contract than theirs, or may be.
    pub(super) left_another: BTreeSet<SubjectId>,
    /// When the claims of those who do not count alone were first decided.
    first_decided: BTreeMap<(SubjectId, ClaimId), Timestamp>,
}

impl Together {
    /// Reads with whom these people are decided in a run.
    pub(super) async fn of(app: &App, run: &RunRow, people: &[SubjectId]) -> Result<Self, ServiceError> {
        let shared = Families::of(app, people.to_vec()).await?;
        let holders: BTreeSet<SubjectId> =
            people.iter().filter_map(|subject| shared.holder(*subject)).collect();
        let mut together = Self {
            families: Vec::new(),
            of: BTreeMap::new(),
            shared,
            left_another: BTreeSet::new(),
            first_decided: BTreeMap::new(),
        };
        let mut members: BTreeMap<SubjectId, BTreeSet<SubjectId>> = BTreeMap::new();
        if !holders.is_empty() {
            let (portfolio, first, known) = (run.portfolio, run.first, people.to_vec());
            let holders: Vec<SubjectId> = holders.into_iter().collect();
            let read = move |unit: &mut Unit<'_>| {
                let dependants = store::family::dependants_of(unit, &holders)?;
                let under = holders.iter().copied().chain(dependants.iter().map(|row| row.subject));
                let under: Vec<SubjectId> = under.collect();
                let mut all: BTreeSet<SubjectId> = known.iter().copied().collect();
                all.extend(store::readjudication::claimants_among(unit, portfolio, first, &under)?);
                let all: Vec<SubjectId> = all.into_iter().collect();
                let first_decided = store::claim_step::first_decided(unit, &all)?;
                let left_another = store::family::who_left(unit, &all)?;
                Ok((all, left_another, first_decided))
            };
            let (all, left_another, first_decided) =
                app.store().read(read).await.map_err(|error: StoreError| error)?;
            together.shared = Families::of(app, all.clone()).await?;
            (together.left_another, together.first_decided) = (left_another, first_decided);
            for subject in all {
                let holder = together.shared.holder(subject);
                holder.map(|holder| members.entry(holder).or_default().insert(subject));
            }
        }
        let is_alone = |subject: &&SubjectId| together.shared.holder(**subject).is_none();
        for subject in people.iter().filter(is_alone).copied().collect::<Vec<_>>() {
            together.add(Family { holder: None, members: vec![subject] });
        }
        for (holder, members) in members {
            together.add(Family { holder: Some(holder), members: members.into_iter().collect() });
        }
        Ok(together)
    }

    fn add(&mut self, family: Family) {
        self.of.extend(family.members.iter().map(|member| (*member, self.families.len())));
        self.families.push(family);
    }

    /// With whom somebody is decided.
    pub(super) fn family(&self, subject: SubjectId) -> Option<&Family> {
        self.families.get(*self.of.get(&subject)?)
    }

    /// What waits for any of the families.
    async fn waiting(
        &self,
        app: &App,
        run: WorkItemId,
    ) -> Result<BTreeMap<SubjectId, ProposalRow>, ServiceError> {
        let all: BTreeSet<SubjectId> = self.of.keys().copied().collect();
        let read = move |unit: &mut Unit<'_>| store::readjudication::proposals_among(unit, run, &all);
        let rows = app.store().read(read).await.map_err(|error: StoreError| error)?;
        let waits = rows.into_iter().filter(|row| row.state == ProposalState::Proposed);
        Ok(waits.map(|row| (row.subject, row)).collect())
    }

    /// When somebody's claims were first decided, of who does not count alone.
    pub(super) fn first_decided(&self, subject: SubjectId) -> BTreeMap<RecordId, Timestamp> {
        let of = self.of_subject(subject);
        of.map(|((_, claim), at)| (RecordId::from(*claim), *at)).collect()
    }

    fn of_subject(&self, subject: SubjectId) -> impl Iterator<Item = (&(SubjectId, ClaimId), &Timestamp)> {
        let from = (subject, ClaimId::from_bytes([0; 16]));
        self.first_decided.range(from..).take_while(move |((of, _), _)| *of == subject)
    }

    /// With whose turn a family is decided: of those who had a decided claim when the run began, the one of the smallest id.
    /// Whoever has their first while it goes on may come before those whose turn has been.
    fn leader(&self, family: &Family, began: Timestamp) -> Option<SubjectId> {
        let is_later = |subject: SubjectId| {
            self.of_subject(subject).map(|(_, at)| *at).min().is_some_and(|first| began < first)
        };
        family.members.iter().copied().min_by_key(|subject| (is_later(*subject), *subject))
    }
}

/// What comes next in a run.
pub(super) struct Turn {
    /// The families that are decided now, of no more people than a part takes.
    pub(super) families: Vec<Family>,
    /// Those of whom it proposes nothing, since they cannot be decided together with all of theirs.
    pub(super) left: Vec<SubjectId>,
    /// The last whose turn it was.
    pub(super) reached: SubjectId,
    /// How many people's turn it was.
    pub(super) people: usize,
    pub(super) together: Together,
}

impl Turn {
    /// The next people of a run, each with all of theirs; none when it is through.
    pub(super) async fn next(app: &App, run: &RunRow) -> Result<Option<Self>, ServiceError> {
        let (portfolio, reached, first) = (run.portfolio, run.reached, run.first);
        let page = move |unit: &mut Unit<'_>| {
            store::readjudication::claimants(unit, portfolio, reached, first, PART)
        };
        let people = app.store().read(page).await.map_err(|error: StoreError| error)?;
        if people.is_empty() {
            return Ok(None);
        }
        let together = Together::of(app, run, &people).await?;
        let (families, left) = (Vec::new(), Vec::new());
        let mut turn = Self { families, left, reached, people: 0, together };
        turn.take(&people, run.started);
        turn.leave_out_who_was_decided(app, run.run).await?;
        Ok(Some(turn))
    }

    /// Takes whole families while there is room. Who was decided with theirs before, or comes with them later, is passed.
    fn take(&mut self, people: &[SubjectId], began: Timestamp) {
        let mut size = 0;
        for subject in people {
            let Some(family) = self.together.family(*subject) else { continue };
            if family.is_too_large() {
                self.left.push(*subject);
            } else if self.together.leader(family, began) == Some(*subject) {
                size += family.members.len();
                if size > PART {
                    return;
                }
                self.families.push(family.clone());
            }
            (self.reached, self.people) = (*subject, self.people + 1);
        }
    }

    /// Somebody who has come under another contract since their turn was decided with others: the rest of the family is left.
    async fn leave_out_who_was_decided(&mut self, app: &App, run: WorkItemId) -> Result<(), ServiceError> {
        let of_families = self.families.iter().flat_map(|family| &family.members);
        let people: BTreeSet<SubjectId> = of_families.chain(&self.left).copied().collect();
        let read = move |unit: &mut Unit<'_>| store::readjudication::proposals_among(unit, run, &people);
        let rows = app.store().read(read).await.map_err(|error: StoreError| error)?;
        let was = |subject: &SubjectId| rows.iter().any(|row| row.subject == *subject);
        let (torn, whole) =
            std::mem::take(&mut self.families).into_iter().partition(|family| family.members.iter().any(was));
        self.families = whole;
        let torn: Vec<Family> = torn;
        self.left.extend(torn.into_iter().flat_map(|family| family.members));
        self.left.retain(|subject| !was(subject));
        Ok(())
    }
}

/// What waits of one family, and is released together.
pub(super) struct Waiting {
    pub(super) family: Family,
    /// In order of ids; at least one.
    pub(super) rows: Vec<ProposalRow>,
}

/// Whole families in parts of no more people than one takes; one that is larger is a part of its own.
pub(super) fn parts(waiting: Vec<Waiting>) -> Vec<Vec<Waiting>> {
    let (mut parts, mut size) = (Vec::<Vec<Waiting>>::new(), PART);
    for one in waiting {
        size += one.family.members.len();
        match parts.last_mut().filter(|_| size <= PART) {
            Some(part) => part.push(one),
            None => {
                size = one.family.members.len();
                parts.push(vec![one]);
            }
        }
    }
    parts
}

/// What waits of the families of these people whose turn it is, which is that of the first of each for whom something waits.
pub(super) async fn waiting_of(
    app: &App,
    run: &RunRow,
    people: &[SubjectId],
) -> Result<(Vec<Waiting>, Together), ServiceError> {
    let together = Together::of(app, run, people).await?;
    let waits = together.waiting(app, run.run).await?;
    let mut waiting = Vec::new();
    for family in &together.families {
        let rows: Vec<ProposalRow> =
            family.members.iter().filter_map(|member| waits.get(member).copied()).collect();
        if rows.first().is_some_and(|row| people.contains(&row.subject)) {
            waiting.push(Waiting { family: family.clone(), rows });
        }
    }
    Ok((waiting, together))
}

/// What waits for somebody, and what goes with it, in order of ids.
pub(super) async fn waiting_with(
    app: &App,
    run: &RunRow,
    subject: SubjectId,
) -> Result<Vec<ProposalRow>, ServiceError> {
    let waits = Together::of(app, run, &[subject]).await?.waiting(app, run.run).await?;
    Ok(waits.into_values().collect())
}
