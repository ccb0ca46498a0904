//! `moretus claims facts`: what became known of a claim that is before whoever enters it, and how `moretus claims show` tells it.

use std::path::PathBuf;

use clap::Args;
use domain::{ActorId, Country, Date, DocumentName, LineType, Room, Timestamp, Told};
use serde_json::{Value, json};
use service::NewFacts;
use service::views::FactsOnDesk;

use super::{Looked, written_down};
use crate::command::screen::reason;
use crate::output::say;
use crate::report::Error;

/// Enter what became known of a claim.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus claims facts --data moretus-data --portfolio officina --token-file claims.token \\\n    --person 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002 \\\n    --document prescription --country BE\n  moretus claims facts --portfolio officina --token-file claims.token --person 00000000-0000-0000-0000-000000000001 \\\n    --claim 00000000-0000-0000-0000-000000000002 --emergency no --authorised no --json\n\nAt least one fact. It stands in the place of what was known of it, with who entered it and when; the claim stays as it came, and\nis worked out again: look at it with moretus claims show, then let it stand. Enter what you know, and nothing that you guess:\nwithout an authorisation that the plan asks for a penalty applies, and what was authorised is a guarantee of payment."
)]
pub(super) struct Facts {
    #[command(flatten)]
    one: Looked,
    #[command(flatten)]
    new: New,
    /// Print why the claim then waits as JSON.
    #[arg(long)]
    json: bool,
}

/// What became known.
#[derive(Args)]
#[group(required = true, multiple = true)]
struct New {
    /// A paper that came after the claim, as the plan calls it. Name all of them: they stand in the place of those that were
    /// named before, beside those that came with the claim.
    #[arg(long = "document", value_name = "NAME")]
    documents: Vec<String>,
    /// Whether it was an emergency: yes or no.
    #[arg(long, value_name = "ANSWER", value_parser = yes_or_no)]
    emergency: Option<bool>,
    /// Whether it follows from an accident: yes or no.
    #[arg(long, value_name = "ANSWER", value_parser = yes_or_no)]
    accident: Option<bool>,
    /// The country in which the care was given: two letters.
    #[arg(long, value_name = "CODE")]
    country: Option<Country>,
    /// Whether the provider is under contract: yes or no.
    #[arg(long, value_name = "ANSWER", value_parser = yes_or_no)]
    in_network: Option<bool>,
    /// The first day of the stay outside the area of cover.
    #[arg(long, value_name = "DATE")]
    away_since: Option<Date>,
    /// The room that was used: ward, semi-private, private or suite.
    #[arg(long, value_name = "ROOM")]
    room: Option<Room>,
    /// `no`: nobody authorised the care before it was given.
    #[arg(long, value_name = "ANSWER", value_parser = only_no)]
    authorised: Option<bool>,
    /// The claim may come in after the filing limit: the file that holds the reason; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    filing_waived: Option<PathBuf>,
    /// The type of service of a line, as 2=maternity. Name all of them: they stand in the place of those that were named
    /// before, and before what came with the claim.
    #[arg(long = "service-type", value_name = "LINE=TYPE", value_parser = line_type)]
    service_types: Vec<LineType>,
}

fn yes_or_no(text: &str) -> Result<bool, &'static str> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("write yes or no, or leave it out"),
    }
}

fn line_type(text: &str) -> Result<LineType, String> {
    let shape = "write the number of the line and its type of service, as 2=maternity";
    let (line, word) = text.split_once('=').ok_or(shape)?;
    let line = line.parse().map_err(|_| shape)?;
    Ok(LineType { line, service_type: word.parse().map_err(|error: domain::ParseError| error.to_string())? })
}

fn only_no(text: &str) -> Result<bool, &'static str> {
    match yes_or_no(text)? {
        true => Err("what was authorised is a guarantee of payment, which says how much: here only no"),
        false => Ok(false),
    }
}

impl New {
    fn read(&self) -> Result<NewFacts, Error> {
        let documents = self.documents.iter().map(|name| DocumentName::parse(name));
        let documents =
            documents.collect::<Result<_, _>>().map_err(|error| format!("--document: {error}"))?;
        Ok(NewFacts {
            country: self.country,
            emergency: self.emergency,
            accident: self.accident,
            in_network: self.in_network,
            away_since: self.away_since,
            room: self.room,
            documents,
            nothing_authorised: self.authorised == Some(false),
            filing_waived: self.filing_waived.as_deref().map(reason).transpose()?,
            service_types: self.service_types.clone(),
        })
    }
}

impl Facts {
    pub(super) async fn run(self) -> Result<(), Error> {
        let new = self.new.read()?;
        let (site, place, actor) = self.one.open().await?;
        let done = service::tell_facts(&site.app, &actor, place, new, site.app.gate.request()).await?;
        written_down(done, self.json);
        site.close().await
    }
}

/// One fact that was entered, by the name of its option.
struct Entered {
    name: &'static str,
    value: String,
    by: ActorId,
    at: Timestamp,
}

fn entered<T>(
    name: &'static str,
    told: Option<&Option<Told<T>>>,
    write: fn(&T) -> String,
) -> Option<Entered> {
    let told = told?.as_ref()?;
    Some(Entered { name, value: write(&told.value), by: told.by, at: told.at })
}

/// The facts that are shown.
fn all(facts: &FactsOnDesk) -> impl Iterator<Item = Entered> {
    let answer = |yes: &bool| if *yes { "yes" } else { "no" }.to_owned();
    let types = |types: &Vec<LineType>| {
        let one = |told: &LineType| format!("{}={}", told.line, told.service_type);
        types.iter().map(one).collect::<Vec<_>>().join("; ")
    };
    let papers =
        |papers: &Vec<DocumentName>| papers.iter().map(DocumentName::reveal).collect::<Vec<_>>().join("; ");
    [
        entered("document", facts.documents.shown(), papers),
        entered("emergency", facts.emergency.shown(), answer),
        entered("accident", facts.accident.shown(), answer),
        entered("country", Some(&facts.country), Country::to_string),
        entered("in-network", Some(&facts.in_network), answer),
        entered("away-since", Some(&facts.away_since), Date::to_string),
        entered("room", facts.room.shown(), Room::to_string),
        entered("authorised", Some(&facts.nothing_authorised), |()| "no".to_owned()),
        entered("filing-waived", facts.filing_waived.shown(), |reason| reason.reveal().to_owned()),
        entered("service-type", facts.service_types.shown(), types),
    ]
    .into_iter()
    .flatten()
}

pub(super) fn tell(facts: &FactsOnDesk) {
    for Entered { name, value, by, at } in all(facts) {
        say!("entered, {name}: {value}, by {by} on {at}");
    }
}

pub(super) fn as_json(facts: &FactsOnDesk) -> Value {
    let value = |one: Entered| json!({ "fact": one.name, "value": one.value, "by": one.by.to_string(), "at": one.at.to_string() });
    all(facts).map(value).collect()
}
