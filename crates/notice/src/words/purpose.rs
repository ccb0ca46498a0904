//! Why data is used, as readers see it.

use domain::Purpose;

spoken! {
    Purpose
    Transactions {
        "transactions for your cover",
        "verrichtingen voor uw dekking",
        "opérations liées à votre couverture",
        "Vorgänge zu Ihrer Deckung",
    }
    ClaimsProcessing {
        "processing claims",
        "verwerken van claims",
        "traitement des demandes de remboursement",
        "Bearbeitung von Leistungsanträgen",
    }
    Payment {
        "payment",
        "betaling",
        "paiement",
        "Zahlung",
    }
    PlanInformation {
        "information about your plan",
        "informatie over uw plan",
        "informations sur votre régime",
        "Auskünfte zu Ihrem Versicherungsplan",
    }
    ProviderSearch {
        "finding a provider of care",
        "een zorgverlener zoeken",
        "recherche d'un prestataire de soins",
        "Suche nach Leistungserbringern",
    }
    CareAccess {
        "access to care",
        "toegang tot zorg",
        "accès aux soins",
        "Zugang zur Versorgung",
    }
    IdCard {
        "your ID card",
        "uw lidkaart",
        "votre carte d'affilié",
        "Ihre Mitgliedskarte",
    }
    Enrolment {
        "enrolment",
        "aansluiting",
        "affiliation",
        "Aufnahme",
    }
    Communications {
        "communications",
        "communicatie",
        "communications",
        "Kommunikation",
    }
    AdministrativeCommunication {
        "administrative messages",
        "administratieve berichten",
        "communications administratives",
        "Verwaltungsmitteilungen",
    }
    Quote {
        "quotes",
        "offertes",
        "offres",
        "Angebote",
    }
    Survey {
        "surveys",
        "enquêtes",
        "enquêtes",
        "Umfragen",
    }
    Marketing {
        "marketing",
        "marketing",
        "prospection commerciale",
        "Werbung",
    }
    CustomerService {
        "customer service",
        "klantendienst",
        "service clientèle",
        "Kundendienst",
    }
    Business {
        "conducting our business",
        "onze bedrijfsvoering",
        "conduite de nos activités",
        "unser Geschäftsbetrieb",
    }
    Audit {
        "audits",
        "audits",
        "audits",
        "Prüfungen",
    }
    ProductDevelopment {
        "developing products",
        "productontwikkeling",
        "développement de produits",
        "Produktentwicklung",
    }
    UsageTrends {
        "usage trends",
        "gebruikstrends",
        "tendances d'utilisation",
        "Nutzungstrends",
    }
    ClinicalProgramme {
        "clinical programmes",
        "klinische programma's",
        "programmes cliniques",
        "klinische Programme",
    }
    HealthManagement {
        "help with managing your health",
        "hulp bij uw gezondheid",
        "aide à la gestion de votre santé",
        "Unterstützung bei Ihrer Gesundheit",
    }
    CampaignEffectiveness {
        "measuring campaigns",
        "meten van campagnes",
        "mesure de l'efficacité des campagnes",
        "Messung von Kampagnen",
    }
    Research {
        "research",
        "onderzoek",
        "recherche",
        "Forschung",
    }
    Law {
        "law and legal process",
        "wet en rechtsgang",
        "droit et procédures",
        "Recht und Rechtswege",
    }
    Fraud {
        "fraud and other illegal activity",
        "fraude en andere illegale activiteiten",
        "fraude et autres activités illégales",
        "Betrug und andere rechtswidrige Handlungen",
    }
    LegalObligation {
        "legal obligations",
        "wettelijke verplichtingen",
        "obligations légales",
        "rechtliche Verpflichtungen",
    }
    LegalProceedings {
        "legal proceedings",
        "gerechtelijke procedures",
        "procédures judiciaires",
        "Gerichts- und Verwaltungsverfahren",
    }
    EnforcementOfTerms {
        "enforcing terms and notices",
        "doen naleven van voorwaarden en verklaringen",
        "application des conditions et des avis",
        "Durchsetzung von Bedingungen und Hinweisen",
    }
    ProtectionOfRights {
        "protecting rights and safety",
        "bescherming van rechten en veiligheid",
        "protection des droits et de la sécurité",
        "Schutz von Rechten und Sicherheit",
    }
    Remedies {
        "pursuing remedies",
        "verhaal en beperken van schade",
        "recours et limitation des dommages",
        "Rechtsbehelfe und Schadensbegrenzung",
    }
    Oversight {
        "health oversight",
        "toezicht op de gezondheidszorg",
        "surveillance du secteur de la santé",
        "Aufsicht über das Gesundheitswesen",
    }
    Retention {
        "keeping and destroying data on time",
        "tijdig bewaren en vernietigen van gegevens",
        "conservation et destruction des données à temps",
        "fristgerechte Aufbewahrung und Vernichtung von Daten",
    }
    Rights {
        "your rights",
        "uw rechten",
        "vos droits",
        "Ihre Rechte",
    }
    AccessRequest {
        "requests for access",
        "verzoeken om inzage",
        "demandes d'accès",
        "Auskunftsersuchen",
    }
    Correction {
        "correction",
        "rechtzetting",
        "rectification",
        "Berichtigung",
    }
    Erasure {
        "erasure",
        "wissing",
        "effacement",
        "Löschung",
    }
    Sponsorship {
        "what a plan sponsor does",
        "taken van wie het plan financiert",
        "tâches de qui finance le régime",
        "Aufgaben des Planträgers",
    }
    PlanAdministration {
        "administering the employee health plan",
        "beheer van het gezondheidsplan voor werknemers",
        "administration du régime de santé des employés",
        "Verwaltung des betrieblichen Gesundheitsplans",
    }
}
