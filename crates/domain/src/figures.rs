//! Amounts, rates and dates as the reader of each language writes them. A locale library would bring megabytes of
//! data for four languages.

use crate::{Currency, Date, Language};

/// Joins figures that must not be broken over two lines.
pub const NO_BREAK_SPACE: char = '\u{a0}';
/// The true minus sign: a hyphen before a figure reads as a dash.
const MINUS: char = '\u{2212}';

/// An amount with grouped thousands and the currency's decimals, without its code.
#[must_use]
pub fn amount(minor: i64, currency: Currency, language: Language) -> String {
    let decimals = currency.decimals() as usize;
    let (group, point) = match language {
        Language::English => (',', '.'),
        Language::Dutch | Language::German => ('.', ','),
        Language::French => (NO_BREAK_SPACE, ','),
    };
    let digits = format!("{:0>width$}", minor.unsigned_abs(), width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    let mut written = String::new();
    if minor < 0 {
        written.push(MINUS);
    }
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            written.push(group);
        }
        written.push(digit);
    }
    if decimals > 0 {
        written.push(point);
        written.push_str(fraction);
    }
    written
}

/// An amount with its currency, without decimals where they are all zero: `1,500,000 EUR`, for tables that people
/// read across.
#[must_use]
pub fn short_amount(minor: i64, currency: Currency, language: Language) -> String {
    let written = amount(minor, currency, language);
    let decimals = currency.decimals() as usize;
    let whole = written.len().checked_sub(decimals + 1).and_then(|length| written.split_at_checked(length));
    let is_whole = |fraction: &str| fraction.trim_start_matches(['.', ',']).chars().all(|digit| digit == '0');
    let written = match whole {
        Some((whole, fraction)) if decimals > 0 && is_whole(fraction) => whole,
        _ => &written,
    };
    format!("{written}{NO_BREAK_SPACE}{currency}")
}

/// A decimal rate with the language's decimal point.
#[must_use]
pub fn rate(rate: rust_decimal::Decimal, language: Language) -> String {
    let written = rate.normalize().to_string();
    if language == Language::English { written } else { written.replace('.', ",") }
}

/// A date in words, for sentences: 23 November 2026.
#[must_use]
pub fn long_date(date: Date, language: Language) -> String {
    let month = usize::from(date.month().unsigned_abs().saturating_sub(1));
    let month = months(language).get(month).copied().unwrap_or_default();
    let day = match (language, date.day()) {
        (Language::French, 1) => "1er".to_owned(),
        (Language::German, day) => format!("{day}."),
        (_, day) => day.to_string(),
    };
    format!("{day}{NO_BREAK_SPACE}{month}{NO_BREAK_SPACE}{}", date.year())
}

/// A date for tables, in figures where the language has one unambiguous order.
#[must_use]
pub fn short_date(date: Date, language: Language) -> String {
    let (year, month, day) = (date.year(), date.month(), date.day());
    match language {
        Language::English => {
            let name = long_date(date, language);
            let month: String =
                name.split(NO_BREAK_SPACE).nth(1).unwrap_or_default().chars().take(3).collect();
            format!("{day}{NO_BREAK_SPACE}{month}{NO_BREAK_SPACE}{year}")
        }
        Language::Dutch => format!("{day:02}-{month:02}-{year}"),
        Language::French => format!("{day:02}/{month:02}/{year}"),
        Language::German => format!("{day:02}.{month:02}.{year}"),
    }
}

/// One day, or the first and the last.
#[must_use]
pub fn days(start: Date, end: Date, language: Language) -> String {
    let first = short_date(start, language);
    if start == end { first } else { format!("{first} \u{2013} {}", short_date(end, language)) }
}

const fn months(language: Language) -> &'static [&'static str; 12] {
    match language {
        Language::English => &[
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
        Language::Dutch => &[
            "januari",
            "februari",
            "maart",
            "april",
            "mei",
            "juni",
            "juli",
            "augustus",
            "september",
            "oktober",
            "november",
            "december",
        ],
        Language::French => &[
            "janvier",
            "février",
            "mars",
            "avril",
            "mai",
            "juin",
            "juillet",
            "août",
            "septembre",
            "octobre",
            "novembre",
            "décembre",
        ],
        Language::German => &[
            "Januar",
            "Februar",
            "März",
            "April",
            "Mai",
            "Juni",
            "Juli",
            "August",
            "September",
            "Oktober",
            "November",
            "Dezember",
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_follow_language_and_currency() {
        let written = |minor, code: &str, language| amount(minor, code.parse().unwrap(), language);
        assert_eq!(written(123_456_789, "EUR", Language::English), "1,234,567.89");
        assert_eq!(written(123_456, "EUR", Language::Dutch), "1.234,56");
        assert_eq!(written(123_456, "EUR", Language::French), "1\u{a0}234,56");
        assert_eq!(written(5, "EUR", Language::German), "0,05");
        assert_eq!(written(-5, "EUR", Language::English), "\u{2212}0.05");
        assert_eq!(written(1_200, "JPY", Language::English), "1,200");
        assert_eq!(written(1_234, "TND", Language::English), "1.234");
        assert_eq!(written(0, "EUR", Language::English), "0.00");
        let short = |minor, code: &str, language| short_amount(minor, code.parse().unwrap(), language);
        assert_eq!(short(150_000_000, "EUR", Language::Dutch), "1.500.000\u{a0}EUR");
        assert_eq!(short(6_250, "EUR", Language::French), "62,50\u{a0}EUR");
        assert_eq!(short(1_200, "JPY", Language::English), "1,200\u{a0}JPY");
        assert_eq!(short(0, "TND", Language::German), "0\u{a0}TND");
    }

    #[test]
    fn dates_follow_the_language() {
        let date: Date = "2026-03-01".parse().unwrap();
        let long = |language| long_date(date, language).replace(NO_BREAK_SPACE, " ");
        assert_eq!(long(Language::English), "1 March 2026");
        assert_eq!(long(Language::Dutch), "1 maart 2026");
        assert_eq!(long(Language::French), "1er mars 2026");
        assert_eq!(long(Language::German), "1. März 2026");
        let short = |language| short_date(date, language).replace(NO_BREAK_SPACE, " ");
        assert_eq!(short(Language::English), "1 Mar 2026");
        assert_eq!(short(Language::Dutch), "01-03-2026");
        assert_eq!(short(Language::French), "01/03/2026");
        assert_eq!(short(Language::German), "01.03.2026");
        assert_eq!(days(date, date.plus_days(2).unwrap(), Language::German), "01.03.2026 – 03.03.2026");
    }
}
