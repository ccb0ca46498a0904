//! The law that governs somebody's cover. What permits the use of health data may differ by it, since GDPR article 9
//! leaves most of its bases, (b), (g), (h) and (i), to the law of the Union or of a member state. Which basis is declared
//! where, the notice says; nothing is judged here.

use crate::Country;
use crate::vocabulary::{vocabulary, vocabulary_set};

vocabulary! {
    /// The law that governs somebody's cover: of a state of the European Economic Area, by its ISO 3166-1 code, or of
    /// a country elsewhere.
    GoverningLaw, "governing law" {
        /// Of a country outside the European Economic Area.
        Elsewhere = 0 "elsewhere",
        /// Austria.
        Austria = 1 "AT",
        /// Belgium.
        Belgium = 2 "BE",
        /// Bulgaria.
        Bulgaria = 3 "BG",
        /// Cyprus.
        Cyprus = 4 "CY",
        /// Czechia.
        Czechia = 5 "CZ",
        /// Germany.
        Germany = 6 "DE",
        /// Denmark.
        Denmark = 7 "DK",
        /// Estonia.
        Estonia = 8 "EE",
        /// Spain.
        Spain = 9 "ES",
        /// Finland, with Åland.
        Finland = 10 "FI",
        /// France, with those of its territories that belong to the Union.
        France = 11 "FR",
        /// Greece.
        Greece = 12 "GR",
        /// Croatia.
        Croatia = 13 "HR",
        /// Hungary.
        Hungary = 14 "HU",
        /// Ireland.
        Ireland = 15 "IE",
        /// Iceland.
        Iceland = 16 "IS",
        /// Italy.
        Italy = 17 "IT",
        /// Liechtenstein.
        Liechtenstein = 18 "LI",
        /// Lithuania.
        Lithuania = 19 "LT",
        /// Luxembourg.
        Luxembourg = 20 "LU",
        /// Latvia.
        Latvia = 21 "LV",
        /// Malta.
        Malta = 22 "MT",
        /// The Netherlands.
        Netherlands = 23 "NL",
        /// Norway.
        Norway = 24 "NO",
        /// Poland.
        Poland = 25 "PL",
        /// Portugal.
        Portugal = 26 "PT",
        /// Romania.
        Romania = 27 "RO",
        /// Sweden.
        Sweden = 28 "SE",
        /// Slovenia.
        Slovenia = 29 "SI",
        /// Slovakia.
        Slovakia = 30 "SK",
    }
}

vocabulary_set! {
    /// A set of governing laws.
    GoverningLawSet of GoverningLaw
}

impl GoverningLawSet {
    /// Every law.
    pub const ALL: Self = Self::of(GoverningLaw::ALL);
}

impl From<Country> for GoverningLaw {
    /// The law of a country, where nothing else was agreed. A territory of the Union with a code of its own has the law
    /// of its state.
    fn from(country: Country) -> Self {
        let state = match country.code() {
            "AX" => "FI",
            "GF" | "GP" | "MF" | "MQ" | "RE" | "YT" => "FR",
            code => code,
        };
        state.parse().unwrap_or(Self::Elsewhere)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_of_the_area_has_a_law_and_no_other_country_has_one() {
        for letters in 0..26 * 26_u16 {
            let code: String =
                [letters / 26, letters % 26].iter().map(|one| char::from(b'A' + *one as u8)).collect();
            let Ok(country) = code.parse::<Country>() else { continue };
            assert_eq!(
                GoverningLaw::from(country) != GoverningLaw::Elsewhere,
                country.is_in_eea(),
                "{country}"
            );
        }
        assert_eq!(GoverningLaw::from("MQ".parse::<Country>().unwrap()), GoverningLaw::France);
        assert_eq!(GoverningLawSet::ALL.len(), 31);
    }
}
