//! The load's people who change their minds and who leave: consents are taken back and given again, and what is kept of somebody is
//! destroyed at their request, class by class. Before each it says that it begins, since from then on nobody can be sure, and after
//! it what was acknowledged.

use std::sync::Arc;
use std::time::Duration;

use domain::{Condition, ConsentChannel, Language, RequestId, RetentionClass, SubjectId, WorkItemId};
use gate::{Actor, Target};
use service::{ConsentTo, NewConsent};
use store::StoreError;

use crate::said::{Consent, Speaker};
use crate::site::{PORTFOLIO, Site, SiteError};

/// Tasks that take consents back and give them.
pub(crate) const WAVERERS: usize = 8;
/// Tasks that destroy what is kept of those who leave.
pub(crate) const ERASERS: usize = 4;
/// What is destroyed of those who leave. What accounting law keeps is kept, and the ledger is verified with it.
pub(crate) const CLASSES: [RetentionClass; 2] = [RetentionClass::Claims, RetentionClass::Membership];
/// Between two erasures: so that some are left for later rounds on the same site.
const BETWEEN_ERASURES: Duration = Duration::from_millis(25);
const AFTER_AN_ERROR: Duration = Duration::from_millis(20);

/// Takes back the consent of each of its people and gives it again. No two tasks have the same people.
pub(crate) async fn waver(
    site: Arc<Site>,
    speaker: Speaker,
    desk: Arc<Actor>,
    task: usize,
) -> Result<(), SiteError> {
    loop {
        for number in site.people.waverers().skip(task).step_by(WAVERERS) {
            let subject = site.subject(number);
            // Whoever was killed between the two goes on with either.
            for to in [Consent::Withdrawn, Consent::Given] {
                speaker.consent(subject, Consent::Wavers)?;
                let request = site.app.gate.request();
                let done = match to {
                    Consent::Given => give(&site, &desk, subject, request).await,
                    _ => withdraw(&site, &desk, subject, request).await,
                };
                match done {
                    Ok(()) => speaker.consent(subject, to)?,
                    Err(_) => tokio::time::sleep(AFTER_AN_ERROR).await,
                }
            }
        }
    }
}

async fn give(site: &Site, desk: &Actor, subject: SubjectId, request: RequestId) -> Result<(), SiteError> {
    let (_, notice) = site.app.gate.notice(PORTFOLIO)?;
    let consent = NewConsent {
        subject,
        to: to_health()?,
        giver: subject,
        version: notice.version().to_owned(),
        language: Language::English,
        day: site.app.today()?,
        channel: ConsentChannel::Telephone,
    };
    Ok(service::give_consent(&site.app, desk, PORTFOLIO, &consent, request).await?)
}

async fn withdraw(
    site: &Site,
    desk: &Actor,
    subject: SubjectId,
    request: RequestId,
) -> Result<(), SiteError> {
    let (app, to) = (&site.app, to_health()?);
    let shown = service::consequences(app, desk, PORTFOLIO, subject, to, Language::English, request).await?;
    Ok(service::withdraw_consent(app, desk, &shown, subject, ConsentChannel::Letter, request).await?)
}

fn to_health() -> Result<ConsentTo, SiteError> {
    Ok(ConsentTo::in_portfolio(Condition::ConsentHealth, PORTFOLIO).ok_or("no consent of this notice")?)
}

/// Destroys a class of each of its people, then the other; which of the two goes first differs from one to the next.
pub(crate) async fn erase(
    site: Arc<Site>,
    speaker: Speaker,
    officer: Arc<(Actor, WorkItemId)>,
    task: usize,
) -> Result<(), SiteError> {
    let (officer, item) = (&officer.0, officer.1);
    loop {
        for pass in 0..CLASSES.len() {
            for number in site.people.leavers().skip(task).step_by(ERASERS) {
                let (subject, place) = (site.subject(number), (number + pass) % CLASSES.len());
                let Some(class) = CLASSES.get(place).copied() else { continue };
                if !is_there(&site, subject, class).await.unwrap_or(false) {
                    continue;
                }
                speaker.erases(subject, class)?;
                let (target, request) = (Target::for_item(subject, item), site.app.gate.request());
                let classes = [class];
                let erased =
                    service::erase_on_request(&site.app, officer, PORTFOLIO, target, &classes, request);
                if erased.await.is_ok() {
                    speaker.erased(subject, class, request)?;
                }
                tokio::time::sleep(BETWEEN_ERASURES).await;
            }
        }
        tokio::time::sleep(BETWEEN_ERASURES).await;
    }
}

/// Whether a key or a row of a class is there.
async fn is_there(site: &Site, subject: SubjectId, class: RetentionClass) -> Result<bool, SiteError> {
    let there = site.app.store().read(move |unit| crate::kept::classes_there(unit, subject)).await;
    Ok(there.map_err(|error: StoreError| error)?.contains(&class))
}
