//! A JSON object of a claims file and the fields that are asked of it. An error says where it is and
//! never repeats what stands there.

use std::str::FromStr;

use domain::{Currency, Diagnosis, Money, ParseError, ServiceCode};
use serde_json::{Map, Value};

use super::FileError;

/// A JSON object and where it stands in the file.
pub(super) struct Object<'a> {
    path: String,
    map: &'a Map<String, Value>,
}

impl<'a> Object<'a> {
    pub(super) fn new(path: String, value: &'a Value) -> Result<Self, FileError> {
        match value.as_object() {
            Some(map) => Ok(Self { path, map }),
            None => Err(field(&path, "write an object: { ... }")),
        }
    }

    pub(super) fn at(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// Refuses a field that is none of these. Its name is not repeated: it may be anything.
    pub(super) fn only(&self, names: &[&str]) -> Result<(), FileError> {
        match self.map.keys().all(|key| names.contains(&key.as_str())) {
            true => Ok(()),
            false => {
                Err(field(&self.path, &format!("an unknown field: the fields here are {}", names.join(", "))))
            }
        }
    }

    /// The value of a field; null is as good as absent.
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn needed(&self, name: &str) -> Result<&'a Value, FileError> {
        self.get(name).ok_or_else(|| field(&self.at(name), "missing: add it"))
    }

    pub(super) fn text(&self, name: &str) -> Result<&'a str, FileError> {
        let text = self.needed(name)?.as_str().filter(|text| !text.is_empty());
        text.ok_or_else(|| field(&self.at(name), "write a text in quotes, not empty"))
    }

    pub(super) fn maybe<T: FromStr<Err = ParseError>>(&self, name: &str) -> Result<Option<T>, FileError> {
        if self.get(name).is_none() {
            return Ok(None);
        }
        self.parsed(name).map(Some)
    }

    pub(super) fn parsed<T: FromStr<Err = ParseError>>(&self, name: &str) -> Result<T, FileError> {
        self.text(name)?.parse().map_err(|error| match error {
            // The word itself is not repeated: a value may stand in the wrong field.
            ParseError::UnknownWord { expected, .. } => {
                field(&self.at(name), &format!("use one of {expected}"))
            }
            shape => field(&self.at(name), &shape.to_string()),
        })
    }

    /// A decimal, in quotes or bare; a bare number keeps the digits that it was written with.
    pub(super) fn amount(&self, name: &str) -> Result<String, FileError> {
        match self.needed(name)? {
            Value::String(text) => Ok(text.clone()),
            Value::Number(number) => Ok(number.to_string()),
            _ => Err(field(&self.at(name), "write an amount like \"80.00\"")),
        }
    }

    pub(super) fn count(&self, name: &str) -> Result<Option<u32>, FileError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let count = value.as_u64().and_then(|count| u32::try_from(count).ok()).filter(|count| *count > 0);
        count.map(Some).ok_or_else(|| field(&self.at(name), "write a whole number of at least 1"))
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, FileError> {
        self.maybe_flag(name).map(Option::unwrap_or_default)
    }

    pub(super) fn maybe_flag(&self, name: &str) -> Result<Option<bool>, FileError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        value.as_bool().map(Some).ok_or_else(|| field(&self.at(name), "write true or false"))
    }

    pub(super) fn maybe_text(&self, name: &str) -> Result<Option<&'a str>, FileError> {
        self.get(name).map(|_| self.text(name)).transpose()
    }

    /// One word of a few.
    pub(super) fn maybe_choice<T: Clone>(
        &self,
        name: &str,
        choices: &[(&str, T)],
    ) -> Result<Option<T>, FileError> {
        let Some(word) = self.maybe_text(name)? else { return Ok(None) };
        let found = choices.iter().find(|(choice, _)| *choice == word);
        found.map(|(_, value)| Some(value.clone())).ok_or_else(|| {
            let expected: Vec<&str> = choices.iter().map(|(choice, _)| *choice).collect();
            field(&self.at(name), &format!("use one of {}", expected.join(", ")))
        })
    }

    /// An amount of zero or more, in minor units.
    pub(super) fn money(&self, name: &str, currency: Currency) -> Result<i64, FileError> {
        self.needed(name)?;
        self.maybe_money(name, currency).map(Option::unwrap_or_default)
    }

    /// The same, which may be left out.
    pub(super) fn maybe_money(&self, name: &str, currency: Currency) -> Result<Option<i64>, FileError> {
        if self.get(name).is_none() {
            return Ok(None);
        }
        let amount = Money::parse(&self.amount(name)?, currency)
            .map_err(|error| field(&self.at(name), &error.to_string()))?;
        match amount.minor() {
            minor @ 0.. => Ok(Some(minor)),
            _ => Err(field(&self.at(name), "negative: write zero or more")),
        }
    }

    pub(super) fn maybe_words(&self, name: &str) -> Result<Option<Vec<String>>, FileError> {
        if self.get(name).is_none() {
            return Ok(None);
        }
        let word = |(index, value): (usize, &Value)| {
            let text = value.as_str().filter(|text| !text.is_empty());
            let path = format!("{}[{index}]", self.at(name));
            text.map(str::to_owned).ok_or_else(|| field(&path, "write a text in quotes, not empty"))
        };
        self.array(name)?.iter().enumerate().map(word).collect::<Result<_, _>>().map(Some)
    }

    pub(super) fn maybe_objects(&self, name: &str) -> Result<Vec<Self>, FileError> {
        if self.get(name).is_none() { Ok(Vec::new()) } else { self.objects(name) }
    }

    pub(super) fn diagnosis(&self, name: &str) -> Result<Diagnosis, FileError> {
        Diagnosis::parse(self.text(name)?).map_err(|error| field(&self.at(name), &error.to_string()))
    }

    pub(super) fn service_code(&self, name: &str) -> Result<ServiceCode, FileError> {
        ServiceCode::parse(self.text(name)?).map_err(|error| field(&self.at(name), &error.to_string()))
    }

    pub(super) fn object(&self, name: &str) -> Result<Self, FileError> {
        Object::new(self.at(name), self.needed(name)?)
    }

    pub(super) fn array(&self, name: &str) -> Result<&'a [Value], FileError> {
        let Some(value) = self.get(name) else { return Ok(&[]) };
        value.as_array().map(Vec::as_slice).ok_or_else(|| field(&self.at(name), "write a list: [ ... ]"))
    }

    pub(super) fn objects(&self, name: &str) -> Result<Vec<Self>, FileError> {
        self.needed(name)?;
        let items = self.array(name)?.iter().enumerate();
        items.map(|(index, value)| Object::new(format!("{}[{index}]", self.at(name)), value)).collect()
    }

    pub(super) fn diagnoses(&self, name: &str) -> Result<Vec<Diagnosis>, FileError> {
        let items = self.array(name)?.iter().enumerate();
        items
            .map(|(index, value)| {
                let path = format!("{}[{index}]", self.at(name));
                let text = value.as_str().ok_or_else(|| field(&path, "write a code in quotes"))?;
                Diagnosis::parse(text).map_err(|error| field(&path, &error.to_string()))
            })
            .collect()
    }
}

pub(super) fn field(path: &str, problem: &str) -> FileError {
    let path = if path.is_empty() { "the top" } else { path };
    FileError::Field { path: path.to_owned(), problem: problem.to_owned() }
}
