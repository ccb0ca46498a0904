//! One table of a TOML file, read key by key, every fault with its line. It knows TOML and
//! vocabularies in general, and nothing of what a notice says.

use std::ops::RangeInclusive;
use std::str::FromStr;

use domain::ParseError;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::nearest::suggestion;
use crate::problem::{LineEnds, Problems};

/// A TOML file: its name, its text, and the lines of that.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) name: &'a str,
    pub(crate) text: &'a str,
    pub(crate) lines: &'a LineEnds,
}

impl<'a> Source<'a> {
    /// The root table; `None` when the text is not TOML, which is then a problem.
    pub(crate) fn parse(&self, problems: &mut Problems) -> Option<Spanned<DeTable<'a>>> {
        match DeTable::parse(self.text) {
            Ok(root) => Some(root),
            Err(error) => {
                let line = error.span().map_or(1, |span| self.lines.at(span.start));
                problems.add(self.name, line, format!("not valid TOML: {}", error.message()));
                None
            }
        }
    }

    fn line<T>(&self, value: &Spanned<T>) -> u32 {
        self.lines.at(value.span().start)
    }
}

/// A word with the line that it stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) line: u32,
}

/// A table, and what to call it in a message: "clause `use.claims`".
pub(crate) struct Entry<'a> {
    pub(crate) source: Source<'a>,
    pub(crate) table: &'a DeTable<'a>,
    pub(crate) what: String,
    /// Where to point when a key is missing.
    pub(crate) line: u32,
}

impl<'a> Entry<'a> {
    /// Refuses keys other than these.
    pub(crate) fn only(&self, keys: &[&str], problems: &mut Problems) {
        for key in self.table.keys().filter(|key| !keys.contains(&key.get_ref().as_ref())) {
            let meant = suggestion(key.get_ref(), keys.iter().copied());
            let message = format!(
                "{}: unknown key `{}`:{meant} use one of {}",
                self.what,
                key.get_ref(),
                keys.join(", ")
            );
            problems.add(self.source.name, self.source.line(key), message);
        }
    }

    /// The value of a key that may be left out.
    pub(crate) fn optional(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table.get(key)
    }

    /// The value of a key that must be there; `example` says what to write.
    pub(crate) fn required(
        &self,
        key: &str,
        example: &str,
        problems: &mut Problems,
    ) -> Option<&'a Spanned<DeValue<'a>>> {
        let value = self.optional(key);
        if value.is_none() {
            let message = format!("{}: no `{key}`: write {key} = {example}", self.what);
            problems.add(self.source.name, self.line, message);
        }
        value
    }

    /// The line of a value of this table.
    pub(crate) fn line_of<T>(&self, value: &Spanned<T>) -> u32 {
        self.source.line(value)
    }

    /// A fault at a value of this table.
    pub(crate) fn refuse<T>(&self, value: &Spanned<T>, message: &str, problems: &mut Problems) {
        problems.add(self.source.name, self.source.line(value), format!("{}: {message}", self.what));
    }

    /// A value that must be a text.
    pub(crate) fn text(
        &self,
        value: &'a Spanned<DeValue<'a>>,
        key: &str,
        problems: &mut Problems,
    ) -> Option<At<&'a str>> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.refuse(value, &format!("`{key}` is not a text: write it in double quotes"), problems);
        }
        text.map(|value_text| At { value: value_text, line: self.source.line(value) })
    }

    /// A value that must be a word of a vocabulary.
    pub(crate) fn word<T: FromStr<Err = ParseError>>(
        &self,
        value: &'a Spanned<DeValue<'a>>,
        key: &str,
        problems: &mut Problems,
    ) -> Option<At<T>> {
        let text = self.text(value, key, problems)?;
        match text.value.parse() {
            Ok(word) => Some(At { value: word, line: text.line }),
            Err(error) => {
                self.refuse(value, &format!("`{key}`: {}", unknown(&error)), problems);
                None
            }
        }
    }

    /// A value that must be a list of words, none twice and, unless `empty`, at least one.
    pub(crate) fn words<T: FromStr<Err = ParseError> + Copy + PartialEq + std::fmt::Display>(
        &self,
        value: &'a Spanned<DeValue<'a>>,
        key: &str,
        empty: bool,
        problems: &mut Problems,
    ) -> Option<Vec<At<T>>> {
        let Some(array): Option<&'a DeArray<'a>> = value.get_ref().as_array() else {
            self.refuse(value, &format!("`{key}` is not a list: write {key} = [\"...\"]"), problems);
            return None;
        };
        if array.is_empty() && !empty {
            self.refuse(value, &format!("`{key}` is empty: name at least one"), problems);
            return None;
        }
        let mut words: Vec<At<T>> = Vec::new();
        let mut whole = true;
        for item in array.iter() {
            let Some(word) = self.word::<T>(item, key, problems) else {
                whole = false;
                continue;
            };
            if words.iter().any(|other| other.value == word.value) {
                self.refuse(item, &format!("`{key}` names `{}` twice: name it once", word.value), problems);
            }
            words.push(word);
        }
        whole.then_some(words)
    }

    /// A value that must be a whole number in a range.
    pub(crate) fn number(
        &self,
        value: &'a Spanned<DeValue<'a>>,
        key: &str,
        range: RangeInclusive<u32>,
        problems: &mut Problems,
    ) -> Option<u32> {
        let number = value
            .get_ref()
            .as_integer()
            .and_then(|number| u32::from_str_radix(number.as_str(), number.radix()).ok())
            .filter(|number| range.contains(number));
        if number.is_none() {
            let message = format!("`{key}` is not a whole number from {} to {}", range.start(), range.end());
            self.refuse(value, &message, problems);
        }
        number
    }
}

/// What is wrong with a word; of an unknown one also which known one it is nearest to.
pub(crate) fn unknown(error: &ParseError) -> String {
    match error {
        ParseError::UnknownWord { what, found, expected } => {
            let meant = suggestion(found, expected.split(", "));
            format!("unknown {what} `{found}`:{meant} use one of {expected}")
        }
        other => other.to_string(),
    }
}

/// The tables of `[[key]]`, or of `key` when it is a single one.
pub(crate) fn tables<'a>(
    root: &Entry<'a>,
    key: &str,
    problems: &mut Problems,
) -> Vec<(u32, &'a DeTable<'a>)> {
    let Some(value) = root.optional(key) else { return Vec::new() };
    let Some(array) = value.get_ref().as_array() else {
        root.refuse(value, &format!("`{key}` is not a list of tables: write [[{key}]]"), problems);
        return Vec::new();
    };
    let mut found = Vec::new();
    for item in array.iter() {
        match item.get_ref().as_table() {
            Some(table) => found.push((root.line_of(item), table)),
            None => root.refuse(item, &format!("`{key}` holds something else than a table"), problems),
        }
    }
    found
}
