//! The notice as people read it: HTML for the pages, plain text for letters, terminals and
//! downloads. Both come from the same filled text. A page around it is the portal's.

use pulldown_cmark::{Event, Parser, Tag, TagEnd, html};

use crate::Text;
use crate::language::Wording;

/// The scheme of a link to another document that is published with this one: `related:cookies`.
pub(crate) const RELATED: &str = "related:";

pub(crate) fn html(text: &Text, address: &dyn Fn(&str) -> Option<String>) -> String {
    let language = text.language;
    let mut out = format!("<main lang=\"{language}\">\n<h1>{}</h1>\n", escape_html(&text.title));
    out.push_str(&format!("<p class=\"edition\">{}</p>\n", escape_html(&text.edition)));
    push_html(&mut out, &text.lead, address);
    let contents = language.pick(["Contents", "Inhoud", "Sommaire", "Inhalt"]);
    out.push_str(&format!("<nav aria-label=\"{contents}\">\n<ol>\n"));
    for section in &text.sections {
        let (anchor, title) = (escape_html(&section.anchor), escape_html(&section.title));
        out.push_str(&format!("<li><a href=\"#{anchor}\">{title}</a></li>\n"));
    }
    out.push_str("</ol>\n</nav>\n");
    for (number, section) in (1..).zip(&text.sections) {
        let (anchor, title) = (escape_html(&section.anchor), escape_html(&section.title));
        out.push_str(&format!("<section id=\"{anchor}\">\n<h2>{number}. {title}</h2>\n"));
        push_html(&mut out, &section.body, address);
        out.push_str("</section>\n");
    }
    out.push_str("</main>\n");
    out
}

/// Markdown as HTML. A link to another document leads where it stands; without an address its words stay.
fn push_html(out: &mut String, markdown: &str, address: &dyn Fn(&str) -> Option<String>) {
    let mut is_dropped = false;
    let events = Parser::new(markdown).filter_map(|event| match event {
        Event::Start(Tag::Link { link_type, ref dest_url, ref title, ref id }) => {
            let Some(name) = dest_url.strip_prefix(RELATED) else { return Some(event) };
            let Some(to) = address(name) else {
                is_dropped = true;
                return None;
            };
            let (title, id) = (title.clone(), id.clone());
            Some(Event::Start(Tag::Link { link_type, dest_url: to.into(), title, id }))
        }
        // Links do not nest.
        Event::End(TagEnd::Link) if std::mem::take(&mut is_dropped) => None,
        event => Some(event),
    });
    html::push_html(out, events);
}

pub(crate) fn plain(text: &Text) -> String {
    let mut out = format!("{}\n\n{}\n\n", text.title, text.edition);
    push_plain(&mut out, &text.lead);
    for (number, section) in (1..).zip(&text.sections) {
        out.push_str(&format!("{number}. {} ({})\n\n", section.title, section.anchor));
        push_plain(&mut out, &section.body);
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// Markdown as plain text: paragraphs apart by an empty line, list items with a dash.
fn push_plain(out: &mut String, markdown: &str) {
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

fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
