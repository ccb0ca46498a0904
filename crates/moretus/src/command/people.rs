//! People in lists of the holder of the root key: each is a number, which is another one in every list. Ids are given, and not
//! told.

use std::collections::BTreeMap;

use domain::SubjectId;
use serde_json::{Value, json};

/// The numbers of one list, in the order in which people come.
#[derive(Default)]
pub(super) struct Numbers(BTreeMap<SubjectId, usize>);

impl Numbers {
    pub(super) fn of(&mut self, subject: SubjectId) -> usize {
        let next = self.0.len() + 1;
        *self.0.entry(subject).or_insert(next)
    }

    /// A line of the list for programs, with whose it is.
    pub(super) fn add_to(&mut self, mut line: Value, subject: SubjectId) -> Value {
        if let Some(fields) = line.as_object_mut() {
            fields.insert("person".to_owned(), json!(self.of(subject)));
        }
        line
    }
}
