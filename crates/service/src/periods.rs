//! Retention periods: until when each class of somebody's data is kept, by the rules of the notice version that binds them.
//! A newer version's shorter period takes nothing away early from whom it does not bind, and its longer one keeps nothing of
//! theirs for longer than they were promised. Nothing is destroyed here.

use std::collections::BTreeMap;

use domain::{
    Date, Personal, PortfolioId, RetentionClass, SubjectId, SubjectKind, SubjectKindSet, Timestamp,
    Unclassified,
};
use gate::GateError;
use notice::{Retention, RetentionStart};
use store::coverage::CoverageRow;
use store::{StoreError, Unit};

use crate::{App, ServiceError, published_notices};

/// A rule of a version of the notice, by which a class is kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rule {
    /// Which class.
    pub class: RetentionClass,
    /// The name of the version.
    pub version: String,
    /// So many years.
    pub years: u32,
    /// After what.
    pub after: RetentionStart,
}

/// A class of somebody's data that is still there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// By which rule.
    pub rule: Rule,
    /// The day on which it lapses; none while cover is open, and of what counts from when each record was made.
    pub until: Option<Date>,
}

/// Of how many people a rule keeps something, and until when.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KeptOf {
    /// So many people.
    pub people: u64,
    /// The first day on which it lapses of one of them; none where it counts from when each record was made.
    pub first: Option<Date>,
    /// The last such day.
    pub last: Option<Date>,
}

impl KeptOf {
    pub(crate) fn one(until: Option<Date>) -> Self {
        Self { people: 1, first: until, last: until }
    }

    pub(crate) fn add(&mut self, more: Self) {
        self.people += more.people;
        self.first = self.first.into_iter().chain(more.first).min();
        self.last = self.last.max(more.last);
    }
}

/// The rules of each published version of a portfolio's notice.
#[derive(Debug, Clone)]
pub(crate) struct Periods(BTreeMap<i64, Version>);

#[derive(Debug, Clone)]
struct Version {
    name: String,
    rules: Vec<Retention>,
}

/// Somebody, with what their periods rest on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    /// Who.
    pub(crate) subject: SubjectId,
    /// The number of the version that binds them.
    version: i64,
    /// The last day of their last cover, and of who never had any what stands below; none while one is open.
    cover_ended: Option<Date>,
    /// The last day of the last cover of anybody under their contract, themself included; the day on which they were taken up
    /// where there never was any, and none while one is open. Of who gives care or works here nothing says when that ended.
    relation_ended: Option<Date>,
}

/// The kinds of people whose data may lapse though they never had cover: who asked for it and did not get it, and who were
/// enrolled and never covered.
pub(crate) const WITHOUT_COVER: SubjectKindSet =
    SubjectKindSet::of(&[SubjectKind::Member, SubjectKind::Beneficiary, SubjectKind::Customer]);

impl Periods {
    /// Errors: no version is in force, or one cannot be read.
    pub(crate) async fn of(app: &App, portfolio: PortfolioId) -> Result<Self, ServiceError> {
        app.gate.notice(portfolio)?;
        let mut versions = BTreeMap::new();
        for row in published_notices(app.store(), portfolio).await? {
            let notice = match app.gate.published_notice(portfolio, row.number) {
                // One that another server has published just now binds nobody yet.
                Err(GateError::NoNotice) => continue,
                notice => notice?,
            };
            let rules = RetentionClass::ALL.iter().filter_map(|class| notice.retention(*class)).copied();
            versions.insert(row.number, Version { name: row.version, rules: rules.collect() });
        }
        Ok(Self(versions))
    }

    fn rules(&self, version: i64) -> &[Retention] {
        self.0.get(&version).map_or(&[], |version| &version.rules)
    }

    /// The latest day on which cover may have ended, or whoever never had any been taken up, for anything of anybody's to have
    /// lapsed today.
    pub(crate) fn latest_end(&self, today: Date) -> Option<Date> {
        let rules = self.0.values().flat_map(|version| &version.rules);
        let by_cover = rules.filter(|rule| rule.after != RetentionStart::RecordMade);
        by_cover.filter_map(|rule| years_before(rule.years, today)?.plus_days(3)).max()
    }

    /// Of each version, before when supplied material must have come for it to have lapsed today. What came on the day
    /// itself lapses too.
    pub(crate) fn material_before(&self, today: Date) -> BTreeMap<i64, Timestamp> {
        let lapses = |rule: &&Retention| {
            rule.class == Unclassified::RETENTION && rule.after == RetentionStart::RecordMade
        };
        let before = |(number, version): (&i64, &Version)| {
            let day = years_before(version.rules.iter().find(lapses)?.years, today)?;
            Some((*number, Timestamp::start_of(day).plus_seconds(86_400)))
        };
        self.0.iter().filter_map(before).collect()
    }

    /// The classes of somebody's data that have lapsed.
    pub(crate) fn lapsed(&self, held: &Held, today: Date) -> Vec<RetentionClass> {
        let has_lapsed = |rule: &&Retention| until(rule, held).is_some_and(|until| until <= today);
        self.rules(held.version).iter().filter(has_lapsed).map(|rule| rule.class).collect()
    }

    /// What keeps those of these classes that a rule keeps.
    pub(crate) fn kept(&self, held: &Held, classes: &[RetentionClass]) -> Vec<Kept> {
        let Some(version) = self.0.get(&held.version) else { return Vec::new() };
        let kept = |rule: &Retention| Kept {
            rule: Rule {
                class: rule.class,
                version: version.name.clone(),
                years: rule.years,
                after: rule.after,
            },
            until: until(rule, held),
        };
        version.rules.iter().filter(|rule| classes.contains(&rule.class)).map(kept).collect()
    }
}

/// These people, each with the version that binds them and the days on which their last cover and their contract ended. Spans that
/// had ended when somebody was taken up anew, as far as was known then, count no more.
pub(crate) fn held(unit: &mut Unit<'_>, subjects: &[SubjectId]) -> Result<Vec<Held>, StoreError> {
    let rows = store::many::subjects(unit, subjects)?;
    let taken_up: BTreeMap<SubjectId, Timestamp> =
        rows.iter().map(|row| (row.subject, row.taken_up)).collect();
    let counts = |of: SubjectId, cover: &CoverageRow| {
        let since = |taken_up: &Timestamp| {
            *taken_up <= cover.recorded
                || cover.end.is_none_or(|end| *taken_up <= Timestamp::start_of(end).plus_seconds(86_400))
        };
        taken_up.get(&of).is_none_or(since)
    };
    let (mut own, mut contract) = (Ends::default(), Ends::default());
    for cover in store::many::coverages(unit, subjects)? {
        if counts(cover.subject, &cover) {
            own.add(cover.subject, cover.end);
            contract.add(cover.subject, cover.end);
        }
    }
    for cover in store::many::coverages_held(unit, subjects)? {
        if counts(cover.holder, &cover) {
            contract.add(cover.holder, cover.end);
        }
    }
    let held = rows.into_iter().map(|row| {
        let taken_up = row.taken_up.date().ok().filter(|_| WITHOUT_COVER.contains(row.kind));
        let relation_ended = contract.of(row.subject).unwrap_or(taken_up);
        let cover_ended = own.of(row.subject).unwrap_or(relation_ended);
        Held { subject: row.subject, version: row.notice, cover_ended, relation_ended }
    });
    Ok(held.collect())
}

/// The last days of spans of cover, by person.
#[derive(Default)]
struct Ends(BTreeMap<SubjectId, Option<Date>>);

impl Ends {
    fn add(&mut self, subject: SubjectId, end: Option<Date>) {
        let last = self.0.entry(subject).or_insert(end);
        // An open one has no end, and then there is no last.
        *last = last.zip(end).map(|(one, other)| one.max(other));
    }

    /// The last of somebody's, none while one is open; nothing for whoever has none.
    fn of(&self, subject: SubjectId) -> Option<Option<Date>> {
        self.0.get(&subject).copied()
    }
}

/// The same day so many years before; the last of the month where it is shorter.
fn years_before(years: u32, day: Date) -> Option<Date> {
    day.plus_months(i32::try_from(years).ok()?.checked_mul(-12)?)
}

/// Until when a rule keeps its class of somebody's. Books of the year in which cover ended may still be written in the year
/// after, so that accounting counts from the end of that. What counts from when a record was made has no day for a person.
fn until(rule: &Retention, held: &Held) -> Option<Date> {
    let since = match rule.after {
        RetentionStart::CoverEnd => held.cover_ended?,
        RetentionStart::RelationEnd => held.relation_ended?,
        RetentionStart::FinancialYearEnd => Date::new(held.relation_ended?.year() + 1, 12, 31).ok()?,
        RetentionStart::RecordMade => return None,
    };
    since.plus_months(i32::try_from(rule.years).ok()?.checked_mul(12)?)
}

#[cfg(test)]
impl Periods {
    /// One version, with this one rule.
    pub(crate) fn of_one(number: i64, rule: Retention) -> Self {
        Self(BTreeMap::from([(number, Version { name: "tests".to_owned(), rules: vec![rule] })]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_lapses_on_its_day_and_not_before() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let held = Held {
            subject: SubjectId::from_bytes([1; 16]),
            version: 1,
            cover_ended: Some(day("2016-11-23")),
            relation_ended: Some(day("2018-05-31")),
        };
        let until = |after| until(&Retention { class: RetentionClass::Claims, years: 10, after }, &held);
        assert_eq!(until(RetentionStart::CoverEnd), Some(day("2026-11-23")));
        assert_eq!(until(RetentionStart::RelationEnd), Some(day("2028-05-31")));
        assert_eq!(until(RetentionStart::FinancialYearEnd), Some(day("2029-12-31")));
        assert_eq!(until(RetentionStart::RecordMade), None);
    }
}
