//! Where people live and are treated: towns, words for houses of care, and the shape of bank
//! accounts. Account numbers and banks are invented; only their form and check digits are right.

/// A country in which members live.
pub(crate) struct Place {
    /// ISO 3166-1 alpha-2.
    pub(crate) country: &'static str,
    /// The culture of most names: a position in [`crate::names::CULTURES`].
    pub(crate) culture: usize,
    /// The telephone prefix.
    pub(crate) calling: &'static str,
    /// Postal code with town.
    pub(crate) towns: &'static [&'static str],
    /// Streets, to which a number is added.
    pub(crate) streets: &'static [&'static str],
    /// Words for a hospital, a pharmacy, a dentist, an optician, a physiotherapist, a laboratory.
    pub(crate) houses: [&'static str; 6],
    /// The shape of its accounts; none where the country has no IBAN.
    pub(crate) accounts: Option<AccountShape>,
}

/// What follows the country and check digits of an IBAN.
#[derive(Clone, Copy)]
pub(crate) struct AccountShape {
    /// How many letters of the bank's code it begins with.
    pub(crate) letters: u8,
    /// How many digits follow.
    pub(crate) digits: u8,
}

const fn shape(letters: u8, digits: u8) -> Option<AccountShape> {
    Some(AccountShape { letters, digits })
}

const DUTCH: [&str; 6] =
    ["Ziekenhuis", "Apotheek", "Tandartspraktijk", "Optiek", "Kinepraktijk", "Laboratorium"];
const FRENCH: [&str; 6] =
    ["Clinique", "Pharmacie", "Cabinet dentaire", "Optique", "Kinésithérapie", "Laboratoire"];
const GERMAN: [&str; 6] = ["Klinik", "Apotheke", "Zahnarztpraxis", "Optik", "Physiotherapie", "Labor"];
const ENGLISH: [&str; 6] =
    ["Hospital", "Pharmacy", "Dental Practice", "Opticians", "Physiotherapy", "Laboratory"];
const SPANISH: [&str; 6] =
    ["Hospital", "Farmacia", "Clínica dental", "Óptica", "Fisioterapia", "Laboratorio"];
const ITALIAN: [&str; 6] =
    ["Ospedale", "Farmacia", "Studio dentistico", "Ottica", "Fisioterapia", "Laboratorio"];

macro_rules! place {
    ($country:literal $culture:literal $calling:literal $houses:expr, $accounts:expr, [$($town:literal)+] [$($street:literal)+]) => {
        Place {
            country: $country,
            culture: $culture,
            calling: $calling,
            towns: &[$($town),+],
            streets: &[$($street),+],
            houses: $houses,
            accounts: $accounts,
        }
    };
}

/// The places. Covers in euro, sterling, francs and dollars pick theirs by position.
pub(crate) const PLACES: &[Place] = &[
    place!("BE" 0 "+32" DUTCH, shape(0, 12),
        ["2000 Antwerpen" "9000 Gent" "3000 Leuven" "8000 Brugge" "2800 Mechelen"]
        ["Vrijdagmarkt" "Drukkerijstraat" "Kapellelaan" "Lindenplein"]),
    place!("BE" 1 "+32" FRENCH, shape(0, 12),
        ["1000 Bruxelles" "4000 Liège" "5000 Namur" "7000 Mons"]
        ["Rue des Presses" "Avenue du Compas" "Place aux Foires" "Rue Haute"]),
    place!("NL" 0 "+31" DUTCH, shape(4, 10),
        ["1012 Amsterdam" "2511 Den Haag" "3511 Utrecht" "9711 Groningen"]
        ["Prinsenkade" "Molenweg" "Zilverstraat" "Beukenlaan"]),
    place!("DE" 2 "+49" GERMAN, shape(0, 18),
        ["50668 Köln" "10115 Berlin" "80331 München" "20095 Hamburg"]
        ["Domstraße" "Gutenbergweg" "Am Mühlbach" "Lindenallee"]),
    place!("FR" 1 "+33" FRENCH, shape(0, 23),
        ["75011 Paris" "69002 Lyon" "31000 Toulouse" "67000 Strasbourg"]
        ["Rue Mercière" "Quai de l'Horloge" "Rue du Faubourg" "Allée des Tilleuls"]),
    place!("LU" 1 "+352" FRENCH, shape(0, 16),
        ["1111 Luxembourg" "4001 Esch-sur-Alzette" "9001 Ettelbruck"]
        ["Rue de l'Eau" "Montée du Grund" "Rue des Prés"]),
    place!("ES" 3 "+34" SPANISH, shape(0, 20),
        ["28004 Madrid" "08002 Barcelona" "41001 Sevilla" "48001 Bilbao"]
        ["Calle Mayor" "Paseo del Río" "Calle de la Imprenta"]),
    place!("IT" 4 "+39" ITALIAN, shape(1, 22),
        ["00184 Roma" "20121 Milano" "50122 Firenze" "30121 Venezia"]
        ["Via Aldina" "Corso Nuovo" "Via dei Tipografi"]),
    place!("PT" 5 "+351" SPANISH, shape(0, 21),
        ["1100 Lisboa" "4000 Porto" "3000 Coimbra"]
        ["Rua da Bica" "Travessa do Norte" "Rua Nova"]),
    place!("AT" 2 "+43" GERMAN, shape(0, 16),
        ["1010 Wien" "8010 Graz" "5020 Salzburg"]
        ["Ringstraße" "Am Graben" "Mozartgasse"]),
    place!("IE" 6 "+353" ENGLISH, shape(4, 14),
        ["D02 Dublin" "T12 Cork" "H91 Galway"]
        ["Quay Street" "Abbey Lane" "Mill Road"]),
    place!("PL" 7 "+48" ["Szpital", "Apteka", "Gabinet stomatologiczny", "Optyk", "Fizjoterapia", "Laboratorium"], shape(0, 24),
        ["00-001 Warszawa" "31-001 Kraków" "50-001 Wrocław"]
        ["ulica Drukarska" "ulica Lipowa" "Plac Nowy"]),
    place!("GB" 6 "+44" ENGLISH, shape(4, 14),
        ["EC1A London" "EH1 Edinburgh" "CF10 Cardiff" "M1 Manchester"]
        ["Fleet Row" "Castle Street" "Orchard Road" "Station Lane"]),
    place!("CH" 2 "+41" GERMAN, shape(0, 17),
        ["8001 Zürich" "3011 Bern" "4051 Basel"]
        ["Bahnhofstrasse" "Froschaugasse" "Seeweg"]),
    place!("CH" 1 "+41" FRENCH, shape(0, 17),
        ["1201 Genève" "1003 Lausanne" "2000 Neuchâtel"]
        ["Rue du Rhône" "Quai des Bergues" "Chemin des Vignes"]),
    place!("DK" 8 "+45" ENGLISH, shape(0, 14), ["1050 København" "8000 Aarhus"] ["Nygade" "Skolevej"]),
    place!("AE" 10 "+971" ENGLISH, shape(0, 19), ["Dubai" "Abu Dhabi"] ["Harbour Road" "Palm Street"]),
    place!("KE" 11 "+254" ENGLISH, None, ["00100 Nairobi" "80100 Mombasa"] ["Acacia Avenue" "Ring Road"]),
    place!("US" 6 "+1" ENGLISH, None,
        ["New York, NY 10017" "Washington, DC 20037" "Boston, MA 02110"]
        ["Maple Street" "Harbor Avenue" "Franklin Place"]),
];

/// Which places the members of a cover in this currency live in: (weight, position).
pub(crate) fn homes(currency: &str) -> &'static [(u32, usize)] {
    match currency {
        "GBP" => &[(1, 12)],
        "CHF" => &[(3, 13), (2, 14)],
        "USD" => &[(3, 16), (3, 17), (4, 18), (1, 0), (1, 14), (1, 11)],
        _ => &[
            (20, 0),
            (12, 1),
            (14, 2),
            (13, 3),
            (13, 4),
            (6, 5),
            (7, 6),
            (6, 7),
            (4, 8),
            (4, 9),
            (3, 10),
            (3, 11),
            (1, 15),
        ],
    }
}

/// Where someone who lives in a country without IBANs keeps an account: (weight, position).
pub(crate) const ABROAD: &[(u32, usize)] = &[(2, 12), (2, 14), (1, 5), (1, 0)];

/// Codes of invented banks.
pub(crate) const BANKS: &[&str] = &["OFCB", "PLTN", "MRTX", "GCMP", "FRSK", "LBRX"];

/// Names of invented houses of care.
pub(crate) const HOUSE_NAMES: &[&str] = &[
    "Moretus", "Compas", "Kaskade", "Aurora", "Linde", "Horizon", "Salvia", "Meridian", "Ponte", "Lumen",
    "Vesta", "Arbor",
];
