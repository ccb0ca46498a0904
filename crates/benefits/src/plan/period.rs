//! Periods of accumulators, and spans of ages.

use std::cmp::Ordering;

use domain::Date;

/// How long an accumulator counts before it begins again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// From the first day of cover or its anniversary.
    PolicyYear,
    /// From 1 January.
    CalendarYear,
    /// From the first day of cover, for good.
    Lifetime,
    /// One day.
    Day,
    /// Any so many months in a row.
    RollingMonths(u16),
    /// Any so many days in a row.
    RollingDays(u16),
}

impl Period {
    /// Reads the written word, like `policy-year` or `24-months`.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        let fixed = [Self::PolicyYear, Self::CalendarYear, Self::Lifetime, Self::Day];
        if let Some(found) = fixed.into_iter().find(|period| period.word() == word) {
            return Some(found);
        }
        let count = |text: &str| text.parse::<u16>().ok().filter(|count| (1..=1_200).contains(count));
        if let Some(months) = word.strip_suffix("-months") {
            return count(months).map(Self::RollingMonths);
        }
        word.strip_suffix("-days").and_then(count).map(Self::RollingDays)
    }

    /// The written word.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::PolicyYear => "policy-year".to_owned(),
            Self::CalendarYear => "calendar-year".to_owned(),
            Self::Lifetime => "lifetime".to_owned(),
            Self::Day => "day".to_owned(),
            Self::RollingMonths(months) => format!("{months}-months"),
            Self::RollingDays(days) => format!("{days}-days"),
        }
    }

    /// Whether it is any span of its length, not one that begins on a fixed day.
    pub(crate) const fn is_rolling(self) -> bool {
        matches!(self, Self::RollingMonths(_) | Self::RollingDays(_))
    }

    /// The first day of the period that a service falls in, under cover that began on `cover_start`. An
    /// anniversary of 29 February falls on the 28th in other years. What counts in rolling periods is kept
    /// by its day.
    #[must_use]
    pub fn start(self, cover_start: Date, service: Date) -> Date {
        match self {
            Self::PolicyYear => {
                let years = years_between(cover_start, service);
                let in_its_year = anniversary(cover_start, years).unwrap_or(cover_start);
                match in_its_year <= service {
                    true => in_its_year,
                    false => anniversary(cover_start, years - 1).unwrap_or(cover_start),
                }
            }
            Self::CalendarYear => service.first_of_year(),
            Self::Lifetime => cover_start,
            Self::Day | Self::RollingMonths(_) | Self::RollingDays(_) => service,
        }
    }

    /// The last day of the period that begins on `start`; none for a lifetime.
    #[must_use]
    pub fn end(self, cover_start: Date, start: Date) -> Option<Date> {
        self.next(cover_start, start)?.plus_days(-1)
    }

    /// Whether a rolling period that begins on `start` goes on until `day`, which is no day before.
    pub(crate) fn reaches(self, start: Date, day: Date) -> bool {
        if let Self::RollingMonths(months) = self {
            // Mostly the months say it; the end is worked out where they do not.
            match (months_of(day) - months_of(start)).cmp(&i32::from(months)) {
                Ordering::Less => return true,
                Ordering::Greater => return false,
                Ordering::Equal => {}
            }
        }
        self.next(start, start).is_none_or(|end| day < end)
    }

    /// A day such that no rolling period which begins before it goes on until `day`; none where the calendar has none.
    pub(crate) fn earliest(self, day: Date) -> Option<Date> {
        match self {
            // A month more: the end of a period that begins on the 31st may be that of a shorter month.
            Self::RollingMonths(months) => day.plus_months(-1 - i32::from(months)),
            Self::RollingDays(days) => day.plus_days(-i32::from(days)),
            _ => None,
        }
    }

    /// The first day of the period after the one that begins on `start`.
    pub(crate) fn next(self, cover_start: Date, start: Date) -> Option<Date> {
        match self {
            Self::PolicyYear => anniversary(cover_start, years_between(cover_start, start) + 1),
            Self::CalendarYear => start.plus_months(12),
            Self::Lifetime => None,
            Self::Day => start.plus_days(1),
            Self::RollingMonths(months) => start.plus_months(months.into()),
            Self::RollingDays(days) => start.plus_days(days.into()),
        }
    }
}

fn months_of(day: Date) -> i32 {
    i32::from(day.year()) * 12 + i32::from(day.month())
}

fn years_between(first: Date, second: Date) -> i32 {
    i32::from(second.year()) - i32::from(first.year())
}

fn anniversary(day: Date, years: i32) -> Option<Date> {
    day.plus_months(years * 12)
}

/// Ages in whole years: from the first, below the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ages {
    pub(crate) from: u8,
    pub(crate) below: u8,
}

impl Ages {
    pub(crate) const ALL: Self = Self { from: 0, below: u8::MAX };

    /// Whether somebody born on a day has such an age on another; nothing when the day of birth is not
    /// known and it matters.
    pub(crate) fn has(self, birth: Option<Date>, day: Date) -> Option<bool> {
        if self == Self::ALL {
            return Some(true);
        }
        let age = age(birth?, day);
        Some(i32::from(self.from) <= age && (self.below == u8::MAX || age < i32::from(self.below)))
    }
}

/// Whole years from birth. Who is born on 29 February is a year older on 1 March of other years.
pub(crate) fn age(birth: Date, day: Date) -> i32 {
    let years = years_between(birth, day);
    if (day.month(), day.day()) < (birth.month(), birth.day()) { years - 1 } else { years }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_rolling_period_reaches_the_days_before_its_next() {
        let rolling =
            [1, 2, 11, 12, 24].map(Period::RollingMonths).into_iter().chain([1, 30].map(Period::RollingDays));
        let ends = ["2023-12-31", "2024-01-29", "2024-02-29", "2025-02-28", "2026-03-30", "2199-12-30"];
        for period in rolling {
            for start in ends.map(day) {
                let next = period.next(start, start);
                for days in 0..800 {
                    let Some(later) = start.plus_days(days) else { break };
                    let reaches = period.reaches(start, later);
                    assert_eq!(reaches, next.is_none_or(|next| later < next), "{period:?} {start} {later}");
                    assert!(!reaches || period.earliest(later).is_none_or(|earliest| earliest <= start));
                }
            }
        }
    }

    #[test]
    fn periods_follow_one_another_without_a_gap() {
        let cover = day("2024-02-29");
        for (period, service, first, last) in [
            (Period::PolicyYear, "2025-02-27", "2024-02-29", Some("2025-02-27")),
            (Period::PolicyYear, "2025-02-28", "2025-02-28", Some("2026-02-27")),
            (Period::PolicyYear, "2028-02-28", "2027-02-28", Some("2028-02-28")),
            (Period::PolicyYear, "2028-02-29", "2028-02-29", Some("2029-02-27")),
            (Period::CalendarYear, "2026-07-01", "2026-01-01", Some("2026-12-31")),
            (Period::Lifetime, "2030-01-01", "2024-02-29", None),
            (Period::Day, "2026-07-01", "2026-07-01", Some("2026-07-01")),
            (Period::RollingMonths(24), "2026-07-01", "2026-07-01", Some("2028-06-30")),
            (Period::RollingDays(180), "2026-01-01", "2026-01-01", Some("2026-06-29")),
        ] {
            let start = period.start(cover, day(service));
            assert_eq!((start, period.end(cover, start)), (day(first), last.map(day)), "{service}");
            assert_eq!(Period::parse(&period.word()), Some(period));
        }
        assert_eq!(["0-months", "1201-days", "-days", "year"].map(Period::parse), [None; 4]);
    }

    #[test]
    fn an_age_changes_on_the_birthday() {
        let adults = Ages { from: 18, below: u8::MAX };
        let born = Some(day("2008-02-29"));
        assert_eq!(adults.has(born, day("2026-02-28")), Some(false));
        assert_eq!(adults.has(born, day("2026-03-01")), Some(true));
        assert_eq!(
            (adults.has(None, day("2026-03-01")), Ages::ALL.has(None, day("2026-03-01"))),
            (None, Some(true))
        );
    }
}
