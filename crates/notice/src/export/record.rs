//! The record of processing activities: what GDPR article 30(1) asks of a controller, from the clauses, in
//! one language. Each clause is one activity. What the clauses do not know it says so: the countries of
//! recipients stand in the register, the measures of the house itself are the controller's to add.

use domain::Language;

use crate::Notice;
use crate::language::Wording;
use crate::placeholder::{self, Rule};

/// The record, ready to be laid out: every text is in its language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The language of every text.
    pub language: Language,
    /// What it is, with the article.
    pub title: String,
    /// Which version of the notice it was made from.
    pub edition: String,
    /// The controller and the data protection officer: what it is, and the value (article 30(1)(a)).
    pub controller: Vec<(String, String)>,
    /// The heading of the controller's part.
    pub controller_heading: &'static str,
    /// The activities, one for each clause, in the order of the notice's rules.
    pub activities: Vec<RecordActivity>,
    /// The heading of the security measures.
    pub measures_heading: &'static str,
    /// The security measures, in general (article 30(1)(g)).
    pub measures: Vec<&'static str>,
}

/// One activity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordActivity {
    /// The clause's id.
    pub clause: String,
    /// Its heading in the notice.
    pub name: String,
    /// What the article asks, and the answer: the same questions in the same order for every activity.
    pub answers: Vec<(&'static str, String)>,
}

/// The keys of the organisation that the article asks for, with what they are.
const CONTROLLER: [(&str, [&str; 4]); 5] = [
    ("name", ["Controller", "Verwerkingsverantwoordelijke", "Responsable du traitement", "Verantwortlicher"]),
    ("address", ["Address", "Adres", "Adresse", "Anschrift"]),
    ("email", ["E-mail address", "E-mailadres", "Adresse électronique", "E-Mail-Adresse"]),
    (
        "officer",
        [
            "Data protection officer",
            "Functionaris voor gegevensbescherming",
            "Délégué à la protection des données",
            "Datenschutzbeauftragter",
        ],
    ),
    (
        "officer-email",
        [
            "E-mail address of the officer",
            "E-mailadres van de functionaris",
            "Adresse électronique du délégué",
            "E-Mail-Adresse des Datenschutzbeauftragten",
        ],
    ),
];

/// What is asked of each activity: the placeholder that answers, and the question with its point of the article.
const QUESTIONS: [(&str, [&str; 4]); 8] = [
    ("purposes", ["Purposes (b)", "Doeleinden (b)", "Finalités (b)", "Zwecke (b)"]),
    (
        "subjects",
        [
            "Categories of data subjects (c)",
            "Categorieën van betrokkenen (c)",
            "Catégories de personnes concernées (c)",
            "Kategorien betroffener Personen (c)",
        ],
    ),
    (
        "data",
        [
            "Categories of personal data (c)",
            "Categorieën van persoonsgegevens (c)",
            "Catégories de données (c)",
            "Kategorien personenbezogener Daten (c)",
        ],
    ),
    (
        "recipients",
        [
            "Categories of recipients (d)",
            "Categorieën van ontvangers (d)",
            "Catégories de destinataires (d)",
            "Kategorien von Empfängern (d)",
        ],
    ),
    (
        "transfers",
        [
            "Transfers to third countries, and safeguards (e)",
            "Doorgiften aan derde landen, en waarborgen (e)",
            "Transferts vers des pays tiers, et garanties (e)",
            "Übermittlungen an Drittländer und Garantien (e)",
        ],
    ),
    (
        "retention",
        [
            "Time limit for erasure (f)",
            "Termijn voor wissing (f)",
            "Délai pour l’effacement (f)",
            "Löschfrist (f)",
        ],
    ),
    ("conditions", ["Only when", "Alleen wanneer", "Seulement si", "Nur wenn"]),
    ("basis", ["Legal basis", "Rechtsgrond", "Base juridique", "Rechtsgrundlage"]),
];

/// What the program itself does for security, in general.
const MEASURES: [[&str; 4]; 6] = [
    [
        "Personal data is stored encrypted by category, with a key of its own for each person, category and retention class.",
        "Persoonsgegevens worden per categorie versleuteld opgeslagen, met een eigen sleutel voor elke persoon, categorie en bewaarklasse.",
        "Les données sont conservées chiffrées par catégorie, avec une clé propre à chaque personne, catégorie et classe de conservation.",
        "Personenbezogene Daten werden je Kategorie verschlüsselt gespeichert, mit einem eigenen Schlüssel für jede Person, Kategorie und Aufbewahrungsklasse.",
    ],
    [
        "Data opens only for an activity of this record, for its recipients and purposes, and only the categories that it names.",
        "Gegevens gaan alleen open voor een activiteit uit dit register, voor haar ontvangers en doeleinden, en alleen de categorieën die zij noemt.",
        "Les données ne s’ouvrent que pour une activité de ce registre, pour ses destinataires et finalités, et seulement les catégories qu’elle nomme.",
        "Daten werden nur für eine Tätigkeit dieses Verzeichnisses geöffnet, für ihre Empfänger und Zwecke, und nur die Kategorien, die sie nennt.",
    ],
    [
        "Each use is written to a record before the data opens; if it cannot be recorded, the data stays closed.",
        "Elk gebruik wordt vastgelegd voordat de gegevens opengaan; kan dat niet, dan blijven de gegevens gesloten.",
        "Chaque utilisation est consignée avant que les données s’ouvrent ; si elle ne peut pas l’être, les données restent fermées.",
        "Jede Verwendung wird festgehalten, bevor sich die Daten öffnen; gelingt das nicht, bleiben die Daten verschlossen.",
    ],
    [
        "That record is kept in a form in which a later change is found (a Merkle tree with signed checkpoints).",
        "Die vastlegging heeft een vorm waarin een latere wijziging wordt ontdekt (een Merkle-boom met ondertekende controlepunten).",
        "Cette consignation a une forme où une modification ultérieure se découvre (un arbre de Merkle avec des points de contrôle signés).",
        "Diese Aufzeichnung hat eine Form, in der eine spätere Änderung entdeckt wird (ein Merkle-Baum mit signierten Prüfpunkten).",
    ],
    [
        "When a time limit has passed, the keys are destroyed, and the data can no longer be read.",
        "Als een termijn voorbij is, worden de sleutels vernietigd en kunnen de gegevens niet meer worden gelezen.",
        "Quand un délai est écoulé, les clés sont détruites et les données ne peuvent plus être lues.",
        "Nach Ablauf einer Frist werden die Schlüssel vernichtet, und die Daten können nicht mehr gelesen werden.",
    ],
    [
        "The measures of the organisation itself (premises, staff, devices, suppliers, backups) are for the controller to add.",
        "De maatregelen van de organisatie zelf (gebouwen, personeel, apparaten, leveranciers, reservekopieën) voegt de verwerkingsverantwoordelijke toe.",
        "Les mesures propres à l’organisation (locaux, personnel, appareils, fournisseurs, sauvegardes) sont à ajouter par le responsable du traitement.",
        "Die Maßnahmen der Organisation selbst (Räume, Personal, Geräte, Lieferanten, Sicherungen) ergänzt der Verantwortliche.",
    ],
];

impl Notice {
    /// The record of processing activities under GDPR article 30(1). Languages are as for [`Self::text`].
    #[must_use]
    pub fn record(&self, language: Language) -> Record {
        let text = self.text(language);
        let language = text.language;
        let controller = CONTROLLER.iter().filter_map(|(key, words)| {
            let value =
                placeholder::value(self.rules(), Rule::None, language, &format!("organisation.{key}"))?;
            Some((language.pick(*words).to_owned(), value.replace('\u{a0}', " ")))
        });
        let activities = self.clauses().iter().map(|clause| RecordActivity {
            clause: clause.id.clone(),
            name: self.heading(language, &clause.id).unwrap_or_default(),
            answers: QUESTIONS
                .map(|(name, words)| {
                    let answer = placeholder::value(self.rules(), Rule::Clause(clause), language, name);
                    (language.pick(words), answered(language, name, answer))
                })
                .to_vec(),
        });
        Record {
            language,
            title: language
                .pick([
                    "Record of processing activities (GDPR article 30(1))",
                    "Register van de verwerkingsactiviteiten (AVG artikel 30, lid 1)",
                    "Registre des activités de traitement (RGPD, article 30, paragraphe 1)",
                    "Verzeichnis von Verarbeitungstätigkeiten (DSGVO Art. 30 Abs. 1)",
                ])
                .to_owned(),
            edition: text.edition,
            controller: controller.collect(),
            controller_heading: language.pick([
                "Controller and officer (a)",
                "Verantwoordelijke en functionaris (a)",
                "Responsable et délégué (a)",
                "Verantwortlicher und Beauftragter (a)",
            ]),
            activities: activities.collect(),
            measures_heading: language.pick([
                "Security measures (g)",
                "Beveiligingsmaatregelen (g)",
                "Mesures de sécurité (g)",
                "Sicherheitsmaßnahmen (g)",
            ]),
            measures: MEASURES.map(|words| language.pick(words)).to_vec(),
        }
    }
}

/// An answer as the record gives it; what does not apply is said, not left empty.
fn answered(language: Language, name: &str, answer: Option<String>) -> String {
    match (name, answer) {
        ("transfers", Some(safeguard)) => language.pick([
            format!("{safeguard}; the countries are those of the recipients in the register of recipients"),
            format!("{safeguard}; de landen zijn die van de ontvangers in het register van ontvangers"),
            format!(
                "{safeguard} ; les pays sont ceux des destinataires inscrits au registre des destinataires"
            ),
            format!("{safeguard}; die Länder sind die der Empfänger im Register der Empfänger"),
        ]),
        (_, Some(answer)) => answer,
        ("conditions", None) => language.pick(["always", "altijd", "toujours", "immer"]).to_owned(),
        (_, None) => language.pick(["none", "geen", "aucun", "keine"]).to_owned(),
    }
}

impl Record {
    /// The record as a table in CSV (RFC 4180): a line for each activity, complete in itself. A cell that a
    /// spreadsheet would take for a formula begins with an apostrophe.
    #[must_use]
    pub fn csv(&self) -> String {
        let heads = self.controller.iter().map(|(what, _)| what.as_str());
        let questions =
            self.activities.first().map(|activity| activity.answers.as_slice()).unwrap_or_default();
        let clause = self.language.pick(["Clause", "Bepaling", "Clause", "Klausel"]);
        let activity = self.language.pick(["Activity", "Activiteit", "Activité", "Tätigkeit"]);
        let heads = heads.chain([clause, activity]).chain(questions.iter().map(|(question, _)| *question));
        let mut out = String::new();
        push_row(&mut out, heads.chain([self.measures_heading]));
        let measures = self.measures.join(" ");
        for activity in &self.activities {
            let controller = self.controller.iter().map(|(_, value)| value.as_str());
            let cells = controller.chain([activity.clause.as_str(), activity.name.as_str()]);
            let answers = activity.answers.iter().map(|(_, answer)| answer.as_str());
            push_row(&mut out, cells.chain(answers).chain([measures.as_str()]));
        }
        out
    }
}

fn push_row<'a>(out: &mut String, cells: impl Iterator<Item = &'a str>) {
    let cells: Vec<String> = cells.map(csv_cell).collect();
    out.push_str(&cells.join(","));
    out.push_str("\r\n");
}

/// A cell of a CSV file, quoted where it must be, and guarded so that no spreadsheet takes it for a formula.
#[must_use]
pub fn csv_cell(text: &str) -> String {
    // A spreadsheet looks past white space, and takes the wide signs for the narrow ones.
    let is_sign =
        |one: char| matches!(one, '=' | '+' | '-' | '@' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}');
    let is_blank =
        |one: char| one.is_whitespace() || domain::spelling::has_unseen(one.encode_utf8(&mut [0; 4]));
    let begins =
        text.trim_start_matches(is_blank).starts_with(is_sign) || text.starts_with(['\t', '\r', '\n']);
    let guard = if begins { "'" } else { "" };
    if text.contains([',', '"', '\n', '\r']) {
        return format!("\"{guard}{}\"", text.replace('"', "\"\""));
    }
    format!("{guard}{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_where_it_must_be_and_never_a_formula() {
        assert_eq!(csv_cell("plain; text"), "plain; text");
        assert_eq!(csv_cell("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(csv_cell("=1+1"), "'=1+1");
        assert_eq!(csv_cell("+32 2, x"), "\"'+32 2, x\"");
        for formula in
            ["=1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1", " =1", "\u{a0}=1", "\u{ff1d}1", "\u{feff}=1"]
        {
            assert!(csv_cell(formula).trim_start_matches('"').starts_with('\''), "{formula:?}");
        }
        assert_eq!(csv_cell(" plain"), " plain");
    }
}
