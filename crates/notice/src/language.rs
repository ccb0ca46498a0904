//! How lists and words read in each of the languages that a notice can be written in.

use domain::Language;

/// How a language writes what the program puts into the prose.
pub(crate) trait Wording: Copy {
    /// The one of four that is in this language: English, Dutch, French, German.
    fn pick<T>(self, four: [T; 4]) -> T;

    /// "a; b; c": for items that may themselves say "and".
    fn items<I: IntoIterator<Item = String>>(self, items: I) -> String {
        items.into_iter().collect::<Vec<_>>().join(self.semicolon())
    }

    /// "a; and b; and c": all of them must hold.
    fn all_of<I: IntoIterator<Item = String>>(self, items: I) -> String {
        let separator = format!("{}{} ", self.semicolon(), self.and());
        items.into_iter().collect::<Vec<_>>().join(&separator)
    }

    /// "a", "a and b", "a, b and c".
    fn list<I: IntoIterator<Item = String>>(self, items: I) -> String {
        let mut items: Vec<String> = items.into_iter().collect();
        let Some(last) = items.pop() else { return String::new() };
        if items.is_empty() {
            return last;
        }
        format!("{} {} {last}", items.join(", "), self.and())
    }

    /// "a or b or c": one of them.
    fn either(self, items: &[String]) -> String {
        items.join(self.pick([" or ", " of ", " ou ", " oder "]))
    }

    /// A semicolon between two words, spaced as the language spaces it.
    fn semicolon(self) -> &'static str {
        self.pick(["; ", "; ", " ; ", "; "])
    }

    /// "and".
    fn and(self) -> &'static str {
        self.pick(["and", "en", "et", "und"])
    }
}

impl Wording for Language {
    fn pick<T>(self, [english, dutch, french, german]: [T; 4]) -> T {
        match self {
            Self::English => english,
            Self::Dutch => dutch,
            Self::French => french,
            Self::German => german,
        }
    }
}

/// A word of a vocabulary, as readers of the notice see it.
pub trait Spoken: Copy {
    /// In English, Dutch, French and German; lower case unless the language wants a capital, and
    /// without commas, so that it can stand in a list.
    fn spoken(self) -> [&'static str; 4];

    /// In one language.
    fn spoken_in(self, language: Language) -> String {
        language.pick(self.spoken()).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_naturally() {
        let list = |count: usize| ["a", "b", "c"].iter().take(count).map(|item| (*item).to_owned());
        assert_eq!(Language::English.list(list(0)), "");
        assert_eq!(Language::Dutch.list(list(1)), "a");
        assert_eq!(Language::French.list(list(2)), "a et b");
        assert_eq!(Language::German.list(list(3)), "a, b und c");
        assert_eq!(Language::French.items(list(2)), "a ; b");
        assert_eq!(Language::English.all_of(list(3)), "a; and b; and c");
    }
}
