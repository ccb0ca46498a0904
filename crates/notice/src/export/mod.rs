//! The same clauses for other readers: the record of processing activities for an authority, the Data Privacy
//! Vocabulary for programs that compare controllers, Cedar for who wants to decide by them elsewhere. Exports
//! say what the clauses say; nothing in the program decides by an export.

mod cedar;
mod dpv;
mod record;

pub use record::{Record, RecordActivity, csv_cell};
