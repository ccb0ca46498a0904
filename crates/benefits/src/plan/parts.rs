//! Reads the single parts of a plan file: words, amounts, rates, counters. Every error says where.

use std::cell::RefCell;
use std::ops::Range;

use domain::{Country, Currency, Date, Money};
use toml::Spanned;

use super::raw::{RawAmount, RawDate, Word};
use super::{Ages, Amounts, Months, Named, Period, PlanError};
use crate::exact::Ratio;

/// The longest waiting period and filing limit that makes sense: a century of months.
const MONTHS_MAX: i32 = 1_200;

/// The file being read, and the rules found so far.
pub(super) struct Reader<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
    pub(super) currencies: Vec<Currency>,
    pub(super) rules: Vec<String>,
    pub(super) counters: Vec<Named>,
    /// What is wrong, in the order in which it was found.
    pub(super) faults: RefCell<Vec<PlanError>>,
}

/// A fault was found here and is among [`Reader::faults`]. Whoever meets it reads on as far as nothing depends on
/// what is missing, so that a file tells all of its faults, and none that follows from another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noted;

/// All items, each read whatever became of those before it.
pub(super) fn every<T>(items: impl Iterator<Item = Result<T, Noted>>) -> Result<Vec<T>, Noted> {
    items.collect::<Vec<_>>().into_iter().collect()
}

impl Reader<'_> {
    /// Notes a fault.
    pub(super) fn error(&self, span: Range<usize>, problem: impl Into<String>) -> Noted {
        self.faults.borrow_mut().push(PlanError::at(self.file, self.text, span, problem));
        Noted
    }

    /// Notes a rule in words and gives its number.
    pub(super) fn rule(&mut self, text: String, span: Range<usize>) -> Result<u16, Noted> {
        let number = u16::try_from(self.rules.len())
            .map_err(|_| self.error(span, "more than 65,535 rules: split the plan into several"))?;
        self.rules.push(text);
        Ok(number)
    }

    /// A word that names something in the plan.
    pub(super) fn id(&self, word: &Spanned<String>) -> Result<String, Noted> {
        let text = word.get_ref();
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if text.is_empty() || text.len() > 60 || !text.chars().all(fits) {
            let problem = format!("`{text}` is no id: write small letters, digits and hyphens, 60 at most");
            return Err(self.error(word.span(), problem));
        }
        Ok(text.clone())
    }

    /// Words for people.
    pub(super) fn words(&self, words: &Spanned<String>) -> Result<String, Noted> {
        let text = words.get_ref().trim();
        if text.is_empty() || text.chars().any(char::is_control) {
            return Err(self.error(words.span(), "empty, or with a control character: write a name"));
        }
        Ok(text.to_owned())
    }

    /// One word of a few.
    pub(super) fn choice<T: Copy>(&self, word: &Spanned<String>, choices: &[(&str, T)]) -> Result<T, Noted> {
        let found = choices.iter().find(|(choice, _)| choice == word.get_ref());
        found.map(|(_, value)| *value).ok_or_else(|| {
            let expected: Vec<&str> = choices.iter().map(|(choice, _)| *choice).collect();
            self.error(
                word.span(),
                format!("unknown `{}`: use one of {}", word.get_ref(), expected.join(", ")),
            )
        })
    }

    pub(super) fn period(&self, word: &Word) -> Result<Period, Noted> {
        Period::parse(word.get_ref()).ok_or_else(|| {
            let problem = format!(
                "unknown `{}`: use one of policy-year, calendar-year, lifetime, day, or a span like 24-months or 180-days",
                word.get_ref()
            );
            self.error(word.span(), problem)
        })
    }

    /// A rate from 0 to 1.
    pub(super) fn rate(&self, text: &Word) -> Result<Ratio, Noted> {
        self.multiple(text, 1)
    }

    /// A number from 0 to `most`.
    pub(super) fn multiple(&self, text: &Word, most: u32) -> Result<Ratio, Noted> {
        Ratio::parse(text.get_ref(), most)
            .map_err(|problem| self.error(text.span(), format!("rate `{}`: {problem}", text.get_ref())))
    }

    pub(super) fn date(&self, date: &RawDate) -> Result<Date, Noted> {
        date.get_ref().to_string().parse().map_err(|_| {
            self.error(date.span(), "not a date from 1900 to 2199: write it bare, like 2026-01-01")
        })
    }

    pub(super) fn countries(&self, words: &[Word]) -> Result<Vec<Country>, Noted> {
        let country = |word: &Word| {
            let parsed = word.get_ref().parse::<Country>();
            parsed.map_err(|error| self.error(word.span(), format!("`{}`: {error}", word.get_ref())))
        };
        every(words.iter().map(country))
    }

    /// Beginnings of codes: none of them empty, which would take all.
    pub(super) fn beginnings(&self, words: &[Word]) -> Result<Vec<String>, Noted> {
        let beginning = |word: &Word| match word.get_ref().trim().is_empty() {
            true => Err(self.error(word.span(), "an empty code: leave the list out to take all")),
            false => Ok(word.get_ref().clone()),
        };
        every(words.iter().map(beginning))
    }

    pub(super) fn ages(&self, from: Option<u8>, below: Option<u8>, word: &Word) -> Result<Ages, Noted> {
        let ages = Ages { from: from.unwrap_or(0), below: below.unwrap_or(u8::MAX) };
        if ages.from >= ages.below {
            return Err(
                self.error(word.span(), "nobody has such an age: `from_age` must be less than `below_age`")
            );
        }
        Ok(ages)
    }

    /// The place of a word among ids.
    pub(super) fn place<'i>(
        &self,
        word: &Word,
        what: &str,
        mut ids: impl Iterator<Item = &'i str>,
    ) -> Result<usize, Noted> {
        ids.position(|id| id == word.get_ref()).ok_or_else(|| {
            self.error(word.span(), format!("no {what} `{}`: add [[{what}]] with this id", word.get_ref()))
        })
    }

    pub(super) fn months(&mut self, months: &Spanned<i32>, what: &str) -> Result<Months, Noted> {
        let count = *months.get_ref();
        if !(1..=MONTHS_MAX).contains(&count) {
            let problem =
                format!("{count} months: write a whole number from 1 to {MONTHS_MAX}, or leave it out");
            return Err(self.error(months.span(), problem));
        }
        let rule = self.rule(format!("{what}: {count} months"), months.span())?;
        Ok(Months { rule, months: count })
    }

    /// So many days: a year's at most.
    pub(super) fn days(&self, days: &Spanned<i32>) -> Result<i32, Noted> {
        match *days.get_ref() {
            count @ 1..=366 => Ok(count),
            _ => Err(self.error(days.span(), "write a whole number of days from 1 to 366")),
        }
    }

    /// An amount in every currency of the plan, and in no other; or a number of reference salaries.
    pub(super) fn amounts(&self, raw: &RawAmount) -> Result<Amounts, Noted> {
        if let Some((_, salaries)) = raw.get_ref().iter().find(|(word, _)| word.get_ref() == "salary") {
            if raw.get_ref().len() > 1 {
                return Err(self.error(raw.span(), "a salary and amounts together: keep one of them"));
            }
            return self.multiple(salaries, 100).map(Amounts::Salary);
        }
        // Without the currencies nothing can be said of amounts in them.
        if self.currencies.is_empty() {
            return Err(Noted);
        }
        let foreign = |code: &&Word| !self.currencies.iter().any(|own| own.code() == code.get_ref());
        let own = every(raw.get_ref().keys().filter(foreign).map(|code| {
            let problem = format!(
                "`{}` is not a currency of this plan: add it to `currencies` or remove it",
                code.get_ref()
            );
            Err::<(), _>(self.error(code.span(), problem))
        }));
        let column = |currency: &Currency| {
            let found = raw.get_ref().iter().find(|(code, _)| code.get_ref() == currency.code());
            let (_, text) = found.ok_or_else(|| {
                let problem = format!("no amount in {currency}: add `{currency} = \"...\"`");
                self.error(raw.span(), problem)
            })?;
            self.amount(text, *currency)
        };
        let columns = every(self.currencies.iter().map(column));
        own?;
        columns.map(Amounts::Columns)
    }

    fn amount(&self, text: &Spanned<String>, currency: Currency) -> Result<i64, Noted> {
        let error =
            |problem: &str| self.error(text.span(), format!("amount `{}`: {problem}", text.get_ref()));
        let amount = Money::parse(text.get_ref(), currency).map_err(|problem| error(&problem.to_string()))?;
        if amount.minor() < 0 {
            return Err(error("negative: write zero or more"));
        }
        Ok(amount.minor())
    }

    /// An amount in words, like `250.00 EUR / 275.00 USD`.
    pub(super) fn in_words(&self, amounts: &Amounts) -> String {
        let column = |(index, currency): (usize, &Currency)| {
            let minor = amounts.fixed(index).unwrap_or_default();
            Money::new(minor, *currency).map(|amount| amount.to_string()).unwrap_or_default()
        };
        match amounts {
            Amounts::Columns(_) => {
                self.currencies.iter().enumerate().map(column).collect::<Vec<String>>().join(" / ")
            }
            Amounts::Salary(salaries) => format!("{salaries} of a yearly salary"),
            Amounts::Count(count) => count.to_string(),
            Amounts::Open => "no end".to_owned(),
        }
    }
}
