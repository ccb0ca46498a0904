//! The page of what went wrong: in words, without a code that only programs read, and with the way on.
//! It never repeats what was asked.

use maud::{Markup, html};

use crate::shell::Shell;

/// What went wrong, as far as a reader can do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// There is no such page.
    NotFound,
    /// The site cannot answer now; later it can.
    Unavailable,
    /// Anything else.
    Other,
}

impl Trouble {
    /// The page.
    #[must_use]
    pub fn render(self, shell: &Shell<'_>) -> Markup {
        let words = shell.words();
        let (title, text) = match self {
            Self::NotFound => (words.not_found, words.not_found_text),
            Self::Unavailable => (words.unavailable, words.unavailable_text),
            Self::Other => (words.trouble, words.trouble_text),
        };
        let content = html! {
            main {
                h1 { (title) }
                p.lead { (text) }
                p { a.button href=(shell.home_href) { (words.to_home) } }
            }
        };
        shell.page(title, &content)
    }
}
