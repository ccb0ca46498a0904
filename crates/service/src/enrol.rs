//! Taking up providers, members and their cover: under the clause for enrolment, keys first, then all
//! rows of a part in one transaction. Taking up the same again changes nothing, but for someone whose record
//! was erased: they get new keys and are taken up anew.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Condition, CoverageId, Person, Personal, PortfolioId, Provider, Purpose, RecordId, SponsorId, SubjectId,
    SubjectKind, Timestamp,
};
use gate::{Actor, Asking, Collection, GateError};
use intake::{CoverageDraft, MemberDraft, ProviderDraft};
use store::StoreError;
use store::condition::ConditionRow;
use store::coverage::CoverageRow;
use store::key::WrappedKey;
use store::lookup::LookupRow;
use store::reference::SponsorRow;
use store::sealed::SealedRow;
use store::subject::SubjectRow;

use crate::{App, ServiceError};

/// Drafts written in one transaction.
const PART: usize = 500;

/// What became of drafts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Enrolled {
    /// Written now.
    pub new: u64,
    /// There before: left as they are.
    pub known: u64,
    /// Refused: cover for someone who is not taken up in the portfolio, or was erased; a member whose
    /// number another member of the site has.
    pub refused: u64,
}

impl Enrolled {
    /// Adds what became of others.
    pub fn add(&mut self, other: Self) {
        self.new += other.new;
        self.known += other.known;
        self.refused += other.refused;
    }
}

/// The rows of one new subject.
struct NewSubject {
    row: SubjectRow,
    keys: Vec<WrappedKey>,
    sealed: Vec<SealedRow>,
    lookups: Vec<LookupRow>,
    conditions: Vec<ConditionRow>,
}

/// Takes up members and dependants of one source.
pub async fn enrol_members(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    source: &str,
    drafts: &[MemberDraft],
) -> Result<Enrolled, ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::Enrolment, app.gate.request());
    let members = app.gate.collect(&asking, SubjectKind::Member, Person::CATEGORIES)?;
    let dependants = app.gate.collect(&asking, SubjectKind::Beneficiary, Person::CATEGORIES)?;
    let mut enrolled = Enrolled::default();
    for part in drafts.chunks(PART) {
        let mut new = Vec::with_capacity(part.len());
        for draft in part {
            let collection = if draft.kind == SubjectKind::Member { &members } else { &dependants };
            let subject = member_id(app, source, draft.source_id.reveal());
            let mut rows = prepare(collection, subject)?;
            rows.lookups = app.gate.lookup_rows(subject, &draft.person);
            rows.conditions.extend(draft.health_consent.map(|since| ConditionRow {
                subject,
                condition: Condition::ConsentHealth,
                object: *portfolio.bytes(),
                since: Timestamp::start_of(since),
                until: None,
            }));
            new.push((rows, collection, draft));
        }
        enrolled.add(
            write::<Person, _>(app, new, |subject, collection, draft, keys| {
                collection.seal(subject, subject, 1, &draft.person, keys)
            })
            .await?,
        );
    }
    Ok(enrolled)
}

/// Takes up providers of one source.
pub async fn enrol_providers(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    source: &str,
    drafts: &[ProviderDraft],
) -> Result<Enrolled, ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::Enrolment, app.gate.request());
    let collection = app.gate.collect(&asking, SubjectKind::Practitioner, Provider::CATEGORIES)?;
    let mut enrolled = Enrolled::default();
    for part in drafts.chunks(PART) {
        let new = part
            .iter()
            .map(|draft| {
                let subject = provider_id(app, portfolio, source, draft.source_id.reveal());
                Ok((prepare(&collection, subject)?, &collection, draft))
            })
            .collect::<Result<Vec<_>, ServiceError>>()?;
        enrolled.add(
            write::<Provider, _>(app, new, |subject, collection, draft, keys| {
                collection.seal(subject, subject, 1, &draft.provider, keys)
            })
            .await?,
        );
    }
    Ok(enrolled)
}

fn prepare(collection: &Collection, subject: SubjectId) -> Result<NewSubject, ServiceError> {
    let (row, keys) = collection.new_subject(subject)?;
    Ok(NewSubject { row, keys, sealed: Vec::new(), lookups: Vec::new(), conditions: Vec::new() })
}

/// Keys first, durable; then the rows, sealed under the keys that stand in the key store. `P` is the record
/// that says who a subject is.
async fn write<P: Personal, D>(
    app: &App,
    new: Vec<(NewSubject, &Collection, &D)>,
    seal: impl Fn(SubjectId, &Collection, &D, &[WrappedKey]) -> Result<Vec<SealedRow>, gate::GateError>,
) -> Result<Enrolled, ServiceError> {
    let given = new.len() as u64;
    let subjects: Vec<SubjectId> = new.iter().map(|(rows, ..)| rows.row.subject).collect();
    let known = app.store().read(move |unit| store::many::subjects(unit, &subjects)).await?;
    let returning = returning::<P, _>(app, &known, &new).await?;
    let mut seen: BTreeSet<SubjectId> =
        known.iter().map(|row| row.subject).filter(|subject| !returning.contains(subject)).collect();
    let mut new: Vec<_> = new.into_iter().filter(|(rows, ..)| seen.insert(rows.row.subject)).collect();
    let refused = leave_out_taken(app, &mut new).await?;

    let keys: Vec<WrappedKey> =
        new.iter_mut().flat_map(|(rows, ..)| std::mem::take(&mut rows.keys)).collect();
    let standing = app.store().write(move |unit| store::key::insert_many(unit, &keys)).await?;
    let mut by_subject: BTreeMap<SubjectId, Vec<WrappedKey>> = BTreeMap::new();
    for key in standing {
        by_subject.entry(key.subject).or_default().push(key);
    }
    let mut rows = Vec::with_capacity(new.len());
    for (mut subject, collection, draft) in new {
        let keys = by_subject.remove(&subject.row.subject).unwrap_or_default();
        subject.sealed = seal(subject.row.subject, collection, draft, &keys)?;
        rows.push(subject);
    }
    let (written, now) = (rows.len() as u64, app.gate.now());
    app.store()
        .write(move |unit| {
            let is_new = |row: &SubjectRow| !returning.contains(&row.subject);
            let subjects: Vec<SubjectRow> = rows.iter().map(|subject| subject.row).filter(is_new).collect();
            store::subject::insert_many(unit, &subjects)?;
            for subject in &rows {
                if !is_new(&subject.row) {
                    store::lookup::delete_of_subject(unit, subject.row.subject)?;
                    end_consents(unit, subject.row.subject, now)?;
                }
                store::sealed::insert_many(unit, &subject.sealed)?;
                store::lookup::insert_many(unit, &subject.lookups)?;
                store::condition::set_many(unit, &subject.conditions)?;
            }
            Ok::<_, StoreError>(())
        })
        .await?;
    Ok(Enrolled { new: written, known: given - written - refused, refused })
}

/// Ends what someone who returns consented to before they were erased: they are asked again.
fn end_consents(unit: &mut store::Unit<'_>, subject: SubjectId, at: Timestamp) -> Result<(), StoreError> {
    let is_consent = |row: &ConditionRow| {
        matches!(
            row.condition,
            Condition::ConsentHealth | Condition::ConsentMarketing | Condition::ConsentResearch
        )
    };
    for row in store::condition::of_subject(unit, subject)?.into_iter().filter(is_consent) {
        store::condition::end(unit, subject, row.condition, row.object, at)?;
    }
    Ok(())
}

/// Those who are known here and whose record was erased. They stay bound to the notice that they had.
async fn returning<P: Personal, D>(
    app: &App,
    known: &[SubjectRow],
    given: &[(NewSubject, &Collection, &D)],
) -> Result<BTreeSet<SubjectId>, ServiceError> {
    let portfolios: BTreeMap<SubjectId, PortfolioId> =
        given.iter().map(|(rows, ..)| (rows.row.subject, rows.row.portfolio)).collect();
    let here = known.iter().filter(|row| portfolios.get(&row.subject) == Some(&row.portfolio));
    let here: Vec<SubjectId> = here.map(|row| row.subject).collect();
    let fetched = app.store().fetch_many(here, &[P::KIND], P::CATEGORIES).await?;
    Ok(fetched.into_iter().filter(|one| one.fetched.rows.is_empty()).map(|one| one.subject).collect())
}

/// Leaves out whoever has a number that only one may have and that someone else has; returns how many.
async fn leave_out_taken<D>(
    app: &App,
    new: &mut Vec<(NewSubject, &Collection, &D)>,
) -> Result<u64, ServiceError> {
    let unique: Vec<LookupRow> =
        new.iter().flat_map(|(rows, ..)| rows.lookups.iter().filter(|row| row.unique).cloned()).collect();
    if unique.is_empty() {
        return Ok(0);
    }
    let taken: BTreeSet<SubjectId> = app
        .store()
        .read(move |unit| {
            let (mut holders, mut taken) = (BTreeMap::new(), BTreeSet::new());
            for row in &unique {
                let known = store::lookup::find(unit, row.kind, &row.token, 1)?.first().copied();
                let holder = *holders.entry((row.kind, row.token)).or_insert(known.unwrap_or(row.subject));
                if holder != row.subject {
                    taken.insert(row.subject);
                }
            }
            Ok::<_, StoreError>(taken)
        })
        .await?;
    new.retain(|(rows, ..)| !taken.contains(&rows.row.subject));
    Ok(taken.len() as u64)
}

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
    let collection = app.gate.collect(&asking, SubjectKind::Member, categories)?;
    let dependants = app.gate.collect(&asking, SubjectKind::Beneficiary, categories)?;
    // Cover falls under the newest version, which another process may have added.
    app.plans.refresh(app.store()).await?;
    let sponsors = sponsors(app, portfolio, drafts).await?;
    let mut enrolled = Enrolled::default();
    for part in drafts.chunks(PART) {
        let ids: Vec<SubjectId> =
            part.iter().map(|draft| member_id(app, source, draft.member_source_id.reveal())).collect();
        let asked = ids.clone();
        let (subjects, keys) = app
            .store()
            .read(move |unit| {
                Ok::<_, StoreError>((store::many::subjects(unit, &asked)?, store::many::keys(unit, &asked)?))
            })
            .await?;
        let kinds: BTreeMap<SubjectId, SubjectKind> = subjects
            .iter()
            .filter(|row| row.portfolio == portfolio)
            .map(|row| (row.subject, row.kind))
            .collect();
        let (mut rows, mut sealed) = (Vec::new(), Vec::new());
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
                enrolled.refused += 1;
                continue;
            };
            sealed.push(blobs);
            rows.push(CoverageRow {
                subject,
                coverage,
                portfolio,
                sponsor: draft
                    .sponsor
                    .as_ref()
                    .and_then(|name| sponsors.get(name))
                    .copied()
                    .unwrap_or(NO_SPONSOR),
                plan: app.plans.named(&draft.plan, draft.coverage.start)?,
                holder: subject,
                start: draft.coverage.start,
                end: draft.coverage.end,
                version: 1,
            });
        }
        let given = rows.len() as u64;
        let there = sealed_covers(app, &rows).await?;
        let new = app.store().write(move |unit| insert_covers(unit, &rows, &sealed, &there)).await?;
        enrolled.add(Enrolled { new, known: given - new, refused: 0 });
    }
    Ok(enrolled)
}

/// What was sealed; none for someone whose keys were erased and who was not taken up again: nothing of theirs
/// is kept, and nobody else waits for it.
pub(crate) fn unless_erased<T>(sealed: Result<T, GateError>) -> Result<Option<T>, GateError> {
    match sealed {
        Err(GateError::NoKey { .. }) => Ok(None),
        sealed => sealed.map(Some),
    }
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

/// Inserts the spans that are not there yet, and seals anew those whose record was erased; answers how many.
fn insert_covers(
    unit: &mut store::Unit<'_>,
    rows: &[CoverageRow],
    sealed: &[Vec<SealedRow>],
    there: &Spans,
) -> Result<u64, StoreError> {
    let span = |row: &CoverageRow| (row.subject, RecordId::from(row.coverage));
    let subjects: Vec<SubjectId> = rows.iter().map(|row| row.subject).collect();
    let mut seen: Spans = store::many::coverages(unit, &subjects)?.iter().map(span).collect();
    let suspects = rows.iter().map(span).filter(|span| seen.contains(span) && !there.contains(span));
    let mut erased = without_record(unit, suspects.collect())?;
    let (mut new, mut new_sealed, mut count) = (Vec::new(), Vec::new(), 0);
    for (row, sealed) in rows.iter().zip(sealed) {
        if seen.insert(span(row)) {
            new.push(*row);
        } else if !erased.remove(&span(row)) {
            continue;
        }
        count += 1;
        new_sealed.extend(sealed.iter().cloned());
    }
    store::coverage::insert_many(unit, &new)?;
    store::sealed::insert_many(unit, &new_sealed)?;
    Ok(count)
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

/// The subject that a source's member id stands for.
pub(crate) fn member_id(app: &App, source: &str, source_id: &str) -> SubjectId {
    SubjectId::from_bytes(app.gate.imported_id("member", source, source_id))
}

/// The subject that a source's provider id stands for: one per portfolio, since portfolios share nothing.
pub(crate) fn provider_id(app: &App, portfolio: PortfolioId, source: &str, source_id: &str) -> SubjectId {
    SubjectId::from_bytes(app.gate.imported_id(&format!("provider/{portfolio}"), source, source_id))
}
