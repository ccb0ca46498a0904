//! Several files in one input: each begins with a line `%%%% name` and ends where the next begins.

/// How the line before a file begins.
const MARK: &str = "%%%% ";

/// The files by name, in order. What stands before the first mark is nobody's.
pub(crate) fn of(text: &str) -> Vec<(&str, &str)> {
    let marks = text.match_indices(MARK).map(|(place, _)| place);
    let starts: Vec<usize> =
        marks.filter(|place| *place == 0 || text.as_bytes()[place - 1] == b'\n').collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let part = |(start, end): (&usize, usize)| {
        let file = &text[start + MARK.len()..end];
        file.split_once('\n').unwrap_or((file, ""))
    };
    starts.iter().zip(ends).map(part).collect()
}

/// The file of this name; empty where there is none.
pub(crate) fn named<'a>(parts: &[(&str, &'a str)], name: &str) -> &'a str {
    parts.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_by_their_marks() {
        let parts = of("x\n%%%% a\none\ntwo %%%% no\n%%%% b\n%%%% c");
        assert_eq!(parts, [("a", "one\ntwo %%%% no\n"), ("b", ""), ("c", "")]);
        assert_eq!((named(&parts, "a"), named(&parts, "d")), ("one\ntwo %%%% no\n", ""));
        assert!(of("").is_empty());
    }
}
