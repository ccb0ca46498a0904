//! The notice in one language with every placeholder filled: what each rendering starts from. Bodies are
//! still Markdown; turning them into a page, plain text or a document is the rendering's.

use domain::Language;

use crate::cookie;
use crate::language::Wording;
use crate::placeholder::{self, Rule};
use crate::prose::{Part, Prose};
use crate::rules::Rules;

/// A version's text in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The language of the text.
    pub language: Language,
    /// The notice's title.
    pub title: String,
    /// A sentence that says which version it is and from when it is in force.
    pub edition: String,
    /// What stands before the first section, as Markdown.
    pub lead: String,
    /// The sections, in order.
    pub sections: Vec<TextSection>,
}

/// A section of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextSection {
    /// Its name in every language and form: the rule's id, or what begins with `about.`.
    pub anchor: String,
    /// Its heading, plain text.
    pub title: String,
    /// Its body, as Markdown: paragraphs, lists, emphasis, links and headings of the third level.
    pub body: String,
}

impl Text {
    pub(crate) fn of(rules: &Rules, prose: &Prose) -> Self {
        let sections = prose.sections.iter().map(|section| TextSection {
            anchor: section.anchor.clone(),
            title: heading(rules, prose, &section.title),
            body: filled(rules, prose, Rule::of(rules, &section.anchor), &section.body),
        });
        Self {
            language: prose.language,
            title: heading(rules, prose, &prose.title),
            edition: edition(rules, prose.language),
            lead: filled(rules, prose, Rule::None, &prose.lead),
            sections: sections.collect(),
        }
    }
}

fn edition(rules: &Rules, language: Language) -> String {
    let (version, effective) = (&rules.version, rules.effective);
    language.pick([
        format!("Version {version}, in force from {effective}."),
        format!("Versie {version}, van kracht vanaf {effective}."),
        format!("Version {version}, en vigueur à partir du {effective}."),
        format!("Fassung {version}, gültig ab {effective}."),
    ])
}

/// A heading is plain text: filled, not Markdown.
pub(crate) fn heading(rules: &Rules, prose: &Prose, part: &Part) -> String {
    placeholder::fill(&part.text, |name| placeholder::value(rules, Rule::None, prose.language, name))
}

fn filled(rules: &Rules, prose: &Prose, rule: Rule<'_>, part: &Part) -> String {
    placeholder::fill(&part.text, |name| match rule {
        // A list of its own, and not a word in a sentence.
        Rule::Cookies(cookies) if name == "cookies" => {
            Some(cookie::list(cookies, prose.language, escape_markdown))
        }
        _ => placeholder::value(rules, rule, prose.language, name).map(|value| escape_markdown(&value)),
    })
}

/// A value as Markdown that shows exactly it: CommonMark allows a backslash before any ASCII
/// punctuation.
fn escape_markdown(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for character in value.chars() {
        if character.is_ascii_punctuation() {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}
