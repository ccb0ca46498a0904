//! Which rules change: each key of each clause, prohibition and period, in the words of `clauses.toml`. The
//! organisation's values are named and not repeated, since they may name its officer.

use std::fmt::Display;

use domain::ConditionSet;

use crate::rules::Rules;
use crate::{Clause, Prohibition, Retention};

/// What kind of rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RuleKind {
    /// The version as a whole.
    Version,
    /// A value of the organisation.
    Organisation,
    /// How long a class is kept.
    Retention,
    /// A prohibition.
    Prohibition,
    /// A clause.
    Clause,
}

impl RuleKind {
    /// In one word, as the rules' file writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Organisation => "organisation",
            Self::Retention => "retention",
            Self::Prohibition => "prohibition",
            Self::Clause => "clause",
        }
    }
}

/// One thing that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleChange {
    /// The kind of rule.
    pub kind: RuleKind,
    /// Its id, class or key; empty for the version as a whole.
    pub name: String,
    /// What happens to it.
    pub what: What,
}

/// What happens to a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It is new; with what it says, where a line can say it.
    Added(Option<String>),
    /// It is gone.
    Removed,
    /// One of its keys is another. A value is `None` when there is none, or when it is not repeated.
    Changed {
        /// The key, as the rules' file writes it.
        key: &'static str,
        /// The value before.
        before: Option<String>,
        /// The value after.
        after: Option<String>,
    },
}

pub(super) fn changes(older: &Rules, newer: &Rules) -> Vec<RuleChange> {
    let mut changes = Vec::new();
    add_version(older, newer, &mut changes);
    add_organisation(older, newer, &mut changes);
    add_each(
        RuleKind::Retention,
        (&older.retentions, &newer.retentions),
        |one| one.class.word(),
        |one| Some(period(one)),
        |one| vec![("period", Some(period(one)))],
        &mut changes,
    );
    add_each(
        RuleKind::Prohibition,
        (&older.prohibitions, &newer.prohibitions),
        |one| one.id.as_str(),
        |one| Some(forbidden(one)),
        |one| vec![("purpose", Some(one.purpose.to_string())), ("unless", conditions(one.unless))],
        &mut changes,
    );
    add_each(
        RuleKind::Clause,
        (&older.clauses, &newer.clauses),
        |one| one.id.as_str(),
        |_| None,
        keys,
        &mut changes,
    );
    changes
}

fn add_version(older: &Rules, newer: &Rules, changes: &mut Vec<RuleChange>) {
    let keys = |rules: &Rules| {
        [
            ("notice_period_days", Some(rules.notice_period_days.to_string())),
            ("languages", Some(joined(&rules.languages))),
            ("closed", (!rules.closed.is_empty()).then(|| rules.closed.to_string())),
        ]
    };
    for ((key, before), (_, after)) in keys(older).into_iter().zip(keys(newer)) {
        if before != after {
            let what = What::Changed { key, before, after };
            changes.push(RuleChange { kind: RuleKind::Version, name: String::new(), what });
        }
    }
}

fn add_organisation(older: &Rules, newer: &Rules, changes: &mut Vec<RuleChange>) {
    let mut add = |name: &str, what| {
        changes.push(RuleChange { kind: RuleKind::Organisation, name: name.to_owned(), what });
    };
    for (key, value) in &older.organisation {
        match newer.organisation.get(key) {
            None => add(key, What::Removed),
            Some(new) if new.text != value.text => {
                add(key, What::Changed { key: "value", before: None, after: None });
            }
            Some(_) => {}
        }
    }
    for key in newer.organisation.keys().filter(|key| !older.organisation.contains_key(*key)) {
        add(key, What::Added(None));
    }
}

type Keys = Vec<(&'static str, Option<String>)>;

/// Compares two lists of rules by name: what is gone or changed in the older one's order, then what is new.
fn add_each<T>(
    kind: RuleKind,
    (older, newer): (&[T], &[T]),
    name: impl Fn(&T) -> &str,
    says: impl Fn(&T) -> Option<String>,
    keys: impl Fn(&T) -> Keys,
    changes: &mut Vec<RuleChange>,
) {
    let mut add = |rule: &T, what| changes.push(RuleChange { kind, name: name(rule).to_owned(), what });
    for old in older {
        let Some(new) = newer.iter().find(|new| name(new) == name(old)) else {
            add(old, What::Removed);
            continue;
        };
        for ((key, before), (_, after)) in keys(old).into_iter().zip(keys(new)) {
            if before != after {
                add(new, What::Changed { key, before, after });
            }
        }
    }
    for new in newer.iter().filter(|new| older.iter().all(|old| name(old) != name(new))) {
        add(new, What::Added(says(new)));
    }
}

/// What a clause says, key by key; lists in the order of their vocabulary, since another order says the same.
fn keys(clause: &Clause) -> Keys {
    let mut bases: Vec<_> = clause.bases.clone();
    bases.sort_unstable();
    let bases: Vec<String> = bases.iter().map(|(subject, basis)| format!("{subject}: {basis}")).collect();
    vec![
        ("basis", Some(bases.join(", "))),
        ("purposes", Some(sorted(&clause.purposes))),
        ("data", Some(clause.data.to_string())),
        ("recipients", Some(sorted(&clause.recipients))),
        ("health", health(clause)),
        ("when", conditions(clause.when)),
        ("retention", Some(clause.retention.to_string())),
        ("transfers", clause.transfers.map(|safeguard| safeguard.to_string())),
        ("minimum_group", clause.minimum_group.map(|people| people.to_string())),
    ]
}

fn health(clause: &Clause) -> Option<String> {
    let by_law = clause.health_by_law.iter().map(|(law, basis)| format!("{law}: {basis}"));
    let otherwise = clause.health.map(|basis| match clause.health_by_law.is_empty() {
        true => basis.to_string(),
        false => format!("otherwise: {basis}"),
    });
    let all: Vec<String> = by_law.chain(otherwise).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

fn period(retention: &Retention) -> String {
    let unit = if retention.years == 1 { "year" } else { "years" };
    format!("{} {unit} after {}", retention.years, retention.after)
}

fn forbidden(prohibition: &Prohibition) -> String {
    let unless = conditions(prohibition.unless).map_or_else(String::new, |all| format!(", unless {all}"));
    format!("it forbids {} and every purpose below it{unless}", prohibition.purpose)
}

fn conditions(conditions: ConditionSet) -> Option<String> {
    (!conditions.is_empty()).then(|| conditions.to_string())
}

fn sorted<T: Ord + Copy + Display>(words: &[T]) -> String {
    let mut words = words.to_vec();
    words.sort_unstable();
    joined(&words)
}

fn joined<T: Display>(words: &[T]) -> String {
    words.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
