//! A published document, the notice or one beside it, as a PDF: its Markdown as blocks and spans, so that the template only lays out.
//! It changes no word of the text and reads nothing of the rules.

use domain::Language;
use notice::Document;
use pulldown_cmark::{Event, Parser, Tag};
use serde::Serialize;

use crate::DocumentError;
use crate::engine::{Kind, Renderer};
use crate::figures::long_date;
use crate::sheet::Made;

/// What the template reads as JSON.
#[derive(Serialize)]
struct NoticeSheet {
    language: &'static str,
    made: Made,
    publisher: String,
    version: String,
    effective: String,
    /// The hexadecimal digits in groups of eight.
    hash: Vec<String>,
    /// Whether entries of the record cite its clauses: a related notice has none.
    is_cited: bool,
    title: String,
    lead: Vec<Node>,
    sections: Vec<SectionSheet>,
}

#[derive(Serialize)]
struct SectionSheet {
    anchor: String,
    title: String,
    blocks: Vec<Node>,
}

/// A block or a span.
#[derive(Serialize, Debug, PartialEq)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Node {
    Paragraph {
        content: Vec<Node>,
    },
    Heading {
        content: Vec<Node>,
    },
    /// A list without numbers: each item is blocks, or spans alone.
    List {
        items: Vec<Vec<Node>>,
    },
    Numbers {
        start: u64,
        items: Vec<Vec<Node>>,
    },
    /// What stands in a list's item without a paragraph of its own.
    Spans {
        content: Vec<Node>,
    },
    Text {
        text: String,
    },
    Break,
    Strong {
        content: Vec<Node>,
    },
    Emphasis {
        content: Vec<Node>,
    },
    Link {
        to: String,
        content: Vec<Node>,
    },
}

impl Renderer {
    /// Sets a document in one language as a PDF, accessible (PDF/UA-1) and fit to archive (PDF/A-2a), each
    /// section under its anchor. Languages are as for [`Document::text`]. The same document and publisher give the
    /// same bytes: its date is the day that it takes effect.
    ///
    /// # Errors
    /// A character that the font cannot print.
    pub fn notice(
        &self,
        notice: &Document,
        publisher: &str,
        language: Language,
    ) -> Result<Vec<u8>, DocumentError> {
        let text = notice.text(language);
        for (field, words) in [("the publisher's name", publisher), ("the notice's title", &text.title)] {
            self.printable(field, words)?;
        }
        for words in text.sections.iter().flat_map(|section| [&section.title, &section.body]) {
            self.printable("the notice's text", words)?;
        }
        self.printable("the notice's text", &text.lead)?;
        let hash: Vec<String> = notice.hash().chunks(4).map(hexadecimal).collect();
        let ident = format!("notice {} {} {}", notice.version(), text.language, hash.concat());
        let sections = text.sections.into_iter().map(|section| SectionSheet {
            anchor: section.anchor,
            title: section.title,
            blocks: nodes(&mut Parser::new(&section.body)),
        });
        let sheet = NoticeSheet {
            language: text.language.word(),
            made: Made::on(notice.effective()),
            publisher: publisher.to_owned(),
            version: notice.version().to_owned(),
            effective: long_date(notice.effective(), text.language),
            hash,
            is_cited: !notice.clauses().is_empty(),
            title: text.title,
            lead: nodes(&mut Parser::new(&text.lead)),
            sections: sections.collect(),
        };
        self.pdf(Kind::Notice, &sheet, ident)
    }

    fn printable(&self, field: &'static str, words: &str) -> Result<(), DocumentError> {
        if words.chars().all(|character| self.has(character)) {
            return Ok(());
        }
        Err(DocumentError::Unprintable { field })
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The nodes up to the end of what the last event began, or of the text. What a notice's prose may not
/// have (pictures, code, raw HTML) the notice's check has refused.
fn nodes<'a>(events: &mut impl Iterator<Item = Event<'a>>) -> Vec<Node> {
    let mut found = Vec::new();
    while let Some(event) = events.next() {
        match event {
            Event::End(_) => break,
            Event::Text(text) | Event::Code(text) => found.push(Node::Text { text: text.into_string() }),
            Event::SoftBreak => found.push(Node::Text { text: " ".to_owned() }),
            Event::HardBreak => found.push(Node::Break),
            Event::Start(tag) => {
                let content = nodes(events);
                match tag {
                    Tag::Heading { .. } => found.push(Node::Heading { content }),
                    Tag::Strong => found.push(Node::Strong { content }),
                    Tag::Emphasis => found.push(Node::Emphasis { content }),
                    // A paper has no address for what is published beside it: the words stay.
                    Tag::Link { dest_url, .. } if dest_url.starts_with("related:") => found.extend(content),
                    Tag::Link { dest_url, .. } => {
                        found.push(Node::Link { to: dest_url.into_string(), content });
                    }
                    Tag::List(start) => found.push(list(start, content)),
                    Tag::Item => found.push(Node::Spans { content }),
                    _ => found.push(Node::Paragraph { content }),
                }
            }
            _ => {}
        }
    }
    found
}

/// A list from its items, each of which came as spans around its nodes.
fn list(start: Option<u64>, items: Vec<Node>) -> Node {
    let items = items.into_iter().map(|item| match item {
        Node::Spans { content } => blocks(content),
        other => vec![other],
    });
    match start {
        Some(start) => Node::Numbers { start, items: items.collect() },
        None => Node::List { items: items.collect() },
    }
}

/// An item's nodes, runs of spans held together.
fn blocks(nodes: Vec<Node>) -> Vec<Node> {
    let mut blocks = Vec::new();
    for node in nodes {
        let is_block = matches!(
            node,
            Node::Paragraph { .. } | Node::Heading { .. } | Node::List { .. } | Node::Numbers { .. }
        );
        match blocks.last_mut() {
            _ if is_block => blocks.push(node),
            Some(Node::Spans { content }) => content.push(node),
            _ => blocks.push(Node::Spans { content: vec![node] }),
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Node {
        Node::Text { text: text.to_owned() }
    }

    #[test]
    fn markdown_becomes_blocks_and_spans() {
        let markdown = "One *two*\n[three](#about.us).\n\n- **Four:** five\n  - six\n- seven\n\n3. eight\n";
        let found = nodes(&mut Parser::new(markdown));
        let expected = vec![
            Node::Paragraph {
                content: vec![
                    text("One "),
                    Node::Emphasis { content: vec![text("two")] },
                    text(" "),
                    Node::Link { to: "#about.us".to_owned(), content: vec![text("three")] },
                    text("."),
                ],
            },
            Node::List {
                items: vec![
                    vec![
                        Node::Spans {
                            content: vec![Node::Strong { content: vec![text("Four:")] }, text(" five")],
                        },
                        Node::List { items: vec![vec![Node::Spans { content: vec![text("six")] }]] },
                    ],
                    vec![Node::Spans { content: vec![text("seven")] }],
                ],
            },
            Node::Numbers { start: 3, items: vec![vec![Node::Spans { content: vec![text("eight")] }]] },
        ];
        assert_eq!(found, expected);
    }
}
