//! The word that somebody probably meant: the known one that takes the fewest edits. It only advises; what
//! is not a word of the list stays refused.

/// The known word nearest to what was found; `None` when none is near enough to have been meant.
pub(crate) fn nearest<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = found.chars().count();
    let measured = known.into_iter().filter_map(|word| {
        let edits = edits(found, word);
        let is_part = length >= 3 && (word.contains(found) || found.contains(word));
        (is_part || edits * 2 <= length).then_some((edits, word))
    });
    measured.min_by_key(|(edits, _)| *edits).map(|(_, word)| word)
}

/// " did you mean `x`?", or nothing.
pub(crate) fn suggestion<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(found, known).map_or_else(String::new, |word| format!(" did you mean `{word}`?"))
}

/// How many characters must be put in, taken out or replaced to make one word of the other.
fn edits(from: &str, to: &str) -> usize {
    // The edits from the part of `from` read so far to each beginning of `to`.
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (index, ours) in from.chars().enumerate() {
        let mut diagonal = index;
        let mut left = index + 1;
        let mut next = vec![left];
        for (theirs, above) in to.chars().zip(row.iter().skip(1)) {
            let replaced = diagonal + usize::from(ours != theirs);
            left = replaced.min(above + 1).min(left + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("claim", "claims"), 1);
        assert_eq!(edits("same", "same"), 0);
    }

    #[test]
    fn the_nearest_word_is_named_and_no_far_one() {
        let words = ["identity", "financial", "health", "claims", "claims-staff"];
        assert_eq!(nearest("identiti", words), Some("identity"));
        assert_eq!(nearest("claim", words), Some("claims"));
        assert_eq!(nearest("staff", words), Some("claims-staff"));
        assert_eq!(nearest("weather", words), None);
        assert_eq!(nearest("", words), None);
        assert_eq!(suggestion("helth", words), " did you mean `health`?");
        assert_eq!(suggestion("xyzzy", words), "");
    }
}
