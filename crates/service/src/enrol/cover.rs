//! Taking up spans of cover: of people who are here, under the version of their plan that applies on the first day.
//! A span that says something else than before is changed, and what it said is kept; one whose sealed record was erased is
//! written anew, its plain row with it. Claims that were decided before stay as they are.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{
    CoverageId, Date, Personal, PortfolioId, Purpose, RecordId, SponsorId, SubjectId, SubjectKind, Timestamp,
    View,
};
use gate::{Actor, Asking, Collection};
use intake::CoverageDraft;
use sha2::{Digest, Sha256};
use store::StoreError;
use store::coverage::CoverageRow;
use store::key::WrappedKey;
use store::lookup::LookupRow;
use store::reference::SponsorRow;
use store::sealed::SealedRow;
use store::subject::SubjectRow;

use super::{Enrolled, PART, member_id, unless_erased};
use crate::views::CoverOnDay;
use crate::{App, ServiceError};

/// How often a part is taken anew because somebody else changed a span of it meanwhile, such as a release.
const TRIES: usize = 5;

/// What was said of spans of cover so far, some 30 bytes a span: of two rows that say different things of one span the first
/// holds. Whoever takes up a file in parts gives the same one with each.
#[derive(Default)]
pub struct SaidOfCover(HashMap<u128, u64>);

/// A span, and what a row says of it, each as a hash: nobody but the site can make it, since what it is of was keyed.
type Saying = (u128, u64);

/// Takes up cover of members that were taken up before.
///
/// Errors: the clause does not let it in; a plan is not known; what is there was changed each time that a part was tried.
pub async fn enrol_coverage(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    source: &str,
    drafts: &[CoverageDraft],
    said: &mut SaidOfCover,
) -> Result<Enrolled, ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::Enrolment, app.gate.request());
    let categories = domain::Coverage::CATEGORIES;
    let members = app.gate.collect(&asking, SubjectKind::Member, categories).await?;
    let dependants = app.gate.collect(&asking, SubjectKind::Beneficiary, categories).await?;
    // Cover falls under the newest version, which another process may have added.
    app.plans.refresh(app.store()).await?;
    let sponsors = sponsors(app, portfolio, drafts).await?;
    let taking = Taking { app, portfolio, source, members, dependants, sponsors };
    let mut enrolled = Enrolled::default();
    for part in drafts.chunks(PART) {
        let mut tries = 1;
        let done = loop {
            match taking.part(part, said).await {
                Err(ServiceError::Store(StoreError::Changed)) if tries < TRIES => tries += 1,
                done => break done?,
            }
        };
        enrolled.add(done);
    }
    Ok(enrolled)
}

/// Who takes up cover of what source, with what drafts of a file share.
struct Taking<'a> {
    app: &'a App,
    portfolio: PortfolioId,
    source: &'a str,
    members: Collection,
    dependants: Collection,
    sponsors: BTreeMap<String, SponsorId>,
}

impl Taking<'_> {
    /// Takes up a part in one transaction.
    async fn part(&self, part: &[CoverageDraft], said: &mut SaidOfCover) -> Result<Enrolled, ServiceError> {
        let ids: Vec<SubjectId> = part
            .iter()
            .map(|draft| member_id(self.app, self.source, draft.member_source_id.reveal()))
            .collect();
        let known = Known::read(self.app, ids.clone()).await?;
        let kinds = known.kinds(self.portfolio);
        let mut enrolled = Enrolled::default();
        let (mut given, mut changes, mut sayings) = (Vec::new(), Vec::new(), HashMap::new());
        for (draft, subject) in part.iter().zip(ids) {
            let Some(kind) = kinds.get(&subject) else {
                enrolled.refused += 1;
                continue;
            };
            let (span, is_changed) = match self.span(&known, draft, subject, *kind)? {
                Span::Erased => {
                    enrolled.erased += 1;
                    continue;
                }
                Span::Another => {
                    enrolled.another_span += 1;
                    continue;
                }
                Span::Given(span) => (span, false),
                Span::Changed(span) => (span, true),
            };
            let (place, says) = span.saying(&draft.plan);
            match said.0.get(&place).or_else(|| sayings.get(&place)) {
                Some(first) if *first == says => enrolled.known += 1,
                Some(_) => enrolled.contradictory += 1,
                None => {
                    sayings.insert(place, says);
                    if is_changed { &mut changes } else { &mut given }.push(span);
                }
            }
        }
        let count = given.len() as u64;
        enrolled.changed = changes.len() as u64;
        let concerned = concerned(&known.spans, &given, &changes, self.app.today()?);
        let (there, at, portfolio) = (known.sealed, self.app.gate.now(), self.portfolio);
        let write = move |unit: &mut store::Unit<'_>| {
            changes.iter().try_for_each(|span| change_cover(unit, span, at))?;
            store::decide_anew::note(unit, portfolio, &concerned, at)?;
            insert_covers(unit, &given, &there)
        };
        let (new, returned) = self.app.store().write(write).await?;
        said.0.extend(sayings);
        enrolled.add(Enrolled { new, returned, known: count - new - returned, ..Enrolled::default() });
        Ok(enrolled)
    }

    fn span(
        &self,
        known: &Known,
        draft: &CoverageDraft,
        subject: SubjectId,
        kind: SubjectKind,
    ) -> Result<Span, ServiceError> {
        let (app, cover) = (self.app, &draft.coverage);
        let collection = if kind == SubjectKind::Member { &self.members } else { &self.dependants };
        let id = app.gate.imported_id("coverage", self.source, draft.source_id.reveal());
        let coverage = CoverageId::from_bytes(id);
        let own: Vec<WrappedKey> = known.keys.iter().filter(|key| key.subject == subject).cloned().collect();
        let Some(sealed) = unless_erased(collection.seal(subject, coverage, 1, cover, &own))? else {
            return Ok(Span::Erased);
        };
        let row = CoverageRow {
            subject,
            coverage,
            portfolio: self.portfolio,
            sponsor: sponsor_of(draft, &self.sponsors),
            plan: app.plans.named(&draft.plan, cover.start)?,
            holder: known.holders.get(&subject).copied().unwrap_or(subject),
            start: cover.start,
            end: cover.end,
            version: 1,
            currency: cover.currency,
            recorded: app.gate.now(),
            content: collection.content_hash(subject, coverage, cover, &own)?,
        };
        let lookups = app.gate.policy_rows(subject, &cover.policy_number);
        let place = (subject, RecordId::from(coverage));
        let (Some(stands), Some(version)) = (known.spans.get(&place), known.sealed.get(&place)) else {
            return Ok(Span::Given(NewSpan { row, sealed, lookups }));
        };
        let is_same_plan = app.plans.get(stands.plan).is_some_and(|stands| stands.id() == draft.plan);
        if !is_same_plan || (stands.currency, stands.start) != (row.currency, row.start) {
            return Ok(Span::Another);
        }
        if (stands.content, stands.sponsor) == (row.content, row.sponsor) {
            return Ok(Span::Given(NewSpan { row, sealed, lookups }));
        }
        // Another version of the plan is the business of a run that decides again, and another holder that of the family.
        let CoverageRow { plan, holder, version: from, recorded, .. } = *stands;
        let row = CoverageRow { plan, holder, version: from, recorded, ..row };
        let sealed = collection.seal(subject, coverage, version + 1, cover, &own)?;
        Ok(Span::Changed(NewSpan { row, sealed, lookups }))
    }
}

/// A span as a draft gives it.
struct NewSpan {
    row: CoverageRow,
    sealed: Vec<SealedRow>,
    lookups: Vec<LookupRow>,
}

impl NewSpan {
    fn place(&self) -> Place {
        (self.row.subject, self.row.coverage.into())
    }

    /// What its row says, under the plan that it names.
    fn saying(&self, plan: &str) -> Saying {
        let CoverageRow { subject, coverage, content, sponsor, .. } = &self.row;
        let place = Sha256::new().chain_update(subject.bytes()).chain_update(coverage.bytes()).finalize();
        let says =
            Sha256::new().chain_update(content).chain_update(sponsor.bytes()).chain_update(plan).finalize();
        (number(&place), number(&says) as u64)
    }
}

/// The first bytes of a hash as a number.
fn number(hash: &[u8]) -> u128 {
    hash.iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte))
}

/// What a draft is.
enum Span {
    /// A span as it would be taken up: it may be here already.
    Given(NewSpan),
    /// One that is here and says something else now.
    Changed(NewSpan),
    /// The keys that it would be sealed with were destroyed.
    Erased,
    /// It is here under another plan, in another currency or from another first day: what was counted under it would not fit, or
    /// not be found.
    Another,
}

/// What is there of people whose cover comes in.
struct Known {
    subjects: Vec<SubjectRow>,
    keys: Vec<WrappedKey>,
    /// Under whose contract dependants are.
    holders: BTreeMap<SubjectId, SubjectId>,
    /// Their spans, and the versions of those whose sealed record is there.
    spans: BTreeMap<Place, CoverageRow>,
    sealed: BTreeMap<Place, i64>,
}

/// A span, with whose it is: the same id may stand for a span of each of several members, since sources
/// number from 1.
type Place = (SubjectId, RecordId);

impl Known {
    async fn read(app: &App, ids: Vec<SubjectId>) -> Result<Self, ServiceError> {
        let (kind, categories) = (domain::Coverage::KIND, domain::Coverage::CATEGORIES);
        let fetched = app.store().fetch_many(ids.clone(), &[kind], categories).await?;
        let records = fetched.into_iter().flat_map(|one| one.fetched.rows);
        let sealed = records.map(|row| ((row.subject, row.record), row.version)).collect();
        let read = app.store().read(move |unit| {
            let subjects = store::many::subjects(unit, &ids)?;
            let mut holders = BTreeMap::new();
            for row in subjects.iter().filter(|row| row.kind == SubjectKind::Beneficiary) {
                holders.insert(row.subject, store::family::holder_of(unit, row.subject)?);
            }
            let spans = store::many::coverages(unit, &ids)?.into_iter();
            let spans = spans.map(|row| ((row.subject, row.coverage.into()), row)).collect();
            Ok::<_, StoreError>((store::many::keys(unit, &ids)?, subjects, holders, spans))
        });
        let (keys, subjects, holders, spans) = read.await?;
        Ok(Self { subjects, keys, holders, spans, sealed })
    }

    /// What kind of person each one of the portfolio is.
    fn kinds(&self, portfolio: PortfolioId) -> BTreeMap<SubjectId, SubjectKind> {
        let here = self.subjects.iter().filter(|row| row.portfolio == portfolio);
        here.map(|row| (row.subject, row.kind)).collect()
    }
}

/// Whose claims may come out otherwise: those of whom a span says something else, or who had cover before a further span that has begun.
fn concerned(
    spans: &BTreeMap<Place, CoverageRow>,
    given: &[NewSpan],
    changes: &[NewSpan],
    today: Date,
) -> Vec<SubjectId> {
    let had: BTreeSet<SubjectId> = spans.keys().map(|(subject, _)| *subject).collect();
    let is_further = |span: &&NewSpan| {
        !spans.contains_key(&span.place()) && had.contains(&span.row.subject) && span.row.start <= today
    };
    let further = given.iter().filter(is_further);
    let all: BTreeSet<SubjectId> = further.chain(changes).map(|span| span.row.subject).collect();
    all.into_iter().collect()
}

/// Puts what a span says now in the place of what it said, which is kept.
fn change_cover(unit: &mut store::Unit<'_>, span: &NewSpan, at: Timestamp) -> Result<(), StoreError> {
    store::coverage::replace(unit, &span.row)?;
    // What was believed is told in these categories, and of the others nothing is kept.
    let (told, rest): (Vec<SealedRow>, Vec<SealedRow>) =
        span.sealed.iter().cloned().partition(|row| CoverOnDay::WANTED.contains(row.category));
    store::former::supersede(unit, &told, at)?;
    store::sealed::put_many(unit, &rest)?;
    store::lookup::insert_missing(unit, &span.lookups).map(drop)
}

fn sponsor_of(draft: &CoverageDraft, known: &BTreeMap<String, SponsorId>) -> SponsorId {
    draft.sponsor.as_ref().and_then(|name| known.get(name)).copied().unwrap_or(NO_SPONSOR)
}

/// Inserts the spans that are not there yet, and writes anew, sealed and plain, those whose record was erased;
/// answers how many of each.
fn insert_covers(
    unit: &mut store::Unit<'_>,
    given: &[NewSpan],
    there: &BTreeMap<Place, i64>,
) -> Result<(u64, u64), StoreError> {
    let subjects: Vec<SubjectId> = given.iter().map(|span| span.row.subject).collect();
    let stored = store::many::coverages(unit, &subjects)?;
    let versions: BTreeMap<Place, i64> =
        stored.iter().map(|row| ((row.subject, row.coverage.into()), row.version)).collect();
    let mut seen: BTreeSet<Place> = versions.keys().copied().collect();
    let suspects = given.iter().map(NewSpan::place);
    let suspects = suspects.filter(|place| seen.contains(place) && !there.contains_key(place));
    let mut erased = without_record(unit, suspects.collect())?;
    let (mut new, mut new_sealed, mut new_lookups, mut returned) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for span in given {
        let (row, place) = (span.row, span.place());
        if seen.insert(place) {
            new.push(row);
        } else if erased.remove(&place) {
            // The old row counts for retention and says the plan: it must not outlive what it was about.
            let version = versions.get(&place).copied().unwrap_or(row.version);
            store::coverage::replace(unit, &CoverageRow { version, ..row })?;
            returned += 1;
        } else {
            continue;
        }
        new_sealed.extend(span.sealed.iter().cloned());
        // Several spans, and several people, may have one policy.
        new_lookups.extend(span.lookups.iter().copied());
    }
    store::coverage::insert_many(unit, &new)?;
    store::sealed::insert_many(unit, &new_sealed)?;
    store::lookup::insert_missing(unit, &new_lookups)?;
    Ok((new.len() as u64, returned))
}

/// Those of these spans whose sealed record is gone.
fn without_record(
    unit: &mut store::Unit<'_>,
    mut spans: BTreeSet<Place>,
) -> Result<BTreeSet<Place>, StoreError> {
    let asked: Vec<Place> = spans.iter().copied().collect();
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
