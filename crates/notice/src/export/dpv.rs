//! The clauses in the W3C Data Privacy Vocabulary (DPV 2.0, <https://w3id.org/dpv>) and its extension for the
//! GDPR, as JSON-LD. Names are relative to wherever the file is published: `#use.claims` is the clause and,
//! on the notice's page, its text. The words of the vocabularies become concepts of their own, with their labels
//! in every language of the notice; a broader concept of DPV is named where one says the same.

use std::collections::BTreeSet;

use domain::{Category, ConditionSet, GoverningLaw, Language, Purpose, SubjectKind, TransferSafeguard};
use serde_json::{Value, json};

use crate::language::{Spoken, Wording};
use crate::placeholder::{self, Rule};
use crate::{Clause, HealthBasis, LegalBasis, Notice, Prohibition};

impl Notice {
    /// The clauses and prohibitions as JSON-LD in the Data Privacy Vocabulary.
    #[must_use]
    pub fn dpv(&self) -> Value {
        let mut graph = vec![self.dpv_notice(), self.dpv_controller()];
        graph.extend(self.clauses().iter().map(|clause| self.dpv_clause(clause)));
        graph.extend(self.prohibitions().iter().map(|one| self.dpv_prohibition(one)));
        graph.extend(self.dpv_words());
        json!({
            "@context": {
                "dpv": "https://w3id.org/dpv#",
                "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
                "skos": "http://www.w3.org/2004/02/skos/core#",
                "dct": "http://purl.org/dc/terms/",
                "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
                "xsd": "http://www.w3.org/2001/XMLSchema#",
            },
            "@graph": graph,
        })
    }

    fn dpv_notice(&self) -> Value {
        let hash: String = self.hash().iter().map(|byte| format!("{byte:02x}")).collect();
        let clauses: Vec<Value> = self.clauses().iter().map(|clause| name("", &clause.id)).collect();
        let prohibitions: Vec<Value> = self.prohibitions().iter().map(|one| name("", &one.id)).collect();
        json!({
            "@id": "#notice",
            "@type": "dpv:PrivacyNotice",
            "dct:title": self.in_each_language(|language| Some(self.text(language).title)),
            "dct:identifier": [self.version(), format!("sha256:{hash}")],
            "dct:valid": { "@type": "xsd:date", "@value": self.effective().to_string() },
            "dpv:hasDataController": { "@id": "#controller" },
            "dpv:hasProcess": clauses,
            "dpv:hasProhibition": prohibitions,
        })
    }

    fn dpv_controller(&self) -> Value {
        json!({
            "@id": "#controller",
            "@type": "dpv:DataController",
            "dpv:hasName": self.organisation("name"),
            "dpv:hasAddress": self.organisation("address"),
            "dpv:hasContact": self.organisation("email"),
            "dpv:hasDataProtectionOfficer": {
                "@id": "#officer",
                "@type": "dpv:DataProtectionOfficer",
                "dpv:hasName": self.organisation("officer"),
                "dpv:hasContact": self.organisation("officer-email"),
            },
        })
    }

    fn dpv_clause(&self, clause: &Clause) -> Value {
        let mut process = json!({
            "@id": format!("#{}", clause.id),
            "@type": "dpv:PersonalDataProcess",
            "dct:title": self.in_each_language(|language| self.heading(language, &clause.id)),
            "dpv:hasDataController": { "@id": "#controller" },
            "dpv:hasPurpose": names("purpose", &clause.purposes),
            "dpv:hasPersonalData": names("category", &clause.data.iter().collect::<Vec<_>>()),
            "dpv:hasDataSubject":
                names("subject", &clause.bases.iter().map(|(kind, _)| *kind).collect::<Vec<_>>()),
            "dpv:hasRecipient": names("recipient", &clause.recipients),
            "dpv:hasStorageCondition": name("retention", clause.retention.word()),
            "dpv:hasProcessingCondition": names("condition", &everywhere(clause).iter().collect::<Vec<_>>()),
        });
        // A basis that is another under some law, and what it asks for, are of a part for each.
        let health = clause.health.filter(|_| clause.health_by_law.is_empty());
        let others = health.map(health_basis).into_iter().chain(clause.transfers.map(safeguard));
        let used: BTreeSet<LegalBasis> = clause.bases.iter().map(|(_, basis)| *basis).collect();
        let mut parts: Vec<Value> =
            clause.health_by_law.iter().map(|(law, basis)| law_part(clause, *law, *basis)).collect();
        if let Some(basis) = clause.health.filter(|_| !clause.health_by_law.is_empty()) {
            parts.push(self.otherwise_part(clause, basis));
        }
        if let Some(process) = process.as_object_mut() {
            if used.len() == 1 {
                let bases = used.iter().map(|basis| legal_basis(*basis)).chain(others).collect();
                process.insert("dpv:hasLegalBasis".to_owned(), Value::Array(bases));
            } else {
                // A basis of its own for some subjects: a part of the process for each basis.
                parts.extend(used.iter().map(|basis| basis_part(clause, *basis)));
                process.insert("dpv:hasLegalBasis".to_owned(), Value::Array(others.collect()));
            }
            if !parts.is_empty() {
                process.insert("dpv:hasProcess".to_owned(), Value::Array(parts));
            }
        }
        process
    }

    /// The part about those whose cover none of the laws governs that are named apart.
    fn otherwise_part(&self, clause: &Clause, basis: HealthBasis) -> Value {
        let note = self.in_each_language(|language| {
            let laws =
                clause.health_by_law.iter().map(|(law, _)| law.spoken_in(language)).collect::<Vec<_>>();
            let none = language.pick([
                "where another law governs the cover than",
                "waar een ander recht de dekking beheerst dan",
                "lorsqu'un autre droit régit la couverture que",
                "wo ein anderes Recht für die Deckung gilt als",
            ]);
            Some(format!("{none} {}", language.either(&laws)))
        });
        json!({
            "@id": format!("#{}.otherwise", clause.id),
            "@type": "dpv:PersonalDataProcess",
            "skos:note": note,
            "dpv:hasLegalBasis": [health_basis(basis)],
            "dpv:hasProcessingCondition":
                names("condition", &clause.needs_otherwise().iter().collect::<Vec<_>>()),
        })
    }

    fn dpv_prohibition(&self, prohibition: &Prohibition) -> Value {
        let unless = |language: Language| {
            let rule = Rule::Prohibition(prohibition);
            let conditions = placeholder::value(self.rules(), rule, language, "conditions")?;
            let word = language.pick(["unless", "tenzij", "sauf si", "es sei denn"]);
            Some(format!("{word}: {conditions}"))
        };
        json!({
            "@id": format!("#{}", prohibition.id),
            "@type": "dpv:Prohibition",
            "dpv:hasPurpose": name("purpose", prohibition.purpose.word()),
            // DPV has no word for what lifts a prohibition: it is told.
            "skos:note": self.in_each_language(unless),
        })
    }

    /// Every word that a clause or prohibition uses, once, and the purposes above.
    fn dpv_words(&self) -> Vec<Value> {
        let clauses = || self.clauses().iter();
        let mut purposes: BTreeSet<Purpose> = self.prohibitions().iter().map(|one| one.purpose).collect();
        purposes.extend(clauses().flat_map(|clause| clause.purposes.iter().copied()));
        let above: Vec<Purpose> = purposes.iter().filter_map(|purpose| purpose.parent()).collect();
        purposes.extend(above);
        let categories: BTreeSet<_> = clauses().flat_map(|clause| clause.data.iter()).collect();
        let subjects: BTreeSet<_> =
            clauses().flat_map(|clause| clause.bases.iter().map(|(kind, _)| *kind)).collect();
        let recipients: BTreeSet<_> =
            clauses().flat_map(|clause| clause.recipients.iter().copied()).collect();
        let conditions: BTreeSet<_> = clauses().flat_map(|clause| clause.when.iter()).collect();
        let mut words = Vec::new();
        for purpose in purposes {
            let parent = purpose.parent().map(|parent| name("purpose", parent.word()));
            let broader = parent.into_iter().chain(broader_purpose(purpose).map(term)).collect();
            words.push(self.word("purpose", purpose.word(), purpose, &["dpv:Purpose"], broader));
        }
        for category in categories {
            let types: &[&str] = match category {
                Category::Health => &["dpv:PersonalData", "dpv:SpecialCategoryPersonalData"],
                _ => &["dpv:PersonalData"],
            };
            words.push(self.word("category", category.word(), category, types, Vec::new()));
        }
        for subject in subjects {
            let broader = broader_subject(subject).map(term).into_iter().collect();
            words.push(self.word("subject", subject.word(), subject, &["dpv:DataSubject"], broader));
        }
        for recipient in recipients {
            words.push(self.word("recipient", recipient.word(), recipient, &["dpv:Recipient"], Vec::new()));
        }
        for condition in conditions {
            let types = ["dpv:ProcessingCondition"];
            words.push(self.word("condition", condition.word(), condition, &types, Vec::new()));
        }
        let laws: BTreeSet<_> =
            clauses().flat_map(|clause| clause.health_by_law.iter().map(|(law, _)| *law)).collect();
        for law in laws {
            words.push(self.word("law", law.word(), law, &["dpv:Law"], Vec::new()));
        }
        words.extend(self.dpv_retentions());
        words
    }

    fn dpv_retentions(&self) -> Vec<Value> {
        let used: BTreeSet<_> = self.clauses().iter().map(|clause| clause.retention).collect();
        let retentions = used.into_iter().filter_map(|class| self.retention(class));
        let told = retentions.map(|retention| {
            let clause = self.clauses().iter().find(|clause| clause.retention == retention.class);
            let period = |language| {
                clause.and_then(|clause| {
                    placeholder::value(self.rules(), Rule::Clause(clause), language, "retention")
                })
            };
            json!({
                "@id": format!("#retention.{}", retention.class),
                "@type": "dpv:StorageDuration",
                "skos:prefLabel": self.in_each_language(period),
                "dpv:hasDuration": {
                    "@type": "dpv:TemporalDuration",
                    "rdf:value": { "@type": "xsd:duration", "@value": format!("P{}Y", retention.years) },
                },
            })
        });
        told.collect()
    }

    fn word(
        &self,
        kind: &str,
        word: &str,
        spoken: impl Spoken,
        types: &[&str],
        broader: Vec<Value>,
    ) -> Value {
        json!({
            "@id": format!("#{kind}.{word}"),
            "@type": types,
            "skos:prefLabel": self.in_each_language(|language| Some(spoken.spoken_in(language))),
            "skos:broader": broader,
        })
    }

    fn in_each_language(&self, text: impl Fn(Language) -> Option<String>) -> Vec<Value> {
        let texts = self.languages().iter().filter_map(|language| {
            text(*language).map(|text| json!({ "@language": language.word(), "@value": text }))
        });
        texts.collect()
    }
}

/// A reference to something of this file.
fn name(kind: &str, word: &str) -> Value {
    let dot = if kind.is_empty() { "" } else { "." };
    json!({ "@id": format!("#{kind}{dot}{word}") })
}

fn names<W: std::fmt::Display>(kind: &str, words: &[W]) -> Vec<Value> {
    words.iter().map(|word| name(kind, &word.to_string())).collect()
}

/// A reference to a term of the vocabulary.
fn term(term: &str) -> Value {
    json!({ "@id": term })
}

fn basis_part(clause: &Clause, basis: LegalBasis) -> Value {
    let whom: Vec<SubjectKind> =
        clause.bases.iter().filter(|(_, used)| *used == basis).map(|(kind, _)| *kind).collect();
    json!({
        "@id": format!("#{}.{basis}", clause.id),
        "@type": "dpv:PersonalDataProcess",
        "dpv:hasDataSubject": names("subject", &whom),
        "dpv:hasLegalBasis": [legal_basis(basis)],
    })
}

/// What must hold whatever law governs the cover.
fn everywhere(clause: &Clause) -> ConditionSet {
    let each = clause.needs_by_law().into_iter().map(|(_, needs)| needs);
    each.fold(clause.when, ConditionSet::intersection)
}

/// The part of a process about those whose cover a law governs under which another basis is declared for health data.
fn law_part(clause: &Clause, law: GoverningLaw, basis: HealthBasis) -> Value {
    json!({
        "@id": format!("#{}.{law}", clause.id),
        "@type": "dpv:PersonalDataProcess",
        "dpv:hasApplicableLaw": name("law", law.word()),
        "dpv:hasLegalBasis": [health_basis(basis)],
        "dpv:hasProcessingCondition": names("condition", &clause.needs(law).iter().collect::<Vec<_>>()),
    })
}

fn legal_basis(basis: LegalBasis) -> Value {
    json!({ "@id": format!("eu-gdpr:A6-1-{}", basis.point()) })
}

fn health_basis(basis: HealthBasis) -> Value {
    json!({ "@id": format!("eu-gdpr:A9-2-{}", basis.point()) })
}

fn safeguard(safeguard: TransferSafeguard) -> Value {
    term(match safeguard {
        TransferSafeguard::Adequacy => "eu-gdpr:A45-3",
        TransferSafeguard::StandardClauses => "eu-gdpr:A46-2-c",
        TransferSafeguard::BindingRules => "eu-gdpr:A46-2-b",
        // Which derogation of article 49 it is the clause does not say.
        TransferSafeguard::Derogation => "dpv:DataTransferLegalBasis",
    })
}

/// The concept of DPV that is broader, where one says the same for sure.
fn broader_purpose(purpose: Purpose) -> Option<&'static str> {
    match purpose {
        Purpose::ClaimsProcessing => Some("dpv:CustomerClaimsManagement"),
        Purpose::Payment => Some("dpv:PaymentManagement"),
        Purpose::Communications => Some("dpv:CommunicationManagement"),
        Purpose::CustomerService => Some("dpv:CustomerCare"),
        Purpose::Marketing => Some("dpv:Marketing"),
        Purpose::Fraud => Some("dpv:FraudPreventionAndDetection"),
        Purpose::LegalObligation => Some("dpv:LegalCompliance"),
        Purpose::LegalProceedings => Some("dpv:DisputeManagement"),
        _ => purpose.parent().is_none().then_some("dpv:Purpose"),
    }
}

fn broader_subject(subject: SubjectKind) -> Option<&'static str> {
    match subject {
        SubjectKind::Member => Some("dpv:Member"),
        SubjectKind::Employee => Some("dpv:Employee"),
        _ => None,
    }
}
