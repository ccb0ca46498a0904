//! Retention and erasure: what may no longer be kept is made unreadable by destroying its keys, class by
//! class, and its rows go too. Each erasure is on a list outside the backups, which a restore replays.

use std::collections::BTreeSet;

use domain::{Category, Date, PortfolioId, RetentionClass, SubjectId, Timestamp};
use notice::{Retention, RetentionStart};
use store::StoreError;

use crate::{App, ServiceError};

/// Subjects read at a time.
const PAGE: usize = 1_000;

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SweepReport {
    /// Subjects looked at.
    pub subjects: u64,
    /// Keys destroyed.
    pub keys: u64,
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
    }
    // Rows as well as keys: an erasure that was interrupted may have left rows without their key.
    let keys = store::key::of_subject(unit, subject)?.into_iter().map(|key| (key.category, key.class));
    let rows = store::sealed::of_subject(unit, subject)?.into_iter().map(|row| (row.category, row.class));
    let places: BTreeSet<(Category, RetentionClass)> =
        keys.chain(rows).filter(|(_, class)| classes.contains(class)).collect();
    for (category, class) in places {
        erased += u64::from(store::key::erase(unit, subject, category, class, at)?);
        store::sealed::delete_class(unit, subject, category, class)?;
    }
    Ok(erased)
}

/// Applies a portfolio's retention rules as the notice in force states them: for each subject whose
/// cover ended, the classes whose years have run since.
pub async fn sweep(app: &App, portfolio: PortfolioId) -> Result<SweepReport, ServiceError> {
    let (_, notice) = app.gate.notice(portfolio)?;
    let today = app.today()?;
    let mut report = SweepReport::default();
    let mut after = None;
    loop {
        let page = app.store().read(move |unit| subjects_with_cover(unit, portfolio, after)).await?;
        let Some((last, _)) = page.last() else { return Ok(report) };
        after = Some(*last);
        for (subject, ended) in page {
            report.subjects += 1;
            let Some(ended) = ended else { continue };
            let lapsed: Vec<RetentionClass> = RetentionClass::ALL
                .iter()
                .copied()
                .filter(|class| notice.retention(*class).is_some_and(|rule| has_lapsed(rule, ended, today)))
                .collect();
            if !lapsed.is_empty() {
                report.keys += erase_subject(app, subject, &lapsed).await?;
            }
        }
    }
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

/// Subjects in order, each with the day its last cover ended; none while one is open or there is none.
fn subjects_with_cover(
    unit: &mut store::Unit<'_>,
    portfolio: PortfolioId,
    after: Option<SubjectId>,
) -> Result<Vec<(SubjectId, Option<Date>)>, StoreError> {
    let page = store::subject::page(unit, portfolio, after, PAGE)?;
    let subjects: Vec<SubjectId> = page.iter().map(|row| row.subject).collect();
    let covers = store::many::coverages(unit, &subjects)?;
    Ok(subjects
        .into_iter()
        .map(|subject| {
            let ends: Option<Vec<Date>> =
                covers.iter().filter(|cover| cover.subject == subject).map(|cover| cover.end).collect();
            (subject, ends.and_then(|ends| ends.into_iter().max()))
        })
        .collect())
}

#[cfg(test)]
mod tests {
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
}
