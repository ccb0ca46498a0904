//! The account of an import: everything that was read is new, returned, changed, known or refused with a reason. It holds
//! counts, reasons and places, never a value of a file.

use std::collections::BTreeMap;

use domain::Currency;
use intake::{DraftKind, Origin, Refused, Report};
use serde_json::{Map, Value, json};
use service::Enrolled;

use crate::output::say;
use crate::report::{Error, amount, grouped};

/// What became of the drafts of one kind.
#[derive(Default)]
pub(crate) struct Kind {
    pub(crate) read: u64,
    pub(crate) new: u64,
    /// Known, erased, and taken in anew.
    pub(crate) returned: u64,
    /// Known, and says something else now.
    pub(crate) changed: u64,
    pub(crate) known: u64,
    pub(crate) refused: u64,
}

/// What was refused for one reason.
#[derive(Default)]
struct Refusal {
    count: u64,
    /// Where the first one stands, when it is known.
    first: Option<String>,
}

/// The account.
#[derive(Default)]
pub(crate) struct Account {
    /// Rows and resources, by file or type.
    pub(crate) report: Report,
    kinds: BTreeMap<DraftKind, Kind>,
    refusals: BTreeMap<(DraftKind, String), Refusal>,
    charged: BTreeMap<Currency, i128>,
    /// How many drafts there are to take in; none until the files were checked.
    to_take: u64,
}

/// An import that stopped after it began to take in.
#[derive(Debug)]
struct StoppedHalfWay {
    taken: u64,
    of: u64,
    cause: Error,
}

impl std::fmt::Display for StoppedHalfWay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [taken, of] = [self.taken, self.of].map(grouped);
        write!(
            f,
            "the import stopped: {taken} of {of} are in; run it again, which finishes the work and changes nothing of what is in"
        )
    }
}

impl std::error::Error for StoppedHalfWay {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.cause.as_ref())
    }
}

impl Account {
    /// Counts rows or resources that were read.
    pub(crate) fn read(&mut self, what: &str, count: u64) {
        *self.report.read.entry(what.to_owned()).or_default() += count;
    }

    /// Counts something that was left out on purpose.
    pub(crate) fn note(&mut self, what: &str) {
        *self.report.notes.entry(what.to_owned()).or_default() += 1;
    }

    /// Counts drafts that were given to a use case, and what became of them.
    pub(crate) fn taken(&mut self, kind: DraftKind, new: u64, known: u64) {
        let counts = self.kinds.entry(kind).or_default();
        counts.new += new;
        counts.known += known;
    }

    /// Counts people or their cover that were given to a use case, and what became of them but for what was
    /// refused, for which there are reasons.
    pub(crate) fn enrolled(&mut self, kind: DraftKind, enrolled: Enrolled) {
        self.taken(kind, enrolled.new, enrolled.known);
        let counts = self.kinds.entry(kind).or_default();
        counts.returned += enrolled.returned;
        counts.changed += enrolled.changed;
    }

    /// Counts drafts that were read.
    pub(crate) fn given(&mut self, kind: DraftKind, count: usize) {
        self.kinds.entry(kind).or_default().read += count as u64;
    }

    /// Counts drafts that were read and refused.
    pub(crate) fn refused(&mut self, kind: DraftKind, count: u64, reason: &str) {
        if count > 0 {
            self.kinds.entry(kind).or_default().refused += count;
            self.refusals.entry((kind, reason.to_owned())).or_default().count += count;
        }
    }

    /// Counts a draft that was read and refused, and names where the first such one stands.
    pub(crate) fn refused_at(&mut self, kind: DraftKind, reason: &str, origin: &Origin) {
        self.refused(kind, 1, reason);
        let refusal = self.refusals.entry((kind, reason.to_owned())).or_default();
        refusal.first.get_or_insert_with(|| origin.to_string());
    }

    /// Counts what a file itself gave as refused.
    pub(crate) fn refused_by_file(&mut self, refused: &Refused) {
        self.given(refused.kind, 1);
        let reason = refused.reason.problem.to_string();
        let origin = Origin { file: refused.reason.file.clone(), place: refused.reason.place.clone() };
        self.refused_at(refused.kind, &reason, &origin);
    }

    /// Adds the charges of claims that were read.
    pub(crate) fn charged(&mut self, currency: Currency, minor: i64) {
        *self.charged.entry(currency).or_default() += i128::from(minor);
    }

    /// Counts what was checked and will be taken in.
    pub(crate) fn will_take(&mut self, count: u64) {
        self.to_take += count;
    }

    /// What an import that failed tells: once it began to take in, how far it came. Drafts that were being
    /// taken in may be in as well.
    pub(crate) fn stopped(&self, cause: Error) -> Error {
        if self.to_take == 0 {
            return cause;
        }
        let taken = self
            .kinds
            .values()
            .map(|counts| counts.new + counts.returned + counts.changed + counts.known)
            .sum();
        Box::new(StoppedHalfWay { taken, of: self.to_take, cause })
    }

    /// How many claims are new.
    pub(crate) fn new_claims(&self) -> u64 {
        self.kinds.get(&DraftKind::Claim).map_or(0, |counts| counts.new)
    }

    /// INVARIANT: nothing that was read is missing. An error here is a fault of the program.
    pub(crate) fn check(&self) -> Result<(), Error> {
        for (kind, Kind { read, new, returned, changed, known, refused }) in &self.kinds {
            if *read != new + returned + changed + known + refused {
                return Err(format!(
                    "the account does not add up: {read} of kind {kind} were read, {new} are new, {returned} returned, {changed} changed, {known} known, {refused} refused; this is a fault of the program, report it"
                )
                .into());
            }
        }
        Ok(())
    }

    /// Prints it for people.
    pub(crate) fn print(&self) {
        say!("read:");
        for (what, count) in &self.report.read {
            say!("  {:>9}  {what}", grouped(*count));
        }
        for (what, count) in &self.report.notes {
            say!("  {:>9}  {what}", grouped(*count));
        }
        say!("taken in:");
        for (kind, counts) in &self.kinds {
            let [read, new, known, refused] =
                [counts.read, counts.new, counts.known, counts.refused].map(grouped);
            let some = |count, word| match count {
                0 => String::new(),
                some => format!(" + {} {word}", grouped(some)),
            };
            let (returned, changed) = (some(counts.returned, "returned"), some(counts.changed, "changed"));
            say!("  {kind:<9} {read:>9} = {new} new{returned}{changed} + {known} known + {refused} refused");
        }
        if !self.refusals.is_empty() {
            say!("refused:");
        }
        for ((kind, reason), Refusal { count, first }) in &self.refusals {
            let first = first.as_ref().map(|place| format!(" (first: {place})")).unwrap_or_default();
            say!("  {:>9}  {kind}: {reason}{first}", grouped(*count));
        }
        for (currency, sum) in &self.charged {
            say!("charged in the claims read: {} {currency}", amount(*sum, *currency));
        }
    }

    /// As JSON: counts as numbers, amounts as decimal text.
    pub(crate) fn to_json(&self) -> Map<String, Value> {
        let kinds: Map<String, Value> = self
            .kinds
            .iter()
            .map(|(kind, counts)| {
                let Kind { read, new, returned, changed, known, refused } = counts;
                (
                    kind.word().to_owned(),
                    json!({ "read": read, "new": new, "returned": returned, "changed": changed, "known": known, "refused": refused }),
                )
            })
            .collect();
        let refusals: Vec<Value> = self.refusals.iter().map(|((kind, reason), Refusal { count, first })| {
            json!({ "kind": kind.word(), "reason": reason, "count": count, "first": first })
        }).collect();
        let charged: Map<String, Value> = self
            .charged
            .iter()
            .map(|(currency, sum)| (currency.to_string(), Value::String(amount(*sum, *currency))))
            .collect();
        let mut all = Map::new();
        all.insert("read".to_owned(), json!(self.report.read));
        all.insert("notes".to_owned(), json!(self.report.notes));
        all.insert("taken_in".to_owned(), Value::Object(kinds));
        all.insert("refused".to_owned(), Value::Array(refusals));
        all.insert("charged".to_owned(), Value::Object(charged));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_that_lost_something_is_noticed() {
        let mut account = Account::default();
        account.given(DraftKind::Claim, 3);
        account.taken(DraftKind::Claim, 1, 1);
        assert!(account.check().unwrap_err().to_string().contains("3 of kind claim were read"));
        account.refused(DraftKind::Claim, 1, "because");
        assert!(account.check().is_ok());
        assert_eq!(account.to_json()["refused"][0]["count"], 1);
    }
}
