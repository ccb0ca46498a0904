//! What a personal record is ([`Personal`]), what a use of it is ([`View`]), and what a field
//! becomes under a grant ([`Field`]).
//!
//! A record is written as one CBOR map per category, {field tag: value}. Tags are never reused;
//! unknown ones are kept when an older program rewrites a record. Encoding is not encryption:
//! sealing and opening is the gate's.

use minicbor::decode::Error as CborError;
use minicbor::{Decode, Decoder};

use crate::{Category, CategorySet, RecordKind, RetentionClass};

/// One personal field of a record type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldInfo {
    /// Its name in the code.
    pub name: &'static str,
    /// Its number in the stored map; never reused.
    pub tag: u32,
    /// What it is in the notice's words.
    pub category: Category,
}

/// A record of personal data: every field has a category. Derive it; do not implement it.
pub trait Personal: Sized {
    /// The kind, bound into every sealed value.
    const KIND: RecordKind;
    /// Every field.
    const FIELDS: &'static [FieldInfo];
    /// The categories that occur.
    const CATEGORIES: CategorySet;
    /// What it is kept and destroyed with.
    const RETENTION: RetentionClass;

    /// Writes the map of one category: the fields of this record, and these unknown ones as they
    /// were found ([`unknown_fields`]).
    fn encode(&self, category: Category, unknown: &[(u32, &[u8])], out: &mut Vec<u8>);
}

/// A use of a record: exactly the fields that it needs. Derive it; do not implement it.
pub trait View: Sized {
    /// The record type.
    type Of: Personal;
    /// The view's name, as the log shows it.
    const NAME: &'static str;
    /// The categories of its plain fields: without them the ask is refused.
    const NEEDED: CategorySet;
    /// The categories of all its fields.
    const WANTED: CategorySet;

    /// Builds the view from what was opened. A category that was not opened is withheld.
    fn build(opened: &Opened<'_>) -> Result<Self, DecodeError>;
}

/// A field under a grant.
#[derive(Clone, PartialEq, Eq)]
pub enum Field<T> {
    /// The clause shows it.
    Shown(T),
    /// The clause does not cover this category; the value was not decrypted.
    Withheld(Category),
}

impl<T> Field<T> {
    /// The value, if it is shown.
    pub fn shown(&self) -> Option<&T> {
        match self {
            Self::Shown(value) => Some(value),
            Self::Withheld(_) => None,
        }
    }
}

impl<T> std::fmt::Debug for Field<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Shown(_) => f.write_str("Shown(redacted)"),
            Self::Withheld(category) => write!(f, "Withheld({category})"),
        }
    }
}

/// A stored map that could not be read. It names the record and field, never a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a stored {kind} cannot be read: {problem}")]
pub struct DecodeError {
    /// The record's kind.
    pub kind: RecordKind,
    /// The field, or what is wrong with the map.
    pub problem: &'static str,
}

/// Places for maps: a category's number is its place.
const PLACES: usize = 16;

// INVARIANT: every category has a place.
const _: () = {
    let mut rest = Category::ALL;
    while let [first, tail @ ..] = rest {
        assert!((first.code() as usize) < PLACES);
        rest = tail;
    }
};

/// The decrypted maps of one record, by category. Only what a grant covers is there.
#[derive(Default)]
pub struct Opened<'a> {
    maps: [Option<&'a [u8]>; PLACES],
}

impl<'a> Opened<'a> {
    /// Adds the map of one category.
    pub fn insert(&mut self, category: Category, map: &'a [u8]) {
        if let Some(slot) = self.maps.get_mut(usize::from(category.code())) {
            *slot = Some(map);
        }
    }

    /// Reads the map of one category; `None` when it was withheld.
    pub fn reader(&self, category: Category) -> Option<Result<FieldReader<'a>, CborError>> {
        self.maps.get(usize::from(category.code())).copied().flatten().map(FieldReader::new)
    }
}

/// Reads the fields of one category's map, in turn.
pub struct FieldReader<'a> {
    decoder: Decoder<'a>,
    left: u64,
}

impl<'a> FieldReader<'a> {
    fn new(map: &'a [u8]) -> Result<Self, CborError> {
        let mut decoder = Decoder::new(map);
        let left = decoder.map()?.ok_or_else(|| CborError::message("the map has no length"))?;
        Ok(Self { decoder, left })
    }

    /// The next field's tag; its value must then be read or skipped.
    pub fn next_tag(&mut self) -> Result<Option<u32>, CborError> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.decoder.u32().map(Some)
    }

    /// Reads the value of the field.
    pub fn value<T: Decode<'a, ()>>(&mut self) -> Result<T, CborError> {
        self.decoder.decode()
    }

    /// Skips the value and gives its bytes.
    pub fn skip(&mut self) -> Result<&'a [u8], CborError> {
        let start = self.decoder.position();
        self.decoder.skip()?;
        self.decoder
            .input()
            .get(start..self.decoder.position())
            .ok_or_else(|| CborError::message("truncated"))
    }
}

/// The fields of a stored map that `P` does not know, for keeping when the record is rewritten.
pub fn unknown_fields<P: Personal>(map: &[u8]) -> Result<Vec<(u32, &[u8])>, DecodeError> {
    fields::<P>(map, |tag, _| P::FIELDS.iter().all(|field| field.tag != tag))
}

/// The fields of a map that hold something, with their values as written.
pub fn present_fields<P: Personal>(map: &[u8]) -> Result<Vec<(u32, &[u8])>, DecodeError> {
    const NULL: &[u8] = &[0xf6];
    fields::<P>(map, |_, value| value != NULL)
}

/// The fields of a map that are chosen by tag and value.
fn fields<P: Personal>(
    map: &[u8],
    choose: impl Fn(u32, &[u8]) -> bool,
) -> Result<Vec<(u32, &[u8])>, DecodeError> {
    let read = || -> Result<_, CborError> {
        let mut reader = FieldReader::new(map)?;
        let mut chosen = Vec::new();
        while let Some(tag) = reader.next_tag()? {
            let value = reader.skip()?;
            if choose(tag, value) {
                chosen.push((tag, value));
            }
        }
        Ok(chosen)
    };
    read().map_err(|_| DecodeError { kind: P::KIND, problem: "its map of fields is damaged" })
}
