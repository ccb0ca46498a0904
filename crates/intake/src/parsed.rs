//! What a mapping of several files gives: drafts, refusals, and an account of everything else.

use std::collections::BTreeMap;

use crate::{ClaimDraft, CoverageDraft, MemberDraft, ProviderDraft, Refused};

/// The drafts of a set of files.
#[derive(Debug, Default)]
pub struct Parsed {
    /// Providers; take them in first.
    pub providers: Vec<ProviderDraft>,
    /// Members.
    pub members: Vec<MemberDraft>,
    /// Spans of cover.
    pub coverages: Vec<CoverageDraft>,
    /// Claims.
    pub claims: Vec<ClaimDraft>,
    /// What cannot become a record, each with its reason.
    pub refused: Vec<Refused>,
    /// Everything that was read, counted.
    pub report: Report,
}

/// The account of an import: no row or resource that was read is missing from it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows or resources that were read, by kind of file or resource.
    pub read: BTreeMap<String, u64>,
    /// What was left out on purpose or read in a particular way, by reason.
    pub notes: BTreeMap<String, u64>,
}

impl Report {
    pub(crate) fn read(&mut self, what: &str) {
        *self.read.entry(what.to_owned()).or_default() += 1;
    }

    pub(crate) fn note(&mut self, what: &str, count: u64) {
        if count > 0 {
            *self.notes.entry(what.to_owned()).or_default() += count;
        }
    }
}
