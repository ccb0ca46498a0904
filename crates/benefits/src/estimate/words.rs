//! The words of an estimate in four languages: what each step does, and what stands around it.

use domain::Step;

use crate::phrase::{Phrase, phrases};

/// What a step does to what the plan pays.
pub(super) const fn step(step: Step) -> &'static Phrase {
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
    }
}

phrases! {
    EXCHANGE: "exchanged", "omgewisseld", "converti", "umgerechnet";
    ELIGIBILITY: "cover on that day", "dekking op die dag", "couverture ce jour-là", "Deckung an diesem Tag";
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
    LINE: "{}. {}, {}", "{}. {}, {}", "{}. {}, {}", "{}. {}, {}";
    NO_BENEFIT: "no benefit of the plan", "geen vergoeding van het plan", "aucune garantie du régime", "keine Leistung des Plans";
    WAITS: "a person looks at this first: what follows is a proposal", "eerst kijkt een mens hiernaar: wat volgt is een voorstel",
        "une personne examine d’abord ceci : ce qui suit est une proposition", "zuerst sieht ein Mensch dies an: Was folgt, ist ein Vorschlag";
    CHARGED: "charged", "aangerekend", "facturé", "berechnet";
    PLAN_PAYS: "the plan pays", "het plan betaalt", "le régime paie", "der Plan zahlt";
    YOU_PAY: "you pay", "u betaalt", "vous payez", "Sie zahlen";
    OTHER_PAYS: "another payer pays", "een andere betaler betaalt", "un autre payeur paie", "ein anderer Kostenträger zahlt";
    NOBODY_PAYS: "the provider may charge nobody", "de zorgverlener mag niemand aanrekenen", "le prestataire ne peut facturer à personne",
        "der Anbieter darf niemandem berechnen";
    IN_ALL: "In all", "In totaal", "Au total", "Insgesamt";
    LEFT: "Left afterwards", "Daarna blijft over", "Reste ensuite", "Danach bleibt";
    LEFT_OF: "{} of {}", "{} van {}", "{} sur {}", "{} von {}";
}

#[cfg(test)]
mod tests {
    use domain::{Language, Step};

    #[test]
    fn every_step_has_its_own_words_in_every_language() {
        crate::phrase::complete(super::ALL);
        for language in Language::ALL {
            let mut texts: Vec<String> =
                Step::ALL.iter().map(|step| super::step(*step).plain(*language)).collect();
            assert!(texts.iter().all(|text| !text.is_empty()));
            texts.sort();
            texts.dedup();
            assert_eq!(texts.len(), Step::ALL.len(), "{language}");
        }
    }
}
