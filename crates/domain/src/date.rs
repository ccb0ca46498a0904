//! Civil dates (cover, services) and instants (everything that happened), parsed at the edge.

use std::fmt;
use std::str::FromStr;

use crate::ParseError;

/// A civil date, 1900-01-01 to 2199-12-31.
///
/// INVARIANT: year * 10,000 + month * 100 + day, as stored, of a day that there is; so that comparing two is one step.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(u32);

impl Date {
    /// The date; errors when there is none such or it is out of range.
    pub fn new(year: i16, month: i8, day: i8) -> Result<Self, ParseError> {
        Self::of(year.into(), month.into(), day.into()).ok_or(SHAPE)
    }

    /// In arithmetic of its own: days are asked for often, and the calendar's own types check more than that.
    fn of(year: i32, month: i32, day: i32) -> Option<Self> {
        let is = (1900..2200).contains(&year) && (1..=12).contains(&month);
        let is = is && (1..=days_in(year, month)).contains(&day);
        is.then(|| Self((year * 10_000 + month * 100 + day).unsigned_abs()))
    }

    fn in_range(date: jiff::civil::Date) -> Option<Self> {
        let year = u32::from(date.year().unsigned_abs());
        let (month, day) = (u32::from(date.month().unsigned_abs()), u32::from(date.day().unsigned_abs()));
        (1900..2200).contains(&date.year()).then_some(Self(year * 10_000 + month * 100 + day))
    }

    fn civil(self) -> jiff::civil::Date {
        // INVARIANT: made of a date, so that there is one for it, and the other is never used.
        jiff::civil::Date::new(self.year(), self.month(), self.day()).unwrap_or(jiff::civil::Date::MIN)
    }

    /// The first day that there is.
    pub const FIRST: Self = Self(19_000_101);
    /// The last day that there is.
    pub const LAST: Self = Self(21_991_231);

    /// The year.
    #[must_use]
    pub const fn year(self) -> i16 {
        (self.0 / 10_000) as i16
    }

    /// The month, 1 to 12.
    #[must_use]
    pub const fn month(self) -> i8 {
        (self.0 / 100 % 100) as i8
    }

    /// The day of the month, 1 to 31.
    #[must_use]
    pub const fn day(self) -> i8 {
        (self.0 % 100) as i8
    }

    /// The first of January of its year.
    #[must_use]
    pub const fn first_of_year(self) -> Self {
        Self(self.0 / 10_000 * 10_000 + 101)
    }

    /// Whether it is a Saturday or a Sunday.
    #[must_use]
    pub fn is_weekend(self) -> bool {
        matches!(self.civil().weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday)
    }

    /// This date and so many days (negative: before); `None` out of range.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Option<Self> {
        // In hours, of which there may be as many as that: a span of so many days may not be made.
        let hours = jiff::SignedDuration::from_hours(i64::from(days) * 24);
        self.civil().checked_add(hours).ok().and_then(Self::in_range)
    }

    /// This date and so many months, at the end of a shorter month; `None` out of range.
    #[must_use]
    pub fn plus_months(self, months: i32) -> Option<Self> {
        let months = (i32::from(self.year()) * 12 + i32::from(self.month()) - 1).checked_add(months)?;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
        let day = i32::from(self.day()).min(days_in(year, month));
        (1900..2200).contains(&year).then(|| Self((year * 10_000 + month * 100 + day).unsigned_abs()))
    }

    /// Days from this date to the other; negative when the other is earlier.
    #[must_use]
    pub fn days_until(self, other: Self) -> i32 {
        self.civil().until(other.civil()).map_or(0, |span| span.get_days())
    }

    /// As stored: year * 10,000 + month * 100 + day.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The date with this stored number.
    pub fn from_number(number: u32) -> Result<Self, ParseError> {
        let part = |value: u32| i16::try_from(value).map_err(|_| SHAPE);
        let small = |value: u32| i8::try_from(value).map_err(|_| SHAPE);
        Self::new(part(number / 10_000)?, small(number / 100 % 100)?, small(number % 100)?)
    }
}

/// How many days a month has.
const fn days_in(year: i32, month: i32) -> i32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

const SHAPE: ParseError =
    ParseError::Shape { what: "date", problem: "not a date from 1900 to 2199: write it as YYYY-MM-DD" };

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.civil().to_string())
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Date {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let strict = text.len() == 10 && text.is_ascii();
        strict.then(|| text.parse().ok()).flatten().and_then(Self::in_range).ok_or(SHAPE)
    }
}

/// An instant: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The instant so many microseconds after the epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// This instant and so many seconds; saturates.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// The civil date in UTC.
    pub fn date(self) -> Result<Date, ParseError> {
        jiff::Timestamp::from_microsecond(self.0)
            .ok()
            .map(|instant| jiff::tz::Offset::UTC.to_datetime(instant).date())
            .and_then(Date::in_range)
            .ok_or(SHAPE)
    }

    /// Midnight UTC at the start of a date.
    #[must_use]
    pub fn start_of(date: Date) -> Self {
        let midnight = date.civil().to_datetime(jiff::civil::Time::midnight());
        Self(jiff::tz::Offset::UTC.to_timestamp(midnight).map_or(0, jiff::Timestamp::as_microsecond))
    }
}

impl FromStr for Timestamp {
    type Err = ParseError;

    /// A day, which stands for its first instant in UTC, or an instant with its offset: `2026-11-01T14:30:00Z`.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        if let Ok(day) = text.parse::<Date>() {
            return Ok(Self::start_of(day));
        }
        let problem = "write a day, `2026-11-01`, or an instant, `2026-11-01T14:30:00Z`";
        let shape = ParseError::Shape { what: "instant", problem };
        let instant: jiff::Timestamp = text.parse().map_err(|_| shape.clone())?;
        let instant = Self(instant.as_microsecond());
        instant.date().map(|_| instant).map_err(|_| shape)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(instant) => f.pad(&instant.to_string()),
            Err(_) => write!(f, "{} microseconds", self.0),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_a_day_or_has_an_offset() {
        let midnight = Timestamp::start_of("2026-11-01".parse().unwrap());
        for same in ["2026-11-01", "2026-11-01T00:00:00Z", "2026-11-01T01:00:00+01:00"] {
            assert_eq!(same.parse::<Timestamp>(), Ok(midnight), "{same}");
        }
        for bad in ["2026-11-01T00:00:00", "2026-11-31", "1800-01-01T00:00:00Z", "now", ""] {
            assert!(bad.parse::<Timestamp>().is_err(), "{bad}");
        }
    }

    #[test]
    fn dates_are_strict_and_in_range() {
        let date: Date = "2026-02-28".parse().unwrap();
        assert_eq!(Date::from_number(date.number()), Ok(date));
        assert_eq!(date.plus_days(1).unwrap().to_string(), "2026-03-01");
        assert_eq!("2026-01-31".parse::<Date>().unwrap().plus_months(1), Some(date));
        assert_eq!(date.days_until("2027-02-28".parse().unwrap()), 365);
        assert_eq!(date.first_of_year().to_string(), "2026-01-01");
        for bad in
            ["2026-02-30", "1899-12-31", "2200-01-01", "26-1-1", "2026-1-01", "2026-01-01T00:00:00Z", ""]
        {
            assert!(bad.parse::<Date>().is_err(), "{bad}");
        }
        assert!(Date::from_number(20_261_301).is_err());
    }

    #[test]
    fn months_and_days_are_those_of_the_calendar() {
        use jiff::ToSpan;

        let first: Date = "1900-01-01".parse().unwrap();
        for days in (0..109_500).step_by(13) {
            let date = first.plus_days(days).unwrap();
            let civil = "1900-01-01".parse::<jiff::civil::Date>().unwrap().checked_add(days.days()).unwrap();
            assert_eq!((date.to_string(), first.days_until(date)), (civil.to_string(), days));
            for months in [-1_201, -25, -12, -1, 0, 1, 2, 11, 12, 13, 30, 1_200] {
                let expected = civil.checked_add(months.months()).unwrap().to_string();
                assert_eq!(date.plus_months(months), expected.parse().ok(), "{date} and {months} months");
            }
        }
        for far in [i32::MIN, -4_000, 4_000, i32::MAX] {
            assert_eq!((first.plus_months(far), first.plus_days(far.saturating_mul(31))), (None, None));
        }
    }

    #[test]
    fn a_date_is_one_of_the_calendar() {
        for year in 1_899..=2_200 {
            for (month, day) in (0..=13).flat_map(|month| (0..=32).map(move |day| (month, day))) {
                let is = (1_900..2_200).contains(&year) && jiff::civil::Date::new(year, month, day).is_ok();
                let date = Date::new(year, month, day).map(|date| (date.year(), date.month(), date.day()));
                assert_eq!(date.ok(), is.then_some((year, month, day)), "{year} {month} {day}");
            }
        }
    }

    #[test]
    fn an_instant_has_a_date() {
        let date: Date = "2026-11-23".parse().unwrap();
        assert_eq!(Timestamp::start_of(date).date(), Ok(date));
        assert_eq!(Timestamp::start_of(date).to_string(), "2026-11-23T00:00:00Z");
    }
}
