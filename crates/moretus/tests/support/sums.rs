//! Reads the sums that statements write, as whoever got one does with a pencil. It knows nothing of how they are made.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "helpers of tests, not every one of which uses all of them"
)]

use std::path::Path;
use std::process::Command;

use domain::LineDetermination;

/// What stands before the sum of a line, in each language.
pub(crate) const BEFORE_A_SUM: [&str; 4] =
    ["Step by step:", "Stap voor stap:", "Étape par étape :", "Schritt für Schritt:"];
/// A true one, and no hyphen.
pub(crate) const MINUS: char = '\u{2212}';

/// A sum as it is written: `a − b (why) + c (why) = d`, in minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sum {
    /// What was charged.
    pub(crate) charged: i64,
    /// What each step takes from it, below zero, or adds to it.
    pub(crate) changes: Vec<i64>,
    /// What is said to come out: what the plan pays.
    pub(crate) pays: i64,
}

impl Sum {
    /// Whether it comes out as it is said to, when it is done again step by step, and no step goes below nothing or above what
    /// was charged.
    pub(crate) fn is_right(&self) -> bool {
        let mut left = self.charged;
        let within = self.changes.iter().all(|change| {
            left += change;
            (0..=self.charged).contains(&left)
        });
        within && left == self.pays
    }

    /// Whether it goes from what was charged of a line to what the plan pays of it.
    pub(crate) fn is_of(&self, line: &LineDetermination) -> bool {
        (self.charged, self.pays) == (line.submitted, line.plan)
    }
}

/// What stands on a PDF, without the foot of its pages, which would stand in the midst of what goes on overleaf.
pub(crate) fn text_of(pdf: &Path) -> String {
    // The foot begins 18 mm above the lower edge of an A4 page, which is 842 points high.
    let crop = ["-nopgbrk", "-x", "0", "-y", "0", "-W", "596", "-H", "791"];
    let read = Command::new("pdftotext").args(crop).arg(pdf).arg("-").output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    String::from_utf8(read.stdout).unwrap()
}

/// The sums of a statement in any of its languages, in amounts of so many decimals. Errors where one cannot be read to its end.
pub(crate) fn sums(statement: &str, decimals: usize) -> Result<Vec<Sum>, String> {
    let flowing = statement.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut begins: Vec<usize> = BEFORE_A_SUM
        .iter()
        .flat_map(|words| flowing.match_indices(words).map(|(at, _)| at + words.len()))
        .collect();
    begins.sort_unstable();
    let read = |at: usize| Reader { rest: &flowing[at..], decimals }.sum();
    begins.into_iter().map(read).collect()
}

/// Reads on in a text.
struct Reader<'a> {
    rest: &'a str,
    decimals: usize,
}

impl Reader<'_> {
    fn sum(mut self) -> Result<Sum, String> {
        let charged = self.amount()?;
        let mut changes = Vec::new();
        loop {
            match self.sign()? {
                '=' => return Ok(Sum { charged, changes, pays: self.amount()? }),
                MINUS => changes.push(-self.amount()?),
                '+' => changes.push(self.amount()?),
                other => return Err(format!("`{other}` in a sum")),
            }
            self.reason()?;
        }
    }

    fn sign(&mut self) -> Result<char, String> {
        self.rest = self.rest.trim_start();
        let sign = self.rest.chars().next().ok_or("a sum breaks off")?;
        self.rest = &self.rest[sign.len_utf8()..];
        Ok(sign)
    }

    /// Skips why a step was, in brackets, which may have brackets in them.
    fn reason(&mut self) -> Result<(), String> {
        let mut depth = 0;
        for (at, letter) in self.rest.trim_start().char_indices() {
            depth += i32::from(letter == '(') - i32::from(letter == ')');
            if depth == 0 {
                let after = self.rest.trim_start().split_at(at + letter.len_utf8()).1;
                let has_words = at > 1;
                self.rest = after;
                return has_words.then_some(()).ok_or_else(|| "a step without a reason".to_owned());
            }
        }
        Err("a reason breaks off".to_owned())
    }

    /// An amount, in minor units: thousands apart by a comma, a point or a space, and its decimals.
    fn amount(&mut self) -> Result<i64, String> {
        self.rest = self.rest.trim_start();
        let mut digits = self.digits();
        while self.begins(&[',', '.', ' '], 3) {
            self.rest = &self.rest[1..];
            digits += &self.digits();
        }
        if self.decimals > 0 {
            if !self.begins(&[',', '.'], self.decimals) {
                return Err(format!("no amount at `{}`", self.rest.chars().take(20).collect::<String>()));
            }
            self.rest = &self.rest[1..];
            digits += &self.digits();
        }
        digits.parse().map_err(|_| "no amount where one should stand".to_owned())
    }

    fn digits(&mut self) -> String {
        let end = self.rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        digits.to_owned()
    }

    /// Whether a separator and then just so many digits follow.
    fn begins(&self, separators: &[char], count: usize) -> bool {
        let after = self.rest.strip_prefix(separators);
        after.is_some_and(|after| after.chars().take_while(char::is_ascii_digit).count() == count)
    }
}

mod reading {
    use super::{Sum, sums};

    #[test]
    fn a_sum_is_read_in_every_language() {
        let written = [
            "Step by step: 1,234.56 \u{2212}\u{a0}1,000.00 (deductible, In a year (EUR)) \u{2212}\u{a0}46.91\n(20 %) =\u{a0}187.65\n\n2. Doctor",
            "Stap voor stap: 1.234,56 \u{2212}\u{a0}1.000,00 (eigen risico) \u{2212} 46,91 (20 %) = 187,65 2. Arts",
            "Étape par étape : 1\u{a0}234,56 \u{2212}\u{a0}1\u{a0}000,00 (franchise) \u{2212} 46,91 (20 %) = 187,65 200 visites",
            "Schritt für Schritt: 1.234,56 \u{2212} 1.000,00 (Selbstbehalt) \u{2212} 46,91 (20 %) = 187,65",
        ];
        let sum = Sum { charged: 123_456, changes: vec![-100_000, -4_691], pays: 18_765 };
        assert!(sum.is_right());
        for text in written {
            assert_eq!(sums(text, 2).unwrap(), std::slice::from_ref(&sum), "{text}");
        }
        assert_eq!(sums(&written.join("\n"), 2).unwrap().len(), 4);
        let yen = Sum { charged: 1_234, changes: vec![-1_000, 16], pays: 250 };
        assert_eq!(sums("Step by step: 1,234 \u{2212} 1,000 (a) + 16 (b) = 250", 0).unwrap(), [yen]);
        assert_eq!(sums("Nothing was taken off.", 2).unwrap(), []);
    }

    #[test]
    fn an_altered_step_is_found() {
        let written = "Step by step: 180.00 \u{2212} 100.00 (deductible) \u{2212} 16.00 (20 %) = 64.00";
        assert!(sums(written, 2).unwrap()[0].is_right());
        for (step, altered) in
            [("100.00", "100.01"), ("16.00", "61.00"), ("64.00", "64.01"), ("180.00", "18.00")]
        {
            let written = written.replacen(step, altered, 1);
            assert!(!sums(&written, 2).unwrap()[0].is_right(), "{written}");
        }
        // Below nothing on the way, though it comes out.
        let written = "Step by step: 10.00 \u{2212} 20.00 (a) + 15.00 (b) = 5.00";
        assert!(!sums(written, 2).unwrap()[0].is_right());
        for unread in [
            "180.00",
            "180.00 \u{2212} (deductible) = 1.00",
            "180 \u{2212} 1 (a) = 179",
            "1.00 - 1.00 (a) = 0.00",
        ] {
            assert!(sums(&format!("Step by step: {unread}"), 2).is_err(), "{unread}");
        }
        assert!(sums("Step by step: 2.00 \u{2212} 1.00 () = 1.00", 2).is_err(), "it does not say why");
    }
}
