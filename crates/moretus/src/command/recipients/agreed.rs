//! What was agreed with an organisation, as it is written on the command line.

use std::str::FromStr;

use clap::Args;
use domain::{Condition, Date, ParseError, TransferSafeguard};
use service::Agreement;

/// What was agreed, each with its days.
#[derive(Args)]
pub(super) struct Agreed {
    /// The first and last day of its contract or arrangement; without a last day it is open.
    #[arg(long, value_name = "FIRST..LAST")]
    pub(super) contract: Option<Days>,
    /// The same of its undertaking to use the data for nothing else.
    #[arg(long, value_name = "FIRST..LAST")]
    pub(super) undertaking: Option<Days>,
    /// The same of its mandate to act for another organisation.
    #[arg(long, value_name = "FIRST..LAST")]
    pub(super) mandate: Option<Days>,
    /// The same of the safeguard for data that leaves the European Economic Area, after its kind: adequacy,
    /// standard-clauses, binding-rules or derogation.
    #[arg(long, value_name = "KIND:FIRST..LAST")]
    pub(super) transfer_safeguard: Option<Safeguard>,
}

impl Agreed {
    pub(super) fn agreements(&self) -> Vec<Agreement> {
        let plain = [
            (Condition::Contract, self.contract),
            (Condition::Undertaking, self.undertaking),
            (Condition::Mandate, self.mandate),
        ];
        let agreement = |condition, safeguard, days: Days| Agreement {
            condition,
            safeguard,
            first: days.first,
            last: days.last,
        };
        let plain = plain
            .into_iter()
            .filter_map(|(condition, days)| days.map(|days| agreement(condition, None, days)));
        let safeguard =
            self.transfer_safeguard.map(|one| agreement(Condition::Safeguard, Some(one.kind), one.days));
        plain.chain(safeguard).collect()
    }
}

/// A first and perhaps a last day: `2026-01-01..2027-12-31`, `2026-01-01..`.
#[derive(Clone, Copy)]
pub(in crate::command) struct Days {
    pub(in crate::command) first: Date,
    pub(in crate::command) last: Option<Date>,
}

impl FromStr for Days {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (first, last) = text.split_once("..").ok_or(ParseError::Shape {
            what: "days",
            problem: "write the first and the last one, like 2026-01-01..2027-12-31, or 2026-01-01.. while it is open",
        })?;
        let last = Some(last).filter(|last| !last.is_empty()).map(str::parse).transpose()?;
        Ok(Self { first: first.parse()?, last })
    }
}

/// A kind of safeguard and its days: `standard-clauses:2026-01-01..2027-12-31`.
#[derive(Clone, Copy)]
pub(super) struct Safeguard {
    kind: TransferSafeguard,
    days: Days,
}

impl FromStr for Safeguard {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (kind, days) = text.split_once(':').ok_or(ParseError::Shape {
            what: "transfer safeguard",
            problem: "write its kind and its days, like standard-clauses:2026-01-01..2027-12-31",
        })?;
        Ok(Self { kind: kind.parse()?, days: days.parse()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_a_beginning_and_perhaps_an_end() {
        let open: Days = "2026-01-01..".parse().unwrap();
        assert_eq!((open.first.to_string().as_str(), open.last), ("2026-01-01", None));
        let both: Safeguard = "binding-rules:2026-01-01..2027-12-31".parse().unwrap();
        assert_eq!(both.kind, TransferSafeguard::BindingRules);
        assert_eq!(both.days.last.unwrap().to_string(), "2027-12-31");
        for bad in ["2026-01-01", "..2026-01-01", "2026-13-01..", ""] {
            assert!(bad.parse::<Days>().is_err(), "{bad}");
        }
        for bad in ["2026-01-01..", "rules:2026-01-01..", "adequacy:"] {
            assert!(bad.parse::<Safeguard>().is_err(), "{bad}");
        }
    }
}
