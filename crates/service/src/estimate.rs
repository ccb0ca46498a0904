//! What a treatment would cost somebody, and why, before they have it: the person themself asks, or staff for whom a clause
//! opens what the rules need. It is what adjudication would decide today under the person's cover, by what was counted of
//! theirs, and told step by step. Nothing is kept of it but the entry in the log: what was asked about stands nowhere.

use std::collections::BTreeMap;

use benefits::TreatmentEstimate;
use domain::{
    AccumulatorBalance, Accumulators, ClaimLine, Coverage, Currency, Date, Diagnosis, Language, LineService,
    OutcomeReason, Payee, PortfolioId, ProviderId, Purpose, Recipient, RequestId, SubjectId,
};
use gate::{Actor, Asking, Grant, Sealed, Target};
use intake::Circumstances;
use store::StoreError;

use crate::adjudicate::compute::{Context, Known, OpenCover, cover_for, in_order};
use crate::adjudicate::estimate::determine;
use crate::adjudicate::family::{Families, Shared};
use crate::adjudicate::guaranteed::Guarantees;
use crate::span::SinceWhen;
use crate::views::{
    AccumulatorsToAdjudicate, ClaimToAdjudicate, CoverToEstimate, FamilySumsToCount, GuaranteeToCount,
    PersonToAdjudicate,
};
use crate::{App, ServiceError};

/// The views of one ask.
type ToEstimate = (PersonToAdjudicate, CoverToEstimate, AccumulatorsToAdjudicate, GuaranteeToCount);

/// Care that somebody may have, in the shape of the claim that would come of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Treatment {
    /// Who would give it; none where that is open, so that no guarantee of payment is for it.
    pub provider: Option<ProviderId>,
    /// The currency of every charge.
    pub currency: Currency,
    /// What would be charged, and when.
    pub lines: Vec<ClaimLine>,
    /// What each line would be for.
    pub services: Vec<LineService>,
    /// Diagnoses.
    pub diagnoses: Vec<Diagnosis>,
    /// What else is known of it.
    pub circumstances: Circumstances,
}

/// What a treatment would cost somebody.
pub struct EstimateFor {
    /// The plan version that their cover is under, `id@version`.
    pub plan: String,
    /// Its name.
    pub plan_name: String,
    /// What it would cost, and why.
    pub estimate: TreatmentEstimate,
}

/// Says what a treatment would cost somebody, as it would be decided if the claim came in today. What counts for a family together
/// is read for the holder of the contract, whose record it is; for a dependant, to whom no clause opens the holder's, the answer is
/// worked out as if nothing stood on it, and says so. The entry is durable before anything opens.
///
/// Errors: no clause lets the actor; the person has no cover, or the days of the treatment fall into several spans of it; a plan
/// cannot be read; a treatment that is no claim.
pub async fn estimate_for(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    target: Target,
    treatment: &Treatment,
    language: Language,
    request: RequestId,
) -> Result<EstimateFor, ServiceError> {
    let asking = Asking::new(actor, portfolio, purpose(actor), request);
    let grant = app.gate.ask::<ToEstimate>(&asking, target).await?;
    let subject = target.subject;
    let person = app.gate.fetch::<PersonToAdjudicate>(subject, subject).await?;
    let person: PersonToAdjudicate = grant.open(&person.ok_or(ServiceError::NotFound("person"))?)?;
    let (context, sealed) = context(app, subject).await?;
    let birth = person.birth_date;
    let covers = open_covers(app, &grant, (&context, &sealed), (subject, birth)).await?;
    let known = Known::without_claims(&context, person, guarantees(app, &grant, subject).await?);
    let claim = treatment.as_claim(context.today);
    let place = cover_for(&covers, &claim).map_err(no_cover)?;
    let Some(cover) = covers.get(place) else { return Err(no_cover(OutcomeReason::NoCover)) };
    let (family, is_without_family) = match cover.shared() {
        None => (None, false),
        Some(shared) if shared.holder == subject => {
            (sums(app, &asking, target, (shared, cover.cover.currency)).await?, false)
        }
        Some(_) => (Some(Vec::new()), true),
    };
    let determined = determine(&known, (&covers, place), &claim, family.as_deref())?;
    let determination = determined.map_err(|error| ServiceError::Estimate(error.to_string()))?;
    let told = (&claim.lines[..], &determination);
    Ok(EstimateFor {
        plan: cover.plan.label().to_owned(),
        plan_name: cover.plan.name().to_owned(),
        estimate: benefits::estimate(cover.plan, told, is_without_family, language),
    })
}

/// Why the actor asks: somebody to be told of their own cover, claims staff of a claim that they have before them, everybody else
/// to answer a question.
fn purpose(actor: &Actor) -> Purpose {
    match actor.recipient() {
        Recipient::Subject => Purpose::AdministrativeCommunication,
        Recipient::ClaimsStaff => Purpose::ClaimsProcessing,
        _ => Purpose::CustomerService,
    }
}

impl Treatment {
    /// The claim that would come of it, received on a day.
    fn as_claim(&self, received: Date) -> ClaimToAdjudicate {
        let known = self.circumstances.clone();
        ClaimToAdjudicate {
            received,
            // Nobody has this id, so that nothing before is by the same.
            provider: self.provider.unwrap_or_else(|| ProviderId::from_bytes([0; 16])),
            payee: Payee::Member,
            currency: self.currency,
            lines: self.lines.clone(),
            services: self.services.clone(),
            diagnoses: self.diagnoses.clone(),
            country: known.country,
            emergency: known.emergency,
            accident: known.accident,
            in_network: known.in_network,
            away_since: known.away_since,
            room: known.room,
            documents: known.documents,
            episodes: known.episodes,
            other_payer: known.other_payer,
            invoiced: known.invoiced,
            admitted: known.admitted,
        }
    }
}

fn no_cover(reason: OutcomeReason) -> ServiceError {
    let problem = match reason {
        OutcomeReason::SeveralCovers => {
            "its days fall into more than one span of cover: ask about each by itself"
        }
        _ => "the person has no cover",
    };
    ServiceError::Estimate(problem.to_owned())
}

/// What the rules may know beside the person's records, and their sealed cover.
async fn context(app: &App, subject: SubjectId) -> Result<(Context, Vec<Sealed<Coverage>>), ServiceError> {
    let families = Families::of(app, vec![subject]).await?;
    let rows = app.store().read(move |unit| store::coverage::of_subject(unit, subject)).await;
    let rows = rows.map_err(|error: StoreError| error)?;
    if rows.iter().any(|row| app.plans.get(row.plan).is_none()) {
        app.plans.refresh(app.store()).await?;
    }
    app.rates.refresh(app.store()).await?;
    let mut plans = BTreeMap::new();
    for row in &rows {
        let plan = app.plans.get(row.plan).ok_or(ServiceError::NotFound("readable plan of this cover"))?;
        plans.insert((subject, row.coverage), plan);
    }
    let shared = rows
        .iter()
        .filter_map(|row| Some(((subject, row.coverage), families.shared(subject, row.coverage)?)))
        .collect();
    let since = SinceWhen::of(&rows, |span| app.plans.get(span.plan));
    let context = Context { plans, since, shared, rates: app.rates.all(), today: app.today()? };
    Ok((context, app.gate.fetch_many::<CoverToEstimate>(&[subject]).await?))
}

/// The spans of cover, with what was counted under each.
async fn open_covers<'c>(
    app: &App,
    grant: &Grant<ToEstimate>,
    (context, sealed): (&'c Context, &[Sealed<Coverage>]),
    (subject, birth): (SubjectId, Date),
) -> Result<Vec<OpenCover<'c>>, ServiceError> {
    let counted = app.gate.fetch_many::<AccumulatorsToAdjudicate>(&[subject]).await?;
    let mut covers = Vec::with_capacity(sealed.len());
    for sealed in sealed {
        let cover: CoverToEstimate = grant.open(sealed)?;
        let accumulators = match counted.iter().find(|counted| counted.record() == sealed.record()) {
            Some(counted) => {
                let opened: AccumulatorsToAdjudicate = grant.open(counted)?;
                let AccumulatorsToAdjudicate { balances, lines, guarantees } = opened;
                Accumulators { balances, lines, guarantees }
            }
            None => Accumulators::default(),
        };
        covers.extend(OpenCover::of(context, sealed, birth, cover.into_cover(), accumulators));
    }
    in_order(&mut covers);
    Ok(covers)
}

async fn guarantees(
    app: &App,
    grant: &Grant<ToEstimate>,
    subject: SubjectId,
) -> Result<Guarantees, ServiceError> {
    let mut opened = Vec::new();
    for sealed in app.gate.fetch_many::<GuaranteeToCount>(&[subject]).await? {
        opened.push((sealed.record(), grant.open(&sealed)?));
    }
    Ok(Guarantees::of(opened))
}

/// What the holder's contract counted together: an entry of its own. What was counted in another currency says nothing in this one.
async fn sums(
    app: &App,
    asking: &Asking<'_>,
    target: Target,
    (shared, currency): (Shared, Currency),
) -> Result<Option<Vec<AccumulatorBalance>>, ServiceError> {
    let grant = app.gate.ask::<FamilySumsToCount>(asking, target).await?;
    let Some(sealed) = app.gate.fetch::<FamilySumsToCount>(target.subject, shared.record).await? else {
        return Ok(Some(Vec::new()));
    };
    let counted: FamilySumsToCount = grant.open(&sealed)?;
    Ok((counted.currency == currency).then_some(counted.balances))
}
