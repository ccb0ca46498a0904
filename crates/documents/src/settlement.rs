//! What was settled on a claim, as a statement prints it: the movements in each currency, and what they come to. It adds up
//! what it is given, and knows of no claim but the one.

use std::collections::BTreeMap;

use domain::{Currency, Language};
use serde::Serialize;

use crate::DocumentError;
use crate::figures::{short_date, with_currency};
use crate::statement::{SettlementKind, SettlementLine};

/// What was settled in one currency: the movements, and what they come to.
#[derive(Serialize)]
pub(crate) struct AccountSheet {
    rows: Vec<MovementSheet>,
    /// The word for what is left, and how much that is.
    left: &'static str,
    amount: String,
}

#[derive(Serialize)]
struct MovementSheet {
    day: String,
    kind: &'static str,
    /// The other claim, where there is one.
    claim: String,
    amount: String,
}

impl AccountSheet {
    /// The movements in one currency, each as what it does to what the member is still to have.
    fn of(lines: &[SettlementLine], (currency, left): (Currency, i64), language: Language) -> Self {
        let mut rows: Vec<MovementSheet> = Vec::new();
        for line in lines.iter().filter(|line| line.amount.currency() == currency) {
            let claim = match &line.kind {
                SettlementKind::KeptBack { claim_reference }
                | SettlementKind::PaidBack { claim_reference } => claim_reference.clone(),
                _ => String::new(),
            };
            rows.push(MovementSheet {
                day: short_date(line.day, language),
                kind: kind(&line.kind, rows.is_empty()),
                claim,
                amount: with_currency(line.effect(), currency, language),
            });
        }
        let word = match left {
            0 => "even",
            1.. => "due",
            _ => "owes",
        };
        Self { rows, left: word, amount: with_currency(left.saturating_abs(), currency, language) }
    }

    /// The references of other claims in it.
    pub(crate) fn claims(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().map(|row| row.claim.as_str())
    }
}

/// What was settled, in each currency by itself; nothing where the sentence about the payment says all.
pub(crate) fn accounts(
    lines: &[SettlementLine],
    balances: &[(Currency, i64)],
    language: Language,
) -> Vec<AccountSheet> {
    match is_told_by_the_payment(lines) {
        true => Vec::new(),
        false => balances.iter().map(|left| AccountSheet::of(lines, *left, language)).collect(),
    }
}

/// Whether something was kept back of what the plan pays.
pub(crate) fn kept_back(lines: &[SettlementLine]) -> bool {
    lines.iter().any(|line| matches!(line.kind, SettlementKind::KeptBack { .. }))
}

/// Whether the sentence about the payment says all: there was none, or one of all that the plan owes.
fn is_told_by_the_payment(settlement: &[SettlementLine]) -> bool {
    let is_plain = |line: &SettlementLine| matches!(line.kind, SettlementKind::Owed | SettlementKind::Paid);
    settlement.len() <= 2 && settlement.iter().all(is_plain)
}

/// What is still to be paid, or below zero owed back, in each currency.
pub(crate) fn balances(settlement: &[SettlementLine]) -> Result<Vec<(Currency, i64)>, DocumentError> {
    let mut sums: BTreeMap<Currency, i128> = BTreeMap::new();
    for line in settlement {
        *sums.entry(line.amount.currency()).or_default() += i128::from(line.effect());
    }
    sums.into_iter()
        .map(|(currency, sum)| {
            i64::try_from(sum)
                .map(|sum| (currency, sum))
                .map_err(|_| DocumentError::OutOfRange { document: "statement" })
        })
        .collect()
}

/// The name that the words have for a movement.
fn kind(kind: &SettlementKind, is_first: bool) -> &'static str {
    match kind {
        SettlementKind::Owed if is_first => "owed",
        SettlementKind::Owed => "owed_again",
        SettlementKind::Paid => "paid",
        SettlementKind::KeptBack { .. } => "kept_back",
        SettlementKind::PaidBack { .. } => "paid_back",
        SettlementKind::GivenUp => "given_up",
        SettlementKind::Reinstated => "reinstated",
    }
}
