//! What is to be released of what a run proposes, and what became of it. It tells how many people, and of these by their ids alone
//! who are to be named.

use std::collections::BTreeSet;

use domain::{ReleaseReason, SubjectId, WorkItemId};
use gate::Totals;

/// What is released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToRelease {
    /// Of which run.
    pub run: WorkItemId,
    /// For these people, and those who count together with them; for everybody that it proposes something for when none is named.
    pub only: BTreeSet<SubjectId>,
    /// Why.
    pub reason: ReleaseReason,
}

/// What became of the proposals.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReleaseReport {
    /// People whose proposals were released.
    pub released: u64,
    /// Claims that were decided otherwise by that.
    pub claims: u64,
    /// People whose proposals rest on something that has changed since: they must be worked out anew.
    pub outdated: u64,
    /// People for whom, or for one who counts together with them, it refuses what was not refused before, which nobody was named
    /// for: a person looks at each.
    pub refusals: u64,
    /// Of those whom it so refuses something: some who are to be named, for it to be released.
    pub to_name: BTreeSet<SubjectId>,
    /// People whose files the actor may not handle, or whose appeal they decided, and who count together with such: their
    /// proposals wait for somebody else.
    pub refused: u64,
    /// People whose proposals could not be carried out, a record being gone or altered: they wait.
    pub failed: u64,
    /// What was booked.
    pub booked: Totals,
}

/// How many are told who are to be named.
const TO_NAME: usize = 1_000;

impl ReleaseReport {
    /// What waits for so many people newly refuses something to these of them, whom nobody named.
    pub(super) fn refuses(&mut self, people: u64, to_name: Vec<SubjectId>) {
        self.refusals += people;
        let room = TO_NAME.saturating_sub(self.to_name.len());
        self.to_name.extend(to_name.into_iter().take(room));
    }
}
