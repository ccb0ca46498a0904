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
    CoordinationOfBenefits {
        "coordination with your other insurer",
        "afstemming met uw andere verzekeraar",
        "coordination avec votre autre assureur",
        "Abstimmung mit Ihrem anderen Versicherer",
    }
    Premium {
        "premiums",
        "premies",
        "primes",
        "Beiträge",
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
    PlanRenewal {
        "renewing or changing the cover that you have",
        "vernieuwen of wijzigen van de dekking die u hebt",
        "renouvellement ou modification de la couverture que vous avez",
        "Erneuerung oder Änderung Ihrer bestehenden Deckung",
    }
    InPersonOffer {
        "offers in person and gifts of small value",
        "aanbiedingen in een persoonlijk gesprek en geschenken van geringe waarde",
        "offres lors d'un entretien et cadeaux de faible valeur",
        "persönliche Angebote und Geschenke von geringem Wert",
    }
    Classification {
        "finding out what was sent to us",
        "nagaan wat ons is toegestuurd",
        "déterminer ce qui nous a été envoyé",
        "Zuordnung zugesandter Unterlagen",
    }
    EmergencyAccess {
        "helping in an emergency",
        "hulp in een noodgeval",
        "aide en cas d'urgence",
        "Hilfe im Notfall",
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
    StaffMonitoring {
        "supervising how our staff use data",
        "toezicht op hoe onze medewerkers gegevens gebruiken",
        "contrôle de l'utilisation des données par nos collaborateurs",
        "Aufsicht über die Datennutzung durch unsere Beschäftigten",
    }
    Research {
        "research",
        "onderzoek",
        "recherche",
        "Forschung",
    }
    HealthCareOperations {
        "supporting your benefits",
        "ondersteuning van uw voordelen",
        "soutien de vos prestations",
        "Unterstützung Ihrer Leistungen",
    }
    CaseManagement {
        "case management",
        "casemanagement",
        "gestion de cas",
        "Fallbetreuung",
    }
    CareCoordination {
        "coordination of care",
        "coördinatie van zorg",
        "coordination des soins",
        "Koordination der Versorgung",
    }
    QualityImprovement {
        "improving quality",
        "kwaliteitsverbetering",
        "amélioration de la qualité",
        "Verbesserung der Qualität",
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
    OfficialRequest {
        "court orders and requests of public authorities",
        "rechterlijke bevelen en verzoeken van overheden",
        "décisions de justice et demandes d'autorités publiques",
        "gerichtliche Anordnungen und Ersuchen von Behörden",
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
    Objection {
        "restriction and objection",
        "beperking en bezwaar",
        "limitation et opposition",
        "Einschränkung und Widerspruch",
    }
    Portability {
        "handing data over in a form that a computer can read",
        "overdracht van gegevens in een vorm die een computer kan lezen",
        "remise de données sous une forme lisible par un ordinateur",
        "Herausgabe von Daten in maschinenlesbarer Form",
    }
    AppAccess {
        "giving data to an app that you chose",
        "gegevens geven aan een app die u hebt gekozen",
        "remise de données à une application que vous avez choisie",
        "Weitergabe von Daten an eine von Ihnen gewählte App",
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
    PlanMonitoring {
        "monitoring and auditing the employee health plan",
        "opvolgen en controleren van het gezondheidsplan voor werknemers",
        "suivi et contrôle du régime de santé des employés",
        "Überwachung und Prüfung des betrieblichen Gesundheitsplans",
    }
    Appeal {
        "appeals against what we decided",
        "bezwaar tegen wat wij beslisten",
        "recours contre ce que nous avons décidé",
        "Widerspruch gegen unsere Entscheidungen",
    }
    BreachNotification {
        "telling people about a breach of their data",
        "mensen inlichten over een inbreuk op hun gegevens",
        "informer les personnes d'une violation de leurs données",
        "Menschen über eine Verletzung des Schutzes ihrer Daten informieren",
    }
    TravelAssistance {
        "helping you while you travel",
        "u helpen terwijl u op reis bent",
        "vous aider pendant vos voyages",
        "Ihnen auf Reisen helfen",
    }
    Subrogation {
        "getting back what was paid from whoever is liable",
        "terugvorderen van wie aansprakelijk is",
        "recours contre un tiers responsable",
        "Rückgriff auf haftende Dritte",
    }
    Identification {
        "knowing with whom we speak",
        "weten met wie wij spreken",
        "savoir à qui nous parlons",
        "Feststellung der anfragenden Person",
    }
}
