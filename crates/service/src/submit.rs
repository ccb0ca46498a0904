//! Taking in claims: sealed, with a work item open and assigned to the adjudication job, in one
//! transaction per part. The same claim of the same source again changes nothing; another claim under a known
//! id is refused.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    BatchId, Claim, ClaimId, ClaimState, Personal, PortfolioId, ProviderId, Purpose, Recipient, RecordId,
    SubjectId, SubjectKind,
};
use gate::{Actor, Asking, Collection, job_actor_id};
use intake::ClaimDraft;
use store::StoreError;
use store::claim::ClaimRow;
use store::condition::ConditionRow;
use store::job::JobRow;
use store::key::WrappedKey;
use store::sealed::SealedRow;

use crate::enrol::{member_id, provider_id, unless_erased};
use crate::{App, ServiceError, work_item};

/// Claims written in one transaction.
const PART: usize = 1_000;

/// What became of claims that were submitted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Submitted {
    /// The new claims, in the order given.
    pub new: Vec<ClaimId>,
    /// There before: left as they are, also where they were withdrawn since. Also those whose record was erased since: what they said cannot be
    /// compared any more, and they are not to come in, and be paid, a second time.
    pub known: u64,
    /// Refused: places among those given of claims whose id is known with other content, which stands.
    pub other_content: Vec<usize>,
    /// Refused: for someone who is not taken up here.
    pub unknown_member: u64,
    /// Refused: from a provider that is not taken up here.
    pub unknown_provider: u64,
    /// Refused: for someone whose records were erased, and who was not taken up again.
    pub erased: u64,
}

/// A claim on its way in.
pub(crate) struct Incoming<'a> {
    pub(crate) subject: SubjectId,
    pub(crate) claim: ClaimId,
    pub(crate) provider: ProviderId,
    pub(crate) draft: &'a ClaimDraft,
}

impl<'a> Incoming<'a> {
    /// With the ids that its source's ids stand for.
    pub(crate) fn new(app: &App, portfolio: PortfolioId, source: &str, draft: &'a ClaimDraft) -> Self {
        Self {
            subject: member_id(app, source, draft.member_source_id.reveal()),
            claim: ClaimId::from_bytes(sent_id(app, "claim", source, draft)),
            provider: provider_id(app, portfolio, source, draft.provider_source_id.reveal()).into(),
            draft,
        }
    }

    /// The same once more, after those before were withdrawn: the so-many-th time that it is sent again.
    pub(crate) fn again(
        app: &App,
        portfolio: PortfolioId,
        source: &str,
        draft: &'a ClaimDraft,
        again: u32,
    ) -> Self {
        let noun = format!("claim-again-{again}");
        let claim = ClaimId::from_bytes(sent_id(app, &noun, source, draft));
        Self { claim, ..Self::new(app, portfolio, source, draft) }
    }
}

/// Submits claims of one source. While one part is written, the next is sealed.
pub async fn submit_claims(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    source: &str,
    drafts: &[ClaimDraft],
) -> Result<Submitted, ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::ClaimsProcessing, app.gate.request());
    let members = app.gate.collect(&asking, SubjectKind::Member, Claim::CATEGORIES).await?;
    let dependants = app.gate.collect(&asking, SubjectKind::Beneficiary, Claim::CATEGORIES).await?;
    let intake = Intake { app, portfolio, source, members, dependants };
    let mut submitted = Submitted::default();
    let mut sealed = SealedPart::default();
    for (part, begin) in drafts.chunks(PART).zip((0..).step_by(PART)) {
        let SealedPart { rows, places } = std::mem::take(&mut sealed);
        let (inserted, next) =
            tokio::try_join!(write(app, rows), intake.seal((part, begin), &mut submitted))?;
        submitted.add(inserted, &places);
        sealed = next;
    }
    let inserted = write(app, sealed.rows).await?;
    submitted.add(inserted, &sealed.places);
    Ok(submitted)
}

/// Who takes claims in, and from where.
struct Intake<'a> {
    app: &'a App,
    portfolio: PortfolioId,
    source: &'a str,
    members: Collection,
    dependants: Collection,
}

/// A part to be written, with the place of each row's claim among those given.
#[derive(Default)]
struct SealedPart {
    rows: Vec<ClaimRows>,
    places: Vec<usize>,
}

impl Intake<'_> {
    /// Seals a part of the claims given, from the place `begin`.
    async fn seal(
        &self,
        (part, begin): (&[ClaimDraft], usize),
        submitted: &mut Submitted,
    ) -> Result<SealedPart, ServiceError> {
        let Self { app, portfolio, source, .. } = *self;
        let incoming: Vec<Incoming<'_>> =
            part.iter().map(|draft| Incoming::new(app, portfolio, source, draft)).collect();
        let known = Known::read(app, portfolio, &incoming).await?;
        let mut sealed = SealedPart::default();
        for (place, incoming) in (begin..).zip(incoming) {
            let Some((kind, keys)) = known.members.get(&incoming.subject) else {
                submitted.unknown_member += 1;
                continue;
            };
            if !known.providers.contains(&SubjectId::from(incoming.provider)) {
                submitted.unknown_provider += 1;
                continue;
            }
            let collection = if *kind == SubjectKind::Member { &self.members } else { &self.dependants };
            let claim = incoming.draft.clone().into_claim(incoming.provider);
            let rows = collection.seal(incoming.subject, incoming.claim, 1, &claim, keys);
            let Some(rows) = unless_erased(rows)? else {
                submitted.erased += 1;
                continue;
            };
            let content = collection.content_hash(incoming.subject, incoming.claim, &claim, keys)?;
            sealed.rows.push(rows_of(app, portfolio, &incoming, rows, content));
            sealed.places.push(place);
        }
        Ok(sealed)
    }
}

async fn write(app: &App, rows: Vec<ClaimRows>) -> Result<Inserted, ServiceError> {
    if rows.is_empty() {
        return Ok(Inserted::default());
    }
    Ok(app.store().write(move |unit| insert(unit, &rows)).await?)
}

impl Submitted {
    /// Counts what was written of a part whose claims have these places.
    fn add(&mut self, inserted: Inserted, places: &[usize]) {
        self.known += (places.len() - inserted.new.len() - inserted.differing.len()) as u64;
        self.new.extend(inserted.new);
        self.other_content
            .extend(inserted.differing.into_iter().filter_map(|index| places.get(index).copied()));
    }
}

/// What is known of the people that a part of claims names.
pub(crate) struct Known {
    pub(crate) members: BTreeMap<SubjectId, (SubjectKind, Vec<WrappedKey>)>,
    pub(crate) providers: BTreeSet<SubjectId>,
}

impl Known {
    pub(crate) async fn read(
        app: &App,
        portfolio: PortfolioId,
        incoming: &[Incoming<'_>],
    ) -> Result<Self, ServiceError> {
        let members: BTreeSet<SubjectId> = incoming.iter().map(|incoming| incoming.subject).collect();
        let providers: BTreeSet<SubjectId> =
            incoming.iter().map(|incoming| incoming.provider.into()).collect();
        let (members, providers): (Vec<_>, Vec<_>) =
            (members.into_iter().collect(), providers.into_iter().collect());
        let (rows, keys, providers) = app
            .store()
            .read(move |unit| {
                Ok::<_, StoreError>((
                    store::many::subjects(unit, &members)?,
                    store::many::keys(unit, &members)?,
                    store::many::subjects(unit, &providers)?,
                ))
            })
            .await?;
        let mut members: BTreeMap<SubjectId, (SubjectKind, Vec<WrappedKey>)> = rows
            .into_iter()
            .filter(|row| row.portfolio == portfolio)
            .map(|row| (row.subject, (row.kind, Vec::new())))
            .collect();
        for key in keys {
            if let Some((_, keys)) = members.get_mut(&key.subject) {
                keys.push(key);
            }
        }
        Ok(Self { members, providers: providers.into_iter().map(|row| row.subject).collect() })
    }
}

/// The id of what a source sent, by the noun that it stands for. The patient is part of it: a source that names
/// another patient under the same number means another one, and the two never meet.
pub(crate) fn sent_id(app: &App, noun: &str, source: &str, draft: &ClaimDraft) -> [u8; 16] {
    let noun = format!("{noun}/{}", member_id(app, source, draft.member_source_id.reveal()));
    app.gate.imported_id(&noun, source, draft.source_id.reveal())
}

/// The rows of one claim.
pub(crate) struct ClaimRows {
    claim: ClaimRow,
    sealed: Vec<SealedRow>,
    work_item: ConditionRow,
    job: JobRow,
}

pub(crate) fn rows_of(
    app: &App,
    portfolio: PortfolioId,
    incoming: &Incoming<'_>,
    sealed: Vec<SealedRow>,
    content: [u8; 32],
) -> ClaimRows {
    let Incoming { subject, claim, draft, .. } = incoming;
    ClaimRows {
        claim: ClaimRow {
            subject: *subject,
            claim: *claim,
            portfolio,
            state: ClaimState::Received,
            received: draft.received,
            outcome_reason: None,
            content,
            batch: BatchId::from_bytes([0; 16]),
            version: 1,
        },
        sealed,
        work_item: work_item::open(
            *subject,
            (*claim).into(),
            job_actor_id(Recipient::AdjudicationJob),
            app.gate.now(),
        ),
        job: JobRow {
            subject: *subject,
            job: RecordId::from(*claim),
            kind: JOB_ADJUDICATE,
            due: app.gate.now(),
            attempts: 0,
        },
    }
}

/// The kind of the jobs that wait for adjudication.
pub(crate) const JOB_ADJUDICATE: i64 = 1;

/// What became of rows that were given.
#[derive(Default)]
pub(crate) struct Inserted {
    pub(crate) new: Vec<ClaimId>,
    /// Places of rows whose claim is known with other content.
    pub(crate) differing: Vec<usize>,
}

/// Inserts the claims that are not there yet.
pub(crate) fn insert(unit: &mut store::Unit<'_>, rows: &[ClaimRows]) -> Result<Inserted, StoreError> {
    let pairs: Vec<(SubjectId, ClaimId)> =
        rows.iter().map(|row| (row.claim.subject, row.claim.claim)).collect();
    let known = store::many::claims(unit, &pairs)?;
    let mut known: BTreeMap<(SubjectId, ClaimId), [u8; 32]> =
        known.into_iter().map(|row| ((row.subject, row.claim), row.content)).collect();
    let (mut new, mut differing): (Vec<&ClaimRows>, Vec<(usize, &ClaimRows)>) = (Vec::new(), Vec::new());
    for (place, row) in rows.iter().enumerate() {
        match known.insert((row.claim.subject, row.claim.claim), row.claim.content) {
            None => new.push(row),
            Some(before) if before == row.claim.content => {}
            Some(before) => {
                known.insert((row.claim.subject, row.claim.claim), before);
                differing.push((place, row));
            }
        }
    }
    let differing = still_recorded(unit, differing, &new)?;
    let claims: Vec<ClaimRow> = new.iter().map(|row| row.claim).collect();
    let sealed: Vec<SealedRow> = new.iter().flat_map(|row| row.sealed.clone()).collect();
    let work_items: Vec<ConditionRow> = new.iter().map(|row| row.work_item).collect();
    let jobs: Vec<JobRow> = new.iter().map(|row| row.job).collect();
    store::claim::insert_many(unit, &claims)?;
    store::sealed::insert_many(unit, &sealed)?;
    store::condition::set_many(unit, &work_items)?;
    store::job::insert_many(unit, &jobs)?;
    Ok(Inserted { new: claims.iter().map(|claim| claim.claim).collect(), differing })
}

/// The places of those of these claims whose record is there, or among the new ones. The hash of an erased
/// one was made under a key that is gone, and differs from that of the same claim under a new key.
fn still_recorded(
    unit: &mut store::Unit<'_>,
    differing: Vec<(usize, &ClaimRows)>,
    new: &[&ClaimRows],
) -> Result<Vec<usize>, StoreError> {
    let record = |row: &ClaimRows| (row.claim.subject, RecordId::from(row.claim.claim));
    let asked: Vec<(SubjectId, RecordId)> = differing.iter().map(|(_, row)| record(row)).collect();
    let stored = store::many::records(unit, &asked, Claim::KIND, Claim::CATEGORIES)?;
    let mut there: BTreeSet<(SubjectId, RecordId)> =
        stored.iter().flat_map(|one| &one.rows).map(|row| (row.subject, row.record)).collect();
    if !differing.is_empty() {
        there.extend(new.iter().map(|row| record(row)));
    }
    Ok(differing
        .into_iter()
        .filter(|(_, row)| there.contains(&record(row)))
        .map(|(place, _)| place)
        .collect())
}
