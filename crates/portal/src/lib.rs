//! The pages that people see: a shell that all share ([`Shell`]), the published notice
//! ([`NoticePage`]), the front page with its counts ([`Home`]), the page of what went wrong
//! ([`Trouble`]) and the record of processing activities ([`record_page`]). Beside them, what services get as
//! JSON ([`cover_json`], [`consents_json`], [`recipients_value`]).
//!
//! A face: each page is a pure function of what it is given, which is what a grant has shown or
//! what is public. It has no handlers, asks for nothing, and needs no script: every page works with
//! forms and links alone, on paper too. The house style is one sheet, [`STYLE`].

mod consent_json;
mod cover_json;
mod home;
mod notice_page;
mod recipients_json;
mod record_page;
mod shell;
mod trouble;
mod words;

pub use consent_json::consents_json;
pub use cover_json::cover_json;
pub use home::{Home, PortfolioCounts, SMALLEST_GROUP};
pub use notice_page::{NoticePage, NoticeVersion};
pub use recipients_json::{recipient_value, recipients_value};
pub use record_page::record_page;
pub use shell::{Contact, Shell};
pub use trouble::Trouble;

/// The style sheet, to be served at `/style.css` as `text/css; charset=utf-8`. It loads nothing else,
/// so that `default-src 'none'; style-src 'self'` does for every page.
pub const STYLE: &str = include_str!("style.css");
