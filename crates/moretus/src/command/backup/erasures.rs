//! The list of erasures as a text that is kept outside the backups: one line a destroyed key. It holds
//! pseudonymous ids, a category's and a retention class's word, and the instant; no value.

use std::fmt::Write;

use domain::Timestamp;
use store::key::Erasure;
use store::{Store, StoreError};

use crate::report::Error;

/// The first line.
const HEADING: &str = "moretus list of erasures 1";
/// The last line begins so: a list that was cut is refused.
const END: &str = "end";

/// Every erasure of a site.
pub(super) async fn of_store(store: &Store) -> Result<Vec<Erasure>, Error> {
    let list = store.read(|unit| store::key::erasures_since(unit, Timestamp::from_micros(i64::MIN))).await;
    list.map_err(|error: StoreError| error.into())
}

/// The text of a list.
pub(super) fn to_text(list: &[Erasure]) -> String {
    let mut text = format!("{HEADING}\n");
    for Erasure { subject, category, class, at } in list {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{subject} {category} {class} {}", at.micros());
    }
    let _ = writeln!(text, "{END} {}", list.len());
    text
}

/// Reads a list. Errors name the line.
pub(super) fn from_text(text: &str) -> Result<Vec<Erasure>, Error> {
    let mut lines = (1..).zip(text.lines());
    if lines.next().is_none_or(|(_, heading)| heading != HEADING) {
        return Err(format!(
            "line 1: `{HEADING}` is missing: give a list that `moretus backup --erasures-to` wrote"
        )
        .into());
    }
    let mut list = Vec::new();
    for (number, line) in lines {
        if let Some(count) = line.strip_prefix(END) {
            return match count.trim().parse::<usize>() {
                Ok(count) if list.len() == count => Ok(list),
                _ => Err(format!(
                    "line {number}: the list has {} erasures, not as many as it says: write it anew",
                    list.len()
                )
                .into()),
            };
        }
        list.push(
            erasure(line).ok_or_else(|| format!("line {number}: not an erasure: write the list anew"))?,
        );
    }
    Err("the last line is missing: the list was cut, write it anew".into())
}

fn erasure(line: &str) -> Option<Erasure> {
    let mut words = line.split(' ');
    let erasure = Erasure {
        subject: words.next()?.parse().ok()?,
        category: words.next()?.parse().ok()?,
        class: words.next()?.parse().ok()?,
        at: Timestamp::from_micros(words.next()?.parse().ok()?),
    };
    words.next().is_none().then_some(erasure)
}

#[cfg(test)]
mod tests {
    use domain::{Category, RetentionClass, SubjectId};

    use super::*;

    #[test]
    fn a_list_reads_back_and_one_that_was_cut_or_altered_is_refused() {
        let of = |number| Erasure {
            subject: SubjectId::from_bytes([number; 16]),
            category: Category::Health,
            class: RetentionClass::Claims,
            at: Timestamp::from_micros(1_790_000_000_000_000),
        };
        let list = vec![of(1), of(2)];
        let text = to_text(&list);
        assert_eq!(from_text(&text).unwrap(), list);
        assert_eq!(from_text(&to_text(&[])).unwrap(), []);
        let lines: Vec<&str> = text.lines().collect();
        for (bad, place) in [
            (lines[..3].join("\n"), "last line"),
            (format!("{}\nend 3\n", lines[..3].join("\n")), "line 4"),
            (text.replace("health", "wealth"), "line 2"),
            (text.replacen("erasures 1", "erasures 9", 1), "line 1"),
            (String::new(), "line 1"),
        ] {
            assert!(from_text(&bad).unwrap_err().to_string().contains(place), "{bad}");
        }
    }
}
