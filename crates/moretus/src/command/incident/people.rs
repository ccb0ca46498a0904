//! Those whom an incident concerns, as CSV or JSON: what of theirs was shown, and how to reach them. It tells none of them.

use domain::{ActorId, PortfolioId, Timestamp, WorkItemId};
use gate::Actor;
use notice::csv_cell;
use serde_json::{Value, json};
use service::views::PersonConcerned;
use service::{App, Concerned};

use crate::output::note;
use crate::report::Error;

/// The columns: about whom, what was shown of them, and how to reach them.
const COLUMNS: [&str; 13] = [
    "subject",
    "categories",
    "uses",
    "first",
    "last",
    "deferred",
    "member_number",
    "name",
    "address",
    "town",
    "country",
    "email",
    "phone",
];

/// Looks them up, and answers the whole list: as many rows as there are people.
pub(super) async fn look_up(
    app: &App,
    officer: &Actor,
    portfolio: PortfolioId,
    case: WorkItemId,
    which: (ActorId, Timestamp, Timestamp),
    as_json: bool,
) -> Result<Vec<u8>, Error> {
    let mut rows: Vec<[Value; COLUMNS.len()]> = Vec::new();
    let tell = |part: Vec<Concerned>| rows.extend(part.iter().map(row));
    let people = service::people_concerned(app, officer, portfolio, case, which, tell).await?;
    if people.refused > 0 {
        note!(
            "{} of those concerned are told of to another officer: the files are closed to this one",
            people.refused
        );
    }
    if as_json {
        let value = |row: [Value; COLUMNS.len()]| -> Value {
            COLUMNS.into_iter().map(str::to_owned).zip(row).collect()
        };
        let found: Vec<Value> = rows.into_iter().map(value).collect();
        return Ok(format!(
            "{:#}\n",
            json!({ "people": people.told, "refused": people.refused, "concerned": found })
        )
        .into_bytes());
    }
    let line = |cells: &[String]| cells.join(",") + "\n";
    let heads = COLUMNS.map(str::to_owned);
    let rows = rows.iter().map(|row| line(&row.each_ref().map(cell)));
    Ok(std::iter::once(line(&heads)).chain(rows).collect::<String>().into_bytes())
}

fn row(one: &Concerned) -> [Value; COLUMNS.len()] {
    let shown = &one.shown;
    let of_person =
        |text: fn(&PersonConcerned) -> Option<String>| Value::from(one.person.as_ref().and_then(text));
    [
        one.subject.to_string().into(),
        shown.words().collect::<Vec<_>>().into(),
        shown.uses.into(),
        shown.first.to_string().into(),
        shown.last.to_string().into(),
        shown.deferred.map(|until| until.to_string()).into(),
        of_person(|person| Some(person.member_number.reveal().to_owned())),
        of_person(|person| Some(person.name.reveal().to_owned())),
        of_person(|person| person.address.as_ref().map(|address| address.reveal().to_owned())),
        of_person(|person| person.town.as_ref().map(|town| town.reveal().to_owned())),
        of_person(|person| person.country.map(|country| country.code().to_owned())),
        of_person(|person| person.email.as_ref().map(|email| email.reveal().to_owned())),
        of_person(|person| person.phone.as_ref().map(|phone| phone.reveal().to_owned())),
    ]
}

/// A value as a cell of CSV that no spreadsheet reads as a formula: words with a blank between, nothing for none.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => csv_cell(text),
        Value::Array(words) => words.iter().map(cell).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}
