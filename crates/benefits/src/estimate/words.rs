//! The words of an estimate in four languages: what each step does, and what stands around it.

use domain::Step;

use crate::phrase::{Phrase, phrases};
use crate::plan::fixed_rule;

/// What a trace tells: a rule that every plan has says it by itself; else the step does.
pub(super) fn trace(step: Step, rule: u16) -> &'static Phrase {
    FIXED.get(usize::from(rule)).copied().unwrap_or_else(|| self::step(step))
}

/// What follows from the rules that every plan has, in order of their numbers.
const FIXED: [&Phrase; fixed_rule::WORDS.len()] = [
    &ELIGIBILITY,
    &SUSPENDED,
    &LIFE,
    &CURRENCY,
    &DUPLICATE,
    &EXCLUSION,
    &BENEFIT_MATCH,
    &NO_SERVICE,
    &ROUNDING,
    &NEAR_DUPLICATE,
    &UNKNOWN_COUNTRY,
    &PROVIDER,
    &MODULE,
    &SALARY,
    &NO_RATE,
    &OTHER_UNKNOWN,
    &OTHER_TOO_MUCH,
    &NO_BASE,
    &FAMILY,
    &UNKNOWN_NETWORK,
    &UNKNOWN_MODULES,
    &UNKNOWN_AUTHORISATIONS,
    &UNKNOWN_EMERGENCY,
    &UNKNOWN_ACCIDENT,
    &UNKNOWN_ROOM,
    &UNKNOWN_DOCUMENTS,
    &UNKNOWN_RATE_DAY,
    &UNKNOWN_PERSON,
    &REFUSED,
    &LIFTED,
    &UNKNOWN_TYPE,
];

/// What a step does to what the plan pays.
const fn step(step: Step) -> &'static Phrase {
    match step {
        Step::Exchange => &EXCHANGE,
        Step::Eligibility => &ELIGIBILITY,
        Step::Duplicate => &DUPLICATE,
        Step::TimelyFiling => &TIMELY_FILING,
        Step::AreaOfCover => &AREA_OF_COVER,
        Step::BenefitMatch => &BENEFIT_MATCH,
        Step::Documents => &DOCUMENTS,
        Step::WaitingPeriod => &WAITING_PERIOD,
        Step::Exclusion => &EXCLUSION,
        Step::Bundling => &BUNDLING,
        Step::AllowedAmount => &ALLOWED_AMOUNT,
        Step::ServiceLimit => &SERVICE_LIMIT,
        Step::Deductible => &DEDUCTIBLE,
        Step::Copay => &COPAY,
        Step::Coinsurance => &COINSURANCE,
        Step::Preauthorisation => &PREAUTHORISATION,
        Step::MajorMedical => &MAJOR_MEDICAL,
        Step::OutOfPocketMaximum => &OUT_OF_POCKET_MAXIMUM,
        Step::MoneyLimit => &MONEY_LIMIT,
        Step::Coordination => &COORDINATION,
        Step::Rounding => &ROUNDING,
        Step::Decision => &DECISION,
    }
}

phrases! {
    EXCHANGE: "exchanged", "omgewisseld", "converti", "umgerechnet";
    ELIGIBILITY: "not covered on that day", "niet gedekt op die dag", "pas de couverture ce jour-là", "keine Deckung an diesem Tag";
    SUSPENDED: "the cover is suspended", "de dekking is opgeschort", "la couverture est suspendue", "die Deckung ruht";
    LIFE: "the day of the care cannot be right", "de dag van de zorg kan niet kloppen", "le jour des soins ne peut pas être exact",
        "der Tag der Leistung kann nicht stimmen";
    CURRENCY: "in another currency than the cover", "in een andere munt dan de dekking", "dans une autre monnaie que la couverture",
        "in einer anderen Währung als die Deckung";
    NO_SERVICE: "it is not said what the care was", "er staat niet bij welke zorg het was", "il n’est pas dit de quels soins il s’agit",
        "es ist nicht gesagt, welche Leistung es war";
    NEAR_DUPLICATE: "nearly the same care was claimed before", "bijna dezelfde zorg is al gedeclareerd",
        "presque les mêmes soins ont déjà été demandés", "fast dieselbe Leistung wurde schon eingereicht";
    UNKNOWN_COUNTRY: "it is not known where the care was given", "het is niet bekend waar de zorg is gegeven",
        "on ne sait pas où les soins ont été donnés", "es ist nicht bekannt, wo die Leistung erbracht wurde";
    PROVIDER: "the provider is on a list of those who are not paid", "de zorgverlener staat op een lijst van wie niet wordt betaald",
        "le prestataire figure sur une liste de ceux qui ne sont pas payés", "der Anbieter steht auf einer Liste derer, die nicht bezahlt werden";
    MODULE: "you do not have the module of the benefit, or one that it needs",
        "u hebt de module van de vergoeding niet, of een module die daarvoor nodig is",
        "vous n’avez pas le module de la garantie, ou un module dont il dépend",
        "Sie haben den Baustein der Leistung nicht, oder einen, den er voraussetzt";
    SALARY: "your salary is not known", "uw salaris is niet bekend", "votre salaire n’est pas connu", "Ihr Gehalt ist nicht bekannt";
    NO_RATE: "there is no exchange rate for the day", "er is geen wisselkoers voor de dag", "il n’y a pas de cours de change pour le jour",
        "für den Tag gibt es keinen Wechselkurs";
    OTHER_UNKNOWN: "what the other payer pays is not known", "wat de andere betaler betaalt, is niet bekend",
        "ce que paie l’autre payeur n’est pas connu", "was der andere Kostenträger zahlt, ist nicht bekannt";
    OTHER_TOO_MUCH: "the other payer paid more than the charge", "de andere betaler betaalde meer dan de rekening",
        "l’autre payeur a payé plus que la facture", "der andere Kostenträger hat mehr als die Rechnung gezahlt";
    NO_BASE: "the base of the statutory scheme is not known", "de grondslag van de wettelijke verzekering is niet bekend",
        "la base du régime obligatoire n’est pas connue", "die Grundlage der gesetzlichen Versicherung ist nicht bekannt";
    FAMILY: "what others of the family counted is not known", "wat anderen van het gezin hebben verbruikt, is niet bekend",
        "ce que les autres de la famille ont utilisé n’est pas connu", "was andere der Familie verbraucht haben, ist nicht bekannt";
    UNKNOWN_NETWORK: "it is not known whether the provider is under contract", "het is niet bekend of de zorgverlener een contract heeft",
        "on ne sait pas si le prestataire est conventionné", "es ist nicht bekannt, ob der Leistungserbringer einen Vertrag hat";
    UNKNOWN_MODULES: "it is not known which modules you have", "het is niet bekend welke modules u hebt",
        "on ne sait pas quels modules vous avez choisis", "es ist nicht bekannt, welche Module Sie haben";
    UNKNOWN_AUTHORISATIONS: "it is not known whether the care was authorised before", "het is niet bekend of de zorg vooraf is goedgekeurd",
        "on ne sait pas si les soins ont été autorisés au préalable", "es ist nicht bekannt, ob die Behandlung vorher genehmigt wurde";
    UNKNOWN_EMERGENCY: "it is not known whether it was an emergency", "het is niet bekend of het een noodgeval was",
        "on ne sait pas si c’était une urgence", "es ist nicht bekannt, ob es ein Notfall war";
    UNKNOWN_ACCIDENT: "it is not known whether it was an accident", "het is niet bekend of het een ongeval was",
        "on ne sait pas si c’était un accident", "es ist nicht bekannt, ob es ein Unfall war";
    UNKNOWN_PERSON: "it is for an age or a sex, and yours is not known", "het is voor een leeftijd of geslacht, en dat van u is niet bekend",
        "c’est pour un âge ou un sexe, et le vôtre n’est pas connu", "es ist für ein Alter oder Geschlecht, und Ihres ist nicht bekannt";
    REFUSED: "a person looked at it and refused it", "een mens heeft ernaar gekeken en het geweigerd",
        "une personne l’a examiné et refusé", "ein Mensch hat es geprüft und abgelehnt";
    LIFTED: "a person decided that this does not stand in the way", "een mens heeft besloten dat dit niet in de weg staat",
        "une personne a décidé que cela n’y fait pas obstacle", "ein Mensch hat entschieden, dass dies nicht entgegensteht";
    DECISION: "decided by a person", "door een mens beslist", "décidé par une personne", "von einem Menschen entschieden";
    UNKNOWN_TYPE: "it is for types of service, and that of the line is not known",
        "het is voor soorten zorg, en die van de regel is niet bekend",
        "c’est pour des types de soins, et celui de la ligne n’est pas connu",
        "es ist für Arten von Leistungen, und die der Zeile ist nicht bekannt";
    UNKNOWN_ROOM: "it is not known which room was used", "het is niet bekend welke kamer is gebruikt",
        "on ne sait pas quelle chambre a été utilisée", "es ist nicht bekannt, welches Zimmer genutzt wurde";
    UNKNOWN_DOCUMENTS: "it is not known which papers came", "het is niet bekend welke papieren zijn gekomen",
        "on ne sait pas quels documents ont été joints", "es ist nicht bekannt, welche Unterlagen eingegangen sind";
    UNKNOWN_RATE_DAY: "the day whose exchange rate counts is not known", "de dag waarvan de wisselkoers geldt, is niet bekend",
        "on ne sait pas de quel jour le cours de change compte", "es ist nicht bekannt, von welchem Tag der Wechselkurs zählt";
    DUPLICATE: "the same care was claimed before", "dezelfde zorg is al gedeclareerd", "les mêmes soins ont déjà été demandés",
        "dieselbe Leistung wurde schon eingereicht";
    TIMELY_FILING: "sent in too late", "te laat ingestuurd", "envoyé trop tard", "zu spät eingesandt";
    AREA_OF_COVER: "outside the area of cover", "buiten het dekkingsgebied", "hors de la zone de couverture", "außerhalb des Geltungsgebiets";
    BENEFIT_MATCH: "not covered by the plan", "niet gedekt door het plan", "non couvert par le régime", "vom Plan nicht gedeckt";
    DOCUMENTS: "papers are missing", "er ontbreken papieren", "des documents manquent", "Unterlagen fehlen";
    WAITING_PERIOD: "waiting period", "wachttijd", "délai d’attente", "Wartezeit";
    EXCLUSION: "excluded", "uitgesloten", "exclu", "ausgeschlossen";
    BUNDLING: "included in other care of that day", "begrepen in andere zorg van die dag", "compris dans d’autres soins de ce jour",
        "in einer anderen Leistung dieses Tages enthalten";
    ALLOWED_AMOUNT: "above the amount that counts", "boven het bedrag dat meetelt", "au-delà du montant pris en compte",
        "über dem Betrag, der zählt";
    SERVICE_LIMIT: "over the limit", "boven het maximum", "au-delà du plafond", "über der Grenze";
    DEDUCTIBLE: "deductible", "eigen risico", "franchise", "Selbstbehalt";
    COPAY: "fixed amount that you pay", "vast bedrag dat u betaalt", "montant fixe à votre charge", "fester Betrag, den Sie zahlen";
    COINSURANCE: "percentage that you pay", "percentage dat u betaalt", "pourcentage à votre charge", "Prozentsatz, den Sie zahlen";
    PREAUTHORISATION: "not agreed beforehand", "niet vooraf toegestaan", "sans accord préalable", "ohne vorherige Zustimmung";
    MAJOR_MEDICAL: "second layer", "tweede laag", "deuxième couche", "zweite Stufe";
    OUT_OF_POCKET_MAXIMUM: "you have borne the most that you bear", "u hebt het meeste gedragen dat u draagt",
        "votre part maximale est atteinte", "Ihr Höchstanteil ist erreicht";
    MONEY_LIMIT: "over the most that the plan pays", "boven het meeste dat het plan betaalt", "au-delà du maximum que le régime paie",
        "über dem Höchsten, was der Plan zahlt";
    COORDINATION: "another payer", "een andere betaler", "un autre payeur", "ein anderer Kostenträger";
    ROUNDING: "rounded", "afgerond", "arrondi", "gerundet";
    USED: "{} of {} used", "{} van {} gebruikt", "{} sur {} utilisés", "{} von {} verbraucht";
    CLAIM: "Claim {}, member {}", "Declaratie {}, lid {}", "Demande {}, membre {}", "Antrag {}, Mitglied {}";
    WAITS: "a person looks at this first: what follows is a proposal", "eerst kijkt een mens hiernaar: wat volgt is een voorstel",
        "une personne examine d’abord ceci : ce qui suit est une proposition", "zuerst sieht ein Mensch dies an: Was folgt, ist ein Vorschlag";
    WITHOUT_FAMILY: "worked out as if nobody of your family had used anything yet of what counts for you together",
        "berekend alsof niemand van uw gezin al iets heeft gebruikt van wat voor u samen telt",
        "calculé comme si personne de votre famille n’avait encore rien utilisé de ce qui compte pour vous tous ensemble",
        "berechnet, als hätte niemand Ihrer Familie schon etwas von dem verbraucht, was für Sie gemeinsam zählt";
    CHARGED: "charged", "aangerekend", "facturé", "berechnet";
    PLAN_PAYS: "the plan pays", "het plan betaalt", "le régime paie", "der Plan zahlt";
    YOU_PAY: "you pay", "u betaalt", "vous payez", "Sie zahlen";
    OTHER_PAYS: "another payer pays", "een andere betaler betaalt", "un autre payeur paie", "ein anderer Kostenträger zahlt";
    NOBODY_PAYS: "the provider may charge nobody", "de zorgverlener mag niemand aanrekenen", "le prestataire ne peut facturer à personne",
        "der Anbieter darf niemandem berechnen";
    IN_ALL: "In all", "In totaal", "Au total", "Insgesamt";
    LEFT: "Left afterwards", "Daarna blijft over", "Reste ensuite", "Danach bleibt";
    LEFT_OF: "{}: {} of {}", "{}: {} van {}", "{} : {} sur {}", "{}: {} von {}";
}

#[cfg(test)]
mod tests {
    use domain::{Language, Step};

    use super::{FIXED, trace};
    use crate::plan::fixed_rule;

    #[test]
    fn every_step_and_rule_has_its_own_words_in_every_language() {
        crate::phrase::complete(super::ALL);
        let of_the_plan = u16::MAX;
        for language in Language::ALL {
            let distinct = |texts: &mut Vec<String>| {
                let count = texts.len();
                texts.sort();
                texts.dedup();
                assert_eq!(texts.len(), count, "{language}: {texts:?}");
            };
            distinct(&mut Step::ALL.iter().map(|step| trace(*step, of_the_plan).plain(*language)).collect());
            let rules = 0..u16::try_from(FIXED.len()).unwrap();
            distinct(&mut rules.map(|rule| trace(Step::Eligibility, rule).plain(*language)).collect());
        }
    }

    #[test]
    fn a_fixed_rule_is_told_by_its_own_words() {
        let english = |rule| trace(Step::Deductible, rule).plain(Language::English);
        assert_eq!(english(fixed_rule::FAMILY), "what others of the family counted is not known");
        let last = english(fixed_rule::UNKNOWN_TYPE);
        assert_eq!(last, "it is for types of service, and that of the line is not known");
        assert_eq!(english(fixed_rule::UNKNOWN_ACCIDENT), "it is not known whether it was an accident");
        assert_eq!(english(fixed_rule::SALARY), "your salary is not known");
        assert_eq!(english(fixed_rule::NO_RATE), "there is no exchange rate for the day");
        assert_eq!(
            english(fixed_rule::MODULE),
            "you do not have the module of the benefit, or one that it needs"
        );
        assert_eq!(english(fixed_rule::ROUNDING), "rounded");
        assert_eq!(english(u16::MAX), "deductible");
    }
}
