//! Statements of benefits: what a claim's statement says, opened by the statement job, an entry each.
//! The page itself is a document's (a face's) to write.

mod waiting;

use std::collections::BTreeMap;

use domain::{
    Claim, ClaimConfirmation, ClaimId, Coverage, CoverageId, Date, Determination, Payment, PaymentId, Person,
    PersonName, PortfolioId, Provider, ProviderId, Purpose, Recipient, RecordId, Settlement, SubjectId, View,
};
use gate::{Asking, GateError, Grant, MAX_PART, Part, Sealed, Target, job_actor_id};
use store::StoreError;

pub use self::waiting::{StatementReport, WaitingStatement, write_statements};
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

/// Opens what the statements of these claims say. Claims that no clause lets the job read are left out, and so is one of which a
/// record is gone or does not open: it holds up no other. When a statement is written, [`end_statement`] ends the work item that
/// was opened for it.
pub async fn statements(
    app: &App,
    portfolio: PortfolioId,
    claims: &[(SubjectId, ClaimId)],
) -> Result<Vec<StatementFor>, ServiceError> {
    Ok(opened(app, portfolio, claims).await?.0)
}

/// The same, and how many of the claims no clause lets the job read.
async fn opened(
    app: &App,
    portfolio: PortfolioId,
    claims: &[(SubjectId, ClaimId)],
) -> Result<(Vec<StatementFor>, u64), ServiceError> {
    let job = app.gate.job(Recipient::StatementJob)?;
    let asking = Asking::new(&job, portfolio, Purpose::AdministrativeCommunication, app.gate.request());
    let targets = claims.iter().map(|(subject, claim)| Target::for_item(*subject, *claim)).collect();
    let mut run = app.gate.run::<ForStatement>(asking, targets, MAX_PART).await?;
    let (mut statements, mut refused) = (Vec::new(), 0);
    while let Some(part) = run.next().await? {
        refused += part.refused.len() as u64;
        open_part(app, &part, &mut statements).await?;
    }
    name_providers(app, portfolio, &mut statements).await?;
    Ok((statements, refused))
}

/// Opens the statements of the claims that one part of a run was granted.
async fn open_part(
    app: &App,
    part: &Part<ForStatement>,
    statements: &mut Vec<StatementFor>,
) -> Result<(), ServiceError> {
    let record =
        |target: &Target| target.item.map(|item| (target.subject, RecordId::from_bytes(*item.bytes())));
    let pairs: Vec<(SubjectId, RecordId)> = part.granted.iter().filter_map(record).collect();
    let subjects: Vec<SubjectId> = part.grant.subjects().collect();
    let claims = app.gate.fetch_records::<ClaimForStatement>(&pairs).await?;
    let people = app.gate.fetch_many::<PersonForStatement>(&subjects).await?;
    let mut fetched = Fetched {
        determinations: by_record::<DeterminationForStatement>(app, &pairs).await?,
        confirmations: by_record::<ConfirmationForStatement>(app, &pairs).await?,
        people: people.into_iter().map(|sealed| (sealed.subject(), sealed)).collect(),
        policy_starts: PolicyStarts::of(app, subjects.clone()).await?,
        settlements: by_record::<SettlementForStatement>(app, &pairs).await?,
        covers: covers_of(app, &subjects).await?,
        payments: BTreeMap::new(),
    };
    let last = fetched.settlements.values().filter_map(|sealed| {
        let opened: SettlementForStatement = part.grant.open(sealed).ok()?;
        Some((sealed.subject(), opened.last_payment()?.into()))
    });
    let last: Vec<_> = last.collect();
    fetched.payments = by_record::<PaymentForStatement>(app, &last).await?;
    for sealed in &claims {
        match fetched.open(&part.grant, sealed) {
            Ok(statement) => statements.extend(statement),
            Err(GateError::Expired) => return Err(GateError::Expired.into()),
            Err(error) => {
                let claim = sealed.record();
                tracing::warn!(%claim, %error, "a claim stays without its statement: a record of it does not open");
            }
        }
    }
    Ok(())
}

/// The sealed records that statements are opened from.
struct Fetched {
    determinations: BTreeMap<RecordId, Sealed<Determination>>,
    confirmations: BTreeMap<RecordId, Sealed<ClaimConfirmation>>,
    people: BTreeMap<SubjectId, Sealed<Person>>,
    policy_starts: PolicyStarts,
    settlements: BTreeMap<RecordId, Sealed<Settlement>>,
    covers: BTreeMap<(SubjectId, RecordId), Sealed<Coverage>>,
    payments: BTreeMap<RecordId, Sealed<Payment>>,
}

impl Fetched {
    /// Opens the statement of one claim; none where its determination or its person is gone.
    fn open(
        &self,
        grant: &Grant<ForStatement>,
        sealed: &Sealed<Claim>,
    ) -> Result<Option<StatementFor>, GateError> {
        let (subject, record) = (sealed.subject(), sealed.record());
        let (Some(determination), Some(person)) =
            (self.determinations.get(&record), self.people.get(&subject))
        else {
            return Ok(None);
        };
        let determination: DeterminationForStatement = grant.open(determination)?;
        let confirmation: Option<ConfirmationForStatement> =
            self.confirmations.get(&record).map(|sealed| grant.open(sealed)).transpose()?;
        let stands_since = determination.released.unwrap_or(determination.decided);
        let span = determination.coverage;
        let cover = span.and_then(|span| self.covers.get(&(subject, span.into())));
        let settlement: Option<SettlementForStatement> =
            self.settlements.get(&record).map(|sealed| grant.open(sealed)).transpose()?;
        let paid = settlement.as_ref().and_then(SettlementForStatement::last_payment);
        let paid = paid.and_then(|last| Some((last, self.payments.get(&last.into())?)));
        Ok(Some(StatementFor {
            subject,
            claim_id: ClaimId::from_bytes(*record.bytes()),
            claim: grant.open(sealed)?,
            is_confirmed: confirmation.is_some_and(|one| one.decided >= stands_since),
            determination,
            person: grant.open(person)?,
            cover: cover.map(|cover| grant.open(cover)).transpose()?,
            policy_start: span.and_then(|span| self.policy_starts.get(subject, span)),
            provider: None,
            payment: paid
                .map(|(last, sealed)| Ok::<_, GateError>((last, grant.open(sealed)?)))
                .transpose()?,
            settlement,
        }))
    }
}

/// Ends the work item of a statement that was written: durable, and on its way to whom it is for.
pub async fn end_statement(app: &App, statement: &StatementFor) -> Result<(), ServiceError> {
    let (subject, item, at) = (statement.subject, statement.claim_id.into(), app.gate.now());
    app.store()
        .write(move |unit| work_item::end(unit, subject, item, job_actor_id(Recipient::StatementJob), at))
        .await?;
    Ok(())
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
    if statements.is_empty() {
        return Ok(());
    }
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
            match part.grant.open::<ProviderForStatement, _>(&sealed) {
                Ok(provider) => drop(names.insert(sealed.subject().into(), provider.name)),
                Err(GateError::Expired) => return Err(GateError::Expired.into()),
                Err(error) => {
                    let provider = sealed.subject();
                    tracing::warn!(%provider, %error, "claims stay without their statements: the provider's record does not open");
                }
            }
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
