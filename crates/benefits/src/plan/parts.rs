//! Reads the single parts of a plan file: words, amounts, rates, counters. Every error says where.

use std::ops::Range;

use domain::{Currency, Money};
use toml::Spanned;

use super::raw::RawAmount;
use super::{Amounts, Counter, Months, Period, PlanError};
use crate::exact::Rate;

/// The longest waiting period and filing limit that makes sense: a century of months.
const MONTHS_MAX: i32 = 1_200;

/// The file being read, and the rules found so far.
pub(super) struct Reader<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
    pub(super) currencies: Vec<Currency>,
    pub(super) rules: Vec<String>,
}

impl Reader<'_> {
    pub(super) fn error(&self, span: Range<usize>, problem: impl Into<String>) -> PlanError {
        PlanError::at(self.file, self.text, span.start, problem)
    }

    /// Notes a rule in words and gives its number.
    pub(super) fn rule(&mut self, text: String, span: Range<usize>) -> Result<u16, PlanError> {
        let number = u16::try_from(self.rules.len())
            .map_err(|_| self.error(span, "more than 65,535 rules: split the plan into several"))?;
        self.rules.push(text);
        Ok(number)
    }

    /// A word that names something in the plan.
    pub(super) fn id(&self, word: &Spanned<String>) -> Result<String, PlanError> {
        let text = word.get_ref();
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if text.is_empty() || text.len() > 60 || !text.chars().all(fits) {
            let problem = format!("`{text}` is no id: write small letters, digits and hyphens, 60 at most");
            return Err(self.error(word.span(), problem));
        }
        Ok(text.clone())
    }

    /// Words for people.
    pub(super) fn words(&self, words: &Spanned<String>) -> Result<String, PlanError> {
        let text = words.get_ref().trim();
        if text.is_empty() || text.chars().any(char::is_control) {
            return Err(self.error(words.span(), "empty, or with a control character: write a name"));
        }
        Ok(text.to_owned())
    }

    /// One word of a few.
    pub(super) fn choice<T: Copy>(
        &self,
        word: &Spanned<String>,
        choices: &[(&str, T)],
    ) -> Result<T, PlanError> {
        let found = choices.iter().find(|(choice, _)| choice == word.get_ref());
        found.map(|(_, value)| *value).ok_or_else(|| {
            let expected: Vec<&str> = choices.iter().map(|(choice, _)| *choice).collect();
            self.error(
                word.span(),
                format!("unknown `{}`: use one of {}", word.get_ref(), expected.join(", ")),
            )
        })
    }

    pub(super) fn period(&self, word: &Spanned<String>) -> Result<Period, PlanError> {
        let choices = [Period::PolicyYear, Period::CalendarYear, Period::Lifetime];
        self.choice(word, &choices.map(|period| (period.word(), period)))
    }

    pub(super) fn rate(&self, text: &Spanned<String>) -> Result<Rate, PlanError> {
        Rate::parse(text.get_ref())
            .map_err(|problem| self.error(text.span(), format!("rate `{}`: {problem}", text.get_ref())))
    }

    pub(super) fn months(&mut self, months: &Spanned<i32>, what: &str) -> Result<Months, PlanError> {
        let count = *months.get_ref();
        if !(1..=MONTHS_MAX).contains(&count) {
            let problem =
                format!("{count} months: write a whole number from 1 to {MONTHS_MAX}, or leave it out");
            return Err(self.error(months.span(), problem));
        }
        let rule = self.rule(format!("{what}: {count} months"), months.span())?;
        Ok(Months { rule, months: count })
    }

    /// An amount in every currency of the plan, and in no other.
    pub(super) fn amounts(&self, raw: &RawAmount) -> Result<Amounts, PlanError> {
        for code in raw.get_ref().keys() {
            if !self.currencies.iter().any(|currency| currency.code() == code.get_ref()) {
                let problem = format!(
                    "`{}` is not a currency of this plan: add it to `currencies` or remove it",
                    code.get_ref()
                );
                return Err(self.error(code.span(), problem));
            }
        }
        let column = |currency: &Currency| {
            let found = raw.get_ref().iter().find(|(code, _)| code.get_ref() == currency.code());
            let (_, text) = found.ok_or_else(|| {
                let problem = format!("no amount in {currency}: add `{currency} = \"...\"`");
                self.error(raw.span(), problem)
            })?;
            self.amount(text, *currency)
        };
        self.currencies.iter().map(column).collect::<Result<Vec<i64>, PlanError>>().map(Amounts)
    }

    fn amount(&self, text: &Spanned<String>, currency: Currency) -> Result<i64, PlanError> {
        let error =
            |problem: &str| self.error(text.span(), format!("amount `{}`: {problem}", text.get_ref()));
        let amount = Money::parse(text.get_ref(), currency).map_err(|problem| error(&problem.to_string()))?;
        if amount.minor() < 0 {
            return Err(error("negative: write zero or more"));
        }
        Ok(amount.minor())
    }

    /// A rule that counts on an accumulator.
    pub(super) fn counter(
        &mut self,
        kind: &str,
        accumulator: &Spanned<u16>,
        name: &Spanned<String>,
        period: &Spanned<String>,
        amount: &RawAmount,
    ) -> Result<Counter, PlanError> {
        let amounts = self.amounts(amount)?;
        let period = self.period(period)?;
        let name = self.words(name)?;
        let text = format!("{kind}: `{name}`, {}", period.word());
        let rule = self.rule(text, accumulator.span())?;
        Ok(Counter { rule, accumulator: *accumulator.get_ref(), name, period, amounts })
    }

    /// An amount in every currency, like `250.00 EUR / 275.00 USD`.
    pub(super) fn in_words(&self, amounts: &Amounts) -> String {
        let column = |(index, currency): (usize, &Currency)| {
            Money::new(amounts.at(index), *currency).map(|amount| amount.to_string()).unwrap_or_default()
        };
        self.currencies.iter().enumerate().map(column).collect::<Vec<String>>().join(" / ")
    }
}
