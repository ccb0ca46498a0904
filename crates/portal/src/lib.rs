//! The pages that people see: a shell that all share ([`Shell`]), the published notice
//! ([`NoticePage`]), the front page with its counts ([`Home`]), the page of what went wrong
//! ([`Trouble`]), the record of processing activities ([`record_page`]) and a command's tables ([`TablePage`]). Beside them, what services get as
//! JSON ([`cover_json`], [`consents_json`], [`cards_json`], [`estimate_json`], [`found_json`], [`guarantee_json`], [`supplement_json`], [`travel_json`], [`recipients_value`]) or as a file ([`material_file`]);
//! and what an officer gets of an incident ([`incident_value`], [`incident_draft`]).
//!
//! A face: each page is a pure function of what it is given, which is what a grant has shown or
//! what is public. It has no handlers, asks for nothing, and needs no script: every page works with
//! forms and links alone, on paper too. The house style is one sheet, [`STYLE`].

mod consent_json;
mod cover_json;
mod emergency_json;
mod estimate_json;
mod found_json;
mod guarantee_json;
mod home;
mod incident;
mod notice_page;
mod recipients_json;
mod record_page;
mod shell;
mod supplied_json;
mod table_page;
mod travel_json;
mod trouble;
mod words;

pub use consent_json::consents_json;
pub use cover_json::cover_json;
pub use emergency_json::{emergency_json, emergency_reason};
pub use estimate_json::estimate_json;
pub use found_json::found_json;
pub use guarantee_json::guarantee_json;
pub use home::{Home, PortfolioCounts, SMALLEST_GROUP};
pub use incident::{incident_draft, incident_value};
pub use notice_page::{NoticePage, NoticeVersion};
pub use recipients_json::{recipient_value, recipients_value};
pub use record_page::record_page;
pub use shell::{Contact, Shell};
pub use supplied_json::{cards_json, material_file, waiting_json};
pub use table_page::{PageTable, TablePage};
pub use travel_json::{supplement_json, taken_json, travel_json};
pub use trouble::Trouble;
pub use words::deferral;

/// The style sheet, to be served at `/style.css` as `text/css; charset=utf-8`. It loads nothing else,
/// so that `default-src 'none'; style-src 'self'` does for every page.
pub const STYLE: &str = include_str!("style.css");
