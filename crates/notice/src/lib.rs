//! The notice is the program: one source gives the text that people read and the table that
//! decides.
//!
//! A version of the notice is a small set of files: `clauses.toml` with the rules, once, and one
//! Markdown file per language with the prose. [`Notice::read`] refuses a version whose rules and
//! prose do not match; [`Notice::compile`] makes the [`Table`] that decides; the same clauses
//! render the prose. `notices/README.md` documents the format for those who write a notice.
//!
//! This crate does no I/O, reads no clock and knows no person: it never learns whether a condition
//! holds (the caller says which do), and it never says that a legal basis is right. A basis is
//! what the controller declared.

mod clause;
mod cookie;
mod decision;
mod difference;
mod document;
mod edition;
mod export;
mod hash;
mod language;
mod law;
mod matrix;
mod narrow;
mod nearest;
mod notice;
mod placeholder;
mod problem;
mod prose;
mod prose_check;
mod related;
mod render;
mod rule_check;
mod rules;
mod shipped;
mod supplement;
mod table;
mod terms;
mod text;
mod together_check;
mod toml_entry;
mod words;

#[cfg(test)]
mod oracle;

pub use clause::{Clause, Prohibition, Retention};
pub use cookie::{Cookie, CookieFault, SetCookie};
pub use decision::{ClauseSet, Decision, Permission, Question, Refusal};
pub use difference::{
    AccessChange, AccessKind, Difference, ProseChange, ProseKind, RuleChange, RuleKind, Way, What,
};
pub use document::Document;
pub use edition::Edition;
pub use export::{Record, RecordActivity, csv_cell};
pub use language::Spoken;
pub use law::{HealthBasis, LegalBasis, RetentionStart};
pub use matrix::Access;
pub use notice::Notice;
pub use problem::Problem;
pub use related::{Related, RelatedNotice};
pub use shipped::{SHIPPED, SHIPPED_RELATED, SHIPPED_TRAVEL};
pub use supplement::Supplement;
pub use table::Table;
pub use text::{Text, TextSection};
