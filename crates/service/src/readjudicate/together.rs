//! Who is decided together: those whose plan counts for all under one contract, and everybody else alone. A run takes a family
//! whole, when the turn comes of the first of it whom it has not decided; a release takes what waits for a family when the turn
//! comes of the first for whom something does. Nothing is opened here.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Date, PortfolioId, ProposalState, RetentionClass, SubjectId, WorkItemId};
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
    /// In order of their ids: all under the contract who have claims that the run decides again; of one that is too large those
    /// alone whose turn it is.
    pub(super) members: Vec<SubjectId>,
    /// More people than a part of a run takes: its claims wait.
    pub(super) is_too_large: bool,
}

/// The families of some people.
pub(super) struct Together {
    families: Vec<Family>,
    of: BTreeMap<SubjectId, usize>,
    /// What each counts on with the rest of the family.
    pub(super) shared: Families,
    /// Those of whom some is counted for another contract than theirs, or may be.
    pub(super) left_another: BTreeSet<SubjectId>,
    /// Those of the people who were erased. They are of no family: what they counted stands in its sums.
    pub(super) erased: BTreeSet<SubjectId>,
}

/// Who is under the contracts of some people with them.
struct Under {
    all: BTreeSet<SubjectId>,
    too_large: BTreeSet<SubjectId>,
    erased: BTreeSet<SubjectId>,
    left_another: BTreeSet<SubjectId>,
}

impl Under {
    /// Of a contract of more people than a part takes no more are read than say so.
    fn read(
        unit: &mut Unit<'_>,
        (portfolio, since): (PortfolioId, Date),
        people: &BTreeSet<SubjectId>,
        holders: &[SubjectId],
    ) -> Result<Self, StoreError> {
        let mut all = people.clone();
        all.extend(store::readjudication::claimants_among(unit, portfolio, since, holders)?);
        let mut under: BTreeMap<SubjectId, BTreeSet<SubjectId>> = BTreeMap::new();
        for row in store::readjudication::claimants_under(unit, portfolio, since, holders, PART + 1)? {
            under.entry(row.holder).or_default().insert(row.subject);
        }
        let (large, small): (Vec<_>, Vec<_>) = under.into_iter().partition(|(_, under)| under.len() > PART);
        all.extend(small.into_iter().flat_map(|(_, under)| under));
        let here = store::key::with_class(unit, &all, RetentionClass::Membership)?;
        let erased = all.difference(&here).copied().collect();
        let too_large = large.into_iter().map(|(holder, _)| holder).collect();
        let left_another = store::family::who_left(unit, &here.iter().copied().collect::<Vec<_>>())?;
        Ok(Self { all: here, too_large, erased, left_another })
    }
}

impl Together {
    /// Reads with whom these people are decided in a run.
    pub(super) async fn of(app: &App, run: &RunRow, people: &[SubjectId]) -> Result<Self, ServiceError> {
        let shared = Families::of(app, people.to_vec()).await?;
        let holders: BTreeSet<SubjectId> =
            people.iter().filter_map(|subject| shared.contract(*subject)).collect();
        let holders: Vec<SubjectId> = holders.into_iter().collect();
        let (claimants, known) = ((run.portfolio, run.first), people.iter().copied().collect());
        let read = move |unit: &mut Unit<'_>| Under::read(unit, claimants, &known, &holders);
        let under = app.store().read(read).await.map_err(|error: StoreError| error)?;
        let Under { all, too_large, erased, left_another } = under;
        let shared = match all.iter().all(|subject| people.contains(subject)) {
            true => shared,
            false => Families::of(app, all.iter().copied().collect()).await?,
        };
        let (families, of) = (Vec::new(), BTreeMap::new());
        let mut together = Self { families, of, shared, left_another, erased };
        let mut members: BTreeMap<SubjectId, BTreeSet<SubjectId>> = BTreeMap::new();
        for subject in &all {
            match together.shared.contract(*subject) {
                Some(holder) => drop(members.entry(holder).or_default().insert(*subject)),
                None if people.contains(subject) => together.add_alone(*subject),
                None => {}
            }
        }
        people.iter().filter(|subject| !all.contains(subject)).for_each(|gone| together.add_alone(*gone));
        for (holder, members) in members {
            let is_too_large = too_large.contains(&holder) || members.len() > PART;
            let (holder, members) = (Some(holder), members.into_iter().collect());
            together.add(Family { holder, members, is_too_large });
        }
        Ok(together)
    }

    fn add_alone(&mut self, subject: SubjectId) {
        self.add(Family { holder: None, members: vec![subject], is_too_large: false });
    }

    fn add(&mut self, family: Family) {
        self.of.extend(family.members.iter().map(|member| (*member, self.families.len())));
        self.families.push(family);
    }

    /// With whom somebody is decided.
    pub(super) fn family(&self, subject: SubjectId) -> Option<&Family> {
        self.families.get(*self.of.get(&subject)?)
    }

    /// What the run has written of any of the families.
    async fn rows(&self, app: &App, run: WorkItemId) -> Result<Vec<ProposalRow>, ServiceError> {
        let all: BTreeSet<SubjectId> = self.of.keys().copied().collect();
        let read = move |unit: &mut Unit<'_>| store::readjudication::proposals_among(unit, run, &all);
        Ok(app.store().read(read).await.map_err(|error: StoreError| error)?)
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
    /// Whose turn it was.
    pub(super) whose: Vec<SubjectId>,
    pub(super) together: Together,
}

impl Turn {
    /// The next people of a run, each with all of theirs; none when it is through.
    pub(super) async fn next(app: &App, run: &RunRow) -> Result<Option<Self>, ServiceError> {
        let RunRow { portfolio, reached, first, only_changed, .. } = *run;
        let page = move |unit: &mut Unit<'_>| match only_changed {
            true => store::decide_anew::after(unit, portfolio, reached, PART),
            false => store::readjudication::claimants(unit, portfolio, reached, first, PART),
        };
        let people = app.store().read(page).await.map_err(|error: StoreError| error)?;
        if people.is_empty() {
            return Ok(None);
        }
        let together = Together::of(app, run, &people).await?;
        let rows = together.rows(app, run.run).await?;
        let was_decided = rows.into_iter().map(|row| row.subject).collect();
        let (families, left) = (Vec::new(), Vec::new());
        let mut turn = Self { families, left, reached, whose: Vec::new(), together };
        turn.take(&people, was_decided);
        Ok(Some(turn))
    }

    /// Of whom nothing is left to decide: those whose turn it was, and who was decided with them, but for whom it could not.
    pub(super) fn done(&self, rows: &[ProposalRow]) -> Vec<SubjectId> {
        let left = rows.iter().filter(|row| row.state == ProposalState::Left).map(|row| row.subject);
        let left: BTreeSet<SubjectId> = left.collect();
        let decided = self.families.iter().flat_map(|family| &family.members);
        self.whose.iter().chain(decided).filter(|one| !left.contains(one)).copied().collect()
    }

    /// Takes whole families while there is room: each with the first of it whose turn comes and who was not decided yet. A run
    /// keeps a row for everybody whom it decided with others, and for nobody who comes to a family while it goes on: where some
    /// were decided before they were one, the others are left.
    fn take(&mut self, people: &[SubjectId], mut was_decided: BTreeSet<SubjectId>) {
        let mut size = 0;
        for subject in people {
            let is_due = !was_decided.contains(subject) && !self.together.erased.contains(subject);
            if let Some(family) = self.together.family(*subject).filter(|_| is_due) {
                let is_whole = !family.members.iter().any(|member| was_decided.contains(member));
                if family.is_too_large {
                    self.left.push(*subject);
                } else if is_whole {
                    size += family.members.len();
                    if size > PART {
                        return;
                    }
                    self.families.push(family.clone());
                } else {
                    let others = family.members.iter().filter(|member| !was_decided.contains(member));
                    self.left.extend(others);
                }
                if !family.is_too_large {
                    was_decided.extend(&family.members);
                }
            }
            self.reached = *subject;
            self.whose.push(*subject);
        }
    }
}

/// What waits of one family, and is released together.
pub(super) struct Waiting {
    pub(super) family: Family,
    /// In order of ids; at least one.
    pub(super) rows: Vec<ProposalRow>,
}

impl Waiting {
    /// What waits of it, as it stands when what it rests on has changed.
    pub(super) fn outdated(&self) -> impl Iterator<Item = ProposalRow> {
        self.rows.iter().map(|row| ProposalRow { state: ProposalState::Outdated, ..*row })
    }

    /// What waits of it, as it stands once no run can propose it any more: what has grown too large is left, of who was erased nothing
    /// changes.
    pub(super) fn over(&self) -> impl Iterator<Item = ProposalRow> {
        let too_large = self.family.is_too_large;
        let state = if too_large { ProposalState::Left } else { ProposalState::Unchanged };
        self.rows.iter().map(move |row| ProposalRow { state, ..*row })
    }
}

/// Whole families in parts of no more people than one takes.
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

/// What waits of the families of these people whose turn it is, which is that of the first of each for whom something waits; where
/// some are named, of the first who is.
pub(super) async fn waiting_of(
    app: &App,
    run: &RunRow,
    people: &[SubjectId],
    only: &BTreeSet<SubjectId>,
) -> Result<(Vec<Waiting>, Together), ServiceError> {
    let together = Together::of(app, run, people).await?;
    let waits = together.rows(app, run.run).await?.into_iter();
    let waits = waits.filter(|row| row.state == ProposalState::Proposed).map(|row| (row.subject, row));
    let waits: BTreeMap<SubjectId, ProposalRow> = waits.collect();
    let mut waiting = Vec::new();
    for family in &together.families {
        let rows: Vec<ProposalRow> =
            family.members.iter().filter_map(|member| waits.get(member).copied()).collect();
        let first = rows.iter().find(|row| only.is_empty() || only.contains(&row.subject));
        if first.is_some_and(|row| people.contains(&row.subject)) {
            waiting.push(Waiting { family: family.clone(), rows });
        }
    }
    Ok((waiting, together))
}
