//! Fractions and a calendar of the naive adjudicator's own.

use num_bigint::BigInt;

pub(crate) type Day = (i16, i8, i8);

/// A fraction in lowest terms, zero or more.
#[derive(Clone, Debug)]
pub(crate) struct Fraction {
    over: BigInt,
    under: BigInt,
}

pub(crate) fn fraction(over: impl Into<BigInt>, under: impl Into<BigInt>) -> Fraction {
    let (over, under) = (over.into(), under.into());
    let (mut divisor, mut rest) = (over.clone(), under.clone());
    while rest != BigInt::ZERO {
        (divisor, rest) = (rest.clone(), divisor % rest);
    }
    Fraction { over: over / &divisor, under: under / divisor }
}

pub(crate) fn whole(number: i64) -> Fraction {
    Fraction { over: number.into(), under: 1.into() }
}

/// Both over one denominator.
fn together(a: &Fraction, b: &Fraction) -> (BigInt, BigInt, BigInt) {
    (&a.over * &b.under, &b.over * &a.under, &a.under * &b.under)
}

pub(crate) fn plus(a: &Fraction, b: &Fraction) -> Fraction {
    let (a, b, under) = together(a, b);
    fraction(a + b, under)
}

/// The difference; nothing instead of less than nothing.
pub(crate) fn minus(a: &Fraction, b: &Fraction) -> Fraction {
    let (a, b, under) = together(a, b);
    if a < b { whole(0) } else { fraction(a - b, under) }
}

pub(crate) fn times(a: &Fraction, b: &Fraction) -> Fraction {
    fraction(&a.over * &b.over, &a.under * &b.under)
}

pub(crate) fn rate(a: &Fraction, millionths: u32) -> Fraction {
    times(a, &fraction(millionths, 1_000_000))
}

pub(crate) fn is_less(a: &Fraction, b: &Fraction) -> bool {
    let (a, b, _) = together(a, b);
    a < b
}

pub(crate) fn smaller(a: &Fraction, b: &Fraction) -> Fraction {
    if is_less(b, a) { b.clone() } else { a.clone() }
}

pub(crate) fn larger(a: &Fraction, b: &Fraction) -> Fraction {
    if is_less(a, b) { b.clone() } else { a.clone() }
}

fn short(number: BigInt) -> i64 {
    i64::try_from(number).expect("an amount")
}

pub(crate) fn half_up(a: &Fraction) -> i64 {
    let rest = &a.over % &a.under;
    let is_up = rest > BigInt::ZERO && rest >= &a.under - &rest;
    short(&a.over / &a.under) + i64::from(is_up)
}

pub(crate) fn rounded_up(a: &Fraction) -> i64 {
    short(&a.over / &a.under) + i64::from(&a.over % &a.under != BigInt::ZERO)
}

/// As a plan's word says; a half up where it says nothing.
pub(crate) fn rounded(a: &Fraction, word: Option<&str>) -> i64 {
    match word {
        Some("down") => short(&a.over / &a.under),
        Some("up") => rounded_up(a),
        _ => half_up(a),
    }
}

fn days_in(year: i16, month: i8) -> i8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

pub(crate) fn later(day: Day, months: i32) -> Day {
    let count = i32::from(day.0) * 12 + i32::from(day.1) - 1 + months;
    let (year, month) = ((count.div_euclid(12)) as i16, (count.rem_euclid(12) + 1) as i8);
    (year, month, day.2.min(days_in(year, month)))
}

pub(crate) fn tomorrow((year, month, day): Day) -> Day {
    if day < days_in(year, month) {
        (year, month, day + 1)
    } else if month < 12 {
        (year, month + 1, 1)
    } else {
        (year + 1, 1, 1)
    }
}

fn yesterday((year, month, day): Day) -> Day {
    match (month, day) {
        (1, 1) => (year - 1, 12, 31),
        (_, 1) => (year, month - 1, days_in(year, month - 1)),
        _ => (year, month, day - 1),
    }
}

pub(crate) fn after_days(mut day: Day, days: u32) -> Day {
    for _ in 0..days {
        day = tomorrow(day);
    }
    day
}

/// Every day from the first to the last.
pub(crate) fn all_days(first: Day, last: Day) -> Vec<Day> {
    let mut days = vec![];
    let mut day = first;
    while day <= last {
        days.push(day);
        day = tomorrow(day);
    }
    days
}

/// A span's word, like `24-months`, as months and days.
fn span(period: &str) -> Option<(i32, u32)> {
    match period.split_once('-')? {
        (count, "months") => Some((count.parse().ok()?, 0)),
        (count, "days") => Some((0, count.parse().ok()?)),
        _ => None,
    }
}

fn end_of_span(first: Day, (months, days): (i32, u32)) -> Day {
    if months > 0 { later(first, months) } else { after_days(first, days) }
}

/// The first days of all spans of a rolling period that have a day in them, with the first day after each.
pub(crate) fn spans_with(period: &str, day: Day) -> Option<Vec<(Day, Day)>> {
    let span = span(period)?;
    let mut spans = vec![];
    let mut first = day;
    // Two days more: months are not all of one length.
    for _ in 0..span.0 * 31 + span.1 as i32 + 2 {
        let end = end_of_span(first, span);
        if day < end {
            spans.push((first, end));
        }
        first = yesterday(first);
    }
    Some(spans)
}

/// The first day of the period that a service falls in.
pub(crate) fn period(word: &str, start: Day, service: Day) -> Day {
    match word {
        "calendar-year" => (service.0, 1, 1),
        "lifetime" => start,
        "policy-year" => (-1..200)
            .map(|years| later(start, years * 12))
            .take_while(|day| *day <= service)
            .last()
            .unwrap_or(start),
        _ => service,
    }
}

pub(crate) fn age(birth: Day, day: Day) -> i32 {
    i32::from(day.0) - i32::from(birth.0) - i32::from((day.1, day.2) < (birth.1, birth.2))
}
