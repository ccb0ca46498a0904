//! What of a name is only spelling: two that differ in case, accents, spaces or signs are taken for one. It compares names
//! of organisations and of people on the staff; it shows nothing and changes nothing that is stored.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The letters and digits of a text, in lower case and without accents.
#[must_use]
pub fn letters(text: &str) -> String {
    let plain = text.nfkd().filter(|one| !is_combining_mark(*one)).flat_map(char::to_lowercase);
    plain.filter(|one| one.is_alphanumeric()).collect()
}

/// Whether a text holds signs that nobody sees: control characters, marks of direction, joiners, soft hyphens. A name
/// with one looks like another.
#[must_use]
pub fn has_unseen(text: &str) -> bool {
    let is_unseen = |one: char| {
        let format = matches!(
            one,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{feff}' | '\u{115f}' | '\u{1160}' | '\u{3164}'
        );
        let ranges = matches!(one, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{e0000}'..='\u{e0fff}');
        one.is_control() || format || ranges
    };
    text.chars().any(is_unseen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_does_not_tell_names_apart() {
        for (one, other) in
            [("José Peeters", "JOSE\u{301}\u{a0}peeters"), ("A. Ng", "a ng"), ("\u{ff21}b", "ab")]
        {
            assert_eq!(letters(one), letters(other));
        }
        assert_ne!(letters("张伟"), letters("李娜"));
        assert_eq!(letters(" ... "), "");
    }

    #[test]
    fn what_nobody_sees_is_found() {
        for text in ["a\u{200b}b", "\u{202e}ab", "ab\u{feff}", "a\u{ad}b", "a\nb"] {
            assert!(has_unseen(text), "{text:?}");
        }
        assert!(!has_unseen("Société d’Été, n° 1 — 株式会社"));
    }
}
