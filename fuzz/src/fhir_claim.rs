//! Claims as FHIR: read whole or refused one by one, and no message repeats a value.

use domain::{Category, Currency};
use intake::{Mapping, fhir};

use crate::SECRET;

pub(crate) fn check(input: &[u8]) {
    let covered = Category::ALL.iter().copied().collect();
    let mapping = Mapping::new("community", Currency::EUR, covered).unwrap();
    let mut messages = Vec::new();
    match fhir::read("f", input, &mapping) {
        Err(error) => messages.push(error.to_string()),
        Ok(parsed) => messages.extend(parsed.refused.iter().map(|refused| refused.reason.to_string())),
    }
    match fhir::resources("f", input, &mapping) {
        Err(error) => messages.push(error.to_string()),
        Ok(stream) => messages.extend(stream.filter_map(Result::err).map(|error| error.to_string())),
    }
    for message in messages {
        assert!(!message.contains(SECRET), "an error repeats a value: {message}");
    }
}
