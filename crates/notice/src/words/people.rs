//! What data is about and on what conditions it is used: categories, kinds of subject, conditions
//! and retention classes, as readers see them.

use domain::{Category, Condition, RetentionClass, SubjectKind};

spoken! {
    Category
    Identity {
        "identity and contact details",
        "identiteits- en contactgegevens",
        "identité et coordonnées",
        "Identitäts- und Kontaktdaten",
    }
    Financial {
        "financial data",
        "financiële gegevens",
        "données financières",
        "Finanzdaten",
    }
    Health {
        "health data",
        "gezondheidsgegevens",
        "données de santé",
        "Gesundheitsdaten",
    }
    PaymentCard {
        "payment card data",
        "betaalkaartgegevens",
        "données de carte de paiement",
        "Zahlungskartendaten",
    }
    MemberId {
        "member number",
        "lidnummer",
        "numéro d'affilié",
        "Mitgliedsnummer",
    }
    Credentials {
        "password and PIN",
        "wachtwoord en pincode",
        "mot de passe et code PIN",
        "Passwort und PIN",
    }
    Claims {
        "claims data",
        "gegevens over schadeclaims",
        "données relatives aux demandes de remboursement",
        "Daten zu Leistungsanträgen",
    }
    Plan {
        "plan and benefits",
        "plan en voordelen",
        "régime et prestations",
        "Versicherungsplan und Leistungen",
    }
    Eligibility {
        "eligibility for cover",
        "recht op dekking",
        "droit à la couverture",
        "Anspruch auf Deckung",
    }
    Other {
        "other data supplied to us",
        "andere aan ons verstrekte gegevens",
        "autres données qui nous ont été fournies",
        "andere uns übermittelte Daten",
    }
    Unclassified {
        "data that is not classified yet",
        "gegevens die nog niet zijn ingedeeld",
        "données pas encore classées",
        "noch nicht zugeordnete Daten",
    }
}

spoken! {
    SubjectKind
    Member {
        "members",
        "leden",
        "les affiliés",
        "Mitglieder",
    }
    Beneficiary {
        "dependants",
        "personen ten laste",
        "les ayants droit",
        "mitversicherte Angehörige",
    }
    ContactPerson {
        "contact persons",
        "contactpersonen",
        "les personnes de contact",
        "Kontaktpersonen",
    }
    Practitioner {
        "providers of care",
        "zorgverleners",
        "les prestataires de soins",
        "Leistungserbringer",
    }
    Employee {
        "our employees",
        "onze medewerkers",
        "nos collaborateurs",
        "unsere Beschäftigten",
    }
    Customer {
        "customers",
        "klanten",
        "les clients",
        "Kunden",
    }
}

spoken! {
    Condition
    ConsentHealth {
        "your explicit consent to the use of health data is in force",
        "uw uitdrukkelijke toestemming voor het gebruik van gezondheidsgegevens van kracht is",
        "votre consentement explicite à l'utilisation des données de santé est en vigueur",
        "Ihre ausdrückliche Einwilligung in die Nutzung von Gesundheitsdaten gilt",
    }
    ConsentMarketing {
        "you have authorised marketing",
        "u marketing hebt toegestaan",
        "vous avez autorisé la prospection commerciale",
        "Sie Werbung erlaubt haben",
    }
    ConsentResearch {
        "you have agreed to research",
        "u met onderzoek hebt ingestemd",
        "vous avez accepté la recherche",
        "Sie der Forschung zugestimmt haben",
    }
    WorkItem {
        "a task about you is open and assigned to whoever uses the data",
        "een taak over u openstaat en is toegewezen aan wie de gegevens gebruikt",
        "une tâche qui vous concerne est ouverte et attribuée à qui utilise les données",
        "eine Aufgabe zu Ihrer Person offen und der nutzenden Stelle zugewiesen ist",
    }
    OwnData {
        "the person who asks is the person whom the data is about",
        "de vrager de persoon is over wie de gegevens gaan",
        "la personne qui demande est celle que les données concernent",
        "die Daten die anfragende Person selbst betreffen",
    }
    RelationSponsor {
        "the recipient or whoever it acts for sponsors your plan",
        "de ontvanger of voor wie die optreedt uw plan financiert",
        "le destinataire ou celui pour qui il agit finance votre régime",
        "der Empfänger oder wen er vertritt Ihren Versicherungsplan trägt",
    }
    RelationProvider {
        "the recipient treats you or has treated you",
        "de ontvanger u behandelt of heeft behandeld",
        "le destinataire vous soigne ou vous a soigné",
        "der Empfänger Sie behandelt oder behandelt hat",
    }
    RelationRepresentative {
        "the recipient acts for you under a mandate in force",
        "de ontvanger namens u optreedt met een geldige volmacht",
        "le destinataire agit pour vous en vertu d'un mandat en vigueur",
        "der Empfänger mit gültiger Vollmacht für Sie handelt",
    }
    RelationPayer {
        "the recipient insures you too",
        "de ontvanger u ook verzekert",
        "le destinataire vous assure aussi",
        "der Empfänger Sie ebenfalls versichert",
    }
    RelationProgramme {
        "you take part in the programme",
        "u aan het programma deelneemt",
        "vous participez au programme",
        "Sie an dem Programm teilnehmen",
    }
    Undertaking {
        "the recipient has signed an undertaking that is in force",
        "de ontvanger een geldige verbintenis heeft ondertekend",
        "le destinataire a signé un engagement en vigueur",
        "der Empfänger eine gültige Verpflichtung unterzeichnet hat",
    }
    OrderReviewed {
        "an official order is registered and has been reviewed",
        "een officieel bevel is geregistreerd en nagekeken",
        "une injonction officielle est enregistrée et a été examinée",
        "eine amtliche Anordnung erfasst und geprüft ist",
    }
    Contract {
        "our contract with the recipient is in force",
        "onze overeenkomst met de ontvanger van kracht is",
        "notre contrat avec le destinataire est en vigueur",
        "unser Vertrag mit dem Empfänger gilt",
    }
    Mandate {
        "the recipient holds a dated mandate in force from the sponsor of your plan",
        "de ontvanger een geldige en gedagtekende volmacht heeft van wie uw plan financiert",
        "le destinataire détient un mandat daté et en vigueur de qui finance votre régime",
        "der Empfänger eine datierte und gültige Vollmacht des Trägers Ihres Versicherungsplans hat",
    }
    Safeguard {
        "a safeguard for transfers to the recipient is in force",
        "een waarborg voor doorgiften aan de ontvanger van kracht is",
        "une garantie pour les transferts au destinataire est en vigueur",
        "eine Garantie für Übermittlungen an den Empfänger gilt",
    }
    MinimumGroup {
        "only sums leave and never anything about one person",
        "alleen sommen naar buiten gaan en nooit iets over één persoon",
        "seules des sommes en sortent et jamais rien sur une seule personne",
        "nur Summen nach außen gehen und nie etwas über eine einzelne Person",
    }
    ConsentProgramme {
        "you have agreed to take part in the programme",
        "u ermee hebt ingestemd aan het programma deel te nemen",
        "vous avez accepté de participer au programme",
        "Sie der Teilnahme an dem Programm zugestimmt haben",
    }
    ConsentApp {
        "you have authorised this app",
        "u deze app toegang hebt gegeven",
        "vous avez autorisé cette application",
        "Sie diese App zugelassen haben",
    }
    OrderAgreement {
        "the agreement between states on which the foreign order rests is registered",
        "de overeenkomst tussen staten waarop het buitenlandse bevel steunt is geregistreerd",
        "l'accord entre États sur lequel repose l'injonction étrangère est enregistré",
        "das Abkommen zwischen Staaten hinter der ausländischen Anordnung erfasst ist",
    }
    DisputeReasoned {
        "the task is one named dispute and the reasons are filed with it in writing",
        "de taak één met naam genoemd geschil is en de redenen er schriftelijk bij zijn gevoegd",
        "la tâche est un litige désigné et les raisons y sont jointes par écrit",
        "die Aufgabe ein bestimmter Streitfall ist und die Gründe schriftlich dabei abgelegt sind",
    }
    DutyCited {
        "the law that demands it is cited and filed with the task",
        "de wet die het vereist is aangehaald en bij de taak gevoegd",
        "la loi qui l'exige est citée et jointe à la tâche",
        "die gesetzliche Pflicht dazu angegeben und bei der Aufgabe abgelegt ist",
    }
    TakingIn {
        "the data comes in and is put away without being opened",
        "de gegevens binnenkomen en ongeopend worden opgeborgen",
        "les données arrivent et sont rangées sans être ouvertes",
        "die Daten eingehen und ungeöffnet abgelegt werden",
    }
    EmergencyReasoned {
        "the reason why it cannot wait is written down for one person and one hour",
        "de reden waarom het niet kan wachten is opgeschreven voor één persoon en één uur",
        "la raison pour laquelle cela ne peut pas attendre est consignée pour une seule personne et une seule heure",
        "der Grund der Eile für eine Person und eine Stunde niedergeschrieben ist",
    }
    OwnDetails {
        "whoever asks names enough details of you alone: your member number or your name with your birth date or either of these two with your policy number or account number or e-mail address",
        "de vrager genoeg gegevens van u alleen noemt: uw lidnummer of uw naam met uw geboortedatum of een van die twee met uw polisnummer of rekeningnummer of e-mailadres",
        "qui demande cite assez de données de vous seul : votre numéro d'affilié ou votre nom avec votre date de naissance ou l'un des deux avec votre numéro de police ou de compte ou votre adresse e-mail",
        "genug Angaben zu Ihnen allein genannt sind: Ihre Mitgliedsnummer oder Ihr Name mit Ihrem Geburtsdatum oder eines der beiden mit Ihrer Policennummer oder Kontonummer oder E-Mail-Adresse",
    }
}

spoken! {
    RetentionClass
    Membership {
        "membership and cover",
        "aansluiting en dekking",
        "affiliation et couverture",
        "Mitgliedschaft und Deckung",
    }
    Claims {
        "claims and decisions on them",
        "claims en beslissingen daarover",
        "demandes de remboursement et décisions",
        "Leistungsanträge und Entscheidungen darüber",
    }
    Accounting {
        "payments and accounts",
        "betalingen en boekhouding",
        "paiements et comptabilité",
        "Zahlungen und Buchhaltung",
    }
    Communication {
        "messages and surveys",
        "berichten en enquêtes",
        "messages et enquêtes",
        "Nachrichten und Umfragen",
    }
    Disclosure {
        "the record of who used your data",
        "het register van wie uw gegevens gebruikte",
        "le registre des utilisations de vos données",
        "das Verzeichnis der Nutzungen Ihrer Daten",
    }
}
