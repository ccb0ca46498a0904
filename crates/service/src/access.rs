//! Answering "who saw my data": the person's own list from the log, itself recorded first; and out of it those
//! outside that received their data, beside those that the register has (GDPR article 15(1)(c) and (2)).

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    CategorySet, Country, MemberNumber, PersonName, PortfolioId, Purpose, Recipient, RecipientId, RequestId,
    SubjectId, Timestamp, TransferSafeguardSet, WorkItemId,
};
use gate::{Actor, Asking, EntryOutcome, GateError, HistoryLine, ListProof, Target, Witness};

use crate::views::PersonForAccess;
use crate::{App, RegisteredRecipient, ServiceError};

/// The answer.
pub struct AccessAnswer {
    /// Whose.
    pub name: PersonName,
    /// Their number.
    pub member_number: MemberNumber,
    /// Every entry about them, oldest first.
    pub history: Vec<HistoryLine>,
}

/// An organisation that received a person's data, or somebody who represents them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Which, in the register.
    pub to: Option<RecipientId>,
    /// Its name, as it was when it received the data; none of a person.
    pub name: Option<String>,
    /// What kind of recipient.
    pub kind: Recipient,
    /// Where it received the data: where it is, and from where its people read it.
    pub countries: BTreeSet<Country>,
    /// The safeguards under which it left the European Economic Area; none where it always stayed.
    pub transfer: Option<TransferSafeguardSet>,
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
    /// Those outside that received the person's data, by name: from the log, not from the register, so that it names
    /// those that really did. What was refused was not received.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        let is_outside = |one: Recipient| one.is_organisation() || one == Recipient::Representative;
        let mut all: BTreeMap<(Option<&str>, Option<RecipientId>), Received> = BTreeMap::new();
        for line in self.history.iter().filter(|line| line.outcome == EntryOutcome::Granted) {
            if !is_outside(line.recipient) {
                continue;
            }
            let name = line.recipient_name.as_deref();
            let one = all.entry((name, line.to)).or_insert_with(|| Received {
                to: line.to,
                name: name.map(str::to_owned),
                kind: line.recipient,
                countries: BTreeSet::new(),
                transfer: None,
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
            one.countries.insert(line.recipient_country);
            // Of staff who hand it over it does not matter where they are.
            one.countries.extend(is_outside(line.asker).then_some(line.asker_country));
            one.transfer = match (one.transfer, line.transfer) {
                (Some(before), Some(under)) => Some(before.union(under)),
                (before, under) => before.or(under),
            };
            one.purposes.insert(line.purpose);
            one.clauses.extend(line.clauses.iter().cloned());
        }
        all.into_values().collect()
    }
}

/// Who receives a person's data, and who may: the answer to who the recipients are.
pub struct RecipientsAnswer {
    /// Those outside that received it, from the log.
    pub received: Vec<Received>,
    /// Those that may get data of the portfolio, from the register as it stands: partners, affiliates and all others.
    pub register: Vec<RegisteredRecipient>,
}

/// Answers who the recipients of a person's data are, as [`answer_access_request`] does: the list is the register's as
/// it stands, for whoever asks.
pub async fn answer_recipients(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    subject: SubjectId,
    item: Option<WorkItemId>,
    request: RequestId,
) -> Result<RecipientsAnswer, ServiceError> {
    let answer = answer_request(app, actor, portfolio, Target { subject, item }, request).await?;
    let register = crate::recipients(app, portfolio, None).await?;
    Ok(RecipientsAnswer { received: answer.received(), register })
}

/// Answers an access request. `item` is the request, when someone answers it for the person.
pub async fn answer_access_request(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    subject: SubjectId,
    item: Option<WorkItemId>,
) -> Result<AccessAnswer, ServiceError> {
    answer_request(app, actor, portfolio, Target { subject, item }, app.gate.request()).await
}

async fn answer_request(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    target: Target,
    request: RequestId,
) -> Result<AccessAnswer, ServiceError> {
    let subject = target.subject;
    let asking = Asking::new(actor, portfolio, Purpose::AccessRequest, request);
    let grant = app.gate.ask::<PersonForAccess>(&asking, target).await?;
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
