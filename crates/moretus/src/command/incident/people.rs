//! Those whom an incident concerns, as CSV or JSON: what of theirs was shown, and how to reach them. It tells none of them.

use domain::{ActorId, PortfolioId, Timestamp, WorkItemId};
use gate::Actor;
use serde_json::{Value, json};
use service::views::PersonConcerned;
use service::{App, Concerned};

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
    let mut rows: Vec<[Option<String>; COLUMNS.len()]> = Vec::new();
    let tell = |part: Vec<Concerned>| rows.extend(part.iter().map(row));
    let people = service::people_concerned(app, officer, portfolio, case, which, tell).await?;
    if as_json {
        let value = |row: [Option<String>; COLUMNS.len()]| -> Value {
            COLUMNS.into_iter().map(str::to_owned).zip(row.map(Value::from)).collect()
        };
        let found: Vec<Value> = rows.into_iter().map(value).collect();
        return Ok(format!("{:#}\n", json!({ "people": people, "concerned": found })).into_bytes());
    }
    let unwritten = |error: csv::Error| Error::from(format!("the list cannot be written: {error}"));
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(COLUMNS).map_err(unwritten)?;
    for row in rows {
        csv.write_record(row.map(Option::unwrap_or_default)).map_err(unwritten)?;
    }
    csv.into_inner().map_err(|error| Error::from(format!("the list cannot be written: {}", error.error())))
}

fn row(one: &Concerned) -> [Option<String>; COLUMNS.len()] {
    let shown = &one.shown;
    let of_person = |text: fn(&PersonConcerned) -> Option<String>| one.person.as_ref().and_then(text);
    [
        Some(one.subject.to_string()),
        Some(shown.words().collect::<Vec<_>>().join(" ")),
        Some(shown.uses.to_string()),
        Some(shown.first.to_string()),
        Some(shown.last.to_string()),
        shown.deferred.map(|until| until.to_string()),
        of_person(|person| Some(person.member_number.reveal().to_owned())),
        of_person(|person| Some(person.name.reveal().to_owned())),
        of_person(|person| person.address.as_ref().map(|address| address.reveal().to_owned())),
        of_person(|person| person.town.as_ref().map(|town| town.reveal().to_owned())),
        of_person(|person| person.country.map(|country| country.code().to_owned())),
        of_person(|person| person.email.as_ref().map(|email| email.reveal().to_owned())),
        of_person(|person| person.phone.as_ref().map(|phone| phone.reveal().to_owned())),
    ]
}
