//! How documents write figures: amounts and dates as everywhere, and account numbers that only their holder
//! recognises.

use domain::figures::NO_BREAK_SPACE;
pub(crate) use domain::figures::{amount, days, long_date, rate, short_date};
use domain::{Currency, Iban, Language};

/// An amount in minor units with its currency's code behind it.
pub(crate) fn with_currency(minor: i64, currency: Currency, language: Language) -> String {
    format!("{}{NO_BREAK_SPACE}{currency}", amount(minor, currency, language))
}

/// An account of which the reader recognises the country and the end, and nobody else learns more.
pub(crate) fn masked(account: &Iban) -> String {
    let compact: Vec<char> = account.reveal().chars().filter(|c| !c.is_whitespace()).collect();
    let country: String = compact.iter().take(2).collect();
    let end: String = compact.iter().skip(compact.len().saturating_sub(4)).collect();
    format!("{country}\u{2022}\u{2022}{NO_BREAK_SPACE}\u{2022}\u{2022}\u{2022}\u{2022}{NO_BREAK_SPACE}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_account_keeps_its_country_and_its_end_alone() {
        let account = Iban::parse("BE68 5390 0754 7034").unwrap();
        assert_eq!(masked(&account), "BE\u{2022}\u{2022}\u{a0}\u{2022}\u{2022}\u{2022}\u{2022}\u{a0}7034");
    }
}
