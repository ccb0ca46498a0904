//! Issuing a notice to those who are enrolled: a delivery for each, what became of it, and the day from which the
//! version binds them: in force, delivered, and its notice period over. It sends nothing itself and opens no
//! personal data: whoever sends reports what became of it.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Date, DeliveryState, PortfolioId, SubjectId, SubjectKind, Timestamp};
use notice::Notice;
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
/// does not fit stops the rest, and is named by its place. What was told, and what a later event has overtaken,
/// changes nothing. What comes back after it had bound binds no longer.
/// Returns how many now stand elsewhere than before.
pub async fn record_deliveries(
    app: &App,
    version: &NoticeRow,
    events: &[DeliveryEvent],
) -> Result<u64, ServiceError> {
    let now = app.gate.now();
    let mut changed = 0;
    for (part, events) in events.chunks(PAGE).enumerate() {
        let (events, told, first) = (events.to_vec(), Told::of(version), part * PAGE);
        changed += app.store().write(move |unit| tell(unit, &told, &events, now, first)).await?;
    }
    Ok(changed)
}

/// The version that a report is about.
struct Told {
    portfolio: PortfolioId,
    number: i64,
    published: Timestamp,
}

impl Told {
    fn of(version: &NoticeRow) -> Self {
        Self { portfolio: version.portfolio, number: version.number, published: version.published }
    }
}

async fn queue(app: &App, newest: &NoticeRow) -> Result<u64, ServiceError> {
    let (today, now) = (app.today()?, app.gate.now());
    let (portfolio, number) = (newest.portfolio, newest.number);
    let (mut queued, mut after) = (0, None);
    loop {
        let page = app.store().read(move |unit| wanting(unit, portfolio, number, after, today, now)).await?;
        let (Some(last), deliveries) = page else { return Ok(queued) };
        after = Some(last);
        if !deliveries.is_empty() {
            queued +=
                app.store().write(move |unit| store::delivery::insert_missing(unit, &deliveries)).await?;
        }
    }
}

/// Looks at a page of subjects: its last one, if any, and the deliveries that are still to be queued.
fn wanting(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    number: i64,
    after: Option<SubjectId>,
    today: Date,
    now: Timestamp,
) -> Result<(Option<SubjectId>, Vec<DeliveryRow>), StoreError> {
    let page = store::subject::page(unit, portfolio, after, PAGE)?;
    let last = page.last().map(|row| row.subject);
    let older: Vec<SubjectRow> = page.into_iter().filter(|row| row.notice < number).collect();
    let subjects: Vec<SubjectId> = older.iter().map(|row| row.subject).collect();
    let queued: BTreeSet<SubjectId> =
        store::delivery::of_subjects(unit, number, &subjects)?.iter().map(|row| row.subject).collect();
    let mut covered: BTreeSet<SubjectId> = BTreeSet::new();
    for cover in store::many::coverages(unit, &subjects)? {
        if cover.end.is_none_or(|end| end >= today) {
            covered.insert(cover.subject);
        }
    }
    let is_enrolled = |row: &&SubjectRow| match row.kind {
        SubjectKind::Member | SubjectKind::Beneficiary => covered.contains(&row.subject),
        SubjectKind::Practitioner => true,
        _ => false,
    };
    let deliveries = older
        .iter()
        .filter(is_enrolled)
        .filter(|row| !queued.contains(&row.subject))
        .map(|row| DeliveryRow {
            subject: row.subject,
            portfolio,
            notice: number,
            state: DeliveryState::Queued,
            at: now,
            delivered: None,
            is_done: false,
            former: 0,
            version: 1,
        })
        .collect();
    Ok((last, deliveries))
}

fn tell(
    unit: &mut Unit<'_>,
    version: &Told,
    events: &[DeliveryEvent],
    now: Timestamp,
    first: usize,
) -> Result<u64, ServiceError> {
    let subjects: Vec<SubjectId> = events.iter().map(|event| event.subject).collect();
    let rows = store::delivery::of_subjects(unit, version.number, &subjects)?;
    // Numbers run within a portfolio: somebody of another may have a delivery of this number too.
    let own = rows.into_iter().filter(|row| row.portfolio == version.portfolio);
    let mut rows: BTreeMap<SubjectId, DeliveryRow> = own.map(|row| (row.subject, row)).collect();
    let mut changed = 0;
    for (place, event) in (first + 1..).zip(events) {
        let refuse = |problem: String| ServiceError::Delivery { place, problem };
        let row = rows
            .get_mut(&event.subject)
            .ok_or_else(|| refuse("this version was not issued to this person".to_owned()))?;
        if event.at < version.published || event.at > now {
            return Err(refuse("its day is before the version was published, or in the future".to_owned()));
        }
        if was_told(row, event) {
            continue;
        }
        if !event.state.may_follow(row.state) {
            return Err(refuse(format!(
                "a delivery that is `{}` cannot become `{}`",
                row.state, event.state
            )));
        }
        if row.is_done && !event.state.is_delivered() {
            unbind(unit, row)?;
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

/// Whether an event says what is known, or is overtaken: a report that comes again or late must not revive what
/// came back after it. What follows a failure is therefore of a later instant.
fn was_told(row: &DeliveryRow, event: &DeliveryEvent) -> bool {
    match row.state {
        DeliveryState::Queued => event.state == DeliveryState::Queued,
        _ if event.state == row.state => true,
        DeliveryState::Failed => event.at <= row.at,
        _ => event.at < row.at || (event.at == row.at && !event.state.may_follow(row.state)),
    }
}

/// What came back was not delivered: whom it bound is bound as before, until it is delivered again; and whom a newer
/// version binds meanwhile would be bound as before, should that come back too.
fn unbind(unit: &mut Unit<'_>, row: &mut DeliveryRow) -> Result<(), StoreError> {
    let subject = store::subject::get(unit, row.subject)?.ok_or(StoreError::NotFound)?;
    if row.former != 0 {
        if subject.notice == row.notice {
            store::subject::bind(unit, row.subject, subject.version, row.former)?;
        }
        store::delivery::set_former(unit, row.subject, row.notice, row.former)?;
    }
    row.is_done = false;
    row.former = 0;
    Ok(())
}

/// Binds those for whom a version's notice period is over: as many whole days as it has lie between the day of
/// delivery and today.
async fn bind(app: &App, version: &NoticeRow) -> Result<u64, ServiceError> {
    let today = app.today()?;
    if version.effective > today {
        return Ok(0);
    }
    let notice = published(app, version).await?;
    let period_seconds = i64::from(notice.notice_period_days()) * 86_400;
    let until = Timestamp::from_micros(Timestamp::start_of(today).plus_seconds(-period_seconds).micros() - 1);
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

/// The version as the gate has read and checked it; another process may have published it just now.
async fn published(app: &App, version: &NoticeRow) -> Result<Notice, ServiceError> {
    if let Ok(known) = app.gate.published_notice(version.portfolio, version.number) {
        return Ok(known);
    }
    // What another portfolio's notice is unreadable for does not matter here.
    drop(app.gate.refresh_notices().await);
    Ok(app.gate.published_notice(version.portfolio, version.number)?)
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
    let older: BTreeMap<SubjectId, &SubjectRow> =
        rows.iter().filter(|row| row.notice < number).map(|row| (row.subject, row)).collect();
    for row in older.values() {
        store::subject::bind(unit, row.subject, row.version, number)?;
    }
    for row in &due {
        let former = older.get(&row.subject).map_or(0, |subject| subject.notice);
        store::delivery::replace(unit, &DeliveryRow { is_done: true, former, ..*row })?;
    }
    Ok((due.len(), older.len() as u64))
}
