//! The data protection notice, or a document beside it, as a page: the text as the notice renders it, and beside it what
//! tells this version from any other. It changes no word of the text.

use domain::{Date, Language};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::STYLE;
use crate::shell::Shell;
use crate::words::Words;

/// A published version of the notice, in one language.
#[derive(Debug, Clone)]
pub struct NoticePage<'a> {
    /// Its title, when it is not the notice itself but a document beside it.
    pub title: Option<&'a str>,
    /// The portfolio that it is the notice of.
    pub portfolio: &'a str,
    /// The version's name.
    pub version: &'a str,
    /// The day it takes effect.
    pub effective: Date,
    /// SHA-256 over rules and all prose, in hexadecimal digits.
    pub hash: &'a str,
    /// Whether entries of the record cite its clauses: a related notice has none.
    pub is_cited: bool,
    /// The language of the text, which may differ from the page's when the text has no other.
    pub language: Language,
    /// The text as the notice renders it: a `main` element with the heading. Trusted, because it comes
    /// from the published files and has been escaped there.
    pub text: &'a str,
    /// Where this text can be had as plain text.
    pub text_href: &'a str,
    /// Where it can be had as HTML, without the site around it.
    pub html_href: &'a str,
    /// Where it can be had as a PDF.
    pub pdf_href: &'a str,
    /// Every published version, newest first, this one included.
    pub versions: &'a [NoticeVersion<'a>],
    /// What is published beside it: titles, and where each stands.
    pub beside: &'a [(&'a str, &'a str)],
}

/// A published version, for the list of versions.
#[derive(Debug, Clone)]
pub struct NoticeVersion<'a> {
    /// Its name.
    pub version: &'a str,
    /// The day it takes or took effect.
    pub effective: Date,
    /// Where it stands.
    pub href: &'a str,
}

impl NoticePage<'_> {
    /// The page.
    #[must_use]
    pub fn render(&self, shell: &Shell<'_>) -> Markup {
        let words = shell.words();
        let content = html! {
            div.with-aside {
                (PreEscaped(self.text))
                aside aria-label=(words.edition) {
                    (self.edition(words))
                    ul.downloads.screen-only {
                        li { a href=(self.pdf_href) download { (words.download_pdf) } }
                        li { a href=(self.text_href) download { (words.download_text) } }
                        li { a href=(self.html_href) download { (words.download_html) } }
                    }
                    p.note.screen-only { (words.print) }
                    @if self.versions.len() > 1 { (self.other_versions(words.versions)) }
                    @if !self.beside.is_empty() { (self.documents_beside(words.beside)) }
                }
            }
        };
        shell.page(self.title.unwrap_or(words.notice), &content)
    }

    /// The text as one file without the site around it: it brings its own style, loads nothing, and says
    /// which version it is, on screen and on paper.
    #[must_use]
    pub fn standalone(&self) -> Markup {
        // The words beside the text are in the language of the text: there is no page around it.
        let words = Words::of(self.language);
        html! {
            (DOCTYPE)
            html lang=(self.language.word()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.title.unwrap_or(words.notice)) " – " (self.portfolio) " – " (self.version) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    div.with-aside {
                        (PreEscaped(self.text))
                        aside aria-label=(words.edition) { (self.edition(words)) }
                    }
                }
            }
        }
    }

    /// What tells this version from any other.
    fn edition(&self, words: &Words) -> Markup {
        html! {
            h2 { (words.edition) }
            dl {
                dt { (words.portfolio) }
                dd { (self.portfolio) }
                dt { (words.version) }
                dd { (self.version) }
                dt { (words.effective) }
                dd { (time(self.effective)) }
                dt { (words.hash) }
                dd.hash { (self.grouped_hash()) }
            }
            @if self.is_cited {
                p.note { (words.hash_why) }
                p.note { (words.deferral) }
            }
        }
    }

    fn other_versions(&self, heading: &str) -> Markup {
        html! {
            div.screen-only {
                h2 { (heading) }
                ul.versions {
                    @for version in self.versions {
                        @let current = (version.version == self.version).then_some("page");
                        li {
                            a href=(version.href) aria-current=[current] { (version.version) }
                            " " (time(version.effective))
                        }
                    }
                }
            }
        }
    }

    fn documents_beside(&self, heading: &str) -> Markup {
        html! {
            div.screen-only {
                h2 { (heading) }
                ul { @for (title, href) in self.beside { li { a href=(href) { (title) } } } }
            }
        }
    }

    /// The hash in groups of eight, which an eye can compare; copied, it has no spaces.
    fn grouped_hash(&self) -> Markup {
        let digits: Vec<char> = self.hash.chars().collect();
        html! {
            code { @for group in digits.chunks(8) { span { (group.iter().collect::<String>()) } wbr; } }
        }
    }
}

fn time(date: Date) -> Markup {
    html! { time datetime=(date) { (date) } }
}
