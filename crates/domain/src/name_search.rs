//! How a name is written for being searched by: what differs in case, accents, signs, spaces within a surname, umlauts
//! or script alone is one name. It finds spellings, not sounds: it knows no nicknames and no misspelling, and what it
//! makes is shown to nobody.
//!
//! - Latin letters lose their accents; letters of their own become what a passport's machine-readable zone makes of them
//!   (ICAO Doc 9303, part 3, section 6): `ł` is `l`, `ø` is `o`, `ß` is `ss`, `þ` is `th`.
//! - Cyrillic follows the same document's table, without its exceptions by language; Greek follows ELOT 743 (ISO 843).
//! - `ae`, `oe`, `ue` and `aa` are then `a`, `o`, `u` and `a`, so that Müller, Mueller and Muller are one.
//! - A particle goes with the word after it (`van der Berg` is `Vanderberg`), and what an apostrophe parts is one word.
//! - Letters of other scripts stay as they are.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Words that belong to the word after them.
const PARTICLES: &[&str] = &[
    "van", "von", "vom", "vander", "vanden", "de", "den", "der", "des", "du", "d", "da", "das", "do", "dos",
    "di", "del", "della", "dello", "dei", "degli", "la", "le", "les", "lo", "las", "los", "l", "te", "ten",
    "ter", "t", "zu", "zum", "zur", "af", "av", "o", "mac", "mc", "bin", "ibn", "bint",
];

/// Every way in which somebody of this name may be searched for: each word, each word with its particles, and what a
/// hyphen joins.
#[must_use]
pub fn indexed(name: &str) -> BTreeSet<String> {
    let words = words(name);
    let mut forms: BTreeSet<String> = groups(&words).into_iter().collect();
    let mut joined = String::new();
    for word in &words {
        if word.link != Link::Hyphen {
            joined.clear();
        }
        joined.push_str(&word.text);
        forms.insert(folded(&joined));
        forms.insert(folded(&word.text));
    }
    forms
}

/// What a searcher wrote, as terms that must all be found.
#[must_use]
pub fn sought(name: &str) -> BTreeSet<String> {
    groups(&words(name)).into_iter().collect()
}

/// How a word is joined to the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    Space,
    Hyphen,
    Apostrophe,
}

struct Word {
    text: String,
    link: Link,
}

/// The words in small Latin letters where there are such.
fn words(name: &str) -> Vec<Word> {
    let (mut words, mut text, mut link) = (Vec::new(), String::new(), Link::Space);
    for one in name.nfkd().filter(|one| !is_combining_mark(*one)) {
        if one.is_alphanumeric() {
            text.extend(one.to_lowercase());
            continue;
        }
        if !text.is_empty() {
            words.push(Word { text: latin(&std::mem::take(&mut text)), link });
            link = Link::Apostrophe;
        }
        link = match one {
            '\'' | '’' | '‘' | 'ʼ' | '`' if link == Link::Apostrophe => link,
            '-' | '‐' | '‑' | '–' if link != Link::Space => Link::Hyphen,
            _ => Link::Space,
        };
    }
    if !text.is_empty() {
        words.push(Word { text: latin(&text), link });
    }
    words
}

/// The words, each with the particles before it; particles that none follows stand alone.
fn groups(words: &[Word]) -> Vec<String> {
    let (mut groups, mut waiting): (Vec<String>, Vec<&str>) = (Vec::new(), Vec::new());
    for (place, word) in words.iter().enumerate() {
        waiting.push(&word.text);
        let goes_on = words.get(place + 1).is_some_and(|next| next.link == Link::Apostrophe);
        if goes_on || PARTICLES.contains(&word.text.as_str()) {
            continue;
        }
        groups.push(folded(&waiting.concat()));
        waiting.clear();
    }
    groups.extend(waiting.into_iter().map(folded));
    groups
}

/// Vowels that are also written with an e, or twice, are one.
fn folded(text: &str) -> String {
    text.replace("ae", "a").replace("oe", "o").replace("ue", "u").replace("aa", "a")
}

/// A word in Latin letters, as far as its script is known.
fn latin(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let mut text = String::with_capacity(word.len());
    let mut place = 0;
    while let Some(letter) = letters.get(place) {
        let next = letters.get(place + 1).copied();
        let (written, taken) = match greek_pair(*letter, next, letters.get(place + 2).copied(), place == 0) {
            Some(pair) => (Some(pair), 2),
            None => (letter_of(*letter), 1),
        };
        match written {
            Some(written) => text.push_str(written),
            None => text.push(*letter),
        }
        place += taken;
    }
    text
}

/// Two Greek letters that are written together otherwise than each alone.
fn greek_pair(one: char, next: Option<char>, after: Option<char>, is_first: bool) -> Option<&'static str> {
    // Before a voiceless consonant, and at the end, the second letter of these is an f.
    let voiceless = after.is_none_or(|after| "θκξπσςτφχψ".contains(after));
    Some(match (one, next?) {
        ('α', 'υ') => {
            if voiceless {
                "af"
            } else {
                "av"
            }
        }
        ('ε', 'υ') => {
            if voiceless {
                "ef"
            } else {
                "ev"
            }
        }
        ('η', 'υ') => {
            if voiceless {
                "if"
            } else {
                "iv"
            }
        }
        ('ο', 'υ') => "ou",
        ('γ', 'γ') => "ng",
        ('γ', 'ξ') => "nx",
        ('γ', 'χ') => "nch",
        ('μ', 'π') if is_first || after.is_none() => "b",
        _ => return None,
    })
}

/// A letter in Latin ones; none for what is left as it is.
fn letter_of(letter: char) -> Option<&'static str> {
    latin_letter(letter).or_else(|| cyrillic(letter)).or_else(|| greek(letter))
}

fn latin_letter(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ł' => "l",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ı' => "i",
        'ŋ' => "n",
        'ŧ' => "t",
        'ĸ' => "q",
        'æ' => "ae",
        'œ' => "oe",
        'ß' => "ss",
        'þ' => "th",
        _ => return None,
    })
}

/// ICAO Doc 9303, part 3, section 6, table B. What is composed there (й, ё, ї, ў, ќ, ѓ) has lost its sign already.
fn cyrillic(letter: char) -> Option<&'static str> {
    Some(match letter {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' | 'ґ' => "g",
        'д' | 'ђ' => "d",
        'е' | 'э' => "e",
        'ж' => "zh",
        'з' => "z",
        'и' | 'і' => "i",
        'ј' => "j",
        'к' => "k",
        'л' => "l",
        'љ' => "lj",
        'м' => "m",
        'н' => "n",
        'њ' => "nj",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'ћ' => "c",
        'у' => "u",
        'ф' => "f",
        'х' => "kh",
        'ц' => "ts",
        'ч' => "ch",
        'џ' | 'ѕ' => "dz",
        'ш' => "sh",
        'щ' => "shch",
        'ъ' | 'є' => "ie",
        'ы' => "y",
        'ь' => "",
        'ю' => "iu",
        'я' => "ia",
        _ => return None,
    })
}

/// ELOT 743, letter by letter.
fn greek(letter: char) -> Option<&'static str> {
    Some(match letter {
        'α' => "a",
        'β' => "v",
        'γ' => "g",
        'δ' => "d",
        'ε' => "e",
        'ζ' => "z",
        'η' | 'ι' => "i",
        'θ' => "th",
        'κ' => "k",
        'λ' => "l",
        'μ' => "m",
        'ν' => "n",
        'ξ' => "x",
        'ο' | 'ω' => "o",
        'π' => "p",
        'ρ' => "r",
        'σ' | 'ς' => "s",
        'τ' => "t",
        'υ' => "y",
        'φ' => "f",
        'χ' => "ch",
        'ψ' => "ps",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(written: &str, stored: &str) -> bool {
        let (sought, indexed) = (sought(written), indexed(stored));
        !sought.is_empty() && sought.is_subset(&indexed)
    }

    #[test]
    fn one_name_in_its_spellings_is_found_by_each() {
        for spellings in [
            &["Müller", "Mueller", "MULLER", "mu\u{308}ller"][..],
            &["Šimůnková", "Simunkova", "SIMUNKOVA"],
            &["Łukasz", "Lukasz", "łukasz"],
            &["Ångström", "Aangstroem", "Angstrom", "A\u{30a}ngstro\u{308}m"],
            &["O'Brien", "O’Brien", "OBrien", "O Brien", "o'brien"],
            &["van der Berg", "Vanderberg", "Van Der Berg", "van derBerg", "VAN DER BERG"],
            &["Sørensen", "Soerensen", "Sorensen"],
            &["Strauß", "Strauss", "STRAUSS"],
            &["d'Hondt", "D’Hondt", "Dhondt", "d Hondt"],
            &["Þórsdóttir", "Thorsdottir"],
            &["Παπαδόπουλος", "Papadopoulos", "ΠΑΠΑΔΟΠΟΥΛΟΣ"],
            &["Ευάγγελος", "Evangelos"],
            &["Μπακογιάννη", "Bakogianni"],
            &["Чайковский", "Chaikovskii"],
            &["Щербакова", "Shcherbakova"],
            &["Юлия", "Iuliia"],
            &["Джоковић", "Dzhokovic"],
            &["Ōe", "Oe"],
        ] {
            for one in spellings {
                for other in spellings {
                    assert!(finds(one, other), "{one} finds {other}");
                }
            }
        }
    }

    #[test]
    fn parts_of_a_name_find_it_in_any_order() {
        let stored = "Anne-Marie van der Berg-O'Brien";
        for written in
            ["Berg", "Vanderberg", "Anne", "Annemarie", "O'Brien", "Berg, Anne-Marie van der", "Brien Marie"]
        {
            assert!(finds(written, stored), "{written}");
        }
        assert!(finds("Lopez Garcia", "García-López") && finds("Garcia-Lopez", "García López"));
        assert!(finds("Thi Hoa Le", "Le Thi Hoa"));
    }

    #[test]
    fn other_names_are_others() {
        for (written, stored) in [
            ("Miller", "Müller"),
            ("Berg", "Vanderberg"),
            ("Ada Peeters", "Eve Peeters"),
            ("...", "Ada"),
            ("", "Ada"),
            ("张", "李"),
        ] {
            assert!(!finds(written, stored), "{written} is not {stored}");
        }
        assert!(finds("张伟", "张伟"));
    }
}
