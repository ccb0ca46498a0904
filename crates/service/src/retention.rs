//! Retention and erasure: what may no longer be kept is made unreadable by destroying its keys, class by
//! class, and its rows go too. Each erasure is on a list outside the backups, which a restore replays. How old entries of
//! the record of disclosures are erased, so that it stays provable, is the gate's.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Category, Date, Personal, PortfolioId, QuarantineState, RetentionClass, SubjectId, Timestamp,
    Unclassified,
};
use gate::GateError;
use notice::{Retention, RetentionStart};
use store::StoreError;

use crate::{App, ServiceError, work_item};

/// Spans of cover read at a time.
const PAGE: usize = 1_000;

/// Subjects erased in one transaction, after which the store overwrites where their keys were.
const PART: usize = 250;

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SweepReport {
    /// Subjects whose cover ended so long ago that something may have lapsed.
    pub subjects: u64,
    /// Keys destroyed.
    pub keys: u64,
    /// Pieces of supplied material destroyed.
    pub material: u64,
    /// Entries of the record of disclosures whose bodies were erased.
    pub entries: u64,
}

/// Destroys the keys and rows of these retention classes of a subject. Returns how many keys went.
pub async fn erase_subject(
    app: &App,
    subject: SubjectId,
    classes: &[RetentionClass],
) -> Result<u64, ServiceError> {
    let (classes, at) = (classes.to_vec(), app.gate.now());
    let erased = app.store().write(move |unit| erase(unit, subject, &classes, at)).await?;
    Ok(erased)
}

fn erase(
    unit: &mut store::Unit<'_>,
    subject: SubjectId,
    classes: &[RetentionClass],
    at: Timestamp,
) -> Result<u64, StoreError> {
    let mut erased = 0;
    // Without who someone is, nothing may lead to them any more.
    if classes.contains(&RetentionClass::Membership) {
        store::lookup::delete_of_subject(unit, subject)?;
        store::delivery::delete_of_subject(unit, subject)?;
        store::notice_copy::delete_of_subject(unit, subject)?;
        for row in store::work_item::of_subject(unit, subject)?.iter().filter(|row| at < row.until) {
            crate::assign::end(unit, row, at)?;
        }
        store::work_item::delete_of_subject(unit, subject)?;
        // A consent without its proof bears nothing.
        let conditions = store::condition::of_subject(unit, subject)?;
        for row in conditions.iter().filter(|row| row.condition.is_consent() && row.is_live(at)) {
            store::condition::end(unit, subject, row.condition, row.object, at)?;
        }
        store::consent::delete_of_subject(unit, subject)?;
    }
    if classes.contains(&RetentionClass::Claims) {
        end_tasks(unit, subject, at)?;
        store::screen::delete_of_subject(unit, subject)?;
        store::mark::delete_of_subject(unit, subject)?;
        store::appeal::delete_of_subject(unit, subject)?;
        store::pended::delete_of_subject(unit, subject)?;
    }
    if classes.contains(&RetentionClass::Accounting) {
        store::settlement::delete_of_subject(unit, subject)?;
    }
    if classes.contains(&Unclassified::RETENTION) {
        store::quarantine::delete_of_subject(unit, subject)?;
    }
    for (category, class) in places(unit, subject, classes)? {
        erased += u64::from(store::key::erase(unit, subject, category, class, at)?);
        store::sealed::delete_class(unit, subject, category, class)?;
    }
    Ok(erased)
}

/// Ends the tasks of those who have somebody's cases of the screen, appeals and claims that wait: there is nothing left to do.
fn end_tasks(unit: &mut store::Unit<'_>, subject: SubjectId, at: Timestamp) -> Result<(), StoreError> {
    let cases = store::screen::of_subjects(unit, &[subject])?;
    let appeals = store::appeal::of_subject(unit, subject)?;
    let cases = cases.iter().map(|case| (case.claim.into(), case.assignee));
    let appeals = appeals.iter().map(|appeal| (appeal.appeal, appeal.assignee));
    let pended = store::pended::of_subject(unit, subject)?;
    let pended = pended.iter().map(|row| (row.claim.into(), row.owner));
    let tasks = cases.chain(appeals).chain(pended);
    for (item, assignee) in tasks {
        let Some(assignee) = assignee else { continue };
        work_item::end(unit, subject, item, assignee, at)?;
    }
    Ok(())
}

/// Applies a portfolio's retention rules as the notice in force states them: for each subject whose
/// cover ended, the classes whose years have run since. Those are found by the day on which cover ended; of whom
/// everything lapsed is erased already, nothing is written.
pub async fn sweep(app: &App, portfolio: PortfolioId) -> Result<SweepReport, ServiceError> {
    let (_, notice) = app.gate.notice(portfolio)?;
    let rules: Vec<Retention> =
        RetentionClass::ALL.iter().filter_map(|class| notice.retention(*class)).copied().collect();
    let today = app.today()?;
    let mut report = SweepReport::default();
    let mut after = None;
    // Nothing of whose cover ended later has lapsed.
    while let Some(by) = latest_end(&rules, today) {
        let page =
            app.store().read(move |unit| store::coverage::ended(unit, portfolio, by, after, PAGE)).await;
        let page = page.map_err(|error: StoreError| error)?;
        let Some(last) = page.last() else { break };
        after = Some(*last);
        let subjects: BTreeSet<SubjectId> = page.into_iter().map(|(_, subject)| subject).collect();
        report.subjects += subjects.len() as u64;
        let (subjects, of) = (subjects.into_iter().collect::<Vec<_>>(), rules.clone());
        let lapsed = move |unit: &mut store::Unit<'_>| still_held(unit, &subjects, &of, today);
        let candidates = app.store().read(lapsed).await?;
        for part in candidates.chunks(PART) {
            let (part, rules, at) = (part.to_vec(), rules.clone(), app.gate.now());
            let erase = move |unit: &mut store::Unit<'_>| erase_lapsed(unit, &part, &rules, today, at);
            report.keys += app.store().write(erase).await?;
        }
    }
    report.material = lapse_material(app, portfolio, &rules, today).await?;
    report.entries = app.gate.erase_entries(portfolio).await?;
    Ok(report)
}

/// Erases entries of the record of disclosures that have lapsed in every portfolio where a notice is in force: a backup has
/// their bodies still, and whoever restores one erases them before the site works again.
pub async fn erase_lapsed_entries(app: &App) -> Result<u64, ServiceError> {
    let portfolios = app.store().read(store::reference::portfolios).await;
    let mut erased = 0;
    for row in portfolios.map_err(|error: StoreError| error)? {
        erased += match app.gate.erase_entries(row.portfolio).await {
            Err(GateError::NoNotice) => 0,
            other => other?,
        };
    }
    Ok(erased)
}

/// The latest day on which cover may have ended for anything to have lapsed today.
fn latest_end(rules: &[Retention], today: Date) -> Option<Date> {
    let by_cover = rules.iter().filter(|rule| rule.after != RetentionStart::RecordMade);
    by_cover.filter_map(|rule| years_before(rule.years, today)).max()
}

/// The same day so many years before.
fn years_before(years: u32, day: Date) -> Option<Date> {
    // A period that ends on the last day of a shorter month has begun up to three days later than this says.
    let months = i32::try_from(years).ok().and_then(|years| years.checked_mul(-12))?;
    day.plus_months(months).and_then(|day| day.plus_days(3))
}

/// Those of these subjects of whom something has lapsed and is held.
fn still_held(
    unit: &mut store::Unit<'_>,
    subjects: &[SubjectId],
    rules: &[Retention],
    today: Date,
) -> Result<Vec<SubjectId>, StoreError> {
    let mut candidates = Vec::new();
    for (subject, ended) in cover_ends(unit, subjects)? {
        let classes = lapsed(rules, ended, today);
        if !classes.is_empty() && places(unit, subject, &classes)?.next().is_some() {
            candidates.push(subject);
        }
    }
    Ok(candidates)
}

/// Where a subject has a key or rows of these classes: an erasure that was interrupted may have left rows without
/// their key.
fn places(
    unit: &mut store::Unit<'_>,
    subject: SubjectId,
    classes: &[RetentionClass],
) -> Result<impl Iterator<Item = (Category, RetentionClass)> + use<>, StoreError> {
    let keys = store::key::of_subject(unit, subject)?.into_iter().map(|key| (key.category, key.class));
    let rows = store::sealed::of_subject(unit, subject)?.into_iter().map(|row| (row.category, row.class));
    let places: BTreeSet<(Category, RetentionClass)> =
        keys.chain(rows).filter(|(_, class)| classes.contains(class)).collect();
    Ok(places.into_iter())
}

/// Destroys supplied material, classified or not, whose years since it came have run.
async fn lapse_material(
    app: &App,
    portfolio: PortfolioId,
    rules: &[Retention],
    today: Date,
) -> Result<u64, ServiceError> {
    let rule = rules.iter().find(|rule| rule.class == Unclassified::RETENTION);
    let Some(years) = rule.filter(|rule| rule.after == RetentionStart::RecordMade).map(|rule| rule.years)
    else {
        return Ok(0);
    };
    let months = i32::try_from(years).ok().and_then(|years| years.checked_mul(-12));
    let Some(day) = months.and_then(|months| today.plus_months(months)) else { return Ok(0) };
    // What came on the day itself lapses too.
    let (before, at) = (Timestamp::start_of(day).plus_seconds(86_400), app.gate.now());
    let mut destroyed = 0;
    for state in [QuarantineState::Waiting, QuarantineState::Classified] {
        loop {
            let lapse = move |unit: &mut store::Unit<'_>| {
                let rows = store::quarantine::oldest(unit, portfolio, state, before, PART)?;
                rows.iter().try_for_each(|row| crate::quarantine::lapse(unit, row, at))?;
                Ok::<_, StoreError>(rows.len())
            };
            match app.store().write(lapse).await? {
                0 => break,
                count => destroyed += count as u64,
            }
        }
    }
    Ok(destroyed)
}

/// Erases what has lapsed of these subjects. Their cover is read again in the same unit: since the page was
/// read, someone may have been taken up anew.
fn erase_lapsed(
    unit: &mut store::Unit<'_>,
    subjects: &[SubjectId],
    rules: &[Retention],
    today: Date,
    at: Timestamp,
) -> Result<u64, StoreError> {
    let mut erased = 0;
    for (subject, ended) in cover_ends(unit, subjects)? {
        let classes = lapsed(rules, ended, today);
        if !classes.is_empty() {
            erased += erase(unit, subject, &classes, at)?;
        }
    }
    Ok(erased)
}

/// The classes that have lapsed for someone whose last cover ended on a day; none while one is open.
fn lapsed(rules: &[Retention], cover_ended: Option<Date>, today: Date) -> Vec<RetentionClass> {
    let Some(ended) = cover_ended else { return Vec::new() };
    rules.iter().filter(|rule| has_lapsed(rule, ended, today)).map(|rule| rule.class).collect()
}

/// Whether a class has lapsed for someone whose last cover ended on a day. Books of the year in which
/// cover ended may still be written in the year after, so that accounting counts from the end of that.
/// What counts from when a record was made is not swept by subject.
fn has_lapsed(rule: &Retention, cover_ended: Date, today: Date) -> bool {
    let since = match rule.after {
        RetentionStart::CoverEnd | RetentionStart::RelationEnd => Some(cover_ended),
        RetentionStart::FinancialYearEnd => Date::new(cover_ended.year() + 1, 12, 31).ok(),
        RetentionStart::RecordMade => None,
    };
    let months = i32::try_from(rule.years).ok().and_then(|years| years.checked_mul(12));
    let until = since.zip(months).and_then(|(since, months)| since.plus_months(months));
    until.is_some_and(|until| until <= today)
}

/// These subjects, each with the day its last cover ended.
fn cover_ends(
    unit: &mut store::Unit<'_>,
    subjects: &[SubjectId],
) -> Result<Vec<(SubjectId, Option<Date>)>, StoreError> {
    let mut ends: BTreeMap<SubjectId, Option<Date>> = BTreeMap::new();
    for cover in store::many::coverages(unit, subjects)? {
        let last = ends.entry(cover.subject).or_insert(cover.end);
        // An open one has no end, and then there is no last.
        *last = last.zip(cover.end).map(|(one, other)| one.max(other));
    }
    Ok(subjects.iter().map(|subject| (*subject, ends.get(subject).copied().flatten())).collect())
}

#[cfg(test)]
mod tests {
    use domain::{CoverageId, PlanId, SponsorId, SubjectKind};
    use store::coverage::CoverageRow;
    use store::key::WrappedKey;
    use store::subject::SubjectRow;

    use super::*;

    #[test]
    fn a_period_lapses_on_its_day_and_not_before() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let rule = |after| Retention { class: RetentionClass::Claims, years: 10, after };
        let ended = day("2016-11-23");
        assert!(has_lapsed(&rule(RetentionStart::CoverEnd), ended, day("2026-11-23")));
        assert!(!has_lapsed(&rule(RetentionStart::CoverEnd), ended, day("2026-11-22")));
        assert!(!has_lapsed(&rule(RetentionStart::FinancialYearEnd), ended, day("2027-12-30")));
        assert!(has_lapsed(&rule(RetentionStart::FinancialYearEnd), ended, day("2027-12-31")));
        assert!(!has_lapsed(&rule(RetentionStart::RecordMade), ended, day("2199-12-31")));
    }

    const PORTFOLIO: PortfolioId = PortfolioId::from_bytes([7; 16]);

    /// A subject with a key and one span of cover.
    fn insert(unit: &mut store::Unit<'_>, subject: SubjectId, end: Option<Date>) -> Result<(), StoreError> {
        let row = SubjectRow {
            subject,
            portfolio: PORTFOLIO,
            kind: SubjectKind::Member,
            law: domain::GoverningLaw::Belgium,
            notice: 1,
            version: 1,
        };
        store::subject::insert_many(unit, &[row])?;
        let key = WrappedKey {
            subject,
            category: Category::Claims,
            class: RetentionClass::Claims,
            wrapped: vec![1],
        };
        store::key::insert_many(unit, &[key])?;
        let cover = CoverageRow {
            subject,
            coverage: CoverageId::from_bytes(*subject.bytes()),
            portfolio: PORTFOLIO,
            sponsor: SponsorId::from_bytes([0; 16]),
            plan: PlanId::from_bytes([0; 16]),
            holder: subject,
            start: Date::new(2010, 1, 1).map_err(|_| StoreError::NotFound)?,
            end,
            version: 1,
            currency: domain::Currency::EUR,
            recorded: Timestamp::from_micros(0),
            content: [0; 32],
        };
        store::coverage::insert_many(unit, &[cover])
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn sqlite_who_was_taken_up_again_meanwhile_is_not_erased() {
        let scratch = store::testing::Scratch::sqlite().unwrap();
        let store = store::Store::create(scratch.location()).await.unwrap();
        let (gone, back) = (SubjectId::from_bytes([1; 16]), SubjectId::from_bytes([2; 16]));
        let today: Date = "2026-11-23".parse().unwrap();
        let rule = Retention { class: RetentionClass::Claims, years: 10, after: RetentionStart::CoverEnd };
        let erased = store
            .write(move |unit| {
                insert(unit, gone, "2015-12-31".parse().ok())?;
                insert(unit, back, None)?;
                // Both were on the page that was read before the second one's new cover.
                erase_lapsed(unit, &[gone, back], &[rule], today, Timestamp::from_micros(1))
            })
            .await;
        assert_eq!(erased, Ok::<_, StoreError>(1));
        let keys = store.read(move |unit| store::many::keys(unit, &[gone, back])).await;
        let keys = keys.map_err(|error: StoreError| error).unwrap();
        assert_eq!(keys.iter().map(|key| key.subject).collect::<Vec<_>>(), [back]);
    }
}
