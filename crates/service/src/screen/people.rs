//! What the screen fetches for the people of a part, sealed: first what their marks are made of, and then, while these are
//! counted, what they are seen beside.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use benefits::Plan;
use benefits::screen::{SCREEN_CLAIMS, SCREEN_DAYS};
use domain::{Claim, Coverage, Date, RecordId, SubjectId};
use gate::{MarkToken, Sealed};
use store::StoreError;
use store::claim::ClaimRow;
use store::coverage::CoverageRow;
use store::key::WrappedKey;

use super::compute::SubjectToScreen;
use super::marks::ClaimMarks;
use crate::views::{ClaimToScreen, CoverToScreen, PersonToScreen};
use crate::{App, ServiceError};

/// One person's claims before the screen.
pub(super) struct ToScreenOne {
    pub(super) subject: SubjectId,
    /// Those to be screened, in the order of the inputs.
    pub(super) claims: Vec<ClaimRow>,
    pub(super) inputs: SubjectToScreen,
    pub(super) keys: Vec<WrappedKey>,
    pub(super) plans: Vec<(Date, Option<Date>, Arc<Plan>)>,
    pub(super) marks: Vec<(ClaimRow, ClaimMarks)>,
    /// Of each claim its lines whose codes have levels: the family, and the provider in it.
    pub(super) levels: Vec<LevelLines>,
}

/// A claim, and its lines whose codes have levels.
pub(super) type LevelLines = (ClaimRow, Vec<(MarkToken, MarkToken)>);

fn subjects_of(claims: &[ClaimRow]) -> Vec<SubjectId> {
    let subjects: BTreeSet<SubjectId> = claims.iter().map(|claim| claim.subject).collect();
    subjects.into_iter().collect()
}

/// Those people whose record is there, with the claims whose record is, and nothing else yet.
pub(super) async fn with_claims(
    app: &App,
    claims: &[ClaimRow],
) -> Result<BTreeMap<SubjectId, ToScreenOne>, ServiceError> {
    let (subjects, rows) = (subjects_of(claims), claims.iter().map(|row| (RecordId::from(row.claim), *row)));
    let (pairs, rows): (Vec<_>, BTreeMap<RecordId, ClaimRow>) =
        rows.map(|(record, row)| ((row.subject, record), (record, row))).unzip();
    let (claims, records) = tokio::try_join!(
        app.gate.fetch_records::<ClaimToScreen>(&pairs),
        app.gate.fetch_many::<PersonToScreen>(&subjects),
    )?;
    let mut people: BTreeMap<SubjectId, ToScreenOne> = BTreeMap::new();
    for person in records {
        let subject = person.subject();
        let inputs = SubjectToScreen { claims: Vec::new(), before: Vec::new(), person, covers: Vec::new() };
        let (claims, keys, plans) = (Vec::new(), Vec::new(), Vec::new());
        let (marks, levels) = (Vec::new(), Vec::new());
        people.insert(subject, ToScreenOne { subject, claims, inputs, keys, plans, marks, levels });
    }
    for claim in claims {
        if let (Some(row), Some(one)) = (rows.get(&claim.record()), people.get_mut(&claim.subject())) {
            one.claims.push(*row);
            one.inputs.claims.push(claim);
        }
    }
    Ok(people)
}

/// What the claims of a part are seen beside.
pub(super) struct Beside {
    before: Vec<Sealed<Claim>>,
    covers: Vec<Sealed<Coverage>>,
    keys: Vec<WrappedKey>,
    plans: Vec<(CoverageRow, Arc<Plan>)>,
}

impl Beside {
    /// Fetches it.
    pub(super) async fn read(app: &App, claims: &[ClaimRow]) -> Result<Self, ServiceError> {
        let subjects = subjects_of(claims);
        let asked = subjects.clone();
        let of_people = app.store().read(move |unit| {
            Ok::<_, StoreError>((store::many::keys(unit, &asked)?, store::many::coverages(unit, &asked)?))
        });
        let ((keys, coverages), before, covers) = tokio::try_join!(
            async { of_people.await.map_err(ServiceError::from) },
            came_before(app, claims, &subjects),
            async { Ok(app.gate.fetch_many::<CoverToScreen>(&subjects).await?) },
        )?;
        let plans = coverages.into_iter().filter_map(|row| Some((row, app.plans.get(row.plan)?)));
        Ok(Self { before, covers, keys, plans: plans.collect() })
    }

    /// Puts it beside each one's claims.
    pub(super) fn add_to(self, people: &mut BTreeMap<SubjectId, ToScreenOne>) {
        for claim in self.before {
            if let Some(one) = people.get_mut(&claim.subject()) {
                one.inputs.before.push(claim);
            }
        }
        for cover in self.covers {
            if let Some(one) = people.get_mut(&cover.subject()) {
                one.inputs.covers.push(cover);
            }
        }
        for key in self.keys {
            if let Some(one) = people.get_mut(&key.subject) {
                one.keys.push(key);
            }
        }
        for (row, plan) in self.plans {
            if let Some(one) = people.get_mut(&row.subject) {
                one.plans.push((row.start, row.end, plan));
            }
        }
    }
}

/// Of the people of a part the newest claims that came before it. What the job has not come to yet did not, whenever it was
/// received.
async fn came_before(
    app: &App,
    claims: &[ClaimRow],
    subjects: &[SubjectId],
) -> Result<Vec<Sealed<Claim>>, ServiceError> {
    let first = claims.iter().map(|claim| claim.received).min().unwrap_or(app.today()?);
    let since = first.plus_days(-SCREEN_DAYS).unwrap_or(first);
    // With the one that is looked at they are as many as that.
    let newest = (since, SCREEN_CLAIMS - 1);
    let mut before = app.gate.fetch_newest_claims::<ClaimToScreen>(subjects, newest).await?;
    // Another worker may have decided one of these by now.
    let part: BTreeSet<RecordId> = claims.iter().map(|claim| claim.claim.into()).collect();
    before.retain(|claim| !part.contains(&claim.record()));
    Ok(before)
}
