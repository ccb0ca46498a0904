//! Every word of every vocabulary in every language of the notice: a `match` each, so that a new
//! word without its four translations does not compile.

/// Says each word of a vocabulary in English, Dutch, French and German, in that order. Lower case
/// unless the language wants a capital, and without commas, so that a word can stand in a list.
macro_rules! spoken {
    ($vocabulary:ident $($word:ident { $english:literal, $dutch:literal, $french:literal, $german:literal, })+) => {
        impl crate::language::Spoken for $vocabulary {
            fn spoken(self) -> [&'static str; 4] {
                match self { $(Self::$word => [$english, $dutch, $french, $german],)+ }
            }
        }
    };
}
mod governing_law;
mod law;
mod people;
mod purpose;
mod recipient;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::{
        Category, Condition, GoverningLaw, Purpose, Recipient, RetentionClass, SubjectKind, TransferSafeguard,
    };

    use crate::language::Spoken;
    use crate::{HealthBasis, LegalBasis, RetentionStart};

    fn distinct<T: Spoken>(all: &[T]) {
        for language in 0..4 {
            let words: Vec<&str> = all.iter().map(|word| word.spoken()[language]).collect();
            assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len(), "two alike: {words:?}");
            for word in words {
                assert!(!word.is_empty() && word.trim() == word && !word.contains(','), "{word}");
            }
        }
    }

    #[test]
    fn words_are_distinct_and_can_stand_in_a_list() {
        distinct(Category::ALL);
        distinct(Purpose::ALL);
        distinct(Recipient::ALL);
        distinct(Condition::ALL);
        distinct(SubjectKind::ALL);
        distinct(RetentionClass::ALL);
        distinct(LegalBasis::ALL);
        distinct(HealthBasis::ALL);
        distinct(TransferSafeguard::ALL);
        distinct(GoverningLaw::ALL);
        distinct(RetentionStart::ALL);
    }
}
