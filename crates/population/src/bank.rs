//! Invented bank accounts with right check digits.

use domain::{Bic, Iban, ParseError};

use crate::places::{AccountShape, BANKS};
use crate::random::Random;

/// An account and its bank in this country.
pub(crate) fn account(
    random: &mut Random,
    country: &str,
    shape: AccountShape,
) -> Result<(Iban, Bic), ParseError> {
    let bank = random.one_of(BANKS)?;
    let mut number: String = bank.chars().take(usize::from(shape.letters)).collect();
    for _ in 0..shape.digits {
        number.push(char::from(b'0' + u8::try_from(random.below(10)).unwrap_or(0)));
    }
    let check = check_digits(country, &number);
    Ok((Iban::parse(&format!("{country}{check:02}{number}"))?, Bic::parse(&format!("{bank}{country}2X"))?))
}

/// ISO 13616: 98 less the rest of the number, country and 00, letters counted from A = 10, by 97.
fn check_digits(country: &str, number: &str) -> u32 {
    let digits = number.chars().chain(country.chars()).chain("00".chars()).filter_map(|c| c.to_digit(36));
    let rest = digits.fold(0, |rest, digit| (rest * if digit < 10 { 10 } else { 100 } + digit) % 97);
    98 - rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::places::PLACES;

    #[test]
    fn check_digits_are_those_of_published_examples() {
        assert_eq!(check_digits("BE", "539007547034"), 68);
        assert_eq!(check_digits("NL", "ABNA0417164300"), 91);
        assert_eq!(check_digits("GB", "NWBK60161331926819"), 29);
    }

    #[test]
    fn every_country_gets_accounts_that_validate() {
        let mut random = Random::of(7, 7);
        for place in PLACES {
            let Some(shape) = place.accounts else { continue };
            for _ in 0..50 {
                let (iban, bic) = account(&mut random, place.country, shape).unwrap();
                assert_eq!(iban.reveal().get(..2), Some(place.country));
                assert_eq!(bic.reveal().get(4..6), Some(place.country));
            }
        }
    }
}
