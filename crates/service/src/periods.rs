//! Retention periods: until when each class of somebody's data is kept, by the rules of the notice version that binds them. A class
//! is kept for longer than its own rule says while a clause about such people, whose retention is of more years, names a category
//! of it that is there: what that clause promises to keep is not destroyed. What counts from when a record was made keeps no other
//! class, since it has no day for a person.
//!
//! A newer version's shorter period takes nothing away early from whom it does not bind, and its longer one keeps nothing of
//! theirs for longer than they were promised. Nothing is destroyed here.

use std::collections::BTreeMap;

use domain::{
    CategorySet, Date, Personal, PortfolioId, RetentionClass, SubjectId, SubjectKind, SubjectKindSet,
    Timestamp, Unclassified,
};
use gate::GateError;
use notice::{Notice, Retention, RetentionStart};
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
    /// The clause that keeps it for longer than the class's own rule does; none where that one keeps it.
    pub clause: Option<String>,
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
    rules: Vec<Keeping>,
}

/// How a class is kept.
#[derive(Debug, Clone)]
struct Keeping {
    own: Retention,
    /// The clauses that keep it for longer where what they name is there.
    longer: Vec<Longer>,
}

/// A clause whose retention is of more years than that of a class.
#[derive(Debug, Clone)]
struct Longer {
    retention: Retention,
    clause: String,
    subjects: SubjectKindSet,
    data: CategorySet,
}

impl Keeping {
    fn of(notice: &Notice, own: Retention) -> Self {
        let longer = notice.clauses().iter().filter_map(|clause| {
            let retention = *notice.retention(clause.retention)?;
            let is_longer = retention.years > own.years && retention.after != RetentionStart::RecordMade;
            let subjects = clause.bases.iter().map(|(kind, _)| *kind).collect();
            is_longer.then(|| Longer { retention, clause: clause.id.clone(), subjects, data: clause.data })
        });
        // A class that counts from when each record was made has no day to be kept beyond.
        let has_day = own.after != RetentionStart::RecordMade;
        Self { own, longer: longer.filter(|_| has_day).collect() }
    }

    /// What keeps it longest of somebody of whom these categories of it are there: the rule, the clause where it is not the
    /// class's own, and until when.
    fn longest(&self, held: &Held, there: CategorySet) -> (Retention, Option<&str>, Option<Date>) {
        let own = (self.own, None, until(&self.own, held));
        let applies =
            |one: &&Longer| one.subjects.contains(held.kind) && !one.data.intersection(there).is_empty();
        self.longer.iter().filter(applies).fold(own, |longest, one| {
            let until = until(&one.retention, held);
            // Without a last day it is kept as long as cover lasts.
            let is_longer = longest.2.is_some_and(|day| until.is_none_or(|until| day < until));
            if is_longer { (one.retention, Some(&one.clause), until) } else { longest }
        })
    }
}

/// The categories of each class of which there is something of somebody's.
pub(crate) type There = BTreeMap<RetentionClass, CategorySet>;

/// Somebody, with what their periods rest on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    /// Who.
    pub(crate) subject: SubjectId,
    kind: SubjectKind,
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
            let rules = RetentionClass::ALL.iter().filter_map(|class| notice.retention(*class));
            let rules = rules.map(|own| Keeping::of(&notice, *own)).collect();
            versions.insert(row.number, Version { name: row.version, rules });
        }
        Ok(Self(versions))
    }

    fn rules(&self, version: i64) -> &[Keeping] {
        self.0.get(&version).map_or(&[], |version| &version.rules)
    }

    /// The latest day on which cover may have ended, or whoever never had any been taken up, for anything of anybody's to have
    /// lapsed today.
    pub(crate) fn latest_end(&self, today: Date) -> Option<Date> {
        let rules = self.0.values().flat_map(|version| &version.rules).map(|rule| &rule.own);
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
            let day = years_before(version.rules.iter().map(|rule| &rule.own).find(lapses)?.years, today)?;
            Some((*number, Timestamp::start_of(day).plus_seconds(86_400)))
        };
        self.0.iter().filter_map(before).collect()
    }

    /// The classes of somebody's data whose own years have run. A clause may keep some of them still.
    pub(crate) fn run_out(&self, held: &Held, today: Date) -> Vec<RetentionClass> {
        let has_run_out = |rule: &&Keeping| until(&rule.own, held).is_some_and(|until| until <= today);
        self.rules(held.version).iter().filter(has_run_out).map(|rule| rule.own.class).collect()
    }

    /// Those of the classes of which something is there that have lapsed: nothing keeps them any more.
    pub(crate) fn lapsed(&self, held: &Held, there: &There, today: Date) -> Vec<RetentionClass> {
        let has_lapsed = |rule: &&Keeping| {
            let there = there.get(&rule.own.class);
            let until = there.and_then(|there| rule.longest(held, *there).2);
            until.is_some_and(|until| until <= today)
        };
        self.rules(held.version).iter().filter(has_lapsed).map(|rule| rule.own.class).collect()
    }

    /// What keeps those of the classes of which something is there that a rule keeps.
    pub(crate) fn kept(&self, held: &Held, there: &There) -> Vec<Kept> {
        let Some(version) = self.0.get(&held.version) else { return Vec::new() };
        let kept = |rule: &Keeping| {
            let (longest, clause, until) = rule.longest(held, *there.get(&rule.own.class)?);
            let (class, version, clause) =
                (rule.own.class, version.name.clone(), clause.map(ToOwned::to_owned));
            let Retention { years, after, .. } = longest;
            Some(Kept { rule: Rule { class, version, clause, years, after }, until })
        };
        version.rules.iter().filter_map(kept).collect()
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
        let (subject, kind, version) = (row.subject, row.kind, row.notice);
        Held { subject, kind, version, cover_ended, relation_ended }
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
        Self(BTreeMap::from([(
            number,
            Version { name: "tests".to_owned(), rules: vec![Keeping { own: rule, longer: Vec::new() }] },
        )]))
    }
}

#[cfg(test)]
mod tests {
    use domain::Category;

    use super::*;

    #[test]
    fn a_period_lapses_on_its_day_and_not_before() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let held = Held {
            subject: SubjectId::from_bytes([1; 16]),
            kind: SubjectKind::Member,
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
    #[test]
    fn what_a_longer_clause_about_such_people_names_keeps_a_class_and_nothing_else_does() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let rule = |years, after| Retention { class: RetentionClass::Membership, years, after };
        let longer = |retention, clause: &str, subject, category| Longer {
            retention,
            clause: clause.to_owned(),
            subjects: SubjectKindSet::of(&[subject]),
            data: CategorySet::of(&[category]),
        };
        let keeping = Keeping {
            own: rule(5, RetentionStart::RelationEnd),
            longer: vec![
                longer(
                    rule(20, RetentionStart::CoverEnd),
                    "others",
                    SubjectKind::Customer,
                    Category::Identity,
                ),
                longer(rule(6, RetentionStart::CoverEnd), "earlier", SubjectKind::Member, Category::Plan),
                longer(rule(15, RetentionStart::CoverEnd), "claims", SubjectKind::Member, Category::Identity),
            ],
        };
        let held = |cover_ended| Held {
            subject: SubjectId::from_bytes([1; 16]),
            kind: SubjectKind::Member,
            version: 1,
            cover_ended,
            relation_ended: Some(day("2018-05-31")),
        };
        let by = |there: &[Category], ended| {
            let ended = held(ended);
            let (rule, clause, until) = keeping.longest(&ended, CategorySet::of(there));
            (rule.years, clause, until)
        };
        let ended = Some(day("2016-11-23"));
        assert_eq!(
            by(&[Category::Identity, Category::Plan], ended),
            (15, Some("claims"), Some(day("2031-11-23")))
        );
        // It is of more years and over before.
        assert_eq!(by(&[Category::Plan], ended), (5, None, Some(day("2023-05-31"))));
        assert_eq!(by(&[Category::Health], ended), (5, None, Some(day("2023-05-31"))));
        assert_eq!(by(&[Category::Identity], None), (15, Some("claims"), None));
    }
}
