//! An estimate as lines of text: for each line of a claim a sum that can be done by hand.

use std::fmt::Write;

use domain::{Currency, Language, Outcome, figures};

use super::words;
use super::{Estimate, LineEstimate, Shares, TreatmentEstimate};
use crate::phrase::Phrase;

/// The width of the words before an amount; longer ones push it on.
const WORDS_WIDTH: usize = 64;
/// The width of an amount.
const AMOUNT_WIDTH: usize = 14;

impl Estimate {
    /// It for people, in the language that it was made in.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        let mut text = format!("{} ({})\n", self.plan_name, self.plan);
        for claim in &self.claims {
            let heading = words::CLAIM.with(language, &[&claim.claim, &claim.member]);
            line(&mut text, &format!("\n{heading}"));
            text += &claim.treatment.text(language);
        }
        text
    }
}

impl TreatmentEstimate {
    /// It for people, in the language that it was made in.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        let mut text = String::new();
        Page { language, currency: self.currency }.treatment(self, &mut text);
        text
    }
}

struct Page {
    language: Language,
    currency: Currency,
}

impl Page {
    fn treatment(&self, treatment: &TreatmentEstimate, text: &mut String) {
        if treatment.outcome == Outcome::Pended {
            line(text, &words::WAITS.plain(self.language));
        }
        if treatment.is_without_family {
            line(text, &words::WITHOUT_FAMILY.plain(self.language));
        }
        for one in &treatment.lines {
            self.line(one, text);
        }
        if treatment.lines.len() > 1 {
            line(text, &format!("\n  {}", words::IN_ALL.plain(self.language)));
            self.row(&words::CHARGED.plain(self.language), treatment.total.charged, text);
            self.outcome(treatment.total, text);
        }
        if !treatment.left.is_empty() {
            line(text, &format!("\n  {}", words::LEFT.plain(self.language)));
        }
        for left in &treatment.left {
            let rest = words::LEFT_OF.with(self.language, &[&left.name, &left.left, &left.of]);
            line(text, &format!("    {rest}"));
        }
    }

    fn line(&self, one: &LineEstimate, text: &mut String) {
        let day = figures::long_date(one.day, self.language);
        let what = one.benefit.as_ref().map_or_else(|| day.clone(), |benefit| format!("{benefit}, {day}"));
        let heading = format!("{}. {what}", one.number);
        line(text, &format!("\n  {heading}"));
        self.row(&words::CHARGED.plain(self.language), one.shares.charged, text);
        for step in &one.steps {
            self.row(&step.text, step.change, text);
        }
        self.outcome(one.shares, text);
    }

    /// Who pays what; the plan and the member always, others where they do.
    fn outcome(&self, shares: Shares, text: &mut String) {
        let parts: [(&Phrase, i64, bool); 4] = [
            (&words::PLAN_PAYS, shares.plan, true),
            (&words::YOU_PAY, shares.member, true),
            (&words::OTHER_PAYS, shares.other_payer, shares.other_payer != 0),
            (&words::NOBODY_PAYS, shares.write_off, shares.write_off != 0),
        ];
        for (phrase, minor, _) in parts.iter().filter(|(_, _, shown)| *shown) {
            self.row(&format!("= {}", phrase.plain(self.language)), *minor, text);
        }
    }

    fn row(&self, label: &str, minor: i64, text: &mut String) {
        let amount = figures::amount(minor, self.currency, self.language);
        line(text, &format!("    {label:WORDS_WIDTH$} {amount:>AMOUNT_WIDTH$} {}", self.currency));
    }
}

fn line(text: &mut String, words: &str) {
    // Writing to a text never fails.
    let _ = writeln!(text, "{words}");
}
