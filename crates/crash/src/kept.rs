//! The auditor's look at consents and erasures: a consent that was taken back lets nobody rely on it, one that was given stands, what
//! was destroyed is gone and on its list, and what nobody began to destroy opens. What was begun and not acknowledged may be either.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Purpose, Recipient, RequestId, RetentionClass, SubjectId, Views, WorkItemId};
use gate::{Actor, Asking, GateError, MAX_PART, Target};
use service::views::{AccumulatorsToAdjudicate, ClaimToAdjudicate, PersonForAccess};
use store::{StoreError, Unit};

use crate::audit::Found;
use crate::leaving::CLASSES;
use crate::said::{Consent, Said};
use crate::site::{PORTFOLIO, Site, SiteError};
use crate::staff;

/// A class of what is kept of somebody.
type Place = (SubjectId, RetentionClass);

/// Of which classes there is a key or a sealed row of a subject.
pub(crate) fn classes_there(
    unit: &mut Unit<'_>,
    subject: SubjectId,
) -> Result<BTreeSet<RetentionClass>, StoreError> {
    let keys = store::key::of_subject(unit, subject)?.into_iter().map(|key| key.class);
    let rows = store::sealed::places_of(unit, subject)?.into_iter().map(|(_, class)| class);
    Ok(keys.chain(rows).collect())
}

/// Each consent is as it was last acknowledged, and what is proved says so.
pub(crate) async fn consents(site: &Site, said: &Said, found: &mut Found) -> Result<(), SiteError> {
    let last: BTreeMap<SubjectId, Consent> = said.consents.iter().copied().collect();
    let (staff, item) = staff::with_task(site, Recipient::ClaimsStaff, last.keys().copied()).await?;
    for (subject, consent) in last {
        let asking = Asking::new(&staff, PORTFOLIO, Purpose::ClaimsProcessing, site.app.gate.request());
        let target = Target::for_item(subject, item);
        let asked = site.app.gate.ask::<AccumulatorsToAdjudicate>(&asking, target).await;
        let rows = site.app.store().read(move |unit| store::consent::of_subject(unit, subject)).await;
        let rows = rows.map_err(|error: StoreError| error)?;
        let stands = rows.last().is_some_and(|row| row.withdrawn.is_none());
        let fault = match (consent, asked) {
            (Consent::Wavers, Ok(_) | Err(GateError::Refused(_))) => None,
            (Consent::Withdrawn, Ok(_)) => Some("withdrawn and relied on".to_owned()),
            (Consent::Withdrawn, Err(GateError::Refused(_))) => {
                stands.then(|| "withdrawn, which is not proved".to_owned())
            }
            (Consent::Given, Ok(_)) => (!stands).then(|| "given, which is not proved".to_owned()),
            (Consent::Given, Err(refused @ GateError::Refused(_))) => {
                Some(format!("given and lost: {refused}"))
            }
            (_, Err(error)) => Some(format!("not to be asked about: {error}")),
        };
        found.faults.extend(fault.map(|fault| format!("consent {fault}: subject {subject}")));
    }
    Ok(())
}

/// What was destroyed is gone for good, with an entry and on the list that a restore replays; what nobody began to destroy opens.
pub(crate) async fn erasures(
    site: &Site,
    said: &Said,
    entries: &BTreeSet<(SubjectId, RequestId)>,
    found: &mut Found,
) -> Result<(), SiteError> {
    let leavers: Vec<SubjectId> = site.people.leavers().map(|number| site.subject(number)).collect();
    let (officer, item) =
        staff::with_task(site, Recipient::DataProtectionOfficer, leavers.iter().copied()).await?;
    let before = (&officer, item);
    let of_class = |class: RetentionClass| move |subject: SubjectId| (subject, class);
    let people = opened::<PersonForAccess>(site, before, &leavers).await?;
    let claims = opened::<ClaimToAdjudicate>(site, before, &leavers).await?;
    let people = people.into_iter().map(of_class(RetentionClass::Membership));
    let open: BTreeSet<Place> =
        people.chain(claims.into_iter().map(of_class(RetentionClass::Claims))).collect();
    let (there, listed) = places(site, leavers.clone()).await?;
    for (subject, class, request) in &said.erased {
        let place = (*subject, *class);
        let mut expect = |holds: bool, what: &str| {
            if !holds {
                found.faults.push(format!("erased {what}: {class} of subject {subject}"));
            }
        };
        expect(!open.contains(&place), "and still opens");
        expect(!there.contains(&place), "and still there");
        expect(listed.contains(&place), "and not on the list");
        expect(entries.contains(&(*subject, *request)), "without an entry");
    }
    let begun: BTreeSet<Place> = said.erasing.iter().copied().collect();
    let all = leavers.iter().flat_map(|subject| CLASSES.map(|class| (*subject, class)));
    let lost = all.filter(|place| !begun.contains(place) && !open.contains(place));
    let told = |(subject, class)| format!("not erased and does not open: {class} of subject {subject}");
    found.faults.extend(lost.map(told));
    Ok(())
}

/// Of whom a record of this kind opens to the officer. Whose is gone altogether may be refused.
async fn opened<V>(
    site: &Site,
    (officer, item): (&Actor, WorkItemId),
    subjects: &[SubjectId],
) -> Result<BTreeSet<SubjectId>, SiteError>
where
    V: domain::View + Views,
{
    let asking = Asking::new(officer, PORTFOLIO, Purpose::AccessRequest, site.app.gate.request());
    let targets = subjects.iter().map(|subject| Target::for_item(*subject, item)).collect();
    let mut run = site.app.gate.run::<V>(asking, targets, MAX_PART).await?;
    let mut opened = BTreeSet::new();
    while let Some(part) = run.next().await? {
        let granted: Vec<SubjectId> = part.grant.subjects().collect();
        for sealed in site.app.gate.fetch_many::<V>(&granted).await? {
            // Of an erasure that was cut off the key is gone first, and the rows stay for the next.
            if part.grant.open::<V, _>(&sealed).is_ok() {
                opened.insert(sealed.subject());
            }
        }
    }
    Ok(opened)
}

/// What is there of these people, and what the list of erasures has.
async fn places(
    site: &Site,
    subjects: Vec<SubjectId>,
) -> Result<(BTreeSet<Place>, BTreeSet<Place>), SiteError> {
    let read = move |unit: &mut Unit<'_>| {
        let mut there = BTreeSet::new();
        for subject in &subjects {
            there.extend(classes_there(unit, *subject)?.into_iter().map(|class| (*subject, class)));
        }
        let listed = store::key::erasures_of(unit, &subjects)?;
        let listed = listed.into_iter().map(|erasure| (erasure.subject, erasure.class)).collect();
        Ok::<_, StoreError>((there, listed))
    };
    Ok(site.app.store().read(read).await?)
}
