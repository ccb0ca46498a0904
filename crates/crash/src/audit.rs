//! The auditor: reads what is left after a kill and holds it to what was said and to the rules that every
//! transaction keeps. It looks at plain rows and the log's bodies itself, and opens claims as an officer who
//! answers access requests would, with an entry for each.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{
    Claim, ClaimId, ClaimState, Condition, Personal, Purpose, Recipient, RecordId, RecordKind, RequestId,
    SubjectId, WorkItemId,
};
use gate::{Actor, Asking, Entry, EntryOutcome, MAX_PART, Target, assignment, job_actor_id};
use service::views::ClaimToAdjudicate;
use store::claim::ClaimRow;
use store::condition::ConditionRow;
use store::job::JobRow;
use store::sealed::SealedRow;
use store::{StoreError, Unit};

use crate::said::Said;
use crate::site::{PORTFOLIO, Site, SiteError};
use crate::{kept, staff};

/// Holds a site to what was said; remembers the log's checkpoint from one audit to the next, as someone
/// outside would.
#[derive(Debug, Default)]
pub struct Audit {
    checkpoint: Option<String>,
}

/// What an audit found.
#[derive(Debug, Default)]
pub struct Found {
    /// What is not as it must be; empty when all is well.
    pub faults: Vec<String>,
    /// Claims in the database.
    pub claims: usize,
    /// Entries of the log.
    pub entries: usize,
}

/// What is read at once of one subject.
struct Rows {
    claims: Vec<ClaimRow>,
    sealed: Vec<SealedRow>,
    conditions: Vec<ConditionRow>,
    jobs: Vec<JobRow>,
}

impl Audit {
    /// Audits. Errors only when the audit itself could not be made; what is wrong is among the faults.
    pub async fn audit(&mut self, site: &Site, said: &Said) -> Result<Found, SiteError> {
        let mut found = Found::default();
        self.log(site, &mut found).await;
        let entries = granted(site).await?;
        found.entries = entries.len();
        for (subject, request) in &said.released {
            if !entries.contains(&(*subject, *request)) {
                found.faults.push(format!("released without an entry: subject {subject}, request {request}"));
            }
        }
        let claims = claims(site, &mut found).await?;
        found.claims = claims.len();
        for (subject, claim) in &said.claims {
            if claims.get(claim) != Some(subject) {
                found.faults.push(format!("acknowledged and lost: claim {claim} of subject {subject}"));
            }
        }
        open_all(site, &claims, &mut found).await?;
        kept::consents(site, said, &mut found).await?;
        kept::erasures(site, said, &entries, &mut found).await?;
        let operator = site.app.gate.operator(&site.root, "auditor")?;
        if let Err(fault) = service::verify_ledger(&site.app, &operator, |_| {}).await {
            found.faults.push(format!("ledger: {fault}"));
        }
        let sealed = async { site.app.gate.sealer(None).await?.roll().await }.await;
        found.faults.extend(sealed.err().map(|error| format!("the log does not go on: {error}")));
        self.log(site, &mut found).await;
        self.checkpoint = site.app.gate.log_head().await?.checkpoint;
        Ok(found)
    }

    /// The log verifies, and has only grown since the last audit.
    async fn log(&self, site: &Site, found: &mut Found) {
        if let Err(error) = site.app.gate.verify_log(self.checkpoint.as_deref()).await {
            found.faults.push(error.to_string());
        }
    }
}

/// About whom, in which request, the log says that something was granted. Read from the bodies, past the
/// log's own index.
async fn granted(site: &Site) -> Result<BTreeSet<(SubjectId, RequestId)>, SiteError> {
    let entries = site.app.store().read(|unit| store::log::entries_between(unit, 0, i64::MAX)).await;
    let entries = entries.map_err(|error: StoreError| error)?;
    let granted = entries.iter().flat_map(|stored| {
        let is_granted =
            |entry: &Entry| entry.outcome == EntryOutcome::Granted && entry.subject == stored.subject;
        let entry = Entry::from_bytes(&stored.body).filter(is_granted);
        entry.into_iter().flat_map(|entry| stored.listed().map(move |subject| (subject, entry.request)))
    });
    Ok(granted.collect())
}

/// Every claim with its subject, each held to what belongs to its state. Those of people who leave are held to what is left of
/// them, elsewhere.
async fn claims(site: &Site, found: &mut Found) -> Result<BTreeMap<ClaimId, SubjectId>, SiteError> {
    let subjects: Vec<SubjectId> = site.people.staying().map(|number| site.subject(number)).collect();
    let mut all = BTreeMap::new();
    for part in subjects.chunks(50) {
        let part = part.to_vec();
        let rows = site
            .app
            .store()
            .read(move |unit| part.iter().map(|subject| rows(unit, *subject)).collect::<Result<Vec<_>, _>>());
        for rows in rows.await.map_err(|error: StoreError| error)? {
            all.extend(rows.claims.iter().map(|claim| (claim.claim, claim.subject)));
            check_subject(&rows, &mut found.faults);
        }
    }
    Ok(all)
}

fn rows(unit: &mut Unit<'_>, subject: SubjectId) -> Result<Rows, StoreError> {
    Ok(Rows {
        claims: store::claim::of_subject(unit, subject)?,
        sealed: store::sealed::of_subject(unit, subject)?,
        conditions: store::condition::of_subject(unit, subject)?,
        jobs: store::job::of_subject(unit, subject)?,
    })
}

/// What one transaction writes is there together, or none of it is.
fn check_subject(rows: &Rows, faults: &mut Vec<String>) {
    let mut sealed: HashMap<(RecordKind, RecordId), usize> = HashMap::new();
    for row in &rows.sealed {
        *sealed.entry((row.kind, row.record)).or_default() += 1;
    }
    let ids: BTreeSet<RecordId> = rows.claims.iter().map(|claim| claim.claim.into()).collect();
    for claim in &rows.claims {
        let (id, record) = (claim.claim, RecordId::from(claim.claim));
        let mut expect = |holds: bool, what: &str| {
            if !holds {
                faults.push(format!("claim {id}, which is {}: {what}", claim.state));
            }
        };
        let of = |kind| sealed.get(&(kind, record)).copied().unwrap_or(0);
        expect(of(Claim::KIND) == Claim::CATEGORIES.iter().count(), "its sealed rows are not all there");
        let waits = claim.state == ClaimState::Received;
        expect(rows.jobs.iter().any(|job| job.job == record) == waits, "its job does not fit its state");
        expect(
            has_work_item(rows, id, Recipient::AdjudicationJob) == waits,
            "its work item does not fit its state",
        );
        let booked = claim.state == ClaimState::Adjudicated;
        expect((of(RecordKind::Posting) > 0) == booked, "its posting does not fit its state");
        expect(
            has_work_item(rows, id, Recipient::PaymentJob) == booked,
            "its payment does not fit its state",
        );
        let decided = booked || claim.state == ClaimState::Settled;
        expect(!decided || of(RecordKind::Determination) > 0, "it is decided without a determination");
    }
    let orphan = |(kind, record): &&(RecordKind, RecordId)| *kind == Claim::KIND && !ids.contains(record);
    faults.extend(
        sealed.keys().filter(orphan).map(|(_, record)| format!("sealed rows without their claim {record}")),
    );
    let jobs = rows.jobs.iter().filter(|job| !ids.contains(&job.job));
    faults.extend(jobs.map(|job| format!("a job without its claim {}", job.job)));
}

fn has_work_item(rows: &Rows, claim: ClaimId, job: Recipient) -> bool {
    let object = assignment(claim.into(), job_actor_id(job));
    let open = |row: &ConditionRow| {
        row.condition == Condition::WorkItem && row.object == object && row.until.is_none()
    };
    rows.conditions.iter().any(open)
}

/// Opens every claim as the data protection officer, an access request open for each subject.
async fn open_all(
    site: &Site,
    claims: &BTreeMap<ClaimId, SubjectId>,
    found: &mut Found,
) -> Result<(), SiteError> {
    let subjects: Vec<SubjectId> = claims.values().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let (officer, item) = staff::with_task(site, Recipient::DataProtectionOfficer, subjects.clone()).await?;
    let asking = Asking::new(&officer, PORTFOLIO, Purpose::AccessRequest, site.app.gate.request());
    let targets = subjects.iter().map(|subject| Target { subject: *subject, item: Some(item) }).collect();
    let mut run = site.app.gate.run::<ClaimToAdjudicate>(asking, targets, MAX_PART).await?;
    let mut opened = BTreeSet::new();
    while let Some(part) = run.next().await? {
        found.faults.extend(
            part.refused.iter().map(|(target, refused)| format!("subject {}: {refused}", target.subject)),
        );
        let granted: Vec<SubjectId> = part.granted.iter().map(|target| target.subject).collect();
        for sealed in site.app.gate.fetch_many::<ClaimToAdjudicate>(&granted).await? {
            match part.grant.open(&sealed) {
                Ok(ClaimToAdjudicate { .. }) => {
                    opened.insert(ClaimId::from_bytes(*sealed.record().bytes()));
                }
                Err(error) => found.faults.push(format!("claim {}: {error}", sealed.record())),
            }
        }
    }
    let closed = claims.keys().filter(|claim| !opened.contains(claim));
    found.faults.extend(closed.map(|claim| format!("claim {claim} did not open")));
    if let Some(subject) = subjects.first() {
        check_list(site, &officer, item, *subject, found).await?;
    }
    Ok(())
}

/// The list that a person is shown has every entry about them.
async fn check_list(
    site: &Site,
    officer: &Actor,
    item: WorkItemId,
    subject: SubjectId,
    found: &mut Found,
) -> Result<(), SiteError> {
    let shown = service::answer_access_request(&site.app, officer, PORTFOLIO, subject, Some(item))
        .await?
        .history
        .len();
    let entries = site.app.store().read(|unit| store::log::entries_between(unit, 0, i64::MAX)).await;
    let stored = entries
        .map_err(|error: StoreError| error)?
        .iter()
        .filter(|entry| entry.is_listed(subject) && !gate::is_erased(&entry.body))
        .count();
    if shown != stored {
        found.faults.push(format!("subject {subject} is shown {shown} entries of {stored}"));
    }
    Ok(())
}
