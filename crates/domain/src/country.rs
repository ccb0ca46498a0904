//! Countries, by ISO 3166-1 alpha-2 code.

use std::fmt;
use std::str::FromStr;

use crate::ParseError;

/// A country.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Country(pub(crate) [u8; 2]);

impl Country {
    /// The two letters.
    #[must_use]
    pub fn code(&self) -> &str {
        // INVARIANT: two ASCII capitals, checked when parsed.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The country of an ISO 3166-1 alpha-3 code, three capital letters; none where there is no such code.
    #[must_use]
    pub fn from_alpha3(text: &str) -> Option<Self> {
        if !text.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        celes::Country::from_alpha3(text).ok()?.alpha2.parse().ok()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Country {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let shape = ParseError::Shape {
            what: "country",
            problem: "not an ISO 3166-1 alpha-2 code: write two capital letters, like BE",
        };
        let bytes: [u8; 2] = text.as_bytes().try_into().map_err(|_| shape.clone())?;
        if !bytes.iter().all(u8::is_ascii_uppercase) || celes::Country::from_alpha2(text).is_err() {
            return Err(shape);
        }
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_countries() {
        assert_eq!("BE".parse::<Country>().unwrap().code(), "BE");
        for bad in ["be", "XX", "BEL", "", "É"] {
            assert!(bad.parse::<Country>().is_err(), "{bad}");
        }
    }

    #[test]
    fn three_letters_are_a_country_where_the_code_is_one() {
        assert_eq!(Country::from_alpha3("BEL").map(|country| country.to_string()).as_deref(), Some("BE"));
        for bad in ["bel", "XXX", "BE", "", "BELG"] {
            assert_eq!(Country::from_alpha3(bad), None, "{bad}");
        }
    }
}
