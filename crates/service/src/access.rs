//! Answering "who saw my data": the person's own list from the log, itself recorded first.

use domain::{MemberNumber, PersonName, PortfolioId, Purpose, SubjectId, WorkItemId};
use gate::{Actor, Asking, HistoryLine, Target};

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
