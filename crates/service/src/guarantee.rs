//! Guarantees of payment: taking in what is asked for before care, giving it to somebody of the clinical staff,
//! their decision, and what the provider is told. No program decides: a clause for clinical staff opens it, and
//! stands without the person's consent. What claims then make of it, and what it
//! keeps free for them, is adjudication's (`adjudicate/guaranteed.rs`).

mod take;

pub use take::{return_guarantee, take_guarantee};

use domain::{
    CategorySet, Claim, Condition, Date, Guarantee, GuaranteeDecision, GuaranteeId, GuaranteeOutcome,
    GuaranteeState, GuaranteeTerms, Money, Person, Personal, PortfolioId, Purpose, Reason, Recipient,
    RecipientId, RequestId, SubjectId, SubjectKind, Timestamp,
};
use gate::{Actor, Asking, GateError, Reader, Sealed, Target, Writer};
use store::condition::ConditionRow;
use store::guarantee::GuaranteeRow;
use store::recipient::RecipientRow;
use store::{StoreError, Unit};

use crate::covered::covered;
use crate::enrol::unless_erased;
use crate::once;
use crate::receive::{ClaimRequest, Receipt, receipt};
use crate::submit::{Incoming, Known, sent_id};
use crate::views::{GuaranteeForProvider, GuaranteeToDecide, GuaranteeToSum, PersonForProvider};
use crate::{App, ServiceError, authority, work_item};

/// Which guarantee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuaranteePlace {
    /// In which portfolio.
    pub portfolio: PortfolioId,
    /// For whom the care is.
    pub subject: SubjectId,
    /// The guarantee.
    pub guarantee: GuaranteeId,
}

/// What somebody decides on a guarantee.
#[derive(Clone, PartialEq, Eq)]
pub enum NewOutcome {
    /// The plan pays: to this organisation of the register, up to this much, beside this share of the member's, for
    /// care from the first to the last day.
    Granted {
        /// The organisation that is told.
        to: RecipientId,
        /// What the plan pays at most.
        maximum: Money,
        /// What the member pays to it.
        member_share: Money,
        /// First day of care.
        first: Date,
        /// Last day of care.
        last: Date,
    },
    /// It does not.
    Refused(Reason),
    /// It does no longer.
    Withdrawn,
}

/// What a letter of guarantee says.
pub struct GuaranteeLetter {
    /// The organisation that is told, as the register names it.
    pub recipient: String,
    /// Its number among the decisions, from 1: a later one supersedes it.
    pub number: usize,
    /// The decision's day.
    pub decided: Date,
    /// What is guaranteed; none when it was taken back.
    pub terms: Option<GuaranteeTerms>,
    /// For whom.
    pub person: PersonForProvider,
    /// For which care.
    pub guarantee: GuaranteeForProvider,
}

/// The categories that this actor may take in with requests for guarantees, or a refusal that names the nearest
/// clause.
pub async fn guarantee_categories(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    request: RequestId,
) -> Result<CategorySet, ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::CareAccess, request);
    app.gate.collect(&asking, SubjectKind::Member, Guarantee::CATEGORIES).await?;
    Ok(covered(app, actor, portfolio).await?.of_guarantees())
}

/// Takes in a request for a guarantee of payment. The same request with the same key again answers as before and
/// changes nothing.
///
/// Errors: [`ServiceError::OtherRequest`] when the key was used for another request.
pub async fn request_guarantee(
    app: &App,
    actor: &Actor,
    sent: &ClaimRequest<'_>,
) -> Result<Receipt<GuaranteeId>, ServiceError> {
    let asking = Asking::new(actor, sent.portfolio, Purpose::CareAccess, sent.request);
    let incoming = [Incoming::new(app, sent.portfolio, sent.source, sent.draft)];
    let known = Known::read(app, sent.portfolio, &incoming).await?;
    let [Incoming { subject, provider, .. }] = incoming;
    let Some((kind, keys)) = known.members.get(&subject) else { return Ok(Receipt::UnknownMember) };
    if !known.providers.contains(&provider.into()) {
        return Ok(Receipt::UnknownProvider);
    }
    let collection = app.gate.collect(&asking, *kind, Guarantee::CATEGORIES).await?;
    let claim = sent.draft.clone().into_claim(provider);
    let guarantee = requested(claim);
    let id = GuaranteeId::from_bytes(sent_id(app, "guarantee", sent.source, sent.draft));
    let Some(sealed) = unless_erased(collection.seal(subject, id, 1, &guarantee, keys))? else {
        return Ok(Receipt::Erased);
    };
    let row = GuaranteeRow {
        subject,
        guarantee: id,
        portfolio: sent.portfolio,
        state: GuaranteeState::Requested,
        requested: guarantee.requested,
        content: collection.content_hash(subject, id, &guarantee, keys)?,
        version: 1,
    };
    let answer = once::answer(app, actor, &sent.once(subject, &sent.place()), id.into());
    let written = app
        .store()
        .write(move |unit| {
            if let Some(record) = once::before(unit, &answer)? {
                return Ok(GuaranteeId::from_bytes(*record.bytes()));
            }
            store::guarantee::insert(unit, &row)?;
            store::sealed::insert_many(unit, &sealed)?;
            Ok(id)
        })
        .await;
    receipt(written, id)
}

/// What is asked for, in the shape of a claim, before anything is decided.
fn requested(claim: Claim) -> Guarantee {
    Guarantee {
        requested: claim.received,
        provider: claim.provider,
        currency: claim.currency,
        lines: claim.lines,
        services: claim.services,
        diagnoses: claim.diagnoses,
        decisions: Vec::new(),
        country: claim.country,
        emergency: claim.emergency,
        accident: claim.accident,
        in_network: claim.in_network,
        away_since: claim.away_since,
        room: claim.room,
    }
}

/// A guarantee that is before somebody.
pub struct GuaranteeFile {
    /// What is asked for, and was decided before.
    pub guarantee: GuaranteeToDecide,
    /// For whom.
    pub person: PersonForProvider,
    /// The version that a decision must name.
    pub version: i64,
}

/// Reads a guarantee that is before the actor.
pub async fn read_guarantee(
    app: &App,
    actor: &Actor,
    place: GuaranteePlace,
    request: RequestId,
) -> Result<GuaranteeFile, ServiceError> {
    let asking = deciding(actor, place.portfolio, request);
    let grant = app.gate.ask::<ToDecide>(&asking, target(place)).await?;
    let (sealed, person) = (fetch(app, place).await?, fetch_person(app, place).await?);
    Ok(GuaranteeFile {
        guarantee: grant.open(&sealed)?,
        person: grant.open(&person)?,
        version: sealed.version(),
    })
}

/// Writes down a decision on a guarantee that is before the actor, if it still is of this version. One that stands is
/// open to be read until its last day; whoever is to give the care is then a provider of the person's. One above what
/// the actor may release alone is a proposal, which somebody else takes next.
///
/// Errors: [`ServiceError::Guarantee`] for terms that cannot be; [`StoreError::Changed`] for another version.
pub async fn decide_guarantee(
    app: &App,
    actor: &Actor,
    place: GuaranteePlace,
    version: i64,
    new: &NewOutcome,
    request: RequestId,
) -> Result<GuaranteeState, ServiceError> {
    let asking = deciding(actor, place.portfolio, request);
    let grant = app.gate.ask::<ToDecide>(&asking, target(place)).await?;
    let sealed = fetch(app, place).await?;
    if sealed.version() != version {
        return Err(StoreError::Changed.into());
    }
    let opened: GuaranteeToDecide = grant.open(&sealed)?;
    let (mut others, today) = (Vec::new(), app.today()?);
    for other in app.gate.fetch_many::<GuaranteeToSum>(&[place.subject]).await? {
        if other.record() != place.guarantee.into() {
            let other: GuaranteeToSum = grant.open(&other)?;
            others.extend(standing(&other.decisions, actor, today));
        }
    }
    let (outcome, relation) = outcome(app, actor, place.portfolio, (&opened, &others), new).await?;
    let decision = GuaranteeDecision { decided: today, by: actor.id(), outcome };
    let state = decision.outcome.state();
    let computed = grant.compute(place.subject, &[], &decision, &sealed, write_down)?;
    let (assignee, now) = (actor.id(), app.gate.now());
    app.store()
        .write(move |unit| {
            let row = row(unit, place)?.ok_or(StoreError::NotFound)?;
            store::guarantee::set_state(unit, &GuaranteeRow { state, ..row })?;
            store::sealed::put_many(unit, &computed.rows)?;
            let item = work_item::open(place.subject, place.guarantee.into(), assignee, now);
            match relation {
                Some((party, end)) => {
                    store::condition::set_many(unit, &[ConditionRow { until: Some(end), ..item }])?;
                    treats(unit, place.subject, party, now, end)
                }
                None => store::condition::end(unit, place.subject, Condition::WorkItem, item.object, now)
                    .map(drop),
            }
        })
        .await?;
    Ok(state)
}

/// The terms of a guarantee that this actor gave, while it stands.
fn standing(decisions: &[GuaranteeDecision], actor: &Actor, today: Date) -> Option<GuaranteeTerms> {
    let holds = GuaranteeDecision::that_holds(decisions).filter(|decision| decision.by == actor.id())?;
    match holds.outcome {
        GuaranteeOutcome::Granted(terms) if today <= terms.last => Some(terms),
        _ => None,
    }
}

/// Who treats the person, and until when.
type Treats = (RecipientId, Timestamp);

/// A new decision's outcome, as the domain has it, and who treats the person by it.
async fn outcome(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    (opened, others): (&GuaranteeToDecide, &[GuaranteeTerms]),
    new: &NewOutcome,
) -> Result<(GuaranteeOutcome, Option<Treats>), ServiceError> {
    match new {
        NewOutcome::Granted { to, maximum, member_share, first, last } => {
            let to = *to;
            let registered =
                app.store().read(move |unit| store::recipient::get(unit, portfolio, to)).await?.row;
            let is_provider =
                |row: &RecipientRow| row.portfolio == portfolio && row.kind == Recipient::Provider;
            let row = registered.filter(is_provider);
            let row = row.ok_or(ServiceError::NotFound("provider in this portfolio's register"))?;
            let amounts = (*maximum, *member_share);
            let terms = GuaranteeTerms::new(opened.currency, app.today()?, to, amounts, (*first, *last))?;
            // With what the actor guaranteed the same provider for the person: several small ones are one large one.
            let of_same = others.iter().filter(|other| other.to == to).map(|other| other.maximum);
            let amounts: Vec<Money> = of_same.chain([*maximum]).collect();
            if !authority::may_release(app, actor, &amounts).await? {
                return Ok((GuaranteeOutcome::Proposed(terms), None));
            }
            let end = last.plus_days(1).map(Timestamp::start_of).ok_or(ServiceError::Clock)?;
            Ok((GuaranteeOutcome::Granted(terms), Some((row.party(), end))))
        }
        NewOutcome::Refused(reason) => Ok((GuaranteeOutcome::Refused(*reason), None)),
        NewOutcome::Withdrawn => match holds(&opened.decisions) {
            Some(GuaranteeState::Granted) => Ok((GuaranteeOutcome::Withdrawn, None)),
            _ => Err(domain::GuaranteeError::NotGranted.into()),
        },
    }
}

/// Where a guarantee stands by what was decided, whatever was proposed since.
fn holds(decisions: &[GuaranteeDecision]) -> Option<GuaranteeState> {
    GuaranteeDecision::that_holds(decisions).map(|decision| decision.outcome.state())
}

/// The record with the decision added. It captures nothing.
fn write_down(
    decision: &GuaranteeDecision,
    sealed: &Sealed<Guarantee>,
    reader: &Reader<'_, ToDecide>,
    writer: &mut Writer<'_>,
) -> Result<(), GateError> {
    let opened: GuaranteeToDecide = reader.open(sealed)?;
    let mut decisions = opened.decisions;
    decisions.push(decision.clone());
    let guarantee = Guarantee {
        requested: opened.requested,
        provider: opened.provider,
        currency: opened.currency,
        lines: opened.lines,
        services: opened.services,
        diagnoses: opened.diagnoses,
        decisions,
        country: opened.country,
        emergency: opened.emergency,
        accident: opened.accident,
        in_network: opened.in_network,
        away_since: opened.away_since,
        room: opened.room,
    };
    writer.replace(sealed, &guarantee)
}

/// What the provider of the last decision is told: an entry that names it, in the person's chain.
///
/// Errors: [`ServiceError::NotFound`] when nothing was guaranteed to that organisation.
pub async fn guarantee_letter(
    app: &App,
    actor: &Actor,
    place: GuaranteePlace,
    to: RecipientId,
    request: RequestId,
) -> Result<GuaranteeLetter, ServiceError> {
    let asking = Asking { to: Some(to), ..Asking::new(actor, place.portfolio, Purpose::CareAccess, request) };
    let grant = app.gate.ask::<(PersonForProvider, GuaranteeForProvider)>(&asking, target(place)).await?;
    let person = fetch_person(app, place).await?;
    let guarantee: GuaranteeForProvider = grant.open(&fetch(app, place).await?)?;
    let told = |decision: &GuaranteeDecision| match decision.outcome {
        GuaranteeOutcome::Granted(terms) => (terms.to == to).then_some(terms),
        _ => None,
    };
    let was_told = guarantee.decisions.iter().any(|decision| told(decision).is_some());
    let last = GuaranteeDecision::that_holds(&guarantee.decisions).filter(|_| was_told);
    let last = last.ok_or(ServiceError::NotFound("guarantee to this provider"))?;
    let registered =
        app.store().read(move |unit| store::recipient::get(unit, place.portfolio, to)).await?.row;
    Ok(GuaranteeLetter {
        recipient: registered.ok_or(ServiceError::NotFound("recipient"))?.name,
        number: guarantee.decisions.len(),
        decided: last.decided,
        terms: told(last),
        person: grant.open(&person)?,
        guarantee,
    })
}

/// What somebody sees to decide: taking a request in opens none of it, since nobody decides without knowing whom it is
/// about.
type ToDecide = (GuaranteeToDecide, PersonForProvider, GuaranteeToSum);

/// An ask to look at a guarantee and to write a decision down.
fn deciding(actor: &Actor, portfolio: PortfolioId, request: RequestId) -> Asking<'_> {
    let writes = Guarantee::CATEGORIES;
    Asking { writes, ..Asking::new(actor, portfolio, Purpose::CareAccess, request) }
}

fn target(place: GuaranteePlace) -> Target {
    Target::for_item(place.subject, place.guarantee)
}

async fn fetch(app: &App, place: GuaranteePlace) -> Result<Sealed<Guarantee>, ServiceError> {
    let sealed = app.gate.fetch::<GuaranteeToDecide>(place.subject, place.guarantee).await?;
    sealed.ok_or(ServiceError::NotFound("guarantee"))
}

async fn fetch_person(app: &App, place: GuaranteePlace) -> Result<Sealed<Person>, ServiceError> {
    let sealed = app.gate.fetch::<PersonForProvider>(place.subject, place.subject).await?;
    sealed.ok_or(ServiceError::NotFound("person"))
}

fn row(unit: &mut Unit<'_>, place: GuaranteePlace) -> Result<Option<GuaranteeRow>, StoreError> {
    let row = store::guarantee::get(unit, place.subject, place.guarantee)?;
    Ok(row.filter(|row| row.portfolio == place.portfolio))
}

/// Notes that an organisation treats somebody until that instant, unless it is known to for longer.
fn treats(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    party: RecipientId,
    now: Timestamp,
    end: Timestamp,
) -> Result<(), StoreError> {
    let object = *party.bytes();
    let known = store::condition::of_subject(unit, subject)?;
    let longer = |row: &ConditionRow| {
        (row.condition, row.object) == (Condition::RelationProvider, object)
            && row.is_live(now)
            && row.until.is_none_or(|until| until >= end)
    };
    if known.iter().any(longer) {
        return Ok(());
    }
    let relation = Condition::RelationProvider;
    let row = ConditionRow { subject, condition: relation, object, since: now, until: Some(end) };
    store::condition::set_many(unit, &[row])
}
