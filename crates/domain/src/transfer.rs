//! Data that leaves the European Economic Area: the safeguards under which it may (GDPR chapter V), and which
//! countries are which. These are facts with their source; whether an ask may cross, the notice decides.

use crate::vocabulary::{vocabulary, vocabulary_set};
use crate::{Country, Date};

vocabulary! {
    /// The safeguard for data that leaves the European Economic Area, GDPR chapter V.
    TransferSafeguard, "transfer safeguard" {
        /// Article 45: the Commission found protection there adequate.
        Adequacy = 0 "adequacy",
        /// Article 46(2)(c): standard contractual clauses.
        StandardClauses = 1 "standard-clauses",
        /// Article 47: binding corporate rules.
        BindingRules = 2 "binding-rules",
        /// Article 49(1): a derogation for a specific situation.
        Derogation = 3 "derogation",
    }
}

vocabulary_set! {
    /// A set of safeguards.
    TransferSafeguardSet of TransferSafeguard
}

/// The European Economic Area, sorted: the 27 members of the European Union (article 52(1) TEU) with those of
/// their territories that belong to it and have a code of their own (article 355(1) and (4) TFEU: Åland,
/// French Guiana, Guadeloupe, Martinique, Mayotte, Réunion, Saint-Martin), and Iceland, Liechtenstein and
/// Norway. Svalbard does not belong to it (protocol 40 to the EEA agreement).
const EEA: &[[u8; 2]] = &[
    *b"AT", *b"AX", *b"BE", *b"BG", *b"CY", *b"CZ", *b"DE", *b"DK", *b"EE", *b"ES", *b"FI", *b"FR", *b"GF",
    *b"GP", *b"GR", *b"HR", *b"HU", *b"IE", *b"IS", *b"IT", *b"LI", *b"LT", *b"LU", *b"LV", *b"MF", *b"MQ",
    *b"MT", *b"NL", *b"NO", *b"PL", *b"PT", *b"RE", *b"RO", *b"SE", *b"SI", *b"SK", *b"YT",
];

/// Countries for all of which the Commission found protection adequate (GDPR article 45), with its decision and
/// the last day on which that holds, `yyyymmdd`, where it names one.
///
/// Source: the decisions, as the Commission lists them under "Adequacy decisions"; those of before 2018 were
/// upheld by its report COM(2024) 7. Whoever changes this list reads the decision. Decisions that cover only
/// some recipients in a country are in [`PARTLY_ADEQUATE`].
const ADEQUATE: &[(&str, &str, Option<u32>)] = &[
    ("AD", "2010/625/EU", None),
    ("AR", "2003/490/EC", None),
    ("CH", "2000/518/EC", None),
    ("FO", "2010/146/EU", None),
    // (EU) 2021/1772, renewed in December 2025 for six years.
    ("GB", "(EU) 2021/1772", Some(20_311_227)),
    ("GG", "2003/821/EC", None),
    ("IL", "2011/61/EU", None),
    ("IM", "2004/411/EC", None),
    ("JE", "2008/393/EC", None),
    ("NZ", "2013/65/EU", None),
    ("UY", "2012/484/EU", None),
];

/// Countries in which a decision covers some recipients: Canada (2002/2/EC, commercial organisations), Japan ((EU)
/// 2019/419, businesses), the Republic of Korea ((EU) 2022/254, not credit information), the United States ((EU)
/// 2023/1795, certified organisations). Whoever hands data to one that is covered enters `adequacy` as its safeguard,
/// with its dates, in the register. Nowhere else is that a safeguard.
const PARTLY_ADEQUATE: &[&str] = &["CA", "JP", "KR", "US"];

impl Country {
    /// Whether it belongs to the European Economic Area: what goes anywhere else is a transfer.
    #[must_use]
    pub fn is_in_eea(&self) -> bool {
        EEA.binary_search(&self.0).is_ok()
    }

    /// Whether the Commission found protection in all of it adequate, as far as this program knows, on this
    /// day. What goes there is a transfer that needs no other safeguard.
    #[must_use]
    pub fn is_adequate(&self, day: Date) -> bool {
        let found = ADEQUATE.iter().find(|(code, ..)| *code == self.code());
        found.is_some_and(|(_, _, last)| last.is_none_or(|last| day.number() <= last))
    }

    /// Whether the Commission found protection adequate for some recipients there, so that it can be agreed with
    /// one that they are among.
    #[must_use]
    pub fn is_partly_adequate(&self) -> bool {
        PARTLY_ADEQUATE.contains(&self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn country(code: &str) -> Country {
        code.parse().unwrap()
    }

    #[test]
    fn the_lists_are_of_countries_sorted_and_apart() {
        assert!(EEA.is_sorted() && ADEQUATE.is_sorted_by_key(|(code, ..)| *code));
        assert_eq!(EEA.len(), 27 + 3 + 7);
        for code in EEA.iter().map(|code| std::str::from_utf8(code).unwrap()) {
            assert!(country(code).is_in_eea() && !country(code).is_adequate("2026-11-01".parse().unwrap()));
        }
        for (code, ..) in ADEQUATE {
            assert!(!country(code).is_in_eea());
        }
    }

    #[test]
    fn a_decision_ends_on_its_day_and_partial_ones_count_for_nobody() {
        let adequate = |code: &str, day: &str| country(code).is_adequate(day.parse().unwrap());
        assert!(adequate("GB", "2031-12-27") && !adequate("GB", "2031-12-28"));
        assert!(adequate("CH", "2040-01-01"));
        for code in ["CA", "JP", "KR", "US", "BR", "IN", "SJ"] {
            assert!(!adequate(code, "2026-11-01") && !country(code).is_in_eea(), "{code}");
        }
        for code in PARTLY_ADEQUATE {
            assert!(!adequate(code, "2026-11-01") && country(code).is_partly_adequate(), "{code}");
        }
        assert!(["CH", "BE", "IN", "BR"].iter().all(|code| !country(code).is_partly_adequate()));
    }
}
