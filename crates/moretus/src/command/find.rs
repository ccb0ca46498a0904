//! `moretus find`: look for people by what is known of them, as whoever a token belongs to. What is sought by stands in a
//! file or on standard input: a command line is seen by others and kept by shells.

use std::path::PathBuf;

use clap::Args;
use domain::{Date, Field, Purpose, WorkItemId};
use gate::{LookupKind, Term, birth_date_term};
use serde_json::json;
use service::Found;

use super::recipients::InPortfolio;
use crate::output::say;
use crate::report::Error;

/// Look for people by what is known of them.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  printf 'name: Van der Berg\\nbirth-date: 1980-05-17\\n' | moretus find --data moretus-data --portfolio officina --token-file staff.token \\\n    --purpose customer-service --item 00000000-0000-0000-0000-000000000001 --by -\n  printf 'member-number: WP-1001-01\\n' | moretus find --portfolio officina --token-file staff.token --purpose identification --by -\n  moretus find --portfolio officina --token-file auditor.token --purpose audit --by account.txt --json\n\nThe file has a line for each thing that is known: name, birth-date, member-number, policy-number, iban or email, a colon,\nand what it is. Case, accents, signs, umlauts and script do not matter. Searching by something is reading it: somebody is\nfound where a clause shows it for the purpose, and for the task where the clause asks for one. Whoever calls is found\nfor identification, by details of one person alone: a member number; a name and a birth date; or one of these two with a\npolicy number, an IBAN or an e-mail address. Somebody out of the searcher's scope (portfolio, sponsors, task) is no hit.\nAt most 20 are told, of more none; the question, and each who is found, is on the record first."
)]
pub(crate) struct Find {
    #[command(flatten)]
    place: InPortfolio,
    /// The file that holds the token of whoever asks.
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,
    /// What for, in the notice's words.
    #[arg(long)]
    purpose: Purpose,
    /// The task that it serves, which must be about whoever is found.
    #[arg(long, value_name = "ID")]
    item: Option<WorkItemId>,
    /// The file with what is known, a line each; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    by: PathBuf,
    /// Print who is found as JSON.
    #[arg(long)]
    json: bool,
}

impl Find {
    pub(crate) async fn run(self) -> Result<(), Error> {
        let terms = terms(&crate::files::read_text(&self.by)?)?;
        let (site, portfolio, actor) = self.place.open_with(&self.token_file).await?;
        let request = site.app.gate.request();
        let (app, purpose, item) = (&site.app, self.purpose, self.item);
        let found = service::find_people(app, &actor, portfolio, purpose, item, &terms, request).await?;
        if self.json {
            let people: Vec<_> = found.iter().map(value).collect();
            say!("{:#}", json!({ "request": request.to_string(), "people": people }));
        } else if found.is_empty() {
            say!("nobody whom a clause shows you for this: the question is on the record");
        } else {
            found.iter().for_each(|one| say!("{}", line(one)));
        }
        site.close().await
    }
}

/// What is known, line by line. No message repeats any of it.
fn terms(text: &str) -> Result<Vec<Term>, Error> {
    let mut terms = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |problem: &str| Error::from(format!("line {} of what is known: {problem}", number + 1));
        let (key, known) =
            line.split_once(':').ok_or_else(|| wrong("write a word, a colon, and what it is"))?;
        let kind = match key.trim() {
            "name" => {
                terms.extend(Term::of_name(known));
                continue;
            }
            "birth-date" => {
                let day: Date =
                    known.trim().parse().map_err(|_| wrong("a birth date is written 1980-05-17"))?;
                terms.push(birth_date_term(day));
                continue;
            }
            "member-number" => LookupKind::MemberNumber,
            "policy-number" => LookupKind::PolicyNumber,
            "iban" => LookupKind::Iban,
            "email" => LookupKind::Email,
            _ => return Err(wrong("use name, birth-date, member-number, policy-number, iban or email")),
        };
        terms.push(Term::new(kind, known));
    }
    Ok(terms)
}

/// A field as text; what is withheld says as what.
fn text<T>(field: &Field<T>, shown: fn(&T) -> String) -> String {
    match field {
        Field::Shown(value) => shown(value),
        Field::Withheld(category) => format!("({category} withheld)"),
    }
}

fn line(found: &Found) -> String {
    let person = &found.person;
    let name = text(&person.name, |name| name.reveal().to_owned());
    let born = text(&person.birth_date, Date::to_string);
    let number = text(&person.member_number, |number| number.reveal().to_owned());
    let plan = found.plan.as_ref().map(|plan| text(plan, |name| name.reveal().to_owned()));
    format!("{}  {name}  {born}  {number}  {}", found.subject, plan.unwrap_or_else(|| "(no plan)".to_owned()))
}

fn value(found: &Found) -> serde_json::Value {
    let shown = |field: Option<String>| field.map_or(serde_json::Value::Null, serde_json::Value::from);
    let (person, plan) = (&found.person, found.plan.as_ref().and_then(Field::shown));
    json!({
        "subject": found.subject.to_string(),
        "name": shown(person.name.shown().map(|name| name.reveal().to_owned())),
        "birth_date": shown(person.birth_date.shown().map(Date::to_string)),
        "member_number": shown(person.member_number.shown().map(|number| number.reveal().to_owned())),
        "plan": shown(plan.map(|plan| plan.reveal().to_owned())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_read_line_by_line_and_repeated_by_no_error() {
        let known = "name: Ada van der Berg\n\nbirth-date: 1980-05-17\niban: BE68 5390 0754 7034\r\nemail: a@example.org\n";
        assert_eq!(terms(known).map(|terms| terms.len()).ok(), Some(5));
        for (text, says) in [
            ("name: Ada\nZebulon", "line 2 of what is known: write a word"),
            ("surname: Zebulon", "line 1 of what is known: use name"),
            ("birth-date: Zebulon", "is written 1980-05-17"),
        ] {
            let refused = terms(text).map(drop).unwrap_err().to_string();
            assert!(refused.contains(says) && !refused.contains("Zebulon"), "{refused}");
        }
    }
}
