//! The frame of every page: skip link, masthead, languages, footer. Landmarks and help are in the
//! same place everywhere (WCAG 2.2: 2.4.1 bypass blocks, 3.2.6 consistent help).

use domain::Language;
use maud::{DOCTYPE, Markup, html};

use crate::words::{Words, own_name};

/// What all pages of a site share, and in which language this one is.
#[derive(Debug, Clone)]
pub struct Shell<'a> {
    /// The administrator's name.
    pub site: &'a str,
    /// The language of the fixed words.
    pub language: Language,
    /// Where this page stands in each language that it has, this one included; empty or one: no choice is shown.
    pub languages: &'a [(Language, &'a str)],
    /// Where the front page stands.
    pub home_href: &'a str,
    /// Where the notice in force stands.
    pub notice_href: &'a str,
    /// Where to ask a person.
    pub contact: Contact<'a>,
}

/// How to reach a person.
#[derive(Debug, Clone, Copy)]
pub struct Contact<'a> {
    /// As it reads: an address, a number.
    pub text: &'a str,
    /// Where it leads: `mailto:`, `tel:` or a page.
    pub href: &'a str,
}

impl Shell<'_> {
    /// A whole page around its content, which brings exactly one `main`.
    pub(crate) fn page(&self, title: &str, content: &Markup) -> Markup {
        let words = self.words();
        html! {
            (DOCTYPE)
            html lang=(self.language.word()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (title) " – " (self.site) }
                    link rel="stylesheet" href="/style.css";
                    @for (language, href) in self.languages {
                        link rel="alternate" hreflang=(language.word()) href=(href);
                    }
                }
                body {
                    a.skip href="#content" { (words.skip) }
                    header.masthead {
                        a.site href=(self.home_href) { (self.site) }
                        nav aria-label=(words.menu) {
                            a href=(self.home_href) { (words.home) }
                            a href=(self.notice_href) { (words.notice) }
                        }
                        @if self.languages.len() > 1 { (self.choice_of_language()) }
                    }
                    div #content tabindex="-1" { (content) }
                    footer {
                        p { (words.questions) " " a href=(self.contact.href) { (self.contact.text) } }
                    }
                }
            }
        }
    }

    /// Each language in its own words, for those who cannot read the page that they are on.
    fn choice_of_language(&self) -> Markup {
        html! {
            nav.languages aria-label=(self.words().languages) {
                ul {
                    @for (language, href) in self.languages {
                        @let current = (*language == self.language).then_some("page");
                        li {
                            a href=(href) lang=(language.word()) hreflang=(language.word()) aria-current=[current] {
                                (own_name(*language))
                            }
                        }
                    }
                }
            }
        }
    }

    pub(crate) fn words(&self) -> &'static Words {
        Words::of(self.language)
    }
}
