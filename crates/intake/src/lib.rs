//! Files in: members, cover, providers and claims as CSV, claims as FHIR R4 JSON, and a few
//! documented mappings of real data. Text goes in, drafts made of the domain's types come out.
//!
//! What this crate deliberately does not do: it opens no file and no connection, gives out no ids
//! (the gate hashes the source's ids with a key), stores nothing and decides no claim. It takes in
//! only columns that a clause of the notice covers: the caller says which categories those are,
//! and any other column is refused by name. Its errors say where and what to do, never a value.
//!
//! - [`columns`]: the one table of every column of every kind of file.
//! - [`members`], [`coverage`], [`providers`], [`claims`]: streams of drafts from our own CSV files.
//! - [`exclusions`]: providers who are excluded for a time.
//! - [`fhir`], [`synthea_csv`], [`pysynthea`]: other people's files.

pub mod columns;
pub mod fhir;
pub mod pysynthea;
pub mod synthea_csv;

mod claims;
mod draft;
mod drafts;
mod error;
mod exclusions;
mod guard;
mod gzip;
mod mapping;
mod other_cover;
mod parsed;
mod people;
mod rates;
mod table;

pub use claims::{ClaimDrafts, LineOrder, MAX_HELD_LINES, MAX_LINES_PER_CLAIM, claims};
pub use columns::{Column, Layout, Need};
pub use draft::{
    Circumstances, ClaimDraft, CoverageDraft, DraftKind, MemberDraft, Origin, ProviderDraft, Refused,
    SourceId,
};
pub use drafts::Drafts;
pub use error::{ErrorList, InputError, Place, Problem};
pub use exclusions::{ExclusionDraft, ExclusionDrafts, exclusions};
pub use gzip::decompressed;
pub use mapping::{ClaimUse, Mapping};
pub use parsed::{Parsed, Report};
pub use people::{coverage, members, providers};
pub use rates::{PublishedRate, PublishedRates, exchange_rates};
pub use table::{MAX_FIELD_BYTES, MAX_ROW_BYTES};
