//! A plan as a table of benefits that a member can read, in four languages, and what differs between two
//! plans by that table. It leaves out how rules work together; a trace shows that for a claim.

mod benefit;
mod compare;
mod counting;
mod detail;
mod plan;
mod words;

use domain::{Currency, Date, Language, figures};

use crate::plan::Plan;
use words::Phrase;

pub use compare::{Change, Comparison, Difference, Presence, compare};

/// How a table is to be written.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// In which language. Names of benefits, limits and modules are the plan's own.
    pub language: Language,
    /// The one column of amounts that a member has; every one where it is not said, or not one of the plan's.
    pub currency: Option<Currency>,
    /// With prices, codes and the order of rules, which a member seldom asks for.
    pub details: bool,
}

/// A part of the table: the whole plan, a benefit, a list of prices, the premium.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// What it is about, the same in every version: `plan`, `benefit/dental`, `prices/list`, `premium`.
    pub id: String,
    /// Its name, or the words for it.
    pub name: String,
    /// What holds, in the order in which it applies.
    pub says: Vec<Statement>,
}

/// Something that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Which rule it tells, the same in every version: `coinsurance`, `limit/3` with the accumulator's number.
    pub about: String,
    /// It in words.
    pub text: String,
}

/// The table of a plan.
#[must_use]
pub fn table(plan: &Plan, wanted: &Wanted) -> Vec<Section> {
    let writer =
        Writer { plan, language: wanted.language, currency: wanted.currency, details: wanted.details };
    let mut sections = vec![writer.whole_plan()];
    sections.extend(plan.benefits.iter().map(|benefit| writer.benefit(benefit)));
    if wanted.details {
        sections.extend(plan.price_lists.iter().map(|list| writer.prices(list)));
    }
    sections.extend(plan.premium().map(|premium| writer.premium(premium)));
    sections
}

struct Writer<'a> {
    plan: &'a Plan,
    language: Language,
    currency: Option<Currency>,
    details: bool,
}

impl Writer<'_> {
    fn say(&self, phrase: &Phrase, values: &[&str]) -> String {
        phrase.with(self.language, values)
    }

    fn plain(&self, phrase: &Phrase) -> String {
        phrase.plain(self.language)
    }

    fn day(&self, date: Date) -> String {
        figures::long_date(date, self.language)
    }

    /// A statement of a phrase with its values.
    fn state(&self, about: &str, phrase: &Phrase, values: &[&str]) -> Statement {
        Statement { about: about.to_owned(), text: self.say(phrase, values) }
    }
}
