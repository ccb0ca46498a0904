//! Splits a language's Markdown file into its title, its lead and its sections.
//!
//! The form: one `# Title` at the top, then what stands before the sections, then sections that
//! begin with `## Title {#anchor}`. The anchor is a rule's id, or begins with `about.` where no
//! rule belongs to the section. Whether anchors and rules match is `prose_check`'s to say.

use domain::Language;

use crate::problem::Problems;

/// One language's text.
#[derive(Debug, Clone)]
pub(crate) struct Prose {
    pub(crate) language: Language,
    pub(crate) title: Part,
    /// What stands between the title and the first section.
    pub(crate) lead: Part,
    pub(crate) sections: Vec<Section>,
}

/// Markdown and the line that it begins on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Part {
    pub(crate) text: String,
    pub(crate) line: u32,
}

/// One section.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    pub(crate) anchor: String,
    /// Plain text, with placeholders.
    pub(crate) title: Part,
    pub(crate) body: Part,
}

impl Prose {
    /// Every piece of text, the title first.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &Part> {
        let sections = self.sections.iter().flat_map(|section| [&section.title, &section.body]);
        [&self.title, &self.lead].into_iter().chain(sections)
    }
}

/// The name of a language's file.
pub(crate) fn file_name(language: Language) -> String {
    format!("{language}.md")
}

/// Reads one language's file. What is not in the form is a problem, and left out.
pub(crate) fn read(language: Language, text: &str, problems: &mut Problems) -> Prose {
    let file = file_name(language);
    let mut prose = Prose { language, title: Part::default(), lead: Part::default(), sections: Vec::new() };
    for (line, content) in (1u32..).zip(text.lines()) {
        if let Some(heading) = content.strip_prefix("## ") {
            match section_heading(heading, line) {
                Some(section) => prose.sections.push(section),
                None => {
                    let message = "a section's heading has no anchor: write `## Title {#id}` with a rule's id, or `{#about.words}` where no rule belongs to it";
                    problems.add(&file, line, message);
                }
            }
        } else if let Some(title) = content.strip_prefix("# ") {
            if !prose.title.text.is_empty() || !prose.sections.is_empty() {
                problems.add(&file, line, "a second title: begin a section with `## Title {#id}`");
            }
            prose.title = Part { text: title.trim().to_owned(), line };
            prose.lead.line = line + 1;
        } else if let Some(section) = prose.sections.last_mut() {
            add_line(&mut section.body, content);
        } else if prose.title.text.is_empty() && !content.trim().is_empty() {
            problems.add(&file, line, "text before the title: begin the file with `# Title`");
        } else if !prose.title.text.is_empty() {
            add_line(&mut prose.lead, content);
        }
    }
    if prose.title.text.is_empty() {
        problems.add(&file, 1, "no title: begin the file with `# Title`");
    }
    prose
}

fn add_line(part: &mut Part, content: &str) {
    part.text.push_str(content);
    part.text.push('\n');
}

/// `Title {#anchor}`, without the leading marks.
fn section_heading(heading: &str, line: u32) -> Option<Section> {
    let (title, rest) = heading.rsplit_once("{#")?;
    let anchor = rest.trim_end().strip_suffix('}')?;
    if title.trim().is_empty() || anchor.is_empty() || anchor.contains(char::is_whitespace) {
        return None;
    }
    Some(Section {
        anchor: anchor.to_owned(),
        title: Part { text: title.trim().to_owned(), line },
        body: Part { text: String::new(), line: line + 1 },
    })
}
