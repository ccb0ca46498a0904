//! Phrases in four languages: English, Dutch, French, German. Names of benefits, limits and modules are the
//! plan's own, in whatever language they were written.

use domain::Language;

/// A phrase in each language, with `{}` where its values go.
pub(crate) struct Phrase(pub(crate) [&'static str; 4]);

impl Phrase {
    /// The phrase with its values in order.
    pub(crate) fn with(&self, language: Language, values: &[&str]) -> String {
        let [english, dutch, french, german] = self.0;
        let pattern = match language {
            Language::English => english,
            Language::Dutch => dutch,
            Language::French => french,
            Language::German => german,
        };
        // A value may hold braces of its own: it is never looked at again.
        let mut values = values.iter();
        let mut text = String::with_capacity(pattern.len());
        for (place, part) in pattern.split("{}").enumerate() {
            if place > 0 {
                text.push_str(values.next().copied().unwrap_or_default());
            }
            text.push_str(part);
        }
        text
    }

    pub(crate) fn plain(&self, language: Language) -> String {
        self.with(language, &[])
    }
}

/// A table of phrases: a name, and the words in English, Dutch, French, German.
macro_rules! phrases {
    ($($name:ident: $english:literal, $dutch:literal, $french:literal, $german:literal;)+) => {
        $(pub(super) const $name: crate::phrase::Phrase = crate::phrase::Phrase([$english, $dutch, $french, $german]);)+
        #[cfg(test)]
        pub(super) const ALL: &[&crate::phrase::Phrase] = &[$(&$name),+];
    };
}
pub(crate) use phrases;

/// Fails unless each phrase has words, and the same places, in every language.
#[cfg(test)]
pub(crate) fn complete(all: &[&Phrase]) {
    for Phrase(texts) in all {
        let places = texts.map(|text| text.matches("{}").count());
        assert!(places.iter().all(|count| *count == places[0]), "{}", texts[0]);
        assert!(texts.iter().all(|text| !text.trim().is_empty()), "{}", texts[0]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_never_taken_for_a_place() {
        let phrase = Phrase(["{} of {}"; 4]);
        assert_eq!(phrase.with(Language::French, &["{}", "b"]), "{} of b");
    }

    #[test]
    #[should_panic(expected = "a {}")]
    fn a_lost_place_is_found() {
        complete(&[&Phrase(["a {}", "b", "c {}", "d {}"])]);
    }
}
