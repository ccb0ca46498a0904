//! A copy of the notice for a person who asks for one: of the version that binds them, with the record that it was
//! given. It opens no personal data, and sends nothing itself; a copy binds nobody.

use domain::{CopyWay, Language, PortfolioId, Recipient, SubjectId};
use gate::Actor;
use notice::Notice;
use store::notice_copy::NoticeCopyRow;

use crate::{App, ServiceError};

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
pub async fn give_notice_copy(app: &App, actor: &Actor, asked: &CopyRequest) -> Result<Notice, ServiceError> {
    may_give(actor, asked)?;
    let subject = asked.subject;
    let known = app.store().read(move |unit| store::subject::get(unit, subject)).await?;
    let known =
        known.filter(|row| row.portfolio == asked.portfolio).ok_or(ServiceError::NotFound("person"))?;
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

/// A notice is no secret, but that somebody is in a portfolio is.
fn may_give(actor: &Actor, asked: &CopyRequest) -> Result<(), ServiceError> {
    match actor.recipient() {
        Recipient::Operator => Ok(()),
        _ => crate::consent::hears_people(actor, asked.portfolio, asked.subject),
    }
}
