//! One use as a line: of text, of CSV, or as a JSON object. It tells of who works here: whose data it was, to which
//! outside name it went and in which task stay out, since lines beside each other would tell of the people.

use gate::Use;
use notice::csv_cell;
use serde_json::{Value, json};

/// The columns of the CSV file, in order.
const COLUMNS: [&str; 17] = [
    "at",
    "outcome",
    "actor",
    "kind",
    "role",
    "team",
    "country",
    "recipient",
    "recipient_country",
    "purpose",
    "clauses",
    "has_task",
    "view",
    "searched_by",
    "shown",
    "barred_by",
    "deferred_until",
];

/// The first line of the CSV file.
pub(super) fn heads() -> String {
    COLUMNS.join(",")
}

/// A use as a row of CSV.
pub(super) fn row(one: &Use) -> String {
    let cells: Vec<String> = cells(one).iter().map(|cell| csv_cell(cell)).collect();
    cells.join(",")
}

fn cells(one: &Use) -> [String; 17] {
    let shown: Vec<&str> = one.shown.iter().map(|category| category.word()).collect();
    [
        one.at.to_string(),
        one.outcome.word().to_owned(),
        one.actor.to_string(),
        one.asker.to_string(),
        one.role.clone(),
        one.team.clone().unwrap_or_default(),
        one.asker_country.to_string(),
        one.recipient.to_string(),
        one.recipient_country.to_string(),
        one.purpose.to_string(),
        one.clauses.join(" "),
        has_task(one).to_string(),
        one.view.clone(),
        one.filters.join(" "),
        shown.join(" "),
        one.bar.map(|bar| bar.word().to_owned()).unwrap_or_default(),
        one.deferred.map(|until| until.to_string()).unwrap_or_default(),
    ]
}

fn has_task(one: &Use) -> bool {
    one.item.is_some()
}

/// A use as a JSON object.
pub(super) fn value(one: &Use) -> Value {
    json!({
        "at": one.at.to_string(),
        "outcome": one.outcome.word(),
        "actor": one.actor.to_string(),
        "kind": one.asker.word(),
        "role": one.role,
        "team": one.team,
        "country": one.asker_country.code(),
        "recipient": one.recipient.word(),
        "recipient_country": one.recipient_country.code(),
        "purpose": one.purpose.word(),
        "clauses": one.clauses,
        "has_task": has_task(one),
        "view": one.view,
        "searched_by": one.filters,
        "shown": one.shown.iter().map(|category| category.word()).collect::<Vec<_>>(),
        "barred_by": one.bar.map(gate::Bar::word),
        "deferred_until": one.deferred.map(|until| until.to_string()),
    })
}

/// A use for people: when, by whom, why, under what, and what was shown.
pub(super) fn text(one: &Use) -> String {
    let clauses = if one.clauses.is_empty() { "no clause".to_owned() } else { one.clauses.join(", ") };
    let shown = if one.shown.is_empty() { "nothing".to_owned() } else { one.shown.to_string() };
    let outcome = one.bar.map_or_else(
        || one.outcome.word().to_owned(),
        |bar| format!("{} ({})", one.outcome.word(), bar.word()),
    );
    let deferred = one.deferred.map(|until| format!("  deferred until {until}")).unwrap_or_default();
    format!(
        "{}  {outcome}  {} ({})  {}  {clauses}  {shown}{deferred}",
        one.at, one.actor, one.role, one.purpose
    )
}
