//! The words of a table of benefits in four languages: English, Dutch, French, German. They say what a
//! rule means to a member; names of benefits and counters are the plan's own.

use domain::Language;

/// A phrase in each language, with `{}` where its values go.
pub(super) struct Phrase([&'static str; 4]);

impl Phrase {
    /// The phrase with its values in order.
    pub(super) fn with(&self, language: Language, values: &[&str]) -> String {
        let [english, dutch, french, german] = self.0;
        let mut text = match language {
            Language::English => english,
            Language::Dutch => dutch,
            Language::French => french,
            Language::German => german,
        }
        .to_owned();
        for value in values {
            text = text.replacen("{}", value, 1);
        }
        text
    }

    pub(super) fn plain(&self, language: Language) -> String {
        self.with(language, &[])
    }
}

macro_rules! phrases {
    ($($name:ident: $english:literal, $dutch:literal, $french:literal, $german:literal;)+) => {
        $(pub(super) const $name: Phrase = Phrase([$english, $dutch, $french, $german]);)+
        #[cfg(test)]
        pub(super) const ALL: &[&Phrase] = &[$(&$name),+];
    };
}

phrases! {
    WHOLE_PLAN: "The whole plan", "Het hele plan", "Tout le régime", "Der ganze Plan";
    FROM: "applies from {}", "geldt vanaf {}", "s’applique à partir du {}", "gilt ab {}";
    CURRENCIES: "amounts in {}", "bedragen in {}", "montants en {}", "Beträge in {}";
    FILING: "send claims within {} months of the service", "stuur declaraties binnen {} maanden na de zorg",
        "envoyez les demandes dans les {} mois qui suivent les soins", "Anträge innerhalb von {} Monaten nach der Leistung einsenden";
    AREA_IN: "covered in {}", "gedekt in {}", "couvert dans ces pays : {}", "gilt in {}";
    AREA_EXCEPT: "covered everywhere except {}", "overal gedekt behalve in {}", "couvert partout sauf : {}", "gilt überall außer in {}";
    AREA_EMERGENCY: "elsewhere emergencies of the first {} days", "elders noodgevallen tijdens de eerste {} dagen",
        "ailleurs, les urgences des {} premiers jours", "anderswo Notfälle der ersten {} Tage";
    MORATORIUM: "conditions from before: covered after {} months without treatment",
        "aandoeningen van vroeger: gedekt na {} maanden zonder behandeling",
        "affections antérieures : couvertes après {} mois sans traitement",
        "frühere Leiden: gedeckt nach {} Monaten ohne Behandlung";
    EXCLUDED: "not covered: {}", "niet gedekt: {}", "non couvert : {}", "nicht gedeckt: {}";
    OTHER_PAYER: "coordinated with other insurers", "afgestemd met andere verzekeraars",
        "coordonné avec d’autres assureurs", "mit anderen Versicherern abgestimmt";
    PAID_IN_FULL: "the whole charge counts", "de hele rekening telt mee", "toute la facture est prise en compte",
        "die ganze Rechnung zählt";
    PAID_PRICE: "the charge counts up to the price in our list", "de rekening telt mee tot de prijs in onze lijst",
        "la facture est prise en compte jusqu’au prix de notre liste", "die Rechnung zählt bis zum Preis unserer Liste";
    PAID_PERCENT: "{} of the charge counts", "{} van de rekening telt mee", "{} de la facture est pris en compte",
        "{} der Rechnung zählt";
    PAID_BASE: "the charge counts up to {} of the statutory base", "de rekening telt mee tot {} van de wettelijke grondslag",
        "la facture est prise en compte jusqu’à {} de la base légale", "die Rechnung zählt bis {} der gesetzlichen Grundlage";
    COINSURANCE: "you pay {}", "u betaalt {}", "vous payez {}", "Sie zahlen {}";
    COPAY: "you pay {} {}", "u betaalt {} {}", "vous payez {} {}", "Sie zahlen {} {}";
    PER_LINE: "for each item", "per post", "par poste", "je Posten";
    PER_VISIT: "a visit", "per bezoek", "par visite", "je Besuch";
    PER_DAY: "a day", "per dag", "par jour", "je Tag";
    PER_UNIT: "for each unit", "per eenheid", "par unité", "je Einheit";
    PER_CLAIM: "for each claim", "per declaratie", "par demande", "je Antrag";
    PER_CONDITION: "for each condition", "per aandoening", "par affection", "je Erkrankung";
    PER_PREGNANCY: "for each pregnancy", "per zwangerschap", "par grossesse", "je Schwangerschaft";
    PER_EVENT: "for each event", "per gebeurtenis", "par événement", "je Ereignis";
    PER_ADMISSION: "for each stay", "per opname", "par séjour", "je Aufenthalt";
    NO_DEDUCTIBLE: "no deductible", "zonder eigen risico", "sans franchise", "ohne Selbstbehalt";
    DEDUCTIBLE: "deductible {}", "eigen risico {}", "franchise {}", "Selbstbehalt {}";
    FAMILY: "for the family {}", "voor het gezin {}", "pour la famille {}", "für die Familie {}";
    CARRY_OVER: "the last {} months of a year count for the next too", "de laatste {} maanden van een jaar tellen ook voor het volgende",
        "les {} derniers mois d’une année comptent aussi pour la suivante", "die letzten {} Monate eines Jahres zählen auch für das nächste";
    MAXIMUM: "you bear at most {}", "u draagt hoogstens {}", "vous supportez au plus {}", "Sie tragen höchstens {}";
    WITH_DEDUCTIBLE: "deductible included", "eigen risico inbegrepen", "franchise comprise", "Selbstbehalt eingeschlossen";
    WITHOUT_DEDUCTIBLE: "deductible on top", "eigen risico komt erbij", "franchise en plus", "Selbstbehalt kommt hinzu";
    LIMIT: "at most {}", "hoogstens {}", "au plus {}", "höchstens {}";
    ONE_VISIT: "one visit", "één bezoek", "une visite", "ein Besuch";
    ONE_DAY: "one day", "één dag", "un jour", "ein Tag";
    ONE_UNIT: "one unit", "één eenheid", "une unité", "eine Einheit";
    ONE_CLAIM: "one claim", "één declaratie", "une demande", "ein Antrag";
    VISITS: "{} visits", "{} bezoeken", "{} visites", "{} Besuche";
    DAYS: "{} days", "{} dagen", "{} jours", "{} Tage";
    UNITS: "{} units", "{} eenheden", "{} unités", "{} Einheiten";
    CLAIMS: "{} claims", "{} declaraties", "{} demandes", "{} Anträge";
    SALARIES: "{} × the yearly salary", "{} × het jaarsalaris", "{} × le salaire annuel", "{} × das Jahresgehalt";
    POLICY_YEAR: "in a policy year", "per verzekeringsjaar", "par année d’assurance", "je Versicherungsjahr";
    CALENDAR_YEAR: "in a calendar year", "per kalenderjaar", "par année civile", "je Kalenderjahr";
    LIFETIME: "in a lifetime", "voor het hele leven", "à vie", "auf Lebenszeit";
    IN_MONTHS: "in any {} months", "in {} maanden", "en {} mois", "in {} Monaten";
    IN_DAYS: "in any {} days", "in {} dagen", "en {} jours", "in {} Tagen";
    WAITING: "waiting period of {} months", "wachttijd van {} maanden", "délai d’attente de {} mois", "Wartezeit von {} Monaten";
    WAITING_ONE: "waiting period of one month", "wachttijd van één maand", "délai d’attente d’un mois", "Wartezeit von einem Monat";
    SECOND_LAYER: "of what you bear we pay {} after {}", "van wat u draagt betalen wij {} na {}",
        "de ce que vous supportez, nous payons {} après {}", "von dem, was Sie tragen, zahlen wir {} nach {}";
    AUTHORISE: "ask us first", "vraag het ons vooraf", "demandez notre accord préalable", "fragen Sie uns vorher";
    AUTHORISE_ABOVE: "ask us first above {}", "vraag het ons vooraf boven {}", "demandez notre accord préalable au-delà de {}",
        "fragen Sie uns vorher ab mehr als {}";
    AGE_FROM: "from age {}", "vanaf {} jaar", "à partir de {} ans", "ab {} Jahren";
    AGE_BELOW: "below age {}", "jonger dan {} jaar", "avant {} ans", "unter {} Jahren";
    ROOM: "{} of the cost of a better room", "{} van de kosten van een betere kamer", "{} du coût d’une meilleure chambre",
        "{} der Kosten eines besseren Zimmers";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_has_the_same_places_in_every_language() {
        for Phrase(texts) in ALL {
            let places = texts.map(|text| text.matches("{}").count());
            assert!(places.iter().all(|count| *count == places[0]), "{}", texts[0]);
            assert!(texts.iter().all(|text| !text.is_empty()));
        }
    }
}
