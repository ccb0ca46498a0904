//! FHIR R4 JSON: `Claim` resources, one, many after one another (NDJSON) or in a `Bundle`; from a
//! Bundle also the Patient, Coverage, Organization and Practitioner that its claims need.
//!
//! It reads the few elements that a claim here has and leaves every other one where it is. It is
//! no validator, reads no other version of FHIR, and follows no reference out of the Bundle.

use std::collections::VecDeque;
use std::io::{BufReader, Read};

use serde_json::error::Category as JsonFault;
use serde_json::{Deserializer, StreamDeserializer, Value, de::IoRead};

use crate::guard::{Budget, Guard};
use crate::{
    ClaimDraft, CoverageDraft, DraftKind, InputError, Mapping, MemberDraft, Parsed, Place, Problem,
    ProviderDraft, Refused,
};

mod bundle;
mod care;
mod claim;
mod node;
mod people;

/// The largest resource, a whole Bundle included, in bytes.
pub const MAX_RESOURCE_BYTES: usize = 32 * 1024 * 1024;

/// What one resource gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A Patient.
    Member(MemberDraft),
    /// A Coverage.
    Coverage(CoverageDraft),
    /// An Organization or Practitioner.
    Provider(ProviderDraft),
    /// A Claim.
    Claim(ClaimDraft),
    /// A resource of one of these kinds that cannot become a record.
    Refused(Refused),
    /// A resource of a type that is not taken in; its type.
    LeftOut(String),
}

/// A stream of what the resources of a file give.
///
/// Memory: one resource, or one Bundle, at a time.
pub struct Resources<R: Read> {
    file: String,
    mapping: Mapping,
    values: StreamDeserializer<'static, IoRead<BufReader<Guard<R>>>, Value>,
    budget: Budget,
    number: u64,
    waiting: VecDeque<Found>,
    done: bool,
}

/// Reads a file of resources: a single one, a Bundle, or one after another as in NDJSON.
///
/// # Errors
/// When no clause covers the categories that a claim holds.
pub fn resources<R: Read>(file: &str, reader: R, mapping: &Mapping) -> Result<Resources<R>, InputError> {
    mapping.check_covered(file, DraftKind::Claim)?;
    let (guard, budget) = Guard::new(reader, 0);
    Ok(Resources {
        file: file.to_owned(),
        mapping: mapping.clone(),
        values: Deserializer::from_reader(BufReader::new(guard)).into_iter(),
        budget,
        number: 0,
        waiting: VecDeque::new(),
        done: false,
    })
}

/// Reads a whole file of resources into one account: for Bundles and samples.
///
/// # Errors
/// On JSON that cannot be read, with nothing taken in.
pub fn read<R: Read>(file: &str, reader: R, mapping: &Mapping) -> Result<Parsed, InputError> {
    let mut parsed = Parsed::default();
    for found in resources(file, reader, mapping)? {
        match found? {
            Found::Member(draft) => {
                parsed.report.read("Patient");
                parsed.members.push(draft);
            }
            Found::Coverage(draft) => {
                parsed.report.read("Coverage");
                parsed.coverages.push(draft);
            }
            Found::Provider(draft) => {
                parsed.report.read("Organization or Practitioner");
                parsed.providers.push(draft);
            }
            Found::Claim(draft) => {
                parsed.report.read("Claim");
                parsed.claims.push(draft);
            }
            Found::Refused(refused) => {
                parsed.report.read(&format!("{}, refused", refused.kind));
                parsed.refused.push(refused);
            }
            Found::LeftOut(kind) => parsed.report.note(&format!("{kind}: not taken in"), 1),
        }
    }
    Ok(parsed)
}

impl<R: Read> Iterator for Resources<R> {
    type Item = Result<Found, InputError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(found) = self.waiting.pop_front() {
                return Some(Ok(found));
            }
            if self.done {
                return None;
            }
            self.budget.grant(MAX_RESOURCE_BYTES);
            self.number += 1;
            match self.values.next() {
                None => self.done = true,
                Some(Ok(value)) => match bundle::unpack(&value, &self.file, self.number, &self.mapping) {
                    Ok(found) => self.waiting = found.into(),
                    Err(error) => return Some(Err(error)),
                },
                Some(Err(error)) => {
                    self.done = true;
                    return Some(Err(self.unreadable(&error)));
                }
            }
        }
    }
}

impl<R: Read> Resources<R> {
    /// Says where and in what way the JSON is broken; serde's own message may quote the text.
    fn unreadable(&self, error: &serde_json::Error) -> InputError {
        let at = |what| Problem::Json { line: error.line(), column: error.column(), what };
        let problem = match error.classify() {
            _ if self.budget.is_spent() => Problem::TooLong(MAX_RESOURCE_BYTES),
            JsonFault::Io => Problem::Read(error.io_error_kind().unwrap_or(std::io::ErrorKind::Other)),
            JsonFault::Eof => at("it ends too early"),
            JsonFault::Syntax | JsonFault::Data => at("a character is out of place"),
        };
        InputError { file: self.file.clone(), place: Place::File, problem }
    }
}
