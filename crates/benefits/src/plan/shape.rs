//! What is said of a plan file that is no TOML, or whose keys hold another shape than they should: what stands there, and what to
//! write instead. It knows shapes alone; what the words in them mean is read after this.

use std::ops::Range;

use super::PlanError;

/// What is shown of the file in an error: longer is told without it.
const SHOWN_MAX: usize = 40;

/// A misspelt key is one that so many letters put right, of which at most a third of its own.
const MISSPELT_MAX: usize = 3;

/// The fault of a file that TOML or its shape refuses, where it stands.
pub(super) fn fault(file: &str, text: &str, error: &toml::de::Error) -> PlanError {
    let span = error.span().unwrap_or(0..0);
    let message = error.message().trim().replace('\n', "; ");
    let problem = problem(text, &span, &message).unwrap_or(message);
    PlanError::at(file, text, span, problem)
}

/// What to say instead of a message of the parser; none where that says enough.
fn problem(text: &str, span: &Range<usize>, message: &str) -> Option<String> {
    let found = text.get(span.clone()).unwrap_or_default();
    if let Some(key) = message.strip_prefix("unknown field `") {
        let (key, known) = key.split_once("`, ")?;
        return Some(unknown_key(key, known));
    }
    if let Some(key) = message.strip_prefix("missing field `") {
        return Some(format!("{message}: add `{} = ...`", key.trim_end_matches('`')));
    }
    if message == "duplicate key" {
        return Some(format!("`{}` stands twice: remove one", shown(found)?));
    }
    if message.starts_with("string values must be quoted") {
        return Some(unquoted(found));
    }
    if message.starts_with("invalid date") {
        return Some(format!("{message}: write a date bare, like `2026-01-01`"));
    }
    let (kind, wanted) = message.strip_prefix("invalid ")?.rsplit_once(", expected ")?;
    if kind.starts_with("value: integer") {
        let (least, most) = range(wanted)?;
        return Some(format!(
            "`{}` is out of range: write a whole number from {least} to {most}",
            shown(found)?
        ));
    }
    let kind = Kind::of(kind.strip_prefix("type: ")?, found)?;
    Some(format!("{}: {}", kind.words(), write(kind, wanted, found, text.get(..span.start)?)?))
}

/// What stands in the file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Whole,
    Decimals,
    Bool,
    Date,
    List,
    Table,
    /// A table whose key has a line of its own, in single or double brackets.
    Header,
}

impl Kind {
    /// By the parser's word for it, and how it is written: to the parser a date is a table too.
    fn of(word: &str, found: &str) -> Option<Self> {
        let dated = found.starts_with(|c: char| c.is_ascii_digit());
        match word.split(' ').next()? {
            "string" => Some(Self::Text),
            "integer" => Some(Self::Whole),
            "floating" => Some(Self::Decimals),
            "boolean" => Some(Self::Bool),
            "sequence" => Some(Self::List),
            "map" if dated => Some(Self::Date),
            "map" if found.starts_with('[') => Some(Self::Header),
            "map" => Some(Self::Table),
            _ => None,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Whole | Self::Decimals => "a number",
            Self::Bool => "a bare `true` or `false`",
            Self::Date => "a date",
            Self::List => "a list",
            Self::Table | Self::Header => "a table",
        }
    }
}

/// What to write where something else is wanted, by the parser's word for that.
fn write(kind: Kind, wanted: &str, found: &str, before: &str) -> Option<String> {
    let twice = found.starts_with("[[");
    let name = || shown(found).map(|header| header.trim_matches(['[', ']']));
    Some(match (wanted, kind) {
        // What stands in double brackets is read as a list of a table's values: whatever of them is wanted, it stands once.
        (_, Kind::Header) if twice => format!("there is one: write `[{}]`", name()?),
        ("a sequence", Kind::Header) => format!("there may be several: write `[[{}]]`", name()?),
        (_, Kind::Table) if wanted != "a sequence" && before.trim_end().ends_with('[') => {
            "it stands in a list: write texts in quotes, or the table without the brackets".to_owned()
        }
        ("a string", Kind::Whole | Kind::Decimals) => {
            format!("write texts, amounts and rates in quotes{}", example(quoted(kind, found)))
        }
        ("a string", Kind::List) => {
            let one = found.trim_matches(['[', ']']).trim();
            let one = Some(one.to_owned()).filter(|one| is_text(one));
            format!("write one text, without brackets{}", example(one))
        }
        ("a string", _) => format!("write a text in quotes{}", example(quoted(kind, found))),
        ("a sequence", Kind::Table) => "write a list in brackets: `[{ ... }]`".to_owned(),
        ("a sequence", _) => {
            let list = quoted(kind, found).map(|text| format!("[{text}]"));
            format!("write a list in brackets{}", example(list))
        }
        ("a map", _) => {
            let amount = quoted(kind, found).map(|text| format!("{{ EUR = {text} }}"));
            format!("write an amount in each currency{}", example(amount))
        }
        ("a boolean", _) => "write `true` or `false`, without quotes".to_owned(),
        ("a TOML datetime", _) => match found.trim_matches(['"', '\'']) {
            date if date.parse::<domain::Date>().is_ok() => format!("write a date bare: `{date}`"),
            _ => "write a date bare, like `2026-01-01`".to_owned(),
        },
        _ if range(wanted).is_some() => {
            let number = found.trim_matches(['"', '\'']);
            let is_whole = kind == Kind::Text && number.parse::<i64>().is_ok();
            format!("write a whole number, without quotes{}", example(is_whole.then(|| number.to_owned())))
        }
        _ if wanted.starts_with("struct ") => "write a table in braces: `{ key = \"value\" }`".to_owned(),
        _ => return None,
    })
}

/// What ends a sentence that says what to write.
fn example(text: Option<String>) -> String {
    text.map_or(String::new(), |text| format!(": `{text}`"))
}

/// What stands in the file as a text in quotes, with the digits that it has there.
fn quoted(kind: Kind, found: &str) -> Option<String> {
    let found = shown(found)?;
    match kind {
        Kind::Text => is_text(found).then(|| found.to_owned()),
        Kind::Whole | Kind::Decimals => Some(format!("\"{}\"", found.replace('_', ""))),
        Kind::Date => Some(format!("\"{found}\"")),
        _ => None,
    }
}

/// Whether it is one text in quotes.
fn is_text(found: &str) -> bool {
    let inner = found.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.is_some_and(|inner| !inner.contains(['"', '\\'])) && shown(found).is_some()
}

/// A part of the file as an error shows it; none where it is empty, long or of several lines.
fn shown(found: &str) -> Option<&str> {
    let fits =
        !found.is_empty() && found.chars().count() <= SHOWN_MAX && !found.chars().any(char::is_control);
    fits.then_some(found)
}

/// A word that should stand in quotes.
fn unquoted(found: &str) -> String {
    match shown(found) {
        Some(word) if !word.contains(['"', '\'']) => format!(
            "`{word}` is not in quotes: write texts, amounts and rates like `\"{word}\"`, and `true` or `false` without quotes"
        ),
        None if found.is_empty() => "nothing stands after `=`: write a value, or remove the key".to_owned(),
        _ => "write texts, amounts and rates in quotes".to_owned(),
    }
}

/// The whole numbers that a key takes, by the parser's word for it.
fn range(wanted: &str) -> Option<(i64, i64)> {
    match wanted {
        "u8" => Some((0, u8::MAX.into())),
        "u16" => Some((0, u16::MAX.into())),
        "u32" => Some((0, u32::MAX.into())),
        "i32" => Some((i32::MIN.into(), i32::MAX.into())),
        "i64" => Some((i64::MIN, i64::MAX)),
        _ => None,
    }
}

/// A key that is not known, and those that are, in back-quotes: the one that was meant, or else all.
fn unknown_key(key: &str, known: &str) -> String {
    let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
    let most = MISSPELT_MAX.min(key.chars().count().div_ceil(3));
    let looked = known.iter().filter(|_| shown(key).is_some());
    let nearest = looked.map(|one| (distance(key, one), *one)).min();
    match nearest {
        Some((far, meant)) if far <= most => format!("unknown key `{key}`: write `{meant}`, or remove it"),
        _ => format!("unknown key `{key}`: use one of {}", known.join(", ")),
    }
}

/// How many letters must be put in, taken out, changed, or changed with the next one.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    let mut previous = None;
    for (place, letter) in one.chars().enumerate() {
        let mut row = vec![place + 1];
        for (column, wanted) in other.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX - 1);
            let changed = at(&last, column) + usize::from(letter != *wanted);
            let mut least = changed.min(at(&last, column + 1) + 1).min(at(&row, column) + 1);
            let swapped = column
                .checked_sub(1)
                .filter(|left| other.get(*left) == Some(&letter) && previous == Some(*wanted));
            if let Some(left) = swapped {
                least = least.min(at(&before, left) + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
        previous = Some(letter);
    }
    last.last().copied().unwrap_or_default()
}
