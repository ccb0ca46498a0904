//! Taking in something about a person: what is asked before they are looked up, and what after, so that no answer tells
//! whether there is somebody, or of which kind. It seals nothing.

use domain::{CategorySet, SubjectId, SubjectKind};
use gate::{Asking, Bar, Collection};
use store::subject::SubjectRow;

use crate::{App, ServiceError};

/// Whether the actor may take these categories in about a member, and handle this file: before anybody is looked up. Each
/// refusal is on the record.
pub(crate) async fn may_take_in(
    app: &App,
    asking: &Asking<'_>,
    subject: SubjectId,
    categories: CategorySet,
) -> Result<(), ServiceError> {
    app.gate.collect(asking, SubjectKind::Member, categories).await?;
    Ok(app.gate.may_handle(asking, subject).await?)
}

/// The person, with what lets these categories in about them. Of whom no clause lets them in, since they are no member, is
/// answered as of who is not in the portfolio.
pub(crate) async fn about(
    app: &App,
    asking: &Asking<'_>,
    subject: SubjectId,
    categories: CategorySet,
) -> Result<Option<(SubjectRow, Collection)>, ServiceError> {
    let Some(row) = app.person(asking.portfolio, subject).await? else { return Ok(None) };
    if !app.gate.collectable(asking, row.kind).await?.contains_all(categories) {
        return Ok(None);
    }
    Ok(Some((row, app.gate.collect(asking, row.kind, categories).await?)))
}

/// What is answered about somebody who is not there, once that is on the record; or why it cannot be put there.
pub(crate) async fn not_there(app: &App, asking: &Asking<'_>, answer: ServiceError) -> ServiceError {
    let written = app.gate.record_refusal(asking, Bar::NotThere).await;
    written.err().map_or(answer, ServiceError::from)
}

/// The answer, once it is on the record if it says that this was not theirs.
pub(crate) async fn on_record<T>(
    app: &App,
    asking: &Asking<'_>,
    answer: Result<T, ServiceError>,
) -> Result<T, ServiceError> {
    if matches!(answer, Err(ServiceError::NotTheirs)) {
        app.gate.record_refusal(asking, Bar::NotTheirs).await?;
    }
    answer
}
