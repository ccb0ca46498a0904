//! The travel questionnaire: the example of a form with a notice of its own. Answers are taken in under the version
//! of its supplement that was shown, obey it from then on, and open under it. Another form is a record type, a
//! supplement, and a file like this one.

use domain::{
    Personal, PortfolioId, Purpose, RecordId, RequestId, SubjectId, SupplementId, TravelQuestionnaire,
    WorkItemId,
};
use gate::{Actor, Asking, Target};

use crate::enrol::unless_erased;
use crate::once::{self, Sent};
use crate::views::TravelAnswers;
use crate::{App, ServiceError, taking_in};

/// The name of the supplement that comes with the form.
pub const TRAVEL: &str = "travel";

/// The answers of one person, as they were sent. Its Debug is redacted.
pub struct TravelRequest<'a> {
    /// In which portfolio.
    pub portfolio: PortfolioId,
    /// Who answered.
    pub subject: SubjectId,
    /// The version of the supplement that they were shown.
    pub supplement: SupplementId,
    /// The client's own key for this request.
    pub key: &'a str,
    /// The request's body as it was sent: what tells the same request from another.
    pub body: &'a str,
    /// What they answered.
    pub answers: &'a TravelQuestionnaire,
    /// The request that this is part of.
    pub request: RequestId,
}

impl std::fmt::Debug for TravelRequest<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TravelRequest(redacted)")
    }
}

/// Takes in answers, once: the same request with the same key again answers as before and changes nothing. Returns the
/// id of the record.
///
/// # Errors
/// No clause of the supplement lets the actor take them in; the supplement is not the version in force; there is no
/// such person; the key was used for another request.
pub async fn take_travel_answers(
    app: &App,
    actor: &Actor,
    sent: &TravelRequest<'_>,
) -> Result<RecordId, ServiceError> {
    let subject = sent.subject;
    let asking = Asking {
        supplement: Some(sent.supplement),
        ..Asking::new(actor, sent.portfolio, Purpose::TravelAssistance, sent.request)
    };
    let categories = TravelQuestionnaire::CATEGORIES;
    taking_in::may_take_in(app, &asking, subject, categories).await?;
    let about = taking_in::about(app, &asking, subject, categories).await?;
    let keys = app.keys_of(subject).await?;
    let record = RecordId::from_bytes(app.gate.imported_id("travel", &subject.to_string(), sent.key));
    let sealed = about.map(|(_, collection)| collection.seal(subject, record, 1, sent.answers, &keys));
    let Some(sealed) = sealed.map(unless_erased).transpose()?.flatten() else {
        return Err(taking_in::not_there(app, &asking, ServiceError::NotFound("person")).await);
    };
    let place = format!("{}/{TRAVEL}", sent.portfolio);
    let request = Sent { subject, kind: TRAVEL, key: sent.key, place: &place, body: sent.body };
    let answer = once::answer(app, actor, &request, record);
    app.store()
        .write(move |unit| {
            if let Some(before) = once::before(unit, &answer)? {
                return Ok(before);
            }
            store::sealed::insert_many(unit, &sealed)?;
            Ok(record)
        })
        .await
}

/// Opens answers: for help while somebody travels, under the supplement that they were given under; for any other
/// purpose under the notice, as far as that supplement lets it.
pub async fn read_travel_answers(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    (subject, record): (SubjectId, RecordId),
    purpose: Purpose,
    item: Option<WorkItemId>,
    request: RequestId,
) -> Result<TravelAnswers, ServiceError> {
    let supplement = match purpose {
        Purpose::TravelAssistance => Some(given_under(app, portfolio, subject, record).await?),
        _ => None,
    };
    let asking = Asking { supplement, ..Asking::new(actor, portfolio, purpose, request) };
    let grant = app.gate.ask::<TravelAnswers>(&asking, Target { subject, item }).await?;
    let sealed = app.gate.fetch::<TravelAnswers>(subject, record).await?;
    Ok(grant.open(&sealed.ok_or(ServiceError::NotFound("travel questionnaire"))?)?)
}

/// The supplement under which a record was collected: a plain column. About one that is not there is asked under the
/// version in force, so that the refusal is the same.
async fn given_under(
    app: &App,
    portfolio: PortfolioId,
    subject: SubjectId,
    record: RecordId,
) -> Result<SupplementId, ServiceError> {
    let kind = TravelQuestionnaire::KIND;
    let rows = app.store().read(move |unit| store::sealed::of_record(unit, subject, kind, record)).await?;
    match rows.first() {
        Some(row) => Ok(row.supplement),
        None => Ok(app.gate.supplement(portfolio, TRAVEL)?.0),
    }
}
