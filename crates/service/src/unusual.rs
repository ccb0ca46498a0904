//! What is unusual in the uses of a portfolio's data: hours in which somebody saw many people's, or by then many of the day, saw any out of hours or from a
//! country in which nobody works, saw some without a task (whoever calls and is identified is such a one), or searched often, found or not. It points at hours to be looked into for a case, by numbers that the officer gives; it scores
//! nobody, compares nobody with others, and says nothing of why.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use domain::{ActorId, Country, Timestamp};
use gate::{EntryOutcome, Use, Uses};

use crate::ServiceError;

const HOUR_MICROS: i64 = 3_600_000_000;
const DAY_HOURS: i64 = 24;
/// Hours that are kept until nothing more of them can come: entries follow one another by when they were sealed.
pub(crate) const KEPT_HOURS: i64 = 2;

/// What counts as usual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usual {
    /// The most people whose data somebody sees in an hour.
    pub people_an_hour: usize,
    /// The most people whose data somebody sees in a day, in UTC.
    pub people_a_day: usize,
    /// The first and last hour of the day in which people work, in UTC; none where any hour is usual.
    pub hours: Option<(u8, u8)>,
    /// Whether people work on Saturday and Sunday.
    pub weekends: bool,
    /// The countries from which people work; empty where any is usual.
    pub countries: BTreeSet<Country>,
}

/// What was unusual in an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unusual {
    /// More people than usual in the hour.
    ManyPeople,
    /// By then more people than usual in the day.
    ManyPeopleADay,
    /// Out of hours.
    OutOfHours,
    /// Without a task.
    NoTask,
    /// More searches than people are usual in the hour, whether or not they found anybody.
    ManySearches,
    /// From a country in which nobody works.
    Country,
}

impl Unusual {
    /// It in a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ManyPeople => "many-people",
            Self::ManyPeopleADay => "many-people-a-day",
            Self::OutOfHours => "out-of-hours",
            Self::NoTask => "no-task",
            Self::ManySearches => "many-searches",
            Self::Country => "country",
        }
    }
}

/// An hour in which somebody's uses were unusual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusualHour {
    /// When it began.
    pub hour: Timestamp,
    /// Who.
    pub actor: ActorId,
    /// Their role.
    pub role: String,
    /// What was unusual.
    pub what: BTreeSet<Unusual>,
    /// About how many people something was shown.
    pub people: usize,
    /// The same of the day until then.
    pub people_that_day: usize,
    /// How many uses showed something.
    pub uses: u64,
    /// How many of them served no task.
    pub without_task: u64,
    /// How many searches were made.
    pub searches: u64,
    /// From where they were made.
    pub countries: BTreeSet<Country>,
}

/// Reads uses and tells the unusual hours, as they are over. What is kept is an hour or two of each actor, and whom they
/// saw in the day.
pub struct UnusualHours<'a> {
    uses: Uses<'a>,
    usual: Usual,
    open: Open,
}

impl<'a> UnusualHours<'a> {
    /// Of these uses.
    #[must_use]
    pub fn new(uses: Uses<'a>, usual: Usual) -> Self {
        Self { uses, usual, open: Open::default() }
    }

    /// The next unusual hours; none at the end. A part may be empty.
    pub async fn next(&mut self) -> Result<Option<Vec<UnusualHour>>, ServiceError> {
        if self.open.is_over {
            return Ok(None);
        }
        match self.uses.next().await? {
            Some(part) => {
                part.iter().for_each(|one| self.open.add(one));
                Ok(Some(self.open.take(&self.usual, KEPT_HOURS)))
            }
            None => {
                self.open.is_over = true;
                Ok(Some(self.open.take(&self.usual, 0)))
            }
        }
    }
}

/// The hours that are not over.
#[derive(Default)]
pub(crate) struct Open {
    hours: BTreeMap<(i64, ActorId), Hour>,
    /// Whom each saw in a day.
    days: BTreeMap<(i64, ActorId), HashSet<u64>>,
    latest: i64,
    is_over: bool,
}

#[derive(Default)]
struct Hour {
    role: String,
    people: HashSet<u64>,
    people_that_day: usize,
    uses: u64,
    without_task: u64,
    searches: u64,
    countries: BTreeSet<Country>,
}

impl Open {
    pub(crate) fn add(&mut self, one: &Use) {
        // A job has no hours, and a person who reads their own data is not at work.
        if one.asker.is_job() || one.asker.is_the_person() {
            return;
        }
        let number = one.at.micros().div_euclid(HOUR_MICROS);
        if one.outcome == EntryOutcome::Searched {
            self.latest = self.latest.max(number);
            let hour = self.hours.entry((number, one.actor)).or_default();
            hour.role.clone_from(&one.role);
            hour.searches += 1;
            hour.countries.insert(one.asker_country);
        }
        let is_shown = one.outcome == EntryOutcome::Granted && !one.shown.is_empty();
        let Some(person) = one.person.filter(|_| is_shown) else { return };
        self.latest = self.latest.max(number);
        let day = self.days.entry((number.div_euclid(DAY_HOURS), one.actor)).or_default();
        day.insert(person);
        let hour = self.hours.entry((number, one.actor)).or_default();
        hour.role.clone_from(&one.role);
        hour.people.insert(person);
        hour.people_that_day = day.len();
        hour.uses += 1;
        hour.without_task += u64::from(one.item.is_none());
        hour.countries.insert(one.asker_country);
    }

    /// Takes out the hours that began so many hours before the latest, or earlier, and tells the unusual ones.
    pub(crate) fn take(&mut self, usual: &Usual, kept: i64) -> Vec<UnusualHour> {
        let (first, nobody) =
            (self.latest.saturating_add(1).saturating_sub(kept), ActorId::from_bytes([0; 16]));
        self.days = self.days.split_off(&(first.div_euclid(DAY_HOURS), nobody));
        let later = self.hours.split_off(&(first, nobody));
        let over = std::mem::replace(&mut self.hours, later);
        over.into_iter().filter_map(|((number, actor), hour)| hour.judge(number, actor, usual)).collect()
    }
}

impl Hour {
    fn judge(self, number: i64, actor: ActorId, usual: &Usual) -> Option<UnusualHour> {
        let what: BTreeSet<Unusual> = [
            (self.people.len() > usual.people_an_hour).then_some(Unusual::ManyPeople),
            (self.people_that_day > usual.people_a_day).then_some(Unusual::ManyPeopleADay),
            usual.is_out_of_hours(number).then_some(Unusual::OutOfHours),
            (self.without_task > 0).then_some(Unusual::NoTask),
            (u64::try_from(usual.people_an_hour).is_ok_and(|usual| self.searches > usual))
                .then_some(Unusual::ManySearches),
            usual.is_elsewhere(&self.countries).then_some(Unusual::Country),
        ]
        .into_iter()
        .flatten()
        .collect();
        (!what.is_empty()).then(|| UnusualHour {
            hour: Timestamp::from_micros(number.saturating_mul(HOUR_MICROS)),
            actor,
            role: self.role,
            what,
            people: self.people.len(),
            people_that_day: self.people_that_day,
            uses: self.uses,
            without_task: self.without_task,
            searches: self.searches,
            countries: self.countries,
        })
    }
}

impl Usual {
    /// Whether people work from none of some of these countries.
    fn is_elsewhere(&self, countries: &BTreeSet<Country>) -> bool {
        !self.countries.is_empty() && !countries.is_subset(&self.countries)
    }

    /// Whether nobody works in this hour since 1970, which began on a Thursday.
    fn is_out_of_hours(&self, number: i64) -> bool {
        let (of_day, weekday) =
            (number.rem_euclid(DAY_HOURS), (number.div_euclid(DAY_HOURS) + 3).rem_euclid(7));
        let is_weekend = !self.weekends && weekday >= 5;
        let is_early_or_late =
            |(first, last): (u8, u8)| of_day < i64::from(first) || of_day > i64::from(last);
        self.hours.is_some_and(|hours| is_weekend || is_early_or_late(hours))
    }
}

#[cfg(test)]
mod tests {
    use domain::{Category, CategorySet, Purpose, Recipient, WorkItemId};

    use super::*;

    fn usual() -> Usual {
        Usual {
            people_an_hour: 2,
            people_a_day: 4,
            hours: Some((7, 18)),
            weekends: false,
            countries: BTreeSet::new(),
        }
    }

    fn used(at: &str, actor: u8, person: u64, asker: Recipient, task: bool) -> Use {
        Use {
            at: at.parse().unwrap(),
            actor: ActorId::from_bytes([actor; 16]),
            asker,
            role: "desk".to_owned(),
            team: None,
            asker_country: "BE".parse().unwrap(),
            recipient: asker,
            recipient_name: None,
            recipient_country: "BE".parse().unwrap(),
            purpose: Purpose::PlanInformation,
            clauses: Vec::new(),
            item: task.then_some(WorkItemId::from_bytes([1; 16])),
            view: String::new(),
            filters: Vec::new(),
            shown: CategorySet::of(&[Category::Plan]),
            outcome: EntryOutcome::Granted,
            bar: None,
            change: None,
            person: Some(person),
            law: None,
            deferred: None,
        }
    }

    fn told(uses: &[Use]) -> Vec<(String, Vec<&'static str>)> {
        let mut open = Open::default();
        uses.iter().for_each(|one| open.add(one));
        let hours = open.take(&usual(), 0);
        assert!(open.hours.is_empty());
        let words = |hour: &UnusualHour| hour.what.iter().map(|what| what.word()).collect();
        hours.iter().map(|hour| (hour.hour.to_string(), words(hour))).collect()
    }

    /// 2 November 2026 is a Monday.
    #[test]
    fn many_people_odd_hours_and_no_task_are_told_and_the_rest_is_not() {
        let staff = Recipient::CustomerService;
        let monday = |time: &str, person| used(&format!("2026-11-02T{time}Z"), 1, person, staff, true);
        assert!(told(&[monday("07:00:00", 1), monday("07:10:00", 2), monday("08:00:00", 3)]).is_empty());
        let many = told(&[monday("07:00:00", 1), monday("07:10:00", 2), monday("07:59:59", 3)]);
        assert_eq!(many, [("2026-11-02T07:00:00Z".to_owned(), vec!["many-people"])]);
        // The same person again is not another one; other actors' people are not added up.
        assert!(told(&[monday("07:00:00", 1), monday("07:01:00", 1), monday("07:02:00", 1)]).is_empty());
        let other = used("2026-11-02T07:00:00Z", 2, 3, staff, true);
        assert!(told(&[monday("07:00:00", 1), monday("07:10:00", 2), other]).is_empty());
        for (at, is_told) in [
            ("2026-11-02T06:59:59Z", true),
            ("2026-11-02T18:59:59Z", false),
            ("2026-11-02T19:00:00Z", true),
            ("2026-11-06T12:00:00Z", false),
            ("2026-11-07T12:00:00Z", true),
            ("2026-11-08T12:00:00Z", true),
        ] {
            let hours = told(&[used(at, 1, 1, staff, true)]);
            assert_eq!(!hours.is_empty(), is_told, "{at}");
            assert!(hours.iter().all(|(_, what)| what == &["out-of-hours"]), "{at}");
        }
        let untasked = told(&[used("2026-11-02T12:00:00Z", 1, 1, staff, false)]);
        assert_eq!(untasked[0].1, ["no-task"]);
        for at_work_or_not in [Recipient::AdjudicationJob, Recipient::Subject, Recipient::Representative] {
            assert!(told(&[used("2026-11-08T03:00:00Z", 1, 1, at_work_or_not, false)]).is_empty());
        }
        let refused =
            Use { outcome: EntryOutcome::Refused, ..used("2026-11-08T03:00:00Z", 1, 1, staff, false) };
        assert!(told(&[refused]).is_empty(), "a refusal showed nothing");
    }

    /// As many as is usual, every hour.
    #[test]
    fn many_people_in_a_day_are_told_from_the_hour_on_in_which_they_are_too_many() {
        let seen = |at: &str, person| used(at, 1, person, Recipient::CustomerService, true);
        let mut day = vec![seen("2026-11-02T07:00:00Z", 1), seen("2026-11-02T07:30:00Z", 2)];
        day.extend([seen("2026-11-02T08:00:00Z", 3), seen("2026-11-02T09:00:00Z", 4)]);
        day.push(seen("2026-11-02T10:00:00Z", 1));
        assert!(told(&day).is_empty(), "4 people in all");
        day.push(seen("2026-11-02T11:00:00Z", 5));
        // Of another, and of the next day.
        day.push(used("2026-11-02T12:00:00Z", 2, 6, Recipient::CustomerService, true));
        day.extend([seen("2026-11-02T13:00:00Z", 1), seen("2026-11-03T07:00:00Z", 6)]);
        let hours = ["2026-11-02T11:00:00Z", "2026-11-02T13:00:00Z"];
        assert_eq!(told(&day), hours.map(|hour| (hour.to_owned(), vec!["many-people-a-day"])));
        // Also where the hours are taken out one by one.
        let mut open = Open::default();
        let mut found = Vec::new();
        for one in &day {
            open.add(one);
            found.extend(open.take(&usual(), KEPT_HOURS));
        }
        found.extend(open.take(&usual(), 0));
        assert_eq!(found.iter().map(|hour| hour.hour.to_string()).collect::<Vec<_>>(), hours);
        assert_eq!(
            found.iter().map(|hour| (hour.people, hour.people_that_day)).collect::<Vec<_>>(),
            [(1, 5); 2]
        );
    }

    #[test]
    fn an_hour_from_a_country_in_which_nobody_works_is_told() {
        let at = |country: &str| Use {
            asker_country: country.parse().unwrap(),
            ..used("2026-11-02T12:00:00Z", 1, 1, Recipient::ClaimsStaff, true)
        };
        let told = |countries: &[&str], uses: &[Use]| {
            let mut open = Open::default();
            uses.iter().for_each(|one| open.add(one));
            let countries = countries.iter().map(|country| country.parse().unwrap()).collect();
            open.take(&Usual { countries, ..usual() }, 0)
        };
        assert!(told(&[], &[at("IN")]).is_empty(), "any country is usual");
        assert!(told(&["BE", "IN"], &[at("IN"), at("BE")]).is_empty());
        let hours = told(&["BE", "FR"], &[at("BE"), at("IN")]);
        assert_eq!(hours[0].what.iter().copied().collect::<Vec<_>>(), [Unusual::Country]);
        assert_eq!(hours[0].countries.len(), 2);
    }

    /// Whoever calls is found without a task, and who tries numbers until one is somebody's shows by the searches alone.
    #[test]
    fn searches_are_counted_found_or_not_and_who_is_identified_is_seen_without_a_task() {
        let at = "2026-11-02T12:00:00Z";
        let found =
            Use { purpose: Purpose::Identification, ..used(at, 1, 1, Recipient::CustomerService, false) };
        let searched = |purpose| Use {
            purpose,
            outcome: EntryOutcome::Searched,
            person: None,
            shown: CategorySet::EMPTY,
            ..found.clone()
        };
        let told = |uses: &[Use]| {
            let mut open = Open::default();
            uses.iter().for_each(|one| open.add(one));
            open.take(&usual(), 0)
        };
        let asked = searched(Purpose::Identification);
        assert!(told(&[asked.clone(), searched(Purpose::Audit)]).is_empty(), "as many as people are usual");
        let hours = told(&[asked.clone(), found.clone()]);
        assert_eq!(hours[0].what.iter().copied().collect::<Vec<_>>(), [Unusual::NoTask]);
        assert_eq!((hours[0].people, hours[0].without_task, hours[0].searches), (1, 1, 1));
        let hours = told(&[asked.clone(), asked.clone(), asked.clone()]);
        assert_eq!(hours[0].what.iter().copied().collect::<Vec<_>>(), [Unusual::ManySearches]);
        assert_eq!((hours[0].people, hours[0].uses, hours[0].searches), (0, 0, 3));
        // A job that takes people in asks the index too.
        let job = Use { asker: Recipient::IntakeJob, ..asked };
        assert!(told(&[job.clone(), job.clone(), job]).is_empty());
    }

    #[test]
    fn hours_are_told_when_they_are_over() {
        let mut open = Open::default();
        let night = |at: &str| used(at, 1, 1, Recipient::ClaimsStaff, true);
        open.add(&night("2026-11-02T01:00:00Z"));
        open.add(&night("2026-11-02T02:30:00Z"));
        assert!(open.take(&usual(), KEPT_HOURS).is_empty(), "something of the hour before may still come");
        open.add(&night("2026-11-02T03:00:00Z"));
        open.add(&night("2026-11-02T02:59:59Z"));
        let over = open.take(&usual(), KEPT_HOURS);
        assert_eq!(over.len(), 1);
        let rest = open.take(&usual(), 0);
        assert_eq!(rest.iter().map(|hour| hour.uses).collect::<Vec<_>>(), [2, 1]);
    }
}
