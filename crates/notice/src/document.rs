//! A document that is published: rules and prose that were read and checked together, in several languages,
//! with a version, a first day and a hash. [`crate::Notice`], [`crate::Related`] and [`crate::Supplement`] are the
//! kinds of it; what is told of all of them alike stands here. It decides nothing.

use std::collections::BTreeSet;

use domain::{Date, Language, RetentionClass};

use crate::problem::Problems;
use crate::prose::Prose;
use crate::rules::{ORGANISATION_FILE, RULES_FILE, Rules};
use crate::terms::{DocumentKind, Terms};
use crate::{Clause, Problem, Retention, Text};
use crate::{hash, prose, prose_check, render, rule_check, rules, supplement, terms, text, together_check};

/// A version of a document whose rules and prose match.
#[derive(Debug, Clone)]
pub struct Document {
    rules: Rules,
    /// In the first of the rules' `languages`.
    leading: Prose,
    /// In the other languages, in their order.
    others: Vec<Prose>,
    hash: [u8; 32],
}

impl Document {
    /// Reads and checks a version of a kind of document from its files, as [`crate::Notice::read`] takes them.
    pub(crate) fn read(kind: DocumentKind, files: &[(&str, &str)]) -> Result<Self, Vec<Problem>> {
        let mut problems = Problems::default();
        check_card_numbers(files, &mut problems);
        // Before any other fault is told, since some repeat what they are about.
        problems.so_far()?;
        let mut seen = BTreeSet::new();
        for (name, _) in files {
            if !seen.insert(*name) {
                problems.add(name, 1, "this file is given twice: keep one");
            }
        }
        let text = |name: &str| files.iter().find(|(other, _)| *other == name).map(|(_, text)| *text);
        let Some(rules_text) = text(RULES_FILE) else {
            problems.add(RULES_FILE, 1, "there is no such file: it holds the rules of the version");
            return Err(problems.list());
        };
        let Some(rules) = rules::read(kind, rules_text, text(ORGANISATION_FILE), &mut problems) else {
            return Err(problems.list());
        };
        check_names(files, &rules, &mut problems);
        rule_check::check(&rules, &mut problems);
        terms::check(&rules, &mut problems);
        // What rules do together, and prose, are held against the rules: against faulty ones that would only
        // add noise.
        problems.so_far()?;
        together_check::check(&rules, &mut problems);
        supplement::check(&rules, &mut problems);
        let mut proses = Vec::new();
        for language in &rules.languages {
            // A missing file is among the problems already.
            if let Some(markdown) = text(&prose::file_name(*language)) {
                proses.push(prose::read(*language, markdown, &mut problems));
            }
        }
        prose_check::check(&rules, &proses, &mut problems);
        problems.so_far()?;
        let mut proses = proses.into_iter();
        // There is one: rules without a language are refused above.
        let leading = proses.next().ok_or_else(|| problems.list())?;
        Ok(Self { rules, leading, others: proses.collect(), hash: hash::hash(files) })
    }

    /// Whether the version can be published: every value of the organisation is filled in.
    ///
    /// # Errors
    /// One problem for each empty value, where it stands.
    pub fn publishable(&self) -> Result<(), Vec<Problem>> {
        let mut problems = Problems::default();
        for (key, value) in self.rules.organisation.iter().filter(|(_, value)| value.text.is_empty()) {
            let message =
                format!("`{key}` of the organisation is empty: write {key} = \"...\" in {ORGANISATION_FILE}");
            problems.add(value.file, value.line, message);
        }
        problems.so_far()
    }

    /// The heading of a section in a language, by its anchor: for a clause or a prohibition, its id.
    #[must_use]
    pub fn heading(&self, language: Language, anchor: &str) -> Option<String> {
        let prose = self.proses().find(|prose| prose.language == language)?;
        let section = prose.sections.iter().find(|section| section.anchor == anchor)?;
        Some(text::heading(&self.rules, prose, &section.title))
    }

    /// The version's name, for instance `2026-11-01`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.rules.version
    }

    /// The first day that it is in force.
    #[must_use]
    pub fn effective(&self) -> Date {
        self.rules.effective
    }

    /// SHA-256 over every file of the version: rules, prose and the organisation's values.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// A value of the organisation that publishes it, for instance `name` or `email`; `None` when there is
    /// no such key or it is not filled in.
    #[must_use]
    pub fn organisation(&self, key: &str) -> Option<&str> {
        self.rules.organisation.get(key).map(|value| value.text.as_str()).filter(|text| !text.is_empty())
    }

    /// The clauses; a clause's index here is its index in decisions. A related notice has none.
    #[must_use]
    pub fn clauses(&self) -> &[Clause] {
        &self.rules.clauses
    }

    /// How long a class of data is kept; `None` when the version defines no such class.
    #[must_use]
    pub fn retention(&self, class: RetentionClass) -> Option<&Retention> {
        self.rules.retentions.iter().find(|retention| retention.class == class)
    }

    /// The languages that it is written in, the leading one first; at least one.
    #[must_use]
    pub fn languages(&self) -> &[Language] {
        &self.rules.languages
    }

    /// The text with every placeholder filled. In a language that the version is not written in, the
    /// leading language's; the text says which it is.
    #[must_use]
    pub fn text(&self, language: Language) -> Text {
        let prose = self.proses().find(|prose| prose.language == language).unwrap_or(&self.leading);
        Text::of(&self.rules, prose)
    }

    /// The text as an HTML `<main>` element, each section with its anchor as id; languages as for
    /// [`Self::text`], and its `lang` attribute says which. Where another document is named, it is named only.
    #[must_use]
    pub fn render_html(&self, language: Language) -> String {
        self.render_html_among(language, &|_| None)
    }

    /// The same among the documents that are published with it: `address` says where each stands, by its name
    /// (`notice` is the notice itself).
    #[must_use]
    pub fn render_html_among(&self, language: Language, address: &dyn Fn(&str) -> Option<String>) -> String {
        render::html(&self.text(language), address)
    }

    /// The text as plain text; languages as for [`Self::text`].
    #[must_use]
    pub fn render_text(&self, language: Language) -> String {
        render::plain(&self.text(language))
    }

    pub(crate) fn rules(&self) -> &Rules {
        &self.rules
    }

    pub(crate) fn terms(&self) -> &Terms {
        &self.rules.terms
    }

    /// One for each language, in the order of the rules' `languages`.
    pub(crate) fn proses(&self) -> impl Iterator<Item = &Prose> {
        std::iter::once(&self.leading).chain(&self.others)
    }
}

/// Each language has its file, and each file its use.
/// No text that is published, or kept, holds a payment card's number.
fn check_card_numbers(files: &[(&str, &str)], problems: &mut Problems) {
    for (name, text) in files {
        for (line, text) in (1..).zip(text.lines()) {
            if let Err(error) = domain::no_card_number("this line", text) {
                problems.add(name, line, error.to_string());
            }
        }
    }
}

fn check_names(files: &[(&str, &str)], rules: &Rules, problems: &mut Problems) {
    let mut known = BTreeSet::from([RULES_FILE.to_owned(), ORGANISATION_FILE.to_owned()]);
    for language in &rules.languages {
        let name = prose::file_name(*language);
        if files.iter().all(|(other, _)| *other != name) {
            let message = format!(
                "there is no such file: `languages` in {RULES_FILE} names `{language}`, so write it or remove the language"
            );
            problems.add(&name, 1, message);
        }
        known.insert(name);
    }
    for (name, _) in files.iter().filter(|(name, _)| !known.contains(*name)) {
        let message = format!(
            "this file belongs to no version: remove it, or add its language to `languages` in {RULES_FILE}"
        );
        problems.add(name, 1, message);
    }
}
