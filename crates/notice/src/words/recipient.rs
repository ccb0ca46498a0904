//! Who gets personal data, as readers see it.

use domain::Recipient;

spoken! {
    Recipient
    ClaimsStaff {
        "our claims staff",
        "onze schadebehandelaars",
        "nos gestionnaires de sinistres",
        "unsere Leistungsabteilung",
    }
    CustomerService {
        "our customer service",
        "onze klantendienst",
        "notre service clientèle",
        "unser Kundendienst",
    }
    EnrolmentStaff {
        "our enrolment staff",
        "onze aansluitingsdienst",
        "notre service des affiliations",
        "unsere Aufnahmeabteilung",
    }
    PaymentsStaff {
        "our payments staff",
        "onze betalingsdienst",
        "notre service des paiements",
        "unsere Zahlungsabteilung",
    }
    Auditor {
        "our auditors",
        "onze auditors",
        "nos auditeurs",
        "unsere Prüfer",
    }
    DataProtectionOfficer {
        "our data protection officer",
        "onze functionaris voor gegevensbescherming",
        "notre délégué à la protection des données",
        "unsere Datenschutzbeauftragte oder unser Datenschutzbeauftragter",
    }
    Operator {
        "the named operator of our system",
        "de bij naam bekende beheerder van ons systeem",
        "l'opérateur nommément désigné de notre système",
        "die namentlich benannte Betriebsperson unseres Systems",
    }
    Analyst {
        "our staff for statistics",
        "onze dienst statistiek",
        "notre service des statistiques",
        "unsere Statistikabteilung",
    }
    ClinicalStaff {
        "our clinical staff",
        "onze medische dienst",
        "notre service médical",
        "unsere medizinische Abteilung",
    }
    LegalStaff {
        "our legal and compliance staff",
        "onze juridische dienst en compliance",
        "notre service juridique et de conformité",
        "unsere Rechts- und Compliance-Abteilung",
    }
    IntakeJob {
        "the automated intake of files and messages",
        "de automatische ontvangst van bestanden en berichten",
        "la réception automatisée des fichiers et messages",
        "die automatische Annahme von Dateien und Nachrichten",
    }
    AdjudicationJob {
        "the automated assessment of claims",
        "de automatische berekening van claims",
        "le calcul automatisé des remboursements",
        "die automatische Berechnung der Leistungen",
    }
    StatementJob {
        "the automated writing of statements",
        "de automatische opmaak van overzichten",
        "la rédaction automatisée des décomptes",
        "die automatische Erstellung der Abrechnungen",
    }
    PaymentJob {
        "the automated preparation of payments",
        "de automatische voorbereiding van betalingen",
        "la préparation automatisée des paiements",
        "die automatische Vorbereitung der Zahlungen",
    }
    RetentionJob {
        "the automated destruction of data",
        "de automatische vernietiging van gegevens",
        "la destruction automatisée des données",
        "die automatische Vernichtung von Daten",
    }
    Subject {
        "yourself",
        "uzelf",
        "vous-même",
        "Sie selbst",
    }
    Representative {
        "your representative",
        "uw vertegenwoordiger",
        "votre représentant",
        "Ihre Vertretung",
    }
    PlanSponsor {
        "the employer or fund that sponsors your plan",
        "de werkgever of het fonds achter uw plan",
        "l'employeur ou le fonds qui finance votre régime",
        "der Arbeitgeber oder Fonds als Träger Ihres Versicherungsplans",
    }
    Provider {
        "your provider of care",
        "uw zorgverlener",
        "votre prestataire de soins",
        "Ihr Leistungserbringer",
    }
    Partner {
        "partners",
        "partners",
        "partenaires",
        "Partner",
    }
    ServiceProvider {
        "service providers",
        "dienstverleners",
        "prestataires de services",
        "Dienstleister",
    }
    Affiliate {
        "affiliated companies",
        "verbonden ondernemingen",
        "sociétés affiliées",
        "verbundene Unternehmen",
    }
    Payer {
        "your other insurer",
        "uw andere verzekeraar",
        "votre autre assureur",
        "Ihr anderer Versicherer",
    }
    Bank {
        "the bank that carries out the payment",
        "de bank die de betaling uitvoert",
        "la banque qui exécute le paiement",
        "die ausführende Bank",
    }
    Authority {
        "public authorities",
        "overheden",
        "autorités publiques",
        "Behörden",
    }
    Court {
        "courts",
        "rechtbanken",
        "tribunaux",
        "Gerichte",
    }
    ForeignAuthority {
        "courts and authorities outside the European Union",
        "rechtbanken en overheden buiten de Europese Unie",
        "tribunaux et autorités hors de l'Union européenne",
        "Gerichte und Behörden außerhalb der Europäischen Union",
    }
    SponsorAgent {
        "a company that acts for the sponsor of your plan",
        "een onderneming die optreedt voor wie uw plan financiert",
        "une société qui agit pour qui finance votre régime",
        "ein Unternehmen das für den Träger Ihres Versicherungsplans handelt",
    }
    App {
        "an app that you chose",
        "een app die u hebt gekozen",
        "une application que vous avez choisie",
        "eine von Ihnen gewählte App",
    }
}
