//! Taking up providers, members and their cover: under the clause for enrolment, keys first, then all
//! rows of a part in one transaction. Taking up the same again changes nothing. Someone whose records were
//! erased is refused, unless whoever takes them up says that they are to be taken up anew.

mod anew;
mod cover;

pub use cover::{SaidOfCover, enrol_coverage};

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    ActorId, Condition, ConsentChannel, GoverningLaw, Person, Personal, PortfolioId, Provider, Purpose,
    RecordKind, SubjectId, SubjectKind, Timestamp,
};
use gate::{Actor, Asking, Collection, GateError};
use intake::{MemberDraft, ProviderDraft, SourceId};
use store::StoreError;
use store::condition::ConditionRow;
use store::consent::{ConsentRow, Withdrawal};
use store::family::FamilyRow;
use store::key::WrappedKey;
use store::lookup::LookupRow;
use store::sealed::SealedRow;
use store::subject::SubjectRow;

use crate::correct::MEMBER_NUMBER;
use crate::{App, ServiceError};

/// Drafts written in one transaction.
const PART: usize = 500;

/// What became of drafts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Enrolled {
    /// Written now.
    pub new: u64,
    /// Known, and written anew or given new keys, since what was there was erased.
    pub returned: u64,
    /// Spans of cover that are here and said something else: what they said is kept beside what they say now.
    pub changed: u64,
    /// There before: left as they are.
    pub known: u64,
    /// Refused: cover for someone who is not taken up in the portfolio; a member whose number another
    /// member of the site has.
    pub refused: u64,
    /// Refused: someone whose records were erased, or their cover. See [`enrol_members_anew`].
    pub erased: u64,
    /// Refused: someone who is known under another governing law than the one that is said of them.
    pub other_law: u64,
    /// Refused: a span of cover that is here under another plan, in another currency or from another first day.
    pub another_span: u64,
    /// Refused: a second row that says something else of a span than the first.
    pub contradictory: u64,
}

impl Enrolled {
    /// Adds what became of others.
    pub fn add(&mut self, other: Self) {
        self.new += other.new;
        self.returned += other.returned;
        self.changed += other.changed;
        self.known += other.known;
        self.refused += other.refused;
        self.erased += other.erased;
        self.other_law += other.other_law;
        self.another_span += other.another_span;
        self.contradictory += other.contradictory;
    }
}

/// What happens to someone whose records were erased and of whom a row comes in again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Erased {
    /// Nothing: a source that sends everybody every night says nothing by it.
    Refuse,
    /// They get new keys and are taken up anew.
    TakeUp,
}

/// The rows of one new subject.
struct NewSubject {
    row: SubjectRow,
    /// Whether the source says which law governs their cover, and it is not merely the portfolio's.
    law_is_said: bool,
    keys: Vec<WrappedKey>,
    sealed: Vec<SealedRow>,
    lookups: Vec<LookupRow>,
    /// What the source says that they consented to.
    consents: Vec<ConsentRow>,
    recorder: ActorId,
}

/// Takes up members and dependants of one source. Someone whose records were erased is refused.
pub async fn enrol_members(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    source: &str,
    drafts: &[MemberDraft],
) -> Result<Enrolled, ServiceError> {
    members(app, actor, portfolio, source, drafts, Erased::Refuse).await
}

/// The same, and takes up anew whoever was erased, wholly or in part: somebody said that they come back. Only
/// what is missing is made: who someone is stays as it was when that was kept.
pub async fn enrol_members_anew(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    source: &str,
    drafts: &[MemberDraft],
) -> Result<Enrolled, ServiceError> {
    members(app, actor, portfolio, source, drafts, Erased::TakeUp).await
}

async fn members(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    source: &str,
    drafts: &[MemberDraft],
    erased: Erased,
) -> Result<Enrolled, ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::Enrolment, app.gate.request());
    let members = app.gate.collect(&asking, SubjectKind::Member, Person::CATEGORIES).await?;
    let dependants = app.gate.collect(&asking, SubjectKind::Beneficiary, Person::CATEGORIES).await?;
    let usual = law_of(app, portfolio).await?;
    let mut enrolled = Enrolled::default();
    for part in drafts.chunks(PART) {
        let mut new = Vec::with_capacity(part.len());
        let (families, alone) = families(app, source, part);
        for draft in part {
            let collection = if draft.kind == SubjectKind::Member { &members } else { &dependants };
            let subject = member_id(app, source, draft.source_id.reveal());
            let mut rows = prepare(collection, subject, draft.governing_law.unwrap_or(usual), actor.id())?;
            rows.law_is_said = draft.governing_law.is_some();
            rows.lookups = app.gate.lookup_rows(subject, &draft.person);
            rows.consents.extend(draft.health_consent.map(|since| ConsentRow {
                subject,
                condition: Condition::ConsentHealth,
                object: *portfolio.bytes(),
                given: Timestamp::start_of(since),
                day: since,
                text: None,
                channel: ConsentChannel::Source,
                giver: subject,
                recorder: actor.id(),
                withdrawn: None,
            }));
            new.push((rows, collection, draft));
        }
        let written = write::<Person, _>(app, new, erased, |subject, collection, draft, keys| {
            collection.seal(subject, subject, 1, &draft.person, keys)
        });
        let written = written.await?;
        told_as_taken(app, &asking, written.refused).await?;
        enrolled.add(written);
        // Also of those who were here before: the source says it every night.
        let said = move |unit: &mut store::Unit<'_>| {
            store::family::set_many(unit, &families)?;
            store::family::leave_many(unit, &alone)
        };
        app.store().write(said).await?;
    }
    Ok(enrolled)
}

/// Puts on the record, before any of it is answered, of how many rows it is told that somebody else has their number: that is
/// found by searching. A source sends many rows, and is not held to the pace of who types.
async fn told_as_taken(app: &App, asking: &Asking<'_>, rows: u64) -> Result<(), ServiceError> {
    if rows == 0 {
        return Ok(());
    }
    let Asking { actor, portfolio, purpose, request, .. } = *asking;
    let by_number = Asking { filters: MEMBER_NUMBER, ..Asking::new(actor, portfolio, purpose, request) };
    let words = format!("{rows} rows of members refused: their numbers are others'");
    Ok(app.gate.record_search(&by_number, None, Some(words)).await?)
}

/// Under whose contract dependants are, as a source says, and who is under none but their own: the last row counts.
fn families(app: &App, source: &str, drafts: &[MemberDraft]) -> (Vec<FamilyRow>, Vec<SubjectId>) {
    let id = |source_id: &SourceId| member_id(app, source, source_id.reveal());
    let said = drafts.iter().map(|draft| {
        let subject = id(&draft.source_id);
        (subject, draft.holder_source_id.as_ref().map_or(subject, id))
    });
    let said: BTreeMap<SubjectId, SubjectId> = said.collect();
    let (alone, under): (Vec<_>, Vec<_>) = said.into_iter().partition(|(subject, holder)| subject == holder);
    let rows = under.into_iter().map(|(subject, holder)| FamilyRow { subject, holder });
    (rows.collect(), alone.into_iter().map(|(subject, _)| subject).collect())
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
    let collection = app.gate.collect(&asking, SubjectKind::Practitioner, Provider::CATEGORIES).await?;
    let law = law_of(app, portfolio).await?;
    let mut enrolled = Enrolled::default();
    for part in drafts.chunks(PART) {
        let new = part
            .iter()
            .map(|draft| {
                let subject = provider_id(app, portfolio, source, draft.source_id.reveal());
                Ok((prepare(&collection, subject, law, actor.id())?, &collection, draft))
            })
            .collect::<Result<Vec<_>, ServiceError>>()?;
        enrolled.add(
            write::<Provider, _>(app, new, Erased::Refuse, |subject, collection, draft, keys| {
                collection.seal(subject, subject, 1, &draft.provider, keys)
            })
            .await?,
        );
    }
    Ok(enrolled)
}

/// The law that governs a portfolio's cover where nothing else is said of a person.
async fn law_of(app: &App, portfolio: PortfolioId) -> Result<GoverningLaw, ServiceError> {
    let law = app.store().read(move |unit| store::reference::law(unit, portfolio)).await?;
    Ok(law.unwrap_or(GoverningLaw::Elsewhere))
}

fn prepare(
    collection: &Collection,
    subject: SubjectId,
    law: GoverningLaw,
    recorder: ActorId,
) -> Result<NewSubject, ServiceError> {
    let (row, keys) = collection.new_subject(subject, law)?;
    let (sealed, lookups, consents) = (Vec::new(), Vec::new(), Vec::new());
    Ok(NewSubject { row, law_is_said: false, keys, sealed, lookups, consents, recorder })
}

/// Keys first, durable; then the rows, sealed under the keys that stand in the key store. `P` is the record
/// that says who a subject is.
async fn write<P: Personal, D>(
    app: &App,
    mut given: Vec<(NewSubject, &Collection, &D)>,
    erased: Erased,
    seal: impl Fn(SubjectId, &Collection, &D, &[WrappedKey]) -> Result<Vec<SealedRow>, gate::GateError>,
) -> Result<Enrolled, ServiceError> {
    let mut enrolled = Enrolled { known: given.len() as u64, ..Enrolled::default() };
    let subjects: Vec<SubjectId> = given.iter().map(|(rows, ..)| rows.row.subject).collect();
    let known = app.store().read(move |unit| store::many::subjects(unit, &subjects)).await?;
    let mut missing = anew::Missing::read::<P, _>(app, &known, &given).await?;
    // What may be opened of somebody follows their law: one who is here under another is not simply known.
    let here = known.iter().filter(|row| !missing.is_unknown(row.subject));
    let mut laws: BTreeMap<SubjectId, GoverningLaw> = here.map(|row| (row.subject, row.law)).collect();
    given.retain(|(NewSubject { row, law_is_said, .. }, ..)| {
        // Of two rows about somebody new the first one counts.
        let law = *laws.entry(row.subject).or_insert(row.law);
        !law_is_said || law == row.law
    });
    enrolled.other_law = enrolled.known - given.len() as u64;
    if erased == Erased::Refuse {
        enrolled.erased =
            given.iter().filter(|(rows, ..)| missing.is_unknown(rows.row.subject)).count() as u64;
        missing = anew::Missing::default();
    }
    let mut seen: BTreeSet<SubjectId> =
        known.iter().map(|row| row.subject).filter(|subject| !missing.is_any(*subject)).collect();
    let mut new: Vec<_> = given.into_iter().filter(|(rows, ..)| seen.insert(rows.row.subject)).collect();
    for (rows, ..) in new.iter_mut().filter(|(rows, ..)| missing.is_any(rows.row.subject)) {
        // Whoever returns is asked anew: what the source has may be what they took back.
        rows.consents.clear();
        if missing.is_only_keys(rows.row.subject) {
            rows.lookups.clear();
        }
    }
    enrolled.refused = leave_out_taken(app, &mut new).await?;

    let keys: Vec<WrappedKey> =
        new.iter_mut().flat_map(|(rows, ..)| std::mem::take(&mut rows.keys)).collect();
    missing.clear(app, &keys).await?;
    let standing = app.gate.keep_keys(keys).await?;
    let mut by_subject: BTreeMap<SubjectId, Vec<WrappedKey>> = BTreeMap::new();
    for key in standing {
        by_subject.entry(key.subject).or_default().push(key);
    }
    let mut rows = Vec::with_capacity(new.len());
    for (mut subject, collection, draft) in new {
        let id = subject.row.subject;
        if !missing.is_only_keys(id) {
            let keys = by_subject.remove(&id).unwrap_or_default();
            subject.sealed = seal(id, collection, draft, &keys)?;
        }
        rows.push(subject);
    }
    enrolled.returned = rows.iter().filter(|rows| missing.is_any(rows.row.subject)).count() as u64;
    enrolled.new = rows.len() as u64 - enrolled.returned;
    enrolled.known -=
        enrolled.new + enrolled.returned + enrolled.refused + enrolled.erased + enrolled.other_law;
    let now = app.gate.now();
    app.store().write(move |unit| insert_people(unit, &rows, &missing, P::KIND, now)).await?;
    Ok(enrolled)
}

/// Inserts the rows of people, the new ones' and the missing ones of those who return.
fn insert_people(
    unit: &mut store::Unit<'_>,
    rows: &[NewSubject],
    missing: &anew::Missing,
    kind: RecordKind,
    now: Timestamp,
) -> Result<(), StoreError> {
    let is_new = |row: &SubjectRow| !missing.is_any(row.subject);
    let subjects: Vec<SubjectRow> = rows.iter().map(|subject| subject.row).filter(is_new).collect();
    store::subject::insert_many(unit, &subjects)?;
    for rows in rows {
        let subject = rows.row.subject;
        if missing.is_unknown(subject) {
            store::sealed::delete_record(unit, subject, kind, subject.into())?;
            store::lookup::delete_of_subject(unit, subject)?;
            end_consents(unit, subject, now, rows.recorder)?;
            store::subject::set_law(unit, subject, rows.row.law)?;
        }
        if missing.is_any(subject) {
            // Else the cover that ended before they were erased would have them erased again.
            store::subject::taken_up_anew(unit, subject, now)?;
        }
        store::sealed::insert_many(unit, &rows.sealed)?;
        store::lookup::insert_many(unit, &rows.lookups)?;
        store::consent::insert_missing(unit, &rows.consents)?;
        let live: Vec<ConditionRow> = rows.consents.iter().map(ConsentRow::live).collect();
        store::condition::set_many(unit, &live)?;
    }
    Ok(())
}

/// Ends what someone who returns consented to before they were erased: they are asked again.
fn end_consents(
    unit: &mut store::Unit<'_>,
    subject: SubjectId,
    at: Timestamp,
    recorder: ActorId,
) -> Result<(), StoreError> {
    let conditions = store::condition::of_subject(unit, subject)?;
    for row in conditions.into_iter().filter(|row| row.condition.is_consent()) {
        let withdrawal = Withdrawal { at, channel: ConsentChannel::Source, by: None, recorder, shown: None };
        store::consent::withdraw(unit, subject, (row.condition, row.object), &withdrawal)?;
        store::condition::end(unit, subject, row.condition, row.object, at)?;
    }
    Ok(())
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

/// What was sealed; none for someone whose keys were erased and who was not taken up again: nothing of theirs
/// is kept, and nobody else waits for it.
pub(crate) fn unless_erased<T>(sealed: Result<T, GateError>) -> Result<Option<T>, GateError> {
    match sealed {
        Err(GateError::NoKey { .. }) => Ok(None),
        sealed => sealed.map(Some),
    }
}

/// The subject that a source's member id stands for.
pub(crate) fn member_id(app: &App, source: &str, source_id: &str) -> SubjectId {
    SubjectId::from_bytes(app.gate.imported_id("member", source, source_id))
}

/// The subject that a source's provider id stands for: one per portfolio, since portfolios share nothing.
pub(crate) fn provider_id(app: &App, portfolio: PortfolioId, source: &str, source_id: &str) -> SubjectId {
    SubjectId::from_bytes(app.gate.imported_id(&format!("provider/{portfolio}"), source, source_id))
}
