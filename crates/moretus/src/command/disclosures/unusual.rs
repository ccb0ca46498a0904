//! `moretus disclosures unusual`: hours in which somebody's uses were unusual, by numbers that the officer gives.

use clap::Args;
use domain::{Country, Timestamp};
use serde_json::json;
use service::{UnusualHour, UnusualHours, Usual};

use super::AsOfficer;
use crate::output::say;
use crate::report::Error;

/// Tell unusual hours.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus disclosures unusual --data moretus-data --portfolio officina --token-file officer.token --case 00000000-0000-0000-0000-000000000002 \\\n    --from 2026-11-01 --to 2026-12-01 --people-an-hour 40 --hours 6..18 --countries BE,FR\n\nEach line is an hour of somebody who saw more people's data than that, or by then of the day (--people-a-day), any out of hours or from another\ncountry, or some without a task; or who searched more often than that, found or not. A country is the one that an actor's record names. It says nothing of why: that is for whoever looks into it."
)]
pub(super) struct Unusual {
    #[command(flatten)]
    officer: AsOfficer,
    /// From when: a day, or an instant such as 2026-11-01T14:30:00Z.
    #[arg(long, value_name = "TIME")]
    from: Timestamp,
    /// Until when; that instant itself is not meant any more. At most until now.
    #[arg(long, value_name = "TIME")]
    to: Timestamp,
    #[command(flatten)]
    usual: UsualArguments,
    /// Print a JSON object a line.
    #[arg(long)]
    json: bool,
}

/// What counts as usual.
#[derive(Args)]
pub(super) struct UsualArguments {
    /// The most people whose data somebody usually sees in an hour.
    #[arg(long, default_value_t = 60)]
    people_an_hour: usize,
    /// The most people whose data somebody usually sees in a day, in UTC.
    #[arg(long, default_value_t = 240)]
    people_a_day: usize,
    /// The first and last hour in which people work, in UTC; without it any hour is usual.
    #[arg(long, value_name = "FIRST..LAST", value_parser = hours)]
    hours: Option<(u8, u8)>,
    /// People work on Saturday and Sunday too.
    #[arg(long, requires = "hours")]
    weekends: bool,
    /// The countries from which people work, as two letters each; without them any is usual.
    #[arg(long, value_name = "COUNTRY", value_delimiter = ',')]
    countries: Vec<Country>,
}

impl From<UsualArguments> for Usual {
    fn from(arguments: UsualArguments) -> Self {
        let UsualArguments { people_an_hour, people_a_day, hours, weekends, countries } = arguments;
        Self { people_an_hour, people_a_day, hours, weekends, countries: countries.into_iter().collect() }
    }
}

fn hours(text: &str) -> Result<(u8, u8), String> {
    let hour = |text: &str| text.parse::<u8>().ok().filter(|hour| *hour < 24);
    let ends = text.split_once("..").and_then(|(first, last)| Some((hour(first)?, hour(last)?)));
    ends.filter(|(first, last)| first <= last)
        .ok_or_else(|| "write two hours of the day, such as 6..18".to_owned())
}

impl Unusual {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, portfolio, officer, case) = self.officer.open().await?;
        let sought = gate::Sought { from: self.from, to: self.to, actor: None, clause: None, subject: None };
        let uses = service::uses(&site.app, &officer, portfolio, case, sought)?;
        let mut unusual = UnusualHours::new(uses, self.usual.into());
        while let Some(part) = unusual.next().await? {
            for hour in &part {
                match self.json {
                    true => say!("{}", value(hour)),
                    false => say!("{}", line(hour)),
                }
            }
        }
        site.close().await
    }
}

fn what(hour: &UnusualHour) -> Vec<&'static str> {
    hour.what.iter().map(|what| what.word()).collect()
}

fn countries(hour: &UnusualHour) -> Vec<String> {
    hour.countries.iter().map(Country::to_string).collect()
}

fn line(hour: &UnusualHour) -> String {
    let UnusualHour { actor, role, people, people_that_day, uses, without_task, searches, .. } = hour;
    format!(
        "{}  {actor} ({role})  {}  {people} people ({people_that_day} of the day), {uses} uses, {without_task} without a task, {searches} searches, from {}",
        hour.hour,
        what(hour).join(", "),
        countries(hour).join(", ")
    )
}

fn value(hour: &UnusualHour) -> serde_json::Value {
    json!({
        "hour": hour.hour.to_string(),
        "actor": hour.actor.to_string(),
        "role": hour.role,
        "what": what(hour),
        "people": hour.people,
        "people_that_day": hour.people_that_day,
        "uses": hour.uses,
        "without_task": hour.without_task,
        "searches": hour.searches,
        "countries": countries(hour),
    })
}
