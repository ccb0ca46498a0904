//! Legal bases, safeguards and periods, as readers see them. German names the start of a period in
//! the dative: it follows "nach".

use domain::TransferSafeguard;

use crate::{HealthBasis, LegalBasis, RetentionStart};

spoken! {
    LegalBasis
    Consent {
        "consent",
        "toestemming",
        "consentement",
        "Einwilligung",
    }
    Contract {
        "a contract with you",
        "een overeenkomst met u",
        "un contrat avec vous",
        "ein Vertrag mit Ihnen",
    }
    LegalObligation {
        "a legal obligation",
        "een wettelijke verplichting",
        "une obligation légale",
        "eine rechtliche Verpflichtung",
    }
    VitalInterest {
        "protecting a life",
        "bescherming van een leven",
        "la sauvegarde d'une vie",
        "der Schutz eines Lebens",
    }
    PublicTask {
        "a task in the public interest",
        "een taak van algemeen belang",
        "une mission d'intérêt public",
        "eine Aufgabe im öffentlichen Interesse",
    }
    LegitimateInterest {
        "a legitimate interest",
        "een gerechtvaardigd belang",
        "un intérêt légitime",
        "ein berechtigtes Interesse",
    }
}

spoken! {
    HealthBasis
    ExplicitConsent {
        "explicit consent",
        "uitdrukkelijke toestemming",
        "consentement explicite",
        "ausdrückliche Einwilligung",
    }
    SocialProtection {
        "employment and social protection law",
        "arbeids- en socialezekerheidsrecht",
        "droit du travail et de la protection sociale",
        "Arbeitsrecht und Recht der sozialen Sicherheit",
    }
    VitalInterest {
        "protecting the life of someone unable to consent",
        "bescherming van het leven van wie niet kan toestemmen",
        "la sauvegarde de la vie d'une personne incapable de consentir",
        "der Schutz des Lebens einer nicht einwilligungsfähigen Person",
    }
    LegalClaims {
        "establishing or exercising a legal claim",
        "vaststellen of uitoefenen van een rechtsvordering",
        "la constatation ou l'exercice d'un droit en justice",
        "Geltendmachung oder Ausübung von Rechtsansprüchen",
    }
    PublicInterest {
        "a substantial public interest set out in law",
        "een zwaarwegend algemeen belang volgens de wet",
        "un intérêt public important prévu par la loi",
        "ein gesetzlich bestimmtes erhebliches öffentliches Interesse",
    }
    HealthCare {
        "providing or managing health care",
        "verstrekken of beheren van gezondheidszorg",
        "la fourniture ou la gestion de soins de santé",
        "die Versorgung oder Verwaltung im Gesundheitsbereich",
    }
    PublicHealth {
        "public health",
        "volksgezondheid",
        "santé publique",
        "öffentliche Gesundheit",
    }
    Research {
        "research and statistics",
        "onderzoek en statistiek",
        "recherche et statistiques",
        "Forschung und Statistik",
    }
}

spoken! {
    TransferSafeguard
    Adequacy {
        "a decision of the European Commission that protection there is adequate",
        "een besluit van de Europese Commissie dat de bescherming daar passend is",
        "une décision de la Commission européenne constatant une protection adéquate",
        "ein Beschluss der Europäischen Kommission über angemessenen Schutz",
    }
    StandardClauses {
        "standard contractual clauses",
        "standaardcontractbepalingen",
        "clauses contractuelles types",
        "Standardvertragsklauseln",
    }
    BindingRules {
        "binding corporate rules",
        "bindende bedrijfsvoorschriften",
        "règles d'entreprise contraignantes",
        "verbindliche interne Datenschutzvorschriften",
    }
    Derogation {
        "an exception in the law for a specific situation",
        "een wettelijke uitzondering voor een specifieke situatie",
        "une dérogation légale pour une situation particulière",
        "eine gesetzliche Ausnahme für einen bestimmten Fall",
    }
}

spoken! {
    RetentionStart
    CoverEnd {
        "the end of cover",
        "het einde van de dekking",
        "la fin de la couverture",
        "dem Ende der Deckung",
    }
    RelationEnd {
        "the end of our relationship with you",
        "het einde van onze relatie met u",
        "la fin de notre relation avec vous",
        "dem Ende unserer Beziehung zu Ihnen",
    }
    RecordMade {
        "the day the record was made",
        "de dag van de vastlegging",
        "le jour de l'enregistrement",
        "dem Tag der Erfassung",
    }
    FinancialYearEnd {
        "the end of the financial year",
        "het einde van het boekjaar",
        "la fin de l'exercice comptable",
        "dem Ende des Geschäftsjahres",
    }
}
