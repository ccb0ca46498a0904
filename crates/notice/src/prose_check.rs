//! Whether rules and prose match: each rule has its section in each language, each section its
//! rule, and each section renders its rule's own lists. Also refuses Markdown that could hide or
//! smuggle something: HTML, code, images, odd links.

use std::collections::BTreeSet;

use domain::Language;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::nearest::suggestion;
use crate::placeholder::{self, Rule};
use crate::problem::{LineEnds, Problems};
use crate::prose::{Part, Prose, Section, file_name};
use crate::render::RELATED;
use crate::rule_check::ABOUT;
use crate::rules::{RULES_FILE, Rules};

pub(crate) fn check(rules: &Rules, proses: &[Prose], problems: &mut Problems) {
    for prose in proses {
        check_sections(rules, prose, problems);
        check_retention_is_told(rules, prose, problems);
        check_closed_is_told(rules, prose, problems);
        check_own_section(rules, prose, problems);
        check_related_are_linked(rules, prose, problems);
        let file = file_name(prose.language);
        check_placeholders(rules, Rule::None, &prose.title, &file, problems);
        check_part(rules, prose, Rule::None, &prose.lead, problems);
        for section in &prose.sections {
            let rule = Rule::of(rules, &section.anchor);
            check_placeholders(rules, Rule::None, &section.title, &file, problems);
            let rendered = check_part(rules, prose, rule, &section.body, problems);
            check_required(rule, section, &rendered, &file, problems);
        }
    }
    check_same_sections(proses, problems);
}

/// Rules without prose, prose without rules, anchors used twice.
fn check_sections(rules: &Rules, prose: &Prose, problems: &mut Problems) {
    let file = file_name(prose.language);
    let mut seen = BTreeSet::new();
    for section in &prose.sections {
        let anchor = section.anchor.as_str();
        let known = anchor.starts_with(ABOUT) || rules.lines.ids.iter().any(|(id, _)| id == anchor);
        if !known {
            let meant = suggestion(anchor, rules.lines.ids.iter().map(|(id, _)| id.as_str()));
            let message = format!(
                "section `{{#{anchor}}}` has no rule:{meant} add a clause with id = \"{anchor}\" to {RULES_FILE}, or use an anchor that begins with `{ABOUT}`"
            );
            problems.add(&file, section.title.line, message);
        }
        if !seen.insert(anchor) {
            problems.add(&file, section.title.line, format!("a second section `{{#{anchor}}}`: keep one"));
        }
    }
    for (id, line) in rules.lines.ids.iter().filter(|(id, _)| !seen.contains(id.as_str())) {
        let message =
            format!("rule `{id}` has no prose in {file}: write a section `## Title {{#{id}}}` there");
        problems.add(RULES_FILE, *line, message);
    }
}

/// A class that no clause uses is still a rule: its period must be told somewhere.
fn check_retention_is_told(rules: &Rules, prose: &Prose, problems: &mut Problems) {
    let told = prose.parts().any(|part| part.text.contains("{retention.all}"));
    for (retention, line) in rules.retentions.iter().zip(&rules.lines.retentions) {
        let used = rules.clauses.iter().any(|clause| clause.retention == retention.class);
        if !used && !told {
            let message = format!(
                "retention class `{}` is used by no clause and {} does not tell it: write {{retention.all}} there",
                retention.class,
                file_name(prose.language)
            );
            problems.add(RULES_FILE, *line, message);
        }
    }
}

/// What nobody sees is a promise, and must be told somewhere.
fn check_closed_is_told(rules: &Rules, prose: &Prose, problems: &mut Problems) {
    let told = prose.parts().any(|part| part.text.contains("{closed}"));
    if !rules.closed.is_empty() && !told {
        let message = format!(
            "`closed` says what nobody sees and {} does not tell it: write {{closed}} there",
            file_name(prose.language)
        );
        problems.add(RULES_FILE, rules.lines.closed, message);
    }
}

/// What only this kind of document has is told in a section of its own.
fn check_own_section(rules: &Rules, prose: &Prose, problems: &mut Problems) {
    let Some((anchor, placeholder)) = rules.terms.section() else { return };
    if prose.sections.iter().all(|section| section.anchor != anchor) {
        let message = format!(
            "no section `{{#{anchor}}}`: write `## Title {{#{anchor}}}` with {{{placeholder}}} in its text"
        );
        problems.add(&file_name(prose.language), 1, message);
    }
}

/// Each document that belongs with this one is named, by a link to it.
fn check_related_are_linked(rules: &Rules, prose: &Prose, problems: &mut Problems) {
    for name in rules.terms.linked() {
        let target = format!("]({RELATED}{name})");
        if !prose.parts().any(|part| part.text.contains(&target)) {
            let message = format!(
                "it does not name the document `{name}`: write a link to it, [words]({RELATED}{name})"
            );
            problems.add(&file_name(prose.language), 1, message);
        }
    }
}

/// Every language has the same sections without rules.
fn check_same_sections(proses: &[Prose], problems: &mut Problems) {
    let about = |prose: &Prose| -> BTreeSet<String> {
        let anchors = prose.sections.iter().map(|section| section.anchor.clone());
        anchors.filter(|anchor| anchor.starts_with(ABOUT)).collect()
    };
    for prose in proses {
        for other in proses {
            for anchor in about(other).difference(&about(prose)) {
                let message = format!(
                    "no section `{{#{anchor}}}`, which {} has: every language says the same",
                    file_name(other.language)
                );
                problems.add(&file_name(prose.language), 1, message);
            }
        }
    }
}

fn check_placeholders(rules: &Rules, rule: Rule<'_>, part: &Part, file: &str, problems: &mut Problems) {
    let lines = LineEnds::of(&part.text);
    for (offset, name) in placeholder::find(&part.text) {
        let line = part.line + lines.at(offset) - 1;
        match name {
            None => problems.add(file, line, "a `{` that begins no placeholder: remove it, or write {name}"),
            Some(name) if placeholder::value(rules, rule, Language::English, name).is_none() => {
                let names = placeholder::names(rules, rule);
                let meant = suggestion(name, names.iter().map(String::as_str));
                let message =
                    format!("unknown placeholder `{{{name}}}` here:{meant} use one of {}", names.join(", "));
                problems.add(file, line, message);
            }
            Some(_) => {}
        }
    }
}

/// Checks a piece of Markdown and gives the text that a reader would see, with placeholders.
fn check_part(rules: &Rules, prose: &Prose, rule: Rule<'_>, part: &Part, problems: &mut Problems) -> String {
    let file = file_name(prose.language);
    check_placeholders(rules, rule, part, &file, problems);
    let lines = LineEnds::of(&part.text);
    let mut seen = String::new();
    for (event, range) in Parser::new_ext(&part.text, Options::empty()).into_offset_iter() {
        let line = part.line + lines.at(range.start) - 1;
        match &event {
            Event::Text(text) => seen.push_str(text),
            Event::Start(Tag::Link { dest_url, .. }) => {
                check_link(rules, prose, dest_url, (&file, line), problems);
            }
            Event::Start(Tag::Heading { level, .. }) if *level < HeadingLevel::H3 => {
                problems.add(
                    &file,
                    line,
                    "a heading of the first or second level inside a section: write `###`",
                );
            }
            event if !is_plain(event) => {
                let message =
                    "only paragraphs, lists, emphasis, links and `###` headings: write this as one of them";
                problems.add(&file, line, message);
            }
            _ => {}
        }
    }
    seen
}

fn is_plain(event: &Event<'_>) -> bool {
    matches!(
        event,
        Event::SoftBreak
            | Event::HardBreak
            | Event::Start(
                Tag::Paragraph | Tag::List(_) | Tag::Item | Tag::Emphasis | Tag::Strong | Tag::Heading { .. }
            )
            | Event::End(
                TagEnd::Paragraph
                    | TagEnd::List(_)
                    | TagEnd::Item
                    | TagEnd::Emphasis
                    | TagEnd::Strong
                    | TagEnd::Heading(_)
                    | TagEnd::Link
            )
    )
}

fn check_link(rules: &Rules, prose: &Prose, target: &str, place: (&str, u32), problems: &mut Problems) {
    let (file, line) = place;
    if let Some(anchor) = target.strip_prefix('#') {
        if prose.sections.iter().all(|section| section.anchor != anchor) {
            let meant = suggestion(anchor, prose.sections.iter().map(|section| section.anchor.as_str()));
            let message = format!(
                "link to `#{anchor}`, and no section has this anchor:{meant} write `#` and the anchor of a section"
            );
            problems.add(file, line, message);
        }
    } else if let Some(name) = target.strip_prefix(RELATED) {
        let known = rules.terms.linkable();
        if !known.contains(&name) {
            let message = match known.is_empty() {
                true => format!(
                    "link to the document `{name}`: name it in `related_notices` in {RULES_FILE} first"
                ),
                false => format!("link to an unknown document `{name}`: use one of {}", known.join(", ")),
            };
            problems.add(file, line, message);
        }
    } else if !["https://", "mailto:", "tel:"].iter().any(|scheme| target.starts_with(scheme)) {
        let message = format!(
            "link to `{target}`: write a target that begins with #, https://, mailto:, tel: or related:"
        );
        problems.add(file, line, message);
    }
}

fn check_required(rule: Rule<'_>, section: &Section, rendered: &str, file: &str, problems: &mut Problems) {
    for name in rule.required() {
        if !placeholder::find(rendered).any(|(_, found)| found == Some(name)) {
            let message = format!(
                "section `{{#{}}}` does not render its rule's own {name}: write {{{name}}} in its text",
                section.anchor
            );
            problems.add(file, section.title.line, message);
        }
    }
}
