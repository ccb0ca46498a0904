//! Statements of benefits: what a claim's statement says, opened by the statement job, an entry each.
//! The page itself is a document's (a face's) to write.

use std::collections::BTreeMap;

use domain::{
    ClaimId, PersonName, PortfolioId, Provider, ProviderId, Purpose, Recipient, RecordId, SubjectId, View,
};
use gate::{Asking, MAX_PART, Target};
use store::StoreError;

use crate::submit::{end_work_item, work_item};
use crate::views::{ClaimForStatement, CoverForStatement, DeterminationForStatement, PersonForStatement};
use crate::{App, ServiceError};

type ForStatement = (ClaimForStatement, DeterminationForStatement, PersonForStatement, CoverForStatement);

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
    /// The person.
    pub person: PersonForStatement,
    /// The cover, where there is one that the first service falls in.
    pub cover: Option<CoverForStatement>,
    /// The provider's name.
    pub provider: Option<PersonName>,
}

/// Opens what the statements of these claims say. Claims that no clause lets the job read are left out.
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
        let determinations: BTreeMap<RecordId, _> = app
            .gate
            .fetch_records::<DeterminationForStatement>(&pairs)
            .await?
            .into_iter()
            .map(|sealed| (sealed.record(), sealed))
            .collect();
        let people: BTreeMap<SubjectId, _> = app
            .gate
            .fetch_many::<PersonForStatement>(&subjects)
            .await?
            .into_iter()
            .map(|sealed| (sealed.subject(), sealed))
            .collect();
        let covers = app.gate.fetch_many::<CoverForStatement>(&subjects).await?;
        for sealed in &claims {
            let claim: ClaimForStatement = part.grant.open(sealed)?;
            let (Some(determination), Some(person)) =
                (determinations.get(&sealed.record()), people.get(&sealed.subject()))
            else {
                continue;
            };
            let day = claim.lines.iter().map(|line| line.service_start).min();
            let mut cover = None;
            for candidate in covers.iter().filter(|cover| cover.subject() == sealed.subject()) {
                let opened: CoverForStatement = part.grant.open(candidate)?;
                if day.is_some_and(|day| opened.start <= day && opened.end.is_none_or(|end| day <= end)) {
                    cover = Some(opened);
                }
            }
            statements.push(StatementFor {
                subject: sealed.subject(),
                claim_id: ClaimId::from_bytes(*sealed.record().bytes()),
                claim,
                determination: part.grant.open(determination)?,
                person: part.grant.open(person)?,
                cover,
                provider: None,
            });
        }
    }
    name_providers(app, portfolio, &mut statements).await?;
    Ok(statements)
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
        .map(|(subject, claim)| work_item(*subject, (*claim).into(), Recipient::StatementJob, now))
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
                end_work_item(unit, *subject, (*claim).into(), Recipient::StatementJob, at)
            })?;
            Ok::<_, StoreError>(())
        })
        .await?;
    for statement in statements {
        statement.provider = names.get(&statement.claim.provider).cloned();
    }
    Ok(())
}
