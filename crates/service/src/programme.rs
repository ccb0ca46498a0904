//! Programmes: those who take part are read by whoever runs one, and a programme's end takes back every consent to it.
//! Who takes part is found by an index of the consents, and each of them is an entry of their own. Joining one is a
//! consent to it (`give_consent`); who runs it, and how somebody comes to be treated in it, the relation says.

use domain::{Condition, ConsentChannel, PortfolioId, Purpose, Recipient, RequestId, SubjectId};
use gate::{Actor, Asking, Target};
use store::StoreError;
use store::consent::Withdrawal;

use crate::views::Participant;
use crate::{App, ServiceError};

/// What makes somebody take part.
const CONSENT: Condition = Condition::ConsentProgramme;

/// Participants read, or consents ended, at a time.
const PART: usize = 500;

/// Reads those who take part in a programme, in parts of a run: each is an entry before anything of them opens. Who may not
/// be shown (a consent that was taken back meanwhile, no relation) is left out, and the refusal is on the record.
pub async fn read_programme(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    programme: [u8; 16],
    request: RequestId,
) -> Result<Vec<(SubjectId, Participant)>, ServiceError> {
    let asking = || Asking {
        party: Some(programme),
        filters: &["programme"],
        ..Asking::new(actor, portfolio, Purpose::ClinicalProgramme, request)
    };
    // Who takes part is looked up only once the question stands in the portfolio's chain, by somebody who may ask there.
    drop(app.gate.run::<Participant>(asking(), Vec::new(), PART).await?);
    let mut participants = Vec::new();
    let mut after = None;
    loop {
        let page = page(app, portfolio, programme, after).await?;
        let Some(last) = page.last() else { return Ok(participants) };
        after = Some(*last);
        let targets = page.into_iter().map(Target::of).collect();
        let mut run = app.gate.run::<Participant>(asking(), targets, PART).await?;
        while let Some(part) = run.next().await? {
            let subjects: Vec<SubjectId> = part.granted.iter().map(|target| target.subject).collect();
            for sealed in app.gate.fetch_many::<Participant>(&subjects).await? {
                participants.push((sealed.subject(), part.grant.open(&sealed)?));
            }
        }
    }
}

/// Ends a programme: every consent to it is taken back, and from the answer on nothing that rests on one opens. It stands on
/// the record first. Who takes part is told to nobody, nor how many.
///
/// Errors: [`ServiceError::NotInCharge`] for an actor who does not answer for the portfolio's data; it may not keep the
/// registers, for whose training is not current.
pub async fn end_programme(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    programme: [u8; 16],
) -> Result<(), ServiceError> {
    let answers = matches!(actor.recipient(), Recipient::DataProtectionOfficer | Recipient::Operator);
    if !answers || actor.portfolio().is_some_and(|own| own != portfolio) {
        return Err(ServiceError::NotInCharge);
    }
    app.gate.record_programme_end(actor, portfolio, programme).await?;
    let withdrawal = Withdrawal {
        at: app.gate.now(),
        channel: ConsentChannel::Source,
        by: None,
        recorder: actor.id(),
        shown: None,
    };
    loop {
        let write = move |unit: &mut store::Unit<'_>| {
            let people = store::consent::standing(unit, portfolio, (CONSENT, programme), None, PART)?;
            for subject in &people {
                store::consent::withdraw(unit, *subject, (CONSENT, programme), &withdrawal)?;
                store::condition::end(unit, *subject, CONSENT, programme, withdrawal.at)?;
            }
            Ok::<_, StoreError>(people.len() as u64)
        };
        if app.store().write(write).await? == 0 {
            return Ok(());
        }
    }
}

async fn page(
    app: &App,
    portfolio: PortfolioId,
    programme: [u8; 16],
    after: Option<SubjectId>,
) -> Result<Vec<SubjectId>, ServiceError> {
    let read = move |unit: &mut store::Unit<'_>| {
        store::consent::standing(unit, portfolio, (CONSENT, programme), after, PART)
    };
    Ok(app.store().read(read).await.map_err(|error: StoreError| error)?)
}
