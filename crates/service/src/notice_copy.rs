//! A copy of the notice for a person who asks for one: of the version that binds them, with the record that it was
//! given. It opens no personal data, and sends nothing itself; a copy binds nobody.

use domain::{CopyWay, Language, PortfolioId, Purpose, Recipient, RequestId, SubjectId};
use gate::{Actor, Asking};
use notice::Notice;
use store::notice_copy::NoticeCopyRow;

use crate::{App, ServiceError, taking_in};

/// Who asks for a copy, in which language, and how it goes to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyRequest {
    /// In whose portfolio.
    pub portfolio: PortfolioId,
    /// For whom.
    pub subject: SubjectId,
    /// In which language.
    pub language: Language,
    /// How it goes to them.
    pub way: CopyWay,
}

/// Gives a person the version of the notice that binds them. The record of it is durable before the text is handed
/// out: whoever asks again gets another copy, with a record of its own.
///
/// # Errors
/// The actor is neither the person nor staff who speak with people nor the operator; nobody of this id is in the
/// portfolio; the version is not written in this language.
pub async fn give_notice_copy(
    app: &App,
    actor: &Actor,
    asked: &CopyRequest,
    request: RequestId,
) -> Result<Notice, ServiceError> {
    let asking = Asking::new(actor, asked.portfolio, Purpose::Enrolment, request);
    // A notice is no secret, but that somebody is in a portfolio is.
    if actor.recipient() != Recipient::Operator {
        crate::consent::hears_people(app, &asking, asked.subject).await?;
    }
    let subject = asked.subject;
    let Some(known) = app.person(asked.portfolio, subject).await? else {
        return Err(taking_in::not_there(app, &asking, ServiceError::NotFound("person")).await);
    };
    let notice = app.gate.published_notice(asked.portfolio, known.notice)?;
    if !notice.languages().contains(&asked.language) {
        return Err(ServiceError::NotAsShown("the version that binds them is not written in that language"));
    }
    let row = NoticeCopyRow {
        subject,
        at: app.gate.now(),
        notice: known.notice,
        portfolio: asked.portfolio,
        language: asked.language,
        way: asked.way,
        giver: actor.id(),
    };
    app.store().write(move |unit| store::notice_copy::insert(unit, &row)).await?;
    Ok(notice)
}
