//! Material that comes without a category: it is sealed as it came, waits until somebody who has it as a task has
//! looked at it, and then becomes a record of its category, or is destroyed. Each look and each decision is an entry on
//! the record before anything opens or changes. It reads no file format, and decides nothing about a claim.

mod kinds;

use domain::{
    Category, CategorySet, Material, Personal, PortfolioId, Purpose, QuarantineState, RecordId,
    RefusalReason, RequestId, SubjectId, SubjectKind, Timestamp, Unclassified, WorkItemId,
};
use gate::{Actor, Asking, Collection, GateError, Target};
use sha2::{Digest, Sha256};
use store::quarantine::{Decided, QuarantineRow};
use store::sealed::SealedRow;
use store::{StoreError, Unit, quarantine};

pub use kinds::CLASSES;

use crate::hold;
use crate::once::{self, Sent};
use crate::views::{MaterialToClassify, MaterialToRefuse};
use crate::{App, ServiceError, taking_in, work_item};

/// The most pieces that a list names.
const PAGE: usize = 100;

/// How often material is sealed again, when the key that it was sealed with went meanwhile.
const ATTEMPTS: u8 = 4;

/// Material as it was sent. Its Debug is redacted: the material says it all.
pub struct Supplied<'a> {
    /// In which portfolio.
    pub portfolio: PortfolioId,
    /// Whose.
    pub subject: SubjectId,
    /// The client's own key for this request.
    pub key: &'a str,
    /// What kind of file it is, as whoever sent it says.
    pub media_type: &'a str,
    /// What came.
    pub content: &'a [u8],
    /// The request that this is part of.
    pub request: RequestId,
}

impl std::fmt::Debug for Supplied<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Supplied(redacted)")
    }
}

/// One piece of material in a portfolio, in the service of whoever works on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Whose.
    pub subject: SubjectId,
    /// Which.
    pub material: RecordId,
}

impl Piece {
    /// The task that it is: to classify it.
    fn item(&self) -> WorkItemId {
        WorkItemId::from_bytes(*self.material.bytes())
    }

    fn target(&self) -> Target {
        Target { subject: self.subject, item: Some(self.item()) }
    }
}

/// Takes in material of a person that says nothing of what it is. The same request with the same key again answers as
/// before and changes nothing.
///
/// Errors: [`ServiceError::OtherRequest`] when the key was used for other material; [`ServiceError::Unusable`] for what
/// [`Material::parse`] does not take.
pub async fn supply_material(
    app: &App,
    actor: &Actor,
    sent: &Supplied<'_>,
) -> Result<RecordId, ServiceError> {
    let asking = Asking::new(actor, sent.portfolio, Purpose::Classification, sent.request);
    taking_in::may_take_in(app, &asking, sent.subject, Unclassified::CATEGORIES).await?;
    let material = Material::parse(sent.media_type, sent.content.to_vec()).map_err(ServiceError::Unusable)?;
    let record = Unclassified { material };
    let about = taking_in::about(app, &asking, sent.subject, Unclassified::CATEGORIES).await?;
    let Some((_, collection)) = about else { return Err(taking_in::not_there(app, &asking, NOBODY).await) };
    for _ in 1..ATTEMPTS {
        match take_in(app, actor, sent, &collection, &record).await {
            Err(ServiceError::Store(StoreError::Changed)) => {}
            // Who they are was erased: as of who never was there.
            Err(ServiceError::Gate(GateError::NoKey { .. })) => {
                return Err(taking_in::not_there(app, &asking, NOBODY).await);
            }
            other => return other,
        }
    }
    take_in(app, actor, sent, &collection, &record).await
}

const NOBODY: ServiceError = ServiceError::NotFound("person in this portfolio");

/// Seals and writes material. [`StoreError::Changed`] when the key went meanwhile, with the last piece that waited.
async fn take_in(
    app: &App,
    actor: &Actor,
    sent: &Supplied<'_>,
    collection: &Collection,
    record: &Unclassified,
) -> Result<RecordId, ServiceError> {
    let keys = app.keys_for::<Unclassified>(sent.subject).await?;
    let id = RecordId::from_bytes(app.gate.random_id());
    let sealed = collection.seal(sent.subject, id, 1, record, &keys)?;
    let row = QuarantineRow {
        subject: sent.subject,
        material: id,
        portfolio: sent.portfolio,
        state: QuarantineState::Waiting,
        arrived: app.gate.now(),
        decided: None,
    };
    let said = Sha256::new().chain_update(sent.media_type).chain_update([0]).chain_update(sent.content);
    let said: String = said.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let place = sent.portfolio.to_string();
    let request = Sent { subject: sent.subject, kind: "material", key: sent.key, place: &place, body: &said };
    let answer = once::answer(app, actor, &request, id);
    app.store()
        .write(move |unit| {
            if let Some(before) = once::before(unit, &answer)? {
                return Ok(before);
            }
            let class = Unclassified::RETENTION;
            let key = store::key::get(unit, row.subject, Category::Unclassified, class)?;
            if !key.is_some_and(|key| keys.contains(&key)) {
                return Err(StoreError::Changed.into());
            }
            quarantine::insert(unit, &row)?;
            store::sealed::insert_many(unit, &sealed)?;
            Ok(id)
        })
        .await
}

/// Whether a clause lets the actor take in material, or a refusal that names the nearest.
pub async fn may_supply_material(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    request: RequestId,
) -> Result<(), ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::Classification, request);
    app.gate.collect(&asking, SubjectKind::Member, Unclassified::CATEGORIES).await?;
    Ok(())
}

/// A piece that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitingMaterial {
    /// Which, and whose.
    pub piece: Piece,
    /// When it came.
    pub arrived: Timestamp,
    /// When somebody took it up; none while nobody did.
    pub taken_up: Option<Timestamp>,
}

/// The material of a portfolio that waits to be classified, the oldest first and at most a hundred: for those who
/// classify. It tells whose, which and since when, and opens nothing.
pub async fn waiting_material(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    request: RequestId,
) -> Result<Vec<WaitingMaterial>, ServiceError> {
    may_classify(app, actor, portfolio, request).await?;
    let (state, now) = (QuarantineState::Waiting, app.gate.now());
    let rows =
        app.store().read(move |unit| quarantine::oldest(unit, portfolio, state, (now, None), PAGE)).await;
    let rows = rows.map_err(|error: StoreError| error)?.into_iter();
    let waiting = rows.map(|row| WaitingMaterial {
        piece: Piece { subject: row.subject, material: row.material },
        arrived: row.arrived,
        taken_up: row.decided.map(|taken_up| taken_up.at),
    });
    Ok(waiting.collect())
}

/// Takes up a piece as one's task. Whoever had it before has it no longer: one person at a time works on it.
pub async fn take_up_material(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    piece: Piece,
    request: RequestId,
) -> Result<(), ServiceError> {
    may_classify(app, actor, portfolio, request).await?;
    let asking = Asking::new(actor, portfolio, Purpose::Enrolment, request);
    app.gate.may_handle(&asking, piece.subject).await?;
    let (now, by) = (app.gate.now(), actor.id());
    app.store()
        .write(move |unit| {
            let mut row = waiting(unit, portfolio, piece)?;
            if let Some(before) = row.decided {
                work_item::end(unit, piece.subject, piece.item(), before.by, now)?;
            }
            row.decided = Some(Decided { at: now, by, request, category: None, reason: None });
            quarantine::decide(unit, &row, QuarantineState::Waiting)?;
            let task = work_item::open(piece.subject, piece.item(), by, now);
            store::condition::set_many(unit, &[task]).map_err(ServiceError::from)
        })
        .await
}

/// Reads a piece: one that waits, for classifying it; one that was classified, as the record of its category that it
/// is, for the purpose and the work item that the actor serves.
pub async fn read_material(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    piece: Piece,
    (purpose, item): (Purpose, Option<WorkItemId>),
    request: RequestId,
) -> Result<Material, ServiceError> {
    let asking = Asking::new(actor, portfolio, purpose, request);
    if purpose == Purpose::Classification {
        let grant = app.gate.ask::<MaterialToClassify>(&asking, piece.target()).await?;
        let sealed = app.gate.fetch::<MaterialToClassify>(piece.subject, piece.material).await?;
        return Ok(grant.open(&sealed.ok_or(NO_MATERIAL)?)?.material);
    }
    let row = app.store().read(move |unit| quarantine::get(unit, piece.subject, piece.material)).await;
    let row = row.map_err(|error: StoreError| error)?.filter(|row| row.portfolio == portfolio);
    // Of what is not there, or waits, the same is asked as of other supplied data: who may not ask learns nothing.
    let category = row.and_then(|row| row.decided?.category);
    kinds::read(app, &asking, Target { subject: piece.subject, item }, piece.material, category).await
}

/// Files a piece as a record of a category, from which on the clauses that name this category hold for it. Errors:
/// it is decided already, or nothing can be filed as that.
pub async fn classify_material(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    piece: Piece,
    category: Category,
    request: RequestId,
) -> Result<(), ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::Classification, request);
    let row = app.person(portfolio, piece.subject).await?;
    let kind = row.map_or(SubjectKind::Member, |row| row.kind);
    let collection = app.gate.collect(&asking, kind, CategorySet::of(&[category])).await?;
    let outcome = Outcome { state: QuarantineState::Classified, category: Some(category), reason: None };
    for _ in 1..ATTEMPTS {
        let filed = kinds::file(app, &asking, &collection, piece, category).await?;
        match settle(app, actor, portfolio, piece, outcome, filed, request).await {
            Err(ServiceError::Store(StoreError::Changed)) if still_waits(app, portfolio, piece).await? => {}
            other => return other,
        }
    }
    Err(StoreError::Changed.into())
}

/// Whether nobody decided about a piece: then it was a key that changed meanwhile.
async fn still_waits(app: &App, portfolio: PortfolioId, piece: Piece) -> Result<bool, ServiceError> {
    Ok(app.store().read(move |unit| waiting(unit, portfolio, piece)).await.is_ok())
}

/// Refuses a piece: it is destroyed, but for what a legal matter holds, and why stays on the record. Errors: it is decided already.
pub async fn refuse_material(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    piece: Piece,
    reason: RefusalReason,
    request: RequestId,
) -> Result<(), ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::Classification, request);
    app.gate.ask::<MaterialToRefuse>(&asking, piece.target()).await?;
    let outcome = Outcome { state: QuarantineState::Refused, category: None, reason: Some(reason) };
    settle(app, actor, portfolio, piece, outcome, Filed::default(), request).await
}

/// What was decided about a piece.
#[derive(Clone, Copy)]
struct Outcome {
    state: QuarantineState,
    category: Option<Category>,
    reason: Option<RefusalReason>,
}

const NO_MATERIAL: ServiceError = ServiceError::NotFound("material");

/// What is filed, sealed, and the person's keys.
type Filed = (Vec<SealedRow>, Vec<store::key::WrappedKey>);

/// Writes a decision, and in the same transaction takes away what waited and puts in its place what was filed.
async fn settle(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    piece: Piece,
    outcome: Outcome,
    (rows, keys): Filed,
    request: RequestId,
) -> Result<(), ServiceError> {
    let (at, by) = (app.gate.now(), actor.id());
    app.store()
        .write(move |unit| {
            let mut row = waiting(unit, portfolio, piece)?;
            let Outcome { state, category, reason } = outcome;
            row.state = state;
            row.decided = Some(Decided { at, by, request, category, reason });
            quarantine::decide(unit, &row, QuarantineState::Waiting)?;
            // What a legal matter holds is refused all the same, and stays sealed until its years have run: whoever
            // classifies learns of no matter.
            if state != QuarantineState::Refused || hold::of(unit, piece.subject, at)?.is_empty() {
                destroy_waiting(unit, piece, at)?;
            }
            for row in &rows {
                // Its key may have gone meanwhile, with the last piece that it sealed.
                let key = store::key::get(unit, row.subject, row.category, row.class)?;
                if !key.is_some_and(|key| keys.contains(&key)) {
                    return Err(StoreError::Changed.into());
                }
            }
            store::sealed::insert_many(unit, &rows)?;
            work_item::end(unit, piece.subject, piece.item(), by, at).map_err(ServiceError::from)
        })
        .await
}

/// Takes away what waited, and answers whether it was there; when nothing of the person is left that nobody classified, its key is destroyed.
fn destroy_waiting(unit: &mut Unit<'_>, piece: Piece, at: Timestamp) -> Result<bool, StoreError> {
    let was_there =
        store::sealed::delete_record(unit, piece.subject, Unclassified::KIND, piece.material)? > 0;
    if !store::sealed::kinds_of(unit, piece.subject)?.contains(&Unclassified::KIND) {
        store::key::erase(unit, piece.subject, Category::Unclassified, Unclassified::RETENTION, at)?;
    }
    Ok(was_there)
}

/// Destroys one piece whose time has run, whatever kind of record it is by now; answers whether it was there.
pub(crate) fn lapse(unit: &mut Unit<'_>, row: &QuarantineRow, at: Timestamp) -> Result<bool, StoreError> {
    let piece = Piece { subject: row.subject, material: row.material };
    quarantine::decide(unit, &QuarantineRow { state: QuarantineState::Lapsed, ..*row }, row.state)?;
    if row.state == QuarantineState::Waiting
        && let Some(taken_up) = row.decided
    {
        work_item::end(unit, piece.subject, piece.item(), taken_up.by, at)?;
    }
    if row.state != QuarantineState::Classified {
        return destroy_waiting(unit, piece, at);
    }
    let mut was_there = false;
    for kind in kinds::RECORDS {
        let rows = store::sealed::of_record(unit, piece.subject, *kind, piece.material)?;
        store::sealed::delete_record(unit, piece.subject, *kind, piece.material)?;
        for row in &rows {
            destroy_key_of_nothing(unit, row, at)?;
        }
        was_there |= !rows.is_empty();
    }
    Ok(was_there)
}

/// Destroys the key of a row that was deleted, when nothing that it seals is left: an older copy of the database has the row still.
fn destroy_key_of_nothing(unit: &mut Unit<'_>, row: &SealedRow, at: Timestamp) -> Result<(), StoreError> {
    if !store::sealed::is_any(unit, row.subject, row.category, row.class)? {
        store::key::erase(unit, row.subject, row.category, row.class, at)?;
    }
    Ok(())
}

/// A piece that waits in this portfolio.
fn waiting(unit: &mut Unit<'_>, portfolio: PortfolioId, piece: Piece) -> Result<QuarantineRow, ServiceError> {
    let row = quarantine::get(unit, piece.subject, piece.material)?;
    let row = row.filter(|row| row.portfolio == portfolio).ok_or(NO_MATERIAL)?;
    if row.state == QuarantineState::Waiting { Ok(row) } else { Err(StoreError::Changed.into()) }
}

/// Whether a clause lets the actor put away what is classified: then it is one who classifies.
async fn may_classify(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    request: RequestId,
) -> Result<(), ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::Classification, request);
    app.gate.collect(&asking, SubjectKind::Member, CategorySet::of(&[Category::Other])).await?;
    Ok(())
}
