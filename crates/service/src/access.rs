//! Answering "who saw my data": the person's own list from the log, itself recorded first; and out of it the
//! organisations that received their data.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    CategorySet, Country, MemberNumber, PersonName, PortfolioId, Purpose, Recipient, RecipientId, SubjectId,
    Timestamp, WorkItemId,
};
use gate::{Actor, Asking, EntryOutcome, GateError, HistoryLine, ListProof, Target, Witness};

use crate::views::PersonForAccess;
use crate::{App, ServiceError};

/// The answer.
pub struct AccessAnswer {
    /// Whose.
    pub name: PersonName,
    /// Their number.
    pub member_number: MemberNumber,
    /// Every entry about them, oldest first.
    pub history: Vec<HistoryLine>,
}

/// An organisation that received a person's data, under one name in one country.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Which, in the register.
    pub to: Option<RecipientId>,
    /// Its name, as it was when it received the data.
    pub name: String,
    /// What kind of recipient.
    pub kind: Recipient,
    /// Where it received the data.
    pub country: Country,
    /// How often.
    pub times: u64,
    /// The first time.
    pub first: Timestamp,
    /// The last time.
    pub last: Timestamp,
    /// What, over all times.
    pub shown: CategorySet,
    /// Why.
    pub purposes: BTreeSet<Purpose>,
    /// Under which clauses.
    pub clauses: BTreeSet<String>,
}

impl AccessAnswer {
    /// The organisations that received the person's data, by name: from the log, not from the register, so that
    /// it names those that really did. What was refused was not received.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        let mut all: BTreeMap<(&str, Country, Option<RecipientId>), Received> = BTreeMap::new();
        for line in self.history.iter().filter(|line| line.outcome == EntryOutcome::Granted) {
            let Some(name) = line.recipient_name.as_deref() else { continue };
            let one = all.entry((name, line.recipient_country, line.to)).or_insert_with(|| Received {
                to: line.to,
                name: name.to_owned(),
                kind: line.recipient,
                country: line.recipient_country,
                times: 0,
                first: line.at,
                last: line.at,
                shown: CategorySet::EMPTY,
                purposes: BTreeSet::new(),
                clauses: BTreeSet::new(),
            });
            one.times += 1;
            one.first = one.first.min(line.at);
            one.last = one.last.max(line.at);
            one.shown = one.shown.union(line.shown);
            one.purposes.insert(line.purpose);
            one.clauses.extend(line.clauses.iter().cloned());
        }
        all.into_values().collect()
    }
}

/// Answers an access request. `item` is the request, when someone answers it for the person.
pub async fn answer_access_request(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    subject: SubjectId,
    item: Option<WorkItemId>,
) -> Result<AccessAnswer, ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::AccessRequest, app.gate.request());
    let grant = app.gate.ask::<PersonForAccess>(&asking, Target { subject, item }).await?;
    let sealed =
        app.gate.fetch::<PersonForAccess>(subject, subject).await?.ok_or(ServiceError::NotFound("member"))?;
    let person = grant.open(&sealed)?;
    let history = grant.history(subject).await?;
    Ok(AccessAnswer { name: person.name, member_number: person.member_number, history })
}

/// Answers an access request with a proof to take away: the person's list from the log, complete up to a roll that
/// is made now, this answer included. `witness` cosigns where no other sealer is at work. Errors: as
/// [`answer_access_request`]; the log gives no proof that holds.
pub async fn prove_disclosures(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    subject: SubjectId,
    item: Option<WorkItemId>,
    witness: Option<Witness>,
) -> Result<ListProof, ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::AccessRequest, app.gate.request());
    let target = Target { subject, item };
    let grant = app.gate.ask::<PersonForAccess>(&asking, target).await?;
    // Without a roll of now the proof is of the last one; it says up to when.
    app.gate.roll_now(witness).await?;
    match grant.prove(subject).await {
        // The roll took longer than a grant lives: a slow disk, or very many people.
        Err(GateError::Expired) => {
            let grant = app.gate.ask::<PersonForAccess>(&asking, target).await?;
            Ok(grant.prove(subject).await?)
        }
        proof => Ok(proof?),
    }
}
