//! Whether the rules of a version go together: no category forgotten, no clause or prohibition that another
//! makes idle or contradicts. Each rule by itself is `rule_check`'s.

use std::collections::BTreeSet;

use domain::Category;

use crate::problem::Problems;
use crate::rules::{RULES_FILE, Rules};
use crate::terms::Terms;
use crate::{Clause, ClauseSet, Prohibition, Table};

pub(crate) fn check(rules: &Rules, problems: &mut Problems) {
    // Only the notice is about every category.
    if matches!(rules.terms, Terms::Notice { .. }) {
        check_categories(rules, problems);
    }
    check_clauses(rules, problems);
    check_prohibitions(rules, problems);
}

/// Each category is opened by a clause, or said to be closed. Never both.
fn check_categories(rules: &Rules, problems: &mut Problems) {
    let line = rules.lines.closed;
    let mut forgotten = Vec::new();
    for category in Category::ALL.iter().copied() {
        let clause = rules.clauses.iter().find(|clause| clause.data.contains(category));
        match (clause, rules.closed.contains(category)) {
            (Some(clause), true) => {
                let message = format!(
                    "`closed` says that nobody sees `{category}`, and clause `{}` opens it: remove it from one of the two",
                    clause.id
                );
                problems.add(RULES_FILE, line, message);
            }
            (None, false) => forgotten.push(category.word()),
            _ => {}
        }
    }
    if !forgotten.is_empty() {
        let message = format!(
            "no clause names {}: name it in the `data` of a clause, or in `closed`, which says that nobody sees it",
            forgotten.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
        );
        problems.add(RULES_FILE, line, message);
    }
}

/// A clause that is never needed would promise, in its prose, conditions that nobody has to meet.
fn check_clauses(rules: &Rules, problems: &mut Problems) {
    let table = Table::compile(&rules.clauses, &rules.prohibitions);
    let lines = rules.lines.clauses.iter();
    for ((index, clause), line) in (0..ClauseSet::CAPACITY).zip(&rules.clauses).zip(lines) {
        if let Some(others) = instead(&table, index, clause) {
            let names: Vec<String> = others.iter().map(|id| format!("`{id}`")).collect();
            let message = format!(
                "clause `{}`: it adds nothing: {} shows as much to the same recipients, for the same purposes, on no more conditions; remove one, or let them differ",
                clause.id,
                names.join(" or ")
            );
            problems.add(RULES_FILE, *line, message);
        }
    }
}

/// The clauses that are used wherever this one could be; `None` when it is used somewhere.
fn instead<'a>(table: &'a Table, index: u16, clause: &Clause) -> Option<BTreeSet<&'a str>> {
    let mut others = BTreeSet::new();
    for purpose in &clause.purposes {
        for recipient in &clause.recipients {
            for (subject, _) in &clause.bases {
                let rows = table.rows(*purpose, *recipient, *subject);
                if rows.iter().any(|row| row.clause == index) {
                    return None;
                }
                let wider = rows.iter().find(|row| row.covers.contains_all(clause.data));
                others.extend(wider.and_then(|row| table.clause_id(row.clause)));
            }
        }
    }
    (!others.is_empty()).then_some(others)
}

fn check_prohibitions(rules: &Rules, problems: &mut Problems) {
    for (index, (one, line)) in rules.prohibitions.iter().zip(&rules.lines.prohibitions).enumerate() {
        for (other_index, other) in rules.prohibitions.iter().enumerate() {
            let twins = one.purpose == other.purpose && one.unless == other.unless;
            // Of two alike, the later one is too many.
            if other_index == index || (twins && other_index > index) {
                continue;
            }
            if let Some(fault) = fault(one, other) {
                problems.add(RULES_FILE, *line, format!("prohibition `{}`: {fault}", one.id));
            }
        }
    }
}

/// What is wrong with a prohibition beside another.
fn fault(one: &Prohibition, other: &Prohibition) -> Option<String> {
    if !one.purpose.is_within(other.purpose) {
        return None;
    }
    let (id, purpose) = (&other.id, one.purpose);
    if other.unless.is_empty() {
        return Some(match one.unless.is_empty() {
            true => format!("it adds nothing: `{id}` forbids `{purpose}` too; remove one of the two"),
            false => format!(
                "its `unless` never lifts it: `{id}` forbids `{purpose}` too, and has no `unless`; remove one of the two, or give `{id}` an `unless`"
            ),
        });
    }
    let adds_nothing = !one.unless.is_empty() && other.unless.contains_all(one.unless);
    adds_nothing.then(|| {
        format!(
            "it adds nothing: `{id}` asks for as much before `{purpose}` is allowed; remove one of the two"
        )
    })
}
