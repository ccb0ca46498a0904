//! Issuing a notice to those who are enrolled: a delivery for each, what became of it, and the day from which the
//! version binds them: in force, delivered, and its notice period over. It sends nothing itself and opens no
//! personal data: whoever sends reports what became of it.

use std::collections::BTreeMap;

use domain::{Date, DeliveryState, PortfolioId, SubjectId, SubjectKind, Timestamp};
use store::delivery::DeliveryRow;
use store::reference::NoticeRow;
use store::subject::SubjectRow;
use store::{StoreError, Unit};

use crate::{App, ServiceError, published_notices};

/// Subjects looked at, or deliveries told, in one transaction.
const PAGE: usize = 1_000;

/// What issuing did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IssueReport {
    /// Deliveries that are new.
    pub queued: u64,
    /// People whom a newer version binds from now on.
    pub bound: u64,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliveryEvent {
    /// To whom.
    pub subject: SubjectId,
    /// Where it stands.
    pub state: DeliveryState,
    /// Since when.
    pub at: Timestamp,
}

/// Queues the newest published version for everybody enrolled whom an older one binds, and binds those to whom a
/// version was delivered so long ago that its notice period is over. Both go in parts and can be cut off
/// anywhere: the next call goes on.
pub async fn issue_notices(app: &App, portfolio: PortfolioId) -> Result<IssueReport, ServiceError> {
    let versions = published_notices(app.store(), portfolio).await?;
    let mut report = IssueReport::default();
    let Some(newest) = versions.last() else { return Ok(report) };
    report.queued = queue(app, newest).await?;
    // The newest first: whom it binds, an older one need not bind before.
    for version in versions.iter().rev() {
        report.bound += bind(app, version).await?;
    }
    Ok(report)
}

/// Tells what became of deliveries of a version. Each must have been queued, and may not go back: the first that
/// does not fit stops the rest, and is named by its place. Telling again what was told changes nothing.
/// Returns how many now stand elsewhere than before.
pub async fn record_deliveries(
    app: &App,
    version: &NoticeRow,
    events: &[DeliveryEvent],
) -> Result<u64, ServiceError> {
    let now = app.gate.now();
    let mut changed = 0;
    for (part, events) in events.chunks(PAGE).enumerate() {
        let (events, number, published) = (events.to_vec(), version.number, version.published);
        let first = part * PAGE;
        changed += app.store().write(move |unit| tell(unit, number, &events, published, now, first)).await?;
    }
    Ok(changed)
}

async fn queue(app: &App, newest: &NoticeRow) -> Result<u64, ServiceError> {
    let (today, now) = (app.today()?, app.gate.now());
    let (portfolio, number) = (newest.portfolio, newest.number);
    let (mut queued, mut after) = (0, None);
    loop {
        let page = move |unit: &mut Unit<'_>| queue_page(unit, portfolio, number, after, today, now);
        let (last, new) = app.store().write(page).await?;
        queued += new;
        let Some(last) = last else { return Ok(queued) };
        after = Some(last);
    }
}

/// Queues a page; answers its last subject, if any, and how many deliveries are new.
fn queue_page(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    number: i64,
    after: Option<SubjectId>,
    today: Date,
    now: Timestamp,
) -> Result<(Option<SubjectId>, u64), StoreError> {
    let page = store::subject::page(unit, portfolio, after, PAGE)?;
    let last = page.last().map(|row| row.subject);
    let older: Vec<SubjectRow> = page.into_iter().filter(|row| row.notice < number).collect();
    let subjects: Vec<SubjectId> = older.iter().map(|row| row.subject).collect();
    let mut covered: BTreeMap<SubjectId, bool> = BTreeMap::new();
    for cover in store::many::coverages(unit, &subjects)? {
        *covered.entry(cover.subject).or_default() |= cover.end.is_none_or(|end| end >= today);
    }
    let deliveries: Vec<DeliveryRow> = older
        .iter()
        .filter(|row| match row.kind {
            SubjectKind::Member | SubjectKind::Beneficiary => covered.get(&row.subject) == Some(&true),
            SubjectKind::Practitioner => true,
            _ => false,
        })
        .map(|row| DeliveryRow {
            subject: row.subject,
            portfolio,
            notice: number,
            state: DeliveryState::Queued,
            at: now,
            delivered: None,
            is_done: false,
            version: 1,
        })
        .collect();
    Ok((last, store::delivery::insert_missing(unit, &deliveries)?))
}

fn tell(
    unit: &mut Unit<'_>,
    number: i64,
    events: &[DeliveryEvent],
    published: Timestamp,
    now: Timestamp,
    first: usize,
) -> Result<u64, ServiceError> {
    let subjects: Vec<SubjectId> = events.iter().map(|event| event.subject).collect();
    let rows = store::delivery::of_subjects(unit, number, &subjects)?;
    let mut rows: BTreeMap<SubjectId, DeliveryRow> = rows.into_iter().map(|row| (row.subject, row)).collect();
    let mut changed = 0;
    for (place, event) in (first + 1..).zip(events) {
        let refuse = |problem: String| ServiceError::Delivery { place, problem };
        let row = rows
            .get_mut(&event.subject)
            .ok_or_else(|| refuse("this version was not issued to this person".to_owned()))?;
        if !event.state.may_follow(row.state) {
            return Err(refuse(format!(
                "a delivery that is `{}` cannot become `{}`",
                row.state, event.state
            )));
        }
        if event.at < published || event.at > now {
            return Err(refuse(
                "its instant is before the version was published, or in the future".to_owned(),
            ));
        }
        if event.state == row.state {
            continue;
        }
        row.state = event.state;
        row.at = event.at;
        row.delivered = event.state.is_delivered().then(|| row.delivered.unwrap_or(event.at));
        store::delivery::replace(unit, row)?;
        row.version += 1;
        changed += 1;
    }
    Ok(changed)
}

/// Binds those for whom a version's notice period is over.
async fn bind(app: &App, version: &NoticeRow) -> Result<u64, ServiceError> {
    if version.effective > app.today()? {
        return Ok(0);
    }
    let notice = app.gate.published_notice(version.portfolio, version.number)?;
    let period_seconds = i64::from(notice.notice_period_days()) * 86_400;
    let until = app.gate.now().plus_seconds(-period_seconds);
    let (portfolio, number) = (version.portfolio, version.number);
    let mut bound = 0;
    loop {
        let (done, newly) = app.store().write(move |unit| bind_page(unit, portfolio, number, until)).await?;
        bound += newly;
        if done == 0 {
            return Ok(bound);
        }
    }
}

/// Binds a page; answers how many deliveries are done, and whom of them an older version bound until now.
fn bind_page(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    number: i64,
    delivered_until: Timestamp,
) -> Result<(usize, u64), StoreError> {
    let due = store::delivery::due(unit, portfolio, number, delivered_until, PAGE)?;
    let subjects: Vec<SubjectId> = due.iter().map(|row| row.subject).collect();
    let rows = store::many::subjects(unit, &subjects)?;
    let older: Vec<&SubjectRow> = rows.iter().filter(|row| row.notice < number).collect();
    for row in &older {
        store::subject::bind(unit, row.subject, row.version, number)?;
    }
    for row in &due {
        store::delivery::replace(unit, &DeliveryRow { is_done: true, ..*row })?;
    }
    Ok((due.len(), older.len() as u64))
}
