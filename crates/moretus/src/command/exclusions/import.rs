//! `moretus exclusions import`: the excluded providers of a CSV file into the register, all of them or none. Its columns are those of
//! `docs/import.md`. The whole file is read, and every provider looked for, before anything is entered.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use domain::{Exclusions, Personal, ProviderId};
use intake::{ErrorList, InputError, Place, Problem};
use serde_json::json;
use service::{Entered, NewExclusion, RowFaults, ServiceError};

use crate::command::recipients::AsStaff;
use crate::output::say;
use crate::report::{Error, grouped};

/// The most rows of a file: they are held in memory until they are entered.
const MAX_ROWS: usize = 10_000;

/// Enter the excluded providers of a file.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus exclusions import exclusions.csv --data moretus-data --portfolio officina --token-file legal.token --source register\n\nThe columns are provider_id,first_day,last_day,list; a provider may have several rows. A row that stands in the register just so changes\nnothing; one that stands there by the same list from the same day on, and did not end before, gets this last day. One row\nthat does not fit, or is about a provider that the portfolio does not have, and none is entered."
)]
pub(super) struct Import {
    /// The CSV file; `-` is standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    staff: AsStaff,
    /// The source that the providers came in from, as `moretus import` was told.
    #[arg(long, value_name = "NAME")]
    source: String,
    /// Print what was done as JSON.
    #[arg(long)]
    json: bool,
}

impl Import {
    pub(super) async fn run(self) -> Result<(), Error> {
        let text = crate::files::read_text(&self.file)?;
        let name = crate::files::name(&self.file);
        let (site, portfolio, actor) = self.staff.open().await?;
        let request = site.app.gate.request();
        let (mut new, mut lines, mut errors) = (Vec::new(), Vec::new(), ErrorList::default());
        for found in intake::exclusions(&name, text.as_bytes(), Exclusions::CATEGORIES)? {
            match found {
                Ok(row) if new.len() < MAX_ROWS => {
                    let id = row.provider_source_id.reveal();
                    let provider = service::provider_of_source(&site.app, portfolio, &self.source, id);
                    new.push(NewExclusion { provider, first: row.first, last: row.last, list: row.list });
                    lines.push(row.line);
                }
                Ok(_) => return Err(format!("{name}: more than 10,000 rows: give it in parts").into()),
                Err(error) => errors.push(error),
            }
        }
        let providers: BTreeSet<ProviderId> = new.iter().map(|one| one.provider).collect();
        let known = service::known_providers(&site.app, &actor, portfolio, &providers, request).await?;
        let fault = |line: u64, column, problem| {
            let (place, problem) = (Place::Cell { line, column }, Problem::Rule(problem));
            InputError { file: name.clone(), place, problem }
        };
        for (_, line) in new.iter().zip(&lines).filter(|(one, _)| !known.contains(&one.provider)) {
            errors.push(fault(*line, "provider_id", "the portfolio has no such provider of this source"));
        }
        if !errors.is_empty() {
            return Err(nothing(&errors));
        }
        let entered = service::exclude_providers(&site.app, &actor, portfolio, &new, request).await;
        let entered = entered.map_err(|error| match error {
            ServiceError::ExclusionRows(RowFaults(faults)) => {
                let mut errors = ErrorList::default();
                for (place, problem) in faults {
                    let line = lines.get(place.saturating_sub(1)).copied().unwrap_or(0);
                    errors.push(fault(line, "first_day", problem));
                }
                nothing(&errors)
            }
            other => Error::from(other),
        })?;
        let Entered { new: added, changed } = entered;
        let known = new.len() as u64 - added - changed;
        match self.json {
            true => {
                say!("{:#}", json!({ "rows": new.len(), "new": added, "changed": changed, "known": known }))
            }
            false => {
                let counts = [added, changed, known].map(grouped);
                let [added, changed, known] = counts;
                say!("{added} exclusions entered, {changed} with another last day, {known} known");
            }
        }
        site.close().await
    }
}

fn nothing(errors: &ErrorList) -> Error {
    format!("nothing was entered:\n{}", errors.to_string().trim_end()).into()
}
