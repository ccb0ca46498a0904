//! Changes a text where faults hide: its numbers, dates, words and lines, and now and then its bytes. The same
//! seed gives the same changes, on every machine.

use std::ops::Range;

use crate::SECRET;

/// Longer inputs find nothing more and run slower.
const BYTES_MAX: usize = 32 * 1024;

/// What stands in a place of its kind, and seldom fits.
const NUMBERS: [&str; 26] = [
    "0",
    "1",
    "-1",
    "2",
    "7",
    "10",
    "0.005",
    "0.01",
    "0.1",
    "1.0",
    "1/3",
    "0/1",
    "1/0",
    "999999999",
    "65535",
    "65536",
    "-0",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "90000000000000",
    "1e3",
    "0.333333",
    "1e-400",
    "00",
];
const DATES: [&str; 10] = [
    "1900-01-01",
    "2199-12-31",
    "2024-02-29",
    "2025-02-28",
    "2026-02-30",
    "2026-03-01",
    "2026-12-31",
    "0000-00-00",
    "2200-01-01",
    "2026-01-01T00:00:00Z",
];
const WORDS: [&str; 40] = [
    "true",
    "false",
    "null",
    "EUR",
    "JPY",
    "TND",
    "salary",
    "policy-year",
    "calendar-year",
    "lifetime",
    "day",
    "24-months",
    "180-days",
    "claim",
    "visit",
    "unit",
    "condition",
    "pregnancy",
    "event",
    "admission",
    "paid",
    "eligible",
    "visits",
    "days",
    "units",
    "claims",
    "plan",
    "benefits",
    "stop-loss",
    "member",
    "write-off",
    "pend",
    "send",
    "highest",
    "in-network",
    "out-of-network",
    "before-us",
    "after-us",
    "half",
    SECRET,
];
const SIGNS: [&str; 16] =
    ["\"", "'", "{", "}", "[", "]", ",", "=", ":", "\n", "[[", "]]", "#", "\u{e9}", "\u{7}", "%%%% "];

/// Numbers that look random and follow from a seed (SplitMix64).
pub struct Random(u64);

impl Random {
    /// From a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one; nothing but 0 is below 0 and 1.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % (end.max(1) as u64)) as usize
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

/// What a piece of a text is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Date,
    Word,
    Other,
}

/// The input with one change.
#[must_use]
pub fn mutate(input: &[u8], random: &mut Random) -> Vec<u8> {
    let mut output = match str::from_utf8(input) {
        Ok(text) if !text.is_empty() && random.below(8) > 0 => match random.below(4) {
            0 => lines(text, random).into_bytes(),
            _ => pieces(text, random).into_bytes(),
        },
        _ => bytes(input, random),
    };
    output.truncate(BYTES_MAX);
    output
}

/// A line away, twice, elsewhere or cut.
fn lines(text: &str, random: &mut Random) -> String {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (from, to) = (random.below(lines.len()), random.below(lines.len()));
    match random.below(5) {
        0 => drop(lines.remove(from)),
        1 => lines.insert(to, lines[from]),
        2 => lines.swap(from, to),
        // A block: what stands between two lines, once more or not at all.
        3 => {
            let block = lines[from.min(to)..from.max(to)].to_vec();
            lines.splice(to..to, block);
        }
        _ => drop(lines.drain(from..(from + random.below(6)).min(lines.len()))),
    }
    lines.concat()
}

/// A number, date, word or sign becomes another one, or goes.
fn pieces(text: &str, random: &mut Random) -> String {
    let pieces = split(text);
    let (kind, place) = pieces[random.below(pieces.len())].clone();
    let (_, other) = pieces[random.below(pieces.len())].clone();
    let old = &text[place.clone()];
    let new = match random.below(10) {
        0 => String::new(),
        1 => old.repeat(2),
        2 => text[other].to_owned(),
        3 => format!("{old}{}", random.one(&SIGNS)),
        4 => random.one(&WORDS).to_owned(),
        5 => nearby(old, random),
        _ => match kind {
            Kind::Number => random.one(&NUMBERS).to_owned(),
            Kind::Date => random.one(&DATES).to_owned(),
            Kind::Word => random.one(&WORDS).to_owned(),
            Kind::Other => random.one(&SIGNS).to_owned(),
        },
    };
    [&text[..place.start], &new, &text[place.end..]].concat()
}

/// The same with one digit or letter changed.
fn nearby(old: &str, random: &mut Random) -> String {
    let at = random.below(old.chars().count());
    let change = |(place, letter): (usize, char)| match letter {
        _ if place != at => letter,
        '0'..='9' => char::from(b'0' + random.below(10) as u8),
        'a'..='z' => char::from(b'a' + random.below(26) as u8),
        _ => '-',
    };
    old.chars().enumerate().map(change).collect()
}

fn bytes(input: &[u8], random: &mut Random) -> Vec<u8> {
    let mut output = input.to_vec();
    let at = random.below(output.len());
    let until = (at + 1 + random.below(16)).min(output.len());
    match random.below(5) {
        0 if !output.is_empty() => output[at] ^= 1 << random.below(8),
        1 if !output.is_empty() => output[at] = random.next() as u8,
        2 if !output.is_empty() => drop(output.drain(at..until)),
        3 if !output.is_empty() => output.extend_from_within(at..until),
        _ => output.insert(at, random.next() as u8),
    }
    output
}

/// The text in pieces: runs of digits (dates and decimals whole), of letters, and single signs.
fn split(text: &str) -> Vec<(Kind, Range<usize>)> {
    let mut pieces = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((start, first)) = rest.next() {
        let goes_on = |next: char| match first {
            '0'..='9' => next.is_ascii_digit() || matches!(next, '.' | '-' | '/'),
            _ if first.is_alphabetic() => next.is_alphanumeric() || matches!(next, '-' | '_'),
            _ => false,
        };
        let mut end = start + first.len_utf8();
        while let Some((place, next)) = rest.next_if(|(_, next)| goes_on(*next)) {
            end = place + next.len_utf8();
        }
        let kind = match first {
            '0'..='9' if text[start..end].len() == 10 && text[start..end].contains('-') => Kind::Date,
            '0'..='9' => Kind::Number,
            _ if first.is_alphabetic() => Kind::Word,
            _ => Kind::Other,
        };
        // Blanks change nothing.
        if first != ' ' {
            pieces.push((kind, start..end));
        }
    }
    if pieces.is_empty() { vec![(Kind::Other, 0..text.len())] } else { pieces }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "from = 2026-01-01\namount = { EUR = \"12.50\" }\nname = \"Zo\u{eb}\"\n";

    #[test]
    fn the_same_seed_gives_the_same_changes_and_each_changes_something() {
        let run = |seed| {
            let mut random = Random::new(seed);
            (0..500).map(|_| mutate(TEXT.as_bytes(), &mut random)).collect::<Vec<_>>()
        };
        assert!(run(1) == run(1) && run(1) != run(2));
        let changed = run(3).iter().filter(|output| **output != TEXT.as_bytes()).count();
        assert!(changed > 400, "{changed}");
        let all = (4..10).flat_map(run).filter_map(|output| String::from_utf8(output).ok());
        let texts = all.collect::<String>();
        for word in ["2199-12-31", "9223372036854775808", "policy-year", SECRET] {
            assert!(texts.contains(word), "{word} is tried");
        }
    }

    #[test]
    fn anything_can_be_changed() {
        let mut random = Random::new(5);
        for start in ["", " ", "\n", "\u{e9}", "7"] {
            let mut input = start.as_bytes().to_vec();
            for _ in 0..2_000 {
                input = mutate(&input, &mut random);
                assert!(input.len() <= BYTES_MAX);
            }
        }
    }
}
