//! The words of a table of benefits in four languages: English, Dutch, French, German. They say what a
//! rule means to a member; names of benefits and counters are the plan's own.

pub(super) use crate::phrase::Phrase;
use crate::phrase::phrases;

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
    NEWBORN: "a child whose cover begins within {} days after birth is covered from birth",
        "een kind van wie de dekking begint binnen {} dagen na de geboorte, is vanaf de geboorte gedekt",
        "un enfant dont la couverture commence dans les {} jours qui suivent la naissance est couvert dès la naissance",
        "ein Kind, dessen Deckung innerhalb von {} Tagen nach der Geburt beginnt, ist ab der Geburt gedeckt";
    EXCLUDED: "not covered: {}", "niet gedekt: {}", "non couvert : {}", "nicht gedeckt: {}";
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
    ROOM: "{}; {} of the cost of a better room", "{}; {} van de kosten van een betere kamer", "{} ; {} du coût d’une meilleure chambre",
        "{}; {} der Kosten eines besseren Zimmers";
    WARD: "a bed in a ward", "een bed in een meerpersoonskamer", "un lit en chambre commune", "ein Bett im Mehrbettzimmer";
    SEMI_PRIVATE: "a room for two", "een tweepersoonskamer", "une chambre à deux lits", "ein Zweibettzimmer";
    PRIVATE: "a room of your own", "een eenpersoonskamer", "une chambre individuelle", "ein Einzelzimmer";
    SUITE: "a suite", "een suite", "une suite", "eine Suite";
    MODULES: "modules: {}", "modules: {}", "modules : {}", "Bausteine: {}";
    MODULE_NEEDS: "{} (only with {})", "{} (alleen met {})", "{} (seulement avec {})", "{} (nur mit {})";
    MODULE: "in the module {}", "in de module {}", "dans le module {}", "im Baustein {}";
    CONTINUES: "goes on from the plan {}: {}", "loopt door vanaf het plan {}: {}", "se poursuit depuis le régime {} : {}",
        "läuft vom Plan {} weiter: {}";
    WOMEN: "for women", "voor vrouwen", "pour les femmes", "für Frauen";
    MEN: "for men", "voor mannen", "pour les hommes", "für Männer";
    SERVICES_FROM: "for care from {}", "voor zorg vanaf {}", "pour les soins à partir du {}", "für Leistungen ab dem {}";
    SERVICES_UNTIL: "for care until {}", "voor zorg tot en met {}", "pour les soins jusqu’au {}", "für Leistungen bis zum {}";
    DOCUMENTS: "send with the claim: {}", "stuur mee met de declaratie: {}", "à joindre à la demande : {}", "dem Antrag beizulegen: {}";
    OTHERWISE: "otherwise {}", "anders {}", "sinon, {}", "sonst {}";
    IN_NETWORK: "at providers under contract, {}", "bij gecontracteerde zorgverleners: {}", "chez les prestataires sous contrat, {}",
        "bei Vertragspartnern: {}";
    OUT_OF_NETWORK: "at other providers, {}", "bij andere zorgverleners: {}", "chez les autres prestataires, {}", "bei anderen Anbietern: {}";
    REST_MEMBER: "{}; the rest you pay yourself", "{}; de rest betaalt u zelf", "{} ; vous payez le reste vous-même",
        "{}; den Rest zahlen Sie selbst";
    REST_PROVIDER: "{}; the rest nobody may charge you", "{}; de rest mag niemand u aanrekenen", "{} ; personne ne peut vous facturer le reste",
        "{}; den Rest darf Ihnen niemand berechnen";
    NOT_AFTER_ACCIDENT: "not after an accident", "niet na een ongeval", "pas après un accident", "nicht nach einem Unfall";
    NOT_IN_EMERGENCY: "not in an emergency", "niet in een noodgeval", "pas en cas d’urgence", "nicht im Notfall";
    PRIOR_COVER: "earlier cover elsewhere counts", "eerdere dekking elders telt mee", "une couverture antérieure ailleurs compte",
        "frühere Deckung anderswo zählt mit";
    ELSE_LESS: "otherwise we pay {} less", "anders betalen wij {} minder", "sinon, nous payons {} de moins", "sonst zahlen wir {} weniger";
    ELSE_NOTHING: "otherwise we pay nothing", "anders betalen wij niets", "sinon, nous ne payons rien", "sonst zahlen wir nichts";
    NO_MAXIMUM: "what you pay here does not count towards the most that you bear", "wat u hier betaalt, telt niet mee voor het meeste dat u draagt",
        "ce que vous payez ici ne compte pas pour votre part maximale", "was Sie hier zahlen, zählt nicht für Ihren Höchstanteil";
    NO_SECOND_LAYER: "of what you bear here we pay nothing more", "van wat u hier draagt, betalen wij niets meer",
        "de ce que vous supportez ici, nous ne payons rien de plus", "von dem, was Sie hier tragen, zahlen wir nichts weiter";
    WHOLE_FAMILY: "for the whole family together", "voor het hele gezin samen", "pour toute la famille ensemble", "für die ganze Familie zusammen";
    OF_KIND: "for claims of the kind {}", "voor declaraties van de soort {}", "pour les demandes du type {}", "für Anträge der Art {}";
    BEFORE_SHARE: "counted before your own share", "gerekend vóór uw eigen deel", "compté avant votre part", "vor Ihrem Anteil gerechnet";
    STOP_LOSS: "{}: above {} {} another insurer pays", "{}: boven {} {} betaalt een andere verzekeraar",
        "{} : au-delà de {} {}, un autre assureur paie", "{}: über {} {} zahlt ein anderer Versicherer";
    ONLY_COPAYS: "only fixed amounts count", "alleen vaste bedragen tellen", "seuls les montants fixes comptent", "nur feste Beträge zählen";
    ONLY_COINSURANCE: "only percentages count", "alleen percentages tellen", "seuls les pourcentages comptent", "nur Prozentanteile zählen";
    HIGHEST_COPAY: "on one day only the highest fixed amount is taken", "op één dag telt alleen het hoogste vaste bedrag",
        "un même jour, seul le montant fixe le plus élevé est retenu", "an einem Tag gilt nur der höchste feste Betrag";
    RATE_OF_SERVICE: "other currencies at the rate of the day of the care", "andere munten tegen de koers van de dag van de zorg",
        "autres monnaies au cours du jour des soins", "andere Währungen zum Kurs des Tages der Leistung";
    RATE_OF_ADMISSION: "other currencies at the rate of the day of the care, of a stay in hospital of the day of admission",
        "andere munten tegen de koers van de dag van de zorg, bij een ziekenhuisverblijf van de dag van opname",
        "autres monnaies au cours du jour des soins, pour un séjour à l’hôpital du jour de l’admission",
        "andere Währungen zum Kurs des Tages der Leistung, bei einem Krankenhausaufenthalt des Tages der Aufnahme";
    RATE_OF_INVOICE: "other currencies at the rate of the day of the invoice", "andere munten tegen de koers van de dag van de factuur",
        "autres monnaies au cours du jour de la facture", "andere Währungen zum Kurs des Tages der Rechnung";
    RATE_OF_RECEIPT: "other currencies at the rate of the day on which we receive the claim",
        "andere munten tegen de koers van de dag waarop wij de declaratie ontvangen",
        "autres monnaies au cours du jour où nous recevons la demande", "andere Währungen zum Kurs des Tages, an dem wir den Antrag erhalten";
    RATE_OF_DECISION: "other currencies at the rate of the day on which we decide", "andere munten tegen de koers van de dag waarop wij beslissen",
        "autres monnaies au cours du jour où nous décidons", "andere Währungen zum Kurs des Tages, an dem wir entscheiden";
    AFTER_OTHER: "after another insurer we pay what it leaves, at most what we would pay alone",
        "na een andere verzekeraar betalen wij wat die overlaat, hoogstens wat wij alleen zouden betalen",
        "après un autre assureur, nous payons ce qu’il laisse, au plus ce que nous paierions seuls",
        "nach einem anderen Versicherer zahlen wir, was er übrig lässt, höchstens was wir allein zahlen würden";
    AFTER_OTHER_TOP: "after another insurer we top up to what we would pay alone", "na een andere verzekeraar vullen wij aan tot wat wij alleen zouden betalen",
        "après un autre assureur, nous complétons jusqu’à ce que nous paierions seuls",
        "nach einem anderen Versicherer ergänzen wir bis zu dem, was wir allein zahlen würden";
    AFTER_OTHER_REST: "what another insurer pays comes off first; of the rest you bear your share",
        "wat een andere verzekeraar betaalt, gaat er eerst af; van de rest draagt u uw deel",
        "ce qu’un autre assureur paie est d’abord déduit ; du reste, vous supportez votre part",
        "was ein anderer Versicherer zahlt, wird zuerst abgezogen; vom Rest tragen Sie Ihren Anteil";
    AFTER_STATUTORY: "after the statutory scheme we pay what it leaves, but for its fixed contribution",
        "na de wettelijke verzekering betalen wij wat die overlaat, behalve haar vaste bijdrage",
        "après le régime obligatoire, nous payons ce qu’il laisse, sauf sa participation forfaitaire",
        "nach der gesetzlichen Versicherung zahlen wir, was sie übrig lässt, außer ihrem festen Beitrag";
    RESERVE: "what we save by that is kept for what you would still bear {}", "wat wij daardoor sparen, blijft bewaard voor wat u nog zou dragen {}",
        "ce que nous économisons ainsi est gardé pour ce que vous supporteriez encore {}",
        "was wir dadurch sparen, bleibt für das, was Sie noch tragen würden {}";
    A_PERSON_LOOKS: "before anything is refused, a person looks at it", "voor iets wordt geweigerd, kijkt een mens ernaar",
        "avant tout refus, une personne examine le dossier", "bevor etwas abgelehnt wird, sieht ein Mensch es an";
    REFUSED_AT_ONCE: "what is not covered is refused at once; ask, and a person looks at it", "wat niet gedekt is, wordt meteen geweigerd; vraag het, en een mens kijkt ernaar",
        "ce qui n’est pas couvert est refusé aussitôt ; sur demande, une personne l’examine",
        "was nicht gedeckt ist, wird sofort abgelehnt; auf Wunsch sieht ein Mensch es an";
    NEAR_DUPLICATES: "nearly the same service claimed twice waits for a person", "bijna dezelfde zorg die twee keer wordt gedeclareerd, wacht op een mens",
        "des soins presque identiques demandés deux fois attendent qu’une personne les examine",
        "fast dieselbe Leistung, zweimal eingereicht, wartet auf einen Menschen";
    BY_SERVICE_DATE: "care counts in the order in which it was given, whenever it is claimed",
        "zorg telt in de volgorde waarin ze is gegeven, wanneer ze ook wordt gedeclareerd",
        "les soins comptent dans l’ordre où ils ont été donnés, quelle que soit la date de la demande",
        "Leistungen zählen in der Reihenfolge, in der sie erbracht wurden, wann immer sie eingereicht werden";
    ROUNDED_DOWN: "what we pay for an item is rounded down to the smallest unit of the currency",
        "wat wij voor een post betalen, wordt naar beneden afgerond op de kleinste eenheid van de munt",
        "ce que nous payons pour un poste est arrondi vers le bas à la plus petite unité de la monnaie",
        "was wir für einen Posten zahlen, wird auf die kleinste Einheit der Währung abgerundet";
    ROUNDED_UP: "what we pay for an item is rounded up to the smallest unit of the currency",
        "wat wij voor een post betalen, wordt naar boven afgerond op de kleinste eenheid van de munt",
        "ce que nous payons pour un poste est arrondi vers le haut à la plus petite unité de la monnaie",
        "was wir für einen Posten zahlen, wird auf die kleinste Einheit der Währung aufgerundet";
    NAME: "called {}", "heet {}", "s’appelle {}", "heißt {}";
    CODES: "service codes that begin with {}", "codes van zorg die beginnen met {}", "codes de soins qui commencent par {}",
        "Leistungscodes, die mit {} beginnen";
    DIAGNOSES: "diagnoses that begin with {}", "diagnoses die beginnen met {}", "diagnostics qui commencent par {}", "Diagnosen, die mit {} beginnen";
    SETTINGS: "care given in: {}", "zorg gegeven in: {}", "soins donnés en : {}", "Leistungen in: {}";
    SERVICE_TYPES: "types of service: {}", "soorten zorg: {}", "types de soins : {}", "Arten von Leistungen: {}";
    INCLUDES: "{} includes on the same day services that begin with {}", "{} omvat op dezelfde dag zorg waarvan de code begint met {}",
        "{} comprend le même jour les soins dont le code commence par {}", "{} umfasst am selben Tag Leistungen, die mit {} beginnen";
    KIND: "claims of the kind {}: {}", "declaraties van de soort {}: {}", "demandes du type {} : {}", "Anträge der Art {}: {}";
    ALL_OTHERS: "all others", "alle andere", "toutes les autres", "alle anderen";
    STEPS: "the rules apply in this order: {}", "de regels gelden in deze volgorde: {}", "les règles s’appliquent dans cet ordre : {}",
        "die Regeln gelten in dieser Reihenfolge: {}";
    BENEFIT_ORDER: "care falls under the first that fits of: {}", "zorg valt onder de eerste die past van: {}",
        "les soins relèvent de la première qui convient de : {}", "Leistungen fallen unter die erste passende von: {}";
    PRICES: "Prices: {}", "Prijzen: {}", "Prix : {}", "Preise: {}";
    PRICES_IN: "only in {}", "alleen in {}", "seulement dans : {}", "nur in {}";
    PRICE: "{}: {}", "{}: {}", "{} : {}", "{}: {}";
    PRICE_FROM: "from {}", "vanaf {}", "à partir du {}", "ab dem {}";
    PRICE_UNTIL: "until {}", "tot en met {}", "jusqu’au {}", "bis zum {}";
    PREMIUM: "What membership costs", "Wat het lidmaatschap kost", "Ce que coûte l’adhésion", "Was die Mitgliedschaft kostet";
    PREMIUM_MONTHS: "for {} months", "voor {} maanden", "pour {} mois", "für {} Monate";
    PREMIUM_MONTH: "for each month", "per maand", "par mois", "je Monat";
    PREMIUM_AGE: "each person from age {}: {}", "elke persoon vanaf {} jaar: {}", "chaque personne à partir de {} ans : {}", "jede Person ab {} Jahren: {}";
    PREMIUM_SUM: "up to {} persons together: {}", "tot {} personen samen: {}", "jusqu’à {} personnes ensemble : {}", "bis zu {} Personen zusammen: {}";
    FEE_PERSON: "fee for each person: {}", "kosten per persoon: {}", "frais par personne : {}", "Gebühr je Person: {}";
    FROM_SALARY: "from a yearly salary of {}: {}", "vanaf een jaarsalaris van {}: {}", "à partir d’un salaire annuel de {} : {}",
        "ab einem Jahresgehalt von {}: {}";
    EMPLOYER_PAYS: "your employer pays {} of the premium, you the rest", "uw werkgever betaalt {} van de premie, u de rest",
        "votre employeur paie {} de la cotisation, vous le reste", "Ihr Arbeitgeber zahlt {} des Beitrags, Sie den Rest";
    SALARY_PAYS: "you pay {} of your salary, your employer the rest of the premium",
        "u betaalt {} van uw salaris, uw werkgever de rest van de premie",
        "vous payez {} de votre salaire, votre employeur le reste de la cotisation",
        "Sie zahlen {} Ihres Gehalts, Ihr Arbeitgeber den Rest des Beitrags";
    SALARY_PAYS_MOST: "you pay {} of your salary, your employer the rest, but at most {} of the premium",
        "u betaalt {} van uw salaris, uw werkgever de rest, maar hoogstens {} van de premie",
        "vous payez {} de votre salaire, votre employeur le reste, mais au plus {} de la cotisation",
        "Sie zahlen {} Ihres Gehalts, Ihr Arbeitgeber den Rest, aber höchstens {} des Beitrags";
    BEFORE: "before: {}", "vroeger: {}", "avant : {}", "vorher: {}";
    AFTER: "now:    {}", "nu:      {}", "désormais : {}", "jetzt:  {}";
    NEW: "new", "nieuw", "nouveau", "neu";
    GONE: "no longer", "vervalt", "supprimé", "entfällt";
    SAME: "Nothing changes.", "Er verandert niets.", "Rien ne change.", "Es ändert sich nichts.";
    UNSAID: "Something changes that no table says: compare the files.", "Er verandert iets dat geen tabel zegt: vergelijk de bestanden.",
        "Quelque chose change qu’aucun tableau ne dit : comparez les fichiers.", "Es ändert sich etwas, das keine Tabelle sagt: Vergleichen Sie die Dateien.";
    FEE_POLICY: "fee: {}", "kosten: {}", "frais : {}", "Gebühr: {}";
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_phrase_is_complete() {
        crate::phrase::complete(super::ALL);
    }
}
