//! Taking up spans of cover: of people who are here, under the version of their plan that applies on the first day.
//! A span whose sealed record was erased is written anew, its plain row with it.

use std::collections::{BTreeMap, BTreeSet};

use domain::{CoverageId, Personal, PortfolioId, Purpose, RecordId, SponsorId, SubjectId, SubjectKind};
use gate::{Actor, Asking};
use intake::CoverageDraft;
use store::StoreError;
use store::coverage::CoverageRow;
use store::key::WrappedKey;
use store::lookup::LookupRow;
use store::reference::SponsorRow;
use store::sealed::SealedRow;
use store::subject::SubjectRow;

use super::{Enrolled, PART, member_id, unless_erased};
use crate::{App, ServiceError};

/// Takes up cover of members that were taken up before.
pub async fn enrol_coverage(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    source: &str,
    drafts: &[CoverageDraft],
) -> Result<Enrolled, ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::Enrolment, app.gate.request());
    let categories = domain::Coverage::CATEGORIES;
    let collection = app.gate.collect(&asking, SubjectKind::Member, categories).await?;
    let dependants = app.gate.collect(&asking, SubjectKind::Beneficiary, categories).await?;
    // Cover falls under the newest version, which another process may have added.
    app.plans.refresh(app.store()).await?;
    let sponsors = sponsors(app, portfolio, drafts).await?;
    let mut enrolled = Enrolled::default();
    for part in drafts.chunks(PART) {
        let ids: Vec<SubjectId> =
            part.iter().map(|draft| member_id(app, source, draft.member_source_id.reveal())).collect();
        let Known { subjects, keys, holders } = known(app, ids.clone()).await?;
        let here = subjects.iter().filter(|row| row.portfolio == portfolio);
        let kinds: BTreeMap<SubjectId, SubjectKind> = here.map(|row| (row.subject, row.kind)).collect();
        let (mut rows, mut sealed, mut lookups) = (Vec::new(), Vec::new(), Vec::new());
        for (draft, subject) in part.iter().zip(ids) {
            let Some(kind) = kinds.get(&subject) else {
                enrolled.refused += 1;
                continue;
            };
            let collection = if *kind == SubjectKind::Member { &collection } else { &dependants };
            let coverage =
                CoverageId::from_bytes(app.gate.imported_id("coverage", source, draft.source_id.reveal()));
            let own: Vec<WrappedKey> = keys.iter().filter(|key| key.subject == subject).cloned().collect();
            let blobs = collection.seal(subject, coverage, 1, &draft.coverage, &own);
            let Some(blobs) = unless_erased(blobs)? else {
                enrolled.erased += 1;
                continue;
            };
            sealed.push(blobs);
            lookups.push(app.gate.policy_rows(subject, &draft.coverage.policy_number));
            rows.push(CoverageRow {
                subject,
                coverage,
                portfolio,
                sponsor: sponsor_of(draft, &sponsors),
                plan: app.plans.named(&draft.plan, draft.coverage.start)?,
                holder: holders.get(&subject).copied().unwrap_or(subject),
                start: draft.coverage.start,
                end: draft.coverage.end,
                version: 1,
            });
        }
        let given = rows.len() as u64;
        let there = sealed_covers(app, &rows).await?;
        let (new, returned) =
            app.store().write(move |unit| insert_covers(unit, &rows, (&sealed, &lookups), &there)).await?;
        enrolled.add(Enrolled { new, returned, known: given - new - returned, ..Enrolled::default() });
    }
    Ok(enrolled)
}

/// What is there of people whose cover comes in.
struct Known {
    subjects: Vec<SubjectRow>,
    keys: Vec<WrappedKey>,
    /// Under whose contract dependants are.
    holders: BTreeMap<SubjectId, SubjectId>,
}

async fn known(app: &App, ids: Vec<SubjectId>) -> Result<Known, ServiceError> {
    let read = app.store().read(move |unit| {
        let subjects = store::many::subjects(unit, &ids)?;
        let mut holders = BTreeMap::new();
        for row in subjects.iter().filter(|row| row.kind == SubjectKind::Beneficiary) {
            holders.insert(row.subject, store::family::holder_of(unit, row.subject)?);
        }
        Ok::<_, StoreError>(Known { keys: store::many::keys(unit, &ids)?, subjects, holders })
    });
    Ok(read.await?)
}

fn sponsor_of(draft: &CoverageDraft, known: &BTreeMap<String, SponsorId>) -> SponsorId {
    draft.sponsor.as_ref().and_then(|name| known.get(name)).copied().unwrap_or(NO_SPONSOR)
}

/// A span, with whose it is: the same id may stand for a span of each of several members, since sources
/// number from 1.
type Spans = BTreeSet<(SubjectId, RecordId)>;

/// The spans of these subjects that still have their sealed record.
async fn sealed_covers(app: &App, rows: &[CoverageRow]) -> Result<Spans, ServiceError> {
    let subjects: BTreeSet<SubjectId> = rows.iter().map(|row| row.subject).collect();
    let (kind, categories) = (domain::Coverage::KIND, domain::Coverage::CATEGORIES);
    let fetched = app.store().fetch_many(subjects.into_iter().collect(), &[kind], categories).await?;
    let records = fetched.into_iter().flat_map(|one| one.fetched.rows);
    Ok(records.map(|row| (row.subject, row.record)).collect())
}

/// Inserts the spans that are not there yet, and writes anew, sealed and plain, those whose record was erased;
/// answers how many of each.
fn insert_covers(
    unit: &mut store::Unit<'_>,
    rows: &[CoverageRow],
    (sealed, lookups): (&[Vec<SealedRow>], &[Vec<LookupRow>]),
    there: &Spans,
) -> Result<(u64, u64), StoreError> {
    let span = |row: &CoverageRow| (row.subject, RecordId::from(row.coverage));
    let subjects: Vec<SubjectId> = rows.iter().map(|row| row.subject).collect();
    let stored = store::many::coverages(unit, &subjects)?;
    let versions: BTreeMap<_, i64> = stored.iter().map(|row| (span(row), row.version)).collect();
    let mut seen: Spans = versions.keys().copied().collect();
    let suspects = rows.iter().map(span).filter(|span| seen.contains(span) && !there.contains(span));
    let mut erased = without_record(unit, suspects.collect())?;
    let (mut new, mut new_sealed, mut new_lookups, mut returned) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for ((row, sealed), lookups) in rows.iter().zip(sealed).zip(lookups) {
        if seen.insert(span(row)) {
            new.push(*row);
        } else if erased.remove(&span(row)) {
            // The old row counts for retention and says the plan: it must not outlive what it was about.
            let version = versions.get(&span(row)).copied().unwrap_or(row.version);
            store::coverage::replace(unit, &CoverageRow { version, ..*row })?;
            returned += 1;
        } else {
            continue;
        }
        new_sealed.extend(sealed.iter().cloned());
        // Several spans, and several people, may have one policy.
        new_lookups.extend(lookups.iter().copied());
    }
    store::coverage::insert_many(unit, &new)?;
    store::sealed::insert_many(unit, &new_sealed)?;
    store::lookup::insert_missing(unit, &new_lookups)?;
    Ok((new.len() as u64, returned))
}

/// Those of these spans whose sealed record is gone.
fn without_record(unit: &mut store::Unit<'_>, mut spans: Spans) -> Result<Spans, StoreError> {
    let asked: Vec<(SubjectId, RecordId)> = spans.iter().copied().collect();
    let (kind, categories) = (domain::Coverage::KIND, domain::Coverage::CATEGORIES);
    for row in store::many::records(unit, &asked, kind, categories)?.iter().flat_map(|one| &one.rows) {
        spans.remove(&(row.subject, row.record));
    }
    Ok(spans)
}

const NO_SPONSOR: SponsorId = SponsorId::from_bytes([0; 16]);

/// The sponsors that drafts name, taken up where they are new. A company's name is no personal data.
async fn sponsors(
    app: &App,
    portfolio: PortfolioId,
    drafts: &[CoverageDraft],
) -> Result<BTreeMap<String, SponsorId>, ServiceError> {
    let names: BTreeSet<String> = drafts.iter().filter_map(|draft| draft.sponsor.clone()).collect();
    let portfolio_text = portfolio.to_string();
    let rows: Vec<SponsorRow> = names
        .into_iter()
        .map(|name| SponsorRow {
            sponsor: SponsorId::from_bytes(app.gate.imported_id("sponsor", &portfolio_text, &name)),
            portfolio,
            name,
        })
        .collect();
    let known = rows.iter().map(|row| (row.name.clone(), row.sponsor)).collect();
    app.store()
        .write(move |unit| {
            rows.iter().try_for_each(|row| match store::reference::insert_sponsor(unit, row) {
                Err(StoreError::Duplicate) => Ok(()),
                other => other,
            })
        })
        .await?;
    Ok(known)
}
