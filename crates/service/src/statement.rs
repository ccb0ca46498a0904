//! Statements of benefits: what a claim's statement says, opened by the statement job, an entry each.
//! The page itself is a document's (a face's) to write.

use std::collections::BTreeMap;

use domain::{
    ClaimId, Coverage, CoverageId, Date, PaymentId, PersonName, PortfolioId, Provider, ProviderId, Purpose,
    Recipient, RecordId, SubjectId, View,
};
use gate::{Asking, Grant, MAX_PART, Sealed, Target, job_actor_id};
use store::StoreError;

use crate::adjudicate::family::Families;
use crate::span::SinceWhen;
use crate::views::{
    ClaimForStatement, ConfirmationForStatement, CoverForStatement, DeterminationForStatement,
    PaymentForStatement, PersonForStatement, SettlementForStatement,
};
use crate::{App, ServiceError, work_item};

type ForStatement = (
    ClaimForStatement,
    DeterminationForStatement,
    ConfirmationForStatement,
    PersonForStatement,
    CoverForStatement,
    PaymentForStatement,
    SettlementForStatement,
);

/// The provider's name, for a statement.
#[derive(View)]
#[of(Provider)]
struct ProviderForStatement {
    #[category(Identity)]
    name: PersonName,
}

/// What one statement says.
pub struct StatementFor {
    /// Whose.
    pub subject: SubjectId,
    /// Of which claim.
    pub claim_id: ClaimId,
    /// The claim.
    pub claim: ClaimForStatement,
    /// Its determination.
    pub determination: DeterminationForStatement,
    /// Whether a person looked at it and let it stand: not what was worked out anew on a later day.
    pub is_confirmed: bool,
    /// The person.
    pub person: PersonForStatement,
    /// The cover under which it was decided, as it is now; none where that was erased.
    pub cover: Option<CoverForStatement>,
    /// The first day that its policy years count from where that is not its own: that of the spans which led to it without a gap, or
    /// of the holder's where its plan counts for the family.
    pub policy_start: Option<Date>,
    /// The provider's name.
    pub provider: Option<PersonName>,
    /// The last payment to the member, once there is one. A provider's is the provider's.
    pub payment: Option<(PaymentId, PaymentForStatement)>,
    /// What was settled with the member. What was settled with a provider is the provider's.
    pub settlement: Option<SettlementForStatement>,
}

/// Opens what the statements of these claims say. Claims that no clause lets the job read are left out. When
/// a statement is written, [`end_statement`] ends the work item that was opened for it.
pub async fn statements(
    app: &App,
    portfolio: PortfolioId,
    claims: &[(SubjectId, ClaimId)],
) -> Result<Vec<StatementFor>, ServiceError> {
    let job = app.gate.job(Recipient::StatementJob)?;
    let asking = Asking::new(&job, portfolio, Purpose::AdministrativeCommunication, app.gate.request());
    let targets = claims.iter().map(|(subject, claim)| Target::for_item(*subject, *claim)).collect();
    let mut run = app.gate.run::<ForStatement>(asking, targets, MAX_PART).await?;
    let mut statements = Vec::new();
    while let Some(part) = run.next().await? {
        let pairs: Vec<(SubjectId, RecordId)> = part
            .granted
            .iter()
            .filter_map(|target| {
                target.item.map(|item| (target.subject, RecordId::from_bytes(*item.bytes())))
            })
            .collect();
        let subjects: Vec<SubjectId> = part.grant.subjects().collect();
        let claims = app.gate.fetch_records::<ClaimForStatement>(&pairs).await?;
        let determinations = by_record::<DeterminationForStatement>(app, &pairs).await?;
        let confirmations = by_record::<ConfirmationForStatement>(app, &pairs).await?;
        let people: BTreeMap<SubjectId, _> = app
            .gate
            .fetch_many::<PersonForStatement>(&subjects)
            .await?
            .into_iter()
            .map(|sealed| (sealed.subject(), sealed))
            .collect();
        let policy_starts = PolicyStarts::of(app, subjects.clone()).await?;
        let mut settled = settled(app, &part.grant, &pairs).await?;
        let covers = covers_of(app, &subjects).await?;
        for sealed in &claims {
            let claim: ClaimForStatement = part.grant.open(sealed)?;
            let (Some(determination), Some(person)) =
                (determinations.get(&sealed.record()), people.get(&sealed.subject()))
            else {
                continue;
            };
            let determination: DeterminationForStatement = part.grant.open(determination)?;
            let confirmation = confirmations.get(&sealed.record());
            let confirmation: Option<ConfirmationForStatement> =
                confirmation.map(|sealed| part.grant.open(sealed)).transpose()?;
            let stands_since = determination.released.unwrap_or(determination.decided);
            let span = determination.coverage.map(|span| (sealed.subject(), span));
            let cover = span.and_then(|(subject, span)| covers.get(&(subject, span.into())));
            let (settlement, payment) = settled.remove(&sealed.record()).unzip();
            statements.push(StatementFor {
                subject: sealed.subject(),
                claim_id: ClaimId::from_bytes(*sealed.record().bytes()),
                claim,
                is_confirmed: confirmation.is_some_and(|one| one.decided >= stands_since),
                determination,
                person: part.grant.open(person)?,
                cover: cover.map(|cover| part.grant.open(cover)).transpose()?,
                policy_start: span.and_then(|(subject, span)| policy_starts.get(subject, span)),
                provider: None,
                payment: payment.flatten(),
                settlement,
            });
        }
    }
    name_providers(app, portfolio, &mut statements).await?;
    Ok(statements)
}

/// Ends the work item of a statement that was written: durable, and on its way to whom it is for.
pub async fn end_statement(app: &App, statement: &StatementFor) -> Result<(), ServiceError> {
    let (subject, item, at) = (statement.subject, statement.claim_id.into(), app.gate.now());
    app.store()
        .write(move |unit| work_item::end(unit, subject, item, job_actor_id(Recipient::StatementJob), at))
        .await?;
    Ok(())
}

/// What was settled with a member on a claim, and the last payment.
type Settled = (SettlementForStatement, Option<(PaymentId, PaymentForStatement)>);

/// What was settled with the members on these claims, by claim.
async fn settled(
    app: &App,
    grant: &Grant<ForStatement>,
    claims: &[(SubjectId, RecordId)],
) -> Result<BTreeMap<RecordId, Settled>, ServiceError> {
    let settlements = app.gate.fetch_records::<SettlementForStatement>(claims).await?;
    let mut opened: Vec<(SubjectId, RecordId, SettlementForStatement)> = Vec::new();
    for sealed in &settlements {
        opened.push((sealed.subject(), sealed.record(), grant.open(sealed)?));
    }
    let last = opened.iter().filter_map(|(subject, _, one)| Some((*subject, one.last_payment()?.into())));
    let payments = by_record::<PaymentForStatement>(app, &last.collect::<Vec<_>>()).await?;
    let mut settled = BTreeMap::new();
    for (_, claim, settlement) in opened {
        let paid = settlement.last_payment().and_then(|last| Some((last, payments.get(&last.into())?)));
        let payment = match paid {
            Some((last, sealed)) => Some((last, grant.open(sealed)?)),
            None => None,
        };
        settled.insert(claim, (settlement, payment));
    }
    Ok(settled)
}

/// What the policy years of spans of cover count from.
struct PolicyStarts {
    families: Families,
    since: SinceWhen,
}

impl PolicyStarts {
    async fn of(app: &App, subjects: Vec<SubjectId>) -> Result<Self, ServiceError> {
        let of = subjects.clone();
        let rows = app.store().read(move |unit| store::many::coverages(unit, &of)).await;
        let rows = rows.map_err(|error: StoreError| error)?;
        // Reads the plans that are not known yet.
        let families = Families::of(app, subjects).await?;
        Ok(Self { families, since: SinceWhen::of(&rows, |span| app.plans.get(span.plan)) })
    }

    fn get(&self, subject: SubjectId, span: CoverageId) -> Option<Date> {
        let shared = self.families.shared(subject, span).map(|shared| shared.policy_start);
        shared.or_else(|| self.since.get(subject, span).map(|since| since.continued))
    }
}

/// The spans of cover of these people, by person and record.
async fn covers_of(
    app: &App,
    subjects: &[SubjectId],
) -> Result<BTreeMap<(SubjectId, RecordId), Sealed<Coverage>>, ServiceError> {
    let sealed = app.gate.fetch_many::<CoverForStatement>(subjects).await?;
    Ok(sealed.into_iter().map(|sealed| ((sealed.subject(), sealed.record()), sealed)).collect())
}

/// Sealed records of one type, by record.
async fn by_record<V: View>(
    app: &App,
    pairs: &[(SubjectId, RecordId)],
) -> Result<BTreeMap<RecordId, Sealed<V::Of>>, ServiceError> {
    let sealed = app.gate.fetch_records::<V>(pairs).await?;
    Ok(sealed.into_iter().map(|sealed| (sealed.record(), sealed)).collect())
}

/// Adds the providers' names, each under the clause about practitioners.
async fn name_providers(
    app: &App,
    portfolio: PortfolioId,
    statements: &mut [StatementFor],
) -> Result<(), ServiceError> {
    let job = app.gate.job(Recipient::StatementJob)?;
    let now = app.gate.now();
    let asked: Vec<(SubjectId, ClaimId)> =
        statements.iter().map(|statement| (statement.claim.provider.into(), statement.claim_id)).collect();
    let items: Vec<_> = asked
        .iter()
        .map(|(subject, claim)| {
            work_item::open(*subject, (*claim).into(), job_actor_id(Recipient::StatementJob), now)
        })
        .collect();
    app.store().write(move |unit| store::condition::set_many(unit, &items)).await?;
    let asking = Asking::new(&job, portfolio, Purpose::AdministrativeCommunication, app.gate.request());
    let targets = asked.iter().map(|(subject, claim)| Target::for_item(*subject, *claim)).collect();
    let mut run = app.gate.run::<ProviderForStatement>(asking, targets, MAX_PART).await?;
    let mut names: BTreeMap<ProviderId, PersonName> = BTreeMap::new();
    while let Some(part) = run.next().await? {
        let subjects: Vec<SubjectId> = part.grant.subjects().collect();
        for sealed in app.gate.fetch_many::<ProviderForStatement>(&subjects).await? {
            let provider: ProviderForStatement = part.grant.open(&sealed)?;
            names.insert(sealed.subject().into(), provider.name);
        }
    }
    let at = app.gate.now();
    app.store()
        .write(move |unit| {
            asked.iter().try_for_each(|(subject, claim)| {
                work_item::end(unit, *subject, (*claim).into(), job_actor_id(Recipient::StatementJob), at)
            })?;
            Ok::<_, StoreError>(())
        })
        .await?;
    for statement in statements {
        statement.provider = names.get(&statement.claim.provider).cloned();
    }
    Ok(())
}
