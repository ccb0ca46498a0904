//! Text for banks: the Latin character set that every bank in the SEPA area must take (letters without
//! accents, digits and `/ - ? : ( ) . , ' +` and space; EPC217-08). Not for people to read: a
//! document for the member keeps the name as it is written.

use unicode_normalization::UnicodeNormalization;

/// The text in the banks' character set, at most `max` characters, without white space at either end.
///
/// Accents go, ligatures open, Greek and Cyrillic become Latin letters; what has no counterpart
/// becomes a full stop. A slash at the start or end, or two in a row, which banks refuse, go too.
pub(crate) fn bank_text(text: &str, max: usize) -> String {
    let mut written = String::new();
    for character in text.nfkd().filter(|c| !is_mark(*c)) {
        match in_set(character) {
            true => written.push(character),
            false => written.push_str(replacement(character)),
        }
    }
    let words: Vec<&str> = written.split_whitespace().collect();
    let mut joined = words.join(" ");
    while joined.contains("//") {
        joined = joined.replace("//", "/");
    }
    let start = joined.trim_start_matches(['/', ' ']);
    let cut: String = start.chars().take(max).collect();
    cut.trim_end_matches(['/', ' ']).to_owned()
}

/// Whether a bank could tell anything by the text: a row of full stops names nobody.
pub(crate) fn is_legible(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_alphanumeric())
}

fn in_set(character: char) -> bool {
    character.is_ascii_alphanumeric() || "/-?:().,'+ ".contains(character)
}

/// Combining marks, which decomposition has split off.
fn is_mark(character: char) -> bool {
    unicode_normalization::char::is_combining_mark(character)
}

fn replacement(character: char) -> &'static str {
    match character {
        c if c.is_whitespace() => " ",
        '&' => "+",
        '_' | '\u{2010}'..='\u{2015}' => "-",
        '\u{2018}' | '\u{2019}' | '`' | '\u{b4}' => "'",
        ';' => ",",
        '@' => "(at)",
        c => letter(c).unwrap_or("."),
    }
}

/// Latin letters that do not decompose, and the Greek and Cyrillic alphabets.
fn letter(character: char) -> Option<&'static str> {
    Some(match character {
        'ß' => "ss",
        'ẞ' => "SS",
        'Æ' => "AE",
        'æ' => "ae",
        'Œ' => "OE",
        'œ' => "oe",
        'Ø' => "O",
        'ø' => "o",
        'Ł' => "L",
        'ł' => "l",
        'Đ' | 'Ð' => "D",
        'đ' | 'ð' => "d",
        'Þ' => "TH",
        'þ' => "th",
        'Ħ' => "H",
        'ħ' => "h",
        'ı' => "i",
        'Ŋ' => "N",
        'ŋ' => "n",
        'Ŧ' => "T",
        'ŧ' => "t",
        c => return greek(c).or_else(|| cyrillic(c)),
    })
}

/// Letter by letter, as banks do it: a pair of letters that is one sound stays a pair.
fn greek(character: char) -> Option<&'static str> {
    Some(match character {
        'Α' => "A",
        'Β' => "V",
        'Γ' => "G",
        'Δ' => "D",
        'Ε' => "E",
        'Ζ' => "Z",
        'Η' | 'Ι' => "I",
        'Θ' => "TH",
        'Κ' => "K",
        'Λ' => "L",
        'Μ' => "M",
        'Ν' => "N",
        'Ξ' => "X",
        'Ο' | 'Ω' => "O",
        'Π' => "P",
        'Ρ' => "R",
        'Σ' => "S",
        'Τ' => "T",
        'Υ' => "Y",
        'Φ' => "F",
        'Χ' => "CH",
        'Ψ' => "PS",
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

/// The Bulgarian streamlined system, the Cyrillic of the European Union, and the letters of its neighbours.
fn cyrillic(character: char) -> Option<&'static str> {
    let lower = character.to_lowercase().next().unwrap_or(character);
    let latin = match lower {
        'а' => ("a", "A"),
        'б' => ("b", "B"),
        'в' => ("v", "V"),
        'г' | 'ґ' => ("g", "G"),
        'д' => ("d", "D"),
        'е' | 'э' => ("e", "E"),
        'є' => ("ye", "YE"),
        'ж' => ("zh", "ZH"),
        'з' => ("z", "Z"),
        'и' | 'і' => ("i", "I"),
        'й' | 'ы' | 'ь' => ("y", "Y"),
        'ј' => ("j", "J"),
        'к' => ("k", "K"),
        'л' => ("l", "L"),
        'љ' => ("lj", "LJ"),
        'м' => ("m", "M"),
        'н' => ("n", "N"),
        'њ' => ("nj", "NJ"),
        'о' => ("o", "O"),
        'п' => ("p", "P"),
        'р' => ("r", "R"),
        'с' => ("s", "S"),
        'т' => ("t", "T"),
        'ћ' => ("c", "C"),
        'у' => ("u", "U"),
        'ф' => ("f", "F"),
        'х' => ("h", "H"),
        'ц' => ("ts", "TS"),
        'ч' => ("ch", "CH"),
        'џ' => ("dz", "DZ"),
        'ш' => ("sh", "SH"),
        'щ' => ("sht", "SHT"),
        'ъ' => ("a", "A"),
        'ю' => ("yu", "YU"),
        'я' => ("ya", "YA"),
        'ђ' => ("dj", "DJ"),
        _ => return None,
    };
    Some(if character.is_uppercase() { latin.1 } else { latin.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_latin_letters() {
        for (name, written) in [
            ("Zoë Müller-Strauß", "Zoe Muller-Strauss"),
            ("Łukasz Świątek", "Lukasz Swiatek"),
            ("Søren Ærø", "Soren AEro"),
            ("Γιώργος Παπαδόπουλος", "Giorgos Papadopoylos"),
            ("Юлия Щерева", "YUliya SHTereva"),
            ("O\u{2019}Brien & Sons", "O'Brien + Sons"),
            ("  many \t spaces\u{a0}here ", "many spaces here"),
            ("ﬁne № 5", "fine No 5"),
        ] {
            assert_eq!(bank_text(name, 70), written);
        }
    }

    #[test]
    fn what_has_no_counterpart_is_a_full_stop_and_a_name_of_those_is_not_legible() {
        assert_eq!(bank_text("李小龍", 70), "...");
        assert!(!is_legible("..."));
        assert!(is_legible(&bank_text("A. 李", 70)));
    }

    #[test]
    fn slashes_are_where_banks_allow_them_and_a_cut_leaves_no_end_space() {
        assert_eq!(bank_text("//a///b/", 70), "a/b");
        assert_eq!(bank_text("one two", 4), "one");
        assert_eq!(bank_text("ab/cd", 3), "ab");
    }
}
