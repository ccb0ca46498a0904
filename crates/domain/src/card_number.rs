//! Payment card numbers in free text: a full one has no place here, so that text which holds one is refused where
//! it is read. Text that people write is searched, identifiers are not: a claim's or
//! member's number, a code, an IBAN or a telephone number would now and then look like a card's by chance. It knows no card from
//! another, and nothing is looked up.

use crate::ParseError;

/// Cards of a scheme: the first digits, from and to, and how many digits the whole number has, from and to.
///
/// From ISO/IEC 7812 and what the schemes publish of their ranges. Left out: UATP, whose fifteen digits beginning with
/// 1 are also what a French social security number looks like.
const RANGES: &[(&str, &str, usize, usize)] = &[
    ("2200", "2204", 16, 19), // Mir
    ("2221", "2720", 16, 16), // Mastercard
    ("300", "305", 14, 19),   // Diners Club
    ("3088", "3094", 16, 16), // JCB, the older ranges
    ("3095", "3095", 14, 19), // Diners Club
    ("3096", "3102", 16, 16),
    ("3112", "3120", 16, 16),
    ("3158", "3159", 16, 16),
    ("3337", "3349", 16, 16),
    ("34", "34", 15, 15),     // American Express
    ("3528", "3589", 16, 19), // JCB
    ("36", "36", 14, 19),     // Diners Club
    ("37", "37", 15, 15),     // American Express
    ("38", "39", 14, 19),     // Diners Club
    ("4", "4", 13, 13),       // Visa
    ("4", "4", 16, 16),
    ("4", "4", 19, 19),
    ("50", "50", 13, 19),     // Maestro, and Verve
    ("51", "55", 16, 16),     // Mastercard
    ("56", "58", 13, 19),     // Maestro
    ("60", "60", 16, 19),     // Discover, RuPay, Maestro
    ("62", "62", 16, 19),     // UnionPay
    ("6304", "6304", 13, 19), // Maestro
    ("636", "639", 16, 19),
    ("644", "649", 16, 19),   // Discover
    ("65", "65", 16, 19),     // Discover, RuPay
    ("67", "67", 13, 19),     // Maestro, and Bancontact
    ("81", "82", 16, 19),     // UnionPay, RuPay
    ("9792", "9792", 16, 16), // Troy
];

/// The fewest and the most digits of a payment card's number.
const FEWEST: usize = 13;
const MOST: usize = 19;

/// The most characters that part two groups of one number: ` - `.
const MOST_BETWEEN: usize = 3;

/// What is wrong with a text that holds a card's number, and what to do. It repeats no digit.
const REFUSED: &str = "holds what looks like the full number of a payment card, which is kept nowhere here: \
                                  take it out; the last four digits may stay";

/// Refuses a text that holds a payment card's number.
///
/// # Errors
/// Says of which noun, and repeats nothing of it.
pub fn no_card_number(what: &'static str, text: &str) -> Result<(), ParseError> {
    if holds_card_number(text) { Err(ParseError::Shape { what, problem: REFUSED }) } else { Ok(()) }
}

/// Whether a text holds the full number of a payment card: 13 to 19 digits, together or in groups that spaces, hyphens,
/// dots, slashes or underscores part, which begin and end where groups do, begin as some scheme's numbers do, are as
/// many as its numbers have, and pass the Luhn check. Digits of an IBAN are none of a card. A number that goes on in
/// the next line is not seen.
#[must_use]
pub fn holds_card_number(text: &str) -> bool {
    let mut run = Run::default();
    let mut before = ['\0'; 2];
    let mut between = 0;
    for char in text.chars().filter(|char| !is_invisible(*char)) {
        if let Some(digit) = digit(char) {
            if run.digits.is_empty() {
                run.country = before;
            }
            run.push(digit, between > 0);
            between = 0;
        } else if !run.digits.is_empty() && is_separator(char) && between < MOST_BETWEEN {
            between += 1;
        } else {
            if run.holds_card_number() {
                return true;
            }
            run = Run::default();
            between = 0;
        }
        before = [before[1], char];
    }
    run.holds_card_number()
}

/// Digits with nothing but separators between them.
#[derive(Default)]
struct Run {
    digits: Vec<u8>,
    /// Where its groups begin.
    groups: Vec<usize>,
    /// The two characters before it: an IBAN's country.
    country: [char; 2],
}

impl Run {
    fn push(&mut self, digit: u8, begins_group: bool) {
        if begins_group || self.digits.is_empty() {
            self.groups.push(self.digits.len());
        }
        self.digits.push(digit);
    }

    fn holds_card_number(&self) -> bool {
        if self.digits.len() < FEWEST {
            return false;
        }
        let ends = || self.groups.iter().copied().skip(1).chain([self.digits.len()]);
        let found = |from: usize| {
            self.groups.iter().filter(move |begin| **begin >= from).any(|begin| {
                let long_enough = ends().skip_while(move |end| *end < begin + FEWEST);
                let windows = long_enough.take_while(move |end| *end <= begin + MOST);
                windows.filter_map(|end| self.digits.get(*begin..end)).any(is_card_number)
            })
        };
        // Looking for an IBAN costs more, and only decides what would be refused.
        found(0) && found(self.iban_digits())
    }

    /// How many of the first digits belong to an IBAN.
    fn iban_digits(&self) -> usize {
        if !self.country.iter().all(char::is_ascii_alphabetic) {
            return 0;
        }
        let ends = self.groups.iter().copied().skip(1).chain([self.digits.len()]);
        let is_iban = |end: &usize| {
            let digits = self.digits.iter().take(*end).map(|digit| char::from(b'0' + digit));
            let written: String = self.country.iter().map(char::to_ascii_uppercase).chain(digits).collect();
            written.parse::<iban::Iban>().is_ok()
        };
        ends.filter(is_iban).max().unwrap_or(0)
    }
}

/// Whether these digits are as long as, begin as and check as a card's number.
fn is_card_number(digits: &[u8]) -> bool {
    let begins = |first: &str| digits.iter().take(first.len()).map(|digit| b'0' + digit).cmp(first.bytes());
    let of_scheme = RANGES.iter().any(|(low, high, fewest, most)| {
        (*fewest..=*most).contains(&digits.len()) && begins(low).is_ge() && begins(high).is_le()
    });
    of_scheme && luhn(digits)
}

/// The check of ISO/IEC 7812-1, annex B: from the right, every second digit counts double.
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) => digit * 2 / 10 + digit * 2 % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The value of a digit, as keyboards write it: ASCII, full width, Arabic, Persian, Devanagari.
fn digit(char: char) -> Option<u8> {
    const ZEROES: [u32; 5] = ['0' as u32, 0xff10, 0x0660, 0x06f0, 0x0966];
    let code = u32::from(char);
    ZEROES.iter().find_map(|zero| code.checked_sub(*zero).filter(|value| *value < 10)?.try_into().ok())
}

/// What people put between the groups of a number. A tab or a line's end parts two values, as in a table.
fn is_separator(char: char) -> bool {
    matches!(char, '-' | '.' | '/' | '_' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{b7}' | '\u{2022}')
        || (char.is_whitespace() && !char.is_control())
}

/// What nobody sees, and does not part two digits.
const fn is_invisible(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Numbers that payment providers publish for tests: Stripe's documentation (Testing), Adyen's (Test card
    /// numbers, Point-of-sale test cards V1 and V2), Authorize.net's (Testing guide) and PayPal's (Payflow testing).
    const PUBLISHED: &[(&str, &str)] = &[
        ("Stripe, Visa", "4242424242424242"),
        ("Stripe, Visa debit", "4000056655665556"),
        ("Stripe, Mastercard", "5555555555554444"),
        ("Stripe, Mastercard 2-series", "2223003122003222"),
        ("Stripe, Mastercard debit", "5200828282828210"),
        ("Stripe, Mastercard prepaid", "5105105105105100"),
        ("Stripe, American Express", "378282246310005"),
        ("Stripe, American Express", "371449635398431"),
        ("Stripe, Discover", "6011111111111117"),
        ("Stripe, Discover", "6011000990139424"),
        ("Stripe, Discover debit", "6011981111111113"),
        ("Stripe, Diners Club", "3056930009020004"),
        ("Stripe, Diners Club of 14 digits", "36227206271667"),
        ("Stripe, BCcard and DinaCard", "6555900000604105"),
        ("Stripe, JCB", "3566002020360505"),
        ("Stripe, UnionPay", "6200000000000005"),
        ("Stripe, UnionPay debit", "6200000000000047"),
        ("Stripe, UnionPay of 19 digits", "6205500000000000004"),
        ("Adyen, Maestro of 19 digits", "6799998900000099990"),
        ("Adyen, Maestro", "6771798021000008"),
        ("Adyen, Bancontact", "6703444444444449"),
        ("Adyen, Mastercard", "5413330089099999"),
        ("Adyen, Visa", "4151500000000008"),
        ("Authorize.net, American Express", "370000000000002"),
        ("Authorize.net, Visa of 13 digits", "4007000000027"),
        ("Authorize.net, Visa of 13 digits", "4012888818888"),
        ("Authorize.net, JCB", "3088000000000017"),
        ("Authorize.net, Diners Club", "38000000000006"),
        ("PayPal, Visa", "4111111111111111"),
        ("PayPal, Visa of 13 digits", "4222222222222"),
        ("PayPal, JCB", "3530111333300000"),
        ("PayPal, Diners Club", "30569309025904"),
    ];

    fn grouped(number: &str, size: usize, separator: &str) -> String {
        let groups: Vec<_> =
            number.as_bytes().chunks(size).map(|group| std::str::from_utf8(group).unwrap()).collect();
        groups.join(separator)
    }

    #[test]
    fn every_published_test_number_is_found_however_it_is_written() {
        for (name, number) in PUBLISHED {
            assert!(holds_card_number(number), "{name}");
            for separator in [" ", "-", ".", " - ", "\u{a0}", "\u{202f}", "\u{2013}", "/", "_"] {
                for size in [1, 4, 5, 6] {
                    let written = grouped(number, size, separator);
                    assert!(holds_card_number(&written), "{name}: {written}");
                    let in_text = format!("Pay by VISA no. {written}, 12/29, thank you (room 3)");
                    assert!(holds_card_number(&in_text), "{name}: {in_text}");
                }
            }
            let wide: String =
                number.chars().map(|c| char::from_u32(c as u32 - 0x30 + 0xff10).unwrap()).collect();
            let arabic: String =
                number.chars().map(|c| char::from_u32(c as u32 - 0x30 + 0x660).unwrap()).collect();
            assert!(holds_card_number(&wide) && holds_card_number(&arabic), "{name}");
            assert!(holds_card_number(&grouped(number, 4, "\u{200b}")), "{name}");
            assert!(holds_card_number(&format!("Rue 12 {number} 1029")), "{name}: between other numbers");
        }
    }

    #[test]
    fn one_digit_changed_is_no_card_number() {
        for (name, number) in PUBLISHED {
            let mut digits = number.as_bytes().to_vec();
            let last = digits.last_mut().unwrap();
            *last = b'0' + (*last - b'0' + 1) % 10;
            assert!(!holds_card_number(std::str::from_utf8(&digits).unwrap()), "{name}");
        }
    }

    #[test]
    fn what_people_write_beside_is_left_alone() {
        for text in [
            "",
            "Chaussée de Wavre 1110, bte 4, 1160 Brussels",
            "card ending in 1111",
            "**** **** **** 1111",
            "VISA xxxx xxxx xxxx 4242 valid 12/29",
            "BE68 5390 0754 7034",
            "DE89 3704 0044 0532 0130 00",
            "FR76 3000 6000 0112 3456 7890 189",
            "tel. +32 2 555 01 23, +32 2 555 01 24",
            "reviewed on 27.11.2026, again on 31.12.2026",
            "4111 1111 1111 1112",
            // Passes the Luhn check, and begins as no scheme's numbers do.
            "9999 9999 9999 9995",
            // Longer than any card's number, and one group.
            "41111111111111110000000",
            "4111\n1111\n1111\n1111",
            "4111\t1111\t1111\t1111",
        ] {
            assert!(!holds_card_number(text), "{text}");
        }
    }

    #[test]
    fn an_iban_is_no_card_and_hides_none() {
        // All-digit IBANs with valid check digits: of many, some hold what would pass as a card's number.
        let (mut hidden, mut seen) = (0, 0);
        for account in 0..4_000_u64 {
            let bban = format!("{:018}", 370_400_440_532_000_000 + account * 104_729);
            let rest = format!("{bban}131400")
                .bytes()
                .fold(0, |rest, digit| (rest * 10 + u64::from(digit - b'0')) % 97);
            let iban = grouped(&format!("DE{:02}{bban}", 98 - rest), 4, " ");
            assert!(iban.parse::<iban::Iban>().is_ok());
            assert!(!holds_card_number(&iban), "{iban}");
            hidden += usize::from(holds_card_number(&iban[2..]));
            seen += usize::from(holds_card_number(&format!("{iban} 4111 1111 1111 1111")));
        }
        assert!(hidden > 0, "the exception is needed");
        assert_eq!(seen, 4_000);
    }

    #[test]
    fn a_refusal_names_the_noun_and_repeats_nothing() {
        assert!(no_card_number("note", "Paid by card ending in 1111.").is_ok());
        let message = no_card_number("note", "Card: 4111 1111 1111 1111").unwrap_err().to_string();
        assert!(message.starts_with("note: holds what looks like") && !message.contains("11"), "{message}");
    }

    /// A number of a scheme with a right check digit.
    fn number() -> impl Strategy<Value = String> {
        let digits = |length: usize| proptest::collection::vec(0..10_u8, length);
        (prop::sample::select(RANGES), digits(MOST), any::<prop::sample::Index>()).prop_map(
            |(range, digits, index)| {
                let (low, _, fewest, most) = range;
                let length = fewest + index.index(most - fewest + 1);
                let rest = digits.iter().take(length - low.len() - 1).map(|digit| char::from(b'0' + digit));
                let body: String = low.chars().chain(rest).collect();
                let with =
                    |check: u8| body.bytes().map(|byte| byte - b'0').chain([check]).collect::<Vec<_>>();
                let check = (0..10).find(|check| luhn(&with(*check))).unwrap();
                format!("{body}{check}")
            },
        )
    }

    proptest! {
        #[test]
        fn a_number_of_any_scheme_is_found_in_any_words(number in number(), before in "[a-z ,:(]{0,20}", after in "[a-z ,:)]{0,20}") {
            let text = format!("{before}{number}{after}");
            prop_assert!(holds_card_number(&text), "{}", text);
        }

        #[test]
        fn groups_of_any_sizes_hide_nothing(number in number(), sizes in proptest::collection::vec(1..7_usize, 19)) {
            let mut written = String::new();
            let mut rest = number.as_str();
            for size in sizes {
                let (group, after) = rest.split_at(size.min(rest.len()));
                written.push_str(group);
                rest = after;
                if rest.is_empty() { break; }
                written.push('-');
            }
            prop_assert!(holds_card_number(&written), "{}", written);
        }

        #[test]
        fn nothing_short_is_refused_and_nothing_panics(text in any::<String>(), short in "[0-9]{0,12}") {
            let _ = holds_card_number(&text);
            prop_assert!(!holds_card_number(&short));
        }
    }
}
