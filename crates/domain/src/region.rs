//! Where countries lie: the sub-regions of the United Nations' list (M49, "Standard country or area codes for statistical
//! use"), and which of them are neighbours. It measures no distance, and no rule of cover rests on it.

use crate::Country;

/// Each sub-region, with the countries in it. M49 lists neither Taiwan nor Kosovo; they stand with their neighbours. Antarctica and what is near it
/// are in none.
const SUBREGIONS: [(&str, &str); 22] = [
    ("australia-and-new-zealand", "AU CC CX HM NF NZ"),
    ("caribbean", "AG AI AW BB BL BQ BS CU CW DM DO GD GP HT JM KN KY LC MF MQ MS PR SX TC TT VC VG VI"),
    ("central-america", "BZ CR GT HN MX NI PA SV"),
    ("central-asia", "KG KZ TJ TM UZ"),
    ("eastern-africa", "BI DJ ER ET IO KE KM MG MU MW MZ RE RW SC SO SS TF TZ UG YT ZM ZW"),
    ("eastern-asia", "CN HK JP KP KR MN MO TW"),
    ("eastern-europe", "BG BY CZ HU MD PL RO RU SK UA"),
    ("melanesia", "FJ NC PG SB VU"),
    ("micronesia", "FM GU KI MH MP NR PW UM"),
    ("middle-africa", "AO CD CF CG CM GA GQ ST TD"),
    ("northern-africa", "DZ EG EH LY MA SD TN"),
    ("northern-america", "BM CA GL PM US"),
    ("northern-europe", "AX DK EE FI FO GB GG IE IM IS JE LT LV NO SE SJ"),
    ("polynesia", "AS CK NU PF PN TK TO TV WF WS"),
    ("south-america", "AR BO BR BV CL CO EC FK GF GS GY PE PY SR UY VE"),
    ("south-eastern-asia", "BN ID KH LA MM MY PH SG TH TL VN"),
    ("southern-africa", "BW LS NA SZ ZA"),
    ("southern-asia", "AF BD BT IN IR LK MV NP PK"),
    ("southern-europe", "AD AL BA ES GI GR HR IT ME MK MT PT RS SI SM VA XK"),
    ("western-africa", "BF BJ CI CV GH GM GN GW LR ML MR NE NG SH SL SN TG"),
    ("western-asia", "AE AM AZ BH CY GE IL IQ JO KW LB OM PS QA SA SY TR YE"),
    ("western-europe", "AT BE CH DE FR LI LU MC NL"),
];

/// Sub-regions that share a border or a narrow sea, or between whose cities an ordinary day's journey leads. Each pair stands once.
const NEIGHBOURS: [(&str, &str); 44] = [
    ("australia-and-new-zealand", "melanesia"),
    ("australia-and-new-zealand", "polynesia"),
    ("australia-and-new-zealand", "south-eastern-asia"),
    ("caribbean", "central-america"),
    ("caribbean", "northern-america"),
    ("caribbean", "south-america"),
    ("central-america", "northern-america"),
    ("central-america", "south-america"),
    ("central-asia", "eastern-asia"),
    ("central-asia", "eastern-europe"),
    ("central-asia", "southern-asia"),
    ("central-asia", "western-asia"),
    ("eastern-africa", "middle-africa"),
    ("eastern-africa", "northern-africa"),
    ("eastern-africa", "southern-africa"),
    ("eastern-africa", "western-asia"),
    ("eastern-asia", "eastern-europe"),
    ("eastern-asia", "south-eastern-asia"),
    ("eastern-asia", "southern-asia"),
    ("eastern-europe", "northern-africa"),
    ("eastern-europe", "northern-europe"),
    ("eastern-europe", "southern-europe"),
    ("eastern-europe", "western-asia"),
    ("eastern-europe", "western-europe"),
    ("melanesia", "micronesia"),
    ("melanesia", "polynesia"),
    ("melanesia", "south-eastern-asia"),
    ("micronesia", "polynesia"),
    ("micronesia", "south-eastern-asia"),
    ("middle-africa", "northern-africa"),
    ("middle-africa", "southern-africa"),
    ("middle-africa", "western-africa"),
    ("northern-africa", "northern-europe"),
    ("northern-africa", "southern-europe"),
    ("northern-africa", "western-africa"),
    ("northern-africa", "western-asia"),
    ("northern-africa", "western-europe"),
    ("northern-europe", "southern-europe"),
    ("northern-europe", "western-asia"),
    ("northern-europe", "western-europe"),
    ("south-eastern-asia", "southern-asia"),
    ("southern-asia", "western-asia"),
    ("southern-europe", "western-asia"),
    ("southern-europe", "western-europe"),
];

impl Country {
    /// Whether it lies so far from another country that nobody has care in both on one day by an ordinary journey: in another
    /// sub-region, which is none of the neighbours. Of a country in no sub-region it is not said.
    #[must_use]
    pub fn is_far_from(self, other: Self) -> bool {
        let (Some(here), Some(there)) = (self.subregion(), other.subregion()) else { return false };
        here != there && !NEIGHBOURS.iter().any(|pair| *pair == (here, there) || *pair == (there, here))
    }

    fn subregion(self) -> Option<&'static str> {
        let has = |countries: &str| countries.split(' ').any(|code| code == self.code());
        SUBREGIONS.iter().find(|(_, countries)| has(countries)).map(|(name, _)| *name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn country(code: &str) -> Country {
        code.parse().unwrap()
    }

    #[test]
    fn every_country_is_in_one_subregion_or_known_to_be_in_none() {
        let all = ('A'..='Z').flat_map(|one| ('A'..='Z').map(move |other| format!("{one}{other}")));
        let codes: Vec<String> = all.filter(|code| code.parse::<Country>().is_ok()).collect();
        assert!(codes.len() > 240, "{}", codes.len());
        let listed: Vec<&str> = SUBREGIONS.iter().flat_map(|(_, countries)| countries.split(' ')).collect();
        for code in &codes {
            let times = listed.iter().filter(|listed| *listed == code).count();
            assert_eq!(times, usize::from(code != "AQ"), "{code}");
        }
        let unknown: Vec<_> = listed.iter().filter(|code| code.parse::<Country>().is_err()).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }

    #[test]
    fn neighbours_are_subregions_and_stand_once_and_in_order() {
        let is_one = |name: &str| SUBREGIONS.iter().any(|(subregion, _)| *subregion == name);
        for (one, other) in NEIGHBOURS {
            assert!(is_one(one) && is_one(other) && one < other, "{one} {other}");
        }
        assert!(NEIGHBOURS.is_sorted_by(|one, other| one < other));
    }

    #[test]
    fn far_is_beyond_the_neighbours_both_ways() {
        for (one, other) in [("BE", "US"), ("PT", "KE"), ("TH", "DE"), ("JP", "BR"), ("ZA", "NL")] {
            assert!(
                country(one).is_far_from(country(other)) && country(other).is_far_from(country(one)),
                "{one} {other}"
            );
        }
        for (one, other) in
            [("BE", "BE"), ("BE", "NL"), ("ES", "MA"), ("TR", "BG"), ("MY", "SG"), ("AQ", "BE")]
        {
            assert!(
                !country(one).is_far_from(country(other)) && !country(other).is_far_from(country(one)),
                "{one} {other}"
            );
        }
    }
}
