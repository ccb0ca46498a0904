//! The notice as people read it: HTML for the pages, plain text for letters, terminals and
//! downloads. Both come from the same filled Markdown. A page around it is the portal's.

use pulldown_cmark::{Event, Parser, Tag, TagEnd, html};

use crate::language::Wording;
use crate::placeholder::{self, Rule};
use crate::prose::{Part, Prose};
use crate::rules::Rules;

pub(crate) fn html(rules: &Rules, prose: &Prose) -> String {
    let language = prose.language;
    let mut out =
        format!("<main lang=\"{language}\">\n<h1>{}</h1>\n", escape_html(&title(rules, prose, &prose.title)));
    out.push_str(&format!("<p class=\"edition\">{}</p>\n", escape_html(&edition(rules, prose))));
    push_body(&mut out, rules, prose, Rule::None, &prose.lead);
    let contents = language.pick(["Contents", "Inhoud", "Sommaire", "Inhalt"]);
    out.push_str(&format!("<nav aria-label=\"{contents}\">\n<ol>\n"));
    for section in &prose.sections {
        let title = escape_html(&title(rules, prose, &section.title));
        out.push_str(&format!("<li><a href=\"#{0}\">{title}</a></li>\n", escape_html(&section.anchor)));
    }
    out.push_str("</ol>\n</nav>\n");
    for (number, section) in (1..).zip(&prose.sections) {
        let title = escape_html(&title(rules, prose, &section.title));
        let anchor = escape_html(&section.anchor);
        out.push_str(&format!("<section id=\"{anchor}\">\n<h2>{number}. {title}</h2>\n"));
        push_body(&mut out, rules, prose, Rule::of(rules, &section.anchor), &section.body);
        out.push_str("</section>\n");
    }
    out.push_str("</main>\n");
    out
}

pub(crate) fn text(rules: &Rules, prose: &Prose) -> String {
    let mut out = format!("{}\n\n{}\n\n", title(rules, prose, &prose.title), edition(rules, prose));
    push_text(&mut out, &filled(rules, prose, Rule::None, &prose.lead));
    for (number, section) in (1..).zip(&prose.sections) {
        out.push_str(&format!("{number}. {} ({})\n\n", title(rules, prose, &section.title), section.anchor));
        push_text(&mut out, &filled(rules, prose, Rule::of(rules, &section.anchor), &section.body));
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn edition(rules: &Rules, prose: &Prose) -> String {
    let (version, effective) = (&rules.version, rules.effective);
    prose.language.pick([
        format!("Version {version}, in force from {effective}."),
        format!("Versie {version}, van kracht vanaf {effective}."),
        format!("Version {version}, en vigueur à partir du {effective}."),
        format!("Fassung {version}, gültig ab {effective}."),
    ])
}

/// A heading is plain text: filled, not Markdown.
pub(crate) fn title(rules: &Rules, prose: &Prose, part: &Part) -> String {
    placeholder::fill(&part.text, |name| placeholder::value(rules, Rule::None, prose.language, name))
}

fn filled(rules: &Rules, prose: &Prose, rule: Rule<'_>, part: &Part) -> String {
    placeholder::fill(&part.text, |name| {
        placeholder::value(rules, rule, prose.language, name).map(|value| escape_markdown(&value))
    })
}

fn push_body(out: &mut String, rules: &Rules, prose: &Prose, rule: Rule<'_>, part: &Part) {
    let markdown = filled(rules, prose, rule, part);
    html::push_html(out, Parser::new(&markdown));
}

/// Markdown as plain text: paragraphs apart by an empty line, list items with a dash.
fn push_text(out: &mut String, markdown: &str) {
    let mut depth: usize = 0;
    let mut link = None;
    for event in Parser::new(markdown) {
        match event {
            Event::Text(text) | Event::Code(text) => out.push_str(&text),
            Event::SoftBreak => out.push(' '),
            Event::HardBreak => out.push('\n'),
            Event::Start(Tag::List(_)) => {
                if depth > 0 {
                    out.push('\n');
                }
                depth += 1;
            }
            Event::End(TagEnd::List(_)) => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    out.push('\n');
                }
            }
            Event::Start(Tag::Item) => out.push_str(&format!("{}- ", "  ".repeat(depth.saturating_sub(1)))),
            Event::End(TagEnd::Item) => {
                out.truncate(out.trim_end().len());
                out.push('\n');
            }
            Event::Start(Tag::Link { dest_url, .. }) => link = Some(dest_url),
            Event::End(TagEnd::Link) => {
                if let Some(target) = link.take().filter(|target| target.starts_with("https:")) {
                    out.push_str(&format!(" <{target}>"));
                }
            }
            Event::End(TagEnd::Paragraph | TagEnd::Heading(_)) => out.push_str("\n\n"),
            _ => {}
        }
    }
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

fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
