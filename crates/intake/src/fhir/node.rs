//! A place in a JSON value that knows its path, so that an error can name the field. Elements that
//! nobody asks for are not looked at.

use domain::ParseError;
use serde_json::{Number, Value};

use crate::Problem;

/// What is wrong with a field, and which.
#[derive(Debug)]
pub(super) struct FieldError {
    pub(super) path: String,
    pub(super) problem: Problem,
}

/// A place in a JSON value: what stands there, if anything.
#[derive(Clone)]
pub(super) struct Node<'a> {
    value: Option<&'a Value>,
    path: String,
}

const NO_TEXT: Problem = Problem::Rule("not a text");
const NO_LIST: Problem = Problem::Rule("not a list");
const NO_NUMBER: Problem = Problem::Rule("not a number");

impl<'a> Node<'a> {
    pub(super) fn root(value: &'a Value, path: &str) -> Self {
        Self { value: Some(value), path: path.to_owned() }
    }

    pub(super) fn error(&self, problem: Problem) -> FieldError {
        FieldError { path: self.path.clone(), problem }
    }

    /// The element of an object.
    pub(super) fn get(&self, name: &'static str) -> Self {
        let value = self.value.and_then(|value| value.get(name)).filter(|value| !value.is_null());
        Self { value, path: format!("{}.{name}", self.path) }
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn is_there(&self) -> bool {
        self.value.is_some()
    }

    /// The elements of a list; none where there is no list.
    pub(super) fn items(&self) -> Result<Vec<Self>, FieldError> {
        let Some(value) = self.value else { return Ok(Vec::new()) };
        let list = value.as_array().ok_or_else(|| self.error(NO_LIST))?;
        let item = |(index, value)| Self { value: Some(value), path: format!("{}[{index}]", self.path) };
        Ok(list.iter().enumerate().map(item).collect())
    }

    /// The first element of a list.
    pub(super) fn first(&self) -> Result<Self, FieldError> {
        let none = Self { value: None, path: format!("{}[0]", self.path) };
        Ok(self.items()?.into_iter().next().unwrap_or(none))
    }

    /// A text that may be missing; empty counts as missing.
    pub(super) fn text(&self) -> Result<Option<&'a str>, FieldError> {
        let Some(value) = self.value else { return Ok(None) };
        let text = value.as_str().ok_or_else(|| self.error(NO_TEXT))?.trim();
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// A number that may be missing, with all the digits that were written.
    pub(super) fn number(&self) -> Result<Option<&'a Number>, FieldError> {
        let Some(value) = self.value else { return Ok(None) };
        value.as_number().map(Some).ok_or_else(|| self.error(NO_NUMBER))
    }

    /// A value that may be missing.
    pub(super) fn optional<T>(
        &self,
        parse: impl FnOnce(&str) -> Result<T, ParseError>,
    ) -> Result<Option<T>, FieldError> {
        self.text()?.map(parse).transpose().map_err(|error| self.error(error.into()))
    }

    /// A value that must be there.
    pub(super) fn required<T>(
        &self,
        parse: impl FnOnce(&str) -> Result<T, ParseError>,
    ) -> Result<T, FieldError> {
        self.optional(parse)?.ok_or_else(|| self.error(Problem::Required))
    }

    /// The code of the first coding of a CodeableConcept; its free text is never read.
    pub(super) fn code(&self) -> Result<Self, FieldError> {
        Ok(self.get("coding").first()?.get("code"))
    }
}
