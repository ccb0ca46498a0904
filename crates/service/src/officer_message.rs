//! What the data protection officer is told of without asking, and in which words. The words are made of the message's row
//! alone, and of the portfolio's name: whose data it was, who opened it and why the officer reads on the record.
//!
//! A message is sent at least once: whoever sends takes it first, and says afterwards whether a mail server took it over.
//! How it is sent, and to which address, is not decided here.

use domain::{OfficerMessageKind, PortfolioId, Timestamp};
use store::officer_message::{self, OfficerMessageRow};
use store::reference::PortfolioRow;
use store::{StoreError, Unit};

use crate::{App, EMERGENCY_MINUTES, ServiceError};

/// How long a mail server may take over one message: as long as it may take at the end of one (RFC 5321, 4.5.3.2.6).
pub const SENDING_SECONDS: i64 = 600;
/// How long a message is one sender's: longer than that sender tries. Whoever died with it leaves it to others then.
const TAKEN_SECONDS: i64 = SENDING_SECONDS + 60;
/// After how long the first failure is tried again; each further one takes twice as long.
const FIRST_RETRY_SECONDS: i64 = 5;
/// The longest that a message which could not be sent is left lying. It is never given up.
const LAST_RETRY_SECONDS: i64 = 600;

// INVARIANT: nobody sends what another may take; taking puts off as far as anything does; what waits for its next try waits
// for less than an access lasts.
const _: () = assert!(SENDING_SECONDS < TAKEN_SECONDS && LAST_RETRY_SECONDS <= TAKEN_SECONDS);
const _: () = assert!(TAKEN_SECONDS < EMERGENCY_MINUTES * 60);

/// A message in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficerMessage {
    /// What is stored of it.
    pub row: OfficerMessageRow,
    /// The same each time that it is sent, so that a repeat can be told: letters, digits, `-` and `.`.
    pub id: String,
    /// One line.
    pub subject: String,
    /// Lines of plain text.
    pub text: String,
}

impl OfficerMessage {
    /// Puts a message into words.
    #[must_use]
    pub fn new(row: OfficerMessageRow, portfolio: &PortfolioRow) -> Self {
        let OfficerMessageRow { kind, item, at, .. } = row;
        let name = &portfolio.name;
        let (subject, text) = match kind {
            OfficerMessageKind::EmergencyOpened => (
                format!("Emergency access {item} was opened"),
                format!(
                    "In the portfolio {name} one person's data was opened in an emergency, without a task.\n\n\
                     Access:  {item}\n\
                     Opened:  {at} (UTC)\n\
                     Lasts:   until {until} (UTC), unless your review ends it\n\n\
                     It waits for your review. What waits, in the service of a case of yours:\n\n  \
                     moretus emergencies list --portfolio {portfolio} --token-file FILE --case CASE\n\n\
                     Why it was opened, and what you find:\n\n  \
                     moretus emergencies read --portfolio {portfolio} --token-file FILE --emergency {item}\n  \
                     moretus emergencies review --portfolio {portfolio} --token-file FILE --emergency {item} --outcome OUTCOME\n\n\
                     This message names nobody: whose data it was, who opened it and why is read on the record alone.\n",
                    until = at.plus_seconds(EMERGENCY_MINUTES * 60),
                    portfolio = portfolio.portfolio,
                ),
            ),
        };
        Self { row, id: format!("{kind}.{item}"), subject, text }
    }
}

/// Takes the message of a portfolio that has been due longest; none when there is none, or
/// somebody else takes it.
pub async fn take_message(
    app: &App,
    portfolio: &PortfolioRow,
) -> Result<Option<OfficerMessage>, ServiceError> {
    let (id, now) = (portfolio.portfolio, app.gate.now());
    let until = now.plus_seconds(TAKEN_SECONDS);
    // Looking is no write: it happens every few seconds. What is put off beyond `latest` was put off by a clock that was far
    // ahead; one that is ahead by less has it to itself.
    let latest = until.plus_seconds(TAKEN_SECONDS);
    let due = app.store().read(move |unit| officer_message::due(unit, id, (now, latest), 1)).await;
    let Some(row) = due.map_err(|error: StoreError| error)?.into_iter().next() else { return Ok(None) };
    match app.store().write(move |unit| officer_message::take(unit, &row, until)).await {
        Ok(taken) => Ok(Some(OfficerMessage::new(taken, portfolio))),
        Err(StoreError::Changed) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Writes down that a mail server took a message over.
pub async fn message_sent(app: &App, message: &OfficerMessage) -> Result<(), ServiceError> {
    let (row, now) = (message.row, app.gate.now());
    let written = app.store().write(move |unit: &mut Unit<'_>| officer_message::sent(unit, &row, now)).await;
    Ok(written.map_err(|error: StoreError| error)?)
}

/// Puts a message off that could not be sent, the longer the more often that was so; answers until when.
pub async fn message_not_sent(app: &App, message: &OfficerMessage) -> Result<Timestamp, ServiceError> {
    let row = message.row;
    let due = app.gate.now().plus_seconds(retry_seconds(row.attempts));
    match app.store().write(move |unit| officer_message::retry(unit, &row, due)).await {
        // Somebody else has it by now.
        Ok(()) | Err(StoreError::Changed) => Ok(due),
        Err(error) => Err(error.into()),
    }
}

/// After how long it is tried again when it could not be sent so many times.
fn retry_seconds(attempts: i64) -> i64 {
    let doublings = attempts.saturating_sub(1).clamp(0, 12);
    (FIRST_RETRY_SECONDS << doublings).min(LAST_RETRY_SECONDS)
}

/// The messages to the officer of a portfolio, the oldest first: those that wait, and on demand those that were sent.
pub async fn officer_messages(
    app: &App,
    portfolio: PortfolioId,
    with_sent: bool,
) -> Result<Vec<OfficerMessageRow>, ServiceError> {
    let rows = app.store().read(move |unit| officer_message::of_portfolio(unit, portfolio, with_sent)).await;
    Ok(rows.map_err(|error: StoreError| error)?)
}

/// How long the message that has waited longest, to whichever officer, has waited in seconds; none when none waits.
pub async fn longest_wait_seconds(app: &App) -> Result<Option<i64>, ServiceError> {
    let oldest = app.store().read(officer_message::oldest_waiting).await;
    let now = app.gate.now();
    // One of a clock that is ahead has not waited yet.
    let waited = |since: Timestamp| ((now.micros() - since.micros()) / 1_000_000).max(0);
    Ok(oldest.map_err(|error: StoreError| error)?.map(waited))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_try_is_put_off_further_each_time_and_never_beyond_what_an_access_lasts() {
        let first: Vec<i64> = (1..5).map(retry_seconds).collect();
        assert_eq!(first, [5, 10, 20, 40]);
        assert!((1..200).all(|attempts| retry_seconds(attempts) <= retry_seconds(attempts + 1)));
        assert_eq!((retry_seconds(i64::MAX), retry_seconds(8)), (600, 600));
        assert!(retry_seconds(i64::MAX) < EMERGENCY_MINUTES * 60);
    }
}
